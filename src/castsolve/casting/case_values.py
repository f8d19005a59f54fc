"""The values of a case file: numbers with units, names of files and materials, places."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo, WithJsonSchema

from .. import materials
from ..errors import InputError
from ..geometry import states_unit
from ..units import quantity
from .places import check_place

__all__ = [
    "EXAMPLES",
    "AlloyName",
    "Angle",
    "Area",
    "Coefficient",
    "Contact",
    "FileName",
    "FilePlaces",
    "Flow",
    "Length",
    "MassFlux",
    "Material",
    "Model",
    "Normal",
    "Place",
    "Power",
    "Pressure",
    "SleeveWord",
    "Speed",
    "Temperature",
    "Time",
    "Unit",
    "Volume",
]

EXAMPLES = {
    "length": "4 mm",
    "temperature": "720 degC",
    "time": "12 s",
    "htc": "800 W/m**2/K",
    "angle": "30 deg",
    "flow": "8 litre/minute",
    "pressure": "3 bar",
    "mass flux": "0.3 kg/m**2/s",
    "power": "15 kW",
    "area": "80 mm**2",
    "velocity": "3 m/s",
    "mass flow": "3 kg/s",
    "volume": "2 litre",
}
# Largest number of a case file in SI: powers of it are finite numbers.
_BELIEVABLE = 1e9


@dataclass(frozen=True, slots=True)
class FilePlaces:
    """Where the files are that a case names: in its folder, unless a place is given for a name."""

    folder: Path
    files: Mapping[str, Path]

    def of(self, name: str) -> Path:
        """Return the path of a file by its name in the case."""
        return self.files.get(name, self.folder / name)


def with_unit(value: Any, kind: str, info: ValidationInfo) -> float:
    name = info.field_name or kind
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise InputError(f'{name} = {value:g} has no unit; write it as text, for example "{EXAMPLES[kind]}"')
    number = quantity(value, kind, name)
    if abs(number) > _BELIEVABLE:
        raise InputError(f'{name} = {number:.3g} in SI is beyond belief; check its unit, for example "{EXAMPLES[kind]}"')
    return number


def reader(kind: str) -> BeforeValidator:
    return BeforeValidator(lambda value, info: with_unit(value, kind, info))


def _text(kind: str) -> WithJsonSchema:
    """Say in the JSON schema what the file holds: text with a unit, not the number that is made of it."""
    words = "heat-transfer coefficient" if kind == "htc" else kind
    return WithJsonSchema({"type": "string", "description": f"{words} with its unit", "examples": [EXAMPLES[kind]]})


def _place(value: Any) -> Any:
    if isinstance(value, str):
        check_place(value)
    elif not isinstance(value, Mapping):
        raise InputError(f'{value!r} is no place; write "part.top" or {{ point = [...], normal = "z" }}')
    return value


def _file(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(value, str):
        raise InputError(f"{value!r} is no file name; write it as text")
    path = info.context["place"].of(value) if info.context else None
    if path is not None and not path.is_file():
        raise InputError(f"there is no file {path}; name it from the folder of the case file")
    return value


def _alloy(value: Any) -> Any:
    return materials.alloy(value).name


def _mould(value: Any) -> Any:
    return materials.mould(value).name


def _sleeve(value: Any) -> Any:
    if isinstance(value, str) and value != "insulating":
        materials.mould(value)
    return value


Length = Annotated[float, reader("length"), _text("length")]
Temperature = Annotated[float, reader("temperature"), _text("temperature")]
Time = Annotated[float, reader("time"), _text("time")]
Coefficient = Annotated[float, reader("htc"), _text("htc")]
# What the two sides of an interface exchange; "perfect" is no resistance at all.
Contact = Annotated[
    float,
    BeforeValidator(lambda value, info: math.inf if value == "perfect" else with_unit(value, "htc", info)),
    _text("htc"),
]
Flow = Annotated[float, reader("flow"), _text("flow")]
Pressure = Annotated[float, reader("pressure"), _text("pressure")]
MassFlux = Annotated[float, reader("mass flux"), _text("mass flux")]
Area = Annotated[float, reader("area"), _text("area")]
Speed = Annotated[float, reader("velocity"), _text("velocity")]
Volume = Annotated[float, reader("volume"), _text("volume")]
Power = Annotated[float, reader("power"), _text("power")]
Angle = Annotated[float, reader("angle"), _text("angle")]
FileName = Annotated[str, BeforeValidator(_file)]
Material = Annotated[str, BeforeValidator(_mould)]
Unit = Literal["mm", "cm", "m", "um", "inch"]
Normal = str | tuple[float, float, float]


def require_unit(file: str, unit: str | None) -> None:
    """Refuse a mesh file without a unit, and a unit beside a CAD file, which states its own."""
    own = states_unit(file)
    if unit is None and not own:
        raise InputError('unit is missing; mesh files have none of their own, write for example unit = "mm"')
    if unit is not None and own:
        raise InputError(f'unit = "{unit}" is not needed; a CAD file such as {file} states its own, leave unit out')


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PointModel(Model):
    """A place given by its coordinates."""

    point: tuple[Length, Length, Length]
    normal: Normal
    over_opening: bool = False


Place = Annotated[str | PointModel, BeforeValidator(_place)]
AlloyName = Annotated[str, BeforeValidator(_alloy)]
SleeveWord = BeforeValidator(_sleeve)
