"""The same kind of job as a case file: read it, run it on a coarse grid, look at it again."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import castsolve as cs
from castsolve.units import mm

HERE = Path(__file__).resolve().parent

case = cs.read_case(HERE / "valve.toml")
print(case.casting.summary())

result = cs.solidify(case.casting, voxel=10 * mm, until=case.run.until, probes=case.run.probes)
with tempfile.TemporaryDirectory() as folder:
    result.save(folder)
    again = cs.load(folder)
print(cs.compare(result, again))

# What was read back is what was computed, to the bit; and the metal of the riser is still hot when the flange is solid.
assert (again["solidification_time"][result.metal] == result["solidification_time"][result.metal]).all()
riser, flange = (again.probes[name] for name in ("bonnet riser", "left flange"))
solidus = case.casting.alloy.solidus.value
assert flange.temperatures[-1] < solidus
assert riser.temperatures[flange.temperatures > solidus].min() > solidus
sys.stdout.flush()
