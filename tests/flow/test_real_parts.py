"""Real parts gated by the package's own rigging, poured under a head: fill times by Bernoulli and at two voxel sizes, no stall."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from real_parts import PARTS, poured

from castsolve.units import mm

pytestmark = pytest.mark.slow

# Voxels (mm), coarse and fine: 5 to 15 thousand voxels of cavity, one or two minutes each. The gates are 1.4 to 2.6 voxels high.
VOXELS = {"valve": (12, 10), "pump": (10, 8), "knuckle": (6, 5)}


@functools.cache
def fill_of(name: str, folder: Path, voxel: float):
    return poured(name, folder, voxel * mm)


@pytest.mark.parametrize("name", PARTS)
def test_the_fill_time_is_that_of_bernoulli(name, geometry):
    for voxel in VOXELS[name]:
        result, estimate = fill_of(name, geometry, voxel)
        facts = result.facts["filling"]
        assert facts["stopped"] == "full" and facts["defect"] < 1e-12
        assert facts["cut_speeds"] == 0
        assert facts["fill_time"] == pytest.approx(estimate, rel=0.10)


@pytest.mark.parametrize("name", PARTS)
def test_the_fill_time_holds_between_two_voxel_sizes(name, geometry):
    coarse, fine = (fill_of(name, geometry, voxel)[0].facts["filling"]["fill_time"] for voxel in VOXELS[name])
    assert coarse == pytest.approx(fine, rel=0.03)
