"""Heat that materials set free over time, such as exothermic sleeves: the source of a heat problem.

A material with an ignition temperature burns voxel by voxel, each from the moment at which it got that hot; one without burns by
the clock, all of it at once from the pour on.
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
from ..materials import HeatCurve, MouldMaterial

__all__ = ["Fire", "Fuel", "HeatRelease", "coarse_for_flame"]

Array = NDArray[Any]

# Longest step while something burns, as a part of the shortest burning time. A flame through a row of voxels then moves 1 % slower
# than the exact one (tests/verification/test_flames.py), with steps of a tenth 2 %, of a fiftieth 0.5 %.
_STEP = 0.05

# Longest edge of a voxel over the root of diffusivity and burning time. A voxel ignites by its mean temperature, so the first one
# beside the metal is late: through 16 mm of sleeve half of the heat comes 4 % late beside steel and 20 % beside aluminium at
# this edge, 1 and 6 % at half of it (docs/theory/heat.md).
_FLAME = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Fuel:
    """What burns where it gets hot.

    Parameters
    ----------
    ignition : float
        Temperature (K) at which a voxel ignites.
    heat : float
        Heat (J/m3) that it sets free.
    times, shares : tuple of float
        Share of that heat set free, rising from 0 to 1, against the time (s) since the voxel ignited.
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
        self._region = grid.region
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


class Fire:
    """The fuel voxels of one run: when each ignited, and how much of its heat it has set free.

    A voxel ignites when its enthalpy passes that of the ignition temperature, at the time between two steps that is in
    proportion.
    In a step it then has the constant power that brings what it has set free to its curve at the end of that step, so the heat
    in the books is that of the data to rounding, with steps of any length; the time of the heat is known to a step.

    Parameters
    ----------
    fuels : mapping of int to Fuel
        By region.
    grid : Grid
        In the order of axes in which the run holds its fields.
    curves : sequence of HeatCurve
        Of all regions.
    reference : ndarray
        Enthalpy (J/m3) of every region that the fields of the run count from.
    H : ndarray, shape (nx, ny, nzp)
        The field at the start, relative to it.
    """

    def __init__(self, fuels: Mapping[int, Fuel], grid: Grid, curves: Sequence[HeatCurve], reference: Array, H: Array) -> None:
        regions = sorted(fuels)
        self._fuels = [fuels[r] for r in regions]
        i, j, k = np.nonzero(np.isin(grid.region, regions))
        self.shape = grid.shape
        self.voxels = np.ravel_multi_index((i, j, k), grid.shape)
        self._at = (i * H.shape[1] + j) * H.shape[2] + k
        self._fuel = np.searchsorted(regions, grid.region[i, j, k])
        self._volume = grid.volumes()[i, j, k]
        limits = [float(curves[r].at_temperature(fuels[r].ignition)) - reference[r] for r in regions]
        self._limit = np.array(limits)[self._fuel]
        self._heat = np.array([f.heat for f in self._fuels])[self._fuel]
        self.ignited = np.full(len(i), np.nan)
        self.share = np.zeros(len(i))
        self._due = self.share
        self._before = self._enthalpy(H)
        self.ignited[self._before >= self._limit] = 0.0

    def _enthalpy(self, H: Array) -> Array:
        return H.reshape(-1)[self._at].astype(np.float64)

    @property
    def longest_step(self) -> float:
        """Longest step (s) that tells its burning apart: a part of the shortest burning time while something burns."""
        burning = np.isfinite(self.ignited) & (self.share < 1.0)
        alight = np.unique(self._fuel[burning])
        return _STEP * min((self._fuels[n].duration for n in alight), default=math.inf)

    def stoke(self, start: float, end: float, power: Array) -> None:
        """Add the power (W/m3) of a step from `start` to `end` (s) to a padded field."""
        self._due = self.share.copy()
        for n, fuel in enumerate(self._fuels):
            lit = (self._fuel == n) & np.isfinite(self.ignited)
            self._due[lit] = fuel.share(end - self.ignited[lit])
        power.reshape(-1)[self._at] += self._heat * (self._due - self.share) / (end - start)

    def look(self, start: float, end: float, H: Array) -> None:
        """Book a finished step and light what got hot in it."""
        self.share = self._due
        now = self._enthalpy(H)
        fresh = np.isnan(self.ignited) & (now >= self._limit)
        rise = now[fresh] - self._before[fresh]
        part = np.clip((self._limit[fresh] - self._before[fresh]) / rise, 0.0, 1.0)
        self.ignited[fresh] = start + part * (end - start)
        self._before = now

    @property
    def heat(self) -> float:
        """Heat set free so far (J)."""
        return float((self._volume * self._heat * self.share).sum())

    @property
    def unlit(self) -> float:
        """Share of all fuel, by heat, that has not ignited."""
        whole = self._volume * self._heat
        return float(whole[np.isnan(self.ignited)].sum() / whole.sum()) if len(whole) else 0.0

    def ignition_time(self) -> Array:
        """Return when each voxel of the grid ignited (s), shape (nx, ny, nz); NaN where it has not, or cannot."""
        field = np.full(self.shape, np.nan, np.float32)
        field.reshape(-1)[self.voxels] = self.ignited
        return field

    def state(self) -> dict[str, Array]:
        """Return what a checkpoint must hold."""
        return {"fire_ignited": self.ignited, "fire_share": self.share}

    def recall(self, state: Mapping[str, Any]) -> None:
        """Take up a checkpoint's state."""
        self.ignited, self.share = np.array(state["fire_ignited"]), np.array(state["fire_share"])


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
                f"voxels of {1e3 * voxel:.3g} mm are coarse for the flame in {material.name}, which ignites late in them, or not "
                f"at all beside aluminium; use voxel <= {1e3 * enough:.2g} mm, or let it burn by the clock (burns_after)"
            )
    return list(dict.fromkeys(told))


def _power(rows: Sequence[tuple[float, float]], time: float) -> float:
    found = 0.0
    for start, power in rows:
        if time < start:
            break
        found = power
    return found
