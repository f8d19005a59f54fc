"""The bits of a run do not depend on the number of threads, on a grid large enough that they really run."""

from __future__ import annotations

import numpy as np
import pytest

import castsolve as cs
from castsolve import _kernels
from castsolve.errors import InputError
from castsolve.feeding import inspect
from castsolve.geometry import Grid, GridBody
from castsolve.threads import allowed_threads

POUR, ROOM = 963.15, 298.15


@pytest.fixture(scope="module")
def grids(casting_grid):
    """Return the same casting voxelized by 1, 2 and 4 threads."""
    return {n: casting_grid(voxel=1e-3, threads=n) for n in (1, 2, 4)}


@pytest.fixture(scope="module")
def runs(casting, grids):
    """Return the same run by 1, 2 and 4 threads, in both precisions."""
    found = {}
    for dtype in ("float32", "float64"):
        for n, grid in grids.items():
            problem = casting(grid, dtype=dtype, threads=n, mould_correction=True)
            found[dtype, n] = problem.run([POUR, ROOM, ROOM], until=0.4, record=[0.2])
    return found


@pytest.mark.parametrize("threads", [2, 4])
def test_the_grid_has_the_same_bits(grids, threads):
    one, other = grids[1], grids[threads]
    assert one.size > 100_000
    for name in ("region", "body", "cut_index", "cut_volume", "share_index", "metal_share"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    for name in ("voxel", "axis", "area", "low", "high"):
        assert np.array_equal(getattr(one.walls, name), getattr(other.walls, name)), name


@pytest.mark.parametrize("threads", [2, 4])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_run_has_the_same_bits(runs, dtype, threads):
    one, other = runs[dtype, 1], runs[dtype, threads]
    assert one.stepper.sweep.threads_used == 1
    if _kernels.build_info()["openmp"]:
        assert other.stepper.sweep.threads_used == threads
    assert other.steps == one.steps
    assert np.array_equal(one.enthalpy, other.enthalpy)
    assert np.array_equal(one.temperature, other.temperature)
    assert np.array_equal(one.snapshots[0.2], other.snapshots[0.2])
    for name in ("liquidus", "solidus"):
        assert np.array_equal(one.crossing(name), other.crossing(name), equal_nan=True)
    assert np.array_equal(one.gradient("solidus"), other.gradient("solidus"), equal_nan=True)
    for name, column in one.history.items():
        # Of the last column only what is a number: without an outer mould it is none.
        same = column == other.history[name]
        assert (same | (column != column)).all(), name
    assert np.isfinite(one.crossing("liquidus")).any()


def test_precisions_are_not_the_same_bits(runs):
    assert not np.array_equal(runs["float32", 1].enthalpy, runs["float64", 1].enthalpy)


def test_small_grids_run_on_one_thread_unless_told(casting):
    assert casting().threads == 1
    assert casting(threads=3).threads == 3


def test_a_large_grid_takes_the_threads_there_are(casting, grids, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    expected = 3 if _kernels.build_info()["openmp"] else 1
    assert casting(grids[1]).threads == expected


ENTRIES = {
    "solidify": lambda block, die, threads: cs.solidify(block, voxel=5e-3, threads=threads),
    "fill": lambda block, die, threads: cs.fill(block, voxel=5e-3, threads=threads),
    "simulate": lambda block, die, threads: cs.simulate(block, voxel=5e-3, threads=threads),
    "run_cycles": lambda block, die, threads: cs.run_cycles(die, cs.MachineCycle(dwell=20.0), voxel=5e-3, threads=threads),
    "inspect": lambda block, die, threads: inspect(block.part, "A356", threads=threads),
    "Grid.build": lambda block, die, threads: Grid.build(
        [GridBody("part", "part", block.part.surface, 0)], voxel=5e-3, box=((-0.1,) * 3, (0.1,) * 3), threads=threads
    ),
}


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("threads", [-1, 0, 1.5, True, "2"])
def test_no_other_number_is_taken_in_silence(entry, threads):
    part = cs.Part.box(20e-3)
    block = cs.SandCasting(part, alloy="A356", mould="green-sand", pour_temperature=POUR, pour_time=1.0)
    die = cs.GravityDieCasting(part, alloy="A356", die=cs.Die(steel="H13", temperature=500.0, parting=0.0), pour_temperature=POUR)
    with pytest.raises(InputError, match=f"threads = {threads!r} must be a whole number from 1 on; leave it out"):
        ENTRIES[entry](block, die, threads)


def test_a_number_of_numpy_is_a_number():
    assert allowed_threads(np.int64(2)) == (2 if _kernels.build_info()["openmp"] else 1)
    assert allowed_threads() >= 1


@pytest.mark.parametrize("record", [5.0, "30 s", None])
@pytest.mark.parametrize("entry", ["solidify", "fill", "simulate"])
def test_record_is_a_list_of_times(entry, record):
    block = cs.SandCasting(cs.Part.box(20e-3), alloy="A356", mould="green-sand", pour_temperature=POUR, pour_time=1.0)
    with pytest.raises(InputError, match=r"record = .* is no list of times; write for example record=\["):
        getattr(cs, entry)(block, voxel=5e-3, record=record)
