"""The [[inlet]] tables of a case file: every inlet, in units, checked with the rest, written and read again."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest

import castsolve as cs
from castsolve.casting import Inlet
from castsolve.casting.case import RunSettings, case_schema, parse_case
from castsolve.casting.case_text import case_text, write_case
from castsolve.errors import InputError
from castsolve.units import mm

BASE = """
[part]
shape = "box"
size = ["60 mm", "20 mm", "40 mm"]
[casting]
alloy = "A356"
mould = "green-sand"
pour_temperature = "720 degC"
[[rigging]]
kind = "gate"
width = "20 mm"
height = "10 mm"
at = { point = ["-30 mm", "0 mm", "-15 mm"], normal = "-x" }
[run]
voxel = "5 mm"
filling = true
"""
TABLES = {
    "pour rate": 'flow = "0.05 litre/s"\nat = "gate 1"',
    "pouring head": 'head = [["0 s", "20 mm"], ["2 s", "60 mm"]]',
    "pressure curve": 'pressure = "2 kPa"\nat = { point = ["-36 mm", "0 mm", "-15 mm"], normal = "-x" }',
    "plunger": 'diameter = "40 mm"\nfast_speed = "2 m/s"\nslow_speed = "0.3 m/s"\nswitch = "0.2 m"\nstart = "150 mm"\n'
    'ramp = "10 mm"\npressure_limit = "30 MPa"\nintensification = "60 MPa"',
    "tilt pour": 'volume = "40 cm**3"\nat = "basin 1"',
}
TILTED = """
[part]
shape = "box"
size = ["60 mm", "20 mm", "40 mm"]
[casting]
process = "gravity die"
alloy = "A356"
mould = "H13"
mould_temperature = "300 degC"
pour_temperature = "720 degC"
wall = "20 mm"
[casting.tilt]
axis = "y"
angle = "90 deg"
turning = [["0 s", "0 deg"], ["2 s", "20 deg"], ["4 s", "90 deg"]]
through = ["0 mm", "0 mm", "20 mm"]
[[rigging]]
kind = "basin"
diameter = "18 mm"
depth = "30 mm"
at = ["20 mm", "0 mm", "20 mm"]
[run]
voxel = "5 mm"
filling = true
air = true
"""


def with_inlet(kind: str, text: str | None = None, base: str = BASE) -> str:
    return base + f'[[inlet]]\nkind = "{kind}"\n{TABLES[kind] if text is None else text}\n'


def numbers(inlet: Inlet) -> list[float]:
    """All numbers of an inlet, its place with them, in order."""
    flat = [v for value in inlet.facts().values() if isinstance(value, float | list) for v in np.ravel(value)]
    return [*flat, *([] if not isinstance(inlet.at, cs.Anchor) else [*inlet.at.point, *inlet.at.normal])]


def same(a: Inlet, b: Inlet) -> bool:
    named = [inlet.at for inlet in (a, b) if isinstance(inlet.at, str)]
    return type(a) is type(b) and numbers(a) == pytest.approx(numbers(b), rel=1e-12) and len(set(named)) == len(named) // 2


def test_every_inlet_is_read_with_its_units():
    rate, head, pressure, plunger = (parse_case(with_inlet(k)).inlets[0] for k in list(TABLES)[:4])
    assert isinstance(rate, cs.PourRate) and rate.flow(0.0) == pytest.approx(5e-5) and rate.at == "gate 1"
    assert isinstance(head, cs.PouringHead) and head.head(1.0) == pytest.approx(40 * mm) and head.at is None
    assert isinstance(pressure, cs.PressureCurve) and pressure.pressure(9.0) == pytest.approx(2e3)
    assert pressure.at.point == pytest.approx((-0.036, 0, -0.015)) and pressure.at.normal == pytest.approx((-1, 0, 0))
    assert isinstance(plunger, cs.PlungerCurve)
    assert (plunger.diameter, plunger.switch, plunger.ramp, plunger.pressure_limit) == pytest.approx((0.04, 0.2, 0.01, 30e6))
    rows = 'mass_flow = [["0 s", "0 kg/s"], ["1 s", "0.2 kg/s"]]\nat = "part.side(-x)"'
    mass = parse_case(with_inlet("pour rate", rows)).inlets[0]
    assert mass.mass_flow(0.5) == pytest.approx(0.1) and mass.at.normal == pytest.approx((-1, 0, 0))
    case = parse_case(with_inlet("tilt pour", base=TILTED))
    assert isinstance(case.inlets[0], cs.TiltPour) and case.inlets[0].volume == pytest.approx(4e-5) and case.run.air
    tilt = case.casting.tilt
    assert np.degrees(tilt.turned(3.0)) == pytest.approx(55.0) and tilt.through == pytest.approx((0, 0, 0.02))


@pytest.mark.parametrize("kind", list(TABLES))
def test_what_is_written_is_read_again(kind, tmp_path):
    base = TILTED if kind == "tilt pour" else BASE
    cs.Part.box((60 * mm, 20 * mm, 40 * mm)).write(tmp_path / "part.stl")
    text = with_inlet(kind, base=base).replace(
        'shape = "box"\nsize = ["60 mm", "20 mm", "40 mm"]', 'file = "part.stl"\nunit = "mm"'
    )
    case = parse_case(text, folder=tmp_path)
    file = write_case(tmp_path / "again.toml", case.casting, run=case.run, inlets=case.inlets)
    again = cs.read_case(file)
    assert len(again.inlets) == 1 and same(again.inlets[0], case.inlets[0])
    assert again.run.filling and again.run.air == case.run.air
    assert case_text(again.casting, run=again.run, folder=tmp_path, inlets=again.inlets) == file.read_text()
    assert tomllib.loads(file.read_text())["inlet"][0]["kind"] == kind


def test_all_problems_of_the_inlets_are_told_at_once():
    text = with_inlet("pour rate", 'flow = 0.4\nat = "gate 1"') + (
        '[[inlet]]\nkind = "pouring heat"\n[[inlet]]\nkind = "plunger"\ndiametre = "40 mm"\nfast_speed = "2 m"\n'
    )
    with pytest.raises(InputError) as refused:
        parse_case(text, name="case.toml")
    told = str(refused.value)
    assert 'inlet[0].flow: flow = 0.4 has no unit; write it as text, for example "8 litre/minute"' in told
    assert 'inlet[1].kind: \'pouring heat\' is unknown; write one of "pour rate", "pouring head"' in told
    assert 'inlet[2].diametre: no key named "diametre"; nearest is "diameter"' in told
    assert "inlet[2].diameter: is missing" in told and "inlet[2].fast_speed: " in told


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("pour rate", "", "inlet[0]: a pour rate takes either flow or mass_flow"),
        ("pour rate", 'flow = [["0 s"]]', 'inlet[0].flow: flow needs a value with its unit, or rows such as'),
        ("pour rate", 'flow = [["2 s", "1 litre/s"], ["1 s", "1 litre/s"]]', "inlet[0]: the times of flow must rise"),
        ("pour rate", 'flow = "0 litre/s"', "inlet[0]: a pour rate must be above 0 at some time"),
        ("pour rate", 'flow = "1 litre/s"\nat = "gate 2"', 'inlet[0].at: no piece with an opening named "gate 2"; nearest'),
        ("pour rate", 'flow = "1 litre/s"\nat = "part.topp"', 'inlet[0].at: no place of the part named "topp"'),
        ("pouring head", 'head = "-10 mm"', "inlet[0]: head = -0.01 must not be below 0"),
        ("plunger", 'diameter = "40 mm"\nfast_speed = "1 m/s"\nslow_speed = "2 m/s"', "inlet[0]: slow_speed = 2 m/s must"),
        ("tilt pour", 'volume = "0 litre"', "inlet[0]: tilt pour volume = 0 cm3 must be above 0"),
    ],
)
def test_a_wrong_inlet_is_refused_under_its_key(kind, text, told):
    with pytest.raises(InputError) as refused:
        parse_case(with_inlet(kind, text))
    assert told in str(refused.value)


def test_inlets_and_air_need_a_filling():
    still = BASE.replace("filling = true\n", "")
    with pytest.raises(InputError, match="inlet: nothing is filled; write filling = true"):
        parse_case(with_inlet("pour rate", base=still))
    with pytest.raises(InputError, match="air = true, but nothing is filled"):
        parse_case(still + "air = true\n")
    with pytest.raises(InputError, match="inlets are given, but the run fills nothing"):
        case_text(parse_case(BASE).casting, run=RunSettings(5 * mm), inlets=[cs.PourRate(1e-4)])


def test_the_schema_knows_the_inlets():
    jsonschema = pytest.importorskip("jsonschema")
    check = jsonschema.Draft202012Validator(case_schema())
    for kind in TABLES:
        assert not list(check.iter_errors(tomllib.loads(with_inlet(kind))))
    wrong = tomllib.loads(with_inlet("pour rate", "flow = 0.4"))
    assert list(check.iter_errors(wrong))
