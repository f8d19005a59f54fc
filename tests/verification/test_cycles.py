"""The cyclic steady state of a die against its exact solution."""

from __future__ import annotations

import numpy as np
import pytest
from cases import cycles
from cases.report import assert_passes

from castsolve.analytic import PeriodicSlab, SlabStage
from castsolve.errors import InputError


@pytest.mark.parametrize("accelerate", [True, False])
def test_a_cycled_die_reaches_its_exact_periodic_state(accelerate):
    assert_passes(cycles.periodic_die(accelerate=accelerate))


def test_the_error_falls_with_the_square_of_the_voxel():
    def error(cells):
        return max(abs(c.computed - c.reference) for c in cycles.periodic_die(cells).checks[:4])

    coarse, fine = error(12), error(24)
    order = float(np.log2(coarse / fine))
    assert 1.6 < order < 2.6


def test_a_wrong_coefficient_fails():
    assert cycles.periodic_die(front_factor=1.05).failures()


def exact(**changed):
    options = {"conductivity": 30.0, "density": 7000.0, "heat_capacity": 500.0, "back_htc": 2000.0, "back_ambient": 300.0}
    return PeriodicSlab(0.02, **{**options, **changed})


def test_equal_stages_are_the_steady_slab():
    """Whatever the cut into stages, a front that always sees the same is steady: a straight line between two films."""
    always = [SlabStage(t, htc=1000.0, ambient=800.0) for t in (3.0, 5.0)]
    found = exact(stages=always)
    flux = (800.0 - 300.0) / (1 / 1000.0 + 0.02 / 30.0 + 1 / 2000.0)
    x = np.array([0.0, 0.007, 0.02])
    line = 800.0 - flux / 1000.0 - flux * x / 30.0
    for t in (0.0, 2.0, 6.5):
        assert found.temperature(x, t) == pytest.approx(line, abs=1e-6)
    assert found.heat_taken() == pytest.approx(8.0 * flux, rel=1e-9)


def test_a_cycle_repeats_and_its_points_do_not_matter():
    stages = [SlabStage(6.0, htc=4000.0, ambient=850.0), SlabStage(10.0, htc=50.0, ambient=300.0)]
    found, finer = exact(stages=stages), exact(stages=stages, points=72)
    x = np.array([0.001, 0.01, 0.019])
    assert found.temperature(x, 4.0) == pytest.approx(found.temperature(x, 4.0 + 3 * 16.0), abs=1e-9)
    assert found.temperature(x, 5.0) == pytest.approx(finer.temperature(x, 5.0), abs=1e-4)
    assert found.temperature(0.0, 5.9) > found.temperature(0.0, 15.9) + 50.0
    with pytest.raises(InputError, match="at least one stage, each with a duration above 0 s"):
        exact(stages=[])
    with pytest.raises(InputError, match="has no periodic state of its own"):
        exact(stages=[SlabStage(1.0, htc=0.0, ambient=300.0)], back_htc=0.0)
