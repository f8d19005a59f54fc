"""The dimensionless Niyama value: closed form, inverse and published curves."""

from __future__ import annotations

import numpy as np
import pytest

from castsolve.defects import critical_fraction_liquid, critical_niyama, dimensionless_niyama, pore_share
from castsolve.errors import InputError

CLOSED_FORM = {
    0.5: 4.52405,
    0.3: 10.60989,
    0.2: 16.87016,
    0.1: 30.87182,
    0.05: 50.12521,
    0.02: 87.10954,
    0.01: 127.82933,
}


@pytest.mark.parametrize(("liquid", "value"), CLOSED_FORM.items())
def test_closed_form_and_inverse(liquid, value):
    assert critical_niyama(liquid) == pytest.approx(value, abs=6e-6)
    assert critical_fraction_liquid(float(critical_niyama(liquid))) == pytest.approx(liquid, rel=1e-9)


def test_the_closed_form_is_the_integral_of_darcys_law():
    from scipy.integrate import quad

    integral, _ = quad(lambda f: 180.0 * (1.0 - f) ** 2 / f**2, 0.1, 1.0)
    assert critical_niyama(0.1) == pytest.approx(np.sqrt(integral), rel=1e-9)


def test_the_ends():
    assert critical_niyama(1.0) == 0.0
    assert critical_fraction_liquid(0.0) == 1.0
    assert 0.0 < critical_fraction_liquid(1e4) < 1e-5
    with pytest.raises(InputError):
        critical_niyama(0.0)
    with pytest.raises(InputError):
        critical_fraction_liquid(-1.0)


@pytest.mark.parametrize(
    ("alloy", "percent"),
    [
        ("WCB", [3.052, 1.398, 0.3188, 0.1337]),
        ("A356", [3.160, 0.4227, 0.0694, 0.0301]),
        ("AZ91D", [3.483, 1.812, 0.288, 0.108]),
    ],
)
def test_published_pore_curves(alloy, percent):
    assert 100.0 * pore_share([1.0, 10.0, 50.0, 100.0], alloy) == pytest.approx(percent, rel=2e-3)


@pytest.mark.parametrize("alloy", ["WCB", "A356", "AZ91D"])
def test_pore_curves_fall_without_a_step(alloy):
    x = np.geomspace(0.1, 1e3, 4000)
    share = pore_share(x, alloy)
    assert (np.diff(share) < 0.0).all()
    assert (np.abs(np.diff(share)) < 1e-3).all()
    assert pore_share(0.01, alloy) == pore_share(0.1, alloy)


def test_an_alloy_without_a_curve_has_none():
    with pytest.raises(InputError, match="no pore curve"):
        pore_share(1.0, "GJS-400")


def test_dimensionless_value():
    value = dimensionless_niyama(
        1000.0, [1.0, 0.0], arm_spacing=1e-4, viscosity=6e-3, shrinkage=0.035, freezing_range=50.0, pressure_drop=1e5
    )
    assert value == pytest.approx([0.1 * np.sqrt(1e5) / np.sqrt(6e-3 * 0.035 * 50.0), np.nan], nan_ok=True)
    with pytest.raises(InputError, match="shrinkage"):
        dimensionless_niyama(1.0, 1.0, arm_spacing=1e-4, viscosity=1e-3, shrinkage=0.0, freezing_range=50.0)
