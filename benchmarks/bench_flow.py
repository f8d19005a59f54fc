"""The filling: moving the liquid, solving for the pressure, whole fills; pyamg as peer of the pressure solver."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from castsolve.simulation.fill_plan import FillPlan, plan_fill
from castsolve.simulation.fill_watch import FillStop, FillWatch
from castsolve.simulation.flow_arrays import CAVITY, FEED, SOLID, Cavity
from castsolve.simulation.flow_problem import FlowProblem, Liquid, Port
from castsolve.units import mm
from pours import POUR, high_gated

GRAVITY = (0.0, 0.0, -9.81)


def box_with_core(cells: int, threads: int) -> tuple[FlowProblem, np.ndarray]:
    """A box of `cells` voxels an edge around a block, half full, with a drop that falls into it."""
    kind = np.ones((cells, cells, cells))
    kind[cells // 3 : cells // 2, cells // 4 : 3 * cells // 4, : cells // 2] = SOLID
    centre = (np.arange(cells) + 0.5) / cells
    x, y, z = np.meshgrid(centre, centre, centre, indexing="ij")
    fill = np.clip((0.15 - np.sqrt((x - 0.5) ** 2 + (y - 0.5) ** 2 + (z - 0.75) ** 2)) * cells + 0.5, 0, 1) + (z < 0.5)
    problem = FlowProblem(Cavity.blocks(kind, 0.1 / cells), Liquid(1000.0), gravity=GRAVITY, threads=threads)
    return problem, np.clip(fill, 0, 1) * (kind == 1)


def splashing(cells: int, threads: int = 1, until: float = 0.03) -> Any:
    """Return the stepper of that box when the drop has met the pool."""
    problem, fill = box_with_core(cells, threads)
    return problem.run(fill, until=until).stepper


def processor(call: Any, rounds: int) -> float:
    """Least processor time (s) of some calls."""
    took = []
    for _ in range(rounds):
        start = time.process_time()
        call()
        took.append(time.process_time() - start)
    return min(took)


@pytest.mark.parametrize("threads", [1, 2])
def test_advection(benchmark, thin, threads):
    """Volumes and momentum of one step."""
    stepper = splashing(24 if thin else 80, threads)
    sweep, arrays = stepper.sweep, stepper.arrays
    kept = {n: arrays[n].copy() for n in ("F", "P")}
    velocity = [u.copy() for u in arrays["u"]]
    dt = 0.4 * stepper.problem.cavity.voxel / stepper.speed

    def step():
        for name, array in kept.items():
            arrays[name][...] = array
        for u, array in zip(arrays["u"], velocity, strict=True):
            u[...] = array
        sweep.begin(dt)
        sweep.advect(0)
        sweep.momentum(GRAVITY)

    seconds = processor(step, 2 if thin else 5)
    benchmark.pedantic(step, rounds=1 if thin else 5)
    voxels = int(stepper.problem.cavity.share.sum())
    benchmark.extra_info.update({"voxels": voxels, "Mvoxel per processor second": voxels / seconds / 1e6})


def system(stepper: Any) -> tuple[Any, np.ndarray]:
    """Matrix (scipy) and right-hand side of the pressure system that was assembled last."""
    from scipy import sparse

    arrays = stepper.arrays
    wet = arrays["wet"] > 0
    number = np.where(wet, np.cumsum(wet).reshape(wet.shape) - 1, -1)
    rows, columns, values = [number[wet]], [number[wet]], [arrays["diag"][wet]]
    for d in range(3):
        low = np.roll(number, 1, axis=d)
        both = (number >= 0) & (low >= 0) & (arrays["coef"][d] > 0)
        for a, b in ((number, low), (low, number)):
            rows.append(a[both])
            columns.append(b[both])
            values.append(-arrays["coef"][d][both])
    size = int(wet.sum())
    matrix = sparse.csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(size, size))
    return matrix, arrays["rhs"][wet]


def test_pressure_beside_pyamg(benchmark, thin):
    """From a guess of zero to a true residual of 1e-6 of the largest entry of the right-hand side, set-up included."""
    pyamg = pytest.importorskip("pyamg", reason="pyamg is the peer: pip install .[bench]")
    stepper = splashing(24 if thin else 100)
    sweep, arrays = stepper.sweep, stepper.arrays
    sweep.classify()
    sweep.assemble()
    matrix, rhs = system(stepper)
    tolerance = 1e-6 * np.abs(rhs).max()
    told = []

    def own():
        arrays["P"][...] = 0.0
        sweep.set_up()
        told.append(sweep.solve(tolerance, 200))

    def peer():
        hierarchy = pyamg.ruge_stuben_solver(matrix, max_coarse=500)
        x, share = np.zeros(len(rhs)), 1e-6
        for _ in range(8):
            x = hierarchy.solve(rhs, x0=x, tol=share * 0.3, accel="cg", maxiter=200)
            if np.abs(rhs - matrix @ x).max() <= tolerance:
                return
            share *= 0.1
        raise AssertionError("pyamg did not reach the residual")

    rounds = 1 if thin else 3
    mine, theirs = processor(own, rounds), processor(peer, rounds)
    assert np.abs(rhs - matrix @ arrays["P"][arrays["wet"] > 0]).max() <= tolerance
    benchmark.pedantic(own, rounds=rounds)
    benchmark.extra_info.update({
        "liquid voxels": len(rhs), "iterations": told[-1][0], "processor seconds": mine, "pyamg, processor seconds": theirs,
        "pyamg over castsolve": theirs / mine,
    })  # fmt: skip


@pytest.mark.parametrize("air", [False, True])
def test_whole_fill(benchmark, thin, air):
    """A box fills from a feed above, with and without the air that it pushes out through a vent."""
    from castsolve.simulation.flow_air import Air, Vent

    n = 12 if thin else 48
    h, kind = 0.1 / n, np.ones((n, n, n + 1))
    kind[:, :, -1] = SOLID
    kind[n // 2 - n // 8 : n // 2 + n // 8, n // 2 - n // 8 : n // 2 + n // 8, -1] = FEED
    vent = np.zeros(kind.shape, bool)
    vent[0, :, -2] = True
    area = float((kind == FEED).sum()) * h * h
    inside = Air(vents=[Vent(vent, 1e-7)]) if air else None
    problem = FlowProblem(
        Cavity.blocks(kind, h),
        Liquid(2400.0, 1.1e-3, 0.15),
        gravity=GRAVITY,
        ports=[Port(kind == FEED, flow=area * 0.5)],
        air=inside,
    )
    until = 0.05 if thin else 0.4
    runs = []
    seconds = processor(lambda: runs.append(problem.run(np.zeros(kind.shape), until=until)), 1)
    benchmark.pedantic(lambda: problem.run(np.zeros(kind.shape), until=0.1 * until), rounds=1)
    run = runs[-1]
    assert run.ledger.worst < 1e-12
    benchmark.extra_info.update({
        "voxels": n**3, "steps": run.steps, "iterations a step": float(run.history["iterations"].mean()),
        "processor seconds a simulated second": seconds / until, "Mvoxel steps a second": n**3 * run.steps / seconds / 1e6,
    })  # fmt: skip


def half_poured(voxel: float, threads: int) -> tuple[FillPlan, np.ndarray]:
    """The pour of 80 s that is gated half way up; its gating and the lower half of the part are full."""
    plan = plan_fill(high_gated(), voxel=voxel, threads=threads)
    cavity = plan.problem.cavity
    y, z = cavity.centres(1)[None, :, None], cavity.centres(2)[None, None, :]
    full = (cavity.kind == CAVITY) & ((z < 0.06) | (y < -0.205))
    return plan, np.where(full, 1.0, plan.initial())


@pytest.mark.parametrize("threads", [1, 2])
def test_sand_pour(benchmark, thin, threads):
    """Some steps in the middle of a long pour, with heat and all that `fill` notes: what a second of it costs."""
    plan, fill = half_poured(9 * mm if thin else 5 * mm, threads)
    settled, steps = (3, 3) if thin else (60, 100)
    watch, marks = FillWatch(plan, FillStop()), []

    def note(run):
        watch(run)
        marks.append((run.time, time.process_time()))
        return run.steps >= settled + steps

    runs = []
    benchmark.pedantic(lambda: runs.append(plan.problem.run(fill, until=POUR, progress=note)), rounds=1)
    (begin, first), (end, last) = marks[settled - 1], marks[settled + steps - 1]
    assert runs[0].ledger.worst < 1e-12
    benchmark.extra_info.update({
        "cavity voxels": int((plan.problem.cavity.kind == CAVITY).sum()), "liquid voxels": int(runs[0].wet.sum()),
        "mean step, ms": 1e3 * (end - begin) / steps, "processor ms a step": 1e3 * (last - first) / steps,
        "processor seconds a simulated second": (last - first) / (end - begin),
    })  # fmt: skip
