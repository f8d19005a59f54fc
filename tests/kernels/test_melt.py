"""What the liquid carries, and the melt as the heat grid sees it: kernels against twins of plain NumPy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from test_flow import SHAPE, inner, put_velocity, random_case, swirl

from castsolve import _kernels
from castsolve.simulation.flow_arrays import HALO, Cavity, flow_arrays, multigrid_levels

FILM = 1e-9


def carrying(cavity, threads=1):
    """Arrays and sweep of a flow that carries one content."""
    arrays = flow_arrays(cavity)
    shape = arrays["kind"].shape
    arrays.update({name: [np.zeros(shape)] for name in ("E", "En", "E1")}, GE=[np.zeros((3, *shape))])
    arrays.update(drag=np.zeros(shape), inertia=np.zeros(shape))
    return arrays, _kernels.FlowSweep(arrays, shape, cavity.voxel, multigrid_levels(cavity.shape), threads)


def limited(a, b):
    return 2 * a * b / (a + b) if a * b > 0 else 0.0


def twin_of_the_content(F0, E0, V, G, u, order, least, most):
    """Contents after three sweeps: carried by the volumes G with a limited slope; arrays carry a border of one."""

    def within(content, volume):
        return min(max(content / volume, least), most) if volume > 0 else 0.5 * (least + most)

    F1, E1, fluxes = F0.copy(), E0.copy(), [np.zeros_like(F0) for _ in range(3)]
    cells = list(itertools.product(*(range(1, n - 1) for n in F0.shape)))
    for d in order:
        one = np.eye(3, dtype=int)[d]
        for at in itertools.product(*(range(1, n) for n in F0.shape)):
            g = G[d][at]
            if g == 0:
                continue
            low = tuple(np.array(at) - one)
            donor, down = (low, at) if g > 0 else (at, low)
            far = tuple(2 * np.array(donor) - np.array(down))
            value = within(E1[donor], F1[donor])
            inside = all(0 < c < n - 1 for c, n in zip(far, F0.shape, strict=True))
            if inside and all(F1[c] > 0.5 * V[c] for c in (donor, far)):
                rise = value - within(E1[far], F1[far])
                slope = limited(rise, within(E1[down], F1[down]) - value) if F1[down] > 0.5 * V[down] else rise
                value += 0.5 * (1 - abs(g) / F1[donor]) * slope
            fluxes[d][at] = g * min(max(value, least), most)
        new_F, new_E = F1.copy(), E1.copy()
        for at in cells:
            high = tuple(np.array(at) + one)
            volume = F1[at] - (G[d][high] - G[d][at])
            content = E1[at] - (fluxes[d][high] - fluxes[d][at])
            more = u[d][high] - u[d][at] if F0[at] > 0.5 * V[at] else 0.0
            new_F[at] = min(max(volume + more, 0.0), V[at])
            new_E[at] = new_F[at] * (within(content, volume) if volume > FILM else within(E1[at], F1[at]))
        F1, E1 = new_F, new_E
    E = E0.copy()
    for d, at in itertools.product(range(3), cells):
        E[at] -= fluxes[d][tuple(np.array(at) + np.eye(3, dtype=int)[d])] - fluxes[d][at]
    return E


@pytest.mark.parametrize("turn", [0, 3])
@pytest.mark.parametrize("seed", [1, 2])
def test_content_goes_where_the_twin_carries_it(turn, seed):
    F, u = random_case(seed)
    rng = np.random.default_rng(seed)
    arrays, sweep = carrying(Cavity.blocks(np.ones(SHAPE), 1.0))
    inner(arrays["F"])[...] = F
    inner(arrays["E"][0])[...] = F * rng.uniform(-1, 2, SHAPE)
    put_velocity(arrays, u)
    sweep.begin(1.0)
    least, most = sweep.extremes(0)
    H = inner(arrays["E"][0])[F > 0] / F[F > 0]
    assert (least, most) == (H.min(), H.max())
    sweep.advect(turn)
    border = tuple(slice(HALO - 1, -HALO + 1) for _ in range(3))
    order = [(turn + (t if turn % 2 == 0 else 2 - t)) % 3 for t in range(3)]
    expected = twin_of_the_content(
        arrays["Fn"][border], arrays["En"][0][border], arrays["V"][border], [g[border] for g in arrays["G"]],
        [v[border] for v in arrays["un"]], order, least, most,
    )  # fmt: skip
    np.testing.assert_allclose(arrays["E"][0][border], expected, atol=1e-13)


def test_the_twin_notices_another_flux():
    """Content carried by the velocities instead of the volumes: even an even content does not stay even."""
    F, u = random_case(2)
    arrays, sweep = carrying(Cavity.blocks(np.ones(SHAPE), 1.0))
    inner(arrays["F"])[...] = F
    arrays["E"][0][...] = 7.0 * arrays["F"]
    put_velocity(arrays, u)
    sweep.begin(1.0)
    sweep.advect(0)
    np.testing.assert_allclose(arrays["E"][0], 7.0 * arrays["F"], atol=1e-13)
    E = 7.0 * F
    for d in range(3):
        low = np.pad(F, [(1, 0) if e == d else (0, 0) for e in range(3)])
        high = np.pad(F, [(0, 1) if e == d else (0, 0) for e in range(3)])
        E -= np.diff(7.0 * u[d] * np.where(u[d] > 0, low, high), axis=d)
    new = inner(arrays["F"])
    assert np.abs(E - 7.0 * new)[new > 0.01].max() > 0.1


def test_content_stays_within_what_there_was_and_none_is_lost():
    shape, moved = (9, 7, 8), 0.0
    for seed in range(4):
        rng = np.random.default_rng(seed)
        F = np.where(rng.random(shape) < 0.4, rng.random(shape), rng.choice([0.0, 1.0], shape))
        arrays, sweep = carrying(Cavity.blocks(np.ones(shape), 1.0))
        inner(arrays["F"])[...] = F
        inner(arrays["E"][0])[...] = F * rng.choice([-3e8, 1e9], shape)
        before = arrays["E"][0].sum()
        for i in range(30):
            # With divergence: voxels overfill and run dry, and what they hold is handed on.
            put_velocity(arrays, [u + rng.uniform(-0.2, 0.2, u.shape) for u in swirl(shape, i, 0.3)])
            for d in range(3):
                arrays["u"][d][arrays["a"][d] == 0] = 0.0
            sweep.begin(1.0)
            sweep.advect(i % 6)
            moved += sweep.content_moved
            volume, E = inner(arrays["F"]), inner(arrays["E"][0])
            there = volume > FILM
            H = E[there] / volume[there]
            assert H.min() > -3e8 * (1 + 1e-6) and H.max() < 1e9 * (1 + 1e-6)
            assert np.abs(E[~there]).max(initial=0.0) < 1.01e9 * FILM
        assert arrays["E"][0].sum() == pytest.approx(before, abs=1e-12 * np.abs(arrays["E"][0]).sum())
        assert sweep.content(0)[0] == pytest.approx(arrays["E"][0].sum(), rel=1e-12)
    assert moved > 0.0  # else the repair was not asked for


def translated(n):
    """Mean error of a wave of content in a full channel that moves on by half its length."""
    h = 1.0 / n
    kind = np.ones((n + 2, 1, 1))
    kind[0], kind[-1] = 3, 4
    arrays, sweep = carrying(Cavity.blocks(kind, h))
    F, E = inner(arrays["F"])[:, 0, 0], inner(arrays["E"][0])[:, 0, 0]
    F[1:-1] = 1.0
    x = (np.arange(n + 2) - 0.5) * h
    wave = np.exp(-(((x - 0.25) / 0.06) ** 2))
    E[1:-1] = wave[1:-1]
    at = (slice(HALO, -HALO + 1), HALO, HALO)
    steps = round(0.5 / (0.4 * h))
    for i in range(steps):
        arrays["u"][0][at] = 1.0
        sweep.begin(0.4 * h)
        sweep.advect(i % 6)
    assert np.abs(F[1:-1] - 1).max() < 1e-13
    return np.abs(E[1:-1] - np.exp(-(((x - 0.25 - 0.4 * h * steps) / 0.06) ** 2))[1:-1]).mean()


def test_a_wave_of_content_moves_at_second_order():
    errors = [translated(n) for n in (50, 100, 200)]
    assert np.log2(errors[0] / errors[1]) > 1.6 and np.log2(errors[1] / errors[2]) > 1.6


def test_a_body_keeps_its_even_content_to_the_last_bit_of_rounding():
    """A ball that moves askew through empty voxels."""
    shape = (20, 20, 20)
    x = np.stack(np.meshgrid(*(np.arange(20) + 0.5,) * 3, indexing="ij"))
    arrays, sweep = carrying(Cavity.blocks(np.ones(shape), 1.0))
    inner(arrays["F"])[...] = np.clip(4.3 - np.sqrt(((x - 6.2) ** 2).sum(axis=0)) + 0.5, 0, 1)
    arrays["E"][0][...] = 3.7e8 * arrays["F"]
    for d, speed in enumerate((0.31, 0.27, 0.35)):
        arrays["u"][d][arrays["a"][d] > 0] = speed
    for i in range(20):
        sweep.begin(1.0)
        sweep.advect(i % 6)
    F, E = arrays["F"], arrays["E"][0]
    np.testing.assert_allclose(E[F > 1e-6], 3.7e8 * F[F > 1e-6], rtol=1e-8)
    assert np.abs(E - 3.7e8 * F).max() < 1e-12 * 3.7e8


def rows(rng, n, size):
    """Compressed rows of random entries."""
    row = np.concatenate([[0], np.cumsum(rng.integers(0, 4, n))]).astype(np.int64)
    return row, rng.integers(0, size, row[-1]).astype(np.int64), rng.random(row[-1])


@pytest.mark.parametrize("threads", [1, 3])
def test_melt_is_gathered_and_given_back(threads):
    rng = np.random.default_rng(4)
    F = rng.choice([0.0, 1e-10, 0.4, 1.0], 60)
    E = F * rng.uniform(-1, 1, 60)
    row, voxel, weight = rows(rng, 25, 60)
    apart = rng.uniform(-0.2, 0.2, len(voxel))
    place = rng.permutation(40)[:25].astype(np.int64)
    room, plain = rng.uniform(0.5, 2.0, 25), rng.uniform(0.9, 1.1, 25)
    H, share, inverse, since = np.full(40, 5.0), np.zeros(25), np.zeros(25), np.where(rng.random(25) < 0.5, np.nan, 1.0)
    expected = since.copy()
    _kernels.melt_gather(F, E, row, voxel, weight, apart, place, room, plain, 7.0, H, share, inverse, since, threads)
    there = F > FILM
    for m in range(25):
        q = slice(row[m], row[m + 1])
        part = weight[q] * there[voxel[q]]
        volume, content = part @ F[voxel[q]], part @ (E[voxel[q]] + F[voxel[q]] * apart[q])
        assert H[place[m]] == pytest.approx(content / volume if volume > 0 else 0.0, rel=1e-12)
        assert share[m] == pytest.approx(min(volume / room[m], 1.0), rel=1e-12)
        assert inverse[m] == pytest.approx(plain[m] / volume if volume > 0 else 1e30, rel=1e-12)
        if volume / room[m] > 1e-3 and np.isnan(expected[m]):
            expected[m] = 7.0
    np.testing.assert_array_equal(since, expected)
    assert (H[np.setdiff1d(np.arange(40), place)] == 5.0).all()

    back_row, owner, part = rows(rng, 30, 25)
    entry = rng.permutation(len(owner)).astype(np.int64)
    owned = rng.permutation(60)[:30].astype(np.int64)
    given, apart = E.copy(), np.full(len(owner), 9.0)
    _kernels.melt_scatter(F, given, back_row, owner, part, entry, owned, place, H, apart, threads)
    for t, v in enumerate(owned):
        q = slice(back_row[t], back_row[t + 1])
        mean = part[q] @ H[place[owner[q]]]
        assert given[v] == pytest.approx(F[v] * mean if there[v] else E[v], rel=1e-12, abs=1e-15)
        np.testing.assert_allclose(apart[entry[q]], (H[place[owner[q]]] - mean) * there[v], rtol=1e-12, atol=1e-15)

    G = [rng.uniform(-0.3, 0.3, 70) for _ in range(3)]
    which, before = np.array([2, 5, 11, 29]), apart.copy()
    _kernels.melt_renew(F, *G, (9, 4, 1), which, back_row, entry, owned, apart, threads)
    for t in range(30):
        v, q = owned[t], entry[back_row[t] : back_row[t + 1]]
        into = sum(max(g[v], 0.0) + max(-g[v + step], 0.0) for g, step in zip(G, (9, 4, 1), strict=True))
        kept = (max(0.0, 1.0 - into / F[v]) if there[v] else 0.0) if t in which else 1.0
        np.testing.assert_allclose(apart[q], before[q] * kept, rtol=1e-12, atol=1e-300)


def test_walls_carry_the_smaller_share():
    rng = np.random.default_rng(5)
    share = rng.random(8)
    first, second = (rng.integers(-1, 8, 30).astype(np.int32) for _ in range(2))
    whole, out = rng.random(30), np.zeros(30)
    _kernels.melt_weigh(whole, first, second, share, out)
    full = np.append(share, 1.0)
    np.testing.assert_allclose(out, whole * np.minimum(full[first], full[second]), rtol=1e-15)


def test_melt_resists_by_its_enthalpy():
    rng = np.random.default_rng(6)
    kind = rng.choice([0, 1, 1, 2], 50).astype(np.uint8)
    F = rng.choice([0.0, 0.3, 1.0], 50)
    E = F * rng.uniform(-2.0, 12.0, 50)
    table = np.ascontiguousarray(rng.random((11, 3)))
    porous, nu, drag, front = rng.random(50), np.zeros(50), np.zeros(50), np.full(50, np.nan)
    open_ = np.flatnonzero(kind)
    _kernels.melt_resists(open_, kind, F, E, 0.5, 1.0, table, 0.7, porous, nu, drag)
    grid = 0.5 + np.arange(11)
    melt = (kind == 1) & (F > 0)
    H = np.divide(E, F, out=np.zeros(50), where=F > 0)
    wanted = np.where(melt, np.interp(H, grid, table[:, 0]), 0.7) * (kind > 0)
    np.testing.assert_allclose(nu, wanted, rtol=1e-12)
    np.testing.assert_allclose(drag, np.where(melt, np.interp(H, grid, table[:, 1]), 0.0) + wanted * porous, rtol=1e-12)
    front[:10] = 3.0
    _kernels.melt_front(open_, kind, np.ones(50), F, E, 0.5, 1.0, table, front)
    arrived = (kind == 1) & (F >= 0.5) & (np.arange(50) >= 10)
    np.testing.assert_allclose(front[arrived], np.interp(H[arrived], grid, table[:, 2]), rtol=1e-12)
    assert (front[:10] == 3.0).all() and np.isnan(front[10:][~arrived[10:]]).all()


def test_mobility_is_half_the_way_in_either_voxel():
    arrays, sweep = carrying(Cavity.blocks(np.ones(SHAPE), 0.5))
    inner(arrays["F"])[...] = 1.0  # beyond metal nothing is looked at
    rng = np.random.default_rng(7)
    inner(arrays["drag"])[...] = rng.choice([0.0, 3.0, 1e12], SHAPE)
    inner(arrays["inertia"])[...] = rng.choice([0.0, 2.0], SHAPE)
    u = swirl(SHAPE, 7, 0.4)
    put_velocity(arrays, u)
    sweep.begin(0.3)
    sweep.drag()
    square = sum((0.5 * (np.delete(v, -1, axis=d) + np.delete(v, 0, axis=d))) ** 2 for d, v in enumerate(u))
    resists = inner(arrays["drag"]) + inner(arrays["inertia"]) * np.sqrt(square)
    for d in range(3):
        low, high = np.delete(resists, -1, axis=d), np.delete(resists, 0, axis=d)
        mobility = 1 / (1 + 0.3 * 0.5 * (low + high))
        mobility[mobility < 1e-6] = 0.0
        at = tuple(slice(HALO + (e == d), -HALO) for e in range(3))
        np.testing.assert_allclose(arrays["mob"][d][at], mobility, rtol=1e-13)
        within = tuple(slice(1, -1) if e == d else slice(None) for e in range(3))
        np.testing.assert_allclose(arrays["u"][d][at], u[d][within] * mobility, rtol=1e-13, atol=1e-300)
