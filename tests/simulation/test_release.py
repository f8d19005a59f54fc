"""Heat that sleeves set free: booked once and whole, where the sleeve is, when it burns."""

from __future__ import annotations

import numpy as np
import pytest

import castsolve as cs
from castsolve import materials
from castsolve.errors import InputError, MaterialError, ResultsError
from castsolve.results import read_checkpoint
from castsolve.simulation import Faces, HeatProblem, plan
from castsolve.simulation.fire import hotter_share
from castsolve.simulation.release import Fuel, HeatRelease
from castsolve.units import degC, mm


def riser_casting(sleeve: str, burns_after: float | None = None) -> cs.SandCasting:
    body = cs.Part.box((60 * mm, 60 * mm, 40 * mm), name="block")
    around = cs.Sleeve(sleeve, thickness=10 * mm, burns_after=burns_after)
    riser = cs.Riser.cylinder(diameter=36 * mm, height=40 * mm, at=body.top, sleeve=around)
    return cs.SandCasting(body, alloy="WCB", mould="furan-sand", rigging=[riser], pour_temperature=degC(1580))


@pytest.mark.parametrize("scheme", ["rkl2", "rkl1", "euler"])
def test_an_insulated_sleeve_keeps_exactly_the_heat_that_it_sets_free(scheme: str) -> None:
    ready = plan(riser_casting("exothermic", burns_after=10.0), voxel=8 * mm, until=200.0, dtype="float64")
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
    ready = plan(riser_casting("exothermic", burns_after=10.0), voxel=8 * mm, until=200.0, dtype="float64")
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
    number = next(i for i, r in enumerate(ready.layout.regions) if r.role == "sleeve")
    sleeve = materials.mould("exothermic")
    assert sleeve.exothermic_heat is not None
    whole = ready.grid.region_volume(number) * sleeve.density.value * sleeve.exothermic_heat.value
    assert 0.5 * whole < freed < whole * (1 + 1e-12)
    lit = burning["ignition_time"]
    assert np.isfinite(lit[ready.grid.region == number]).any() and np.isnan(lit[ready.grid.region != number]).all()
    assert "heat released" in burning.summary()
    assert burning.facts["energy"]["defect"] < 1e-6
    assert "heat_released" not in cs.solidify(riser_casting("insulating"), voxel=8 * mm).facts["energy"]


def test_power_holds_from_its_time_on_and_the_same_field_is_handed_out() -> None:
    ready = plan(riser_casting("exothermic", burns_after=10.0), voxel=8 * mm, until=200.0)
    release = ready.problem.source
    assert isinstance(release, HeatRelease)
    sleeve = materials.mould("exothermic").by_clock(10.0)
    (start, power), (end, none) = sleeve.release_rates()
    assert none == 0.0
    assert release(start - 1e-9).max() == 0.0
    assert release(start).max() == power
    assert release(start) is release(0.5 * (start + end))
    assert release(end).max() == 0.0
    burning = release(start) > 0.0
    number = next(i for i, r in enumerate(ready.layout.regions) if r.role == "sleeve")
    assert (burning == (ready.grid.region == number)).all()


@pytest.mark.parametrize("scheme", ["rkl2", "rkl1", "euler"])
def test_a_sleeve_that_ignites_sets_its_heat_free_once_and_whole(scheme: str) -> None:
    """Insulated, and with steps that land on nothing: the books hold what the burning curve of every voxel says."""
    ready = plan(riser_casting("exothermic"), voxel=8 * mm, until=600.0, dtype="float64")
    release = ready.problem.source
    assert isinstance(release, HeatRelease)
    assert release.events == () and release.rates == {}
    problem = HeatProblem(ready.grid, ready.problem.materials, Faces(contacts=ready.problem.faces.contacts), release)
    run = problem.run(ready.initial, until=60.0 if scheme == "euler" else 600.0, scheme=scheme)
    ((region, fuel),) = release.fuels.items()
    fire = run.stepper.fire
    assert fire is not None
    parts = fire.ignited.shape[1]
    volume = problem.rows.volumes().reshape(-1)[fire.voxels, None] / parts
    lit = np.isfinite(fire.ignited)
    before = run.history["time"][-2]
    # What was lit in the last step burns from the next one on.
    burning = lit & (fire.ignited <= before)
    freed = float((fuel.heat * volume * np.where(burning, fuel.share(run.time - np.where(burning, fire.ignited, 0.0)), 0.0)).sum())
    assert run.ledger.heat_in == pytest.approx(freed, rel=1e-10)
    assert run.history["heat_freed"][-1] == pytest.approx(freed, rel=1e-12)
    assert run.ledger.worst < 1e-11
    if scheme != "euler":
        assert lit.all()
        whole = ready.grid.region_volume(region) * fuel.heat
        assert freed == pytest.approx(whole, rel=1e-12)
        # From the metal outward, not all at once.
        assert np.ptp(fire.ignited) > 10.0
        assert "burning" in run.history["ruling"]


def test_voxels_ignite_where_the_recorded_field_says() -> None:
    """None before its hottest side may be hot enough, all of it once its coldest is; about half of it when its mean is."""
    ready = plan(riser_casting("exothermic"), voxel=8 * mm, until=60.0, dtype="float64")
    times = [8.0, 20.0, 45.0]
    run = ready.problem.run(ready.initial, until=60.0, record=times)
    fire = run.stepper.fire
    assert fire is not None and isinstance(ready.problem.source, HeatRelease)
    (fuel,) = ready.problem.source.fuels.values()
    near = []
    for t in times:
        T = ready.problem.in_rows(run.snapshots[t])
        mean = T.reshape(-1)[fire.voxels]
        share = (np.nan_to_num(fire.ignited, nan=np.inf) <= t).mean(axis=1)
        around = np.pad(T, 1, mode="edge")
        beside = [np.roll(around, step, axis)[1:-1, 1:-1, 1:-1].reshape(-1)[fire.voxels] for axis in range(3) for step in (-1, 1)]
        assert (share[np.max(beside, axis=0) < fuel.ignition] == 0.0).all()
        assert (share[np.min([mean, *beside], axis=0) >= fuel.ignition] == 1.0).all()
        near.append(share[np.abs(mean - fuel.ignition) < 25.0])
    near_all = np.concatenate(near)
    assert len(near_all) > 5 and 0.3 < near_all.mean() < 0.8


def test_a_profile_has_the_share_above_a_limit_that_its_mean_asks_for() -> None:
    """Averaged over all limits between cold and hot the share is the mean itself; a straight profile and a thin layer are known."""
    limits = np.linspace(0.0, 1.0, 200001)
    middle = 0.5 * (limits[1:] + limits[:-1])
    for mean in (0.02, 0.2, 1 / 3, 0.4, 0.5, 0.6, 2 / 3, 0.9):
        share = hotter_share(mean, 1.0, 0.0, middle)
        assert (np.diff(share) <= 1e-12).all() and 0.0 <= share.min() and share.max() <= 1.0
        assert share.mean() == pytest.approx(mean, abs=2e-5)
    np.testing.assert_allclose(hotter_share(0.5, 1.0, 0.0, [0.25, 0.75]), [0.75, 0.25])
    # (1 - s/p)^2 with p = 0.3
    assert hotter_share(0.1, 1.0, 0.0, 0.25) == pytest.approx(0.15)
    np.testing.assert_array_equal(hotter_share([500.0, 900.0], [500.0, 900.0], [500.0, 900.0], 800.0), [0.0, 1.0])


def test_a_wall_without_metal_behind_it_lights_nothing() -> None:
    """As in a filling before the metal comes: its voxels are there, and hot by their numbers, but no heat crosses."""
    ready = plan(riser_casting("exothermic"), voxel=8 * mm, until=60.0, dtype="float64")
    lit = []
    for share in (1.0, 0.0):
        ready.problem.cut.arrays["face_area"] *= share
        fire = ready.problem.run(ready.initial, until=8.0).stepper.fire
        assert fire is not None
        lit.append(int(np.isfinite(fire.ignited).sum()))
    assert lit[0] > 100 and lit[1] == 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_run_stopped_while_its_sleeve_burns_goes_on_to_the_same_bits(tmp_path, dtype: str) -> None:
    check = tmp_path / "check"
    whole = cs.solidify(riser_casting("exothermic"), voxel=8 * mm, dtype=dtype)

    def stop(progress) -> None:
        if progress.time > 30.0 and not check.exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cs.solidify(riser_casting("exothermic"), voxel=8 * mm, dtype=dtype, checkpoint=check, progress=stop)
    lit = read_checkpoint(check)[0]["fire_ignited"]
    assert 0 < np.isfinite(lit).sum() < lit.size
    resumed = cs.solidify(riser_casting("exothermic"), voxel=8 * mm, dtype=dtype, checkpoint=check, resume=True)
    for name in ("temperature", "solidification_time", "ignition_time"):
        np.testing.assert_array_equal(whole[name], resumed[name])
    for name, column in whole.history.items():
        np.testing.assert_array_equal(column, resumed.history[name], err_msg=name)
    with pytest.raises(KeyboardInterrupt):
        cs.solidify(riser_casting("exothermic"), voxel=8 * mm, dtype=dtype, checkpoint=check, progress=stop)
    with pytest.raises(ResultsError, match="belongs to another run"):
        cs.solidify(riser_casting("exothermic", burns_after=5.0), voxel=8 * mm, dtype=dtype, checkpoint=check, resume=True)


def test_a_sleeve_that_stays_cold_does_not_burn_and_that_is_told() -> None:
    body = cs.Part.box((60 * mm, 60 * mm, 40 * mm), name="block")
    riser = cs.Riser.cylinder(diameter=36 * mm, height=40 * mm, at=body.top, sleeve="exothermic")
    casting = cs.SandCasting(body, alloy="A356", mould="furan-sand", rigging=[riser], pour_temperature=degC(640))
    result = cs.solidify(casting, voxel=8 * mm)
    lit = np.isfinite(result["ignition_time"])
    sleeve = materials.mould("exothermic")
    assert sleeve.ignition_temperature is not None
    told = [text for text in result.facts["warnings"] if "not hot enough to ignite" in text]
    hottest = result["temperature"][result["region"] == 1].max()
    if not lit.any():
        assert result.facts["energy"]["heat_released"] == 0.0 and hottest < sleeve.ignition_temperature.value
        assert told == ["100 % of what burns was not hot enough to ignite until the end of the run"]
    else:
        assert 0.0 < result.facts["energy"]["heat_released"]


@pytest.mark.parametrize(
    ("times", "shares"), [((0.0, 1.0), (0.0, 0.9)), ((1.0, 0.0), (0.0, 1.0)), ((-1.0, 1.0), (0.0, 1.0)), ((0.0,), (1.0,))]
)
def test_a_fuel_that_does_not_burn_up_is_refused(times: tuple, shares: tuple) -> None:
    with pytest.raises(InputError, match="must rise from 0 to 1"):
        Fuel(800.0, 1e9, times, shares)


def test_by_the_clock_is_an_option_of_what_burns() -> None:
    sleeve = materials.mould("exothermic").by_clock(10.0)
    assert sleeve.ignition_temperature is None and sleeve.release_rates()[0][0] == 10.0
    with pytest.raises(MaterialError, match="burns nothing"):
        materials.mould("insulating").by_clock()
    with pytest.raises(MaterialError, match="before the pour"):
        materials.mould("exothermic").by_clock(-1.0)


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
