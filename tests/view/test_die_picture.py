"""The die's face in the cavity: two sides of a thin wall keep their own colours; the bores are drawn."""

from __future__ import annotations

import numpy as np
import pytest

from castsolve.errors import ResultsError, ViewError
from castsolve.results import Frame, Results
from castsolve.view import cavity

pytestmark = pytest.mark.usefixtures("renderer")

SMALL = (600, 450)


def plate_in_a_die() -> Results:
    """Return a plate of 2 voxels between a cold face above and a hot one below, and a bore above it."""
    region = np.full((24, 16, 12), 2, np.uint8)
    region[5:19, 4:12, 4:6] = 0
    region[:, 6:10, 8:11] = 1
    face = np.full(region.shape, np.nan, np.float32)
    face[5:19, 4:12, 6], face[5:19, 4:12, 3] = 450.0, 650.0
    nodes = [np.arange(n + 1) * 3e-3 for n in region.shape]
    names, roles = ("plate", "bore", "mould"), ("part", "channel", "mould")
    frame = Frame(*nodes, region_names=("metal", "bore", "mould"), body_names=names, body_roles=roles)
    return Results(frame, fields={"region": region, "body": region, "die_surface_peak": face}, facts={})


def hot(pixels: np.ndarray) -> int:
    """Return the number of pixels of the drawing in the yellow of the hot end, dark ones included."""
    drawing = pixels[:, :480].astype(int)
    return int(((drawing[..., 0] > 120) & (drawing[..., 1] > 110) & (drawing[..., 2] < 80)).sum())


def test_above_is_cold_and_below_is_hot():
    result = plate_in_a_die()
    above, below = (cavity(result, size=SMALL, below=b).image() for b in (False, True))
    assert hot(below) > 8000
    assert hot(above) < 0.1 * hot(below)


def test_bores_are_drawn():
    result = plate_in_a_die()
    body = np.where(result["body"] == 1, 2, result["body"]).astype(np.uint8)
    bare = result.with_field("body", body)
    grey = [
        int((np.ptp(cavity(r, size=SMALL).image()[:, :480].astype(int), axis=2) < 6).sum()) for r in (result, bare)
    ]
    white = [int((cavity(r, size=SMALL).image()[:, :480].min(axis=2) > 250).sum()) for r in (result, bare)]
    assert grey[0] - white[0] > grey[1] - white[1] + 1000


def test_refusals():
    with pytest.raises(ViewError, match='"temperature" is no field of the die\'s surface'):
        cavity(plate_in_a_die(), "temperature")
    with pytest.raises(ResultsError, match="has no field"):
        cavity(plate_in_a_die(), "die_surface_range")
