"""The dimensionless Niyama value: how much interdendritic porosity a Niyama value means for an alloy."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, unknown_name

__all__ = ["PORE_CURVES", "critical_fraction_liquid", "critical_niyama", "dimensionless_niyama", "pore_share"]

# Pore volume in % against the dimensionless Niyama value: (upper end of the stretch, "log" or "power", a, b) for
# a + b log10(Ny*) and a Ny*^b. Fits of the published curves, read second-hand.
PORE_CURVES: dict[str, tuple[tuple[float, str, float, float], ...]] = {
    "WCB": ((28.2, "log", 3.052, -1.654), (math.inf, "power", 43.05, -1.254)),
    "A356": ((1.43, "log", 3.160, -2.068), (18.0, "power", 4.024, -0.9786), (math.inf, "power", 7.771, -1.206)),
    "AZ91D": ((41.0, "log", 3.483, -1.671), (45.2, "log", 18.23, -10.81), (math.inf, "power", 73.01, -1.415)),
}


def dimensionless_niyama(
    gradient: ArrayLike,
    cooling_rate: ArrayLike,
    *,
    arm_spacing: ArrayLike,
    viscosity: float,
    shrinkage: float,
    freezing_range: float,
    pressure_drop: ArrayLike = 1.01e5,
) -> NDArray[np.float64]:
    """Return the dimensionless Niyama value Ny*.

    ``Ny* = G lambda2 sqrt(dp) / sqrt(mu beta dT_f R)``

    Parameters
    ----------
    gradient, cooling_rate : array_like
        G in K/m and R in K/s at the Niyama point.
    arm_spacing : array_like
        Secondary arm spacing lambda2 in m.
    viscosity, shrinkage, freezing_range : float
        Of the liquid in Pa s; density of the solid over that of the liquid less one; liquidus less solidus in K.
    pressure_drop : array_like, optional
        Pressure that feeds the mush, in Pa.

    Notes
    -----
    For columnar or equiaxed dendrites that freeze towards a wall; not for graphitic iron.

    References
    ----------
    Carlson K.D., Beckermann C. (2009), Metall. Mater. Trans. A 40, 163-175.
    """
    for name, number in (("viscosity", viscosity), ("shrinkage", shrinkage), ("freezing_range", freezing_range)):
        if not number > 0.0:
            raise InputError(f"{name} = {number:g} must be above 0")
    G, R, spacing = (np.asarray(a, dtype=np.float64) for a in (gradient, cooling_rate, arm_spacing))
    with np.errstate(divide="ignore", invalid="ignore"):
        fed = np.asarray(pressure_drop, dtype=np.float64) / (viscosity * shrinkage * freezing_range)
        value = G * spacing * np.sqrt(fed / R)
    return np.where(R > 0.0, value, np.nan)


def critical_niyama(fraction_liquid: ArrayLike) -> NDArray[np.float64]:
    """Return the Ny* at which feeding ends when a fraction of liquid is left, for fraction solid linear in temperature.

    ``Ny*^2 = int_f^1 180 (1 - g)^2 / g^2 dg = 180 (1/f + 2 ln f - f)``: Darcy flow with the Carman-Kozeny permeability.
    """
    f = np.asarray(fraction_liquid, dtype=np.float64)
    if ((f <= 0.0) | (f > 1.0)).any():
        raise InputError("the fraction of liquid must belong to (0, 1]")
    return np.sqrt(np.maximum(180.0 * (1.0 / f + 2.0 * np.log(f) - f), 0.0))


def critical_fraction_liquid(value: float) -> float:
    """Return the fraction of liquid that is left when feeding ends at a Ny*: the inverse of `critical_niyama`.

    The pore volume is about the solidification shrinkage times this fraction.
    """
    if not value >= 0.0:
        raise InputError(f"Ny* = {value:g} must not be negative")
    from scipy.optimize import brentq

    if value == 0.0:
        return 1.0
    target = value * value / 180.0
    return math.exp(
        brentq(lambda s: math.exp(-s) + 2.0 * s - math.exp(s) - target, -math.log(2.0 * target + 10.0), 0.0)
    )


def pore_share(value: ArrayLike, alloy: str) -> NDArray[np.float64]:
    """Return the pore volume (share of the metal) at a Ny*, from the published curves of WCB, A356 and AZ91D.

    Notes
    -----
    The fits were read second-hand. Below Ny* = 0.1 the value at 0.1 is held, as their logarithm has no end.

    References
    ----------
    Carlson K.D., Beckermann C. (2009), Metall. Mater. Trans. A 40, 163-175.
    """
    if alloy not in PORE_CURVES:
        raise InputError(unknown_name("pore curve", alloy, PORE_CURVES))
    x = np.maximum(np.asarray(value, dtype=np.float64), 0.1)
    out = np.full(x.shape, np.nan)
    low = 0.0
    for high, kind, a, b in PORE_CURVES[alloy]:
        here = (x > low) & (x <= high)
        out[here] = a + b * np.log10(x[here]) if kind == "log" else a * x[here] ** b
        low = high
    return out / 100.0
