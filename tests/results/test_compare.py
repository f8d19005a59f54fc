"""Comparison of results, of equal and of different voxels."""

from __future__ import annotations

import numpy as np
import pytest

from castsolve.errors import InputError, ResultsError
from castsolve.results import Frame, Results, compare


def test_a_result_equals_itself(result: Results) -> None:
    found = compare(result, result)
    assert all(row.largest == row.rms == row.mean == 0.0 for row in found.fields)
    assert found.last_shift == 0.0


def test_known_difference(result: Results) -> None:
    times = result["solidification_time"].copy()
    place = result.peak()
    times[place.index] += 9.0
    other = result.with_field("solidification_time", times).with_field("temperature", result["temperature"] + 2)
    found = compare(result, other)
    row = found["solidification_time"]
    assert row.largest == pytest.approx(9.0, rel=1e-6) and row.place == place.point
    assert row.rms == pytest.approx(9.0 / np.sqrt(result.metal.sum()), rel=1e-5)
    assert found["temperature"].mean == pytest.approx(2.0, rel=1e-4)
    assert compare(other, result)["temperature"].mean == pytest.approx(-2.0, rel=1e-4)
    text = str(found)
    assert "last solidification b" in text and "temperature" in text and " K " in text
    with pytest.raises(ResultsError, match="the comparison has no field"):
        found["niyama"]


def _linear(voxel: float) -> Results:
    nodes = np.arange(round(0.04 / voxel) + 1) * voxel
    frame = Frame(nodes, nodes, nodes)
    x, y, z = np.meshgrid(*(frame.centres(a) for a in range(3)), indexing="ij")
    return Results(frame, fields={"temperature": 300.0 + 1e4 * x - 5e3 * y + 2e3 * z})


@pytest.mark.parametrize(("first", "second"), [(4e-3, 1e-3), (1e-3, 4e-3), (2e-3, 1.6e-3)])
def test_linear_field_compares_to_zero_across_voxel_sizes(first: float, second: float) -> None:
    found = compare(_linear(first), _linear(second))["temperature"]
    assert abs(found.largest) < 1e-9
    assert found.voxels == round(0.04 / max(first, second)) ** 3


def test_finer_block(result: Results, finer: Results) -> None:
    found = compare(result, finer, fields=["solidification_time", "body"])
    assert found["solidification_time"].voxels == result.metal.sum()
    assert found["solidification_time"].rms < 30.0
    assert found.last_shift < 2 * result.frame.voxel * np.sqrt(3) + 0.02


def test_nothing_in_common(result: Results) -> None:
    empty = result.with_field("solidification_time", np.full(result.frame.shape, np.nan))
    found = compare(result, empty, fields=["solidification_time"])
    assert found.skipped == ("solidification_time",) and "no common voxels" in str(found)


def test_what_is_no_result_is_refused(result: Results) -> None:
    with pytest.raises(InputError, match="3 is no result to compare; give two results"):
        compare(result, 3)  # type: ignore[arg-type]
