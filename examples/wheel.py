"""A wheel in a low-pressure die: the lift, the furnace behind the tube, four side dies, water in the hub and the rim."""

from __future__ import annotations

import math

import castsolve as cs
from castsolve.units import degC, mm


def turned(corners: list[tuple[float, float]], name: str) -> cs.Part:
    """Return a body of revolution from radii and heights in mm."""
    return cs.Part.revolved([(r * mm, z * mm) for r, z in corners], axis="z", name=name)


# Hub, disc and rim; the rim's outside, with a flange at either end, is formed by side dies.
wheel = turned(
    [(0, 0), (36, 0), (40, 24), (126, 24), (126, 30), (120, 32), (120, 84), (126, 88), (126, 96), (108, 96), (104, 42), (38, 40),
     (34, 54), (0, 54)],
    "wheel",
)  # fmt: skip
ring = turned([(126, 24), (168, 24), (168, 96), (126, 96), (126, 88), (120, 84), (120, 32), (126, 30)], "ring")


def side(n: int) -> cs.DiePiece:
    """Return one of four side dies; in the quarter that is solved the ring is one of them."""
    way = (math.cos(math.pi / 4 + n * math.pi / 2), math.sin(math.pi / 4 + n * math.pi / 2), 0.0)
    return cs.DiePiece(ring, kind="slide", opening=way, temperature=degC(320), name="side die")


water = {"medium": "water", "inlet_temperature": degC(25), "flow": "6 litre/minute"}
hub = cs.CoolingChannel([(0, 0, 0.2), (0, 0, 70 * mm)], diameter=16 * mm, window=("30 s", "240 s"), name="hub", **water)
rim = cs.CoolingChannel(
    [(140 * mm, -0.2, 50 * mm), (140 * mm, 0.2, 50 * mm)], diameter=12 * mm, window=("15 s", "240 s"), name="rim", **water
)
die = cs.Die(
    steel="H13", temperature=degC(350), parting=24 * mm, wall=36 * mm, coating="insulating", pieces=[side(0)], channels=[hub, rim]
)
casting = cs.LowPressureCasting(
    wheel, alloy="A356", die=die, pour_temperature=degC(710), melt_level=-0.5, symmetry="quarter",
    pressure=[("0 s", "0 kPa"), ("10 s", "18 kPa"), ("14 s", "50 kPa"), ("180 s", "50 kPa")],
    rigging=[cs.RiserTube(diameter=50 * mm, at=(0, 0, 0), length=30 * mm)],
)  # fmt: skip
print(casting)
machine = cs.MachineCycle(open=10.0, eject=20.0, close=15.0, wait=5.0)
# With voxels of 6 mm the dwell is 448 s instead of 456 s.
cycle = cs.run_cycles(casting, machine, voxel=8 * mm, tolerance=5.0)
print(cycle)

# The metal rises through the wheel as the pressure does.
assert abs(cycle.stage_times()["fill"] - casting.own_fill_time) < 1e-6
assert 1.0 < casting.own_fill_time < 10.0
# The furnace feeds heat through the tube: between 1 and 20 % of what the casting gives.
assert 0.01 < -cycle.heat["riser tube"] / cycle.heat["metal"] < 0.2
# It freezes towards the tube: the hub is the last, the rim the first.
time = cycle.result["solidification_time"]
last = cycle.last_place
assert math.hypot(last[0], last[1]) < 45 * mm
taken = sum(heat for name, heat in cycle.heat.items() if name not in ("metal", "die"))
assert abs(taken - cycle.heat["metal"]) < 2e-3 * cycle.heat["metal"]
# The furnace feeds what freezes towards its tube; without its pressure four times as much would be missing.
fed, alone = (cs.defects.shrinkage(cycle.result, metal_pressure=p) for p in (None, 0.0))
print(fed)
assert fed.pressed_by == "riser tube" and fed.pressed_in > 50e-6
assert fed.volumes["part"] < 0.25 * alone.volumes["part"]
