"""A die case: machine, channels and plant in the file, cycled by the command, with its sheets and pictures."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from castsolve.casting.case import parse_case
from castsolve.cli import app
from castsolve.errors import InputError
from castsolve.simulation import CycleResults
from castsolve.units import degC, mm

CASE = """
[part]
shape = "box"
size = ["50 mm", "40 mm", "8 mm"]
name = "cover"

[casting]
process = "gravity die"
alloy = "A356"
mould = "H13"
pour_temperature = "690 degC"
mould_temperature = "220 degC"
wall = "24 mm"

[machine]
eject = "5 s"
blow = "1 s"
wait = "2 s"
spray = { duration = "1 s", flux = "0.2 kg/m**2/s" }

[[channel]]
path = [["-100 mm", "0 mm", "18 mm"], ["100 mm", "0 mm", "18 mm"]]
diameter = "8 mm"
flow = "3 litre/minute"
inlet_temperature = "25 degC"
stages = ["dwell"]
thermostat = { at = ["0 mm", "0 mm", "10 mm"], cools_above = "150 degC" }

[plant]
furnace = "stack"
holding_power = "8 kW"
availability = 0.85

[run]
voxel = "4 mm"
shots = 2
"""


def test_the_file_says_what_a_script_says():
    case = parse_case(CASE)
    assert case.machine.eject == 5.0 and case.machine.wait == 2.0 and case.machine.dwell == "ejectable"
    assert case.machine.spray.flux == 0.2 and case.machine.spray.duration == 1.0
    (channel,) = case.channels
    assert channel.flow == pytest.approx(5e-5) and channel.diameter == pytest.approx(8 * mm)
    assert channel.stages == ("dwell",) and channel.thermostat.set_point == pytest.approx(degC(150))
    assert case.plant == {"furnace": "stack", "holding_power": 8000.0, "availability": 0.85, "scrap": 0.0}
    assert (case.run.shots, case.run.tolerance) == (2, 1.0)
    assert parse_case(CASE.replace('eject = "5 s"', 'dwell = "9 s"')).machine.dwell == 9.0
    nozzle = CASE.replace('flux = "0.2 kg/m**2/s"', 'flow = "0.6 litre/minute", distance = "200 mm", angle = "60 deg"')
    assert parse_case(nozzle).machine.spray.flux == pytest.approx(0.2383, rel=1e-3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('eject = "5 s"', "eject = 5"), r'machine.eject: eject = 5 has no unit; write it as text, for example "12 s"'),
        (('eject = "5 s"', 'spay = "5 s"'), 'no key named "spay"; nearest'),
        (('eject = "5 s"', 'eject = "0 s"'), r"machine: eject = 0 s must be above 0 s"),
        (('flow = "3 litre/minute"', 'flow = "0 litre/minute"'), r"channel\[0\]: channel flow = 0 m3/s"),
        (('diameter = "8 mm"\nflow', 'flow'), r"channel\[0\].diameter: is missing"),
        (('flux = "0.2 kg/m**2/s"', 'flux = "0.2 m"'), "wrong unit; write for example \"0.3 kg/m"),
        (('flux = "0.2 kg/m**2/s"', 'flow = "0.6 litre/minute"'), r"machine: a spray is told by its flux, or by flow, distance"),
        (("shots = 2", "shots = 0"), "run.shots"),
        (("[machine]", "[machines]"), "no key named"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_key(change, words):
    assert change[0] in CASE
    with pytest.raises(InputError, match=words):
        parse_case(CASE.replace(*change))


def test_a_machine_needs_a_die():
    sand = CASE.replace('process = "gravity die"', 'process = "sand"').replace('mould = "H13"', 'mould = "green-sand"')
    sand = sand.replace('mould_temperature = "220 degC"\nwall = "24 mm"\n', "")
    with pytest.raises(InputError, match='machine: it belongs to a casting in a die, not to process = "sand"'):
        parse_case(sand)
    alone = CASE[: CASE.index("[machine]")] + CASE[CASE.index("[[channel]]") :]
    with pytest.raises(InputError, match=r"(channel|plant): it belongs to a die that is cycled; write \[machine\] too"):
        parse_case(alone)


def test_the_command_cycles_a_die_and_leaves_its_sheets(tmp_path):
    file, folder = tmp_path / "cover.toml", tmp_path / "runs"
    file.write_text(CASE)
    done = CliRunner().invoke(app, ["run", str(file), "-o", str(folder)])
    assert done.exit_code == 0, done.output
    for word in ("shots an hour", "ejectable", "soldering", "heat checking", "production sheet of cover", "kWh/kg", "shot 2:"):
        assert word in done.output
    cycle = CycleResults.load(folder)
    assert cycle.summary() in done.output
    assert len(cycle.shots) == 2 and not cycle.steady
    sheet = json.loads((folder / "production.json").read_text())
    line = next(row for row in sheet["lines"] if row["name"] == "shots an hour")
    assert line["shown"] == pytest.approx(cycle.shots_per_hour(availability=0.85))
    rows = list(csv.DictReader((folder / "verdicts.csv").read_text().splitlines()))
    assert {"cycle time", "soldering", "cold spot", "channel 1"} <= {row["defect"] for row in rows}
    assert not {"shakeout time", "mould thickness"} & {row["defect"] for row in rows}
    assert not (folder / "checkpoint.bin").exists()
    pictures = sorted(p.stem for p in (folder / "pictures").glob("*.png"))
    assert pictures in ([], sorted(
        ["die-at-ejection", "solidification-time", "die-face-peak-above", "die-face-peak-below", "die-face-before-pour"]
    ))  # fmt: skip
    assert np.isfinite(cycle.result["die_surface_peak"]).any()
    again = CliRunner().invoke(app, ["run", str(file), "-o", str(folder)])
    assert again.exit_code == 2 and "holds a finished run" in again.output


# -- the filling of a cycled die ----------------------------------------------------------------------------------

SHOT = (Path(__file__).resolve().parents[2] / "examples" / "shot_cycle.toml").read_text(encoding="utf-8")


def test_the_file_says_how_the_cavity_fills():
    assert parse_case(SHOT).run.filling == "flow"
    for word in ("instant", "front"):
        assert parse_case(SHOT.replace('filling = "flow"', f'filling = "{word}"')).run.filling == word
    rate = '[[inlet]]\nkind = "plunger"\ndiameter = "32 mm"\nfast_speed = "2 m/s"\nintensification = "60 MPa"\n'
    assert len(parse_case(SHOT + rate).inlets) == 1


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (SHOT.replace('"flow"', '"pump"'), "run.filling: 'pump' is not allowed; write 'instant', 'front' or 'flow'"),
        (SHOT.replace('filling = "flow"', 'filling = "front"') + '[[inlet]]\nkind = "pouring head"\nhead = "50 mm"\n',
         'inlet: filling = "front" takes none'),
        (SHOT + 'until = "ejection"\n', "run.until: a die that is cycled makes shot after shot; leave it out"),
        (SHOT + "air = true\n", "run.air: a die that is cycled makes shot after shot; leave it out"),
        (SHOT[: SHOT.index("[machine]")] + SHOT[SHOT.index("[run]") :],
         'run.filling = "flow" belongs to a die that is cycled; write filling = true'),
        (SHOT[: SHOT.index("[machine]")] + SHOT[SHOT.index("[run]") :].replace('filling = "flow"', "shots = 3"),
         r"run.shots: it belongs to a die that is cycled; write \[machine\] too"),
    ],
)  # fmt: skip
def test_what_does_nothing_for_the_run_is_refused(case, words):
    with pytest.raises(InputError, match=words):
        parse_case(case)


def test_the_command_fills_by_flow_stops_and_goes_on_to_the_same_bits(tmp_path, monkeypatch):
    from castsolve.cli import cycled

    file = tmp_path / "shot.toml"
    file.write_text(SHOT + "shots = 3\n")
    whole = CliRunner().invoke(app, ["run", str(file), "-o", str(tmp_path / "whole")])
    assert whole.exit_code == 0, whole.output
    run = cycled.run_cycles

    def stopped(*given, progress, **named):
        def stop(number, shot):
            progress(number, shot)
            if number == 2:
                raise KeyboardInterrupt

        return run(*given, progress=stop, **named)

    monkeypatch.setattr(cycled, "run_cycles", stopped)
    part = CliRunner().invoke(app, ["run", str(file), "-o", str(tmp_path / "part")])
    assert part.exit_code == 130 and "castsolve resume" in part.output
    monkeypatch.undo()
    rest = CliRunner().invoke(app, ["resume", str(tmp_path / "part")])
    assert rest.exit_code == 0, rest.output
    one, other = (CycleResults.load(tmp_path / name) for name in ("whole", "part"))
    assert one.result.facts["filling"]["stopped"] == "full"
    assert one.heat == other.heat
    for name in one.result:
        assert np.array_equal(one.result[name], other.result[name], equal_nan=one.result[name].dtype.kind == "f"), name
