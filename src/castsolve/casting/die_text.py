"""Dies and what feeds them as the tables of a case file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .die import DieCasting, GravityDieCasting
from .low_pressure import LowPressureCasting
from .piece_text import file_of, htc_text, kelvin_text, length_text, lengths_text
from .pressure_die import PressureDieCasting
from .tilt import Tilt
from .tooling import Die, DiePiece

__all__ = ["die_tables", "lift_keys"]

Table = dict[str, Any]


def die_tables(casting: DieCasting, folder: Path) -> list[tuple[str, Table]]:
    """Return the tables below [casting], each with its head, but for the die's channels, which stand beside its machine."""
    found: list[tuple[str, Table]] = []
    if isinstance(casting, PressureDieCasting):
        found.append(("[casting.shot]", _shot(casting)))
    if isinstance(casting, GravityDieCasting) and casting.tilt is not None:
        tilt = casting.tilt
        found.append(("[casting.tilt]", _tilt(tilt)))
    if casting.die is not None:
        found.append(("[casting.die]", _die(casting.die)))
        if casting.die.platens is not None:
            plates = casting.die.platens
            found.append(
                ("[casting.die.platens]", {"temperature": kelvin_text(plates.temperature), "htc": htc_text(plates.htc)})
            )
        found += [("[[casting.die.pieces]]", _piece(piece, folder)) for piece in casting.die.pieces]
    return found


def _tilt(tilt: Tilt) -> Table:
    rows = None if tilt.turning is None else [[f"{t:.15g} s", f"{a:.15g} rad"] for t, a in tilt.turning.facts()]
    return {
        "axis": tilt.axis.tolist(), "angle": f"{tilt.angle:.15g} rad", "turning": rows, "through": lengths_text(tilt.through),
    }  # fmt: skip


def lift_keys(casting: LowPressureCasting) -> Table:
    """Return the keys of [casting] that say how the metal is lifted."""
    return {
        "pressure": [[f"{t:.15g} s", f"{p:.15g} Pa"] for t, p in casting.pressure],
        "melt_level": length_text(casting.melt_level),
        "furnace_temperature": kelvin_text(casting.furnace_temperature),
    }


def _die(die: Die) -> Table:
    box = die.box
    if box is not None:
        box = [lengths_text(corner) for corner in box] if len(box) == 2 else lengths_text(box)
    return {
        "steel": die.steel.name, "temperature": kelvin_text(die.temperature), "parting": length_text(die.parting),
        "opening": die.opening.tolist(), "wall": length_text(die.wall), "box": box, "coating": die.coating,
        "contact": None if die.contact is None else htc_text(die.contact),
    }  # fmt: skip


def _piece(piece: DiePiece, folder: Path) -> Table:
    return {
        "kind": piece.kind, "name": piece.name, **({} if piece.part is None else file_of(piece.part, folder)),
        "opening": None if piece.opening is None else piece.opening.tolist(), "steel": piece.steel and piece.steel.name,
        "temperature": kelvin_text(piece.temperature), "coating": piece.coating,
        "contact": None if piece.contact is None else htc_text(piece.contact),
    }  # fmt: skip


def _shot(casting: PressureDieCasting) -> Table:
    shot = casting.shot
    return {
        "diameter": length_text(shot.diameter), "length": length_text(shot.length), "fast_speed": f"{shot.fast_speed:.15g} m/s",
        "slow_speed": None if shot.slow_speed is None else f"{shot.slow_speed:.15g} m/s",
        "intensification": f"{shot.intensification:.15g} Pa",
        "gate_area": None if shot.gate_area is None else f"{shot.gate_area:.15g} m**2",
        "switch": length_text(shot.switch),
        "pressure_limit": None if shot.pressure_limit is None else f"{shot.pressure_limit:.15g} Pa",
    }  # fmt: skip
