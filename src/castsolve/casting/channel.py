"""Cooling and heating channels of a die."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..errors import InputError
from ..geometry import Surface, place_of
from ..geometry.sweeps import swept_tube
from ..materials import Coolant, HeatCurve, Interface, Property, PropertyTable, coolant
from ..units import Number, mm, quantity
from .body import keep, length_of

__all__ = ["ChannelLeg", "CoolingChannel", "Thermostat"]


@dataclass(frozen=True, slots=True, init=False)
class Thermostat:
    """A thermocouple in the die that opens and closes a channel.

    Parameters
    ----------
    at : three lengths
        Place in the die.
    cools_above : temperature, optional
        Set point of a cooling channel: it flows while the die is hotter.
    heats_below : temperature, optional
        Set point of a heating channel: it flows while the die is colder. One of the two is given.
    band : float
        Width of the band about the set point in which nothing switches (K). Default: 4 K.

    Notes
    -----
    It is read after every step of the solver: a switch comes late by a step, at most a tenth of the time since the stage began or
    the last switch. Every stage begins with the valve as the set point itself says.
    """

    at: tuple[float, float, float]
    set_point: float
    cools: bool
    band: float

    def __init__(
        self, at: Any, *, cools_above: Number | None = None, heats_below: Number | None = None, band: float = 4.0
    ) -> None:
        if (cools_above is None) == (heats_below is None):
            raise InputError("a thermostat either cools_above a temperature or heats_below one; give one of the two")
        given = cools_above if heats_below is None else heats_below
        assert given is not None
        if not band > 0.0:
            raise InputError(f"thermostat band = {band:g} K must be above 0 K")
        x, y, z = (float(c) for c in place_of(at, "thermostat at"))
        kelvin = quantity(given, "temperature", "thermostat")
        keep(self, at=(x, y, z), set_point=kelvin, cools=heats_below is None, band=float(band))

    def opens(self, temperature: float, was_open: bool | None = None) -> bool:
        """Return whether the valve is open at a temperature (K) of the die, given whether it was; None: nobody knows."""
        over = (temperature - self.set_point) * (1.0 if self.cools else -1.0)
        if was_open is None:
            return over >= 0.0
        return over >= -0.5 * self.band if was_open else over >= 0.5 * self.band


@dataclass(frozen=True, slots=True, eq=False, init=False)
class CoolingChannel:
    """A round bore through a die with a medium that flows along it, from the first point of its path to the last.

    Parameters
    ----------
    path : sequence of three lengths
        Points of the bore's axis; it may begin and end outside the die.
    diameter : float, str or pint.Quantity
    flow : float, str or pint.Quantity
        Volume flow in m3/s, or "8 litre/minute".
    inlet_temperature : float, str or pint.Quantity
    medium : str or Coolant
        "water", "oil", or a coolant of your own.
    pressure : float, str or pint.Quantity
        Absolute, at the channel: where water boils. Default: 3 bar.
    stages : sequence of str, optional
        Stages of the machine cycle in which it flows; elsewhere the bore is empty. Default: always.
    window : (time, time), optional
        When it flows, counted from the start of the cycle (the pour); elsewhere the bore is empty. Default: always.
    thermostat : Thermostat, optional
        What opens and closes it, within `stages` and `window`.
    name : str, optional
        Default: "channel 1", counted.
    """

    role: ClassVar[str] = "channel"
    path: np.ndarray
    diameter: float
    flow: float
    inlet_temperature: float
    medium: Coolant
    pressure: float
    stages: tuple[str, ...] | None
    window: tuple[float, float] | None
    thermostat: Thermostat | None
    name: str | None

    def __init__(
        self,
        path: Sequence[Any],
        *,
        diameter: Number,
        flow: Number,
        inlet_temperature: Number,
        medium: str | Coolant = "water",
        pressure: Number = 3e5,
        stages: Sequence[str] | None = None,
        window: Sequence[Number] | None = None,
        thermostat: Thermostat | None = None,
        name: str | None = None,
    ) -> None:
        points = np.array([place_of(p, f"channel path[{i}]") for i, p in enumerate(path)])
        if len(points) < 2 or not (np.linalg.norm(np.diff(points, axis=0), axis=1) > 0.0).all():
            raise InputError(f"a channel's path of {len(points)} points has no length; give two or more points that differ")
        rate, absolute = quantity(flow, "flow", "channel flow"), quantity(pressure, "pressure", "channel pressure")
        if rate <= 0.0 or absolute <= 0.0:
            raise InputError(
                f"channel flow = {rate:g} m3/s and pressure = {absolute:g} Pa must be above 0; write for example "
                'flow="8 litre/minute", pressure="3 bar"'
            )
        kelvin, kind = quantity(inlet_temperature, "temperature", "inlet_temperature"), coolant(medium)
        begin, end = (", ".join(f"{c / mm:.4g}" for c in p) for p in (points[0], points[-1]))
        kind.check(kelvin, absolute, f"inlet_temperature of {name or 'the channel'} from ({begin}) to ({end}) mm")
        bore = length_of(diameter, "channel diameter")
        keep(self, path=points, diameter=bore, flow=rate, inlet_temperature=kelvin, medium=kind, pressure=absolute)
        if thermostat is not None and not isinstance(thermostat, Thermostat):
            raise InputError(f"thermostat = {thermostat!r} is none; write Thermostat((0, 0, 20*mm), cools_above=degC(250))")
        keep(self, stages=None if stages is None else tuple(stages), window=_window(window), thermostat=thermostat, name=name)

    @property
    def reynolds(self) -> float:
        """Reynolds number at the inlet."""
        return self.medium.reynolds(self.flow, self.diameter, self.inlet_temperature)

    @property
    def htc(self) -> float:
        """Coefficient of the flow at the inlet, without boiling (W/m2/K)."""
        return self.medium.film_coefficient(self.flow, self.diameter, self.inlet_temperature)

    def legs(self, name: str) -> list[ChannelLeg]:
        """Return the straight stretches of the bore, in the direction of the flow."""
        names = [name] if len(self.path) == 2 else [f"{name} leg {number}" for number in range(1, len(self.path))]
        ends = zip(self.path[:-1], self.path[1:], strict=True)
        return [
            ChannelLeg(self, called, swept_tube([self.diameter] * 2, [a, b])) for called, (a, b) in zip(names, ends, strict=True)
        ]

    def flows_in(self, stage: str) -> bool:
        """Return whether it may flow in a stage of the machine cycle; "fill" stands for all steps of filling."""
        return self.stages is None or stage in self.stages or (stage.startswith("fill ") and "fill" in self.stages)

    @property
    def switched(self) -> bool:
        """Whether it opens and closes within a stage."""
        return self.window is not None or self.thermostat is not None

    def __repr__(self) -> str:
        return (
            f"CoolingChannel({self.medium.name}, {self.diameter / mm:g} mm, {self.flow * 6e4:.3g} l/min, "
            f"Re {self.reynolds:.3g}, {self.htc:.3g} W/m2/K)"
        )


def _window(given: Sequence[Number] | None) -> tuple[float, float] | None:
    if given is None:
        return None
    if isinstance(given, str) or not hasattr(given, "__len__") or len(given) != 2:
        raise InputError(f'window = {given!r} is none; write two times after the pour such as ("2 s", "15 s")')
    start, end = (quantity(t, "time", "window") for t in given)
    if not 0.0 <= start < end:
        raise InputError(f"window = {start:g} to {end:g} s must begin at 0 s or later and end after it began")
    return start, end


@dataclass(frozen=True, slots=True, eq=False)
class ChannelLeg:
    """One straight stretch of a channel: a body of its own, so that the medium may warm from leg to leg."""

    channel: CoolingChannel
    name: str
    surface: Surface

    @property
    def family(self) -> str:
        """Family of materials."""
        return self.channel.medium.family

    @property
    def references(self) -> Mapping[str, str]:
        """Citations of the medium's values."""
        return self.channel.medium.references

    def properties(self) -> dict[str, Property | PropertyTable]:
        """Return every sourced value."""
        return self.channel.medium.properties()

    @property
    def heat(self) -> HeatCurve:
        """The heat curve: its temperature is kept by the flow."""
        return self.channel.medium.heat

    def interface(self) -> Interface:
        """Return the coefficient between the bore's wall and the medium, over the temperature of the die."""
        c = self.channel
        return c.medium.interface(c.flow, c.diameter, c.inlet_temperature, c.pressure)
