"""The heat curve: mutual inverses, exact kinks, and tables that contradict themselves are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from castsolve.errors import MaterialError
from castsolve.materials import HeatCurve

ALLOY = {
    "density": 2500.0,
    "specific_heat": 1100.0,
    "k_solid": 160.0,
    "k_mush": 120.0,
    "k_liquid": 80.0,
    "latent_heat": 395e3,
    "liquidus": 887.15,
    "solidus": 833.15,
}


def test_constant_is_a_straight_line_through_25_degrees() -> None:
    curve = HeatCurve.constant(density=7800.0, specific_heat=500.0, conductivity=30.0)
    assert curve.at_temperature(298.15) == pytest.approx(0.0, abs=1e-6)
    assert curve.at_temperature(398.15) == pytest.approx(7800.0 * 500.0 * 100.0)
    assert curve.conductivity_at(curve.at_temperature(1000.0)) == 30.0
    assert curve.kinks.tolist() == [0, 1]


def test_linear_alloy_releases_latent_heat_between_its_kinks() -> None:
    curve = HeatCurve.linear_alloy(**ALLOY)
    low, high = curve.enthalpy_at_fraction_solid([1.0, 0.0])
    assert curve.temperature_at([low, high]).tolist() == [ALLOY["solidus"], ALLOY["liquidus"]]
    assert (high - low) / 2500.0 == pytest.approx(395e3 + 1100.0 * 54.0, rel=1e-14)
    assert curve.fraction_solid_at(0.5 * (low + high)) == pytest.approx(0.5)


def test_conductivity_jumps_exactly_at_the_kinks() -> None:
    curve = HeatCurve.linear_alloy(**ALLOY)
    solidus = curve.enthalpy_at_fraction_solid(1.0)
    liquidus = curve.enthalpy_at_fraction_solid(0.0)
    h = np.array([np.nextafter(solidus, 0.0), solidus, np.nextafter(liquidus, 0.0), liquidus])
    assert curve.conductivity_at(h).tolist() == [160.0, 120.0, 120.0, 80.0]


def test_plateau_answers_with_its_hot_end() -> None:
    curve = HeatCurve.linear_alloy(**{**ALLOY, "solidus": ALLOY["liquidus"]})
    low, high = curve.enthalpy_at_fraction_solid([1.0, 0.0])
    assert high - low == pytest.approx(2500.0 * 395e3)
    assert curve.at_temperature(ALLOY["liquidus"]) == high
    assert curve.at_temperature(np.nextafter(ALLOY["liquidus"], 0.0)) <= low
    assert curve.temperature_at(np.linspace(low, high, 7)).tolist() == [ALLOY["liquidus"]] * 7


@given(st.floats(100.0, 4000.0))
def test_temperature_and_enthalpy_are_inverse_also_beyond_the_table(T: float) -> None:
    curve = HeatCurve.linear_alloy(**ALLOY)
    assert curve.temperature_at(curve.at_temperature(T)) == pytest.approx(T, rel=1e-13)


@given(st.floats(0.0, 1.0))
def test_fraction_solid_and_enthalpy_are_inverse(f: float) -> None:
    curve = HeatCurve.linear_alloy(**ALLOY)
    assert curve.fraction_solid_at(curve.enthalpy_at_fraction_solid(f)) == pytest.approx(f, abs=1e-12)


def test_beyond_an_end_specific_heat_and_conductivity_are_held() -> None:
    curve = HeatCurve([0.0, 100.0, 300.0], [300.0, 400.0, 500.0], [1.0, 2.0, 3.0], density=1.0)
    assert curve.temperature_at([-50.0, 400.0]).tolist() == [250.0, 550.0]
    assert curve.conductivity_at([-50.0, 400.0]).tolist() == [1.0, 3.0]
    assert curve.is_beyond([250.0, 350.0, 550.0]).tolist() == [True, False, True]


def test_an_end_that_refuses_names_temperature_and_limit() -> None:
    curve = HeatCurve([0.0, 100.0], [300.0, 400.0], [1.0, 1.0], density=1.0, beyond_high="refuse")
    assert curve.at_temperature(250.0) == -50.0
    with pytest.raises(MaterialError, match=r"401\.00 K is above the table, which ends at 400\.00 K"):
        curve.at_temperature([350.0, 401.0])


def test_scalars_give_floats_and_arrays_keep_their_shape() -> None:
    curve = HeatCurve.linear_alloy(**ALLOY)
    assert isinstance(curve.at_temperature(900.0), float)
    assert curve.at_temperature(np.full((2, 3), 900.0)).shape == (2, 3)
    assert curve.enthalpy_at_fraction_solid(np.full((2, 3), 0.4)).shape == (2, 3)


def test_arrays_cannot_be_changed() -> None:
    curve = HeatCurve.linear_alloy(**ALLOY)
    with pytest.raises(ValueError, match="read-only"):
        curve.enthalpy[0] = 0.0


GOOD = {"enthalpy": [0.0, 1.0, 2.0], "temperature": [300.0, 400.0, 500.0], "conductivity": [1.0, 1.0, 1.0]}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"enthalpy": [0.0, 2.0, 1.0]}, "enthalpy falls from 2 to 1 J/m3 between 400.00 and 500.00 K"),
        ({"enthalpy": [0.0, 1.0, 1.0]}, "enthalpy does not rise between 400.00 and 500.00 K"),
        ({"temperature": [300.0, 290.0, 500.0]}, "temperature falls from 300.00 to 290.00 K"),
        ({"temperature": [300.0, 300.0, 500.0]}, "first and the last stretch"),
        ({"conductivity": [1.0, -2.0, 1.0]}, r"conductivity = -2 W/m/K at 400.00 K \(node 1\) must be above 0"),
        ({"conductivity": [1.0, 1.0]}, "conductivity has 2 nodes, enthalpy has 3"),
        ({"enthalpy": [0.0, float("nan"), 2.0]}, "enthalpy of node 1 is nan"),
        ({"fraction_solid": [1.0, 1.0, 0.5]}, "must go from 1"),
        ({"density": 0.0}, "density = 0.0 kg/m3 must be above 0"),
        ({"kinks": [0, 1]}, r"kinks must rise from 0 to 2"),
        ({"beyond_low": "clamp"}, "beyond_low = 'clamp' must be"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(MaterialError, match=reason):
        HeatCurve(**{**GOOD, "density": 1.0, **change})


def test_fraction_solid_that_rises_with_temperature_is_refused() -> None:
    with pytest.raises(MaterialError, match=r"fraction_solid rises from 0\.2 to 0\.4"):
        HeatCurve(
            [0.0, 1.0, 2.0, 3.0], [300.0, 400.0, 500.0, 600.0], np.ones(4), density=1.0, fraction_solid=[1, 0.2, 0.4, 0]
        )


def test_a_jump_must_be_a_kink() -> None:
    with pytest.raises(MaterialError, match="carries a jump of conductivity and must be one of the kinks"):
        HeatCurve([0.0, 1.0, 1.0, 2.0], [300.0, 400.0, 400.0, 500.0], [1.0, 1.0, 2.0, 2.0], density=1.0, kinks=[0, 3])


def test_wrong_numbers_of_an_alloy_are_refused() -> None:
    with pytest.raises(MaterialError, match="T_low < solidus <= liquidus < T_high"):
        HeatCurve.linear_alloy(**{**ALLOY, "solidus": 900.0})
    with pytest.raises(MaterialError, match="latent_heat = -1"):
        HeatCurve.linear_alloy(**{**ALLOY, "latent_heat": -1.0})
    with pytest.raises(MaterialError, match="must lie in"):
        HeatCurve.linear_alloy(**ALLOY).enthalpy_at_fraction_solid(1.2)
    with pytest.raises(MaterialError, match="not an alloy"):
        HeatCurve.constant(density=1.0, specific_heat=1.0, conductivity=1.0).fraction_solid_at(0.0)
