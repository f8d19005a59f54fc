"""The same grid with its axes in another order, for solvers that walk along rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import GeometryError
from .cutface import Skin
from .grid import Grid

__all__ = ["row_order", "turned_grid"]

Array = NDArray[Any]


def turned_grid(grid: Grid, order: tuple[int, int, int]) -> Grid:
    """Return the same grid with its axes in another order; an odd order is a reflection.

    Parameters
    ----------
    grid : Grid
    order : permutation of (0, 1, 2)
        What was axis ``order[i]`` becomes axis i.

    Raises
    ------
    GeometryError
        If the order does not hold each axis once.
    """
    if sorted(order) != [0, 1, 2]:
        raise GeometryError(f"order = {order} must hold 0, 1 and 2, once each")
    shape = tuple(grid.shape[a] for a in order)

    def moved(voxel: Array) -> Array:
        at = np.unravel_index(voxel, grid.shape)
        return np.ravel_multi_index(tuple(at[a] for a in order), shape)

    walls, skin = grid.walls, grid.skin
    axis = np.argsort(order)[walls.axis].astype(np.uint8)
    voxel = moved(skin.voxel)
    rising = np.argsort(voxel, kind="stable")
    x, y, z = (grid.nodes[a] for a in order)
    first, second, third = (grid.fine[a] for a in order)
    return replace(
        grid, x=x, y=y, z=z, fine=(first, second, third),
        region=np.ascontiguousarray(grid.region.transpose(order)), body=np.ascontiguousarray(grid.body.transpose(order)),
        walls=replace(walls, voxel=moved(walls.voxel), axis=axis),
        cut_index=moved(grid.cut_index), share_index=moved(grid.share_index),
        skin=Skin(voxel[rising], skin.pair[rising], skin.plane[:, [*order, 3, 4]][rising]),
        slivers=replace(grid.slivers, giver=moved(grid.slivers.giver), taker=moved(grid.slivers.taker)),
    )  # fmt: skip


def row_order(grid: Grid) -> tuple[int, int, int]:
    """Return the order of axes in which rows along the last one are broken least by walls between regions.

    A flat casting that lies across the rows breaks every one of them; along them it lies in a few.
    """
    broken = [
        np.count_nonzero(np.diff(grid.region, axis=axis)) + grid.size // grid.shape[axis] for axis in range(3)
    ]
    last = 2 if broken[2] == min(broken) else int(np.argmin(broken))
    first, second = (a for a in range(3) if a != last)
    return first, second, last
