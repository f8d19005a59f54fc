"""Patches of a surface: the face of a part that a place belongs to, and slabs that lie on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import GeometryError
from .anchor import Anchor
from .surface import Surface

__all__ = ["face_at", "slab_on"]

_SMOOTH = 25.0


def face_at(surface: Surface, at: Anchor, *, angle: float = _SMOOTH) -> NDArray[np.intp]:
    """Return the triangles of the face that an anchor lies on.

    A face reaches from triangle to triangle across edges that turn by less than `angle` degrees: a flat face ends at its
    edges, a bore or a cone is taken all round.

    Parameters
    ----------
    surface : Surface
    at : Anchor
        On the surface, or over the opening of a ring-shaped face.
    angle : float
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    t = surface.triangles
    vectors = surface.area_vectors
    areas = np.linalg.norm(vectors, axis=1)
    units = vectors / np.where(areas > 0.0, areas, 1.0)[:, None]
    edges = np.sort(t[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    keys = edges[:, 0].astype(np.int64) * len(surface.points) + edges[:, 1]
    order = np.argsort(keys, kind="stable")
    same = keys[order][1:] == keys[order][:-1]
    a, b = order[:-1][same] // 3, order[1:][same] // 3
    flat = np.einsum("ij,ij->i", units[a], units[b]) > np.cos(np.radians(angle))
    a, b = a[flat], b[flat]
    links = coo_matrix((np.ones(len(a)), (a, b)), shape=(len(t), len(t)))
    _, label = connected_components(links, directed=False)
    facing = units @ at.normal > np.cos(np.radians(45.0))
    if not facing.any():
        raise GeometryError(f"no face of the part looks the way of the place {at}; take one from the part itself")
    # Nearest by corner and middle: an anchor over a bore lies in the plane of its ring.
    corners = surface.corners
    away = np.minimum(
        np.linalg.norm(corners - at.point, axis=2).min(axis=1), np.linalg.norm(corners.mean(axis=1) - at.point, axis=1)
    )
    level = np.abs(np.einsum("ij,ij->i", corners[:, 0] - at.point, units))
    near = np.where(facing, level + 1e-3 * away, np.inf)
    return np.flatnonzero(label == label[int(np.argmin(near))])


def slab_on(surface: Surface, rows: NDArray[np.intp], *, low: float, high: float) -> Surface:
    """Return the closed slab between two heights (m) over a patch of a surface.

    Parameters
    ----------
    surface : Surface
    rows : ndarray of int
        Triangles of the patch; its edge must not touch itself.
    low, high : float
        Heights along the mean normal of each corner, lifted so that the facets around it move by this much.
    """
    used, flat = np.unique(surface.triangles[rows], return_inverse=True)
    t = flat.reshape(-1, 3)
    points = surface.points[used]
    vectors = surface.area_vectors[rows]
    areas = np.linalg.norm(vectors, axis=1)
    units = vectors / np.where(areas > 0.0, areas, 1.0)[:, None]
    normal = np.zeros_like(points)
    corners = points[t]
    for i in range(3):
        u, v = corners[:, (i + 1) % 3] - corners[:, i], corners[:, (i + 2) % 3] - corners[:, i]
        wide = np.arctan2(np.linalg.norm(np.cross(u, v), axis=1), np.einsum("ij,ij->i", u, v))
        np.add.at(normal, t[:, i], units * wide[:, None])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    cosine = np.ones(len(points))
    for i in range(3):
        np.minimum.at(cosine, t[:, i], np.einsum("ij,ij->i", normal[t[:, i]], units))
    lift = normal / np.clip(cosine, 0.5, 1.0)[:, None]
    directed = t[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    keys = directed[:, 0].astype(np.int64) * len(points) + directed[:, 1]
    back = directed[:, 1].astype(np.int64) * len(points) + directed[:, 0]
    rim = directed[~np.isin(keys, back)]
    n = len(points)
    sides = [np.column_stack([rim[:, 0], rim[:, 1], n + rim[:, 1]]), np.column_stack([rim[:, 0], n + rim[:, 1], n + rim[:, 0]])]
    made = np.concatenate([points + low * lift, points + high * lift])
    return Surface(made, np.concatenate([t[:, ::-1], n + t, *sides]).astype(np.int32))
