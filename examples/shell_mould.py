"""An iron bearing cap in a thin shell of resin sand, in the air or backed by sand: what does the backing do?"""

from __future__ import annotations

import castsolve as cs
from castsolve.geometry import outlines
from castsolve.units import degC, mm

# Across y the first axis of an outline is z, the second x: the cap lies on its side.
outline = outlines.rounded(
    [(-35 * mm, 0), (35 * mm, 0), (35 * mm, 20 * mm), (22 * mm, 24 * mm), (16 * mm, 50 * mm), (-16 * mm, 50 * mm),
     (-22 * mm, 24 * mm), (-35 * mm, 20 * mm)],
    6 * mm,
)  # fmt: skip
cap = cs.Part.extruded(outline, 40 * mm, axis="y", base=(0, -20 * mm, 0), name="cap")
riser = cs.Riser.cylinder(diameter=36 * mm, height=50 * mm, at=cap.top, name="riser")


def cast(backing: str | None) -> cs.Results:
    """Freeze the cap in a shell of 12 mm."""
    casting = cs.ShellMouldCasting(
        cap, alloy="EN-GJS-400-15", mould="furan-sand", shell=12 * mm, backing=backing, pour_temperature=degC(1380),
        rigging=riser, symmetry={"y": 0.0},
    )  # fmt: skip
    return cs.solidify(casting, voxel=5 * mm)


times = {name: cast(name).peak("solidification_time").value for name in (None, "green-sand")}
print(f"in the air {times[None]:.0f} s, backed by green sand {times['green-sand']:.0f} s")

# The shell heats through before the cap is solid; behind it cold sand takes up more than the air does.
assert 0.5 < times["green-sand"] / times[None] < 1.0
