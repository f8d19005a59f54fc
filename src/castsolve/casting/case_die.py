"""The keys of a case file for a die and what feeds it: halves, slides and inserts, plates, shot, tilt, pressure."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from ..errors import InputError
from ..geometry import Part
from .case_values import (
    Angle,
    Area,
    Coefficient,
    FileName,
    FilePlaces,
    Length,
    Material,
    Model,
    Normal,
    Pressure,
    Speed,
    Temperature,
    Time,
    Unit,
    require_unit,
)
from .injection import ShotSleeve
from .tilt import Tilt
from .tooling import Die, DiePiece, Platens

__all__ = ["DieModel", "PressureRow", "ShotModel", "TiltModel"]

PressureRow = tuple[Time, Pressure]


class DiePieceModel(Model):
    """A table [[casting.die.pieces]]."""

    kind: Literal["fixed half", "moving half", "slide", "insert"]
    file: FileName | None = None
    unit: Unit | None = None
    body: str | None = None
    opening: Normal | None = None
    steel: Material | None = None
    temperature: Temperature | None = None
    coating: str | None = None
    contact: Coefficient | None = None
    name: str | None = None

    @model_validator(mode="after")
    def _unit_of_file(self) -> DiePieceModel:
        if self.file is not None:
            require_unit(self.file, self.unit)
        return self

    def made(self, place: FilePlaces) -> DiePiece:
        """Return the piece."""
        part = None if self.file is None else Part.read(place.of(self.file), unit=self.unit, body=self.body)
        return DiePiece(part, **self.model_dump(exclude={"file", "unit", "body"}, exclude_none=True))


class PlatensModel(Model):
    """The table casting.die.platens."""

    temperature: Temperature
    htc: Coefficient | None = None


class DieModel(Model):
    """The table casting.die."""

    steel: Material
    temperature: Temperature
    parting: Length | None = None
    opening: Normal = "z"
    wall: Length | None = None
    box: tuple[tuple[Length, Length, Length], tuple[Length, Length, Length]] | tuple[Length, Length, Length] | None = None
    coating: str | None = None
    contact: Coefficient | None = None
    pieces: tuple[DiePieceModel, ...] = ()
    platens: PlatensModel | None = None

    def made(self, place: FilePlaces) -> Die:
        """Return the die."""
        plates = None if self.platens is None else Platens(**self.platens.model_dump(exclude_none=True))
        given = self.model_dump(exclude={"pieces", "platens"}, exclude_none=True)
        return Die(pieces=[piece.made(place) for piece in self.pieces], platens=plates, **given)


class ShotModel(Model):
    """The table casting.shot."""

    diameter: Length
    length: Length
    fast_speed: Speed
    slow_speed: Speed | None = None
    intensification: Pressure | None = None
    gate_area: Area | None = None
    switch: Length | None = None
    pressure_limit: Pressure | None = None

    def made(self, place: FilePlaces) -> ShotSleeve:
        """Return the shot sleeve."""
        return ShotSleeve(**self.model_dump(exclude_none=True))


class TiltModel(Model):
    """The table casting.tilt."""

    axis: Normal
    angle: Angle
    turning: Time | tuple[tuple[Time, Angle], ...] | None = None
    through: tuple[Length, Length, Length] | None = None

    @model_validator(mode="after")
    def _turns(self) -> TiltModel:
        if not self.angle:
            raise InputError('angle = "0 deg" is no tilt; leave tilt out')
        return self

    def made(self, place: FilePlaces) -> Tilt:
        """Return the tilt."""
        return Tilt(**self.model_dump(exclude_none=True))
