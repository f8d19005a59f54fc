"""Findings on iron: expansion, carbides, nodules, matrix, hardness and strength, as rows of the table."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..errors import ResultsError
from ..materials import Alloy
from ..results import Display, Results
from .expansion import expansion_of
from .feeding_rows import cause_of, remedy_of
from .iron import CLASS_MATRIX, NetShrinkage, carbide_tendency, carbon_equivalent, class_strength, feeds_itself, nodule_count
from .iron_matrix import iron_matrix
from .reading import quantile
from .rules import rule
from .shrinkage import Shrinkage, shrinkage
from .shrinkage_rows import SEVERE_CAVITY, Context
from .table import Verdict, volume_text
from .thresholds import library_alloy

__all__ = ["iron_range_row", "iron_rows"]

_FEEDS = "it feeds its own freezing, and risers only its liquid contraction"
_FEEDS_NOT = "it is not counted on to feed itself"


def iron_rows(results: Results, context: Context) -> list[Verdict]:
    """Return carbon equivalent, carbides, nodules and strength class of an iron part."""
    alloy = library_alloy(results)
    if alloy is None:
        return [Verdict("iron", severity="note", cause="not judged: the alloy is not in the material data")]
    share = {name: 100.0 * p.value for name, p in alloy.composition.items()}
    equivalent = carbon_equivalent(share.get("C", 0.0), share.get("Si", 0.0), share.get("P", 0.0))
    metal, rate = context.metal, np.asarray(results["cooling_rate"], dtype=np.float64)
    part = metal.part & np.isfinite(rate) & (rate > 0.0)
    if not part.any():
        return [Verdict("carbides", severity="note", cause="not judged: no voxel of the part passed the end of freezing")]
    tendency = carbide_tendency(rate, ce=equivalent.ce)
    white = part & (tendency >= 1.0)
    limit = rule("carbide_rate")
    rows = [
        Verdict(
            "carbides",
            severity="note" if white.any() else "ok",
            place=metal.place(np.unravel_index(int(np.argmax(np.where(part, tendency, -np.inf))), rate.shape)),
            size=float(metal.volume[white].sum()) * metal.copies if white.any() else None,
            value=float(tendency[part].max()),
            threshold=1.0,
            threshold_source=str(limit),
            cause=f"cooling rate over the one at which iron of CE {equivalent.ce:.2f} chills; factor "
            f"{limit.high / limit.value:.0f} either way",
            advice="inoculate, raise the carbon equivalent, or thicken the wall" if white.any() else "",
            quality=limit.quality,
        )
    ]
    slow, fast = (quantile(rate[part], s, weights=metal.volume[part]) for s in (0.05, 0.95))
    few, many = (float(nodule_count(r)) for r in (slow, fast))
    if alloy.name.startswith("EN-GJS"):
        rows.append(
            Verdict(
                "nodule count",
                value=few,
                unit="1/mm2",
                display=Display("1/mm2"),
                threshold_source=str(rule("nodules_25mm")),
                cause=f"in the slowest twentieth of the part, up to {many:.0f} /mm2 in the fastest; factor 2 either way",
                quality="D",
            )
        )
    if context.chvorinov:
        time = np.asarray(results["solidification_time"], dtype=np.float64)
        wall = 2.0 * float(np.sqrt(np.nanmax(np.where(part, time, np.nan)) / context.chvorinov))
        asked = class_strength(alloy, wall)
        if np.isfinite(asked):
            rows.append(
                Verdict(
                    "strength class",
                    value=asked * 1e6,
                    unit="Pa",
                    display=Display("MPa", 1e-6),
                    threshold_source="EN 1561 / EN 1563, from memory",
                    cause=f"least tensile strength of {alloy.name} in the relevant wall of {wall * 1e3:.0f} mm (twice the "
                    "thermal modulus)",
                    quality="C",
                )
            )
    return [*rows, *_self_feeding(alloy, equivalent.ce, results, context), *_matrix_rows(results, alloy, context)]


def _self_feeding(alloy: Alloy, ce: float, results: Results, context: Context) -> list[Verdict]:
    """Return whether ductile iron of this section needs no riser for freezing itself; nothing for other irons."""
    made = expansion_of(results)
    if not context.chvorinov or made is None or not alloy.name.startswith("EN-GJS"):
        return []
    time = np.asarray(results["solidification_time"], dtype=np.float64)
    modulus = float(np.sqrt(np.nanmax(np.where(context.metal.part, time, np.nan)) / context.chvorinov))
    rigid = made.rigidity.low >= 0.8
    feeds = feeds_itself(modulus, ce, rigid=rigid)
    limit = rule("self_feeding_modulus")
    why = f"of CE {ce:.2f} in a {'rigid mould' if rigid else 'mould that yields'}: {made}"
    return [
        Verdict(
            "self-feeding",
            value=modulus,
            unit="m",
            display=Display("cm", 1e2),
            threshold=limit.value - 0.025 * (ce - 4.3),
            threshold_source=str(limit),
            cause=f"thermal modulus of the part {why}; " + (_FEEDS if feeds else _FEEDS_NOT),
            quality="D",
        )
    ]


def _matrix_rows(results: Results, alloy: Alloy, context: Context) -> list[Verdict]:
    """Return pearlite, hardness and strength over the part, against what the class stands for."""
    try:
        found = iron_matrix(results, chvorinov=context.chvorinov)
    except ResultsError as error:
        return [Verdict("matrix and hardness", severity="note", cause=f"not judged: {error}")]
    metal = context.metal
    part = metal.part & np.isfinite(found.hardness)
    if not part.any():
        return [Verdict("matrix and hardness", severity="note", cause="not judged: no voxel of the part has frozen")]

    def share(values: NDArray[np.float64], q: float) -> float:
        return quantile(values[part], q, weights=metal.volume[part])

    ductile = alloy.name.startswith("EN-GJS")
    soft, middle, hard = (share(found.hardness, q) for q in (0.05, 0.5, 0.95))
    scatter = found.hardness_scatter if ductile else found.hardness_scatter * middle
    told = f"{soft:.0f} to {hard:.0f} HB in 5 to 95 % of the part, +- {scatter:.0f}"
    if ductile:
        few, most = share(found.pearlite, 0.05), share(found.pearlite, 0.95)
        low, high = share(found.pearlite_low, 0.5), share(found.pearlite_high, 0.5)
        told += (
            f"; {few * 100:.0f} to {most * 100:.0f} % of pearlite, the rest ferrite; its median is known to lie between "
            f"{low * 100:.0f} and {high * 100:.0f} %"
        )
    matrix, least, largest = CLASS_MATRIX.get(alloy.name, ("", math.nan, math.nan))
    out = np.isfinite(least) and not least <= middle <= largest
    if np.isfinite(least):
        told += f"; the class stands for {matrix}, {least:.0f} to {largest:.0f} HB"
    weak = share(found.strength, 0.05)
    hardest = np.unravel_index(int(np.argmax(np.where(part, found.hardness, -np.inf))), part.shape)
    softest = np.unravel_index(int(np.argmin(np.where(part, found.strength, np.inf))), part.shape)
    source = "EN 1561 / EN 1563, annexes, from memory; pearlite of ductile iron by Thielemann's factor, nodules and cooling"
    return [
        Verdict(
            "matrix and hardness",
            severity="note" if out else "ok",
            place=metal.place(hardest),
            value=middle,
            display=Display("HB"),
            threshold_source=source,
            cause=f"median of the part; {told}; the hardest is at the place given",
            advice="less Mn and Cu, more Si, better inoculation" if out and middle > largest else "",
            quality="D",
        ),
        Verdict(
            "local strength",
            place=metal.place(softest),
            value=weak,
            unit="Pa",
            display=Display("MPa", 1e-6),
            threshold_source=source,
            cause="least tensile strength that " + ("a class of this matrix" if ductile else "its class in this wall")
            + " stands for, in the weakest twentieth of the part; lowest at the place given",
            quality="D",
        ),
    ]


def iron_range_row(results: Results, worst: Shrinkage, shrinks: NetShrinkage, context: Context) -> Verdict:
    """Return how the cavities of an iron part change over the range of its net shrinkage.

    Parameters
    ----------
    results : Results
    worst : Shrinkage
        At the high end of the range.
    shrinks : NetShrinkage
    context : Context
    """
    low = shrinkage(results, solidification=shrinks.low).volumes.get("part", 0.0)
    high = worst.volumes.get("part", 0.0)
    largest = worst.in_part[0] if worst.in_part else None
    bad = largest is not None and largest.part_volume >= SEVERE_CAVITY
    where = ""
    if bad and largest is not None:
        where = f"; the largest is then {volume_text(largest.part_volume)}, {cause_of(largest, worst, context)}"
    return Verdict(
        "shrinkage cavity",
        severity="warning" if bad else "ok",
        place=largest.place if bad and largest is not None else None,
        size=high,
        cause=f"what graphite makes up for is uncertain{_made_of(results)}: {volume_text(low)} to {volume_text(high)} in the part "
        f"over a net shrinkage of {shrinks.low * 100:.1f} to {shrinks.high * 100:.1f} %{where}",
        advice=remedy_of(largest, context) if bad and largest is not None else "",
        quality="D",
    )


def _made_of(results: Results) -> str:
    """Return in words what the expansion of a shipped iron comes from, "" where its shrinkage was given."""
    made = expansion_of(results)
    return "" if made is None else f" ({made})"
