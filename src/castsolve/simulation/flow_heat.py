"""Heat on the way into the mould: enthalpy carried by the metal, and conducted to mould, chills and cores meanwhile."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _kernels
from ..errors import InputError
from ..geometry import Grid
from ..materials import HeatCurve
from .boundary import Faces
from .clock import SAFETY
from .fire import Fire
from .flow_arrays import CAVITY, FEED, HALO, RESERVOIR
from .flow_drag import MeltTable
from .flow_owners import Owners
from .ledger import EnergyLedger
from .mould_layer import Touched
from .partly_filled import FillingStepper, PartlyFilled

if TYPE_CHECKING:
    from .flow_problem import FlowProblem

__all__ = ["FlowHeat", "FlowHeatRun"]

Array = NDArray[Any]

# Heat is conducted once the metal near the surface has gone this far (voxels), deep metal as many times farther as its steps are
# longer, or this share of the explicit step has gone by.
_TRAVEL, _EXPLICIT = 1.0, 0.5
# Temperatures above the inlet's that the table of the melt reaches to (K).
_ABOVE = 50.0


class FlowHeat:
    """What a filling must know to carry heat: the grid around the cavity, and what it is made of.

    Parameters
    ----------
    grid : Grid
        Region 0 is the metal; the cavity lies on its uniform part, and may reach beyond it where metal enters.
    materials : sequence of HeatCurve
        One for each region.
    faces : Faces
        Outer sides and contacts.
    initial : sequence of float or ndarray, shape (nx, ny, nz)
        Temperature (K) of every region at the start, that of melt which is in the cavity by then first, or of every voxel.
    inlet_temperature : float or callable
        Temperature (K) of the metal that enters, or a function of time (s).
    coherency : float, optional
        Fraction solid from which dendrites hold the metal back (see `MeltTable`). Default: they never do.
    arm_spacing : float
        Length (m) in the permeability of the mush.
    source : callable, optional
        As for `HeatProblem`.
    mould_correction : bool
        Whether the first mould voxel is corrected while heat has not filled it, counted from when melt touches it.
    threads : int, optional
        Of the conduction; the bits of the result do not depend on it.

    Notes
    -----
    Every flow step moves enthalpy with the very volumes of the liquid. Once the surface has gone a voxel's length or so, the heat
    grid conducts over the time gone by, with the melt that is there: a voxel that is filled to a share has that share of
    its capacity and contacts. docs/theory/filling-heat.md has the equations.
    """

    def __init__(
        self, grid: Grid, materials: Sequence[HeatCurve], faces: Faces, *, initial: ArrayLike,
        inlet_temperature: float | Callable[[float], float], coherency: float | None = None, arm_spacing: float = 50e-6,
        source: Callable[[float], Array] | None = None, mould_correction: bool = False, threads: int | None = None,
    ) -> None:  # fmt: skip
        if not (grid.region == 0).any():
            raise InputError("the grid holds no metal (region 0); a filling needs a cavity")
        if coherency is not None and not 0.0 < coherency < 1.0:
            raise InputError(f"coherency = {coherency} must lie in (0, 1)")
        if coherency is not None and materials[0].fraction_solid is None:
            raise InputError("coherency is given, but the metal has no fraction solid; give a curve of an alloy")
        if not arm_spacing > 0.0:
            raise InputError(f"arm_spacing = {arm_spacing} m must be above 0")
        self.grid, self.materials, self.faces = grid, tuple(materials), faces
        self.initial, self.inlet_temperature = initial, inlet_temperature
        self.coherency, self.arm_spacing = coherency, arm_spacing
        self.source, self.mould_correction, self.threads = source, mould_correction, threads
        self.inlet_enthalpy(0.0)

    def problem(self) -> PartlyFilled:
        """Return a heat problem of its own for one run."""
        return PartlyFilled(
            self.grid, self.materials, self.faces, self.source, mould_correction=self.mould_correction, threads=self.threads
        )

    def inlet_enthalpy(self, time: float) -> float:
        """Return the enthalpy (J/m3) of the metal that enters at a time (s)."""
        given = self.inlet_temperature
        kelvin = float(given(time)) if callable(given) else float(given)
        if not (math.isfinite(kelvin) and kelvin > 0.0):
            raise InputError(f"inlet_temperature = {kelvin} K at t = {time:g} s must be above 0")
        return float(self.materials[0].at_temperature(kelvin))


class FlowHeatRun:
    """The heat of one filling: what the flow carries, what the grid conducts, and the books.

    Attributes
    ----------
    ledger : EnergyLedger
        Heat held by the melt and by every other region against what came in with the metal and through the outer sides, counted
        from the temperatures at the start.
    table : MeltTable
    """

    def __init__(self, heat: FlowHeat, problem: FlowProblem, arrays: dict[str, Any]) -> None:
        cavity, liquid = problem.cavity, problem.liquid
        if heat.coherency is not None and not liquid.viscosity > 0.0:
            raise InputError("coherency needs a viscosity above 0: the resistance of the mush is proportional to it")
        self.heat, self._arrays, self._cavity = heat, arrays, cavity
        self._problem = heat.problem()
        self._owners = Owners.of(heat.grid, cavity)
        self._stepper = FillingStepper(self._problem, heat.initial)
        self.reference = float(self._stepper.reference[0])
        kind = arrays["kind"]
        self._kind, self._cell = kind.reshape(-1), cavity.voxel**3
        self._open = np.flatnonzero(self._kind)
        self._room, self._plain = self._problem.volume / self._cell, self._problem.plain / self._cell
        self._since = np.full(len(self._room), np.nan)
        self._front = np.full(kind.size, np.nan)
        self._apart = np.zeros(len(self._owners.voxel))
        self._sources = np.flatnonzero((self._kind == FEED) | (self._kind == RESERVOIR))
        arrays.update(
            E=[np.zeros(kind.shape)], En=[np.zeros(kind.shape)], E1=[np.zeros(kind.shape)], GE=[np.zeros((3, *kind.shape))]
        )
        melt = self._problem.materials[0]
        hottest = float(melt.temperature_at(max(self.reference, heat.inlet_enthalpy(0.0))))
        highest = min(hottest + _ABOVE, max(hottest, melt.temperature_high))
        self.table = MeltTable.of(
            melt, self.reference, highest, liquid.viscosity / liquid.density, heat.coherency,
            heat.arm_spacing,
        )  # fmt: skip
        # Time of the last conduction, time up to which it conducted, and voxels that the metal has gone since.
        self._last, self._conducted, self._travelled = 0.0, 0.0, 0.0
        self._enough = _EXPLICIT * SAFETY * self._problem.explicit_step()

    def begin(self, sweep: Any) -> None:
        """Give the melt that is in the cavity its enthalpy, and open the books."""
        self._sweep = sweep
        self._scatter()
        self.enter(0.0)
        self._gather(self._since, 0.0)
        self._mould = self._stepper.held[1:]
        melt = self._problem.materials[0]
        cold = melt.enthalpy_at_fraction_solid(1.0) if melt.fraction_solid is not None else 0.0
        scale = 1e-3 * abs(self.reference - float(cold)) * self._cavity.volume
        self.ledger = EnergyLedger.open(self._held(), scale, "float64")

    @property
    def _F(self) -> Array:
        return self._arrays["F"].reshape(-1)

    @property
    def _E(self) -> Array:
        return self._arrays["E"][0].reshape(-1)

    def _held(self) -> Array:
        return np.append(self._sweep.content(0)[0] * self._cell, self._mould)

    def _look_up(self) -> tuple[float, float, Array]:
        return self.table.lowest, 1.0 / self.table.step, self.table.rows

    # What a flow step asks for.

    def enter(self, time: float) -> None:
        """Give what may enter in a step the enthalpy of the inlet."""
        self._E[self._sources] = self.heat.inlet_enthalpy(time) - self.reference

    def resist(self, nu: Array, porous: Array) -> None:
        """Write the viscosity (m2/s) and resistance (1/s) of the melt as it is now."""
        _kernels.melt_resists(
            self._open, self._kind, self._F, self._E, *self._look_up(), float(self.table.rows[-1, 0]), porous.reshape(-1), nu,
            self._arrays["drag"].reshape(-1), self._problem.threads,
        )  # fmt: skip

    def book(self, length: float, pace: float, time: float, step: int, landed: bool) -> None:
        """Take note of a finished flow step (s) and of the speed (m/s) that counts for the steps; conduct where it is due.

        Raises
        ------
        BalanceError
            If heat appeared or vanished.
        """
        heat_in = self._sweep.content(0)[1] * self._cell
        self._note_front()
        self._renew()
        self._travelled += pace * length / self._cavity.voxel
        if landed:
            heat_in += self._conduct(time, time)
        elif self._travelled >= _TRAVEL or time - self._last >= self._enough:
            # Half an interval ahead (Strang 1968): metal that came in during the last one was there for half of it on average.
            heat_in += self._conduct(time, time + 0.5 * (time - self._last))
        self.ledger.book(self._held(), heat_in, time, step)

    def finish(self, time: float, step: int) -> None:
        """Conduct up to a time (s): before the hand over."""
        heat_in = self._conduct(time, time)
        self.ledger.book(self._held(), heat_in, time, step)

    def _note_front(self) -> None:
        _kernels.melt_front(
            self._open, self._kind, self._arrays["V"].reshape(-1), self._F, self._E, *self._look_up(), self._front,
            self._problem.threads,
        )

    def _conduct(self, time: float, until: float) -> float:
        """Conduct from where the last conduction ended; return the heat (J) that came in through outer sides and sources."""
        length, self._last, self._travelled = until - self._conducted, time, 0.0
        if not length > 0.0:
            return 0.0
        self._conducted = until
        self._gather(self._since, time)
        self._problem.weigh()
        came = self._stepper.conduct(length, self._contact_ages(until - 0.5 * length, length))
        self._mould = self._stepper.held[1:]
        self._scatter()
        return came

    def _contact_ages(self, middle: float, length: float) -> Array:
        """Time (s) for which each wall has been touched by the middle of a step; a quarter of it where it came during it."""
        metal = self._problem.metal_of_wall
        since = np.where(metal >= 0, self._since[np.maximum(metal, 0)], 0.0)
        return np.maximum(np.where(np.isnan(since), 0.0, middle - since), 0.25 * length)

    def _gather(self, since: Array, time: float) -> None:
        o, p = self._owners, self._problem
        _kernels.melt_gather(
            self._F, self._E, o.row, o.voxel, o.weight, self._apart, p.place, self._room, self._plain, time,
            self._stepper.H.reshape(-1), p.filled, p.inverse, since, p.threads,
        )  # fmt: skip

    def _scatter(self) -> None:
        o, p = self._owners, self._problem
        _kernels.melt_scatter(
            self._F, self._E, o.back_row, o.back, o.back_weight, o.entry, o.owned, p.place, self._stepper.H.reshape(-1),
            self._apart, p.threads,
        )  # fmt: skip

    def _renew(self) -> None:
        """What flowed into slivers of several owners has mixed their melt."""
        o, shape = self._owners, self._arrays["kind"].shape
        _kernels.melt_renew(
            self._F, *(g.reshape(-1) for g in self._arrays["G"]), (shape[1] * shape[2], shape[2], 1), o.several, o.back_row,
            o.entry, o.owned, self._apart, self._problem.threads,
        )  # fmt: skip

    # What comes out.

    def _inner(self, field: Array) -> Array:
        return field.reshape(self._arrays["kind"].shape)[HALO:-HALO, HALO:-HALO, HALO:-HALO]

    def _melt_enthalpy(self) -> Array:
        """Enthalpy (J/m3) of the melt in every voxel of the cavity; NaN where there is none."""
        F, E = self._inner(self._F), self._inner(self._E)
        there = (self._cavity.kind == CAVITY) & (F > 1e-6)
        return self.reference + np.divide(E, F, out=np.full(F.shape, np.nan), where=there)

    @property
    def melt_temperature(self) -> Array:
        """Temperature (K) of the melt in every voxel of the cavity; NaN where there is none."""
        h = self._melt_enthalpy()
        return np.where(np.isnan(h), np.nan, self.heat.materials[0].temperature_at(np.nan_to_num(h)))

    @property
    def fraction_solid(self) -> Array:
        """Fraction solid of the melt in every voxel of the cavity; NaN where there is none."""
        h = self._melt_enthalpy()
        return np.where(np.isnan(h), np.nan, self.heat.materials[0].fraction_solid_at(np.nan_to_num(h)))

    @property
    def front_temperature(self) -> Array:
        """Temperature (K) of the metal as a voxel of the cavity first became half full; NaN where it never did."""
        return self._inner(self._front).copy()

    @property
    def filled(self) -> Array:
        """Share of every metal voxel of the heat grid that holds melt; 0 elsewhere."""
        self._gather(self._since.copy(), 0.0)
        out = np.zeros(self.heat.grid.shape)
        out.reshape(-1)[self._problem.metal] = self._problem.filled
        return out

    @property
    def temperature(self) -> Array:
        """Temperature (K) of every voxel of the heat grid; NaN in metal voxels without melt."""
        empty = (self.filled == 0.0) & (self.heat.grid.region == 0)
        return np.where(empty, np.nan, self._stepper.temperature())

    def enthalpy(self, *, empty: float) -> Array:
        """Return the enthalpy (J/m3) of every voxel of the heat grid, from which solidification starts.

        Parameters
        ----------
        empty : float
            Temperature (K) that metal voxels without melt are given.
        """
        without = (self.filled == 0.0) & (self.heat.grid.region == 0)
        return np.where(without, float(self.heat.materials[0].at_temperature(empty)), self._stepper.enthalpy())

    def touched(self, time: float) -> Touched:
        """Return for how long the mould has been touched at a time (s): what its first voxel's correction goes on from."""
        age = np.full(self.heat.grid.shape, np.nan)
        age.reshape(-1)[self._problem.metal] = time - self._since
        layer = self._stepper.layer
        return Touched(age, time, {} if layer is None else layer.diffusivity)

    @property
    def fire(self) -> Fire | None:
        """What burns where it gets hot; None where nothing does."""
        return self._stepper.fire

    def ignition_time(self) -> Array | None:
        """Return when the middle of each voxel of the heat grid ignited (s); None where nothing burns."""
        return None if self.fire is None else self._problem.on_grid(self.fire.ignition_time())

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint must hold."""
        nz, fire = self.heat.grid.shape[2], self.fire
        return {
            "heat_E": self._arrays["E"][0], "heat_H": np.ascontiguousarray(self._stepper.H[:, :, :nz]), "heat_since": self._since,
            "heat_front": self._front, "heat_apart": self._apart, **({} if fire is None else fire.state()),
            "heat": {
                "last": self._last, "conducted": self._conducted, "travelled": self._travelled, "ledger": self.ledger.memory(),
                "mould": self._stepper.memory(),
            },
        }  # fmt: skip

    def recall(self, state: Mapping[str, Any]) -> None:
        """Take up a checkpoint's memory."""
        self._arrays["E"][0][...] = state["heat_E"]
        self._since[:], self._front[:], self._apart[:] = state["heat_since"], state["heat_front"], state["heat_apart"]
        own = state["heat"]
        self._last, self._conducted, self._travelled = (float(own[k]) for k in ("last", "conducted", "travelled"))
        self.ledger.recall(own["ledger"])
        self._stepper.take_up(state["heat_H"], own["mould"])
        if self.fire is not None:
            self.fire.recall(state)
        self._mould = self._stepper.held[1:]
