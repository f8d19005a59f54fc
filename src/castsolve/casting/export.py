"""Rigging for CAD: every body of a casting as an STL file of its own."""

from __future__ import annotations

import csv
import io
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from ..geometry import Part

if TYPE_CHECKING:
    from .process import Casting

__all__ = ["export_bodies"]


def export_bodies(casting: Casting, folder: str | os.PathLike[str], *, unit: str = "mm") -> list[Path]:
    """Write every body of a casting as a binary STL file, and `bodies.csv` that names them.

    Parameters
    ----------
    casting : Casting
    folder : path-like
        Made where it does not exist. Files of the same names are replaced.
    unit : str
        Unit of the numbers in the files.

    Returns
    -------
    list of Path
        The STL files, in the order of the bodies.

    Notes
    -----
    Bodies overlap a little where they join; where they do, the earlier role of `rigging.PRIORITY` is there. Unite the bodies
    of the metal in CAD, and cut cores and chills from the mould.
    """
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"folder {place} cannot be made: {error.strerror}; choose another") from None
    names: dict[str, str] = {}
    written, rows = [], io.StringIO(newline="")
    table = csv.writer(rows)
    table.writerow(["file", "name", "role", "material", "volume_cm3"])
    for body in casting.bodies:
        stem = re.sub(r"[^a-z0-9]+", "-", body.name.casefold()).strip("-") or "body"
        while stem in names.values():
            stem += "-2"
        names[body.name] = stem
        file = place / f"{stem}.stl"
        Part(body.surface, name=body.name).write(file, unit=unit)
        material = body.material_name or (casting.mould.name if body.role in ("core", "mould") else casting.alloy.name)
        table.writerow([file.name, body.name, body.role, material, f"{body.surface.volume * 1e6:.6g}"])
        written.append(file)
    text = rows.getvalue()
    part = place / "bodies.csv.part"
    part.write_text(text, encoding="utf-8")
    os.replace(part, place / "bodies.csv")
    return written
