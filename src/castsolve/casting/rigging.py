"""Rigging: the bodies around a part, each with a role."""

from __future__ import annotations

from .body import Body, Opening, Pores
from .gating import Basin, Runner, Sprue, Well
from .inserts import Chill, Core, Gate
from .outlets import Filter, Overflow, Vent
from .riser import Breaker, Neck, Riser, Sleeve, Topping
from .site import Site

__all__ = [
    "Basin",
    "Body",
    "Breaker",
    "Chill",
    "Core",
    "Filter",
    "Gate",
    "METAL",
    "Neck",
    "Opening",
    "Overflow",
    "PIECES",
    "PRIORITY",
    "Pores",
    "Rigging",
    "Riser",
    "Runner",
    "Site",
    "Sleeve",
    "Sprue",
    "Topping",
    "Vent",
    "Well",
]

Rigging = Riser | Chill | Gate | Core | Basin | Sprue | Runner | Filter | Vent | Overflow
PIECES = (Riser, Chill, Gate, Core, Basin, Sprue, Runner, Filter, Vent, Overflow)

# Where two bodies overlap, the earlier one is there.
PRIORITY = (
    "core", "chill", "part", "stock", "filter", "riser", "gate", "overflow", "runner", "sprue", "basin", "breaker", "sleeve",
    "topping", "die", "mould",
)  # fmt: skip
# Bodies of the poured metal.
METAL = ("part", "stock", "filter", "riser", "gate", "overflow", "runner", "sprue", "basin")
