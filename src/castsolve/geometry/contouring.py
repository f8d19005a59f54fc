"""A closed surface around chosen nodes of a lattice, drawn through the places where rays meet the given triangles.

Dual contouring: one point in every cell that the border passes, placed where the planes of the met triangles agree best, so that
flat faces, edges and corners come back sharp; one quad around every link between an inner and an outer node. Each quad edge is
shared by quads that run it both ways, so the surface is closed whatever the choice of nodes.

References
----------
Ju, Losasso, Schaefer, Warren (2002), Dual contouring of Hermite data, SIGGRAPH.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .rays import Hits, Lattice
from .surface import Surface

__all__ = ["surface_around"]

# Keeps a point near the middle of its crossings where their planes do not fix it.
_HOLD = 0.02


def surface_around(
    inside: NDArray[np.bool_],
    hits: Sequence[Hits],
    normals: NDArray[np.float64],
    winding: NDArray[np.float32],
    lattice: Lattice,
) -> Surface:
    """Return the closed, outward surface around the inner nodes.

    Parameters
    ----------
    inside : ndarray of bool, shape of the lattice
        False on the border of the lattice.
    hits : three Hits
    normals : ndarray, shape (m, 3)
        Unit normals of the triangles that the hits refer to; their sense does not matter.
    winding : ndarray, shape of the lattice
        Places the border where no ray meets a triangle: in holes.
    lattice : Lattice
    """
    shape = lattice.shape
    cells: list[NDArray[np.int64]] = []
    places: list[NDArray[np.float64]] = []
    planes: list[NDArray[np.float64]] = []
    quads: list[NDArray[np.int64]] = []
    for of_axis in hits:
        link, outward, place, normal = _crossings(inside, of_axis, normals, winding, lattice)
        around = _cells_around(link, of_axis.axis, shape)
        quads.append(np.where(outward[:, None], around, around[:, ::-1]))
        cells.append(around.ravel())
        places.append(np.repeat(place, 4, axis=0))
        planes.append(np.repeat(normal, 4, axis=0))
    every = np.concatenate(cells)
    passed = np.zeros(int(np.prod(shape)), dtype=bool)
    passed[every] = True
    cell = np.flatnonzero(passed)
    index = (np.cumsum(passed, dtype=np.int64) - 1)[every]
    points = _corner_points(cell, index, np.concatenate(places), np.concatenate(planes), shape)
    four = (np.cumsum(passed, dtype=np.int64) - 1)[np.concatenate(quads)]
    # The shorter diagonal: the flatter pair of triangles.
    first = np.linalg.norm(points[four[:, 0]] - points[four[:, 2]], axis=1)
    second = np.linalg.norm(points[four[:, 1]] - points[four[:, 3]], axis=1)
    turn = second < first
    four[turn] = np.roll(four[turn], 1, axis=1)
    triangles = np.concatenate([four[:, [0, 1, 2]], four[:, [0, 2, 3]]])
    return Surface(lattice.origin + lattice.step * points, triangles.astype(np.int32))


def _crossings(
    inside: NDArray[np.bool_],
    hits: Hits,
    normals: NDArray[np.float64],
    winding: NDArray[np.float32],
    lattice: Lattice,
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
    """Return the links that cross the border: link, whether they lead out, place (in steps) and plane of the crossing."""
    axis, shape = hits.axis, lattice.shape
    stride = int(np.prod(shape[axis + 1 :]))
    flat, w = inside.reshape(-1), winding.reshape(-1)
    link = np.flatnonzero(flat[:-stride] != flat[stride:])
    outward = flat[link]
    # Of several hits on a link those that go the right way count.
    at = np.searchsorted(link, hits.link)
    at[at == len(link)] = 0
    fits = (link[at] == hits.link) & ((hits.jump < 0) == outward[at]) if len(link) else np.zeros(len(hits.link), dtype=bool)
    count = np.bincount(at[fits], minlength=len(link))
    mean = np.bincount(at[fits], weights=hits.at[fits], minlength=len(link)) / np.maximum(count, 1)
    low, high = w[link].astype(np.float64), w[link + stride].astype(np.float64)
    step = np.where(high == low, 1.0, high - low)
    met = count > 0
    along = np.where(met, mean, np.clip((0.5 - low) / step, 0.05, 0.95))
    place = np.stack(np.unravel_index(link, shape), axis=1).astype(np.float64)
    place[:, axis] += along
    normal = _slope(link, stride, axis, winding)
    normal[met] = 0.0
    np.add.at(normal, at[fits], normals[hits.triangle[fits]])
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    return link, outward, place, normal / np.where(length > 0.0, length, 1.0)


def _slope(link: NDArray[np.int64], stride: int, axis: int, winding: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the slope of the winding numbers at the middle of links."""
    shape = winding.shape
    w = winding.reshape(-1)
    slope = np.zeros((len(link), 3))
    for a in range(3):
        other = int(np.prod(shape[a + 1 :]))
        if a == axis:
            slope[:, a] = w[link + stride] - w[link]
        else:
            both = w[link + other] - w[link - other] + w[link + stride + other] - w[link + stride - other]
            slope[:, a] = 0.25 * both
    return slope


def _cells_around(link: NDArray[np.int64], axis: int, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Return the four cells around links, by the flat index of their lowest node, right-handed about the axis."""
    u, v = (int(np.prod(shape[(axis + turn) % 3 + 1 :])) for turn in (1, 2))
    return np.stack([link - u - v, link - v, link, link - u], axis=1)


def _corner_points(
    cell: NDArray[np.int64],
    index: NDArray[Any],
    places: NDArray[np.float64],
    planes: NDArray[np.float64],
    shape: tuple[int, ...],
) -> NDArray[np.float64]:
    """Return in each cell the point (in steps) that lies nearest to all its planes, held near the middle of its crossings."""
    n = len(cell)
    index = index.reshape(-1)
    count = np.bincount(index, minlength=n)
    middle = np.stack([np.bincount(index, weights=places[:, a], minlength=n) for a in range(3)], axis=1) / count[:, None]
    gap = ((places - middle[index]) * planes).sum(axis=1)
    matrix = np.zeros((n, 3, 3))
    right = np.zeros((n, 3))
    for a in range(3):
        right[:, a] = np.bincount(index, weights=planes[:, a] * gap, minlength=n)
        matrix[:, a, a] += _HOLD * count
        for b in range(3):
            matrix[:, a, b] += np.bincount(index, weights=planes[:, a] * planes[:, b], minlength=n)
    moved = middle + np.linalg.solve(matrix, right[:, :, None])[:, :, 0]
    low = np.stack(np.unravel_index(cell, shape), axis=1)
    return np.asarray(np.clip(moved, low, low + 1.0))
