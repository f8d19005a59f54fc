"""Exact and high-accuracy reference solutions shared by tests, examples and users.

They take plain numbers, know nothing of grids or solvers, and are themselves checked in ``tests/verification``.
"""

from __future__ import annotations

from .chvorinov import chvorinov_constant, chvorinov_time
from .contact import ContactingHalfSpaces
from .corner import CORNER_FRONT, corner_front
from .flame import SteadyFlame
from .freezing import linear_alloy, neumann, scheil_alloy, schwarz
from .layers import Layer, LayeredBody, LayeredRun
from .manufactured import Manufactured
from .periodic import PeriodicSlab, SlabStage
from .phases import Phase
from .series import RobinBlock, RobinBody, hot_sphere_in_equal_medium
from .similarity import HalfSpace, Stretch, freeze

__all__ = [
    "CORNER_FRONT",
    "ContactingHalfSpaces",
    "HalfSpace",
    "Layer",
    "LayeredBody",
    "LayeredRun",
    "Manufactured",
    "PeriodicSlab",
    "Phase",
    "RobinBlock",
    "RobinBody",
    "SlabStage",
    "SteadyFlame",
    "Stretch",
    "chvorinov_constant",
    "chvorinov_time",
    "corner_front",
    "freeze",
    "hot_sphere_in_equal_medium",
    "linear_alloy",
    "neumann",
    "scheil_alloy",
    "schwarz",
]
