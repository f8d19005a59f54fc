"""Findings on a cycled die: its surface, soldering, heat checking, cold spots and channels, as rows of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import materials
from ..casting import nadca_fill_time
from ..errors import InputError, MaterialError, ResultsError
from ..results import Display, Results, field_info
from .gate_freeze import PRESSURE_ROLES, gate_freeze
from .reading import fact, remedies_of
from .rules import rule
from .table import Verdict, duration
from .thresholds import alloy_family, library_alloy

__all__ = ["die_rows", "thermal_stress"]

_MPA, _KW, _MS = Display("MPa", 1e-6), Display("kW", 1e-3), Display("ms", 1e3)
_TOO_COLD = "less cooling there, or a heating channel: water that stays is steam in the metal"
_YIELDS = "a warmer die before the pour, {}a lower pour temperature"
_SOLDERING = (
    "Han, Kenik, Viswanathan, Die soldering in aluminum die casting, Oak Ridge National Laboratory (abstract read): it begins "
    "where an aluminium-rich phase is liquid at the die; below the solidus of the alloy none is"
)


def thermal_stress(temperature_range: float, *, modulus: float, expansion: float, poisson: float) -> float:
    """Return the range of stress (Pa) in a surface that is kept from expanding along itself: E alpha dT / (1 - nu).

    The die below is taken to stay as it is, so it is an upper bound; it is elastic, so above twice the yield strength it tells of
    yielding and not of a stress that is reached.

    Parameters
    ----------
    temperature_range : float
        Hottest less coldest temperature of the surface in a cycle (K).
    modulus, expansion, poisson : float
        Of the steel: Pa, 1/K, a pure number.
    """
    if temperature_range < 0.0 or not 0.0 <= poisson < 0.5:
        raise InputError(
            f"temperature_range = {temperature_range:g} K must not be below 0 K, and poisson = {poisson:g} must lie in [0, 0.5)"
        )
    return modulus * expansion * temperature_range / (1.0 - poisson)


def die_rows(results: Results) -> list[Verdict]:
    """Return the rows of a cycled die; none for a result that is no cycle.

    Parameters
    ----------
    results : Results
        That of a `CycleResults`: its facts hold "cycle".
    """
    cycle = fact(results, "cycle")
    if not isinstance(cycle, Mapping):
        return []
    return [
        _cycle_row(cycle), *_fill_rows(results), *_window_rows(results), *_surface_rows(results), *_cold_rows(results),
        *_soldering_rows(results), *_checking_rows(results), *(_channel_row(c) for c in cycle["channels"]),
    ]  # fmt: skip


def _cycle_row(cycle: Mapping[str, Any]) -> Verdict:
    times: dict[str, float] = {}
    for book in cycle["shots"][-1]["books"]:
        # The steps of a front are one stage to a reader.
        name = "fill" if book[0].startswith("fill ") else book[0]
        times[name] = times.get(name, 0.0) + float(book[1])
    total = sum(times.values())
    stages = ", ".join(f"{name} {duration(seconds)}" for name, seconds in times.items())
    info = field_info("solidification_time")
    row = Verdict("cycle time", value=total, unit="s", display=info.display_for(total), cause=stages)
    if cycle["last_place"] is not None:
        name = cycle["sections"][0]["name"] if cycle["sections"] else "the casting"
        row = replace(row, place=tuple(cycle["last_place"]), cause=f"{stages}; the last place to become ejectable is in {name}")
    if not cycle["steady"]:
        row = replace(row, severity="note", cause=f"{row.cause}; not steady: after {len(cycle['shots'])} shots")
    return row


def _fill_rows(results: Results) -> list[Verdict]:
    """Return whether a pressure die fills in the time that its walls allow, by the NADCA formula."""
    fill, process = fact(results, "cycle", "fill"), fact(results, "casting", "process")
    if not isinstance(fill, Mapping) or process != "pressure die" or alloy_family(results) != "aluminium":
        return []
    metal, pour = library_alloy(results), fact(results, "casting", "pour_temperature")
    if metal is None or "die_surface_before_pour" not in results:
        return []
    seconds, wall, die = float(fill["time"]), float(fill["wall"]), _mean(results, "die_surface_before_pour")
    limit = nadca_fill_time(wall, alloy=metal, metal_temperature=pour, die_temperature=die)
    assert limit.high is not None and limit.low is not None
    severity = "warning" if seconds > limit.high else "note" if seconds > limit.value else "ok"
    return [
        Verdict(
            "fill time", severity=severity, value=seconds, unit="s", display=_MS, threshold=limit.value,
            threshold_source="NADCA Gating Manual (2006), from memory: at most 15 % solids at the end of filling; "
            f"{limit.low * 1e3:.0f} to {limit.high * 1e3:.0f} ms with 5 to 35 %",
            cause=f"walls of {wall * 1e3:.3g} mm, metal at {pour - 273.15:.0f} degC at the gate, die at {die - 273.15:.0f} degC",
            advice="a faster shot, a larger gate, or a warmer die" if severity != "ok" else "", quality=limit.quality,
        )
    ]  # fmt: skip


def _window_rows(results: Results) -> list[Verdict]:
    """Return until when intensification reaches the part, where metal of the gating is in the result."""
    if "feeding_time" not in results or not set(PRESSURE_ROLES) & set(results.frame.body_roles):
        return []
    try:
        shut = gate_freeze(results)
    except ResultsError as error:
        return [Verdict("intensification window", severity="note", cause=f"not judged: {error}")]
    return [
        Verdict(
            "intensification window", place=shut.place, value=shut.time, unit="s", display=field_info("feeding_time").display,
            cause=f"until then liquid leads from the {shut.source} into the part; the way freezes shut in {shut.body}",
            threshold_source="no limit: pressure after it works on the gating alone",
        )
    ]  # fmt: skip


def _extreme(results: Results, name: str, *, lowest: bool = False) -> tuple[float, tuple[float, float, float]]:
    values = np.asarray(results[name], dtype=float)
    at = np.unravel_index(int(np.nanargmin(values) if lowest else np.nanargmax(values)), values.shape)
    return float(values[at]), results.frame.place([int(n) for n in at])


def _mean(results: Results, name: str) -> float:
    """Return the mean over the surface voxels of the die."""
    values: NDArray[Any] = np.asarray(results[name], dtype=float)
    return float(np.nanmean(values))


def _surface_rows(results: Results) -> list[Verdict]:
    degrees, rows = field_info("temperature").display, []
    for when in ("before_pour", "after_eject", "after_spray"):
        name = f"die_surface_{when}"
        if name not in results:
            continue
        hot, place = _extreme(results, name)
        cold, _ = _extreme(results, name, lowest=True)
        span = f"{degrees.of(cold):.0f} to {degrees.of(hot):.0f} {degrees.unit}, mean {degrees.of(_mean(results, name)):.0f}"
        rows.append(
            Verdict(
                f"die surface {when.replace('_', ' ')}", place=place, value=hot, unit="K", display=degrees,
                cause=f"hottest place; the surface is at {span} {degrees.unit} ({name})",
                threshold_source="no limit: what a die should be at is set by the casting",
            )
        )  # fmt: skip
    return rows


def _cold_rows(results: Results) -> list[Verdict]:
    if "die_surface_before_pour" not in results:
        return []
    limit, degrees = rule("wet_die"), field_info("temperature").display
    cold, place = _extreme(results, "die_surface_before_pour", lowest=True)
    wet, mean = cold < limit.value, _mean(results, "die_surface_before_pour")
    return [
        Verdict(
            "cold spot", severity="warning" if wet else "ok", place=place, value=cold, unit="K", display=degrees,
            threshold=limit.value, threshold_source=str(limit),
            cause=f"the coldest place of the cavity before the pour, {mean - cold:.0f} K below the mean",
            advice=remedies_of(results).less_spray + _TOO_COLD if wet else "",
            quality=limit.quality,
        )
    ]  # fmt: skip


def _soldering_rows(results: Results) -> list[Verdict]:
    solidus = fact(results, "alloy", "solidus")
    if "die_surface_peak" not in results or alloy_family(results) != "aluminium" or not isinstance(solidus, (int, float)):
        return []
    steel = _steel(results)
    if steel is None:
        return [Verdict("soldering", severity="note", cause="not judged: the mechanism is known for steel dies only")]
    hot, place = _extreme(results, "die_surface_peak")
    risk = hot > solidus
    peak = np.asarray(results["die_surface_peak"], dtype=float)
    share = float(np.count_nonzero(peak > solidus) / np.count_nonzero(np.isfinite(peak)))
    return [
        Verdict(
            "soldering", severity="warning" if risk else "ok", place=place, value=hot, unit="K",
            display=field_info("temperature").display, threshold=float(solidus), threshold_source=_SOLDERING,
            cause=f"the hottest that the surface becomes in a cycle; {share * 100:.2g} % of the cavity lies above the solidus",
            advice="bring a channel nearer, coat or nitride the place, or lower the pour temperature" if risk else "",
            quality="C",
        )
    ]  # fmt: skip


def _checking_rows(results: Results) -> list[Verdict]:
    if "die_surface_range" not in results:
        return []
    if _steel(results) is None:
        cause = "not judged: modulus, expansion and strength are known for hot work tool steel only"
        return [Verdict("heat checking", severity="note", cause=cause)]
    span, place = _extreme(results, "die_surface_range")
    E, alpha, nu, strength = (rule(f"die_steel_{n}") for n in ("modulus", "expansion", "poisson", "yield"))
    value, low, high = (
        thermal_stress(span, modulus=e, expansion=a, poisson=n)
        for e, a, n in ((E.value, alpha.value, nu.value), (E.low, alpha.low, nu.low), (E.high, alpha.high, nu.high))
    )
    severity = "warning" if value > 2.0 * strength.value else "note" if value > strength.value else "ok"
    stress = Verdict(
        "heat checking", severity=severity, place=place, value=value, unit="Pa", display=_MPA, threshold=2.0 * strength.value,
        threshold_source="twice the yield strength: beyond it every cycle yields both ways (shakedown of an elastic-plastic "
        f"surface); {strength}",
        cause=f"the surface swings by {span:.0f} K in a cycle: {_MPA.of(low):.0f} to {_MPA.of(high):.0f} MPa if it may not expand "
        f"(E {E.value * 1e-9:.0f} GPa, expansion {alpha.value * 1e6:.3g}e-6/K)",
        advice=_YIELDS.format(remedies_of(results).less_spray) if severity != "ok" else "",
        quality="C",
    )  # fmt: skip
    limit = rule("die_steel_hot_limit")
    hot, where = _extreme(results, "die_surface_peak")
    severity = "warning" if hot > limit.high else "note" if hot > limit.value else "ok"
    soft = Verdict(
        "die softening", severity=severity, place=where, value=hot, unit="K", display=field_info("temperature").display,
        threshold=limit.value, threshold_source=str(limit), cause="the hottest that the surface becomes in a cycle",
        advice="cool the place, or use an insert of a hotter steel" if severity != "ok" else "", quality=limit.quality,
    )  # fmt: skip
    return [stress, soft]


def _channel_row(channel: Mapping[str, Any]) -> Verdict:
    degrees = field_info("temperature").display
    power, out, into = float(channel["power"]), float(channel["outlet_temperature"]), float(channel["inlet_temperature"])
    does = "takes" if power >= 0.0 else "gives"
    row = Verdict(
        f"channel {channel['name'].removeprefix('channel ')}", value=power, unit="W", display=_KW,
        cause=f"{does} {abs(power) * 1e-3:.3g} kW as a mean of the cycle; {channel['medium']} {degrees.of(into):.0f} to "
        f"{degrees.of(out):.1f} {degrees.unit}, {channel['htc']:.3g} W/m2/K, Re {channel['reynolds']:.3g}",
        threshold_source="no limit, except that the medium must not boil at its outlet",
    )  # fmt: skip
    try:
        materials.coolant(channel["medium"]).check(out, float(channel["pressure"]), "outlet")
    except MaterialError as error:
        return replace(row, severity="warning", cause=f"{row.cause}; {error}", advice="more flow, or a shorter channel")
    return row


def _steel(results: Results) -> str | None:
    """Return the die's materials where all are hot work tool steel, the only one whose strength is known here."""
    names = [str(r["material"]) for r in results.facts.get("regions", ()) if r["role"] == "mould"]
    try:
        families = {materials.mould(name).family for name in names}
    except MaterialError:
        return None
    return ", ".join(names) if families == {"tool-steel"} else None
