"""What a change brings: signs, order, a start from the base, and changes that cannot be made."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import castsolve as cs
from castsolve.errors import InputError
from castsolve.study import Change, channel_changes, what_if
from castsolve.units import degC, mm

MACHINE = cs.MachineCycle(eject=5.0, spray=cs.Spray(2.0, flux=0.3), blow=1.0, close=6.0)
OPTIONS = {"voxel": 4 * mm, "tolerance": 0.5}


def casting(thickness=8 * mm) -> cs.GravityDieCasting:
    plate = cs.Part.box((60 * mm, 40 * mm, thickness), centre=(0.0, 0.0, 0.0))
    return cs.GravityDieCasting(
        plate, alloy="A356", mould="H13", pour_temperature=degC(680), mould_temperature=degC(220), flask=(0.108, 0.088, 0.056)
    )


def channel(**changed) -> cs.CoolingChannel:
    options = {"diameter": 8 * mm, "flow": "4 litre/minute", "inlet_temperature": degC(20)}
    z = changed.pop("z", 16 * mm)
    return cs.CoolingChannel([(-0.1, 0.0, z), (0.1, 0.0, z)], **{**options, **changed})


@pytest.fixture(scope="module")
def table():
    changes = {
        **channel_changes([channel()], casting=casting(), flow=2.0, nearer=4 * mm),
        "no spray": Change(machine=dataclasses.replace(MACHINE, spray=None, blow=0.0)),
        "4 mm thinner": Change(casting(4 * mm)),
        "into the part": Change(channels=[channel(z=2 * mm)]),
    }
    return what_if(casting(), MACHINE, changes, channels=[channel()], **OPTIONS)


def test_changes_are_told_with_their_sign_and_the_best_first(table):
    assert table.base.name == "as it is" and table.base.gain == 0.0
    assert table.row("channel 1: +100 % flow").gain > 0.0
    assert table.row("channel 1: 4 mm nearer").gain > 0.0
    # Half the metal is out of the die in far less than two thirds of the time.
    assert table.row("4 mm thinner").gain > table.base.cycle_time / 6.0
    gains = [r.gain for r in table.rows[1:] if not r.problem]
    assert gains == sorted(gains, reverse=True)
    assert table.row("channel 1: 4 mm nearer").coldest_before_pour < table.base.coldest_before_pour
    assert "one change at a time" in str(table)


def test_what_cannot_be_made_says_why(table):
    last = table.rows[-1]
    assert last.name == "into the part" and "breaks into the casting" in last.problem
    assert table.as_dicts()[-1]["gain"] is None
    with pytest.raises(InputError, match='no change is named "x"; the table has as it is'):
        table.row("x")


def test_a_search_that_begins_at_the_base_ends_where_a_cold_one_does(table):
    more = channel(flow="8 litre/minute")
    cold = cs.run_cycles(casting(), MACHINE, channels=[more], **OPTIONS)
    warm = table.row("channel 1: +100 % flow")
    assert warm.cycle_time == pytest.approx(cold.cycle_time, rel=0.01)
    base = cs.run_cycles(casting(), MACHINE, channels=[channel()], **OPTIONS)
    again = cs.run_cycles(casting(), MACHINE, channels=[channel()], start=base, **OPTIONS)
    T = "temperature_before_pour"
    die = base.result.where(role="mould")
    assert float(np.abs(again.result[T] - base.result[T])[die].max()) < 1.5
    # It is near from the start; how many shots follow is ruled by the heat that a shot may still store.
    assert 10.0 * again.shots[1].distance < base.shots[1].distance


def test_usual_changes_of_a_channel():
    oil = channel(medium="oil", inlet_temperature=degC(200), name="core")
    changes = channel_changes([channel(), oil], casting=casting(), cooler=25.0)
    # Water of 20 degC would freeze.
    assert set(changes) == {
        "channel 1: +25 % flow", "channel 1: 2 mm nearer", "core: +25 % flow", "core: 25 K colder", "core: 2 mm nearer",
    }  # fmt: skip
    moved = changes["channel 1: 2 mm nearer"].channels
    assert moved[0].path[:, 2] == pytest.approx(14 * mm) and moved[1] is oil
    with pytest.raises(InputError, match='"as it is" is the name of the base'):
        what_if(casting(), MACHINE, {"as it is": Change()}, voxel=4 * mm)
