"""The shape of a riser beside a part: a standing cylinder and a level neck to a wall of the part.

::

                 _____
                |xxxxx|
     part       |xxxxx|      x metal
    xxxxxxxx====|xxxxx|      = neck, at the anchor
    xxxxxxxx    |xxxxx|      foot, `below` the neck's axis
                |xxxxx|
"""

from __future__ import annotations

import numpy as np

from ..errors import GeometryError, InputError
from ..geometry import Anchor, Surface
from ..units import mm
from . import shapes
from .body import Body, sunk_foot
from .riser_parts import Neck
from .site import SINK, Site

__all__ = ["check_side", "neck_body", "standing_place"]

# A wall that leans more than this from the vertical takes a riser on its top.
_LEAN = np.sin(np.radians(40.0))


def check_side(diameter: float, height: float, neck: Neck | None, below: float) -> None:
    """Refuse a side riser whose neck does not meet its cylinder."""
    if neck is None:
        raise InputError("a side riser needs a neck to the part; write neck=Neck(diameter=40*mm, height=20*mm)")
    half = 0.5 * neck.diameter
    if below < half or height - below < half:
        raise InputError(
            f"the neck of {neck.diameter / mm:g} mm leaves the riser: its axis lies below = {below / mm:g} mm above the foot of a "
            f"riser of {height / mm:g} mm; choose below between {half / mm:g} and {(height - half) / mm:g} mm"
        )
    if neck.diameter > 0.9 * diameter:
        raise InputError(
            f"neck diameter = {neck.diameter / mm:g} mm is too wide for a side riser of {diameter / mm:g} mm; at most 0.9 of it"
        )


def outward(at: Anchor, up: np.ndarray, name: str) -> np.ndarray:
    """Return the level direction away from a wall."""
    lean = float(at.normal @ up)
    if abs(lean) > _LEAN:
        raise GeometryError(
            f"{name} stands beside a face that leans {np.degrees(np.arcsin(min(abs(lean), 1.0))):.0f} degrees from upright"
            ' (at most 40); choose a wall such as part.side("+x"), or set the riser on top with Riser.cylinder'
        )
    level = at.normal - lean * up
    return np.asarray(level / np.linalg.norm(level))


def standing_place(at: Anchor, up: np.ndarray, *, name: str, diameter: float, neck: Neck, below: float) -> np.ndarray:
    """Return the middle of the cylinder's foot (m)."""
    return np.asarray(at.point + (neck.height + 0.5 * diameter) * outward(at, up, name) - below * up)


def neck_body(site: Site, at: Anchor, *, name: str, diameter: float, neck: Neck) -> Body:
    """Return the neck: from under the surface of the part to the axis of the cylinder, which it ends in."""
    axes = site.frame(outward(at, site.up, name))
    r = 0.5 * neck.diameter
    foot = sunk_foot(site, at, axes, reach=r, sink=min(SINK * neck.diameter, 2 * mm))
    surface: Surface = shapes.lathe([(r, 0.0), (r, neck.height + 0.5 * diameter)], origin=at.point, axes=axes, foot=foot)
    return Body(
        name=f"{name} neck", role="gate", surface=surface, thinnest=neck.diameter, thinnest_is="diameter", on=at, serves=name
    )
