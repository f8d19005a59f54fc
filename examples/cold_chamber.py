"""A thin cover shot in a cold-chamber die: slow shot, fast shot, gate speed, and what pressure it freezes under.

The same job as ``cold_chamber.toml``, which is read here.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import castsolve as cs

HERE = Path(__file__).resolve().parent

case = cs.read_case(HERE / "cold_chamber.toml")
casting = case.casting
filled = cs.fill(casting, voxel=case.run.voxel)
print(filled.summary())
told, history = filled.facts["filling"], filled.history
plunger, shot = told["plunger"], casting.shot

assert told["stopped"] == "full" and told["defect"] < 1e-12
# The plunger is slow until the metal has come to the gate: 0.4 m/s over its stroke from where the sleeve is full.
slow_stroke = casting.plunger.switch - casting.plunger.start
assert abs(plunger["switch_time"] - slow_stroke / shot.slow_speed) < 1e-3
# What it pushes out is what the die holds.
assert abs(plunger["stroke"] * shot.area - told["poured_volume"]) < 1e-9 * told["poured_volume"]
# The metal runs through the gate as fast as plunger and gate say: 2.5 m/s of 10.2 cm2 through 0.45 cm2 are 57 m/s.
gate = told["gates"]["gate 1"]
assert abs(gate["speed"] / casting.gate_speed - 1.0) < 0.02 and 50.0 < casting.gate_speed < 60.0
# The jet needs some rho v^2 / 2 of pressure behind the plunger; the limit of 40 MPa rules only once the cavity is full.
middle = (history["plunger_position"] > casting.plunger.switch) & (history["fill_fraction"] < 0.98)
jet = 0.5 * told["melt"]["density"] * gate["speed"] ** 2
pressure = float(np.median(history["plunger_pressure"][middle]))
print(f"pressure on the plunger {pressure / 1e6:.2f} MPa, rho v^2 / 2 in the gate {jet / 1e6:.2f} MPa")
assert 0.5 * jet < pressure < 2.0 * jet
assert plunger["largest_pressure"] <= shot.pressure_limit * (1.0 + 1e-9) and plunger["limited_time"] < 1e-3
# What freezes after is pressed by the intensification.
assert told["metal_pressure"] == shot.intensification
