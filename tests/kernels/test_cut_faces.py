"""The clipping of surfaces to voxels against convex geometry done by SciPy, voxel by voxel."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import ConvexHull, HalfspaceIntersection, QhullError

from castsolve.geometry import Grid, GridBody, Part, Surface

SIZE = np.array([0.020, 0.016, 0.012])
AXIS = np.array([1.0, 2.0, 3.0]) / np.sqrt(14.0)
BOX = ((-0.024,) * 3, (0.024,) * 3)


def turned(angle: float) -> Part:
    return Part.box(tuple(SIZE)).turned(angle, axis=tuple(AXIS))


def build(surface: Surface, *, voxel: float = 2e-3, threads: int | None = None) -> Grid:
    return Grid.build([GridBody("block", "part", surface, 0)], voxel=voxel, box=BOX, threads=threads)


def rotation(angle: float) -> np.ndarray:
    """Return Rodrigues' matrix about AXIS."""
    x, y, z = AXIS
    K = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * K + (1 - np.cos(angle)) * K @ K


def share_of(planes: np.ndarray, centre: np.ndarray, widths: np.ndarray) -> float:
    """Return the share of a voxel on the inner side of all planes (n, -d), as a convex hull."""
    sides = np.vstack([np.eye(3), -np.eye(3)])
    walls = np.column_stack([sides, -(sides @ centre) - 0.5 * np.abs(sides) @ widths])
    rows = np.vstack([planes, walls])
    # The deepest point by a small linear programme would do; sampling finds one when the share is not tiny.
    rng = np.random.default_rng(0)
    points = centre + (rng.random((4000, 3)) - 0.5) * widths
    depth = -(points @ rows[:, :3].T + rows[:, 3]).max(axis=1)
    best = points[depth.argmax()]
    if depth.max() <= 0.0:
        return 0.0
    try:
        return float(ConvexHull(HalfspaceIntersection(rows, best).intersections).volume / widths.prod())
    except QhullError:
        return 0.0


@pytest.mark.parametrize("angle", [0.05, 0.3, 0.9])
def test_the_share_of_every_cut_voxel_is_exact(angle):
    grid = build(turned(angle).surface)
    R = rotation(angle)
    sides = np.vstack([np.eye(3), -np.eye(3)])
    planes = np.column_stack([sides @ R.T, -0.5 * np.tile(SIZE, 2)])
    i, j, k = np.unravel_index(grid.share_index, grid.shape)
    centres = np.column_stack([grid.centres(0)[i], grid.centres(1)[j], grid.centres(2)[k]])
    widths = np.column_stack([grid.widths(0)[i], grid.widths(1)[j], grid.widths(2)[k]])
    chosen = np.random.default_rng(1).choice(len(i), size=min(150, len(i)), replace=False)
    exact = 0
    for n in chosen:
        wanted = share_of(planes, centres[n], widths[n])
        # A share below what sampling can find counts as nothing.
        assert grid.metal_share[n] == pytest.approx(wanted, abs=1e-9 if wanted else 2e-3)
        exact += wanted > 0.0
    assert exact > 100


@pytest.mark.parametrize("angle", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("voxel", [2e-3, 3.1e-3])
def test_areas_and_volumes_sum_to_the_surface(angle, voxel):
    surface = turned(angle).surface
    grid = build(surface, voxel=voxel)
    assert float(grid.walls.area.sum()) == pytest.approx(surface.area, rel=1e-9)
    assert grid.region_volume(0) == pytest.approx(surface.volume, rel=1e-9)
    whole = np.prod(np.subtract(BOX[1], BOX[0]))
    assert float(grid.volumes().sum()) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_mirrored_body_has_mirrored_factors(axis):
    part = turned(0.7)
    normal = tuple(1.0 if a == axis else 0.0 for a in range(3))
    one, other = build(part.surface), build(part.mirrored(normal).surface)
    assert np.array_equal(one.region, np.flip(other.region, axis))
    assert np.abs(one.volume_factor() - np.flip(other.volume_factor(), axis)).max() < 1e-6
    assert np.sort(one.walls.area) == pytest.approx(np.sort(other.walls.area), abs=1e-9 * one.walls.area.max())


def test_the_order_of_triangles_and_the_threads_do_not_matter():
    surface = turned(0.5).surface
    order = np.random.default_rng(2).permutation(len(surface.triangles))
    shuffled = Surface(surface.points, surface.triangles[order])
    one = build(surface, threads=1)
    for grid in (build(surface, threads=2), build(surface, threads=4)):
        assert np.array_equal(one.walls.area, grid.walls.area)
        assert np.array_equal(one.walls.low, grid.walls.low)
        assert np.array_equal(one.cut_volume, grid.cut_volume)
    again = build(shuffled)
    assert np.array_equal(one.region, again.region)
    assert one.walls.area == pytest.approx(again.walls.area, abs=1e-12 * surface.area)


def test_a_wall_on_a_grid_plane_counts_once():
    part = Part.box((0.012, 0.012, 0.012))
    grid = build(part.surface, voxel=2e-3)
    assert float(grid.walls.area.sum()) == pytest.approx(6 * 0.012**2, rel=1e-9)
    assert grid.region_volume(0) == pytest.approx(0.012**3, rel=1e-9)
