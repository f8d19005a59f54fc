"""Voxels that several surfaces cut, against tetrahedra and polygons clipped by half spaces one after the other."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from test_cut_surface import NODES, SHAPE, VOLUMES, clip, cut, volume

from castsolve.geometry import Part, Surface
from castsolve.geometry.cutface import Owners, assign_owners

FACES = np.array([(0, 2, 1), (0, 1, 3), (0, 3, 2), (1, 2, 3)])
Planes = list[tuple[np.ndarray, float]]


def tetrahedron(rng: np.random.Generator) -> np.ndarray:
    corners = rng.uniform(-2.6, 2.6, (4, 3))
    while abs(np.linalg.det(corners[1:] - corners[0])) < 8.0:
        corners = rng.uniform(-2.6, 2.6, (4, 3))
    return corners if np.linalg.det(corners[1:] - corners[0]) > 0 else corners[[1, 0, 2, 3]]


def planes(corners: np.ndarray) -> Planes:
    """Return the half spaces n.x <= d whose common part is a tetrahedron."""
    out = []
    for face in FACES:
        a, b, c = corners[face]
        normal = np.cross(b - a, c - a)
        normal /= np.linalg.norm(normal)
        out.append((normal, float(normal @ a)))
    return out


def box_planes(place: tuple[int, ...]) -> Planes:
    out = []
    for axis in range(3):
        e = np.eye(3)[axis]
        out += [(e, float(NODES[axis][place[axis] + 1])), (-e, -float(NODES[axis][place[axis]]))]
    return out


def polygon_area(points: list[np.ndarray], halves: Planes) -> float:
    """Return the area of the part of a plane polygon that lies in all half spaces."""
    for normal, offset in halves:
        kept = []
        for p, q in zip(points, points[1:] + points[:1], strict=True):
            dp, dq = normal @ p - offset, normal @ q - offset
            if dp <= 0.0:
                kept.append(p)
            if dp * dq < 0.0:
                kept.append(p + dp / (dp - dq) * (q - p))
        points = kept
        if len(points) < 3:
            return 0.0
    vectors = [np.cross(p - points[0], q - points[0]) for p, q in itertools.pairwise(points[1:])]
    return 0.5 * float(np.linalg.norm(np.sum(vectors, axis=0)))


def without(measure, inside: Planes, others: list[Planes]) -> float:
    """Return the measure of what lies in the half spaces and in none of the other bodies, by inclusion and exclusion."""
    total = 0.0
    for n in range(len(others) + 1):
        for chosen in itertools.combinations(others, n):
            total += (-1) ** n * measure(inside + [h for body in chosen for h in body])
    return total


def tetra_volume(corners: np.ndarray, halves: Planes) -> float:
    tets = [corners]
    for normal, offset in halves:
        tets = clip(tets, normal, offset)
    return volume(tets)


def own(surfaces: list[Surface], regions: list[int]) -> Owners:
    return assign_owners([cut(s) for s in surfaces], np.array([*regions, max(regions) + 1]), NODES)


def packets(owners: Owners) -> dict[tuple[int, int, int], np.ndarray]:
    out = {}
    for n, v in enumerate(owners.index):
        for p in range(owners.packet_row[n], owners.packet_row[n + 1]):
            out[int(v), *map(int, owners.packet_pair[p])] = owners.packet_wall[p]
    return out


@pytest.mark.parametrize("seed", [3, 5])
def test_three_tetrahedra_share_every_voxel_exactly(seed):
    rng = np.random.default_rng(seed)
    corners = [tetrahedron(rng) for _ in range(3)]
    halves = [planes(c) for c in corners]
    owners = own([Surface(c, FACES) for c in corners], [0, 1, 2])
    shares = np.zeros((*SHAPE, 4))
    flat, size = shares.reshape(-1, 4), VOLUMES.reshape(-1)
    flat[np.arange(len(flat)), owners.body.reshape(-1)] = 1.0
    flat[owners.index] = 0.0
    flat[owners.index, owners.region.reshape(-1)[owners.index]] = owners.own / size[owners.index]
    for n, v in enumerate(owners.index):
        for q in range(owners.sliver_row[n], owners.sliver_row[n + 1]):
            flat[v, owners.sliver_region[q]] += owners.sliver_volume[q] / size[v]
    assert owners.mixed > 20
    found = packets(owners)
    checked = 0
    for place in np.ndindex(SHAPE):
        box, v = box_planes(place), int(np.ravel_multi_index(place, SHAPE))
        if v not in owners.index:
            continue
        for b in range(3):
            exact = without(lambda h, b=b: tetra_volume(corners[b], h), box, halves[:b])
            assert shares[place][b] * size[v] == pytest.approx(exact, abs=1e-11)
            for faced in range(b + 1, 4):
                # In none of the bodies before it, behind it the first of those after it.
                before = halves[:b] + halves[b + 1 : faced]
                inside = box + (halves[faced] if faced < 3 else [])
                wall = sum(without(lambda h, f=f, b=b: polygon_area(list(corners[b][f]), h), inside, before) for f in FACES)
                sums = found.get((v, b, faced), np.zeros(30))
                assert sums[:6].sum() == pytest.approx(wall, abs=1e-10)
                checked += wall > 1e-9
    assert checked > 60
    # Nothing but these pairs.
    assert all(inner < outer for _, inner, outer in found)
    grid = [h for axis in range(3) for h in ends(axis)]
    exact = [without(lambda h, b=b: tetra_volume(corners[b], h), grid, halves[:b]) for b in range(3)]
    assert owners.body_volume[:3] == pytest.approx(exact, rel=1e-11)


def ends(axis: int) -> Planes:
    e = np.eye(3)[axis]
    return [(e, float(NODES[axis][-1])), (-e, -float(NODES[axis][0]))]


def test_the_order_of_two_bodies_of_one_region_does_not_matter_to_it():
    rng = np.random.default_rng(11)
    a, b = (Surface(tetrahedron(rng), FACES) for _ in range(2))
    one, other = own([a, b], [0, 0]), own([b, a], [0, 0])
    assert np.array_equal(one.region, other.region)
    assert one.metal == pytest.approx(other.metal, abs=1e-11)
    assert one.body_volume.sum() == pytest.approx(other.body_volume.sum(), rel=1e-12)
    first, second = packets(one), packets(other)
    for key in first.keys() | second.keys():
        assert first.get(key, np.zeros(30)) == pytest.approx(second.get(key, np.zeros(30)), abs=1e-10)


@pytest.mark.parametrize("gap", [0.0, 1e-13, -1e-13, 3e-6, -3e-6, 0.01])
@pytest.mark.parametrize("turn", [0.0, 0.7])
def test_flush_walls_face_each_other(turn, gap):
    """A gap below a fiftieth of a voxel is none; the upper body is smaller and stands across voxels."""
    smallest = min(float(w.min()) for w in map(np.diff, NODES))
    part = Part.box((3.1, 2.7, 1.3), corner=(-1.6, -1.4, -1.35))
    chill = Part.box((1.7, 1.3, 0.9), corner=(-0.75, -0.63, -0.05 + gap * smallest))
    axis = {"angle": turn, "axis": (1, 2, 3)}
    owners = own([chill.turned(**axis).surface, part.turned(**axis).surface], [1, 0])
    found = packets(owners)
    area = dict.fromkeys(((1, 0), (1, 2), (0, 2), (0, 1)), 0.0)
    for (_, *pair), wall in found.items():
        area[tuple(pair)] += float(wall[:6].sum())
    # Side walls reach into the part or end before it, and walls that face each other across a voxel's side are not seen.
    near = 1e-9 + 4.0 * abs(gap)
    assert area[1, 0] == pytest.approx(1.7 * 1.3, rel=near if gap < 0.0 or turn else 1e-9)
    assert area[0, 1] == 0.0
    assert area[1, 2] == pytest.approx(chill.area - 1.7 * 1.3, rel=near)
    assert area[0, 2] == pytest.approx(part.area - 1.7 * 1.3, rel=near)
    assert owners.body_volume[:2] == pytest.approx([chill.volume, part.volume], rel=1e-9 + abs(gap))


def test_a_wide_gap_is_no_contact():
    part = Part.box((3.1, 2.7, 1.3), corner=(-1.6, -1.4, -1.35))
    chill = Part.box((1.7, 1.3, 0.9), corner=(-0.75, -0.63, -0.05 + 0.02))
    assert all(tuple(p) != (1, 0) for _, *p in packets(own([chill.surface, part.surface], [1, 0])))
