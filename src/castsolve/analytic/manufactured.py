"""A manufactured solution with a conductivity that varies with temperature and a smooth release of latent heat."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Manufactured"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manufactured:
    """Temperature, material and source in an insulated cube of edge `length` that solve the heat equation.

    ``T = mean + swing cos(pi x/L) cos(2 pi y/L) cos(pi z/L) exp(-t/decay)``, conductivity linear in T, enthalpy ``c T``
    plus latent heat spread by an error function around `middle`. All temperatures share one scale, K or degC.
    """

    length: float = 0.1
    mean: float = 580.0
    swing: float = 80.0
    decay: float = 20.0
    density: float = 2500.0
    specific_heat: float = 1100.0
    latent_heat: float = 395000.0
    middle: float = 587.0
    width: float = 20.0
    conductivity_at: tuple[float, float, float] = (160.0, -0.1, 500.0)

    def temperature(self, x: ArrayLike, y: ArrayLike, z: ArrayLike, time: float) -> Floats:
        """Return the exact temperature."""
        wave = math.pi / self.length
        shape = np.cos(wave * np.asarray(x)) * np.cos(2.0 * wave * np.asarray(y)) * np.cos(wave * np.asarray(z))
        return np.asarray(self.mean + self.swing * shape * math.exp(-time / self.decay))

    def conductivity(self, T: ArrayLike) -> Floats:
        """Return the conductivity in W/m/K."""
        k, slope, at = self.conductivity_at
        return np.asarray(k + slope * (np.asarray(T, dtype=float) - at))

    def enthalpy(self, T: ArrayLike) -> Floats:
        """Return the enthalpy in J/m3, counted from T = 0 of the scale."""
        from scipy.special import erf

        T = np.asarray(T, dtype=float)
        latent = 0.5 * self.latent_heat * (1.0 + erf((T - self.middle) / self.width))
        return np.asarray(self.density * (self.specific_heat * T + latent))

    def heat_rate(self, T: ArrayLike) -> Floats:
        """Return the slope of the enthalpy in J/m3/K."""
        s = (np.asarray(T, dtype=float) - self.middle) / self.width
        latent = self.latent_heat / (self.width * math.sqrt(math.pi)) * np.exp(-s * s)
        return np.asarray(self.density * (self.specific_heat + latent))

    def source(self, x: ArrayLike, y: ArrayLike, z: ArrayLike, time: float) -> Floats:
        """Return the heat source in W/m3 that makes the temperature exact."""
        wave = math.pi / self.length
        x, y, z = (np.asarray(v, dtype=float) * wave for v in (x, y, z))
        size = self.swing * math.exp(-time / self.decay)
        cx, cy, cz = np.cos(x), np.cos(2.0 * y), np.cos(z)
        excess = size * cx * cy * cz
        T = self.mean + excess
        slopes = (np.sin(x) * cy * cz) ** 2 + 4.0 * (cx * np.sin(2.0 * y) * cz) ** 2 + (cx * cy * np.sin(z)) ** 2
        conduction = -6.0 * wave**2 * self.conductivity(T) * excess
        conduction = conduction + self.conductivity_at[1] * (wave * size) ** 2 * slopes
        return np.asarray(-self.heat_rate(T) * excess / self.decay - conduction)
