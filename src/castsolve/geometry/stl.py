"""STL files, binary and ASCII: bytes in, triangles out, and back.

STL stores every triangle with corners of its own. Corners that agree to the last bit are one point; no
tolerance is used, so that reading never moves or closes anything in silence.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import GeometryError
from .surface import Surface

__all__ = ["merge_points", "read_stl", "write_stl"]

_RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_HEAD = 84
_VERTEX = re.compile(rb"^[ \t]*vertex[ \t]+(\S+)[ \t]+(\S+)[ \t]+(\S+)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_FACET = re.compile(rb"^[ \t]*facet\b", re.IGNORECASE | re.MULTILINE)
_FACET_END = re.compile(rb"^[ \t]*end[ \t]*facet\b", re.IGNORECASE | re.MULTILINE)
_LOOP = re.compile(rb"^[ \t]*outer[ \t]+loop\b", re.IGNORECASE | re.MULTILINE)


def read_stl(data: bytes, name: str) -> tuple[NDArray[np.float64], NDArray[np.int32], list[str]]:
    """Return points (in the unit of the file), triangles and notes of an STL file.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        Name of the file; it opens every refusal.

    Raises
    ------
    GeometryError
        If the file is empty, cut short, not STL, or holds numbers that are not finite.
    """
    if not data:
        raise GeometryError(f"{name}: the file is empty; export the part again")
    notes: list[str] = []
    declared = int.from_bytes(data[80:84], "little") if len(data) >= _HEAD else -1
    size = _HEAD + 50 * declared
    if len(data) != size and _looks_ascii(data):
        corners: NDArray[Any] = _read_ascii(data, name)
    else:
        corners = _read_binary(data, name, declared)
        if len(data) > size:
            notes.append(f"{len(data) - size} bytes after the last triangle were left out")
    bad = np.flatnonzero(~np.isfinite(corners).all(axis=(1, 2)))
    if len(bad):
        raise GeometryError(
            f"{name}: {len(bad)} of {len(corners)} triangles have a corner that is not finite "
            f"(first is triangle {bad[0]}); the file is damaged, export the part again"
        )
    points, index = merge_points(corners.reshape(-1, 3))
    return points.astype(np.float64), index.reshape(-1, 3).astype(np.int32), notes


def _looks_ascii(data: bytes) -> bool:
    head = data[:2048].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head[:5].lower() == b"solid" and b"\0" not in head


def _read_binary(data: bytes, name: str, declared: int) -> NDArray[np.float32]:
    if declared < 0:
        raise GeometryError(
            f"{name}: {len(data)} bytes are too few for an STL file (at least {_HEAD}); export the part again"
        )
    whole = (len(data) - _HEAD) // 50
    if whole < declared:
        raise GeometryError(
            f"{name}: the file announces {declared} triangles but holds {whole}; it is cut short or is no STL file, "
            "copy or export it again"
        )
    if declared == 0:
        raise GeometryError(f"{name}: the file holds no triangles; export the part again")
    # A copy: the corners of a packed record are not aligned.
    return np.ascontiguousarray(np.frombuffer(data, _RECORD, count=declared, offset=_HEAD)["corners"])


def _read_ascii(data: bytes, name: str) -> NDArray[np.float64]:
    words = _VERTEX.findall(data)
    facets = len(_FACET.findall(data))
    loops = len(_LOOP.findall(data))
    ends = len(_FACET_END.findall(data))
    if not facets and not words:
        raise GeometryError(f"{name}: the file holds no triangles; export the part again")
    if facets != ends or loops != facets:
        raise GeometryError(
            f"{name}: {facets} facets are begun and {ends} are ended; the file is cut short, copy or export it again"
        )
    if len(words) != 3 * facets:
        raise GeometryError(
            f"{name}: {facets} facets have {len(words)} readable corners instead of {3 * facets}; "
            "the file is damaged or not made of triangles, export the part again"
        )
    try:
        flat = np.array([w for row in words for w in row], dtype=np.bytes_).astype(np.float64)
    except ValueError:
        raise GeometryError(
            f"{name}: a corner is not made of three numbers; the file is damaged, export it again"
        ) from None
    return flat.reshape(-1, 3, 3)


def merge_points(points: NDArray[np.floating]) -> tuple[NDArray[np.floating], NDArray[np.intp]]:
    """Return the different rows of points, in order of first appearance, and for each row its number among them.

    Rows are the same if they agree to the last bit; 0 and -0 agree.
    """
    # Adding 0 turns -0 into 0.
    rows = np.ascontiguousarray(points) + points.dtype.type(0)
    word = np.uint32 if rows.dtype == np.float32 else np.uint64
    bits = rows.view(word).astype(np.uint64)
    # One odd factor a column, then a shift that carries the high half down: equal rows give equal keys.
    key = bits[:, 0] * np.uint64(0x9E3779B97F4A7C15)
    key = (key ^ key >> np.uint64(29)) + bits[:, 1] * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ key >> np.uint64(31)) + bits[:, 2] * np.uint64(0x94D049BB133111EB)
    first, index = _groups(key)
    if not np.array_equal(rows[first][index], rows):
        # Two different rows met in one key: sort the rows themselves.
        whole = rows.view(np.dtype((np.void, rows.dtype.itemsize * 3))).ravel()
        _, key = np.unique(whole, return_inverse=True)
        first, index = _groups(key.astype(np.uint64))
    return rows[first], index


def _groups(key: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the first member of every group of equal keys, and the group of every member, by first appearance."""
    order = np.argsort(key, kind="stable")
    ranked = key[order]
    opens = np.ones(len(key), dtype=bool)
    opens[1:] = ranked[1:] != ranked[:-1]
    first = order[opens]
    by_appearance = np.argsort(first)
    place = np.empty_like(by_appearance)
    place[by_appearance] = np.arange(len(first))
    index = np.empty_like(order)
    index[order] = place[np.cumsum(opens) - 1]
    return first[by_appearance], index


def write_stl(surface: Surface, path: str | os.PathLike[str], *, factor: float = 1.0, title: str = "castsolve") -> None:
    """Write a surface as binary STL, whole or not at all.

    Parameters
    ----------
    surface : Surface
    path : path-like
    factor : float
        What a metre becomes in the file: 1000 writes millimetres.
    title : str
        First bytes of the file, at most 80.
    """
    target = Path(path)
    corners = (surface.corners * factor).astype(np.float32)
    records = np.zeros(len(corners), dtype=_RECORD)
    records["corners"] = corners
    vectors = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]).astype(np.float64)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    records["normal"] = vectors / np.where(length > 0.0, length, 1.0)
    # A binary file must not begin with "solid", the mark of the text form.
    head = title.encode("ascii", "replace")[:80]
    head = (b"binary " + head)[:80] if head.lower().startswith(b"solid") else head
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(head.ljust(80) + len(records).to_bytes(4, "little"))
            file.write(records.tobytes())
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise GeometryError(f"{target} cannot be written: {error.strerror or error}; choose another folder") from None
