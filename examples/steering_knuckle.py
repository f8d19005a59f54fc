"""A right and a left steering knuckle of ductile iron in one mould: a filter in the runner, risers with breaker cores.

The same job as ``steering_knuckle.toml``.
"""

from __future__ import annotations

from pathlib import Path

import castsolve as cs
from castsolve.units import degC, mm

HERE = Path(__file__).resolve().parent
ALLOY = "EN-GJS-400-15"

right = cs.Part.read(HERE / "parts" / "knuckle-right.stl", unit="mm", name="right knuckle")
left = cs.Part.read(HERE / "parts" / "knuckle-left.stl", unit="mm", name="left knuckle")

design = cs.GatingDesign.of(ALLOY, mass=16.0, head=160 * mm, above_gates=40 * mm, casting_height=84 * mm, wall=18 * mm, gates=2)
print(design)


def riser(part: cs.Part, x: float) -> cs.Riser:
    """Return the riser on the hub of a knuckle: ductile iron takes 0.8 to 1.0 of the modulus of the section."""
    return cs.Riser.cylinder(
        diameter=52 * mm,
        height=70 * mm,
        at=part.above(x, 0),
        breaker=cs.Breaker(hole=26 * mm, thickness=8 * mm, diameter=48 * mm),
        topping="insulating",
        name=f"{part.name} riser",
    )


def gate(part: cs.Part, x: float, towards: float) -> cs.Gate:
    """Return the level gate of a knuckle, from its lower arm, whose face is slanted, to the side of the runner."""
    place = part.nearest((x, 2 * mm, 2 * mm)).point
    return design.gate(cs.Anchor(place, (towards, 0, 0)), length=50 * mm, flat=2.5)


rigging = [
    design.basin(at=(0, 120 * mm, 164 * mm), depth=30 * mm),
    design.sprue(at=(0, 120 * mm, 14 * mm), height=150 * mm, head=30 * mm),
    design.runner([(0, 120 * mm, -12 * mm), (0, -40 * mm, -12 * mm)]),
    cs.Filter.foam((34 * mm, 34 * mm, 22 * mm), at=(0, 60 * mm, 0), direction="-y", ppi=30),
    gate(right, 50 * mm, -1.0),
    gate(left, -50 * mm, 1.0),
    riser(right, 194 * mm),
    riser(left, -194 * mm),
    cs.Vent(diameter=4 * mm, at=right.top),
    cs.Vent(diameter=4 * mm, at=left.top),
]
casting = cs.SandCasting(
    right,
    more_parts=[left],
    alloy=ALLOY,
    mould="green-sand",
    rigging=rigging,
    pour_temperature=degC(1380),
    pour_time=design.pour_time,
)
print(casting.summary())
result = cs.solidify(casting, voxel=8 * mm)

# Mirror images freeze alike, and both risers hold out longer than their knuckles.
times = {name: result.peak("solidification_time", where=result.where(body=name)).value
         for name in ("right knuckle", "left knuckle", "right knuckle riser", "left knuckle riser")}  # fmt: skip
print({name: f"{time / 60:.2f} min" for name, time in times.items()})
assert abs(times["left knuckle"] / times["right knuckle"] - 1.0) < 0.01
assert times["right knuckle riser"] > times["right knuckle"]
# A flow would find where metal enters, where air leaves, and what the filter does to it.
assert [opening.role for opening in casting.openings] == ["inlet", "vent", "vent"]
assert casting.layout(8 * mm).pores["filter 1"].permeability == 5.08e-8
# The case file has the same job.
assert cs.read_case(HERE / "steering_knuckle.toml").casting.summary() == casting.summary()
