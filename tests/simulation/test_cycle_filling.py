"""Cycles whose cavity is filled at once, by a front, or by the flow solver."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import castsolve as cs
from castsolve.casting import CoolingChannel, Die, MachineCycle, Spray, Tilt
from castsolve.casting.channel import Thermostat
from castsolve.errors import InputError, SolveError
from castsolve.simulation.cycles import run_cycles
from castsolve.units import degC, mm

PLATE = cs.Part.box((60 * mm, 40 * mm, 8 * mm), centre=(0, 0, 0), name="plate")
MACHINE = MachineCycle(eject=5.0, spray=Spray(2.0, flux=0.3), close=6.0)


def casting(tilt=None, pour_time=0.8, temperature=220.0, **channel) -> cs.GravityDieCasting:
    """A plate with a gate at its end in a die of two halves, with a channel over it."""
    options = {"diameter": 8 * mm, "flow": "6 litre/minute", "inlet_temperature": degC(20)}
    water = CoolingChannel([(-0.2, 0, 18 * mm), (0.2, 0, 18 * mm)], **{**options, **channel})
    die = Die(steel="H13", temperature=degC(temperature), parting=0.0, wall=24 * mm, channels=[water])
    gate = cs.Gate.slot(width=24 * mm, height=8 * mm, at=PLATE.nearest((-40 * mm, 0, 0)))
    return cs.GravityDieCasting(
        PLATE, alloy="A356", die=die, rigging=[gate], pour_temperature=degC(700), pour_time=pour_time, tilt=tilt
    )


def cycle(made, machine=MACHINE, **options):
    return run_cycles(made, machine, voxel=4 * mm, **{"filling": "flow", **options})


@pytest.fixture(scope="module")
def flowed():
    return cycle(casting())


def test_a_cycle_that_is_filled_by_flow_closes_its_books(flowed):
    taken = sum(v for name, v in flowed.heat.items() if name != "metal")
    # Five takers, each an integral of its own; the die stores less than 0.05 %.
    assert taken == pytest.approx(flowed.heat["metal"], rel=1e-4)
    assert flowed.steady and abs(flowed.heat["die"]) < 1e-3 * flowed.heat["metal"]


def test_the_die_feels_the_filling(flowed):
    fill = flowed.shots[-1].books[0]
    names = flowed.result.frame.region_names
    # The rate would fill it in 0.8 s; metal that has thickened closes the last thousandth later.
    assert fill.name == "fill" and 0.79 < fill.duration < 1.0
    gained = sum(float(fill.gain[names.index(n)]) for n in ("moving half", "fixed half", "channel 1"))
    # What the metal loses on its way is what the die, its channel and its sides gain; the thousandth of the cavity that a full one
    # may lack is booked at the pour temperature.
    assert float(fill.gain[0]) < -0.02 * flowed.heat["metal"]
    assert gained - fill.heat_in == pytest.approx(-float(fill.gain[0]), abs=1e-3 * flowed.heat["metal"])
    assert 0.7 < float(np.nanmax(flowed.result["fill_time"])) <= fill.duration
    assert "front_temperature" in flowed.result


def test_three_ways_to_fill_are_near_each_other(flowed):
    front, instant = (cycle(casting(), filling=how) for how in ("front", "instant"))
    assert "fill" not in instant.stage_times()
    # Metal that was full at once cools while another fills: the dwell is shorter after a filling, by less than its time.
    for filled in (flowed, front):
        assert 0.0 < instant.dwell - filled.dwell < filled.stage_times()["fill"]
    assert flowed.cycle_time == pytest.approx(front.cycle_time, rel=0.01)


class StoppedError(Exception):
    """Stands for a killed process."""


def test_an_interrupted_cycling_fills_again_to_the_same_bits(flowed, tmp_path):
    def stop(number, shot):
        if number == 4:
            raise StoppedError

    with pytest.raises(StoppedError):
        cycle(casting(), checkpoint=tmp_path / "c", progress=stop)
    again = cycle(casting(), checkpoint=tmp_path / "c", resume=True)
    assert np.array_equal(flowed.result["temperature_before_pour"], again.result["temperature_before_pour"])
    assert again.heat == flowed.heat


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: cycle(casting(), filling="pump"), 'filling = "pump" is not known; use "instant", "front" or "flow"'),
        (lambda: cycle(casting(pour_time=None)), "nothing says how the metal is poured; give the casting a pour_time"),
        (lambda: cycle(casting(pour_time=None), filling="front"), 'filling = "front" needs a time'),
        (
            lambda: cycle(casting(), filling="front", inlet=cs.PourRate("0.1 litre/s")),
            "an inlet is given, but the cavity is not filled by flow",
        ),
        (
            lambda: cycle(casting(thermostat=Thermostat((0, 0, 10 * mm), cools_above=500.0))),
            "cannot switch channel 1 while metal flows",
        ),
        (lambda: cycle(casting(tilt=Tilt(axis="y", angle="90 deg"))), "needs a die that stands still; a tilted die fills by"),
    ],
)
def test_refusals(make, words):
    with pytest.raises(InputError, match=words):
        make()


def test_metal_that_does_not_reach_the_top_is_no_cycle():
    """A head of a millimetre over the middle of the gate leaves the upper part of the plate empty."""
    low = cs.PouringHead("1 mm")
    with pytest.raises(SolveError, match=r"the metal fills only .* % of the cavity \(time was up\)"):
        cycle(casting(), dataclasses.replace(MACHINE, dwell=5.0), shots=1, inlet=low)
