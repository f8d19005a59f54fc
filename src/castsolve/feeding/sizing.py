"""How large a riser must be: modulus, volume, neck and sleeve by rule."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from ..defects.rules import rule
from ..errors import InputError
from .modulus import cylinder_of_modulus

__all__ = ["GAP", "RiserSize", "riser_size"]

GAP = 0.01
"""Sand between two risers (m): an estimate."""


@dataclass(frozen=True, slots=True)
class RiserSize:
    """Diameter and height (m) of a cylindrical riser, and why.

    Attributes
    ----------
    diameter, height : float
    volume, modulus : float
        m3, and m: of the bare cylinder that stands on metal.
    neck_diameter : float
        Least diameter of a short neck (m).
    sleeve : bool
    ruled_by : {"modulus", "volume"}
    why : str
        The rules used, with sources.
    """

    diameter: float
    height: float
    volume: float = field(kw_only=True)
    modulus: float = field(kw_only=True)
    neck_diameter: float = field(kw_only=True)
    sleeve: bool = field(kw_only=True)
    ruled_by: str = field(kw_only=True)
    why: str = field(kw_only=True)

    @property
    def reach(self) -> float:
        """Radius that the riser takes up with its sleeve (m)."""
        return 0.5 * self.diameter + (max(0.12 * self.diameter, 0.008) if self.sleeve else 0.0)


def riser_size(
    modulus: float, fed_volume: float, *, family: str, contraction: float, sleeve: bool = True, slenderness: float = 1.5
) -> RiserSize:
    """Return the riser for a section.

    It must freeze after the section, ``M_riser = ratio * M`` (with a sleeve divided by its gain), and hold what the section and
    itself draw: ``V_riser = contraction V / (efficiency - contraction)``. The larger of the two rules.

    Parameters
    ----------
    modulus : float
        Thermal modulus of the section (m).
    fed_volume : float
        Metal that it feeds (m3).
    family : {"steel", "aluminium", "iron"}
    contraction : float
        Share of the poured volume that is missing at the end: superheat and freezing.
    sleeve : bool, optional
    slenderness : float, optional
        Height over diameter.
    """
    for name, value in (("modulus", modulus), ("fed_volume", fed_volume)):
        if not (math.isfinite(value) and value > 0.0):
            raise InputError(f"{name} = {value:g} must be above 0 and finite")
    ratio = rule(f"modulus_ratio_{family}")
    gain, give = rule("modulus_gain_sleeve"), rule("efficiency_sleeve" if sleeve else "efficiency_sand")
    if not contraction < give.value:
        raise InputError(f"contraction = {contraction:g} must be below the share that a riser gives, {give.value:g}")
    needed = modulus * ratio.value / (gain.value if sleeve else 1.0)
    by_modulus, _ = cylinder_of_modulus(needed, slenderness=slenderness)
    volume = max(contraction, 0.0) * fed_volume / (give.value - max(contraction, 0.0))
    by_volume = (4.0 * volume / (math.pi * slenderness)) ** (1.0 / 3.0)
    diameter = max(by_modulus, by_volume)
    why = f"{ratio.value:g} times the section's modulus of {modulus * 100:.2f} cm: {ratio}"
    if sleeve:
        why += f"; a sleeve is worth {gain.value:g}: {gain}"
    if by_volume > by_modulus:
        why = f"{contraction * 100:.1f} % of {fed_volume * 1e6:.4g} cm3 at {give.value * 100:.0f} % given: {give}"
    return RiserSize(
        diameter,
        slenderness * diameter,
        volume=math.pi / 4.0 * slenderness * diameter**3,
        modulus=diameter * slenderness / (4.0 * slenderness + 1.0),
        neck_diameter=min(4.0 * rule("neck_ratio").value * modulus, diameter),
        sleeve=sleeve,
        ruled_by="volume" if by_volume > by_modulus else "modulus",
        why=why,
    )
