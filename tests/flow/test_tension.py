"""Surface tension: drops at rest, drops that swing, liquid between plates."""

from __future__ import annotations

import math

import flow_cases as cases
import numpy as np
import pytest

from castsolve.errors import InputError
from castsolve.simulation.flow_problem import Liquid


def test_a_drop_at_rest_holds_the_pressure_of_laplace():
    run, pressure, capillary_number = cases.static_drop(40, until=0.5)
    assert pressure == pytest.approx(1.0, rel=0.01)
    assert capillary_number < 1e-3
    assert "surface tension" in run.history["ruling"]
    assert run.ledger.worst < 1e-12


def test_without_tension_the_drop_holds_no_pressure():
    fill = cases.blob(20, 0.2)
    run = cases.FlowProblem(cases.Cavity.blocks(np.ones(fill.shape), 0.05), Liquid(1.0, 0.05), gravity=(0.0, 0.0, 0.0)).run(
        fill, until=0.1
    )
    assert np.abs(run.pressure).max() == 0.0


def test_an_oval_drop_swings_as_rayleigh_says():
    _, ratio = cases.swinging_drop(40)
    assert ratio == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("angle", [45, 60, 90, 120, 135])
def test_liquid_rises_or_sinks_between_plates(angle):
    run, rise, exact = cases.capillary(angle)
    assert rise == pytest.approx(exact, abs=0.01 * 2 * 0.07 / (1000 * 9.81 * 0.004))
    assert run.ledger.worst < 1e-12


def test_wrong_tensions_are_refused():
    with pytest.raises(InputError, match="surface_tension"):
        Liquid(1000.0, surface_tension=-0.1)
    with pytest.raises(InputError, match="wetting_angle"):
        Liquid(1000.0, surface_tension=0.9, wetting_angle=math.pi)
