"""Hot tearing: which alloys and which places are prone to it. Ranks, no pass or fail."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, ResultsError
from ..results import Results
from .criteria import cooling_rate, thermal_gradient
from .pore_curve import needed_alloy
from .thresholds import library_alloy

__all__ = [
    "COALESCENCE",
    "RdgIntegrals",
    "clyne_davies",
    "clyne_davies_map",
    "hot_tearing",
    "kou_index",
    "rdg_integrals",
    "rdg_pressure_drop",
    "time_at",
]

Floats = NDArray[np.float64]

COALESCENCE = 0.98
"""Fraction solid at which grains have grown together and no longer tear apart: practice, 0.95 to 0.99."""


def _checked(temperature: ArrayLike, fraction_solid: ArrayLike) -> tuple[Floats, Floats]:
    T, f = np.asarray(temperature, dtype=np.float64), np.asarray(fraction_solid, dtype=np.float64)
    if T.ndim != 1 or T.shape != f.shape or T.size < 2 or (np.diff(T) > 0.0).any() or (np.diff(f) < 0.0).any():
        raise InputError("a freezing path needs temperatures that never rise beside fractions solid that never fall")
    return T, f


def clyne_davies(temperature: ArrayLike, fraction_solid: ArrayLike) -> float:
    """Return the cracking susceptibility of a freezing path: ``(T(0.9) - T(0.99)) / (T(0.4) - T(0.9))``.

    Time in which the mush is weak over time in which it can relax, for a steady cooling rate. Higher is worse.

    References
    ----------
    Clyne T.W., Davies G.J. (1981), Br. Foundryman 74, 65.
    """
    T, f = _checked(temperature, fraction_solid)
    at40, at90, at99 = np.interp((0.4, 0.9, 0.99), f, T)
    if not at40 > at90:
        return math.inf
    return float((at90 - at99) / (at40 - at90))


def time_at(results: Results, fraction_solid: float) -> Floats:
    """Return when every metal voxel reached a fraction solid (s), between the moments that were recorded.

    Times go along the heat that the metal has lost: between two records it is taken to leave steadily.

    Parameters
    ----------
    results : Results
        A run with the times of liquidus and solidus at least.
    fraction_solid : float
        In (0, 1).

    Returns
    -------
    ndarray, shape (nx, ny, nz)
        NaN where a record beside it is missing.
    """
    if not 0.0 < fraction_solid < 1.0:
        raise InputError(f"fraction_solid = {fraction_solid:g} must belong to (0, 1)")
    alloy = library_alloy(results)
    if alloy is None or alloy.heat.fraction_solid is None:
        raise ResultsError("the alloy is not in the material data, so its freezing path is not known")
    path, heat = np.asarray(alloy.heat.fraction_solid, dtype=np.float64)[::-1], np.asarray(alloy.heat.enthalpy)[::-1]
    solid = int(np.argmax(path >= 1.0))
    path, heat = path[: solid + 1], heat[: solid + 1]
    rows = np.array(alloy.fraction_solid.rows)
    niyama = float(np.interp(alloy.solidus.value + alloy.niyama_point.value * alloy.freezing_range, rows[::-1, 0], rows[::-1, 1]))
    known = {
        "liquidus_time": 0.0,
        "coherency_time": alloy.coherency.value,
        "macro_feeding_time": alloy.macro_feeding_limit.value,
        "feeding_time": alloy.feeding_limit.value,
        "niyama_time": niyama,
        "solidification_time": 1.0,
    }
    records = sorted((fraction, name) for name, fraction in known.items() if name in results)
    if not records or records[0][0] > fraction_solid or records[-1][0] < fraction_solid:
        raise ResultsError("times at a fraction solid need those of liquidus and solidus")
    after = next(n for n, (fraction, _) in enumerate(records) if fraction >= fraction_solid)
    first, last = records[max(after - 1, 0)], records[after]
    # path rises with falling heat
    lost = [float(np.interp(f, path, -heat)) for f in (first[0], fraction_solid, last[0])]
    early, late = (np.asarray(results[name], dtype=np.float64) for _, name in (first, last))
    share = (lost[1] - lost[0]) / (lost[2] - lost[0]) if lost[2] > lost[0] else 1.0
    return np.where(results.metal, early + share * (late - early), np.nan)


def clyne_davies_map(results: Results) -> Floats:
    """Return the cracking susceptibility of Clyne and Davies in every metal voxel: a map that ranks places.

    ``(t(0.99) - t(0.9)) / (t(0.9) - t(0.4))``: how long the mush was weak over how long it could relax, from the records. Higher is
    worse; no threshold belongs to it.

    Parameters
    ----------
    results : Results
        A run with the times of liquidus and solidus; those of coherency and of the feeding limits make it better.

    Returns
    -------
    ndarray, shape (nx, ny, nz)
        NaN where the voxel is not metal or has not frozen.

    References
    ----------
    Clyne T.W., Davies G.J. (1981), Br. Foundryman 74, 65.
    """
    relaxing, weak, done = (time_at(results, fraction) for fraction in (0.4, 0.9, 0.99))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(weak > relaxing, (done - weak) / (weak - relaxing), np.nan)


def kou_index(temperature: ArrayLike, fraction_solid: ArrayLike, *, low: float = 0.87, high: float = 0.99) -> float:
    """Return the steepest ``|dT / d sqrt(fraction solid)|`` (K) between two fractions solid.

    References
    ----------
    Kou S. (2015), Acta Mater. 88, 366.
    """
    T, f = _checked(temperature, fraction_solid)
    root = np.sqrt(f)
    inside = (f[:-1] >= low) & (f[1:] <= high) & (np.diff(root) > 0.0)
    if not inside.any():
        raise InputError(f"the freezing path has no two points between {low:g} and {high:g} fraction solid")
    return float(np.max(-np.diff(T)[inside] / np.diff(root)[inside]))


@dataclass(frozen=True, slots=True)
class RdgIntegrals:
    """What a freezing path costs in pressure: `shrinkage` in K and `strain` in K2."""

    shrinkage: float
    strain: float


def rdg_integrals(temperature: ArrayLike, fraction_solid: ArrayLike, *, end: float = COALESCENCE) -> RdgIntegrals:
    """Return ``int f^2/(1-f)^2 dT`` and ``int F f^2/(1-f)^3 dT`` from the end of the mush to the liquidus.

    F(T) is the integral of the fraction solid from the end to T. The end is where the path reaches `end` fraction solid, or its
    last point before.
    """
    T, f = _checked(temperature, fraction_solid)
    if not 0.0 < end < 1.0:
        raise InputError(f"end = {end:g} must belong to (0, 1); at 1 the mush lets no liquid through")
    if f[-1] > end:
        cut = float(np.interp(end, f, T))
        keep = f < end
        T, f = np.append(T[keep], cut), np.append(f[keep], end)
    # from the end upwards, finely
    up = np.interp(np.linspace(T[-1], T[0], 20001), T[::-1], f[::-1])
    step = (T[0] - T[-1]) / 20000.0
    first = up**2 / (1.0 - up) ** 2
    strained = np.concatenate(([0.0], np.cumsum(0.5 * (up[1:] + up[:-1]) * step)))
    second = strained * up**2 / (1.0 - up) ** 3
    return RdgIntegrals(*(float(np.sum(0.5 * (y[1:] + y[:-1])) * step) for y in (first, second)))


def rdg_pressure_drop(
    gradient: ArrayLike, front_speed: ArrayLike, strain_rate: ArrayLike, *, arm_spacing: ArrayLike, viscosity: float,
    shrinkage: float, integrals: RdgIntegrals,
) -> Floats:  # fmt: skip
    """Return the pressure drop (Pa) over the mush by shrinkage and by strain across the dendrites.

    ``dp = 180 mu / (lambda2^2 G) (v beta I_sh + (1 + beta) (rate / G) I_eps)``, with G in K/m, v in m/s, the strain rate in 1/s.
    About 2 kPa are quoted as the drop at which a cavity opens; use it to rank places and alloys.

    References
    ----------
    Rappaz M., Drezet J.-M., Gremaud M. (1999), Metall. Mater. Trans. A 30, 449.
    """
    G, v, rate, spacing = (np.asarray(a, dtype=np.float64) for a in (gradient, front_speed, strain_rate, arm_spacing))
    with np.errstate(divide="ignore", invalid="ignore"):
        flow = v * shrinkage * integrals.shrinkage + (1.0 + shrinkage) * rate / G * integrals.strain
        out = 180.0 * viscosity / (spacing**2 * G) * flow
    return np.where(G > 0.0, out, np.nan)


def hot_tearing(results: Results, *, restraint: float = 1.0) -> Floats:
    """Return the pressure drop (Pa) of Rappaz, Drezet and Gremaud in every metal voxel: a map that ranks places.

    The strain rate across the dendrites is the thermal one, ``expansion * cooling rate``, times how much of it the mould withholds.

    Parameters
    ----------
    results : Results
        A run with thermal gradient, cooling rate and local solidification time.
    restraint : float, optional
        Share of the thermal contraction that mould and cores withhold, in [0, 1]; 1 is a rigid mould.

    Returns
    -------
    ndarray, shape (nx, ny, nz)
        NaN where the voxel is not metal or did not reach the Niyama point. No threshold belongs to it.
    """
    if not 0.0 <= restraint <= 1.0:
        raise InputError(f"restraint = {restraint:g} must belong to [0, 1]")
    alloy = needed_alloy(results)
    assert alloy.viscosity is not None
    rows = np.array(alloy.fraction_solid.rows)
    G, R = thermal_gradient(results), cooling_rate(results)
    local = np.asarray(results["local_solidification_time"], dtype=np.float64)
    froze = np.isfinite(G) & np.isfinite(R) & (G > 0.0) & (R > 0.0) & (local > 0.0)
    out = np.full(G.shape, np.nan)
    expansion = float(alloy.expansion.at(alloy.solidus.value))
    out[froze] = rdg_pressure_drop(
        G[froze], R[froze] / G[froze], restraint * expansion * R[froze], arm_spacing=alloy.arm_spacing(local[froze]),
        viscosity=alloy.viscosity.value, shrinkage=alloy.shrinkage.value, integrals=rdg_integrals(rows[:, 0], rows[:, 1]),
    )  # fmt: skip
    return out
