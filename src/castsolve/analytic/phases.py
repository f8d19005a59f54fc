"""The constant properties of one phase, the building stone of the exact solutions."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from ..errors import InputError

__all__ = ["Phase"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """Conductivity, density and specific heat of one phase, all constant.

    Parameters
    ----------
    conductivity : float
        In W/m/K.
    density : float
        In kg/m3.
    specific_heat : float
        In J/kg/K. For a mushy zone with a linear fraction solid this is the effective value
        ``c + L / (T_liquidus - T_solidus)``.
    """

    conductivity: float
    density: float
    specific_heat: float

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (value > 0.0 and math.isfinite(value)):
                raise InputError(f"{field.name} = {value:g} of a phase must be a finite number above 0")

    @property
    def diffusivity(self) -> float:
        """Thermal diffusivity in m2/s."""
        return self.conductivity / (self.density * self.specific_heat)

    @property
    def effusivity(self) -> float:
        """Thermal effusivity in W s^0.5 m^-2 K^-1."""
        return math.sqrt(self.conductivity * self.density * self.specific_heat)
