"""The small kernels against their twins: sums over regions, curvature, stable rates, open faces."""

from __future__ import annotations

import math

import numpy as np
import pytest
from test_stage import CURVES, Bench, faces_of, wrong
from twin import CONVECTIVE, FIXED, HeatTwin, Lookup, curvature, scattered, wall_voxels

from castsolve import _kernels
from castsolve.simulation import HeatProblem, Side
from castsolve.simulation.tables import MaterialTables
from castsolve.simulation.wall_depth import depths_of_means

LIMITS = [("float64", 1e-12), ("float32", 1e-6)]


@pytest.mark.parametrize(("dtype", "limit"), LIMITS)
@pytest.mark.parametrize("shape", [(5, 6, 19), (1, 4, 16), (3, 1, 33), (2, 3, 1)])
def test_regions_hold_the_enthalpy_of_their_true_volumes(shape, dtype, limit):
    bench = Bench(shape, seed=8, dtype=dtype)
    grid, zero = bench.grid, bench.stepper.reference
    bench.fill("D1", bench.rng.uniform(-1e8, 1e8, shape))
    D, before = bench.increment(), bench.stepper.H[:, :, : bench.nz].astype(float)
    held, hottest = np.zeros(4), np.zeros(4)
    bench.sweep.advance(held, hottest)
    after = bench.stepper.H[:, :, : bench.nz].astype(float)
    assert np.abs(after - before - D).max() <= limit * np.abs(after).max()
    assert np.abs(bench.stepper.enthalpy() - (zero[grid.region] + after)).max() == 0.0
    volumes = grid.volumes()
    for r in range(4):
        mine = grid.region == r
        if not mine.any():
            assert (held[r], hottest[r]) == (0.0, -1e300)
            continue
        size = float(np.abs(after * volumes)[mine].sum())
        assert held[r] == pytest.approx(float((after * volumes)[mine].sum()), abs=limit * size)
        assert hottest[r] == after[mine].max()
    again, same = np.zeros(4), np.zeros(4)
    bench.sweep.enthalpy(again, same)
    assert np.array_equal(held, again)
    assert np.array_equal(hottest, same)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_an_increment_that_is_not_finite_is_not_added(value, dtype):
    bench = Bench((5, 6, 19), seed=8, dtype=dtype)
    before = bench.stepper.H.copy()
    for place in ((2, 3, 7), (0, 0, 0), (4, 5, 18)):
        D = np.ones(bench.grid.shape)
        D[place] = value
        bench.fill("D1", D)
        assert not bench.sweep.advance(np.zeros(4), np.zeros(4))
        assert np.array_equal(bench.stepper.H, before)
    bench.fill("D1", np.ones(bench.grid.shape))
    assert bench.sweep.advance(np.zeros(4), np.zeros(4))
    assert not np.array_equal(bench.stepper.H, before)


@pytest.mark.parametrize(("dtype", "limit"), [("float64", 1e-12), ("float32", 1e-5)])
@pytest.mark.parametrize("shape", [(5, 6, 37), (4, 3, 16), (7, 5, 1), (1, 1, 9)])
def test_the_curvature_of_a_step_is_that_of_the_twin(shape, dtype, limit):
    bench = Bench(shape, seed=9, dtype=dtype)
    H = bench.stepper.H
    early, late = (bench.rng.uniform(-1e6, -1e5, H.shape).astype(H.dtype) for _ in range(2))
    bench.stepper._arrays["D1"][:] = late
    inside = (Ellipsis, slice(shape[2]))
    for part in (0.3, 0.7):
        found = bench.sweep.curvature(early, part)
        twin = curvature(late[inside].astype(float), H[inside].astype(float), early[inside].astype(float), part)
        assert found == pytest.approx(twin, rel=limit)
    # An increment that grows in proportion to time is straight, up to rounding.
    bench.stepper._arrays["D1"][:] = early / H.dtype.type(0.5)
    assert bench.sweep.curvature(early, 0.5) < limit


@pytest.mark.parametrize("axes", [(0, 2, 1), (2, 1, 0), (1, 2, 0)])
@pytest.mark.parametrize("flips", [(), (0,), (1, 2)])
def test_the_curvature_of_a_step_does_not_know_the_axes(axes, flips):
    """A step of odd voxel counts, turned and mirrored."""
    found = []
    for turned in (False, True):
        shape = (5, 7, 11)
        rng = np.random.default_rng(4)
        fields = [rng.uniform(-1e6, 1e6, shape) for _ in range(3)]
        if turned:
            fields = [np.flip(np.transpose(f, axes), flips) for f in fields]
        bench = Bench(fields[0].shape, seed=9)
        bench.fill("H", fields[0])
        bench.fill("D1", fields[1])
        early = np.zeros_like(bench.stepper.H)
        early[:, :, : bench.nz] = fields[2]
        found.append(bench.sweep.curvature(early, 0.6))
    assert found[1] == pytest.approx(found[0], rel=1e-14)


def test_open_faces_join_voxels_of_one_region():
    region = scattered(10, (5, 6, 19)).region
    found = np.empty(region.shape, np.uint8)
    _kernels.open_faces(region, found)
    for place in np.ndindex(region.shape):
        bits = 0
        for axis in range(3):
            other = tuple(p + (a == axis) for a, p in enumerate(place))
            if other[axis] < region.shape[axis] and region[other] == region[place]:
                bits |= 1 << axis
        assert found[place] == bits


def plain_rates(grid, faces, half, capacity) -> np.ndarray:
    """Return the rate (1/s) of every voxel through regular and outer faces, one face at a time."""
    rate = np.zeros(grid.shape)
    for place in np.ndindex(grid.shape):
        r = half[grid.region[place]]
        for axis in range(3):
            w = grid.widths(axis)
            d = w[place[axis]]
            for end, step in ((0, -1), (1, 1)):
                other = list(place)
                other[axis] += step
                if 0 <= other[axis] < grid.shape[axis]:
                    if grid.region[tuple(other)] == grid.region[place]:
                        # The conductivity of one region everywhere: d1/(2k) + d2/(2k) between the centres.
                        rate[place] += 1.0 / ((d + w[other[axis]]) * r * d)
                    continue
                side = faces.sides[2 * axis + end]
                if side.kind == FIXED:
                    rate[place] += 1.0 / (d * r * d)
                elif side.kind == CONVECTIVE:
                    rate[place] += 1.0 / ((d * r + 1.0 / side.largest_conductance) * d)
        rate[place] /= capacity[grid.region[place]]
    return rate


@pytest.mark.parametrize("shape", [(5, 6, 19), (1, 4, 9), (3, 1, 5), (2, 3, 1)])
@pytest.mark.parametrize("turn", [0, 1, 2])
def test_stable_rates_are_those_of_the_twin(shape, turn):
    grid, faces = scattered(11, shape), faces_of(turn)
    tables = MaterialTables(CURVES, np.float64)
    open_, rate = np.empty(shape, np.uint8), np.empty(shape)
    _kernels.open_faces(grid.region, open_)
    conductance = np.array([s.largest_conductance for s in faces.sides])
    _kernels.stable_rates(
        *(np.ascontiguousarray(grid.widths(a)) for a in range(3)), grid.region, open_, tables.half_resistivity,
        tables.heat_capacity, conductance, rate,
    )  # fmt: skip
    wanted = plain_rates(grid, faces, tables.half_resistivity, tables.heat_capacity)
    assert wrong(rate, wanted) < 1e-12


def test_the_stable_step_counts_walls_and_true_volumes():
    grid, faces = scattered(12, (5, 6, 19)), faces_of(0)
    problem, twin = HeatProblem(grid, CURVES, faces), HeatTwin(grid, CURVES, faces)
    tables = MaterialTables(CURVES, np.float64)
    plain = grid.cell_volumes()
    rate = plain_rates(grid, faces, tables.half_resistivity, tables.heat_capacity) * plain / twin.volumes
    a, b = wall_voxels(grid)
    region = grid.region.reshape(-1)
    low, high = depths_of_means(grid, a, b, grid.walls.low, grid.walls.high, [s.is_insulated for s in faces.sides])
    for n in range(len(a)):
        first, second = sorted((int(region[a[n]]), int(region[b[n]])))
        htc = faces.contact(first, second).htc
        least = (0.0 if math.isinf(htc) else 1.0 / htc) if isinstance(htc, float) else float(htc.resistances.min())
        r_a, r_b = tables.half_resistivity[region[a[n]]], tables.half_resistivity[region[b[n]]]
        G = grid.walls.area[n] / (2.0 * (low[n] * r_a + high[n] * r_b) + least)
        for v in (a[n], b[n]):
            rate.reshape(-1)[v] += G / (twin.volumes.reshape(-1)[v] * tables.heat_capacity[region[v]])
    assert problem.explicit_step() == pytest.approx(1.0 / rate.max(), rel=1e-12)


def test_no_state_cools_faster_than_the_stable_step_allows():
    """One explicit step never takes a voxel beyond its neighbours, whatever the state."""
    for seed in range(4):
        bench = Bench((4, 5, 19), seed=seed, scheme="euler", turn=3)
        T = bench.stepper.temperature()
        step = bench.problem.explicit_step()
        bench.sweep.stage(mt=step, t0=0.0, t1=step, first=True)
        after, _, _ = bench.twin.lookup.read(bench.grid.region, bench.h + bench.increment())
        sides = [s.ambient for s in bench.twin.faces.sides if s.kind in (FIXED, CONVECTIVE)]
        # What two prescribed fluxes bring on top into the thinnest voxel of half its volume.
        extra = step * 2 * 2.5e4 / (0.5 * bench.grid.voxel * MaterialTables(CURVES, np.float64).heat_capacity.min())
        assert extra < 1.0
        assert after.max() <= max(T.max(), *sides) + extra
        assert after.min() >= min(T.min(), *sides) - extra


def test_the_potential_is_the_integral_of_the_conductivity_of_the_curves():
    for curve, p in zip(CURVES, Lookup(CURVES).regions, strict=True):
        end = np.append(p.start[1:], np.inf)
        inside = np.flatnonzero((p.start >= curve.enthalpy[0]) & (end <= curve.enthalpy[-1]))
        h = np.linspace(0.0, 1.0, 401)[None, :-1] + 0.5 / 400
        h = p.start[inside, None] + h * (end - p.start)[inside, None]
        length = (p.end - p.begin)[inside]
        exact = curve.conductivity_at(h).mean(axis=1) * p.rise[inside] * length
        assert len(inside) > 60
        assert np.abs(p.theta_rise[inside] * length - exact).max() <= 2e-3 * exact.max()
        assert np.diff(p.theta) == pytest.approx((p.theta_rise * (p.end - p.begin))[:-1], rel=1e-9, abs=1e-9 * exact.max())
        assert (p.rise >= 0.0).all()


@pytest.mark.parametrize("reference", [0.0, 1.234567e8, -7.7e8])
def test_cells_hold_a_curve_wherever_they_are_counted_from(reference):
    """T within 0.01 K and 1/k within 2e-4 of the curve, jumps of k on the right side, beyond the ends its last slope."""
    for curve in CURVES:
        lookup = Lookup([curve], np.array([reference]))
        h = np.linspace(curve.enthalpy[0], curve.enthalpy[-1], 20001)
        jumps = curve.enthalpy[1:][np.diff(curve.enthalpy) == 0.0]
        h = np.sort(np.concatenate([h, jumps * (1 - 1e-9), jumps * (1 + 1e-9)]))
        T, half, _ = lookup.read(np.zeros(h.shape, int), h)
        assert np.abs(T - curve.temperature_at(h)).max() < 0.01
        assert np.abs(2.0 * half * curve.conductivity_at(h) - 1.0).max() < 2e-4
        h = curve.at_temperature(np.array([curve.temperature_low - 100.0, curve.temperature_high + 100.0]))
        T, half, _ = lookup.read(np.zeros(2, int), h)
        np.testing.assert_allclose(T, curve.temperature_at(h), rtol=1e-9)
        # Carried on by 3000 K, though not below 1 K.
        ends = lookup.read(np.zeros(2, int), np.array([-1e12, 1e12]))[0]
        np.testing.assert_allclose(ends, [1.0, curve.temperature_high + 3000.0], rtol=1e-6)
        np.testing.assert_allclose(2.0 * half * curve.conductivity_at(h), 1.0, rtol=1e-9)


def test_a_radiating_side_bounds_its_conductance():
    side = Side.convective(10.0, 300.0, emissivity=0.9)
    T = np.linspace(301.0, 2200.0, 50)
    slope = 10.0 + 0.9 * 5.670374419e-8 * (T**4 - 300.0**4) / (T - 300.0)
    assert (slope <= side.largest_conductance * (1 + 1e-12)).all()
