"""Freezing times in a semi-infinite sand mould by hand formulas: Chvorinov's rule and its shape correction."""

from __future__ import annotations

import math

from ..errors import InputError, unknown_name
from .phases import Phase

__all__ = ["chvorinov_constant", "chvorinov_time"]

_CURVED = {"plate": 0, "cylinder": 1, "sphere": 2}


def chvorinov_constant(
    *,
    density: float,
    latent_heat: float,
    specific_heat: float,
    freezing: float,
    pour: float,
    mould: Phase,
    mould_initial: float,
) -> float:
    """Return C in ``t = C * modulus ** 2`` for a semi-infinite mould whose face is at the freezing temperature at once.

    Parameters
    ----------
    density, latent_heat, specific_heat : float
        Of the metal in kg/m3, J/kg and J/kg/K (the last for the superheat).
    freezing, pour, mould_initial : float
        Temperatures in K.
    mould : Phase
        The mould.

    Returns
    -------
    float
        Chvorinov's constant in s/m2; 1 min/cm2 = 6e5 s/m2.

    References
    ----------
    Chvorinov, Giesserei 27 (1940) 177; Flemings, Solidification Processing, 1974, chapter 1.
    """
    if not mould_initial < freezing <= pour:
        raise InputError(
            f"temperatures must rise from mould_initial = {mould_initial:g} K over freezing = {freezing:g} K "
            f"to pour = {pour:g} K"
        )
    heat = density * (latent_heat + specific_heat * (pour - freezing))
    return math.pi / 4.0 * (heat / ((freezing - mould_initial) * mould.effusivity)) ** 2


def chvorinov_time(
    modulus: float,
    *,
    shape: str,
    density: float,
    latent_heat: float,
    freezing: float,
    mould: Phase,
    mould_initial: float,
) -> float:
    """Return the freezing time without superheat in s, with the curvature of the mould counted.

    Solves ``M = (T_f - T_0) / (rho L) (2 e sqrt(t / pi) + n k t / (2 r))`` with n = 0, 1, 2 for plate, cylinder and
    sphere and the radius ``r = (n + 1) M``.

    Parameters
    ----------
    modulus : float
        Volume over cooling area in m.
    shape : str
        "plate", "cylinder" or "sphere".
    density, latent_heat, freezing, mould, mould_initial
        As in `chvorinov_constant`.

    References
    ----------
    Flemings, Solidification Processing, 1974, chapter 1.
    """
    if shape not in _CURVED:
        raise InputError(unknown_name("shape", shape, _CURVED))
    n = _CURVED[shape]
    linear = 2.0 * mould.effusivity / math.sqrt(math.pi)
    curved = n * mould.conductivity / (2.0 * (n + 1) * modulus)
    need = modulus * density * latent_heat / (freezing - mould_initial)
    root = 2.0 * need / (linear + math.sqrt(linear**2 + 4.0 * curved * need))
    return root * root
