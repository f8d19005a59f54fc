"""Castings smaller than castings are: what is told of them, how much sand they get, what holds their heat."""

from __future__ import annotations

import pytest

from castsolve.casting.flask import freezing_time, sand_thickness
from castsolve.geometry import Part
from castsolve.materials import alloy, mould
from castsolve.units import degC, mm


@pytest.fixture
def settings():
    """Return what A356 in green sand is poured with."""
    return {
        "alloy": alloy("A356"), "mould": mould("green-sand"), "pour_temperature": degC(720.0), "mould_temperature": degC(25.0)
    }  # fmt: skip


def test_a_small_casting_gets_sand_by_its_size(settings):
    assert sand_thickness(**settings, modulus=1e-4) == pytest.approx(40 * mm)
    assert sand_thickness(**settings, modulus=1e-4, extent=20 * mm) == pytest.approx(40 * mm)
    assert sand_thickness(**settings, modulus=1e-4, extent=3 * mm) == pytest.approx(6 * mm)
    # What the heat reaches counts whatever the size.
    layer = sand_thickness(**settings, modulus=10 * mm)
    assert layer > 60 * mm
    assert sand_thickness(**settings, modulus=10 * mm, extent=3 * mm) == pytest.approx(layer)


def test_the_contact_holds_the_heat_of_small_castings(settings):
    """Chvorinov's time goes by the square of the modulus, that of a contact by the modulus; together they add up."""
    metal = settings["alloy"]
    heat = float(metal.heat.at_temperature(degC(720.0)) - metal.heat.at_temperature(metal.solidus.value - 0.01))
    drop = 0.5 * (metal.solidus.value + metal.liquidus.value) - degC(25.0)
    for modulus in (10 * mm, 0.01 * mm):
        held = freezing_time(**settings, modulus=modulus, htc=300.0) - freezing_time(**settings, modulus=modulus)
        assert held == pytest.approx(heat * modulus / (300.0 * drop), rel=1e-6)
    assert freezing_time(**settings, modulus=0.01 * mm, htc=300.0) > 50 * freezing_time(**settings, modulus=0.01 * mm)


def test_a_size_that_no_casting_has_is_told(sand):
    assert sand(part=Part.box(100 * mm)).warnings == ()
    (told,) = sand(part=Part.box(3 * mm, name="chip")).warnings
    assert told.startswith("chip is 3 mm long, where castings are 10 mm to 20 m; check its lengths")
