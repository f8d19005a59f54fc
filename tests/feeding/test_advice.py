"""From the naked casting to rigging that feeds it."""

from __future__ import annotations

import math

import numpy as np
import pytest

import castsolve as cs
from castsolve.defects import shrinkage
from castsolve.errors import InputError
from castsolve.feeding import advise, feed, feed_zones, riser_size
from castsolve.units import degC, mm


def casting(part, **more):
    return cs.SandCasting(part, alloy="WCB", mould="green-sand", pour_temperature=degC(1580), **more)


def test_a_riser_meets_the_larger_of_two_rules():
    thick = riser_size(0.02, 1e-4, family="steel", contraction=0.045, sleeve=False)
    assert thick.ruled_by == "modulus"
    assert thick.modulus == pytest.approx(1.2 * 0.02)
    large = riser_size(0.02, 1e-2, family="steel", contraction=0.045, sleeve=False)
    assert large.ruled_by == "volume"
    # 14 % of the riser is what it and the section draw
    assert 0.14 * large.volume == pytest.approx(0.045 * (1e-2 + large.volume))
    sleeved = riser_size(0.02, 1e-2, family="steel", contraction=0.045)
    assert 0.30 * sleeved.volume == pytest.approx(0.045 * (1e-2 + sleeved.volume))
    assert sleeved.volume < 0.5 * large.volume
    assert "secondhand" in thick.why
    assert thick.neck_diameter <= thick.diameter
    with pytest.raises(InputError, match="contraction"):
        riser_size(0.02, 1e-2, family="steel", contraction=0.2, sleeve=False)


@pytest.fixture(scope="module")
def bar():
    """A dumb-bell of two blocks of 60 mm, joined by a web of 16 mm, lying on its side."""
    outline = [(0, -90), (32, -90), (32, -30), (8, -30), (8, 30), (28, 30), (28, 84), (0, 84)]
    part = cs.Part.revolved([(r * mm, h * mm) for r, h in outline], axis="x", base=(0, 0, 0), segments=40, name="bar")
    return casting(part), advise(casting(part), voxel=5 * mm)


def test_two_hubs_are_two_zones_with_a_riser_each(bar):
    _, advice = bar
    assert len(advice.zones) == 2
    first, second = advice.zones.rows
    assert first.place[0] == pytest.approx(-60 * mm, abs=10 * mm)
    assert second.place[0] == pytest.approx(57 * mm, abs=10 * mm)
    assert first.modulus > second.modulus
    assert second.bridge_time < 0.5 * second.time
    numbers = advice.zones.field
    assert set(np.unique(numbers).tolist()) == {0, 1, 2}
    volume = advice.casting.part.surface.volume
    assert first.volume + second.volume == pytest.approx(volume, rel=1e-3)
    assert [row.action for row in advice.rows] == ["riser", "riser"]
    for row in advice.rows:
        assert row.piece.at.point[2] > 15 * mm
        assert math.copysign(1.0, row.piece.at.point[0]) == math.copysign(1.0, row.zone.place[0])


def test_the_naked_bar_has_cavities_and_the_advised_one_has_none_and_ten_per_cent_less_fails(bar):
    given, advice = bar
    naked = shrinkage(advice.naked)
    assert naked.volumes["part"] == pytest.approx(naked.expected, rel=1e-9)
    seen = []
    loop = feed(given, advice=advice, smallest=0.3e-6, progress=seen.append)
    assert loop.best is not None
    assert loop.best.casting_yield >= 0.45
    smaller = [t for t in loop.trials if t.scale < loop.best.scale]
    assert smaller
    assert not any(t.sound for t in smaller)
    assert smaller[-1].scale == pytest.approx(loop.best.scale - 0.1)
    assert len(seen) == len(loop.trials)
    assert "sound" in str(loop)


def test_zones_join_over_shallow_bridges(bar):
    _, advice = bar
    assert len(feed_zones(advice.naked, chvorinov=1.9e6, prominence=0.99)) == 1
    with pytest.raises(InputError, match="prominence"):
        feed_zones(advice.naked, chvorinov=1.9e6, prominence=0.0)


def test_castings_that_advice_cannot_read_are_refused():
    block = cs.Part.box(0.05)
    with pytest.raises(InputError, match="gravity"):
        advise(casting(block, gravity=(9.81, 0.0, 0.0)))
    with pytest.raises(InputError, match="symmetry"):
        advise(casting(block, symmetry={"x": 0.0}))
