"""How far behind a wall the mean temperature of a metal voxel stands: nearer than its centre where the metal cools through.

Metal that cools between two walls has a bent temperature profile, and a voxel beside a wall stores heat of which only a part
crosses the way to its centre. docs/theory/cut-faces.md derives the distances used here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..geometry import NO_WALL, Grid

__all__ = ["depths_of_means"]

Array = NDArray[Any]

# A wall one voxel thick has its mean a third of the way to its centre; no voxel has it nearer.
_NEAREST = 1.0 / 3.0


def depths_of_means(
    grid: Grid, low_voxel: Array, high_voxel: Array, low: Array, high: Array, mirrors: Sequence[bool], metal: int = 0
) -> tuple[Array, Array]:
    """Return the distances of the two voxels' mean temperatures from the wall of every face (m).

    A metal that cools evenly between walls 2 L apart has the excess q/k (s - s^2/(2 L)) at a distance s from the wall. With d the
    distance of the outermost centres, of voxels h wide, the whole stores and gives off its heat exactly for

        d - (d^2 - h^2/12) / L

    L is measured along the wall's own normal. Where different bodies lie on the two sides the heat parts unequally, and L counts
    twice as much: too little is better than too much. Where nothing faces the wall, the distance stays d.

    Parameters
    ----------
    grid : Grid
    low_voxel, high_voxel : ndarray of int64
        The two voxels of every face.
    low, high : ndarray
        Distances of their centres from the wall (m).
    mirrors : sequence of bool
        Which of the six outer sides no heat crosses: the metal goes on behind them as in a mirror.
    metal : int
        The region whose distances change; those of others stay.
    """
    flat = grid.region.reshape(-1)
    outer_low, outer_high = flat[low_voxel] == metal, flat[high_voxel] == metal
    if not (outer_low.any() or outer_high.any()):
        return low, high
    inverse, width = _through(grid, low_voxel, high_voxel, mirrors, metal)

    def nearer(d: Array, mine: Array) -> Array:
        return np.where(mine, np.maximum(d - inverse * d**2 + width / 12.0, _NEAREST * d), d)

    return nearer(low, outer_low), nearer(high, outer_high)


def _through(grid: Grid, low: Array, high: Array, mirrors: Sequence[bool], metal: int) -> tuple[Array, Array]:
    """Return 1/L, and h^2/L with h across the wall, of every face: means over the planes in its voxels; 0 where there is none."""
    skin = grid.skin
    length, beyond = grid.straight_through(metal, mirrors)
    pair = skin.pair.astype(np.int64)
    other = np.where(pair[:, 0] == metal, pair[:, 1], pair[:, 0])
    share = np.where(beyond == other, 2.0, 1.0)
    inverse = np.where(length < NO_WALL, share / length.astype(float), 0.0)
    place = np.unravel_index(skin.voxel, grid.shape)
    size = np.stack([grid.widths(a)[p] for a, p in enumerate(place)], axis=1)
    across = (skin.plane[:, :3].astype(float) ** 2 * size**2).sum(axis=1)
    area = np.where((pair == metal).any(axis=1), skin.plane[:, 4].astype(float), 0.0)
    unique, at = np.unique(skin.voxel * 256 + other, return_inverse=True)
    sums = [np.bincount(at.reshape(-1), w, len(unique)) for w in (area, area * inverse, area * inverse * across)]
    flat = grid.region.reshape(-1).astype(np.int64)
    behind = np.where(flat[low] == metal, flat[high], flat[low])
    total = np.zeros((3, len(low)))
    for voxel in (low, high):
        wanted = voxel * 256 + behind
        found = np.minimum(np.searchsorted(unique, wanted), len(unique) - 1)
        known = unique[found] == wanted
        total[:, known] += np.array(sums)[:, found[known]]
    with_plane = total[0] > 0.0
    return tuple(np.divide(t, total[0], out=np.zeros(len(low)), where=with_plane) for t in total[1:])
