"""VTK's own readers find bit for bit what the result holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from castsolve.results import Frame, Results
from castsolve.results.vtk import write_vti, write_vtr

pv = pytest.importorskip("pyvista")


def test_window_and_whole_are_bit_equal(result: Results, tmp_path: Path) -> None:
    written = result.to_vtk(tmp_path)
    window, whole = pv.read(written["window"]), pv.read(written["whole"])
    slices = result.frame.window()
    inner = result.frame.crop(slices)
    assert isinstance(window, pv.ImageData) and isinstance(whole, pv.RectilinearGrid)
    assert tuple(n - 1 for n in window.dimensions) == inner.shape
    np.testing.assert_allclose(window.bounds[::2], inner.bounds[0], rtol=0, atol=1e-15)
    np.testing.assert_allclose(window.bounds[1::2], inner.bounds[1], rtol=0, atol=1e-12)
    for axis in "xyz":
        np.testing.assert_array_equal(getattr(whole, axis), getattr(result.frame, axis))
    for name in result:
        for read, expected in ((window, result[name][slices]), (whole, result[name])):
            array = read.cell_data[name]
            assert array.dtype == expected.dtype
            np.testing.assert_array_equal(array, expected.ravel(order="F"))
    assert "temperature: K" in list(whole.field_data["units"])


def test_series_of_snapshots(result: Results, tmp_path: Path) -> None:
    reader = pv.PVDReader(str(result.to_vtk(tmp_path, fields=["body"])["series"]))
    assert reader.time_values == [10.0, 20.0]
    for time, array in result.snapshots.items():
        reader.set_active_time_value(time)
        read = reader.read()[0].cell_data["temperature"]
        np.testing.assert_array_equal(read, array[result.frame.window()].ravel(order="F"))


@pytest.mark.parametrize("dtype", ["f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", ">f4", "?", "f2"])
def test_every_type(tmp_path: Path, dtype: str) -> None:
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)
    frame = Frame(np.arange(3.0), np.arange(4.0), np.arange(5.0))
    read = pv.read(write_vti(tmp_path / "a.vti", frame, {"a <b>": array}, {}))
    np.testing.assert_array_equal(read.cell_data["a <b>"], array.astype(read.cell_data["a <b>"].dtype).ravel(order="F"))


def test_more_than_one_block(tmp_path: Path) -> None:
    """Blocks of exactly, just under and just over a megabyte are put together again."""
    for cells in ((1 << 18), (1 << 18) - 1, (1 << 18) + 1, 3 << 18):
        array = np.random.default_rng(1).random((cells, 1, 1), dtype=np.float32)
        frame = Frame(np.arange(cells + 1.0), np.arange(2.0), np.arange(2.0))
        read = pv.read(write_vtr(tmp_path / "a.vtr", frame, {"a": array}, {}))
        np.testing.assert_array_equal(read.cell_data["a"], array.ravel())
