"""The constant-property reference materials of all cases, as phases of the exact solutions and as heat curves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from castsolve.analytic import Phase
from castsolve.materials import HeatCurve
from castsolve.units import degC


@dataclass(frozen=True, slots=True)
class StockAlloy:
    """An alloy with constant properties and a fraction solid linear in temperature (temperatures in degC)."""

    density: float
    k_solid: float
    k_mush: float
    k_liquid: float
    specific_heat: float
    latent_heat: float
    liquidus_C: float  # noqa: N815
    solidus_C: float  # noqa: N815
    specific_heat_liquid: float | None = None

    @property
    def solidus(self) -> float:
        return degC(self.solidus_C)

    @property
    def liquidus(self) -> float:
        return degC(self.liquidus_C)

    @property
    def solid(self) -> Phase:
        return Phase(conductivity=self.k_solid, density=self.density, specific_heat=self.specific_heat)

    @property
    def liquid(self) -> Phase:
        c = self.specific_heat if self.specific_heat_liquid is None else self.specific_heat_liquid
        return Phase(conductivity=self.k_liquid, density=self.density, specific_heat=c)

    def heat(self, *, latent_factor: float = 1.0) -> HeatCurve:
        return HeatCurve.linear_alloy(
            density=self.density,
            specific_heat=self.specific_heat,
            k_solid=self.k_solid,
            k_mush=self.k_mush,
            k_liquid=self.k_liquid,
            latent_heat=self.latent_heat * latent_factor,
            liquidus=self.liquidus,
            solidus=self.solidus,
            specific_heat_liquid=self.specific_heat_liquid,
        )

    def similar(self) -> dict[str, object]:
        """Arguments of `analytic.linear_alloy`."""
        return {
            "solid": self.solid,
            "mush_conductivity": self.k_mush,
            "liquid": self.liquid,
            "latent_heat": self.latent_heat,
            "solidus": self.solidus,
            "liquidus": self.liquidus,
        }

    def pure(self) -> dict[str, object]:
        """Arguments of `analytic.neumann` and `analytic.schwarz`."""
        return {
            "solid": self.solid,
            "liquid": self.liquid,
            "latent_heat": self.latent_heat,
            "melting": self.solidus,
        }


AL_PURE = StockAlloy(2500.0, 210.0, 210.0, 95.0, 1150.0, 397000.0, 660.3, 660.3, 1080.0)
A356 = StockAlloy(2500.0, 160.0, 120.0, 80.0, 1100.0, 395000.0, 614.0, 560.0)
A356_FLAT = StockAlloy(2500.0, 120.0, 120.0, 120.0, 1100.0, 395000.0, 614.0, 560.0)
STEEL = StockAlloy(7200.0, 30.0, 30.0, 30.0, 750.0, 265000.0, 1505.0, 1455.0)
DUCTILE = StockAlloy(7000.0, 35.0, 35.0, 35.0, 840.0, 230000.0, 1150.0, 1140.0)
SAND = Phase(conductivity=0.607, density=1500.0, specific_heat=1130.0)
H13 = Phase(conductivity=29.0, density=7700.0, specific_heat=560.0)
COPPER = Phase(conductivity=390.0, density=8900.0, specific_heat=385.0)
AL_SOLID = Phase(conductivity=160.0, density=2500.0, specific_heat=1100.0)

# Al-4.5Cu after Scheil with a eutectic
AL_CU = {
    "metal": Phase(conductivity=140.0, density=2600.0, specific_heat=1100.0),
    "latent_heat": 3.9e5,
    "melting": degC(660.3),
    "liquidus": degC(660.3 - 3.37 * 4.5),
    "eutectic": degC(660.3 - 3.37 * 33.1),
    "partition": 0.17,
}


def curve(phase: Phase) -> HeatCurve:
    """Return the heat curve of one phase."""
    return HeatCurve.constant(density=phase.density, specific_heat=phase.specific_heat, conductivity=phase.conductivity)


# An environment of fixed temperature for cut bodies: its heat content is so large that it stays at 25 degC.
THERMOSTAT = HeatCurve.constant(density=1e9, specific_heat=1e6, conductivity=1e8)


def scheil_curve(nodes: int = 400) -> HeatCurve:
    """Return the heat curve of Al-4.5Cu after Scheil, its mush tabulated at places crowded towards the liquidus."""
    metal = AL_CU["metal"]
    melting, liquidus, eutectic = AL_CU["melting"], AL_CU["liquidus"], AL_CU["eutectic"]
    power = 1.0 / (AL_CU["partition"] - 1.0)
    share = np.linspace(0.0, 1.0, nodes)
    T_mush = liquidus - (liquidus - eutectic) * (1.0 - share) ** 2
    f_liquid = ((melting - T_mush) / (melting - liquidus)) ** power
    T = np.concatenate([[200.0, eutectic], T_mush, [1500.0]])
    f = np.concatenate([[0.0, 0.0], f_liquid, [1.0]])
    h = metal.density * (metal.specific_heat * (T - 298.15) + AL_CU["latent_heat"] * f)
    return HeatCurve(
        h,
        T,
        np.full(T.size, metal.conductivity),
        density=metal.density,
        kinks=np.array([0, 1, 2, T.size - 2, T.size - 1]),
        fraction_solid=1.0 - f,
    )
