"""Real parts gated by the package's own rigging, poured under a head: fill times by Bernoulli and at two voxel sizes, no stall."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from real_parts import poured

from castsolve.units import mm

pytestmark = pytest.mark.slow

# Voxels (mm): 5 to 12 thousand of cavity, one to four minutes each. The gates are 1.4 to 2.6 voxels high.
FILLS = [(n, v) for n, sizes in {"valve": (14, 12), "pump": (10, 9, 8, 7), "knuckle": (6, 5)}.items() for v in sizes]
LEDGES = pytest.mark.xfail(strict=True, reason="9 %: at 6 mm the stream hangs on to a roof 2 mm over the gate; see docs/theory")
PAIRS = [
    ("valve", 14, 12), ("knuckle", 6, 5), ("pump", 10, 9), ("pump", 9, 8), ("pump", 8, 7), pytest.param("pump", 7, 6, marks=LEDGES),
]  # fmt: skip


@functools.cache
def fill_of(name: str, folder: Path, voxel: float):
    return poured(name, folder, voxel * mm)


@pytest.mark.parametrize(("name", "voxel"), FILLS)
def test_metal_fills_the_part_without_a_stall(name, voxel, geometry):
    facts = fill_of(name, geometry, voxel)[0].facts["filling"]
    assert facts["stopped"] == "full" and facts["defect"] < 1e-12


def test_next_to_no_speed_meets_the_guard(geometry):
    """Where metal closes a corner of a twentieth of a voxel, what it squeezes out may come near 10 m/s, for a step."""
    cuts = [fill_of(name, geometry, voxel)[0].facts["filling"]["cut_speeds"] for name, voxel in FILLS]
    assert max(cuts) <= 1 and sum(cuts) <= 2


@pytest.mark.parametrize(("name", "voxel"), FILLS)
def test_the_fill_time_is_that_of_bernoulli(name, voxel, geometry):
    result, estimate = fill_of(name, geometry, voxel)
    assert result.facts["filling"]["fill_time"] == pytest.approx(estimate, rel=0.10)


@pytest.mark.parametrize(("name", "coarse", "fine"), PAIRS)
def test_the_fill_time_holds_between_two_voxel_sizes(name, coarse, fine, geometry):
    times = [fill_of(name, geometry, voxel)[0].facts["filling"]["fill_time"] for voxel in (coarse, fine)]
    assert times[0] == pytest.approx(times[1], rel=0.03)


def test_it_holds_where_the_stream_hung_on_to_a_roof_once_walls_let_air_in(geometry):
    times = [poured("pump", geometry, voxel * mm, aspiration=True)[0].facts["filling"]["fill_time"] for voxel in (7, 6)]
    assert times[0] == pytest.approx(times[1], rel=0.03)
