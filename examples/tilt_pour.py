"""A bracket poured by tilting its die: when the metal leaves the cup, how fast it passes the neck, what stays in the cup.

The same job as ``tilt_pour.toml``, which is read here.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import castsolve as cs
from castsolve.units import mm

HERE = Path(__file__).resolve().parent

case = cs.read_case(HERE / "tilt_pour.toml")
filled = cs.fill(case.casting, voxel=case.run.voxel, inlet=case.inlets)
print(filled.summary())
told, tilt = filled.facts["filling"], filled.facts["filling"]["tilt"]

# The bracket is full when the die has turned, no metal ran over the brim, and none was lost or made.
assert told["stopped"] == "full" and 2.9 < told["fill_time"] < 3.4
assert tilt["spilled_volume"] == 0.0 and told["defect"] < 1e-12
assert abs(tilt["left_in_basin"] + case.casting.part.volume + 12 * 24 * 12 * mm**3 - tilt["lying_volume"]) < 1e-6
# 60 cm3 lie 48 mm deep in a cup of 52 by 24 mm, 10 mm below the neck's lip: the level turns about its middle and is there after
# atan(10 / 26) = 21 degrees, 0.70 s after the turn began. Until then nothing comes, soon after it does.
time, share = filled.history["time"], filled.history["fill_fraction"]
print(f"metal leaves the cup after {time[np.argmax(share > 1e-3)]:.2f} s")
assert share[time < 0.70].max() == 0.0 and share[time < 1.1].max() > 1e-3
# A quiet pour: less than 0.5 m/s in the neck.
neck = told["gates"]["neck"]
assert neck["speed"] < 0.5
assert next(row.severity for row in cs.verdicts(filled).rows if row.defect == "entrainment") == "ok"
