"""Gating, filters, vents, overflows, what is set on risers, cores with prints, several castings, stock, export."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest

from castsolve.casting import (
    METAL,
    PRIORITY,
    Basin,
    Breaker,
    Chill,
    Core,
    Filter,
    Gate,
    GatingDesign,
    Overflow,
    Riser,
    Runner,
    Sprue,
    Topping,
    Vent,
    Well,
    pattern_of,
    pattern_shrinkage,
)
from castsolve.casting.rules import rule, rules
from castsolve.casting.site import Site
from castsolve.errors import GeometryError, InputError
from castsolve.geometry import Anchor, Part, require_closed
from castsolve.geometry.grid import Grid
from castsolve.materials import alloy
from castsolve.units import mm

UP = np.array([0.0, 0.0, 1.0])


def placed(piece, part: Part, name: str = "piece"):
    bodies = piece.bodies(Site([part.surface], UP), name)
    for body in bodies:
        require_closed(body.surface, body.name)
    return bodies


def refusal(make) -> str:
    with pytest.raises((InputError, GeometryError)) as caught:
        make()
    return str(caught.value)


def gated(block: Part) -> list:
    """Return a whole path of metal: basin, sprue with well, runner, filter, gate."""
    return [
        Basin.cup(diameter=60 * mm, depth=40 * mm, at=(0.12, 0, 0.16)),
        Sprue.round(diameter=20 * mm, height=155 * mm, at=(0.12, 0, 0.005), head=40 * mm, well=Well(diameter=0.04, depth=0.03)),
        Runner.bar(width=24 * mm, height=20 * mm, path=[(0.12, 0, -0.02), (0.07, 0, -0.02)]),
        Filter.foam((30 * mm, 26 * mm, 15 * mm), at=(0.09, 0, -0.01), direction="-x"),
        Gate.slot(width=24 * mm, height=12 * mm, length=30 * mm, at=block.nearest((0.06, 0, -0.01))),
    ]


# -- sprues ------------------------------------------------------------------------------------------------------


def test_a_sprue_narrows_as_the_falling_stream_does(block):
    # 50 mm of metal over the top, 300 mm over the foot: the areas are as 1 : 0.40825.
    sprue = Sprue.round(diameter=20 * mm, height=250 * mm, at=(0, 0, 0), head=50 * mm)
    assert (sprue.diameter / sprue.needed_diameter(0.25)) ** 2 == pytest.approx(0.40825, abs=5e-6)
    (body,) = placed(sprue, block)
    heights = body.surface.points[:, 2]
    for h in np.unique(np.round(heights, 9)):
        ring = body.surface.points[np.abs(heights - h) < 1e-9]
        r = np.linalg.norm(ring[:, :2], axis=1).max()
        # The speed sqrt(2 g depth) times the area is the same at every height.
        assert r * r * math.sqrt(0.3 - h) == pytest.approx(0.01**2 * math.sqrt(0.3), rel=1e-3)
    exact = math.pi * 0.01**2 * math.sqrt(0.3) * 2 * (math.sqrt(0.3) - math.sqrt(0.05))
    assert body.surface.volume == pytest.approx(exact, rel=2e-3)


def test_a_sprue_that_sucks_air_is_told(sand, block):
    rigging = gated(block)
    rigging[1] = Sprue.round(diameter=20 * mm, height=161 * mm, at=(0.12, 0, -0.001), head=39 * mm, top_diameter=22 * mm)
    told = [text for text in sand(rigging=rigging).warnings if "sucks air" in text]
    (only,) = told
    assert only == (
        "sprue 1 sucks air: its top of 22 mm is below the 30.1 mm that the falling stream fills under 39 mm of metal;"
        " widen the top or leave top_diameter out"
    )
    rigging[1] = Sprue.round(diameter=20 * mm, height=161 * mm, at=(0.12, 0, -0.001), head=39 * mm, top_diameter=31 * mm)
    assert not [text for text in sand(rigging=rigging).warnings if "sucks air" in text]


def test_a_well_belongs_to_its_sprue(block):
    plain = Sprue.round(diameter=0.02, height=0.1, at=(0, 0, 0))
    deep = Sprue.round(diameter=0.02, height=0.1, at=(0, 0, 0), well=Well(diameter=0.05, depth=0.03))
    more = placed(deep, block)[0].surface.volume - placed(plain, block)[0].surface.volume
    assert more == pytest.approx(math.pi * 0.025**2 * 0.03, rel=1e-9)
    assert refusal(lambda: Sprue.round(diameter=0.03, height=0.1, at=(0, 0, 0), well=Well(diameter=0.02, depth=0.03))) == (
        "well diameter = 20 mm must not be below the sprue's 30 mm"
    )


# -- the whole path ----------------------------------------------------------------------------------------------


def test_the_path_of_metal_is_one_region_and_a_flow_finds_its_ends(sand, block):
    vent = Vent(diameter=4 * mm, at=block.top)
    casting = sand(rigging=[*gated(block), vent])
    layout = casting.layout(4 * mm)
    assert [region.name for region in layout.regions] == ["metal", "mould"]
    assert [body.role for body in layout.bodies] == ["part", "filter", "gate", "runner", "sprue", "basin"]
    assert [(o.name, o.role) for o in layout.openings] == [("basin 1", "inlet"), ("vent 1", "vent")]
    inlet, out = layout.openings
    assert inlet.area == pytest.approx(math.pi * 0.03**2)
    assert inlet.at.point == pytest.approx([0.12, 0.0, 0.2])
    assert (out.area, out.length) == pytest.approx((math.pi * 0.002**2, 0.04))
    pores = layout.pores["filter 1"]
    assert (pores.permeability, pores.porosity, pores.direction) == (5.08e-8, 0.89, (-1.0, 0.0, 0.0))
    assert casting.flask[1][2] == pytest.approx(0.2)  # the cup is open: the mould ends there
    assert layout.open_sides == {"z_high"}


def test_without_basin_and_sprue_the_gates_are_the_inlets(sand, block):
    casting = sand(rigging=Gate.slot(width=40 * mm, height=12 * mm, length=30 * mm, at=block.side("+x")))
    (opening,) = casting.openings
    assert opening.at.point == pytest.approx([0.08, 0.0, 0.0])
    assert opening.at.normal == pytest.approx([1.0, 0.0, 0.0])
    assert opening.area == pytest.approx(480e-6)


def test_a_gap_in_the_path_is_refused_and_a_part_beside_it_told(sand, block):
    rigging = gated(block)
    rigging[1] = Sprue.round(diameter=20 * mm, height=155 * mm, at=(0.2, 0, 0.005), head=40 * mm)
    with pytest.raises(InputError, match=r"sprue 1 does not touch the part: 70\.17 mm lie between them; move it there"):
        sand(rigging=rigging)
    other = Part.box((0.1, 0.1, 0.05), centre=(-0.12, 0.0, 0.0), name="other")
    told = sand(rigging=gated(block), more_parts=[other]).warnings
    assert "other is not joined to the gating; no metal reaches it" in told


def test_castings_in_one_mould_need_sand_between_them(sand, block):
    near = Part.box((0.1, 0.1, 0.05), centre=(0.103, 0.0, 0.0), name="near")
    told = sand(more_parts=near).warnings
    assert "only 3 mm of mould lie between block and near (6 mm are wanted)" in told
    touching = Part.box((0.1, 0.1, 0.05), centre=(0.1, 0.0, 0.0), name="touching")
    assert refusal(lambda: sand(more_parts=[touching])) == (
        "touching touches block; castings in one mould need sand between them, 6 mm or more: move one away"
    )
    twin = Part.box((0.1, 0.1, 0.05), centre=(0.2, 0.0, 0.0), name="block")
    assert refusal(lambda: sand(more_parts=[twin])) == 'two bodies are named "block"; rename one with part.renamed(...)'


def test_two_castings_share_the_metal_and_a_riser_may_stand_on_either(sand, block):
    other = Part.box((0.1, 0.1, 0.05), centre=(0.2, 0.0, 0.0), name="other")
    casting = sand(more_parts=other, rigging=Riser.cylinder(diameter=0.05, height=0.06, at=other.top))
    layout = casting.layout(8 * mm)
    assert layout.regions[0].body_names == ("block", "other", "riser 1")
    assert "casting yield" in casting.summary()


# -- filters, vents, overflows -----------------------------------------------------------------------------------


def test_filters_vents_and_overflows(block):
    (foam,) = placed(Filter.foam((0.05, 0.04, 0.02), at=(0, 0, 0), direction="x", ppi=40), block)
    assert foam.surface.size == pytest.approx([0.02, 0.05, 0.04])
    assert foam.pores is not None and foam.pores.inertial == 3.38e-4
    assert refusal(lambda: Filter.foam((0.05, 0.04, 0.02), at=(0, 0, 0), ppi=25)).startswith(
        "ppi = 25 is not known; known are 30, 40, 50, 80"
    )
    own = Filter((Part.box(0.02)), ppi=10, permeability=1e-7, inertial=1e-3, porosity=0.9)
    assert own.permeability == 1e-7
    pocket, gate = placed(Overflow.pocket((0.03, 0.02, 0.015), at=block.side("+x")), block, "overflow 1")
    assert pocket.surface.volume == pytest.approx(9e-6)
    assert pocket.surface.bounds[0][0] == pytest.approx(0.054)
    assert gate.name == "overflow 1 gate"
    assert gate.surface.bounds[1][0] > pocket.surface.bounds[0][0]
    (vent,) = placed(Vent(diameter="4 mm", at=block.top, length="50 mm"), block, "vent 1")
    assert vent.surface.bounds[1][2] == pytest.approx(0.075)
    assert (vent.role in METAL, "vent" in PRIORITY) == (False, False)


def test_a_basin_beside_its_sprue(block):
    (body,) = placed(Basin.box((0.12, 0.06, 0.05), at=(0, 0, 0.2), offset=(0.03, 0)), block, "basin 1")
    assert body.surface.bounds[0][:2] == pytest.approx([-0.03, -0.03])
    assert body.surface.bounds[1] == pytest.approx([0.09, 0.03, 0.25])
    assert body.opening.at.point == pytest.approx([0.03, 0.0, 0.25])
    assert "either a cup of a diameter and a depth, or a box" in refusal(lambda: Basin(at=(0, 0, 0)))


# -- what is set on risers ---------------------------------------------------------------------------------------


def test_a_breaker_core_lies_under_the_riser_around_its_neck(sand, block):
    riser = Riser.cylinder(
        diameter=60 * mm, height=80 * mm, at=block.top, breaker=Breaker(hole=30 * mm, thickness=8 * mm), topping="insulating"
    )
    metal, breaker, topping = placed(riser, block, "riser 1")
    assert metal.surface.volume == pytest.approx(math.pi * (0.03**2 * 0.08 + 0.015**2 * (0.008 + 0.02 * 0.03)), rel=1e-9)
    assert breaker.surface.volume == pytest.approx(math.pi * 0.03**2 * (0.008 + 1e-6), rel=1e-9)
    assert topping.surface.bounds[0][2] == pytest.approx(0.025 + 0.088, abs=2e-6)
    layout = sand(rigging=riser).layout(4 * mm)
    names = [region.name for region in layout.regions]
    assert names == ["metal", "riser 1 breaker", "riser 1 topping", "mould"]
    grid = Grid.build(layout.bodies, voxel=4 * mm, box=layout.box, fine_box=layout.fine_box, region_names=names)
    assert grid.region_volume(1) == pytest.approx(math.pi * (0.03**2 - 0.015**2) * 0.008, rel=3e-2)
    wide = Breaker(hole=0.07, thickness=0.01)
    assert refusal(lambda: Riser.cylinder(diameter=0.06, height=0.08, at=block.top, breaker=wide)) == (
        "breaker hole = 70 mm must not exceed the riser's 60 mm"
    )


def test_a_topping_on_an_open_riser_is_what_reaches_the_air(sand, block):
    riser = Riser.cylinder(diameter=60 * mm, height=80 * mm, at=block.top, topping=Topping(thickness=20 * mm), top="open")
    metal, topping = placed(riser, block)
    assert (metal.open_top, topping.open_top) == (False, True)
    casting = sand(rigging=riser)
    assert casting.flask[1][2] == pytest.approx(0.025 + 0.1)
    assert [o.role for o in casting.openings] == ["vent"]


# -- chills and cores --------------------------------------------------------------------------------------------


def test_a_contoured_chill_keeps_its_thickness():
    pipe = Part.cylinder(100 * mm, 300 * mm, axis="x", name="pipe")
    at = pipe.nearest((0.15, 0.1, 0.0))
    (block,) = placed(Chill.block((60 * mm, 60 * mm, 20 * mm), at=at), pipe)
    (contour,) = placed(Chill.contour((60 * mm, 60 * mm, 20 * mm), at=at), pipe)
    # pressed 1 um into the part, and as thick all over
    assert contour.surface.volume == pytest.approx(60 * 60 * 20 * mm**3, rel=1e-3)
    assert contour.surface.volume < block.surface.volume
    assert contour.surface.bounds[1][1] == pytest.approx(0.07, abs=1e-4)


def test_a_core_with_its_prints(sand, block):
    core = Core.cylinder(diameter=20 * mm, start=(-0.05, 0, 0), end=(0.05, 0, 0), print_length=15 * mm, print_diameter=24 * mm)
    (body,) = placed(core, block)
    assert body.surface.volume == pytest.approx(math.pi * (0.01**2 * 0.1 + 2 * 0.012**2 * 0.015), rel=1e-9)
    assert not [text for text in sand(rigging=core).warnings if "print" in text]
    bare = Core(Part.cylinder(0.02, 0.04, base=(0, 0, -0.02), name="float"))
    assert "core 1 has no print: it lies in the metal on all sides, and nothing holds it" in sand(rigging=bare).warnings
    held = Core(bare.part, prints=Part.box((0.01, 0.01, 0.04), centre=(0.0, 0.0, 0.035)), material="furan-sand")
    casting = sand(rigging=held)
    assert not [text for text in casting.warnings if "print" in text]
    layout = casting.layout(5 * mm)
    assert layout.regions[1].body_names == ("core 1", "core 1 print 1")
    loose = Core(bare.part, prints=[Part.box(0.01, centre=(0.0, 0.0, 0.06))])
    assert refusal(lambda: sand(rigging=loose)) == (
        "core 1 print 1 does not touch core 1: 35 mm lie between them; move it there"
    )


# -- rules -------------------------------------------------------------------------------------------------------


def test_every_rule_has_a_source_in_the_bibliography():
    from importlib.resources import files

    from castsolve.materials.references import read_bibtex

    known = set(read_bibtex(files("castsolve.casting").joinpath("data", "references.bib").read_text(encoding="utf-8")))
    cited: set[str] = set()

    def walk(entry) -> None:
        if isinstance(entry, dict):
            if "source" in entry:
                assert entry["evidence"] in ("seen", "secondhand", "memory", "estimate", "derived", "computed")
                cited.update(key.strip() for key in entry["source"].split(","))
            for value in entry.values():
                walk(value)

    walk(rules())
    assert cited == known


def test_a_pattern_is_larger_by_the_contraction_of_its_alloy(block):
    assert pattern_shrinkage("A356").value == pytest.approx(0.0125)
    assert pattern_shrinkage("WCB").value == pytest.approx(0.02)
    pattern = pattern_of(block.with_stock(3 * mm, at=block.top), "WCB")
    assert pattern.size == pytest.approx(1.02 * block.size)
    assert pattern.stock[0].thickness == pytest.approx(3.06 * mm)
    assert pattern_of(block, "WCB", shrinkage=0.0).volume == pytest.approx(block.volume)
    assert "must lie from 0 to 0.1" in refusal(lambda: pattern_of(block, "WCB", shrinkage=2.0))


def test_gating_sizes_follow_bernoulli_and_the_ratio():
    design = GatingDesign.of("A356", mass=10.0, head=0.3, above_gates=0.2, casting_height=0.2, pour_time=5.0, gates=2)
    metal = alloy("A356")
    # Mean head 300 - 200^2 / 400 = 200 mm.
    choke = 10.0 / (float(metal.density_at(metal.liquidus.value)) * 5.0 * 0.42 * math.sqrt(2 * 9.81 * 0.2))
    assert (design.sprue_area, design.runner_area, design.gate_area) == pytest.approx((choke, 2 * choke, 4 * choke))
    width, height = design.gate_size(flat=4.0)
    assert 2 * width * height == pytest.approx(4 * choke)
    assert design.sprue_diameter**2 * math.pi / 4 == pytest.approx(choke)
    iron = GatingDesign.of("EN-GJS-400-15", mass=16.0, head=0.2, wall=18 * mm)
    assert iron.pour_time == pytest.approx(1.36 * 4.0)
    assert min(iron.sprue_area, iron.runner_area, iron.gate_area) == iron.gate_area
    assert refusal(lambda: GatingDesign.of("EN-GJS-400-15", mass=16.0, head=0.2)) == (
        "the pour time of iron goes by its wall thickness; give wall, or pour_time itself"
    )
    assert "does not fill a casting that rises 300 mm" in refusal(
        lambda: GatingDesign.of("A356", mass=1.0, head=0.1, above_gates=0.3)
    )


def test_pieces_of_a_design_join(sand, block):
    design = GatingDesign.of("WCB", mass=6.0, head=0.2, pour_time=4.0)
    w = design.runner_width
    rigging = [
        design.basin(at=(0.12, 0, 0.16), depth=0.04),
        design.sprue(at=(0.12, 0, w - 0.02), height=0.18 - w, head=0.04),
        design.runner([(0.12, 0, -0.02), (0.07, 0, -0.02)]),
        design.gate(block.nearest((0.06, 0, -0.01)), length=0.03),
    ]
    casting = sand(rigging=rigging)
    assert [body.role for body in casting.bodies[1:]] == ["basin", "sprue", "runner", "gate"]
    assert rigging[1].diameter == pytest.approx(design.sprue_diameter)
    flat = design.runner([(0.12, 0, -0.02), (0.07, 0, -0.02)], width=1.5 * w)
    assert 0.9 * flat.width * flat.height == pytest.approx(design.runner_area)


# -- stock and export --------------------------------------------------------------------------------------------


def test_stock_is_metal_with_a_role_of_its_own(sand, block):
    casting = sand(block.with_stock(3 * mm, at=[block.top]))
    layout = casting.layout(4 * mm)
    assert [(body.name, body.role, body.region) for body in layout.bodies] == [
        ("block", "part", 0),
        ("block stock 1", "stock", 0),
    ]
    grid = Grid.build(layout.bodies, voxel=4 * mm, box=layout.box, fine_box=layout.fine_box)
    assert grid.body_volume[1] == pytest.approx(0.1 * 0.1 * 3 * mm, rel=1e-2)  # where three bodies meet in a voxel
    facts = casting.facts()["stock"][0]
    assert (facts["part"], facts["thickness"]) == ("block", pytest.approx(3 * mm))


def test_export_writes_every_body_for_cad(sand, block, tmp_path):
    casting = sand(rigging=[*gated(block), Vent(diameter=4 * mm, at=block.top)])
    files = casting.export(tmp_path / "cad")
    assert [file.name for file in files][:3] == ["block.stl", "basin-1.stl", "sprue-1.stl"]
    with (tmp_path / "cad" / "bodies.csv").open(newline="") as table:
        rows = list(csv.DictReader(table))
    assert [(row["name"], row["role"]) for row in rows] == [(body.name, body.role) for body in casting.bodies]
    for file, body in zip(files, casting.bodies, strict=True):
        again = Part.read(file, unit="mm")
        assert again.volume == pytest.approx(body.surface.volume, rel=1e-5)


def test_clearance_is_a_rule():
    assert rule("clearance").value == pytest.approx(6 * mm)


def test_an_anchor_over_an_opening_stays_one_in_a_case_file():
    from castsolve.casting.places import place_text, read_place

    ring = Part.tube(0.1, 0.05, bore=0.04, name="ring")
    assert ring.top.over_opening
    text = place_text(ring.top)
    point = [float(value.split()[0]) * 1e-3 for value in text["point"]]
    again = read_place(text | {"point": point}, ring)
    assert isinstance(again, Anchor) and again.over_opening
