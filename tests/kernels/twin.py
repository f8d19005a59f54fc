"""Twins of the kernels in plain NumPy: dense arrays, one line a formula, nothing shared with the code under test.

The heat twin knows a grid by its node coordinates, owner regions, true volumes and a list of walls. It reads temperature and
resistivity from the cells of the material tables, so that a stage must agree to rounding; the Kirchhoff potential is integrated
anew from those cells.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from castsolve.geometry import Grid
from castsolve.geometry.cutface import Walls
from castsolve.materials import HeatCurve
from castsolve.simulation import Faces
from castsolve.simulation.tables import MaterialTables
from castsolve.simulation.wall_depth import depths_of_means

Array = np.ndarray

STEFAN_BOLTZMANN = 5.670374419e-8
INSULATED, FIXED, CONVECTIVE, FLUX = range(4)


class Pieces(NamedTuple):
    """The straight pieces of one region's table; values are those of the lines at the start of a piece's cell."""

    zero: float
    width: float
    ends: tuple[float, float]  # in cells, where the lines beyond the table end
    start: Array  # J/m3
    cell: Array
    begin: Array  # in cells, as `end`
    end: Array
    T: Array
    rise: Array
    half: Array
    slope: Array
    theta: Array  # at the start of the piece itself
    theta_rise: Array


class Lookup:
    """T, 1/(2k) and int k dT of every region over enthalpy, from the cells of the double tables, counted from a reference."""

    def __init__(self, curves: Sequence[HeatCurve], reference: Array | None = None) -> None:
        reference = np.zeros(len(curves)) if reference is None else reference
        a = MaterialTables(curves, np.float64).counted_from(reference)
        points, weights = np.polynomial.legendre.leggauss(12)
        points, weights = 0.5 * (points + 1.0), 0.5 * weights
        self.regions = []
        for r, zero in enumerate(reference):
            low, high, width = int(a["cell_low"][r]), int(a["cell_high"][r]), 1.0 / a["cell_inv"][r]
            cells = a["bins"][a["cell_row"][r] : a["cell_row"][r] + high - low + 1]
            ends = float(a["cell_bottom"][r]), float(a["cell_top"][r])
            # Straight pieces: those of a bent cell are told apart at its kink.
            start, pieces = [], []
            for n, (T, rise, turn, kink, before, slope, after, slope_after) in enumerate(cells):
                edge, end = low + n, min(kink, 1.0)
                start.append(zero + width * edge)
                pieces.append((T, rise, before, slope, edge, end))
                if kink < 1.0:
                    start.append(zero + width * (edge + kink))
                    # As lines from the start of the cell, too.
                    pieces.append((T - kink * turn, rise + turn, after, slope_after, edge, 1.0))
            T, rise, half, slope, edge, end = np.array(pieces).T
            begin = (np.array(start) - zero) / width - edge
            mean_k = sum(
                w * 0.5 / (half + (begin + p * (end - begin)) * slope) for p, w in zip(points, weights, strict=True)
            )
            gain = mean_k * rise
            theta = np.concatenate([[0.0], np.cumsum(gain * (end - begin))[:-1]])
            self.regions.append(Pieces(zero, width, ends, np.array(start), edge, begin, end, T, rise, half, slope, theta, gain))

    def read(self, region: Array, h: Array) -> tuple[Array, Array, Array]:
        """Return T (K), 1/(2k) (m K/W) and int k dT (W/m) of every voxel; beyond the ends the last lines go on for 3000 K."""
        T, half, theta = np.empty(h.shape), np.empty(h.shape), np.empty(h.shape)
        for r, p in enumerate(self.regions):
            mask = region == r
            y = np.clip((h[mask] - p.zero) / p.width, *p.ends)
            n = np.clip(np.searchsorted(p.start, p.zero + p.width * y, side="right") - 1, 0, len(p.start) - 1)
            u = y - p.cell[n]
            T[mask], half[mask] = p.T[n] + u * p.rise[n], p.half[n] + u * p.slope[n]
            theta[mask] = p.theta[n] + (u - p.begin[n]) * p.theta_rise[n]
        return T, half, theta


def side_flow(side: Any, T: Array, r_half: Array) -> Array:
    """Return the heat flow density into the domain (W/m2) through an outer face; the surface radiates at its own temperature."""
    kind, htc, ambient, emissivity, flux = side.row()
    if kind == FIXED:
        return (ambient - T) / r_half
    if kind == FLUX:
        return np.full_like(T, flux)
    if kind == INSULATED or (htc == 0.0 and emissivity == 0.0):
        return np.zeros_like(T)
    # Newton on the balance of the surface: what comes from the voxel leaves by convection and radiation.
    surface = 0.5 * (T + ambient)
    for _ in range(60):
        leaving = htc * (surface - ambient) + emissivity * STEFAN_BOLTZMANN * (surface**4 - ambient**4)
        slope = 1.0 / r_half + htc + 4.0 * emissivity * STEFAN_BOLTZMANN * surface**3
        surface = surface - ((surface - T) / r_half + leaving) / slope
    return -(htc * (surface - ambient) + emissivity * STEFAN_BOLTZMANN * (surface**4 - ambient**4))


@dataclass
class HeatTwin:
    """The heat equation on a grid, from what the grid says of itself."""

    grid: Grid
    curves: Sequence[HeatCurve]
    faces: Faces
    source: Array | None = None
    reference: Array | None = None

    def __post_init__(self) -> None:
        self.lookup = Lookup(self.curves, self.reference)
        self.widths = np.meshgrid(*(self.grid.widths(a) for a in range(3)), indexing="ij")
        self.volumes = self.grid.volumes()

    def rates(self, h: Array) -> tuple[Array, float]:
        """Return dh/dt (W/m3) of every voxel and the heat that comes in from outside and from the source (W)."""
        grid, w = self.grid, self.widths
        T, half, theta = self.lookup.read(grid.region, h)
        flow = np.zeros(grid.shape)
        into = 0.0
        for axis in range(3):
            low = tuple(slice(None, -1) if a == axis else slice(None) for a in range(3))
            high = tuple(slice(1, None) if a == axis else slice(None) for a in range(3))
            area = math.prod(w[a] for a in range(3) if a != axis)
            same = grid.region[low] == grid.region[high]
            q = same * area[low] * (theta[high] - theta[low]) / (0.5 * (w[axis][low] + w[axis][high]))
            flow[low] += q
            flow[high] -= q
            for end in (0, 1):
                at = tuple((-end if a == axis else slice(None)) for a in range(3))
                q = area[at] * side_flow(self.faces.sides[2 * axis + end], T[at], w[axis][at] * half[at])
                flow[at] += q
                into += float(q.sum())
        a, b = wall_voxels(grid)
        q = self.wall_conductance(T, half) * (T.reshape(-1)[b] - T.reshape(-1)[a])
        np.add.at(flow.reshape(-1), a, q)
        np.add.at(flow.reshape(-1), b, -q)
        rate = flow / self.volumes
        if self.source is not None:
            rate = rate + self.source
            into += float((self.source * self.volumes).sum())
        return rate, into

    def ahead(self, h: Array, region: int, steps: Sequence[float], shares: Sequence[float]) -> Array:
        """Return the mean enthalpy (J/m3) over explicit steps (s) by conduction within one region, the others as they are."""
        grid, w, mine = self.grid, self.widths, self.grid.region == region
        y, mean = h.copy(), shares[0] * h
        for dt, share in zip(steps, shares[1:], strict=True):
            _, _, theta = self.lookup.read(grid.region, y)
            rate = np.zeros(grid.shape)
            for axis in range(3):
                low = tuple(slice(None, -1) if a == axis else slice(None) for a in range(3))
                high = tuple(slice(1, None) if a == axis else slice(None) for a in range(3))
                q = (mine[low] & mine[high]) * (theta[high] - theta[low]) / (0.5 * (w[axis][low] + w[axis][high]))
                rate[low] += q / w[axis][low]
                rate[high] -= q / w[axis][high]
            y = y + dt * rate * math.prod(w) / self.volumes
            mean = mean + share * y
        return np.where(mine, mean, h)

    def wall_conductance(self, T: Array, half: Array) -> Array:
        """Return S / (d_a/k_a + 1/htc + d_b/k_b) of every wall."""
        grid, walls = self.grid, self.grid.walls
        a, b = wall_voxels(grid)
        region, T, half = grid.region.reshape(-1), T.reshape(-1), half.reshape(-1)
        resistance = np.empty(len(a))
        for n in range(len(a)):
            pair = sorted((int(region[a[n]]), int(region[b[n]])))
            first = a[n] if region[a[n]] == pair[0] else b[n]
            resistance[n] = self.contact_resistance(pair[0], pair[1], T[first])
        low, high = depths_of_means(grid, a, b, walls.low, walls.high, [s.is_insulated for s in self.faces.sides])
        return walls.area / (2.0 * (low * half[a] + high * half[b]) + resistance)

    def contact_resistance(self, first: int, second: int, T: float) -> float:
        """Return 1/htc of a contact at a temperature of its first region."""
        htc = self.faces.contact(first, second).htc  # type: ignore[union-attr]
        if isinstance(htc, (int, float)):
            return 0.0 if math.isinf(htc) else 1.0 / htc
        return float(htc.resistance_at(T))


@dataclass(frozen=True)
class Ramp:
    """An interface whose resistance is linear between samples over the temperature of the first region."""

    temperatures: Array
    resistances: Array

    def htc_at(self, temperature: Any, *, fraction_solid: Any = None) -> Array:
        """Return the coefficient (W/m2/K)."""
        return 1.0 / np.interp(temperature, self.temperatures, self.resistances)

    def time_factor(self, time: float) -> float:
        """Return 1: it does not change with time."""
        return 1.0

    def resistance_at(self, T: float) -> float:
        """Return 1/htc (m2 K/W)."""
        return float(np.interp(T, self.temperatures, self.resistances))


def wall_voxels(grid: Grid) -> tuple[Array, Array]:
    """Return the flat indices of the low and the high voxel of every wall."""
    strides = np.array([grid.shape[1] * grid.shape[2], grid.shape[2], 1])
    return grid.walls.voxel, grid.walls.voxel + strides[grid.walls.axis]


def scattered(seed: int, shape: tuple[int, int, int], regions: int = 4) -> Grid:
    """Return uneven voxels with regions, wall areas, wall distances and volumes drawn at random."""
    rng = np.random.default_rng(seed)
    nodes = [np.concatenate([[0.0], np.cumsum(rng.uniform(0.8e-3, 2e-3, n))]) for n in shape]
    # Runs of one region as well as single voxels.
    region = rng.integers(0, regions, shape)
    keep = rng.random(shape) < 0.6
    for k in range(1, shape[2]):
        region[:, :, k] = np.where(keep[:, :, k], region[:, :, k - 1], region[:, :, k])
    grid = Grid.regular(*nodes, region=region.astype(np.uint8), names=tuple("abcd"[:regions]))
    walls, n = grid.walls, len(grid.walls.voxel)
    area = walls.area * rng.uniform(0.0, 2.0, n)
    area[rng.random(n) < 0.1] = 0.0
    walls = Walls(walls.voxel, walls.axis, area, rng.uniform(0.1e-3, 1.5e-3, n), rng.uniform(0.1e-3, 1.5e-3, n))
    cut = np.flatnonzero(rng.random(region.size) < 0.4)
    plain = grid.cell_volumes().reshape(-1)[cut]
    return replace(grid, walls=walls, cut_index=cut, cut_volume=plain * rng.uniform(0.5, 2.2, len(cut)))


def share_walls(
    region: Array, centres: Sequence[Array], packets: Sequence[tuple[int, int, int, Array]],
    slivers: Sequence[tuple[int, int, float]],
) -> tuple[dict[int, Array], dict[int, float], list[float]]:  # fmt: skip
    """Share walls and slivers one by one, as the rule is written.

    Parameters
    ----------
    region : owners.
    centres : voxel centres along the three axes.
    packets : voxel, inner region, outer region, 30 sums.
    slivers : voxel, region, volume.

    Returns
    -------
    faces : key to sums of (area, weight, plane, normal[3])
    volumes : voxel to volume received
    lost : area, volume
    """
    shape, faces, volumes, lost = region.shape, {}, {}, [0.0, 0.0]

    def at(place: Any) -> int:
        inside = all(0 <= p < n for p, n in zip(place, shape, strict=True))
        return int(region[tuple(place)]) if inside else -1

    def key(place: Array, axis: int, step: int) -> int:
        low = place.copy()
        if step < 0:
            low[axis] -= 1
        return 3 * int(np.ravel_multi_index(tuple(low), shape)) + axis

    def opposite(v: int, inner: int, outer: int, wall: Array) -> list[tuple[int, Array, int, int, int]]:
        place = np.array(np.unravel_index(v, shape))
        owner = at(place)
        if owner not in (inner, outer):
            return []
        found = []
        for axis in range(3):
            for sign in (-1, 1):
                slot = 2 * axis + (sign > 0)
                step = sign if owner == inner else -sign
                other = place.copy()
                other[axis] += step
                if wall[slot] > 0.0 and at(other) == (outer if owner == inner else inner):
                    found.append((slot, other, key(place, axis, step), axis, step))
        return found

    for v, inner, outer, wall in packets:
        total = float(wall[:6].sum())
        if total <= 0.0:
            continue
        place = np.array(np.unravel_index(v, shape))
        chosen = opposite(v, inner, outer, wall)
        if chosen:
            scale = total / sum(wall[slot] for slot, *_ in chosen)
            for slot, _, face, _, _ in chosen:
                normal = scale * wall[12 + 3 * slot : 15 + 3 * slot]
                centre = np.array([c[p] for c, p in zip(centres, place, strict=True)])
                area = scale * wall[slot]
                row = np.array([area, area, scale * wall[6 + slot] + normal @ centre, *normal])
                faces[face] = faces.get(face, 0.0) + row
            continue
        near: dict[int, float] = {}
        for offset in np.ndindex(5, 5, 5):
            one = place + np.array(offset) - 2
            if at(one) != inner:
                continue
            for axis in range(3):
                for step in (-1, 1):
                    other = one.copy()
                    other[axis] += step
                    if at(other) == outer:
                        apart = np.array(offset) - 2.0
                        apart[axis] += 0.5 * step
                        near[key(one, axis, step)] = round(float(apart @ apart), 9)
        nearest = [face for face, d in near.items() if d == min(near.values())]
        if not nearest:
            lost[0] += total
        for face in nearest:
            faces[face] = faces.get(face, 0.0) + np.array([total / len(nearest), 0, 0, 0, 0, 0])

    for v, owned, volume in slivers:
        place = np.array(np.unravel_index(v, shape))
        owner = at(place)
        weights: dict[int, float] = {}
        for p, inner, outer, wall in packets:
            if p == v and {inner, outer} == {owner, owned}:
                for slot, other, *_ in opposite(v, inner, outer, wall):
                    to = int(np.ravel_multi_index(tuple(other), shape))
                    weights[to] = weights.get(to, 0.0) + wall[slot]
        if not weights:
            apart = {}
            for offset in np.ndindex(5, 5, 5):
                one = place + np.array(offset) - 2
                if at(one) == owned:
                    apart[int(np.ravel_multi_index(tuple(one), shape))] = sum((o - 2) ** 2 for o in offset)
            weights = {to: 1.0 for to, d in apart.items() if d == min(apart.values())}
        if not weights:
            lost[1] += volume
        for to, weight in weights.items():
            volumes[to] = volumes.get(to, 0.0) + volume * weight / sum(weights.values())
    return faces, volumes, lost


def curvature(D: Array, H: Array, earlier: Array, part: float) -> float:
    """Return how bent a step is: its increment against that of an earlier stage, voxel by voxel."""
    bend = np.abs(D - earlier / part).sum() / (1.0 - part)
    size = (np.abs(D) + 1e-5 * np.abs(H)).sum()
    return float(bend / size)
