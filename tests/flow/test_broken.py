"""Versions of the flow that are wrong on purpose miss what the right one holds."""

from __future__ import annotations

import flow_cases as cases
import numpy as np
import pytest

from castsolve.errors import BalanceError
from castsolve.simulation.flow_arrays import RESERVOIR


class _Altered:
    """A sweep of which one part is another."""

    def __init__(self, stepper, **parts):
        self._sweep, self._stepper, self._parts = stepper.sweep, stepper, parts

    def __getattr__(self, name):
        if name in self._parts:
            return lambda *given: self._parts[name](self._sweep, self._stepper, *given)
        return getattr(self._sweep, name)


def altered(**parts):
    """Return a callback that alters the sweep after the first step."""

    def progress(run):
        if not isinstance(run.stepper.sweep, _Altered):
            run.stepper.sweep = _Altered(run.stepper, **parts)

    return progress


def leaking_donor(sweep, stepper, turn):
    """What a donor gives does not all arrive: a millionth of the largest flux is lost."""
    told = sweep.advect(turn)
    flux, volume = stepper.arrays["G"][2], stepper.arrays["F"]
    volume.reshape(-1)[int(np.abs(flux).argmax())] -= 1e-6 * np.abs(flux).max()
    return told


def clipped_volume(sweep, stepper, turn):
    """Overfill is cut off and not handed on: the same amount goes."""
    told = sweep.advect(turn)
    volume = stepper.arrays["F"].reshape(-1)
    volume[int(volume.argmax())] -= told[3]
    return told


@pytest.mark.parametrize("broken", [leaking_donor, clipped_volume])
def test_metal_that_goes_missing_is_found(broken):
    problem, fill, until = cases.drop(24)
    with pytest.raises(BalanceError, match="missing"):
        problem.run(fill, until=until, progress=altered(advect=broken))


def test_upwind_momentum_calms_the_slosh():
    _, _, factor = cases.sloshing(32, progress=lambda run: run.stepper.sweep.tune(slope=0.0))
    assert factor < 1 - 2e-3


def momentum_from_the_wall(sweep, stepper, gravity):
    """Metal that enters brings the velocity of the wall behind the inlet, which is none."""
    sweep.momentum(gravity)
    arrays = stepper.arrays
    at = np.zeros(arrays["kind"].shape, bool)
    at[1:] = (arrays["kind"][:-1] == RESERVOIR) & (arrays["kind"][1:] == 1)
    mass = 0.5 * (arrays["F"] + np.roll(arrays["F"], 1, axis=0))
    arrays["u"][0][at] -= (arrays["G"][0] * arrays["un"][0])[at] / mass[at]


def test_an_inlet_without_its_momentum_fills_too_slowly():
    _, front = cases.pipe_from_head(progress=altered(momentum=momentum_from_the_wall))
    assert front[1] < 0.95 * 0.464183  # the gate is 2 %
