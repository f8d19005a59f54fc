"""The heat problem: one entry for castings and for every verification case."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _kernels
from ..errors import InputError, SolveError
from ..geometry import Grid, row_order, turned_grid
from ..materials import HeatCurve
from ..threads import allowed_threads
from .absent import Absent
from .boundary import Faces
from .clock import Clock
from .fire import Burnt
from .heat_run import HeatRun, Progress
from .level_drop import LevelDrop
from .mould_layer import Touched
from .rkl import SCHEMES
from .stepper import Stepper
from .sweep_arrays import ContactTables, CutFaces, StableStep, padded, roomy, touching_pairs
from .tables import MaterialTables
from .watch import Watch

__all__ = ["HeatProblem", "threads_for"]

Array = NDArray[Any]

# A sweep over fewer voxels is done before a second thread has woken up; on a busy machine waiting for it costs twentyfold.
_SERIAL_BELOW = 100_000

# Finding the part that goes at the metal's pace costs as much as some twenty sweeps: too much where a run has few.
_TWO_PACES_FROM = 200_000


def threads_for(voxels: int, threads: int | None = None) -> int:
    """Return how many threads sweep a grid of so many voxels: those asked for, else all allowed, or one where it is small."""
    return 1 if threads is None and voxels < _SERIAL_BELOW else allowed_threads(threads)


class HeatProblem:
    """Heat conduction with change of phase on a cut-face grid.

    Parameters
    ----------
    grid : Grid
    materials : sequence of HeatCurve
        One for each region of the grid.
    faces : Faces
        The outer sides and the contacts between regions.
    source : callable, optional
        ``source(t)`` returns W/m3 for every voxel, shape (nx, ny, nz); it is asked at every stage.
    dtype : {"float64", "float32"}
        Precision of the state; ledgers are always double.
    watch : Watch, optional
        Enthalpy levels of one region whose first crossings are recorded.
    mould_correction : bool
        Whether the first mould voxel is corrected for the time in which heat has not filled it (see `MouldLayer`).
    mould_regions : sequence of int, optional
        Regions the correction is for. Default: all but region 0 whose effusivity is below 0.35 times that of region 0.
    threads : int, optional
        Number of threads; the bits of the result do not depend on it.
    events : sequence of float
        Times at which conditions change; the run lands on them and starts with small steps again.
    turn : bool
        Whether the sweep may walk along another axis than z, where walls break fewer of its rows (`geometry.row_order`). Fields
        that go in and come out stay as the grid has them.

    Notes
    -----
    dh/dt V = sum G (T_neighbour - T) with G = S / (d_a/k_a + 1/htc + d_b/k_b) through walls; inside a body the flux is the
    difference of the Kirchhoff potential int k dT over the distance. T and k are read from the enthalpy at every stage.
    """

    def __init__(
        self, grid: Grid, materials: Sequence[HeatCurve], faces: Faces, source: Callable[[float], Array] | None = None, *,
        dtype: str = "float64", watch: Watch | None = None, mould_correction: bool = False,
        mould_regions: Sequence[int] | None = None, threads: int | None = None, events: Sequence[float] = (),
        turn: bool = False,
    ) -> None:  # fmt: skip
        if dtype not in ("float64", "float32"):
            raise InputError(f'dtype = "{dtype}" is not a precision; use "float32" or "float64"')
        if int(grid.region.max()) >= len(materials):
            raise InputError(f"the grid has {int(grid.region.max()) + 1} regions, but {len(materials)} materials are given")
        self.grid, self.materials, self.faces, self.source, self.dtype = grid, tuple(materials), faces, source, dtype
        self.watch = watch
        order = row_order(grid) if turn else (0, 1, 2)
        self.rows = grid if order == (0, 1, 2) else turned_grid(grid, order)
        self.sides = faces.turned(order).sides
        self.order, self._back = order, tuple(int(a) for a in np.argsort(order))
        self.threads = threads_for(grid.size, threads)
        self.events = tuple(events)
        self.real = np.dtype(dtype)
        names = [grid.region_names[r] if r < len(grid.region_names) else f"region {r}" for r in range(len(materials))]
        self.tables = MaterialTables(materials, self.real)
        self.contacts = ContactTables.of(touching_pairs(self.rows), faces, materials, names, self.real)
        mirrors = [s.is_insulated for s in self.sides]
        self.cut = CutFaces.of(self.rows, self.real, self.tables.half_resistivity, mirrors, self.contacts.least)
        # The last bit says on which side of a face the temperature is read that its contact is known by.
        self.cut.arrays["face_kind"] ^= self.contacts.of_second[self.cut.contact].astype(np.uint8)
        open_ = np.empty(self.rows.shape, np.uint8)
        _kernels.open_faces(np.ascontiguousarray(self.rows.region), open_)
        self.stable = StableStep(self.rows, self.sides, self.tables, self.cut, open_)
        self.open = roomy(padded(open_, np.uint8))
        self.open[:, :, self.rows.shape[2] :] = 0
        self.mould_correction, self.mould_regions = mould_correction, mould_regions
        # Part of every voxel that is there, padded like `open`; None: all of it.
        self.share: Array | None = None

    def in_rows(self, field: Array) -> Array:
        """Return a dense field of the grid as the sweep walks over it."""
        return field.transpose(self.order)

    def on_grid(self, field: Array) -> Array:
        """Return a dense field of the sweep as the grid has it."""
        return field if self.rows is self.grid else np.ascontiguousarray(field.transpose(self._back))

    def explicit_step(self) -> float:
        """Return the largest stable explicit step (s)."""
        return self.stable.explicit(self.contacts.least)

    def enthalpy_of(self, temperature: ArrayLike) -> Array:
        """Return the enthalpy (J/m3) of every voxel for a temperature (K): a scalar, one a region, or a dense field."""
        T = np.asarray(temperature, float)
        region = self.grid.region
        if T.ndim <= 1:
            if T.size not in (1, len(self.materials)):
                raise InputError(
                    f"{T.size} initial temperatures are given for {len(self.materials)} regions; give one for all, one for each "
                    f"region, or one for every voxel, shape {region.shape}"
                )
            T = np.broadcast_to(T, (len(self.materials),))
            return np.array([c.at_temperature(t) for c, t in zip(self.materials, T, strict=True)])[region]
        if T.shape != region.shape:
            raise InputError(f"the initial temperature has shape {T.shape}; the grid has {region.shape}")
        h = np.empty(region.shape)
        for r, curve in enumerate(self.materials):
            mask = region == r
            h[mask] = curve.at_temperature(T[mask])
        return h

    def _checked(self, enthalpy: ArrayLike) -> Array:
        """Return an enthalpy field as an array of its own; one that does not fit the grid is refused."""
        h: Array = np.array(enthalpy, float)
        if h.shape != self.grid.shape or not np.isfinite(h).all():
            raise InputError(f"the enthalpy at the start must be finite and of shape {self.grid.shape}; it has shape {h.shape}")
        return h

    def temperature_of(self, enthalpy: Array) -> Array:
        """Return the temperature (K) of every voxel from its enthalpy (J/m3)."""
        T = np.empty(self.grid.shape)
        for r, curve in enumerate(self.materials):
            mask = self.grid.region == r
            T[mask] = curve.temperature_at(enthalpy[mask])
        return T

    def _end_of(self, until: float | str, record: Sequence[float], time_limit: float) -> float:
        """Return when a run ends at the latest (s); an end that is none, and times beyond it, are refused."""
        solid = isinstance(until, str)
        if solid and (until != "solid" or self.watch is None):
            raise InputError(f'until = "{until}" needs watched levels; give a time in s, or "solid" with a watch')
        end = time_limit if solid else float(until)
        if not (math.isfinite(end) and end > 0):
            raise InputError(f"until = {until} s must be a time above 0")
        if outside := [t for t in record if not 0 < t <= end]:
            raise InputError(f"record times must lie between 0 and {end:g} s; got {outside}")
        return end

    def _carry(
        self, stepper: Stepper, until: float | None, end: float, targets: Sequence[float], keeps_end: bool,
        progress: Callable[[Progress], None] | None, checkpoint: Callable[[HeatRun], None] | None,
    ) -> None:  # fmt: skip
        """Take steps to a time (s), or until all is solid (None) but no longer than to the end."""
        run, clock = stepper.run, stepper.clock
        try:
            while clock.time < end and not (until is None and stepper.all_passed):
                stepper.advance()
                if clock.time in targets[:-1] or (until is not None and clock.time == end and keeps_end):
                    run.snapshots[clock.time] = stepper.temperature().astype(np.float32 if self.dtype == "float32" else float)
                if progress is not None:
                    progress(stepper.progress(until))
                if checkpoint is not None:
                    checkpoint(run)
        finally:
            stepper.close()

    def run(
        self, initial: ArrayLike | None = None, *, until: float | str, scheme: str = "rkl2", theta: float = 0.1,
        record: Sequence[float] = (), step: float | None = None, probes: Mapping[str, Sequence[float]] | None = None,
        progress: Callable[[Progress], None] | None = None, time_limit: float = 30 * 86400.0,
        resume: Mapping[str, Any] | None = None, checkpoint: Callable[[HeatRun], None] | None = None,
        estimate: bool = True, level_drop: LevelDrop | None = None, events: Sequence[float] = (),
        enthalpy: ArrayLike | None = None, touched: Touched | None = None, last_step: float = 0.02, two_paces: bool | None = None,
        absent: Absent | None = None, eased: bool | None = None, bend: float = 0.15, burnt: Burnt | None = None,
    ) -> HeatRun:  # fmt: skip
        """Solve from an initial temperature.

        Parameters
        ----------
        initial : float, sequence of float or ndarray
            Temperature in K: of everything, of each region, or of every voxel.
        until : float or "solid"
            A time (s), or until every watched voxel has passed the coldest watched level.
        scheme : {"rkl2", "rkl1", "euler"}
            Super-time-stepping of second or first order, or explicit Euler as the reference mode.
        theta : float
            Step over the time since the last event.
        record : sequence of float
            Times (s) to land on; the temperature field is kept for each.
        step : float, optional
            A fixed step (s) in place of the controller, for orders of accuracy. From a shock through latent heat the first two
            steps of more than five explicit ones may overshoot; the clock of the controller starts small and never does.
        probes : mapping of name to point, optional
            Virtual thermocouples; their temperature is kept for every step.
        progress : callable, optional
            Called after every step with a `Progress`.
        time_limit : float
            A run "until solid" that takes longer (s) is given up.
        resume : mapping, optional
            State of a checkpoint (`HeatRun.state`), in place of `initial`.
        checkpoint : callable, optional
            Called with the run after every step; it decides whether to write.
        estimate : bool
            Whether the bend of a step is estimated and steers the next one.
        level_drop : LevelDrop, optional
            Empties watched voxels as the metal shrinks; made for this run.
        events : sequence of float
            Times of this run alone at which conditions change, beside those of the problem.
        enthalpy : ndarray, shape (nx, ny, nz), optional
            Of every voxel at the start (J/m3), in place of `initial`: a temperature does not tell how much of a eutectic is frozen.
        touched : Touched, optional
            For how long the mould was touched before: its first voxel is corrected from there on.
        burnt : Burnt, optional
            How far what burns had come before; its times count from this run's start.
        last_step : float
            By what share of its time a run "solid" may end too late.
        two_paces : bool, optional
            Whether the mould may go at its own pace (`simulation.paces`). Default: from 200 000 voxels on.
        absent : Absent, optional
            Voxels of region 0 that hold air in place of metal: heat passes them by, and they are not watched.
        eased : bool, optional
            Whether the stable step is that of the metal as hot as it is now and of a foreseen chill (`simulation.foresight`).
            Default: from 200 000 voxels on.
        bend : float
            Bend of a step, as `estimate` sees it, above which the next one is shortened.

        Raises
        ------
        SolveError
            If a value is not finite, or the time limit is reached; the error holds the run so far.
        BalanceError
            If heat appeared or vanished.
        """
        if scheme not in SCHEMES:
            raise InputError(f'no scheme named "{scheme}"; use "rkl2", "rkl1" or "euler"')
        solid = isinstance(until, str)
        end = self._end_of(until, record, time_limit)
        targets = sorted({float(t) for t in record} | {end})
        clock = Clock(SCHEMES[scheme], theta, targets, sorted({*self.events, *events}), step, last_step, bend)
        if resume is None and (initial is None) == (enthalpy is None):
            raise InputError("a heat problem starts from initial temperatures or from an enthalpy: give one of them")
        start = None if enthalpy is None else self._checked(enthalpy)
        large = self.grid.size >= _TWO_PACES_FROM
        stepper = Stepper(
            self, clock, initial, resume, probes or {}, estimate, level_drop, start, touched, absent=absent, burnt=burnt,
            paced=step is None and (large if two_paces is None else two_paces),
            eased=step is None and (large if eased is None else eased),
        )  # fmt: skip
        run = stepper.run
        self._carry(stepper, None if solid else end, end, targets, end in record, progress, checkpoint)
        if solid and not stepper.all_passed:
            raise SolveError(
                f"after {end:.4g} s {stepper.left} watched voxels have not passed the last level; the surroundings may be too hot "
                "for the casting to freeze", state=run,
            )  # fmt: skip
        return run
