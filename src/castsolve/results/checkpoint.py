"""Checkpoints: arrays and a small state in one file that is either complete or not there.

The file is written beside its place, flushed to the disk and only then given its name, so a process killed at any
moment (also during a write) leaves the checkpoint before it. Layout: a head, the arrays as they lie in memory, a
table of contents with a checksum an array, and a tail that says where the table starts.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Mapping
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ResultsError
from .files import disk_refusal, sync_folder

__all__ = ["read_checkpoint", "write_checkpoint"]

_HEAD = b"castsolve checkpoint 1\n".ljust(32, b"\0")
_TAIL = struct.Struct("<QQI12s")
_END = b"end of file\n"
# Checksums and writes go in pieces, so that no second copy of an array is made.
_PIECE = 1 << 24


def write_checkpoint(
    path: str | os.PathLike[str], arrays: Mapping[str, NDArray[Any]], state: Mapping[str, Any]
) -> None:
    """Write arrays and a state so that `path` holds the old checkpoint or the whole new one, never a part.

    Parameters
    ----------
    path : path
        The file. A fixed neighbour ``<name>.partial`` is used while writing: one writer a path.
    arrays : mapping of str to ndarray
        Numbers only; kept to the bit, with their dtype and shape.
    state : mapping
        Anything JSON can hold; floats keep every bit.

    Raises
    ------
    ResultsError
        If the state cannot be written as JSON, or the disk is full or read-only.
    """
    target = Path(path)
    partial = target.with_name(target.name + ".partial")
    try:
        settled = json.dumps(dict(state), default=_plain_number)
    except (TypeError, ValueError) as error:
        raise ResultsError(f"the state of the checkpoint {target} cannot be written as JSON: {error}") from None
    size = sum(np.asarray(a).nbytes for a in arrays.values())
    try:
        with open(partial, "wb", buffering=0) as file:
            _write_all(file, arrays, settled)
            os.fsync(file.fileno())
        os.replace(partial, target)
        sync_folder(target.parent)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise disk_refusal(error, f"the checkpoint {target}", size=size, kept=target.exists()) from error


def _write_all(file: FileIO, arrays: Mapping[str, NDArray[Any]], state: str) -> None:
    _write(file, _HEAD)
    offset = len(_HEAD)
    table = []
    for name, given in arrays.items():
        array = np.asarray(given)
        if array.dtype.kind not in "fiubc":
            raise ResultsError(f'the array "{name}" of a checkpoint holds {array.dtype}; only numbers can be kept')
        array = np.require(array, requirements="C")
        flat = array.reshape(-1).view(np.uint8) if array.size else np.empty(0, np.uint8)
        checksum = 0
        for start in range(0, flat.size, _PIECE):
            piece = flat[start : start + _PIECE].data
            checksum = zlib.crc32(piece, checksum)
            _write(file, piece)
        table.append(
            {"name": str(name), "dtype": array.dtype.str, "shape": array.shape, "offset": offset, "crc32": checksum}
        )
        offset += flat.size
    contents = json.dumps({"arrays": table, "state": state}).encode()
    _write(file, contents)
    _write(file, _TAIL.pack(offset, len(contents), zlib.crc32(contents), _END))


def _write(file: FileIO, data: bytes | memoryview) -> None:
    # An unbuffered write may take only a part: nearly full disks do that before they refuse.
    view = memoryview(data)
    while view.nbytes:
        view = view[file.write(view) :]


def _plain_number(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} is neither number, text, list nor mapping; arrays go into arrays=")


def read_checkpoint(path: str | os.PathLike[str]) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return the arrays and the state of a checkpoint, to the bit as they were written.

    Raises
    ------
    ResultsError
        If there is no checkpoint, it is not one of castsolve, or it is damaged.
    """
    source = Path(path)
    try:
        with open(source, "rb", buffering=0) as file:
            return _read_all(file, source)
    except FileNotFoundError:
        raise ResultsError(f"there is no checkpoint {source}; start the run from the beginning") from None
    except OSError as error:
        raise ResultsError(f"the checkpoint {source} cannot be read: {error.strerror or error}") from None


def _read_all(file: FileIO, source: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    damaged = ResultsError(f"the checkpoint {source} is damaged or cut short; start the run from the beginning")
    head = file.read(len(_HEAD))
    if head != _HEAD:
        if head.startswith(_HEAD[:20]):
            raise ResultsError(f"the checkpoint {source} was written by another version of castsolve; run it there")
        raise damaged if _HEAD.startswith(head) else ResultsError(f"{source} is no checkpoint of castsolve")
    size = os.fstat(file.fileno()).st_size
    if size < len(_HEAD) + _TAIL.size:
        raise damaged
    file.seek(size - _TAIL.size)
    start, length, checksum, end = _TAIL.unpack(file.read(_TAIL.size))
    if end != _END or start + length + _TAIL.size != size:
        raise damaged
    file.seek(start)
    contents = file.read(length)
    if zlib.crc32(contents) != checksum:
        raise damaged
    table = json.loads(contents)
    arrays = {}
    for row in table["arrays"]:
        array = np.empty(row["shape"], dtype=np.dtype(row["dtype"]))
        flat = array.reshape(-1).view(np.uint8) if array.size else np.empty(0, np.uint8)
        file.seek(row["offset"])
        found = 0
        for begin in range(0, flat.size, _PIECE):
            piece = flat[begin : begin + _PIECE].data
            if file.readinto(piece) != piece.nbytes:
                raise damaged
            found = zlib.crc32(piece, found)
        if found != row["crc32"]:
            raise damaged
        arrays[row["name"]] = array
    return arrays, json.loads(table["state"])
