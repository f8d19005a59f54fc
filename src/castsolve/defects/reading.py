"""What the verdicts read from a result: the metal, whose it is, its volumes, and times without gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..results import Results
from .remedies import Remedies

__all__ = [
    "FEEDING_ROLES", "SIDES", "Metal", "fact", "mean_place", "metal_of", "quantile", "remedies_of", "times_without_gaps",
]  # fmt: skip

FEEDING_ROLES = ("riser", "basin", "sprue")
"""Roles of bodies that are there to give liquid to the part."""

SIDES = ("x_low", "x_high", "y_low", "y_high", "z_low", "z_high")
"""The outer sides of a frame."""

# Metal still liquid when a run ends is ranked by temperature above the last time, in steps far below any prominence.
_RANK = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Metal:
    """The metal voxels of a frame: which, where, how much and whose.

    Attributes
    ----------
    mask : ndarray of bool, shape (nx, ny, nz)
    centres : tuple of three ndarrays
        Voxel centres along each axis in m.
    volume : ndarray, shape (nx, ny, nz)
        Volume that each voxel owns in m3.
    body : ndarray of int, shape (nx, ny, nz)
        Number of the body that owns each voxel.
    body_names, body_roles : tuple of str
    copies : int
        How many times the modelled share makes the whole casting (2 for half, 4 for quarter symmetry).
    mirrors : tuple of str
        Sides of the frame that are planes of symmetry ("x_low" ...).
    """

    mask: NDArray[np.bool_]
    centres: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
    volume: NDArray[np.float64]
    body: NDArray[np.integer[Any]]
    body_names: tuple[str, ...] = ("part",)
    body_roles: tuple[str, ...] = ("part",)
    copies: int = 1
    mirrors: tuple[str, ...] = ()

    @classmethod
    def plain(
        cls,
        mask: ArrayLike,
        *,
        voxel: float,
        body: ArrayLike | None = None,
        body_names: Sequence[str] = ("part",),
        body_roles: Sequence[str] | None = None,
        origin: Sequence[float] = (0.0, 0.0, 0.0),
    ) -> Metal:
        """Return the metal of a plain array of equal cubes, for use without a result."""
        there = np.asarray(mask, dtype=bool)
        x, y, z = (o + voxel * (np.arange(n) + 0.5) for o, n in zip(origin, there.shape, strict=True))
        owner = np.zeros(there.shape, dtype=np.uint8) if body is None else np.asarray(body)
        volume = np.full(there.shape, voxel**3)
        roles = tuple(body_names) if body_roles is None else tuple(body_roles)
        return cls(there, (x, y, z), volume, owner, tuple(body_names), roles)

    def of_role(self, *roles: str) -> NDArray[np.bool_]:
        """Return the mask of the metal that bodies of these roles own."""
        numbers = [i for i, role in enumerate(self.body_roles) if role in roles]
        return self.mask & np.isin(self.body, numbers)

    @property
    def part(self) -> NDArray[np.bool_]:
        """The mask of the part; all metal where no body has that role."""
        return self.of_role("part") if "part" in self.body_roles else self.mask

    @property
    def feeding(self) -> NDArray[np.bool_]:
        """The mask of the metal that is there to feed: that of the risers; of basin and sprue where there are none."""
        return self.of_role("riser") if "riser" in self.body_roles else self.of_role(*FEEDING_ROLES)

    @property
    def feeds(self) -> bool:
        """Whether any metal belongs to a body that is there to feed."""
        return bool(self.of_role(*FEEDING_ROLES).any())

    def place(self, index: ArrayLike) -> tuple[float, float, float]:
        """Return the centre of a voxel in m."""
        i, j, k = (int(n) for n in np.asarray(index))
        x, y, z = self.centres
        return float(x[i]), float(y[j]), float(z[k])

    def owner(self, index: ArrayLike) -> tuple[str, str]:
        """Return name and role of the body that owns a voxel."""
        number = int(self.body[tuple(np.asarray(index))])
        if number >= len(self.body_names):
            return "", ""
        return self.body_names[number], self.body_roles[number]

    def whole_volume(self, index: NDArray[np.int64]) -> float:
        """Return the volume of voxels (n, 3) in m3, with the mirrored share of what lies on a plane of symmetry."""
        volume = float(self.volume[tuple(index.T)].sum())
        return volume * 2 ** len(self._touched(index))

    def occurs(self, index: NDArray[np.int64]) -> int:
        """Return how many times a set of voxels (n, 3) is found in the whole casting."""
        return max(1, self.copies // 2 ** len(self._touched(index)))

    def _touched(self, index: NDArray[np.int64]) -> list[str]:
        touched = []
        for side in self.mirrors:
            axis, end = "xyz".index(side[0]), side[2:]
            plane = 0 if end == "low" else self.mask.shape[axis] - 1
            if (index[:, axis] == plane).any():
                touched.append(side)
        return touched


def metal_of(results: Results) -> Metal:
    """Return the metal of a result."""
    frame = results.frame
    body = results["body"] if "body" in results else np.zeros(frame.shape, dtype=np.uint8)
    names = frame.body_names or ("casting",)
    roles = frame.body_roles or ("part",)
    x, y, z = (frame.centres(axis) for axis in range(3))
    return Metal(
        np.asarray(results.metal),
        (x, y, z),
        np.asarray(results.volumes(), dtype=np.float64),
        body,
        tuple(names),
        tuple(roles),
        copies=int(results.facts.get("symmetry_factor") or 1),
        mirrors=_mirrors(results),
    )


def _mirrors(results: Results) -> tuple[str, ...]:
    noted = fact(results, "symmetry_sides") or fact(results, "symmetry") or ()
    return tuple(side for side in noted if side in SIDES) if isinstance(noted, (list, tuple)) else ()


def fact(results: Results, *path: str, default: Any = None) -> Any:
    """Return one fact by its path, looked up under "casting" as well; the default where the run did not note it."""
    for root in (results.facts, results.facts.get("casting")):
        value: Any = root
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is not None:
            return value
    return default


def remedies_of(results: Results) -> Remedies:
    """Return what can be changed in the process of a result."""
    release, cycle = fact(results, "casting", "pressure", "release"), fact(results, "cycle")
    return Remedies(
        str(fact(results, "casting", "process") or ""), release=None if release is None else float(release),
        sprayed=not isinstance(cycle, Mapping) or cycle.get("spray") is not None,
    )  # fmt: skip


def times_without_gaps(results: Results, name: str) -> tuple[NDArray[np.float64], int]:
    """Return a crossing time of the metal without gaps, and how many metal voxels had not crossed when the run ended.

    Voxels that had not crossed get the end of the run, the hotter the later by less than one part in a million, so
    that the last place is still the right one. NaN stands where there is no metal.
    """
    recorded = np.asarray(results[name], dtype=np.float64)
    metal = np.asarray(results.metal)
    time = np.where(metal, recorded, np.nan)
    open_ = metal & ~np.isfinite(recorded)
    missing = int(open_.sum())
    if not missing:
        return time, 0
    crossed = time[np.isfinite(time)]
    ends = [float(crossed.max())] if crossed.size else [0.0]
    if "time" in results.history and results.history["time"].size:
        ends.append(float(results.history["time"][-1]))
    rank = np.zeros(missing)
    if "temperature" in results:
        hot = np.asarray(results["temperature"], dtype=np.float64)[open_]
        span = float(hot.max() - hot.min())
        rank = (hot - hot.min()) / span if span > 0.0 else rank
    time[open_] = max(*ends, np.finfo(np.float64).tiny) * (1.0 + _RANK * (1.0 + rank))
    return time, missing


def mean_place(metal: Metal, index: NDArray[np.int64]) -> tuple[float, float, float]:
    """Return the centre of mass of voxels (n, 3) in m."""
    weight = metal.volume[tuple(index.T)]
    x, y, z = (float(np.average(c[index[:, a]], weights=weight)) for a, c in enumerate(metal.centres))
    return x, y, z


def quantile(values: ArrayLike, share: float, *, weights: ArrayLike) -> float:
    """Return the value below which a share of the weight lies; values that are not finite are left out."""
    v, w = np.asarray(values, dtype=np.float64).ravel(), np.asarray(weights, dtype=np.float64).ravel()
    if not 0.0 <= share <= 1.0:
        raise InputError(f"share = {share:g} must belong to [0, 1]")
    good = np.isfinite(v)
    v, w = v[good], w[good]
    if not v.size:
        return float("nan")
    order = np.argsort(v)
    reached = np.cumsum(w[order])
    return float(v[order][np.searchsorted(reached, share * reached[-1]).clip(0, v.size - 1)])
