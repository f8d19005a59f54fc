"""Risers: reservoirs of metal, with what is set around them.

A riser stands on its anchor against gravity::

          ==========    topping
         |  |xxxx|  |   x metal
         |  |xxxx|  |   | sleeve
         |__|xxxx|__|
         ####xx####     neck, breaker core around it
        xxxx part xxxxxx
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from ..errors import GeometryError, InputError
from ..geometry import Anchor, Part, Surface
from ..units import Number, mm
from . import shapes
from .body import Body, Opening, anchor_of, keep, length_of, mesh_body, part_of, sunk_foot
from .riser_parts import Breaker, Neck, Sleeve, Topping
from .side_riser import check_side, neck_body, standing_place
from .site import SINK, Site

__all__ = ["Breaker", "Neck", "Riser", "Sleeve", "Topping"]

# Beyond this angle between the outward normal and "up" a riser would slide off its foot.
_STEEPEST = np.cos(np.radians(70.0))


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Riser:
    """A reservoir of metal that feeds the shrinkage of the part.

    A cylinder stands on its anchor against gravity; its foot follows the surface under it and sinks 2 % of its width
    (at most 2 mm) into the metal. A side riser (`Riser.beside`) stands beside a wall of the part, with a level neck from its anchor
    there. A riser of any other shape is a mesh: ``Riser(Part.read(...))``, in the
    coordinates of the part.

    Parameters
    ----------
    part : Part, optional
        A ready shape. `Riser.cylinder` makes one from numbers instead.
    diameter, height : float
        Of the cylinder's body, in m; the height counts from the end of the neck.
    at : Anchor
        Where it stands.
    neck : Neck, optional
        Link to the part; of a side riser, which needs one, its `height` is its length from wall to wall.
    side : bool
        Whether it stands beside the part.
    below : float, optional
        Of a side riser: how far its foot lies below the axis of its neck, in m. Default: half its diameter.
    sleeve : Sleeve, optional
        Tube around the body; the neck stays bare.
    breaker : Breaker, optional
        Core around the neck, at which the riser is knocked off; without a `neck`, its hole is the neck.
    topping : Topping, optional
        Cover on the top of the metal.
    top : "blind" or "open"
        An open riser, or its topping, ends in the air, at the top of the mould.
    name : str, optional
        Default: "riser 1", counted.
    """

    role: ClassVar[str] = "riser"
    part: Part | None
    diameter: float | None
    height: float | None
    at: Anchor | None
    neck: Neck | None
    sleeve: Sleeve | None
    breaker: Breaker | None
    topping: Topping | None
    top: str
    side: bool
    below: float
    name: str | None

    def __init__(
        self,
        part: Part | None = None,
        *,
        diameter: Number | None = None,
        height: Number | None = None,
        at: Anchor | None = None,
        neck: Neck | None = None,
        sleeve: Sleeve | str | None = None,
        breaker: Breaker | None = None,
        topping: Topping | str | None = None,
        top: str = "blind",
        side: bool = False,
        below: Number | None = None,
        name: str | None = None,
    ) -> None:
        if top not in ("blind", "open"):
            raise InputError(f'top = {top!r} is no top of a riser; write "blind" or "open"')
        if neck is not None and not isinstance(neck, Neck):
            raise InputError(f"neck = {neck!r} is not a neck; write Neck(diameter=40*mm, height=15*mm)")
        if breaker is not None and not isinstance(breaker, Breaker):
            raise InputError(f"breaker = {breaker!r} is not a breaker core; write Breaker(hole=40*mm, thickness=10*mm)")
        if breaker is not None and neck is None:
            neck = breaker.neck
        keep(self, part=part, diameter=None, height=None, at=None, neck=neck, sleeve=Sleeve.of(sleeve))
        keep(self, breaker=breaker, topping=Topping.of(topping), top=top, side=side, below=0.0, name=name)
        if part is not None:
            part_of(part, "a riser")
            if side or any(value is not None for value in (diameter, height, at, neck, sleeve, breaker, topping, below)):
                raise InputError(
                    "a riser from a Part takes no diameter, height, at, neck or sleeve; use Riser.cylinder for those"
                )
            return
        keep(
            self,
            diameter=length_of(_needed(diameter, "riser diameter"), "riser diameter"),
            height=length_of(_needed(height, "riser height"), "riser height"),
            at=anchor_of(at, "a riser"),
        )
        assert self.diameter is not None
        if side:
            keep(self, below=0.5 * self.diameter if below is None else length_of(below, "riser below"))
        elif below is not None:
            raise InputError(f"below = {below!r} belongs to a side riser; leave it out, or use Riser.side")
        self._check()

    def _check(self) -> None:
        assert self.diameter is not None and self.height is not None
        if self.side and self.breaker is not None:
            raise InputError("a breaker core lies under a riser that stands on the part; a side riser is broken off at its neck")
        if self.side:
            check_side(self.diameter, self.height, self.neck, self.below)
        if self.neck is not None and self.neck.diameter > self.diameter:
            what = "neck diameter" if self.breaker is None else "breaker hole"
            raise InputError(f"{what} = {self.neck.diameter / mm:g} mm must not exceed the riser's {self.diameter / mm:g} mm")
        if self.breaker is not None and self.neck is not None:
            self.breaker.check(self.neck, self.diameter)
        if self.sleeve is not None and self.sleeve.height is not None and self.sleeve.height > self.height * (1 + 1e-9):
            raise InputError(
                f"sleeve height = {self.sleeve.height / mm:g} mm must not exceed the riser's {self.height / mm:g} mm"
            )

    @classmethod
    def cylinder(
        cls,
        *,
        diameter: Number,
        height: Number,
        at: Anchor,
        neck: Neck | None = None,
        sleeve: Sleeve | str | None = None,
        breaker: Breaker | None = None,
        topping: Topping | str | None = None,
        top: str = "blind",
        name: str | None = None,
    ) -> Riser:
        """Return a cylindrical riser; the arguments are those of the class."""
        return cls(
            diameter=diameter, height=height, at=at, neck=neck, sleeve=sleeve, breaker=breaker, topping=topping, top=top,
            name=name,
        )  # fmt: skip

    @classmethod
    def beside(
        cls, *, diameter: Number, height: Number, at: Anchor, neck: Neck, below: Number | None = None,
        sleeve: Sleeve | str | None = None, topping: Topping | str | None = None, top: str = "blind", name: str | None = None,
    ) -> Riser:  # fmt: skip
        """Return a side riser: a cylinder beside a wall of the part and a level neck; the arguments are those of the class."""
        return cls(
            diameter=diameter, height=height, at=at, neck=neck, sleeve=sleeve, topping=topping, top=top, side=True, below=below,
            name=name,
        )  # fmt: skip

    @classmethod
    def read(cls, path: str | Path, *, unit: str, top: str = "blind", name: str | None = None) -> Riser:
        """Return a riser whose shape is a mesh file in the coordinates of the part."""
        return cls(Part.read(path, unit=unit), top=top, name=name)

    def bodies(self, site: Site, name: str) -> list[Body]:
        """Return the riser, with its sleeve, breaker core and topping if it has them, in their places."""
        if self.part is not None:
            return [mesh_body(self.part, name, self.role, open_top=self.top == "open")]
        assert self.diameter is not None and self.height is not None and self.at is not None
        place = self._place(site, name)
        axes = site.frame(site.up)
        r, h = 0.5 * self.diameter, self.height
        profile = [(r, 0.0), (r, h)]
        if self.neck is not None and not self.side:
            n, start = 0.5 * self.neck.diameter, self.neck.height
            profile = [(n, 0.0), (n, start), (r, start), (r, start + h)]
        open_top, up = self.top == "open", site.up
        here = Body(
            name=name,
            role=self.role,
            surface=self._lathed(site, axes, profile, place),
            thinnest=min(2.0 * profile[0][0], h),
            thinnest_is="height" if h < 2.0 * profile[0][0] else ("diameter" if len(profile) == 2 else "neck diameter"),
            on=None if self.side else self.at,
            open_top=open_top and self.topping is None,
            opening=self._opening(name, place, profile[-1][1], up) if open_top else None,
        )
        made = [here]
        if self.side and self.neck is not None:
            made.append(neck_body(site, self.at, name=name, diameter=self.diameter, neck=self.neck))
        if self.sleeve is not None:
            made.append(self._sleeve_body(axes, name, place))
        if self.breaker is not None and self.neck is not None:
            made.append(self.breaker.body(site, self.at, name=name, neck=self.neck, riser_diameter=self.diameter))
        if self.topping is not None:
            foot = place + profile[-1][1] * up
            made.append(self.topping.body(foot, axes, name=name, diameter=self.diameter, open_top=open_top))
        return made

    def _place(self, site: Site, name: str) -> np.ndarray:
        """Return where the cylinder, or the neck under it, begins (m)."""
        assert self.diameter is not None and self.at is not None
        if self.side and self.neck is not None:
            return standing_place(self.at, site.up, name=name, diameter=self.diameter, neck=self.neck, below=self.below)
        upright = float(np.clip(self.at.normal @ site.up, -1.0, 1.0))
        if upright < _STEEPEST:
            raise GeometryError(
                f"{name} stands on a face that leans {np.degrees(np.arccos(upright)):.0f} degrees from level"
                " (at most 70); choose a place that looks up, or set it beside a wall with Riser.beside"
            )
        return self.at.point

    def _opening(self, name: str, place: np.ndarray, end: float, up: np.ndarray) -> Opening:
        assert self.diameter is not None
        top = Anchor(place + end * up, up)
        return Opening(name=name, role="vent", at=top, area=0.25 * np.pi * self.diameter**2)

    def _lathed(self, site: Site, axes: np.ndarray, profile: list[tuple[float, float]], place: np.ndarray) -> Surface:
        assert self.at is not None
        if self.side:
            return shapes.lathe(profile, origin=place, axes=axes, foot=lambda places: np.zeros(len(places)))
        width = 2.0 * profile[0][0]
        foot = sunk_foot(site, self.at, axes, reach=0.5 * width, sink=min(SINK * width, 2 * mm))
        return shapes.lathe(profile, origin=self.at.point, axes=axes, foot=foot)

    def _sleeve_body(self, axes: np.ndarray, name: str, place: np.ndarray) -> Body:
        assert self.sleeve is not None and self.diameter is not None and self.height is not None
        thickness = self.sleeve.thickness or max(0.12 * self.diameter, 8 * mm)
        outer = 0.5 * self.diameter + thickness
        height = self.sleeve.height or self.height
        start = self.neck.height if self.neck is not None and not self.side else 0.0
        # The sleeve is solid and the metal, which comes before it, hollows it out: no two walls lie in one place.
        surface = shapes.lathe(
            [(outer, start), (outer, start + height)],
            origin=place,
            axes=axes,
            foot=lambda places: np.full(len(places), start),
        )
        return Body(
            name=f"{name} sleeve",
            role="sleeve",
            surface=surface,
            material=self.sleeve.placed_material(),
            thinnest=thickness,
            thinnest_is="thickness",
            on=None if self.side else self.at,
        )


def _needed(value: Number | None, name: str) -> Number:
    if value is None:
        raise InputError(f"{name} is missing; see Riser.cylinder, or give a Part")
    return value
