"""Castings in permanent metal moulds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..errors import InputError
from ..geometry import Part
from ..materials import Alloy, Interface, MouldMaterial
from ..units import Number
from . import flask as moulds
from .body import Body, length_of
from .layout import Ambient
from .process import Casting
from .rigging import Rigging

__all__ = ["GravityDieCasting"]


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
        more_parts: Sequence[Part] = (),
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
            more_parts=more_parts,
        )

    def _wall(self, bodies: Sequence[Body]) -> float:
        return moulds.die_wall(
            max(body.surface.volume / body.surface.area for body in bodies if body.role in ("part", "riser"))
        )
