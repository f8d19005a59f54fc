"""The surface: volume, area, box, mappings and what it refuses."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from castsolve.errors import GeometryError
from castsolve.geometry import Surface, direction_of, place_of
from castsolve.geometry.shapes import box, cylinder

UPRIGHT = np.eye(4)


def test_a_box_has_its_volume_area_and_box() -> None:
    made = box((0.04, 0.05, 0.08), corner=(1.0, 2.0, 3.0))
    assert made.volume == pytest.approx(0.04 * 0.05 * 0.08, rel=1e-12)
    assert made.area == pytest.approx(2 * (0.04 * 0.05 + 0.05 * 0.08 + 0.08 * 0.04), rel=1e-13)
    lo, hi = made.bounds
    np.testing.assert_allclose(lo, (1.0, 2.0, 3.0), rtol=1e-15)
    np.testing.assert_allclose(hi, (1.04, 2.05, 3.08), rtol=1e-15)


def test_the_volume_keeps_its_digits_far_from_the_origin() -> None:
    made = box(0.01, centre=(1000.0, -2000.0, 3000.0))
    assert made.volume == pytest.approx(1e-6, rel=1e-9)


def test_flipping_changes_the_sign_of_the_volume_only() -> None:
    made = cylinder(0.1, 0.1)
    assert made.flipped().volume == pytest.approx(-made.volume, rel=1e-14)
    assert made.flipped().area == pytest.approx(made.area, rel=1e-14)


def test_a_mirroring_matrix_keeps_the_surface_outward() -> None:
    mirror = np.diag([-1.0, 1.0, 1.0, 1.0])
    assert box((1.0, 2.0, 3.0)).transformed(mirror).volume == pytest.approx(6.0, rel=1e-14)


def test_area_vectors_of_a_closed_surface_add_up_to_nothing() -> None:
    assert np.abs(cylinder(0.1, 0.3, axis=(1, 2, 3)).area_vectors.sum(axis=0)).max() < 1e-15


def test_the_arrays_cannot_be_changed_and_the_given_ones_stay_free() -> None:
    points = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    made = Surface(points, np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]]))
    with pytest.raises(ValueError, match="read-only"):
        made.points[0, 0] = 1.0
    points[0, 0] = 0.0
    assert made.triangles.dtype == np.int32
    assert made.volume == pytest.approx(1.0 / 6.0)


def test_a_surface_survives_pickling() -> None:
    made = box(1.0)
    again = pickle.loads(pickle.dumps(made))
    np.testing.assert_array_equal(again.points, made.points)
    np.testing.assert_array_equal(again.triangles, made.triangles)


def test_joined_surfaces_are_shells_of_one() -> None:
    both = Surface.joined([box(1.0), box(1.0, centre=(3, 0, 0))])
    assert both.volume == pytest.approx(2.0, rel=1e-14)
    assert len(both.triangles) == 24


@pytest.mark.parametrize(
    ("points", "triangles", "words"),
    [
        (np.zeros((3, 2)), [[0, 1, 2]], "three columns x, y, z"),
        (np.zeros((3, 3)), [[0, 1]], "three columns of integers"),
        (np.zeros((3, 3)), [[0.0, 1.0, 2.0]], "three columns of integers"),
        (np.zeros((3, 3)), [[0, 1, 3]], "there are only 0 to 2"),
        (np.zeros((3, 3)), [[0, 1, -1]], "there are only 0 to 2"),
        (np.array([[0, 0, 0], [1, np.nan, 0], [0, 1, 0]]), [[0, 1, 2]], "1 of 3 points are not finite"),
    ],
)
def test_what_is_no_surface_is_refused(points: np.ndarray, triangles: list, words: str) -> None:
    with pytest.raises(GeometryError, match=words):
        Surface(points, np.array(triangles))


def test_a_flattening_matrix_is_refused() -> None:
    with pytest.raises(GeometryError, match="flattens"):
        box(1.0).transformed(np.diag([1.0, 1.0, 0.0, 1.0]))


def test_an_empty_surface_has_no_box() -> None:
    empty = Surface(np.zeros((0, 3)), np.zeros((0, 3), dtype=int))
    assert empty.volume == 0.0
    with pytest.raises(GeometryError, match="no triangles"):
        _ = empty.bounds


def test_places_and_directions_are_read_from_words() -> None:
    np.testing.assert_allclose(place_of(("10 mm", 0.5, "1 cm"), "at"), (0.01, 0.5, 0.01))
    np.testing.assert_array_equal(direction_of("-y", "axis"), (0.0, -1.0, 0.0))
    np.testing.assert_allclose(direction_of((0, 3, 4), "axis"), (0.0, 0.6, 0.8))


@pytest.mark.parametrize("bad", ["up", (0, 0, 0), (1, 2), None, (np.nan, 0, 1), "--x", ("a", "b", "c")])
def test_what_is_no_direction_is_refused(bad: object) -> None:
    with pytest.raises(GeometryError, match="is no direction"):
        direction_of(bad, "axis")


@pytest.mark.parametrize("bad", ["0 0 0", (0, 0), None, 3.0])
def test_what_is_no_place_is_refused(bad: object) -> None:
    with pytest.raises(GeometryError, match="is not a place"):
        place_of(bad, "at")
