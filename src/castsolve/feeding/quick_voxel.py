"""The voxel of the quick freezing of an inspection: fine enough for the walls, and no more sweeps than its parts need."""

from __future__ import annotations

import math

import numpy as np

from ..casting import SandCasting
from ..casting.flask import freezing_time
from ..geometry import WallThickness

__all__ = ["quick_voxel"]

# Voxels of the casting's box.
_QUICK = 6e4
# Explicit steps of the metal until it is solid, whose root the sweeps follow. The contact with the mould holds the heat of a tiny
# part: it freezes in a time as its size, explicit steps are as the square of it. A cube of 10 mm, whose modulus is the largest for
# its box, takes a quarter of a million.
_MOST_STEPS = 1e6


def quick_voxel(casting: SandCasting, walls: WallThickness) -> float:
    """Return the edge (m) of the voxels on which a naked part is frozen once."""
    size = casting.part.size
    edge = max((float(np.prod(size)) / _QUICK) ** (1.0 / 3.0), float(size.max()) / 120.0)
    # A wall should have two voxels, as far as that is quick.
    edge = max(min(edge, 0.5 * walls.share(0.25)), 0.5 * edge)
    return max(edge, math.sqrt(6.0 * _largest_diffusivity(casting) * _time_to_solid(casting, edge) / _MOST_STEPS))


def _time_to_solid(casting: SandCasting, edge: float) -> float:
    layout = casting.layout(edge)
    contact = layout.contacts[0, len(layout.regions) - 1]
    return freezing_time(
        casting.alloy, casting.mould, modulus=casting.part.casting_modulus, pour_temperature=casting.pour_temperature,
        mould_temperature=casting.mould_temperature, htc=float(contact.htc_at(casting.alloy.solidus.value)),
    )  # fmt: skip


def _largest_diffusivity(casting: SandCasting) -> float:
    """Largest conductivity over the smallest heat capacity (m2/s): what the stable step of an explicit sweep goes by."""
    curve = casting.alloy.heat
    rise = np.diff(curve.temperature)
    capacity = np.diff(curve.enthalpy)[rise > 0.0] / rise[rise > 0.0]
    return float(curve.conductivity.max() / capacity.min())
