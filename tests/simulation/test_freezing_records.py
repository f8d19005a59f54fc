"""The cooling rate from crossings: a window of temperature in the voxel, and the way of the front from voxel to voxel."""

from __future__ import annotations

import numpy as np
import pytest

from castsolve.geometry import Grid
from castsolve.simulation.freezing import cooling_rate

WINDOW = (570.8, 565.4, 560.0)
NODES = [np.arange(n + 1) * 1e-3 for n in (7, 6, 9)]
NORMALS = [(1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (1.0, 1.0, 0.0), (1.0, 2.0, 2.0)]


def distance(normal, nodes=NODES, start: float = 0.0):
    """Return a grid and the distance (m) of its voxel centres from a plane."""
    grid = Grid.regular(*nodes)
    n = np.asarray(normal) / np.linalg.norm(normal)
    x, y, z = (grid.centres(a) for a in range(3))
    return grid, n[0] * x[:, None, None] + n[1] * y[None, :, None] + n[2] * z[None, None, :] + start


def passed(s, speed: float, slope: float) -> tuple:
    """Return when a straight profile of `slope` (K/m) that moves at `speed` passes each temperature of the window."""
    return tuple(((s - (T - WINDOW[1]) / slope) / speed).astype(np.float32) for T in WINDOW)


@pytest.mark.parametrize("normal", NORMALS)
@pytest.mark.parametrize("slope", [500.0, 2e4, 8e4])
def test_a_profile_that_moves_cools_at_gradient_times_speed(normal, slope):
    """From a hundredth of the window a voxel to eight windows."""
    grid, s = distance(normal, start=0.1)
    gradient = np.full(grid.shape, slope, np.float32)
    found = cooling_rate(grid, WINDOW, passed(s, 2e-3, slope), gradient)
    assert found == pytest.approx(np.full(grid.shape, slope * 2e-3), rel=2e-3)


def test_a_window_that_the_voxels_kink_falsifies_counts_little_where_a_voxel_spans_much():
    """The lower end is passed late by a twentieth of the time from voxel to voxel, as beside a cold wall."""
    errors = []
    for slope in (500.0, 4e4):
        grid, s = distance((0.0, 0.0, 1.0), start=0.1)
        high, middle, low = passed(s, 2e-3, slope)
        late = low + np.float32(0.05 * 1e-3 / 2e-3)
        gradient = np.full(grid.shape, slope, np.float32)
        found = cooling_rate(grid, WINDOW, (high, middle, late), gradient)
        errors.append(float(np.abs(found / (slope * 2e-3) - 1.0).max()))
        alone = float(np.abs((WINDOW[0] - WINDOW[2]) / (late - high) / (slope * 2e-3) - 1.0).max())
    assert errors[0] < 0.01
    assert alone > 0.1
    assert errors[1] < 0.25 * alone


def test_the_last_to_freeze_is_told_by_its_own_window():
    """Everything passes at once: the gradient is zero, and so is the way."""
    grid = Grid.regular(*NODES)
    high, middle, low = (np.full(grid.shape, t, np.float32) for t in (100.0, 102.0, 104.0))
    found = cooling_rate(grid, WINDOW, (high, middle, low), np.zeros(grid.shape, np.float32))
    assert found == pytest.approx(np.full(grid.shape, 2.7), rel=1e-6)


def test_what_was_not_passed_has_no_rate_and_hides_nothing_from_its_neighbours():
    grid, s = distance((0.0, 0.0, 1.0), start=0.1)
    times = [t.copy() for t in passed(s, 2e-3, 2e4)]
    for t in times:
        t[2, 3, 4] = np.nan
        t[:, :, 7:] = np.nan
    found = cooling_rate(grid, WINDOW, tuple(times), np.full(grid.shape, 2e4, np.float32))
    assert np.isnan(found[2, 3, 4])
    assert np.isnan(found[:, :, 7:]).all()
    rest = np.isfinite(times[1])
    assert found[rest] == pytest.approx(np.full(int(rest.sum()), 40.0), rel=2e-3)


def test_levels_that_fell_together_leave_the_way_alone():
    """One stage may pass the whole window; a single voxel then knows nothing."""
    grid, s = distance((0.0, 0.0, 1.0), start=0.1)
    middle = passed(s, 2e-3, 2e4)[1]
    found = cooling_rate(grid, WINDOW, (middle, middle, middle), np.full(grid.shape, 2e4, np.float32))
    assert found == pytest.approx(np.full(grid.shape, 40.0), rel=1e-3)
    one = Grid.regular(*[np.array([0.0, 1e-3])] * 3)
    t = np.ones((1, 1, 1), np.float32)
    assert np.isnan(cooling_rate(one, WINDOW, (t, t, t), t)).all()


def test_uneven_voxels_and_axes_do_not_matter():
    rng = np.random.default_rng(3)
    nodes = [np.concatenate([[0.0], np.cumsum(rng.uniform(0.5e-3, 2e-3, n))]) for n in (5, 6, 7)]
    grid, s = distance((1.0, 2.0, 2.0), nodes, start=0.1)
    times = passed(s, 2e-3, 3e4)
    found = cooling_rate(grid, WINDOW, times, np.full(grid.shape, 3e4, np.float32))
    assert found == pytest.approx(np.full(grid.shape, 60.0), rel=2e-3)
    turned = Grid.regular(nodes[2], nodes[0], nodes[1])
    other = cooling_rate(
        turned, WINDOW, tuple(np.ascontiguousarray(np.transpose(t, (2, 0, 1))) for t in times),
        np.full(turned.shape, 3e4, np.float32),
    )  # fmt: skip
    assert np.transpose(other, (1, 2, 0)) == pytest.approx(found, rel=1e-5)
