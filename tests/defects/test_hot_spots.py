"""Hot spots of fields whose peaks and saddles are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from castsolve.defects import Metal, find_hot_spots, hot_spots
from castsolve.errors import InputError
from castsolve.results import Results

VOXEL = 2e-3


def blobs(n: int = 41) -> tuple[np.ndarray, Metal]:
    """Return two Gaussian hills on a floor; by symmetry the saddle lies on the middle plane, in the voxel between."""
    x, y, z = np.meshgrid(*(VOXEL * (np.arange(m) + 0.5) for m in (2 * n + 1, n, n)), indexing="ij")
    middle = VOXEL * (n + 0.5)
    centre = VOXEL * (n // 2 + 0.5)
    away = 10 * VOXEL
    across = (y - centre) ** 2 + (z - centre) ** 2
    low = 30.0 * np.exp(-((x - middle + away) ** 2 + across) / (6 * VOXEL) ** 2)
    high = 40.0 * np.exp(-((x - middle - away) ** 2 + across) / (6 * VOXEL) ** 2)
    time = 100.0 + low + high
    return time, Metal.plain(np.ones(time.shape, dtype=bool), voxel=VOXEL)


def test_two_hills_and_their_exact_saddle():
    time, metal = blobs()
    first, second = find_hot_spots(time, metal=metal)
    assert first.time == time.max()
    assert first.prominence == 1.0
    assert first.bridge is None
    ridge = time[:, 20, 20]
    saddle = ridge[31:52].min()
    peak = ridge[:41].max()
    assert second.time == peak
    assert second.bridge_time == saddle
    assert second.prominence == pytest.approx((peak - saddle) / peak, rel=1e-12)
    assert second.place == pytest.approx((VOXEL * (int(ridge[:41].argmax()) + 0.5), 20.5 * VOXEL, 20.5 * VOXEL))
    assert second.bridge[0] == pytest.approx(VOXEL * (31 + int(ridge[31:52].argmin()) + 0.5))


def test_a_prominence_above_the_hill_hides_it():
    time, metal = blobs()
    second = find_hot_spots(time, metal=metal)[1]
    assert len(find_hot_spots(time, metal=metal, prominence=second.prominence * 1.0001)) == 1
    assert len(find_hot_spots(time, metal=metal, prominence=second.prominence * 0.9999)) == 2


def test_the_volume_is_the_metal_after_95_percent_of_the_time():
    time, metal = blobs()
    first, second = find_hot_spots(time, metal=metal)
    half = np.arange(time.shape[0])[:, None, None] > 41
    assert first.volume == pytest.approx(((time >= 0.95 * first.time) & half).sum() * VOXEL**3)
    assert second.volume == pytest.approx(((time >= 0.95 * second.time) & ~half).sum() * VOXEL**3)


def test_a_ridge_is_one_hot_spot():
    x = np.arange(60)[:, None, None]
    y, z = (np.arange(15)[None, :, None], np.arange(15)[None, None, :])
    time = 50.0 + 0.01 * x + 20.0 * np.exp(-((y - 7) ** 2 + (z - 7) ** 2) / 12.0)
    spots = find_hot_spots(time, metal=Metal.plain(np.ones(time.shape, dtype=bool), voxel=1e-3))
    assert len(spots) == 1
    assert spots[0].place[0] == pytest.approx(59.5e-3)


def test_noise_below_the_prominence_adds_none():
    time, metal = blobs()
    noisy = time * (1.0 + 0.008 * np.random.default_rng(0).random(time.shape))
    assert len(find_hot_spots(noisy, metal=metal)) == 2


def test_the_worst_is_the_latest_in_the_part(joined_blocks):
    result = joined_blocks(roles=("part", "riser"), times=(60.0, 90.0))
    spots = hot_spots(result)
    assert spots.latest.role == "riser"
    assert spots.worst.role == "part"
    assert spots.worst.time == pytest.approx(60.0)
    assert [s.body for s in spots] == ["right", "left"]


def test_a_part_that_freezes_towards_its_riser_has_no_worst():
    n = 20
    time = np.broadcast_to(np.linspace(10.0, 50.0, n)[:, None, None], (n, 5, 5))
    body = (np.arange(n)[:, None, None] >= 15) * np.ones((1, 5, 5), dtype=np.uint8)
    metal = Metal.plain(
        np.ones((n, 5, 5), dtype=bool), voxel=1e-3, body=body, body_names=("a", "b"), body_roles=("part", "riser")
    )
    spots = find_hot_spots(time, metal=metal)
    assert spots.worst is None
    assert spots.latest.body == "b"


def test_metal_that_had_not_frozen_is_the_latest_and_its_hottest_voxel_the_place(joined_blocks):
    result = joined_blocks(times=(60.0, 90.0))
    time = np.array(result["solidification_time"])
    hot = np.full(time.shape, 400.0)
    hot[46, 8, 8] = 900.0
    time[time > 80.0] = np.nan
    fields = {**result.fields, "solidification_time": time, "temperature": hot}
    run = Results(result.frame, fields=fields, history={"time": np.array([0.0, 85.0])})
    spots = hot_spots(run)
    assert spots.unfrozen > 0
    assert spots.latest.place == pytest.approx(result.frame.place((46, 8, 8)))
    assert spots.latest.time == pytest.approx(85.0, rel=1e-5)


def test_half_a_casting_counts_what_the_mirror_adds():
    x = np.arange(40)[:, None, None] - 19.5
    y, z = np.arange(11)[None, :, None] - 5.0, np.arange(11)[None, None, :] - 5.0
    across = (y**2 + z**2) / 9.0
    time = 10.0 + 5.0 * np.exp(-(x**2) / 9.0 - across) + 4.0 * np.exp(-((abs(x) - 13.0) ** 2) / 9.0 - across)
    full = Metal.plain(np.ones(time.shape, dtype=bool), voxel=1e-3)
    cut = replace(Metal.plain(full.mask[20:], voxel=1e-3), copies=2, mirrors=("x_low",))
    whole, half = find_hot_spots(time, metal=full), find_hot_spots(time[20:], metal=cut)
    assert len(whole) == 3
    assert len(half) == 2
    assert half[0].volume == pytest.approx(whole[0].volume)
    assert [s.occurs for s in half] == [1, 2]
    assert [s.occurs for s in whole] == [1, 1, 1]


@pytest.mark.parametrize("prominence", [-0.1, 1.0, float("nan")])
def test_a_prominence_outside_its_range_is_refused(prominence):
    time, metal = blobs(7)
    with pytest.raises(InputError, match="prominence"):
        find_hot_spots(time, metal=metal, prominence=prominence)


def test_a_hot_spot_is_as_large_as_its_own_hill():
    """Two hills with a pass between: at 95 % of the lower one's time they hang together, and that is not its volume."""
    time = np.array([80.0, 98.0, 100.0, 98.0, 97.0, 99.0, 105.0, 110.0, 105.0, 80.0]).reshape(-1, 1, 1)
    spots = find_hot_spots(time, metal=Metal.plain(np.isfinite(time), voxel=1e-2), prominence=0.02)
    assert [spot.time for spot in spots] == [110.0, 100.0]
    assert spots[1].bridge_time == 97.0
    assert spots[1].voxels == 3
    assert spots[0].voxels == 3
