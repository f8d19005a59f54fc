"""The field table: units that a reader sees."""

from __future__ import annotations

import numpy as np
import pytest

from castsolve.errors import ResultsError
from castsolve.results import FIELDS, SERIES, field_info, series_info


def test_every_entry_is_complete() -> None:
    for table in (FIELDS, SERIES):
        for name, info in table.items():
            assert info.name == name
            assert info.meaning
            assert info.where in {"everywhere", "metal", "mould"}
            assert np.dtype(info.dtype).itemsize <= 8
            assert (info.unit == "") == (info.display.unit in {"", "%"})


@pytest.mark.parametrize(
    ("name", "si", "shown", "unit"),
    [
        ("temperature", 993.15, 720.0, "degC"),
        ("solidification_time", 90.0, 90.0, "s"),
        ("solidification_time", 1200.0, 20.0, "min"),
        ("thermal_gradient", 1500.0, 1.5, "K/mm"),
        ("cooling_rate", 2.0, 2.0, "K/s"),
        ("niyama", 775.0, 0.775, "(K s)^0.5/mm"),
        ("thermal_modulus", 0.025, 2.5, "cm"),
        ("front_speed", 0.002, 2.0, "mm/s"),
    ],
)
def test_display_units(name: str, si: float, shown: float, unit: str) -> None:
    display = field_info(name).display_for(np.array([np.nan, si]))
    assert display.unit == unit
    assert display.of(si) == pytest.approx(shown, rel=1e-12)
    assert display.back(display.of(si)) == pytest.approx(si, rel=1e-12)


def test_difference_of_temperatures_has_no_offset() -> None:
    display = field_info("temperature").display
    assert display.difference(3.0) == 3.0
    assert display.difference_unit == "K"


def test_unknown_field_names_the_nearest() -> None:
    with pytest.raises(ResultsError, match='no field named "niyma"; nearest are "niyama", '):
        field_info("niyma")


def test_unknown_series_is_shown_as_recorded() -> None:
    assert series_info("something_else").unit == ""
