"""Two half spaces of different temperature brought into contact through a heat-transfer coefficient."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .phases import Phase

__all__ = ["ContactingHalfSpaces"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactingHalfSpaces:
    """Exact heat flow between two half spaces with a contact conductance.

    Body a fills x < 0, body b fills x > 0; at time 0 they touch.

    Parameters
    ----------
    a, b : Phase
        The two bodies.
    a_initial, b_initial : float
        Their temperatures before contact in K.
    htc : float
        Contact heat-transfer coefficient in W/m2/K.

    References
    ----------
    Carslaw and Jaeger, Conduction of Heat in Solids, 2nd ed., 1959, section 2.7 (one side);
    joined here by continuity of flux.
    """

    a: Phase
    b: Phase
    a_initial: float
    b_initial: float
    htc: float

    def __post_init__(self) -> None:
        if not (self.htc > 0.0 and math.isfinite(self.htc)):
            raise InputError(f"htc = {self.htc:g} W/m2/K must be a finite number above 0")

    @property
    def _eta(self) -> float:
        return self.htc * (self.a.effusivity + self.b.effusivity) / (self.a.effusivity * self.b.effusivity)

    def flux(self, time: ArrayLike) -> Floats:
        """Return the heat flux in W/m2 from a to b."""
        from scipy.special import erfcx

        root = np.sqrt(np.asarray(time, dtype=float))
        return np.asarray(self.htc * (self.a_initial - self.b_initial) * erfcx(self._eta * root))

    def temperature(self, x: ArrayLike, time: ArrayLike, *, side: str = "") -> Floats:
        """Return the temperature at x (negative in a, positive in b) and times above 0.

        Parameters
        ----------
        x, time : array_like
            Distance from the contact in m, time in s.
        side : str, optional
            "a" or "b": which body is meant, needed only at x = 0, where the temperature jumps (default there: "a").
        """
        from scipy.special import erfc, erfcx

        x, time = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(time, dtype=float))
        in_b = (x > 0.0) | ((x == 0.0) & (side == "b"))
        root = np.sqrt(time)
        diffusivity = np.where(in_b, self.b.diffusivity, self.a.diffusivity)
        X = np.abs(x) / (2.0 * root * np.sqrt(diffusivity))
        share = erfc(X) - np.exp(-X * X) * erfcx(X + self._eta * root)
        jump = self.a_initial - self.b_initial
        ea, eb = self.a.effusivity, self.b.effusivity
        rise_a, rise_b = -jump * eb / (ea + eb), jump * ea / (ea + eb)
        return np.asarray(np.where(in_b, self.b_initial + rise_b * share, self.a_initial + rise_a * share))
