"""What metal carries of its past: its age and the exposure of its surface, against exact answers and books."""

from __future__ import annotations

import flow_cases as cases
import numpy as np
import pytest

from castsolve.simulation.flow_arrays import FEED, OUTLET, Cavity
from castsolve.simulation.flow_problem import FlowProblem, Port

SPEED, H = 0.8, 0.01


def channel(*, along=1, filled=0.0, rate=None, until=0.45, threads=None):
    """A channel of 50 x 6 x 4 voxels into which metal comes at one speed; closed at its end but for an outlet."""
    kind = np.ones((50, 6, 4))
    kind[0], kind[-1] = FEED, OUTLET
    fill = np.where(np.arange(50)[:, None, None] < filled * 50, kind == 1, 0.0)
    kind, fill = (np.ascontiguousarray(np.moveaxis(a[::along], 0, 0)) for a in (kind, fill))
    area = 24 * H * H
    ports = [Port(kind == FEED, flow=rate or SPEED * area), Port(kind == OUTLET)]
    problem = FlowProblem(
        Cavity.blocks(kind, H), cases.WATER, gravity=(0.0, 0.0, 0.0), ports=ports, past=True, threads=threads
    )  # fmt: skip
    return problem.run(fill, until=until)


@pytest.mark.parametrize("along", [1, -1])
def test_the_age_of_a_plug_is_its_way_over_its_speed(along):
    run = channel(along=along)
    age = run.past.age(run.time)[::along][:, 2, 1]
    x = (np.arange(50) - 0.5) * H
    front = SPEED * run.time / H
    # Exact but in the voxel beside the feed, which knows no line yet, and where the front passes from voxel to voxel.
    inside = (np.arange(50) >= 5) & (np.arange(50) < front - 12)
    assert inside.sum() > 15
    np.testing.assert_allclose(age[inside], x[inside] / SPEED, atol=1e-4 * H / SPEED)
    # There it is off by less than a twentieth of the time in which a voxel fills; the last one's metal lies at its near side.
    middle = x - 0.5 * H * (1.0 - run.fill[::along][:, 2, 1])
    assert np.nanmax(np.abs(age - middle / SPEED)) < 0.05 * H / SPEED


def test_the_ages_add_up_to_the_flow():
    """The sum over the metal is what every step brought times the middle of that step."""
    area = 24 * H * H
    run = channel(rate=lambda t: area * (0.3 + t))
    held, _ = run.stepper.sweep.content(run.past.entry)
    rows = run.history
    brought = float(((rows["time"] - 0.5 * rows["step_length"]) * rows["inflow"]).sum())
    assert held * H**3 == pytest.approx(brought, rel=1e-12)


def test_a_front_that_moves_is_exposed_for_its_area():
    run = channel(filled=0.1)
    exposure = run.stepper.sweep.content(run.past.exposure)[0] * H**3
    assert exposure == pytest.approx(24 * H * H * run.time, rel=1e-6)
    # The surface stays with the metal at the front: what comes after it has none.
    exposed = run.past.exposed()[:, 2, 1]
    assert np.nanargmax(exposed) >= 38 and exposed[1:20].max() < 1e-6 * np.nanmax(exposed)


def test_a_splash_keeps_its_exposure_and_folds_it_in():
    """A dam break: exposure is carried, never lost, and gets into metal that lies below the surface."""
    n, h = 8, 0.005
    fill = np.zeros((4 * n, 2, 3 * n))
    fill[:n, :, : 2 * n] = 1
    problem = FlowProblem(Cavity.blocks(np.ones(fill.shape), h), cases.WATER, gravity=cases.DOWN, past=True)
    gained = []

    def note(run):
        gained.append(float(run.stepper.arrays["E"][run.past.exposure].sum()))

    run = problem.run(fill, until=0.3, progress=note)
    assert (np.diff(gained) > 0).all()
    assert np.abs(run.past.age(run.time)[np.isfinite(run.past.age(run.time))] - run.time).max() < 1e-9
    exposed, full = run.past.exposed(), run.fill > 0.999
    assert np.nanmax(exposed[full]) > 5.0 * np.nanmin(exposed[full])


@pytest.mark.parametrize("threads", [2, 4])
def test_the_same_bits_for_any_number_of_threads(threads):
    one, other = channel(threads=1, until=0.1), channel(threads=threads, until=0.1)
    assert other.stepper.sweep.threads == threads
    for a, b in zip(one.stepper.arrays["E"], other.stepper.arrays["E"], strict=True):
        assert np.array_equal(a, b)


def test_a_step_that_failed_leaves_no_trace():
    """A retry starts from the contents at the start of the step."""
    problem, fill, _ = cases.drop(24)
    problem.past = True
    areas = []
    run = problem.run(
        fill, until=0.4, step=0.05, progress=lambda r: areas.append(r.stepper.sweep.content(r.past.exposure)[0])
    )  # fmt: skip
    assert run.history["retries"].sum() > 0
    entry, exposure = (run.stepper.inner(run.stepper.arrays["E"][c]) for c in (run.past.entry, run.past.exposure))
    # All metal was there from the start.
    assert np.abs(entry).max() < 1e-15
    assert exposure.min() > -1e-12
    # The surface changes slowly: a step that was tried twice would have exposed it twice.
    rate = np.diff([0.0, *areas]) / run.history["step_length"][1:]
    assert (np.abs(np.diff(rate)) < 0.5 * rate[1:]).all()
