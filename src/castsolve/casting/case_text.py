"""Castings written as case files."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..geometry import Anchor, Part, states_unit
from ..materials import Interface
from ..units import mm, to_degC
from .case import RunSettings
from .layout import Ambient
from .places import place_text
from .process import Casting
from .rigging import Chill, Core, Gate, Rigging, Riser

__all__ = ["case_text", "write_case"]

Table = dict[str, Any]


def write_case(path: str | os.PathLike[str], casting: Casting, *, run: RunSettings) -> Path:
    """Write a casting and the settings of its run as a case file.

    Parameters
    ----------
    path : path-like
        The file; mesh files are named from its folder.
    casting : Casting
        Its part, and rigging of ready shapes, must come from files.
    run : RunSettings
        How it is run.

    Raises
    ------
    InputError
        If something cannot be said in a case file.
    """
    file = Path(path)
    text = case_text(casting, run=run, folder=file.parent)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"case file {file} cannot be written: {error.strerror}; choose another folder") from None
    return file


def case_text(casting: Casting, *, run: RunSettings, folder: str | os.PathLike[str] = ".") -> str:
    """Return the text of the case file of a casting; the arguments are those of `write_case`."""
    where = Path(folder)
    lines: list[str] = []
    _section(lines, "[part]", _file_of(casting.part, where) | {"name": casting.part.name})
    _section(lines, "[casting]", _casting_table(casting))
    _section(lines, "[casting.ambient]", _ambient_table(casting.ambient))
    for piece in casting.rigging:
        _section(lines, "[[rigging]]", _piece_table(piece, where))
    for interface in casting.interfaces.values():
        _section(lines, "[[interface]]", _interface_table(interface))
    _section(lines, "[run]", _run_table(run))
    return "\n".join(lines)


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


def _length(value: float | None) -> str | None:
    return None if value is None else f"{value / mm:.15g} mm"


def _lengths(values: Any) -> list[str]:
    return [f"{value / mm:.15g} mm" for value in values]


def _kelvin(value: float | None) -> str | None:
    return None if value is None else f"{value:.15g} K"


def _htc(value: float) -> str:
    return "perfect" if math.isinf(value) else f"{value:.15g} W/m**2/K"


def _at(anchor: Anchor | None) -> Table | None:
    return None if anchor is None else place_text(anchor)


def _file_of(part: Part, folder: Path) -> Table:
    if part.path is None:
        raise InputError(
            f'"{part.name}" has no file; write it with part.write("part.stl") and read that with Part.read'
        )
    unit = None if states_unit(part.path) else part.unit
    again = Part.read(part.path, unit=unit, body=part.body)
    if not np.array_equal(again.surface.points, part.surface.points):
        raise InputError(
            f'"{part.name}" was moved or changed after it was read; write it with part.write("part.stl") and read that'
        )
    given = {"file": Path(os.path.relpath(part.path, folder)).as_posix(), "unit": unit, "body": part.body}
    return {key: value for key, value in given.items() if value is not None}


def _casting_table(casting: Casting) -> Table:
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
        "mould": casting.mould.name,
        "pour_temperature": _kelvin(casting.pour_temperature),
        "pour_time": None if casting.pour_time is None else f"{casting.pour_time:.15g} s",
        "mould_temperature": _kelvin(casting.mould_temperature),
        "coating": casting.coating,
        "flask": [_lengths(lo), _lengths(hi)],
        "symmetry": {plane.letter: _length(plane.coordinate) for plane in casting.planes} or None,
        "gravity": casting.gravity.tolist(),
    }


def _ambient_table(ambient: Ambient) -> Table:
    return {
        "temperature": f"{to_degC(ambient.temperature):.12g} degC",
        "htc": _htc(ambient.htc),
        "emissivity": ambient.emissivity,
    }


def _piece_table(piece: Rigging, folder: Path) -> Table:
    table: Table = {"kind": piece.role, "name": piece.name}
    if piece.part is not None:
        table |= _file_of(piece.part, folder)
    if isinstance(piece, Riser):
        sleeve, neck = piece.sleeve, piece.neck
        table |= {"diameter": _length(piece.diameter), "height": _length(piece.height), "at": _at(piece.at)}
        table["neck"] = neck and {"diameter": _length(neck.diameter), "height": _length(neck.height)}
        table["sleeve"] = sleeve and {
            "material": sleeve.material,
            "thickness": _length(sleeve.thickness),
            "height": _length(sleeve.height),
        }
        table["top"] = piece.top
    elif isinstance(piece, Chill):
        size = None if piece.size is None else _lengths(piece.size)
        table |= {"size": size, "at": _at(piece.at), "material": piece.material}
        table["temperature"] = _kelvin(piece.temperature)
    elif isinstance(piece, Gate):
        table |= {"width": _length(piece.width), "height": _length(piece.height), "length": _length(piece.length)}
        table["at"] = _at(piece.at)
    elif isinstance(piece, Core):
        table |= {"material": piece.material, "temperature": _kelvin(piece.temperature)}
    return table


def _interface_table(interface: Interface) -> Table:
    between = [interface.a, interface.b]
    if interface.over == "constant":
        return {"between": between, "htc": _htc(interface.htc)}
    if interface.over not in ("temperature", "time"):
        raise InputError(f"the interface {interface.name} over {interface.over} cannot be said in a case file")
    unit = "K" if interface.over == "temperature" else "s"
    rows = [[f"{x:.15g} {unit}", _htc(h)] for x, h in interface.htc]
    return {"between": between, "over": interface.over, "table": rows}


def _run_table(run: RunSettings) -> Table:
    return {
        "voxel": _length(run.voxel),
        "until": run.until,
        "record": [f"{time:.15g} s" for time in run.record] or None,
        "probes": {name: _lengths(place) for name, place in run.probes.items()} or None,
        "shakeout_temperature": _kelvin(run.shakeout_temperature),
        "dtype": run.dtype,
        "scheme": run.scheme,
        "theta": run.theta,
        "threads": run.threads,
    }
