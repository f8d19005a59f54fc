"""One placed body of a casting, and the checks that every piece of rigging shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from ..geometry import Anchor, Part, Surface
from ..materials import MouldMaterial
from ..units import Number, mm, quantity
from . import shapes
from .shapes import Foot
from .site import Site

__all__ = [
    "Body",
    "Opening",
    "Pores",
    "anchor_of",
    "block_body",
    "keep",
    "length_of",
    "mesh_body",
    "needed",
    "part_of",
    "sunk_foot",
    "temperature_of",
]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Opening:
    """Where metal or air passes the boundary of the mould.

    Parameters
    ----------
    name, role : str
        Body it belongs to, and "inlet" or "vent".
    at : Anchor
        Middle of the opening and the direction out of the cavity.
    area : float
        In m2.
    length : float
        Of the channel behind it, in m: a vent's bore; 0 for an inlet.
    """

    name: str
    role: str
    at: Anchor
    area: float
    length: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pores:
    """What a porous body does to a flow: dp/L = viscosity v / permeability + density v^2 / inertial.

    Parameters
    ----------
    permeability : float
        In m2.
    inertial : float
        In m.
    porosity : float
        Open share of the volume.
    direction : tuple of three floats
        Unit vector through the body.
    """

    permeability: float
    inertial: float
    porosity: float
    direction: tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Body:
    """One placed body: a closed surface in its place, with what the casting needs to know of it.

    Parameters
    ----------
    name, role : str
        "riser 1" and "riser".
    surface : Surface
        Closed, in the coordinates of the part.
    material : str or MouldMaterial, optional
        A mould material or its name; None is the poured metal, or the mould's own material for a core.
    temperature : float, optional
        Initial temperature in K; None is that of the mould.
    thinnest : float
        Smallest dimension in m.
    thinnest_is : str
        What that dimension is: "diameter".
    on : Anchor, optional
        Where it stands.
    open_top : bool
        True for a body that reaches the air at the top of the mould.
    opening : Opening, optional
        Where metal enters or air leaves through it.
    pores : Pores, optional
        Of a filter.
    region : str, optional
        Body whose stretch of material it belongs to; None is its own.
    serves : str
        Name of the body that it must touch; empty: the metal.
    warnings : tuple of str
        What a methods engineer should look at.
    """

    name: str
    role: str
    surface: Surface
    material: str | MouldMaterial | None = None
    temperature: float | None = None
    thinnest: float
    thinnest_is: str
    on: Anchor | None = None
    open_top: bool = False
    opening: Opening | None = None
    pores: Pores | None = None
    region: str | None = None
    serves: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def material_name(self) -> str | None:
        """Name of the material it has of its own."""
        return self.material.name if isinstance(self.material, MouldMaterial) else self.material


def keep(thing: object, **values: Any) -> None:
    """Set fields of a frozen dataclass from its own `__init__`."""
    for name, value in values.items():
        object.__setattr__(thing, name, value)


def length_of(value: Number, name: str) -> float:
    """Return a length above 0 in m."""
    number = quantity(value, "length", name)
    if number <= 0.0:
        raise InputError(f"{name} = {number / mm:g} mm must be above 0 mm")
    return number


def temperature_of(value: Number | None, name: str) -> float | None:
    """Return a temperature above 0 K, or None where none was given."""
    if value is None:
        return None
    number = quantity(value, "temperature", name)
    if number <= 0.0:
        raise InputError(f"{name} = {number:g} K must be above 0 K")
    return number


def anchor_of(at: Any, whose: str) -> Anchor:
    """Return an anchor, or refuse what is none."""
    if not isinstance(at, Anchor):
        raise InputError(f"{whose} needs at = an Anchor such as part.top or part.nearest((0, -90*mm, 0)), not {at!r}")
    return at


def part_of(part: Any, whose: str) -> Part:
    """Return a part, or refuse what is none."""
    if not isinstance(part, Part):
        raise InputError(f"{whose} is made from a Part, not from {type(part).__name__}; see Part.read")
    return part


def mesh_body(part: Part, name: str, role: str, **more: Any) -> Body:
    """Return the body of a ready shape."""
    edge = float(part.size.min())
    return Body(name=name, role=role, surface=part.surface, thinnest=edge, thinnest_is="smallest extent", **more)


def sunk_foot(site: Site, anchor: Anchor, axes: np.ndarray, *, reach: float, sink: float) -> Foot:
    """Return the foot of a body that follows the metal under it, a little sunk."""

    def height(places: np.ndarray) -> np.ndarray:
        found = site.heights(places, origin=anchor.point, axes=axes, reach=reach)
        return np.minimum(found, 0.0) - sink

    return height


def block_body(size: tuple[float, float, float], *, middle: np.ndarray, axes: np.ndarray) -> Surface:
    """Return a box about a point: its edges along the columns of a frame."""
    low = np.asarray(middle) - 0.5 * size[2] * axes[:, 2]
    return shapes.block(*size, origin=low, axes=axes, foot=lambda places: np.zeros(len(places)))


def needed(value: Any, name: str, hint: str) -> Any:
    """Return a value, or refuse that it is missing."""
    if value is None:
        raise InputError(f"{name} is missing; {hint}")
    return value
