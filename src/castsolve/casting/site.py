"""Where rigging meets the casting: the shape of the surface under a foot, and whether two bodies touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..geometry import Surface
from .shapes import frame

__all__ = ["Site", "distance", "distance_from_point", "holds", "reaches_outside"]

# A foot sinks this part of its width into the metal, so that no film of sand stays between the two bodies.
SINK = 0.02
# Places along either side of a foot at which it is looked for metal under it.
_SAMPLES = 25
# No edge of a body lies along this, and its parts are of one size.
_ASKEW = np.array([0.53, 0.61, 0.59])


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """The metal that rigging stands on, and which way is up.

    Parameters
    ----------
    metal : sequence of Surface
        Surfaces that a foot may stand on: the part, and rigging that came from mesh files.
    up : ndarray, shape (3,)
        Unit vector against gravity.
    """

    metal: Sequence[Surface]
    up: np.ndarray

    def frame(self, direction: np.ndarray) -> np.ndarray:
        """Return the axes (across, along, out) of a body that leaves the surface in a direction."""
        return frame(direction, self.up)

    def heights(self, places: np.ndarray, *, origin: np.ndarray, axes: np.ndarray, reach: float) -> np.ndarray:
        """Return the height of the metal surface over the anchor plane at places of that plane.

        Parameters
        ----------
        places : ndarray, shape (n, 2)
            Coordinates along the first two axes, from the anchor, in m.
        origin, axes : ndarray
            Anchor point, and columns (across, along, out).
        reach : float
            Surface further than this from the anchor plane does not count: there the foot overhangs an edge.

        Returns
        -------
        ndarray, shape (n,)
            Height in m of the surface nearest to the anchor plane that faces outward; 0 where there is none in reach.
        """
        found = self._nearest(places, origin, axes, reach)
        return np.where(np.abs(found) <= reach, found, 0.0)

    def share_over(self, width: float, depth: float, *, origin: np.ndarray, axes: np.ndarray, reach: float) -> float:
        """Return the share of a foot of `width` and `depth` (m) about its anchor that has metal under it; else as `heights`."""
        middles = (np.arange(_SAMPLES) + 0.5) / _SAMPLES - 0.5
        places = np.stack(np.meshgrid(width * middles, depth * middles, indexing="ij"), axis=-1).reshape(-1, 2)
        return float((np.abs(self._nearest(places, origin, axes, reach)) <= reach).mean())

    def _nearest(self, places: np.ndarray, origin: np.ndarray, axes: np.ndarray, reach: float) -> np.ndarray:
        """Height (m) of the surface nearest to the anchor plane that faces outward; infinite where there is none."""
        best = np.full(len(places), np.inf)
        for surface in self.metal:
            corners = (surface.points - origin) @ axes
            corners = corners[surface.triangles]
            lo, hi = corners.min(axis=1), corners.max(axis=1)
            near = np.all(lo[:, :2] <= places.max(axis=0), axis=1) & np.all(hi[:, :2] >= places.min(axis=0), axis=1)
            near &= (lo[:, 2] <= reach) & (hi[:, 2] >= -reach)
            for start in range(0, int(near.sum()), 2000):
                found = _nearest_hit(places, corners[near][start : start + 2000])
                best = np.where(np.abs(found) < np.abs(best), found, best)
        return best


def _nearest_hit(places: np.ndarray, corners: np.ndarray) -> np.ndarray:
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    u, v = b[:, :2] - a[:, :2], c[:, :2] - a[:, :2]
    twice_area = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    facing = twice_area > 1e-12 * np.maximum(np.abs(u).max(axis=1), np.abs(v).max(axis=1)) ** 2
    a, b, c, u, v, twice_area = (array[facing] for array in (a, b, c, u, v, twice_area))
    if not len(a):
        return np.full(len(places), np.inf)
    away = places[:, None, :] - a[None, :, :2]
    s = (away[..., 0] * v[:, 1] - away[..., 1] * v[:, 0]) / twice_area
    t = (u[:, 0] * away[..., 1] - u[:, 1] * away[..., 0]) / twice_area
    height = a[:, 2] + s * (b[:, 2] - a[:, 2]) + t * (c[:, 2] - a[:, 2])
    inside = (s >= -1e-9) & (t >= -1e-9) & (s + t <= 1.0 + 1e-9)
    height = np.where(inside, height, np.inf)
    return height[np.arange(len(places)), np.abs(height).argmin(axis=1)]


def distance_from_point(point: np.ndarray, surface: Surface) -> float:
    """Return the distance of a point from a surface, in m."""
    return float(_points_to_triangles(point[None], surface.points[surface.triangles]).min())


def distance(a: Surface, b: Surface) -> float:
    """Return the distance between two closed surfaces in m; 0 where they touch, cross or hold one another."""
    gap_lo = np.maximum(a.bounds[0] - b.bounds[1], b.bounds[0] - a.bounds[1])
    if np.any(gap_lo > 0.0) or not (_holds(a, b.points[b.triangles[0, 0]]) or _holds(b, a.points[a.triangles[0, 0]])):
        return _gap(a, b)
    return 0.0


def holds(surface: Surface, points: np.ndarray) -> np.ndarray:
    """Return which points (n, 3) a closed surface holds."""
    lo, hi = surface.bounds
    boxed = np.all((points >= lo) & (points <= hi), axis=1)
    found = np.zeros(len(points), bool)
    found[boxed] = [_holds(surface, point) for point in points[boxed]]
    return found


def reaches_outside(surface: Surface, others: Sequence[Surface]) -> bool:
    """Return whether a surface has a place outside some closed others, more than 0.1 mm away from them.

    The middles of its 200 largest triangles are tried, those outside all boxes first.
    """
    areas = np.linalg.norm(surface.area_vectors, axis=1)
    middles = surface.corners[np.argsort(-areas, kind="stable")[:200]].mean(axis=1)
    boxes = [other.bounds for other in others]
    boxed = np.array([np.all((middles > lo - 1e-4) & (middles < hi + 1e-4), axis=1) for lo, hi in boxes])
    if not boxed.any(axis=0).all():
        return True
    return any(
        all(
            not here or (not _holds(other, place) and distance_from_point(place, other) > 1e-4)
            for other, here in zip(others, boxed[:, i], strict=True)
        )
        for i, place in enumerate(middles)
    )


def _gap(a: Surface, b: Surface) -> float:
    """Return the distance of two surfaces: exact where a corner of one is nearest, 0 where an edge pierces a face."""
    margin = 1e-9 + 1e-6 * float(np.max(np.abs(a.bounds[1] - a.bounds[0])))
    # Faces that lie on each other may have no corner of either on the other: one body is moved into the other, by less than counts.
    for aside in (np.zeros(3), margin * _ASKEW, -margin * _ASKEW):
        if _crosses(a, b, margin, aside) or _crosses(b, a, margin, -aside):
            return 0.0
    return min(_least(a, b), _least(b, a))


def _least(of: Surface, to: Surface) -> float:
    from scipy.spatial import cKDTree

    corners = to.points[to.triangles]
    used = of.points[np.unique(of.triangles)]
    # The corners nearest to any corner or face middle of the other surface, then their exact distances.
    rough, _ = cKDTree(np.concatenate([corners.reshape(-1, 3), corners.mean(axis=1)])).query(used)
    nearest = used[np.argsort(rough)[:64]]
    reach = float(rough.min()) * (1.0 + 1e-9)
    near = np.all(corners.min(axis=1) <= nearest.max(axis=0) + reach, axis=1)
    near &= np.all(corners.max(axis=1) >= nearest.min(axis=0) - reach, axis=1)
    return float(_points_to_triangles(nearest, corners[near]).min())


def _crosses(edges_of: Surface, faces_of: Surface, margin: float, aside: np.ndarray) -> bool:
    """Tell whether an edge of one surface, moved aside, pierces a face of the other."""
    lo, hi = faces_of.bounds
    t = edges_of.triangles
    edges = np.unique(np.sort(np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]]), axis=1), axis=0)
    start, end = edges_of.points[edges[:, 0]] + aside, edges_of.points[edges[:, 1]] + aside
    low, high = np.minimum(start, end), np.maximum(start, end)
    keep = np.all(low <= hi + margin, axis=1) & np.all(high >= lo - margin, axis=1)
    start, end, low, high = start[keep], end[keep], low[keep], high[keep]
    if not len(start):
        return False
    corners = faces_of.points[faces_of.triangles]
    face_lo, face_hi = corners.min(axis=1), corners.max(axis=1)
    near = np.all(face_lo <= high.max(axis=0) + margin, axis=1) & np.all(face_hi >= low.min(axis=0) - margin, axis=1)
    corners, face_lo, face_hi = corners[near], face_lo[near], face_hi[near]
    for first in range(0, len(corners), 256):
        some = slice(first, first + 256)
        under = np.all(low[:, None] <= face_hi[some] + margin, axis=2)
        over = np.all(high[:, None] >= face_lo[some] - margin, axis=2)
        e, f = np.nonzero(under & over)
        if len(e) and _pierce(start[e], end[e], corners[some][f]).any():
            return True
    return False


def _pierce(start: np.ndarray, end: np.ndarray, face: np.ndarray) -> np.ndarray:
    a, b, c = face[:, 0], face[:, 1], face[:, 2]
    side = [_six_volume(a, b, c, p) for p in (start, end)]
    turn = [_six_volume(start, end, p, q) for p, q in ((a, b), (b, c), (c, a))]
    apart = side[0] * side[1] < 0.0
    through = ((turn[0] > 0) & (turn[1] > 0) & (turn[2] > 0)) | ((turn[0] < 0) & (turn[1] < 0) & (turn[2] < 0))
    return np.asarray(apart & through)


def _six_volume(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", np.cross(b - a, c - a), d - a)


def _holds(surface: Surface, point: np.ndarray) -> bool:
    """Tell whether a closed surface holds a point, by its winding number."""
    a, b, c = (surface.points[surface.triangles[:, i]] - point for i in range(3))
    la, lb, lc = (np.linalg.norm(v, axis=1) for v in (a, b, c))
    solid = np.einsum("ij,ij->i", a, np.cross(b, c))
    plain = (
        la * lb * lc
        + np.einsum("ij,ij->i", a, b) * lc
        + np.einsum("ij,ij->i", b, c) * la
        + np.einsum("ij,ij->i", c, a) * lb
    )
    return bool(abs(np.arctan2(solid, plain).sum()) > np.pi)


def _points_to_triangles(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Return the distance of each point from the nearest of some triangles."""
    a = corners[:, 0]
    ab, ac = corners[:, 1] - a, corners[:, 2] - a
    bb, bc, cc = (np.einsum("ij,ij->i", p, q) for p, q in ((ab, ab), (ab, ac), (ac, ac)))
    det = bb * cc - bc * bc
    # A triangle without area has its edges only.
    flat = det <= 1e-14 * bb * cc
    det[flat] = 1.0
    result = np.empty(len(points))
    for i, p in enumerate(points):
        ap = p - a
        d1, d2 = np.einsum("ij,ij->i", ab, ap), np.einsum("ij,ij->i", ac, ap)
        s, t = (cc * d1 - bc * d2) / det, (bb * d2 - bc * d1) / det
        inside = (s >= 0) & (t >= 0) & (s + t <= 1) & ~flat
        best = np.full(len(a), np.inf)
        foot = a + s[:, None] * ab + t[:, None] * ac
        best[inside] = np.linalg.norm(foot - p, axis=1)[inside]
        for q, edge in ((a, ab), (a, ac), (corners[:, 1], corners[:, 2] - corners[:, 1])):
            length = np.maximum(np.einsum("ij,ij->i", edge, edge), 1e-300)
            along = np.clip(np.einsum("ij,ij->i", edge, p - q) / length, 0.0, 1.0)
            best = np.minimum(best, np.linalg.norm(q + along[:, None] * edge - p, axis=1))
        result[i] = best.min()
    return result
