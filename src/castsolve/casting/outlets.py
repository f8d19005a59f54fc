"""Filters, vents and overflows.

A filter holds metal in its pores: for heat it is metal, for a flow it is a resistance (`Body.pores`). A vent is finer than
any voxel: it is no body of the grid but an opening of the cavity (`Casting.openings`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ..errors import InputError
from ..geometry import Anchor, Part, direction_of, place_of
from ..geometry.shapes import cylinder
from ..units import Number, mm, quantity
from . import shapes
from .body import Body, Opening, Pores, anchor_of, block_body, keep, length_of, mesh_body, needed, part_of, sunk_foot
from .rules import rules
from .site import SINK, Site

__all__ = ["Filter", "Overflow", "Vent"]


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Filter:
    """A ceramic filter in the path of metal.

    Parameters
    ----------
    part : Part, optional
        A ready shape. `Filter.foam` makes one from numbers instead.
    size : three lengths
        Two edges and the thickness in flow direction.
    at : three lengths
        Its middle.
    direction : direction
        Of the flow through it.
    ppi : int
        Pores per inch, as filters are sold: 30, 40, 50 or 80 are known.
    permeability, inertial, porosity : float, optional
        Your own figures in m2, m and 1; see `Pores`. Default: by `ppi`.
    name : str, optional
        Default: "filter 1", counted.
    """

    role: ClassVar[str] = "filter"
    part: Part | None
    size: tuple[float, float, float] | None
    at: np.ndarray | None
    direction: np.ndarray
    ppi: int
    permeability: float
    inertial: float
    porosity: float
    name: str | None

    def __init__(
        self,
        part: Part | None = None,
        *,
        size: Sequence[Number] | None = None,
        at: Sequence[Number] | None = None,
        direction: Any = "x",
        ppi: int = 30,
        permeability: float | None = None,
        inertial: float | None = None,
        porosity: float | None = None,
        name: str | None = None,
    ) -> None:
        known = rules()["filter"]
        own = {"permeability": permeability, "inertial": inertial, "porosity": porosity}
        if str(ppi) not in known and None in own.values():
            raise InputError(
                f"ppi = {ppi!r} is not known; known are {', '.join(known)}, or give permeability, inertial and porosity"
            )
        values = {key: float(known[str(ppi)][key] if value is None else value) for key, value in own.items()}
        if not (min(values.values()) > 0.0 and values["porosity"] < 1.0):
            raise InputError(f"permeability, inertial and porosity = {values} must be above 0, and porosity below 1")
        keep(self, part=part, size=None, at=None, direction=direction_of(direction, "direction"), ppi=int(ppi), name=name, **values)
        if part is not None:
            part_of(part, "a filter")
            if size is not None or at is not None:
                raise InputError("a filter from a Part takes no size and no at; use Filter.foam for those")
            return
        edges = place_of(needed(size, "filter size", "write Filter.foam((50*mm, 50*mm, 22*mm), at=(0, 0, 0))"), "filter size")
        if not (edges > 0.0).all():
            raise InputError(f"filter size = {size!r} must be three lengths above 0")
        keep(self, size=tuple(edges.tolist()), at=place_of(needed(at, "at", "give the filter's middle"), "filter at"))

    @classmethod
    def foam(
        cls, size: Sequence[Number], *, at: Sequence[Number], direction: Any = "x", ppi: int = 30, name: str | None = None
    ) -> Filter:
        """Return a ceramic foam filter; the arguments are those of the class."""
        return cls(size=size, at=at, direction=direction, ppi=ppi, name=name)

    @classmethod
    def read(cls, path: str | Path, *, unit: str, direction: Any = "x", ppi: int = 30, name: str | None = None) -> Filter:
        """Return a filter whose shape is a mesh file in the coordinates of the part."""
        return cls(Part.read(path, unit=unit), direction=direction, ppi=ppi, name=name)

    def bodies(self, site: Site, name: str) -> list[Body]:
        """Return the filter in its place."""
        x, y, z = (float(value) for value in self.direction)
        pores = Pores(
            permeability=self.permeability, inertial=self.inertial, porosity=self.porosity, direction=(x, y, z)
        )
        if self.part is not None:
            return [mesh_body(self.part, name, self.role, pores=pores)]
        assert self.size is not None and self.at is not None
        surface = block_body(self.size, middle=self.at, axes=site.frame(self.direction))
        edge = min(self.size)
        return [Body(name=name, role=self.role, surface=surface, thinnest=edge, thinnest_is="thickness", pores=pores)]


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Vent:
    """A bore through the mould that lets air out of the cavity.

    Parameters
    ----------
    diameter : float
        Of the bore.
    at : Anchor
        Where it leaves the cavity.
    length : float, optional
        Through the mould. Default: 40 mm.
    name : str, optional
        Default: "vent 1", counted.
    """

    role: ClassVar[str] = "vent"
    part: ClassVar[None] = None
    diameter: float
    at: Anchor
    length: float
    name: str | None

    def __init__(self, *, diameter: Number, at: Anchor, length: Number = 0.04, name: str | None = None) -> None:
        keep(self, diameter=length_of(diameter, "vent diameter"), at=anchor_of(at, "a vent"))
        keep(self, length=length_of(length, "vent length"), name=name)

    def bodies(self, site: Site, name: str) -> list[Body]:
        """Return the vent in its place."""
        sink = min(0.5 * self.diameter, 2 * mm)
        base = self.at.point - sink * self.at.normal
        opening = Opening(
            name=name, role="vent", at=self.at, area=0.25 * math.pi * self.diameter**2, length=self.length
        )
        return [
            Body(
                name=name,
                role=self.role,
                surface=cylinder(self.diameter, self.length + sink, axis=self.at.normal, base=base, segments=24),
                thinnest=self.diameter,
                thinnest_is="diameter",
                on=self.at,
                opening=opening,
            )
        ]


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Overflow:
    """A pocket beside the part that takes the first, cold metal, with the thin gate that leads into it.

    Parameters
    ----------
    part : Part, optional
        A ready shape. `Overflow.pocket` makes one from numbers instead.
    size : three lengths
        Of the pocket: level and upright edge, and the depth away from the part.
    gate_height, gate_length : float, optional
        Of its gate, as wide as the pocket. Default: 0.3 of the pocket's upright edge, and 4 mm.
    at : Anchor
        Where it leaves the part.
    name : str, optional
        Default: "overflow 1", counted.
    """

    role: ClassVar[str] = "overflow"
    part: Part | None
    size: tuple[float, float, float] | None
    gate_height: float | None
    gate_length: float
    at: Anchor | None
    name: str | None

    def __init__(
        self,
        part: Part | None = None,
        *,
        size: Sequence[Number] | None = None,
        at: Anchor | None = None,
        gate_height: Number | None = None,
        gate_length: Number = 0.004,
        name: str | None = None,
    ) -> None:
        keep(self, part=part, size=None, gate_height=None, gate_length=length_of(gate_length, "overflow gate_length"), at=None)
        keep(self, name=name)
        if part is not None:
            part_of(part, "an overflow")
            if size is not None or at is not None or gate_height is not None:
                raise InputError("an overflow from a Part takes no size and no at; use Overflow.pocket for those")
            return
        edges = place_of(needed(size, "overflow size", "write Overflow.pocket((30*mm, 12*mm, 20*mm), at=...)"), "overflow size")
        if not (edges > 0.0).all():
            raise InputError(f"overflow size = {size!r} must be three lengths above 0")
        land = 0.3 * edges[1] if gate_height is None else quantity(gate_height, "length", "overflow gate_height")
        if not 0.0 < land <= edges[1]:
            raise InputError(
                f"overflow gate_height = {land / mm:g} mm must be above 0 and not exceed the pocket's {edges[1] / mm:g} mm"
            )
        keep(self, size=tuple(edges.tolist()), gate_height=float(land), at=anchor_of(at, "an overflow"))

    @classmethod
    def pocket(
        cls, size: Sequence[Number], *, at: Anchor, gate_height: Number | None = None, gate_length: Number = 0.004,
        name: str | None = None,
    ) -> Overflow:  # fmt: skip
        """Return an overflow with its gate; the arguments are those of the class."""
        return cls(size=size, at=at, gate_height=gate_height, gate_length=gate_length, name=name)

    @classmethod
    def read(cls, path: str | Path, *, unit: str, name: str | None = None) -> Overflow:
        """Return an overflow whose shape is a mesh file in the coordinates of the part."""
        return cls(Part.read(path, unit=unit), name=name)

    def bodies(self, site: Site, name: str) -> list[Body]:
        """Return the pocket and its gate in their places."""
        if self.part is not None:
            return [mesh_body(self.part, name, self.role)]
        assert self.size is not None and self.at is not None and self.gate_height is not None
        width, _, depth = self.size
        axes, land = site.frame(self.at.normal), self.gate_height
        foot = sunk_foot(site, self.at, axes, reach=0.5 * max(width, land), sink=min(SINK * land, 2 * mm))
        # The gate reaches a hair into the pocket.
        gate = shapes.block(width, land, self.gate_length + 0.1 * mm, origin=self.at.point, axes=axes, foot=foot)
        middle = self.at.point + (self.gate_length + 0.5 * depth) * axes[:, 2]
        pocket = block_body(self.size, middle=middle, axes=axes)
        edge = min(self.size)
        return [
            Body(name=name, role=self.role, surface=pocket, thinnest=edge, thinnest_is="smallest edge"),
            Body(
                name=f"{name} gate", role=self.role, surface=gate, thinnest=min(land, width), thinnest_is="height", on=self.at
            ),
        ]
