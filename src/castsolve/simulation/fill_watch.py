"""What is watched while a cavity fills: records, gates, the end of the pour, progress, checkpoints."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import _kernels
from .fill_moments import moment_of, moments_from, moments_kept
from .fill_plan import FillPlan
from .filled import AIR_RECORD, RECORDS
from .flow_arrays import CAVITY
from .flow_run import FlowRun
from .gate_sections import GateSection, gate_sections

if TYPE_CHECKING:
    from .resume import Keeper

__all__ = ["FULL", "FillProgress", "FillStop", "FillWatch"]

Array = NDArray[Any]

# A cavity is full when it lacks less than this share: the last voids close at their own pace, long after the pour.
FULL = 1e-3
# The metal has come to rest when its volume changed by less than this share of the cavity over this share of the time, and over
# this time (s).
_REST_CHANGE, _REST_SHARE, _REST_TIME = 1e-3, 0.1, 2.0


@dataclass(frozen=True, slots=True)
class FillProgress:
    """How far a filling is: one line of its log.

    Attributes
    ----------
    time, step : float
        Simulated time and length of the last step (s).
    steps, iterations : int
        Steps so far; iterations of the last step's pressure.
    ruling : str
        What limited the step.
    share : float
        Filled share of the cavity.
    speed : float
        Largest speed (m/s).
    defect : float
        Metal that appeared or vanished, over what was poured.
    time_left : float
        Estimate of the time that the run still takes (s of the clock on the wall); NaN before it can be told.
    """

    time: float
    step: float
    steps: int
    iterations: int
    ruling: str
    share: float
    speed: float
    defect: float
    time_left: float

    @property
    def stages(self) -> int:
        """Steps, under the name that a solidification counts its sweeps by."""
        return self.steps

    def __str__(self) -> str:
        left = "" if math.isnan(self.time_left) else f", about {self.time_left:.0f} s left"
        return (
            f"t = {self.time:.4g} s, step {self.steps} of {self.step:.3g} s limited by {self.ruling}, "
            f"{self.iterations} iterations, {100 * self.share:.1f} % filled, volume error {self.defect:.1e}{left}"
        )


@dataclass(frozen=True, slots=True)
class FillStop:
    """When a pour ends besides its time.

    Attributes
    ----------
    full : bool
        When the cavity is full.
    volume : float
        Poured volume (m3).
    level : float
        Height (m, along the coordinate against gravity) that the metal reaches in the casting beyond sprue and basin.
    """

    full: bool = True
    volume: float = math.inf
    level: float = math.inf


@dataclass(slots=True, eq=False)
class FillWatch:
    """Called after every step of a filling (`FlowProblem.run`); returns True when it shall end.

    Parameters
    ----------
    plan : FillPlan
    stop : FillStop
    progress : callable, optional
    keeper : Keeper, optional
    resumed : mapping, optional
        Of a checkpoint that is taken up.
    keep_at : sequence of float
        Times (s) at which the fields are kept in `moments`.
    """

    plan: FillPlan
    stop: FillStop
    progress: Callable[[FillProgress], None] | None = None
    keeper: Keeper | None = None
    resumed: Mapping[str, Any] | None = None
    keep_at: Sequence[float] = ()
    moments: dict[float, dict[str, Array]] = field(default_factory=dict)
    stopped: str = ""
    arrays: dict[str, Array] = field(default_factory=dict)
    gates: list[GateSection] = field(default_factory=list)
    run: FlowRun | None = None
    shares: list[float] = field(default_factory=list)
    _notes: Any = None
    _began: float = 0.0
    _begun_at: float = 0.0
    _marks: list[tuple[float, float]] = field(default_factory=list)
    _at_level: Array | None = None
    _aim: tuple[Array, ...] | None = None
    _room: float = 0.0

    def __post_init__(self) -> None:
        lying, cavity = self.plan.lying, self.plan.problem.cavity
        self._aim = None if lying is None else np.nonzero(lying.aim)
        self._room = cavity.volume if lying is None else float(cavity.share[lying.aim].sum())
        self.gates = gate_sections(self.plan.casting.bodies, self.plan.problem.cavity)
        self._at_level = self._level_voxels()
        if self.resumed is not None:
            for gate in self.gates:
                gate.rows = [(float(a), float(b), float(c)) for a, b, c in self.resumed["gates"][gate.name]]
            self._marks = [(float(t), float(v)) for t, v in self.resumed["marks"]]
            self.moments = moments_from(self.resumed)
            self.shares = [float(v) for v in self.resumed["shares"]]

    def _level_voxels(self) -> Array | None:
        """Voxels of the flow's box at the level of the stop, of bodies that the metal rises in."""
        if not math.isfinite(self.stop.level):
            return None
        grid, up = self.plan.grid, -self.plan.layout.gravity / np.linalg.norm(self.plan.layout.gravity)
        rising = [n for n, role in enumerate(grid.body_roles) if role in ("part", "stock", "riser", "overflow")]
        height = sum(
            up[a] * grid.centres(a).reshape([-1 if e == a else 1 for e in range(3)]) for a in range(3)
        )
        at = np.isin(grid.body, rising) & (np.abs(height - self.stop.level) <= 0.51 * grid.voxel)
        out = np.zeros(self.plan.problem.cavity.shape, bool)
        out[self.plan.inner] = at[self.plan.window]
        return out

    def _begin(self, run: FlowRun) -> None:
        shape = run.stepper.arrays["kind"].shape
        for name in (*RECORDS, *((AIR_RECORD,) if run.air is not None else ())):
            self.arrays[name] = np.full(shape, np.nan) if self.resumed is None else np.array(self.resumed[name])
        self._notes = _kernels.FlowRecords(run.stepper.sweep, self.arrays)
        self._began, self._begun_at, self.run = time.monotonic(), self.filled(run), run

    def filled(self, run: FlowRun) -> float:
        """Return the filled share of the cavity; of one that is poured from its basin, without the basin."""
        if self._aim is None:
            return run.ledger.held / self._room
        return float(run.volume[self._aim].sum()) / self._room

    def __call__(self, run: FlowRun) -> bool:
        """Note the step that was just taken; return whether the pour has ended."""
        if self._notes is None:
            self._begin(run)
        length = float(run.rows[-1][1])
        self._notes.note(run.time - length, run.time, self.plan.problem.liquid.density, run.stepper.viscosity)
        if run.stepper.air is not None:
            self._notes.note_air(run.stepper.air.enclosed_pressure)
        for gate in self.gates:
            gate.note(run, length)
        if run.time in self.keep_at:
            self.keep_moment(run)
        self.stopped = self._ended(run)
        if self.progress is not None:
            self.progress(self.told(run))
        if self.plan.lying is not None:
            self.shares.append(self.filled(run))
        if self.keeper is not None and not self.stopped:
            self.keeper.offer(self)
        return bool(self.stopped)

    def keep_moment(self, run: FlowRun) -> None:
        """Keep the fields as they are now."""
        speed = np.zeros(run.stepper.arrays["kind"].shape)
        self._notes.speeds(speed)
        self.moments[run.time] = moment_of(self.plan, run, speed)

    def _ended(self, run: FlowRun) -> str:
        share, poured = self.filled(run), run.ledger.held
        if self.stop.full and share >= 1.0 - FULL:
            return "full"
        if poured >= self.stop.volume:
            return f"{poured * 1e3:.4g} litre were poured"
        if self._at_level is not None:
            came = run.stepper.inner(self.arrays["fill_time"])[self._at_level]
            if np.isfinite(came).any():
                return f"the level of {self.stop.level * 1e3:.4g} mm was reached"
        return "came to rest" if self._at_rest(run.time, share) else ""

    def _at_rest(self, now: float, share: float) -> bool:
        """Whether the filled share has neither risen nor fallen for long; not before a mould has turned."""
        if now < self.plan.turned_by:
            return False
        self._marks.append((now, share))
        since = now - max(_REST_TIME, _REST_SHARE * now)
        while len(self._marks) > 1 and self._marks[1][0] <= since:
            self._marks.pop(0)
        shares = [held for _, held in self._marks]
        return self._marks[0][0] <= since and max(shares) - min(shares) < _REST_CHANGE

    def told(self, run: FlowRun) -> FillProgress:
        """Return the progress after the last step."""
        when, step, ruling, iterations, *_ = run.rows[-1]
        share = self.filled(run)
        gained, spent = share - self._begun_at, time.monotonic() - self._began
        left = spent * (1.0 - share) / gained if gained > 1e-3 else math.nan
        return FillProgress(when, step, run.steps, iterations, ruling, share, run.stepper.speed, run.ledger.defect, left)

    def record(self, name: str) -> Array:
        """Return a record on the voxels of the flow's box; NaN where nothing was noted."""
        assert self.run is not None
        values = self.run.stepper.inner(self.arrays[name])
        return np.where(self.plan.problem.cavity.kind == CAVITY, values, np.nan).astype(np.float32)

    def state(self) -> dict[str, Any]:
        """Return all that a checkpoint must hold."""
        assert self.run is not None
        return {
            **self.run.state(), **self.arrays, "gates": {g.name: [list(r) for r in g.rows] for g in self.gates},
            "marks": [list(m) for m in self._marks], "shares": list(self.shares), **moments_kept(self.moments),
        }  # fmt: skip
