"""VTK files for ParaView and its kin, written without VTK: XML with zlib-compressed raw data behind it.

Values and places are in SI, names as in the field table, so a reader gets bit for bit what the result holds. A text
array ``units`` in the field data says the unit of every array.
"""

from __future__ import annotations

import os
import struct
import sys
import zlib
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray

from .fields import FIELDS
from .files import make_folder, replacing
from .frame import Frame
from .results import Results
from .series import recorded

__all__ = ["to_vtk", "write_vti", "write_vtr"]

_TYPES = {
    "f4": "Float32",
    "f8": "Float64",
    "i1": "Int8",
    "u1": "UInt8",
    "i2": "Int16",
    "u2": "UInt16",
    "i4": "Int32",
    "u4": "UInt32",
    "i8": "Int64",
    "u8": "UInt64",
}
_BLOCK = 1 << 20
_PLACEHOLDER = b"0" * 20


def to_vtk(result: Results, folder: str | os.PathLike[str], *, fields: Iterable[str] | None = None) -> dict[str, Path]:
    """Write a result for ParaView.

    Parameters
    ----------
    result : Results
    folder : path
        Made where missing.
    fields : iterable of str, optional
        Default: all fields.

    Returns
    -------
    dict of str to Path
        "window": ``window.vti``, the uniform block of voxels round the casting; "whole": ``whole.vtr``, the whole
        graded grid; and, where times were recorded, "series": ``temperature.pvd`` of a solidification, ``filling.pvd``
        of a filling, or ``recorded.pvd`` of both, which lists one ``.vti`` of the window a recorded time.
    """
    place = make_folder(folder, "VTK files")
    names = list(result) if fields is None else list(fields)
    arrays = {n: result[n] for n in names}
    units = {n: result.info(n).unit for n in names}
    slices = result.frame.window()
    inner = result.frame.crop(slices)
    written = {
        "window": write_vti(place / "window.vti", inner, {n: a[slices] for n, a in arrays.items()}, units),
        "whole": write_vtr(place / "whole.vtr", result.frame, arrays, units),
    }
    series = recorded(result)
    if series:
        inside = {time: {n: a[slices] for n, a in held.items()} for time, held in series.items()}
        stem = "temperature" if not result.moments else "recorded" if result.snapshots else "filling"
        written["series"] = _write_series(place, stem, inner, inside)
    return written


def write_vti(path: Path, frame: Frame, arrays: Mapping[str, NDArray[Any]], units: Mapping[str, str]) -> Path:
    """Write voxel arrays of a uniform frame as one VTK image file."""
    origin = " ".join(repr(float(n[0])) for n in frame.nodes)
    spacing = " ".join(repr(float((n[-1] - n[0]) / (n.size - 1))) for n in frame.nodes)
    extent = " ".join(f"0 {n}" for n in frame.shape)
    head = f'<ImageData WholeExtent="{extent}" Origin="{origin}" Spacing="{spacing}">'
    return _write(path, "ImageData", head, extent, (), arrays, units)


def write_vtr(path: Path, frame: Frame, arrays: Mapping[str, NDArray[Any]], units: Mapping[str, str]) -> Path:
    """Write voxel arrays of any frame as one VTK rectilinear grid file."""
    extent = " ".join(f"0 {n}" for n in frame.shape)
    head = f'<RectilinearGrid WholeExtent="{extent}">'
    return _write(path, "RectilinearGrid", head, extent, frame.nodes, arrays, units)


def _write_series(place: Path, stem: str, frame: Frame, series: Mapping[float, Mapping[str, NDArray[Any]]]) -> Path:
    rows = []
    for number, (time, held) in enumerate(series.items()):
        name = f"{stem}-{number:05d}.vti"
        write_vti(place / name, frame, held, {n: FIELDS[n].unit for n in held})
        rows.append(f'<DataSet timestep="{time!r}" group="" part="0" file="{name}"/>')
    target = place / f"{stem}.pvd"
    text = '<?xml version="1.0"?>\n<VTKFile type="Collection" version="0.1">\n<Collection>\n'
    with replacing(target, f"the file {target}") as partial:
        partial.write_text(text + "\n".join(rows) + "\n</Collection>\n</VTKFile>\n", encoding="utf-8")
    return target


class _Appended:
    """The XML head with a gap for every offset, and the arrays behind it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.gaps: list[int] = []
        self.arrays: list[bytes | NDArray[Any]] = []

    def text(self, text: str) -> None:
        self.file.write(text.encode())

    def declare(self, name: str, kind: str, data: bytes | NDArray[Any], more: str = "") -> None:
        self.text(f'<DataArray type="{kind}" Name={quoteattr(name)} {more}format="appended" offset="')
        self.gaps.append(self.file.tell())
        self.arrays.append(data)
        self.file.write(_PLACEHOLDER + b'"/>\n')

    def append(self) -> None:
        self.text('<AppendedData encoding="raw">\n_')
        start = self.file.tell()
        offsets = []
        for data in self.arrays:
            offsets.append(self.file.tell() - start)
            _compress(self.file, data if isinstance(data, bytes) else data.tobytes(order="F"))
        self.text("\n</AppendedData>\n</VTKFile>\n")
        for gap, offset in zip(self.gaps, offsets, strict=True):
            self.file.seek(gap)
            self.file.write(f"{offset:0{len(_PLACEHOLDER)}d}".encode())


def _compress(file: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    blocks = [view[s : s + _BLOCK] for s in range(0, len(data), _BLOCK)]
    last = len(data) % _BLOCK
    sizes_at = file.tell()
    file.write(struct.pack(f"<{3 + len(blocks)}Q", len(blocks), _BLOCK, last, *([0] * len(blocks))))
    sizes = []
    # zlib lets other threads run; a few at a time bounds the memory.
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        for packed in pool.map(lambda block: zlib.compress(block, 1), blocks):
            sizes.append(len(packed))
            file.write(packed)
    end = file.tell()
    file.seek(sizes_at + 24)
    file.write(struct.pack(f"<{len(sizes)}Q", *sizes))
    file.seek(end)


def _write(
    path: Path,
    kind: str,
    head: str,
    extent: str,
    nodes: tuple[NDArray[np.float64], ...],
    arrays: Mapping[str, NDArray[Any]],
    units: Mapping[str, str],
) -> Path:
    with replacing(path, f"the file {path}") as partial, open(partial, "wb") as file:
        out = _Appended(file)
        out.text(
            f'<?xml version="1.0"?>\n<VTKFile type="{kind}" version="1.0" byte_order="LittleEndian" '
            f'header_type="UInt64" compressor="vtkZLibDataCompressor">\n{head}\n<FieldData>\n'
        )
        told = [f"{name}: {units.get(name) or '1'}" for name in arrays]
        # VTK keeps a text as its character codes with a zero at the end.
        codes = b"".join(t.encode() + b"\0" for t in told)
        if told:
            text = " ".join(str(c) for c in codes)
            out.text(f'<Array type="String" Name="units" NumberOfTuples="{len(told)}" format="ascii">{text}</Array>\n')
        out.text(f'</FieldData>\n<Piece Extent="{extent}">\n<PointData/>\n<CellData>\n')
        for name, array in arrays.items():
            settled = _little(array)
            out.declare(name, _TYPES[settled.dtype.str[1:]], settled)
        out.text("</CellData>\n")
        if nodes:
            out.text("<Coordinates>\n")
            for axis, along in zip("xyz", nodes, strict=True):
                out.declare(axis, "Float64", _little(along))
            out.text("</Coordinates>\n")
        out.text(f"</Piece>\n</{kind}>\n")
        out.append()
    return path


def _little(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array in a type that VTK knows, least significant byte first."""
    if array.dtype.kind == "b":
        array = array.astype(np.uint8)
    if array.dtype == np.float16:
        array = array.astype(np.float32)
    foreign = array.dtype.byteorder == ">" or (sys.byteorder == "big" and array.dtype.byteorder == "=")
    return array.astype(array.dtype.newbyteorder("<")) if foreign else array
