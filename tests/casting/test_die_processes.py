"""Pressure and low-pressure dies: shot, biscuit, riser tube, pressure, and their case files."""

from __future__ import annotations

import math

import numpy as np
import pytest

import castsolve as cs
from castsolve.casting.case import RunSettings, parse_case
from castsolve.casting.case_text import case_text
from castsolve.errors import CastsolveError, GeometryError, InputError
from castsolve.units import degC, mm

COVER = cs.Part.box((60 * mm, 40 * mm, 4 * mm), corner=(-30 * mm, -20 * mm, 0), name="cover")
BISCUIT = cs.Biscuit(diameter=40 * mm, thickness=16 * mm, at=(0, -54 * mm, -8 * mm), direction="z")
NEAR = cs.Biscuit(diameter=40 * mm, thickness=16 * mm, at=(0, -35 * mm, -8 * mm), direction="z")
RUNNER = cs.Runner(cs.Part.box((24 * mm, 20 * mm, 8 * mm), corner=(-12 * mm, -42 * mm, 0)))
GATE = cs.Gate(cs.Part.box((20 * mm, 4 * mm, 4 * mm), corner=(-10 * mm, -23 * mm, 0)))


def shot(**changed) -> cs.ShotSleeve:
    given = {"diameter": 40 * mm, "length": 150 * mm, "fast_speed": 2.0, "intensification": "60 MPa", "gate_area": "80 mm**2"}
    return cs.ShotSleeve(**{**given, **changed})


def die(**changed) -> cs.Die:
    return cs.Die(**{"steel": "H13", "temperature": degC(220), "parting": 0.0, "wall": 24 * mm, **changed})


def pressure_cast(**changed) -> cs.PressureDieCasting:
    given = {"alloy": "AlSi9Cu3", "die": die(), "shot": shot(), "rigging": [BISCUIT, RUNNER, GATE], "pour_temperature": degC(650)}
    return cs.PressureDieCasting(COVER, **{**given, **changed})


CUP = cs.Part.revolved([(0, 0), (20 * mm, 0), (20 * mm, 30 * mm), (0, 30 * mm)], axis="z", name="cup")
CURVE = [(0.0, 0.0), ("10 s", "20 kPa"), ("40 s", "20 kPa")]


def low_cast(**changed) -> cs.LowPressureCasting:
    given = {
        "alloy": "A356", "die": die(temperature=degC(350), coating="insulating", parting=10 * mm), "pressure": CURVE,
        "melt_level": -0.3, "rigging": [cs.RiserTube(diameter=20 * mm, at=(0, 0, 0))], "pour_temperature": degC(710),
    }  # fmt: skip
    return cs.LowPressureCasting(CUP, **{**given, **changed})


# -- pressure die ------------------------------------------------------------------------------------------------


def test_the_shot_follows_from_plunger_and_volumes():
    casting = pressure_cast()
    area = 0.25 * math.pi * 0.04**2
    part, runner, gate = 60 * 40 * 4 * mm**3, 24 * 20 * 8 * mm**3, 20 * 4 * 4 * mm**3
    biscuit = area * 16 * mm
    assert casting.dose == pytest.approx(part + runner + gate + biscuit, rel=2e-3)
    assert casting.beyond_gate == pytest.approx(part, rel=1e-9)
    assert casting.own_fill_time == pytest.approx(part / (area * 2.0), rel=1e-9)
    assert casting.gate_speed == pytest.approx(2.0 * area / 80e-6)
    stages = casting.shot.stages(casting.dose, casting.beyond_gate)
    assert stages["filled"] == pytest.approx(casting.dose / (area * 0.15))
    assert stages["slow_stroke"] + casting.dose / area == pytest.approx(0.15)
    assert "fill time" in casting.summary() and "60" not in casting.summary().split("fill time")[1]
    assert casting.facts()["metal_pressure"] == 60e6


def test_the_critical_slow_speed_raises_the_wave_to_the_roof():
    """At half filling the depth is half the diameter: v = 2 sqrt(g D) (1 - sqrt(1/2)); a full sleeve has no wave."""
    sleeve = shot()
    volume = sleeve.area * sleeve.length
    assert sleeve.depth(0.5) == pytest.approx(20 * mm)
    assert sleeve.critical_speed(0.5 * volume) == pytest.approx(2.0 * math.sqrt(9.81 * 0.04) * (1.0 - math.sqrt(0.5)))
    speeds = [sleeve.critical_speed(share * volume) for share in (0.2, 0.4, 0.6, 0.8)]
    assert (np.diff(speeds) < 0.0).all()
    # Depth of a segment: the share that it fills, integrated from chords.
    depth = sleeve.depth(0.3)
    y = np.linspace(0.0, depth, 20001)
    chord = 2.0 * np.sqrt(np.maximum(0.02**2 - (0.02 - y) ** 2, 0.0))
    assert np.trapezoid(chord, y) == pytest.approx(0.3 * sleeve.area, rel=1e-5)


def test_symmetry_counts_bodies_that_stand_for_two():
    left, right = (cs.Overflow(cs.Part.box((8 * mm, 8 * mm, 4 * mm), corner=(x, 18 * mm, 0))) for x in (-20 * mm, 12 * mm))
    whole = pressure_cast(rigging=[BISCUIT, RUNNER, GATE, left, right])
    half = pressure_cast(rigging=[BISCUIT, RUNNER, GATE, left, right], symmetry={"x": 0.0})
    assert half.dose == pytest.approx(whole.dose)
    assert half.beyond_gate == pytest.approx(whole.beyond_gate)


def test_pressure_rules_the_coefficient():
    layout = pressure_cast().layout(2 * mm)
    metal = next(r for r in layout.regions if r.role == "metal")
    assert [r.coating for r in layout.regions[1:]] == ["lubricant", "lubricant"]
    hot = float(layout.contacts[0, 1].htc_at(metal.initial_temperature))
    cold = float(layout.contacts[0, 1].htc_at(600.0))
    assert (hot, cold) == (30000.0, 1500.0)
    bare = [pressure_cast(die=die(coating="none"), shot=shot(intensification=p)).layout(2 * mm) for p in ("20 MPa", "100 MPa")]
    low, high = (float(found.contacts[0, 1].htc_at(800.0)) for found in bare)
    assert high - low == pytest.approx((100.0 - 20.0) * (10000.0 - 3005.0) / (140.0 - 0.1))
    # Between pieces of steel the pressure of the metal counts for nothing.
    assert layout.contacts[1, 2].htc == 4000.0


def test_metal_enters_at_the_plunger():
    (inlet,) = pressure_cast().openings
    assert inlet.name == "biscuit 1"
    assert inlet.area == pytest.approx(0.25 * math.pi * 0.04**2)
    assert inlet.at.normal == pytest.approx([0.0, 0.0, -1.0])


# -- low pressure ------------------------------------------------------------------------------------------------


def test_the_level_follows_the_pressure():
    casting = low_cast()
    rise = 20e3 / 10.0 / (casting.melt_density * 9.81)
    assert casting.own_fill_time == pytest.approx(30 * mm / rise)
    assert casting.level_time(0.015) == pytest.approx(0.315 / rise)
    assert casting.release == pytest.approx(40.0 - 0.33 / rise)
    heights = [0.005, 0.01, 0.02, 0.03]
    assert casting.fill_times(heights, None) == pytest.approx([h / rise for h in heights])
    assert casting.fill_times(heights, 2.0) == pytest.approx([0.5, 1.0, 1.5, 2.0])
    assert "pressure goes" in casting.summary()


def test_the_tube_is_a_region_of_its_own_that_lets_go():
    layout = low_cast().layout(3 * mm)
    tube = next(n for n, r in enumerate(layout.regions) if r.role == "riser tube")
    contact = layout.contacts[0, tube]
    assert layout.regions[tube].initial_temperature == degC(710)
    assert contact.htc == 1e5
    assert [contact.time_factor(t) for t in (0.0, low_cast().release - 1e-3, low_cast().release)] == [1.0, 1.0, 0.0]
    assert layout.events == (low_cast().release,)
    assert not low_cast().warnings or all("joined" not in text for text in low_cast().warnings)
    # Coated, the die has the coefficients of low-pressure dies; bare ones those of gravity.
    assert float(layout.contacts[0, tube + 1].htc_at(950.0)) == 2000.0
    bare = low_cast(die=die(temperature=degC(350), parting=10 * mm)).layout(3 * mm)
    assert float(bare.contacts[0, tube + 1].htc_at(950.0)) == 3000.0


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: shot(fast_speed=0.0), InputError, "fast_speed = 0 m/s must be above 0"),
        (lambda: shot(slow_speed=3.0), InputError, "slow_speed above 0 and not faster"),
        (lambda: shot(gate_area="0 mm**2"), InputError, "gate_area = 0 m2 must be above 0"),
        (lambda: pressure_cast(shot=shot(length=20 * mm)), InputError, "does not fit into the shot sleeve, which holds 25.13 cm3"),
        (lambda: pressure_cast(shot=shot(gate_area=None)).gate_area, InputError, "area of the gate is not known"),
        (lambda: pressure_cast(die=None), InputError, "die = None is none"),
        (lambda: pressure_cast(shot=60e6), InputError, "shot = 60000000.0 is none"),
        (lambda: pressure_cast(shot=shot(intensification="200 MPa")), CastsolveError, "at pressure = 200 MPa"),
        (lambda: low_cast(rigging=[]), InputError, "needs a RiserTube"),
        (lambda: low_cast(pressure=[(0, 0), (10, "5 kPa")]), GeometryError, r"to -89\.\d+ mm, the casting reaches 30 mm"),
        (lambda: low_cast(pressure=[(0, 0), (10, "20 kPa"), (3, 0)]), InputError, "whose times rise"),
        (lambda: low_cast(pressure=5), InputError, "is no curve"),
        (lambda: low_cast(rigging=[cs.RiserTube(diameter=20 * mm, at=(0, 0, -9 * mm))]), GeometryError, "does not touch"),
    ],
)  # fmt: skip
def test_refusals(make, kind, words):
    with pytest.raises(kind, match=words):
        make()


# -- case files --------------------------------------------------------------------------------------------------

CASE = """
[part]
shape = "box"
size = ["60 mm", "40 mm", "4 mm"]
[casting]
process = "pressure die"
alloy = "AlSi9Cu3"
pour_temperature = "650 degC"
[casting.die]
steel = "H13"
temperature = "220 degC"
parting = "-2 mm"
wall = "24 mm"
contact = "2000 W/m**2/K"
[casting.die.platens]
temperature = "60 degC"
[[casting.die.pieces]]
kind = "moving half"
temperature = "180 degC"
[casting.shot]
diameter = "40 mm"
length = "150 mm"
fast_speed = "2 m/s"
intensification = "60 MPa"
gate_area = "80 mm**2"
[[rigging]]
kind = "biscuit"
diameter = "40 mm"
thickness = "16 mm"
at = ["0 mm", "-35 mm", "-10 mm"]
direction = "z"
[machine]
open = "1 s"
[run]
voxel = "2 mm"
"""


def test_a_case_file_holds_a_pressure_die():
    case = parse_case(CASE)
    casting = case.casting
    assert isinstance(casting, cs.PressureDieCasting)
    assert casting.die.half("moving half").temperature == degC(180)
    assert casting.die.platens.temperature == degC(60)
    assert casting.die.contact == 2000.0
    assert casting.shot.gate_area == pytest.approx(80e-6)
    assert casting.openings[0].name == "biscuit 1"


def test_dies_are_written_and_read_again(tmp_path):
    for name, casting in (("cover", pressure_cast(rigging=[NEAR])), ("cup", low_cast()), ("tilted", tilted())):
        part = casting.part
        part.write(tmp_path / f"{name}.stl")
        read = cs.Part.read(tmp_path / f"{name}.stl", unit="mm")
        kept = {"die": casting.die, "rigging": casting.rigging, "pour_temperature": casting.pour_temperature}
        made = type(casting)(read, alloy=casting.alloy, **kept, **OWN[type(casting)](casting))
        text = case_text(made, run=RunSettings(2 * mm), folder=tmp_path)
        again = parse_case(text, folder=tmp_path).casting
        assert type(again) is type(casting)
        assert case_text(again, run=RunSettings(2 * mm), folder=tmp_path) == text
        assert [r.name for r in again.layout(2 * mm).regions] == [r.name for r in made.layout(2 * mm).regions]


def tilted() -> cs.GravityDieCasting:
    return cs.GravityDieCasting(
        CUP, alloy="A356", die=die(parting=0.0), pour_temperature=degC(710), tilt=cs.Tilt(axis="y", angle="60 deg")
    )


OWN = {
    cs.PressureDieCasting: lambda c: {"shot": c.shot},
    cs.LowPressureCasting: lambda c: {"pressure": c.pressure, "melt_level": c.melt_level},
    cs.GravityDieCasting: lambda c: {"tilt": c.tilt},
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('process = "pressure die"', 'process = "gravity die"'), 'shot belongs to process = "pressure die"'),
        (('alloy = "AlSi9Cu3"', 'alloy = "AlSi9Cu3"\nmould = "H13"'), r"mould and mould_temperature belong into \[casting.die\]"),
        (('parting = "-2 mm"\n', ""), "parting is missing: halves that are grown"),
        (('steel = "H13"', 'stel = "H13"'), 'no key named "stel"'),
        (('process = "pressure die"', 'process = "low pressure"'), 'process = "low pressure" needs pressure; it is missing'),
    ],
)
def test_case_files_are_refused(change, words):
    with pytest.raises(InputError, match=words):
        parse_case(CASE.replace(*change))
