"""Castings in expendable sand moulds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..geometry import Part
from ..materials import Alloy, Interface, MouldMaterial
from ..units import Number
from .layout import Ambient
from .process import ROOM, Casting
from .rigging import Rigging

__all__ = ["SandCasting"]


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
        Basins, sprues, runners, gates, filters, vents, overflows, risers, chills, cores.
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
    more_parts : sequence of Part, optional
        Further castings in the same mould, each in its place.
    deep_sides : "all" or sequence of sides, optional
        Sides of the mould box, such as "z_low", beyond which the sand goes on without end: they take heat as a half space
        does, and the box may be small. Default: all sides give heat to the air.
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
        mould_temperature: Number = ROOM,
        flask: Any = None,
        symmetry: str | Mapping[str, Number] | None = None,
        gravity: Sequence[float] = (0.0, 0.0, -9.81),
        interfaces: Mapping[tuple[str, str], Interface | Number] | None = None,
        ambient: Ambient | None = None,
        more_parts: Sequence[Part] = (),
        deep_sides: str | Sequence[str] = (),
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
            more_parts=more_parts,
            deep_sides=deep_sides,
        )
