"""Links between voxels of one body that touch at an edge across a stair step: what a seven-point form conducts too little.

Faces of voxels conduct along the axes only. Beside an oblique wall the stair's dead ends then carry nothing, and heat along the
wall has to go around them: a thin arm that lies askew conducts a sixth too little at six voxels across. The links carry what is
missing; docs/theory/cut-faces.md derives their conductance.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..geometry import Grid

__all__ = ["edge_links", "missing_share", "overlaps"]

Array = NDArray[Any]

# Below this share of a voxel's own conductance a link is not worth its place.
_LEAST = 5e-4
# A link lies in one of these planes of two axes.
_PLANES = ((0, 1), (0, 2), (1, 2))


def edge_links(grid: Grid, voxel: Array, axis: Array, area: Array, low: Array, high: Array) -> tuple[Array, Array, Array]:
    """Return the links beside interface faces: first and second voxel, and conductance over conductivity (m).

    A wall of area S and normal n at a distance d from a voxel centre leaves, with the plain faces, a conductivity tensor that lacks
    -S d n_d n_e off its diagonal. A link over the edge, along the wall, by (h_d, -h_e), conducting S d |n_d n_e| / (h_d h_e),
    brings it; half of it to either side, all to one where the other is no voxel of the body. Where walls of several normals meet,
    n_d n_e is their mean by area: at a right angle the links run along the body's edge.

    Parameters
    ----------
    grid : Grid
    voxel, axis : ndarray of int64
        Low voxel and axis of every face.
    area, low, high : ndarray
        Wall area (m2) of the face, and distances (m) of its two voxel centres from the wall.

    Returns
    -------
    first, second : ndarray of int64
        Voxels of every link, first < second, ordered by them.
    conductance : ndarray
        Positive, in m.
    """
    shape = np.array(grid.shape)
    stride = np.array([shape[1] * shape[2], shape[2], 1])
    flat = grid.region.reshape(-1)
    across, _ = _products(grid, voxel, voxel + stride[axis])
    widths = [grid.widths(a) for a in range(3)]
    keys, values = [], []
    for centre, distance in ((voxel, low), (voxel + stride[axis], high)):
        place = np.stack(np.unravel_index(centre, grid.shape), axis=1)
        size = np.stack([w[place[:, a]] for a, w in enumerate(widths)], axis=1)
        for number, (d, e) in enumerate(_PLANES):
            c = area * distance * np.abs(across[:, number]) / (size[:, d] * size[:, e])
            some = np.flatnonzero(c > _LEAST * size.prod(axis=1) ** (1.0 / 3.0))
            along = -np.sign(across[some, number]).astype(np.int64)
            at, here = place[some], centre[some]
            ends, there = [], []
            for way in (1, -1):
                p, q = at[:, d] + way, at[:, e] + way * along
                inside = (p >= 0) & (p < shape[d]) & (q >= 0) & (q < shape[e])
                by_d, by_e = way * stride[d], way * along * stride[e]
                end = np.where(inside, here + by_d + by_e, here)
                # Bodies that touch at the edge alone are not joined.
                beside = (flat[np.where(inside, here + by_d, here)] == flat[here]) | (
                    flat[np.where(inside, here + by_e, here)] == flat[here]
                )
                ends.append(end)
                there.append(inside & (flat[end] == flat[here]) & beside)
            count = np.maximum(there[0].astype(int) + there[1], 1)
            for end, ok in zip(ends, there, strict=True):
                keys.append(np.stack([np.minimum(here, end), np.maximum(here, end)], axis=1)[ok])
                values.append((c[some] / count)[ok])
    pairs = np.concatenate(keys)
    unique, inverse = np.unique(pairs[:, 0] * flat.size + pairs[:, 1], return_inverse=True)
    total = np.bincount(inverse.reshape(-1), weights=np.concatenate(values), minlength=len(unique))
    return unique // flat.size, unique % flat.size, total


def missing_share(low: Array, high: Array, k_low: Array | float, k_high: Array | float, resistance: Array | float) -> Array:
    """Return the share of what is missing beside a wall that its own faces do not bring.

    Along an oblique wall the stair's faces between the two bodies carry heat too. In a field that rises along the wall the two
    sides lack S (d_a k_a + d_b k_b); a face of the conductance G, whose centres lie d_a + d_b apart across the wall, brings
    G (d_a + d_b)^2: all of it for one material in perfect contact, nothing where a contact or a poor conductor parts the bodies.

    Parameters
    ----------
    low, high : ndarray
        Distances of the two voxel centres from the wall (m).
    k_low, k_high : ndarray or float
        Conductivities (W/m/K).
    resistance : ndarray or float
        Of the contact (m2 K/W).
    """
    lacking = low * k_low + high * k_high
    series = low / k_low + resistance + high / k_high
    carried = np.divide((low + high) ** 2, series * lacking, out=np.zeros(len(low)), where=lacking > 0.0)
    return np.maximum(1.0 - carried, 0.0)


def overlaps(grid: Grid, voxel: Array, axis: Array, share: Array, low: Array, high: Array) -> tuple[Array, Array]:
    """Return the lengths (m) behind every wall that links conduct through a second time, on its low and its high side.

    The faces of the voxels and the way d from the outermost centres to the wall make up the whole way through a body, along the
    normal. A link by D that is not at a right angle to the normal n leads c (D.n)^2 more than that: for S d |n_d n_e| / (h_d h_e)
    as much as if the body were thinner by

        d |n_d n_e| (|n_d| h_d - |n_e| h_e)^2 / (h_d h_e)

    summed over the planes of two axes. The way to the wall is to be longer by it: an eighth of d for a wall 15 degrees askew,
    nothing at 45 degrees or along (1, 1, 1). Region 0, the metal, is left as it is: between walls that are a few voxels apart it
    makes up for what else the stair hinders (docs/theory/cut-faces.md has the figures).

    Parameters
    ----------
    grid : Grid
    voxel, axis : ndarray of int64
        Low voxel and axis of every face.
    share : ndarray
        Of its links that count (see `missing_share`).
    low, high : ndarray
        Distances (m) of its two voxel centres from the wall.
    """
    step = np.array([grid.shape[1] * grid.shape[2], grid.shape[2], 1])[axis]
    flat = grid.region.reshape(-1)
    across, square = _products(grid, voxel, voxel + step)
    found = []
    for centre, distance in ((voxel, low), (voxel + step, high)):
        place = np.unravel_index(centre, grid.shape)
        size = [grid.widths(a)[place[a]] for a in range(3)]
        factor = np.zeros(len(voxel))
        for number, (d, e) in enumerate(_PLANES):
            mixed = np.abs(across[:, number])
            along = square[:, d] * size[d] / size[e] + square[:, e] * size[e] / size[d] - 2.0 * mixed
            factor += mixed * along
        found.append(np.where(flat[centre] == 0, 0.0, share * distance * factor))
    return found[0], found[1]


def _products(grid: Grid, low: Array, high: Array) -> tuple[Array, Array]:
    """Means of n_x n_y, n_x n_z, n_y n_z and of n_x^2, n_y^2, n_z^2 over the walls that each face stands for.

    Over the planes in its two voxels, by area; zero without any.
    """
    skin, flat = grid.skin, grid.region.reshape(-1).astype(np.int64)

    def key(voxel: Array, a: Array, b: Array) -> Array:
        return (voxel * 256 + np.minimum(a, b)) * 256 + np.maximum(a, b)

    first, second = (skin.pair[:, side].astype(np.int64) for side in (0, 1))
    unique, inverse = np.unique(key(skin.voxel, first, second), return_inverse=True)
    if not len(unique):
        return np.zeros((len(low), 3)), np.zeros((len(low), 3))
    n, area = skin.plane[:, :3].astype(float), skin.plane[:, 4].astype(float)
    weights = [area * n[:, d] * n[:, e] for d, e in (*_PLANES, (0, 0), (1, 1), (2, 2))]
    sums = np.stack([np.bincount(inverse.reshape(-1), weights=w, minlength=len(unique)) for w in (*weights, area)], axis=1)
    found = np.zeros((len(low), 7))
    for voxel in (low, high):
        wanted = key(voxel, flat[low], flat[high])
        at = np.minimum(np.searchsorted(unique, wanted), len(unique) - 1)
        known = unique[at] == wanted
        found[known] += sums[at[known]]
    means = np.divide(found[:, :6], found[:, 6:], out=np.zeros((len(low), 6)), where=found[:, 6:] > 0.0)
    return means[:, :3], means[:, 3:]
