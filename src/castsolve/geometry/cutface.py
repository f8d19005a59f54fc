"""What the true surfaces do inside the voxels: owners, volumes, and the wall that each two-body face carries.

Every voxel has one owner region, the one with the largest filled share. A cut voxel's wall area goes, weighted with n_d^2 of the
wall's own normals, to the faces between two owners of the same pair of regions; the minority volume goes with the same weights
to the voxels of its own region across those faces. Each face remembers the mean plane of the wall it received, which gives the
true distances of its two voxel centres. Area and volume are then exact sums, and the resistance of a face is that of the wall
it stands for. docs/theory/cut-faces.md has the measurements behind this choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _kernels

Array = NDArray[Any]

# Share of a voxel within which a corner is put onto a grid plane.
_SNAP = 1e-6
_PACKET = 30  # wall sums as the kernel lays them out: M[6], P[6], N[6][3]


@dataclass(frozen=True, slots=True, eq=False)
class BodyCut:
    """One surface clipped to a grid.

    Attributes
    ----------
    window : tuple of int
        i0, i1, j0, j1, k0, k1 of the voxels that the surface's bounds reach.
    state : ndarray, shape of the window, uint8
        0 outside, 1 inside, 2 cut.
    index, share, wall : ndarray
        The cut voxels: index in the grid, filled share, wall sums (33 numbers, see ``_cut.h``).
    leak : float
        Largest column or voxel that does not close, as a share of a voxel; 0 for a closed surface.
    smallest, largest : float
        Extremes of the filled share; below 0 or above 1 where shells overlap or are inverted.
    outside_area : float
        Wall area outside the grid or on its border (m2).
    row : ndarray
        Where the cut voxels of each slab of the window begin.
    corners, slab_row, slab_triangle : ndarray
        The triangles' corners, shape (m, 9), and the triangles that reach each slab of the window, in compressed rows.
    """

    window: tuple[int, int, int, int, int, int]
    state: Array
    index: Array
    share: Array
    wall: Array
    leak: float
    smallest: float
    largest: float
    outside_area: float
    row: Array
    corners: Array
    slab_row: Array
    slab_triangle: Array

    @property
    def slices(self) -> tuple[slice, slice, slice]:
        """The window as slices of a dense array."""
        i0, i1, j0, j1, k0, k1 = self.window
        return slice(i0, i1), slice(j0, j1), slice(k0, k1)


def snapped(points: Array, nodes: Sequence[Array]) -> Array:
    """Return points (n, 3) in m with every coordinate that lies within 1e-6 voxel of a grid plane put onto it.

    Two surfaces that lie flush a rounding error apart then lie on one plane of the grid, instead of in two voxels.
    """
    out = points.copy()
    for axis, node in enumerate(nodes):
        x = out[:, axis]
        n = len(node) - 1
        above = np.clip(np.searchsorted(node, x), 1, n)
        width = node[above] - node[above - 1]
        for near in (node[above - 1], node[above]):
            np.copyto(x, near, where=np.abs(x - near) < _SNAP * width)
    return out


def cut_body(corners: Array, nodes: Sequence[Array], threads: int) -> BodyCut | None:
    """Clip a closed, outward oriented surface to a grid.

    Parameters
    ----------
    corners : ndarray, shape (m, 9)
        Corners of the triangles in metres.
    nodes : three ndarrays
        Node coordinates along x, y and z.
    threads : int
        Number of threads.

    Returns
    -------
    BodyCut or None
        None if the surface lies wholly outside the grid.
    """
    corners = np.ascontiguousarray(corners, dtype=np.float64)
    window: list[int] = []
    for axis, node in enumerate(nodes):
        part = corners[:, axis::3]
        lo, hi = float(part.min()), float(part.max())
        if hi <= node[0] or lo >= node[-1]:
            return None
        n = len(node) - 1
        window.append(int(np.clip(np.searchsorted(node, lo, side="right") - 1, 0, n - 1)))
        window.append(int(np.clip(np.searchsorted(node, hi, side="right"), 1, n)))
    i0, i1, j0, j1, k0, k1 = window
    x = nodes[0]
    first = np.searchsorted(x, corners[:, 0::3].min(axis=1), side="right") - 1
    last = np.searchsorted(x, corners[:, 0::3].max(axis=1), side="right") - 1
    # A corner on the last node belongs to the last slab.
    first = np.where(first == len(x) - 1, len(x) - 2, first)
    first, last = np.clip(first, i0, i1) - i0, np.clip(last, i0 - 1, i1 - 1) - i0
    counts = np.maximum(last - first + 1, 0)
    triangle = np.repeat(np.arange(len(corners), dtype=np.int32), counts)
    offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    slab = np.repeat(first, counts) + offset
    order = np.argsort(slab, kind="stable")
    row = np.searchsorted(slab[order], np.arange(i1 - i0 + 1)).astype(np.int64)
    state = np.empty((i1 - i0, j1 - j0, k1 - k0), dtype=np.uint8)

    def allocate(n: int) -> tuple[Array, Array, Array]:
        return np.empty(n, np.int64), np.empty(n), np.empty((n, _PACKET + 3))

    by_slab = np.ascontiguousarray(triangle[order])
    arrays, leak, smallest, largest, outside = _kernels.cut_surface(
        corners, *nodes, tuple(window), row, by_slab, state, allocate, threads
    )
    index, share, wall = arrays
    begin = np.searchsorted(index, np.arange(i0, i1 + 1) * ((len(nodes[1]) - 1) * (len(nodes[2]) - 1))).astype(np.int64)
    return BodyCut(
        (i0, i1, j0, j1, k0, k1), state, index, share, wall, leak, smallest, largest, outside, begin, corners, row, by_slab
    )


@dataclass(frozen=True, slots=True, eq=False)
class Owners:
    """Who owns each voxel, and what the cut voxels hold.

    Attributes
    ----------
    body, region : ndarray, shape (nx, ny, nz), uint8
        Owner body and owner region.
    index : ndarray, shape (n,)
        Cut voxels, rising.
    own, metal : ndarray, shape (n,)
        Volume of the owner region in them (m3), and the share of region 0.
    body_volume : ndarray, shape (bodies + 1,)
        Volume of every body in m3 after overlaps are resolved; the background last.
    packet_row, packet_pair, packet_wall : ndarray
        Walls of the cut voxels in compressed rows: (inner, outer) region and 30 sums.
    sliver_row, sliver_region, sliver_volume : ndarray
        What the cut voxels hold of regions that do not own them (m3), in compressed rows.
    mixed : int
        Number of voxels that several surfaces cut.
    regions : int
        Number of regions.
    """

    body: Array
    region: Array
    index: Array
    own: Array
    metal: Array
    body_volume: Array
    packet_row: Array
    packet_pair: Array
    packet_wall: Array
    sliver_row: Array
    sliver_region: Array
    sliver_volume: Array
    mixed: int
    regions: int


def assign_owners(cuts: Sequence[BodyCut | None], body_region: Array, nodes: Sequence[Array], threads: int = 1) -> Owners:
    """Resolve overlaps by priority and find each voxel's owner and each cut voxel's walls.

    Parameters
    ----------
    cuts : sequence of BodyCut or None
        From the highest priority to the lowest.
    body_region : ndarray of int, shape (bodies + 1,)
        Region of each body; the background's last.
    nodes : three ndarrays
        Node coordinates.
    threads : int
        Number of threads.
    """
    shape = tuple(len(n) - 1 for n in nodes)
    body, region = np.empty(shape, np.uint8), np.empty(shape, np.uint8)
    body_volume = np.zeros((shape[0], len(cuts) + 1))
    region_of = np.asarray(body_region, np.uint8)
    # Regions from the highest priority to the lowest: in the order of their first bodies.
    numbers, first = np.unique(region_of, return_index=True)
    rank = numbers[np.argsort(first)]
    rank = np.concatenate([rank, np.setdiff1d(np.arange(int(region_of.max()) + 1, dtype=np.uint8), rank)]).astype(np.uint8)

    def allocate(n: int, packets: int, slivers: int) -> tuple[Array, ...]:
        return (
            np.empty(n, np.int64), np.empty(n), np.empty(n), np.empty(n + 1, np.int64), np.empty((packets, 2), np.uint8),
            np.empty((packets, _PACKET)), np.empty(n + 1, np.int64), np.empty(slivers, np.uint8), np.empty(slivers),
        )  # fmt: skip

    rows = [
        (b, c.window, c.state, c.index, c.row, c.share, c.wall, c.corners, c.slab_row, c.slab_triangle)
        for b, c in enumerate(cuts) if c is not None
    ]  # fmt: skip
    arrays, mixed = _kernels.own_voxels(rows, *nodes, region_of, rank, body, region, body_volume, allocate, threads)
    index, own, metal, packet_row, pair, wall, sliver_row, sliver_region, sliver_volume = arrays
    return Owners(
        body, region, index, own, metal, body_volume.sum(axis=0), packet_row, pair, wall, sliver_row, sliver_region, sliver_volume,
        mixed, len(rank),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Walls:
    """Interface faces of a grid: what conducts between two regions.

    Attributes
    ----------
    voxel : ndarray of int64
        Index of the low voxel of the face; the high one follows along ``axis``.
    axis : ndarray of uint8
        0, 1 or 2.
    area : ndarray
        Wall area that the face received (m2).
    low, high : ndarray
        True distance of the low and the high voxel centre from the wall (m).
    """

    voxel: Array
    axis: Array
    area: Array
    low: Array
    high: Array


@dataclass(frozen=True, slots=True, eq=False)
class Slivers:
    """Metal in voxels of other owners, and the metal voxels that it became part of.

    Attributes
    ----------
    giver, taker : ndarray of int64
        Voxel that holds the sliver, and the one that owns this part of it.
    volume : ndarray
        m3.
    """

    giver: Array
    taker: Array
    volume: Array

    @classmethod
    def allocate(cls, n: int) -> Slivers:
        """Return room for n of them."""
        return cls(np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n))


@dataclass(frozen=True, slots=True, eq=False)
class Skin:
    """Planes of the walls inside the cut voxels: where the true surface lies.

    Attributes
    ----------
    voxel : ndarray of int64, shape (n,)
        Voxel of each plane, rising.
    pair : ndarray of uint8, shape (n, 2)
        Regions before and behind it.
    plane : ndarray of float32, shape (n, 5)
        Normal from the inner to the outer region, offset from the voxel's centre (m), area (m2).
    """

    voxel: Array
    pair: Array
    plane: Array

    @classmethod
    def of(cls, owners: Owners) -> Skin:
        """Return the planes of what the cut voxels hold."""
        return cls(
            *_kernels.wall_planes(
                owners.index, owners.packet_row, owners.packet_pair, owners.packet_wall,
                lambda n: (np.empty(n, np.int64), np.empty((n, 2), np.uint8), np.empty((n, 5), np.float32)),
            )
        )  # fmt: skip

    @classmethod
    def of_faces(cls, voxel: Array, axis: Array, area: Array, half: Array, region: Array) -> Skin:
        """Return the planes of walls that lie on voxel faces, ``half`` a spacing above the low voxel's centre."""
        step = np.array([region.shape[1] * region.shape[2], region.shape[2], 1])
        flat = region.reshape(-1)
        plane = np.zeros((len(voxel), 5), np.float32)
        plane[np.arange(len(voxel)), axis] = 1.0
        plane[:, 3], plane[:, 4] = half, area
        return cls(voxel, np.stack([flat[voxel], flat[voxel + step[axis]]], axis=1), plane)


def share_walls(owners: Owners, nodes: Sequence[Array], threads: int = 1) -> tuple[Walls, Array, Array, Slivers, Array]:
    """Give walls and slivers of the cut voxels to interface faces and voxels of their own.

    Returns
    -------
    walls : Walls
    index, volume : ndarray
        Voxels whose volume is not the plain one, and their volume in m3.
    slivers : Slivers
    lost : ndarray, shape (1 + regions,)
        Wall area (m2), and volume of each region (m3), that found no face or voxel of their own: bodies thinner than about a voxel.
    """

    def allocate(faces: int, voxels: int) -> tuple[Array, ...]:
        return (
            np.empty(faces, np.int64), np.empty(faces, np.uint8), np.empty(faces), np.empty(faces), np.empty(faces),
            np.empty(voxels, np.int64), np.empty(voxels),
        )  # fmt: skip

    slivers: list[Slivers] = []

    def metal(n: int) -> tuple[Array, Array, Array]:
        slivers.append(Slivers.allocate(n))
        return slivers[0].giver, slivers[0].taker, slivers[0].volume

    lost = np.zeros((owners.region.shape[0], 1 + owners.regions))
    *faces, index, volume = _kernels.share_walls(
        owners.region, *nodes, owners.index, owners.own, owners.packet_row, owners.packet_pair, owners.packet_wall,
        owners.sliver_row, owners.sliver_region, owners.sliver_volume, allocate, lost, threads, metal,
    )  # fmt: skip
    return Walls(*faces), index, volume, slivers[0], lost.sum(axis=0)
