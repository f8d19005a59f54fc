"""Material tables as the sweep reads them: stretches between kinks, each resampled into uniform bins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..materials import HeatCurve

Array = NDArray[Any]

# Largest error of the resampled temperature (K) and, relative, of 1/k; and most bins of a stretch.
_TEMPERATURE_ERROR = 0.01
_RESISTIVITY_ERROR = 2e-4
_MOST_BINS = 512

# How far the ends of a table are carried on with their last specific heat (K).
_BEYOND = 3000.0


def _stretches(curve: HeatCurve) -> list[tuple[Array, Array, Array]]:
    """Nodes (h, T, k) of every stretch between two kinks, the ends carried on."""
    h, T, k = curve.enthalpy, curve.temperature, curve.conductivity
    found = []
    slope = (T[1] - T[0]) / (h[1] - h[0])
    reach = min(_BEYOND, T[0] - 1.0)
    if reach > 0:
        found.append((np.array([h[0] - reach / slope, h[0]]), np.array([T[0] - reach, T[0]]), np.array([k[0], k[0]])))
    for a, b in zip(curve.kinks[:-1], curve.kinks[1:], strict=True):
        part = slice(a, b + 1)
        if h[b] > h[a]:
            found.append((h[part], T[part], k[part]))
    slope = (T[-1] - T[-2]) / (h[-1] - h[-2])
    found.append((np.array([h[-1], h[-1] + _BEYOND / slope]), np.array([T[-1], T[-1] + _BEYOND]), np.array([k[-1], k[-1]])))
    return found


def _resampled(h: Array, T: Array, k: Array) -> tuple[int, Array, Array]:
    """Fewest bins (a power of two) that hold the stretch, and T and 1/(2k) at their ends."""
    fine = np.unique(np.concatenate([h, np.linspace(h[0], h[-1], 8 * _MOST_BINS + 1)]))
    T_fine, r_fine = np.interp(fine, h, T), 0.5 / np.interp(fine, h, k)
    n = 1
    while True:
        ends = np.linspace(h[0], h[-1], n + 1)
        T_bin, r_bin = np.interp(ends, h, T), 0.5 / np.interp(ends, h, k)
        wrong_T = np.abs(np.interp(fine, ends, T_bin) - T_fine).max()
        wrong_r = np.abs(np.interp(fine, ends, r_bin) / r_fine - 1.0).max()
        if n >= _MOST_BINS or (wrong_T <= _TEMPERATURE_ERROR and wrong_r <= _RESISTIVITY_ERROR):
            return n, T_bin, r_bin
        n *= 2


def _mean_conductivity(half_resistivity: Array) -> Array:
    """Mean conductivity over temperature in every bin, from 1/(2k) at the ends of the bins."""
    a, b = half_resistivity[:-1], half_resistivity[1:]
    ratio = b / a
    near = np.abs(ratio - 1.0) < 1e-6
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = 0.5 * np.log(ratio) / (b - a)
    return np.where(near, 1.0 / (a + b), mean)


class MaterialTables:
    """The tables of all regions, in the sweep's precision, and the extremes that rule the stable step.

    Attributes
    ----------
    arrays : dict
        stretch_row, stretch_bin, stretch_inv, stretch_n, bin_row, bins (T and 1/(2k)), potential (int k dT).
    heat_capacity : ndarray
        Smallest dh/dT of each region (J/m3/K); plateaus are not counted.
    half_resistivity : ndarray
        Smallest 1/(2k) of each region (m K/W).
    """

    def __init__(self, curves: Sequence[HeatCurve], dtype: Any) -> None:
        rows, starts, inverses, counts, bin_rows, bins, potentials = [0], [], [], [], [], [], []
        first_bins: list[int] = []
        capacity, resistivity = [], []
        total = 0
        for curve in curves:
            bin_rows.append(total)
            smallest, least, theta = np.inf, np.inf, 0.0
            for h, T, k in _stretches(curve):
                n, T_bin, r_bin = _resampled(h, T, k)
                starts.append(h[0])
                inverses.append(n / (h[-1] - h[0]))
                counts.append(n)
                first_bins.append(total)
                bins.append(np.stack([T_bin[:-1], np.diff(T_bin), r_bin[:-1], np.diff(r_bin)], axis=1))
                # int k dT over each bin, k as it runs through the bin: 1/k is linear there.
                gain = _mean_conductivity(r_bin) * np.diff(T_bin)
                potentials.append(np.stack([theta + np.cumsum(gain) - gain, gain], axis=1))
                theta += float(gain.sum())
                total += n
                rise = np.diff(T_bin)
                step = (h[-1] - h[0]) / n
                smallest = min(smallest, float((step / rise[rise > 0]).min(initial=np.inf)))
                least = min(least, float(r_bin.min()))
            # What lies beyond the last bin reads its end.
            bins.append(np.array([[T_bin[-1], 0.0, r_bin[-1], 0.0]]))
            potentials.append(np.array([[theta, 0.0]]))
            total += 1
            rows.append(len(starts))
            capacity.append(smallest)
            resistivity.append(least)
        self.heat_capacity = np.array(capacity)
        self.half_resistivity = np.array(resistivity)
        self._starts, self._dtype = np.array(starts), dtype
        self.arrays = {
            "stretch_row": np.array(rows, np.int32), "stretch_bin": np.array(first_bins, np.int32),
            "stretch_inv": np.array(inverses, dtype), "stretch_n": np.array(counts, dtype),
            "bin_row": np.array(bin_rows, np.int32), "bins": np.ascontiguousarray(np.concatenate(bins), dtype=dtype),
            "potential": np.ascontiguousarray(np.concatenate(potentials), dtype=dtype),
        }  # fmt: skip

    def stretch_starts(self, reference: Array) -> Array:
        """Return where every stretch starts, counted from each region's reference enthalpy (J/m3).

        The sweep keeps enthalpies relative to where the run started: small changes then stay exact in single precision.
        """
        counts = np.diff(self.arrays["stretch_row"])
        return (self._starts - np.repeat(reference, counts)).astype(self._dtype)
