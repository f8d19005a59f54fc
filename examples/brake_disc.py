"""A ventilated brake disc of grey iron: half of it in a small box of sand that goes on without end, a filter before the gate.

The same job as ``brake_disc.toml``.
"""

from __future__ import annotations

from pathlib import Path

import castsolve as cs
from castsolve.units import degC, mm

HERE = Path(__file__).resolve().parent
ALLOY = "EN-GJL-250"

part = cs.Part.read(HERE / "parts" / "brake-disc.stl", unit="mm", name="disc")
rigging = [
    cs.Basin.cup(diameter=54 * mm, depth=30 * mm, at=(230 * mm, 0, 110 * mm)),
    cs.Sprue.round(
        diameter=24 * mm, height=90 * mm, at=(230 * mm, 0, 20 * mm), head=30 * mm, well=cs.Well(diameter=50 * mm, depth=40 * mm)
    ),
    cs.Runner.bar(width=40 * mm, height=20 * mm, path=[(230 * mm, 0, -8 * mm), (164 * mm, 0, -8 * mm)]),
    cs.Filter.foam((36 * mm, 18 * mm, 15 * mm), at=(192 * mm, 0, 1 * mm), direction="-x", ppi=30),
    cs.Gate.slot(width=40 * mm, height=9 * mm, length=24 * mm, at=part.nearest((160 * mm, 0, 5 * mm))),
]


casting = cs.SandCasting(
    part,
    alloy=ALLOY,
    mould="green-sand",
    rigging=rigging,
    pour_temperature=degC(1400),
    pour_time=7.0,
    symmetry={"y": 0.0},
    flask=15 * mm,
    deep_sides=("x_low", "x_high", "y_high", "z_low"),
)
print(casting.summary())
result = cs.solidify(casting, voxel=6 * mm)

disc = result.where(body="disc")
times = result["solidification_time"]
x, y, z = (result.frame.centres(axis) * 1e3 for axis in range(3))
r = (x[:, None, None] ** 2 + y[None, :, None] ** 2) ** 0.5
rings = {
    "lower ring": disc & (r > 100) & (z < 10)[None, None, :],
    "upper ring": disc & (r > 100) & (z > 20)[None, None, :],
    "hat": disc & (r < 80) & (z > 58)[None, None, :],
}
means = {name: float(times[here].mean()) for name, here in rings.items()}
print({name: f"{mean:.0f} s" for name, mean in means.items()})

# Half the disc is simulated, the whole is weighed. Both rings are 10 mm thick: they freeze within a tenth of one another.
assert abs(result.facts["masses"]["part"] / (part.volume * casting.alloy.density_at(298.15)) - 1.0) < 5e-3
assert abs(means["lower ring"] / means["upper ring"] - 1.0) < 0.10
# The case file has the same job.
assert cs.read_case(HERE / "brake_disc.toml").casting.summary() == casting.summary()
