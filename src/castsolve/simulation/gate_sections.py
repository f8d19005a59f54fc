"""What passes through each gate while the cavity fills: flow, speed, and the numbers that follow from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..casting import Body
from ..errors import GeometryError
from .flow_arrays import HALO, Cavity
from .flow_run import FlowRun

__all__ = ["GateSection", "MeltNumbers", "gate_sections"]

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class MeltNumbers:
    """What the numbers of a flow need: density (kg/m3), viscosity (Pa s), surface tension (N/m) or None, gravity (m/s2)."""

    density: float
    viscosity: float
    surface_tension: float | None
    gravity: float

    def numbers(self, speed: float, diameter: float, thinnest: float) -> dict[str, float]:
        """Return Reynolds number on the diameter, Froude number on the thinnest dimension and Weber number on half of it."""
        out = {"reynolds": self.density * speed * diameter / self.viscosity}
        if self.gravity > 0.0:
            out["froude"] = speed / math.sqrt(self.gravity * thinnest)
        if self.surface_tension is not None:
            out["weber"] = self.density * speed**2 * 0.5 * thinnest / self.surface_tension
        return out


@dataclass(slots=True, eq=False)
class GateSection:
    """The open faces across the middle of one gate.

    Attributes
    ----------
    name : str
    axis : int
        Across which the faces lie.
    index : ndarray
        Faces, in the padded arrays.
    aperture : ndarray
        Open share of each.
    sign : float
        1 where metal that moves up the axis enters the casting, else -1.
    thinnest : float
        Smallest dimension of the gate (m).
    voxel : float
        Edge of a voxel (m).
    rows : list
        One a step: flow (m3/s), mean and largest speed (m/s) over the wetted faces.
    """

    name: str
    axis: int
    index: Array
    aperture: Array
    sign: float
    thinnest: float
    voxel: float
    rows: list[tuple[float, float, float]] = field(default_factory=list)

    @property
    def area(self) -> float:
        """Open area (m2)."""
        return float(self.aperture.sum()) * self.voxel**2

    @property
    def diameter(self) -> float:
        """Of the circle with the same area (m)."""
        return math.sqrt(4.0 * self.area / math.pi)

    def note(self, run: FlowRun, length: float) -> None:
        """Note what passed in the step of a length (s) that was just taken."""
        arrays, d = run.stepper.arrays, self.axis
        moved = arrays["G"][d].reshape(-1)[self.index] * self.sign
        speed = arrays["u"][d].reshape(-1)[self.index] * self.sign
        stride = int(np.prod(arrays["kind"].shape[d + 1 :]))
        volume, room = arrays["F"].reshape(-1), arrays["V"].reshape(-1)
        both = volume[self.index] + volume[self.index - stride]
        share = np.clip(both / np.maximum(room[self.index] + room[self.index - stride], 1e-12), 0.0, 1.0)
        flow = float(moved.sum()) * self.voxel**3 / length if length > 0.0 else 0.0
        wetted = float((self.aperture * share).sum()) * self.voxel**2
        wet = share > 0.5
        # A few drops have no mean speed: a tenth of the section must be wetted.
        mean = flow / wetted if wetted > 0.1 * self.area else 0.0
        self.rows.append((flow, mean, float(np.abs(speed[wet]).max(initial=0.0))))

    def facts(self, step_lengths: Array, melt: MeltNumbers) -> dict[str, float]:
        """Return what passed, as plain numbers in SI; numbers of the flow are those at `speed`, which 5 % of the metal exceeded."""
        flow, mean, most = np.array(self.rows).reshape(-1, 3).T
        passed = np.maximum(flow, 0.0) * step_lengths
        speed, total = exceeded_by(mean, passed, 0.05), float(passed.sum())
        return {
            "area": self.area, "thinnest": self.thinnest, "passed": float((flow * step_lengths).sum()), "speed": speed,
            "mean_speed": float((mean * passed).sum()) / total if total > 0.0 else 0.0,
            "largest_speed": float(most.max(initial=0.0)), **melt.numbers(speed, self.diameter, self.thinnest),
        }  # fmt: skip


def exceeded_by(values: Array, weights: Array, share: float) -> float:
    """Return the value that a share of the weight exceeds; 0 where there is no weight."""
    total = float(weights.sum())
    if total <= 0.0:
        return 0.0
    order = np.argsort(values)
    below = np.cumsum(weights[order]) / total
    return float(values[order][min(int(np.searchsorted(below, 1.0 - share)), len(order) - 1)])


def gate_sections(bodies: Sequence[Body], cavity: Cavity) -> list[GateSection]:
    """Return the section across the middle of every gate that the cavity holds."""
    found = []
    for body in bodies:
        if body.role != "gate":
            continue
        low, high = body.surface.bounds
        middle = 0.5 * (low + high)
        ways = range(3) if body.on is None else [int(np.argmax(np.abs(body.on.normal)))]
        cuts = [(_faces_across(cavity, d, low, high, middle), d) for d in ways]
        (index, aperture), axis = min(cuts, key=lambda cut: float(cut[0][1].sum()) or math.inf)
        if not aperture.sum() > 0.0:
            x, y, z = middle * 1e3
            raise GeometryError(
                f"{body.name} at x, y, z = {x:.4g}, {y:.4g}, {z:.4g} mm is blocked: no open face crosses its middle; use a "
                "smaller voxel"
            )
        sign = 1.0 if body.on is None or body.on.normal[axis] < 0.0 else -1.0
        found.append(GateSection(body.name, axis, index, aperture, sign, body.thinnest, cavity.voxel))
    return found


def _faces_across(cavity: Cavity, d: int, low: Array, high: Array, middle: Array) -> tuple[Array, Array]:
    """Open faces across axis d in the plane of faces next to a body's middle, within a voxel of its bounds."""
    h, shape = cavity.voxel, cavity.aperture[d].shape
    span: list[slice] = []
    for e in range(3):
        if e == d:
            at = int(np.clip(round((middle[e] - cavity.origin[e]) / h), 0, shape[e] - 1))
            span.append(slice(at, at + 1))
        else:
            first = int(np.floor((low[e] - cavity.origin[e]) / h + 1e-6))
            last = int(np.ceil((high[e] - cavity.origin[e]) / h - 1e-6))
            span.append(slice(max(first, 0), max(min(last, shape[e]), 0)))
    part = cavity.aperture[d][tuple(span)]
    at_faces = np.argwhere(part > 0.0) + np.array([s.start for s in span]) + HALO
    padded = tuple(n + 2 * HALO for n in cavity.shape)
    index = np.ravel_multi_index(tuple(at_faces.T), padded) if len(at_faces) else np.zeros(0, np.int64)
    return np.asarray(index), part[part > 0.0]
