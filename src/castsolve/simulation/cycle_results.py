"""What a cycled die hands back: its last casting, its shots, channels and books, told in words and kept in a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..results import Results, load
from ..units import Number, mm, quantity
from .cycle_facts import SectionTime, cycle_fact
from .cycling import Shot, shot_of

__all__ = ["ChannelHeat", "CycleResults"]


@dataclass(frozen=True, slots=True)
class ChannelHeat:
    """What one channel takes from the die in a cycle of the steady state.

    Attributes
    ----------
    name : str
    power : float
        Mean over the cycle (W), of the whole die.
    outlet_temperature : float
        Mean while it flows (K).
    htc, reynolds : float
        Of the flow at the inlet, without boiling.
    open_time : float
        How long it flows in a cycle (s).
    """

    name: str
    power: float = field(kw_only=True)
    outlet_temperature: float = field(kw_only=True)
    htc: float = field(kw_only=True)
    reynolds: float = field(kw_only=True)
    open_time: float = field(default=0.0, kw_only=True)


@dataclass(frozen=True, slots=True, eq=False)
class CycleResults:
    """A die at its steady state, or after the shots that were asked for.

    Attributes
    ----------
    result : Results
        Of the last shot: the fields of a solidification up to the opening of the die, and the die's temperature before the pour, at
        ejection and after spraying.
    shots : tuple of Shot
    channels : tuple of ChannelHeat
    heat : mapping of str to float
        Heat of the last cycle (J): given by the metal; taken by channels, open cavity, outer sides; kept by the die.
    last_place : (float, float, float) or None
        Where the casting became ejectable last (m).
    steady : bool
        Whether the steady state was asked for and found.
    sections : tuple of SectionTime
        When each piece of the casting is cold enough to be ejected, the last first.
    """

    result: Results
    shots: tuple[Shot, ...] = field(kw_only=True)
    channels: tuple[ChannelHeat, ...] = field(kw_only=True)
    heat: Mapping[str, float] = field(kw_only=True)
    last_place: tuple[float, float, float] | None = field(kw_only=True)
    steady: bool = field(kw_only=True)
    sections: tuple[SectionTime, ...] = field(kw_only=True)

    @classmethod
    def of(cls, result: Results) -> CycleResults:
        """Return the cycle that a result keeps in its facts, as it is made and loaded.

        Raises
        ------
        ResultsError
            If the result is that of a single casting.
        """
        kept = cycle_fact(result)
        names = tuple(ChannelHeat.__dataclass_fields__)
        place = kept["last_place"]
        return cls(
            result, shots=tuple(shot_of(row) for row in kept["shots"]), heat=dict(kept["heat"]), steady=bool(kept["steady"]),
            channels=tuple(ChannelHeat(**{n: c[n] for n in names}) for c in kept["channels"]),
            last_place=None if place is None else (float(place[0]), float(place[1]), float(place[2])),
            sections=tuple(SectionTime.of(row) for row in kept["sections"]),
        )  # fmt: skip

    @classmethod
    def load(cls, folder: str | Path) -> CycleResults:
        """Read a saved cycle.

        Raises
        ------
        ResultsError
            If the folder holds no result, or that of a single casting.
        """
        return cls.of(load(folder))

    def save(self, folder: str | Path) -> Path:
        """Write everything to a folder; `CycleResults.load` reads it, and `castsolve.load` the result of the last shot alone."""
        return self.result.save(folder)

    @property
    def cycle_time(self) -> float:
        """Length of the last cycle (s)."""
        return self.shots[-1].duration

    @property
    def dwell(self) -> float:
        """Time that the metal stayed in the full, closed die in the last cycle (s)."""
        return self.stage_times()["dwell"]

    def stage_times(self) -> dict[str, float]:
        """Return how long each stage of the last cycle takes (s), in their order; the steps of a front are one stage, "fill"."""
        times: dict[str, float] = {}
        for book in self.shots[-1].books:
            name = "fill" if book.name.startswith("fill ") else book.name
            times[name] = times.get(name, 0.0) + book.duration
        return times

    def shots_per_hour(self, *, availability: float = 1.0) -> float:
        """Return castings an hour, at a share of the time that the machine runs."""
        if not 0.0 < availability <= 1.0:
            raise InputError(f"availability = {availability:g} must lie in (0, 1]")
        return 3600.0 / self.cycle_time * availability

    def shots_per_shift(self, *, availability: float = 1.0, shift: Number = 28800.0) -> float:
        """Return castings a shift (default 8 h), at a share of the time that the machine runs."""
        return self.shots_per_hour(availability=availability) * quantity(shift, "time", "shift") / 3600.0

    @property
    def section_gain(self) -> float:
        """How much sooner (s) the die could open if the section that rules were as quick as the next; 0 where it stands alone.

        It is the least that a smaller section brings: what it heats beside it becomes quicker, too; `study.what_if` tells by how
        much.
        """
        times = [s.time for s in self.sections]
        if len(times) < 2 or times[0] is None or times[1] is None:
            return 0.0
        return times[0] - times[1]

    def limit(self) -> str:
        """Return what limits the cycle, in words: its longest stage, and the section that rules the dwell."""
        stage, seconds = max(self.stage_times().items(), key=lambda item: item[1])
        told = f"{stage}, {100 * seconds / self.cycle_time:.0f} % of the cycle"
        if stage != "dwell" or self.last_place is None or not self.sections:
            return told
        told += f", ruled by {self.sections[0].name}"
        if not self.section_gain:
            return told
        return f"{told}; without it {self.sections[1].name} would be next, at least {self.section_gain:.1f} s sooner"

    def summary(self) -> str:
        """Return cycle time, what rules it, heat by taker, channels and die temperatures in words."""
        rows = [("shots", f"{len(self.shots)}, " + ("steady" if self.steady else "not asked to be steady"))]
        rows.append(("cycle", f"{self.cycle_time:.1f} s: " + ", ".join(f"{n} {t:.1f} s" for n, t in self.stage_times().items())))
        rows.append(("output", f"{self.shots_per_hour():.1f} shots an hour"))
        rows.append(("limited by", self.limit()))
        if self.last_place is not None:
            x, y, z = (c / mm for c in self.last_place)
            rows.append(("dwell rules at", f"x, y, z = {x:.1f}, {y:.1f}, {z:.1f} mm: the last place to become ejectable"))
        ready = [f"{s.name} {'later' if s.time is None else f'{s.time:.1f} s'}" for s in self.sections]
        rows.append(("ejectable", ", ".join(ready)))
        for when in ("before_pour", "after_eject", "after_spray", "peak"):
            if f"die_surface_{when}" in self.result:
                T = self.result[f"die_surface_{when}"] - 273.15
                name = f"surface {when.replace('_', ' ')}"
                rows.append((name, f"{np.nanmin(T):.0f} to {np.nanmax(T):.0f} degC, mean {np.nanmean(T):.0f}"))
        given = self.heat["metal"]
        shares = ", ".join(f"{n} {v / given * 100:.1f} %" for n, v in self.heat.items() if n != "metal")
        rows.append(("heat of a shot", f"{given * 1e-3:.4g} kJ from the metal: {shares}"))
        for c in self.channels:
            told = f"{c.power * 1e-3:.3g} kW, outlet {c.outlet_temperature - 273.15:.1f} degC"
            rows.append((c.name, f"{told}, {c.htc:.3g} W/m2/K, Re {c.reynolds:.3g}"))
        return "\n".join(f"{name:<21} {text}" for name, text in rows)

    def __str__(self) -> str:
        return self.summary()
