"""Inlets: how the metal is brought to the mould.

::

    PourRate       a ladle that gives so much a second
    PouringHead    a basin or ladle whose metal stands so high over the sprue
    PressureCurve  a furnace under gas pressure that pushes the metal up a riser tube
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..errors import InputError
from ..geometry import Anchor
from ..units import Number
from .body import keep
from .curves import TimeCurve, curve_of

__all__ = ["Inlet", "PourRate", "PouringHead", "PressureCurve"]

Curve = Number | Sequence[Sequence[Number]]


def _place_of(at: str | Anchor | None, whose: str) -> str | Anchor | None:
    if at is None or isinstance(at, (str, Anchor)):
        return at
    raise InputError(f'{whose} at = {at!r} is no place; write the name of a piece such as "sprue 1", or an Anchor on the metal')


@dataclass(frozen=True, slots=True, eq=False, init=False)
class PourRate:
    """Metal that is poured at a given rate.

    The stream enters through the whole opening. Where the metal backs up to the opening the pourer holds back: no more enters
    than the system takes with the opening just full.

    Parameters
    ----------
    flow : flow or rows of (time, flow), optional
        Volume rate, in m3/s: "0.4 litre/s".
    mass_flow : mass flow or rows of (time, mass flow), optional
        In its place, in kg/s: "3 kg/s".
    at : str or Anchor, optional
        Name of the piece whose opening it is, or a place on the metal's outer face. Default: where the casting is poured
        (`Casting.openings`): its basins, else its sprues, else its gates.

    Notes
    -----
    The rate is that of the whole casting; a half or quarter of a symmetric one takes its share. Several openings share it by
    their areas.
    """

    kind: ClassVar[str] = "pour rate"
    flow: TimeCurve | None
    mass_flow: TimeCurve | None
    at: str | Anchor | None

    def __init__(self, flow: Curve | None = None, *, mass_flow: Curve | None = None, at: str | Anchor | None = None) -> None:
        if (flow is None) == (mass_flow is None):
            raise InputError("a pour rate takes either flow or mass_flow; write PourRate(\"0.4 litre/s\")")
        keep(self, at=_place_of(at, "pour rate"), flow=None, mass_flow=None)
        if flow is not None:
            keep(self, flow=curve_of(flow, "flow", "flow"))
        if mass_flow is not None:
            keep(self, mass_flow=curve_of(mass_flow, "mass flow", "mass_flow"))
        curve = self.flow or self.mass_flow
        assert curve is not None
        if curve.largest <= 0.0:
            raise InputError("a pour rate must be above 0 at some time")

    def facts(self) -> dict[str, Any]:
        """Return plain values for a result file."""
        curve = {"flow": self.flow.facts()} if self.flow is not None else {"mass_flow": self.mass_flow.facts()}  # type: ignore[union-attr]
        return {"kind": self.kind, **curve}


@dataclass(frozen=True, slots=True, eq=False, init=False)
class PouringHead:
    """Metal that stands at a given height over the opening: a ladle or a basin that is kept full.

    Parameters
    ----------
    head : length or rows of (time, length)
        Height of the metal's surface above the opening; 0 for a basin that is kept full to its brim.
    at : str or Anchor, optional
        See `PourRate`.
    """

    kind: ClassVar[str] = "pouring head"
    head: TimeCurve
    at: str | Anchor | None

    def __init__(self, head: Curve = 0.0, *, at: str | Anchor | None = None) -> None:
        keep(self, head=curve_of(head, "length", "head"), at=_place_of(at, "pouring head"))

    def facts(self) -> dict[str, Any]:
        """Return plain values for a result file."""
        return {"kind": self.kind, "head": self.head.facts()}


@dataclass(frozen=True, slots=True, eq=False, init=False)
class PressureCurve:
    """Metal that gas pushes into the mould: low pressure, counter pressure.

    Parameters
    ----------
    pressure : pressure or rows of (time, pressure)
        Gauge pressure of the metal at rest at the opening: that of the gas over the bath less the weight of the metal in the riser
        tube.
    at : str or Anchor, optional
        See `PourRate`.
    """

    kind: ClassVar[str] = "pressure curve"
    pressure: TimeCurve
    at: str | Anchor | None

    def __init__(self, pressure: Curve, *, at: str | Anchor | None = None) -> None:
        keep(self, pressure=curve_of(pressure, "pressure", "pressure"), at=_place_of(at, "pressure curve"))

    def facts(self) -> dict[str, Any]:
        """Return plain values for a result file."""
        return {"kind": self.kind, "pressure": self.pressure.facts()}


Inlet = PourRate | PouringHead | PressureCurve
