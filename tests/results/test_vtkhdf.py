"""Time series in one file, read back with VTK's own reader."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from castsolve.errors import ResultsError
from castsolve.results import Results, to_vtkhdf


def read(path: Path, step: int):
    """Return the image of one step, its time steps, as VTK reads them."""
    from vtkmodules.vtkIOHDF import vtkHDFReader

    reader = vtkHDFReader()
    reader.SetFileName(str(path))
    reader.UpdateInformation()
    reader.SetStep(step)
    reader.Update()
    return reader.GetOutput(), reader


def cell_array(image, name: str) -> np.ndarray:
    from vtkmodules.util.numpy_support import vtk_to_numpy

    nx, ny, nz = (n - 1 for n in image.GetDimensions())
    return vtk_to_numpy(image.GetCellData().GetArray(name)).reshape((nx, ny, nz), order="F")


def test_every_step_is_read_back_equal(result: Results, tmp_path: Path) -> None:
    path = result.to_vtkhdf(tmp_path / "deep" / "run.vtkhdf")
    slices = result.frame.window()
    inner = result.frame.crop(slices)
    for step, (time, snapshot) in enumerate(result.snapshots.items()):
        image, reader = read(path, step)
        assert reader.GetNumberOfSteps() == len(result.snapshots)
        assert reader.GetTimeValue() == time
        assert image.GetDimensions() == tuple(n + 1 for n in inner.shape)
        assert image.GetOrigin() == pytest.approx([n[0] for n in inner.nodes], abs=1e-12)
        assert image.GetSpacing() == pytest.approx([2e-3] * 3, rel=1e-9)
        assert np.array_equal(cell_array(image, "temperature"), snapshot[slices])
        for name in ("solidification_time", "body", "metal_fraction"):
            read_back = cell_array(image, name)
            assert read_back.dtype == result[name].dtype
            assert np.array_equal(read_back, result[name][slices], equal_nan=read_back.dtype.kind == "f"), name
    first, last = (cell_array(read(path, s)[0], "temperature") for s in (0, len(result.snapshots) - 1))
    assert not np.array_equal(first, last)


def poured(result: Results) -> Results:
    """Return a result as a filling leaves it: moments, and the fields of its end."""
    z = result.frame.centres(2)[None, None, :]
    moments = {}
    for time, level in ((0.5, 5e-3), (1.25, 14e-3), (2.0, 1.0)):
        filled = np.where(result.metal, (z < level).astype(np.float32), np.float32(np.nan))
        moments[time] = {"fill_fraction": filled, "speed": filled * np.float32(time), "temperature": 900.0 + filled}
    return replace(result, snapshots={}, moments=moments)


def test_every_moment_of_a_filling_is_read_back_equal(result: Results, tmp_path: Path) -> None:
    filled = poured(result)
    path = filled.to_vtkhdf(tmp_path / "fill.vtkhdf")
    slices = result.frame.window()
    for step, (time, held) in enumerate(filled.moments.items()):
        image, reader = read(path, step)
        assert reader.GetNumberOfSteps() == 3 and reader.GetTimeValue() == time
        for name, field in held.items():
            assert np.array_equal(cell_array(image, name), field[slices], equal_nan=True), name
        assert np.array_equal(cell_array(image, "body"), result["body"][slices])
    written = filled.to_vtk(tmp_path / "vtk")
    assert written["series"].name == "filling.pvd"
    assert [f'timestep="{time}"' in written["series"].read_text() for time in filled.moments] == [True] * 3
    assert len(list((tmp_path / "vtk").glob("filling-*.vti"))) == 3


def test_a_filling_and_its_solidification_are_one_series(result: Results, tmp_path: Path) -> None:
    """Zero is the end of the pour, the last moment of the filling; what a solidification does not know is nothing then."""
    both = replace(poured(result), snapshots=result.snapshots)
    path = both.to_vtkhdf(tmp_path / "both.vtkhdf")
    times = [-1.5, -0.75, 0.0, *both.snapshots]
    temperatures = [held["temperature"] for held in both.moments.values()] + list(both.snapshots.values())
    slices = result.frame.window()
    for step, (time, temperature) in enumerate(zip(times, temperatures, strict=True)):
        image, reader = read(path, step)
        assert reader.GetNumberOfSteps() == len(times) and reader.GetTimeValue() == time
        assert np.array_equal(cell_array(image, "temperature"), temperature[slices], equal_nan=True)
        assert np.isnan(cell_array(image, "speed")).all() == (time > 0.0)
    assert both.to_vtk(tmp_path / "vtk")["series"].name == "recorded.pvd"


def test_refusals(result: Results, tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r'cannot be written as "run.vti"; end the name with .vtkhdf'):
        to_vtkhdf(result, tmp_path / "run.vti")
    still = Results(result.frame, fields=dict(result.fields))
    with pytest.raises(ResultsError, match=r"recorded no times, so there is no time series; run with record="):
        to_vtkhdf(still, tmp_path / "run.vtkhdf")
    (tmp_path / "file").write_text("")
    with pytest.raises(ResultsError, match="is a file; choose another name"):
        to_vtkhdf(result, tmp_path / "file" / "run.vtkhdf")
    assert not list(tmp_path.glob("*.partial"))
