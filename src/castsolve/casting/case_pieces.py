"""The tables [[rigging]] of a case file: one model for each kind of piece, with the keys of its class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from ..errors import InputError
from .case_values import FileName, Length, Material, Model, Normal, Place, SleeveWord, Temperature, Time, Unit, require_unit

__all__ = ["PIECES", "PieceModel"]

Point = tuple[Length, Length, Length]


class NeckModel(Model):
    """The key neck of a riser."""

    diameter: Length
    height: Length


class SleeveModel(Model):
    """The key sleeve of a riser."""

    material: Material | None = None
    thickness: Length | None = None
    height: Length | None = None
    burns_after: Time | None = None


class BreakerModel(Model):
    """The key breaker of a riser."""

    hole: Length
    thickness: Length
    diameter: Length | None = None
    material: Material | None = None


class ToppingModel(Model):
    """The key topping of a riser."""

    material: Material | None = None
    thickness: Length | None = None


class WellModel(Model):
    """The key well of a sprue."""

    diameter: Length
    depth: Length


class PrintModel(Model):
    """An entry of the key prints of a core."""

    file: FileName
    unit: Unit


class Piece(Model):
    """What every piece has: a name, and a mesh file where it is not made from numbers."""

    file: FileName | None = None
    unit: Unit | None = None
    body: str | None = None
    name: str | None = None

    @model_validator(mode="after")
    def _unit_of_file(self) -> Piece:
        if self.file is not None:
            require_unit(self.file, self.unit)
        elif self.body is not None:
            raise InputError("body names a body of a file; write file too")
        return self


class RiserModel(Piece):
    """A table [[rigging]] of kind "riser"."""

    kind: Literal["riser"]
    shape: Literal["cylinder"] = "cylinder"
    diameter: Length | None = None
    height: Length | None = None
    at: Place | None = None
    neck: NeckModel | None = None
    sleeve: Annotated[str | SleeveModel, SleeveWord] | None = None
    breaker: BreakerModel | None = None
    topping: Annotated[str | ToppingModel, SleeveWord] | None = None
    top: Literal["blind", "open"] = "blind"
    side: bool = False
    below: Length | None = None


class ChillModel(Piece):
    """A table [[rigging]] of kind "chill"."""

    kind: Literal["chill"]
    shape: Literal["block"] = "block"
    size: Point | None = None
    at: Place | None = None
    material: Material = "cast-iron"
    temperature: Temperature | None = None
    contoured: bool = False


class GateModel(Piece):
    """A table [[rigging]] of kind "gate"."""

    kind: Literal["gate"]
    shape: Literal["slot"] = "slot"
    width: Length | None = None
    height: Length | None = None
    length: Length | None = None
    at: Place | None = None


class CoreModel(Piece):
    """A table [[rigging]] of kind "core"."""

    kind: Literal["core"]
    shape: Literal["cylinder"] | None = None
    diameter: Length | None = None
    start: Point | None = None
    end: Point | None = None
    print_length: Length | None = None
    print_diameter: Length | None = None
    prints: tuple[PrintModel, ...] = ()
    material: Material | None = None
    temperature: Temperature | None = None

    @model_validator(mode="after")
    def _one_form(self) -> CoreModel:
        numbers = (self.diameter, self.start, self.end)
        if self.file is None and None in numbers:
            raise InputError("a core needs file and unit, or diameter, start and end")
        if self.file is not None and any(value is not None for value in (*numbers, self.print_length, self.print_diameter)):
            raise InputError("a core from a file takes no diameter, start, end or print sizes; give its prints as files")
        return self


class BasinModel(Piece):
    """A table [[rigging]] of kind "basin"."""

    kind: Literal["basin"]
    at: Point | None = None
    diameter: Length | None = None
    bottom_diameter: Length | None = None
    size: Point | None = None
    offset: tuple[Length, Length] | None = None
    depth: Length | None = None


class SprueModel(Piece):
    """A table [[rigging]] of kind "sprue"."""

    kind: Literal["sprue"]
    diameter: Length | None = None
    height: Length | None = None
    at: Point | None = None
    head: Length | None = None
    top_diameter: Length | None = None
    well: WellModel | None = None


class RunnerModel(Piece):
    """A table [[rigging]] of kind "runner"."""

    kind: Literal["runner"]
    width: Length | None = None
    height: Length | None = None
    top_width: Length | None = None
    path: tuple[Point, ...] | None = None
    end_scale: float = 1.0


class FilterModel(Piece):
    """A table [[rigging]] of kind "filter"."""

    kind: Literal["filter"]
    size: Point | None = None
    at: Point | None = None
    direction: Normal = "x"
    ppi: int = 30
    permeability: Annotated[float, Field(gt=0.0)] | None = None
    inertial: Annotated[float, Field(gt=0.0)] | None = None
    porosity: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None


class VentModel(Model):
    """A table [[rigging]] of kind "vent"."""

    kind: Literal["vent"]
    diameter: Length
    at: Place
    length: Length | None = None
    name: str | None = None


class OverflowModel(Piece):
    """A table [[rigging]] of kind "overflow"."""

    kind: Literal["overflow"]
    size: Point | None = None
    at: Place | None = None
    gate_height: Length | None = None
    gate_length: Length | None = None


class BiscuitModel(Model):
    """A table [[rigging]] of kind "biscuit"."""

    kind: Literal["biscuit"]
    diameter: Length
    thickness: Length
    at: Point
    direction: Normal
    name: str | None = None


class RiserTubeModel(Model):
    """A table [[rigging]] of kind "riser tube"."""

    kind: Literal["riser tube"]
    diameter: Length
    at: Point
    length: Length | None = None
    name: str | None = None


PIECES: dict[str, type[Model]] = {
    "riser": RiserModel,
    "chill": ChillModel,
    "gate": GateModel,
    "core": CoreModel,
    "basin": BasinModel,
    "sprue": SprueModel,
    "runner": RunnerModel,
    "filter": FilterModel,
    "vent": VentModel,
    "overflow": OverflowModel,
    "biscuit": BiscuitModel,
    "riser tube": RiserTubeModel,
}


def _kind(value: Any) -> Any:
    return value.get("kind") if isinstance(value, Mapping) else getattr(value, "kind", None)


PieceModel = Annotated[
    Annotated[RiserModel, Tag("riser")]
    | Annotated[ChillModel, Tag("chill")]
    | Annotated[GateModel, Tag("gate")]
    | Annotated[CoreModel, Tag("core")]
    | Annotated[BasinModel, Tag("basin")]
    | Annotated[SprueModel, Tag("sprue")]
    | Annotated[RunnerModel, Tag("runner")]
    | Annotated[FilterModel, Tag("filter")]
    | Annotated[VentModel, Tag("vent")]
    | Annotated[OverflowModel, Tag("overflow")]
    | Annotated[BiscuitModel, Tag("biscuit")]
    | Annotated[RiserTubeModel, Tag("riser tube")],
    Discriminator(_kind),
]
