"""Metal that is not there: what a filling left empty holds air, and freezes nothing.

A filling ends with voxels that are full, empty, or full in part; a solidification has whole voxels. A voxel counts as metal from
half full on, or from the share on that keeps the volume of the metal better (a film that is left in a cup). The others are closed
to heat: their faces, walls and links carry nothing, and a result has them as a region "empty", so that no verdict, mass or picture
takes them for metal. That a bare wall there, and the metal's own surface, give some heat to the air is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..casting import GravityDieCasting
from ..geometry import Grid
from ..results import Frame, Results

if TYPE_CHECKING:
    from ..casting import Casting

__all__ = ["Absent", "empty_basins", "left_empty"]

Array = NDArray[Any]

# Filled share from which a voxel counts as metal, if no other keeps the volume better.
_HALF = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Absent:
    """Voxels of region 0 without metal in a run.

    Attributes
    ----------
    where : ndarray of bool, shape (nx, ny, nz)
    temperature : float
        Of the air in them (K).
    """

    where: Array
    temperature: float


def empty_basins(casting: Casting, grid: Grid) -> Array | None:
    """Return the voxels of the basins that a die has been poured from as it turned; None where there are none.

    Without a filling that tells otherwise: as much metal lies in a basin before the turn as the cavity beyond it takes
    (see `casting.TiltPour`), and all of it runs out.
    """
    if not isinstance(casting, GravityDieCasting) or casting.tilt is None:
        return None
    basins = [n for n, role in enumerate(grid.body_roles) if role == "basin"]
    where = (grid.region == 0) & np.isin(grid.body, basins)
    return where if where.any() else None


def left_empty(filled: Results, grid: Grid) -> Array | None:
    """Return the metal voxels of a grid that a filling left without metal; None where there are none.

    In a cavity that has become full only a basin can have run empty: the last thousandth that it lacks closes at its own pace.

    Parameters
    ----------
    filled : Results
        Of a filling of the same casting, also on other voxels.
    grid : Grid
    """
    told, share = filled.facts["filling"], filled.frame.sampled(filled["fill_fraction"], Frame.of(grid))
    # Cavity that no way leads to was closed to the flow; it is told, and taken as full.
    where = (grid.region == 0) & np.isfinite(share)
    if told["stopped"] == "full":
        if "tilt" not in told:
            return None
        where &= np.isin(grid.body, [n for n, role in enumerate(grid.body_roles) if role == "basin"])
    where[where] = share[where] < _least_share(share[where].astype(float), grid.volumes()[where])
    return where if where.any() else None


def _least_share(share: Array, volume: Array) -> float:
    """Return the filled share from which voxels count as metal: a half, or the one that keeps their volume better."""
    if not share.size:
        return _HALF
    order = np.argsort(-share, kind="stable")
    falling, held = share[order], np.cumsum(volume[order])
    last = np.append(np.diff(falling) != 0.0, True) & (falling > 0.0)
    levels = np.concatenate([[_HALF], falling[last]])
    whole = np.concatenate([[float(volume[share >= _HALF].sum())], held[last]])
    return float(levels[int(np.argmin(np.abs(whole - float((share * volume).sum()))))])
