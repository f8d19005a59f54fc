"""Rigging: the bodies around a part, each with a role."""

from __future__ import annotations

from .body import Body, Opening, Pores
from .gating import Basin, Runner, Sprue, Well
from .injection import Biscuit, RiserTube
from .inserts import Chill, Core, Gate
from .outlets import Filter, Overflow, Vent
from .riser import Breaker, Neck, Riser, Sleeve, Topping
from .site import Site

__all__ = [
    "METAL",
    "PIECES",
    "PRIORITY",
    "Basin",
    "Biscuit",
    "Body",
    "Breaker",
    "Chill",
    "Core",
    "Filter",
    "Gate",
    "Neck",
    "Opening",
    "Overflow",
    "Pores",
    "Rigging",
    "Riser",
    "RiserTube",
    "Runner",
    "Site",
    "Sleeve",
    "Sprue",
    "Topping",
    "Vent",
    "Well",
]

Rigging = Riser | Chill | Gate | Core | Basin | Sprue | Runner | Filter | Vent | Overflow | Biscuit | RiserTube
PIECES = (Riser, Chill, Gate, Core, Basin, Sprue, Runner, Filter, Vent, Overflow, Biscuit, RiserTube)

# Where two bodies overlap, the earlier one is there.
PRIORITY = (
    "core", "chill", "part", "stock", "filter", "riser", "gate", "overflow", "runner", "sprue", "basin", "biscuit",
    "riser tube", "breaker", "sleeve", "topping", "die", "mould",
)  # fmt: skip
# Bodies of the poured metal.
METAL = ("part", "stock", "filter", "riser", "gate", "overflow", "runner", "sprue", "basin", "biscuit")
