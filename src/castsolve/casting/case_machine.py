"""The keys of a case file for what makes castings one after another: machine, channels, plant."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema

from .case_values import Coefficient, Flow, Length, MassFlux, Model, Power, Pressure, Temperature, Time, with_unit
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
    flux: MassFlux
    efficiency: float = 0.2
    temperature: Temperature | None = None
    wetting_limit: Temperature | None = None


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
        spray = None if self.spray is None else Spray(**self.spray.model_dump(exclude_none=True))
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
