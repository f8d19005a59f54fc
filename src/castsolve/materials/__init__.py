"""Alloys, mould materials and interfaces, every number with its unit, its source and how far it can be trusted."""

from __future__ import annotations

from .alloy import Alloy
from .coolant import COOLANTS, Coolant, coolant
from .heat_curve import HeatCurve, reservoir
from .interface import Interface
from .library import alloy, interface, mould, names
from .mould import MouldMaterial
from .property import EVIDENCE, QUALITIES, Property, PropertyTable
from .references import Citation, bibliography, sources, worst_quality
from .sheet import OverviewRow, overview, sheet

__all__ = [
    "COOLANTS",
    "EVIDENCE",
    "QUALITIES",
    "Alloy",
    "Citation",
    "Coolant",
    "HeatCurve",
    "Interface",
    "MouldMaterial",
    "OverviewRow",
    "Property",
    "PropertyTable",
    "alloy",
    "bibliography",
    "coolant",
    "interface",
    "mould",
    "names",
    "overview",
    "reservoir",
    "sheet",
    "sources",
    "worst_quality",
]
