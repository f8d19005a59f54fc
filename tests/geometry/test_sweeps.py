"""Extruded, swept and lofted bodies, faces with stock, and the surface at a distance."""

from __future__ import annotations

import math

import numpy as np
import pytest

from castsolve.errors import GeometryError
from castsolve.geometry import Anchor, Part, require_closed
from castsolve.geometry.offset import offset_surface
from castsolve.geometry.outlines import circle, outline_of, rectangle, rounded, trapezoid
from castsolve.geometry.patches import face_at, slab_on
from castsolve.geometry.sweeps import extruded, lofted, swept, swept_tube
from castsolve.units import mm

L_SHAPE = [(0, 0), (0.04, 0), (0.04, 0.01), (0.01, 0.01), (0.01, 0.04), (0, 0.04)]


@pytest.mark.parametrize("axis", ["x", "y", "z", "-x", "-z"])
def test_a_prism_has_the_volume_of_its_outline(axis):
    body = extruded(L_SHAPE, "10 mm", axis=axis)
    require_closed(body, "prism")
    assert body.volume == pytest.approx(7e-6, rel=1e-12)
    assert body.size["xyz".index(axis[-1])] == pytest.approx(0.01)


def test_outlines_turn_counter_clockwise_and_rounding_takes_what_the_arcs_leave():
    assert np.array_equal(outline_of(L_SHAPE[::-1]), np.array(L_SHAPE))
    r, n = 3 * mm, 64
    body = extruded(rectangle(0.04, 0.02, radius=r, steps=n), 1.0)
    assert body.volume == pytest.approx(0.04 * 0.02 - (4 - math.pi) * r * r, rel=1e-4)
    assert extruded(circle(0.02), 1.0).volume == pytest.approx(math.pi * 1e-4, rel=1e-12)
    inside = extruded(rounded(L_SHAPE, [0, 0, 0, 2 * mm, 0, 0], steps=n), 1.0)
    assert inside.volume == pytest.approx(7e-4 + (1 - math.pi / 4) * 4e-6, rel=1e-4)  # the inner corner is filled


def test_a_sweep_with_mitred_corners_has_the_volume_of_its_path():
    section = rectangle(0.02, 0.01)
    path = [(0, 0, 0), (0.1, 0, 0), (0.1, 0.08, 0), (0.1, 0.08, 0.05)]
    body = swept(section, path[:3])
    require_closed(body, "runner")
    assert body.volume == pytest.approx(2e-4 * 0.18, rel=1e-12)
    assert body.size == pytest.approx([0.11, 0.09, 0.01])
    tube = swept_tube([0.02] * 4, path, bore=[0.01] * 4)
    require_closed(tube, "tube")
    assert tube.volume == pytest.approx(math.pi / 4 * 3e-4 * 0.23, rel=1e-9)
    tapered = swept(trapezoid(0.03, 0.02, 0.025), path[:2], scale=[1.0, 0.5])
    area = 0.025 * 0.025
    assert tapered.volume == pytest.approx(0.1 * area / 3 * (1 + 0.5 + 0.25), rel=1e-9)


def test_refusals():
    with pytest.raises(GeometryError, match="encloses no area"):
        outline_of([(0, 0), (1, 0), (2, 0)])
    with pytest.raises(GeometryError, match="the path turns back at point 1"):
        swept(rectangle(0.01, 0.01), [(0, 0, 0), (0.1, 0, 0), (0, 0.001, 0)])
    with pytest.raises(GeometryError, match="cannot be joined"):
        lofted([np.zeros((4, 3)), np.zeros((5, 3))])


def test_a_face_ends_at_its_edges_and_a_bore_is_taken_all_round():
    box = Part.box((0.1, 0.08, 0.05))
    assert len(face_at(box.surface, box.top)) == 2
    tube = Part.tube(0.1, 0.05, bore=0.06)
    ring = slab_on(tube.surface, face_at(tube.surface, tube.top), low=0.0, high=3 * mm)
    require_closed(ring, "ring")
    assert ring.volume == pytest.approx(math.pi / 4 * (0.1**2 - 0.06**2) * 3 * mm, rel=1e-9)
    bore = slab_on(tube.surface, face_at(tube.surface, tube.nearest((0.02, 0.0, 0.025))), low=0.0, high=3 * mm)
    require_closed(bore, "bore")
    assert bore.volume == pytest.approx(math.pi * (0.03**2 - 0.027**2) * 0.05, rel=2e-3)


def test_stock_moves_with_its_part():
    box = Part.box((0.1, 0.08, 0.05))
    part = box.with_stock("3 mm", at=[box.top, box.side("+x")])
    assert part.volume == box.volume
    assert [piece.surface.volume for piece in part.stock] == pytest.approx([0.1 * 0.08 * 3.01e-3, 0.08 * 0.05 * 3.01e-3])
    turned = part.turned("90 deg", axis="x").scaled(2.0)
    top = turned.stock[0]
    assert top.thickness == pytest.approx(6 * mm)
    assert top.at.normal == pytest.approx([0.0, -1.0, 0.0], abs=1e-12)
    assert top.surface.bounds[0][1] == pytest.approx(-0.056)
    with pytest.raises(GeometryError, match="was given stock twice"):
        box.with_stock(0.003, at=[box.top, box.above(0.01, 0.01)])
    with pytest.raises(GeometryError, match="stock = -1 mm must be above 0 mm"):
        box.with_stock(-0.001, at=box.top)
    with pytest.raises(GeometryError, match="no face of the part looks the way"):
        box.with_stock(0.003, at=Anchor((0.05, 0.04, 0.025), (1, 1, 1)))


def test_the_surface_at_a_distance_around_a_ball_and_a_box():
    ball = Part.sphere(60 * mm).surface
    shell = offset_surface([ball], 8 * mm)
    require_closed(shell, "shell")
    assert shell.volume == pytest.approx(4 / 3 * math.pi * 0.038**3, rel=5e-3)
    r = np.linalg.norm(shell.points, axis=1)
    assert np.abs(r - 0.038).max() < 0.3 * mm
    # A box and a rod through it: edges become quarter rounds (Steiner's formula for the box alone).
    a, b, c, t = 0.06, 0.05, 0.04, 6 * mm
    box = offset_surface([Part.box((a, b, c)).surface], t)
    steiner = a * b * c + 2 * (a * b + b * c + a * c) * t + math.pi * (a + b + c) * t * t + 4 / 3 * math.pi * t**3
    assert box.volume == pytest.approx(steiner, rel=5e-3)
    both = offset_surface([Part.box((a, b, c)).surface, Part.cylinder(0.02, 0.03, base=(0, 0, 0.015)).surface], t)
    require_closed(both, "both")
    assert both.volume == pytest.approx(steiner + math.pi * 0.016**2 * 0.025, rel=2e-2)


def test_a_shell_is_cut_flat_where_the_cup_is_open():
    ball = Part.sphere(60 * mm).surface
    shell = offset_surface([ball], 8 * mm, up=np.array([0.0, 0.0, 1.0]), top=0.02)
    assert shell.bounds[1][2] == pytest.approx(0.02, abs=1e-5)
    h = 0.038 - 0.02
    cap = math.pi * h * h * (0.038 - h / 3)
    assert shell.volume == pytest.approx(4 / 3 * math.pi * 0.038**3 - cap, rel=1e-2)
    with pytest.raises(GeometryError, match="is too fine to be drawn"):
        offset_surface([Part.box((2.0, 2.0, 2.0)).surface], 2 * mm)
