"""Closed surfaces for rigging: lathed and prismatic bodies whose foot follows the surface they stand on."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from ..geometry import Surface

__all__ = ["Foot", "block", "frame", "lathe"]

_SEGMENTS = 96
_RINGS = 6
_PATCHES = 12

# Height of the foot above the anchor plane at places (n, 2) of that plane, in metres.
Foot = Callable[[np.ndarray], np.ndarray]


def frame(direction: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Return three orthonormal columns (across, along, out) with ``out`` along a direction.

    ``across`` is horizontal wherever the direction is not vertical, so that a gate keeps its width level. For a
    vertical direction the axes are the file's own x and y as nearly as possible.
    """
    out = direction / np.linalg.norm(direction)
    across = np.cross(up, out)
    if np.linalg.norm(across) < 1e-6:
        axis = np.eye(3)[int(np.argmin(np.abs(out)))]
        across = axis - out * float(axis @ out)
    across = across / np.linalg.norm(across)
    return np.column_stack([across, np.cross(out, across), out])


def lathe(profile: Sequence[tuple[float, float]], *, origin: np.ndarray, axes: np.ndarray, foot: Foot) -> Surface:
    """Return the body of revolution of a profile (radius, height), standing on a foot that may be uneven.

    Parameters
    ----------
    profile : sequence of (radius, height)
        From the rim of the foot upward, in metres; the first height is ignored in favour of the foot. The last point is
        closed by a flat lid.
    origin, axes : ndarray
        Anchor point and its frame (see `frame`).
    foot : callable
        Height of the foot at places of the anchor plane.

    Notes
    -----
    The polygon that stands for a circle of radius r has the area of that circle, so volumes are those of the true body.
    """
    angle = 2.0 * math.pi * np.arange(_SEGMENTS) / _SEGMENTS
    swell = math.sqrt((2.0 * math.pi / _SEGMENTS) / math.sin(2.0 * math.pi / _SEGMENTS))
    circle = swell * np.column_stack([np.cos(angle), np.sin(angle)])

    radius = profile[0][0]
    rim = foot(radius * circle)
    rings = 1 if np.ptp(rim) < 1e-9 * radius else _RINGS
    radii = radius * np.arange(1, rings + 1) / rings
    places = np.concatenate([np.zeros((1, 2)), *(r * circle for r in radii)])
    layers = [np.column_stack([places, foot(places)])]
    for r, height in profile[1:]:
        layers.append(np.column_stack([r * circle, np.full(_SEGMENTS, height)]))
    layers.append(np.array([[0.0, 0.0, profile[-1][1]]]))
    local = np.concatenate(layers)

    here = np.arange(_SEGMENTS)
    there = (here + 1) % _SEGMENTS
    triangles = [np.column_stack([np.zeros(_SEGMENTS, dtype=int), 1 + there, 1 + here])]
    for ring in range(rings + len(profile) - 2):
        low = 1 + ring * _SEGMENTS
        high = low + _SEGMENTS
        # The foot is seen from below, the side from outside: one strip rule serves both, as the rim leads over.
        triangles.append(np.column_stack([low + here, low + there, high + there]))
        triangles.append(np.column_stack([low + here, high + there, high + here]))
    last = 1 + (rings + len(profile) - 2) * _SEGMENTS
    triangles.append(np.column_stack([last + here, last + there, np.full(_SEGMENTS, len(local) - 1)]))
    return Surface(origin + local @ axes.T, triangles=np.concatenate(triangles).astype(np.int32))


def block(
    width: float, depth: float, height: float, *, origin: np.ndarray, axes: np.ndarray, foot: Foot, back: Foot | None = None
) -> Surface:
    """Return a rectangular block centred on an anchor, from its foot up to a far face, flat unless `back` is given.

    Parameters
    ----------
    width, depth, height : float
        Extent along the three axes of the frame, in metres; the height counts from the anchor point.
    origin, axes, foot
        As in `lathe`.
    back : callable, optional
        Height of the far face at places of the anchor plane; it takes the place of `height`.
    """
    edge = np.linspace(-0.5, 0.5, _PATCHES + 1)
    trial = np.stack(np.meshgrid(width * edge, depth * edge, indexing="ij"), axis=-1)
    heights = foot(trial.reshape(-1, 2))
    n = 1 if np.ptp(heights) < 1e-9 * max(width, depth) else _PATCHES
    edge = np.linspace(-0.5, 0.5, n + 1)
    places = np.stack(np.meshgrid(width * edge, depth * edge, indexing="ij"), axis=-1).reshape(-1, 2)
    low = np.column_stack([places, foot(places)])
    high = np.column_stack([places, np.full(len(places), height) if back is None else back(places)])
    index = np.arange((n + 1) ** 2).reshape(n + 1, n + 1)
    top = index + (n + 1) ** 2

    triangles = [
        *_quads(index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]),
        *_quads(top[:-1, :-1], top[1:, :-1], top[1:, 1:], top[:-1, 1:]),
    ]
    for line, lid in (
        (index[:, 0], top[:, 0]),
        (index[::-1, -1], top[::-1, -1]),
        (index[-1, :], top[-1, :]),
        (index[0, ::-1], top[0, ::-1]),
    ):
        triangles += _quads(line[:-1], line[1:], lid[1:], lid[:-1])
    return Surface(origin + np.concatenate([low, high]) @ axes.T, triangles=np.concatenate(triangles).astype(np.int32))


def _quads(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> list[np.ndarray]:
    a, b, c, d = (corner.ravel() for corner in (a, b, c, d))
    return [np.column_stack([a, b, c]), np.column_stack([a, c, d])]
