"""The air and the hall around a shell, as a body that takes all heat and stays as cold as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from ..materials import HeatCurve, Interface, Property, PropertyTable

__all__ = ["Surroundings"]

# J/m3/K and W/m/K: what no casting can warm, and what resists nothing beside air. Diffusion in it is too slow to limit a step.
_CAPACITY, _CONDUCTIVITY = 1e12, 1e3
_STEFAN_BOLTZMANN = 5.670374419e-8


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What a shell mould gives its heat to: convection and radiation to one temperature.

    A surface sees the surroundings only: radiation from one wall of a shell or a cluster to another is not counted.

    Parameters
    ----------
    temperature : float
        In K.
    htc : float
        Of convection, in W/m2/K.
    emissivity : float
        Of the shell.
    """

    temperature: float
    htc: float
    emissivity: float

    @property
    def name(self) -> str:
        """Name that a report prints."""
        return "surroundings"

    @property
    def family(self) -> str:
        """Family of materials: none of the library's."""
        return "surroundings"

    @property
    def references(self) -> Mapping[str, str]:
        """No citation: what is around is given by the user."""
        return MappingProxyType({})

    def properties(self) -> dict[str, Property | PropertyTable]:
        """No sourced value."""
        return {}

    @property
    def heat(self) -> HeatCurve:
        """A heat curve of so much capacity that it stays at its temperature."""
        T = np.array([1.0, 6000.0])
        return HeatCurve(
            _CAPACITY * (T - self.temperature), T, np.full(2, _CONDUCTIVITY), density=1.0, kinks=np.array([0, 1]),
            beyond_low="hold", beyond_high="hold",
        )  # fmt: skip

    def interface(self, a: str, b: str) -> Interface:
        """Return the heat transfer coefficient over the temperature of the surface itself."""
        Te, e = self.temperature, self.emissivity * _STEFAN_BOLTZMANN
        T = np.linspace(250.0, 2250.0, 81)
        rows = tuple((float(t), float(max(self.htc + e * (t * t + Te * Te) * (t + Te), 1e-6))) for t in T)
        return Interface(a, b, htc=rows, over="temperature")
