"""Material tables as the sweep reads them: T(h), 1/(2k)(h) and the Kirchhoff potential in cells of one width.

The width of a cell is a power of two in J/m3, and cells are counted from the enthalpy that the sweep counts from: which cell an
enthalpy lies in, and where in it, is then exact in single precision, however small the change. A cell is a straight line, or two
that meet at a kink (a phase boundary, a jump of conductivity), so that kinks stay exact wherever they lie.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..materials import HeatCurve

Array = NDArray[Any]

# Largest error of the resampled temperature (K) and, relative, of 1/k; fewest and most cells of a material.
_TEMPERATURE_ERROR = 0.01
_RESISTIVITY_ERROR = 2e-4
_FEWEST_CELLS, _MOST_CELLS = 64, 16384
# A kink nearer to the edge of a cell, in cells, is taken to lie on it: slopes over less would be rounding.
_ON_EDGE = 1e-6
# How far the ends of a table are carried on with their last specific heat (K), though not below 1 K.
_BEYOND = 3000.0
# Place of a kink where there is none: beyond any enthalpy.
_NEVER = 1e30


def _half_resistivity(curve: HeatCurve, h: Array, side: str) -> Array:
    """Return 1/(2k) just above ("right") or below ("left") an enthalpy; the ends are held."""
    nodes, k = curve.enthalpy, curve.conductivity
    h = np.clip(h, nodes[0], nodes[-1])
    i = np.clip(np.searchsorted(nodes, h, side=side) - 1, 0, len(nodes) - 2)  # type: ignore[call-overload]
    span = nodes[i + 1] - nodes[i]
    share = np.divide(h - nodes[i], span, out=np.full(h.shape, float(side == "right")), where=span > 0)
    return 0.5 / (k[i] + share * (k[i + 1] - k[i]))


def _mean_conductivity(a: Array, b: Array) -> Array:
    """Mean conductivity over temperature where 1/(2k) runs linearly from a to b."""
    ratio = b / a
    near = np.abs(ratio - 1.0) < 1e-6
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = 0.5 * np.log(ratio) / (b - a)
    return np.where(near, 1.0 / (a + b), mean)


class _Cells:
    """One material in cells of one width, counted from a reference enthalpy (J/m3).

    Cell n of the list holds the enthalpies from (first + n) width on; the first and the last lie beyond the ends of the table,
    and carry on with its last specific heat and conductivity, for 3000 K.
    """

    def __init__(self, curve: HeatCurve, width: float, reference: float) -> None:
        self.width, self.reference = width, reference
        low, high = (float(curve.enthalpy[end]) - reference for end in (0, -1))
        self.first = math.floor(low / width) - 1
        self.count = math.ceil(high / width) + 1 - self.first
        edge = reference + width * np.arange(self.first, self.first + self.count + 1)
        # Every node of the curve bends it a little; the kinks are those that must stay exact.
        kinks = np.unique(curve.enthalpy)
        sharp = np.isin(kinks, curve.enthalpy[curve.kinks])
        place = (kinks - reference) / width - self.first
        on = np.abs(place - np.rint(place)) < _ON_EDGE
        edge[np.rint(place[on]).astype(int)] = kinks[on]
        T, r_low, r_high = curve.temperature_at(edge), *(_half_resistivity(curve, edge, side) for side in ("left", "right"))
        within, kinks, sharp = place[~on], kinks[~on], sharp[~on]
        cell = within.astype(int)
        T_kink, r_before, r_after = (
            curve.temperature_at(kinks), *(_half_resistivity(curve, kinks, side) for side in ("left", "right"))
        )  # fmt: skip
        # Of several in one cell the sharpest is kept.
        share = within - cell
        straight = T[cell] + share * (T[cell + 1] - T[cell]), r_high[cell] + share * (r_low[cell + 1] - r_high[cell])
        out = np.abs(T_kink - straight[0]) / _TEMPERATURE_ERROR
        out += (np.abs(r_before - straight[1]) + np.abs(r_after - straight[1])) / (_RESISTIVITY_ERROR * straight[1])
        order = np.lexsort((-out, ~sharp, cell))
        kept = order[np.unique(cell[order], return_index=True)[1]]
        self.crowded = bool(np.count_nonzero(sharp[kept]) < np.count_nonzero(sharp))
        at = cell[kept]
        self.kink = np.full(self.count, _NEVER)
        self.kink[at] = share[kept]
        bent = np.zeros(self.count, bool)
        bent[at] = True
        part = np.where(bent, self.kink, 1.0)
        rest = np.where(bent, 1.0 - part, 1.0)
        T_end, r_end, r_next = T[1:].copy(), r_low[1:].copy(), r_high[:-1].copy()
        T_end[at], r_end[at], r_next[at] = T_kink[kept], r_before[kept], r_after[kept]
        # Rises over the whole width before and after the kink.
        rise = (T_end - T[:-1]) / part
        rise_after = np.where(bent, (T[1:] - T_end) / rest, rise)
        r_rise = (r_end - r_high[:-1]) / part
        r_rise_after = np.where(bent, (r_low[1:] - r_next) / rest, r_rise)
        self.T = np.stack([T[:-1], rise, rise_after - rise], axis=1)
        r_line = np.where(bent, r_next - part * r_rise_after, r_high[:-1])
        self.r = np.stack([r_high[:-1], r_rise, r_line, r_rise_after], axis=1)
        # int k dT, k as it runs through the cell: 1/k is linear on either side of the kink.
        slope = _mean_conductivity(r_high[:-1], r_end) * rise
        slope_after = np.where(bent, _mean_conductivity(r_next, r_low[1:]) * rise_after, slope)
        gain = np.where(bent, slope * part + slope_after * rest, slope)
        theta = np.cumsum(gain) - gain
        # Counted from the reference, where most of a material still lies: differences stay exact there.
        theta -= theta[min(max(-self.first, 0), self.count - 1)]
        self.theta = np.stack([theta, slope, slope_after - slope], axis=1)
        reach = min(_BEYOND, float(curve.temperature[0]) - 1.0) / rise[0], _BEYOND / rise[-1]
        self.ends = low / width - max(reach[0], 0.0), high / width + reach[1]
        self.rises = np.concatenate([rise, rise_after])
        # Extremes of every cell: the smallest dh/dT, where it is finite, and the smallest 1/(2k).
        steepest = np.maximum(rise, rise_after)
        self.capacity = np.divide(width, steepest, out=np.full(self.count, np.inf), where=steepest > 0)
        self.resistivity = np.minimum.reduce([r_high[:-1], r_end, r_next, r_low[1:]])
        self.least = float(min(r_high.min(), r_low.min(), r_before.min(initial=np.inf), r_after.min(initial=np.inf)))

    def _read(self, h: Array) -> tuple[Array, Array]:
        """Return T and 1/(2k) at enthalpies (J/m3), as the sweep does."""
        u = (h - self.reference) / self.width
        n = np.clip(np.floor(u).astype(int) - self.first, 0, self.count - 1)
        u = u - (n + self.first)
        past = np.maximum(u - self.kink[n], 0.0)
        r = np.where(past > 0.0, self.r[n, 2] + u * self.r[n, 3], self.r[n, 0] + u * self.r[n, 1])
        return self.T[n, 0] + u * self.T[n, 1] + past * self.T[n, 2], r

    def holds(self, curve: HeatCurve) -> bool:
        """Return whether the cells are fine enough for a curve: T and 1/k right at its nodes and between, kinks exact."""
        nodes = np.unique(curve.enthalpy)
        # 1/k is not linear between nodes, T is.
        h = np.unique(np.concatenate([nodes, 0.5 * (nodes[1:] + nodes[:-1]), self.reference + self.width * (
            self.first + 0.5 + np.arange(self.count))]))  # fmt: skip
        h = h[(h >= nodes[0]) & (h <= nodes[-1])]
        jumps = curve.enthalpy[1:][np.diff(curve.enthalpy) == 0.0]
        T, r = self._read(h)
        right = np.abs(T - curve.temperature_at(h)).max() <= _TEMPERATURE_ERROR
        smooth = ~np.isin(h, jumps)
        exact = _half_resistivity(curve, h, "right")
        return bool(right and np.abs(r / exact - 1.0)[smooth].max(initial=0.0) <= _RESISTIVITY_ERROR and not self.crowded)


def _width(curve: HeatCurve) -> float:
    """Return the widest power of two (J/m3) whose cells are fine enough for a curve."""
    span = float(curve.enthalpy[-1] - curve.enthalpy[0])
    width = 2.0 ** math.floor(math.log2(span / _FEWEST_CELLS))
    while span / width < _MOST_CELLS and not _Cells(curve, width, 0.0).holds(curve):
        width *= 0.5
    return width


class MaterialTables:
    """The tables of all regions, in the sweep's precision, and the extremes that rule the stable step.

    Attributes
    ----------
    heat_capacity : ndarray
        Smallest dh/dT of each region (J/m3/K); plateaus are not counted.
    half_resistivity : ndarray
        Smallest 1/(2k) of each region (m K/W).
    """

    def __init__(self, curves: Sequence[HeatCurve], dtype: Any) -> None:
        self._curves, self._dtype = tuple(curves), dtype
        self._widths = [_width(curve) for curve in curves]
        capacity, resistivity = [], []
        self._extremes: list[tuple[float, int, Array, Array]] = []
        for curve, width in zip(curves, self._widths, strict=True):
            cells = _Cells(curve, width, 0.0)
            capacity.append(width / cells.rises[cells.rises > 0].max())
            resistivity.append(cells.least)
            self._extremes.append((width, cells.first, cells.capacity, cells.resistivity))
        self.heat_capacity = np.array(capacity)
        self.half_resistivity = np.array(resistivity)

    def extremes(self, region: int, low: float, high: float) -> tuple[float, float]:
        """Return the smallest dh/dT (J/m3/K), without plateaus, and 1/(2k) (m K/W) of a region between two enthalpies (J/m3)."""
        width, first, capacity, resistivity = self._extremes[region]
        bounds = np.clip([math.floor(low / width) - first, math.floor(high / width) - first], 0, len(capacity) - 1)
        part = slice(bounds[0], bounds[1] + 1)
        return float(capacity[part].min()), float(resistivity[part].min())

    def counted_from(self, reference: Array) -> dict[str, Array]:
        """Return the tables for enthalpies counted from each region's reference (J/m3).

        The sweep keeps enthalpies relative to where the run started: small changes then stay exact in single precision.

        Returns
        -------
        dict
            cell_row: the first cell of each region in the lists; cell_low, cell_high: its first and last cell, counted from its
            reference; cell_bottom, cell_top: where their lines end, in cells; cell_inv: 1/width (m3/J); potential: int k dT at the
            start of a cell, its rise over the cell, the place of the kink (0 to 1) and by how much the rise changes there; bins: T
            with its rise and change, the place of the kink, and 1/(2k) with its rise before and after the kink (the latter as a
            line from the start of the cell).
        """
        tables = [_Cells(c, w, float(zero)) for c, w, zero in zip(self._curves, self._widths, reference, strict=True)]
        counts = np.array([cells.count for cells in tables])
        first = np.array([cells.first for cells in tables])
        return {
            "cell_row": (np.cumsum(counts) - counts).astype(np.int32), "cell_low": first.astype(np.int32),
            "cell_high": (first + counts - 1).astype(np.int32), "cell_inv": (1.0 / np.array(self._widths)).astype(self._dtype),
            "cell_bottom": np.array([c.ends[0] for c in tables], self._dtype),
            "cell_top": np.array([c.ends[1] for c in tables], self._dtype),
            "potential": self._records([[c.theta[:, :2], c.kink[:, None], c.theta[:, 2:]] for c in tables]),
            "bins": self._records([[c.T, c.kink[:, None], c.r] for c in tables]),
        }  # fmt: skip

    def _records(self, columns: Sequence[Sequence[Array]]) -> Array:
        return np.ascontiguousarray(np.concatenate([np.concatenate(c, axis=1) for c in columns]), dtype=self._dtype)
