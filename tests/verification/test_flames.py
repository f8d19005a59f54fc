"""Sleeves that burn where they get hot, against the exact speed of a flame."""

from __future__ import annotations

import numpy as np
import pytest
from cases import flames
from cases.report import assert_fails, assert_passes

from castsolve.simulation import fire


@pytest.mark.parametrize("axis", [0, 2])
def test_a_flame_moves_at_its_speed(axis: int) -> None:
    assert_passes(flames.burning_rod(voxels=8.0, axis=axis))


def test_its_error_falls_with_the_voxel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Faster than in proportion, with steps short enough to leave that error alone."""
    monkeypatch.setattr(fire, "_STEP", 0.01)
    errors = [abs(flames.burning_rod(voxels=n).checks[0].error) for n in (2.0, 4.0, 8.0)]
    assert errors[0] < 0.05
    assert np.log2(np.array(errors[:-1]) / errors[1:]).min() > 1.1


@pytest.mark.parametrize("voxel", [2e-3, 4e-3, 8e-3])
@pytest.mark.parametrize("alloy", ["WCB", "A356"])
def test_a_sleeve_burns_in_coarse_voxels_as_in_fine_ones(alloy: str, voxel: float) -> None:
    assert_passes(flames.sleeve_beside_metal(alloy, voxel))


def test_voxels_lit_by_their_mean_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of a voxel burns before its mean is hot, and then all of it: what a sleeve did before."""
    monkeypatch.setattr(fire, "hotter_share", lambda mean, hot, cold, limit: np.where(mean >= limit, 1.0, 0.0))
    for alloy in ("WCB", "A356"):
        assert_fails(flames.sleeve_beside_metal(alloy, 8e-3))


@pytest.mark.parametrize("factor", [0.93, 1.07])
def test_another_heat_would_be_seen(factor: float) -> None:
    assert_fails(flames.burning_rod(voxels=8.0, factor=factor))


def test_the_exact_flame_solves_its_equation() -> None:
    """u dT/ds = a d2T/ds2 + rise / t_burn inside the zone, s behind the flame; value and slope are continuous at its ends."""
    flame = flames.FLAME
    u, a, zone = flame.speed, flame.diffusivity, flame.speed * flame.burning_time
    d = 1e-6
    for s, source in ((-0.3 * zone, 0.0), (0.2 * zone, 1.0), (0.7 * zone, 1.0), (1.3 * zone, 0.0)):
        low, here, high = flame.temperature(np.array([s - d, s, s + d]))
        left = u * (high - low) / (2 * d)
        right = a * (high - 2 * here + low) / d**2 + source * flame.rise / flame.burning_time
        assert left == pytest.approx(right, rel=1e-3, abs=1e-3 * flame.rise / flame.burning_time)
    for s in (0.0, zone):
        low, here, high = flame.temperature(np.array([s - d, s, s + d]))
        # A kink of the slope would show as d times a slope of some 1e5 K/m; the curvature jumps by 2.4e7 K/m2.
        assert (high - here) == pytest.approx(here - low, rel=2e-3, abs=3e7 * d**2)
    assert flame.temperature(0.0) == pytest.approx(flame.ignition)
    with pytest.raises(ValueError, match="a flame needs 0 to 1"):
        _ = flames.SteadyFlame(diffusivity=a, cold=300.0, ignition=900.0, rise=500.0, burning_time=1.0).speed
