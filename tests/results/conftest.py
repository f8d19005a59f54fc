"""A small result with every kind of content: a metal block in sand on a graded grid, with a riser."""

from __future__ import annotations

import numpy as np
import pytest

from castsolve.results import Frame, Probe, Results


def _nodes(fine: int, voxel: float) -> np.ndarray:
    outward = voxel * 1.25 ** np.arange(1, 4)
    steps = np.concatenate((outward[::-1], np.full(fine, voxel), outward))
    # The metal begins at zero, two fine voxels into the window.
    return np.concatenate(([0.0], np.cumsum(steps))) - outward.sum() - 2 * voxel


def block(voxel: float = 2e-3, *, seed: int = 1) -> Results:
    """Return a metal block 24 x 20 x 16 mm with a riser of 8 mm on top, in sand."""
    frame = Frame(
        _nodes(round(24e-3 / voxel) + 4, voxel),
        _nodes(round(20e-3 / voxel) + 4, voxel),
        _nodes(round(24e-3 / voxel) + 4, voxel),
        region_names=("A356", "green-sand"),
        body_names=("riser", "block", "mould"),
        body_roles=("riser", "part", "mould"),
    )
    x, y, z = np.meshgrid(*(frame.centres(a) for a in range(3)), indexing="ij")
    inside = (x > 0) & (x < 24e-3) & (y > 0) & (y < 20e-3) & (z > 0)
    part = inside & (z < 16e-3)
    riser = inside & ~part & (z < 24e-3) & (abs(x - 12e-3) < 4e-3) & (abs(y - 10e-3) < 4e-3)
    metal = part | riser
    distance = np.hypot(np.hypot(x - 12e-3, y - 10e-3), z - 14e-3)
    time = np.where(metal, 90.0 * np.exp(-((distance / 20e-3) ** 2)) + 5.0, np.nan).astype(np.float32)
    noise = np.random.default_rng(seed).random(frame.shape, dtype=np.float32)
    return Results(
        grid=frame,
        fields={
            "temperature": 700.0 + 100.0 * noise,
            "solidification_time": time,
            "thermal_gradient": np.where(metal, 500.0 + 100.0 * noise, np.nan).astype(np.float32),
            "cooling_rate": np.where(metal, 1.0 + noise, np.nan).astype(np.float32),
            "region": np.where(metal, 0, 1).astype(np.uint8),
            "body": np.select([riser, part], [0, 1], 2).astype(np.uint8),
            "metal_fraction": metal.astype(np.float32),
            "volume_factor": np.ones(frame.shape, dtype=np.float32),
        },
        history={"time": np.linspace(0.0, 100.0, 50), "heat_out": np.linspace(0.0, 2e6, 50), "stages": np.full(50, 9)},
        probes={
            "centre": Probe(
                "centre",
                place=(0.02, 0.02, 0.02),
                body="block",
                times=[0.0, 1.0, 2.0],
                temperatures=[993.15, 900.0, 880.0],
            )
        },
        snapshots={20.0: 650.0 + noise, 10.0: 660.0 + noise},
        facts={
            "castsolve": "0.1.0",
            "casting": {"name": "block", "process": "sand casting", "mould": "green-sand", "pour_temperature": 993.15},
            "alloy": {"name": "A356", "liquidus": 886.15, "solidus": 828.15},
            "masses": {"casting": 0.02, "riser": 0.005, "poured": 0.025, "casting_yield": 0.8},
            "energy": {"defect": 2e-8, "moved": 3e5},
            "clock": {"time": 100.0, "steps": 50, "limits": {"clock": 40, "curvature": 10}},
            "sources": ["Mills 2002", "estimate"],
            "worst_quality": "D",
            "warnings": ["the wall is 2.4 voxels thick"],
        },
    )


@pytest.fixture
def result() -> Results:
    """Return the block at 2 mm."""
    return block()


@pytest.fixture
def finer() -> Results:
    """Return the block at 1 mm."""
    return block(1e-3)
