"""Heat in a grid whose metal voxels are filled in part: capacity and contact in proportion to the melt in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _kernels
from ..geometry import Grid
from ..materials import HeatCurve
from .boundary import Faces
from .clock import SAFETY, Clock
from .heat_problem import HeatProblem
from .rkl import SCHEMES
from .stepper import Stepper
from .sweep_arrays import CutFaces, padded

__all__ = ["FillingStepper", "PartlyFilled"]

Array = NDArray[Any]

# Up to this share of the stable step an explicit one is as good as three stages.
_SHORT = 0.15


class PartlyFilled(HeatProblem):
    """A heat problem whose region 0 comes and goes.

    The sweep is the one of `HeatProblem`. All metal voxels are cut voxels to it, with the volume of the melt in them, and
    the faces between two of them are links, so that walls, links and volumes carry what melt there is. No rate rises above that of
    the full voxel: the stable step is that of the full grid.

    Parameters
    ----------
    grid, materials, faces, source, mould_correction, threads
        As for `HeatProblem`.

    Attributes
    ----------
    metal : ndarray of int64
        Metal voxels, flat, rising.
    plain, volume : ndarray
        Their plain volume, and that with their slivers (m3).
    place : ndarray of int64
        Where they lie in the flat, padded field of enthalpies.
    filled, inverse : ndarray
        Filled share of each, and its plain volume over that of the melt (see `_kernels.melt_gather`).
    """

    def __init__(
        self, grid: Grid, materials: Sequence[HeatCurve], faces: Faces, source: Callable[[float], Array] | None = None, *,
        mould_correction: bool = False, threads: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__(grid, materials, faces, source, mould_correction=mould_correction, threads=threads)
        self.metal = np.flatnonzero(grid.region.reshape(-1) == 0)
        i, j, k = np.unravel_index(self.metal, grid.shape)
        self.plain = grid.widths(0)[i] * grid.widths(1)[j] * grid.widths(2)[k]
        self.volume = grid.volumes().reshape(-1)[self.metal]
        self.place = ((i * grid.shape[1] + j) * self.open.shape[2] + k).astype(np.int64)
        self._contacts_of(self.cut)
        self.cut, links = _with_metal(grid, self.cut)
        self._link_whole, self._link_first, self._link_second = (self.cut.arrays["link_c"].copy(), *map(self._number, links))
        self._at_cut = np.searchsorted(self.cut.voxel, self.metal)
        self.open.reshape(-1)[self.place] = 0
        self.share: Array = np.ones(self.open.shape)
        self.filled, self.inverse = np.zeros(len(self.metal)), np.zeros(len(self.metal))

    def _number(self, voxel: Array) -> Array:
        """Place of voxels among the metal ones, -1 where they are not metal."""
        at = np.minimum(np.searchsorted(self.metal, voxel), len(self.metal) - 1)
        return np.where(self.metal[at] == voxel, at, -1).astype(np.int32)

    def _contacts_of(self, cut: CutFaces) -> None:
        self._wall_whole = cut.arrays["face_area"].copy()
        self._wall_low, self._wall_high = self._number(cut.voxel[cut.low]), self._number(cut.voxel[cut.high])

    @property
    def metal_of_wall(self) -> Array:
        """Of every wall face the metal voxel, as a place in `metal`; -1 where it has none."""
        return np.maximum(self._wall_low, self._wall_high)

    def weigh(self) -> None:
        """Take up `filled` and `inverse`: what voxels, walls, links and outer sides carry from now on."""
        a, threads = self.cut.arrays, self.threads
        a["cut_inv_volume"][self._at_cut] = self.inverse
        self.share.reshape(-1)[self.place] = self.filled
        _kernels.melt_weigh(self._wall_whole, self._wall_low, self._wall_high, self.filled, a["face_area"], threads)
        _kernels.melt_weigh(self._link_whole, self._link_first, self._link_second, self.filled, a["link_c"], threads)


class FillingStepper(Stepper):
    """Steps of a partly filled grid whose lengths the filling chooses and whose books it keeps.

    Parameters
    ----------
    problem : PartlyFilled
    initial : sequence of float or ndarray
        Temperatures at the start (K).

    Attributes
    ----------
    held : ndarray
        Enthalpy of every region (J), from its temperature at the start.
    """

    def __init__(self, problem: PartlyFilled, initial: ArrayLike) -> None:
        super().__init__(problem, Clock(SCHEMES["rkl2"], 0.1), initial, None, {}, estimate=False)
        self.held = self._held(advance=False)

    def conduct(self, length: float, ages: Array) -> float:
        """Take a step of a length (s) that a filling's clock has chosen.

        Parameters
        ----------
        length : float
            In s; any.
        ages : ndarray
            Time (s) since which every wall is in contact, for the mould correction.

        Returns
        -------
        float
            Heat that came in through the outer sides and from the source (J).
        """
        problem, clock = self.problem, self.clock
        if self.layer is not None:
            self.layer.update(ages)
        self._set_contacts()
        if self.fire is not None:
            self.fire.set_ways(self.H, anew=self.layer is not None)
        stable = SAFETY * problem.stable.explicit(self._least)
        clock.scheme = SCHEMES["euler" if length <= _SHORT * stable else "rkl2"]
        stages = clock.scheme.stages(length / stable)
        self._ending = clock.time + length
        if self.fire is not None:
            self._load_source(self.sweep, clock.time, self._ending)
        heat, _ = self.march(length, stages)
        self.held = self._held(advance=True)
        if self._deep:
            self._deep.note(self.H, self.reference, length)
        if self.fire is not None:
            self.fire.look(clock.time, self._ending, self.H)
        clock.time, clock.steps, clock.stages = self._ending, clock.steps + 1, clock.stages + stages
        return heat

    def memory(self) -> dict[str, Any]:
        """Return what `take_up` needs beside the enthalpies."""
        return {"clock": self.clock.memory(), "deep": self._deep.memory()}

    def take_up(self, H: Array, memory: Mapping[str, Any]) -> None:
        """Go on from the enthalpies of a filling's checkpoint (J/m3, from the reference, dense)."""
        self.H[...] = padded(H, self.problem.real)
        self.clock.recall(memory["clock"])
        if self._deep:
            self._deep.recall(memory["deep"])
        self.held = self._held(advance=False)


def _with_metal(grid: Grid, cut: CutFaces) -> tuple[CutFaces, tuple[Array, Array]]:
    """Return the cut faces with all metal voxels among the cut ones and links through the faces between them; the links' ends."""
    flat = grid.region.reshape(-1)
    voxel = np.union1d(cut.voxel, np.flatnonzero(flat == 0))
    old, a = np.searchsorted(voxel, cut.voxel), cut.arrays
    first, second, through = [cut.voxel[a["link_a"]]], [cut.voxel[a["link_b"]]], [a["link_c"]]
    for low, high, c in _metal_faces(grid):
        first.append(low)
        second.append(high)
        through.append(c)
    ends = np.concatenate(first), np.concatenate(second)
    order = np.lexsort((ends[1], ends[0]))
    low, high = ends[0][order], ends[1][order]
    rows = np.arange(grid.shape[0] * grid.shape[1] + 1) * grid.shape[2]
    inverse = np.ones(len(voxel))
    inverse[old] = a["cut_inv_volume"]
    arrays = a | {
        "cut_row": np.searchsorted(voxel, rows).astype(np.int64), "cut_k": (voxel % grid.shape[2]).astype(np.int32),
        "cut_inv_volume": inverse, "face_area": a["face_area"].copy(),
        "face_a": old[a["face_a"]].astype(np.int32), "face_b": old[a["face_b"]].astype(np.int32),
        "link_row": np.searchsorted(low, rows).astype(np.int64),
        "link_a": np.searchsorted(voxel, low).astype(np.int32), "link_b": np.searchsorted(voxel, high).astype(np.int32),
        "link_c": np.ascontiguousarray(np.concatenate(through)[order]),
    }  # fmt: skip
    # Distances stay shared with the problem's stable step: the mould correction changes them in place.
    return dataclasses.replace(cut, arrays=arrays, voxel=voxel, low=old[cut.low], high=old[cut.high]), (low, high)


def _metal_faces(grid: Grid) -> list[tuple[Array, Array, Array]]:
    """Low voxel, high voxel and area over distance (m) of the faces between two metal voxels, an axis each."""
    stride = (grid.shape[1] * grid.shape[2], grid.shape[2], 1)
    widths = [grid.widths(d) for d in range(3)]
    metal = grid.region == 0
    found = []
    for d in range(3):
        low, high = [slice(None)] * 3, [slice(None)] * 3
        low[d], high[d] = slice(None, -1), slice(1, None)
        at = np.nonzero(metal[tuple(low)] & metal[tuple(high)])
        area = np.prod([widths[e][at[e]] for e in range(3) if e != d], axis=0)
        distance = 0.5 * (widths[d][at[d]] + widths[d][at[d] + 1])
        voxel = np.ravel_multi_index(at, grid.shape)
        found.append((voxel, voxel + stride[d], area / distance))
    return found
