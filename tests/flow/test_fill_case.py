"""The filling from the command line and the case file."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

import castsolve as cs
from castsolve.casting.case import parse_case
from castsolve.cli import app
from castsolve.errors import InputError
from castsolve.view import RendererState

CASE = """
[part]
shape = "box"
size = ["60 mm", "20 mm", "40 mm"]

[casting]
alloy = "A356"
mould = "green-sand"
pour_temperature = "720 degC"
pour_time = "1 s"

[[rigging]]
kind = "gate"
width = "20 mm"
height = "10 mm"
at = { point = ["-30 mm", "0 mm", "-15 mm"], normal = "-x" }

[run]
voxel = "5 mm"
until = "5 s"
"""


def test_a_case_fills_before_it_freezes(tmp_path, monkeypatch):
    monkeypatch.setattr(cs.view, "probe", lambda: RendererState(False, why="no EGL here"))
    file = tmp_path / "bar.toml"
    file.write_text(CASE + 'filling = true\nfill_record = ["0.5 s"]\n')
    done = CliRunner().invoke(app, ["run", str(file)])
    assert done.exit_code == 0, done.stderr
    assert "filling, t = " in done.stderr and "filled last" in done.stdout and "misrun" in done.stdout
    result = cs.load(tmp_path / "bar")
    assert result.facts["filling"]["stopped"] == "full" and "solidification_time" in result
    first, end = result.moments
    assert first == 0.5 and end == pytest.approx(result.facts["filling"]["fill_time"], rel=0.05)
    metal = result["region"] == 0
    held = [float((m["fill_fraction"] * result.volumes())[metal].sum()) for m in result.moments.values()]
    assert held[0] == pytest.approx(0.5 * held[1], rel=0.05)
    assert not list((tmp_path / "bar").glob("checkpoint*"))


def test_the_keys_of_the_filling_are_read_and_refused(tmp_path):
    assert not parse_case(CASE).run.filling
    run = parse_case(CASE + 'filling = true\nfill_voxel = "8 mm"\n').run
    assert run.filling and run.fill_voxel == pytest.approx(8e-3)
    assert parse_case(CASE + 'filling = true\nfill_record = ["0.2 s", "500 ms"]\n').run.fill_record == (0.2, 0.5)
    with pytest.raises(InputError, match="fill_record is given, but nothing is filled"):
        parse_case(CASE + 'fill_record = ["0.2 s"]\n')
    with pytest.raises(InputError, match="fill_record holds 0 s"):
        parse_case(CASE + 'filling = true\nfill_record = ["0 s"]\n')
    with pytest.raises(InputError, match="nothing is filled"):
        parse_case(CASE + 'fill_voxel = "8 mm"\n')
    with pytest.raises(InputError, match=r"fill_voxel = 0 mm must be above 0"):
        parse_case(CASE + 'filling = true\nfill_voxel = "0 mm"\n')
