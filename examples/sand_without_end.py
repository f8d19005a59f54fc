"""A block in a small box of sand: with half spaces beyond its sides it freezes as in a large one, at a fraction of the voxels."""

from __future__ import annotations

import castsolve as cs
from castsolve.units import degC, mm

block = cs.Part.box((60 * mm, 60 * mm, 40 * mm), name="block")


def cast(wall: float, sides: str | tuple[str, ...]) -> cs.Results:
    """Freeze a quarter of the block in a box with walls of a thickness."""
    casting = cs.SandCasting(
        block, alloy="A356", mould="furan-sand", pour_temperature=degC(720), flask=wall, symmetry="quarter", deep_sides=sides
    )
    return cs.solidify(casting, voxel=4 * mm)


jobs = {"large box": (120 * mm, ()), "small box, sand without end": (16 * mm, "all"), "small box in the air": (16 * mm, ())}
times, voxels = {}, {}
for name, (wall, sides) in jobs.items():
    result = cast(wall, sides)
    times[name], voxels[name] = result.peak("solidification_time").value, result["temperature"].size
    print(f"{name:28s} {times[name]:6.0f} s, {voxels[name]:6d} voxels")

# Past the small box the heat goes straight on; what it would spread sideways is not counted and costs a few per cent.
wanted = times["large box"]
assert abs(times["small box, sand without end"] / wanted - 1.0) < 0.06
assert abs(times["small box in the air"] / wanted - 1.0) > 2.0 * abs(times["small box, sand without end"] / wanted - 1.0)
