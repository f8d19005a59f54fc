"""One step of a filling after the other: limits, retries and books."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _kernels
from ..errors import InputError, SolveError
from .flow_air import AirPockets
from .flow_arrays import CAVITY, HALO, MIRROR, flow_arrays, multigrid_levels
from .flow_heat import FlowHeatRun
from .flow_ports import FlowPorts, PortSwitchedError
from .flow_run import FlowRun, MetalLedger
from .metal_past import MetalPast

if TYPE_CHECKING:
    from .flow_problem import FlowProblem

__all__ = ["FlowStepper"]

Array = NDArray[Any]

# Share of the time in which gravity crosses a voxel that a step takes at least.
_GRAVITY = 0.3
# Shares of the explicit limit of viscosity: in steps in which no voxel loses what it holds, and in any.
# The kernels hold eddies below a sixth of these (FLOW_STIRRED, FLOW_STIRRED_QUICK).
_VISCOUS, _VISCOUS_QUICK = 0.9, 0.24
# The first step under a pressure, as a share of what the limits allow: nothing is known yet of how it pushes.
_FIRST = 0.01
# How often a failed step is halved before the run gives up.
_RETRIES = 8
# A step shorter than this share of what speed and gravity allow gets nowhere: the run gives up.
_SHORTEST = 1e-3
# Speed over what height, pressure and inlets can give, together, beyond which it is an artefact of narrow openings and cut.
_BEYOND = 4.0
# Overfill before it is handed on above which a step is taken again, smaller.
_MOST_OVER = 0.5
_ITERATIONS = 300
# Share of the residual that the pressure may leave once metal found no room: what it overfills far from any surface adds up.
_SHARPER = 0.1


class _StepError(Exception):
    """A step that is taken again, smaller."""


class _NoRoomError(_StepError):
    """Overfill that no voxel around has room for."""


class FlowStepper:
    """Arrays, clock and books of one run (see `FlowProblem.run`)."""

    def __init__(
        self, problem: FlowProblem, fill: Array, velocity: Sequence[ArrayLike] | None, targets: Sequence[float],
        fixed: float | None, resume: Mapping[str, Any] | None,
    ) -> None:  # fmt: skip
        if fixed is not None and not fixed > 0.0:
            raise InputError(f"step = {fixed} s must be above 0")
        cavity = problem.cavity
        self.problem, self.targets, self.fixed = problem, sorted(targets), fixed
        self.arrays = flow_arrays(cavity, air=problem.air is not None, tension=problem.liquid.surface_tension > 0.0)
        shape = self.arrays["kind"].shape
        self.heat = FlowHeatRun(problem.heat, problem, self.arrays) if problem.heat is not None else None
        self.past = MetalPast(cavity, self.arrays) if problem.past else None
        self._porous = self._pores() if self.heat is not None or problem.filters else None
        levels = multigrid_levels(cavity.shape, cavity.kind == CAVITY)
        self.sweep = _kernels.FlowSweep(self.arrays, shape, cavity.voxel, levels, problem.threads)
        self.sweep.hold(problem.no_slip, problem.aspirates)
        self.sweep.stretch(problem.liquid.surface_tension / problem.liquid.density, 1.0 / math.tan(problem.liquid.wetting_angle))
        self.time, self.steps, self.nominal = 0.0, 0, 0.0
        # Velocities run half a step ahead of the liquid: up to when forces have acted on them, and for how long in the last step.
        self.pushed, self.last_kick = 0.0, 0.0
        # The speed that metal came with, and how many speeds were cut because none can be so fast.
        self._came, self.cut, self._cut_now = 0.0, 0, 0
        # Share of the problem's divergence that the pressure may leave.
        self._sharpness = 1.0
        self._open = self.arrays["kind"] == CAVITY
        # Gravity of now; and of a mould that turns, its angular velocity (1/s) in the last step.
        self.gravity, self.spin = self._gravity_at(0.0), np.zeros(3)
        self.ports = FlowPorts(self)
        self._cell = cavity.voxel**3
        # Time (s) in which gravity crosses a voxel, 0 without it; how much faster (m/s2) what counts for the
        # step got in the last one.
        g = float(np.linalg.norm(problem.gravity))
        self._cross, self._gained = math.sqrt(cavity.voxel / g) if g > 0.0 else 0.0, 0.0
        self.viscosity = np.full(self.arrays["kind"].size, problem.liquid.viscosity / problem.liquid.density)
        self._eddy = np.zeros_like(self.viscosity)
        self._shed: tuple[Array, ...] | None = None
        self._away: tuple[Array, ...] | None = None
        if problem.no_slip and cavity.wall is not None:
            self._shed, self._away = self._friction()
        self.inner(self.arrays["F"])[...] += np.where(cavity.kind == CAVITY, fill * cavity.share, 0.0)
        if velocity is not None:
            for d, v in enumerate(velocity):
                target = self.arrays["u"][d][self._face_slices(d)]
                target[...] = np.where(cavity.aperture[d] > 0.0, np.asarray(v, float), 0.0)
        self._set_walls()
        if self.heat is not None:
            self.heat.begin(self.sweep)
        if resume is not None:
            self._recall(resume)
        self.sweep.classify()
        if resume is None:
            self.ports.begin()
        else:
            # What a reservoir pushes metal into was judged by a pressure that only the step before knew.
            self.arrays["wet"][...] = resume["wet"]
        self.ports.feed(self.time)
        # The fastest metal; and what of it counts for the Courant number: metal deep in the liquid counts less.
        self.speed, self._pace, self._near, energy = 0.0, 0.0, 0.0, 0.0
        if resume is None:
            self.speed, self._pace, self._near, energy = self._extrapolate()
            self._came = self.speed
        else:
            self.speed, self._pace = float(resume["speed"]), float(resume["pace"])
            self._near, self._gained = float(resume["near"]), float(resume["gained"])
        self.air = AirPockets(self, problem.air) if problem.air is not None else None
        if self.air is not None and resume is None:
            self.air.begin()
        elif self.air is not None and resume is not None:
            self.air.recall(resume)
        held = self.sweep.held() * self._cell
        self.ledger = MetalLedger(held, held=held)
        self.run = FlowRun(self, self.ledger)
        if resume is None:
            self._note(0.0, "start", (0, 0.0), 0.0, energy, (0.0, 0.0), 0)
        else:
            self.ledger.recall(resume["ledger"])
            self.run.rows = [tuple(r) for r in resume["rows"]]
            self.run.port_rows = [list(r) for r in resume["port_rows"]]
            self.run.pressure_rows = [list(r) for r in resume["pressure_rows"]]

    def _pores(self) -> Array:
        """1 / permeability (1/m2) of every voxel; makes the arrays of the resistances, for a liquid that does not change."""
        a, nu = self.arrays, self.problem.liquid.viscosity / self.problem.liquid.density
        porous, a["drag"], a["inertia"] = (np.zeros(a["kind"].shape) for _ in range(3))
        for body in self.problem.filters:
            self.inner(porous)[body.where] += 1.0 / body.permeability
            self.inner(a["inertia"])[body.where] += 1.0 / body.inertial
        a["drag"][...] = nu * porous
        return porous

    def _friction(self) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        """Wall area over volume (1/m) around every face, and the mean distance (m) of that liquid from the wall."""
        cavity, shed, away = self.problem.cavity, [], []
        h = cavity.voxel
        for d in range(3):
            area = np.pad(cavity.wall[d], HALO) / h**2  # type: ignore[index]
            both, volume = area + np.roll(area, 1, axis=d), self.arrays["V"] + np.roll(self.arrays["V"], 1, axis=d)
            ratio = np.divide(both, volume, out=np.zeros_like(both), where=volume > 0)
            shed.append(np.ascontiguousarray(ratio / h))
            away.append(np.ascontiguousarray(np.divide(0.5 * h, ratio, out=np.full_like(ratio, h), where=ratio > 0)))
        return tuple(shed), tuple(away)

    def inner(self, array: Array) -> Array:
        """Return the unpadded part of an array of voxels, as a view."""
        return array[HALO:-HALO, HALO:-HALO, HALO:-HALO]

    def _face_slices(self, d: int) -> tuple[slice, ...]:
        return tuple(slice(HALO, (-HALO + 1) if e == d else -HALO) for e in range(3))

    def faces(self, name: str) -> tuple[Array, Array, Array]:
        """Return the unpadded faces of a field of three components."""
        x, y, z = (self.arrays[name][d][self._face_slices(d)].copy() for d in range(3))
        return x, y, z

    def _set_walls(self) -> None:
        """Speed of sliding sides, kept by the closed faces beyond them; sides along which liquid slips."""
        for axis in self.problem.slip_axes:
            for component in (d for d in range(3) if d != axis):
                for beyond in (HALO - 1, -HALO):
                    plane: list[Any] = [slice(None)] * 3
                    plane[axis] = beyond
                    self.arrays["face"][component][tuple(plane)] = MIRROR
        for (component, side), speed in self.problem.wall_velocity.items():
            axis, high = "xyz".index(side[0]), side.endswith("high")
            at: list[Any] = [slice(None)] * 3
            at[axis] = -HALO if high else HALO - 1
            face = self.arrays["face"][component][tuple(at)]
            self.arrays["u"][component][tuple(at)] = np.where(face == 0, speed, 0.0)

    def advance(self) -> None:
        """Take one step, smaller and smaller while it fails, and book it."""
        self.ports.switch()
        self.sweep.keep()
        length, ruling = self._limits()
        end = self.time + length
        target = next(t for t in self.targets if t > self.time)
        left, nominal = target - self.time, length
        if left <= length * (1.0 + 1e-9):
            length, ruling, end = left, "landing", target
        elif left < 2.0 * length and self.fixed is None:
            length, ruling = 0.5 * left, "landing"
            end = self.time + length
        for retry in range(_RETRIES + 1):
            try:
                kick = self._kick(length)
                told = self._taken(length, kick)
            except _StepError as failed:
                self._restore()
                if retry == _RETRIES or length < _SHORTEST * self._allowed:
                    raise SolveError(
                        f"the step at t = {self.time:.6g} s failed though it was tried down to {length:.3g} s: {failed}; "
                        "error.state holds the run up to the step before", state=self.run,
                    ) from None  # fmt: skip
                if isinstance(failed, _NoRoomError):
                    self._sharpness = _SHARPER
                length, ruling = 0.5 * length, "retry"
                nominal, end = length, self.time + length
            else:
                break
        over, inflow, moved, iterations, residual, energy, self.spin = told
        self.time, self.steps, self.nominal = end, self.steps + 1, nominal
        self.pushed, self.last_kick = self.pushed + kick, kick
        self.cut += self._cut_now
        if self.past is not None:
            self.past.age_surface(self.sweep, length)
        self.ledger.book(self.sweep.held() * self._cell, inflow * self._cell, moved * self._cell, self.time)
        if self.air is not None:
            self.air.book(self.time)
        self._note(length, ruling, (iterations, residual), inflow, energy, (over, moved), retry)
        if self.heat is not None:
            self.heat.book(length, self._pace, self.time, self.steps, self.time in self.targets)

    def _taken(self, length: float, kick: float) -> tuple[float, float, float, int, float, float, Array]:
        """Take a step, again where a port met its limit in it."""
        while True:
            try:
                return self._take(length, kick)
            except PortSwitchedError:
                self._restore()

    def _extrapolate(self) -> tuple[float, float, float, float]:
        """Give velocities to the faces near the liquid; the largest speed (m/s), what of it counts for the step, the largest near
        the surface; kinetic energy."""
        near, deep, flying, energy = self.sweep.extrapolate()
        steps = self.problem.steps
        pace = max(near, deep * steps.near / steps.deep, flying * steps.near / steps.flying)
        return max(near, deep, flying), pace, near, energy

    def _restore(self) -> None:
        """Go back to the start of a step: to what was kept, and to what follows from that."""
        self.sweep.restore()
        self.sweep.classify()
        self.sweep.extrapolate()
        for given in (*self.arrays["force"], *self.arrays["drift"]):  # by the attempt that failed
            given[...] = 0.0
        if self.air is not None:
            self.air.restore()

    def _limits(self) -> tuple[float, str]:
        """Longest step (s) and what limits it."""
        problem, h = self.problem, self.problem.cavity.voxel
        if self.fixed is not None:
            self._allowed = self.fixed
            return self.fixed, "fixed step"
        nu = problem.liquid.viscosity / problem.liquid.density if self.heat is None else self.heat.table.thickest
        most = [(problem.steps.near * h / self._pace if self._pace > 0 else math.inf, "courant")]
        most.append((self._crossing(), "gravity"))
        if nu > 0.0:
            explicit, calm = h * h / (6.0 * nu), h / (3.0 * self.speed) if self.speed > 0.0 else math.inf
            most.append((max(_VISCOUS_QUICK * explicit, min(_VISCOUS * explicit, calm)), "viscosity"))
        sigma = problem.liquid.surface_tension / problem.liquid.density
        # Shortest capillary wave (Brackbill, Kothe and Zemach 1992).
        most.append((math.sqrt(h**3 / (4.0 * math.pi * sigma)) if sigma > 0 else math.inf, "surface tension"))
        if self.nominal > 0.0:
            most.append((1.5 * self.nominal, "growth"))
        elif problem.driven_by_pressure:
            most.append((_FIRST * min(most)[0], "growth"))
        self._allowed = min(length for length, why in most if why != "growth")
        length, ruling = min(most)
        if not math.isfinite(length):
            self._allowed = self.targets[-1] / 100.0
            return self._allowed, "nothing moves"
        return length, ruling

    def _crossing(self) -> float:
        """Longest step (s) by gravity and what drives the metal besides: a share of the time in which they cross a voxel."""
        if not self._cross > 0.0:
            return math.inf
        least = _GRAVITY * self._cross
        if self.last_kick == 0.0:
            return least
        gain = _GRAVITY * math.sqrt(self.problem.cavity.voxel / self._gained) if self._gained > 0.0 else math.inf
        return max(least, min(gain, self.problem.steps.surface * self._cross))

    def _fastest(self) -> float:
        """Speed (m/s) beyond which none can be: from the height of the box, the driving pressures and the speed of what came."""
        problem = self.problem
        down = problem.gravity if problem.turning is None else np.full(3, np.linalg.norm(problem.gravity))
        weight = sum(abs(g) * n for g, n in zip(down, problem.cavity.shape, strict=True)) * problem.cavity.voxel
        if weight == 0.0:
            return math.inf
        pushed = self.ports.driving()
        if self.air is not None:
            over = float(self.air.pressure.max(initial=0.0)) - self.air.air.atmosphere
            pushed += max(over, 0.0) / problem.liquid.density
        self._came = max(self._came, self.ports.fastest())
        return _BEYOND * (math.sqrt(2.0 * (weight + pushed)) + self._came)

    def _gravity_at(self, time: float) -> Array:
        turning = self.problem.turning
        return np.array(self.problem.gravity) if turning is None else turning.gravity(self.problem.gravity, time)

    def _push(self, kick: float) -> Array:
        """Carry the momentum and add gravity, in a mould that turns with what its turn adds; returns its angular velocity.

        Forces act for `kick` seconds from when they acted last: gravity and turn are those of the middle of that time.
        """
        turning = self.problem.turning
        if turning is None:
            self.sweep.momentum(self.problem.gravity)
            return self.spin
        begin = self.pushed
        self.gravity = self._gravity_at(begin + 0.5 * kick)
        spin = turning.spin(begin, begin + kick)
        base, rise = turning.field(self.problem.cavity, self.gravity, spin, (spin - self.spin) / kick)
        self.sweep.momentum(base, tuple(spin.tolist()), rise)
        return spin

    def _kick(self, dt: float) -> float:
        """For how long (s) forces act in a step: the velocities are meant for the middle of the next one, if that is as long."""
        return max(self.time + 1.5 * dt - self.pushed, 0.5 * dt)

    def _take(self, dt: float, kick: float) -> tuple[float, float, float, int, float, float, Array]:
        """Run the parts of one step; a step that cannot be kept raises _StepError."""
        sweep, problem = self.sweep, self.problem
        self.ports.feed(self.time + dt, dt)
        if self.heat is not None:
            self.heat.enter(self.time + dt)
        if self.past is not None:
            self.past.enter(self.time + 0.5 * dt)
        ratio = kick / self.last_kick if self.last_kick else 0.0
        share = dt / self._cross if self._cross > 0.0 else 0.0
        sweep.begin(dt, kick, ratio, max(1.0, share / _GRAVITY))
        if self.past is not None:
            sweep.widen(self.past.entry, 0.0, self.time + dt)
        over, inflow, left, moved, _ = sweep.advect(self.steps % 6)
        if not (over <= _MOST_OVER):
            raise _StepError(f"a voxel was overfilled by {over:.3g} of its volume")
        if left > 1e-8:
            raise _NoRoomError(f"{left:.3g} voxels of metal found no room")
        spin = self._push(kick)
        if self.heat is not None and self._porous is not None:
            self.heat.resist(self.viscosity, self._porous)
        if problem.liquid.viscosity > 0.0 or problem.liquid.smagorinsky > 0.0:
            sweep.viscous(problem.liquid.smagorinsky, self.viscosity, self._eddy, self._shed, self._away)
        if self._porous is not None:
            sweep.drag()
        self.ports.hold(self.time + dt)
        sweep.classify()
        if self.air is not None:
            self.air.find()
        self.enclosed, _ = sweep.assemble(ratio or 1.0)
        self.ports.require_room(self.enclosed)
        if self.air is not None:
            self.air.join(dt, kick)
        sweep.set_up()
        tolerance = self._sharpness * problem.divergence * problem.cavity.voxel / dt
        iterations, residual = sweep.solve(tolerance, _ITERATIONS)
        if not residual <= tolerance:
            raise _StepError(f"the pressure did not converge in {iterations} iterations (residual {residual:.3g} m/s)")
        self.ports.require_pressure(kick)
        self._cut_now = sweep.project(self._fastest())
        self.ports.require_flow(self.time + dt, dt)
        if self.air is not None:
            self.air.breathe(dt, kick)
        speed, pace, near, energy = self._extrapolate()
        if not math.isfinite(speed) or pace * dt > 2.0 * problem.cavity.voxel:
            raise _StepError(f"the speed rose to {speed:.3g} m/s within the step")
        self._gained = abs(near - self._near) / dt
        self.speed, self._pace, self._near = speed, pace, near
        return over, inflow, moved, iterations, residual, energy, spin

    def _note(
        self, length: float, ruling: str, solved: tuple[int, float], inflow: float, energy: float, settled: tuple[float, float],
        retries: int,
    ) -> None:  # fmt: skip
        joule = self.problem.liquid.density * self._cell
        self.run.rows.append((
            self.time, length, ruling, *solved, self.ledger.held, inflow * self._cell, self.ledger.defect, self.speed,
            energy * joule, *settled, retries,
        ))  # fmt: skip
        self.run.port_rows.append(self.ports.flows(length))
        self.run.pressure_rows.append(self.ports.pressure.tolist())

    def state(self) -> dict[str, Any]:
        """Return all that a checkpoint must hold."""
        return {
            "F": self.arrays["F"], "P": self.arrays["P"], **{f"u{d}": self.arrays["u"][d] for d in range(3)},
            **{f"layer{d}": self.arrays["layer"][d] for d in range(3)}, "wet": self.arrays["wet"], "depth": self.arrays["depth"],
            **{f"{name}{d}": self.arrays[name][d] for name in ("force", "drift") for d in range(3)},
            "time": self.time, "steps": self.steps, "nominal": self.nominal, "speed": self.speed, "pace": self._pace,
            "near": self._near, "gained": self._gained, "pushed": self.pushed, "last_kick": self.last_kick, "came": self._came,
            "cut": self.cut, "sharpness": self._sharpness, "spin": self.spin.tolist(),
            "ledger": self.ledger.memory(), **self.ports.state(),
            **(self.air.state() if self.air is not None else {}),
            **(self.heat.state() if self.heat is not None else {}),
            **(self.past.state() if self.past is not None else {}),
        }  # fmt: skip

    def _recall(self, state: Mapping[str, Any]) -> None:
        for name in ("F", "P", "wet", "depth"):
            self.arrays[name][...] = state[name]
        for d in range(3):
            self.arrays["u"][d][...] = state[f"u{d}"]
            self.arrays["layer"][d][...] = state[f"layer{d}"]
            for name in ("force", "drift"):
                self.arrays[name][d][...] = state[f"{name}{d}"]
        self.time, self.steps = float(state["time"]), int(state["steps"])
        self.nominal = float(state["nominal"])
        self.pushed, self.last_kick = float(state["pushed"]), float(state["last_kick"])
        self._came, self.cut, self._sharpness = float(state["came"]), int(state["cut"]), float(state["sharpness"])
        self.spin, self.gravity = np.array(state["spin"], float), self._gravity_at(self.pushed)
        self.ports.recall(state)
        if self.heat is not None:
            self.heat.recall(state)
        if self.past is not None:
            self.past.recall(state)
