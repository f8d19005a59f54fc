"""Sensible heat of one phase as an exact integral, and the temperatures at which a heat curve gets its nodes."""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from .property import PropertyTable

__all__ = ["COLDEST", "SensibleHeat", "stretch"]

COLDEST = 273.15
"""Temperature (K) to which every heat curve reaches down; the values of 25 degC are held over the last 25 K."""


class SensibleHeat:
    """Sensible heat (J/kg) of one phase against temperature: the integral of its specific heat, ends held."""

    def __init__(self, specific_heat: PropertyTable | None, enthalpy: PropertyTable | None, zero: float) -> None:
        if enthalpy is not None:
            self._T, self._h = enthalpy.column(0), enthalpy.column(1)
            cp = np.diff(self._h) / np.diff(self._T)
            self._ends = (float(cp[0]), float(cp[-1]))
            self._cp = None
        else:
            assert specific_heat is not None
            self._T, c = specific_heat.column(0), specific_heat.column(1)
            self._h = np.concatenate([[0.0], np.cumsum(0.5 * (c[1:] + c[:-1]) * np.diff(self._T))])
            self._ends = (float(c[0]), float(c[-1]))
            self._cp = c
        self.nodes = self._T
        self._zero = 0.0
        self._zero = float(self(np.array([zero]))[0])

    def __call__(self, T: NDArray[np.float64]) -> NDArray[np.float64]:
        inside = np.clip(T, self._T[0], self._T[-1])
        if self._cp is None or self._T.size == 1:
            h = np.interp(inside, self._T, self._h)
        else:
            i = np.clip(np.searchsorted(self._T, inside, side="right") - 1, 0, self._T.size - 2)
            dT = inside - self._T[i]
            slope = (self._cp[i + 1] - self._cp[i]) / (self._T[i + 1] - self._T[i])
            h = self._h[i] + dT * (self._cp[i] + 0.5 * slope * dT)
        below, above = np.minimum(T - self._T[0], 0.0), np.maximum(T - self._T[-1], 0.0)
        out: NDArray[np.float64] = h + self._ends[0] * below + self._ends[1] * above - self._zero
        return out


def stretch(low: float, high: float, step: float, extra: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return temperatures from low to high: the ends, the given ones between, and no gap above the step."""
    inner = extra[(extra > low + 1e-9) & (extra < high - 1e-9)]
    marks = np.unique(np.concatenate([[low], inner, [high]]))
    parts = [
        np.linspace(a, b, max(math.ceil((b - a) / step - 1e-9), 1), endpoint=False)
        for a, b in itertools.pairwise(marks)
    ]
    return np.concatenate([*parts, [high]])
