"""A part looked at: one table, one picture; a part that is refused gets a picture of the place."""

from __future__ import annotations

import time
from pathlib import Path

import typer

from ..errors import GeometryError, ViewError
from ..feeding import inspect
from ..geometry import Part, states_unit
from .pictures import require_pictures

__all__ = ["inspect_file"]


def inspect_file(
    file: Path,
    *,
    alloy: str,
    mould: str,
    unit: str | None,
    body: str | None,
    output: Path | None,
    repair: bool,
    threads: int | None,
) -> None:
    """Read a part, look at it, print the table and save the picture."""
    from .. import view

    began = time.monotonic()
    target = output if output is not None else Path(f"{file.stem}-inspect.png")
    target = target if target.suffix else target.with_suffix(".png")
    try:
        part = Part.read(file, unit=unit, body=body, repair=repair)
    except GeometryError as error:
        if error.faults is not None and _drawable():
            place = view.faults(error.faults, title=f"Where {file.name} leaks").save(target.with_name(f"{file.stem}-faults.png"))
            typer.echo(f"picture of the place: {place}", err=True)
        raise
    _tell_size(file, part)
    inspected = inspect(part, alloy, mould=mould, threads=threads)
    typer.echo(str(inspected))
    if _drawable():
        typer.echo(f"picture: {view.inspection(inspected).save(target)}")
    typer.echo(f"inspected in {time.monotonic() - began:.1f} s")


def _tell_size(file: Path, part: Part) -> None:
    """Say what was read before anything is solved: a wrong unit shows at once."""
    size = " x ".join(f"{edge * 1e3:.4g}" for edge in part.size)
    unit = "the unit that it states" if states_unit(file) else part.unit
    typer.echo(f"{file.name}, read in {unit}: {size} mm")
    for text in part.warnings:
        typer.echo(f"warning: {text}", err=True)


def _drawable() -> bool:
    try:
        require_pictures()
    except ViewError as error:
        typer.echo(f"no picture: {error}", err=True)
        return False
    return True
