"""Channels of a die as bodies of the grid, and the medium that warms along them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..casting import ChannelLeg, CoolingChannel, Layout, Region
from ..errors import GeometryError, InputError
from ..geometry import Grid, GridBody
from ..units import mm
from .cycle_results import ChannelHeat
from .cycling import CycleStage, Shot
from .valve import Valve

__all__ = ["Line", "check_channels", "lines_of", "with_channels"]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One channel on the grid: its legs in the direction of the flow, and its valve.

    Parameters
    ----------
    name : str
    channel : CoolingChannel
    regions : tuple of int
        Of its legs.
    valve : Valve or None
        Where it opens and closes within a stage.
    copies : int
        How many times the simulated piece makes the die.
    """

    name: str
    channel: CoolingChannel = field(kw_only=True)
    regions: tuple[int, ...] = field(kw_only=True)
    valve: Valve | None = field(kw_only=True)
    copies: int = field(kw_only=True)

    def open_time(self, shot: Shot) -> float:
        """Return how long it flowed in a shot (s)."""
        books = [b for b in shot.books if self.channel.flows_in(b.name)]
        return sum(b.duration if self.valve is None else b.flowing.get(self.name, 0.0) for b in books)

    def taken(self, shot: Shot, region: int) -> float:
        """Return the heat that a leg took in a shot, of the whole die (J)."""
        return sum(float(b.gain[region]) for b in shot.books) * self.copies

    def rises(self, shot: Shot) -> list[float]:
        """Return by how much the medium warmed in each leg (K)."""
        seconds = self.open_time(shot)
        if not seconds:
            return [0.0] * len(self.regions)
        rate = self.channel.medium.heat_rate(self.channel.flow, self.channel.inlet_temperature)
        return [self.taken(shot, region) / (rate * seconds) for region in self.regions]

    def warm(self, shot: Shot, stages: Sequence[CycleStage]) -> None:
        """Let the medium warm from leg to leg by the heat that it took in the last shot: every leg is at its mean."""
        T = self.channel.inlet_temperature
        for region, rise in zip(self.regions, self.rises(shot), strict=True):
            for stage in stages:
                stage.set_to[region] = T + 0.5 * rise  # type: ignore[index]
            T += rise

    def heat(self, shot: Shot) -> ChannelHeat:
        """Return what the channel did in a shot."""
        c = self.channel
        power = sum(self.taken(shot, r) for r in self.regions) / shot.duration
        return ChannelHeat(
            self.name, power=float(power), outlet_temperature=float(c.inlet_temperature + sum(self.rises(shot))), htc=c.htc,
            reynolds=c.reynolds, open_time=float(self.open_time(shot)),
        )  # fmt: skip


def lines_of(named: Sequence[tuple[str, CoolingChannel]], legs: Mapping[int, ChannelLeg], copies: int) -> list[Line]:
    """Return every channel with the regions of its legs."""
    lines = []
    for name, channel in named:
        regions = tuple(r for r, leg in legs.items() if leg.channel is channel)
        valve = Valve(name, channel=channel, regions=regions) if channel.switched else None
        lines.append(Line(name, channel=channel, regions=regions, valve=valve, copies=copies))
    return lines


def with_channels(layout: Layout, channels: Sequence[tuple[str, CoolingChannel]]) -> tuple[Layout, dict[int, ChannelLeg]]:
    """Return a layout with the legs of channels as bodies and regions before the last region, which stays the last."""
    legs = [leg for name, channel in channels for leg in channel.legs(name)]
    if not legs:
        return layout, {}
    taken = {b.name for b in layout.bodies}
    for leg in legs:
        if leg.name in taken:
            raise InputError(f'two bodies are named "{leg.name}"; give each channel its own name')
        taken.add(leg.name)
    last = len(layout.regions) - 1
    numbers = {last + n: leg for n, leg in enumerate(legs)}
    regions = [*layout.regions[:last], *(_region_of(leg) for leg in legs), layout.regions[last]]
    moved = {last: len(regions) - 1}
    contacts = {(moved.get(a, a), moved.get(b, b)): c for (a, b), c in layout.contacts.items()}
    for number, leg in numbers.items():
        for other in range(len(regions)):
            if other == number or (other in numbers and other < number):
                continue
            contacts[min(number, other), max(number, other)] = replace(leg.interface(), a=leg.name, b=regions[other].name)
    bodies = [replace(b, region=moved.get(b.region, b.region)) for b in layout.bodies]
    # A bore goes through slides and halves, but not through the casting.
    steel = next((n for n, b in enumerate(bodies) if b.role == "die"), len(bodies))
    bores = [GridBody(leg.name, "channel", leg.surface, number) for number, leg in numbers.items()]
    bodies[steel:steel] = bores
    return replace(layout, bodies=tuple(bodies), regions=tuple(regions), contacts=contacts), numbers


def _region_of(leg: ChannelLeg) -> Region:
    start = leg.channel.inlet_temperature
    return Region(leg.name, role="channel", material=leg, initial_temperature=start, body_names=(leg.name,))


def check_channels(grid: Grid, layout: Layout, legs: Mapping[int, ChannelLeg]) -> None:
    """Refuse a channel that cuts the casting or that the die does not hold, and a thermocouple that is not in the die."""
    steel = [n for n, r in enumerate(layout.regions) if r.role == "mould"]
    for number, leg in legs.items():
        touched = sum(grid.wall_area(number, n) for n in steel)
        if not (grid.region == number).any() or touched <= 0.0:
            lo, hi = (c / mm for c in layout.box)
            raise GeometryError(
                f"{leg.name} lies outside the die, which reaches from ({lo[0]:.4g}, {lo[1]:.4g}, {lo[2]:.4g}) to "
                f"({hi[0]:.4g}, {hi[1]:.4g}, {hi[2]:.4g}) mm, or is thinner than a voxel; move it or use a smaller voxel"
            )
        if grid.wall_area(0, number) > 0.0:
            low, high = grid.wall_regions()
            at = int(np.flatnonzero(((low == 0) & (high == number)) | ((low == number) & (high == 0)))[0])
            raise GeometryError(f"{leg.name} breaks into the casting near {_place(grid, int(grid.walls.voxel[at]))}; "
                                "move it away from the cavity")  # fmt: skip
        thermostat = leg.channel.thermostat
        if thermostat is not None and int(grid.region[tuple(grid.locate(thermostat.at)[0])]) not in steel:
            x, y, z = (c / mm for c in thermostat.at)
            raise GeometryError(f"the thermocouple of {leg.name} at ({x:.4g}, {y:.4g}, {z:.4g}) mm is not in the steel of the die; "
                                "move it there")  # fmt: skip


def _place(grid: Grid, flat: int) -> str:
    index = np.unravel_index(flat, grid.shape)
    x, y, z = (float(grid.centres(a)[i]) / mm for a, i in enumerate(index))
    return f"({x:.4g}, {y:.4g}, {z:.4g}) mm"
