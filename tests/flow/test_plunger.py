"""A plunger pushes the metal: slow, fast from its switch point, and never harder than its machine can."""

from __future__ import annotations

import math

import numpy as np
import pytest
from flow_cases import WATER

import castsolve as cs
from castsolve.defects import feeding_pressure
from castsolve.errors import InputError
from castsolve.simulation import plan_fill
from castsolve.simulation.flow_arrays import FEED, OUTLET, Cavity
from castsolve.simulation.flow_problem import FlowProblem, Port
from castsolve.units import degC, mm

H, WIDE = 0.01, 4


def channel(stroke, *, limit=None, until, fill=0.0, length=60, end=OUTLET):
    """A straight channel, fed by a plunger of its own section; `fill` metres of it are full at the start."""
    kind = np.ones((length, 1, WIDE))
    kind[0], kind[-1] = FEED, end
    share = np.zeros(kind.shape)
    share[1:-1] = np.clip(fill / H - np.arange(length - 2), 0.0, 1.0)[:, None, None]
    ports = [Port(kind == FEED, stroke=stroke, most_pressure=limit), *([Port(kind == OUTLET)] if end == OUTLET else [])]
    problem = FlowProblem(Cavity.blocks(kind, H), WATER, gravity=(0.0, -9.81, 0.0), ports=ports)
    return problem.run(share, until=until)


def test_the_plunger_speeds_up_at_its_place():
    """Its stroke over time: at the slow speed to the switch point, at the fast speed from there; with a ramp x = exp(rate t)."""
    area = WIDE * H * H
    plunger = cs.PlungerCurve(diameter=2.0 * math.sqrt(area / math.pi), slow_speed=0.2, fast_speed=1.0, switch=0.05)
    assert plunger.area == pytest.approx(area, rel=1e-12)
    run = channel(plunger.flow_after, limit=1e9, until=0.5)
    stroke = np.cumsum(run.port_flow[:, 0] * run.history["step_length"]) / area
    time, steps = run.history["time"], run.history["step_length"]
    exact = np.where(time < 0.25, 0.2 * time, 0.05 + (time - 0.25))
    # The step in which it passes the switch point is slow in its first half or fast in all: no more than one step is off.
    assert np.abs(stroke - exact).max() <= 0.8 * steps.max()
    assert run.ledger.worst < 1e-12
    ramped = cs.PlungerCurve(diameter=plunger.diameter, slow_speed=0.2, fast_speed=1.0, ramp=0.1)
    run = channel(ramped.flow_after, limit=1e9, until=0.3)
    stroke = np.cumsum(run.port_flow[:, 0] * run.history["step_length"]) / area
    assert stroke == pytest.approx(0.2 / 8.0 * (np.exp(8.0 * np.minimum(run.history["time"], math.log(5) / 8.0)) - 1.0)
                                   + np.maximum(run.history["time"] - math.log(5) / 8.0, 0.0), abs=3e-4)  # fmt: skip


def test_the_pressure_limit_holds_the_speed_to_what_it_can_drive():
    """A column of length x under a pressure p obeys x x'' = p / rho: u^2 / 2 = (p / rho) ln(x / x0), up to the set speed."""
    p, start, fast = 600.0, 0.05, 1.5
    run = channel(lambda volume: fast * WIDE * H * H, limit=p, until=0.35, fill=start)
    u, dt = run.port_flow[:, 0] / (WIDE * H * H), run.history["step_length"]
    middle = start + np.cumsum(u * dt) - 0.5 * u * dt
    meant = np.sqrt(2.0 * p / WATER.density * np.log(middle / start))
    slow = (meant < 0.97 * fast) & (middle > 0.06)
    assert slow.sum() > 20
    assert np.abs(u[slow] / meant[slow] - 1.0).max() < 0.03
    # It never exceeds its own speed, nor the pressure; once it runs freely the column needs no pressure.
    assert u.max() <= fast * (1.0 + 1e-6) and u[-1] == pytest.approx(fast, rel=1e-6)
    pressure = run.port_pressure[:, 0]
    assert np.nanmax(pressure) <= p * (1.0 + 1e-9) and pressure[5] == pytest.approx(p) and abs(pressure[-1]) < 0.01 * p


def test_in_a_full_cavity_the_plunger_stands_under_its_limit():
    run = channel(lambda volume: WIDE * H * H, limit=5e3, until=0.3, length=12, end=0)
    # The last void closes at its own pace.
    assert run.fill[1:-1].mean() > 0.997
    late = run.history["time"] > 0.25
    assert np.abs(run.port_flow[late, 0]).max() < 0.01 * WIDE * H * H
    assert run.port_pressure[late, 0] == pytest.approx(5e3) and run.pressure[6, 0, 2] == pytest.approx(5e3, rel=0.02)


def cover(**changed):
    """A cover of 48 x 32 x 4 mm, shot by a plunger of 32 mm through a gate of 16 x 4 mm."""
    body = cs.Part.box((48 * mm, 32 * mm, 4 * mm), corner=(-24 * mm, -16 * mm, 0), name="cover")
    biscuit = cs.Biscuit(diameter=32 * mm, thickness=16 * mm, at=(0, -40 * mm, -8 * mm), direction="z")
    gate = cs.Gate(cs.Part.box((16 * mm, 12 * mm, 4 * mm), corner=(-8 * mm, -27 * mm, 0)))
    die = cs.Die(steel="H13", temperature=degC(220), parting=0.0, wall=24 * mm)
    shot = {"diameter": 32 * mm, "length": 150 * mm, "fast_speed": 2.0, "intensification": "60 MPa", "gate_area": "64 mm**2"}
    return cs.PressureDieCasting(
        body, alloy="AlSi9Cu3", die=die, shot=cs.ShotSleeve(**{**shot, **changed}), rigging=[biscuit, gate],
        pour_temperature=degC(650),
    )  # fmt: skip


def test_the_shot_of_a_casting_is_its_plunger():
    casting = cover()
    plunger = casting.plunger
    area = casting.shot.area
    assert plunger.start == pytest.approx(0.15 - casting.dose / area) and plunger.switch == pytest.approx(
        0.15 - casting.beyond_gate / area
    )
    assert plunger.slow_speed == pytest.approx(casting.shot.critical_speed(casting.dose))
    assert plunger.pressure_limit == plunger.intensification == 60e6
    given = cover(switch="135 mm", pressure_limit="30 MPa", slow_speed=0.3).plunger
    assert (given.switch, given.pressure_limit, given.slow_speed) == pytest.approx((0.135, 30e6, 0.3))
    assert given.speed_at(0.1) == 0.3 and given.speed_at(0.14) == 2.0
    assert casting.facts()["shot"] == cover().facts()["shot"]


def test_metal_runs_through_the_gate_as_fast_as_the_plunger_asks():
    ready = plan_fill(cover(), voxel=4 * mm, heat=False)
    run = ready.problem.run(ready.initial(), until=0.031)
    cavity = ready.problem.cavity
    j = round((-20 * mm - cavity.origin[1]) / cavity.voxel)
    open_, u = cavity.aperture[1][:, j, :], run.velocity[1][:, j, :]
    # Continuity: 2 m/s of 804 mm2 through 64 mm2 are 25 m/s, four times what height alone could give.
    assert open_.sum() * cavity.voxel**2 == pytest.approx(64e-6, rel=1e-6)
    assert (open_ * u).sum() / open_.sum() == pytest.approx(2.0 * 804.2 / 64.0, rel=0.03)


def test_a_feed_without_a_limit_pushes_its_metal_through_any_gate():
    """The guard on speeds knows the pressure that a flow takes: metal of 1 m/s runs through a gate of a sixteenth at 16 m/s."""
    h, n = 0.01, 16
    kind = np.ones((24, 1, n))
    kind[8:14, :, 1:] = 0
    kind[0], kind[-1] = FEED, OUTLET
    ports = [Port(kind == FEED, flow=n * h * h), Port(kind == OUTLET)]
    fill = np.where(kind == 1, 1.0, 0.0)
    run = FlowProblem(Cavity.blocks(kind, h), WATER, gravity=(0.0, -9.81, 0.0), ports=ports).run(fill, until=0.01)
    assert run.stepper.cut == 0
    assert run.stepper.faces("u")[0][11, 0, 0] == pytest.approx(16.0, rel=1e-3)


@pytest.fixture(scope="module")
def shots():
    """A shot as the casting says it, and one that lacks the pressure for its gate."""
    casting = cover()
    weak = cs.PlungerCurve(
        diameter=32 * mm, fast_speed=2.0, slow_speed=0.3, start=casting.plunger.start, switch=casting.plunger.switch,
        pressure_limit="0.3 MPa", intensification="60 MPa",
    )  # fmt: skip
    return cs.fill(casting, voxel=4 * mm), cs.fill(casting, voxel=4 * mm, inlet=weak)


def test_a_machine_without_pressure_is_slower_than_it_is_set(shots):
    strong, weak = (r.facts["filling"] for r in shots)
    assert strong["stopped"] == weak["stopped"] == "full"
    assert strong["plunger"]["largest_speed"] == pytest.approx(2.0, rel=1e-6)
    assert weak["plunger"]["largest_speed"] < 1.2 and weak["plunger"]["largest_pressure"] == pytest.approx(0.3e6)
    assert weak["plunger"]["limited_time"] > 5e-3 > strong["plunger"]["limited_time"]
    for told, result in zip((strong, weak), shots, strict=True):
        assert told["defect"] < 1e-12
        # The plunger's stroke is the metal that was poured.
        assert told["plunger"]["stroke"] * cover().shot.area == pytest.approx(told["poured_volume"], rel=1e-9)
        at = np.interp(told["plunger"]["switch_time"], result.history["time"], result.history["plunger_position"])
        assert at == pytest.approx(cover().plunger.switch, abs=1e-3)


def test_freezing_goes_on_under_the_pressure_of_the_plunger(shots):
    filled = shots[0]
    assert filled.facts["filling"]["metal_pressure"] == 60e6
    frozen = cs.solidify(filled)
    assert np.nanmax(feeding_pressure(frozen)) == pytest.approx(1.01e5 + 60e6)
    # A shot that stops before the cavity is full presses nothing.
    short = cs.solidify(cs.fill(cover(), voxel=4 * mm, until="0.029 s"))
    assert short.facts["filling"]["metal_pressure"] == 0.0 and np.all(feeding_pressure(short) == 1.01e5)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"fast_speed": 0.0}, "slow_speed = 0 m/s must be above 0"),
        ({"fast_speed": 1.0, "slow_speed": 2.0}, "not faster than fast_speed = 1 m/s"),
        ({"fast_speed": 1.0, "start": 0.2, "switch": 0.1}, "switch = 100 mm not before start"),
        ({"fast_speed": 1.0, "pressure_limit": 0.0}, "pressure_limit = 0 MPa must be above 0"),
        ({"fast_speed": 1.0, "intensification": -1.0}, "intensification = -1e-06 MPa not below 0"),
        ({"fast_speed": "1 m"}, "wrong unit"),
        ({"fast_speed": 1.0, "at": 3}, "plunger at = 3 is no place"),
    ],
)
def test_a_wrong_plunger_is_refused(given, told):
    with pytest.raises(InputError, match=told):
        cs.PlungerCurve(diameter=40 * mm, **given)


def test_a_plunger_without_a_place_or_with_another_pressure_is_refused():
    casting = cover()
    off = cs.PlungerCurve(diameter=32 * mm, fast_speed=2.0, intensification=60e6, at=cs.Anchor((0, 0, 90 * mm), "z"))
    with pytest.raises(InputError, match=r"the plunger at \(0, 0, 90\) mm .* lies 82 mm off the metal"):
        cs.fill(casting, voxel=4 * mm, inlet=off)
    with pytest.raises(InputError, match="intensification is 10 MPa, that of the casting's shot 60 MPa"):
        cs.fill(casting, voxel=4 * mm, inlet=cs.PlungerCurve(diameter=32 * mm, fast_speed=2.0, intensification=10e6))
    with pytest.raises(InputError, match="switch = 200 mm must lie in the sleeve, from 0 to below 150 mm"):
        cover(switch="200 mm")


def test_a_resumed_shot_goes_on_to_the_same_bits(tmp_path):
    ready = plan_fill(cover(pressure_limit="0.3 MPa"), voxel=4 * mm)
    whole = ready.problem.run(ready.initial(), until=0.04)
    half = ready.problem.run(ready.initial(), until=0.04, progress=lambda run: run.time > 0.035)
    state = {name: np.copy(v) if isinstance(v, np.ndarray) else v for name, v in half.state().items()}
    again = ready.problem.run(ready.initial(), until=0.04, resume=state)
    assert np.array_equal(whole.fill, again.fill) and np.array_equal(whole.port_pressure, again.port_pressure, equal_nan=True)
