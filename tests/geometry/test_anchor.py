"""Anchors: the true place and the outward normal."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from castsolve.errors import GeometryError
from castsolve.geometry import Anchor, Part, Surface

BLOCK = Part.box((0.1, 0.2, 0.3))
TUBE = Part.tube(0.1, 0.1, bore=0.05)


def at(anchor: Anchor) -> tuple[list[float], list[float]]:
    return [round(v, 9) for v in anchor.point], [round(v, 9) for v in anchor.normal]


def test_top_bottom_and_sides_of_a_block() -> None:
    assert at(BLOCK.top) == ([0, 0, 0.15], [0, 0, 1])
    assert at(BLOCK.bottom) == ([0, 0, -0.15], [0, 0, -1])
    assert at(BLOCK.side("+x")) == ([0.05, 0, 0], [1, 0, 0])
    assert at(BLOCK.side("-y")) == ([0, -0.1, 0], [0, -1, 0])


def test_the_top_is_the_highest_level_not_the_largest() -> None:
    tower = Part(Surface.joined([BLOCK.surface, Part.box(0.04, centre=(0.03, 0.05, 0.18)).surface]))
    assert at(tower.top) == ([0.03, 0.05, 0.2], [0, 0, 1])


def test_of_two_patches_at_one_height_the_larger_is_taken() -> None:
    pair = [Part.box(0.04, centre=(-0.1, 0, 0)).surface, Part.box((0.06, 0.06, 0.04), centre=(0.1, 0, 0)).surface]
    assert at(Part(Surface.joined(pair)).top) == ([0.1, 0, 0.02], [0, 0, 1])


def test_the_middle_of_a_ring_hangs_over_its_opening_and_says_so() -> None:
    assert at(TUBE.top) == ([0, 0, 0.1], [0, 0, 1])
    assert TUBE.top.over_opening
    assert not BLOCK.top.over_opening


def test_the_top_of_a_ball_and_of_a_ridge() -> None:
    ball = Part.sphere(0.1, centre=(1, 2, 3))
    np.testing.assert_allclose(ball.top.point, (1, 2, 3.05), atol=1e-4)
    roof = Part.box((0.3, 0.1, 0.1)).turned("45 deg", axis="x")
    np.testing.assert_allclose(roof.top.point, (0, 0, 0.05 * math.sqrt(2)), atol=1e-12)
    np.testing.assert_allclose(roof.top.normal, (0, 0, 1), atol=1e-12)


def test_above_and_below_look_along_z() -> None:
    assert at(TUBE.above(0.04, 0.0)) == ([0.04, 0, 0.1], [0, 0, 1])
    assert at(TUBE.below(0.04, 0.0)) == ([0.04, 0, 0], [0, 0, -1])
    assert at(BLOCK.above("30 mm", "-5 cm")) == ([0.03, -0.05, 0.15], [0, 0, 1])


def test_above_works_on_edges_and_corners_of_triangles() -> None:
    for x, y in [(0, 0), (0.05, 0.1), (-0.05, 0.1), (0.05, 0.0), (0.01, 0.02)]:
        assert BLOCK.above(x, y).point[2] == pytest.approx(0.15, rel=1e-15)


def test_above_nothing_is_refused_with_what_is_there() -> None:
    with pytest.raises(GeometryError, match=r"\(0, 0, 0\) mm does not meet the part; it spans -50.* to 50.*, -50"):
        TUBE.above(0.0, 0.0)


def test_nearest_on_faces_edges_and_corners() -> None:
    assert at(BLOCK.nearest((0.01, 0.02, 1.0))) == ([0.01, 0.02, 0.15], [0, 0, 1])
    assert at(BLOCK.nearest((0.01, 0.02, 0.149))) == ([0.01, 0.02, 0.15], [0, 0, 1])
    assert at(BLOCK.nearest((1.0, 0.3, 0.0))) == ([0.05, 0.1, 0.0], [1, 0, 0])
    assert at(BLOCK.nearest((0.2, 0.3, 5.0))) == ([0.05, 0.1, 0.15], [0, 0, 1])


def test_on_the_edge_of_two_facets_of_a_round_wall_the_normal_is_their_mean() -> None:
    rod = Part.cylinder(0.1, 0.1, segments=24)
    found = rod.nearest((0.0, -1.0, 0.05))
    np.testing.assert_allclose(found.normal, (0, -1, 0), atol=1e-12)


@given(st.tuples(*[st.floats(-0.3, 0.3)] * 3))
def test_nearest_on_a_box_is_the_clipped_point(point: tuple[float, float, float]) -> None:
    p, half = np.array(point), np.array([0.05, 0.1, 0.15])
    outside = np.linalg.norm(p - np.clip(p, -half, half))
    exact = outside if outside > 0 else (half - np.abs(p)).min()
    found = BLOCK.nearest(point)
    assert np.linalg.norm(found.point - p) == pytest.approx(exact, abs=1e-15)
    assert np.linalg.norm(found.normal) == pytest.approx(1.0)


def test_anchors_hold_three_lengths_and_a_unit_normal() -> None:
    made = Anchor(("1 cm", 0, 0), (0, 0, 2))
    assert at(made) == ([0.01, 0, 0], [0, 0, 1])
    assert str(made) == "(10, 0, 0) mm facing (0, 0, 1)"
    assert at(made.shifted((0, 0, "5 mm"))) == ([0.01, 0, 0.005], [0, 0, 1])
    with pytest.raises(GeometryError, match="is no direction"):
        Anchor((0, 0, 0), (0, 0, 0))
