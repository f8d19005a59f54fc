"""An aluminium housing of an electric motor: gating by ratio, a core with its print, a riser on the bearing seat.

The same job as ``motor_housing.toml``. For the alloy of pressure die castings write "AlSi9Cu3".
"""

from __future__ import annotations

import math
from pathlib import Path

import castsolve as cs
from castsolve.units import degC, mm

HERE = Path(__file__).resolve().parent
ALLOY = "A356"

part = cs.Part.read(HERE / "parts" / "motor-housing.stl", unit="mm", name="housing")
core = cs.Core.read(HERE / "parts" / "motor-housing-core.stl", unit="mm", material="furan-sand", name="barrel core")

# What must pass the choke: 11 kg with riser and gating in 9 s, under 300 mm, the housing rising 212 mm above its gates.
design = cs.GatingDesign.of(ALLOY, mass=11.0, head=300 * mm, above_gates=212 * mm, pour_time=9.0, gates=4, runners=2)
print(design)
foot, side = design.sprue_diameter, design.runner_width
gates = []
for angle in (-40, -14, 14, 40):
    ray = (math.cos(math.radians(angle)), math.sin(math.radians(angle)))
    at = part.nearest((160 * mm * ray[0], 160 * mm * ray[1], 6 * mm))
    # Into the runner along x = 180 mm.
    gates.append(design.gate(at, length=180 * mm / ray[0] - 128 * mm, flat=3.5))
rigging = [
    core,
    cs.Basin.cup(diameter=3 * foot, bottom_diameter=1.8 * foot, depth=40 * mm, at=(232 * mm, 0, 280 * mm), name="cup"),
    design.sprue(at=(232 * mm, 0, 12 * mm), height=268 * mm, head=40 * mm),
    design.runner([(232 * mm, 0, -10 * mm), (180 * mm, 0, -10 * mm)], name="lead runner"),
    design.runner([(180 * mm, -160 * mm, -10 * mm), (180 * mm, 160 * mm, -10 * mm)], name="cross runner"),
    *gates,
    cs.Riser.cylinder(diameter=92 * mm, height=108 * mm, at=part.top, sleeve="insulating", top="open", name="seat riser"),
    cs.Chill.contour((60 * mm, 30 * mm, 15 * mm), at=part.nearest((0, 140 * mm, 6 * mm)), name="flange chill"),
]
casting = cs.SandCasting(
    part, alloy=ALLOY, mould="furan-sand", rigging=rigging, pour_temperature=degC(720), pour_time=design.pour_time
)
print(casting.summary())
result = cs.solidify(casting, voxel=10 * mm)
last, mine = result.peak("solidification_time"), result.where(body="housing")
part_last = result.peak("solidification_time", where=mine)
print(f"housing solid after {part_last.value / 60:.1f} min, {last.body} after {last.value / 60:.1f} min")

# Bernoulli's choke, by hand: mass over density, time, loss and the free-fall speed of the mean head of 194 mm.
by_hand = 11.0 / (casting.alloy.density_at(casting.alloy.liquidus.value) * 9.0 * 0.42 * (2 * 9.81 * 0.194) ** 0.5)
assert abs(design.sprue_area / by_hand - 1.0) < 1e-9
# The case file has the same job.
assert cs.read_case(HERE / "motor_housing.toml").casting.summary() == casting.summary()
# The grid holds the housing's volume; the riser on the bearing seat freezes last.
assert abs(result.facts["masses"]["part"] / (part.volume * casting.alloy.density_at(298.15)) - 1.0) < 5e-3
assert last.body == "seat riser"
