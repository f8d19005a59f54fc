"""Plates in moulds of finite heat capacity, and the error in time against explicit steps on the same grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from castsolve.analytic import Layer, LayeredBody, Phase
from castsolve.geometry import Grid
from castsolve.materials import HeatCurve
from castsolve.simulation import Contact, Faces, Side
from castsolve.units import degC, to_degC

from .bench import levels, line, read_at, row, run, sides, spaced, touching
from .report import Check, Curve, Outcome, Plot
from .stock import A356_FLAT, COPPER, DUCTILE, H13, SAND, StockAlloy, curve

MM = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateCase:
    """A plate in a mould; temperatures in degC, references from a converged one-dimensional computation."""

    alloy: StockAlloy
    half: float
    mould: Phase
    depth: float
    htc: float
    poured: float
    cold: float
    until: float
    cells: int
    first: float  # first mould voxel in mm
    growth: float
    coarsest: float
    solid: float  # s, the centre reaches the solidus
    liquid: float
    outer: tuple[float, float] | None = None
    centre: dict[float, float]
    in_mould: dict[tuple[float, float], float]  # (depth mm, time s) -> degC
    cold_at: tuple[float, float] | None = None  # (degC, s) of the centre


R1 = PlateCase(
    alloy=A356_FLAT,
    half=10 * MM,
    mould=SAND,
    depth=150 * MM,
    htc=1000.0,
    poured=680.0,
    cold=25.0,
    until=520.0,
    cells=20,
    first=0.5 * MM,
    growth=1.08,
    coarsest=6 * MM,
    solid=478.6506,
    liquid=12.6595,
    centre={30.0: 608.4956, 100.0: 594.3905, 300.0: 572.8660},
    in_mould={(5.0, 30.0): 162.0101, (10.0, 100.0): 147.9231, (20.0, 300.0): 116.1859, (5.0, 300.0): 414.7360},
)
R2 = PlateCase(
    alloy=A356_FLAT,
    half=1.5 * MM,
    mould=H13,
    depth=25 * MM,
    htc=20000.0,
    poured=640.0,
    cold=220.0,
    until=2.5,
    cells=15,
    first=0.1 * MM,
    growth=1.1,
    coarsest=1.0 * MM,
    solid=0.5529,
    liquid=0.0446,
    outer=(3000.0, 180.0),
    centre={0.1: 609.4432, 0.5: 567.2164, 2.0: 349.3581},
    in_mould={(2.0, 0.1): 228.0914, (2.0, 0.5): 302.8706, (5.0, 2.0): 276.3856, (10.0, 2.0): 229.8579},
    cold_at=(350.0, 1.9844),
)
R4 = PlateCase(
    alloy=DUCTILE,
    half=12.5 * MM,
    mould=SAND,
    depth=300 * MM,
    htc=800.0,
    poured=1350.0,
    cold=25.0,
    until=1000.0,
    cells=25,
    first=0.5 * MM,
    growth=1.08,
    coarsest=8 * MM,
    solid=840.95,
    liquid=174.5,
    centre={1000.0: 1098.06},
    in_mould={},
)
PLATES = {"R1": R1, "R2": R2, "R4": R4}


def reference_body(case: PlateCase, *, shape: str = "plate") -> LayeredBody:
    """Return the one-dimensional reference of a plate case, or of a cylinder or sphere with its half thickness as radius."""
    metal = Layer(case.alloy.heat(), thickness=case.half, initial=degC(case.poured))
    mould = Layer(curve(case.mould), thickness=case.depth, initial=degC(case.cold), grading=20.0, cells=2.0)
    outer = {} if case.outer is None else {"outer_htc": case.outer[0], "outer_temperature": degC(case.outer[1])}
    return LayeredBody([metal, mould], shape=shape, contacts=[case.htc], **outer)


def plate_grid(case: PlateCase, *, axis: int = 2, coarser: float = 1.0, wide: int = 1) -> Grid:
    """Return the half plate and its mould along an axis."""
    metal = np.linspace(0.0, case.half, round(case.cells / coarser) + 1)
    mould = spaced(case.depth, case.first * coarser, 1.0 + (case.growth - 1.0) * coarser, case.coarsest)
    return line([metal, mould], axis=axis, wide=wide)


def plate_faces(case: PlateCase, axis: int = 2) -> Faces:
    high = None if case.outer is None else Side.convective(case.outer[0], degC(case.outer[1]))
    return sides(axis, high=high, contacts=touching(case.htc))


def solve_plate(
    case: PlateCase,
    *,
    axis: int = 2,
    coarser: float = 1.0,
    until: float | None = None,
    latent_factor: float = 1.0,
    grid: Grid | None = None,
    record: tuple[float, ...] = (),
    **options: Any,
) -> tuple[Grid, Any]:
    """Run a plate case and return its grid and run."""
    grid = plate_grid(case, axis=axis, coarser=coarser) if grid is None else grid
    watch = levels(liquidus=case.alloy.liquidus, solidus=case.alloy.solidus)
    materials = [case.alloy.heat(latent_factor=latent_factor), curve(case.mould)]
    initial = [degC(case.poured), degC(case.cold)]
    end = case.until if until is None else until
    done = run(grid, materials, plate_faces(case, axis), initial, until=end, watch=watch, record=record, **options)
    return grid, done


def plate(name: str = "R1", *, axis: int = 2, coarser: float = 1.0, **options: Any) -> Outcome:
    """A8: a plate in a mould with a contact coefficient; solidification time and temperatures in the mould."""
    case = PLATES[name]
    record = tuple(sorted({*case.centre, *(time for _, time in case.in_mould)}))
    grid, done = solve_plate(case, axis=axis, coarser=coarser, record=record, **options)
    x = grid.centres(axis)
    solidus = row(done.crossing("solidus"), axis)
    checks = [Check("solidification time of the centre (s)", case.solid, float(solidus[0]), 0.01, aim=0.003)]
    for time, T in case.centre.items():
        found = to_degC(row(done.snapshots[time], axis)[0])
        checks.append(Check(f"centre at {time:g} s (degC)", T, float(found), 1.0, False, aim=0.5))
    outside = x > case.half
    for (depth, time), T in case.in_mould.items():
        found = to_degC(read_at(np.array([case.half + depth * MM]), x[outside], row(done.snapshots[time], axis)[outside]))
        checks.append(Check(f"mould {depth:g} mm deep at {time:g} s (degC)", T, float(found[0]), 2.0, False, aim=0.5))
    if case.cold_at is not None:
        T, time = case.cold_at
        rate = (case.centre[2.0] - T) / (2.0 - time)
        found_time = 2.0 + (T - to_degC(row(done.snapshots[2.0], axis)[0])) / rate
        checks.append(Check(f"time at {T:g} degC (s)", time, float(found_time), 0.01, aim=0.003))
    last = max(record)
    T = to_degC(row(done.snapshots[last], axis))
    exact = reference_body(case).solve(until=last, cells=80, times=[last])
    keep, fine = x < case.half + 50 * MM, exact.position < case.half + 50 * MM
    curves = (
        Curve("one-dimensional reference", exact.position[fine] / MM, to_degC(exact.temperature[0][fine])),
        Curve("computed", x[keep] / MM, T[keep], marks=True),
    )
    plot = Plot(f"a8-{name.lower()}", "distance from the middle plane (mm)", f"temperature at {last:g} s (degC)", curves)
    return Outcome(f"A8 {name}", plate.__doc__ or "", tuple(checks), (plot,))


def local_times(done: Any, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return local solidification times and solidification times of the metal voxels."""
    metal = grid.region == 0
    solid, liquid = done.crossing("solidus")[metal], done.crossing("liquidus")[metal]
    return np.asarray(solid - liquid, dtype=float), np.asarray(solid, dtype=float)


# Beyond these of the last cells to freeze the liquidus of a nearly isothermal alloy is passed so slowly that its time is ill-posed.
def compare_times(
    title: str, text: str, grid: Grid, explicit: Any, found: Any, gates: tuple[float, float], plot_name: str
) -> Outcome:
    """Compare times of a run with those of explicit steps on the same grid, relative to the LOCAL time."""
    local, solid = local_times(explicit, grid)
    _, found_solid = local_times(found, grid)
    kept = local > 0.0
    checks = (
        Check(
            "solidification time, largest (of the local time)",
            0.0,
            0.0,
            gates[0],
            error_of=float(np.max(np.abs(found_solid - solid)[kept] / solid[kept])),
        ),
        Check(
            "solidification time, rms (of the local time)",
            0.0,
            0.0,
            gates[1],
            error_of=float(np.sqrt(np.mean(((found_solid - solid)[kept] / solid[kept]) ** 2))),
        ),
    )
    order = np.argsort(solid)
    curve_ = Curve(f"{found.steps} steps", solid[order], 100.0 * ((found_solid - solid) / solid)[order], marks=True)
    plot = Plot(plot_name, "solidification time by explicit steps (s)", "error in time (%)", (curve_,))
    return Outcome(title, text, checks, (plot,))


def time_error(name: str = "R2", *, scheme: str = "rkl2", theta: float = 0.1, coarser: float = 1.0, **options: Any) -> Outcome:
    """A8, error in time alone: super-time-stepping against explicit steps on the same voxels."""
    case = PLATES[name]
    grid, explicit = solve_plate(case, coarser=coarser, until=case.solid * 1.03, scheme="euler")
    _, found = solve_plate(case, coarser=coarser, until=case.solid * 1.03, scheme=scheme, theta=theta, **options)
    title = f"A8 {name} in time, {scheme}, theta {theta:g}"
    return compare_times(title, time_error.__doc__ or "", grid, explicit, found, (0.015, 0.003), f"time-{name.lower()}-{scheme}")


def die_chill_sand(*, cells: tuple[int, int, int] = (40, 40, 32)) -> tuple[Grid, list[HeatCurve], Faces, list[float]]:
    """Return a thin plate with a block between a steel die, a copper chill and sand, 1 mm voxels."""
    region = np.full(cells, 3, np.uint8)  # sand
    nx, ny, nz = cells
    region[:, :, : nz // 4] = 1  # die below
    region[:, :, nz // 4 : nz // 4 + 4] = 0  # plate, 4 mm
    block = (slice(nx // 4, nx // 2), slice(ny // 4, ny // 2), slice(nz // 4 + 4, nz // 4 + 14))
    region[block] = 0
    region[nx // 2 : nx // 2 + 6, ny // 4 : ny // 2, nz // 4 + 4 : nz // 4 + 14] = 2  # chill beside the block
    nodes = [np.arange(n + 1) * MM for n in cells]
    grid = Grid.regular(*nodes, region=region, names=("metal", "die", "chill", "sand"))
    materials = [A356_FLAT.heat(), curve(H13), curve(COPPER), curve(SAND)]
    contacts = {
        (0, 1): Contact(5000.0),
        (0, 2): Contact(5000.0),
        (0, 3): Contact(500.0),
        (1, 2): Contact(1000.0),
        (1, 3): Contact(500.0),
        (2, 3): Contact(500.0),
    }
    return grid, materials, Faces(contacts=contacts), [degC(680.0), degC(200.0), degC(25.0), degC(25.0)]


def time_error_3d(*, theta: float = 0.1, scheme: str = "rkl2", until: float = 12.0, **options: Any) -> Outcome:
    """A die, a copper chill and sand around a plate with a block: error in time against explicit steps on the same voxels."""
    grid, materials, faces, initial = die_chill_sand()
    watch = levels(liquidus=A356_FLAT.liquidus, solidus=A356_FLAT.solidus)
    explicit = run(grid, materials, faces, initial, until=until, watch=watch, scheme="euler")
    found = run(grid, materials, faces, initial, until=until, watch=watch, scheme=scheme, theta=theta, **options)
    title = f"die, chill and sand, {scheme}, theta {theta:g}"
    return compare_times(title, time_error_3d.__doc__ or "", grid, explicit, found, (0.015, 0.003), f"time-3d-{scheme}")
