"""A run that stops half-way goes on to the same bits: state in memory, killed processes, Ctrl-C."""

from __future__ import annotations

import copy
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import castsolve as cs
from castsolve.errors import ResultsError
from castsolve.results import read_checkpoint, write_checkpoint
from castsolve.units import degC, mm

POUR, ROOM = 963.15, 298.15
OPTIONS = {"until": "solid", "record": [0.3, 2.0], "probes": {"middle": (0.004, -0.003, 0.001)}}


def keep_at(times: list[float]):
    """Return a checkpoint function that keeps the state after each of the times, and where it keeps them."""
    kept: list[dict] = []

    def keep(run):
        if len(kept) < len(times) and run.time > times[len(kept)]:
            kept.append(copy.deepcopy(run.state()))

    return keep, kept


def assert_same(one, other) -> None:
    assert (other.time, other.steps, other.stages) == (one.time, one.steps, one.stages)
    assert np.array_equal(one.enthalpy, other.enthalpy)
    assert np.array_equal(one.temperature, other.temperature)
    for name in ("liquidus", "solidus"):
        assert np.array_equal(one.crossing(name), other.crossing(name), equal_nan=True)
    assert np.array_equal(one.gradient("solidus"), other.gradient("solidus"), equal_nan=True)
    assert one.snapshots.keys() == other.snapshots.keys()
    for t, field in one.snapshots.items():
        assert field.dtype == other.snapshots[t].dtype
        assert np.array_equal(field, other.snapshots[t])
    for name, column in one.history.items():
        assert np.array_equal(column, other.history[name], equal_nan=column.dtype.kind == "f"), name
    assert np.array_equal(one.probes["middle"][1], other.probes["middle"][1])
    assert (one.ledger.heat_in, one.ledger.worst) == (other.ledger.heat_in, other.ledger.worst)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("scheme", ["rkl2", "rkl1"])
def test_a_resumed_run_has_the_same_bits(casting, casting_grid, tmp_path, dtype, scheme):
    def problem():
        return casting(casting_grid(), dtype=dtype, mould_correction=True, mould="green sand", events=(0.7,))

    whole = problem().run([POUR, ROOM, ROOM], scheme=scheme, **OPTIONS)
    keep, kept = keep_at([0.05, 0.4, 1.5])
    again = problem().run([POUR, ROOM, ROOM], scheme=scheme, checkpoint=keep, **OPTIONS)
    assert_same(whole, again)
    assert len(kept) == 3
    for n, state in enumerate(kept):
        # Through a file: every number keeps its bits.
        arrays = {k: v for k, v in state.items() if isinstance(v, np.ndarray)}
        write_checkpoint(tmp_path / str(n), arrays, {k: v for k, v in state.items() if k not in arrays})
        arrays, plain = read_checkpoint(tmp_path / str(n))
        assert_same(whole, problem().run(0.0, scheme=scheme, resume={**plain, **arrays}, **OPTIONS))


def test_a_state_that_was_altered_is_noticed(casting):
    keep, kept = keep_at([0.4])
    whole = casting().run([POUR, ROOM, ROOM], checkpoint=keep, **OPTIONS)
    kept[0]["H"][20, 20, 20] += 1.0
    other = casting().run(0.0, resume=kept[0], **OPTIONS)
    assert not np.array_equal(whole.enthalpy, other.enthalpy)


SCRIPT = """
import sys
import castsolve as cs
from castsolve.units import degC, mm
block = cs.Part.box((50*mm, 40*mm, 36*mm))
casting = cs.SandCasting(block, alloy="A356", mould="green-sand", pour_temperature=degC(720))
result = cs.solidify(
    casting, voxel=2.5*mm, theta=0.01, record=[5.0, 40.0], probes={"middle": (0.0, 0.0, 0.0)}, dtype=sys.argv[3],
    checkpoint=sys.argv[1], resume=True, checkpoint_every=0.0 if len(sys.argv) > 4 else 0.05,
)
result.save(sys.argv[2])
"""


def start(*words) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", SCRIPT, *map(str, words)], stderr=subprocess.PIPE)


def finish(process: subprocess.Popen) -> int:
    process.communicate(timeout=120)
    return process.returncode


def wait_for(path, process: subprocess.Popen, after: int = 0) -> None:
    """Wait until a checkpoint newer than `after` (ns) is there, or the process is done."""
    end = time.monotonic() + 60.0
    while process.poll() is None and time.monotonic() < end:
        if path.exists() and path.stat().st_mtime_ns > after:
            return
        time.sleep(0.005)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Return the result of the script that nobody disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    assert finish(start(folder / "check", folder / "whole", "float32")) == 0
    assert not (folder / "check").exists()
    return cs.load(folder / "whole")


def assert_same_results(one, other) -> None:
    assert sorted(one) == sorted(other)
    for name in one:
        assert np.array_equal(one[name], other[name], equal_nan=one[name].dtype.kind == "f"), name
    for t, field in one.snapshots.items():
        assert np.array_equal(field, other.snapshots[t]), t
    for name, column in one.history.items():
        a, b = np.asarray(column), np.asarray(other.history[name])
        assert np.array_equal(a, b, equal_nan=a.dtype.kind == "f"), name


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a word of POSIX")
def test_a_run_killed_at_any_moment_goes_on_to_the_same_bits(undisturbed, tmp_path):
    """Also in the middle of writing a checkpoint: here one is written after every step, so most kills hit one."""
    rng = np.random.default_rng(0)
    check, out = tmp_path / "check", tmp_path / "resumed"
    killed, reached = 0, []
    for _ in range(4):
        process = start(check, out, "float32", "always")
        wait_for(check, process, after=time.time_ns())
        time.sleep(rng.uniform(0.0, 0.25))
        process.send_signal(signal.SIGKILL)
        code = finish(process)
        if code == 0:
            break  # it was done before
        assert code == -signal.SIGKILL
        killed += 1
        if check.exists():
            _, state = read_checkpoint(check)
            reached.append(state["clock"]["time"])
    assert killed >= 2
    assert reached == sorted(reached)
    assert reached[-1] > 0.0
    assert finish(start(check, out, "float32")) == 0
    assert not check.exists()
    assert_same_results(undisturbed, cs.load(out))


def wait_for_a_write(partial, process: subprocess.Popen, seconds: float) -> None:
    """Wait until a checkpoint is being written after some seconds, or the process is done."""
    end = time.monotonic() + seconds
    while process.poll() is None and (time.monotonic() < end or not partial.exists()):
        time.sleep(1e-4)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a word of POSIX")
def test_a_hundred_kills_lose_nothing(undisturbed, tmp_path):
    """At moments spread over the whole life of a process: starting, solving, writing checkpoints, saving the result.

    Every third kill waits for a checkpoint that is being written; a part of a file that is left behind proves that it hit. After
    each kill what lies on the disk is either a whole result or none, and a checkpoint that can be read or none.
    """
    rng = np.random.default_rng(1)
    began = time.monotonic()
    assert finish(start(tmp_path / "first", tmp_path / "timed", "float32", "always")) == 0
    whole = time.monotonic() - began
    killed, finished, partly, saved, inside = 0, 0, 0, 0, 0
    while killed < 100:
        check, out = tmp_path / f"check {finished}", tmp_path / f"out {finished}"
        partial = check.with_name(check.name + ".partial")
        partial.unlink(missing_ok=True)
        process = start(check, out, "float32", "always")
        began = time.monotonic()
        if killed % 3 == 0:
            wait_for_a_write(partial, process, rng.uniform(0.0, 0.8) * whole)
            process.send_signal(signal.SIGKILL)
        try:
            # A share of the kills falls on the last moments, where the result is written.
            process.wait(timeout=rng.uniform(0.85, 1.1) * whole if rng.random() < 0.3 else rng.uniform(0.0, whole))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        if finish(process) == 0:
            whole = min(whole, time.monotonic() - began)  # the first run may have been slowed by other work
            assert_same_results(undisturbed, cs.load(out))
            finished += 1
            continue
        killed += 1
        inside += partial.exists() or (out.exists() and any(out.glob(".*.partial")))
        if check.exists():
            assert read_checkpoint(check)[1]["clock"]["time"] > 0.0
            partly += 1
        if (out / "facts.json").exists():
            assert_same_results(undisturbed, cs.load(out))
            saved += 1
    told = f"{inside} inside a write, {partly} left a checkpoint, {saved} a whole result; {finished} runs came through"
    print(f"{killed} kills: {told}")  # noqa: T201 - what the campaign was
    assert partly > 20
    assert inside > 10
    assert finish(start(check, out, "float32")) == 0
    assert_same_results(undisturbed, cs.load(out))


@pytest.mark.skipif(sys.platform == "win32", reason="another signal on Windows")
def test_ctrl_c_leaves_a_checkpoint_that_goes_on(undisturbed, tmp_path):
    check, out = tmp_path / "check", tmp_path / "resumed"
    process = start(check, out, "float32")
    wait_for(check, process)
    before = check.stat().st_mtime_ns
    time.sleep(0.12)
    process.send_signal(signal.SIGINT)
    assert finish(process) != 0
    assert not out.exists()
    assert check.stat().st_mtime_ns > before
    _, state = read_checkpoint(check)
    assert 0.0 < state["clock"]["time"] < 1e3
    assert finish(start(check, out, "float32")) == 0
    assert_same_results(undisturbed, cs.load(out))


def casting_of(edge: float) -> cs.SandCasting:
    return cs.SandCasting(cs.Part.box(edge), alloy="A356", mould="green-sand", pour_temperature=degC(720))


def interrupt(after: int):
    def told(progress):
        if progress.steps == after:
            raise KeyboardInterrupt

    return told


@pytest.mark.parametrize(
    ("edge", "dtype"),
    [(20 * mm, "float32"), (20 * mm, "float64")],
)
def test_an_interrupt_in_the_progress_function_keeps_that_step(tmp_path, edge, dtype):
    """On rows that are no whole number of vectors."""
    check = tmp_path / "check"
    assert cs.simulation.plan(casting_of(edge), voxel=2.5 * mm).grid.shape[2] % 16
    options = {"voxel": 2.5 * mm, "dtype": dtype}
    with pytest.raises(KeyboardInterrupt):
        cs.solidify(casting_of(edge), progress=interrupt(50), checkpoint=check, **options)
    assert read_checkpoint(check)[1]["clock"]["steps"] == 50
    steps = []
    resumed = cs.solidify(casting_of(edge), progress=lambda p: steps.append(p.steps), checkpoint=check, resume=True, **options)
    assert steps[0] == 51
    assert not check.exists()
    whole = cs.solidify(casting_of(edge), **options)
    assert_same_results(whole, resumed)


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    check = tmp_path / "check"
    with pytest.raises(KeyboardInterrupt):
        cs.solidify(casting_of(20 * mm), voxel=2.5 * mm, checkpoint=check, progress=interrupt(3))
    for casting, options in (
        (casting_of(22 * mm), {}),
        (casting_of(20 * mm), {"theta": 0.05}),
        (casting_of(20 * mm), {"dtype": "float64"}),
        (casting_of(20 * mm), {"until": "shakeout"}),
    ):
        with pytest.raises(ResultsError, match="belongs to another run"):
            cs.solidify(casting, voxel=2.5 * mm, checkpoint=check, resume=True, **options)
    whole = check.read_bytes()
    check.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ResultsError, match="damaged or cut short"):
        cs.solidify(casting_of(20 * mm), voxel=2.5 * mm, checkpoint=check, resume=True)


BASE = {"alloy": "A356", "mould": "green-sand", "pour_temperature": degC(720)}


@pytest.mark.parametrize("other", [{"pour_temperature": degC(700)}, {"alloy": "AlSi9Cu3"}, {"mould": "furan-sand"}], ids=str)
def test_a_checkpoint_of_another_casting_of_the_same_shape_is_refused(tmp_path, other):
    check = tmp_path / "check"
    with pytest.raises(KeyboardInterrupt):
        cs.solidify(casting_of(20 * mm), voxel=2.5 * mm, checkpoint=check, progress=interrupt(3))
    casting = cs.SandCasting(cs.Part.box(20 * mm), **{**BASE, **other})
    with pytest.raises(ResultsError, match="belongs to another run"):
        cs.solidify(casting, voxel=2.5 * mm, checkpoint=check, resume=True)
