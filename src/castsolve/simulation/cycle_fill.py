"""The fill stage of a machine's cycle by the flow solver: what the metal brings, and what it gives the die on its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..casting import DieCasting, GravityDieCasting, Inlet, Layout
from ..errors import SolveError
from ..geometry import Grid
from .absent import Absent, left_empty
from .boundary import Faces
from .cycling import StageBook
from .fill import filled_of, run_fill
from .fill_inlets import inlets_of
from .fill_plan import plan_fill_on
from .flow_heat import FlowHeat
from .valve import begin_valves

if TYPE_CHECKING:
    from .cycle_channels import Line
    from .filled import Filled

__all__ = ["FlowFill"]

Array = NDArray[Any]

# Share of the cavity that must be full: a die that is cycled with short castings has no steady state worth knowing.
_FULL = 0.99


class FlowFill:
    """A filling that is solved for a state of the die and then held.

    Filling takes as much work as many shots. What it leaves hangs on the die as the heat that it takes does: weakly, by the
    difference between metal and die. So it is solved once for a die; for others the metal comes in as it did then, and the die
    gains the same heat. A search for the steady state solves it anew where it has become steady, until the die no longer moves.
    What the metal leaves empty (a basin that it ran out of) stays so (see `simulation.absent`). The last thousandth of a full
    cavity is freezing metal at the pour temperature from then on; so is what runs after a voxel that is full in part.

    Parameters
    ----------
    casting : DieCasting
    layout : Layout
        With the legs of the channels.
    grid : Grid
    faces : Faces
        Sides and contacts of the closed die.
    inlet : Inlet or sequence of Inlet, optional
        As in `fill`. Default: what the casting says of its pour.
    lines : sequence of Line
        Channels: windows open and close while metal flows, a thermostat keeps to what it says as the pour begins.
    threads : int, optional

    Attributes
    ----------
    basis : ndarray or None
        Temperatures (K) that the filling was solved from; None before it was.
    filled : Filled or None
        The filling.
    absent : Absent or None
        Metal voxels that it left empty.
    """

    def __init__(
        self, casting: DieCasting, layout: Layout, grid: Grid, faces: Faces, *, inlet: Inlet | Sequence[Inlet] | None,
        lines: Sequence[Line], threads: int | None,
    ) -> None:  # fmt: skip
        self.casting, self.layout, self.grid, self.faces, self.threads = casting, layout, grid, faces, threads
        self.inlets = inlets_of(casting, inlet)
        self.valves = [line.valve for line in lines if line.valve is not None and line.channel.flows_in("fill")]
        self.curves = [r.material.heat for r in layout.regions]
        self.basis: Array | None = None
        self.filled: Filled | None = None
        self.absent: Absent | None = None
        self._after, self._gain = np.zeros(0), np.zeros(0)
        self._duration, self._heat_in = 0.0, 0.0

    def forget(self) -> None:
        """Solve the filling anew for the next die."""
        self.basis = None

    def is_stale(self, temperature: Array, die: Array, tolerance: float) -> bool:
        """Return whether the die has moved from that of the filling by more than a tolerance (K)."""
        return self.basis is None or bool(np.abs(temperature - self.basis)[die].max() > tolerance)

    def identity(self) -> list[Any]:
        """Return what makes this filling another one than a filling of the same die."""
        tilt = self.casting.tilt if isinstance(self.casting, GravityDieCasting) else None
        turn = [] if tilt is None else [tilt.axis, tilt.through, str((tilt.angle, tilt.turning, self.casting.pour_time))]
        return ["flow", *(str(i.facts()) for i in self.inlets), *turn]

    def memory(self) -> dict[str, Any]:
        """Return what a checkpoint must hold: the die that was filled; the filling follows from it to the same bits."""
        return {} if self.basis is None else {"filled_from": self.basis}

    def recall(self, state: Mapping[str, Any]) -> None:
        """Take up a checkpoint's memory."""
        if "filled_from" in state:
            self._solve(np.array(state["filled_from"]))

    def into(self, temperature: Array) -> tuple[Array, StageBook]:
        """Fill a die.

        Parameters
        ----------
        temperature : ndarray, shape of the grid
            Before the pour (K).

        Returns
        -------
        enthalpy : ndarray
            Of every voxel when the cavity is full (J/m3).
        book : StageBook
        """
        T = self._poured(temperature)
        if self.basis is None:
            self._solve(T)
        metal, V = self.grid.region == 0, self.grid.volumes()
        after = np.where(metal, self._after, self._enthalpy(T) + self._gain)
        gain = np.bincount(self.grid.region.reshape(-1), (self._gain * V).reshape(-1), minlength=len(self.curves))
        return after, StageBook(
            "fill", duration=self._duration, gain=gain, heat_in=self._heat_in,
            flowing={v.name: v.open_until(self._duration) for v in self.valves},
        )  # fmt: skip

    def _poured(self, temperature: Array) -> Array:
        return np.where(self.grid.region == 0, self.layout.pour_temperature, temperature)

    def _enthalpy(self, T: Array) -> Array:
        h = np.empty(T.shape)
        for region, curve in enumerate(self.curves):
            here = self.grid.region == region
            h[here] = curve.at_temperature(T[here])
        return h

    def _solve(self, T: Array) -> None:
        """Fill a die of these temperatures (K)."""
        begin_valves(self.valves, 0.0, T, self.grid)
        heat = FlowHeat(
            self.grid, self.curves, self.faces, initial=T, inlet_temperature=self.layout.pour_temperature,
            coherency=self.layout.alloy.coherency.value, threads=self.threads,
        )  # fmt: skip
        ready = plan_fill_on(self.casting, self.layout, self.grid, inlets=self.inlets, heat=heat, threads=self.threads)
        watch, run = run_fill(ready)
        share = watch.filled(run)
        if share < _FULL:
            raise SolveError(
                f"the metal fills only {100 * share:.1f} % of the cavity ({watch.stopped}); a cycle needs a full one: pour faster "
                "or hotter, or warm the die",
                state=run,
            )
        assert run.heat is not None
        filled = filled_of(ready, watch, run)
        empty = left_empty(filled, self.grid)
        self.absent = None if empty is None else Absent(empty, self.layout.ambient.temperature)
        before, metal, V = self._enthalpy(T), self.grid.region == 0, self.grid.volumes()
        after = run.heat.enthalpy(empty=self.layout.pour_temperature)
        self._gain = after - before
        self._gain[metal] *= run.heat.filled[metal]
        if empty is not None:
            # The heat of what little is left there goes with the metal that counts.
            there = metal & ~empty
            self._gain[there] += float((self._gain * V)[empty].sum()) / float(V[there].sum())
            self._gain[empty] = 0.0
        self._after = before + self._gain
        # Metal that enters has the enthalpy that the books count from: what else came in came through the outer sides.
        self._duration, self._heat_in = float(run.time), float(run.heat.ledger.heat_in)
        self.filled, self.basis = filled, T
