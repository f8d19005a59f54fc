"""Steel: feeding distances and riser volumes by rule, and the order in which a riser's neck froze."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import InputError
from ..materials import Alloy
from .cavities import RiserFeed
from .rules import Rule, rule

__all__ = [
    "ShakeoutClass",
    "feeding_distance",
    "neck_order",
    "sfsa_riser_volume",
    "shakeout_class",
    "shape_factor",
    "steel_carbon_equivalent",
]

_INCH = 0.0254


def feeding_distance(thickness: float, width: float, *, end: bool = True, chill: bool = False) -> float:
    """Return how far (m) from its edge a riser feeds a steel plate or bar in sand.

    Plates (width of three thicknesses or more) 4.5 thicknesses, of which 2.5 come from the cold end; bars (square) 6 roots of the
    thickness in inches; between the two straight. A chill at the end, as thick as the section, makes the distance 1.19 times as
    long, and no more than 50 mm longer.

    Parameters
    ----------
    thickness, width : float
        Of the section, in m.
    end : bool, optional
        Whether the plate ends there; without an end the end zone is missing.
    chill : bool, optional
        Whether the end is chilled.

    Notes
    -----
    For carbon and low-alloy steel of 12 to 200 mm, horizontal, radiographic quality. Rules and their trust in `RULES`.

    Pellini's chill adds 50 mm whatever the thickness, the newer rule a share of the distance. Computed plates follow the share
    (`docs/castings/classical.md`: 14, 28, 47 and 58 mm in plates of 12.5, 25, 38 and 50 mm), so thin sections get no 50 mm.
    """
    if not 0.0 < thickness <= width:
        raise InputError(f"thickness = {thickness:g} m must be above 0 and not above the width, {width:g} m")
    whole, cold = rule("feeding_distance_plate").value, rule("end_zone_plate").value
    plate = (whole if end else whole - cold) * thickness
    bar = rule("bar_root").value * math.sqrt(thickness / _INCH) * _INCH
    if not end:
        bar *= (whole - cold) / whole
    share = min((width / thickness - 1.0) / 2.0, 1.0)
    distance = share * plate + (1.0 - share) * bar
    if not (chill and end):
        return distance
    return distance + min((rule("chill_factor").value - 1.0) * distance, rule("chill_gain").value)


def shape_factor(length: float, width: float, thickness: float) -> float:
    """Return the shape factor of a section, (length + width) over thickness."""
    if not min(length, width, thickness) > 0.0:
        raise InputError("length, width and thickness must be above 0")
    return (length + width) / thickness


def sfsa_riser_volume(casting_volume: float, factor: float) -> float:
    """Return the volume (m3) of a riser for a section of a volume (m3) and shape factor: ``V_c 2.51 SF^-0.74``.

    For steel, factors from 2 to 40.
    """
    if not casting_volume > 0.0 or not 2.0 <= factor <= 40.0:
        raise InputError(f"volume = {casting_volume:g} m3 must be above 0 and the shape factor {factor:g} in [2, 40]")
    return casting_volume * rule("sfsa_volume").value * factor**-0.74


def neck_order(riser: RiserFeed, part_done: float) -> str:
    """Return in words whether a riser stayed linked until what it feeds was past feeding (`part_done`, s; its `outlived`)."""
    if riser.linked_until <= 0.0:
        return f"{riser.name} was never linked to the part"
    if riser.linked_until >= part_done:
        return f"{riser.name} stayed linked until the last metal of the part was past feeding"
    return f"{riser.name} was cut off {part_done - riser.linked_until:.3g} s before the last metal of the part was past feeding"


@dataclass(frozen=True, slots=True)
class ShakeoutClass:
    """How hot a steel casting may leave its mould.

    Attributes
    ----------
    name : {"plain", "hardenable", "martensitic", "austenitic", "manganese"}
    limit : Rule or None
        Hottest metal (K); None where the steel does not transform and may be shaken out hot.
    why : str
    """

    name: str
    limit: Rule | None = field(kw_only=True)
    why: str = field(kw_only=True)

    def __str__(self) -> str:
        if self.limit is None:
            return f"{self.name} steel may be shaken out hot: {self.why}"
        low, high = self.limit.low - 273.15, self.limit.high - 273.15
        return (
            f"{self.name} steel is shaken out below {self.limit.value - 273.15:.0f} degC ({low:.0f} to {high:.0f}): {self.why}; "
            f"{self.limit.source} ({self.limit.evidence}, quality {self.limit.quality})"
        )


def steel_carbon_equivalent(share: Mapping[str, float]) -> float:
    """Return the carbon equivalent (%) of the IIW: ``C + Mn/6 + (Cr + Mo + V)/5 + (Ni + Cu)/15``, shares in mass per cent.

    For carbon and low-alloy steel.
    """
    c, mn, cr, mo, v, ni, cu = (share.get(name, 0.0) for name in ("C", "Mn", "Cr", "Mo", "V", "Ni", "Cu"))
    return c + mn / 6.0 + (cr + mo + v) / 5.0 + (ni + cu) / 15.0


def shakeout_class(alloy: Alloy) -> ShakeoutClass:
    """Return the class of a steel by its composition, with the temperature below which it is shaken out.

    Austenitic: 16 % Cr and 8 % Ni or more. Manganese: 10 % Mn or more. Martensitic: 11 % Cr or more with less nickel. The rest is
    plain below a carbon equivalent of 0.45 %, else hardenable.
    """
    if alloy.family != "steel":
        raise InputError(f"{alloy.name} is no steel; shakeout classes are for steel")
    share = {name: 100.0 * p.value for name, p in alloy.composition.items()}
    cr, ni, mn = (share.get(name, 0.0) for name in ("Cr", "Ni", "Mn"))
    if cr >= 16.0 and ni >= 8.0:
        return ShakeoutClass("austenitic", limit=None, why=f"{cr:.0f} % Cr and {ni:.0f} % Ni keep it austenitic")
    if mn >= 10.0:
        return ShakeoutClass("manganese", limit=None, why=f"{mn:.0f} % Mn keep it austenitic; slow cooling embrittles it")
    if cr >= 11.0:
        return ShakeoutClass("martensitic", limit=rule("shakeout_martensitic"), why=f"{cr:.0f} % Cr make it harden in air")
    equivalent, weldable = steel_carbon_equivalent(share), rule("weldable_equivalent").value
    words = f"its carbon equivalent is {equivalent:.2f} %"
    if equivalent < weldable:
        return ShakeoutClass("plain", limit=rule("shakeout_plain"), why=words)
    return ShakeoutClass("hardenable", limit=rule("shakeout_hardenable"), why=words)
