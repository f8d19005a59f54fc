"""The ground on top of a part: where a riser stands best on a zone, and how wide the level there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Foot", "best_foot"]

# A foot is looked for on level ground that is at least this wide, over the diameter of the riser: less is no ground for a neck.
_LEAST_WIDTH = 0.3
# Ground that freezes no earlier than this share of the latest is as good; of it the widest, within this share, nearest its middle.
_AS_LATE, _AS_WIDE = 0.85, 0.9


@dataclass(frozen=True, slots=True)
class Foot:
    """Where a riser stands best on a zone.

    Attributes
    ----------
    place : tuple of float or None
        In m; None where no column of the zone is free.
    time : float
        When the latest level ground under the foot froze (s).
    width : float
        Of the level ground (m).
    """

    place: tuple[float, float, float] | None = None
    time: float = field(default=0.0, kw_only=True)
    width: float = field(default=0.0, kw_only=True)


def best_foot(
    zone: NDArray[np.bool_], part: NDArray[np.bool_], time: NDArray[np.float64], centres: tuple[NDArray[np.float64], ...],
    spacing: float, *, keep_off: Sequence[tuple[float, float, float]] = (), clear: float = 0.0, radius: float = 0.0,
) -> Foot:  # fmt: skip
    """Return the best place for a riser on the upper side of a zone: the ground that stays open longest, in its widest part.

    Parameters
    ----------
    zone, part : ndarray of bool, shape (nx, ny, nz)
    time : ndarray, shape (nx, ny, nz)
        When each voxel froze in the naked run (s).
    centres : tuple of three ndarrays
        Of the voxels along each axis (m); z is up.
    spacing : float
        Of the voxels (m).
    keep_off : sequence of three lengths, optional
        x, y and radius (m) of each place taken.
    clear : float, optional
        Radius (m) within which nothing of the part may stand higher.
    radius : float, optional
        Of the foot (m): it is as open as the latest level ground under it.
    """
    there = part.any(axis=2)
    top = np.where(there, part.shape[2] - 1 - np.argmax(part[:, :, ::-1], axis=2), -1)
    i, j = np.nonzero(there)
    own = np.zeros(there.shape, dtype=bool)
    own[i, j] = zone[i, j, top[i, j]] & (_stands_clear(top, clear / spacing) & ~_hollow(top))[i, j]
    for x0, y0, away in keep_off:
        own &= np.hypot(centres[0][:, None] - x0, centres[1][None, :] - y0) > away
    if not own.any():
        return Foot()
    under = np.zeros(there.shape)
    i, j = np.nonzero(own)
    under[i, j] = time[i, j, top[i, j]]
    latest, room = _levels(under, top, radius / spacing)
    wide = own & ((2.0 * room - 1.0) * spacing >= _LEAST_WIDTH * 2.0 * radius)
    usable = wide if wide.any() else own
    good = usable & (latest >= _AS_LATE * latest[usable].max())
    # the middle of the ground: a riser stands better there than on an edge or at one end of it
    x, y, z = centres
    widest = good & (room >= _AS_WIDE * room[good].max())
    middle = (x[np.nonzero(good)[0]].mean(), y[np.nonzero(good)[1]].mean())
    off = np.where(widest, np.hypot(x[:, None] - middle[0], y[None, :] - middle[1]), np.inf)
    a, b = np.unravel_index(int(np.argmin(off)), off.shape)
    return Foot(
        (float(x[a]), float(y[b]), float(z[top[a, b]])),
        time=float(latest[a, b]),
        width=(2.0 * float(room[a, b]) - 1.0) * spacing,
    )


def _disc(radius: float) -> NDArray[np.bool_]:
    """Return a disc of a radius in voxels, as a mask with its middle in the middle."""
    x = np.arange(-int(radius), int(radius) + 1)
    return np.asarray(x[:, None] ** 2 + x**2 <= radius**2)


def _stands_clear(top: NDArray[np.int64], radius: float) -> NDArray[np.bool_]:
    """Return the columns round which, within a radius in voxels, no other column is more than two voxels higher."""
    from scipy import ndimage

    if radius < 1.0:
        return np.ones(top.shape, dtype=bool)
    return np.asarray(ndimage.maximum_filter(top, footprint=_disc(radius), mode="constant", cval=-1) <= top + 2)


def _hollow(top: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return the columns at the bottom of a hollow: higher columns close a ring round them, and a core stands there, no riser."""
    from scipy import ndimage

    hollow = np.zeros(top.shape, dtype=bool)
    for level in np.unique(top[top >= 0]):
        higher = top > level + 2
        hollow |= (top == level) & ndimage.binary_fill_holes(higher) & ~higher
    return hollow


def _levels(under: NDArray[np.float64], top: NDArray[np.int64], radius: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return for every free column the latest time under a foot of a radius in voxels, and its distance to the ground's edge.

    Ground is what lies level within a voxel.
    """
    from scipy import ndimage

    smooth = ndimage.uniform_filter(under, 3)
    latest, room = np.zeros(under.shape), np.zeros(under.shape)
    for level in np.unique(top[under > 0.0]):
        here = (top == level) & (under > 0.0)
        ground = (np.abs(top - level) <= 1) & (under > 0.0)
        heat = np.where(ground, smooth, 0.0)
        latest[here] = ndimage.maximum_filter(heat, footprint=_disc(radius), mode="constant")[here]
        room[here] = ndimage.distance_transform_edt(np.pad(ground, 1))[1:-1, 1:-1][here]
    return latest, room
