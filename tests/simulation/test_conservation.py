"""Heat is neither made nor lost: ledgers in both precisions, whatever flows where."""

from __future__ import annotations

import math

import numpy as np
import pytest

from castsolve.errors import BalanceError
from castsolve.geometry import Grid
from castsolve.simulation import Contact, Faces, HeatProblem, Side

POUR, ROOM = 963.15, 298.15
LIMITS = [("float64", 1e-11), ("float32", 1e-6)]
SCHEMES = ["rkl2", "rkl1", "euler"]


def lumps(seed: int = 0, shape=(7, 6, 19), regions: int = 3) -> Grid:
    """Return regions scattered in lumps over uneven voxels."""
    rng = np.random.default_rng(seed)
    nodes = [np.concatenate([[0.0], np.cumsum(rng.uniform(1e-3, 2.5e-3, n))]) for n in shape]
    region = rng.integers(0, regions, shape)
    keep = rng.random(shape) < 0.7
    for k in range(1, shape[2]):
        region[:, :, k] = np.where(keep[:, :, k], region[:, :, k - 1], region[:, :, k])
    return Grid.regular(*nodes, region=region, names=tuple("abc"[:regions]))


PERFECT = {pair: Contact(math.inf) for pair in ((0, 1), (0, 2), (1, 2))}
SIDES = {
    "insulated": {},
    "convective": {n: Side.convective(500.0, 320.0) for n in ("x_low", "y_high", "z_low")},
    "radiating": {n: Side.convective(5.0, 300.0, emissivity=0.8) for n in ("x_high", "y_low", "z_high")},
    "fixed": {"x_low": Side.fixed(400.0), "z_high": Side.fixed(310.0)},
    "flux": {"x_high": Side.flux(5e4), "y_low": Side.flux(-2e4), "z_low": Side.flux(1e4)},
}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("dtype", "limit"), LIMITS)
@pytest.mark.parametrize("sides", SIDES)
@pytest.mark.parametrize("metal", ["alloy", "pure"])
def test_the_books_close_on_scattered_regions(curves, scheme, dtype, limit, sides, metal):
    grid = lumps()
    problem = HeatProblem(
        grid, [curves[metal], curves["copper"], curves["green sand"]], Faces(**SIDES[sides], contacts=PERFECT), dtype=dtype
    )
    before = problem.enthalpy_of([POUR, ROOM, ROOM])
    until = 200 * problem.explicit_step() if scheme == "euler" else 2.0
    run = problem.run([POUR, ROOM, ROOM], until=until, scheme=scheme)
    assert run.ledger.worst < limit
    # The same from the field itself, in double: what is in the voxels is what came in.
    change = float(((run.enthalpy - before) * grid.volumes()).sum())
    moved = float(np.abs((run.enthalpy - before) * grid.volumes()).sum())
    assert change == pytest.approx(run.ledger.heat_in, abs=5 * limit * moved)
    if sides == "insulated":
        assert run.ledger.heat_in == 0.0
    else:
        assert abs(run.ledger.heat_in) > 1e-4 * moved


@pytest.mark.parametrize("scheme", ["rkl2", "rkl1"])
@pytest.mark.parametrize(("dtype", "limit"), LIMITS)
@pytest.mark.parametrize(("metal", "mould"), [("alloy", "green sand"), ("pure", "sand")])
def test_the_books_close_on_cut_faces(casting, scheme, dtype, limit, metal, mould):
    run = casting(metal=metal, mould=mould, dtype=dtype, mould_correction=True).run([POUR, ROOM, ROOM], until=8.0, scheme=scheme)
    assert run.ledger.worst < limit
    history = run.history
    assert history["defect"].max() == run.ledger.worst
    # What the regions hold is in the books one by one.
    held = history["region_enthalpy"]
    assert held[-1, 0] < held[0, 0]
    assert held[-1, 1] > held[0, 1]
    change = (held[-1] - held[0]).sum()
    assert change == pytest.approx(history["heat_in"][-1], abs=limit * np.abs(held[-1] - held[0]).max())


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("dtype", "limit"), LIMITS)
def test_a_source_is_in_the_books(curves, scheme, dtype, limit):
    grid = lumps(1)
    power = np.random.default_rng(2).uniform(0.0, 2e7, grid.shape)
    problem = HeatProblem(
        grid, [curves["alloy"], curves["copper"], curves["sand"]], Faces(contacts=PERFECT),
        lambda t: power * (1.0 + math.sin(t)), dtype=dtype,
    )  # fmt: skip
    run = problem.run(ROOM, until=200 * problem.explicit_step(), scheme=scheme)
    assert run.ledger.worst < limit
    t = run.time
    given = float((power * grid.volumes()).sum()) * (t + 1.0 - math.cos(t))
    assert run.ledger.heat_in == pytest.approx(given, rel=1e-2)


def test_a_source_on_cut_faces_is_in_the_books(casting, casting_grid, curves):
    grid = casting_grid()
    metal = grid.region == 0
    faces = Faces(contacts={(0, 1): 500.0, (0, 2): 500.0, (1, 2): 500.0})
    run = HeatProblem(grid, [curves["alloy"], curves["copper"], curves["sand"]], faces, lambda t: 1e7 * metal).run(ROOM, until=5.0)
    assert run.ledger.worst < 1e-11
    assert run.ledger.heat_in == pytest.approx(5e7 * grid.region_volume(0), rel=1e-9)


def test_an_insulated_box_keeps_its_heat_and_comes_to_rest(curves):
    """For ever: the mean enthalpy stays, the temperature becomes one."""
    grid = lumps(3, (4, 4, 9))
    problem = HeatProblem(grid, [curves["alloy"], curves["copper"], curves["sand"]], Faces(contacts=PERFECT))
    start = [POUR, ROOM, 500.0]
    heat = float((problem.enthalpy_of(start) * grid.volumes()).sum())
    run = problem.run(start, until=2e4)
    assert float((run.enthalpy * grid.volumes()).sum()) == pytest.approx(heat, rel=1e-12)
    assert np.ptp(run.temperature) < 1e-6
    # The temperature at which the parts hold that heat.
    T = float(run.temperature.mean())
    assert float((problem.enthalpy_of(T) * grid.volumes()).sum()) == pytest.approx(heat, rel=1e-6)
    assert run.ledger.worst < 1e-11


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_nothing_happens_at_one_temperature(curves, dtype):
    grid = lumps(4)
    sides = {n: Side.convective(100.0, 500.0, emissivity=0.5) for n in ("x_low", "y_low", "z_high")}
    problem = HeatProblem(grid, [curves[n] for n in ("alloy", "copper", "sand")], Faces(**sides, contacts=PERFECT), dtype=dtype)
    run = problem.run(500.0, until=100.0)
    assert np.abs(run.temperature - 500.0).max() < (1e-9 if dtype == "float64" else 5e-3)
    assert abs(run.ledger.heat_in) < 1e-6 * grid.volumes().sum() * 1e9


def test_the_ledger_notices_heat_that_vanishes(casting):
    """A voxel that is robbed between two steps."""
    problem = casting()

    def rob(run):
        if run.steps == 5:
            run.stepper.H[3, 3, 3] -= 1e6

    with pytest.raises(BalanceError, match=r"of the heat moved so far is missing after step 6 at t = .* castsolve bug"):
        problem.run([POUR, ROOM, ROOM], until=5.0, checkpoint=rob)


def test_the_ledger_warns_before_it_stops(casting):
    problem = casting(dtype="float32")

    def rob(run):
        if run.steps == 5:
            moved = float(np.abs(run.history["region_enthalpy"][-1] - run.history["region_enthalpy"][0]).max())
            run.stepper.H[0, 0, 0] -= 2e-5 * moved / float(run.problem.grid.volumes()[0, 0, 0])

    assert problem.run([POUR, ROOM, ROOM], until=1.0, checkpoint=rob).ledger.warned
