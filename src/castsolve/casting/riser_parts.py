"""What is set on and around a riser: neck, sleeve, breaker core, topping."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..geometry import Anchor
from ..materials import MouldMaterial, mould
from ..units import Number, mm, quantity
from . import shapes
from .body import Body, keep, length_of
from .site import Site

__all__ = ["Breaker", "Neck", "Sleeve", "Topping"]

# How far a breaker core reaches into the part under it (m): nothing to a foundry, much to rounding.
_PRESSED = 1e-6


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Neck:
    """The narrow link between a riser and the part.

    Parameters
    ----------
    diameter, height : float, str or pint.Quantity
        Lengths.
    """

    diameter: float
    height: float

    def __init__(self, *, diameter: Number, height: Number) -> None:
        keep(self, diameter=length_of(diameter, "neck diameter"), height=length_of(height, "neck height"))


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Sleeve:
    """A tube of insulating material around a riser.

    Parameters
    ----------
    material : str or MouldMaterial
        A mould material of the sleeve family, or its name in the library.
    thickness : float, str or pint.Quantity, optional
        Wall. Default: 12 % of the riser's diameter, at least 8 mm (an estimate of what is on sale).
    height : float, str or pint.Quantity, optional
        Default: as high as the riser's body.
    burns_after : float, str or pint.Quantity, optional
        Of an exothermic sleeve: it burns by the clock, all of it alike from this time after the end of the pour on. Default: each
        place burns from the moment at which it reaches the ignition temperature of the material.
    """

    material: str | MouldMaterial
    thickness: float | None
    height: float | None
    burns_after: float | None

    def __init__(
        self, material: str | MouldMaterial = "insulating-sleeve", *, thickness: Number | None = None,
        height: Number | None = None, burns_after: Number | None = None,
    ) -> None:  # fmt: skip
        keep(
            self,
            burns_after=None if burns_after is None else quantity(burns_after, "time", "sleeve burns_after"),
            material=material,
            thickness=None if thickness is None else length_of(thickness, "sleeve thickness"),
            height=None if height is None else length_of(height, "sleeve height"),
        )

    def placed_material(self) -> str | MouldMaterial:
        """Return the material as it burns in its place."""
        if self.burns_after is None:
            return self.material
        material = self.material if isinstance(self.material, MouldMaterial) else mould(self.material)
        return material.by_clock(self.burns_after)

    @classmethod
    def of(cls, given: Sleeve | str | None) -> Sleeve | None:
        """Return the sleeve that a user named: a `Sleeve`, the word "insulating", a material, or none."""
        if given is None or isinstance(given, Sleeve):
            return given
        if not isinstance(given, str):
            raise InputError(f'sleeve = {given!r} is not a sleeve; write "insulating" or Sleeve(thickness=12*mm)')
        return cls() if given == "insulating" else cls(given)


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Breaker:
    """A thin core between riser and part, with a hole for the neck: the riser breaks off there.

    Parameters
    ----------
    hole : float, str or pint.Quantity
        Diameter of its hole.
    thickness : float, str or pint.Quantity
        Between the part and the riser's body.
    diameter : float, str or pint.Quantity, optional
        Outer diameter. Default: that of the riser.
    material : str
        A mould material. The thin core heats through at once, so that the neck stays open longer than its size says.
    """

    hole: float
    thickness: float
    diameter: float | None
    material: str

    def __init__(
        self, *, hole: Number, thickness: Number, diameter: Number | None = None, material: str = "furan-sand"
    ) -> None:
        keep(self, hole=length_of(hole, "breaker hole"), thickness=length_of(thickness, "breaker thickness"))
        keep(self, diameter=None if diameter is None else length_of(diameter, "breaker diameter"), material=material)

    @property
    def neck(self) -> Neck:
        """The neck that fills its hole."""
        return Neck(diameter=self.hole, height=self.thickness)

    def check(self, neck: Neck, riser_diameter: float) -> None:
        """Refuse a breaker core that does not fit its neck and riser."""
        if abs(neck.diameter - self.hole) > 1e-9 or neck.height < self.thickness - 1e-9:
            raise InputError(
                f"neck of {neck.diameter / mm:g} mm by {neck.height / mm:g} mm does not fit the breaker core with its hole of"
                f" {self.hole / mm:g} mm and thickness of {self.thickness / mm:g} mm; leave neck out, or make them alike"
            )
        outer = riser_diameter if self.diameter is None else self.diameter
        if outer <= self.hole:
            raise InputError(
                f"breaker hole = {self.hole / mm:g} mm must be below its outer diameter of {outer / mm:g} mm"
            )

    def body(self, site: Site, at: Anchor, *, name: str, neck: Neck, riser_diameter: float) -> Body:
        """Return the core in its place: solid, as the metal of the neck hollows it out."""
        axes = site.frame(site.up)
        outer = 0.5 * (riser_diameter if self.diameter is None else self.diameter)

        def foot(places: np.ndarray) -> np.ndarray:
            return site.heights(places, origin=at.point, axes=axes, reach=self.thickness) - _PRESSED

        start = neck.height - self.thickness
        under = foot if start < 1e-9 else (lambda places: np.full(len(places), start))
        return Body(
            name=f"{name} breaker",
            role="breaker",
            surface=shapes.lathe([(outer, start), (outer, neck.height)], origin=at.point, axes=axes, foot=under),
            material=self.material,
            thinnest=self.thickness,
            thinnest_is="thickness",
            on=at,
        )


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Topping:
    """A cover on the top of a riser: powder or board that keeps it from freezing over.

    Parameters
    ----------
    material : str
        Name of a mould material of the sleeve family.
    thickness : float, str or pint.Quantity, optional
        Default: 25 mm (an estimate).
    """

    material: str
    thickness: float

    def __init__(self, material: str = "insulating-sleeve", *, thickness: Number = 0.025) -> None:
        keep(self, material=material, thickness=length_of(thickness, "topping thickness"))

    @classmethod
    def of(cls, given: Topping | str | None) -> Topping | None:
        """Return the topping that a user named: a `Topping`, the word "insulating", a material, or none."""
        if given is None or isinstance(given, Topping):
            return given
        if not isinstance(given, str):
            raise InputError(f'topping = {given!r} is no topping; write "insulating" or Topping(thickness=25*mm)')
        return cls() if given == "insulating" else cls(given)

    def body(self, foot: np.ndarray, axes: np.ndarray, *, name: str, diameter: float, open_top: bool) -> Body:
        """Return the cover on a riser's top."""
        r = 0.5 * diameter
        surface = shapes.lathe(
            [(r, 0.0), (r, self.thickness)], origin=foot, axes=axes, foot=lambda places: np.full(len(places), -_PRESSED)
        )
        return Body(
            name=f"{name} topping",
            role="topping",
            surface=surface,
            material=self.material,
            thinnest=self.thickness,
            thinnest_is="thickness",
            open_top=open_top,
        )
