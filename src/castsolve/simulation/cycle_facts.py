"""What a result file keeps of a cycle: shots, channels, heat, the sections of the casting and when each may leave the die."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..casting import CoolingChannel, DieCasting, MachineCycle
from ..errors import ResultsError
from ..geometry import Grid, wall_thickness
from ..results import Results
from .cycling import StageBook
from .heat_run import HeatRun

__all__ = ["SectionTime", "channel_facts", "cycle_fact", "fill_facts", "section_times", "spray_facts"]


# Share of a part's volume in walls below its thin wall; less is edges, which the measure rounds.
_THIN_WALL = 0.1
# What a die fills beyond its gates.
_CAVITY = ("part", "stock", "overflow")


@dataclass(frozen=True, slots=True)
class SectionTime:
    """When a piece of the casting (part, riser, runner, biscuit) is cold enough to be ejected.

    Attributes
    ----------
    name, role : str
    time : float or None
        From the full cavity (s); None where it was not cold enough when the die opened.
    place : (float, float, float)
        Its last place (m).
    """

    name: str
    role: str = field(kw_only=True)
    time: float | None = field(kw_only=True)
    place: tuple[float, float, float] = field(kw_only=True)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> SectionTime:
        """Return the section of a row of facts."""
        x, y, z = row["place"]
        return cls(row["name"], role=row["role"], time=row["time"], place=(x, y, z))


def section_times(grid: Grid, run: HeatRun) -> list[dict[str, Any]]:
    """Return the rows of all pieces of the casting, the last to be ejectable first.

    Parameters
    ----------
    grid : Grid
    run : HeatRun
        Of the closed die; its coldest level is the ejection temperature.
    """
    times, T = run.crossing(run.levels[-1].name).astype(float), run.temperature
    metal, found = grid.region == 0, []
    for number in np.unique(grid.body[metal]):
        here = metal & (grid.body == number)
        missing = here & ~np.isfinite(times)
        # What has not cooled down yet is ruled by its hottest place.
        at = np.argmax(np.where(missing, T, -np.inf)) if missing.any() else np.argmax(np.where(here, times, -np.inf))
        i, j, k = (int(n) for n in np.unravel_index(int(at), grid.shape))
        place = [float(grid.centres(a)[n]) for a, n in enumerate((i, j, k))]
        time = None if missing.any() else float(times[i, j, k])
        found.append({"name": grid.body_names[number], "role": grid.body_roles[number], "time": time, "place": place})
    return sorted(found, key=lambda row: -np.inf if row["time"] is None else -row["time"])


def channel_facts(heat: Any, channel: CoolingChannel, open_time: float) -> dict[str, Any]:
    """Return what is kept of a channel: what it did (a `ChannelHeat`), and what it is.

    `open_time` is how long it flows in a cycle (s).
    """
    did = {n: getattr(heat, n) for n in ("name", "power", "outlet_temperature", "htc", "reynolds")}
    own = {n: getattr(channel, n) for n in ("flow", "diameter", "inlet_temperature", "pressure")}
    return {**did, **own, "medium": channel.medium.name, "open_time": open_time}


def spray_facts(machine: MachineCycle, area: float) -> dict[str, float] | None:
    """Return what is kept of the spray on an area of the cavity (m2); None without one."""
    spray = machine.spray
    if spray is None:
        return None
    return {"duration": float(spray.duration), "flux": spray.flux, "efficiency": spray.efficiency, "area": area}  # type: ignore[arg-type]


def fill_facts(casting: DieCasting, books: Sequence[StageBook], filled: Results | None = None) -> dict[str, float] | None:
    """Return how long the cavity fills (s), and the thin wall of the part (m) to be reached; None where it is full at once.

    Of a `filled` die the time counts from when metal comes through the gate: a slow shot that brings it there is no part of it.
    """
    seconds = sum(b.duration for b in books if b.name.startswith("fill"))
    if not seconds:
        return None
    if filled is not None:
        inside = np.logical_or.reduce([filled.where(role=r) for r in _CAVITY if r in filled.frame.body_roles])
        seconds -= float(np.nanmin(filled["fill_time"][inside]))
    walls = [wall_thickness(part.surface).share(_THIN_WALL) for part in casting.parts]
    return {"time": seconds, "wall": min(walls)}


def cycle_fact(result: Results) -> Mapping[str, Any]:
    """Return what a result keeps of its cycle.

    Raises
    ------
    ResultsError
        If the result is that of a single casting.
    """
    kept = result.facts.get("cycle")
    if not isinstance(kept, Mapping):
        raise ResultsError("this result is no cycle of a die; make one with run_cycles")
    return kept
