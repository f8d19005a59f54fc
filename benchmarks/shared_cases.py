"""The cases that the benchmarks share."""

from __future__ import annotations

import numpy as np

from castsolve import materials
from castsolve.geometry import Grid, GridBody, Part
from castsolve.simulation import Faces, HeatProblem, Level, Side, Watch

POUR, ROOM = 973.15, 298.15


def cube_in_sand(cells: int, *, dtype: str = "float32", threads: int | None = None) -> HeatProblem:
    """Return the defined case: an A356 cube of half the edge in green sand, htc 500, one copper chill on a face; 1 mm voxels."""
    nodes = np.arange(cells + 1) * 1e-3
    region = np.full((cells,) * 3, 2, np.uint8)
    low, high = cells // 4, 3 * cells // 4
    region[low:high, low:high, low:high] = 0
    region[low:high, low:high, high : high + cells // 8] = 1
    grid = Grid.regular(nodes, nodes, nodes, region=region, names=("metal", "chill", "mould"))
    alloy = materials.alloy("A356")
    curves = [alloy.heat, materials.mould("copper").heat, materials.mould("green-sand").heat]
    air = Side.convective(10.0, ROOM)
    contacts = {(0, 1): 500.0, (0, 2): 500.0, (1, 2): 500.0}
    levels = (Level("liquidus", fraction_solid=0.0), Level("solidus", fraction_solid=1.0, gradient=True))
    faces = Faces(air, air, air, air, air, air, contacts=contacts)
    return HeatProblem(grid, curves, faces, dtype=dtype, threads=threads, watch=Watch(0, levels))


def crossed_sheets(cells: int, *, dtype: str = "float32", threads: int | None = None) -> HeatProblem:
    """Return three A356 sheets of 4 voxels that cross at right angles, askew in little sand: as many oblique walls as fit."""
    edge = cells * 1e-3
    sides = [tuple(4e-3 if b == a else 0.55 * edge for b in range(3)) for a in range(3)]
    sheets = [Part.box(size).turned(0.5, axis=(1, 2, 3)) for size in sides]
    bodies = [GridBody(f"sheet {n}", "part", s.surface, 0) for n, s in enumerate(sheets)]
    box = ((-0.5 * edge,) * 3, (0.5 * edge,) * 3)
    grid = Grid.build(bodies, voxel=1e-3, box=box, fine_box=box)
    curves = [materials.alloy("A356").heat, materials.mould("green-sand").heat]
    air = Side.convective(10.0, ROOM)
    levels = (Level("liquidus", fraction_solid=0.0), Level("solidus", fraction_solid=1.0, gradient=True))
    faces = Faces(air, air, air, air, air, air, contacts={(0, 1): 500.0})
    return HeatProblem(grid, curves, faces, dtype=dtype, threads=threads, watch=Watch(0, levels))


def local_time_error(found: np.ndarray, reference: np.ndarray) -> tuple[float, float]:
    """Return the rms and the 99th percentile of the error of local solidification times above 1 % of the total."""
    total = float(np.nanmax(reference))
    known = np.isfinite(found) & np.isfinite(reference) & (reference > 0.01 * total)
    error = np.abs(found[known] / reference[known] - 1.0)
    return float(np.sqrt(np.mean(error**2))), float(np.quantile(error, 0.99))


def turned_casting(cells: int, *, dtype: str = "float32", threads: int | None = None) -> HeatProblem:
    """Return a turned A356 block with a copper chill, a steel plate and a sleeve in green sand: five materials and cut faces."""
    edge = cells * 1e-3
    block = Part.box((0.5 * edge,) * 3).turned(0.35, axis=(1, 2, 3))
    chill = Part.box((0.3 * edge, 0.3 * edge, 0.15 * edge), centre=(0, 0, -0.3 * edge)).turned(0.35, axis=(1, 2, 3))
    plate = Part.box((0.3 * edge, 0.1 * edge, 0.3 * edge), centre=(0, 0.29 * edge, 0)).turned(0.35, axis=(1, 2, 3))
    sleeve = Part.cylinder(diameter=0.3 * edge, height=0.12 * edge).moved((0, 0, 0.36 * edge))
    bodies = [
        GridBody("block", "part", block.surface, 0), GridBody("chill", "chill", chill.surface, 1),
        GridBody("plate", "chill", plate.surface, 2), GridBody("sleeve", "sleeve", sleeve.surface, 3),
    ]  # fmt: skip
    box = ((-0.5 * edge,) * 3, (0.5 * edge,) * 3)
    grid = Grid.build(bodies, voxel=1e-3, box=box, fine_box=box)
    moulds = [materials.mould(name).heat for name in ("copper", "H13", "insulating-sleeve", "green-sand")]
    contacts = {(a, b): 500.0 for a in range(5) for b in range(a + 1, 5)}
    air = Side.convective(10.0, ROOM)
    levels = (Level("liquidus", fraction_solid=0.0), Level("solidus", fraction_solid=1.0, gradient=True))
    faces = Faces(air, air, air, air, air, air, contacts=contacts)
    curves = [materials.alloy("A356").heat, *moulds]
    return HeatProblem(grid, curves, faces, dtype=dtype, threads=threads, watch=Watch(0, levels))
