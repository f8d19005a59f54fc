"""The named accuracies keep the errors that they promise, and reach the run from a script and from a case file."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest

import castsolve as cs
from castsolve import materials
from castsolve.casting.case import parse_case
from castsolve.casting.case_text import case_text
from castsolve.errors import InputError
from castsolve.geometry import Grid
from castsolve.simulation import Faces, HeatProblem, Level, Side, Watch
from castsolve.simulation.accuracy import ACCURACIES, Steps, steps_for
from castsolve.units import degC, mm

POUR, ROOM = 973.15, 298.15
# rms and 99th percentile of the error of local solidification times.
PROMISED = {"usual": (0.005, 0.02), "quick": (0.01, 0.03)}


@pytest.fixture(scope="module")
def cube():
    """Return a cube of A356 with a copper chill in sand, 40 voxels an edge, and its local solidification times by fine steps."""
    nodes = np.arange(41) * 1e-3
    region = np.full((40,) * 3, 2, np.uint8)
    region[10:30, 10:30, 10:30] = 0
    region[10:30, 10:30, 30:35] = 1
    grid = Grid.regular(nodes, nodes, nodes, region=region, names=("metal", "chill", "mould"))
    curves = [materials.alloy("A356").heat, materials.mould("copper").heat, materials.mould("green-sand").heat]
    air = Side.convective(10.0, ROOM)
    faces = Faces(air, air, air, air, air, air, contacts={(0, 1): 500.0, (0, 2): 500.0, (1, 2): 500.0})
    levels = (Level("liquidus", fraction_solid=0.0), Level("solidus", fraction_solid=1.0))
    problem = HeatProblem(grid, curves, faces, dtype="float32", watch=Watch(0, levels), threads=1)

    def local(**options):
        run = problem.run([POUR, ROOM, ROOM], until="solid", **options)
        return run.crossing("solidus") - run.crossing("liquidus"), run

    return local, local(theta=0.02, eased=False)[0]


@pytest.mark.parametrize("eased", [False, True])
@pytest.mark.parametrize("name", ["usual", "quick"])
def test_local_solidification_times_err_by_no_more_than_promised(cube, name, eased):
    solve, fine = cube
    steps = ACCURACIES[name]
    found, run = solve(scheme=steps.scheme, theta=steps.theta, bend=steps.bend, eased=eased)
    known = np.isfinite(fine) & (fine > 0.01 * np.nanmax(fine))
    error = np.abs(found[known] / fine[known] - 1.0)
    rms, high = PROMISED[name]
    assert np.sqrt(np.mean(error**2)) < rms
    assert np.quantile(error, 0.99) < high
    assert run.ledger.worst < run.ledger.limit


def test_quick_is_two_thirds_of_the_work_and_a_loose_limit_breaks_the_promise(cube):
    solve, fine = cube
    stages = {}
    for name, steps in ACCURACIES.items():
        stages[name] = solve(scheme=steps.scheme, theta=steps.theta, bend=steps.bend)[1].stages
    assert stages["quick"] < 0.7 * stages["usual"]
    found, _ = solve(scheme="rkl1", theta=0.4, bend=2.0)
    known = np.isfinite(fine) & np.isfinite(found)
    assert np.quantile(np.abs(found[known] / fine[known] - 1.0), 0.99) > PROMISED["quick"][1]


def test_an_accuracy_reaches_the_run_from_a_script():
    casting = cs.SandCasting(cs.Part.box(40 * mm), alloy="A356", mould="green-sand", pour_temperature=degC(700))
    for given, wanted in (
        ({}, Steps("rkl2", 0.1, 0.15)),
        ({"accuracy": "quick"}, Steps("rkl1", 0.1, 0.25)),
        ({"theta": 0.05}, Steps("rkl2", 0.05, 0.15)),
    ):
        clock = cs.solidify(casting, voxel=10 * mm, until=0.5, **given).facts["clock"]
        assert (clock["scheme"], clock["theta"], clock["bend"]) == (wanted.scheme, wanted.theta, wanted.bend)


CASE = """
[part]
shape = "box"
size = ["40 mm", "40 mm", "40 mm"]
[casting]
process = "sand"
alloy = "A356"
mould = "green-sand"
pour_temperature = "700 degC"
[run]
voxel = "10 mm"
"""


def test_an_accuracy_stands_in_a_case_file_and_is_written_back(tmp_path):
    cs.Part.box(40 * mm).write(tmp_path / "box.stl", unit="mm")
    text = CASE.replace('shape = "box"\nsize = ["40 mm", "40 mm", "40 mm"]', 'file = "box.stl"\nunit = "mm"')
    case = parse_case(text + 'accuracy = "quick"\n', folder=tmp_path, name="case")
    assert (case.run.accuracy, case.run.scheme, case.run.theta) == ("quick", None, None)
    written = tomllib.loads(case_text(case.casting, run=case.run, folder=tmp_path))["run"]
    assert written["accuracy"] == "quick" and "theta" not in written and "scheme" not in written
    case = parse_case(CASE + "theta = 0.1\n", folder=tmp_path, name="case")
    assert (case.run.accuracy, case.run.scheme, case.run.theta) == ("usual", None, 0.1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('accuracy = "quick"\ntheta = 0.1\n', 'accuracy = "quick" sets theta itself'),
        ('accuracy = "rough"\n', "accuracy"),
    ],
)
def test_a_case_file_that_contradicts_itself_is_refused(tmp_path, text, told):
    with pytest.raises(InputError, match=told):
        parse_case(CASE + text, folder=tmp_path, name="case")


def test_names_of_accuracies():
    assert steps_for("usual", "euler") == Steps("euler", 0.1, 0.15)
    with pytest.raises(InputError, match="accuracy"):
        steps_for("quick", theta=0.2)
