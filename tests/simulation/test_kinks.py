"""What crossings are late by where a kink of the heat content passes a lattice: exact fronts, their directions, a real alloy."""

from __future__ import annotations

import math

import numpy as np
import pytest

from castsolve.geometry import Grid
from castsolve.materials import HeatCurve, alloy
from castsolve.simulation import Contact, Faces, HeatProblem, Level, Watch
from castsolve.simulation.kinks import without_swing

# 1 / (Fourier number of a voxel during the passing of the front), ahead of the kink and behind it
AHEAD, BEHIND = 0.08, 0.01
SIZE, WAY = 44, 4.0
LEVEL = 1000.0
START = 30.0


def lattice(normal: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return when a plane kink passes the nodes of a lattice that is solved step by step, and when it is there, from its middle on.

    The exact solution moves along the normal by one spacing a unit of time; it is given on the rim.
    """
    n = np.array(normal) / math.hypot(*normal)
    i, j = np.meshgrid(np.arange(SIZE) - 0.5 * SIZE + 0.5, np.arange(SIZE) - 0.5 * SIZE + 0.5, indexing="ij")
    place = n[0] * i + n[1] * j

    def exact(x: np.ndarray) -> np.ndarray:
        p = np.where(x > 0, AHEAD, BEHIND)
        return (1.0 - np.exp(-p * x)) / p

    rim = np.ones((SIZE, SIZE), bool)
    rim[1:-1, 1:-1] = False
    time, end, dt = -14.0, WAY + 2.0, 0.2 * BEHIND
    T, passed = exact(place - time), np.full((SIZE, SIZE), np.nan)
    while time < end:
        spread = np.zeros_like(T)
        spread[1:-1, 1:-1] = T[2:, 1:-1] + T[:-2, 1:-1] + T[1:-1, 2:] + T[1:-1, :-2] - 4.0 * T[1:-1, 1:-1]
        h = T * np.where(T > 0, AHEAD, BEHIND) + dt * spread
        now = h / np.where(h > 0, AHEAD, BEHIND)
        over = (T > 0) & (now <= 0)
        passed[over] = time + dt * (T * AHEAD)[over] / ((T * AHEAD) - h)[over]
        time += dt
        now[rim] = exact(place[rim] - time)
        T = now
    return passed, place


def kinked() -> HeatCurve:
    """Return the heat curve of that lattice: conductivity 1, a kink at 1000 K."""
    T = np.array([LEVEL - 500.0, LEVEL, LEVEL + 500.0])
    return HeatCurve([0.0, 500.0 * BEHIND, 500.0 * (BEHIND + AHEAD)], T, np.ones(3), density=1.0)


@pytest.mark.parametrize(
    ("normal", "least", "rest"),
    [((1.0, 0.0), 0.04, 0.15), ((0.0, -1.0), 0.04, 0.15), ((1.0, 0.03), 0.03, 0.25), ((1.0, 1.0), 0.024, 0.25)],
)
def test_a_kink_that_passes_a_lattice_is_late_by_what_theory_says(normal, least, rest):
    """Along an axis, three hundredths askew to it, and along the diagonal of a face."""
    passed, place = lattice(normal)
    middle = (np.abs(place) < WAY) & (np.hypot(*np.indices(place.shape) - 0.5 * SIZE) < 7.0)
    grid = Grid.regular(np.arange(SIZE + 1.0), np.arange(SIZE + 1.0), np.array([0.0, 1.0]))
    times = (START + passed[..., None]).astype(np.float32)
    found = without_swing(grid, kinked(), 500.0 * BEHIND, times, np.ones(times.shape, np.float32))
    late, left = (passed - place)[middle], (found[..., 0] - START - place)[middle]
    assert late.min() > least
    assert np.abs(left).max() < rest * late.max()


def test_a_front_that_runs_along_no_plane_of_centres_hardly_swings():
    """A fifth askew to an axis: theory says nothing, and the lattice is late by an order less."""
    passed, place = lattice((1.0, 0.2))
    middle = (np.abs(place) < WAY) & (np.hypot(*np.indices(place.shape) - 0.5 * SIZE) < 7.0)
    grid = Grid.regular(np.arange(SIZE + 1.0), np.arange(SIZE + 1.0), np.array([0.0, 1.0]))
    times = (START + passed[..., None]).astype(np.float32)
    found = without_swing(grid, kinked(), 500.0 * BEHIND, times, np.ones(times.shape, np.float32))
    assert np.abs(passed - place)[middle].max() < 0.02
    assert found[middle] == pytest.approx(times[middle], abs=2e-3)


def test_what_has_no_neighbour_on_either_side_stays_and_threads_do_not_matter(monkeypatch):
    grid = Grid.regular(np.arange(9.0), np.arange(6.0), np.arange(7.0))
    times = np.broadcast_to(np.arange(8.0)[:, None, None] + 1.0, grid.shape).astype(np.float32).copy()
    times[4, 2, 3] = np.nan
    flat = np.ones(grid.shape, np.float32)
    found = without_swing(grid, kinked(), 500.0 * BEHIND, times, flat)
    assert np.isnan(found[4, 2, 3])
    for gone in (0, 7):
        assert np.array_equal(found[gone], times[gone])
    assert found[3, 2, 3] == times[3, 2, 3]
    assert (found[1:7, 0, 0] < times[1:7, 0, 0] - 0.02).all()
    # the colder side of a liquidus holds more heat: early, so the time goes up
    turned = HeatCurve([0.0, 500.0 * AHEAD, 500.0 * (AHEAD + BEHIND)], kinked().temperature, np.ones(3), density=1.0)
    assert (without_swing(grid, turned, 500.0 * AHEAD, times, flat)[1:7, 0, 0] > times[1:7, 0, 0] + 0.02).all()
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert np.array_equal(without_swing(grid, kinked(), 500.0 * BEHIND, times, flat), found, equal_nan=True)


def test_half_beside_a_plane_of_symmetry_gives_the_whole():
    """Fronts that meet in the middle, an even number of voxels apart."""
    rng = np.random.default_rng(5)
    nodes = [np.arange(n + 1) * 1e-3 for n in (12, 5, 6)]
    whole = Grid.regular(*nodes)
    depth = np.minimum(np.arange(12), np.arange(12)[::-1]) + 0.5
    far = depth[:, None, None] + 0.3 * np.linspace(0.0, 1.0, 5)[None, :, None] + np.zeros((1, 1, 6))
    times = (0.8 * far**2 + 1.0).astype(np.float32)
    steep = (2e4 / far * rng.uniform(0.9, 1.1, (1, 5, 6))).astype(np.float32)
    metal = alloy("A356")
    half = Grid.regular(nodes[0][:7], *nodes[1:])
    mirrors = (False, True, False, False, False, False)
    h = float(metal.heat.at_temperature(metal.solidus.value))
    part = np.ascontiguousarray(times[:6])
    found = without_swing(half, metal.heat, h, part, steep[:6], mirrors)
    assert np.array_equal(found, without_swing(whole, metal.heat, h, times, steep)[:6])
    assert not np.array_equal(found, part)
    assert not np.array_equal(found, without_swing(half, metal.heat, h, part, steep[:6]))


def chilled(voxel: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return depth, liquidus and solidus of A356 in a steel die, raw and corrected (n, 4)."""
    metal, length, wall = alloy("A356"), 0.027, 0.06
    steel = HeatCurve.constant(density=7700.0, specific_heat=560.0, conductivity=29.0)
    n, m = round(length / voxel), round(wall / voxel)
    region = np.repeat(np.uint8([1, 0]), [m, n]).reshape(1, 1, -1)
    across = np.array([0.0, 0.01])
    grid = Grid.regular(across, across, np.arange(n + m + 1) * voxel, region=region, names=("metal", "die"))
    levels = tuple(Level(name, fraction_solid=share, gradient=True) for name, share in (("liquidus", 0.0), ("solidus", 1.0)))
    problem = HeatProblem(grid, [metal.heat, steel], Faces(contacts={(0, 1): Contact(3000.0)}), watch=Watch(0, levels))
    run = problem.run([metal.liquidus.value + 60.0, 473.15], until=300.0, theta=0.02)
    columns = []
    for name, share in (("liquidus", 0.0), ("solidus", 1.0)):
        raw, h = run.crossing(name), float(metal.heat.enthalpy_at_fraction_solid(share))
        columns += [raw, without_swing(grid, metal.heat, h, raw, run.gradient(name))]
    return np.stack([c[0, 0, m:] for c in columns], axis=1).astype(float)


def test_local_solidification_times_of_a_real_alloy_no_longer_depend_on_the_voxel():
    """A356 with its eutectic: voxels of 1.8 mm against voxels of a ninth of it, from the second voxel to the middle."""
    coarse, fine = chilled(1.8e-3), chilled(0.2e-3)[4::9]
    exact = fine[:, 3] - fine[:, 1]
    raw, found = (coarse[:, 2 + a] - coarse[:, a] for a in (0, 1))
    inside = slice(1, 8)
    assert np.abs(raw / exact - 1.0)[inside].max() > 0.02
    assert np.abs(found / exact - 1.0)[inside].max() < 0.006
