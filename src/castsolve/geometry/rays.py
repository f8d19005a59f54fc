"""Straight rays along the axes through the nodes of a lattice: where they meet triangles, and which way they pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Hits", "Lattice", "axis_hits", "lattice_around"]

# Pairs of ray and triangle that are tried at once: bounds the memory.
_BATCH = 2_000_000
# Nodes off round coordinates, so that rays do not run along edges and faces of parts drawn on round numbers.
_OFFSET = np.array([0.3819660113, 0.4142135624, 0.2679491924])


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """Nodes in equal steps along x, y, z.

    Attributes
    ----------
    origin : ndarray, shape (3,)
        Node (0, 0, 0) in m.
    step : float
        In m.
    shape : tuple of int
        Nodes along x, y, z.
    """

    origin: NDArray[np.float64]
    step: float
    shape: tuple[int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """Where the rays along one axis meet triangles.

    Attributes
    ----------
    axis : int
    link : ndarray of int, shape (n,)
        The stretch between two nodes, by the flat index of its lower node.
    at : ndarray, shape (n,)
        Place on that stretch, 0 to 1.
    jump : ndarray of int, shape (n,)
        1 where the ray goes in, -1 where it comes out.
    triangle : ndarray of int, shape (n,)
    """

    axis: int
    link: NDArray[np.int64]
    at: NDArray[np.float64]
    jump: NDArray[np.int8]
    triangle: NDArray[np.int64]


def lattice_around(points: NDArray[np.float64], across: int, *, margin: int = 2, nodes: float = np.inf) -> Lattice:
    """Return a lattice around points with so many steps across their largest extent, fewer where `nodes` would be exceeded."""
    lo, hi = points.min(axis=0), points.max(axis=0)
    size = hi - lo
    step = float(size.max()) / across
    step = max(step, float((np.maximum(size, 0.02 * size.max()).prod() / nodes) ** (1 / 3)) if np.isfinite(nodes) else 0.0)
    shape = np.ceil(size / step).astype(int) + 2 * margin + 1
    return Lattice(lo - step * (margin + _OFFSET - 0.5), step, (int(shape[0]), int(shape[1]), int(shape[2])))


def axis_hits(corners: NDArray[np.float64], lattice: Lattice, axis: int) -> Hits:
    """Return all meetings of triangles with the rays along an axis.

    Parameters
    ----------
    corners : ndarray, shape (m, 3, 3)
        In m. Triangles that share an edge to the last bit are never both met, or both missed, at that edge.
    lattice : Lattice
        Encloses all corners.
    axis : int
    """
    u, v = (axis + 1) % 3, (axis + 2) % 3
    scaled = (corners - lattice.origin) / lattice.step
    one, two, three = scaled[:, 0], scaled[:, 1], scaled[:, 2]
    first = np.ceil(np.minimum(np.minimum(one, two), three)).astype(np.int64)
    last = np.floor(np.maximum(np.maximum(one, two), three)).astype(np.int64)
    across, down = np.maximum(last[:, u] - first[:, u] + 1, 0), np.maximum(last[:, v] - first[:, v] + 1, 0)
    tries = across * down
    met = np.flatnonzero(tries)
    ends = np.cumsum(tries[met])
    found: list[tuple[Any, ...]] = []
    start = 0
    while start < len(met):
        base = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, base + _BATCH, side="right")))
        some = met[start:stop]
        which = np.repeat(some, tries[some])
        order = np.arange(len(which)) - np.repeat(ends[start:stop] - tries[some] - base, tries[some])
        across_at, down_at = first[which, u] + order // down[which], first[which, v] + order % down[which]
        found.append(_meetings(scaled, which, across_at, down_at, (u, v, axis)))
        start = stop
    if not found:
        none = np.zeros(0, dtype=np.int64)
        return Hits(axis, none, np.zeros(0), none.astype(np.int8), none)
    which, row, column, height, jump = (np.concatenate(many) for many in zip(*found, strict=True))
    level = np.floor(height).astype(np.int64)
    index: list[Any] = [None, None, None]
    index[u], index[v], index[axis] = row.astype(np.int64), column.astype(np.int64), level
    link = np.ravel_multi_index(tuple(index), lattice.shape)
    return Hits(axis, np.asarray(link, dtype=np.int64), height - level, jump.astype(np.int8), which.astype(np.int64))


def _meetings(
    scaled: NDArray[np.float64], which: NDArray[np.int64], a: NDArray[np.int64], b: NDArray[np.int64], axes: tuple[int, int, int]
) -> tuple[NDArray[Any], ...]:
    u, v, w = axes
    sides, turned = [], []
    for one in range(3):
        p, q = scaled[which, one], scaled[which, (one + 1) % 3]
        # Both triangles of an edge compute it from the same end, so that they agree on its sides to the last bit.
        swap = (p[:, u] > q[:, u]) | ((p[:, u] == q[:, u]) & (p[:, v] > q[:, v]))
        pu, pv = np.where(swap, q[:, u], p[:, u]), np.where(swap, q[:, v], p[:, v])
        qu, qv = np.where(swap, p[:, u], q[:, u]), np.where(swap, p[:, v], q[:, v])
        side = (qu - pu) * (b - pv) - (qv - pv) * (a - pu)
        turned.append((side >= 0.0) != swap)
        sides.append(np.abs(side))
    inside = (turned[0] == turned[1]) & (turned[1] == turned[2])
    total = sides[0] + sides[1] + sides[2]
    inside &= total > 0.0
    pick = np.flatnonzero(inside)
    kept = which[pick]
    heights = scaled[kept][:, :, w]
    # The side opposite a corner weighs that corner.
    weights = np.stack([sides[1][pick], sides[2][pick], sides[0][pick]], axis=1) / total[pick, None]
    return kept, a[pick], b[pick], (weights * heights).sum(axis=1), np.where(turned[0][pick], -1, 1)
