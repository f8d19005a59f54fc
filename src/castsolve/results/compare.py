"""Comparing two results voxel by voxel, also of different voxel sizes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, ResultsError
from .fields import Display
from .results import Place, Results

__all__ = ["Comparison", "FieldDifference", "compare"]

_DEFAULT = (
    "solidification_time",
    "local_solidification_time",
    "thermal_gradient",
    "cooling_rate",
    "niyama",
    "temperature",
)


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """How one field of b differs from a (b - a), in SI; relative figures are to the largest absolute value in a."""

    name: str
    display: Display = field(kw_only=True)
    largest: float = field(kw_only=True)
    rms: float = field(kw_only=True)
    mean: float = field(kw_only=True)
    scale: float = field(kw_only=True)
    place: tuple[float, float, float] = field(kw_only=True)
    voxels: int = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences of two results; printing it gives a table.

    Attributes
    ----------
    fields : tuple of FieldDifference
    last_a, last_b : Place or None
        The voxel that froze last, with its time.
    voxel_a, voxel_b : float
        Voxel sizes in m.
    skipped : tuple of str
        Fields that had no common voxel with a value.
    """

    fields: tuple[FieldDifference, ...]
    last_a: Place | None = field(kw_only=True)
    last_b: Place | None = field(kw_only=True)
    voxel_a: float = field(kw_only=True)
    voxel_b: float = field(kw_only=True)
    skipped: tuple[str, ...] = field(default=(), kw_only=True)

    def __getitem__(self, name: str) -> FieldDifference:
        for row in self.fields:
            if row.name == name:
                return row
        raise ResultsError(f'the comparison has no field "{name}"; it has ' + ", ".join(r.name for r in self.fields))

    @property
    def last_shift(self) -> float:
        """Distance in m between the places that froze last; NaN where one is missing."""
        if self.last_a is None or self.last_b is None:
            return float("nan")
        return float(np.linalg.norm(np.subtract(self.last_b.point, self.last_a.point)))

    def __str__(self) -> str:
        head = f"{'field':<28}{'unit':<14}{'max':>11}{'rms':>11}{'mean':>11}{'max %':>8}  worst at x, y, z (mm)"
        lines = [f"b - a, voxels of {self.voxel_a * 1e3:.3g} and {self.voxel_b * 1e3:.3g} mm", head]
        for row in self.fields:
            unit = row.display
            largest, rms, mean = (unit.difference(v) for v in (row.largest, row.rms, row.mean))
            share = f"{100 * abs(row.largest) / row.scale:>8.2f}" if row.scale else f"{'-':>8}"
            x, y, z = (c * 1e3 for c in row.place)
            lines.append(
                f"{row.name:<28}{unit.difference_unit or '-':<14}{largest:>11.4g}{rms:>11.4g}{mean:>11.4g}{share}"
                f"  {x:.1f}, {y:.1f}, {z:.1f}"
            )
        if self.last_a is not None and self.last_b is not None:
            change = 100.0 * (self.last_b.value / self.last_a.value - 1.0) if self.last_a.value else float("nan")
            lines.append(f"last solidification a {self.last_a.value:.5g} s at {self.last_a}")
            lines.append(
                f"last solidification b {self.last_b.value:.5g} s at {self.last_b} "
                f"({change:+.2f} %, {self.last_shift * 1e3:.1f} mm away)"
            )
        if self.skipped:
            lines.append("no common voxels with a value: " + ", ".join(self.skipped))
        return "\n".join(lines)


def compare(a: Results, b: Results, *, fields: Iterable[str] | None = None) -> Comparison:
    """Compare b with a on the space that both cover.

    Equal frames are compared voxel by voxel. Otherwise the finer result is brought to the voxel centres of the coarser
    one, linearly between the voxels that have a value.

    Parameters
    ----------
    a, b : Results
    fields : iterable of str, optional
        Default: the usual records that both hold.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If one of them is no result.
    """
    for given in (a, b):
        if not isinstance(given, Results):
            raise InputError(f"{given!r} is no result to compare; give two results, such as those of solidify, or of load(folder)")
    names = [n for n in _DEFAULT if n in a and n in b] if fields is None else list(fields)
    rows, skipped = [], []
    for name in names:
        row = _difference(name, a, b)
        if row is None:
            skipped.append(name)
        else:
            rows.append(row)
    return Comparison(
        tuple(rows),
        last_a=_last(a),
        last_b=_last(b),
        voxel_a=a.frame.voxel,
        voxel_b=b.frame.voxel,
        skipped=tuple(skipped),
    )


def _last(result: Results) -> Place | None:
    if "solidification_time" in result and np.isfinite(result["solidification_time"]).any():
        return result.peak("solidification_time")
    return None


def _difference(name: str, a: Results, b: Results) -> FieldDifference | None:
    values_a, values_b = a[name], b[name]
    info = a.info(name)
    if a.frame.same_as(b.frame):
        places, frame = None, a.frame
        pair = values_a.astype(np.float64), values_b.astype(np.float64)
    else:
        a_is_coarser = a.frame.voxel >= b.frame.voxel
        coarse, fine = (a, b) if a_is_coarser else (b, a)
        frame = coarse.frame
        places = _common(coarse, fine, name)
        known = coarse[name][places].astype(np.float64)
        points = np.stack([frame.centres(i)[places[i]] for i in range(3)], axis=1)
        found = _sample(fine, name, points, nearest=info.is_label)
        pair = (known, found) if a_is_coarser else (found, known)
    difference = pair[1] - pair[0]
    usable = np.isfinite(difference)
    if not usable.any():
        return None
    kept = difference[usable]
    worst = np.flatnonzero(usable)[int(np.abs(kept).argmax())]
    if places is None:
        index = np.unravel_index(int(worst), frame.shape)
    else:
        index = tuple(p[worst] for p in places)
    return FieldDifference(
        name,
        display=info.display_for(values_a),
        largest=float(difference.ravel()[worst]),
        rms=float(np.sqrt(np.mean(kept**2))),
        mean=float(kept.mean()),
        scale=float(np.abs(pair[0][usable]).max()),
        place=frame.place([int(i) for i in index]),
        voxels=int(kept.size),
    )


def _common(coarse: Results, fine: Results, name: str) -> tuple[NDArray[np.intp], ...]:
    """Return the indices of the coarse voxels that have a value and whose centre lies in the fine frame."""
    inside = np.isfinite(coarse[name])
    low, high = fine.frame.bounds
    for axis in range(3):
        centres = coarse.frame.centres(axis)
        along = (centres >= low[axis]) & (centres <= high[axis])
        inside &= along.reshape([-1 if i == axis else 1 for i in range(3)])
    return tuple(np.nonzero(inside))


def _sample(result: Results, name: str, points: NDArray[np.float64], *, nearest: bool) -> NDArray[np.float64]:
    """Return a field at points (n, 3): linear over the neighbours that have a value, or that of the nearest voxel."""
    values, frame = result[name], result.frame
    if nearest:
        i, j, k = frame.locate(points).T
        return np.asarray(values[i, j, k], dtype=np.float64)
    corners, shares = [], []
    for axis in range(3):
        centres = frame.centres(axis)
        upper = np.clip(np.searchsorted(centres, points[:, axis]), 1, max(centres.size - 1, 1))
        lower = upper - 1
        upper = np.minimum(upper, centres.size - 1)
        width = np.maximum(centres[upper] - centres[lower], np.finfo(float).tiny)
        share = np.clip((points[:, axis] - centres[lower]) / width, 0.0, 1.0)
        corners.append((lower, upper))
        shares.append((1.0 - share, share))
    total = np.zeros(len(points))
    weight = np.zeros(len(points))
    for x in range(2):
        for y in range(2):
            for z in range(2):
                value = values[corners[0][x], corners[1][y], corners[2][z]].astype(np.float64)
                share = shares[0][x] * shares[1][y] * shares[2][z]
                share = np.where(np.isfinite(value), share, 0.0)
                total += share * np.where(np.isfinite(value), value, 0.0)
                weight += share
    with np.errstate(invalid="ignore", divide="ignore"):
        # A point nearly surrounded by voxels without a value tells nothing about this field.
        return np.where(weight >= 0.25, total / weight, np.nan)
