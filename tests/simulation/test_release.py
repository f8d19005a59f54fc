"""Heat that sleeves set free: booked once and whole, where the sleeve is, when it burns."""

from __future__ import annotations

import numpy as np
import pytest

import castsolve as cs
from castsolve import materials
from castsolve.simulation import Faces, HeatProblem, plan
from castsolve.simulation.release import HeatRelease
from castsolve.units import degC, mm


def riser_casting(sleeve: str) -> cs.SandCasting:
    body = cs.Part.box((60 * mm, 60 * mm, 40 * mm), name="block")
    riser = cs.Riser.cylinder(diameter=36 * mm, height=40 * mm, at=body.top, sleeve=cs.Sleeve(sleeve, thickness=10 * mm))
    return cs.SandCasting(body, alloy="WCB", mould="furan-sand", rigging=[riser], pour_temperature=degC(1580))


@pytest.mark.parametrize("scheme", ["rkl2", "rkl1", "euler"])
def test_an_insulated_sleeve_keeps_exactly_the_heat_that_it_sets_free(scheme: str) -> None:
    ready = plan(riser_casting("exothermic"), voxel=8 * mm, until=200.0, dtype="float64")
    sleeve = materials.mould("exothermic")
    assert sleeve.exothermic_heat is not None
    number = next(i for i, r in enumerate(ready.layout.regions) if r.role == "sleeve")
    release = ready.problem.source
    assert isinstance(release, HeatRelease)
    problem = HeatProblem(
        ready.grid, ready.problem.materials, Faces(contacts=ready.problem.faces.contacts), release, events=release.events
    )
    run = problem.run(ready.initial, until=200.0, scheme=scheme)
    freed = ready.grid.region_volume(number) * sleeve.density.value * sleeve.exothermic_heat.value
    assert run.ledger.heat_in == pytest.approx(freed, rel=1e-10)
    assert release.heat_until(200.0) == pytest.approx(freed, rel=1e-12)
    assert run.ledger.worst < 1e-11
    assert float((run.ledger.held - run.ledger.start).sum()) == pytest.approx(freed, rel=1e-9)
    # Steps land where the power changes, so that no step mixes two powers.
    times = run.history["time"]
    for event in release.events:
        assert event in times
    booked = np.interp([10.0, 70.0, 130.0, 199.0], times, run.history["heat_in"])
    np.testing.assert_allclose(booked, release.heat_until(np.array([10.0, 70.0, 130.0, 199.0])), rtol=1e-9, atol=1e-6)


def test_a_missed_event_would_be_seen() -> None:
    """Without landing on the events a step mixes two powers and the heat is no longer that of the data."""
    ready = plan(riser_casting("exothermic"), voxel=8 * mm, until=200.0, dtype="float64")
    problem = HeatProblem(
        ready.grid, ready.problem.materials, Faces(contacts=ready.problem.faces.contacts), ready.problem.source
    )
    run = problem.run(ready.initial, until=200.0)
    assert isinstance(ready.problem.source, HeatRelease)
    assert abs(run.ledger.heat_in / ready.problem.source.heat_until(200.0) - 1.0) > 1e-6


def test_a_burning_sleeve_lengthens_the_life_of_a_riser_and_is_told() -> None:
    burning = cs.solidify(riser_casting("exothermic"), voxel=8 * mm)
    ready = plan(riser_casting("exothermic"), voxel=8 * mm)
    # The same casting, the same sleeve, but nothing burns.
    quiet = HeatProblem(
        ready.grid, ready.problem.materials, ready.problem.faces, dtype="float32", watch=ready.problem.watch, mould_correction=True
    ).run(ready.initial, until="solid")
    assert float(burning.history["time"][-1]) > 1.05 * quiet.time
    freed = burning.facts["energy"]["heat_released"]
    assert isinstance(ready.problem.source, HeatRelease)
    assert freed == pytest.approx(ready.problem.source.heat_until(float(burning.history["time"][-1])), rel=1e-9)
    assert "heat released" in burning.summary()
    assert burning.facts["energy"]["defect"] < 1e-6
    assert "heat_released" not in cs.solidify(riser_casting("insulating"), voxel=8 * mm).facts["energy"]


def test_power_holds_from_its_time_on_and_the_same_field_is_handed_out() -> None:
    ready = plan(riser_casting("exothermic"), voxel=8 * mm, until=200.0)
    release = ready.problem.source
    assert isinstance(release, HeatRelease)
    sleeve = materials.mould("exothermic")
    (start, power), (end, none) = sleeve.release_rates()
    assert none == 0.0
    assert release(start - 1e-9).max() == 0.0
    assert release(start).max() == power
    assert release(start) is release(0.5 * (start + end))
    assert release(end).max() == 0.0
    burning = release(start) > 0.0
    number = next(i for i, r in enumerate(ready.layout.regions) if r.role == "sleeve")
    assert (burning == (ready.grid.region == number)).all()


def test_an_air_gap_over_fraction_solid_slows_a_die_casting() -> None:
    """The table over fraction solid reaches the solver as one over the temperature of the metal's side."""
    alloy = materials.alloy("A356")
    gap = cs.Interface.air_gap(
        "casting", "mould", contact=2000.0, gap=0.3 * mm, opens=alloy.coherency.value, temperature=650.0
    )
    times = {}
    given: float | cs.Interface
    for name, given in (("closed", 2000.0), ("open", gap)):
        casting = cs.GravityDieCasting(
            cs.Part.box((40 * mm, 40 * mm, 20 * mm)), alloy=alloy, mould="H13", pour_temperature=degC(710),
            mould_temperature=degC(250), interfaces={("casting", "mould"): given},
        )  # fmt: skip
        result = cs.solidify(casting, voxel=5 * mm)
        times[name] = float(np.nanmax(result["solidification_time"]))
        assert result.facts["energy"]["defect"] < 1e-6
    assert times["open"] > 1.5 * times["closed"]
