"""Parts: moving, turning, scaling, mirroring, naming."""

from __future__ import annotations

import math

import numpy as np
import pytest

from castsolve.errors import GeometryError
from castsolve.geometry import Part

BODY = Part.box((0.1, 0.2, 0.3), name="block")


def test_a_part_says_what_it_is() -> None:
    assert repr(BODY) == "Part('block', 100 x 200 x 300 mm, 6000 cm3, 12 triangles)"
    assert BODY.casting_modulus == pytest.approx(0.006 / 0.22)


def test_moving_keeps_everything_else() -> None:
    moved = BODY.moved(("10 mm", 0, -1.0))
    np.testing.assert_allclose(moved.bounds[0], (-0.04, -0.1, -1.15), atol=1e-15)
    assert moved.name == "block"
    assert moved.volume == pytest.approx(BODY.volume, rel=1e-13)


def test_quarter_turns_are_exact() -> None:
    turned = BODY.turned("90 deg", axis="z")
    np.testing.assert_array_equal(turned.size, (0.2, 0.1, 0.3))
    np.testing.assert_array_equal(BODY.turned(2 * math.pi).surface.points, BODY.surface.points)


def test_turning_is_right_handed_and_about_a_point() -> None:
    small = Part.box(0.02, centre=(0.1, 0, 0)).turned(math.radians(30), about=(0.0, 0.0, 0.0))
    lo, hi = small.bounds
    np.testing.assert_allclose(0.5 * (lo + hi), (0.1 * math.cos(math.pi / 6), 0.05, 0), atol=1e-15)
    fixed = Part.box(0.02, centre=(0.1, 0, 0)).turned(1.0, about=(0.1, 0, 0))
    np.testing.assert_allclose(sum(fixed.bounds), (0.2, 0, 0), atol=1e-15)


def test_scaling_by_one_factor_or_three() -> None:
    assert BODY.scaled(2.0).volume == pytest.approx(8 * BODY.volume)
    assert BODY.scaled((1, 2, 3)).volume == pytest.approx(6 * BODY.volume)


def test_a_mirror_image_stays_outward() -> None:
    wedge = Part.cone(0.1, 0.1, base=(0.2, 0, 0))
    image = wedge.mirrored("x")
    assert image.volume == pytest.approx(wedge.volume, rel=1e-12)
    assert image.bounds[1][0] < 0.0


@pytest.mark.parametrize("bad", [0.0, -1.0, "2", (1, 2), float("nan")])
def test_a_factor_that_is_none_is_refused(bad: object) -> None:
    with pytest.raises(GeometryError, match="factor"):
        BODY.scaled(bad)


def test_a_part_is_made_of_a_surface_and_has_a_name() -> None:
    with pytest.raises(GeometryError, match="see Part"):
        Part("valve.stl")  # type: ignore[arg-type]
    with pytest.raises(GeometryError, match="name"):
        BODY.renamed("  ")
    assert BODY.renamed("cover").name == "cover"
