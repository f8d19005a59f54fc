"""A die from the job card to its files: shots, cycle report, verdicts, production sheet, pictures of the die."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import typer

from ..casting.case import Case
from ..defects import Verdicts, verdicts
from ..errors import ViewError
from ..results import Results
from ..simulation import CycleResults, Shot, run_cycles
from ..study import Plant, Sheet, production_sheet
from .folder import RunFolder
from .pictures import require_pictures
from .telling import STOPPED, say_files, with_results_kept

__all__ = ["carry_out_cycle"]


def carry_out_cycle(case: Case, folder: RunFolder, *, resume: bool) -> Results:
    """Cycle the die of a prepared case in its folder and tell how it went."""
    plant = Plant(**case.plant)
    began = time.monotonic()
    cycle = _cycled(case, folder, resume)
    typer.echo(f"solved in {time.monotonic() - began:.1f} s\n")
    cycle.save(folder.path)
    with with_results_kept(folder.path):
        judged, sheet = verdicts(cycle), production_sheet(cycle, plant)
        for text in (cycle.summary(), judged, sheet):
            typer.echo(f"{text}\n")
        say_files(_files(cycle, judged, sheet, folder.path), folder.path)
    return cycle.result


def _cycled(case: Case, folder: RunFolder, resume: bool) -> CycleResults:
    def progress(number: int, shot: Shot) -> None:
        change = f"changes by {shot.change:.3g} K, about {shot.distance:.3g} K from steady"
        typer.echo(f"shot {number}: {shot.duration:.1f} s, the die {change}", err=True)

    assert case.machine is not None
    run = case.run
    try:
        return run_cycles(
            case.casting, case.machine, voxel=run.voxel, shots=run.shots, channels=case.channels,  # type: ignore[arg-type]
            tolerance=run.tolerance, dtype=run.dtype, theta=0.1 if run.theta is None else run.theta, threads=run.threads,
            progress=progress,
            checkpoint=folder.checkpoint, resume=resume, filling="flow" if run.filling is True else run.filling or None,
            inlet=list(case.inlets) or None,
        )  # fmt: skip
    except KeyboardInterrupt:
        typer.echo(f"castsolve: stopped; go on after the last shot with: castsolve resume {folder.path}", err=True)
        raise typer.Exit(STOPPED) from None


def _files(cycle: CycleResults, judged: Verdicts, sheet: Sheet, folder: Path) -> list[Path]:
    """Write what is looked at outside of castsolve; return what lies in the folder."""
    texts = {
        "cycle.txt": cycle.summary() + "\n", "verdicts.csv": judged.to_csv(), "verdicts.json": judged.to_json(),
        "production.csv": sheet.to_csv(), "production.json": sheet.to_json(),
    }  # fmt: skip
    files = [*sorted(folder.glob("facts.json")), *sorted(folder.glob("fields-*.h5"))]
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        files.append(folder / name)
    files += cycle.result.to_csv(folder)
    files += list(cycle.result.to_vtk(folder / "vtk").values())
    try:
        require_pictures()
        files += _pictures(cycle.result, folder / "pictures")
    except ViewError as error:
        typer.echo(f"no pictures: {error}", err=True)
    return files


def _across(result: Results) -> str:
    """Return the axis across which a section shows most of the die over the thinnest way through the casting."""
    places = np.argwhere(result.metal)
    reach = [float(np.ptp(result.frame.centres(a)[places[:, a]])) for a in range(3)]
    thin = int(np.argmin(reach))
    return "xyz"[max((a for a in range(3) if a != thin), key=lambda a: reach[a])]


def _pictures(result: Results, folder: Path) -> list[Path]:
    from .. import view

    drawn = {
        "die-at-ejection": view.section(result, "temperature_at_ejection", _across(result)),
        "solidification-time": view.section(result, "solidification_time"),
        "die-face-peak-above": view.cavity(result, "die_surface_peak"),
        "die-face-peak-below": view.cavity(result, "die_surface_peak", below=True),
        "die-face-before-pour": view.cavity(result, "die_surface_before_pour"),
    }
    return [picture.save(folder / f"{name}.png") for name, picture in drawn.items()]
