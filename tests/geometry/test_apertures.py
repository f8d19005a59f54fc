"""What of voxels and faces lies inside a body, against exact cross-sections."""

from __future__ import annotations

import math

import numpy as np
import pytest

from castsolve.errors import GeometryError
from castsolve.geometry import Part, openings

H = 2e-3


def nodes(lo, hi):
    return [np.linspace(a, b, round((b - a) / H) + 1) for a, b in zip(lo, hi, strict=True)]


def test_openings_of_a_sphere_are_its_cross_sections():
    centre = np.array([0.0003, 0.0007, -0.0002])
    part = Part.sphere(0.05, centre=tuple(centre))
    grid = nodes((-0.03,) * 3, (0.03,) * 3)
    inside = openings([part.surface], [], grid)
    assert inside.share.sum() * H**3 == pytest.approx(part.volume, rel=1e-12)
    for d in range(3):
        area = inside.aperture[d].sum(axis=tuple(e for e in range(3) if e != d)) * H**2
        exact = math.pi * np.clip(0.025**2 - (grid[d] - centre[d]) ** 2, 0, None)
        np.testing.assert_allclose(area, exact, atol=1e-3 * math.pi * 0.025**2)
        assert inside.aperture[d].min() == 0.0 and inside.aperture[d].max() == 1.0


def test_openings_close_every_voxel():
    """The wall's area vector and the four or six openings of a voxel add up to nothing, for a body turned about two axes."""
    part = Part.box((0.02, 0.016, 0.012), centre=(0, 0, 0)).turned(0.4, axis="z").turned(0.7, axis="x")
    inside = openings([part.surface], [], nodes((-0.024,) * 3, (0.024,) * 3))
    # Projected area of the whole body along each axis, from its two sides.
    for d in range(3):
        step = np.diff(inside.aperture[d], axis=d)
        assert step.sum() == pytest.approx(0.0, abs=1e-9)
        assert np.abs(step).max() <= 1 + 1e-9
    assert inside.wall.sum() / 2 == pytest.approx(part.area, rel=2e-3)


def test_walls_along_the_grid_leave_whole_faces():
    part = Part.box((0.02, 0.016, 0.012), corner=(-0.01, -0.008, -0.006))
    inside = openings([part.surface], [], nodes((-0.03,) * 3, (0.03,) * 3))
    assert set(np.unique(inside.share)) == {0.0, 1.0}
    assert inside.wall.sum() == 0.0
    assert inside.aperture[0][:, 15, 15].sum() == pytest.approx(10, abs=1)


def test_a_hole_is_taken_out():
    outer, bore = Part.box((0.02, 0.02, 0.02), centre=(0, 0, 0)), Part.cylinder(diameter=0.0095, height=0.04)
    bore = bore.moved((0, 0, -0.5 * (bore.bounds[0][2] + bore.bounds[1][2])))
    inside = openings([outer.surface], [bore.surface], nodes((-0.03,) * 3, (0.03,) * 3))
    assert inside.share.sum() * H**3 == pytest.approx(outer.volume - bore.volume / 2, rel=1e-9)
    middle = inside.aperture[2][:, :, 15].sum() * H**2
    assert middle == pytest.approx(0.02**2 - bore.volume / 0.04, rel=1e-9)


def test_bodies_outside_are_refused():
    with pytest.raises(GeometryError, match="outside"):
        openings([Part.sphere(0.01, centre=(1, 1, 1)).surface], [], nodes((-0.03,) * 3, (0.03,) * 3))
