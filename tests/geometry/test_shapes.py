"""Shapes from a few numbers against the formulas of their volumes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from castsolve.errors import GeometryError
from castsolve.geometry import Part, Surface, require_closed, shapes

R, H = 0.05, 0.13
TORUS = [(0.05 + 0.01 * math.cos(a), 0.01 * math.sin(a)) for a in np.linspace(0, 2 * math.pi, 64, endpoint=False)]
TORUS_AREA = 0.5 * 64 * math.sin(2 * math.pi / 64) * 0.01**2

SHAPES = {
    "box": (shapes.box((0.1, 0.2, 0.3)), 0.006, 0.22),
    "cylinder": (shapes.cylinder(2 * R, H), math.pi * R**2 * H, 2 * math.pi * R * (R + H)),
    "tilted": (shapes.cylinder(2 * R, H, axis=(1, 1, 1)), math.pi * R**2 * H, 2 * math.pi * R * (R + H)),
    "sphere": (shapes.sphere(2 * R), 4 / 3 * math.pi * R**3, 4 * math.pi * R**2),
    "cone": (shapes.cone(2 * R, 0.0, H), math.pi * R**2 * H / 3, math.pi * R * (R + math.hypot(R, H))),
    "frustum": (
        shapes.cone(2 * R, R, H),
        math.pi * H / 3 * (R**2 + R * R / 2 + R**2 / 4),
        math.pi * (R**2 + R**2 / 4 + 1.5 * R * math.hypot(R / 2, H)),
    ),
    "tube": (
        shapes.tube(2 * R, R, H),
        math.pi * H * (R**2 - R**2 / 4),
        2 * math.pi * (R + R / 2) * H + 2 * math.pi * (R**2 - R**2 / 4),
    ),
    # Pappus: the area of the profile times the way of its centre.
    "torus": (shapes.revolved(TORUS), 2 * math.pi * 0.05 * TORUS_AREA, None),
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_volume_is_exact_and_the_area_close(name: str) -> None:
    made, volume, area = SHAPES[name]
    assert made.volume == pytest.approx(volume, rel=1e-12)
    if area is not None:
        assert made.area == pytest.approx(area, rel=1e-3)


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_is_one_closed_outward_shell(name: str) -> None:
    report = require_closed(SHAPES[name][0], name)
    assert report.shells == 1
    assert report.degenerate == report.duplicates == 0


def test_few_facets_keep_the_volume() -> None:
    assert shapes.cylinder(2 * R, H, segments=8).volume == pytest.approx(math.pi * R**2 * H, rel=1e-12)
    assert shapes.sphere(2 * R, segments=12).volume == pytest.approx(4 / 3 * math.pi * R**3, rel=1e-12)


def test_a_clockwise_profile_gives_the_same_body() -> None:
    corners = [(0.0, 0.0), (R, 0.0), (R, H), (0.0, H)]
    assert shapes.revolved(corners[::-1]).volume == pytest.approx(math.pi * R**2 * H, rel=1e-12)


def sorted_points(surface: Surface, signs: tuple[int, int, int]) -> np.ndarray:
    points = surface.points * signs + 0.0
    return points[np.lexsort(points.T)]


@pytest.mark.parametrize("signs", [(-1, 1, 1), (1, -1, 1)])
@pytest.mark.parametrize("made", [shapes.cylinder(0.1, 0.1), shapes.tube(0.1, 0.03, 0.1), shapes.sphere(0.1)])
def test_round_shapes_are_mirror_images_of_themselves_to_the_last_bit(made: Surface, signs: tuple) -> None:
    np.testing.assert_allclose(sorted_points(made, signs), sorted_points(made, (1, 1, 1)), rtol=0, atol=1e-16)


def test_a_cylinder_stands_on_its_base() -> None:
    lo, hi = shapes.cylinder(0.1, 0.2, axis="-x", base=(1.0, 2.0, 3.0)).bounds
    assert (lo[0], hi[0]) == (0.8, 1.0)
    np.testing.assert_allclose([lo[1:], hi[1:]], [(1.95, 2.95), (2.05, 3.05)], atol=5e-5)


def test_lengths_may_be_words() -> None:
    assert Part.cylinder("100 mm", "20 cm").volume == pytest.approx(Part.cylinder(0.1, 0.2).volume, rel=1e-15)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: shapes.cylinder(0.0, 1.0), "diameter = 0 mm must be above 0 mm"),
        (lambda: shapes.cylinder(0.1, -1.0), "height = -1000 mm must be above"),
        (lambda: shapes.tube(0.1, 0.2, 0.1), "bore = 200 mm must be below the diameter of 100 mm"),
        (lambda: shapes.box((1.0, 2.0)), "write three lengths"),
        (lambda: shapes.box(1.0, centre=(0, 0, 0), corner=(0, 0, 0)), "both given"),
        (lambda: shapes.cone(0.1, -0.1, 0.1), "top_diameter"),
        (lambda: shapes.sphere(0.1, segments=2), "from 8 to 4096"),
        (lambda: shapes.sphere(0.1, segments=32.0), "from 8 to 4096"),  # type: ignore[arg-type]
        (lambda: shapes.revolved([(0, 0), (1, 0)]), "at least 3"),
        (lambda: shapes.revolved([(0, 0), (-1, 0), (0, 1)]), "must not be below 0 mm"),
        (lambda: shapes.revolved([(0, 0), (1, 1), (1, 0), (0, 1)]), "crosses itself"),
        (lambda: shapes.revolved([(0, 0), (1, 0), (2, 0)]), "encloses no area"),
        (lambda: shapes.revolved([0.1, 0.2, 0.3]), "is no corner"),
    ],
)
def test_impossible_shapes_are_refused(make: object, words: str) -> None:
    with pytest.raises(GeometryError, match=words):
        make()  # type: ignore[operator]
