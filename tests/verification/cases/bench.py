"""Grids, runs and read-outs that the cases share. Every run goes through HeatProblem."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from castsolve.geometry import Grid
from castsolve.materials import HeatCurve
from castsolve.simulation import Contact, Faces, HeatProblem, HeatRun, Level, Side, Watch

AXES = ("x", "y", "z")
Tamper = Callable[[Grid], Grid]


def spaced(length: float, first: float, growth: float = 1.0, coarsest: float = math.inf) -> np.ndarray:
    """Return nodes from 0 to a length, the first spacing given, growing by a ratio, stretched to fit."""
    sizes = [first]
    while sum(sizes) < length * (1.0 - 1e-9):
        sizes.append(min(sizes[-1] * growth, coarsest))
    return np.concatenate([[0.0], np.cumsum(sizes)]) * (length / sum(sizes))


def line(lengths: Sequence[np.ndarray], *, axis: int = 2, names: Sequence[str] = ("metal", "mould"), wide: int = 1) -> Grid:
    """Return a grid one voxel wide across (or `wide`): stacked layers along an axis, one region each."""
    nodes, start, owner = [np.zeros(1)], 0.0, []
    for region, layer in enumerate(lengths):
        nodes.append(start + layer[1:])
        owner += [region] * (layer.size - 1)
        start += layer[-1]
    along = np.concatenate(nodes)
    across = np.linspace(0.0, 0.01 * wide, wide + 1)
    all_nodes = [np.array([0.0, 0.01])] * 3
    all_nodes[(axis + 1) % 3] = across
    all_nodes[axis] = along
    shape = [n.size - 1 for n in all_nodes]
    flat = np.array(owner, dtype=np.uint8).reshape([-1 if a == axis else 1 for a in range(3)])
    region = np.broadcast_to(flat, shape).copy()
    return Grid.regular(*all_nodes, region=region, names=tuple(names)[: len(lengths)])


def sides(axis: int = 2, *, low: Side | None = None, high: Side | None = None, contacts: Any = None) -> Faces:
    """Return insulated outer faces but for the two ends of one axis."""
    given = {}
    if low is not None:
        given[f"{AXES[axis]}_low"] = low
    if high is not None:
        given[f"{AXES[axis]}_high"] = high
    return Faces(**given, contacts={} if contacts is None else contacts)


def touching(htc: float) -> dict[tuple[int, int], Contact]:
    """Return the contacts of two regions."""
    return {(0, 1): Contact(htc)}


def levels(**given: float) -> tuple[Level, ...]:
    """Return levels by temperature in K, ordered as they are passed in cooling."""
    ordered = sorted(given.items(), key=lambda item: -item[1])
    return tuple(Level(name, temperature=value) for name, value in ordered)


def threads_for(grid: Grid) -> dict[str, int]:
    """Return one thread for a grid that is too small to share."""
    return {"threads": 1} if grid.region.size < 40000 else {}


def run(
    grid: Grid,
    materials: Sequence[HeatCurve],
    faces: Faces,
    initial: Sequence[float],
    *,
    until: float,
    watch: Sequence[Level] = (),
    record: Sequence[float] = (),
    tamper: Tamper | None = None,
    problem: dict[str, Any] | None = None,
    **options: Any,
) -> HeatRun:
    """Run a problem, on a grid that was altered where `tamper` is given."""
    if tamper is not None:
        grid = tamper(grid)
    watching = Watch(region=0, levels=tuple(watch)) if watch else None
    heat = HeatProblem(grid, list(materials), faces, watch=watching, **threads_for(grid), **(problem or {}))
    return heat.run(list(initial), until=until, record=tuple(record), **options)


def row(field: np.ndarray, axis: int = 2) -> np.ndarray:
    """Return the first line of a dense field along an axis."""
    index: list[Any] = [0, 0, 0]
    index[axis] = slice(None)
    return np.asarray(field[tuple(index)], dtype=float)


def read_at(place: np.ndarray, x: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Interpolate smooth values without overshoot."""
    from scipy.interpolate import PchipInterpolator

    return np.asarray(PchipInterpolator(x, values)(place))


def front_at(time: np.ndarray, x: np.ndarray, passed: np.ndarray) -> np.ndarray:
    """Return where a front was at given times, from the times at which it passed the voxel centres."""
    good = np.isfinite(passed)
    return np.interp(np.sqrt(time), np.sqrt(passed[good]), x[good])


# Broken versions: what a grid would be if cut faces were done wrongly.


def plain_skin(grid: Grid) -> Grid:
    """Walls and volumes of the plain voxels."""
    plain = Grid.regular(grid.x, grid.y, grid.z, grid.region, grid.region_names)
    return replace(grid, walls=plain.walls, cut_index=plain.cut_index, cut_volume=plain.cut_volume)


def scaled_skin(grid: Grid) -> Grid:
    """The plain voxel skin times one factor that makes the total area right."""
    plain = plain_skin(grid)
    factor = grid.walls.area.sum() / plain.walls.area.sum()
    return replace(
        grid, walls=replace(plain.walls, area=plain.walls.area * factor), cut_index=grid.cut_index, cut_volume=grid.cut_volume
    )


def plain_area(grid: Grid) -> Grid:
    """True volumes and distances, but the wall area of the plain voxel skin."""
    widths = [grid.widths(a) for a in range(3)]
    at = np.stack(np.unravel_index(grid.walls.voxel, grid.shape), axis=1)
    size = np.stack([w[at[:, a]] for a, w in enumerate(widths)], axis=1)
    area = size.prod(axis=1) / size[np.arange(len(at)), grid.walls.axis]
    return replace(grid, walls=replace(grid.walls, area=area))


def plain_volumes(grid: Grid) -> Grid:
    """Volume factor 1 everywhere."""
    return replace(grid, cut_index=np.zeros(0, np.int64), cut_volume=np.zeros(0))


def half_voxels(grid: Grid) -> Grid:
    """True areas and volumes, but half voxels as distances."""
    at = np.stack(np.unravel_index(grid.walls.voxel, grid.shape), axis=1)
    step = (grid.walls.axis[:, None] == np.arange(3)).astype(int)
    rows = np.arange(len(at))
    low = np.stack([grid.widths(a)[at[:, a]] for a in range(3)], axis=1)[rows, grid.walls.axis]
    high = np.stack([grid.widths(a)[at[:, a] + step[:, a]] for a in range(3)], axis=1)[rows, grid.walls.axis]
    return replace(grid, walls=replace(grid.walls, low=0.5 * low, high=0.5 * high))


def one_sided(grid: Grid) -> Grid:
    """The mould's own resistance left out of the conductance."""
    low, _ = grid.wall_regions()
    metal_low = low == 0
    walls = replace(
        grid.walls,
        low=np.where(metal_low, grid.walls.low, 0.0),
        high=np.where(metal_low, 0.0, grid.walls.high),
    )
    return replace(grid, walls=walls)


def mean_conductivity(k_metal: float, k_mould: float) -> Tamper:
    """Conductivities averaged at the wall instead of resistances in series."""

    def alter(grid: Grid) -> Grid:
        low, _ = grid.wall_regions()
        k_low = np.where(low == 0, k_metal, k_mould)
        k_high = np.where(low == 0, k_mould, k_metal)
        series = grid.walls.low / k_low + grid.walls.high / k_high
        factor = (grid.walls.low + grid.walls.high) / (0.5 * (k_metal + k_mould)) / series
        return replace(grid, walls=replace(grid.walls, low=grid.walls.low * factor, high=grid.walls.high * factor))

    return alter
