"""Hot spots: the places that freeze later than everything around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..results import Results
from .merge_tree import MergeTree, merge_tree
from .reading import Metal, metal_of, times_without_gaps

__all__ = ["HotSpot", "HotSpots", "find_hot_spots", "hot_spots"]

# The volume of a hot spot is the metal around its peak that freezes later than this share of its time.
_CORE = 0.95


@dataclass(frozen=True, slots=True)
class HotSpot:
    """One local maximum of solidification time.

    Attributes
    ----------
    place : tuple of float
        x, y, z of the voxel that freezes last, in m.
    time : float
        Its solidification time in s.
    volume : float
        Metal around it that freezes after 95 % of its time and hangs together, in m3; mirrored shares are counted.
    prominence : float
        How much earlier the last bridge to a later place froze, as a share of `time`; 1 where there is no such bridge.
    bridge : tuple of float or None
        Where that bridge is, in m.
    bridge_time : float
        When it froze, in s (0 where there is none).
    body, role : str
        Whose voxel it is.
    voxels : int
        Number of voxels in `volume`.
    occurs : int
        How many times it is found in the whole casting, where only a half or a quarter was computed.
    """

    place: tuple[float, float, float]
    time: float = field(kw_only=True)
    volume: float = field(kw_only=True)
    prominence: float = field(kw_only=True)
    bridge: tuple[float, float, float] | None = field(default=None, kw_only=True)
    bridge_time: float = field(default=0.0, kw_only=True)
    body: str = field(default="", kw_only=True)
    role: str = field(default="", kw_only=True)
    voxels: int = field(default=0, kw_only=True)
    occurs: int = field(default=1, kw_only=True)

    def __str__(self) -> str:
        x, y, z = (c * 1e3 for c in self.place)
        return (
            f"hot spot in {self.body or 'the metal'} at {x:.1f}, {y:.1f}, {z:.1f} mm: {self.time:.4g} s, "
            f"{self.volume * 1e6:.3g} cm3, prominence {self.prominence * 100:.3g} %"
        )


@dataclass(frozen=True, slots=True)
class HotSpots:
    """All hot spots of a casting, latest first.

    Attributes
    ----------
    rows : tuple of HotSpot
    prominence : float
        The least prominence that was asked for.
    unfrozen : int
        Metal voxels that had not frozen when the run ended; above 0 the times of the latest hot spots are lower bounds.
    """

    rows: tuple[HotSpot, ...] = ()
    prominence: float = field(default=0.02, kw_only=True)
    unfrozen: int = field(default=0, kw_only=True)

    def __iter__(self) -> Iterator[HotSpot]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, n: int) -> HotSpot:
        return self.rows[n]

    @property
    def latest(self) -> HotSpot | None:
        """The hot spot that freezes last of all, wherever it is; None where there is no metal."""
        return self.rows[0] if self.rows else None

    @property
    def worst(self) -> HotSpot | None:
        """The hot spot that freezes last inside the part; None where the part has none, as one wishes."""
        return next(iter(self.in_part), None)

    @property
    def in_part(self) -> tuple[HotSpot, ...]:
        """The hot spots inside the part, latest first."""
        return tuple(h for h in self.rows if h.role == "part")

    def __str__(self) -> str:
        return "\n".join(map(str, self.rows)) if self.rows else "no hot spots"

    def to_csv(self) -> str:
        """Return the places that freeze last as a table: coordinates are those of the part's file, in mm."""
        lines = ["rank,x_mm,y_mm,z_mm,body,role,solidification_time_s,volume_cm3,prominence_percent,bridge_time_s,occurs"]
        for rank, spot in enumerate(self.rows, 1):
            x, y, z = (f"{c * 1e3 + 0.0:.2f}" for c in spot.place)
            body = '"' + spot.body.replace('"', '""') + '"'
            lines.append(
                f"{rank},{x},{y},{z},{body},{spot.role},{spot.time:.6g},{spot.volume * 1e6:.4g},{spot.prominence * 100:.4g},"
                f"{spot.bridge_time:.6g},{spot.occurs}"
            )
        return "\n".join(lines) + "\n"


def hot_spots(results: Results, *, prominence: float = 0.02) -> HotSpots:
    """Return the hot spots of a run: local maxima of solidification time in the metal.

    A maximum counts when the last metal bridge to any later place froze by more than `prominence` of its own time
    earlier (topological prominence, 26 neighbours, exact: no levels are quantized). Times count from the pour.

    Parameters
    ----------
    results : Results
        A run with the field "solidification_time".
    prominence : float, optional
        Least prominence, in [0, 1).

    Returns
    -------
    HotSpots
        Latest first; `worst` is the latest in the part, as a hot spot in a riser is what one wants.

    Notes
    -----
    Places are exact to one voxel. A prominence below the error of the times themselves (about 1 % at the default
    settings of a run) shows noise. Metal that had not frozen when the run ended is ranked by temperature.
    """
    time, unfrozen = times_without_gaps(results, "solidification_time")
    return find_hot_spots(time, metal=metal_of(results), prominence=prominence, unfrozen=unfrozen)


def find_hot_spots(time: ArrayLike, *, metal: Metal, prominence: float = 0.02, unfrozen: int = 0) -> HotSpots:
    """Return the hot spots of a plain array of solidification times (NaN where there is no metal).

    Examples
    --------
    >>> time = np.full((5, 5, 5), 10.0)
    >>> time[2, 2, 2] = 20.0
    >>> find_hot_spots(time, metal=Metal.plain(np.isfinite(time), voxel=1e-3)).latest.time
    20.0
    """
    if not 0.0 <= prominence < 1.0:
        raise InputError(f"prominence = {prominence:g} must belong to [0, 1); 0.02 is 2 %")
    tree = merge_tree(np.where(metal.mask, np.asarray(time, dtype=np.float64), np.nan))
    passes, row = tree.passes()
    top = tree.height[tree.peak]
    depth = np.ones(top.size)
    joined = np.isfinite(passes)
    np.divide(top - passes, top, out=depth, where=joined & (top > 0.0))
    depth[joined & (top <= 0.0)] = 0.0
    found = np.flatnonzero(depth > prominence)
    rows = [_hot_spot(tree, int(b), metal, float(depth[b]), int(row[b])) for b in found]
    return HotSpots(tuple(rows), prominence=prominence, unfrozen=unfrozen)


def _hot_spot(tree: MergeTree, basin: int, metal: Metal, depth: float, join: int) -> HotSpot:
    peak = tree.index[tree.peak[basin]]
    time = float(tree.height[tree.peak[basin]])
    # its own metal only: below its bridge the island would hold that of later places too
    above = float(np.nextafter(tree.join_height[join], np.inf)) if join >= 0 else 0.0
    core = tree.index[tree.island(basin, max(_CORE * time, above))]
    body, role = metal.owner(peak)
    bridge = None
    if join >= 0:
        ends = tree.join_voxel[join]
        bridge = metal.place(tree.index[ends[int(np.argmin(tree.height[ends]))]])
    return HotSpot(
        metal.place(peak),
        time=time,
        volume=metal.whole_volume(core),
        prominence=depth,
        bridge=bridge,
        bridge_time=float(tree.join_height[join]) if join >= 0 else 0.0,
        body=body,
        role=role,
        voxels=len(core),
        occurs=metal.occurs(core),
    )
