"""Where metal enters the cavity: openings of the metal's surface, carried out to whole voxels beyond them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..casting import METAL, Body, Casting, GravityDieCasting, Inlet, TiltPour
from ..errors import InputError, unknown_name
from ..geometry import Anchor, Surface

__all__ = ["Entry", "entries_of", "entry_voxels"]

Array = NDArray[Any]

# Facets of an opening lie in its plane (share of a body's size) and face its way (cosine).
_FLAT = 1e-4
_FACING = 0.999
# How far the channel of an inlet reaches into the metal, over its length.
_HAIR = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """An opening through which an inlet brings metal.

    Attributes
    ----------
    inlet : Inlet
    name : str
        Piece that it belongs to.
    at : Anchor
        Middle of the opening, and the direction out of the cavity.
    area : float
        Of the opening (m2).
    facets : ndarray, shape (n, 3, 3)
        Corners of its triangles (m).
    """

    inlet: Inlet
    name: str
    at: Anchor
    area: float
    facets: Array

    def channel(self, length: float) -> Surface:
        """Return the closed prism that carries the opening on, outward; it begins a hair inside, so that no film closes it."""
        points, corner = np.unique(self.facets.reshape(-1, 3).round(12), axis=0, return_inverse=True)
        low = corner.reshape(-1, 3)
        n = len(points)
        edges = np.concatenate([low[:, [0, 1]], low[:, [1, 2]], low[:, [2, 0]]])
        twin = {(int(b), int(a)) for a, b in edges}
        rim = np.array([(a, b) for a, b in edges.tolist() if (a, b) not in twin])
        a, b = rim[:, 0], rim[:, 1]
        sides = np.concatenate([np.stack([a, b, b + n], 1), np.stack([a, b + n, a + n], 1)])
        triangles = np.concatenate([low[:, ::-1], low + n, sides])
        begin, end = -_HAIR * length, length
        return Surface(np.concatenate([points + begin * self.at.normal, points + end * self.at.normal]), triangles)


def entries_of(casting: Casting, inlets: Sequence[Inlet]) -> list[Entry]:
    """Return the openings of all inlets.

    Raises
    ------
    InputError
        If an inlet names no piece, has no opening, or lies off the metal; the place is told.
    """
    entries = []
    for inlet in inlets:
        found = _at_anchor(casting, inlet, inlet.at) if isinstance(inlet.at, Anchor) else _at_pieces(casting, inlet)
        entries += found
    taken: dict[str, Entry] = {}
    for entry in entries:
        other = taken.setdefault(entry.name, entry)
        if other is not entry and np.allclose(other.at.point, entry.at.point):
            raise InputError(f"two inlets pour into {entry.name} at {entry.at}; give each its own place, or one for both")
    return entries


def _at_pieces(casting: Casting, inlet: Inlet) -> list[Entry]:
    if isinstance(inlet, TiltPour):
        return [_at_basin(casting, inlet)]
    pieces = {b.name: b for b in casting.bodies if b.opening is not None and b.opening.role == "inlet"}
    if inlet.at is None:
        chosen = [o.name for o in casting.openings if o.role == "inlet"]
        if not chosen:
            raise InputError(
                f"{casting.name} has no basin, sprue or gate for its {inlet.kind}; add one to the rigging, or give the inlet a "
                "place: at=part.top"
            )
    elif inlet.at in pieces:
        chosen = [str(inlet.at)]
    else:
        raise InputError(unknown_name("piece with an opening", str(inlet.at), pieces))
    found = []
    for name in chosen:
        opening = pieces[name].opening
        assert opening is not None
        if pieces[name].role == "riser tube":
            found.append(_through_tube(inlet, name, pieces[name].surface, opening.at))
        else:
            found.append(_entry(inlet, name, pieces[name].surface, opening.at))
    return found


def _through_tube(inlet: Inlet, name: str, surface: Surface, at: Anchor) -> Entry:
    """The end of a riser tube in the casting, seen from within: the metal of the tube itself is the furnace's."""
    end = at.point + float(((surface.points - at.point) @ at.normal).min()) * at.normal
    return _entry(inlet, name, Surface(surface.points, surface.triangles[:, ::-1]), Anchor(end, at.normal))


def _at_basin(casting: Casting, inlet: TiltPour) -> Entry:
    """The open face of the basin that a die is poured from as it turns: its highest before the turn."""
    basins = {b.name: b for b in casting.bodies if b.role == "basin"}
    if inlet.at is not None and inlet.at not in basins:
        raise InputError(unknown_name("basin", str(inlet.at), basins))
    if len(basins) != 1 and inlet.at is None:
        raise InputError(
            f"{casting.name} has {len(basins)} basins; a tilt pour needs one: add a Basin to the rigging, or name one as its place"
        )
    body = basins[str(inlet.at)] if inlet.at is not None else next(iter(basins.values()))
    assert isinstance(casting, GravityDieCasting) and casting.tilt is not None
    up = casting.tilt.up(-casting.gravity / np.linalg.norm(casting.gravity), 0.0)
    return _entry(inlet, body.name, body.surface, _highest_face(body, up))


def _highest_face(body: Body, up: Array) -> Anchor:
    """Middle and direction of the flat face of a body that is highest."""
    corners, vectors = body.surface.corners, body.surface.area_vectors
    heights, lengths = (corners @ up).mean(axis=1), np.linalg.norm(vectors, axis=1)
    facing = vectors @ up > 0.5 * lengths
    if not facing.any():
        raise InputError(f"{body.name} has no face that looks up before the die turns; give the tilt pour a place on its open face")
    first = int(np.argmax(np.where(facing, heights, -np.inf)))
    normal = vectors[first] / lengths[first]
    level = (vectors @ normal > _FACING * lengths) & (
        np.abs((corners - corners[first, 0]) @ normal).max(axis=1) < _FLAT * float(body.surface.size.max())
    )
    middle = (corners[level].mean(axis=1) * lengths[level, None]).sum(axis=0) / lengths[level].sum()
    return Anchor(middle, normal)


def _at_anchor(casting: Casting, inlet: Inlet, at: Anchor) -> list[Entry]:
    """The flat face of the metal that holds a place."""
    best, nearest = None, np.inf
    for body in casting.bodies:
        if body.role not in METAL:
            continue
        away = _off_face(body.surface, at)
        if away < nearest:
            best, nearest = body, away
    if best is None or nearest > 1e-3 * float(best.surface.size.max()):
        raise InputError(
            f"the {inlet.kind} at {at} lies {nearest * 1e3:.3g} mm off the metal's outer face; give it a place on the metal, such "
            "as part.top"
            if np.isfinite(nearest)
            else f"the {inlet.kind} at {at} meets no face of the metal that looks its way; turn its normal out of the metal"
        )
    return [_entry(inlet, best.name, best.surface, at)]


def _off_face(surface: Surface, at: Anchor) -> float:
    """Distance (m) of a place from the nearest facet that faces its way."""
    corners, vectors = surface.corners, surface.area_vectors
    lengths = np.linalg.norm(vectors, axis=1)
    facing = vectors @ at.normal > 0.9 * lengths
    if not facing.any():
        return np.inf
    return float(np.abs((corners[facing].mean(axis=1) - at.point) @ at.normal).min())


def _entry(inlet: Inlet, name: str, surface: Surface, at: Anchor) -> Entry:
    corners, vectors = surface.corners, surface.area_vectors
    lengths = np.linalg.norm(vectors, axis=1)
    flat = np.abs((corners - at.point) @ at.normal).max(axis=1) < _FLAT * float(surface.size.max())
    facets = corners[flat & (vectors @ at.normal > _FACING * lengths)]
    area = float((vectors[flat & (vectors @ at.normal > _FACING * lengths)] @ at.normal).sum())
    if not area > 0.0:
        raise InputError(
            f"the {inlet.kind} at {name} has no area: the metal has no flat face at {at}; give it a place on a flat face"
        )
    return Entry(inlet, name, at, area, facets)


def entry_voxels(entry: Entry, share: Array, nodes: Sequence[Array]) -> Array:
    """Return the voxels wholly beyond an opening that its channel reaches, dense.

    Parameters
    ----------
    entry : Entry
    share : ndarray
        Share of every voxel inside the entry's channel.
    nodes : three ndarrays
        Node coordinates (m), of one spacing.
    """
    n, h = entry.at.normal, float(nodes[0][1] - nodes[0][0])
    depth = sum(
        (c * (x[:-1] if c >= 0 else x[1:])).reshape([-1 if a == e else 1 for e in range(3)])
        for a, (c, x) in enumerate(zip(n, nodes, strict=True))
    )
    beyond = np.asarray(depth - float(entry.at.point @ n)) >= -1e-6 * h
    return np.asarray(beyond & (share > 0.0))
