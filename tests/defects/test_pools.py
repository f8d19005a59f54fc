"""Isolated pools of castings whose necks and cut-off moments are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from castsolve.defects import Metal, find_pools, isolated_pools, metal_of
from castsolve.errors import InputError
from castsolve.results import Results

NECK = 30.0
LIMIT = 0.8
"""Macro-feeding ends at this share of the solidification time, in the castings used here."""


def test_a_block_behind_a_thin_neck_is_cut_off_when_the_neck_freezes(joined_blocks):
    result = joined_blocks(roles=("part", "riser"))
    (pool,) = isolated_pools(result, demand=0.0)
    assert pool.cause == "neck"
    assert pool.cut_off == pytest.approx(LIMIT * NECK)
    assert pool.last_liquid == pytest.approx(LIMIT * 60.0)
    time = result["macro_feeding_time"]
    inside = (result["body"] == 0) & (time > LIMIT * NECK)
    assert pool.voxels == int(inside.sum())
    assert pool.volume == pytest.approx(inside.sum() * 8e-9)
    assert pool.part_volume == pytest.approx(pool.volume)
    assert pool.place == pytest.approx(result.frame.place((12, 8, 8)))
    assert pool.neck_body == "left"
    assert result.frame.place((24, 8, 8))[0] <= pool.neck[0] <= result.frame.place((39, 8, 8))[0]
    assert pool.body == "left"


def test_a_pool_outside_the_part_is_no_finding(joined_blocks):
    result = joined_blocks()
    metal = replace(metal_of(result), body_roles=("gate", "riser", "part"))
    pools = find_pools(result["macro_feeding_time"], metal=metal)
    assert len(pools) == 1
    assert pools.in_part == ()


def test_a_riser_that_freezes_first_leaves_the_part_alone(joined_blocks):
    result = joined_blocks(roles=("part", "riser"), times=(90.0, 36.0))
    (pool,) = isolated_pools(result, demand=0.0)
    assert pool.cut_off == pytest.approx(LIMIT * NECK)
    assert pool.last_liquid == pytest.approx(LIMIT * 90.0)


def test_without_a_riser_the_whole_casting_is_one_pool_that_was_never_fed(joined_blocks):
    result = joined_blocks()
    pools = isolated_pools(result, demand=0.0)
    (pool,) = pools
    assert not pools.feeders
    assert pool.cause == "never"
    assert pool.cut_off == 0.0
    assert pool.volume == pytest.approx(result.metal.sum() * 8e-9)
    assert set(pool.ends) == {result.frame.place((12, 8, 8)), result.frame.place((50, 8, 8))}
    assert pool.ends[0] == pool.place == result.frame.place((50, 8, 8))


def column(riser_voxels: int, n: int = 40) -> tuple[np.ndarray, Metal]:
    """Return a bar of 1 x 1 voxels that freezes from one end to the other; its last metal is in the part."""
    time = np.arange(1.0, n + 1.0).reshape(n, 1, 1)
    body = (np.arange(n) < riser_voxels).astype(np.uint8).reshape(n, 1, 1)
    names = ("part", "riser")
    return time, Metal.plain(np.ones((n, 1, 1), dtype=bool), voxel=1e-3, body=body, body_names=names, body_roles=names)


def test_the_last_riser_metal_to_freeze_is_the_cut_off():
    time, metal = column(10)
    (pool,) = find_pools(time, metal=metal)
    assert pool.cause == "reserve"
    assert pool.cut_off == 10.0
    assert pool.voxels == 30
    assert pool.neck == pytest.approx((9.5e-3, 0.5e-3, 0.5e-3))


def test_a_pool_is_fed_only_while_its_riser_metal_covers_what_it_draws():
    time, metal = column(10)
    # with a demand of 10 %: r riser voxels feed 30 part voxels as long as r >= 0.1 (30 + r), so 4 must be left
    (pool,) = find_pools(time, metal=metal, demand=0.1)
    assert pool.cut_off == 7.0
    assert pool.voxels == 33
    assert pool.part_volume == pytest.approx(30e-9)


def test_a_riser_that_is_too_small_never_feeds():
    time, metal = column(2)
    pools = find_pools(time, metal=metal, demand=0.1)
    assert pools.feeders
    assert pools[0].cause == "never"


def test_small_and_shallow_pools_are_counted_not_listed(joined_blocks):
    result = joined_blocks(roles=("part", "riser"))
    pool = isolated_pools(result, demand=0.0)[0]
    depth = 1.0 - pool.cut_off / pool.last_liquid
    for options in ({"smallest": pool.voxels + 1}, {"prominence": depth * 1.0001}):
        pools = isolated_pools(result, demand=0.0, **options)
        assert len(pools) == 0
        assert pools.left_out == 1
        assert pools.left_out_volume == pytest.approx(pool.volume)
    assert len(isolated_pools(result, demand=0.0, smallest=pool.voxels, prominence=depth * 0.9999)) == 1


def test_pools_hang_together_over_faces_only():
    time = np.full((9, 9, 9), np.nan)
    time[:4, :4, :4] = np.random.default_rng(0).uniform(5.0, 9.0, (4, 4, 4))
    time[4:8, 4:8, 4:8] = np.random.default_rng(1).uniform(5.0, 9.0, (4, 4, 4))
    body = np.zeros(time.shape, dtype=np.uint8)
    body[4:, 4:, 4:] = 1
    names = ("part", "riser")
    metal = Metal.plain(np.isfinite(time), voxel=1e-3, body=body, body_names=names, body_roles=names)
    (pool,) = find_pools(time, metal=metal, smallest=64)
    assert pool.cause == "never"
    assert pool.voxels == 64


def test_against_marching_the_clock_on_a_random_casting():
    """The cut-off of every pool is the one that labelling at every moment finds for its last place."""
    from scipy import ndimage

    random = np.random.default_rng(7)
    time = ndimage.gaussian_filter(random.random((24, 12, 12)), 2.0) * 1000.0
    body = (np.arange(24)[:, None, None] >= 18) * np.ones((1, 12, 12), dtype=np.uint8)
    names = ("part", "riser")
    metal = Metal.plain(np.ones(time.shape, dtype=bool), voxel=1e-3, body=body, body_names=names, body_roles=names)
    pools = find_pools(time, metal=metal, smallest=1, prominence=0.0)
    assert len(pools) > 1
    for pool in pools:
        index = tuple(int(c / 1e-3) for c in pool.place)
        before = np.sort(time.ravel())
        fed = []
        for moment in before[before < pool.last_liquid][::-1]:
            label, _ = ndimage.label(time > moment)
            fed.append(bool(((label == label[index]) & (body == 1)).any()))
            if fed[-1]:
                break
        # the last moment at which it was fed is one crossing before the cut-off
        assert fed[-1]
        following = before[np.searchsorted(before, moment) + 1]
        assert pool.cut_off == following


def test_the_demand_is_the_shrinkage_that_the_run_noted(joined_blocks):
    result = joined_blocks(roles=("part", "riser"), facts={"alloy": {"name": "X", "shrinkage": {"value": 0.05}}})
    assert isolated_pools(result).demand == 0.05
    assert isolated_pools(joined_blocks()).demand == 0.0


def test_metal_that_had_not_passed_the_limit_is_still_a_pool(joined_blocks):
    result = joined_blocks(roles=("part", "riser"))
    time = np.array(result["macro_feeding_time"])
    time[time > 40.0] = np.nan
    run = Results(
        result.frame, fields={**result.fields, "macro_feeding_time": time}, history={"time": np.array([0.0, 41.0])}
    )
    pools = isolated_pools(run, demand=0.0)
    assert pools.unfrozen > 0
    assert pools[0].cut_off == pytest.approx(LIMIT * NECK)
    assert pools[0].last_liquid == pytest.approx(41.0, rel=1e-5)


def test_a_pool_on_the_plane_of_symmetry_counts_double():
    time, metal = column(10)
    cut = replace(metal, copies=2, mirrors=("x_high",))
    assert find_pools(time, metal=cut)[0].volume == pytest.approx(2.0 * find_pools(time, metal=metal)[0].volume)
    away = replace(metal, copies=2, mirrors=("x_low",))
    assert find_pools(time, metal=away)[0].occurs == 2


@pytest.mark.parametrize(("name", "value"), [("demand", 1.0), ("demand", -0.1), ("prominence", 1.5)])
def test_shares_outside_their_range_are_refused(name, value):
    time, metal = column(3)
    with pytest.raises(InputError, match=name):
        find_pools(time, metal=metal, **{name: value})
