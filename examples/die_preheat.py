"""A plate in a steel die at three preheats: does the time to freeze follow the fall of temperature that is left?"""

from __future__ import annotations

import castsolve as cs
from castsolve.units import degC, mm

plate = cs.Part.box((120 * mm, 80 * mm, 8 * mm), name="plate")
gate = cs.Gate.slot(width=40 * mm, height=8 * mm, at=plate.side("+x"))


def time_to_solid(preheat: float) -> float:
    """Return when the plate is solid in a die at a temperature (s)."""
    casting = cs.GravityDieCasting(
        plate, alloy="A356", mould="H13", coating="insulating", mould_temperature=preheat, pour_temperature=degC(700), wall=40 * mm,
        rigging=gate, symmetry={"y": 0.0},
    )  # fmt: skip
    result = cs.solidify(casting, voxel=4 * mm)
    return result.peak("solidification_time", where=result.where(body="plate")).value


times = {celsius: time_to_solid(degC(celsius)) for celsius in (150, 250, 350)}
print({f"{celsius} degC": f"{time:.1f} s" for celsius, time in times.items()})

# Where the coating resists, the time is as 1 / (freezing temperature - die temperature), with the die's own warming on top.
freezing = 0.5 * (615.0 + 555.0)
over_rule = {hot: times[hot] / times[cold] / ((freezing - cold) / (freezing - hot)) for cold, hot in ((150, 250), (250, 350))}
print({f"{hot} degC": f"{ratio:.2f} times the rule" for hot, ratio in over_rule.items()})
assert all(1.0 < ratio < 1.35 for ratio in over_rule.values())
