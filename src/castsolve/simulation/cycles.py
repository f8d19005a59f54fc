"""Castings made one after another in a die: the machine's cycle, the die's steady state, the cycle time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..casting import CoolingChannel, DieCasting, Inlet, Layout, MachineCycle
from ..errors import GeometryError, InputError, ResultsError
from ..geometry import Grid
from ..results import Results, read_checkpoint, write_checkpoint
from ..threads import allowed_threads
from ..units import Number, mm, quantity
from .cycle_channels import Line, check_channels, lines_of, with_channels
from .cycle_facts import channel_facts, fill_facts, section_times, spray_facts
from .cycle_results import ChannelHeat, CycleResults
from .cycle_stages import StageMaker
from .cycling import DieCycle, Shot, StageBook, shot_row
from .die_surface import SurfaceRecord
from .heat_run import HeatRun
from .memory import check_memory
from .resume import fingerprint
from .solidify import Plan, results_of
from .warm_start import warm_start

__all__ = ["ChannelHeat", "CycleResults", "run_cycles"]

Array = NDArray[Any]

# Voxels across the thinnest bore, where the grid has grown coarse.
_ACROSS_BORE = 2.0
# Share of the casting's walls that may lie bare beside shaped halves of a die: rounding of two files.
_BARE = 0.02


def run_cycles(
    casting: DieCasting, machine: MachineCycle, *, voxel: Number, shots: int | str = "until steady",
    channels: Sequence[CoolingChannel] = (), tolerance: float = 1.0, most: int = 100, accelerate: bool = True,
    dtype: str = "float32", theta: float = 0.1, threads: int | None = None, progress: Callable[[int, Shot], None] | None = None,
    checkpoint: str | Path | None = None, resume: bool = False, start: CycleResults | None = None, filling: str | None = None,
    inlet: Inlet | Sequence[Inlet] | None = None,
) -> CycleResults:  # fmt: skip
    """Make castings one after another and carry the die from shot to shot.

    Parameters
    ----------
    casting : DieCasting
        A `GravityDieCasting`, `LowPressureCasting` or `PressureDieCasting`; its die is preheated before the first shot.
    machine : MachineCycle
    voxel : length
        Edge of a voxel over the casting and its rigging.
    shots : int or "until steady"
    channels : sequence of CoolingChannel
        Bores in the die, beside those that the casting's `Die` has.
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
    start : CycleResults, optional
        A cycle of a similar die: the search begins with its temperatures, not with the preheat. What it ends at is the same.
    filling : "instant", "front" or "flow", optional
        How the cavity becomes full: at once; by a front in the time that the machine or the casting says; by the flow solver, as
        `fill` does, for the die as it is then (in a search: until the die of the filling is the steady one to the tolerance).
        Default: by a front where a time is known, else at once.
    inlet : Inlet or sequence of Inlet, optional
        How metal is brought to a filling by flow. Default: as the casting says.

    Raises
    ------
    InputError, GeometryError
        Before any work: a channel outside the die or in the casting, a stage that does not exist.
    SolveError
        If the die does not become steady.
    """
    edge = quantity(voxel, "length", "voxel")
    allowed_threads(threads)
    if shots != "until steady" and (not isinstance(shots, int) or shots < 1):
        raise InputError(f'shots = {shots!r} must be a whole number from 1 on, or "until steady"')
    how = _filling_of(casting, machine, filling, inlet)
    if how == "instant":
        machine = replace(machine, fill=0.0)
    ready = _Ready.of(casting, machine, channels, edge, dtype, threads, flow=how == "flow", inlet=inlet)
    first = ready.first(None if start is None else start.result)
    state, keep = _kept(checkpoint, resume, ready, first, shots, tolerance, accelerate, theta)

    def watch(number: int, shot: Shot) -> None:
        ready.warm_legs(shot)
        if progress is not None:
            progress(number, shot)

    if shots == "until steady":
        T, made = ready.cycle.steady(
            first, tolerance=tolerance, most=most, accelerate=accelerate, theta=theta, watch=watch, resume=state, keep=keep
        )
    else:
        T, made = ready.cycle.march(first, int(shots) - 1, theta=theta, watch=watch, resume=state, keep=keep)
    found = ready.results(T, made, theta, steady=shots == "until steady")
    if progress is not None:
        progress(len(found.shots), found.shots[-1])
    if checkpoint is not None:
        Path(checkpoint).unlink(missing_ok=True)
    return found


def _filling_of(
    casting: DieCasting, machine: MachineCycle, filling: str | None, inlet: Inlet | Sequence[Inlet] | None
) -> str | None:
    """Return how the cavity is to be filled, or refuse."""
    if filling not in (None, "instant", "front", "flow"):
        raise InputError(f'filling = "{filling}" is not known; use "instant", "front" or "flow"')
    if inlet is not None and filling != "flow":
        raise InputError('an inlet is given, but the cavity is not filled by flow; write filling="flow", or leave it out')
    if filling == "front" and isinstance(casting, DieCasting) and not casting.fill_times([0.0, 1.0], machine.fill):  # type: ignore[arg-type]
        raise InputError('filling = "front" needs a time; give MachineCycle(fill=...), a pour_time, or filling="instant"')
    return filling


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

    casting: DieCasting
    machine: MachineCycle
    layout: Layout
    grid: Grid
    cycle: DieCycle
    lines: list[Line]

    @classmethod
    def of(
        cls, casting: Any, machine: MachineCycle, channels: Sequence[CoolingChannel], edge: float, dtype: str,
        threads: int | None, *, flow: bool = False, inlet: Inlet | Sequence[Inlet] | None = None,
    ) -> _Ready:  # fmt: skip
        if not isinstance(casting, DieCasting):
            raise InputError(f"run_cycles takes a casting in a metal die, not {type(casting).__name__}; a sand mould is made anew")
        if not isinstance(machine, MachineCycle):
            raise InputError(f'machine = {machine!r} is none; write MachineCycle(dwell="20 s", open="5 s")')
        bores = [*(casting.die.channels if casting.die is not None else ()), *channels]
        named = [(c.name or f"channel {n}", c) for n, c in enumerate(bores, 1)]
        layout, legs = with_channels(casting.layout(edge), named)
        check_memory(layout.box, layout.fine_box, edge)
        thinnest = min((c.diameter for c in bores), default=math.inf)
        grid = Grid.build(
            layout.bodies, voxel=edge, box=layout.box, fine_box=layout.fine_box, region_names=[r.name for r in layout.regions],
            background=layout.regions[-1].name, threads=threads,
            coarsest=float(np.clip(thinnest / (_ACROSS_BORE * edge), 1.0, 8.0)),
        )  # fmt: skip
        check_channels(grid, layout, legs)
        _check_bare(grid, layout)
        lines = lines_of(named, legs, int(casting.symmetry_factor))
        maker = StageMaker(casting, layout, grid, legs, lines, machine, dtype, threads, flow, inlet)
        made = DieCycle(maker.all(), maker.steel)
        names = {s.name for s in made.stages}
        for line in lines:
            for stage in line.channel.stages or ():
                if stage not in names and not (stage == "fill" and "fill 1" in names):
                    raise InputError(f'{line.name} flows in the stage "{stage}"; this machine has {", ".join(sorted(names))}')
        return cls(casting, machine, layout, grid, made, lines)

    def first(self, earlier: Results | None) -> Array:
        """Return the temperature of every voxel before the first shot (K)."""
        initial = [r.initial_temperature for r in self.layout.regions]
        if earlier is None:
            return np.array(initial)[self.grid.region]
        return warm_start(self.grid, initial, self.steel, earlier)

    @property
    def steel(self) -> list[int]:
        """Regions of the die."""
        return [int(r) for r in self.cycle.carried]

    def identity(self) -> list[Any]:
        """Return what makes this cycle this one, for the checkpoint."""
        curves = [a for s in self.cycle.stages for c in s.problem.materials for a in (c.enthalpy, c.temperature, c.conductivity)]
        tables = [s.problem.contacts.arrays["contact_resistance"] for s in self.cycle.stages]
        stages = [(s.name, s.duration) for s in self.cycle.stages]
        poured = [] if self.cycle.pour is None else self.cycle.pour.identity()
        valves = [(line.channel.window, str(line.channel.thermostat)) for line in self.lines]
        sides = [side.row() for s in self.cycle.stages[:1] for side in s.problem.faces.sides]
        return [*curves, *tables, stages, *poured, [r.initial_temperature for r in self.layout.regions], valves, sides]

    def warm_legs(self, shot: Shot) -> None:
        """Let every medium warm along its channel by the heat that it took in the last shot."""
        for line in self.lines:
            line.warm(shot, self.cycle.stages)

    def results(self, temperature: Array, shots: Sequence[Shot], theta: float, *, steady: bool) -> CycleResults:
        """March one shot more and keep its fields: the last of those that were asked for, or one of the steady die."""
        runs: dict[str, HeatRun] = {}
        ends: dict[str, Array] = {"before pour": temperature.astype(np.float32)}

        def watch(name: str, run: HeatRun) -> None:
            runs.setdefault(name, run)
            ends[name] = run.temperature.astype(np.float32)

        if self.cycle.pour is not None and not steady:
            self.cycle.pour.forget()
        record = SurfaceRecord(self.steel, len(self.layout.regions))
        after, books = self.cycle.shot(temperature, theta=theta, watch=watch, each=record.note)
        change = float(np.abs((after - temperature)[self.cycle.die]).max())
        last = Shot(books, change=change, distance=shots[-1].distance if shots else math.inf, stored=self.cycle.stored(books))
        dwell = next(s for s in self.cycle.stages if s.name == "dwell")
        absent = self.cycle.absent
        grid = self.grid if absent is None else self.grid.emptied(absent.where)
        plan = Plan(
            self.casting, self.layout, grid, dwell.problem, np.array([r.initial_temperature for r in self.layout.regions]),
            "solid" if dwell.duration is None else dwell.duration, None, self.layout.warnings, absent,
        )  # fmt: skip
        filled = getattr(self.cycle.pour, "filled", None)
        result = results_of(plan, runs[dwell.name], filled)
        before = ends["before pour"].copy()
        before[self.grid.region == 0] = self.casting.pour_temperature
        extra = {"temperature_before_pour": before, "temperature_at_ejection": ends["open" if "open" in ends else dwell.name]}
        if "spray" in ends:
            extra["temperature_after_spray"] = ends["spray"]
        for name, values in {**extra, **record.fields(self.grid.shape)}.items():
            result = result.with_field(name, values)
        at = next(b for b in books if b.name == "dwell").last
        place = None if at is None else [float(self.grid.centres(a)[i]) for a, i in enumerate(at)]
        area = sum(self.grid.wall_area(0, r) for r in self.steel) * int(self.casting.symmetry_factor)
        kept = {
            "steady": steady, "last_place": place, "heat": self._heat(books), "spray": spray_facts(self.machine, area),
            "fill": fill_facts(self.casting, books, filled),
            "shots": [shot_row(s) for s in (*shots, last)], "sections": section_times(grid, runs[dwell.name]),
            "channels": [channel_facts(line.heat(last), line.channel, line.open_time(last)) for line in self.lines],
        }  # fmt: skip
        return CycleResults.of(replace(result, facts={**result.facts, "cycle": kept}))

    def _others(self, books: Sequence[StageBook]) -> dict[str, float]:
        """Heat that lost cores took, and that metal in a riser tube took (it gives: below 0), where there are such (J)."""
        copies, found = int(self.casting.symmetry_factor), {}
        for name, role in (("cores", "core"), ("riser tube", "riser tube")):
            mine = [n for n, r in enumerate(self.layout.regions) if r.role == role and n not in self.cycle.carried]
            if mine:
                found[name] = sum(float(b.gain[mine].sum()) for b in books) * copies
        return found

    def _heat(self, books: Sequence[StageBook]) -> dict[str, float]:
        """Heat of one shot by giver and taker, of the whole die (J); each from an integral of its own."""
        copies, end = int(self.casting.symmetry_factor), len(self.layout.regions)
        metal = {s.name for s in self.cycle.stages if s.holds_metal}
        channels = [r for line in self.lines for r in line.regions]
        air = [n for n, r in enumerate(self.layout.regions) if r.role == "surroundings"]
        # Beyond the last region stands the part of the cavity that a front has not reached.
        empty = sum(float(b.gain[end:].sum()) + (0.0 if b.name in metal else float(b.gain[0])) for b in books)
        parting = sum(b.parting for b in books)
        outside = sum(float(b.gain[air].sum()) - b.heat_in for b in books) - parting
        return {
            "metal": -sum(float(b.gain[0]) for b in books if b.name in metal) * copies,
            "channels": sum(float(b.gain[channels].sum()) for b in books) * copies,
            "open cavity": empty * copies,
            "outer sides": outside * copies,
            **({"parting faces": parting * copies} if any(s.parting for s in self.cycle.stages) else {}),
            **self._others(books),
            "die": sum(float(b.gain[self.cycle.carried].sum()) for b in books) * copies,
        }


def _check_bare(grid: Grid, layout: Layout) -> None:
    """Refuse shaped halves that leave walls of the casting in the air."""
    last = len(layout.regions) - 1
    if layout.regions[last].role != "surroundings":
        return
    low, high = grid.wall_regions()
    bare = ((low == 0) & (high == last)) | ((low == last) & (high == 0))
    around = (low == 0) ^ (high == 0)
    area, total = float(grid.walls.area[bare].sum()), float(grid.walls.area[around].sum())
    if area > _BARE * total:
        worst = int(grid.walls.voxel[np.flatnonzero(bare)[int(np.argmax(grid.walls.area[bare]))]])
        x, y, z = (float(grid.centres(a)[i]) / mm for a, i in enumerate(np.unravel_index(worst, grid.shape)))
        raise GeometryError(
            f"{100 * area / total:.2g} % of the casting's walls touch no piece of the die, most near ({x:.4g}, {y:.4g}, {z:.4g}) "
            "mm; let the halves reach the casting there, or add the slide that is missing"
        )
