"""Castings: a part, its alloy, its mould and its rigging, checked as a whole before any work starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .. import materials
from ..errors import CastsolveError, GeometryError, InputError
from ..geometry import Part, require_closed
from ..materials import Alloy, Interface, MouldMaterial
from ..units import Number, degC, mm, quantity, to_degC
from . import flask as moulds
from .body import Body, keep, length_of, part_of
from .checks import (
    ambient_of,
    apart,
    check_mould_family,
    check_mould_temperature,
    check_pour,
    collected,
    gravity_of,
    labelled,
    opening_warnings,
    refuse,
    rigging_of,
    seconds_of,
)
from .laying import lay_out, regions_of
from .layout import Ambient, Layout, contacts_of, given_interfaces
from .rigging import Gate, Rigging, Riser, Site
from .summary import casting_facts, casting_summary
from .symmetry import Plane, kept_bodies, planes_of

__all__ = ["Casting", "GravityDieCasting", "SandCasting"]

Box = tuple[np.ndarray, np.ndarray]

_ROOM = degC(25.0)


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Casting:
    """What every casting process shares. Make a `SandCasting` or a `GravityDieCasting`.

    Attributes
    ----------
    part : Part
        The wanted shape.
    alloy : Alloy
        The metal.
    mould : MouldMaterial
        What the mould is made of.
    rigging : tuple
        Risers, chills, gates, cores.
    pour_temperature, mould_temperature : float
        In K.
    pour_time : float or None
        In s.
    gravity : ndarray
        In m/s2.
    ambient : Ambient
        The air around the mould.
    bodies : tuple of Body
        Part and rigging in their places, symmetry applied.
    flask : pair of ndarray
        Low and high corner of the mould in m, symmetry applied.
    planes : tuple of Plane
        Planes of symmetry.
    warnings : tuple of str
        What a methods engineer should look at.
    """

    process: ClassVar[str] = ""
    mould_families: ClassVar[tuple[str, ...]] = ()
    other_process: ClassVar[str] = ""

    part: Part
    alloy: Alloy
    mould: MouldMaterial
    rigging: tuple[Rigging, ...]
    pour_temperature: float
    pour_time: float | None
    mould_temperature: float
    gravity: np.ndarray
    interfaces: dict[frozenset[str], Interface]
    coating: str | None
    ambient: Ambient
    name: str
    bodies: tuple[Body, ...]
    flask: Box
    wall: float
    planes: tuple[Plane, ...]
    warnings: tuple[str, ...]

    def _prepare(
        self,
        part: Part,
        *,
        alloy: str | Alloy,
        mould: str | MouldMaterial,
        rigging: Sequence[Rigging],
        pour_temperature: Number,
        pour_time: Number | None,
        mould_temperature: Number,
        flask: Any,
        symmetry: str | Mapping[str, Number] | None,
        gravity: Sequence[float],
        interfaces: Mapping[tuple[str, str], Interface | Number] | None,
        coating: str | None,
        ambient: Ambient | None,
        name: str | None,
        wall: float | None,
    ) -> None:
        problems: list[CastsolveError] = []
        part_of(part, "a casting")
        keep(self, part=part, name=name or part.name, rigging=rigging_of(rigging), coating=coating)
        keep(self, ambient=ambient_of(ambient), gravity=gravity_of(gravity), interfaces={})
        with collected(problems):
            keep(self, alloy=alloy if isinstance(alloy, Alloy) else materials.alloy(alloy))
        with collected(problems):
            keep(self, mould=mould if isinstance(mould, MouldMaterial) else materials.mould(mould))
            check_mould_family(self.mould, self.mould_families, type(self).__name__, self.other_process)
        with collected(problems):
            keep(self, pour_temperature=quantity(pour_temperature, "temperature", "pour_temperature"))
        with collected(problems):
            keep(self, mould_temperature=quantity(mould_temperature, "temperature", "mould_temperature"))
        with collected(problems):
            keep(self, pour_time=None if pour_time is None else seconds_of(pour_time))
        with collected(problems):
            keep(self, interfaces=given_interfaces(interfaces))
        if not problems:
            with collected(problems):
                check_pour(self.alloy, self.pour_temperature)
            with collected(problems):
                check_mould_temperature(self.alloy, self.mould, self.mould_temperature)
        bodies = self._placed(problems)
        refuse(problems)
        self._settle(bodies, flask=flask, symmetry=symmetry, wall=wall)

    def _settle(self, bodies: list[Body], *, flask: Any, symmetry: Any, wall: float | None) -> None:
        """Cut by symmetry, put the mould around, and check the whole."""
        up = self._up
        planes = planes_of(symmetry, bodies, up)
        kept, warnings = kept_bodies(bodies, planes)
        keep(self, planes=planes, bodies=tuple(kept), wall=self._wall(bodies) if wall is None else wall)
        lo, hi = moulds.flask_box(flask, kept, thickness=self.wall, up=up)
        problems = apart(kept)
        cut = frozenset(plane.side for plane in planes)
        problems += [GeometryError(text) for text in moulds.outside(kept, (lo, hi), free=cut, up=up)]
        for plane in planes:
            (lo if plane.keep > 0 else hi)[plane.axis] = plane.coordinate
        keep(self, flask=(lo, hi))
        with collected(problems):
            contacts_of(regions_of(self), self.interfaces, coating=self.coating)
        refuse(problems)
        thin = self._thin_mould(lo, hi, kept)
        keep(self, warnings=(*self._pour_warnings(), *warnings, *opening_warnings(kept), *thin))

    def _placed(self, problems: list[CastsolveError]) -> list[Body]:
        """Return part and rigging in their places, in the order of the rigging."""
        with collected(problems):
            require_closed(self.part.surface, f'part "{self.part.name}"')
        metal = [self.part.surface]
        for piece in self.rigging:
            shape = piece.part
            if shape is not None:
                with collected(problems):
                    require_closed(shape.surface, f'{piece.role} "{shape.name}"')
                if isinstance(piece, Riser | Gate):
                    metal.append(shape.surface)
        site = Site(metal, self._up)
        thinnest = float(self.part.size.min())
        bodies = [
            Body(
                name=self.part.name,
                role="part",
                surface=self.part.surface,
                thinnest=thinnest,
                thinnest_is="smallest extent",
            )
        ]
        for label, piece in labelled(self.rigging, self.part.name):
            with collected(problems):
                bodies += piece.bodies(site, label)
        return bodies

    @property
    def _up(self) -> np.ndarray:
        return -self.gravity / np.linalg.norm(self.gravity)

    def _pour_warnings(self) -> list[str]:
        window = self.alloy.pouring.get(self.process)
        if window is None or window.low is None or window.high is None:
            return []
        if window.low <= self.pour_temperature <= window.high:
            return []
        low, high, pour = (f"{to_degC(T):.0f}" for T in (window.low, window.high, self.pour_temperature))
        usual = f"the usual {low} to {high} degC of {self.alloy.name}"
        return [f"pour_temperature = {pour} degC is outside {usual}"]

    def _thin_mould(self, lo: np.ndarray, hi: np.ndarray, bodies: Sequence[Body]) -> list[str]:
        low, high = moulds.bounds_of(bodies)
        cut = {plane.side for plane in self.planes}
        up = self._up
        thin = []
        for axis, letter in enumerate("xyz"):
            for end, room in (("low", low[axis] - lo[axis]), ("high", hi[axis] - high[axis])):
                open_end = abs(up[axis]) > 0.5 and (end == "high") == (up[axis] > 0) and any(b.open_top for b in bodies)
                if f"{letter}_{end}" not in cut and not open_end and room < 0.5 * self.wall:
                    thin.append((room, f"{letter}_{end}"))
        if not thin:
            return []
        room, side = min(thin)
        text = (
            f"mould is {room / mm:.3g} mm thick at {side}; heat reaches its outside before the casting has frozen"
            f" ({self.wall / mm:.3g} mm would do)"
        )
        return [text]

    def _wall(self, bodies: Sequence[Body]) -> float:
        modulus = max(body.surface.volume / body.surface.area for body in bodies if body.role in ("part", "riser"))
        return moulds.sand_thickness(
            self.alloy,
            self.mould,
            modulus=modulus,
            pour_temperature=self.pour_temperature,
            mould_temperature=self.mould_temperature,
        )

    @property
    def symmetry_factor(self) -> int:
        """How many times the simulated piece makes the casting, where the part was given whole: 1, 2 or 4."""
        return 2 ** len(self.planes)

    def layout(self, voxel: Number) -> Layout:
        """Return what the grid and the solver need, for voxels of an edge.

        Raises
        ------
        GeometryError
            If a body is smaller than a voxel; the message names the voxel that would do.
        """
        return lay_out(self, length_of(voxel, "voxel"))

    def facts(self) -> dict[str, Any]:
        """Return what a result file keeps of the casting."""
        return casting_facts(self)

    def summary(self) -> str:
        """Return the job card: alloy, mould, masses, moduli, rigging, mould box, warnings."""
        return casting_summary(self)

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {self.alloy.name}, {self.mould.name}, {len(self.bodies)} bodies)"


@dataclass(frozen=True, slots=True, eq=False, init=False, repr=False)
class SandCasting(Casting):
    """A casting in an expendable sand mould.

    Parameters
    ----------
    part : Part
        The wanted shape; it may be one half or quarter with its cut face on a plane of symmetry.
    alloy, mould : str, Alloy, MouldMaterial
        Names in the material data, or materials of your own.
    rigging : sequence, optional
        Risers, chills, gates, cores.
    pour_temperature : float, str or pint.Quantity
        Above the liquidus.
    pour_time : float, str or pint.Quantity, optional
        From the first metal to the mould full.
    mould_temperature : float, str or pint.Quantity
        Initial temperature of mould and inserts. Default: 25 degC.
    flask : None, length, three lengths, or two corners
        Mould box. None: sand grown around the casting, as thick as `flask.sand_thickness` says for the heaviest
        of part and risers. A length is that thickness, three are the size of the box, two corners the box itself.
    symmetry : None, "half", "quarter" or mapping
        Simulate one side of a plane: ``{"x": "0 mm"}``.
    gravity : three numbers
        In m/s2. Default: along -z.
    interfaces : mapping, optional
        Heat transfer coefficients or `Interface` objects by pair of names: ``{("casting", "chill"): 2500}``.
    ambient : Ambient, optional
        The air around.
    name : str, optional
        Default: the part's.

    Examples
    --------
    >>> from castsolve.casting import SandCasting
    >>> from castsolve.geometry import Part
    >>> SandCasting(Part.box(0.04), alloy="A356", mould="green-sand", pour_temperature="720 degC").symmetry_factor
    1
    """

    process: ClassVar[str] = "sand"
    mould_families: ClassVar[tuple[str, ...]] = ("sand",)
    other_process: ClassVar[str] = "GravityDieCasting"

    def __init__(
        self,
        part: Part,
        *,
        alloy: str | Alloy,
        mould: str | MouldMaterial,
        pour_temperature: Number,
        rigging: Sequence[Rigging] = (),
        pour_time: Number | None = None,
        mould_temperature: Number = _ROOM,
        flask: Any = None,
        symmetry: str | Mapping[str, Number] | None = None,
        gravity: Sequence[float] = (0.0, 0.0, -9.81),
        interfaces: Mapping[tuple[str, str], Interface | Number] | None = None,
        ambient: Ambient | None = None,
        name: str | None = None,
    ) -> None:
        self._prepare(
            part,
            alloy=alloy,
            mould=mould,
            rigging=rigging,
            pour_temperature=pour_temperature,
            pour_time=pour_time,
            mould_temperature=mould_temperature,
            flask=flask,
            symmetry=symmetry,
            gravity=gravity,
            interfaces=interfaces,
            coating=None,
            ambient=ambient,
            name=name,
            wall=None,
        )


@dataclass(frozen=True, slots=True, eq=False, init=False, repr=False)
class GravityDieCasting(Casting):
    """A casting in a preheated metal mould that is filled by gravity.

    Parameters
    ----------
    coating : str, optional
        Dressing of the die, as the interface data name it.
    mould_temperature : float, str or pint.Quantity
        To which the die is preheated.
    wall : float, str or pint.Quantity, optional
        Thickness of the die around the casting. Default: 6 moduli of the heavier of part and risers, at least 30 mm
        (an estimate).
    flask : three lengths or two corners, optional
        Outer box of the die instead of a wall.
    others
        As in `SandCasting`.
    """

    process: ClassVar[str] = "gravity die"
    mould_families: ClassVar[tuple[str, ...]] = ("tool-steel", "carbon-steel", "cast-iron", "copper", "graphite")
    other_process: ClassVar[str] = "SandCasting"

    def __init__(
        self,
        part: Part,
        *,
        alloy: str | Alloy,
        mould: str | MouldMaterial,
        pour_temperature: Number,
        mould_temperature: Number,
        coating: str | None = None,
        wall: Number | None = None,
        rigging: Sequence[Rigging] = (),
        pour_time: Number | None = None,
        flask: Any = None,
        symmetry: str | Mapping[str, Number] | None = None,
        gravity: Sequence[float] = (0.0, 0.0, -9.81),
        interfaces: Mapping[tuple[str, str], Interface | Number] | None = None,
        ambient: Ambient | None = None,
        name: str | None = None,
    ) -> None:
        if wall is not None and flask is not None:
            raise InputError("wall and flask were both given; a die is sized by one of them")
        self._prepare(
            part,
            alloy=alloy,
            mould=mould,
            rigging=rigging,
            pour_temperature=pour_temperature,
            pour_time=pour_time,
            mould_temperature=mould_temperature,
            flask=flask,
            symmetry=symmetry,
            gravity=gravity,
            interfaces=interfaces,
            coating=coating,
            ambient=Ambient(emissivity=0.7) if ambient is None else ambient,
            name=name,
            wall=None if wall is None else length_of(wall, "wall"),
        )

    def _wall(self, bodies: Sequence[Body]) -> float:
        return moulds.die_wall(
            max(body.surface.volume / body.surface.area for body in bodies if body.role in ("part", "riser"))
        )
