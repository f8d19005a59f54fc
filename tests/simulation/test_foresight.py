"""The stable step of what the metal is now, and of a chill that is foreseen: longer steps, the same results."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

from castsolve import materials
from castsolve.geometry import Grid
from castsolve.materials import HeatCurve
from castsolve.simulation import Faces, HeatProblem, Level, Side, Watch, easing
from castsolve.simulation.foresight import Foresight, Moment

POUR, ROOM = 973.15, 298.15
# What local solidification times may err by, rms and 99th percentile: the limits under which the targets of speed hold.
RMS, HIGH = 0.01, 0.03
LEVELS = (Level("liquidus", fraction_solid=0.0), Level("solidus", fraction_solid=1.0, gradient=True))


def problem_of(grid: Grid, *, dtype="float64", threads=1, htc=500.0, side=None) -> HeatProblem:
    air = Side.convective(10.0, ROOM) if side is None else side
    curves = [materials.alloy("A356").heat, materials.mould("copper").heat, materials.mould("green-sand").heat]
    contacts = {(0, 1): htc, (0, 2): 500.0, (1, 2): 500.0}
    faces = Faces(air, air, air, air, air, air, contacts=contacts)
    return HeatProblem(grid, curves, faces, dtype=dtype, threads=threads, watch=Watch(0, LEVELS))


def block_in_sand(cells: int = 24, metal: int = 10, chill: int = 1) -> Grid:
    """Return a cube of metal with a copper chill on its upper face, in sand; voxels of 1 mm. With `chill` = 2 that is sand too."""
    nodes = np.arange(cells + 1) * 1e-3
    region = np.full((cells,) * 3, 2, np.uint8)
    low, high = (cells - metal) // 2, (cells + metal) // 2
    region[low:high, low:high, low:high] = 0
    region[low:high, low:high, high : high + 4] = chill
    return Grid.regular(nodes, nodes, nodes, region=region, names=("metal", "chill", "mould"))


def time_errors(run, reference) -> tuple[float, float]:
    """Return rms and 99th percentile of the error of local solidification times where they exceed 1 % of the longest."""
    metal = reference.problem.grid.region == 0
    found, fine = ((r.crossing("solidus") - r.crossing("liquidus"))[metal] for r in (run, reference))
    error = np.abs(found / fine - 1.0)[fine > 0.01 * np.nanmax(fine)]
    assert np.isfinite(error).all()
    return float(np.sqrt(np.mean(error**2))), float(np.quantile(error, 0.99))


def run_of(problem: HeatProblem, until, eased: bool, **options):
    return problem.run([POUR, ROOM, ROOM], until=until, eased=eased, **options)


@pytest.mark.parametrize("states", [2, 3, 4])
def test_fast_modes_are_slowed_down_and_slow_ones_kept(states):
    moment = Moment.of(states, 700.0)
    steps = np.append(moment.steps, moment.shares[-1] / moment.shares[0] * moment.steps[0])
    length = steps.sum()
    assert moment.shares == pytest.approx(steps / length)

    def left(rate: float) -> float:
        """Follow the states as they are made."""
        y, mean = 1.0, moment.shares[0]
        for dt, share in zip(moment.steps, moment.shares[1:], strict=True):
            y -= dt * rate * y
            mean += share * y
        return rate * mean

    rates = np.linspace(1.0, 1400.0, 5000)
    found = np.array([left(rate) for rate in rates])
    # Every mode still decays, none faster than was said, and the slow ones as they should.
    assert found.min() > 0.0
    assert found.max() == pytest.approx(2.0 * moment.slowest, rel=1e-3)
    assert moment.slowest < 700.0 / (0.8 * states**2)
    assert left(1.0) == pytest.approx(1.0, abs=0.6 * length)


@pytest.mark.parametrize("grid", ["block", "askew"])
@pytest.mark.parametrize("htc", [500.0, math.inf])
def test_the_stable_step_holds_for_the_whole_operator(grid, htc, askew):
    """Where every state is linear the largest mode of the sweep itself, found by powers, is below what the step is made for."""
    grid = block_in_sand(18, 10) if grid == "block" else askew
    problem = problem_of(grid, htc=htc, side=Side.insulated())
    run = run_of(problem, 1e-3, True)
    ahead = run.stepper._easing.foresight
    # Copper's table is nearly straight; sand and metal are far slower, so the fastest mode is that of the chill and its wall.
    explicit = ahead.explicit(problem.contacts.least)
    assert len(ahead.moment.steps) > 0
    assert explicit > (1.3 if htc < 1e9 else 1.1) * problem.explicit_step()
    sweep, H = run.stepper.sweep, run.stepper.H
    H[:] = 0.0
    nz = grid.shape[2]

    def rates(v, steps=ahead.moment.steps, shares=ahead.moment.shares):
        sweep.arrays_of("D1")[:, :, :nz] = v
        sweep.stage(mu=0.0, mt=1.0, t0=0.0, t1=1.0, watch=False, ahead=steps, shares=shares)
        return sweep.increment[:, :, :nz].copy()

    def largest(*moment):
        v, still = np.random.default_rng(1).normal(size=grid.shape), rates(np.zeros(grid.shape), *moment)
        for _ in range(200):
            v *= 1e3 / np.abs(v).max()
            v = rates(v, *moment) - still
        return float(np.abs(v).max()) / 1e3

    assert 0.3 * 2.0 / explicit < largest() < 2.0 / explicit
    # Without foresight the same step would be too long.
    assert largest(np.zeros(0), np.ones(1)) > 2.0 / explicit


def test_states_ahead_are_those_of_a_plain_loop():
    """The kernel against its twin: a ragged chill of runs of all lengths, up to the end of the fields, voxels of uneven width."""
    rng = np.random.default_rng(4)
    shape, k, capacity = (9, 8, 21), 390.0, 3.4e6
    nodes = [np.append(0.0, np.cumsum(rng.uniform(1e-3, 2e-3, n))) for n in shape]
    region = np.zeros(shape, np.uint8)
    region[4:] = np.where(rng.random((5, *shape[1:])) < 0.8, 1, 2)
    region[-1, -1, -3:] = 1
    grid = Grid.regular(*nodes, region=region, names=("metal", "chill", "mould"))
    copper = HeatCurve.constant(density=8900.0, specific_heat=capacity / 8900.0, conductivity=k)
    side = Side.insulated()
    faces = Faces(side, side, side, side, side, side, contacts={(0, 1): 500.0, (0, 2): 500.0, (1, 2): 500.0})
    curves = [materials.alloy("A356").heat, copper, materials.mould("green-sand").heat]
    run = run_of(HeatProblem(grid, curves, faces, dtype="float64", threads=1, watch=Watch(0, LEVELS)), 1e-3, True)
    rows, sweep, H = run.problem.rows, run.stepper.sweep, run.stepper.H
    lists, steps, shares = run.stepper._easing.foresight.arrays, np.array([2e-4, 3e-4, 1e-3]), np.array([0.1, 0.2, 0.3, 0.4])
    nz, inside = rows.shape[2], rows.region == 1
    H[inside.nonzero()] += rng.normal(size=inside.sum()) * 1e6
    Y = np.where(inside, rng.normal(size=rows.shape) * 1e6, 0.0)
    sweep.arrays_of("D1")[:, :, :nz] = Y
    enthalpy, mean = H[:, :, :nz].copy(), shares[0] * Y
    sweep.stage(mu=0.0, mt=1e-6, t0=0.0, t1=1e-6, watch=False, ahead=steps, shares=shares)
    for dt, share in zip(steps, shares[1:], strict=True):
        gain = np.zeros(rows.shape)
        for axis in range(3):
            low, high = ([slice(None)] * 3 for _ in range(2))
            low[axis], high[axis] = slice(None, -1), slice(1, None)
            a, b = tuple(low), tuple(high)
            width = rows.widths(axis).reshape([-1 if d == axis else 1 for d in range(3)])
            flow = np.diff(k / capacity * (enthalpy + Y), axis=axis) * (inside[a] & inside[b]) / (0.5 * (width[a] + width[b]))
            gain[a] += flow / width[a]
            gain[b] -= flow / width[b]
        Y = Y + dt * gain
        mean += share * Y
    found = np.full(rows.shape[:2] + H.shape[2:], np.nan)
    for at, place, end in zip(lists["ahead_at"], lists["ahead_place"], lists["ahead_place"][1:], strict=False):
        found.reshape(-1)[at : at + end - place] = lists["ahead_D"][place : min(end, place + found.size - at)]
    np.testing.assert_allclose(found[:, :, :nz][inside], mean[inside], rtol=0.0, atol=1e-9 * np.abs(mean).max())


@pytest.mark.parametrize("scheme", ["rkl2", "rkl1"])
def test_the_results_are_those_of_plain_steps(scheme):
    """Fewer stages over fine steps differ less from them than the usual steps do."""
    options = {"scheme": scheme, "estimate": False}
    plain, eased, usual = (
        run_of(problem_of(block_in_sand()), 20.0, on, theta=theta, **options)
        for on, theta in ((False, 0.02), (True, 0.02), (False, 0.1))
    )
    # The fastest of what is left rules where the chill does not; metal that freezes is slower still.
    left = problem_of(block_in_sand(chill=2)).explicit_step()
    assert eased.stages < math.sqrt(plain.problem.explicit_step() / left) * plain.stages
    assert eased.ledger.worst < 1e-13
    metal, chill = plain.problem.grid.region == 0, plain.problem.grid.region == 1
    for one, other in zip(time_errors(eased, plain), time_errors(usual, plain), strict=True):
        assert one < other
    apart = np.abs(eased.temperature - plain.temperature)
    assert apart[metal].max() < np.abs(usual.temperature - plain.temperature)[metal].max()
    # What the chill has taken up is late by no more than times may be.
    assert (apart < RMS * (plain.temperature - ROOM))[chill].all()


def test_nothing_leaves_the_initial_range(askew):
    """Not at a step's end, for perfect contact of hot metal and cold copper."""
    for grid in (block_in_sand(), askew):
        problem = problem_of(grid, htc=math.inf, side=Side.insulated())
        run = run_of(problem, 3.0, True, theta=0.2, record=[0.01, 0.03, 0.1, 0.3, 1.0])
        assert len(run.stepper._easing.foresight.moment.steps) > 0
        for T in (*run.snapshots.values(), run.temperature):
            assert T.min() > ROOM - 1e-6 and T.max() < POUR + 1e-6


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_threads_and_resumed_runs_have_the_same_bits(askew, dtype):
    kept: list[dict] = []

    def keep(run):
        if not kept and run.time > 0.5:
            kept.append(copy.deepcopy(run.state()))

    runs = [run_of(problem_of(askew, dtype=dtype, threads=n), 2.0, True, checkpoint=keep, two_paces=True) for n in (1, 2, 4)]
    assert runs[2].stepper.sweep.threads_used > 1
    runs.append(problem_of(askew, dtype=dtype).run(until=2.0, eased=True, two_paces=True, resume=kept[0]))
    for run in runs[1:]:
        assert np.array_equal(run.enthalpy, runs[0].enthalpy)
        assert (run.ledger.heat_in, run.stages - runs[0].stages) == (runs[0].ledger.heat_in, 0)


def test_a_step_in_which_metal_becomes_faster_is_taken_again(monkeypatch):
    """Margins that are too small are found out: the run still errs no more, and does not blow up."""
    plain = run_of(problem_of(block_in_sand()), 20.0, False)
    monkeypatch.setattr(easing, "_MARGIN", 0.0)
    monkeypatch.setattr(easing, "_LEAST_MARGIN", 0.0)
    kept = run_of(problem_of(block_in_sand()), 20.0, True)
    taken = sum(row[2] for row in kept.history_rows[1:])
    assert kept.stages > taken
    rms, high = time_errors(kept, plain)
    assert rms < RMS and high < HIGH
    # Were the check not there, solid metal would be swept with the stages of mush.
    problem = problem_of(block_in_sand())
    mush = tuple(problem.materials[0].at_temperature(np.array([840.0, 860.0])))
    monkeypatch.setattr(easing.Easing, "_extremes", lambda self, sweep, *, ahead: mush)
    with np.errstate(all="ignore"):
        wild = run_of(problem, 20.0, True)
    assert np.abs(wild.temperature - plain.temperature).max() > 20.0


def test_metal_is_as_fast_as_its_temperatures_allow():
    problem = problem_of(block_in_sand())
    curve, stable = problem.materials[0], problem.stable
    T = np.array([840.0, 860.0])
    mushy = stable.narrowed(0, *curve.at_temperature(T))
    assert mushy.conduction < 0.3
    solid = stable.narrowed(0, *curve.at_temperature(np.array([750.0, 860.0])))
    assert 0.7 < solid.conduction < 0.9
    everything = stable.narrowed(0, *curve.enthalpy[[0, -1]])
    assert (everything.conduction, everything.capacity) == (1.0, 1.0)
    assert mushy.conduction <= mushy.capacity <= 1.0


def test_a_chill_that_is_slower_than_its_metal_is_not_foreseen():
    grid = block_in_sand()
    curves = [materials.alloy("A356").heat, materials.mould("H13").heat, materials.mould("green-sand").heat]
    faces = Faces(contacts={(0, 1): 500.0, (0, 2): 500.0, (1, 2): 500.0})
    assert Foresight.of(HeatProblem(grid, curves, faces, watch=Watch(0, LEVELS)), 24) is None
    assert Foresight.of(HeatProblem(grid, curves, faces), 24) is None
