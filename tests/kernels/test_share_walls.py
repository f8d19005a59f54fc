"""Sharing of walls and slivers against a twin that follows the written rule packet by packet."""

from __future__ import annotations

import numpy as np
import pytest
from twin import share_walls

from castsolve import _kernels
from castsolve.geometry import Grid, GridBody, Part
from castsolve.geometry.cutface import assign_owners, cut_body
from castsolve.geometry.cutface import share_walls as shared


def kernel(region, nodes, packets, slivers, threads: int = 1):
    """Call the kernel with packets and slivers in compressed rows; return faces (area, low, high), volumes received, lost ones."""
    voxels = np.unique([v for v, *_ in packets] + [v for v, *_ in slivers]).astype(np.int64)
    packets = sorted(packets, key=lambda p: p[0])
    slivers = sorted(slivers, key=lambda s: s[0])
    rows = [*np.searchsorted([p[0] for p in packets], voxels).tolist(), len(packets)]
    sliver_rows = [*np.searchsorted([s[0] for s in slivers], voxels).tolist(), len(slivers)]
    lost = np.zeros((region.shape[0], 1 + 3))

    def allocate(n, m):
        return np.empty(n, np.int64), np.empty(n, np.uint8), *(np.empty(n) for _ in range(3)), np.empty(m, np.int64), np.empty(m)

    voxel, axis, area, low, high, index, volume = _kernels.share_walls(
        region, *nodes, voxels, np.zeros(len(voxels)), np.array(rows, np.int64),
        np.array([p[1:3] for p in packets], np.uint8).reshape(-1, 2), np.array([p[3] for p in packets]).reshape(-1, 30),
        np.array(sliver_rows, np.int64), np.array([s[1] for s in slivers], np.uint8), np.array([s[2] for s in slivers], float),
        allocate, lost, threads,
    )  # fmt: skip
    keys = 3 * voxel + axis
    assert (np.diff(keys) > 0).all()
    assert (np.diff(index) > 0).all()
    faces = {int(k): np.array(row) for k, *row in zip(keys, area, low, high, strict=True)}
    w = [np.diff(n) for n in nodes]
    plain = (w[0][:, None, None] * w[1][None, :, None] * w[2][None, None, :]).reshape(-1)
    received = volume - np.where(np.isin(index, voxels), 0.0, plain[index])
    return faces, {int(v): x for v, x in zip(index, received, strict=True)}, lost.sum(axis=0)


def distances(region, nodes, faces):
    """Return (area, low, high) of faces from the twin's sums."""
    centres = [0.5 * (n[1:] + n[:-1]) for n in nodes]
    out = {}
    for key, (area, weight, plane, *normal) in faces.items():
        low = np.array(np.unravel_index(key // 3, region.shape))
        high = low + (np.arange(3) == key % 3)
        ends = [np.array([c[p] for c, p in zip(centres, place, strict=True)]) for place in (low, high)]
        if weight == 0.0:
            wanted = [0.5 * float(np.abs(ends[1] - ends[0]).max())] * 2
        else:
            sign = -1.0 if normal[key % 3] < 0 else 1.0
            d = [sign * (plane - ends[0] @ normal) / weight, sign * (ends[1] @ normal - plane) / weight]
            wanted = [max(0.0, x) for x in d]
        out[key] = np.array([area, *wanted])
    return out


def case(seed: int, shape=(6, 7, 8), regions: int = 3, count: int = 60):
    """Return owners in lumps, and packets and slivers of random voxels with random weights and pairs."""
    rng = np.random.default_rng(seed)
    lumps = rng.integers(0, regions, tuple(-(-n // 2) for n in shape))
    region = np.repeat(np.repeat(np.repeat(lumps, 2, 0), 2, 1), 2, 2)[: shape[0], : shape[1], : shape[2]].astype(np.uint8)
    noise = rng.random(shape) < 0.15
    region[noise] = rng.integers(0, regions, int(noise.sum()))
    region = np.ascontiguousarray(region)
    nodes = [np.cumsum(rng.uniform(1e-3, 2e-3, n + 1)) for n in shape]
    packets, slivers = [], []
    for v in rng.choice(region.size, count, replace=False):
        for inner, outer in ((0, 1), (1, 2), (0, 2)):
            if rng.random() < 0.5:
                wall = rng.uniform(-1.0, 1.0, 30) * 1e-6
                wall[:6] = np.where(rng.random(6) < 0.4, 0.0, np.abs(wall[:6]))
                packets.append((int(v), inner, outer, wall))
        for r in range(regions):
            if r != region.reshape(-1)[v] and rng.random() < 0.6:
                slivers.append((int(v), r, float(rng.uniform(0.0, 1e-9))))
    return region, nodes, packets, slivers


def middles(nodes):
    return [0.5 * (n[1:] + n[:-1]) for n in nodes]


def compare(found, wanted, size: float) -> None:
    assert found.keys() == wanted.keys()
    for key, row in wanted.items():
        assert np.abs(np.asarray(found[key]) - row).max() <= 1e-12 * size


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("seed", range(6))
def test_shares_are_those_of_the_twin(seed, threads):
    region, nodes, packets, slivers = case(seed)
    faces, volumes, lost = kernel(region, nodes, packets, slivers, threads)
    twin_faces, twin_volumes, twin_lost = share_walls(region, middles(nodes), packets, slivers)
    wanted = distances(region, nodes, twin_faces)
    assert faces.keys() == wanted.keys()
    for key, (area, *ends) in wanted.items():
        assert faces[key][0] == pytest.approx(area, abs=1e-17)
        # Random normals may nearly cancel: the distances are then as large as they are uncertain.
        assert faces[key][1:] == pytest.approx(ends, rel=1e-9, abs=1e-12)
    for voxel, volume in volumes.items():
        assert volume == pytest.approx(twin_volumes.get(voxel, 0.0), abs=1e-20)
    assert volumes.keys() >= twin_volumes.keys()
    assert [lost[0], lost[1:].sum()] == pytest.approx(twin_lost, rel=1e-12)
    # Nothing is made or dropped.
    area, volume = sum(p[3][:6].sum() for p in packets), sum(s[2] for s in slivers)
    assert sum(row[0] for row in faces.values()) + lost[0] == pytest.approx(area, rel=1e-12)
    assert sum(volumes.values()) + lost[1:].sum() == pytest.approx(volume, rel=1e-12)


def test_every_face_and_voxel_is_of_the_right_pair():
    region, nodes, packets, slivers = case(9)
    for packet in packets[:40]:
        faces, _, _ = kernel(region, nodes, [packet], [])
        for key in faces:
            low = np.array(np.unravel_index(key // 3, region.shape))
            high = low + (np.arange(3) == key % 3)
            assert {int(region[tuple(low)]), int(region[tuple(high)])} == set(packet[1:3])
    for sliver in slivers[:40]:
        _, volumes, _ = kernel(region, nodes, [], [sliver])
        assert all(region.reshape(-1)[v] == sliver[1] for v, volume in volumes.items() if v != sliver[0])


def test_a_wall_without_a_pair_nearby_is_reported_lost():
    region = np.zeros((7, 7, 7), np.uint8)
    nodes = [np.arange(8.0)] * 3
    wall = np.zeros(30)
    wall[:6] = 1.0
    v = 3 * 49 + 3 * 7 + 3
    faces, volumes, lost = kernel(region, nodes, [(v, 0, 1, wall)], [(v, 1, 0.25)])
    assert (faces, volumes) == ({}, {v: 0.0})
    assert lost.tolist() == [6.0, 0.0, 0.25, 0.0]


def test_the_twin_notices_another_rule():
    region, nodes, packets, slivers = case(3)
    faces, _, _ = kernel(region, nodes, packets, slivers)
    turned = [(v, outer, inner, wall) for v, inner, outer, wall in packets]
    other, _, _ = share_walls(region, middles(nodes), turned, slivers)
    assert faces.keys() != other.keys()


@pytest.mark.parametrize("voxel", [2e-3, 2.7e-3])
def test_a_real_body_is_shared_as_the_twin_does(voxel):
    bodies = [
        GridBody("chill", "chill", Part.box((0.008, 0.012, 0.010), centre=(0.012, 0.001, 0)).turned(0.3).surface, 1),
        GridBody("ball", "part", Part.sphere(0.018, centre=(0.001, 0.0003, -0.0007), segments=24).surface, 0),
    ]
    grid = Grid.build(bodies, voxel=voxel, box=((-0.02,) * 3, (0.02,) * 3))
    nodes = grid.nodes
    cuts = [cut_body(b.surface.points[b.surface.triangles].reshape(-1, 9), nodes, 1) for b in bodies]
    owners = assign_owners(cuts, np.array([1, 0, 2]), nodes)
    walls, _index, _volume, _slivers, lost = shared(owners, nodes)
    packets = [
        (int(v), int(p[0]), int(p[1]), w)
        for v, p, w in zip(
            np.repeat(owners.index, np.diff(owners.packet_row)), owners.packet_pair, owners.packet_wall, strict=True
        )
    ]
    faces, _, twin_lost = share_walls(owners.region, middles(nodes), packets, [])
    assert sorted(faces) == (3 * walls.voxel + walls.axis).tolist()
    area = np.array([faces[k][0] for k in sorted(faces)])
    assert np.abs(walls.area - area).max() <= 1e-12 * area.max()
    assert lost[0] == pytest.approx(twin_lost[0], abs=1e-12 * area.sum())
    # True distances: of a centre from the mean plane, never negative.
    wanted = distances(grid.region, nodes, faces)
    for n, key in enumerate(sorted(faces)):
        assert [walls.low[n], walls.high[n]] == pytest.approx(wanted[key][1:], abs=1e-12)
