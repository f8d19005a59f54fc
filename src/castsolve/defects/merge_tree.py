"""Peaks of a field and the passes between them: the merge tree that hot spots and isolated pools are read from.

Every voxel climbs to its highest neighbour until it stands on a peak; the voxels of one peak are its basin. Two
basins touch along pairs of voxels; their pass is the highest pair, and a pair is as high as its lower voxel. Sinking
a water level through the field, the islands above the level join exactly at these passes, so the passes hold the
whole history of joining. No level is quantized and nothing is smoothed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError

__all__ = ["MergeTree", "Roots", "merge_tree"]

_NONE = -1


@dataclass(frozen=True, slots=True, eq=False)
class MergeTree:
    """Peaks, basins and passes of a field.

    Basins are numbered by falling peak, so the lower number of two is always the elder (higher) one.

    Attributes
    ----------
    index : ndarray, shape (n, 3)
        Place of every voxel that takes part, in the dense array.
    height : ndarray, shape (n,)
        The field there.
    basin : ndarray, shape (n,)
        The basin that each voxel belongs to.
    peak : ndarray, shape (b,)
        The voxel (row of `index`) on top of each basin.
    joins : ndarray, shape (j, 2)
        Pairs of basins whose islands join at a pass, highest pass first; passes that only close a ring are left out.
    join_height : ndarray, shape (j,)
        Height of each pass.
    join_voxel : ndarray, shape (j, 2)
        The pair of voxels at each pass.
    """

    index: NDArray[np.int64]
    height: NDArray[np.float64]
    basin: NDArray[np.int64]
    peak: NDArray[np.int64]
    joins: NDArray[np.int64]
    join_height: NDArray[np.float64]
    join_voxel: NDArray[np.int64]

    def passes(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return for each basin the height at which it joins an elder one and the row in `joins` (-inf, -1: never)."""
        height = np.full(self.peak.size, -np.inf)
        row = np.full(self.peak.size, _NONE, dtype=np.int64)
        elder = Roots(self.peak.size)
        for j, (a, b) in enumerate(self.joins.tolist()):
            kept, lost = elder.join(a, b)
            if kept != lost:
                height[lost] = self.join_height[j]
                row[lost] = j
        return height, row

    def island(self, basin: int, level: float) -> NDArray[np.int64]:
        """Return the voxels (rows of `index`) at or above a level that hang together with one peak above it."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        b = self.peak.size
        open_joins = self.joins[self.join_height >= level]
        graph = coo_array((np.ones(len(open_joins), dtype=np.int8), tuple(open_joins.T)), shape=(b, b))
        _, label = connected_components(graph, directed=False)
        mine = label == label[basin]
        return np.flatnonzero(mine[self.basin] & (self.height >= level))


class Roots:
    """Sets of basins that have joined; each is named by its eldest (lowest) number."""

    __slots__ = ("_parent",)

    def __init__(self, n: int) -> None:
        self._parent = list(range(n))

    def of(self, a: int) -> int:
        """Return the name of the set that holds a basin."""
        parent = self._parent
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        return a

    def join(self, a: int, b: int) -> tuple[int, int]:
        """Join two sets; return the name that stays and the name that is lost (equal: they were one already)."""
        a, b = self.of(a), self.of(b)
        if a == b:
            return a, a
        kept, lost = (a, b) if a < b else (b, a)
        self._parent[lost] = kept
        return kept, lost


def merge_tree(field: ArrayLike, *, neighbours: int = 26) -> MergeTree:
    """Return the peaks, basins and passes of a 3-D field; NaN takes no part.

    Equal neighbours are ordered by their place in the array, so a plateau has one peak or several of prominence zero.

    Parameters
    ----------
    field : array_like, shape (nx, ny, nz)
        Any field; infinite values are refused.
    neighbours : {26, 6}
        Whether voxels hang together over corners and edges as well (26) or over faces only (6).
    """
    values = np.asarray(field, dtype=np.float64)
    if values.ndim != 3:
        raise InputError(f"a merge tree needs a field [x, y, z]; this one has {values.ndim} axes")
    if neighbours not in (6, 26):
        raise InputError(f"neighbours = {neighbours} must be 6 or 26")
    if np.isinf(values).any():
        raise InputError("a merge tree needs finite values; write NaN where a voxel takes no part")
    packed = _Packed.of(values)
    steps = packed.steps(neighbours)
    highest = _climb(packed, steps)
    height = packed.height
    tops = np.flatnonzero(highest == np.arange(height.size))
    peak = tops[np.lexsort((-tops, -height[tops]))]
    number = np.empty(height.size, dtype=np.int64)
    number[peak] = np.arange(peak.size)
    basin = number[highest]
    pairs, heights, voxels = _passes(packed, basin, steps, peak.size)
    roots = Roots(peak.size)
    joins = [j for j, (a, b) in enumerate(pairs.tolist()) if len(set(roots.join(a, b))) == 2]
    return MergeTree(packed.index, height, basin, peak, pairs[joins], heights[joins], voxels[joins])


@dataclass(frozen=True, slots=True, eq=False)
class _Packed:
    """The voxels that take part as one list, with a padded block around them to find neighbours by one addition."""

    index: NDArray[np.int64]
    height: NDArray[np.float64]
    cell: Any  # place of each voxel in the padded block, raveled
    row: NDArray[np.int64]  # the list's row of each cell of the padded block, -1 for none
    shape: tuple[int, ...]

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> _Packed:
        present = np.isfinite(values)
        low = np.zeros(3, dtype=np.int64)
        shape = [1, 1, 1]
        for axis in range(3):
            along = np.flatnonzero(present.any(axis=tuple(a for a in range(3) if a != axis)))
            if along.size:
                low[axis], shape[axis] = along[0], along[-1] - along[0] + 1
        box = tuple(slice(int(o), int(o) + n) for o, n in zip(low, shape, strict=True))
        inner = np.argwhere(present[box])
        padded = tuple(n + 2 for n in shape)
        cell = np.ravel_multi_index(tuple((inner + 1).T), padded)
        row = np.full(int(np.prod(padded)), _NONE, dtype=np.int64)
        row[cell] = np.arange(cell.size)
        return cls(inner + low, values[box][present[box]], cell, row, padded)

    def steps(self, neighbours: int) -> list[int]:
        """Return the distances in the padded block to half of the neighbours; the other half is opposite."""
        strides = (self.shape[1] * self.shape[2], self.shape[2], 1)
        found = []
        for d in product((-1, 0, 1), repeat=3):
            if d > (0, 0, 0) and (neighbours == 26 or sum(map(abs, d)) == 1):
                found.append(sum(a * s for a, s in zip(d, strides, strict=True)))
        return found


def _climb(packed: _Packed, steps: list[int]) -> NDArray[np.int64]:
    """Return the peak (row) that each voxel reaches by always going to its highest neighbour."""
    height, n = packed.height, packed.height.size
    # one more row at the end stands for "no neighbour": -1 finds it
    padded = np.append(height, -np.inf)
    best, best_height = np.arange(n), height.copy()
    for step in steps:
        for signed in (step, -step):
            other = packed.row[packed.cell + signed]
            other_height = padded[other]
            better = (other_height > best_height) | ((other_height == best_height) & (other > best))
            best[better] = other[better]
            best_height[better] = other_height[better]
    while True:
        further = best[best]
        if np.array_equal(further, best):
            return best
        best = further


def _passes(
    packed: _Packed, basin: NDArray[np.int64], steps: list[int], basins: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Return the highest touching pair of voxels of each two basins, highest first."""
    keys, heights, voxels = [], [], []
    for step in steps:
        other = packed.row[packed.cell + step]
        mine = np.flatnonzero(other != _NONE)
        other = other[mine]
        apart = basin[mine] != basin[other]
        mine, other = mine[apart], other[apart]
        low, high = np.minimum(basin[mine], basin[other]), np.maximum(basin[mine], basin[other])
        keys.append(low * basins + high)
        heights.append(np.minimum(packed.height[mine], packed.height[other]))
        voxels.append(np.stack((mine, other), axis=1))
    key, height, pair = np.concatenate(keys), np.concatenate(heights), np.concatenate(voxels)
    order = np.lexsort((-height, key))
    key, height, pair = key[order], height[order], pair[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    first = first[np.lexsort((key[first], -height[first]))]
    return np.stack((key[first] // max(basins, 1), key[first] % max(basins, 1)), axis=1), height[first], pair[first]
