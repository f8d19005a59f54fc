"""Case files: the same classes as in Python, all problems at once, and there and back."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from castsolve import materials
from castsolve.casting import (
    Ambient,
    Basin,
    Breaker,
    Chill,
    CoolingChannel,
    Core,
    Die,
    Filter,
    Gate,
    GravityDieCasting,
    InvestmentCasting,
    MachineCycle,
    Neck,
    Overflow,
    PourRate,
    Riser,
    Runner,
    SandCasting,
    ShellMouldCasting,
    Sleeve,
    Spray,
    Sprue,
    Thermostat,
    Topping,
    Vent,
    Well,
)
from castsolve.casting.case import RunSettings, named_files, parse_case, read_case
from castsolve.casting.case_text import case_text, write_case
from castsolve.casting.places import check_place, read_place
from castsolve.errors import InputError
from castsolve.geometry import Part
from castsolve.materials import COOLANTS, Interface
from castsolve.units import degC, mm

KINDS = '"riser", "chill", "gate", "core", "basin", "sprue", "runner", "filter", "vent", "overflow", "biscuit", "riser tube"'

GOOD = """
[part]
file = "block.stl"
unit = "mm"

[casting]
process = "sand"
alloy = "WCB"
mould = "green-sand"
pour_temperature = "1580 degC"
pour_time = "12 s"

[[rigging]]
kind = "riser"
shape = "cylinder"
diameter = "60 mm"
height = "90 mm"
at = "part.top"
sleeve = "insulating"

[[rigging]]
kind = "gate"
width = "40 mm"
height = "12 mm"
at = "part.nearest(0, -90 mm, 0)"

[run]
voxel = "4 mm"
until = "shakeout"
"""


@pytest.fixture
def folder(tmp_path, block) -> Path:
    block.write(tmp_path / "block.stl")
    return tmp_path


def refusal(text: str, folder: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        parse_case(text, folder=folder, name="case.toml")
    return str(caught.value).splitlines()


def test_a_case_is_the_same_as_its_script(folder):
    (folder / "case.toml").write_text(GOOD)
    case = read_case(folder / "case.toml")
    body = Part.read(folder / "block.stl", unit="mm")
    script = SandCasting(
        body,
        alloy="WCB",
        mould="green-sand",
        pour_temperature=degC(1580),
        pour_time=12.0,
        rigging=[
            Riser.cylinder(diameter=60 * mm, height=90 * mm, at=body.top, sleeve="insulating"),
            Gate.slot(width=40 * mm, height=12 * mm, at=body.nearest((0, -90 * mm, 0))),
        ],
    )
    assert case.casting.summary() == script.summary()
    for mine, theirs in zip(case.casting.bodies, script.bodies, strict=True):
        assert np.array_equal(mine.surface.points, theirs.surface.points)
    assert case.run == case.run
    assert (case.run.voxel, case.run.until) == (pytest.approx(0.004), "shakeout")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('voxel = "4 mm"', 'voxel = "9**9**9 mm"', 'run.voxel: voxel = "9**9**9 mm" cannot be read'),
        ('voxel = "4 mm"', 'voxel = "4 (mm"', 'run.voxel: voxel = "4 (mm" cannot be read'),
        ('voxel = "4 mm"', 'voxel = "1e300 mm"', "run.voxel: voxel = 1e+297 in SI is beyond belief"),
        ('until = "shakeout"', 'record = ["-5 s"]', "run: record holds -5 s; times at which fields are kept must be above 0 s"),
        ('diameter = "60 mm"', '" diameter" = "60 mm"', 'rigging[0]." diameter": no key named " diameter"'),
        ('pour_time = "12 s"', "symmetry = 4", "casting.symmetry: 4 is not allowed; write 'half' or 'quarter' or a table"),
        (
            "[[rigging]]", '[casting.ambient]\ntemperature = "20000 degC"\n[[rigging]]',
            "casting: ambient temperature = 20273.2 K must be below the solidus of WCB",
        ),
        ('diameter = "60 mm"', 'diameter = "60 Mm"', "casting: riser 1 is 6.002e+07 m long, more than 100 times the part"),
    ],
)
def test_what_the_fuzzer_found_is_refused_under_its_key(folder, old, new, words):
    head, *lines = refusal(GOOD.replace(old, new, 1), folder)
    assert head.startswith("case.toml has ")
    assert any(line.strip().startswith(words) for line in lines), lines


def test_all_problems_of_a_file_at_once(folder):
    bad = """
    [part]
    file = "nothing.stl"
    units = "mm"

    [casting]
    process = "sandy"
    alloy = "A365"
    mould = "green-sand"
    pour_temperature = 1580
    pour_time = "12 metre"
    flask = [1, 2, 3]

    [[rigging]]
    kind = "riser"
    diametr = "120 mm"
    height = "180 mm"
    at = "part.tp"
    neck = { diameter = "3 mm", hight = "4 mm" }

    [[rigging]]
    kind = "chil"

    [[rigging]]
    at = "part.top"

    [runn]
    voxel = "6 mm"

    [run]
    until = "late"
    threads = 0
    """
    assert refusal(bad, folder) == [
        "case.toml has 17 problems:",
        f"  part.file: there is no file {folder / 'nothing.stl'}; name it from the folder of the case file",
        '  part.units: no key named "units"; nearest is "unit"',
        (
            "  casting.process: 'sandy' is not allowed; write 'sand', 'shell mould', 'investment', "
            "'gravity die', 'low pressure' or 'pressure die'"
        ),
        '  casting.alloy: no alloy named "A365"; nearest are "A360", "A356", "A360.0"; castsolve materials lists all',
        '  casting.pour_temperature: pour_temperature = 1580 has no unit; write it as text, for example "720 degC"',
        '  casting.pour_time: pour_time = "12 metre" has the wrong unit; write for example "12 s"',
        '  casting.flask: flask holds 1, which has no unit; write lengths as text such as "300 mm"',
        '  rigging[0].at: no place of the part named "tp"; nearest is "top"',
        "  rigging[0].neck.height: is missing",
        '  rigging[0].neck.hight: no key named "hight"; nearest is "height"',
        '  rigging[0].diametr: no key named "diametr"; nearest are "diameter", "name"',
        f"  rigging[1].kind: 'chil' is unknown; write one of {KINDS}",
        f"  rigging[2].kind: is missing; write one of {KINDS}",
        "  run.voxel: is missing",
        (
            '  run.until: until = \'late\' is no end of a run; write "solid", "shakeout", "ejection",'
            ' a time "600 s" or a temperature "500 degC"'
        ),
        "  run.threads: 0 is not allowed; input should be greater than or equal to 1",
        '  runn: no key named "runn"; nearest is "run"',
    ]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            '"1580 degC"',
            '"850 K"',
            "casting: pour_temperature = 850 K must be above the liquidus of WCB (1781 K); usual is 1863 K",
        ),
        ('"12 s"', '"-1 s"', "casting: pour_time = -1 s must be above 0 s; leave it out for an instant pour"),
        (
            "part.top",
            "part.above(1 m, 1 m)",
            (
                "rigging[0]: the line through (1000, 1000, 0) mm does not meet the part;"
                " it spans -50 to 50, -50 to 50, -25 to 25 mm in x, y, z"
            ),
        ),
        ('"60 mm"', '"0 mm"', "rigging[0]: riser diameter = 0 mm must be above 0 mm"),
        ('unit = "mm"', "", 'part: unit is missing; mesh files have none of their own, write for example unit = "mm"'),
        (
            "-90 mm",
            "-90",
            'rigging[1].at: a length of "part.nearest(0, -90, 0)" = "-90" has no unit; write for example "4 mm"',
        ),
        ("part.top", "part.top()", 'rigging[0].at: "part.top()" takes no brackets; write "part.top"'),
        (
            "part.top",
            "__import__('os').getcwd()",
            ('rigging[0].at: "__import__(\'os\').getcwd()" is no place; write "part.top",'),
        ),
        (
            'process = "sand"',
            'process = "gravity die"',
            (
                'casting: mould = green-sand is of the family sand; process = "gravity die" takes tool-steel or'
                ' carbon-steel or cast-iron or copper or graphite (carbon-steel, cast-iron, copper, graphite, H13), see process ='
                ' "sand" for others'
            ),
        ),
        ('"insulating"', '"isolating"', "rigging[0].sleeve: no mould material named"),
        ('"4 mm"', '"0 mm"', "run: voxel = 0 mm must be above 0 mm"),
    ],
)
def test_one_problem(folder, old, new, sentence):
    head, problem = refusal(GOOD.replace(old, new), folder)
    assert head == "case.toml has 1 problem:"
    assert problem.strip().startswith(sentence)


def test_a_file_that_is_no_toml(folder):
    assert refusal("[part", folder)[0].startswith("case.toml is not a TOML file: ")
    with pytest.raises(InputError, match="there is no case file"):
        read_case(folder / "none.toml")
    (folder / "bytes.toml").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InputError, match=r"bytes\.toml cannot be read .* it must be a text file in UTF-8"):
        read_case(folder / "bytes.toml")


def test_problems_of_several_pieces_are_told_together(folder):
    text = GOOD.replace('"60 mm"', '"0 mm"').replace('"12 mm"', '"-12 mm"')
    assert refusal(text, folder) == [
        "case.toml has 2 problems:",
        "  rigging[0]: riser diameter = 0 mm must be above 0 mm",
        "  rigging[1]: gate height = -12 mm must be above 0 mm",
    ]


def test_parts_of_a_few_numbers(folder):
    text = GOOD.replace('file = "block.stl"\nunit = "mm"', 'shape = "box"\nsize = ["100 mm", "100 mm", "5 cm"]')
    assert parse_case(text, folder=folder).casting.part.volume == pytest.approx(500e-6)
    moved = text.replace('shape = "box"', 'shape = "box"\nscaled = 2.0\nmoved = ["1 m", "0 mm", "0 mm"]')
    part = parse_case(moved.replace("part.nearest(0, -90 mm, 0)", "part.side(-y)"), folder=folder).casting.part
    assert part.volume == pytest.approx(4000e-6)
    assert part.bounds[0][0] == pytest.approx(0.9)
    turned = text.replace('shape = "box"', 'shape = "box"\nturned = { angle = "90 deg", axis = "x" }')
    assert parse_case(turned, folder=folder).casting.part.size == pytest.approx([0.1, 0.05, 0.1])
    assert refusal(text.replace('shape = "box"', 'shape = "sphere"'), folder)[1] == "  part: a sphere takes diameter"


def test_meshes_that_lie_elsewhere(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    moved = other / "0-block.stl"
    (folder / "block.stl").rename(moved)
    assert named_files(GOOD) == ["block.stl"]
    case = parse_case(GOOD, folder=folder, files={"block.stl": moved})
    assert case.casting.part.name == "block"


@pytest.mark.parametrize("text", ["part.above(20 mm, -3 cm)", "part.top", " part . bottom ", "part.side(+x)"])
def test_places(block, text):
    check_place(text)
    anchor = read_place(text, block)
    assert np.linalg.norm(anchor.normal) == pytest.approx(1.0)


def test_interfaces_of_a_case(folder):
    more = """
    [[interface]]
    between = ["casting", "mould"]
    htc = "perfect"

    [[interface]]
    between = ["casting", "riser 1 sleeve"]
    over = "temperature"
    table = [["600 degC", "300 W/m**2/K"], ["1500 degC", "900 W/m**2/K"]]
    """
    contacts = parse_case(GOOD + more, folder=folder).casting.layout(8 * mm).contacts
    assert contacts[0, 2].perfect
    assert contacts[0, 1].htc[0] == pytest.approx((degC(600.0), 300.0))
    wrong = more.replace('over = "temperature"', "")
    assert refusal(GOOD + wrong, folder)[1].startswith('  interface[1]: write htc = "2500 W/m**2/K", or over =')


# -- there and back ----------------------------------------------------------------------------------------------


def test_a_casting_written_and_read_is_the_same(folder, tmp_path):
    body = Part.read(folder / "block.stl", unit="mm")
    Part.cylinder(0.02, 0.11, axis="y", base=(0.0, -0.055, 0.0)).write(folder / "core.stl")
    casting = SandCasting(
        body,
        alloy="WCB",
        mould="furan-sand",
        pour_temperature="1590 degC",
        pour_time=9.5,
        mould_temperature="30 degC",
        symmetry={"y": 0.0},
        rigging=[
            Riser.cylinder(
                diameter=60 * mm,
                height=90 * mm,
                at=body.top,
                neck=Neck(diameter=0.03, height=0.01),
                sleeve=Sleeve("exothermic-sleeve", thickness=0.011, burns_after="12 s"),
                name='the "big" one',
            ),
            Chill.block((0.06, 0.06, 0.02), at=body.bottom, material="copper", temperature=degC(40)),
            Core.read(folder / "core.stl", unit="mm", material="green-sand"),
            Gate.slot(width=0.03, height=0.01, at=body.side("+x")),
        ],
        interfaces={
            ("casting", "chill"): 2500,
            ("casting", "mould"): Interface("a", "b", htc=((400.0, 300.0), (1700.0, 800.0)), over="temperature"),
            ("chill", "mould"): math.inf,
        },
        ambient=Ambient(temperature=degC(15), htc=8.0, emissivity=0.8),
    )
    run = RunSettings(0.004, until="600 s", record=(10.0, 20.5), probes={"mid": (0.0, 0.01, 0.0)}, threads=2)
    file = write_case(folder / "written.toml", casting, run=run)
    again = read_case(file)
    assert again.casting.summary() == casting.summary()
    for mine, theirs in zip(again.casting.bodies, casting.bodies, strict=True):
        assert mine.surface.points == pytest.approx(theirs.surface.points, abs=1e-15)
    for field in ("voxel", "until", "record", "dtype", "threads", "scheme", "theta"):
        assert getattr(again.run, field) == pytest.approx(getattr(run, field))
    assert again.run.probes == run.probes
    mine, theirs = again.casting.layout(5 * mm), casting.layout(5 * mm)
    assert mine.box[0] == pytest.approx(theirs.box[0])
    assert [str(contact) for contact in mine.contacts.values()] == [
        str(contact) for contact in theirs.contacts.values()
    ]
    assert case_text(again.casting, run=again.run, folder=folder) == file.read_text()


IRON_CASE = """
[part]
file = "block.stl"
unit = "mm"
[casting]
alloy = "{alloy}"
mould = "green-sand"
pour_temperature = "{pour} degC"
[casting.iron]
{iron}
[run]
voxel = "10 mm"
"""


def test_a_foundry_tells_how_it_treats_its_iron(folder):
    file = folder / "iron.toml"
    file.write_text(IRON_CASE.format(alloy="EN-GJS-500-7", pour=1380, iron="metallurgy = 0.8\nrigidity = 0.7\ninoculation = 1.5"))
    casting = read_case(file).casting
    assert casting.alloy.practice == materials.IronPractice(metallurgy=0.8, rigidity=0.7, inoculation=1.5)
    again = read_case(write_case(folder / "again.toml", casting, run=RunSettings(0.01))).casting
    assert again.alloy.practice == casting.alloy.practice
    file.write_text(IRON_CASE.format(alloy="EN-GJS-500-7", pour=1380, iron="rigidity = 1.7"))
    with pytest.raises(InputError, match=r"casting.iron: rigidity = 1.7 must belong to \[0, 1\]"):
        read_case(file)
    file.write_text(IRON_CASE.format(alloy="WCB", pour=1580, iron="rigidity = 0.7"))
    with pytest.raises(InputError, match=r"casting.iron: WCB is no iron"):
        read_case(file)


def test_a_sleeve_of_an_own_material_is_cast_but_cannot_be_said_in_a_case_file(folder):
    body = Part.read(folder / "block.stl", unit="mm")
    own = Sleeve(materials.mould("exothermic").by_clock(5.0), thickness=0.01)
    riser = Riser.cylinder(diameter=60 * mm, height=90 * mm, at=body.top, sleeve=own)
    casting = SandCasting(body, alloy="WCB", mould="furan-sand", pour_temperature="1590 degC", rigging=[riser])
    assert "exothermic-sleeve" in casting.summary()
    (sleeve,) = (region.material for region in casting.layout(5 * mm).regions if region.role == "sleeve")
    assert sleeve.release_rates()[0][0] == 5.0 and sleeve.ignition_temperature is None
    with pytest.raises(InputError, match="a case file names materials of the library only"):
        case_text(casting, run=RunSettings(0.005))


def test_a_die_written_and_read_is_the_same(folder):
    body = Part.read(folder / "block.stl", unit="mm")
    die = GravityDieCasting(
        body, alloy="A356", mould="H13", pour_temperature=degC(710), mould_temperature=degC(300), coating="insulating"
    )
    file = write_case(folder / "die.toml", die, run=RunSettings(0.005, until="ejection"))
    assert read_case(file).casting.summary() == die.summary()


def cycled_die(folder, channels=()):
    steel = Die(steel="H13", temperature=degC(220), parting=0.0, wall=40 * mm, channels=channels)
    return GravityDieCasting(Part.read(folder / "block.stl", unit="mm"), alloy="A356", die=steel, pour_temperature=degC(710))


def bore(y, **more):
    return CoolingChannel(
        [(-0.2, y, 0.045), (0.2, y, 0.045)], diameter=8 * mm, flow="3 litre/minute", inlet_temperature=degC(25), **more
    )


def test_a_machine_its_channels_and_its_plant_written_and_read_are_the_same(folder):
    thermostat = Thermostat((0.0, 0.0, 0.03), cools_above=degC(150), band=6.0)
    own = bore(-0.02, stages=("dwell", "fill"), thermostat=thermostat, name="left")
    more = [bore(0.02, medium="oil", window=("2 s", "15 s"), pressure="4 bar")]
    spray = Spray("1.5 s", flux=0.2, efficiency=0.3, wetting_limit=degC(280))
    machine = MachineCycle(
        dwell=25.0, fill=1.5, open=0.5, eject=5, spray=spray, blow=1, close=7, wait=2, ejection_temperature=degC(380), air_htc=35.0
    )
    plant = {"furnace": "stack", "holding_power": 8000.0, "availability": 0.85, "scrap": 0.03, "shift": 7.5 * 3600}
    casting, run = cycled_die(folder, [own]), RunSettings(0.005, shots=3, tolerance=0.5)
    file = write_case(folder / "cycled.toml", casting, run=run, machine=machine, channels=more, plant=plant)
    again = read_case(file)
    assert again.machine == machine
    assert {key: again.plant[key] for key in plant} == plant
    assert (again.run.shots, again.run.tolerance) == (3, 0.5)
    assert len(again.channels) == 2
    for mine, theirs in zip(again.channels, [own, *more], strict=True):
        for name in ("diameter", "flow", "inlet_temperature", "pressure"):
            assert getattr(mine, name) == pytest.approx(getattr(theirs, name))
        assert mine.path == pytest.approx(theirs.path)
        assert mine.medium is theirs.medium
        for name in ("stages", "window", "thermostat", "name"):
            assert getattr(mine, name) == getattr(theirs, name)
    once_more = case_text(
        again.casting, run=again.run, folder=folder, machine=again.machine, channels=again.channels, plant=again.plant
    )
    assert once_more == file.read_text()


def test_what_belongs_to_a_machine_is_not_written_without_it(folder):
    run, plain = RunSettings(0.005), cycled_die(folder)
    machine = MachineCycle()
    with pytest.raises(InputError, match="a channel belongs to a die that is cycled; give the machine too"):
        case_text(cycled_die(folder, [bore(0.0)]), run=run)
    with pytest.raises(InputError, match="a plant belongs to a die that is cycled"):
        case_text(plain, run=run, plant={"scrap": 0.1})
    with pytest.raises(InputError, match='"scarp" of the plant cannot be said in a case file; it knows furnace, '):
        case_text(plain, run=run, machine=machine, plant={"scarp": 0.1})
    sand = SandCasting(plain.part, alloy="A356", mould="green-sand", pour_temperature=degC(710))
    with pytest.raises(InputError, match='a machine belongs to a casting in a die, not to process = "sand"'):
        case_text(sand, run=run, machine=machine)
    with pytest.raises(InputError, match="filled by its machine; leave inlets or machine out"):
        case_text(plain, run=RunSettings(0.005, filling=True), machine=machine, inlets=[PourRate(flow=1e-4)])
    oil = replace(COOLANTS["oil"], name="water")
    with pytest.raises(InputError, match='the medium "water" of a channel is your own'):
        case_text(plain, run=run, machine=machine, channels=[bore(0.0, medium=oil)])


def test_every_kind_of_rigging_written_and_read_is_the_same(folder):
    body = Part.read(folder / "block.stl", unit="mm")
    Part.box((0.1, 0.1, 0.05), centre=(0.0, 0.2, 0.0)).write(folder / "other.stl")
    Part.box((0.01, 0.01, 0.04), centre=(0.0, 0.0, 0.035)).write(folder / "print.stl")
    Part.box((0.03, 0.03, 0.04)).write(folder / "core.stl")
    other = Part.read(folder / "other.stl", unit="mm").with_stock("2 mm", at=[Part.read(folder / "other.stl", unit="mm").top])
    rigging = [
        Basin.box((0.08, 0.06, 0.04), at=(0.12, 0, 0.16), offset=(0.01, 0)),
        Sprue.round(diameter=0.02, height=0.161, at=(0.12, 0, -0.001), head=0.04, well=Well(diameter=0.04, depth=0.03)),
        Runner.bar(width=0.024, height=0.02, path=[(0.12, 0, -0.02), (0.07, 0, -0.02)], end_scale=0.9),
        Filter.foam((0.03, 0.026, 0.015), at=(0.09, 0, -0.01), direction="-x", ppi=40),
        Gate.slot(width=0.024, height=0.012, length=0.03, at=body.nearest((0.06, 0, -0.01))),
        Riser.cylinder(
            diameter=0.05,
            height=0.05,
            at=other.top,
            breaker=Breaker(hole=0.03, thickness=0.008, diameter=0.048),
            topping=Topping(thickness=0.015),
        ),
        Riser.beside(
            diameter=0.04,
            height=0.06,
            at=other.side("-x"),
            neck=Neck(diameter=0.02, height=0.012),
            below=0.025,
            topping="insulating",
        ),
        Chill.contour((0.04, 0.04, 0.01), at=body.side("-x"), material="copper"),
        Core(Part.read(folder / "core.stl", unit="mm"), prints=Part.read(folder / "print.stl", unit="mm")),
        Core.cylinder(diameter=0.02, start=(-0.05, 0.2, 0), end=(0.05, 0.2, 0), material="furan-sand", name="bar"),
        Vent(diameter=0.004, at=body.above(0.04, 0.04), length=0.05),
        Overflow.pocket((0.03, 0.02, 0.015), at=body.side("-y"), gate_height=0.006),
    ]
    casting = SandCasting(
        body,
        more_parts=[other],
        alloy="WCB",
        mould="furan-sand",
        pour_temperature="1590 degC",
        rigging=rigging,
        deep_sides=("z_low", "x_low"),
    )
    run = RunSettings(0.004)
    again = read_case(write_case(folder / "all.toml", casting, run=run)).casting
    assert again.summary() == casting.summary()
    assert again.deep_sides == casting.deep_sides
    for mine, theirs in zip(again.bodies, casting.bodies, strict=True):
        assert mine.surface.points == pytest.approx(theirs.surface.points, abs=1e-12)
        assert (mine.role, mine.material) == (theirs.role, theirs.material)
        assert (mine.region, mine.open_top) == (theirs.region, theirs.open_top)
        assert mine.pores == theirs.pores
    assert [str(o.at) for o in again.openings] == [str(o.at) for o in casting.openings]
    assert case_text(again, run=run, folder=folder) == (folder / "all.toml").read_text()
    assert named_files((folder / "all.toml").read_text()) == ["block.stl", "other.stl", "core.stl", "print.stl"]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (ShellMouldCasting, {"mould": "furan-sand", "shell": "9 mm"}),
        (ShellMouldCasting, {"mould": "furan-sand", "shell": "9 mm", "backing": "green-sand", "flask": "40 mm"}),
        (InvestmentCasting, {"mould": "ceramic-shell", "mould_temperature": "900 degC", "shell": "7 mm"}),
    ],
)
def test_shells_written_and_read_are_the_same(folder, kind, more):
    body = Part.read(folder / "block.stl", unit="mm")
    casting = kind(body, alloy="WCB", pour_temperature="1590 degC", symmetry="half", **more)
    again = read_case(write_case(folder / "shell.toml", casting, run=RunSettings(0.004))).casting
    assert type(again) is kind
    assert again.summary() == casting.summary()
    assert again.rest().name == casting.rest().name


def test_places_on_further_parts_and_keys_of_other_processes(folder):
    other = """
[[more_parts]]
file = "block.stl"
unit = "mm"
name = "second"
moved = ["200 mm", "0 mm", "0 mm"]
stock = [{ thickness = "3 mm", at = ["part.side(+x)"] }]

[[rigging]]
kind = "riser"
diameter = "50 mm"
height = "60 mm"
at = "part2.top"
"""
    casting = parse_case(GOOD + other, folder=folder).casting
    assert casting.bodies[-1].surface.bounds[0][0] > 0.1
    assert [body.role for body in casting.bodies][:3] == ["part", "part", "stock"]
    wrong = GOOD + other.replace("part2.top", "part3.top")
    assert refusal(wrong, folder)[1] == '  rigging[2]: "part3.top" stands on part 3, but the mould holds 2'
    shell = GOOD.replace('process = "sand"', 'process = "sand"\nshell = "8 mm"')
    assert refusal(shell, folder)[1] == (
        '  casting: shell belongs to process = "shell mould" or "investment", not to sand; leave it out'
    )
    hot = GOOD.replace('process = "sand"', 'process = "investment"').replace("green-sand", "ceramic-shell")
    assert refusal(hot, folder)[1].startswith("  casting: mould_temperature is missing; a shell is preheated")


def test_what_a_case_file_cannot_say(folder, block, sand):
    run = RunSettings(0.005)
    with pytest.raises(InputError, match=r'"block" has no file; write it with part.write\("part.stl"\)'):
        write_case(folder / "a.toml", sand(), run=run)
    moved = Part.read(folder / "block.stl", unit="mm").moved((0.1, 0.0, 0.0))
    with pytest.raises(InputError, match='"block" was moved or changed after it was read'):
        write_case(folder / "a.toml", sand(moved), run=run)
    assert not (folder / "a.toml").exists()
