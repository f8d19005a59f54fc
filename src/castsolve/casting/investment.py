"""Castings in shells: resin-bonded sand, or ceramic on a wax pattern.

::

        \\__/ open cup            The shell follows the casting and its gating at one thickness. Around it are the
       ##|xx|##                  surroundings (convection and radiation), or a backing of sand or shot in a flask.
      ##xxxxxx##   # shell
      ##xxxxxx##   x metal
       ########
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .. import materials
from ..errors import InputError
from ..geometry import Part
from ..geometry.offset import offset_surface
from ..materials import Alloy, Interface, MouldMaterial
from ..units import Number, mm
from . import flask as moulds
from .body import Body, keep, length_of
from .layout import Ambient, Region
from .process import ROOM, Casting
from .rigging import METAL, Rigging
from .surroundings import Surroundings

__all__ = ["InvestmentCasting", "ShellMouldCasting"]


@dataclass(frozen=True, slots=True, eq=False, init=False, repr=False)
class _ShellCasting(Casting):
    """What castings in shells share."""

    shell: float
    backing: MouldMaterial | None
    backing_temperature: float

    def _set_shell(self, shell: Number, backing: str | MouldMaterial | None, flask: Any, ambient: Ambient) -> None:
        keep(self, shell=length_of(shell, "shell"), backing_temperature=ambient.temperature)
        given = backing if backing is None or isinstance(backing, MouldMaterial) else materials.mould(backing)
        keep(self, backing=given)
        if given is None and flask is not None:
            raise InputError("flask was given, but the shell stands in the air; give a backing too, or leave flask out")

    def _mould_bodies(self, bodies: Sequence[Body], up: np.ndarray) -> list[Body]:
        metal = [body for body in bodies if body.role in METAL or body.role in ("sleeve", "breaker", "topping")]
        tops = [float((body.surface.points @ up).max()) for body in bodies if body.open_top]
        surface = offset_surface([body.surface for body in metal], self.shell, up=up, top=max(tops, default=np.inf))
        return [
            Body(
                name="mould", role="mould", surface=surface, material=self.mould.name, temperature=self.mould_temperature,
                thinnest=self.shell, thinnest_is="shell",
            )
        ]  # fmt: skip

    def _box(self, flask: Any, bodies: Sequence[Body]) -> tuple[np.ndarray, np.ndarray]:
        up = self._up
        if self.backing is not None:
            return moulds.flask_box(flask, bodies, thickness=self.wall, up=up)
        # A little air around the shell; an open cup ends at the side of the box, which radiates itself.
        return moulds.flask_box(self.shell, bodies, thickness=self.shell, up=up)

    def _thin_mould(self, lo: np.ndarray, hi: np.ndarray, bodies: Sequence[Body]) -> list[str]:
        # A shell is meant to be hot outside.
        return []

    def rest(self) -> Region:
        """Return the region around the shell: its surroundings, or its backing."""
        if self.backing is not None:
            return Region(
                "backing", role="backing", material=self.backing, initial_temperature=self.backing_temperature,
                body_names=("backing",),
            )  # fmt: skip
        air = self.ambient
        around = Surroundings(air.temperature, air.htc, air.emissivity)
        return Region(
            "surroundings", role="surroundings", material=around, initial_temperature=air.temperature,
            body_names=("surroundings",),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False, init=False, repr=False)
class ShellMouldCasting(_ShellCasting):
    """A casting in a thin shell of resin-bonded sand.

    Parameters
    ----------
    mould : str or MouldMaterial
        A dry sand; one that holds water, such as green sand, is refused.
    shell : float, str or pint.Quantity
        Thickness. Default: 12 mm (an estimate; 8 to 20 are usual).
    backing : str or MouldMaterial, optional
        What supports the shell, such as "green-sand". Default: the shell stands in the air.
    flask : optional
        Box of the backing, as in `SandCasting`.
    mould_temperature : float, str or pint.Quantity
        Of the shell. Default: 25 degC.
    others
        As in `SandCasting`.
    """

    process: ClassVar[str] = "shell mould"
    mould_families: ClassVar[tuple[str, ...]] = ("sand",)
    dry_mould: ClassVar[bool] = True
    other_process: ClassVar[str] = "SandCasting"

    def __init__(
        self,
        part: Part,
        *,
        alloy: str | Alloy,
        mould: str | MouldMaterial,
        pour_temperature: Number,
        shell: Number = 12 * mm,
        backing: str | MouldMaterial | None = None,
        rigging: Sequence[Rigging] = (),
        pour_time: Number | None = None,
        mould_temperature: Number = ROOM,
        flask: Any = None,
        symmetry: str | Mapping[str, Number] | None = None,
        gravity: Sequence[float] = (0.0, 0.0, -9.81),
        interfaces: Mapping[tuple[str, str], Interface | Number] | None = None,
        ambient: Ambient | None = None,
        more_parts: Sequence[Part] = (),
        name: str | None = None,
    ) -> None:
        air = Ambient() if ambient is None else ambient
        self._set_shell(shell, backing, flask, air)
        self._prepare(
            part, alloy=alloy, mould=mould, rigging=rigging, pour_temperature=pour_temperature, pour_time=pour_time,
            mould_temperature=mould_temperature, flask=flask, symmetry=symmetry, gravity=gravity, interfaces=interfaces,
            coating=None, ambient=air, name=name, wall=None, more_parts=more_parts,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False, init=False, repr=False)
class InvestmentCasting(_ShellCasting):
    """A casting in a preheated ceramic shell, which gives its heat to the surroundings by convection and radiation.

    Parameters
    ----------
    mould : str or MouldMaterial
        A ceramic of the family "shell".
    mould_temperature : float, str or pint.Quantity
        To which the shell is preheated.
    shell : float, str or pint.Quantity
        Thickness. Default: 8 mm (an estimate; 5 to 12 are usual).
    backing : str or MouldMaterial, optional
        Sand around the shell. Default: it stands in the air.
    ambient : Ambient, optional
        Default: still air at 25 degC, 10 W/m2/K, and a shell of emissivity 0.8 (an estimate).
    others
        As in `SandCasting`.

    Notes
    -----
    Every outer face sees the surroundings only. Radiation between the arms of a cluster is not counted, so that inner faces
    cool too fast; give a lower emissivity where that matters.
    """

    process: ClassVar[str] = "investment"
    mould_families: ClassVar[tuple[str, ...]] = ("shell",)
    other_process: ClassVar[str] = "SandCasting"

    def __init__(
        self,
        part: Part,
        *,
        alloy: str | Alloy,
        mould: str | MouldMaterial,
        pour_temperature: Number,
        mould_temperature: Number,
        shell: Number = 8 * mm,
        backing: str | MouldMaterial | None = None,
        rigging: Sequence[Rigging] = (),
        pour_time: Number | None = None,
        flask: Any = None,
        symmetry: str | Mapping[str, Number] | None = None,
        gravity: Sequence[float] = (0.0, 0.0, -9.81),
        interfaces: Mapping[tuple[str, str], Interface | Number] | None = None,
        ambient: Ambient | None = None,
        more_parts: Sequence[Part] = (),
        name: str | None = None,
    ) -> None:
        air = Ambient(emissivity=0.8) if ambient is None else ambient
        self._set_shell(shell, backing, flask, air)
        self._prepare(
            part, alloy=alloy, mould=mould, rigging=rigging, pour_temperature=pour_temperature, pour_time=pour_time,
            mould_temperature=mould_temperature, flask=flask, symmetry=symmetry, gravity=gravity, interfaces=interfaces,
            coating=None, ambient=air, name=name, wall=None, more_parts=more_parts,
        )  # fmt: skip
