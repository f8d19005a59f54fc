"""Heat that materials set free over time, such as exothermic sleeves: the source of a heat problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..geometry import Grid
from ..materials import MouldMaterial

__all__ = ["HeatRelease"]

Array = NDArray[Any]


class HeatRelease:
    """Heat set free by regions of a grid, constant between known times.

    Call it with a time (s) for the power of every voxel (W/m3, shape (nx, ny, nz)). A problem that lands on `events` books
    exactly the heat of the data, because the power is constant within every step.

    Parameters
    ----------
    grid : Grid
    rates : mapping of int to sequence of (time, power)
        By region: from this time (s) on this power (W/m3), until the next. The last power should be zero.
    """

    def __init__(self, grid: Grid, rates: Mapping[int, Sequence[tuple[float, float]]]) -> None:
        self.rates = {region: tuple((float(t), float(p)) for t, p in rows) for region, rows in rates.items()}
        self.events = tuple(sorted({t for rows in self.rates.values() for t, _ in rows if t > 0.0}))
        self._region = grid.region
        self._volume = {region: grid.region_volume(region) for region in self.rates}
        self._held: tuple[float, ...] | None = None
        self._field: Array = np.zeros(0)

    @classmethod
    def of(cls, grid: Grid, materials: Sequence[object]) -> HeatRelease | None:
        """Return the release of the materials of a grid's regions, or None where none burns."""
        rates = {
            region: material.release_rates()
            for region, material in enumerate(materials)
            if isinstance(material, MouldMaterial) and material.release_rates()
        }
        return cls(grid, rates) if rates else None

    def __call__(self, time: float) -> Array:
        powers = tuple(_power(rows, time) for rows in self.rates.values())
        if powers != self._held:
            # The same field is handed out until the power changes, so that a solver can see that it has it already.
            field = np.zeros(self._region.shape)
            for region, power in zip(self.rates, powers, strict=True):
                if power:
                    field[self._region == region] = power
            self._held, self._field = powers, field
        return self._field

    def heat_until(self, time: ArrayLike) -> Any:
        """Return the heat (J) set free from the pour until a time (s)."""
        t = np.asarray(time, dtype=np.float64)
        total = np.zeros(t.shape)
        for region, rows in self.rates.items():
            starts, powers = np.array(rows).T
            ends = np.append(starts[1:], np.inf)
            for start, end, power in zip(starts, ends, powers, strict=True):
                if power:
                    total += self._volume[region] * power * np.clip(t - start, 0.0, end - start)
        return float(total) if t.ndim == 0 else total


def _power(rows: Sequence[tuple[float, float]], time: float) -> float:
    found = 0.0
    for start, power in rows:
        if time < start:
            break
        found = power
    return found
