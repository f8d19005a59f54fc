"""Gradient and cooling rate at a level of temperature, from when voxels passed it and the levels above and below it.

On a surface of one temperature the gradient is the cooling rate over the surface's speed, G = R |grad t|, with t the time at which
it passed. Times are steadier than temperatures at a moment: docs/theory/records.md says where which of them counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _kernels
from ..geometry import Grid
from ..materials import HeatCurve
from ..threads import allowed_threads
from .kinks import without_swing

__all__ = ["gradient_and_rate"]

Array = NDArray[Any]

# The level below marks the kink of the solidus. Nearer than the first, in voxels, it lies between the neighbours that the recorded
# gradient was read from, beyond the second it does not.
_BETWEEN, _BEYOND = 0.75, 1.25
# The theory of the swing is one of small ones: it makes no half of the window shorter or longer by more than this factor.
_STRETCH = 2.0
# What long steps scatter the square of the Niyama value by; what differs by more from voxel to voxel is no scatter.
_SCATTER = 0.03


def gradient_and_rate(
    grid: Grid, curve: HeatCurve, temperatures: tuple[float, float, float], times: tuple[Array, Array, Array], recorded: Array,
    mirrors: Sequence[bool] = (False,) * 6,
) -> tuple[Array, Array]:  # fmt: skip
    """Return gradient (K/m) and cooling rate (K/s) at a level above the end of freezing.

    Parameters
    ----------
    grid : Grid
    curve : HeatCurve
        Of the metal.
    temperatures : tuple of float
        A level above, the level itself and one below, just above the solidus (K).
    times : tuple of ndarray, shape (nx, ny, nz)
        When the voxels passed them (s); NaN where they did not.
    recorded : ndarray, shape (nx, ny, nz)
        Temperature gradient (K/m) as it was when the level itself was passed, one-sided at walls.
    mirrors : sequence of bool
        Whether x_low, x_high, y_low, ... is a plane of symmetry.

    Returns
    -------
    tuple of ndarray, shape (nx, ny, nz)
        NaN where a level was not passed; the rate also where all were passed together and no neighbour tells the way.
    """
    high, middle, low = (
        np.ascontiguousarray(without_swing(grid, curve, float(curve.at_temperature(T)), t, recorded, mirrors), np.float32)
        for T, t in zip(temperatures, times, strict=True)
    )
    for outer, raw in ((high, times[0]), (low, times[2])):
        half = np.abs(raw - times[1])
        sense = 1.0 if outer is low else -1.0
        outer[...] = middle + sense * np.clip(sense * (outer - middle), half / _STRETCH, half * _STRETCH)
    gradient, rate, scratch = (np.empty(middle.shape, np.float32) for _ in range(3))
    _kernels.gradient_and_rate(
        high, middle, low, np.ascontiguousarray(recorded, np.float32),
        tuple(np.ascontiguousarray(grid.centres(axis)) for axis in range(3)),
        tuple(np.ascontiguousarray(grid.widths(axis)) for axis in range(3)), np.array(mirrors, np.uint8),
        {
            "upper": temperatures[0] - temperatures[1], "lower": temperatures[1] - temperatures[2],
            "near": _BETWEEN, "far": _BEYOND, "most": _SCATTER,
        },
        scratch, gradient, rate, allowed_threads(),
    )  # fmt: skip
    return gradient, rate
