"""Sizes that castings do not have are told, with the units that would give one."""

from __future__ import annotations

from pathlib import Path

import pytest

from castsolve.geometry import Part
from castsolve.geometry.sizes import size_doubt
from castsolve.units import inch, mm


def test_an_inch_part_read_in_mm_is_told(tmp_path: Path) -> None:
    Part.box((3 * inch, 2 * inch, 1 * inch)).write(tmp_path / "idler.stl", unit="inch")
    assert Part.read(tmp_path / "idler.stl", unit="inch").warnings == ()
    (told,) = Part.read(tmp_path / "idler.stl", unit="mm").warnings
    assert told == (
        "idler is 3 mm long, where castings are 10 mm to 20 m; check unit = mm (it would be 30 mm in cm, 76.2 mm in inch, 3 m in m)"
    )


@pytest.mark.parametrize(
    ("size", "unit", "stated", "words"),
    [
        (10 * mm, "mm", False, ""),
        (20.0, "m", False, ""),
        (0.5 * mm, "um", False, "10 mm to 20 m; check unit = um (it would be 500 mm in mm, 5 m in cm,"),
        (30.0, "m", False, "20 m; check unit = m (it would be 30 mm in mm, 300 mm in cm,"),
        (2 * mm, "mm", True, "10 mm to 20 m; check the unit that its file states (it would be 20 mm in cm,"),
        (5 * mm, None, False, "check its lengths: a plain number is in m, write 60*mm for 60 mm"),
        (60.0, None, False, "part is 60 m long, where castings are 10 mm to 20 m; check its lengths"),
    ],
)  # fmt: skip
def test_what_is_told_of_a_size(size: float, unit: str | None, stated: bool, words: str) -> None:
    told = size_doubt("part", size, unit=unit, stated=stated)
    assert words in told
    assert bool(told) == bool(words)
