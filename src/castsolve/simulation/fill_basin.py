"""Metal that lies in the basin of a die before the die turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import _kernels
from ..casting import Casting, GravityDieCasting, TiltPour
from ..errors import GeometryError, InputError
from ..geometry import Grid
from .entries import Entry
from .flow_arrays import CAVITY, Cavity
from .flow_turning import Turning

if TYPE_CHECKING:
    from .fill_plan import FillPlan
    from .flow_run import FlowRun

__all__ = ["Lying", "lying_metal", "tilt_facts", "turning_of"]

Array = NDArray[Any]

# Halvings of the search for the level, and how far it may stand above the way into the cavity (voxels) before that is told.
_HALVINGS, _ABOVE = 60, 0.5
# Of voxels along an axis: all but the last, all but the first; of their faces: those between two.
_ENDS = (slice(None, -1), slice(1, None), slice(1, -1))


@dataclass(frozen=True, slots=True, eq=False)
class Lying:
    """What lies in a basin at the start.

    Attributes
    ----------
    share : ndarray
        Filled share of every voxel of the flow's box.
    aim : ndarray of bool
        The cavity without the basin: what the metal is to fill.
    volume : float
        Of the metal (m3).
    warnings : tuple of str
    """

    share: Array
    aim: Array
    volume: float
    warnings: tuple[str, ...]


def turning_of(casting: Casting) -> Turning | None:
    """Return how the mould of a casting turns while it fills; None for one that stands still."""
    tilt = casting.tilt if isinstance(casting, GravityDieCasting) else None
    if tilt is None:
        return None
    for plane in casting.planes:
        if abs(tilt.axis[plane.axis]) < 1.0 - 1e-9:
            raise InputError(
                f"the die turns out of its plane of symmetry {plane.letter} = {plane.coordinate * 1e3:g} mm; give the whole "
                f'casting, or turn about axis = "{plane.letter}"'
            )
    usual, (x, y, z) = casting.pour_time, (float(c) for c in tilt.axis)
    tilt.duration(usual)
    return Turning((x, y, z), lambda time: tilt.turned(time, usual), tuple(tilt.through.tolist()), tilt.angle)


def lying_metal(
    entries: Sequence[Entry], casting: Casting, grid: Grid, cavity: Cavity, inner: tuple[slice, slice, slice],
    turning: Turning | None,
) -> Lying | None:  # fmt: skip
    """Return the metal that lies level in the basin of a tilt pour; None where nothing is poured so.

    Raises
    ------
    GeometryError
        If it does not fit below the brim.
    """
    entry = next((e for e in entries if isinstance(e.inlet, TiltPour)), None)
    if entry is None or turning is None:
        return None
    assert isinstance(entry.inlet, TiltPour)
    basin = np.zeros(cavity.shape, bool)
    basin[inner] = (grid.body == grid.body_names.index(entry.name))[grid.fine]
    basin &= cavity.kind == CAVITY
    aim = (cavity.kind == CAVITY) & ~basin
    beyond = np.ones(cavity.shape, bool)
    beyond[inner] = False
    aim &= ~beyond
    cell = cavity.voxel**3
    wanted = float(cavity.share[aim].sum()) * cell if entry.inlet.volume is None else entry.inlet.volume / casting.symmetry_factor
    up = -turning.gravity(casting.gravity.tolist(), 0.0)
    up /= np.linalg.norm(up)
    brim = float((entry.facets.reshape(-1, 3) @ up).min())
    room = float(_below(cavity, basin, up, brim).sum()) * cell
    if wanted > room:
        holds, poured = (1e6 * v * casting.symmetry_factor for v in (room, wanted))
        raise GeometryError(
            f"{entry.name} at {entry.at} holds {holds:.4g} cm3 up to its brim before the die turns, but {poured:.4g} cm3 are to be "
            "poured; make it larger, or the volume of the TiltPour smaller"
        )
    low, high = brim - cavity.voxel * float(np.linalg.norm(cavity.shape)), brim
    for _ in range(_HALVINGS):
        level = 0.5 * (low + high)
        low, high = (low, level) if float(_below(cavity, basin, up, level).sum()) * cell > wanted else (level, high)
    volume = _below(cavity, basin, up, high)
    share = np.divide(volume, cavity.share, out=np.zeros(cavity.shape), where=cavity.share > 0.0)
    return Lying(np.clip(share, 0.0, 1.0), aim, wanted, _told(cavity, basin, aim, up, high))


def _below(cavity: Cavity, where: Array, up: Array, level: float) -> Array:
    """Volume (voxels) of the marked cavity that lies below a level."""
    size = float(np.abs(up).sum())
    start = (level - up @ np.array(cavity.origin)) / cavity.voxel - float(up[up < 0.0].sum())
    out = np.zeros(cavity.shape)
    _kernels.plane_shares(np.ascontiguousarray(np.abs(up) / size), np.ascontiguousarray(up / size), start / size, out)
    return np.where(where, out * cavity.share, 0.0)


def _told(cavity: Cavity, basin: Array, aim: Array, up: Array, level: float) -> tuple[str, ...]:
    """A warning where the level stands above the way out of the basin: the metal runs before the die turns."""
    heights = sum(up[a] * cavity.centres(a).reshape([-1 if e == a else 1 for e in range(3)]) for a in range(3))
    ways = []
    for a in range(3):
        low, high, inner = (tuple(c if e == a else slice(None) for e in range(3)) for c in _ENDS)
        open_ = cavity.aperture[a][inner] > 0.0
        for one, other in ((low, high), (high, low)):
            ways.append(np.asarray(heights)[one][open_ & basin[one] & aim[other]])
    lip = float(np.concatenate(ways).min(initial=np.inf))
    over = level - lip
    if over <= _ABOVE * cavity.voxel:
        return ()
    return (f"the metal stands {over * 1e3:.3g} mm above the way out of its basin at the start: it runs before the die turns",)


def tilt_facts(ready: FillPlan, run: FlowRun) -> dict[str, Any]:
    """Return what a result file keeps of a tilt pour; nothing without one."""
    lying, turning = ready.lying, ready.problem.turning
    if lying is None or turning is None:
        return {}
    copies, cell = ready.casting.symmetry_factor, ready.problem.cavity.voxel**3
    basin = (ready.problem.cavity.kind == CAVITY) & ~lying.aim
    return {
        "tilt": {
            "angle": turning.total, "turned": float(turning.turned(run.time)), "lying_volume": lying.volume * copies,
            "spilled_volume": max(-run.ledger.volume_in, 0.0) * copies,
            "left_in_basin": float(run.volume[basin].sum()) * cell * copies,
            "room_in_basin": float(ready.problem.cavity.share[basin].sum()) * cell * copies,
        },
    }  # fmt: skip
