"""Freezing paths from a database: against the exact answer of an ideal system, and refusals in one sentence."""

from __future__ import annotations

import math
import os
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from castsolve.errors import MaterialError
from castsolve.materials import Alloy
from castsolve.materials.calphad import FreezingPath, ThermodynamicSystem, thinned
from castsolve.materials.elements import ATOMIC_MASSES

# Ideal liquid over two pure solids: everything is known in closed form. Enthalpy (J/mol) and entropy (J/mol/K) of fusion.
H_AL, S_AL, H_SI, S_SI = 10700.0, 11.46, 50200.0, 29.76
GAS = 8.3145
IDEAL = f"""
ELEMENT VA   VACUUM     0.0     0.0  0.0 !
ELEMENT AL   FCC_A1  26.982  4577.3 28.3 !
ELEMENT SI   DIAMOND 28.085  3217.5 18.8 !
TYPE_DEFINITION % SEQ * !
PHASE LIQUID % 1 1.0 !
CONSTITUENT LIQUID :AL,SI: !
PHASE FCC_A1 % 1 1.0 !
CONSTITUENT FCC_A1 :AL: !
PHASE SI_DIAMOND_A4 % 1 1.0 !
CONSTITUENT SI_DIAMOND_A4 :SI: !
PARAMETER G(LIQUID,AL;0) 298.15 +{H_AL}-{S_AL}*T; 6000 N !
PARAMETER G(LIQUID,SI;0) 298.15 +{H_SI}-{S_SI}*T; 6000 N !
PARAMETER G(FCC_A1,AL;0) 298.15 0.0; 6000 N !
PARAMETER G(SI_DIAMOND_A4,SI;0) 298.15 0.0; 6000 N !
"""


def needs_pycalphad() -> None:
    pytest.importorskip("pycalphad", reason="the extra calphad is not installed")


def liquid_al(T: float) -> float:
    """Mole fraction of Al in the liquid that is in equilibrium with solid Al."""
    return math.exp(-(H_AL - S_AL * T) / (GAS * T))


def liquid_si(T: float) -> float:
    return math.exp(-(H_SI - S_SI * T) / (GAS * T))


def crossing(function, low: float, high: float) -> float:  # type: ignore[no-untyped-def]
    for _ in range(100):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if function(middle) < 0.0 else (low, middle)
    return 0.5 * (low + high)


EUTECTIC = crossing(lambda T: liquid_al(T) + liquid_si(T) - 1.0, 500.0, 930.0)
M_AL, M_SI = ATOMIC_MASSES["Al"] * 1e-3, ATOMIC_MASSES["Si"] * 1e-3


def exact(silicon: float) -> tuple[float, float, float, float]:
    """Return liquidus (K), mass fraction solid at the eutectic, heat (J/kg) up to it, and in all, for mass per cent Si."""
    n_si, n_al = silicon / 100.0 / M_SI, (1.0 - silicon / 100.0) / M_AL  # mol/kg
    liquidus = crossing(lambda T: liquid_al(T) - n_al / (n_al + n_si), 500.0, 933.0)
    left = n_si / (1.0 - liquid_al(EUTECTIC)) * liquid_al(EUTECTIC)  # Al in the last liquid, mol/kg: all Si is still there
    primary = n_al - left
    return liquidus, primary * M_AL, primary * H_AL, n_al * H_AL + n_si * H_SI


@pytest.fixture(scope="module")
def ideal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tdb") / "ideal.tdb"
    path.write_text(IDEAL, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def system(ideal: Path) -> ThermodynamicSystem:
    needs_pycalphad()
    return ThermodynamicSystem(ideal, ["Si"])


@pytest.mark.parametrize("model", ["scheil", "lever"])
def test_path_of_an_ideal_eutectic_is_the_exact_one(system: ThermodynamicSystem, model: str) -> None:
    """Pure solids take nothing up: both models have the same closed answer, heat and mass."""
    path = getattr(system, model)({"Si": 3.0}, step=2.0)
    liquidus, primary, heat, total = exact(3.0)
    assert path.onset("FCC_A1") == pytest.approx(liquidus, abs=0.05)
    assert path.onset("SI_DIAMOND_A4") == pytest.approx(EUTECTIC, abs=0.05)
    assert path.latent_heat == pytest.approx(total, rel=1e-4)
    before = path.temperature > EUTECTIC + 0.1
    for T, f, q in zip(path.temperature[before], path.fraction_solid[before], path.heat_released[before], strict=True):
        n_si, n_al = 0.03 / M_SI, 0.97 / M_AL
        solid = n_al - n_si / (1.0 - liquid_al(T)) * liquid_al(T)
        assert f == pytest.approx(solid * M_AL, abs=3e-4)
        assert q == pytest.approx(solid * H_AL, abs=3e-4 * total)
    assert path.fraction_solid[-1] == 1.0
    at_eutectic = float(np.interp(-(EUTECTIC + 0.005), -path.temperature, path.fraction_solid))
    assert at_eutectic == pytest.approx(primary, abs=1e-3)
    assert path.masses["SI_DIAMOND_A4"][-1] == pytest.approx(0.03, abs=1e-4)
    assert (np.diff(path.temperature) < 0.0).all() and (np.diff(path.fraction_solid) >= 0.0).all()
    assert heat < total


def test_an_alloy_is_made_from_a_database(ideal: Path) -> None:
    needs_pycalphad()
    alloy = Alloy.from_composition("aluminium", {"Si": 3.0}, database=ideal)
    liquidus, _, _, total = exact(3.0)
    assert alloy.liquidus.value == pytest.approx(liquidus, abs=0.05)
    assert alloy.latent_heat.value == pytest.approx(total, rel=1e-4)
    assert alloy.eutectic is None or alloy.eutectic.value == pytest.approx(EUTECTIC, abs=0.1)
    assert alloy.solidus.value == pytest.approx(EUTECTIC, abs=1.0)
    assert "(Scheil) from ideal.tdb" in alloy.note
    assert {c.key: c.text for c in alloy.sources()}["database"].startswith("ideal.tdb")
    with pytest.raises(MaterialError, match='model = "quick" must be "scheil" or "lever"'):
        Alloy.from_composition("aluminium", {"Si": 3.0}, database=ideal, model="quick")  # type: ignore[arg-type]


def test_an_independent_program_freezes_the_same(ideal: Path, system: ThermodynamicSystem) -> None:
    needs_pycalphad()
    scheil = pytest.importorskip("scheil", reason="the extra calphad is not installed")
    from pycalphad import Database
    from pycalphad import variables as v

    x_si = (0.03 / M_SI) / (0.03 / M_SI + 0.97 / M_AL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = scheil.simulate_scheil_solidification(
            Database(str(ideal)), ["AL", "SI", "VA"], ["LIQUID", "FCC_A1", "SI_DIAMOND_A4"], {v.X("SI"): x_si}, 950.0,
            step_temperature=1.0,
        )  # fmt: skip
    path = system.scheil({"Si": 3.0})
    # Only Al is solid before the eutectic: moles and masses translate into each other.
    T, moles = np.array(other.temperatures), np.array(other.fraction_solid)
    inside = (T > EUTECTIC + 1.5) & (moles > 0.01)
    mean = (1.0 - x_si) * M_AL + x_si * M_SI
    ours = np.interp(-T[inside], -path.temperature, path.fraction_solid)
    np.testing.assert_allclose(ours, moles[inside] * M_AL / mean, atol=2e-3)


def test_thinning_keeps_marks_and_stays_near() -> None:
    T = np.linspace(900.0, 800.0, 401)
    f = ((900.0 - T) / 100.0) ** 2
    path = FreezingPath(T, f, 4e5 * f**1.1, (), {}, "scheil")
    rows = np.array(thinned(path, [850.0], tolerance=1e-3))
    assert len(rows) < 40
    assert np.isclose(rows[:, 0], 850.0).any()
    near = np.interp(-T, -rows[:, 0], rows[:, 1])
    assert np.abs(near - f).max() <= 1e-3
    assert rows[0].tolist() == [900.0, 0.0, 0.0]
    assert rows[-1, 1:].tolist() == [1.0, 1.0]


def test_without_pycalphad_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch, ideal: Path) -> None:
    monkeypatch.setitem(sys.modules, "pycalphad", None)
    with pytest.raises(MaterialError) as caught:
        Alloy.from_composition("aluminium", {"Si": 3.0}, database=ideal)
    assert str(caught.value) == (
        "a freezing path from a thermodynamic database needs pycalphad, which is not installed; "
        'run pip install "castsolve[calphad]"'
    )


def test_a_bad_database_is_refused(tmp_path: Path, ideal: Path) -> None:
    needs_pycalphad()
    with pytest.raises(MaterialError, match="cannot be read: No such file"):
        ThermodynamicSystem(tmp_path / "absent.tdb", ["Si"])
    broken = tmp_path / "broken.tdb"
    broken.write_text("PHASE what is this", encoding="utf-8")
    with pytest.raises(MaterialError, match=r"broken.tdb (is no thermodynamic database|does not hold Al)"):
        ThermodynamicSystem(broken, ["Si"])
    with pytest.raises(MaterialError, match=r"ideal.tdb does not hold Mg; it holds Al, Si"):
        ThermodynamicSystem(ideal, ["Si", "Mg"])
    with pytest.raises(MaterialError, match='holds no phase named "BETA"'):
        ThermodynamicSystem(ideal, ["Si"], phases=["LIQUID", "beta"])
    with pytest.raises(MaterialError, match='"Xx" is no element'):
        ThermodynamicSystem(ideal, ["Xx"])
    with pytest.raises(MaterialError, match="together below 100"):
        ThermodynamicSystem(ideal, ["Si"]).scheil({"Si": 120.0})


@pytest.mark.slow
def test_a356_from_the_database_of_aluminium() -> None:
    """Name the file of mc_al in CASTSOLVE_TDB_AL to run it."""
    needs_pycalphad()
    if "CASTSOLVE_TDB_AL" not in os.environ:
        pytest.skip("CASTSOLVE_TDB_AL names no database")
    path = ThermodynamicSystem(os.environ["CASTSOLVE_TDB_AL"], ["Si", "Mg", "Fe"]).scheil({"Si": 7.0, "Mg": 0.35, "Fe": 0.12})
    assert path.onset("FCC_A1") - 273.15 == pytest.approx(614.9, abs=0.8)
    assert path.onset("SI_DIAMOND_A4") - 273.15 == pytest.approx(573.9, abs=0.9)
    assert path.latent_heat == pytest.approx(448e3, rel=0.01)


@pytest.mark.slow
def test_ductile_iron_from_the_database_of_cast_iron() -> None:
    """Name the file of iron4cd in CASTSOLVE_TDB_FE to run it."""
    needs_pycalphad()
    if "CASTSOLVE_TDB_FE" not in os.environ:
        pytest.skip("CASTSOLVE_TDB_FE names no database")
    path = ThermodynamicSystem(os.environ["CASTSOLVE_TDB_FE"], ["C", "Si", "Mn"], base="Fe").lever({"C": 3.6, "Si": 2.6, "Mn": 0.2})
    assert path.masses["GRAPHITE_A9"][-1] == pytest.approx(0.0202, abs=4e-4)
    assert path.latent_heat == pytest.approx(245e3, rel=0.01)
    assert path.onset("FCC_A1") - 273.15 == pytest.approx(1166.0, abs=2.0)
