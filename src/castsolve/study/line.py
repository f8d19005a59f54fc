"""What a moulding line makes: how long a mould is occupied, what limits the line, how many places it needs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from ..defects import shakeout_time
from ..errors import InputError, ResultsError
from ..results import Results
from ..units import Number, quantity

__all__ = ["LineSchedule", "line_schedule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSchedule:
    """The times of one mould and what a line of them makes.

    Attributes
    ----------
    pour : float
        Time to pour a mould (s).
    solid : float
        From the end of the pour until all metal is solid (s).
    cool : float
        From the end of the pour until the casting may be shaken out (s).
    shakeout_temperature : float
        Of the hottest metal (K).
    handle : float
        Time for shaking out and clearing a place (s).
    places : int
        Places for moulds on the pouring and cooling line.
    moulding_interval : float
        Time between two moulds of the moulding machine (s).
    castings : int
        In a mould.
    melt : float
        Metal poured into a mould (kg); NaN where the run kept no masses.
    availability : float
    """

    pour: float
    solid: float
    cool: float
    shakeout_temperature: float
    handle: float
    places: int
    moulding_interval: float
    castings: int = 1
    melt: float = math.nan
    availability: float = 1.0

    @property
    def occupied(self) -> float:
        """How long a mould holds its place (s)."""
        return self.pour + self.cool + self.handle

    @property
    def intervals(self) -> dict[str, float]:
        """Least time between two moulds (s) that each station allows."""
        return {"moulding": self.moulding_interval, "pouring": self.pour, "cooling line": self.occupied / self.places}

    @property
    def limit(self) -> str:
        """The station that rules: "moulding", "pouring" or "cooling line"."""
        return max(self.intervals, key=lambda name: self.intervals[name])

    @property
    def interval(self) -> float:
        """Time between two moulds (s)."""
        return max(self.intervals.values())

    @property
    def moulds_per_hour(self) -> float:
        """Moulds an hour at the stated availability."""
        return 3600.0 / self.interval * self.availability

    @property
    def castings_per_hour(self) -> float:
        """Castings an hour."""
        return self.castings * self.moulds_per_hour

    @property
    def melt_per_hour(self) -> float:
        """Metal poured in an hour (kg)."""
        return self.melt * self.moulds_per_hour

    def per_shift(self, shift: Number = 28800.0) -> float:
        """Return castings of a shift (default 8 h)."""
        return self.castings_per_hour * quantity(shift, "time", "shift") / 3600.0

    def places_needed(self) -> int:
        """Return the places with which moulding or pouring rules and cooling no longer does."""
        others = max(self.moulding_interval, self.pour)
        return max(1, math.ceil(self.occupied / others - 1e-9))

    def as_dict(self) -> dict[str, Any]:
        """Return times and rates as plain values in SI."""
        own = {n: getattr(self, n) for n in self.__dataclass_fields__}
        told = {
            "occupied": self.occupied, "interval": self.interval, "limit": self.limit, "moulds_per_hour": self.moulds_per_hour,
            "castings_per_hour": self.castings_per_hour, "melt_per_hour": self.melt_per_hour, "places_needed": self.places_needed(),
        }  # fmt: skip
        return {n: None if isinstance(v, float) and math.isnan(v) else v for n, v in {**own, **told}.items()}

    def __str__(self) -> str:
        limit, others = self.limit, ", ".join(f"{n} {s:.3g} s" for n, s in self.intervals.items())
        cold = f"hottest metal at {self.shakeout_temperature - 273.15:.0f} degC"
        rows = [
            ("pour", f"{self.pour:.3g} s"),
            ("solid", f"{self.solid / 60.0:.3g} min after the pour"),
            ("shakeout", f"{self.cool / 60.0:.3g} min after the pour, {cold}"),
            ("mould occupied", f"{self.occupied / 60.0:.3g} min, with {self.handle:.3g} s of handling"),
            ("line", f"a mould every {self.interval:.3g} s, ruled by {limit} ({others})"),
            ("output", (f"{self.moulds_per_hour:.3g} moulds, {self.castings_per_hour:.3g} castings an hour at "
             f"{self.availability * 100:g} % availability")),
        ]  # fmt: skip
        if limit == "cooling line":
            rows.append(("places", f"{self.places}; with {self.places_needed()} cooling no longer rules"))
        if not math.isnan(self.melt):
            rows.append(("metal", f"{self.melt:.4g} kg a mould, {self.melt_per_hour:.4g} kg an hour"))
        return "\n".join(f"{name:<15} {text}" for name, text in rows)


def line_schedule(
    result: Results, *, places: int, moulding_interval: Number, handle: Number = 60.0, pour_time: Number | None = None,
    shakeout_temperature: Number | None = None, availability: float = 1.0,
) -> LineSchedule:  # fmt: skip
    """Return what a moulding line makes of a casting that was solved until shakeout.

    Parameters
    ----------
    result : Results
        Of `solidify(..., until="shakeout")`; its clock starts when the mould is full.
    places : int
        Places for moulds from pouring to shakeout.
    moulding_interval : time
        Between two moulds of the moulding machine.
    handle : time
        Shaking out and clearing a place. Default: 60 s (an estimate).
    pour_time : time, optional
        Default: the casting's own.
    shakeout_temperature : temperature, optional
        Of the hottest metal. Default: that of the run.
    availability : float
        Share of the time that the line runs, 0 to 1.

    Raises
    ------
    ResultsError
        If the run ended before shakeout.
    InputError
        If a time is missing or below zero.
    """
    wanted = result.facts["shakeout_temperature"] if shakeout_temperature is None else shakeout_temperature
    kelvin = quantity(wanted, "temperature", "shakeout_temperature")
    cool = shakeout_time(result, kelvin)
    if cool is None:
        raise ResultsError(
            f'the run ended before the metal had cooled to {kelvin - 273.15:.0f} degC; solve it with until="shakeout"'
        )
    casting = result.facts["casting"]
    given = casting["pour_time"] if pour_time is None else pour_time
    if given is None:
        raise InputError("the casting has no pour_time; give one")
    if places < 1 or not 0.0 < availability <= 1.0:
        raise InputError(f"places = {places} must be 1 or more, and availability = {availability:g} must lie in (0, 1]")
    pour, interval = quantity(given, "time", "pour_time"), quantity(moulding_interval, "time", "moulding_interval")
    clearing = quantity(handle, "time", "handle")
    if min(pour, interval) <= 0.0 or clearing < 0.0:
        raise InputError(f"pour_time = {pour:g} s and moulding_interval = {interval:g} s must be above 0 s, handle not below")
    return LineSchedule(
        pour=pour, solid=result.peak("solidification_time").value, cool=cool, shakeout_temperature=kelvin, handle=clearing,
        places=places, moulding_interval=interval, castings=1 + len(casting["more_parts"]), availability=availability,
        melt=float(result.facts["masses"].get("poured", math.nan)),
    )  # fmt: skip
