"""Castings: what is refused and with which words, grown and given moulds, symmetry, layouts."""

from __future__ import annotations

import math

import numpy as np
import pytest

from castsolve.casting import (
    Ambient,
    Chill,
    Core,
    Gate,
    GravityDieCasting,
    InvestmentCasting,
    Riser,
    SandCasting,
    ShellMouldCasting,
)
from castsolve.casting.flask import bounds_of, freezing_time, sand_thickness
from castsolve.errors import GeometryError, InputError, MaterialError
from castsolve.geometry import Anchor, Part, graded_nodes
from castsolve.geometry.grid import Grid
from castsolve.materials import Interface, alloy, mould
from castsolve.units import degC, mm


def refusal(make) -> str:
    with pytest.raises(InputError) as caught:
        make()
    return str(caught.value)


def riser_on(block, **changed) -> Riser:
    return Riser.cylinder(**{"diameter": 60 * mm, "height": 90 * mm, "at": block.top, **changed})


# -- refusals ----------------------------------------------------------------------------------------------------


def test_pouring_below_the_liquidus_is_refused_and_celsius_is_guessed(sand):
    assert refusal(lambda: sand(alloy="A356", pour_temperature=850)) == (
        "pour_temperature = 850 K must be above the liquidus of A356 (888 K); did you mean degC(850)?"
    )
    assert refusal(lambda: sand(alloy="A356", pour_temperature=500)) == (
        "pour_temperature = 500 K must be above the liquidus of A356 (888 K); usual is 988 K"
    )
    assert refusal(lambda: sand(pour_temperature=3000.0)) == (
        "pour_temperature = 3000 K must not be above 2073 K, where the data of WCB end; pour colder"
    )


def test_unknown_names_come_with_the_nearest_and_all_at_once(sand):
    assert refusal(lambda: sand(alloy="A365", mould="grene-sand", pour_time=-3.0)).splitlines() == [
        "the casting has 3 problems:",
        '  no alloy named "A365"; nearest are "A360", "A356", "A360.0"; castsolve materials lists all',
        (
            '  no mould material named "grene-sand"; nearest are "green-sand", "green sand", "resin sand";'
            " castsolve materials lists all"
        ),
        "  pour_time = -3 s must be above 0 s; leave it out for an instant pour",
    ]
    with pytest.raises(MaterialError, match='no side of an interface named "mold"; nearest is "mould"'):
        sand(interfaces={("casting", "mold"): 500.0})


def test_a_cold_pour_in_degrees_celsius_is_not_taken_for_kelvin(sand):
    told = refusal(lambda: sand(pour_temperature=degC(1400)))
    assert "must be above the liquidus of WCB" in told and "did you mean" not in told
    assert "did you mean degC(1580)?" in refusal(lambda: sand(pour_temperature=1580))


def test_numbers_that_are_no_numbers(sand):
    assert "pour_temperature = nan is not finite" in refusal(lambda: sand(pour_temperature=math.nan))
    assert 'mould_temperature = "hot" cannot be read' in refusal(lambda: sand(mould_temperature="hot"))
    assert refusal(lambda: sand(gravity=(0, 0, 0))) == (
        "gravity = (0, 0, 0) is none; write three numbers in m/s2 such as (0, 0, -9.81)"
    )
    assert refusal(lambda: sand(mould_temperature=25)) == (
        "mould_temperature = 25 K must be at least 253 K; did you mean degC(25)?"
    )
    assert "did you mean degC(250)?" in refusal(lambda: sand(mould_temperature=250))
    assert refusal(lambda: sand(mould_temperature=1750.0)) == (
        "mould_temperature = 1750 K must be below the solidus of WCB (1715 K), or the casting never freezes"
    )


def test_things_that_are_no_rigging(sand):
    allowed = "Riser, Chill, Gate, Core, Basin, Sprue, Runner, Filter, Vent, Overflow, Biscuit, RiserTube"
    assert refusal(lambda: sand(rigging=[3])) == f"rigging holds 3; allowed are {allowed}"
    assert refusal(lambda: sand(part=3)) == "a casting is made from a Part, not from int; see Part.read"


def test_what_cannot_be_a_shell_is_refused(block):
    """Green sand holds water: it is neither fired nor baked; resin sand burns where a ceramic shell is preheated."""
    hot = {"alloy": "WCB", "pour_temperature": degC(1580.0), "mould_temperature": degC(900.0)}
    ceramics = "InvestmentCasting takes shell (ceramic-shell, yttria-zirconia-shell), see SandCasting for others"
    for sand in ("green-sand", "furan-sand"):
        assert refusal(lambda sand=sand: InvestmentCasting(block, mould=sand, **hot)) == (
            f"mould = {sand} is of the family sand; {ceramics}"
        )
    assert refusal(lambda: InvestmentCasting(block, mould="H13", **hot)) == f"mould = H13 is of the family tool-steel; {ceramics}"
    cold = {"alloy": "WCB", "pour_temperature": degC(1580.0)}
    dry = "(chromite-sand, furan-sand, olivine-sand, zircon-sand), see SandCasting for others"
    assert refusal(lambda: ShellMouldCasting(block, mould="green-sand", **cold)) == (
        f"mould = green-sand is moist; ShellMouldCasting takes dry sand {dry}"
    )
    assert refusal(lambda: ShellMouldCasting(block, mould="ceramic-shell", **cold)) == (
        f"mould = ceramic-shell is of the family shell; ShellMouldCasting takes sand {dry}"
    )
    assert ShellMouldCasting(block, mould="zircon-sand", **cold).mould.name == "zircon-sand"
    assert InvestmentCasting(block, mould="yttria-zirconia-shell", **hot).mould.family == "shell"


def test_sand_and_dies_are_kept_apart(sand, block):
    assert refusal(lambda: sand(mould="H13")) == (
        "mould = H13 is of the family tool-steel; SandCasting takes sand (chromite-sand, furan-sand, green-sand, olivine-sand, "
        "zircon-sand), see GravityDieCasting for others"
    )
    die = {"alloy": "A356", "pour_temperature": degC(720.0), "mould_temperature": degC(300.0)}
    assert "see SandCasting for others" in refusal(lambda: GravityDieCasting(block, mould="green-sand", **die))
    assert refusal(lambda: GravityDieCasting(block, mould="H13", wall=0.05, flask=(0.3, 0.3, 0.3), **die)) == (
        "wall and flask were both given; a die is sized by one of them"
    )
    assert "coating between aluminium and tool-steel" in refusal(
        lambda: GravityDieCasting(block, mould="H13", coating="chocolate", **die)
    )


def test_bodies_outside_the_flask_are_told_with_numbers(sand, block):
    assert refusal(lambda: sand(flask=((-0.045, -0.08, -0.08), (0.08, 0.08, 0.08)))) == (
        "block leaves the flask: it reaches x = -50 mm, the flask ends at -45 mm; enlarge the flask or move it"
    )
    assert refusal(lambda: sand(rigging=riser_on(block), flask=((-0.1, -0.1, -0.1), (0.1, 0.1, 0.1)))) == (
        "riser 1 leaves the flask: it reaches z = 115 mm, the flask ends at 100 mm; enlarge the flask or move it"
    )
    assert refusal(lambda: sand(flask=(0.1, 0.2))).startswith("flask[0] = 0.1 is not a place")
    assert refusal(lambda: sand(flask=(0.1, 0.2, 0.3, 0.4))) == (
        "flask = (0.1, 0.2, 0.3, 0.4) is no mould box; give a wall, a size (x, y, z) or two corners (low, high)"
    )
    assert refusal(lambda: sand(flask=-0.1)) == "flask wall = -100 mm must be above 0 mm"


def test_rigging_in_metres_by_mistake_is_refused(sand, block):
    riser = Riser.cylinder(diameter=20, height=30, at=block.top)
    assert refusal(lambda: sand(rigging=riser)) == (
        "riser 1 is 30 m long, more than 100 times the part (0.1 m); lengths are in m, so write 20*mm or \"20 mm\" for millimetres"
    )


def test_rigging_that_does_not_touch_is_refused_with_the_distance(sand, block):
    far = Chill(Part.box(0.02, centre=(0.0, 0.0, -0.045)))
    assert refusal(lambda: sand(rigging=[far])) == (
        "chill 1 does not touch the casting: 10 mm lie between them; move it there"
    )
    floating = Riser(Part.cylinder(0.04, 0.05, base=(0.0, 0.0, 0.028)))
    assert refusal(lambda: sand(rigging=[floating])) == (
        "riser 1 does not touch the part: 3 mm lie between them; move it there"
    )
    lifted = Gate.slot(width=0.03, height=0.01, at=Anchor(np.array([0.08, 0.0, 0.0]), np.array([1.0, 0.0, 0.0])))
    assert "gate 1 does not touch the part: 29.8 mm" in refusal(lambda: sand(rigging=[lifted]))


def test_a_gate_may_feed_the_part_through_a_riser(sand):
    side = Riser(Part.cylinder(0.04, 0.08, base=(0.065, 0.0, -0.02)), name="side riser")
    gate = Gate(Part.box((0.04, 0.02, 0.01), centre=(0.1, 0.0, -0.01)))
    assert [body.name for body in sand(rigging=[gate, side]).bodies] == ["block", "gate 1", "side riser"]


def test_open_surfaces_are_refused(sand, block):
    from castsolve.geometry import Surface

    holed = Part(Surface(block.surface.points, triangles=block.surface.triangles[:-1]), name="holed")
    assert refusal(lambda: sand(holed)).startswith('part "holed" is not closed')
    inside_out = Riser(Part(block.surface.flipped(), name="glove"))
    assert 'riser "glove" is inside out' in refusal(lambda: sand(rigging=[inside_out]))


def test_two_bodies_of_one_name_are_refused(sand, block):
    pieces = [riser_on(block, name="feeder"), Chill.block((0.02, 0.02, 0.02), at=block.bottom, name="feeder")]
    assert refusal(lambda: sand(rigging=pieces)) == (
        'two bodies are named "feeder"; give each piece of rigging its own name'
    )


def test_ambient_refuses_celsius():
    with pytest.raises(MaterialError, match=r"ambient temperature = 20 K .* did you mean degC\(20\)\?"):
        Ambient(temperature=20)


# -- moulds ------------------------------------------------------------------------------------------------------


def test_the_sand_grows_with_the_modulus_and_is_stated(sand, block):
    metal, sand_ = alloy("WCB"), mould("green-sand")
    settings = {"pour_temperature": degC(1580.0), "mould_temperature": degC(25.0)}
    modulus = block.volume / block.area
    wall = sand_thickness(metal, sand_, modulus=modulus, **settings)
    casting = sand()
    assert casting.flask[1] - 0.5 * block.size == pytest.approx([wall] * 3)
    assert wall == pytest.approx(4.3 * modulus, rel=0.15)
    assert sand_thickness(metal, sand_, modulus=2 * modulus, **settings) == pytest.approx(2 * wall, rel=1e-9)
    assert sand_thickness(metal, sand_, modulus=1e-4, **settings) == pytest.approx(40 * mm)
    assert freezing_time(metal, sand_, modulus=2 * modulus, **settings) == pytest.approx(
        4 * freezing_time(metal, sand_, modulus=modulus, **settings)
    )


def test_a_flask_is_a_wall_a_size_or_a_box(sand):
    assert sand(flask="60 mm").flask[1] == pytest.approx([0.11, 0.11, 0.085])
    assert sand(flask=("0.3 m", 0.4, 0.5)).flask[0] == pytest.approx([-0.15, -0.2, -0.25])
    lo, hi = sand(flask=((-0.1, -0.1, -0.1), (0.2, 0.2, 0.2))).flask
    assert (lo.tolist(), hi.tolist()) == ([-0.1] * 3, [0.2] * 3)


def test_thin_sand_is_told(sand):
    (warning,) = sand(flask="10 mm").warnings
    assert warning.startswith("mould is 10 mm thick at ")
    assert sand().warnings == ()


def test_an_open_riser_ends_the_mould(sand, block):
    casting = sand(rigging=riser_on(block, top="open"))
    assert casting.flask[1][2] == pytest.approx(0.115)
    assert casting.layout(10 * mm).open_sides == {"z_high"}
    low = [
        riser_on(block, top="open"),
        riser_on(block, diameter=0.02, at=block.above(0.04, 0.0), top="open", height=0.07),
    ]
    assert refusal(lambda: sand(rigging=low)) == (
        'riser 2 is open but ends 20 mm below the top of the mould; make it that much higher, or write top="blind"'
    )


def test_gravity_may_point_along_x(sand, block):
    casting = sand(rigging=riser_on(block, at=block.side("+x"), top="open"), gravity=(-9.81, 0.0, 0.0))
    assert casting.flask[1][0] == pytest.approx(0.05 + 0.09)
    assert casting.layout(10 * mm).open_sides == {"x_high"}


def test_a_pour_outside_the_usual_window_is_told(sand):
    (warning,) = sand(pour_temperature="1520 degC").warnings
    assert warning == "pour_temperature = 1520 degC is outside the usual 1560 to 1620 degC of WCB"


# -- symmetry ----------------------------------------------------------------------------------------------------


def test_half_and_quarter(sand, block):
    half = sand(symmetry="half")
    assert (half.symmetry_factor, half.layout(10 * mm).symmetry_sides) == (2, {"x_low"})
    assert half.flask[0][0] == 0.0
    quarter = sand(rigging=riser_on(block), symmetry="quarter")
    assert (quarter.symmetry_factor, quarter.layout(10 * mm).symmetry_sides) == (4, {"x_low", "y_low"})


def test_half_takes_the_plane_that_the_rigging_allows(sand, block):
    gate = Gate.slot(width=0.03, height=0.01, at=block.side("+x"))
    casting = sand(rigging=gate, symmetry="half")
    assert casting.layout(10 * mm).symmetry_sides == {"y_low"}
    assert refusal(lambda: sand(rigging=gate, symmetry="quarter")) == (
        'symmetry = "quarter" needs part and rigging alike on both sides of 2 of the planes x = 0 mm and y = 0 mm;'
        ' 1 will do; centre the rigging, or name a plane as {"x": "0 mm"}'
    )


def test_a_plane_by_name(sand, block):
    piece = Part.box((0.05, 0.1, 0.05), corner=(-0.05, -0.05, -0.025), name="half block")
    whole = sand(symmetry={"x": "0 mm"}).layout(10 * mm)
    half = sand(piece, symmetry={"x": 0.0}).layout(10 * mm)
    assert (whole.symmetry_sides, half.symmetry_sides) == ({"x_low"}, {"x_high"})
    assert refusal(lambda: sand(symmetry={"x": 0.2})) == (
        "symmetry x = 200 mm does not meet the part, which spans -50 to 50 mm; put the plane through its middle,"
        " or at the cut face of a half part"
    )
    assert refusal(lambda: sand(symmetry={"x": 0.01})) == (
        "part is not alike on both sides of symmetry x = 10 mm (it spans -50 to 50 mm);"
        " leave symmetry out or move the plane"
    )
    assert refusal(lambda: sand(symmetry="third")) == 'no symmetry named "third"; known are "half", "quarter"'


def test_rigging_on_the_side_that_is_cut_away(sand, block):
    left, right = (Chill.block((0.02, 0.02, 0.02), at=block.below(x, 0.0)) for x in (-0.03, 0.03))
    assert refusal(lambda: sand(rigging=left, symmetry={"x": 0.0})) == (
        "chill 1 lies on the side that symmetry x = 0 mm cuts away and has no mirror image on the other;"
        " move it, or leave symmetry out"
    )
    pair = sand(rigging=[left, right], symmetry={"x": 0.0})
    assert [body.name for body in pair.bodies] == ["block", "chill 2"]
    alone = sand(rigging=right, symmetry={"x": 0.0})
    assert alone.warnings == ("chill 1 stands for two: symmetry implies its mirror image in x",)
    skew = riser_on(block, at=block.above(0.01, 0.0), diameter=0.03)
    assert refusal(lambda: sand(rigging=skew, symmetry={"x": 0.0})) == (
        "riser 1 is not alike on both sides of symmetry x = 0 mm; centre it on the plane, or leave symmetry out"
    )


# -- layouts -----------------------------------------------------------------------------------------------------


@pytest.fixture
def rigged(sand, block):
    core = Core(Part.cylinder(0.02, 0.05, axis="y", base=(0.0, -0.055, 0.0)), material="furan-sand")
    chill = Chill.block((0.06, 0.06, 0.02), at=block.bottom, material="copper", temperature="40 degC")
    gate = Gate.slot(width=40 * mm, height=12 * mm, at=block.side("+x"))
    return sand(
        rigging=[riser_on(block, sleeve="insulating"), gate, chill, core],
        interfaces={("casting", "chill"): 2500, ("casting", "mould"): Interface("a", "b", htc=math.inf)},
    )


def test_layout_orders_bodies_by_priority(rigged):
    layout = rigged.layout("6 mm")
    assert [body.role for body in layout.bodies] == ["core", "chill", "part", "riser", "gate", "sleeve"]
    assert [region.name for region in layout.regions] == ["metal", "core 1", "chill 1", "riser 1 sleeve", "mould"]
    assert [body.region for body in layout.bodies] == [1, 2, 0, 0, 0, 3]
    assert layout.regions[0].body_names == ("block", "riser 1", "gate 1")
    assert layout.regions[0].initial_temperature == pytest.approx(degC(1580.0))
    assert layout.regions[2].initial_temperature == pytest.approx(degC(40.0))
    assert layout.regions[1].material.name == "furan-sand"


def test_contacts_are_complete_and_given_ones_hold(rigged):
    layout = rigged.layout(6 * mm)
    n = len(layout.regions)
    assert set(layout.contacts) == {(i, j) for i in range(n) for j in range(i + 1, n)}
    assert layout.contacts[0, 2].htc == 2500.0
    assert layout.contacts[0, 4].perfect
    assert all(contact.over in ("constant", "temperature", "time") for contact in layout.contacts.values())
    by_name = {("casting", "chill 1"): 99.0, ("casting", "chill"): 2500.0}
    casting = type(rigged)(
        rigged.part,
        alloy="WCB",
        mould="green-sand",
        pour_temperature=1853.15,
        rigging=rigged.rigging,
        interfaces=by_name,
    )
    assert casting.layout(6 * mm).contacts[0, 2].htc == 99.0


def test_a_body_smaller_than_a_voxel_is_refused_with_the_voxel_that_would_do(sand, block):
    thin = sand(rigging=riser_on(block, diameter=6 * mm))
    with pytest.raises(GeometryError) as caught:
        thin.layout("8 mm")
    assert str(caught.value) == "riser 1 is smaller than voxel = 8 mm (its diameter is 6 mm); use voxel <= 2 mm"
    assert thin.layout("3 mm").warnings == ("riser 1 is 2 voxels across (diameter 6 mm); 3 are wanted",)
    assert thin.layout("2 mm").warnings == ()


def test_volumes_on_the_grid(rigged):
    layout = rigged.layout(5 * mm)
    grid = Grid.build(
        layout.bodies,
        voxel=5 * mm,
        box=layout.box,
        fine_box=layout.fine_box,
        region_names=[r.name for r in layout.regions],
    )
    volume = dict(zip(grid.body_names, grid.body_volume, strict=True))
    hollow = math.pi * 0.01**2 * 0.045
    assert volume["core 1"] == pytest.approx(math.pi * 0.01**2 * 0.05, rel=1e-6)
    # pressed 1 um into the part
    assert volume["chill 1"] == pytest.approx(72e-6 * (20e-3 + 1e-6) / 20e-3, rel=1e-6)
    assert volume["block"] == pytest.approx(500e-6 - hollow, rel=2e-3)
    assert volume["riser 1"] == pytest.approx(math.pi * 0.03**2 * 0.09, rel=2e-2)
    assert volume["riser 1 sleeve"] == pytest.approx(math.pi * (0.038**2 - 0.03**2) * 0.09, rel=3e-2)


def test_the_fine_box_holds_all_bodies_and_stays_in_the_flask(rigged):
    layout = rigged.layout(6 * mm)
    for body in layout.bodies:
        assert np.all(body.surface.bounds[0] >= layout.fine_box[0])
        assert np.all(body.surface.bounds[1] <= layout.fine_box[1])
    assert np.all(layout.fine_box[0] >= layout.box[0])
    assert np.all(layout.fine_box[1] <= layout.box[1])


def test_a_gravity_die(block):
    casting = GravityDieCasting(
        block,
        alloy="A356",
        mould="H13",
        mould_temperature="300 degC",
        pour_temperature="710 degC",
        coating="insulating",
    )
    layout = casting.layout(10 * mm)
    assert layout.box[1] == pytest.approx([0.05 + 0.075, 0.05 + 0.075, 0.025 + 0.075])  # six moduli of 12.5 mm
    assert layout.contacts[0, 1].coating == "insulating"
    assert layout.ambient.emissivity == pytest.approx(0.7)
    walled = GravityDieCasting(
        block, alloy="A356", mould="H13", mould_temperature="300 degC", pour_temperature="710 degC", wall="40 mm"
    )
    assert walled.flask[1] == pytest.approx([0.09, 0.09, 0.065])
    assert walled.layout(10 * mm).contacts[0, 1].coating is None


def test_a_die_wall_is_that_of_the_box(block):
    casting = GravityDieCasting(
        block, alloy="A356", mould="copper", mould_temperature="200 degC", pour_temperature="710 degC", flask="50 mm"
    )
    assert casting.flask[0] == pytest.approx([-0.1, -0.1, -0.075])


def test_summary_and_facts(rigged):
    text = rigged.summary()
    for words in (
        "block (sand)",
        "WCB, poured at 1580 degC, 72 K above the liquidus",
        "500 cm3",
        "modulus 1.25 cm",
        "copper, 60 x 60 x 20 mm",
        "insulating-sleeve",
        "casting yield",
    ):
        assert words in text
    facts = rigged.facts()
    assert (facts["alloy"], facts["mould"], facts["process"]) == ("WCB", "green-sand", "sand")
    import json

    json.dumps(facts)


def test_a_riser_over_a_bore_is_told(sand):
    ring = Part.tube(0.1, 0.05, bore=0.04, name="ring")
    casting = sand(ring, rigging=riser_on(ring))
    assert casting.warnings[0].startswith("riser 1 stands over an opening of the part, at (0, 0, 50) mm")


def test_castings_are_frozen(sand):
    with pytest.raises(AttributeError):
        sand().pour_temperature = 1.0


def test_a_riser_that_would_hang_in_a_bore_is_refused(sand):
    ring = Part.tube(0.1, 0.05, bore=0.06, name="ring")
    assert refusal(lambda: sand(ring, rigging=riser_on(ring, diameter=0.03))) == (
        "riser 1 does not touch the part: 15 mm lie between them; its place (0, 0, 50) mm facing (0, 0, 1) is over"
        " an opening: choose one on the metal, such as part.above(x, y)"
    )


def test_a_mended_part_says_so_in_the_casting(tmp_path):
    block = Part.sphere(diameter=40 * mm)
    block.write(tmp_path / "block.stl")
    raw = (tmp_path / "block.stl").read_bytes()
    short = int.from_bytes(raw[80:84], "little") - 1
    (tmp_path / "open.stl").write_bytes(raw[:80] + short.to_bytes(4, "little") + raw[84 : 84 + 50 * short])
    part = Part.read(tmp_path / "open.stl", unit="mm")
    casting = SandCasting(part, alloy="A356", mould="green-sand", pour_temperature=degC(720))
    assert part.notes and all(any(note in text for text in casting.warnings) for note in part.notes)
    whole = SandCasting(block, alloy="A356", mould="green-sand", pour_temperature=degC(720))
    assert not any("hole" in text for text in whole.warnings)


@pytest.mark.parametrize("top", ["blind", "open"])
def test_a_grown_mould_holds_whole_voxels_of_every_size(top):
    """A filling needs cubes: from 1.75 voxels on the mould leaves no gap too short for a voxel of its own."""
    block = Part.box((200 * mm, 301 * mm, 150 * mm))
    riser = Riser.cylinder(diameter=100 * mm, height=120 * mm, at=block.top, top=top)
    casting = SandCasting(block, alloy="A356", mould="green-sand", rigging=[riser], flask=60 * mm, pour_temperature=degC(700))
    low, high = bounds_of(casting.bodies)
    for voxels in np.arange(1.75, 6.0, 0.05):
        voxel = 60 * mm / voxels
        layout = casting.layout(voxel)
        for a in range(3):
            fine = [corner[a] for corner in layout.fine_box]
            nodes = graded_nodes((fine[0], fine[1]), (layout.box[0][a], layout.box[1][a]), voxel)
            over = (nodes[1:] > low[a] + 1e-9) & (nodes[:-1] < high[a] - 1e-9)
            np.testing.assert_allclose(np.diff(nodes)[over], voxel, rtol=1e-9)


@pytest.mark.parametrize(("height", "share"), [(0.0, None), (-71 * mm, 90.0), (-75 * mm, 50.0)])
def test_a_gate_whose_mouth_hangs_over_an_edge_is_told(height, share):
    block = Part.box((200 * mm, 200 * mm, 150 * mm))
    gate = Gate.slot(width=40 * mm, height=10 * mm, at=Anchor((-100 * mm, 0.0, height), (-1, 0, 0)))
    casting = SandCasting(block, alloy="A356", mould="green-sand", rigging=[gate], pour_temperature=degC(720))
    told = [text for text in casting.warnings if "sand shuts" in text]
    if share is None:
        assert not told
    else:
        assert len(told) == 1 and told[0].startswith("gate 1 meets the part, at ")
        assert float(told[0].split(", over ")[1].split(" %")[0]) == pytest.approx(share, abs=2.5)
