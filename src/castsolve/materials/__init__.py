"""Alloys, mould materials and interfaces, every number with its unit, its source and how far it can be trusted."""

from __future__ import annotations

from .alloy import Alloy
from .calphad import FreezingPath, ThermodynamicSystem
from .coating import Coating
from .coolant import COOLANTS, Coolant, coolant
from .exchange import Material, read, write
from .heat_curve import HeatCurve, reservoir
from .interface import Interface
from .library import alloy, coating, interface, mould, names
from .mould import MouldMaterial
from .property import EVIDENCE, QUALITIES, Property, PropertyTable
from .references import Citation, bibliography, sources, worst_quality
from .sheet import OverviewRow, find, overview, sheet

__all__ = [
    "COOLANTS",
    "EVIDENCE",
    "QUALITIES",
    "Alloy",
    "Citation",
    "Coating",
    "Coolant",
    "FreezingPath",
    "HeatCurve",
    "Interface",
    "Material",
    "MouldMaterial",
    "OverviewRow",
    "Property",
    "PropertyTable",
    "ThermodynamicSystem",
    "alloy",
    "bibliography",
    "coating",
    "coolant",
    "find",
    "interface",
    "mould",
    "names",
    "overview",
    "read",
    "reservoir",
    "sheet",
    "sources",
    "worst_quality",
    "write",
]
