"""The keys of a case file, as pydantic models: unknown keys are refused, every number with a unit is text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, ValidationInfo, model_validator

from .. import materials
from ..errors import InputError
from ..geometry import states_unit
from ..units import quantity
from .checks import check_mould_family, check_mould_temperature, check_pour
from .places import check_place
from .process import GravityDieCasting, SandCasting

__all__ = ["PIECES", "CaseModel", "FilePlaces", "CastingModel", "PartModel", "RunModel"]

_ENDS = ("solid", "shakeout", "ejection")

_EXAMPLES = {
    "length": "4 mm",
    "temperature": "720 degC",
    "time": "12 s",
    "htc": "800 W/m**2/K",
    "angle": "30 deg",
}


@dataclass(frozen=True, slots=True)
class FilePlaces:
    """Where the files are that a case names: in its folder, unless a place is given for a name."""

    folder: Path
    files: Mapping[str, Path]

    def of(self, name: str) -> Path:
        """Return the path of a file by its name in the case."""
        return self.files.get(name, self.folder / name)


def _with_unit(value: Any, kind: str, info: ValidationInfo) -> float:
    name = info.field_name or kind
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise InputError(f'{name} = {value:g} has no unit; write it as text, for example "{_EXAMPLES[kind]}"')
    return quantity(value, kind, name)


def _reader(kind: str) -> BeforeValidator:
    return BeforeValidator(lambda value, info: _with_unit(value, kind, info))


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


def _flask(value: Any, info: ValidationInfo) -> Any:
    def lengths(row: Any) -> list[float]:
        for entry in row:
            if not isinstance(entry, str):
                raise InputError(f'flask holds {entry!r}, which has no unit; write lengths as text such as "300 mm"')
        return [quantity(entry, "length", "flask") for entry in row]

    if isinstance(value, str):
        return lengths([value])[0]
    if isinstance(value, list) and len(value) == 3:
        return lengths(value)
    if isinstance(value, list) and len(value) == 2 and all(isinstance(row, list) and len(row) == 3 for row in value):
        return [lengths(row) for row in value]
    raise InputError('flask must be a wall "60 mm", a size of three lengths, or two corners of three lengths')


def _until(value: Any) -> Any:
    if value in _ENDS:
        return value
    if isinstance(value, str) and any(character.isdigit() for character in value):
        with suppress(InputError):
            quantity(value, "time", "until")
            return value
        with suppress(InputError):
            quantity(value, "temperature", "until")
            return value
    words = ", ".join(f'"{word}"' for word in _ENDS)
    raise InputError(f'until = {value!r} is no end of a run; write {words}, a time "600 s" or a temperature "500 degC"')


Length = Annotated[float, _reader("length")]
Temperature = Annotated[float, _reader("temperature")]
Time = Annotated[float, _reader("time")]
Coefficient = Annotated[float, _reader("htc")]
# What the two sides of an interface exchange; "perfect" is no resistance at all.
Contact = Annotated[
    float, BeforeValidator(lambda value, info: math.inf if value == "perfect" else _with_unit(value, "htc", info))
]
Angle = Annotated[float, _reader("angle")]
FileName = Annotated[str, BeforeValidator(_file)]
Material = Annotated[str, BeforeValidator(_mould)]
Unit = Literal["mm", "cm", "m", "um", "inch"]
Normal = str | tuple[float, float, float]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PointModel(_Model):
    """A place given by its coordinates."""

    point: tuple[Length, Length, Length]
    normal: Normal


Place = Annotated[str | PointModel, BeforeValidator(_place)]


class TurnModel(_Model):
    """A turn of the part about an axis through the origin."""

    angle: Angle
    axis: Normal = "z"


def _require_unit(file: str, unit: str | None) -> None:
    own = states_unit(file)
    if unit is None and not own:
        raise InputError('unit is missing; mesh files have none of their own, write for example unit = "mm"')
    if unit is not None and own:
        raise InputError(f'unit = "{unit}" is not needed; a CAD file such as {file} states its own, leave unit out')


class PartModel(_Model):
    """The section [part]."""

    file: FileName | None = None
    unit: Unit | None = None
    body: str | None = None
    repair: bool = True
    shape: Literal["box", "cylinder", "sphere"] | None = None
    size: tuple[Length, Length, Length] | None = None
    diameter: Length | None = None
    height: Length | None = None
    name: str | None = None
    scaled: float | None = None
    turned: TurnModel | None = None
    moved: tuple[Length, Length, Length] | None = None

    @model_validator(mode="after")
    def _one_shape(self) -> PartModel:
        numbers = {"size": self.size, "diameter": self.diameter, "height": self.height}
        given = {key for key, value in numbers.items() if value is not None}
        if (self.file is None) == (self.shape is None):
            raise InputError('write either file = "part.stl" with its unit, or shape = "box", "cylinder" or "sphere"')
        if self.file is not None:
            _require_unit(self.file, self.unit)
            wanted: set[str] = set()
        elif self.body is not None:
            raise InputError("body names a body of a file; write file too")
        else:
            wanted = {"box": {"size"}, "cylinder": {"diameter", "height"}, "sphere": {"diameter"}}[str(self.shape)]
        if given != wanted:
            needs = " and ".join(sorted(wanted)) or "none of size, diameter, height"
            raise InputError(f"{'a file' if self.file else f'a {self.shape}'} takes {needs}")
        return self


class AmbientModel(_Model):
    """The section [casting.ambient]."""

    temperature: Temperature | None = None
    htc: Coefficient | None = None
    emissivity: float | None = None


class CastingModel(_Model):
    """The section [casting]."""

    process: Literal["sand", "gravity die"] = "sand"
    alloy: Annotated[str, BeforeValidator(_alloy)]
    mould: Material
    pour_temperature: Temperature
    pour_time: Time | None = None
    mould_temperature: Temperature | None = None
    flask: Annotated[Any, BeforeValidator(_flask)] = None
    symmetry: Literal["half", "quarter"] | dict[Literal["x", "y", "z"], Length] | None = None
    gravity: tuple[float, float, float] | None = None
    coating: str | None = None
    wall: Length | None = None
    ambient: AmbientModel | None = None
    name: str | None = None

    @model_validator(mode="after")
    def _sound(self) -> CastingModel:
        alloy, mould = materials.alloy(self.alloy), materials.mould(self.mould)
        kind = SandCasting if self.process == "sand" else GravityDieCasting
        other = next(word for word in ("sand", "gravity die") if word != self.process)
        check_mould_family(mould, kind.mould_families, f'process = "{self.process}"', f'process = "{other}"')
        check_pour(alloy, self.pour_temperature)
        if self.mould_temperature is not None:
            check_mould_temperature(alloy, mould, self.mould_temperature)
        elif self.process != "sand":
            raise InputError('mould_temperature is missing; a die is preheated, write for example "300 degC"')
        if self.process == "sand" and (self.coating is not None or self.wall is not None):
            raise InputError('coating and wall belong to process = "gravity die"; sand takes flask')
        return self


class NeckModel(_Model):
    """The key neck of a riser."""

    diameter: Length
    height: Length


class SleeveModel(_Model):
    """The key sleeve of a riser."""

    material: Material | None = None
    thickness: Length | None = None
    height: Length | None = None


class _Piece(_Model):
    file: FileName | None = None
    unit: Unit | None = None
    body: str | None = None
    name: str | None = None

    @model_validator(mode="after")
    def _unit_of_file(self) -> _Piece:
        if self.file is not None:
            _require_unit(self.file, self.unit)
        elif self.body is not None:
            raise InputError("body names a body of a file; write file too")
        return self


class RiserModel(_Piece):
    """A table [[rigging]] of kind "riser"."""

    kind: Literal["riser"]
    shape: Literal["cylinder"] = "cylinder"
    diameter: Length | None = None
    height: Length | None = None
    at: Place | None = None
    neck: NeckModel | None = None
    sleeve: Annotated[str | SleeveModel, BeforeValidator(_sleeve)] | None = None
    top: Literal["blind", "open"] = "blind"


class ChillModel(_Piece):
    """A table [[rigging]] of kind "chill"."""

    kind: Literal["chill"]
    shape: Literal["block"] = "block"
    size: tuple[Length, Length, Length] | None = None
    at: Place | None = None
    material: Material = "cast-iron"
    temperature: Temperature | None = None


class GateModel(_Piece):
    """A table [[rigging]] of kind "gate"."""

    kind: Literal["gate"]
    shape: Literal["slot"] = "slot"
    width: Length | None = None
    height: Length | None = None
    length: Length | None = None
    at: Place | None = None


class CoreModel(_Piece):
    """A table [[rigging]] of kind "core"."""

    kind: Literal["core"]
    file: FileName
    material: Material | None = None
    temperature: Temperature | None = None


PIECES: dict[str, type[_Piece]] = {"riser": RiserModel, "chill": ChillModel, "gate": GateModel, "core": CoreModel}


def _kind(value: Any) -> Any:
    return value.get("kind") if isinstance(value, Mapping) else getattr(value, "kind", None)


PieceModel = Annotated[
    Annotated[RiserModel, Tag("riser")]
    | Annotated[ChillModel, Tag("chill")]
    | Annotated[GateModel, Tag("gate")]
    | Annotated[CoreModel, Tag("core")],
    Discriminator(_kind),
]


class InterfaceModel(_Model):
    """A table [[interface]]: a coefficient for one pair."""

    between: tuple[str, str]
    htc: Contact | None = None
    over: Literal["temperature", "time"] | None = None
    table: tuple[tuple[str, str], ...] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> InterfaceModel:
        if (self.htc is None) == (self.table is None) or (self.table is None) != (self.over is None):
            raise InputError(
                'write htc = "2500 W/m**2/K", or over = "temperature" with table = [["400 degC", "..."], ...]'
            )
        return self

    @property
    def rows(self) -> list[tuple[float, float]]:
        """The table in SI."""
        assert self.over is not None
        return [(quantity(x, self.over, "table"), quantity(h, "htc", "table")) for x, h in self.table or ()]


class RunModel(_Model):
    """The section [run]."""

    voxel: Length
    until: Annotated[str, BeforeValidator(_until)] = "solid"
    record: tuple[Time, ...] = ()
    probes: dict[str, tuple[Length, Length, Length]] = Field(default_factory=dict)
    shakeout_temperature: Temperature | None = None
    dtype: Literal["float32", "float64"] = "float32"
    scheme: Literal["rkl2", "rkl1", "euler"] = "rkl2"
    theta: Annotated[float, Field(gt=0.0, le=1.0)] = 0.1
    threads: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _positive(self) -> RunModel:
        if self.voxel <= 0.0:
            raise InputError(f"voxel = {self.voxel * 1e3:g} mm must be above 0 mm")
        return self


class CaseModel(_Model):
    """A whole case file."""

    part: PartModel
    casting: CastingModel
    rigging: tuple[PieceModel, ...] = ()
    interface: tuple[InterfaceModel, ...] = ()
    run: RunModel
