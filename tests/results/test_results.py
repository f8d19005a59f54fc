"""Results as a mapping, its masks, places, criteria and words."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from castsolve.errors import ResultsError
from castsolve.results import FieldInfo, Frame, Results


def test_mapping_of_read_only_arrays(result: Results) -> None:
    assert list(result)[:2] == ["temperature", "solidification_time"]
    assert len(result) == 8 and "body" in result and "niyama" not in result
    with pytest.raises(ValueError, match="read-only"):
        result["temperature"][0, 0, 0] = 0.0
    with pytest.raises(TypeError):
        result.fields["new"] = result["temperature"]  # type: ignore[index]
    assert result == result and result != "something"


def test_unknown_field_names_the_nearest(result: Results) -> None:
    with pytest.raises(ResultsError, match='no field named "temprature"; nearest is "temperature"'):
        result["temprature"]


def test_known_field_that_was_not_recorded_says_so(result: Results) -> None:
    with pytest.raises(ResultsError, match='this result has no field "niyama"'):
        result["niyama"]


def test_wrong_shape_and_unknown_name_are_refused(result: Results) -> None:
    with pytest.raises(ResultsError, match=r'field "temperature" has the shape \(2, 2, 2\)'):
        Results(result.grid, fields={"temperature": np.zeros((2, 2, 2))})
    with pytest.raises(ResultsError, match=r'no field named "porosty"; nearest is "porosity".*infos'):
        Results(result.grid, fields={"porosty": np.zeros(result.frame.shape)})
    with pytest.raises(ResultsError, match="only numbers"):
        Results(result.grid, fields={"temperature": np.full(result.frame.shape, "a")})


def test_any_grid_with_nodes_will_do() -> None:
    nodes = np.linspace(0.0, 1.0, 3)
    grid = SimpleNamespace(x=nodes, y=nodes, z=nodes, region_names=("metal",), body_names=("a",), body_roles=("part",))
    made = Results(grid, fields={"temperature": np.zeros((2, 2, 2))})  # type: ignore[arg-type]
    assert isinstance(made.grid, Frame) and made.frame.body_roles == ("part",)
    with pytest.raises(ResultsError, match="is no grid"):
        Results(object())  # type: ignore[arg-type]
    with pytest.raises(ResultsError, match="strictly rising"):
        Frame(nodes[::-1], nodes, nodes)


def test_display(result: Results) -> None:
    np.testing.assert_allclose(result.in_display("temperature"), result["temperature"] - 273.15, rtol=1e-6)
    assert result.display("thermal_gradient").unit == "K/mm"


def test_masks(result: Results) -> None:
    riser, part = result.where(role="riser"), result.where(body="block")
    assert riser.sum() == 4 * 4 * 4 and part.sum() == 12 * 10 * 8
    assert np.array_equal(riser | part, result.metal)
    assert np.array_equal(result.where(region="A356"), result.metal)
    assert not result.where(role="part", body="riser").any()
    with pytest.raises(ResultsError, match='no role named "rizer"; nearest is "riser"'):
        result.where(role="rizer")


def test_peak_is_a_place(result: Results) -> None:
    place = result.peak()
    assert place.value == np.nanmax(result["solidification_time"])
    assert result["solidification_time"][place.index] == place.value
    assert place.body == "block" and "mm in block" in str(place)
    inside = result.peak(where=result.where(role="riser"))
    assert inside.body == "riser" and inside.value < place.value
    assert result.peak(lowest=True).value == np.nanmin(result["solidification_time"])
    with pytest.raises(ResultsError, match="no finite value"):
        result.peak(where=~result.metal)


def test_own_criterion(result: Results) -> None:
    value = result.evaluate(lambda thermal_gradient, cooling_rate: thermal_gradient / np.sqrt(cooling_rate))
    np.testing.assert_allclose(value, result["thermal_gradient"] / np.sqrt(result["cooling_rate"]))
    more = result.with_field(
        "mine", lambda cooling_rate, power=2.0: cooling_rate**power, unit="K2/s2", meaning="a test"
    )
    assert more.info("mine").unit == "K2/s2" and "mine" not in result and len(more) == len(result) + 1
    fine = result.with_field("own", value, FieldInfo("anything", "K", "test"))
    assert fine.info("own").name == "own"
    with pytest.raises(ResultsError, match='no field named "coolingrate"; nearest is "cooling_rate"'):
        result.evaluate(lambda coolingrate: coolingrate)
    with pytest.raises(ResultsError, match="shape"):
        result.evaluate(lambda cooling_rate: cooling_rate[0])


def test_summary_says_the_run(result: Results) -> None:
    text = result.summary()
    for part in (
        "block, sand casting",
        "A356, poured at 720 degC, liquidus 613 degC",
        "green-sand",
        "casting 0.02 kg",
        "80.0 %",
        "last solidification",
        "in block",
        "defect 2.0e-08",
        "50",
        "clock 40, curvature 10",
        "2 values with source, worst quality D",
        "2.4 voxels thick",
    ):
        assert part in text, f"{part!r} not in\n{text}"
    bare = Results(result.grid, fields={"temperature": result["temperature"]})
    assert "voxels" in bare.summary() and "kg" not in bare.summary()


def test_repr_tells_size(result: Results) -> None:
    nx, ny, nz = result.frame.shape
    text = repr(result)
    assert f"{nx} x {ny} x {nz}" in text and "voxel 2 mm" in text and "MiB" in text
    assert "1 probes, 2 snapshots" in text


def test_facts_become_plain(result: Results) -> None:
    made = Results(result.grid, facts={"a": np.float32(2.0), "b": (1, np.inf), "c": float("nan"), "d": np.arange(2)})
    assert made.facts == {"a": 2.0, "b": [1, "inf"], "c": None, "d": [0, 1]}
    with pytest.raises(ResultsError, match=r"facts\.x\[0\] is a object"):
        Results(result.grid, facts={"x": [object()]})


def test_history_of_unequal_columns_is_refused(result: Results) -> None:
    with pytest.raises(ResultsError, match="columns of one length"):
        Results(result.grid, history={"time": np.zeros(3), "step": np.zeros(2)})


def test_window_is_the_uniform_block(result: Results) -> None:
    frame = result.frame
    inner = frame.crop(frame.window())
    assert inner.shape == tuple(n - 6 for n in frame.shape)
    assert np.ptp(inner.spacing(0)) < 1e-12
    assert inner.same_as(inner.crop(inner.window()))
    np.testing.assert_array_equal(frame.locate([frame.place((3, 4, 5))]), [[3, 4, 5]])


def test_importing_results_loads_no_file_library() -> None:
    code = (
        "import sys, castsolve.results; print({'h5py', 'scipy', 'pyvista', 'meshio', 'vtkmodules'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
