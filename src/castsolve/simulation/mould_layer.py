"""The first mould voxel while heat has not yet filled it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..materials import HeatCurve
from .sweep_arrays import CutFaces

if TYPE_CHECKING:
    from .heat_problem import HeatProblem

__all__ = ["MouldLayer", "Touched"]

Array = NDArray[Any]

# A mould conducts much less than the metal below this ratio of effusivities; only then its first voxel is corrected.
_MUCH_LESS = 0.35


@dataclass(frozen=True, slots=True, eq=False)
class Touched:
    """For how long melt has touched the mould by the end of a filling.

    Parameters
    ----------
    age : ndarray, shape (nx, ny, nz)
        Time (s) since melt first touched the walls of each metal voxel; NaN where it never did, and in other voxels.
    elapsed : float
        Time of the whole filling (s): moulds touched each other for as long.
    diffusivity : mapping of int to float
        m2/s, of the regions whose first voxel is corrected (see `MouldLayer`).
    """

    age: Array
    elapsed: float
    diffusivity: Mapping[int, float]


class MouldLayer:
    """The first mould voxel while heat has not yet filled it: its distance from the wall follows a parabolic layer.

    With p = sqrt(12 a t) the depth of the layer after a time t of contact and H = 2 d the voxel's depth behind the wall, the
    mean of the layer inside the voxel lies p/2 (1 - p/(3 H)) behind the wall while p < H, and H/2 - (H/6)(H/p)^2 later,
    which tends to d. It holds for moulds that conduct much less than the metal and start at one temperature.

    Parameters
    ----------
    cut : CutFaces
    diffusivity : mapping of int to float
        m2/s, of the regions that are corrected.
    age : ndarray, optional
        Time (s) that each wall has been in contact for before the run. Default: none has.
    """

    def __init__(self, cut: CutFaces, diffusivity: Mapping[int, float], age: Array | None = None) -> None:
        self.diffusivity, self.age = dict(diffusivity), age
        a = np.array([diffusivity.get(r, 0.0) for r in range(256)])
        self._cut = cut
        self._low, self._high = cut.arrays["face_low"].astype(float), cut.arrays["face_high"].astype(float)
        # Only against a body that conducts well: two moulds side by side keep their distances.
        self._a_low = np.where(a[cut.region_high] == 0.0, a[cut.region_low], 0.0)
        self._a_high = np.where(a[cut.region_low] == 0.0, a[cut.region_high], 0.0)

    def update(self, time: float | Array) -> None:
        """Write the distances that hold at a time of the run (s), one for all or one a wall, into the sweep's arrays."""
        if self.age is not None:
            time = time + self.age
        self._cut.arrays["face_low"][:] = _layer_distance(self._low, self._a_low, time)
        self._cut.arrays["face_high"][:] = _layer_distance(self._high, self._a_high, time)


    @classmethod
    def of(cls, problem: HeatProblem, H: Array, reference: Array) -> MouldLayer | None:
        """Return the layer of a run that starts at enthalpies H (J/m3, from each region's reference), or None."""
        if not problem.mould_correction:
            return None
        diffusivity: dict[int, float] = {}
        metal, region = problem.materials[0], problem.rows.region
        hot = metal.temperature_at(metal.enthalpy_at_fraction_solid(1.0)) if metal.fraction_solid is not None else 600.0
        e_metal = _effusivity(metal, 298.15, hot or 600.0)[0]
        for r, curve in enumerate(problem.materials):
            if r == 0 or not (region == r).any():
                continue
            start = H[:, :, : region.shape[2]][region == r]
            e, a = _effusivity(curve, float(curve.temperature_at(reference[r] + start[0])), hot or 600.0)
            regions = problem.mould_regions
            wanted = r in regions if regions is not None else e < _MUCH_LESS * e_metal
            # A mould that no longer is at its first temperature does not tell whether it once was.
            if wanted and np.ptp(start) <= 1e-9 * abs(reference[r]) + 1e-6:
                diffusivity[r] = a
        return cls(problem.cut, diffusivity) if diffusivity else None

    @classmethod
    def after(cls, problem: HeatProblem, touched: Touched) -> MouldLayer | None:
        """Return the layer of a run that goes on from a filling, or None."""
        if not (problem.mould_correction and touched.diffusivity):
            return None
        flat = problem.rows.region.reshape(-1)
        ages = np.ascontiguousarray(problem.in_rows(np.nan_to_num(touched.age))).reshape(-1)
        age = np.full(len(problem.cut.low), touched.elapsed)
        for side in (problem.cut.low, problem.cut.high):
            voxel = problem.cut.voxel[side]
            age = np.where(flat[voxel] == 0, ages[voxel], age)
        return cls(problem.cut, touched.diffusivity, age)

    @classmethod
    def recalled(cls, problem: HeatProblem, state: Mapping[str, Any]) -> MouldLayer | None:
        """Return the layer that a checkpoint tells of, or None."""
        diffusivity = {int(r): a for r, a in state["layer"].items()}
        return cls(problem.cut, diffusivity, state.get("layer_age")) if diffusivity else None

    def state(self) -> dict[str, Any]:
        """Return what `recalled` reads."""
        age = {} if self.age is None else {"layer_age": self.age}
        return {"layer": {str(r): a for r, a in self.diffusivity.items()}, **age}


def _layer_distance(d: Array, diffusivity: Array, time: float | Array) -> Array:
    depth, H = np.sqrt(12.0 * diffusivity * time), 2.0 * d
    ratio = np.divide(np.minimum(depth, H), H, out=np.ones_like(H), where=H > 0.0)
    early = 0.5 * depth * (1.0 - ratio / 3.0)
    reach = np.divide(H, np.maximum(depth, H), out=np.zeros_like(H), where=depth + H > 0.0)
    late = 0.5 * H - H / 6.0 * reach**2
    return np.where(diffusivity > 0.0, np.where(depth < H, early, late), d)


def _effusivity(curve: HeatCurve, cold: float, hot: float) -> tuple[float, float]:
    """Effusivity (W s^0.5/m2/K) and diffusivity (m2/s) from mean properties between two temperatures."""
    T = np.linspace(cold, max(hot, cold + 1.0), 33)
    h = curve.at_temperature(T)
    k = float(np.mean(curve.conductivity_at(h)))
    c = float((h[-1] - h[0]) / (T[-1] - T[0]))
    return math.sqrt(k * c), k / c
