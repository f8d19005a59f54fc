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
    "an aligned cube of 8 voxels at Biot 1 is itself 0.97 % slow (0.24 % at 16 voxels): the midpoint rule across the last half "
    "voxel; turned ones are 1.6 to 2.7 % slow, plates of 3 voxels 4 to 6 % (aligned ones 5.5 to 10 %)"
)
MISSED = {
    **{f"test_turned_cube[{seed}-1.0]": _COARSE_WALL for seed in range(4)},
    **{f"test_turned_plate[{seed}-1.0]": _COARSE_WALL for seed in range(4)},
}


def pytest_collection_modifyitems(items):
    """Mark the cases that miss their gate as expected failures."""
    for item in items:
        if item.name in MISSED and "verification" in item.path.parts:
            errors = (AssertionError, ValueError, RuntimeWarning)
            item.add_marker(pytest.mark.xfail(strict=True, raises=errors, reason=MISSED[item.name]))
