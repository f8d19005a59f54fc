"""Numbers of a planner's sheet: with unit, range, source and evidence, and calculations that carry them on."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any

from ..errors import InputError, unknown_name
from ..materials import EVIDENCE, QUALITIES, Alloy, Property
from ..results import Display

__all__ = ["Sheet", "SheetLine", "carried", "heat_to", "melting", "of_run", "of_user", "usual_furnace"]

# What the heat of an alloy from room temperature to the pour is made of.
_HEAT = ("liquidus", "solidus", "latent_heat", "specific_heat_solid", "enthalpy_solid", "specific_heat_liquid")


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
    keys = dict.fromkeys(key for f in factors for key in f.source_keys)
    return Property(
        function(*(f.value for f in factors)), unit, ", ".join(keys), low=min(values), high=max(values),
        evidence=_weakest(f.evidence for f in factors), quality=max(f.quality for f in factors),
    )  # fmt: skip


def _weakest(evidence: Iterable[str]) -> str:
    return max(evidence, key=list(EVIDENCE).index)


def heat_to(alloy: Alloy, temperature: float) -> Property:
    """Return the heat (J/kg) of an alloy from 25 degC to a temperature (K), with the sources and the trust of its data.

    Its range is that of the latent heat.
    """
    data, latent = [p for name, p in alloy.properties().items() if name in _HEAT], alloy.latent_heat
    heat = float(alloy.heat.at_temperature(temperature)) / alloy.heat.density
    low, high = (heat if end is None else heat + end - latent.value for end in (latent.low, latent.high))
    return Property(
        heat, "J/kg", ", ".join(dict.fromkeys(key for p in data for key in p.source_keys)), low=low, high=high,
        evidence=_weakest(p.evidence for p in data), quality=max(p.quality for p in data),
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
    factor : bool
        Whether it is data from a source, and not what was calculated.
    """

    name: str
    figure: Property = field(kw_only=True)
    display: Display = field(kw_only=True)
    group: str = field(kw_only=True)
    factor: bool = field(default=False, kw_only=True)

    def as_dict(self) -> dict[str, Any]:
        """Return the line as plain values, SI first and as shown."""
        f = self.figure
        values = {"value": f.value, "low": f.low, "high": f.high}
        shown = {n: None if v is None else float(self.display.of(v)) for n, v in values.items()}
        return {
            "group": self.group, "name": self.name, **values, "unit": f.unit,
            "shown": shown["value"], "shown_low": shown["low"], "shown_high": shown["high"], "shown_unit": self.display.unit,
            "source": f.source, "evidence": f.evidence, "quality": f.quality, "note": f.note,
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
    cited : mapping of str to str
        Texts of references that its lines name beside those of the production data: the alloy's.
    """

    title: str
    lines: tuple[SheetLine, ...] = field(kw_only=True)
    notes: tuple[str, ...] = field(default=(), kw_only=True)
    cited: Mapping[str, str] = field(default_factory=dict, kw_only=True)

    def __getitem__(self, name: str) -> Property:
        for line in self.lines:
            if line.name == name:
                return line.figure
        raise InputError(unknown_name("line of the sheet", name, [line.name for line in self.lines]))

    def __iter__(self) -> Any:
        return iter(self.lines)

    @property
    def worst(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """The worst evidence and the worst quality of the factors, each with the lines that bring it in."""
        factors = [line for line in self.lines if line.factor] or list(self.lines)
        found = {"evidence": _weakest(x.figure.evidence for x in factors), "quality": max(x.figure.quality for x in factors)}
        return {k: (worst, tuple(x.name for x in factors if getattr(x.figure, k) == worst)) for k, worst in found.items()}

    def to_json(self) -> str:
        """Return the sheet as JSON: SI values with ranges and sources, and every value as shown."""
        content = {
            "title": self.title, "lines": [line.as_dict() for line in self.lines], "notes": list(self.notes),
            "worst": {kind: {"is": worst, "in": list(names)} for kind, (worst, names) in self.worst.items()},
            "references": {key: text for key, text in self._texts().items() if key in self._keys()},
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
        rows += [f"{line.name}: {line.figure.note}" for line in self.lines if line.figure.note]
        meaning = {"evidence": EVIDENCE, "quality": QUALITIES}
        rows += [
            f"worst {kind}: {worst} ({meaning[kind][worst]}): {'; '.join(names)}" for kind, (worst, names) in self.worst.items()
        ]
        known = self._texts()
        return "\n".join([*rows, *(f"[{key}] {known[key]}" for key in self._keys() if key in known)])

    def _texts(self) -> dict[str, str]:
        return {**self.cited, **references()}


@cache
def references() -> dict[str, str]:
    """Return the references of the production data: key and one line of text."""
    from ..materials.references import cite, read_bibtex

    text = files(__package__).joinpath("data", "references.bib").read_text(encoding="utf-8")
    return {key: cite(entry) for key, entry in read_bibtex(text).items()}
