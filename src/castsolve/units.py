"""Units as words: multipliers to SI, degrees Celsius, and numbers given as text or pint quantities.

``4*mm`` is a plain float in metres. Pint is loaded only when a string or a pint quantity comes in.
"""

from __future__ import annotations

import math
import re
from typing import Any, Protocol

from .errors import InputError

__all__ = [
    "Number",
    "bar",
    "cm",
    "degC",
    "hour",
    "inch",
    "kJ",
    "kW",
    "kg",
    "litre",
    "m",
    "minute",
    "mm",
    "quantity",
    "second",
    "to_degC",
    "um",
]


class _PintLike(Protocol):
    @property
    def magnitude(self) -> Any: ...

    def to_base_units(self) -> Any: ...


# What every argument with a unit accepts: an SI number, a text with a unit, or a pint quantity.
Number = float | str | _PintLike

m = 1.0
cm = 1e-2
mm = 1e-3
um = 1e-6
inch = 0.0254
second = 1.0
minute = 60.0
hour = 3600.0
bar = 1e5
kg = 1.0
kJ = 1e3
kW = 1e3
litre = 1e-3

_ZERO_CELSIUS = 273.15

# SI unit and an example in words, by kind of quantity.
_KINDS: dict[str, tuple[str, str]] = {
    "length": ("m", "4 mm"),
    "temperature": ("K", "720 degC"),
    "time": ("s", "12 s"),
    "htc": ("W/m**2/K", "800 W/m**2/K"),
    "velocity": ("m/s", "0.5 m/s"),
    "flow": ("m**3/s", "8 litre/minute"),
    "mass flow": ("kg/s", "3 kg/s"),
    "volume": ("m**3", "2 litre"),
    "pressure": ("Pa", "1 bar"),
    "mass": ("kg", "3 kg"),
    "mass flux": ("kg/m**2/s", "0.3 kg/m**2/s"),
    "power": ("W", "15 kW"),
    "angle": ("rad", "30 deg"),
    "area": ("m**2", "80 mm**2"),
    "fraction": ("", "0.5"),
}

# Powers of units have one digit; a tower of powers would be computed for ever.
_TOWER = re.compile(r"(\*\*|\^)(?!\s*-?\d(?![\d.])(?!\s*(\*\*|\^)))")
# Longest text that a refusal repeats.
_LONGEST = 60

_registry: Any = None


def degC(value: float) -> float:
    """Return a temperature given in degrees Celsius as kelvin."""
    return value + _ZERO_CELSIUS


def to_degC(value: Any) -> Any:
    """Return a temperature (number or array) given in kelvin as degrees Celsius."""
    return value - _ZERO_CELSIUS


def _pint() -> Any:
    global _registry
    if _registry is None:
        import pint

        _registry = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
    return _registry


def quantity(value: Any, kind: str, name: str) -> float:
    """Return a number, a text with a unit or a pint quantity as a finite SI float.

    Parameters
    ----------
    value : float, str or pint.Quantity
        Numbers are SI already.
    kind : str
        One of "length", "temperature", "time", "htc", "velocity", "flow", "mass flow", "volume", "pressure", "mass", "mass flux",
        "power", "area", "angle", "fraction".
    name : str
        What the value is for; it opens the refusal.

    Raises
    ------
    InputError
        If the text cannot be read, the unit does not fit, or the number is not finite.
    """
    unit, example = _KINDS[kind]
    if isinstance(value, bool) or value is None:
        raise InputError(f"{name} = {value!r} is not a {kind}; write a number in SI or a text such as \"{example}\"")
    if isinstance(value, str):
        number = _from_text(value, unit, example, name)
    elif hasattr(value, "to_base_units") and hasattr(value, "magnitude"):
        number = _from_pint(value, unit, example, name, f'"{value:~}"')
    else:
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise InputError(
                f"{name} = {value!r} is not a {kind}; write a number in SI or a text such as \"{example}\""
            ) from None
    if not math.isfinite(number):
        raise InputError(f"{name} = {value!r} is not finite; write a number in SI or a text such as \"{example}\"")
    return number


def _from_text(text: str, unit: str, example: str, name: str) -> float:
    import tokenize

    import pint

    said = _quoted(text)
    nonsense = (
        pint.errors.PintError, tokenize.TokenError, SyntaxError,
        ValueError, TypeError, AttributeError, AssertionError, ArithmeticError,
    )  # fmt: skip
    try:
        read = _read(text.strip())
    except nonsense:
        raise InputError(f'{name} = {said} cannot be read; write for example "{example}"') from None
    return _from_pint(read, unit, example, name, said)


def _read(text: str) -> Any:
    """Return a text as a pint quantity."""
    if _TOWER.search(text):
        raise ValueError("a tower of powers")
    number, _, rest = text.partition(" ")
    try:
        magnitude = float(number)
    except ValueError:
        return _pint().Quantity(text)
    # "20 degC" must not be read as a product of 20 and an offset unit.
    return _pint().Quantity(magnitude, rest.strip())


def _from_pint(read: Any, unit: str, example: str, name: str, said: str) -> float:
    import pint

    if read.unitless and unit:
        raise InputError(f'{name} = {said} has no unit; write for example "{example}"')
    try:
        return float(read.to(unit).magnitude)
    except (pint.errors.PintError, ArithmeticError):
        raise InputError(f'{name} = {said} has the wrong unit; write for example "{example}"') from None


def _quoted(text: str) -> str:
    """Return a text in quotes on one line, cut off where it is long."""
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
    return '"' + "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in shown) + '"'
