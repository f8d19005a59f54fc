"""The shrinkage march: who feeds whom, from the times at which the metal freezes.

Metal is feedable until it passes the macro-feeding limit. What hangs together over voxel faces is a pool. Run backwards in time
pools only join, so one pass with union-find gives every pool, every neck and the moment at which it froze. Run forwards, each pool
draws the mass by which it becomes denser from its highest voxels, and these run empty::

      |  :   :  |   the riser gives first: it stands highest
      |__:...:__|
      |         |   a neck that freezes splits the pool: from then on
     _|         |_  the lower one empties its own highest place
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _kernels
from ..errors import BalanceError, InputError
from ..materials import Alloy
from .air import surface_voxels

__all__ = ["Densities", "March", "PoolTree", "march_shrinkage", "pool_tree"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

# Mass that may be missing in the books, as a share of the metal.
_LEDGER = 1e-9


@dataclass(frozen=True, slots=True)
class Densities:
    """Densities of the metal relative to the solid at the solidus.

    Attributes
    ----------
    poured, liquid : float
        At the pour, and at the liquidus.
    limit : float
        When the macro-feeding limit is reached; the rest up to the solid is drawn at that moment.
    solid : float
        At the end of freezing; 1.
    """

    poured: float
    liquid: float
    limit: float = 1.0
    solid: float = 1.0

    def __post_init__(self) -> None:
        for name in ("poured", "liquid", "limit", "solid"):
            if not 0.5 < getattr(self, name) < 2.0:
                raise InputError(f"{name} density = {getattr(self, name):g} of the solid's must belong to (0.5, 2)")

    @classmethod
    def of(
        cls, *, shrinkage: float, liquid_contraction: float = 0.0, superheat: float = 0.0, limit: float = 1.0
    ) -> Densities:
        """Return the densities of an alloy.

        Parameters
        ----------
        shrinkage : float
            Density of the solid over that of the liquid at the liquidus, less one; below zero for a metal that expands.
        liquid_contraction : float
            Share by which the liquid's density falls a kelvin.
        superheat : float
            Temperature of the pour above the liquidus in K.
        limit : float
            Fraction solid at the macro-feeding limit: this share of the shrinkage is drawn on the way there.
        """
        if not 0.0 <= limit <= 1.0:
            raise InputError(f"limit = {limit:g} must belong to [0, 1]; it is a fraction solid")
        liquid = 1.0 / (1.0 + shrinkage)
        return cls(liquid * (1.0 - liquid_contraction * max(superheat, 0.0)), liquid, liquid + limit * (1.0 - liquid))

    @classmethod
    def of_alloy(cls, alloy: Alloy, pour_temperature: float, shrinkage: float | None = None) -> Densities:
        """Return the densities of an alloy that is poured at a temperature (K); its own shrinkage where none is given."""
        return cls.of(
            shrinkage=alloy.shrinkage.value if shrinkage is None else shrinkage, liquid_contraction=alloy.liquid_contraction.value,
            superheat=pour_temperature - alloy.liquidus.value, limit=alloy.macro_feeding_limit.value,
        )  # fmt: skip

    @property
    def cavity(self) -> float:
        """Share of the poured volume that ends as cavity: all contraction from the pour to the solidus."""
        return 1.0 - self.poured / self.solid


@dataclass(frozen=True, slots=True, eq=False)
class PoolTree:
    """Every pool of feedable metal between two splits, as a tree; a pool that splits is the parent of its pieces.

    Attributes
    ----------
    index : ndarray of int, shape (n, 3)
        The voxels, as places in the dense arrays.
    limit : ndarray, shape (n,)
        When each passes the macro-feeding limit (s).
    own : ndarray of int, shape (n,)
        The pool that it leaves then.
    parent : ndarray of int, shape (m,)
        The pool that a pool split from, -1 for none. Parents have higher numbers.
    last : ndarray of int, shape (m,)
        The voxel whose passing ends a pool: the neck that splits it, or its last liquid.
    start, stop : ndarray of int, shape (m,)
        Range of `order` that holds the voxels of a pool.
    order : ndarray of int, shape (n,)
        The voxels, laid out so that those of a pool and of its pieces stand together.
    """

    index: NDArray[np.int64]
    limit: Floats
    own: Ints
    parent: Ints
    last: Ints
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    order: NDArray[np.int64]

    @property
    def begin(self) -> Floats:
        """When each pool split from its parent (s); 0 for the first pools."""
        return np.where(self.parent >= 0, self.limit[self.last[self.parent]], 0.0)

    @property
    def end(self) -> Floats:
        """When each pool split or was gone (s)."""
        return np.asarray(self.limit[self.last])

    def sums(self, values: ArrayLike) -> Floats:
        """Return the sum of a value a voxel (n,) over every pool with its pieces: its metal when it began."""
        running = np.concatenate(([0.0], np.cumsum(np.asarray(values, dtype=np.float64)[self.order])))
        return np.asarray(running[self.stop] - running[self.start])

    def latest(self, values: ArrayLike) -> Floats:
        """Return the largest of values (n, k) over every pool with its pieces, shape (m, k)."""
        given = np.asarray(values, dtype=np.float64)
        out = np.full((self.parent.size, given.shape[1]), -math.inf)
        for column in range(given.shape[1]):
            np.maximum.at(out[:, column], self.own, given[:, column])
        _kernels.tree_highest(self.parent, out)
        return out

    def voxels(self, pool: int, *, after: float | None = None) -> NDArray[np.int64]:
        """Return the voxels (rows of `index`) that are feedable in a pool after a moment (default: when it began)."""
        inside = self.order[self.start[pool] : self.stop[pool]]
        return inside if after is None else inside[self.limit[inside] > after]


@dataclass(frozen=True, slots=True, eq=False)
class March:
    """What the march found.

    Attributes
    ----------
    pools : PoolTree
    filled : ndarray, shape (n,)
        Share of every voxel that is full of metal at the end; the rest is cavity.
    emptied : ndarray, shape (n,)
        When it ran empty (s); NaN where it did not.
    opened : ndarray of bool, shape (n,)
        Whether air could reach it while it was feedable.
    drained_in : ndarray of int, shape (n,)
        The pool that drew on it last, -1 for none.
    poured, held, pushed_out, pressed_in : float
        The books: mass poured, mass that the voxels hold, mass that expansion pushed out of full pools, mass that a plunger or a
        furnace brought, all relative to the density of the solid (m3).
    """

    pools: PoolTree
    filled: Floats
    emptied: Floats
    opened: NDArray[np.bool_]
    drained_in: Ints
    poured: float
    held: float
    pushed_out: float
    pressed_in: float = 0.0

    @property
    def defect(self) -> float:
        """Mass that is missing in the books, as a share of what was poured."""
        missing = self.held + self.pushed_out - self.poured - self.pressed_in
        return abs(missing) / self.poured if self.poured > 0.0 else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """The metal as a list, and a block padded by one layer to find neighbours by one addition."""

    index: NDArray[np.int64]
    row: Ints
    cell: NDArray[np.int64]
    steps: NDArray[np.int64]

    @classmethod
    def of(cls, mask: NDArray[np.bool_]) -> _Block:
        index = np.argwhere(mask)
        low = index.min(axis=0) if len(index) else np.zeros(3, np.int64)
        shape = (index.max(axis=0) - low + 3) if len(index) else np.full(3, 3)
        sx, sy = int(shape[1] * shape[2]), int(shape[2])
        cell = (index - low + 1) @ np.array([sx, sy, 1])
        row = np.full(int(np.prod(shape)), -1, np.int32)
        row[cell] = np.arange(len(index), dtype=np.int32)
        return cls(index, row, cell, np.array([sx, -sx, sy, -sy, 1, -1], np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class _Marked:
    """A pool tree with the numbered events that made it."""

    pools: PoolTree
    events: Ints
    event_node: Ints
    place: Ints


def pool_tree(time_limit: ArrayLike, *, metal: ArrayLike | None = None) -> PoolTree:
    """Return all pools of feedable metal.

    Parameters
    ----------
    time_limit : array_like, shape (nx, ny, nz)
        When each voxel passes the macro-feeding limit (s); NaN where there is no metal.
    metal : array_like of bool, optional
        Default: where the time is a number.
    """
    limit = np.asarray(time_limit, dtype=np.float64)
    mask = np.isfinite(limit) if metal is None else np.asarray(metal, dtype=bool)
    block = _Block.of(mask)
    late = _times(limit, mask, "time_limit")
    return _tree(block, late, late).pools


def _times(times: Floats, mask: NDArray[np.bool_], name: str) -> Floats:
    if times.shape != mask.shape:
        raise InputError(f"{name} has the shape {times.shape}; the metal has {mask.shape}")
    out = np.ascontiguousarray(times[mask])
    if not np.isfinite(out).all() or (out < 0.0).any():
        raise InputError(f"{name} must be a finite time of 0 s or later in every metal voxel; fill the gaps first")
    return out


def _tree(block: _Block, early: Floats, late: Floats) -> _Marked:
    n = late.size
    # at one moment a voxel passes its liquidus before any passes the limit
    events = np.argsort(np.concatenate([early, late]), kind="stable").astype(np.int32)
    own, parent, last = (np.full(n, -1, np.int32) for _ in range(3))
    event_node = np.empty(2 * n, np.int32)
    work = np.empty((2, n), np.int32)
    m = _kernels.pool_tree(events, block.row, block.cell, block.steps, work[0], work[1], event_node, own, parent, last)
    parent, last = parent[:m].copy(), last[:m].copy()
    start, stop, fill = (np.zeros(m, np.int64) for _ in range(3))
    place = np.empty(n, np.int32)
    _kernels.pool_order(own, parent, start, stop, fill, place)
    order = np.empty(n, np.int64)
    order[place] = np.arange(n)
    return _Marked(PoolTree(block.index, late, own, parent, last, start, stop, order), events, event_node, place)


def march_shrinkage(
    *, metal: ArrayLike, time_liquidus: ArrayLike, time_limit: ArrayLike, volume: ArrayLike, height: ArrayLike,
    densities: Densities, opened: ArrayLike | None = None, head: float = math.inf, pressed: ArrayLike | None = None,
    pressed_until: float = math.inf, pressed_most: float = math.inf,
) -> March:  # fmt: skip
    """Let every pool draw what it shrinks by from its highest voxels, and return what is full at the end.

    Parameters
    ----------
    metal : array_like of bool, shape (nx, ny, nz)
    time_liquidus, time_limit : array_like, shape (nx, ny, nz)
        When each voxel passes the liquidus and the macro-feeding limit (s).
    volume : array_like, shape (nx, ny, nz)
        Volume that each voxel owns (m3).
    height : array_like, shape (nx, ny, nz)
        Height against gravity (m).
    densities : Densities
    opened : array_like of bool, optional
        Voxels that air reaches while they are feedable. Default: those of the metal's surface (`surface_voxels`).
    head : float
        Height of metal (m) that the pressure on an open surface carries: an open voxel gives before a closed one that is less than
        this much higher. Default: open ones always give first.
    pressed : array_like of bool, optional
        Voxels that a plunger or a furnace under pressure keeps full: as long as one of them is liquid in a pool, the pool takes
        what it needs from there, and no voxel empties. Default: none.
    pressed_until, pressed_most : float
        When the pressure goes (s), and what there is to press in (m3 of the solid): then they give as all others do.

    Returns
    -------
    March

    Raises
    ------
    BalanceError
        If more than 1e-9 of the mass is missing at the end.

    Notes
    -----
    A voxel draws at a steady rate from the pour to its liquidus, and at another from there to the limit. What it still draws
    between the dendrites until it is solid is counted at that moment, from the pool that it leaves: it comes from the riser while
    a path for visible amounts of metal is open, and from the pool's own place after that. An empty voxel lets air into
    its neighbours if air reached it. Expansion fills the lowest cavity of the pool again; what a full pool gains is pushed out.
    Every pool is a vessel of one level: bowls that part only because the metal between them ran empty still share it.
    """
    mask = np.asarray(metal, dtype=bool)
    late = _times(np.asarray(time_limit, dtype=np.float64), mask, "time_limit")
    early = np.minimum(_times(np.asarray(time_liquidus, dtype=np.float64), mask, "time_liquidus"), late)
    block = _Block.of(mask)
    marked = _tree(block, early, late)
    n, m = late.size, marked.pools.parent.size
    air = surface_voxels(mask) if opened is None else np.asarray(opened, dtype=bool)
    owned = np.ascontiguousarray(np.asarray(volume, dtype=np.float64)[mask])
    up = np.asarray(height, dtype=np.float64)[mask]
    reach = float(min(head, 1e3 + (np.ptp(up) if n else 0.0)))
    is_open = air[mask]
    held_full = np.zeros(n, bool) if pressed is None else np.asarray(pressed, dtype=bool)[mask]
    # What is under pressure gives before all that is open.
    lift = 2.0 * (reach + (float(np.ptp(up)) if n else 0.0)) + 1.0
    leaves = 1 << max(n - 1, 0).bit_length()
    path = (densities.poured, densities.liquid, densities.limit, densities.solid)
    expands = any(b < a for a, b in itertools.pairwise(path))
    arrays = {
        "events": marked.events, "event_node": marked.event_node, "time_liquidus": early, "time_limit": late, "volume": owned,
        "level": up + reach * is_open + lift * held_full, "fill": np.ones(n), "rate": np.zeros(n), "emptied": np.full(n, np.nan),
        "drained_in": np.full(n, -1, np.int32), "place": marked.place, "stage": np.zeros(n, np.uint8),
        "opened": is_open.astype(np.uint8), "pressed": held_full.astype(np.uint8),
        "row": block.row, "cell": block.cell, "steps": block.steps,
        "start": marked.pools.start, "stop": marked.pools.stop, "last": marked.pools.last, "top": np.full(m, -1, np.int32),
        "node_time": marked.pools.begin, "node_rate": np.full(m, np.nan), "rate_leaf": np.zeros(n),
        "rate_block": np.zeros(n // 64 + 1), "rate_range": np.zeros(n // 4096 + 1),
        "best": np.full(2 * leaves, -1, np.int32), "low": np.full(2 * leaves if expands else 0, -1, np.int32),
    }  # fmt: skip
    books = np.zeros(3)
    _kernels.march_pools(arrays, path, reach, (pressed_until, lift, pressed_most), books)
    emptied = np.where(arrays["emptied"] >= 0.0, arrays["emptied"], np.nan)
    filled = arrays["fill"]
    whole = float(owned.sum())
    found = March(
        marked.pools, filled, emptied, arrays["opened"].astype(bool), arrays["drained_in"],
        poured=densities.poured * whole, held=densities.solid * float(owned @ filled), pushed_out=float(books[1]),
        pressed_in=float(books[2]),
    )  # fmt: skip
    if found.defect > _LEDGER:
        raise BalanceError(
            f"{found.defect:.1e} of the metal's mass is missing after the shrinkage march (limit {_LEDGER:g}); "
            "this is a castsolve bug - please report it"
        )
    return found
