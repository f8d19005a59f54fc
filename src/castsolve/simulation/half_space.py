"""Mould faces without end: what a half space takes from a face whose temperature changes.

A half space of effusivity e = sqrt(k rho c) that starts at T0 takes, from a surface whose temperature is S(t),

    q(t) = e / sqrt(pi) * integral of S'(s) / sqrt(t - s) ds.

The memory t^(-1/2) is a sum of decaying exponentials, sum of w_m exp(-r_m t), with nodes evenly spaced in ln(r) (the
trapezoidal rule of its Laplace integral, which converges exponentially): each step adds to a few dozen numbers a face what its
whole history did, exactly for a surface temperature that runs linearly over the step. At every stage of a step the flux is then
linear in the surface temperature of that stage, so that the sweep takes it as a convective side with one coefficient and an
ambient temperature of its own for every face; nothing lags behind.

Every face has its own history. Conduction along the side, beyond it, is not counted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..geometry import Grid
from ..materials import HeatCurve
from .boundary import Side

__all__ = ["DeepSides", "Memory"]

Array = NDArray[np.float64]

# Nodes of the memory in ln(1/s): 2e-4 of t^(-1/2) from a hundredth of a second to a week.
_LOW, _HIGH, _SPACING = -26.0, 14.0, 1.0


class Memory:
    """What a half space remembers of the temperature of its surface.

    Parameters
    ----------
    faces : int
        How many faces, each with a history of its own.

    Attributes
    ----------
    past : ndarray, shape (nodes, faces)
        Decayed rises of temperature (K).
    surface : ndarray, shape (faces,)
        Surface temperature over the first one (K).
    """

    def __init__(self, faces: int = 1) -> None:
        x = np.arange(_LOW, _HIGH + 0.5 * _SPACING, _SPACING)
        self.rate = np.exp(x)
        # w / sqrt(pi): the memory and the factor before the integral.
        self.weight = _SPACING * np.exp(0.5 * x) / math.pi
        self.past = np.zeros((len(x), faces))
        self.surface = np.zeros(faces)

    def step(self, length: float, surface: Array) -> None:
        """Take note of a step (s) over which the surfaces went to temperatures (K over their first one)."""
        z = self.rate * length
        self.past *= np.exp(-z)[:, None]
        self.past += (-np.expm1(-z) / z)[:, None] * (surface - self.surface)
        self.surface = np.array(surface, dtype=np.float64)

    def flux(self) -> Array:
        """Return q / e (K/s^0.5) now."""
        return self.weight @ self.past

    def ahead(self, length: float) -> tuple[float, Array]:
        """Return the flux after a time (s), over e, as a + b times the rise of the surface until then, if it rises evenly.

        Returns
        -------
        b : float
            In s^-0.5.
        a : ndarray, shape (faces,)
            In K/s^0.5.
        """
        z = self.rate * length
        return float(self.weight @ (-np.expm1(-z) / z)), (self.weight * np.exp(-z)) @ self.past


class DeepSides:
    """The half spaces beyond the sides of one run.

    Parameters
    ----------
    grid : Grid
    sides : sequence of Side
        All six; those that are not deep stay as they are.
    materials : sequence of HeatCurve
        By region; the last region is what goes on beyond the sides.
    """

    def __init__(self, grid: Grid, sides: Sequence[Side], materials: Sequence[HeatCurve]) -> None:
        self.sides, self._curves = tuple(sides), tuple(materials)
        self.deep = tuple(a for a, side in enumerate(sides) if side.is_deep)
        self.memories: dict[int, Memory] = {}
        self._planes: dict[int, tuple[Any, ...]] = {}
        self._region: dict[int, NDArray[np.uint8]] = {}
        self._half: dict[int, float] = {}
        self._area: dict[int, Array] = {}
        self._ambient: dict[int, Array] = {}
        for a in self.deep:
            axis = a // 2
            plane: list[Any] = [slice(None), slice(None), slice(0, grid.shape[2])]
            plane[axis] = 0 if a % 2 == 0 else grid.shape[axis] - 1
            self._planes[a] = tuple(plane)
            self._region[a] = np.ascontiguousarray(grid.region[tuple(plane)]).reshape(-1)
            self._half[a] = 0.5 * float(grid.widths(axis)[plane[axis]])
            across, along = (grid.widths(b) for b in range(3) if b != axis)
            self._area[a] = np.outer(across, along).reshape(-1)
            self.memories[a] = Memory(self._region[a].size)
            self._ambient[a] = np.full(self._region[a].size, self.sides[a].ambient)

    def __bool__(self) -> bool:
        return bool(self.deep)

    def effusivity(self, a: int) -> float:
        """Return sqrt(k rho c) in W s^0.5/m2/K from the first temperature to the present mean one of a side."""
        start, curve = self.sides[a].ambient, self._curves[-1]
        rise = float(self._area[a] @ self.memories[a].surface) / float(self._area[a].sum())
        T = start + np.linspace(0.0, max(rise, 1.0), 9)
        h = curve.at_temperature(T)
        return math.sqrt(float((h[-1] - h[0]) / (T[-1] - T[0])) * float(np.mean(curve.conductivity_at(h))))

    def tell(self, sweep: Any, ahead: float) -> None:
        """Tell the sweep what the half spaces take at a time (s) after the last step."""
        rows = [side.row() for side in self.sides]
        for a, memory in self.memories.items():
            kind, _, start, _, _ = rows[a]
            e = self.effusivity(a)
            slope, past = memory.ahead(max(ahead, 1e-9))
            # q / e = past + slope (S - S0), S0 the surface as the step began.
            self._ambient[a][:] = start + memory.surface - past / slope
            rows[a] = kind, e * slope, start, 0.0, 0.0
        sweep.set_sides(rows)

    def attach(self, sweep: Any) -> None:
        """Give the sweep the ambient temperatures of the faces; they change in place."""
        for a, ambient in self._ambient.items():
            sweep.set_side_field(a, ambient)

    def note(self, H: NDArray[Any], reference: Array, length: float) -> None:
        """Take note of a finished step (s).

        Parameters
        ----------
        H : ndarray
            Enthalpy of all voxels over the reference of their region (J/m3), rows padded.
        reference : ndarray
            Of every region (J/m3).
        length : float
        """
        for a, memory in self.memories.items():
            here, region = H[self._planes[a]].reshape(-1).astype(float), self._region[a]
            T, k = np.empty(here.size), np.empty(here.size)
            for r in np.unique(region):
                mine = region == r
                h = reference[r] + here[mine]
                T[mine], k[mine] = self._curves[r].temperature_at(h), self._curves[r].conductivity_at(h)
            # From the voxel's centre to its face.
            slope, past = memory.ahead(length)
            way, e = k / self._half[a], self.effusivity(a)
            rise = (T - self.sides[a].ambient) * way - e * (past - slope * memory.surface)
            memory.step(length, rise / (way + e * slope))

    def memory(self) -> dict[str, Any]:
        """Return what a checkpoint must hold."""
        return {str(a): {"surface": m.surface.tolist(), "past": m.past.tolist()} for a, m in self.memories.items()}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Take up a checkpoint's memory."""
        for key, kept in memory.items():
            self.memories[int(key)].surface = np.array(kept["surface"])
            self.memories[int(key)].past = np.array(kept["past"])
