"""The table of broken meshes: no deep voxel on the wrong side, or a refusal; what was done is told."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from breaking import Judge, inside, picked, soup, spot, turned

from castsolve import demo
from castsolve.errors import GeometryError
from castsolve.geometry import Part, Surface, surface_report
from castsolve.geometry.repair import made_whole

BALL = Part.sphere(0.1, segments=64).surface


@pytest.fixture(scope="module")
def good() -> Surface:
    return Part.read(Path(demo.__file__).with_name("valve-body.stl"), unit="mm").surface


@pytest.fixture(scope="module")
def judge(good: Surface) -> Judge:
    return Judge(good, 60)


def broken(good: Surface, case: str) -> Surface:
    rng, t = np.random.default_rng(7), good.triangles
    few = rng.random(len(t)) < 0.05
    return {
        "good": lambda: good,
        "1 % missing": lambda: picked(good, t[rng.random(len(t)) > 0.01]),
        "a hole": lambda: picked(good, t[~spot(good, rng, 0.05)]),
        "all turned": lambda: good.flipped(),
        "5 % turned": lambda: turned(good, few),
        "a patch turned": lambda: turned(good, spot(good, rng, 0.12)),
        "5 % doubled": lambda: picked(good, np.concatenate([t, t[few]])),
        "all doubled": lambda: picked(good, np.concatenate([t, t])),
        "soup of 0.0001 mm": lambda: soup(good, rng, 4e-7),
        "soup of 0.05 mm": lambda: soup(good, rng, 2e-4),
        "soup, 5 % turned": lambda: soup(turned(good, few), rng, 2e-4),
    }[case]()


CASES = {
    "good": "",
    "1 % missing": "holes were covered",
    "a hole": "was covered|were covered",
    "all turned": "faced inward and was turned",
    "5 % turned": "triangles that faced the other way than their neighbours were turned",
    "a patch turned": "triangles that faced the other way than their neighbours were turned",
    "5 % doubled": "doubled triangles were dropped",
    "all doubled": "doubled triangles were dropped",
    "soup of 0.0001 mm": "points closer than",
    "soup of 0.05 mm": "points closer than",
    "soup, 5 % turned": "triangles that faced the other way",
}


@pytest.mark.parametrize("case", CASES)
def test_no_deep_node_is_on_the_wrong_side(good: Surface, judge: Judge, case: str) -> None:
    surface = broken(good, case)


    whole, notes = made_whole(surface, "valve")
    assert surface_report(whole).closed
    assert judge.deep_wrong(whole) == 0
    assert whole.volume == pytest.approx(good.volume, rel=2e-3)
    assert re.search(CASES[case], " ".join(notes))


def test_the_judge_finds_a_wrong_surface(good: Surface, judge: Judge) -> None:
    half = picked(good, good.triangles[spot(good, np.random.default_rng(1), 0.3)])
    assert judge.deep_wrong(half) > 100
    assert judge.deep_wrong(Surface.joined([good, good])) > 100


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_what_misses_too_much_is_refused(good: Surface, share: float) -> None:
    rng = np.random.default_rng(3)
    with pytest.raises(GeometryError, match=r"valve is not closed: .* the worst is .* near") as caught:
        made_whole(picked(good, good.triangles[rng.random(len(good.triangles)) > share]), "valve")
    assert len(caught.value.faults.leaks) > 100


def test_an_open_box_may_be_a_sheet_and_is_refused() -> None:
    box = Part.box(0.1).surface
    up = box.area_vectors[:, 2] > 0.0
    with pytest.raises(GeometryError, match=r"of its volume may be inside or outside \(at most 0.5 % is repaired\)"):
        made_whole(picked(box, box.triangles[~up]), "box")


@pytest.mark.parametrize("gap", [0.06, 0.03])
def test_bodies_that_overlap_become_one(gap: float) -> None:
    other = Part.sphere(0.1, centre=(gap, 0.01, 0.02), segments=64).surface
    whole, notes = made_whole(Surface.joined([BALL, other]), "balls")
    # The lens that both balls hold.
    d, r = np.linalg.norm((gap, 0.01, 0.02)), 0.05
    lens = np.pi * (4 * r + d) * (2 * r - d) ** 2 / 12
    assert whole.volume == pytest.approx(2 * np.pi / 6 * 0.1**3 - lens, rel=2e-3)
    assert surface_report(whole).closed
    assert "bodies that overlap were joined" in notes
    assert "the volume moved by -" in notes[-1]
    with pytest.raises(GeometryError, match="bodies in it overlap"):
        made_whole(Surface.joined([BALL, other]), "balls", repair=False)


def test_metal_in_metal_is_not_counted_twice_and_a_cavity_stays() -> None:
    inner = Part.sphere(0.05, segments=48).surface
    whole, notes = made_whole(Surface.joined([BALL, inner]), "ball")
    assert whole.volume == pytest.approx(BALL.volume)
    assert notes == ("1 shells inside metal were dropped (65.4 cm3 that would count twice)",)
    hollow, _ = made_whole(Surface.joined([BALL, inner.flipped()]).flipped(), "ball")
    assert hollow.volume == pytest.approx(BALL.volume - inner.volume)


def test_a_shell_whose_meaning_was_lost_is_refused() -> None:
    inner = Part.sphere(0.05, segments=48).surface
    mixed = turned(Surface.joined([BALL, inner]), np.random.default_rng(2).random(len(BALL.triangles) + len(inner.triangles)) < 0.1)
    with pytest.raises(GeometryError, match="do not tell whether it is a cavity or metal"):
        made_whole(mixed, "ball")


def test_an_inside_out_shell_beside_others_is_turned() -> None:
    other = Part.box(0.05, centre=(0.2, 0, 0)).surface
    whole, notes = made_whole(Surface.joined([BALL, other.flipped()]), "two")
    assert whole.volume == pytest.approx(BALL.volume + other.volume)
    assert notes == ("1 shells that faced inward were turned", "2 shells were kept")


@pytest.mark.parametrize("reach", [0.3, 2.0])
def test_a_sheet_inside_is_dropped(reach: float) -> None:
    corners = 0.05 * reach * np.array([[-1, -1, 0.1], [1, -1, 0.1], [1, 1, 0.1], [-1, 1, 0.1]])
    loose = Surface(corners, np.array([[0, 1, 2], [0, 2, 3]]))
    whole, notes = made_whole(Surface.joined([BALL, loose]), "ball")
    assert whole.volume == pytest.approx(BALL.volume)
    assert notes == ("2 triangles of sheets that bound nothing were dropped",)


def test_a_wall_that_stands_on_the_shell_is_dropped() -> None:
    """A box of eight corners with a plate from edge to edge through its middle."""
    box = Part.box(0.1).surface
    points, t = box.points, box.triangles
    low = [int(np.flatnonzero((points == p).all(axis=1))[0]) for p in ((-0.05, -0.05, -0.05), (0.05, 0.05, -0.05))]
    high = [int(np.flatnonzero((points == p).all(axis=1))[0]) for p in ((-0.05, -0.05, 0.05), (0.05, 0.05, 0.05))]
    plate = [[low[0], low[1], high[1]], [low[0], high[1], high[0]]]
    whole, notes = made_whole(picked(box, np.concatenate([t, plate])), "box")
    assert whole.volume == pytest.approx(1e-3)
    assert notes == ("2 triangles of sheets that bound nothing were dropped",)


def test_random_triangles_are_refused() -> None:
    rng = np.random.default_rng(5)
    with pytest.raises(GeometryError, match="not closed"):
        made_whole(Surface(rng.uniform(0, 0.1, (300, 3)), np.arange(300).reshape(-1, 3)), "soup")


def test_nodes_of_the_ball_are_wound_around_once() -> None:
    judge = Judge(BALL)
    winding = inside(BALL, judge.lattice)
    assert set(np.unique(winding)) == {0, 1}
    assert winding.sum() * judge.lattice.step**3 == pytest.approx(BALL.volume, rel=5e-3)
