"""Rigging: the bodies around a part, each with a role."""

from __future__ import annotations

from .body import Body
from .inserts import Chill, Core, Gate
from .riser import Neck, Riser, Sleeve
from .site import Site

__all__ = ["Body", "Chill", "Core", "Gate", "Neck", "Rigging", "Riser", "Site", "Sleeve"]

Rigging = Riser | Chill | Gate | Core
