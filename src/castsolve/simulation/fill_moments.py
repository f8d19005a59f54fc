"""Moments of a filling: its fields as they were at chosen times, for pictures and for a killed run that goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .fill_air import air_fields
from .fill_plan import FillPlan
from .flow_arrays import CAVITY
from .flow_run import FlowRun

__all__ = ["moment_of", "moments_from", "moments_kept"]

Array = NDArray[Any]


def moment_of(plan: FillPlan, run: FlowRun, speed: Array) -> dict[str, Array]:
    """Return the fields of now: what is filled, how fast and how hot the metal is, how hard enclosed air is pressed.

    Parameters
    ----------
    plan : FillPlan
    run : FlowRun
    speed : ndarray
        Speed (m/s) in the middle of every padded voxel.
    """
    inside, fill = plan.problem.cavity.kind == CAVITY, run.fill
    there = inside & (fill > 1e-6)
    held = {"fill_fraction": np.where(inside, fill, np.nan), "speed": np.where(there, run.stepper.inner(speed), np.nan)}
    if run.heat is not None:
        held["temperature"] = run.heat.melt_temperature
    if run.air is not None:
        held["air_pressure"] = air_fields(run)["air_pressure"]
    return {name: plan.in_metal(values) for name, values in held.items()}


def moments_kept(moments: Mapping[float, Mapping[str, Array]]) -> dict[str, Any]:
    """Return moments as a checkpoint holds them: its arrays have names, its plain values say whose they are."""
    kept: dict[str, Any] = {"moments": [[time, list(held)] for time, held in moments.items()]}
    for number, held in enumerate(moments.values()):
        kept |= {f"moment {number} {name}": values for name, values in held.items()}
    return kept


def moments_from(state: Mapping[str, Any]) -> dict[float, dict[str, Array]]:
    """Return the moments that a checkpoint holds."""
    return {
        float(time): {name: np.array(state[f"moment {number} {name}"]) for name in names}
        for number, (time, names) in enumerate(state["moments"])
    }
