"""A sleeve that burns where it gets hot: the flame through it moves at a known speed."""

from __future__ import annotations

import numpy as np

from castsolve.analytic import SteadyFlame
from castsolve.geometry import Grid
from castsolve.materials import HeatCurve
from castsolve.simulation import Faces, HeatProblem
from castsolve.simulation.release import Fuel, HeatRelease

from .report import Check, Curve, Outcome, Plot, root_mean_square

# Figures of the shipped exothermic sleeve at about 500 degC.
DENSITY, SPECIFIC_HEAT, CONDUCTIVITY = 750.0, 1100.0, 0.45
COLD, IGNITION, BURNING_TIME = 298.15, 798.15, 120.0
HEAT = DENSITY * 1750e3
FLAME = SteadyFlame(
    diffusivity=CONDUCTIVITY / DENSITY / SPECIFIC_HEAT, cold=COLD, ignition=IGNITION,
    rise=HEAT / DENSITY / SPECIFIC_HEAT, burning_time=BURNING_TIME,
)  # fmt: skip


def burning_rod(*, voxels: float = 8.0, gate: float = 0.02, factor: float = 1.0, axis: int = 0, theta: float = 0.1) -> Outcome:
    """A rod of sleeve material, started as the steady flame leaves it: the speed at which the places of a rod ignite, one by one.

    `voxels` lie within the burning zone; `factor` scales the heat that is set free, for a broken version.
    """
    zone = FLAME.speed * BURNING_TIME
    nodes = np.arange(round(6 * voxels) + 1) * (zone / voxels)
    all_nodes = [np.array([0.0, 0.01])] * 3
    all_nodes[axis] = nodes
    grid = Grid.regular(*all_nodes, region=np.zeros([n.size - 1 for n in all_nodes], np.uint8), names=("fuel",))
    centre = grid.centres(axis)
    curve = HeatCurve.constant(density=DENSITY, specific_heat=SPECIFIC_HEAT, conductivity=CONDUCTIVITY)
    release = HeatRelease(grid, {}, {0: Fuel(IGNITION, factor * HEAT, (0.0, BURNING_TIME), (0.0, 1.0))})
    # Lit at its insulated end, where the flame has no fuel behind it: the first two zones are not counted.
    initial = np.where(centre < 0.3 * zone, IGNITION, COLD).reshape(grid.shape)
    run = HeatProblem(grid, [curve], Faces(), release, threads=1).run(initial, until=4.5 * BURNING_TIME, theta=theta)
    assert run.stepper.fire is not None
    ignited = run.stepper.fire.ignited
    counted = (centre > 2.0 * zone) & np.isfinite(ignited)
    speed, start = np.polyfit(ignited[counted], centre[counted], 1)
    front = speed * run.time + start
    T = run.temperature.reshape(-1)
    near = np.abs(centre - front) < zone
    exact = FLAME.temperature(front - centre[near])
    return Outcome(
        f"flame through a sleeve, {voxels:g} voxels in the burning zone",
        burning_rod.__doc__ or "",
        (
            Check("speed of the flame (mm/s)", 1e3 * FLAME.speed, 1e3 * float(speed), gate),
            root_mean_square("temperature around the flame (K)", exact, T[near], 0.01 * FLAME.rise, relative=False),
        ),
        (
            Plot("flame", "place (mm)", "temperature (degC)", (
                Curve("exact, steady", 1e3 * centre, FLAME.temperature(front - centre) - 273.15),
                Curve("computed", 1e3 * centre, T - 273.15, marks=True),
            )),
        ),
    )  # fmt: skip
