"""A run from the job card to its files: estimate, progress, summary, verdicts, pictures."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import typer

from ..casting.case import Case
from ..errors import ViewError
from ..results import Results
from ..simulation import FillProgress, Progress, simulate, solidify
from .estimate import estimate
from .folder import RunFolder
from .pictures import draw_pictures, require_pictures
from .telling import STOPPED, say_files, with_results_kept

__all__ = ["carry_out"]

# Seconds of work that a killed run may lose.
_CHECKPOINT_EVERY = 10.0


def carry_out(case: Case, folder: RunFolder, *, resume: bool = False) -> Results:
    """Run a prepared case in its folder and tell how it went."""
    typer.echo(case.casting.summary())
    layout = case.casting.layout(case.run.voxel)
    for warning in layout.warnings[len(case.casting.warnings) :]:
        typer.echo(f"warning: {warning}")
    needed = estimate(layout, case.run.voxel, records=len(case.run.record))
    needed.require_disk(folder.path)
    typer.echo(f"\n{needed}")
    if resume and not folder.unfinished:
        typer.echo("no checkpoint had been written; starting from the beginning")
    if case.machine is not None:
        from .cycled import carry_out_cycle

        return carry_out_cycle(case, folder, resume=resume)
    began = time.monotonic()
    result = _solved(case, folder, resume)
    typer.echo(f"solved in {time.monotonic() - began:.1f} s\n")
    result.save(folder.path)
    with with_results_kept(folder.path):
        from ..defects import verdicts

        judged = verdicts(result)
        typer.echo(result.summary())
        typer.echo()
        typer.echo(str(judged))
        typer.echo()
        say_files(_files(case, result, judged, folder.path), folder.path)
    return result


def _solved(case: Case, folder: RunFolder, resume: bool) -> Results:
    run = case.run
    with _shown_progress() as (progress, stopping):
        try:
            options: dict[str, Any] = {
                "voxel": run.voxel,
                "until": run.until,
                "record": run.record,
                "probes": run.probes,
                "dtype": run.dtype,
                "accuracy": run.accuracy,
                "theta": run.theta,
                "scheme": run.scheme,
                "shakeout_temperature": run.shakeout_temperature,
                "critical_fraction_solid": run.critical_fraction_solid,
                "feeding": run.feeding,
                "threads": run.threads,
                "progress": progress,
                "checkpoint": folder.checkpoint,
                "checkpoint_every": _CHECKPOINT_EVERY,
                "resume": resume,
            }
            if run.filling:
                inlet = list(case.inlets) or None
                options |= {"fill_voxel": run.fill_voxel, "air": run.air, "fill_record": run.fill_record}
                return simulate(case.casting, inlet=inlet, **options)
            return solidify(case.casting, **options)
        except KeyboardInterrupt:
            stopping.set()
    typer.echo(f"castsolve: stopped; go on with: castsolve resume {folder.path}", err=True)
    raise typer.Exit(STOPPED)


@contextmanager
def _shown_progress() -> Iterator[tuple[Any, threading.Event]]:
    """Show a bar with the time left and what limits the step; Ctrl-C stops between two steps, twice at once."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True, highlight=False)
    columns = (
        TextColumn("{task.percentage:>3.0f} %"),
        BarColumn(bar_width=24),
        TextColumn("{task.description}"),
        TextColumn("elapsed"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    stopping = threading.Event()
    said = _Milestones(sys.stderr) if not console.is_terminal else None
    with Bar(*columns, console=console, transient=True, disable=said is not None) as bar:
        task = bar.add_task("starting", total=1.0)

        def progress(state: FillProgress | Progress) -> None:
            if stopping.is_set():
                raise KeyboardInterrupt
            filling = isinstance(state, FillProgress)
            text = f"{'filling, ' if filling else ''}t = {state.time:.4g} s, step {state.steps}, limited by {state.ruling}"
            if said is not None:
                said.tell(state.share, text, "filling" if filling else "freezing")
            bar.update(task, completed=state.share, description=text)

        with _gentle_stop(stopping):
            yield progress, stopping


class _Milestones:
    """Progress in a log file: one line every tenth of the way."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._next = 0.1
        self._began = time.monotonic()
        self._part = ""

    def tell(self, share: float, text: str, part: str) -> None:
        """Write a line when the next tenth of a part of the run is reached."""
        if part != self._part:
            self._part, self._next, self._began = part, 0.1, time.monotonic()
        if share < self._next:
            return
        while self._next <= share:
            self._next += 0.1
        spent = time.monotonic() - self._began
        left = spent * (1.0 - share) / share
        typer.echo(f"{100 * share:3.0f} %  {text}, about {left:.0f} s left", file=self._stream)


@contextmanager
def _gentle_stop(stopping: threading.Event) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        if stopping.is_set():
            raise KeyboardInterrupt
        stopping.set()

    earlier = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, earlier)


def _files(case: Case, result: Results, judged: Any, folder: Path) -> list[Path]:
    """Write what is looked at outside of castsolve; return what lies in the folder."""
    from ..defects import hot_spots

    files = sorted(folder.glob("facts.json")) + sorted(folder.glob("fields-*.h5"))
    place = folder / "verdicts.csv"
    place.write_text(judged.to_csv(), encoding="utf-8")
    files.append(place)
    if "solidification_time" in result:
        last = folder / "last-to-freeze.csv"
        last.write_text(hot_spots(result).to_csv(), encoding="utf-8")
        files.append(last)
    files += result.to_csv(folder)
    files += list(result.to_vtk(folder / "vtk").values())
    try:
        require_pictures()
        files += draw_pictures(result, folder / "pictures", judged=judged)
    except ViewError as error:
        typer.echo(f"no pictures: {error}", err=True)
    return files
