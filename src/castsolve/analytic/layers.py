"""Layered plates, cylinders and spheres: a fine one-dimensional reference for any materials and contacts.

Finite volumes on enthalpy along the radius, graded towards the contacts, integrated in time by LSODA. Conduction inside
a layer uses the integral of conductivity over temperature, so a conductivity that jumps at the solidus costs no
accuracy. It shares no code with the three-dimensional solver.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, SolveError, unknown_name

__all__ = ["Layer", "LayeredBody", "LayeredRun"]

Floats = NDArray[np.float64]
_CURVED = {"plate": 0, "cylinder": 1, "sphere": 2}


class Curve(Protocol):
    """What is needed of a material: enthalpy (J/m3), temperature (K) and conductivity (W/m/K) at common nodes."""

    @property
    def enthalpy(self) -> Floats: ...

    @property
    def temperature(self) -> Floats: ...

    @property
    def conductivity(self) -> Floats: ...


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a `LayeredBody`.

    Parameters
    ----------
    material : Curve
        Any object with arrays `enthalpy`, `temperature` and `conductivity`.
    thickness : float
        In m.
    initial : float
        Temperature at time 0 in K.
    grading : float, optional
        Ratio of the last to the first cell, 1 = uniform; above 1 the cells are finest at the inner side.
    cells : float, optional
        Cells of this layer relative to those of the whole body's `cells`.
    """

    material: Curve
    thickness: float = field(kw_only=True)
    initial: float = field(kw_only=True)
    grading: float = field(default=1.0, kw_only=True)
    cells: float = field(default=1.0, kw_only=True)


@dataclass(frozen=True, slots=True, eq=False)
class LayeredRun:
    """What a `LayeredBody` did: temperatures at the asked times and the times at which the centre passed given levels.

    Attributes
    ----------
    time : ndarray (n,)
    position : ndarray (m,)
        Cell centres from the centre (plane) outwards in m.
    temperature : ndarray (n, m)
    centre : ndarray (n,)
        Temperature at the centre, extrapolated from the innermost two cells.
    faces : ndarray (n, contacts, 2)
        Temperatures on the inner and outer side of each contact (the last contact is the outer face).
    flux : ndarray (n, contacts)
        Heat flux in W/m2 through each contact, outwards.
    centre_times : dict of float to float
        Level in K -> time in s at which the centre cooled to it; nan if it did not.
    """

    time: Floats
    position: Floats
    temperature: Floats
    centre: Floats
    faces: Floats
    flux: Floats
    centre_times: dict[float, float]

    def at(self, r: ArrayLike, step: int) -> Floats:
        """Return temperatures at distances r from the centre at one of the asked times (linear between cells)."""
        return np.interp(np.asarray(r, dtype=float), self.position, self.temperature[step])


@dataclass(frozen=True, slots=True, eq=False)
class LayeredBody:
    """Concentric layers in contact, cooled from outside; inner side a symmetry plane, axis or centre.

    Parameters
    ----------
    layers : sequence of Layer
        From the centre outwards.
    shape : str
        "plate", "cylinder" or "sphere".
    contacts : sequence of float
        Heat-transfer coefficient in W/m2/K between each layer and the next; inf is perfect contact.
    outer_htc, outer_temperature : float, optional
        Cooling of the outer face; default insulated.
    """

    layers: Sequence[Layer]
    shape: str = field(kw_only=True)
    contacts: Sequence[float] = field(kw_only=True)
    outer_htc: float = field(default=0.0, kw_only=True)
    outer_temperature: float = field(default=300.0, kw_only=True)

    def __post_init__(self) -> None:
        if self.shape not in _CURVED:
            raise InputError(unknown_name("shape", self.shape, _CURVED))
        if len(self.contacts) != len(self.layers) - 1:
            raise InputError(
                f"{len(self.layers)} layers have {len(self.layers) - 1} contacts, not {len(self.contacts)}"
            )

    def solve(
        self,
        *,
        until: float,
        cells: int = 80,
        times: Sequence[float] = (),
        levels: Sequence[float] = (),
        rtol: float = 1e-7,
    ) -> LayeredRun:
        """Integrate to a time and return a `LayeredRun`.

        Parameters
        ----------
        until : float
            End time in s.
        cells : int, optional
            Cells of a layer with ``cells = 1``; errors fall with its square.
        times : sequence of float, optional
            Times in s at which temperatures are kept.
        levels : sequence of float, optional
            Temperatures in K whose passage at the centre is timed.
        rtol : float, optional
            Relative tolerance of the time integration.
        """
        from scipy.integrate import solve_ivp

        mesh = _Mesh(self, cells)
        events = [_Passage(mesh, level) for level in levels]
        run = solve_ivp(
            mesh.rate,
            (0.0, until),
            mesh.start,
            method="LSODA",
            lband=1,
            uband=1,
            rtol=rtol,
            atol=rtol * 0.1 * float(np.ptp(mesh.start) + 1.0),
            t_eval=np.asarray(times, dtype=float) if len(times) else [until],
            events=events,
        )
        if not run.success:
            raise SolveError(f"the layered reference stopped at t = {run.t[-1]:g} s: {run.message}")
        firsts = [float(t[0]) if t.size else math.nan for t in (run.t_events if events else [])]
        return mesh.report(run.t, run.y.T, dict(zip(levels, firsts, strict=True)))

    def solve_extrapolated(self, *, until: float, cells: int = 80, levels: Sequence[float]) -> dict[float, float]:
        """Return the times of passage at the centre, extrapolated from `cells` and half of them (second order)."""
        fine = self.solve(until=until, cells=cells, levels=levels).centre_times
        coarse = self.solve(until=until, cells=cells // 2, levels=levels).centre_times
        return {level: fine[level] + (fine[level] - coarse[level]) / 3.0 for level in levels}


class _Passage:
    """Event: the centre cools through a level."""

    terminal = False
    direction = -1.0

    def __init__(self, mesh: _Mesh, level: float) -> None:
        self.mesh, self.level = mesh, level

    def __call__(self, _time: float, h: Floats) -> float:
        T = np.interp(h[:2], self.mesh.tables[0][0], self.mesh.tables[0][1])
        return float(self.mesh.centre(T)) - self.level


class _Mesh:
    """The cells of a layered body and the right-hand side of their balance."""

    def __init__(self, body: LayeredBody, cells: int) -> None:
        n = _CURVED[body.shape]
        nodes, starts, r = [np.zeros(1)], [0], 0.0
        for layer in body.layers:
            count = max(2, round(cells * layer.cells))
            s = np.linspace(0.0, 1.0, count + 1)[1:]
            b = math.log(layer.grading) if layer.grading > 0.0 else math.nan
            share = s if abs(b) < 1e-12 else np.expm1(b * s) / math.expm1(b)
            nodes.append(r + layer.thickness * share)
            starts.append(starts[-1] + count)
            r += layer.thickness
        self.nodes = np.concatenate(nodes)
        self.mid = 0.5 * (self.nodes[1:] + self.nodes[:-1])
        self.slices = [slice(a, b) for a, b in pairwise(starts)]
        self.area = self.nodes**n
        self.volume = np.diff(self.nodes ** (n + 1)) / (n + 1)
        self.resist = np.array([0.0 if math.isinf(c) else 1.0 / c for c in body.contacts])
        self.outer_resist = 1.0 / body.outer_htc if body.outer_htc > 0.0 else math.inf
        self.outer_temperature = body.outer_temperature
        self.tables = [_table(layer.material) for layer in body.layers]
        self.start = np.empty(self.mid.size)
        for part, layer, table in zip(self.slices, body.layers, self.tables, strict=True):
            self.start[part] = np.interp(layer.initial, table[1], table[0])
        # distances from the first and last cell centre of a layer to its faces, as seen from the face's area
        self.to_outer = np.array([_distance(n, self.nodes[s.stop], self.mid[s.stop - 1]) for s in self.slices])
        self.to_inner = np.zeros(len(self.slices))
        for i, part in enumerate(self.slices[1:], start=1):
            face = part.start
            self.to_inner[i] = _distance(n, self.nodes[face], self.mid[face])

    def centre(self, T: Floats) -> float:
        a, b = self.mid[0] ** 2, self.mid[1] ** 2
        return float((b * T[0] - a * T[1]) / (b - a))

    def state(self, h: Floats) -> tuple[Floats, Floats, Floats]:
        """Return temperature, conductivity and heat flux through every inner node plus the outer face."""
        T, k, flux = np.empty_like(h), np.empty_like(h), np.zeros(h.size + 1)
        for s, table in zip(self.slices, self.tables, strict=True):
            T[s], k[s], potential = _look_up(table, h[s])
            flux[s.start + 1 : s.stop] = (potential[:-1] - potential[1:]) / np.diff(self.mid[s])
        for i, s in enumerate(self.slices[:-1]):
            j = s.stop
            total = self.to_outer[i] / k[j - 1] + self.resist[i] + self.to_inner[i + 1] / k[j]
            flux[j] = (T[j - 1] - T[j]) / total
        if math.isfinite(self.outer_resist):
            flux[-1] = (T[-1] - self.outer_temperature) / (self.to_outer[-1] / k[-1] + self.outer_resist)
        return T, k, flux

    def rate(self, _time: float, h: Floats) -> Floats:
        heat = self.area * self.state(h)[2]
        return np.asarray((heat[:-1] - heat[1:]) / self.volume)

    def report(self, time: Floats, states: Floats, passed: dict[float, float]) -> LayeredRun:
        T = np.empty_like(states)
        contacts = len(self.slices)
        faces, flows = np.empty((time.size, contacts, 2)), np.empty((time.size, contacts))
        for row, h in enumerate(states):
            T[row], k, flux = self.state(h)
            for i, s in enumerate(self.slices):
                j = s.stop
                flows[row, i] = flux[j]
                faces[row, i, 0] = T[row, j - 1] - flux[j] * self.to_outer[i] / k[j - 1]
                last = i == contacts - 1
                faces[row, i, 1] = self.outer_temperature if last else T[row, j] + flux[j] * self.to_inner[i + 1] / k[j]
        centre = np.array([self.centre(row) for row in T])
        return LayeredRun(time, self.mid, T, centre, faces, flows, passed)


def _distance(n: int, face: Any, centre: Any) -> Any:
    """Return the distance between a face and a cell centre that makes conduction exact per area of the face."""
    if n == 0:
        return abs(centre - face)
    if n == 1:
        return face * abs(math.log(centre / face))
    return face * abs(centre - face) / centre


def _table(material: Curve) -> tuple[Floats, Floats, Floats, Floats]:
    h, T, k = (np.asarray(a, dtype=float) for a in (material.enthalpy, material.temperature, material.conductivity))
    potential = np.concatenate([[0.0], np.cumsum(0.5 * (k[1:] + k[:-1]) * np.diff(T))])
    return h, T, k, potential


def _look_up(table: tuple[Floats, Floats, Floats, Floats], h: Floats) -> tuple[Floats, Floats, Floats]:
    """Return temperature, conductivity and its integral over temperature at given enthalpies."""
    nodes, T, k, potential = table
    i = np.clip(np.searchsorted(nodes, h, side="right") - 1, 0, nodes.size - 2)
    width = nodes[i + 1] - nodes[i]
    share = np.clip(np.divide(h - nodes[i], width, out=np.zeros_like(h), where=width > 0.0), 0.0, 1.0)
    dT, dk = T[i + 1] - T[i], k[i + 1] - k[i]
    return T[i] + dT * share, k[i] + dk * share, potential[i] + dT * share * (k[i] + 0.5 * dk * share)
