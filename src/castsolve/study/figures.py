"""Numbers of a planner's sheet: with unit, range, source and evidence, and calculations that carry them on."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any

from ..errors import InputError, unknown_name
from ..materials import EVIDENCE, Property
from ..results import Display

__all__ = ["Sheet", "SheetLine", "carried", "melting", "of_run", "of_user", "usual_furnace"]


def of_run(value: float, unit: str) -> Property:
    """Return a number that the simulation found; its uncertainty is that of its material data."""
    return Property(value, unit, "run", evidence="computed", quality="C")


def of_user(value: float, unit: str) -> Property:
    """Return a number that the user gave."""
    return Property(value, unit, "user", evidence="seen", quality="A")


def carried(function: Callable[..., float], unit: str, *factors: Property) -> Property:
    """Return a function of figures with the range that theirs leave, and the worst of their trust.

    The ends are the smallest and the largest value over all corners of the ranges: exact where the function is monotone in each.
    """
    corners = product(*((f.value if f.low is None else f.low, f.value if f.high is None else f.high) for f in factors))
    values = [function(*corner) for corner in corners]
    order = list(EVIDENCE)
    keys = dict.fromkeys(key for f in factors for key in f.source_keys)
    return Property(
        function(*(f.value for f in factors)), unit, ", ".join(keys), low=min(values), high=max(values),
        evidence=max((f.evidence for f in factors), key=order.index), quality=max(f.quality for f in factors),
    )  # fmt: skip


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("data", "production.toml").read_text(encoding="utf-8"))


def usual_furnace(family: str) -> str:
    """Return the furnace in which a family of alloys is usually melted."""
    return str(_data()["usual"][family])


def melting(furnace: str, family: str) -> tuple[Property, Property]:
    """Return efficiency and melt loss of a furnace for a family of alloys.

    Raises
    ------
    InputError
        If the furnace is not known, or does not melt this family.
    """
    known = {name: entry for name, entry in _data()["melting"].items() if family in entry["families"]}
    if furnace not in known:
        raise InputError(unknown_name(f"furnace that melts {family}", furnace, known))
    entry = known[furnace]
    return Property(**entry["efficiency"]), Property(**entry["loss"])


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line of a sheet.

    Attributes
    ----------
    name : str
    figure : Property
        In SI, with range, source and evidence.
    display : Display
        The unit in which it is shown.
    group : str
        Chapter of the sheet.
    """

    name: str
    figure: Property = field(kw_only=True)
    display: Display = field(kw_only=True)
    group: str = field(kw_only=True)

    def as_dict(self) -> dict[str, Any]:
        """Return the line as plain values, SI first and as shown."""
        f = self.figure
        values = {"value": f.value, "low": f.low, "high": f.high}
        shown = {n: None if v is None else float(self.display.of(v)) for n, v in values.items()}
        return {
            "group": self.group, "name": self.name, **values, "unit": f.unit,
            "shown": shown["value"], "shown_low": shown["low"], "shown_high": shown["high"], "shown_unit": self.display.unit,
            "source": f.source, "evidence": f.evidence, "quality": f.quality,
        }  # fmt: skip

    def __str__(self) -> str:
        d, f = self.display, self.figure
        text = f"{d.of(f.value):.4g}"
        if f.low is not None and f.high is not None and f.high > f.low:
            text += f" ({d.of(f.low):.3g} to {d.of(f.high):.3g})"
        return f"  {self.name:<34} {text} {d.unit}".rstrip() + f"   [{f.source}; {f.evidence}, {f.quality}]"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A planner's sheet: print it, loop over it, or write it with `to_json` and `to_csv`.

    Attributes
    ----------
    title : str
    lines : tuple of SheetLine
    notes : tuple of str
        What is not counted, and why.
    """

    title: str
    lines: tuple[SheetLine, ...] = field(kw_only=True)
    notes: tuple[str, ...] = field(default=(), kw_only=True)

    def __getitem__(self, name: str) -> Property:
        for line in self.lines:
            if line.name == name:
                return line.figure
        raise InputError(unknown_name("line of the sheet", name, [line.name for line in self.lines]))

    def __iter__(self) -> Any:
        return iter(self.lines)

    def to_json(self) -> str:
        """Return the sheet as JSON: SI values with ranges and sources, and every value as shown."""
        content = {
            "title": self.title, "lines": [line.as_dict() for line in self.lines], "notes": list(self.notes),
            "references": {key: text for key, text in references().items() if key in self._keys()},
        }  # fmt: skip
        return json.dumps(content, indent=2, allow_nan=False)

    def to_csv(self) -> str:
        """Return the sheet as CSV with a header."""
        text = io.StringIO()
        writer = csv.DictWriter(text, list(self.lines[0].as_dict()), lineterminator="\n")
        writer.writeheader()
        writer.writerows(line.as_dict() for line in self.lines)
        return text.getvalue()

    def _keys(self) -> Sequence[str]:
        return list(dict.fromkeys(key for line in self.lines for key in line.figure.source_keys))

    def __str__(self) -> str:
        rows, group = [self.title], ""
        for line in self.lines:
            if line.group != group:
                group = line.group
                rows.append(group)
            rows.append(str(line))
        rows += [f"not counted: {note}" for note in self.notes]
        known = references()
        return "\n".join([*rows, *(f"[{key}] {known[key]}" for key in self._keys() if key in known)])


@cache
def references() -> dict[str, str]:
    """Return the references of the production data: key and one line of text."""
    from ..materials.references import cite, read_bibtex

    text = files(__package__).joinpath("data", "references.bib").read_text(encoding="utf-8")
    return {key: cite(entry) for key, entry in read_bibtex(text).items()}
