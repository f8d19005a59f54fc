"""Mould faces without end against exact half spaces, and walls that stand in the air."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import erfc

from castsolve.casting import InvestmentCasting, SandCasting
from castsolve.geometry import Grid, Part
from castsolve.materials import HeatCurve, Interface
from castsolve.simulation import Contact, Faces, HeatProblem, Side, solidify
from castsolve.simulation.clock import Clock
from castsolve.simulation.exposed import Exposed
from castsolve.simulation.half_space import Memory
from castsolve.simulation.rkl import SCHEMES
from castsolve.simulation.solidify import plan
from castsolve.simulation.stepper import Stepper
from castsolve.units import degC, mm

START = 298.15
K, C = 0.607, 1.695e6
A, E = K / C, math.sqrt(K * C)


def plain(conductivity: float, capacity: float) -> HeatCurve:
    T = np.array([200.0, 3000.0])
    return HeatCurve(
        capacity * (T - START), T, np.full(2, conductivity), density=1000.0, kinks=np.array([0, 1]), beyond_low="hold",
        beyond_high="hold",
    )  # fmt: skip


def bar(length: float, voxel: float, axis: int = 2) -> Grid:
    nodes = [np.array([0.0, 0.01])] * 3
    nodes[axis] = np.linspace(0.0, length, round(length / voxel) + 1)
    return Grid.regular(*nodes, names=("sand",))


def march(length: float, low: Side, high: Side, times: list[float], *, axis: int = 2, **options):
    grid = bar(length, 1 * mm, axis)
    sides = {f"{'xyz'[axis]}_low": low, f"{'xyz'[axis]}_high": high}
    problem = HeatProblem(grid, [plain(K, C)], Faces(**sides), threads=1, **options)
    run = problem.run(START, until=times[-1], record=times)
    return grid.centres(axis), {t: T.reshape(-1) for t, T in run.snapshots.items()}, run


# -- the memory --------------------------------------------------------------------------------------------------


def test_the_memory_is_that_of_a_half_space():
    memory = Memory()
    # A surface that jumps in a millisecond and stays: e / sqrt(pi t).
    memory.step(1e-3, np.array([100.0]))
    for t in (0.1, 1.0, 60.0, 3600.0, 86400.0):
        _, flux = memory.ahead(t)
        assert float(flux[0]) == pytest.approx(100.0 / math.sqrt(math.pi * (t + 0.5e-3)), rel=1e-3)


def test_the_memory_of_a_ramp_and_of_growing_steps():
    memory, t = Memory(2), 1.0
    memory.step(1.0, np.array([1.0, 3.0]))
    while t < 3600.0:
        step = 0.1 * t
        slope, past = memory.ahead(step)
        rise = np.array([step, 3.0 * step])
        ahead = past + slope * rise
        t += step
        memory.step(step, np.array([t, 3.0 * t]))
        # A ramp S = r t takes 2 r sqrt(t / pi).
        exact = 2.0 * math.sqrt(t / math.pi)
        assert memory.flux() == pytest.approx([exact, 3.0 * exact], rel=5e-4)
        assert ahead == pytest.approx(memory.flux(), rel=1e-9)


# -- a bar cut off where a half space goes on --------------------------------------------------------------------


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_cut_bar_is_as_warm_as_the_half_space_that_it_was(axis):
    x, found, run = march(20 * mm, Side.fixed(900.0), Side.deep(START), [60.0, 300.0, 900.0, 1800.0], axis=axis)
    for t, T in found.items():
        exact = START + (900.0 - START) * erfc(x / (2.0 * math.sqrt(A * t)))
        # Late, when the end is warm by more than half; at 60 s the error is that of the first voxel.
        assert np.abs(T - exact).max() < (0.6 if t > 60.0 else 1.5)
    assert run.ledger.worst < 1e-11


def test_a_bar_under_constant_flux():
    x, found, _ = march(30 * mm, Side.flux(10_000.0), Side.deep(START), [600.0, 3600.0])
    for t, T in found.items():
        s = math.sqrt(A * t)
        exact = START + 10_000.0 / K * (2.0 * s / math.sqrt(math.pi) * np.exp(-(x**2) / (4 * s * s)) - x * erfc(x / (2 * s)))
        assert np.abs(T - exact).max() < 2e-3 * (exact.max() - START)


def test_it_beats_air_and_insulation_and_converges_with_the_step():
    wanted = START + (900.0 - START) * erfc(np.array([19.5 * mm]) / (2.0 * math.sqrt(A * 1800.0)))

    def end(side: Side, theta: float = 0.1) -> float:
        grid = bar(20 * mm, 1 * mm)
        problem = HeatProblem(grid, [plain(K, C)], Faces(z_low=Side.fixed(900.0), z_high=side), threads=1)
        run = problem.run(START, until=1800.0, theta=theta)
        return abs(float(run.temperature.reshape(-1)[-1]) - float(wanted[0]))

    deep = [end(Side.deep(START), theta) for theta in (0.2, 0.1, 0.05)]
    assert deep[0] > deep[1] > deep[2]
    assert min(end(Side.insulated()), end(Side.convective(10.0, START))) > 100.0 * deep[1]


def test_half_spaces_in_single_precision():
    for dtype, limit in (("float64", 0.4), ("float32", 0.5)):
        x, found, run = march(20 * mm, Side.fixed(900.0), Side.deep(START), [900.0], dtype=dtype)
        exact = START + (900.0 - START) * erfc(x / (2.0 * math.sqrt(A * 900.0)))
        assert np.abs(found[900.0] - exact).max() < limit
        assert run.ledger.worst < (1e-11 if dtype == "float64" else 1e-6)


# -- castings ----------------------------------------------------------------------------------------------------


def test_a_small_box_with_deep_sides_freezes_as_a_large_one():
    block = Part.box((0.06, 0.06, 0.04), name="block")
    shared = {"alloy": "A356", "mould": "furan-sand", "pour_temperature": degC(720), "symmetry": "quarter"}
    times = {}
    for name, wall, sides in (("large", 0.12, ()), ("deep", 0.016, "all"), ("air", 0.016, ())):
        casting = SandCasting(block, flask=wall, deep_sides=sides, **shared)
        times[name] = solidify(casting, voxel=5 * mm).peak("solidification_time").value
    assert times["deep"] == pytest.approx(times["large"], rel=0.01)
    assert abs(times["air"] / times["large"] - 1.0) > 0.05


def test_a_run_with_deep_sides_resumes_to_the_same_bits(tmp_path):
    block = Part.box((0.06, 0.06, 0.04), name="block")
    casting = SandCasting(
        block, alloy="A356", mould="furan-sand", pour_temperature=degC(720), symmetry="quarter", flask=0.02, deep_sides="all"
    )
    whole = solidify(casting, voxel=6 * mm, until=120.0)
    count = 0

    def stop(_) -> None:
        nonlocal count
        count += 1
        if count == 14:
            raise KeyboardInterrupt

    kept = tmp_path / "run.checkpoint"
    with pytest.raises(KeyboardInterrupt):
        solidify(casting, voxel=6 * mm, until=120.0, progress=stop, checkpoint=kept)
    again = solidify(casting, voxel=6 * mm, until=120.0, checkpoint=kept, resume=True)
    assert np.array_equal(again["temperature"], whole["temperature"])


# -- walls in the air --------------------------------------------------------------------------------------------


def test_an_exposed_wall_agrees_with_the_side_that_radiates_itself():
    """One slab of sand against the surroundings as a region, and against the same air as an outer side."""
    n, Ta, h, e = 8, 300.0, 12.0, 0.8
    T = np.linspace(250.0, 2250.0, 81)
    rows = tuple((t, h + e * 5.670374419e-8 * (t * t + Ta * Ta) * (t + Ta)) for t in T.tolist())
    interface = Interface("a", "b", htc=rows, over="temperature")
    z = np.linspace(0.0, 16 * mm, n + 1)
    side_by_side = Grid.regular(np.array([0.0, 0.01]), np.array([0.0, 0.01]), z, names=("sand",))
    alone = HeatProblem(
        side_by_side, [plain(K, C)], Faces(z_low=Side.fixed(1500.0), z_high=Side.convective(h, Ta, emissivity=e)), threads=1
    ).run(1300.0, until=2000.0)
    region = np.zeros((1, 1, n + 2), np.uint8)
    region[..., n:] = 1
    across = np.array([0.0, 0.01])
    both = Grid.regular(across, across, np.append(z, [18 * mm, 20 * mm]), region, names=("sand", "air"))
    wall = Exposed.of(interface, both, 0, 1, plain(K, C), Ta)
    assert wall.distance == pytest.approx(1 * mm)
    bath = HeatCurve(
        1e12 * (np.array([1.0, 6000.0]) - Ta), np.array([1.0, 6000.0]), np.full(2, 1e3), density=1.0, kinks=np.array([0, 1]),
        beyond_low="hold", beyond_high="hold",
    )  # fmt: skip
    faces = Faces(z_low=Side.fixed(1500.0), contacts={(0, 1): Contact(wall)})
    run = HeatProblem(both, [plain(K, C), bath], faces, threads=1).run([1300.0, Ta], until=2000.0)
    mine, exact = run.temperature.reshape(-1), alone.temperature.reshape(-1)
    assert np.abs(mine[:n] - exact).max() < 1.0
    assert mine[n:] == pytest.approx([Ta, Ta], abs=0.05)
    # At the temperature of the voxel the wall would radiate a good deal more.
    at_voxel = Faces(z_low=Side.fixed(1500.0), contacts={(0, 1): Contact(interface)})
    naive = HeatProblem(both, [plain(K, C), bath], at_voxel, threads=1)
    assert np.abs(naive.run([1300.0, Ta], until=2000.0).temperature.reshape(-1)[:n] - exact).max() > 10.0


def test_a_shell_casting_is_laid_out_with_its_surroundings():
    ball = Part.sphere(40 * mm, name="ball")
    casting = InvestmentCasting(
        ball, alloy="WCB", mould="ceramic-shell", mould_temperature=degC(900), pour_temperature=degC(1580), shell=6 * mm
    )
    ready = plan(casting, voxel=3 * mm)
    assert [region.role for region in ready.layout.regions] == ["metal", "mould", "surroundings"]
    assert ready.grid.body_roles == ("part", "mould", "surroundings")
    assert ready.grid.region_volume(1) == pytest.approx(4 / 3 * math.pi * (0.026**3 - 0.02**3), rel=1e-2)
    assert ready.grid.wall_area(1, 2) == pytest.approx(4 * math.pi * 0.026**2, rel=2e-2)
    assert ready.grid.wall_area(0, 2) == 0.0
    assert isinstance(ready.problem.faces.contact(1, 2).htc, Exposed)


def test_a_backed_shell_has_no_surroundings():
    from castsolve.casting import ShellMouldCasting
    from castsolve.errors import InputError

    ball = Part.sphere(40 * mm, name="ball")
    shared = {"alloy": "A356", "mould": "furan-sand", "pour_temperature": degC(720), "shell": 8 * mm}
    casting = ShellMouldCasting(ball, backing="green-sand", flask=30 * mm, **shared)
    regions = casting.layout(4 * mm).regions
    assert [(region.name, region.material.name) for region in regions[1:]] == [("mould", "furan-sand"), ("backing", "green-sand")]
    with pytest.raises(InputError, match="flask was given, but the shell stands in the air"):
        ShellMouldCasting(ball, flask=30 * mm, **shared)


# -- the kernel's side fields ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_face_of_a_side_has_its_own_ambient_temperature(dtype):
    """One explicit stage against NumPy: what comes in through six sides with six fields of temperature."""
    rng = np.random.default_rng(5)
    nodes = [np.cumsum(np.append(0.0, rng.uniform(1.0, 3.0, n))) * mm for n in (4, 5, 19)]
    grid = Grid.regular(*nodes, names=("sand",))
    htc = 300.0
    sides = {f"{letter}_{end}": Side.convective(htc, START) for letter in "xyz" for end in ("low", "high")}
    problem = HeatProblem(grid, [plain(K, C)], Faces(**sides), dtype=dtype, threads=1)
    T = rng.uniform(400.0, 900.0, grid.shape)
    stepper = Stepper(problem, Clock(SCHEMES["euler"], 0.1, [1.0], [], None), T, None, {}, False)
    widths = [grid.widths(a) for a in range(3)]
    inflow = 0.0
    fields = []
    for a in range(6):
        axis, at = a // 2, 0 if a % 2 == 0 else -1
        here = np.take(T, at, axis=axis)
        field = np.ascontiguousarray(rng.uniform(300.0, 1200.0, here.shape))
        fields.append(field)
        stepper.sweep.set_side_field(a, field)
        across, along = (widths[b] for b in range(3) if b != axis)
        area = np.outer(across, along)
        inflow += float((area * (field - here) / (0.5 * widths[axis][at] / K + 1.0 / htc)).sum())
    flow, _ = stepper.sweep.stage(mt=1e-3, t0=0.0, t1=1e-3, first=True, last=True)
    stepper.close()
    assert flow == pytest.approx(inflow, rel=1e-12 if dtype == "float64" else 1e-5)
