"""Feed zones: the part divided into the neighbourhoods of its hot spots, and where a riser can stand on each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ..defects import MergeTree, merge_tree, metal_of
from ..defects.merge_tree import Roots
from ..defects.reading import times_without_gaps
from ..errors import InputError
from ..results import Results
from .ground import best_foot

__all__ = ["FeedZone", "FeedZones", "feed_zones", "moved_foot"]


# A foot with room for a riser is taken if the metal under it freezes no earlier than this share of the latest under any foot: the
# riser keeps its own foot open longer than it was in the naked run. Measured on two valves: a flange's rim at 0.57 left 1.3 cm3 of
# cavities where its root, whose riser ran into the bonnet, left 3.3; at 0.50 the rim left 2.3 cm3 and the root none.
_AS_OPEN = 0.55


@dataclass(frozen=True, slots=True)
class FeedZone:
    """The metal that freezes towards one hot spot.

    Attributes
    ----------
    number : int
        From 1, latest first; the value in the field of `FeedZones`.
    place : tuple of float
        The hot spot (m).
    time : float
        When it is solid (s).
    modulus : float
        Its thermal modulus (m).
    volume : float
        Metal of the zone (m3).
    bridge_time : float
        When its last bridge to a later zone froze (s); 0 where there is none.
    foot : tuple of float or None
        Where a riser on it would stand best (m, on top of the part): the place on its upper surface that stays open longest.
        None where the zone has no surface from which one could rise.
    foot_time : float
        When the metal right under the foot froze (s).
    foot_width : float
        Width of the level ground there (m).
    foot_clear : bool
        Whether nothing of the part stands in the way of a riser there; else its body runs into the part beside it.
    """

    number: int
    place: tuple[float, float, float] = field(kw_only=True)
    time: float = field(kw_only=True)
    modulus: float = field(kw_only=True)
    volume: float = field(kw_only=True)
    bridge_time: float = field(kw_only=True)
    foot: tuple[float, float, float] | None = field(default=None, kw_only=True)
    foot_time: float = field(default=0.0, kw_only=True)
    foot_width: float = field(default=0.0, kw_only=True)
    foot_clear: bool = field(default=True, kw_only=True)

    def __str__(self) -> str:
        x, y, z = (c * 1e3 for c in self.place)
        return (
            f"zone {self.number}: hot spot at {x:.0f}, {y:.0f}, {z:.0f} mm, modulus {self.modulus * 100:.2f} cm, "
            f"{self.volume * 1e6:.4g} cm3"
        )


@dataclass(frozen=True, slots=True, eq=False)
class FeedZones:
    """All feed zones of a part, latest first; `field` numbers the voxels (0 is none)."""

    rows: tuple[FeedZone, ...]
    field: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, n: int) -> FeedZone:
        return self.rows[n]

    def __str__(self) -> str:
        return "\n".join(map(str, self.rows))


def feed_zones(results: Results, *, chvorinov: float, prominence: float = 0.1, smallest: float = 0.01) -> FeedZones:
    """Return the feed zones of a run without risers.

    Every voxel of the part belongs to the hot spot that it freezes towards. A hot spot whose bridge to a later one froze less than
    `prominence` of its time before it is no zone of its own: it can be fed over that bridge.

    Parameters
    ----------
    results : Results
        A run of the naked casting (no risers), gravity along -z.
    chvorinov : float
        Chvorinov's constant in s/m2, for the moduli.
    prominence : float, optional
        In (0, 1).
    smallest : float, optional
        Zones below this share of the part's volume join the zone that they touch last; islands that small are left out.
    """
    if not 0.0 < prominence < 1.0:
        raise InputError(f"prominence = {prominence:g} must belong to (0, 1); 0.1 is 10 %")
    metal = metal_of(results)
    time, _ = times_without_gaps(results, "solidification_time")
    part = metal.part
    tree = merge_tree(np.where(part, time, np.nan), neighbours=6)
    volume = metal.volume[tuple(tree.index.T)]
    zone_of, top, bridge = _merged(tree, volume, prominence, smallest)
    number = np.zeros(part.shape, np.int32)
    number[tuple(tree.index.T)] = zone_of[tree.basin] + 1
    rows = []
    spacing = results.frame.voxel
    for zone, basin in enumerate(top):
        peak = tree.index[tree.peak[basin]]
        when = float(tree.height[tree.peak[basin]])
        ground = best_foot(number == zone + 1, part, time, metal.centres, spacing)
        rows.append(
            FeedZone(
                zone + 1,
                place=metal.place(peak),
                time=when,
                modulus=float(np.sqrt(when / chvorinov)),
                volume=float(metal.volume[number == zone + 1].sum()) * metal.copies,
                bridge_time=bridge[zone],
                foot=ground.place,
                foot_time=ground.time,
                foot_width=ground.width,
            )
        )
    return FeedZones(tuple(rows), number)


def moved_foot(
    zone: FeedZone, zones: FeedZones, results: Results, keep_off: Sequence[tuple[float, float, float]], *, reach: float = 0.0,
    footprint: float = 0.0,
) -> FeedZone:  # fmt: skip
    """Return a zone with the best foot that stands off places already taken and has room for its riser.

    Parameters
    ----------
    zone : FeedZone
    zones : FeedZones
    results : Results
        The run behind them.
    keep_off : sequence of three lengths
        x, y and radius (m) of each place taken.
    reach : float, optional
        Radius (m) round the foot within which nothing of the part should stand higher: that of the riser with its sleeve. Where the
        only such feet freeze much earlier than another (a flange's rim above its root), that other one is taken.
    footprint : float, optional
        Radius (m) of the foot itself: a foot is as open as the latest level ground under it. A riser wider than the ring of heat
        round the middle of a lid stands in its middle.
    """
    metal = metal_of(results)
    time, _ = times_without_gaps(results, "solidification_time")
    mine = zones.field == zone.number
    spacing = results.frame.voxel
    clear, free = (
        best_foot(mine, metal.part, time, metal.centres, spacing, keep_off=keep_off, clear=away, radius=footprint)
        for away in (reach, 0.0)
    )
    stands_clear = clear.place is not None and clear.time >= _AS_OPEN * free.time
    foot = clear if stands_clear else free
    return replace(zone, foot=foot.place, foot_time=foot.time, foot_width=foot.width, foot_clear=stands_clear)


def _merged(
    tree: MergeTree, volume: NDArray[np.float64], prominence: float, smallest: float
) -> tuple[NDArray[np.int64], list[int], list[float]]:
    """Return the zone of every basin, the basin with the hot spot of each zone, and when its bridge froze."""
    size = np.bincount(tree.basin, weights=volume, minlength=tree.peak.size)
    enough = smallest * float(volume.sum())
    height = tree.height[tree.peak]
    sets, passed = Roots(tree.peak.size), Roots(tree.peak.size)
    bridge = np.zeros(tree.peak.size)
    grown = size.copy()
    for (a, b), level in zip(tree.joins.tolist(), tree.join_height.tolist(), strict=True):
        kept, lost = passed.join(a, b)
        # the zones that meet here: those of the two basins at the pass
        if kept == lost:
            continue
        shallow = height[lost] - level <= prominence * height[lost]
        if shallow or grown[lost] < enough:
            sets.join(kept, lost)
        else:
            bridge[lost] = level
        grown[kept] += grown[lost] if shallow or grown[lost] < enough else 0.0
    root = np.array([sets.of(n) for n in range(tree.peak.size)])
    tops, zone = np.unique(root, return_inverse=True)
    zone = zone.reshape(-1)
    # a small island has nothing to join
    large = np.bincount(zone, weights=size) >= enough
    number = np.where(large, np.cumsum(large) - 1, -1)
    return number[zone], tops[large].tolist(), [float(bridge[t]) for t in tops[large]]
