"""Voxel fields made ready for colouring: cropped to what is seen, and metal fields carried on into the mould."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..errors import ViewError
from ..results import Results

__all__ = [
    "carried_on", "crop_to", "flooded", "fraction_of", "levels_of", "padded", "seen", "smoothed", "valid"
]  # fmt: skip

# Roles that are background: the picture is framed by everything else.
_BACKGROUND = {"mould", "die", "flask", "background", "backing", "surroundings"}


def seen(result: Results, *, margin: float = 0.06) -> tuple[slice, slice, slice]:
    """Return the block of voxels around metal, chills, sleeves and cores, with a margin (share of its size)."""
    if "body" in result:
        numbers = [i for i, role in enumerate(result.frame.body_roles) if role not in _BACKGROUND]
        mask = np.isin(result["body"], numbers)
    else:
        mask = np.zeros(result.frame.shape, dtype=bool)
    mask |= result.metal
    if not mask.any():
        raise ViewError("there is nothing to show: the result holds no metal voxel")
    spans = []
    for axis in range(3):
        along = np.flatnonzero(mask.any(axis=tuple(a for a in range(3) if a != axis)))
        nodes = result.frame.nodes[axis]
        spans.append((nodes[along[0]], nodes[along[-1] + 1]))
    room = margin * max(high - low for low, high in spans)
    slices = []
    for axis, (low, high) in enumerate(spans):
        centres = result.frame.centres(axis)
        kept = np.flatnonzero((centres >= low - room) & (centres <= high + room))
        slices.append(slice(int(kept[0]), int(kept[-1]) + 1))
    return slices[0], slices[1], slices[2]


def flooded(result: Results, slices: Sequence[slice], spacing: Sequence[float]) -> tuple[NDArray, NDArray]:
    """Return the shares of metal and of enclosed air in the voxels of a cavity that fills, carried on beyond its walls.

    Parameters
    ----------
    result : Results
        Holds fill_fraction, and air_pressure where air presses back.
    slices : three slices
    spacing : three floats
    """
    held, known = crop_to(result["fill_fraction"], slices), valid(result, "fill_fraction", slices)
    metal = carried_on(held, known, spacing)
    if "air_pressure" not in result:
        return metal, np.zeros_like(metal)
    closed = np.isfinite(crop_to(result["air_pressure"], slices))
    return metal, carried_on(np.where(closed, 1.0 - held, 0.0), known, spacing)


def crop_to(array: NDArray, slices: Sequence[slice]) -> NDArray:
    """Return a block of a field."""
    return array[slices[0], slices[1], slices[2]]


def fraction_of(result: Results, slices: Sequence[slice]) -> NDArray[np.float32]:
    """Return the share of metal in each voxel of a block: exact where recorded, else the metal voxels smoothed."""
    if "metal_fraction" in result:
        return crop_to(result["metal_fraction"], slices).astype(np.float32)
    from scipy import ndimage

    mask = crop_to(result.metal, slices).astype(np.float32)
    return np.asarray(ndimage.gaussian_filter(mask, 0.7, mode="nearest"), dtype=np.float32)


def valid(result: Results, name: str, slices: Sequence[slice]) -> NDArray[np.bool_]:
    """Return where a field tells about the metal: metal voxels with a finite value."""
    mask = crop_to(result.metal, slices)
    values = crop_to(result[name], slices)
    return np.asarray(mask & np.isfinite(values)) if values.dtype.kind == "f" else np.asarray(mask)


def carried_on(values: NDArray, known: NDArray[np.bool_], spacing: Sequence[float]) -> NDArray[np.float32]:
    """Return a field that has, outside where it is known, the value of the nearest voxel that is known.

    Colours interpolated between metal and mould voxels would mix in what is no value of the metal: rings of moire.
    """
    from scipy import ndimage

    if known.all():
        return values.astype(np.float32)
    if not known.any():
        raise ViewError("there is nothing to show: the field has no value in the metal seen")
    nearest = ndimage.distance_transform_edt(~known, sampling=spacing, return_distances=False, return_indices=True)
    return np.asarray(values[tuple(nearest)], dtype=np.float32)


def smoothed(values: NDArray, known: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return a field averaged over about a voxel, from known voxels only.

    A surface cuts voxels unevenly deep, and values change quickly towards the mould: unsmoothed it is striped.
    """
    from scipy import ndimage

    weight = ndimage.gaussian_filter(known.astype(np.float32), 1.0)
    total = ndimage.gaussian_filter(np.where(known, values, 0.0).astype(np.float32), 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weight > 1e-3, total / weight, np.nan).astype(np.float32)


def levels_of(nodes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return voxel centres in mm, with one more on either side for `padded`."""
    centres = 0.5 * (nodes[:-1] + nodes[1:])
    first, last = 2.0 * nodes[0] - centres[0], 2.0 * nodes[-1] - centres[-1]
    return 1e3 * np.concatenate(([first], centres, [last]))


def padded(array: NDArray, outside: float | None) -> NDArray:
    """Return a block with one more layer all round: a value, or (None) that of its edge.

    Metal that ends at the edge (a symmetry plane) then gets its wall exactly there.
    """
    if outside is None:
        return np.pad(array, 1, mode="edge")
    return np.pad(array, 1, mode="constant", constant_values=outside)
