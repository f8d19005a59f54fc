"""From the tables of a case file to pieces of rigging."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..geometry import Part
from .case_values import FilePlaces
from .places import read_place
from .rigging import (
    Basin,
    Biscuit,
    Breaker,
    Chill,
    Core,
    Filter,
    Gate,
    Neck,
    Overflow,
    Rigging,
    Riser,
    RiserTube,
    Runner,
    Sleeve,
    Sprue,
    Topping,
    Vent,
    Well,
)

__all__ = ["piece_of"]

_MAKERS: dict[str, Any] = {
    kind.role: kind
    for kind in (Basin, Biscuit, Chill, Core, Filter, Gate, Overflow, Riser, RiserTube, Runner, Sprue, Vent)
}
_INSIDE: dict[str, Any] = {"neck": Neck, "sleeve": Sleeve, "breaker": Breaker, "topping": Topping, "well": Well}
# Roles whose `at` is a place on a part; that of the others is a point.
_ON_PART = ("riser", "chill", "gate", "vent", "overflow")


def piece_of(model: Any, parts: Sequence[Part], place: FilePlaces) -> Rigging:
    """Return the piece that a checked table describes; places are those of the parts."""
    file = getattr(model, "file", None)
    shape = None if file is None else _read(file, model.unit, place, model.body)
    apart = {"kind", "shape", "file", "unit", "body", "at", "prints", *_INSIDE}
    more: dict[str, Any] = model.model_dump(exclude=apart, exclude_unset=True)
    at = getattr(model, "at", None)
    if at is not None and model.kind not in _ON_PART:
        more["at"] = at
    elif at is not None:
        more["at"] = read_place(at if isinstance(at, str) else at.model_dump(), *parts)
    for key, kind in _INSIDE.items():
        given = getattr(model, key, None)
        if given is not None:
            more[key] = given if isinstance(given, str) else kind(**given.model_dump(exclude_unset=True))
    maker = _MAKERS[model.kind]
    made: Rigging
    if model.kind == "core" and shape is None:
        made = Core.cylinder(**more)
    elif model.kind == "core":
        made = Core(shape, prints=[_read(entry.file, entry.unit, place) for entry in model.prints], **more)  # type: ignore[arg-type]
    elif model.kind in ("vent", "biscuit", "riser tube"):
        made = maker(**more)
    else:
        made = maker(shape, **more)
    return made


def _read(file: str, unit: str | None, place: FilePlaces, body: str | None = None) -> Part:
    return Part.read(place.of(file), unit=unit, body=body, name=body or Path(file).stem)
