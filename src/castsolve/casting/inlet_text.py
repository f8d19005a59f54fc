"""Inlets as the tables of a case file."""

from __future__ import annotations

from typing import Any

from ..geometry import Anchor
from .curves import TimeCurve
from .inlets import Inlet, PlungerCurve, PouringHead, PourRate, PressureCurve
from .piece_text import length_text
from .places import place_text

__all__ = ["inlet_table"]

Table = dict[str, Any]


def _curve_text(curve: TimeCurve | None, unit: str) -> str | list[list[str]] | None:
    if curve is None:
        return None
    if len(curve.times) == 1:
        return f"{curve.values[0]:.15g} {unit}"
    return [[f"{t:.15g} s", f"{v:.15g} {unit}"] for t, v in curve.facts()]


def inlet_table(inlet: Inlet) -> Table:
    """Return the table of an inlet."""
    at = place_text(inlet.at) if isinstance(inlet.at, Anchor) else inlet.at
    return {"kind": inlet.kind, **_numbers(inlet), "at": at}


def _numbers(inlet: Inlet) -> Table:
    if isinstance(inlet, PourRate):
        return {"flow": _curve_text(inlet.flow, "m**3/s"), "mass_flow": _curve_text(inlet.mass_flow, "kg/s")}
    if isinstance(inlet, PouringHead):
        return {"head": _curve_text(inlet.head, "m")}
    if isinstance(inlet, PressureCurve):
        return {"pressure": _curve_text(inlet.pressure, "Pa")}
    if isinstance(inlet, PlungerCurve):
        return {
            **{name: length_text(getattr(inlet, name)) for name in ("diameter", "switch", "start", "ramp")},
            **{name: f"{getattr(inlet, name):.15g} m/s" for name in ("fast_speed", "slow_speed")},
            **{name: f"{getattr(inlet, name):.15g} Pa" for name in ("pressure_limit", "intensification")},
        }
    return {"volume": None if inlet.volume is None else f"{inlet.volume:.15g} m**3"}
