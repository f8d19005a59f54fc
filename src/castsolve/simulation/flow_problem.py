"""The flow problem: one entry for fillings and for every verification case of the flow."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, SolveError
from ..threads import allowed_threads
from .accuracy import FlowSteps
from .flow_air import Air
from .flow_arrays import CAVITY, FEED, HALO, OUTLET, RESERVOIR, Cavity
from .flow_drag import Porous
from .flow_heat import FlowHeat
from .flow_run import FlowRun
from .flow_stepper import FlowStepper
from .flow_turning import Turning

__all__ = ["FlowProblem", "Liquid", "Port"]

Array = NDArray[Any]

# Smallest angle (rad, 20 degrees) between surface and wall: a column height changes by 2.7 voxels from one to the next.
_FLATTEST = math.pi / 9
# A sweep over fewer voxels is done before a second thread has woken up.
_SERIAL_BELOW = 100_000


@dataclass(frozen=True, slots=True)
class Liquid:
    """What flows.

    Parameters
    ----------
    density : float
        kg/m3.
    viscosity : float
        Dynamic viscosity (Pa s); 0 for an ideal liquid that slips along walls.
    smagorinsky : float
        Constant of the eddy viscosity; 0.1 to 0.2 are usual, 0 leaves it out.
    surface_tension : float
        N/m; 0 leaves it out. It limits the step to sqrt(density h^3 / (4 pi surface_tension)).
    wetting_angle : float
        Angle (rad) between surface and wall inside the liquid; above pi/2 the liquid does not wet. Walls along the grid see it,
        slanted ones are met at a right angle.
    """

    density: float
    viscosity: float = 0.0
    smagorinsky: float = 0.0
    surface_tension: float = 0.0
    wetting_angle: float = math.pi / 2

    def __post_init__(self) -> None:
        if not (math.isfinite(self.density) and self.density > 0.0):
            raise InputError(f"density = {self.density} kg/m3 must be above 0")
        for name in ("viscosity", "smagorinsky", "surface_tension"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0.0):
                raise InputError(f"{name} = {value} must be 0 or above")
        if not _FLATTEST <= self.wetting_angle <= math.pi - _FLATTEST:
            raise InputError(
                f"wetting_angle = {self.wetting_angle} rad must lie in [{_FLATTEST:.3g}, {math.pi - _FLATTEST:.3g}]: "
                "a flatter surface leaves the columns that its curvature is read from"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Port:
    """Where metal enters or leaves: voxels of one kind, and what is given there.

    Parameters
    ----------
    where : ndarray of bool, shape (nx, ny, nz)
        The voxels; all are RESERVOIR, FEED or OUTLET.
    pressure : float or callable, optional
        Gauge pressure (Pa) of a reservoir, or a function of time (s).
    head : float or callable, optional
        Height (m, along the coordinate against gravity) of a free surface at rest above a reservoir: its pressure is
        rho g (head - height of the voxel) - rho u^2 / 2 with the speed u at which metal enters.
    flow : float or callable, optional
        Volume rate (m3/s) of a feed.
    most_head : float or callable, optional
        Head (m) that a feed does not exceed: where its flow would need more, as much enters as from a reservoir of this head.
    stroke : callable, optional
        In place of `flow`: volume rate (m3/s) as a function of the volume (m3) that has come through the port, as a plunger gives
        it that speeds up at a place of its stroke.
    most_pressure : float or callable, optional
        Gauge pressure (Pa) that a feed does not exceed: where its flow would need more, it gives what this pressure drives. Judged
        within the step: a peak is cut, not answered a step later. What presses back harder moves the metal back.
    direction : three floats, optional
        Unit vector out of the cavity, for a feed whose faces are a staircase across a slanted stream. Default: across each face.
    """

    where: Array
    pressure: float | Callable[[float], float] | None = None
    head: float | Callable[[float], float] | None = None
    flow: float | Callable[[float], float] | None = None
    most_head: float | Callable[[float], float] | None = None
    stroke: Callable[[float], float] | None = None
    most_pressure: float | Callable[[float], float] | None = None
    direction: tuple[float, float, float] | None = None

    def __post_init__(self) -> None:
        limits = (self.most_head is not None) + (self.most_pressure is not None)
        if limits and not self.feeds:
            raise InputError("most_head and most_pressure limit a flow; give the port a flow or a stroke too")
        if limits > 1:
            raise InputError("a port takes one of most_head and most_pressure, not both")
        if sum(v is not None for v in (self.pressure, self.head, self.flow, self.stroke)) > 1:
            raise InputError("a port takes one of pressure, head, flow and stroke, not several")
        if not self.where.any():
            raise InputError("a port covers no voxel; give it voxels next to the cavity")

    @property
    def holds(self) -> bool:
        """Whether metal stands behind it under a given pressure."""
        return self.pressure is not None or self.head is not None

    @property
    def feeds(self) -> bool:
        """Whether metal enters at a given rate."""
        return self.flow is not None or self.stroke is not None


class FlowProblem:
    """Incompressible flow with a free surface in a cavity.

    Parameters
    ----------
    cavity : Cavity
    liquid : Liquid
    gravity : three floats
        Acceleration (m/s2).
    ports : sequence of Port
        Every RESERVOIR, FEED and OUTLET voxel belongs to one.
    no_slip : bool
        Whether walls hold the liquid; needs a viscosity.
    slip_axes : sequence of int
        Axes whose outer sides let liquid slip though `no_slip` holds it elsewhere: planes of symmetry, slices of one voxel.
    wall_velocity : mapping of (axis of the component, side) to float, optional
        Speed (m/s) at which an outer side of the box slides: key (component, "z_high") for example.
    steps : FlowSteps, optional
        What limits the steps. Default: that of the accuracy "usual".
    divergence : float
        What the pressure solve may leave, as a share of a voxel's volume a step; a tenth of it from the first step on whose
        overfill found no room.
    air : Air, optional
        What the air does in the cavity. Default: there is none, the surface is at the atmosphere's pressure everywhere.
    aspirates : bool
        Whether walls let air in where the liquid would have to pull on them, so that it leaves them. Default: it hangs on.
    heat : FlowHeat, optional
        Heat that the liquid carries and gives to the mould; `Liquid.viscosity` is then that at the liquidus.
    filters : sequence of Porous
        Bodies in the way that the liquid seeps through.
    turning : Turning, optional
        How the mould turns; `gravity` is then that at the end of the turn.
    past : bool
        Whether the liquid carries when it came in and how long its surface lay open (`FlowRun.past`).
    threads : int, optional
        Number of threads; the bits of the result do not depend on it.

    Notes
    -----
    Every step: volumes by split sweeps of plane-cut fluxes, whose sum is the new volume; momentum carried by the same
    volumes; pressure of voxels at least half full, with the free surface where the volumes say it is; velocities outside the
    liquid extrapolated. docs/theory/filling.md has the equations.
    """

    def __init__(
        self, cavity: Cavity, liquid: Liquid, *, gravity: Sequence[float] = (0.0, 0.0, -9.80665), ports: Sequence[Port] = (),
        no_slip: bool = False, slip_axes: Sequence[int] = (),
        wall_velocity: Mapping[tuple[int, str], float] | None = None, steps: FlowSteps | None = None,
        divergence: float = 1e-7, air: Air | None = None, heat: FlowHeat | None = None, filters: Sequence[Porous] = (),
        past: bool = False, turning: Turning | None = None, aspirates: bool = False, threads: int | None = None,
    ) -> None:  # fmt: skip
        if aspirates and air is not None:
            raise InputError("aspirates says that air comes in unhindered, but the air has its own ways; give one of the two")
        if no_slip and not liquid.viscosity > 0.0:
            raise InputError("no_slip needs a viscosity above 0: an ideal liquid slips along walls")
        steps = steps or FlowSteps()
        if not 0.0 < steps.near <= 0.9:
            raise InputError(f"near = {steps.near} must lie in (0, 0.9]: beyond it voxels overfill by half their volume")
        if not steps.near <= steps.deep <= 8.0:
            raise InputError(f"deep = {steps.deep} must lie in [{steps.near:g}, 8]: the stream turns meanwhile")
        if not steps.near <= steps.flying:
            raise InputError(f"flying = {steps.flying} must be {steps.near:g} or above")
        if not 0.3 <= steps.surface <= 0.6:
            raise InputError(f"surface = {steps.surface} must lie in [0.3, 0.6]: beyond it short waves grow")
        if not 0.0 < divergence < 1e-2:
            raise InputError(f"divergence = {divergence} must lie in (0, 0.01)")
        self.cavity, self.liquid, self.gravity = cavity, liquid, tuple(float(g) for g in gravity)
        if len(self.gravity) != 3 or not all(map(math.isfinite, self.gravity)):
            raise InputError(f"gravity = {gravity} must be three finite numbers (m/s2)")
        self.ports, self.no_slip, self.divergence = tuple(ports), no_slip, divergence
        self.steps = steps
        self.slip_axes, self.air, self.heat, self.filters = tuple(slip_axes), air, heat, tuple(filters)
        self.turning = turning
        self.past, self.aspirates = past, aspirates
        for body in self.filters:
            if body.where.shape != cavity.shape:
                raise InputError(f"a filter has shape {body.where.shape}; the cavity has {cavity.shape}")
        self.wall_velocity = dict(wall_velocity or {})
        small = threads is None and int((cavity.kind == CAVITY).sum()) < _SERIAL_BELOW
        self.threads = 1 if small else allowed_threads(threads)
        self._check_ports()

    def _check_ports(self) -> None:
        kind = self.cavity.kind
        for port in self.ports:
            if port.where.shape != kind.shape:
                raise InputError(f"a port has shape {port.where.shape}; the cavity has {kind.shape}")
            kinds = set(np.unique(kind[port.where]).tolist())
            wanted = {RESERVOIR} if port.holds else {FEED} if port.feeds else {OUTLET}
            if kinds != wanted:
                raise InputError("the voxels of a port must be RESERVOIR for a pressure or head, FEED for a flow, else OUTLET")
            if not self.port_faces(port)[0].size:
                at = [f"{self.cavity.centres(a)[np.argwhere(port.where)[0][a]] * 1e3:.4g}" for a in range(3)]
                raise InputError(f"the port at x, y, z = {', '.join(at)} mm touches no open cavity: it is blocked or has no area")
        covered = np.zeros(kind.shape, int)
        for port in self.ports:
            covered += port.where
        if (covered[kind > CAVITY] != 1).any() or (covered > 1).any():
            raise InputError("every reservoir, feed and outlet voxel must belong to exactly one port")

    @property
    def driven_by_pressure(self) -> bool:
        """Whether a pressure, a head or air at another pressure than the atmosphere's pushes the metal."""
        given = any(v is not None for p in self.ports for v in (p.pressure, p.head, p.most_pressure))
        return given or (self.air is not None and self.air.start is not None)

    def port_faces(self, port: Port) -> tuple[Array, Array, Array, Array]:
        """Return the open faces between a port and the cavity: axis, index in the padded arrays, sign into the cavity, aperture."""
        kind = np.pad(self.cavity.kind, HALO)
        where = np.pad(port.where, HALO)
        strides = [kind.shape[1] * kind.shape[2], kind.shape[2], 1]
        axes, index, sign, area = [], [], [], []
        for d in range(3):
            open_ = np.pad(self.cavity.aperture[d], [(HALO, HALO - (e == d)) for e in range(3)]).reshape(-1)
            for s in (1, -1):
                cells = np.flatnonzero(where.reshape(-1))
                nb = cells + s * strides[d]
                ok = kind.reshape(-1)[nb] == CAVITY
                face = np.where(s > 0, nb, cells)[ok]
                face = face[open_[face] > 0.0]
                axes.append(np.full(len(face), d))
                index.append(face)
                sign.append(np.full(len(face), float(s)))
                area.append(open_[face])
        return np.concatenate(axes), np.concatenate(index), np.concatenate(sign), np.concatenate(area)

    def run(
        self, fill: ArrayLike, *, until: float, velocity: Sequence[ArrayLike] | None = None, record: Sequence[float] = (),
        step: float | None = None, progress: Callable[[FlowRun], bool | None] | None = None, most_steps: int = 10_000_000,
        resume: Mapping[str, Any] | None = None,
    ) -> FlowRun:  # fmt: skip
        """Solve from an initial filling.

        Parameters
        ----------
        fill : ndarray, shape (nx, ny, nz)
            Filled share of every cavity voxel at the start, 0 to 1.
        until : float
            End (s); the run lands on it.
        velocity : three arrays, optional
            Velocities (m/s) of the faces at the start, in the shapes of the apertures. Default: at rest.
        record : sequence of float
            Times (s) to land on; the filled share is kept for each.
        step : float, optional
            A fixed step (s) in place of the limits.
        progress : callable, optional
            Called after every step with the run; it stops the run by returning True.
        most_steps : int
            A run that takes more is given up.
        resume : mapping, optional
            State of a checkpoint (`FlowRun.state`), in place of `fill` and `velocity`.

        Raises
        ------
        SolveError
            If a step fails though it was retried smaller; the error holds the last good state.
        BalanceError
            If metal appeared or vanished.
        """
        if not (math.isfinite(until) and until > 0):
            raise InputError(f"until = {until} s must be a time above 0")
        share = np.asarray(fill, float)
        if share.shape != self.cavity.shape:
            raise InputError(f"the initial filling has shape {share.shape}; the cavity has {self.cavity.shape}")
        if not (np.isfinite(share).all() and share.min() >= 0.0 and share.max() <= 1.0):
            raise InputError(f"the initial filling must lie in [0, 1]; got {np.nanmin(share):g} to {np.nanmax(share):g}")
        targets = sorted({float(t) for t in record if t > 0} | {float(until)})
        if targets[-1] > until or min(record, default=0.0) < 0:
            raise InputError(f"record times must lie between 0 and {until:g} s")
        stepper = FlowStepper(self, share, velocity, targets, step, resume)
        run = stepper.run
        if 0.0 in record:
            run.snapshots[0.0] = run.fill
        while stepper.time < until:
            if stepper.steps >= most_steps:
                raise SolveError(f"after {most_steps} steps the run is at t = {stepper.time:.6g} s of {until:g} s", state=run)
            stepper.advance()
            if stepper.time in targets and stepper.time in record:
                run.snapshots[stepper.time] = run.fill
            if progress is not None and progress(run):
                run.stopped = "stopped by the caller"
                break
        return run
