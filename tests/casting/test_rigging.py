"""Rigging: volumes, places, feet that follow curved surfaces, and refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from castsolve.casting import Breaker, Chill, Core, Gate, Neck, Riser, Sleeve
from castsolve.casting.site import Site, distance, distance_from_point
from castsolve.errors import GeometryError, InputError
from castsolve.geometry import Anchor, Part, require_closed
from castsolve.units import mm

UP = np.array([0.0, 0.0, 1.0])


def placed(piece, part: Part, name: str = "piece"):
    return piece.bodies(Site([part.surface], UP), name)


@pytest.fixture(scope="module")
def pipe() -> Part:
    return Part.cylinder(100 * mm, 300 * mm, axis="x", name="pipe")


def test_a_riser_on_a_flat_top_has_the_volume_of_its_cylinder_and_the_sunk_foot(block):
    riser = Riser.cylinder(diameter=60 * mm, height=90 * mm, at=block.top)
    (body,) = placed(riser, block)
    sunk = 0.02 * 60 * mm
    assert body.surface.volume == pytest.approx(math.pi * 0.03**2 * (0.09 + sunk), rel=1e-12)
    assert body.surface.bounds[0][2] == pytest.approx(0.025 - sunk)
    assert body.surface.bounds[1][2] == pytest.approx(0.025 + 0.09)


def test_neck_and_body_add_up(block):
    neck = Neck(diameter="30 mm", height="10 mm")
    (body,) = placed(Riser.cylinder(diameter="60 mm", height="90 mm", at=block.top, neck=neck), block)
    wanted = math.pi * 0.03**2 * 0.09 + math.pi * 0.015**2 * (0.01 + 0.02 * 0.03)
    assert body.surface.volume == pytest.approx(wanted, rel=1e-12)
    assert body.thinnest == pytest.approx(0.03)
    assert body.thinnest_is == "neck diameter"


def test_a_sleeve_starts_at_the_end_of_the_neck_and_is_solid_around_the_metal(block):
    sleeve = Sleeve(thickness=12 * mm, height=60 * mm)
    riser = Riser.cylinder(
        diameter=60 * mm, height=90 * mm, at=block.top, neck=Neck(diameter=0.03, height=0.01), sleeve=sleeve
    )
    body, tube = placed(riser, block, "riser 1")
    assert (body.name, tube.name, tube.role, tube.material) == (
        "riser 1",
        "riser 1 sleeve",
        "sleeve",
        "insulating-sleeve",
    )
    assert tube.surface.volume == pytest.approx(math.pi * 0.042**2 * 0.06, rel=1e-12)
    assert tube.surface.bounds[0][2] == pytest.approx(0.035)
    assert tube.thinnest == pytest.approx(0.012)


def test_the_word_insulating_is_a_sleeve_of_stated_thickness(block):
    _, thin = placed(Riser.cylinder(diameter=50 * mm, height=60 * mm, at=block.top, sleeve="insulating"), block)
    _, thick = placed(Riser.cylinder(diameter=200 * mm, height=60 * mm, at=block.top, sleeve="insulating"), block)
    assert thin.thinnest == pytest.approx(8 * mm)
    assert thick.thinnest == pytest.approx(24 * mm)


def test_the_foot_of_a_riser_reaches_under_a_curved_surface(pipe):
    (body,) = placed(Riser.cylinder(diameter=80 * mm, height=90 * mm, at=pipe.above(0.15, 0.0)), pipe)
    require_closed(body.surface, "riser")
    drop = 0.05 - math.sqrt(0.05**2 - 0.04**2)
    assert body.surface.bounds[0][2] == pytest.approx(0.05 - drop - 1.6 * mm, abs=0.2 * mm)
    foot = body.surface.points[: 1 + 6 * 96]
    below = np.array([distance_from_point(point, pipe.surface) for point in foot[::25]])
    assert below.max() < 2.6 * mm  # nowhere deep in the wall, so that a thin wall is not pierced


@pytest.mark.parametrize("seed", range(4))
def test_a_riser_touches_wherever_it_stands(seed):
    rng = np.random.default_rng(seed)
    part = Part.sphere(120 * mm).turned(float(rng.uniform(0, 6)), axis=rng.normal(size=3))
    x, y = 20 * mm * rng.uniform(-1, 1, 2)
    (body,) = placed(Riser.cylinder(diameter=50 * mm, height=60 * mm, at=part.above(x, y)), part)
    require_closed(body.surface, "riser")
    assert distance(body.surface, part.surface) == 0.0


def test_a_chill_lies_outside_and_its_face_follows_the_surface(pipe):
    (body,) = placed(Chill.block((60 * mm, 60 * mm, 20 * mm), at=pipe.nearest((0.15, 0.1, 0.0))), pipe)
    require_closed(body.surface, "chill")
    # Exact: the block over the pipe's own facet plane, plus what the pipe falls away under it.
    assert body.surface.volume > 60 * 60 * 20 * mm**3
    assert body.surface.bounds[0][1] == pytest.approx(math.sqrt(0.05**2 - 0.03**2), abs=1 * mm)
    assert distance(body.surface, pipe.surface) < 1e-6


def test_a_chill_under_a_block_is_exact(block):
    (body,) = placed(Chill.block((60 * mm, 40 * mm, 20 * mm), at=block.bottom, material="copper"), block)
    # pressed 1 um into the part
    assert body.surface.volume == pytest.approx(60 * mm * 40 * mm * (20 * mm + 1e-6), rel=1e-12)
    assert body.surface.bounds[1][2] == pytest.approx(-0.025 + 1e-6, abs=1e-12)
    assert body.material == "copper"


def test_a_gate_keeps_its_width_level(block):
    (body,) = placed(Gate.slot(width=40 * mm, height=12 * mm, length=30 * mm, at=block.side("+x")), block)
    assert body.surface.size == pytest.approx([30 * mm + 0.02 * 12 * mm, 40 * mm, 12 * mm])
    assert body.thinnest == pytest.approx(12 * mm)


def test_numbers_texts_and_quantities_are_the_same(block):
    import pint

    ureg = pint.UnitRegistry()
    lengths = [0.06, "60 mm", "6 cm", 60 * ureg.mm]
    risers = [Riser.cylinder(diameter=d, height=0.09, at=block.top) for d in lengths]
    assert [riser.diameter for riser in risers] == pytest.approx([0.06] * 4)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("side", [-1, 1])
def test_bars_that_lie_on_each_other_touch(axis, side):
    """No corner of either is on the other, and no edge passes through the inside of a face."""
    size, across, away = np.full(3, 0.02), np.full(3, 0.02), np.zeros(3)
    size[(axis + 1) % 3] = across[(axis + 2) % 3] = 0.2
    away[axis] = side * 0.02
    bar = Part.box(size).surface
    assert distance(bar, Part.box(across, centre=away).surface) == 0.0
    assert distance(bar, Part.box(across, centre=1.01 * away).surface) > 1e-4


def test_distance_of_surfaces():
    cube = Part.box(0.1).surface
    assert distance(cube, Part.box(0.1, centre=(0.13, 0.0, 0.0)).surface) == pytest.approx(0.03)
    assert distance(cube, Part.box(0.1, centre=(0.1, 0.0, 0.0)).surface) == pytest.approx(0.0, abs=1e-12)
    assert distance(cube, Part.box(0.1, centre=(0.05, 0.01, 0.02)).surface) == 0.0
    assert distance(cube, Part.box(0.02).surface) == 0.0  # one inside the other
    assert distance(cube, Part.sphere(0.02, centre=(0.0, 0.0, 0.2)).surface) == pytest.approx(0.14, abs=1e-5)


def refusal(make) -> str:
    with pytest.raises(InputError) as caught:
        make()
    return str(caught.value)


def test_refusals_of_numbers(block):
    top = block.top
    assert (
        refusal(lambda: Riser.cylinder(diameter=0.0, height=0.1, at=top)) == "riser diameter = 0 mm must be above 0 mm"
    )
    assert refusal(lambda: Riser.cylinder(diameter="60", height=0.1, at=top)).startswith(
        'riser diameter = "60" has no unit'
    )
    assert "is not finite" in refusal(lambda: Riser.cylinder(diameter=math.nan, height=0.1, at=top))
    assert refusal(lambda: Riser.cylinder(diameter=0.06, height=0.1, at=(0, 0, 0))) == (
        "a riser needs at = an Anchor such as part.top or part.nearest((0, -90*mm, 0)), not (0, 0, 0)"
    )
    assert refusal(lambda: Riser.cylinder(diameter=0.06, height=0.1, at=top, top="closed")) == (
        'top = \'closed\' is no top of a riser; write "blind" or "open"'
    )
    neck = Neck(diameter=0.07, height=0.01)
    assert refusal(lambda: Riser.cylinder(diameter=0.06, height=0.1, at=top, neck=neck)) == (
        "neck diameter = 70 mm must not exceed the riser's 60 mm"
    )
    sleeve = Sleeve(height="0.2 m")
    assert refusal(lambda: Riser.cylinder(diameter=0.06, height=0.1, at=top, sleeve=sleeve)) == (
        "sleeve height = 200 mm must not exceed the riser's 100 mm"
    )
    assert refusal(lambda: Chill.block((0.1, 0.1), at=top)) == (
        "size = (0.1, 0.1) is no chill; write three lengths such as (60*mm, 60*mm, 30*mm)"
    )
    assert refusal(lambda: Gate(width=0.1, at=top)) == (
        "a gate needs width and height; write Gate.slot(width=40*mm, height=12*mm, at=...)"
    )
    assert refusal(lambda: Core("core.stl")) == "a core is made from a Part, not from str; see Part.read"
    assert refusal(lambda: Chill.block((0.1, 0.1, 0.1), at=top, temperature=-5.0)) == (
        "chill temperature = -5 K must be above 0 K"
    )
    assert refusal(lambda: Riser(block, diameter=0.06)) == (
        "a riser from a Part takes no diameter, height, at, neck or sleeve; use Riser.cylinder for those"
    )


def test_a_riser_does_not_stand_on_a_wall(block):
    with pytest.raises(GeometryError, match="riser 1 stands on a face that leans 90 degrees from level"):
        placed(Riser.cylinder(diameter=0.02, height=0.1, at=block.side("+x")), block, "riser 1")


def test_a_chill_that_would_cut_the_part_is_refused():
    step = Part.box((0.1, 0.1, 0.02), corner=(0.0, 0.0, 0.0)).surface
    wall = Part.box((0.1, 0.1, 0.06), corner=(-0.1, 0.0, 0.0)).surface
    at = Anchor(np.array([0.01, 0.05, 0.02]), np.array([0.0, 0.0, 1.0]))
    chill = Chill.block((0.08, 0.04, 0.03), at=at)
    with pytest.raises(
        GeometryError, match="the surface under chill 1 rises 40 mm, more than half its thickness of 30 mm"
    ):
        chill.bodies(Site([step, wall], UP), "chill 1")


def beside(block, **changed):
    usual = {"diameter": 60 * mm, "height": 100 * mm, "at": block.side("+x"), "neck": Neck(diameter=30 * mm, height=15 * mm)}
    return Riser.beside(**{**usual, **changed})


def test_a_side_riser_stands_beside_its_wall_with_a_level_neck(block):
    riser, neck, sleeve, topping = placed(beside(block, below=20 * mm, sleeve="insulating", topping="insulating"), block)
    lo, hi = riser.surface.bounds
    wall = block.surface.bounds[1][0]
    # A lathe of the area of a circle is a little wider than the circle.
    assert (lo[0], hi[0]) == pytest.approx((wall + 15 * mm, wall + 75 * mm), abs=0.05 * mm)
    assert (lo[2], hi[2]) == pytest.approx((-20 * mm, 80 * mm), abs=1e-9)
    assert riser.surface.volume == pytest.approx(np.pi * (30 * mm) ** 2 * 100 * mm, rel=1e-9)
    assert (riser.role, neck.role, neck.serves) == ("riser", "gate", "piece")
    lo, hi = neck.surface.bounds
    assert lo[0] == pytest.approx(wall - 0.6 * mm, abs=1e-9)
    assert hi[0] == pytest.approx(wall + 45 * mm, abs=1e-9)
    assert 0.5 * (lo[1:] + hi[1:]) == pytest.approx([0.0, 0.0], abs=1e-9)
    assert sleeve.surface.bounds[1][2] == pytest.approx(80 * mm) == topping.surface.bounds[0][2] + 1e-6


def test_a_side_riser_on_a_turned_wall_keeps_upright(block):
    part = block.turned(np.radians(25.0), axis="y")
    at = part.nearest(tuple(0.06 * np.array([np.cos(np.radians(25.0)), 0.0, -np.sin(np.radians(25.0))])))
    riser, neck, *_ = placed(beside(part, at=at), part)
    assert riser.surface.bounds[1][2] - riser.surface.bounds[0][2] == pytest.approx(100 * mm)
    assert riser.surface.bounds[0][2] == pytest.approx(at.point[2] - 30 * mm)
    assert neck.surface.volume > 0.9 * np.pi * (15 * mm) ** 2 * 45 * mm


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"neck": None}, "a side riser needs a neck to the part"),
        ({"below": 10 * mm}, "the neck of 30 mm leaves the riser: .* choose below between 15 and 85 mm"),
        ({"neck": Neck(diameter=58 * mm, height=15 * mm)}, "too wide for a side riser of 60 mm"),
    ],
)
def test_side_risers_that_do_not_fit_are_refused(block, changed, words):
    with pytest.raises(InputError, match=words):
        beside(block, **changed)


def test_a_side_riser_needs_a_wall_and_belongs_to_no_other_form(block):
    with pytest.raises(GeometryError, match="stands beside a face that leans 90 degrees from upright"):
        placed(beside(block, at=block.top), block)
    with pytest.raises(GeometryError, match=r"set it beside a wall with Riser\.beside"):
        placed(Riser.cylinder(diameter=60 * mm, height=90 * mm, at=block.side("+x")), block)
    with pytest.raises(InputError, match=r"below = 0\.02 belongs to a side riser"):
        Riser(diameter=0.06, height=0.1, at=block.top, below=0.02)


def test_the_neck_of_a_side_riser_is_no_gating(sand, block):
    other = block.moved((0.0, 0.3, 0.0)).renamed("other")
    assert not [text for text in sand(block, more_parts=[other], rigging=[beside(block)]).warnings if "gating" in text]


def test_risers_that_touch_are_told(sand, block):
    first = Riser.cylinder(diameter=40 * mm, height=60 * mm, at=block.above(-10 * mm, 0.0))
    touching = sand(rigging=[first, Riser.cylinder(diameter=40 * mm, height=60 * mm, at=block.above(20 * mm, 0.0))])
    assert "riser 1 and riser 2 touch; what they share is weighed twice: move one away, or make one of both" in touching.warnings
    apart = sand(rigging=[first, Riser.cylinder(diameter=20 * mm, height=40 * mm, at=block.above(38 * mm, 30 * mm))])
    assert not any("touch" in text for text in apart.warnings)


def test_a_refusal_names_what_was_given(sand, block):
    with pytest.raises(InputError, match="breaker hole = 90 mm must not exceed the riser's 60 mm"):
        Riser.cylinder(diameter=60 * mm, height=90 * mm, at=block.top, breaker=Breaker(hole=90 * mm, thickness=8 * mm))
    with pytest.raises(InputError, match=r'two bodies are named "block"; rename one with part\.renamed'):
        sand(more_parts=[block.moved((0.3, 0.0, 0.0))])
