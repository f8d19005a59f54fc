"""A part looked at: one table, one picture; a part that is refused gets a picture of the place."""

from __future__ import annotations

import time
from pathlib import Path

import typer

from ..errors import GeometryError, ViewError
from ..feeding import inspect
from ..geometry import Part
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
    inspected = inspect(part, alloy, mould=mould, threads=threads)
    typer.echo(str(inspected))
    if _drawable():
        typer.echo(f"picture: {view.inspection(inspected).save(target)}")
    typer.echo(f"inspected in {time.monotonic() - began:.1f} s")


def _drawable() -> bool:
    try:
        require_pictures()
    except ViewError as error:
        typer.echo(f"no picture: {error}", err=True)
        return False
    return True
