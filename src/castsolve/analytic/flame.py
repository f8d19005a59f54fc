"""A flame through a solid that ignites at one temperature and then burns for a known time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["SteadyFlame"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyFlame:
    """A plane flame that travels steadily through a fuel at rest, with constant properties and no losses.

    Each place ignites at one temperature and sets its heat free evenly over the burning time. In a frame that moves with the
    flame the source of a unit length is felt ahead of it as exp(-u s / a) / u; summed over the burning zone, the ignition point
    is at its own temperature when

        (T_ignition - T_cold) / rise = (1 - exp(-b)) / b,        b = u^2 t_burn / a.

    Parameters
    ----------
    diffusivity : float
        m2/s.
    cold : float
        Temperature of the fuel far ahead (K).
    ignition : float
        Temperature at which it ignites (K).
    rise : float
        Heat of a cubic metre over its heat capacity (K): how hot it gets without conduction.
    burning_time : float
        s.

    References
    ----------
    Goroshin, Lee and Shoshin, Proc. Combust. Inst. 27 (1998) 743 (the limit of many sources within the thickness of the flame).
    """

    diffusivity: float
    cold: float
    ignition: float
    rise: float
    burning_time: float

    @property
    def speed(self) -> float:
        """Speed of the flame (m/s)."""
        from scipy.optimize import brentq

        share = (self.ignition - self.cold) / self.rise
        if not 0.0 < share < 1.0:
            raise ValueError(f"the ignition temperature lies {share:.3g} of the rise above the cold fuel; a flame needs 0 to 1")
        b = brentq(lambda b: -math.expm1(-b) / b - share, 1e-9, 2.0 / share, xtol=1e-14)
        return math.sqrt(float(b) * self.diffusivity / self.burning_time)

    def temperature(self, behind: ArrayLike) -> NDArray[np.float64]:
        """Return the temperature (K) at distances (m) behind the point of ignition; negative ones lie ahead."""
        x, u = np.asarray(behind, dtype=float), self.speed
        zone, decay = u * self.burning_time, u / self.diffusivity
        ahead = (self.ignition - self.cold) * np.exp(decay * np.minimum(x, 0.0))
        # Burnt fuel keeps all its heat; in the zone what is set free so far, and what the hotter part behind conducts forward.
        inside = np.clip(x, 0.0, zone)
        within = self.rise * (inside + (1.0 - np.exp(-decay * (zone - inside))) / decay) / zone
        return self.cold + np.where(x < 0.0, ahead, within)
