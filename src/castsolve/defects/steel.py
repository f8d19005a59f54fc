"""Steel: feeding distances and riser volumes by rule, and the order in which a riser's neck froze."""

from __future__ import annotations

import math

from ..errors import InputError
from .cavities import RiserFeed
from .rules import rule

__all__ = ["feeding_distance", "neck_order", "sfsa_riser_volume", "shape_factor"]

_INCH = 0.0254


def feeding_distance(thickness: float, width: float, *, end: bool = True, chill: bool = False) -> float:
    """Return how far (m) from its edge a riser feeds a steel plate or bar in sand.

    Plates (width of three thicknesses or more) 4.5 thicknesses, of which 2.5 come from the cold end; bars (square) 6 roots of the
    thickness in inches; between the two straight. A chill at the end adds 50 mm.

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
    """
    if not 0.0 < thickness <= width:
        raise InputError(f"thickness = {thickness:g} m must be above 0 and not above the width, {width:g} m")
    whole, cold = rule("feeding_distance_plate").value, rule("end_zone_plate").value
    plate = (whole if end else whole - cold) * thickness
    bar = rule("bar_root").value * math.sqrt(thickness / _INCH) * _INCH
    if not end:
        bar *= (whole - cold) / whole
    share = min((width / thickness - 1.0) / 2.0, 1.0)
    return share * plate + (1.0 - share) * bar + (rule("chill_gain").value if chill and end else 0.0)


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
    """Return in words whether a riser stayed linked until what it feeds was past feeding (`part_done`, s)."""
    if riser.linked_until <= 0.0:
        return f"{riser.name} was never linked to the part"
    if riser.linked_until >= part_done:
        return f"{riser.name} stayed linked until the last metal of the part was past feeding"
    return f"{riser.name} was cut off {part_done - riser.linked_until:.3g} s before the last metal of the part was past feeding"
