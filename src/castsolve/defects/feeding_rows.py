"""Findings on shrinkage, pores and strength, as rows of the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ..errors import MaterialError, ResultsError
from ..results import Display, Results
from .aluminium import STRENGTH, arm_spacing, strength
from .cavities import Cavity
from .faces import WorkedFace, opened_pores
from .gas_rows import leak_rows
from .hot_tearing import clyne_davies_map, hot_tearing
from .pore_curve import microporosity
from .reading import Metal, quantile
from .shrinkage import Shrinkage
from .shrinkage_rows import SEVERE_CAVITY, Context
from .table import Verdict, duration, place_text, volume_text
from .thermal_rows import worst_cluster
from .thresholds import library_alloy

__all__ = [
    "cause_of",
    "machining_rows",
    "pore_rows",
    "remedy_of",
    "shrinkage_rows",
    "strength_rows",
    "tearing_rows",
]

_PERCENT = Display("%", 100.0)
_CM3 = Display("cm3", 1e6)
_CAVITY_RULE = "castsolve's own rule: any cavity in the part is a finding, severe from 0.1 cm3 on"
_LEAST = 1e-9  # m3: a pore of a millimetre
# A body of the rigging farther off than this (m) tells nothing of a place; the outer quarters of the part are its ends.
_FAR, _END = 0.1, 0.25

# Interdendritic pores above this share show on a radiograph's first classes: an estimate.
_PORES = 0.01


def nearest_feature(metal: Metal, place: tuple[float, float, float]) -> str:
    """Return in words where in the part a place is, and the nearest body of the rigging with its distance, if one is near."""
    x, y, z = metal.centres
    rows = np.argwhere(metal.part)
    away = sum((c[rows[:, a]] - place[a]) ** 2 for a, c in enumerate((x, y, z)))
    mine = int(metal.body[tuple(rows[int(np.argmin(away))])])
    rows = rows[metal.body[tuple(rows.T)] == mine]
    ends = []
    for axis, letter in enumerate("xyz"):
        low, high = (float(metal.centres[axis][n]) for n in (rows[:, axis].min(), rows[:, axis].max()))
        share = (place[axis] - low) / max(high - low, 1e-9)
        # beside a plane of symmetry lies the middle of the casting, not its end
        if share < _END and f"{letter}_low" not in metal.mirrors:
            ends.append(f"-{letter}")
        elif share > 1.0 - _END and f"{letter}_high" not in metal.mirrors:
            ends.append(f"+{letter}")
    whose = metal.body_names[mine] if mine < len(metal.body_names) else "the part"
    where = f"near the {' '.join(ends)} end of {whose}" if ends else f"in the middle of {whose}"
    best, name = _FAR, ""
    for number, (body, role) in enumerate(zip(metal.body_names, metal.body_roles, strict=True)):
        if role in ("part", "stock", "mould", "die", "flask", "background"):
            continue
        rows = np.argwhere(metal.body == number)
        if not len(rows):
            continue
        nearest = float(np.sqrt(sum((c[rows[:, a]] - place[a]) ** 2 for a, c in enumerate((x, y, z)))).min())
        if nearest < best:
            best, name = nearest, body
    return f"{where}, {best * 1e3:.0f} mm from {name}" if name else where


def shrinkage_rows(found: Shrinkage, context: Context) -> list[Verdict]:
    """Return a row a cavity that reaches into the part, or that there is none."""
    inside = [c for c in found.in_part if c.part_volume >= _LEAST]
    books = f"{volume_text(found.total)} of cavities in all, mass closed to {max(found.defect, 1e-16):.0e}"
    if not inside:
        small = found.volumes.get("part", 0.0)
        whole = float(context.metal.volume[context.metal.part].sum()) * context.metal.copies
        spread = f"; {volume_text(small)} ({small / whole * 100:.2g} %) is spread in pores below that" if small > 0.0 else ""
        least = volume_text(max(found.smallest, _LEAST))
        return [
            Verdict(
                "shrinkage cavity",
                value=small,
                unit="m3",
                display=_CM3,
                threshold_source=_CAVITY_RULE,
                cause=f"no cavity of {least} or more in the part{spread}: {books}",
                quality=context.quality,
            )
        ]
    rows = [_cavity_row(c, found, context) for c in inside[: context.top]]
    rest = inside[context.top :]
    if rest:
        size = sum(c.part_volume * c.occurs for c in rest)
        rows.append(Verdict("shrinkage cavity", severity="note", size=size, cause=f"{len(rest)} more cavities in the part"))
    return rows


def _cavity_row(cavity: Cavity, found: Shrinkage, context: Context) -> Verdict:
    near = nearest_feature(context.metal, cavity.place)
    return Verdict(
        "shrinkage cavity",
        severity="severe" if cavity.part_volume >= SEVERE_CAVITY else "warning",
        place=cavity.place,
        size=cavity.part_volume,
        value=cavity.part_volume,
        unit="m3",
        display=_CM3,
        threshold=SEVERE_CAVITY,
        threshold_source=_CAVITY_RULE,
        cause=f"{cause_of(cavity, found, context)}; {near}",
        advice=remedy_of(cavity, context),
        quality=context.quality,
        occurs=cavity.occurs,
    )


def cause_of(cavity: Cavity, found: Shrinkage, context: Context) -> str:
    """Return in words what froze before what and left a cavity."""
    roles = set(context.metal.body_roles)
    usual = "sprue" if "riser" not in roles and roles & {"sprue", "basin"} else context.remedies.feeder
    feeder = found.pressed_by or usual
    kind = "an open sink or pipe" if cavity.open else "a closed cavity"
    at = f" at {place_text(cavity.cause_place)} in {cavity.cause_body}" if cavity.cause_place else ""
    when = duration(cavity.since)
    if cavity.cause == "neck":
        return f"{kind}: the path to the {feeder} froze{at} at {when}, before the metal here"
    if cavity.cause == "empty":
        return f"{kind}: the {feeder} ran empty at {when} and the metal here had to give"
    if cavity.cause == "froze":
        return f"{kind}: the last {feeder} metal in the pool froze{at} at {when}, before the metal here"
    if cavity.cause_place:
        return f"{kind}: no {feeder} reaches it; it parted from other metal{at} at {when}"
    return f"{kind}: no {feeder} reaches it, so its highest place gives the metal"


def remedy_of(cavity: Cavity, context: Context) -> str:
    """Return in words what to change against a cavity."""
    place = place_text(cavity.cause_place) if cavity.cause_place else ""
    return context.remedies.cavity(cavity.cause, place, cavity.since)


def pore_rows(results: Results, context: Context) -> list[Verdict]:
    """Return the interdendritic porosity of the part from the dimensionless Niyama value."""
    try:
        pores = microporosity(results)
    except ResultsError as error:
        return [Verdict("microporosity", severity="note", cause=f"not judged: {error}")]
    metal = context.metal
    part = metal.part & np.isfinite(pores)
    if not part.any():
        return [Verdict("microporosity", severity="note", cause="not judged: no voxel of the part passed the Niyama point")]
    high = part & (pores >= _PORES)
    mean = float(np.average(pores[part], weights=metal.volume[part]))
    top = quantile(pores[part], 0.99, weights=metal.volume[part])
    text = f"mean {mean * 100:.2g} %, 99 % of the part below {top * 100:.2g} %"
    source = "estimate: 1 % shows on radiographs; model of Carlson and Beckermann (2009) with the alloy's own path"
    if not high.any():
        return [Verdict("microporosity", value=top, display=_PERCENT, threshold=_PORES, threshold_source=source, cause=text,
                        quality=max(context.quality, "C"))]  # fmt: skip
    index, _ = worst_cluster(high, metal)
    worst = index[int(np.argmax(pores[tuple(index.T)]))]
    return [
        Verdict(
            "microporosity",
            severity="note" if len(index) < 8 else "warning",
            place=metal.place(worst),
            size=metal.whole_volume(index),
            value=float(pores[tuple(worst)]),
            display=_PERCENT,
            threshold=_PORES,
            threshold_source=source,
            cause=f"the liquid between the dendrites is cut off while much of it is left; {text}",
            advice=context.remedies.gradient,
            quality=max(context.quality, "C"),
            occurs=metal.occurs(index),
        )
    ]


def tearing_rows(results: Results, context: Context) -> list[Verdict]:
    """Return where the part is most prone to hot tears, by two criteria: ranks, no judgement."""
    rdg = "Rappaz, Drezet and Gremaud (1999) with the thermal strain rate of a rigid mould"
    weak = "Clyne and Davies (1981): time from 0.9 to 0.99 solid over that from 0.4 to 0.9, from the records"
    kilo = Display("kPa", 1e-3)
    return [
        _tearing_row("hot tearing", lambda: hot_tearing(results), context, source=rdg, unit="Pa", display=kilo),
        _tearing_row("weak mush", lambda: clyne_davies_map(results), context, source=weak, unit="", display=Display("")),
    ]


def _tearing_row(
    defect: str, rank: Callable[[], NDArray[np.float64]], context: Context, *, source: str, unit: str, display: Display
) -> Verdict:
    if context.family == "iron":
        return Verdict(defect, severity="note", cause="not ranked: graphite makes up for the shrinkage of iron")
    try:
        values = rank()
    except ResultsError as error:
        return Verdict(defect, severity="note", cause=f"not ranked: {error}")
    metal = context.metal
    part = metal.part & np.isfinite(values)
    if not part.any():
        return Verdict(defect, severity="note", cause="not ranked: no voxel of the part passed the Niyama point")
    high = quantile(values[part], 0.99, weights=metal.volume[part])
    middle = quantile(values[part], 0.5, weights=metal.volume[part])
    index, _ = worst_cluster(part & (values >= high), metal)
    worst = index[int(np.argmax(values[tuple(index.T)]))]
    shown = f"{display.of(middle):.3g} {display.unit}".rstrip()
    return Verdict(
        defect,
        place=metal.place(worst),
        size=metal.whole_volume(index),
        value=high,
        unit=unit,
        display=display,
        threshold_source=f"a rank, no limit: {source}",
        cause=f"the most prone hundredth of the part lies above this, its median is {shown}; place of the largest patch",
        quality=max(context.quality, "C"),
    )


def strength_rows(results: Results, context: Context) -> list[Verdict]:
    """Return arm spacing and, where a law is known, strength of an aluminium part."""
    try:
        spacing = arm_spacing(results)
    except (ResultsError, MaterialError) as error:
        return [Verdict("arm spacing", severity="note", cause=f"not judged: {error}")]
    metal = context.metal
    part = metal.part & np.isfinite(spacing)
    if not part.any():
        return [Verdict("arm spacing", severity="note", cause="not judged: no voxel of the part has frozen")]
    fine, middle, coarse = (quantile(spacing[part], s, weights=metal.volume[part]) for s in (0.05, 0.5, 0.95))
    flat = int(np.argmax(np.where(part, spacing, -np.inf)))
    rows = [
        Verdict(
            "arm spacing",
            place=metal.place(np.unravel_index(flat, spacing.shape)),
            value=middle,
            unit="m",
            display=Display("um", 1e6),
            cause=f"median of the part; 5 to 95 % of its metal {fine * 1e6:.0f} to {coarse * 1e6:.0f} um; the coarsest is at the "
            "place given",
            quality=context.quality,
        )
    ]
    alloy = library_alloy(results)
    for temper in ("as cast", "T6"):
        if alloy is None or (alloy.name, temper) not in STRENGTH:
            continue
        tensile, stretch, law = strength(coarse, alloy=alloy.name, temper=temper)
        rows.append(
            Verdict(
                f"strength {temper}",
                value=float(tensile),
                unit="Pa",
                display=Display("MPa", 1e-6),
                threshold_source=f"{law.source} ({law.evidence})",
                cause=f"where the arm spacing is {coarse * 1e6:.0f} um, +- {law.tensile_scatter * 1e-6:.0f} MPa; elongation "
                f"{float(stretch) * 100:.2g} % +- {law.elongation_scatter * 100:.0f} % of it",
                quality=max(context.quality, law.quality),
            )
        )
    return rows


def machining_rows(
    results: Results, found: Shrinkage, faces: Sequence[WorkedFace], context: Context
) -> list[Verdict]:
    """Return a row a pore that machining opens, sealing faces first, and one for every two sealing faces: do pores join them."""
    if not faces:
        return []
    empty = np.nan_to_num(found.cavity, nan=0.0)
    try:
        pores = np.nan_to_num(microporosity(results), nan=0.0)
        # pores below the threshold are everywhere; only those that count open anything
        empty = np.maximum(empty, np.where(pores >= _PORES, pores, 0.0))
    except ResultsError:
        pass  # no microporosity is known for this alloy: the cavities alone open
    opened = opened_pores(empty, faces, metal=context.metal)
    leaks = leak_rows(empty, faces, context)
    if not opened:
        none = Verdict("machining", cause=f"none of {len(faces)} worked faces opens a pore", quality=context.quality)
        return [none, *leaks]
    rows = []
    for pore in opened[: context.top]:
        rows.append(
            Verdict(
                "machining",
                severity="severe" if pore.face.sealing else "warning",
                place=pore.place,
                size=pore.volume,
                value=pore.reach,
                unit="m",
                display=Display("mm", 1e3),
                threshold_source="castsolve's own rule: a pore that goes on below the finished face; severe on sealing faces "
                "and bores",
                cause=f"taking {pore.face.stock * 1e3:.3g} mm off {pore.face.name} opens a pore that begins "
                f"{pore.depth * 1e3:.3g} mm below the raw face",
                advice=context.remedies.opened_pore,
                quality=context.quality,
            )
        )
    rest = opened[context.top :]
    if rest:
        size = sum(p.volume for p in rest)
        rows.append(Verdict("machining", severity="note", size=size, cause=f"{len(rest)} more pores opened"))
    return [*rows, *leaks]

