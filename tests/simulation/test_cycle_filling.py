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


# -- every process, and channels that open and close ------------------------------------------------------------------


def shot_cover() -> cs.PressureDieCasting:
    """A cover shot through a thin gate."""
    cover = cs.Part.box((48 * mm, 32 * mm, 4 * mm), corner=(-24 * mm, -16 * mm, 0), name="cover")
    biscuit = cs.Biscuit(diameter=32 * mm, thickness=16 * mm, at=(0, -40 * mm, -8 * mm), direction="z")
    gate = cs.Gate(cs.Part.box((16 * mm, 12 * mm, 4 * mm), corner=(-8 * mm, -27 * mm, 0)))
    shot = cs.ShotSleeve(diameter=32 * mm, length=150 * mm, fast_speed=2.0, intensification="60 MPa", gate_area="64 mm**2")
    return cs.PressureDieCasting(
        cover, alloy="AlSi9Cu3", die=Die(steel="H13", temperature=degC(220), parting=0.0, wall=24 * mm), shot=shot,
        rigging=[biscuit, gate], pour_temperature=degC(650),
    )  # fmt: skip


def lifted_block(**changed) -> cs.LowPressureCasting:
    """A block over a riser tube."""
    block = cs.Part.box((32 * mm, 32 * mm, 40 * mm), corner=(-16 * mm, -16 * mm, 0), name="block")
    die = Die(steel="H13", temperature=degC(300), parting=20 * mm, wall=24 * mm, coating="insulating")
    tube = cs.RiserTube(diameter=24 * mm, at=(0, 0, 0), length=16 * mm)
    given = {"rigging": [tube], "pressure": [(0.0, 0.0), ("8 s", "20 kPa"), ("48 s", "20 kPa")]}
    return cs.LowPressureCasting(
        block, alloy="A356", die=die, melt_level=-0.3, pour_temperature=degC(710), **{**given, **changed}
    )  # fmt: skip


SHOT = MachineCycle(open=1.0, eject=3.0, spray=Spray(1.0, flux=0.3), close=3.0, dose=2.0)
HELD = MachineCycle(dwell=6.0, eject=5.0, close=5.0)


def closes(found: cs.CycleResults, rel: float = 1e-6) -> bool:
    taken = sum(v for name, v in found.heat.items() if name != "metal")
    return abs(taken / found.heat["metal"] - 1.0) < rel


def test_a_shot_fills_by_flow_until_the_die_is_steady():
    """The plunger's slow and fast stroke; the cycle is that of a front, for the cavity fills within milliseconds."""
    made = shot_cover()
    flow, front = (cycle(made, SHOT, filling=how) for how in ("flow", "front"))
    assert flow.steady and closes(flow)
    slow, fast = made.plunger.switch - made.plunger.start, made.beyond_gate / made.shot.area
    stroke = slow / made.plunger.slow_speed + fast / made.shot.fast_speed
    # The full cavity lacks a thousandth; a gate of one voxel holds the metal back for a moment.
    assert flow.stage_times()["fill"] == pytest.approx(stroke, rel=0.05)
    # What is judged by the formula of the NADCA is the fast shot, not the way of the metal to the gate.
    assert flow.result.facts["cycle"]["fill"]["time"] == pytest.approx(made.own_fill_time, rel=0.5)
    assert flow.dwell == pytest.approx(front.dwell, rel=1e-3)


def test_a_furnace_fills_by_flow():
    """Metal follows the pressure a little late, and the furnace feeds heat through the tube as it does behind a front."""
    made = lifted_block()
    flow, front = (cycle(made, HELD, filling=how, shots=1) for how in ("flow", "front"))
    assert closes(flow)
    late = flow.stage_times()["fill"] / made.own_fill_time
    assert 1.0 < late < 2.0
    # Over the time for which it presses: the flow's is longer by what the last thousandth of the cavity takes to close.
    through = [c.heat["riser tube"] / (c.stage_times()["fill"] + c.stage_times()["dwell"]) for c in (flow, front)]
    assert through[0] == pytest.approx(through[1], rel=0.05)
    assert flow.heat["metal"] == pytest.approx(front.heat["metal"], rel=0.02)


def test_a_sand_core_is_new_when_metal_flows_around_it():
    core = cs.Core(cs.Part.box((12 * mm, 60 * mm, 12 * mm), corner=(-6 * mm, -30 * mm, 12 * mm)), material="furan-sand")
    tube = cs.RiserTube(diameter=24 * mm, at=(0, 0, 0), length=16 * mm)
    made = lifted_block(rigging=[tube, core])
    found = cycle(made, HELD, shots=2)
    number = found.result.frame.region_names.index("core 1")
    first, last = (sum(float(b.gain[number]) for b in s.books) for s in (found.shots[0], found.shots[-1]))
    # A core that kept the heat of the first shot would take less than half of it in the second.
    assert first > 0.0 and last == pytest.approx(first, rel=0.2)


def test_a_die_fills_by_flow_while_it_turns():
    """Gravity turns with the die: the books close, and the metal is in before the turn is over."""
    tilt = Tilt(axis="y", angle="90 deg", turning="1.5 s")
    turned, still = (cycle(casting(tilt=t), shots=1, dtype="float64") for t in (tilt, None))
    assert closes(turned, 1e-9)
    filling = turned.result.facts["filling"]
    assert filling["stopped"] == "full"
    # The last thousandth closes at its own pace, in metal that has thickened.
    assert np.nanquantile(turned.result["fill_time"], 0.98) < 1.5
    assert turned.stage_times()["fill"] > 1.2 * still.stage_times()["fill"]
    assert turned.heat["metal"] == pytest.approx(still.heat["metal"], rel=0.01)


def test_a_die_that_turns_fills_in_the_time_of_its_turn():
    """A front needs no other time; a turn that dawdles at first leaves the metal at the low end for longer."""
    even, late = (
        casting(tilt=Tilt(axis="y", angle="90 deg", turning=turning), pour_time=None)
        for turning in ("4 s", [("0 s", "0 deg"), ("3 s", "9 deg"), ("4 s", "90 deg")])
    )
    assert even.own_fill_time == late.own_fill_time == 4.0
    up = np.array([0.0, 0.0, 1.0])
    assert np.allclose(even.tilt.up(up, 0.5), late.tilt.up(up, (3.0 + 36.0 / 81.0) / 4.0), atol=1e-9)
    found = cycle(even, shots=1, filling=None)
    assert found.stage_times()["fill"] == pytest.approx(4.0, rel=1e-9)


def test_channels_open_and_close_while_metal_flows():
    """By the clock within the filling; a thermostat keeps to what it says as the pour begins."""
    window = cycle(casting(window=("0.3 s", "20 s")), shots=1)
    (fill, dwell, *_) = window.shots[-1].books
    assert fill.flowing["channel 1"] == pytest.approx(fill.duration - 0.3, rel=1e-9)
    assert dwell.flowing["channel 1"] == pytest.approx(20.0 - fill.duration, rel=1e-6)
    never = cycle(casting(thermostat=Thermostat((0, 0, 10 * mm), cools_above=900.0)), shots=1)
    water = never.result.frame.region_names.index("channel 1")
    taken = [float(found.shots[-1].books[0].gain[water]) for found in (window, never)]
    assert never.shots[-1].books[0].flowing["channel 1"] == 0.0
    assert abs(taken[1]) < 1e-2 * taken[0]
    assert closes(window) and closes(never)


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
            lambda: cycle(casting(pour_time=None, tilt=Tilt(axis="y", angle="90 deg")), inlet=cs.PourRate("0.1 litre/s")),
            "nothing says how long the die turns",
        ),
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
