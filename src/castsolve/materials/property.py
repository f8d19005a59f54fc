"""A number that knows its unit, where it comes from and how far it can be trusted; and a table of such numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ..errors import MaterialError

__all__ = ["EVIDENCE", "QUALITIES", "Property", "PropertyTable", "to_si"]

Beyond = Literal["hold", "refuse"]

EVIDENCE: dict[str, str] = {
    "seen": "read in a primary or official source",
    "secondhand": "read in a source that quotes another",
    "computed": "computed from an open thermodynamic database or a seen formula",
    "derived": "arithmetic on seen or computed values",
    "memory": "remembered from the named source, not checked on paper",
    "estimate": "engineering estimate or foundry practice",
}
"""What the evidence of a value means."""

QUALITIES: dict[str, str] = {"A": "within 3 %", "B": "within 10 %", "C": "within 20 %", "D": "rough"}
"""What the quality letter of a value means."""

# Multiplier, offset and SI unit of every unit a material file may use.
_UNITS: dict[str, tuple[float, float, str]] = {
    "1": (1.0, 0.0, "1"),
    "%": (0.01, 0.0, "1"),
    "K": (1.0, 0.0, "K"),
    "degC": (1.0, 273.15, "K"),
    "J/kg": (1.0, 0.0, "J/kg"),
    "kJ/kg": (1e3, 0.0, "J/kg"),
    "J/kg/K": (1.0, 0.0, "J/kg/K"),
    "W/m/K": (1.0, 0.0, "W/m/K"),
    "W/m2/K": (1.0, 0.0, "W/m2/K"),
    "kg/m3": (1.0, 0.0, "kg/m3"),
    "1/K": (1.0, 0.0, "1/K"),
    "1e-6/K": (1e-6, 0.0, "1/K"),
    "%/100K": (1e-4, 0.0, "1/K"),
    "Pa s": (1.0, 0.0, "Pa s"),
    "mPa s": (1e-3, 0.0, "Pa s"),
    "N/m": (1.0, 0.0, "N/m"),
    "m2": (1.0, 0.0, "m2"),
    # AFS permeability number: cm/min of air of 20 degC under a gradient of 1 g/cm2 a cm, times its viscosity of 1.81e-5 Pa s.
    "AFS": (3.076e-13, 0.0, "m2"),
    "s": (1.0, 0.0, "s"),
    "Pa": (1.0, 0.0, "Pa"),
    "MPa": (1e6, 0.0, "Pa"),
    "m": (1.0, 0.0, "m"),
    "mm": (1e-3, 0.0, "m"),
    "um": (1e-6, 0.0, "m"),
    "(K s)^0.5/mm": (1e3, 0.0, "K^0.5 s^0.5/m"),
    "K^0.5 s^0.5/m": (1.0, 0.0, "K^0.5 s^0.5/m"),
}


def to_si(unit: str, wanted: str) -> tuple[float, float]:
    """Return the multiplier and the offset that bring a unit of a material file to SI.

    Raises
    ------
    MaterialError
        If the unit is not known or does not measure what is wanted.
    """
    fitting = [name for name, (_, _, si) in _UNITS.items() if si == wanted]
    if unit not in fitting:
        allowed = ", ".join(f'"{name}"' for name in fitting)
        raise MaterialError(f'unit = "{unit}" does not fit; write {allowed}')
    scale, offset, _ = _UNITS[unit]
    return scale, offset


@dataclass(frozen=True, slots=True)
class Property:
    """One number with its unit, source and trust.

    Attributes
    ----------
    value : float
        The value in `unit` (SI).
    unit : str
        SI unit; "1" for a pure number.
    source : str
        Citation keys, separated by commas.
    evidence : str
        One of "seen", "secondhand", "computed", "derived", "memory", "estimate".
    quality : str
        "A" (within 3 %), "B" (10 %), "C" (20 %) or "D" (rough).
    low, high : float or None
        Range in which the true value is believed to lie.
    note : str
        What else a reader should know.
    """

    value: float
    unit: str
    source: str
    evidence: str = "estimate"
    quality: str = "D"
    low: float | None = None
    high: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        check_trust(self.source, self.evidence, self.quality)
        for name in ("value", "low", "high"):
            number = getattr(self, name)
            if number is not None and not math.isfinite(number):
                raise MaterialError(f"{name} = {in_words(number, self.unit)} must be finite")
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        if not low <= self.value <= high:
            shown = in_words(self.value, self.unit)
            raise MaterialError(f"value = {shown} must lie between low = {low:g} and high = {high:g}")

    def __float__(self) -> float:
        return self.value

    @property
    def source_keys(self) -> tuple[str, ...]:
        """Citation keys one by one."""
        return split_keys(self.source)


@dataclass(frozen=True, slots=True, eq=False)
class PropertyTable:
    """Rows of numbers against one coordinate, with unit, source and trust.

    Attributes
    ----------
    rows : tuple of tuples of float
        Coordinate first (in `units[0]`), then one or two values, in SI.
    units : tuple of str
        SI unit of each column.
    beyond_low, beyond_high : {"hold", "refuse"}
        What lies beyond the first and the last row: the end value held, or no answer.
    uncertainty : float or None
        Relative uncertainty of the values.
    kinks : tuple of float
        Coordinates at which the table has a true kink.
    """

    rows: tuple[tuple[float, ...], ...]
    units: tuple[str, ...]
    source: str
    evidence: str = "estimate"
    quality: str = "D"
    beyond_low: Beyond = "hold"
    beyond_high: Beyond = "hold"
    uncertainty: float | None = None
    kinks: tuple[float, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        check_trust(self.source, self.evidence, self.quality)
        if not self.rows:
            raise MaterialError("the table has no rows; give at least one")
        for number, row in enumerate(self.rows, start=1):
            if len(row) != len(self.units):
                raise MaterialError(f"row {number} has {len(row)} numbers; every row must have {len(self.units)}")
            if not all(math.isfinite(x) for x in row):
                raise MaterialError(f"row {number} holds a number that is not finite")

    @property
    def source_keys(self) -> tuple[str, ...]:
        """Citation keys one by one."""
        return split_keys(self.source)

    def column(self, index: int) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Return one column as an array."""
        return np.array([row[index] for row in self.rows], dtype=np.float64)

    def at(self, coordinate: ArrayLike, *, column: int = 1) -> Any:
        """Return the linearly interpolated value; end values are held where the table says so.

        Raises
        ------
        MaterialError
            If the coordinate lies beyond an end that says "refuse".
        """
        x = np.asarray(coordinate, dtype=np.float64)
        xs = self.column(0)
        if (self.beyond_low == "refuse" and (x < xs[0]).any()) or (self.beyond_high == "refuse" and (x > xs[-1]).any()):
            raise MaterialError(
                f"{float(x.min()):g} to {float(x.max()):g} {self.units[0]} leaves the table "
                f"({xs[0]:g} to {xs[-1]:g} {self.units[0]}), which refuses what lies beyond; extend the table"
            )
        out = np.interp(x, xs, self.column(column))
        return float(out) if x.ndim == 0 else out


def in_words(value: float, unit: str) -> str:
    """Return a number with its unit, a pure number alone."""
    return f"{value:g}" if unit == "1" else f"{value:g} {unit}"


def split_keys(source: str) -> tuple[str, ...]:
    """Return the citation keys of a comma-separated text."""
    return tuple(key.strip() for key in source.split(",") if key.strip())


def check_trust(source: str, evidence: str, quality: str) -> None:
    """Refuse a value without source, with unknown evidence or with an unknown quality letter."""
    if not split_keys(source):
        raise MaterialError("source is empty; name the reference that the value comes from")
    if evidence not in EVIDENCE:
        allowed = ", ".join(f'"{name}"' for name in EVIDENCE)
        raise MaterialError(f'evidence = "{evidence}" must be one of {allowed}')
    if quality not in QUALITIES:
        allowed = ", ".join(f'"{name}"' for name in QUALITIES)
        raise MaterialError(f'quality = "{quality}" must be one of {allowed}')
