"""One stage of the heat sweep against its NumPy twin: scattered regions, cut volumes, walls of any area and distance."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from twin import FLUX, HeatTwin, Ramp, scattered, side_flow

from castsolve.geometry import Grid
from castsolve.materials import HeatCurve
from castsolve.simulation import Contact, Faces, HeatProblem, Level, Side, Watch
from castsolve.simulation.clock import Clock
from castsolve.simulation.foresight import Foresight
from castsolve.simulation.rkl import SCHEMES
from castsolve.simulation.stepper import Stepper

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
COPPER = HeatCurve.constant(density=8960.0, specific_heat=385.0, conductivity=390.0)
# Curved k, a plateau (moisture) and a jump of k: more than four stretches.
SAND = HeatCurve(
    [0.0, 1.2e8, 3.4e8, 3.4e8, 9.0e8, 1.9e9, 3.4e9],
    [298.15, 373.15, 373.15, 373.15, 700.0, 1200.0, 1900.0],
    [1.1, 0.9, 0.7, 0.5, 0.55, 0.8, 1.3],
    density=1500.0,
)
STEEL = HeatCurve([0.0, 8e8, 2.5e9, 6.0e9], [298.15, 520.0, 900.0, 1600.0], [38.0, 34.0, 27.0, 30.0], density=7700.0)
CURVES = [ALLOY, COPPER, SAND, STEEL]
SLOPE = Ramp(np.linspace(ALLOY.temperature_low, ALLOY.temperature_high, 257), np.linspace(4e-4, 5e-5, 257))
RISING = Ramp(np.linspace(SAND.temperature_low, SAND.temperature_high, 257), np.linspace(1e-4, 9e-4, 257))
CONTACTS = {
    (0, 1): Contact(math.inf), (0, 2): Contact(SLOPE), (0, 3): Contact(5000.0),
    (1, 2): Contact(300.0), (1, 3): Contact(math.inf), (2, 3): Contact(RISING),
}  # fmt: skip
KINDS = [Side.fixed(350.0), Side.convective(900.0, 310.0), Side.flux(2.5e4), Side.insulated(), Side.flux(-1e4), Side.fixed(700.0)]
NAMES = ("x_low", "x_high", "y_low", "y_high", "z_low", "z_high")
SHAPES = [(5, 6, 19), (1, 4, 16), (4, 1, 17), (4, 5, 1), (1, 1, 37), (3, 3, 33)]
LIMITS = [("float64", 1e-12), ("float32", 1e-5)]


def faces_of(turn: int = 0) -> Faces:
    """Return sides of every kind, each kind on another side for every turn."""
    return Faces(**{n: KINDS[(a + turn) % 6] for a, n in enumerate(NAMES)}, contacts=CONTACTS)


def temperatures(grid, seed: int = 0) -> np.ndarray:
    """Return temperatures around every kink and beyond the ends of the tables."""
    rng = np.random.default_rng(seed)
    T = rng.uniform(250.0, 1500.0, grid.shape)
    metal = grid.region == 0
    T[metal] = rng.uniform(780.0, 940.0, int(metal.sum()))
    return T


class Bench:
    """A stepper whose stages are called one by one, and the twin of its grid."""

    def __init__(
        self, shape, *, seed=0, dtype="float64", scheme="rkl2", turn=0, source=False, threads=None, watch=None, eased=False,
    ):  # fmt: skip
        self.grid = scattered(seed, shape)
        self.rng = np.random.default_rng(seed + 100)
        faces = faces_of(turn)
        given = self.rng.uniform(0.0, 1e8, shape) if source else None
        self.problem = HeatProblem(
            self.grid, CURVES, faces, (lambda t: given) if source else None, dtype=dtype, watch=watch, threads=threads
        )
        clock = Clock(SCHEMES[scheme], 0.1)
        self.stepper = Stepper(self.problem, clock, temperatures(self.grid, seed), None, {}, False, eased=eased)
        self.twin = HeatTwin(self.grid, CURVES, faces, given, self.stepper.reference)
        self.sweep, self.nz = self.stepper.sweep, shape[2]
        self.h = self.stepper.enthalpy()
        self.dt = 0.3 * self.problem.explicit_step()
        if source:
            self.stepper._load_source(self.stepper.sweep, 0.0)

    def fill(self, name: str, values: np.ndarray) -> np.ndarray:
        """Write a field into one of the sweep's arrays and return it as it is kept there."""
        array = self.stepper._arrays[name]
        array[:, :, : self.nz] = values
        return array[:, :, : self.nz].astype(float)

    def increment(self) -> np.ndarray:
        """Return the increment of the last stage."""
        return self.sweep.increment[:, :, : self.nz].astype(float)


def wrong(found: np.ndarray, wanted: np.ndarray) -> float:
    return float(np.abs(found - wanted).max() / np.abs(wanted).max())


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("dtype", "limit"), LIMITS)
def test_the_first_stage_is_the_rate_of_the_twin(shape, dtype, limit):
    for turn in range(6):
        bench = Bench(shape, seed=turn, dtype=dtype, turn=turn)
        inflow, _ = bench.sweep.stage(mt=bench.dt, t0=0.0, t1=bench.dt, first=True, use_F0=True)
        rate, into = bench.twin.rates(bench.h)
        assert wrong(bench.increment(), bench.dt * rate) < limit
        assert wrong(bench.stepper._arrays["F0"][:, :, : bench.nz], rate) < limit
        assert inflow == pytest.approx(into, rel=20 * limit)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("dtype", "limit"), LIMITS)
@pytest.mark.parametrize(("scheme", "swap"), [("rkl2", True), ("rkl2", False), ("rkl1", True), ("rkl1", False)])
def test_a_general_stage_is_that_of_the_twin(shape, dtype, limit, scheme, swap):
    bench = Bench(shape, seed=7, dtype=dtype, scheme=scheme, turn=2)
    rate, _ = bench.twin.rates(bench.h)
    scale = 0.2 * bench.dt * rate
    D1 = bench.fill("D1", scale * bench.rng.uniform(0.0, 1.0, shape))
    D2 = bench.fill("D2", scale * bench.rng.uniform(0.0, 1.0, shape))
    second = scheme == "rkl2"
    F0 = bench.fill("F0", rate * bench.rng.uniform(0.5, 1.0, shape)) if second else 0.0
    mu, nu, mt, g = 1.7, -0.8, 1.3 * bench.dt, -0.4 * bench.dt if second else 0.0
    inflow, _ = bench.sweep.stage(mu=mu, nu=nu, mt=mt, g=g, t0=0.0, t1=1.0, use_F0=second, swap=swap)
    slope, into = bench.twin.rates(bench.h + D1)
    wanted = mu * D1 + (nu * D2 if swap else 0.0) + mt * slope + g * F0
    assert wrong(bench.increment(), wanted) < limit
    assert inflow == pytest.approx(into, rel=20 * limit)


@pytest.mark.parametrize("shape", [(5, 6, 19), (3, 4, 37), (4, 1, 17)])
@pytest.mark.parametrize(("dtype", "limit"), LIMITS)
@pytest.mark.parametrize("threads", [1, 3])
def test_fluxes_of_what_is_foreseen_are_those_of_the_mean_of_its_states(shape, dtype, limit, threads, monkeypatch):
    # Scattered copper is all walls: no region that is fast away from them.
    monkeypatch.setattr(Foresight, "of", lambda problem, nzp: Foresight(problem, problem.rows.region == 1, nzp))
    bench = Bench(shape, seed=11, dtype=dtype, scheme="rkl1", turn=1, threads=threads, watch=Watch(0, LEVELS), eased=True)
    step = 0.2 / bench.stepper._easing.foresight._rate
    steps, shares = np.array([step, 1.7 * step]), np.array([0.2, 0.3, 0.5])
    ahead = {"ahead": steps, "shares": shares}
    rate, into = bench.twin.rates(bench.twin.ahead(bench.h, 1, steps, shares))
    inflow, _ = bench.sweep.stage(mt=bench.dt, t0=0.0, t1=1.0, first=True, **ahead)
    assert wrong(bench.increment(), bench.dt * rate) < limit
    assert inflow == pytest.approx(into, rel=20 * limit)
    D1 = bench.increment()
    rate, into = bench.twin.rates(bench.twin.ahead(bench.h + D1, 1, steps, shares))
    inflow, _ = bench.sweep.stage(mu=1.6, mt=1.2 * bench.dt, t0=1.0, t1=2.0, **ahead)
    assert wrong(bench.increment(), 1.6 * D1 + 1.2 * bench.dt * rate) < limit
    assert inflow == pytest.approx(into, rel=20 * limit)
    # Without it, or with other states, it would be something else.
    for other in (bench.h + D1, bench.twin.ahead(bench.h + D1, 1, steps, shares[::-1])):
        assert wrong(1.6 * D1 + 1.2 * bench.dt * bench.twin.rates(other)[0], bench.increment()) > 1e-3


@pytest.mark.parametrize("threads", [2, 3, 4])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_threads_give_the_bits_of_one(threads, dtype):
    results = []
    for n in (1, threads):
        bench = Bench((11, 6, 33), seed=3, dtype=dtype, threads=n)
        inflow = bench.sweep.stage(mt=bench.dt, t0=0.0, t1=1.0, first=True, use_F0=True)
        again = bench.sweep.stage(mu=1.1, mt=bench.dt, g=-0.1 * bench.dt, t0=1.0, t1=2.0, use_F0=True)
        assert bench.sweep.threads_used == n
        held, hottest = np.zeros(4), np.zeros(4)
        increment = bench.sweep.increment.copy()
        bench.sweep.advance(held, hottest)
        results.append((increment, np.array([*inflow, *again]), held, hottest, bench.stepper.temperature()))
    for one, other in zip(*results, strict=True):
        assert np.array_equal(one, other)


def test_the_twin_notices_altered_arrays():
    bench = Bench((5, 6, 19), seed=1)
    rate, _ = bench.twin.rates(bench.h)
    grid, walls = bench.grid, bench.grid.walls
    n = int(np.argmax(walls.area / (walls.low + walls.high)))
    changed = walls.area.copy()
    changed[n] *= 1.0 + 1e-6
    for wrong_grid in (
        replace(grid, walls=replace(walls, area=changed)),
        replace(grid, walls=replace(walls, low=walls.high, high=walls.low)),
        replace(grid, cut_volume=grid.cut_volume * (1.0 + 1e-9)),
    ):
        other, _ = replace(bench.twin, grid=wrong_grid).rates(bench.h)
        assert wrong(other, rate) > 1e-10


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_source_is_counted_with_the_true_volume(dtype):
    bench = Bench((4, 5, 19), seed=4, dtype=dtype, source=True)
    inflow, _ = bench.sweep.stage(mt=bench.dt, t0=0.0, t1=1.0, first=True)
    rate, into = bench.twin.rates(bench.h)
    limit = 1e-12 if dtype == "float64" else 1e-5
    assert wrong(bench.increment(), bench.dt * rate) < limit
    assert inflow == pytest.approx(into, rel=20 * limit)


@pytest.mark.parametrize(
    ("width", "k"),
    [
        (2e-3, 30.0),
        (10e-3, 30.0),
        (2e-3, 0.5),
        (10e-3, 0.5),
        (30e-3, 0.5),
        (30e-3, 30.0),
    ],
)
def test_an_outer_face_radiates_at_its_own_temperature(width, k):
    """The surface of a coarse, hot voxel of sand is far colder than the voxel's centre."""
    curve = HeatCurve.constant(density=1500.0, specific_heat=1130.0, conductivity=k)
    side = Side.convective(8.0, 300.0, emissivity=0.9)
    nodes = np.array([0.0, width])
    for T in (350.0, 700.0, 1500.0):
        problem = HeatProblem(Grid.regular(nodes, nodes, nodes), [curve], Faces(z_high=side))
        run = problem.run(T, until=1e-6, scheme="euler", step=1e-6)
        wanted = float(side_flow(side, np.array(T), np.array(0.5 * width / k)))
        assert run.history["heat_in"][-1] / (1e-6 * width**2) == pytest.approx(wanted, rel=1e-3)


def test_the_kinds_of_sides_cover_all():
    assert {s.row()[0] for s in KINDS} == {0, 1, 2, FLUX}


@pytest.mark.parametrize(("dtype", "limit"), [("float64", 1e-12), ("float32", 1e-6)])
def test_temperatures_are_those_of_the_tables_and_near_the_curves(dtype, limit):
    bench = Bench((5, 6, 19), seed=2, dtype=dtype)
    T, _, _ = bench.twin.lookup.read(bench.grid.region, bench.h)
    found = bench.stepper.temperature()
    assert wrong(found, T) < limit
    assert np.abs(found - bench.problem.temperature_of(bench.h)).max() < 0.02
    # Every kink is exact.
    for curve, pieces in zip(CURVES, bench.twin.lookup.regions, strict=True):
        for h in curve.enthalpy[curve.kinks]:
            assert np.abs(pieces.start - h).min() <= 1e-12 * np.abs(pieces.start).max()


LEVELS = (
    Level("hot", temperature=900.0, gradient=True),
    Level("liquidus", temperature=887.0),
    Level("solidus", temperature=833.0, gradient=True),
)


def slope(grid, field: np.ndarray, mirrors) -> np.ndarray:
    """Return |grad field| from neighbours of the same region, one-sided at walls; beyond a mirror lies the voxel itself."""
    squares = np.zeros(grid.shape)
    for axis in range(3):
        x, region, V = grid.centres(axis), np.moveaxis(grid.region, axis, 0), np.moveaxis(field, axis, 0)
        G, width, last = np.moveaxis(squares, axis, 0), grid.widths(axis), len(x) - 1
        for i in range(len(x)):
            for place in np.ndindex(V.shape[1:]):
                here = V[(i, *place)]
                ends = [
                    (x[n], V[(n, *place)]) for n in (i - 1, i + 1) if 0 <= n <= last and region[(n, *place)] == region[(i, *place)]
                ]
                if i == 0 and mirrors[2 * axis]:
                    ends.insert(0, (x[0] - width[0], here))
                if i == last and mirrors[2 * axis + 1]:
                    ends.append((x[last] + width[last], here))
                if len(ends) == 1:
                    ends.append((x[i], here))
                if ends:
                    (p, a), (q, b) = ends
                    G[(i, *place)] += ((b - a) / (q - p)) ** 2
    return np.sqrt(squares)


def test_first_crossings_are_linear_in_enthalpy_between_two_stages():
    bench = Bench((5, 6, 19), seed=5, watch=Watch(0, LEVELS))
    grid, T0 = bench.grid, bench.stepper.temperature()
    metal = grid.region == 0
    # A first stage that cools every voxel by its own amount, then a second one over it.
    D1 = bench.fill("D1", np.where(metal, -bench.rng.uniform(0.0, 1.2e9, grid.shape), 0.0))
    rate, _ = bench.twin.rates(bench.h + D1)
    mu, mt = 1.4, bench.dt
    _, done = bench.sweep.stage(mu=mu, mt=mt, t0=2.0, t1=5.0)
    y0, y1 = bench.h + D1, bench.h + mu * D1 + mt * rate
    # The flux over the conductivity at the voxel's own temperature.
    _, half, theta = bench.twin.lookup.read(grid.region, y0)
    slopes = slope(grid, theta, [side.is_insulated for side in bench.problem.faces.sides]) * 2.0 * half
    assert done == int((y1 < ALLOY.at_temperature(833.0))[metal].sum()) > 0
    seen = 0
    for level in LEVELS:
        h = float(ALLOY.at_temperature(level.temperature))
        share = np.clip((y0 - h) / np.where(y0 == y1, np.inf, y0 - y1), 0.0, 1.0)
        wanted = np.where(metal & (y1 < h), 2.0 + 3.0 * share, np.nan)
        # A colder level is passed only after the hotter ones, in any case in the same stage.
        found = bench.stepper.watch_array("time", level.name)
        assert np.array_equal(np.isfinite(found), np.isfinite(wanted))
        assert np.nanmax(np.abs(found - wanted)) < 1e-5
        seen += int(np.isfinite(found).sum())
        if level.gradient:
            recorded = bench.stepper.watch_array("gradient", level.name)
            ok = np.isfinite(recorded)
            assert np.array_equal(ok, np.isfinite(wanted))
            assert np.abs(recorded[ok] - slopes[ok]).max() < 1e-5 * slopes[ok].max()
    assert seen > 100
    assert T0[metal].max() > 900.0


@pytest.mark.parametrize("kept", [True, False])
def test_melting_again_takes_the_record_away_in_a_kept_state_only(kept):
    bench = Bench((3, 4, 16), seed=6, watch=Watch(0, LEVELS))
    grid = bench.grid
    metal = grid.region == 0
    bench.fill("D1", np.where(metal, -3e9, 0.0))
    bench.sweep.stage(mu=1.0, mt=0.0, t0=0.0, t1=1.0)
    assert np.isfinite(bench.stepper.watch_array("time", "solidus")[metal]).all()
    half = 0.5 * (ALLOY.at_temperature(833.0) + ALLOY.at_temperature(887.0))
    bench.stepper._arrays["D1"][:] = 0.0
    bench.stepper._arrays["D2"][:] = 0.0
    array = bench.sweep.increment
    array[:, :, : bench.nz] = np.where(metal, half - bench.h, 0.0)
    _, done = bench.sweep.stage(mu=1.0, mt=0.0, t0=1.0, t1=2.0, last=kept)
    assert done == (-int(metal.sum()) if kept else 0)
    assert np.isnan(bench.stepper.watch_array("time", "solidus")[metal]).all() == kept
    assert np.isnan(bench.stepper.watch_array("gradient", "solidus")[metal]).all() == kept
    assert np.isfinite(bench.stepper.watch_array("time", "liquidus")[metal]).all()
