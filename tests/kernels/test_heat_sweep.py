"""The heat sweep against a twin of plain NumPy, one call at a time; and the same bits for any number of threads."""

from __future__ import annotations

import math

import numpy as np
import pytest

from castsolve.geometry import Grid, GridBody, Part
from castsolve.materials import HeatCurve
from castsolve.simulation import Contact, Faces, HeatProblem, Level, Side, Watch
from castsolve.simulation.clock import Clock
from castsolve.simulation.edge_links import edge_links, overlaps
from castsolve.simulation.rkl import SCHEMES
from castsolve.simulation.stepper import Stepper
from castsolve.simulation.wall_depth import depths_of_means

# Curves that are straight between their kinks, so that the kernel's tables and the curves are the same functions.
ALLOY = HeatCurve.linear_alloy(
    density=2500.0,
    specific_heat=1100.0,
    k_solid=160.0,
    k_mush=120.0,
    k_liquid=80.0,
    latent_heat=395e3,
    liquidus=887.0,
    solidus=833.0,
)
SAND = HeatCurve.constant(density=1500.0, specific_heat=1130.0, conductivity=0.607)
STEEL = HeatCurve.constant(density=7700.0, specific_heat=560.0, conductivity=29.0)
MATERIALS = [ALLOY, STEEL, SAND]
CONTACTS = {(0, 1): Contact(5000.0), (0, 2): Contact(800.0), (1, 2): Contact(math.inf)}
SIDES = {
    "x_low": Side.fixed(350.0),
    "x_high": Side.convective(900.0, 300.0),
    "y_low": Side.flux(2.5e4),
    "z_high": Side.convective(40.0, 290.0),
}


def brick(seed: int, shape: tuple[int, int, int] = (6, 5, 19)) -> Grid:
    """Return three materials scattered at random over uneven voxels."""
    rng = np.random.default_rng(seed)
    nodes = [np.concatenate([[0.0], np.cumsum(rng.uniform(0.8e-3, 2e-3, n))]) for n in shape]
    region = rng.integers(0, 3, shape).astype(np.uint8)
    return Grid.regular(*nodes, region=region, names=("metal", "die", "sand"))


def cut_body() -> Grid:
    """Return a turned block of metal on a turned plate of steel, in sand."""
    metal = Part.box((0.02, 0.016, 0.012)).turned(0.4, axis=(1, 2, 3))
    plate = Part.box((0.03, 0.03, 0.006), centre=(0, 0, -0.012)).turned(0.2, axis="y")
    bodies = [GridBody("plate", "chill", plate.surface, 1), GridBody("block", "part", metal.surface, 0)]
    return Grid.build(bodies, voxel=2e-3, box=((-0.03,) * 3, (0.03,) * 3))


def start(grid: Grid, seed: int = 0) -> np.ndarray:
    """Return temperatures that reach over both kinks of the alloy."""
    rng = np.random.default_rng(seed)
    T = rng.uniform(300.0, 600.0, grid.shape)
    T[grid.region == 0] = rng.uniform(800.0, 930.0, int((grid.region == 0).sum()))
    return T


def potential_at(curve: HeatCurve, H: np.ndarray) -> np.ndarray:
    """Return the Kirchhoff potential int k dT of a curve whose conductivity is constant between its nodes."""
    T, k = curve.temperature, curve.conductivity
    theta = np.concatenate([[0.0], np.cumsum(0.5 * (k[1:] + k[:-1]) * np.diff(T))])
    segment = np.clip(np.searchsorted(curve.enthalpy, H, side="right") - 1, 0, len(T) - 2)
    return theta[segment] + k[segment] * (curve.temperature_at(H) - T[segment])


def at(grid: Grid, curves: list[HeatCurve], H: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return temperature, conductivity and Kirchhoff potential of every voxel."""
    T, k, theta = np.empty(grid.shape), np.empty(grid.shape), np.empty(grid.shape)
    for region, curve in enumerate(curves):
        mask = grid.region == region
        T[mask], k[mask] = curve.temperature_at(H[mask]), curve.conductivity_at(H[mask])
        theta[mask] = potential_at(curve, H[mask])
    return T, k, theta


def rate(grid: Grid, faces: Faces, H: np.ndarray) -> tuple[np.ndarray, float]:
    """Return dH/dt of every voxel (W/m3) and the heat that comes in through the outside (W), voxel by voxel face."""
    T, k, theta = at(grid, MATERIALS, H)
    widths = [grid.widths(axis) for axis in range(3)]
    flow = np.zeros(grid.shape)
    cells = np.meshgrid(*widths, indexing="ij")
    for axis in range(3):
        low = tuple(slice(None, -1) if a == axis else slice(None) for a in range(3))
        high = tuple(slice(1, None) if a == axis else slice(None) for a in range(3))
        area = np.prod([cells[a] for a in range(3) if a != axis], axis=0)
        apart = 0.5 * (cells[axis][low] + cells[axis][high])
        same = grid.region[low] == grid.region[high]
        q = np.where(same, area[low] * (theta[high] - theta[low]) / apart, 0.0)
        flow[low] += q
        flow[high] -= q
    into = 0.0
    for number, side in enumerate(faces.sides):
        axis, end = divmod(number, 2)
        at_side = tuple((-1 if end else 0) if a == axis else slice(None) for a in range(3))
        area = np.prod([cells[a] for a in range(3) if a != axis], axis=0)[at_side]
        resistance = 0.5 * cells[axis][at_side] / k[at_side]
        word = side.row()[0]
        if word == Side.fixed(300.0).kind:
            q = area * (side.ambient - T[at_side]) / resistance
        elif word == Side.convective(1.0, 300.0).kind:
            q = area * (side.ambient - T[at_side]) / (resistance + 1.0 / side.htc)
        else:
            q = area * side.inflow
        flow[at_side] += q
        into += float(np.sum(q))
    strides = np.array([grid.shape[1] * grid.shape[2], grid.shape[2], 1])
    walls = grid.walls
    a, b = walls.voxel, walls.voxel + strides[walls.axis]
    flat_T, flat_k, region, out = T.reshape(-1), k.reshape(-1), grid.region.reshape(-1), flow.reshape(-1)
    low, high = depths_of_means(grid, a, b, walls.low, walls.high, [s.is_insulated for s in faces.sides])
    best = np.array([curve.conductivity.max() for curve in MATERIALS])
    k_a, k_b = best[region[a]], best[region[b]]
    pairs = [tuple(sorted(p)) for p in zip(region[a].tolist(), region[b].tolist(), strict=True)]
    parted = np.array([1.0 / CONTACTS[p].htc for p in pairs])
    series = walls.low / k_a + parted + walls.high / k_b
    share = 1.0 - (walls.low + walls.high) ** 2 / series / (walls.low * k_a + walls.high * k_b)
    twice = overlaps(grid, walls.voxel, walls.axis.astype(np.int64), share, walls.low, walls.high)
    for one, other, S, d_one, d_other in zip(a, b, walls.area, low + twice[0], high + twice[1], strict=True):
        pair = tuple(sorted((int(region[one]), int(region[other]))))
        htc = CONTACTS[pair].htc
        q = S * (flat_T[other] - flat_T[one]) / (d_one / flat_k[one] + 1.0 / htc + d_other / flat_k[other])
        out[one] += q
        out[other] -= q
    first, second, links = edge_links(grid, walls.voxel, walls.axis.astype(np.int64), share * walls.area, walls.low, walls.high)
    flat_theta = theta.reshape(-1)
    for one, other, c in zip(first, second, links, strict=True):
        q = c * (flat_theta[other] - flat_theta[one])
        out[one] += q
        out[other] -= q
    return flow / grid.volumes(), into


def difference(found: np.ndarray, wanted: np.ndarray, before: np.ndarray) -> float:
    """Return the largest error over the largest change."""
    return float(np.abs(found - wanted).max() / np.abs(wanted - before).max())


@pytest.mark.parametrize(("dtype", "allowed"), [("float64", 1e-12), ("float32", 1e-5)])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_one_explicit_step_is_that_of_the_twin(seed, dtype, allowed):
    grid = brick(seed)
    faces = Faces(**SIDES, contacts=CONTACTS)
    problem = HeatProblem(grid, MATERIALS, faces, dtype=dtype)
    T = start(grid, seed)
    before = problem.enthalpy_of(T)
    step = 0.5 * problem.explicit_step()
    run = problem.run(T, until=step, scheme="euler", step=step)
    assert (run.steps, run.stages) == (1, 1)
    slope, into = rate(grid, faces, before)
    # What float32 loses is relative to the heat content, whose increment is what it marches.
    scale = 1.0 if dtype == "float64" else np.ptp(before) / np.abs(step * slope).max()
    assert difference(run.enthalpy, before + step * slope, before) < allowed * max(1.0, scale)
    assert run.history["heat_in"][-1] == pytest.approx(step * into, rel=10 * allowed)


@pytest.mark.parametrize(("dtype", "allowed"), [("float64", 1e-11), ("float32", 1e-5)])
def test_one_explicit_step_through_cut_faces_is_that_of_the_twin(dtype, allowed):
    grid = cut_body()
    assert grid.walls.area.size > 100
    faces = Faces(**SIDES, contacts=CONTACTS)
    problem = HeatProblem(grid, MATERIALS, faces, dtype=dtype)
    T = start(grid)
    before = problem.enthalpy_of(T)
    step = 0.5 * problem.explicit_step()
    run = problem.run(T, until=step, scheme="euler", step=step)
    slope, _ = rate(grid, faces, before)
    scale = 1.0 if dtype == "float64" else np.ptp(before) / np.abs(step * slope).max()
    assert difference(run.enthalpy, before + step * slope, before) < allowed * max(1.0, scale)


def test_the_twin_notices_a_wall_of_another_area():
    grid = cut_body()
    faces = Faces(**SIDES, contacts=CONTACTS)
    before = HeatProblem(grid, MATERIALS, faces).enthalpy_of(start(grid))
    right, _ = rate(grid, faces, before)
    grid.walls.area[:] *= 1.001
    wrong, _ = rate(grid, faces, before)
    assert difference(wrong, right, np.zeros(grid.shape)) > 1e-6


def super_step(grid: Grid, faces: Faces, H: np.ndarray, step: float, s: int) -> np.ndarray:
    """Return H after one second-order super-step in the textbook form: states, not increments."""
    b = np.array([1 / 3, 1 / 3, 1 / 3, *((j * j + j - 2) / (2 * j * (j + 1)) for j in range(3, s + 1))])
    w = 4 / (s * s + s - 2)
    first, _ = rate(grid, faces, H)
    older, old = H, H + w / 3 * step * first
    for j in range(2, s + 1):
        mu = (2 * j - 1) / j * b[j] / b[j - 1]
        nu = -(j - 1) / j * b[j] / b[j - 2]
        slope, _ = rate(grid, faces, old)
        new = mu * old + nu * older + (1 - mu - nu) * H
        new += mu * w * step * slope - (1 - b[j - 1]) * mu * w * step * first
        older, old = old, new
    return old


def test_a_super_step_is_that_of_the_textbook():
    grid = brick(3)
    faces = Faces(**SIDES, contacts=CONTACTS)
    problem = HeatProblem(grid, MATERIALS, faces)
    T = start(grid)
    before = problem.enthalpy_of(T)
    step = 6.0 * problem.explicit_step()
    run = problem.run(T, until=step, scheme="rkl2", step=step)
    assert run.steps == 1
    stages = int(run.stages)
    assert stages >= 4
    wanted = super_step(grid, faces, before, step, stages)
    assert difference(run.enthalpy, wanted, before) < 1e-11
    assert difference(run.enthalpy, super_step(grid, faces, before, step, stages + 2), before) > 1e-6


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_any_number_of_threads_gives_the_same_bits(dtype):
    grid = cut_body()
    faces = Faces(**SIDES, contacts=CONTACTS)
    levels = (Level("liquidus", temperature=887.0), Level("solidus", temperature=833.0, gradient=True))
    T = [950.0, 400.0, 300.0]
    runs = []
    for threads in (1, 2, 4):
        problem = HeatProblem(grid, MATERIALS, faces, dtype=dtype, watch=Watch(levels=levels), threads=threads)
        run = problem.run(T, until=30.0)
        assert run.stepper.sweep.threads == threads
        runs.append(run)
    for run in runs[1:]:
        assert np.array_equal(run.enthalpy, runs[0].enthalpy)
        assert np.array_equal(run.crossing("solidus"), runs[0].crossing("solidus"), equal_nan=True)
        assert np.array_equal(run.gradient("solidus"), runs[0].gradient("solidus"), equal_nan=True)
        assert np.array_equal(run.history["defect"], runs[0].history["defect"])
    assert np.isfinite(runs[0].crossing("solidus")).any()


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 3, 2), (3, 1, 16), (2, 2, 17), (9, 1, 33)])
def test_grids_of_any_shape_are_swept(shape):
    grid = brick(5, shape)
    faces = Faces(**SIDES, contacts=CONTACTS)
    problem = HeatProblem(grid, MATERIALS, faces)
    T = start(grid)
    before = problem.enthalpy_of(T)
    step = 0.4 * problem.explicit_step()
    run = problem.run(T, until=step, scheme="euler", step=step)
    slope, _ = rate(grid, faces, before)
    assert difference(run.enthalpy, before + step * slope, before) < 1e-12


def test_a_source_heats_by_what_it_gives():
    grid = brick(6)
    given = np.random.default_rng(7).uniform(0.0, 1e8, grid.shape)
    problem = HeatProblem(grid, MATERIALS, Faces(contacts=CONTACTS), lambda t: given)
    T = start(grid)
    before = problem.enthalpy_of(T)
    step = 0.5 * problem.explicit_step()
    run = problem.run(T, until=step, scheme="euler", step=step)
    slope, _ = rate(grid, Faces(contacts=CONTACTS), before)
    assert difference(run.enthalpy, before + step * (slope + given), before) < 1e-12
    assert run.history["heat_in"][-1] == pytest.approx(step * float((given * grid.volumes()).sum()), rel=1e-11)


@pytest.mark.parametrize(("dtype", "allowed"), [("float64", 1e-11), ("float32", 2e-5)])
def test_the_mould_and_the_part_together_are_that_of_the_twin(dtype, allowed):
    """The sweep with the metal held, and that of the part fed with the booked heat: first stage and general stage."""
    grid = cut_body()
    faces = Faces(**SIDES, contacts=CONTACTS)
    problem = HeatProblem(grid, MATERIALS, faces, dtype=dtype, watch=Watch(levels=(Level("solidus", temperature=833.0),)))
    stepper = Stepper(problem, Clock(SCHEMES["rkl2"], 0.1), start(grid), None, {}, False, paced=True)
    sweep, paces, arrays = stepper.sweep, stepper._paces, stepper._arrays
    part = paces._part_of(2, arrays)
    near, moving = paces._near(2) > 0, ~paces._held
    assert 0.1 < near.mean() < 0.8
    assert part.sweep.arrays_of("span_row")[-1] < near.shape[0] * near.shape[1]
    h = stepper.enthalpy()
    single = np.dtype(dtype).type
    dt = float(single(0.3 * problem.explicit_step()))
    rng = np.random.default_rng(3)
    nz = grid.shape[2]
    scale = 1.0 if dtype == "float64" else np.ptp(h) / np.abs(dt * rate(grid, faces, h)[0]).max()

    def close(found, wanted):
        return np.abs(found[:, :, :nz] - wanted).max() < allowed * max(1.0, scale) * np.abs(wanted).max()

    # First stage: the mould moves, the part keeps still; then the part moves, and the mould is left as it was.
    slope, into = rate(grid, faces, h)
    sweep.hold(part.held)
    beyond, _ = sweep.stage(mt=dt, t0=0.0, t1=dt, first=True, use_F0=True, watch=False)
    q0 = part.held["cross_q0"].copy()
    assert np.allclose(sweep.booked, dt * q0, rtol=1e-12)
    assert close(sweep.increment, np.where(moving, dt * slope, 0.0))
    part._arrays["bound_rate"][:] = part._weight * q0[part._face]
    part._arrays["bound_rise"][:] = 0.0
    part.sweep.share_fields(sweep)
    inside, _ = part.sweep.stage(mt=dt, t0=0.0, t1=dt, first=True, use_F0=True)
    assert close(sweep.increment, np.where(near, dt * slope, dt * slope * moving))
    assert close(arrays["F0"], np.where(near, slope, slope * moving))
    assert beyond + inside == pytest.approx(into, rel=100 * allowed)
    # A general stage from any increments.
    D1, D2 = (dt * slope * rng.uniform(0.0, 0.5, grid.shape) for _ in range(2))
    F0 = slope * rng.uniform(0.5, 1.0, grid.shape)
    D1, D2, F0 = (field.astype(dtype).astype(float) for field in (D1, D2, F0))
    mu, nu, mt, g = (float(single(v)) for v in (1.7, -0.8, 1.3 * dt, -0.4 * dt))
    slope, into = rate(grid, faces, h + D1)
    wanted = mu * D1 + nu * D2 + mt * slope + g * F0

    def fill():
        for name, field in (("D1", D1), ("D2", D2), ("F0", F0)):
            sweep.arrays_of(name)[:, :, :nz] = field

    fill()
    beyond, _ = sweep.stage(mu=mu, nu=nu, mt=mt, g=g, t0=0.0, t1=1.0, use_F0=True, swap=True, watch=False)
    still = mu * D1 + nu * D2 + g * F0
    assert close(sweep.increment, np.where(moving, wanted, still))
    q = (sweep.booked - mu * dt * q0 - g * q0) / mt
    fill()
    part._arrays["bound_rise"][:] = part._weight * q[part._face]
    part._arrays["bound_rate"][:] = 0.75 * part._arrays["bound_rise"]
    part.sweep.share_fields(sweep)
    inside, _ = part.sweep.stage(mu=mu, nu=nu, mt=mt, g=g, t0=0.0, t1=1.0, use_F0=True, swap=True, part=0.25)
    assert close(part.sweep.increment, np.where(near, wanted, D2))
    assert beyond + inside == pytest.approx(into, rel=100 * allowed)
    target = np.full_like(arrays["H"], np.nan)
    part.sweep.copy_increment(target)
    assert np.array_equal(np.isfinite(target[:, :, :nz]), near)
