"""The tables [[inlet]] of a case file: how the metal is brought to the mould, one model for each kind."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Tag, ValidationInfo, WithJsonSchema, model_validator

from ..errors import InputError, unknown_name
from ..geometry import Anchor, Part
from .case_values import EXAMPLES, Length, Model, PointModel, Pressure, Speed, Volume, with_unit
from .inlets import Inlet, PlungerCurve, PouringHead, PourRate, PressureCurve, TiltPour
from .places import check_place, read_place
from .process import Casting

__all__ = ["INLETS", "InletModel", "require_opening"]

_PLACE = re.compile(r"\s*part\d*\s*\.")


def _curve(kind: str) -> Any:
    """A value with its unit, or rows of time and value."""

    def read(value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, list):
            return with_unit(value, kind, info)
        if not value or any(not isinstance(row, list) or len(row) != 2 for row in value):
            raise InputError(f'{info.field_name} needs a value with its unit, or rows such as [["0 s", "{EXAMPLES[kind]}"], ...]')
        return [(with_unit(time, "time", info), with_unit(number, kind, info)) for time, number in value]

    text = {"type": "string", "examples": [EXAMPLES[kind]]}
    row = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
    schema = {"description": f"{kind} with its unit, or rows of time and {kind}", "anyOf": [text, {"type": "array", "items": row}]}
    return Annotated[Any, BeforeValidator(read), WithJsonSchema(schema)]


def _opening(value: Any) -> Any:
    if isinstance(value, str):
        if _PLACE.match(value):
            check_place(value)
        return value
    if not isinstance(value, Mapping):
        raise InputError(f'{value!r} is no place; write the name of a piece, "part.top" or {{ point = [...], normal = "z" }}')
    return value


Opening = Annotated[str | PointModel, BeforeValidator(_opening)]


class _InletModel(Model):
    """What every inlet has: the piece or the place that it pours into."""

    at: Opening | None = None

    def place(self, parts: Sequence[Part]) -> str | Anchor | None:
        """Return the name of the piece, or the place on a part."""
        if isinstance(self.at, PointModel):
            return read_place(self.at.model_dump(), *parts)
        return read_place(self.at, *parts) if self.at is not None and _PLACE.match(self.at) else self.at

    def numbers(self) -> dict[str, Any]:
        """Return what else was given, by the keyword of the class."""
        return self.model_dump(exclude={"kind", "at"}, exclude_none=True)


class PourRateModel(_InletModel):
    """A table [[inlet]] of kind "pour rate"."""

    kind: Literal["pour rate"]
    flow: _curve("flow") | None = None  # type: ignore[valid-type]
    mass_flow: _curve("mass flow") | None = None  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _one_rate(self) -> PourRateModel:
        if (self.flow is None) == (self.mass_flow is None):
            raise InputError('a pour rate takes either flow or mass_flow; write flow = "0.4 litre/s"')
        return self

    def made(self, parts: Sequence[Part]) -> PourRate:
        """Return the inlet."""
        return PourRate(**self.numbers(), at=self.place(parts))


class PouringHeadModel(_InletModel):
    """A table [[inlet]] of kind "pouring head"."""

    kind: Literal["pouring head"]
    head: _curve("length") = 0.0  # type: ignore[valid-type]

    def made(self, parts: Sequence[Part]) -> PouringHead:
        """Return the inlet."""
        return PouringHead(**self.numbers(), at=self.place(parts))


class PressureCurveModel(_InletModel):
    """A table [[inlet]] of kind "pressure curve"."""

    kind: Literal["pressure curve"]
    pressure: _curve("pressure")  # type: ignore[valid-type]

    def made(self, parts: Sequence[Part]) -> PressureCurve:
        """Return the inlet."""
        return PressureCurve(**self.numbers(), at=self.place(parts))


class PlungerModel(_InletModel):
    """A table [[inlet]] of kind "plunger"."""

    kind: Literal["plunger"]
    diameter: Length
    fast_speed: Speed
    slow_speed: Speed | None = None
    switch: Length | None = None
    start: Length | None = None
    ramp: Length | None = None
    pressure_limit: Pressure | None = None
    intensification: Pressure | None = None

    def made(self, parts: Sequence[Part]) -> PlungerCurve:
        """Return the inlet."""
        return PlungerCurve(**self.numbers(), at=self.place(parts))


class TiltPourModel(_InletModel):
    """A table [[inlet]] of kind "tilt pour"."""

    kind: Literal["tilt pour"]
    volume: Volume | None = None

    def made(self, parts: Sequence[Part]) -> TiltPour:
        """Return the inlet."""
        return TiltPour(**self.numbers(), at=self.place(parts))


INLETS: dict[str, type[_InletModel]] = {
    "pour rate": PourRateModel,
    "pouring head": PouringHeadModel,
    "pressure curve": PressureCurveModel,
    "plunger": PlungerModel,
    "tilt pour": TiltPourModel,
}


def _kind(value: Any) -> Any:
    return value.get("kind") if isinstance(value, Mapping) else getattr(value, "kind", None)


InletModel = Annotated[
    Annotated[PourRateModel, Tag("pour rate")]
    | Annotated[PouringHeadModel, Tag("pouring head")]
    | Annotated[PressureCurveModel, Tag("pressure curve")]
    | Annotated[PlungerModel, Tag("plunger")]
    | Annotated[TiltPourModel, Tag("tilt pour")],
    Discriminator(_kind),
]


def require_opening(casting: Casting, inlet: Inlet) -> None:
    """Refuse an inlet at a piece that the casting does not have, or that has no opening."""
    if not isinstance(inlet.at, str):
        return
    if isinstance(inlet, TiltPour):
        known = [body.name for body in casting.bodies if body.role == "basin"]
    else:
        known = [body.name for body in casting.bodies if body.opening is not None and body.opening.role == "inlet"]
    if inlet.at not in known:
        raise InputError(unknown_name("piece with an opening", inlet.at, known))
