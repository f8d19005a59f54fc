"""Heat transfer in a cooling channel: friction and Nusselt number of pipe flow, subcooled boiling at its wall."""

from __future__ import annotations

import math

__all__ = ["boiling_flux", "dittus_boelter", "friction_factor", "gnielinski", "nusselt", "saturation_temperature"]

# Fully developed laminar flow, wall of one temperature (Graetz); turbulent from the second number on.
_LAMINAR = 3.66
_CRITICAL, _TURBULENT = 2300.0, 4000.0


def friction_factor(reynolds: float) -> float:
    """Return Darcy's friction factor of turbulent flow in a smooth pipe.

    References
    ----------
    Petukhov (1970), Advances in Heat Transfer 6, 503-564: f = (0.790 ln Re - 1.64)^-2, 3000 < Re < 5e6.
    """
    return float((0.790 * math.log(reynolds) - 1.64) ** -2)


def gnielinski(reynolds: float, prandtl: float) -> float:
    """Return the Nusselt number of turbulent flow in a smooth pipe.

    References
    ----------
    Gnielinski (1976), Int. Chem. Eng. 16, 359-368: 3000 < Re < 5e6, 0.5 < Pr < 2000, within about 10 %.
    """
    eighth = friction_factor(reynolds) / 8.0
    return float(eighth * (reynolds - 1000.0) * prandtl / (1.0 + 12.7 * math.sqrt(eighth) * (prandtl ** (2.0 / 3.0) - 1.0)))


def dittus_boelter(reynolds: float, prandtl: float) -> float:
    """Return the Nusselt number of turbulent pipe flow that is heated, after the older and rougher rule.

    References
    ----------
    Dittus and Boelter (1930), as quoted by textbooks: 0.023 Re^0.8 Pr^0.4, Re > 1e4, 0.7 < Pr < 160, within about 25 %.
    """
    return float(0.023 * reynolds**0.8 * prandtl**0.4)


def nusselt(reynolds: float, prandtl: float) -> float:
    """Return the Nusselt number at any Reynolds number.

    Laminar flow up to 2300, Gnielinski's formula from 4000 on, linear between the two.

    References
    ----------
    Gnielinski (2013), Int. J. Heat Mass Transfer 63, 134-140: the linear bridge over the transition.
    """
    if reynolds <= _CRITICAL:
        return _LAMINAR
    if reynolds >= _TURBULENT:
        return gnielinski(reynolds, prandtl)
    share = (reynolds - _CRITICAL) / (_TURBULENT - _CRITICAL)
    return (1.0 - share) * _LAMINAR + share * gnielinski(_TURBULENT, prandtl)


def saturation_temperature(pressure: float) -> float:
    """Return the boiling temperature of water (K) at an absolute pressure (Pa), 1e5 to 1e7 Pa within about 1 K.

    References
    ----------
    Antoine's equation with the constants of 99 to 374 degC: log10(p / mmHg) = 8.14019 - 1810.94 / (244.485 + T / degC).
    """
    return 1810.94 / (8.14019 - math.log10(pressure / 133.322)) - 244.485 + 273.15


def boiling_flux(excess: float, pressure: float) -> float:
    """Return the heat flow density (W/m2) of subcooled nucleate boiling of water at a wall.

    Parameters
    ----------
    excess : float
        Wall temperature over the boiling temperature (K); no boiling below 0.
    pressure : float
        Absolute, in Pa.

    References
    ----------
    Jens and Lottes (1951), ANL-4627: excess / K = 25 (q / MW m-2)^0.25 exp(-p / 62 bar).
    """
    if excess <= 0.0:
        return 0.0
    return 1e6 * (excess / 25.0 * math.exp(pressure / 62e5)) ** 4
