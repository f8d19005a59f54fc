"""How a run behaves: no overshoot, levels in order, melting again, landing, contacts over time, the mould correction, refusals."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from castsolve.errors import GeometryError, InputError, MaterialError, SolveError
from castsolve.geometry import Grid
from castsolve.materials import Interface
from castsolve.simulation import Contact, Faces, HeatProblem, Level, Side, Watch
from castsolve.simulation.mould_layer import _layer_distance

POUR, ROOM = 963.15, 298.15


def checkerboard(axis: int, regions: int = 3) -> Grid:
    """Return voxels of 1 mm whose regions alternate along all axes, starting along one."""
    i = np.indices((6, 6, 20))
    region = ((i.sum(axis=0) + i[axis]) % regions).astype(np.uint8)
    return Grid.regular(*(np.arange(n + 1) * 1e-3 for n in (6, 6, 20)), region=region, names=tuple("abc"))


PERFECT = {pair: Contact(math.inf) for pair in ((0, 1), (0, 2), (1, 2))}


def board_run(curves, metal: str, axis: int, until: float, *, dtype: str = "float64", **options) -> list[np.ndarray]:
    """Run metal, copper and sand voxel beside voxel in perfect contact; return the temperature after every step."""
    problem = HeatProblem(
        checkerboard(axis), [curves[metal], curves["copper"], curves["sand"]], Faces(contacts=PERFECT), dtype=dtype
    )
    seen: list[np.ndarray] = []
    problem.run([POUR, 400.0, ROOM], until=until, checkpoint=lambda r: seen.append(r.temperature), **options)
    assert len(seen) >= 4
    return seen


def assert_no_overshoot(seen: list[np.ndarray], allowed: float) -> None:
    assert min(T.min() for T in seen) > ROOM - allowed
    assert max(T.max() for T in seen) < POUR + allowed
    # Heat flows down: the spread never grows.
    spread = [float(np.ptp(T)) for T in seen]
    assert all(b <= a + allowed for a, b in itertools.pairwise(spread))


PRECISIONS = [("float64", 1e-9), ("float32", 1e-2)]


@pytest.mark.parametrize(("scheme", "multiple"), [("rkl2", 3), ("rkl2", 50), ("rkl2", 500), ("rkl1", 50), ("rkl1", 500)])
@pytest.mark.parametrize(("dtype", "allowed"), PRECISIONS)
@pytest.mark.parametrize("axis", [0, 2])
def test_perfect_contact_never_overshoots_at_any_step(curves, scheme, multiple, dtype, allowed, axis):
    """Without latent heat: up to 500 explicit steps in one, from a start that jumps by hundreds of kelvin.

    In single precision up to 200: the rounding of one longer step from such a shock is more than the ledger lets pass (1e-4).
    """
    explicit = HeatProblem(
        checkerboard(axis), [curves["steel"], curves["copper"], curves["sand"]], Faces(contacts=PERFECT)
    ).explicit_step()
    length = explicit * (multiple if dtype == "float64" else min(multiple, 200))
    assert_no_overshoot(board_run(curves, "steel", axis, 4 * length, dtype=dtype, step=length, scheme=scheme), allowed)


def test_three_stages_of_first_order_swing_by_a_tenth_at_most(curves):
    """The third Legendre polynomial changes sign: a mode may come out turned over, damped."""
    seen = board_run(curves, "steel", 2, 0.2, step=0.05, scheme="rkl1")
    assert max(T.max() for T in seen) < POUR + 0.1 * (POUR - ROOM)
    assert max(T.max() for T in seen[1:]) < POUR
    assert min(T.min() for T in seen) > ROOM


@pytest.mark.parametrize("metal", ["alloy", "pure"])
@pytest.mark.parametrize(("dtype", "allowed"), PRECISIONS)
@pytest.mark.parametrize("axis", [0, 2])
@pytest.mark.parametrize("theta", [0.05, 0.1, 0.2])
def test_freezing_metal_in_perfect_contact_never_overshoots(curves, metal, dtype, allowed, axis, theta):
    """With the steps of the clock."""
    assert_no_overshoot(board_run(curves, metal, axis, 20.0, dtype=dtype, theta=theta), allowed)


@pytest.mark.parametrize("multiple", [1.0, 2.0, 5.0])
@pytest.mark.parametrize("metal", ["alloy", "pure", "steel"])
def test_a_fixed_step_of_five_explicit_ones_never_overshoots(curves, metal, multiple):
    problem = HeatProblem(checkerboard(2), [curves[metal], curves["copper"], curves["sand"]], Faces(contacts=PERFECT))
    length = multiple * problem.explicit_step()
    assert_no_overshoot(board_run(curves, metal, 2, 8 * length, step=length), 1e-9)


@pytest.mark.parametrize("multiple", [15, 250, 1000])
@pytest.mark.parametrize("metal", ["alloy", "pure"])
def test_a_violent_fixed_step_through_latent_heat_is_forgotten_after_two(curves, metal, multiple):
    """Up to 1000 explicit steps in one from a shock: what freezes and melts within the step is not followed, and the first two
    steps may leave the initial range. No heat is lost, no state blows up, and the third step is back inside for good."""
    problem = HeatProblem(checkerboard(2), [curves[metal], curves["copper"], curves["sand"]], Faces(contacts=PERFECT))
    length = multiple * problem.explicit_step()
    seen: list[np.ndarray] = []
    run = problem.run([POUR, 400.0, ROOM], until=8 * length, step=length, checkpoint=lambda r: seen.append(r.temperature))
    assert run.ledger.worst < 1e-11
    assert max(T.max() for T in seen) < POUR + (POUR - ROOM)
    assert_no_overshoot(seen[2:], 1e-9)
    # The same length reached by the clock stays inside from the first step on.
    assert_no_overshoot(board_run(curves, metal, 2, 8 * length), 1e-9)


def test_too_long_an_explicit_step_would_overshoot(curves, rod):
    """What the checks above must be able to see."""
    problem = HeatProblem(rod([0, 1] * 4), [curves["sand"], curves["copper"]], Faces(contacts={(0, 1): math.inf}))
    stable = problem.explicit_step()
    problem.stable.explicit = lambda least: 10.0 * stable
    T = problem.run([POUR, ROOM], until=3.0 * stable, scheme="euler", step=3.0 * stable).temperature
    assert T.min() < ROOM - 1.0


LEVELS = (
    Level("solidus", fraction_solid=1.0, gradient=True),
    Level("liquidus", fraction_solid=0.0),
    Level("half", fraction_solid=0.5, gradient=True),
    Level("cold", temperature=700.0),
)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("metal", ["alloy", "pure"])
def test_every_voxel_passes_its_levels_from_hot_to_cold(casting, dtype, metal):
    run = casting(metal=metal, dtype=dtype, watch=Watch(0, LEVELS)).run([POUR, ROOM, ROOM], until="solid")
    assert [level.name for level in run.levels] == ["liquidus", "half", "solidus", "cold"]
    inside = run.problem.grid.region == 0
    times = np.stack([run.crossing(level.name)[inside] for level in run.levels])
    assert np.isfinite(times).all()
    assert (np.diff(times, axis=0) >= 0.0).all()
    assert times.min() > 0.0
    assert times.max() <= run.time
    assert run.temperature[inside].max() <= 700.0
    for name in ("half", "solidus"):
        G = run.gradient(name)
        assert (G[inside] >= 0.0).all()
        assert np.isnan(G[~inside]).all()
    for level in run.levels:
        assert np.isnan(run.crossing(level.name)[~inside]).all()


def test_crossings_do_not_wait_for_the_end_of_a_step(casting_grid, casting):
    """Nearly every voxel passes a level between two ends of steps, at a time of its own."""
    run = casting(watch=Watch(0, LEVELS)).run([POUR, ROOM, ROOM], until="solid")
    times = run.crossing("solidus")
    times = times[np.isfinite(times)]
    assert len(np.unique(times)) > 0.95 * len(times)
    assert not np.isin(times, run.history["time"].astype(np.float32)).any()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_melting_again_takes_the_records_away(curves, rod, dtype):
    """Cooled below the solidus, heated into the mush, cooled again: only the last crossings count."""
    grid = rod([0] * 5, width=2e-3)
    power = 3e8  # W/m3

    def source(t):
        return np.full(grid.shape, power if 4.2 <= t < 5.7 else -power)

    problem = HeatProblem(grid, [curves["alloy"]], Faces(), source, dtype=dtype, watch=Watch(0, LEVELS[:3]), events=(4.2, 5.7))
    start = float(curves["alloy"].at_temperature(900.0))
    h = {level.name: level.enthalpy_of(curves["alloy"]) for level in LEVELS[:3]}
    early = problem.run(900.0, until=4.1999)
    first = {n: (start - v) / power for n, v in h.items()}
    assert first["solidus"] < 4.0
    for name, t in first.items():
        assert early.crossing(name) == pytest.approx(np.full(grid.shape, t), rel=1e-3)
    warm = problem.run(900.0, until=5.7)
    low = start - 4.2 * power
    assert low + 1.5 * power > h["solidus"]
    assert np.isnan(warm.crossing("solidus")).all()
    assert np.isnan(warm.gradient("solidus")).all()
    remelted = low + 1.5 * power > h["half"]
    assert np.isnan(warm.crossing("half")).all() == remelted
    # Never above the liquidus again: its record stays.
    assert low + 1.5 * power < h["liquidus"]
    assert warm.crossing("liquidus") == pytest.approx(early.crossing("liquidus"), rel=1e-6)
    end = problem.run(900.0, until=8.0)
    again = 5.7 + (low + 1.5 * power - h["solidus"]) / power
    assert again > 5.8
    assert end.crossing("solidus") == pytest.approx(np.full(grid.shape, again), rel=1e-3)


def test_records_and_events_are_landed_on_exactly(casting):
    records, events = [0.1, 0.37, 1.0, 1.5], (0.25, 1.0)
    problem = casting(events=events)
    run = problem.run([POUR, ROOM, ROOM], until=1.5, record=records)
    times = run.history["time"]
    assert set(records) | set(events) <= set(times.tolist())
    assert times[-1] == 1.5
    assert sorted(run.snapshots) == records
    assert np.array_equal(run.snapshots[1.5], run.temperature)
    # After an event the clock starts small again.
    for event in events:
        after = run.history["step_length"][int(np.flatnonzero(times == event)[0]) + 1]
        assert after <= problem.explicit_step() * (1 + 1e-12)
    assert np.diff(times).min() > 0.0


def test_an_announced_change_is_met_at_its_time(curves, rod):
    """A contact that opens at 2 s: the heat that crosses before is that of the closed one."""
    closed = Interface("metal", "die", htc=2000.0)
    opened = Interface("metal", "die", htc=2000.0, time_factors=((0.0, 1.0), (2.0, 1.0), (2.0 + 1e-9, 1e-6)))
    grid = rod([0, 0, 1, 1], width=3e-3)
    runs = []
    for interface in (closed, opened):
        problem = HeatProblem(
            grid, [curves["copper"], curves["copper"]], Faces(contacts={(0, 1): Contact(interface)}), events=(2.0, 2.0 + 1e-9)
        )
        runs.append(problem.run([500.0, ROOM], until=6.0, record=[2.0, 2.5]))
    one, other = runs
    assert np.array_equal(one.snapshots[2.0], other.snapshots[2.0])
    held = other.history["region_enthalpy"][:, 0]
    t = other.history["time"]
    assert abs(held[-1] - held[t == 2.0][0]) < 1e-4 * abs(held[t == 2.0][0] - held[0])
    assert np.ptp(one.temperature) < 0.6 * np.ptp(other.temperature)


def test_a_contact_that_closes_again_conducts_again(curves, rod):
    """The factor comes back to one: as if it had been given as the plain coefficient from then on."""
    temperatures = []
    for last in (1.0, 1.0 - 1e-9):
        interface = Interface("metal", "die", htc=500.0, time_factors=((0.0, 0.1), (1.0, 0.1), (1.001, last)))
        problem = HeatProblem(
            rod([0, 1], width=0.01), [curves["copper"]] * 2, Faces(contacts={(0, 1): Contact(interface)}), events=(1.0, 1.001)
        )
        temperatures.append(problem.run([400.0, 300.0], until=50.0).temperature)
    assert np.abs(temperatures[0] - temperatures[1]).max() < 1e-3


def test_runs_leave_the_problem_as_it_was(casting):
    problem = casting(mould_correction=True)
    before = {k: v.copy() for k, v in problem.cut.arrays.items()}
    one = problem.run([POUR, ROOM, ROOM], until=1.0)
    for name, array in before.items():
        assert np.array_equal(array, problem.cut.arrays[name]), name
    other = problem.run([POUR, ROOM, ROOM], until=1.0)
    assert np.array_equal(one.enthalpy, other.enthalpy)


def test_the_mould_correction_ends_at_the_true_distance():
    """Nothing before contact, half the depth of the layer early, the true distance late; without a jump or a fall."""
    d = np.array([0.3e-3, 1e-3, 4e-3])
    a = np.full(3, 3.6e-7)
    times = np.concatenate([[0.0], np.geomspace(1e-6, 1e7, 4000)])
    found = np.array([_layer_distance(d, a, t) for t in times])
    assert found[0] == pytest.approx([0.0, 0.0, 0.0])
    assert (np.diff(found, axis=0) >= -1e-18).all()
    assert (np.abs(np.diff(found, axis=0)) < 0.02 * d).all()
    assert found[-1] == pytest.approx(d, rel=1e-4)
    early = 1e-4
    depth = np.sqrt(12.0 * a * early)
    assert _layer_distance(d, a, early) == pytest.approx(0.5 * depth * (1 - depth / (6.0 * d)), rel=1e-12)
    # What is no mould keeps its distance.
    assert _layer_distance(d, np.zeros(3), 1.0) == pytest.approx(d)
    assert _layer_distance(np.zeros(1), np.array([1e-7]), 1.0) == pytest.approx([0.0])


def test_the_mould_correction_fades_in_long_runs(curves, rod):
    """A steady state does not know of it; the beginning does."""
    sides = {"x_low": Side.fixed(900.0), "x_high": Side.fixed(ROOM)}
    faces = Faces(**sides, contacts={(0, 1): Contact(800.0)})
    watch = Watch(0, (Level("cold", temperature=310.0),))
    runs = [
        HeatProblem(
            rod([0] * 4 + [1] * 8, width=4e-3), [curves["copper"], curves["sand"]], faces, watch=watch, mould_correction=on
        ).run([900.0, ROOM], until=2e5, record=[2.0])
        for on in (True, False)
    ]
    early = np.abs(runs[0].snapshots[2.0] - runs[1].snapshots[2.0]).max()
    late = np.abs(runs[0].temperature - runs[1].temperature).max()
    assert early > 5.0
    assert late < 1e-2


def test_the_mould_correction_brings_a_coarse_mould_near_a_fine_one(curves, rod):
    """Heat taken up by sand at 1 min: 4 mm voxels with the correction against 0.5 mm ones without."""

    def heat(width: float, on: bool) -> float:
        n = round(0.032 / width)
        grid = rod([0] * n + [1] * (2 * n), width=width)
        problem = HeatProblem(
            grid, [curves["copper"], curves["sand"]], Faces(contacts={(0, 1): Contact(math.inf)}), mould_correction=on
        )
        run = problem.run([800.0, ROOM], until=6.0)
        held = run.history["region_enthalpy"][:, 1]
        return float(held[-1] - held[0]) / width**2

    fine = heat(0.5e-3, False)
    assert abs(heat(4e-3, True) / fine - 1.0) < 0.3 * abs(heat(4e-3, False) / fine - 1.0)


def test_probes_follow_their_voxels(casting):
    run = casting().run([POUR, ROOM, ROOM], until=2.0, probes={"middle": (0.004, -0.003, 0.001), "sand": (0.03, 0.03, 0.03)})
    i, j, k = run.problem.grid.locate([(0.004, -0.003, 0.001)])[0]
    times, T = run.probes["middle"]
    assert T[0] == pytest.approx(POUR)
    assert T[-1] == pytest.approx(run.temperature[i, j, k], abs=0.02)
    assert np.array_equal(times, run.history["time"])
    assert run.probes["sand"][1] == pytest.approx(np.full(len(times), ROOM), abs=0.1)


def brick() -> Grid:
    return Grid.regular(np.arange(5) * 1e-3, np.arange(4) * 1e-3, np.arange(3) * 1e-3)


def test_refusals_name_what_is_allowed(curves, casting, casting_grid):
    grid, sand = brick(), curves["sand"]
    with pytest.raises(InputError, match=r"a and b touch, but no heat-transfer coefficient .* or math.inf for perfect contact"):
        HeatProblem(Grid.regular(*[np.arange(3.0)] * 3, region=np.indices((2, 2, 2))[0], names=("a", "b")), [sand, sand], Faces())
    with pytest.raises(InputError, match="3 regions, but 1 materials are given"):
        HeatProblem(casting_grid(), [sand], Faces())
    with pytest.raises(InputError, match='dtype = "float16" is not a precision; use "float32" or "float64"'):
        HeatProblem(grid, [sand], Faces(), dtype="float16")
    problem = HeatProblem(grid, [sand], Faces())
    for until in (-1.0, 0.0, math.nan, math.inf):
        with pytest.raises(InputError, match="must be a time above 0"):
            problem.run(300.0, until=until)
    for until in ("solid", "cold"):
        with pytest.raises(InputError, match="needs watched levels"):
            problem.run(300.0, until=until)
    for record in ([0.0], [-1.0], [2.0], [math.nan]):
        with pytest.raises(InputError, match=r"record times must lie between 0 and 1 s; got \["):
            problem.run(300.0, until=1.0, record=record)
    with pytest.raises(InputError, match='no scheme named "rk4"; use "rkl2", "rkl1" or "euler"'):
        problem.run(300.0, until=1.0, scheme="rk4")
    with pytest.raises(InputError, match=r"theta = 0 must lie in \(0, 1\]; 0.1 is usual"):
        problem.run(300.0, until=1.0, theta=0)
    with pytest.raises(InputError, match=r"step = 0.0 s must be above 0"):
        problem.run(300.0, until=1.0, step=0.0)
    with pytest.raises(InputError, match=r"initial temperature has shape \(2, 2, 2\); the grid has \(4, 3, 2\)"):
        problem.run(np.full((2, 2, 2), 300.0), until=1.0)
    with pytest.raises(MaterialError, match="temperature is not a number"):
        problem.run(math.nan, until=1.0)
    with pytest.raises(GeometryError, match="lies outside the grid"):
        problem.run(300.0, until=1.0, probes={"far": (1.0, 0.0, 0.0)})


def test_a_source_or_an_initial_list_of_the_wrong_shape_is_refused_in_words(curves):
    problem = HeatProblem(brick(), [curves["sand"]], Faces())
    with pytest.raises(InputError, match="2 initial temperatures are given for 1 regions; give one for all, one for each region"):
        problem.run([300.0, 300.0], until=1.0)
    with pytest.raises(InputError, match=r"source has shape \(4, 3, 3\) at t = 0 s; give W/m3 for each voxel, shape \(4, 3, 2\)"):
        HeatProblem(brick(), [curves["sand"]], Faces(), lambda t: np.zeros((4, 3, 3))).run(300.0, until=1.0)


def test_sides_contacts_and_levels_are_checked(curves, casting):
    for bad in (
        lambda: Side.fixed(0.0),
        lambda: Side.fixed(math.nan),
        lambda: Side.convective(-1.0, 300.0),
        lambda: Side.convective(1.0, 300.0, emissivity=1.1),
        lambda: Side.flux(math.inf),
    ):
        with pytest.raises(InputError, match=r"cannot be; an htc is 0 or more, a temperature above 0 K, an emissivity in \[0, 1\]"):
            bad()
    for htc in (0.0, -5.0, math.nan):
        with pytest.raises(InputError, match=r"must be above 0; use math.inf for perfect contact"):
            Contact(htc)
    with pytest.raises(InputError, match="equal names: a, a"):
        Watch(0, (Level("a", temperature=400.0), Level("a", temperature=500.0)))
    with pytest.raises(InputError, match='level "a" needs exactly one of'):
        casting(watch=Watch(0, (Level("a"),))).run([POUR, ROOM, ROOM], until=1.0)
    run = casting().run([POUR, ROOM, ROOM], until=0.1)
    with pytest.raises(InputError, match='no level named "eutectic" was watched; watched are liquidus, solidus'):
        run.crossing("eutectic")
    with pytest.raises(InputError, match='no gradient was recorded at the level "liquidus"'):
        run.gradient("liquidus")


def poisoned(curves, dtype: str = "float64") -> HeatProblem:
    """Return a problem whose source breaks after 2 s in one voxel."""

    def source(t):
        power = np.full((4, 3, 2), 1e6)
        if t > 2.0:
            power[1, 2, 1] = np.nan
        return power

    return HeatProblem(brick(), [curves["sand"]], Faces(), source, dtype=dtype)


def test_a_value_that_is_not_finite_stops_the_run_and_names_its_place(curves):
    with pytest.raises(
        SolveError, match=r"not finite in \d+ voxels \(first at x, y, z = 1.5, 2.5, 1.5 mm\) at t = .* s, step"
    ) as caught:
        poisoned(curves).run(300.0, until=10.0)
    state = caught.value.state
    assert state.time <= 2.9
    assert len(state.history["time"]) == state.steps + 1


@pytest.mark.parametrize("options", [{}, {"estimate": False}, {"scheme": "rkl1"}, {"scheme": "euler"}, {"step": 0.3}])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_error_holds_the_last_good_state(curves, options, dtype):
    """To the bit: the state that the step before left, its books and its history."""
    kept = []

    def keep(run):
        kept.append((run.time, run.enthalpy, run.ledger.heat_in))

    with pytest.raises(SolveError) as caught:
        poisoned(curves, dtype).run(300.0, until=10.0, checkpoint=keep, **options)
    state = caught.value.state
    time, enthalpy, heat_in = kept[-1]
    assert state.time == time > 1.0
    assert np.isfinite(enthalpy).all()
    assert np.array_equal(state.enthalpy, enthalpy)
    assert state.ledger.heat_in == heat_in
    assert len(state.history["time"]) == state.steps + 1


def test_a_step_that_failed_leaves_no_records(curves, rod):
    """Levels that were passed in the step that broke are not passed."""
    grid = rod([0] * 6, width=2e-3)

    def source(t):
        power = np.full(grid.shape, -3e8)
        power[0] = np.nan if t > 3.0 else -1e7
        return power

    problem = HeatProblem(grid, [curves["alloy"]], Faces(), source, watch=Watch(0, LEVELS[:3]))
    counts = []
    with pytest.raises(SolveError) as caught:
        problem.run(900.0, until=10.0, checkpoint=lambda run: counts.append(run.stepper.left), step=0.9)
    state = caught.value.state
    for level in LEVELS[:3]:
        times = state.crossing(level.name)
        assert not (times > state.time).any()
        below = (state.enthalpy < level.enthalpy_of(curves["alloy"])) & (times > 0)
        assert np.array_equal(np.isfinite(times), below)
        if level.gradient:
            assert np.array_equal(np.isfinite(state.gradient(level.name)), np.isfinite(times))
    assert state.stepper.left == counts[-1]
    assert np.isfinite(state.crossing("liquidus")).any()


def test_a_casting_that_never_freezes_is_given_up(curves, rod):
    watch = Watch(0, (Level("solidus", fraction_solid=1.0),))
    problem = HeatProblem(rod([0] * 4), [curves["alloy"]], Faces(), watch=watch)
    with pytest.raises(SolveError, match=r"after 100 s 4 watched voxels have not passed the last level; .* too hot") as caught:
        problem.run(POUR, until="solid", time_limit=100.0)
    assert caught.value.state.time == 100.0
