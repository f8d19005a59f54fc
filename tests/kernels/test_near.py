"""What a filling looks at: voxels that liquid is near, what is kept of them, and sides that are reckoned in vectors."""

from __future__ import annotations

import flow_twin
import numpy as np
import pytest
from scipy import ndimage

from castsolve import _kernels
from castsolve.simulation.flow_arrays import HALO, Cavity, flow_arrays, multigrid_levels

SHAPE = (17, 13, 40)
REACH, GAP, DUST = 2, 4, 1e-12


def spray(seed):
    """A box with a wall in it, a few drops, dust, and all arrays; no velocity."""
    rng = np.random.default_rng(seed)
    kind = np.ones(SHAPE)
    kind[6:9, 2:9, 10:30] = 0
    cavity = Cavity.blocks(kind, 0.01)
    arrays = flow_arrays(cavity)
    arrays["E"] = [np.zeros(arrays["kind"].shape)]
    arrays.update(En=[np.zeros_like(arrays["F"])], E1=[np.zeros_like(arrays["F"])], GE=[np.zeros((3, *arrays["F"].shape))])
    sweep = _kernels.FlowSweep(arrays, arrays["kind"].shape, cavity.voxel, multigrid_levels(cavity.shape), 2)
    inner = arrays["F"][(slice(HALO, -HALO),) * 3]
    inner[...] = np.where((rng.random(SHAPE) < 0.004) & (kind == 1), rng.random(SHAPE), 0.0)
    inner[...] += np.where((rng.random(SHAPE) < 0.3) & (kind == 1) & (inner == 0.0), rng.uniform(-DUST, DUST, SHAPE), 0.0)
    return arrays, sweep, rng


def stood(sweep):
    """Take the part of a step that moves metal, which finds what is near at its end."""
    sweep.keep()
    sweep.begin(1e-3)
    sweep.advect(0)


def looked_at(arrays):
    """Mark the voxels of the stretches of now."""
    out = np.zeros(arrays["kind"].shape, bool)
    for i in range(len(out)):
        for j, first, end in arrays["run"][arrays["run_of"][i] : arrays["run_to"][i]]:
            assert not out[i, j, first:end].any()
            out[i, j, first:end] = True
    return out


def all_rows(arrays):
    out = np.zeros(arrays["kind"].shape, bool)
    for i in range(len(out)):
        for j, first, end in arrays["stretch"][arrays["stretch_of"][i] : arrays["stretch_of"][i + 1]]:
            out[i, j, first:end] = True
    return out


@pytest.mark.parametrize("seed", range(4))
def test_what_is_near_is_within_two_voxels(seed):
    arrays, sweep, _ = spray(seed)
    stood(sweep)
    wanted = ndimage.binary_dilation(np.abs(arrays["F"]) > DUST, np.ones((2 * REACH + 1,) * 3))
    rows, found = all_rows(arrays), looked_at(arrays)
    assert 0 < (wanted & rows).sum() < 0.7 * rows.sum()
    assert found[wanted & rows].all() and not found[~rows].any()
    # what is looked at besides are short gaps of a row
    between = ndimage.binary_closing(np.pad(wanted, GAP), np.ones((1, 1, GAP)))[(slice(GAP, -GAP),) * 3]
    assert not (found & ~between).any()
    np.testing.assert_array_equal(arrays["near"] > 0, wanted | found)


def test_what_metal_has_left_is_at_rest():
    arrays, sweep, rng = spray(9)
    stood(sweep)
    before = looked_at(arrays)
    for name in ("alpha", "P", "diag", "rhs", "q", "r", "z"):
        arrays[name][before] = rng.random(before.sum())
    for d in range(3):
        for name in ("u", "un", "G", "coef", "force", "drift"):
            arrays[name][d][before] = 1e-3 * rng.random(before.sum())
        arrays["layer"][d][before] = 1
    arrays["wet"][before] = 1
    for name in ("En", "E1"):
        arrays[name][0][before] = 1.0
    arrays["GE"][0][:, before] = 1.0
    kept = np.indices(arrays["F"].shape)[0] < 8  # of the drops of one half only dust is left
    arrays["F"][~kept & (np.abs(arrays["F"]) > DUST)] = 0.3 * DUST
    arrays["E"][0][...] = 2.0 * arrays["F"]
    held = arrays["F"].copy()
    for d in range(3):
        arrays["u"][d][...] = 0.0
    stood(sweep)
    left = before & ~looked_at(arrays) & (arrays["near"] == 0)
    assert left.sum() > 200
    for name in ("Fn", "F1", "alpha", "P", "diag", "rhs", "q", "r", "z", "wet"):
        assert not arrays[name][left].any(), name
    for d in range(3):
        open_ = left & (arrays["face"][d] == 1)
        assert not any(arrays[name][d][open_].any() for name in ("u", "un"))
        assert not any(arrays[name][d][left].any() for name in ("G", "coef", "force", "drift"))
        assert (arrays["layer"][d][left] == 255).all()
    assert not any(arrays[name][0][left].any() for name in ("En", "E1")) and not arrays["GE"][0][:, left].any()
    assert np.count_nonzero(held[left]) > 50
    np.testing.assert_array_equal(arrays["F"][left], held[left])
    np.testing.assert_array_equal(arrays["E"][0][left], 2.0 * held[left])


def test_dust_is_held_and_does_not_move():
    """Moved on, what rounding leaves would come to be everywhere."""
    arrays, sweep, rng = spray(4)
    arrays["F"][np.abs(arrays["F"]) > DUST] = 0.0
    arrays["F"][HALO, HALO, HALO] = 0.5
    arrays["E"][0][...] = 3.0 * arrays["F"]
    before = arrays["F"].copy()
    for d in range(3):
        open_ = arrays["face"][d] == 1
        arrays["u"][d][open_] = rng.uniform(-1.0, 1.0, open_.sum())
    sweep.begin(4e-3)
    sweep.advect(0)
    still = before.copy()
    still[HALO : HALO + 3, HALO : HALO + 3, HALO : HALO + 3] = 0.0
    assert np.count_nonzero(still) > 1000
    np.testing.assert_array_equal(arrays["F"][still != 0.0], still[still != 0.0])
    assert not (looked_at(arrays) & (np.indices(before.shape).max(axis=0) > HALO + 2 + 2 * REACH + GAP)).any()
    # in = held + out, with the dust that nothing looks at
    assert sweep.held() == pytest.approx(before.sum(), abs=1e-14)  # all of the dust is 6e-11
    assert sweep.content(0)[0] == pytest.approx(3.0 * before.sum(), abs=3e-14)
    arrays["F"][HALO : HALO + 5, HALO : HALO + 5, HALO : HALO + 5] = 0.0
    assert sweep.held() == pytest.approx(arrays["F"].sum(), rel=1e-9)


def test_a_step_that_failed_leaves_no_trace():
    arrays, sweep, rng = spray(3)
    stood(sweep)
    near = looked_at(arrays)
    for d in range(3):
        arrays["u"][d][near & (arrays["face"][d] == 1)] = rng.uniform(-1.0, 1.0, (near & (arrays["face"][d] == 1)).sum())
    arrays["P"][near], arrays["E"][0][...] = rng.random(near.sum()), arrays["F"] * 3.0
    names = {name: arrays[name] for name in ("F", "P", "near")} | {"E": arrays["E"][0]}
    names |= {f"u{d}": arrays["u"][d] for d in range(3)}
    before = {name: array.copy() for name, array in names.items()}
    sweep.keep()
    sweep.begin(4e-3)
    sweep.advect(0)
    sweep.momentum((0.0, 0.0, -9.81))
    arrays["P"][looked_at(arrays)] = 7.0
    assert not np.array_equal(arrays["F"], before["F"]) and not np.array_equal(arrays["near"], before["near"])
    sweep.restore()
    for name, array in names.items():
        np.testing.assert_array_equal(array, before[name], err_msg=name)
    np.testing.assert_array_equal(looked_at(arrays), near)


def test_momentum_of_deep_metal_and_of_metal_near_the_surface_is_what_the_twin_carries():
    """Side by side in the same vectors, beside walls and far from them."""
    arrays, sweep, rng = spray(5)
    inside = arrays["kind"] == 1
    arrays["F"][inside] = np.where(rng.random(inside.sum()) < 0.8, 1.0, 0.4)
    arrays["F"][:, :, HALO : HALO + 20] = inside[:, :, HALO : HALO + 20]
    sweep.classify()
    sweep.extrapolate()
    faces, drift = arrays["face"], []
    for d in range(3):
        open_ = faces[d] == 1
        arrays["u"][d][open_] = rng.uniform(-2.0, 2.0, open_.sum())
        arrays["drift"][d][open_] = rng.uniform(-0.2, 0.2, open_.sum())
        deep = (arrays["depth"] >= 2) & (np.roll(arrays["depth"], 1, axis=d) >= 2)
        drift.append(np.where(deep, 1.1 * arrays["drift"][d], np.nan))
    sweep.hold(True)
    sweep.begin(1e-3, 0.0, 1.1)
    for d in range(3):
        open_ = faces[d] == 1
        arrays["G"][d][open_] = 0.1 * arrays["u"][d][open_]
    sweep.momentum((0.0, 0.0, -9.81))
    given, walls = (arrays["un"], arrays["G"], arrays["Fn"], arrays["F"]), (arrays["a"], arrays["V"], arrays["wet"])
    for d in range(3):
        places = np.argwhere((faces[d] == 1) & (arrays["F"] + np.roll(arrays["F"], 1, axis=d) > 0.1))
        for n in map(tuple, rng.permutation(places)[:500]):
            push = -9.81e-3 if d == 2 else 0.0
            expected = flow_twin.momentum(*given, d, n, push, face=faces, drift=drift, walls=walls)
            assert arrays["u"][d][n] == pytest.approx(expected, rel=1e-11, abs=1e-12)
        known = np.isnan(drift[d][tuple(places.T)]).mean()
        assert 0.2 < known < 0.9
