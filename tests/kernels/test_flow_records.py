"""What is noted while a cavity fills: kernels against twins of plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import records_twin
from test_flow import inner

from castsolve import _kernels
from castsolve.simulation.flow_arrays import HALO, MIRROR, Cavity, flow_arrays, multigrid_levels
from castsolve.simulation.metal_past import MetalPast

SHAPE = (7, 6, 5)
H = 0.02
NAMES = ("fill_time", "first_speed", "largest_speed", "wall_shear")


def cut_cavity(rng):
    """Voxels that slanted walls cut, whole ones and solid ones."""
    share = np.where(rng.random(SHAPE) < 0.5, 1.0, rng.uniform(0.1, 1.0, SHAPE))
    share[rng.random(SHAPE) < 0.15] = 0.0
    aperture = []
    for d in range(3):
        size = tuple(n + (e == d) for e, n in enumerate(SHAPE))
        aperture.append(np.where(rng.random(size) < 0.2, 0.0, rng.uniform(0.1, 1.0, size)))
    return Cavity.cut(share, aperture, np.ones(SHAPE), H)


def random_flow(seed, *, air=False, past=False, threads=1):
    """A filling in the middle of a step, with speeds from still to turbulent."""
    rng = np.random.default_rng(seed)
    cavity = cut_cavity(rng)
    arrays = flow_arrays(cavity, air=air)
    carried = MetalPast(cavity, arrays) if past else None
    shape = arrays["kind"].shape
    # Beyond one side the metal slips.
    for d in (1, 2):
        arrays["face"][d][HALO - 1] = MIRROR
    sweep = _kernels.FlowSweep(arrays, shape, H, multigrid_levels(SHAPE), threads)
    inside = arrays["kind"] == 1
    for name in ("F", "Fn"):
        filled = arrays["V"] * rng.choice([0.0, 0.3, 0.7, 1.0], shape) * rng.uniform(0.5, 1.0, shape)
        arrays[name][...] = np.where(inside, filled, 0.0)
    for d in range(3):
        arrays["u"][d][...] = rng.uniform(-1.0, 1.0, shape) * 10.0 ** rng.uniform(-4.0, 1.0, shape)
    return rng, arrays, sweep, carried


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_step_is_noted_as_the_twin_notes_it(seed, threads):
    rng, arrays, sweep, _ = random_flow(seed, threads=threads)
    shape = arrays["kind"].shape
    nu = 10.0 ** rng.uniform(-7.0, -5.0, shape)
    sweep.hold(True)
    notes = {name: np.full(shape, np.nan) for name in NAMES}
    came = (rng.random(shape) < 0.4) & (arrays["kind"] == 1)
    for name in NAMES:
        notes[name][came] = rng.uniform(0.0, 0.5, int(came.sum()))
    wanted = records_twin.noted(notes, arrays, 1.0, 1.25, 2400.0, nu, H)
    _kernels.FlowRecords(sweep, notes).note(1.0, 1.25, 2400.0, nu.reshape(-1))
    for name in NAMES:
        # The kernel finds the friction speed by eight substitutions, the twin by bisection.
        near = 2e-6 if name == "wall_shear" else 1e-12
        np.testing.assert_allclose(inner(notes[name]), inner(wanted[name]), rtol=near, err_msg=name)
    new = ~came & np.isfinite(notes["fill_time"])
    assert new.sum() > 20 and (notes["fill_time"][new] >= 1.0).all() and (notes["fill_time"][new] <= 1.25).all()
    assert np.isfinite(notes["wall_shear"]).sum() > came.sum()


def test_speeds_are_those_of_the_middle():
    _, arrays, sweep, _ = random_flow(3)
    shape = arrays["kind"].shape
    out = np.zeros(shape)
    _kernels.FlowRecords(sweep, {name: np.full(shape, np.nan) for name in NAMES}).speeds(out)
    wanted = np.where((arrays["kind"] == 1) & (arrays["F"] > 0.0), records_twin.speed_of(arrays), 0.0)
    np.testing.assert_allclose(inner(out), inner(wanted), rtol=1e-12)
    assert wanted.max() > 0.1


def test_the_largest_pressure_of_the_air_stays():
    rng, arrays, sweep, _ = random_flow(4, air=True)
    shape = arrays["kind"].shape
    arrays["pocket"][...] = np.where(arrays["kind"] == 1, rng.integers(0, 4, shape), 0)
    arrays["wet"][...] = rng.random(shape) < 0.3
    notes = {name: np.full(shape, np.nan) for name in (*NAMES, "largest_air_pressure")}
    earlier = rng.random(shape) < 0.5
    notes["largest_air_pressure"][earlier] = rng.uniform(1e5, 3e5, int(earlier.sum()))
    before = notes["largest_air_pressure"].copy()
    # The second of three pockets reaches the outside.
    _kernels.FlowRecords(sweep, notes).note_air(np.array([2e5, np.nan, 1.5e5]))
    now = np.array([np.nan, 2e5, np.nan, 1.5e5])[arrays["pocket"]]
    wanted = np.where(arrays["wet"] == 0, np.fmax(before, now), before)
    assert np.array_equal(inner(notes["largest_air_pressure"]), inner(wanted), equal_nan=True)
    assert (np.nan_to_num(wanted) != np.nan_to_num(before)).sum() > 20


@pytest.mark.parametrize("threads", [1, 2])
def test_the_surface_is_exposed_as_the_twin_says(threads):
    rng, arrays, sweep, past = random_flow(5, past=True, threads=threads)
    sweep.classify()
    exposure = arrays["E"][past.exposure]
    exposure[...] = rng.random(exposure.shape)
    before = exposure.copy()
    past.age_surface(sweep, 0.3)
    gain = records_twin.exposed(arrays, arrays["alpha"], 0.3, H)
    np.testing.assert_allclose(inner(exposure - before), inner(gain), atol=1e-11)
    assert (gain > 0).sum() > 30


@pytest.mark.parametrize("tilt", [(0.0, 0.0, 1.0), (0.0, 0.3, 1.0), (0.4, 0.7, 1.0)])
def test_a_tilted_plane_has_its_area(tilt):
    """The sum over the faces is the area of the plane: exact along the grid, within 1 % askew, away from walls: there the surface
    is taken to stand across them."""
    n, m = 20, np.array(tilt) / np.sum(tilt)
    cavity = Cavity.blocks(np.ones((n, n, n)), 1.0)
    arrays = flow_arrays(cavity)
    past = MetalPast(cavity, arrays)
    sweep = _kernels.FlowSweep(arrays, arrays["kind"].shape, 1.0, multigrid_levels(cavity.shape), 1)
    x = np.arange(n) + 0.5 - n / 2
    far = (m[0] * x[:, None, None] + m[1] * x[None, :, None] + m[2] * x[None, None, :]) - 0.13
    share = np.vectorize(lambda c: _kernels.plane_volume(m, c))(0.5 - far)
    inner(arrays["F"])[...] = share
    sweep.classify()
    past.age_surface(sweep, 2.0)
    area = inner(arrays["E"][past.exposure])[3:-3, 3:-3].sum() / 2.0
    assert area == pytest.approx((n - 6) ** 2 * np.linalg.norm(m) / m[2], rel=1e-12 if tilt[1] == 0.0 else 1e-2)


def test_small_voids_in_the_metal_are_hardly_a_surface():
    cavity = Cavity.blocks(np.ones(SHAPE), 1.0)
    arrays = flow_arrays(cavity)
    past = MetalPast(cavity, arrays)
    sweep = _kernels.FlowSweep(arrays, arrays["kind"].shape, 1.0, multigrid_levels(SHAPE), 1)
    inner(arrays["F"])[...] = 1.0
    inner(arrays["F"])[3, 3, 2] = 1.0 - 1e-6
    sweep.classify()
    past.age_surface(sweep, 1.0)
    assert 0.0 < arrays["E"][past.exposure].sum() < 1e-5
