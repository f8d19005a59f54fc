"""Alloys, mould materials and interfaces, every number with its unit, its source and how far it can be trusted."""

from __future__ import annotations

from .heat_curve import HeatCurve

__all__ = ["HeatCurve"]
