"""Is a surface closed, whole and the right way out? What can be mended without guessing is mended and told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import GeometryError
from .surface import Surface

# Points nearer than this part of the largest edge of the box differ by the rounding of their file only.
_JOIN = 1e-6

__all__ = ["SurfaceReport", "mended", "require_closed", "surface_report"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SurfaceReport:
    """What a surface is like: print it.

    Attributes
    ----------
    points, triangles, shells : int
        Shells are sets of triangles that hang together by points.
    area : float
        In m2.
    volume : float
        Enclosed volume in m3; only meaningful where `closed`; negative where inside out.
    bounds : two arrays of shape (3,)
        In m.
    open_edges : int
        Edges that border a hole: they carry an odd number of triangles.
    twisted_edges : int
        Edges whose triangles face opposite ways.
    degenerate, duplicates : int
        Triangles without area, and triangles that repeat another one or lie back to back with it.
    leak_place : array of shape (3,) or None
        Middle of the worst hole or twist, in m.
    leak_size : float
        Largest extent of the worst hole or twist, in m.
    leaks : int
        Number of holes and twists.
    """

    points: int
    triangles: int
    shells: int
    area: float
    volume: float
    bounds: tuple[NDArray[np.float64], NDArray[np.float64]]
    open_edges: int
    twisted_edges: int
    degenerate: int
    duplicates: int
    leak_place: NDArray[np.float64] | None
    leak_size: float
    leaks: int

    @property
    def closed(self) -> bool:
        """True where every edge is left by as many triangles as come back along it."""
        return self.open_edges == 0 and self.twisted_edges == 0

    @property
    def inverted(self) -> bool:
        """True where a closed surface faces inward."""
        return self.closed and self.volume < 0.0

    def __str__(self) -> str:
        lo, hi = self.bounds
        size = " x ".join(f"{v * 1e3:.4g}" for v in hi - lo)
        lines = [
            f"{self.triangles} triangles, {self.points} points, shells: {self.shells}, {size} mm",
            f"area {self.area * 1e4:.5g} cm2, volume {self.volume * 1e6:.5g} cm3",
            "closed" if self.closed else leak_sentence(self),
        ]
        if self.inverted:
            lines.append("inside out")
        if self.degenerate:
            lines.append(f"{self.degenerate} triangles without area")
        if self.duplicates:
            lines.append(f"{self.duplicates} triangles doubled")
        return "\n".join(lines)


def leak_sentence(report: SurfaceReport) -> str:
    """Return in words how many edges leak and where it is worst."""
    kinds = []
    if report.open_edges:
        kinds.append(f"{report.open_edges} edge{'s' * (report.open_edges != 1)} at holes")
    if report.twisted_edges:
        kinds.append(f"{report.twisted_edges} between triangles that face opposite ways")
    where = ""
    if report.leak_place is not None:
        x, y, z = report.leak_place * 1e3
        where = (
            f", in {report.leaks} place{'s' * (report.leaks != 1)}; the worst is {report.leak_size * 1e3:.4g} mm wide "
            f"near x, y, z = {x:.4g}, {y:.4g}, {z:.4g} mm"
        )
    return f"not closed: {' and '.join(kinds)}{where}"


def surface_report(surface: Surface) -> SurfaceReport:
    """Return what a surface is like: closed or leaking and where, inside out, doubled or empty triangles."""
    if not len(surface.triangles):
        raise GeometryError("the surface holds no triangles; give at least four")
    ends, net, uses = _edges(surface)
    leaking = net != 0
    place, size, leaks = _worst_leak(surface.points, ends[leaking])
    odd = uses % 2 == 1
    return SurfaceReport(
        points=len(np.unique(surface.triangles)),
        triangles=len(surface.triangles),
        shells=_pieces(surface.triangles)[0],
        area=surface.area,
        volume=surface.volume,
        bounds=surface.bounds,
        open_edges=int((leaking & odd).sum()),
        twisted_edges=int((leaking & ~odd).sum()),
        degenerate=int(_without_area(surface).sum()),
        duplicates=int((~_single(surface.triangles)).sum()),
        leak_place=place,
        leak_size=size,
        leaks=leaks,
    )


def require_closed(surface: Surface, name: str) -> SurfaceReport:
    """Return the report of a closed, outward surface; refuse any other.

    Parameters
    ----------
    surface : Surface
    name : str
        What the surface is; it opens the refusal.
    """
    report = surface_report(surface)
    if not report.closed:
        raise GeometryError(f"{name} is {leak_sentence(report)}; close it there and export it again")
    if report.inverted:
        raise GeometryError(f"{name} is inside out (volume {report.volume * 1e6:.4g} cm3); use surface.flipped()")
    _require_volume(surface, name)
    return report


def _require_volume(surface: Surface, name: str) -> None:
    thickness = abs(surface.volume) / surface.area if surface.area > 0.0 else 0.0
    if thickness <= 1e-9 * float(surface.size.max()):
        raise GeometryError(f"{name} encloses no volume; it is a sheet, give it a thickness and export it again")


def mended(surface: Surface, name: str) -> tuple[Surface, tuple[str, ...]]:
    """Return a surface that is closed and faces outward, and notes of what was done to it; refuse what stays open.

    Triangles with two equal corners and repeated triangles are dropped, points that differ by rounding are joined where
    that closes the surface, and a surface that faces inward as a whole is turned. Nothing is guessed: holes and mixed
    facings are refused with their place.
    """
    notes: list[str] = []
    triangles: NDArray[Any] = surface.triangles
    flat = (triangles == np.roll(triangles, 1, axis=1)).any(axis=1)
    if flat.any():
        notes.append(f"{int(flat.sum())} triangles with two equal corners were dropped")
        triangles = triangles[~flat]
    single = _single(triangles)
    if not single.all():
        notes.append(f"{int((~single).sum())} doubled triangles were dropped")
        triangles = triangles[single]
    if not len(triangles):
        raise GeometryError(f"{name}: no triangle with an area is left; export the part again")
    whole, report, joined = _closed_up(surface.points, triangles)
    if not report.closed:
        raise GeometryError(f"{name} is {leak_sentence(report)}; close it there and export it again")
    _require_volume(whole, name)
    if joined:
        notes.append(
            f"{joined} points closer than {_JOIN * float(whole.size.max()) * 1e6:.2g} um to another were joined"
        )
    if report.inverted:
        notes.append("the surface faced inward and was turned")
        whole = whole.flipped()
    if report.shells > 1:
        notes.append(f"{report.shells} shells were kept")
    return whole, tuple(notes)


def _closed_up(points: NDArray[np.float64], triangles: NDArray[Any]) -> tuple[Surface, SurfaceReport, int]:
    """Return the surface without unused points, its points joined within rounding where it leaks otherwise."""
    plain = _compacted(points, triangles)
    report = surface_report(plain)
    if report.closed:
        return plain, report, 0
    from scipy.spatial import cKDTree

    pairs = cKDTree(plain.points).query_pairs(_JOIN * float(plain.size.max()), output_type="ndarray")
    if not len(pairs):
        return plain, report, 0
    piece = np.arange(len(plain.points))
    _, label = _pieces(pairs)
    lowest = np.full(int(label.max()) + 1, len(piece))
    np.minimum.at(lowest, label, pairs.min(axis=1))
    piece[pairs[:, 0]] = piece[pairs[:, 1]] = lowest[label]
    moved = piece[plain.triangles]
    moved = moved[(moved != np.roll(moved, 1, axis=1)).all(axis=1)]
    joined = _compacted(plain.points, moved)
    after = surface_report(joined) if len(moved) else report
    return (joined, after, int((piece != np.arange(len(piece))).sum())) if after.closed else (plain, report, 0)


def _compacted(points: NDArray[np.float64], triangles: NDArray[Any]) -> Surface:
    """Return a surface of those points that are used."""
    used, index = np.unique(triangles, return_inverse=True)
    if len(used) == len(points):
        return Surface(points, triangles)
    return Surface(points[used], np.asarray(index.reshape(-1, 3), dtype=np.int32))


def _edges(surface: Surface) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return each edge once (two points), the net number of times it is run forward, and its number of triangles."""
    t = surface.triangles.astype(np.int64)
    ends = t[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    ends = ends[ends[:, 0] != ends[:, 1]]
    forward = ends[:, 0] < ends[:, 1]
    low, high = np.minimum(ends[:, 0], ends[:, 1]), np.maximum(ends[:, 0], ends[:, 1])
    key = low * np.int64(len(surface.points)) + high
    order = np.argsort(key)
    ranked = key[order]
    starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]])) if len(key) else np.zeros(0, dtype=int)
    if not len(starts):
        return np.zeros((0, 2), dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    net = np.add.reduceat(np.where(forward, 1, -1)[order], starts)
    uses = np.diff(np.append(starts, len(key)))
    first = order[starts]
    return np.stack([low[first], high[first]], axis=1), net, uses


def _pieces(links: NDArray[Any]) -> tuple[int, NDArray[np.int32]]:
    """Return how many sets hang together by shared numbers, and the set of each row of links."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    known, index = np.unique(links, return_inverse=True)
    rows = index.reshape(links.shape)
    start = np.repeat(rows[:, :1], links.shape[1] - 1, axis=1).ravel()
    end = rows[:, 1:].ravel()
    graph = coo_matrix((np.ones(len(start), dtype=np.int8), (start, end)), shape=(len(known), len(known)))
    count, label = connected_components(graph, directed=False)
    return int(count), label[rows[:, 0]]


def _worst_leak(points: NDArray[np.float64], ends: NDArray[np.int64]) -> tuple[NDArray[np.float64] | None, float, int]:
    """Return the middle and extent of the longest connected set of leaking edges, and the number of sets."""
    if not len(ends):
        return None, 0.0, 0
    count, piece = _pieces(ends)
    a, b = points[ends[:, 0]], points[ends[:, 1]]
    length = np.linalg.norm(b - a, axis=1)
    worst = piece == int(np.bincount(piece, weights=length).argmax())
    both = np.concatenate([a[worst], b[worst]])
    return 0.5 * (both.min(axis=0) + both.max(axis=0)), float(np.ptp(both, axis=0).max()), count


def _without_area(surface: Surface) -> NDArray[np.bool_]:
    corners = surface.corners
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    return np.linalg.norm(surface.area_vectors, axis=1) <= 1e-12 * longest**2


def _single(triangles: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which triangles to keep: one of equals, none of two that lie back to back."""
    t = triangles.astype(np.int64)
    rank = np.sort(t, axis=1)
    # An even permutation of the sorted corners runs one way round, an odd one the other.
    swaps = (t[:, 0] > t[:, 1]).astype(int) + (t[:, 1] > t[:, 2]) + (t[:, 0] > t[:, 2])
    facing = np.where(swaps % 2 == 0, 1, -1)
    order = np.lexsort((rank[:, 2], rank[:, 1], rank[:, 0]))
    ranked = rank[order]
    opens = np.concatenate([[True], (ranked[1:] != ranked[:-1]).any(axis=1)]) if len(t) else np.zeros(0, dtype=bool)
    keep = np.ones(len(t), dtype=bool)
    if opens.all():
        return keep
    group = np.cumsum(opens) - 1
    mixed = np.zeros(group[-1] + 1, dtype=int)
    np.add.at(mixed, group, facing[order])
    uses = np.bincount(group)
    balanced = (mixed == 0) & (uses > 1)
    keep[order] = opens & ~balanced[group]
    # Of an unbalanced set the kept one must face as the majority does.
    for g in np.flatnonzero((uses > 1) & (mixed != 0) & (np.abs(mixed) < uses)):
        members = order[group == g]
        keep[members] = False
        keep[members[np.flatnonzero(np.sign(facing[members]) == np.sign(mixed[g]))[0]]] = True
    return keep
