"""Findings on feeding: hot spots and isolated pools, as rows of the table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..results import field_info
from .hotspots import HotSpot, HotSpots
from .pools import Pool, Pools
from .reading import Metal
from .remedies import Remedies
from .shrinkage import Shrinkage
from .table import Verdict, duration, place_text, volume_text

__all__ = ["SEVERE_CAVITY", "Context", "hot_spot_rows", "pool_rows", "weighed"]

SEVERE_CAVITY = 0.1e-6
"""Expected cavity (m3) from which on a pool in the part is severe: 0.1 cm3, a hole of 6 mm."""

# Without a shrinkage of its own an alloy is taken to shrink by this much when a pool's cavity is estimated.
_USUAL_SHRINKAGE = 0.05
_SMALL = 8
_RULE = "castsolve's own rule: any pool in the part is a finding, severe from an expected cavity of 0.1 cm3 on"


@dataclass(frozen=True, slots=True)
class Context:
    """What several findings need to know of a run."""

    metal: Metal
    top: int = field(default=5, kw_only=True)
    shrinkage: float | None = field(default=None, kw_only=True)
    family: str = field(default="", kw_only=True)
    chvorinov: float | None = field(default=None, kw_only=True)
    quality: str = field(default="", kw_only=True)
    remedies: Remedies = field(default_factory=Remedies, kw_only=True)

    def modulus_text(self, time: float) -> str:
        """Return the thermal modulus of a solidification time in words, "" where no constant is known."""
        if self.chvorinov is None:
            return ""
        display = field_info("thermal_modulus").display
        return f"{display.of(float(np.sqrt(time / self.chvorinov))):.2f} {display.unit}"


def hot_spot_rows(spots: HotSpots, context: Context) -> list[Verdict]:
    """Return one row a hot spot of the part, and one that counts those beyond the first few."""
    info = field_info("solidification_time")
    inside = spots.in_part
    if not inside:
        latest = spots.latest
        where = f"; the last metal freezes in {latest.body} at {duration(latest.time)}" if latest else ""
        return [Verdict("hot spot", cause=f"no hot spot in the part{where}", quality=context.quality)]
    rows = []
    for spot in inside[: context.top]:
        display = info.display_for(spot.time)
        rows.append(
            Verdict(
                "hot spot",
                severity="warning" if spot.voxels >= _SMALL else "note",
                place=spot.place,
                size=spot.volume,
                value=spot.time,
                unit=info.unit,
                display=display,
                threshold_source=f"definition: prominence above {spots.prominence * 100:g} %",
                cause=_why_hot(spot, context),
                advice=context.remedies.hot_spot(context.modulus_text(spot.time)),
                quality=context.quality,
                occurs=spot.occurs,
            )
        )
    rest = inside[context.top :]
    if rest:
        size = sum(s.volume for s in rest)
        rows.append(Verdict("hot spot", severity="note", size=size, cause=f"{len(rest)} more hot spots in the part"))
    return rows


def _why_hot(spot: HotSpot, context: Context) -> str:
    if spot.bridge is None:
        where = f"the last metal of the casting freezes here, inside {spot.body or 'the part'}"
        if context.remedies.process == "low pressure":
            return f"{where}; the riser tube must feed it until then"
        return f"{where}, and not in {'the' if context.remedies.pressed else 'a'} {context.remedies.feeder}"
    earlier = spot.time - spot.bridge_time
    return (
        f"its last bridge to later metal, at {place_text(spot.bridge)}, froze {duration(earlier)} "
        f"({spot.prominence * 100:.0f} %) earlier"
    )


def pool_rows(pools: Pools, context: Context) -> list[Verdict]:
    """Return one row a pool that reaches into the part, and one that counts the rest."""
    inside = pools.in_part
    rows = [_pool_row(pool, pools, context) for pool in inside[: context.top]]
    if not inside:
        rows.append(
            Verdict(
                "isolated pool",
                cause="every pool in the part kept its link to a riser until it could no longer be fed"
                if not context.remedies.pressed
                else f"pressure through the {context.remedies.feeder} feeds the part; what is cut off from it is told as a cavity",
                threshold_source=_RULE,
                quality=context.quality,
            )
        )
    rest = inside[context.top :]
    if rest:
        size = sum(p.part_volume for p in rest)
        rows.append(
            Verdict("isolated pool", severity="note", size=size, cause=f"{len(rest)} more pools in the part, smaller than these")
        )
    elsewhere = [p for p in pools if not p.in_part]
    if elsewhere:
        bodies = ", ".join(sorted({p.body for p in elsewhere}))
        cause = f"{len(elsewhere)} isolated pools outside the part ({bodies}); harmless there"
        rows.append(Verdict("isolated pool", size=sum(p.volume for p in elsewhere), cause=cause))
    if pools.left_out:
        cause = f"{pools.left_out} pools too small or too shallow to tell from the error of the times are left out"
        rows.append(Verdict("isolated pool", size=pools.left_out_volume, cause=cause))
    return rows


def weighed(rows: Sequence[Verdict], found: Shrinkage | None, voxel: float) -> list[Verdict]:
    """Return rows on heat with the severity that the mass balance leaves them; as they are where there is none.

    Much of the contraction is drawn before a pool is cut off, and a hot spot may well be fed. Where no cavity lies within its reach
    (twice the radius of a ball of its size) a row is a note, and says so; elsewhere the cavity has a severe row of its own.
    """
    if found is None:
        return list(rows)
    out = []
    for row in rows:
        if row.severity not in ("warning", "severe") or row.place is None:
            out.append(row)
            continue
        reach = max(2.0 * voxel, 2.0 * (0.75 * (row.size or 0.0) / np.pi) ** (1.0 / 3.0))
        near = any(c.part_volume >= SEVERE_CAVITY and math.dist(c.place, row.place) <= reach for c in found.in_part)
        said = row.cause if near else f"{row.cause}; the mass balance finds no cavity of {volume_text(SEVERE_CAVITY)} here"
        out.append(replace(row, severity="warning" if near else "note", cause=said))
    return out


def _pool_row(pool: Pool, pools: Pools, context: Context) -> Verdict:
    info = field_info("cut_off_time")
    shrinks = context.shrinkage
    cavity = (shrinks if shrinks is not None else _USUAL_SHRINKAGE) * pool.part_volume
    if cavity <= 0.0:
        severity = "note"
    else:
        severity = "severe" if cavity >= SEVERE_CAVITY else "warning"
    fed = pool.cause != "never"
    return Verdict(
        "isolated pool",
        severity=severity,
        place=pool.place,
        size=pool.part_volume,
        value=pool.cut_off if fed else None,
        unit=info.unit,
        display=info.display_for(pool.cut_off),
        threshold_source=_RULE,
        cause=_why_cut(pool, pools, context) + _cavity_text(cavity, shrinks, context.family),
        advice=context.remedies.pool(
            pool.cause, place_text(pool.neck) if pool.neck else "", context.modulus_text(pool.last_liquid), pool.cut_off
        ),
        quality=context.quality,
        occurs=pool.occurs,
    )


def _why_cut(pool: Pool, pools: Pools, context: Context) -> str:
    if pool.cause == "never" and context.remedies.pressed:
        return (
            f"the model has no way from the {context.remedies.feeder} to it; its last liquid froze at {duration(pool.last_liquid)}"
        )
    if pool.cause == "never":
        reason = "no riser was large enough for it or could be reached" if pools.feeders else "the casting has no riser"
        return f"it was never fed: {reason}; its last liquid froze at {duration(pool.last_liquid)}"
    left = duration(pool.last_liquid - pool.cut_off)
    where = f"{place_text(pool.neck)} in {pool.neck_body}" if pool.neck else "an unknown place"
    when = duration(pool.cut_off)
    if pool.cause == "neck":
        return f"cut off at {when}: the neck at {where} froze {left} before the last liquid of the pool"
    share = f"the {pools.demand * 100:.1f} % that the pool still draws" if pools.demand > 0.0 else "nothing"
    fell = f"its riser metal fell to {share} when {where} froze"
    return f"cut off at {when}: {fell}, {left} before the last liquid of the pool"


def _cavity_text(cavity: float, shrinkage: float | None, family: str) -> str:
    if shrinkage is None:
        return f"; a cavity of about {volume_text(cavity)} at a usual 5 % shrinkage, as the alloy's is not noted"
    if cavity <= 0.0:
        return "; the alloy does not shrink on freezing, so no cavity follows from heat alone"
    text = f"; a cavity of about {volume_text(cavity)} at {shrinkage * 100:.1f} % shrinkage"
    return text + (", less what graphite makes up for" if family == "iron" else "")
