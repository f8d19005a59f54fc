"""Findings on gas and tightness: hydrogen pores of aluminium against the local pressure, and leak paths between sealing faces."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..results import Display, Results
from .faces import WorkedFace, leak_path
from .hydrogen import SAND_LIMIT, hydrogen_onset, hydrogen_pores
from .pore_curve import feeding_pressure
from .reading import fact
from .shrinkage_rows import Context
from .table import Verdict
from .thresholds import library_alloy

__all__ = ["gas_rows", "leak_rows", "local_pressure"]

_PERCENT = Display("%", 100.0)
_GRAVITY = (0.0, 0.0, -9.81)


def local_pressure(results: Results, context: Context, density: float) -> NDArray[np.float64]:
    """Return the pressure in the metal while it freezes (Pa): what feeds it, and the metal above.

    Parameters
    ----------
    results : Results
    context : Context
    density : float
        Of the liquid (kg/m3).

    Returns
    -------
    ndarray, shape (nx, ny, nz)
        NaN where there is no metal. What the flow through the mush costs is not taken off: microporosity has that.
    """
    metal, gravity = context.metal, np.asarray(fact(results, "gravity") or _GRAVITY, dtype=np.float64)
    x, y, z = metal.centres
    above = -(gravity[0] * x[:, None, None] + gravity[1] * y[None, :, None] + gravity[2] * z[None, None, :])
    above = np.where(metal.mask, np.broadcast_to(above, metal.mask.shape), np.nan)
    return np.asarray(feeding_pressure(results) + density * (np.nanmax(above) - above))


def gas_rows(results: Results, context: Context, hydrogen: float | None) -> list[Verdict]:
    """Return what the hydrogen of an aluminium melt makes of the part.

    Parameters
    ----------
    results : Results
    context : Context
    hydrogen : float or None
        Content of the melt in cm3/100 g; None where it was not told.
    """
    alloy = library_alloy(results)
    if hydrogen is None or alloy is None:
        why = "the hydrogen content of the melt was not told; give verdicts(..., hydrogen=) in cm3/100 g (0.1 to 0.3 are usual)"
        why = why if alloy is not None else "the alloy is not in the material data"
        return [Verdict("gas pores", severity="note", cause=f"not judged: {why}")]
    metal = context.metal
    pressure = np.where(metal.part, local_pressure(results, context, alloy.density_at_liquidus), np.nan)
    pores = hydrogen_pores(hydrogen, alloy, pressure=np.where(np.isfinite(pressure), pressure, np.inf))
    worst = np.unravel_index(int(np.argmax(np.where(metal.part, pores, -1.0))), pores.shape)
    least, most = float(np.nanmin(pressure)), float(np.nanmax(pressure))
    onset = hydrogen_onset(hydrogen, alloy, pressure=least)
    low, high = SAND_LIMIT
    starts = f"pores may form from a fraction solid of {onset:.2f} on" if onset < 1.0 else "the liquid never is oversaturated"
    return [
        Verdict(
            "gas pores",
            severity="warning" if hydrogen >= high else "note" if hydrogen >= low else "ok",
            place=metal.place(worst),
            value=float(pores[worst]),
            display=_PERCENT,
            threshold_source=f"castings in sand show gas pores from {low:g} to {high:g} cm3/100 g on: practice, a range",
            cause=f"{hydrogen:.2g} cm3/100 g of hydrogen: {starts}; most gas where the pressure is least, {least * 1e-3:.0f} kPa "
            f"(up to {most * 1e-3:.0f} kPa in the part); an upper bound, for what escapes or finds no nucleus is not taken off",
            advice="degas the melt, or let pressure act while it freezes" if hydrogen >= low else "",
            quality="C",
        )
    ]


def leak_rows(empty: NDArray[np.float64], faces: Sequence[WorkedFace], context: Context) -> list[Verdict]:
    """Return a row for every two sealing faces that pores connect.

    Parameters
    ----------
    empty : ndarray, shape (nx, ny, nz)
        Empty share of every voxel.
    faces : sequence of WorkedFace
        Those that seal are paired.
    context : Context
    """
    rows = []
    for one, other in itertools.combinations([face for face in faces if face.sealing], 2):
        first, second = (face.finished_surface(context.metal) for face in (one, other))
        if not (first.any() and second.any()):
            missing = one.name if not first.any() else other.name
            cause = f"not judged between {one.name} and {other.name}: no voxel of the part carries {missing}"
            rows.append(Verdict("leak path", severity="note", cause=cause))
            continue
        path = leak_path(empty, first, second, metal=context.metal)
        between = f"between {one.name} and {other.name}"
        if path is None:
            rows.append(Verdict("leak path", cause=f"no pores hang together {between}", quality=context.quality))
            continue
        rows.append(
            Verdict(
                "leak path",
                severity="warning",
                place=path.place,
                value=path.porosity,
                display=_PERCENT,
                threshold_source="castsolve's own rule: voxels of half a per cent of pores that touch are a path",
                cause=f"{path.voxels} voxels of pores hang together {between}; the tightest is at the place given: a suspicion to "
                "be pressure tested",
                advice="feed or chill the section between the two, or impregnate",
                quality=max(context.quality, "C"),
            )
        )
    return rows
