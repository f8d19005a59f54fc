"""Parting faces of an open die: they lose heat to the air, by convection and radiation, until the die shuts again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..geometry import Grid
from ..materials import HeatCurve
from .boundary import Side
from .heat_run import HeatRun

__all__ = ["PartingFaces"]

Array = NDArray[Any]


class PartingFaces:
    """What the pieces of a die give to air where they have moved apart, as a source of the voxels behind their faces.

    Parameters
    ----------
    grid : Grid
    apart : callable
        Whether two regions, given by their numbers as arrays, have moved apart.
    steel : sequence of int
        Regions of the die: only they give heat.
    curves : sequence of HeatCurve
        Of all regions.
    air : Side
        What the faces see: a convective side, with an emissivity.

    Notes
    -----
    A face at S before a voxel at T, d behind it, gives q = k (T - S)/d = htc (S - air) + e sigma (S^4 - air^4); two steps of
    Newton's from S = T find S, which is near T (k/d is thousands of W/m2/K). The source is held over a step of the march and told
    anew after it, in which a face of steel cools by hundredths of a kelvin. The gap between halves is taken as wide: they do not
    shine on each other.
    """

    # It hands out the same array until it is told of the next step.
    keeps = True

    def __init__(
        self, grid: Grid, apart: Callable[[Array, Array], Array], *, steel: Sequence[int], curves: Sequence[HeatCurve], air: Side
    ) -> None:
        walls = grid.walls
        step = np.array([grid.shape[1] * grid.shape[2], grid.shape[2], 1])[walls.axis.astype(int)]
        low, high = grid.wall_regions()
        mine = apart(low, high) & (walls.area > 0.0)
        voxel = np.concatenate([walls.voxel[mine], (walls.voxel + step)[mine]])
        region = np.concatenate([low[mine], high[mine]])
        area, depth = np.tile(walls.area[mine], 2), np.concatenate([walls.low[mine], walls.high[mine]])
        hot = np.isin(region, steel)
        self.voxel, self.region, self.area, self.depth = voxel[hot], region[hot], area[hot], depth[hot]
        self.volume = grid.volumes().reshape(-1)[self.voxel]
        self.shape, self.curves, self.air = grid.shape, curves, air
        self.heat = 0.0
        self._field = np.zeros(self.shape)
        self._watts = 0.0

    def __bool__(self) -> bool:
        return len(self.voxel) > 0

    def __call__(self, time: float) -> Array:
        """Return the source of every voxel (W/m3), as it is in this step."""
        return self._field

    def begin(self, temperature: Array) -> None:
        """Start a stage from a temperature of every voxel (K)."""
        self.heat = 0.0
        self._tell(temperature.reshape(-1)[self.voxel])

    def after(self, run: HeatRun) -> None:
        """Book the last step of a run, and tell the source of the next one."""
        self.heat += self._watts * float(run.history_rows[-1][1])
        self._tell(run.temperature_in(self.voxel, self.region))

    def slope(self, temperature: Array, conductivity: Array) -> Array:
        """Return by how much the heat of each face rises with the temperature of its voxel (W/K), given both in flat fields."""
        way = self.depth / conductivity[self.voxel]
        return np.asarray(self.area / (way + 1.0 / self.air.slope_at(temperature[self.voxel])))

    def _tell(self, T: Array) -> None:
        k = np.empty_like(T)
        for r in np.unique(self.region):
            here, curve = self.region == r, self.curves[r]
            k[here] = curve.conductivity_at(curve.at_temperature(T[here]))
        S, through = T.copy(), k / np.maximum(self.depth, 1e-6)
        for _ in range(2):
            S -= (self.air.loss_at(S) - through * (T - S)) / (self.air.slope_at(S) + through)
        watts = self.area * self.air.loss_at(S)
        self._watts = float(watts.sum())
        field = np.zeros(self.shape)
        np.add.at(field.reshape(-1), self.voxel, -watts / self.volume)
        self._field = field
