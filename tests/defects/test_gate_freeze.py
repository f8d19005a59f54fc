"""The moment at which the gate shuts: the widest way through a field of freezing times."""

from __future__ import annotations

import numpy as np
import pytest

from castsolve.defects import gate_freeze
from castsolve.errors import ResultsError
from castsolve.results import Frame, Results

# x: biscuit (2), runner, gate, part (3); two ways lead from the runner into the part, one over y = 0 and one over y = 2.
TIMES = [
    [9.0, 9.0, 4.0, 1.5, 6.0, 7.0, 3.0],
    [9.0, 9.0, 0.0, 0.0, 6.0, 8.0, 3.0],
    [9.0, 9.0, 5.0, 2.5, 6.0, 7.0, 3.0],
]
BODIES = [[0, 0, 1, 2, 3, 3, 3]] * 3


def result(times=TIMES, roles=("biscuit", "runner", "gate", "part")) -> Results:
    field = np.array(times, np.float32).T[:, :, None]
    region = np.where(field > 0.0, 0, 1).astype(np.uint8)
    body = np.array(BODIES, np.uint8).T[:, :, None]
    frame = Frame(
        np.arange(8) * 1e-2, np.arange(4) * 1e-2, np.arange(2) * 1e-2, region_names=("metal", "mould"),
        body_names=tuple(f"the {r}" for r in roles), body_roles=roles,
    )  # fmt: skip
    fields = {"feeding_time": np.where(field > 0.0, field, np.nan), "region": region, "body": body}
    return Results(frame, fields=fields, facts={})


def test_the_better_of_two_ways_counts_and_its_worst_place_shuts_it():
    found = gate_freeze(result())
    assert found.time == pytest.approx(2.5)
    assert found.body == "the gate" and found.source == "biscuit"
    assert found.place == pytest.approx((0.035, 0.025, 0.005))


def test_a_frozen_runner_shuts_before_the_gate():
    times = [row[:] for row in TIMES]
    times[0][2], times[2][2] = 1.0, 2.0
    found = gate_freeze(result(times))
    assert (found.time, found.body) == (2.0, "the runner")


def test_pressure_comes_from_the_first_of_the_gating_that_is_there():
    found = gate_freeze(result(roles=("riser", "runner", "gate", "part")))
    assert (found.time, found.source) == (2.5, "runner")
    # From the gate itself: its last metal beside the part.
    assert gate_freeze(result(), sources=("gate",)).time == pytest.approx(2.5)


def test_it_is_the_largest_of_the_smallest_times_along_all_ways():
    """Against every path of a small grid, by brute force over levels."""
    rng = np.random.default_rng(5)
    for _ in range(20):
        times = rng.uniform(1.0, 9.0, (3, 7)).round(1).tolist()
        grid = np.array(times)

        def reaches(level, grid=grid):
            seen, front = set(), [(y, x) for y in range(3) for x in range(2) if grid[y, x] >= level]
            while front:
                y, x = front.pop()
                if (y, x) in seen:
                    continue
                seen.add((y, x))
                for v, u in ((y, x + 1), (y, x - 1), (y + 1, x), (y - 1, x)):
                    if 0 <= v < 3 and 0 <= u < 7 and grid[v, u] >= level:
                        front.append((v, u))
            return any(x >= 4 for _, x in seen)

        best = max(level for level in np.unique(grid) if reaches(level))
        assert gate_freeze(result(times)).time == pytest.approx(best, abs=1e-5)


def test_refusals():
    with pytest.raises(ResultsError, match="no metal leads from the biscuit to the part"):
        gate_freeze(result([[9.0, 9.0, 0.0, 0.0, 6.0, 7.0, 3.0]] * 3))
    with pytest.raises(ResultsError, match="no biscuit, basin, sprue, runner, gate or no part is in the result"):
        gate_freeze(result(roles=("riser", "riser", "riser", "part")))
    with pytest.raises(ResultsError, match='has no field "coherency_time"'):
        gate_freeze(result(), at="coherency_time")
