"""Writing without half-written files: temporary neighbours, flushing, and disk troubles in one sentence."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import ResultsError

__all__ = ["disk_refusal", "make_folder", "replacing", "sweep", "sync_folder"]

_REASONS = {
    errno.ENOSPC: ("the disk is full", "free some space or write elsewhere"),
    errno.EDQUOT: ("the disk quota is used up", "free some space or write elsewhere"),
    errno.EFBIG: ("the file would be larger than allowed here", "write elsewhere"),
    errno.EROFS: ("the disk is read-only", "write elsewhere"),
    errno.EACCES: ("the folder may not be written", "write elsewhere or change its permissions"),
    errno.EPERM: ("the folder may not be written", "write elsewhere or change its permissions"),
    errno.ENOENT: ("its folder does not exist", "make the folder first"),
    errno.ENOTDIR: ("a part of its path is a file, not a folder", "choose another place"),
    errno.EISDIR: ("its path is a folder", "choose another name"),
}


def disk_refusal(error: OSError, what: str, *, size: int = 0, kept: bool = False) -> ResultsError:
    """Return an error of the operating system as one sentence: what, why, what to do.

    Parameters
    ----------
    error : OSError
    what : str
        What could not be written, for example "the checkpoint runs/valve.checkpoint".
    size : int
        Bytes that were to be written, 0 where unknown.
    kept : bool
        Whether an earlier version is still there.
    """
    number = error.errno
    if number is None:
        # HDF5 tells the number only in its text.
        found = re.search(r"errno = (\d+)", str(error))
        number = int(found.group(1)) if found else 0
    why, remedy = _REASONS.get(number, (error.strerror or str(error), "write elsewhere"))
    amount = f" ({size / 2**20:.3g} MiB)" if size else ""
    earlier = "; the earlier one is kept" if kept else ""
    return ResultsError(f"{what}{amount} cannot be written: {why}{earlier}; {remedy}")


def sync_folder(folder: Path) -> None:
    """Flush a folder's names to the disk, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(path: str | os.PathLike[str], what: str) -> Path:
    """Return a folder, made with its parents where missing."""
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise ResultsError(f"{what} needs a folder, but {folder} is a file; choose another name") from None
    except OSError as error:
        raise disk_refusal(error, f"{what} in {folder}") from error
    return folder


def sweep(folder: Path) -> None:
    """Remove what writers in a folder left behind when they were killed; those still running are left alone."""
    for leftover in folder.glob(".*.partial"):
        number = leftover.name.split(".")[-2]
        if number.isdigit() and not _alive(int(number)):
            leftover.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    if os.name != "posix":
        # Signal 0 would end a process on other systems; leave the file.
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def replacing(target: Path, what: str) -> Iterator[Path]:
    """Give a temporary neighbour of `target` to write; it takes the name of `target` only when complete."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        sweep(target.parent)
        yield partial
        handle = os.open(partial, os.O_RDWR)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(partial, target)
        sync_folder(target.parent)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise disk_refusal(error, what, kept=target.exists()) from error
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
