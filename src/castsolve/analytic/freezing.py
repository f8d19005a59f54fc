"""Named cases of a freezing half space: pure metal at a wall or a mould, linear alloys, Scheil alloys.

Sources: Neumann's and Schwarz's solutions in Carslaw and Jaeger, Conduction of Heat in Solids, 2nd ed., 1959, section
11.2; alloys with a constant effective heat capacity in the mush: Cho and Sunderland, J. Heat Transfer 91 (1969) 421;
Scheil alloys with a eutectic front: Voller, Int. J. Heat Mass Transfer 40 (1997) 2869 (without solute transport).
"""

from __future__ import annotations

import math

from ..errors import InputError
from .phases import Phase
from .similarity import HalfSpace, Stretch, freeze

__all__ = ["linear_alloy", "neumann", "scheil_alloy", "schwarz"]


def neumann(
    *, solid: Phase, liquid: Phase, latent_heat: float, melting: float, initial: float, wall: float
) -> HalfSpace:
    """Return Neumann's two-phase solution: a pure metal freezing from a wall of fixed temperature.

    Parameters
    ----------
    solid, liquid : Phase
        The two phases; both must have the same density.
    latent_heat : float
        In J/kg.
    melting, initial, wall : float
        Melting point, pouring temperature and wall temperature in K.

    Returns
    -------
    HalfSpace
        With the front "solidus".
    """
    return freeze(_pure(solid, liquid, latent_heat, melting), initial=initial, wall=wall)


def schwarz(
    *,
    solid: Phase,
    liquid: Phase,
    latent_heat: float,
    melting: float,
    initial: float,
    mould: Phase,
    mould_initial: float,
) -> HalfSpace:
    """Return Schwarz's solution: a pure metal freezing against a mould in perfect contact.

    The metal freezes only if the temperature that liquid and mould take at contact lies below the melting point.
    Parameters are those of `neumann`, with the mould and its temperature before contact in place of the wall.
    """
    half = freeze(_pure(solid, liquid, latent_heat, melting), initial=initial, mould=mould, mould_initial=mould_initial)
    if "solidus" not in half.fronts:
        raise InputError(
            f"the metal poured at {initial:g} K does not freeze against this mould at once: their contact temperature "
            f"{half.surface_temperature:g} K is above the melting point {melting:g} K; pour colder"
        )
    return half


def _pure(solid: Phase, liquid: Phase, latent_heat: float, melting: float) -> list[Stretch]:
    return [
        Stretch(phase=solid, upper=melting, latent_heat=latent_heat, name="solidus"),
        Stretch(phase=liquid, upper=math.inf),
    ]


def linear_alloy(
    *,
    solid: Phase,
    mush_conductivity: float,
    liquid: Phase,
    latent_heat: float,
    solidus: float,
    liquidus: float,
    initial: float,
    wall: float | None = None,
    mould: Phase | None = None,
    mould_initial: float | None = None,
) -> HalfSpace:
    """Return the freezing of an alloy whose fraction solid is linear in temperature.

    The mush has the solid's specific heat plus ``latent_heat / (liquidus - solidus)``.

    Returns
    -------
    HalfSpace
        With the fronts "liquidus" and, if the wall is cold enough, "solidus".
    """
    if not solidus < liquidus:
        raise InputError(f"solidus = {solidus:g} K must be below liquidus = {liquidus:g} K")
    mush = Phase(
        conductivity=mush_conductivity,
        density=solid.density,
        specific_heat=solid.specific_heat + latent_heat / (liquidus - solidus),
    )
    stretches = [
        Stretch(phase=solid, upper=solidus, name="solidus"),
        Stretch(phase=mush, upper=liquidus, name="liquidus"),
        Stretch(phase=liquid, upper=math.inf),
    ]
    return freeze(stretches, initial=initial, wall=wall, mould=mould, mould_initial=mould_initial)


def scheil_alloy(
    *,
    metal: Phase,
    latent_heat: float,
    melting: float,
    liquidus: float,
    eutectic: float,
    partition: float,
    initial: float,
    wall: float,
) -> HalfSpace:
    """Return the freezing of a binary alloy after Scheil with a eutectic, from a wall of fixed temperature.

    The fraction liquid is ``((melting - T) / (melting - liquidus)) ** (1 / (partition - 1))``; what is left at the
    eutectic temperature freezes there at once.

    Parameters
    ----------
    metal : Phase
        Properties, the same for solid, mush and liquid.
    latent_heat : float
        In J/kg.
    melting, liquidus, eutectic : float
        Melting point of the pure metal, liquidus and eutectic temperature of the alloy in K.
    partition : float
        Partition coefficient, in (0, 1).
    initial, wall : float
        Pouring and wall temperature in K.

    Returns
    -------
    HalfSpace
        With the fronts "eutectic" and "liquidus".
    """
    if not 0.0 < partition < 1.0:
        raise InputError(f"partition = {partition:g} must lie in (0, 1)")
    power = 1.0 / (partition - 1.0)
    span = melting - liquidus

    def heat_rate(T: float) -> float:
        fraction_slope = -power / span * ((melting - T) / span) ** (power - 1.0)
        return metal.density * (metal.specific_heat + latent_heat * fraction_slope)

    at_eutectic = ((melting - eutectic) / span) ** power
    stretches = [
        Stretch(phase=metal, upper=eutectic, latent_heat=latent_heat * at_eutectic, name="eutectic"),
        Stretch(phase=metal, upper=liquidus, name="liquidus", heat_rate=heat_rate),
        Stretch(phase=metal, upper=math.inf),
    ]
    return freeze(stretches, initial=initial, wall=wall)
