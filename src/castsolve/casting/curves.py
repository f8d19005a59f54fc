"""A quantity over time: a constant, or rows of time and value with straight lines between."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from ..units import Number, quantity

__all__ = ["TimeCurve", "curve_of"]


@dataclass(frozen=True, slots=True)
class TimeCurve:
    """Values over time; straight lines between the rows, the first and the last value held beyond them.

    Attributes
    ----------
    times, values : tuple of float
        Rising times (s) and SI values.
    """

    times: tuple[float, ...]
    values: tuple[float, ...]

    def __call__(self, time: float) -> float:
        """Return the value at a time (s)."""
        return float(np.interp(time, self.times, self.values))

    @property
    def largest(self) -> float:
        """The largest value."""
        return max(self.values)

    def facts(self) -> list[list[float]]:
        """Return the rows as plain numbers."""
        return [[t, v] for t, v in zip(self.times, self.values, strict=True)]


def curve_of(given: Number | Sequence[Sequence[Number]], kind: str, name: str, *, least: float = 0.0) -> TimeCurve:
    """Return a curve from a number, or from rows of time and value.

    Parameters
    ----------
    given : number, or sequence of (time, value)
        SI, texts with units or pint quantities.
    kind : str
        What the values are, as in `units.quantity`.
    name : str
        What the curve is for; it opens the refusal.
    least : float
        Smallest value that is allowed.
    """
    rows: list[tuple[float, float]]
    if isinstance(given, (list, tuple)):
        pairs: list[Any] = [tuple(row) if isinstance(row, (list, tuple)) else () for row in given]
        if not pairs or any(len(row) != 2 for row in pairs):
            raise InputError(f"{name} = {given!r} is no curve; write one value, or rows such as [(0, ...), (\"2 s\", ...)]")
        rows = [(quantity(t, "time", f"{name} time"), quantity(v, kind, name)) for t, v in pairs]
    else:
        rows = [(0.0, quantity(given, kind, name))]
    times, values = tuple(t for t, _ in rows), tuple(v for _, v in rows)
    if times[0] < 0.0 or any(b <= a for a, b in itertools.pairwise(times)):
        raise InputError(f"the times of {name} must rise from 0 s or later; got {', '.join(f'{t:g}' for t in times)} s")
    if min(values) < least:
        raise InputError(f"{name} = {min(values):g} must not be below {least:g}")
    return TimeCurve(times, values)
