"""What the ports of a running flow give: speeds of feeds, pressures of reservoirs, and which feeds are held back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .flow_arrays import FEED, HALO, RESERVOIR

if TYPE_CHECKING:
    from .flow_problem import Port
    from .flow_stepper import FlowStepper

__all__ = ["FlowPorts", "PortSwitchedError"]

Array = NDArray[Any]

# What a limited feed does: it gives its flow, is held back by its limit, or is shut because metal would flow back.
FREE, HELD, SHUT = range(3)
# Flow beyond what is wanted that a feed may give while its pressure limit holds it: the solver's rounding.
_ROUNDING = 1e-6


class PortSwitchedError(Exception):
    """A feed met its pressure limit within a step, or left it: the step is taken again."""


def _value(given: float | Callable[[float], float], time: float) -> float:
    return float(given(time)) if callable(given) else float(given)


class FlowPorts:
    """The ports of one run (see `flow_problem.Port`).

    Attributes
    ----------
    faces : list
        Of every port, `FlowProblem.port_faces`.
    feeding : list of int
        Of every port, FREE, HELD or SHUT.
    passed : ndarray
        Volume (m3) that has come through every port.
    pressure : ndarray
        Mean gauge pressure (Pa) behind every feed with a pressure limit after the last step; NaN for the others.
    """

    def __init__(self, stepper: FlowStepper) -> None:
        self.stepper, self.ports = stepper, stepper.problem.ports
        self.faces = [stepper.problem.port_faces(p) for p in self.ports]
        self.feeding = [FREE] * len(self.ports)
        self.passed = np.zeros(len(self.ports))
        self.pressure = np.full(len(self.ports), np.nan)
        # What the flow of feeds without such a limit took in the step.
        self._needed = np.zeros(len(self.ports))
        kind = stepper.arrays["kind"]
        self._strides = np.array([kind.shape[1] * kind.shape[2], kind.shape[2], 1])
        self._gained = [np.zeros(len(f[0])) for f in self.faces]
        self._switched: set[tuple[int, int]] = set()

    def _cells(self, number: int) -> tuple[Array, Array]:
        """Voxels of a port, and those of the cavity beside them, one for each of its faces."""
        axis, index, sign, _ = self.faces[number]
        behind = index - self._strides[axis]
        return np.where(sign > 0, behind, index), np.where(sign > 0, index, behind)

    def _wet(self, number: int) -> Array:
        """Which voxels beside the faces of a port are liquid."""
        return np.asarray(self.stepper.arrays["wet"].reshape(-1)[self._cells(number)[1]] > 0)

    def begin(self) -> None:
        """Hold the feeds with a pressure limit whose metal stands there already: it has yet to be pushed."""
        for number, port in enumerate(self.ports):
            if port.most_pressure is not None and self._wet(number).any():
                self._set(number, HELD)

    def _wanted(self, number: int, port: Port, time: float, dt: float = 0.0) -> float:
        """Volume rate (m3/s) that a feed would give; one by its volume in the middle of a step that long."""
        if port.stroke is None:
            assert port.flow is not None
            return _value(port.flow, time)
        now = port.stroke(float(self.passed[number]))
        return port.stroke(float(self.passed[number]) + 0.5 * dt * now)

    def feed(self, time: float, dt: float = 0.0) -> None:
        """Give the faces of the feeds their speed, at the end of a step that long."""
        u = self.stepper.arrays["u"]
        for number, (port, (axis, index, sign, area)) in enumerate(zip(self.ports, self.faces, strict=True)):
            if not port.feeds or self.feeding[number] == HELD:
                continue
            along = np.ones(3) if port.direction is None else np.abs(port.direction)
            wanted = 0.0 if self.feeding[number] == SHUT else self._wanted(number, port, time, dt)
            speed = wanted / (float((area * along[axis]).sum()) * self.stepper.problem.cavity.voxel**2)
            self._gained[number] = along[axis] * speed - self._entering(axis, index, sign)
            for d in range(3):
                mine = axis == d
                u[d].reshape(-1)[index[mine]] = sign[mine] * along[d] * speed

    def hold(self, time: float) -> None:
        """Give the reservoirs their pressure over density, at their faces."""
        stepper, cavity = self.stepper, self.stepper.problem.cavity
        g, density = stepper.gravity, stepper.problem.liquid.density
        size = float(np.linalg.norm(g))
        pk, shape = stepper.arrays["pk"].reshape(-1), stepper.arrays["kind"].shape
        for number, (port, (axis, index, sign, _)) in enumerate(zip(self.ports, self.faces, strict=True)):
            cell, held = self._cells(number)[0], self.feeding[number] == HELD
            pressure = port.most_pressure if held else port.pressure
            head = port.most_head if held else port.head
            if pressure is not None:
                pk[cell] = _value(pressure, time) / density
            elif head is not None:
                at = np.stack(np.unravel_index(index, shape), axis=1) - HALO + 0.5
                at[np.arange(len(index)), axis] -= 0.5
                height = -(at * cavity.voxel + np.array(cavity.origin)) @ g / size if size else 0.0
                # Of the start of the step: what gravity has added since then the pressure has yet to take back.
                u = self._entering(axis, index, sign, "un")
                pk[cell] = size * (_value(head, time) - height) - 0.5 * np.maximum(u, 0.0) ** 2

    def _entering(self, axis: Array, index: Array, sign: Array, when: str = "u") -> Array:
        """Speed (m/s) into the cavity at faces of ports, now or at the start of the step ("un")."""
        out = np.empty(len(index))
        for d in range(3):
            mine = axis == d
            out[mine] = self.stepper.arrays[when][d].reshape(-1)[index[mine]]
        return out * sign

    def fastest(self) -> float:
        """Return the largest speed (m/s) at which feeds bring metal now."""
        speeds = [np.abs(self._entering(*f[:3])).max(initial=0.0) for p, f in zip(self.ports, self.faces, strict=True) if p.feeds]
        return float(max(speeds, default=0.0))

    def driving(self) -> float:
        """Return the largest pressure over density (m2/s2) that reservoirs hold or feeds were found to need; 0 at least."""
        pk = self.stepper.arrays["pk"].reshape(-1)
        holding = [n for n, p in enumerate(self.ports) if p.holds or self.feeding[n] == HELD]
        held = max((float(pk[self._cells(n)[0]].max(initial=0.0)) for n in holding), default=0.0)
        found = max(np.nan_to_num(self.pressure).max(initial=0.0), self._needed.max(initial=0.0))
        return float(max(held, found / self.stepper.problem.liquid.density))

    def _set(self, number: int, now: int) -> None:
        self.feeding[number] = now
        self.stepper.arrays["kind"].reshape(-1)[self._cells(number)[0]] = RESERVOIR if now == HELD else FEED

    def switch(self) -> None:
        """Before a step, let a feed that needs more than its largest head become a reservoir of that head, shut it where metal
        would flow back, and let it feed again where the reservoir gives more than is wanted, or its metal has gone."""
        self._switched = set()
        for number, port in enumerate(self.ports):
            if port.most_head is not None:
                self._set(number, self._by_head(number, port, port.most_head, self.feeding[number]))
            elif port.most_pressure is not None and not self._wet(number).any():
                self._set(number, FREE)

    def _by_head(self, number: int, port: Port, most: float | Callable[[float], float], now: int) -> int:
        wanted = self._wanted(number, port, self.stepper.time)
        if wanted <= 0.0:
            return FREE
        if now == HELD:
            flow = self.stepper.run.port_rows[-1][number]
            return FREE if flow >= wanted else SHUT if flow < 0.0 else HELD
        above = self._head_at(self._cells(number)[1]) > _value(most, self.stepper.time)
        if now == SHUT:
            return SHUT if above else HELD
        return HELD if above else FREE

    def _head_at(self, cells: Array) -> float:
        """Largest head (m) of liquid voxels: their height and what their pressure holds; -inf where none is liquid."""
        stepper, cavity, g = self.stepper, self.stepper.problem.cavity, self.stepper.gravity
        size = float(np.linalg.norm(g))
        wet = cells[stepper.arrays["wet"].reshape(-1)[cells] > 0]
        if not (len(wet) and size > 0.0 and stepper.last_kick > 0.0):
            return -math.inf
        index = np.stack(np.unravel_index(wet, stepper.arrays["kind"].shape), axis=1)
        at = (index - HALO + 0.5) * cavity.voxel + np.array(cavity.origin)
        push = stepper.arrays["P"].reshape(-1)[wet] * cavity.voxel / stepper.last_kick
        return float((push - at @ g).max()) / size

    def require_room(self, enclosed: int) -> None:
        """Hold free feeds with a pressure limit whose liquid is enclosed: what pressure their flow needs is not known there."""
        arrays = self.stepper.arrays
        for number, port in enumerate(self.ports):
            if not enclosed or port.most_pressure is None or self.feeding[number] != FREE:
                continue
            if (arrays["stamp"].reshape(-1)[self._cells(number)[1]] == self.stepper.sweep.mark).any():
                self._turn(number, HELD)

    def require_pressure(self, kick: float) -> None:
        """Note the pressures that were found behind limited feeds; hold those that need more than their limit."""
        for number, port in enumerate(self.ports):
            if port.most_pressure is None:
                free = port.feeds and self.feeding[number] == FREE
                self._needed[number] = self._behind(number, kick) if free else 0.0
                continue
            most = _value(port.most_pressure, self.stepper.time)
            self.pressure[number] = most if self.feeding[number] == HELD else self._behind(number, kick)
            if self.feeding[number] == FREE and self.pressure[number] > most:
                self._turn(number, HELD)

    def require_flow(self, time: float, dt: float) -> None:
        """Let feeds go that give more under their pressure limit than is wanted; metal may press back what gives too little."""
        cell = self.stepper.problem.cavity.voxel**2
        for number, port in enumerate(self.ports):
            if port.most_pressure is None or self.feeding[number] != HELD:
                continue
            axis, index, sign, area = self.faces[number]
            flow, wanted = float((self._entering(axis, index, sign) * area).sum()) * cell, self._wanted(number, port, time, dt)
            # Half a voxel of metal lies between port and pressure: both limits may be met at once, and the pressure's holds.
            if flow > wanted * (1.0 + _ROUNDING) and (number, HELD) not in self._switched:
                self._turn(number, FREE)

    def _behind(self, number: int, kick: float) -> float:
        """Mean gauge pressure (Pa) at the faces of a feed: that of the voxel within, and what speeds the metal between up."""
        area, arrays = self.faces[number][3], self.stepper.arrays
        rho, h = self.stepper.problem.liquid.density, self.stepper.problem.cavity.voxel
        wet = self._wet(number)
        if not wet.any():
            return 0.0
        push = arrays["P"].reshape(-1)[self._cells(number)[1]] + 0.5 * self._gained[number]
        return float((push * area)[wet].sum() / area[wet].sum()) * rho * h / kick

    def _turn(self, number: int, now: int) -> None:
        """Change what a feed does and take the step again; once each way in a step."""
        if (number, now) in self._switched:
            return
        self._switched.add((number, now))
        self._set(number, now)
        raise PortSwitchedError

    def flows(self, length: float) -> list[float]:
        """Return the volume rate (m3/s) through every port in a step that was taken, and book its volume."""
        out = []
        for number, (axis, index, sign, _) in enumerate(self.faces):
            fluxes = self.stepper.arrays["G"]
            total = sum(float((sign[axis == d] * fluxes[d].reshape(-1)[index[axis == d]]).sum()) for d in range(3))
            volume = total * self.stepper.problem.cavity.voxel**3
            self.passed[number] += volume
            out.append(volume / length if length else 0.0)
        return out

    def state(self) -> dict[str, Any]:
        """Return all that a checkpoint must hold."""
        return {"feeding": list(self.feeding), "passed": self.passed.tolist(), "port_pressure": self.pressure.tolist()}

    def recall(self, state: Mapping[str, Any]) -> None:
        """Take up a checkpoint's state."""
        for number, port in enumerate(self.ports):
            if port.feeds:
                self._set(number, int(state["feeding"][number]))
        self.passed = np.array(state["passed"], float)
        self.pressure = np.array(state["port_pressure"], float)
