"""Findings on risers, as rows of the table: what each gave, and whether its neck outlived what it fed."""

from __future__ import annotations

from ..results import Display, field_info
from .cavities import RiserFeed
from .rules import rule
from .shrinkage import Shrinkage
from .shrinkage_rows import SEVERE_CAVITY, Context
from .steel import neck_order
from .table import Verdict, duration, place_text, volume_text

__all__ = ["riser_rows"]

_PERCENT = Display("%", 100.0)


def riser_rows(found: Shrinkage, context: Context) -> list[Verdict]:
    """Return a row for every riser, basin and sprue, what it gave and how deep it piped, and one for every riser's neck."""
    rows = [_riser_row(r, context) for r in found.risers]
    return rows + [_neck_row(r, context) for r in found.risers if r.role == "riser" and r.hot_spot is not None]


def _neck_row(riser: RiserFeed, context: Context) -> Verdict:
    """Return whether the path from a riser froze before the metal that it fed last."""
    info = field_info("macro_feeding_time")
    early = riser.linked_until < riser.outlived
    cause = neck_order(riser, riser.outlived)
    if riser.hot_spot is not None:
        cause += f", at {place_text(riser.hot_spot)}"
    if early:
        cause += f"; of {volume_text(riser.cut_off)} that were still feedable {volume_text(riser.lacking)} are missing"
    if context.family == "iron" and early:
        cause += "; in iron the neck shall shut once the graphite expands, and not before the liquid has contracted"
    bad = early and riser.lacking >= SEVERE_CAVITY
    return Verdict(
        f"neck of {riser.name}",
        severity="ok" if not bad else "note" if context.family == "iron" else "warning",
        place=riser.neck,
        size=riser.cut_off if early else None,
        value=riser.linked_until,
        unit=info.unit,
        display=info.display_for(riser.outlived),
        threshold=riser.outlived,
        threshold_source="definition: the neck freezes after the hot spot that it feeds, and the riser after the neck; by rule "
        f"with a margin: {rule('neck_ratio')}",
        cause=cause,
        advice="a wider or shorter neck, a breaker core or sleeve that keeps it hot, or a chill on the hot spot" if bad else "",
        quality=context.quality,
    )


def _riser_row(riser: RiserFeed, context: Context) -> Verdict:
    link = "it was never linked to the part"
    if riser.linked_until > 0.0:
        neck = f" at {place_text(riser.neck)}" if riser.neck else ""
        link = f"its path to the part froze at {duration(riser.linked_until)}{neck}"
    sand, sleeve = rule("efficiency_sand"), rule("efficiency_sleeve")
    advice = "the pipe comes near the part: a taller or insulated riser" if riser.nearly_empty else ""
    if riser.overdrawn and not riser.nearly_empty:
        advice = "more is drawn than hand rules count on, and the mass balance carries it: keep sleeve and pouring as computed"
    if riser.role != "riser":
        return Verdict(
            f"{riser.role} {riser.name}",
            place=riser.neck,
            size=riser.pipe,
            value=riser.used,
            display=_PERCENT,
            cause=f"its pipe over its own volume; {link}; what is missing in it harms nothing",
            quality=context.quality,
        )
    return Verdict(
        riser.name if riser.name.startswith("riser") else f"riser {riser.name}",
        severity="warning" if riser.nearly_empty else "note" if riser.overdrawn or riser.linked_until <= 0.0 else "ok",
        place=riser.neck,
        size=riser.pipe,
        value=riser.used,
        unit="",
        display=_PERCENT,
        threshold=riser.limit,
        threshold_source="a warning where the pipe ends within a tenth of its height of its foot, an estimate; a note above the "
        f"share of its volume that hand rules count on a riser to give: in sand {sand.low * 100:.0f} to {sand.high * 100:.0f} %, "
        f"with a sleeve {sleeve.low * 100:.0f} to {sleeve.high * 100:.0f} %: {sand.source} ({sand.evidence})",
        cause=f"its pipe over its own volume; {riser.efficiency * 100:.3g} % went to other metal; the pipe is "
        f"{riser.pipe_depth * 1e3:.0f} mm deep and ends {riser.margin * 1e3:.0f} mm above its foot; {link}",
        advice=advice,
        quality=max(context.quality, sand.quality),
    )
