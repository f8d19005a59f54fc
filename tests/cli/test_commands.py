"""The command: what it prints, which files it leaves, and how it refuses."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import castsolve as cs
from castsolve import materials
from castsolve.cli import app
from castsolve.cli.estimate import estimate
from castsolve.demo import valve_body_path
from castsolve.geometry import Part

CASE = """
[part]
file = "block.stl"
unit = "mm"

[casting]
alloy = "A356"
mould = "green-sand"
pour_temperature = "720 degC"

[[rigging]]
kind = "riser"
diameter = "40 mm"
height = "50 mm"
at = "part.top"

[run]
voxel = "5 mm"

[run.probes]
middle = ["0 mm", "0 mm", "0 mm"]
"""


def invoke(*words: str | Path):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def case(tmp_path) -> Path:
    Part.box((0.06, 0.06, 0.03)).write(tmp_path / "block.stl")
    file = tmp_path / "case.toml"
    file.write_text(CASE)
    return file


@pytest.fixture
def blind(monkeypatch):
    """Take the renderer away, so that a run is quick."""
    from castsolve import view
    from castsolve.view import RendererState

    monkeypatch.setattr(view, "probe", lambda: RendererState(False, why="no EGL here; install libegl1"))


def test_help_loads_nothing_heavy():
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from castsolve.cli import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert set(done.stdout.split()).isdisjoint(
        {"numpy", "scipy", "pyvista", "vtk", "pydantic", "pint", "h5py", "meshio"}
    )


def test_version_and_help():
    assert invoke("--version").stdout == f"castsolve {cs.__version__}\n"
    text = invoke("--help").stdout
    for command in ("run", "resume", "view", "demo", "materials", "doctor"):
        assert f"\n  {command} " in text


def test_python_m_castsolve():
    done = subprocess.run(
        [sys.executable, "-m", "castsolve", "--version"], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout == f"castsolve {cs.__version__}\n"


def test_doctor_tells_what_was_built():
    text = invoke("doctor").stdout
    for word in (
        "castsolve",
        "OpenMP",
        "compiler",
        "instructions in use",
        "threads",
        "pictures",
        "numpy",
        "vtk",
        "h5py",
    ):
        assert word in text


def test_materials():
    text = invoke("materials").stdout
    assert all(name in text for name in cs.materials.names())
    sheet = invoke("materials", "a356").stdout
    for words in ("A356: AlSi7Mg0.3", "liquidus", "degC", "sources", "Worst quality"):
        assert words in sheet
    assert "green-sand" in invoke("materials", "green sand").stdout
    wrong = invoke("materials", "A365")
    assert wrong.exit_code == 2
    assert wrong.stderr.startswith('castsolve: no material named "A365"; nearest are ')
    assert '"A356"' in wrong.stderr
    assert wrong.stderr.endswith("; castsolve materials lists all\n")


def test_one_material_in_one_file_and_one_picture(tmp_path):
    file = tmp_path / "mine.toml"
    done = invoke("materials", "LM25", "--export", file)
    assert done.exit_code == 0 and f"written to {file}" in done.stdout
    shown = invoke("materials", file).stdout
    assert "A356: AlSi7Mg0.3" in shown and "magnusson2001" in shown
    file.write_text(file.read_text(encoding="utf-8").replace("155.0", "-155.0"), encoding="utf-8")
    wrong = invoke("materials", file)
    assert wrong.exit_code == 2
    assert f"{file}: conductivity_solid: row 1: -155 W/m/K must be above 0" in wrong.stderr
    assert "need the name of a material" in invoke("materials", "--export", file).stderr
    assert "has no curves" in invoke("materials", "wash", "-p", tmp_path / "wash.png").stderr


def test_schema_is_json():
    done = invoke("schema")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["title"] == "castsolve case file"


def test_run_leaves_results_tables_and_vtk_files(case, tmp_path, blind):
    done = invoke("run", case, "-o", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    for words in (
        "A356, poured at 720 degC",
        "M voxels of 5 mm",
        "GB of memory",
        "last solidification",
        "verdicts for block",
    ):
        assert words in done.stdout
    assert "no pictures: no pictures can be drawn here: no EGL here; install libegl1" in done.stderr
    written = {str(file.relative_to(tmp_path / "out")) for file in (tmp_path / "out").rglob("*") if file.is_file()}
    assert {
        "facts.json",
        "history.csv",
        "probe-middle.csv",
        "verdicts.csv",
        "last-to-freeze.csv",
        "vtk/window.vti",
        "vtk/whole.vtr",
    } <= written
    assert not [name for name in written if "checkpoint" in name or "partial" in name]
    head, first, *_ = (tmp_path / "out" / "last-to-freeze.csv").read_text(encoding="utf-8").splitlines()
    assert head.startswith("rank,x_mm,y_mm,z_mm,body,role,solidification_time_s")
    assert first.startswith("1,")
    again = cs.load(tmp_path / "out")
    assert np.isfinite(again["solidification_time"][again.metal]).all()


def test_run_draws_pictures_where_it_can(case, tmp_path):
    if not cs.view.probe():
        pytest.skip("nothing renders here")
    done = invoke("run", case, "-o", tmp_path / "out", "--voxel", "6 mm", "--threads", "1")
    assert done.exit_code == 0, done.stderr
    names = {file.name for file in (tmp_path / "out" / "pictures").iterdir()}
    assert {"section-solidification_time.png", "section-niyama.png", "cooling-curves.png"} <= names
    more = invoke("view", tmp_path / "out", "-f", "cooling_rate", "-o", tmp_path / "more")
    assert more.exit_code == 0, more.stderr
    assert [file.name for file in (tmp_path / "more").iterdir()] == ["section-cooling_rate.png"]
    wrong = invoke("view", tmp_path / "out", "-f", "coolingrate")
    assert wrong.exit_code == 2
    assert '"cooling_rate"' in wrong.stderr


def test_an_earlier_run_is_not_overwritten(case, tmp_path, blind):
    assert invoke("run", case, "-o", tmp_path / "out").exit_code == 0
    again = invoke("run", case, "-o", tmp_path / "out")
    assert again.exit_code == 2
    assert again.stderr == (
        f"castsolve: {tmp_path / 'out'} holds a finished run; choose another folder, or replace it with --force\n"
    )
    assert invoke("run", case, "-o", tmp_path / "out", "--force", "--voxel", "8 mm").exit_code == 0
    assert cs.load(tmp_path / "out").frame.voxel == pytest.approx(0.008)
    wrong = invoke("resume", tmp_path / "out")
    assert wrong.exit_code == 2
    assert (
        wrong.stderr
        == f"castsolve: the run in {tmp_path / 'out'} has ended; see it with: castsolve view {tmp_path / 'out'}\n"
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (('"720 degC"', '"500 degC"'), "pour_temperature = 773.15 K must be above the liquidus of A356"),
        (
            ('"5 mm"', '"80 mm"'),
            "block is smaller than voxel = 80 mm (its smallest extent is 30 mm); use voxel <= 10 mm",
        ),
        (("A356", "A365"), 'no alloy named "A365"'),
        (('"5 mm"', '"0.01 mm"'), "use a larger voxel"),
    ],
)
def test_refusals_are_one_sentence_before_any_work(case, tmp_path, change, sentence):
    case.write_text(CASE.replace(*change))
    began = time.monotonic()
    done = invoke("run", case, "-o", tmp_path / "out")
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert time.monotonic() - began < 20.0
    assert not (tmp_path / "out" / "facts.json").exists()


def test_debug_shows_where_it_arose(tmp_path):
    plain, debug = invoke("run", tmp_path / "no.toml"), invoke("--debug", "run", tmp_path / "no.toml")
    assert plain.stderr == f"castsolve: there is no case file {tmp_path / 'no.toml'}; check the path\n"
    assert (plain.exit_code, debug.exit_code) == (2, 2)
    assert "Traceback" in debug.stderr
    assert debug.stderr.endswith(plain.stderr)


def test_voxels_that_are_none(case, tmp_path):
    for text, words in (("4", 'has no unit; write for example "4 mm"'), ("-4 mm", "must be above 0 mm")):
        done = invoke("run", case, "-o", tmp_path / "out", f"--voxel={text}")
        assert done.exit_code == 2
        assert f"--voxel = {text.split()[0] if 'above' in words else chr(34)}" in done.stderr
        assert words in done.stderr


def test_a_folder_that_cannot_be_made(case, tmp_path):
    (tmp_path / "file").write_text("")
    done = invoke("run", case, "-o", tmp_path / "file" / "out")
    assert done.exit_code == 2
    assert done.stderr.startswith(f"castsolve: the folder {tmp_path / 'file' / 'out'} cannot be written: ")


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.EROFS, "the disk is read-only"), (errno.EACCES, "may not be written"), (errno.ENOSPC, "full")],
)
def test_a_folder_that_cannot_be_written(case, tmp_path, monkeypatch, number, words):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    done = invoke("run", case, "-o", tmp_path / "out")
    assert done.exit_code == 2
    assert done.stderr.startswith(f"castsolve: the folder {tmp_path / 'out'} cannot be written: ")
    assert words in done.stderr
    assert "solved" not in done.stdout


def test_a_disk_without_room_is_told_before_work(case, tmp_path, monkeypatch):
    import shutil
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1e9, 1e9, 1e3))
    done = invoke("run", case, "-o", tmp_path / "out")
    assert done.exit_code == 2
    assert "free some space or write elsewhere" in done.stderr
    assert "solved" not in done.stdout


def test_the_estimate_is_that_of_the_grid(case):
    layout = cs.read_case(case).casting.layout(0.005)
    from castsolve.simulation import plan

    ready = plan(cs.read_case(case).casting, voxel=0.005)
    assert estimate(layout, 0.005).voxels == int(np.prod(ready.grid.shape))


# -- stopped and killed ------------------------------------------------------------------------------------------


def started(case: Path, out: Path, voxel: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "castsolve", "run", str(case), "-o", str(out), "--voxel", voxel]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def same_fields(a: cs.Results, b: cs.Results) -> bool:
    return all(np.array_equal(a[name], b[name], equal_nan=a[name].dtype.kind == "f") for name in a)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("signal_sent", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_run_resumes_to_the_same_bits(case, tmp_path, blind, signal_sent):
    out = tmp_path / "out"
    run = started(case, out, "2.5 mm")
    try:
        # The first tenth of the way has been told: the run is in its steps.
        first = run.stderr.readline()
        run.send_signal(signal_sent)
        _, said = run.communicate(timeout=120)
    finally:
        run.kill()
    if run.returncode == 0:
        pytest.skip("the run had ended before it could be stopped")
    assert first.endswith("s left\n")
    assert not (out / "facts.json").exists()
    if signal_sent == signal.SIGINT:
        assert run.returncode == 130
        assert said.splitlines()[-1] == f"castsolve: stopped; go on with: castsolve resume {out}"
        assert "Traceback" not in said
        fresh = invoke("run", case, "-o", out)
        assert fresh.exit_code == 2
        assert f"go on with: castsolve resume {out}" in fresh.stderr
    done = invoke("resume", out)
    assert done.exit_code == 0, done.stderr
    whole = invoke("run", case, "-o", tmp_path / "whole", "--voxel", "2.5 mm")
    assert whole.exit_code == 0
    assert same_fields(cs.load(out), cs.load(tmp_path / "whole"))


def test_a_stop_while_the_files_are_written_says_that_the_run_is_kept(case, tmp_path, monkeypatch, blind):
    def stopped(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("castsolve.cli.running._files", stopped)
    out = tmp_path / "out"
    run = invoke("run", case, "-o", out)
    assert run.exit_code == 130
    assert run.stderr.splitlines()[-1] == (
        f"castsolve: stopped; the run itself has ended and is saved; see it with: castsolve view {out}"
    )
    assert cs.load(out)["solidification_time"].size


def test_a_changed_folder_is_not_resumed(case, tmp_path, monkeypatch, blind):
    out = tmp_path / "out"
    _stop_after(monkeypatch, 5)
    assert invoke("run", case, "-o", out).exit_code == 130
    job = json.loads((out / "job.json").read_text())
    (out / "case.toml").write_text(CASE.replace("720 degC", "730 degC"))
    done = invoke("resume", out)
    assert done.exit_code == 2
    assert done.stderr == f"castsolve: {out} was changed since its run began; start the run from the beginning\n"
    assert job["kind"] == "case"


def test_a_moved_folder_resumes_without_the_case_it_came_from(case, tmp_path, monkeypatch, blind):
    _stop_after(monkeypatch, 5)
    assert invoke("run", case, "-o", tmp_path / "out").exit_code == 130
    monkeypatch.undo()
    moved = (tmp_path / "out").rename(tmp_path / "elsewhere")
    (tmp_path / "block.stl").unlink()
    case.unlink()
    done = invoke("resume", moved)
    assert done.exit_code == 0, done.stderr


def test_a_folder_without_a_run(tmp_path):
    done = invoke("resume", tmp_path)
    assert done.exit_code == 2
    assert done.stderr == (
        f"castsolve: {tmp_path} holds no run (no job.json); start one with: castsolve run CASE -o DIR\n"
    )


def _stop_after(monkeypatch, steps: int) -> None:
    """Let the run be stopped by the user after some steps."""
    from castsolve.cli import running

    solve = running.solidify

    def stopped(casting, *, progress, **settings):
        def told(state):
            if state.steps >= steps:
                raise KeyboardInterrupt
            progress(state)

        return solve(casting, progress=told, **settings)

    monkeypatch.setattr(running, "solidify", stopped)


# -- demo --------------------------------------------------------------------------------------------------------


def test_the_demo_runs_in_an_empty_folder(tmp_path, monkeypatch, blind):
    monkeypatch.chdir(tmp_path)
    done = invoke("demo", "--voxel", "12 mm")
    assert done.exit_code == 0, done.stderr
    assert "WCB" in done.stdout
    result = cs.load(tmp_path / "castsolve-demo")
    assert result.peak("solidification_time").body == "bonnet riser"
    part = cs.Part.read(valve_body_path(), unit="mm")
    mass = part.volume * float(materials.alloy("WCB").density_at(298.15))
    assert result.facts["masses"]["part"] == pytest.approx(mass, rel=5e-3)
    assert set(result.probes) >= {"bonnet riser", "chilled flange"}


def test_inspect_tells_a_doubtful_size_before_it_solves_anything(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cs.Part.box((0.06, 0.04, 0.01)).write("plate.stl", unit="inch")
    done = invoke("inspect", "plate.stl", "--unit", "mm", "--alloy", "no such alloy")
    assert done.exit_code == 2
    assert done.stdout == "plate.stl, read in mm: 2.362 x 1.575 x 0.3937 mm\n"
    assert done.stderr.startswith(
        "warning: plate is 2.36 mm long, where castings are 10 mm to 20 m; check unit = mm "
        "(it would be 23.6 mm in cm, 60 mm in inch, 2.36 m in m)\n"
    )


def test_inspect_prints_a_table_and_draws_a_picture(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cs.Part.box((0.06, 0.04, 0.01)).write("plate.stl")
    done = invoke("inspect", "plate.stl", "--unit", "mm", "--alloy", "A356", "-o", "looked")
    assert done.exit_code == 0, done.stderr
    assert "modulus, geometric" in done.stdout
    if cs.view.probe():
        assert (tmp_path / "looked.png").stat().st_size > 10_000
    assert done.stdout.startswith("plate.stl, read in mm: 60 x 40 x 10 mm\n")
    assert "warning" not in done.stdout + done.stderr
    wrong = invoke("inspect", "plate.stl", "--alloy", "A356")
    assert wrong.exit_code == 2
    assert "a length unit must be stated" in wrong.stderr
