"""What makes castings one after another - machine, channels, plant - as the tables of a case file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ..errors import InputError
from ..materials import coolant
from .case_machine import PlantModel
from .channel import CoolingChannel, Thermostat
from .machine import MachineCycle, Spray
from .piece_text import kelvin_text, length_text, lengths_text

__all__ = ["channel_table", "machine_tables", "plant_table"]

Table = dict[str, Any]

_TEMPERATURES = {"ejection_temperature", "temperature", "wetting_limit"}
_UNITS = {"holding_power": "W", "machine_power": "W", "shift": "s"}


def machine_tables(machine: MachineCycle) -> list[tuple[str, Table]]:
    """Return the section of a machine and that of its spray, each with its head."""
    found = [("[machine]", {field.name: _text(field.name, getattr(machine, field.name)) for field in fields(machine)})]
    if machine.spray is not None:
        spray = machine.spray
        found.append(("[machine.spray]", {field.name: _text(field.name, getattr(spray, field.name)) for field in fields(spray)}))
    return found


def _text(name: str, value: Any) -> Any:
    if value is None or isinstance(value, str | int | Spray):
        return None if isinstance(value, Spray) else value
    if name in _TEMPERATURES:
        return kelvin_text(value)
    if name == "efficiency":
        return float(value)
    unit = "kg/m**2/s" if name == "flux" else "W/m**2/K" if name.endswith("htc") else "s"
    return f"{value:.15g} {unit}"


def channel_table(channel: CoolingChannel) -> Table:
    """Return the table of a channel.

    Raises
    ------
    InputError
        If its medium is one of your own.
    """
    medium = channel.medium
    if coolant(medium.name) is not medium:
        raise InputError(f'the medium "{medium.name}" of a channel is your own; a case file names coolants of the library only')
    stages, window, thermostat = channel.stages, channel.window, channel.thermostat
    return {
        "path": [lengths_text(point) for point in channel.path], "diameter": length_text(channel.diameter),
        "flow": f"{channel.flow:.15g} m**3/s", "inlet_temperature": kelvin_text(channel.inlet_temperature),
        "medium": medium.name, "pressure": f"{channel.pressure:.15g} Pa", "stages": None if stages is None else list(stages),
        "window": None if window is None else [f"{t:.15g} s" for t in window],
        "thermostat": None if thermostat is None else _thermostat(thermostat), "name": channel.name,
    }  # fmt: skip


def _thermostat(given: Thermostat) -> Table:
    key = "cools_above" if given.cools else "heats_below"
    return {"at": lengths_text(given.at), key: kelvin_text(given.set_point), "band": given.band}


def plant_table(plant: Mapping[str, Any]) -> Table:
    """Return the section of a plant: the keys of `study.Plant` that a case file knows.

    Raises
    ------
    InputError
        If a key cannot be said in a case file.
    """
    for key in plant:
        if key not in PlantModel.model_fields:
            raise InputError(f'"{key}" of the plant cannot be said in a case file; it knows {", ".join(PlantModel.model_fields)}')
    numbers = {key: f"{value:.15g} {_UNITS[key]}" for key, value in plant.items() if key in _UNITS and not isinstance(value, str)}
    return {**plant, **numbers}
