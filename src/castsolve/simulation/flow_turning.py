"""A mould that turns while it fills: gravity and the accelerations of the turn, seen from the mould."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .flow_arrays import HALO

if TYPE_CHECKING:
    from .flow_arrays import Cavity

__all__ = ["Turning"]

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Turning:
    """How a mould turns, and what its metal feels of it.

    Parameters
    ----------
    axis : three floats
        Unit vector of the turn, by the right hand.
    turned : callable
        Angle (rad) by which the mould has turned, as a function of time (s).
    through : three floats
        A place on the axis (m).
    total : float
        The whole angle (rad): once it is reached gravity is that of the problem.

    Notes
    -----
    With the angular velocity w of the mould, and r from the axis, the metal feels
    ``g(t) - w x (w x r) - dw/dt x r - 2 w x u`` (Goldstein, Classical Mechanics, 2nd ed., 1980, section 4-10): gravity that turns
    the other way, centrifugal, Euler and Coriolis acceleration. The last is not small beside gravity: at 90 degrees in 6 s it is a
    twentieth of g for metal at 1 m/s.
    """

    axis: Sequence[float]
    turned: Callable[[float], float]
    through: Sequence[float]
    total: float

    def gravity(self, upright: Sequence[float], time: float) -> Array:
        """Return gravity (m/s2) in the mould at a time, from that at the end of the turn."""
        a, k, g = self.total - self.turned(time), np.asarray(self.axis, float), np.asarray(upright, float)
        return np.asarray(g * np.cos(a) + np.cross(k, g) * np.sin(a) + k * (k @ g) * (1.0 - np.cos(a)))

    def spin(self, begin: float, end: float) -> Array:
        """Return the mean angular velocity (1/s) between two times."""
        rate = (self.turned(end) - self.turned(begin)) / (end - begin) if end > begin else 0.0
        return rate * np.asarray(self.axis, float)

    def field(self, cavity: Cavity, gravity: Array, spin: Array, gained: Array) -> tuple[tuple[float, ...], Array]:
        """Return the acceleration of metal at rest in the mould, linear in the place.

        Parameters
        ----------
        cavity : Cavity
        gravity, spin : ndarray, shape (3,)
            Of the step.
        gained : ndarray, shape (3,)
            Change of the angular velocity over the time that forces act for (1/s2).

        Returns
        -------
        base : tuple of three floats
            Of each component (m/s2), at its faces of the padded voxel 0.
        rise : ndarray, shape (3, 3)
            What component d gains a voxel along e.
        """
        cross = np.array([np.cross(gained, unit) for unit in np.eye(3)]).T
        slope = float(spin @ spin) * np.eye(3) - np.outer(spin, spin) - cross
        base = []
        for d in range(3):
            first = np.array(cavity.origin) + cavity.voxel * (np.where(np.arange(3) == d, 0.0, 0.5) - HALO)
            base.append(float(gravity[d] + slope[d] @ (first - np.asarray(self.through, float))))
        return tuple(base), np.ascontiguousarray(slope * cavity.voxel)
