"""Aluminium: arm spacing, eutectic, and the strength that follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, ResultsError
from ..materials import Alloy
from ..results import Results
from .reading import fact
from .thresholds import library_alloy

__all__ = ["STRENGTH", "StrengthLaw", "arm_spacing", "eutectic_fraction", "strength"]


@dataclass(frozen=True, slots=True)
class StrengthLaw:
    """Tensile strength (Pa) and elongation against arm spacing (m), straight between two spacings, with its scatter.

    Attributes
    ----------
    spacing, tensile, elongation : pair of float
        At the fine and at the coarse end; beyond them the ends are held.
    tensile_scatter : float
        Standard deviation, Pa.
    elongation_scatter : float
        As a share of the elongation.
    source, evidence, quality : str
    """

    spacing: tuple[float, float]
    tensile: tuple[float, float] = field(kw_only=True)
    elongation: tuple[float, float] = field(kw_only=True)
    tensile_scatter: float = field(kw_only=True)
    elongation_scatter: float = field(kw_only=True)
    source: str = field(kw_only=True)
    evidence: str = field(kw_only=True)
    quality: str = field(kw_only=True)


_MEMORY = "data sheets and textbook curves"

STRENGTH: Mapping[tuple[str, str], StrengthLaw] = {
    ("A356", "T6"): StrengthLaw(
        (15e-6, 70e-6), tensile=(370e6, 250e6), elongation=(0.14, 0.03), tensile_scatter=15e6, elongation_scatter=0.35,
        source="Nayak and Sundarraj (2009) for strength over 15 to 70 um; textbook curves for elongation", evidence="secondhand",
        quality="C",
    ),
    ("A356", "as cast"): StrengthLaw(
        (15e-6, 70e-6), tensile=(220e6, 150e6), elongation=(0.10, 0.03), tensile_scatter=15e6, elongation_scatter=0.4,
        source=_MEMORY, evidence="memory", quality="D",
    ),
    ("A319", "T6"): StrengthLaw(
        (15e-6, 70e-6), tensile=(320e6, 240e6), elongation=(0.04, 0.01), tensile_scatter=20e6, elongation_scatter=0.4,
        source=_MEMORY, evidence="memory", quality="D",
    ),
    ("A319", "as cast"): StrengthLaw(
        (15e-6, 70e-6), tensile=(240e6, 170e6), elongation=(0.03, 0.01), tensile_scatter=20e6, elongation_scatter=0.4,
        source=_MEMORY, evidence="memory", quality="D",
    ),
}  # fmt: skip
"""Laws by alloy and temper."""


def arm_spacing(results: Results) -> NDArray[np.float64]:
    """Return the secondary arm spacing (m) of every metal voxel from its local solidification time.

    Raises
    ------
    ResultsError
        If no law is known for the alloy of the run.
    """
    alloy = library_alloy(results)
    if alloy is None or alloy.arm_spacing_coefficient is None:
        raise ResultsError(f"no arm spacing law is known for {fact(results, 'alloy', 'name') or 'the alloy of this run'}")
    local = np.where(results.metal, np.asarray(results["local_solidification_time"], dtype=np.float64), np.nan)
    out = np.full(local.shape, np.nan)
    froze = np.isfinite(local) & (local > 0.0)
    out[froze] = alloy.arm_spacing(local[froze])
    return out


def eutectic_fraction(alloy: Alloy) -> float:
    """Return the share of the metal that freezes at and below the eutectic, from the alloy's own freezing path."""
    if alloy.eutectic is None:
        raise InputError(f"no eutectic is noted for {alloy.name}")
    rows = np.array(alloy.fraction_solid.rows)[::-1]
    return float(1.0 - np.interp(alloy.eutectic.value + 1e-6, rows[:, 0], rows[:, 1]))


def strength(
    spacing: ArrayLike, *, alloy: str, temper: str = "T6", pores: ArrayLike = 0.0
) -> tuple[NDArray[np.float64], NDArray[np.float64], StrengthLaw]:
    """Return tensile strength (Pa) and elongation at an arm spacing (m), and the law with its scatter.

    Pores (share of the metal) take away load-bearing section, and three times as much of the elongation: an estimate.

    Raises
    ------
    InputError
        If no law is known for the alloy and temper.
    """
    law = STRENGTH.get((alloy, temper))
    if law is None:
        known = ", ".join(f"{a} {t}" for a, t in STRENGTH)
        raise InputError(f'no strength law for "{alloy}" in the temper "{temper}"; known are {known}')
    s, p = np.asarray(spacing, dtype=np.float64), np.clip(np.asarray(pores, dtype=np.float64), 0.0, 1.0 / 3.0)
    tensile = np.interp(s, law.spacing, law.tensile) * (1.0 - p)
    return np.asarray(tensile), np.asarray(np.interp(s, law.spacing, law.elongation) * (1.0 - 3.0 * p)), law
