"""Hydrogen in aluminium: how much the metal holds, what freezing rejects, and the pores it makes.

Contents are in cm3 of gas (0 degC, 1 atm) per 100 g of metal, as foundries measure them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..materials import Alloy

__all__ = ["SAND_LIMIT", "hydrogen_onset", "hydrogen_pores", "hydrogen_solubility"]

Floats = NDArray[np.float64]

_ATMOSPHERE = 101_325.0
# log10 S = a - b / T (K) at 1 atm of hydrogen; Ransley and Neufeld (1948), from memory, ends checked.
_LAW = {"liquid": (2.796, 2760.0), "solid": (0.788, 2080.0)}

SAND_LIMIT = (0.10, 0.15)
"""Content (cm3/100 g) from which on sand castings show gas pores: practice, a range."""

_PARTITION = 0.06  # solid over liquid solubility at the melting point; 0.05 to 0.07


def hydrogen_solubility(temperature: ArrayLike, *, pressure: ArrayLike = _ATMOSPHERE, state: str = "liquid") -> Floats:
    """Return how much hydrogen aluminium holds at a temperature (K) under a pressure of hydrogen (Pa), in cm3/100 g.

    Sieverts' law: the root of the pressure.

    References
    ----------
    Ransley C.E., Neufeld H. (1948), J. Inst. Metals 74, 599.
    """
    if state not in _LAW:
        raise InputError(f'state = "{state}" must be "liquid" or "solid"')
    a, b = _LAW[state]
    T, p = np.asarray(temperature, dtype=np.float64), np.asarray(pressure, dtype=np.float64)
    if (T <= 0.0).any() or (p < 0.0).any():
        raise InputError("temperature must be above 0 K and pressure not below 0 Pa")
    return np.asarray(10.0 ** (a - b / T) * np.sqrt(p / _ATMOSPHERE))


def _path(alloy: Alloy) -> tuple[Floats, Floats]:
    rows = np.array(alloy.fraction_solid.rows)
    f = np.linspace(0.0, 1.0, 401)
    return f, np.interp(f, rows[:, 1], rows[:, 0])


def hydrogen_onset(content: float, alloy: Alloy, *, pressure: float = _ATMOSPHERE) -> float:
    """Return the fraction solid at which the liquid between the dendrites becomes oversaturated; 1 where it never does.

    The liquid holds ``C0 / (f_l + k f_s)`` (lever rule, k = 0.06); a pore can form when that exceeds the solubility at its
    temperature and pressure (Pa): that of the air and of the metal above, less what the mush costs, plus 2 sigma / r of the pore.
    """
    _checked(content, pressure)
    f, T = _path(alloy)
    over = content / ((1.0 - f) + _PARTITION * f) >= hydrogen_solubility(T, pressure=pressure)
    return float(f[np.argmax(over)]) if over.any() else 1.0


def hydrogen_pores(content: float, alloy: Alloy, *, pressure: ArrayLike = _ATMOSPHERE) -> Floats:
    """Return the share of gas pores at the end of freezing.

    What the solid cannot hold at the local pressure is gas at the solidus: ``(C0 - S_s(T, p)) rho / 100 g`` at the temperature and
    pressure of the pore.

    Parameters
    ----------
    content : float
        Of the melt, in cm3/100 g.
    alloy : Alloy
        Of the family aluminium.
    pressure : array_like, optional
        In the pore when its size settles, in Pa. Default: the air.

    Returns
    -------
    ndarray
        Shape of `pressure`. An upper bound: gas that leaves through the surface, and pores that cannot nucleate, are not in it.
    """
    p = np.asarray(pressure, dtype=np.float64)
    _checked(content, float(p.min()) if p.size else _ATMOSPHERE)
    T = alloy.solidus.value
    held = hydrogen_solubility(T, pressure=p, state="solid")
    density = alloy.density_at_solidus * 1e-3  # g/cm3
    excess = np.maximum(content - held, 0.0)
    gas = excess / 100.0 * density * (T / 273.15) * (_ATMOSPHERE / p)
    return np.asarray(gas / (1.0 + gas))


def _checked(content: float, pressure: float) -> None:
    if not content >= 0.0:
        raise InputError(f"hydrogen = {content:g} cm3/100 g must not be negative; 0.1 to 0.3 are usual")
    if not pressure > 0.0:
        raise InputError(f"pressure = {pressure:g} Pa must be above 0")
