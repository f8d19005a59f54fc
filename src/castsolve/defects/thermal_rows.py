"""Findings on gradients: Niyama value, thermal gradient, cooling rate and thermal modulus, as rows of the table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..results import Results, field_info
from .criteria import CRITERIA, niyama
from .modulus import Chvorinov
from .reading import FEEDING_ROLES, Metal, quantile
from .shrinkage_rows import Context
from .table import Verdict, volume_text
from .thresholds import Threshold, niyama_thresholds

__all__ = ["modulus_row", "niyama_rows", "spread_row", "worst_cluster"]

_SMALL = 8
# Reported where no threshold exists: the value that this share of the part's metal lies below.
_LOW = 0.01
_NO_THRESHOLD = "no threshold with a source for this alloy"


def niyama_rows(results: Results, context: Context) -> list[Verdict]:
    """Return one row a Niyama threshold of the alloy, or the low end of the part and that there is no threshold."""
    values, metal = niyama(results), context.metal
    part = metal.part & np.isfinite(values)
    info = field_info("niyama")
    if not part.any():
        return [Verdict("niyama", severity="note", cause="not judged: no voxel of the part passed the Niyama point")]
    graphitic = context.family == "iron"
    limits = niyama_thresholds(results)
    if graphitic or not limits:
        low = quantile(values[part], _LOW, weights=metal.volume[part])
        place = metal.place(np.unravel_index(int(np.argmin(np.where(part, values, np.inf))), values.shape))
        why = "the Niyama value does not hold for graphitic iron" if graphitic else _NO_THRESHOLD
        return [
            Verdict(
                "niyama",
                severity="note",
                place=place,
                value=low,
                unit=info.unit,
                display=info.display,
                threshold_source=why,
                cause="1 % of the part's metal lies below this value; the lowest is at the place given",
                quality=context.quality,
            )
        ]
    return [_niyama_row(values, part, limit, context) for limit in limits]


def _niyama_row(values: NDArray[np.float64], part: NDArray[np.bool_], limit: Threshold, context: Context) -> Verdict:
    metal, info = context.metal, field_info("niyama")
    below = part & (values < limit.value)
    trust = f", quality {limit.quality}" if limit.quality else ""
    judged = Verdict(
        "niyama",
        unit=info.unit,
        display=info.display,
        threshold=limit.value,
        threshold_source=f"{limit.name}: {limit.source}{trust}",
        quality=max(context.quality, limit.quality),
    )
    if not below.any():
        lowest = float(values[part].min())
        return replace(judged, value=lowest, cause="no metal of the part lies below the threshold")
    index, total = worst_cluster(below, metal)
    inside = tuple(index.T)
    worst = index[int(np.argmin(values[inside]))]
    small = len(index) < _SMALL
    share = total / float(metal.volume[metal.part].sum())
    severity = "note" if small else limit.severity
    return replace(
        judged,
        severity=severity,
        place=metal.place(worst),
        size=metal.whole_volume(index),
        value=float(values[inside].min()),
        occurs=metal.occurs(index),
        cause=f"{share * 100:.2g} % of the part lies below the threshold; this is the largest patch of it"
        + (", only a few voxels" if small else ": its last liquid came through a long mush at a small gradient")
        + ("; the threshold is an estimate" if limit.evidence == "estimate" else ""),
        advice="" if small else context.remedies.gradient,
    )


def worst_cluster(mask: NDArray[np.bool_], metal: Metal) -> tuple[NDArray[np.int64], float]:
    """Return the voxels (n, 3) of the largest patch of a mask that hangs together, and the volume of all patches."""
    from scipy import ndimage

    index = np.argwhere(mask)
    low, high = index.min(axis=0), index.max(axis=0) + 1
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    label, _ = ndimage.label(mask[box], structure=np.ones((3, 3, 3)))
    volumes = np.bincount(label.ravel(), weights=metal.volume[box].ravel())
    volumes[0] = 0.0
    patch = np.argwhere(label == int(np.argmax(volumes))) + low
    return patch, float(volumes.sum())


def spread_row(results: Results, name: str, context: Context) -> Verdict:
    """Return the median of a criterion over the part, with the range of nine tenths of its metal."""
    values, metal = CRITERIA[name](results), context.metal
    info = CRITERIA[name].info
    part = metal.part & np.isfinite(values)
    title = info.title
    if not part.any():
        return Verdict(title, severity="note", cause="not judged: no voxel of the part passed the Niyama point")
    low, middle, high = (quantile(values[part], s, weights=metal.volume[part]) for s in (0.05, 0.5, 0.95))
    shown = info.display
    return Verdict(
        title,
        value=middle,
        unit=info.unit,
        display=shown,
        cause=f"median of the part at the Niyama point; 5 to 95 % of its metal: {shown.of(low):.3g} to "
        f"{shown.of(high):.3g} {shown.unit}",
        quality=context.quality,
    )


def modulus_row(modulus: NDArray[np.float64], constant: Chvorinov, context: Context) -> Verdict:
    """Return the largest thermal modulus of the part and that of each riser."""
    metal, info = context.metal, field_info("thermal_modulus")
    frozen = np.isfinite(modulus)
    part = metal.part & frozen
    if not part.any():
        return Verdict("thermal modulus", severity="note", cause="not judged: no voxel of the part has frozen")
    flat = int(np.argmax(np.where(part, modulus, -np.inf)))
    largest = float(modulus.flat[flat])
    risers, highest = [], 0.0
    for number, (name, role) in enumerate(zip(metal.body_names, metal.body_roles, strict=True)):
        mine = metal.mask & frozen & (metal.body == number) if role in FEEDING_ROLES else None
        if mine is not None and mine.any():
            top = float(modulus[mine].max())
            highest = max(highest, top)
            risers.append(f"{name} {info.display.of(top):.3g} {info.display.unit} ({top / largest:.2f} times the part)")
    behind = bool(risers) and highest <= largest
    volume = float(metal.volume[part].sum()) * metal.copies
    return Verdict(
        "thermal modulus",
        severity="note" if behind else "ok",
        place=metal.place(np.unravel_index(flat, modulus.shape)),
        value=largest,
        unit=info.unit,
        display=info.display,
        cause=f"largest of the part ({volume_text(volume)}), with Chvorinov's constant {constant}; "
        + ("; ".join(risers) if risers else "no riser to compare with"),
        advice="a riser must freeze after the part: enlarge it, insulate it or chill the part" if behind else "",
        quality=context.quality,
    )
