"""A bracket in a gravity die, poured at once, level, and while the die tilts: what the way of filling does to the cycle."""

from __future__ import annotations

import numpy as np

import castsolve as cs
from castsolve.units import degC, mm

# A bar with two feet, and the riser that feeds it where the metal comes in.
bracket = cs.Part.extruded(
    [(z * mm, x * mm) for z, x in ((0, -60), (32, -58), (32, 58), (0, 60), (0, 40), (16, 38), (16, -38), (0, -40))], 24 * mm,
    axis="y", name="bracket",
)  # fmt: skip
lo, hi = bracket.bounds
bracket = bracket.moved(-0.5 * (lo + hi))
riser = cs.Riser(cs.Part.box((20 * mm, 20 * mm, 34 * mm), corner=(-54 * mm, -10 * mm, 15 * mm)))
water = cs.CoolingChannel(
    [(0, -0.2, -30 * mm), (0, 0.2, -30 * mm)], diameter=10 * mm, flow="6 litre/minute", inlet_temperature=degC(30)
)
# The die opens across the bracket: the halves meet in its middle.
die = cs.Die(
    steel="H13", temperature=degC(280), parting=0.0, opening="y", wall=30 * mm, coating="insulating", channels=[water],
    contact=2000.0,
)  # fmt: skip


def cycle(fill: float, tilt: cs.Tilt | None = None):
    """Return three shots with a fill time, poured level or while the die tilts."""
    casting = cs.GravityDieCasting(bracket, alloy="A356", die=die, pour_temperature=degC(720), rigging=[riser], tilt=tilt)
    machine = cs.MachineCycle(fill=fill, fill_steps=6, open=5.0, eject=10.0, close=10.0)
    return cs.run_cycles(casting, machine, voxel=6 * mm, shots=3)


at_once, level, tilted = cycle(0.0), cycle(8.0), cycle(8.0, cs.Tilt(axis="y", angle="60 deg"))
for name, found in (("at once", at_once), ("level in 8 s", level), ("tilted in 8 s", tilted)):
    print(f"{name}: dwell {found.dwell:.0f} s, {found.shots_per_hour():.1f} shots an hour")


def sides(found) -> tuple[float, float]:
    """Mean solidification time (s) of the metal at either end of the bracket."""
    result = found.result
    part, time = result.where(role="part"), result["solidification_time"]
    x = np.nonzero(part.any(axis=(1, 2)))[0]
    ends = [time[x[0] : x[0] + 4][part[x[0] : x[0] + 4]], time[x[-1] - 3 : x[-1] + 1][part[x[-1] - 3 : x[-1] + 1]]]
    return float(np.mean(ends[0])), float(np.mean(ends[1]))


for found in (level, tilted):
    assert abs(found.stage_times()["fill"] - 8.0) < 1e-9
    taken = sum(heat for name, heat in found.heat.items() if name != "metal")
    assert abs(taken - found.heat["metal"]) < 1e-4 * found.heat["metal"]
# While it fills the metal loses heat: the full die opens earlier than one that was full at once.
assert level.dwell < at_once.dwell
# The tilted die fills from one end: its metal lies longer there, and is ahead in freezing.
assert sides(tilted)[0] - sides(tilted)[1] < sides(level)[0] - sides(level)[1] - 0.5
