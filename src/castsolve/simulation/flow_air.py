"""The air in a cavity that fills: closed pockets, their pressures, and the ways out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import _kernels
from ..errors import BalanceError, InputError
from .flow_arrays import CAVITY, HALO, Cavity

if TYPE_CHECKING:
    from .flow_stepper import FlowStepper

__all__ = ["Air", "AirLedger", "AirPockets", "Pocket", "Vent", "wall_areas"]

Array = NDArray[Any]

# Columns of the kernel's table of pockets, in the order of `_flow_air.h`.
_VOLUME, _ESCAPE, _OPEN, _X, _MASS, _WORK, _BEFORE, _TAKEN, _COLUMNS = 0, 1, 2, 3, 6, 7, 8, 9, 10
# Gas constant of dry air (J/(kg K)): 8.314 J/(mol K) over 28.96 g/mol (U.S. Standard Atmosphere, 1976).
_GAS = 287.05
# A pocket is no smaller than this share of a voxel to its own pressure: liquid that rounding puts there would burst it.
_SMALLEST = 0.05
# Defect of the books of air at which a run stops.
_LIMIT = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class Vent:
    """A way for the air out of the cavity.

    Parameters
    ----------
    where : ndarray of bool, shape (nx, ny, nz)
        Cavity voxels that the vent opens into.
    conductance : float
        Volume rate over pressure difference (m3/(s Pa)) of the whole vent, K A / (mu L) of a plug of permeability K; its voxels
        share it evenly, and voxels that metal fills let nothing through. Infinite for a place open to the atmosphere.
    """

    where: Array
    conductance: float = math.inf

    def __post_init__(self) -> None:
        if not np.any(self.where):
            raise InputError("a vent covers no voxel; give it cavity voxels beside the vent")
        if not self.conductance > 0.0:
            raise InputError(f"conductance = {self.conductance} m3/(s Pa) of a vent must be above 0, or infinite for an opening")


@dataclass(frozen=True, slots=True, eq=False)
class Air:
    """What the air in the cavity does; without it every pocket stays at the pressure of the atmosphere.

    Parameters
    ----------
    vents : sequence of Vent
    wall : float
        Volume rate through the mould per wall area and pressure difference, K / (mu L) (m/(s Pa)): permeability of the mould over
        viscosity of the air and length of the way out.
    spreading : float
        K / mu of the mould (m2/(s Pa)). Air spreads in all directions from a small pocket: 4 r K / mu of a disc on a half space
        (Carslaw and Jaeger, Conduction of Heat in Solids, 2nd ed., 1959, section 8.2), with r of the ball of the pocket's volume,
        adds to what goes straight through, as long as the pocket touches a wall.
    exponent : float
        1 for air that keeps its temperature, 1.4 for air that exchanges no heat.
    atmosphere : float
        Pressure (Pa) outside; gauge pressures count from it.
    start : float, optional
        Pressure (Pa, absolute) in the cavity at the start; below the atmosphere for an evacuated die. Default: the atmosphere.
    temperature : float
        Temperature (K) of the air, for its mass.
    implicitness : float
        0.5 to 1: how far the pressure of a pocket is that of the end of the step. A gas spring of w = omega dt is damped by
        1/sqrt(1 + implicitness w^2) a step.
    slip_axes : sequence of int
        Axes whose outer sides are no mould wall: planes of symmetry, slices of one voxel.

    Notes
    -----
    A pocket holds p V^exponent = constant between the events that give or take mass. What leaves through a vent or the wall of
    conductance C follows Darcy's law for a gas, C (p^2 - p_a^2) / (2 p) as a volume rate at the pressure p of the pocket (Muskat,
    The Flow of Homogeneous Fluids through Porous Media, 1937). A void that opens where no air ever was stands at the pressure of
    the atmosphere, as without air.
    """

    vents: Sequence[Vent] = ()
    wall: float = 0.0
    spreading: float = 0.0
    exponent: float = 1.0
    atmosphere: float = 101325.0
    start: float | None = None
    temperature: float = 293.15
    implicitness: float = 1.0
    slip_axes: Sequence[int] = ()

    def __post_init__(self) -> None:
        if not (math.isfinite(self.wall) and self.wall >= 0.0):
            raise InputError(f"wall = {self.wall} m/(s Pa) must be 0 or above")
        if not (math.isfinite(self.spreading) and self.spreading >= 0.0):
            raise InputError(f"spreading = {self.spreading} m2/(s Pa) must be 0 or above")
        if not 1.0 <= self.exponent <= 5.0 / 3.0:
            raise InputError(f"exponent = {self.exponent} must lie in [1, 5/3]: 1 isothermal, 1.4 adiabatic air")
        for name in ("atmosphere", "temperature", "start"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value > 0.0):
                raise InputError(f"{name} = {value} of the air must be above 0")
        if not 0.5 <= self.implicitness <= 1.0:
            raise InputError(f"implicitness = {self.implicitness} must lie in [0.5, 1]: below, stiff pockets are unstable")

    @property
    def density(self) -> float:
        """Density (kg/m3) at the atmosphere's pressure."""
        return self.atmosphere / (_GAS * self.temperature)


@dataclass(frozen=True, slots=True)
class Pocket:
    """Air enclosed by metal and mould.

    Attributes
    ----------
    place : tuple of three floats
        Centre of its volume (m).
    volume : float
        m3.
    pressure : float
        Absolute (Pa).
    mass : float
        kg; 0 for a void that no air reached.
    open : bool
        Whether it reaches the atmosphere.
    """

    place: tuple[float, float, float]
    volume: float
    pressure: float
    mass: float
    open: bool


def wall_areas(cavity: Cavity, slip_axes: Sequence[int] = ()) -> Array:
    """Return the wall area (m2) in every cavity voxel, from its openings: whole faces along the grid, the slant of a cut voxel.

    Parameters
    ----------
    cavity : Cavity
    slip_axes : sequence of int
        Axes whose outer sides are no wall.
    """
    faces, slant = np.zeros(cavity.shape), np.zeros(cavity.shape)
    for d, a in enumerate(cavity.aperture):
        closed = 1.0 - np.array(a, float)
        if d in slip_axes:
            ends: list[Any] = [slice(None)] * 3
            ends[d] = [0, -1]
            closed[tuple(ends)] = 0.0
        low, high = np.delete(closed, -1, axis=d), np.delete(closed, 0, axis=d)
        faces += low + high
        slant += (high - low) ** 2
    cut = cavity.slanted if cavity.slanted is not None else (cavity.share > 0.0) & (cavity.share < 1.0 - 1e-9)
    return np.where(cavity.kind == CAVITY, np.where(cut, np.sqrt(slant), faces), 0.0) * cavity.voxel**2


@dataclass(slots=True)
class AirLedger:
    """Mass of the air in closed pockets against what came and went; all in kg.

    Attributes
    ----------
    start : float
        Mass in closed pockets at the start.
    held : float
    taken : float
        What pockets took from the atmosphere: when they closed, and through vents.
    vented : float
        What went to the atmosphere: through vents and the mould, and when a pocket opened.
    entrained : float
        What bubbles below the size of a voxel took into the metal.
    defect : float
        |start + taken - vented - entrained - held| over what was there or came.
    """

    start: float
    held: float
    taken: float = 0.0
    vented: float = 0.0
    entrained: float = 0.0
    defect: float = 0.0

    def book(self, held: float, time: float) -> None:
        """Book a step.

        Raises
        ------
        BalanceError
            If air appeared or vanished.
        """
        self.held = held
        self.defect = abs(self.start + self.taken - self.vented - self.entrained - held) / max(self.start + self.taken, 1e-300)
        if self.defect > _LIMIT:
            raise BalanceError(
                f"{self.defect:.2g} of the air is missing at t = {time:.6g} s (limit {_LIMIT:g}); "
                "this is a castsolve bug: please report it with the case"
            )

    def memory(self) -> list[float]:
        """Return what a checkpoint must hold."""
        return [self.start, self.held, self.taken, self.vented, self.entrained]

    @classmethod
    def recalled(cls, memory: Sequence[float]) -> AirLedger:
        """Return a ledger from a checkpoint's memory."""
        return cls(*map(float, memory))


@dataclass(slots=True)
class AirPockets:
    """Pockets of one run: numbered anew each step, their air handed on from the pockets of the step before.

    Attributes
    ----------
    table : ndarray, shape (pockets, 10)
        Sums of the kernel; mass (kg), and pressure times volume (Pa times voxels).
    kept : ndarray
        The table at the start of the step.
    ledger : AirLedger
    rows : list
        One entry a step: number of closed pockets, their mass, vented and entrained so far (kg), highest pressure (Pa).
    """

    stepper: FlowStepper
    air: Air
    table: Array = field(default_factory=lambda: np.zeros((0, _COLUMNS)))
    kept: Array = field(default_factory=lambda: np.zeros((0, _COLUMNS)))
    ledger: AirLedger = field(default_factory=lambda: AirLedger(0.0, 0.0))
    rows: list[tuple[float, ...]] = field(default_factory=list)
    _leak: Array = field(default_factory=lambda: np.zeros(0))
    _flows: tuple[float, float, float] = (0.0, 0.0, 0.0)
    _stiffness: Array = field(default_factory=lambda: np.zeros((7, 0)))
    _conductance: Array = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        self._leak = self._leaks()

    def _leaks(self) -> Array:
        """Conductance (m3/(s Pa)) of every padded voxel; -1 where it is open to the atmosphere."""
        cavity = self.stepper.problem.cavity
        leak = self.air.wall * wall_areas(cavity, self.air.slip_axes)
        for vent in self.air.vents:
            if vent.where.shape != cavity.shape or (cavity.kind[vent.where] != CAVITY).any():
                raise InputError(f"a vent has shape {vent.where.shape}; it needs cavity voxels in an array of {cavity.shape}")
            if math.isfinite(vent.conductance):
                leak[vent.where] += vent.conductance / int(vent.where.sum())
        for vent in self.air.vents:
            if math.isinf(vent.conductance):
                leak[vent.where] = -1.0
        return np.ascontiguousarray(np.pad(leak, HALO)).reshape(-1)

    @property
    def _is_open(self) -> Array:
        return self.table[:, _OPEN] > 0.0

    @property
    def _closed(self) -> Array:
        """Pockets with a pressure of their own: not open, and air has reached them."""
        return ~self._is_open & (self.table[:, _MASS] > 0.0)

    @property
    def pressure(self) -> Array:
        """Absolute pressures (Pa); the atmosphere's where a pocket is open or no air ever was."""
        out = np.full(len(self.table), self.air.atmosphere)
        at = self._closed
        out[at] = self.table[at, _WORK] / self.table[at, _VOLUME]
        return out

    @property
    def enclosed_pressure(self) -> Array:
        """Absolute pressures (Pa) of pockets that hold air of their own; NaN where one is open or no air ever was."""
        return np.where(self._closed, self.pressure, np.nan)

    @property
    def pockets(self) -> tuple[Pocket, ...]:
        """The pockets of now, in the order of their first voxel."""
        cavity = self.stepper.problem.cavity
        out = []
        for row, pressure in zip(self.table, self.pressure, strict=True):
            centre = row[_X:_MASS] / row[_VOLUME] - HALO + 0.5
            x, y, z = np.array(cavity.origin) + centre * cavity.voxel
            volume = float(row[_VOLUME]) * cavity.voxel**3
            out.append(Pocket((float(x), float(y), float(z)), volume, float(pressure), float(row[_MASS]), bool(row[_OPEN])))
        return tuple(out)

    def begin(self) -> None:
        """Take stock of the pockets at the start of a run: closed ones at the pressure that the air starts with."""
        self._measure()
        self._fill(~self._is_open, self.air.start or self.air.atmosphere)
        self._fill(self._is_open, self.air.atmosphere)
        held = float(self.table[~self._is_open, _MASS].sum())
        self.ledger = AirLedger(held, held)
        self.keep()

    def _measure(self) -> None:
        self.table = np.zeros((_kernels.find_pockets(self.stepper.sweep), _COLUMNS))
        if len(self.table):
            _kernels.measure_pockets(self.stepper.sweep, self._leak, self.table)
        self.table[:, _VOLUME] = np.maximum(self.table[:, _VOLUME], _SMALLEST)

    def _fill(self, which: Array, pressure: float) -> None:
        """Fill pockets with air of the outside's temperature at a pressure (Pa)."""
        volume, cell = self.table[which, _VOLUME], self.stepper.problem.cavity.voxel**3
        self.table[which, _MASS] = self.air.density * (pressure / self.air.atmosphere) * volume * cell
        self.table[which, _WORK] = pressure * volume

    def keep(self) -> None:
        """Make the pockets of now those that the next step starts from."""
        _kernels.keep_pockets(self.stepper.sweep)
        self.kept = self.table.copy()

    def restore(self) -> None:
        """Go back to the pockets at the start of a step that failed."""
        self.stepper.arrays["pocket"][...] = self.stepper.arrays["pocket_before"]
        self.table = self.kept.copy()

    def find(self) -> None:
        """Find the pockets of now: each takes the air of the pockets before that it shares voxels with, pressed to its volume."""
        self._measure()
        entrained = 0.0
        if len(self.kept):
            shared = np.zeros((len(self.kept), 2))
            _kernels.hand_air(self.stepper.sweep, self.kept, shared, self.table if len(self.table) else np.zeros((1, _COLUMNS)))
            lost = (shared[:, 0] == 0.0) & ~(self.kept[:, _OPEN] > 0.0)
            entrained = float(self.kept[lost, _MASS].sum())
        gone = self._is_open
        vented = float((self.table[gone, _MASS] - self.table[gone, _TAKEN]).sum())
        self._flows = (float(self.table[~gone, _TAKEN].sum()), vented, entrained)
        self._fill(gone, self.air.atmosphere)
        at = self._closed
        pressed = (self.table[at, _BEFORE] / self.table[at, _VOLUME]) ** (self.air.exponent - 1.0)
        self.table[at, _WORK] *= pressed

    def join(self, dt: float, kick: float) -> None:
        """Make the pressures of the closed pockets unknowns of a step of dt seconds in which pressure acts for `kick` seconds."""
        problem, at = self.stepper.problem, self._closed
        rho, h, pressure, volume = problem.liquid.density, problem.cavity.voxel, self.pressure[at], self.table[at, _VOLUME]
        rows = np.zeros((7, len(self.table)))
        gas = rho * h * h * volume / (self.air.implicitness * self.air.exponent * pressure * dt * kick)
        # Darcy's law for a gas as a secant: volume rate over the difference of pressure, at the pressure of the pocket.
        self._conductance = np.zeros(len(self.table))
        escape = self.table[at, _ESCAPE]
        radius = np.cbrt(3.0 * volume / (4.0 * math.pi)) * h
        escape = escape + np.where(escape > 0.0, 4.0 * radius * self.air.spreading, 0.0)
        self._conductance[at] = escape * (pressure + self.air.atmosphere) / (2.0 * pressure)
        rows[0, at] = gas + self._conductance[at] * rho / (h * kick)
        rows[1, at] = gas * (pressure - self.air.atmosphere) * kick / (rho * h)
        rows[2, at] = rows[1, at] / rows[0, at]
        closed = at.astype(np.uint8)
        first = np.zeros(len(closed) + 1, np.int64)
        if at.any():
            _kernels.count_border(self.stepper.sweep, closed, first)
        first = np.cumsum(first)
        faces = (np.zeros(first[-1], np.int64), np.zeros(first[-1], np.int64), np.zeros(first[-1]))
        _kernels.join_air(self.stepper.sweep, closed, first, faces, rows)
        self._stiffness = rows

    def breathe(self, dt: float, kick: float) -> None:
        """Let pass in dt seconds what the pressures found drive through vents and walls."""
        problem, at = self.stepper.problem, self._closed
        if not (self._conductance > 0.0).any():
            return
        over = self._stiffness[2, at] * problem.liquid.density * problem.cavity.voxel / kick
        volume = self.table[at, _VOLUME] * problem.cavity.voxel**3
        out = self._conductance[at] * over * dt
        mass, work, pressure = self.table[at, _MASS], self.table[at, _WORK], self.pressure[at]
        left = np.clip(1.0 - out / volume, 0.0, 1.0)
        drawn = np.maximum(-out, 0.0)
        taken = self.air.density * (pressure / self.air.atmosphere) * drawn
        self.table[at, _MASS] = mass * left + taken
        # What leaves takes the air's own entropy along, what enters the heat of the outside and the work that pushes it in.
        self.table[at, _WORK] = work * left**self.air.exponent + self.air.exponent * pressure * drawn / problem.cavity.voxel**3
        got, gave, entrained = self._flows
        self._flows = (got + float(taken.sum()), gave + float((mass * (1.0 - left)).sum()), entrained)

    def book(self, time: float) -> None:
        """Book the step and start the next one from its pockets."""
        ledger, closed = self.ledger, ~self._is_open
        ledger.taken += self._flows[0]
        ledger.vented += self._flows[1]
        ledger.entrained += self._flows[2]
        ledger.book(float(self.table[closed, _MASS].sum()), time)
        highest = float(self.pressure.max(initial=self.air.atmosphere if not closed.any() else 0.0))
        self.rows.append((int(self._closed.sum()), ledger.held, ledger.vented, ledger.entrained, highest))
        self.keep()

    def state(self) -> dict[str, Any]:
        """Return all that a checkpoint must hold."""
        return {
            "pocket": self.stepper.arrays["pocket_before"], "air_table": self.kept, "air_ledger": self.ledger.memory(),
            "air_rows": [list(r) for r in self.rows],
        }  # fmt: skip

    def recall(self, state: Mapping[str, Any]) -> None:
        """Take up a checkpoint's state."""
        self.stepper.arrays["pocket_before"][...] = state["pocket"]
        self.stepper.arrays["pocket"][...] = state["pocket"]
        self.table = np.array(state["air_table"], float).reshape(-1, _COLUMNS)
        self.kept = self.table.copy()
        self.ledger = AirLedger.recalled(state["air_ledger"])
        self.rows = [tuple(r) for r in state["air_rows"]]
