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

_PACKET = 30  # wall sums as the kernel lays them out: M[6], P[6], N[6][3]
_VECTOR = slice(30, 33)  # area vector
# Samples along each edge of a voxel that several surfaces cut.
_SAMPLES = 6


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

    @property
    def slices(self) -> tuple[slice, slice, slice]:
        """The window as slices of a dense array."""
        i0, i1, j0, j1, k0, k1 = self.window
        return slice(i0, i1), slice(j0, j1), slice(k0, k1)


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

    arrays, leak, smallest, largest, outside = _kernels.cut_surface(
        corners, *(np.ascontiguousarray(n) for n in nodes), tuple(window), row, np.ascontiguousarray(triangle[order]),
        state, allocate, threads,
    )  # fmt: skip
    index, share, wall = arrays
    return BodyCut((i0, i1, j0, j1, k0, k1), state, index, share, wall, leak, smallest, largest, outside)


@dataclass(frozen=True, slots=True, eq=False)
class Owners:
    """Who owns each voxel, and what the cut voxels hold.

    Attributes
    ----------
    body, region : ndarray, shape (nx, ny, nz), uint8
        Owner body and owner region.
    index : ndarray, shape (n,)
        Cut voxels, rising.
    shares : ndarray, shape (n, regions)
        Filled share of each region in them; every row sums to one.
    body_volume : ndarray, shape (bodies + 1,)
        Volume of every body in m3 after overlaps are resolved; the background last.
    packet_voxel, packet_pair, packet_wall : ndarray
        Walls: position in ``index``, (inner, outer) region, 30 sums. Ordered by voxel.
    """

    body: Array
    region: Array
    index: Array
    shares: Array
    body_volume: Array
    packet_voxel: Array
    packet_pair: Array
    packet_wall: Array


def assign_owners(cuts: Sequence[BodyCut | None], body_region: Array, nodes: Sequence[Array]) -> Owners:
    """Resolve overlaps by priority and find each voxel's owner and each cut voxel's walls.

    Parameters
    ----------
    cuts : sequence of BodyCut or None
        From the highest priority to the lowest.
    body_region : ndarray of int, shape (bodies + 1,)
        Region of each body; the background's last.
    nodes : three ndarrays
        Node coordinates.
    """
    shape = tuple(len(n) - 1 for n in nodes)
    count = len(cuts)
    widths = [np.diff(n) for n in nodes]
    full = np.full(shape, count, dtype=np.uint8)
    for b, cut in enumerate(cuts):
        if cut is not None:
            part = full[cut.slices]
            part[(cut.state == 1) & (part == count)] = b
    flat = full.reshape(-1)
    # A cut voxel that a body of higher priority fills is hidden.
    seen = [np.zeros(0, bool) if c is None else flat[c.index] > b for b, c in enumerate(cuts)]
    index = np.unique(
        np.concatenate([c.index[s] for c, s in zip(cuts, seen, strict=True) if c is not None] or [np.zeros(0, np.int64)])
    )
    raw = np.zeros((len(index), count + 1))
    place: list[Array] = []
    for b, cut in enumerate(cuts):
        if cut is None:
            place.append(np.zeros(0, np.int64))
            continue
        at = np.searchsorted(index, cut.index[seen[b]])
        raw[at, b] = np.clip(cut.share[seen[b]], 0.0, 1.0)
        place.append(at)
    fill = flat[index].astype(np.int64)
    surfaces = np.zeros(len(index), np.int64)
    for at in place:
        surfaces[at] += 1
    mixed = np.flatnonzero(surfaces > 1)
    sampled = _sample_mixed(mixed, index, raw, fill, cuts, seen, place, nodes)

    shares = raw.copy()
    if len(mixed):
        shares[mixed] = sampled.shares
    rest = 1.0 - shares[:, :count].sum(axis=1)
    np.add.at(shares, (np.arange(len(index)), fill), rest)
    body_region = np.asarray(body_region)
    regions = np.zeros((len(index), int(body_region.max()) + 1))
    for b in range(count + 1):
        regions[:, body_region[b]] += shares[:, b]

    body = full
    region = body_region.astype(np.uint8)[body]
    # The owner is the largest share; equal shares go to the region of the highest priority that is present.
    first_body = np.array([int(np.flatnonzero(body_region == r)[0]) if (body_region == r).any() else count + 1
                           for r in range(regions.shape[1])])  # fmt: skip
    order = np.argsort(first_body, kind="stable")
    best = order[np.argmax(np.round(regions[:, order], 12), axis=1)]
    owner = np.where(body_region[None, :] == best[:, None], shares, -1.0).argmax(axis=1)
    region.reshape(-1)[index] = best
    body.reshape(-1)[index] = owner

    volume = _voxel_volume(index, widths)
    body_volume = (shares * volume[:, None]).sum(axis=0)
    body_volume += _whole_volume(body, index, widths, count + 1)

    packets = _packets(cuts, seen, place, body_region, fill, surfaces, sampled)
    return Owners(body, region, index, regions, body_volume, *packets)


def _voxel_volume(index: Array, widths: Sequence[Array]) -> Array:
    i, j, k = np.unravel_index(index, tuple(len(w) for w in widths))
    return widths[0][i] * widths[1][j] * widths[2][k]


def _whole_volume(body: Array, cut: Array, widths: Sequence[Array], count: int) -> Array:
    """Volume of every body in voxels that no surface cuts."""
    total = np.zeros(count)
    flags = body.copy()
    flags.reshape(-1)[cut] = 255
    area = np.outer(widths[1], widths[2]).reshape(-1)
    for i, dx in enumerate(widths[0]):
        plane = np.bincount(flags[i].reshape(-1), weights=area, minlength=256)
        total += dx * plane[:count]
    return total


@dataclass(frozen=True, slots=True, eq=False)
class _Sampled:
    """Voxels that several surfaces cut: shares of the bodies, and what each wall faces."""

    voxel: Array  # positions in the list of cut voxels
    shares: Array  # (n, bodies + 1)
    facing: Array  # (n, bodies, bodies + 1): share of a body's wall that faces another body


def _sample_mixed(
    mixed: Array, index: Array, raw: Array, fill: Array, cuts: Sequence[BodyCut | None], seen: Sequence[Array],
    place: Sequence[Array], nodes: Sequence[Array],
) -> _Sampled:  # fmt: skip
    """Resolve voxels that several surfaces cut on sample points, each surface taken as one plane there.

    Walls that meet flush or cross along planes come out exact in volume; along curved seams the error is of second order and
    stays in the seam's own voxels.
    """
    count = len(cuts)
    shares = raw[mixed].copy()
    facing = np.zeros((len(mixed), count, count + 1))
    if not len(mixed):
        return _Sampled(mixed, shares, facing)
    widths = [np.diff(n) for n in nodes]
    ijk = np.unravel_index(index[mixed], tuple(len(w) for w in widths))
    size = np.stack([w[a] for w, a in zip(widths, ijk, strict=True)], axis=1)
    axis = (np.arange(_SAMPLES) + 0.5) / _SAMPLES - 0.5
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    normal = np.zeros((len(mixed), count, 3))
    offset = np.full((len(mixed), count), np.inf)  # wholly inside unless a plane says otherwise
    present = np.zeros((len(mixed), count), bool)  # has a wall in the voxel
    holds = np.zeros((len(mixed), count), bool)  # has any volume in the voxel
    points = grid[None] * size[:, None, :]
    for b, cut in enumerate(cuts):
        if cut is None:
            continue
        rows = np.searchsorted(mixed, place[b])
        ok = rows < len(mixed)
        ok[ok] = mixed[rows[ok]] == place[b][ok]
        rows = rows[ok]
        wall = cut.wall[seen[b]][ok]
        vector, area = wall[:, _VECTOR], wall[:, :6].sum(axis=1)
        length = np.linalg.norm(vector, axis=1)
        unit = np.divide(vector, length[:, None], out=np.zeros_like(vector), where=length[:, None] > 0)
        normal[rows, b] = unit
        plane = np.divide(wall[:, 6:12].sum(axis=1), area, out=np.zeros_like(area), where=area > 0)
        bent = length < 0.999 * area
        if bent.any():
            # Not one plane: put the plane where it leaves the right volume.
            along = np.einsum("nsc,nc->ns", points[rows[bent]], unit[bent])
            along.sort(axis=1)
            rank = np.clip(np.round(raw[mixed[rows[bent]], b] * grid.shape[0]).astype(int), 0, grid.shape[0] - 1)
            plane[bent] = along[np.arange(len(rank)), rank]
        offset[rows, b] = plane
        present[rows, b] = area > 0
        holds[rows, b] = True
    for b in range(count):
        holds[:, b] |= fill[mixed] == b
    inside = np.zeros((count, len(mixed), grid.shape[0]), bool)
    for b in range(count):
        along = np.einsum("nsc,nc->ns", points, normal[:, b])
        inside[b] = holds[:, b, None] & (along <= offset[:, b, None])
    taken = np.zeros((len(mixed), grid.shape[0]), bool)
    claimed = np.zeros(len(mixed))
    for b in range(count):
        filled_whole = (fill[mixed] == b) & ~present[:, b]
        own = np.where(filled_whole, 1.0, shares[:, b])
        overlap = (inside[b] & taken).mean(axis=1)
        overlap = np.clip(overlap, np.maximum(0.0, own + claimed - 1.0), np.minimum(own, claimed))
        shares[:, b] = np.where(filled_whole, 0.0, own - overlap)
        claimed = claimed + own - overlap
        taken |= inside[b]
    step = 0.02 * size.min(axis=1)
    for b in range(count):
        plane = np.where(present[:, b], offset[:, b], 0.0)
        near = np.einsum("nsc,nc->ns", points, normal[:, b]) - plane[:, None]
        reach = 0.5 / _SAMPLES * np.abs(normal[:, b] * size).sum(axis=1)
        on_wall = present[:, b, None] & (np.abs(near) <= np.maximum(reach, 1e-12)[:, None])
        foot = points - near[..., None] * normal[:, b][:, None, :]
        before = foot - step[:, None, None] * normal[:, b][:, None, :]
        behind = foot + step[:, None, None] * normal[:, b][:, None, :]
        who = np.full(on_wall.shape, -1)
        hidden = np.zeros(on_wall.shape, bool)
        for c in range(count):
            if c == b:
                continue
            along_out = np.einsum("nsc,nc->ns", behind, normal[:, c])
            outer = holds[:, c, None] & (along_out <= offset[:, c, None])
            if c < b:
                along_in = np.einsum("nsc,nc->ns", before, normal[:, c])
                hidden |= holds[:, c, None] & ((along_in <= offset[:, c, None]) | outer)
            who = np.where((who < 0) & outer, c, who)
        who = np.where(who < 0, count, who)
        visible = on_wall & ~hidden
        total = np.maximum(on_wall.sum(axis=1), 1)
        for c in range(count + 1):
            facing[:, b, c] = (visible & (who == c)).sum(axis=1) / total
    return _Sampled(mixed, shares, facing)


def _packets(
    cuts: Sequence[BodyCut | None], seen: Sequence[Array], place: Sequence[Array], body_region: Array, fill: Array,
    surfaces: Array, sampled: _Sampled,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Split every wall by what lies on its other side; walls inside one region are none."""
    voxels, pairs, walls = [], [], []
    for b, cut in enumerate(cuts):
        if cut is None:
            continue
        at, wall, own = place[b], cut.wall[seen[b]][:, :_PACKET], int(body_region[b])
        alone = (surfaces[at] == 1) & (body_region[fill[at]] != own) & (wall[:, :6].sum(axis=1) > 0)
        voxels.append(at[alone])
        pairs.append(np.stack([np.full(alone.sum(), own), body_region[fill[at[alone]]]], axis=1))
        walls.append(wall[alone])
        shared = surfaces[at] > 1
        rows = np.searchsorted(sampled.voxel, at[shared])
        for other in np.unique(body_region):
            if other == own:
                continue
            part = sampled.facing[rows][:, b, body_region == other].sum(axis=1)
            keep = part > 0
            voxels.append(at[shared][keep])
            pairs.append(np.stack([np.full(keep.sum(), own), np.full(keep.sum(), other)], axis=1))
            walls.append(wall[shared][keep] * part[keep, None])
    if not voxels:
        return np.zeros(0, np.int64), np.zeros((0, 2), np.uint8), np.zeros((0, _PACKET))
    voxel, pair, wall = np.concatenate(voxels), np.concatenate(pairs).astype(np.uint8), np.concatenate(walls)
    order = np.lexsort((pair[:, 1], pair[:, 0], voxel))
    return voxel[order], np.ascontiguousarray(pair[order]), np.ascontiguousarray(wall[order])


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


def share_walls(owners: Owners, nodes: Sequence[Array]) -> tuple[Walls, Array, Array, tuple[float, float]]:
    """Give walls and slivers of the cut voxels to interface faces and voxels of their own.

    Returns
    -------
    walls : Walls
    index, volume : ndarray
        Voxels whose volume is not the plain one, and their volume in m3.
    lost : tuple of float
        Wall area (m2) and volume (m3) that found no face or voxel of their own: bodies thinner than about a voxel.
    """
    centres = [0.5 * (n[1:] + n[:-1]) for n in nodes]
    widths = [np.diff(n) for n in nodes]
    n = len(owners.index)
    plain = _voxel_volume(owners.index, widths)
    own = owners.region.reshape(-1)[owners.index]
    minority = owners.shares.copy()
    minority[np.arange(n), own] = 0.0
    at, region = np.nonzero(minority > 0.0)
    sliver = minority[at, region] * plain[at]
    packets, slivers = len(owners.packet_voxel), len(at)
    face, given = np.empty(24 * packets + 24, np.int64), np.empty((24 * packets + 24, 6))
    target, moved = np.empty(24 * slivers + 24, np.int64), np.empty(24 * slivers + 24)
    lost = np.zeros(2)
    faces, targets = _kernels.share_walls(
        owners.region, *centres, owners.index,
        np.searchsorted(owners.packet_voxel, np.arange(n + 1)).astype(np.int64), owners.packet_pair, owners.packet_wall,
        np.searchsorted(at, np.arange(n + 1)).astype(np.int64), region.astype(np.uint8), sliver, face, given, target, moved, lost,
    )  # fmt: skip
    walls = _gather_faces(face[:faces], given[:faces], owners.region, centres)
    index = np.concatenate([owners.index, target[:targets]])
    volume = np.concatenate([owners.shares[np.arange(n), own] * plain, moved[:targets]])
    unique, inverse = np.unique(index, return_inverse=True)
    total = np.bincount(inverse, weights=volume, minlength=len(unique))
    untouched = ~np.isin(unique, owners.index, assume_unique=True)
    total[untouched] += _voxel_volume(unique[untouched], widths)
    return walls, unique, total, (float(lost[0]), float(lost[1]))


def _gather_faces(face: Array, given: Array, region: Array, centres: Sequence[Array]) -> Walls:
    """Sum what each face received and turn its mean plane into two distances."""
    key, inverse = np.unique(face, return_inverse=True)
    sums = np.stack([np.bincount(inverse, weights=given[:, c], minlength=len(key)) for c in range(6)], axis=1)
    voxel, axis = key // 3, (key % 3).astype(np.uint8)
    shape = region.shape
    low = np.stack(np.unravel_index(voxel, shape), axis=1)
    high = low.copy()
    high[np.arange(len(key)), axis] += 1
    x_low = np.stack([c[low[:, a]] for a, c in enumerate(centres)], axis=1)
    x_high = np.stack([c[high[:, a]] for a, c in enumerate(centres)], axis=1)
    area, weight, plane, normal = sums[:, 0], sums[:, 1], sums[:, 2], sums[:, 3:]
    known = weight > 0
    safe = np.where(known, weight, 1.0)
    d_low = (plane - (x_low * normal).sum(axis=1)) / safe
    d_high = ((x_high * normal).sum(axis=1) - plane) / safe
    # The normal may point either way along the axis; distances are positive towards the wall from both sides.
    flip = np.where(normal[np.arange(len(key)), axis] < 0.0, -1.0, 1.0)
    half = 0.5 * np.abs((x_high - x_low)[np.arange(len(key)), axis])
    d_low = np.where(known, np.maximum(0.0, flip * d_low), half)
    d_high = np.where(known, np.maximum(0.0, flip * d_high), half)
    return Walls(voxel, axis, area, d_low, d_high)
