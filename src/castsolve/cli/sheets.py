"""Materials on paper: the list, and one material with every value, its range and its source."""

from __future__ import annotations

from ..errors import MaterialError, unknown_name
from ..materials import Alloy, MouldMaterial, Property, PropertyTable, alloy, mould, names

__all__ = ["material_list", "material_sheet"]


def material_list() -> str:
    """Return all materials by kind, one a line."""
    lines = ["alloys"]
    for name in names("alloy"):
        metal = alloy(name)
        solid, liquid = (value - 273.15 for value in (metal.solidus.value, metal.liquidus.value))
        lines.append(f"  {name:<18} {metal.family:<14} {solid:5.0f} to {liquid:4.0f} degC   {metal.title}")
    lines.append("mould, chill and sleeve materials")
    for name in names("mould"):
        material = mould(name)
        lines.append(f"  {name:<18} {material.family:<14} quality {material.worst_quality:<10} {material.title}")
    lines.append("castsolve materials NAME shows one with its sources")
    return "\n".join(lines)


def material_sheet(name: str) -> str:
    """Return one material: every value with range, evidence, quality and source."""
    material = _find(name)
    kind = "alloy" if isinstance(material, Alloy) else "mould material"
    lines = [f"{material.name}: {material.title} ({kind}, {material.family})"]
    if material.aliases:
        lines.append(f"also called {', '.join(material.aliases)}")
    values = material.properties()
    width = max(len(key) for key in values)
    for key, value in values.items():
        lines.append(
            f"  {key.replace('_', ' '):<{width}}  {_scalar(value) if isinstance(value, Property) else _table(value)}"
        )
    lines.append("sources")
    lines += [f"  {source}" for source in material.sources()]
    lines.append(f"worst quality {material.worst_quality} (A is best, D is an estimate)")
    return "\n".join(lines)


def _find(name: str) -> Alloy | MouldMaterial:
    for find in (alloy, mould):
        try:
            return find(name)
        except MaterialError:
            continue
    raise MaterialError(unknown_name("material", name, names(), listing="castsolve materials lists all"))


def _scalar(value: Property) -> str:
    number = f"{value.value - 273.15:.5g} degC" if value.unit == "K" else f"{value.value:.5g} {_unit(value.unit)}"
    if value.low is not None and value.high is not None:
        low, high = (end - 273.15 if value.unit == "K" else end for end in (value.low, value.high))
        number += f" ({low:.4g} to {high:.4g})"
    return f"{number.strip():<34} {_trust(value)}"


def _table(value: PropertyTable) -> str:
    first, last = value.rows[0], value.rows[-1]
    units = value.units
    ends = [
        ", ".join(
            f"{entry - 273.15:.4g} degC" if unit == "K" else f"{entry:.4g} {_unit(unit)}".strip()
            for entry, unit in zip(row, units, strict=False)
        )
        for row in (first, last)
    ]
    return f"{f'{len(value.rows)} rows, {ends[0]} .. {ends[1]}':<34} {_trust(value)}"


def _unit(unit: str) -> str:
    return "" if unit == "1" else unit


def _trust(value: Property | PropertyTable) -> str:
    return f"{value.quality}, {value.evidence}: {value.source}{f'; {value.note}' if value.note else ''}"
