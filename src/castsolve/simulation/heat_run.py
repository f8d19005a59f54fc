"""What a run leaves behind: fields, first crossings, history, probes and the books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .clock import Clock
from .ledger import EnergyLedger
from .watch import Level

if TYPE_CHECKING:
    from .heat_problem import HeatProblem, Stepper

__all__ = ["HeatRun", "Progress"]

Array = NDArray[Any]

# Columns of the history, one row a step.
_COLUMNS = ("time", "step_length", "stages", "ruling", "heat_in", "defect", "left")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    time : float
        Simulated time (s).
    steps, stages : int
    share : float
        0 to 1, of the time or of the watched voxels.
    ruling : str
        What limited the last step.
    """

    time: float
    steps: int
    stages: int
    share: float
    ruling: str


@dataclass(slots=True, eq=False)
class HeatRun:
    """Result of `HeatProblem.run`.

    Attributes
    ----------
    snapshots : dict of float to ndarray
        Temperature (K) at the record times.
    ledger : EnergyLedger
    levels : tuple of Level
        Watched levels, from hot to cold.
    """

    problem: HeatProblem
    clock: Clock
    ledger: EnergyLedger
    stepper: Stepper
    levels: tuple[Level, ...]
    snapshots: dict[float, Array] = field(default_factory=dict)
    history_rows: list[tuple[float, float, int, str, float, float, int]] = field(default_factory=list)
    region_rows: list[Array] = field(default_factory=list)
    probe_rows: list[list[float]] = field(default_factory=list)
    outer_rows: list[float] = field(default_factory=list)
    hottest_rows: list[list[float]] = field(default_factory=list)
    freed_rows: list[float] = field(default_factory=list)
    probe_names: tuple[str, ...] = ()
    probe_voxels: Array = field(default_factory=lambda: np.zeros((0, 3), np.int64))

    @property
    def time(self) -> float:
        """Time reached (s)."""
        return self.clock.time

    @property
    def steps(self) -> int:
        """Number of steps."""
        return self.clock.steps

    @property
    def stages(self) -> int:
        """Number of sweeps over the grid."""
        return self.clock.stages

    @property
    def temperature(self) -> Array:
        """Temperature of every voxel at the end (K), shape (nx, ny, nz)."""
        return self.stepper.temperature()

    @property
    def enthalpy(self) -> Array:
        """Enthalpy of every voxel at the end (J/m3), shape (nx, ny, nz)."""
        return self.stepper.enthalpy()

    def crossing(self, name: str) -> Array:
        """Return the time (s) at which each watched voxel passed a level; NaN elsewhere and where it has not."""
        return self.stepper.watch_array("time", name)

    def gradient(self, name: str) -> Array:
        """Return the temperature gradient (K/m) at which each watched voxel passed a level; NaN elsewhere."""
        return self.stepper.watch_array("gradient", name)

    @property
    def history(self) -> dict[str, Array]:
        """One entry a step: time, step_length, stages, ruling, heat_in (J), defect, left, region_enthalpy (J, since
        the start), region_hottest (K), outer_temperature (K), heat_freed (J, by materials that burn)."""
        columns = zip(*self.history_rows, strict=True)
        out = {n: np.array(c) for n, c in zip(_COLUMNS, columns, strict=True)}
        out["region_enthalpy"] = np.array(self.region_rows)
        out["outer_temperature"] = np.array(self.outer_rows)
        out["region_hottest"] = np.array(self.hottest_rows)
        out["heat_freed"] = np.array(self.freed_rows)
        return out

    @property
    def probes(self) -> dict[str, tuple[Array, Array]]:
        """Times (s) and temperatures (K) of each virtual thermocouple."""
        times = np.array([r[0] for r in self.history_rows])
        T = np.array(self.probe_rows).reshape(len(times), len(self.probe_names))
        return {n: (times, T[:, i]) for i, n in enumerate(self.probe_names)}

    def state(self) -> dict[str, Any]:
        """Return all that a checkpoint must hold to go on to the same bits."""
        return {
            **self.stepper.state(),
            "rows": [list(r) for r in self.history_rows], "regions": [r.tolist() for r in self.region_rows],
            "probe_rows": self.probe_rows, "outer": self.outer_rows, "hottest": self.hottest_rows, "freed": self.freed_rows,
            "snapshot_times": list(self.snapshots),
            "snapshots": np.array(list(self.snapshots.values())) if self.snapshots else np.zeros(0),
        }  # fmt: skip

    def recall(self, state: Mapping[str, Any]) -> None:
        """Take up a checkpoint's history."""
        self.history_rows = [tuple(r) for r in state["rows"]]
        self.region_rows = [np.array(r) for r in state["regions"]]
        self.probe_rows = [list(r) for r in state["probe_rows"]]
        self.outer_rows, self.hottest_rows = list(state["outer"]), [list(r) for r in state["hottest"]]
        self.freed_rows = list(state["freed"])
        self.snapshots = dict(zip(state["snapshot_times"], state["snapshots"], strict=True))

    def temperature_in(self, voxels: Array, regions: Array) -> Array:
        """Return the temperature (K) of some voxels, given by their flat numbers on the grid and their regions."""
        problem, stepper = self.problem, self.stepper
        at = np.stack(np.unravel_index(voxels, problem.grid.shape))[list(problem.order)]
        h = stepper.H[tuple(at)].astype(float) + stepper.reference[regions]
        T = np.empty_like(h)
        for r in np.unique(regions):
            T[regions == r] = problem.materials[r].temperature_at(h[regions == r])
        return T

    def place_probes(self, probes: Mapping[str, Sequence[float]]) -> None:
        """Find the voxels of the virtual thermocouples."""
        if probes:
            self.probe_names = tuple(probes)
            self.probe_voxels = self.problem.grid.locate(np.array([list(p) for p in probes.values()]))

    def note(self, stepper: Stepper, length: float, stages: int, ruling: str) -> None:
        """Add a row to the history."""
        clock = self.clock
        self.history_rows.append((clock.time, length, stages, ruling, self.ledger.heat_in, self.ledger.defect, stepper.left))
        self.region_rows.append(self.ledger.held.copy())
        curves, region, H, zero = self.problem.materials, self.problem.rows.region, stepper.H, stepper.reference
        self.probe_rows.append(
            [float(curves[r].temperature_at(zero[r] + float(H[i, j, k]))) for i, j, k in self.probe_voxels[:, self.problem.order]
             for r in (region[i, j, k],)]
        )  # fmt: skip
        self.hottest_rows.append(list(stepper.hottest))
        self.freed_rows.append(stepper.heat_freed)
        self.outer_rows.append(self._outer_temperature(H, zero))

    def _outer_temperature(self, H: Array, reference: Array) -> float:
        """Hottest voxel of the last region on the outer sides (K): is the mould thick enough?"""
        grid = self.problem.rows
        last = len(self.problem.materials) - 1
        nz = grid.shape[2]
        hottest = -np.inf
        for axis, side in enumerate(self.problem.sides):
            at: list[Any] = [slice(None), slice(None), slice(0, nz)]
            at[axis // 2] = 0 if axis % 2 == 0 else grid.shape[axis // 2] - 1
            if side.kind == 0 or side.is_deep:
                continue
            values = H[tuple(at)][grid.region[tuple(at)] == last]
            if values.size:
                hottest = max(hottest, float(values.max()))
        return (
            float(self.problem.materials[last].temperature_at(reference[last] + hottest)) if np.isfinite(hottest) else float("nan")
        )
