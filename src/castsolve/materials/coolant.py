"""What flows through the channels of a die, and how well it takes heat from their walls."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from ..errors import MaterialError, unknown_name
from . import pipe_flow
from .heat_curve import HeatCurve, reservoir
from .interface import Interface
from .property import Property, PropertyTable

__all__ = ["COOLANTS", "Coolant", "coolant"]

_FREEZING = 273.16


@dataclass(frozen=True, slots=True, eq=False)
class Coolant:
    """A medium for cooling or heating channels.

    Parameters
    ----------
    name : str
    density, viscosity, conductivity, heat_capacity : PropertyTable
        Over temperature (K): kg/m3, Pa s, W/m/K, J/kg/K.
    boils : bool
        Whether it is water, which boils at a hot wall.
    hottest : float
        Temperature (K) up to which the medium may be used.
    burnout : Property or None
        Heat flow density (W/m2) that boiling is not trusted to exceed.
    """

    family: ClassVar[str] = "coolant"
    references: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "incropera2007": "Incropera, F. P. and others (2007): Fundamentals of heat and mass transfer, 6th edition, table A.6. "
            "From memory, not checked",
            "practice": "foundry practice; an estimate without a citable source",
        }
    )

    name: str
    density: PropertyTable = field(kw_only=True)
    viscosity: PropertyTable = field(kw_only=True)
    conductivity: PropertyTable = field(kw_only=True)
    heat_capacity: PropertyTable = field(kw_only=True)
    boils: bool = field(default=False, kw_only=True)
    hottest: float = field(kw_only=True)
    burnout: Property | None = field(default=None, kw_only=True)

    @property
    def heat(self) -> HeatCurve:
        """The heat curve of a channel full of it: its temperature is kept by the flow."""
        return reservoir()

    def properties(self) -> dict[str, Property | PropertyTable]:
        """Return every sourced value."""
        tables: dict[str, Property | PropertyTable] = {
            n: getattr(self, n) for n in ("density", "viscosity", "conductivity", "heat_capacity")
        }
        return tables if self.burnout is None else {**tables, "burnout": self.burnout}

    @property
    def worst_quality(self) -> str:
        """The worst quality letter of its values."""
        return max(p.quality for p in self.properties().values())

    def prandtl(self, temperature: float) -> float:
        """Return the Prandtl number at a temperature (K)."""
        return float(self.viscosity.at(temperature) * self.heat_capacity.at(temperature) / self.conductivity.at(temperature))

    def reynolds(self, flow: float, diameter: float, temperature: float) -> float:
        """Return the Reynolds number of a volume flow (m3/s) in a round channel (m)."""
        speed = flow / (0.25 * math.pi * diameter**2)
        return float(self.density.at(temperature) * speed * diameter / self.viscosity.at(temperature))

    def film_coefficient(self, flow: float, diameter: float, temperature: float) -> float:
        """Return the coefficient (W/m2/K) of the flow without boiling (see `pipe_flow.nusselt`)."""
        number = pipe_flow.nusselt(self.reynolds(flow, diameter, temperature), self.prandtl(temperature))
        return float(number * self.conductivity.at(temperature) / diameter)

    def heat_rate(self, flow: float, temperature: float) -> float:
        """Return how much heat a warming of 1 K carries away (W/K)."""
        return float(flow * self.density.at(temperature) * self.heat_capacity.at(temperature))

    def check(self, temperature: float, pressure: float, name: str) -> None:
        """Refuse a medium that would be frozen, boiling or burnt at its inlet."""
        limit = self.hottest
        if self.boils:
            if temperature < _FREEZING:
                raise MaterialError(f"{name} = {temperature - 273.15:.4g} degC is below the freezing point of {self.name}")
            limit = min(limit, pipe_flow.saturation_temperature(pressure))
        if temperature >= limit:
            raise MaterialError(
                f"{name} = {temperature - 273.15:.4g} degC is not below {limit - 273.15:.4g} degC, where {self.name} "
                f"{'boils at' if self.boils else 'may not be used, at'} {pressure * 1e-5:.3g} bar; cool it, or raise the pressure"
            )

    def interface(self, flow: float, diameter: float, temperature: float, pressure: float) -> Interface:
        """Return the coefficient between a channel's wall and the medium, over the temperature of the wall's side.

        Below the boiling point the film of the flow rules; a hotter wall of a water channel boils, up to the heat flow density that
        is not trusted to be exceeded (`burnout`).
        """
        film = self.film_coefficient(flow, diameter, temperature)
        trust = {"source": "incropera2007", "evidence": "derived", "quality": max("C", self.worst_quality)}
        shown = {"references": self.references, **trust}
        if not self.boils:
            return Interface("die", self.name, htc=film, **shown)  # type: ignore[arg-type]
        boiling = pipe_flow.saturation_temperature(pressure)
        most = math.inf if self.burnout is None else self.burnout.value
        rows = []
        for wall in np.unique(np.concatenate([[temperature + 1.0, boiling], boiling + np.linspace(2.0, 150.0, 75), [1500.0]])):
            if wall <= temperature:
                continue
            flux = max(film * (wall - temperature), min(pipe_flow.boiling_flux(wall - boiling, pressure), most))
            rows.append((float(wall), float(flux / (wall - temperature))))
        return Interface("die", self.name, htc=tuple(rows), over="temperature", **shown)  # type: ignore[arg-type]


def _table(name_unit: str, rows: tuple[tuple[float, float], ...], source: str, evidence: str, quality: str) -> PropertyTable:
    kelvin = tuple((T + 273.15, v) for T, v in rows)
    return PropertyTable(kelvin, ("K", name_unit), source, evidence, quality)


_WATER = ("incropera2007", "memory", "B")
_OIL = ("practice", "estimate", "D")

COOLANTS: dict[str, Coolant] = {
    "water": Coolant(
        "water",
        density=_table(
            "kg/m3", ((0, 999.8), (20, 998.2), (40, 992.2), (60, 983.2), (80, 971.8), (100, 958.4), (140, 926.1)), *_WATER
        ),
        viscosity=_table(
            "Pa s",
            ((0, 1.79e-3), (20, 1.00e-3), (40, 6.53e-4), (60, 4.67e-4), (80, 3.55e-4), (100, 2.82e-4), (140, 1.96e-4)), *_WATER,
        ),
        conductivity=_table("W/m/K", ((0, 0.561), (20, 0.598), (40, 0.631), (60, 0.654), (80, 0.670), (100, 0.679)), *_WATER),
        heat_capacity=_table("J/kg/K", ((0, 4217), (20, 4182), (40, 4179), (60, 4185), (80, 4197), (100, 4216)), *_WATER),
        boils=True,
        hottest=473.15,
        burnout=Property(4e6, "W/m2", "practice", "estimate", "D", low=2e6, high=8e6),
    ),
    "oil": Coolant(
        "oil",
        density=_table("kg/m3", ((20, 870), (150, 785), (250, 720)), *_OIL),
        viscosity=_table("Pa s", ((20, 6e-2), (100, 5e-3), (150, 2e-3), (200, 1.1e-3), (250, 7e-4)), *_OIL),
        conductivity=_table("W/m/K", ((20, 0.135), (250, 0.115)), *_OIL),
        heat_capacity=_table("J/kg/K", ((20, 1850), (150, 2350), (250, 2700)), *_OIL),
        hottest=593.15,
    ),
}  # fmt: skip
"""Coolants that castsolve knows, by name."""


def coolant(name: str | Coolant) -> Coolant:
    """Return a coolant by its name, or refuse the name with the nearest ones."""
    if isinstance(name, Coolant):
        return name
    try:
        return COOLANTS[name]
    except KeyError:
        raise MaterialError(unknown_name("coolant", str(name), COOLANTS)) from None
