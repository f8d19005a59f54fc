"""Alloys, mould materials and interfaces, every number with its unit, its source and how far it can be trusted."""

from __future__ import annotations

from .alloy import Alloy
from .calphad import FreezingPath, ThermodynamicSystem
from .coating import Coating
from .coolant import COOLANTS, Coolant, coolant
from .exchange import Material, read, write
from .heat_curve import HeatCurve, reservoir
from .interface import Interface
from .iron import (
    IRON_RULES,
    CarbonEquivalent,
    GraphiteBalance,
    IronExpansion,
    NetShrinkage,
    carbide_tendency,
    carbon_equivalent,
    graphite_formed,
    iron_expansion,
    mould_rigidity,
    shape_of_graphite,
)
from .library import alloy, coating, interface, mould, names
from .mould import MouldMaterial
from .practice import IronPractice
from .property import EVIDENCE, QUALITIES, Property, PropertyTable
from .references import Citation, bibliography, sources, worst_quality
from .rule import Rule
from .sheet import OverviewRow, find, overview, sheet

__all__ = [
    "COOLANTS",
    "EVIDENCE",
    "IRON_RULES",
    "QUALITIES",
    "Alloy",
    "CarbonEquivalent",
    "Citation",
    "Coating",
    "Coolant",
    "FreezingPath",
    "GraphiteBalance",
    "HeatCurve",
    "Interface",
    "IronExpansion",
    "IronPractice",
    "Material",
    "MouldMaterial",
    "NetShrinkage",
    "OverviewRow",
    "Property",
    "PropertyTable",
    "Rule",
    "ThermodynamicSystem",
    "alloy",
    "bibliography",
    "carbide_tendency",
    "carbon_equivalent",
    "coating",
    "coolant",
    "find",
    "graphite_formed",
    "interface",
    "iron_expansion",
    "mould",
    "mould_rigidity",
    "names",
    "overview",
    "read",
    "reservoir",
    "shape_of_graphite",
    "sheet",
    "sources",
    "worst_quality",
    "write",
]
