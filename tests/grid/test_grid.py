"""The voxel grid against exact surfaces: volumes, walls, contacts, half bodies, thin plates, spacing, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from castsolve import _kernels
from castsolve.errors import GeometryError
from castsolve.geometry import Grid, GridBody, Part, Surface, graded_nodes, row_order, turned_grid
from castsolve.results import Frame

VOXEL = 2e-3
BOX = ((-0.03, -0.03, -0.03), (0.03, 0.03, 0.03))


def body(part: Part | Surface, region: int = 0, role: str = "part") -> GridBody:
    return GridBody(role, role, part if isinstance(part, Surface) else part.surface, region)


def build(*bodies: GridBody, voxel: float = VOXEL, box=BOX, **options) -> Grid:
    options.setdefault("fine_box", box)
    return Grid.build(bodies, voxel=voxel, box=box, **options)


ALONE = {
    "sphere": Part.sphere(0.024, centre=(0.0011, 0.0003, -0.0007)),
    "cylinder": Part.cylinder(0.02, 0.03, base=(0.0003, 0.0, -0.015)),
    "turned cylinder": Part.cylinder(0.02, 0.03, base=(0.0003, 0.0, -0.015)).turned(0.4, axis=(1, 2, 0)),
    "cube": Part.box(0.02),
    "cube off the grid": Part.box(0.0213, centre=(0.0003, 0.0007, -0.0004)),
    "cube a hair off the grid": Part.box(0.02, centre=(1e-12, -1e-12, 0.0)),
    "turned cube": Part.box(0.02).turned(0.6, axis=(1, 2, 3)),
    "tube": Part.tube(0.03, 0.03, bore=0.014, base=(0.0, 0.0, -0.015)),
    "turned tube": Part.tube(0.03, 0.024, bore=0.014, base=(0.0, 0.0, -0.012)).turned(1.1, axis=(1, 1, 2)),
    "cone": Part.cone(0.024, 0.03, base=(0.0005, 0.0, -0.015)),
}


@pytest.mark.parametrize("voxel", [VOXEL, 2.7e-3])
@pytest.mark.parametrize("name", ALONE)
def test_volume_and_wall_area_of_a_body_are_exact(name, voxel):
    surface = ALONE[name].surface
    grid = build(body(surface), voxel=voxel)
    assert grid.body_volume[0] == pytest.approx(surface.volume, rel=1e-9)
    assert grid.region_volume(0) == pytest.approx(surface.volume, rel=1e-9)
    assert grid.wall_area(0, 1) == pytest.approx(surface.area, rel=1e-9)
    whole = float(np.prod([n[-1] - n[0] for n in grid.nodes]))
    assert float(grid.volumes().sum()) == pytest.approx(whole, rel=1e-12)
    assert grid.lost == (0.0, 0.0, 0.0)
    factor = grid.volume_factor()
    assert factor.min() > 0.45
    assert factor.max() < 3.1
    assert float((grid.metal_fraction() * grid.cell_volumes()).sum()) == pytest.approx(surface.volume, rel=1e-6)


def test_a_broken_grid_is_noticed():
    """The plain skin of the voxels is what the gates above must refuse."""
    surface = ALONE["sphere"].surface
    grid = build(body(surface))
    plain = Grid.regular(*grid.nodes, region=grid.region, names=("metal", "mould"))
    assert plain.wall_area(0, 1) > 1.4 * surface.area
    assert abs(plain.region_volume(0) / surface.volume - 1.0) > 1e-4


@pytest.mark.parametrize("centre", [(0.0, 0.0, 0.0), (0.0003, 0.0007, -0.0004), (0.0009, -0.0005, 0.0001)])
def test_every_octant_of_a_sphere_has_its_area(centre):
    """At 12 voxels a diameter, where a factor on the whole area could not hide a wrong place."""
    part = Part.sphere(0.024, centre=centre)
    grid = build(body(part))
    walls = grid.walls
    place = np.stack([grid.centres(a)[i] for a, i in enumerate(np.unravel_index(walls.voxel, grid.shape))], axis=1)
    place[np.arange(len(place)), walls.axis] += 0.5 * VOXEL
    # Where the wall is: from the face's middle to the sphere.
    place = (place - centre) / np.linalg.norm(place - centre, axis=1)[:, None]
    # A face's wall reaches about half a voxel either way: shared between the octants by that.
    weight = np.clip(0.5 + place * 0.012 / VOXEL, 0.0, 1.0)
    areas = []
    for octant in range(8):
        mine = [weight[:, a] if octant >> a & 1 else 1.0 - weight[:, a] for a in range(3)]
        areas.append(float((walls.area * np.prod(mine, axis=0)).sum()))
    assert sum(areas) == pytest.approx(part.area, rel=1e-9)
    assert areas == pytest.approx([part.area / 8.0] * 8, rel=0.02)


def test_a_symmetric_half_is_half_a_body():
    for name in ("sphere", "turned cube", "turned tube"):
        part = ALONE[name]
        lo, hi = part.bounds
        middle = 0.5 * (lo + hi)
        part = part.moved(tuple(-middle))
        half = build(body(part), box=((0.0, -0.03, -0.03), BOX[1]))
        assert half.region_volume(0) == pytest.approx(0.5 * part.volume, rel=1e-9)
        # The cut through the body is no wall.
        assert half.wall_area(0, 1) == pytest.approx(0.5 * part.area, rel=1e-9)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("end", [0, 1])
def test_a_part_may_touch_the_border(axis, end):
    centre = [0.0, 0.0, 0.0]
    centre[axis] = (-0.02, 0.02)[end]
    grid = build(body(Part.box(0.02, centre=tuple(centre))))
    assert grid.region_volume(0) == pytest.approx(8e-6, rel=1e-9)
    assert grid.wall_area(0, 1) == pytest.approx(5 * 4e-4, rel=1e-9)


def test_a_part_may_fill_the_whole_box():
    grid = build(body(Part.box(0.06)))
    assert grid.region_volume(0) == pytest.approx(0.06**3, rel=1e-9)
    assert (grid.region == 0).all()
    assert grid.wall_area(0, 1) == 0.0


def contact(chill: Part, part: Part, **options) -> tuple[Grid, float]:
    grid = build(body(chill, 1, "chill"), body(part), region_names=("metal", "chill", "mould"), **options)
    return grid, grid.wall_area(0, 1)


def test_a_box_in_a_box_has_its_whole_surface_as_contact():
    for centre in ((0.0, 0.0, 0.0), (0.0003, 0.0, 0.0), (0.0003, -0.0007, 0.0009)):
        core, part = Part.box(0.012, centre=centre), Part.box(0.024)
        grid, area = contact(core, part)
        assert area == pytest.approx(core.area, rel=1e-6)
        assert grid.wall_area(0, 2) == pytest.approx(part.area, rel=1e-6)
        assert grid.region_volume(0) == pytest.approx(part.volume - core.volume, rel=1e-6)
        assert grid.region_volume(1) == pytest.approx(core.volume, rel=1e-6)


@pytest.mark.parametrize("angle", [0.0, 0.5])
def test_a_core_through_a_part_leaves_a_tube(angle):
    core = Part.box((0.0107, 0.0123, 0.05), centre=(0.0003, 0.0004, 0.0))
    part = Part.box((0.024, 0.026, 0.03))
    grid, area = contact(*(p.turned(angle, axis=(1, 2, 3)) for p in (core, part)))
    hole = 2 * (0.0107 + 0.0123) * 0.03
    assert grid.region_volume(0) == pytest.approx(part.volume - 0.0107 * 0.0123 * 0.03, rel=1e-9)
    assert area == pytest.approx(hole, rel=1e-9)
    assert grid.wall_area(0, 2) == pytest.approx(part.area - 2 * 0.0107 * 0.0123, rel=1e-9)
    assert grid.wall_area(1, 2) == pytest.approx(core.area - hole, rel=1e-9)
    assert grid.lost[:2] == pytest.approx((0.0, 0.0), abs=1e-18)


def side(cylinder: Part, height: float) -> float:
    """Return the area of a cylinder's polygonal mantle."""
    return cylinder.area - 2.0 * cylinder.volume / height


@pytest.mark.parametrize("angle", [0.0, 0.4])
def test_a_round_core_in_a_round_part_is_exact(angle):
    core, part = Part.cylinder(0.01, 0.06, base=(0, 0, -0.03)), Part.cylinder(0.024, 0.03, base=(0, 0, -0.015))
    grid, area = contact(*(p.turned(angle, axis=(1, 2, 3)) for p in (core, part)))
    assert grid.region_volume(0) == pytest.approx(part.volume - 0.5 * core.volume, rel=1e-9)
    assert area == pytest.approx(0.5 * side(core, 0.06), rel=1e-9)
    # The mesh's own polygons are chosen to hold the circle's area.
    assert area == pytest.approx(math.pi * 0.01 * 0.03, rel=2e-3)


@pytest.mark.parametrize("angle", [0.0, 0.4])
@pytest.mark.parametrize("turn", [0.0, 0.3])
def test_a_core_in_its_own_hole_touches_all_around(turn, angle):
    """Turned in the hole, its facets lie up to 1.4e-3 voxel off those of the hole, now before and now behind them."""
    core = Part.cylinder(0.01, 0.06, base=(0, 0, -0.03)).turned(turn, axis="z")
    part = Part.tube(0.03, 0.03, bore=0.01, base=(0, 0, -0.015))
    grid, area = contact(*(p.turned(angle, axis=(1, 2, 3)) for p in (core, part)))
    near = 1e-3 if turn else 1e-9
    assert area == pytest.approx(0.5 * side(core, 0.06), rel=near)
    assert grid.region_volume(0) == pytest.approx(part.volume, rel=2e-5 if turn else 1e-9)
    assert grid.lost[0] <= (1e-3 * area if turn else 0.0)


def test_a_riser_that_overlaps_its_part_joins_it():
    part, riser = Part.box(0.02, centre=(0, 0, -0.005)), Part.cylinder(0.012, 0.02, base=(0.0003, 0, 0))
    grid = build(body(part), body(riser, 0, "riser"))
    assert grid.region_volume(0) == pytest.approx(part.volume + 0.75 * riser.volume, rel=1e-9)
    assert grid.wall_area(0, 1) == pytest.approx(part.area + 0.75 * side(riser, 0.02), rel=1e-9)
    assert grid.body_volume[:2] == pytest.approx([part.volume, 0.75 * riser.volume], rel=1e-9)
    assert set(np.unique(grid.body)) == {0, 1, 2}
    # A wall inside one region is none: the order of the bodies does not matter to the metal.
    other = build(body(riser, 0, "riser"), body(part))
    assert other.region_volume(0) == pytest.approx(grid.region_volume(0), rel=1e-12)
    assert other.wall_area(0, 1) == pytest.approx(grid.wall_area(0, 1), rel=1e-12)


def test_many_bodies_keep_all_volumes_and_areas():
    """A part with chill, core, riser, sleeve and gate, turned; the sums over pairs are the areas of the bodies."""
    turn = {"angle": 0.35, "axis": (1, 2, 3)}
    part = Part.box((0.03, 0.024, 0.014), centre=(0, 0, -0.004))
    core = Part.cylinder(0.007, 0.04, base=(-0.008, 0, -0.02))
    chill = Part.box((0.012, 0.01, 0.006), centre=(0.004, 0.001, -0.014))
    riser = Part.cylinder(0.01, 0.014, base=(0.006, 0, 0.003))
    sleeve = Part.tube(0.018, 0.014, bore=0.01, base=(0.006, 0, 0.003))
    gate = Part.box((0.006, 0.012, 0.005), centre=(0.0, 0.014, -0.004))
    rows = [(chill, 1), (core, 2), (part, 0), (riser, 0), (gate, 0), (sleeve, 3)]
    names = ("metal", "chill", "core", "sleeve", "mould")
    grid = build(*(body(p.turned(**turn), r) for p, r in rows), voxel=1.3e-3, region_names=names)
    inside = core.volume * 0.014 / 0.04
    assert grid.region_volume(1) == pytest.approx(chill.volume, rel=1e-9)
    assert grid.region_volume(2) == pytest.approx(core.volume, rel=1e-9)
    assert grid.region_volume(3) == pytest.approx(sleeve.volume, rel=1e-6)
    assert grid.region_volume(0) == pytest.approx(part.volume - inside + riser.volume + 0.006 * 0.008 * 0.005, rel=1e-6)
    assert grid.wall_area(0, 1) == pytest.approx(0.012 * 0.01, rel=1e-9)
    assert grid.wall_area(0, 2) == pytest.approx(side(core, 0.04) * 0.014 / 0.04, rel=1e-9)
    foot = sleeve.volume / 0.014
    assert grid.wall_area(0, 3) == pytest.approx(side(riser, 0.014) + foot, rel=1e-6)
    assert sum(grid.wall_area(1, r) for r in (0, 4)) == pytest.approx(chill.area, rel=1e-9)
    assert sum(grid.wall_area(2, r) for r in (0, 4)) == pytest.approx(core.area, rel=1e-9)
    assert sum(grid.wall_area(3, r) for r in (0, 4)) == pytest.approx(sleeve.area, rel=1e-6)
    assert grid.wall_area(1, 2) == grid.wall_area(1, 3) == grid.wall_area(2, 3) == 0.0
    assert grid.lost == pytest.approx((0.0, 0.0, 0.0), abs=1e-15)


FLUSH = [
    ("aligned", 0.01, 0.02, 0.02, 0.0),
    ("aligned, smaller", 0.01, 0.012, 0.012, 0.0),
    ("off the grid", 0.0107, 0.02, 0.02, 0.0),
    ("smaller, off the grid", 0.0107, 0.0113, 0.0127, 0.0),
    ("turned", 0.0107, 0.0113, 0.0127, 0.4),
]
@pytest.mark.parametrize("shift", [0.0, 1e-12, -1e-12])
@pytest.mark.parametrize(("x", "wide", "high", "angle"), [f[1:] for f in FLUSH], ids=[f[0] for f in FLUSH])
def test_a_chill_flush_on_a_part_touches_with_its_face(x, wide, high, angle, shift):
    part = Part.box((0.01 + x, 0.02, 0.02), corner=(-0.01, -0.01, -0.01))
    chill = Part.box((0.01, wide, high), corner=(x + shift, -0.5 * wide, -0.5 * high))
    turn = {"angle": angle, "axis": (1, 1, 2)}
    grid, area = contact(chill.turned(**turn), part.turned(**turn))
    assert area == pytest.approx(wide * high, rel=1e-6)
    assert grid.wall_area(0, 2) == pytest.approx(part.area - wide * high, rel=1e-6)
    assert grid.wall_area(1, 2) == pytest.approx(chill.area - wide * high, rel=1e-6)
    assert grid.region_volume(0) == pytest.approx(part.volume, rel=1e-6)
    assert grid.region_volume(1) == pytest.approx(chill.volume, rel=1e-6)


@pytest.mark.parametrize("thick", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("shift", [0.0, 0.3, 0.5])
def test_thin_plates_keep_volume_and_area(thick, shift):
    part = Part.box((0.02, 0.02, thick * VOXEL), centre=(0.0003, 0.0001, shift * VOXEL))
    for turned in (part, part.turned(0.5, axis=(1, 2, 0))):
        grid = build(body(turned))
        assert grid.region_volume(0) == pytest.approx(part.volume, rel=1e-6)
        assert grid.wall_area(0, 1) == pytest.approx(part.area, rel=1e-6)


@pytest.mark.parametrize("shift", [0.0, 0.3, 0.5])
def test_a_plate_thinner_than_a_voxel_is_reported_lost(shift):
    part = Part.box((0.02, 0.02, 0.4 * VOXEL), centre=(0.0003, 0.0001, shift * VOXEL))
    grid = build(body(part))
    assert grid.region_volume(0) + grid.lost[1] == pytest.approx(part.volume, rel=1e-6)
    assert grid.wall_area(0, 1) + grid.lost[0] == pytest.approx(part.area, rel=1e-6)
    assert grid.lost[1] > 0.5 * part.volume


def test_the_check_of_a_thin_plate_tells_what_is_lost():
    """A block with a fin of 0.4 voxel."""
    block = Part.box(0.02, centre=(-0.015, 0, 0)).surface
    fin = Part.box((0.02, 0.02, 0.4 * VOXEL), centre=(0.010, 0.0, 0.001)).surface
    grid = build(body(block), body(fin, 0, "fin"))
    check = grid.check()
    assert check.lost_volume > 0.0
    assert any("lost" in w and "use a smaller voxel" in w for w in check.warnings)


def test_the_check_of_a_part_that_is_lost_wholly_tells_so():
    grid = build(body(Part.box((0.02, 0.02, 0.4 * VOXEL))))
    assert "lost" in str(grid.check())


def test_the_check_reads_like_a_table():
    part = ALONE["turned cube"]
    grid = build(body(part), region_names=("metal", "green sand"))
    check = grid.check()
    text = str(check)
    for word in ("grid 30 x 30 x 30", "voxel 2 mm", "surface cm3", "V/A mm", "green sand", "thinnest metal", "8.000", "24.00"):
        assert word in text, text
    assert check.warnings == ()
    assert check.modulus == pytest.approx(0.02 / 6.0, rel=1e-6)
    assert check.body_volumes[0] == pytest.approx(8e-6, rel=1e-9)
    thin = build(body(Part.box((0.02, 0.02, 2e-3)))).check()
    assert any("thinnest metal is about 1 voxel wide at voxel = 2 mm" in w for w in thin.warnings)
    assert any("use voxel <= 0.67 mm" in w for w in thin.warnings)
    assert f"warning: {thin.warnings[0]}" in str(thin)


@pytest.mark.parametrize("angle", [0.0, 0.5])
@pytest.mark.parametrize("voxels", [0.6, 1, 2, 3, 4.3, 9])
def test_the_thinnest_wall_of_a_plate_is_its_thickness(voxels, angle):
    plate = Part.box((0.03, 0.03, voxels * VOXEL), centre=(0, 0, 0.0003)).turned(angle, axis=(1, 2, 0))
    assert build(body(plate)).check().thinnest_metal == pytest.approx(voxels, abs=2e-4)


@pytest.mark.parametrize(
    ("name", "metal", "mould"),
    [("cube", 10, math.inf), ("turned cube", 10, math.inf), ("sphere", 12, math.inf), ("turned cylinder", 10, math.inf),
     ("tube", 4, 7), ("turned tube", 4, 7)],
)  # fmt: skip
def test_edges_and_corners_are_no_thin_walls(name, metal, mould):
    check = build(body(ALONE[name])).check()
    assert check.thinnest_metal == pytest.approx(metal, rel=0.03)
    assert check.thinnest_mould == (mould if mould == math.inf else pytest.approx(mould, rel=0.03))


@pytest.mark.parametrize("angle", [0.0, 0.5])
def test_thin_sand_between_two_bodies_is_measured(angle):
    boxes = [Part.box((0.016, 0.02, 0.02), centre=(s * 0.01, 0, 0)).turned(angle, axis=(1, 2, 3)) for s in (-1, 1)]
    check = build(body(boxes[0]), body(boxes[1], 0, "other")).check()
    assert check.thinnest_metal == pytest.approx(8.0, abs=1e-3)
    assert check.thinnest_mould == pytest.approx(2.0, abs=0.01)
    assert any("thinnest mould is about 2 voxels wide" in w for w in check.warnings)


def test_the_thinnest_wall_of_a_grid_with_walls_on_faces():
    region = np.ones((9, 9, 9), np.uint8)
    region[3:5, 2:7, 2:7] = 0
    grid = Grid.regular(*[np.arange(10.0) * 1e-3] * 3, region=region, names=("metal", "sand"))
    assert grid.check().thinnest_metal == pytest.approx(2.0, abs=1e-3)


def ratio(nodes: np.ndarray) -> float:
    d = np.diff(nodes)
    assert (d > 0.0).all()
    return float(np.maximum(d[1:] / d[:-1], d[:-1] / d[1:]).max())


def test_graded_nodes_grow_gently_and_end_at_the_box():
    rng = np.random.default_rng(0)
    for _ in range(400):
        v, growth = rng.uniform(5e-4, 6e-3), float(rng.choice([1.1, 1.25, 1.4]))
        lo, hi = -rng.uniform(0.001, 0.05), rng.uniform(0.001, 0.05)
        box = (lo - v * rng.uniform(8.0, 60.0), hi + v * rng.uniform(8.0, 60.0))
        nodes = graded_nodes((lo, hi), box, v, growth=growth)
        assert (nodes[0], nodes[-1]) == box
        d = np.diff(nodes)
        fine = (nodes[1:] > lo + 1e-9) & (nodes[:-1] < hi - 1e-9)
        assert np.abs(d[fine] / v - 1.0).max() < 1e-9
        assert d.max() <= 8.0 * v * growth
        # A whole number of spacings fills the gap, so all of them give a little.
        assert ratio(nodes) <= growth * 1.25


def test_graded_nodes_over_short_gaps():
    rng = np.random.default_rng(1)
    for _ in range(400):
        v = 2e-3
        box = (-0.02 - v * rng.uniform(0.0, 8.0), 0.02 + v * rng.uniform(0.0, 8.0))
        nodes = graded_nodes((-0.02, 0.02), box, v)
        assert (nodes[0], nodes[-1]) == box
        assert ratio(nodes) <= 1.25 * 1.1


@pytest.mark.filterwarnings("error")
def test_graded_nodes_over_thousands_of_voxels_do_not_overflow():
    nodes = graded_nodes((0.0, 0.1), (-0.06, 0.16), 5e-5)
    assert ratio(nodes) <= 1.25 * 1.1


def test_graded_nodes_are_mirrored_with_the_box():
    one = graded_nodes((-0.02, 0.013), (-0.1, 0.07), 2e-3)
    other = graded_nodes((-0.013, 0.02), (-0.07, 0.1), 2e-3)
    assert one == pytest.approx(-other[::-1], abs=1e-15)


def test_a_fine_box_that_touches_the_border_keeps_the_plane():
    nodes = graded_nodes((0.0, 0.0213), (0.0, 0.1), 2e-3)
    assert nodes[0] == 0.0
    assert np.diff(nodes)[:10] == pytest.approx([2e-3] * 10)


def test_a_graded_grid_keeps_volume_and_area_of_a_body_in_the_fine_box():
    part = ALONE["turned cube"]
    box = ((-0.1,) * 3, (0.09,) * 3)
    grid = Grid.build([body(part)], voxel=VOXEL, box=box)
    assert grid.region_volume(0) == pytest.approx(part.volume, rel=1e-9)
    assert grid.wall_area(0, 1) == pytest.approx(part.area, rel=1e-9)
    assert float(grid.volumes().sum()) == pytest.approx(0.19**3, rel=1e-12)
    assert [(n[0], n[-1]) for n in grid.nodes] == [(-0.1, 0.09)] * 3
    for a in range(3):
        assert np.abs(grid.widths(a)[grid.fine[a]] / VOXEL - 1.0).max() < 1e-9


@pytest.mark.parametrize("threads", [2, 4])
def test_any_number_of_threads_gives_the_same_grid(threads):
    bodies = [body(Part.box(0.012).turned(0.2).moved((0.012, 0, 0)), 1, "chill"), body(ALONE["turned tube"])]
    one, other = (build(*bodies, voxel=1e-3, threads=n) for n in (1, threads))
    for name in ("region", "body", "cut_index", "cut_volume", "metal_share", "body_volume"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    for name in ("voxel", "axis", "area", "low", "high"):
        assert np.array_equal(getattr(one.walls, name), getattr(other.walls, name)), name
    if not _kernels.build_info()["openmp"]:
        pytest.skip("built without OpenMP: one thread whatever is asked")


def faces(grid: Grid, mirror: int | None = None) -> dict[tuple[int, ...], float]:
    """Return the wall area of every interface face by its place, optionally in the mirror."""
    i = np.stack(np.unravel_index(grid.walls.voxel, grid.shape), axis=1)
    if mirror is not None:
        i[:, mirror] = grid.shape[mirror] - 1 - i[:, mirror] - (grid.walls.axis == mirror)
    return {(*map(int, p), int(a)): s for p, a, s in zip(i, grid.walls.axis, grid.walls.area, strict=True)}


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("chilled", [False, True])
def test_mirrored_bodies_have_mirrored_walls_and_volumes(axis, chilled):
    parts = [(Part.box((0.02, 0.016, 0.012), centre=(0.0003, 0.0007, -0.0004)).turned(0.7, axis=(1, 2, 3)), 0)]
    if chilled:
        parts.insert(0, (Part.sphere(0.012, centre=(0.016, 0.003, 0.001)), 1))
    normal = tuple(float(a == axis) for a in range(3))
    one = build(*(body(p, r) for p, r in parts))
    other = build(*(body(p.mirrored(normal), r) for p, r in parts))
    assert np.array_equal(one.region, np.flip(other.region, axis))
    volumes = one.volumes()
    assert np.abs(volumes - np.flip(other.volumes(), axis)).max() < 1e-12 * volumes.max()
    a, b = faces(one), faces(other, axis)
    largest = max(a.values())
    for key in a.keys() | b.keys():
        assert a.get(key, 0.0) == pytest.approx(b.get(key, 0.0), abs=1e-12 * largest)
    if not chilled:
        moved = build(*(body(p.moved((1e-6, 0, 0)), r) for p, r in parts))
        assert np.abs(moved.volumes() - volumes).max() > 1e-6 * volumes.max()


def test_a_body_turned_by_right_angles_has_turned_volumes():
    part = Part.box((0.02, 0.016, 0.012), centre=(0.0003, 0.0007, -0.0004)).turned(0.7, axis=(1, 2, 3))
    matrix = np.eye(4)
    matrix[:3, :3] = np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]])
    one, other = build(body(part)), build(body(part.surface.transformed(matrix)))
    assert np.array_equal(one.region, np.transpose(other.region, (1, 2, 0)))
    assert np.abs(one.volumes() - np.transpose(other.volumes(), (1, 2, 0))).max() < 1e-12 * VOXEL**3 * 100
    assert np.sort(one.walls.area) == pytest.approx(np.sort(other.walls.area), abs=1e-12 * VOXEL**2)


def test_refusals():
    ball = Part.sphere(0.02, segments=24).surface
    with pytest.raises(GeometryError, match=r"surface of part is not closed: .* close the surface in CAD"):
        build(body(Surface(ball.points, ball.triangles[3:])))
    with pytest.raises(GeometryError, match="surface of part is inside out"):
        build(body(ball.flipped()))
    with pytest.raises(GeometryError, match="bodies lie outside the box"):
        build(body(Part.sphere(0.02, centre=(1.0, 0, 0))))
    with pytest.raises(GeometryError, match="not a voxel size"):
        build(body(ball), voxel=0.0)
    with pytest.raises(GeometryError, match="not a voxel size"):
        build(body(ball), voxel=math.nan)
    with pytest.raises(GeometryError, match="at least one body"):
        build()
    with pytest.raises(GeometryError, match=r"255 bodies were given; a grid holds at most 254: join some"):
        build(*[body(ball)] * 255)
    with pytest.raises(GeometryError, match="has no volume"):
        Grid.build([body(ball)], voxel=VOXEL, box=((0, 0, 0), (1, 1, 0)))
    with pytest.raises(GeometryError, match="must rise"):
        Grid.regular(np.array([0.0, 1.0, 0.5]), np.arange(3.0), np.arange(3.0))
    with pytest.raises(GeometryError, match=r"region has shape \(2, 2, 3\); the nodes make \(2, 2, 2\)"):
        Grid.regular(*[np.arange(3.0)] * 3, region=np.zeros((2, 2, 3)))
    with pytest.raises(GeometryError, match=r"lies outside the grid, which reaches from -30 to 30 mm along y"):
        build(body(ball)).locate([(0.0, 0.1, 0.0)])


def test_overlapping_shells_are_warned_of():
    ball = Part.sphere(0.016, segments=24)
    doubled = Surface.joined([ball.surface, ball.moved((0.004, 0, 0)).surface])
    assert any("overlap" in w for w in build(body(doubled)).check().warnings)


def test_points_are_found_in_their_voxels():
    grid = build(body(ALONE["cube"]))
    assert grid.locate([(-0.03, -0.03, -0.03), (0.03, 0.03, 0.03), (0.0001, -0.0001, 0.0021)]).tolist() == [
        [0, 0, 0], [29, 29, 29], [15, 14, 16],
    ]  # fmt: skip


def test_a_regular_grid_has_walls_on_voxel_faces():
    region = np.zeros((3, 3, 3), np.uint8)
    region[1, 1, 1] = 1
    x, y, z = (np.array([0.0, a, a + b, a + b + 1.0]) for a, b in ((1.0, 2.0), (0.5, 3.0), (1.5, 4.0)))
    grid = Grid.regular(x, y, z, region=region, names=("a", "b"))
    assert grid.wall_area(0, 1) == pytest.approx(2 * (2 * 3 + 3 * 4 + 4 * 2))
    assert len(grid.walls.voxel) == 6
    sums = grid.walls.low + grid.walls.high
    assert sorted(sums) == pytest.approx(sorted([1.5, 1.5, 1.75, 2.0, 2.75, 2.5]))
    assert grid.region_volume(1) == pytest.approx(24.0)


def oblique_plate() -> Grid:
    plate = Part.box((40e-3, 30e-3, 6e-3)).turned(0.2, axis=(1, 2, 0.3))
    box = ((-30e-3,) * 3, (30e-3,) * 3)
    return Grid.build([GridBody("plate", "part", plate.surface, 0)], voxel=2e-3, box=box)


@pytest.mark.parametrize("order", [(0, 2, 1), (1, 2, 0), (2, 1, 0)])
def test_a_turned_grid_holds_the_same_walls_and_volumes(order):
    grid = oblique_plate()
    turned = turned_grid(grid, order)
    assert turned.shape == tuple(grid.shape[a] for a in order)
    assert np.array_equal(turned.region, grid.region.transpose(order))
    np.testing.assert_allclose(turned.volumes(), grid.volumes().transpose(order), rtol=1e-14)
    assert turned.wall_area(0, 1) == pytest.approx(grid.wall_area(0, 1), rel=1e-14)
    # Back again: the same faces on the same voxels.
    back = turned_grid(turned, tuple(int(a) for a in np.argsort(order)))
    sort = np.lexsort((grid.walls.axis, grid.walls.voxel)), np.lexsort((back.walls.axis, back.walls.voxel))
    for name in ("voxel", "axis", "area", "low", "high"):
        assert np.array_equal(getattr(back.walls, name)[sort[1]], getattr(grid.walls, name)[sort[0]]), name
    assert np.array_equal(back.skin.plane, grid.skin.plane)


def test_rows_lie_along_a_flat_casting():
    grid = oblique_plate()
    assert row_order(grid)[2] != 2
    assert sorted(row_order(grid)) == [0, 1, 2]
    cube = np.ones((12, 12, 12), np.uint8)
    cube[3:9, 3:9, 3:9] = 0
    nodes = np.arange(13) * 1e-3
    assert row_order(Grid.regular(nodes, nodes, nodes, region=cube)) == (0, 1, 2)
    with pytest.raises(GeometryError, match="must hold 0, 1 and 2, once each"):
        turned_grid(grid, (0, 0, 1))


def test_the_frame_knows_the_voxel_and_the_window_of_a_grid_in_a_tight_box():
    """A gap of less than a voxel before the box is one smaller voxel: neither the frame's voxel nor its window are made of it."""
    lo, hi = np.zeros(3), np.array([0.04, 0.03, 0.02])
    part, squeezed = Part.box(tuple(hi), corner=(0, 0, 0)), 0
    random = np.random.default_rng(1)
    for _ in range(120):
        gaps = random.uniform(0.1e-3, 40e-3, (2, 3)) * random.choice([0.1, 1.0], (2, 3))
        grid = build(body(part), voxel=random.uniform(2e-3, 6e-3), box=(lo - gaps[0], hi + gaps[1]), fine_box=None, threads=1)
        frame = Frame.of(grid)
        assert frame.voxel == pytest.approx(grid.voxel, rel=1e-6)
        assert all(w.start <= f.start and w.stop >= f.stop for w, f in zip(frame.window(), grid.fine, strict=True))
        squeezed += any(np.diff(n).min() < 0.99 * grid.voxel for n in grid.nodes)
    assert squeezed > 20


def test_emptied_metal_is_a_region_of_its_own():
    grid = build(body(ALONE["turned tube"]))
    where = (grid.region == 0) & (grid.centres(2) > 0.0)
    bare = grid.emptied(where)
    assert bare.region_names == (*grid.region_names, "empty") and (bare.region[where] == 2).all()
    assert np.array_equal(bare.region[~where], grid.region[~where]) and grid.region.max() == 1
    assert bare.body_volume[0] == pytest.approx(bare.region_volume(0), rel=1e-9)
    assert bare.region_volume(0) + bare.region_volume(2) == pytest.approx(grid.region_volume(0), rel=1e-12)
    assert (bare.metal_fraction()[where] == 0.0).all() and bare.metal_fraction()[~where].max() == 1.0
    assert grid.emptied(grid.region == 0).body_volume[0] == 0.0
