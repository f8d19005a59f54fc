"""A slab that is heated and cooled in turn for ever: the exact periodic state of a one-dimensional die."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError

__all__ = ["PeriodicSlab", "SlabStage"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SlabStage:
    """One stage of the cycle: what the front of the slab sees.

    Parameters
    ----------
    duration : float
        In s.
    htc : float
        At the front, in W/m2/K.
    ambient : float
        What the front gives heat to, in K.
    """

    duration: float
    htc: float = field(kw_only=True)
    ambient: float = field(kw_only=True)


@dataclass(frozen=True)
class PeriodicSlab:
    """The periodic temperature of a slab whose front (x = 0) sees stages in turn and whose back is cooled.

    Constant properties. The heat equation is discretized by Chebyshev collocation (spectral accuracy) in space and solved in time
    by matrix exponentials, stage by stage; the periodic state is the fixed point of the affine map of one cycle.

    Parameters
    ----------
    thickness : float
        In m.
    conductivity, density, heat_capacity : float
        In W/m/K, kg/m3, J/kg/K.
    stages : sequence of SlabStage
    back_htc, back_ambient : float
        At the back, in W/m2/K and K.
    points : int
        Collocation points; the error falls faster than any power of their number.

    References
    ----------
    Trefethen (2000), Spectral Methods in MATLAB, SIAM, chapters 6 and 13: the differentiation matrix and boundary rows.
    """

    thickness: float
    conductivity: float = field(kw_only=True)
    density: float = field(kw_only=True)
    heat_capacity: float = field(kw_only=True)
    stages: Sequence[SlabStage] = field(kw_only=True)
    back_htc: float = field(kw_only=True)
    back_ambient: float = field(kw_only=True)
    points: int = field(default=48, kw_only=True)

    def __post_init__(self) -> None:
        if not self.stages or any(not s.duration > 0.0 for s in self.stages):
            raise InputError("a cycle needs at least one stage, each with a duration above 0 s")
        if not self.back_htc > 0.0 and not any(s.htc > 0.0 for s in self.stages):
            raise InputError("a slab that nothing heats or cools has no periodic state of its own; give it an htc")

    @property
    def period(self) -> float:
        """Length of a cycle (s)."""
        return float(sum(s.duration for s in self.stages))

    @cached_property
    def _nodes(self) -> Array:
        n = self.points
        return 0.5 * self.thickness * (1.0 - np.cos(np.pi * np.arange(n + 1) / n))

    @cached_property
    def _derivative(self) -> Array:
        n, x = self.points, self._nodes
        c = np.ones(n + 1)
        c[0] = c[-1] = 2.0
        c *= (-1.0) ** np.arange(n + 1)
        dx = x[:, None] - x[None, :]
        D = np.outer(c, 1.0 / c) / (dx + np.eye(n + 1))
        return D - np.diag(D.sum(axis=1))

    def _stage_maps(self, stage: SlabStage) -> tuple[Array, Array, Array, Array]:
        """Return A, b of dT/dt = A T + b at the inner nodes, and W, w of all nodes = W T + w."""
        D, k, n = self._derivative, self.conductivity, self.points
        rows = np.zeros((2, n + 1))
        # -k dT/dx at the front is the heat that enters; at the back the heat that leaves.
        rows[0] = -k * D[0]
        rows[0, 0] += stage.htc
        rows[1] = k * D[-1]
        rows[1, -1] += self.back_htc
        right = np.array([stage.htc * stage.ambient, self.back_htc * self.back_ambient])
        ends, inner = rows[:, [0, -1]], rows[:, 1:-1]
        W, w = np.zeros((n + 1, n - 1)), np.zeros(n + 1)
        W[1:-1] = np.eye(n - 1)
        W[[0, -1]] = -np.linalg.solve(ends, inner)
        w[[0, -1]] = np.linalg.solve(ends, right)
        second = (k / (self.density * self.heat_capacity)) * (D @ D)[1:-1]
        return second @ W, second @ w, W, w

    @staticmethod
    def _affine(A: Array, b: Array, time: float) -> tuple[Array, Array]:
        """Return M, v of T(time) = M T(0) + v for dT/dt = A T + b."""
        from scipy.linalg import expm

        n = len(b)
        whole = np.zeros((n + 1, n + 1))
        whole[:n, :n], whole[:n, n] = A, b
        grown = expm(whole * time)
        return grown[:n, :n], grown[:n, n]

    @cached_property
    def _starts(self) -> list[Array]:
        """Inner temperatures at the start of every stage of the periodic state."""
        M, v = np.eye(self.points - 1), np.zeros(self.points - 1)
        maps = []
        for stage in self.stages:
            A, b, _, _ = self._stage_maps(stage)
            step, rise = self._affine(A, b, stage.duration)
            maps.append((step, rise))
            M, v = step @ M, step @ v + rise
        starts: list[Array] = [np.asarray(np.linalg.solve(np.eye(len(v)) - M, v), dtype=np.float64)]
        for step, rise in maps[:-1]:
            starts.append(step @ starts[-1] + rise)
        return starts

    def temperature(self, x: ArrayLike, time: float) -> Array:
        """Return the temperature (K) at depths x (m) and a time (s) since the start of a cycle."""
        from scipy.interpolate import BarycentricInterpolator

        left = float(time) % self.period
        for number, stage in enumerate(self.stages):
            if left < stage.duration or number == len(self.stages) - 1:
                break
            left -= stage.duration
        A, b, W, w = self._stage_maps(self.stages[number])
        step, rise = self._affine(A, b, left)
        nodes = W @ (step @ self._starts[number] + rise) + w
        weights = (-1.0) ** np.arange(self.points + 1)
        weights[[0, -1]] *= 0.5
        curve = BarycentricInterpolator(self._nodes, nodes, wi=weights)
        return np.asarray(curve(np.asarray(x, dtype=float)), dtype=float)

    def heat_taken(self) -> float:
        """Return the heat (J/m2) that the back gives off in one cycle: what the front took, for nothing is kept."""
        # The Gauss-Legendre points resolve the jump of the front's condition stage by stage.
        points, weights = np.polynomial.legendre.leggauss(24)
        total, begun = 0.0, 0.0
        for stage in self.stages:
            for point, weight in zip(points, weights, strict=True):
                time = begun + 0.5 * stage.duration * (1.0 + point)
                end = float(self.temperature(self.thickness, time))
                total += 0.5 * stage.duration * weight * self.back_htc * (end - self.back_ambient)
            begun += stage.duration
        return total
