"""Castings in a die, one after another: books, channels, ejection, resuming, refusals."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import castsolve as cs
from castsolve.casting import CoolingChannel, MachineCycle, Spray
from castsolve.errors import CastsolveError, GeometryError, InputError, MaterialError, ResultsError
from castsolve.simulation import CycleResults, heat_problem
from castsolve.simulation.cycles import run_cycles
from castsolve.units import degC, mm

SPRAY = Spray(2.0, flux=0.3)
MACHINE = MachineCycle(eject=5.0, spray=SPRAY, blow=1.0, close=6.0)


def casting(**changed) -> cs.GravityDieCasting:
    plate = cs.Part.box((60 * mm, 40 * mm, 8 * mm), centre=(0.0, 0.0, 0.0))
    options = {"alloy": "A356", "mould": "H13", "pour_temperature": degC(680), "mould_temperature": degC(220), "wall": 24 * mm}
    return cs.GravityDieCasting(plate, **{**options, **changed})


def channel(z: float = 16 * mm, **changed) -> CoolingChannel:
    options = {"diameter": 8 * mm, "flow": "6 litre/minute", "inlet_temperature": degC(20)}
    return CoolingChannel([(-0.1, 0.0, z), (0.1, 0.0, z)], **{**options, **changed})


@pytest.fixture(scope="module")
def steady():
    return run_cycles(casting(), MACHINE, voxel=4 * mm, channels=[channel()], tolerance=0.5, dtype="float64")


def test_a_steady_cycle_closes_its_books(steady):
    heat = steady.heat
    taken = heat["channels"] + heat["open cavity"] + heat["outer sides"]
    assert heat["metal"] > 0.0 and min(heat["channels"], heat["open cavity"], heat["outer sides"]) > 0.0
    # Each term is an integral of its own; the die keeps what its distance from the steady state still is worth.
    assert taken == pytest.approx(heat["metal"], rel=1e-3)
    assert abs(heat["die"]) < 1e-3 * heat["metal"]
    assert heat["metal"] == pytest.approx(taken + heat["die"], rel=1e-6)


def test_the_channel_warms_its_water_by_what_it_takes(steady):
    (water,) = steady.channels
    rate = channel().medium.heat_rate(1e-4, degC(20))
    assert water.power == pytest.approx(steady.heat["channels"] / steady.cycle_time)
    assert water.outlet_temperature - degC(20) == pytest.approx(water.power / rate, rel=1e-6)
    assert 3000.0 < water.htc < 15000.0


def test_the_cycle_time_is_its_stages(steady):
    books = steady.shots[-1].books
    assert [b.name for b in books] == ["dwell", "eject", "spray", "blow", "close"]
    assert [b.duration for b in books[1:]] == [5.0, 2.0, 1.0, 6.0]
    assert steady.cycle_time == pytest.approx(steady.dwell + 14.0)
    assert steady.shots_per_hour(availability=0.5) == pytest.approx(1800.0 / steady.cycle_time)
    for word in ("steady", "shots an hour", "dwell rules at", "from the metal", "channel 1", "outlet"):
        assert word in steady.summary()
    # The middle of the plate rules.
    assert np.abs(steady.last_place[:2]).max() < 8 * mm


def test_the_die_is_shown_before_at_and_after(steady):
    result = steady.result
    die = result.where(role="mould")
    before, open_, after = (result[f"temperature_{n}"][die] for n in ("before_pour", "at_ejection", "after_spray"))
    assert open_.max() > before.max()
    assert after.mean() < open_.mean()
    # Ejectable: no metal above the ejection temperature.
    assert result["temperature_at_ejection"][result.metal].max() < 623.15 + 0.5
    assert np.isfinite(result["solidification_time"][result.metal]).all()


def test_the_surface_swings_and_a_saved_cycle_is_the_same(steady, tmp_path):
    result = steady.result
    surface = np.isfinite(result["die_surface_peak"])
    assert (result["region"][surface] != 0).all()
    before, eject, spray = (result[f"die_surface_{n}"][surface] for n in ("before_pour", "after_eject", "after_spray"))
    assert (result["die_surface_peak"][surface] >= np.maximum(eject, spray)).all()
    assert spray.mean() < before.mean() < eject.mean() < result["die_surface_peak"][surface].mean()
    assert (result["die_surface_range"][surface] >= eject - spray - 1e-3).all()
    again = CycleResults.load(steady.save(tmp_path / "cycle"))
    assert again.summary() == steady.summary()
    assert again.heat == steady.heat and again.channels == steady.channels and again.sections == steady.sections
    with pytest.raises(ResultsError, match="is no cycle of a die; make one with run_cycles"):
        CycleResults.of(dataclasses.replace(result, facts={}))


def test_the_part_is_the_section_that_rules(steady):
    (part,) = steady.sections
    assert part.role == "part" and part.place == steady.last_place
    # The die opens with the step in which the last voxel became ejectable.
    assert 0.97 * steady.dwell < part.time <= steady.dwell
    assert steady.section_gain == 0.0
    assert f"dwell, {100 * steady.dwell / steady.cycle_time:.0f} % of the cycle, ruled by box" in steady.summary()
    assert steady.shots_per_shift(availability=0.5) == pytest.approx(8 * 1800.0 / steady.cycle_time)
    short = run_cycles(casting(), dataclasses.replace(MACHINE, dwell=5.0), voxel=4 * mm, shots=1)
    assert short.sections[0].time is None and short.last_place is None


def test_a_riser_that_rules_says_what_it_costs():
    """A heavy riser on the plate keeps the die shut, at least by its own time less that of the plate."""
    plate = cs.Part.box((60 * mm, 40 * mm, 8 * mm), centre=(0.0, 0.0, 0.0))
    riser = cs.Riser.cylinder(diameter=24 * mm, height=24 * mm, at=plate.top)
    heavy = cs.GravityDieCasting(
        plate, alloy="A356", mould="H13", pour_temperature=degC(680), mould_temperature=degC(220), wall=24 * mm, rigging=[riser]
    )
    found = run_cycles(heavy, MachineCycle(eject=5.0, close=6.0), voxel=4 * mm, shots=1)
    first, second = found.sections
    assert (first.role, second.role) == ("riser", "part")
    assert found.section_gain == pytest.approx(first.time - second.time) and found.section_gain > 0.2
    assert f"without it {second.name} would be next, at least {found.section_gain:.1f} s sooner" in found.limit()


def test_spray_and_channel_cool_the_die(steady):
    machine, slow = dataclasses.replace(MACHINE, spray=None, blow=0.0), channel(flow="1 litre/minute")
    dry = run_cycles(casting(), machine, voxel=4 * mm, tolerance=2.0, channels=[slow])
    assert dry.dwell > steady.dwell
    die = steady.result.where(role="mould")
    assert dry.result["temperature_before_pour"][die].mean() > steady.result["temperature_before_pour"][die].mean() + 5.0


def test_a_channel_that_flows_only_in_the_dwell_takes_less(steady):
    options = {"voxel": 4 * mm, "shots": 3}
    always = run_cycles(casting(), MACHINE, channels=[channel()], **options)
    part = run_cycles(casting(), MACHINE, channels=[channel(stages=["dwell"])], **options)
    assert part.heat["channels"] < 0.9 * always.heat["channels"]
    assert part.channels[0].outlet_temperature > degC(20)


def test_legs_warm_one_after_the_other():
    bent = CoolingChannel(
        [(-0.1, -0.01, 0.016), (0.02, -0.01, 0.016), (0.02, 0.1, 0.016)], diameter=8 * mm, flow="1 litre/minute",
        inlet_temperature=degC(20),
    )  # fmt: skip
    found = run_cycles(casting(), MACHINE, voxel=4 * mm, shots=3, channels=[bent])
    assert len(found.channels) == 1
    names = [r["name"] for r in found.result.facts["regions"]]
    assert "channel 1 leg 1" in names and "channel 1 leg 2" in names
    T = found.result["temperature_at_ejection"]
    first, second = (float(T[found.result.frame.region_names.index(n) == found.result["region"]].mean()) for n in names[1:3])
    assert degC(20) < first < second < found.channels[0].outlet_temperature


def test_the_way_the_rows_lie_changes_nothing(monkeypatch):
    """A cycle is solved on the grid turned along the casting; every order of axes tells the same, walls askew included."""
    plate = cs.Part.box((60 * mm, 40 * mm, 8 * mm)).turned(0.2, axis=(1, 2, 0.3))
    askew = cs.GravityDieCasting(
        plate, alloy="A356", mould="H13", pour_temperature=degC(680), mould_temperature=degC(220), wall=24 * mm
    )
    found = []
    for order in ((0, 1, 2), (1, 2, 0)):
        monkeypatch.setattr(heat_problem, "row_order", lambda grid, order=order: order)
        options = {"voxel": 4 * mm, "channels": [channel(z=26 * mm)], "shots": 2, "dtype": "float64"}
        found.append(run_cycles(askew, MACHINE, **options))
    plain, turned = found
    for name in ("temperature_before_pour", "solidification_time", "thermal_gradient"):
        np.testing.assert_allclose(turned.result[name], plain.result[name], rtol=1e-6)
    assert turned.last_place == plain.last_place
    assert turned.heat["metal"] == pytest.approx(plain.heat["metal"], rel=1e-12)


class StoppedError(Exception):
    """Stands for a killed process."""


def test_a_die_as_hot_as_its_casting_is_found_too():
    """Without a channel the dwell grows to minutes: the estimate misleads, plain shots lead back."""
    options = {"voxel": 4 * mm, "most": 30}
    fast, plain = (run_cycles(casting(), MACHINE, accelerate=a, **options) for a in (True, False))
    assert fast.dwell > 60.0
    assert fast.cycle_time == pytest.approx(plain.cycle_time, rel=0.003)
    T = "temperature_before_pour"
    die = fast.result.where(role="mould")
    assert float(np.abs(fast.result[T] - plain.result[T])[die].max()) < 1.0


def test_an_interrupted_cycling_goes_on_to_the_same_bits(tmp_path):
    options = {"voxel": 4 * mm, "channels": [channel()], "tolerance": 1.0}
    whole = run_cycles(casting(), MACHINE, **options)

    def stop(number, shot):
        if number == 3:
            raise StoppedError

    check = tmp_path / "check"
    with pytest.raises(StoppedError):
        run_cycles(casting(), MACHINE, checkpoint=check, progress=stop, **options)
    assert check.exists()
    with pytest.raises(ResultsError, match="belongs to another run"):
        run_cycles(casting(), dataclasses.replace(MACHINE, close=7.0), checkpoint=check, resume=True, **options)
    again = run_cycles(casting(), MACHINE, checkpoint=check, resume=True, **options)
    assert not check.exists()
    assert len(again.shots) == len(whole.shots)
    for name in whole.result:
        a, b = whole.result[name], again.result[name]
        assert np.array_equal(a, b, equal_nan=a.dtype.kind == "f"), name
    assert again.heat == whole.heat


def test_the_spray_is_an_energy_balance():
    spray = Spray(2.0, flux=0.5, efficiency=0.25)
    assert spray.heat_flux == pytest.approx(0.125 * (80 * 4190 + 2.257e6))
    rows = np.array(spray.coefficient_rows())
    flux = rows[:, 1] * (rows[:, 0] - degC(20))
    wet = (rows[:, 0] > degC(101)) & (rows[:, 0] <= degC(300))
    assert flux[wet] == pytest.approx(spray.heat_flux, rel=1e-9)
    assert flux[rows[:, 0] > degC(321)] == pytest.approx(0.2 * spray.heat_flux, rel=1e-9)
    assert (np.diff(rows[:, 0]) > 0.0).all()


def test_a_nozzle_wets_the_circle_that_its_cone_meets():
    """0.6 litre a minute from 200 mm in a cone of 60 degrees: a circle of 115 mm radius, 0.238 kg/m2/s."""
    nozzle = {"flow": "0.6 litre/minute", "distance": "200 mm", "angle": "60 deg"}
    near = Spray.from_nozzle(2.0, **nozzle, efficiency=0.25)
    assert near.flux == pytest.approx(1e-5 * 998.0 / (np.pi * 0.11547**2), rel=1e-4)
    assert (near.duration, near.efficiency) == (2.0, 0.25)
    assert Spray.from_nozzle(2.0, **{**nozzle, "distance": 0.4}).flux == pytest.approx(0.25 * near.flux)
    assert Spray.from_nozzle(2.0, **nozzle, nozzles=3).flux == pytest.approx(3.0 * near.flux)
    for changed, words in (
        ({"angle": "180 deg"}, "angle = 180 degrees must lie between 0 and 180"),
        ({"distance": 0.0}, "distance = 0 m must be above 0"),
        ({"flow": "1 kg"}, "wrong unit"), ({"nozzles": 0}, "nozzles = 0 1 or more"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=words):
            Spray.from_nozzle(2.0, **{**nozzle, **changed})


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: channel(z=0.5), GeometryError, r"channel 1 lies outside the die, which reaches from \("),
        (lambda: channel(z=2 * mm), GeometryError, r"channel 1 breaks into the casting near \(.* move it away from the cavity"),
        (lambda: channel(stages=["fill"]), InputError, r'flows in the stage "fill"; this machine has blow, close, dwell'),
    ],
)
def test_channels_are_refused_with_their_place(make, kind, words):
    with pytest.raises(kind, match=words):
        run_cycles(casting(), MACHINE, voxel=4 * mm, channels=[make()])


def test_refusals():
    for bad, kind, words in (
        (
            lambda: channel(inlet_temperature=degC(140)), MaterialError,
            r"inlet_temperature of the channel from \(.*\) to \(.*\) mm = 140 degC is not below 133.7 degC, where water boils",
        ),
        (lambda: channel(flow=0.0), InputError, "must be above 0; write for example"),
        (lambda: CoolingChannel([(0, 0, 0)], diameter=8 * mm, flow=1e-4, inlet_temperature=300.0), InputError, "has no length"),
        (lambda: channel(medium="watr"), MaterialError, 'nearest is "water"'),
        (lambda: Spray(0.0, flux=1.0), InputError, "spray duration = 0 s must be above 0 s"),
        (lambda: Spray(1.0, flux=0.0), InputError, "must be above 0, and efficiency"),
        (lambda: MachineCycle(eject=0.0), InputError, "eject = 0 s must be above 0 s"),
        (lambda: MachineCycle(air_htc=0.0), InputError, "air_htc = 0 W/m2/K must be above 0"),
        (lambda: run_cycles(casting(), MACHINE, voxel=4 * mm, shots=0), InputError, "must be a whole number from 1 on"),
        (
            lambda: run_cycles(casting(), MachineCycle(ejection_temperature=degC(600)), voxel=4 * mm),
            CastsolveError,
            "ejection_temperature = 600 degC must lie between 27 degC and the solidus of A356",
        ),
    ):
        with pytest.raises(kind, match=words):
            bad()
