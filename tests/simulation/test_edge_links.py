"""Links over the edges of stair steps: what the faces of an oblique wall's voxels leave out, and nothing else."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from castsolve.geometry import Grid, GridBody, Part
from castsolve.materials import HeatCurve
from castsolve.simulation import Contact, Faces, HeatProblem
from castsolve.simulation.edge_links import edge_links, missing_share
from castsolve.simulation.sweep_arrays import CutFaces


def slab(turn: float, axis=(1.0, 0.0, 0.0), *, mirror: int | None = None) -> Grid:
    """Return a thick plate, turned, in a box."""
    part = Part.box((24e-3, 24e-3, 8e-3), centre=(0.2e-3, -0.3e-3, 0.1e-3)).turned(turn, axis=axis)
    if mirror is not None:
        matrix = np.eye(4)
        matrix[mirror, mirror] = -1.0
        part = part.transformed(matrix)
    return Grid.build([GridBody("plate", "part", part.surface, 0)], voxel=1e-3, box=((-20e-3,) * 3, (20e-3,) * 3))


def links_of(grid: Grid):
    walls = grid.walls
    keep = walls.area > 0
    area, low, high = (a[keep] for a in (walls.area, walls.low, walls.high))
    return edge_links(grid, walls.voxel[keep], walls.axis[keep].astype(np.int64), area, low, high)


def places(grid: Grid, index) -> np.ndarray:
    return np.stack(np.unravel_index(index, grid.shape), axis=1)


def test_they_join_neighbours_over_an_edge_inside_one_body():
    grid = slab(0.4, (1, 2, 3))
    first, second, c = links_of(grid)
    assert len(c) > 500
    assert (c > 0).all()
    assert (c < 1e-3).all()
    assert (first < second).all()
    assert len(np.unique(first * grid.region.size + second)) == len(c)
    gap = np.abs(places(grid, second) - places(grid, first))
    assert (np.sort(gap, axis=1) == [0, 1, 1]).all()
    flat = grid.region.reshape(-1)
    assert np.array_equal(flat[first], flat[second])
    assert {0, 1} == set(flat[first].tolist())


def test_walls_along_the_grid_have_none():
    first, second, c = links_of(slab(0.0))
    assert len(first) == len(second) == len(c) == 0


@pytest.mark.parametrize("turn", [0.3, -0.3, math.pi / 4, 1.2])
def test_they_bring_the_tensor_that_the_faces_lack(turn):
    """Over a plane wall the sum of c s_y s_z h^2 over the links of a body is -S d n_y n_z, and no other pair of axes has any."""
    part = Part.box((0.2, 0.2, 0.1), centre=(0.0, 0.0, -0.05)).turned(turn, axis=(1.0, 0.0, 0.0))
    grid = Grid.build([GridBody("half", "part", part.surface, 0)], voxel=1e-3, box=((-5e-3, -20e-3, -20e-3), (5e-3, 20e-3, 20e-3)))
    walls = grid.walls
    # The outermost voxels have no neighbour on one side.
    at = places(grid, walls.voxel)
    inner = ((at > 1) & (at < np.array(grid.shape) - 2)).all(axis=1) & (walls.area > 0)
    area, low_d, high_d = walls.area[inner], walls.low[inner], walls.high[inner]
    first, second, c = edge_links(grid, walls.voxel[inner], walls.axis[inner].astype(np.int64), area, low_d, high_d)
    step = places(grid, second) - places(grid, first)
    low = grid.wall_regions()[0][inner]
    normal = np.array([0.0, -math.sin(turn), math.cos(turn)])
    flat = grid.region.reshape(-1)
    for region in (0, 1):
        mine = flat[first] == region
        distance = np.where(low == region, low_d, high_d)
        for a, b in ((0, 1), (0, 2), (1, 2)):
            found = float((c * step[:, a] * step[:, b])[mine].sum()) * 1e-6
            wanted = -float((area * distance).sum()) * normal[a] * normal[b]
            assert found == pytest.approx(wanted, rel=1e-3, abs=1e-12)


def test_at_a_right_angle_they_run_along_the_edge():
    """Two walls at right angles in one voxel have no common normal: the faces of such voxels lead along the edge."""
    turn = 0.5
    part = Part.box((16e-3, 6e-3, 6e-3), centre=(0.0, 0.0, 0.4e-3)).turned(turn, axis=(0.0, 0.0, 1.0))
    grid = Grid.build([GridBody("bar", "part", part.surface, 0)], voxel=1e-3, box=((-14e-3,) * 3, (14e-3,) * 3))
    skin, walls = grid.skin, grid.walls
    lid = np.abs(skin.plane[:, 2]) > 0.9
    along = np.abs(skin.plane[:, :3] @ [math.cos(turn), math.sin(turn), 0.0]) > 0.9
    edge = np.setdiff1d(np.intersect1d(skin.voxel[lid], skin.voxel[~lid]), skin.voxel[along])
    assert len(edge) > 20
    stride = np.array([grid.shape[1] * grid.shape[2], grid.shape[2], 1])
    keep = (walls.area > 0) & (np.isin(walls.voxel, edge) | np.isin(walls.voxel + stride[walls.axis], edge))
    axis = walls.axis[keep].astype(np.int64)
    first, second, c = edge_links(grid, walls.voxel[keep], axis, walls.area[keep], walls.low[keep], walls.high[keep])
    step = places(grid, second) - places(grid, first)
    # Turned from x towards y, the bar's edges go up in both: so does every link.
    assert len(first) > 20
    assert (step == [1, 1, 0]).all()
    # Half of the wall is the lid, which has no part in them.
    normals = math.sin(turn) * math.cos(turn)
    whole = float((walls.area * (walls.low + walls.high))[keep].sum()) * normals
    assert 0.3 * whole < float(c.sum()) * 1e-6 < 0.7 * whole


@pytest.mark.parametrize("mirror", [0, 1, 2])
def test_a_mirrored_body_has_mirrored_links(mirror):
    one, other = slab(0.4, (1, 2, 3)), slab(0.4, (1, 2, 3), mirror=mirror)
    sums = []
    for grid in (one, other):
        first, second, c = links_of(grid)
        total = np.bincount(first, c, grid.region.size) + np.bincount(second, c, grid.region.size)
        sums.append(total.reshape(grid.shape))
    assert np.abs(np.flip(sums[1], mirror) - sums[0]).max() < 1e-9 * sums[0].max()


def test_bodies_that_meet_at_an_edge_alone_are_not_joined():
    grid = slab(math.pi / 4)
    region = grid.region.copy()
    first, second, _ = links_of(grid)
    metal = region.reshape(-1)[first] == 0
    a, b = places(grid, first[metal][40:41])[0], places(grid, second[metal][40:41])[0]
    for corner in (0, 1):
        beside = a.copy()
        changed = np.flatnonzero(a != b)[corner]
        beside[changed] = b[changed]
        region[tuple(beside)] = 1
    cut = replace(grid, region=region)
    again = links_of(cut)
    key = set(zip(again[0].tolist(), again[1].tolist(), strict=True))
    assert (int(first[metal][40]), int(second[metal][40])) not in key


def test_the_stable_step_counts_them():
    """An explicit step of the length that is called stable does not overshoot; the links shorten it by a fifth at most."""
    grid = slab(0.4, (1, 2, 3))
    metal = HeatCurve.constant(density=2500.0, specific_heat=1100.0, conductivity=160.0)
    sand = HeatCurve.constant(density=1500.0, specific_heat=1130.0, conductivity=0.607)
    problem = HeatProblem(grid, [metal, sand], Faces(contacts={(0, 1): Contact(math.inf)}))
    rng = np.random.default_rng(0)
    T = rng.choice([300.0, 900.0], grid.shape)
    run = problem.run(T, until=20 * problem.explicit_step(), scheme="euler", step=0.999 * problem.explicit_step())
    assert run.temperature.min() >= 300.0 - 1e-9
    assert run.temperature.max() <= 900.0 + 1e-9
    assert problem.cut.arrays["link_c"].size
    assert run.ledger.worst < 1e-11


def test_bodies_that_conduct_alike_have_none():
    """A wall in perfect contact inside one material must not be felt."""
    grid = slab(0.4, (1, 2, 3))
    half = np.array([0.5 / 160.0, 0.5 / 160.0])
    assert CutFaces.of(grid, np.float64, half).arrays["link_c"].size == 0
    # A contact parts them, more or less.
    counts = [
        float(CutFaces.of(grid, np.float64, half, None, np.array([resistance])).arrays["link_c"].sum())
        for resistance in (1e-6, 1e-5, 1e-4, 1.0)
    ]
    assert counts == sorted(counts)
    assert counts[-1] == pytest.approx(float(CutFaces.of(grid, np.float64).arrays["link_c"].sum()), rel=1e-3)


def test_the_share_that_faces_do_not_bring():
    d = np.array([0.3e-3, 0.5e-3, 0.0])
    assert missing_share(d, 2.0 * d, 160.0, 160.0, 0.0) == pytest.approx([0.0, 0.0, 1.0], abs=1e-12)
    # Harmonic over arithmetic mean of 160 and 40: 64 of 100.
    assert missing_share(d[:2], d[:2], 160.0, 40.0, 0.0) == pytest.approx([0.36, 0.36])
    assert missing_share(d[:2], d[:2], 160.0, 160.0, 2.0 * d[:2] / 160.0) == pytest.approx([0.5, 0.5])
    assert missing_share(d[:2], d[:2], 160.0, 160.0, 1.0) == pytest.approx([1.0, 1.0], abs=1e-4)


@pytest.mark.parametrize("resistance", [0.0, 3e-6, 3e-5])
def test_faces_and_links_carry_along_the_wall_whatever_parts_alike_bodies(resistance):
    """In a field that rises along the wall, wall faces and links together do what the wall faces do in perfect contact."""
    k, turn = 160.0, 0.6
    part = Part.box((0.2, 0.2, 0.1), centre=(0.0, 0.0, -0.05)).turned(turn, axis=(1.0, 0.0, 0.0))
    box = ((-5e-3, -20e-3, -20e-3), (5e-3, 20e-3, 20e-3))
    grid = Grid.build([GridBody("half", "part", part.surface, 0)], voxel=1e-3, box=box)
    along = np.array([0.0, math.cos(turn), math.sin(turn)])

    def carried(resistance: float) -> float:
        cut = CutFaces.of(grid, np.float64, np.full(2, 0.5 / k), None, np.array([resistance]))
        a = cut.arrays
        place = np.unravel_index(cut.voxel, grid.shape)
        s = np.stack([grid.centres(d)[p] for d, p in enumerate(place)], axis=1) @ along
        inner = np.all([(p > 1) & (p < n - 2) for p, n in zip(place, grid.shape, strict=True)], axis=0)
        total = 0.0
        for one, other, c in (
            (a["face_a"], a["face_b"], a["face_area"] / ((a["face_low"] + a["face_high"]) / k + resistance)),
            (a["link_a"], a["link_b"], k * a["link_c"]),
        ):
            mine = inner[one] & inner[other]
            total += float((c * (s[one] - s[other]) ** 2)[mine].sum())
        return total

    assert carried(resistance) == pytest.approx(carried(0.0), rel=0.03)
