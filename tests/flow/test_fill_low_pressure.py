"""A low-pressure casting fills by its own pressure through its riser tube."""

from __future__ import annotations

import math

import numpy as np
import pytest

import castsolve as cs
from castsolve.simulation import plan_fill
from castsolve.units import degC, mm

LEVEL = 30 * mm


@pytest.fixture(scope="module")
def casting():
    """A block over a tube; the pressure lifts metal slowly to 30 mm of its 50, and holds it there."""
    body = cs.Part.box((40 * mm, 40 * mm, 50 * mm), corner=(-20 * mm, -20 * mm, 0)).renamed("block")
    rho_g = cs.SandCasting(body, alloy="A356", mould="green-sand", pour_temperature=degC(720)).alloy.density_at(degC(720)) * 9.81
    hold = rho_g * (0.4 + LEVEL)
    return cs.LowPressureCasting(
        body, alloy="A356", die=cs.Die(steel="H13", temperature=degC(300), parting=0.0, wall=20 * mm), pour_temperature=degC(720),
        melt_level=-0.4, rigging=[cs.RiserTube(diameter=20 * mm, at=(0, 0, 0), length=20 * mm)],
        pressure=[(0.0, 0.0), (2.0, rho_g * 0.4), (5.0, hold), (8.0, hold), (9.0, 2.0 * hold), (60.0, 2.0 * hold)],
    )  # fmt: skip


def test_the_lift_is_the_pressure_less_the_column(casting):
    lift = casting.lift.pressure
    rho_g = casting.melt_density * 9.81
    # At 2 s metal stands at the end of the tube.
    assert lift(0.0) == 0.0
    assert lift(1.5) == pytest.approx(0.5 * rho_g * LEVEL, rel=1e-6)
    assert lift(4.0) == pytest.approx(rho_g * LEVEL, rel=1e-6)


def test_metal_comes_through_the_round_of_the_tube(casting):
    plan = plan_fill(casting, voxel=5 * mm)
    (entry,) = plan.entries
    # A round of 64 corners or so.
    assert entry.area == pytest.approx(math.pi * (10 * mm) ** 2, rel=5e-3)
    assert entry.name == "riser tube 1" and entry.at.normal.tolist() == [0.0, 0.0, -1.0]
    assert entry.at.point[2] == pytest.approx(0.0, abs=2e-5)
    (port,) = plan.problem.ports
    faces = plan.problem.port_faces(port)
    assert float(faces[3].sum()) * (5 * mm) ** 2 == pytest.approx(entry.area, rel=0.05)


@pytest.mark.parametrize("voxel", [5 * mm, pytest.param(2.5 * mm, marks=pytest.mark.slow)])
def test_metal_rises_with_the_pressure_and_stays_where_it_holds_it(casting, voxel):
    """The level follows the lift without swinging about it, and swings out when the lift ends: metal that comes in loses its
    speed, and so does what goes back."""
    filled = cs.fill(casting, voxel=voxel, until=4.5, record=[1.6, 1.8, 2.0, 2.2, 2.4, 2.6, 2.8, 3.0])
    volumes, rho_g = filled.volumes(), casting.melt_density * 9.81
    for time, moment in filled.moments.items():
        depth = np.nansum(moment["fill_fraction"] * volumes) / (40 * mm) ** 2
        near = 0.5 * mm if time > 3.0 else 0.2 * mm
        assert depth == pytest.approx(casting.lift.pressure(time) / rho_g, abs=near)
    assert filled.facts["filling"]["inlets"][0]["kind"] == "pressure curve"
    assert filled.facts["filling"]["stopped"] in ("came to rest", "time was up")
