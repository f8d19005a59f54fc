"""Channels of a die that open and close while a stage runs: by the clock of the cycle, or by a thermocouple."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from numpy.typing import ArrayLike, NDArray

from ..casting import CoolingChannel
from ..geometry import Grid
from .exposed import Exposed

__all__ = ["Valve", "Valved", "begin_valves"]


@dataclass(slots=True, eq=False)
class Valve:
    """The state of one channel's valve in a stage.

    Parameters
    ----------
    name : str
        Of the channel.
    channel : CoolingChannel
    regions : sequence of int
        Legs of the channel.

    Attributes
    ----------
    since : float
        Time from the start of the cycle to that of the stage (s).
    called : bool
        Whether the thermostat wants it open.
    seconds : float
        How long it was open in the stage (s).
    """

    name: str
    channel: CoolingChannel = field(kw_only=True)
    regions: Sequence[int] = field(kw_only=True)
    since: float = field(default=0.0, kw_only=True)
    called: bool = field(default=True, kw_only=True)
    seconds: float = field(default=0.0, kw_only=True)

    def begin(self, since: float, temperature: float) -> None:
        """Start a stage at a time of the cycle (s), at a temperature (K) of the thermocouple."""
        thermostat = self.channel.thermostat
        self.since, self.seconds = since, 0.0
        self.called = thermostat is None or thermostat.opens(temperature)

    def is_open(self, time: float) -> bool:
        """Return whether it is open at a time of the stage (s)."""
        window, now = self.channel.window, self.since + time
        # Landing on an event leaves rounding in the time.
        return self.called and (window is None or window[0] <= now * (1.0 + 1e-12) < window[1])

    def open_until(self, end: float) -> float:
        """Return how long (s) it is open from the start of the stage to a time of it, by what called it then."""
        low, high = (0.0, end) if self.channel.window is None else (t - self.since for t in self.channel.window)
        return max(min(high, end) - max(low, 0.0), 0.0) if self.called else 0.0

    def events(self) -> list[float]:
        """Return the times of the stage (s) at which the clock switches it."""
        return [t - self.since for t in self.channel.window or () if t - self.since > 1e-9]

    def after(self, begun: float, length: float, temperature: float) -> bool:
        """Book a step that began at a time of the stage; return whether the thermocouple switches the valve now."""
        if self.is_open(begun):
            self.seconds += length
        thermostat = self.channel.thermostat
        if thermostat is None:
            return False
        before, self.called = self.called, thermostat.opens(temperature, self.called)
        return before != self.called


def begin_valves(valves: Sequence[Valve], since: float, temperature: NDArray, grid: Grid) -> None:
    """Start a stage at a time of the cycle (s): thermocouples read the temperatures (K) that it begins with."""
    for valve in valves:
        thermostat = valve.channel.thermostat
        valve.begin(since, 0.0 if thermostat is None else float(temperature[tuple(grid.locate(thermostat.at)[0])]))


@dataclass(frozen=True, slots=True, eq=False)
class Valved:
    """The film of a channel behind a valve: a resistance as `Exposed` is one, with the valve as its factor over time."""

    film: Exposed
    valve: Valve

    def htc_at(self, temperature: ArrayLike, *, fraction_solid: ArrayLike | None = None) -> NDArray:
        """Return the coefficient (W/m2/K) of the flow at voxel temperatures (K)."""
        return self.film.htc_at(temperature)

    @property
    def table_range(self) -> tuple[float, float]:
        """Voxel temperatures (K) between which the coefficient changes."""
        return self.film.table_range

    @property
    def table_samples(self) -> int:
        """Entries of the sweep's table."""
        return self.film.table_samples

    def time_factor(self, time: float) -> float:
        """Return 1 where the valve is open at a time of the stage (s), 0 where it is not."""
        return 1.0 if self.valve.is_open(time) else 0.0
