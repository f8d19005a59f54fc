"""The filling of a casting: from the job card to a result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..casting import Inlet
from ..errors import InputError
from ..results import Frame
from ..units import Number, quantity
from .fill_plan import FillPlan, plan_fill
from .fill_report import carried_of, fields_of, filling_facts, history_of
from .fill_watch import FillProgress, FillStop, FillWatch
from .filled import Filled
from .flow_run import FlowRun
from .resume import Keeper
from .solidify import record_times

if TYPE_CHECKING:
    from ..casting import Casting

__all__ = ["Filled", "fill", "run_fill"]

# A pour that is not over after this many times its planned time, or after this time (s) where none is planned, is given up.
_PATIENCE, _LONGEST = 5.0, 600.0


def fill(
    casting: Casting, *, voxel: Number, inlet: Inlet | Sequence[Inlet] | None = None, until: Number = "full",
    volume: Number | None = None, level: Number | None = None, record: Sequence[Number] = (), heat: bool = True, air: bool = False,
    friction: bool = True, aspiration: bool = False, accuracy: str = "usual", threads: int | None = None,
    progress: Callable[[FillProgress], None] | None = None, checkpoint: str | Path | None = None, resume: bool = False,
    checkpoint_every: float = 30.0,
) -> Filled:  # fmt: skip
    """Fill the mould of a casting with metal and record how it came in.

    Parameters
    ----------
    casting : Casting
    voxel : float, str or pint.Quantity
        Edge of a voxel over the casting and its rigging.
    inlet : Inlet or sequence of Inlet, optional
        `PourRate`, `PouringHead`, `PressureCurve`, `PlungerCurve`, `TiltPour`. Default: the shot of a `PressureDieCasting`, the
        pressure of a `LowPressureCasting` in its riser tube, what lies in the basin of a die that turns; else a constant rate that
        fills the casting in its `pour_time`, into the basins, else the sprues, else the gates.
    until : "full" or a time
        When the pour ends: the cavity lacks less than 0.1 %, or a time (number in s, or "12 s"). A pour whose metal has come to
        rest ends too, and says so.
    volume : float, str or pint.Quantity, optional
        Poured volume at which it ends before that, of the whole casting: "2 litre".
    level : float, str or pint.Quantity, optional
        Height (coordinate against gravity) at which it ends before that, as soon as metal reaches it in the part or a riser.
    record : sequence of times
        When to keep fill_fraction, speed, the metal's temperature (with `heat`) and the pressure of enclosed air (with `air`):
        `Results.moments`, which `view.filling` and `view.animation` show. The end of the pour is kept too. Times after it are not
        reached.
    heat : bool
        Whether the metal gives heat to the mould on its way: it gets thicker as it cools, and from coherency on it stops. Without,
        it keeps the pour temperature.
    air : bool
        Whether air that the metal encloses presses back: it leaves through vents, open risers, permeable sand, and beside a stream
        that is poured into an open top. Without, and where the casting has no way out for it, it is as if air left everywhere
        unhindered.
    friction : bool
        Whether walls hold the metal: a logarithmic wall law on the true wall area. Without, it slips.
    aspiration : bool
        Whether a mould that lets air through lets it in where the metal would have to pull on its walls, as behind a ledge where a
        gate opens into the part, so that the metal leaves them. Without, metal that fills a passage hangs on to its walls. Not with
        `air`, whose ways are its own.
    accuracy : {"usual", "quick"}
        How long the steps are: "quick" lets metal near the surface cross 0.7 of a voxel in a step in place of half of one, deep
        metal six in place of three, and drops that fly apart from the rest do not count: they fall by no more than a voxel a step.
    threads : int, optional
        Default: one for every processor that may be used. The bits of the result do not depend on it. Of runs side by side each
        wants its share of the processors: threads that wait do not give way, and one too many slows all runs several times.
    progress : callable, optional
        Called after every step with a `FillProgress`. A `KeyboardInterrupt` raised in it stops the run with a checkpoint.
    checkpoint, resume, checkpoint_every
        As in `solidify`.

    Returns
    -------
    Filled
        A `Results` with fill_time and the other records of the filling.

    Raises
    ------
    InputError, GeometryError
        Before any work starts: inlets off the metal, blocked or without area; cavity that no metal can reach.
    SolveError, BalanceError
        If the run cannot be carried on; the last checkpoint stays.
    """
    wanted = record_times(record)
    ready = plan_fill(
        casting, voxel=voxel, inlet=inlet, heat=heat, air=air, friction=friction, aspiration=aspiration, accuracy=accuracy,
        threads=threads,
    )  # fmt: skip
    stop, end = _stop(ready, until, volume, level)
    keeper = Keeper.of(checkpoint, resume, checkpoint_every)
    watch, run = _run(ready, stop, end, _times(wanted, end), progress, keeper)
    if not watch.stopped:
        watch.stopped = "time was up"
    return filled_of(ready, watch, run)


def run_fill(ready: FillPlan) -> tuple[FillWatch, FlowRun]:
    """Fill what was made ready until it is full or at rest; return what was watched, and the run."""
    stop, end = _stop(ready, "full", None, None)
    watch, run = _run(ready, stop, end, (), None, None)
    if not watch.stopped:
        watch.stopped = "time was up"
    return watch, run


def _stop(ready: FillPlan, until: Number, volume: Number | None, level: Number | None) -> tuple[FillStop, float]:
    full = isinstance(until, str) and until == "full"
    planned = ready.turned_by or ready.casting.pour_time
    if full:
        end = _LONGEST if planned is None else _PATIENCE * planned
    else:
        try:
            end = quantity(until, "time", "until")
        except InputError as error:
            raise InputError(f'{error}, or "full"') from error
        if not end > 0.0:
            raise InputError(f'until = {end:g} s must be above 0 s, or "full"')
    if volume is not None and ready.lying is not None:
        raise InputError("volume ends a pour, but a tilt pour has its metal from the start; give the TiltPour its volume instead")
    litres = np.inf if volume is None else quantity(volume, "volume", "volume") / ready.casting.symmetry_factor
    if not litres > 0.0:
        raise InputError(f"volume = {litres:g} m3 must be above 0")
    height = np.inf if level is None else quantity(level, "length", "level")
    return FillStop(full, litres, height), end


def _times(record: Sequence[float], end: float) -> tuple[float, ...]:
    times = sorted(set(record))
    if times and not 0.0 < times[0] <= times[-1] <= end:
        raise InputError(f"record times must lie between 0 and {end:g} s; got {times[0]:g} to {times[-1]:g} s")
    return tuple(times)


def _run(
    ready: FillPlan, stop: FillStop, end: float, record: tuple[float, ...], progress: Callable[[FillProgress], None] | None,
    keeper: Keeper | None,
) -> tuple[FillWatch, FlowRun]:  # fmt: skip
    state = None
    if keeper is not None:
        keeper.identify(ready.grid, end, stop, str(record), *ready.identity())
        state = keeper.load()
    watch = FillWatch(ready, stop, progress if keeper is None else keeper.watching(progress), keeper, state, record)
    with nullcontext() if keeper is None else keeper.deferring_interrupts():
        run = ready.problem.run(ready.initial(), until=end, record=record, progress=watch, resume=state)
    if run.heat is not None:
        run.heat.finish(run.time, run.steps)
    if record:
        watch.keep_moment(run)
    if keeper is not None:
        keeper.finish()
    return watch, run


def filled_of(ready: FillPlan, watch: FillWatch, run: FlowRun) -> Filled:
    """Return the result of a finished filling."""
    return Filled(
        Frame.of(ready.grid), fields=fields_of(ready, watch, run), history=history_of(ready, watch, run),
        facts=filling_facts(ready, watch, run), moments=watch.moments, carried=carried_of(run),
        casting=ready.casting,
    )  # fmt: skip
