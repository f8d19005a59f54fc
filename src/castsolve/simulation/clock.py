"""The clock of a run: how long the next step is, what limits it, and landing on announced times."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from .rkl import Scheme

__all__ = ["Clock"]

# By how much a step may grow.
_GROWTH = 1.5
# Longest step over the time that the hottest metal still needs to the last level: pools close faster and faster towards the end.
_CLOSING = 0.25
# A step never falls below this share of the time since the last event: rounding noise must not stall a run.
_FLOOR = 0.02
_MOST_STAGES = 400
# Beyond this an explicit step is not stable; without it a solved problem can blow up after the mush, which hides it, is gone.
SAFETY = 0.95


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its length, where it ends, its stages, and the limit that ruled it."""

    length: float
    end: float
    stages: int
    ruling: str
    nominal: bool


@dataclass(slots=True)
class Clock:
    """Time, step length and the memory of the step controller.

    After an event (the pour, an opened die, a changed htc) everything evolves on a diffusive time scale: a step of `theta`
    times the time since the event bounds the error of every local time at about `theta` times a small factor, whatever
    the grid.

    Parameters
    ----------
    scheme : Scheme
    theta : float
        Step length over the time since the last event.
    targets : sequence of float
        Times to land on exactly, rising: record times and the end.
    events : sequence of float
        Times at which conditions change: landed on, after which the clock starts small again.
    fixed : float, optional
        A fixed step length instead (verification of order).
    last_step : float
        Shortest step towards the end of the last pool, over the time since the last event: by so much a run until all has passed
        may go on too long.
    bend : float
        Bend of a step above which the next one is shortened.
    fall, rise : float
        How fast the lowest watched enthalpy fell and the highest one rose in the last step (J/m3/s).
    """

    scheme: Scheme
    theta: float
    targets: Sequence[float] = ()
    events: Sequence[float] = ()
    fixed: float | None = None
    last_step: float = _FLOOR
    bend: float = 0.15
    time: float = 0.0
    event_time: float = 0.0
    step: float = 0.0
    steps: int = 0
    stages: int = 0
    why: str = "growth"
    fall: float = 0.0
    rise: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 < self.theta <= 1.0:
            raise InputError(f"theta = {self.theta} must lie in (0, 1]; 0.1 is usual, 0.05 fine, 0.2 quick")
        if self.fixed is not None and not self.fixed > 0.0:
            raise InputError(f"step = {self.fixed} s must be above 0")

    def next(self, explicit: float, *, eased: float | None = None, burning: float = math.inf) -> Step:
        """Return the next step.

        Given are the largest stable explicit step for any state, the one that counts for the stages where that is longer, and the
        longest step that tells a burning sleeve apart (s).
        """
        stable = SAFETY * (explicit if eased is None else eased)
        cap = stable * self.scheme.longest(_MOST_STAGES)
        if self.fixed is not None:
            length, ruling = min(self.fixed, cap), "fixed step"
        else:
            by_clock = self.theta * (self.time - self.event_time) + explicit
            length, ruling = min((self.step or explicit, self.why), (by_clock, "clock"), (cap, "most stages"), (burning, "burning"))
            if self.scheme.name == "euler":
                length, ruling = stable, "stability"
        nominal = length
        target = min((t for t in (*self.targets, *self.events) if t > self.time), default=None)
        end = self.time + length
        if target is not None:
            left = target - self.time
            if left <= length * (1.0 + 1e-9):
                length, end, ruling = left, target, "landing"
            elif left < 2.0 * length and self.fixed is None and self.scheme.name != "euler":
                length, ruling = 0.5 * left, "landing"
                end = self.time + length
        return Step(length, end, self.scheme.stages(length / stable), ruling, length == nominal)

    def done(self, step: Step, bend: float, remaining: float = math.inf) -> None:
        """Take note of a finished step: how bent it was, and the time (s) the hottest metal still needs at its present rate."""
        self.time = step.end
        self.steps += 1
        self.stages += step.stages
        factor = max(0.2, min(_GROWTH, 0.9 * self.bend / max(bend, 1e-30)))
        self.why = "curvature" if factor < _GROWTH else "growth"
        if step.nominal or factor < 1.0:
            self.step = step.length * factor
        else:
            # A step shortened to land on a time says nothing about the next one.
            self.step = max(step.length * factor, self.step)
        since, closing = self.time - self.event_time, _CLOSING * remaining
        self.step = max(self.step, _FLOOR * since)
        # After the floor: a bent step that it has lengthened must not run past the last pool either.
        if closing < self.step:
            self.step, self.why = max(closing, self.last_step * since), "last to freeze"
        if any(abs(self.time - e) <= 1e-12 * max(1.0, e) for e in self.events):
            self.disturb()

    def disturb(self) -> None:
        """Take note that conditions change now: the next steps start small."""
        self.event_time, self.step = self.time, 0.0

    def memory(self) -> dict[str, Any]:
        """Return what a checkpoint must hold for the same steps to follow."""
        return {k: getattr(self, k) for k in ("time", "event_time", "step", "steps", "stages", "why", "fall", "rise")}

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a checkpoint's memory."""
        for key in ("time", "event_time", "step", "fall", "rise"):
            setattr(self, key, float(memory[key]))
        self.steps, self.stages, self.why = int(memory["steps"]), int(memory["stages"]), str(memory["why"])
