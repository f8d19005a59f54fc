"""The search for the cyclic steady state of a die: where the next shot had best begin."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .mean_die import MeanDie

if TYPE_CHECKING:
    from .cycling import CycleStage, StageBook

__all__ = ["SteadySearch"]

Array = NDArray[Any]

# Shots that the extrapolation to the steady state looks back on, and the first that the mean problem of the die is made from.
_MEMORY, _BASIS = 5, 2
# How far the next start may lie from the end of the last shot (K): at first and at most, and at least.
_FARTHEST, _NEAREST = 50.0, 0.1


@dataclass(slots=True, eq=False)
class SteadySearch:
    """Where the steady state is, by the shots so far.

    The mean problem of the die says of every shot how far away it was; the last shots together say how well that came true
    (Anderson's mixing of what the mean problem says). The first shot heats the surface of a preheated die and tells nothing.

    Attributes
    ----------
    stages : sequence of CycleStage
    carried : ndarray of int
        Regions of the die.
    starts, leads : list of ndarray
        Temperatures of the die before the last shots (K), and by how much the mean problem would move each.
    basis : ndarray or None
        Temperatures at the end of the shot that the mean problem was made from (K).
    made_from : int
        The number of that shot.
    told : int
        Shots so far.
    reach : float
        How far the next start may lie from the end of the last shot (K).
    away : float
        How far the last shot was from steady: its change, weighted with the heat it is worth.

    Notes
    -----
    A shot that is farther from steady than the one before tells that the estimate was not to be trusted: the next one begins where
    it ended, the mean problem is made anew from it, what was learnt is forgotten, and the reach falls to a third. It grows by half
    with every shot that is nearer. A die that marches plainly to its steady state is so led there, too.
    """

    stages: Sequence[CycleStage]
    carried: Array
    starts: list[Array] = field(default_factory=list)
    leads: list[Array] = field(default_factory=list)
    basis: Array | None = None
    made_from: int = 0
    told: int = 0
    reach: float = _FARTHEST
    away: float = math.inf
    lost: bool = False
    mean: MeanDie | None = None

    @classmethod
    def of(
        cls, stages: Sequence[CycleStage], carried: Array, memory: Mapping[str, Any] | None, books: Sequence[Sequence[StageBook]]
    ) -> SteadySearch:
        """Return a search at its beginning, or as it was when it kept its memory, with the books of all shots until then."""
        if memory is None:
            return cls(stages, carried)
        found = cls(stages, carried, list(np.array(memory["starts"])), list(np.array(memory["leads"])), told=len(books))
        found.reach, found.away = float(memory["reach"]), float(memory["away"])
        if "basis" in memory:
            found._take(np.array(memory["basis"]), books[int(memory["made_from"]) - 1], int(memory["made_from"]))
        return found

    def _take(self, temperature: Array, books: Sequence[StageBook], shot: int) -> None:
        self.basis, self.made_from = temperature, shot
        self.mean = MeanDie(self.stages, self.carried, temperature, books)

    def target(self, begun: Array, residual: Array, temperature: Array, books: Sequence[StageBook]) -> Array | None:
        """Return the die at its steady state, as far as it is known.

        Parameters
        ----------
        begun, residual : ndarray
            Temperatures of the die before a shot, and their change in it (K).
        temperature : ndarray, shape of the grid
            At its end (K).
        books : sequence of StageBook
            Of the shot.
        """
        self.told += 1
        if self.told == _BASIS:
            self._take(temperature.copy(), books, self.told)
        if self.mean is None:
            return None
        away = float(np.einsum("i,i,i->", self.mean.weights, residual, residual)) ** 0.5
        self.lost = away > self.away
        if self.lost:
            self.reach = max(0.3 * self.reach, _NEAREST)
            self.forget()
            self._take(temperature.copy(), books, self.told)
        else:
            self.reach = min(1.5 * self.reach, _FARTHEST)
        self.away = away
        self.starts.append(begun)
        self.leads.append(self.mean.lead(residual))
        del self.starts[:-_MEMORY], self.leads[:-_MEMORY]
        return _extrapolated(self.starts, self.leads, self.mean.weights)

    def start(self, target: Array, end: Array) -> Array:
        """Return where the next shot begins (K): at the target, as far as it may be reached from the end of the last shot."""
        if self.lost:
            return end
        return end + np.clip(target - end, -self.reach, self.reach)

    def forget(self) -> None:
        """Begin anew: the shots so far were those of another cycle."""
        self.starts.clear()
        self.leads.clear()
        self.away = math.inf

    def memory(self) -> dict[str, Any]:
        """Return what a checkpoint must hold."""
        kept = {
            "starts": np.array(self.starts), "leads": np.array(self.leads), "reach": self.reach, "away": self.away,
            "made_from": self.made_from,
        }  # fmt: skip
        return kept if self.basis is None else {**kept, "basis": self.basis}


def _extrapolated(starts: Sequence[Array], leads: Sequence[Array], weights: Array) -> Array:
    """Return where the leads are zero if they are affine on the span of the last starts, weighted with the heat they are worth."""
    target = np.asarray(starts[-1] + leads[-1])
    if len(starts) < 2:
        return target

    def product(a: Array, b: Array) -> float:
        # In an order that no number of threads changes.
        return float(np.einsum("i,i,i->", weights, a, b))

    rises, moves = [b - a for a, b in pairwise(leads)], [b - a for a, b in pairwise(starts)]
    scale = np.array([max(product(r, r), 1e-300) ** -0.5 for r in rises])
    table = np.array([[product(a, b) for b in rises] for a in rises]) * np.outer(scale, scale)
    shares, *_ = np.linalg.lstsq(table, scale * [product(r, leads[-1]) for r in rises], rcond=1e-10)
    for share, move, rise in zip(scale * shares, moves, rises, strict=True):
        target -= share * (move + rise)
    return target
