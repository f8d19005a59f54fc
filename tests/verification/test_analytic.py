"""The exact solutions reproduce figures that were computed independently."""

from __future__ import annotations

import math

import numpy as np
import pytest

from castsolve.analytic import (
    ContactingHalfSpaces,
    Layer,
    LayeredBody,
    Manufactured,
    Phase,
    RobinBlock,
    RobinBody,
    chvorinov_constant,
    chvorinov_time,
    corner_front,
    hot_sphere_in_equal_medium,
    linear_alloy,
    neumann,
    scheil_alloy,
    schwarz,
)
from castsolve.errors import InputError
from castsolve.materials import HeatCurve
from castsolve.units import degC

SAND = Phase(conductivity=0.607, density=1500.0, specific_heat=1130.0)
H13 = Phase(conductivity=29.0, density=7700.0, specific_heat=560.0)
AL_SOLID = Phase(conductivity=210.0, density=2500.0, specific_heat=1150.0)
AL_LIQUID = Phase(conductivity=95.0, density=2500.0, specific_heat=1080.0)
AL = {"solid": AL_SOLID, "liquid": AL_LIQUID, "latent_heat": 397000.0, "melting": 660.3}


def a356(k: float) -> Phase:
    return Phase(conductivity=k, density=2500.0, specific_heat=1100.0)


A356 = {
    "solid": a356(160.0),
    "mush_conductivity": 120.0,
    "liquid": a356(80.0),
    "latent_heat": 395000.0,
    "solidus": 560.0,
    "liquidus": 614.0,
}
A356_FLAT = A356 | {"solid": a356(120.0), "liquid": a356(120.0)}


@pytest.mark.parametrize(
    ("initial", "number", "fronts"),
    [
        (700.0, 0.6577990796, [11.243822, 15.901166, 25.141951, 35.556089]),
        (660.3, 0.6924612625, [11.836306, 16.739065, 26.466786, 37.429688]),
    ],
)
def test_neumann(initial, number, fronts):
    half = neumann(**AL, initial=initial, wall=200.0)
    assert half.fronts["solidus"] / math.sqrt(AL_SOLID.diffusivity) == pytest.approx(number, rel=1e-9)
    assert half.front("solidus", [1.0, 2.0, 5.0, 10.0]) * 1e3 == pytest.approx(fronts, abs=2e-6)


def test_neumann_profile():
    half = neumann(**AL, initial=700.0, wall=200.0)
    T = half.temperature(np.array([10.0, 20.0, 40.0, 60.0, 80.0]) * 1e-3, 5.0)
    assert T == pytest.approx([405.0933, 584.2238, 692.7337, 699.6957, 699.9956], abs=6e-5)


@pytest.mark.parametrize(
    ("mould", "initial", "mould_initial", "number", "surface", "fronts"),
    [
        (SAND, 680.0, 25.0, 0.0210898382, 659.67660, [1.13997, 2.79235, 6.24388, 8.83018]),
        (H13, 680.0, 200.0, 0.2542123533, 608.14446, [13.74097, 33.65836, 75.26239, 106.43709]),
        (SAND, 660.3, 25.0, 0.0426980182, 659.03972, [2.30796, 5.65333, 12.64122, 17.87739]),
    ],
)
def test_schwarz(mould, initial, mould_initial, number, surface, fronts):
    half = schwarz(**AL, initial=initial, mould=mould, mould_initial=mould_initial)
    assert half.fronts["solidus"] / math.sqrt(AL_SOLID.diffusivity) == pytest.approx(number, rel=2e-9)
    assert half.surface_temperature == pytest.approx(surface, abs=6e-6)
    assert half.front("solidus", [10.0, 60.0, 300.0, 600.0]) * 1e3 == pytest.approx(fronts, abs=6e-6)


def test_schwarz_profiles():
    half = schwarz(**AL, initial=680.0, mould=H13, mould_initial=200.0)
    x = np.array([-50.0, -20.0, -10.0, -5.0, 0.0, 5.0, 10.0, 20.0, 30.0, 50.0, 100.0]) * 1e-3
    T = [231.9997, 396.4912, 495.8370, 551.1233, 608.1445, 616.0557, 623.9445, 639.5654, 654.8343, 665.6077, 675.9649]
    assert half.temperature(x, 60.0) == pytest.approx(T, abs=6e-5)
    half = schwarz(**AL, initial=680.0, mould=SAND, mould_initial=25.0)
    x = np.array([-20.0, -10.0, -5.0, 0.0, 10.0, 20.0, 50.0, 100.0]) * 1e-3
    T = [26.4480, 105.6961, 307.8280, 659.6766, 662.0958, 664.5325, 670.9916, 677.4743]
    assert half.temperature(x, 60.0) == pytest.approx(T, abs=6e-5)


def test_metal_poured_too_hot_does_not_freeze_against_sand():
    with pytest.raises(InputError, match="pour colder"):
        schwarz(**AL, initial=720.0, mould=SAND, mould_initial=25.0)


def test_schwarz_against_a_textbook():
    """Iron slab against water-cooled and thick copper (Ghosh and Mallik, Manufacturing Science, example 2.6)."""
    iron = Phase(conductivity=83.0, density=7850.0, specific_heat=670.0)
    kwargs = {"solid": iron, "liquid": iron, "latent_heat": 272e3, "melting": 1540.0, "initial": 1540.0}
    fixed = neumann(**kwargs, wall=28.0)
    assert fixed.fronts["solidus"] / math.sqrt(iron.diffusivity) == pytest.approx(0.97531, abs=6e-6)
    assert float(fixed.arrival("solidus", 0.05)) == pytest.approx(41.64, abs=0.006)
    copper = Phase(conductivity=398.0, density=8960.0, specific_heat=376.0)
    thick = schwarz(**kwargs, mould=copper, mould_initial=28.0)
    assert float(thick.arrival("solidus", 0.05)) == pytest.approx(59.44, abs=0.006)
    assert thick.surface_temperature == pytest.approx(680.5, abs=0.06)


@pytest.mark.parametrize(
    ("alloy", "place", "solidus", "liquidus", "surface"),
    [
        (A356, {"wall": 100.0, "initial": 650.0}, 4.5458749021e-3, 5.7426066563e-3, 100.0),
        (A356, {"mould": SAND, "mould_initial": 25.0, "initial": 630.0}, None, 1.8015681095e-3, 605.631517),
        (
            A356,
            {"mould": H13, "mould_initial": 150.0, "initial": 680.0},
            5.9695626755e-4,
            2.5043341512e-3,
            541.601826,
        ),
        (
            A356_FLAT,
            {"mould": H13, "mould_initial": 150.0, "initial": 680.0},
            5.0888064053e-4,
            2.3508803385e-3,
            539.2145805,
        ),
    ],
)
def test_linear_alloy(alloy, place, solidus, liquidus, surface):
    half = linear_alloy(**alloy, **place)
    assert half.fronts["liquidus"] == pytest.approx(liquidus, rel=2e-10)
    assert half.surface_temperature == pytest.approx(surface, abs=6e-7)
    if solidus is None:
        assert "solidus" not in half.fronts
    else:
        assert half.fronts["solidus"] == pytest.approx(solidus, rel=2e-10)


def test_linear_alloy_profiles():
    half = linear_alloy(**A356, wall=100.0, initial=650.0)
    x = np.array([5.0, 10.0, 15.0, 20.0, 22.5, 25.0, 30.0, 40.0, 60.0]) * 1e-3
    T = [225.7573, 346.2440, 456.8427, 554.1100, 595.3867, 611.8210, 628.5878, 644.8191, 649.8815]
    assert half.temperature(x, 5.0) == pytest.approx(T, abs=6e-5)
    half = linear_alloy(**A356, mould=H13, mould_initial=150.0, initial=680.0)
    x = np.array([-20.0, -10.0, -5.0, 0.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 50.0]) * 1e-3
    T = [183.1386, 302.1602, 410.9569, 541.6018, 551.3623, 567.7486, 594.5397, 611.9614, 627.4727, 652.4343, 675.0724]
    assert half.temperature(x, 10.0) == pytest.approx(T, abs=6e-5)


AL_CU = {
    "metal": Phase(conductivity=140.0, density=2600.0, specific_heat=1100.0),
    "latent_heat": 3.9e5,
    "melting": 660.3,
    "liquidus": 660.3 - 3.37 * 4.5,
    "eutectic": 660.3 - 3.37 * 33.1,
    "partition": 0.17,
    "initial": 690.0,
    "wall": 100.0,
}


def test_scheil_alloy():
    half = scheil_alloy(**AL_CU)
    root = math.sqrt(AL_CU["metal"].diffusivity)
    assert half.fronts["eutectic"] / root == pytest.approx(0.5344194293, rel=2e-10)
    assert half.fronts["liquidus"] / root == pytest.approx(0.7381996207, rel=2e-10)
    assert half.front("eutectic", 5.0) * 1e3 == pytest.approx(16.72162, abs=6e-6)
    assert half.front("liquidus", 30.0) * 1e3 == pytest.approx(56.57772, abs=6e-6)
    x = np.array([2.0, 5.0, 10.0, 15.0, 20.0, 22.0, 24.0, 26.0, 28.0, 30.0, 40.0, 50.0]) * 1e-3
    T = [158.7446, 245.8194, 384.4086, 509.5952, 611.3252, 638.4334]
    T += [647.9293, 653.6938, 658.8778, 663.5017, 679.3142, 686.3945]
    assert half.temperature(x, 5.0) == pytest.approx(T, abs=6e-5)
    assert half.arrival("liquidus", 0.02) == pytest.approx(3.748784, abs=6e-7)
    assert half.arrival("eutectic", 0.02) == pytest.approx(7.152758, abs=6e-7)


def test_niyama_of_a_half_space_is_uniform():
    wall = linear_alloy(**A356, wall=100.0, initial=650.0)
    die = linear_alloy(**A356, mould=H13, mould_initial=150.0, initial=680.0)
    scheil = scheil_alloy(**AL_CU)
    eutectic, liquidus = AL_CU["eutectic"], AL_CU["liquidus"]
    for half, at, value in (
        (wall, 565.40, 3.251351),
        (wall, 561.08, 3.381081),
        (die, 565.40, 5.209353),
        (scheil, eutectic + 0.1 * (liquidus - eutectic), 3.457973),
        (scheil, eutectic + 0.02 * (liquidus - eutectic), 3.527512),
    ):
        assert half.niyama(at) / 1000.0 == pytest.approx(value, abs=3e-6)
        time = np.array([1.0, 7.0, 50.0])
        assert half.gradient(at, time) / np.sqrt(half.cooling_rate(at, time)) == pytest.approx(half.niyama(at))
    x = 0.02
    assert wall.arrival("liquidus", x) == pytest.approx(3.032368, abs=6e-7)
    assert wall.arrival("solidus", x) == pytest.approx(4.839105, abs=6e-7)
    time = (x / (2.0 * wall.level(565.4))) ** 2
    assert wall.gradient(565.4, time) == pytest.approx(22359.8, abs=0.06)
    assert wall.cooling_rate(565.4, time) == pytest.approx(47.2942, abs=6e-5)


def test_half_space_loses_what_its_wall_conducts():
    half = linear_alloy(**A356, wall=100.0, initial=650.0)
    x = np.linspace(0.0, 0.15, 60001)
    T = half.temperature(x, 5.0)
    fraction_liquid = np.clip((T - 560.0) / 54.0, 0.0, 1.0)
    lost = 2500.0 * (1100.0 * (650.0 - T) + 395000.0 * (1.0 - fraction_liquid))
    assert half.wall_heat(5.0) == pytest.approx(np.trapezoid(lost, x), rel=1e-5)


def test_contact_of_two_half_spaces():
    pair = ContactingHalfSpaces(a=a356(160.0), b=H13, a_initial=540.0, b_initial=200.0, htc=5000.0)
    t = np.array([0.01, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0])
    flux = [1576.1000, 1352.6935, 1060.1378, 903.8414, 741.3378, 537.7063, 405.6043]
    hot = [531.38329, 515.84632, 495.50033, 484.63058, 473.32915, 459.16745, 449.98033]
    cold = [216.16328, 245.30762, 283.47276, 303.86230, 325.06159, 351.62620, 368.85946]
    assert pair.flux(t) / 1e3 == pytest.approx(flux, abs=6e-5)
    assert pair.temperature(0.0, t, side="a") == pytest.approx(hot, abs=6e-6)
    assert pair.temperature(0.0, t, side="b") == pytest.approx(cold, abs=6e-6)
    inside = pair.temperature(-np.array([5.0, 10.0, 20.0]) * 1e-3, 1.0)
    assert inside == pytest.approx([509.00180, 525.05836, 537.88667], abs=6e-6)


@pytest.mark.parametrize(
    ("htc", "rows"),
    [
        (500.0, [(499.16090, 463.44597), (476.13800, 420.09380), (371.48645, 322.43821), (192.12052, 168.38072)]),
        (5000.0, [(492.41615, 249.60110), (332.71748, 120.21859), (62.44150, 35.18224), (25.11941, 25.03241)]),
    ],
)
def test_robin_block(htc, rows):
    block = RobinBlock(lengths=(0.1, 0.06, 0.04), phase=a356(160.0), htc=htc)
    for time, (centre, corner) in zip((1.0, 5.0, 20.0, 60.0), rows, strict=True):
        assert 25.0 + 475.0 * block.excess(0.0, 0.0, 0.0, time) == pytest.approx(centre, abs=6e-6)
        assert 25.0 + 475.0 * block.excess(0.05, 0.03, 0.02, time) == pytest.approx(corner, abs=1.1e-5)


@pytest.mark.parametrize("shape", ["slab", "cylinder", "sphere"])
@pytest.mark.parametrize("biot", [0.01, 1.0, 10.0])
def test_robin_body_loses_what_its_surface_gives(shape, biot):
    body = RobinBody(shape=shape, size=0.01, phase=a356(160.0), htc=biot * 16000.0)
    assert body.biot == pytest.approx(biot)
    assert body.excess(0.003, 5e-4) == pytest.approx(1.0, abs=1e-6)
    time, step = 0.7, 1e-4
    rate = (body.mean_excess(time - step) - body.mean_excess(time + step)) / (2.0 * step)
    area_over_volume = {"slab": 1.0, "cylinder": 2.0, "sphere": 3.0}[shape] / body.size
    loss = body.htc * area_over_volume * body.excess(body.size, time) / (2500.0 * 1100.0)
    assert rate == pytest.approx(loss, rel=1e-6)
    assert body.mean_excess(body.time_to_mean(0.3)) == pytest.approx(0.3, rel=1e-10)


def test_small_robin_body_is_lumped():
    body = RobinBody(shape="sphere", size=0.01, phase=a356(160.0), htc=1.0)
    lumped = 2500.0 * 1100.0 * 0.01 / 3.0
    assert body.time_to_mean(0.3) == pytest.approx(lumped * -math.log(0.3), rel=1e-4)


def test_hot_sphere_keeps_its_heat():
    phase = a356(160.0)
    r = np.linspace(0.0, 0.2, 20001)
    T = hot_sphere_in_equal_medium(r, 2.0, radius=0.02, phase=phase, inside=500.0, outside=100.0)
    assert np.trapezoid((T - 100.0) * r * r, r) == pytest.approx(400.0 * 0.02**3 / 3.0, rel=1e-7)


def test_corner_front_meets_itself_on_the_diagonal():
    x = np.array([0.7525, 1.0025, 1.5025, 2.4975])
    assert corner_front(x) == pytest.approx([1.21639, 0.81871, 0.72376, 0.70894], abs=2.5e-5)
    assert corner_front(0.8956) == pytest.approx(0.8956, abs=1e-4)


def test_manufactured_solution():
    made = Manufactured()
    for place, T, source in (
        ((0.01, 0.02, 0.03, 0.0), 593.81966011, -5958043.143391),
        ((0.025, 0.0125, 0.075, 5.0), 557.97218740, -13065935.596590),
        ((0.07, 0.03, 0.01, 20.0), 585.08396884, -3052953.767691),
    ):
        assert made.temperature(*place) == pytest.approx(T, abs=6e-9)
        assert made.source(*place) == pytest.approx(source, rel=1e-11)
    T = np.linspace(520.0, 640.0, 7)
    slope = (made.enthalpy(T + 1e-3) - made.enthalpy(T - 1e-3)) / 2e-3
    assert made.heat_rate(T) == pytest.approx(slope, rel=1e-7)


def test_chvorinov():
    sand = {"mould": SAND, "mould_initial": 25.0}
    al = {"density": 2500.0, "latent_heat": 397000.0, "freezing": 660.3}
    times = {shape: chvorinov_time(0.01, shape=shape, **al, **sand) for shape in ("plate", "cylinder", "sphere")}
    assert list(times.values()) == pytest.approx([186.309, 139.301, 129.182], abs=6e-4)
    assert chvorinov_constant(specific_heat=1080.0, pour=720.0, **al, **sand) * 1e-6 == pytest.approx(2.517, abs=6e-4)
    a356_alloy = {"density": 2500.0, "latent_heat": 395000.0, "specific_heat": 1100.0, "pour": 700.0}
    assert chvorinov_constant(freezing=614.0, **a356_alloy, **sand) * 1e-6 == pytest.approx(3.30, abs=6e-3)


SAND_CURVE = HeatCurve.constant(density=1500.0, specific_heat=1130.0, conductivity=0.607)
H13_CURVE = HeatCurve.constant(density=7700.0, specific_heat=560.0, conductivity=29.0)


def linear_curve(k_solid: float, k_mush: float, k_liquid: float) -> HeatCurve:
    return HeatCurve.linear_alloy(
        density=2500.0,
        specific_heat=1100.0,
        k_solid=k_solid,
        k_mush=k_mush,
        k_liquid=k_liquid,
        latent_heat=395000.0,
        liquidus=degC(614.0),
        solidus=degC(560.0),
    )


def plate_in_sand(shape: str, size: float) -> LayeredBody:
    metal = Layer(linear_curve(120.0, 120.0, 120.0), thickness=size, initial=degC(680.0))
    sand = Layer(SAND_CURVE, thickness=0.15, initial=degC(25.0), grading=20.0, cells=2.0)
    return LayeredBody([metal, sand], shape=shape, contacts=[1000.0])


@pytest.mark.parametrize(
    ("shape", "size", "liquidus", "solidus", "centre"),
    [
        ("plate", 0.010, 12.6595, 478.6506, (608.4956, 594.3905, 572.8660)),
        ("sphere", 0.030, 16.5816, 302.1474, (611.6865, 593.0119, 561.4453)),
    ],
)
def test_layers_in_sand(shape, size, liquidus, solidus, centre):
    body = plate_in_sand(shape, size)
    run = body.solve(until=500.0, cells=40, times=[30.0, 100.0, 300.0], levels=[degC(614.0), degC(560.0)])
    assert run.centre_times[degC(614.0)] == pytest.approx(liquidus, rel=3e-3)
    assert run.centre_times[degC(560.0)] == pytest.approx(solidus, rel=6e-4)
    assert run.centre == pytest.approx([degC(T) for T in centre], abs=0.05)
    better = body.solve_extrapolated(until=500.0, cells=40, levels=[degC(560.0)])
    assert better[degC(560.0)] == pytest.approx(solidus, rel=4e-5)


def test_layers_in_a_die():
    metal = Layer(linear_curve(120.0, 120.0, 120.0), thickness=0.0015, initial=degC(640.0))
    die = Layer(H13_CURVE, thickness=0.025, initial=degC(220.0), grading=5.0, cells=2.0)
    body = LayeredBody([metal, die], shape="plate", contacts=[20000.0], outer_htc=3000.0, outer_temperature=degC(180.0))
    levels = [degC(614.0), degC(560.0), degC(350.0)]
    run = body.solve(until=2.5, cells=30, times=[0.1, 0.5], levels=levels)
    assert list(run.centre_times.values()) == pytest.approx([0.0446, 0.5529, 1.9844], rel=2e-3)
    assert run.flux[:, 0] / 1e3 == pytest.approx([4202.7565, 2279.6436], rel=1e-3)
    assert run.faces[:, 0, 0] == pytest.approx([degC(583.6362), degC(549.0938)], abs=0.1)
    assert run.faces[:, 0, 1] == pytest.approx([degC(373.4984), degC(435.1116)], abs=0.2)


def test_layers_reproduce_the_contact_of_half_spaces():
    pair = ContactingHalfSpaces(a=a356(160.0), b=H13, a_initial=540.0, b_initial=200.0, htc=5000.0)
    metal = HeatCurve.constant(density=2500.0, specific_heat=1100.0, conductivity=160.0)
    body = LayeredBody(
        [
            Layer(metal, thickness=0.08, initial=540.0),
            Layer(H13_CURVE, thickness=0.04, initial=200.0),
        ],
        shape="plate",
        contacts=[5000.0],
    )
    run = body.solve(until=2.0, cells=160, times=[0.5, 1.0, 2.0])
    assert run.flux[:, 0] == pytest.approx(pair.flux(run.time), rel=2e-4)
    assert run.faces[:, 0, 0] == pytest.approx(pair.temperature(0.0, run.time, side="a"), abs=0.05)


def test_layers_conserve_heat_with_a_conductivity_that_jumps():
    """A fixed wall through a large coefficient: the fronts of the exact alloy solution, with k 160 / 120 / 80."""
    curve = linear_curve(160.0, 120.0, 80.0)
    half = linear_alloy(**A356, wall=100.0, initial=650.0)
    body = LayeredBody(
        [Layer(curve, thickness=0.12, initial=degC(650.0))],
        shape="plate",
        contacts=[],
        outer_htc=1e9,
        outer_temperature=degC(100.0),
    )
    run = body.solve(until=5.0, cells=240, times=[5.0])
    depth = np.array([5.0, 10.0, 20.0, 25.0, 40.0]) * 1e-3
    assert run.at(0.12 - depth, 0) == pytest.approx(half.temperature(depth, 5.0) + 273.15, abs=0.25)
