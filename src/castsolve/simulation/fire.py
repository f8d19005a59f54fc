"""What burns where it gets hot, during a run: a front that eats through every voxel of fuel, and the heat it has set free."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .release import Fuel

if TYPE_CHECKING:
    from .heat_problem import HeatProblem

__all__ = ["Burnt", "Fire", "hotter_share"]

Array = NDArray[Any]

# Longest step while something burns, as a part of the shortest burning time. A flame through a row of voxels then moves 1 % slower
# than the exact one (tests/verification/test_flames.py), with steps of a tenth 2 %, of a fiftieth 0.5 %.
_STEP = 0.05

# Equal parts of every voxel that ignite one after the other.
_PARTS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Burnt:
    """How far what burns has come, where a run ends or before another begins.

    Attributes
    ----------
    voxels : ndarray of int64, shape (n,)
        Those of the fuel, flat, on the grid.
    ignited : ndarray, shape (n, 8)
        Time (s) at which each part ignited, below 0 where it did before the run; NaN where it has not.
    share : ndarray, shape (n,)
        Share of its heat that each voxel has set free.
    hot : ndarray, shape (n,)
        Largest share of it that was hotter than the ignition temperature.
    """

    voxels: Array
    ignited: Array
    share: Array
    hot: Array


class Fire:
    """The fuel voxels of one run: when each part of them ignited, and how much of its heat it has set free.

    A voxel is lit in part: as much of it as is hotter than the ignition temperature, by a profile that has the voxel's mean and the
    temperatures of its faces (`hotter_share`). Of its equal parts each ignites when that share passes the part's middle, at the
    time between two steps that is in proportion; what is lit stays lit.
    In a step every voxel then has the constant power that brings what its parts have set free to their curve at the end of that
    step, so the heat in the books is that of the data to rounding, with steps of any length; the time of the heat is known to a
    step.

    Parameters
    ----------
    fuels : mapping of int to Fuel
        By region.
    problem : HeatProblem
    reference : ndarray
        Enthalpy (J/m3) of every region that the fields of the run count from.
    H : ndarray, shape (nx, ny, nzp)
        The field at the start, relative to it.
    arrays : mapping of str to ndarray
        The sweep's: its walls as they are now, and their distances, which are written.
    before : Burnt, optional
        How far it had come before the run. Default: what is hot enough at the start is lit by it.
    """

    def __init__(
        self, fuels: Mapping[int, Fuel], problem: HeatProblem, reference: Array, H: Array, arrays: Mapping[str, Array],
        before: Burnt | None = None,
    ) -> None:  # fmt: skip
        grid = problem.rows
        regions = sorted(fuels)
        self._fuels = [fuels[r] for r in regions]
        i, j, k = np.nonzero(np.isin(grid.region, regions))
        self.shape = grid.shape
        self.voxels = np.ravel_multi_index((i, j, k), grid.shape)
        self._at = (i * H.shape[1] + j) * H.shape[2] + k
        self._fuel = np.searchsorted(regions, grid.region[i, j, k])
        self._volume = grid.volumes()[i, j, k]
        self._heat = np.array([f.heat for f in self._fuels])[self._fuel]
        self._limit = np.array([f.ignition for f in self._fuels])[self._fuel]
        self._sides = _Sides(problem, reference, self.voxels, arrays)
        flat = problem.in_rows(np.arange(grid.region.size).reshape(problem.grid.shape)).reshape(-1)
        self._on_grid = flat[self.voxels]
        if before is None:
            self.ignited = np.full((len(i), _PARTS), np.nan)
            self.share, self.hot = np.zeros(len(i)), np.zeros(len(i))
            at_once = self._sides.look(H)[0] >= self._limit
            self.hot[at_once], self.ignited[at_once] = 1.0, 0.0
        else:
            order = np.argsort(before.voxels)
            at = order[np.searchsorted(before.voxels, self._on_grid, sorter=order)]
            self.ignited, self.share, self.hot = before.ignited[at].copy(), before.share[at].copy(), before.hot[at].copy()
        self._due = self._before = self.share

    @property
    def longest_step(self) -> float:
        """Longest step (s) that tells its burning apart: a part of the shortest burning time while something burns."""
        burning = np.isfinite(self.ignited[:, 0]) & (self.share < 1.0)
        alight = np.unique(self._fuel[burning])
        return _STEP * min((self._fuels[n].duration for n in alight), default=math.inf)

    def set_ways(self, H: Array, *, anew: bool) -> None:
        """Write how far the means of the fuel voxels stand behind their walls for the conductivities on the way.

        With `anew` the distances that hold now are those that something else has just written, else those of the start.
        """
        self._sides.set_ways(H, anew=anew)

    def stoke(self, start: float, end: float, power: Array) -> None:
        """Add the power (W/m3) of a step from `start` to `end` (s) to a padded field."""
        # Between two voxel sizes a voxel may have been given more than its own parts have set free: none of it is taken back.
        self._due = np.maximum(self.shares_at(end), self.share)
        power.reshape(-1)[self._at] += self._heat * (self._due - self.share) / (end - start)

    def shares_at(self, time: float) -> Array:
        """Return the share of its heat that each voxel has set free by a time (s), of what is lit now."""
        shares = np.zeros(self.ignited.shape)
        for n, fuel in enumerate(self._fuels):
            lit = (self._fuel == n)[:, None] & np.isfinite(self.ignited)
            shares[lit] = fuel.share(time - self.ignited[lit])
        return np.asarray(shares.mean(axis=1))

    def look(self, start: float, end: float, H: Array) -> None:
        """Book a finished step and light what got hot in it."""
        self.share = self._due
        mean, hot, cold = self._sides.look(H)
        now = np.maximum(hotter_share(mean, hot, cold, self._limit), self.hot)
        for part in range(_PARTS):
            middle = (part + 0.5) / _PARTS
            fresh = np.isnan(self.ignited[:, part]) & (now >= middle)
            passed = (middle - self.hot[fresh]) / (now[fresh] - self.hot[fresh])
            self.ignited[fresh, part] = start + passed * (end - start)
        self.hot = now

    @property
    def heat(self) -> float:
        """Heat set free in this run so far (J)."""
        return float((self._volume * self._heat * (self.share - self._before)).sum())

    @property
    def unlit(self) -> float:
        """Share of all fuel, by heat, that has not ignited."""
        whole = self._volume * self._heat
        return float((whole * np.isnan(self.ignited).mean(axis=1)).sum() / whole.sum()) if len(whole) else 0.0

    def ignition_time(self) -> Array:
        """Return when the middle of each voxel of the grid ignited (s), shape (nx, ny, nz); NaN where it has not, or cannot."""
        field = np.full(self.shape, np.nan, np.float32)
        field.reshape(-1)[self.voxels] = self.ignited[:, _PARTS // 2]
        return field

    def burnt(self) -> Burnt:
        """Return how far it has come, for a run that goes on from here."""
        return Burnt(self._on_grid, self.ignited, self.share, self.hot)

    def state(self) -> dict[str, Array]:
        """Return what a checkpoint must hold."""
        return {"fire_ignited": self.ignited, "fire_share": self.share, "fire_hot": self.hot}

    def recall(self, state: Mapping[str, Any]) -> None:
        """Take up a checkpoint's state."""
        self.ignited, self.share = np.array(state["fire_ignited"]), np.array(state["fire_share"])
        self.hot = np.array(state["fire_hot"])


def hotter_share(mean: ArrayLike, hot: ArrayLike, cold: ArrayLike, limit: ArrayLike) -> Array:
    """Return which share of voxels is hotter than a limit, by a profile that falls from a hot to a cold end and has their mean.

    The profile is the parabola through the three where that falls all the way. Else it falls to the cold end within a part of the
    voxel, or stays hot over a part of it: a parabola that ends level, as in the layer that heat has reached (`MouldLayer`).

    Parameters
    ----------
    mean, hot, cold : array_like
        Temperatures (K), hot >= mean >= cold.
    limit : array_like
        K.
    """
    mean, hot, cold, limit = np.broadcast_arrays(*(np.asarray(x, float) for x in (mean, hot, cold, limit)))
    rise = hot - cold
    steep = rise > 1e-6
    level = np.clip(np.divide(limit - cold, rise, out=np.zeros_like(rise), where=steep), 0.0, 1.0)
    m = np.clip(np.divide(mean - cold, rise, out=np.full_like(rise, 0.5), where=steep), 0.0, 1.0)
    # T = cold + rise (w u^2 + (1 - w) u) with u = 1 at the hot end; w = 1 and -1 end level at the cold and at the hot end.
    w = np.clip(3.0 - 6.0 * m, -1.0, 1.0)
    root = np.sqrt(np.maximum((1.0 - w) ** 2 + 4.0 * w * level, 0.0))
    whole = 1.0 - np.divide(2.0 * level, 1.0 - w + root, out=np.zeros_like(rise), where=level > 0.0)
    thin = 3.0 * m * (1.0 - np.sqrt(level))
    thick = 1.0 - 3.0 * (1.0 - m) * (1.0 - np.sqrt(1.0 - level))
    share = np.where(m < 1.0 / 3.0, thin, np.where(m > 2.0 / 3.0, thick, whole))
    share = np.where(limit <= cold, 1.0, np.where(limit >= hot, 0.0, share))
    return np.asarray(np.where(steep, share, mean >= limit))


class _Sides:
    """What fuel voxels have on their sides, and the temperatures there.

    A face to fuel of the same region has the temperature between the two centres; a wall that which the heat through it leaves
    behind the resistances on both sides.

    Parameters
    ----------
    problem : HeatProblem
    reference : ndarray
        As of `Fire`.
    voxels : ndarray
        The fuel voxels, flat, rising.
    arrays : mapping of str to ndarray
        As of `Fire`.
    """

    def __init__(self, problem: HeatProblem, reference: Array, voxels: Array, arrays: Mapping[str, Array]) -> None:
        grid, cut = problem.rows, problem.cut
        nz, nzp = grid.shape[2], problem.open.shape[2]
        flat = grid.region.reshape(-1)
        self._curves, self._reference = problem.materials, reference
        self._arrays, self._contacts = arrays, problem.contacts.arrays
        n = len(voxels)
        self._region, self._at = flat[voxels], voxels // nz * nzp + voxels % nz
        stride = (grid.shape[1] * nz, nz, 1)
        # The fuel voxel behind and ahead of each along every axis, itself where there is none; and its weight in their face.
        self._beside = np.tile(np.arange(n), (3, 2, 1))
        self._weight = np.zeros((3, 2, n))
        place = np.unravel_index(voxels, grid.shape)
        open_ = problem.open.reshape(-1)[self._at]
        for axis in range(3):
            width = grid.widths(axis)
            low = np.flatnonzero(open_ & (1 << axis))
            high = np.searchsorted(voxels, voxels[low] + stride[axis])
            a, b = width[place[axis][low]], width[place[axis][high]]
            self._beside[axis, 1, low], self._weight[axis, 1, low] = high, a / (a + b)
            self._beside[axis, 0, high], self._weight[axis, 0, high] = low, b / (a + b)
        # Walls with fuel on their low side, then those with fuel on their high side.
        ends = (cut.voxel[cut.low], cut.voxel[cut.high])
        burns = np.isin(flat, np.unique(self._region))
        faces = [np.flatnonzero(burns[end]) for end in ends]
        self._face, self._lows = np.concatenate(faces), len(faces[0])
        self._wall_of = np.searchsorted(voxels, np.concatenate([ends[0][faces[0]], ends[1][faces[1]]]))
        other = np.concatenate([ends[1][faces[0]], ends[0][faces[1]]])
        self._other_region, self._other_at = flat[other], other // nz * nzp + other % nz
        # The region by whose temperature a contact is known: the fuel's or the other.
        second = (self._arrays["face_kind"][self._face] & 1).astype(bool)
        self._known_by_fuel = np.where(np.arange(len(second)) < self._lows, ~second, second)
        self._plain = self._ways()
        self._potentials = {int(r): _potential(problem.materials[r]) for r in np.unique(self._region)}

    def _ways(self) -> Array:
        """Return the distances (m) from the walls on the side of the fuel."""
        low, high = self._arrays["face_low"], self._arrays["face_high"]
        return np.concatenate([low[self._face[: self._lows]], high[self._face[self._lows :]]]).astype(float)

    def _other_ways(self) -> Array:
        low, high = self._arrays["face_low"], self._arrays["face_high"]
        return np.concatenate([high[self._face[: self._lows]], low[self._face[self._lows :]]]).astype(float)

    def _states(self, H: Array, at: Array, region: Array) -> tuple[Array, Array]:
        """Return temperature (K) and conductivity (W/m/K) of some voxels."""
        h = H.reshape(-1)[at].astype(float) + self._reference[region]
        T, k = np.empty_like(h), np.empty_like(h)
        for r in np.unique(region):
            mine = region == r
            T[mine], k[mine] = self._curves[r].temperature_at(h[mine]), self._curves[r].conductivity_at(h[mine])
        return T, k

    def _at_walls(self, T: Array, k: Array, H: Array, ways: Array) -> Array:
        """Return the temperature (K) of the fuel at each of its walls."""
        mine, k_mine = T[self._wall_of], k[self._wall_of]
        other, k_other = self._states(H, self._other_at, self._other_region)
        own = ways / k_mine
        beyond = self._resistance(np.where(self._known_by_fuel, mine, other)) + self._other_ways() / k_other
        return mine + (other - mine) * np.divide(own, own + beyond, out=np.zeros_like(own), where=own + beyond > 0.0)

    def _resistance(self, T: Array) -> Array:
        """Return the resistance (m2 K/W) of the contact at each wall."""
        c, contact = self._contacts, self._arrays["face_kind"][self._face] >> 1
        first, last = c["contact_row"][contact], c["contact_row"][contact + 1] - 1
        p = np.clip((T - c["contact_T0"][contact]) * c["contact_inv"][contact], 0.0, last - first)
        lower = np.minimum(p.astype(np.int64), np.maximum(last - first - 1, 0))
        table = c["contact_resistance"].astype(float)
        at = first + lower
        return np.asarray(table[at] + (p - lower) * (table[np.minimum(at + 1, last)] - table[at]))

    def set_ways(self, H: Array, *, anew: bool) -> None:
        """Write the distances of the walls; see `Fire.set_ways`."""
        plain = self._ways() if anew else self._plain
        T, k = self._states(H, self._at, self._region)
        ways = plain
        for _ in range(2):
            wall = self._at_walls(T, k, H, ways)
            mine = T[self._wall_of]
            mean = k[self._wall_of].copy()
            for r, (nodes, potential) in self._potentials.items():
                far = (self._region[self._wall_of] == r) & (np.abs(wall - mine) > 1e-3)
                way = np.interp(wall[far], nodes, potential) - np.interp(mine[far], nodes, potential)
                mean[far] = way / (wall[far] - mine[far])
            # The sweep reads the conductivity at the mean; on the way to a hot wall it is another.
            ways = plain * k[self._wall_of] / mean
        self._arrays["face_low"][self._face[: self._lows]] = ways[: self._lows]
        self._arrays["face_high"][self._face[self._lows :]] = ways[self._lows :]

    def look(self, H: Array) -> tuple[Array, Array, Array]:
        """Return mean, hottest and coldest temperature (K) of every fuel voxel."""
        T, k = self._states(H, self._at, self._region)
        above, below = np.zeros_like(T), np.zeros_like(T)
        for beside, weight in zip(self._beside, self._weight, strict=True):
            away = weight * (T[beside] - T)
            # A slope askew to the grid reaches as far as its parts along the axes taken together.
            above += np.maximum(away, 0.0).max(axis=0) ** 2
            below += np.minimum(away, 0.0).min(axis=0) ** 2
        above, below = np.sqrt(above), np.sqrt(below)
        walls = self._at_walls(T, k, H, self._ways()) - T[self._wall_of]
        # Where no metal has come yet, or none is left, nothing lies behind the wall.
        walls[self._arrays["face_area"][self._face] <= 0.0] = 0.0
        np.maximum.at(above, self._wall_of, walls)
        np.maximum.at(below, self._wall_of, -walls)
        # With no way out on the other side the profile ends level there.
        hot = T + np.where((above == 0.0) & (below > 0.0), 0.5 * below, above)
        cold = T - np.where((below == 0.0) & (above > 0.0), 0.5 * above, below)
        return T, hot, cold


def _potential(curve: Any) -> tuple[Array, Array]:
    """Return temperatures (K), rising, far beyond both ends of the curve, and the integral of the conductivity up to each (W/m)."""
    T, k = np.asarray(curve.temperature, float), np.asarray(curve.conductivity, float)
    T, k = np.concatenate([[0.0], T, [1e4]]), np.concatenate([k[:1], k, k[-1:]])
    return T, np.concatenate([[0.0], np.cumsum(0.5 * (k[1:] + k[:-1]) * np.diff(T))])
