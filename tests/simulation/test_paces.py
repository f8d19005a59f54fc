"""Mould and metal at paces of their own: the same results as at one pace, heat kept to rounding, the same bits for any threads."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from castsolve import materials
from castsolve.geometry import Grid
from castsolve.simulation import Faces, HeatProblem, Level, Side, Watch, paces

POUR, ROOM = 973.15, 298.15
LEVELS = (Level("liquidus", fraction_solid=0.0), Level("solidus", fraction_solid=1.0, gradient=True))


@pytest.fixture(autouse=True)
def always(monkeypatch):
    """On small grids the part is most of them: take two paces all the same."""
    monkeypatch.setattr(paces, "_CHEAPER", 10.0)


def problem_of(grid: Grid, *, dtype="float64", threads=1, side=None) -> HeatProblem:
    air = Side.convective(10.0, ROOM) if side is None else side
    curves = [materials.alloy("A356").heat, materials.mould("copper").heat, materials.mould("green-sand").heat]
    contacts = {(0, 1): 500.0, (0, 2): 500.0, (1, 2): 500.0}
    faces = Faces(air, air, air, air, air, air, contacts=contacts)
    return HeatProblem(grid, curves, faces, dtype=dtype, threads=threads, watch=Watch(0, LEVELS))


def cube_in_sand(cells: int, metal: int) -> Grid:
    """Return a cube of metal with a copper chill on its upper face, in sand; voxels of 1 mm."""
    nodes = np.arange(cells + 1) * 1e-3
    region = np.full((cells,) * 3, 2, np.uint8)
    low, high = (cells - metal) // 2, (cells + metal) // 2
    region[low:high, low:high, low:high] = 0
    region[low:high, low:high, high : high + 2] = 1
    return Grid.regular(nodes, nodes, nodes, region=region, names=("metal", "chill", "mould"))


def run_of(problem: HeatProblem, until, two_paces: bool, *, pour=POUR, **options):
    return problem.run([pour, ROOM, ROOM], until=until, two_paces=two_paces, **options)


@pytest.fixture(scope="module", params=["rkl2", "rkl1"])
def plain(request):
    return run_of(problem_of(cube_in_sand(30, 10)), 20.0, False, estimate=False, scheme=request.param)


def off(run, plain) -> tuple[float, float, float]:
    """Return the rms difference of metal and of mould (K), and of local solidification times (relative to the longest)."""
    metal = plain.problem.grid.region == 0
    apart = run.temperature - plain.temperature
    local, wanted = (r.crossing("solidus") - r.crossing("liquidus") for r in (run, plain))
    known = np.isfinite(wanted)
    assert known[metal].all() and np.array_equal(known, np.isfinite(local))
    times = (local - wanted)[known] / wanted[known].max()
    return tuple(float(np.sqrt(np.mean(e**2))) for e in (apart[metal], apart[~metal], times))


def test_more_layers_lead_to_the_results_of_one_pace(plain, monkeypatch):
    """The same steps with the mould at its own pace: what differs fades with the layers that both sweeps share."""
    found = []
    for reach in (2.5, 7.0):
        monkeypatch.setattr(paces, "_REACH", reach)
        run = run_of(problem_of(cube_in_sand(30, 10)), 20.0, True, estimate=False, scheme=plain.clock.scheme.name)
        assert run.steps == plain.steps
        assert run.ledger.worst < 1e-13
        found.append(off(run, plain))
    used, wide = found
    # What stays with first order is that fewer stages of the mould have another error of their own.
    fades = 0.2 if plain.clock.scheme.order == 2 else 0.4
    assert all(b < fades * a for a, b in zip(used, wide, strict=True))
    # As it is used: a fiftieth of what the steps themselves leave open (0.3 % of local times).
    assert used[0] < 0.1
    assert used[1] < 0.2
    assert used[2] < 6e-5


@pytest.mark.parametrize("scheme", ["rkl2", "rkl1"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_heat_is_kept_in_a_closed_box(askew, dtype, scheme):
    problem = problem_of(askew, dtype=dtype, side=Side.insulated())
    run = run_of(problem, 3.0, True, scheme=scheme)
    assert run.stepper._paces._built[1] is not None
    held = run.ledger.held.sum() - run.region_rows[0].sum()
    assert run.ledger.heat_in == 0.0
    assert abs(held) < (1e-13 if dtype == "float64" else 3e-7) * np.abs(run.ledger.held - run.region_rows[0]).sum()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_threads_and_resumed_runs_have_the_same_bits(askew, dtype):
    kept: list[dict] = []

    def keep(run):
        if not kept and run.time > 0.3:
            kept.append(copy.deepcopy(run.state()))

    runs = [run_of(problem_of(askew, dtype=dtype, threads=n), 0.9, True, pour=893.15, checkpoint=keep) for n in (1, 2, 4)]
    part = runs[2].stepper._paces._built[1]
    assert part.sweep.threads_used == runs[2].stepper.sweep.threads_used
    assert part.share < 0.9
    runs.append(problem_of(askew, dtype=dtype).run(until=0.9, two_paces=True, resume=kept[0]))
    for run in runs[1:]:
        assert np.array_equal(run.enthalpy, runs[0].enthalpy)
        for name in ("liquidus", "solidus"):
            assert np.array_equal(run.crossing(name), runs[0].crossing(name), equal_nan=True)
        assert (run.ledger.heat_in, run.ledger.worst) == (runs[0].ledger.heat_in, runs[0].ledger.worst)
    assert np.isfinite(runs[0].crossing("liquidus")).any()


def test_outer_sides_count_once(askew):
    """Heat through the outer sides that the part reaches, and through those that it does not, in the books of the run."""
    block = askew.region == 0
    for side in (Side.convective(300.0, 700.0, emissivity=0.8), Side.flux(2e4)):
        run = run_of(problem_of(askew, side=side), 2.0, True)
        one = run_of(problem_of(askew, side=side), 2.0, False)
        assert run.ledger.worst < 1e-13
        assert run.ledger.heat_in == pytest.approx(one.ledger.heat_in, rel=2e-3)
        assert np.abs(run.temperature - one.temperature)[block].max() < 3.0


def test_a_mould_that_conducts_like_the_metal_keeps_one_pace(askew):
    curves = [materials.alloy("A356").heat, materials.mould("copper").heat, materials.mould("H13").heat]
    faces = Faces(contacts={(0, 1): 500.0, (0, 2): 500.0, (1, 2): 500.0})
    assert paces.Paces.of(HeatProblem(askew, curves, faces, watch=Watch(0, LEVELS))) is None
    assert paces.Paces.of(HeatProblem(askew, curves, faces)) is None


def test_the_part_holds_what_is_fast_and_no_wall_leads_out(askew):
    problem = problem_of(askew)
    found = paces.Paces.of(problem)
    near = found._near(2) > 0
    assert near[askew.region < 2].all() and not near.all()
    ends = problem.cut.voxel[problem.cut.low], problem.cut.voxel[problem.cut.high]
    assert np.array_equal(near.reshape(-1)[ends[0]], near.reshape(-1)[ends[1]])
