"""Findings on the process: solidification time, casting yield, shakeout and mould thickness, as rows of the table."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from .. import materials
from ..casting import GATING_ROLES
from ..errors import MaterialError, ResultsError
from ..results import Display, Results, field_info
from .modulus import mould_name
from .reading import SIDES, Metal, fact, metal_of
from .shrinkage_rows import Context
from .steel import shakeout_class
from .table import Verdict, duration, place_text
from .thresholds import library_alloy

__all__ = [
    "MouldFace",
    "casting_yield",
    "mould_row",
    "shakeout_row",
    "shakeout_time",
    "solidification_row",
    "warmest_mould_face",
    "yield_row",
]

# Rise of the outer face over the rise of the hot wall, and what it means: for a slab with an insulated back the heat
# taken at the hot wall is then 1 % and 14 % less than that of an endless mould (first image of the exact series).
_FELT, _STRONG = 0.20, 0.50
_THICK_ENOUGH = (
    "exact solution of a slab heated from one side with an insulated back: at 20 % of the wall's rise the mould takes "
    "1 % less heat than an endless one, at 50 % 14 % less"
)


def solidification_row(results: Results, context: Context) -> Verdict:
    """Return when and where the last metal froze."""
    info = field_info("solidification_time")
    metal = context.metal
    time = np.where(metal.mask, np.asarray(results["solidification_time"], dtype=np.float64), np.nan)
    frozen = np.isfinite(time)
    liquid = int(metal.mask.sum() - frozen.sum())
    if not frozen.any():
        return Verdict("solidification time", severity="note", cause="no metal had frozen when the run ended")
    index = np.unravel_index(int(np.nanargmax(time)), time.shape)
    last = float(time[index])
    body, role = metal.owner(index)
    cause = f"the last metal froze in {body or 'the casting'}"
    part = metal.part & frozen
    if role != "part" and part.any():
        cause += f"; the part was solid at {duration(float(time[part].max()))}"
    if liquid:
        cause += f"; {liquid} of {int(metal.mask.sum())} metal voxels were not solid when the run ended"
    return Verdict(
        "solidification time",
        severity="note" if liquid else "ok",
        place=metal.place(index),
        value=last,
        unit=info.unit,
        display=info.display_for(last),
        cause=cause,
        advice="run until all is solid" if liquid else "",
        quality=context.quality,
    )


def casting_yield(results: Results, *, gating: float = 0.0) -> float:
    """Return the casting yield: volume of the part, its stock with it, over the volume of all poured metal, from 0 to 1.

    Volumes are those that the voxels own, exact to the surfaces given; one metal, so they stand for masses.

    Parameters
    ----------
    results : Results
    gating : float, optional
        Volume (m3) of metal of the whole casting that is poured but not in the model: see `castsolve.casting.gating_weight`.

    Raises
    ------
    ResultsError
        If the result has no metal.
    """
    return _yield_of(metal_of(results), gating)


def _yield_of(metal: Metal, gating: float = 0.0) -> float:
    poured = float(metal.volume[metal.mask].sum()) + gating / metal.copies
    if poured <= 0.0:
        raise ResultsError("the result has no metal, so it has no casting yield; its field region must hold a 0")
    kept = metal.of_role("part", "stock") if "part" in metal.body_roles else metal.part
    return float(metal.volume[kept].sum()) / poured


def yield_row(context: Context) -> Verdict:
    """Return the casting yield, and whether the gating is in it."""
    gated = bool(set(context.metal.body_roles) & set(GATING_ROLES))
    told = "" if gated else "; without gating: no basin, sprue or runner is in the model, so what is poured is more"
    return Verdict(
        "casting yield",
        value=_yield_of(context.metal),
        unit="",
        display=Display("%", 100.0),
        threshold_source="no limit: a low yield is cost, not a defect",
        cause=f"part over all metal in the model{told}",
    )


def shakeout_time(results: Results, temperature: float | None = None) -> float | None:
    """Return when the hottest metal had cooled to the shakeout temperature for good, in s from the pour.

    Parameters
    ----------
    results : Results
        A run with the history columns "time" and "hottest_metal".
    temperature : float, optional
        K. Default: the shakeout temperature that the run noted.

    Returns
    -------
    float or None
        None where the run ended before it was reached. Linear between steps.

    Raises
    ------
    ResultsError
        If no temperature is known, or the run kept no history of the hottest metal.
    """
    if temperature is None:
        temperature = fact(results, "shakeout_temperature")
    if not isinstance(temperature, (int, float)):
        raise ResultsError("no shakeout temperature is known; give temperature= in K")
    missing = [name for name in ("time", "hottest_metal") if name not in results.history]
    if missing:
        raise ResultsError(f"the run kept no history of {' and '.join(missing)}, so shakeout cannot be told")
    time, hottest = results.history["time"], results.history["hottest_metal"]
    above = np.flatnonzero(hottest > temperature)
    if not above.size:
        return float(time[0]) if time.size else None
    last = int(above[-1])
    if last + 1 >= time.size:
        return None
    share = (hottest[last] - temperature) / (hottest[last] - hottest[last + 1])
    return float(time[last] + share * (time[last + 1] - time[last]))


def shakeout_row(results: Results, context: Context) -> Verdict:
    """Return the shakeout time, or why it is not known."""
    info, degrees = field_info("solidification_time"), field_info("temperature").display
    try:
        reached = shakeout_time(results)
    except ResultsError as error:
        return Verdict("shakeout time", severity="note", cause=f"not judged: {error}")
    wanted = float(fact(results, "shakeout_temperature"))
    goal = f"{degrees.of(wanted):.0f} {degrees.unit}"
    if reached is None:
        hottest, end = float(results.history["hottest_metal"][-1]), float(results.history["time"][-1])
        return Verdict(
            "shakeout time",
            severity="note",
            cause=f"not reached: the hottest metal was at {degrees.of(hottest):.0f} {degrees.unit} when the run ended "
            f"at {duration(end)}; shakeout is at {goal}{_class_text(results)}",
            advice='run until "shakeout"',
        )
    return Verdict(
        "shakeout time",
        value=reached,
        unit=info.unit,
        display=info.display_for(reached),
        cause=f"the hottest metal had cooled to {goal}{_class_text(results)}",
        quality=context.quality,
    )


def _class_text(results: Results) -> str:
    """Return the shakeout class of a steel in words, "" for other metal."""
    alloy = library_alloy(results)
    return f"; {shakeout_class(alloy)}" if alloy is not None and alloy.family == "steel" else ""


@dataclass(frozen=True, slots=True)
class MouldFace:
    """The warmest place outside on the mould: side, place (m), temperature (K), whether over the whole run."""

    side: str
    place: tuple[float, float, float] = field(kw_only=True)
    temperature: float = field(kw_only=True)
    whole_run: bool = field(kw_only=True)


def warmest_mould_face(results: Results) -> MouldFace:
    """Return the warmest outer voxel of the mould, planes of symmetry left out.

    Taken from the highest temperature that each voxel has seen ("peak_temperature") where the run kept it, else from
    the temperature at the end of the run. Metal that reaches the outside (an open riser) is not mould.

    Raises
    ------
    ResultsError
        If no side of the frame is mould.
    """
    name = "peak_temperature" if "peak_temperature" in results else "temperature"
    values, frame = results[name], results.frame
    metal, mirrors = np.asarray(results.metal), metal_of(results).mirrors
    best: tuple[float, str, tuple[int, int, int]] | None = None
    # Beyond a deep side the mould goes on: nothing is outer there.
    endless = set(fact(results, "deep_sides", default=()))
    for side in (s for s in SIDES if s not in mirrors and s not in endless):
        axis, plane = "xyz".index(side[0]), 0 if side.endswith("low") else -1
        face = np.where(np.take(metal, plane, axis=axis), np.nan, np.take(values, plane, axis=axis))
        if not np.isfinite(face).any():
            continue
        inside = [int(n) for n in np.unravel_index(int(np.nanargmax(face)), face.shape)]
        inside.insert(axis, 0 if plane == 0 else frame.shape[axis] - 1)
        i, j, k = inside
        if best is None or values[i, j, k] > best[0]:
            best = (float(values[i, j, k]), side, (i, j, k))
    if best is None:
        raise ResultsError("no outer face of the frame is mould, so its warmth cannot be told")
    return MouldFace(best[1], place=frame.place(best[2]), temperature=best[0], whole_run=name == "peak_temperature")


def mould_row(results: Results, context: Context) -> Verdict:
    """Return whether the mould is thick enough: the rise of its warmest face over the rise of the wall."""
    try:
        face = warmest_mould_face(results)
    except ResultsError as error:
        return Verdict("mould thickness", severity="note", cause=f"not judged: {error}")
    degrees = field_info("temperature").display
    when = "over the whole run" if face.whole_run else "when the run ended"
    cause = f"warmest outer voxel of the mould ({face.side}, {place_text(face.place)}) {when}"
    judged = Verdict(
        "mould thickness",
        place=face.place,
        value=face.temperature,
        unit="K",
        display=degrees,
        quality=context.quality,
    )
    if _conducts(results):
        cause += "; a metal die is meant to carry heat to its outside, so this is no defect"
        return replace(judged, cause=cause)
    start, wall = fact(results, "mould_temperature"), fact(results, "alloy", "solidus")
    if not isinstance(start, (int, float)) or not isinstance(wall, (int, float)) or wall <= start:
        cause += "; mould temperature or solidus were not noted, so it is not judged"
        return replace(judged, severity="note", cause=cause)
    share = (face.temperature - start) / (wall - start)
    severity = "warning" if share >= _STRONG else "note" if share >= _FELT else "ok"
    thin = share >= _FELT
    return replace(
        judged,
        severity=severity,
        threshold=start + _FELT * (wall - start),
        threshold_source=_THICK_ENOUGH,
        cause=f"{cause}: {max(share, 0.0) * 100:.0f} % of the rise from the mould's start to the solidus",
        advice=f"more sand on {face.side}, or take the longer freezing as it is" if thin else "",
    )


def _conducts(results: Results) -> bool:
    try:
        return not materials.mould(mould_name(results)).insulating
    except MaterialError:
        return False
