"""A die turns while it fills: gravity turns the other way, and the metal feels the turn itself."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from flow_cases import WATER, half_space

import castsolve as cs
from castsolve.errors import GeometryError, InputError
from castsolve.simulation import plan_fill
from castsolve.simulation.flow_arrays import Cavity
from castsolve.simulation.flow_problem import FlowProblem
from castsolve.simulation.flow_turning import Turning
from castsolve.units import degC, mm

DOWN = (0.0, 0.0, -9.81)
VOXEL = 5 * mm


def tank(rate, *, angle, n=24, edge=0.1, share=0.4):
    """A tank, level at the start, that turns at a rate: worst angle of its surface to level while it turns, and after; the run."""
    h = edge / n
    turning = Turning((0.0, 1.0, 0.0), lambda t: min(rate * t, angle), (0.5 * edge, 0.0, 0.5 * edge), angle)
    up = -turning.gravity(DOWN, 0.0) / 9.81
    offsets = np.linspace(0.0, edge, 21)
    held = [half_space((n, 1, n), h, (0, 0, 0), up, o).mean() for o in offsets]
    fill = half_space((n, 1, n), h, (0, 0, 0), up, float(np.interp(share, held, offsets)))
    x, rows = (np.arange(n) + 0.5) * h, []

    def note(run):
        heights = run.volume[:, 0, :].sum(axis=1) * h
        inner = (heights > 1.5 * h) & (heights < edge - 1.5 * h)
        level = -turning.gravity(DOWN, run.time)
        rows.append((run.time, math.atan(np.polyfit(x[inner], heights[inner], 1)[0]) - math.atan2(-level[0], level[2])))

    problem = FlowProblem(Cavity.blocks(np.ones((n, 1, n)), h), WATER, gravity=DOWN, turning=turning, slip_axes=(1,))
    run = problem.run(fill, until=1.3 * angle / rate, progress=note)
    time, off = np.array(rows).T
    while_turning = time < angle / rate
    slosh = math.sqrt(math.pi * 9.81 / edge * math.tanh(math.pi * share))
    return np.abs(off[while_turning]).max(), np.abs(off).max(), rate / slosh, run


@pytest.mark.parametrize("rate", [10.0, 40.0])
def test_liquid_in_a_turning_tank_stays_level(rate):
    """Its surface lags like a pendulum whose support moves on: by rate / slosh frequency at most, by twice that once it stops."""
    turning, after, bound, run = tank(math.radians(rate), angle=math.radians(40.0))
    grid = math.radians(0.1)
    assert turning < 1.1 * bound + grid and after < 2.0 * bound + grid
    # It is the turn that is followed: level in the tank's own axes would be off by 40 degrees.
    assert turning < math.radians(0.1 * 40.0)
    assert run.ledger.worst < 1e-12


def test_a_drop_flies_straight_on_while_the_mould_turns():
    """No force acts: seen from the mould a drop runs in a spiral, by centrifugal, Coriolis and Euler acceleration."""
    n, rate = 48, 1.0
    h = 1.0 / n
    x = (np.arange(n) + 0.5) * h - 0.5
    fine = ((np.arange(8 * n) + 0.5) / 8.0 * h) - 0.5
    drop = ((fine[:, None] + 0.15) ** 2 + (fine[None, :] + 0.15) ** 2 < 0.09**2).astype(float)
    fill = drop.reshape(n, 8, n, 8).mean(axis=(1, 3))[:, None, :]
    velocity = [np.full((n + 1, 1, n), 0.3), np.zeros((n, 2, n)), np.full((n, 1, n + 1), 0.2)]

    def flight(turning):
        path = []

        def note(run):
            volume = run.volume[:, 0, :]
            path.append((run.time, (volume.sum(axis=1) @ x) / volume.sum(), (volume.sum(axis=0) @ x) / volume.sum()))

        problem = FlowProblem(
            Cavity.blocks(np.ones((n, 1, n)), h, origin=(-0.5, 0.0, -0.5)), WATER, gravity=(0.0, 0.0, 0.0), turning=turning,
            slip_axes=(1,),
        )  # fmt: skip
        run = problem.run(fill, until=0.5, velocity=velocity, step=0.002, progress=note)
        assert run.ledger.worst < 1e-12
        return np.array(path).T

    time, px, pz = flight(Turning((0.0, 1.0, 0.0), lambda t: rate * t, (0.0, 0.0, 0.0), math.pi))
    a, lab = rate * time, (-0.15 + 0.3 * time, -0.15 + 0.2 * time)
    exact = lab[0] * np.cos(a) - lab[1] * np.sin(a), lab[0] * np.sin(a) + lab[1] * np.cos(a)
    assert max(np.abs(px - exact[0]).max(), np.abs(pz - exact[1]).max()) < 0.1 * h
    # A mould whose turn the metal does not feel would be off by more than a voxel.
    _, sx, sz = flight(None)
    assert max(np.abs(sx - exact[0]).max(), np.abs(sz - exact[1]).max()) > 1.0 * h


def test_gravity_turns_as_the_tilt_says():
    tilt = cs.Tilt(axis="y", angle="90 deg", turning=[(0, 0), ("2 s", "30 deg"), ("3 s", "90 deg")], through=(0, 0, "50 mm"))
    turning = Turning(tuple(tilt.axis), tilt.turned, tuple(tilt.through), tilt.angle)
    for time, done in ((0.0, 0.0), (1.0, 15.0), (2.0, 30.0), (2.5, 60.0), (3.0, 90.0), (9.0, 90.0)):
        assert math.degrees(tilt.turned(time)) == pytest.approx(done, abs=1e-9)
        assert turning.gravity(DOWN, time) == pytest.approx(-9.81 * tilt.up(np.array([0, 0, 1.0]), min(time / 3.0, 1.0)), abs=1e-12)
    # Gravity turns the other way than the mould: dg/dt = - w x g.
    w, dt = turning.spin(0.9, 1.1), 1e-6
    change = (turning.gravity(DOWN, 1.0 + dt) - turning.gravity(DOWN, 1.0 - dt)) / (2.0 * dt)
    assert w == pytest.approx((0.0, math.radians(15.0), 0.0)) and change == pytest.approx(-np.cross(w, turning.gravity(DOWN, 1.0)))
    steady = cs.Tilt(axis="y", angle="-60 deg", turning="4 s")
    assert math.degrees(steady.turned(1.0)) == pytest.approx(-15.0) and steady.duration() == 4.0
    assert cs.Tilt(axis="y", angle="60 deg").turned(1.0, usual=3.0) == pytest.approx(math.radians(20.0))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"turning": 0.0}, "turning = 0 s must be above 0 s"),
        ({"turning": [(0, 0), (2, 1.0)]}, "rows of time and angle from 0 to the angle of 90 degrees; it goes from 0 to 57.29"),
        ({"turning": [(2, 0), (1, 1.0)]}, "must rise"),
        ({"turning": "3 kg"}, "wrong unit"),
        ({"through": (0, 0)}, "through"),
    ],
)
def test_a_wrong_turn_is_refused(given, told):
    with pytest.raises(InputError, match=told):
        cs.Tilt(axis="y", angle="90 deg", **given)


def die(turning="1.5 s", *, basin=True, axis="y", **more):
    """A bar under a cup in a die that turns by 90 degrees: before, the metal lies on the cup's far side, below its neck."""
    wide = 20 * mm
    bar = cs.Part.box((50 * mm, wide, 40 * mm), corner=(0, -0.5 * wide, 0)).renamed("bar")
    neck = cs.Gate(cs.Part.box((10 * mm, wide, 10 * mm), corner=(40 * mm, -0.5 * wide, 40 * mm)))
    outline = [(50, 0), (50, 50), (80, 50), (80, 55), (110, 55), (110, 0)]
    cup = cs.Part.extruded([(z * mm, x * mm) for z, x in outline], wide, axis="y", name="cup").moved((0, -0.5 * wide, 0))
    return cs.GravityDieCasting(
        bar, alloy="A356", mould="H13", mould_temperature=degC(300), pour_temperature=degC(720), wall=25 * mm,
        rigging=[neck, *([cs.Basin(cup)] if basin else [])],
        tilt=cs.Tilt(axis=axis, angle="90 deg", turning=turning, through=(25 * mm, 0, 50 * mm)), **more,
    )  # fmt: skip


def test_the_metal_lies_level_in_the_basin_before_the_turn():
    ready = plan_fill(die(), voxel=VOXEL, heat=False)
    cavity, held = ready.problem.cavity, ready.initial() * ready.problem.cavity.share
    assert ready.lying is not None and ready.warnings[-1].startswith("gate 1 is 2 voxels")
    # As much as the bar and its neck take, on the side that is down before the turn: 42 cm3 over 60 mm by 20 mm.
    assert held.sum() * VOXEL**3 == pytest.approx(42e-6, rel=1e-9)
    along = held.sum(axis=(1, 2)) / (12 * 4)
    x = cavity.centres(0)
    assert along[(x > 0) & (x < 34 * mm)] == pytest.approx(1.0) and along[x > 36 * mm].max() < 1e-12
    (port,) = ready.problem.ports
    assert not port.feeds and not port.holds
    z = cavity.centres(2)[np.nonzero(port.where)[2]]
    assert (z > 80 * mm).all() and ready.entries[0].at.normal == pytest.approx((1, 0, 0))


@pytest.fixture(scope="module")
def poured():
    return cs.fill(die(), voxel=VOXEL, heat=False, inlet=cs.TiltPour("48 cm**3"))


def test_the_bar_fills_as_the_die_turns(poured):
    told = poured.facts["filling"]
    assert told["stopped"] == "full" and told["filled"] >= 0.999 and told["defect"] < 1e-12
    tilt = told["tilt"]
    assert tilt["lying_volume"] == pytest.approx(48e-6)
    assert told["poured_volume"] + tilt["spilled_volume"] == pytest.approx(48e-6, rel=1e-9)
    assert tilt["left_in_basin"] == pytest.approx(told["poured_volume"] - 42e-6 * told["filled"], rel=1e-6)
    assert any("of the basin is empty at the end" in text for text in poured.warnings)
    assert poured.history["fill_fraction"][0] == 0.0 and poured.history["fill_fraction"][-1] == told["filled"]


def test_the_metal_leaves_the_cup_when_its_level_reaches_the_neck():
    """42 cm3 lie 35 mm deep over 60 mm: the level turns about its middle and is at the neck's lip, 5 mm higher at the end, after
    9.5 degrees. Over the lip of a width b then runs 1.7 b H^1.5 (a weir, in m and s) with H rising by 30 mm a radian."""
    ready = plan_fill(die("3 s"), voxel=VOXEL, heat=False)
    lying, rows = ready.lying, []
    assert lying is not None
    ready.problem.run(ready.initial(), until=0.65, progress=lambda run: rows.append((run.time, run.volume[lying.aim].sum())))
    time, out = np.array(rows).T * np.array([[1.0], [VOXEL**3]])
    rate = math.radians(90.0) / 3.0
    lip = math.atan2(5.0, 30.0) / rate
    assert out[time < lip].max() == 0.0
    weir = lambda late: 1.7 * 20e-3 * (30e-3 * rate) ** 1.5 * late**2.5 / 2.5  # noqa: E731
    assert weir(0.5 * (0.65 - lip)) < out[-1] < weir(1.5 * (0.65 - lip))


def test_a_pour_too_large_or_without_a_turn_is_refused():
    with pytest.raises(GeometryError, match=r"basin 1 at \(55, 0, 95\) mm .* holds 63 cm3 up to its brim .*, but 70 cm3"):
        cs.fill(die(), voxel=VOXEL, inlet=cs.TiltPour("70 cm**3"))
    with pytest.raises(InputError, match="nothing says how long the die turns"):
        cs.fill(die(None), voxel=VOXEL)
    with pytest.raises(InputError, match="out of its plane of symmetry y = 0 mm"):
        plan_fill(die(axis="x", symmetry={"y": 0.0}), voxel=VOXEL)
    with pytest.raises(InputError, match="has 0 basins"):
        cs.fill(die(basin=False), voxel=VOXEL, inlet=cs.TiltPour())
    with pytest.raises(InputError, match='no basin named "basin 2"; nearest is "basin 1"'):
        cs.fill(die(), voxel=VOXEL, inlet=cs.TiltPour(at="basin 2"))
    with pytest.raises(InputError, match="needs a die that turns, and is its only inlet"):
        cs.fill(die(), voxel=VOXEL, inlet=[cs.TiltPour(), cs.PourRate("0.1 litre/s")])
    with pytest.raises(InputError, match="a tilt pour has its metal from the start"):
        cs.fill(die(), voxel=VOXEL, volume="1 litre")
    with pytest.raises(InputError, match="volume = 0 cm3 must be above 0"):
        cs.TiltPour(0.0)


def test_a_cup_that_is_too_full_runs_at_once():
    ready = plan_fill(die(), voxel=VOXEL, heat=False, inlet=cs.TiltPour("55 cm**3"))
    assert any("above the way out of its basin at the start" in text for text in ready.warnings)


def test_a_resumed_turn_goes_on_to_the_same_bits():
    ready = plan_fill(die(), voxel=VOXEL, heat=False)
    whole = ready.problem.run(ready.initial(), until=0.5)
    half = ready.problem.run(ready.initial(), until=0.5, progress=lambda run: run.time > 0.3)
    state = {name: np.copy(v) if isinstance(v, np.ndarray) else v for name, v in half.state().items()}
    again = ready.problem.run(ready.initial(), until=0.5, resume=state)
    assert np.array_equal(whole.fill, again.fill)


def test_a_head_stands_over_an_opening_that_turns():
    """The die turns under a ladle: the pressure at a port is that of the height it has at the moment."""
    ready = plan_fill(die(), voxel=VOXEL, heat=False, inlet=cs.PouringHead("20 mm", at="basin 1"))
    (port,) = ready.problem.ports
    at = ready.entries[0].at.point
    for time in (0.0, 0.7, 1.5):
        up = -ready.problem.turning.gravity(DOWN, time) / 9.81
        assert port.head(time) == pytest.approx(float(at @ up) + 20 * mm)


# -- what runs out of the cup freezes no metal ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def warm():
    return cs.fill(die(), voxel=VOXEL, inlet=cs.TiltPour("48 cm**3"))


def test_a_cup_that_ran_empty_freezes_no_metal(warm):
    """42 of 48 cm3 are in the bar and its neck; what is left in the cup freezes there, and the rest of the cup is air."""
    frozen = cs.solidify(warm)
    left = warm.facts["filling"]["tilt"]["left_in_basin"]
    empty, metal = frozen["region"] == frozen.frame.region_names.index("empty"), frozen.metal
    cup = frozen.where(body="basin 1")
    assert not (empty & ~cup).any() and (empty & cup).sum() > 400
    # A voxel has 0.125 cm3: as much metal is kept as there is, to the films that are thinner than half a voxel.
    assert float(frozen.volumes()[metal & cup].sum()) == pytest.approx(left, abs=8 * VOXEL**3)
    assert np.isfinite(frozen["solidification_time"][metal]).all() and np.isnan(frozen["solidification_time"][~metal]).all()
    assert (frozen["metal_fraction"][empty] == 0.0).all() and np.isnan(frozen["fill_time"][empty]).all()
    density = frozen.facts["masses"]["part"] / 40e-6
    assert frozen.facts["masses"]["basin"] / density == pytest.approx(left, abs=8 * VOXEL**3)
    assert any("no metal freezes there" in text for text in frozen.warnings)
    # The full cup would have frozen last, and given its heat to the die as well.
    assert frozen.facts["energy"]["heat_out"] < 0.8 * taken_by_a_full_cup(warm)
    time = frozen["solidification_time"]
    assert frozen.body_at(np.unravel_index(np.nanargmax(time), time.shape)) == "bar"


def taken_by_a_full_cup(warm):
    """Heat out (J) of the same die with metal in all of its cavity."""
    told = {**warm.facts["filling"]}
    told.pop("tilt")
    return cs.solidify(dataclasses.replace(warm, facts={**warm.facts, "filling": told})).facts["energy"]["heat_out"]


def test_the_cup_is_empty_on_other_voxels_and_after_an_isothermal_filling_too(warm, poured):
    fine = cs.solidify(die(), filled=warm, voxel=0.5 * VOXEL)
    left = warm.facts["filling"]["tilt"]["left_in_basin"]
    assert float(fine.volumes()[fine.metal & fine.where(body="basin 1")].sum()) == pytest.approx(left, abs=10 * VOXEL**3)
    cold = cs.solidify(poured)
    assert "empty" in cold.frame.region_names and np.isfinite(cold["solidification_time"][cold.metal]).all()
    drained = cs.solidify(warm, feeding=True)
    assert np.isnan(drained["emptied_time"][drained["region"] == 2]).all()


def test_a_killed_run_with_an_empty_cup_goes_on_to_the_same_bits(warm, tmp_path):
    whole = cs.solidify(warm)

    def stop(progress):
        if progress.steps == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cs.solidify(warm, checkpoint=tmp_path / "c", progress=stop)
    again = cs.solidify(warm, checkpoint=tmp_path / "c", resume=True)
    for name in ("temperature", "solidification_time", "region"):
        assert np.array_equal(whole[name], again[name], equal_nan=True)


def test_a_cup_is_empty_once_its_die_has_turned():
    """A TiltPour without a volume lays in the cup what the cavity beyond it takes: nothing of it is left."""
    frozen = cs.solidify(die(), voxel=VOXEL)
    assert frozen.facts["masses"]["basin"] == 0.0
    assert frozen.facts["masses"]["poured"] == pytest.approx(frozen.facts["masses"]["part"] * 42.0 / 40.0, rel=1e-9)
    assert any("basin 1 is taken as empty once the die has turned" in text for text in frozen.warnings)
    # 40 of 42 cm3; the cup's 63 cm3 are not poured besides.
    assert "about 95 % of 0.1128 kg poured" in str(die())


def test_every_way_to_fill_gives_the_die_the_same_metal():
    """By a front and at once 42 cm3 give their heat; by flow those and the 6 cm3 that stay in the cup. The books close."""
    machine = cs.MachineCycle(eject=5.0, close=6.0)
    front, instant = (cs.run_cycles(die(), machine, voxel=VOXEL, filling=how, shots=1) for how in ("front", "instant"))
    flow = cs.run_cycles(die(), machine, voxel=VOXEL, filling="flow", shots=1, inlet=cs.TiltPour("48 cm**3"))
    for found, pieces in ((front, {"bar", "gate 1"}), (instant, {"bar", "gate 1"}), (flow, {"bar", "gate 1", "basin 1"})):
        assert taken_of(found) == pytest.approx(found.heat["metal"], rel=1e-6)
        assert found.sections[0].name == "bar" and {s.name for s in found.sections} == pieces
        assert (found.result.facts["masses"]["basin"] == 0.0) == ("basin 1" not in pieces)
    assert front.heat["metal"] == pytest.approx(instant.heat["metal"], rel=2e-3)
    assert flow.heat["metal"] / instant.heat["metal"] == pytest.approx(48.0 / 42.0, rel=0.03)


def taken_of(found):
    return sum(v for name, v in found.heat.items() if name != "metal")
