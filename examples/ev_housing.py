"""Housing of an electric drive in a cold-chamber die: shot, cycle, what rules the dwell, and what froze under pressure."""

from __future__ import annotations

import numpy as np

import castsolve as cs
from castsolve.defects import feeding_pressure, gate_freeze
from castsolve.units import degC, mm


def turned(*corners: tuple[float, float], name: str) -> cs.Part:
    """Return a body of revolution from radii and heights in mm."""
    return cs.Part.revolved([(r * mm, z * mm) for r, z in corners], axis="z", name=name)


# A cup with a flange at the parting plane; its inside is a core that is pulled down, through the fixed half.
housing = turned(
    (42, 0), (62, 0), (62, 6), (50, 6), (48, 54), (0, 54), (0, 48), (40, 48), name="housing",
)  # fmt: skip
core = turned((0, -45), (42, -45), (42, 0), (40, 48), (0, 48), name="core")
gate = cs.Gate(cs.Part.box((12 * mm, 28 * mm, 4 * mm), corner=(-71 * mm, -14 * mm, 0)))
runner = cs.Runner(cs.Part.box((30 * mm, 30 * mm, 12 * mm), corner=(-98 * mm, -15 * mm, 0)))


biscuit = cs.Biscuit(diameter=48 * mm, thickness=18 * mm, at=(-110 * mm, 0, -12 * mm), direction="z")


def bore(x: float, z: float) -> cs.CoolingChannel:
    """Return a bore along y."""
    return cs.CoolingChannel([(x, -0.2, z), (x, 0.2, z)], diameter=10 * mm, flow="10 litre/minute", inlet_temperature=degC(30))


die = cs.Die(
    steel="H13", temperature=degC(200), parting=0.0, wall=36 * mm, platens=cs.Platens(temperature=degC(60)),
    pieces=[cs.DiePiece(core, kind="slide", opening="-z", name="core pin")],
    channels=[bore(-62 * mm, 30 * mm), bore(0.0, 72 * mm), bore(62 * mm, 30 * mm), bore(-110 * mm, -30 * mm)],
)  # fmt: skip
shot = cs.ShotSleeve(diameter=48 * mm, length=320 * mm, fast_speed=3.5, intensification="70 MPa", gate_area="112 mm**2")
casting = cs.PressureDieCasting(
    housing, alloy="AlSi9Cu3", die=die, shot=shot, rigging=[gate, runner, biscuit], pour_temperature=degC(650), symmetry={"y": 0.0}
)  # fmt: skip
machine = cs.MachineCycle(open=1.5, eject=3.0, spray=cs.Spray(2.0, flux=0.4), blow=1.0, close=3.0, dose=4.0)
print(casting)
cycle = cs.run_cycles(casting, machine, voxel=4 * mm, tolerance=5.0)
print(cycle)

# The fast shot fills the housing in some 30 ms, at the speed that a gate of this area asks for.
assert 0.01 < casting.own_fill_time < 0.04
assert 40.0 < casting.gate_speed < 80.0
# All takers together took what the metal gave.
taken = sum(heat for name, heat in cycle.heat.items() if name not in ("metal", "die"))
assert abs(taken - cycle.heat["metal"]) < 1e-3 * cycle.heat["metal"]
# The core pin has no water of its own: it is the hottest steel, and the housing on it, not the thick biscuit, rules the dwell.
ready = {section.name: section.time for section in cycle.sections}
assert max(ready, key=ready.get) == "housing"
T, region = cycle.result["temperature_before_pour"], cycle.result["region"]
names = cycle.result.frame.region_names
means = {name: float(T[region == names.index(name)].mean()) for name in ("fixed half", "moving half", "core pin")}
print({name: round(kelvin - 273.15) for name, kelvin in means.items()})
assert max(means, key=means.get) == "core pin"
# The plunger feeds what freezes before the gate.
shut, fed = gate_freeze(cycle.result), feeding_pressure(cycle.result)
part = cycle.result.where(role="part")
share = float(np.mean(fed[part] > 1e7))
print(f"the gate is shut after {shut.time:.2f} s; until then {100 * share:.0f} % of the housing froze under pressure")
assert 0.0 < shut.time < cycle.dwell
assert 0.05 < share < 1.0
