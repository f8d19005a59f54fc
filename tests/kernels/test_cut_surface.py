"""The clipping of one surface to voxels: against boxes, half spaces and tetrahedra that are known exactly, and sampled columns."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from castsolve.geometry import Part, Surface
from castsolve.geometry.cutface import cut_body

NODES = [
    np.array([-3.0, -1.7, -0.9, -0.2, 0.4, 1.3, 2.0, 3.1]),
    np.array([-2.5, -1.1, -0.4, 0.3, 1.2, 2.6]),
    np.array([-2.2, -1.4, -0.8, -0.1, 0.7, 1.1, 2.4]),
]
WIDTHS = [np.diff(n) for n in NODES]
VOLUMES = WIDTHS[0][:, None, None] * WIDTHS[1][None, :, None] * WIDTHS[2][None, None, :]
SHAPE = VOLUMES.shape


def cut(surface: Surface, nodes=NODES, threads: int = 1):
    return cut_body(surface.points[surface.triangles].reshape(-1, 9), nodes, threads)


def shares(found, shape=SHAPE) -> np.ndarray:
    """Return the filled share of every voxel, dense."""
    out = np.zeros(shape)
    out[found.slices] = found.state == 1
    flat = out.reshape(-1)
    flat[found.index] = found.share
    return out


def walls(found, shape=SHAPE) -> np.ndarray:
    """Return the six wall sums of every voxel, dense."""
    out = np.zeros((*shape, 6))
    out.reshape(-1, 6)[found.index] = found.wall[:, :6]
    return out


def overlap(nodes: np.ndarray, lo: float, hi: float) -> np.ndarray:
    return np.maximum(0.0, np.minimum(nodes[1:], hi) - np.maximum(nodes[:-1], lo))


BOXES = [
    ((-1.3, -0.7, -0.5), (1.1, 0.9, 0.6)),
    ((-0.1, -0.3, 0.0), (0.3, 0.2, 0.5)),  # within one voxel
    ((-1.7, -1.1, -0.8), (1.3, 1.2, 1.1)),  # every face on a grid plane
    ((-1.7, -0.6, -0.8), (0.9, 1.2, 0.2)),  # some of them
    ((-1.7 + 1e-12, -1.1 - 1e-12, -0.8), (1.3 - 1e-12, 1.2 + 1e-12, 1.1)),
    ((-4.0, -3.5, -0.5), (4.0, 3.0, 0.6)),  # out through four sides
    ((-3.0, -2.5, -2.2), (3.1, 2.6, 2.4)),  # all of the grid
]


@pytest.mark.parametrize(("lo", "hi"), BOXES)
def test_boxes_are_exact(lo, hi):
    lo, hi = np.array(lo), np.array(hi)
    found = cut(Part.box(tuple(hi - lo), corner=tuple(lo)).surface)
    o = [overlap(n, a, b) for n, a, b in zip(NODES, lo, hi, strict=True)]
    wanted = o[0][:, None, None] * o[1][None, :, None] * o[2][None, None, :] / VOLUMES
    assert np.abs(shares(found) - wanted).max() < 1e-12
    assert found.leak < 1e-12
    assert found.smallest > -1e-12
    assert found.largest < 1.0 + 1e-12
    # Wall area by direction and sign: each face counts once, in the voxels that hold it; none on the border of the grid.
    area = walls(found).sum(axis=(0, 1, 2))
    for axis in range(3):
        a, b = (o[c].sum() for c in range(3) if c != axis)
        for slot, at in ((2 * axis, lo[axis]), (2 * axis + 1, hi[axis])):
            inside = NODES[axis][0] < at < NODES[axis][-1]
            assert area[slot] == pytest.approx(a * b if inside else 0.0, abs=1e-11)


def plane_cube(normal: np.ndarray, offset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the volume and the area that n.x <= d cuts from the unit cube, by the inclusion-exclusion formula."""
    n, d = np.abs(normal), offset - np.minimum(normal, 0.0).sum(axis=-1)
    volume, area = np.zeros(d.shape), np.zeros(d.shape)
    for corner in itertools.product((0, 1), repeat=3):
        sign, s = (-1) ** sum(corner), np.maximum(0.0, d - (n * corner).sum(axis=-1))
        volume += sign * s**3
        area += sign * s**2
    return volume / (6.0 * n.prod(axis=-1)), area / (2.0 * n.prod(axis=-1)) * np.linalg.norm(n, axis=-1)


@pytest.mark.parametrize("normal", [(1.0, 2.0, 3.0), (-2.0, 1.0, 1.5), (1.0, -1.0, 1.0), (-0.5, -1.0, -0.7)])
@pytest.mark.parametrize("offset", [0.0, 0.37, -0.8])
def test_a_tilted_half_space_is_exact(normal, offset):
    """A box so large that only one of its faces crosses the grid."""
    unit = np.array(normal) / np.linalg.norm(normal)
    across = np.cross(unit, [0.3, -0.5, 0.7])
    across /= np.linalg.norm(across)
    frame = np.stack([across, np.cross(unit, across), unit], axis=1)
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = frame, offset * unit
    body = Part.box((40.0, 40.0, 40.0), centre=(0, 0, -20.0)).surface.transformed(matrix)
    found = cut(body)
    # Every voxel as a unit cube: n_a w_a x_a <= d - n.corner.
    corners = np.stack(np.meshgrid(*(n[:-1] for n in NODES), indexing="ij"), axis=-1)
    w = np.stack(np.meshgrid(*WIDTHS, indexing="ij"), axis=-1)
    volume, area = plane_cube(unit * w, offset - corners @ unit)
    assert np.abs(shares(found) - volume).max() < 1e-12
    assert volume.min() < 1e-9 < 0.3 < volume.max()
    # The area of the unit cube's cut, back in the voxel's own measure: dA = |cofactor(scaling) n| dA_unit.
    n_unit = unit * w / np.linalg.norm(unit * w, axis=-1, keepdims=True)
    true = area * np.linalg.norm(VOLUMES[..., None] * n_unit / w, axis=-1)
    assert np.abs(walls(found).sum(-1) - true).max() < 1e-11
    # And by direction: n_d^2 of it, on the side that the normal points to.
    for axis in range(3):
        slot = 2 * axis + (unit[axis] > 0)
        assert np.abs(walls(found)[..., slot] - unit[axis] ** 2 * true).max() < 1e-11
        assert np.abs(walls(found)[..., 2 * axis + (unit[axis] <= 0)]).max() < 1e-15


def clip(tets: list[np.ndarray], normal: np.ndarray, offset: float) -> list[np.ndarray]:
    """Return the part of tetrahedra with n.x <= d, as tetrahedra."""
    out = []
    for t in tets:
        s = t @ normal - offset
        t, s = t[np.argsort(s)], np.sort(s)
        below = int((s <= 0.0).sum())

        def on(a: int, b: int, t=t, s=s) -> np.ndarray:
            return t[a] + s[a] / (s[a] - s[b]) * (t[b] - t[a])

        if below == 4:
            out.append(t)
        elif below == 1:
            out.append(np.array([t[0], on(0, 1), on(0, 2), on(0, 3)]))
        elif below == 2:
            a, b, c, d = on(0, 2), on(0, 3), on(1, 2), on(1, 3)
            out += [np.array([t[0], a, b, d]), np.array([t[0], a, c, d]), np.array([t[0], t[1], c, d])]
        elif below == 3:
            a, b, c = on(0, 3), on(1, 3), on(2, 3)
            out += [np.array([t[0], t[1], t[2], c]), np.array([t[0], t[1], b, c]), np.array([t[0], a, b, c])]
    return out


def volume(tets: list[np.ndarray]) -> float:
    return sum(abs(float(np.linalg.det(t[1:] - t[0]))) for t in tets) / 6.0


@pytest.mark.parametrize("seed", range(6))
def test_a_tetrahedron_is_exact_in_every_voxel(seed):
    corners = np.random.default_rng(seed).uniform(-2.0, 2.0, (4, 3))
    if np.linalg.det(corners[1:] - corners[0]) < 0:
        corners = corners[[1, 0, 2, 3]]
    body = Surface(corners, np.array([(0, 2, 1), (0, 1, 3), (0, 3, 2), (1, 2, 3)]))
    assert body.volume > 0.0
    found = cut(body)
    dense = shares(found)
    for place in np.ndindex(SHAPE):
        tets = [corners]
        for axis in range(3):
            e = np.eye(3)[axis]
            tets = clip(tets, e, NODES[axis][place[axis] + 1])
            tets = clip(tets, -e, -NODES[axis][place[axis]])
        assert dense[place] == pytest.approx(volume(tets) / VOLUMES[place], abs=1e-12)
    assert (dense * VOLUMES).sum() == pytest.approx(body.volume, rel=1e-12)
    assert found.wall[:, :6].sum() == pytest.approx(body.area, rel=1e-12)


def columns(surface: Surface, nodes, fine: int) -> np.ndarray:
    """Return shares from sampled columns along z: where each column enters and leaves the surface."""
    c = surface.points[surface.triangles]
    x, y = (np.concatenate([a + (b - a) * (np.arange(fine) + 0.5) / fine for a, b in itertools.pairwise(n)]) for n in nodes[:2])
    nz = len(nodes[2]) - 1
    sums = np.zeros((len(x), len(y), nz))
    for p, q, r in c:
        det = (q[0] - p[0]) * (r[1] - p[1]) - (r[0] - p[0]) * (q[1] - p[1])
        if abs(det) < 1e-14:
            continue
        i = np.flatnonzero((x >= min(p[0], q[0], r[0])) & (x <= max(p[0], q[0], r[0])))
        j = np.flatnonzero((y >= min(p[1], q[1], r[1])) & (y <= max(p[1], q[1], r[1])))
        X, Y = np.meshgrid(x[i] - p[0], y[j] - p[1], indexing="ij")
        u = (X * (r[1] - p[1]) - Y * (r[0] - p[0])) / det
        v = (Y * (q[0] - p[0]) - X * (q[1] - p[1])) / det
        a, b = np.nonzero((u >= 0) & (v >= 0) & (u + v <= 1))
        z = p[2] + u[a, b] * (q[2] - p[2]) + v[a, b] * (r[2] - p[2])
        # Below a face that looks up is body, below one that looks down is none.
        sums[i[a], j[b]] += np.sign(det) * np.clip(z[:, None] - nodes[2][:-1], 0.0, np.diff(nodes[2]))
    mean = sums.reshape(len(nodes[0]) - 1, fine, len(nodes[1]) - 1, fine, nz).mean(axis=(1, 3))
    return mean / np.diff(nodes[2])


@pytest.mark.parametrize(
    "part",
    [
        Part.sphere(3.1, centre=(0.1, -0.05, 0.07), segments=48),
        Part.tube(3.6, 2.2, bore=1.9, base=(0.05, 0.02, -1.0), segments=48).turned(0.7, axis=(1, 2, 0)),
        Part.cone(3.0, 3.0, base=(0.0, 0.0, -1.5), segments=48).turned(0.3, axis="y"),
    ],
    ids=["sphere", "turned tube", "cone"],
)
def test_round_bodies_agree_with_sampled_columns(part):
    nodes = [np.linspace(-2.4, 2.4, 13) + s for s in (0.0, 0.03, -0.02)]
    found = cut(part.surface, nodes)
    dense = shares(found, (12, 12, 12))
    assert np.abs(dense - columns(part.surface, nodes, 24)).max() < 4e-3
    assert (dense * 0.4**3).sum() == pytest.approx(part.surface.volume, rel=1e-12)
    assert found.wall[:, :6].sum() == pytest.approx(part.surface.area, rel=1e-12)
    # The area vectors of a closed surface add up to nothing.
    assert np.abs(found.wall[:, 30:].sum(axis=0)).max() < 1e-12


def test_sampled_columns_notice_a_moved_body():
    nodes = [np.linspace(-2.4, 2.4, 13)] * 3
    found = cut(Part.sphere(3.1, segments=48).surface, nodes)
    moved = Part.sphere(3.1, centre=(0.02, 0.0, 0.0), segments=48).surface
    assert np.abs(shares(found, (12, 12, 12)) - columns(moved, nodes, 24)).max() > 1e-2


def test_the_mean_plane_of_a_wall_is_its_own():
    """P and N are the wall's plane, weighted: for one plane P/M is its distance from the voxel's centre and N/M its normal."""
    body = Part.box((2.0, 2.0, 2.0)).turned(0.4, axis=(1, 1, 2)).surface
    found = cut(body)
    normals = body.area_vectors / np.linalg.norm(body.area_vectors, axis=1)[:, None]
    offsets = np.einsum("ij,ij->i", normals, body.corners[:, 0])
    centres = [0.5 * (n[1:] + n[:-1]) for n in NODES]
    place = np.unravel_index(found.index, SHAPE)
    x = np.stack([c[p] for c, p in zip(centres, place, strict=True)], axis=1)
    checked = 0
    for n, wall in enumerate(found.wall):
        area, vector = wall[:6].sum(), wall[30:]
        if np.linalg.norm(vector) < (1.0 - 1e-12) * area:
            continue  # several faces
        unit = vector / area
        face = int(np.argmin(np.linalg.norm(normals - unit, axis=1)))
        slots = np.flatnonzero(wall[:6] > 1e-9 * area)
        for s in slots:
            assert wall[6 + s] / wall[s] == pytest.approx(offsets[face] - x[n] @ normals[face], abs=1e-12)
            assert wall[12 + 3 * s : 15 + 3 * s] / wall[s] == pytest.approx(normals[face], abs=1e-12)
        checked += 1
    assert checked > 20


@pytest.mark.parametrize("threads", [2, 4])
def test_threads_give_the_same_bits(threads):
    part = Part.tube(3.6, 2.2, bore=1.9, base=(0.05, 0.02, -1.0)).turned(0.7, axis=(1, 2, 0)).surface
    nodes = [np.linspace(-2.4, 2.4, 49)] * 3
    one, other = cut(part, nodes, 1), cut(part, nodes, threads)
    for name in ("index", "share", "wall", "state"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert (one.leak, one.smallest, one.largest) == (other.leak, other.smallest, other.largest)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_mirrored_bodies_have_mirrored_shares(axis):
    part = Part.tube(3.6, 2.2, bore=1.9, base=(0.05, 0.02, -1.0)).turned(0.7, axis=(1, 2, 0))
    nodes = [np.linspace(-2.4, 2.4, 17)] * 3
    normal = tuple(float(a == axis) for a in range(3))
    one, other = cut(part.surface, nodes), cut(part.mirrored(normal).surface, nodes)
    shape = (16, 16, 16)
    assert np.abs(shares(one, shape) - np.flip(shares(other, shape), axis)).max() < 1e-12
    swapped = [s ^ 1 if s // 2 == axis else s for s in range(6)]
    mirrored = np.flip(walls(other, shape), axis)[..., swapped]
    assert np.abs(walls(one, shape) - mirrored).max() < 1e-12


def test_an_open_surface_leaks_and_an_inverted_one_is_below_zero():
    body = Part.sphere(3.0, segments=24).surface
    hole = cut(Surface(body.points, body.triangles[5:]))
    assert hole.leak > 1e-3
    assert cut(body).leak < 1e-12
    assert cut(body.flipped()).smallest < -0.9
