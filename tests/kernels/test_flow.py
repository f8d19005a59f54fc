"""The kernels of a filling against twins of plain NumPy, one call at a time."""

from __future__ import annotations

import itertools

import flow_twin
import numpy as np
import pytest
import scipy.sparse as sp
from scipy import ndimage
from scipy.sparse.linalg import spsolve

from castsolve import _kernels
from castsolve.simulation.flow_arrays import HALO, OUTLET, RESERVOIR, Cavity, flow_arrays, multigrid_levels

SHAPE = (6, 5, 7)


def inner(array):
    return array[HALO:-HALO, HALO:-HALO, HALO:-HALO]


def bordered(array):
    """The unpadded part with a border of one voxel."""
    return array[2:-2, 2:-2, 2:-2]


def sweep_of(cavity, threads=1):
    arrays = flow_arrays(cavity)
    return arrays, _kernels.FlowSweep(arrays, arrays["kind"].shape, cavity.voxel, multigrid_levels(cavity.shape), threads)


def swirl(shape, seed, size):
    """Velocities without divergence that vanish on the sides of a box: the curl of edge values that vanish there."""
    rng = np.random.default_rng(seed)
    nx, ny, nz = shape
    A = []
    for d in range(3):
        edge = rng.uniform(-1, 1, [n + (e != d) for e, n in enumerate(shape)])
        for e in range(3):
            if e != d:
                edge[tuple(0 if a == e else slice(None) for a in range(3))] = 0
                edge[tuple(-1 if a == e else slice(None) for a in range(3))] = 0
        A.append(edge)
    u = [
        np.diff(A[2], axis=1) - np.diff(A[1], axis=2),
        np.diff(A[0], axis=2) - np.diff(A[2], axis=0),
        np.diff(A[1], axis=0) - np.diff(A[0], axis=1),
    ]
    most = max(np.abs(v).max() for v in u)
    assert [v.shape for v in u] == [(nx + 1, ny, nz), (nx, ny + 1, nz), (nx, ny, nz + 1)]
    return [size * v / most for v in u]


def put_velocity(arrays, u):
    for d in range(3):
        arrays["u"][d][tuple(slice(HALO, (-HALO + 1) if e == d else -HALO) for e in range(3))] = u[d]


@pytest.mark.parametrize("seed", range(8))
def test_plane_volume_and_its_inverse(seed):
    rng = np.random.default_rng(seed)
    m = rng.uniform(1e-3, 1, 3)
    m /= m.sum()
    for c in rng.uniform(0, 1, 20):
        v = _kernels.plane_volume(m, c)
        assert v == pytest.approx(flow_twin.volume_below(m, c), abs=3e-12 / m.min())
        assert _kernels.plane_constant(m, v) == pytest.approx(c, abs=1e-6)
        assert _kernels.plane_volume(m, _kernels.plane_constant(m, v)) == pytest.approx(v, abs=1e-11)


@pytest.mark.parametrize("m", [(0.0, 0.0, 1.0), (0.0, 0.4, 0.6), (1e-7, 0.3, 0.7), (2e-5, 2e-5, 1 - 4e-5), (1 / 3, 1 / 3, 1 / 3)])
def test_planes_along_the_grid(m):
    m = np.array(m) / np.sum(m)
    for v in np.linspace(0.0, 1.0, 41):
        c = _kernels.plane_constant(m, float(v))
        assert _kernels.plane_volume(m, c) == pytest.approx(v, abs=2e-9)


def random_case(seed):
    rng = np.random.default_rng(seed)
    F = rng.choice([0.0, 1.0, 0.3, 0.7], SHAPE) * np.where(rng.random(SHAPE) < 0.5, rng.random(SHAPE), 1.0)
    return F, swirl(SHAPE, seed, 0.3)


@pytest.mark.parametrize("turn", [1, 4])
def test_three_sweeps_move_what_the_twin_moves(turn):
    F, u = random_case(turn)
    cavity = Cavity.blocks(np.ones(SHAPE), 1.0)
    arrays, sweep = sweep_of(cavity)
    inner(arrays["F"])[...] = F
    put_velocity(arrays, u)
    sweep.begin(1.0)
    over, inflow, left, _, _ = sweep.advect(turn)
    assert (inflow, left) == (0.0, 0.0) and over < 1e-12
    V = bordered(arrays["V"]).copy()
    near = {}
    for at in np.ndindex(V.shape):
        if V[at] == 0:
            by = {1: [], 2: [], 3: []}
            for o in itertools.product((-1, 0, 1), repeat=3):
                nb = tuple(np.add(at, o))
                if any(o) and all(0 <= c < n for c, n in zip(nb, V.shape, strict=True)) and V[nb] > 0:
                    by[sum(map(abs, o))].append(nb)
            near[at] = by[1] or by[2] or by[3] or [at]
    order = [(turn + (t if turn % 2 == 0 else 2 - t)) % 3 for t in range(3)]
    F0 = np.pad(F, 1)
    new, G = flow_twin.advect(F0, V, [bordered(a) for a in arrays["a"]], [bordered(v) for v in arrays["un"]], 1.0, order, near)
    for d in range(3):
        np.testing.assert_allclose(bordered(arrays["G"][d]), G[d], atol=2e-8)
    np.testing.assert_allclose(inner(arrays["F"]), new[1:-1, 1:-1, 1:-1], atol=5e-8)
    assert inner(arrays["F"]).sum() == pytest.approx(F.sum(), rel=1e-14)


def test_momentum_is_what_the_twin_carries():
    F, u = random_case(3)
    F = 0.4 + 0.5 * F
    arrays, sweep = sweep_of(Cavity.blocks(np.ones(SHAPE), 1.0))
    inner(arrays["F"])[...] = F
    put_velocity(arrays, u)
    sweep.begin(1.0)
    sweep.advect(0)
    sweep.momentum((0.01, -0.02, 0.03))
    un, G = arrays["un"], arrays["G"]
    for d in range(3):
        for n in itertools.product(*(range(HALO + 2, HALO + s - 2) for s in SHAPE)):
            expected = flow_twin.momentum(un, G, arrays["Fn"], arrays["F"], d, n, (0.01, -0.02, 0.03)[d])
            assert arrays["u"][d][n] == pytest.approx(expected, rel=1e-12, abs=1e-14)


def test_slivers_that_lose_twice_what_they_hold_take_the_velocity_of_what_comes():
    """Taken out at the velocity of before, it would turn theirs round, further every step: 2 m/s became 18 in a real part."""
    rng = np.random.default_rng(5)
    arrays, sweep = sweep_of(Cavity.blocks(np.ones(SHAPE), 1.0))
    before, after, lost = rng.uniform(0.01, 0.1, SHAPE), rng.uniform(0.01, 0.1, SHAPE), 0
    inner(arrays["F"])[...] = before
    put_velocity(arrays, random_case(3)[1])
    sweep.begin(1.0)
    inner(arrays["F"])[...] = after
    for d in range(3):
        open_ = arrays["face"][d] == 1
        arrays["G"][d][open_] = rng.uniform(-0.2, 0.2, open_.sum())
    sweep.momentum((0.0, 0.0, 0.0))
    un, G = arrays["un"], arrays["G"]
    for d, n in itertools.product(range(3), itertools.product(*(range(HALO + 2, HALO + s - 2) for s in SHAPE))):
        expected = flow_twin.momentum(un, G, arrays["Fn"], arrays["F"], d, n, 0.0)
        assert arrays["u"][d][n] == pytest.approx(expected, rel=1e-11, abs=1e-13)
        shift = tuple(np.subtract(n, np.eye(3, dtype=int)[d]))
        sides = [0.5 * (g[shift] + g[n]) for g in G]
        sides += [-0.5 * sum(g[tuple(np.add(c, np.eye(3, dtype=int)[e]))] for c in (shift, n)) for e, g in enumerate(G)]
        lost += -sum(g for g in sides if g < 0.0) > 0.5 * sum(arrays[name][c] for name in ("Fn", "F") for c in (shift, n))
    assert 5 < lost < 18


@pytest.mark.parametrize("seed", [3, 4])
def test_momentum_deep_in_the_liquid_and_beside_walls_is_what_the_twin_carries(seed):
    rng = np.random.default_rng(seed)
    arrays, sweep = sweep_of(Cavity.blocks(np.ones(SHAPE), 1.0))
    inner(arrays["F"])[...] = 1.0
    arrays["depth"][...] = 4
    put_velocity(arrays, swirl(SHAPE, seed, 0.4))
    for d in range(3):
        # Some faces stand still, some lose what transport takes, some more than that.
        arrays["drift"][d][...] = rng.choice([0.0, -0.1, 0.1, 0.5, -0.5], arrays["drift"][d].shape)
    sweep.hold(True)
    sweep.begin(1.0, 1.0, 0.8)
    sweep.advect(0)
    sweep.momentum((0.0, 0.0, 0.0))
    un, G, face = arrays["un"], arrays["G"], arrays["face"]
    drift = [0.8 * v for v in arrays["drift"]]
    checked = 0
    for d in range(3):
        for n in itertools.product(*(range(HALO, HALO + s) for s in SHAPE)):
            if face[d][n] == 1:
                expected = flow_twin.momentum(un, G, arrays["Fn"], arrays["F"], d, n, 0.0, face=face, drift=drift)
                assert arrays["u"][d][n] == pytest.approx(expected, rel=1e-12, abs=1e-14)
                checked += 1
    assert checked > 400


@pytest.mark.parametrize("seed", [7, 8])
def test_momentum_past_the_edges_of_walls_is_what_the_twin_carries(seed):
    """Walls in faces and inside voxels, across the stream, along it and slanted."""
    rng = np.random.default_rng(seed)
    kind = np.where(rng.random(SHAPE) < 0.2, 0, 1)
    share = np.where(rng.random(SHAPE) < 0.4, rng.uniform(0.2, 1.0, SHAPE), 1.0)
    sizes = [tuple(n + (e == d) for e, n in enumerate(SHAPE)) for d in range(3)]
    aperture = [np.where(rng.random(size) < 0.5, rng.choice([0.0, 0.2, 0.5, 0.8], size), 1.0) for size in sizes]
    arrays, sweep = sweep_of(Cavity.cut(share, aperture, kind, 1.0))
    inner(arrays["F"])[...] = inner(arrays["V"])
    for d in range(3):
        known = (arrays["face"][d] == 1) | (arrays["face"][d] == 3)
        arrays["u"][d][...] = np.where(known, rng.uniform(-0.1, 0.1, known.shape), 0.0)
    inner(arrays["wet"])[...] = rng.random(SHAPE) < 0.95
    sweep.hold(True)
    sweep.begin(1.0)
    sweep.advect(0)
    sweep.momentum((0.0, 0.0, 0.0))
    un, G, face, walls = arrays["un"], arrays["G"], arrays["face"], (arrays["a"], arrays["V"], arrays["wet"])
    given, checked, past = (un, G, arrays["Fn"], arrays["F"]), 0, 0
    for d in range(3):
        for n in itertools.product(*(range(HALO, HALO + s) for s in SHAPE)):
            low = tuple(c - (e == d) for e, c in enumerate(n))
            if face[d][n] != 1 or arrays["F"][n] + arrays["F"][low] < 0.1:
                continue
            expected = flow_twin.momentum(*given, d, n, 0.0, face=face, walls=walls)
            assert arrays["u"][d][n] == pytest.approx(expected, rel=1e-11, abs=1e-13)
            checked += 1
            past += abs(expected - flow_twin.momentum(*given, d, n, 0.0, face=face)) > 1e-4
    assert checked > 150 and past > 50


def test_a_full_box_keeps_its_momentum():
    # An eddy far from the walls: walls take up only what flows against them.
    arrays, sweep = sweep_of(Cavity.blocks(np.ones((9, 9, 9)), 1.0))
    inner(arrays["F"])[...] = 1.0
    whole = [np.zeros([9 + (e == d) for e in range(3)]) for d in range(3)]
    for d, eddy in enumerate(swirl((3, 3, 3), 7, 0.4)):
        whole[d][tuple(slice(3, 6 + (e == d)) for e in range(3))] = eddy
    put_velocity(arrays, whole)
    before = [arrays["u"][d].copy() for d in range(3)]
    sweep.begin(1.0)
    sweep.advect(0)
    sweep.momentum((0.0, 0.0, 0.0))
    for d in range(3):
        assert np.abs(arrays["u"][d] - before[d]).max() > 1e-3
        assert arrays["u"][d].sum() == pytest.approx(before[d].sum(), abs=1e-13)


def pressure_case(shape=(7, 6, 9)):
    rng = np.random.default_rng(2)
    kind = np.ones(shape)
    kind[0, 0, :] = OUTLET
    kind[3, 2:4, 2] = 0
    arrays, sweep = sweep_of(Cavity.blocks(kind, 0.5))
    F = np.clip(1.3 - np.arange(shape[2]) / shape[2] + 0.3 * rng.random(shape), 0, 1)
    inner(arrays["F"])[...] = np.where(kind == 1, F, 0)
    put_velocity(arrays, swirl(shape, 1, 0.5))
    sweep.begin(0.1)
    sweep.advect(0)
    sweep.momentum((0.0, 0.0, -9.81))
    sweep.classify()
    sweep.assemble()
    sweep.set_up()
    return arrays, sweep


def matrix_of(arrays):
    """The pressure matrix from the conductances."""
    wet = arrays["wet"].reshape(-1) > 0
    index = np.cumsum(wet) - 1
    shape = wet.shape
    A = sp.lil_matrix((int(wet.sum()),) * 2)
    strides = [arrays["wet"].shape[1] * arrays["wet"].shape[2], arrays["wet"].shape[2], 1]
    for d in range(3):
        coef = arrays["coef"][d].reshape(-1)
        for n in np.flatnonzero(coef > 0):
            low = n - strides[d]
            for me, other in ((n, low), (low, n)):
                if wet[me]:
                    A[index[me], index[me]] += coef[n]
                    if wet[other]:
                        A[index[me], index[other]] -= coef[n]
    assert shape == wet.shape
    return A.tocsr(), wet


def test_the_pressure_is_that_of_a_direct_solver():
    arrays, sweep = pressure_case()
    A, wet = matrix_of(arrays)
    b = arrays["rhs"].reshape(-1)[wet]
    exact = spsolve(A.tocsc(), b)
    its, residual = sweep.solve(1e-11, 200)
    assert residual <= 1e-11 and its < 40
    assert residual == pytest.approx(np.abs(b - A @ arrays["P"].reshape(-1)[wet]).max(), rel=0.1, abs=1e-15)  # the true one
    np.testing.assert_allclose(arrays["P"].reshape(-1)[wet], exact, rtol=1e-7, atol=1e-9 * np.abs(exact).max())
    assert sweep.project(np.inf) == 0
    # Where nothing is overfull and no void is closed, the velocities have no divergence.
    div = np.zeros(arrays["wet"].shape)
    for d in range(3):
        flux = arrays["a"][d] * arrays["u"][d]
        div += np.roll(flux, -1, axis=d) - flux
    settled = (arrays["wet"] > 0) & (arrays["F"] <= arrays["V"])
    inner_wet = settled & (np.abs(arrays["V"] - arrays["F"]) < 1e-13)
    assert inner_wet.any()
    assert np.abs(div[inner_wet]).max() < 1e-10


@pytest.mark.parametrize("seed", range(6))
def test_bodies_of_liquid_that_nothing_touches_are_found_and_balanced(seed):
    """Against labels: a body is enclosed where it meets no voxel without metal; what it is asked to gain is its mean, taken out."""
    rng = np.random.default_rng(seed)
    shape = (12, 11, 13)
    kind = (rng.random(shape) < 0.3).astype(float)
    kind[0] = 0
    kind[5, 5, 5] = OUTLET
    arrays, sweep = sweep_of(Cavity.blocks(kind, 0.5))
    bodies, count = ndimage.label(kind == 1)
    full = rng.random(count + 1) < 0.7
    filled = np.where((kind == 1) & (full[bodies] | (rng.random(shape) < 0.9)), 1.0, 0.0)
    inner(arrays["F"])[...] = filled
    for d in range(3):
        arrays["u"][d][...] = np.where(arrays["a"][d] > 0, 0.1 * rng.standard_normal(arrays["u"][d].shape), 0.0)
    sweep.begin(0.1)
    sweep.classify()
    found, worst = sweep.assemble()
    asked = np.zeros(arrays["F"].shape)
    for d in range(3):
        flux = arrays["a"][d] * arrays["u"][d]
        asked -= np.roll(flux, -1, axis=d) - flux
    labels, count = ndimage.label(inner(arrays["wet"]))
    means = []
    for body in range(1, count + 1):
        here = labels == body
        open_beside = ((ndimage.binary_dilation(here) & ~here) & (kind > 0)).any()
        if here.sum() == 1 and not open_beside:
            continue  # without a face it is not in the system
        marked = inner(arrays["stamp"])[here] == sweep.mark
        assert not marked.any() if open_beside else marked.all()
        if not open_beside:
            mean = inner(asked)[here].mean()
            means.append(abs(mean))
            np.testing.assert_allclose(inner(arrays["rhs"])[here], inner(asked)[here] - mean, atol=1e-13)
    assert found == len(means) > 0 and worst == pytest.approx(max(means))


def test_stretches_of_rows_change_no_bit():
    """The levels skip rows without cavity: a cavity that leaves most of its box out has the very pressure of dense levels."""
    kind = np.zeros((9, 8, 11))
    kind[1:4, 2:5, 1:9], kind[3:8, 3:7, 4:7] = 1, 1
    cavity = Cavity.blocks(kind, 0.01)
    found = []
    for reached in (None, kind == 1):
        arrays = flow_arrays(cavity)
        levels = multigrid_levels(cavity.shape, reached)
        sweep = _kernels.FlowSweep(arrays, arrays["kind"].shape, cavity.voxel, levels, 1)
        inner(arrays["F"])[..., :6] = kind[..., :6]
        sweep.begin(1e-3)
        sweep.momentum((1.0, 2.0, -9.81))
        sweep.classify()
        sweep.assemble()
        sweep.set_up()
        its, residual = sweep.solve(1e-12, 100)
        assert residual <= 1e-12 and its > 3
        found.append(arrays["P"].copy())
    assert np.abs(found[0]).max() > 0.0
    np.testing.assert_array_equal(found[0], found[1])


@pytest.mark.parametrize("seed", [5, 6])
def test_narrow_faces_are_those_of_the_twin(seed):
    rng = np.random.default_rng(seed)
    shape, h, kick = (6, 5, 6), 0.01, 2e-3
    share, kind = rng.uniform(0.3, 1.0, shape), np.ones(shape)
    kind[0, 2, 0] = RESERVOIR
    aperture = [rng.uniform(0.02, 1.0, [n + (e == d) for e, n in enumerate(shape)]) for d in range(3)]
    arrays, sweep = sweep_of(Cavity.cut(share, aperture, kind, h))
    filled = np.broadcast_to([1.0, 1.0, 1.0, 0.8, 0.0, 0.0], shape)  # level, three tenths of a voxel above the centres of a layer
    inner(arrays["F"])[...] = np.where(kind == 1, filled * inner(arrays["V"]), 1.0)
    for d in range(3):
        arrays["u"][d][...] = np.where(arrays["face"][d] == 1, rng.uniform(-2.0, 2.0, arrays["u"][d].shape), 0.0)
    sweep.begin(1e-5, kick)
    sweep.momentum((0.0, 0.0, -9.81))
    before = [u.copy() for u in arrays["u"]]
    sweep.classify()
    sweep.assemble()
    wet, kinds, V = arrays["wet"] > 0, arrays["kind"], arrays["V"]
    checked = dict.fromkeys((0.3, 0.5, 1.0), 0)
    for d, step in enumerate(np.eye(3, dtype=int)):
        for n in itertools.product(*(range(HALO, HALO + s + 1) for s in shape)):
            low = tuple(np.array(n) - step)
            if arrays["face"][d][n] != 1 or not (wet[n] or wet[low]):
                continue
            way = 1.0 if wet[n] and wet[low] else 0.5 if RESERVOIR in (kinds[n], kinds[low]) else 0.3
            opening = float(arrays["a"][d][n])
            channels = [opening if kinds[c] == RESERVOIR else float(V[c]) for c in (low, n)]
            u, coef = flow_twin.narrowed(opening, way, *channels, before[d][n], kick, h, -9.81 if d == 2 else 0.0)
            assert arrays["coef"][d][n] == pytest.approx(coef, rel=1e-10)
            assert arrays["u"][d][n] == pytest.approx(u, rel=1e-10, abs=1e-13)
            checked[way] += 1
    assert checked[0.3] >= 20 and checked[0.5] >= 1 and checked[1.0] > 200


def test_narrow_faces_take_the_acceleration_of_their_place():
    """In a mould that turns, what acts over the way of the pressure is the acceleration there and not that at the first voxel."""
    share, kind = np.ones((3, 3, 4)), np.ones((3, 3, 4))
    aperture = [np.ones(tuple(n + (e == d) for e, n in enumerate(share.shape))) for d in range(3)]
    share[..., 2:], aperture[2][..., 2] = 0.2, 0.2
    cavity = Cavity.cut(share, aperture, kind, 0.01)
    level = HALO + 2
    found = []
    for gravity, turn in ((-9.81, ()), (0.0, ((0.0, 0.0, 0.0), np.diag([0.0, 0.0, -9.81 / level])))):
        arrays, sweep = sweep_of(cavity)
        inner(arrays["F"])[..., 0], inner(arrays["F"])[..., 1] = 1.0, 0.6
        sweep.begin(1e-3)
        sweep.momentum((0.0, 0.0, gravity), *turn)
        pushed = arrays["u"][2][HALO + 1, HALO + 1, level]
        sweep.classify()
        sweep.assemble()
        found.append((pushed, arrays["u"][2][HALO + 1, HALO + 1, level]))
    assert found[0][0] == pytest.approx(-9.81e-3) and abs(found[0][1]) < 0.99 * abs(found[0][0])
    np.testing.assert_allclose(found[1], found[0], rtol=1e-12)


def test_the_preconditioner_is_symmetric():
    _, sweep = pressure_case()
    rng = np.random.default_rng(0)
    finest = sweep.coarse[0]
    wet = finest["inverse"] > 0
    x, y = (np.where(wet, rng.standard_normal(wet.shape), 0.0).astype(np.float32) for _ in range(2))
    images = []
    for v in (x, y):
        finest["b"][...] = v
        sweep.precondition()
        images.append(finest["x"].astype(float))
    assert (images[0] * y).sum() == pytest.approx((images[1] * x).sum(), rel=1e-5)
    assert (images[0] * x).sum() > 0


@pytest.mark.parametrize("hands", [2, 5, 40])
def test_the_preconditioner_does_not_depend_on_who_does_what(hands):
    """The liquid lies at one end: every hand has its share of that, some of them no planes at all."""
    found = []
    for threads in (1, hands):
        kind = np.ones((40, 24, 26))
        kind[5:9, 4:20, 3:15] = 0
        arrays, sweep = sweep_of(Cavity.blocks(kind, 0.01), threads)
        inner(arrays["F"])[:22] = kind[:22]
        sweep.classify()
        sweep.assemble()
        sweep.set_up()
        finest = sweep.coarse[0]
        wet = finest["inverse"] > 0
        assert finest["load"].sum() > 8000 and finest["load"][3:20].min() > 5 * finest["load"][25:40].max()
        finest["b"][...] = np.where(wet, np.random.default_rng(1).standard_normal(wet.shape), 0.0)
        sweep.precondition()
        found.append(finest["x"].copy())
    assert np.abs(found[0]).max() > 0.1
    np.testing.assert_array_equal(*found)


def test_the_distance_to_an_oblique_surface_is_exact():
    n = 12
    arrays, sweep = sweep_of(Cavity.blocks(np.ones((n, 1, n)), 1.0))
    normal, offset = np.array([0.3, 0.0, 0.8]), 6.13
    unit = np.abs(normal) / np.abs(normal).sum()

    def filled(i, k):
        return _kernels.plane_volume(unit, float((offset - normal @ (i, 0, k)) / normal.sum()))

    F = np.array([[filled(i, k) for k in range(n)] for i in range(n)])
    inner(arrays["F"])[...] = F[:, None, :]
    sweep.begin(0.1)
    sweep.classify()
    sweep.assemble()
    wet = inner(arrays["wet"])[:, 0, :]
    checked = 0
    for i, k in np.argwhere(wet[3:-3, 3:-3]) + 3:
        if not wet[i, k + 1]:
            theta = 1.0 / inner(arrays["coef"][2])[i, 0, k + 1]
            exact = (offset - normal @ (i + 0.5, 0, k + 0.5)) / normal[2]
            assert theta == pytest.approx(min(1.0, max(1e-3, exact)), abs=2e-3)
            checked += 1
    assert checked >= 5


def test_overfill_is_handed_to_the_nearest_room_and_stays_in_the_books():
    arrays, sweep = sweep_of(Cavity.blocks(np.ones(SHAPE), 1.0))
    F = np.ones(SHAPE)
    F[:, :, -1] = 0.2
    inner(arrays["F"])[...] = F
    u = [np.zeros([n + (e == d) for e, n in enumerate(SHAPE)]) for d in range(3)]
    u[0][3, 2, 1] = 0.2
    put_velocity(arrays, u)
    sweep.begin(1.0)
    over, _, left, moved, count = sweep.advect(0)
    assert over == pytest.approx(0.2) and left == 0.0 and moved > 0.2 - 1e-9 and count >= 1
    new = inner(arrays["F"])
    assert new.max() <= 1 + 1e-12 and new.min() >= -1e-12
    assert new.sum() == pytest.approx(F.sum(), rel=1e-14)
    balance = F.copy()
    for d in range(3):
        G = arrays["G"][d]
        balance -= inner(np.roll(G, -1, axis=d) - G)
    np.testing.assert_allclose(balance, new, atol=1e-13)


@pytest.mark.parametrize(("over_at", "back"), [(1, True), (2, True), (7, False), (8, False)])
def test_overfill_goes_where_room_is_nearer_in_the_liquid_or_a_reservoir(over_at, back):
    """A column of nine full voxels, a reservoir below it and room above it."""
    kind = np.ones((1, 1, 14))
    kind[0, 0, 0] = RESERVOIR
    arrays, sweep = sweep_of(Cavity.blocks(kind, 1.0))
    F = inner(arrays["F"])[0, 0]
    F[1:10] = 1.0
    F[over_at] += 1e-3
    sweep.begin(1e-3)
    over, inflow, left, _, count = sweep.advect(0)
    assert over == pytest.approx(1e-3) and left == 0.0 and count == 1
    assert inflow == pytest.approx(-1e-3 if back else 0.0)
    assert F[10] == pytest.approx(0.0 if back else 1e-3)
    np.testing.assert_allclose(F[1:10], 1.0, atol=1e-12)


def test_the_fastest_near_the_surface_deep_and_flying_are_told_apart():
    """A pool of six layers with a drop two voxels in size far above it; speeds of all faces at random."""
    rng = np.random.default_rng(11)
    shape = (7, 7, 16)
    arrays, sweep = sweep_of(Cavity.blocks(np.ones(shape), 0.01))
    inner(arrays["F"])[..., :6] = 1.0
    inner(arrays["F"])[2:4, 3, 12] = 0.3
    put_velocity(arrays, [rng.uniform(-1, 1, [n + (e == d) for e, n in enumerate(shape)]) for d in range(3)])
    for d in range(3):
        arrays["u"][d][arrays["face"][d] != 1] = 0.0
    sweep.classify()
    near, deep, flying, _ = sweep.extrapolate()
    full = np.pad(inner(arrays["F"]) == 1.0, 1, constant_values=True)  # walls do not count
    core = full[1:-1, 1:-1, 1:-1].copy()
    for d in range(3):
        for by in (-1, 1):
            core &= np.roll(full, by, axis=d)[1:-1, 1:-1, 1:-1]
    found = {"near": 0.0, "deep": 0.0, "flying": 0.0}
    for d in range(3):
        u, layer, F = (inner(np.abs(a)) for a in (arrays["u"][d], arrays["layer"][d], arrays["F"]))
        low, high = (tuple(part if e == d else slice(None) for e in range(3)) for part in (slice(None, -1), slice(1, None)))
        mass, both = 0.5 * (F[low] + F[high]), core[low] & core[high]
        u, layer = u[high], layer[high]
        counts = (layer == 0) | (mass > 0.02)
        for name, which in (("deep", both), ("flying", ~both & (layer >= 3)), ("near", ~both & (layer < 3))):
            found[name] = max(found[name], float(u[counts & which].max(initial=0.0)))
    assert min(found.values()) > 0.0
    assert (near, deep, flying) == (found["near"], found["deep"], found["flying"])


@pytest.mark.parametrize("pace", [1.0, 1.5, 2.0])
def test_voids_close_by_the_pace_in_time(pace):
    """What a voxel amid the liquid that lacks a tenth is asked to gain: a tenth of that in a step of the usual length."""
    asked = []
    for lack in (0.0, 0.1, 0.49):
        arrays, sweep = sweep_of(Cavity.blocks(np.ones((5, 5, 7)), 0.01))
        inner(arrays["F"])[..., :5] = 1.0
        inner(arrays["F"])[2, 2, 2] = 1.0 - lack
        sweep.begin(1e-3, pace=pace)
        sweep.classify()
        sweep.assemble()
        asked.append(float(inner(arrays["rhs"])[2, 2, 2]) / (0.01 / 1e-3))
    share = 1.0 - 0.9**pace
    assert asked[1] - asked[0] == pytest.approx(-share * 0.1, rel=1e-12)
    assert asked[2] - asked[0] == pytest.approx(-min(share * 0.49, 0.1 * pace), rel=1e-12)
