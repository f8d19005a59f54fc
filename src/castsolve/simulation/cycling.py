"""A die from shot to shot: stages of one machine cycle marched in turn, and the cyclic steady state.

In every stage the same grid is a heat problem of its own. What is not solved for (coolant in a channel, air or spray in the open
cavity) is a region that keeps its temperature (`materials.reservoir`): its enthalpy then is the book of the heat it took.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, SolveError
from .absent import Absent
from .heat_problem import HeatProblem
from .heat_run import HeatRun
from .parting import PartingFaces
from .steady_search import SteadySearch
from .valve import Valve, begin_valves

__all__ = ["CycleStage", "DieCycle", "Shot", "StageBook", "shot_of", "shot_row"]

Array = NDArray[Any]

# Share of the heat of a shot that a steady die may still store: the books of the shot after it then close to 0.1 %.
_STORED = 5e-4
# Share of its time by which a stage may end later than its last voxel is ejectable: the length of its last step.
_LATE = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class CycleStage:
    """One stage of the machine cycle.

    Parameters
    ----------
    name : str
        "dwell", "spray" ...
    problem : HeatProblem
        Of the cycle's grid, with this stage's materials, sides and contacts.
    duration : float or None
        In s; None: until every watched voxel of the problem has passed its coldest level (ejectable).
    set_to : mapping of region to temperature (K)
        Regions that start the stage anew: the metal at the pour, air or spray in the open cavity.
    arriving : (ndarray, float), optional
        Voxels that metal has just reached (bool, shape of the grid), and its temperature (K).
    holds_metal : bool
        Whether region 0 is the metal of the shot; else it is what is in the empty cavity.
    valves : sequence of Valve
        Channels that open and close while the stage runs.
    parting : PartingFaces, optional
        Faces of an open die that lose heat to air: the source of the problem.
    pour : FlowFill, optional
        What fills the cavity in this stage, in place of marching its problem; the next stage begins with the heat it leaves.
    absent : Absent, optional
        Voxels of region 0 that hold no metal, though the cavity reaches there.
    """

    name: str
    problem: HeatProblem = field(kw_only=True)
    duration: float | None = field(kw_only=True)
    set_to: Mapping[int, float] = field(default_factory=dict, kw_only=True)
    arriving: tuple[Array, float] | None = field(default=None, kw_only=True)
    holds_metal: bool = field(default=True, kw_only=True)
    valves: Sequence[Valve] = field(default=(), kw_only=True)
    parting: PartingFaces | None = field(default=None, kw_only=True)
    pour: Pouring | None = field(default=None, kw_only=True)
    absent: Absent | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True, eq=False)
class StageBook:
    """What one stage of one shot did.

    Attributes
    ----------
    name : str
    duration : float
        In s.
    gain : ndarray
        Heat that each region gained (J).
    heat_in : float
        Heat through the outer sides and from parting faces (J), positive into the die.
    parting : float
        Heat that the parting faces of the open die lost to air (J).
    last : (int, int, int) or None
        Voxel that was ejectable last, where the stage waited for it.
    flowing : mapping of str to float
        How long each channel with a valve was open (s).
    """

    name: str
    duration: float = field(kw_only=True)
    gain: Array = field(kw_only=True)
    heat_in: float = field(kw_only=True)
    last: tuple[int, int, int] | None = field(default=None, kw_only=True)
    flowing: Mapping[str, float] = field(default_factory=dict, kw_only=True)
    parting: float = field(default=0.0, kw_only=True)


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One cycle of the machine.

    Attributes
    ----------
    books : tuple of StageBook
    change : float
        Largest change of the die's temperature from the start of the shot to its end (K).
    distance : float
        Estimated largest distance of its start from the steady state (K); inf where nothing is known yet.
    stored : float
        Heat that the die kept, over the heat that it was given.
    """

    books: tuple[StageBook, ...]
    change: float = field(kw_only=True)
    distance: float = field(kw_only=True)
    stored: float = field(default=0.0, kw_only=True)

    @property
    def duration(self) -> float:
        """Cycle time (s)."""
        return sum(b.duration for b in self.books)


class Pouring(Protocol):
    """What a cycle asks of a filling (`cycle_fill.FlowFill` is one)."""

    @property
    def absent(self) -> Absent | None: ...

    def into(self, temperature: Array) -> tuple[Array, StageBook]: ...

    def forget(self) -> None: ...

    def is_stale(self, temperature: Array, die: Array, tolerance: float) -> bool: ...

    def identity(self) -> list[Any]: ...

    def memory(self) -> dict[str, Any]: ...

    def recall(self, state: Mapping[str, Any]) -> None: ...


Watcher = Callable[[int, Shot], None]
Keeping = Callable[[Mapping[str, Any]], None]


def shot_row(shot: Shot) -> dict[str, Any]:
    """Return a shot as plain numbers and texts."""
    books = [[b.name, b.duration, b.gain.tolist(), b.heat_in, b.last, dict(b.flowing), b.parting] for b in shot.books]
    return {"books": books, "change": shot.change, "distance": shot.distance, "stored": shot.stored}


def shot_of(row: Mapping[str, Any]) -> Shot:
    """Return the shot of a row of `shot_row`."""
    books = tuple(
        StageBook(
            name, duration=d, gain=np.array(gain), heat_in=q, last=None if last is None else tuple(last), flowing=flowing,
            parting=float(parting),
        )
        for name, d, gain, q, last, flowing, parting in row["books"]
    )
    return Shot(books, change=float(row["change"]), distance=float(row["distance"]), stored=float(row["stored"]))


class DieCycle:
    """Stages that follow each other for ever on one grid.

    Parameters
    ----------
    stages : sequence of CycleStage
        In their order; all of one grid, whose regions may differ in the cavity: it fills and empties.
    carried : sequence of int
        Regions whose temperature goes on from stage to stage and from shot to shot: die halves, slides, inserts.
    """

    def __init__(self, stages: Sequence[CycleStage], carried: Sequence[int]) -> None:
        if not stages:
            raise InputError("a cycle needs at least one stage")
        # The last stage knows the whole cavity; a front that fills it parts it for a while.
        grid = stages[-1].problem.grid
        for stage in stages:
            if not all(np.array_equal(a, b) for a, b in zip(stage.problem.grid.nodes, grid.nodes, strict=True)):
                raise InputError(f'the stage "{stage.name}" has another grid; all stages of a cycle share one')
            if stage.duration is not None and not stage.duration > 0.0:
                raise InputError(f'the stage "{stage.name}" lasts {stage.duration} s; it must be above 0 s')
            if stage.duration is None and stage.problem.watch is None:
                raise InputError(f'the stage "{stage.name}" has no duration and watches no level that would end it')
        self.stages, self.grid = tuple(stages), grid
        self.carried = np.asarray(carried)
        self.die = np.isin(grid.region, self.carried)
        if not self.die.any():
            raise InputError("no voxel belongs to the die; nothing would go on from shot to shot")

    def shot(
        self, temperature: Array, *, theta: float = 0.1, watch: Callable[[str, HeatRun], None] | None = None,
        each: Callable[[str, HeatRun], None] | None = None,
    ) -> tuple[Array, tuple[StageBook, ...]]:  # fmt: skip
        """March one cycle from a dense temperature (K); return the temperature at its end and its books.

        Told of every stage's name and run: `watch` at its end, `each` after each of its steps.
        """
        T, books, since = np.array(temperature, dtype=float), [], 0.0
        filled: Array | None = None
        for stage in self.stages:
            for number, value in stage.set_to.items():
                T[stage.problem.grid.region == number] = value
            if stage.pour is not None:
                filled, book = stage.pour.into(T)
                T = _temperature_of(stage.problem, filled)
                books.append(book)
                since += book.duration
                continue
            run, flowing = self._stage(stage, T, since, theta, each, filled)
            filled = None
            held = run.history["region_enthalpy"]
            gain, heat_in = held[-1] - held[0], float(run.ledger.heat_in)
            last = _last_of(run, stage)
            books.append(
                StageBook(
                    stage.name, duration=float(run.time), gain=gain, heat_in=heat_in, last=last, flowing=flowing,
                    parting=0.0 if stage.parting is None else stage.parting.heat,
                )
            )  # fmt: skip
            since += run.time
            if watch is not None:
                watch(stage.name, run)
            T = run.temperature.astype(float)
        return T, tuple(books)

    def _stage(
        self, stage: CycleStage, T: Array, since: float, theta: float, each: Callable[[str, HeatRun], None] | None,
        filled: Array | None,
    ) -> tuple[HeatRun, dict[str, float]]:  # fmt: skip
        """March one stage from a temperature, or from the enthalpy of a filling."""
        if filled is not None:
            for number, value in stage.set_to.items():
                filled[stage.problem.grid.region == number] = stage.problem.materials[number].at_temperature(value)
        if stage.arriving is not None:
            voxels, pour = stage.arriving
            T[voxels] = pour
        watched = {v.name: v.channel.thermostat.at for v in stage.valves if v.channel.thermostat is not None}
        begin_valves(stage.valves, since, T, self.grid)
        if stage.parting is not None:
            stage.parting.begin(T)

        def after_step(run: HeatRun) -> None:
            length = float(run.history_rows[-1][1])
            read = dict(zip(run.probe_names, run.probe_rows[-1], strict=True))
            # Every valve books the step, whatever the others do.
            switched = [v.after(run.time - length, length, read.get(v.name, 0.0)) for v in stage.valves]
            if any(switched):
                run.clock.disturb()
            if stage.parting is not None:
                stage.parting.after(run)
            if each is not None:
                each(stage.name, run)

        run = stage.problem.run(
            T if filled is None else None, enthalpy=filled,
            until="solid" if stage.duration is None else stage.duration, theta=theta, probes=watched,
            checkpoint=after_step if stage.valves or stage.parting is not None or each is not None else None,
            events=sorted({t for v in stage.valves for t in v.events()}), last_step=_LATE, two_paces=False,
            absent=self._absent_in(stage),
        )  # fmt: skip
        return run, {v.name: v.seconds for v in stage.valves}

    def _absent_in(self, stage: CycleStage) -> Absent | None:
        """Return the metal that is not there while a stage lasts: what the filling before it left empty."""
        if stage.absent is not None or self.pour is None or not stage.holds_metal:
            return stage.absent
        return self.pour.absent

    @property
    def absent(self) -> Absent | None:
        """The metal that is not there in the full, closed die."""
        return next((a for a in map(self._absent_in, self.stages) if a is not None), None)

    def march(
        self, temperature: Array, shots: int, *, theta: float = 0.1, watch: Watcher | None = None,
        resume: Mapping[str, Any] | None = None, keep: Keeping | None = None,
    ) -> tuple[Array, list[Shot]]:  # fmt: skip
        """March a number of shots; return the temperature before the next one and a record of each."""
        return self._iterate(temperature, shots, 0.0, False, theta, watch, resume, keep)

    def steady(
        self, temperature: Array, *, tolerance: float = 1.0, most: int = 200, accelerate: bool = True, theta: float = 0.1,
        watch: Watcher | None = None, resume: Mapping[str, Any] | None = None, keep: Keeping | None = None,
    ) -> tuple[Array, list[Shot]]:  # fmt: skip
        """Find the cyclic steady state.

        Parameters
        ----------
        temperature : ndarray, shape of the grid
            Where to begin (K).
        tolerance : float
            Steady is when the estimated distance of the die from its steady state is below this everywhere (K), and the die
            stores less than 0.05 % of the heat of a shot. A small change from shot to shot is no sign of it: a die that keeps 98 %
            of a deviation changes by 1 K a shot while 50 K away.
        most : int
            Shots after which the search is given up.
        accelerate : bool
            Whether the next shot starts where the mean heat flow of the die (`MeanDie`) and the last shots (Anderson's mixing) say
            the steady state is; False is plain marching, judged by the same estimate.
        theta : float
            Step over the time since the start of a stage.
        watch : callable, optional
            Called after every shot with its number and record.
        resume : mapping, optional
            What `keep` was given after some shot; the search goes on to the same bits.
        keep : callable, optional
            Called after every shot with all that must be kept to go on.

        Returns
        -------
        temperature : ndarray
            Before the next shot (K).
        shots : list of Shot

        Raises
        ------
        SolveError
            If the die is not steady after `most` shots; the error holds the temperature and the shots.

        References
        ----------
        Anderson (1965), Iterative procedures for nonlinear integral equations, J. ACM 12, 547-560.
        """
        if not tolerance > 0.0:
            raise InputError(f"tolerance = {tolerance} K must be above 0 K; 1 K is usual")
        T, shots = self._iterate(temperature, most, tolerance, accelerate, theta, watch, resume, keep)
        if not shots or not self._done(shots[-1], T, tolerance):
            found, kept = (shots[-1].distance, shots[-1].stored) if shots else (float("inf"), float("nan"))
            raise SolveError(
                f"after {most} shots the die is still about {found:.3g} K from its steady state (tolerance {tolerance:g} K) and "
                f"stores {kept * 100:.2g} % of the heat of a shot; allow more shots, or start from a warmer die",
                state=(T, shots),
            )
        return T, shots

    @property
    def pour(self) -> Pouring | None:
        """What fills the cavity by flow, where a stage does so."""
        return next((s.pour for s in self.stages if s.pour is not None), None)

    def _done(self, shot: Shot, T: Array, tolerance: float) -> bool:
        """Return whether the search is over: the die is steady, and its filling is that of this die."""
        return _is_steady(shot, tolerance) and (self.pour is None or not self.pour.is_stale(T, self.die, tolerance))

    def stored(self, books: Sequence[StageBook]) -> float:
        """Return the heat that the die kept in a shot over the heat that it was given."""
        kept = abs(sum(float(b.gain[self.carried].sum()) for b in books))
        given = sum(max(-float(g), 0.0) for b in books for r, g in enumerate(b.gain) if r not in self.carried)
        return kept / given if given > 0.0 else float("inf")

    def _iterate(
        self, temperature: Array, most: int, tolerance: float, accelerate: bool, theta: float, watch: Watcher | None,
        resume: Mapping[str, Any] | None, keep: Keeping | None,
    ) -> tuple[Array, list[Shot]]:  # fmt: skip
        T = np.array(temperature, dtype=float)
        if T.shape != self.grid.shape:
            raise InputError(f"the starting temperature has shape {T.shape}; the grid has {self.grid.shape}")
        shots = [] if resume is None else [shot_of(row) for row in resume["shots"]]
        search = SteadySearch.of(self.stages, self.carried, resume, [s.books for s in shots])
        if resume is not None:
            T = np.array(resume["temperature"])
            if watch is not None:
                for number, shot in enumerate(shots, 1):
                    watch(number, shot)
            if self.pour is not None:
                self.pour.recall(resume)
            if shots and self._done(shots[-1], T, tolerance):
                return T, shots
        for number in range(len(shots) + 1, most + 1):
            if self.pour is not None and not tolerance:
                self.pour.forget()
            begun = T[self.die]
            T, books = self.shot(T, theta=theta)
            residual = T[self.die] - begun
            target = search.target(begun, residual, T, books)
            distance = float("inf") if target is None else float(np.abs(target - begun).max())
            shot = Shot(books, change=float(np.abs(residual).max()), distance=distance, stored=self.stored(books))
            shots.append(shot)
            if watch is not None:
                watch(number, shot)
            steady = self._done(shot, T, tolerance)
            if _is_steady(shot, tolerance) and not steady and self.pour is not None:
                # Steady with a filling of another die: fill this one, and see whether it stays.
                self.pour.forget()
                search.forget()
            elif accelerate and target is not None and not steady:
                # A die is never colder than what cools it nor hotter than it became in the shot.
                begin = search.start(target, T[self.die])
                T[self.die] = np.clip(begin, min(T.min(), begun.min()), max(T[self.die].max(), begun.max()))
            if keep is not None:
                poured = {} if self.pour is None else self.pour.memory()
                keep({"temperature": T, **search.memory(), **poured, "shots": [shot_row(shot) for shot in shots]})
            if steady:
                break
        return T, shots


def _is_steady(shot: Shot, tolerance: float) -> bool:
    return tolerance > 0.0 and shot.distance <= tolerance and shot.stored <= _STORED


def _temperature_of(problem: HeatProblem, enthalpy: Array) -> Array:
    """Return the temperature (K) of every voxel from its enthalpy (J/m3)."""
    out = np.empty(enthalpy.shape)
    for region, curve in enumerate(problem.materials):
        here = problem.grid.region == region
        out[here] = curve.temperature_at(enthalpy[here])
    return out


def _last_of(run: HeatRun, stage: CycleStage) -> tuple[int, int, int] | None:
    if stage.duration is not None or not run.levels:
        return None
    times = run.crossing(run.levels[-1].name)
    i, j, k = np.unravel_index(int(np.nanargmax(times)), times.shape)
    return int(i), int(j), int(k)
