"""A made-up casting to look at: a bored box with a flange, a sleeved riser and a chill, with smooth made-up fields."""

from __future__ import annotations

import numpy as np
import pytest

from castsolve.results import Frame, Probe, Results
from castsolve.view import probe


def _nodes(low: float, high: float, voxel: float) -> np.ndarray:
    fine = np.arange(low, high + 0.5 * voxel, voxel)
    outward = np.cumsum(voxel * 1.25 ** np.arange(1, 6))
    return np.concatenate((low - outward[::-1], fine, fine[-1] + outward))


def made_up(voxel: float = 3e-3) -> Results:
    """Return the made-up casting."""
    frame = Frame(
        _nodes(-0.09, 0.09, voxel),
        _nodes(-0.06, 0.06, voxel),
        _nodes(-0.03, 0.165, voxel),
        region_names=("A356", "sleeve", "copper", "green-sand"),
        body_names=("chill 1", "body", "riser 1", "sleeve 1", "mould"),
        body_roles=("chill", "part", "riser", "sleeve", "mould"),
    )
    x, y, z = np.meshgrid(*(frame.centres(a) for a in range(3)), indexing="ij", sparse=True)

    def box(cx: float, cz: float, a: float, b: float, c: float) -> np.ndarray:
        return np.maximum(np.maximum(abs(x - cx) - a, abs(y) - b), abs(z - cz) - c)

    def tube(r: float, low: float, high: float, cx: float = 0.0) -> np.ndarray:
        return np.maximum(np.hypot(x - cx, y) - r, np.maximum(low - z, z - high))

    part = np.minimum(box(0.0, 0.03, 0.07, 0.035, 0.03), np.maximum(np.hypot(y, z - 0.03) - 0.05, abs(x + 0.07) - 0.01))
    part = np.maximum(part, -np.maximum(np.hypot(y, z - 0.03) - 0.017, x - 0.03))
    riser = tube(0.024, 0.058, 0.14, 0.035)
    sleeve = tube(0.034, 0.07, 0.14, 0.035)
    chill = box(-0.02, -0.01, 0.025, 0.03, 0.01)
    metal = np.minimum(part, riser)
    fraction = np.clip(0.5 - metal / voxel, 0.0, 1.0).astype(np.float32)
    inside = fraction >= 0.5
    body = np.select([inside & (part < 0), inside, chill < 0, sleeve < 0], [1, 2, 0, 3], 4).astype(np.uint8)
    region = np.select([inside, chill < 0, sleeve < 0], [0, 2, 1], 3).astype(np.uint8)
    heat = 3e-4 + np.maximum(-metal, 0.0) ** 2 + 1.5e-4 * np.exp(-(((x - 0.035) / 0.03) ** 2)) * (0.4 + z / 0.1)
    cold = 1.0 - 0.55 * np.exp(-(((x + 0.02) ** 2 + (z + 0.02) ** 2) / 0.03**2))
    time = np.where(inside, 6e5 * heat * cold, np.nan).astype(np.float32)
    gradient = np.where(inside, 8e2 / (1.0 + 2e3 * heat), np.nan).astype(np.float32)
    rate = np.where(inside, 2.0e2 / time, np.nan).astype(np.float32)
    warm = 820.0 - 300.0 * np.tanh(np.maximum(metal, 0.0) / 0.03) - 80.0 * (1 - heat / heat.max()) * (metal < 0)
    times = np.linspace(0.0, 400.0, 200)
    curves = {
        "body, middle": (150.0, 0.3),
        "body, at the chill": (60.0, 0.15),
        "riser": (260.0, 0.5),
    }
    return Results(
        frame,
        fields={
            "temperature": np.broadcast_to(warm, frame.shape).astype(np.float32),
            "solidification_time": time,
            "thermal_gradient": gradient,
            "cooling_rate": rate,
            "niyama": (gradient / np.sqrt(rate)).astype(np.float32),
            "hot_spot": (inside & (np.nan_to_num(time) > 0.9 * np.nanmax(time))).astype(np.int32),
            "region": region,
            "body": body,
            "metal_fraction": fraction,
        },
        probes={
            name: Probe(
                name,
                place=(0.0, 0.0, 0.03),
                times=times,
                temperatures=760.0 + 200.0 * np.exp(-times / slow) - shelf * 100 * np.tanh((times - slow) / 40.0),
            )
            for name, (slow, shelf) in curves.items()
        },
        facts={
            "casting": {"name": "bored box", "mould": "green-sand"},
            "alloy": {"name": "A356", "liquidus": 886.15, "solidus": 828.15},
        },
    )


@pytest.fixture(scope="session")
def result() -> Results:
    """Return the made-up casting at 3 mm."""
    return made_up()


@pytest.fixture(scope="session")
def renderer() -> None:
    """Skip where nothing renders."""
    state = probe()
    if not state.ok:
        pytest.skip(state.why)
