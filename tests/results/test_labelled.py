"""Results as an xarray Dataset."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from castsolve.errors import ResultsError
from castsolve.results import Results


def test_a_dataset_holds_everything_with_axes_and_units(result: Results) -> None:
    pytest.importorskip("xarray")
    data = result.to_xarray()
    for axis, name in enumerate("xyz"):
        assert np.array_equal(data[name].values, result.frame.centres(axis))
    for name in result:
        assert data[name].dims == ("x", "y", "z")
        assert np.array_equal(data[name].values, result[name], equal_nan=result[name].dtype.kind == "f")
    assert data["temperature"].attrs["units"] == "K"
    assert data["region"].attrs["units"] == "1"
    history = data["temperature_history"].sel(snapshot_time=20.0).values
    assert np.array_equal(history, result.snapshots[20.0])
    assert np.array_equal(data["history_heat_out"].values, result.history["heat_out"])
    assert data["history_heat_out"].attrs["units"] == "J"
    probe = data["probe_centre"]
    assert np.array_equal(probe.values, result.probes["centre"].temperatures)
    assert np.array_equal(probe["time at centre"].values, result.probes["centre"].times)
    # A place is found by its coordinates: what the dataset is for.
    near = data["solidification_time"].sel(x=0.012, y=0.010, z=0.014, method="nearest")
    assert float(near) == pytest.approx(float(np.nanmax(result["solidification_time"])), rel=0.05)


def test_without_xarray_the_extra_is_named(result: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(ResultsError, match=r'xarray is not installed; get it with: pip install "castsolve\[xarray\]"'):
        result.to_xarray()
