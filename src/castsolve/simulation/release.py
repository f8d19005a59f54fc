"""Heat that materials set free over time, such as exothermic sleeves: the source of a heat problem.

A material with an ignition temperature burns place by place, each from the moment at which it got that hot (see `fire`); one
without burns by the clock, all of it at once from the pour on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..geometry import Grid
from ..materials import MouldMaterial

__all__ = ["Fuel", "HeatRelease", "coarse_for_flame"]

Array = NDArray[Any]

# Longest edge of a voxel over the root of diffusivity and burning time: a sleeve of 16 mm is then one voxel, and half of its heat
# comes 3 % early beside steel and 4 % beside aluminium; 1 and 4 % at half of it (docs/theory/heat.md).
_FLAME = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Fuel:
    """What burns where it gets hot.

    Parameters
    ----------
    ignition : float
        Temperature (K) at which a place ignites.
    heat : float
        Heat (J/m3) that it sets free.
    times, shares : tuple of float
        Share of that heat set free, rising from 0 to 1, against the time (s) since the place ignited.
    """

    ignition: float
    heat: float
    times: tuple[float, ...]
    shares: tuple[float, ...]

    def __post_init__(self) -> None:
        t, share = np.asarray(self.times, float), np.asarray(self.shares, float)
        rising = t.shape == share.shape and len(t) > 1 and (np.diff(t) > 0.0).all() and (np.diff(share) >= 0.0).all()
        if not rising or t[0] < 0.0 or share[0] != 0.0 or share[-1] != 1.0:
            raise InputError("the shares of a fuel must rise from 0 to 1 over rising times that start at 0 s or later")

    @classmethod
    def of(cls, material: MouldMaterial) -> Fuel | None:
        """Return the fuel that a material is, or None where it does not ignite."""
        burning = material.heat_release
        if burning is None or material.exothermic_heat is None or material.ignition_temperature is None:
            return None
        heat = material.density.value * material.exothermic_heat.value
        times, shares = burning.column(0).tolist(), burning.column(1).tolist()
        return cls(material.ignition_temperature.value, heat, tuple(times), tuple(shares))

    def share(self, since: Array) -> Array:
        """Return the share of the heat that is set free at times (s) since ignition."""
        return np.interp(since, self.times, self.shares)

    @property
    def duration(self) -> float:
        """Time (s) from ignition to the end."""
        return float(self.times[-1])


class HeatRelease:
    """Heat set free by regions of a grid: by the clock, or where they get hot.

    Call it with a time (s) for the power by the clock of every voxel (W/m3, shape (nx, ny, nz), or a zero without shape). A problem
    that lands on `events` books exactly the heat of the data, because that power is constant within every step. What burns where it
    gets hot is known during a run only, by its `Fire`.

    `keeps` tells that it hands out the same array for as long as that does not change.

    Parameters
    ----------
    grid : Grid
    rates : mapping of int to sequence of (time, power)
        By region: from this time (s) on this power (W/m3), until the next. The last power should be zero.
    fuels : mapping of int to Fuel
        By region: what ignites.
    """

    keeps = True

    def __init__(
        self, grid: Grid, rates: Mapping[int, Sequence[tuple[float, float]]], fuels: Mapping[int, Fuel] | None = None
    ) -> None:
        self.rates = {region: tuple((float(t), float(p)) for t, p in rows) for region, rows in rates.items()}
        self.fuels = dict(fuels or {})
        self.events = tuple(sorted({t for rows in self.rates.values() for t, _ in rows if t > 0.0}))
        self._grid, self._region = grid, grid.region
        self._volume = {region: grid.region_volume(region) for region in self.rates}
        self._held: tuple[float, ...] | None = None
        self._field: Array = np.zeros(())

    @classmethod
    def of(cls, grid: Grid, materials: Sequence[object]) -> HeatRelease | None:
        """Return the release of the materials of a grid's regions, or None where none burns."""
        moulds = {region: material for region, material in enumerate(materials) if isinstance(material, MouldMaterial)}
        found = {region: Fuel.of(material) for region, material in moulds.items()}
        fuels = {region: fuel for region, fuel in found.items() if fuel is not None}
        rates = {r: m.release_rates() for r, m in moulds.items() if r not in fuels and m.release_rates()}
        return cls(grid, rates, fuels) if rates or fuels else None

    def where_hot(self) -> HeatRelease | None:
        """Return the release of what ignites alone, or None where nothing does."""
        return HeatRelease(self._grid, {}, self.fuels) if self.fuels else None

    def __call__(self, time: float) -> Array:
        powers = tuple(_power(rows, time) for rows in self.rates.values())
        if powers != self._held:
            # The same field is handed out until the power changes, so that a solver can see that it has it already.
            field = np.zeros(self._region.shape if any(powers) else ())
            for region, power in zip(self.rates, powers, strict=True):
                if power:
                    field[self._region == region] = power
            self._held, self._field = powers, field
        return self._field

    def heat_until(self, time: ArrayLike) -> Any:
        """Return the heat (J) set free by the clock from the pour until a time (s)."""
        t = np.asarray(time, dtype=np.float64)
        total = np.zeros(t.shape)
        for region, rows in self.rates.items():
            starts, powers = np.array(rows).T
            ends = np.append(starts[1:], np.inf)
            for start, end, power in zip(starts, ends, powers, strict=True):
                if power:
                    total += self._volume[region] * power * np.clip(t - start, 0.0, end - start)
        return float(total) if t.ndim == 0 else total

    def memory(self) -> list[Any]:
        """Return all that tells this release from another."""
        fuels = [(r, f.ignition, f.heat, f.times, f.shares) for r, f in sorted(self.fuels.items())]
        return [*sorted(self.rates.items()), *fuels]


def coarse_for_flame(materials: Sequence[object], voxel: float) -> list[str]:
    """Say of each burning material whose flame the voxels (m) are too coarse for how small they should be."""
    told = []
    for material in materials:
        fuel = Fuel.of(material) if isinstance(material, MouldMaterial) else None
        if fuel is None or not isinstance(material, MouldMaterial):
            continue
        capacity = material.density.value * float(material.specific_heat.at(fuel.ignition))
        enough = _FLAME * math.sqrt(float(material.conductivity.at(fuel.ignition)) / capacity * fuel.duration)
        if voxel > enough:
            told.append(
                f"voxels of {1e3 * voxel:.3g} mm are coarse for the flame in {material.name}, of whose profile they see nothing; "
                f"use voxel <= {1e3 * enough:.2g} mm, or let it burn by the clock (burns_after)"
            )
    return list(dict.fromkeys(told))


def _power(rows: Sequence[tuple[float, float]], time: float) -> float:
    found = 0.0
    for start, power in rows:
        if time < start:
            break
        found = power
    return found
