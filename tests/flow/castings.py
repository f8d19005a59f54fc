"""Small castings that fill in a second: a plate with a gate at its foot, a cup with basin, sprue, runner and gate."""

from __future__ import annotations

import castsolve as cs
from castsolve.units import degC, mm


def plate(pour_time=2.0, symmetry=None, **more):
    """A plate of 60 x 20 x 80 mm with a gate of 20 x 10 mm at the foot of its side; the gate ends on voxel faces of 5 mm."""
    body = cs.Part.box((60 * mm, 20 * mm, 80 * mm), corner=(0, -10 * mm, 0)).renamed("plate")
    gate = cs.Gate.slot(width=20 * mm, height=10 * mm, length=20 * mm, at=body.nearest((-10 * mm, 0, 5 * mm)))
    return cs.SandCasting(
        body, alloy="A356", mould="green-sand", rigging=[gate], pour_temperature=degC(720), pour_time=pour_time, symmetry=symmetry,
        flask=30 * mm, **more,
    )  # fmt: skip


def gated(pour_time=1.5, basin=True, **more):
    """A block beside a sprue: basin, sprue with well, runner, gate at the foot."""
    body = cs.Part.box((40 * mm, 40 * mm, 40 * mm), corner=(40 * mm, -20 * mm, 0)).renamed("block")
    sprue = cs.Sprue.round(
        diameter=12 * mm, height=70 * mm, at=(-20 * mm, 0, 5 * mm), head=20 * mm, well=cs.Well(diameter=20 * mm, depth=10 * mm)
    )
    runner = cs.Runner.bar(width=16 * mm, height=10 * mm, path=[(-20 * mm, 0, 0), (35 * mm, 0, 0)], top_width=16 * mm)
    gate = cs.Gate.slot(width=16 * mm, height=10 * mm, length=15 * mm, at=body.nearest((30 * mm, 0, 5 * mm)))
    cup = [cs.Basin.cup(diameter=40 * mm, depth=20 * mm, at=(-20 * mm, 0, 75 * mm))] if basin else []
    return cs.SandCasting(
        body, alloy="A356", mould="green-sand", rigging=[*cup, sprue, runner, gate], pour_temperature=degC(720),
        pour_time=pour_time, flask=30 * mm, **more,
    )  # fmt: skip


def strip(pour_temperature=913.15, pour_time=1.0):
    """A strip of 120 x 12 x 3 mm in a cold steel die, fed at one end."""
    body = cs.Part.box((120 * mm, 12 * mm, 3 * mm), corner=(0, -6 * mm, -1.5 * mm)).renamed("strip")
    gate = cs.Gate.slot(width=12 * mm, height=3 * mm, length=9 * mm, at=body.nearest((-10 * mm, 0, 0)))
    return cs.GravityDieCasting(
        body, alloy="A356", mould="H13", rigging=[gate], pour_temperature=pour_temperature, mould_temperature=degC(150),
        pour_time=pour_time, flask=12 * mm,
    )  # fmt: skip
