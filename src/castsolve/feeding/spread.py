"""Zones too long for one riser: divided along themselves until the feeding distance reaches all of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..defects import metal_of
from ..results import Results
from .ground import Foot, best_foot
from .reach import Unreached, unreached
from .sizing import GAP, RiserSize
from .zones import FeedZone, FeedZones

__all__ = ["spread_zones"]

# Most risers on one zone; more of them must leave at most this share of the stretch that one leaves: else the wall is to be padded.
_MOST, _WORTH = 6, 0.5


def spread_zones(
    zones: FeedZones, run: Results, size_of: Callable[[FeedZone], RiserSize | None], *, chvorinov: float, threshold: float
) -> tuple[FeedZones, dict[int, Unreached]]:
    """Divide zones whose walls lie beyond the feeding distance of one riser, and tell what stays beyond.

    Parameters
    ----------
    zones : FeedZones
    run : Results
        Of the naked casting.
    size_of : callable
        The riser for a zone, None for none.
    chvorinov, threshold : float
        As in `unreached`.

    Returns
    -------
    FeedZones, dict of int to Unreached
        With as few divisions as the distance asks for, each with free ground for its riser; and by zone what is still beyond.
    """
    rows: list[FeedZone] = []
    field = np.zeros_like(zones.field)
    beyond: dict[int, Unreached] = {}
    for zone in zones.rows:
        mine = zones.field == zone.number
        pieces, left = _divided(zone, mine, run, size_of, chvorinov=chvorinov, threshold=threshold)
        for piece, mask in pieces:
            number = len(rows) + 1
            rows.append(replace(piece, number=number))
            field[mask] = number
            if left is not None:
                beyond[number] = left
    return FeedZones(tuple(rows), field), beyond


_Pieces = list[tuple[FeedZone, NDArray[np.bool_]]]


def _divided(
    zone: FeedZone, mine: NDArray[np.bool_], run: Results, size_of: Callable[[FeedZone], RiserSize | None], *, chvorinov: float,
    threshold: float,
) -> tuple[_Pieces, Unreached | None]:  # fmt: skip
    """Return the pieces of one zone and what of it is beyond the risers on them, None where it gets no riser."""
    whole: _Pieces = [(zone, mine)]
    size = size_of(zone)
    if size is None or zone.foot is None:
        return whole, None

    def left_by(feet: list[Foot]) -> Unreached:
        placed = [(foot.place, 0.5 * size.diameter) for foot in feet if foot.place is not None]
        return unreached(mine, run, placed, chvorinov=chvorinov, threshold=threshold)

    first = left = left_by([_ground(mine, run, size)])
    best = whole
    for count in range(2, _MOST + 1):
        if left.place is None:
            break
        masks = _cut(mine, count)
        pieces = [(_piece(zone, mask, run, chvorinov), mask) for mask in masks]
        sizes = [size_of(piece) for piece, _ in pieces]
        feet = [_ground(mask, run, each) for mask, each in zip(masks, sizes, strict=True) if each is not None]
        reach = max((each.reach for each in sizes if each is not None), default=0.0)
        if len(feet) < count or any(foot.place is None for foot in feet) or _nearest(feet) < 2.0 * reach + GAP:
            continue
        trial = left_by(feet)
        if trial.length < left.length and trial.length <= _WORTH * first.length:
            best, left = pieces, trial
    return best, left


def _nearest(feet: list[Foot]) -> float:
    """Return the least level distance between two feet (m)."""
    from scipy.spatial.distance import pdist

    return float(pdist(np.array([foot.place[:2] for foot in feet if foot.place is not None])).min())


def _ground(mask: NDArray[np.bool_], run: Results, size: RiserSize) -> Foot:
    """Return the best foot on a mask that has room for a riser."""
    metal, own = metal_of(run), 0.5 * size.diameter
    time = np.asarray(run["solidification_time"], dtype=np.float64)
    return best_foot(mask, metal.part, time, metal.centres, run.frame.voxel, clear=own, radius=0.8 * own)


def _cut(mine: NDArray[np.bool_], count: int) -> list[NDArray[np.bool_]]:
    """Return a zone cut into pieces of about equal extent, seen from above (Lloyd's means, begun along its longest axis)."""
    from scipy.cluster.vq import kmeans2

    index = np.argwhere(mine)
    points = index[:, :2].astype(np.float64)
    middle = points.mean(axis=0)
    _, axes = np.linalg.eigh(np.cov((points - middle).T))
    along = (points - middle) @ axes[:, -1]
    at = np.quantile(along, (np.arange(count) + 0.5) / count)
    _, label = kmeans2(points, middle + at[:, None] * axes[:, -1], iter=20, minit="matrix")
    masks = []
    for n in range(count):
        mask = np.zeros(mine.shape, dtype=bool)
        mask[tuple(index[label == n].T)] = True
        masks.append(mask)
    return masks


def _piece(zone: FeedZone, mask: NDArray[np.bool_], run: Results, chvorinov: float) -> FeedZone:
    """Return a piece of a zone as a zone: it hangs together with the rest until it is solid."""
    metal = metal_of(run)
    time = np.where(mask, np.asarray(run["solidification_time"], dtype=np.float64), -np.inf)
    peak = np.unravel_index(int(np.argmax(time)), time.shape)
    when = float(time[peak])
    ground = best_foot(mask, metal.part, time, metal.centres, run.frame.voxel)
    return replace(
        zone,
        place=metal.place(peak),
        time=when,
        modulus=float(np.sqrt(when / chvorinov)),
        volume=float(metal.volume[mask].sum()) * metal.copies,
        bridge_time=zone.bridge_time if when >= zone.time else when,
        foot=ground.place,
        foot_time=ground.time,
        foot_width=ground.width,
    )
