"""An independent solver of plain NumPy: explicit steps of an enthalpy balance on a network of cells.

It shares no code with the package and knows no grid: cells have volumes, links have areas and distances. It is slow and
simple on purpose. `brick` makes the network of a rectilinear grid, `tube` that of a body of revolution.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from castsolve.materials import HeatCurve


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Cells and links; `low` and `high` are the distances of the two cell centres from the link's face."""

    volume: np.ndarray
    region: np.ndarray
    a: np.ndarray
    b: np.ndarray
    area: np.ndarray
    low: np.ndarray
    high: np.ndarray
    shape: tuple[int, ...]


def brick(nodes: Sequence[np.ndarray], region: np.ndarray) -> Network:
    """Return the network of a rectilinear grid with insulated sides."""
    widths = [np.diff(n) for n in nodes]
    return _lattice(widths, [np.ones(w.size + 1) for w in widths], region, radial=None)


def tube(r: np.ndarray, z: np.ndarray, region: np.ndarray) -> Network:
    """Return the network of a body of revolution per radian; axis and sides are insulated."""
    return _lattice([np.diff(r), np.diff(z)], [r, np.ones(z.size)], region, radial=r)


def _lattice(widths, face_weight, region, radial) -> Network:
    shape = region.shape
    index = np.arange(region.size).reshape(shape)
    grids = np.meshgrid(*widths, indexing="ij")
    volume = np.prod(grids, axis=0)
    middle = None
    if radial is not None:
        middle = (0.5 * (radial[1:] + radial[:-1])).reshape((-1,) + (1,) * (len(shape) - 1))
        volume = volume * middle
    links = []
    for axis in range(len(shape)):
        first = np.take(index, range(shape[axis] - 1), axis=axis)
        second = np.take(index, range(1, shape[axis]), axis=axis)
        across = np.prod([g for i, g in enumerate(grids) if i != axis], axis=0) if len(shape) > 1 else np.ones(shape)
        area = np.take(across, range(shape[axis] - 1), axis=axis).astype(float)
        weight = face_weight[axis][1:-1].reshape([-1 if i == axis else 1 for i in range(len(shape))])
        area = area * weight
        if radial is not None and axis > 0:
            area = area * middle
        half = 0.5 * grids[axis]
        links.append((first, second, area, half.ravel()[first], half.ravel()[second]))
    a, b, area, low, high = (np.concatenate([row[i].ravel() for row in links]) for i in range(5))
    return Network(volume.ravel(), region.ravel(), a, b, area, low, high, shape)


def march(
    network: Network,
    materials: Sequence[HeatCurve],
    contacts: dict[tuple[int, int], float],
    initial: Sequence[float],
    *,
    until: float,
    safety: float = 0.9,
    levels: Sequence[tuple[int, float]] = (),
) -> tuple[np.ndarray, np.ndarray]:
    """Step to a time; return temperatures and, per (region, enthalpy) level, the times of first crossing (nan elsewhere)."""
    cells = [np.flatnonzero(network.region == r) for r in range(len(materials))]
    h = np.empty(network.volume.size)
    for r, material in enumerate(materials):
        h[cells[r]] = material.at_temperature(initial[r])
    resist = np.zeros(network.a.size)
    for (ra, rb), htc in contacts.items():
        pair = (network.region[network.a], network.region[network.b])
        touching = ((pair[0] == ra) & (pair[1] == rb)) | ((pair[0] == rb) & (pair[1] == ra))
        resist[touching] = 0.0 if math.isinf(htc) else 1.0 / htc
    step = safety * _limit(network, materials, cells, resist)
    count = math.ceil(until / step)
    step = until / count
    crossing = np.full((len(levels), h.size), np.nan)
    for n in range(count):
        T, k = _state(h, materials, cells)
        flow = network.area * (T[network.a] - T[network.b])
        flow /= network.low / k[network.a] + resist + network.high / k[network.b]
        inside = network.region[network.a] == network.region[network.b]
        theta = _potential(h, network, materials, cells)
        apart = network.low + network.high
        flow[inside] = (network.area * (theta[network.a] - theta[network.b]) / apart)[inside]
        gain = np.bincount(network.b, flow, h.size) - np.bincount(network.a, flow, h.size)
        new = h + step * gain / network.volume
        for i, (r, level) in enumerate(levels):
            passed = cells[r][(h[cells[r]] > level) & (new[cells[r]] <= level)]
            share = (h[passed] - level) / (h[passed] - new[passed])
            crossing[i, passed] = step * (n + share)
        h = new
    return _state(h, materials, cells)[0].reshape(network.shape), crossing.reshape((len(levels), *network.shape))


def _state(h, materials, cells):
    T, k = np.empty_like(h), np.empty_like(h)
    for material, here in zip(materials, cells, strict=True):
        T[here] = np.interp(h[here], material.enthalpy, material.temperature)
        k[here] = material.conductivity_at(h[here])
    return T, k


def _limit(network, materials, cells, resist) -> float:
    k, capacity = np.empty(network.volume.size), np.empty(network.volume.size)
    for material, here in zip(materials, cells, strict=True):
        rise = np.diff(material.temperature) > 0.0
        k[here] = material.conductivity.max()
        capacity[here] = (np.diff(material.enthalpy)[rise] / np.diff(material.temperature)[rise]).min()
    link = network.area / (network.low / k[network.a] + resist + network.high / k[network.b])
    total = np.bincount(network.a, link, k.size) + np.bincount(network.b, link, k.size)
    return float((network.volume * capacity / total).min())


def _potential(h, network, materials, cells) -> np.ndarray:
    """Kirchhoff potential int k dT of every voxel, for curves whose k is constant between nodes."""
    theta = np.empty(network.region.size)
    for here, material in zip(cells, materials, strict=True):
        T, k = material.temperature, material.conductivity
        start = np.concatenate([[0.0], np.cumsum(0.5 * (k[1:] + k[:-1]) * np.diff(T))])
        at = np.clip(np.searchsorted(material.enthalpy, h[here], side="right") - 1, 0, T.size - 2)
        theta[here] = start[at] + k[at] * (material.temperature_at(h[here]) - T[at])
    return theta
