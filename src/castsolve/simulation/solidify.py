"""Solidification of a casting: from the job card to a result."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..geometry import Grid
from ..materials import Alloy, GraphiteBalance
from ..results import Frame, Results
from ..threads import allowed_threads
from ..units import Number, quantity
from .absent import Absent, empty_basins, left_empty
from .accuracy import Steps, steps_for
from .boundary import Contact, Faces, Side
from .exposed import Exposed
from .filled import Filled, require_filling_of
from .freezing import fields_of, freezing_levels
from .handover import Start, carried_fields, start_of
from .heat_problem import HeatProblem
from .heat_run import HeatRun, Progress
from .level_drop import LevelDrop
from .memory import check_memory
from .release import HeatRelease, coarse_for_flame
from .report import facts_of, history_of, probes_of
from .resume import Keeper
from .thermocouples import Probes, named_probes
from .watch import Level, Watch

if TYPE_CHECKING:
    from ..casting import Casting, Layout

__all__ = ["Plan", "grid_of", "plan", "record_times", "solidify"]

Array = NDArray[Any]

# Shakeout and ejection temperatures by alloy family (K): foundry practice, estimates without a citable source.
_SHAKEOUT = {"aluminium": 573.15, "iron": 773.15, "steel": 773.15}
_EJECTION = {"aluminium": 623.15, "iron": 1023.15, "steel": 1123.15}
# Share of a fuel that may stay unlit before it is told: a corner that stays cold is no matter.
_UNLIT = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A casting made ready to be solved: its grid, its heat problem and how the run ends.

    Attributes
    ----------
    casting : Casting
    layout : Layout
    grid : Grid
    problem : HeatProblem
    initial : ndarray
        Temperature of every region at the pour (K).
    until : float or "solid"
    stop_temperature : float or None
        Temperature of the hottest metal at which the run ends (K).
    warnings : tuple of str
    absent : Absent or None
        Metal of the problem's grid that is not there; in `grid` it is a region "empty".
    """

    casting: Casting
    layout: Layout
    grid: Grid
    problem: HeatProblem
    initial: Array
    until: float | str
    stop_temperature: float | None
    warnings: tuple[str, ...]
    absent: Absent | None = None


def plan(
    casting: Casting, *, voxel: Number, until: Number = "solid", dtype: str = "float32", mould_correction: bool = True,
    shakeout_temperature: Number | None = None, critical_fraction_solid: float | None = None, threads: int | None = None,
) -> Plan:  # fmt: skip
    """Make a casting ready to be solved, without solving it: `plan(...).grid.check()` tells what the grid holds.

    Parameters are those of `solidify`.
    """
    edge = quantity(voxel, "length", "voxel")
    allowed_threads(threads)
    layout = casting.layout(edge)
    stop = _stop(until, layout.alloy, shakeout_temperature)
    grid = grid_of(layout, edge, threads)
    levels = freezing_levels(layout.alloy, critical_fraction_solid)
    if stop.temperature is not None:
        levels = (*levels, Level("stop", temperature=stop.temperature))
    release = HeatRelease.of(grid, [r.material for r in layout.regions])
    problem = HeatProblem(
        grid, [r.material.heat for r in layout.regions], faces_of(layout, grid), release, dtype=dtype, watch=Watch(0, levels),
        mould_correction=mould_correction, threads=threads, events=(*(() if release is None else release.events), *layout.events),
    )  # fmt: skip
    initial = np.array([r.initial_temperature for r in layout.regions])
    warnings = (*layout.warnings, *_lost(grid), *coarse_for_flame([r.material for r in layout.regions], edge))
    return Plan(casting, layout, grid, problem, initial, stop.until, stop.temperature, warnings)


def grid_of(layout: Layout, voxel: float, threads: int | None = None) -> Grid:
    """Return the grid of a layout, for voxels of an edge in m."""
    check_memory(layout.box, layout.fine_box, voxel)
    grid = Grid.build(
        layout.bodies, voxel=voxel, box=layout.box, fine_box=layout.fine_box, region_names=[r.name for r in layout.regions],
        background=layout.regions[-1].name, threads=threads,
    )  # fmt: skip
    if not (grid.region == 0).any():
        raise InputError(f"no voxel of {voxel * 1e3:.4g} mm holds metal; use a smaller voxel")
    _refuse_idle_chills(layout, grid)
    return grid


def solidify(
    casting: Casting | Filled, *, voxel: Number | None = None, until: Number = "solid", record: Sequence[Number] = (),
    probes: Probes | None = None, dtype: str = "float32", accuracy: str = "usual", theta: float | None = None,
    scheme: str | None = None,
    mould_correction: bool = True, shakeout_temperature: Number | None = None, critical_fraction_solid: float | None = None,
    threads: int | None = None,
    progress: Callable[[Progress], None] | None = None, checkpoint: str | Path | None = None, resume: bool = False,
    checkpoint_every: float = 30.0, feeding: bool = False, filled: Results | None = None,
) -> Results:  # fmt: skip
    """Pour a casting instantly, or take one that was filled, let it freeze and cool, and record what its quality depends on.

    Parameters
    ----------
    casting : Casting or Filled
        A `SandCasting`, `ShellMouldCasting`, `InvestmentCasting` or `GravityDieCasting`; or what `fill` returned: metal and mould
        start with the heat that the filling left, and time counts from the end of the pour.
    voxel : float, str or pint.Quantity
        Edge of a voxel over the casting and its rigging; the mould beyond is graded. Default, after a filling: its own.
    until : "solid", "shakeout", "ejection", a time, or a temperature such as "500 degC"
        When the run ends: all metal solid, the hottest metal down to a temperature, or a time (number in s, or "30 min").
    record : sequence of times
        When the whole temperature field is kept.
    probes : mapping of name to point, or sequence of points, optional
        Virtual thermocouples (m); without names they are "probe 1", "probe 2" ...
    dtype : {"float32", "float64"}
        Precision of the state; ledgers are double either way.
    accuracy : {"usual", "quick"}
        How long the steps are: "usual" errs in local solidification times by some 0.3 % (rms; 99 of 100 voxels by less than 1.5 %),
        "quick" by less than 1 % (3 %) in two thirds of the stages, for first looks and for comparing designs.
    theta : float, optional
        Step over the time since the pour, in place of the usual 0.1: 0.05 fine.
    scheme : {"rkl2", "rkl1", "euler"}, optional
        Super-time-stepping of second (usual) or first order, or explicit Euler as the reference.
    mould_correction : bool
        Whether the first mould voxel is corrected while heat has not yet filled it (see `HeatProblem`).
    shakeout_temperature : temperature, optional
        Of the hottest metal. Default by alloy family: 300 degC aluminium, 500 degC iron and steel (estimates).
    critical_fraction_solid : float, optional
        A fraction solid of your own, in (0, 1): the field "critical_time" says when each voxel reached it, and
        `view.unfrozen` shows what had not.
    threads : int, optional
        Default: OMP_NUM_THREADS, else the CPUs this process may use. The bits of the result do not depend on it.
    progress : callable, optional
        Called after every step with a `Progress`. A `KeyboardInterrupt` raised in it stops the run with a checkpoint.
    checkpoint : path, optional
        File that lets a killed run go on; removed when the run is done.
    resume : bool
        Go on from `checkpoint` where it exists, to the same bits.
    checkpoint_every : float
        Seconds of work between two checkpoints.
    feeding : bool
        Whether the heat follows the falling level: the shrinkage march (`castsolve.defects.shrinkage`) is taken up while the run
        goes on, and what the pipe has emptied holds and conducts no heat from then on. The field "emptied_time" tells when; times
        of freezing in the pipe are those of the last metal on its wall.
    filled : Results, optional
        A filling of the casting that was loaded from a file.

    Returns
    -------
    Results

    Raises
    ------
    InputError
        If something cannot be as given; before any work starts.
    SolveError, BalanceError
        If the run cannot be carried on; the last checkpoint stays.
    """
    if isinstance(casting, Filled):
        filled = casting
        casting = casting.known_casting()
    if voxel is None:
        voxel = _voxel_of(filled)
    times, steps = sorted(record_times(record)), steps_for(accuracy, scheme, theta)
    ready = plan(
        casting, voxel=voxel, until=until, dtype=dtype, mould_correction=mould_correction,
        shakeout_temperature=shakeout_temperature, critical_fraction_solid=critical_fraction_solid, threads=threads,
    )  # fmt: skip
    start = None if filled is None else start_of(require_filling_of(casting, filled), ready.grid)
    ready = _without_absent(ready, filled)
    drop = level_drop_of(ready) if feeding else None
    points = named_probes(probes)
    run = _run(ready, times, points, steps, progress, Keeper.of(checkpoint, resume, checkpoint_every), drop, start)
    return results_of(ready, run, filled, () if start is None else start.warnings)


def record_times(record: Sequence[Number]) -> list[float]:
    """Return the times (s) at which a user wants fields to be kept."""
    if isinstance(record, str) or not hasattr(record, "__iter__"):
        raise InputError(f'record = {record!r} is no list of times; write for example record=["30 s", "2 min"]')
    return [quantity(t, "time", "record") for t in record]


def _voxel_of(filled: Results | None) -> float:
    if filled is None or "filling" not in filled.facts:
        raise InputError("voxel is missing; write for example voxel=4*mm")
    return float(filled.facts["filling"]["voxel"])


def _without_absent(ready: Plan, filled: Results | None) -> Plan:
    """Return a plan whose grid knows which metal is not there: what a filling left empty, and the basin of a die that turned."""
    where = empty_basins(ready.casting, ready.grid) if filled is None else left_empty(filled, ready.grid)
    if where is None:
        return ready
    if not ((ready.grid.region == 0) & ~where).any():
        raise InputError("the filling holds no metal; there is nothing to freeze")
    told = ready.warnings
    if filled is None:
        names = sorted({ready.grid.body_names[b] for b in np.unique(ready.grid.body[where])})
        told = (*told, f"{', '.join(names)} is taken as empty once the die has turned; fill the casting to see what stays in it")
    absent = Absent(where, ready.layout.ambient.temperature)
    return replace(ready, grid=ready.grid.emptied(where), absent=absent, warnings=told)


def _run(
    ready: Plan, times: Sequence[float], probes: Mapping[str, Sequence[float]], steps: Steps,
    progress: Callable[[Progress], None] | None, keeper: Keeper | None, drop: LevelDrop | None, start: Start | None,
) -> HeatRun:  # fmt: skip
    state = None
    if keeper is not None:
        keeper.identify(
            ready.grid, ready.problem.dtype, steps, times, ready.until, ready.stop_temperature, probes, *_physics_of(ready),
            *([] if drop is None else ["feeding", *drop.identity]), *([] if start is None else ["filled", *start.identity()]),
        )
        state = keeper.load()
    with nullcontext() if keeper is None else keeper.deferring_interrupts():
        run = ready.problem.run(
            ready.initial if start is None else None, until=ready.until, record=times, probes=probes, **asdict(steps),
            resume=state, progress=progress if keeper is None else keeper.watching(progress),
            checkpoint=None if keeper is None else keeper.offer, level_drop=drop,
            enthalpy=None if start is None else start.enthalpy, touched=None if start is None else start.touched,
            absent=ready.absent, burnt=None if start is None else start.burnt,
        )  # fmt: skip
    if keeper is not None:
        keeper.finish()
    return run


def level_drop_of(ready: Plan) -> LevelDrop:
    """Return what makes the level fall in a run of a plan."""
    casting, layout = ready.casting, ready.layout
    if not np.any(casting.gravity):
        raise InputError("feeding = True needs gravity: without it no place is the highest")
    return LevelDrop(
        ready.grid, layout.alloy, pour_temperature=float(ready.initial[0]), gravity=casting.gravity,
        mirrors=tuple(sorted(layout.symmetry_sides)), air=layout.ambient.temperature,
        balance=GraphiteBalance.of(layout.alloy, casting.mould),
    )  # fmt: skip


def _physics_of(ready: Plan) -> list[Any]:
    """Materials, temperatures, contacts and surroundings: what makes two runs on one grid different runs."""
    curves = [array for c in ready.problem.materials for array in (c.enthalpy, c.temperature, c.conductivity)]
    contacts = ready.problem.contacts
    tables = [contacts.arrays[name] for name in ("contact_T0", "contact_inv", "contact_row", "contact_resistance")]
    changing = [(getattr(i, "over", ""), getattr(i, "htc", ""), getattr(i, "time_factors", "")) for i in contacts.interfaces]
    layer = (ready.problem.mould_correction, ready.problem.mould_regions)
    watch = ready.problem.watch
    levels = [] if watch is None else [(level.name, level.enthalpy_of(ready.problem.materials[0])) for level in watch.levels]
    burning = ready.problem.source.memory() if isinstance(ready.problem.source, HeatRelease) else []
    sides = [(s.kind, *s.row()) for s in ready.problem.faces.sides]
    return [*curves, *tables, ready.initial, changing, burning, layer, levels, sides]


def results_of(ready: Plan, run: HeatRun, filled: Results | None = None, warnings: Sequence[str] = ()) -> Results:
    """Return the result of a finished run of a plan, with the records of its filling."""
    grid, layout = ready.grid, ready.layout
    fields = fields_of(grid, run, layout.alloy)
    if filled is not None:
        fields |= carried_fields(filled, grid)
    run_warnings = [*ready.warnings, *warnings]
    if filled is not None:
        run_warnings += [f"filling: {text}" for text in filled.warnings if text not in run_warnings]
    if run.ledger.warned:
        run_warnings.append(
            f"the energy ledger is open by {run.ledger.worst:.1e} of the heat moved (limit {run.ledger.limit:.0e}); "
            'use dtype = "float64" to see whether it is rounding'
        )
    fire = run.stepper.fire
    if fire is not None:
        fields["ignition_time"] = run.problem.on_grid(fire.ignition_time())
        if fire.unlit > _UNLIT:
            run_warnings.append(f"{100 * fire.unlit:.0f} % of what burns was not hot enough to ignite until the end of the run")
    return Results(
        Frame.of(grid), fields=fields, history=history_of(run), probes=probes_of(grid, run), snapshots=run.snapshots,
        facts={**facts_of(ready, run, run_warnings), **({} if filled is None else {"filling": filled.facts["filling"]})},
    )  # fmt: skip


def faces_of(layout: Layout, grid: Grid | None = None) -> Faces:
    """Return the outer sides and contacts of a layout.

    With the grid, what touches the surroundings of a shell gives its heat at the temperature of its surface, not of its voxels.
    """
    air = layout.ambient
    outside = Side.convective(air.htc, air.temperature, emissivity=air.emissivity)
    deep = Side.deep(layout.regions[-1].initial_temperature)
    names = ("x_low", "x_high", "y_low", "y_high", "z_low", "z_high")
    sides = {n: deep if n in layout.deep_sides else outside for n in names}
    sides |= {n: Side.convective(htc, plate) for n, (htc, plate) in layout.clamped_sides.items()}
    sides |= {n: Side.insulated() for n in layout.symmetry_sides}
    contacts = {pair: Contact(math.inf if i.perfect else i) for pair, i in layout.contacts.items()}
    last = len(layout.regions) - 1
    if layout.regions[last].role == "surroundings" and grid is not None:
        for (a, b), interface in layout.contacts.items():
            if b == last and interface.over == "temperature":
                contacts[a, b] = Contact(Exposed.of(interface, grid, a, b, layout.regions[a].material.heat, air.temperature))
    return Faces(**sides, contacts=contacts)


@dataclass(frozen=True, slots=True)
class _Stop:
    until: float | str
    temperature: float | None


def _stop(until: Number, alloy: Alloy, shakeout: Number | None) -> _Stop:
    """Return how a run ends: a time in s, or "solid" with the temperature that the hottest metal must reach."""
    if until == "solid":
        return _Stop("solid", None)
    if until == "shakeout":
        return _Stop("solid", shakeout_of(alloy, shakeout))
    if until == "ejection":
        return _Stop("solid", ejection_of(alloy, None))
    if isinstance(until, str) and any(unit in until for unit in ("degC", "degF", "K", "°C")):
        temperature = quantity(until, "temperature", "until")
        if temperature >= alloy.solidus.value:
            raise InputError(
                f"until = {until} lies above the solidus of {alloy.name} ({alloy.solidus.value - 273.15:.0f} degC); "
                'give a lower temperature, or until="solid"'
            )
        return _Stop("solid", temperature)
    if isinstance(until, str) and not until[:1].isdigit():
        raise InputError(f'until = "{until}" is not known; use "solid", "shakeout", "ejection", a time such as "30 min" '
                         'or a temperature such as "500 degC"')  # fmt: skip
    time = quantity(until, "time", "until")
    if time <= 0:
        raise InputError(f"until = {time:g} s must be above 0")
    return _Stop(time, None)


def ejection_of(alloy: Alloy, given: float | None) -> float:
    """Return the temperature (K) of the hottest metal at which a casting leaves its die."""
    if given is None:
        return _EJECTION[alloy.family]
    if not 300.0 < given < alloy.solidus.value:
        raise InputError(
            f"ejection_temperature = {given - 273.15:.0f} degC must lie between 27 degC and the solidus of {alloy.name} "
            f"({alloy.solidus.value - 273.15:.0f} degC)"
        )
    return given


def shakeout_of(alloy: Alloy, given: Number | None) -> float:
    """Return the shakeout temperature of a run (K)."""
    if given is None:
        return _SHAKEOUT[alloy.family]
    temperature = quantity(given, "temperature", "shakeout_temperature")
    if not 300.0 < temperature < alloy.solidus.value:
        raise InputError(
            f"shakeout_temperature = {temperature - 273.15:.0f} degC must lie between 27 degC and the solidus of {alloy.name} "
            f"({alloy.solidus.value - 273.15:.0f} degC)"
        )
    return temperature


def _refuse_idle_chills(layout: Layout, grid: Grid) -> None:
    """Refuse a chill that touches no metal on the grid: it would chill nothing, and nobody would see it."""
    for number, region in enumerate(layout.regions):
        if region.role == "chill" and grid.wall_area(0, number) <= 0.0:
            raise InputError(
                f"{region.name} touches no metal on this grid, so it would chill nothing; let its face reach a little (0.01 mm) "
                "into the part, or use a smaller voxel"
            )


def _lost(grid: Grid) -> list[str]:
    """Warnings about metal thinner than a voxel, before the run."""
    metal = grid.region_volume(0)
    area = float(grid.walls.area.sum())
    if grid.lost[1] > 1e-3 * metal or grid.lost[0] > 1e-3 * area:
        area_lost, metal_lost = 100 * grid.lost[0] / area, 100 * grid.lost[1] / metal
        text = f"walls thinner than a voxel lost {area_lost:.2g} % of the wall area and {metal_lost:.2g} % of the metal"
        return [text + "; use a smaller voxel"]
    return []
