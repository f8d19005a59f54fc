"""The voxel grid: uniform over the casting, graded outward through the mould, with cut faces."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import GeometryError
from ..threads import allowed_threads
from .cutface import Skin, Slivers, Walls, assign_owners, cut_body, share_walls, snapped
from .grid_check import BodyFigures, GridCheck, straight_through, thinnest_wall
from .surface import Surface

__all__ = ["Grid", "GridBody", "graded_nodes"]

Array = NDArray[Any]

# A surface that leaks more than this share of a voxel is not closed as far as the grid can see.
_LEAK_LIMIT = 1e-6
# Owners are bytes; one is the background.
_MOST_BODIES = 254

# Backgrounds that are no mould: what lies around a shell.
_AROUND = ("surroundings", "backing")


@dataclass(frozen=True, slots=True, eq=False)
class GridBody:
    """A closed body that the grid shall hold.

    Parameters
    ----------
    name, role : str
        For messages and results, for example "riser 1" and "riser".
    surface : Surface
        Closed and outward oriented.
    region : int
        Thermal region that it belongs to; bodies of one region conduct into each other without an interface.
    """

    name: str
    role: str
    surface: Surface
    region: int


def graded_nodes(
    fine: tuple[float, float], box: tuple[float, float], voxel: float, *, growth: float = 1.25, coarsest: float = 8.0
) -> Array:
    """Return node coordinates: uniform over the fine stretch, growing outward to the box, whose ends are kept.

    Parameters
    ----------
    fine, box : (float, float)
        Lower and upper end in m; the box encloses the fine stretch.
    voxel : float
        Spacing over the fine stretch (m). The stretch is widened to a whole number of voxels, about its middle or away from a box
        face that it touches or nearly touches: a gap too short for a spacing of its own becomes part of it. Where that holds at
        both ends, the spacing is changed instead, so that a whole number fills the box; else it is kept exactly.
    growth : float
        Largest ratio of neighbouring spacings outside; a gap that no such ratio fills takes up to a tenth more.
    coarsest : float
        Largest spacing outside, in voxels.
    """
    lo, hi = fine
    tiny = 1e-9 * (hi - lo + voxel)
    # The shortest gap that one spacing of its own fills.
    shortest = voxel / (1.1 * growth)
    n = max(1, math.ceil((hi - lo) / voxel - 1e-6))
    start = 0.5 * (lo + hi - n * voxel)
    room_lo, room_hi = start - box[0], box[1] - (start + n * voxel)
    if lo <= box[0] + tiny or (room_lo < shortest and room_lo <= room_hi):
        start = box[0]
        n = max(1, math.ceil((hi - start) / voxel - 1e-6))
        room_lo, room_hi = 0.0, box[1] - (start + n * voxel)
    elif hi >= box[1] - tiny or room_hi < shortest:
        n = max(1, math.ceil((box[1] - lo) / voxel - 1e-6))
        start = box[1] - n * voxel
        room_lo, room_hi = start - box[0], 0.0
    short_lo, short_hi = (room < shortest and abs(room) > 1e-6 * voxel for room in (room_lo, room_hi))
    if short_lo or short_hi:
        return np.linspace(box[0], box[1], max(1, round((box[1] - box[0]) / voxel)) + 1)
    inner = start + voxel * np.arange(n + 1)
    lower = start - np.cumsum(_grow(room_lo, voxel, growth, coarsest))[::-1]
    upper = inner[-1] + np.cumsum(_grow(room_hi, voxel, growth, coarsest))
    nodes = np.concatenate([lower, inner, upper])
    nodes[0], nodes[-1] = box
    return nodes


def _grow(distance: float, voxel: float, growth: float, coarsest: float) -> Array:
    """Spacings from the fine stretch outward that fill a distance: voxel times powers of one ratio, none above the coarsest."""
    if distance <= 1e-6 * voxel:
        return np.zeros(0)

    def spacings(n: int, ratio: float) -> Array:
        with np.errstate(over="ignore"):  # powers that overflow are cut at the coarsest like all others
            return np.minimum(ratio ** np.arange(1.0, n + 1.0), coarsest) * voxel

    def fitted(n: int) -> tuple[float, Array]:
        """The ratio with which n spacings fill the distance, and they."""
        lo, hi = 0.0, 1.0 + distance / voxel
        for _ in range(45):
            middle = 0.5 * (lo + hi)
            lo, hi = (middle, hi) if spacings(n, middle).sum() < distance else (lo, middle)
        sizes = spacings(n, hi)
        return hi, sizes * (distance / sizes.sum())

    n = 1
    while spacings(n, growth).sum() < distance:
        n += 1
    ratio, sizes = fitted(n)
    # One spacing fewer grows a little faster; it is taken where that is the gentler way.
    if n > 1 and coarsest * (n - 1) * voxel >= distance:
        fewer, wider = fitted(n - 1)
        if fewer <= 1.1 * growth and math.log(fewer / growth) < abs(math.log(ratio / growth)):
            return wider
    return sizes


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Grid:
    """A rectilinear grid of voxels with owners, true volumes and interface faces.

    Attributes
    ----------
    x, y, z : ndarray
        Node coordinates in m.
    region, body : ndarray, shape (nx, ny, nz), uint8
        Owner region and owner body of every voxel; the last body is the background.
    region_names, body_names, body_roles : tuple of str
    walls : Walls
        Faces between two regions that conduct, with their wall area and true distances.
    cut_index, cut_volume : ndarray
        Voxels whose volume is not the plain one, and their volume (m3), after slivers were handed on.
    share_index, metal_share : ndarray
        Voxels that a surface cuts and the share of region 0 in them, before slivers are handed on.
    fine : tuple of slice
        The uniform window.
    skin : Skin
        Planes of the walls inside the cut voxels.
    figures : tuple of BodyFigures
        What the exact surfaces say.
    body_volume : ndarray
        Volume of every body after overlaps were resolved, the background last (m3).
    lost : (float, float, float)
        Wall area (m2), metal and other volume (m3) that found no face or voxel of their own.
    slivers : Slivers
        Metal in voxels of other owners, and where it went.
    """

    x: Array
    y: Array
    z: Array
    region: Array
    body: Array
    region_names: tuple[str, ...]
    body_names: tuple[str, ...]
    body_roles: tuple[str, ...]
    walls: Walls
    cut_index: Array
    cut_volume: Array
    share_index: Array
    metal_share: Array
    fine: tuple[slice, slice, slice]
    skin: Skin
    figures: tuple[BodyFigures, ...] = ()
    body_volume: Array = field(default_factory=lambda: np.zeros(0))
    lost: tuple[float, float, float] = (0.0, 0.0, 0.0)
    slivers: Slivers = field(default_factory=lambda: Slivers.allocate(0))

    @classmethod
    def build(
        cls,
        bodies: Sequence[GridBody],
        *,
        voxel: float,
        box: tuple[Any, Any],
        fine_box: tuple[Any, Any] | None = None,
        growth: float = 1.25,
        coarsest: float = 8.0,
        background: str = "mould",
        region_names: Sequence[str] | None = None,
        threads: int | None = None,
    ) -> Grid:
        """Voxelize bodies in a box.

        Parameters
        ----------
        bodies : sequence of GridBody
            From the highest priority to the lowest: where bodies overlap, the earlier one fills the place.
        voxel : float
            Edge of a voxel in the uniform part (m).
        box : (lower corner, upper corner)
            The whole domain, for example the flask (m). Bodies are cut off at its faces.
        fine_box : (lower corner, upper corner), optional
            Part of the box that is uniform. Default: the bounds of all bodies and two voxels around.
        growth, coarsest : float
            Largest ratio of neighbouring spacings outside the fine box, and the largest spacing in voxels.
        background : str
            Name of what fills the rest; its region is one more than the largest of the bodies.
        region_names : sequence of str, optional
            Names of all regions, the background's last.
        threads : int, optional
            Number of threads. Default: all allowed.

        Raises
        ------
        GeometryError
            If there is no body in the box, there are too many, or a surface is not closed.
        """
        count = allowed_threads(threads)
        lo, hi = np.asarray(box[0], float), np.asarray(box[1], float)
        if not voxel > 0.0 or not math.isfinite(voxel):
            raise GeometryError(f"voxel = {voxel} m is not a voxel size; write a positive length such as 4*mm")
        if not bodies:
            raise GeometryError("a grid needs at least one body")
        if len(bodies) > _MOST_BODIES:
            raise GeometryError(f"{len(bodies)} bodies were given; a grid holds at most {_MOST_BODIES}: join some into one surface")
        if not (hi > lo).all():
            raise GeometryError(f"the box from {lo} to {hi} m has no volume")
        if fine_box is None:
            flo = np.min([b.surface.bounds[0] for b in bodies], axis=0) - 2 * voxel
            fhi = np.max([b.surface.bounds[1] for b in bodies], axis=0) + 2 * voxel
        else:
            flo, fhi = np.asarray(fine_box[0], float), np.asarray(fine_box[1], float)
        flo, fhi = np.maximum(flo, lo), np.minimum(fhi, hi)
        if not (fhi > flo).all():
            raise GeometryError("the bodies lie outside the box")
        nodes = [graded_nodes((flo[a], fhi[a]), (lo[a], hi[a]), voxel, growth=growth, coarsest=coarsest) for a in range(3)]
        fine = tuple(
            slice(int(np.searchsorted(n, flo[a] - 0.51 * voxel)), int(np.searchsorted(n, fhi[a] + 0.51 * voxel)) - 1)
            for a, n in enumerate(nodes)
        )
        return cls._voxelize(bodies, nodes, fine, background, region_names, count)  # type: ignore[arg-type]

    @classmethod
    def _voxelize(
        cls, bodies: Sequence[GridBody], nodes: list[Array], fine: tuple[slice, slice, slice], background: str,
        region_names: Sequence[str] | None, threads: int,
    ) -> Grid:  # fmt: skip
        cuts, figures = [], []
        for b in bodies:
            corners = snapped(b.surface.points, nodes)[b.surface.triangles].reshape(-1, 9)
            cut = cut_body(corners, nodes, threads)
            cuts.append(cut)
            if cut is not None and cut.leak > _LEAK_LIMIT:
                raise GeometryError(
                    f"the surface of {b.name} is not closed: a column of voxels lets {cut.leak:.2g} of a voxel through; "
                    "close the surface in CAD and export it again"
                )
            if cut is not None and cut.smallest < -0.5:
                raise GeometryError(f"the surface of {b.name} is inside out; turn its triangles around")
            figures.append(BodyFigures.of(b.name, b.surface, cut))
        if all(c is None for c in cuts):
            raise GeometryError("the bodies lie outside the box")
        body_region = np.array([b.region for b in bodies] + [max(b.region for b in bodies) + 1])
        owners = assign_owners(cuts, body_region, nodes, threads)
        del cuts, cut  # as large as the lists of the owners
        walls, index, volume, slivers, lost = share_walls(owners, nodes, threads)
        names = tuple(region_names) if region_names is not None else (
            *(next((b.name for b in bodies if b.region == r), f"region {r}") for r in range(body_region[-1])), background
        )  # fmt: skip
        return cls(
            nodes[0], nodes[1], nodes[2], owners.region, owners.body, names,
            (*(b.name for b in bodies), background), (*(b.role for b in bodies), background if background in _AROUND else "mould"),
            walls, index, volume, owners.index, owners.metal, fine, Skin.of(owners), tuple(figures), owners.body_volume,
            (float(lost[0]), float(lost[1]), float(lost[2:].sum())), slivers,
        )  # fmt: skip

    @classmethod
    def regular(cls, x: Array, y: Array, z: Array, region: Array | None = None, names: Sequence[str] = ("metal",)) -> Grid:
        """Return a grid whose walls lie on voxel faces, for bodies that are aligned with it.

        Parameters
        ----------
        x, y, z : ndarray
            Node coordinates in m.
        region : ndarray of int, shape (nx, ny, nz), optional
            Owner of every voxel; default: all region 0.
        names : sequence of str
            Names of the regions.
        """
        nodes = [np.ascontiguousarray(n, dtype=np.float64) for n in (x, y, z)]
        shape = tuple(len(n) - 1 for n in nodes)
        owner = np.zeros(shape, np.uint8) if region is None else np.ascontiguousarray(region, dtype=np.uint8)
        if owner.shape != shape:
            raise GeometryError(f"region has shape {owner.shape}; the nodes make {shape}")
        widths = [np.diff(n) for n in nodes]
        if any((w <= 0).any() for w in widths):
            raise GeometryError("node coordinates must rise")
        parts = []
        for axis in range(3):
            low = [slice(None)] * 3
            high = [slice(None)] * 3
            low[axis], high[axis] = slice(None, -1), slice(1, None)
            at = np.nonzero(owner[tuple(low)] != owner[tuple(high)])
            voxel = np.ravel_multi_index(at, shape)
            area = np.prod([widths[a][at[a]] for a in range(3) if a != axis], axis=0)
            parts.append((voxel, np.full(len(voxel), axis, np.uint8), area, 0.5 * widths[axis][at[axis]],
                          0.5 * widths[axis][at[axis] + 1]))  # fmt: skip
        columns = [np.concatenate(c) for c in zip(*parts, strict=True)]
        order = np.lexsort((columns[1], columns[0]))
        walls = Walls(*(c[order] for c in columns))
        none = np.zeros(0, np.int64)
        return cls(
            nodes[0], nodes[1], nodes[2], owner, owner.copy(), tuple(names), tuple(names), tuple(names), walls,
            none, np.zeros(0), none, np.zeros(0),
            tuple(slice(0, n) for n in shape),  # type: ignore[arg-type]
            Skin.of_faces(walls.voxel, walls.axis, walls.area, walls.low, owner),
        )  # fmt: skip

    @property
    def nodes(self) -> tuple[Array, Array, Array]:
        """Node coordinates along x, y and z (m)."""
        return self.x, self.y, self.z

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of voxels along x, y and z."""
        return self.region.shape

    @property
    def size(self) -> int:
        """Number of voxels."""
        return int(self.region.size)

    @property
    def voxel(self) -> float:
        """Smallest spacing of the fine part (m); outside of it a gap that is filled from there may take a smaller one."""
        return float(min(np.diff(n[s.start : s.stop + 1]).min() for n, s in zip(self.nodes, self.fine, strict=True)))

    def widths(self, axis: int) -> Array:
        """Spacings along an axis (m)."""
        return np.diff(self.nodes[axis])

    def centres(self, axis: int) -> Array:
        """Voxel centres along an axis (m)."""
        n = self.nodes[axis]
        return 0.5 * (n[1:] + n[:-1])

    def cell_volumes(self) -> Array:
        """Plain volume of every voxel (m3), dense."""
        return self.widths(0)[:, None, None] * self.widths(1)[None, :, None] * self.widths(2)[None, None, :]

    def volumes(self) -> Array:
        """Volume of every voxel with its slivers (m3), dense: sums over a region give the body's exact volume."""
        v = self.cell_volumes()
        v.reshape(-1)[self.cut_index] = self.cut_volume
        return v

    def volume_factor(self) -> Array:
        """Volume over plain volume, dense float32."""
        factor = np.ones(self.shape, np.float32)
        i, j, k = np.unravel_index(self.cut_index, self.shape)
        plain = self.widths(0)[i] * self.widths(1)[j] * self.widths(2)[k]
        factor.reshape(-1)[self.cut_index] = self.cut_volume / plain
        return factor

    def metal_fraction(self) -> Array:
        """Exact share of region 0 in every voxel, dense float32."""
        share = (self.region == 0).astype(np.float32)
        share.reshape(-1)[self.share_index] = self.metal_share
        return share

    def region_volume(self, region: int) -> float:
        """Volume of a region (m3)."""
        plain = np.equal(self.region, region, order="C")
        cut = float(self.cut_volume[plain.reshape(-1)[self.cut_index]].sum())
        plain.reshape(-1)[self.cut_index] = False
        dx, dy, dz = (self.widths(a) for a in range(3))  # plane by plane: dense volumes are eight times as large as the regions
        return cut + float(sum(w * (dy @ (plane @ dz)) for w, plane in zip(dx, plain, strict=True)))

    def wall_area(self, a: int, b: int) -> float:
        """Wall area between two regions (m2)."""
        low, high = self.wall_regions()
        pair = ((low == a) & (high == b)) | ((low == b) & (high == a))
        return float(self.walls.area[pair].sum())

    def wall_regions(self) -> tuple[Array, Array]:
        """Regions of the low and the high voxel of every wall face."""
        flat = self.region.reshape(-1)
        step = np.array([self.shape[1] * self.shape[2], self.shape[2], 1])
        return flat[self.walls.voxel], flat[self.walls.voxel + step[self.walls.axis]]

    def locate(self, points: Any) -> Array:
        """Return the voxel indices (n, 3) of points (n, 3) in m; a point outside the grid is refused."""
        p = np.atleast_2d(np.asarray(points, float))
        out = np.empty(p.shape, np.int64)
        for a, n in enumerate(self.nodes):
            if (p[:, a] < n[0]).any() or (p[:, a] > n[-1]).any():
                worst = p[np.argmax(np.maximum(n[0] - p[:, a], p[:, a] - n[-1]))]
                raise GeometryError(
                    f"the point ({worst[0] * 1e3:.4g}, {worst[1] * 1e3:.4g}, {worst[2] * 1e3:.4g}) mm lies outside the grid, "
                    f"which reaches from {n[0] * 1e3:.4g} to {n[-1] * 1e3:.4g} mm along {'xyz'[a]}"
                )
            out[:, a] = np.clip(np.searchsorted(n, p[:, a], side="right") - 1, 0, len(n) - 2)
        return out

    def emptied(self, where: Array) -> Grid:
        """Return the grid with some metal voxels as a region "empty" of their own, behind all others.

        Faces, walls and voxels stay as they are; the metal of those voxels no longer counts as that of their bodies.

        Parameters
        ----------
        where : ndarray of bool, shape (nx, ny, nz)
        """
        region, share, volume = self.region.copy(), self.metal_share.copy(), self.body_volume.copy()
        region[where] = len(self.region_names)
        share[where.reshape(-1)[self.share_index]] = 0.0
        volume -= np.bincount(self.body[where], self.volumes()[where], minlength=len(volume))
        volume[volume < 1e-9 * self.body_volume] = 0.0  # a body of which nothing is left
        names = (*self.region_names, "empty")
        return replace(self, region=region, region_names=names, metal_share=share, body_volume=volume)

    def check(self) -> GridCheck:
        """Compare the grid with the exact surfaces: volume, area, modulus, thinnest wall and mould in voxels."""
        merged = [self.region_volume(r) for r in range(len(self.region_names))]
        low, high = self.wall_regions()
        areas = [float(self.walls.area[(low == r) != (high == r)].sum()) for r in range(len(self.region_names))]
        return GridCheck(
            shape=self.shape, voxel=self.voxel, bodies=self.figures,
            body_volumes=tuple(float(v) for v in self.body_volume), region_names=self.region_names,
            region_volumes=tuple(merged), region_areas=tuple(areas), lost_area=self.lost[0], lost_volume=self.lost[1],
            thinnest_metal=self._thinnest(0), thinnest_mould=self._thinnest(len(self.region_names) - 1),
        )  # fmt: skip

    def _thinnest(self, region: int) -> float:
        """Thickness of a region's thinnest wall in voxels."""
        return round(thinnest_wall(self.skin, self.region, self.fine, self.nodes, region) / self.voxel, 4)

    def straight_through(self, region: int, mirrors: Sequence[bool] = (False,) * 6) -> tuple[Array, Array]:
        """Measure a region from each plane of `skin` to the wall on its other side; see `grid_check.straight_through`."""
        return straight_through(self.skin, self.region, self.fine, self.nodes, region, mirrors=mirrors)

    def __repr__(self) -> str:
        extent = " x ".join(f"{(n[-1] - n[0]) * 1e3:.4g}" for n in self.nodes)
        counts = np.bincount(self.region.reshape(-1), minlength=len(self.region_names))
        names = ", ".join(f"{n} {c}" for n, c in zip(self.region_names, counts, strict=False))
        return (
            f"Grid {self.shape[0]} x {self.shape[1]} x {self.shape[2]} = {self.size} voxels of {self.voxel * 1e3:.4g} mm, "
            f"{extent} mm ({names})"
        )
