"""Castings of a low-pressure die: metal rises from a furnace below, and the furnace feeds it until the pressure goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from ..errors import GeometryError, InputError
from ..geometry import Part
from ..materials import Alloy, Interface
from ..units import Number, mm, quantity
from .body import Body, keep
from .die import DieCasting
from .injection import Bath, RiserTube
from .inlets import PressureCurve
from .layout import Ambient, Region, contacts_of
from .rigging import METAL, Rigging
from .tooling import Die

__all__ = ["LowPressureCasting"]

_GRAVITY = 9.81
# Pressure (Pa) from which the interface data know low-pressure dies.
_KNOWN_FROM = 2e4


@dataclass(frozen=True, slots=True, eq=False, init=False, repr=False)
class LowPressureCasting(DieCasting):
    """A casting that a gas pressure lifts out of a furnace into a die above.

    Parameters
    ----------
    die : Die
        Bottom die (fixed half), top die (moving half), side dies (slides).
    pressure : sequence of (time, pressure)
        Over that of the air, from the start of the lift; a last row above 0 is the moment at which the pressure goes. The level in
        the die follows from it without delay: p = density g height.
    melt_level : length
        Height of the melt in the furnace, in the coordinates of the part against gravity.
    rigging : sequence
        A `RiserTube` below the part (or below its gate), and what else there is.
    furnace_temperature : temperature, optional
        Default: the pour temperature.
    others
        As in `GravityDieCasting`.

    Notes
    -----
    The metal of the tube keeps the furnace's temperature and feeds heat into the casting; when the pressure goes it sinks back, and
    the casting's end there is closed. The loss in the tube is not computed. With the coating "insulating" and 20 kPa or more
    the coefficients of the die are those of low-pressure dies in the interface data; else those of metal under the air.
    """

    process: ClassVar[str] = "low pressure"

    pressure: tuple[tuple[float, float], ...]
    melt_level: float
    furnace_temperature: float

    def __init__(
        self, part: Part, *, alloy: str | Alloy, die: Die, pressure: Sequence[tuple[Number, Number]], melt_level: Number,
        pour_temperature: Number, rigging: Sequence[Rigging] = (), furnace_temperature: Number | None = None,
        symmetry: str | Mapping[str, Number] | None = None, gravity: Sequence[float] = (0.0, 0.0, -9.81),
        interfaces: Mapping[tuple[str, str], Interface | Number] | None = None, ambient: Ambient | None = None,
        more_parts: Sequence[Part] = (), name: str | None = None,
    ) -> None:  # fmt: skip
        if not isinstance(die, Die):
            raise InputError(f'die = {die!r} is none; write Die(steel="H13", temperature=degC(350), parting=0.0)')
        keep(self, pressure=_curve(pressure), melt_level=quantity(melt_level, "length", "melt_level"))
        hot = pour_temperature if furnace_temperature is None else furnace_temperature
        keep(self, furnace_temperature=quantity(hot, "temperature", "furnace_temperature"))
        self._prepare_die(
            part, die=die, mould=None, mould_temperature=None, coating=None, wall=None, flask=None, ambient=ambient, alloy=alloy,
            rigging=rigging, pour_temperature=pour_temperature, pour_time=None, symmetry=symmetry, gravity=gravity,
            interfaces=interfaces, name=name, more_parts=more_parts,
        )  # fmt: skip
        if not any(isinstance(piece, RiserTube) for piece in self.rigging):
            raise InputError("a low-pressure die needs a RiserTube; write RiserTube(diameter=60*mm, at=(0, 0, -20*mm))")

    @property
    def melt_density(self) -> float:
        """Of the liquid metal (kg/m3)."""
        return float(self.alloy.density_at(self.pour_temperature))

    def level_time(self, height: float) -> float:
        """Return when (s) the metal stands at a height against gravity (m).

        Raises
        ------
        GeometryError
            If the pressure never lifts it so high.
        """
        needed = self.melt_density * _GRAVITY * (height - self.melt_level)
        times, pressures = np.array(self.pressure).T
        highest = np.maximum.accumulate(pressures)
        if needed > highest[-1]:
            reach = self.melt_level + float(highest[-1]) / (self.melt_density * _GRAVITY)
            raise GeometryError(
                f"the pressure of {highest[-1] / 1e3:.4g} kPa lifts the metal to {reach / mm:.4g} mm, the casting reaches "
                f"{height / mm:.4g} mm; raise the pressure to {needed / 1e3:.4g} kPa or more"
            )
        rising = np.flatnonzero(np.diff(highest, prepend=-1.0) > 0.0)
        return float(np.interp(max(needed, highest[rising[0]]), highest[rising], times[rising]))

    @property
    def _heights(self) -> tuple[float, float]:
        """Lowest and highest metal against gravity (m)."""
        up = self._up
        spans = [body.surface.points @ up for body in self.bodies if body.role in METAL]
        return min(float(s.min()) for s in spans), max(float(s.max()) for s in spans)

    @property
    def own_fill_time(self) -> float:
        """Time from where the metal enters the casting to where it reaches its top (s)."""
        low, high = self._heights
        return self.level_time(high) - self.level_time(low)

    @property
    def lift(self) -> PressureCurve:
        """The pressure as the inlet of a filling, from when the metal stands at the end of the riser tube in the casting."""
        tube = next(body for body in self.bodies if body.role == RiserTube.role)
        assert tube.opening is not None
        height = float(tube.opening.at.point @ self._up)
        start, column = self.level_time(height), self.melt_density * _GRAVITY * (height - self.melt_level)
        return PressureCurve([(0.0, 0.0), *((t - start, p - column) for t, p in self.pressure if t > start)], at=tube.name)

    def fill_times(self, heights: Sequence[float], fill: float | None) -> list[float]:
        """Return when the front has done each of its steps: as the pressure rises, or evenly in a time that the machine gives."""
        if fill is not None:
            return DieCasting.fill_times(self, heights, fill)
        low, high = self._heights
        start, end = self.level_time(low), self.level_time(high)
        times = [self.level_time(min(max(h, low), high)) - start for h in heights[:-1]]
        return [*times, end - start] if end > start else []

    @property
    def release(self) -> float:
        """Time from the full cavity until the pressure goes (s)."""
        return self.pressure[-1][0] - self.level_time(self._heights[1])

    @property
    def metal_pressure(self) -> float:
        """Highest pressure on the metal over that of the air (Pa)."""
        return max(p for _, p in self.pressure)

    def contacts(self, regions: Sequence[Region]) -> dict[tuple[int, int], Interface]:
        """Return the interface of every pair of regions; that of a coated die under the highest pressure."""
        dressed = {r.coating for r in regions if r.role == "mould"} == {"insulating"}
        known = dressed and self.metal_pressure >= _KNOWN_FROM
        return contacts_of(regions, self._given_interfaces(), pressure=self.metal_pressure if known else None)

    def events(self) -> tuple[float, ...]:
        """Return the moment at which the metal of the tube sinks back."""
        return (self.release,)

    def _more_checks(self, bodies: Sequence[Body], box: tuple[np.ndarray, np.ndarray]) -> list[Any]:
        up = self._up
        top = max(float((body.surface.points @ up).max()) for body in bodies if body.role in METAL)
        full = self.level_time(top)
        if not self.pressure[-1][0] > full:
            raise InputError(
                f"the pressure goes after {self.pressure[-1][0]:g} s, but the die is full after {full:.3g} s only; hold it longer"
            )
        return DieCasting._more_checks(self, bodies, box)

    def piece_region(self, name: str) -> Region:
        """Return the region of a piece of the die, or of the metal in the riser tube."""
        if any(body.name == name and body.role == "riser tube" for body in self.bodies):
            hot = self.furnace_temperature
            return Region(
                name, role="riser tube", material=Bath(hot, max(self.release, 1e-3)), initial_temperature=hot, body_names=(name,)
            )
        return DieCasting.piece_region(self, name)

    def facts(self) -> dict[str, Any]:
        """Return what a result file keeps of the casting, its pressure with it."""
        curve = {"curve": [list(row) for row in self.pressure], "melt_level": self.melt_level, "release": self.release}
        return {**DieCasting.facts(self), "metal_pressure": self.metal_pressure, "pressure": curve}

    def summary(self) -> str:
        """Return the job card, with the lift."""
        told = f"full after {self.own_fill_time:.3g} s of filling, pressure goes {self.release:.3g} s later"
        return "\n".join([DieCasting.summary(self), f"lift          {told}"])


def _curve(rows: Sequence[tuple[Number, Number]]) -> tuple[tuple[float, float], ...]:
    try:
        found = tuple((quantity(t, "time", "pressure time"), quantity(p, "pressure", "pressure")) for t, p in rows)
    except (TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f'pressure = {rows!r} is no curve; write rows such as [("0 s", "0 kPa"), ("8 s", "25 kPa")]') from None
    times = [t for t, _ in found]
    if len(found) < 2 or any(b <= a for a, b in pairwise(times)) or any(p < 0.0 for _, p in found):
        raise InputError("pressure needs two or more rows whose times rise and whose pressures are not below 0")
    return found
