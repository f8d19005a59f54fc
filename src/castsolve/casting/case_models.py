"""The keys of a case file, as pydantic models: unknown keys are refused, every number with a unit is text."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema, model_validator

from .. import materials
from ..errors import InputError
from ..materials import Alloy
from ..units import quantity
from .case_die import DieModel, PressureRow, ShotModel, TiltModel
from .case_inlets import InletModel
from .case_machine import ChannelModel, MachineModel, PlantModel, Shots
from .case_pieces import PIECES, PieceModel
from .case_values import (
    AlloyName,
    Angle,
    Coefficient,
    Contact,
    FileName,
    FilePlaces,
    Length,
    Material,
    Model,
    Normal,
    Place,
    Temperature,
    Time,
    Unit,
    require_unit,
)
from .checks import check_mould_family, check_mould_temperature, check_pour
from .die import DieCasting
from .processes import NEEDED, OWN_KEYS, PREHEATED, PROCESSES

__all__ = ["PIECES", "CaseModel", "CastingModel", "FilePlaces", "PartModel", "RunModel"]

_ENDS = ("solid", "shakeout", "ejection")
# What a run of one casting takes and shots of a machine do not, and the other way round.
_OF_ONE = (
    "until", "record", "probes", "shakeout_temperature", "critical_fraction_solid", "feeding", "fill_voxel", "fill_record", "air",
    "scheme", "accuracy",
)  # fmt: skip
_OF_SHOTS = ("shots", "tolerance")

# A wall, a size, or two corners.
_LENGTHS = {"type": "array", "items": {"type": "string"}, "minItems": 3, "maxItems": 3}
_FLASK = {"anyOf": [{"type": "string"}, _LENGTHS, {"type": "array", "items": _LENGTHS, "minItems": 2, "maxItems": 2}]}


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


class TurnModel(Model):
    """A turn of the part about an axis through the origin."""

    angle: Angle
    axis: Normal = "z"


class StockModel(Model):
    """An entry of part.stock: machining stock on some faces."""

    thickness: Length
    at: tuple[Place, ...]


class PartModel(Model):
    """The section [part], and every table [[more_parts]]."""

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
    stock: tuple[StockModel, ...] = ()

    @model_validator(mode="after")
    def _one_shape(self) -> PartModel:
        numbers = {"size": self.size, "diameter": self.diameter, "height": self.height}
        given = {key for key, value in numbers.items() if value is not None}
        if (self.file is None) == (self.shape is None):
            raise InputError('write either file = "part.stl" with its unit, or shape = "box", "cylinder" or "sphere"')
        if self.file is not None:
            require_unit(self.file, self.unit)
            wanted: set[str] = set()
        elif self.body is not None:
            raise InputError("body names a body of a file; write file too")
        else:
            wanted = {"box": {"size"}, "cylinder": {"diameter", "height"}, "sphere": {"diameter"}}[str(self.shape)]
        if given != wanted:
            needs = " and ".join(sorted(wanted)) or "none of size, diameter, height"
            raise InputError(f"{'a file' if self.file else f'a {self.shape}'} takes {needs}")
        return self


# m/s2 along an axis, centrifugal casting included.
Gravity = Annotated[float, Field(ge=-1e4, le=1e4)]


class AmbientModel(Model):
    """The section [casting.ambient]."""

    temperature: Temperature | None = None
    htc: Coefficient | None = None
    emissivity: float | None = None


class IronModel(Model):
    """The section [casting.iron]: how a foundry treats its iron and how its moulds hold."""

    metallurgy: float | None = None
    inoculation: float = 1.0
    rigidity: float | None = None
    wall_movement: float = 0.0


class CastingModel(Model):
    """The section [casting]."""

    process: Literal["sand", "shell mould", "investment", "gravity die", "low pressure", "pressure die"] = "sand"
    alloy: AlloyName
    mould: Material | None = None
    pour_temperature: Temperature
    pour_time: Time | None = None
    mould_temperature: Temperature | None = None
    flask: Annotated[Any, BeforeValidator(_flask), WithJsonSchema(_FLASK)] = None
    deep_sides: str | tuple[str, ...] | None = None
    shell: Length | None = None
    backing: Material | None = None
    symmetry: Literal["half", "quarter"] | dict[Literal["x", "y", "z"], Length] | None = None
    gravity: tuple[Gravity, Gravity, Gravity] | None = None
    coating: str | None = None
    wall: Length | None = None
    die: DieModel | None = None
    tilt: TiltModel | None = None
    shot: ShotModel | None = None
    pressure: tuple[PressureRow, ...] | None = None
    melt_level: Length | None = None
    furnace_temperature: Temperature | None = None
    ambient: AmbientModel | None = None
    iron: IronModel | None = None
    name: str | None = None

    @model_validator(mode="after")
    def _sound(self) -> CastingModel:
        alloy = materials.alloy(self.alloy)
        check_pour(alloy, self.pour_temperature)
        for key in NEEDED.get(self.process, ()):
            if getattr(self, key) is None:
                raise InputError(f'process = "{self.process}" needs {key}; it is missing')
        if self.die is None:
            self._check_mould(alloy)
        elif self.mould is not None or self.mould_temperature is not None:
            raise InputError("mould and mould_temperature belong into [casting.die], as steel and temperature")
        for key, processes in OWN_KEYS.items():
            if getattr(self, key) is not None and self.process not in processes:
                owners = " or ".join(f'"{word}"' for word in processes)
                raise InputError(f"{key} belongs to process = {owners}, not to {self.process}; leave it out")
        return self

    def _check_mould(self, alloy: Alloy) -> None:
        if self.mould is None:
            raise InputError("mould is missing")
        mould, kind = materials.mould(self.mould), PROCESSES[self.process]
        check_mould_family(
            mould, kind.mould_families, f'process = "{self.process}"', f'process = "{_other(kind.other_process)}"',
            dry=kind.dry_mould,
        )  # fmt: skip
        if self.mould_temperature is not None:
            check_mould_temperature(alloy, mould, self.mould_temperature)
        elif self.process in PREHEATED:
            what = "die" if self.process == "gravity die" else "shell"
            raise InputError(f'mould_temperature is missing; a {what} is preheated, write for example "300 degC"')


def _other(name: str) -> str:
    return next(word for word, kind in PROCESSES.items() if kind.__name__ == name)


class InterfaceModel(Model):
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


class RunModel(Model):
    """The section [run]."""

    voxel: Length
    until: Annotated[str, BeforeValidator(_until)] = "solid"
    record: tuple[Time, ...] = ()
    probes: dict[str, tuple[Length, Length, Length]] = Field(default_factory=dict)
    shakeout_temperature: Temperature | None = None
    critical_fraction_solid: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    feeding: bool = False
    filling: Literal["instant", "front", "flow"] | bool = False
    air: bool = False
    fill_voxel: Length | None = None
    fill_record: tuple[Time, ...] = ()
    dtype: Literal["float32", "float64"] = "float32"
    accuracy: Literal["usual", "quick"] = "usual"
    scheme: Literal["rkl2", "rkl1", "euler"] = "rkl2"
    theta: Annotated[float, Field(gt=0.0, le=1.0)] = 0.1
    threads: Annotated[int, Field(ge=1)] | None = None
    shots: Shots = "until steady"
    tolerance: Annotated[float, Field(gt=0.0)] = 1.0

    @model_validator(mode="after")
    def _positive(self) -> RunModel:
        if self.voxel <= 0.0:
            raise InputError(f"voxel = {self.voxel * 1e3:g} mm must be above 0 mm")
        for name, times in (("record", self.record), ("fill_record", self.fill_record)):
            if any(time <= 0.0 for time in times):
                raise InputError(f"{name} holds {min(times):g} s; times at which fields are kept must be above 0 s")
        if self.accuracy != "usual" and (own := [name for name in ("scheme", "theta") if name in self.model_fields_set]):
            raise InputError(f'accuracy = "{self.accuracy}" sets {" and ".join(own)} itself; leave out one or the other')
        if self.fill_voxel is not None and self.fill_voxel <= 0.0:
            raise InputError(f"fill_voxel = {self.fill_voxel * 1e3:g} mm must be above 0 mm")
        if self.fill_voxel is not None and not self.filling:
            raise InputError("fill_voxel is given, but nothing is filled; write filling = true, or leave it out")
        if self.fill_record and not self.filling:
            raise InputError("fill_record is given, but nothing is filled; write filling = true, or leave it out")
        if self.air and not self.filling:
            raise InputError("air = true, but nothing is filled; write filling = true, or leave it out")
        return self


class CaseModel(Model):
    """A whole case file."""

    part: PartModel
    more_parts: tuple[PartModel, ...] = ()
    casting: CastingModel
    rigging: tuple[PieceModel, ...] = ()
    inlet: tuple[InletModel, ...] = ()
    interface: tuple[InterfaceModel, ...] = ()
    machine: MachineModel | None = None
    channel: tuple[ChannelModel, ...] = ()
    plant: PlantModel | None = None
    run: RunModel

    @model_validator(mode="after")
    def _cycled(self) -> CaseModel:
        if self.machine is not None and not issubclass(PROCESSES[self.casting.process], DieCasting):
            raise InputError(f'machine: it belongs to a casting in a die, not to process = "{self.casting.process}"; leave it out')
        if self.inlet and not self.run.filling:
            raise InputError("inlet: nothing is filled; write filling = true under [run], or leave it out")
        if self.machine is None and (self.channel or self.plant is not None):
            raise InputError(f"{'channel' if self.channel else 'plant'}: it belongs to a die that is cycled; write [machine] too")
        self._check_run()
        return self

    def _check_run(self) -> None:
        """Refuse settings of the run that would do nothing."""
        run, cycled = self.run, self.machine is not None
        for key in _OF_ONE if cycled else _OF_SHOTS:
            if getattr(run, key) != type(run).model_fields[key].get_default(call_default_factory=True):
                why = "a die that is cycled makes shot after shot; leave it" if cycled else "it belongs to a die that is cycled"
                raise InputError(f"run.{key}: {why}{' out' if cycled else '; write [machine] too'}")
        if isinstance(run.filling, str) and not cycled:
            word = f'run.filling = "{run.filling}"'
            raise InputError(f"{word} belongs to a die that is cycled; write filling = true, or [machine] too")
        if self.inlet and run.filling in ("instant", "front"):
            raise InputError(f'inlet: filling = "{run.filling}" takes none; write filling = "flow", or leave it out')
