"""Wall thickness by balls: walls are measured, how near an edge is, is not."""

from __future__ import annotations

import numpy as np
import pytest

from castsolve.geometry import Part, Surface, wall_thickness


@pytest.mark.parametrize(("angle", "axis"), [(0.0, "x"), (45.0, "x"), (33.0, (1, 2, 3))])
@pytest.mark.parametrize(("size", "wall"), [((0.1, 0.1, 0.05), 0.05), ((0.1, 0.08, 0.006), 0.006)])
def test_a_block_has_one_thickness_at_any_angle(size, wall, angle, axis):
    walls = wall_thickness(Part.box(size).turned(f"{angle} deg", axis=axis).surface, nodes=1.5e5)
    assert [walls.share(q) for q in (0.02, 0.5, 0.98)] == pytest.approx([wall] * 3, rel=0.05)


def test_a_wall_thinner_than_two_steps_is_seen():
    walls = wall_thickness(Part.box((0.1, 0.08, 0.0015)).surface)
    assert walls.step > 0.5 * 0.0015
    assert [walls.share(q) for q in (0.02, 0.98)] == pytest.approx([0.0015] * 2, rel=0.05)


def test_bars_and_balls_have_their_diameter():
    for part, diameter in ((Part.cylinder(0.03, 0.1), 0.03), (Part.sphere(0.06), 0.06)):
        walls = wall_thickness(part.surface, nodes=1e5)
        assert [walls.share(q) for q in (0.02, 0.98)] == pytest.approx([diameter] * 2, rel=0.03)


def test_the_walls_beside_a_slot_do_not_see_each_other():
    outline = [(0.0, 0.0), (0.05, 0.0), (0.05, 0.03), (0.0252, 0.03), (0.0252, 0.005), (0.0248, 0.005), (0.0248, 0.03), (0.0, 0.03)]
    walls = wall_thickness(Part.extruded(outline, 0.04).surface, nodes=1e5)
    assert walls.step > 2.0 * 4e-4  # nodes on either side of the slot are neighbours
    legs = walls.thickness[walls.places[:, 1] > 0.02]
    assert [np.quantile(legs, q) for q in (0.02, 0.98)] == pytest.approx([0.0248] * 2, rel=0.05)


def test_a_shell_inside_another_ends_no_wall():
    boxes = [Part.box((0.06, 0.03, 0.03)), Part.box((0.02, 0.03, 0.03), centre=(0.03, 0.0, 0.0))]
    walls = wall_thickness(Surface.joined([box.surface for box in boxes]), nodes=1e5)
    assert [walls.share(q) for q in (0.02, 0.98)] == pytest.approx([0.03] * 2, rel=0.05)


def test_a_step_has_two_walls_with_their_shares():
    outline = [(0.0, 0.0), (0.1, 0.0), (0.1, 0.01), (0.04, 0.01), (0.04, 0.03), (0.0, 0.03)]
    walls = wall_thickness(Part.extruded(outline, 0.05).surface, nodes=1.5e5)
    assert [walls.share(q) for q in (0.02, 0.95)] == pytest.approx([0.01, 0.03], rel=0.03)
    # 60 of 180 cm3 is thin, less what the balls of the thick end reach into.
    assert np.mean(walls.thickness < 0.02) == pytest.approx(60.0 / 180.0, abs=0.06)
