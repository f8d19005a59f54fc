"""Rows of the verdict table as numbered marks in pictures: where, which row, how bad."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..defects import Verdicts
from .canvas import add_text
from .style import INK

__all__ = ["Mark", "draw_marks", "list_marks", "marks_of"]

_COLOURS = {"severe": "#c8371b", "warning": "#e69f00", "note": "#0072b2"}
# More marks than this hide what they mark; the worst rows come first.
_MOST = 9
_RADIUS = 13.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One row of the table at its place: its number there, what it says in short, and where it is (m)."""

    number: int
    words: str
    place: tuple[float, float, float]
    colour: str


def marks_of(verdicts: Verdicts | None, *, axis: int | None = None, at: float = 0.0, reach: float = 0.0) -> tuple[Mark, ...]:
    """Return the marks of the rows that are findings and have a place.

    Parameters
    ----------
    verdicts : Verdicts or None
    axis : int, optional
        Only rows whose place lies within `reach` (m) of the plane at `at` (m) across this axis.
    """
    found = []
    for number, row in enumerate(verdicts or (), start=1):
        if row.place is None or row.severity not in _COLOURS:
            continue
        if axis is not None and abs(row.place[axis] - at) > reach:
            continue
        words = f"{row.severity}: {row.defect}" + (f", {row.shown}" if row.shown else "")
        found.append(Mark(number, words, row.place, _COLOURS[row.severity]))
    return tuple(found[:_MOST])


def draw_marks(plotter: Any, marks: Sequence[Mark], pixels: Sequence[tuple[float, float]]) -> None:
    """Write every mark's number in its colour at its pixel; marks that would lie on each other step aside."""
    taken: list[tuple[float, float]] = []
    for mark, (x, y) in zip(marks, pixels, strict=True):
        while any(np.hypot(x - a, y - b) < 2.2 * _RADIUS for a, b in taken):
            x += 2.2 * _RADIUS
        taken.append((x, y))
        add_text(plotter, "●", (x, y), points=40, across="center", upward="center", colour="white")
        add_text(plotter, "●", (x, y), points=34, across="center", upward="center", colour=mark.colour)
        add_text(plotter, f"{mark.number}", (x, y), points=17, across="center", upward="center", colour="white", bold=True)


def list_marks(plotter: Any, marks: Sequence[Mark], corner: tuple[float, float]) -> None:
    """List the marks downward from the upper left corner (pixels)."""
    for line, mark in enumerate(marks):
        top = corner[1] - 25.0 * line
        add_text(plotter, "●", (corner[0] + 10, top), points=26, across="center", upward="center", colour=mark.colour)
        middle: dict[str, Any] = {"across": "center", "upward": "center", "colour": "white", "bold": True}
        add_text(plotter, f"{mark.number}", (corner[0] + 10, top), points=13, **middle)
        add_text(plotter, mark.words, (corner[0] + 26, top), points=16, upward="center", colour=INK, paper=True)
