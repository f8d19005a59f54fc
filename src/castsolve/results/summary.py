"""A result in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .fields import SERIES

if TYPE_CHECKING:
    from .results import Results

__all__ = ["duration", "summarize"]

_LABEL = 22
# More warnings and sources than this are counted, not listed: a summary is read at a glance.
_LISTED = 12
# Numbers of the flow through a gate.
_NUMBERS = (("Re", "reynolds"), ("We", "weber"), ("Fr", "froude"))


def summarize(result: Results) -> str:
    """Return the run in words; a fact that was not recorded is left out, never guessed."""
    facts = result.facts
    lines: list[str] = []
    for chapter in (_what, _voxels, _masses, _filling, _times, _energy, _clock, _honesty):
        lines.extend(chapter(result, facts))
    return "\n".join(lines)


def _line(label: str, text: str) -> str:
    return f"{label:<{_LABEL}}{text}"


def _mapping(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = facts.get(name)
    if isinstance(value, Mapping):
        return value
    return {} if value is None else {"name": value}


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _celsius(value: Any) -> str:
    return f"{value - 273.15:.0f} degC"


def duration(seconds: float) -> str:
    """Return a time as a reader says it: 42.3 s, 12.5 min, 3.1 h."""
    if seconds < 600.0:
        return f"{seconds:.3g} s"
    return f"{seconds / 60.0:.1f} min" if seconds < 36000.0 else f"{seconds / 3600.0:.1f} h"


def _what(result: Results, facts: Mapping[str, Any]) -> list[str]:
    casting, alloy = _mapping(facts, "casting"), _mapping(facts, "alloy")
    lines = []
    name = ", ".join(dict.fromkeys(str(casting[k]) for k in ("name", "part", "process") if casting.get(k)))
    if name:
        lines.append(_line("casting", name))
    metal = [str(alloy["name"])] if alloy.get("name") else []
    pour = casting.get("pour_temperature", facts.get("pour_temperature"))
    if _number(pour):
        metal.append(f"poured at {_celsius(pour)}")
    for key in ("liquidus", "solidus"):
        if _number(alloy.get(key)):
            metal.append(f"{key} {_celsius(alloy[key])}")
    if metal:
        lines.append(_line("alloy", ", ".join(metal)))
    if casting.get("mould"):
        lines.append(_line("mould", str(casting["mould"])))
    return lines


def _voxels(result: Results, facts: Mapping[str, Any]) -> list[str]:
    frame = result.frame
    nx, ny, nz = frame.shape
    text = f"{nx} x {ny} x {nz} = {frame.voxels / 1e6:.3g} M of {frame.voxel * 1e3:.3g} mm"
    if "region" in result:
        text += f", {int(result.metal.sum()) / 1e6:.3g} M in metal"
    symmetry = facts.get("symmetry_factor")
    if _number(symmetry) and symmetry != 1:
        text += f", 1/{symmetry:g} of the casting"
    return [_line("voxels", text)]


def _masses(result: Results, facts: Mapping[str, Any]) -> list[str]:
    masses = _mapping(facts, "masses")
    weighed = {k: v for k, v in masses.items() if _number(v) and "yield" not in k}
    lines = []
    if weighed:
        names = {k: "in all" if k == "poured" else k.replace("_", " ") for k in weighed}
        lines.append(_line("mass, solid", ", ".join(f"{names[k]} {v:.4g} kg" for k, v in weighed.items())))
    share = masses.get("casting_yield", masses.get("yield", facts.get("casting_yield")))
    if _number(share):
        lines.append(_line("casting yield", f"{share * 100:.1f} %"))
    return lines


def _filling(result: Results, facts: Mapping[str, Any]) -> list[str]:
    told = _mapping(facts, "filling")
    if not told:
        return []
    lines = [_line("filling", f"{told['stopped']} after {duration(told['fill_time'])}, {100 * told['filled']:.1f} % of the cavity")]
    inlets = [f"{entry['kind']} at {entry['name']}" for entry in told["inlets"]]
    melt = f"{told['melt_mass']:.4g} kg of melt ({told['poured_volume'] * 1e3:.4g} litre)"
    lines.append(_line("  poured", f"{melt}, {', '.join(inlets)}, voxel {told['voxel'] * 1e3:.3g} mm"))
    for name, gate in told["gates"].items():
        numbers = ", ".join(f"{label} {gate[key]:.3g}" for label, key in _NUMBERS if key in gate)
        lines.append(_line(f"  {name}", f"{gate['speed']:.2f} m/s (5 % of the metal faster), {numbers}"))
    if told["last_place"] is not None:
        x, y, z = (round(c * 1e3, 1) + 0.0 for c in told["last_place"])
        lines.append(_line("  filled last", f"x, y, z = {x:.1f}, {y:.1f}, {z:.1f} mm"))
    if "heat_released" in told:
        lines.append(_line("  heat released", f"{told['heat_released'] * 1e-6:.4g} MJ by what burns, until the end of the pour"))
    lines.append(_line("  metal ledger", f"defect {told['defect']:.1e}, limit {told['limit']:.0e}"))
    return lines


def _times(result: Results, facts: Mapping[str, Any]) -> list[str]:
    import numpy as np

    if "solidification_time" not in result:
        return []
    times = result["solidification_time"]
    frozen = np.isfinite(times)
    if not frozen.any():
        return [_line("last solidification", "no voxel has frozen")]
    lines = []
    last = result.peak("solidification_time")
    lines.append(_line("last solidification", f"{duration(last.value)} after the pour, at {last}"))
    if "body" in result:
        for name, role in zip(result.frame.body_names, result.frame.body_roles, strict=True):
            mask = result.where(body=name) & frozen
            if role == "part" and mask.any() and last.body != name:
                place = result.peak("solidification_time", where=mask)
                lines.append(_line(f"  {name}", f"{duration(place.value)}, at {place}"))
    liquid = int((result.metal & ~frozen).sum())
    if liquid and "region" in result:
        lines.append(_line("not frozen", f"{liquid} of {int(result.metal.sum())} metal voxels"))
    return lines


def _energy(result: Results, facts: Mapping[str, Any]) -> list[str]:
    energy = _mapping(facts, "energy")
    parts = []
    for key, value in energy.items():
        if not _number(value):
            continue
        words = key.replace("_", " ")
        if key in {"defect", "limit"}:
            parts.append(f"{words} {value:.1e}")
        else:
            parts.append(f"{words} {value / 1e6:.4g} MJ")
    return [_line("energy ledger", ", ".join(parts))] if parts else []


def _clock(result: Results, facts: Mapping[str, Any]) -> list[str]:
    clock = _mapping(facts, "clock")
    lines, parts = [], []
    for key, value in clock.items():
        if _number(value):
            words = key.replace("_", " ")
            info = SERIES.get(key)
            is_time = (info is not None and info.unit == "s") or key.endswith(("_time", "_step"))
            parts.append(f"{words} {duration(value)}" if is_time else f"{words} {value:g}")
        elif isinstance(value, str):
            parts.append(f"{key.replace('_', ' ')} {value}")
    if parts:
        lines.append(_line("clock", ", ".join(parts)))
    limits = clock.get("limits", facts.get("limits"))
    if isinstance(limits, Mapping) and limits:
        ranked = sorted(limits.items(), key=lambda item: -item[1] if _number(item[1]) else 0)
        lines.append(_line("steps limited by", ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in ranked)))
    elif limits:
        lines.append(_line("steps limited by", limits if isinstance(limits, str) else ", ".join(map(str, limits))))
    return lines


def _honesty(result: Results, facts: Mapping[str, Any]) -> list[str]:
    lines = []
    sources = facts.get("sources") or []
    if sources or facts.get("worst_quality"):
        text = f"{len(sources)} values with source" if sources else ""
        if facts.get("worst_quality"):
            text += f"{', ' if text else ''}worst quality {facts['worst_quality']}"
        lines.append(_line("material data", text))
    warnings = result.warnings
    for number, warning in enumerate(warnings[:_LISTED]):
        lines.append(_line("warnings" if number == 0 else "", warning))
    if len(warnings) > _LISTED:
        lines.append(_line("", f"and {len(warnings) - _LISTED} more"))
    version = facts.get("castsolve")
    if isinstance(version, str):
        lines.append(_line("computed by", f"castsolve {version}"))
    return lines
