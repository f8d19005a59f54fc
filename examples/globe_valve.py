"""The body of a steel globe valve: machining stock, risers with sleeves, breaker core and topping, half of it simulated.

The same job as ``globe_valve.toml``. The hollow of the part is filled by the sand of the mould: no core is needed for heat.
"""

from __future__ import annotations

from pathlib import Path

import castsolve as cs
from castsolve.units import degC, mm

HERE = Path(__file__).resolve().parent
ALLOY = "WCB"

raw = cs.Part.read(HERE / "parts" / "valve-body.stl", unit="mm", name="valve")
# Both pipe flanges are faced: 4 mm.
part = raw.with_stock(4 * mm, at=[raw.side("+x"), raw.side("-x")])

design = cs.GatingDesign.of(ALLOY, mass=42.0, head=382 * mm, above_gates=135 * mm, casting_height=218 * mm)
print(design)
flange = {"diameter": 70 * mm, "height": 105 * mm, "sleeve": cs.Sleeve(thickness=12 * mm), "topping": "insulating"}
# A bottom pour: the sprue stands before the chamber, in the plane of symmetry that halves the job.
rigging = [
    design.basin(at=(0, -160 * mm, 300 * mm), depth=60 * mm, name="basin"),
    design.sprue(at=(0, -160 * mm, -10 * mm), height=310 * mm, head=60 * mm),
    cs.Gate.slot(width=44 * mm, height=22 * mm, length=110 * mm, at=part.nearest((0, -120 * mm, -22 * mm))),
    cs.Riser.cylinder(
        diameter=120 * mm,
        height=170 * mm,
        at=part.top,
        breaker=cs.Breaker(hole=100 * mm, thickness=12 * mm),
        topping=cs.Topping(thickness=30 * mm),
        name="bonnet riser",
    ),
    cs.Riser.cylinder(**flange, at=part.above(-138 * mm, 0), name="left riser"),
    cs.Riser.cylinder(**flange, at=part.above(138 * mm, 0), name="right riser"),
]
casting = cs.SandCasting(
    part, alloy=ALLOY, mould="furan-sand", rigging=rigging, pour_temperature=degC(1590), pour_time=design.pour_time
)
print(casting.summary())
result = cs.solidify(casting, voxel=10 * mm)

last = result.peak("solidification_time")
part_last = result.peak("solidification_time", where=result.where(body="valve"))
print(f"valve solid after {part_last.value / 60:.1f} min, {last.body} after {last.value / 60:.1f} min")
masses = result.facts["masses"]
print({role: f"{mass:.3g} kg" for role, mass in masses.items() if role not in ("poured", "casting_yield")})

# The stock is metal of its own: 4 mm on two rings of 165 and 50 mm. The bonnet riser freezes last.
rings = 2 * 3.14159 / 4 * (0.165**2 - 0.050**2) * 0.004 * casting.alloy.density_at(298.15)
assert abs(masses["stock"] / rings - 1.0) < 0.02
assert last.body == "bonnet riser"
# What CAD gets: one STL a body, and one row a body.
assert cs.read_case(HERE / "globe_valve.toml").casting.summary() == casting.summary()
