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
_EARLY = (
    "the solidus 3.8 mm from the mould on 0.5 mm voxels is 0.39 % (A3c) and 0.38 % (A3d) short, gate 0.2 %: where the heat content "
    "changes its slope, a voxel's mean passes it after the front has passed the centre, here by a thirtieth of a voxel; "
    "smaller steps and a finer mould leave 0.31 %"
)
_SCATTER = "single voxels scatter by up to 8.5 % with steps of 0.05 of the time since pouring, gate 3 %; explicit steps hold it"
_EDGES = (
    "cylinders as long as wide, axis askew, freeze 0.9 to 1.7 % early with the correction of the mould's first voxel, gate 1 %: "
    "it is that of a plane wall, and they have edges; without it they are 1.0 to 1.5 % early, gate 3 %"
)
_ROUND = (
    "of 8 places each, spheres of A356 in sand with the correction of the mould's first voxel freeze up to 1.05 % early at two at "
    "15 voxels a radius, and one sphere in a bath at Biot 1 is 1.001 % off at 5; gate 1 %"
)
MISSED = {
    "test_many_round_bodies_in_a_bath[7-sphere-5.0]": _ROUND,
    **{f"test_many_round_castings_in_sand[{place}-sphere-15.0-True]": _ROUND for place in (0, 2)},
    "test_every_askew_cylinder_with_the_mould_correction": _EDGES,
    **{f"test_alloy_solidus_near_the_mould[{case}]": _EARLY for case in ("A3c", "A3d")},
    "test_niyama_of_every_voxel_with_large_steps": _SCATTER,
}


def pytest_collection_modifyitems(items):
    """Mark the cases that miss their gate as expected failures."""
    for item in items:
        if item.name in MISSED and "verification" in item.path.parts:
            errors = (AssertionError, ValueError, RuntimeWarning)
            item.add_marker(pytest.mark.xfail(strict=True, raises=errors, reason=MISSED[item.name]))
