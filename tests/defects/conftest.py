"""Small castings with records written by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from castsolve.results import Results

NECK = 30.0
"""Time in s at which the neck between the two blocks freezes."""

VOXEL = 2e-3


class _Grid:
    def __init__(self, shape: tuple[int, int, int], roles: tuple[str, str]) -> None:
        self.x, self.y, self.z = (VOXEL * (np.arange(n + 1) - 2.0) for n in shape)
        self.region_names = ("metal", "mould")
        self.body_names = ("left", "right", "mould")
        self.body_roles = (*roles, "mould")


def _joined_blocks(
    *, roles: tuple[str, str] = ("part", "part"), times: tuple[float, float] = (60.0, 90.0), **more
) -> Results:
    """Return two blocks of 22 x 13 x 13 voxels joined by a thin neck (part of the left one) that freezes at `NECK`.

    Each block freezes last at its centre, at the time given; macro-feeding ends at 0.8 of the solidification time.
    """
    shape = (64, 17, 17)
    x, y, z = np.ogrid[tuple(slice(n) for n in shape)]
    wide = (abs(y - 8) <= 6) & (abs(z - 8) <= 6)
    left, right = (x >= 2) & (x < 24) & wide, (x >= 40) & (x < 62) & wide
    neck = (x >= 24) & (x < 40) & (abs(y - 8) <= 1) & (abs(z - 8) <= 1)
    time = np.full(shape, np.nan)
    for block, centre, last in ((left, 12, times[0]), (right, 50, times[1])):
        away = np.sqrt((x - centre) ** 2.0 + (y - 8) ** 2.0 + (z - 8) ** 2.0) / 20.0
        time[block] = (last * (1.0 - 0.5 * away**2))[block]
    time[neck] = NECK
    metal = left | right | neck
    fields = {
        "solidification_time": time,
        "macro_feeding_time": 0.8 * time,
        "thermal_gradient": np.where(metal, 2000.0, np.nan),
        "cooling_rate": np.where(metal, 4.0, np.nan),
        "temperature": np.where(metal, 700.0, 320.0),
        "region": np.where(metal, 0, 1).astype(np.uint8),
        "body": np.where(left | neck, 0, np.where(right, 1, 2)).astype(np.uint8),
    }
    return Results(_Grid(shape, roles), fields={**fields, **more.pop("fields", {})}, **more)


@pytest.fixture(scope="session")
def joined_blocks() -> Callable[..., Results]:
    """Return the maker of two blocks joined by a thin neck."""
    return _joined_blocks
