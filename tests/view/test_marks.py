"""Findings marked in pictures: the number of the table, at its place, in the colour of its severity."""

from __future__ import annotations

import json

import numpy as np
import pytest

from castsolve.defects import Verdict, Verdicts
from castsolve.results import Results
from castsolve.view import section, xray
from castsolve.view.marks import marks_of

pytestmark = pytest.mark.usefixtures("renderer")

RED, BLUE = np.array([0xC8, 0x37, 0x1B]), np.array([0x00, 0x72, 0xB2])


def table(*places) -> Verdicts:
    rows = [Verdict("shrinkage cavity", severity=severity, place=place, value=1e-6, unit="m3") for severity, place in places]
    return Verdicts((*rows, Verdict("casting yield", value=0.5)))


def spot(pixels: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """Return rows and columns of the pixels of a colour right of the list."""
    there = np.abs(pixels.astype(int) - colour).max(axis=2) < 12
    there[:, :90] = False
    return np.argwhere(there)


def test_rows_with_a_place_are_numbered_as_in_the_table():
    judged = table(("note", (0.0, 0.0, 0.0)), ("severe", (0.01, 0.0, 0.0)), ("ok", (0.0, 0.0, 0.0)))
    marks = marks_of(judged)
    assert [m.number for m in marks] == [1, 2]
    assert marks[0].place == (0.01, 0.0, 0.0)
    assert marks[0].words.startswith("severe: shrinkage cavity")
    assert [m.number for m in marks_of(judged, axis=0, at=0.0, reach=0.005)] == [2]
    assert marks_of(None) == ()
    assert len(marks_of(table(*[("severe", (0.0, 0.0, 0.0))] * 20))) == 9
    assert str(judged).splitlines()[1].startswith(" 1 severe")
    assert [row["number"] for row in json.loads(judged.to_json())["verdicts"]] == [1, 2, 3, 4]
    assert judged.to_csv().splitlines()[1].startswith("1,shrinkage cavity,severe")


def test_a_section_marks_what_lies_in_its_plane(result: Results):
    here, there = (0.03, 0.0, 0.03), (-0.03, 0.0, 0.03)
    one = section(result, "region", axis="y", at=0.0, verdicts=table(("severe", here))).image()
    other = section(result, "region", axis="y", at=0.0, verdicts=table(("severe", there))).image()
    far = section(result, "region", axis="y", at=0.0, verdicts=table(("severe", (0.03, 0.02, 0.03)))).image()
    left, right = spot(other, RED), spot(one, RED)
    assert len(left) > 50
    assert len(right) > 50
    # 60 mm to the left on the sheet, at the same height
    assert right[:, 1].mean() - left[:, 1].mean() > 100
    assert right[:, 0].mean() == pytest.approx(left[:, 0].mean(), abs=3)
    assert len(spot(far, RED)) == 0


def test_an_x_ray_marks_all(result: Results):
    judged = table(("severe", (0.03, 0.0, 0.03)), ("note", (-0.03, 0.0, 0.03)))
    plain, marked = xray(result).image(), xray(result, verdicts=judged).image()
    assert len(spot(marked, RED)) > len(spot(plain, RED)) + 20
    assert len(spot(marked, BLUE)) > len(spot(plain, BLUE)) + 20


def test_marks_on_one_place_stand_beside_each_other(result: Results):
    at = (0.03, 0.0, 0.03)
    two = spot(section(result, "region", axis="y", at=0.0, verdicts=table(("severe", at), ("severe", at))).image(), RED)
    one = spot(section(result, "region", axis="y", at=0.0, verdicts=table(("severe", at))).image(), RED)
    assert len(two) > 1.6 * len(one)
