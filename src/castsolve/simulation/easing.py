"""The stable step of what there is: metal as hot as it is now, in place of any temperature, and a chill that is foreseen.

A step is as stable as its fastest voxel of any state that its tables know, but most of a run the metal is mushy and ten times
slower, or solid and still hot. The metal is therefore taken to stay within the enthalpies that it has now, less and more by what
they may change in the step; a step in which it does not is taken again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from .clock import SAFETY, Clock, Step
from .foresight import Foresight, places_ahead

if TYPE_CHECKING:
    from .heat_problem import HeatProblem
    from .stepper import Stepper

__all__ = ["Easing"]

Array = NDArray[Any]

# Enthalpies that are watched are taken to change in a step by no more than so many times what they would at the speed of the last
# one, or by this share of all that freezing frees.
_MARGIN, _LEAST_MARGIN = 3.0, 0.01


class Easing:
    """What makes the stages of a run fewer.

    Parameters
    ----------
    problem : HeatProblem
        With a watch.
    clock : Clock
        Remembers how fast the extremes of what is watched moved.
    reference : ndarray
        Enthalpy that each region counts from (J/m3).
    levels : ndarray
        Watched enthalpies (J/m3), from hot to cold.
    nzp : int
        Voxels of a padded row.
    narrows : bool
        Whether metal counts as it is now; else only the chill is foreseen.
    """

    def __init__(self, problem: HeatProblem, clock: Clock, reference: Array, levels: Array, nzp: int, *, narrows: bool) -> None:
        assert problem.watch is not None
        self._problem, self._clock, self._levels = problem, clock, levels
        self._region = problem.watch.region
        self._zero = float(reference[self._region])
        self._narrows = narrows and len(levels) > 1 and bool((problem.rows.region == self._region).any())
        self.foresight = Foresight.of(problem, nzp)
        self._extent: tuple[float, float] | None = None
        self._limits = -math.inf, math.inf

    @classmethod
    def of(
        cls, problem: HeatProblem, clock: Clock, reference: Array, levels: Array, arrays: dict[str, Any], *, narrows: bool
    ) -> Easing | None:
        """Return what eases a run, or None where nothing is watched or steps are explicit; the sweep's arrays get what it needs."""
        if problem.watch is None or clock.scheme.name == "euler":
            return None
        nzp = arrays["H"].shape[2]
        easing = cls(problem, clock, reference, levels, nzp, narrows=narrows)
        if easing.foresight is not None:
            arrays.update(easing.foresight.arrays, run_ahead=places_ahead(arrays, easing.foresight.arrays, nzp))
        return easing

    @property
    def ahead(self) -> Mapping[str, Array]:
        """What the stages of the step at hand must know of what is foreseen."""
        if self.foresight is None or len(self.foresight.moment.steps) == 0:
            return {}
        return {"ahead": self.foresight.moment.steps, "shares": self.foresight.moment.shares}

    def explicit(self, sweep: Any, least: Array) -> float:
        """Return the explicit step (s) that counts for the stages of the coming step, and note within what it holds."""
        clock, stable = self._clock, self._problem.stable
        self._limits = -math.inf, math.inf
        if self._narrows and clock.step > 0.0:
            low, high = self._extent or self._extremes(sweep, ahead=False)
            margin = _LEAST_MARGIN * float(self._levels[0] - self._levels[-1])
            fall, rise = (max(margin, _MARGIN * speed * clock.step) for speed in (clock.fall, clock.rise))
            self._limits = low - fall, high + rise
        narrowed = None if math.isinf(self._limits[0]) else stable.narrowed(self._region, *self._limits)
        return (stable if self.foresight is None else self.foresight).explicit(least, narrowed)

    def settle(self, stepper: Stepper, step: Step, least: Array, heat: float, bend: float) -> tuple[Step, float, float]:
        """Return a step that was marched, its heat (J) and its bend; marched again where metal has become too fast for it."""
        if not self._narrows:
            return step, heat, bend
        found, clock = self._extremes(stepper.sweep, ahead=True), self._clock
        low, high = self._limits
        if not low <= found[0] <= found[1] <= high:
            self._limits = -math.inf, math.inf
            stepper.forget_after(clock.time)
            clock.stages += step.stages
            explicit = (self._problem.stable if self.foresight is None else self.foresight).explicit(least)
            step = replace(step, stages=clock.scheme.stages(step.length / (SAFETY * explicit)))
            heat, bend = stepper.march(step.length, step.stages)
            found = self._extremes(stepper.sweep, ahead=True)
        before = self._extent or self._extremes(stepper.sweep, ahead=False)
        clock.fall = max(before[0] - found[0], 0.0) / step.length
        clock.rise = max(found[1] - before[1], 0.0) / step.length
        self._extent = found
        return step, heat, bend

    def _extremes(self, sweep: Any, *, ahead: bool) -> tuple[float, float]:
        """Return the lowest and the highest enthalpy of what is watched (J/m3), now or with the last increment."""
        low, high = sweep.extremes(self._region, ahead)
        return self._zero + low, self._zero + high
