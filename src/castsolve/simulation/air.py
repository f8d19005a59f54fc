"""Where air reaches the metal: its surface, thin skins, and the voids that a falling level leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ATMOSPHERE", "SKIN", "as_their_walls", "open_voxels", "surface_voxels"]

Mask = NDArray[np.bool_]

ATMOSPHERE = 101_325.0
"""Pressure of the air in Pa."""

SKIN = 2e-3
"""Thickness (m) of a skin that the air still breaks through: an estimate, of the order of a tenth of a small riser's radius."""


def surface_voxels(metal: Mask, *, mirrors: Sequence[str] = ()) -> Mask:
    """Return the metal voxels that touch what is no metal over a face; a side that is a plane of symmetry touches nothing.

    Parameters
    ----------
    metal : ndarray of bool, shape (nx, ny, nz)
    mirrors : sequence of str
        Sides of the array that are planes of symmetry ("x_low" ...).
    """
    inside = np.ones_like(metal)
    for axis in range(3):
        ahead, behind = [slice(None)] * 3, [slice(None)] * 3
        ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
        inside[tuple(behind)] &= metal[tuple(ahead)]
        inside[tuple(ahead)] &= metal[tuple(behind)]
        for side, at in (("low", 0), ("high", -1)):
            if f"{'xyz'[axis]}_{side}" not in mirrors:
                edge: list[Any] = [slice(None)] * 3
                edge[axis] = at
                inside[tuple(edge)] = False
    return np.asarray(metal & ~inside)


def open_voxels(
    metal: Mask, centres: Sequence[NDArray[np.float64]], *, voxel: float, skin: float = SKIN, mirrors: Sequence[str] = ()
) -> Mask:
    """Return the metal that air reaches while it is feedable: its surface, and what lies no deeper than a skin.

    Parameters
    ----------
    metal : ndarray of bool, shape (nx, ny, nz)
    centres : sequence of three ndarrays
        Voxel centres along each axis (m).
    voxel : float
        Edge of a voxel (m); a skin thinner than half of it is the surface voxels alone.
    skin : float, optional
        In m.
    mirrors : sequence of str, optional
        Sides that are planes of symmetry.
    """
    opened = surface_voxels(metal, mirrors=mirrors)
    if skin <= 0.5 * voxel or not metal.any():
        return opened
    from scipy import ndimage

    block = tuple(slice(int(n.min()), int(n.max()) + 1) for n in np.nonzero(metal))
    spacing = [float(np.diff(c).min()) if c.size > 1 else 1.0 for c in centres]
    # from the surface voxels, whose centres lie half a voxel deep
    depth = ndimage.distance_transform_edt(~opened[block], sampling=spacing) + 0.5 * min(spacing)
    opened[block] |= metal[block] & (depth <= skin)
    return opened


def as_their_walls(times: NDArray[np.floating[Any]], void: Mask, metal: Mask) -> NDArray[np.floating[Any]]:
    """Return times of freezing in which every void has the latest of the metal around it: a pool ends with its last wall.

    Parameters
    ----------
    times : ndarray, shape (nx, ny, nz)
        NaN where a level was not passed.
    void, metal : ndarray of bool
        Voxels that ran empty, and all metal voxels, empty ones among them.
    """
    from scipy import ndimage

    out = times.copy()
    if not void.any():
        return out
    block = tuple(slice(max(int(n.min()) - 1, 0), int(n.max()) + 2) for n in np.nonzero(void))
    label, count = ndimage.label(void[block])
    wall = np.where(metal & ~void, np.nan_to_num(times, nan=-np.inf), -np.inf)[block]
    latest = ndimage.maximum_filter(wall, footprint=ndimage.generate_binary_structure(3, 1), mode="constant", cval=-np.inf)
    of_void = np.asarray(ndimage.maximum(latest, label, np.arange(1, count + 1)))
    inside = label > 0
    values = of_void[label[inside] - 1]
    out[block][inside] = np.where(np.isfinite(values), values, np.nan)
    return out
