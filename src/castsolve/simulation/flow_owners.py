"""Whose heat the melt of a flow voxel is: the metal voxels of the heat grid that own it.

A voxel of the flow that the heat grid counts as metal owns its melt. Where the mould has the larger part of a cut voxel, the
cavity's part is a sliver: its melt belongs to the metal voxels that the grid gave the sliver's volume to, in the same parts.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..geometry import Grid
from .flow_arrays import CAVITY, HALO, Cavity

__all__ = ["Owners"]

Array = NDArray[Any]

# How far (voxels) a sliver without a wall towards metal looks for an owner.
_REACH = 2


@dataclass(frozen=True, slots=True, eq=False)
class Owners:
    """Compressed rows from metal voxels to flow voxels, and back.

    Attributes
    ----------
    metal : ndarray of int64
        Metal voxels (region 0) of the heat grid, flat, rising.
    row, voxel, weight : ndarray
        Of every metal voxel: flow voxels (flat, in the padded arrays of the flow) and the share of their melt that it owns.
    owned : ndarray of int64
        Flow voxels (flat, padded) that have an owner, rising.
    back_row, back, back_weight : ndarray
        Of every owned flow voxel: its owners, as places in `metal`, and their shares, which sum to one.
    entry : ndarray of int64
        Where the same pair stands in `voxel`.
    several : ndarray of int64
        Places in `owned` of those that have several owners.
    """

    metal: Array
    row: Array
    voxel: Array
    weight: Array
    owned: Array
    back_row: Array
    back: Array
    back_weight: Array
    entry: Array
    several: Array

    @classmethod
    def of(cls, grid: Grid, cavity: Cavity) -> Owners:
        """Find the owners of every voxel of a cavity that lies on the nodes of a grid."""
        offset = _offset(grid, cavity)
        flat = grid.region.reshape(-1)
        metal = np.flatnonzero(flat == 0)
        place = np.argwhere((cavity.kind == CAVITY) & (cavity.share > 0.0))
        at = place + offset
        first, last = np.array([s.start for s in grid.fine]), np.array([s.stop for s in grid.fine])
        inside = ((at >= first) & (at < last)).all(axis=1)
        place, at = place[inside], at[inside]
        heat = np.asarray(np.ravel_multi_index(tuple(at.T), grid.shape))
        own = flat[heat] == 0
        giver, taker, share = _slivers(grid, heat[~own])
        padded = np.array([n + 2 * HALO for n in cavity.shape])
        flow = np.asarray(np.ravel_multi_index(tuple((place + HALO).T), tuple(padded)))
        flow_of = dict(zip(heat[~own].tolist(), flow[~own].tolist(), strict=True))
        voxel = np.concatenate([flow[own], np.array([flow_of[g] for g in giver.tolist()], np.int64)])
        owner = np.searchsorted(metal, np.concatenate([heat[own], taker]))
        weight = np.concatenate([np.ones(int(own.sum())), share])
        order = np.lexsort((voxel, owner))
        row = np.searchsorted(owner[order], np.arange(len(metal) + 1))
        back = np.lexsort((owner, voxel))
        owned = np.unique(voxel)
        back_row = np.searchsorted(voxel[back], np.append(owned, np.iinfo(np.int64).max))
        return cls(
            metal.astype(np.int64), row.astype(np.int64), voxel[order].astype(np.int64), np.ascontiguousarray(weight[order]),
            owned.astype(np.int64), back_row.astype(np.int64), owner[back].astype(np.int64), np.ascontiguousarray(weight[back]),
            np.argsort(order)[back].astype(np.int64), np.flatnonzero(np.diff(back_row) > 1).astype(np.int64),
        )  # fmt: skip


def _offset(grid: Grid, cavity: Cavity) -> Array:
    """Place of the cavity's first voxel in the grid; their nodes must coincide on the uniform part of the grid."""
    offset: Array = np.zeros(3, np.int64)
    h = cavity.voxel
    for axis, nodes in enumerate(grid.nodes):
        edges = cavity.origin[axis] + h * np.arange(cavity.shape[axis] + 1)
        fine = nodes[grid.fine[axis].start : grid.fine[axis].stop + 1]
        common = np.flatnonzero((edges > fine[0] - 0.5 * h) & (edges < fine[-1] + 0.5 * h))
        if not len(common):
            raise InputError(f"the cavity lies beside the heat grid along {'xyz'[axis]}; both must hold the same casting")
        middle = common[len(common) // 2]
        offset[axis] = int(np.argmin(np.abs(nodes - edges[middle]))) - middle
        low = max(grid.fine[axis].start, offset[axis])
        high = min(grid.fine[axis].stop + 1, offset[axis] + len(edges))
        wrong = np.abs(nodes[low:high] - edges[low - offset[axis] : high - offset[axis]]).max()
        if wrong > 1e-6 * h:
            raise InputError(
                f"the nodes of the cavity and of the heat grid differ by {wrong / h:.2g} voxels along {'xyz'[axis]}; "
                "take the cavity from the uniform part of the same grid"
            )
    return offset


def _slivers(grid: Grid, voxel: Array) -> tuple[Array, Array, Array]:
    """Return giver, taker and share for slivers of cavity in voxels that are not metal."""
    slivers = grid.slivers
    mine = np.isin(slivers.giver, voxel) & (slivers.volume > 0.0)
    near = _nearest(grid, np.setdiff1d(voxel, slivers.giver[mine]))
    giver, taker = np.concatenate([slivers.giver[mine], near[0]]), np.concatenate([slivers.taker[mine], near[1]])
    part = np.concatenate([slivers.volume[mine], np.ones(len(near[0]))])
    who, at = np.unique(giver, return_inverse=True)
    sums = np.bincount(at.reshape(-1), weights=part, minlength=len(who))
    return giver, taker, part / sums[at.reshape(-1)]


def _nearest(grid: Grid, voxel: Array) -> tuple[Array, Array]:
    """Nearest metal voxels of some voxels, in equal parts where several are equally near."""
    shape = np.array(grid.shape)
    at = np.stack(np.unravel_index(voxel, grid.shape), axis=1)
    offsets = sorted(itertools.product(range(-_REACH, _REACH + 1), repeat=3), key=lambda o: sum(c * c for c in o))
    best = np.full(len(voxel), np.iinfo(np.int64).max)
    giver, taker = [], []
    for offset in offsets:
        distance = sum(c * c for c in offset)
        to = at + np.array(offset)
        ok = (best >= distance) & ((to >= 0) & (to < shape)).all(axis=1)
        ok[ok] &= grid.region[tuple(to[ok].T)] == 0
        best[ok] = distance
        giver.append(voxel[ok])
        taker.append(np.ravel_multi_index(tuple(to[ok].T), grid.shape))
    return np.concatenate(giver), np.concatenate(taker)
