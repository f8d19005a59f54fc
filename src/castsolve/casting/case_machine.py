"""The keys of a case file for what makes castings one after another: machine, channels, plant."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema

from ..errors import InputError
from .case_values import Angle, Coefficient, Flow, Length, MassFlux, Model, Power, Pressure, Temperature, Time, with_unit
from .channel import CoolingChannel, Thermostat
from .machine import MachineCycle, Spray

__all__ = ["ChannelModel", "MachineModel", "PlantModel", "Shots"]


def _dwell(value: Any, info: ValidationInfo) -> Any:
    return value if value == "ejectable" else with_unit(value, "time", info)


Dwell = Annotated[Any, BeforeValidator(_dwell), WithJsonSchema({"type": "string", "examples": ["ejectable", "25 s"]})]
_STEADY = Literal["until steady"]
# How many castings are made: a number, or as many as it takes.
Shots = _STEADY | Annotated[int, Field(ge=1)]


class SprayModel(Model):
    """The table machine.spray."""

    duration: Time
    flux: MassFlux | None = None
    flow: Flow | None = None
    distance: Length | None = None
    angle: Angle | None = None
    nozzles: int | None = None
    efficiency: float = 0.2
    temperature: Temperature | None = None
    wetting_limit: Temperature | None = None

    def made(self) -> Spray:
        """Return the spray, by its flux or by its nozzles."""
        given, nozzle = self.model_dump(exclude_none=True), [self.flow, self.distance, self.angle]
        told = [value for value in (*nozzle, self.nozzles) if value is not None]
        if told if self.flux is not None else None in nozzle:
            raise InputError("a spray is told by its flux, or by flow, distance and angle of a nozzle; give one of the two")
        return Spray(**given) if self.flux is not None else Spray.from_nozzle(**given)


class MachineModel(Model):
    """The section [machine]."""

    dwell: Dwell = "ejectable"
    fill: Time | None = None
    fill_steps: int | None = None
    open: Time | None = None
    eject: Time | None = None
    spray: SprayModel | None = None
    blow: Time | None = None
    close: Time | None = None
    dose: Time | None = None
    wait: Time | None = None
    ejection_temperature: Temperature | None = None
    blow_htc: Coefficient | None = None
    air_htc: Coefficient | None = None

    def made(self) -> MachineCycle:
        """Return the machine."""
        given = self.model_dump(exclude={"spray"}, exclude_none=True)
        spray = None if self.spray is None else self.spray.made()
        return MachineCycle(spray=spray, **given)


class ThermostatModel(Model):
    """The table channel.thermostat."""

    at: tuple[Length, Length, Length]
    cools_above: Temperature | None = None
    heats_below: Temperature | None = None
    band: float = 4.0


class ChannelModel(Model):
    """A table [[channel]]."""

    path: tuple[tuple[Length, Length, Length], ...]
    diameter: Length
    flow: Flow
    inlet_temperature: Temperature
    medium: str = "water"
    pressure: Pressure | None = None
    stages: tuple[str, ...] | None = None
    window: tuple[Time, Time] | None = None
    thermostat: ThermostatModel | None = None
    name: str | None = None

    def made(self) -> CoolingChannel:
        """Return the channel."""
        given = self.model_dump(exclude={"thermostat"}, exclude_none=True)
        thermostat = None if self.thermostat is None else Thermostat(**self.thermostat.model_dump(exclude_none=True))
        return CoolingChannel(given.pop("path"), thermostat=thermostat, **given)


class PlantModel(Model):
    """The section [plant]: what the production sheet asks for."""

    furnace: str | None = None
    holding_power: Power | None = None
    machine_power: Power | None = None
    availability: float = 1.0
    scrap: float = 0.0
    shift: Time | None = None
