"""Foresight: a copper chill no longer sets the stable step of all that freezes.

The stages of a step are as many as its most conducting voxel asks for, and copper conducts heat far better than the metal beside
it, all the more while that is mushy; but a chill is few voxels. Its fluxes are therefore not taken at its state but at the mean of
its states over the next moment, by conduction within the chill alone::

    dT/dt = A T   becomes   dT/dt = A B T,     B = sum_j s_j Y_j,  Y_0 = 1,  Y_j = (1 + t_j A_c) Y_(j-1),  s_j = t_(j+1) / t

with A_c the conduction between the chill's voxels and t = t_1 + ... + t_n. A mode of A_c that decays at the rate r then decays at
(1 - P(r)) / t, P = (1 - t_1 r) ... (1 - t_n r): the mean over a moment t of what n explicit steps would do. The slow modes, which
carry the heat, keep their rate but for r t / 2, some hundredths for the slowest one within a chill, whose own resistance is a small
share of that of its wall; the fastest, which are gone long before anything is seen of them, are slowed down to 1/t. The steps t_j
are those of super-time-stepping, whose sum grows as n^2 (the last of them is never taken, only its share counts). Fluxes are still
shared by both sides of a face, so heat is kept to rounding.

A and A_c are symmetric with the heat capacities as weights, and B, a positive function of A_c, is too: A B has the real, negative
modes of B^(1/2) A B^(1/2). Its largest rate is at most that of the chill's modes, or of all else, and what the walls of the chill
add.

References
----------
Alexiades, Amiez, Gremaud (1996), Super-time-stepping acceleration of explicit schemes for parabolic problems, Commun. Numer.
Methods Eng. 12, 31-42: the steps t_j.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .sweep_arrays import Narrowed

if TYPE_CHECKING:
    from .heat_problem import HeatProblem

__all__ = ["Foresight", "Moment", "places_ahead"]

Array = NDArray[Any]

# Most states that a mean is taken of, and the damping of their steps: how much of 1 - P is left of every fast mode.
_MOST, _DAMPING = 4, 0.05
# Regions that are faster than what is watched by more than this are foreseen.
_FASTER = 1.1
# What a state ahead costs a voxel, and a sweep one of the metal, over a sweep of one of the mould (measured); more than so many
# foreseen voxels over those of the metal are never worth it.
_COST, _METAL, _FEW = 3.0, 8.0, 1.0
# Voxels in a piece of the lists; see `_heat.h`.
_PIECE = 8


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """The moment over which states are foreseen.

    Attributes
    ----------
    steps : ndarray
        Explicit steps t_1 ... t_(n-1) (s) that are taken; none: nothing is foreseen.
    shares : ndarray
        Share of every state in the mean, one more than of steps.
    slowest : float
        Largest rate (1/s) that is left of the modes.
    """

    steps: Array
    shares: Array
    slowest: float

    @classmethod
    def of(cls, states: int, rate: float) -> Moment:
        """Return the moment of so many states, for voxels whose temperature changes at a rate (1/s) at most."""
        j = np.arange(1, states + 1)
        steps = np.sort(1.0 / (rate * ((_DAMPING - 1.0) * np.cos((2 * j - 1) * math.pi / (2 * states)) + 1.0 + _DAMPING)))
        length = float(steps.sum())
        # A rate of one voxel r means modes up to 2 r.
        modes = np.linspace(0.0, 2.0 * rate, 4001)[:, None]
        left = (1.0 - np.prod(1.0 - steps * modes, axis=1)) / length
        return cls(steps[:-1], steps / length, 0.5 * float(left.max()) if states > 1 else rate)


class Foresight:
    """The voxels that are foreseen, run after run along the rows, and the largest rate that is left.

    Attributes
    ----------
    arrays : dict
        ahead_at, ahead_place, ahead_region, ahead_inverse, ahead_low, ahead_high, ahead_P, ahead_Y, ahead_D, beside_row,
        beside_own, beside_other, beside_count, beside_weight: see `_heat.h` and `_rows_foresee.h`.
    moment : Moment
        Of the step at hand.
    """

    def __init__(self, problem: HeatProblem, foreseen: Array, nzp: int) -> None:
        grid, self._stable, cut = problem.rows, problem.stable, problem.cut
        stable, nz = self._stable, grid.shape[2]
        voxel = np.flatnonzero(foreseen)
        row, k = voxel // nz, voxel % nz
        region = grid.region.reshape(-1)[voxel]
        new = np.append(True, (np.diff(voxel) != 1) | (np.diff(row) != 0) | (np.diff(region.astype(int)) != 0))
        first, run = np.flatnonzero(new), np.cumsum(new) - 1
        inside = foreseen.reshape(-1)[cut.voxel]
        self._cut = np.flatnonzero(inside)
        place = np.searchsorted(voxel, cut.voxel[self._cut])
        inverse = np.ones(len(voxel))
        inverse[place] = cut.arrays["cut_inv_volume"][self._cut]
        diffusivity = 0.5 / stable.half_resistivity[region] / stable.heat_capacity[region]
        rate, outside, pairs = np.zeros(len(voxel)), np.zeros(len(voxel)), []
        count = np.diff(np.append(first, len(voxel)))
        begin = _PIECE + _PIECE * np.append(0, np.cumsum(-(-count // _PIECE)))
        place_of = np.repeat(begin[:-1] - first, count) + np.arange(len(voxel))
        ends: list[Array] = [np.zeros(len(voxel)), np.zeros(len(voxel))]
        at = np.unravel_index(voxel, foreseen.shape)
        for axis in range(3):
            a, b = _neighbours(voxel, foreseen.shape, axis)
            joined = (problem.open[tuple(i[a] for i in at)] & (1 << axis)) > 0
            a, b = a[joined], b[joined]
            width = grid.widths(axis)[at[axis]]
            for side, end in zip(problem.sides[2 * axis : 2 * axis + 2], (0, foreseen.shape[axis] - 1), strict=True):
                if side.largest_conductance > 0.0:
                    way = width * stable.half_resistivity[region] + 1.0 / side.largest_conductance
                    outside += (at[axis] == end) * inverse / (way * width * stable.heat_capacity[region])
            apart = 0.5 * (width[a] + width[b])
            for own, other, end in ((a, b, 1), (b, a, 0)):
                weight = 1.0 / (apart * width[own])
                rate += np.bincount(own, weight * diffusivity[own] * inverse[own], len(voxel))
                if axis < 2:
                    pairs.append((own, other, weight))
                else:
                    ends[end][own] = weight
        self._rate, self._within = float(rate.max(initial=0.0)), rate[place]
        real = problem.real

        def listed(values: Array) -> Array:
            kept = np.zeros(begin[-1] + 2 * _PIECE, real)
            kept[place_of] = values
            return kept

        self.arrays: dict[str, Array] = {
            "ahead_at": (row * nzp + k)[first].astype(np.int64), "ahead_place": begin.astype(np.int32),
            "ahead_region": region[first].astype(np.uint8),
            "ahead_inverse": listed(inverse), "ahead_low": listed(ends[0]), "ahead_high": listed(ends[1]),
            **{f"ahead_{name}": listed(np.zeros(len(voxel))) for name in "PYD"},
            **_stretches(pairs, run, place_of, begin, real),
        }  # fmt: skip
        self._others = np.setdiff1d(np.arange(len(stable.by_region)), region)
        self._elsewhere = ~inside
        # Outer sides heat and cool what is foreseen like walls.
        self._sides = float(outside.max(initial=0.0))
        metal = np.count_nonzero(grid.region == problem.watch.region) if problem.watch is not None else 0
        self._cost = _COST * len(voxel) / (_METAL * (len(voxel) + metal))
        self._moments = [Moment.of(states, self._rate) for states in range(1, _MOST + 1)]
        self.moment = self._moments[0]

    @classmethod
    def of(cls, problem: HeatProblem, nzp: int) -> Foresight | None:
        """Return what of a problem is foreseen, or None where all is slower than what is watched; `nzp` voxels are a padded row."""
        watch, stable = problem.watch, problem.stable
        if watch is None:
            return None
        limit = _FASTER * stable.by_region[watch.region]
        foreseen = np.zeros(problem.rows.shape, bool)
        for region in np.flatnonzero(stable.by_region > limit):  # as a table it would be looked up by numbers of eight bytes
            foreseen |= problem.rows.region == region
        few = np.count_nonzero(foreseen)
        if few == 0 or few > _FEW * np.count_nonzero(problem.rows.region == watch.region):
            return None
        return cls(problem, foreseen, nzp)

    def explicit(self, least: Array, narrowed: Narrowed | None = None) -> float:
        """Return the largest stable explicit step (s) for the smallest resistance of every contact, and choose its moment."""
        stable = self._stable
        walls = stable.at_walls(least, narrowed)
        mine = max(float((walls[self._cut] - self._within).max(initial=0.0)), self._sides)
        elsewhere = float(walls[self._elsewhere].max(initial=0.0))
        others = max(elsewhere, float(stable.rates(narrowed)[self._others].max(initial=0.0)))
        beside = float(stable.walls_to(least, ~self._elsewhere)[self._elsewhere].max(initial=0.0))
        between = 0.5 * (mine + max(mine, beside))
        plain = 1.0 / stable.explicit(least, narrowed)
        found = [(math.sqrt(plain), plain, self._moments[0])]
        for moment in self._moments[1:]:
            left = max(moment.slowest, others) + between
            # As many stages as the root of the largest rate, each with as many states ahead.
            found.append((math.sqrt(left) * (1.0 + self._cost * len(moment.steps)), left, moment))
        _, left, self.moment = min(found, key=lambda one: one[0])
        return 1.0 / left


def _neighbours(voxel: Array, shape: tuple[int, ...], axis: int) -> tuple[Array, Array]:
    """Return where the low and the high voxel of every pair of neighbours along an axis stand in a rising list of flat numbers."""
    step = math.prod(shape[axis + 1 :])
    place = np.searchsorted(voxel, voxel + step)
    found = np.append(voxel, -1)[place] == voxel + step
    low = np.flatnonzero(found & (voxel // step % shape[axis] < shape[axis] - 1))
    return low, place[low]


def _stretches(
    pairs: list[tuple[Array, Array, Array]], run: Array, place: Array, begin: Array, real: Any
) -> dict[str, Array]:
    """Return the stretches along the rows in which voxels lie beside each other, by the run of their own voxels."""
    own, other, weight = (np.concatenate([found[n] for found in pairs]) for n in range(3))
    side = np.repeat(np.arange(len(pairs)), [len(found[0]) for found in pairs])
    order = np.lexsort((own, side, run[own]))
    own, other, weight, side = own[order], other[order], weight[order], side[order]
    of = run[own]
    new = np.ones(len(own), bool)
    new[1:] = (np.diff(own) != 1) | (np.diff(other) != 1) | (np.diff(side) != 0) | (np.diff(of) != 0) | (np.diff(run[other]) != 0)
    first = np.flatnonzero(new)
    count = np.diff(np.append(first, len(own)))
    # One that ends with its run also takes what fills the last piece, which then is a whole one.
    last = own[first] + count - 1
    final = np.append(run[1:] != run[:-1], True)[last]
    count = np.where(final, begin[of[first] + 1] - place[own[first]], count)
    return {
        "beside_row": np.searchsorted(of[first], np.arange(len(begin))).astype(np.int32),
        "beside_own": place[own[first]].astype(np.int32), "beside_other": place[other[first]].astype(np.int32),
        "beside_count": count.astype(np.int32), "beside_weight": weight[first].astype(real),
    }  # fmt: skip


def places_ahead(runs: Mapping[str, Array], ahead: Mapping[str, Array], nzp: int) -> Array:
    """Return where the first voxel of every run along the rows stands in the lists of what is foreseen, or -1."""
    at = np.repeat(np.arange(len(runs["run_row"]) - 1), np.diff(runs["run_row"])) * nzp + runs["run_start"]
    number = np.minimum(np.searchsorted(ahead["ahead_at"], at), len(ahead["ahead_at"]) - 1)
    return np.where(ahead["ahead_at"][number] == at, ahead["ahead_place"][number], -1).astype(np.int64)
