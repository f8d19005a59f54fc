"""A cavity as it fills: bodies, sections, animations, and the fronts on the surface of a casting."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from castsolve.errors import ResultsError, ViewError
from castsolve.results import Results
from castsolve.view import animation, casting, filling
from castsolve.view.filling import filling_limits, widest_axis

pytestmark = pytest.mark.usefixtures("renderer")

SMALL = (480, 360)
# Between heading, colour bar and legend.
DRAWING = (slice(95, 275), slice(60, 240))
LEVELS = {1.0: 0.015, 2.0: 0.035, 4.0: 0.2}


@pytest.fixture(scope="module")
def poured(result: Results) -> Results:
    """The made-up casting, filled level by level; air above the second level is enclosed."""
    z = result.frame.centres(2)[None, None, :]
    moments = {}
    for number, (time, level) in enumerate(LEVELS.items()):
        fill = np.where(result.metal, np.clip((level - z) / result.frame.voxel + 0.5, 0.0, 1.0), np.nan)
        there = np.nan_to_num(fill) > 0.0
        moments[time] = {
            "fill_fraction": fill.astype(np.float32),
            "temperature": np.where(there, 960.0 - 300.0 * z, np.nan).astype(np.float32),
            "speed": np.where(there, 0.3 * (number + 1) + 5.0 * z, np.nan).astype(np.float32),
            "air_pressure": np.where(result.metal & (np.nan_to_num(fill) < 1.0) & (number == 1), 1.1e5, np.nan).astype(np.float32),
        }
    filled = np.where(result.metal, 20.0 * z, np.nan).astype(np.float32)
    return Results(
        result.frame, fields={**result.fields, "fill_time": filled - np.nanmin(filled)}, moments=moments, facts=dict(result.facts)
    )  # fmt: skip


def coloured(picture: np.ndarray) -> int:
    """Number of pixels of the drawing that have a colour of their own, which sand, paper, ink and translucent metal have not."""
    drawing = picture[DRAWING].astype(int)
    return int((np.ptp(drawing, axis=2) > 60).sum())


@pytest.mark.parametrize("plane", [{}, {"axis": "y"}])
def test_the_metal_rises_from_moment_to_moment(poured: Results, plane: dict) -> None:
    low, high = (coloured(filling(poured, "temperature", time, size=SMALL, **plane).image()) for time in (1.0, 4.0))
    assert 300 < low < 0.7 * high


@pytest.mark.parametrize("plane", [{}, {"axis": "y", "at": "0 mm"}])
def test_enclosed_air_is_blue(poured: Results, plane: dict) -> None:
    first, second = (filling(poured, "temperature", t, size=SMALL, **plane).image().astype(int) for t in (1.0, 2.0))
    # The chill is somewhat blue too.
    bluish = [int(((p[..., 2] > p[..., 0] + 15) & (p[..., 1] > p[..., 0]))[DRAWING].sum()) for p in (first, second)]
    assert bluish[1] > bluish[0] + 500


def test_the_wall_of_the_metal_is_drawn_without_holes(poured: Results) -> None:
    """Below the level a section is metal right up to the wall: no pixel of the empty cavity between them, no moire."""
    section = filling(poured, "speed", 4.0, axis="x", size=SMALL).image().astype(int)
    empty = (np.abs(section - np.array((0xFB, 0xFB, 0xFB))).max(axis=2) < 2)[DRAWING]
    assert empty.sum() < 5


def test_colours_are_those_of_all_moments(poured: Results) -> None:
    low, high = filling_limits(poured, "speed")
    wet = [held["speed"][np.nan_to_num(held["fill_fraction"]) >= 0.5] for held in poured.moments.values()]
    assert low <= min(w.min() for w in wet) and high >= 0.9 * max(w.max() for w in wet)
    # Most metal lies on a plane across y; the picture without a place for its plane goes there.
    assert widest_axis(poured) in (1, 2)


@pytest.mark.parametrize("surface", [True, False])
def test_the_front_moves(poured: Results, tmp_path: Path, surface: bool) -> None:
    from PIL import Image, ImageSequence

    with Image.open(animation(poured, tmp_path / "front.gif", "speed", surface=surface, size=SMALL)) as movie:
        counts = [coloured(np.asarray(f.convert("RGB"))) for f in ImageSequence.Iterator(movie)]
    assert len(counts) == 3
    assert counts == sorted(counts) and counts[0] < 0.8 * counts[-1]


def test_fronts_are_drawn_on_the_surface(poured: Results) -> None:
    plain, lined = (casting(poured, "fill_time", lines=lines, size=SMALL).image().astype(int) for lines in (False, True))
    darker = (plain.sum(axis=2) - lined.sum(axis=2) > 40)[DRAWING]
    # Lines, not areas.
    assert 100 < darker.sum() < 0.05 * darker.size


def test_what_was_not_recorded_is_refused(poured: Results, result: Results, tmp_path: Path) -> None:
    with pytest.raises(ViewError, match="fill with record="):
        filling(result)
    with pytest.raises(ViewError, match='"niyama" was not recorded during the filling; it has speed, temperature'):
        filling(poured, "niyama")
    with pytest.raises(ResultsError, match="not recorded at 3 s"):
        filling(poured, "speed", 3.0)
    with pytest.raises(ViewError, match="surface=True shows a filling"):
        animation(result, tmp_path / "a.gif", "solidification_time", surface=True)
    with pytest.raises(ViewError, match="is no axis"):
        filling(poured, "speed", axis="q")
