"""Whole runs: books of metal, threads, mirrors, resuming, retries, refusals."""

from __future__ import annotations

import flow_cases as cases
import numpy as np
import pytest
from test_broken import altered

from castsolve.errors import BalanceError, GeometryError, InputError, SolveError
from castsolve.simulation.accuracy import FlowSteps
from castsolve.simulation.flow_arrays import FEED, OUTLET, RESERVOIR, Cavity
from castsolve.simulation.flow_problem import FlowProblem, Liquid, Port


def test_no_metal_is_made_or_lost_in_a_splash():
    problem, fill, until = cases.drop()
    run = problem.run(fill, until=until)
    history = run.history
    assert run.ledger.worst < 1e-12 and not run.ledger.warned
    assert history["over"].max() > 1e-3  # the case does overfill voxels, and what does not fit is handed on
    assert run.fill.max() <= 1 + 1e-8 and run.fill.min() >= -1e-8
    assert run.ledger.moved < 0.01 * run.ledger.start


def test_a_jet_that_fills_a_mould_keeps_its_books():
    n, h = 16, 2e-3
    kind = np.ones((n, 1, n + 1))
    kind[:, :, -1] = 0
    kind[6:9, :, -1] = FEED
    problem = FlowProblem(Cavity.blocks(kind, h), cases.WATER, gravity=cases.DOWN, ports=[Port(kind == FEED, flow=3 * h * h * 0.5)])
    run = problem.run(np.zeros(kind.shape), until=0.06)
    poured = 3 * h * h * 0.5 * 0.06
    assert run.ledger.worst < 1e-12
    assert run.ledger.held == pytest.approx(poured, rel=1e-9)
    assert run.port_flow[1:, 0] == pytest.approx(np.full(run.steps, 3 * h * h * 0.5), rel=1e-9)


def test_the_pressure_is_solved_more_sharply_once_metal_found_no_room():
    """What its residual overfills adds up where no surface is near; that step is taken again, and none after it."""
    problem, fill, until = cases.drop(16)
    kept = {}

    def crowded(sweep, stepper, turn):
        over, inflow, left, moved, count = sweep.advect(turn)
        sharp = stepper.state()["sharpness"] < 1.0
        return over, inflow, left if sharp or stepper.steps < 10 else 1e-7, moved, count

    def progress(run):
        altered(advect=crowded)(run)
        if run.steps == 20:
            kept.update({name: np.copy(v) if isinstance(v, np.ndarray) else v for name, v in run.state().items()})

    run = problem.run(fill, until=until, progress=progress)
    allowed = problem.divergence * problem.cavity.voxel / run.history["step_length"][1:]
    assert np.flatnonzero(run.history["retries"]).tolist() == [11]
    assert (run.history["residual"][11:] <= 0.1 * allowed[10:]).all() and (run.history["residual"][1:11] > 0.1 * allowed[:10]).any()
    again = problem.run(fill, until=until, resume=kept)
    np.testing.assert_array_equal(run.fill, again.fill)


def test_metal_that_leaks_is_found():
    problem, fill, until = cases.drop(16)

    def leak(run):
        if run.steps == 5:
            run.stepper.arrays["F"][8, 3, 4] -= 1e-6

    with pytest.raises(BalanceError, match="missing"):
        problem.run(fill, until=until, progress=leak)


@pytest.mark.parametrize("threads", [2, 4])
def test_the_same_bits_for_any_number_of_threads(threads):
    runs = [cases.dam_break(6, thick=3, until=0.05, threads=t) for t in (1, threads)]
    assert runs[1].stepper.sweep.threads == threads
    assert np.array_equal(runs[0].volume, runs[1].volume)
    for a, b in zip(runs[0].velocity, runs[1].velocity, strict=True):
        assert np.array_equal(a, b)


def test_a_mirrored_dam_breaks_the_other_way():
    n, h = 8, 0.005
    fill = np.zeros((4 * n, 2, 3 * n))
    fill[:n, :, : 2 * n] = 1
    problem = FlowProblem(Cavity.blocks(np.ones(fill.shape), h), cases.WATER, gravity=cases.DOWN, divergence=1e-11)
    right, left = problem.run(fill, until=0.1), problem.run(fill[::-1], until=0.1)
    np.testing.assert_allclose(left.fill[::-1], right.fill, atol=1e-6)


def test_a_resumed_run_goes_on_to_the_same_bits():
    whole = cases.dam_break(8, until=0.2)
    kept = {}

    def keep(run):
        if run.steps == 40:
            kept.update({k: (v.copy() if isinstance(v, np.ndarray) else v) for k, v in run.state().items()})
            return True
        return None

    cut = cases.dam_break(8, until=0.2, progress=keep)
    assert cut.stopped != whole.stopped and cut.steps == 40
    resumed = cases.dam_break(8, until=0.2, resume=kept)
    assert resumed.steps == whole.steps
    assert np.array_equal(resumed.volume, whole.volume)
    assert all(np.array_equal(a, b) for a, b in zip(resumed.velocity, whole.velocity, strict=True))
    assert np.array_equal(resumed.history["time"], whole.history["time"])


def test_a_step_that_is_too_long_is_taken_again_smaller():
    problem, fill, _ = cases.drop(24)
    run = problem.run(fill, until=0.4, step=0.05)
    assert run.history["retries"].max() > 0
    assert run.ledger.worst < 1e-12


def test_a_run_that_fails_hands_over_the_last_good_state():
    n = 8
    kind = np.ones((n, 1, n + 1))
    kind[:, :, 0] = 0
    kind[2:4, :, 0] = FEED
    problem = FlowProblem(Cavity.blocks(kind, 0.01), cases.WATER, gravity=cases.DOWN, ports=[Port(kind == FEED, flow=2e-4)])
    with pytest.raises(SolveError) as caught:
        problem.run(np.zeros(kind.shape), until=1.0)
    good = caught.value.state
    assert good.ledger.held == pytest.approx(n * n * 1e-6, rel=0.05)
    assert good.ledger.worst < 1e-12


def test_wisps_do_not_rule_the_step():
    """A hundredth of a voxel that flies at 40 m/s over a pool at rest."""
    n = 16
    fill = np.zeros((n, 1, n))
    fill[:, :, :6] = 1.0
    fill[8, 0, 12] = 0.01
    cavity = Cavity.blocks(np.ones(fill.shape), 0.01)
    velocity = [np.zeros(a.shape) for a in cavity.aperture]
    velocity[0][8:10, 0, 12] = 40.0
    run = FlowProblem(cavity, cases.WATER, gravity=cases.DOWN).run(fill, until=0.1, velocity=velocity)
    assert not {"courant", "retry"} & set(run.history["ruling"][1:])
    assert run.ledger.worst < 1e-12


def test_record_times_are_landed_on():
    run = cases.dam_break(6, until=0.1)
    assert sorted(run.snapshots) == pytest.approx(np.arange(0, 0.101, 0.01))
    assert run.time == 0.1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": FlowSteps(near=0.95)}, "near"),
        ({"no_slip": True}, "viscosity"),
        ({"gravity": (0.0, 0.0, np.nan)}, "gravity"),
        ({"divergence": 0.0}, "divergence"),
    ],
)
def test_wrong_settings_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        FlowProblem(Cavity.blocks(np.ones((3, 3, 3)), 0.01), cases.WATER, **change)


def test_wrong_ports_are_refused_with_their_place():
    kind = np.ones((6, 1, 6))
    kind[:2], kind[0] = 0, RESERVOIR
    with pytest.raises(InputError, match=r"x, y, z = 5, 5, 5 mm touches no open cavity"):
        FlowProblem(Cavity.blocks(kind, 0.01), cases.WATER, ports=[Port(kind == RESERVOIR, head=0.1)])
    kind[0], kind[1] = 0, FEED
    with pytest.raises(InputError, match="FEED for a flow"):
        FlowProblem(Cavity.blocks(kind, 0.01), cases.WATER, ports=[Port(kind == FEED, head=0.1)])
    with pytest.raises(InputError, match="exactly one port"):
        FlowProblem(Cavity.blocks(kind, 0.01), cases.WATER)
    with pytest.raises(InputError, match="one of pressure, head, flow and stroke"):
        Port(kind == FEED, head=0.1, flow=1e-3)
    with pytest.raises(InputError, match="covers no voxel"):
        Port(kind == OUTLET)


def test_wrong_fillings_and_cavities_are_refused():
    problem = FlowProblem(Cavity.blocks(np.ones((3, 3, 3)), 0.01), cases.WATER)
    with pytest.raises(InputError, match="shape"):
        problem.run(np.zeros((2, 3, 3)), until=1.0)
    with pytest.raises(InputError, match=r"\[0, 1\]"):
        problem.run(np.full((3, 3, 3), 1.5), until=1.0)
    with pytest.raises(InputError, match="until"):
        problem.run(np.zeros((3, 3, 3)), until=-1.0)
    with pytest.raises(GeometryError, match="no cavity"):
        Cavity.blocks(np.zeros((3, 3, 3)), 0.01)
    with pytest.raises(InputError, match="density"):
        Liquid(-1.0)
