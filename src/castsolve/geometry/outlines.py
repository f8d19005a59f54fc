"""Plane outlines from a few numbers: what is extruded, swept and lofted.

An outline is an array of shape (n, 2) in metres, its corners in order, counter-clockwise, not closed by a last corner.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import GeometryError
from ..units import quantity

__all__ = ["circle", "outline_of", "rectangle", "rounded", "trapezoid"]

Outline = NDArray[np.float64]


def outline_of(corners: Any, name: str = "outline") -> Outline:
    """Return an outline in m, counter-clockwise, from corners in either sense.

    Raises
    ------
    GeometryError
        If there are fewer than three corners, or they enclose no area.
    """
    rows = []
    for i, corner in enumerate(corners):
        if isinstance(corner, str) or not hasattr(corner, "__len__") or len(corner) != 2:
            raise GeometryError(f"{name}[{i}] = {corner!r} is no corner; write two lengths such as (20*mm, 5*mm)")
        rows.append([quantity(value, "length", f"{name}[{i}]") for value in corner])
    p = np.array(rows, dtype=np.float64).reshape(-1, 2)
    area = _area(p) if len(p) >= 3 else 0.0
    if abs(area) <= 1e-12 * float(np.ptp(p, axis=0).max(initial=0.0)) ** 2:
        raise GeometryError(f"{name} has {len(p)} corners and encloses no area; give the corners of a polygon in order")
    return p if area > 0.0 else p[::-1].copy()


def _area(p: Outline) -> float:
    q = np.roll(p, -1, axis=0)
    return 0.5 * float((p[:, 0] * q[:, 1] - q[:, 0] * p[:, 1]).sum())


def circle(diameter: Any, *, centre: Sequence[Any] = (0.0, 0.0), segments: int = 48) -> Outline:
    """Return a polygon with the area of a circle."""
    r = 0.5 * quantity(diameter, "length", "diameter")
    angle = 2.0 * np.pi * np.arange(segments) / segments
    swell = float(np.sqrt((2.0 * np.pi / segments) / np.sin(2.0 * np.pi / segments)))
    middle = np.array([quantity(v, "length", "centre") for v in centre])
    return outline_of(middle + r * swell * np.column_stack([np.cos(angle), np.sin(angle)]))


def rectangle(width: Any, height: Any, *, radius: Any = 0.0, steps: int = 6) -> Outline:
    """Return a rectangle about the origin, its corners rounded by a radius."""
    w, h = 0.5 * quantity(width, "length", "width"), 0.5 * quantity(height, "length", "height")
    return rounded([(-w, -h), (w, -h), (w, h), (-w, h)], radius, steps=steps)


def trapezoid(width: Any, top_width: Any, height: Any) -> Outline:
    """Return a trapezoid that stands on the first axis: the usual section of a runner, narrower on top."""
    w, t, h = (quantity(v, "length", n) for v, n in ((width, "width"), (top_width, "top_width"), (height, "height")))
    return outline_of([(-0.5 * w, 0.0), (0.5 * w, 0.0), (0.5 * t, h), (-0.5 * t, h)])


def rounded(corners: Any, radius: Any, *, steps: int = 6) -> Outline:
    """Return an outline with every corner replaced by an arc.

    Parameters
    ----------
    corners : sequence of (length, length)
    radius : length or sequence of lengths
        One for all corners, or one for each; 0 keeps a corner sharp. Where two arcs would meet, both are shortened.
    steps : int
        Chords of one arc.
    """
    p = outline_of(corners, "corners")
    many = not isinstance(radius, str) and hasattr(radius, "__len__")
    radii = [quantity(r, "length", "radius") for r in (radius if many else [radius] * len(p))]
    if len(radii) != len(p) or min(radii) < 0.0:
        raise GeometryError(f"{len(radii)} radii were given for {len(p)} corners; give one, or one for each, none below 0 mm")
    if many and _area(np.array([[quantity(v, "length", "corner") for v in c] for c in corners])) < 0.0:
        radii = radii[::-1]
    found: list[NDArray[np.float64]] = []
    for i, here in enumerate(p):
        before, after = p[i - 1] - here, p[(i + 1) % len(p)] - here
        a, b = np.linalg.norm(before), np.linalg.norm(after)
        u, v = before / a, after / b
        half = 0.5 * float(np.arccos(np.clip(u @ v, -1.0, 1.0)))
        if radii[i] <= 0.0 or half > 0.5 * np.pi - 1e-6 or half < 1e-6:
            found.append(here[None])
            continue
        length = min(radii[i] / np.tan(half), 0.49 * float(min(a, b)))
        r = length * np.tan(half)
        middle = here + (u + v) / np.linalg.norm(u + v) * (r / np.sin(half))
        first, last = here + length * u - middle, here + length * v - middle
        turn = float(np.arctan2(first[0] * last[1] - first[1] * last[0], first @ last))
        angle = np.linspace(0.0, turn, steps + 1)[:, None]
        across = np.array([-first[1], first[0]])
        found.append(middle + np.cos(angle) * first + np.sin(angle) * across)
    return np.concatenate(found)
