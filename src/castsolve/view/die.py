"""A cycled die: the face that it turns to the casting, coloured by what it sees in a cycle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import ViewError
from ..results import Results
from .picture import Picture
from .solid import casting
from .words import heading

__all__ = ["cavity"]


def cavity(
    result: Results, field: str = "die_surface_peak", *, limits: tuple[float, float] | None = None, title: str | None = None,
    size: tuple[int, int] = (1200, 900), below: bool = False,
) -> Picture:  # fmt: skip
    """Return a picture of the die's face in the cavity, as the casting's surface that lies against it.

    Parameters
    ----------
    result : Results
        Of a cycle (`CycleResults.result`).
    field : str
        One of the die's surface: "die_surface_before_pour", "die_surface_after_eject", "die_surface_after_spray",
        "die_surface_peak", "die_surface_range".
    limits : tuple of float, optional
        Ends of the colours in display units.
    title : str, optional
    size : tuple of int
        Pixels.
    below : bool
        Look from below, not from above.

    Raises
    ------
    ViewError
        If the field is none of the die's surface, or nothing renders here.
    """
    from scipy.ndimage import distance_transform_edt

    if not field.startswith("die_surface_"):
        raise ViewError(f'"{field}" is no field of the die\'s surface; those are named die_surface_..., see list(result)')
    info, values = result.info(field), result[field]
    spacing = [float(np.median(result.frame.spacing(axis))) for axis in range(3)]
    nearest = distance_transform_edt(~np.isfinite(values), sampling=spacing, return_distances=False, return_indices=True)
    on_metal = np.where(result.metal, values[tuple(nearest)], np.nan).astype(np.float32)
    shown = result.with_field("die_surface", on_metal, replace(info, name="die_surface", where="metal"))
    told = title or heading(result, info, "die's face against the casting")
    eye = (-1.0, -1.6, -0.9 if below else 0.9)
    return casting(shown, "die_surface", limits=limits, title=told, size=size, smooth=False, seen_from=eye)
