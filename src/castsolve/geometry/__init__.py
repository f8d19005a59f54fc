"""Shapes: surfaces, parts, places for rigging, and the voxel grid."""

from __future__ import annotations

from .anchor import Anchor
from .part import Part
from .surface import Surface

__all__ = ["Anchor", "Part", "Surface"]
