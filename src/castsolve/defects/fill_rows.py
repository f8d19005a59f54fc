"""Findings on the filling, as rows of the table: misrun, cold shut, entrainment, oxide, air, last place to fill, wall shear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..results import Display, Results, field_info
from .reading import fact, metal_of, remedies_of
from .table import Place, Verdict, duration

__all__ = ["GATE_SPEED", "cold_arrivals", "fill_rows"]

Array = NDArray[Any]

GATE_SPEED = 0.5
"""Speed of metal (m/s) above which its surface breaks up and folds its oxide in."""

_CAMPBELL = (
    "Campbell, Castings, 2nd ed. (2003), rule 2: above 0.5 m/s a jet of aluminium rises higher than its surface tension holds "
    "together, and falls back over its own oxide (memory)"
)
_LIQUIDUS = (
    "liquidus of the alloy: metal that comes with dendrites already in it has no superheat to weld to the stream it meets "
    "(Campbell, Castings, 2nd ed. (2003), chapter 2: cold laps; memory)"
)
_ALL = "the cavity must be full"
_NO_OXIDE_LIMIT = (
    "no limit with a source is known: compare places, and designs at one voxel size (measures reviewed by Reilly, Green and Jolly, "
    "Appl. Math. Modelling 37 (2013) 611-628)"
)
# A cavity that lacks less than this is full; less of the part than this arrives cold by chance of a voxel.
_FULL, _COLD = 0.999, 1e-3
_SPEED, _SHARE, _KPA = Display("m/s"), Display("%", 100.0), Display("kPa", 1e-3)
# Pockets that are told, the largest first; the pressure outside (Pa).
_POCKETS, _ATMOSPHERE = 5, 101_325.0
_POCKET = "no limit: any pocket of a voxel or more is told"


def fill_rows(results: Results) -> list[Verdict]:
    """Return the rows of a filling; none for a casting that was poured at once.

    Parameters
    ----------
    results : Results
        Of `fill`, or of a solidification that went on from one: its facts hold "filling".
    """
    told = fact(results, "filling")
    if not isinstance(told, Mapping) or "fill_time" not in results:
        return []
    rows = [_misrun_row(results, told), *_entrainment_rows(results, told)]
    if "front_temperature" in results:
        rows.append(_cold_row(results))
    return [*rows, *_oxide_rows(results), *_air_rows(results, told), _last_row(results), *_shear_rows(results)]


def cold_arrivals(results: Results) -> tuple[float, Array]:
    """Return the share of the part's metal that arrived at or below the liquidus, and its voxels.

    Parameters
    ----------
    results : Results
        With the field front_temperature.
    """
    metal = metal_of(results)
    front = np.asarray(results["front_temperature"], dtype=np.float64)
    reached = metal.part & np.isfinite(front)
    cold = np.zeros(front.shape, bool)
    cold[reached] = front[reached] <= float(fact(results, "alloy", "liquidus"))
    whole = float(metal.volume[reached].sum())
    return (float(metal.volume[cold].sum()) / whole if whole > 0.0 else 0.0), cold


def _misrun_row(results: Results, told: Mapping[str, Any]) -> Verdict:
    """Whether the metal came everywhere."""
    filled, metal = float(told["filled"]), metal_of(results)
    empty = metal.mask & ~np.isfinite(results["fill_time"])
    shown: dict[str, Any] = {
        "value": filled, "display": _SHARE, "threshold": _FULL, "threshold_source": _ALL,
        "size": (1.0 - filled) * float(told["cavity_volume"]), "place": _middle_of(results, empty),
    }  # fmt: skip
    if filled >= _FULL:
        return Verdict(
            "misrun", value=filled, display=_SHARE, threshold=_FULL, threshold_source=_ALL, cause="the cavity was filled"
        )
    if told["stopped"] != "came to rest":
        return Verdict("misrun", severity="note", cause=f"the pour ended before the cavity was full: {told['stopped']}", **shown)
    cause, advice = "the metal came to rest: what drives it is too weak", remedies_of(results).weak_drive
    if any("froze on its way" in text for text in results.warnings):
        cause = "the metal froze on its way"
        advice = f"{remedies_of(results).cold_metal}, or feed the thin section from nearer"
    elif any("air is trapped" in text for text in results.warnings):
        cause, advice = "the metal came to rest against enclosed air", "let the air out where the rows on trapped air say"
    return Verdict("misrun", severity="severe", cause=cause, advice=advice, **shown)


def _entrainment_rows(results: Results, told: Mapping[str, Any]) -> list[Verdict]:
    """Speed through every gate against the speed at which the surface breaks up."""
    aluminium = fact(results, "alloy", "family") == "aluminium"
    source = _CAMPBELL if aluminium else f"{_CAMPBELL}; a note for other metals, whose oxides differ"
    sprayed = fact(results, "casting", "process") == "pressure die"
    rows = []
    for name, gate in told["gates"].items():
        speed = float(gate["speed"])
        fast = speed > GATE_SPEED
        cause = f"5 % of the metal passed {name} faster than this; at most {float(gate['largest_speed']):.2f} m/s"
        if sprayed:
            cause += "; a shot sprays by intent, so the rule of a quiet filling does not judge it"
            rows.append(Verdict("entrainment", value=speed, unit="m/s", display=_SPEED, cause=cause))
            continue
        rows.append(
            Verdict(
                "entrainment", severity="ok" if not fast else "warning" if aluminium else "note", value=speed, unit="m/s",
                display=_SPEED, threshold=GATE_SPEED, threshold_source=source, cause=cause,
                advice=f"enlarge {name} {speed / GATE_SPEED:.2g} times, or slow the metal down before it" if fast else "",
            )
        )  # fmt: skip
    return rows


def _cold_row(results: Results) -> Verdict:
    """Metal of the part that arrived with dendrites in it."""
    share, cold = cold_arrivals(results)
    liquidus = float(fact(results, "alloy", "liquidus"))
    coldest = results.peak("front_temperature", lowest=True, where=metal_of(results).part)
    seen = share > _COLD
    cause = f"{100 * share:.2g} % of the part arrived at or below the liquidus" if seen else "coldest metal that came into the part"
    return Verdict(
        "cold shut", severity="warning" if seen else "ok", value=coldest.value, unit="K",
        display=field_info("front_temperature").display, threshold=liquidus, threshold_source=_LIQUIDUS, place=coldest.point,
        size=float(metal_of(results).volume[cold].sum()) if seen else None,
        cause=cause,
        advice=f"{remedies_of(results).cold_metal}, or bring the streams together nearer to the gate" if seen else "",
    )  # fmt: skip


def _air_rows(results: Results, told: Mapping[str, Any]) -> list[Verdict]:
    """Pockets of air that stayed, the largest first."""
    air = told.get("air")
    if air is None:
        cause = "not judged: the air was taken to leave everywhere unhindered; fill(..., air=True) solves it"
        return [Verdict("trapped air", severity="note", cause=cause)]
    if not air["pockets"]:
        back = max(float(air["highest_pressure"] or _ATMOSPHERE) - _ATMOSPHERE, 0.0)
        cause = f"no pocket larger than a voxel stayed; air pressed back with at most {back / 1e3:.3g} kPa"
        return [Verdict("trapped air", threshold_source=_POCKET, cause=cause)]
    rows = []
    for pocket in air["pockets"][:_POCKETS]:
        volume, pressure = float(pocket["volume"]), float(pocket["pressure"])
        x, y, z = (float(c) for c in pocket["place"])
        rows.append(
            Verdict(
                "trapped air", severity="warning", value=pressure, unit="Pa", display=_KPA, place=(x, y, z), size=volume,
                threshold_source=_POCKET, cause="the metal closed this pocket off, and its air found no way out",
                advice="put a vent or an overflow here, or bring the metal in so that it drives the air before it",
            )
        )  # fmt: skip
    return rows


def _oxide_rows(results: Results) -> list[Verdict]:
    """Where metal of the part lies whose surface lay open most: a ranking of places, for no limit is known."""
    part = metal_of(results).part
    if "surface_exposure" not in results or not np.isfinite(results["surface_exposure"][part]).any():
        return []
    most, volume = results.peak("surface_exposure", where=part), metal_of(results).volume
    exposed = np.asarray(results["surface_exposure"], dtype=np.float64)
    known = part & np.isfinite(exposed)
    mean = float((exposed[known] * volume[known]).sum() / volume[known].sum())
    display = field_info("surface_exposure").display
    return [
        Verdict(
            "oxide", value=most.value, unit="s/m", display=display, place=most.point, threshold_source=_NO_OXIDE_LIMIT,
            cause=f"metal whose surface lay open most ended here; the part's mean is {display.of(mean):.3g} {display.unit}",
        )
    ]  # fmt: skip


def _last_row(results: Results) -> Verdict:
    """Where the metal came last: where air gathers and cold metal ends."""
    last = results.peak("fill_time")
    return Verdict(
        "last to fill", value=last.value, unit="s", display=field_info("fill_time").display_for(last.value), place=last.point,
        threshold_source="no limit: a place for a vent or an overflow",
        cause=f"the last voxel that metal reached, {duration(last.value)} after the pour began, in {last.body or 'the casting'}",
    )  # fmt: skip


def _shear_rows(results: Results) -> list[Verdict]:
    """Where the flowing metal pulled hardest on the wall."""
    shear = np.asarray(results["wall_shear"]) if "wall_shear" in results else np.zeros(0)
    if not np.isfinite(shear).any():
        return []
    most = results.peak("wall_shear")
    return [
        Verdict(
            "erosion", value=most.value, unit="Pa", display=field_info("wall_shear").display, place=most.point,
            threshold_source="no limit with a source is known: compare designs in one mould material",
            cause=f"largest shear stress of the metal on the wall, in {most.body or 'the casting'}",
        )
    ]  # fmt: skip


def _middle_of(results: Results, mask: Array) -> Place | None:
    """Voxel of a mask nearest to its middle; None where it is empty."""
    at = np.argwhere(mask)
    if not len(at):
        return None
    nearest = at[int(((at - at.mean(axis=0)) ** 2).sum(axis=1).argmin())]
    return results.frame.place(nearest.tolist())
