"""A sleeve that ignites while the metal runs in: what it burns then it does not burn again, on any voxels, from any file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import castsolve as cs
from castsolve import materials
from castsolve.errors import ResultsError
from castsolve.results import read_checkpoint
from castsolve.simulation.handover import start_of
from castsolve.simulation.solidify import plan
from castsolve.units import degC, mm

END = 300.0


def quick_sleeve() -> materials.MouldMaterial:
    """The shipped sleeve, made to ignite at 150 degC and to burn for 12 s: a good part of it during a short pour."""
    sleeve = materials.mould("exothermic")
    assert sleeve.heat_release is not None and sleeve.ignition_temperature is not None
    last = sleeve.heat_release.rows[-1][0]
    rows = tuple((12.0 * t / last, share) for t, share in sleeve.heat_release.rows)
    ignition = replace(sleeve.ignition_temperature, value=degC(150), low=None, high=None)
    return replace(sleeve, ignition_temperature=ignition, heat_release=replace(sleeve.heat_release, rows=rows))


def riser_casting(burns_after: float | None = None) -> cs.SandCasting:
    body = cs.Part.box((48 * mm, 48 * mm, 16 * mm), name="block")
    around = cs.Sleeve(quick_sleeve(), thickness=8 * mm, burns_after=burns_after)
    riser = cs.Riser.cylinder(diameter=32 * mm, height=40 * mm, at=body.top, sleeve=around)
    gate = cs.Gate.slot(width=24 * mm, height=16 * mm, at=body.nearest((0, -24 * mm, 8 * mm)))
    return cs.SandCasting(
        body, alloy="WCB", mould="furan-sand", rigging=[gate, riser], pour_temperature=degC(1620), pour_time=10.0
    )


def sleeve_heat(result: cs.Results) -> float:
    """All the heat (J) that the sleeve holds."""
    material = quick_sleeve()
    assert material.exothermic_heat is not None
    (volume,) = (region["volume"] for region in result.facts["regions"] if region["role"] == "sleeve")
    return float(volume * material.density.value * material.exothermic_heat.value)


@pytest.fixture(scope="module")
def filled() -> cs.Filled:
    return cs.fill(riser_casting(), voxel=8 * mm)


def test_it_burns_while_the_metal_runs_in_and_the_books_know(filled: cs.Filled) -> None:
    told = filled.facts["filling"]
    lit = filled["ignition_time"]
    assert 0.03 < told["heat_released"] / sleeve_heat(filled) < 0.9
    # Heat is conducted up to half an interval ahead of the flow.
    assert 0.0 < np.nanmin(lit) and np.nanmax(lit) <= told["fill_time"] + 0.1
    assert (filled["region"][np.isfinite(lit)] == filled.frame.region_names.index("riser 1 sleeve")).all()
    # Heat that was set free is among what came in.
    assert filled.facts["energy"]["defect"] < filled.facts["energy"]["limit"]
    assert "heat released" in filled.summary()


@pytest.mark.parametrize("voxel", [8 * mm, 6 * mm, 5 * mm])
def test_what_burnt_during_the_pour_does_not_burn_again(filled: cs.Filled, voxel: float) -> None:
    """All of the sleeve burns in the end, and its heat comes once: in the pour and after it together that of the data."""
    result = cs.solidify(filled, voxel=voxel, until=END, dtype="float64")
    before, after = filled.facts["filling"]["heat_released"], result.facts["energy"]["heat_released"]
    # A sleeve of a voxel or two has not the same volume on any grid (8e-5): shares are kept, each of its own.
    assert before / sleeve_heat(filled) + after / sleeve_heat(result) == pytest.approx(1.0, rel=1e-9)
    assert result.facts["filling"]["heat_released"] == before
    assert result.facts["energy"]["defect"] < 1e-11
    # What was lit in the pour keeps that time, counted from its end.
    early = np.nanmin(filled["ignition_time"]) - filled.facts["filling"]["fill_time"]
    assert np.nanmin(result["ignition_time"]) == pytest.approx(early, abs=1e-4)


def test_without_what_is_carried_on_the_heat_comes_twice(filled: cs.Filled) -> None:
    forgetful = replace(filled, carried={})
    result = cs.solidify(forgetful, until=END, dtype="float64")
    both = filled.facts["filling"]["heat_released"] + result.facts["energy"]["heat_released"]
    assert both > 1.03 * sleeve_heat(result)


def test_the_fire_goes_on_as_it_was(filled: cs.Filled) -> None:
    """On the same voxels each part keeps its time of ignition, its heat and how much of it was hot."""
    ready = plan(riser_casting(), voxel=8 * mm, until=END, dtype="float64")
    start = start_of(filled, ready.grid)
    assert start is not None and start.burnt is not None
    run = ready.problem.run(None, enthalpy=start.enthalpy, touched=start.touched, burnt=start.burnt, until=1e-3)
    fire, was = run.stepper.fire, filled.carried
    assert fire is not None
    now, order = fire.burnt(), np.argsort(fire.burnt().voxels)
    np.testing.assert_array_equal(now.voxels[order], was["burnt_voxels"][np.argsort(was["burnt_voxels"])])
    lit = was["burnt_ignited"][np.argsort(was["burnt_voxels"])] - filled.facts["filling"]["fill_time"]
    known = np.isfinite(lit)
    np.testing.assert_array_equal(now.ignited[order][known], lit[known])
    # A millisecond later it has set free hardly more.
    gained = now.share[order] - was["burnt_share"][np.argsort(was["burnt_voxels"])]
    assert 0.0 <= gained.min() and gained.max() < 0.02


def test_a_saved_filling_burns_on_to_the_same_bits(filled: cs.Filled, tmp_path) -> None:
    filled.save(tmp_path / "filled")
    loaded = cs.load(tmp_path / "filled")
    for name, array in filled.carried.items():
        np.testing.assert_array_equal(loaded.carried[name], array)
    direct, again = cs.solidify(filled, until=60.0), cs.solidify(riser_casting(), filled=loaded, until=60.0)
    for name in ("temperature", "ignition_time"):
        np.testing.assert_array_equal(direct[name], again[name])
    assert direct.facts["energy"] == again.facts["energy"]


def test_a_freezing_stopped_while_it_burns_on_is_resumed_to_the_same_bits(filled: cs.Filled, tmp_path) -> None:
    check = tmp_path / "check"
    whole = cs.solidify(filled, until=60.0)

    def stop(progress) -> None:
        if progress.time > 5.0 and not check.exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cs.solidify(filled, until=60.0, checkpoint=check, progress=stop)
    share = read_checkpoint(check)[0]["fire_share"]
    assert 0.0 < share.mean() < 1.0
    with pytest.raises(ResultsError, match="belongs to another run"):
        cs.solidify(replace(filled, carried={}), until=60.0, checkpoint=check, resume=True)
    resumed = cs.solidify(filled, until=60.0, checkpoint=check, resume=True)
    for name in ("temperature", "ignition_time"):
        np.testing.assert_array_equal(whole[name], resumed[name])
    assert whole.facts["energy"] == resumed.facts["energy"]
    for name, column in whole.history.items():
        np.testing.assert_array_equal(column, resumed.history[name], err_msg=name)


def test_a_pour_stopped_while_it_burns_is_resumed_to_the_same_bits(filled: cs.Filled, tmp_path) -> None:
    check = tmp_path / "check"

    def stop(progress) -> None:
        if progress.time > 0.8 * filled.facts["filling"]["fill_time"] and not check.exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cs.fill(riser_casting(), voxel=8 * mm, checkpoint=check, progress=stop)
    assert np.isfinite(read_checkpoint(check)[0]["fire_ignited"]).any()
    resumed = cs.fill(riser_casting(), voxel=8 * mm, checkpoint=check, resume=True)
    np.testing.assert_array_equal(resumed["enthalpy"], filled["enthalpy"])
    for name, array in filled.carried.items():
        np.testing.assert_array_equal(resumed.carried[name], array)


def test_a_sleeve_that_burns_by_the_clock_waits_for_the_end_of_the_pour() -> None:
    filled = cs.fill(riser_casting(burns_after=5.0), voxel=8 * mm, until=4.0)
    assert "heat_released" not in filled.facts["filling"] and not filled.carried and "ignition_time" not in filled
    result = cs.solidify(filled, until=60.0, dtype="float64")
    assert result.facts["energy"]["heat_released"] == pytest.approx(sleeve_heat(result), rel=1e-9)
