"""Closed shells within each other: which are metal, which are cavities, which overlap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import GeometryError
from .edges import compacted, pieces
from .rays import Hits, Lattice, axis_hits, lattice_around
from .surface import Surface
from .winding import summed_winding

__all__ = ["MOST_SHELLS", "parted", "settled"]

# Steps across the surface; a shell thinner than a step everywhere is not seen.
_ACROSS = 96
# Pairs of more shells are not looked at.
MOST_SHELLS = 200
# Share of the inner nodes that a surface may wind around twice or backwards: folds at seams, not bodies.
_FOLDS = 1e-3


def settled(surface: Surface, name: str, *, trusted: bool) -> tuple[Surface, tuple[str, ...], bool]:
    """Return a closed surface whose shells face as they must, what was done, and whether bodies in it still overlap.

    Parameters
    ----------
    surface : Surface
        Closed.
    name : str
        Opens a refusal.
    trusted : bool
        The facing of the triangles is that of the file. A shell inside another that faces as that one does is then metal
        counted twice; without trust it may as well be a cavity, and is refused.

    Notes
    -----
    A shell that faces inward is a cavity where it lies in metal, and inside out where it lies in none.
    """
    count, label = pieces(surface.triangles)
    lattice = lattice_around(surface.points, _ACROSS, nodes=1e6)
    hits = axis_hits(surface.corners, lattice, 2)
    notes: list[str] = []
    if count > 1 and count <= MOST_SHELLS:
        surface, hits, notes, crossing = _sorted_shells(surface, label, count, hits, lattice, name, trusted)
        if crossing:
            return surface, tuple(notes), True
    elif surface.volume < 0.0:
        surface = surface.flipped()
        hits = Hits(hits.axis, hits.link, hits.at, np.asarray(-hits.jump), hits.triangle)
        notes.append("the surface faced inward and was turned")
    winding = summed_winding(hits, lattice)
    inner = max(int((winding > 0).sum()), 1)
    twice, backward = int((winding > 1).sum()), int((winding < 0).sum())
    if backward > max(_FOLDS * inner, 2):
        place = lattice.origin + lattice.step * np.argwhere(winding < 0).mean(axis=0)
        raise GeometryError(
            f"{name} is inside out in part: {backward * lattice.step**3 * 1e6:.3g} cm3 near {_told(place)}; "
            "make all faces point outward and export it again"
        )
    return surface, tuple(notes), twice > max(_FOLDS * inner, 2)


def _told(place: NDArray[np.float64]) -> str:
    return "x, y, z = " + ", ".join(f"{v * 1e3:.4g}" for v in place) + " mm"


def _sorted_shells(
    surface: Surface, label: NDArray[np.int32], count: int, hits: Hits, lattice: Lattice, name: str, trusted: bool
) -> tuple[Surface, Hits, list[str], bool]:
    volume = _volumes(surface, label, count)
    inside = _insides(label, count, hits, lattice)
    nodes = np.array([_ones(bits) for bits in inside])
    holder: list[list[int]] = [[] for _ in range(count)]
    crossing: list[tuple[int, int]] = []
    for k in range(count):
        for m in range(k):
            both = _ones(inside[k] & inside[m])
            if not both:
                continue
            small, large = (k, m) if nodes[k] <= nodes[m] else (m, k)
            # A few nodes stay outside where faces of both lie on each other.
            if both >= nodes[small] - max(2, 0.002 * nodes[small]) and nodes[small] < nodes[large]:
                holder[small].append(large)
            elif both > max(2, _FOLDS * nodes[small]):
                crossing.append((small, large))
    kept, turned, dropped = _judged(volume, holder)
    if dropped and not trusted:
        k = dropped[0]
        place = surface.points[surface.triangles[label == k]].reshape(-1, 3).mean(axis=0)
        raise GeometryError(
            f"{name}: a closed shell of {abs(volume[k]) * 1e6:.3g} cm3 near {_told(place)} lies inside another, and the faces of "
            "the file do not tell whether it is a cavity or metal; make all faces point away from the metal and export it again"
        )
    sign = np.where(turned, -1, 1)
    crossing = [(k, m) for k, m in crossing if kept[k] and kept[m]]
    for k, m in crossing:
        if volume[k] * sign[k] < 0.0 or volume[m] * sign[m] < 0.0:
            place = surface.points[surface.triangles[label == k]].reshape(-1, 3).mean(axis=0)
            raise GeometryError(
                f"{name}: a cavity near {_told(place)} passes through the wall around it; repair it in the CAD program"
            )
    notes = []
    if turned.any():
        some = f"{int(turned.sum())} shells that faced inward were turned"
        notes.append("the surface faced inward and was turned" if turned.all() else some)
    if dropped:
        lost = float(np.abs(volume[dropped]).sum())
        notes.append(f"{len(dropped)} shells inside metal were dropped ({lost * 1e6:.3g} cm3 that would count twice)")
    if kept.sum() > 1:
        notes.append(f"{int(kept.sum())} shells were kept")
    t = np.where(turned[label][:, None], surface.triangles[:, ::-1], surface.triangles)[kept[label]]
    jump = hits.jump * sign[label[hits.triangle]].astype(np.int8)
    stay = kept[label[hits.triangle]]
    left = Hits(hits.axis, hits.link[stay], hits.at[stay], jump[stay], hits.triangle[stay])
    return compacted(surface.points, t), left, notes, bool(crossing)


def _volumes(surface: Surface, label: NDArray[np.int32], count: int) -> NDArray[np.float64]:
    c = surface.corners - surface.points.mean(axis=0)
    parts = np.einsum("ij,ij->i", c[:, 0], np.cross(c[:, 1], c[:, 2])) / 6.0
    return np.asarray(np.bincount(label, weights=parts, minlength=count), dtype=np.float64)


def _insides(label: NDArray[np.int32], count: int, hits: Hits, lattice: Lattice) -> list[NDArray[np.uint8]]:
    """Return for every shell the nodes that it winds around, a bit a node."""
    found = []
    for k in range(count):
        mine = label[hits.triangle] == k
        own = Hits(hits.axis, hits.link[mine], hits.at[mine], hits.jump[mine], hits.triangle[mine])
        found.append(np.packbits(summed_winding(own, lattice) != 0))
    return found


def parted(surface: Surface) -> list[Surface]:
    """Return the bodies of a closed, outward surface, each with the cavities in it, the largest first."""
    count, label = pieces(surface.triangles)
    if count == 1 or count > MOST_SHELLS:
        return [surface]
    volume = _volumes(surface, label, count)
    lattice = lattice_around(surface.points, _ACROSS, nodes=1e6)
    inside = _insides(label, count, axis_hits(surface.corners, lattice, 2), lattice)
    outer = sorted(np.flatnonzero(volume > 0.0).tolist(), key=lambda k: -volume[k])
    owner = {k: k for k in outer}
    for k in np.flatnonzero(volume <= 0.0).tolist():
        # The smallest of those that hold most of the cavity.
        shared = {m: _ones(inside[k] & inside[m]) for m in outer}
        most = max(shared.values(), default=0)
        owner[k] = min((m for m in outer if shared[m] >= 0.9 * most), key=lambda m: volume[m])
    body = np.array([owner[k] for k in range(count)])
    return [compacted(surface.points, surface.triangles[body[label] == k]) for k in outer]


def _judged(volume: NDArray[np.float64], holder: list[list[int]]) -> tuple[NDArray[np.bool_], NDArray[np.bool_], list[int]]:
    """Return which shells are kept, which are turned, and which lie in metal as metal; outer ones are judged first."""
    count = len(volume)
    kept, turned = np.ones(count, dtype=bool), np.zeros(count, dtype=bool)
    dropped: list[int] = []
    sense = np.sign(volume)
    if volume.sum() < 0.0:
        # All that is metal faces inward, its cavities outward.
        turned[:], sense = True, -sense
    for k in sorted(range(count), key=lambda k: len(holder[k])):
        around = sum(int(sense[m]) for m in holder[k] if kept[m])
        if sense[k] < 0 and around <= 0:
            turned[k], sense[k] = not turned[k], 1
        elif sense[k] > 0 and around >= 1:
            kept[k] = False
            dropped.append(k)
    return kept, turned, dropped


def _ones(bits: NDArray[np.uint8]) -> int:
    return int(_COUNTS[bits].sum(dtype=np.int64))


_COUNTS = np.array([bin(byte).count("1") for byte in range(256)], dtype=np.uint8)
