"""Interdendritic porosity from the alloy's own fraction solid: the dimensionless Niyama value and the pores it leaves."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, ResultsError
from ..materials import Alloy
from ..results import Results
from .criteria import cooling_rate, thermal_gradient
from .gate_freeze import PRESSURE_ROLES, RISER_TUBE, gate_freeze
from .microporosity import dimensionless_niyama
from .reading import fact
from .thresholds import library_alloy

__all__ = ["PoreCurve", "critical_pressure_drop", "feeding_pressure", "microporosity", "pore_curve"]

Floats = NDArray[np.float64]

# Points of fraction liquid at which the curve is kept, and the finest fraction that the mush is followed to.
_POINTS, _FINEST = 4000, 1e-4
# Of the air (Pa).
_AIR = 1.01e5


@dataclass(frozen=True, slots=True, eq=False)
class PoreCurve:
    """The liquid that is left when feeding ends, against the dimensionless Niyama value, for one alloy.

    Attributes
    ----------
    fraction_liquid : ndarray
        Falling from 1.
    niyama : ndarray
        ``Ny*^2 = int_f^1 180 (1 - g)^2 / g^2 dtheta/dg dg``; rising. theta is the temperature above the solidus
        over the freezing range.
    shrinkage : float
        Density of the solid over that of the liquid, less one.
    """

    fraction_liquid: Floats
    niyama: Floats
    shrinkage: float = field(kw_only=True)

    def critical_fraction_liquid(self, value: ArrayLike) -> Floats:
        """Return the fraction of liquid left when feeding ends at a Ny*; NaN stays NaN."""
        x = np.asarray(value, dtype=np.float64)
        rising = self.niyama + 1e-12 * np.arange(self.niyama.size)
        out = np.interp(np.nan_to_num(x, nan=0.0), rising, self.fraction_liquid)
        return np.where(np.isnan(x), np.nan, out)

    def pore_share(self, value: ArrayLike) -> Floats:
        """Return the pore volume as a share of the metal at a Ny*: what the liquid that is left lacks when it is solid.

        A volume of liquid makes 1/(1 + shrinkage) of solid.
        """
        return self.shrinkage / (1.0 + self.shrinkage) * self.critical_fraction_liquid(value)


def pore_curve(temperature: ArrayLike, fraction_solid: ArrayLike, *, shrinkage: float) -> PoreCurve:
    """Return the pore curve of a freezing path.

    Parameters
    ----------
    temperature, fraction_solid : array_like, shape (n,)
        From the liquidus (0) down to the solidus (1); temperature in any unit, never rising.
    shrinkage : float
        Above 0.

    Notes
    -----
    Darcy flow with the Carman-Kozeny permeability ``K = lambda2^2 g^3 / (180 (1 - g)^2)`` towards a wall, at the gradient and
    cooling rate of the Niyama point; the pore grows from the liquid that is cut off. Liquid that freezes at one temperature (a
    eutectic) has no length in this picture and costs no pressure. The integral gives the published fits back within 1 % from the
    paths that they imply; with castsolve's own paths and shrinkages WCB comes out at 0.59 to 1.00 times its fit, A356 at 1.2 to 5.8
    times: its fit has the last half of the liquid freeze within 7 % of the freezing range, where the CALPHAD Scheil path takes
    27 %.

    References
    ----------
    Carlson K.D., Beckermann C. (2009), Metall. Mater. Trans. A 40, 163-175.
    """
    T, f = np.asarray(temperature, dtype=np.float64), np.asarray(fraction_solid, dtype=np.float64)
    if T.ndim != 1 or T.shape != f.shape or T.size < 2 or (np.diff(T) > 0.0).any() or (np.diff(f) < 0.0).any():
        raise InputError("a freezing path needs temperatures that never rise beside fractions solid that never fall")
    if f[0] != 0.0 or f[-1] != 1.0 or not T[0] > T[-1]:
        raise InputError(f"a freezing path goes from 0 to 1 over a range of temperature; this one from {f[0]:g} to {f[-1]:g}")
    if not shrinkage > 0.0:
        raise InputError(f"shrinkage = {shrinkage:g} must be above 0; metal that does not shrink has no such pores")
    theta = (T - T[-1]) / (T[0] - T[-1])
    g = 1.0 - f
    # the path itself and a fine grid, equal steps in log g where the kernel is steep
    fine = np.concatenate((1.0 - np.linspace(0.0, 0.9, _POINTS), np.geomspace(0.1, _FINEST, _POINTS)))
    nodes = np.unique(np.concatenate((fine, g[g >= _FINEST])))[::-1]
    at = np.interp(nodes, g[::-1], theta[::-1])
    # int 180 (1-g)^2/g^2 dg is exact over a stretch of constant dtheta/dg
    kernel = 180.0 * (nodes - 1.0 / nodes - 2.0 * np.log(nodes))
    slope = np.diff(at) / np.diff(nodes)
    squared = np.concatenate(([0.0], np.cumsum(slope * -np.diff(kernel))))
    return PoreCurve(nodes, np.sqrt(np.maximum(squared, 0.0)), shrinkage=shrinkage)


def curve_of(alloy: Alloy) -> PoreCurve:
    """Return the pore curve of an alloy of the material data."""
    rows = np.array(alloy.fraction_solid.rows)
    return pore_curve(rows[:, 0], rows[:, 1], shrinkage=alloy.shrinkage.value)


def critical_pressure_drop(
    pressure: float = 1.01e5, *, surface_tension: float = 0.0, pore_radius: float = 0.0, density: float = 0.0, depth: float = 0.0
) -> float:
    """Return the pressure (Pa) that feeds the mush until a pore opens: ``p + rho g depth + 2 sigma / r``.

    Parameters
    ----------
    pressure : float
        Above the liquid, in Pa.
    surface_tension, pore_radius : float
        N/m, and m of the first pore; without a radius surface tension does not count.
    density, depth : float
        kg/m3, and m below the highest liquid.
    """
    held = 2.0 * surface_tension / pore_radius if pore_radius > 0.0 else 0.0
    return pressure + density * 9.81 * depth + held


def feeding_pressure(results: Results) -> float | Floats:
    """Return the pressure (Pa) that feeds the mush: that of the air, and that of a plunger or a furnace until its way is shut.

    Parameters
    ----------
    results : Results
        Its casting may know a `metal_pressure` (`PressureDieCasting`, `LowPressureCasting`): it counts where metal reaches its
        feeding limit before the gate does (`gate_freeze`) and before the pressure goes. What a plunger did in its filling goes
        before that: one that did not
        fill the cavity presses nothing.

    Returns
    -------
    float, or ndarray, shape (nx, ny, nz)
    """
    told = fact(results, "filling", "metal_pressure")
    pressed = fact(results, "casting", "metal_pressure") if told is None else told
    roles = set(results.frame.body_roles or ())
    if not pressed or not roles & {*PRESSURE_ROLES, RISER_TUBE} or "part" not in roles or "feeding_time" not in results:
        return _AIR
    shut = gate_freeze(results).time
    release = fact(results, "casting", "pressure", "release")
    shut = shut if release is None else min(shut, float(release))
    fed = np.asarray(results["feeding_time"], dtype=np.float64) <= shut
    return np.where(fed, _AIR + float(pressed), _AIR)


def microporosity(results: Results, *, pressure_drop: ArrayLike | None = None) -> Floats:
    """Return the interdendritic pore volume of every metal voxel as a share of the metal.

    From the dimensionless Niyama value with the alloy's own freezing path (`pore_curve`), arm spacing, viscosity and shrinkage.

    Parameters
    ----------
    results : Results
        A run with thermal gradient, cooling rate and local solidification time.
    pressure_drop : array_like, optional
        Pressure (Pa) that feeds the mush: see `critical_pressure_drop`. Default: `feeding_pressure`.

    Returns
    -------
    ndarray, shape (nx, ny, nz)
        NaN where the voxel is not metal, did not reach the Niyama point, or was not cooling there.

    Raises
    ------
    ResultsError
        If the alloy has no data for it (no arm spacing law, no viscosity, no shrinkage: graphitic iron).

    Notes
    -----
    Pores between the dendrites of metal that is fed; a place that was cut off lacks more (`shrinkage`). Data of quality C and D go
    in: the place is more certain than the amount.
    """
    fed = feeding_pressure(results) if pressure_drop is None else pressure_drop
    return curve_of(needed_alloy(results)).pore_share(field_of_niyama(results, pressure_drop=fed))


def needed_alloy(results: Results) -> Alloy:
    """Return the alloy of a run if it has all that the dimensionless Niyama value needs, or refuse."""
    alloy = library_alloy(results)
    name = alloy.name if alloy is not None else fact(results, "alloy", "name") or "the alloy"
    if alloy is None or alloy.viscosity is None or alloy.arm_spacing_coefficient is None:
        raise ResultsError(f"the dimensionless Niyama value of {name} needs its viscosity and arm spacing; none are known")
    if alloy.shrinkage.value <= 0.0 or alloy.family == "iron":
        raise ResultsError(f"the Niyama value does not hold for {name}: graphite makes up for its shrinkage")
    if alloy.freezing_range <= 1.0:
        raise ResultsError(f"{alloy.name} freezes at one temperature; it has no mush through which liquid would have to flow")
    return alloy


def field_of_niyama(results: Results, *, pressure_drop: ArrayLike = _AIR) -> Floats:
    """Return the dimensionless Niyama value of every metal voxel."""
    alloy = needed_alloy(results)
    assert alloy.viscosity is not None
    local = np.where(results.metal, np.asarray(results["local_solidification_time"], dtype=np.float64), np.nan)
    spacing = np.full(local.shape, np.nan)
    froze = np.isfinite(local) & (local > 0.0)
    spacing[froze] = alloy.arm_spacing(local[froze])
    return dimensionless_niyama(
        thermal_gradient(results), cooling_rate(results), arm_spacing=spacing, viscosity=alloy.viscosity.value,
        shrinkage=alloy.shrinkage.value, freezing_range=alloy.freezing_range, pressure_drop=pressure_drop,
    )  # fmt: skip
