"""Scales with round ends, honest about what they cut."""

from __future__ import annotations

import numpy as np
import pytest

from castsolve.results import FIELDS, Display, FieldInfo
from castsolve.view.layers import carried_on, levels_of, padded
from castsolve.view.style import colour_map, printed_unit, round_step, scale_of

TIME = FIELDS["solidification_time"]


def test_round_steps() -> None:
    assert round_step(10.0, 5) == pytest.approx(2.0)
    assert round_step(0.7, 6) == pytest.approx(0.1)
    assert round_step(0.0, 5) == 1.0


def test_scale_has_round_ends_and_covers_the_values() -> None:
    scale = scale_of(TIME, np.linspace(3.27, 94.1, 500))
    assert scale.low == 0.0 and scale.high == 100.0 and len(scale.ticks) == 6
    assert not scale.cut_low and not scale.cut_high
    assert [scale.label(float(t)) for t in scale.ticks] == ["0", "20", "40", "60", "80", "100"]


def test_long_tail_is_cut_and_told() -> None:
    values = np.concatenate((np.linspace(0.0, 1.0, 1000), [50.0]))
    scale = scale_of(FIELDS["cooling_rate"], values)
    assert scale.high <= 1.2 and scale.cut_high and not scale.cut_low


def test_given_limits_and_constant_fields() -> None:
    assert scale_of(TIME, np.array([1.0, 99.0]), limits=(0.0, 10.0)).cut_high
    flat = scale_of(TIME, np.full(200, 7.0))
    assert flat.low < 7.0 < flat.high
    empty = scale_of(TIME, np.array([np.nan]))
    assert empty.low < empty.high


def test_niyama_shows_what_lies_near_its_thresholds() -> None:
    scale = scale_of(FIELDS["niyama"], np.linspace(0.05, 12.0, 500))
    assert (scale.low, scale.high, scale.cut_high) == (0.0, 2.0, True)


def test_labels_have_the_digits_of_their_step() -> None:
    scale = scale_of(TIME, np.linspace(0.0, 0.1, 200))
    labels = [scale.label(float(t)) for t in scale.ticks]
    assert len(set(labels)) == len(labels)
    quarter = scale_of(TIME, np.linspace(0.0, 15.0, 200))
    assert quarter.step == 2.5 and quarter.label(2.5) == "2.5"


def test_units_and_maps() -> None:
    assert printed_unit("degC") == "°C" and printed_unit("K/s") == "K/s"
    assert all(colour_map(info) for info in FIELDS.values())
    assert colour_map(FieldInfo("mine", "K", "x", Display("K"))) == "viridis"


def test_carried_on_takes_the_nearest_metal() -> None:
    values = np.array([[np.nan, 1.0, 2.0, np.nan, np.nan]])
    known = np.isfinite(values)
    np.testing.assert_array_equal(carried_on(values, known, (1.0, 1.0)), [[1.0, 1.0, 2.0, 2.0, 2.0]])


def test_padding_puts_the_wall_on_the_edge() -> None:
    nodes = np.array([0.0, 1e-3, 2e-3])
    levels = levels_of(nodes)
    np.testing.assert_allclose(levels, [-0.5, 0.5, 1.5, 2.5])
    share = padded(np.ones(2, np.float32), 0.0)
    crossing = levels[0] + (0.5 - share[0]) / (share[1] - share[0]) * (levels[1] - levels[0])
    assert crossing == pytest.approx(0.0)
