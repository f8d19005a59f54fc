"""Criteria fields against exact solutions, their units, and a user's own."""

from __future__ import annotations

import math

import numpy as np
import pytest

from castsolve.analytic import Phase, linear_alloy
from castsolve.defects import (
    CRITERIA,
    NIYAMA_UNITS,
    Chvorinov,
    chvorinov_from_curves,
    chvorinov_of,
    chvorinov_run,
    criterion,
    effusivity,
    front_speed,
    niyama,
    niyama_of,
    niyama_thresholds,
    thermal_modulus,
)
from castsolve.errors import InputError, ResultsError
from castsolve.materials import HeatCurve, alloy
from castsolve.results import FIELDS, Results

LIQUID = Phase(conductivity=80.0, density=2500.0, specific_heat=1100.0)
SOLID = Phase(conductivity=160.0, density=2500.0, specific_heat=1100.0)
EVALUATED = 560.0 + 0.1 * 54.0


def half_space():
    return linear_alloy(
        solid=SOLID,
        mush_conductivity=120.0,
        liquid=LIQUID,
        latent_heat=395000.0,
        solidus=560.0,
        liquidus=614.0,
        wall=100.0,
        initial=650.0,
    )


class Row:
    x = np.linspace(0.0, 0.06, 31)
    y = z = np.array([0.0, 0.002])


def frozen_half_space() -> Results:
    """Return the records that an exact solver would leave of the half space: a row of voxels along x."""
    exact = half_space()
    x = 0.5 * (Row.x[1:] + Row.x[:-1])
    at = np.array([exact.level(EVALUATED)])
    time = x**2 / (4.0 * at**2)
    column = (slice(None), None, None)
    fields = {
        "thermal_gradient": exact.gradient(EVALUATED, time)[column],
        "cooling_rate": exact.cooling_rate(EVALUATED, time)[column],
        "solidification_time": exact.arrival("solidus", x)[column],
    }
    return Results(Row, fields=fields)


def test_the_niyama_value_of_the_similarity_solution_is_the_same_everywhere():
    values = niyama(frozen_half_space())
    assert values == pytest.approx(np.full((30, 1, 1), 3.251351e3), rel=2e-6)


def test_gradient_and_rate_at_20_mm():
    """Published figures of the same case: 22359.8 K/m and 47.2942 K/s."""
    assert niyama_of(22359.8, 47.2942) == pytest.approx(3251.35, rel=1e-5)


def test_the_front_speed_is_that_of_the_isotherm():
    result = frozen_half_space()
    x = 0.5 * (Row.x[1:] + Row.x[:-1])
    # x = 2 z sqrt(t), so the speed is 2 z^2 / x
    z = half_space().level(EVALUATED)
    assert front_speed(result)[:, 0, 0] == pytest.approx(2.0 * z * z / x, rel=1e-9)


def test_nothing_is_invented_where_nothing_cooled():
    values = niyama_of([100.0, np.nan, 100.0, 100.0, 0.0], [4.0, 1.0, 0.0, -1.0, 4.0])
    assert values == pytest.approx([50.0, np.nan, np.nan, np.nan, 0.0], nan_ok=True)


def test_a_voxel_that_is_not_metal_has_no_criterion(joined_blocks):
    result = joined_blocks()
    for name in ("niyama", "front_speed", "thermal_gradient", "cooling_rate"):
        assert np.array_equal(np.isfinite(CRITERIA[name](result)), result.metal)


def test_units_of_niyama():
    assert NIYAMA_UNITS["(K min)^0.5/cm"] / NIYAMA_UNITS["(K s)^0.5/mm"] == pytest.approx(0.7745967)
    shown = CRITERIA["niyama"].info.display
    assert shown.unit == "(K s)^0.5/mm"
    assert shown.of(1000.0) == pytest.approx(1.0)
    assert NIYAMA_UNITS[shown.unit] * shown.of(3251.351) == pytest.approx(3251.351)


def test_every_criterion_has_its_row_in_the_field_table():
    for name, each in CRITERIA.items():
        assert each.name == name
        assert each.info is FIELDS[name]
        assert each.function.__doc__


def test_a_criterion_by_name_or_as_a_function(joined_blocks):
    result = joined_blocks()
    assert np.array_equal(criterion(result, "niyama"), niyama(result), equal_nan=True)
    assert np.array_equal(criterion(result, "cooling_rate"), result["cooling_rate"], equal_nan=True)
    own = criterion(result, lambda niyama, solidification_time, weight=2.0: weight * niyama * solidification_time)
    assert own[12, 8, 8] == pytest.approx(2.0 * 1000.0 * 60.0)
    assert criterion(result, lambda results: results["temperature"]).shape == result.frame.shape


def test_a_criterion_that_is_unknown_or_of_the_wrong_shape_is_refused(joined_blocks):
    result = joined_blocks()
    with pytest.raises(ResultsError, match=r'nearest.*"niyama"'):
        criterion(result, "nyama")
    with pytest.raises(ResultsError, match="no criterion or field"):
        criterion(result, lambda pressure: pressure)
    with pytest.raises(InputError, match="one number a voxel"):
        criterion(result, lambda niyama: niyama.max())
    with pytest.raises(InputError, match="names the fields"):
        criterion(result, lambda *all_fields: all_fields)
    with pytest.raises(InputError, match="name or a function"):
        criterion(result, 3)


# -- Chvorinov's constant and the thermal modulus ---------------------------------------------------------------------

SAND = HeatCurve.constant(density=1500.0, specific_heat=1130.0, conductivity=0.607)


def test_effusivity_of_constant_properties_is_exact():
    assert effusivity(SAND, 298.15, 900.0) == pytest.approx(1014.330, rel=1e-6)


def test_effusivity_counts_the_heat_of_a_plateau():
    base = 1500.0 * 1130.0
    h = np.array([-100.0 * base, 75.0 * base, 75.0 * base + 1e8, 1500.0 * base + 1e8])
    wet = HeatCurve(h, np.array([198.15, 373.15, 373.15, 1798.15]), np.full(4, 0.607), density=1500.0)
    assert effusivity(wet, 298.15, 900.0) > 1.04 * effusivity(SAND, 298.15, 900.0)
    with pytest.raises(InputError, match="hot"):
        effusivity(SAND, 900.0, 298.15)


@pytest.mark.parametrize(
    ("density", "specific_heat", "latent_heat", "freezing", "pour", "constant"),
    [
        (2500.0, 1080.0, 397000.0, 660.3, 720.0, 2.517),
        (2500.0, 1100.0, 395000.0, 614.0, 700.0, 3.30),
        (7200.0, 750.0, 265000.0, 1500.0, 1580.0, 1.921),
    ],
)
def test_chvorinovs_constant_of_an_isothermal_metal(density, specific_heat, latent_heat, freezing, pour, constant):
    """Published hand calculations in s/mm2, of metals that freeze at one temperature."""
    curve = HeatCurve.linear_alloy(
        density=density,
        specific_heat=specific_heat,
        k_solid=100.0,
        k_mush=100.0,
        k_liquid=100.0,
        latent_heat=latent_heat,
        liquidus=freezing + 273.15,
        solidus=freezing + 273.15 - 1e-3,
        T_low=200.0,
        T_high=2500.0,
    )
    value = chvorinov_from_curves(
        curve,
        SAND,
        pour=pour + 273.15,
        liquidus=freezing + 273.15,
        solidus=freezing + 273.15 - 1e-3,
        mould_temperature=298.15,
    )
    assert value * 1e-6 == pytest.approx(constant, rel=2e-3)


def test_the_thermal_modulus_is_the_plate_that_freezes_as_late(joined_blocks):
    result = joined_blocks(facts={"alloy": {"chvorinov": 4e6}})
    values = thermal_modulus(result)
    assert values[12, 8, 8] == pytest.approx(math.sqrt(60.0 / 4e6))
    assert np.array_equal(np.isfinite(values), result.metal)
    assert chvorinov_of(result).how == "noted by the run"
    assert thermal_modulus(result, chvorinov=1e6)[12, 8, 8] == pytest.approx(2.0 * values[12, 8, 8])
    with pytest.raises(InputError, match="above 0"):
        thermal_modulus(result, chvorinov=-1.0)


def test_the_run_in_one_dimension_agrees_with_the_hand_formula_where_that_holds():
    """A metal that freezes at one temperature and conducts very well, in sand of constant properties."""
    solidus, liquidus = 933.15, 933.15 + 1e-3
    metal = HeatCurve.linear_alloy(
        density=2500.0,
        specific_heat=1080.0,
        k_solid=2000.0,
        k_mush=2000.0,
        k_liquid=2000.0,
        latent_heat=397000.0,
        liquidus=liquidus,
        solidus=solidus,
        T_low=200.0,
        T_high=2500.0,
    )
    options = {"pour": liquidus + 1.0, "solidus": solidus, "mould_temperature": 298.15}
    hand = chvorinov_from_curves(metal, SAND, liquidus=liquidus, **options)
    assert chvorinov_run(metal, SAND, **options) == pytest.approx(hand, rel=0.02)


def test_the_constant_says_how_it_was_found(joined_blocks):
    facts = {"alloy": {"name": "WCB"}, "mould": "green-sand", "pour_temperature": 1853.15, "mould_temperature": 298.15}
    found = chvorinov_of(joined_blocks(facts=facts))
    assert found.how == "1-D run of WCB in green-sand"
    # foundry practice for steel in green sand: 2 to 3.5 min/cm2
    assert 2.0 < found.value / 6e5 < 3.5
    assert "min/cm2" in str(Chvorinov(6e5))


def test_a_metal_mould_has_no_constant(joined_blocks):
    with pytest.raises(ResultsError, match="conducts too well"):
        chvorinov_of(joined_blocks(facts={"alloy": {"name": "A356"}, "mould": "H13"}))
    with pytest.raises(ResultsError, match="chvorinov="):
        chvorinov_of(joined_blocks())


# -- thresholds ----


def test_a_threshold_comes_with_unit_and_source_or_not_at_all(joined_blocks):
    def of(noted):
        return niyama_thresholds(joined_blocks(facts={"alloy": {"name": "no such alloy", "niyama": noted}}))

    given = {"value": 1.0, "unit": "(K min)^0.5/cm", "source": "Niyama 1982", "evidence": "memory", "quality": "C"}
    (limit,) = of({"macro": given})
    assert limit.value == pytest.approx(774.5967)
    assert (limit.name, limit.source, limit.quality) == ("macro", "Niyama 1982 (memory)", "C")
    assert limit.is_macro
    assert of([given])[0].value == limit.value
    assert of(0.775) == ()
    assert of({"value": 0.775, "unit": "(K s)^0.5/mm"}) == ()
    assert of({"value": 0.775, "source": "somewhere"}) == ()
    assert of(None) == ()


def test_thresholds_of_the_library_are_those_of_the_alloys_file(joined_blocks):
    found = niyama_thresholds(joined_blocks(facts={"alloy": {"name": "WCB"}}))
    assert {t.name: t.value for t in found} == {n: p.value for n, p in alloy("WCB").niyama_thresholds.items()}
    assert all(t.source for t in found)
    assert [t.value for t in found] == sorted((t.value for t in found), reverse=True)
