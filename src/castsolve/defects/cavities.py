"""What a shrinkage march leaves: cavities with their causes, and what every riser gave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..simulation.march import March, PoolTree
from .reading import FEEDING_ROLES, Metal
from .rules import rule

__all__ = ["Cavity", "RiserFeed", "cavities_of", "risers_of"]

Place = tuple[float, float, float]
Why = Literal["neck", "empty", "froze", "never"]

# A voxel is part of a cavity when at least this share of it is empty.
_LEAST = 0.01
# A riser sized by the rule is drawn on by just the rule's share; its volume on the voxels is off by a few per cent.
_ROUNDED = 1.05


@dataclass(frozen=True, slots=True)
class Cavity:
    """One cavity: voxels that hang together (over corners too) and ran empty, wholly or partly.

    Attributes
    ----------
    place : tuple of float
        Centre of its volume in the part, or of all of it where none is in the part (m); of a cavity round its own centre, a ring,
        the voxel of it that is nearest there.
    volume, part_volume : float
        Empty volume, and its share in the part (m3); mirrored shares are counted.
    low, high : float
        Heights of its lowest and highest voxel centre (m).
    cause : {"neck", "empty", "froze", "never"}
        A neck to the riser froze; the riser ran empty; the riser in the pool froze before; no riser was ever in reach.
    since : float
        When that happened (s). Where there never was a riser: when it parted from other metal, 0 where it never did.
    cause_place : tuple of float or None
        Where.
    cause_body : str
        Whose metal that was.
    body, role : str
        The body that holds most of it.
    open : bool
        Whether air reached it: it is then open to the surface, or to a pipe that is.
    voxels, occurs : int
    """

    place: Place
    volume: float = field(kw_only=True)
    part_volume: float = field(kw_only=True)
    low: float = field(kw_only=True)
    high: float = field(kw_only=True)
    cause: Why = field(kw_only=True)
    since: float = field(kw_only=True)
    cause_place: Place | None = field(default=None, kw_only=True)
    cause_body: str = field(default="", kw_only=True)
    body: str = field(default="", kw_only=True)
    role: str = field(default="", kw_only=True)
    open: bool = field(default=False, kw_only=True)
    voxels: int = field(default=0, kw_only=True)
    occurs: int = field(default=1, kw_only=True)

    def __str__(self) -> str:
        x, y, z = (c * 1e3 for c in self.place)
        return (
            f"cavity of {self.volume * 1e6:.3g} cm3 ({self.part_volume * 1e6:.3g} cm3 in the part) at "
            f"{x:.1f}, {y:.1f}, {z:.1f} mm in {self.body or 'the metal'}"
        )


@dataclass(frozen=True, slots=True)
class RiserFeed:
    """What one riser, basin or sprue gave.

    Attributes
    ----------
    name : str
    volume : float
        Its volume (m3).
    pipe : float
        Empty volume in it at the end (m3).
    pipe_depth : float
        From its top to the lowest voxel that is at least half empty (m), lone ones below the pipe left out.
    margin : float
        Height of metal left between that voxel and the riser's foot (m); the whole height where there is no pipe.
    given : float
        Volume of solid metal that it gave to other bodies (m3); below zero where it drew on others.
    linked_until : float
        When the last path of feedable metal from it to the part froze (s); 0 where there never was one.
    neck : tuple of float or None
        Where it froze.
    outlived : float
        When the last metal of the part that it had fed was past feeding (s): after `linked_until` where the neck, or the riser
        itself, froze too early.
    hot_spot : tuple of float or None
        Where that metal is (m).
    cut_off : float
        Metal of the part that was still feedable when the path froze (m3).
    lacking : float
        Empty volume in it at the end (m3).
    limit : float
        Share of its volume that a riser like it is counted on to give: rules "efficiency_sand" and "efficiency_sleeve".
    role : str
        "riser", "basin" or "sprue"; what runs out of the last two harms nothing.
    """

    name: str
    volume: float = field(kw_only=True)
    pipe: float = field(kw_only=True)
    pipe_depth: float = field(kw_only=True)
    margin: float = field(kw_only=True)
    given: float = field(kw_only=True)
    linked_until: float = field(kw_only=True)
    neck: Place | None = field(default=None, kw_only=True)
    outlived: float = field(default=0.0, kw_only=True)
    hot_spot: Place | None = field(default=None, kw_only=True)
    cut_off: float = field(default=0.0, kw_only=True)
    lacking: float = field(default=0.0, kw_only=True)
    limit: float = field(default=1.0, kw_only=True)
    role: str = field(default="riser", kw_only=True)

    @property
    def efficiency(self) -> float:
        """Volume given to other bodies over the riser's own."""
        return self.given / self.volume

    @property
    def nearly_empty(self) -> bool:
        """Whether the pipe ends within a tenth of the riser's height of its foot."""
        return self.role == "riser" and self.margin < 0.1 * (self.pipe_depth + self.margin)

    @property
    def used(self) -> float:
        """Volume of the pipe over the riser's own: what it gave to others and to itself."""
        return self.pipe / self.volume

    @property
    def overdrawn(self) -> bool:
        """Whether more was drawn from it than hand rules count on a riser like it to give.

        They hold for a riser that freezes little later than what it feeds: its shell is thick when the last metal is drawn. One on
        thin walls gives most of its metal while it is liquid, and more of it.
        """
        return self.role == "riser" and self.used > _ROUNDED * self.limit

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.volume * 1e6:.4g} cm3, pipe {self.pipe * 1e6:.3g} cm3 to {self.pipe_depth * 1e3:.3g} mm depth, "
            f"gave {100 * self.efficiency:.3g} % of its volume, linked until {self.linked_until:.4g} s"
        )


def cavities_of(
    march: March, metal: Metal, height: NDArray[np.float64], smallest: float, pressed: NDArray[np.bool_] | None = None
) -> list[Cavity]:
    """Return the cavities above a volume (m3), largest in the part first.

    Parameters
    ----------
    march : March
    metal : Metal
    height : ndarray, shape (n,)
        Height of every voxel of the march (m).
    smallest : float
    pressed : ndarray of bool, optional
        Metal through which pressure came: it feeds as risers do.
    """
    from scipy import ndimage

    index = march.pools.index
    empty = 1.0 - march.filled
    rows = np.flatnonzero(empty >= _LEAST)
    if not rows.size:
        return []
    low = index[rows].min(axis=0)
    mask = np.zeros(index[rows].max(axis=0) - low + 1, dtype=bool)
    mask[tuple((index[rows] - low).T)] = True
    label, count = ndimage.label(mask, structure=np.ones((3, 3, 3)))
    number = label[tuple((index[rows] - low).T)]
    order = np.argsort(number, kind="stable")
    groups = np.split(rows[order], np.searchsorted(number[order], np.arange(2, count + 1)))
    feeds = _Feeds.of(march, metal, pressed)
    found = []
    for group in groups:
        void = empty[group] * metal.volume[tuple(index[group].T)]
        mirrored = metal.whole_volume(index[group]) / float(metal.volume[tuple(index[group].T)].sum())
        if void.sum() * mirrored < smallest:
            continue
        found.append(_cavity(march, metal, height, group, void * mirrored, feeds))
    return sorted(found, key=lambda c: (-c.part_volume, -c.volume))


def _cavity(
    march: March, metal: Metal, height: NDArray[np.float64], group: NDArray[np.int64], void: NDArray[np.float64], feeds: _Feeds,
) -> Cavity:  # fmt: skip
    index = march.pools.index[group]
    inside = tuple(index.T)
    in_part = metal.part[inside]
    part_volume = float(void[in_part].sum())
    meant = in_part if part_volume > 0.0 else np.ones(len(group), dtype=bool)
    places = np.stack([c[index[meant, a]] for a, c in enumerate(metal.centres)], axis=1)
    x, y, z = _inside(places, void[meant])
    most = int(np.argmax(np.bincount(metal.body[inside], weights=void)))
    known = most < len(metal.body_names)
    pools = march.drained_in[group]
    pool = int(np.argmax(np.bincount(pools[meant & (pools >= 0)], weights=void[meant & (pools >= 0)])))
    times = march.emptied[group][meant & (pools == pool)]
    moment = float(np.nanmax(times)) if np.isfinite(times).any() else float(march.pools.limit[group].max())
    cause, since, at = feeds.why(pool, moment)
    return Cavity(
        (x, y, z),
        volume=float(void.sum()),
        part_volume=part_volume,
        low=float(height[group].min()),
        high=float(height[group].max()),
        cause=cause,
        since=since,
        cause_place=None if at < 0 else metal.place(march.pools.index[at]),
        cause_body="" if at < 0 else metal.owner(march.pools.index[at])[0],
        body=metal.body_names[most] if known else "",
        role=metal.body_roles[most] if known else "",
        open=bool((void * march.opened[group]).sum() > 0.5 * void.sum()),
        voxels=len(group),
        occurs=metal.occurs(index),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Feeds:
    """Which pools held riser metal, and until when."""

    march: March
    until: NDArray[np.float64]  # when the last riser metal of each pool froze, -inf for none
    latest: NDArray[np.int64]  # rows of the feeding voxels, latest first
    body_end: NDArray[np.float64]  # for every voxel when the last metal of its body froze

    @classmethod
    def of(cls, march: March, metal: Metal, pressed: NDArray[np.bool_] | None) -> _Feeds:
        tree = march.pools
        feeding = (metal.feeding if pressed is None else metal.feeding | pressed)[tuple(tree.index.T)]
        until = tree.latest(np.where(feeding, tree.limit, -np.inf)[:, None])[:, 0]
        rows = np.flatnonzero(feeding)
        owner = metal.body[tuple(tree.index.T)]
        last = np.full(int(owner.max(initial=0)) + 1, -np.inf)
        np.maximum.at(last, owner, tree.limit)
        return cls(march, until, rows[np.argsort(-tree.limit[rows], kind="stable")], last[owner])

    def why(self, pool: int, moment: float) -> tuple[Why, float, int]:
        """Return why a pool drew on its own metal, since when (s), and the voxel (row) where that came about (-1: nowhere)."""
        tree = self.march.pools
        if self.until[pool] > tree.begin[pool]:
            if self.until[pool] > moment:
                return "empty", moment, -1
            return self._end_of_riser(pool)
        piece = pool
        while tree.parent[piece] >= 0:
            piece, whole = int(tree.parent[piece]), piece
            if self.until[piece] > tree.begin[whole]:
                return "neck", float(tree.begin[whole]), int(tree.last[piece])
            if self.until[piece] > tree.begin[piece]:
                return self._end_of_riser(piece)
        above = int(tree.parent[pool])
        return "never", float(tree.begin[pool]), int(tree.last[above]) if above >= 0 else -1

    def _end_of_riser(self, pool: int) -> tuple[Why, float, int]:
        """Return how the last riser metal in a pool ended: with its riser, or as the stub of a neck whose riser lived on."""
        row = int(self.latest[np.isin(self.latest, self.march.pools.voxels(pool))][0])
        until = float(self.until[pool])
        return "neck" if self.body_end[row] > until else "froze", until, row


def _inside(places: NDArray[np.float64], void: NDArray[np.float64]) -> Place:
    """Return the centre of voids (n, 3) in m, or the void nearest to it where none of them is as near as they are to each other."""
    centre = np.average(places, axis=0, weights=void)
    away = np.linalg.norm(places - centre, axis=1)
    near = int(np.argmin(away))
    steps = [np.diff(np.unique(places[:, a])) for a in range(3)]
    apart = max((float(s.min()) for s in steps if s.size), default=np.inf)
    x, y, z = (centre if away[near] <= 1.5 * apart else places[near]).tolist()
    return x, y, z


def risers_of(march: March, metal: Metal, height: NDArray[np.float64], voxel: float) -> list[RiserFeed]:
    """Return what every feeding body gave, in the order of the bodies."""
    tree = march.pools
    inside = tuple(tree.index.T)
    owner, volume = metal.body[inside], metal.volume[inside]
    part = metal.part[inside]
    last_part = tree.latest(np.where(part, tree.limit, -np.inf)[:, None])[:, 0]
    density = march.poured / float(volume.sum()) if volume.size else 1.0
    found = []
    for number, (name, role) in enumerate(zip(metal.body_names, metal.body_roles, strict=True)):
        mine = owner == number
        if role not in FEEDING_ROLES or not mine.any():
            continue
        last_mine = tree.latest(np.where(mine, tree.limit, -np.inf)[:, None])[:, 0]
        linked = np.minimum(np.minimum(last_part, last_mine), tree.end)
        at = int(np.argmax(linked))
        until, neck = _linked(tree, at, float(linked[at]), mine | part)
        fed = tree.voxels(at)[part[tree.voxels(at)]] if until > 0.0 else np.zeros(0, dtype=np.int64)
        last = int(fed[np.argmax(tree.limit[fed])]) if fed.size else -1
        left = fed[tree.limit[fed] > until]
        own = float(volume[mine].sum())
        empty = float((volume * (1.0 - march.filled))[mine].sum())
        high, foot = float(height[mine].max()) + 0.5 * voxel, float(height[mine].min()) - 0.5 * voxel
        hollow = _resolved(mine & (march.filled < 0.5), tree.index, height)
        bottom = float(height[hollow].min()) - 0.5 * voxel if hollow.any() else high
        copies = metal.occurs(tree.index[mine])
        whole = metal.copies / copies
        found.append(
            RiserFeed(
                name,
                volume=own * whole,
                pipe=empty * whole,
                pipe_depth=high - bottom,
                margin=bottom - foot,
                given=(density * own - (own - empty)) * whole,
                linked_until=until,
                neck=None if neck < 0 else metal.place(tree.index[neck]),
                outlived=float(tree.limit[last]) if last >= 0 else 0.0,
                hot_spot=None if last < 0 else metal.place(tree.index[last]),
                cut_off=metal.whole_volume(tree.index[left]) if left.size else 0.0,
                lacking=float((volume * (1.0 - march.filled))[left].sum()) * whole,
                limit=_limit(name, metal),
                role=role,
            )
        )
    return found


def _resolved(hollow: NDArray[np.bool_], index: NDArray[np.int64], height: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return hollow voxels (rows) without those that stand alone below the pipe: one voxel is no depth."""
    from scipy import ndimage

    rows = np.flatnonzero(hollow)
    if rows.size < 2:
        return hollow
    low = index[rows].min(axis=0)
    mask = np.zeros(index[rows].max(axis=0) - low + 1, dtype=bool)
    mask[tuple((index[rows] - low).T)] = True
    label, count = ndimage.label(mask, structure=np.ones((3, 3, 3)))
    number = label[tuple((index[rows] - low).T)]
    keep = np.bincount(number, minlength=count + 1) > 1
    keep[number[int(np.argmax(height[rows]))]] = True
    out = np.zeros_like(hollow)
    out[rows[keep[number]]] = True
    return out


def _limit(name: str, metal: Metal) -> float:
    """Return the share of its volume that a riser is counted on to give by rule."""
    return rule("efficiency_sleeve" if f"{name} sleeve" in metal.body_names else "efficiency_sand").value


def _linked(tree: PoolTree, pool: int, until: float, either: NDArray[np.bool_]) -> tuple[float, int]:
    """Return when a link froze and its last voxel (row); 0 and -1 where there was none."""
    if until < float(tree.begin[pool]):
        return 0.0, -1
    if until >= tree.end[pool]:
        return until, int(tree.last[pool])
    inside = tree.voxels(pool)
    inside = inside[either[inside] & (tree.limit[inside] <= until)]
    return until, int(inside[np.argmax(tree.limit[inside])])
