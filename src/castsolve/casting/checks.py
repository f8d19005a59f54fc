"""Checks of a whole casting: all problems at once, in one wording."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from .. import materials
from ..errors import CastsolveError, GeometryError, InputError, unknown_name
from ..geometry import Part
from ..materials import Alloy, MouldMaterial
from ..units import quantity
from .body import Body, part_of
from .layout import Ambient
from .rigging import PIECES, Rigging

__all__ = [
    "ambient_of",
    "check_ambient",
    "check_mould_family",
    "check_mould_temperature",
    "check_pour",
    "check_sizes",
    "collected",
    "gravity_of",
    "labelled",
    "parts_of",
    "refuse",
    "rigging_of",
    "seconds_of",
    "sides_of",
]

# The lowest mould temperature that is not taken for degrees Celsius by mistake: the sand of a hard winter.
_COLDEST = 253.0
# Rigging this many times as long as the part was given in the wrong unit: a forgotten "mm" makes it a thousand times too long.
_OUTSIZE = 100.0
_SIDES = ("x_low", "x_high", "y_low", "y_high", "z_low", "z_high")


@contextmanager
def collected(problems: list[CastsolveError]) -> Iterator[None]:
    """Keep a refusal for later, so that all problems are told at once."""
    try:
        yield
    except CastsolveError as error:
        problems.append(error)


def refuse(problems: Sequence[CastsolveError]) -> None:
    """Raise the problems that were collected, if there are any."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise InputError(f"the casting has {len(problems)} problems:\n{lines}")


def rigging_of(given: Any) -> tuple[Rigging, ...]:
    """Return rigging as a tuple, or refuse what is none."""
    if isinstance(given, PIECES):
        return (given,)
    try:
        pieces = tuple(given or ())
    except TypeError:
        pieces = (given,)
    for piece in pieces:
        if not isinstance(piece, PIECES):
            raise InputError(f"rigging holds {piece!r}; allowed are {', '.join(kind.__name__ for kind in PIECES)}")
    return pieces


def ambient_of(given: Any) -> Ambient:
    """Return the air around, by default that of a foundry hall."""
    if given is None:
        return Ambient()
    if not isinstance(given, Ambient):
        raise InputError(f"ambient = {given!r} is none; write Ambient(temperature=degC(20))")
    return given


def check_ambient(alloy: Alloy, ambient: Ambient) -> None:
    """Refuse air in which nothing freezes."""
    solidus = alloy.solidus.value
    if ambient.temperature >= solidus:
        raise InputError(
            f"ambient temperature = {ambient.temperature:g} K must be below the solidus of {alloy.name} ({solidus:.0f} K),"
            " or the casting never freezes"
        )


def gravity_of(given: Any) -> np.ndarray:
    """Return gravity as a vector in m/s2."""
    try:
        vector = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        vector = np.empty(0)
    if vector.shape != (3,) or not np.isfinite(vector).all() or not vector.any():
        raise InputError(f"gravity = {given!r} is none; write three numbers in m/s2 such as (0, 0, -9.81)")
    vector.flags.writeable = False
    return vector


def seconds_of(value: Any) -> float:
    """Return a pour time above 0 s."""
    number = quantity(value, "time", "pour_time")
    if number <= 0.0:
        raise InputError(f"pour_time = {number:g} s must be above 0 s; leave it out for an instant pour")
    return number


def parts_of(given: Any) -> tuple[Part, ...]:
    """Return further parts as a tuple, or refuse what is none."""
    parts = (given,) if isinstance(given, Part) else tuple(given or ())
    return tuple(part_of(part, "a casting") for part in parts)


def sides_of(given: Any) -> frozenset[str]:
    """Return names of sides of the mould box; "all" is every side."""
    if given == "all":
        return frozenset(_SIDES)
    sides = (given,) if isinstance(given, str) else tuple(given or ())
    for side in sides:
        if side not in _SIDES:
            raise InputError(unknown_name("side of the mould box", str(side), (*_SIDES, "all")))
    return frozenset(sides)


def labelled(rigging: Sequence[Rigging], part_names: Sequence[str]) -> list[tuple[str, Rigging]]:
    """Return every piece with its name: its own, or its role and number."""
    counts: dict[str, int] = {}
    result = []
    for piece in rigging:
        counts[piece.role] = counts.get(piece.role, 0) + 1
        result.append((piece.name or f"{piece.role} {counts[piece.role]}", piece))
    names = [*part_names, "mould", "metal", *(name for name, _ in result)]
    for name in names:
        if names.count(name) > 1:
            remedy = "rename one with part.renamed(...)" if name in part_names else "give each piece of rigging its own name"
            raise InputError(f'two bodies are named "{name}"; {remedy}')
    return result


def check_mould_family(mould: MouldMaterial, families: Sequence[str], process: str, other: str, *, dry: bool = False) -> None:
    """Refuse a material that cannot be the mould: a die in a sand casting, sand for a die, or, where it must be dry, moist sand."""

    def can_be(material: MouldMaterial) -> bool:
        return material.family in families and not (dry and material.moisture is not None)

    if can_be(mould):
        return
    of_family = mould.family in families
    names = [name for name in materials.names("mould") if can_be(materials.mould(name))]
    raise InputError(
        f"mould = {mould.name} is {'moist' if of_family else 'of the family ' + mould.family}; {process} takes "
        f"{'dry ' if of_family else ''}{' or '.join(families)} ({', '.join(names)}), see {other} for others"
    )


def check_pour(alloy: Alloy, pour: float) -> None:
    """Refuse to pour below the liquidus, or hotter than the data reach."""
    liquidus, hottest = alloy.liquidus.value, float(alloy.heat.temperature[-1])
    if pour <= liquidus:
        # A whole number of degrees Celsius that is no whole number of kelvin was meant as it is.
        in_celsius = math.isclose(pour - 273.15, round(pour - 273.15), abs_tol=1e-6)
        advice = f"did you mean degC({pour:g})?" if pour + 273.15 > liquidus and not in_celsius else "pour hotter"
        window = next(iter(alloy.pouring.values()), None)
        if window is not None and pour + 273.15 <= liquidus:
            advice = f"usual is {window.value:.0f} K"
        raise InputError(
            f"pour_temperature = {pour:g} K must be above the liquidus of {alloy.name} ({liquidus:.0f} K); {advice}"
        )
    if pour > hottest and alloy.heat.beyond_high == "refuse":
        raise InputError(
            f"pour_temperature = {pour:g} K must not be above {hottest:.0f} K, where the data of {alloy.name} end;"
            " pour colder"
        )


def check_sizes(bodies: Sequence[Body]) -> None:
    """Refuse rigging so much larger than the parts that its unit must be wrong."""
    lengths = [float((body.surface.bounds[1] - body.surface.bounds[0]).max()) for body in bodies]
    longest_part = max(length for body, length in zip(bodies, lengths, strict=True) if body.role == "part")
    for body, length in zip(bodies, lengths, strict=True):
        if length > _OUTSIZE * longest_part:
            raise GeometryError(
                f"{body.name} is {length:.4g} m long, more than {_OUTSIZE:g} times the part ({longest_part:.4g} m);"
                ' lengths are in m, so write 20*mm or "20 mm" for millimetres'
            )


def check_mould_temperature(alloy: Alloy, mould: MouldMaterial, T: float) -> None:
    """Refuse a mould that was given in degrees Celsius by mistake, or in which nothing freezes."""
    if T < _COLDEST:
        raise InputError(f"mould_temperature = {T:g} K must be at least {_COLDEST:g} K; did you mean degC({T:g})?")
    solidus, hottest = alloy.solidus.value, float(mould.heat.temperature[-1])
    if solidus <= T:
        raise InputError(
            f"mould_temperature = {T:g} K must be below the solidus of {alloy.name} ({solidus:.0f} K),"
            " or the casting never freezes"
        )
    if T > hottest and mould.heat.beyond_high == "refuse":
        raise InputError(
            f"mould_temperature = {T:g} K must not be above {hottest:.0f} K, where the data of {mould.name} end"
        )
