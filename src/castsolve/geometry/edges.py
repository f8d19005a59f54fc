"""Edges, pieces and repeated triangles of a surface: what holds it together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .surface import Surface

__all__ = ["compacted", "edge_table", "pieces", "single", "used_points", "without_area"]


def compacted(points: NDArray[np.float64], triangles: NDArray[Any]) -> Surface:
    """Return a surface of those points that are used."""
    used = used_points(triangles, len(points))
    if used.all():
        return Surface(points, triangles)
    number = np.cumsum(used, dtype=np.int32) - np.int32(1)
    return Surface(points[used], number[triangles])


def used_points(triangles: NDArray[Any], count: int) -> NDArray[np.bool_]:
    """Return which of so many points are corners."""
    used = np.zeros(count, dtype=bool)
    used[triangles.ravel()] = True
    return used


def edge_table(surface: Surface) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return each edge once (two points), the net number of times it is run forward, and its number of triangles."""
    t = surface.triangles.astype(np.int64)
    ends = t[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    ends = ends[ends[:, 0] != ends[:, 1]]
    forward = ends[:, 0] < ends[:, 1]
    low, high = np.minimum(ends[:, 0], ends[:, 1]), np.maximum(ends[:, 0], ends[:, 1])
    key = low * np.int64(len(surface.points)) + high
    order = np.argsort(key)
    ranked = key[order]
    starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]])) if len(key) else np.zeros(0, dtype=int)
    if not len(starts):
        return np.zeros((0, 2), dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    net = np.add.reduceat(np.where(forward, 1, -1)[order], starts)
    uses = np.diff(np.append(starts, len(key)))
    first = order[starts]
    return np.stack([low[first], high[first]], axis=1), net, uses


def pieces(links: NDArray[Any]) -> tuple[int, NDArray[np.int32]]:
    """Return how many sets hang together by shared numbers, and the set of each row of links."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n = int(links.max()) + 1
    start = np.repeat(links[:, :1], links.shape[1] - 1, axis=1).ravel()
    graph = coo_matrix((np.ones(len(start), dtype=np.int8), (start, links[:, 1:].ravel())), shape=(n, n))
    count, label = connected_components(graph, directed=False)
    # Numbers that no link holds are sets of their own and do not count.
    held = np.zeros(count, dtype=bool)
    mine = label[links[:, 0]]
    held[mine] = True
    number = np.cumsum(held, dtype=np.int32) - np.int32(1)
    return int(held.sum()), number[mine]


def without_area(surface: Surface) -> NDArray[np.bool_]:
    corners = surface.corners
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    return np.linalg.norm(surface.area_vectors, axis=1) <= 1e-12 * longest**2


def single(triangles: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which triangles to keep: one of equals, none of two that lie back to back."""
    t = triangles.astype(np.int64)
    rank = np.sort(t, axis=1)
    # An even permutation of the sorted corners runs one way round, an odd one the other.
    swaps = (t[:, 0] > t[:, 1]).astype(int) + (t[:, 1] > t[:, 2]) + (t[:, 0] > t[:, 2])
    facing = np.where(swaps % 2 == 0, 1, -1)
    order = np.lexsort((rank[:, 2], rank[:, 1], rank[:, 0]))
    ranked = rank[order]
    opens = np.concatenate([[True], (ranked[1:] != ranked[:-1]).any(axis=1)]) if len(t) else np.zeros(0, dtype=bool)
    keep = np.ones(len(t), dtype=bool)
    if opens.all():
        return keep
    group = np.cumsum(opens) - 1
    mixed = np.zeros(group[-1] + 1, dtype=int)
    np.add.at(mixed, group, facing[order])
    uses = np.bincount(group)
    balanced = (mixed == 0) & (uses > 1)
    keep[order] = opens & ~balanced[group]
    # Of an unbalanced set the kept one must face as the majority does.
    for g in np.flatnonzero((uses > 1) & (mixed != 0) & (np.abs(mixed) < uses)):
        members = order[group == g]
        keep[members] = False
        keep[members[np.flatnonzero(np.sign(facing[members]) == np.sign(mixed[g]))[0]]] = True
    return keep
