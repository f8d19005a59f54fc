"""Feeding distance: how far along its walls a riser feeds, how many risers a wall needs, and what of a zone lies beyond."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..defects import niyama
from ..defects.rules import rule
from ..defects.steel import feeding_distance
from ..errors import InputError
from ..results import Results

__all__ = ["RiserRow", "Unreached", "feeds_by_distance", "risers_along", "unreached"]

# A voxel counts to the middle of its wall when it freezes this much later than the one beside it, over its time.
_RIDGE = 1e-3


@dataclass(frozen=True, slots=True)
class RiserRow:
    """Risers along a wall.

    Attributes
    ----------
    number : int
    places : tuple of float
        Of their middles from the wall's first end (m), spread evenly over what they have to spare.
    reach : float
        Length that they feed together (m).
    why : str
    """

    number: int
    places: tuple[float, ...] = field(kw_only=True)
    reach: float = field(kw_only=True)
    why: str = field(kw_only=True)


def risers_along(length: float, thickness: float, width: float, *, foot: float, ends: int = 2, chills: int = 0) -> RiserRow:
    """Return how many risers a level wall of steel needs along its length, and where they stand, by the rules of Pellini.

    Every end of the wall is fed from `feeding_distance` away, a chill on it adds its rule, and between two risers each feeds its
    riser zone: ``n foot + (n - 1) 2 FD_0 + ends FD_end + chills gain >= length``.

    Parameters
    ----------
    length, thickness, width : float
        Of the wall (m); width not below thickness.
    foot : float
        Width of a riser's foot along the wall (m).
    ends : {0, 1, 2}, optional
        How many ends of the wall end in the mould; 0 is a ring.
    chills : int, optional
        How many of these ends are chilled.

    Notes
    -----
    For carbon and low-alloy steel, as `castsolve.defects.steel.feeding_distance`.
    """
    for name, value in (("length", length), ("foot", foot)):
        if not (math.isfinite(value) and value > 0.0):
            raise InputError(f"{name} = {value:g} m must be above 0 and finite")
    if ends not in (0, 1, 2) or not 0 <= chills <= ends:
        raise InputError(f"ends = {ends} must be 0, 1 or 2, and chills = {chills} not above it")
    between = 2.0 * feeding_distance(thickness, width, end=False)
    at_ends = [feeding_distance(thickness, width, chill=n < chills) for n in range(ends)]
    spans = foot + between
    first_reach = sum(at_ends) + (foot if ends else spans)
    number = 1 + max(math.ceil((length - first_reach) / spans - 1e-9), 0)
    gaps = number - 1 if ends else number
    reach = number * foot + gaps * between + sum(at_ends)
    stretch = length / reach
    first = stretch * ((at_ends[0] if ends else 0.5 * between) + 0.5 * foot)
    plate, chill = rule("feeding_distance_plate"), rule("chill_factor")
    why = f"{number} along {length * 1e3:.0f} mm of a wall of {thickness * 1e3:.0f} mm, {between * 1e3:.0f} mm between two: {plate}"
    return RiserRow(
        number,
        places=tuple(first + n * stretch * spans for n in range(number)),
        reach=reach,
        why=why + (f"; chills at {chills} ends: {chill}" if chills else ""),
    )


@dataclass(frozen=True, slots=True)
class Unreached:
    """What of a zone its risers do not reach.

    Attributes
    ----------
    length : float
        Of the longest stretch of wall that they do not reach, along the metal away from them (m).
    place : tuple of float or None
        Its far end (m).
    distance : float
        From the nearest riser's foot to it along the metal (m).
    thickness : float
        Of the wall there: twice its thermal modulus (m).
    """

    length: float
    place: tuple[float, float, float] | None = field(default=None, kw_only=True)
    distance: float = field(default=0.0, kw_only=True)
    thickness: float = field(default=0.0, kw_only=True)

    def __str__(self) -> str:
        if self.place is None:
            return "all of it lies within the feeding distance of its riser or freezes towards it"
        x, y, z = (c * 1e3 for c in self.place)
        return (
            f"{self.length * 1e3:.0f} mm of a wall of {self.thickness * 1e3:.0f} mm, up to {self.distance * 1e3:.0f} mm from the "
            f"riser at {x:.0f}, {y:.0f}, {z:.0f} mm, lie beyond its zone of {_riser_zone():g} thicknesses and freeze without a "
            "gradient: expect centreline shrinkage there, or taper the wall towards the riser, chill its far end, or set a riser "
            "nearer by"
        )


def _riser_zone() -> float:
    """Return how far a riser feeds a plate without an end, over its thickness."""
    return rule("feeding_distance_plate").value - rule("end_zone_plate").value


def feeds_by_distance(family: str) -> bool:
    """Return whether the rules of feeding distance hold for a family of alloys: they are measured on steel."""
    return family == "steel"


def unreached(
    zone: NDArray[np.bool_], run: Results, feet: Sequence[tuple[tuple[float, float, float], float]], *, chvorinov: float,
    threshold: float,
) -> Unreached:  # fmt: skip
    """Return what of a zone lies beyond the feeding distance of risers on it.

    The middle of a wall is reached within the riser zone (two thicknesses along the metal from a riser's foot: the feeding distance
    less its end zone), or where the naked casting freezes with a gradient of its own: an end zone, a taper, a chill.

    Parameters
    ----------
    zone : ndarray of bool, shape (nx, ny, nz)
    run : Results
        Of the naked casting.
    feet : sequence of (place, radius)
        Of the risers (m).
    chvorinov : float
        In s/m2; gives the thickness of a wall as twice its thermal modulus.
    threshold : float
        Niyama value (K^0.5 s^0.5/m) below which there is no gradient to speak of.
    """
    time = np.where(zone, np.asarray(run["solidification_time"], dtype=np.float64), -np.inf)
    ridge = zone & _ridge(time)
    index = np.argwhere(zone)
    frame = run.frame
    places = np.stack([frame.centres(a)[index[:, a]] for a in range(3)], axis=1)
    away = _along_the_metal(index, places, feet, frame.voxel)
    thickness = 2.0 * np.sqrt(np.maximum(time[tuple(index.T)], 0.0) / chvorinov)
    level = ~(np.asarray(niyama(run))[tuple(index.T)] >= threshold)
    middle = ridge[tuple(index.T)]
    beyond = middle & level & (away > _riser_zone() * thickness)
    return _longest(beyond & np.isfinite(away), index, places, away, thickness)


def _longest(
    beyond: NDArray[np.bool_], index: NDArray[np.int64], places: NDArray[np.float64], away: NDArray[np.float64],
    thickness: NDArray[np.float64],
) -> Unreached:  # fmt: skip
    """Return the stretch that goes farthest away from the risers, of those that hang together; one below a thickness is none."""
    from scipy import ndimage

    if not beyond.any():
        return Unreached(0.0)
    low = index.min(axis=0)
    mask = np.zeros(index.max(axis=0) - low + 1, dtype=bool)
    mask[tuple((index[beyond] - low).T)] = True
    label, count = ndimage.label(mask, structure=np.ones((3, 3, 3)))
    number = np.where(beyond, label[tuple((index - low).T)], 0)
    every = np.arange(1, count + 1)
    lengths = np.asarray(ndimage.maximum(away, number, every)) - np.asarray(ndimage.minimum(away, number, every))
    longest = int(np.argmax(lengths))
    far = int(np.argmax(np.where(number == longest + 1, away, -1.0)))
    if lengths[longest] < thickness[far]:
        return Unreached(0.0)
    x, y, z = places[far].tolist()
    return Unreached(float(lengths[longest]), place=(x, y, z), distance=float(away[far]), thickness=float(thickness[far]))


def _ridge(time: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the voxels in the middle of their wall: along some axis later than one neighbour and not earlier than the other."""
    middle = np.zeros(time.shape, dtype=bool)
    padded = np.pad(time, 1, constant_values=-np.inf)
    inner = (slice(1, -1),) * 3
    for axis in range(3):
        one, other = (np.roll(padded, step, axis)[inner] for step in (1, -1))
        low, high = np.minimum(one, other), np.maximum(one, other)
        middle |= (time >= high) & (time * (1.0 - _RIDGE) > low)
    return middle


def _along_the_metal(
    index: NDArray[np.int64], places: NDArray[np.float64], feet: Sequence[tuple[tuple[float, float, float], float]], spacing: float
) -> NDArray[np.float64]:
    """Return the shortest way (m) inside the metal from the nearest foot to every voxel; infinite where there is none."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import dijkstra

    low = index.min(axis=0) - 1
    number = np.full(index.max(axis=0) - low + 2, -1)
    number[tuple((index - low).T)] = np.arange(len(index))
    rows, columns, lengths = [], [], []
    for step in itertools.product((-1, 0, 1), repeat=3):
        if step <= (0, 0, 0):
            continue
        other = number[tuple((index - low + np.array(step)).T)]
        there = np.flatnonzero(other >= 0)
        rows.append(there)
        columns.append(other[there])
        lengths.append(np.full(there.size, spacing * math.sqrt(sum(n * n for n in step))))
    graph = coo_matrix((np.concatenate(lengths), (np.concatenate(rows), np.concatenate(columns))), shape=(len(index),) * 2)
    start = np.zeros(len(index), dtype=bool)
    for place, radius in feet:
        near = np.hypot(places[:, 0] - place[0], places[:, 1] - place[1]) <= max(radius, spacing)
        start |= near & (np.abs(places[:, 2] - place[2]) <= 1.5 * spacing)
    if not start.any():
        return np.full(len(index), np.inf)
    return np.asarray(dijkstra(graph.tocsr(), directed=False, indices=np.flatnonzero(start), min_only=True))
