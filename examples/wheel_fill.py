"""A wheel fills in its low-pressure die: as fast as the furnace's pressure rises, or slowly enough for the metal in its tube.

All of the wheel's metal passes the riser tube, 2000 mm2. While the level rises through the wide disc, the pressure asks for more
than the 0.5 m/s up to which aluminium keeps its skin (Campbell); a slower rise there keeps below. It has its price: the metal comes
colder to the rim, and its surface lies open for longer.
"""

from __future__ import annotations

import math

import numpy as np

import castsolve as cs
from castsolve.units import degC, mm


def turned(corners: list[tuple[float, float]], name: str) -> cs.Part:
    """Return a body of revolution from radii and heights in mm."""
    return cs.Part.revolved([(r * mm, z * mm) for r, z in corners], axis="z", name=name)


# Hub, disc and rim; the rim's outside is formed by side dies (see wheel.py, which cycles this die).
wheel = turned(
    [(0, 0), (36, 0), (40, 24), (126, 24), (126, 30), (120, 32), (120, 84), (126, 88), (126, 96), (108, 96), (104, 42), (38, 40),
     (34, 54), (0, 54)],
    "wheel",
)  # fmt: skip
ring = turned([(126, 24), (168, 24), (168, 96), (126, 96), (126, 88), (120, 84), (120, 32), (126, 30)], "ring")
side = cs.DiePiece(ring, kind="slide", opening=(math.sqrt(0.5), math.sqrt(0.5), 0.0), temperature=degC(320), name="side die")
die = cs.Die(steel="H13", temperature=degC(350), parting=24 * mm, wall=36 * mm, coating="insulating", pieces=[side])
casting = cs.LowPressureCasting(
    wheel, alloy="A356", die=die, pour_temperature=degC(710), melt_level=-0.5, symmetry="quarter",
    pressure=[("0 s", "0 kPa"), ("10 s", "18 kPa"), ("14 s", "50 kPa"), ("180 s", "50 kPa")],
    rigging=[cs.RiserTube(diameter=50 * mm, at=(0, 0, 0), length=30 * mm)],
)  # fmt: skip
print(casting)


def tube_speed(filled: cs.Results) -> float:
    """Return the speed in the tube (m/s) that a twentieth of the metal exceeded."""
    flow, step = filled.history["flow"][1:], filled.history["step"][1:]
    passed = np.cumsum((flow * step)[np.argsort(-flow)])
    fast = np.sort(flow)[::-1][np.searchsorted(passed, 0.05 * passed[-1])]
    return float(fast / (filled.facts["filling"]["inlets"][0]["area"] / 4))


# The casting's own pressure, from when the metal stands at the wheel; and one that rises slowly from the disc to the rim.
rho_g = casting.melt_density * 9.81
slow = cs.PressureCurve([(0.0, 0.0), ("0.8 s", rho_g * 26 * mm), ("4.4 s", rho_g * 48 * mm), ("6.2 s", rho_g * 115 * mm)])
fast = cs.fill(casting, voxel=6 * mm)
gentle = cs.fill(casting, voxel=6 * mm, inlet=slow)
for filled in (fast, gentle):
    print(filled.summary(), end="\n\n")
speeds = [tube_speed(filled) for filled in (fast, gentle)]
coldest = [float(np.nanmin(filled["front_temperature"])) - filled.facts["alloy"]["liquidus"] for filled in (fast, gentle)]
print(f"coldest arrival {coldest[0]:.0f} and {coldest[1]:.0f} K above the liquidus")
worst = [float(np.nanpercentile(filled["surface_exposure"], 95.0)) for filled in (fast, gentle)]
print(f"in the tube {speeds[0]:.2f} and {speeds[1]:.2f} m/s; exposure {worst[0]:.0f} and {worst[1]:.0f} s m2/m3")

for filled in (fast, gentle):
    told = filled.facts["filling"]
    assert told["stopped"] == "full" and told["defect"] < 1e-12
    # It fills from the hub to the upper flange of the rim.
    last = filled.peak("fill_time").point
    assert last[2] > 84 * mm and math.hypot(last[0], last[1]) > 100 * mm
# A slow pressure is followed: 98 % are there when metal at rest would stand at the top, to a tenth. A fast one leaves it behind.
times = [float(np.interp(0.98, filled.history["fill_fraction"], filled.history["time"])) for filled in (fast, gentle)]
at_rest = (casting.own_fill_time, 4.4 + 1.8 * (96 - 48) / (115 - 48))
print(f"98 % after {times[0]:.2f} and {times[1]:.2f} s; at rest it would be at the top after {at_rest[0]:.2f}, {at_rest[1]:.2f} s")
assert 0.95 < times[0] / at_rest[0] < 1.5 and abs(times[1] / at_rest[1] - 1.0) < 0.1
assert speeds[0] > 0.7 and speeds[1] < 0.5
assert coldest[0] > 50.0 and coldest[1] < coldest[0] - 20.0
assert worst[1] > 2.0 * worst[0]
