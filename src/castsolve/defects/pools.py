"""Isolated pools: liquid that lost its link to a riser before it was solid.

Run backwards, freezing is a rising tide: the metal that is feedable at a time forms pools, the pools grow and join
at necks as the clock goes back. A pool that joins a fed one was cut off at that moment, at that neck.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..results import Results
from .merge_tree import MergeTree, Roots, merge_tree
from .reading import Metal, fact, metal_of, times_without_gaps

__all__ = ["Pool", "Pools", "find_pools", "isolated_pools"]

Cause = Literal["neck", "reserve", "never"]


@dataclass(frozen=True, slots=True)
class Pool:
    """One pool of liquid at the moment it was cut off.

    Attributes
    ----------
    place : tuple of float
        x, y, z in m of its last liquid: here the cavity is to be expected.
    cut_off : float
        When it lost its link to a riser, in s from the pour; 0 where it never had one.
    last_liquid : float
        When its last metal passed the macro-feeding limit, in s.
    volume, part_volume : float
        Its metal at the moment of cut-off, and the share of it in the part, in m3; mirrored shares are counted.
    cause : {"neck", "reserve", "never"}
        A neck froze; the riser metal left in the pool became less than what the pool still demands; or there was no
        riser to reach.
    neck : tuple of float or None
        Where the last link was, in m.
    neck_body : str
        Whose metal froze there.
    body, role : str
        The body that owns most of it.
    ends : tuple of places
        All places in it where liquid ends up (the first is `place`): later necks may split it again.
    voxels, occurs : int
        Voxels of its volume; how many times it is found in the whole casting.
    """

    place: tuple[float, float, float]
    cut_off: float = field(kw_only=True)
    last_liquid: float = field(kw_only=True)
    volume: float = field(kw_only=True)
    part_volume: float = field(kw_only=True)
    cause: Cause = field(kw_only=True)
    neck: tuple[float, float, float] | None = field(default=None, kw_only=True)
    neck_body: str = field(default="", kw_only=True)
    body: str = field(default="", kw_only=True)
    role: str = field(default="", kw_only=True)
    ends: tuple[tuple[float, float, float], ...] = field(default=(), kw_only=True)
    voxels: int = field(default=0, kw_only=True)
    occurs: int = field(default=1, kw_only=True)

    @property
    def in_part(self) -> bool:
        """Whether some of it lies in the part."""
        return self.part_volume > 0.0

    def __str__(self) -> str:
        x, y, z = (c * 1e3 for c in self.place)
        when = "never fed" if self.cause == "never" else f"cut off at {self.cut_off:.4g} s"
        return (
            f"pool of {self.volume * 1e6:.3g} cm3 ({self.part_volume * 1e6:.3g} cm3 in the part), {when}, "
            f"last liquid at {x:.1f}, {y:.1f}, {z:.1f} mm at {self.last_liquid:.4g} s"
        )


@dataclass(frozen=True, slots=True)
class Pools:
    """All isolated pools of a casting, largest in the part first.

    Attributes
    ----------
    rows : tuple of Pool
    left_out : int
        Pools that were left out as smaller or shallower than asked for.
    left_out_volume : float
        Their metal in m3.
    demand : float
        Share of its volume that a pool was taken to demand from a riser.
    feeders : bool
        Whether the casting has any body that is there to feed.
    unfrozen : int
        Metal voxels that had not passed the limit when the run ended.
    """

    rows: tuple[Pool, ...] = ()
    left_out: int = field(default=0, kw_only=True)
    left_out_volume: float = field(default=0.0, kw_only=True)
    demand: float = field(default=0.0, kw_only=True)
    feeders: bool = field(default=True, kw_only=True)
    unfrozen: int = field(default=0, kw_only=True)

    def __iter__(self) -> Iterator[Pool]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, n: int) -> Pool:
        return self.rows[n]

    @property
    def in_part(self) -> tuple[Pool, ...]:
        """The pools that reach into the part: these are defects; a pool inside a riser or gate is not."""
        return tuple(p for p in self.rows if p.in_part)

    def __str__(self) -> str:
        return "\n".join(map(str, self.rows)) if self.rows else "no isolated pools"


def isolated_pools(
    results: Results, *, demand: float | None = None, smallest: int = 8, prominence: float = 0.02
) -> Pools:
    """Return the pools of feedable metal that were cut off from every riser.

    Metal is feedable until it passes the alloy's macro-feeding limit ("macro_feeding_time"). A pool is what hangs
    together over voxel faces at one moment. It is fed while it holds riser metal (roles riser, basin, sprue) of at
    least `demand` times its whole volume: the shrinkage it still has to draw. The cut-off moment is the last moment
    at which it was fed; it is exact in the recorded times, no levels are quantized.

    Parameters
    ----------
    results : Results
        A run with the field "macro_feeding_time".
    demand : float, optional
        Share of its volume that a pool draws, in [0, 1). Default: the alloy's solidification shrinkage where the run
        noted it, else 0 (any riser metal in the pool feeds it).
    smallest : int, optional
        Pools of fewer voxels are left out (and counted).
    prominence : float, optional
        Pools whose last liquid freezes within this share of its time after the cut-off are left out (and counted).

    Returns
    -------
    Pools
        Largest in the part first. A casting without a riser is one pool that was never fed.

    Notes
    -----
    Heat decides alone: gravity, pressure and the level drop of a riser are not in it, so a pool above its riser counts
    as fed. The alloy's expansion by graphite is not in it either; pools of graphitic iron may feed themselves.
    """
    time, unfrozen = times_without_gaps(results, "macro_feeding_time")
    if demand is None:
        demand = max(0.0, min(0.5, float(shrinkage_of(results) or 0.0)))
    return find_pools(
        time, metal=metal_of(results), demand=demand, smallest=smallest, prominence=prominence, unfrozen=unfrozen
    )


def shrinkage_of(results: Results) -> float | None:
    """Return the alloy's solidification shrinkage (share of the volume) where the run noted it."""
    noted = fact(results, "alloy", "shrinkage")
    if isinstance(noted, dict):
        noted = noted.get("value")
    return float(noted) if isinstance(noted, (int, float)) else None


def find_pools(
    time: ArrayLike,
    *,
    metal: Metal,
    demand: float = 0.0,
    smallest: int = 8,
    prominence: float = 0.02,
    unfrozen: int = 0,
) -> Pools:
    """Return the isolated pools of a plain array of macro-feeding times (NaN where there is no metal)."""
    if not 0.0 <= demand < 1.0:
        raise InputError(f"demand = {demand:g} must belong to [0, 1); 0.05 is 5 % of the pool")
    if not 0.0 <= prominence < 1.0:
        raise InputError(f"prominence = {prominence:g} must belong to [0, 1); 0.02 is 2 %")
    tree = merge_tree(np.where(metal.mask, np.asarray(time, dtype=np.float64), np.nan), neighbours=6)
    passes, _ = tree.passes()
    sweep = _Sweep(tree, metal, demand)
    rows, left_out, lost = [], 0, 0.0
    for cut in sweep.cuts():
        voxels = sweep.liquid(cut)
        deepest = float(tree.height[tree.peak[cut.basins[0]]])
        if not len(voxels) or deepest <= cut.time:
            continue
        shallow = cut.cause != "never" and deepest - cut.time <= prominence * deepest
        if len(voxels) < smallest or shallow:
            left_out += 1
            lost += metal.whole_volume(tree.index[voxels])
            continue
        rows.append(_pool(tree, passes, metal, cut, voxels, prominence))
    rows.sort(key=lambda p: (-p.part_volume, -p.volume))
    return Pools(
        tuple(rows),
        left_out=left_out,
        left_out_volume=lost,
        demand=demand,
        feeders=metal.feeds,
        unfrozen=unfrozen,
    )


@dataclass(frozen=True, slots=True)
class _Cut:
    """Basins (eldest first) whose liquid above a level lost its link."""

    basins: list[int]
    time: float
    cause: Cause
    at: int = -1  # the voxel where it happened


class _Sweep:
    """The march backwards in time over the joins of a merge tree."""

    def __init__(self, tree: MergeTree, metal: Metal, demand: float) -> None:
        self.tree = tree
        self.demand = demand
        place = tuple(tree.index.T)
        volume = metal.volume[place]
        feeding = metal.feeding[place]
        # rows of each basin, latest first
        self.order = np.lexsort((-tree.height, tree.basin))
        self.start = np.searchsorted(tree.basin[self.order], np.arange(tree.peak.size + 1))
        self.fall = -tree.height[self.order]
        # what a voxel adds to the riser metal of its pool beyond the pool's demand
        self.surplus = (np.where(feeding, volume, 0.0) - demand * volume)[self.order]
        self.feeding = feeding[self.order]
        riser_rows = np.add.reduceat(self.feeding, self.start[:-1]) if tree.peak.size else np.zeros(0)
        b = tree.peak.size
        self.members: list[list[int]] = [[n] for n in range(b)]
        self.has_riser = (np.asarray(riser_rows) > 0).tolist()
        self.done = self.start[:-1].copy()
        self.balance = [0.0] * b
        self.riser_seen = [False] * b
        self.fed = [False] * b

    def cuts(self) -> Iterator[_Cut]:
        """Yield every loss of a link, from the latest to the earliest join."""
        roots = Roots(self.tree.peak.size)
        for (a, b), height, ends in zip(
            self.tree.joins.tolist(), self.tree.join_height.tolist(), self.tree.join_voxel.tolist(), strict=True
        ):
            a, b = roots.of(a), roots.of(b)
            yield from self._advance(a, height)
            yield from self._advance(b, height)
            if self.fed[a] != self.fed[b]:
                lost = b if self.fed[a] else a
                at = min(ends, key=lambda v: self.tree.height[v])
                yield _Cut(sorted(self.members[lost]), height, "neck", at)
            self._unite(*roots.join(a, b))
        for root in sorted({roots.of(n) for n in range(self.tree.peak.size)}):
            yield from self._advance(root, -np.inf)
            if not self.fed[root]:
                yield _Cut(sorted(self.members[root]), 0.0, "never")

    def _advance(self, root: int, level: float) -> Iterator[_Cut]:
        """Let a pool that is not fed grow down to a level; it becomes fed where its riser metal meets the demand."""
        if self.fed[root] or not self.has_riser[root]:
            return
        rows = []
        for basin in self.members[root]:
            first, stop = self.done[basin], self.start[basin + 1]
            last = first + np.searchsorted(self.fall[first:stop], -level, side="right")
            rows.append(np.arange(first, last))
            self.done[basin] = last
        grown = np.concatenate(rows)
        if not grown.size:
            return
        grown = grown[np.argsort(self.fall[grown], kind="stable")]
        balance = self.balance[root] + np.cumsum(self.surplus[grown])
        seen = self.riser_seen[root] | np.logical_or.accumulate(self.feeding[grown])
        met = np.flatnonzero(seen & (balance >= 0.0))
        self.balance[root] = float(balance[-1])
        self.riser_seen[root] = bool(seen[-1])
        if met.size:
            self.fed[root] = True
            at = int(self.order[grown[met[0]]])
            yield _Cut(sorted(self.members[root]), float(self.tree.height[at]), "reserve", at)

    def _unite(self, kept: int, lost: int) -> None:
        if kept == lost:
            return
        self.members[kept] += self.members[lost]
        self.members[lost] = []
        self.has_riser[kept] = self.has_riser[kept] or self.has_riser[lost]
        self.fed[kept] = self.fed[kept] or self.fed[lost]
        self.balance[kept] += self.balance[lost]
        self.riser_seen[kept] = self.riser_seen[kept] or self.riser_seen[lost]

    def liquid(self, cut: _Cut) -> NDArray[np.int64]:
        """Return the voxels (rows of the tree) that were feedable when a pool was cut off."""
        rows = []
        for basin in cut.basins:
            first, stop = self.start[basin], self.start[basin + 1]
            last = first + np.searchsorted(self.fall[first:stop], -cut.time, side="left")
            rows.append(self.order[first:last])
        return np.concatenate(rows)


def _pool(
    tree: MergeTree, passes: NDArray[np.float64], metal: Metal, cut: _Cut, voxels: NDArray[np.int64], prominence: float
) -> Pool:
    index = tree.index[voxels]
    inside = tuple(index.T)
    volume = metal.whole_volume(index)
    weight = metal.volume[inside]
    part_share = float(weight[metal.part[inside]].sum() / weight.sum())
    most = int(np.argmax(np.bincount(metal.body[inside], weights=weight)))
    known = most < len(metal.body_names)
    top = tree.height[tree.peak[cut.basins]]
    ends = top - np.maximum(passes[cut.basins], cut.time) > prominence * top
    ends[0] = True
    return Pool(
        metal.place(tree.index[tree.peak[cut.basins[0]]]),
        cut_off=cut.time,
        last_liquid=float(top[0]),
        volume=volume,
        part_volume=part_share * volume,
        cause=cut.cause,
        neck=metal.place(tree.index[cut.at]) if cut.at >= 0 else None,
        neck_body=metal.owner(tree.index[cut.at])[0] if cut.at >= 0 else "",
        body=metal.body_names[most] if known else "",
        role=metal.body_roles[most] if known else "",
        ends=tuple(metal.place(tree.index[tree.peak[n]]) for n in np.asarray(cut.basins)[ends].tolist()),
        voxels=len(voxels),
        occurs=metal.occurs(index),
    )
