"""The freezing records: which levels are watched, and the fields that follow from their first crossings.

Times are crossings. Near the end of freezing gradient and cooling rate follow from them (`passing`). At coherency the gradient is
the weighted mean over a temperature window; the cooling rate is that window over the time it took, and the gradient times the speed
at which the front went from voxel to voxel, each as much as it spans in time. Instantaneous rates jump with the front from voxel to
voxel and are never used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..geometry import Grid
from ..materials import Alloy
from .air import as_their_walls
from .kinks import without_swing
from .passing import gradient_and_rate
from .watch import Level

if TYPE_CHECKING:
    from .heat_run import HeatRun

__all__ = ["cooling_rate", "fields_of", "freezing_levels", "rate_at_end"]

Array = NDArray[Any]

# The window of the cooling rate at the Niyama point lies between these shares of the freezing range above the solidus: an end of
# freezing that is a short plateau stays below. That at coherency reaches this share to either side.
_NIYAMA_WINDOW = (0.01, 0.2)
_COHERENCY_WINDOW = 0.05
# An alloy that freezes within this range (K) has no window in its mush: its rate is read over the first kelvins below.
_ISOTHERMAL = 1.0
_BELOW = 5.0


def _windows(alloy: Alloy) -> dict[str, float]:
    """Temperatures (K) of the watched window levels."""
    solid, liquid = alloy.solidus.value, alloy.liquidus.value
    span = liquid - solid
    curve = alloy.heat
    coherent = float(curve.temperature_at(curve.enthalpy_at_fraction_solid(alloy.coherency.value)))
    return {
        "coherency_high": min(coherent + _COHERENCY_WINDOW * span, liquid - 1e-3 * span),
        "coherency_low": max(coherent - _COHERENCY_WINDOW * span, solid + 1e-3 * span),
        "niyama_high": solid + _NIYAMA_WINDOW[1] * span,
        "niyama_low": solid + _NIYAMA_WINDOW[0] * span,
    }


def freezing_levels(alloy: Alloy, critical_fraction_solid: float | None = None) -> tuple[Level, ...]:
    """Return the enthalpy levels that every solidification run watches, and the one of a user's critical fraction solid."""
    curve = alloy.heat

    def at_share(name: str, share: float, gradient: bool = False) -> Level:
        return Level(name, enthalpy=float(curve.enthalpy_at_fraction_solid(share)), gradient=gradient)

    levels = [
        at_share("liquidus", 0.0, gradient=True),
        at_share("coherency", alloy.coherency.value, gradient=True),
        at_share("macro_feeding_limit", alloy.macro_feeding_limit.value),
        at_share("feeding_limit", alloy.feeding_limit.value),
        Level("niyama", enthalpy=alloy.niyama_enthalpy, gradient=True),
        at_share("solidus", 1.0, gradient=True),
    ]
    if alloy.freezing_range >= _ISOTHERMAL:
        levels += [Level(n, temperature=T, gradient=n.startswith("coherency")) for n, T in _windows(alloy).items()]
    else:
        levels.append(Level("below", temperature=alloy.solidus.value - _BELOW))
    if critical_fraction_solid is not None:
        if not 0.0 < critical_fraction_solid < 1.0:
            raise InputError(f"critical_fraction_solid = {critical_fraction_solid:g} must lie between 0 and 1, for example 0.7")
        levels.append(at_share("critical", critical_fraction_solid))
    return tuple(levels)


def fields_of(grid: Grid, run: HeatRun, alloy: Alloy) -> dict[str, Array]:
    """Return the fields of a solidification run, dense, NaN where they do not hold."""
    drop = run.stepper.level_drop

    def crossing(name: str) -> Array:
        times = run.crossing(name)
        return times if drop is None else as_their_walls(times, drop.void, drop.metal)

    passed = _without_swing(grid, run, alloy)
    if drop is not None:
        passed = {name: as_their_walls(times, drop.void, drop.metal) for name, times in passed.items()}
    liquidus, solidus = passed["liquidus"], passed["solidus"]
    fields: dict[str, Array] = {
        "temperature": run.temperature.astype(np.float32, copy=False),
        "solidification_time": solidus,
        "local_solidification_time": solidus - liquidus,
        "liquidus_time": liquidus,
        "coherency_time": crossing("coherency"),
        "macro_feeding_time": crossing("macro_feeding_limit"),
        "feeding_time": crossing("feeding_limit"),
        "niyama_time": crossing("niyama"),
        "region": grid.region,
        "body": grid.body,
        "metal_fraction": grid.metal_fraction(),
        "volume_factor": grid.volume_factor(),
    }
    mirrors = [side.is_insulated for side in run.problem.faces.sides]
    fields["thermal_gradient"], fields["cooling_rate"] = rate_at_end(grid, alloy, crossing, run.gradient, mirrors)
    if alloy.freezing_range >= _ISOTHERMAL:
        window = _windows(alloy)
        fields["coherency_gradient"] = 0.25 * (
            2.0 * run.gradient("coherency") + run.gradient("coherency_high") + run.gradient("coherency_low")
        )
        middle = float(alloy.heat.temperature_at(alloy.heat.enthalpy_at_fraction_solid(alloy.coherency.value)))
        fields["coherency_cooling_rate"] = cooling_rate(
            grid, (window["coherency_high"], middle, window["coherency_low"]),
            (run.crossing("coherency_high"), fields["coherency_time"], run.crossing("coherency_low")), fields["coherency_gradient"],
        )  # fmt: skip
    else:
        fields["coherency_gradient"] = run.gradient("coherency")
    if any(level.name == "critical" for level in run.levels):
        fields["critical_time"] = crossing("critical")
    fields["fraction_solid"] = _fraction_solid(grid, fields["temperature"], run, alloy)
    if drop is not None:
        fields["emptied_time"] = drop.time
        for name in ("fraction_solid", "thermal_gradient", "cooling_rate", "coherency_gradient", "coherency_cooling_rate"):
            if name in fields:
                fields[name][drop.void] = np.nan
    return fields


def _without_swing(grid: Grid, run: HeatRun, alloy: Alloy) -> dict[str, Array]:
    """When liquidus and solidus, where the heat content has its kinks, passed the voxels' centres (s), without the swing.

    They do not pass the levels between them, but for the one just above the solidus, which swings with it. An alloy that freezes
    at one temperature has a plateau instead, which a voxel begins and ends.
    """
    ends = {name: float(alloy.heat.enthalpy_at_fraction_solid(share)) for name, share in (("liquidus", 0.0), ("solidus", 1.0))}
    times = {name: run.crossing(name) for name in ends}
    if alloy.freezing_range < _ISOTHERMAL:
        return times
    mirrors = [side.is_insulated for side in run.problem.faces.sides]
    for name in ends:
        times[name] = without_swing(grid, alloy.heat, ends[name], times[name], run.gradient(name), mirrors)
    for level in run.levels:
        if level.name != "niyama_low" and ends["solidus"] < level.enthalpy_of(alloy.heat) < ends["liquidus"]:
            other = run.crossing(level.name)
            for name, bound in (("liquidus", np.fmin), ("solidus", np.fmax)):
                np.copyto(times[name], bound(times[name], other), where=np.isfinite(times[name]))
    return times


def rate_at_end(
    grid: Grid, alloy: Alloy, crossing: Callable[[str], Array], gradient: Callable[[str], Array],
    mirrors: Sequence[bool] = (False,) * 6,
) -> tuple[Array, Array]:  # fmt: skip
    """Return thermal gradient (K/m) and cooling rate (K/s) near the end of freezing, as far as a run has come.

    Parameters
    ----------
    grid : Grid
    alloy : Alloy
    crossing, gradient : callable
        Of the name of a level of `freezing_levels`: when it was passed (s), and at which gradient (K/m); NaN where it was not.
    mirrors : sequence of bool
        Whether x_low, x_high, y_low, ... is a plane of symmetry.
    """
    if alloy.freezing_range < _ISOTHERMAL:
        return gradient("solidus"), _rate(_BELOW, crossing("solidus"), crossing("below"))
    window = _windows(alloy)
    levels = (window["niyama_high"], alloy.niyama_temperature, window["niyama_low"])
    times = (crossing("niyama_high"), crossing("niyama"), crossing("niyama_low"))
    return gradient_and_rate(grid, alloy.heat, levels, times, gradient("niyama"), mirrors)


def cooling_rate(
    grid: Grid, temperatures: tuple[float, float, float], times: tuple[Array, Array, Array], gradient: Array
) -> Array:
    """Return the cooling rate (K/s) at a level from when it and those above and below it were passed.

    A voxel's own window of temperature tells the rate, R = geometric mean of its two halves, as long as it takes longer than the
    front needs from voxel to voxel. Where a voxel spans more kelvins than the window, the kink of the heat content inside the voxel
    falsifies it (20 % low at ten voxels from a cold wall), but gradient and rate belong together on a surface of one temperature:
    R |grad t| = G, with t the time at which it passed. Both are weighed with the time that they span.

    Parameters
    ----------
    grid : Grid
    temperatures : tuple of float
        Upper end of the window, level and lower end (K).
    times : tuple of ndarray, shape (nx, ny, nz)
        When they were passed (s); NaN where they were not.
    gradient : ndarray, shape (nx, ny, nz)
        Thermal gradient at the level (K/m).

    Returns
    -------
    ndarray, shape (nx, ny, nz)
        Positive when cooling; NaN where a level was not passed or all fell together.
    """
    high, middle, low = times
    upper, lower = middle - high, low - middle
    halves = (temperatures[0] - temperatures[1]) * (temperatures[1] - temperatures[2])
    took = low - high
    both = (upper > 0) & (lower > 0)
    mean = np.sqrt(upper * lower, where=both, out=np.ones_like(took))
    # Half a window that took no time: the whole one.
    kelvin = np.where(both, np.sqrt(halves) * took / mean, temperatures[0] - temperatures[2]) * (took > 0)
    span, length = _passing(grid, middle)
    kelvin += np.where(span > 0, gradient * length, 0.0)
    total = took + span
    return np.divide(kelvin, total, out=np.full(took.shape, np.nan, np.float32), where=total > 0).astype(np.float32)


def _passing(grid: Grid, time: Array) -> tuple[Array, Array]:
    """Time (s) that a surface takes to pass from neighbour to neighbour over each voxel, and the length (m) of that way."""
    square, slope = np.zeros(time.shape, np.float32), np.zeros(time.shape, np.float32)
    for axis in range(3):
        low, high = [slice(None)] * 3, [slice(None)] * 3
        low[axis], high[axis] = slice(None, -1), slice(1, None)
        gap, way = np.zeros(time.shape, np.float32), np.zeros(time.shape, np.float32)
        step = np.diff(time, axis=axis)
        known = np.isfinite(step)
        apart = np.diff(grid.centres(axis)).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(3)]) * known
        step[~known] = 0.0
        # From neighbour to neighbour; from the one to the voxel where only one has passed.
        for side in (tuple(low), tuple(high)):
            gap[side] += step
            way[side] += apart
        square += gap**2
        slope += np.divide(gap, way, out=gap, where=way > 0) ** 2
    span, slope = np.sqrt(square), np.sqrt(slope)
    return span, np.divide(span, slope, out=np.zeros_like(span), where=slope > 0)


def _rate(kelvin: float, first: Array, last: Array) -> Array:
    """Cooling rate (K/s) from a temperature window and the times at its two ends; NaN where both fall together."""
    took = last - first
    return np.divide(np.float32(kelvin), took, out=np.full_like(took, np.nan), where=took > 0)


def _fraction_solid(grid: Grid, temperature: Array, run: HeatRun, alloy: Alloy) -> Array:
    """Fraction solid of the metal at the end of the run; NaN elsewhere."""
    out = np.full(grid.shape, np.nan, np.float32)
    solid = np.isfinite(run.crossing("solidus"))
    out[solid] = 1.0
    rest = (grid.region == 0) & ~solid
    if rest.any():
        out[rest] = alloy.heat.fraction_solid_at(run.enthalpy[rest])
    return out
