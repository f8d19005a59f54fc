"""What metal has been through since it came in: when it came, and how long its surface lay open to the air."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _kernels
from .flow_arrays import CAVITY, FEED, HALO, RESERVOIR, Cavity

__all__ = ["MetalPast"]

Array = NDArray[Any]

# A voxel with less metal (in its own volumes) has no past that could be told from rounding.
_FILM = 1e-6


class MetalPast:
    """Two contents that the metal carries with the very volumes of its sweeps, as it carries its enthalpy.

    Parameters
    ----------
    cavity : Cavity
    arrays : dict
        Of the flow; contents are added to what it carries.

    Notes
    -----
    The first content is the time of entry: metal that comes in during a step has its middle, so that the sum over the metal is the
    integral of rate times time. The age is the time now less that; in plug flow it is a straight line, which the slopes of the
    sweeps move unchanged.

    The second is the exposure: area of the free surface times the time for which it lay open, for each volume of metal. This is the
    measure of oxide that is left free by the choice of a growth law (Barkhudarov and Hirt 1999 let a defect scalar grow at a
    constant rate on the surface and be carried; Reilly, Green and Jolly 2013 review it). Metal that folds over takes its exposure
    into the bulk. Splashes finer than a voxel are not resolved, so their part of the surface is missing.
    """

    def __init__(self, cavity: Cavity, arrays: dict[str, Any]) -> None:
        shape = arrays["kind"].shape
        self._arrays, self._cavity = arrays, cavity
        self.entry, self.exposure = (len(arrays.setdefault("E", [])) + n for n in range(2))
        for name in ("E", "En", "E1", "GE"):
            size = (3, *shape) if name == "GE" else shape
            arrays.setdefault(name, []).extend(np.zeros(size) for _ in range(2))
        self._sources = np.flatnonzero((arrays["kind"] == FEED) | (arrays["kind"] == RESERVOIR))

    def enter(self, time: float) -> None:
        """Give what may enter in a step the middle of the step (s) as its time of entry."""
        self._arrays["E"][self.entry].reshape(-1)[self._sources] = time

    def age_surface(self, sweep: Any, length: float) -> None:
        """Add the length (s) of a step that was just taken to the exposure of the surface that is there now."""
        _kernels.expose_surface(sweep, self.exposure, length)

    def _per_volume(self, which: int) -> Array:
        """Content over volume in every voxel of the cavity; NaN where there is no metal."""
        F, E = (a[HALO:-HALO, HALO:-HALO, HALO:-HALO] for a in (self._arrays["F"], self._arrays["E"][which]))
        there = (self._cavity.kind == CAVITY) & (F > _FILM)
        return np.divide(E, F, out=np.full(F.shape, np.nan), where=there)

    def age(self, time: float) -> Array:
        """Return the time (s) since the metal in every voxel came in, at a time (s); NaN where there is none."""
        return time - self._per_volume(self.entry)

    def exposed(self) -> Array:
        """Return how long and widely the surface of the metal in every voxel lay open (s m2/m3); NaN where there is none."""
        return self._per_volume(self.exposure)

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint must hold."""
        return {"entry": self._arrays["E"][self.entry], "exposure": self._arrays["E"][self.exposure]}

    def recall(self, state: Mapping[str, Any]) -> None:
        """Take up a checkpoint's memory."""
        self._arrays["E"][self.entry][...] = state["entry"]
        self._arrays["E"][self.exposure][...] = state["exposure"]
