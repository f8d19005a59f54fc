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
    "voxel; turned ones are 1.6 to 2.7 % slow"
)
_KINK = (
    "fronts at the kinks of the heat curve lie 0.1 voxel off (0.05 mm at 0.5 mm), whatever the step: 0.33 % after 29 voxels, "
    "0.12 % after 57"
)
MISSED = {
    "test_robin_block[5000.0]": "0.34 K in the whole field at 1 s (gate 0.3 K); the listed centre and corner pass",
    **{f"test_turned_cube[{seed}-1.0]": _COARSE_WALL for seed in range(4)},
    **{f"test_turned_plate[{seed}-1.0]": _COARSE_WALL for seed in range(4)},
    "test_round_body_in_a_bath[sphere-5.0]": _COARSE_WALL,
    "test_round_body_in_a_bath[cylinder-5.0]": _COARSE_WALL,
    "test_neumann_wall[700.0-100]": "largest profile error 1.02 K beside the front (gate 1 K); fronts pass",
    "test_neumann_wall[660.3-100]": "largest profile error 3.05 K beside the front (gate 1 K); fronts pass",
    "test_neumann_wall_along_the_other_axes[0]": "largest profile error 1.0 K beside the front (gate 1 K); fronts pass",
    "test_neumann_wall_along_the_other_axes[1]": "largest profile error 1.4 K beside the front (gate 1 K); fronts pass",
    "test_schwarz_mould[H13]": "profile 1.15 K at 60 s beside the front (gate 1 K); contact and fronts pass",
    "test_alloy_wall": _KINK,
    "test_alloy_wall_is_of_second_order": _KINK,
    "test_alloy_mould[A3c]": _KINK,
    "test_alloy_mould[A3d]": _KINK,
    "test_scheil_wall": _KINK,
    "test_niyama_is_uniform[A3a]": "Niyama 5.5 % low in the rms (gate 3 %) from 10 voxels off the wall on: " + _KINK,
    "test_niyama_is_uniform[A3c]": "no voxel in the window has frozen when the case ends",
    "test_error_in_time_beside_die_chill_and_sand": "one voxel is 3.4 % off (gate 1.5 %); rms 0.26 % passes 0.3 %",
}


def pytest_collection_modifyitems(items):
    """Mark the cases that miss their gate as expected failures."""
    for item in items:
        if item.name in MISSED and "verification" in item.path.parts:
            errors = (AssertionError, ValueError, RuntimeWarning)
            item.add_marker(pytest.mark.xfail(strict=True, raises=errors, reason=MISSED[item.name]))
