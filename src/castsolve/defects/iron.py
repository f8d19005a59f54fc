"""Cast iron: self-feeding, nodules and strength classes.

Reference data on iron are thin. Every number is a parameter; defaults carry their trust (`RULES`), and results a range.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..materials import Alloy
from .rules import rule

__all__ = [
    "CLASS_MATRIX",
    "CLASS_STRENGTH",
    "class_hardness",
    "class_strength",
    "feeds_itself",
    "nodule_count",
]

# Tensile strength (MPa) by relevant wall: up to 30, 60 and 200 mm. EN 1563 for ductile iron, EN 1561 for grey, from memory.
CLASS_STRENGTH: Mapping[str, tuple[tuple[float, float], ...]] = {
    "EN-GJS-400-15": ((0.030, 400.0), (0.060, 390.0), (0.200, 370.0)),
    "EN-GJS-500-7": ((0.030, 500.0), (0.060, 450.0), (0.200, 420.0)),
    "EN-GJS-600-3": ((0.030, 600.0), (0.060, 600.0), (0.200, 550.0)),
    "EN-GJL-250": ((0.020, 225.0), (0.040, 195.0), (0.080, 170.0), (0.150, 155.0)),
    "EN-GJL-200": ((0.020, 180.0), (0.040, 155.0), (0.080, 130.0), (0.150, 115.0)),
}

# Matrix and hardness (HB) that the class of a ductile iron stands for: EN 1563, informative annex, from memory.
CLASS_MATRIX: Mapping[str, tuple[str, float, float]] = {
    "EN-GJS-400-15": ("ferrite", 135.0, 185.0),
    "EN-GJS-500-7": ("ferrite and pearlite", 170.0, 230.0),
    "EN-GJS-600-3": ("pearlite and ferrite", 190.0, 270.0),
    "EN-GJL-200": ("pearlite", math.nan, math.nan),
    "EN-GJL-250": ("pearlite", math.nan, math.nan),
}
# Of grey iron hardness follows from strength: HB = r (100 + 0.44 Rm), r from 0.8 to 1.2. EN 1561, informative annex, from memory.
_GREY = (0.8, 1.2)


def feeds_itself(modulus: float, ce: float, *, rigid: bool) -> bool:
    """Return whether ductile iron of a section modulus (m) and carbon equivalent needs no riser for freezing itself.

    From 25 mm at CE 4.3 in a rigid mould; 0.1 of CE is worth 2.5 mm. In a soft mould never.
    """
    needed = rule("self_feeding_modulus").value - 0.025 * (ce - 4.3)
    return rigid and modulus >= needed


def nodule_count(cooling_rate: ArrayLike, *, inoculation: float = 1.0) -> NDArray[np.float64]:
    """Return the nodule count (1/mm2) of ductile iron at a cooling rate near the end of freezing (K/s).

    Oldfield's nuclei grow as the square of the undercooling, which itself goes about as the fourth root of the rate: counts rise as
    the root of the rate, from 150 at the 0.5 K/s of a section of 25 mm. Valid for 0.05 to 10 K/s; factor 2 either way.
    """
    rate = np.asarray(cooling_rate, dtype=np.float64)
    if not inoculation > 0.0:
        raise InputError(f"inoculation = {inoculation:g} must be above 0; 1 is usual practice")
    with np.errstate(invalid="ignore"):
        return np.where(rate > 0.0, rule("nodules_25mm").value * inoculation * np.sqrt(np.maximum(rate, 0.0) / 0.5), np.nan)


def class_strength(alloy: Alloy | str, wall: float) -> float:
    """Return the least tensile strength (MPa) that the class of an iron asks for in a wall (m); NaN where none is known."""
    name = alloy if isinstance(alloy, str) else alloy.name
    for thickest, strength in CLASS_STRENGTH.get(name, ()):
        if wall <= thickest:
            return strength
    return math.nan


def class_hardness(alloy: Alloy | str, wall: float) -> tuple[float, float]:
    """Return the range of Brinell hardness that the class of an iron stands for in a wall (m); NaN where none is known.

    Of ductile iron by its class alone, of grey iron by the strength that the class asks for in that wall. What composition and
    cooling make of a place: `iron_matrix`.
    """
    name = alloy if isinstance(alloy, str) else alloy.name
    if name.startswith("EN-GJL"):
        strength = class_strength(name, wall)
        return _GREY[0] * (100.0 + 0.44 * strength), _GREY[1] * (100.0 + 0.44 * strength)
    _, low, high = CLASS_MATRIX.get(name, ("", math.nan, math.nan))
    return low, high
