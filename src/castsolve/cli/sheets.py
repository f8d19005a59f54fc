"""Materials on paper: the list, and one material with every value, its range and its source; its picture and its file."""

from __future__ import annotations

from pathlib import Path

from .. import materials
from ..errors import ViewError
from ..materials import Coating, Material, alloy, coating, mould, names

__all__ = ["material_files", "material_list", "material_sheet"]


def material_list() -> str:
    """Return all materials by kind, one a line."""
    lines = ["alloys"]
    for name in names("alloy"):
        metal = alloy(name)
        solid, liquid = (value - 273.15 for value in (metal.solidus.value, metal.liquidus.value))
        lines.append(f"  {name:<22} {metal.family:<14} {solid:5.0f} to {liquid:4.0f} degC   {metal.title}")
    lines.append("mould, chill and sleeve materials")
    for name in names("mould"):
        material = mould(name)
        lines.append(f"  {name:<22} {material.family:<14} quality {material.worst_quality:<10} {material.title}")
    lines.append("coatings")
    for name in names("coating"):
        layer = coating(name)
        lines.append(f"  {name:<22} {1e6 * layer.thickness.value:5.0f} um       quality {layer.worst_quality:<10} {layer.title}")
    lines.append("castsolve materials NAME shows one with its sources; --picture FILE draws its curves")
    return "\n".join(lines)


def material_sheet(name: str) -> str:
    """Return one material of the library or of a file: every value with range, evidence, quality and source."""
    return materials.sheet(_find(name)).rstrip("\n")


def material_files(name: str, *, picture: Path | None, export: Path | None) -> list[Path]:
    """Draw the curves of a material and write it to a file, as wanted; return the files."""
    material = _find(name)
    files = []
    if picture is not None:
        from ..view import material_curves
        from .pictures import require_pictures

        if isinstance(material, Coating):
            raise ViewError(f"{material.name} is a coating and has no curves; leave out --picture")
        require_pictures()
        files.append(material_curves(material).save(picture))
    if export is not None:
        files.append(materials.write(material, export))
    return files


def _find(name: str) -> Material:
    """Return a material by its name, or of a file where the name ends in .toml."""
    return materials.read(name) if name.endswith(".toml") else materials.find(name)
