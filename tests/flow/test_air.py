"""Air that metal encloses: springs, Boyle, merging, vents, dead ends."""

from __future__ import annotations

import math

import flow_cases as cases
import numpy as np
import pytest

from castsolve.errors import BalanceError, InputError
from castsolve.simulation.flow_air import Air, Vent, wall_areas
from castsolve.simulation.flow_arrays import Cavity
from castsolve.simulation.flow_problem import FlowProblem

GAS = 287.05


@pytest.mark.parametrize(
    ("stiffness", "implicitness"),
    [(0.2, 1.0), (0.5, 1.0), (1.0, 1.0), (2.0, 1.0), (5.0, 1.0), (50.0, 1.0), (0.2, 0.75), (0.5, 0.75), (1.0, 0.75), (2.0, 0.75)],
)
def test_a_gas_spring_swings_and_fades_as_the_scheme_says(stiffness, implicitness):
    trace, determinant = cases.gas_spring(stiffness, implicitness)
    # Position and speed of one step follow from those before by a matrix; the root of its determinant is the damping a step.
    denominator = 1 + implicitness * stiffness**2
    assert math.sqrt(determinant) == pytest.approx(1 / math.sqrt(denominator), rel=2e-3)
    assert trace == pytest.approx((2 + (implicitness - 1) * stiffness**2) / denominator, abs=2e-3)


@pytest.mark.parametrize("exponent", [1.0, 1.4])
def test_a_gas_spring_has_its_period(exponent):
    trace, determinant = cases.gas_spring(0.05, exponent=exponent)
    angle = math.acos(trace / (2 * math.sqrt(determinant)))
    assert angle == pytest.approx(0.05, rel=2e-3)


@pytest.mark.parametrize("exponent", [1.0, 1.4])
def test_a_trapped_pocket_is_pressed_as_boyle_says(exponent):
    run, level, exact = cases.pressed(Air(exponent=exponent, atmosphere=2e4))
    assert level == pytest.approx(exact, rel=2e-4)
    (pocket,) = run.pockets
    assert pocket.pressure == pytest.approx(2e4 * (0.2 / (0.2 - level)) ** exponent, rel=1e-6)
    assert pocket.place[2] == pytest.approx(0.1 + level + 0.5 * (0.2 - level), abs=5e-3)
    assert run.air.held == pytest.approx(run.air.start, rel=1e-13)


def test_without_air_the_same_metal_fills_the_dead_end():
    run, level, _ = cases.pressed(None)
    assert level > 0.19 and run.pockets == () and run.air is None


def test_two_pockets_that_meet_share_their_air():
    n, h = 24, 0.01
    fill = np.zeros((n, 1, n))
    fill[10:14] = 1.0  # a standing wall of liquid from floor to roof between two pockets
    vents = [Vent(np.arange(n)[:, None, None] * np.ones((1, 1, n)) < 2, 2e-8)]
    problem = FlowProblem(Cavity.blocks(np.ones(fill.shape), h), cases.WATER, gravity=cases.DOWN, air=Air(vents=vents, wall=0.0))
    run = problem.run(fill, until=0.4)
    pockets = run.air_history["pockets"]
    assert pockets[0] == 2 and 1 in pockets
    assert run.air.start == pytest.approx(101325 / (GAS * 293.15) * 20 * n * h**3, rel=1e-12)
    assert run.air.defect < 1e-12 and run.ledger.worst < 1e-12
    assert run.air.held == pytest.approx(run.air.start - run.air.vented + run.air.taken - run.air.entrained, rel=1e-12)
    # Once it is one pocket, it is at one pressure, and the volume it has is what the metal leaves.
    assert sum(p.volume for p in run.pockets) == pytest.approx(20 * n * h**3, rel=1e-3)


def test_air_that_leaks_is_found():
    problem, fill, until = cases.drop(16, air=Air())

    def leak(run):
        if run.steps == 5:
            run.stepper.air.kept[0, 6] *= 1 - 1e-6

    with pytest.raises(BalanceError, match="air is missing"):
        problem.run(fill, until=until, progress=leak)


def test_a_splash_under_air_keeps_both_books():
    problem, fill, until = cases.drop(32, air=Air())
    run = problem.run(fill, until=2 * until)
    assert run.ledger.worst < 1e-12 and run.air.defect < 1e-11
    assert run.air.taken == run.air.vented == 0.0
    assert run.history["retries"].max() == 0


def test_a_rigid_pocket_empties_through_its_vent():
    """No metal moves: dp/dt = -C (p^2 - a^2) / (2 V) has the solution of Riccati's equation."""
    n, h, c, a = 6, 0.01, 3e-9, 1e5
    where = np.zeros((n, 1, 1), bool)
    where[-1] = True
    air = Air(vents=[Vent(where, c)], atmosphere=a, start=3e5)
    problem = FlowProblem(Cavity.blocks(np.ones((n, 1, 1)), h), cases.WATER, gravity=(0.0, 0.0, 0.0), air=air)
    tau = n * h**3 / (c * a)
    errors = []
    for steps in (100, 200):
        run = problem.run(np.zeros((n, 1, 1)), until=tau, step=tau / steps)
        k = 0.5 * math.exp(-1.0)
        errors.append(run.pockets[0].pressure / (a * (1 + k) / (1 - k)) - 1)
        assert run.air.vented == pytest.approx(run.air.start - run.air.held, rel=1e-12)
    assert abs(errors[1]) < 2e-3 and errors[0] / errors[1] == pytest.approx(2.0, rel=0.1)


@pytest.mark.parametrize("through", ["vent", "wall"])
def test_a_pocket_that_metal_pushes_out_empties_at_a_steady_rate(through):
    rate, exact, run = cases.pushed_out(through)
    assert rate == pytest.approx(exact, rel=5e-3)
    assert run.air.vented > 0.5 * run.air.start and run.air.taken == 0.0


def test_an_evacuated_cavity_draws_air_through_its_vent():
    n, h = 6, 0.01
    where = np.ones((n, 1, 1), bool)
    problem = FlowProblem(
        Cavity.blocks(where, h), cases.WATER, gravity=(0.0, 0.0, 0.0), air=Air(vents=[Vent(where, 1e-8)], start=5e3, exponent=1.4)
    )
    run = problem.run(np.zeros((n, 1, 1)), until=0.1, step=1e-3)
    assert run.pockets[0].pressure == pytest.approx(101325.0, rel=1e-3)
    # Adiabatic: what flowed in brought enthalpy, so less than a full load of cold air makes the pressure.
    full = run.stepper.air.air.density * n * h**3
    assert run.air.held == pytest.approx(full * (5e3 + (101325 - 5e3) / 1.4) / 101325, rel=1e-3)


@pytest.fixture(scope="module")
def dead_end():
    return cases.dead_end()


def test_metal_stops_below_the_air_of_a_dead_end(dead_end):
    run, volume, exact = dead_end
    closed = [p for p in run.pockets if not p.open and p.volume > 1e-7]
    assert len(closed) == 1
    assert closed[0].volume == pytest.approx(volume, rel=1e-9)
    assert volume == pytest.approx(exact, rel=0.01)
    assert closed[0].place[0] > 0.05  # the far chimney; the near one is open
    assert run.air.defect < 1e-11 and run.ledger.worst < 1e-12


def test_pockets_go_on_to_the_same_bits(dead_end):
    kept = {}

    def keep(run):
        if run.steps == 60:
            kept.update({k: (v.copy() if isinstance(v, np.ndarray) else v) for k, v in run.state().items()})
            return True
        return None

    whole, *_ = dead_end
    cases.dead_end(progress=keep)
    resumed, *_ = cases.dead_end(resume=kept)
    assert_same(resumed, whole)


def assert_same(run, whole):
    assert run.steps == whole.steps and np.array_equal(run.volume, whole.volume)
    assert run.pockets == whole.pockets and run.air == whole.air
    assert np.array_equal(run.air_history["highest"], whole.air_history["highest"])


def test_pockets_have_the_same_bits_for_any_number_of_threads():
    one, two = (cases.dead_end(threads=t, until=0.12)[0] for t in (1, 2))
    assert two.stepper.sweep.threads == 2
    assert_same(two, one)


def test_the_pressures_solve_the_whole_system():
    """Matrix of liquid and pockets, put together face by face, against what the solver found."""
    run, *_ = cases.dead_end(until=0.25)
    arrays, air = run.stepper.arrays, run.stepper.air
    wet, label, rows = arrays["wet"] > 0, arrays["pocket"], air._stiffness
    order = np.cumsum(wet.reshape(-1)).reshape(wet.shape) - 1
    size = int(wet.sum())
    matrix = np.zeros((size + len(air.table),) * 2)

    def unknown(at):
        if wet[at]:
            return int(order[at])
        return size + int(label[at]) - 1 if label[at] and air._closed[label[at] - 1] else None

    for d in range(3):
        for at in map(tuple, np.argwhere(arrays["coef"][d] > 0)):
            ends = [unknown(at), unknown(tuple(c - (e == d) for e, c in enumerate(at)))]
            c = arrays["coef"][d][at]
            for end in ends:
                if end is not None:
                    matrix[end, end] += c
            if None not in ends:
                matrix[ends[0], ends[1]] -= c
                matrix[ends[1], ends[0]] -= c
    for k in range(len(air.table)):
        gas = rows[0, k] - matrix[size + k, size + k]
        matrix[size + k, size + k] = rows[0, k] if air._closed[k] else 1.0
        assert gas > 0.0 or not air._closed[k]
    assert np.linalg.eigvalsh(matrix).min() > 0.0
    exact = np.linalg.solve(matrix, np.concatenate([arrays["rhs"][wet], rows[1]]))
    assert air._closed.any()
    np.testing.assert_allclose(arrays["P"][wet], exact[:size], atol=1e-5 * np.abs(exact).max())
    np.testing.assert_allclose(rows[2], exact[size:], atol=1e-5 * np.abs(exact).max())


def test_wall_areas_follow_the_openings():
    cavity = Cavity.blocks(np.ones((4, 1, 3)), 0.01)
    areas = wall_areas(cavity, slip_axes=(1,))
    assert areas.sum() == pytest.approx(2 * (4 + 3) * 1e-4) and areas[1, 0, 1] == 0.0


def test_wrong_air_is_refused():
    wrong = [("wall", -1.0), ("exponent", 2.0), ("atmosphere", 0.0), ("start", math.inf), ("implicitness", 0.2)]
    for name, value in wrong:
        with pytest.raises(InputError, match=name):
            Air(**{name: value})
    where = np.ones((3, 1, 3), bool)
    with pytest.raises(InputError, match="covers no voxel"):
        Vent(~where)
    with pytest.raises(InputError, match="conductance"):
        Vent(where, -1.0)
    kind = np.ones((3, 1, 3))
    kind[0] = 0
    problem = FlowProblem(Cavity.blocks(kind, 0.01), cases.WATER, air=Air(vents=[Vent(where)]))
    with pytest.raises(InputError, match="needs cavity voxels"):
        problem.run(np.zeros((3, 1, 3)), until=0.1)
