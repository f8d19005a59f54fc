"""A plate cast again and again in a cooled steel die: the steady die, the cycle time, and where the heat goes."""

from __future__ import annotations

import castsolve as cs
from castsolve.units import degC, mm

plate = cs.Part.box((60 * mm, 40 * mm, 8 * mm))
casting = cs.GravityDieCasting(
    plate, alloy="A356", mould="H13", pour_temperature=degC(680), mould_temperature=degC(220), wall=24 * mm
)
machine = cs.MachineCycle(eject=5.0, spray=cs.Spray(2.0, flux=0.3), blow=1.0, close=6.0)


def channel(flow: str) -> cs.CoolingChannel:
    """Return a straight bore 12 mm above the plate."""
    path = [(-0.1, 0.0, 16 * mm), (0.1, 0.0, 16 * mm)]
    return cs.CoolingChannel(path, diameter=8 * mm, flow=flow, inlet_temperature=degC(20))


slow, fast = (cs.run_cycles(casting, machine, voxel=4 * mm, channels=[channel(f)]) for f in ("1 litre/minute", "8 litre/minute"))
print(fast.summary())
print(f"1 l/min: {slow.shots_per_hour():.0f} shots an hour, 8 l/min: {fast.shots_per_hour():.0f}")

# More water, more castings; and what the metal gives is what water, spray, air and the outside take.
assert fast.shots_per_hour() > 1.05 * slow.shots_per_hour()
taken = sum(heat for name, heat in fast.heat.items() if name != "metal")
assert abs(taken - fast.heat["metal"]) < 1e-3 * fast.heat["metal"]
