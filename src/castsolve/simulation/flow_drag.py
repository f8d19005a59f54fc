"""What holds the metal back on its way: filters, the viscosity of the melt at its temperature, and the dendrites of the mush."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..materials import HeatCurve

__all__ = ["MeltTable", "Porous", "melt_viscosity", "mush_permeability"]

Array = NDArray[Any]

_GAS_CONSTANT = 8.314462618
# Packing at which a suspension of equiaxed grains no longer shears, and the exponent over it.
_PACKED, _EINSTEIN = 0.64, 2.5
# Rows of the table of the melt; what freezes at one temperature is straight between its ends anyway.
_BINS = 8192
# Resistance (1/s) of what is solid: nothing moves at any step.
_SOLID = 1e12


@dataclass(frozen=True, slots=True, eq=False)
class Porous:
    """A body in the way that metal seeps through: dp/L = viscosity v / permeability + density v^2 / inertial.

    Parameters
    ----------
    where : ndarray of bool, shape (nx, ny, nz)
        Its voxels in the cavity.
    permeability : float
        m2.
    inertial : float
        m; infinite where Darcy's law holds alone.

    References
    ----------
    Forchheimer (1901), Wasserbewegung durch Boden, Z. Ver. Dtsch. Ing. 45, 1782.
    """

    where: Array
    permeability: float
    inertial: float = math.inf

    def __post_init__(self) -> None:
        if not (self.permeability > 0.0 and self.inertial > 0.0):
            raise InputError(f"permeability = {self.permeability} m2 and inertial = {self.inertial} m must be above 0")
        if not np.asarray(self.where).any():
            raise InputError("a porous body covers no voxel; give it voxels of the cavity")


def melt_viscosity(at_liquidus: float, temperature: Any, liquidus: float) -> Any:
    """Return the viscosity of liquid metal at a temperature (K) from that at the liquidus (K), in its unit.

    exp(B/R (1/T - 1/T_liquidus)) with the activation energy B = 2.65 T_liquidus^1.27 J/mol.

    References
    ----------
    Hirai (1993), Estimation of viscosities of liquid alloys, ISIJ Int. 33, 251-258.
    """
    energy = 2.65 * liquidus**1.27
    return at_liquidus * np.exp(energy / _GAS_CONSTANT * (1.0 / np.asarray(temperature, float) - 1.0 / liquidus))


def mush_permeability(fraction_solid: Any, arm_spacing: float) -> Any:
    """Return the permeability (m2) of a mush: d^2 (1 - f)^3 / (180 f^2), infinite without solid, 0 without liquid.

    References
    ----------
    Carman (1937), Fluid flow through granular beds, Trans. Inst. Chem. Eng. 15, 150-166; Kozeny (1927), Sitzungsber. Akad. Wiss.
    Wien 136, 271.
    """
    f = np.asarray(fraction_solid, float)
    return np.divide(arm_spacing**2 * (1.0 - f) ** 3, 180.0 * f**2, out=np.full(f.shape, np.inf), where=f > 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class MeltTable:
    """Viscosity, resistance of the mush and temperature of the melt over even steps of its enthalpy.

    Attributes
    ----------
    lowest, step : float
        Enthalpy (J/m3, from the reference) of the first row, and between two rows.
    rows : ndarray, shape (n + 1, 3)
        Kinematic viscosity (m2/s), resistance (1/s), temperature (K).
    """

    lowest: float
    step: float
    rows: Array

    @classmethod
    def of(
        cls, curve: HeatCurve, reference: float, hottest: float, viscosity: float, coherency: float | None, arm_spacing: float
    ) -> MeltTable:
        """Tabulate an alloy.

        Parameters
        ----------
        curve : HeatCurve
        reference : float
            Enthalpy that the flow counts from (J/m3).
        hottest : float
            Highest temperature of the melt (K).
        viscosity : float
            Kinematic, at the liquidus (m2/s); 0 for an ideal liquid.
        coherency : float or None
            Fraction solid from which dendrites resist as a porous body. Below, they make the melt thicker: (1 - f/f_p)^(-2.5 f_p).
        arm_spacing : float
            m.

        References
        ----------
        Krieger and Dougherty (1959), A mechanism for non-Newtonian flow in suspensions of rigid spheres, Trans. Soc. Rheol. 3,
        137-152.
        """
        low = curve.enthalpy[0] if curve.fraction_solid is None else curve.at_temperature(
            max(curve.temperature_low, float(curve.temperature_at(curve.enthalpy_at_fraction_solid(1.0))) - 50.0)
        )
        high = curve.at_temperature(hottest)
        h = np.linspace(low, high, _BINS + 1)
        T = curve.temperature_at(h)
        nu, drag = np.full(h.shape, viscosity), np.zeros(h.shape)
        if curve.fraction_solid is not None:
            f = curve.fraction_solid_at(h)
            liquidus = float(curve.temperature_at(curve.enthalpy_at_fraction_solid(0.0)))
            liquid = melt_viscosity(viscosity, T, liquidus)
            loose = np.minimum(f, 0.5 if coherency is None else coherency)
            nu = liquid * (1.0 - np.minimum(loose, 0.95 * _PACKED) / _PACKED) ** (-_EINSTEIN * _PACKED)
            if coherency is not None:
                K = np.maximum(mush_permeability(f, arm_spacing), 1e-300)
                drag = np.where(f >= coherency, np.minimum(np.maximum(liquid, 1e-9) / K, _SOLID), 0.0)
        return cls(float(low - reference), float(h[1] - h[0]), np.ascontiguousarray(np.stack([nu, drag, T], axis=1)))

    @property
    def thickest(self) -> float:
        """Largest viscosity (m2/s)."""
        return float(self.rows[:, 0].max())
