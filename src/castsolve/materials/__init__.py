"""Alloys, mould materials and interfaces, every number with its unit, its source and how far it can be trusted."""

from __future__ import annotations

from .alloy import Alloy
from .calphad import FreezingPath, ThermodynamicSystem
from .coating import Coating
from .exchange import Material, read, write
from .heat_curve import HeatCurve
from .interface import Interface
from .library import alloy, coating, interface, mould, names
from .mould import MouldMaterial
from .property import EVIDENCE, QUALITIES, Property, PropertyTable
from .references import Citation, bibliography, sources, worst_quality
from .sheet import OverviewRow, find, overview, sheet

__all__ = [
    "EVIDENCE",
    "QUALITIES",
    "Alloy",
    "Citation",
    "Coating",
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
    "find",
    "interface",
    "mould",
    "names",
    "overview",
    "read",
    "sheet",
    "sources",
    "worst_quality",
    "write",
]
