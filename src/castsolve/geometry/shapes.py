"""Closed surfaces made from a few numbers.

A round shape is a body of facets. Its radius is widened by the few parts in ten thousand that give the facets the exact
volume of the round shape, because volume (and so the heat in it) is what a casting study must not lose.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import GeometryError
from ..units import quantity
from .surface import Surface, direction_of, place_of

__all__ = ["box", "cone", "cylinder", "revolved", "sphere", "tube"]

_SEGMENTS = 96


def _positive(value: Any, name: str) -> float:
    number = quantity(value, "length", name)
    if number <= 0.0:
        raise GeometryError(f"{name} = {number * 1e3:g} mm must be above 0 mm")
    return number


def box(size: Any, *, centre: Any = None, corner: Any = None) -> Surface:
    """Return a box of 12 triangles.

    Parameters
    ----------
    size : three lengths or one length
        Edges along x, y, z in m.
    centre, corner : three lengths, optional
        Middle, or the corner of lowest coordinates; give at most one. Default: the middle is at the origin.
    """
    edges = size if hasattr(size, "__len__") and not isinstance(size, str) else (size, size, size)
    if len(edges) != 3:
        raise GeometryError(f"size = {size!r} is not a box; write three lengths such as (40*mm, 40*mm, 80*mm)")
    span = np.array([_positive(v, f"size[{i}]") for i, v in enumerate(edges)])
    if centre is not None and corner is not None:
        raise GeometryError("centre and corner were both given; a box is placed by one of them")
    lo = place_of(corner, "corner") if corner is not None else -0.5 * span
    if centre is not None:
        lo = place_of(centre, "centre") - 0.5 * span
    bits = np.array([[i & 1, i >> 1 & 1, i >> 2 & 1] for i in range(8)], dtype=bool)
    triangles = [
        (0, 4, 6), (0, 6, 2), (1, 3, 7), (1, 7, 5),
        (0, 1, 5), (0, 5, 4), (2, 6, 7), (2, 7, 3),
        (0, 2, 3), (0, 3, 1), (4, 5, 7), (4, 7, 6),
    ]  # fmt: skip
    return Surface(np.where(bits, lo + span, lo), np.array(triangles))


def cylinder(
    diameter: Any, height: Any, *, axis: Any = "z", base: Any = (0.0, 0.0, 0.0), segments: int = _SEGMENTS
) -> Surface:
    """Return a cylinder that stands with the middle of its foot on `base` and grows along `axis`."""
    r, h = 0.5 * _positive(diameter, "diameter"), _positive(height, "height")
    return revolved([(0.0, 0.0), (r, 0.0), (r, h), (0.0, h)], axis=axis, base=base, segments=segments)


def cone(
    diameter: Any,
    top_diameter: Any,
    height: Any,
    *,
    axis: Any = "z",
    base: Any = (0.0, 0.0, 0.0),
    segments: int = _SEGMENTS,
) -> Surface:
    """Return a cone (top_diameter = 0) or a frustum with the middle of its foot on `base`."""
    r, h = 0.5 * _positive(diameter, "diameter"), _positive(height, "height")
    top = 0.5 * quantity(top_diameter, "length", "top_diameter")
    if top < 0.0:
        raise GeometryError(f"top_diameter = {2e3 * top:g} mm must not be below 0 mm; 0 makes a pointed cone")
    return revolved([(0.0, 0.0), (r, 0.0), (top, h), (0.0, h)], axis=axis, base=base, segments=segments)


def tube(
    diameter: Any,
    bore: Any,
    height: Any,
    *,
    axis: Any = "z",
    base: Any = (0.0, 0.0, 0.0),
    segments: int = _SEGMENTS,
) -> Surface:
    """Return a tube of outer `diameter` with a through `bore`, foot on `base`."""
    r, inner, h = 0.5 * _positive(diameter, "diameter"), 0.5 * _positive(bore, "bore"), _positive(height, "height")
    if inner >= r:
        raise GeometryError(f"bore = {2e3 * inner:g} mm must be below the diameter of {2e3 * r:g} mm")
    return revolved([(inner, 0.0), (r, 0.0), (r, h), (inner, h)], axis=axis, base=base, segments=segments)


def sphere(diameter: Any, *, centre: Any = (0.0, 0.0, 0.0), segments: int = _SEGMENTS) -> Surface:
    """Return a sphere of nearly equal triangles, about `segments` edges around its girth."""
    r, middle = 0.5 * _positive(diameter, "diameter"), place_of(centre, "centre")
    _check_segments(segments)
    golden = 0.5 * (1.0 + 5.0**0.5)
    points = np.array([(0, s, t * golden) for s in (-1, 1) for t in (-1, 1)], dtype=np.float64)
    points = np.concatenate([points, points[:, [2, 0, 1]], points[:, [1, 2, 0]]])
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2)
    near = np.abs(gaps - 2.0) < 1e-9
    triples = [
        (i, j, k) for i in range(12) for j in range(i) for k in range(j) if near[i, j] and near[j, k] and near[k, i]
    ]
    faces = np.array(triples)
    inward = np.linalg.det(points[faces]) < 0.0
    faces[inward] = faces[inward][:, ::-1]
    points /= np.linalg.norm(points[0])
    # The icosahedron has about 5.7 edges around; each division doubles that.
    for _ in range(max(0, round(np.log2(segments / 5.7)))):
        points, faces = _divided(points, faces)
    ball = Surface(points, faces)
    grow = (4.0 / 3.0 * np.pi / ball.volume) ** (1.0 / 3.0)
    return Surface(points * (grow * r) + middle, faces)


def _divided(points: NDArray[np.float64], faces: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """Split each triangle of a unit sphere in four, the new points pushed out onto the sphere."""
    edges = np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    keys, index = np.unique(edges[:, 0] * len(points) + edges[:, 1], return_inverse=True)
    middles = points[keys // len(points)] + points[keys % len(points)]
    middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    ab, bc, ca = (index.reshape(-1, 3) + len(points)).T
    a, b, c = faces.T
    rows = [(a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca)]
    return np.concatenate([points, middles]), np.concatenate([np.stack(r, axis=1) for r in rows])


def revolved(
    profile: Sequence[Any], *, axis: Any = "z", base: Any = (0.0, 0.0, 0.0), segments: int = _SEGMENTS
) -> Surface:
    """Return the body swept by a closed profile turned once around an axis.

    Parameters
    ----------
    profile : sequence of (radius, height)
        Corners of a simple polygon in m, in either sense; the last corner joins the first. Sides on the axis
        (radius 0 at both ends) belong to the inside.
    axis : str or three numbers
        Direction of growing height.
    base : three lengths
        Where height 0 lies on the axis.
    segments : int
        Facets around; a multiple of four keeps the mirror planes.
    """
    _check_segments(segments)
    origin, along = place_of(base, "base"), direction_of(axis, "axis")
    corners = _profile(profile)
    step = 2.0 * np.pi / segments
    widen = (step / np.sin(step)) ** 0.5
    ring = _circle(segments)
    across = _perpendicular(along)
    frame = np.stack([across, np.cross(along, across)])
    points: list[NDArray[np.float64]] = []
    first: list[int] = []
    count = 0
    for radius, height in corners:
        on_axis = radius == 0.0
        rows = np.zeros((1, 3)) if on_axis else radius * widen * (ring @ frame)
        points.append(origin + height * along + rows)
        first.append(-count - 1 if on_axis else count)
        count += len(rows)
    j = np.arange(segments)
    triangles = []
    for here, there in zip(first, first[1:] + first[:1], strict=True):
        low, low_next = _ring_pair(here, j, segments)
        high, high_next = _ring_pair(there, j, segments)
        if here >= 0:
            triangles.append(np.stack([low, low_next, high_next], axis=1))
        if there >= 0:
            triangles.append(np.stack([low, high_next, high], axis=1))
    return Surface(np.concatenate(points), np.concatenate(triangles))


def _circle(segments: int) -> NDArray[np.float64]:
    """Return the corners of a regular polygon in the unit circle."""
    step = 2.0 * np.pi / segments
    if segments % 4:
        angles = step * np.arange(segments)
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)
    # One quarter serves all four, so that mirrored facets are mirrored to the last bit.
    sine = np.sin(step * np.arange(segments // 4 + 1))
    sine[-1] = 1.0
    quarter = np.stack([sine[::-1], sine], axis=1)[:-1]
    turned = np.stack([-quarter[:, 1], quarter[:, 0]], axis=1)
    return np.concatenate([quarter, turned, -quarter, -turned])


def _ring_pair(first: int, j: NDArray[Any], segments: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the point numbers of a ring and of their next neighbours; a negative start is one point on the axis."""
    if first < 0:
        same = np.full(len(j), -first - 1)
        return same, same
    return first + j, first + (j + 1) % segments


def _perpendicular(along: NDArray[np.float64]) -> NDArray[np.float64]:
    # x for z, z for x, x for y: the mirror planes of a straight cylinder are those of the coordinates.
    seed = np.array([1.0, 0.0, 0.0]) if abs(along[0]) < 0.9 else np.array([0.0, 0.0, 1.0])
    across = seed - (seed @ along) * along
    return across / np.linalg.norm(across)


def _check_segments(segments: int) -> None:
    if isinstance(segments, bool) or not isinstance(segments, (int, np.integer)) or not 8 <= segments <= 4096:
        raise GeometryError(f"segments = {segments!r} must be a whole number from 8 to 4096")


def _profile(profile: Sequence[Any]) -> NDArray[np.float64]:
    """Return the corners of a profile in the sense that makes the surface face outward."""
    rows = []
    for i, corner in enumerate(profile):
        if isinstance(corner, str) or not hasattr(corner, "__len__") or len(corner) != 2:
            raise GeometryError(f"profile[{i}] = {corner!r} is no corner; write (radius, height)")
        rows.append([quantity(v, "length", f"profile[{i}]") for v in corner])
    p = np.array(rows, dtype=np.float64).reshape(-1, 2)
    if len(p):
        p = p[np.any(p != np.roll(p, 1, axis=0), axis=1)]
    if len(p) < 3:
        raise GeometryError(f"the profile has {len(p)} different corners; at least 3 are needed")
    if p[:, 0].min() < 0.0:
        raise GeometryError(f"the profile reaches a radius of {p[:, 0].min() * 1e3:g} mm; radii must not be below 0 mm")
    q = np.roll(p, -1, axis=0)
    twice = float((p[:, 0] * q[:, 1] - q[:, 0] * p[:, 1]).sum())
    if abs(twice) <= 1e-12 * float(np.ptp(p, axis=0).max()) ** 2 or _crosses_itself(p, q):
        raise GeometryError(
            "the profile crosses itself or encloses no area; give the corners of a simple polygon in order"
        )
    return p if twice > 0.0 else p[::-1]


def _crosses_itself(p: NDArray[np.float64], q: NDArray[np.float64]) -> bool:
    """Say whether two sides of the polygon cross in their interiors."""

    def side(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> NDArray[np.float64]:
        u, v = b - a, c - a
        return np.asarray(u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0])

    a, b, c, d = p[:, None], q[:, None], p[None], q[None]
    return bool(((side(a, b, c) * side(a, b, d) < 0.0) & (side(c, d, a) * side(c, d, b) < 0.0)).any())
