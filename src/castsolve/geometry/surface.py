"""A triangulated surface: the one form in which every room sees a shape."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import GeometryError
from ..units import quantity

__all__ = ["Surface", "direction_of", "place_of"]

_AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}


def place_of(value: Any, name: str) -> NDArray[np.float64]:
    """Return three lengths (numbers in m, texts such as "4 mm", pint quantities) as an array in m.

    Parameters
    ----------
    value : sequence of three lengths
    name : str
        What the place is for; it opens the refusal.
    """
    if isinstance(value, str) or not hasattr(value, "__len__") or len(value) != 3:
        raise GeometryError(f"{name} = {value!r} is not a place; write three lengths such as (0, 0, 90*mm)")
    return np.array([quantity(v, "length", f"{name}[{i}]") for i, v in enumerate(value)])


def direction_of(value: Any, name: str) -> NDArray[np.float64]:
    """Return a direction given as "x", "-z", ... or as three numbers as a unit vector."""
    if isinstance(value, str):
        sign, letter = (-1.0, value[1:]) if value.startswith("-") else (1.0, value.removeprefix("+"))
        if letter not in _AXES:
            raise GeometryError(f'{name} = "{value}" is no direction; write "x", "-x", ... "-z" or three numbers')
        return sign * np.array(_AXES[letter])
    try:
        vector = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        vector = np.zeros(0)
    length = float(np.linalg.norm(vector)) if vector.shape == (3,) else 0.0
    if not (np.isfinite(length) and length > 0.0):
        raise GeometryError(f'{name} = {value!r} is no direction; write "x", "-x", ... or three numbers not all 0')
    return vector / length


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Surface:
    """A triangulated surface in metres, outward oriented where it is closed.

    Parameters
    ----------
    points : array_like, shape (n, 3)
        Corner points in m. Kept as a read-only float64 array.
    triangles : array_like, shape (m, 3)
        Rows of three indices into `points`, counter-clockwise seen from outside. Kept as a read-only int32 array.
    """

    points: NDArray[np.float64]
    triangles: NDArray[np.int32]

    def __post_init__(self) -> None:
        p = np.ascontiguousarray(self.points, dtype=np.float64).view()
        wide = np.asarray(self.triangles)
        if p.ndim != 2 or p.shape[1:] != (3,):
            raise GeometryError(f"points have shape {p.shape}; three columns x, y, z are needed")
        if wide.ndim != 2 or wide.shape[1:] != (3,) or wide.dtype.kind not in "iu":
            raise GeometryError(
                f"triangles have shape {wide.shape} of {wide.dtype}; three columns of integers are needed"
            )
        if len(wide) and (wide.min() < 0 or wide.max() >= len(p)):
            raise GeometryError(
                f"triangles refer to points {wide.min()} to {wide.max()}; there are only 0 to {len(p) - 1}"
            )
        bad = np.flatnonzero(~np.isfinite(p).all(axis=1))
        if len(bad):
            raise GeometryError(
                f"{len(bad)} of {len(p)} points are not finite (first is point {bad[0]}); export the surface again"
            )
        t = np.ascontiguousarray(wide, dtype=np.int32).view()
        p.flags.writeable = False
        t.flags.writeable = False
        object.__setattr__(self, "points", p)
        object.__setattr__(self, "triangles", t)

    def __repr__(self) -> str:
        return f"Surface({len(self.points)} points, {len(self.triangles)} triangles)"

    @property
    def corners(self) -> NDArray[np.float64]:
        """Corner points by triangle, shape (m, 3 corners, 3), in m."""
        return self.points[self.triangles]

    @property
    def area_vectors(self) -> NDArray[np.float64]:
        """Area times outward normal of each triangle, shape (m, 3), in m2."""
        c = self.corners
        return 0.5 * np.cross(c[:, 1] - c[:, 0], c[:, 2] - c[:, 0])

    @property
    def area(self) -> float:
        """Area in m2."""
        return float(np.linalg.norm(self.area_vectors, axis=1).sum())

    @property
    def volume(self) -> float:
        """Enclosed volume in m3; negative where the surface is inside out."""
        if not len(self.triangles):
            return 0.0
        # About the middle of the box, so that a part far from the origin loses no digits.
        lo, hi = self.bounds
        c = self.corners - 0.5 * (lo + hi)
        return float(np.einsum("ij,ij->i", c[:, 0], np.cross(c[:, 1], c[:, 2])).sum() / 6.0)

    @property
    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lowest and highest coordinates of the box around the triangles, each of shape (3,), in m."""
        if not len(self.triangles):
            raise GeometryError("the surface has no triangles and so no box; give at least four triangles")
        used = np.zeros(len(self.points), dtype=bool)
        used[self.triangles.ravel()] = True
        # Column by column: numpy is several times slower along the short axis.
        columns = [np.ascontiguousarray(self.points[used, axis]) for axis in range(3)]
        return np.array([c.min() for c in columns]), np.array([c.max() for c in columns])

    @property
    def size(self) -> NDArray[np.float64]:
        """Edges of the box around the surface, shape (3,), in m."""
        lo, hi = self.bounds
        return hi - lo

    def flipped(self) -> Surface:
        """Return the surface turned inside out."""
        return Surface(self.points, self.triangles[:, ::-1])

    def transformed(self, matrix: ArrayLike) -> Surface:
        """Return the surface mapped by a 4 x 4 matrix; a mirroring matrix keeps it outward oriented.

        Parameters
        ----------
        matrix : array_like, shape (4, 4)
            Acts on columns (x, y, z, 1) in m; its last row must be 0, 0, 0, 1.
        """
        a = np.asarray(matrix, dtype=np.float64)
        if a.shape != (4, 4) or not np.isfinite(a).all() or not np.array_equal(a[3], (0.0, 0.0, 0.0, 1.0)):
            raise GeometryError("a surface is transformed by a finite 4 x 4 matrix whose last row is 0, 0, 0, 1")
        turn = float(np.linalg.det(a[:3, :3]))
        if turn == 0.0:
            raise GeometryError("the matrix flattens the surface (its determinant is 0); give one that can be inverted")
        mapped = Surface(self.points @ a[:3, :3].T + a[:3, 3], self.triangles)
        return mapped.flipped() if turn < 0.0 else mapped

    @classmethod
    def joined(cls, surfaces: Iterable[Surface]) -> Surface:
        """Return several surfaces as one, each kept as a shell of its own."""
        given = list(surfaces)
        starts = np.cumsum([0] + [len(s.points) for s in given])
        if not given:
            raise GeometryError("no surface was given to join; give at least one")
        return cls(
            np.concatenate([s.points for s in given]),
            np.concatenate([s.triangles + np.int32(start) for s, start in zip(given, starts, strict=False)]),
        )
