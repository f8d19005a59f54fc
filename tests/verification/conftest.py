"""Puts the verification cases, which the documentation shares, within reach of the tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

HERE = str(Path(__file__).resolve().parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)

# Gates that the solver misses today, with what was measured. Each is expected to fail: one that passes turns the run red, so
# that the entry is removed. docs/validation says the same.
_ROUND = (
    "of 8 places of a sphere in a bath at Biot 1, 5 voxels a radius, one is 1.001 % off, gate 1 %: distances of voxels' means are "
    "those of plates, and its outermost centres lie furthest from the wall (docs/theory/cut-faces)"
)
MISSED = {
    "test_many_round_bodies_in_a_bath[7-sphere-5.0]": _ROUND,
}


def pytest_collection_modifyitems(items):
    """Mark the cases that miss their gate as expected failures."""
    for item in items:
        if item.name in MISSED and "verification" in item.path.parts:
            errors = (AssertionError, ValueError, RuntimeWarning)
            item.add_marker(pytest.mark.xfail(strict=True, raises=errors, reason=MISSED[item.name]))
