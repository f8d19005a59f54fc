"""Faces of more than three corners, cut into triangles that do not overlap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["cut_polygons"]


def cut_polygons(points: NDArray[np.float64], faces: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return triangles of faces that all have the same number of corners.

    Parameters
    ----------
    points : ndarray, shape (n, 3)
    faces : ndarray of int, shape (m, k)
        Corners in order, k >= 3. A face with a notch is cut ear by ear, any other into a fan.

    Returns
    -------
    ndarray of int, shape (m * (k - 2), 3)
    """
    fans = np.stack([faces[:, [0, i, i + 1]] for i in range(1, faces.shape[1] - 1)], axis=1)
    c = points[fans]
    normals = np.cross(c[..., 1, :] - c[..., 0, :], c[..., 2, :] - c[..., 0, :])
    whole = normals.sum(axis=1, keepdims=True)
    notched = ((normals * whole).sum(axis=2) < 0.0).any(axis=1)
    for i in np.flatnonzero(notched):
        fans[i] = _ears(points[faces[i]], whole[i, 0], faces[i])
    return fans.reshape(-1, 3)


def _ears(corners: NDArray[np.float64], normal: NDArray[np.float64], face: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the triangles of one notched face: convex corners that hold no other corner are cut off in turn."""
    axis = int(np.argmax(np.abs(normal)))
    flat = np.delete(corners, axis, axis=1)
    # Dropping y turns the plane over; a normal that looks down does too.
    sense = np.sign(normal[axis]) * (-1.0 if axis == 1 else 1.0)

    def twice_area(a: int, b: int, c: int) -> float:
        u, v = flat[b] - flat[a], flat[c] - flat[a]
        return float(sense * (u[0] * v[1] - u[1] * v[0]))

    left = list(range(len(face)))
    found: list[tuple[int, int, int]] = []
    while len(left) > 3:
        for k in range(len(left)):
            a, b, c = left[k - 1], left[k], left[(k + 1) % len(left)]
            others = [p for p in left if p not in (a, b, c) and not any(np.array_equal(flat[p], flat[q]) for q in (a, b, c))]
            inside = any(min(twice_area(a, b, p), twice_area(b, c, p), twice_area(c, a, p)) >= 0.0 for p in others)
            if twice_area(a, b, c) > 0.0 and not inside:
                break
        else:
            # The face crosses itself: a fan keeps its signed area at least.
            k, (a, b, c) = 1, (left[0], left[1], left[2])
        found.append((a, b, c))
        del left[k]
    found.append((left[0], left[1], left[2]))
    return np.asarray(face[np.array(found)])
