"""Pressure and low-pressure dies as they run: fronts, intensification, the furnace behind the tube, pressure against pores."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import castsolve as cs
from castsolve.defects import feeding_pressure, microporosity, shrinkage
from castsolve.units import degC, mm

MACHINE = cs.MachineCycle(open=1.0, eject=3.0, spray=cs.Spray(1.0, flux=0.3), close=3.0, dose=2.0)


def pressure_cast(*, coating: str | None = None, **changed) -> cs.PressureDieCasting:
    cover = cs.Part.box((48 * mm, 32 * mm, 4 * mm), corner=(-24 * mm, -16 * mm, 0), name="cover")
    biscuit = cs.Biscuit(diameter=32 * mm, thickness=16 * mm, at=(0, -40 * mm, -8 * mm), direction="z")
    gate = cs.Gate(cs.Part.box((16 * mm, 12 * mm, 4 * mm), corner=(-8 * mm, -27 * mm, 0)))
    die = cs.Die(steel="H13", temperature=degC(220), parting=0.0, wall=24 * mm, coating=coating)
    shot = cs.ShotSleeve(diameter=32 * mm, length=150 * mm, fast_speed=2.0, intensification="60 MPa", gate_area="64 mm**2")
    given = {"alloy": "AlSi9Cu3", "die": die, "shot": shot, "rigging": [biscuit, gate], "pour_temperature": degC(650)}
    return cs.PressureDieCasting(cover, **{**given, **changed})


@pytest.fixture(scope="module")
def shot():
    return cs.run_cycles(pressure_cast(), MACHINE, voxel=4 * mm, shots=1)


def test_a_shot_fills_freezes_and_closes_its_books(shot):
    times = shot.stage_times()
    assert [*times] == ["fill", "dwell", "open", "eject", "spray", "close", "dose"]
    assert times["fill"] == pytest.approx(pressure_cast().own_fill_time, rel=1e-9)
    assert sum(v for name, v in shot.heat.items() if name != "metal") == pytest.approx(shot.heat["metal"], rel=1e-5)
    # The thick biscuit keeps the die closed, not the part.
    ready = {s.name: s.time for s in shot.sections}
    assert ready["biscuit 1"] > 1.5 * ready["cover"]
    assert shot.last_place[1] < -24 * mm
    assert shot.dwell == pytest.approx(ready["biscuit 1"], rel=0.01)


def test_metal_comes_on_from_the_plunger(shot):
    from castsolve.geometry import Grid
    from castsolve.simulation.fronts import front_masks

    casting = pressure_cast()
    layout = casting.layout(4 * mm)
    names = [r.name for r in layout.regions]
    grid = Grid.build(
        layout.bodies, voxel=4 * mm, box=layout.box, fine_box=layout.fine_box, region_names=names, background=names[-1]
    )
    masks = front_masks(casting, grid, 6)
    far = [float(grid.centres(1)[np.nonzero(m)[1]].max()) for m in masks]
    assert far[0] < -24 * mm
    assert far[-1] > 10 * mm
    assert (np.diff(far) >= 0.0).all()


def test_intensification_presses_metal_on_the_die():
    """Bare steel at 20 and at 120 MPa: the metal under more pressure leaves earlier."""
    def ready(pressure: str) -> float:
        shot = cs.ShotSleeve(diameter=32 * mm, length=150 * mm, fast_speed=2.0, intensification=pressure, gate_area="64 mm**2")
        casting = pressure_cast(coating="none", shot=shot)
        found = cs.run_cycles(casting, dataclasses.replace(MACHINE, dwell=25.0), voxel=4 * mm, shots=1)
        return next(s.time for s in found.sections if s.name == "cover")

    assert ready("120 MPa") < 0.9 * ready("20 MPa")


def test_pressure_leaves_fewer_pores_until_the_gate_has_frozen(shot):
    result = shot.result
    fed = feeding_pressure(result)
    metal, part = result.metal, result.where(role="part")
    assert set(np.unique(fed[metal])) <= {1.01e5, 1.01e5 + 60e6}
    # The biscuit goes on freezing when the gate is shut: nobody presses on it any more.
    late = result["feeding_time"] > np.nanmax(result["feeding_time"][part]) * 1.5
    assert late[metal].any() and (fed[metal & late] == 1.01e5).all()
    pressed, free = microporosity(result), microporosity(result, pressure_drop=1.01e5)
    told = np.isfinite(pressed) & part
    helped = told & (fed > 1.01e5)
    assert helped.any()
    assert (pressed[helped] < 0.2 * free[helped]).mean() > 0.95
    assert pressed[told & (fed == 1.01e5)] == pytest.approx(free[told & (fed == 1.01e5)])


def test_a_cavity_under_pressure_is_judged_by_what_was_pressed_in(shot):
    rows = [r for r in cs.verdicts(shot).rows if r.defect == "shrinkage cavity" and r.severity in ("warning", "severe")]
    assert rows and all("what the biscuit pressed in until then is counted" in r.cause for r in rows)


def test_sand_castings_are_fed_by_the_air():
    block = cs.Part.box(20 * mm)
    sand = cs.SandCasting(block, alloy="A356", mould="green-sand", pour_temperature=degC(720))
    assert feeding_pressure(cs.solidify(sand, voxel=5 * mm)) == 1.01e5


# -- low pressure ------------------------------------------------------------------------------------------------


def low_cast(hold: float, **changed) -> cs.LowPressureCasting:
    cup = cs.Part.box((32 * mm, 32 * mm, 40 * mm), corner=(-16 * mm, -16 * mm, 0), name="block")
    die = cs.Die(steel="H13", temperature=degC(300), parting=20 * mm, wall=32 * mm, coating="insulating")
    curve = [(0.0, 0.0), ("8 s", "20 kPa"), (8.0 + hold, "20 kPa")]
    given = {
        "alloy": "A356", "die": die, "pressure": curve, "melt_level": -0.3, "pour_temperature": degC(710),
        "rigging": [cs.RiserTube(diameter=24 * mm, at=(0, 0, 0), length=16 * mm)],
    }  # fmt: skip
    return cs.LowPressureCasting(cup, **{**given, **changed})


def test_the_furnace_feeds_heat_until_the_pressure_goes():
    machine = cs.MachineCycle(dwell=60.0, eject=5.0, close=5.0)
    short, long = (cs.run_cycles(low_cast(hold), machine, voxel=4 * mm, shots=1, dtype="float64") for hold in (5.0, 40.0))
    assert long.heat["riser tube"] < 2.0 * short.heat["riser tube"] < 0.0
    for found in (short, long):
        assert sum(v for name, v in found.heat.items() if name != "metal") == pytest.approx(found.heat["metal"], rel=1e-9)
    # While the pressure is on, the metal over the tube stays hot.
    metal = short.result.metal
    lowest = int(np.nonzero(metal)[2].min())
    cold, hot = (f.result["temperature_at_ejection"][:, :, lowest][metal[:, :, lowest]].mean() for f in (short, long))
    assert hot > cold + 20.0


def test_the_furnace_feeds_metal_until_the_pressure_goes():
    """The block stands on the tube, without a gate: what it contracts by comes from the furnace while liquid leads there."""
    machine = cs.MachineCycle(dwell=60.0, eject=5.0, close=5.0)
    pressed, let_go = (cs.run_cycles(low_cast(hold), machine, voxel=4 * mm, shots=1).result for hold in (50.0, 1.0))
    fed, short, loose = shrinkage(pressed), shrinkage(let_go), shrinkage(pressed, metal_pressure=0.0)
    assert fed.pressed_by == short.pressed_by == "riser tube"
    assert loose.pressed_by == ""
    for found in (fed, short):
        assert found.total + found.pressed_in == pytest.approx(found.expected, rel=1e-9)
    assert loose.total == pytest.approx(loose.expected, rel=1e-9)
    # held on to, it takes nearly all that it lacks from below; let go early, hardly more than what the superheat takes
    assert fed.pressed_in > 0.7 * fed.expected > 2.0 * short.pressed_in
    assert fed.volumes["part"] < 0.3 * loose.volumes["part"]
    # the mush too: by the furnace's pressure until the tube's metal is shut off or gone
    felt = feeding_pressure(pressed)
    assert set(np.unique(felt).tolist()) == {1.01e5, 1.01e5 + 20e3}


def test_the_fill_follows_the_pressure_curve():
    casting = low_cast(40.0)
    found = cs.run_cycles(casting, cs.MachineCycle(dwell=60.0, eject=5.0, close=5.0), voxel=4 * mm, shots=1)
    rate = 20e3 / 8.0 / (casting.melt_density * 9.81)
    assert found.stage_times()["fill"] == pytest.approx(40 * mm / rate, rel=1e-6)


def test_a_sand_core_is_made_anew_for_every_shot():
    core = cs.Core(cs.Part.box((12 * mm, 60 * mm, 12 * mm), corner=(-6 * mm, -30 * mm, 12 * mm)), material="furan-sand")
    casting = low_cast(20.0, rigging=[cs.RiserTube(diameter=24 * mm, at=(0, 0, 0), length=16 * mm), core])
    found = cs.run_cycles(casting, cs.MachineCycle(dwell=40.0, eject=5.0, close=5.0), voxel=4 * mm, shots=2, dtype="float64")
    assert found.heat["cores"] > 0.0
    assert sum(v for name, v in found.heat.items() if name != "metal") == pytest.approx(found.heat["metal"], rel=1e-9)
    first, last = (s.books for s in (found.shots[0], found.shots[-1]))
    number = found.result.frame.region_names.index("core 1")
    taken = [sum(float(b.gain[number]) for b in books) for books in (first, last)]
    assert taken[1] == pytest.approx(taken[0], rel=0.2)
