"""Castings written as case files."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..materials import Interface, IronPractice
from ..units import to_degC
from .case import RunSettings
from .channel import CoolingChannel
from .die import DieCasting
from .die_text import die_tables, lift_keys
from .inlet_text import inlet_table
from .inlets import Inlet
from .layout import Ambient
from .low_pressure import LowPressureCasting
from .machine import MachineCycle
from .machine_text import channel_table, machine_tables, plant_table
from .piece_text import htc_text, kelvin_text, length_text, lengths_text, part_table, piece_table
from .process import Casting
from .processes import OWN_KEYS

__all__ = ["case_text", "write_case"]

Table = dict[str, Any]


def write_case(
    path: str | os.PathLike[str], casting: Casting, *, run: RunSettings, inlets: Sequence[Inlet] = (),
    machine: MachineCycle | None = None, channels: Sequence[CoolingChannel] = (), plant: Mapping[str, Any] | None = None,
) -> Path:  # fmt: skip
    """Write a casting and the settings of its run as a case file.

    Parameters
    ----------
    path : path-like
        The file; mesh files are named from its folder.
    casting : Casting
        Its part, and rigging of ready shapes, must come from files.
    run : RunSettings
        How it is run.
    inlets : sequence of Inlet
        How it is filled; they need a run that fills.
    machine : MachineCycle, optional
        That makes one casting after another in a die.
    channels : sequence of CoolingChannel
        Bores in its die, beside those that the die has; all are written as ``[[channel]]``, and read back beside the casting.
    plant : mapping, optional
        Keywords of `study.Plant` for the production sheet.

    Raises
    ------
    InputError
        If something cannot be said in a case file.
    """
    file = Path(path)
    text = case_text(casting, run=run, folder=file.parent, inlets=inlets, machine=machine, channels=channels, plant=plant)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"case file {file} cannot be written: {error.strerror}; choose another folder") from None
    return file


def case_text(
    casting: Casting, *, run: RunSettings, folder: str | os.PathLike[str] = ".", inlets: Sequence[Inlet] = (),
    machine: MachineCycle | None = None, channels: Sequence[CoolingChannel] = (), plant: Mapping[str, Any] | None = None,
) -> str:  # fmt: skip
    """Return the text of the case file of a casting; the arguments are those of `write_case`."""
    if inlets and not run.filling:
        raise InputError("inlets are given, but the run fills nothing; write RunSettings(..., filling=True)")
    bores = [*_bores_of(casting), *channels]
    _check_cycled(casting, machine, bores, plant, inlets)
    where = Path(folder)
    lines: list[str] = []
    _section(lines, "[part]", part_table(casting.part, where))
    for part in casting.more_parts:
        _section(lines, "[[more_parts]]", part_table(part, where))
    _section(lines, "[casting]", _casting_table(casting))
    if isinstance(casting, DieCasting):
        for head, table in die_tables(casting, where):
            _section(lines, head, table)
    _section(lines, "[casting.ambient]", _ambient_table(casting.ambient))
    if casting.alloy.practice != IronPractice():
        _section(lines, "[casting.iron]", dataclasses.asdict(casting.alloy.practice))
    for piece in casting.rigging:
        _section(lines, "[[rigging]]", piece_table(piece, where))
    for inlet in inlets:
        _section(lines, "[[inlet]]", inlet_table(inlet))
    for interface in casting.interfaces.values():
        _section(lines, "[[interface]]", _interface_table(interface))
    if machine is not None:
        for head, table in machine_tables(machine):
            _section(lines, head, table)
    for bore in bores:
        _section(lines, "[[channel]]", channel_table(bore))
    if plant:
        _section(lines, "[plant]", plant_table(plant))
    _section(lines, "[run]", _run_table(run))
    return "\n".join(lines)


def _bores_of(casting: Casting) -> Sequence[CoolingChannel]:
    die = getattr(casting, "die", None)
    return () if die is None else die.channels


def _check_cycled(
    casting: Casting, machine: MachineCycle | None, bores: Sequence[CoolingChannel], plant: Mapping[str, Any] | None,
    inlets: Sequence[Inlet],
) -> None:  # fmt: skip
    """Refuse what a case file would refuse to read."""
    if machine is None and (bores or plant):
        raise InputError(f"{'a channel' if bores else 'a plant'} belongs to a die that is cycled; give the machine too")
    if machine is not None and not isinstance(casting, DieCasting):
        raise InputError(f'a machine belongs to a casting in a die, not to process = "{casting.process}"; leave it out')
    if machine is not None and inlets:
        raise InputError("a die that is cycled is filled by its machine; leave inlets or machine out")


def _section(lines: list[str], head: str, table: Table) -> None:
    lines.append(head)
    lines.extend(f"{key} = {_value(value)}" for key, value in table.items() if value is not None)
    lines.append("")


def _value(value: Any) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        return f'"{escaped}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dict):
        return (
            "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items() if item is not None) + " }"
        )
    return "[" + ", ".join(_value(item) for item in value) + "]"


def _key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() and key.isascii() else _value(key)


def _casting_table(casting: Casting) -> Table:
    backing, die = getattr(casting, "backing", None), getattr(casting, "die", None)
    in_the_air = casting.process in OWN_KEYS["backing"] and backing is None
    lo, hi = casting.flask
    for plane in casting.planes:
        # The file gives the whole box; the cut side is mirrored back.
        side = lo if plane.keep > 0 else hi
        other = hi if plane.keep > 0 else lo
        side = side.copy()
        side[plane.axis] = 2.0 * plane.coordinate - other[plane.axis]
        lo, hi = (side, hi) if plane.keep > 0 else (lo, side)
    return {
        "process": casting.process,
        "name": casting.name,
        "alloy": casting.alloy.name,
        "mould": None if die else casting.mould.name,
        "pour_temperature": kelvin_text(casting.pour_temperature),
        "pour_time": None if casting.pour_time is None else f"{casting.pour_time:.15g} s",
        "mould_temperature": None if die else kelvin_text(casting.mould_temperature),
        "coating": None if die else casting.coating,
        "deep_sides": sorted(casting.deep_sides) or None,
        "shell": length_text(getattr(casting, "shell", None)),
        "backing": backing and backing.name,
        "flask": None if in_the_air or die else [lengths_text(lo), lengths_text(hi)],
        "symmetry": {plane.letter: length_text(plane.coordinate) for plane in casting.planes} or None,
        "gravity": casting.gravity.tolist(),
        **(lift_keys(casting) if isinstance(casting, LowPressureCasting) else {}),
    }


def _ambient_table(ambient: Ambient) -> Table:
    return {
        "temperature": f"{to_degC(ambient.temperature):.12g} degC",
        "htc": htc_text(ambient.htc),
        "emissivity": ambient.emissivity,
    }


def _interface_table(interface: Interface) -> Table:
    between = [interface.a, interface.b]
    if interface.over == "constant":
        return {"between": between, "htc": htc_text(interface.htc)}
    if interface.over not in ("temperature", "time"):
        raise InputError(f"the interface {interface.name} over {interface.over} cannot be said in a case file")
    unit = "K" if interface.over == "temperature" else "s"
    rows = [[f"{x:.15g} {unit}", htc_text(h)] for x, h in interface.htc]
    return {"between": between, "over": interface.over, "table": rows}


def _run_table(run: RunSettings) -> Table:
    return {
        "voxel": length_text(run.voxel),
        "until": run.until,
        "record": [f"{time:.15g} s" for time in run.record] or None,
        "probes": {name: lengths_text(place) for name, place in run.probes.items()} or None,
        "shakeout_temperature": kelvin_text(run.shakeout_temperature),
        "critical_fraction_solid": run.critical_fraction_solid,
        "feeding": run.feeding or None,
        "filling": run.filling or None,
        "fill_voxel": length_text(run.fill_voxel),
        "fill_record": [f"{time:.15g} s" for time in run.fill_record] or None,
        "air": run.air or None,
        "dtype": run.dtype,
        "accuracy": None if run.accuracy == "usual" else run.accuracy,
        "scheme": run.scheme,
        "theta": run.theta,
        "threads": run.threads,
        "shots": None if run.shots == "until steady" else run.shots,
        "tolerance": None if run.tolerance == 1.0 else run.tolerance,
    }
