"""Pore curves, hydrogen, hot tearing, strength, iron and steel rules against closed forms and published numbers."""

from __future__ import annotations

import numpy as np
import pytest

from castsolve import materials
from castsolve.defects import pore_share
from castsolve.defects.aluminium import arm_spacing, eutectic_fraction, strength
from castsolve.defects.cavities import RiserFeed
from castsolve.defects.faces import WorkedFace, leak_path, opened_pores
from castsolve.defects.hot_tearing import clyne_davies, hot_tearing, kou_index, rdg_integrals, rdg_pressure_drop
from castsolve.defects.hydrogen import hydrogen_onset, hydrogen_pores, hydrogen_solubility
from castsolve.defects.iron import (
    class_hardness,
    class_strength,
    feeds_itself,
    nodule_count,
)
from castsolve.defects.pore_curve import critical_pressure_drop, curve_of, microporosity, pore_curve
from castsolve.defects.reading import Metal
from castsolve.defects.rules import RULES, rule
from castsolve.defects.steel import (
    feeding_distance,
    neck_order,
    sfsa_riser_volume,
    shakeout_class,
    shape_factor,
    steel_carbon_equivalent,
)
from castsolve.errors import InputError, ResultsError
from castsolve.materials import carbide_tendency, carbon_equivalent

CLOSED = {0.5: 4.52405, 0.3: 10.60989, 0.2: 16.87016, 0.1: 30.87182, 0.05: 50.12521, 0.02: 87.10954, 0.01: 127.82933}


@pytest.mark.parametrize(("fraction", "value"), CLOSED.items())
def test_the_pore_curve_of_a_linear_path_is_the_closed_form(fraction, value):
    curve = pore_curve([600.0, 500.0], [0.0, 1.0], shrinkage=0.05)
    assert curve.critical_fraction_liquid(value) == pytest.approx(fraction, rel=1e-5)
    assert curve.pore_share(value) == pytest.approx(0.05 / 1.05 * fraction, rel=1e-5)


def test_a_path_of_steps_is_the_linear_one_and_a_plateau_costs_nothing():
    f = np.linspace(0.0, 1.0, 57)
    curve = pore_curve(600.0 - 100.0 * f, f, shrinkage=0.05)
    assert curve.critical_fraction_liquid(30.87182) == pytest.approx(0.1, rel=1e-5)
    plateau = pore_curve([600.0, 500.0, 500.0], [0.0, 0.6, 1.0], shrinkage=0.05)
    assert plateau.niyama[-1] == pytest.approx(plateau.niyama[np.searchsorted(-plateau.fraction_liquid, -0.4)], rel=1e-3)


NY = np.geomspace(1.0, 100.0, 401)


@pytest.mark.parametrize(("alloy", "low", "high"), [("WCB", 0.59, 1.00), ("A356", 1.17, 5.79)])
def test_own_data_beside_the_published_fits(alloy, low, high):
    """What castsolve's own path and shrinkage make of it, over the published fit: a comparison of data, told in the theory page.

    The model is checked below with the data that the fits imply. Half of WCB freezes within 77 % of its range here and in its fit;
    what differs is its shrinkage, 3.4 and 4.5 %. A356: see `test_why_aluminium_lies_above_its_fit`.
    """
    ratio = curve_of(materials.alloy(alloy)).pore_share(NY) / pore_share(NY, alloy)
    assert ratio.min() == pytest.approx(low, abs=0.01)
    assert ratio.max() == pytest.approx(high, abs=0.03)


def implied_path(alloy: str, shrinkage: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the path that a published fit implies: theta (its end 0, not scaled) and fraction solid, from g = 1 down to 0.005.

    The integral turned round: ``dtheta = dNy*^2 g^2 / (180 (1 - g)^2)``.
    """
    x = np.geomspace(0.05, 400.0, 40_000)
    g = pore_share(x, alloy) / shrinkage
    x, g = x[(g < 0.9) & (g > 0.005)], g[(g < 0.9) & (g > 0.005)]
    kernel = 180.0 * (1.0 - g) ** 2 / g**2
    steps = np.diff(x**2) / (0.5 * (kernel[1:] + kernel[:-1]))
    # from g = 1 to the first point a straight stretch that has the same integral
    first = x[0] ** 2 / (180.0 * (1.0 / g[0] + 2.0 * np.log(g[0]) - g[0])) * (1.0 - g[0])
    theta = np.concatenate(([0.0, first], first + np.cumsum(steps)))
    # where two stretches of a fit meet it rises by a little
    return theta[-1] - theta, np.maximum.accumulate(np.concatenate(([0.0], 1.0 - g)))


def closing_shrinkage(alloy: str) -> float:
    """Return the share of the liquid's volume that a fit must count as lost for its path to take up just the freezing range.

    Liquid that is left makes pores of that share: the published curves are a path and this number. A path goes from theta of 1 to
    0, so the fit alone gives the number.
    """
    from scipy.optimize import brentq

    return float(brentq(lambda share: implied_path(alloy, share)[0][0] - 1.0, 0.032, 0.08, xtol=1e-6))


@pytest.mark.parametrize(("alloy", "lost"), [("WCB", 0.0450), ("A356", 0.0385), ("AZ91D", 0.0555)])
def test_the_model_gives_the_published_fits_back_with_their_own_data(alloy, lost):
    """The integral, nothing scaled, on the path and the shrinkage that a fit implies: within 1 % of the fit from Ny* of 0.5 to 90.

    The three shrinkages are those of cast metals, 3.9 to 5.6 %, which they need not be.
    """
    share = closing_shrinkage(alloy)
    assert share == pytest.approx(lost, abs=1e-4)
    theta, f = implied_path(alloy, share)
    # the last 0.5 % of the liquid freeze without a change of temperature: that costs no pressure
    curve = pore_curve(np.append(theta, theta[-1]), np.append(f, 1.0), shrinkage=share / (1.0 - share))
    x = np.array([0.5, 1.0, 3.0, 10.0, 30.0, 50.0, 90.0])
    x = x[pore_share(x, alloy) / share < 0.9]
    np.testing.assert_allclose(curve.pore_share(x), pore_share(x, alloy), rtol=0.01)
    # the broken version: a shrinkage of a tenth more, whose path does not fill the range
    assert abs(implied_path(alloy, 1.1 * share)[0][0] - 1.0) > 0.2


def test_why_aluminium_lies_above_its_fit():
    """Share of the freezing range in which the last half of the liquid freezes: by the fit, and by the material data."""
    share = closing_shrinkage("A356")
    theta, f = implied_path("A356", share)
    implied = float(np.interp(0.5, f, theta))
    alloy = materials.alloy("A356")
    half = float(alloy.heat.temperature_at(alloy.heat.enthalpy_at_fraction_solid(0.5)))
    own = (half - alloy.solidus.value) / alloy.freezing_range
    assert implied == pytest.approx(0.067, abs=0.003)
    assert own == pytest.approx(0.27, abs=0.01)
    # the shrinkage is the smaller part of it: 5.0 % of the liquid's volume here
    beta = alloy.shrinkage.value
    assert beta / (1.0 + beta) / share == pytest.approx(1.30, abs=0.02)


def test_a_run_gets_microporosity_where_it_froze(joined_blocks):
    base = joined_blocks(facts={"alloy": {"name": "WCB"}})
    result = base.with_field("local_solidification_time", 0.5 * base["solidification_time"])
    pores = microporosity(result)
    assert np.isfinite(pores[result.metal]).all()
    assert np.isnan(pores[~result.metal]).all()
    deep = microporosity(result, pressure_drop=critical_pressure_drop(density=7000.0, depth=1.0))
    assert (deep[result.metal] < pores[result.metal]).all()
    assert critical_pressure_drop(1e5, surface_tension=1.6, pore_radius=1e-5) == pytest.approx(1e5 + 3.2e5)
    with pytest.raises(ResultsError, match="graphite"):
        microporosity(joined_blocks(facts={"alloy": {"name": "EN-GJS-400-15"}}))
    tears = hot_tearing(result)
    assert (tears[result.metal] > hot_tearing(result, restraint=0.0)[result.metal]).all()
    assert arm_spacing(result)[32, 8, 8] == pytest.approx(29.5e-6 * 15.0**0.3616, rel=1e-6)


@pytest.mark.parametrize(
    ("temperature", "value", "state"),
    [
        (933.0, 0.6883, "liquid"), (973.0, 0.9108, "liquid"), (1023.0, 1.2533, "liquid"), (1073.0, 1.6741, "liquid"),
        (933.0, 0.0362, "solid"),
    ],
)  # fmt: skip
def test_hydrogen_solubility(temperature, value, state):
    # the reference has 933 K for 660.3 degC
    assert hydrogen_solubility(temperature, state=state) == pytest.approx(value, rel=2e-3)
    assert hydrogen_solubility(temperature, pressure=4 * 101325.0, state=state) == pytest.approx(2.0 * value, rel=2e-3)


def test_more_hydrogen_makes_pores_earlier_and_more():
    alloy = materials.alloy("A356")
    onset = [hydrogen_onset(c, alloy) for c in (0.01, 0.1, 0.2, 0.3)]
    assert onset[0] == 1.0
    assert onset[1] > onset[2] > onset[3] > 0.0
    pores = [float(hydrogen_pores(c, alloy)) for c in (0.01, 0.1, 0.2)]
    assert pores[0] == 0.0
    # 0.1 cm3/100 g less what the solid holds, at 832 K in metal of 2.57 g/cm3
    held = 10 ** (0.788 - 2080 / alloy.solidus.value)
    gas = (0.1 - held) / 100 * alloy.density_at_solidus / 1000 * alloy.solidus.value / 273.15
    assert pores[1] == pytest.approx(gas / (1 + gas))
    assert float(hydrogen_pores(0.2, alloy, pressure=2e5)) < 0.5 * pores[2]
    with pytest.raises(InputError, match="hydrogen"):
        hydrogen_pores(-0.1, alloy)


def al_cu() -> tuple[np.ndarray, np.ndarray]:
    """Return Scheil's path of Al-4.5Cu down to the eutectic at 33.1 % Cu."""
    liquid = np.linspace(1.0, (33.1 / 4.5) ** (-1.0 / 0.83), 100_001)
    return 660.3 - 3.37 * 4.5 * liquid ** (0.17 - 1.0), 1.0 - liquid


def test_hot_tearing_numbers_of_al_4_5_cu():
    T, f = al_cu()
    assert clyne_davies(np.append(T, T[-1]), np.append(f, 1.0)) == pytest.approx(0.113654, rel=1e-4)
    assert kou_index(T, f, high=0.905) == pytest.approx(1778.446, rel=1e-3)
    found = rdg_integrals(T, f)
    assert found.shrinkage == pytest.approx(2994.139, rel=1e-3)
    assert found.strain == pytest.approx(415452.9, rel=1e-3)
    drop = rdg_pressure_drop(5000.0, 1e-3, 0.0, arm_spacing=60e-6, viscosity=1.3e-3, shrinkage=0.06, integrals=found)
    assert drop == pytest.approx(2335.43, rel=1e-3)


def test_aluminium_strength_falls_with_spacing_and_pores():
    fine, _, law = strength(15e-6, alloy="A356")
    coarse, stretch, _ = strength(70e-6, alloy="A356")
    assert (float(fine), float(coarse)) == (370e6, 250e6)
    assert law.tensile_scatter > 0.0
    weak, short, _ = strength(70e-6, alloy="A356", pores=0.02)
    assert weak < coarse
    assert short == pytest.approx(0.94 * stretch)
    assert eutectic_fraction(materials.alloy("A356")) == pytest.approx(0.51, abs=0.03)
    with pytest.raises(InputError, match="known are"):
        strength(1e-5, alloy="A413")


def test_iron():
    found = carbon_equivalent(3.6, 2.4, 0.03)
    assert found.ce == pytest.approx(4.41)
    assert found.cel == pytest.approx(4.215)
    assert found.saturation == pytest.approx(3.6 / (4.26 - 0.75 - 0.03 / 3.6))
    assert feeds_itself(0.03, 4.3, rigid=True)
    assert not feeds_itself(0.03, 4.3, rigid=False)
    assert not feeds_itself(0.02, 4.3, rigid=True)
    assert (nodule_count([0.5, 2.0]) == [150.0, 300.0]).all()
    assert carbide_tendency(10.0) > 1.0 > carbide_tendency(1.0)
    assert class_strength("EN-GJS-400-15", 0.05) == 390.0
    assert np.isnan(class_strength("WCB", 0.05))
    assert class_hardness("EN-GJS-500-7", 0.05) == (170.0, 230.0)
    # a grey wall of 15 mm: 225 MPa, 199 HB give or take a fifth; thicker walls are softer
    assert class_hardness("EN-GJL-250", 0.015) == pytest.approx((159.2, 238.8))
    assert class_hardness("EN-GJL-250", 0.1)[1] < 238.8
    assert np.isnan(class_hardness("WCB", 0.05)[0])
    with pytest.raises(InputError, match="carbon = 6"):
        carbon_equivalent(6.0, 2.0)


def test_steel_rules():
    assert feeding_distance(0.05, 0.2) == pytest.approx(4.5 * 0.05)
    assert feeding_distance(0.05, 0.2, end=False) == pytest.approx(2.0 * 0.05)
    # a chill adds a share of the distance, and in thick sections no more than Pellini's 50 mm
    assert feeding_distance(0.05, 0.2, chill=True) == pytest.approx(1.19 * 4.5 * 0.05)
    assert feeding_distance(0.1, 0.4, chill=True) == pytest.approx(4.5 * 0.1 + 0.05)
    assert feeding_distance(0.05, 0.2, end=False, chill=True) == pytest.approx(2.0 * 0.05)
    assert feeding_distance(0.0254 * 4, 0.0254 * 4) == pytest.approx(0.0254 * 12)
    assert sfsa_riser_volume(1.0, shape_factor(4.0, 4.0, 1.0)) == pytest.approx(2.51 * 8.0**-0.74)
    feed = RiserFeed("r", volume=1.0, pipe=0.1, pipe_depth=0.1, margin=0.1, given=0.05, linked_until=100.0)
    assert "cut off 20 s" in neck_order(feed, 120.0)
    assert "stayed linked" in neck_order(feed, 90.0)
    with pytest.raises(InputError, match="thickness"):
        feeding_distance(0.2, 0.1)


@pytest.mark.parametrize(
    ("name", "group", "limit"),
    [
        ("WCB", "plain", 973.15), ("1045", "hardenable", 573.15), ("42CrMo4", "hardenable", 573.15),
        ("CA15", "martensitic", 473.15), ("CA6NM", "martensitic", 473.15), ("CF8M", "austenitic", None),
        ("Mn13", "manganese", None),
    ],
)  # fmt: skip
def test_shakeout_classes_of_steel(name, group, limit):
    found = shakeout_class(materials.alloy(name))
    assert found.name == group
    assert (found.limit is None) == (limit is None)
    if found.limit is not None:
        assert found.limit.value == limit
    assert ("hot" in str(found)) == (limit is None)


def test_carbon_equivalent_of_steel():
    assert steel_carbon_equivalent({"C": 0.2, "Mn": 0.6, "Cr": 0.5, "Mo": 0.25, "Ni": 0.3}) == pytest.approx(0.47)
    with pytest.raises(InputError, match="no steel"):
        shakeout_class(materials.alloy("A356"))


def test_every_rule_says_where_it_comes_from():
    assert all(r.source and r.meaning for r in RULES.values())
    with pytest.raises(InputError, match="nearest"):
        rule("neck_ratios")


def wall(n: int = 20) -> Metal:
    return Metal.plain(np.ones((n, 8, 8), dtype=bool), voxel=1e-3)


def test_a_leak_path_is_as_tight_as_its_tightest_voxel():
    metal = wall()
    pores = np.zeros(metal.mask.shape)
    pores[:, 3, 3] = 0.05
    pores[11, 3, 3] = 0.01
    pores[:10, 6, 6] = 0.2  # ends blind
    left = WorkedFace.plane("inside", point=(0.0, 0.0, 0.0), normal=(-1.0, 0.0, 0.0), stock=0.0)
    right = WorkedFace.plane("outside", point=(0.02, 0.0, 0.0), normal=(1.0, 0.0, 0.0), stock=0.0)
    first, second = left.raw_surface(metal), right.raw_surface(metal)
    assert first[0].all()
    assert not first[3:].any()
    path = leak_path(pores, first, second, metal=metal)
    assert path.porosity == 0.01
    assert path.place == pytest.approx((11.5e-3, 3.5e-3, 3.5e-3))
    pores[11, 3, 3] = 0.0
    assert leak_path(pores, first, second, metal=metal) is None


def test_machining_opens_what_reaches_below_the_finished_face_and_sealing_faces_come_first():
    metal = wall()
    pores = np.zeros(metal.mask.shape)
    pores[:2, 1, 1] = 0.5  # goes with the chips
    pores[2:6, 4, 4] = 0.5  # is cut open at 3 mm
    pores[8:10, 6, 6] = 0.9  # stays inside
    pores[17:19, 2, 2] = 0.1
    left = WorkedFace.plane("flange", point=(0.0, 0.0, 0.0), normal=(-1.0, 0.0, 0.0), stock=3e-3)
    right = WorkedFace.plane("seat", point=(0.02, 0.0, 0.0), normal=(1.0, 0.0, 0.0), stock=1.5e-3, sealing=True)
    found = opened_pores(pores, [left, right], metal=metal)
    assert [p.face.name for p in found] == ["seat", "flange"]
    assert found[1].volume == pytest.approx(4 * 0.5e-9)
    assert found[1].depth == pytest.approx(2e-3)
    assert found[1].reach == pytest.approx(3e-3)
    assert found[0].depth == pytest.approx(1e-3)


def test_a_bore_is_worked_from_its_wall():
    x = np.arange(21) - 10
    mask = np.broadcast_to((x[:, None] ** 2 + x**2 >= 16)[:, :, None], (21, 21, 6)).copy()
    metal = Metal.plain(mask, voxel=1e-3, origin=(-10.5e-3, -10.5e-3, 0.0))
    face = WorkedFace.bore("bore", point=(0.0, 0.0, 3e-3), axis=(0, 0, 2.0), radius=4e-3, stock=2e-3)
    pores = np.zeros(mask.shape)
    pores[15:18, 10, 3] = 0.3
    (pore,) = opened_pores(pores, [face], metal=metal)
    assert pore.depth == pytest.approx(0.5e-3)
    assert pore.face.sealing
    with pytest.raises(InputError, match="direction"):
        WorkedFace.plane("a", point=(0, 0, 0), normal=(0, 0, 0), stock=1e-3)
