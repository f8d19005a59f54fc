"""Cast iron: carbon equivalent, what graphite makes up for, nodules, carbides and strength classes.

Reference data on iron are thin. Every number is a parameter; defaults carry their trust (`RULES`), and results a range.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..materials import Alloy
from .rules import rule

__all__ = [
    "CLASS_MATRIX",
    "CLASS_STRENGTH",
    "CarbonEquivalent",
    "NetShrinkage",
    "carbide_tendency",
    "carbon_equivalent",
    "class_hardness",
    "class_strength",
    "feeds_itself",
    "net_shrinkage",
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


@dataclass(frozen=True, slots=True)
class CarbonEquivalent:
    """Carbon equivalent, liquidus carbon equivalent (mass per cent) and degree of saturation."""

    ce: float
    cel: float
    saturation: float


def carbon_equivalent(carbon: float, silicon: float, phosphorus: float = 0.0) -> CarbonEquivalent:
    """Return what an iron's composition (mass per cent) stands for in carbon.

    ``CE = C + Si/3 + P/3``, ``CEL = C + Si/4 + P/2``, ``Sc = C / (4.26 - Si/3.2 - P/3.6)``; foundry standards, from memory.
    """
    for name, value, high in (("carbon", carbon, 5.0), ("silicon", silicon, 7.0), ("phosphorus", phosphorus, 2.0)):
        if not 0.0 <= value <= high:
            raise InputError(f"{name} = {value:g} % must belong to [0, {high:g}]; give mass per cent")
    return CarbonEquivalent(
        carbon + silicon / 3.0 + phosphorus / 3.0,
        carbon + silicon / 4.0 + phosphorus / 2.0,
        carbon / (4.26 - silicon / 3.2 - phosphorus / 3.6),
    )


@dataclass(frozen=True, slots=True)
class NetShrinkage:
    """Volume change on freezing: density of the solid over that of the liquid, less one; below zero the iron expands."""

    value: float
    low: float = field(kw_only=True)
    high: float = field(kw_only=True)


def net_shrinkage(
    graphite: float, *, rigidity: float = 1.0, metallurgy: float = 1.0, carbides: float = 0.0, wall_movement: float = 0.0
) -> NetShrinkage:
    """Return what austenite shrinks by less what graphite makes up for.

    ``3.5 % - 3.4 % per % graphite * (1 - carbides) * metallurgy * rigidity + wall_movement``, with the ranges of both numbers.

    Parameters
    ----------
    graphite : float
        Graphite that forms while the iron freezes, in mass per cent: about 2.0 for ductile, 1.6 to 1.8 for grey iron.
    rigidity : float, optional
        Share of the expansion that the mould gives back: 1 rigid (chemically bonded, clamped), about 0.5 in green sand.
    metallurgy : float, optional
        Share of the graphite that forms in time: 1 well inoculated.
    carbides : float, optional
        Share of the metal that freezes white and makes no graphite.
    wall_movement : float, optional
        Share by which the hollow of the mould grows while the iron freezes, measured or estimated: metal must fill it too. A wall
        of thickness s that each side lets go by d grows it by 2 d/s. Give it, or a `rigidity` below 1 that stands for it, not both.

    Notes
    -----
    The uncertainty of liquid iron's density alone exceeds this number; calibrate it and carry the range.
    """
    for name, value in (("rigidity", rigidity), ("metallurgy", metallurgy), ("carbides", carbides)):
        if not 0.0 <= value <= 1.0:
            raise InputError(f"{name} = {value:g} must belong to [0, 1]")
    if not 0.0 <= wall_movement <= 0.1:
        raise InputError(f"wall_movement = {wall_movement:g} must belong to [0, 0.1]; 0.01 is a mould that grows by 1 %")
    if not 0.0 <= graphite <= 4.5:
        raise InputError(f"graphite = {graphite:g} % must belong to [0, 4.5]; ductile iron forms about 2 %")
    austenite, gain = rule("austenite_shrinkage"), rule("graphite_expansion")
    made = graphite * (1.0 - carbides) * metallurgy * rigidity / 100.0
    values = [a - g * made + wall_movement for a in (austenite.low, austenite.high) for g in (gain.low, gain.high)]
    return NetShrinkage(austenite.value - gain.value * made + wall_movement, low=min(values), high=max(values))


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


def carbide_tendency(cooling_rate: ArrayLike, *, ce: float = 4.3, inoculation: float = 1.0) -> NDArray[np.float64]:
    """Return the cooling rate over the one at which carbides form; above 1 the iron is expected to chill.

    The limit doubles with 0.3 of carbon equivalent and goes with inoculation: an estimate.
    """
    limit = rule("carbide_rate").value * inoculation * 2.0 ** ((ce - 4.3) / 0.3)
    return np.asarray(cooling_rate, dtype=np.float64) / limit


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
