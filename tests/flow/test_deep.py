"""Metal deep in the liquid crosses more than half a voxel in a step: the same flow in fewer steps, books and bounds as ever."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from castsolve.errors import InputError
from castsolve.simulation.accuracy import FlowSteps
from castsolve.simulation.flow_arrays import OUTLET, RESERVOIR, SOLID, Cavity
from castsolve.simulation.flow_problem import FlowProblem, Liquid, Port

H, HEAD, WIDE, TALL = 0.005, 0.05, 70, 20


def channel(deep: float = 3.0, threads: int | None = None, across: int = 1) -> tuple[FlowProblem, np.ndarray]:
    """A full channel, narrowed to a fifth over a part of its length, through which a head of 5 cm drives metal from rest."""
    kind = np.ones((WIDE, across, TALL))
    kind[22:40, :, : TALL // 2 - 2] = kind[22:40, :, TALL // 2 + 2 :] = SOLID
    for n in (46, 52):  # breaks the jet
        kind[n, :, 7:13] = kind[n, :, ::7] = SOLID
    kind[0], kind[-1] = RESERVOIR, OUTLET
    ports = [Port(kind == RESERVOIR, pressure=1000.0 * 9.81 * HEAD), Port(kind == OUTLET)]
    problem = FlowProblem(
        Cavity.blocks(kind, H), Liquid(1000.0, 1e-3, 0.15), gravity=(0.0, 0.0, 0.0), ports=ports, past=True, no_slip=True,
        slip_axes=(1,), steps=FlowSteps(deep=deep), threads=threads,
    )  # fmt: skip
    return problem, (kind == 1).astype(float)


@functools.cache
def flown(deep: float):
    """The run of a second; and the most voxels and parts of a step that were moved apart from the others."""
    problem, fill = channel(deep)
    seen = []
    run = problem.run(fill, until=1.0, progress=lambda r: seen.append((r.stepper.sweep.quick_voxels, r.stepper.sweep.parts)))
    return run, max(seen)


def test_the_flow_through_a_throat_is_that_of_short_steps():
    (short, none), (long, some) = flown(0.5), flown(3.0)
    assert none[0] == 0 and some[0] > 50 and some[1] > 1
    assert long.steps < 0.5 * short.steps
    for at in (0.5, 1.0):
        flow = [float(np.interp(at, r.history["time"], r.port_flow[:, 0])) for r in (short, long)]
        assert flow[1] == pytest.approx(flow[0], rel=0.01)
    assert long.ledger.worst < 1e-12 and long.history["retries"].sum() == 0


def test_what_the_metal_carries_through_the_throat_stays_within_its_bounds():
    (short, _), (long, _) = flown(0.5), flown(3.0)
    ages = [run.past.age(run.time) for run in (short, long)]
    for age in ages:
        assert np.nanmin(age) > 0.0 and np.nanmax(age) <= 1.0 + 1e-12
    inside = slice(1, 40)  # before the jet breaks, where eddies differ from run to run
    assert np.nanmean(np.abs(ages[1][inside] - ages[0][inside])) < 0.01


def test_what_is_alike_everywhere_passes_every_face_with_its_volume():
    """In the parts of a step too, and once through a face between two of the voxels that are moved in parts."""
    problem, fill = channel()
    stepper = problem.run(fill, until=0.3).stepper
    arrays = stepper.arrays
    arrays["E"][0][...] = 2.0 * arrays["F"]
    stepper.sweep.begin(3.0 * H / stepper.speed)
    assert stepper.sweep.quick_voxels > 50 and stepper.sweep.parts > 1
    stepper.sweep.advect(0)
    through = np.stack(arrays["G"])
    assert np.abs(through).max() > 1.0  # more than a voxel
    np.testing.assert_allclose(arrays["GE"][0], 2.0 * through, atol=1e-10)


def test_a_run_goes_on_to_the_same_bits():
    problem, fill = channel()
    kept = {}

    def keep(run):
        if run.steps == 60:
            kept.update({name: np.copy(v) if isinstance(v, np.ndarray) else v for name, v in run.state().items()})

    whole = problem.run(fill, until=1.0, progress=keep)
    again = problem.run(fill, until=1.0, resume=kept)
    assert whole.steps == again.steps > 60
    for one, other in zip((whole.fill, *whole.velocity), (again.fill, *again.velocity), strict=True):
        np.testing.assert_array_equal(one, other)


def test_threads_do_not_change_the_bits():
    runs, quick = [], []
    for threads in (1, 2, 4):
        problem, fill = channel(threads=threads, across=5)
        runs.append(problem.run(fill, until=0.4, progress=lambda r: quick.append(r.stepper.sweep.quick_voxels)))
        assert runs[-1].stepper.sweep.threads == threads
    assert max(quick) > 200  # more than one thread takes
    for run in runs[1:]:
        for one, other in zip((runs[0].fill, *runs[0].velocity), (run.fill, *run.velocity), strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("crossed", [3.0, 6.0])
@pytest.mark.parametrize("speed", [1.0, 2.0])
@pytest.mark.parametrize("across", [2, 3, 4, 6])
def test_eddies_that_nothing_drives_die_away(across, speed, crossed):
    """A full box of eddies, `across` voxels wide, in long steps: their own viscosity may not turn them round ever faster."""
    n = 12
    wave = np.sin(np.pi * np.arange(n + 1) / across)
    wave[0] = wave[-1] = 0.0
    stream = np.outer(wave, wave)
    velocity = [np.diff(stream, axis=1)[:, None, :], np.zeros((n, 2, n)), -np.diff(stream, axis=0)[:, None, :]]
    fastest = max(np.abs(u).max() for u in velocity)
    step = crossed * H  # in which 1 m/s crosses so many voxels
    run = FlowProblem(
        Cavity.blocks(np.ones((n, 1, n)), H), Liquid(1000.0, 1e-3, 0.15), gravity=(0.0, 0.0, 0.0), slip_axes=(1,),
        steps=FlowSteps(deep=6.0),
    ).run(np.ones((n, 1, n)), until=40 * step, step=step, velocity=[u * speed / fastest for u in velocity])  # fmt: skip
    speeds = run.history["speed"]
    assert speeds.max() <= speed * (1.0 + 1e-9) and speeds[-1] < 0.3 * speed


@pytest.mark.parametrize("deep", [0.3, 9.0])
def test_wrong_steps_are_refused(deep):
    with pytest.raises(InputError, match="deep = "):
        channel(deep)
