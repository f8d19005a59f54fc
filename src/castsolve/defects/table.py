"""The table of verdicts: one row a finding, in words, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
import math
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError
from ..results import Display, field_info, series_info

__all__ = ["SEVERITIES", "Verdict", "Verdicts", "duration", "place_text", "volume_text"]

SEVERITIES = ("ok", "note", "warning", "severe")
"""How bad a finding is, mildest first."""

Place = tuple[float, float, float]

_WIDTH = 118
_INDENT = " " * 10
_VOLUME = series_info("volume").display


@dataclass(frozen=True, slots=True)
class Verdict:
    """One finding of a run.

    Attributes
    ----------
    defect : str
        What was looked at: "isolated pool", "niyama", "casting yield" ...
    severity : {"ok", "note", "warning", "severe"}
    place : tuple of float or None
        x, y, z in m.
    size : float or None
        Metal concerned, in m3.
    value : float or None
        In SI.
    unit : str
        SI unit of value and threshold.
    display : Display
        The unit in which they are shown.
    threshold : float or None
        The limit it was compared with, in SI; None where there is none.
    threshold_source : str
        Where the limit comes from, or why there is none.
    cause : str
        What happened, in one sentence.
    advice : str
        What to change.
    quality : str
        Worst quality letter of the data behind it.
    occurs : int
        How many times it is found in the whole casting.
    """

    defect: str
    severity: str = field(default="ok", kw_only=True)
    place: Place | None = field(default=None, kw_only=True)
    size: float | None = field(default=None, kw_only=True)
    value: float | None = field(default=None, kw_only=True)
    unit: str = field(default="", kw_only=True)
    display: Display = field(default=Display(""), kw_only=True)
    threshold: float | None = field(default=None, kw_only=True)
    threshold_source: str = field(default="", kw_only=True)
    cause: str = field(default="", kw_only=True)
    advice: str = field(default="", kw_only=True)
    quality: str = field(default="", kw_only=True)
    occurs: int = field(default=1, kw_only=True)

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise InputError(f'severity = "{self.severity}" must be one of ' + ", ".join(f'"{s}"' for s in SEVERITIES))
        for name in ("value", "threshold", "size"):
            number = getattr(self, name)
            if number is not None and not math.isfinite(number):
                object.__setattr__(self, name, None)

    @property
    def shown(self) -> str:
        """The value in its display unit, "" where there is none."""
        return self._show(self.value)

    @property
    def shown_threshold(self) -> str:
        """The threshold in its display unit, "" where there is none."""
        return self._show(self.threshold)

    def _show(self, value: float | None) -> str:
        if value is None:
            return ""
        number = float(self.display.of(value))
        # 1580 degC is not 1.58e+03 degC
        text = f"{number:.0f}" if 1000.0 <= abs(number) < 1e7 else f"{number:.3g}"
        return f"{text} {self.display.unit}".rstrip()

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values, SI first and as shown."""
        return {
            "defect": self.defect,
            "severity": self.severity,
            "place_m": list(self.place) if self.place else None,
            "size_m3": self.size,
            "value": self.value,
            "unit": self.unit,
            "shown": self.shown,
            "threshold": self.threshold,
            "shown_threshold": self.shown_threshold,
            "threshold_source": self.threshold_source,
            "cause": self.cause,
            "advice": self.advice,
            "quality": self.quality,
            "occurs": self.occurs,
        }

    def __str__(self) -> str:
        facts = [f"{self.severity:<9} {self.defect}"]
        if self.shown:
            facts[0] += f": {self.shown}"
        if self.place:
            facts.append(f"at {place_text(self.place)}")
        if self.size is not None:
            facts.append(volume_text(self.size))
        if self.occurs > 1:
            facts.append(f"{self.occurs} times in the whole casting")
        if self.shown_threshold:
            facts.append(f"threshold {self.shown_threshold}")
        lines = textwrap.wrap("   ".join(facts), _WIDTH, subsequent_indent=_INDENT)
        for label, text in (("", self.cause), ("do: ", self.advice), ("threshold: ", self.threshold_source)):
            if text:
                lines += textwrap.wrap(label + text, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT + "  ")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """All findings of a run, worst first and numbered from 1, as pictures mark them.

    Print it, loop over it, or write it with `to_json` and `to_csv`.

    Attributes
    ----------
    rows : tuple of Verdict
    title : str
        What was judged.
    quality : str
        Worst quality letter of the data that the run and its thresholds used.
    """

    rows: tuple[Verdict, ...] = ()
    title: str = field(default="", kw_only=True)
    quality: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        ranked = sorted(self.rows, key=lambda row: -SEVERITIES.index(row.severity))
        object.__setattr__(self, "rows", tuple(ranked))

    def __iter__(self) -> Iterator[Verdict]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, n: int) -> Verdict:
        return self.rows[n]

    @property
    def severity(self) -> str:
        """The worst severity of all rows."""
        return self.rows[0].severity if self.rows else "ok"

    def of(self, defect: str) -> tuple[Verdict, ...]:
        """Return the rows of one kind, for example "isolated pool"."""
        return tuple(row for row in self.rows if row.defect == defect)

    def counts(self) -> dict[str, int]:
        """Return the number of rows of each severity, worst first."""
        return {s: n for s in reversed(SEVERITIES) if (n := sum(row.severity == s for row in self.rows))}

    def to_json(self) -> str:
        """Return the table as JSON: SI values, and every value as shown."""
        content = {
            "title": self.title,
            "severity": self.severity,
            "worst_quality": self.quality,
            "verdicts": [{"number": n, **row.as_dict()} for n, row in enumerate(self.rows, start=1)],
        }
        return json.dumps(content, indent=2, allow_nan=False)

    def to_csv(self) -> str:
        """Return the table as CSV with a header; places are three columns in m."""
        names = ["number", *Verdict("").as_dict()]
        names[names.index("place_m") : names.index("place_m") + 1] = ["x_m", "y_m", "z_m"]
        text = io.StringIO()
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        for number, row in enumerate(self.rows, start=1):
            values = {"number": number, **row.as_dict()}
            x, y, z = values.pop("place_m") or ("", "", "")
            writer.writerow({**values, "x_m": x, "y_m": y, "z_m": z})
        return text.getvalue()

    def __str__(self) -> str:
        tally = ", ".join(f"{n} {s}" for s, n in self.counts().items()) or "nothing was judged"
        head = f"verdicts{' for ' + self.title if self.title else ''}: {tally}"
        tail = [f"worst quality of the data used: {self.quality}"] if self.quality else []
        numbered = [f"{number:>2} {row}" for number, row in enumerate(self.rows, start=1)]
        return "\n".join([head, *numbered, *tail])


def duration(seconds: float) -> str:
    """Return a time as a reader says it: in s, from 10 minutes on in min."""
    display = field_info("solidification_time").display_for(seconds)
    return f"{display.of(seconds):.3g} {display.unit}"


def place_text(place: Place) -> str:
    """Return a place in mm."""
    x, y, z = (c * 1e3 for c in place)
    return f"({x:.1f}, {y:.1f}, {z:.1f}) mm"


def volume_text(volume: float) -> str:
    """Return a volume in cm3."""
    return f"{_VOLUME.of(volume):.3g} {_VOLUME.unit}"
