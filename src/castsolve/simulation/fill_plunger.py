"""What the plunger of a filling did: where it stood, how fast it was, what it pressed, and what it leaves on the full cavity."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..casting import PlungerCurve
from .fill_plan import FillPlan
from .flow_run import FlowRun

__all__ = ["plunger_facts", "plunger_history"]

Array = NDArray[Any]

# Pressure over its limit, relative, from which the limit rules.
_AT_LIMIT = 1e-9


def _plunger_of(ready: FillPlan) -> PlungerCurve | None:
    return next((e.inlet for e in ready.entries if isinstance(e.inlet, PlungerCurve)), None)


def plunger_history(ready: FillPlan, run: FlowRun) -> dict[str, Array]:
    """Return position (m), speed (m/s) and gauge pressure (Pa) of the plunger, one entry a step; nothing without one."""
    plunger = _plunger_of(ready)
    if plunger is None:
        return {}
    mine = [n for n, e in enumerate(ready.entries) if e.inlet is plunger]
    flow = run.port_flow[:, mine].sum(axis=1) * ready.casting.symmetry_factor
    stroke = np.cumsum(flow * run.history["step_length"]) / plunger.area
    pressure = np.nan_to_num(run.port_pressure[:, mine].max(axis=1))
    return {"plunger_position": plunger.start + stroke, "plunger_speed": flow / plunger.area, "plunger_pressure": pressure}


def plunger_facts(ready: FillPlan, run: FlowRun, full: bool) -> dict[str, Any]:
    """Return what a result file keeps of the plunger; nothing without one.

    `metal_pressure` is what it puts on the metal from then on: its intensification where the cavity is full, else 0, for metal that
    does not reach the end of its way is not pressed through it.
    """
    plunger = _plunger_of(ready)
    if plunger is None:
        return {}
    rows, time = plunger_history(ready, run), run.history["time"]
    length, beyond = run.history["step_length"], rows["plunger_position"] >= plunger.switch
    limited = rows["plunger_pressure"] >= plunger.pressure_limit * (1.0 - _AT_LIMIT)
    return {
        "metal_pressure": plunger.intensification if full else 0.0,
        "plunger": {
            "switch_time": float(time[np.argmax(beyond)]) if beyond.any() else None,
            "stroke": float(rows["plunger_position"][-1] - plunger.start),
            "largest_speed": float(rows["plunger_speed"].max()), "largest_pressure": float(rows["plunger_pressure"].max()),
            "limited_time": float(length[limited].sum()),
        },
    }  # fmt: skip
