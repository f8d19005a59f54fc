"""Chvorinov's constant of an alloy in a mould, and the thermal modulus it gives."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import materials
from ..errors import InputError, MaterialError, ResultsError
from ..materials import HeatCurve
from ..results import Results
from .reading import fact

__all__ = [
    "Chvorinov",
    "FreezingCurve",
    "chvorinov_from_curves",
    "chvorinov_of",
    "chvorinov_run",
    "effusivity",
    "mould_name",
    "thermal_modulus",
]


# The plate of the one-dimensional run: modulus and mould in m, voxels in the half plate, growth of those in the mould.
_MODULUS, _MOULD, _VOXELS, _GROWTH = 0.01, 0.3, 10, 1.05

# An alloy that freezes at one temperature is solid only a hair below it.
_HAIR = 1e-6


@dataclass(frozen=True, slots=True)
class Chvorinov:
    """Chvorinov's constant C of t = C M^2, in s/m2, and how it was found."""

    value: float
    how: str = field(default="given", kw_only=True)

    def __post_init__(self) -> None:
        if not (math.isfinite(self.value) and self.value > 0.0):
            raise InputError(f"Chvorinov's constant = {self.value:g} s/m2 must be above 0 and finite")

    def __str__(self) -> str:
        return f"{self.value * 1e-4 / 60.0:.3g} min/cm2 ({self.how})"


def effusivity(curve: HeatCurve, cold: float, hot: float) -> float:
    """Return the effusivity in W s^0.5 m^-2 K^-1 of a mould whose wall is heated from one temperature to another (K).

    ``e^2 = 2/3 int ((h - h_cold) + (h_hot - h_cold)) k dT / (T_hot - T_cold)^2`` over the heat curve (Parlange's
    sorptivity integral, scaled so that constant properties give ``k rho c`` exactly). A plateau, such as the water of
    green sand, counts with its heat.
    """
    if hot <= cold:
        raise InputError(f"hot = {hot:g} K must lie above cold = {cold:g} K")
    h_cold, h_hot = float(curve.at_temperature(cold)), float(curve.at_temperature(hot))
    inner = (curve.enthalpy > h_cold) & (curve.enthalpy < h_hot)
    h = np.unique(np.concatenate(([h_cold], curve.enthalpy[inner], np.linspace(h_cold, h_hot, 513))))
    T, k = np.asarray(curve.temperature_at(h)), np.asarray(curve.conductivity_at(h))
    weight = (h - h_cold) + (h_hot - h_cold)
    integral = float(np.sum(0.5 * (weight[1:] * k[1:] + weight[:-1] * k[:-1]) * np.diff(T)))
    return math.sqrt(2.0 / 3.0 * integral) / (hot - cold)


def chvorinov_from_curves(
    alloy: HeatCurve, mould: HeatCurve, *, pour: float, liquidus: float, solidus: float, mould_temperature: float
) -> float:
    """Return Chvorinov's constant in s/m2 from the heat curves of an alloy and an insulating mould.

    ``C = pi/4 (dh / ((T_f - T_0) e))^2`` with the heat dh (J/m3) between pour and solidus, the mean T_f of liquidus and
    solidus, the mould's temperature T_0 and its `effusivity` e between the two. Temperatures in K.

    Notes
    -----
    A hand formula: the mould alone limits the flow of heat, the metal is isothermal at one temperature, the wall is
    flat. Against `chvorinov_run` with the same curves it is 4 to 5 % low for WCB and 8 to 14 % low for A356 in sand.

    References
    ----------
    Chvorinov N. (1940), Giesserei 27, 177; Flemings M.C. (1974), Solidification Processing, chapter 1.
    """
    freezing = 0.5 * (liquidus + solidus)
    if freezing <= mould_temperature:
        raise InputError(
            f"mould_temperature = {mould_temperature:g} K must lie below the freezing range "
            f"({solidus:g} to {liquidus:g} K)"
        )
    heat = float(alloy.at_temperature(pour)) - float(alloy.at_temperature(solidus - _HAIR))
    drive = (freezing - mould_temperature) * effusivity(mould, mould_temperature, freezing)
    return math.pi / 4.0 * (heat / drive) ** 2


def chvorinov_run(
    alloy: HeatCurve, mould: HeatCurve, *, pour: float, solidus: float, mould_temperature: float
) -> float:
    """Return Chvorinov's constant in s/m2 from a run in one dimension: the solver's own, on a plate.

    A plate of 10 mm modulus (half of it, 10 voxels) in perfect contact with 300 mm of mould is poured and frozen; C is
    the time at which its middle is solid over the square of the modulus. With perfect contact the modulus does not
    matter. Temperatures in K.

    Notes
    -----
    Within 0.5 % of the same run at twice the voxels. Holds for a mould that alone limits the flow of heat.
    """
    # The solver is loaded only where a constant has to be computed.
    from ..geometry import Grid
    from ..simulation import Contact, Faces, HeatProblem, Level, Watch

    outward = np.cumsum(_MODULUS / _VOXELS * _GROWTH ** np.arange(200))
    outward = outward[outward < _MOULD]
    z = np.concatenate((np.arange(-_VOXELS, 1) * (_MODULUS / _VOXELS), outward))
    region = (np.arange(z.size - 1) >= _VOXELS).astype(np.uint8).reshape(1, 1, -1)
    across = np.array([0.0, 1.0])
    solid = Level("solid", enthalpy=float(alloy.at_temperature(solidus - _HAIR)))
    problem = HeatProblem(
        Grid.regular(across, across, z, region, ("metal", "mould")),
        [alloy, mould],
        Faces(contacts={(0, 1): Contact(math.inf)}),
        watch=Watch(region=0, levels=(solid,)),
    )
    run = problem.run([pour, mould_temperature], until="solid")
    return float(np.nanmax(run.crossing("solid"))) / _MODULUS**2


def chvorinov_of(results: Results) -> Chvorinov:
    """Return Chvorinov's constant of a run's alloy and mould, and say how it was found.

    Looked for in this order: the constant that the run noted (fact "alloy", "chvorinov"); a run in one dimension with
    the heat curves that the run noted of its alloy and mould (see `chvorinov_run`), where the mould insulates; the same
    with the curves of the materials that the run names.

    Raises
    ------
    ResultsError
        If the run noted too little, or its mould is a metal die, for which no such constant exists.
    """
    noted = fact(results, "alloy", "chvorinov")
    if isinstance(noted, Mapping):
        value, how = noted.get("value"), noted.get("how") or noted.get("source") or "noted by the run"
    else:
        value, how = noted, "noted by the run"
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0.0:
        return Chvorinov(float(value), how=str(how))
    return _computed(results)


@dataclass(frozen=True, slots=True)
class FreezingCurve:
    """The heat curve of a run's alloy, with its liquidus and solidus (K)."""

    curve: HeatCurve
    liquidus: float
    solidus: float

    @classmethod
    def of(cls, results: Results) -> FreezingCurve:
        """Return that of the alloy as the run noted it, or else of the material data that bear its name.

        Raises
        ------
        MaterialError
            If the run noted no curve and no material has the name.
        """
        noted = fact(results, "alloy")
        if isinstance(noted, Mapping) and {"heat_curve", "liquidus", "solidus"} <= set(noted):
            return cls(HeatCurve.from_facts(noted["heat_curve"]), float(noted["liquidus"]), float(noted["solidus"]))
        alloy = materials.alloy(_name(noted))
        return cls(alloy.heat, alloy.liquidus.value, alloy.solidus.value)


def _mould_curve(results: Results) -> tuple[HeatCurve, bool]:
    """Return the heat curve of a run's mould and whether it insulates: as the run noted it, else of the material data."""
    noted = _mould_region(results)
    if "heat_curve" in noted:
        return HeatCurve.from_facts(noted["heat_curve"]), bool(noted["insulating"])
    mould = materials.mould(mould_name(results))
    return mould.heat, mould.insulating


def _computed(results: Results) -> Chvorinov:
    advice = "give chvorinov= in s/m2 to have a thermal modulus"
    try:
        alloy, (mould, insulating) = FreezingCurve.of(results), _mould_curve(results)
    except MaterialError as error:
        raise ResultsError(f"no Chvorinov constant can be computed for this run ({error}); {advice}") from error
    if not insulating:
        raise ResultsError(
            f"{mould_name(results)} conducts too well for Chvorinov's rule: freezing time does not follow the square of the "
            f"modulus in a metal mould; {advice}"
        )
    pour = max(_number(fact(results, "pour_temperature"), alloy.liquidus), alloy.liquidus)
    cold = _number(fact(results, "mould_temperature"), 298.15)
    value = _run_of(_key(alloy.curve), _key(mould), pour, alloy.solidus, cold)
    return Chvorinov(value, how=f"1-D run of {_name(fact(results, 'alloy'))} in {mould_name(results)}")


def _key(curve: HeatCurve) -> str:
    """Return a curve as a text that a cache can look up."""
    return json.dumps(curve.facts())


@lru_cache(maxsize=32)
def _run_of(alloy: str, mould: str, pour: float, solidus: float, cold: float) -> float:
    metal, sand = HeatCurve.from_facts(json.loads(alloy)), HeatCurve.from_facts(json.loads(mould))
    return chvorinov_run(metal, sand, pour=pour, solidus=solidus, mould_temperature=cold)


def _name(noted: Any) -> str:
    return str((noted.get("name") or noted.get("id") or "") if isinstance(noted, Mapping) else noted or "")


def _mould_region(results: Results) -> Mapping[str, Any]:
    """Return what the run noted of its mould: the last region of that role; {} where it noted none."""
    for region in reversed(results.facts.get("regions") or []):
        if isinstance(region, Mapping) and region.get("role", region.get("name")) in ("mould", "die"):
            return region
    return {}


def mould_name(results: Results) -> str:
    """Return the material of the mould: the last region of the run, or the casting's own word for it."""
    return _name(_mould_region(results).get("material")) or _name(fact(results, "mould"))


def _number(value: Any, default: float) -> float:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else default


def thermal_modulus(results: Results, *, chvorinov: float | None = None) -> NDArray[np.float64]:
    """Return the thermal modulus of every metal voxel in m.

    ``M = sqrt(solidification time / C)`` with Chvorinov's constant C (s/m2) of that alloy and mould: the modulus of
    the plate that would freeze in the same time. Unlike volume over cooling area it sees chills, sleeves, corners and
    neighbours.

    Parameters
    ----------
    results : Results
        A run with the field "solidification_time".
    chvorinov : float, optional
        C in s/m2. Default: that of `chvorinov_of`.

    Returns
    -------
    ndarray, shape (nx, ny, nz)
        NaN where the voxel is not metal or did not freeze.

    Notes
    -----
    Meant for comparing places of one casting (riser over part). In metal moulds no constant exists.

    References
    ----------
    Chvorinov N. (1940), Giesserei 27, 177.
    """
    constant = Chvorinov(chvorinov).value if chvorinov is not None else chvorinov_of(results).value
    time = np.where(results.metal, np.asarray(results["solidification_time"], dtype=np.float64), np.nan)
    return np.sqrt(np.maximum(time, 0.0) / constant)
