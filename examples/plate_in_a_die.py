"""A thin aluminium plate in a copper die whose coating alone resists: the time to solid is known in closed form.

With a Biot number below a hundredth the plate has one temperature across, and its heat leaves through the coating:
time = heat a volume * modulus / (htc * temperature drop), the superheat at its mean temperature. The die warms
meanwhile; its surface is taken as that of a half-space under a constant flux, in the mean.
"""

from __future__ import annotations

import math

import castsolve as cs
from castsolve import materials
from castsolve.units import degC, mm

HTC = 400.0
POUR, DIE = degC(700.0), degC(100.0)
THICKNESS = 8 * mm

plate = cs.Part.box((200 * mm, 200 * mm, THICKNESS), name="plate")
casting = cs.GravityDieCasting(
    plate,
    alloy="Al99.7",
    mould="copper",
    pour_temperature=POUR,
    mould_temperature=DIE,
    wall=60 * mm,
    interfaces={("casting", "mould"): HTC},
    symmetry="quarter",
)
result = cs.solidify(casting, voxel=2 * mm)
print(result.summary())
found = result.peak("solidification_time").value

heat = casting.alloy.heat
melting = casting.alloy.liquidus.value
# The middle of a wide plate does not feel its edges.
modulus = 0.5 * THICKNESS
superheat = float(heat.at_temperature(POUR) - heat.at_temperature(melting))
latent = float(heat.at_temperature(melting) - heat.at_temperature(casting.alloy.solidus.value - 0.5))
copper = materials.mould("copper").heat
capacity = float(copper.at_temperature(DIE + 50.0) - copper.at_temperature(DIE)) / 50.0
effusivity = math.sqrt(capacity * float(copper.conductivity_at(copper.at_temperature(DIE))))


def time_to_solid(die_rise: float) -> float:
    """Return the freezing time in s with the die's surface warmer than at first by a mean rise."""
    cooling = superheat / (0.5 * (POUR + melting) - DIE - die_rise)
    freezing = latent / (melting - DIE - die_rise)
    return (cooling + freezing) * modulus / HTC


exact = time_to_solid(0.0)
for _ in range(20):
    # A constant flux q warms a half-space by 2 q sqrt(t / pi) / effusivity in the end, by two thirds of it in the mean.
    flux = (superheat + latent) * modulus / exact
    exact = time_to_solid(4.0 / 3.0 * flux * math.sqrt(exact / math.pi) / effusivity)

print(f"time to solid {found:.2f} s, in closed form {exact:.2f} s ({100 * (found / exact - 1):+.1f} %)")
assert abs(found / exact - 1.0) < 0.02
