"""Whether a casting can leave its die, and whether the pieces of a die leave room for each other.

A piece of steel that touches the casting where its outward normal is n, and leaves along r, runs into the casting where
n . r < 0. Under a flat parting plane this is all: what the test passes is free all the way. A slide is also followed along
its way: what stands in front of it is hit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import GeometryError
from ..geometry import Surface
from ..units import mm
from .body import Body
from .rigging import METAL
from .site import holds
from .tooling import Die, DiePiece

__all__ = ["overlapping", "undercuts"]

# Steel and metal give by this much (m): a smaller overhang leaves the die. An estimate, about the tolerance of a mesh.
_GIVES = 0.05 * mm
# Cosine of an angle that no draft is taken for: 0.3 degrees against the opening.
_SLANT = 0.005
# How far outside a face one looks for what lies there.
_OUTSIDE = 0.02 * mm
_LATTICE = 9
_FACES = 500


def undercuts(bodies: Sequence[Body], die: Die, box: tuple[np.ndarray, np.ndarray]) -> list[GeometryError]:
    """Return a refusal for each piece of the die that the casting cannot leave, with the place.

    Parameters
    ----------
    bodies : sequence of Body
        All bodies of the casting.
    die : Die
    box : pair of ndarray
        Simulated space; faces on its sides, such as planes of symmetry, are no walls of the die.
    """
    metal = [b for b in bodies if b.role in METAL]
    cores = [b.surface for b in bodies if b.role in ("core", "chill")]
    slides = [p for p in die.pieces if p.kind == "slide"]
    problems = []
    for body in metal:
        faces = _Faces(body.surface, box)
        formed = [*cores, *(m.surface for m in metal if m is not body)]
        for slide in slides:
            assert slide.part is not None and slide.opening is not None
            bad = faces.inside(slide.part.surface, faces.holding(slide.opening, None))
            bad = faces.free(formed, bad)
            if bad.any():
                problems.append(faces.refusal(bad, body.name, str(slide.name), slide.opening))
            formed.append(slide.part.surface)
        for kind, way in (("fixed half", -1.0), ("moving half", 1.0)):
            leaves, half, parting = way * die.opening, die.half(kind), die.parting_along
            bad = faces.holding(leaves, None if parting is None else way * parting)
            if half.part is not None:
                bad = faces.inside(half.part.surface, bad)
            bad = faces.free(formed, bad)
            if bad.any():
                problems.append(faces.refusal(bad, body.name, kind, leaves))
    return [*problems, *(found for slide in slides if (found := _blocked(slide, metal, box)) is not None)]


class _Faces:
    """The faces of one body of metal, and which of them are known to be walls of the die."""

    def __init__(self, surface: Surface, box: tuple[np.ndarray, np.ndarray]) -> None:
        self.corners, vectors = surface.corners, surface.area_vectors
        self.area = np.linalg.norm(vectors, axis=1)
        self.normal = vectors / np.maximum(self.area, 1e-300)[:, None]
        self.outside = self.corners.mean(axis=1) + _OUTSIDE * self.normal
        self.known = (self.area > 0.0) & np.all((self.outside > box[0]) & (self.outside < box[1]), axis=1)

    def inside(self, surface: Surface, some: np.ndarray) -> np.ndarray:
        """Tell which of some faces have a body just outside."""
        lo, hi = surface.bounds
        near = np.flatnonzero(some & np.all((self.outside >= lo) & (self.outside <= hi), axis=1))
        found = np.zeros(len(self.known), bool)
        found[near] = holds(surface, self.outside[near])
        return found

    def free(self, formed: Sequence[Surface], some: np.ndarray) -> np.ndarray:
        """Return some faces without those that other bodies form."""
        for surface in formed:
            some = some & ~self.inside(surface, some)
        return some

    def holding(self, leaves: np.ndarray, parting: float | None) -> np.ndarray:
        """Tell which faces hold a piece back by more than the tolerance: beyond the parting plane, where there is one."""
        height = self.corners @ leaves
        low, high = height.min(axis=1), height.max(axis=1)
        deep = np.ones(len(low), bool) if parting is None else high - parting > _GIVES
        low = low if parting is None else np.maximum(low, parting)
        slant = -(self.normal @ leaves)
        run = (high - low) * slant / np.sqrt(np.maximum(1.0 - slant**2, 1e-12))
        # A face across the way holds over its own width; many small faces of one bulge each hold over little.
        held = (run > _GIVES) | (slant > 0.05) | (slant * np.sqrt(self.area) > _GIVES)
        return np.asarray(self.known & deep & (slant > _SLANT) & held)

    def refusal(self, bad: np.ndarray, body: str, piece: str, leaves: np.ndarray) -> GeometryError:
        """Return the refusal, at the face that holds most."""
        held = np.where(bad, self.area * np.abs(self.normal @ leaves), 0.0)
        x, y, z = self.corners[int(np.argmax(held))].mean(axis=0) / mm
        return GeometryError(
            f"{body} cannot leave the {piece}: near ({x:.4g}, {y:.4g}, {z:.4g}) mm an undercut holds it, {held.sum() / mm**2:.3g} "
            f"mm2 across its way {_told(leaves)}; move the parting plane, or form that place by a slide or a core"
        )


def _told(way: np.ndarray) -> str:
    axis = int(np.argmax(np.abs(way)))
    if abs(way[axis]) > 1.0 - 1e-9:
        return f"along {'-' if way[axis] < 0.0 else ''}{'xyz'[axis]}"
    return f"along ({way[0]:.3g}, {way[1]:.3g}, {way[2]:.3g})"


def _blocked(slide: DiePiece, metal: Sequence[Body], box: tuple[np.ndarray, np.ndarray]) -> GeometryError | None:
    """Return the refusal of a slide that has metal in front of it."""
    assert slide.part is not None and slide.opening is not None
    surface, way = slide.part.surface, slide.opening
    vectors, middles = surface.area_vectors, surface.corners.mean(axis=1)
    leading = vectors @ way > 1e-3 * np.linalg.norm(vectors, axis=1)
    # What symmetry cuts away belongs to another slide.
    leading &= np.all((middles > box[0]) & (middles < box[1]), axis=1)
    if not leading.any():
        return None
    for body in metal:
        ahead = _first_hit(middles[leading] + _OUTSIDE * way, way, body.surface)
        hit = np.isfinite(ahead)
        if hit.any():
            at = int(np.argmin(np.where(hit, ahead, np.inf)))
            x, y, z = (middles[leading][at] + (ahead[at] + _OUTSIDE) * way) / mm
            return GeometryError(
                f"{slide.name} runs into {body.name} near ({x:.4g}, {y:.4g}, {z:.4g}) mm on its way {_told(way)}; "
                "give it another opening, or let it reach through"
            )
    return None


def _first_hit(starts: np.ndarray, way: np.ndarray, surface: Surface) -> np.ndarray:
    """Distance (m) from each start along a way to the first face of a surface; inf where there is none."""
    across = np.linalg.svd(way[None])[2][1:]
    corners = surface.corners
    flat = corners @ across.T
    reach = starts @ across.T
    near = np.all(flat.min(axis=1) <= reach.max(axis=0), axis=1) & np.all(flat.max(axis=1) >= reach.min(axis=0), axis=1)
    a, b, c = (corners[near][:, i] for i in range(3))
    edge1, edge2 = b - a, c - a
    p = np.cross(way[None], edge2)
    det = np.einsum("ij,ij->i", edge1, p)
    crossed = np.abs(det) > 1e-12 * np.maximum(np.einsum("ij,ij->i", edge1, edge1), 1e-300)
    a, edge1, edge2, p, det = (v[crossed] for v in (a, edge1, edge2, p, det))
    found = np.full(len(starts), np.inf)
    for n, start in enumerate(starts):
        s = start - a
        q = np.cross(s, edge1)
        u, v, t = np.einsum("ij,ij->i", s, p) / det, (q @ way) / det, np.einsum("ij,ij->i", edge2, q) / det
        inside = (u >= 0.0) & (v >= 0.0) & (u + v <= 1.0) & (t > _OUTSIDE)
        found[n] = t[inside].min(initial=np.inf)
    return found


def overlapping(pieces: Sequence[DiePiece]) -> list[GeometryError]:
    """Return a refusal for each two shaped pieces that fill one place; an insert takes the place of what it lies in."""
    shaped = [p for p in pieces if p.part is not None and p.kind != "insert"]
    problems = []
    for n, a in enumerate(shaped):
        for b in shaped[n + 1 :]:
            assert a.part is not None and b.part is not None
            shared = _shared(a.part.surface, b.part.surface)
            if shared is not None:
                x, y, z = shared / mm
                problems.append(
                    GeometryError(
                        f"{a.name} and {b.name} overlap near ({x:.4g}, {y:.4g}, {z:.4g}) mm; cut one of them there, or make the "
                        "inner one an insert"
                    )
                )
    return problems


def _shared(a: Surface, b: Surface) -> np.ndarray | None:
    """Return a place that two closed surfaces both hold, deeper than rounding, or None."""
    lo, hi = np.maximum(a.bounds[0], b.bounds[0]), np.minimum(a.bounds[1], b.bounds[1])
    if np.any(hi - lo <= 2.0 * _GIVES):
        return None
    axes = [np.linspace(low + _GIVES, high - _GIVES, _LATTICE) for low, high in zip(lo, hi, strict=True)]
    lattice = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    points = np.concatenate([lattice, _beneath(a), _beneath(b)])
    points = points[np.all((points > lo) & (points < hi), axis=1)]
    # A place in both for sure: in both, and so are the six places around it.
    around = points[holds(a, points) & holds(b, points)] if len(points) else points
    for step in _GIVES * np.concatenate([np.eye(3), -np.eye(3)]):
        around = around[holds(a, around + step) & holds(b, around + step)] if len(around) else around
    return None if not len(around) else np.asarray(around[len(around) // 2])


def _beneath(surface: Surface) -> np.ndarray:
    """Places just inside the largest faces of a surface."""
    vectors = surface.area_vectors
    area = np.linalg.norm(vectors, axis=1)
    largest = np.argsort(-area, kind="stable")[:_FACES]
    return np.asarray(surface.corners[largest].mean(axis=1) - 2.0 * _GIVES * vectors[largest] / area[largest, None])
