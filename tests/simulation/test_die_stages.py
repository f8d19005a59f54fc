"""Stages of a machine: fronts, valves of channels, pieces of a die that part, walls at their own temperature."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import castsolve as cs
from castsolve.casting import CoolingChannel, Die, DiePiece, MachineCycle, Spray, Tilt
from castsolve.casting.channel import Thermostat
from castsolve.errors import GeometryError, InputError
from castsolve.geometry import Grid
from castsolve.materials import HeatCurve, Interface, coolant, reservoir
from castsolve.simulation import Faces, HeatProblem, Side
from castsolve.simulation.boundary import Contact
from castsolve.simulation.cycles import run_cycles
from castsolve.simulation.cycling import CycleStage, DieCycle
from castsolve.simulation.exposed import Exposed
from castsolve.simulation.fronts import front_masks
from castsolve.simulation.parting import PartingFaces
from castsolve.simulation.valve import Valve
from castsolve.units import degC, mm

PLATE = cs.Part.box((60 * mm, 40 * mm, 8 * mm), centre=(0, 0, 0), name="plate")
MACHINE = MachineCycle(eject=5.0, spray=Spray(2.0, flux=0.3), blow=1.0, close=6.0)


def channel(z: float = 16 * mm, **changed) -> CoolingChannel:
    options = {"diameter": 8 * mm, "flow": "6 litre/minute", "inlet_temperature": degC(20)}
    return CoolingChannel([(-0.1, 0.0, z), (0.1, 0.0, z)], **{**options, **changed})


def cast(*channels, tilt=None, pieces=(), **changed) -> cs.GravityDieCasting:
    die = Die(steel="H13", temperature=degC(220), parting=0.0, wall=24 * mm, channels=channels, pieces=pieces)
    return cs.GravityDieCasting(PLATE, alloy="A356", die=die, pour_temperature=degC(700), tilt=tilt, **changed)


def cycle(casting, machine=MACHINE, **changed):
    return run_cycles(casting, machine, voxel=4 * mm, **{"shots": 3, **changed})


# -- walls at their own temperature --------------------------------------------------------------------------------

K, RHO, CP, THICK = 29.0, 7700.0, 560.0, 0.02
FILM = coolant("water").interface(2e-5, 0.008, 293.15, 3e5)
WET = Interface("spray", "die", htc=Spray(2.0, flux=0.3).coefficient_rows(), over="temperature")


def steady_flux(interface: Interface, ambient: float, back: float, cells: int, *, at_wall: bool) -> float:
    """Heat flow density (W/m2) of a slab of steel with one face in a medium and the other held, as the sweep finds it."""
    dx, T = THICK / cells, np.array([100.0, 3000.0])
    steel = HeatCurve(RHO * CP * (T - 298.15), T, np.full(2, K), density=RHO)
    region = np.ones((1, 1, cells + 1), np.uint8)
    region[0, 0, 0] = 0
    z, ends = np.concatenate([[-dx], np.linspace(0.0, THICK, cells + 1)]), np.array([0.0, 1.0])
    grid = Grid.regular(ends, ends, z, region=region, names=("medium", "die"))
    film = Exposed.of(interface, grid, 1, 0, steel, ambient) if at_wall else interface
    faces = Faces(z_high=Side.fixed(back), contacts={(0, 1): Contact(film, of_second=True)})
    run = HeatProblem(grid, [reservoir(), steel], faces).run([ambient, back], until=400.0, theta=0.2)
    held, t = run.history["region_enthalpy"][:, 0], run.history["time"]
    return float((held[-1] - held[-2]) / (t[-1] - t[-2]))


@pytest.mark.parametrize(
    ("interface", "back", "missed"), [(FILM, 1000.0, 0.03), (WET, 500.0, 0.05), (WET, 650.0, 0.003)],
    ids=["boiling", "spray that wets", "spray above its wetting limit"],
)  # fmt: skip
def test_a_wall_takes_its_coefficient_at_its_own_temperature(interface, back, missed):
    """The exact wall of a slab: k/L (back - S) = h(S) (S - medium)."""
    from scipy.optimize import brentq

    medium = 293.15
    S = brentq(lambda S: K / THICK * (back - S) - float(interface.htc_at(S)) * (S - medium), medium, back, xtol=1e-10)
    exact = K / THICK * (back - S)
    found = {n: steady_flux(interface, medium, back, n, at_wall=True) for n in (5, 10)}
    assert found[5] == pytest.approx(exact, rel=5e-4)
    assert found[10] == pytest.approx(exact, rel=5e-4)
    # Read at the voxel behind the wall it misses by more than this.
    assert abs(steady_flux(interface, medium, back, 5, at_wall=False) / exact - 1.0) > missed


def test_a_wall_stays_dry_until_it_no_longer_can():
    T = np.array([100.0, 3000.0])
    wall = Exposed(WET, 20 * mm, HeatCurve(RHO * CP * (T - 298.15), T, np.full(2, K), density=RHO), 293.15)
    voxel = np.linspace(330.0, 900.0, 400)
    S = wall.surface_at(voxel)
    assert (np.diff(S) >= 0.0).all()
    assert (voxel - S) * K / (20 * mm) == pytest.approx(np.asarray(WET.htc_at(S)) * (S - 293.15), rel=2e-2)
    jump = int(np.argmax(np.diff(S)))
    assert S[jump + 1] - S[jump] > 20.0
    assert S[jump] < degC(320.0) < S[jump + 1] + 1.0


# -- fronts ------------------------------------------------------------------------------------------------------


def grid_of(casting, voxel=4 * mm) -> Grid:
    layout = casting.layout(voxel)
    names = [r.name for r in layout.regions]
    return Grid.build(
        layout.bodies, voxel=voxel, box=layout.box, fine_box=layout.fine_box, region_names=names, background=names[-1]
    )


def test_a_level_front_rises_against_gravity():
    casting = cast(gravity=(0.0, -9.81, 0.0))
    grid = grid_of(casting)
    masks = front_masks(casting, grid, 5)
    volumes = grid.volumes()
    for number, mask in enumerate(masks, start=1):
        assert volumes[mask].sum() == pytest.approx(volumes[grid.region == 0].sum() * number / 5, rel=0.02)
        y = grid.centres(1)[np.nonzero(mask)[1]]
        assert y.max() == pytest.approx(-20 * mm + 40 * mm * number / 5, abs=3 * mm)


def test_a_tilted_die_fills_from_the_side_that_lies_low():
    """Turned by 60 degrees about y, and upright in the end: the metal first lies at the end of the plate that is down then."""
    tilted = cast(tilt=Tilt(axis="y", angle="60 deg"))
    grid = grid_of(tilted)
    first = front_masks(tilted, grid, 8)[0]
    level = front_masks(cast(), grid, 8)[0]
    x = grid.centres(0)
    up = tilted.tilt.up(np.array([0.0, 0.0, 1.0]), 0.0)
    assert up == pytest.approx([np.sin(np.pi / 3), 0.0, 0.5])
    assert x[np.nonzero(first)[0]].mean() < -15 * mm
    # Level from the start, the lower layer of the plate comes at once.
    assert abs(x[np.nonzero(level)[0]].mean()) < 1e-9


def test_what_a_front_has_reached_stays_filled_and_the_books_close():
    machine = dataclasses.replace(MACHINE, fill=4.0, fill_steps=5)
    found = cycle(cast(channel(), gravity=(-9.81, 0.0, 0.0)), machine)
    books = found.shots[-1].books
    assert [b.name for b in books[:6]] == ["fill 1", "fill 2", "fill 3", "fill 4", "fill 5", "dwell"]
    assert sum(b.duration for b in books[:5]) == pytest.approx(4.0)
    assert "fill 4.0 s, dwell" in found.summary()
    taken = sum(v for name, v in found.heat.items() if name != "metal")
    assert taken == pytest.approx(found.heat["metal"], rel=1e-5)
    # The end that was poured first is the colder one when the cavity is full: it froze first.
    result = found.result
    time = np.where(result.metal, result["solidification_time"], np.nan)
    x = np.nonzero(result.metal)[0]
    low, high = x.min(), x.max()
    assert np.nanmean(time[low : low + 3]) < np.nanmean(time[high - 2 : high + 1]) - 1.0
    # All the heat that the metal has above the state in which it leaves, whichever way it came in.
    at_once = cycle(cast(channel()), MACHINE)
    assert found.heat["metal"] == pytest.approx(at_once.heat["metal"], rel=0.03)


# -- valves ------------------------------------------------------------------------------------------------------


def test_a_channel_flows_in_its_window_only():
    always, window = (cycle(cast(channel(**more)), MACHINE) for more in ({}, {"window": ("2 s", "7 s")}))
    assert window.channels[0].open_time == pytest.approx(5.0, abs=1e-6)
    assert always.channels[0].open_time == pytest.approx(always.cycle_time)
    assert 0.1 * always.heat["channels"] < window.heat["channels"] < 0.6 * always.heat["channels"]
    # Over two stages: the dwell ends before the window does.
    late = cycle(cast(channel(window=(1.0, 60.0))), dataclasses.replace(MACHINE, dwell=10.0))
    assert late.channels[0].open_time == pytest.approx(late.cycle_time - 1.0, abs=1e-6)


def test_a_thermostat_holds_the_die():
    place = (0.0, 0.0, -10 * mm)
    cold = cycle(cast(channel()), MACHINE, shots=8)
    held = cycle(cast(channel(thermostat=Thermostat(place, cools_above=degC(300)))), MACHINE, shots=8)

    def there(found) -> float:
        result = found.result
        i, j, k = grid_of(cast(channel())).locate(place)[0]
        return float(result["temperature_before_pour"][i, j, k])

    assert 0.0 < held.channels[0].open_time < held.cycle_time
    # Less power; the heat of a shot is nearly the same, for it has to go and the warmer die takes longer.
    assert held.channels[0].power < 0.98 * cold.channels[0].power
    assert there(held) > there(cold) + 5.0


def test_oil_heats_a_cold_die_until_its_thermocouple_has_had_enough():
    """A die that stands open for long loses more than its castings bring; hot oil holds one place of it."""
    slow, place = MachineCycle(dwell=15.0, eject=60.0, close=60.0), (0, 0, -12 * mm)

    def heated(below: float):
        oil = {"medium": "oil", "inlet_temperature": degC(280), "flow": "10 litre/minute"}
        casting = cast(channel(-20 * mm, thermostat=Thermostat(place, heats_below=below), **oil))
        found = cycle(casting, slow)
        i, j, k = (int(np.argmin(np.abs(found.result.frame.centres(a) - place[a]))) for a in range(3))
        return found.channels[0], float(found.result["temperature_before_pour"][i, j, k])

    (held, warm), (never, cold) = heated(degC(250)), heated(degC(60))
    assert held.power < 0.0 and held.outlet_temperature < degC(280)
    assert 0.0 < held.open_time < 135.0
    assert never.open_time == 0.0 and abs(never.power) < 1.0
    assert warm > cold + 5.0


def test_the_valve_keeps_its_band():
    thermostat = Thermostat((0, 0, 0), cools_above=500.0, band=10.0)
    assert [thermostat.opens(T, was) for T, was in ((496.0, True), (494.0, True), (504.0, False), (505.0, False))] == [
        True, False, False, True,
    ]  # fmt: skip
    assert thermostat.opens(500.0) and not thermostat.opens(499.9)
    heats = Thermostat((0, 0, 0), heats_below=500.0)
    assert heats.opens(490.0) and not heats.opens(510.0)
    valve = Valve("oil", channel=channel(window=(3.0, 8.0)), regions=[1])
    valve.begin(5.0, 0.0)
    assert [valve.is_open(t) for t in (0.0, 2.9, 3.0)] == [True, True, False]
    assert valve.events() == [3.0]


def test_a_thermostat_resumes_to_the_same_bits(tmp_path):
    casting = cast(channel(thermostat=Thermostat((0, 0, -10 * mm), cools_above=degC(280)), window=(1.0, 30.0)))
    machine = dataclasses.replace(MACHINE, fill=1.0, open=1.0)
    whole = cycle(casting, machine, shots=3)

    class StoppedError(Exception):
        pass

    def stop(number, shot):
        if number == 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        cycle(casting, machine, checkpoint=tmp_path / "c", progress=stop)
    again = cycle(casting, machine, checkpoint=tmp_path / "c", resume=True)
    assert np.array_equal(whole.result["temperature_before_pour"], again.result["temperature_before_pour"])
    assert whole.channels == again.channels
    assert whole.heat == again.heat


# -- an open die -------------------------------------------------------------------------------------------------


def test_an_open_die_leaves_the_casting_in_its_moving_half():
    machine = dataclasses.replace(MACHINE, dwell=6.0, open=8.0)
    found = cycle(cast(), machine, shots=1)
    names = found.result.frame.region_names
    book = next(b for b in found.shots[-1].books if b.name == "open")
    moving, fixed = (float(book.gain[names.index(f"{n} half")]) for n in ("moving", "fixed"))
    assert moving > 5.0 * abs(fixed)
    assert float(book.gain[0]) < 0.0


def test_platens_and_pieces_change_the_steady_die():
    insert = DiePiece(cs.Part.box((20 * mm,) * 3, centre=(0, 0, -14 * mm)), kind="insert", steel="copper")
    with_copper = cycle(cast(pieces=[insert]), shots=2)
    assert "insert 1" in with_copper.result.frame.region_names
    taken = sum(v for name, v in with_copper.heat.items() if name != "metal")
    assert taken == pytest.approx(with_copper.heat["metal"], rel=1e-5)


AIR = Side.convective(10.0, 300.0, emissivity=0.8)


def parted_blocks(*, apart=True, share=1.0):
    """Let two cubes of 20 mm that have moved apart cool for 20 min; return their mean temperature, heat lost, and the book."""
    region = np.zeros((8, 4, 4), np.uint8)
    region[4:] = 1
    grid = Grid.regular(*(np.linspace(0.0, 0.005 * n, n + 1) for n in region.shape), region=region, names=("fixed", "moving"))
    T = np.array([100.0, 3000.0])
    steel = HeatCurve(RHO * CP * (T - 298.15), T, np.full(2, 60.0), density=RHO)
    faces = PartingFaces(grid, lambda a, b: (a != b) & apart, steel=[0, 1], curves=[steel, steel], air=AIR)
    faces.area = faces.area * share
    problem = HeatProblem(grid, [steel, steel], Faces(contacts={(0, 1): 1e-9}), faces)
    stage = CycleStage("open", problem=problem, duration=1200.0, parting=faces)
    end, (book,) = DieCycle([stage], [0, 1]).shot(np.full(region.shape, 600.0))
    return float(end.mean()), float(book.gain.sum()), book


def exact_cooling(seconds: float) -> float:
    """Temperature of a cube of 20 mm that loses heat through one face; its Biot number is below 0.01."""
    T, steps = 600.0, 20_000
    for _ in range(steps):
        flux = 10.0 * (T - 300.0) + 0.8 * 5.670374419e-8 * (T**4 - 300.0**4)
        T -= flux / (RHO * CP * 0.02) * seconds / steps
    return T


def test_parting_faces_of_an_open_die_cool_in_air():
    T, gain, book = parted_blocks()
    # Through the resistance of the block, a third of its length, the heat is 0.6 % less than of a lump.
    assert T - 300.0 == pytest.approx(exact_cooling(1200.0) - 300.0, rel=0.005)
    assert book.parting == pytest.approx(-gain, rel=1e-9)
    assert book.heat_in == pytest.approx(gain, rel=1e-9)


def test_half_the_parting_face_fails_and_a_shut_die_loses_nothing():
    half, _, _ = parted_blocks(share=0.5)
    assert half - exact_cooling(1200.0) > 20.0
    shut, gain, _ = parted_blocks(apart=False)
    assert shut == pytest.approx(600.0, abs=1e-6)
    assert abs(gain) < 1e-3


def test_a_longer_open_die_loses_more_through_its_parting_faces():
    short, long = (cycle(cast(), dataclasses.replace(MACHINE, dwell=6.0, close=t), shots=2) for t in (6.0, 12.0))
    assert 0.0 < short.heat["parting faces"]
    opened = [r.cycle_time - 6.0 for r in (short, long)]
    assert long.heat["parting faces"] == pytest.approx(short.heat["parting faces"] * opened[1] / opened[0], rel=0.05)
    for found in (short, long):
        taken = sum(v for name, v in found.heat.items() if name != "metal")
        assert taken == pytest.approx(found.heat["metal"], rel=1e-5)


def test_inserts_stay_in_their_half():
    """The contact of an insert with its half does not open with the die."""
    insert = DiePiece(cs.Part.box((20 * mm,) * 3, centre=(0, 0, -14 * mm)), kind="insert", steel="copper")
    found = cycle(cast(pieces=[insert]), dataclasses.replace(MACHINE, dwell=6.0), shots=1)
    names = found.result.frame.region_names
    closing = next(b for b in found.shots[-1].books if b.name == "close")
    # Made hotter than the half by the metal, it goes on giving heat to it; through its face in the cavity air takes some 10 J.
    assert float(closing.gain[names.index("insert 1")]) < -100.0


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (
            lambda: cycle(cast(channel(thermostat=Thermostat((0, 0, 0), cools_above=500.0)))), GeometryError,
            r"thermocouple of channel 1 at \(0, 0, 0\) mm is not in the steel",
        ),
        (
            lambda: cycle(cs.GravityDieCasting(PLATE, alloy="A356", mould="H13", pour_temperature=degC(700),
                                               mould_temperature=degC(220)), dataclasses.replace(MACHINE, open=1.0)),
            InputError, "open = 1 s needs a die with halves",
        ),
        (lambda: channel(window=(3.0, 2.0)), InputError, "must begin at 0 s or later and end after it began"),
        (lambda: channel(window=3.0), InputError, "write two times after the pour"),
        (lambda: MachineCycle(fill_steps=0), InputError, "fill_steps = 0 must be a whole number from 1 to 40"),
        (lambda: MachineCycle(wait=-1.0), InputError, "wait = -1 s must not be below 0 s"),
        (
            lambda: cycle(cs.SandCasting(PLATE, alloy="A356", mould="green-sand", pour_temperature=degC(700))), InputError,
            "run_cycles takes a casting in a metal die, not SandCasting",
        ),
        (lambda: run_cycles(cast(), None, voxel=4 * mm, shots=1), InputError, "machine = None is none; write MachineCycle"),
    ],
)  # fmt: skip
def test_refusals(make, kind, words):
    with pytest.raises(kind, match=words):
        make()


def test_shaped_halves_that_leave_the_casting_bare_are_refused():
    lower = cs.Part.box((0.1, 0.08, 0.03), corner=(-0.05, -0.04, -0.03))
    upper = cs.Part.box((0.1, 0.08, 0.03), corner=(-0.05, -0.04, 3 * mm))
    pieces = [DiePiece(lower, kind="fixed half"), DiePiece(upper, kind="moving half")]
    die = Die(steel="H13", temperature=degC(220), pieces=pieces)
    casting = cs.GravityDieCasting(PLATE, alloy="A356", die=die, pour_temperature=degC(700))
    with pytest.raises(GeometryError, match=r"of the casting's walls touch no piece of the die, most near \("):
        run_cycles(casting, MACHINE, voxel=2 * mm, shots=1)
