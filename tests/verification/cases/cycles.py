"""A die of one dimension, cycled: the exact periodic state against the march from shot to shot."""

from __future__ import annotations

from typing import Any

import numpy as np

from castsolve.analytic import PeriodicSlab, SlabStage
from castsolve.geometry import Grid
from castsolve.materials import HeatCurve, reservoir
from castsolve.simulation import Faces, HeatProblem, Side
from castsolve.simulation.cycling import CycleStage, DieCycle
from castsolve.units import to_degC

from .report import Check, Curve, Outcome, Plot, largest

# H13 of the constant-property materials of docs/validation.
K, RHO, CP = 29.0, 7700.0, 560.0
THICK, BACK = 0.03, (3000.0, 320.0)
STAGES = (
    SlabStage(10.0, htc=5000.0, ambient=850.0),
    SlabStage(4.0, htc=20.0, ambient=300.0),
    SlabStage(2.0, htc=3000.0, ambient=300.0),
    SlabStage(9.0, htc=20.0, ambient=300.0),
)


def die_curve() -> HeatCurve:
    """Return the die steel with constant properties."""
    T = np.array([100.0, 3000.0])
    return HeatCurve(RHO * CP * (T - 298.15), T, np.full(2, K), density=RHO)


def slab() -> PeriodicSlab:
    """Return the exact solution."""
    return PeriodicSlab(
        THICK, conductivity=K, density=RHO, heat_capacity=CP, stages=STAGES, back_htc=BACK[0], back_ambient=BACK[1]
    )


def cycled_die(cells: int = 30, *, front_factor: float = 1.0, **options: Any) -> DieCycle:
    """Return the same die as a cycle on a grid; `front_factor` breaks it on purpose."""
    dx = THICK / cells
    z = np.concatenate([[-dx], np.linspace(0.0, THICK, cells + 1)])
    region = np.ones((1, 1, cells + 1), np.uint8)
    region[0, 0, 0] = 0
    ends = np.array([0.0, 1.0])
    grid = Grid.regular(ends, ends, z, region=region, names=("cavity", "die"))
    stages = []
    for number, stage in enumerate(STAGES):
        faces = Faces(z_high=Side.convective(*BACK), contacts={(0, 1): stage.htc * front_factor})
        problem = HeatProblem(grid, [reservoir(), die_curve()], faces, **options)
        stages.append(CycleStage(f"stage {number + 1}", problem=problem, duration=stage.duration, set_to={0: stage.ambient}))
    return DieCycle(stages, [1])


def periodic_die(cells: int = 30, *, accelerate: bool = True, front_factor: float = 1.0, tolerance: float = 0.02) -> Outcome:
    """A die of 30 mm steel under a four-stage cycle reaches its exact periodic state."""
    exact, cycle = slab(), cycled_die(cells, front_factor=front_factor)
    T, shots = cycle.steady(np.full(cycle.grid.shape, 500.0), tolerance=tolerance, accelerate=accelerate)
    x = cycle.grid.centres(2)[1:]
    ends: dict[str, np.ndarray] = {}
    _, books = cycle.shot(T, watch=lambda name, run: ends.setdefault(name, run.temperature[0, 0, 1:].copy()))
    checks, time = [], 0.0
    for number, stage in enumerate(STAGES):
        time += stage.duration
        name = f"stage {number + 1}"
        checks.append(
            largest(f"profile after {name} (K)", exact.temperature(x, time * (1.0 - 1e-12)), ends[name], 1.0, relative=False)
        )
    taken, given = exact.heat_taken(), -sum(float(b.gain[0]) for b in books)
    back = -sum(b.heat_in for b in books)
    checks.append(Check("heat through the front a cycle (MJ/m2)", taken * 1e-6, given * 1e-6, 0.002, aim=0.001))
    checks.append(Check("front against back (MJ/m2)", given * 1e-6, back * 1e-6, 0.001))
    plot = Plot(
        "cycled-die",
        "distance from the cavity (mm)",
        "temperature (degC)",
        tuple(
            curve
            for number, stage in enumerate(STAGES)
            for curve in (
                Curve(
                    f"after stage {number + 1}, exact",
                    x * 1e3,
                    to_degC(exact.temperature(x, sum(s.duration for s in STAGES[: number + 1]) * (1.0 - 1e-12))),
                ),
                Curve(f"after stage {number + 1}, computed", x * 1e3, to_degC(ends[f"stage {number + 1}"]), True),
            )
        ),
    )
    return Outcome(f"Cycled die, {cells} voxels, {len(shots)} shots", periodic_die.__doc__ or "", tuple(checks), (plot,))
