"""How the command speaks: results on stdout; one clear sentence on stderr where something is refused."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from ..errors import CastsolveError

__all__ = ["REFUSED", "STOPPED", "say_files", "told", "with_results_kept"]

REFUSED = 2
STOPPED = 130


@contextmanager
def told(*, debug: bool) -> Iterator[None]:
    """Turn errors into one sentence on stderr and an exit code; with `debug` the traceback is shown as well."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)
        raise typer.Exit(STOPPED) from None
    except CastsolveError as error:
        _refuse(str(error), debug)
    except MemoryError:
        _refuse("the memory does not suffice; use a larger voxel", debug)
    except BrokenPipeError:
        # The reader of a pipe has gone; nothing is left to be said.
        sys.stderr.close()
        raise typer.Exit(1) from None
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        remedy = "; free some space or write elsewhere" if error.errno == errno.ENOSPC else ""
        _refuse(f"{error.strerror or error}{place}{remedy}", debug)


@contextmanager
def with_results_kept(folder: Path) -> Iterator[None]:
    """Say, when Ctrl-C ends the judging and drawing of a run that is already saved, that nothing is lost."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(f"castsolve: stopped; the run itself has ended and is saved; see it with: castsolve view {folder}", err=True)
        raise typer.Exit(STOPPED) from None


def _refuse(text: str, debug: bool) -> None:
    if debug:
        import traceback

        traceback.print_exc()
    typer.echo(f"castsolve: {text}", err=True)
    raise typer.Exit(REFUSED)


def say_files(files: Sequence[Path], folder: Path) -> None:
    """Tell which files were written in a folder."""
    typer.echo(f"written to {folder}:")
    for file in files:
        name = file.relative_to(folder) if file.is_relative_to(folder) else file
        typer.echo(f"  {name}  ({_size(_bytes(file))})")


def _bytes(file: Path) -> int:
    return (
        sum(each.stat().st_size for each in file.rglob("*") if each.is_file()) if file.is_dir() else file.stat().st_size
    )


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} GB"
