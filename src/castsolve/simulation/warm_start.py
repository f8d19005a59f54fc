"""A die that begins where another search has ended, on the same grid or one that differs a little."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..geometry import Grid
from ..results import Results

__all__ = ["warm_start"]

Array = NDArray[Any]


def warm_start(grid: Grid, initial: Sequence[float], die: Sequence[int], earlier: Results) -> Array:
    """Return the temperature (K) that every voxel starts with: regions of the die at what an earlier steady die had there.

    Parameters
    ----------
    grid : Grid
    initial : sequence of float
        Of every region (K), for what is no die.
    die : sequence of int
        Regions of the die.
    earlier : Results
        Of a cycle; its field "temperature_before_pour" is read at the nearest voxel of its own die.
    """
    from scipy.ndimage import distance_transform_edt

    field, mould = earlier["temperature_before_pour"], np.zeros(earlier.frame.shape, bool)
    for number, role in enumerate(_region_roles(earlier)):
        if role == "mould":
            mould |= earlier["region"] == number
    nearest = distance_transform_edt(~mould, return_distances=False, return_indices=True)
    filled = field[tuple(nearest)].astype(float)
    # Voxel by voxel along each axis: the centre's place in the earlier frame, held at its ends.
    at = [
        np.clip(np.searchsorted(nodes, grid.centres(axis), side="right") - 1, 0, nodes.size - 2)
        for axis, nodes in enumerate(earlier.frame.nodes)
    ]
    start = np.asarray(initial, dtype=float)[grid.region]
    mine = np.isin(grid.region, die)
    start[mine] = filled[np.ix_(*at)][mine]
    return start


def _region_roles(earlier: Results) -> list[str]:
    return [str(region["role"]) for region in earlier.facts["regions"]]
