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


def middle(pixels: np.ndarray) -> np.ndarray:
    """Return the mean colour around the middle of what is drawn, the bar of colours left out."""
    drawing = pixels[60:, :480].astype(int)
    rows, columns = np.nonzero(np.ptp(drawing, axis=2) > 40)
    row, column = (rows.min() + rows.max()) // 2, (columns.min() + columns.max()) // 2
    return drawing[row - 4 : row + 4, column - 4 : column + 4].reshape(-1, 3).mean(axis=0)


def test_above_is_cold_and_below_is_hot():
    """The plate is two voxels thick: what is averaged over a voxel would mix its faces."""
    result = plate_in_a_die()
    bare = result.with_field("body", np.where(result["body"] == 1, 2, result["body"]).astype(np.uint8))
    above, below = (middle(cavity(bare, size=SMALL, below=b).image()) for b in (False, True))
    # The ends of the colours are a dark violet and a yellow.
    assert above[2] > above[1] + 20 and above[0] < 100
    assert below[0] > 120 and below[1] > 110 and below[2] < 80


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
