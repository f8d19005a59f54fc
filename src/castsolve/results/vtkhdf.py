"""One file for a whole history: VTKHDF, a time series of the uniform window that ParaView and VTK read."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ResultsError
from .files import make_folder, replacing
from .results import Results
from .series import recorded

__all__ = ["to_vtkhdf"]

# The version of the format in which series of images were settled.
_VERSION = (2, 0)


def to_vtkhdf(result: Results, path: str | os.PathLike[str]) -> Path:
    """Write what a result recorded on its way, and its fields with it, as one ``.vtkhdf`` time series.

    Every recorded time is a step: of a solidification it holds "temperature", of a filling the fields of its moments
    ("fill_fraction", "speed" ...). Where both were recorded, time zero is the end of the pour. The other fields do not change with
    time: each is written once, and every step refers to it. Values and places are in SI, bit for bit what the result holds; only
    the uniform window is written.

    Parameters
    ----------
    result : Results
        A run with recorded times (``record=`` of `solidify` or `fill`).
    path : path
        Must end in ``.vtkhdf``.

    Returns
    -------
    Path

    Raises
    ------
    ResultsError
        If the result recorded nothing, the name ends otherwise, or the file cannot be written.
    """
    target = Path(path)
    if target.suffix != ".vtkhdf":
        raise ResultsError(f'a time series cannot be written as "{target.name}"; end the name with .vtkhdf')
    steps = recorded(result)
    if not steps:
        raise ResultsError("this result recorded no times, so there is no time series; run with record=[...] times")
    image = _image(result, steps)
    make_folder(target.parent, "a time series")
    with replacing(target, f"the time series {target}") as partial:
        partial.write_bytes(image.getbuffer())
    return target


def _image(result: Results, series: Mapping[float, Mapping[str, NDArray[Any]]]) -> io.BytesIO:
    import h5py

    slices = result.frame.window()
    inner = result.frame.crop(slices)
    times, held = np.array(list(series), dtype=np.float64), list(series.values())
    image = io.BytesIO()
    # A disk that fills up under HDF5 ends the process: it writes to memory, compressed.
    with h5py.File(image, "w") as file:
        root = file.create_group("VTKHDF", track_order=True)
        root.attrs["Version"] = np.array(_VERSION, dtype=np.int64)
        root.attrs["Type"] = np.bytes_("ImageData")
        root.attrs["WholeExtent"] = np.array([e for n in inner.shape for e in (0, n)], dtype=np.int32)
        root.attrs["Origin"] = np.array([n[0] for n in inner.nodes])
        root.attrs["Spacing"] = np.array([(n[-1] - n[0]) / (n.size - 1) for n in inner.nodes])
        root.attrs["Direction"] = np.eye(3).reshape(-1)
        cells = root.create_group("CellData")
        steps = root.create_group("Steps")
        steps.attrs["NSteps"] = np.int64(len(times))
        steps["Values"] = times
        offsets = steps.create_group("CellDataOffsets")
        for name in held[0]:
            _write(cells, name, [fields[name][slices] for fields in held])
            offsets[name] = np.arange(len(times), dtype=np.int64)
        for name in result:
            if name in held[0] or name == "temperature":
                continue  # that of the end would stand for all steps
            _write(cells, name, [result[name][slices]])
            offsets[name] = np.zeros(len(times), dtype=np.int64)
    return image


def _write(group: Any, name: str, arrays: list[NDArray[Any]]) -> None:
    """Write the steps of one array as [step, z, y, x]; VTK has no reader for other compressions than gzip."""
    nx, ny, nz = arrays[0].shape
    dtype = np.uint8 if arrays[0].dtype.kind == "b" else np.result_type(*(array.dtype for array in arrays))
    data = group.create_dataset(
        name, (len(arrays), nz, ny, nx), dtype, chunks=(1, 1, ny, nx), compression="gzip", compression_opts=1, shuffle=True
    )
    for step, array in enumerate(arrays):
        data[step] = array.transpose(2, 1, 0)
