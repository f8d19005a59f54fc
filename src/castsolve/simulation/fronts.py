"""How a cavity fills, where no flow is solved: a front that moves over the voxels of the metal.

The front parts the metal that is there from the empty cavity; no heat crosses it. Metal that arrives has the temperature of the
pour and stays where it arrived: what flows past later does not warm it again. The front is level under gravity (which turns with
a tilted die), or moves on from the gate by the shortest way through the cavity.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..casting import DieCasting, GravityDieCasting
from ..errors import InputError
from ..geometry import Grid

__all__ = ["front_masks"]

Array = NDArray[np.bool_]


def front_masks(casting: DieCasting, grid: Grid, steps: int, absent: Array | None = None) -> list[Array]:
    """Return the voxels that hold metal in every step of the filling, shape of the grid, equal volumes a step.

    Parameters
    ----------
    casting : DieCasting
        Its `front` says how metal moves: "level" or "gate".
    grid : Grid
    steps : int
    absent : ndarray of bool, optional
        Cavity that holds no metal in the end: basins that run empty.
    """
    metal = grid.region == 0 if absent is None else (grid.region == 0) & ~absent
    volumes = grid.volumes()[metal]
    if casting.front == "gate":
        orders: Sequence[NDArray[np.float64]] = [_way_from_gate(casting, grid, metal)] * steps
    else:
        tilt = casting.tilt if isinstance(casting, GravityDieCasting) else None
        upright = -casting.gravity / np.linalg.norm(casting.gravity)
        orders = [_height(grid, metal, upright if tilt is None else tilt.up(upright, (n + 1) / steps)) for n in range(steps)]
    filled, masks = np.zeros(volumes.size, bool), []
    for number, order in enumerate(orders, start=1):
        filled = filled | _next(filled, order, volumes, volumes.sum() * number / steps)
        mask = np.zeros(grid.shape, bool)
        mask[metal] = filled
        masks.append(mask)
    masks[-1] = metal
    return masks


def _next(filled: Array, order: NDArray[np.float64], volumes: NDArray[np.float64], total: float) -> Array:
    """Return what is filled besides when so much metal (m3) is in: what is alike in order comes together."""
    _, group = np.unique(np.where(filled, -np.inf, np.round(order, 9)), return_inverse=True)
    volume = np.bincount(group, volumes)
    ahead = np.full(volume.size, 0.5)
    # What is there counts in full; and something is there from the first moment.
    ahead[0] = 1.0 if not filled.any() else 0.0
    return np.asarray((np.cumsum(volume) - ahead * volume <= total)[group])


def _height(grid: Grid, metal: Array, up: NDArray[np.float64]) -> NDArray[np.float64]:
    places = np.nonzero(metal)
    return np.asarray(sum(up[a] * grid.centres(a)[places[a]] for a in range(3)))


def _way_from_gate(casting: DieCasting, grid: Grid, metal: Array) -> NDArray[np.float64]:
    """Number of voxels from the inlets through the cavity, by turns over faces and over edges and corners: nearly round."""
    from scipy.ndimage import binary_dilation, generate_binary_structure

    inlets = [o for o in casting.openings if o.role == "inlet"]
    if not inlets:
        raise InputError(
            "a front that moves on from the gate needs a gate or a biscuit; add one to the rigging, or write fill = 0 s in the "
            "machine's cycle for a cavity that is full at once"
        )
    places = np.stack([grid.centres(a)[i] for a, i in enumerate(np.nonzero(metal))], axis=1)
    index = np.argwhere(metal)
    reached = np.zeros(grid.shape, bool)
    for inlet in inlets:
        i, j, k = index[int(np.argmin(((places - inlet.at.point) ** 2).sum(axis=1)))]
        reached[i, j, k] = True
    way = np.full(grid.shape, np.inf)
    way[reached] = 0.0
    shapes, number = [generate_binary_structure(3, c) for c in (1, 3)], 0
    while True:
        grown = binary_dilation(reached, shapes[number % 2], mask=metal)
        new = grown & ~reached
        if not new.any() and number % 2 == 1:
            break
        number += 1
        way[new] = number
        reached = grown
    return way[metal]
