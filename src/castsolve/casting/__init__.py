"""Castings: a process, its mould and the rigging around a part."""

from __future__ import annotations

from .channel import ChannelLeg, CoolingChannel, Thermostat
from .die import DieCasting, GravityDieCasting
from .fill_time import nadca_fill_time
from .gating_design import GatingDesign
from .gating_weight import GATING_ROLES, GatingWeight, gating_weight
from .injection import Bath, Biscuit, RiserTube, ShotSleeve
from .inlets import Inlet, PlungerCurve, PouringHead, PourRate, PressureCurve, TiltPour
from .investment import InvestmentCasting, ShellMouldCasting
from .layout import Ambient, Layout, Region
from .low_pressure import LowPressureCasting
from .machine import MachineCycle, Spray
from .pressure_die import PressureDieCasting
from .process import Casting
from .rigging import (
    METAL,
    PRIORITY,
    Basin,
    Body,
    Breaker,
    Chill,
    Core,
    Filter,
    Gate,
    Neck,
    Opening,
    Overflow,
    Pores,
    Rigging,
    Riser,
    Runner,
    Sleeve,
    Sprue,
    Topping,
    Vent,
    Well,
)
from .rules import pattern_of, pattern_shrinkage
from .sand import SandCasting
from .surroundings import Surroundings
from .tilt import Tilt
from .tooling import Die, DiePiece, Platens

__all__ = [
    "GATING_ROLES",
    "METAL",
    "PRIORITY",
    "Ambient",
    "Basin",
    "Bath",
    "Biscuit",
    "Body",
    "Breaker",
    "Casting",
    "ChannelLeg",
    "Chill",
    "CoolingChannel",
    "Core",
    "Die",
    "DieCasting",
    "DiePiece",
    "Filter",
    "Gate",
    "GatingDesign",
    "GatingWeight",
    "GravityDieCasting",
    "Inlet",
    "InvestmentCasting",
    "Layout",
    "LowPressureCasting",
    "MachineCycle",
    "Neck",
    "Opening",
    "Overflow",
    "Platens",
    "PlungerCurve",
    "Pores",
    "PourRate",
    "PouringHead",
    "PressureCurve",
    "PressureDieCasting",
    "Region",
    "Rigging",
    "Riser",
    "RiserTube",
    "Runner",
    "SandCasting",
    "ShellMouldCasting",
    "ShotSleeve",
    "Sleeve",
    "Spray",
    "Sprue",
    "Surroundings",
    "Thermostat",
    "Tilt",
    "TiltPour",
    "Topping",
    "Vent",
    "Well",
    "gating_weight",
    "nadca_fill_time",
    "pattern_of",
    "pattern_shrinkage",
]
