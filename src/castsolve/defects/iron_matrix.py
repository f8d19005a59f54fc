"""The matrix of an iron at every place: ferrite and pearlite, hardness and strength, by composition and cooling."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, MaterialError, ResultsError
from ..materials import shape_of_graphite
from ..results import Results
from .iron import CLASS_STRENGTH, nodule_count
from .modulus import FreezingCurve
from .reading import fact
from .rules import rule
from .thresholds import composition_of

__all__ = ["IronMatrix", "eutectoid_rate", "iron_matrix", "pearlite_factor", "pearlite_share"]

Floats = NDArray[np.float64]

# Where the eutectoid is reckoned with, in K.
_EUTECTOID = 1013.0
# What the classes of EN 1563 stand for: pearlite, least tensile strength (Pa), middle of the range of hardness (HB). Annex, from
# memory.
_CLASSES = np.array([[0.1, 400e6, 160.0], [0.5, 500e6, 200.0], [0.8, 600e6, 230.0], [1.0, 700e6, 265.0]])
_PURE = np.array([[0.0, 380e6, 150.0]])
# Half of the range of hardness that a class allows.
_HARDNESS_SCATTER = 25.0
# Uncertainty of the logit of the pearlite: a factor 2 in nodules and cooling, and what trace elements do that no composition tells.
_LOGIT = math.hypot(math.log(2.0), 0.6)
_COEFFICIENTS: Mapping[str, float] = {
    "Mn": 3.0, "Cu": 7.75, "Sn": 90.0, "Cr": 9.6, "As": 20.1, "Sb": 71.7, "Pb": 357.0, "Bi": 333.0,
}  # fmt: skip
# Grey iron: HB = 100 + 0.44 Rm (MPa), a fifth either way: EN 1561, annex, from memory.
_GREY_SCATTER = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class IronMatrix:
    """Matrix and properties of an iron part, arrays of shape (nx, ny, nz), NaN where it has not frozen.

    Attributes
    ----------
    pearlite : ndarray
        Share of the matrix; the rest is ferrite.
    pearlite_low, pearlite_high : ndarray
        Its range.
    hardness : ndarray
        Brinell.
    strength : ndarray
        Least tensile strength that a class with this matrix (ductile) or this wall (grey) stands for, in Pa.
    hardness_scatter : float
        Of the hardness, either way: of ductile iron in HB, of grey iron as a share.
    """

    pearlite: Floats
    pearlite_low: Floats
    pearlite_high: Floats
    hardness: Floats
    strength: Floats
    hardness_scatter: float


def pearlite_factor(composition: Mapping[str, float]) -> float:
    """Return Thielemann's factor of a composition (mass per cent): how much it makes a ductile iron pearlitic.

    ``3 Mn - 2.65 (Si - 2) + 7.75 Cu + 90 Sn + 9.6 Cr + 20.1 As + 71.7 Sb + 357 Pb + 333 Bi``

    References
    ----------
    Thielemann T. (1970), Giessereitechnik 16, 16: the factor is described in giessereilexikon.com, "Pearlitic influence factor"
    (seen); its numbers are from memory.
    """
    return sum(k * composition.get(name, 0.0) for name, k in _COEFFICIENTS.items()) - 2.65 * (composition.get("Si", 2.0) - 2.0)


def eutectoid_rate(
    solidification_time: ArrayLike, *, alloy: FreezingCurve, superheat: float = 0.0, mould_temperature: float = 298.15
) -> Floats:
    """Return the cooling rate (K/s) at 740 degC of a place in sand that froze after a time (s).

    Sand takes heat as ``2 b (T - T0) sqrt(t/pi)`` while the metal freezes and goes on to do so while it cools: with
    ``A = (L/c + superheat) / (T_s - T0)`` and ``B = ln((T_s - T0)/(T_e - T0))`` the rate at T_e is
    ``A (T_e - T0) / (2 t_s (1 + B/A))``: 4 % above the computed rate of a plate of 25 x 400 x 400 mm in green sand, 16 % above that
    in furan sand. For thick sand; in a die, or shaken out above 740 degC, it cools faster.

    Parameters
    ----------
    solidification_time : array_like
    alloy : FreezingCurve
    superheat : float, optional
        Of the pour above the liquidus, in K.
    mould_temperature : float, optional
        In K.
    """
    time = np.asarray(solidification_time, dtype=np.float64)
    solidus, curve = alloy.solidus, alloy.curve
    temperature = np.array([_EUTECTOID, solidus])
    heat = np.interp(temperature, curve.temperature, curve.enthalpy)
    specific = float(np.diff(heat)[0] / np.diff(temperature)[0])
    to_solid = float(np.interp(alloy.liquidus + superheat, curve.temperature, curve.enthalpy) - heat[1])
    if not solidus > _EUTECTOID > mould_temperature:
        raise InputError(f"mould_temperature = {mould_temperature:g} K must be below the eutectoid of iron")
    a = to_solid / specific / (solidus - mould_temperature)
    b = math.log((solidus - mould_temperature) / (_EUTECTOID - mould_temperature))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(time > 0.0, a * (_EUTECTOID - mould_temperature) / (2.0 * time * (1.0 + b / a)), np.nan)


def pearlite_share(factor: float, rate: ArrayLike, nodules: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return the pearlite of ductile iron and the ends of its range.

    Ferrite grows as a shell round every nodule, by carbon that diffuses through it, until pearlite starts: its odds are taken to go
    with the Fourier number of that, nodules over cooling rate; those of composition with Thielemann's factor.

    Parameters
    ----------
    factor : float
        See `pearlite_factor`.
    rate : array_like
        Cooling rate at the eutectoid (K/s).
    nodules : array_like
        Nodule count (1/mm2).
    """
    slope, half = rule("pearlite_slope").value, rule("pearlite_half").value
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.asarray(nodules) / rule("nodules_25mm").value * rule("eutectoid_rate").value / np.asarray(rate)
        logit = slope * (factor - half) - np.log(reach)
    low, middle, high = (1.0 / (1.0 + np.exp(-(logit + shift))) for shift in (-_LOGIT, 0.0, _LOGIT))
    return middle, low, high


def iron_matrix(results: Results, *, chvorinov: float | None = None, inoculation: float = 1.0) -> IronMatrix:
    """Return matrix, hardness and strength of an iron part at every place.

    Ductile iron: pearlite by composition, nodule count and cooling at the eutectoid; hardness and strength as the classes of EN
    1563 with that much pearlite. Grey iron: pearlitic; strength by wall (twice the thermal modulus) as its class in EN 1561,
    hardness by strength. Quality D: a rank of places and a warning of hard corners, no inspection.

    Parameters
    ----------
    results : Results
        A run with solidification time and cooling rate.
    chvorinov : float, optional
        Chvorinov's constant (s/m2): needed for grey iron.
    inoculation : float, optional
        Factor on the nodule count.
    """
    name, share = str(fact(results, "alloy", "name") or ""), composition_of(results)
    if "C" not in share or fact(results, "alloy", "family", default="iron") != "iron":
        raise ResultsError("the matrix is computed for irons whose composition is known")
    time, shape = np.asarray(results["solidification_time"], dtype=np.float64), shape_of_graphite(name, share)
    if shape == "lamellar":
        return _grey(name, time, chvorinov)
    if shape != "nodular":
        raise ResultsError(
            f"no source was found for ferrite and pearlite, hardness and strength of {name} by section (EN 16079); only "
            "ductile and grey iron have a model, and theirs would be a guess here"
        )
    try:
        alloy = FreezingCurve.of(results)
    except MaterialError as error:
        raise ResultsError(f"the heat that cools through the eutectoid is not known: {error}") from error
    pour = fact(results, "casting", "pour_temperature")
    mould = fact(results, "casting", "mould_temperature")
    superheat = max(float(pour) - alloy.liquidus, 0.0) if pour is not None else 0.0
    rate = eutectoid_rate(time, alloy=alloy, superheat=superheat, mould_temperature=298.15 if mould is None else float(mould))
    nodules = nodule_count(results["cooling_rate"], inoculation=inoculation)
    pearlite, low, high = pearlite_share(pearlite_factor(share), rate, nodules)
    table = np.concatenate([_PURE, _CLASSES])
    strength, hardness = (np.interp(pearlite, table[:, 0], table[:, column]) for column in (1, 2))
    return IronMatrix(pearlite, low, high, hardness, strength, _HARDNESS_SCATTER)


def _grey(name: str, time: Floats, chvorinov: float | None) -> IronMatrix:
    if chvorinov is None:
        raise ResultsError("the strength of grey iron goes with its wall, and no Chvorinov constant is known to tell that")
    rows = CLASS_STRENGTH.get(name, ())
    if not rows:
        raise ResultsError(f"no strength of {name} by wall is known")
    # a row holds up to its wall: its strength is met in the middle (geometric) of its range
    walls = np.array([row[0] for row in rows])
    middles = np.log(walls / np.sqrt(2.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        wall = 2.0 * np.sqrt(time / chvorinov)
        strength = 1e6 * np.interp(np.log(wall), middles, np.array([row[1] for row in rows]))
    strength = np.where(np.isfinite(time), strength, np.nan)
    whole = np.where(np.isfinite(time), 1.0, np.nan)
    return IronMatrix(whole, whole, whole, 100.0 + 0.44e-6 * strength, strength, _GREY_SCATTER)
