"""The fill time formula against its worked example and by hand."""

from __future__ import annotations

import pytest

from castsolve.casting import nadca_fill_time
from castsolve.errors import InputError
from castsolve.materials import alloy
from castsolve.units import degC, mm

EXAMPLE = {"metal_temperature": degC(648), "flow_temperature": degC(570), "die_temperature": degC(232)}


def test_the_worked_example_of_the_manual():
    found = nadca_fill_time(2.5 * mm, alloy=alloy("A380"), solids=0.15, **EXAMPLE)
    assert found.value == pytest.approx(0.0384, abs=5e-5)
    # 0.0312 s/mm on P20, with the 3.8 K a per cent of solids that some calculators have.
    assert found.low == pytest.approx(0.0312 * 2.5 * (78.0 + 15 * 3.8) / 338.0, rel=1e-12)
    assert found.unit == "s" and found.evidence == "memory" and found.source == "nadca_gating"
    # By hand: 0.0346 * 2.5 * (78 + 15 * 4.8) / 338.
    assert found.value == pytest.approx(0.0346 * 2.5 * (78.0 + 72.0) / 338.0, rel=1e-12)
    assert found.high == pytest.approx(0.0346 * 2.5 * (78.0 + 15 * 5.9) / 338.0, rel=1e-12)


def test_solids_that_are_not_given_widen_the_range():
    open_, given = (nadca_fill_time("2.5 mm", alloy=alloy("A380"), solids=s, **EXAMPLE) for s in (None, 0.15))
    assert open_.value == given.value
    assert open_.low < given.low and open_.high > given.high


def test_it_flows_down_to_the_liquidus_where_nothing_else_is_said():
    metal = alloy("AlSi9Cu3")
    less = nadca_fill_time(2 * mm, alloy=metal, metal_temperature=degC(660), die_temperature=degC(200))
    same = nadca_fill_time(
        2 * mm, alloy=metal, metal_temperature=degC(660), die_temperature=degC(200), flow_temperature=metal.liquidus.value
    )
    assert less == same
    thick = nadca_fill_time(4 * mm, alloy=metal, metal_temperature=degC(660), die_temperature=degC(200))
    assert thick.value == pytest.approx(2.0 * less.value)


def test_refusals():
    with pytest.raises(InputError, match="holds for aluminium, WCB is of the family steel"):
        nadca_fill_time(2 * mm, alloy=alloy("WCB"), metal_temperature=degC(1600), die_temperature=degC(200))
    with pytest.raises(InputError, match="must fall in this order"):
        nadca_fill_time(2 * mm, alloy=alloy("A380"), metal_temperature=degC(560), die_temperature=degC(200))
    with pytest.raises(InputError, match=r"solids = 15 must lie from 0 to 0.5; write 0.15 for 15 %"):
        nadca_fill_time(2 * mm, alloy=alloy("A380"), solids=15, **EXAMPLE)
