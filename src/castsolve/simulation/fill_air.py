"""The air in the cavity of a casting: its ways out, and what the metal encloses of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..casting import METAL, Opening
from .flow_air import Air, Vent
from .flow_arrays import CAVITY, Cavity
from .flow_run import FlowRun

if TYPE_CHECKING:
    from ..casting import Casting, Layout

__all__ = ["air_facts", "air_fields", "air_of", "trapped_volume"]

Array = NDArray[Any]


def air_of(casting: Casting, layout: Layout, cavity: Cavity, brims: Sequence[Array] = ()) -> Air | None:
    """Return the air of a casting with its ways out: vents, open risers, and the sand; None where no way out is known.

    Parameters
    ----------
    casting : Casting
    layout : Layout
    cavity : Cavity
    brims : sequence of ndarray of bool
        Cavity voxels under openings that a stream is poured into: beside it they are open to the air.

    Notes
    -----
    A vent is a bore in which air flows as in a pipe (Hagen and Poiseuille), an open riser has no resistance. Through the sand the
    air takes the shortest way from the metal to the outside, K / (mu L) per wall area, and spreads from small pockets (`Air`).
    """
    viscosity = _air_viscosity(0.5 * (casting.mould_temperature + layout.pour_temperature))
    vents = [
        Vent(_voxels_at(opening, cavity), _conductance(opening, viscosity))
        for opening in layout.openings if opening.role == "vent"
    ]  # fmt: skip
    permeability = casting.mould.permeability
    through = 0.0 if permeability is None else permeability.value / viscosity
    if not vents and through == 0.0:
        return None
    open_tops = [Vent(where) for where in brims if where.any()]
    return Air(
        [*vents, *open_tops], wall=through / _way_out(casting, layout), spreading=through, temperature=casting.mould_temperature,
        slip_axes=tuple({plane.axis for plane in casting.planes}),
    )  # fmt: skip


def _air_viscosity(temperature: float) -> float:
    """Viscosity of air (Pa s) at a temperature (K): Sutherland's law (White, Viscous Fluid Flow, 3rd ed., 2006, table 1-2)."""
    return 1.716e-5 * (temperature / 273.15) ** 1.5 * (273.15 + 110.6) / (temperature + 110.6)


def _conductance(opening: Opening, viscosity: float) -> float:
    """Volume rate over pressure difference (m3/(s Pa)) of a bore, pi d^4 / (128 mu L); infinite for an open top."""
    if opening.length == 0.0:
        return math.inf
    return opening.area**2 / (8.0 * math.pi * viscosity * opening.length)


def _voxels_at(opening: Opening, cavity: Cavity) -> Array:
    """Return the cavity voxels under an opening: within its round, down to a voxel and a half below it; else the nearest one."""
    x, y, z = (cavity.centres(a) - opening.at.point[a] for a in range(3))
    nx, ny, nz = (float(c) for c in opening.at.normal)
    outward = nx * x[:, None, None] + ny * y[None, :, None] + nz * z[None, None, :]
    square = (x**2)[:, None, None] + (y**2)[None, :, None] + (z**2)[None, None, :]
    radius, h = math.sqrt(opening.area / math.pi), cavity.voxel
    inside = cavity.kind == CAVITY
    found = inside & (np.abs(outward + 0.5 * h) <= h) & (square - outward**2 <= radius**2)
    if found.any():
        return np.asarray(found)
    nearest = np.zeros(cavity.shape, bool)
    nearest[np.unravel_index(int(np.argmin(np.where(inside, square, np.inf))), cavity.shape)] = True
    return nearest


def _way_out(casting: Casting, layout: Layout) -> float:
    """Shortest way of air through the mould (m): the shell's thickness, or from the metal to a side of the box."""
    shell = getattr(casting, "shell", None)
    if shell is not None:
        return float(shell)
    points = np.concatenate([b.surface.points for b in layout.bodies if b.role in METAL])
    low, high = layout.box
    gaps = {f"{'xyz'[a]}_{side}": float(gap) for a in range(3)
            for side, gap in (("low", points[:, a].min() - low[a]), ("high", high[a] - points[:, a].max()))}  # fmt: skip
    shut = layout.symmetry_sides | layout.open_sides
    return max(min((gap for side, gap in gaps.items() if side not in shut), default=1e-3), 1e-3)


def _enclosed(run: FlowRun) -> list[Any]:
    """Pockets of now that hold air and do not reach the outside."""
    return [p for p in run.pockets if not p.open and p.mass > 0.0]


def trapped_volume(run: FlowRun) -> float:
    """Return the volume (m3) of the air that metal and mould enclose now."""
    return sum(p.volume for p in _enclosed(run))


def air_fields(run: FlowRun) -> dict[str, Array]:
    """Return the share of every voxel's cavity that holds enclosed air now, and its pressure (Pa, absolute; NaN elsewhere); nothing
    without air."""
    air = run.stepper.air
    if air is None:
        return {}
    pressures = np.append(np.nan, air.enclosed_pressure)
    pressure = pressures[run.stepper.inner(run.stepper.arrays["pocket"])]
    inside = run.stepper.problem.cavity.kind == CAVITY
    share = np.where(np.isfinite(pressure), np.clip(1.0 - run.fill, 0.0, 1.0), 0.0)
    return {"trapped_air": np.where(inside, share, np.nan), "air_pressure": pressure}


def air_facts(run: FlowRun, copies: int) -> dict[str, Any] | None:
    """Return the plain values that a result file keeps of the air: pockets larger than a voxel, and the books; None without air."""
    books, history = run.air, run.air_history
    if books is None:
        return None
    voxel = run.stepper.problem.cavity.voxel**3
    kept: Sequence[Any] = sorted((p for p in _enclosed(run) if p.volume >= voxel), key=lambda p: -p.volume)
    return {
        "pockets": [
            {"place": list(p.place), "volume": p.volume, "pressure": p.pressure, "mass": p.mass} for p in kept
        ],
        "vented": books.vented * copies, "entrained": books.entrained * copies, "defect": books.defect,
        "highest_pressure": float(history["highest"].max()) if history else None,
    }  # fmt: skip
