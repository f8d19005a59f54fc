"""Every material that comes with castsolve: consistent in itself, inside the windows of its family, and cited."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import numpy as np
import pytest

from castsolve import materials
from castsolve.materials import EVIDENCE, Alloy, Coating, HeatCurve, MouldMaterial, Property, PropertyTable
from castsolve.units import degC, to_degC

ALLOYS = materials.names("alloy")
MOULDS = materials.names("mould")

# What no member of a family leaves: (low, high) of conductivity in W/m/K, specific heat in J/kg/K, density in kg/m3
# at 25 degC, at the solidus and just above the liquidus. Written by hand, so that a slip in a file is seen.
ALLOY_WINDOWS: dict[str, dict[str, tuple[tuple[float, float], ...]]] = {
    "aluminium": {
        "conductivity": ((80, 245), (110, 225), (60, 110)),
        "specific_heat": ((840, 930), (1050, 1260), (1050, 1250)),
        "density": ((2600, 2850), (2500, 2750), (2330, 2600)),
    },
    "iron": {
        "conductivity": ((28, 60), (22, 40), (22, 40)),
        "specific_heat": ((420, 530), (650, 900), (700, 950)),
        "density": ((7000, 7300), (6700, 7050), (6600, 7100)),
    },
    "steel": {
        "conductivity": ((12, 60), (24, 38), (17, 42)),
        "specific_heat": ((420, 530), (600, 760), (700, 900)),
        "density": ((7600, 8000), (7150, 7350), (6800, 7100)),
    },
}
LATENT_WINDOWS = {"aluminium": (380e3, 520e3), "iron": (200e3, 250e3), "steel": (165e3, 280e3)}

# Conductivity in W/m/K, specific heat in J/kg/K and density in kg/m3 at 25 degC; conductivity at 500 degC.
MOULD_WINDOWS: dict[str, dict[str, tuple[float, float]]] = {
    "sand": {"k": (0.4, 1.6), "cp": (500, 1200), "rho": (1400, 2850), "k500": (0.4, 1.1)},
    "shell": {"k": (0.4, 1.6), "cp": (650, 1000), "rho": (1500, 2700), "k500": (0.5, 1.9)},
    "graphite": {"k": (80, 130), "cp": (690, 730), "rho": (1650, 1950), "k500": (55, 90)},
    "sleeve": {"k": (0.1, 0.5), "cp": (700, 1200), "rho": (300, 900), "k500": (0.12, 0.6)},
    "tool-steel": {"k": (15, 35), "cp": (430, 500), "rho": (7600, 7900), "k500": (20, 35)},
    "carbon-steel": {"k": (40, 65), "cp": (420, 500), "rho": (7750, 7900), "k500": (33, 42)},
    "cast-iron": {"k": (38, 60), "cp": (430, 530), "rho": (7000, 7400), "k500": (35, 50)},
    "copper": {"k": (90, 405), "cp": (370, 430), "rho": (8200, 8970), "k500": (90, 385)},
}

# At best this quality for this evidence.
BEST_QUALITY = {"seen": "A", "computed": "A", "derived": "B", "secondhand": "C", "memory": "C", "estimate": "D"}


def heat_capacity(curve: HeatCurve, T: float, dT: float = 2.0) -> float:
    """Return the specific heat in J/kg/K over a window above T."""
    return float(curve.at_temperature(T + dT) - curve.at_temperature(T)) / dT / curve.density


def inside(value: float, window: tuple[float, float]) -> bool:
    return window[0] <= value <= window[1]


def every_heat_curve() -> list[tuple[str, HeatCurve]]:
    return [(n, materials.alloy(n).heat) for n in ALLOYS] + [(n, materials.mould(n).heat) for n in MOULDS]


def every_material() -> list[Alloy | MouldMaterial | Coating]:
    return [
        *(materials.alloy(name) for name in ALLOYS),
        *(materials.mould(name) for name in MOULDS),
        *(materials.coating(name) for name in materials.names("coating")),
    ]


@pytest.mark.parametrize("name", ALLOYS)
def test_phases_are_in_order(name: str) -> None:
    alloy = materials.alloy(name)
    if name == "Al99.7":
        assert alloy.solidus.value == alloy.liquidus.value
    else:
        assert alloy.solidus.value < alloy.niyama_temperature < alloy.liquidus.value
    if alloy.eutectic is not None:
        assert alloy.solidus.value < alloy.eutectic.value < alloy.liquidus.value
    assert alloy.coherency.value <= alloy.macro_feeding_limit.value <= alloy.feeding_limit.value
    levels = [alloy.heat.enthalpy_at_fraction_solid(f) for f in (0.0, alloy.coherency.value, 1.0)]
    assert levels[0] > levels[1] > levels[2]
    assert levels[0] > alloy.niyama_enthalpy > levels[2]


@pytest.mark.parametrize("name", ALLOYS)
def test_fraction_solid_falls_from_one_to_zero(name: str) -> None:
    f = materials.alloy(name).heat.fraction_solid
    assert f is not None
    assert f[0] == 1.0 and f[-1] == 0.0
    assert (np.diff(f) <= 0.0).all()


@pytest.mark.parametrize(("name", "curve"), every_heat_curve())
def test_enthalpy_rises_and_gives_the_temperature_back(name: str, curve: HeatCurve) -> None:
    assert (np.diff(curve.enthalpy) > 0.0).all() or name == "green-sand"
    assert (np.diff(curve.enthalpy) >= 0.0).all()
    T = np.linspace(curve.temperature_low, curve.temperature_high, 2001)
    np.testing.assert_allclose(curve.temperature_at(curve.at_temperature(T)), T, rtol=0.0, atol=1e-9)
    assert curve.at_temperature(degC(25.0)) == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("name", ALLOYS)
def test_fraction_solid_gives_the_enthalpy_back(name: str) -> None:
    heat = materials.alloy(name).heat
    f = np.linspace(0.0, 1.0, 501)
    np.testing.assert_allclose(heat.fraction_solid_at(heat.enthalpy_at_fraction_solid(f)), f, rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("name", ALLOYS)
def test_the_mush_releases_the_latent_heat_and_no_more(name: str) -> None:
    """Independent of how the curve is built: heat of the mush less sensible heat mixed by fraction solid."""
    alloy = materials.alloy(name)
    heat = alloy.heat
    low, high = heat.enthalpy_at_fraction_solid([1.0, 0.0])
    T = np.linspace(alloy.solidus.value, alloy.liquidus.value, 20001)
    f = heat.fraction_solid_at(heat.at_temperature(T))
    if alloy.enthalpy_solid is not None:
        rows = alloy.enthalpy_solid.rows
        last = (rows[-1][1] - rows[-2][1]) / (rows[-1][0] - rows[-2][0])
        inner = np.gradient(np.interp(T, *np.array(rows).T), T) if alloy.freezing_range else np.full(T.size, last)
        cp_solid = np.where(T > rows[-1][0], last, inner)
    else:
        assert alloy.specific_heat_solid is not None
        cp_solid = alloy.specific_heat_solid.at(T)
    mixed = f * cp_solid + (1.0 - f) * alloy.specific_heat_liquid.at(T)
    sensible = float(np.sum(0.5 * (mixed[1:] + mixed[:-1]) * np.diff(T)))
    assert (high - low) / heat.density - sensible == pytest.approx(alloy.latent_heat.value, rel=1e-4)


@pytest.mark.parametrize("name", ALLOYS)
def test_alloy_lies_inside_the_windows_of_its_family(name: str) -> None:
    alloy = materials.alloy(name)
    heat, windows = alloy.heat, ALLOY_WINDOWS[alloy.family]
    just_solid, just_liquid = heat.enthalpy_at_fraction_solid([1.0, 0.0])
    assert inside(alloy.latent_heat.value, LATENT_WINDOWS[alloy.family])
    assert heat.density == alloy.density_at_solidus
    rows = {
        "conductivity": (
            heat.conductivity_at(heat.at_temperature(degC(25.0))),
            heat.conductivity_at(just_solid),
            heat.conductivity_at(just_liquid),
        ),
        "specific_heat": (
            heat_capacity(heat, degC(25.0)),
            heat_capacity(heat, alloy.solidus.value - 5.0),
            heat_capacity(heat, alloy.liquidus.value + 1.0),
        ),
        "density": (
            alloy.density_at(degC(25.0)),
            alloy.density_at(alloy.solidus.value - 1e-6),
            alloy.density_at(alloy.liquidus.value),
        ),
    }
    for quantity, values in rows.items():
        for value, window in zip(values, windows[quantity], strict=True):
            assert inside(value, window), f"{name}: {quantity} = {value:g} lies outside {window}"


@pytest.mark.parametrize("name", MOULDS)
def test_mould_lies_inside_the_windows_of_its_family(name: str) -> None:
    mould = materials.mould(name)
    windows, heat = MOULD_WINDOWS[mould.family], mould.heat
    assert inside(heat.conductivity_at(0.0), windows["k"])
    assert inside(heat_capacity(heat, degC(25.0)), windows["cp"])
    assert inside(heat.density, windows["rho"])
    assert inside(heat.conductivity_at(heat.at_temperature(degC(500.0))), windows["k500"])
    assert mould.insulating == (mould.family in ("sand", "shell", "sleeve"))


def test_the_windows_catch_a_published_slip() -> None:
    """An open data set gives k = 5.4 W/m/K for 316L at 25 degC, from a temperature shifted twice."""
    assert not inside(5.4, ALLOY_WINDOWS["steel"]["conductivity"][0])


def test_a356_freezes_where_two_databases_say() -> None:
    alloy = materials.alloy("A356")
    assert to_degC(alloy.liquidus.value) == pytest.approx(614.9, abs=0.01)
    assert alloy.eutectic is not None
    assert to_degC(alloy.eutectic.value) == pytest.approx(573.9, abs=0.01)
    assert 550.0 <= to_degC(alloy.solidus.value) <= 560.0
    # The eutectic is a near plateau that stays exact: half of the metal freezes within 6 K of its onset.
    heat = alloy.heat
    onset = heat.temperature[heat.kinks]
    assert np.isclose(onset, alloy.eutectic.value).any()
    assert heat.fraction_solid_at(heat.at_temperature(degC(573.95))) < 0.51
    assert heat.fraction_solid_at(heat.at_temperature(degC(573.84))) > 0.62
    # Heat is not released in step with mass: 49 % of the mass gives 42 % of the heat.
    primary = heat.enthalpy_at_fraction_solid(0.49)
    assert alloy.fraction_solid.at(0.0, column=2) == 0.0
    released = np.interp(
        0.49, [row[1] for row in alloy.fraction_solid.rows], [row[2] for row in alloy.fraction_solid.rows]
    )
    assert released == pytest.approx(0.42, abs=0.01)
    assert primary < heat.enthalpy_at_fraction_solid(0.0)


def test_a356_enthalpy_agrees_with_the_equilibrium_computation() -> None:
    heat = materials.alloy("A356").heat
    for T, wanted in ((225.0, 188.5), (425.0, 402.5), (640.0, 1108.3), (720.0, 1201.0)):
        assert heat.at_temperature(degC(T)) / heat.density / 1e3 == pytest.approx(wanted, rel=0.03)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("A319", ((225.0, 185.1), (425.0, 400.5), (640.0, 1084.1), (720.0, 1174.2))),
        ("A380", ((225.0, 183.9), (425.0, 397.5), (640.0, 1106.2), (720.0, 1195.8))),
        ("AlSi12", ((225.0, 186.1), (425.0, 394.3), (640.0, 1150.8), (720.0, 1242.1))),
        ("A206", ((225.0, 186.5), (425.0, 398.0), (680.0, 1074.9), (720.0, 1120.4))),
    ],
)
def test_enthalpy_of_aluminium_alloys_agrees_with_a_second_database(
    name: str, wanted: tuple[tuple[float, float], ...]
) -> None:
    """Latent heat from one database and specific heat sum up to the enthalpies (kJ/kg) of the other, at equilibrium."""
    heat = materials.alloy(name).heat
    for T, h in wanted:
        assert heat.at_temperature(degC(T)) / heat.density / 1e3 == pytest.approx(h, rel=0.04)


@pytest.mark.parametrize(
    ("name", "liquidus", "end"),
    [
        ("A319", 612.0, 517.0),
        ("AlSi6Cu4", 610.0, 517.0),
        ("A380", 592.0, 490.0),
        ("ADC12", 580.0, 500.0),
        ("AlSi10Mg(Fe)", 596.0, 559.0),
        ("AlSi12", 584.0, 576.0),
        ("A413", 580.0, 576.0),
        ("A206", 645.0, 527.0),
        ("EN-GJL-250", 1206.0, 1118.0),
        ("EN-GJL-200", 1186.0, 1118.0),
        ("1045", 1493.0, 1395.0),
        ("42CrMo4", 1494.0, 1402.0),
        ("CF8", 1447.0, 1395.0),
        ("Mn13", 1394.0, 1220.0),
    ],
)
def test_alloys_freeze_where_they_were_computed_to(name: str, liquidus: float, end: float) -> None:
    """Temperatures (degC) written down apart from the files, from other runs on a grid of 1 K and with other phases allowed."""
    alloy = materials.alloy(name)
    assert to_degC(alloy.liquidus.value) == pytest.approx(liquidus, abs=1.6)
    assert to_degC(alloy.solidus.value) == pytest.approx(end, abs=5.0)


def test_the_heat_of_an_exothermic_sleeve_is_set_free_once_and_whole() -> None:
    sleeve = materials.mould("exothermic")
    rates = sleeve.release_rates()
    assert rates[-1][1] == 0.0
    times, power = np.array(rates).T
    assert sleeve.exothermic_heat is not None
    freed = float(np.sum(power[:-1] * np.diff(times)))
    assert freed == pytest.approx(sleeve.density.value * sleeve.exothermic_heat.value, rel=1e-12)
    assert materials.mould("insulating").release_rates() == ()


def test_irons_say_how_much_graphite_forms() -> None:
    for name in ALLOYS:
        alloy = materials.alloy(name)
        assert (alloy.graphite is not None) == (alloy.family == "iron")
        if alloy.graphite is not None:
            carbon = alloy.composition["C"].value
            # What austenite at the eutectic holds stays dissolved: 1.4 to 2.0 % of carbon.
            assert 0.014 < carbon - alloy.graphite.value < 0.020


def test_pure_aluminium_freezes_at_one_temperature() -> None:
    alloy = materials.alloy("pure Al")
    heat = alloy.heat
    low, high = heat.enthalpy_at_fraction_solid([1.0, 0.0])
    assert (high - low) / heat.density == pytest.approx(397e3, rel=1e-12)
    assert heat.temperature_at(low) == heat.temperature_at(high) == pytest.approx(degC(660.3))
    assert alloy.density_at_liquidus == pytest.approx(2377.0, rel=0.01)
    assert heat.at_temperature(degC(720.0)) / heat.density == pytest.approx(1139.1e3, rel=0.005)


def test_green_sand_holds_the_heat_of_its_water() -> None:
    heat = materials.mould("green-sand").heat
    step = heat.at_temperature(degC(100.0)) - heat.at_temperature(np.nextafter(degC(100.0), 0.0))
    assert step == pytest.approx(1600.0 * 0.035 * 2260e3, rel=1e-6)
    wet, dry = heat.conductivity_at([heat.at_temperature(degC(99.0)), heat.at_temperature(degC(101.0))])
    assert wet > dry


def test_density_is_continuous_outside_the_mush_and_shrinks_by_the_stated_amount() -> None:
    for name in ALLOYS:
        alloy = materials.alloy(name)
        solid, liquid = alloy.density_at_solidus, alloy.density_at_liquidus
        assert solid / liquid - 1.0 == pytest.approx(alloy.shrinkage.value)
        T = np.linspace(degC(25.0), alloy.liquidus.value + 100.0, 400)
        rho = alloy.density_at(T)
        assert rho.shape == T.shape
        solid_part = rho[alloy.solidus.value >= T]
        assert (np.diff(solid_part) < 0.0).all()
        assert alloy.density_at(alloy.liquidus.value + 100.0) < liquid


def test_arm_spacing_laws() -> None:
    assert materials.alloy("A356").arm_spacing(1000.0) == pytest.approx(102e-6, rel=0.01)
    assert materials.alloy("WCB").arm_spacing(660.0) == pytest.approx(308e-6, rel=0.02)


def test_graphitic_iron_and_die_casting_alloys_have_no_niyama_threshold() -> None:
    for name in ("EN-GJS-400-15", "EN-GJL-250", "EN-GJV-450", "AlSi9Cu3(Fe)", "A380", "ADC12", "pure Al"):
        assert materials.alloy(name).niyama_threshold is None
    threshold = materials.alloy("WCB").niyama_threshold
    assert threshold is not None
    assert threshold.value == pytest.approx(775.0)
    assert threshold.source == "niyama1982"


def test_evidence_limits_quality() -> None:
    for material in every_material():
        for label, value in material.properties().items():
            assert value.evidence in EVIDENCE
            assert value.quality >= BEST_QUALITY[value.evidence], f"{material.name}: {label}"


def used_keys(entry: Any) -> set[str]:
    if isinstance(entry, dict):
        own = {key.strip() for key in entry["source"].split(",")} if isinstance(entry.get("source"), str) else set()
        return own.union(*(used_keys(value) for value in entry.values()))
    if isinstance(entry, list):
        return set().union(*(used_keys(value) for value in entry))
    return set()


def test_every_citation_is_in_the_bibliography_and_every_reference_is_cited() -> None:
    import tomllib

    folder = files("castsolve.materials").joinpath("data")
    cited = set()
    for entry in folder.iterdir():
        if entry.name.endswith(".toml"):
            cited |= used_keys(tomllib.loads(entry.read_text(encoding="utf-8")))
    assert cited == set(materials.bibliography())


def test_every_table_says_what_lies_beyond_its_ends() -> None:
    for material in every_material():
        for value in material.properties().values():
            if isinstance(value, PropertyTable):
                assert {value.beyond_low, value.beyond_high} <= {"hold", "refuse"}
            else:
                assert isinstance(value, Property)


def test_melt_data_end_where_no_melt_is_poured() -> None:
    with pytest.raises(materials.heat_curve.MaterialError, match="is above the table"):
        materials.alloy("A356").heat.at_temperature(degC(1200.0))
