"""A cover in a cooled die: the cycle, what limits it, what a change would bring, and the planner's sheet."""

from __future__ import annotations

import castsolve as cs
from castsolve.casting import nadca_fill_time
from castsolve.study import Change, Plant, channel_changes, production_sheet, what_if
from castsolve.units import degC, mm


def casting(wall: float) -> cs.GravityDieCasting:
    """Return a cover of a wall thickness in a steel die of fixed size."""
    cover = cs.Part.box((80 * mm, 50 * mm, wall), centre=(0.0, 0.0, 0.0))
    return cs.GravityDieCasting(
        cover, alloy="AlSi9Cu3", mould="H13", pour_temperature=degC(690), mould_temperature=degC(220), flask=(0.14, 0.11, 0.07)
    )


machine = cs.MachineCycle(eject=5.0, spray=cs.Spray(1.0, flux=0.2), blow=1.0, close=6.0)
water = cs.CoolingChannel(
    [(-0.2, 0.0, 18 * mm), (0.2, 0.0, 18 * mm)], diameter=8 * mm, flow="3 litre/minute", inlet_temperature=degC(25)
)
cycle = cs.run_cycles(casting(8 * mm), machine, voxel=4 * mm, channels=[water])
print(cycle.summary())
print(cs.verdicts(cycle))

# What the metal gave is what water, spray and air, and the outer sides took.
taken = sum(heat for name, heat in cycle.heat.items() if name not in ("metal", "die"))
assert abs(taken - cycle.heat["metal"]) < 2e-3 * cycle.heat["metal"]

# What limits it is the dwell, and the dwell is the wall: a quarter less of it saves more than moving the channel.
nearer = channel_changes([water], casting=casting(8 * mm))["channel 1: 2 mm nearer"]
changes = {"channel 1: 2 mm nearer": nearer, "wall of 6 mm": Change(casting(6 * mm))}
table = what_if(casting(8 * mm), machine, changes, voxel=4 * mm, channels=[water], base=cycle)
print(table)
assert table.rows[1].name == "wall of 6 mm"
assert table.row("channel 1: 2 mm nearer").gain > 0.0

sheet = production_sheet(cycle, Plant("stack", holding_power="8 kW", availability=0.85, scrap=0.03))
print(sheet)
assert abs(sheet["shots an hour"].value * 3600.0 - cycle.shots_per_hour(availability=0.85)) < 1e-9
assert sheet["melting"].low < sheet["melting"].value < sheet["melting"].high

# The longest fill time of such a wall as a pressure die casting, before it is no longer liquid enough.
limit = nadca_fill_time(2.5 * mm, alloy=casting(8 * mm).alloy, metal_temperature=degC(650), die_temperature=degC(220))
print(f"a wall of 2.5 mm must be full after {limit.value * 1e3:.0f} ms ({limit.low * 1e3:.0f} to {limit.high * 1e3:.0f})")
assert 0.02 < limit.value < 0.08
