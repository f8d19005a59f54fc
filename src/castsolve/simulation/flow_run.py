"""What a filling leaves behind: volumes, velocities, history and the books of metal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import BalanceError

if TYPE_CHECKING:
    from .flow_air import AirLedger, Pocket
    from .flow_heat import FlowHeatRun
    from .flow_stepper import FlowStepper
    from .metal_past import MetalPast

__all__ = ["FlowRun", "MetalLedger"]

Array = NDArray[Any]

# One row a step.
COLUMNS = (
    "time", "step_length", "ruling", "iterations", "residual", "filled", "inflow", "defect", "speed", "energy", "over", "moved",
    "retries"
)  # fmt: skip
# Defect at which a run warns; it stops at a hundred times that.
_LIMIT = 1e-12


@dataclass(slots=True)
class MetalLedger:
    """Metal held against what came in; all in m3.

    Attributes
    ----------
    start : float
        Metal held at the start.
    volume_in : float
        What came in through ports since, less what left.
    turned : float
        What passed the ports in either direction.
    held : float
    defect : float
        |held - start - volume_in| over the metal that was there or passed.
    worst : float
        Largest defect of the run.
    moved : float
        Overfill handed on so far.
    """

    start: float
    volume_in: float = 0.0
    turned: float = 0.0
    held: float = 0.0
    defect: float = 0.0
    worst: float = 0.0
    moved: float = 0.0

    @property
    def warned(self) -> bool:
        """Whether the defect went beyond its limit."""
        return self.worst > _LIMIT

    def book(self, held: float, inflow: float, moved: float, time: float) -> None:
        """Book one step.

        Raises
        ------
        BalanceError
            If the defect is a hundred times its limit.
        """
        self.volume_in += inflow
        self.turned += abs(inflow)
        self.moved += moved
        self.held = held
        self.defect = abs(held - self.start - self.volume_in) / max(self.start + self.turned, 1e-300)
        self.worst = max(self.worst, self.defect)
        if self.defect > 100.0 * _LIMIT:
            raise BalanceError(
                f"{self.defect:.2g} of the metal is missing at t = {time:.6g} s (limit {_LIMIT:g}); "
                "this is a castsolve bug: please report it with the case"
            )

    def memory(self) -> list[float]:
        """Return what a checkpoint must hold."""
        return [self.start, self.volume_in, self.turned, self.held, self.worst, self.moved]

    def recall(self, memory: list[float]) -> None:
        """Take up a checkpoint's memory."""
        self.start, self.volume_in, self.turned, self.held, self.worst, self.moved = map(float, memory)


@dataclass(slots=True, eq=False)
class FlowRun:
    """Result of `FlowProblem.run`.

    Attributes
    ----------
    snapshots : dict of float to ndarray
        Filled share of the voxels at the record times.
    ledger : MetalLedger
    stopped : str
        Why the run ended.
    """

    stepper: FlowStepper
    ledger: MetalLedger
    snapshots: dict[float, Array] = field(default_factory=dict)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    port_rows: list[list[float]] = field(default_factory=list)
    pressure_rows: list[list[float]] = field(default_factory=list)
    stopped: str = "reached its end"

    @property
    def time(self) -> float:
        """Time reached (s)."""
        return self.stepper.time

    @property
    def steps(self) -> int:
        """Number of steps."""
        return self.stepper.steps

    @property
    def history(self) -> dict[str, Array]:
        """One entry a step: time, step_length, ruling, iterations, residual (m/s), filled (m3), inflow (m3), defect, speed (m/s),
        energy (J), over and moved (voxels), retries."""
        return {n: np.array(c) for n, c in zip(COLUMNS, zip(*self.rows, strict=True), strict=True)}

    @property
    def port_flow(self) -> Array:
        """Volume rate (m3/s) into the cavity through every port, one row a step."""
        return np.array(self.port_rows)

    @property
    def port_pressure(self) -> Array:
        """Gauge pressure (Pa) behind every feed with a pressure limit, one row a step; NaN for other ports."""
        return np.array(self.pressure_rows)

    @property
    def volume(self) -> Array:
        """Metal in every voxel, in voxels' own volume."""
        return self.stepper.inner(self.stepper.arrays["F"])

    @property
    def fill(self) -> Array:
        """Filled share of every cavity voxel; 0 elsewhere."""
        share = self.stepper.problem.cavity.share
        volume = np.where(self.stepper.problem.cavity.kind == 1, self.volume, 0.0)
        return np.divide(volume, share, out=np.zeros_like(share), where=share > 0)

    @property
    def velocity(self) -> tuple[Array, Array, Array]:
        """Velocities (m/s) of the faces, in the shapes of the apertures."""
        return self.stepper.faces("u")

    @property
    def heat(self) -> FlowHeatRun | None:
        """Heat that the liquid carried and gave to the mould, if it did."""
        return self.stepper.heat

    @property
    def past(self) -> MetalPast | None:
        """When the liquid came in and how long its surface lay open, if it carries that."""
        return self.stepper.past

    @property
    def wet(self) -> Array:
        """Voxels that take part in the pressure system."""
        return self.stepper.inner(self.stepper.arrays["wet"]) > 0

    @property
    def pockets(self) -> tuple[Pocket, ...]:
        """Air that metal and mould enclose now, and what reaches the atmosphere; empty without air."""
        return self.stepper.air.pockets if self.stepper.air is not None else ()

    @property
    def air(self) -> AirLedger | None:
        """Books of the enclosed air (kg)."""
        return self.stepper.air.ledger if self.stepper.air is not None else None

    @property
    def air_history(self) -> dict[str, Array]:
        """One entry a step: closed pockets, their mass (kg), vented and entrained so far (kg), highest pressure (Pa, absolute)."""
        rows = self.stepper.air.rows if self.stepper.air is not None else []
        names = ("pockets", "mass", "vented", "entrained", "highest")
        return {n: np.array(c) for n, c in zip(names, zip(*rows, strict=True), strict=True)} if rows else {}

    @property
    def pressure(self) -> Array:
        """Gauge pressure (Pa) of the liquid voxels and of pockets of air; 0 elsewhere."""
        s = self.stepper
        scale = s.problem.liquid.density * s.problem.cavity.voxel / s.last_kick if s.last_kick else 0.0
        return s.inner(s.arrays["P"]) * scale

    def state(self) -> dict[str, Any]:
        """Return all that a checkpoint must hold to go on to the same bits."""
        return {
            **self.stepper.state(), "rows": [list(r) for r in self.rows], "port_rows": self.port_rows,
            "pressure_rows": self.pressure_rows,
        }  # fmt: skip
