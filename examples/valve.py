"""A steel valve body with two risers and a gate: does the riser freeze after the casting that it feeds?"""

from __future__ import annotations

import castsolve as cs
from castsolve.demo import valve_body_path
from castsolve.units import degC, mm

body = cs.Part.read(valve_body_path(), unit="mm", name="valve body")
bonnet = cs.Riser.cylinder(diameter=120 * mm, height=180 * mm, at=body.top, name="bonnet riser")
flange = cs.Riser.cylinder(diameter=64 * mm, height=96 * mm, at=body.above(-140 * mm, 0.0), sleeve="insulating")
gate = cs.Gate.slot(width=40 * mm, height=20 * mm, at=body.nearest((0.0, -90 * mm, 0.0)))
casting = cs.SandCasting(
    body, alloy="WCB", mould="green-sand", rigging=[gate, bonnet, flange], pour_temperature=degC(1580)
)
print(casting.summary())

result = cs.solidify(casting, voxel=8 * mm)
print(result.summary())
print(cs.verdicts(result))

last = result.peak("solidification_time")
part_last = result.peak("solidification_time", where=result.where(body="valve body"))
print(f"the riser freezes {(last.value - part_last.value) / 60:.1f} min after the casting")

# The valve body weighs what its surface holds, at 7850 kg/m3; the riser freezes last, and well after the casting.
assert abs(result.facts["masses"]["part"] / (body.volume * 7850.0) - 1.0) < 2e-3
assert last.body == "bonnet riser"
assert last.value > 1.2 * part_last.value
