"""Chills, gates and cores.

::

     .................        ____________
     :     chill     :       |xxxxxxxxxxxx| -> a gate runs along the outward normal
     :_______________:       |xxxxxxxxxxxx|
     xxxxx part xxxxxxx      part
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ..errors import GeometryError, InputError
from ..geometry import Anchor, Part, place_of
from ..units import Number, mm
from . import shapes
from .body import Body, Opening, anchor_of, keep, length_of, mesh_body, part_of, sunk_foot, temperature_of
from .site import SINK, Site

__all__ = ["Chill", "Core", "Gate"]

# Share of a gate's mouth below which it is told that sand shuts the rest.
_WHOLE_MOUTH = 0.97
# How deep the face of a block chill reaches into the metal (m): nothing to a foundry, much to rounding.
_PRESSED = 1e-6


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Chill:
    """A block of metal in the mould that speeds freezing.

    A block lies outside the part; its face follows the surface. A contoured chill keeps its thickness: its back follows
    the surface too.

    Parameters
    ----------
    part : Part, optional
        A ready shape. `Chill.block` makes one from numbers instead.
    size : three lengths
        Extent of the face (level and upright) and thickness, in m.
    at : Anchor
        Middle of the face.
    material : str
        A mould material such as "cast-iron" or "copper".
    temperature : float, str or pint.Quantity, optional
        Initial temperature. Default: that of the mould.
    contoured : bool
        Whether the back follows the surface as the face does, at the thickness of `size` along the normal of the anchor.
    name : str, optional
        Default: "chill 1", counted.
    """

    role: ClassVar[str] = "chill"
    part: Part | None
    size: tuple[float, float, float] | None
    at: Anchor | None
    contoured: bool
    material: str
    temperature: float | None
    name: str | None

    def __init__(
        self,
        part: Part | None = None,
        *,
        size: Sequence[Number] | None = None,
        at: Anchor | None = None,
        material: str = "cast-iron",
        temperature: Number | None = None,
        contoured: bool = False,
        name: str | None = None,
    ) -> None:
        kelvin = temperature_of(temperature, "chill temperature")
        keep(self, part=part, size=None, at=None, material=material, temperature=kelvin, contoured=bool(contoured), name=name)
        if part is not None:
            part_of(part, "a chill")
            if size is not None or at is not None:
                raise InputError("a chill from a Part takes no size and no at; use Chill.block for those")
            return
        if size is None or isinstance(size, str) or len(size) != 3:
            raise InputError(f"size = {size!r} is no chill; write three lengths such as (60*mm, 60*mm, 30*mm)")
        edges = tuple(length_of(value, f"chill size[{i}]") for i, value in enumerate(size))
        keep(self, size=edges, at=anchor_of(at, "a chill"))

    @classmethod
    def block(
        cls,
        size: Sequence[Number],
        *,
        at: Anchor,
        material: str = "cast-iron",
        temperature: Number | None = None,
        name: str | None = None,
    ) -> Chill:
        """Return a block chill; the arguments are those of the class."""
        return cls(size=size, at=at, material=material, temperature=temperature, name=name)

    @classmethod
    def contour(
        cls,
        size: Sequence[Number],
        *,
        at: Anchor,
        material: str = "cast-iron",
        temperature: Number | None = None,
        name: str | None = None,
    ) -> Chill:
        """Return a chill of even thickness on a curved face; the arguments are those of the class."""
        return cls(size=size, at=at, material=material, temperature=temperature, contoured=True, name=name)

    @classmethod
    def read(
        cls,
        path: str | Path,
        *,
        unit: str,
        material: str = "cast-iron",
        temperature: Number | None = None,
        name: str | None = None,
    ) -> Chill:
        """Return a chill whose shape is a mesh file in the coordinates of the part."""
        return cls(Part.read(path, unit=unit), material=material, temperature=temperature, name=name)

    def bodies(self, site: Site, name: str) -> list[Body]:
        """Return the chill in its place."""
        if self.part is not None:
            return [mesh_body(self.part, name, self.role, material=self.material, temperature=self.temperature)]
        assert self.size is not None and self.at is not None
        anchor, (width, depth, height) = self.at, self.size
        axes = site.frame(anchor.normal)

        def foot(places: np.ndarray) -> np.ndarray:
            found = site.heights(places, origin=anchor.point, axes=axes, reach=0.5 * max(width, depth))
            if found.max() > 0.5 * height and not self.contoured:
                raise GeometryError(
                    f"the surface under {name} rises {found.max() / mm:.3g} mm, more than half its thickness of"
                    f" {height / mm:g} mm; make it smaller or thicker, or write Chill.contour(...)"
                )
            # Two faces that only just meet may be parted by rounding, and a film of sand would take the contact away.
            return found - _PRESSED

        back = (lambda places: foot(places) + _PRESSED + height) if self.contoured else None
        edge = min(self.size)
        return [
            Body(
                name=name,
                role=self.role,
                surface=shapes.block(width, depth, height, origin=anchor.point, axes=axes, foot=foot, back=back),
                material=self.material,
                temperature=self.temperature,
                thinnest=edge,
                thinnest_is="thickness" if edge == height else "width",
                on=anchor,
            )
        ]


def _half_shut(name: str, met: float, at: Anchor) -> str:
    return (
        f"{name} meets the part, at {at}, over {100 * met:.0f} % of its mouth only; sand shuts the rest: make it narrower or "
        "lower, or move it"
    )


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Gate:
    """The last stretch of the path of metal, through which it enters the part.

    Parameters
    ----------
    part : Part, optional
        A ready shape. `Gate.slot` makes one from numbers instead.
    width, height : float, str or pint.Quantity
        Level and upright extent of the slot where it meets the part.
    length : float, str or pint.Quantity, optional
        Along the outward normal of the anchor. Default: the width.
    at : Anchor
        Where the metal enters.
    name : str, optional
        Default: "gate 1", counted.
    """

    role: ClassVar[str] = "gate"
    part: Part | None
    width: float | None
    height: float | None
    length: float | None
    at: Anchor | None
    name: str | None

    def __init__(
        self,
        part: Part | None = None,
        *,
        width: Number | None = None,
        height: Number | None = None,
        length: Number | None = None,
        at: Anchor | None = None,
        name: str | None = None,
    ) -> None:
        keep(self, part=part, width=None, height=None, length=None, at=None, name=name)
        if part is not None:
            part_of(part, "a gate")
            if any(value is not None for value in (width, height, length, at)):
                raise InputError("a gate from a Part takes no width, height, length or at; use Gate.slot for those")
            return
        if width is None or height is None:
            raise InputError("a gate needs width and height; write Gate.slot(width=40*mm, height=12*mm, at=...)")
        keep(
            self,
            width=length_of(width, "gate width"),
            height=length_of(height, "gate height"),
            length=length_of(width if length is None else length, "gate length"),
            at=anchor_of(at, "a gate"),
        )

    @classmethod
    def slot(
        cls, *, width: Number, height: Number, at: Anchor, length: Number | None = None, name: str | None = None
    ) -> Gate:
        """Return a slot gate; the arguments are those of the class."""
        return cls(width=width, height=height, length=length, at=at, name=name)

    @classmethod
    def read(cls, path: str | Path, *, unit: str, name: str | None = None) -> Gate:
        """Return a gate whose shape is a mesh file in the coordinates of the part."""
        return cls(Part.read(path, unit=unit), name=name)

    def bodies(self, site: Site, name: str) -> list[Body]:
        """Return the gate in its place."""
        if self.part is not None:
            return [mesh_body(self.part, name, self.role)]
        assert self.width is not None and self.height is not None and self.length is not None and self.at is not None
        axes = site.frame(self.at.normal)
        outer = Anchor(self.at.point + self.length * axes[:, 2], axes[:, 2])
        edge = min(self.width, self.height)
        reach = 0.5 * max(self.width, self.height)
        foot = sunk_foot(site, self.at, axes, reach=reach, sink=min(SINK * edge, 2 * mm))
        met = site.share_over(self.width, self.height, origin=self.at.point, axes=axes, reach=reach)
        return [
            Body(
                name=name,
                role=self.role,
                warnings=() if met >= _WHOLE_MOUTH else (_half_shut(name, met, self.at),),
                surface=shapes.block(self.width, self.height, self.length, origin=self.at.point, axes=axes, foot=foot),
                thinnest=min(edge, self.length),
                thinnest_is="height" if self.height == edge else "width",
                on=self.at,
                opening=Opening(name=name, role="inlet", at=outer, area=self.width * self.height),
            )
        ]


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Core:
    """An insert that forms a hollow; it comes before all other bodies.

    Parameters
    ----------
    part : Part
        Its shape in the coordinates of the part; with its prints, where they are not given apart.
    prints : Part or sequence of Part, optional
        What holds it in the mould: further shapes, of its material, outside the metal. A core without any is told.
    material : str, optional
        A mould material. Default: that of the mould.
    temperature : float, str or pint.Quantity, optional
        Initial temperature. Default: that of the mould.
    name : str, optional
        Default: "core 1", counted.
    """

    role: ClassVar[str] = "core"
    part: Part
    prints: tuple[Part, ...]
    material: str | None
    temperature: float | None
    name: str | None
    numbers: dict[str, Any] | None

    def __init__(
        self,
        part: Part,
        *,
        prints: Part | Sequence[Part] = (),
        material: str | None = None,
        temperature: Number | None = None,
        name: str | None = None,
    ) -> None:
        kelvin = temperature_of(temperature, "core temperature")
        held = (prints,) if isinstance(prints, Part) else tuple(part_of(piece, "a core print") for piece in prints)
        keep(self, part=part_of(part, "a core"), prints=held, material=material, temperature=kelvin, name=name)
        keep(self, numbers=None)

    @classmethod
    def cylinder(
        cls,
        *,
        diameter: Number,
        start: Sequence[Number],
        end: Sequence[Number],
        print_length: Number | None = None,
        print_diameter: Number | None = None,
        material: str | None = None,
        temperature: Number | None = None,
        name: str | None = None,
    ) -> Core:
        """Return a round core from one place on its axis to another, with a print beyond each end.

        Parameters
        ----------
        diameter : length
        start, end : three lengths
            Where the metal ends, on the axis.
        print_length : length, optional
            Default: half the diameter, at least 10 mm (an estimate).
        print_diameter : length, optional
            Default: the diameter.
        material, temperature, name
            Those of the class.
        """
        a, b = place_of(start, "core start"), place_of(end, "core end")
        long = float(np.linalg.norm(b - a))
        if long <= 0.0:
            raise InputError(f"start and end of a core are one place {tuple(a.tolist())}; give two")
        r = 0.5 * length_of(diameter, "core diameter")
        more = max(r, 10 * mm) if print_length is None else length_of(print_length, "core print_length")
        wide = r if print_diameter is None else 0.5 * length_of(print_diameter, "core print_diameter")
        far = long + more
        profile = [(0.0, -more), (wide, -more), (wide, 0.0), (r, 0.0), (r, long), (wide, long), (wide, far), (0.0, far)]
        shape = Part.revolved(profile, axis=b - a, base=a, name=name or "core")
        made = cls(shape, material=material, temperature=temperature, name=name)
        keep(
            made, numbers={"diameter": 2.0 * r, "start": a, "end": b, "print_length": more, "print_diameter": 2.0 * wide}
        )
        return made

    @classmethod
    def read(
        cls,
        path: str | Path,
        *,
        unit: str,
        material: str | None = None,
        temperature: Number | None = None,
        name: str | None = None,
    ) -> Core:
        """Return a core whose shape is a mesh file in the coordinates of the part."""
        return cls(Part.read(path, unit=unit), material=material, temperature=temperature, name=name)

    def bodies(self, site: Site, name: str) -> list[Body]:
        """Return the core and its prints in their places."""
        shared: dict[str, Any] = {"material": self.material, "temperature": self.temperature}
        made = [mesh_body(self.part, name, self.role, **shared)]
        for number, piece in enumerate(self.prints, start=1):
            made.append(mesh_body(piece, f"{name} print {number}", self.role, region=name, serves=name, **shared))
        return made
