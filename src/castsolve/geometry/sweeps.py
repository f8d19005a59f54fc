"""Closed surfaces that join plane sections: extruded, swept along a path, lofted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import GeometryError
from ..units import quantity
from .outlines import outline_of
from .polygons import cut_polygons
from .surface import Surface, direction_of, place_of

__all__ = ["extruded", "lofted", "swept", "swept_tube"]

Array = NDArray[np.float64]


def lofted(rings: Sequence[Array], *, closed: bool = False) -> Surface:
    """Return the body between rings of equally many points, each ring joined to the next.

    Parameters
    ----------
    rings : sequence of ndarray, shape (n, 3)
        Counter-clockwise seen from the end toward which they go on. The first and the last are closed by lids.
    closed : bool
        Whether the last ring is joined to the first instead (a ring-shaped body, or a tube: outside up, inside down).
    """
    count = {len(ring) for ring in rings}
    if len(count) != 1 or len(rings) < 2:
        raise GeometryError(f"{len(rings)} rings of {sorted(count)} points cannot be joined; give two or more alike")
    n = count.pop()
    points = np.concatenate([np.asarray(ring, dtype=np.float64) for ring in rings])
    here = np.arange(n)
    there = (here + 1) % n
    triangles = []
    for low in range(len(rings) if closed else len(rings) - 1):
        a, b = n * low, n * ((low + 1) % len(rings))
        triangles += [np.column_stack([a + here, a + there, b + there]), np.column_stack([a + here, b + there, b + here])]
    if not closed:
        last = n * (len(rings) - 1) + here
        triangles += [cut_polygons(points, here[None, ::-1]), cut_polygons(points, last[None])]
    made = Surface(points, np.concatenate(triangles).astype(np.int32))
    return made.flipped() if made.volume < 0.0 else made


def extruded(outline: Any, height: Any, *, axis: Any = "z", base: Any = (0.0, 0.0, 0.0), hole: Any = None) -> Surface:
    """Return the prism over an outline, from `base` along `axis`.

    Parameters
    ----------
    outline : sequence of (length, length)
        Corners in the plane across the axis: (x, y) for z, (y, z) for x, (z, x) for y.
    height : length
    axis : "x", "y" or "z", with or without sign
    base : three lengths
        Where the outline's origin lies.
    hole : outline, optional
        Of as many corners as the outline, corner by corner beside it: the prism is a tube.
    """
    flat, h = outline_of(outline), quantity(height, "length", "height")
    if h <= 0.0:
        raise GeometryError(f"height = {h * 1e3:g} mm must be above 0 mm")
    along, origin = direction_of(axis, "axis"), place_of(base, "base")
    if np.count_nonzero(along) != 1:
        raise GeometryError(f"axis = {axis!r} must be x, y or z; turn the part afterwards")
    k = int(np.flatnonzero(along)[0])

    def ring(p: Array, at: float) -> Array:
        out = np.zeros((len(p), 3))
        out[:, (k + 1) % 3], out[:, (k + 2) % 3] = p[:, 0], p[:, 1]
        return out + origin + at * along

    if hole is None:
        return lofted([ring(flat, 0.0), ring(flat, h)])
    inner = outline_of(hole, "hole")
    if len(inner) != len(flat):
        raise GeometryError(f"the hole has {len(inner)} corners, the outline {len(flat)}; give equally many")
    return lofted([ring(flat, 0.0), ring(flat, h), ring(inner, h), ring(inner, 0.0)], closed=True)


def swept(section: Any, path: Sequence[Any], *, up: Any = "z", scale: Sequence[float] | None = None) -> Surface:
    """Return the body that a section makes along a path of straight legs, mitred at the corners.

    Parameters
    ----------
    section : sequence of (length, length)
        Corners across the path: to the left of it, and upward.
    path : sequence of three lengths
        Where the section's origin goes.
    up : direction
        Second axis of the section, as nearly as the path allows.
    scale : sequence of float, optional
        Factor on the section at every point of the path: a runner that tapers.
    """
    return lofted(_rings(outline_of(section, "section"), path, up, scale))


def swept_tube(diameter: Sequence[Any], path: Sequence[Any], *, bore: Sequence[Any] | None = None, segments: int = 48) -> Surface:
    """Return a round bar, or a tube with a bore, along a path; diameters are given for every point of it."""
    angle = 2.0 * np.pi * np.arange(segments) / segments
    swell = float(np.sqrt((2.0 * np.pi / segments) / np.sin(2.0 * np.pi / segments)))
    unit = swell * np.column_stack([np.cos(angle), np.sin(angle)])
    outside = [0.5 * quantity(d, "length", "diameter") for d in diameter]
    outer = _rings(unit, path, "z", outside)
    if bore is None:
        return lofted(outer)
    inner = _rings(unit, path, "z", [0.5 * quantity(d, "length", "bore") for d in bore])
    return lofted([*outer, *inner[::-1]], closed=True)


def _rings(section: Array, path: Sequence[Any], up: Any, scale: Sequence[float] | None) -> list[Array]:
    p = np.array([place_of(q, f"path[{i}]") for i, q in enumerate(path)])
    legs = np.diff(p, axis=0)
    lengths = np.linalg.norm(legs, axis=1)
    if len(p) < 2 or not (lengths > 0.0).all():
        raise GeometryError(f"a path of {len(p)} points has no length; give two or more points that differ")
    factors = np.ones(len(p)) if scale is None else np.asarray(scale, dtype=np.float64)
    if len(factors) != len(p) or not (factors > 0.0).all():
        raise GeometryError(f"{len(factors)} sizes were given for {len(p)} points of a path; give one for each, above 0")
    along = legs / lengths[:, None]
    seed = direction_of(up, "up")
    left = np.cross(seed, along[0])
    if np.linalg.norm(left) < 1e-6:
        left = np.cross(np.eye(3)[int(np.argmin(np.abs(along[0])))], along[0])
    left /= np.linalg.norm(left)
    rings = []
    for i, here in enumerate(p):
        before, after = along[max(i - 1, 0)], along[min(i, len(along) - 1)]
        if before @ after < -0.5:
            raise GeometryError(f"the path turns back at point {i}; lead it round in two corners")
        # The section of the leg before, cut by the plane that halves the corner.
        flat = factors[i] * (section[:, :1] * left + section[:, 1:] * np.cross(before, left))
        halving = before + after
        rings.append(here + flat - np.outer(flat @ halving / (before @ halving), before))
        # Turned with the path, the section does not twist.
        turn = np.cross(before, after)
        left = left + np.cross(turn, left) + np.cross(turn, np.cross(turn, left)) / (1.0 + before @ after)
    return rings
