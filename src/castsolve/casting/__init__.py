"""Castings: a process, its mould and the rigging around a part."""

from __future__ import annotations

from .layout import Ambient, Layout, Region
from .process import Casting, GravityDieCasting, SandCasting
from .rigging import Body, Chill, Core, Gate, Neck, Rigging, Riser, Sleeve

__all__ = [
    "Ambient",
    "Body",
    "Casting",
    "Chill",
    "Core",
    "Gate",
    "GravityDieCasting",
    "Layout",
    "Neck",
    "Region",
    "Rigging",
    "Riser",
    "SandCasting",
    "Sleeve",
]
