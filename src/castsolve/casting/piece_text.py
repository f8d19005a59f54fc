"""Parts and pieces of rigging as the tables of a case file."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..geometry import Anchor, Part, states_unit
from ..materials import MouldMaterial
from ..units import mm
from .places import place_text
from .rigging import Basin, Biscuit, Chill, Core, Filter, Gate, Overflow, Rigging, Riser, RiserTube, Runner, Sprue, Vent

__all__ = ["htc_text", "kelvin_text", "length_text", "lengths_text", "part_table", "piece_table"]

Table = dict[str, Any]


def length_text(value: float | None) -> str | None:
    return None if value is None else f"{value / mm:.15g} mm"


def lengths_text(values: Any) -> list[str]:
    return [f"{value / mm:.15g} mm" for value in values]


def kelvin_text(value: float | None) -> str | None:
    return None if value is None else f"{value:.15g} K"


def htc_text(value: float) -> str:
    return "perfect" if math.isinf(value) else f"{value:.15g} W/m**2/K"


def at(anchor: Anchor | None) -> Table | None:
    return None if anchor is None else place_text(anchor)


def file_of(part: Part, folder: Path) -> Table:
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


def part_table(part: Part, folder: Path) -> Table:
    """Return the table of a part: its file, its name, its stock."""
    stock = [{"thickness": length_text(piece.thickness), "at": [at(piece.at)]} for piece in part.stock]
    return file_of(part, folder) | {"name": part.name, "stock": stock or None}


def piece_table(piece: Rigging, folder: Path) -> Table:
    """Return the table of a piece of rigging."""
    table: Table = {"kind": piece.role, "name": piece.name}
    if isinstance(piece, Core):
        return table | _core_table(piece, folder)
    if piece.part is not None:
        table |= file_of(piece.part, folder)
    if isinstance(piece, Riser):
        return table | _riser_table(piece)
    if isinstance(piece, Basin | Sprue | Runner):
        return table | _gating_table(piece)
    if isinstance(piece, Chill):
        size = None if piece.size is None else lengths_text(piece.size)
        table |= {"size": size, "at": at(piece.at), "material": piece.material, "contoured": piece.contoured or None}
        table["temperature"] = kelvin_text(piece.temperature)
    elif isinstance(piece, Gate):
        table |= {"width": length_text(piece.width), "height": length_text(piece.height), "length": length_text(piece.length)}
        table["at"] = at(piece.at)
    elif isinstance(piece, Filter):
        table |= {"size": piece.size and lengths_text(piece.size), "at": None if piece.at is None else lengths_text(piece.at)}
        table |= {"direction": [float(v) for v in piece.direction], "ppi": piece.ppi, "permeability": piece.permeability}
        table |= {"inertial": piece.inertial, "porosity": piece.porosity}
    elif isinstance(piece, Vent):
        table |= {"diameter": length_text(piece.diameter), "length": length_text(piece.length), "at": at(piece.at)}
    elif isinstance(piece, Biscuit | RiserTube):
        table |= {key: length_text(getattr(piece, key, None)) for key in ("diameter", "thickness", "length")}
        table |= {"at": lengths_text(piece.at), "direction": piece.direction.tolist() if isinstance(piece, Biscuit) else None}
    elif isinstance(piece, Overflow):
        table |= {"size": piece.size and lengths_text(piece.size), "gate_height": length_text(piece.gate_height)}
        table |= {"gate_length": length_text(piece.gate_length), "at": at(piece.at)}
    return table


def _core_table(piece: Core, folder: Path) -> Table:
    table: Table = {"material": piece.material, "temperature": kelvin_text(piece.temperature)}
    if piece.numbers is None:
        prints = [file_of(part, folder) for part in piece.prints]
        return file_of(piece.part, folder) | {"prints": prints or None} | table
    table["shape"] = "cylinder"
    for key, value in piece.numbers.items():
        table[key] = lengths_text(value) if np.ndim(value) else length_text(value)
    return table


def _library_name(material: str | MouldMaterial) -> str:
    if isinstance(material, str):
        return material
    raise InputError(f"the sleeve of {material.name} is a material of your own; a case file names materials of the library only")


def _riser_table(piece: Riser) -> Table:
    sleeve, neck, breaker, topping = piece.sleeve, piece.neck, piece.breaker, piece.topping
    return {
        "diameter": length_text(piece.diameter),
        "height": length_text(piece.height),
        "at": at(piece.at),
        "neck": neck and {"diameter": length_text(neck.diameter), "height": length_text(neck.height)},
        "sleeve": sleeve
        and {
            "material": _library_name(sleeve.material),
            "thickness": length_text(sleeve.thickness),
            "height": length_text(sleeve.height),
            "burns_after": None if sleeve.burns_after is None else f"{sleeve.burns_after:.15g} s",
        },
        "breaker": breaker
        and {
            "hole": length_text(breaker.hole),
            "thickness": length_text(breaker.thickness),
            "diameter": length_text(breaker.diameter),
            "material": breaker.material,
        },
        "topping": topping and {"material": topping.material, "thickness": length_text(topping.thickness)},
        "top": piece.top,
        "side": piece.side or None,
        "below": length_text(piece.below) if piece.side else None,
    }


def _gating_table(piece: Basin | Sprue | Runner) -> Table:
    if isinstance(piece, Runner):
        return {
            "width": length_text(piece.width),
            "height": length_text(piece.height),
            "top_width": length_text(piece.top_width),
            "path": [lengths_text(point) for point in piece.path] or None,
            "end_scale": piece.end_scale,
        }
    table: Table = {"diameter": length_text(piece.diameter), "at": None if piece.at is None else lengths_text(piece.at)}
    if isinstance(piece, Basin):
        box = piece.size is not None
        table |= {"bottom_diameter": length_text(piece.bottom_diameter), "depth": None if box else length_text(piece.depth)}
        return table | {
            "size": lengths_text(piece.size) if piece.size is not None else None,
            "offset": lengths_text(piece.offset) if box else None,
        }
    well = piece.well
    return table | {
        "height": length_text(piece.height),
        "head": length_text(piece.head) if piece.part is None else None,
        "top_diameter": length_text(piece.top_diameter),
        "well": well and {"diameter": length_text(well.diameter), "depth": length_text(well.depth)},
    }
