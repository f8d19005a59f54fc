"""PLY files, ASCII and binary: bytes in, points and faces out, whatever else the file says of them (colours, normals, quality)."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["read_ply"]

Array = NDArray[Any]
# A column holds one number a row, or a list a row: an array where all lists are of one length, else a Python list.
Column = Array | list[Any]

_KINDS = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2", "ushort": "u2", "uint16": "u2",
    "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4", "float": "f4", "float32": "f4", "double": "f8", "float64": "f8",
}  # fmt: skip
_CODES = {"i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "f4": "f", "f8": "d"}
_ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
# Both names of the list of corners are in use.
_CORNERS = ("vertex_indices", "vertex_index")
_SHORT = "the file is cut short"


@dataclass(slots=True)
class _Property:
    name: str
    kind: str
    length: str | None = None


@dataclass(slots=True)
class _Element:
    name: str
    rows: int
    properties: list[_Property] = field(default_factory=list)


def read_ply(data: bytes) -> tuple[NDArray[np.float64], list[NDArray[np.int64]]]:
    """Return the points of a PLY file, and its faces by their number of corners.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    points : ndarray, shape (n, 3)
    faces : list of ndarray of int, shape (m, k)
        One array for each number of corners k from 3 on.

    Raises
    ------
    ValueError
        In a few words, if the file is not PLY, cut short, or its faces are no lists of whole numbers.
    """
    order, elements, body = _head(data)
    reader = _AsciiRows(body) if order == "" else _BinaryRows(body, order)
    points, faces = np.zeros((0, 3)), []
    for element in elements:
        columns = reader.columns(element)
        if element.name == "vertex":
            if not all(axis in columns for axis in "xyz"):
                raise ValueError("its points have no x, y, z")
            points = np.stack([np.asarray(columns[axis], dtype=np.float64) for axis in "xyz"], axis=1)
        elif element.name == "face":
            corners = next((columns[name] for name in _CORNERS if name in columns), None)
            faces = [] if corners is None else _by_count(corners)
    return points, faces


def _head(data: bytes) -> tuple[str, list[_Element], bytes]:
    """Return the order of bytes ("" for ASCII), the elements, and what follows the header."""
    end = re.search(rb"\nend_header[ \t]*\r?\n", data)
    if end is None:
        raise ValueError("the header has no end")
    first, *lines = data[: end.start()].decode("ascii", "replace").splitlines()
    if first.strip() != "ply":
        raise ValueError("the first word is not ply")
    order, elements = None, list[_Element]()
    for line in lines:
        match line.split():
            case ["format", word, _] if word in _ORDERS:
                order = _ORDERS[word]
            case ["element", name, rows] if rows.isdigit():
                if int(rows) > len(data):
                    raise ValueError("the header announces more than the file holds")
                elements.append(_Element(name, int(rows)))
            case ["property", "list", length, kind, name] if elements and length in _KINDS and kind in _KINDS:
                elements[-1].properties.append(_Property(name, _KINDS[kind], _KINDS[length]))
            case ["property", kind, name] if elements and kind in _KINDS:
                elements[-1].properties.append(_Property(name, _KINDS[kind]))
            case [] | ["comment" | "obj_info", *_]:
                pass
            case _:
                raise ValueError(f'the line "{line[:60]}" of its header is not understood')
    if order is None:
        raise ValueError("the header names no format")
    return order, elements, data[end.end() :]


def _by_count(corners: Column) -> list[NDArray[np.int64]]:
    """Return the lists of corners as one array for each length from 3 on."""
    lists = [corners] if isinstance(corners, np.ndarray) else _grouped(corners)
    if any(found.ndim != 2 or found.dtype.kind not in "iu" for found in lists):
        raise ValueError("its faces are no lists of whole numbers")
    return [found.astype(np.int64) for found in lists if found.shape[1] >= 3 and len(found)]


def _grouped(lists: list[Any]) -> list[Array]:
    lengths = np.array([len(one) for one in lists], dtype=np.int64)
    return [np.array([lists[n] for n in np.flatnonzero(lengths == k)]) for k in np.unique(lengths)]


class _BinaryRows:
    """Reads elements one after another from bytes."""

    def __init__(self, body: bytes, order: str) -> None:
        self._body, self._order, self._at = body, order, 0

    def columns(self, element: _Element) -> dict[str, Column]:
        if not element.rows or not element.properties:
            return {p.name: np.zeros(0) for p in element.properties}
        lengths = self._lengths_of_the_first(element)
        row = np.dtype([entry for n, p in enumerate(element.properties) for entry in self._entries(n, p, lengths)])
        if self._at + element.rows * row.itemsize <= len(self._body):
            table = np.frombuffer(self._body, row, element.rows, self._at)
            if all((table[f"length {n}"] == k).all() for n, k in lengths.items()):
                self._at += element.rows * row.itemsize
                return {p.name: table[f"value {n}"] for n, p in enumerate(element.properties)}
        if not lengths:
            raise ValueError(_SHORT)
        return self._one_by_one(element)

    def _entries(self, n: int, p: _Property, lengths: dict[int, int]) -> list[tuple[Any, ...]]:
        kind = self._order + p.kind
        if p.length is None:
            return [(f"value {n}", kind)]
        return [(f"length {n}", self._order + p.length), (f"value {n}", kind, (lengths[n],))]

    def _lengths_of_the_first(self, element: _Element) -> dict[int, int]:
        """Return how long each list of the first row is, by the number of its property."""
        at, found = self._at, dict[int, int]()
        for n, p in enumerate(element.properties):
            count, at = self._length(p, at)
            if p.length is not None:
                found[n] = count
            at += count * np.dtype(p.kind).itemsize
        return found

    def _length(self, p: _Property, at: int) -> tuple[int, int]:
        """Return how many numbers a property has at a place, and where they begin."""
        if p.length is None:
            return 1, at
        try:
            (count,) = struct.unpack_from(self._order + _CODES[p.length], self._body, at)
        except struct.error:
            raise ValueError(_SHORT) from None
        if not 0 <= count <= len(self._body):
            raise ValueError("a list announces more than the file holds")
        return int(count), at + np.dtype(p.length).itemsize

    def _one_by_one(self, element: _Element) -> dict[str, Column]:
        """Read rows whose lists differ in length."""
        found: dict[str, list[Any]] = {p.name: [] for p in element.properties}
        at = self._at
        for _ in range(element.rows):
            for p in element.properties:
                count, at = self._length(p, at)
                try:
                    values = struct.unpack_from(f"{self._order}{count}{_CODES[p.kind]}", self._body, at)
                except struct.error:
                    raise ValueError(_SHORT) from None
                found[p.name].append(values[0] if p.length is None else values)
                at += count * np.dtype(p.kind).itemsize
        self._at = at
        return dict(found)


class _AsciiRows:
    """Reads elements one after another from words."""

    def __init__(self, body: bytes) -> None:
        self._words, self._at = body.split(), 0

    def columns(self, element: _Element) -> dict[str, Column]:
        if all(p.length is None for p in element.properties):
            width = len(element.properties)
            words = self._take(element.rows * width)
            table = np.array(words, dtype=np.bytes_).astype(np.float64).reshape(element.rows, width)
            return {p.name: table[:, n] for n, p in enumerate(element.properties)}
        found: dict[str, list[Any]] = {p.name: [] for p in element.properties}
        for _ in range(element.rows):
            for p in element.properties:
                if p.length is None:
                    found[p.name].append(float(self._take(1)[0]))
                    continue
                count = int(self._take(1)[0])
                if count < 0:
                    raise ValueError("a list announces less than nothing")
                number = float if p.kind.startswith("f") else int
                found[p.name].append([number(word) for word in self._take(count)])
        return dict(found)

    def _take(self, count: int) -> list[bytes]:
        words = self._words[self._at : self._at + count]
        if len(words) < count:
            raise ValueError(_SHORT)
        self._at += count
        return words
