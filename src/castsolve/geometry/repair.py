"""Broken surfaces made whole where that can be proved, refused with the place where it cannot.

In this order: what topology repairs exactly (points welded, facings agreed, loose sheets taken out, small holes covered), checked
against winding numbers that know nothing of the repair; where topology fails, a new surface around the nodes of a lattice that the
broken one winds around, drawn through its own triangles; else a refusal. Every step is told, with what it costs in volume.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import GeometryError
from .contouring import surface_around
from .edges import edge_table
from .mending import Covers, Welder, agreed_facings, cover_holes, is_closed, without_sheets
from .rays import Hits, Lattice, axis_hits, lattice_around
from .shells import settled
from .surface import Surface
from .surface_check import Faults, cleaned, leak_sentence
from .winding import fitted_winding

__all__ = ["made_whole"]

# Reach of welding as a part of the largest edge of the box, and as a part of the middle edge of the triangles.
_REACHES = (1e-5, 5e-5, 2e-4, 1e-3)
_REACH_OF_EDGE = 0.25
# Widest hole that is covered, as a part of the largest edge of the box.
_WIDEST = 0.5
# Steps and nodes of the lattices that prove a repair and that draw a new surface.
_PROOF = (96, 1e6)
_DRAWING = (160, 3e6)
# What may stay uncertain in volume, and what share of the given surface a new one may lose.
_UNCERTAIN = 0.005
_LOST = 0.01
# Largest covered share of the whole area.
_COVERED = 0.03
# A triangle is turned where the winding number falls by this much on the way in, in the middle of its hits.
_CONTRADICTED = 0.2


def made_whole(surface: Surface, name: str, *, repair: bool = True) -> tuple[Surface, tuple[str, ...]]:
    """Return a closed, outward surface in which nothing overlaps, and notes of all that was done; refuse what stays open.

    Parameters
    ----------
    surface : Surface
        As read.
    name : str
        Opens every refusal.
    repair : bool
        False mends only what needs no repair: doubled triangles, rounding, a surface inside out.

    Raises
    ------
    GeometryError
        With the place; its `faults` hold the surface and its leaking edges for a picture.
    """
    given = surface
    try:
        return _made_whole(given, name, repair)
    except GeometryError as error:
        if error.faults is None and len(given.triangles):
            error.faults = Faults.of(given)
        raise


def _made_whole(surface: Surface, name: str, repair: bool) -> tuple[Surface, tuple[str, ...]]:
    whole, notes, report = cleaned(surface, name)
    trusted = True
    if not report.closed:
        if not repair:
            raise GeometryError(f"{name} is {leak_sentence(report)}; close it there and export it again")
        attempt = _by_topology(whole)
        if attempt.closed:
            refusal = _unproved(attempt)
            if refusal:
                raise GeometryError(f"{name} is {leak_sentence(report)}; {refusal}; close it there and export it again")
            whole, notes, trusted = attempt.surface, (*notes, *attempt.notes), attempt.turned == 0
        else:
            made, told = _redrawn(attempt.before, name, leak_sentence(report))
            return made, (*notes, *attempt.steps, *told)
    before = whole
    whole, told, overlap = settled(whole, name, trusted=trusted)
    notes = (*notes, *told)
    if overlap:
        if not repair:
            raise GeometryError(f"{name}: bodies in it overlap; join them in the CAD program and export it again")
        made, drawn = _redrawn(whole, name, "made of bodies that overlap")
        return made, (*notes, "bodies that overlap were joined", *drawn, _moved(before.volume, made.volume))
    return whole, notes


def _moved(before: float, after: float) -> str:
    return f"the volume moved by {100.0 * (after / before - 1.0) if before else np.inf:+.2g} % to {after * 1e6:.5g} cm3"


@dataclass(frozen=True, slots=True, eq=False)
class _Attempt:
    """What topology made of a leaking surface."""

    surface: Surface
    before: Surface  # without covers
    closed: bool
    turned: int
    steps: tuple[str, ...]
    covers: Covers

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done, with the cost in volume."""
        if not self.covers.count:
            return self.steps
        many = f"{self.covers.count} hole{'s' * (self.covers.count != 1)}"
        told = (
            f"{many} {'was' if self.covers.count == 1 else 'were'} covered, the widest {self.covers.largest * 1e3:.3g} mm, "
            f"{self.covers.area * 1e4:.3g} cm2 in all; {_moved(self.before.volume, self.surface.volume)}"
        )
        return (*self.steps, told)


def _leaking_length(surface: Surface) -> float:
    ends, net, _ = edge_table(surface)
    leaking = ends[net != 0]
    return float(np.linalg.norm(surface.points[leaking[:, 0]] - surface.points[leaking[:, 1]], axis=1).sum())


def _odd_length(surface: Surface) -> float:
    """Return the length of the edges of holes, whichever way their triangles face."""
    ends, _, uses = edge_table(surface)
    odd = ends[uses % 2 == 1]
    return float(np.linalg.norm(surface.points[odd[:, 0]] - surface.points[odd[:, 1]], axis=1).sum())


def _by_topology(surface: Surface) -> _Attempt:
    size = float(surface.size.max())
    ends, _, _ = edge_table(surface)
    middle_edge = float(np.median(np.linalg.norm(surface.points[ends[:, 0]] - surface.points[ends[:, 1]], axis=1)))
    best: tuple[float, Surface, int, tuple[str, ...]] | None = None
    welder = Welder(surface)
    for part in (0.0, *_REACHES):
        reach = part * size
        if reach > max(_REACH_OF_EDGE * middle_edge, 1e-6 * size):
            break
        joined, moved = welder.joined(reach) if reach else (surface, 0)
        if best is not None and (not moved or _odd_length(joined) > 0.5 * best[0]):
            continue
        facing, turned, _ = agreed_facings(joined)
        left, sheets = without_sheets(facing)
        steps = []
        if moved:
            steps.append(
                f"{moved} points closer than {reach * 1e6:.2g} um to another were joined "
                f"(the volume moves by less than {50.0 * reach * joined.area / max(abs(joined.volume), 1e-300):.2g} %)"
            )
        if turned:
            steps.append(f"{turned} triangles that faced the other way than their neighbours were turned")
        if sheets:
            steps.append(f"{sheets} triangles of sheets that bound nothing were dropped")
        leak = _leaking_length(left)
        # A wider reach must earn its keep.
        if best is None or leak < 0.5 * best[0]:
            best = (leak, left, turned, tuple(steps))
        if leak == 0.0:
            break
    assert best is not None
    leak, left, turned, told = best
    if left.volume < 0.0:
        left, told = left.flipped(), (*told, "the surface faced inward and was turned")
    if leak == 0.0:
        return _Attempt(left, left, True, turned, told, Covers())
    covered, covers = cover_holes(left, widest=_WIDEST * size)
    return _Attempt(covered, left, covers.count > 0 and is_closed(covered), turned, told, covers)


def _unproved(attempt: _Attempt) -> str:
    """Return why covers are not believed: they and the winding numbers of the open surface disagree about too much volume."""
    if not attempt.covers.count:
        return ""
    lattice = lattice_around(attempt.surface.points, _PROOF[0], margin=10, nodes=_PROOF[1])
    area = attempt.covers.area / attempt.surface.area
    if area > _COVERED:
        return f"its holes are {100.0 * area:.2g} % of its surface (at most {100.0 * _COVERED:g} % is covered)"
    covered = _fit(attempt.surface, lattice)[1] > 0.5
    other = covered != (_fit(attempt.before, lattice)[1] > 0.5)
    share = int(other.sum()) / max(int(covered.sum()), 1)
    if share <= _UNCERTAIN:
        return ""
    return (
        f"its holes can be covered in ways that differ by {100.0 * share:.2g} % of the volume "
        f"(at most {100.0 * _UNCERTAIN:g} % is repaired)"
    )


def _fit(surface: Surface, lattice: Lattice) -> tuple[list[Hits], NDArray[np.float32]]:
    hits = [axis_hits(surface.corners, lattice, axis) for axis in range(3)]
    return hits, fitted_winding(hits, lattice)


def _redrawn(surface: Surface, name: str, fault: str) -> tuple[Surface, tuple[str, ...]]:
    """Return a new surface around all that a broken one winds around, and what was done; refuse what is not certain."""
    lattice = lattice_around(surface.points, _DRAWING[0], margin=12, nodes=_DRAWING[1])
    advice = "close it there and export it again"
    hits, winding, turned = _agreed_winding(surface, lattice, rounds=0 if is_closed(surface) else 6)
    inside = winding > 0.5
    volume = max(int(inside.sum()), 1) * lattice.step**3
    backward = int((winding < -0.5).sum()) * lattice.step**3
    if not inside.any() or backward > _UNCERTAIN * volume:
        raise GeometryError(f"{name} is {fault}, and what is inside of it cannot be told from its faces; {advice}")
    doubt, place = _doubt(hits, winding, lattice)
    if doubt > _UNCERTAIN * volume:
        raise GeometryError(
            f"{name} is {fault}; {100.0 * doubt / volume:.2g} % of its volume may be inside or outside (at most "
            f"{100.0 * _UNCERTAIN:g} % is repaired), most of it near {_told(place)}; {advice}"
        )
    lost, place = _lost(hits, winding, lattice)
    if lost > _LOST:
        raise GeometryError(
            f"{name} is {fault}; {100.0 * lost:.2g} % of it is thinner than the {lattice.step * 1e3:.2g} mm that a repair can see "
            f"(at most {100.0 * _LOST:g} %), for example near {_told(place)}; {advice}"
        )
    vectors = surface.area_vectors
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    made = surface_around(inside, hits, vectors / np.where(length > 0.0, length, 1.0), winding, lattice)
    if not is_closed(made) or made.volume <= 0.0:
        raise GeometryError(f"{name} is {fault}, and no closed surface could be drawn around it; {advice}")
    notes = (f"{turned} triangles that faced the other way were turned",) if turned else ()
    told = (
        f"a new surface was drawn through its triangles in steps of {lattice.step * 1e3:.3g} mm: {made.volume * 1e6:.5g} cm3, "
        f"of which {100.0 * doubt / volume:.2g} % are uncertain; edges finer than a step are rounded"
    )
    return made, (*notes, told)


def _told(place: NDArray[np.float64]) -> str:
    return "x, y, z = " + ", ".join(f"{v * 1e3:.4g}" for v in place) + " mm"


def _agreed_winding(surface: Surface, lattice: Lattice, *, rounds: int) -> tuple[list[Hits], NDArray[np.float32], int]:
    """Return hits, winding numbers, and how many triangles had to be turned because all around them contradicts their facing."""
    hits, winding = _fit(surface, lattice)
    turn = np.zeros(len(surface.triangles), dtype=bool)
    for _ in range(rounds):
        rise, met = np.zeros(len(turn)), np.zeros(len(turn))
        for of_axis in hits:
            stride = int(np.prod(lattice.shape[of_axis.axis + 1 :]))
            step = winding.reshape(-1)[of_axis.link + stride] - winding.reshape(-1)[of_axis.link]
            rise += np.bincount(of_axis.triangle, weights=of_axis.jump * step, minlength=len(turn))
            met += np.bincount(of_axis.triangle, minlength=len(turn))
        wrong = rise < -_CONTRADICTED * met
        if not wrong.any():
            break
        turn ^= wrong
        hits = [
            Hits(h.axis, h.link, h.at, np.where(wrong[h.triangle], -h.jump, h.jump).astype(np.int8), h.triangle) for h in hits
        ]
        winding = fitted_winding(hits, lattice)
    if float(winding.sum()) < 0.0:
        hits = [Hits(h.axis, h.link, h.at, np.asarray(-h.jump), h.triangle) for h in hits]
        return hits, -winding, len(turn) - int(turn.sum())
    return hits, winding, int(turn.sum())


def _doubt(hits: list[Hits], winding: NDArray[np.float32], lattice: Lattice) -> tuple[float, NDArray[np.float64]]:
    """Return the volume (m3) of nodes off the given triangles where the winding number is no whole number, and their middle."""
    from scipy import ndimage

    near = np.zeros(int(np.prod(lattice.shape)), dtype=bool)
    for h in hits:
        near[h.link] = near[h.link + int(np.prod(lattice.shape[h.axis + 1 :]))] = True
    off = ~near.reshape(lattice.shape)
    broken = off & (np.abs(winding - np.rint(winding)) > 0.3)
    # Between 1 and 2 all is metal whatever the number.
    broken &= winding < 1.3
    if not broken.any():
        return 0.0, lattice.origin
    label, _ = ndimage.label(broken)
    worst = np.argwhere(label == int(np.bincount(label.ravel())[1:].argmax()) + 1).mean(axis=0)
    return float(broken.sum()) * lattice.step**3, lattice.origin + lattice.step * worst


def _lost(hits: list[Hits], winding: NDArray[np.float32], lattice: Lattice) -> tuple[float, NDArray[np.float64]]:
    """Return the share of hits whose stretch has the same side at both ends, seams within metal apart, and the place of one."""
    lost, total = 0, 0
    place = lattice.origin
    whole = np.maximum(np.rint(winding.reshape(-1)), 0.0)
    for h in hits:
        stride = int(np.prod(lattice.shape[h.axis + 1 :]))
        low, high = whole[h.link], whole[h.link + stride]
        gone = low == high
        # A step that is cancelled on the same stretch is a fold or a wall thinner than the lattice; either is lost.
        lost, total = lost + int(gone.sum()), total + len(h.link)
        if gone.any():
            middle = h.link[gone][int(gone.sum()) // 2]
            place = lattice.origin + lattice.step * np.array(np.unravel_index(middle, lattice.shape))
    return lost / max(total, 1), place
