"""The mean heat flow through a die over a cycle of its machine: where its slow modes tend to, shots before they are there.

A die forgets its surface within a shot and its core within a hundred. With C the heat capacities of its voxels, A what conducts
between them and to what cools them, averaged over the cycle, and t the cycle time, a shot moves a die that is e away from its
steady state by r = (exp(-A t / C) - 1) e. Where A t / C is small, e = -A^-1 C r / t: the core that gains C r / t watts on the mean
is as far away as those watts would warm it in the steady state. Where it is large, e = -r. Their sum serves for both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .boundary import Side

if TYPE_CHECKING:
    from .cycling import CycleStage, StageBook

__all__ = ["MeanDie"]

Array = NDArray[Any]

# How far the mean problem is solved: an estimate that the next shots mend needs no more.
_SOLVED, _MOST_ROUNDS = 1e-2, 400
# Voxels of the coarse problem that the solver's far reach comes from.
_COARSE = 6000
# Half the span (K) over which the slope of a flow of heat over temperature is taken: boiling and wetting set in within it.
_SPAN = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class _Stencil:
    """Conductances to the six neighbours and to what stands outside: A of the mean problem.

    Attributes
    ----------
    links : tuple of ndarray
        Along x, y and z, between a voxel and the next one (W/K); one shorter than the grid along its axis.
    sink : ndarray, shape of the grid
        To the outside (W/K).
    diagonal : ndarray, shape of the grid
        1 where nothing conducts.
    """

    links: tuple[Array, Array, Array]
    sink: Array
    diagonal: Array

    @classmethod
    def of(cls, links: tuple[Array, Array, Array], sink: Array) -> _Stencil:
        diagonal = sink.copy()
        for axis, g in enumerate(links):
            low, high = _halves(axis)
            diagonal[low] += g
            diagonal[high] += g
        return cls(links, sink, np.where(diagonal > 0.0, diagonal, 1.0))

    def times(self, x: Array) -> Array:
        """Return A x (W) for temperatures (K)."""
        y = self.diagonal * x
        for axis, g in enumerate(self.links):
            low, high = _halves(axis)
            y[low] -= g * x[high]
            y[high] -= g * x[low]
        return y

    def coarser(self, block: int) -> _Stencil:
        """Return the stencil of blocks that are of one temperature."""
        links = []
        for axis, g in enumerate(self.links):
            between = np.arange(block, self.sink.shape[axis], block) - 1
            links.append(_block_sums(np.take(g, between, axis=axis), block, [a for a in range(3) if a != axis]))
        return _Stencil.of((links[0], links[1], links[2]), _block_sums(self.sink, block, range(3)))

    def matrix(self) -> Any:
        """Return A as a sparse matrix."""
        from scipy.sparse import coo_matrix

        number = np.arange(self.sink.size).reshape(self.sink.shape)
        rows, columns, values = [number.reshape(-1)], [number.reshape(-1)], [self.diagonal.reshape(-1)]
        for axis, g in enumerate(self.links):
            low, high = (number[part].reshape(-1) for part in _halves(axis))
            rows += [low, high]
            columns += [high, low]
            values += [-g.reshape(-1)] * 2
        joined = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        return coo_matrix(joined, shape=(self.sink.size,) * 2).tocsc()


class MeanDie:
    """The linear mean problem of a die: made from one shot, asked after each.

    Parameters
    ----------
    stages : sequence of CycleStage
    carried : ndarray of int
        Regions of the die.
    temperature : ndarray, shape of the grid
        At the end of the shot (K), of what cools the die too.
    books : sequence of StageBook
        Of the shot: how long its stages take.

    Notes
    -----
    Contacts count with the slope of their flow of heat over the temperature of the die, in each stage for its time. Metal that is
    poured anew takes part by the heat that it can give on: its capacity in series with what its walls conduct in the dwell.
    Solved by conjugate gradients, preconditioned with the diagonal and with blocks of voxels that are of one temperature.
    """

    def __init__(
        self, stages: Sequence[CycleStage], carried: Array, temperature: Array, books: Sequence[StageBook]
    ) -> None:
        grid, curves = stages[-1].problem.grid, stages[-1].problem.materials
        self.die = np.isin(grid.region, carried)
        self.cycle_time = sum(b.duration for b in books)
        capacity, k = np.zeros(grid.shape), np.ones(grid.shape)
        for region in carried:
            here = grid.region == region
            h = curves[region].at_temperature(temperature[here])
            k[here] = curves[region].conductivity_at(h)
            capacity[here] = curves[region].at_temperature(temperature[here] + 1.0) - h
        # J/K of every voxel, and of those of the die.
        self.heat = capacity * grid.volumes()
        self.weights = self.heat[self.die]
        links, sink = _inside(grid, self.die, k), np.zeros(grid.shape)
        _add_sides(stages[-1].problem.faces.sides, grid, self.die, k, temperature, sink)
        _add_walls(stages, books, self.die, k, temperature, links, sink)
        self.stencil = _Stencil.of((links[0], links[1], links[2]), sink)
        self._block = max(4, round((grid.size / _COARSE) ** (1.0 / 3.0)))
        self._far: Any = None

    def lead(self, residual: Array) -> Array:
        """Return how far the die is estimated to be from its steady state at the start of a shot (K, its voxels).

        Parameters
        ----------
        residual : ndarray
            Change of the temperature of its voxels in the shot (K).
        """
        if not self.stencil.sink.any():
            return residual
        watts = np.zeros(self.die.shape)
        watts[self.die] = self.weights * residual / self.cycle_time
        return np.asarray(residual + self._solved(watts)[self.die])

    def _solved(self, watts: Array) -> Array:
        """Return the temperatures (K) at which the mean problem passes on what is given to it (W)."""
        x, left = np.zeros_like(watts), watts.copy()
        goal = _SOLVED**2 * _product(watts, watts)
        towards, before = np.zeros_like(watts), 1.0
        for _ in range(_MOST_ROUNDS):
            if _product(left, left) <= goal:
                break
            near = self._near(left)
            now = _product(left, near)
            towards = near + (now / before) * towards
            before, flow = now, self.stencil.times(towards)
            step = now / _product(towards, flow)
            x += step * towards
            left -= step * flow
        return x

    def _near(self, watts: Array) -> Array:
        """Return roughly what the mean problem answers: every voxel for itself, and all blocks together."""
        if self._far is None:
            from scipy.sparse.linalg import splu

            self._far = splu(self.stencil.coarser(self._block).matrix()).solve
        blocks = _block_sums(watts, self._block, range(3))
        coarse = self._far(blocks.reshape(-1)).reshape(blocks.shape)
        for axis, n in enumerate(watts.shape):
            coarse = np.take(coarse, np.arange(n) // self._block, axis=axis)
        return np.where(self.die, coarse, 0.0) + watts / self.stencil.diagonal


def _halves(axis: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return the indices of the lower and upper voxels of all faces along an axis."""
    low, high = [slice(None)] * 3, [slice(None)] * 3
    low[axis], high[axis] = slice(None, -1), slice(1, None)
    return tuple(low), tuple(high)


def _block_sums(values: Array, block: int, axes: Sequence[int] | range) -> Array:
    for axis in axes:
        values = np.add.reduceat(values, np.arange(0, values.shape[axis], block), axis=axis)
    return values


def _product(a: Array, b: Array) -> float:
    """Return the sum of products, in an order that no number of threads changes."""
    return float(np.einsum("ijk,ijk->", a, b))


def _inside(grid: Any, die: Array, k: Array) -> list[Array]:
    """Return the conductances of the faces within pieces of the die (W/K), along each axis."""
    links = []
    for axis in range(3):
        low, high = _halves(axis)
        half = 0.5 * _along(grid.widths(axis), axis) / k
        area = np.outer(*(grid.widths(a) for a in range(3) if a != axis))
        whole = die[low] & die[high] & (grid.region[low] == grid.region[high])
        links.append(np.where(whole, np.expand_dims(area, axis) / (half[low] + half[high]), 0.0))
    return links


def _along(widths: Array, axis: int) -> Array:
    return widths.reshape([-1 if a == axis else 1 for a in range(3)])


def _add_sides(sides: Sequence[Side], grid: Any, die: Array, k: Array, T: Array, sink: Array) -> None:
    """Add what the outer sides take."""
    for n, side in enumerate(sides):
        axis, end = n // 2, -1 if n % 2 else 0
        at = tuple(end if a == axis else slice(None) for a in range(3))
        slope = side.slope_at(T[at])
        if np.all(slope == 0.0):
            continue
        area = np.outer(*(grid.widths(a) for a in range(3) if a != axis))
        through = area / (0.5 * grid.widths(axis)[end] / k[at] + 1.0 / slope)
        sink[at] += np.where(die[at], through, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Wall:
    """The walls of one contact in a stage: their axes, flat voxels on the two sides, and the ways through them (m2 K/W)."""

    axis: Array
    first: Array
    second: Array
    area: Array
    way_first: Array
    way_second: Array


def _walls_of(stage: CycleStage, k: Array) -> Iterator[tuple[int, int, int, _Wall]]:
    """Return the number, the regions and the walls of every contact of a stage."""
    grid = stage.problem.grid
    walls, flat = grid.walls, k.reshape(-1)
    step = np.array([grid.shape[1] * grid.shape[2], grid.shape[2], 1])[walls.axis.astype(int)]
    low, high = grid.wall_regions()
    for number, (a, b) in enumerate(stage.problem.contacts.pairs):
        for mine in ((low == a) & (high == b), (low == b) & (high == a)):
            v, w = walls.voxel[mine], walls.voxel[mine] + step[mine]
            ways = walls.low[mine] / flat[v], walls.high[mine] / flat[w]
            if len(v) and low[mine][0] == a:
                yield number, a, b, _Wall(walls.axis[mine], v, w, walls.area[mine], *ways)
            elif len(v):
                yield number, a, b, _Wall(walls.axis[mine], w, v, walls.area[mine], *ways[::-1])


def _add_walls(
    stages: Sequence[CycleStage], books: Sequence[StageBook], die: Array, k: Array, T: Array, links: list[Array], sink: Array
) -> None:
    """Add what walls conduct: between pieces of the die, and from them to what cools or heats it."""
    inside, flat, taken = die.reshape(-1), T.reshape(-1), sink.reshape(-1)
    total = sum(b.duration for b in books)
    full = sum(b.duration for s, b in zip(stages, books, strict=True) if s.holds_metal)
    for stage, book in zip(stages, books, strict=True):
        if stage.parting is not None:
            np.add.at(taken, stage.parting.voxel, stage.parting.slope(flat, k.reshape(-1)) * book.duration / total)
        share = {r: book.flowing.get(v.name, 0.0) for v in stage.valves for r in v.regions}
        for number, a, b, wall in _walls_of(stage, k):
            both = inside[wall.first] & inside[wall.second]
            resistance = _resistance(stage, number, flat[wall.second if inside[wall.second].all() else wall.first])
            if both.all():
                through = wall.area / (wall.way_first + wall.way_second + resistance(0.0))
                _link(wall, through * book.duration / total, links, die.shape)
                continue
            if not (inside[wall.first] ^ inside[wall.second]).all():
                continue
            steel_first = bool(inside[wall.first][0])
            steel, other = (wall.first, wall.second) if steel_first else (wall.second, wall.first)
            way, region = (wall.way_first, b) if steel_first else (wall.way_second, a)
            if stage.holds_metal and region == 0:
                able = _metal_capacity(stage, flat[steel]) * wall.area * book.duration / full
                given = wall.area / (way + resistance(0.0)) * book.duration
                heat = given * able / (given + able)
            elif stage.holds_metal and region >= len(stages[-1].problem.materials):
                continue
            else:
                heat = wall.area * _slope(flat[steel] - flat[other], way, resistance) * share.get(region, book.duration)
            np.add.at(taken, steel, heat / total)


def _resistance(stage: CycleStage, number: int, T: Array) -> Any:
    """Return what tells the resistance of a contact (m2 K/W) at surfaces that are so much hotter than `T` (K)."""
    arrays = stage.problem.contacts.arrays
    table = arrays["contact_resistance"][arrays["contact_row"][number] : arrays["contact_row"][number + 1]].astype(float)
    places = np.arange(len(table))

    def at(hotter: float) -> Array:
        return np.interp((T + hotter - arrays["contact_T0"][number]) * arrays["contact_inv"][number], places, table)

    return at


def _slope(difference: Array, way: Array, resistance: Any) -> Array:
    """Return the slope of a flow of heat over the temperature of the steel (W/m2/K), not below zero."""
    high = (difference + _SPAN) / (way + resistance(_SPAN))
    low = (difference - _SPAN) / (way + resistance(-_SPAN))
    return np.maximum((high - low) / (2.0 * _SPAN), 0.0)


def _metal_capacity(stage: CycleStage, T: Array) -> Array:
    """Return the heat capacity of the metal over the area of its walls (J/m2/K)."""
    grid, curve = stage.problem.grid, stage.problem.materials[0]
    low, high = grid.wall_regions()
    area = float(grid.walls.area[(low == 0) ^ (high == 0)].sum())
    return np.asarray((curve.at_temperature(T + 1.0) - curve.at_temperature(T)) * grid.region_volume(0) / area)


def _link(wall: _Wall, through: Array, links: list[Array], shape: tuple[int, ...]) -> None:
    """Add conductances between two pieces of the die to the links of their faces."""
    lower = np.minimum(wall.first, wall.second)
    for axis in range(3):
        mine = wall.axis == axis
        np.add.at(links[axis], np.unravel_index(lower[mine], shape), through[mine])
