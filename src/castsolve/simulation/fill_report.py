"""What a filling leaves in its result: fields, history, facts."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .fill_air import air_facts, air_fields, trapped_volume
from .fill_basin import tilt_facts
from .fill_plan import FillPlan
from .fill_plunger import plunger_facts, plunger_history
from .fill_watch import FULL, FillWatch
from .filled import AIR_RECORD, RECORDS
from .flow_arrays import CAVITY
from .flow_run import FlowRun
from .gate_sections import MeltNumbers
from .handover import carried_by
from .report import setting_facts

__all__ = ["carried_of", "fields_of", "filling_facts", "history_of"]

Array = NDArray[Any]


def fields_of(ready: FillPlan, watch: FillWatch, run: FlowRun) -> dict[str, Array]:
    """Return the fields of a filling on the whole grid; records are NaN outside of the metal and where it never came."""
    grid, past = ready.grid, run.past
    noted = {name: watch.record(name) for name in (*RECORDS, *((AIR_RECORD,) if run.air is not None else ()))}
    noted["fill_fraction"] = np.where(ready.problem.cavity.kind == CAVITY, run.fill, np.nan)
    if past is not None:
        noted |= {"metal_age": past.age(run.time), "surface_exposure": past.exposed()}
    noted |= air_fields(run)
    fields: dict[str, Array] = {name: ready.in_metal(values) for name, values in noted.items()}
    fields |= _warmth(ready, run)
    fields |= {
        "region": grid.region, "body": grid.body, "metal_fraction": grid.metal_fraction(), "volume_factor": grid.volume_factor(),
    }  # fmt: skip
    return fields


def _warmth(ready: FillPlan, run: FlowRun) -> dict[str, Array]:
    """Temperature and heat content of everything, and of the metal its temperature on arrival and what of it is solid."""
    grid, heat, pour = ready.grid, run.heat, ready.layout.pour_temperature
    metal = grid.region == 0
    if heat is None:
        start = np.array([r.initial_temperature for r in ready.layout.regions])[grid.region]
        return {"temperature": start.astype(np.float32)}
    enthalpy = heat.enthalpy(empty=pour)
    solid = np.full(grid.shape, np.nan, np.float32)
    solid[metal] = ready.layout.alloy.heat.fraction_solid_at(enthalpy[metal])
    empty = metal & (heat.filled == 0.0)
    solid[empty] = np.nan
    lit = heat.ignition_time()
    return {
        "temperature": heat.temperature.astype(np.float32), "enthalpy": enthalpy,
        "front_temperature": ready.in_metal(heat.front_temperature), "fraction_solid": solid,
        **({} if lit is None else {"ignition_time": lit}),
    }  # fmt: skip


def carried_of(run: FlowRun) -> dict[str, Array]:
    """Return what the solidification needs beside the fields: how far what burns has come."""
    return {} if run.heat is None or run.heat.fire is None else carried_by(run.heat.fire.burnt())


def history_of(ready: FillPlan, watch: FillWatch, run: FlowRun) -> dict[str, Array]:
    """Return the history of a filling, one entry a step, in SI; the gates' columns bear their names."""
    rows = run.history
    share = rows["filled"] / ready.problem.cavity.volume if ready.lying is None else np.array([0.0, *watch.shares])
    columns: dict[str, Array] = {
        "time": rows["time"], "step": rows["step_length"], "iterations": rows["iterations"],
        "fill_fraction": share, "flow": run.port_flow.sum(axis=1), "speed": rows["speed"],
        "kinetic_energy": rows["energy"], "overfill": rows["over"],
        "handed_on": rows["moved"] * ready.problem.cavity.voxel**3, "defect": rows["defect"], "retries": rows["retries"],
    }  # fmt: skip
    columns |= plunger_history(ready, run)
    for gate in watch.gates:
        flow, mean, most = np.array([(0.0, 0.0, 0.0), *gate.rows]).T
        columns |= {f"{gate.name} flow": flow, f"{gate.name} speed": mean, f"{gate.name} largest_speed": most}
    return columns


def filling_facts(ready: FillPlan, watch: FillWatch, run: FlowRun) -> dict[str, Any]:
    """Return what a result file keeps of a filling: plain values in SI."""
    casting, layout, problem = ready.casting, ready.layout, ready.problem
    copies = int(casting.symmetry_factor)
    warnings = list(ready.warnings)
    share = watch.filled(run)
    if watch.stopped == "came to rest" and share < 1.0 - FULL:
        frozen = run.heat is not None and bool((np.nan_to_num(run.heat.fraction_solid) >= layout.alloy.coherency.value).any())
        trapped = trapped_volume(run) > 0.5 * (1.0 - share) * problem.cavity.volume
        why = "it froze on its way" if frozen else "air is trapped" if trapped else "what drives it is too weak"
        warnings.append(f"the metal came to rest when the cavity was {100 * share:.1f} % full: {why}")
    told = tilt_facts(ready, run)
    if told and (lack := 1.0 - told["tilt"]["left_in_basin"] / told["tilt"]["room_in_basin"]) > 0.01:
        warnings.append(
            f"{100 * lack:.0f} % of the basin is empty at the end; no metal freezes there"
        )
    if run.ledger.warned:
        warnings.append(f"the metal ledger is open by {run.ledger.worst:.1e} of what was poured (limit 1e-12)")
    return {
        **setting_facts(casting, layout, ready.grid),
        "filling": _filling(ready, watch, run) | {"symmetry_factor": copies},
        **({} if run.heat is None else {"energy": {"defect": run.heat.ledger.worst, "limit": run.heat.ledger.limit}}),
        "clock": {"end_time": run.time, "steps": run.steps, "threads": problem.threads},
        "limits": dict(Counter(str(r[2]) for r in run.rows[1:]).most_common()),
        "warnings": list(dict.fromkeys(warnings)),
    }  # fmt: skip


def _filling(ready: FillPlan, watch: FillWatch, run: FlowRun) -> dict[str, Any]:
    problem, alloy, ledger = ready.problem, ready.layout.alloy, run.ledger
    lengths = np.array([r[1] for r in run.rows[1:]])
    melt = MeltNumbers(
        problem.liquid.density, problem.liquid.viscosity, None if alloy.surface_tension is None else alloy.surface_tension.value,
        float(np.linalg.norm(ready.layout.gravity)),
    )  # fmt: skip
    times = watch.record("fill_time")
    last = np.unravel_index(int(np.nanargmax(times)), times.shape) if np.isfinite(times).any() else None
    copies = int(ready.casting.symmetry_factor)
    return {
        "voxel": problem.cavity.voxel, "cavity_voxels": int((problem.cavity.kind == CAVITY).sum()),
        "cavity_volume": problem.cavity.volume * copies, "unreached_volume": ready.unreached * copies,
        "inlets": [
            {**e.inlet.facts(), "name": e.name, "place": e.at.point.tolist(), "normal": e.at.normal.tolist(), "area": e.area}
            for e in ready.entries
        ],
        "fill_time": run.time, "filled": watch.filled(run), "stopped": watch.stopped,
        "poured_volume": ledger.held * copies, "melt_mass": ledger.held * problem.liquid.density * copies,
        "last_place": None if last is None else [float(problem.cavity.centres(a)[i]) for a, i in enumerate(last)],
        "gates": {g.name: g.facts(lengths, melt) for g in watch.gates},
        "layer_diffusivity": {} if run.heat is None else {str(r): a for r, a in run.heat.touched(run.time).diffusivity.items()},
        **({} if run.heat is None or run.heat.fire is None else {"heat_released": run.heat.fire.heat * copies}),
        "air": air_facts(run, copies), **plunger_facts(ready, run, watch.stopped == "full"),
        **tilt_facts(ready, run),
        "defect": ledger.worst, "limit": 1e-12, "handed_on": ledger.moved * copies,
        "largest_overfill": max((float(r[10]) for r in run.rows), default=0.0),
        "cut_speeds": run.stepper.cut, "retries": sum(int(r[12]) for r in run.rows), "melt": asdict(melt),
    }  # fmt: skip
