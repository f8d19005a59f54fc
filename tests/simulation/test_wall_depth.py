"""Distances of voxels' means from walls: exact for plates that cool evenly, untouched elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from castsolve.geometry import Grid, GridBody, Part
from castsolve.simulation.wall_depth import depths_of_means

VOXEL = 1e-3
OPEN = (False,) * 6
CLOSED = (True,) * 6


def depths(grid: Grid, mirrors=OPEN) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the metal's distance as the grid says and as it is changed, and the mould's, of every wall."""
    walls = grid.walls
    step = np.array([grid.shape[1] * grid.shape[2], grid.shape[2], 1])[walls.axis.astype(int)]
    low, high = depths_of_means(grid, walls.voxel, walls.voxel + step, walls.low, walls.high, mirrors)
    metal_low = grid.region.reshape(-1)[walls.voxel] == 0
    return (
        np.where(metal_low, walls.low, walls.high), np.where(metal_low, low, high), np.where(metal_low, high, low)
    )  # fmt: skip


def plate(n: int, sides: tuple[int, int] = (1, 1)) -> Grid:
    """A plate n voxels thick, with two voxels of a mould on either side."""
    region = np.array([sides[0]] * 2 + [0] * n + [sides[1]] * 2, np.uint8)[None, None, :]
    nodes = np.arange(n + 5) * VOXEL
    return Grid.regular(np.array([0.0, 5e-3]), np.array([0.0, 5e-3]), nodes, region, names=("metal", "mould", "chill"))


def mean_excess(d: float, n: int) -> float:
    """Mean temperature of n voxels above their two walls, all giving off heat alike, for k = 1 and a flux of 1 through the wall."""
    T = np.empty(n)
    T[0] = d
    for i in range(1, n):
        T[i] = T[i - 1] + VOXEL * (1.0 - 2.0 * i / n)
    assert T[-1] == pytest.approx(d)
    return float(T.mean())


@pytest.mark.parametrize("n", [1, 2, 3, 4, 8, 20])
def test_a_plate_gives_off_its_heat_as_the_exact_parabola(n):
    before, after, mould = depths(plate(n))
    half = 0.5 * n * VOXEL
    assert after == pytest.approx([after[0]] * 2)
    assert mean_excess(after[0], n) == pytest.approx(half / 3.0, rel=1e-6)
    assert mean_excess(before[0], n) == pytest.approx(half / 3.0 * (1.0 + 2.0 / n**2), rel=1e-6)  # what it was
    assert mould == pytest.approx([0.5 * VOXEL] * 2)


def test_the_change_fades_as_the_wall_grows():
    share = [1.0 - depths(plate(n))[1][0] / (0.5 * VOXEL) for n in (3, 6, 12, 24)]
    assert share == pytest.approx([2.0 / (3.0 * n) for n in (3, 6, 12, 24)], rel=1e-5)


def test_a_half_plate_at_a_mirror_is_a_whole_one():
    region = np.array([1, 1, 0, 0, 0], np.uint8)[None, None, :]
    ends = np.array([0.0, 5e-3])
    half = Grid.regular(ends, ends, np.arange(6) * VOXEL, region, names=("metal", "mould"))
    assert depths(half, CLOSED)[1] == pytest.approx(depths(plate(6))[1][:1], rel=1e-6)
    # Heat that leaves there makes it no mirror.
    before, after, _ = depths(half, OPEN)
    assert after == pytest.approx(before)


def test_a_half_casting_has_the_distances_of_the_whole():
    bar = Part.cylinder(7.3e-3, 4.1e-3, base=(0.0, 0.0002, -0.002)).turned(0.4, axis="x")
    body = [GridBody("bar", "part", bar.surface, 0)]
    end = (8e-3,) * 3
    whole, half = (
        Grid.build(body, voxel=VOXEL, box=(start, end), fine_box=(start, end)) for start in ((-8e-3,) * 3, (0.0, -8e-3, -8e-3))
    )
    i, j, k = np.unravel_index(half.walls.voxel, half.shape)
    moved = np.ravel_multi_index((i + 8, j, k), whole.shape)
    place = {(v, a): n for n, (v, a) in enumerate(zip(whole.walls.voxel.tolist(), whole.walls.axis.tolist(), strict=True))}
    same = [place[key] for key in zip(moved.tolist(), half.walls.axis.tolist(), strict=True)]
    before, after, _ = depths(whole)
    assert np.abs(after - before).max() > 0.02 * VOXEL
    assert depths(half, (True, *(False,) * 5))[1] == pytest.approx(after[same], abs=1e-5 * VOXEL)


def test_unlike_sides_count_as_one():
    before, after, _ = depths(plate(4, (1, 2)))
    assert before - after == pytest.approx([VOXEL / (6.0 * 4.0)] * 2, rel=1e-5)


def test_no_voxel_is_nearer_than_a_third():
    body = Part.box((12e-3, 12e-3, 1.3e-3)).turned(0.5, axis=(1, 0, 0))
    box = ((-10e-3,) * 3, (10e-3,) * 3)
    grid = Grid.build([GridBody("sheet", "part", body.surface, 0)], voxel=VOXEL, box=box, fine_box=box)
    before, after, _ = depths(grid)
    assert (after >= before / 3.0 - 1e-12).all()
    assert (after < 0.34 * before).any()
    assert (after > 0.0).all()
