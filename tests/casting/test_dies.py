"""Dies: halves, slides and inserts, what a casting needs to leave them, and what is refused with its place."""

from __future__ import annotations

import math

import numpy as np
import pytest

import castsolve as cs
from castsolve.casting import Die, DiePiece, Platens, Tilt
from castsolve.casting.channel import Thermostat
from castsolve.errors import CastsolveError, GeometryError, InputError
from castsolve.geometry import Grid
from castsolve.units import degC, mm

PLATE = cs.Part.box((60 * mm, 40 * mm, 8 * mm), centre=(0, 0, 0), name="plate")


def die(**changed) -> Die:
    return Die(**{"steel": "H13", "temperature": degC(220), "parting": 0.0, "wall": 24 * mm, **changed})


def cast(part=PLATE, tool=None, **changed) -> cs.GravityDieCasting:
    return cs.GravityDieCasting(part, **{"alloy": "A356", "die": tool or die(), "pour_temperature": degC(700), **changed})


def grid_of(casting, voxel) -> Grid:
    layout = casting.layout(voxel)
    names = [r.name for r in layout.regions]
    return Grid.build(
        layout.bodies, voxel=voxel, box=layout.box, fine_box=layout.fine_box, region_names=names, background=names[-1]
    )


def test_halves_grow_around_the_part_and_meet_at_the_parting_plane():
    grid = grid_of(cast(), 4 * mm)
    assert grid.region_names == ("metal", "moving half", "fixed half")
    half = 0.108 * 0.088 * 0.028 - 0.5 * 19.2e-6
    assert grid.region_volume(1) == pytest.approx(half, rel=1e-6)
    assert grid.region_volume(2) == pytest.approx(half, rel=1e-6)
    assert grid.wall_area(1, 2) == pytest.approx(0.108 * 0.088 - 60 * mm * 40 * mm, rel=1e-6)
    assert grid.wall_area(0, 1) == pytest.approx(grid.wall_area(0, 2), rel=1e-9)


@pytest.mark.parametrize("opening", ["z", "-z"])
def test_the_moving_half_lies_where_the_die_opens(opening):
    grid = grid_of(cast(tool=die(opening=opening)), 4 * mm)
    top = grid.region[:, :, -1]
    assert (top == (1 if opening == "z" else 2)).all()


def test_every_piece_has_its_own_steel_preheat_and_coating():
    insert = DiePiece(cs.Part.box((20 * mm, 20 * mm, 20 * mm), centre=(0, 0, -14 * mm)), kind="insert", steel="copper")
    moving = DiePiece(kind="moving half", temperature=degC(180), coating="none")
    layout = cast(tool=die(coating="insulating", pieces=[insert, moving], contact=1500.0)).layout(4 * mm)
    regions = {r.name: r for r in layout.regions}
    assert [*regions] == ["metal", "insert 1", "moving half", "fixed half"]
    assert regions["insert 1"].material.name == "copper"
    assert regions["fixed half"].material.name == "H13"
    told = str(cast(tool=die(pieces=[insert])))
    assert "insert 1     copper, 20 x 20 x 20 mm" in told and "moving half  H13" in told
    assert [r.initial_temperature for r in layout.regions[1:]] == [degC(220), degC(180), degC(220)]
    assert [r.coating for r in layout.regions[1:]] == ["insulating", None, "insulating"]
    bare, coated = (float(layout.contacts[0, n].htc_at(900.0)) for n in (2, 3))
    assert bare == pytest.approx(3000.0)
    assert coated == pytest.approx(1500.0)
    assert {layout.contacts[pair].htc for pair in ((1, 2), (1, 3), (2, 3))} == {1500.0}


def test_slides_and_inserts_come_from_files(tmp_path):
    """Read from STL, they make the very die that their shapes make."""
    pin = cs.Part.box((60 * mm, 8 * mm, 8 * mm), corner=(20 * mm, -4 * mm, -4 * mm))
    insert = cs.Part.box((20 * mm, 20 * mm, 12 * mm), corner=(-20 * mm, -10 * mm, 8 * mm))
    options = [{"kind": "slide", "opening": "x", "name": "pin"}, {"kind": "insert", "steel": "copper", "name": "insert"}]
    block = cs.Part.box((60 * mm, 40 * mm, 16 * mm), centre=(0, 0, 0), name="block")
    made, read = [], []
    for part, more in zip((pin, insert), options, strict=True):
        part.write(tmp_path / f"{more['name']}.stl")
        made.append(DiePiece(part, **more))
        read.append(DiePiece.read(tmp_path / f"{more['name']}.stl", unit="mm", **more))
    one, other = (grid_of(cast(block, die(pieces=pieces)), 4 * mm) for pieces in (made, read))
    assert one.region_names == ("metal", "pin", "insert", "moving half", "fixed half")
    assert np.array_equal(one.region, other.region)
    assert other.region_volume(1) == pytest.approx(60 * 8 * 8 * mm**3, rel=0.35)
    assert one.wall_area(0, 1) == pytest.approx(other.wall_area(0, 1), rel=1e-6)


def test_a_piece_has_a_contact_of_its_own():
    insert = DiePiece(cs.Part.box((20 * mm,) * 3, centre=(0, 0, -14 * mm)), kind="insert", contact="500 W/m**2/K")
    layout = cast(tool=die(pieces=[insert], contact=1500.0)).layout(4 * mm)
    assert [layout.contacts[pair].htc for pair in ((1, 2), (1, 3), (2, 3))] == [500.0, 500.0, 1500.0]


def test_the_plates_of_the_machine_touch_the_sides_along_the_opening():
    casting = cast(tool=die(platens=Platens(temperature=degC(60), htc=800.0)))
    assert casting.layout(4 * mm).clamped_sides == {"z_low": (800.0, degC(60)), "z_high": (800.0, degC(60))}
    cooled = cs.solidify(casting, voxel=4 * mm, until="120 s")
    free = cs.solidify(cast(), voxel=4 * mm, until="120 s")
    names = cooled.frame.region_names
    steel = cooled["region"] == names.index("fixed half")
    assert cooled["temperature"][steel].mean() < free["temperature"][steel].mean() - 5.0


def test_shaped_halves_stand_in_the_air():
    lower = cs.Part.box((0.1, 0.08, 0.03), corner=(-0.05, -0.04, -0.03))
    upper = cs.Part.box((0.1, 0.08, 0.03), corner=(-0.05, -0.04, 0.0))
    pieces = [DiePiece(lower, kind="fixed half"), DiePiece(upper, kind="moving half")]
    casting = cast(tool=Die(steel="H13", temperature=degC(220), pieces=pieces))
    grid = grid_of(casting, 4 * mm)
    assert grid.region_names == ("metal", "fixed half", "moving half", "surroundings")
    assert grid.wall_area(0, 3) == 0.0
    assert grid.region_volume(1) == pytest.approx(0.1 * 0.08 * 0.03 - 0.5 * PLATE.volume, rel=1e-3)


# -- leaving the die ---------------------------------------------------------------------------------------------


def test_a_ball_leaves_a_die_that_parts_at_its_middle_only():
    ball = cs.Part.sphere(40 * mm, name="ball")
    cast(ball)
    with pytest.raises(GeometryError, match=r"ball cannot leave the fixed half: near \(.* mm an undercut holds it") as told:
        cast(ball, die(parting=10 * mm))
    held = float(str(told.value).split("holds it, ")[1].split(" ")[0])
    # The ring between the ball's equator and the circle that lies in the parting plane.
    assert held == pytest.approx(math.pi * (20**2 - (20**2 - 10**2)), rel=0.15)
    z = float(str(told.value).split("near (")[1].split(",")[2].split(")")[0])
    assert 0.0 < z < 11.0


def test_a_cross_hole_needs_a_slide_that_leaves_along_it():
    block = cs.Part.box((40 * mm, 40 * mm, 30 * mm), centre=(0, 0, 0)).surface
    hole = cs.Part.box((60 * mm, 10 * mm, 10 * mm), centre=(0, 0, 0))
    bored = cs.Part.extruded(
        [(-20 * mm, -15 * mm), (20 * mm, -15 * mm), (20 * mm, 15 * mm), (-20 * mm, 15 * mm)],
        40 * mm, hole=[(-5 * mm, -5 * mm), (5 * mm, -5 * mm), (5 * mm, 5 * mm), (-5 * mm, 5 * mm)],
    )  # fmt: skip
    part = bored.turned(math.pi / 2, axis="x").turned(math.pi / 2, axis="z").moved(-bored_middle(bored)).renamed("bored")
    assert part.volume == pytest.approx(block.volume - 40 * 10 * 10 * mm**3)
    with pytest.raises(CastsolveError, match=r"bored cannot leave the fixed half: .*\n.*bored cannot leave the moving half"):
        cast(part)
    cast(part, die(pieces=[DiePiece(hole, kind="slide", opening="x")]))
    with pytest.raises(CastsolveError, match=r"bored cannot leave the slide 1: near \(.* across its way along y; move the parting"):
        cast(part, die(pieces=[DiePiece(hole, kind="slide", opening="y")]))


def bored_middle(part) -> np.ndarray:
    turned = part.turned(math.pi / 2, axis="x").turned(math.pi / 2, axis="z")
    return 0.5 * (turned.bounds[0] + turned.bounds[1])


def test_a_slide_that_ends_in_front_of_metal_is_refused():
    short = cs.Part.box((10 * mm, 10 * mm, 4 * mm), centre=(-40 * mm, 0, 0))
    with pytest.raises(GeometryError, match=r"slide 1 runs into plate near \(-30, .* on its way along x"):
        cast(tool=die(pieces=[DiePiece(short, kind="slide", opening="x")]))
    cast(tool=die(pieces=[DiePiece(short, kind="slide", opening="-x")]))


def test_pieces_that_overlap_are_refused_with_the_place():
    lower = cs.Part.box((0.1, 0.08, 0.035), corner=(-0.05, -0.04, -0.03))
    upper = cs.Part.box((0.1, 0.08, 0.03), corner=(-0.05, -0.04, 0.0))
    pieces = [DiePiece(lower, kind="fixed half"), DiePiece(upper, kind="moving half")]
    with pytest.raises(CastsolveError, match=r"fixed half and moving half overlap near \(.*\) mm; cut one of them there"):
        cast(tool=Die(steel="H13", temperature=degC(220), pieces=pieces))


# -- refusals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: die(parting=None), InputError, "parting is missing: halves that are grown"),
        (lambda: die(wall=24 * mm, box=(0.1, 0.1, 0.1)), InputError, "a die is sized by one of them"),
        (lambda: die(opening=(1, 1, 0)), InputError, "must lie along x, y or z"),
        (lambda: die(pieces=["half"]), InputError, "pieces holds 'half'"),
        (lambda: die(pieces=[DiePiece(kind="fixed half")] * 2), InputError, "a die has one fixed half, not 2"),
        (lambda: die(pieces=[DiePiece(PLATE, kind="fixed half")]), InputError, "give both halves shapes, or neither"),
        (lambda: DiePiece(kind="slide"), InputError, "a slide needs a shape"),
        (lambda: DiePiece(PLATE, kind="slide"), InputError, "needs an opening"),
        (lambda: DiePiece(PLATE, kind="insert", opening="x"), InputError, "takes no opening"),
        (lambda: DiePiece(kind="halve"), InputError, 'known are'),
        (lambda: DiePiece(kind="moving half", contact=0.0), InputError, "must be above 0"),
        (lambda: cast(tool=die(parting=0.2)), GeometryError, "parting plane z = 200 mm does not cut the die, which reaches"),
        (lambda: cast(mould="H13"), InputError, "mould and die were both given"),
        (lambda: cast(tool=die(steel="green-sand")), CastsolveError, "is of the family sand"),
        (lambda: cs.GravityDieCasting(PLATE, alloy="A356", pour_temperature=degC(700)), InputError, "mould and mould_temperature"),
        (lambda: Tilt(axis="y", angle=0.0), InputError, "must not be 0"),
        (lambda: Thermostat((0, 0, 0)), InputError, "give one of the two"),
        (lambda: Thermostat((0, 0, 0), cools_above=500.0, band=0.0), InputError, "band = 0 K must be above 0 K"),
    ],
)  # fmt: skip
def test_refusals(make, kind, words):
    with pytest.raises(kind, match=words):
        make()
