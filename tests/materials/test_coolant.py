"""Coolants and channels: correlations against worked examples, boiling, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from castsolve.errors import MaterialError
from castsolve.materials import COOLANTS, coolant, pipe_flow

WATER, OIL = COOLANTS["water"], COOLANTS["oil"]
T30 = 303.15


def flow_at(speed: float, diameter: float = 0.01) -> float:
    return 0.25 * math.pi * diameter**2 * speed


def test_the_formulas_are_those_of_the_textbooks():
    # Worked by hand: Re = 1e4, Pr = 5: f = (0.79 ln 1e4 - 1.64)^-2 = 0.031480.
    assert pipe_flow.friction_factor(1e4) == pytest.approx(0.0314798, rel=1e-5)
    f = 0.0314798 / 8.0
    assert pipe_flow.gnielinski(1e4, 5.0) == pytest.approx(f * 9000 * 5 / (1 + 12.7 * f**0.5 * (5 ** (2 / 3) - 1)), rel=1e-5)
    assert pipe_flow.dittus_boelter(1e4, 5.0) == pytest.approx(0.023 * 1584.893 * 1.903654, rel=1e-5)
    # Moody's chart, smooth pipe: 0.018 at 1e5, 0.0116 at 1e6.
    assert pipe_flow.friction_factor(1e5) == pytest.approx(0.018, rel=0.02)
    assert pipe_flow.friction_factor(1e6) == pytest.approx(0.0116, rel=0.02)


def test_the_nusselt_number_is_laminar_then_bridges_then_turbulent():
    assert pipe_flow.nusselt(500.0, 6.0) == pipe_flow.nusselt(2300.0, 6.0) == 3.66
    middle = pipe_flow.nusselt(3150.0, 6.0)
    assert middle == pytest.approx(0.5 * (3.66 + pipe_flow.gnielinski(4000.0, 6.0)))
    rising = [pipe_flow.nusselt(re, 6.0) for re in np.linspace(2300, 2e5, 200)]
    assert (np.diff(rising) > 0.0).all()


@pytest.mark.parametrize(("speed", "htc"), [(1.0, 5000.0), (2.0, 9000.0), (3.0, 12000.0)])
def test_water_in_a_channel_of_10_mm(speed, htc):
    """The rounded coefficients that die casters quote for the older rule, 30 degC; the two rules differ by up to a fifth."""
    flow = flow_at(speed)
    re, pr = WATER.reynolds(flow, 0.01, T30), WATER.prandtl(T30)
    older = pipe_flow.dittus_boelter(re, pr) * float(WATER.conductivity.at(T30)) / 0.01
    assert older == pytest.approx(htc, rel=0.07)
    assert WATER.film_coefficient(flow, 0.01, T30) == pytest.approx(older, rel=0.2)


def test_water_is_water():
    assert WATER.prandtl(293.15) == pytest.approx(7.0, rel=0.02)
    assert WATER.prandtl(353.15) == pytest.approx(2.22, rel=0.02)
    assert WATER.heat_rate(1e-3 / 60.0, 293.15) == pytest.approx(69.6, rel=0.01)  # 1 l/min carries 70 W for each kelvin
    assert OIL.prandtl(423.15) > 20.0


@pytest.mark.parametrize(("bar", "boils"), [(1.01325, 100.0), (3.0, 133.5), (10.0, 179.9)])
def test_water_boils_where_the_steam_tables_say(bar, boils):
    assert pipe_flow.saturation_temperature(bar * 1e5) - 273.15 == pytest.approx(boils, abs=1.0)


def test_a_hot_wall_boils_and_is_capped():
    # 1 MW/m2 at 25 K over the boiling point, without pressure.
    assert pipe_flow.boiling_flux(25.0, 0.0) == pytest.approx(1e6)
    assert pipe_flow.boiling_flux(-5.0, 1e5) == 0.0
    film = WATER.film_coefficient(flow_at(2.0), 0.01, T30)
    contact = WATER.interface(flow_at(2.0), 0.01, T30, 4e5)
    boiling = pipe_flow.saturation_temperature(4e5)
    assert contact.htc_at(boiling - 20.0) == pytest.approx(film, rel=1e-9)
    over = np.array([30.0, 40.0, 60.0, 100.0])
    flux = contact.htc_at(boiling + over) * (boiling + over - T30)
    assert (np.diff(flux) >= -1e-6 * flux[:-1]).all()
    assert flux[1] > 1.5 * film * (boiling + over[1] - T30)
    assert flux[-1] == pytest.approx(WATER.burnout.value, rel=1e-6)
    assert OIL.interface(flow_at(2.0), 0.012, 473.15, 2e5).over == "constant"


def test_refusals():
    with pytest.raises(MaterialError, match='no coolant named "watter"; nearest is "water"'):
        coolant("watter")
    assert coolant(OIL) is OIL
    with pytest.raises(MaterialError, match=r"inlet = 120 degC is not below 111.4 degC, where water boils at 1.5 bar; cool it"):
        WATER.check(393.15, 1.5e5, "inlet")
    WATER.check(393.15, 6e5, "inlet")
    with pytest.raises(MaterialError, match="below the freezing point of water"):
        WATER.check(270.0, 1e5, "inlet")
    with pytest.raises(MaterialError, match=r"inlet = 350 degC is not below 320 degC, where oil may not be used"):
        OIL.check(623.15, 1e5, "inlet")
