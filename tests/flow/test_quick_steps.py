"""Steps of the accuracy "quick": deep metal twice as far, drops that do not count; rest, waves, falls, books, bits."""

from __future__ import annotations

import itertools
import math

import flow_cases as cases
import numpy as np
import pytest
from castings import gated

import castsolve as cs
from castsolve.errors import InputError
from castsolve.simulation.accuracy import FILL_ACCURACIES, FlowSteps, flow_steps_for
from castsolve.simulation.flow_arrays import Cavity
from castsolve.simulation.flow_problem import FlowProblem
from castsolve.units import mm

QUICK = FILL_ACCURACIES["quick"]


def test_rest_lasts_in_a_box_that_lies_askew():
    """The surface passes through centres of voxels; in many long steps nothing may grow."""
    run = cases.rotated_rest(12, n=16, level=0.377, until=10.0, steps=QUICK)
    assert run.history["step_length"].max() > 0.48 * math.sqrt(1 / 16 / cases.G)
    speed = run.history["speed"][1:]
    assert speed.max() < 0.005 * math.sqrt(cases.G)
    assert speed[-len(speed) // 4 :].max() < speed.max()


def test_a_high_slosh_decays():
    """A wave of a fifth of the depth, whose crests limit the steps and whose turns do not."""
    run, _, factor = cases.sloshing(32, periods=12.0, amplitude=0.1, steps=QUICK)
    energy = run.history["energy"]
    assert 0.99 < factor < 1.0 and run.ledger.worst < 1e-12
    assert energy[-len(energy) // 4 :].max() < energy[: len(energy) // 4].max()
    assert run.fill.sum() == pytest.approx(16 * 32, rel=1e-12)


def test_voids_close_as_fast_in_long_steps():
    """A void of a tenth of a voxel in a full shaft, in steps of any length."""
    left = []
    for surface in (0.3, 0.5):
        kind, fill = np.ones((4, 1, 8)), np.ones((4, 1, 8))
        fill[1, 0, 2], fill[..., 6:] = 0.9, 0.0
        problem = FlowProblem(Cavity.blocks(kind, 0.01), cases.WATER, gravity=cases.DOWN, steps=FlowSteps(surface=surface))
        left.append(1.0 - problem.run(fill, until=0.1).fill[1, 0, 2])
    assert left[0] == pytest.approx(left[1], rel=0.1, abs=1e-4) and left[0] < 0.08


def test_nothing_holds_up_what_falls():
    way, exact = cases.falling(QUICK)
    assert way == pytest.approx(exact, rel=0.01)


def test_a_dam_breaks_as_martin_and_moyce_measured():
    run = cases.dam_break(10, steps=QUICK)
    front, height, _ = cases.martin_moyce(run, 10)
    assert front < 0.08 and height < 0.05


@pytest.mark.parametrize("threads", [2, 3])
def test_the_same_bits_for_any_number_of_threads(threads):
    one, other = (cases.dam_break(12, thick=4, until=0.2, threads=t, steps=QUICK) for t in (1, threads))
    np.testing.assert_array_equal(one.fill, other.fill)


def test_a_resumed_run_goes_on_to_the_same_bits():
    kept = {}

    def keep(run):
        if run.steps == 20:
            kept.update({name: np.copy(v) if isinstance(v, np.ndarray) else v for name, v in run.state().items()})

    whole = cases.dam_break(12, thick=4, until=0.2, steps=QUICK, progress=keep)
    again = cases.dam_break(12, thick=4, until=0.2, steps=QUICK, resume=kept)
    assert whole.steps == again.steps > 20
    np.testing.assert_array_equal(whole.fill, again.fill)


def test_a_mirrored_splash_is_the_mirror_image():
    problem, fill, _ = cases.drop(24, steps=QUICK)
    fill = np.roll(fill, 3, axis=0)
    # Later a void closes where two normals of the surface are equally good, and rounding chooses.
    one, other = (problem.run(f, until=0.2).fill for f in (fill, fill[::-1]))
    np.testing.assert_allclose(one, other[::-1], atol=1e-6)


def test_a_casting_fills_in_the_same_time():
    """Poured from a basin that is kept full, so that nothing but the flow gives the time; the gate is two voxels high.

    How the jet breaks there is chance: one voxel size scatters by some 6 %, with steps a fraction as long too, so that only the
    mean of several tells. Real parts differ by less (docs/theory/filling.md).
    """
    times, steps = ({"usual": [], "quick": []} for _ in range(2))
    for accuracy, voxel in itertools.product(times, (6.0, 5.5, 5.0, 4.5, 4.0)):
        facts = cs.fill(gated(), voxel=voxel * mm, inlet=cs.PouringHead(0.0), heat=False, accuracy=accuracy).facts
        assert facts["filling"]["defect"] < 1e-12 and facts["filling"]["stopped"] == "full"
        times[accuracy].append(facts["filling"]["fill_time"])
        steps[accuracy].append(facts["clock"]["steps"])
    assert times["quick"] == pytest.approx(times["usual"], rel=0.08)
    assert np.mean(times["quick"]) == pytest.approx(np.mean(times["usual"]), rel=0.025)
    assert np.all(np.less_equal(steps["quick"], np.multiply(0.8, steps["usual"])))


WRONG = [("near", 0.0), ("near", 0.95), ("deep", 9.0), ("deep", 0.3), ("flying", 0.2), ("surface", 0.2), ("surface", 0.7)]


@pytest.mark.parametrize("wrong", [{name: value} for name, value in WRONG])
def test_wrong_steps_are_refused(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        cases.rest(0.0, steps=FlowSteps(**wrong))


def test_an_unknown_accuracy_is_refused():
    with pytest.raises(InputError, match="quick"):
        flow_steps_for("quik")
