"""The whole job: filling, then freezing and cooling from the filled state."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..results import Results
from ..units import Number
from .accuracy import steps_for
from .fill import fill
from .fill_watch import FillProgress
from .handover import carried_moments
from .heat_run import Progress
from .solidify import record_times, solidify
from .thermocouples import Probes

if TYPE_CHECKING:
    from ..casting import Casting, Inlet

__all__ = ["simulate"]


def simulate(
    casting: Casting, *, voxel: Number, fill_voxel: Number | None = None, inlet: Inlet | Sequence[Inlet] | None = None,
    air: bool = False, fill_record: Sequence[Number] = (), until: Number = "solid",
    record: Sequence[Number] = (), probes: Probes | None = None,
    dtype: str = "float32", accuracy: str = "usual", theta: float | None = None, scheme: str | None = None,
    mould_correction: bool = True,
    shakeout_temperature: Number | None = None, critical_fraction_solid: float | None = None, feeding: bool = False,
    threads: int | None = None, progress: Callable[[FillProgress | Progress], None] | None = None,
    checkpoint: str | Path | None = None, resume: bool = False, checkpoint_every: float = 30.0,
) -> Results:  # fmt: skip
    """Fill a casting, then let it freeze and cool from the state that the filling left.

    Parameters
    ----------
    casting : Casting
    voxel : length
        Edge of a voxel over the casting and its rigging.
    fill_voxel : length, optional
        Edge of a voxel of the filling, where it is another: between the two sizes each region's heat is kept, and the records of
        the filling are those of the voxel at each centre. Default: `voxel`.
    inlet : Inlet or sequence of Inlet, optional
        As in `fill`.
    air : bool
        As in `fill`.
    fill_record : sequence of times
        When to keep the filling, as `record` of `fill`: the result's `moments`, whose times count from the start of the pour.
    checkpoint : path, optional
        File of the run's checkpoints; the filled state is kept beside it (with ``-filled`` after its name) until the run is done.
    accuracy : {"usual", "quick"}
        Of both: as in `fill` and as in `solidify`.
    until, record, probes, dtype, theta, scheme, mould_correction, shakeout_temperature, critical_fraction_solid, feeding, threads
        As in `solidify`; times count from the end of the pour.
    progress, resume, checkpoint_every
        As in `fill` and `solidify`.

    Returns
    -------
    Results
        Of the solidification, with the records and facts of the filling.
    """
    kept: dict[str, Any] = {"resume": resume, "checkpoint_every": checkpoint_every, "threads": threads, "progress": progress}
    record_times(record)  # before the filling, which may take long
    steps_for(accuracy, scheme, theta)
    file = None if checkpoint is None else Path(checkpoint)
    edge = voxel if fill_voxel is None else fill_voxel
    pour: dict[str, Any] = {"voxel": edge, "inlet": inlet, "air": air, "record": fill_record, "accuracy": accuracy}
    filled = _filled(casting, file, pour | kept)
    result = solidify(
        casting, filled=filled, voxel=voxel, until=until, record=record, probes=probes, dtype=dtype,
        accuracy=accuracy, theta=theta, scheme=scheme,
        mould_correction=mould_correction, shakeout_temperature=shakeout_temperature,
        critical_fraction_solid=critical_fraction_solid, feeding=feeding, checkpoint=file, **kept,
    )  # fmt: skip
    if filled.moments:
        result = replace(result, moments=carried_moments(filled, result))
    if file is not None:
        _forget(_folder_of(file))
    return result


def _folder_of(checkpoint: Path) -> Path:
    return checkpoint.with_name(checkpoint.name + "-filled")


def _filled(casting: Casting, file: Path | None, options: Mapping[str, Any]) -> Results:
    """The filling: the one that an interrupted run had finished, else a new one or the rest of it."""
    from ..results import load

    if file is None:
        return fill(casting, **options)
    folder = _folder_of(file)
    if options["resume"] and (folder / "facts.json").exists():
        return load(folder)
    filled = fill(casting, checkpoint=file.with_name(file.name + "-filling"), **options)
    filled.save(folder)
    return filled


def _forget(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
