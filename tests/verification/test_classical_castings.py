"""Castings whose shrinkage every foundryman knows: poured, frozen and judged from end to end.

docs/castings/classical.md shows what is compared here.
"""

from __future__ import annotations

import numpy as np
import pytest
from cases.ball import cavity, fronts
from cases.report import Check, Outcome, assert_passes

import castsolve as cs
from castsolve.defects import find_shrinkage, hot_spots, metal_of, niyama, shrinkage
from castsolve.defects.reading import times_without_gaps
from castsolve.defects.rules import rule
from castsolve.geometry import Part, Surface
from castsolve.simulation.march import Densities, march_shrinkage
from castsolve.units import degC, mm

CM3 = 1e-6
POUR = degC(1560)
WCB = cs.materials.alloy("WCB")


def compare(casting: str, *checks: Check) -> None:
    """Hold comparisons to their gates, and give them to the page."""
    assert_passes(Outcome(casting, "", checks))


def near(quantity: str, expected: float, computed: float, gate: float) -> Check:
    """Return a comparison in the unit of its quantity."""
    return Check(quantity, float(expected), float(computed), gate, relative=False)


def alike(quantity: str, expected: float, computed: float, gate: float) -> Check:
    """Return a comparison relative to what is expected."""
    return Check(quantity, float(expected), float(computed), gate)


def frozen(part: Part, voxel: float, *rigging, **more):
    casting = cs.SandCasting(part, alloy="WCB", mould="green-sand", pour_temperature=POUR, rigging=list(rigging), **more)
    return cs.solidify(casting, voxel=voxel)


def contraction_of(result) -> float:
    """Return by how much the poured metal is less in volume when it is solid (m3), from densities alone."""
    poured = (1.0 - WCB.liquid_contraction.value * (POUR - WCB.liquidus.value)) / (1.0 + WCB.shrinkage.value)
    return float(result.volumes()[result.metal].sum()) * (1.0 - poured)


def blocks(xs, ys, zs, filled) -> Part:
    """Return the union of blocks of a coarse lattice as one closed part; lengths in mm."""
    nodes = [np.asarray(a, float) for a in (xs, ys, zs)]
    inside = np.pad(np.asarray(filled, bool), 1)
    points, triangles = [], []
    for i, j, k in np.argwhere(inside):
        low = [nodes[a][n - 1] for a, n in enumerate((i, j, k))]
        high = [nodes[a][n] for a, n in enumerate((i, j, k))]
        for axis in range(3):
            for end, step in ((low, -1), (high, 1)):
                near = [i, j, k]
                near[axis] += step
                if inside[tuple(near)]:
                    continue
                b, c = (axis + 1) % 3, (axis + 2) % 3
                quad = []
                for p, q in ((0, 0), (1, 0), (1, 1), (0, 1)):
                    corner = [0.0, 0.0, 0.0]
                    corner[axis], corner[b], corner[c] = end[axis], (low, high)[p][b], (low, high)[q][c]
                    quad.append(corner)
                if step < 0:
                    quad.reverse()
                first = len(points)
                points += quad
                triangles += [[first, first + 1, first + 2], [first, first + 2, first + 3]]
    where, number = np.unique(np.round(np.array(points), 9), axis=0, return_inverse=True)
    return Part(Surface(where * mm, number.reshape(-1)[np.array(triangles)]), name="blocks")


def hubs(axis: str = "z") -> Part:
    outline = [(0, -80), (30, -80), (30, -30), (8, -30), (8, 30), (30, 30), (30, 80), (0, 80)]
    return Part.revolved([(r * mm, h * mm) for r, h in outline], axis=axis, base=(0, 0, 0), segments=48, name="hubs")


@pytest.fixture(scope="module")
def cube():
    """A cube of 80 mm under a riser of 90 mm."""
    part = Part.box((80 * mm, 80 * mm, 80 * mm))
    return frozen(part, 5 * mm, cs.Riser.cylinder(diameter=90 * mm, height=110 * mm, at=part.top, name="riser"))


def test_a_cube_under_a_riser_is_sound_and_the_pipe_is_its_contraction(cube):
    found = shrinkage(cube)
    assert found.total == pytest.approx(found.expected, rel=1e-9)
    compare(
        "cube of 80 mm under a riser of 90 x 110 mm",
        alike("pipe = contraction of all metal, cm3", contraction_of(cube) / CM3, found.total / CM3, 1e-6),
        near("cavity in the cube, cm3", 0.0, found.volumes["part"] / CM3, 1e-9),
        near("pipe off the riser's axis, mm", 0.0, off_axis(cube, found.cavity) / mm, 2.5),
    )
    # the broken version: half the contraction
    assert shrinkage(cube, solidification=0.5 * WCB.shrinkage.value).total < 0.7 * contraction_of(cube)
    assert found.volumes["part"] == 0.0
    (riser,) = found.risers
    assert riser.pipe == pytest.approx(found.total)
    assert 0.25 * 110 * mm < riser.pipe_depth < 0.75 * 110 * mm
    assert riser.margin > 0.0
    # conical: no layer of the pipe is narrower than the one below by more than the voxel it is known to, and the top is wide
    width = np.nansum(found.cavity, axis=(0, 1))
    width = width[width > 0.5]
    assert width.size > 5
    assert (np.diff(width) > -1.0).all()
    assert width[-3:].mean() > 5.0 * width[:3].mean()


def off_axis(result, cavity) -> float:
    """Return how far the middle of a cavity lies from the axis x = 0 (m)."""
    rows = np.argwhere(np.nan_to_num(cavity) > 0.5)
    return abs(float(result.frame.centres(0)[rows[:, 0]].mean()))


@pytest.mark.parametrize(("diameter", "sound"), [(15, False), (60, True)])
def test_a_neck_that_freezes_before_the_cube_is_a_finding(diameter, sound):
    """Wlodawer's order: cube, neck, riser. A neck of 15 mm has a quarter of the cube's modulus, one of 60 mm more than the cube."""
    part = Part.box((80 * mm, 80 * mm, 80 * mm))
    neck = cs.Neck(diameter=diameter * mm, height=20 * mm)
    riser = cs.Riser.cylinder(diameter=90 * mm, height=110 * mm, at=part.top, neck=neck, name="riser")
    result = frozen(part, 5 * mm, riser, symmetry="quarter")
    (fed,) = shrinkage(result).risers
    (row,) = cs.verdicts(result).of("neck of riser")
    assert row.value == fed.linked_until
    assert row.threshold == fed.outlived
    if sound:
        assert row.severity == "ok"
        assert fed.linked_until == fed.outlived
        assert fed.lacking == 0.0
        return
    assert row.severity == "warning"
    assert fed.linked_until < 0.3 * fed.outlived
    # the neck is where the path froze, the middle of the cube what it should have fed, and that lacks what it shrank by since
    cavity = shrinkage(result).in_part[0]
    assert cavity.cause == "neck"
    compare(
        "cube of 80 mm under the same riser on a neck of 15 mm",
        near("path frozen at a height of the neck, mm", 50.0, row.place[2] / mm, 11),
        near("hot spot off the middle, mm", 0.0, float(np.linalg.norm(fed.hot_spot)) / mm, 10),
        alike("missing of what was cut off", WCB.shrinkage.value, fed.lacking / fed.cut_off, 0.2),
        alike("cavity = what is missing, cm3", fed.lacking / CM3, cavity.part_volume / CM3, 0.05),
    )


def test_a_riser_under_the_cube_or_gravity_turned_round_leaves_the_cavity_in_the_cube(cube):
    """The broken version: gravity of the wrong sign."""
    limit, _ = times_without_gaps(cube, "macro_feeding_time")
    liquid, _ = times_without_gaps(cube, "liquidus_time")
    found = shrinkage(cube)
    turned = find_shrinkage(
        liquid, limit, metal=metal_of(cube), densities=found.densities, voxel=cube.frame.voxel, gravity=(0.0, 0.0, 9.81)
    )
    assert turned.volumes["part"] > 0.3 * found.total
    assert found.volumes["part"] == 0.0


@pytest.fixture(scope="module")
def two_hubs():
    return {voxel: frozen(hubs(), voxel * mm) for voxel in (5, 2.5)}


def test_two_hubs_joined_by_a_thin_rim_have_one_cavity_each(two_hubs):
    result = two_hubs[5]
    found = shrinkage(result)
    upper, lower = found.cavities[:2]
    assert len(found.cavities) == 2
    assert upper.place[2] > 50 * mm
    assert -80 * mm < lower.place[2] < -30 * mm
    assert np.hypot(*lower.place[:2]) < 2 * 5 * mm
    # until the rim froze the upper hub fed the lower one, which is therefore the sounder
    assert upper.part_volume > 1.5 * lower.part_volume
    along = np.flatnonzero(abs(result.frame.centres(2)) < 30 * mm)
    axis = result["macro_feeding_time"][tuple(n // 2 for n in result.frame.shape[:2])][along]
    rim = float(np.nanmin(np.nanmax(result["macro_feeding_time"][:, :, along], axis=(0, 1))))
    compare(
        "two hubs of 60 mm joined by a rim of 16 mm",
        near("cavities", 2, len(found.cavities), 0),
        alike("lower hub cut off when the rim freezes, s", rim, lower.since, 1e-6),
    )
    assert lower.since <= np.nanmax(axis)
    assert abs(lower.cause_place[2]) < 30 * mm


def test_a_neck_that_is_ignored_hides_the_lower_cavity(two_hubs):
    """The broken version: a rim that never freezes feeds the lower hub to the end."""
    result = two_hubs[5]
    limit, _ = times_without_gaps(result, "macro_feeding_time")
    liquid, _ = times_without_gaps(result, "liquidus_time")
    found = shrinkage(result)
    x, y, z = (result.frame.centres(a) for a in range(3))
    # the rim, and the cold metal where it enters the hubs
    thin = (np.hypot(x[:, None], y) < 10 * mm)[:, :, None] & (abs(z) < 55 * mm)
    rim = thin & np.isfinite(limit)
    ignored = find_shrinkage(
        liquid, np.where(rim, np.nanmax(limit), limit), metal=metal_of(result), densities=found.densities, voxel=result.frame.voxel
    )
    below = [c for c in ignored.cavities if c.place[2] < -30 * mm]
    assert not below


def test_upside_down_the_other_hub_is_the_worse(two_hubs):
    """The same casting, gravity turned: by symmetry the cavities change places."""
    upright = shrinkage(two_hubs[5])
    turned = frozen(hubs(), 5 * mm, gravity=(0.0, 0.0, 9.81))
    found = shrinkage(turned)
    assert len(found.cavities) == len(upright.cavities)
    for hub, mine, other in zip(("worse", "sounder"), found.cavities, upright.cavities, strict=False):
        compare(
            f"the same upside down, the {hub} hub",
            alike("cavity, cm3", other.part_volume / CM3, mine.part_volume / CM3, 0.02),
            near("its height, mm", -other.place[2] / mm, mine.place[2] / mm, 5),
        )


def test_cavities_hold_over_a_factor_two_in_voxel_size(two_hubs):
    coarse, fine = shrinkage(two_hubs[5]), shrinkage(two_hubs[2.5])
    for hub, a, b in zip(("upper", "lower"), coarse.cavities[:2], fine.cavities[:2], strict=True):
        compare(
            f"two hubs, voxels of 5 and 2.5 mm, {hub} hub",
            alike("cavity, cm3", a.part_volume / CM3, b.part_volume / CM3, 0.05),
            near("its way, mm", 0.0, float(np.linalg.norm(np.subtract(a.place, b.place))) / mm, 10),
        )
    assert fine.total == pytest.approx(coarse.total, rel=0.05)


RADIUS = 40 * mm


@pytest.fixture(scope="module")
def balls():
    return {voxel: frozen(Part.sphere(2.0 * RADIUS), voxel * mm) for voxel in (5, 2.5)}


@pytest.fixture(scope="module")
def ball_by_hand(balls):
    """Volume (m3) and height (m) of the ball's cavity from a model of its radius alone."""
    casting = cs.SandCasting(Part.sphere(2.0 * RADIUS), alloy="WCB", mould="green-sand", pour_temperature=POUR)
    known = fronts(
        RADIUS, alloy=WCB, mould=casting.mould.heat, contact=casting.layout(5 * mm).contacts[0, 1], pour=POUR
    )  # fmt: skip
    return cavity(RADIUS, *known, densities=Densities.of_alloy(WCB, POUR))


BALL_GATE = 5.0
"""How far (mm) the middle of the ball's cavity may lie from where mass balance and one dimension put it."""


def ball_place(result, **more) -> np.ndarray:
    """Return the middle of all cavities of a ball (mm), as the march leaves it with other settings."""
    limit, _ = times_without_gaps(result, "macro_feeding_time")
    liquid, _ = times_without_gaps(result, "liquidus_time")
    found = find_shrinkage(
        liquid, limit, metal=metal_of(result), densities=shrinkage(result).densities, voxel=result.frame.voxel, **more
    )
    weight = np.nan_to_num(found.cavity) * result.volumes()
    x, y, z = (result.frame.centres(a) for a in range(3))
    return np.array([(weight * c).sum() for c in (x[:, None, None], y[:, None], z)]) / weight.sum() / mm


@pytest.mark.parametrize("voxel", [5, 2.5])
def test_a_ball_has_its_cavity_where_one_dimension_puts_it(balls, ball_by_hand, voxel):
    """Metal is taken from the flat surface of what is liquid inside the frozen shell, so the cavity hangs under its top."""
    result = balls[voxel]
    volume, height = ball_by_hand
    found = shrinkage(result)
    (largest,) = found.cavities
    place = ball_place(result)
    spot = np.array(hot_spots(result).latest.place)
    compare(
        f"ball of 80 mm, voxels of {voxel:g} mm, by a model of its radius alone",
        near("hot spot off the centre, mm", 0.0, float(np.abs(spot).max()) / mm, 2 * voxel),
        near("cavity off the axis, mm", 0.0, float(np.hypot(*place[:2])), 0.5 * voxel),
        near("cavity above the centre, mm", height / mm, place[2], BALL_GATE),
        alike("cavity, cm3", volume / CM3, largest.volume / CM3, 0.03),
    )
    assert place == pytest.approx(np.array(largest.place) / mm, abs=voxel)


def test_the_cavity_of_a_ball_misses_its_place_when_gravity_is_turned_or_left_out(balls, ball_by_hand):
    """Broken versions: gravity of the wrong sign, along another axis, and none (where only the last to freeze gives)."""
    result, (_, height) = balls[5], ball_by_hand
    hand = np.array([0.0, 0.0, height / mm])
    assert np.linalg.norm(ball_place(result) - hand) < BALL_GATE
    for gravity in ((0.0, 0.0, 9.81), (-9.81, 0.0, 0.0)):
        assert np.linalg.norm(ball_place(result, gravity=gravity) - hand) > 5.0 * BALL_GATE
    limit, _ = times_without_gaps(result, "macro_feeding_time")
    liquid, _ = times_without_gaps(result, "liquidus_time")
    metal = metal_of(result)
    march = march_shrinkage(
        metal=metal.mask, time_liquidus=liquid, time_limit=limit, volume=metal.volume, height=np.zeros(metal.mask.shape),
        densities=shrinkage(result).densities, opened=np.zeros(metal.mask.shape, bool),
    )  # fmt: skip
    z = metal.centres[2][march.pools.index[:, 2]]
    empty = (1.0 - march.filled) * metal.volume[tuple(march.pools.index.T)]
    assert abs(float((empty * z).sum() / empty.sum()) - height) / mm > 5.0 * BALL_GATE


def test_the_cavity_of_a_ball_holds_over_a_factor_two_in_voxel_size(balls):
    coarse, fine = (shrinkage(balls[v]).cavities[0] for v in (5, 2.5))
    compare(
        "ball of 80 mm, voxels of 5 and 2.5 mm",
        alike("cavity, cm3", coarse.volume / CM3, fine.volume / CM3, 0.05),
        near("its way, mm", 0.0, float(np.linalg.norm(np.subtract(coarse.place, fine.place))) / mm, 5),
    )


def test_the_hot_spot_of_a_t_stands_at_the_centre_of_its_inscribed_circle():
    """Plates of 32 mm: the circle that touches the flange's face and both inner corners has a radius of (b^2/4 + a^2)/(2 a)."""
    a = 32.0
    filled = np.zeros((3, 1, 2), bool)
    filled[:, 0, 0] = filled[1, 0, 1] = True
    part = blocks([-100, -a / 2, a / 2, 100], [-60, 60], [0, a, 110], filled)
    result = frozen(part, 4 * mm, symmetry={"y": 0.0})
    spot = hot_spots(result).latest
    radius = (a * a / 4 + a * a) / (2 * a)
    compare(
        "T of plates of 32 mm: centre of the inscribed circle",
        near("hot spot from the web's middle, mm", 0.0, spot.place[0] / mm, 8),
        near("above the flange's face, mm", radius, spot.place[2] / mm, 8),
    )


def test_the_hot_spot_of_an_l_stands_at_the_centre_of_its_inscribed_circle():
    """The circle that touches both outer faces and the inner corner: r = a sqrt 2 / (1 + sqrt 2).

    In a coated die, where all faces cool alike: in sand the inner corner itself is the last to freeze.
    """
    a = 32.0
    filled = np.zeros((2, 1, 2), bool)
    filled[:, 0, 0] = filled[0, 0, 1] = True
    part = blocks([0, a, 140], [-60, 60], [0, a, 140], filled)
    die = cs.GravityDieCasting(
        part, alloy="A356", mould="tool-steel", pour_temperature=degC(700), mould_temperature=degC(250), wall=40 * mm,
        interfaces={("casting", "mould"): 500.0}, symmetry={"y": 0.0},
    )  # fmt: skip
    result = cs.solidify(die, voxel=4 * mm)
    radius = a * np.sqrt(2.0) / (1.0 + np.sqrt(2.0))
    x, _, z = hot_spots(result).latest.place
    compare(
        "L of plates of 32 mm in a coated die: centre of the inscribed circle",
        near("hot spot from one outer face, mm", radius, x / mm, 8),
        near("from the other, mm", radius, z / mm, 8),
    )


def test_in_sand_the_hot_spot_of_an_l_moves_to_the_inside_corner():
    """The sand in the corner is heated from two sides and takes little: the last metal lies on the diagonal, beyond the circle."""
    a, voxel = 32.0, 4.0
    filled = np.zeros((2, 1, 2), bool)
    filled[:, 0, 0] = filled[0, 0, 1] = True
    result = frozen(blocks([0, a, 140], [-60, 60], [0, a, 140], filled), voxel * mm, symmetry={"y": 0.0})
    radius = a * np.sqrt(2.0) / (1.0 + np.sqrt(2.0))
    x, _, z = (c / mm for c in hot_spots(result).latest.place)
    assert x == pytest.approx(z, abs=voxel)
    # beyond the circle's centre by more than a voxel, inside the corner
    assert radius + voxel < 0.5 * (x + z) < a
    compare(
        "the same L in sand: between the circle's centre and the inner corner",
        near("hot spot from the outer faces, mm", 0.5 * (radius + a), 0.5 * (x + z), 0.5 * (a - radius)),
    )


T = 25 * mm
"""Thickness of the plates: five voxels, so that one stands on the middle plane."""

MACRO = 0.775e3
"""Niyama's threshold of visible shrinkage in steel, 1 (K min)^0.5/cm, in K^0.5 s^0.5/m."""


def plate(free: float, *, thickness: float = T, chilled: bool = False):
    """Return the Niyama values along the middle of a plate of ten thicknesses' width under a bar of a riser along one edge.

    Its free length is given; a chill as thick as the plate lies on all of its far end. A narrower plate is no plate: its long
    edges are cold ends too.
    """
    width, foot = 10 * thickness, 2.5 * thickness
    part = Part.box((free + foot, width, thickness), corner=(-foot, -0.5 * width, 0))
    bar = Part.box((foot, width, 4 * thickness), corner=(-foot, -0.5 * width, thickness - 0.2 * mm), name="riser")
    rig = [cs.Riser(bar)]
    if chilled:
        size = (width, thickness, thickness)
        rig.append(cs.Chill.block(size, at=part.nearest((free, 0, 0.5 * thickness)), material="cast-iron"))
    result = frozen(part, thickness / 5, *rig, symmetry={"y": 0.0})
    x = result.frame.centres(0)
    j = int(np.flatnonzero(result.frame.centres(1) > 0)[0])
    k = int(np.argmin(abs(result.frame.centres(2) - 0.5 * thickness)))
    inside = (x > 0) & (x < free)
    return x[inside], niyama(result)[inside, j, k]


def zones(x, value, free: float) -> tuple[float, float]:
    """Return how far riser zone and end zone reach (m): the Niyama value of the middle plane falls to the threshold there."""
    low = np.flatnonzero(value < MACRO)
    a, b = low[0], low[-1]
    first = np.interp(-MACRO, -value[a - 1 : a + 1], x[a - 1 : a + 1])
    last = np.interp(MACRO, value[b : b + 2], x[b : b + 2])
    return float(first), float(free - last)


def sound_length(lengths, *, thickness: float = T, chilled: bool = False) -> float:
    """Return how long a plate may be to be sound all along, in thicknesses: its lowest Niyama value is the threshold there."""
    least = [float(plate(n * thickness, thickness=thickness, chilled=chilled)[1].min()) for n in lengths]
    assert least[0] > MACRO > least[-1]
    # by straight lines between the lengths that were run, in logarithms
    return float(np.interp(-np.log(MACRO), -np.log(least), lengths))


def test_riser_zone_and_end_zone_are_those_of_pellini():
    """Bishop and Pellini's plates: 4.5 thicknesses (4 to 5), of which 2.5 (2 to 3) come from the cold end."""
    free = 9 * T
    riser_zone, end_zone = zones(*plate(free), free)
    whole, cold = rule("feeding_distance_plate"), rule("end_zone_plate")
    compare(
        "plate of 25 mm, nine thicknesses beyond its riser: Pellini, in thicknesses",
        near("end zone", cold.value, end_zone / T, cold.high - cold.value),
        near("riser zone", whole.value - cold.value, riser_zone / T, whole.high - whole.value),
        near("feeding distance", whole.value, (riser_zone + end_zone) / T, whole.high - whole.value),
    )


def test_soundness_ends_at_the_feeding_distance():
    """Plates of growing length: one of 4.5 thicknesses is sound all along, one of 6 and one of 9 are not, ever less so."""
    least = [float(plate(n * T)[1].min()) for n in (2.0, 4.5, 6.0, 9.0)]
    assert least[0] > least[1] > MACRO > least[2] > least[3]
    # past the reach of both ends the gradient is gone
    assert least[3] < 0.1 * MACRO
    # by straight lines between the lengths that were run, in logarithms
    ends = float(np.interp(-np.log(MACRO), -np.log(least), (2.0, 4.5, 6.0, 9.0)))
    compare("plates of 2, 4.5, 6 and 9 thicknesses", near("length at which soundness ends, thicknesses", 4.5, ends, 1.5))


def test_an_end_chill_lengthens_what_is_sound_by_the_chill_rules():
    """A chill makes the longest sound plate 1.19 times as long; that is Pellini's gain, 30 to 50 mm, at 38 mm of thickness."""
    share, gain = rule("chill_factor"), rule("chill_gain")
    assert (gain.low, gain.high) == (30 * mm, 50 * mm)
    longer = {}
    for thickness in (25 * mm, 38 * mm):
        bare = sound_length((5.2, 5.6, 6.0), thickness=thickness)
        longer[thickness] = bare, sound_length((6.4, 6.8, 7.2), thickness=thickness, chilled=True)
    bare, chilled = longer[38 * mm]
    compare(
        "plates of growing length, with a chill at their end and without",
        *(
            near(f"sound length with a chill over that without, {thickness / mm:.0f} mm", share.value, pair[1] / pair[0], 0.06)
            for thickness, pair in longer.items()
        ),
        near("gain of the sound length, mm, 38 mm (rule 30 to 50)", 40.0, (chilled - bare) * 38, 10),
    )


def test_a_mirrored_casting_has_mirrored_cavities():
    """A block with its riser off the middle, and the same seen in a mirror."""
    found = []
    for side in (1.0, -1.0):
        part = Part.box((100 * mm, 60 * mm, 40 * mm))
        at = part.above(side * 25 * mm, side * 8 * mm)
        result = frozen(part, 5 * mm, cs.Riser.cylinder(diameter=30 * mm, height=40 * mm, at=at, name="riser"))
        found.append(shrinkage(result))
    one, other = found
    assert one.in_part
    mine, its = one.in_part[0], other.in_part[0]
    compare(
        "block with its riser off the middle, and in a mirror",
        alike("all cavities, cm3", one.total / CM3, other.total / CM3, 1e-6),
        alike("in the block, cm3", one.volumes["part"] / CM3, other.volumes["part"] / CM3, 0.01),
        near("place of the largest, x, mm", -mine.place[0] / mm, its.place[0] / mm, 5),
        near("y, mm", -mine.place[1] / mm, its.place[1] / mm, 5),
    )


def test_a_wedge_feeds_itself_towards_its_thick_end():
    """A wedge of 10 to 60 mm under a riser: directional freezing, no cavity, and the Niyama value of a taper everywhere."""
    outline = [(-90.0, -5.0), (90.0, -30.0), (90.0, 30.0), (-90.0, 5.0)]
    part = wedge(outline, 100.0)
    riser = cs.Riser.cylinder(diameter=90 * mm, height=120 * mm, at=part.above(40 * mm, 0.0), name="riser")
    result = frozen(part, 4 * mm, riser, symmetry={"y": 0.0})
    x = result.frame.centres(0)
    j = int(np.flatnonzero(result.frame.centres(1) > 0)[0])
    k = int(np.argmin(abs(result.frame.centres(2))))
    along = np.flatnonzero((x > -80 * mm) & (x < 0.0))
    time = np.asarray(result["solidification_time"])[along, j, k]
    found = shrinkage(result)
    compare(
        "wedge of 10 to 60 mm under a riser at its thick end",
        near("cavity in the wedge, cm3", 0.0, found.volumes["part"] / CM3, 0.1),
        near("places along it that freeze before their thinner neighbour", 0, int((np.diff(time) <= 0.0).sum()), 0),
        near("places along it below Niyama's threshold", 0, int((niyama(result)[along, j, k] < MACRO).sum()), 0),
    )


def wedge(outline, width: float) -> Part:
    """Return the prism over an outline (x, z in mm) of a width (mm) along y."""
    n, points = len(outline), [(x, y, z) for y in (-0.5 * width, 0.5 * width) for x, z in outline]
    sides = [t for i in range(n) for t in ((i, (i + 1) % n, n + i), ((i + 1) % n, n + (i + 1) % n, n + i))]
    caps = [t for i in range(1, n - 1) for t in ((0, i + 1, i), (n, n + i, n + i + 1))]
    surface = Surface(np.array(points) * mm, np.array([*sides, *caps]))
    if surface.volume < 0.0:
        surface = Surface(surface.points, surface.triangles[:, ::-1])
    return Part(surface, name="wedge")

