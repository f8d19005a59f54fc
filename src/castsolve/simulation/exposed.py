"""Walls in air, under spray or beside a coolant: their coefficient holds at the surface, the sweep knows the voxel behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..geometry import Grid
from ..materials import HeatCurve, Interface

__all__ = ["Exposed"]

# Surface temperatures that a table of coefficients is asked at, and rounds in which the conductivity of the voxel settles.
_SURFACES = 4001
_ROUNDS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Exposed:
    """An interface to a medium that keeps its temperature, over the temperature of the voxel behind the surface.

    The surface S of a wall whose voxel centre at T lies a distance d behind it follows from (T - S) k(T)/d = h(S) (S - Ta):
    every S has one T = S + h(S) (S - Ta) d/k, so the table is turned around, without a search. Where one T has several S
    (a spray that wets below its Leidenfrost temperature only), the hottest is taken: a wall stays dry until it can no longer.
    One distance stands for all walls of the pair: their mean by area. As some are nearer and some farther, the error is
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
        Temperature of the medium, in K.
    """

    interface: Interface
    distance: float
    curve: HeatCurve
    ambient: float

    @classmethod
    def of(cls, interface: Interface, grid: Grid, a: int, b: int, curve: HeatCurve, ambient: float) -> Exposed:
        """Return the interface between region `a` and the medium `b` of a grid."""
        walls = grid.walls
        low, high = grid.wall_regions()
        mine = np.where((low == a) & (high == b), walls.low, np.where((low == b) & (high == a), walls.high, np.nan))
        known = np.isfinite(mine) & (walls.area > 0.0)
        total = float(walls.area[known].sum())
        mean = float((walls.area[known] * mine[known]).sum()) / total if total > 0.0 else 0.0
        return cls(interface, mean, curve, ambient)

    def surface_at(self, temperature: ArrayLike) -> NDArray[np.float64]:
        """Return the temperature of the surface (K) for voxel temperatures (K)."""
        T = np.asarray(temperature, dtype=np.float64)
        S, behind = self._turned()
        return np.asarray(np.interp(T, behind, S), dtype=np.float64)

    def htc_at(self, temperature: ArrayLike, *, fraction_solid: ArrayLike | None = None) -> NDArray[np.float64]:
        """Return the coefficient (W/m2/K) at voxel temperatures (K)."""
        return np.asarray(self.interface.htc_at(self.surface_at(temperature)), dtype=np.float64)

    @property
    def table_range(self) -> tuple[float, float]:
        """Voxel temperatures (K) between which the coefficient changes."""
        if self.interface.over != "temperature":
            return self.curve.temperature_low, self.curve.temperature_high
        rows = np.array(self.interface.htc)[:, 0]
        S, behind = self._turned()
        return float(np.interp(rows[0], S, behind)), float(np.interp(rows[-1], S, behind))

    @property
    def table_samples(self) -> int:
        """Entries that the sweep's table needs: boiling and wetting set in within a few kelvin."""
        return 1025

    def _turned(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Surface temperatures, and the voxel temperatures behind them, both rising."""
        low, high = 200.0, max(2300.0, self.curve.temperature_high)
        rows = np.array(self.interface.htc)[:, 0] if self.interface.over == "temperature" else np.zeros(0)
        S = np.unique(np.concatenate([np.linspace(low, high, _SURFACES), rows[(rows > low) & (rows < high)], [self.ambient]]))
        flux = np.asarray(self.interface.htc_at(S), dtype=np.float64) * (S - self.ambient)
        T = S.copy()
        for _ in range(_ROUNDS):
            within = np.clip(T, self.curve.temperature_low, self.curve.temperature_high)
            k = np.asarray(self.curve.conductivity_at(self.curve.at_temperature(within)), dtype=np.float64)
            T = S + flux * self.distance / k
        # From the hot end down: what a hotter surface already stands for is not given to a colder one.
        return S, np.minimum.accumulate(T[::-1])[::-1]

    def time_factor(self, time: float) -> float:
        """Return the factor of the interface on its coefficient at a time (s)."""
        return self.interface.time_factor(time)

    def __str__(self) -> Any:
        return str(self.interface)
