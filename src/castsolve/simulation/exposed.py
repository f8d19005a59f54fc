"""Walls that stand in the air: their coefficient holds at the surface, the sweep knows the temperature of the voxel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..geometry import Grid
from ..materials import HeatCurve, Interface

__all__ = ["Exposed"]

_ROUNDS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Exposed:
    """An interface to the surroundings, over the temperature of the voxel behind the surface.

    The surface S of a wall whose voxel centre at T lies a distance d behind it follows from (T - S) k/d = h(S) (S - Ta).
    One distance stands for all walls of the region: their mean by area. As some are nearer and some farther, the error is
    of second order in the scatter of d.

    Parameters
    ----------
    interface : Interface
        Coefficient over the temperature of the surface.
    distance : float
        Mean distance of the voxel centres from the surface, in m.
    curve : HeatCurve
        Of the material behind the surface.
    ambient : float
        In K.
    """

    interface: Interface
    distance: float
    curve: HeatCurve
    ambient: float

    @classmethod
    def of(cls, interface: Interface, grid: Grid, a: int, b: int, curve: HeatCurve, ambient: float) -> Exposed:
        """Return the interface between region `a` and the surroundings `b` of a grid."""
        walls = grid.walls
        step = np.array([grid.shape[1] * grid.shape[2], grid.shape[2], 1])[walls.axis.astype(np.int64)]
        flat = grid.region.reshape(-1)
        low, high = flat[walls.voxel], flat[walls.voxel + step]
        mine = np.where((low == a) & (high == b), walls.low, np.where((low == b) & (high == a), walls.high, np.nan))
        known = np.isfinite(mine) & (walls.area > 0.0)
        total = float(walls.area[known].sum())
        mean = float((walls.area[known] * mine[known]).sum()) / total if total > 0.0 else 0.0
        return cls(interface, mean, curve, ambient)

    def htc_at(self, temperature: ArrayLike, *, fraction_solid: ArrayLike | None = None) -> NDArray[np.float64]:
        """Return the coefficient (W/m2/K) at voxel temperatures (K)."""
        T = np.asarray(temperature, dtype=np.float64)
        k = np.asarray(self.curve.conductivity_at(self.curve.at_temperature(T)), dtype=np.float64)
        S = T.copy()
        # h rises with S, so halving the way keeps the rounds from swinging.
        for _ in range(_ROUNDS):
            h = np.asarray(self.interface.htc_at(S), dtype=np.float64)
            S = 0.5 * (S + (T * k + h * self.distance * self.ambient) / (k + h * self.distance))
        return np.asarray(self.interface.htc_at(S), dtype=np.float64)

    def time_factor(self, time: float) -> float:
        """Return 1: what is around does not change."""
        return 1.0

    def __str__(self) -> Any:
        return str(self.interface)
