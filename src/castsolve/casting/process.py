"""Castings: a part, its alloy, its mould and its rigging, checked as a whole before any work starts."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from .. import materials
from ..errors import CastsolveError, GeometryError
from ..geometry import Part, require_closed
from ..materials import Alloy, Interface, MouldMaterial
from ..units import Number, degC, mm, quantity, to_degC
from . import flask as moulds
from .body import Body, Opening, keep, length_of, part_of
from .checks import (
    ambient_of,
    check_ambient,
    check_mould_family,
    check_mould_temperature,
    check_pour,
    check_sizes,
    collected,
    gravity_of,
    labelled,
    parts_of,
    refuse,
    rigging_of,
    seconds_of,
    sides_of,
)
from .clearances import Gaps, apart, close_warnings, opening_warnings, parts_apart
from .export import export_bodies
from .laying import lay_out, part_bodies, regions_of
from .layout import Ambient, Layout, Region, contacts_of, given_interfaces
from .mouths import mouth_warnings
from .rigging import METAL, Rigging, Site
from .summary import casting_facts, casting_summary
from .symmetry import Plane, kept_bodies, planes_of

__all__ = ["ROOM", "Casting"]

Box = tuple[np.ndarray, np.ndarray]

ROOM = degC(25.0)


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Casting:
    """What every casting process shares. Make one of a process: `SandCasting`, `InvestmentCasting`, ...

    Attributes
    ----------
    part : Part
        The wanted shape.
    more_parts : tuple of Part
        Further castings in the same mould.
    alloy : Alloy
        The metal.
    mould : MouldMaterial
        What the mould is made of.
    rigging : tuple
        Gating, risers, chills, cores and what else is around the part.
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
    deep_sides : frozenset of str
        Sides of the mould box beyond which the mould goes on without end.
    warnings : tuple of str
        What a methods engineer should look at.
    """

    process: ClassVar[str] = ""
    mould_families: ClassVar[tuple[str, ...]] = ()
    # Whether the mould is baked or fired, so that moist sand cannot be it.
    dry_mould: ClassVar[bool] = False
    other_process: ClassVar[str] = ""

    part: Part
    more_parts: tuple[Part, ...]
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
    deep_sides: frozenset[str]
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
        more_parts: Sequence[Part] = (),
        deep_sides: str | Sequence[str] = (),
    ) -> None:
        problems: list[CastsolveError] = []
        part_of(part, "a casting")
        keep(self, part=part, name=name or part.name, rigging=rigging_of(rigging), coating=coating)
        keep(self, ambient=ambient_of(ambient), gravity=gravity_of(gravity), interfaces={})
        keep(self, more_parts=parts_of(more_parts), deep_sides=sides_of(deep_sides))
        with collected(problems):
            keep(self, alloy=alloy if isinstance(alloy, Alloy) else materials.alloy(alloy))
        with collected(problems):
            keep(self, mould=mould if isinstance(mould, MouldMaterial) else materials.mould(mould))
            check_mould_family(self.mould, self.mould_families, type(self).__name__, self.other_process, dry=self.dry_mould)
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
                check_ambient(self.alloy, self.ambient)
            with collected(problems):
                check_mould_temperature(self.alloy, self.mould, self.mould_temperature)
        bodies = self._placed(problems)
        refuse(problems)
        check_sizes(bodies)
        self._settle(bodies, flask=flask, symmetry=symmetry, wall=wall)

    def _settle(self, bodies: list[Body], *, flask: Any, symmetry: Any, wall: float | None) -> None:
        """Cut by symmetry, put the mould around, and check the whole."""
        up = self._up
        planes = planes_of(symmetry, bodies, up)
        kept, warnings = kept_bodies(bodies, planes)
        keep(self, planes=planes, bodies=tuple(kept), wall=self._wall(bodies) if wall is None else wall)
        gaps = Gaps()
        problems = [*apart(kept, gaps), *parts_apart(kept, gaps)]
        kept = [*kept, *self._mould_bodies(bodies, up)]
        keep(self, bodies=tuple(kept))
        lo, hi = self._box(flask, kept)
        cut = frozenset(plane.side for plane in planes)
        problems += [GeometryError(text) for text in moulds.outside(kept, (lo, hi), free=cut, up=up)]
        for plane in planes:
            (lo if plane.keep > 0 else hi)[plane.axis] = plane.coordinate
        keep(self, flask=(lo, hi))
        problems += self._more_checks(kept, (lo, hi))
        with collected(problems):
            self.contacts(regions_of(self))
        refuse(problems)
        thin = self._thin_mould(lo, hi, kept)
        told = [text for body in kept for text in body.warnings]
        mended = [f"{part.name}: {note}" for part in self.parts for note in part.notes]
        sizes = [text for part in self.parts for text in part.warnings]
        close = close_warnings(kept, gaps)
        placed = (*warnings, *opening_warnings(kept), *mended, *told, *mouth_warnings(kept, up), *close, *thin)
        keep(self, warnings=(*sizes, *self._pour_warnings(), *placed))

    def _box(self, flask: Any, bodies: Sequence[Body]) -> Box:
        """Return the box of the mould, made or grown."""
        return moulds.flask_box(flask, bodies, thickness=self.wall, up=self._up)

    def _mould_bodies(self, bodies: Sequence[Body], up: np.ndarray) -> list[Body]:
        """Return bodies of the mould itself, where it is not simply all that is around."""
        return []

    def _more_checks(self, bodies: Sequence[Body], box: Box) -> list[CastsolveError]:
        """Return refusals that only some processes have."""
        return []

    def _given_interfaces(self) -> dict[frozenset[str], Interface]:
        """Return the contacts that were given, by the pair of names or roles."""
        return self.interfaces

    def contacts(self, regions: Sequence[Region]) -> dict[tuple[int, int], Interface]:
        """Return the interface of every pair of regions."""
        return contacts_of(regions, self._given_interfaces())

    def side_conditions(self) -> dict[str, tuple[float, float]]:
        """Return coefficient (W/m2/K) and temperature (K) of sides of the mould that touch more than air."""
        return {}

    def events(self) -> tuple[float, ...]:
        """Return times from the full cavity at which contacts change (s)."""
        return ()

    def piece_region(self, name: str) -> Region:
        """Return the region of a piece of a die; other moulds have none."""
        raise KeyError(name)

    def rest(self) -> Region:
        """Return the region of all that no body fills: the mould."""
        cold = self.mould_temperature
        return Region("mould", role="mould", material=self.mould, initial_temperature=cold, body_names=("mould",))

    def _placed(self, problems: list[CastsolveError]) -> list[Body]:
        """Return parts and rigging in their places, in the order of the rigging."""
        metal = []
        bodies: list[Body] = []
        for part in self.parts:
            with collected(problems):
                require_closed(part.surface, f'part "{part.name}"')
            metal.append(part.surface)
            bodies += part_bodies(part)
        for piece in self.rigging:
            shape = piece.part
            if shape is not None:
                with collected(problems):
                    require_closed(shape.surface, f'{piece.role} "{shape.name}"')
                if piece.role in METAL:
                    metal.append(shape.surface)
        site = Site(metal, self._up)
        for label, piece in labelled(self.rigging, [part.name for part in self.parts]):
            with collected(problems):
                bodies += piece.bodies(site, label)
        return bodies

    @property
    def parts(self) -> tuple[Part, ...]:
        """All castings of the mould."""
        return (self.part, *self.more_parts)

    @property
    def openings(self) -> tuple[Opening, ...]:
        """Where metal enters and air leaves: biscuits, riser tubes, basins, sprues or gates, the first that there are, as inlets;
        vents and open risers."""
        found = [(body.role, body.opening) for body in self.bodies if body.opening is not None]
        given = {role for role, _ in found}
        first = next((role for role in ("biscuit", "riser tube", "basin", "sprue", "gate") if role in given), None)
        return tuple(opening for role, opening in found if opening.role == "vent" or role == first)

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
                skipped = cut | self.deep_sides
                if f"{letter}_{end}" not in skipped and not open_end and room < 0.5 * self.wall:
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
            extent=float(np.ptp(moulds.bounds_of(bodies), axis=0).max()),
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

    def export(self, folder: str | os.PathLike[str], *, unit: str = "mm") -> list[Path]:
        """Write every body as an STL file for CAD, and a list of them; see `export.export_bodies`."""
        return export_bodies(self, folder, unit=unit)

    def summary(self) -> str:
        """Return the job card: alloy, mould, masses, moduli, rigging, mould box, warnings."""
        return casting_summary(self)

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {self.alloy.name}, {self.mould.name}, {len(self.bodies)} bodies)"
