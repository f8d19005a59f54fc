"""A mirrored or turned casting freezes alike: an odd part off the middle of its box, with a chill."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

POUR, ROOM = 963.15, 298.15
LIMITS = [("float64", 1e-9), ("float32", 0.05)]
MIRRORS = {f"mirror {'xyz'[a]}": np.diag([-1.0 if b == a else 1.0 for b in range(3)]) for a in range(3)}
# A quarter about each axis, and the two turns about the space diagonal.
TURNS = {
    "quarter about x": np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]),
    "quarter about y": np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]]),
    "quarter about z": np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]),
    "about the diagonal": np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]]),
}
MAPS = MIRRORS | TURNS


def back(field: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """Return a field of the mapped casting on the axes of the plain one."""
    axes = [int(np.flatnonzero(turn[:, a])[0]) for a in range(3)]
    mapped = np.transpose(field, axes)
    return np.flip(mapped, [a for a in range(3) if turn[axes[a], a] < 0])


@pytest.fixture(scope="module")
def plain(casting, casting_grid):
    """Return the runs of the plain casting, with and without the estimate of how bent a step is."""
    grid = casting_grid()
    return {
        (dtype, estimate): casting(grid, dtype=dtype).run([POUR, ROOM, ROOM], until=3.0, estimate=estimate)
        for dtype, _ in LIMITS
        for estimate in (True, False)
    }


@pytest.mark.parametrize("name", MAPS)
def test_the_grid_is_mapped(casting_grid, plain, name):
    one, other = plain["float64", True].problem.grid, casting_grid(MAPS[name])
    assert np.array_equal(one.region, back(other.region, MAPS[name]))
    volumes = one.volumes()
    assert np.abs(volumes - back(other.volumes(), MAPS[name])).max() < 1e-12 * volumes.max()
    for a, b in itertools.combinations(range(3), 2):
        assert one.wall_area(a, b) == pytest.approx(other.wall_area(a, b), rel=1e-12)


@pytest.mark.parametrize("estimate", [False, True])
@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize(("dtype", "limit"), LIMITS)
def test_the_temperature_is_mapped(casting, casting_grid, plain, name, estimate, dtype, limit):
    run = casting(casting_grid(MAPS[name]), dtype=dtype).run([POUR, ROOM, ROOM], until=3.0, estimate=estimate)
    same = plain[dtype, estimate]
    assert np.abs(back(run.temperature, MAPS[name]) - same.temperature).max() < limit
    one, other = same.crossing("liquidus"), back(run.crossing("liquidus"), MAPS[name])
    both = np.isfinite(one) & np.isfinite(other)
    assert both.sum() > 100
    assert np.abs(one - other)[both].max() < (1e-6 if dtype == "float64" else 1e-2)


def test_the_casting_is_odd(plain):
    """So that a map which does nothing would be noticed."""
    T = plain["float64", True].temperature
    for turn in MAPS.values():
        assert np.abs(back(T, turn) - T).max() > 10.0
