"""Basins, sprues and runners: the path of metal from the ladle to the gates.

::

     \\____/  basin
       ||    sprue: narrows as the falling metal does
       ||                    part
      _||___________________|xxxx
     | well |    runner   |gate
     |______|-------------'
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ..errors import InputError
from ..geometry import Anchor, Part, Surface, place_of
from ..geometry.outlines import trapezoid
from ..geometry.shapes import revolved
from ..geometry.sweeps import swept
from ..units import Number, mm
from .body import Body, Opening, block_body, keep, length_of, mesh_body, needed, part_of
from .site import Site

__all__ = ["Basin", "Runner", "Sprue", "Well"]

# Steps of a sprue that follows the falling stream.
_STEPS = 16
# How far a basin's floor reaches into its sprue (m): nothing to a foundry, much to rounding.
_PRESSED = 1e-5


def ready_body(part: Part, name: str, role: str, up: np.ndarray, *, open_top: bool) -> Body:
    """Return the body of a ready shape whose highest face is open to the air."""
    body = mesh_body(part, name, role, open_top=open_top)
    top = float((part.surface.points @ up).max())
    vectors, corners = part.surface.area_vectors, part.surface.corners
    level = ((corners @ up).min(axis=1) > top - 1e-3 * float(part.size.max())) & (vectors @ up > 0.0)
    area = float((vectors[level] @ up).sum())
    if not open_top or area <= 0.0:
        return body
    middle = (corners[level].mean(axis=1) * (vectors[level] @ up)[:, None]).sum(axis=0) / area
    return with_opening(body, Opening(name=name, role="inlet", at=Anchor(middle, up), area=area))


def with_opening(body: Body, opening: Opening) -> Body:
    """Return a body with an opening."""
    return replace(body, opening=opening)


def _refuse_numbers(part: Part | None, given: Sequence[Any], role: str, instead: str) -> bool:
    """Return whether a piece comes from a ready shape; refuse numbers beside one."""
    if part is None:
        return False
    part_of(part, f"a {role}")
    if any(value is not None for value in given):
        raise InputError(f"a {role} from a Part takes no numbers; use {instead} for those")
    return True


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Basin:
    """What the ladle pours into, on top of the sprue; its top is open and ends at the top of the mould.

    Parameters
    ----------
    part : Part, optional
        A ready shape. `Basin.cup` and `Basin.box` make one from numbers instead.
    at : three lengths
        Where its floor meets the axis of the sprue.
    diameter, bottom_diameter : float
        Of a round cup, at the top and at the floor (default: 0.6 of the top).
    size : three lengths
        Of a rectangular basin: two level edges and the depth.
    offset : two lengths
        From the sprue to the middle of a rectangular basin: metal falls in beside the sprue, not down it.
    depth : float
        Of the metal in it.
    name : str, optional
        Default: "basin 1", counted.
    """

    role: ClassVar[str] = "basin"
    part: Part | None
    at: np.ndarray | None
    diameter: float | None
    bottom_diameter: float | None
    size: tuple[float, float, float] | None
    offset: tuple[float, float]
    depth: float | None
    name: str | None

    def __init__(
        self,
        part: Part | None = None,
        *,
        at: Sequence[Number] | None = None,
        diameter: Number | None = None,
        bottom_diameter: Number | None = None,
        size: Sequence[Number] | None = None,
        offset: Sequence[Number] | None = None,
        depth: Number | None = None,
        name: str | None = None,
    ) -> None:
        keep(self, part=part, at=None, diameter=None, bottom_diameter=None, size=None, offset=(0.0, 0.0), depth=None, name=name)
        if _refuse_numbers(part, (at, diameter, size, depth), "basin", "Basin.cup or Basin.box"):
            return
        keep(self, at=place_of(needed(at, "at", "write Basin.cup(..., at=(0, 0, 200*mm))"), "basin at"))
        if (size is None) == (diameter is None):
            raise InputError("a basin is either a cup of a diameter and a depth, or a box of a size; give one of them")
        if size is not None:
            edges = place_of(size, "basin size")
            if not (edges > 0.0).all():
                raise InputError(f"basin size = {size!r} must be three lengths above 0")
            shift = place_of((*(offset or (0.0, 0.0)), 0.0), "basin offset")
            keep(self, size=tuple(edges.tolist()), offset=(float(shift[0]), float(shift[1])), depth=float(edges[2]))
            return
        assert diameter is not None
        keep(self, diameter=length_of(diameter, "basin diameter"))
        keep(self, depth=length_of(needed(depth, "basin depth", "a cup has a diameter and a depth"), "basin depth"))
        small = 0.6 * self.diameter if bottom_diameter is None else length_of(bottom_diameter, "basin bottom_diameter")  # type: ignore[operator]
        keep(self, bottom_diameter=small)

    @classmethod
    def cup(
        cls, *, diameter: Number, depth: Number, at: Sequence[Number], bottom_diameter: Number | None = None,
        name: str | None = None,
    ) -> Basin:  # fmt: skip
        """Return a round pouring cup; the arguments are those of the class."""
        return cls(diameter=diameter, depth=depth, at=at, bottom_diameter=bottom_diameter, name=name)

    @classmethod
    def box(
        cls, size: Sequence[Number], *, at: Sequence[Number], offset: Sequence[Number] = (0.0, 0.0), name: str | None = None
    ) -> Basin:
        """Return a rectangular basin; the arguments are those of the class."""
        return cls(size=size, at=at, offset=offset, name=name)

    @classmethod
    def read(cls, path: str | Path, *, unit: str, name: str | None = None) -> Basin:
        """Return a basin whose shape is a mesh file in the coordinates of the part."""
        return cls(Part.read(path, unit=unit), name=name)

    def bodies(self, site: Site, name: str) -> list[Body]:
        """Return the basin in its place."""
        up = site.up
        if self.part is not None:
            return [ready_body(self.part, name, self.role, up, open_top=True)]
        assert self.at is not None and self.depth is not None
        if self.size is not None:
            axes = site.frame(up)
            middle = self.at + axes[:, :2] @ np.array(self.offset) + 0.5 * (self.depth - _PRESSED) * up
            edges = (self.size[0], self.size[1], self.depth + _PRESSED)
            surface, area, thinnest = block_body(edges, middle=middle, axes=axes), edges[0] * edges[1], min(edges)
        else:
            assert self.diameter is not None and self.bottom_diameter is not None
            r, floor = 0.5 * self.diameter, 0.5 * self.bottom_diameter
            profile = [(0.0, -_PRESSED), (floor, -_PRESSED), (r, self.depth), (0.0, self.depth)]
            surface = revolved(profile, axis=up, base=self.at)
            middle, area, thinnest = self.at, math.pi * r * r, min(self.depth, self.bottom_diameter)
        top = middle + up * (float(self.at @ up) + self.depth - float(middle @ up))
        opening = Opening(name=name, role="inlet", at=Anchor(top, up), area=area)
        body = Body(name=name, role=self.role, surface=surface, thinnest=thinnest, thinnest_is="depth", open_top=True)
        return [with_opening(body, opening)]


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Well:
    """The widening under a sprue that takes the fall of the metal.

    Parameters
    ----------
    diameter, depth : float, str or pint.Quantity
        The depth counts from the sprue's foot downward.
    """

    diameter: float
    depth: float

    def __init__(self, *, diameter: Number, depth: Number) -> None:
        keep(self, diameter=length_of(diameter, "well diameter"), depth=length_of(depth, "well depth"))


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Sprue:
    """The upright channel that the metal falls through.

    It narrows downward as a falling stream does, so that it runs full and sucks no air: the areas at two depths h1, h2
    under the metal's surface are as A1/A2 = sqrt(h2/h1).

    Parameters
    ----------
    part : Part, optional
        A ready shape. `Sprue.round` makes one from numbers instead.
    diameter : float
        At the foot.
    height : float
        From the foot to the floor of the basin.
    at : three lengths
        Middle of the foot.
    head : float, optional
        Depth of the metal over the sprue's top: that of the basin. Default: 50 mm.
    top_diameter : float, optional
        Of a straight cone instead. Default: as the stream asks for, at every depth.
    well : Well, optional
        Widening under the foot.
    name : str, optional
        Default: "sprue 1", counted.
    """

    role: ClassVar[str] = "sprue"
    part: Part | None
    diameter: float | None
    height: float | None
    at: np.ndarray | None
    head: float
    top_diameter: float | None
    well: Well | None
    name: str | None

    def __init__(
        self,
        part: Part | None = None,
        *,
        diameter: Number | None = None,
        height: Number | None = None,
        at: Sequence[Number] | None = None,
        head: Number = 0.05,
        top_diameter: Number | None = None,
        well: Well | None = None,
        name: str | None = None,
    ) -> None:
        keep(self, part=part, diameter=None, height=None, at=None, head=length_of(head, "sprue head"), well=well, name=name)
        keep(self, top_diameter=None)
        if _refuse_numbers(part, (diameter, height, at, top_diameter, well), "sprue", "Sprue.round"):
            return
        if well is not None and not isinstance(well, Well):
            raise InputError(f"well = {well!r} is not a well; write Well(diameter=60*mm, depth=40*mm)")
        hint = "write Sprue.round(diameter=20*mm, height=180*mm, at=(0, 0, 0))"
        keep(
            self,
            diameter=length_of(needed(diameter, "sprue diameter", hint), "sprue diameter"),
            height=length_of(needed(height, "sprue height", hint), "sprue height"),
            at=place_of(needed(at, "at", hint), "sprue at"),
            top_diameter=None if top_diameter is None else length_of(top_diameter, "sprue top_diameter"),
        )
        if well is not None and well.diameter < self.diameter:  # type: ignore[operator]
            raise InputError(
                f"well diameter = {well.diameter / mm:g} mm must not be below the sprue's {self.diameter / mm:g} mm"  # type: ignore[operator]
            )

    @classmethod
    def round(
        cls, *, diameter: Number, height: Number, at: Sequence[Number], head: Number = 0.05,
        top_diameter: Number | None = None, well: Well | None = None, name: str | None = None,
    ) -> Sprue:  # fmt: skip
        """Return a round sprue; the arguments are those of the class."""
        return cls(diameter=diameter, height=height, at=at, head=head, top_diameter=top_diameter, well=well, name=name)

    @classmethod
    def read(cls, path: str | Path, *, unit: str, name: str | None = None) -> Sprue:
        """Return a sprue whose shape is a mesh file in the coordinates of the part."""
        return cls(Part.read(path, unit=unit), name=name)

    def needed_diameter(self, above_foot: float) -> float:
        """Return the diameter (m) of the falling stream at a height (m) above the foot."""
        assert self.diameter is not None and self.height is not None
        foot = self.head + self.height
        return float(self.diameter * (foot / (foot - above_foot)) ** 0.25)

    def bodies(self, site: Site, name: str) -> list[Body]:
        """Return the sprue, its well with it, in its place."""
        if self.part is not None:
            return [ready_body(self.part, name, self.role, site.up, open_top=False)]
        assert self.diameter is not None and self.height is not None and self.at is not None
        if self.top_diameter is None:
            heights = np.linspace(0.0, self.height, _STEPS + 1)
            wall = [(0.5 * self.needed_diameter(h), float(h)) for h in heights]
        else:
            wall = [(0.5 * self.diameter, 0.0), (0.5 * self.top_diameter, self.height)]
        foot = [(0.0, 0.0)]
        if self.well is not None:
            r, low = 0.5 * self.well.diameter, -self.well.depth
            foot = [(0.0, low), (r, low), (r, 0.0)]
        profile = [*foot, *(wall if self.well is None or wall[0][0] < foot[-1][0] else wall[1:]), (0.0, self.height)]
        top = 2.0 * wall[-1][0]
        body = Body(
            name=name,
            role=self.role,
            surface=revolved(profile, axis=site.up, base=self.at),
            thinnest=min(self.diameter, top),
            thinnest_is="diameter",
            warnings=self._warnings(name),
        )
        opening = Opening(
            name=name, role="inlet", at=Anchor(self.at + self.height * site.up, site.up), area=0.25 * math.pi * top**2
        )
        return [with_opening(body, opening)]

    def _warnings(self, name: str) -> tuple[str, ...]:
        if self.top_diameter is None:
            return ()
        assert self.height is not None
        wanted = self.needed_diameter(self.height)
        if self.top_diameter >= wanted * (1.0 - 1e-9):
            return ()
        told = (
            f"{name} sucks air: its top of {self.top_diameter / mm:.3g} mm is below the {wanted / mm:.3g} mm that the falling"
            f" stream fills under {self.head / mm:.3g} mm of metal; widen the top or leave top_diameter out"
        )
        return (told,)


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Runner:
    """A channel that leads the metal from the sprue to the gates.

    Parameters
    ----------
    part : Part, optional
        A ready shape. `Runner.bar` makes one from numbers instead.
    width, height : float
        Of the section, a trapezoid that stands on the path.
    top_width : float, optional
        Default: 0.8 of the width (draft).
    path : sequence of three lengths
        Middle of the floor, corner by corner; corners are mitred.
    end_scale : float
        Size of the section at the far end; it changes evenly over the length.
    name : str, optional
        Default: "runner 1", counted.
    """

    role: ClassVar[str] = "runner"
    part: Part | None
    width: float | None
    height: float | None
    top_width: float | None
    path: tuple[tuple[float, float, float], ...]
    end_scale: float
    name: str | None

    def __init__(
        self,
        part: Part | None = None,
        *,
        width: Number | None = None,
        height: Number | None = None,
        path: Sequence[Sequence[Number]] | None = None,
        top_width: Number | None = None,
        end_scale: float = 1.0,
        name: str | None = None,
    ) -> None:
        keep(self, part=part, width=None, height=None, top_width=None, path=(), end_scale=float(end_scale), name=name)
        if _refuse_numbers(part, (width, height, path, top_width), "runner", "Runner.bar"):
            return
        hint = "write Runner.bar(width=30*mm, height=25*mm, path=[(0, 0, 0), (200*mm, 0, 0)])"
        points = [tuple(place_of(point, f"path[{i}]").tolist()) for i, point in enumerate(needed(path, "path", hint))]
        if len(points) < 2:
            raise InputError(f"a runner's path has {len(points)} points; {hint}")
        if not 0.1 <= self.end_scale <= 10.0:
            raise InputError(f"end_scale = {end_scale!r} must lie from 0.1 to 10; 1 keeps the section")
        wide = length_of(needed(width, "runner width", hint), "runner width")
        keep(
            self,
            width=wide,
            height=length_of(needed(height, "runner height", hint), "runner height"),
            top_width=0.8 * wide if top_width is None else length_of(top_width, "runner top_width"),
            path=tuple(points),
        )

    @classmethod
    def bar(
        cls, *, width: Number, height: Number, path: Sequence[Sequence[Number]], top_width: Number | None = None,
        end_scale: float = 1.0, name: str | None = None,
    ) -> Runner:  # fmt: skip
        """Return a runner along a path; the arguments are those of the class."""
        return cls(width=width, height=height, path=path, top_width=top_width, end_scale=end_scale, name=name)

    @classmethod
    def read(cls, path: str | Path, *, unit: str, name: str | None = None) -> Runner:
        """Return a runner whose shape is a mesh file in the coordinates of the part."""
        return cls(Part.read(path, unit=unit), name=name)

    def bodies(self, site: Site, name: str) -> list[Body]:
        """Return the runner in its place."""
        if self.part is not None:
            return [mesh_body(self.part, name, self.role)]
        assert self.width is not None and self.height is not None and self.top_width is not None
        points = np.array(self.path)
        way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
        scale = 1.0 + (self.end_scale - 1.0) * way / max(way[-1], 1e-12)
        surface: Surface = swept(trapezoid(self.width, self.top_width, self.height), self.path, up=site.up, scale=scale.tolist())
        edge = min(self.width, self.top_width, self.height) * min(1.0, self.end_scale)
        return [Body(name=name, role=self.role, surface=surface, thinnest=edge, thinnest_is="section")]
