"""The surface of a die in its cavity: its temperature between two voxel centres, and what it sees in a cycle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .heat_problem import HeatProblem
from .heat_run import HeatRun

__all__ = ["DieSurface", "SurfaceRecord"]

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class DieSurface:
    """The wall faces of one problem between its cavity and its die.

    Attributes
    ----------
    problem : HeatProblem
    faces : ndarray of int
        Positions among the cut faces of the problem.
    die_is_high : ndarray of bool
        Whether the die is the higher of a face's two voxels.
    voxel : ndarray of int
        Flat index, on the problem's grid, of the die's voxels that have a wall in the cavity; rising.
    owner : ndarray of int
        Position in `voxel` of every face.
    area : ndarray
        Wall area of every face (m2).
    """

    problem: HeatProblem
    faces: Array
    die_is_high: Array
    voxel: Array
    owner: Array
    area: Array

    @classmethod
    def of(cls, problem: HeatProblem, die: Sequence[int], cavity: Sequence[int] = (0,)) -> DieSurface:
        """Return the surface that the regions of a die turn to those in its cavity."""
        cut, rows = problem.cut, problem.rows
        low_is_die, high_is_die = np.isin(cut.region_low, die), np.isin(cut.region_high, die)
        low_is_open, high_is_open = np.isin(cut.region_low, cavity), np.isin(cut.region_high, cavity)
        faces = np.flatnonzero((low_is_open & high_is_die) | (low_is_die & high_is_open))
        high = high_is_die[faces]
        inside = np.unravel_index(cut.voxel[np.where(high, cut.high[faces], cut.low[faces])], rows.shape)
        place = [inside[problem.order.index(axis)] for axis in range(3)]
        voxel, owner = np.unique(np.ravel_multi_index(place, problem.grid.shape), return_inverse=True)
        return cls(problem, faces, high, voxel, owner.reshape(-1), cut.arrays["face_area"][faces].astype(float))

    def temperature(self, run: HeatRun) -> Array:
        """Return the temperature (K) of the die's surface in every voxel of `voxel`, as a run of the problem stands.

        The heat that crosses a face flows through half a voxel of what is in the cavity, the contact, and half a voxel of the die,
        as in the sweep: q = (T_cavity - T_die) / (d_c/k_c + 1/h + d_d/k_d). The surface is hotter than the die's voxel by
        q d_d/k_d. Faces of one voxel count by their area.
        """
        problem, cut = self.problem, self.problem.cut
        T, region = problem.in_rows(run.temperature).reshape(-1), problem.rows.region.reshape(-1)
        at_low, at_high = cut.voxel[cut.low[self.faces]], cut.voxel[cut.high[self.faces]]
        T_low, T_high = T[at_low].astype(float), T[at_high].astype(float)
        way_low = cut.arrays["face_low"][self.faces] / self._conductivity(region[at_low], T_low)
        way_high = cut.arrays["face_high"][self.faces] / self._conductivity(region[at_high], T_high)
        flux = (T_high - T_low) / (way_low + way_high + self._resistance(T_low, T_high))
        surface = np.where(self.die_is_high, T_high - flux * way_high, T_low + flux * way_low)
        total = np.bincount(self.owner, self.area * surface, len(self.voxel))
        return np.asarray(total / np.bincount(self.owner, self.area, len(self.voxel)))

    def _resistance(self, T_low: Array, T_high: Array) -> Array:
        """Resistance of the contact of every face (m2 K/W), from the tables of the sweep."""
        kind = self.problem.cut.arrays["face_kind"][self.faces].astype(np.int64)
        contact, tables = kind >> 1, self.problem.contacts.arrays
        values, first = tables["contact_resistance"].astype(float), tables["contact_row"][contact]
        last = tables["contact_row"][contact + 1] - 1
        known_by = np.where(kind & 1, T_high, T_low)
        place = np.clip((known_by - tables["contact_T0"][contact]) * tables["contact_inv"][contact], 0.0, last - first)
        below = np.minimum(place.astype(np.int64), np.maximum(last - first - 1, 0))
        start, end = values[first + below], values[np.minimum(first + below + 1, last)]
        return np.asarray(start + (place - below) * (end - start))

    def _conductivity(self, region: Array, T: Array) -> Array:
        out = np.empty(len(T))
        for r in np.unique(region):
            mine, curve = region == r, self.problem.materials[int(r)]
            out[mine] = curve.conductivity_at(curve.at_temperature(T[mine]))
        return out


@dataclass(slots=True, eq=False)
class SurfaceRecord:
    """What the surface of a die sees in one cycle, over all steps of all stages.

    Parameters
    ----------
    die : sequence of int
        Regions of the die.
    regions : int
        Number of the casting's regions; what a stage has beyond them is in the cavity.

    Attributes
    ----------
    voxel : ndarray of int
        Flat index of the die's voxels at the cavity.
    highest, lowest : ndarray
        Of each (K).
    ends : dict of str to ndarray
        At the end of every stage (K).
    """

    die: Sequence[int]
    regions: int
    voxel: Array = field(default_factory=lambda: np.zeros(0, np.int64), init=False)
    highest: Array = field(default_factory=lambda: np.zeros(0), init=False)
    lowest: Array = field(default_factory=lambda: np.zeros(0), init=False)
    ends: dict[str, Array] = field(default_factory=dict, init=False)
    _surface: DieSurface | None = field(default=None, init=False)

    def note(self, stage: str, run: HeatRun) -> None:
        """Take note of the run of a stage after a step."""
        if self._surface is None or self._surface.problem is not run.problem:
            more = range(self.regions, len(run.problem.materials))
            self._surface = DieSurface.of(run.problem, self.die, (0, *more))
        T = self._surface.temperature(run)
        if not self.ends:
            self.voxel, self.highest, self.lowest = self._surface.voxel, T.copy(), T.copy()
        np.maximum(self.highest, T, out=self.highest)
        np.minimum(self.lowest, T, out=self.lowest)
        self.ends[stage] = T

    def fields(self, shape: tuple[int, int, int]) -> dict[str, Array]:
        """Return the record as dense float32 fields, by their names in the field table; NaN away from the cavity."""
        told = {
            "die_surface_before_pour": self.ends[list(self.ends)[-1]],
            "die_surface_after_eject": self.ends.get("eject"),
            "die_surface_after_spray": self.ends.get("spray"),
            "die_surface_peak": self.highest,
            "die_surface_range": self.highest - self.lowest,
        }
        return {name: self._dense(values, shape) for name, values in told.items() if values is not None}

    def _dense(self, values: Array, shape: tuple[int, int, int]) -> Array:
        out = np.full(shape, np.nan, np.float32)
        out.reshape(-1)[self.voxel] = values
        return out
