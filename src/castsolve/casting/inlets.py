"""Inlets: how the metal is brought to the mould.

::

    PourRate       a ladle that gives so much a second
    PouringHead    a basin or ladle whose metal stands so high over the sprue
    PressureCurve  a furnace under gas pressure that pushes the metal up a riser tube
    PlungerCurve   a cold-chamber machine: slow shot, fast shot, and what it can press
    TiltPour       metal that lies in the basin of a die and runs out of it as the die turns
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..errors import InputError
from ..geometry import Anchor
from ..units import Number, quantity
from .body import keep, length_of
from .curves import TimeCurve, curve_of

__all__ = ["Inlet", "PlungerCurve", "PourRate", "PouringHead", "PressureCurve", "TiltPour"]

Curve = Number | Sequence[Sequence[Number]]

# What a cold-chamber machine can put on the metal where nothing else is told (Pa): an estimate.
_USUAL_LIMIT = 100e6


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


@dataclass(frozen=True, slots=True, eq=False, init=False)
class PlungerCurve:
    """Metal that the plunger of a cold-chamber machine pushes: slow to the switch point, fast beyond it.

    Parameters
    ----------
    diameter : length
        Of the plunger.
    fast_speed : velocity
    slow_speed : velocity, optional
        Up to the switch point. Default: the fast speed.
    switch : length, optional
        Position of the plunger at which the fast shot begins. Default: `start`, so that all of the cavity fills fast.
    start : length
        Position of the plunger when the sleeve before it is just full of metal: there the filling begins.
    ramp : length
        Stroke over which the speed rises from slow to fast, in a straight line over the position. 0: as fast as the pressure lets.
    pressure_limit : pressure, optional
        Gauge pressure that the machine can put on the metal: force of its cylinder over the area of the plunger. Where more would
        be needed the speed falls; metal that presses back harder moves the plunger back. Default: the intensification, else 100 MPa
        (an estimate of what large machines give).
    intensification : pressure
        Gauge pressure on the metal once the cavity is full. What freezes after that filling freezes under it.
    at : str or Anchor, optional
        See `PourRate`. Default: the biscuit.

    Notes
    -----
    The metal moves as the plunger does, Q = A v: it is incompressible, the sleeve tight. The mass of the plunger is left out, so
    the pressure limit alone holds its acceleration. A half or quarter of a symmetric casting has its share of the plunger.
    """

    kind: ClassVar[str] = "plunger"
    diameter: float
    fast_speed: float
    slow_speed: float
    switch: float
    start: float
    ramp: float
    pressure_limit: float
    intensification: float
    at: str | Anchor | None

    def __init__(
        self, *, diameter: Number, fast_speed: Number, slow_speed: Number | None = None, switch: Number | None = None,
        start: Number = 0.0, ramp: Number = 0.0, pressure_limit: Number | None = None, intensification: Number = 0.0,
        at: str | Anchor | None = None,
    ) -> None:  # fmt: skip
        keep(self, diameter=length_of(diameter, "plunger diameter"), at=_place_of(at, "plunger"))
        fast = quantity(fast_speed, "velocity", "fast_speed")
        slow = fast if slow_speed is None else quantity(slow_speed, "velocity", "slow_speed")
        if not (math.isfinite(fast) and 0.0 < slow <= fast):
            raise InputError(f"slow_speed = {slow:g} m/s must be above 0 and not faster than fast_speed = {fast:g} m/s")
        begin, rise = quantity(start, "length", "start"), quantity(ramp, "length", "ramp")
        turn = begin if switch is None else quantity(switch, "length", "switch")
        if not (0.0 <= begin <= turn < math.inf and 0.0 <= rise < math.inf):
            raise InputError(
                f"start = {begin * 1e3:g} mm and ramp = {rise * 1e3:g} mm of the plunger must not be below 0, and switch = "
                f"{turn * 1e3:g} mm not before start"
            )
        after = quantity(intensification, "pressure", "intensification")
        most = (after or _USUAL_LIMIT) if pressure_limit is None else quantity(pressure_limit, "pressure", "pressure_limit")
        if not 0.0 < most < math.inf or not 0.0 <= after < math.inf:
            raise InputError(
                f"pressure_limit = {most / 1e6:g} MPa must be above 0 and intensification = {after / 1e6:g} MPa not below 0"
            )
        keep(self, fast_speed=fast, slow_speed=slow, start=begin, switch=turn, ramp=rise)
        keep(self, pressure_limit=most, intensification=after)

    @property
    def area(self) -> float:
        """Cross-section of the plunger (m2)."""
        return 0.25 * math.pi * self.diameter**2

    def speed_at(self, position: float) -> float:
        """Return the speed (m/s) that the plunger is meant to have at a position (m)."""
        beyond = position - self.switch
        if beyond < 0.0 or self.ramp == 0.0:
            return self.slow_speed if beyond < 0.0 else self.fast_speed
        return self.slow_speed + (self.fast_speed - self.slow_speed) * min(beyond / self.ramp, 1.0)

    def flow_after(self, volume: float) -> float:
        """Return the volume rate (m3/s) that is meant once a volume (m3) has left the sleeve."""
        return self.area * self.speed_at(self.start + volume / self.area)

    def facts(self) -> dict[str, Any]:
        """Return plain values for a result file."""
        names = ("diameter", "fast_speed", "slow_speed", "switch", "start", "ramp", "pressure_limit", "intensification")
        return {"kind": self.kind, **{name: getattr(self, name) for name in names}}


@dataclass(frozen=True, slots=True, eq=False, init=False)
class TiltPour:
    """Metal that lies in the basin of a die before the die turns, and runs into the cavity as it turns (`Tilt`).

    Parameters
    ----------
    volume : volume, optional
        Of the metal in the basin. Default: what the casting takes without its basin.
    at : str or Anchor, optional
        Name of the basin, or a place on its open face. Default: the only basin; its highest face before the turn is open.
    """

    kind: ClassVar[str] = "tilt pour"
    volume: float | None
    at: str | Anchor | None

    def __init__(self, volume: Number | None = None, *, at: str | Anchor | None = None) -> None:
        litres = None if volume is None else quantity(volume, "volume", "tilt pour volume")
        if litres is not None and not 0.0 < litres < math.inf:
            raise InputError(f"tilt pour volume = {litres * 1e6:g} cm3 must be above 0")
        keep(self, volume=litres, at=_place_of(at, "tilt pour"))

    def facts(self) -> dict[str, Any]:
        """Return plain values for a result file."""
        return {"kind": self.kind, "volume": self.volume}


Inlet = PourRate | PouringHead | PressureCurve | PlungerCurve | TiltPour
