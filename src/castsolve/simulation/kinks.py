"""What first crossings are late or early by where a kink of the heat content passes the lattice of voxels.

A voxel stores heat at one temperature. While a kink passes from centre to centre it gives off more, then less, than the metal in it
would; the temperatures around the kink swing once a voxel, and a crossing at the kink's own level is read where they swing
most. The swing is known: docs/theory/records.md derives it. Times are corrected by it after the run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _kernels
from ..geometry import Grid
from ..materials import HeatCurve
from ..threads import allowed_threads

__all__ = ["without_swing"]

Array = NDArray[Any]

# Beyond this ratio of the spread along a front to that across it nothing is left of the swing (1 %).
_ASKEW = 8.0
# The theory is one of small swings: no crossing is taken further than where a swing as large as this leads (a quarter of a voxel).
_LARGEST = 1.0
_SPANS, _SHARES, _WAVES = 128, 128, 1024


def without_swing(
    grid: Grid, curve: HeatCurve, enthalpy: float, times: Array, gradient: Array, mirrors: Sequence[bool] = (False,) * 6
) -> Array:
    """Return when a level passed the centres of the voxels, from when their heat contents passed it.

    Parameters
    ----------
    grid : Grid
    curve : HeatCurve
        Of the metal.
    enthalpy : float
        The level (J/m3), at or near a kink of the curve; on a plateau its ends.
    times : ndarray, shape (nx, ny, nz)
        When the voxels passed it (s); NaN where they did not.
    gradient : ndarray, shape (nx, ny, nz)
        Temperature gradient at that moment (K/m).
    mirrors : sequence of bool
        Whether x_low, x_high, y_low, ... is a plane of symmetry.

    Returns
    -------
    ndarray, shape (nx, ny, nz)
        Times (s). They differ where a plane front runs nearly along an axis, or a diagonal of a face or of the cube, and has
        passed the neighbours on both sides.
    """
    k = float(curve.conductivity_at(enthalpy))
    known = gradient[np.isfinite(gradient) & (gradient > 0.0)]
    if not known.size:
        return times
    spans = k * float(np.median(known)) * float(min(grid.widths(axis).min() for axis in range(3))) * np.geomspace(1e-3, 1e3, _SPANS)
    strength, dense, ratio = _strength(curve, enthalpy, spans)
    askew = np.linspace(0.0, 1.0, _SHARES) ** 2 * _ASKEW
    late = np.zeros(times.shape, np.float32)
    _kernels.crossings_late(
        np.ascontiguousarray(times, np.float32), np.ascontiguousarray(gradient, np.float32),
        tuple(np.ascontiguousarray(grid.centres(axis)) for axis in range(3)),
        tuple(np.ascontiguousarray(grid.widths(axis)) for axis in range(3)), strength, _share(askew, ratio),
        np.array(mirrors, np.uint8),
        {
            "conductivity": k, "spread": 1.0 / dense, "centre_swing": _CENTRE, "largest": _LARGEST, "askew_most": _ASKEW,
            "log_first": math.log(spans[0]), "log_step": math.log(spans[1] / spans[0]),
        },
        late, allowed_threads(),
    )  # fmt: skip
    return np.maximum(times - late, np.minimum(times, 0.0))


def _strength(curve: HeatCurve, enthalpy: float, spans: Array) -> tuple[Array, float, float]:
    """Return what counts of the kinks around a level, and what the heat content does on both sides of it.

    Parameters
    ----------
    curve, enthalpy
        As for `without_swing`.
    spans : ndarray
        Potential int k dT (W/m) from one plane of centres to the next.

    Returns
    -------
    tuple
        Jump of 1/a over the sum of the roots of both sides (s^0.5/m) for every span; the larger 1/a (s/m2), and the smaller
        over it, at the middle span. Kinks count within half a span: those further off swing as often this way as that.
    """
    h, k = curve.enthalpy, curve.conductivity
    theta = np.concatenate([[0.0], np.cumsum(0.5 * (k[1:] + k[:-1]) * np.diff(curve.temperature))])
    # A plateau is as steep a stretch as can be told from one; where the conductivity jumps at one enthalpy, nothing is.
    least = 1e-9 * theta[-1]
    rising = np.concatenate([[True], np.diff(h) > 0.0])
    h, theta = h[rising], theta[rising]
    theta = theta + np.concatenate([[0.0], np.cumsum(np.maximum(least - np.diff(theta), 0.0))])
    turns = np.diff(np.diff(h) / np.diff(theta))
    place = float(np.interp(enthalpy, h, theta))
    away = theta[1:-1] - place
    strength, sides = np.zeros(spans.size), np.zeros((spans.size, 2))
    for n, span in enumerate(spans):
        ends = np.clip([place - span, place + span], theta[0], theta[-1])
        sides[n] = (np.interp(ends, theta, h) - enthalpy) / (ends - place)
        close = np.abs(away) <= 0.5 * span
        strength[n] = (turns[close] * _swing(away[close] / span)).sum() / _CENTRE / np.sqrt(sides[n]).sum()
    middle = sides[spans.size // 2]
    return strength, float(middle.max()), float(middle.min() / middle.max())


def _swing(phase: Array) -> Array:
    """Swing of the temperatures around a kink, by the part of the way from centre to centre that it is past a centre.

    -2/sqrt(pi) zeta(-1/2, phase): the half integral of a saw tooth of height 1, by Euler and Maclaurin.
    """
    phase = phase - np.ceil(phase) + 1.0
    n = np.arange(12.0).reshape([-1] + [1] * phase.ndim)
    end = 12.0 + phase
    zeta = np.sqrt(n + phase).sum(axis=0) - 2.0 / 3.0 * end**1.5 + 0.5 * np.sqrt(end) - 1.0 / (24.0 * np.sqrt(end))
    return np.asarray(-2.0 / math.sqrt(math.pi) * zeta)


# As a kink passes a centre: zeta(3/2) / (2 pi^1.5) = 0.2346.
_CENTRE = float(_swing(np.array(0.0)))


def _share(askew: Array, ratio: float) -> Array:
    """What is left of the swing at a centre, wave by wave; ratio of 1/a on both sides."""
    m = np.arange(1.0, _WAVES + 1.0)
    share = np.zeros(askew.size)
    for n, r in enumerate(askew):
        root = np.sqrt(m * r + 1j) + np.sqrt(m * r + 1j * ratio)
        share[n] = (m**-1.5 * root.imag / np.abs(root) ** 2).sum()
    return share / share[0]
