"""What a change would bring: the steady cycle found again with one thing changed at a time."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..casting import CoolingChannel, MachineCycle
from ..errors import CastsolveError, InputError
from ..simulation import CycleResults, run_cycles
from ..units import Number, mm, quantity

if TYPE_CHECKING:
    from ..casting import DieCasting

__all__ = ["Change", "WhatIf", "WhatIfRow", "channel_changes", "what_if"]


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One thing that is changed; what is not given stays.

    Parameters
    ----------
    casting : DieCasting, optional
        With a thinner section, a smaller biscuit, another steel.
    machine : MachineCycle, optional
    channels : sequence of CoolingChannel, optional
    """

    casting: DieCasting | None = None
    machine: MachineCycle | None = field(default=None, kw_only=True)
    channels: Sequence[CoolingChannel] | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class WhatIfRow:
    """What one change brings.

    Attributes
    ----------
    name : str
        What was changed; "as it is" for the base.
    cycle_time : float
        In s.
    gain : float
        Seconds a shot that are won against the base; negative where it is slower.
    shots_per_hour : float
    surface_peak, coldest_before_pour : float
        Of the die's surface (K).
    shots : int
        Shots that were computed to find it.
    seconds : float
        Processor time that it took.
    problem : str
        Why there is no figure (all are NaN then); "" where there is.
    """

    name: str
    cycle_time: float = field(default=math.nan, kw_only=True)
    gain: float = field(default=math.nan, kw_only=True)
    shots_per_hour: float = field(default=math.nan, kw_only=True)
    surface_peak: float = field(default=math.nan, kw_only=True)
    coldest_before_pour: float = field(default=math.nan, kw_only=True)
    shots: int = field(default=0, kw_only=True)
    seconds: float = field(default=0.0, kw_only=True)
    problem: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The table of `what_if`: the base first, then the changes, the most seconds first."""

    rows: tuple[WhatIfRow, ...]

    @property
    def base(self) -> WhatIfRow:
        """The cycle as it is."""
        return self.rows[0]

    def row(self, name: str) -> WhatIfRow:
        """Return the row of a change.

        Raises
        ------
        InputError
            If no change has this name.
        """
        for row in self.rows:
            if row.name == name:
                return row
        raise InputError(f'no change is named "{name}"; the table has {", ".join(r.name for r in self.rows)}')

    def as_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as plain values in SI; what is not known is None."""
        found = []
        for row in self.rows:
            values = {n: getattr(row, n) for n in WhatIfRow.__dataclass_fields__}
            found.append({n: None if isinstance(v, float) and math.isnan(v) else v for n, v in values.items()})
        return found

    def __str__(self) -> str:
        width = max(len(r.name) for r in self.rows)
        lines = [f"{'change':<{width}}  cycle s   won s  shots/h  peak degC  coldest degC  computed"]
        for r in self.rows:
            if r.problem:
                lines.append(f"{r.name:<{width}}  no figure: {r.problem}")
                continue
            lines.append(
                f"{r.name:<{width}} {r.cycle_time:8.2f} {r.gain:7.2f} {r.shots_per_hour:8.1f} {r.surface_peak - 273.15:10.0f} "
                f"{r.coldest_before_pour - 273.15:13.0f}  {r.shots} shots, {r.seconds:.0f} s"
            )
        spent = sum(r.seconds for r in self.rows)
        return "\n".join([*lines, f"one change at a time, each found anew: {spent:.0f} s of processor time in all"])


def channel_changes(
    channels: Sequence[CoolingChannel], *, casting: DieCasting | None = None, flow: float = 1.25, cooler: float = 10.0,
    nearer: Number = 2 * mm,
) -> dict[str, Change]:  # fmt: skip
    """Return the usual changes of every channel: more flow, a colder medium, and a place nearer to the part.

    Parameters
    ----------
    channels : sequence of CoolingChannel
    casting : DieCasting, optional
        Whose part the channels are moved to; without it none is moved.
    flow : float
        Factor on the volume flow.
    cooler : float
        By how much the medium enters colder (K); a medium that would freeze is left out.
    nearer : length
        Way towards the nearest point of the part, from the point of the path that is nearest to it.
    """
    step, changes = quantity(nearer, "length", "nearer"), {}
    for n, channel in enumerate(channels):
        name = channel.name or f"channel {n + 1}"

        def changed(new: CoolingChannel, n: int = n) -> Change:
            return Change(channels=[new if i == n else c for i, c in enumerate(channels)])

        changes[f"{name}: {100 * (flow - 1):+.0f} % flow"] = changed(replace(channel, flow=channel.flow * flow))
        colder = channel.inlet_temperature - cooler
        if not channel.medium.boils or colder > 273.16:
            changes[f"{name}: {cooler:g} K colder"] = changed(replace(channel, inlet_temperature=colder))
        if casting is not None:
            moved = channel.path + step * _towards(channel, casting)
            changes[f"{name}: {step / mm:g} mm nearer"] = changed(replace(channel, path=moved))
    return changes


def _towards(channel: CoolingChannel, casting: DieCasting) -> np.ndarray:
    """Unit vector from the bore to the part, where they are nearest to each other."""
    share = np.linspace(0.0, 1.0, 41)[:, None]
    legs = zip(channel.path[:-1], channel.path[1:], strict=True)
    points = np.concatenate([a + share * (b - a) for a, b in legs])
    ways = [np.asarray(part.nearest(p).point) - p for part in casting.parts for p in points]
    shortest = min(ways, key=lambda way: float(way @ way))
    return np.asarray(shortest / np.linalg.norm(shortest))


def what_if(
    casting: DieCasting, machine: MachineCycle, changes: Mapping[str, Change], *, voxel: Number,
    channels: Sequence[CoolingChannel] = (), base: CycleResults | None = None, **options: Any,
) -> WhatIf:  # fmt: skip
    """Return what every change brings, each found by a steady cycle of its own.

    It costs one search a change; each begins with the die of the base, within a few kelvin of its end. Figures that differ by less
    than the tolerance of the search are equal, and effects of two changes together are not their sum.

    Parameters
    ----------
    casting, machine, channels
        As it is; see `run_cycles`.
    changes : mapping of str to Change
        For example from `channel_changes`.
    voxel : length
    base : CycleResults, optional
        The steady cycle as it is, where it is known already.
    options
        Of `run_cycles`: tolerance, most, theta, threads ...

    Returns
    -------
    WhatIf
        A change that cannot be made (a channel that breaks into the cavity) is a row with its reason.
    """
    if "as it is" in changes:
        raise InputError('"as it is" is the name of the base; call the change something else')
    begun = time.process_time()
    first = run_cycles(casting, machine, voxel=voxel, channels=channels, **options) if base is None else base
    spent = time.process_time() - begun
    if not first.steady:
        raise InputError("the base is no steady cycle, so nothing can be compared with it; leave shots out")
    top = replace(_row("as it is", first, first), seconds=spent, shots=len(first.shots) if base is None else 0)
    rows = []
    for name, change in changes.items():
        begun = time.process_time()
        try:
            found = run_cycles(
                casting if change.casting is None else change.casting, machine if change.machine is None else change.machine,
                voxel=voxel, channels=channels if change.channels is None else change.channels, start=first, **options,
            )  # fmt: skip
            row = _row(name, found, first)
        except CastsolveError as error:
            row = WhatIfRow(name, problem=str(error))
        rows.append(replace(row, seconds=time.process_time() - begun))
    rows.sort(key=lambda r: math.inf if r.problem else -r.gain)
    return WhatIf((top, *rows))


def _row(name: str, found: CycleResults, base: CycleResults) -> WhatIfRow:
    peak, before = found.result["die_surface_peak"], found.result["die_surface_before_pour"]
    return WhatIfRow(
        name, cycle_time=found.cycle_time, gain=base.cycle_time - found.cycle_time, shots_per_hour=found.shots_per_hour(),
        surface_peak=float(np.nanmax(peak)), coldest_before_pour=float(np.nanmin(before)), shots=len(found.shots),
    )  # fmt: skip
