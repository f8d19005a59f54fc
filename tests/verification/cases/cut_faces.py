"""Bodies that the grid cuts: turned cubes and plates, spheres, cylinders and tilted slabs anywhere on the grid."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from castsolve.analytic import RobinBlock, RobinBody, hot_sphere_in_equal_medium
from castsolve.geometry import Grid, GridBody, Part, Surface
from castsolve.simulation import HeatRun
from castsolve.units import degC

from .bench import Tamper, levels, run, sides, touching
from .plates import R1, PlateCase, reference_body
from .report import Check, Curve, Outcome, Plot
from .stock import A356_FLAT, AL_SOLID, SAND, THERMOSTAT, curve
from .twin import march, tube

MM = 1e-3
COLD = degC(25.0)
HOT = degC(500.0)


def turned(part: Part, matrix: np.ndarray, centre: np.ndarray) -> Surface:
    """Return a part that is centred on the origin, turned and then moved."""
    full = np.eye(4)
    full[:3, :3], full[:3, 3] = matrix, centre
    return part.transformed(full).surface


def random_turn(rng: np.random.Generator) -> np.ndarray:
    """Return a rotation, uniform over all of them."""
    q = rng.normal(size=4)
    w, x, y, z = q / np.linalg.norm(q)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def turn_z_to(direction: np.ndarray) -> np.ndarray:
    """Return the rotation that takes the z axis to a direction."""
    n = np.asarray(direction, dtype=float) / np.linalg.norm(direction)
    side = np.cross([1.0, 0.0, 0.0] if abs(n[0]) < 0.9 else [0.0, 1.0, 0.0], n)
    side /= np.linalg.norm(side)
    return np.stack([side, np.cross(n, side), n], axis=1)


def snapped(lo: np.ndarray, hi: np.ndarray, voxel: float) -> tuple[np.ndarray, np.ndarray]:
    """Return bounds widened to whole voxels counted from the origin, so that the place of a body on the grid is free."""
    return np.floor(np.asarray(lo) / voxel) * voxel, np.ceil(np.asarray(hi) / voxel) * voxel


def bath_grid(surface: Surface, voxel: float, margin: float = 3.0) -> Grid:
    """Return a uniform grid of a body in a bath that stays at one temperature."""
    lo, hi = snapped(surface.bounds[0], surface.bounds[1], voxel)
    box = (lo - margin * voxel, hi + margin * voxel)
    return Grid.build([GridBody("body", "part", surface, 0)], voxel=voxel, box=box, fine_box=box, background="bath")


def cooling_in_bath(
    title: str, text: str, surface: Surface, voxel: float, htc: float, time: float, mean: float, rate: float, gate: float,
    *, tamper: Tamper | None = None, **options: Any,
) -> Outcome:  # fmt: skip
    """Compare the time at which the mean excess of a body falls to `mean` (exactly at `time`, with slope `rate`)."""
    grid = bath_grid(surface, voxel)
    if tamper is not None:
        grid = tamper(grid)
    options.setdefault("theta", 0.05)
    done = run(grid, [curve(AL_SOLID), THERMOSTAT], sides(contacts=touching(htc)), [HOT, COLD], until=time, **options)
    metal = grid.region == 0
    weight = grid.volumes()[metal]
    excess = float((weight * done.temperature[metal]).sum() / weight.sum() - COLD) / (HOT - COLD)
    found = time + (excess - mean) / -rate
    check = Check(f"{title}: time to a mean excess of {mean:g} (s)", time, found, gate, aim=0.5 * gate)
    return Outcome(title, text, (check,))


def _slope(mean_excess: Any, time: float) -> float:
    step = 1e-4 * time
    return float((mean_excess(time + step) - mean_excess(time - step)) / (2.0 * step))


def turned_block(
    shape: str = "cube", *, biot: float = 1.0, seed: int = 0, voxels: float | None = None, gate: float | None = None, **options: Any
) -> Outcome:
    """A cube 8 voxels wide or a plate 3 voxels thick, turned and placed at random, cooled by a coefficient."""
    rng = np.random.default_rng(seed)
    voxel = 1 * MM
    across = voxels or {"cube": 8.0, "plate": 3.0}[shape]
    lengths = across * voxel * np.array({"cube": (1.0, 1.0, 1.0), "plate": (4.0, 4.0, 1.0)}[shape])
    htc = biot * AL_SOLID.conductivity / (0.5 * lengths[2])
    exact = RobinBlock(lengths=tuple(lengths), phase=AL_SOLID, htc=htc)
    time = exact.time_to_mean(0.3)
    surface = turned(Part.box(tuple(lengths)), random_turn(rng), rng.uniform(0.0, voxel, 3))
    title = f"{shape} {across:g} voxels, Biot {biot:g}, orientation {seed}"
    limit = gate or {"cube": 0.01, "plate": 0.03}[shape]
    return cooling_in_bath(
        title, turned_block.__doc__ or "", surface, voxel, htc, time, 0.3, _slope(exact.mean_excess, time), limit, **options
    )


def aligned_block(shape: str, biot: float, **options: Any) -> float:
    """Return the error of the same block unturned, its faces in the middle of voxels: what the resolution alone costs."""
    voxel = 1 * MM
    across = {"cube": 8.0, "plate": 3.0}[shape]
    lengths = across * voxel * np.array({"cube": (1.0, 1.0, 1.0), "plate": (4.0, 4.0, 1.0)}[shape])
    htc = biot * AL_SOLID.conductivity / (0.5 * lengths[2])
    exact = RobinBlock(lengths=tuple(lengths), phase=AL_SOLID, htc=htc)
    time = exact.time_to_mean(0.3)
    surface = turned(Part.box(tuple(lengths)), np.eye(3), np.full(3, 0.49 * voxel if across % 2 == 0 else 0.99 * voxel))
    slope = _slope(exact.mean_excess, time)
    return cooling_in_bath("", "", surface, voxel, htc, time, 0.3, slope, 1.0, **options).checks[0].error


def round_in_bath(
    shape: str = "sphere", *, ratio: float = 5.0, biot: float = 1.0, seed: int = 0, gate: float = 0.01, **options: Any
) -> Outcome:
    """A sphere, or a cylinder as long as wide with any axis, at a random place, cooled by a coefficient."""
    rng = np.random.default_rng(seed)
    voxel = 1 * MM
    radius = ratio * voxel
    htc = biot * AL_SOLID.conductivity / radius
    centre = rng.uniform(0.0, voxel, 3)
    if shape == "sphere":
        body = RobinBody(shape="sphere", size=radius, phase=AL_SOLID, htc=htc)
        mean = body.mean_excess
        time = body.time_to_mean(0.3)
        surface = Part.sphere(2.0 * radius, centre=tuple(centre), segments=192).surface
    else:
        side = RobinBody(shape="cylinder", size=radius, phase=AL_SOLID, htc=htc)
        ends = RobinBody(shape="slab", size=radius, phase=AL_SOLID, htc=htc)

        def mean(t):
            return side.mean_excess(t) * ends.mean_excess(t)

        from scipy.optimize import brentq

        time = float(brentq(lambda t: float(mean(t)) - 0.3, 1e-6 * side.time_to_mean(0.3), side.time_to_mean(0.3)))
        part = Part.cylinder(2.0 * radius, 2.0 * radius, base=(0.0, 0.0, -radius), segments=192)
        surface = turned(part, random_turn(rng), centre)
    title = f"{shape} R/dx {ratio:g}, Biot {biot:g}, place {seed}"
    return cooling_in_bath(title, round_in_bath.__doc__ or "", surface, voxel, htc, time, 0.3, _slope(mean, time), gate, **options)


def sphere_in_equal_medium(
    *, ratio: float = 8.0, seed: int = 0, gate: float = 0.005, tamper: Tamper | None = None, **options: Any
) -> Outcome:
    """A hot sphere in perfect contact with a cold medium of its own material: the wall must not be felt at all."""
    rng = np.random.default_rng(seed)
    voxel = 1 * MM
    radius = ratio * voxel
    centre = rng.uniform(0.0, voxel, 3)
    time = 0.1 * radius**2 / AL_SOLID.diffusivity
    grid = bath_grid(Part.sphere(2.0 * radius, centre=tuple(centre), segments=192).surface, voxel, margin=2.0 * ratio)
    if tamper is not None:
        grid = tamper(grid)
    options.setdefault("theta", 0.05)
    metal = curve(AL_SOLID)
    done = run(grid, [metal, metal], sides(contacts=touching(math.inf)), [HOT, COLD], until=time, **options)
    x, y, z = (grid.centres(a) - centre[a] for a in range(3))
    r = np.sqrt(x[:, None, None] ** 2 + y[None, :, None] ** 2 + z[None, None, :] ** 2)
    exact = hot_sphere_in_equal_medium(r, time, radius=radius, phase=AL_SOLID, inside=HOT, outside=COLD)
    near = (r > radius - 2.5 * voxel) & (r < radius + 2.5 * voxel)
    gap = (done.temperature - exact)[near] / (HOT - COLD)
    middle = tuple(grid.locate(centre[None, :])[0])
    centre_gap = float((done.temperature - exact)[middle] / (HOT - COLD))
    checks = (
        Check("rms beside the wall, over the first jump", 0.0, 0.0, gate, error_of=float(np.sqrt(np.mean(gap**2)))),
        Check("centre, over the first jump", 0.0, 0.0, gate, error_of=centre_gap),
    )
    return Outcome(f"sphere R/dx {ratio:g} in its own material, place {seed}", sphere_in_equal_medium.__doc__ or "", checks)


def wall_heat(done: HeatRun, k: tuple[float, float], htc: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the heat flow in W out of region 0 through every wall face at the end of a run, and the faces' middles."""
    problem, cut = done.problem, done.problem.cut
    grid, T = problem.rows, problem.in_rows(done.temperature).reshape(-1)
    low, high = cut.voxel[cut.low], cut.voxel[cut.high]
    conductivity = np.asarray(k)
    way = cut.arrays["face_low"] / conductivity[cut.region_low] + cut.arrays["face_high"] / conductivity[cut.region_high]
    flow = cut.arrays["face_area"] * (T[low] - T[high]) / (way + 1.0 / htc)
    places = [np.stack([grid.centres(a)[p] for a, p in enumerate(np.unravel_index(v, grid.shape))], axis=1) for v in (low, high)]
    middle = 0.5 * (places[0] + places[1])
    return np.where(cut.region_low == 0, flow, -flow), middle[:, np.argsort(problem.order)]


DIRECTIONS = np.array([d for d in np.ndindex(3, 3, 3) if d != (1, 1, 1)], dtype=float) - 1.0


def heat_by_direction(
    *, ratio: float = 8.0, biot: float = 1.0, seed: int = 0, tamper: Tamper | None = None, **options: Any
) -> Outcome:
    """Heat from a sphere in a bath, weighed towards 26 directions and summed over octants: the same in all of them."""
    rng = np.random.default_rng(seed)
    voxel = 1 * MM
    radius = ratio * voxel
    htc = biot * AL_SOLID.conductivity / radius
    centre = rng.uniform(0.0, voxel, 3)
    body = RobinBody(shape="sphere", size=radius, phase=AL_SOLID, htc=htc)
    time = body.time_to_mean(0.5)
    flux = htc * float(body.excess(radius, time)) * (HOT - COLD)
    grid = bath_grid(Part.sphere(2.0 * radius, centre=tuple(centre), segments=192).surface, voxel)
    if tamper is not None:
        grid = tamper(grid)
    options.setdefault("theta", 0.05)
    done = run(grid, [curve(AL_SOLID), THERMOSTAT], sides(contacts=touching(htc)), [HOT, COLD], until=time, **options)
    flow, middle = wall_heat(done, (AL_SOLID.conductivity, THERMOSTAT.conductivity[0]), htc)
    arm = middle - centre
    arm /= np.linalg.norm(arm, axis=1)[:, None]
    checks = []
    power = 8
    whole = 2.0 * math.pi * radius**2 / (power + 1)  # integral of max(0, n.d)^power over the sphere
    shares = []
    for direction in DIRECTIONS:
        weight = np.maximum(0.0, arm @ direction / np.linalg.norm(direction)) ** power
        shares.append(float((flow * weight).sum()) / whole / flux)
    shares_ = np.array(shares)
    worst = int(np.abs(shares_ - 1.0).argmax())
    name = "".join("-0+"[int(d) + 1] for d in DIRECTIONS[worst])
    checks.append(Check(f"heat towards the worst of 26 directions ({name}), over exact", 1.0, shares[worst], 0.03, aim=0.015))
    checks.append(Check("heat of the whole sphere (W)", flux * 4.0 * math.pi * radius**2, float(flow.sum()), 0.01))
    octants = _octants(grid, flow, middle, centre, radius) / flux
    worst_octant = int(np.abs(octants - 1.0).argmax())
    checks.append(Check("heat through the worst octant, over exact", 1.0, float(octants[worst_octant]), 0.03, aim=0.015))
    return Outcome(f"sphere R/dx {ratio:g}, heat by direction, place {seed}", heat_by_direction.__doc__ or "", tuple(checks))


def _octants(grid: Grid, flow: np.ndarray, middle: np.ndarray, centre: np.ndarray, radius: float) -> np.ndarray:
    """Return heat over true area of the eight parts that the three grid planes nearest to the centre cut from the sphere."""
    planes = np.array([grid.nodes[a][np.abs(grid.nodes[a] - centre[a]).argmin()] for a in range(3)])
    count = 400000
    i = np.arange(count) + 0.5
    z = 1.0 - 2.0 * i / count
    angle = math.pi * (1.0 + math.sqrt(5.0)) * i
    ring = np.sqrt(1.0 - z * z)
    points = centre + radius * np.stack([ring * np.cos(angle), ring * np.sin(angle), z], axis=1)
    bits = np.array([4, 2, 1])
    area = np.bincount((points > planes) @ bits, minlength=8) * 4.0 * math.pi * radius**2 / count
    # a face that lies on a plane is shared by its two sides
    heat = np.zeros(8)
    tiny = 1e-9
    for shift in (-tiny, tiny):
        heat += 0.5 * np.bincount((middle + shift > planes) @ bits, weights=flow, minlength=8)
    return heat / area


@lru_cache(maxsize=32)
def reference_time(shape: str, size: float, htc: float) -> float:
    """Return the time at which the centre of A356 in sand reaches its solidus, from the one-dimensional reference."""
    case = PlateCase(
        alloy=A356_FLAT,
        half=size,
        mould=SAND,
        depth=150 * MM,
        htc=htc,
        poured=680.0,
        cold=25.0,
        until=0.0,
        cells=20,
        first=1.0,
        growth=1.0,
        coarsest=1.0,
        solid=0.0,
        liquid=0.0,
        centre={},
        in_mould={},
    )
    longest = 478.0 * (size / 0.01) ** 2
    return reference_body(case, shape=shape).solve_extrapolated(until=longest, cells=80, levels=[A356_FLAT.solidus])[
        A356_FLAT.solidus
    ]


def _freeze_in_sand(grid: Grid, htc: float, until: float, correction: bool, **options: Any) -> Any:
    watch = levels(liquidus=A356_FLAT.liquidus, solidus=A356_FLAT.solidus)
    problem = {"mould_correction": correction, **options.pop("problem", {})}
    materials = [A356_FLAT.heat(), curve(SAND)]
    initial = [degC(680.0), degC(25.0)]
    return run(grid, materials, sides(contacts=touching(htc)), initial, until=until, watch=watch, problem=problem, **options)


def round_in_sand(
    shape: str = "sphere",
    *,
    ratio: float = 15.0,
    radius: float = 30 * MM,
    htc: float = 1000.0,
    seed: int = 0,
    correction: bool = False,
    gate: float | None = None,
    tamper: Tamper | None = None,
    **options: Any,
) -> Outcome:
    """A9: a sphere, or a long cylinder along a grid axis, of A356 in sand at a random place."""
    rng = np.random.default_rng(seed)
    voxel = radius / ratio
    centre = rng.uniform(0.0, voxel, 3)
    reach = 100 * MM
    lo, hi = centre - radius - reach, centre + radius + reach
    fine_lo, fine_hi = snapped(centre - radius - 2 * voxel, centre + radius + 2 * voxel, voxel)
    if shape == "sphere":
        surface = Part.sphere(2.0 * radius, centre=tuple(centre), segments=192).surface
    else:
        axis = int(rng.integers(0, 3))
        base = centre.copy()
        base[axis] = -voxel
        surface = Part.cylinder(2.0 * radius, 4.0 * voxel, base=tuple(base), axis="xyz"[axis], segments=192).surface
        lo[axis], hi[axis], fine_lo[axis], fine_hi[axis] = 0.0, 2.0 * voxel, 0.0, 2.0 * voxel
    body = GridBody("casting", "part", surface, 0)
    grid = Grid.build([body], voxel=voxel, box=(lo, hi), fine_box=(fine_lo, fine_hi))
    if tamper is not None:
        grid = tamper(grid)
    reference = reference_time(shape, radius, htc)
    done = _freeze_in_sand(grid, htc, 1.25 * reference, correction, **options)
    word = "with" if correction else "without"
    limit = gate if gate is not None else (0.01 if correction else 0.03)
    found = float(done.crossing("solidus")[tuple(grid.locate(centre[None, :])[0])])
    check = Check(f"solidification time of the centre {word} the mould correction (s)", reference, found, limit, aim=0.3 * limit)
    return Outcome(f"A9 {shape} R/dx {ratio:g}, place {seed}", round_in_sand.__doc__ or "", (check,))


AS_LONG_AS_WIDE = 336.45
"""When the centre of an A356 cylinder, 60 mm long and wide, reaches its solidus in sand behind 1000 W/m2/K (s).

Axisymmetric finite volumes of 0.5, 0.375 and 0.3 mm (336.81, 336.67 and 336.60 s), extrapolated; `short_cylinder` is what the
independent twin finds.
"""


def short_cylinder(sizes: tuple[float, float] = (3 * MM, 2 * MM)) -> float:
    """Return the same time from the independent twin on two networks of revolution, extrapolated by the square of their cells."""
    radius, times = 30 * MM, []
    for size in sizes:
        out = [radius]
        while out[-1] < 0.1:
            out.append(out[-1] + min(size * 1.06 ** max(0, len(out) - round(8 * MM / size)), 4 * MM))
        nodes = np.concatenate([np.linspace(0.0, radius, round(radius / size) + 1)[:-1], out])
        middle = 0.5 * (nodes[1:] + nodes[:-1])
        region = np.where((middle[:, None] < radius) & (middle < radius), 0, 1)
        metal = A356_FLAT.heat()
        level = (0, float(metal.at_temperature(A356_FLAT.solidus)))
        materials, initial = [metal, curve(SAND)], [degC(680.0), degC(25.0)]
        network = tube(nodes, nodes, region)
        _, crossing = march(network, materials, {(0, 1): 1000.0}, initial, until=350.0, levels=[level])
        times.append(float(crossing[0][0, 0]))
    weight = (sizes[1] / sizes[0]) ** 2
    return (times[1] - weight * times[0]) / (1.0 - weight)


def askew_cylinder_in_sand(*, ratio: float = 15.0, seed: int = 0, correction: bool = False, **options: Any) -> Outcome:
    """A9: a cylinder of A356 as long as wide in sand, with any axis and at any place, against an axisymmetric computation."""
    rng = np.random.default_rng(seed)
    radius, reach = 30 * MM, 100 * MM
    voxel = radius / ratio
    centre = rng.uniform(0.0, voxel, 3)
    part = Part.cylinder(2.0 * radius, 2.0 * radius, base=(0.0, 0.0, -radius), segments=192)
    surface = turned(part, random_turn(rng), centre)
    lo, hi = surface.bounds
    fine = snapped(lo - 2 * voxel, hi + 2 * voxel, voxel)
    body = GridBody("casting", "part", surface, 0)
    grid = Grid.build([body], voxel=voxel, box=(lo - reach, hi + reach), fine_box=fine)
    options.setdefault("problem", {"dtype": "float32"})
    done = _freeze_in_sand(grid, 1000.0, 1.25 * AS_LONG_AS_WIDE, correction, **options)
    word, gate = ("with", 0.01) if correction else ("without", 0.03)
    found = float(done.crossing("solidus")[tuple(grid.locate(centre[None, :])[0])])
    text = f"solidification time of the centre {word} the mould correction (s)"
    check = Check(text, AS_LONG_AS_WIDE, found, gate, aim=0.3 * gate)
    return Outcome(f"A9 cylinder askew R/dx {ratio:g}, place {seed}", askew_cylinder_in_sand.__doc__ or "", (check,))


def long_askew_cylinder_in_sand(
    *, tilt: float = 17.0, ratio: float = 10.0, radius: float = 10 * MM, half_length: float = 85 * MM, htc: float = 1000.0,
    seed: int = 0, correction: bool = True, gate: float = 0.01, **options: Any,
) -> Outcome:  # fmt: skip
    """A9: a long cylinder of A356 in sand, its axis tilted out of the grid's, one half of it; the middle against the exact time."""
    rng = np.random.default_rng(seed)
    voxel, reach = radius / ratio, 45 * MM
    centre = np.array([0.0, *rng.uniform(0.0, voxel, 2)])
    angle = math.radians(tilt)
    matrix = np.array([[1, 0, 0], [0, math.cos(angle), -math.sin(angle)], [0, math.sin(angle), math.cos(angle)]])
    part = Part.cylinder(2.0 * radius, 2.0 * half_length, base=(0.0, 0.0, -half_length), segments=192)
    surface = turned(part, matrix, centre)
    lo, hi = surface.bounds
    fine = snapped(lo - 2 * voxel, hi + 2 * voxel, voxel)
    for bound in (lo, fine[0]):
        bound[0] = 0.0
    box = (lo - np.array([0.0, reach, reach]), hi + reach)
    grid = Grid.build([GridBody("casting", "part", surface, 0)], voxel=voxel, box=box, fine_box=fine)
    reference = reference_time("cylinder", radius, htc)
    options.setdefault("problem", {"dtype": "float32"})
    done = _freeze_in_sand(grid, htc, 1.1 * reference, correction, **options)
    at = tuple(grid.locate(np.array([[0.5 * voxel, *centre[1:]]]))[0])
    word = "with" if correction else "without"
    text = f"solidification time of the middle {word} the mould correction (s)"
    check = Check(text, reference, float(done.crossing("solidus")[at]), gate, aim=0.3 * gate)
    title = f"A9 long cylinder tilted {tilt:g} degrees, R/dx {ratio:g}"
    return Outcome(title, long_askew_cylinder_in_sand.__doc__ or "", (check,))


TILTS = {"0": 0.0, "17": 17.0, "45": 45.0}


def tilted_slab(
    tilt: str = "17",
    *,
    voxel: float = 1.25 * MM,
    half_length: float = 260 * MM,
    correction: bool = True,
    gate: float = 0.01,
    seed: int = 0,
    tamper: Tamper | None = None,
    **options: Any,
) -> Outcome:
    """A8 R1 as a wide plate that lies askew on the grid: tilted about one axis, or with its normal along (1, 1, 1)."""
    rng = np.random.default_rng(seed)
    centre = rng.uniform(0.0, voxel, 3)
    sand = 90 * MM
    thick = 2.0 * R1.half
    if tilt == "111":
        matrix = turn_z_to(np.ones(3))
        part = Part.cylinder(2.0 * half_length, thick, base=(0.0, 0.0, -R1.half), segments=192)
        surface = turned(part, matrix, centre)
        lo, hi = snapped(*surface.bounds, voxel)
        fine = (lo - 2 * voxel, hi + 2 * voxel)
        box = (lo - sand, hi + sand)
    else:
        angle = math.radians(TILTS[tilt])
        matrix = np.array([[1, 0, 0], [0, math.cos(angle), -math.sin(angle)], [0, math.sin(angle), math.cos(angle)]])
        surface = turned(Part.box((8.0 * voxel, 2.0 * half_length, thick)), matrix, centre)
        lo, hi = snapped(*surface.bounds, voxel)
        across = np.array([0.0, 1.0, 1.0])
        middle = np.array([0.5 * voxel, 0.0, 0.0])
        lo, hi = lo * across + middle - middle, hi * across + middle * 4.0
        fine = (lo - 2 * voxel * across, hi + 2 * voxel * across)
        box = (lo - sand * across, hi + sand * across)
    grid = Grid.build([GridBody("plate", "part", surface, 0)], voxel=voxel, box=box, fine_box=fine)
    if tamper is not None:
        grid = tamper(grid)
    done = _freeze_in_sand(grid, R1.htc, 1.15 * R1.solid, correction, **options)
    at = tuple(grid.locate(centre[None, :])[0]) if tilt == "111" else None
    if at is None:
        inside = centre.copy()
        inside[0] = 0.5 * (grid.x[0] + grid.x[1])
        at = tuple(grid.locate(inside[None, :])[0])
    found = float(done.crossing("solidus")[at])
    check = Check("solidification time of the middle (s)", R1.solid, found, gate, aim=0.003)
    word = "with" if correction else "without"
    title = f"A8 R1 tilted {tilt}, voxel {voxel / MM:g} mm, {word} the mould correction"
    metal = grid.region == 0
    y, z = np.meshgrid(grid.centres(1), grid.centres(2), indexing="ij")
    along = (y * matrix[1, 1] + z * matrix[2, 1])[metal[0]] if tilt != "111" else np.zeros(0)
    plots: tuple[Plot, ...] = ()
    if along.size:
        curve_ = Curve("voxels of the plate", along / MM, np.asarray(done.crossing("solidus")[0])[metal[0]], marks=True)
        exact = Curve("one-dimensional reference, middle", np.array([along.min(), along.max()]) / MM, np.full(2, R1.solid))
        plots = (Plot(f"tilt-{tilt}", "distance along the plate (mm)", "solidification time (s)", (exact, curve_)),)
    return Outcome(title, tilted_slab.__doc__ or "", (check,), plots)
