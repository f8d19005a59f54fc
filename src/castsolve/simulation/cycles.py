"""Castings made one after another in a die: the machine's cycle, the die's steady state, the cycle time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..casting import ChannelLeg, CoolingChannel, Layout, MachineCycle, Region
from ..errors import GeometryError, InputError, ResultsError
from ..geometry import Grid, GridBody
from ..materials import Interface, reservoir
from ..results import read_checkpoint, write_checkpoint
from ..units import Number, mm, quantity
from .boundary import Contact, Faces
from .cycle_facts import channel_facts, section_times, spray_facts
from .cycle_results import ChannelHeat, CycleResults
from .cycling import CycleStage, DieCycle, Shot, shot_row
from .die_surface import SurfaceRecord
from .freezing import freezing_levels
from .heat_problem import HeatProblem
from .heat_run import HeatRun
from .memory import check_memory
from .resume import fingerprint
from .solidify import Plan, ejection_of, faces_of, results_of
from .watch import Level, Watch

if TYPE_CHECKING:
    from ..casting import GravityDieCasting

__all__ = ["ChannelHeat", "CycleResults", "run_cycles"]

Array = NDArray[Any]

# An empty bore, and a coefficient that no flow of heat notices (W/m2/K).
_EMPTY = 1e-3


def run_cycles(
    casting: GravityDieCasting, machine: MachineCycle, *, voxel: Number, shots: int | str = "until steady",
    channels: Sequence[CoolingChannel] = (), tolerance: float = 1.0, most: int = 100, accelerate: bool = True,
    dtype: str = "float32", theta: float = 0.1, threads: int | None = None, progress: Callable[[int, Shot], None] | None = None,
    checkpoint: str | Path | None = None, resume: bool = False,
) -> CycleResults:  # fmt: skip
    """Make castings one after another and carry the die from shot to shot.

    Parameters
    ----------
    casting : GravityDieCasting
        Its `mould_temperature` is the preheated die before the first shot.
    machine : MachineCycle
    voxel : length
        Edge of a voxel over the casting and its rigging.
    shots : int or "until steady"
    channels : sequence of CoolingChannel
        Bores in the die; the die lies in the casting's flask.
    tolerance : float
        Steady is when the die is estimated to be nearer than this to its steady state everywhere (K).
    most : int
        Shots after which the search is given up.
    accelerate : bool
        Whether the search extrapolates (see `DieCycle.steady`).
    dtype, theta, threads
        As in `solidify`.
    progress : callable, optional
        Called after every shot with its number and record.
    checkpoint, resume
        File that keeps the state after every shot; an interrupted run goes on to the same bits.

    Raises
    ------
    InputError, GeometryError
        Before any work: a channel outside the die or in the casting, a stage that does not exist.
    SolveError
        If the die does not become steady.
    """
    edge = quantity(voxel, "length", "voxel")
    if shots != "until steady" and (not isinstance(shots, int) or shots < 1):
        raise InputError(f'shots = {shots!r} must be a whole number from 1 on, or "until steady"')
    ready = _Ready.of(casting, machine, channels, edge, dtype, threads)
    state, keep = _kept(checkpoint, resume, ready, shots, tolerance, accelerate, theta)
    start = np.array([r.initial_temperature for r in ready.layout.regions])[ready.grid.region]

    def watch(number: int, shot: Shot) -> None:
        ready.warm_legs(shot)
        if progress is not None:
            progress(number, shot)

    if shots == "until steady":
        T, made = ready.cycle.steady(
            start, tolerance=tolerance, most=most, accelerate=accelerate, theta=theta, watch=watch, resume=state, keep=keep
        )
    else:
        T, made = ready.cycle.march(start, int(shots), theta=theta, watch=watch, resume=state, keep=keep)
    found = ready.results(T, made, theta, steady=shots == "until steady")
    if checkpoint is not None:
        Path(checkpoint).unlink(missing_ok=True)
    return found


def _kept(
    checkpoint: str | Path | None, resume: bool, ready: _Ready, *settings: Any
) -> tuple[Mapping[str, Any] | None, Callable[[Mapping[str, Any]], None] | None]:
    """Return the state of an earlier run, and what writes the state after every shot."""
    if checkpoint is None:
        return None, None
    path, identity = Path(checkpoint), fingerprint(ready.grid, ready.identity(), *settings)
    state = None
    if resume and path.exists():
        arrays, plain = read_checkpoint(path)
        if plain.get("identity") != identity:
            raise ResultsError(
                f"the checkpoint {path} belongs to another run (other casting, machine or settings); remove it or give "
                "another place"
            )
        state = {**plain, **arrays}

    def keep(found: Mapping[str, Any]) -> None:
        arrays = {n: v for n, v in found.items() if isinstance(v, np.ndarray)}
        plain = {n: v for n, v in found.items() if n not in arrays}
        write_checkpoint(path, arrays, {**plain, "identity": identity})

    return state, keep


@dataclass(slots=True, eq=False)
class _Ready:
    """A casting, its channels and a machine made ready to be cycled."""

    casting: Any
    machine: MachineCycle
    layout: Layout
    grid: Grid
    cycle: DieCycle
    legs: dict[int, ChannelLeg]
    channels: list[tuple[str, CoolingChannel]]

    @classmethod
    def of(
        cls, casting: Any, machine: MachineCycle, channels: Sequence[CoolingChannel], edge: float, dtype: str, threads: int | None
    ) -> _Ready:
        named = [(c.name or f"channel {n}", c) for n, c in enumerate(channels, 1)]
        layout, legs = _with_channels(casting.layout(edge), named)
        check_memory(layout.box, layout.fine_box, edge)
        grid = Grid.build(
            layout.bodies, voxel=edge, box=layout.box, fine_box=layout.fine_box, region_names=[r.name for r in layout.regions],
            background=layout.regions[-1].name, threads=threads,
        )  # fmt: skip
        _check_channels(grid, layout, legs)
        stages = _Stages(layout, grid, legs, machine, dtype, threads)
        carried = [r for r in range(1, len(layout.regions)) if r not in legs]
        made = DieCycle(stages.all(), carried)
        names = {s.name for s in made.stages}
        for name, channel in named:
            for stage in channel.stages or ():
                if stage not in names:
                    raise InputError(f'{name} flows in the stage "{stage}"; this machine has {", ".join(sorted(names))}')
        return cls(casting, machine, layout, grid, made, legs, named)

    def identity(self) -> list[Any]:
        """Return what makes this cycle this one, for the checkpoint."""
        curves = [a for s in self.cycle.stages for c in s.problem.materials for a in (c.enthalpy, c.temperature, c.conductivity)]
        tables = [s.problem.contacts.arrays["contact_resistance"] for s in self.cycle.stages]
        stages = [(s.name, s.duration) for s in self.cycle.stages]
        return [*curves, *tables, stages, [r.initial_temperature for r in self.layout.regions]]

    def warm_legs(self, shot: Shot) -> None:
        """Let the medium warm from leg to leg by the heat that it took in the last shot: every leg is at its mean."""
        for (_, channel), regions in zip(self.channels, self._regions(), strict=True):
            flowing = self._flowing(channel, shot)
            T = channel.inlet_temperature
            rate = channel.medium.heat_rate(channel.flow, T)
            for region in regions:
                rise = self._taken(shot, region) / (rate * flowing)
                for stage in self.cycle.stages:
                    stage.set_to[region] = T + 0.5 * rise  # type: ignore[index]
                T += rise

    def _regions(self) -> list[list[int]]:
        return [[r for r, leg in self.legs.items() if leg.channel is channel] for _, channel in self.channels]

    def _taken(self, shot: Shot, region: int) -> float:
        """Heat that a leg took in a shot of the whole die (J)."""
        return sum(float(b.gain[region]) for b in shot.books) * int(self.casting.symmetry_factor)

    def results(self, temperature: Array, shots: Sequence[Shot], theta: float, *, steady: bool) -> CycleResults:
        """March the last shot once more, to keep its fields."""
        runs: dict[str, HeatRun] = {}
        ends: dict[str, Array] = {"before pour": temperature.astype(np.float32)}

        def watch(name: str, run: HeatRun) -> None:
            runs.setdefault(name, run)
            ends[name] = run.temperature.astype(np.float32)

        steel = [r for r in range(1, len(self.layout.regions)) if r not in self.legs]
        record = SurfaceRecord(steel, len(self.layout.regions))
        _, books = self.cycle.shot(temperature, theta=theta, watch=watch, each=record.note)
        last = Shot(books, change=shots[-1].change, distance=shots[-1].distance)
        dwell = self.cycle.stages[0]
        plan = Plan(
            self.casting, self.layout, self.grid, dwell.problem, np.array([r.initial_temperature for r in self.layout.regions]),
            "solid" if dwell.duration is None else dwell.duration, None, self.layout.warnings,
        )  # fmt: skip
        result = results_of(plan, runs[dwell.name])
        before = ends["before pour"].copy()
        before[self.grid.region == 0] = self.casting.pour_temperature
        extra = {"temperature_before_pour": before, "temperature_at_ejection": ends[dwell.name]}
        if "spray" in ends:
            extra["temperature_after_spray"] = ends["spray"]
        for name, values in {**extra, **record.fields(self.grid.shape)}.items():
            result = result.with_field(name, values)
        copies = int(self.casting.symmetry_factor)
        legs = set(self.legs)
        heat = {
            "metal": -float(books[0].gain[0]) * copies,
            "channels": sum(float(b.gain[r]) for b in books for r in legs) * copies,
            "open cavity": sum(float(b.gain[0]) for b in books[1:]) * copies,
            "outer sides": -sum(b.heat_in for b in books) * copies,
            "die": sum(float(b.gain[r]) for b in books for r in range(1, len(self.layout.regions)) if r not in legs) * copies,
        }
        place = None
        if books[0].last is not None:
            place = tuple(float(self.grid.centres(a)[i]) for a, i in enumerate(books[0].last))
        channels = self._channel_heat(last)
        area = sum(self.grid.wall_area(0, r) for r in steel) * copies
        kept = {
            "steady": steady, "last_place": None if place is None else list(place), "heat": heat,
            "shots": [shot_row(s) for s in (*shots, last)], "sections": section_times(self.grid, runs[dwell.name]),
            "channels": [
                channel_facts(h, c, self._flowing(c, last)) for h, (_, c) in zip(channels, self.channels, strict=True)
            ],
            "spray": spray_facts(self.machine, area),
        }  # fmt: skip
        return CycleResults.of(replace(result, facts={**result.facts, "cycle": kept}))

    def _flowing(self, channel: CoolingChannel, shot: Shot) -> float:
        """How long a channel flows in a shot (s)."""
        return sum(b.duration for b in shot.books if channel.stages is None or b.name in channel.stages)

    def _channel_heat(self, shot: Shot) -> list[ChannelHeat]:
        found = []
        for (name, channel), regions in zip(self.channels, self._regions(), strict=True):
            taken = sum(self._taken(shot, r) for r in regions)
            flowing = self._flowing(channel, shot)
            rise = taken / (channel.medium.heat_rate(channel.flow, channel.inlet_temperature) * flowing)
            out, film, number = channel.inlet_temperature + rise, channel.htc, channel.reynolds
            power = taken / shot.duration
            found.append(ChannelHeat(name, power=power, outlet_temperature=out, htc=film, reynolds=number))
        return found


def _with_channels(layout: Layout, channels: Sequence[tuple[str, CoolingChannel]]) -> tuple[Layout, dict[int, ChannelLeg]]:
    """Return a layout with the legs of channels as bodies and regions before the mould, which stays the last."""
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
    regions = [
        *layout.regions[:last],
        *(_region_of(leg) for leg in legs),
        layout.regions[last],
    ]
    mould = len(regions) - 1
    moved = {last: mould}
    contacts = {(moved.get(a, a), moved.get(b, b)): c for (a, b), c in layout.contacts.items()}
    for number, leg in numbers.items():
        for other in range(len(regions)):
            if other == number or (other in numbers and other < number):
                continue
            contacts[min(number, other), max(number, other)] = replace(leg.interface(), a=leg.name, b=regions[other].name)
    bodies = [replace(b, region=moved.get(b.region, b.region)) for b in layout.bodies]
    bodies += [GridBody(leg.name, "channel", leg.surface, number) for number, leg in numbers.items()]
    return replace(layout, bodies=tuple(bodies), regions=tuple(regions), contacts=contacts), numbers


def _region_of(leg: ChannelLeg) -> Region:
    start = leg.channel.inlet_temperature
    return Region(leg.name, role="channel", material=leg, initial_temperature=start, body_names=(leg.name,))


def _check_channels(grid: Grid, layout: Layout, legs: Mapping[int, ChannelLeg]) -> None:
    """Refuse a channel that cuts the casting or that the die does not hold."""
    for number, leg in legs.items():
        if not (grid.region == number).any():
            lo, hi = (c / mm for c in layout.box)
            raise GeometryError(
                f"{leg.name} lies outside the die, which reaches from ({lo[0]:.4g}, {lo[1]:.4g}, {lo[2]:.4g}) to "
                f"({hi[0]:.4g}, {hi[1]:.4g}, {hi[2]:.4g}) mm, or is thinner than a voxel; move it or use a smaller voxel"
            )
        if grid.wall_area(0, number) > 0.0:
            walls = grid.walls
            low, high = grid.wall_regions()
            at = int(np.flatnonzero(((low == 0) & (high == number)) | ((low == number) & (high == 0)))[0])
            i, j, k = np.unravel_index(int(walls.voxel[at]), grid.shape)
            x, y, z = (float(grid.centres(a)[n]) / mm for a, n in enumerate((i, j, k)))
            near = f"({x:.4g}, {y:.4g}, {z:.4g}) mm"
            raise GeometryError(f"{leg.name} breaks into the casting near {near}; move it away from the cavity")


class _Stages:
    """Makes the heat problem of every stage of a machine's cycle."""

    def __init__(
        self, layout: Layout, grid: Grid, legs: Mapping[int, ChannelLeg], machine: MachineCycle, dtype: str, threads: int | None
    ) -> None:
        self.layout, self.grid, self.legs, self.machine = layout, grid, legs, machine
        self.options: dict[str, Any] = {"dtype": dtype, "threads": threads, "turn": True}
        self.curves = [r.material.heat for r in layout.regions]
        self.base = faces_of(layout, grid)

    def all(self) -> list[CycleStage]:
        """Return the stages in their order."""
        m, air = self.machine, self.layout.ambient.temperature
        stages = [self._closed(), self._open("eject", m.eject, air, m.air_htc)]
        if m.spray is not None:
            stages.append(self._open("spray", m.spray.duration, float(m.spray.temperature), None))  # type: ignore[arg-type]
        if m.blow:
            stages.append(self._open("blow", m.blow, air, m.blow_htc))
        return [*stages, self._open("close", m.close, air, m.air_htc)]

    def _faces(self, stage: str, contacts: Mapping[tuple[int, int], Contact | float]) -> Faces:
        """Return the die's sides with contacts; the coefficient of a bore is known by the temperature of its wall."""
        made: dict[tuple[int, int], Contact | float] = {**self.base.contacts, **contacts}
        for pair in made:
            number = next((n for n in pair if n in self.legs), None)
            if number is None:
                continue
            channel = self.legs[number].channel
            flows = channel.stages is None or stage in channel.stages
            other = pair[1] if pair[0] == number else pair[0]
            film = self.layout.contacts[min(pair), max(pair)]
            made[pair] = Contact(film, of_second=pair[1] == other) if flows else Contact(_EMPTY)
        return replace(self.base, contacts=made)

    def _set_to(self, cavity: float) -> dict[int, float]:
        return {0: cavity, **{n: leg.channel.inlet_temperature for n, leg in self.legs.items()}}

    def _closed(self) -> CycleStage:
        alloy, dwell = self.layout.alloy, self.machine.dwell
        levels = list(freezing_levels(alloy))
        given = self.machine.ejection_temperature
        levels.append(Level("stop", temperature=ejection_of(alloy, None if given is None else float(given))))  # type: ignore[arg-type]
        problem = HeatProblem(self.grid, self.curves, self._faces("dwell", {}), watch=Watch(0, tuple(levels)), **self.options)
        duration = None if dwell == "ejectable" else float(dwell)  # type: ignore[arg-type]
        return CycleStage("dwell", problem=problem, duration=duration, set_to=self._set_to(self.layout.pour_temperature))

    def _open(self, name: str, duration: Number, temperature: float, htc: float | None) -> CycleStage:
        """A stage with an empty cavity; without a coefficient it is the spray, known by the temperature of the die."""
        if htc is None:
            assert self.machine.spray is not None
            wet = Interface("spray", "die", htc=self.machine.spray.coefficient_rows(), over="temperature")
            contact = Contact(wet, of_second=True)
        else:
            contact = Contact(htc)
        walls: dict[tuple[int, int], Contact | float] = {(0, n): contact for n in range(1, len(self.curves)) if n not in self.legs}
        problem = HeatProblem(self.grid, [reservoir(), *self.curves[1:]], self._faces(name, walls), **self.options)
        seconds = float(duration)  # type: ignore[arg-type]
        if not math.isfinite(temperature):
            raise InputError(f"the air or spray of the stage {name} needs a temperature")
        return CycleStage(name, problem=problem, duration=seconds, set_to=self._set_to(temperature))
