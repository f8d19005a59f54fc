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
_COARSE_WALL = (
    "a plate of 3 voxels at Biot 1: heat stored in the outer half voxel is led through all of it, an error of the second order "
    "in the voxel that is 5.5 % for an aligned plate and 2.9 to 4.7 % for turned ones (docs/theory/cut-faces.md)"
)
_WORST = "a few of many orientations miss, slow or low: the links leave a body's edges, where two walls meet, as they were"
MISSED = {
    **{f"test_turned_plate[{seed}-1.0]": _COARSE_WALL for seed in (0, 2, 3)},
    **{f"test_many_turned_blocks[{seed}-cube-1.0]": _WORST for seed in (20, 23, 27)},
    **{f"test_many_arms[{case}]": _WORST for case in ("20-4.0", "23-4.0", "23-6.0")},
}


def pytest_collection_modifyitems(items):
    """Mark the cases that miss their gate as expected failures."""
    for item in items:
        if item.name in MISSED and "verification" in item.path.parts:
            errors = (AssertionError, ValueError, RuntimeWarning)
            item.add_marker(pytest.mark.xfail(strict=True, raises=errors, reason=MISSED[item.name]))
