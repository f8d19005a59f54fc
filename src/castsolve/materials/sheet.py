"""Printable sheets: all that is known of one material, and the list of all materials."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from ..errors import MaterialError, unknown_name
from .alloy import Alloy
from .coating import Coating
from .exchange import Material
from .library import alloy, coating, interfaces_of, is_known, mould, names
from .property import EVIDENCE, QUALITIES, Property, PropertyTable

__all__ = ["OverviewRow", "overview", "sheet"]

_WIDTH = 110

# Multiplier, offset and unit in which a value of an SI unit is shown.
_SHOWN: dict[str, tuple[float, float, str]] = {
    "K": (1.0, -273.15, "degC"),
    "J/kg": (1e-3, 0.0, "kJ/kg"),
    "m": (1e6, 0.0, "um"),
    "Pa s": (1e3, 0.0, "mPa s"),
    "1/K": (1e6, 0.0, "1e-6/K"),
    "K^0.5 s^0.5/m": (1e-3, 0.0, "(K s)^0.5/mm"),
    "1": (1.0, 0.0, ""),
}
_PERCENT = ("composition", "shrinkage", "niyama_point", "moisture", "graphite")


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """One material of the library in a line: name, kind ("alloy", "mould" or "coating"), family, title, aliases, quality."""

    name: str
    kind: str
    family: str
    title: str
    aliases: tuple[str, ...]
    worst_quality: str


def overview() -> tuple[OverviewRow, ...]:
    """Return one row a material of the library, alloys first."""
    materials: list[tuple[str, Material]] = [("alloy", alloy(name)) for name in names("alloy")]
    materials += [("mould", mould(name)) for name in names("mould")]
    materials += [("coating", coating(name)) for name in names("coating")]
    return tuple(
        OverviewRow(each.name, kind, each.family, each.title, each.aliases, each.worst_quality)
        for kind, each in materials
    )


def find(name: str) -> Material:
    """Return the alloy, mould material or coating of a name: the first in this order that has it.

    Raises
    ------
    MaterialError
        If none has this name.
    """
    for kind, build in (("alloy", alloy), ("mould", mould), ("coating", coating)):
        if is_known(name, kind):
            return build(name)
    known = [n for row in overview() for n in (row.name, *row.aliases)]
    raise MaterialError(unknown_name("material", name, known, listing="castsolve materials lists all"))


def sheet(name: str | Material) -> str:
    """Return the sheet of a material of the library, or of a material itself, as plain text.

    Raises
    ------
    MaterialError
        If no alloy, mould material or coating has this name.
    """
    material = find(name) if isinstance(name, str) else name
    blocks = [_head(material), _values(material), _tables(material), _interfaces(material), _sources(material)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _head(material: Material) -> str:
    kind = "alloy" if isinstance(material, Alloy) else ("coating" if isinstance(material, Coating) else "mould material")
    lines = [f"{material.name}: {material.title} ({kind}, {material.family})"]
    if material.aliases:
        lines.append("also: " + ", ".join(material.aliases))
    if material.note:
        lines += textwrap.wrap(material.note, _WIDTH)
    if isinstance(material, Alloy) and not material.niyama_thresholds:
        lines.append("No Niyama threshold is known for this alloy.")
    lines.append(f"Worst quality: {material.worst_quality} ({QUALITIES[material.worst_quality]}).")
    return "\n".join(lines)


def _values(material: Material) -> str:
    rows: list[tuple[str, ...]] = [("value", "", "unit", "range", "evidence", "quality", "source")]
    notes = []
    for label, value in material.properties().items():
        if not isinstance(value, Property):
            continue
        scale, offset, unit = _shown(label, value.unit)
        low, high = (None if x is None else x * scale + offset for x in (value.low, value.high))
        spread = "" if low is None and high is None else f"{_number(low)} to {_number(high)}"
        number = _number(value.value * scale + offset)
        rows.append((label, number, unit, spread, value.evidence, value.quality, value.source))
        if value.note:
            notes += textwrap.wrap(f"{label}: {value.note}", _WIDTH, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(_aligned(rows) + notes)


def _tables(material: Material) -> str:
    lines = []
    for label, table in material.properties().items():
        if not isinstance(table, PropertyTable):
            continue
        shown = [_shown("", unit) for unit in table.units]
        units = ", ".join(unit or "-" for _, _, unit in shown)
        doubt = "" if table.uncertainty is None else f", within {100 * table.uncertainty:.0f} %"
        lines.append(f"{label} ({units}); {table.evidence}, quality {table.quality}{doubt}, {table.source}")
        cells = [
            ": ".join(
                (_number(row[0] * shown[0][0] + shown[0][1]),
                 " ".join(_number(x * s + o) for x, (s, o, _) in zip(row[1:], shown[1:], strict=True)))
            )
            for row in table.rows
        ]  # fmt: skip
        lines += textwrap.wrap("; ".join(cells), _WIDTH, initial_indent="  ", subsequent_indent="  ")
        if table.note:
            lines += textwrap.wrap(table.note, _WIDTH, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(lines)


def _interfaces(material: Material) -> str:
    lines = []
    for each in interfaces_of(material.family):
        text = f"{each} ({_number(each.low)} to {_number(each.high)}; {each.evidence}, quality {each.quality})"
        lines += textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(["interfaces", *lines]) if lines else ""


def _sources(material: Material) -> str:
    lines = ["sources"]
    for citation in material.sources():
        lines += textwrap.wrap(f"[{citation.key}] {citation.text}", _WIDTH, initial_indent="  ",
                               subsequent_indent="    ")  # fmt: skip
    used = {value.evidence for value in material.properties().values()}
    lines += ["evidence", *(f"  {word}: {meaning}" for word, meaning in EVIDENCE.items() if word in used)]
    return "\n".join(lines)


def _shown(label: str, unit: str) -> tuple[float, float, str]:
    if unit == "1" and label.startswith(_PERCENT):
        return 100.0, 0.0, "%"
    return _SHOWN.get(unit, (1.0, 0.0, unit))


def _number(value: float | None) -> str:
    return "?" if value is None else f"{round(value, 6):.6g}"


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if i == 1 else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
