"""Places on a part: a point of the true surface with its outward normal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import GeometryError
from .surface import Surface, direction_of, place_of

__all__ = ["Anchor", "extreme_anchor", "nearest_anchor", "ray_anchor"]

# A facet belongs to the level patch of an extreme while it leans less than this from the direction ...
_LEVEL_COSINE = float(np.cos(np.radians(15.0)))
# ... and lies within this part of the largest edge of the box below the extreme.
_LEVEL_DEPTH = 2e-3

# Facets that differ by less than this are taken for one round wall.
_SMOOTH_COSINE = float(np.cos(np.radians(25.0)))


@dataclass(frozen=True, slots=True, eq=False)
class Anchor:
    """A place for rigging: a point in m and the outward direction there.

    Parameters
    ----------
    point : three lengths
        Where, in m.
    normal : str or three numbers
        Outward direction; kept as a unit vector.
    over_opening : bool
        True where the point is the middle of a ring-shaped patch (a bored flange) and so hangs over its opening.
    """

    point: NDArray[np.float64]
    normal: NDArray[np.float64] = "z"  # type: ignore[assignment]
    over_opening: bool = False

    def __post_init__(self) -> None:
        point = place_of(self.point, "point")
        normal = direction_of(self.normal, "normal")
        point.flags.writeable = False
        normal.flags.writeable = False
        object.__setattr__(self, "point", point)
        object.__setattr__(self, "normal", normal)

    def __str__(self) -> str:
        x, y, z = self.point * 1e3
        u, v, w = self.normal + 0.0
        return f"({x:.4g}, {y:.4g}, {z:.4g}) mm facing ({u:.3g}, {v:.3g}, {w:.3g})"

    def shifted(self, distance: Any) -> Anchor:
        """Return the anchor moved by three lengths, its normal kept."""
        return Anchor(self.point + place_of(distance, "distance"), self.normal, self.over_opening)


def extreme_anchor(surface: Surface, direction: Any) -> Anchor:
    """Return the middle of the level patch that lies farthest along a direction.

    The patch is the largest connected set of facets that face the direction (within 15 degrees) at the extreme
    level; where nothing there is level (the tip of a sphere, an edge), it is the extreme point itself. The middle of a
    ring lies over its opening, at the level of the ring, and says so.
    """
    along = direction_of(direction, "direction")
    corners = surface.corners
    height = corners @ along
    top = float(height.max())
    depth = _LEVEL_DEPTH * float(surface.size.max())
    vectors = surface.area_vectors
    areas = np.linalg.norm(vectors, axis=1)
    level = (height.min(axis=1) >= top - depth) & (vectors @ along > _LEVEL_COSINE * areas) & (areas > 0.0)
    if not level.any():
        tips = corners.reshape(-1, 3)[height.ravel() >= top - 1e-9 * (depth / _LEVEL_DEPTH)]
        return _centred(
            surface, np.unique(tips, axis=0).mean(axis=0), along, np.arange(len(corners)), top - depth, along
        )
    chosen = np.flatnonzero(level)
    patch = chosen[_largest_patch(surface.triangles[chosen], areas[chosen], len(surface.points))]
    weights = areas[patch] / areas[patch].sum()
    middle = weights @ corners[patch].mean(axis=1)
    normal = vectors[patch].sum(axis=0)
    return _centred(surface, middle, along, patch, top - 2.0 * depth, normal)


def _centred(
    surface: Surface,
    middle: NDArray[np.float64],
    along: NDArray[np.float64],
    rows: NDArray[np.intp],
    lowest: float,
    normal: NDArray[np.float64],
) -> Anchor:
    """Return the middle lifted onto the given triangles, or as it is where they leave an opening there."""
    _, heights = _ray_hits(surface.corners[rows], middle, along)
    opening = not len(heights) or float(heights.max()) < lowest
    point = middle if opening else middle + along * (float(heights.max()) - float(middle @ along))
    unit = normal / np.linalg.norm(normal)
    # Sums of mirrored facets leave dust where the middle is 0.
    point = np.where(np.abs(point) < 1e-13 * float(surface.size.max()), 0.0, point)
    return Anchor(point, np.where(np.abs(unit) < 1e-13, 0.0, unit), opening)


def _largest_patch(triangles: NDArray[np.int32], areas: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """Return the members of the connected set of triangles with the largest area."""
    label = np.full(count, len(triangles), dtype=np.int64)
    mine = np.arange(len(triangles))
    # Each round carries the lowest number one triangle further; jumps shorten long chains.
    while True:
        before = mine
        np.minimum.at(label, triangles.ravel(), np.repeat(mine, 3))
        mine = np.minimum(mine, label[triangles].min(axis=1))
        mine = mine[mine]
        if np.array_equal(mine, before):
            break
    total = np.bincount(mine, weights=areas)
    return np.flatnonzero(mine == int(total.argmax()))


def ray_anchor(surface: Surface, place: Any, direction: Any, name: str) -> Anchor:
    """Return the farthest place along a direction on the straight line through a point."""
    along = direction_of(direction, "direction")
    origin = place_of(place, name)
    corners = surface.corners
    rows, heights = _ray_hits(corners, origin, along)
    if not len(rows):
        lo, hi = surface.bounds
        at = ", ".join(f"{v * 1e3:.4g}" for v in origin)
        box = ", ".join(f"{a * 1e3:.4g} to {b * 1e3:.4g}" for a, b in zip(lo, hi, strict=True))
        raise GeometryError(f"the line through ({at}) mm does not meet the part; it spans {box} mm in x, y, z")
    top = float(heights.max())
    near = heights >= top - 1e-9 * float(surface.size.max())
    vectors = surface.area_vectors[rows[near]]
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    facing = units[units @ along > 1e-9]
    normal = facing.sum(axis=0) if len(facing) else along
    return Anchor(origin + along * (top - float(origin @ along)), normal)


def _ray_hits(
    corners: NDArray[np.float64], origin: NDArray[np.float64], along: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return which triangles the line meets (edges count) and the heights of the meetings along it."""
    seed = np.eye(3)[int(np.argmin(np.abs(along)))]
    across = np.cross(along, seed)
    across /= np.linalg.norm(across)
    frame = np.stack([across, np.cross(along, across)], axis=1)
    flat = (corners - origin) @ frame
    # Only triangles whose flat box holds the origin need the exact test.
    near = np.flatnonzero(((flat.min(axis=1) <= 0.0) & (flat.max(axis=1) >= 0.0)).all(axis=1))
    p = flat[near]
    q = np.roll(p, -1, axis=1)
    wedge = p[..., 0] * q[..., 1] - p[..., 1] * q[..., 0]
    twice = wedge.sum(axis=1)
    size = np.abs(p).max(axis=(1, 2)) if len(p) else np.zeros(0)
    slack = 1e-12 * size**2
    inside = ((wedge >= -slack[:, None]).all(axis=1) | (wedge <= slack[:, None]).all(axis=1)) & (np.abs(twice) > slack)
    rows = near[inside]
    # The wedge opposite to a corner is its weight.
    weights = np.roll(wedge[inside], -1, axis=1) / twice[inside, None]
    return rows, np.einsum("ij,ij->i", weights, corners[rows] @ along)


def nearest_anchor(surface: Surface, place: Any) -> Anchor:
    """Return the place of the surface that is nearest to a point.

    On a sharp edge the facet that faces the point most is taken, of equals the largest; between the facets of a round
    wall the normal is their mean.
    """
    point = place_of(place, "point")
    near, rows, distance = _closest(surface.corners, point)
    vectors = surface.area_vectors[rows]
    areas = np.linalg.norm(vectors, axis=1)
    units = vectors / np.where(areas > 0.0, areas, 1.0)[:, None]
    facing = np.abs(units @ (point - near)) if distance > 0.0 else np.zeros(len(rows))
    best = np.lexsort((-areas, -np.round(facing / max(distance, 1e-300), 6)))
    first = units[best[0]]
    if not first.any():
        raise GeometryError(f"the surface has no area near {Anchor(near)}; choose another place")
    # On the edge between two facets of one round wall the wall faces between them.
    smooth = np.unique(np.round(units[units @ first > _SMOOTH_COSINE], 9), axis=0).sum(axis=0)
    return Anchor(near, np.where(np.abs(smooth) < 1e-8, 0.0, smooth))


def _closest(
    corners: NDArray[np.float64], point: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.intp], float]:
    """Return the nearest point of the triangles, the triangles that hold it, and its distance."""
    # A triangle cannot be nearer than its box; most are dropped by the distance of the nearest corner.
    bound = float(np.sqrt(((corners - point) ** 2).sum(axis=2).min()))
    gap = np.maximum(np.maximum(corners.min(axis=1) - point, point - corners.max(axis=1)), 0.0)
    near = np.flatnonzero((gap**2).sum(axis=1) <= bound**2 * (1.0 + 1e-12))
    found = _closest_on_triangles(corners[near], point)
    distance = np.sqrt(((found - point) ** 2).sum(axis=1))
    best = float(distance.min())
    scale = float(np.abs(corners[near] - point).max())
    ties = np.flatnonzero(distance <= best + 1e-12 * scale)
    return found[int(distance.argmin())], near[ties], best


def _closest_on_triangles(c: NDArray[np.float64], point: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the nearest point of every triangle: inside where the foot falls inside, else on the nearest edge."""
    best = np.empty((len(c), 3))
    square = np.full(len(c), np.inf)
    for i in range(3):
        a, edge = c[:, i], c[:, (i + 1) % 3] - c[:, i]
        length = np.einsum("ij,ij->i", edge, edge)
        t = np.einsum("ij,ij->i", point - a, edge) / np.where(length > 0.0, length, 1.0)
        on_edge = a + np.clip(t, 0.0, 1.0)[:, None] * edge
        d = ((on_edge - point) ** 2).sum(axis=1)
        nearer = d < square
        best[nearer], square[nearer] = on_edge[nearer], d[nearer]
    normal = np.cross(c[:, 1] - c[:, 0], c[:, 2] - c[:, 0])
    norm = np.einsum("ij,ij->i", normal, normal)
    flat = norm > 0.0
    lift = np.einsum("ij,ij->i", point - c[:, 0], normal) / np.where(flat, norm, 1.0)
    foot = point - lift[:, None] * normal
    inside = flat
    for i in range(3):
        a, b = c[:, i], c[:, (i + 1) % 3]
        inside = inside & (np.einsum("ij,ij->i", np.cross(b - a, foot - a), normal) >= 0.0)
    best[inside] = foot[inside]
    return best
