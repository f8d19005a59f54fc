"""The heat sweep and the time to a solution, beside NumPy and numba."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from castsolve import _kernels
from castsolve.simulation import sweep_arrays
from castsolve.simulation.accuracy import ACCURACIES
from shared_cases import POUR, ROOM, crossed_sheets, cube_in_sand, local_time_error, turned_casting
from twins import numba_sweep, numpy_rate


def _stages(problem, count, until=5.0):
    run = problem.run([POUR] + [ROOM] * (len(problem.materials) - 1), until=until)
    sweep = run.stepper.sweep

    def sweeps():
        for _ in range(count):
            sweep.stage(mu=1.0, nu=-1e-3, mt=1e-9, g=1e-9, t0=0.0, t1=0.0, use_F0=True, swap=True)

    return sweeps


def _rate(benchmark, problem, sweeps, count):
    """Measure wall and processor time: on a machine that others use, too, the second one says more."""
    processor: list[float] = []

    def timed():
        start = time.process_time()
        sweeps()
        processor.append(time.process_time() - start)

    benchmark(timed)
    size = problem.grid.size
    benchmark.extra_info.update({"voxels": size, "cut voxels": len(problem.cut.voxel), "materials": len(problem.materials)})
    benchmark.extra_info["Gvoxel per processor second"] = count * size / min(processor) / 1e9
    if benchmark.stats is not None:
        benchmark.extra_info["Gvoxel/s"] = count * size / benchmark.stats.stats.min / 1e9


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("case", [cube_in_sand, turned_casting])
def test_heat_sweep(benchmark, thin, case, dtype, threads):
    cells, count = (32, 2) if thin else (104, 10)
    problem = case(cells, dtype=dtype, threads=threads)
    _rate(benchmark, problem, _stages(problem, count), count)


@pytest.mark.parametrize("cells", [46, 64, 104, 160, 216])
def test_cost_of_a_voxel(benchmark, thin, cells):
    """0.1 to 10 million voxels: does the sweep slow down once its planes leave the caches?"""
    problem = cube_in_sand(24 if thin else cells)
    count = max(1, int(4e6 / cells**3))
    _rate(benchmark, problem, _stages(problem, count, until=0.5), count)


def _without_links(case, monkeypatch, *args, **options):
    """Return the problem of a case with the faces of its voxels alone."""
    none = np.zeros(0, np.int64)
    with monkeypatch.context() as patch:
        patch.setattr(sweep_arrays, "edge_links", lambda *_: (none, none, np.zeros(0)))
        return case(*args, **options)


@pytest.mark.parametrize("case", [turned_casting, crossed_sheets])
def test_cost_of_links(benchmark, thin, case, monkeypatch):
    """A sweep with the links over the stair's edges and without them, in turn; and the explicit step that each allows."""
    cells, count = (32, 2) if thin else (104, 5)
    problems = {"with": case(cells, threads=1), "without": _without_links(case, monkeypatch, cells, threads=1)}
    links = len(problems["with"].cut.arrays["link_c"])
    assert links > 0 and len(problems["without"].cut.arrays["link_c"]) == 0
    sweeps = {name: _stages(problem, count, until=0.5) for name, problem in problems.items()}
    best = dict.fromkeys(sweeps, np.inf)
    for _ in range(2 if thin else 12):
        for name, call in sweeps.items():
            start = time.process_time()
            call()
            best[name] = min(best[name], time.process_time() - start)
    benchmark.pedantic(sweeps["with"], rounds=1)
    steps = {name: problem.explicit_step() for name, problem in problems.items()}
    size = problems["with"].grid.size
    benchmark.extra_info.update({"voxels": size, "metal": int((problems["with"].grid.region == 0).sum()), "links": links})
    benchmark.extra_info["sweep, processor time with/without"] = best["with"] / best["without"]
    benchmark.extra_info["explicit step with/without"] = steps["with"] / steps["without"]
    # A super-step takes as many sweeps as the root of the explicit steps in it.
    benchmark.extra_info["run with/without"] = best["with"] / best["without"] * (steps["without"] / steps["with"]) ** 0.5


_PEAK = """
import resource, sys, time
sys.path.insert(0, {folder!r})
from shared_cases import POUR, ROOM, cube_in_sand
start, begun = time.perf_counter(), time.process_time()
problem = cube_in_sand({cells})
run = problem.run([POUR, ROOM, ROOM], until={until!r}, **{steps!r})
local = run.crossing("solidus") - run.crossing("liquidus")
print(time.perf_counter() - start, time.process_time() - begun, run.stages, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.parametrize("accuracy", list(ACCURACIES))
def test_ten_million_to_solid(benchmark, thin, accuracy):
    """Time and peak memory of the defined case with ten million voxels, in a process of its own."""
    pytest.importorskip("resource", reason="this system does not tell a process's peak memory")
    cells, until = (32, 0.5) if thin else (216, "solid")
    text = _PEAK.format(folder=str(Path(__file__).parent), cells=cells, until=until, steps=asdict(ACCURACIES[accuracy]))
    command = [sys.executable, "-c", text]
    found = benchmark.pedantic(lambda: subprocess.run(command, capture_output=True, text=True, check=True), rounds=1)
    wall, processor, stages, peak = (float(v) for v in found.stdout.split())
    scale = 1024 if sys.platform.startswith("linux") else 1
    benchmark.extra_info.update({"voxels": cells**3, "s": wall, "processor s": processor, "sweeps": stages})
    benchmark.extra_info["bytes a voxel, with the interpreter"] = peak * scale / cells**3
    assert stages > 0


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
    processor = dict(best)
    for _ in range(2 if thin else 15):
        for name, call in (("castsolve", ours), ("numba", numba_once), ("numpy", lambda: numpy_rate(T, k, 1e-3))):
            start, begun = time.perf_counter(), time.process_time()
            call()
            best[name] = min(best[name], time.perf_counter() - start)
            processor[name] = min(processor[name], time.process_time() - begun)
    benchmark.pedantic(ours, rounds=2)
    benchmark.extra_info.update({name: cells**3 / seconds / 1e9 for name, seconds in best.items()})
    benchmark.extra_info["numba/castsolve"] = best["numba"] / best["castsolve"]
    for name, seconds in processor.items():
        benchmark.extra_info[f"{name}, Gvoxel per processor second"] = cells**3 / seconds / 1e9
    benchmark.extra_info["numpy/castsolve"] = best["numpy"] / best["castsolve"]


@pytest.mark.parametrize("accuracy", list(ACCURACIES))
def test_time_to_solution(benchmark, thin, accuracy):
    """The defined case to solid, and the error of its local solidification times against steps eight times finer."""
    cells = 32 if thin else 104
    problem = cube_in_sand(cells)
    start = time.process_time()
    run = benchmark.pedantic(lambda: problem.run([POUR, ROOM, ROOM], until="solid", **asdict(ACCURACIES[accuracy])), rounds=1)
    processor = time.process_time() - start
    fine = problem.run([POUR, ROOM, ROOM], until="solid", theta=0.1 if thin else 0.0125)
    rms, high = local_time_error(
        run.crossing("solidus") - run.crossing("liquidus"), fine.crossing("solidus") - fine.crossing("liquidus")
    )
    benchmark.extra_info.update({"voxels": cells**3, "stages": run.stages, "L2": rms, "p99": high, "t_solid": run.time})
    benchmark.extra_info["processor s"] = processor
    assert run.ledger.worst < run.ledger.limit


def test_threads_are_those_that_were_asked_for(benchmark, thin):
    benchmark(_kernels.thread_count, 2)
    assert _kernels.thread_count(2) == (2 if _kernels.build_info()["openmp"] else 1)
