"""Closed, whole, the right way out: found, mended where nothing is guessed, else refused with the place."""

from __future__ import annotations

import numpy as np
import pytest

from castsolve.errors import GeometryError
from castsolve.geometry import Part, Surface, require_closed, surface_report
from castsolve.geometry.repair import made_whole

BALL = Part.sphere(0.1, segments=48).surface


def with_triangles(surface: Surface, triangles: np.ndarray) -> Surface:
    return Surface(surface.points, triangles)


def hole(surface: Surface, place: tuple[float, float, float], radius: float) -> Surface:
    far = np.linalg.norm(surface.corners.mean(axis=1) - place, axis=1) > radius
    return with_triangles(surface, surface.triangles[far])


def test_a_good_surface_reports_what_it_is() -> None:
    report = surface_report(BALL)
    assert report.closed
    assert not report.inverted
    assert (report.shells, report.open_edges, report.twisted_edges, report.leaks) == (1, 0, 0, 0)
    assert str(report).splitlines()[0] == "1280 triangles, 642 points, shells: 1, 100.3 x 100.3 x 100.3 mm"
    assert "closed" in str(report)


def test_a_hole_is_found_with_its_place_and_size() -> None:
    report = surface_report(hole(BALL, (0.05, 0.0, 0.0), 0.02))
    assert not report.closed
    assert (report.twisted_edges, report.leaks) == (0, 1)
    assert report.leak_place is not None
    np.testing.assert_allclose(report.leak_place, (0.05, 0, 0), atol=0.01)
    assert 0.02 < report.leak_size < 0.05


def test_of_two_holes_the_larger_is_named() -> None:
    leaky = hole(hole(BALL, (0.05, 0.0, 0.0), 0.01), (0.0, 0.0, -0.05), 0.03)
    with pytest.raises(GeometryError, match=r"valve is not closed: \d+ edges at holes, in 2 places; the worst is .* near") as e:
        require_closed(leaky, "valve")
    z = float(str(e.value).split("z = ")[1].split(",")[2].split()[0])
    assert z == pytest.approx(-45, abs=6)


def test_a_twisted_triangle_is_no_hole_but_a_leak() -> None:
    triangles = BALL.triangles.copy()
    triangles[7] = triangles[7, ::-1]
    report = surface_report(with_triangles(BALL, triangles))
    assert (report.open_edges, report.twisted_edges, report.leaks) == (0, 3, 1)
    with pytest.raises(GeometryError, match="3 between triangles that face opposite ways"):
        made_whole(with_triangles(BALL, triangles), "part", repair=False)


def test_an_inward_surface_is_turned_and_told() -> None:
    assert surface_report(BALL.flipped()).inverted
    with pytest.raises(GeometryError, match="inside out"):
        require_closed(BALL.flipped(), "part")
    whole, notes = made_whole(BALL.flipped(), "part")
    assert whole.volume == pytest.approx(BALL.volume)
    assert notes == ("the surface faced inward and was turned",)


@pytest.mark.parametrize("share", [0.05, 1.0])
def test_doubled_triangles_are_dropped_and_told(share: float) -> None:
    again = BALL.triangles[: int(share * len(BALL.triangles))]
    whole, notes = made_whole(with_triangles(BALL, np.concatenate([BALL.triangles, np.roll(again, 1, axis=1)])), "part")
    assert len(whole.triangles) == len(BALL.triangles)
    assert whole.volume == pytest.approx(BALL.volume, rel=1e-14)
    assert notes == (f"{len(again)} doubled triangles were dropped",)


def test_triangles_back_to_back_are_dropped_and_boxes_grow_together() -> None:
    left, right = Part.box(1.0, corner=(0, 0, 0)).surface, Part.box(1.0, corner=(1, 0, 0)).surface
    apart = Surface.joined([left, right.transformed(np.diag([-1.0, 1, 1, 1])).transformed(shift(3.0))])
    points, index = np.unique(apart.points, axis=0, return_inverse=True)
    whole, notes = made_whole(Surface(points, index.reshape(-1)[apart.triangles]), "part")
    assert whole.volume == pytest.approx(2.0)
    assert whole.area == pytest.approx(10.0)
    assert notes == ("4 doubled triangles were dropped",)


def shift(x: float) -> np.ndarray:
    matrix = np.eye(4)
    matrix[0, 3] = x
    return matrix


def test_a_flap_that_lies_three_deep_keeps_the_majority() -> None:
    one = BALL.triangles[5]
    deep = np.concatenate([BALL.triangles, [one, one[::-1]]])
    whole, _ = made_whole(with_triangles(BALL, deep), "part")
    assert whole.volume == pytest.approx(BALL.volume, rel=1e-14)


def test_triangles_without_corners_of_their_own_are_dropped() -> None:
    flat = np.concatenate([BALL.triangles, [[3, 3, 9], [4, 5, 4]]])
    whole, notes = made_whole(with_triangles(BALL, flat), "part")
    assert len(whole.triangles) == len(BALL.triangles)
    assert notes == ("2 triangles with two equal corners were dropped",)


def test_points_that_differ_by_rounding_are_joined_where_that_closes() -> None:
    rng = np.random.default_rng(1)
    soup = BALL.corners.reshape(-1, 3) + rng.uniform(-1e-8, 1e-8, (3 * len(BALL.triangles), 3))
    whole, notes = made_whole(Surface(soup, np.arange(len(soup)).reshape(-1, 3)), "part")
    assert surface_report(whole).closed
    assert whole.volume == pytest.approx(BALL.volume, rel=1e-6)
    assert "closer than 0.1 um to another were joined" in notes[0]


def test_wider_cracks_are_not_closed_in_silence() -> None:
    rng = np.random.default_rng(1)
    soup = BALL.corners.reshape(-1, 3) + rng.uniform(-1e-5, 1e-5, (3 * len(BALL.triangles), 3))
    broken = Surface(soup, np.arange(len(soup)).reshape(-1, 3))
    with pytest.raises(GeometryError, match="part is not closed: 3840 edges at holes") as caught:
        made_whole(broken, "part", repair=False)
    assert len(caught.value.faults.leaks) == 3840
    whole, notes = made_whole(broken, "part")
    assert whole.volume == pytest.approx(BALL.volume, rel=1e-3)
    assert "closer than 1e+02 um to another were joined (the volume moves by less than" in notes[0]


def test_shells_are_kept_and_a_cavity_counts_against_its_body() -> None:
    hollow = Surface.joined([BALL, Part.sphere(0.05, segments=24).surface.flipped()])
    whole, notes = made_whole(hollow, "part")
    assert whole.volume == pytest.approx(np.pi / 6 * (0.1**3 - 0.05**3), rel=1e-12)
    assert notes == ("2 shells were kept",)


def test_a_sheet_encloses_nothing() -> None:
    points = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
    sheet = Surface(points, np.array([[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 3, 2]]))
    with pytest.raises(GeometryError, match="encloses no volume"):
        made_whole(sheet, "part")


def test_unused_points_are_left_out() -> None:
    spare = Surface(np.concatenate([BALL.points, [[9.0, 9, 9]]]), BALL.triangles)
    np.testing.assert_array_equal(made_whole(spare, "part")[0].size, BALL.size)
    np.testing.assert_array_equal(spare.size, BALL.size)
