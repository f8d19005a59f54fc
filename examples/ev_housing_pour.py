"""Housing of an electric drive as a prototype in sand: poured through basin, sprue, runner and two gates, and how the metal came.

The metal falls 115 mm from basin to runner and is several times as fast in the sprue as in the two gates, which share what comes.
The runner lies below the gates, so it fills first; the housing then fills from its flange to its top, below aluminium's 0.5 m/s.
"""

from __future__ import annotations

import math

import numpy as np

import castsolve as cs
from castsolve.units import degC, mm

# A cup with a flange at the parting plane, open below.
housing = cs.Part.revolved(
    [(r * mm, z * mm) for r, z in ((42, 0), (62, 0), (62, 8), (52, 8), (50, 56), (0, 56), (0, 46), (40, 46))], axis="z",
    name="housing",
)  # fmt: skip
runner = cs.Runner.bar(width=20 * mm, height=15 * mm, path=[(-130 * mm, 0, -15 * mm), (-85 * mm, 0, -15 * mm)], top_width=20 * mm)
cross = cs.Runner.bar(
    width=20 * mm, height=15 * mm, path=[(-85 * mm, -48 * mm, -15 * mm), (-85 * mm, 48 * mm, -15 * mm)], top_width=20 * mm
)
gates = [cs.Gate(cs.Part.box((48 * mm, 24 * mm, 8 * mm), corner=(-95 * mm, y * mm, 0))) for y in (16, -40)]
sprue = cs.Sprue.round(
    diameter=15 * mm, height=90 * mm, at=(-130 * mm, 0, -10 * mm), head=25 * mm, well=cs.Well(diameter=30 * mm, depth=10 * mm)
)
basin = cs.Basin.cup(diameter=50 * mm, depth=25 * mm, at=(-130 * mm, 0, 80 * mm))
casting = cs.SandCasting(
    housing, alloy="A356", mould="green-sand", rigging=[basin, sprue, runner, cross, *gates], pour_temperature=degC(740),
    pour_time=2.5, symmetry={"y": 0.0}, flask=30 * mm,
)  # fmt: skip
print(casting)
filled = cs.fill(casting, voxel=5 * mm, record=[0.5, 1.0, 1.5, 2.0])
print(filled.summary())
print(cs.verdicts(filled))
# To see it: cs.view.animation(filled, "housing.gif", "speed", surface=True), cs.view.casting(filled, "fill_time", lines=True).

told, part = filled.facts["filling"], filled.where(role="part")
gate = told["gates"]["gate 1"]
# What the ladle gave in the time of the pour is what the mould holds.
assert told["stopped"] == "full" and abs(told["fill_time"] / 2.5 - 1.0) < 0.06 and told["defect"] < 1e-12
# Half the housing, and what lies between it and the gate's middle, passed the gate of this half.
housing_half = 0.5 * float(casting.part.volume)
assert 1.0 < gate["passed"] / housing_half < 1.05
entrainment = next(row for row in cs.verdicts(filled).rows if row.defect == "entrainment")
assert gate["speed"] < 0.5 and entrainment.severity == "ok"
# In the sprue metal falls: faster than 1 m/s, and no faster than from basin to well.
fastest = float(np.nanmax(filled["largest_speed"][filled.where(role="sprue")]))
print(f"in the sprue {fastest:.2f} m/s, in the gate {gate['mean_speed']:.2f} m/s")
assert 1.0 < fastest
# Runner, gate, housing, in this order; the top is the last of the part.
first = [float(np.nanmedian(filled["fill_time"][filled.where(role=role)])) for role in ("runner", "gate", "part")]
assert first == sorted(first)
assert filled.peak("fill_time", where=part).point[2] > 46 * mm
# No metal is older than the pour, and the coldest comes into the housing well above its liquidus.
assert 0.0 < float(np.nanmin(filled["metal_age"])) and float(np.nanmax(filled["metal_age"])) < told["fill_time"]
assert float(np.nanmin(filled["front_temperature"][part])) > filled.facts["alloy"]["liquidus"] + 50.0
assert math.isclose(max(filled.moments), told["fill_time"])
