"""The heat sweep and the time to a solution, beside NumPy and numba."""

from __future__ import annotations

import time

import numpy as np
import pytest

from castsolve import _kernels
from shared_cases import POUR, ROOM, cube_in_sand, local_time_error
from twins import numba_sweep, numpy_rate


def _stages(problem, count):
    run = problem.run([POUR, ROOM, ROOM], until=5.0)
    sweep = run.stepper.sweep

    def sweeps():
        for _ in range(count):
            sweep.stage(mu=1.0, nu=-1e-3, mt=1e-9, g=1e-9, t0=0.0, t1=0.0, use_F0=True, swap=True)

    return sweeps


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("threads", [1, 2])
def test_heat_sweep(benchmark, thin, dtype, threads):
    cells, count = (32, 2) if thin else (104, 10)
    problem = cube_in_sand(cells, dtype=dtype, threads=threads)
    benchmark(_stages(problem, count))
    benchmark.extra_info["voxels"] = cells**3
    if benchmark.stats is not None:
        benchmark.extra_info["Gvoxel/s"] = count * cells**3 / benchmark.stats.stats.min / 1e9


def test_against_twins(benchmark, thin):
    """Explicit sweeps of the same size: this kernel, numba (two passes, all threads), NumPy; interleaved in one run."""
    pytest.importorskip("numba", reason="numba is not installed: pip install numba")
    cells = 32 if thin else 104
    problem = cube_in_sand(cells)
    ours = _stages(problem, 1)
    region = np.ascontiguousarray(problem.grid.region)
    tables = [c.enthalpy for c in problem.materials]
    longest = max(len(t) for t in tables)
    h0 = np.full((3, longest), np.inf, np.float32)
    T0, slope = np.zeros((3, longest), np.float32), np.zeros((3, longest), np.float32)
    for m, curve in enumerate(problem.materials):
        h, T = curve.enthalpy, curve.temperature
        h0[m, : len(h)], T0[m, : len(h)] = h, T
        with np.errstate(divide="ignore", invalid="ignore"):
            slope[m, : len(h) - 1] = np.where(np.diff(h) > 0, np.diff(T) / np.diff(h), 0.0)
    half = np.array([0.5 / float(c.conductivity[0]) for c in problem.materials], np.float32)
    contact = np.where(np.eye(3) > 0, 0.0, 1.0 / 500.0).astype(np.float32)
    H = problem.enthalpy_of([POUR, ROOM, ROOM]).astype(np.float32)
    T, r, out = np.empty_like(H), np.empty_like(H), H.copy()
    temperature, update = numba_sweep()

    def numba_once():
        temperature(H, region, h0, slope, T0, T, r, half)
        update(H, region, T, r, contact, np.float32(1e-3), np.float32(1e-4), out)

    numba_once()
    k = (0.5 / r).astype(np.float32)
    assert np.isfinite(out).all()
    best = {"castsolve": np.inf, "numba": np.inf, "numpy": np.inf}
    for _ in range(2 if thin else 15):
        for name, call in (("castsolve", ours), ("numba", numba_once), ("numpy", lambda: numpy_rate(T, k, 1e-3))):
            start = time.perf_counter()
            call()
            best[name] = min(best[name], time.perf_counter() - start)
    benchmark.pedantic(ours, rounds=2)
    benchmark.extra_info.update({name: cells**3 / seconds / 1e9 for name, seconds in best.items()})
    benchmark.extra_info["numba/castsolve"] = best["numba"] / best["castsolve"]
    benchmark.extra_info["numpy/castsolve"] = best["numpy"] / best["castsolve"]


def test_time_to_solution(benchmark, thin):
    """The defined case to solid, and the error of its local solidification times against steps eight times finer."""
    cells = 32 if thin else 104
    problem = cube_in_sand(cells)
    run = benchmark.pedantic(lambda: problem.run([POUR, ROOM, ROOM], until="solid"), rounds=1)
    fine = problem.run([POUR, ROOM, ROOM], until="solid", theta=0.1 if thin else 0.0125)
    rms, high = local_time_error(
        run.crossing("solidus") - run.crossing("liquidus"), fine.crossing("solidus") - fine.crossing("liquidus")
    )
    benchmark.extra_info.update({"voxels": cells**3, "stages": run.stages, "L2": rms, "p99": high, "t_solid": run.time})
    assert run.ledger.worst < run.ledger.limit


def test_threads_are_those_that_were_asked_for(benchmark, thin):
    benchmark(_kernels.thread_count, 2)
    assert _kernels.thread_count(2) == (2 if _kernels.build_info()["openmp"] else 1)
