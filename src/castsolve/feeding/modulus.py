"""Moduli of the bodies of a casting: volume over surface, and the plate that would freeze as late."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..defects import metal_of, thermal_modulus
from ..errors import InputError, ResultsError
from ..results import Results

__all__ = ["BodyModulus", "body_moduli", "cylinder_of_modulus", "geometric_modulus"]


@dataclass(frozen=True, slots=True)
class BodyModulus:
    """The moduli of one metal body in m.

    Attributes
    ----------
    name, role : str
    thermal : float
        Largest thermal modulus of its voxels; NaN where none has frozen.
    geometric : float
        Volume over whole surface; NaN where the run noted no surface.
    """

    name: str
    role: str = field(kw_only=True)
    thermal: float = field(kw_only=True)
    geometric: float = field(default=math.nan, kw_only=True)


def geometric_modulus(volume: float, cooling_area: float) -> float:
    """Return the modulus in m of a body: its volume (m3) over the surface (m2) that gives heat to the mould.

    Leave out surfaces where metal meets metal; they do not cool.
    """
    for name, value in (("volume", volume), ("cooling_area", cooling_area)):
        if not (math.isfinite(value) and value > 0.0):
            raise InputError(f"{name} = {value:g} must be above 0 and finite")
    return volume / cooling_area


def cylinder_of_modulus(modulus: float, *, slenderness: float = 1.5) -> tuple[float, float]:
    """Return diameter and height (m) of an upright cylinder that stands on metal and has a modulus (m).

    ``D = M (4 k + 1) / k`` with the slenderness ``k = height / diameter``; the foot does not cool, the top does.
    """
    if not (math.isfinite(modulus) and modulus > 0.0):
        raise InputError(f"modulus = {modulus:g} m must be above 0 and finite")
    if not (math.isfinite(slenderness) and slenderness > 0.0):
        raise InputError(f"slenderness = {slenderness:g} must be above 0 and finite; 1 to 1.5 are usual")
    diameter = modulus * (4.0 * slenderness + 1.0) / slenderness
    return diameter, slenderness * diameter


def body_moduli(results: Results, *, chvorinov: float | None = None) -> tuple[BodyModulus, ...]:
    """Return thermal and geometric modulus of every metal body of a run, in the order of the frame.

    Parameters
    ----------
    results : Results
        A run with the fields "solidification_time" and "body".
    chvorinov : float, optional
        Chvorinov's constant in s/m2. Default: as in `castsolve.defects.thermal_modulus`.

    Notes
    -----
    The geometric modulus is that of the whole surface of the body as given, contact faces included: a lower bound.
    """
    if "body" not in results:
        raise ResultsError("the result does not tell whose voxel is whose (field body), so bodies have no moduli")
    thermal, metal = thermal_modulus(results, chvorinov=chvorinov), metal_of(results)
    noted = {str(b.get("name")): b for b in results.facts.get("bodies") or [] if isinstance(b, Mapping)}
    rows = []
    for number, (name, role) in enumerate(zip(metal.body_names, metal.body_roles, strict=True)):
        mine = metal.mask & (metal.body == number)
        if not mine.any():
            continue
        values = thermal[mine & np.isfinite(thermal)]
        volume, area = noted.get(name, {}).get("volume"), noted.get(name, {}).get("area")
        rows.append(
            BodyModulus(
                name,
                role=role,
                thermal=float(values.max()) if values.size else math.nan,
                geometric=volume / area if volume and area else math.nan,
            )
        )
    return tuple(rows)
