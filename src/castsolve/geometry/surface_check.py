"""Is a surface closed, whole and the right way out? What says nothing is dropped and told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import GeometryError
from .edges import compacted, edge_table, pieces, single, used_points, without_area
from .mending import Welder, is_closed
from .surface import Surface

# Points nearer than this part of the largest edge of the box differ by the rounding of their file only.
_JOIN = 1e-6

__all__ = ["Faults", "SurfaceReport", "cleaned", "require_closed", "surface_report"]


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


@dataclass(frozen=True, slots=True, eq=False)
class Faults:
    """A surface that was refused and its leaking edges: what a picture of the fault shows.

    Attributes
    ----------
    surface : Surface
    leaks : ndarray, shape (n, 2, 3)
        Ends of the leaking edges in m.
    """

    surface: Surface
    leaks: NDArray[np.float64]

    @classmethod
    def of(cls, surface: Surface) -> Faults:
        """Return the faults of a surface."""
        ends, net, _ = edge_table(surface)
        return cls(surface, surface.points[ends[net != 0]])


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
    ends, net, uses = edge_table(surface)
    leaking = net != 0
    place, size, leaks = _worst_leak(surface.points, ends[leaking])
    odd = uses % 2 == 1
    return SurfaceReport(
        points=int(used_points(surface.triangles, len(surface.points)).sum()),
        triangles=len(surface.triangles),
        shells=pieces(surface.triangles)[0],
        area=surface.area,
        volume=surface.volume,
        bounds=surface.bounds,
        open_edges=int((leaking & odd).sum()),
        twisted_edges=int((leaking & ~odd).sum()),
        degenerate=int(without_area(surface).sum()),
        duplicates=int((~single(surface.triangles)).sum()),
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


def cleaned(surface: Surface, name: str) -> tuple[Surface, tuple[str, ...], SurfaceReport]:
    """Return a surface without triangles that say nothing, notes of what was done to it, and its report.

    Triangles with two equal corners and repeated triangles are dropped, and points that differ by rounding are joined where
    that closes the surface. Nothing is guessed.
    """
    notes: list[str] = []
    triangles: NDArray[Any] = surface.triangles
    flat = (triangles == np.roll(triangles, 1, axis=1)).any(axis=1)
    if flat.any():
        notes.append(f"{int(flat.sum())} triangles with two equal corners were dropped")
        triangles = triangles[~flat]
    kept = single(triangles)
    if not kept.all():
        notes.append(f"{int((~kept).sum())} doubled triangles were dropped")
        triangles = triangles[kept]
    if not len(triangles):
        raise GeometryError(f"{name}: no triangle with an area is left; export the part again")
    whole, report, joined = _closed_up(surface.points, triangles)
    if report.closed:
        _require_volume(whole, name)
    if joined:
        notes.append(
            f"{joined} points closer than {_JOIN * float(whole.size.max()) * 1e6:.2g} um to another were joined"
        )
    return whole, tuple(notes), report


def _closed_up(points: NDArray[np.float64], triangles: NDArray[Any]) -> tuple[Surface, SurfaceReport, int]:
    """Return the surface without unused points, its points joined within rounding where it leaks otherwise."""
    plain = compacted(points, triangles)
    report = surface_report(plain)
    if report.closed:
        return plain, report, 0
    joined, moved = Welder(plain).joined(_JOIN * float(plain.size.max()))
    if not moved or not is_closed(joined):
        return plain, report, 0
    return joined, surface_report(joined), moved


def _worst_leak(points: NDArray[np.float64], ends: NDArray[np.int64]) -> tuple[NDArray[np.float64] | None, float, int]:
    """Return the middle and extent of the longest connected set of leaking edges, and the number of sets."""
    if not len(ends):
        return None, 0.0, 0
    count, piece = pieces(ends)
    a, b = points[ends[:, 0]], points[ends[:, 1]]
    length = np.linalg.norm(b - a, axis=1)
    worst = piece == int(np.bincount(piece, weights=length).argmax())
    both = np.concatenate([a[worst], b[worst]])
    return 0.5 * (both.min(axis=0) + both.max(axis=0)), float(np.ptp(both, axis=0).max()), count
