"""Runge-Kutta-Legendre super-time-stepping: coefficients, number of stages, and the order of a step.

A super-step of s stages is stable up to about s^2/4 (second order) or s^2/2 (first order) explicit steps, and every stage
is a valid solution at its own time. The stages march increments D = Y - H^n: in single precision the textbook form on Y loses
heat at every stage because its coefficients do not quite add up to one.

References
----------
Meyer, Balsara, Aslam (2014), A stabilized Runge-Kutta-Legendre method for explicit super-time-stepping of parabolic and mixed
equations, J. Comput. Phys. 257, 594-626.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["SCHEMES", "Scheme"]


@dataclass(frozen=True, slots=True, eq=False)
class Coefficients:
    """Coefficients of all stages; entry j belongs to stage j, entry 0 is not used.

    D_1 = mt_1 dt F(H); D_j = mu_j D_(j-1) + nu_j D_(j-2) + mt_j dt F(H + D_(j-1)) + g_j dt F(H), at the time t + c_j dt.
    """

    mu: NDArray[np.float64]
    nu: NDArray[np.float64]
    mt: NDArray[np.float64]
    g: NDArray[np.float64]
    c: NDArray[np.float64]


@lru_cache(maxsize=512)
def _first_order(s: int) -> Coefficients:
    j = np.arange(s + 1, dtype=float)
    j[0] = 1.0
    w = 2.0 / (s * s + s)
    mu, nu = (2 * j - 1) / j, (1 - j) / j
    return Coefficients(mu, nu, mu * w, np.zeros(s + 1), (j * j + j) / (s * s + s))


@lru_cache(maxsize=512)
def _second_order(s: int) -> Coefficients:
    j = np.arange(s + 1, dtype=float)
    b = np.full(s + 1, 1.0 / 3.0)
    b[2:] = (j[2:] ** 2 + j[2:] - 2) / (2 * j[2:] * (j[2:] + 1))
    w = 4.0 / (s * s + s - 2)
    mu, nu, mt, g = (np.zeros(s + 1) for _ in range(4))
    mt[1] = w / 3.0
    mu[2:] = (2 * j[2:] - 1) / j[2:] * b[2:] / b[1:-1]
    nu[2:] = -(j[2:] - 1) / j[2:] * b[2:] / b[:-2]
    mt[2:] = mu[2:] * w
    g[2:] = -(1.0 - b[1:-1]) * mt[2:]
    c = (j * j + j - 2) / (s * s + s - 2)
    c[1] = w / 3.0
    return Coefficients(mu, nu, mt, g, c)


def _euler(s: int) -> Coefficients:
    zero = np.zeros(2)
    return Coefficients(zero, zero, np.array([0.0, 1.0]), zero, np.array([0.0, 1.0]))


@dataclass(frozen=True, slots=True)
class Scheme:
    """A way to take a step of many explicit steps in few sweeps.

    Attributes
    ----------
    name : str
    order : int
        Order in time.
    """

    name: str
    order: int

    def coefficients(self, stages: int) -> Coefficients:
        """Return the coefficients of a step of that many stages."""
        if self.name == "rkl2":
            return _second_order(stages)
        return _first_order(stages) if self.name == "rkl1" else _euler(stages)

    def stages(self, ratio: float) -> int:
        """Return the stages that a step of `ratio` explicit steps needs."""
        if self.name == "euler":
            return 1
        if self.name == "rkl1":
            return max(3, math.ceil((math.sqrt(1.0 + 8.0 * ratio) - 1.0) / 2.0))
        return max(3, math.ceil((math.sqrt(9.0 + 16.0 * ratio) - 1.0) / 2.0))

    def longest(self, stages: int) -> float:
        """Return the longest step of that many stages, in explicit steps."""
        s = stages
        return {"euler": 1.0, "rkl1": (s * s + s) / 2.0, "rkl2": (s * s + s - 2) / 4.0}[self.name]


SCHEMES = {"rkl2": Scheme("rkl2", 2), "rkl1": Scheme("rkl1", 1), "euler": Scheme("euler", 1)}
