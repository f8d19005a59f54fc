"""The cavity as a flow sees it, and the padded arrays that its kernels run over."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import GeometryError, InputError
from ..geometry import Surface, openings

__all__ = ["CAVITY", "FEED", "OUTLET", "RESERVOIR", "SOLID", "Cavity", "flow_arrays", "multigrid_levels"]

Array = NDArray[Any]

SOLID, CAVITY, RESERVOIR, FEED, OUTLET = range(5)
HALO = 3
# Columns of a vector of the multigrid: LEVEL_LANES of _flow_multigrid.h.
LANES = 8
_OPEN, _ALIGNED, _SLANTED, MIRROR = 1, 2, 3, 4
# DEPTH_MOST of _flow.h: no surface is near.
_DEEP = 2
# NEAR_GAP of _flow_near.h.
_GAP = 4
# A voxel with less cavity gives it to a neighbour: its openings would let through more than it holds.
SMALLEST = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Cavity:
    """The hollow that metal flows in: cubic voxels, partly open where the wall cuts them.

    Parameters
    ----------
    voxel : float
        Edge of a voxel (m).
    share : ndarray, shape (nx, ny, nz)
        Share of every voxel that is cavity, 0 to 1; a voxel may hold more than 1 once slivers were given to it.
    aperture : three ndarrays, shapes (nx + 1, ny, nz), (nx, ny + 1, nz), (nx, ny, nz + 1)
        Share of every face that is open.
    kind : ndarray of uint8, shape (nx, ny, nz)
        SOLID, CAVITY, RESERVOIR (metal at a given pressure), FEED (metal that enters at a given speed), OUTLET.
    origin : three floats
        Lower corner (m).
    wall : ndarray, shape (3, nx, ny, nz), optional
        Wall area (m2) in cut voxels that each component slides along, for friction; walls along the grid need none.
    slanted : ndarray of bool, optional
        Voxels that a slanted wall cuts, slivers too; closed faces there hold no zero velocity but the liquid's own. Default: those
        whose share is neither 0 nor 1.
    """

    voxel: float
    share: Array
    aperture: tuple[Array, Array, Array]
    kind: Array
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0)
    wall: Array | None = None
    slanted: Array | None = None

    def __post_init__(self) -> None:
        if not (np.isfinite(self.voxel) and self.voxel > 0.0):
            raise InputError(f"voxel = {self.voxel} m is not a voxel size; write a positive length such as 4*mm")
        for d, a in enumerate(self.aperture):
            wanted = tuple(n + (e == d) for e, n in enumerate(self.share.shape))
            if a.shape != wanted:
                raise InputError(f"the apertures across {'xyz'[d]} have shape {a.shape}; {wanted} is needed")
        if self.kind.shape != self.share.shape:
            raise InputError(f"kind has shape {self.kind.shape}; share has {self.share.shape}")
        if not (self.kind == CAVITY).any():
            raise GeometryError("there is no cavity: no voxel is open to metal")

    @classmethod
    def blocks(cls, kind: ArrayLike, voxel: float, *, origin: Sequence[float] = (0.0, 0.0, 0.0)) -> Cavity:
        """Return a cavity whose walls lie on voxel faces.

        Parameters
        ----------
        kind : array_like of int, shape (nx, ny, nz)
            SOLID, CAVITY, RESERVOIR, FEED or OUTLET.
        voxel : float
            Edge of a voxel (m).
        """
        what = np.ascontiguousarray(kind, np.uint8)
        share = (what == CAVITY).astype(float)
        return cls(voxel, share, _between(what), what, tuple(map(float, origin)))  # type: ignore[arg-type]

    @classmethod
    def cut(cls, share: ArrayLike, aperture: Sequence[ArrayLike], kind: ArrayLike, voxel: float, *, wall: Array | None = None,
            smallest: float = SMALLEST, origin: Sequence[float] = (0.0, 0.0, 0.0)) -> Cavity:  # fmt: skip
        """Return a cavity with slanted walls; slivers below `smallest` go to the neighbour they are most open to."""
        volume, what = np.array(share, float), np.array(kind, np.uint8)
        slanted = (volume > 0.0) & (volume < 1.0 - 1e-9) & (what == CAVITY)
        faces = [np.array(a, float) for a in aperture]
        what[(what == CAVITY) & (volume <= 0.0)] = SOLID
        between = _between(what)
        for d in range(3):
            faces[d] = np.where(between[d] > 0.0, np.clip(faces[d], 0.0, 1.0), 0.0)
        small = np.argwhere((what == CAVITY) & (volume < smallest))
        for at in small[np.argsort(volume[tuple(small.T)], kind="stable")]:
            best, most = None, 0.0
            for d, side in itertools.product(range(3), range(2)):
                nb, face = at.copy(), at.copy()
                nb[d] += 2 * side - 1
                face[d] += side
                open_ = faces[d][tuple(face)]
                if open_ > most and what[tuple(nb)] == CAVITY:
                    best, most = tuple(nb), open_
                faces[d][tuple(face)] = 0.0
            if best is not None:
                volume[best] += volume[tuple(at)]
            volume[tuple(at)], what[tuple(at)] = 0.0, SOLID
        volume[what != CAVITY] = 0.0
        return cls(voxel, volume, (faces[0], faces[1], faces[2]), what, tuple(map(float, origin)), wall, slanted)  # type: ignore[arg-type]

    @classmethod
    def of_surfaces(
        cls, surfaces: Sequence[Surface], nodes: Sequence[Array], *, holes: Sequence[Surface] = (), smallest: float = SMALLEST,
        threads: int = 1,
    ) -> Cavity:  # fmt: skip
        """Return the cavity inside closed surfaces and outside of holes, on nodes of one spacing.

        Parameters
        ----------
        surfaces, holes : sequences of Surface
        nodes : three ndarrays
            Node coordinates (m); all spacings are equal.
        smallest : float
            Share below which a voxel's cavity is given to a neighbour.
        threads : int
            Number of threads.
        """
        widths = np.concatenate([np.diff(n) for n in nodes])
        h = float(np.median(widths))
        if np.abs(widths - h).max() > 1e-6 * h:
            raise GeometryError(
                f"the spacings reach from {widths.min() * 1e3:.4g} to {widths.max() * 1e3:.4g} mm; a filling needs cubic voxels"
            )
        inside = openings(surfaces, holes, nodes, threads=threads)
        kind = np.where(inside.share > 0.0, CAVITY, SOLID)
        origin = tuple(float(n[0]) for n in nodes)
        return cls.cut(inside.share, inside.aperture, kind, h, wall=inside.wall, smallest=smallest, origin=origin)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of voxels along x, y and z."""
        return self.share.shape

    @property
    def volume(self) -> float:
        """Volume of the cavity (m3)."""
        return float(self.share[self.kind == CAVITY].sum()) * self.voxel**3

    def centres(self, axis: int) -> Array:
        """Voxel centres along an axis (m)."""
        return self.origin[axis] + self.voxel * (np.arange(self.shape[axis]) + 0.5)


def _between(kind: Array) -> tuple[Array, Array, Array]:
    """Return 1 for faces between two voxels of which one is cavity and none is solid."""
    out = []
    for d in range(3):
        padded = np.pad(kind, [(1, 1) if e == d else (0, 0) for e in range(3)])
        low, high = np.delete(padded, -1, axis=d), np.delete(padded, 0, axis=d)
        out.append(((low != SOLID) & (high != SOLID) & ((low == CAVITY) | (high == CAVITY))).astype(float))
    return out[0], out[1], out[2]


def _pad(array: Array, dtype: Any = float) -> Array:
    return np.ascontiguousarray(np.pad(array, HALO), dtype=dtype)


def _pad_face(array: Array, d: int) -> Array:
    """Pad an array of faces so that index n is the low face of voxel n."""
    return np.ascontiguousarray(np.pad(array, [(HALO, HALO - (e == d)) for e in range(3)]), dtype=float)


def flow_arrays(cavity: Cavity, *, air: bool = False, tension: bool = False) -> dict[str, Any]:
    """Return every array that the kernels of a filling need, padded by three voxels; with `air` and `tension` what they need."""
    kind = _pad(cavity.kind, np.uint8)
    share = _pad(np.where(cavity.kind == CAVITY, cavity.share, 0.0))
    apertures = [_pad_face(a, d) for d, a in enumerate(cavity.aperture)]
    slanted = _pad(cavity.slanted if cavity.slanted is not None else (cavity.share > 0.0) & (cavity.share < 1.0 - 1e-9), bool)
    faces = [_face_kinds(kind, slanted, a, d) for d, a in enumerate(apertures)]
    shape = kind.shape
    busy = kind > 0
    for f in faces:
        busy |= f > 0
    stretch, stretch_of = _stretches(busy)
    ghost, ghost_row, ghost_of = _ghosts(kind)
    room = _room(stretch, stretch_of)

    def field(dtype: Any = float) -> Array:
        return np.zeros(shape, dtype)

    def three(dtype: Any = float) -> list[Array]:
        return [np.zeros(shape, dtype) for _ in range(3)]

    metal = ((kind == RESERVOIR) | (kind == FEED)).astype(float)
    return {
        "kind": kind, "V": share, "a": apertures, "face": faces, "plain": three(np.uint8),
        "stretch": stretch, "stretch_of": stretch_of,
        "ghost": ghost, "ghost_row": ghost_row, "ghost_of": ghost_of,
        "ghost_first": np.searchsorted(ghost, np.arange(shape[0] + 1) * (shape[1] * shape[2])).astype(np.int64),
        "near": np.ones(shape, np.uint8), "near_kept": field(np.uint8), "near_spread": field(np.uint8),
        "run": np.zeros((int(room[-1]), 3), np.int32), "run_of": room[:-1].copy(), "run_to": room[:-1].copy(), "run_room": room,
        "F": metal.copy(), "Fn": metal.copy(), "F1": metal.copy(), "alpha": field(),
        "u": three(), "un": three(), "G": three(), "mob": [np.ones(shape) for _ in range(3)], "coef": three(),
        "pk": field(), "P": field(), "diag": field(), "rhs": field(), "q": field(), "r": field(), "z": field(),
        "wet": field(np.uint8), "layer": [np.full(shape, 255, np.uint8) for _ in range(3)],
        "depth": np.where(kind == SOLID, _DEEP, 0).astype(np.uint8), "shallow": np.where(kind == SOLID, _DEEP, 0).astype(np.uint8),
        "force": three(), "drift": three(), "plane": np.zeros((shape[0], 4)), "stamp": field(np.int32), "parent": field(np.int32),
        **({"pocket": field(np.int32), "pocket_before": field(np.int32)} if air else {}),
        **({"curve": np.full(shape, 1e300), "jump": three()} if tension else {}),
    }  # fmt: skip


def _stretches(busy: Array) -> tuple[Array, Array]:
    """Return row, first and end of every stretch of voxels along z that matters, and the first stretch of every plane."""
    inside = np.zeros(busy.shape, np.int8)
    inner = (slice(2, -2),) * 3
    inside[inner] = busy[inner]
    turn = np.diff(inside, axis=2, append=0)
    first, end = np.argwhere(turn > 0), np.argwhere(turn < 0)
    of = np.searchsorted(first[:, 0], np.arange(busy.shape[0] + 1))
    table = np.stack([first[:, 1], first[:, 2] + 1, end[:, 2] + 1], axis=1)
    return np.ascontiguousarray(table, np.int32), of.astype(np.int64)


def _room(stretch: Array, of: Array) -> Array:
    """Where the stretches of every plane begin that liquid is near: those gaps that count part the rest."""
    pieces = 1 + (stretch[:, 2] - stretch[:, 1]) // (_GAP + 1)
    return np.append(0, np.cumsum(pieces))[of].astype(np.int64)


def _face_kinds(kind: Array, slanted: Array, aperture: Array, d: int) -> Array:
    """Return what every face is: open, closed along the grid, closed on a slanted wall, or nothing."""
    inside = (kind == CAVITY) | (np.roll(kind, 1, axis=d) == CAVITY)
    cut = slanted | np.roll(slanted, 1, axis=d)
    out = np.where(inside, np.where(cut, _SLANTED, _ALIGNED), 0).astype(np.uint8)
    out[aperture > 0.0] = _OPEN
    return np.ascontiguousarray(out)


def _ghosts(kind: Array) -> tuple[Array, Array, Array]:
    """Solid voxels around the cavity and the open voxels nearest to each: over faces, else over edges, else over corners."""
    steps = np.array([kind.shape[1] * kind.shape[2], kind.shape[2], 1])
    offsets = [np.array(o) for o in itertools.product((-1, 0, 1), repeat=3)]
    open_ = kind > 0
    near = np.zeros(kind.shape, bool)
    inner = tuple(slice(1, -1) for _ in range(3))
    for o in offsets:
        near[inner] |= open_[tuple(slice(1 + c, n - 1 + c) for c, n in zip(o, kind.shape, strict=True))]
    solid = np.flatnonzero(near & ~open_)
    flat = open_.reshape(-1)
    owner, of = [], []
    left = np.ones(len(solid), bool)
    for distance in (1, 2, 3):
        found = np.zeros(len(solid), bool)
        for o in offsets:
            if int(np.abs(o).sum()) != distance:
                continue
            nb = solid + int(o @ steps)
            ok = left & flat[nb]
            owner.append(np.flatnonzero(ok))
            of.append(nb[ok])
            found |= ok
        left &= ~found
    who, voxels = np.concatenate(owner), np.concatenate(of)
    order = np.argsort(who, kind="stable")
    row = np.searchsorted(who[order], np.arange(len(solid) + 1))
    return solid.astype(np.int64), row.astype(np.int64), voxels[order].astype(np.int64)


def multigrid_levels(shape: tuple[int, int, int], cavity: Array | None = None) -> list[dict[str, Any]]:
    """Return the arrays of all multigrid levels, from fine to coarse.

    Parameters
    ----------
    shape : three ints
        Without padding.
    cavity : ndarray of bool, optional
        Voxels that liquid can come to; the levels skip what lies before the first and behind the last of every row. Default: all.
    """
    reached = np.ones(shape, bool) if cavity is None else cavity
    levels: list[dict[str, Any]] = []
    by, face, half = (1, 1, 1), 1.0, 0.5
    while True:
        size = reached.shape
        levels.append(_level(reached) | {"by": by, "reach": half / face})
        if max(size) <= 2 or len(levels) == 14:
            levels[0] |= {name: np.zeros_like(levels[0]["x"]) for name in ("p", "q", "y")}
            return levels
        by = tuple(2 if n > 1 else 1 for n in size)  # type: ignore[assignment]
        even = np.pad(reached, [(0, -n % b) for n, b in zip(size, by, strict=True)])
        for d in range(3):
            even = np.logical_or.reduceat(even, np.arange(0, even.shape[d], by[d]), axis=d)
        reached = even
        if len(levels) > 1:
            face *= 2.0 ** (sum(b == 2 for b in by) - 1)
            half *= 2.0


def _level(reached: Array) -> dict[str, Any]:
    """Fields of one level and the columns of its rows that the cavity reaches, all with a border of one row."""
    nx, ny, nz = reached.shape
    padded = np.pad(reached, 1)[:, :, 1:-1]
    any_, first, last = padded.any(axis=2), np.argmax(padded, axis=2), nz - np.argmax(padded[:, :, ::-1], axis=2)

    def field() -> Array:
        return np.zeros((nx + 2, ny + 2, LANES + -(-nz // LANES) * LANES), np.float32)

    return {
        "shape": reached.shape, "link": [field(), field(), field()], "outer": field(), "inverse": field(),
        "x": field(), "b": field(),
        "lo": (LANES + np.where(any_, first, 0)).astype(np.int32), "hi": (LANES + np.where(any_, last, 0)).astype(np.int32),
        "first": np.full(any_.shape, LANES, np.int32), "end": np.full(any_.shape, LANES, np.int32),
        "load": np.zeros(nx + 2, np.int64),
    }  # fmt: skip
