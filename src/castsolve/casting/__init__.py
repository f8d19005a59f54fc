"""Castings: a process, its mould and the rigging around a part."""

from __future__ import annotations

from .rigging import Chill, Core, Gate, Neck, Rigging, Riser, Sleeve

__all__ = ["Chill", "Core", "Gate", "Neck", "Rigging", "Riser", "Sleeve"]
