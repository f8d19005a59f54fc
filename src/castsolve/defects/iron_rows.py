"""Findings on iron: expansion, carbides, nodules, matrix, hardness and strength, as rows of the table."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import ResultsError
from ..materials import NetShrinkage, carbide_tendency, carbon_equivalent, shape_of_graphite
from ..results import Display, Results
from .expansion import expansion_of
from .feeding_rows import cause_of, remedy_of
from .iron import CLASS_MATRIX, class_strength, feeds_itself, nodule_count
from .iron_matrix import iron_matrix
from .reading import fact, quantile
from .rules import rule
from .shrinkage import Shrinkage, shrinkage
from .shrinkage_rows import SEVERE_CAVITY, Context
from .table import Verdict, volume_text
from .thresholds import composition_of

__all__ = ["iron_range_row", "iron_rows"]

# Share of a part that voxels may make up whose rate stands alone, several times that of their neighbours: no region chills there.
_STRAY = 1e-3
_FEEDS = "it feeds its own freezing, and risers only its liquid contraction"
_FEEDS_NOT = "it is not counted on to feed itself"


@dataclass(frozen=True, slots=True)
class _Iron:
    """What a run noted of its iron."""

    name: str
    ce: float
    shape: str
    inoculation: float

    @classmethod
    def of(cls, results: Results) -> _Iron | None:
        share, name = composition_of(results), str(fact(results, "alloy", "name") or "")
        if "C" not in share:
            return None
        ce = carbon_equivalent(share["C"], share.get("Si", 0.0), share.get("P", 0.0)).ce
        told = fact(results, "alloy", "inoculation")
        return cls(name, ce, shape_of_graphite(name, share), 1.0 if told is None else float(told))


def iron_rows(results: Results, context: Context) -> list[Verdict]:
    """Return carbides, nodules, strength class, expansion and matrix of an iron part."""
    iron = _Iron.of(results)
    if iron is None:
        return [Verdict("iron", severity="note", cause="not judged: the composition of the alloy is not known")]
    metal, rate = context.metal, np.asarray(results["cooling_rate"], dtype=np.float64)
    part = metal.part & np.isfinite(rate) & (rate > 0.0)
    if not part.any():
        return [Verdict("carbides", severity="note", cause="not judged: no voxel of the part passed the end of freezing")]
    tendency = np.where(part, carbide_tendency(rate, ce=iron.ce, inoculation=iron.inoculation), -np.inf)
    fastest = quantile(tendency[part], 1.0 - _STRAY, weights=metal.volume[part])
    white = tendency >= 1.0 if fastest >= 1.0 else np.zeros_like(part)
    limit = rule("carbide_rate")
    rows = [
        Verdict(
            "carbides",
            severity="note" if white.any() else "ok",
            place=metal.place(np.unravel_index(int(np.argmax(np.where(tendency <= fastest, tendency, -np.inf))), rate.shape)),
            size=float(metal.volume[white].sum()) * metal.copies if white.any() else None,
            value=fastest,
            threshold=1.0,
            threshold_source=str(limit),
            cause=f"cooling rate over the one at which iron of CE {iron.ce:.2f} chills; factor "
            f"{limit.high / limit.value:.0f} either way",
            advice="inoculate, raise the carbon equivalent, or thicken the wall" if white.any() else "",
            quality=limit.quality,
        )
    ]
    slow, fast = (quantile(rate[part], s, weights=metal.volume[part]) for s in (0.05, 0.95))
    few, many = (float(nodule_count(r, inoculation=iron.inoculation)) for r in (slow, fast))
    if iron.shape == "nodular":
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
    return [
        *rows, *_class_rows(results, iron, part, context), *_expansion_rows(results), *_self_feeding(results, iron, context),
        *_matrix_rows(results, iron, context),
    ]  # fmt: skip


def _class_rows(results: Results, iron: _Iron, part: NDArray[np.bool_], context: Context) -> list[Verdict]:
    """Return the least strength that the class of the iron asks for in its wall."""
    if not context.chvorinov:
        return []
    time = np.asarray(results["solidification_time"], dtype=np.float64)
    wall = 2.0 * float(np.sqrt(np.nanmax(np.where(part, time, np.nan)) / context.chvorinov))
    named = re.match(r"EN-GJV-(\d+)", iron.name)
    asked = float(named.group(1)) if named else class_strength(iron.name, wall)
    if not np.isfinite(asked):
        why = f"not judged: {iron.name} is of no class whose strengths are known"
        return [Verdict("strength class", severity="note", cause=why)]
    how = f"least tensile strength of {iron.name} in the relevant wall of {wall * 1e3:.0f} mm (twice the thermal modulus)"
    if named:
        how = (
            f"least tensile strength of {iron.name} in a separately cast sample, by its name; what EN 16079 asks for in a wall of "
            f"{wall * 1e3:.0f} mm is not judged, for no source of its table was at hand"
        )
    return [
        Verdict(
            "strength class",
            severity="note" if named else "ok",
            value=asked * 1e6,
            unit="Pa",
            display=Display("MPa", 1e-6),
            threshold_source="designation of EN 16079" if named else "EN 1561 / EN 1563, from memory",
            cause=how,
            quality="C",
        )
    ]


def _expansion_rows(results: Results) -> list[Verdict]:
    """Return what the expansion of the iron was made of, every number with its range."""
    made = expansion_of(results)
    if made is None:
        return []
    inputs = "; ".join(f"{row.meaning} {row.range}" for row in made.inputs)
    sources = dict.fromkeys(f"{row.source} ({row.evidence}, quality {row.quality})" for row in made.inputs)
    moved = float(fact(results, "alloy", "graphite_balance", "wall_movement") or 0.0)
    least, most = 100.0 * made.net.low, 100.0 * made.net.high
    return [
        Verdict(
            "graphite expansion",
            value=made.net.value,
            unit="1",
            display=Display("%", 100.0),
            threshold_source="; ".join(sources),
            cause=f"net shrinkage on freezing, known to lie between {least:.1f} and {most:.1f} %: {inputs}; growth of the mould's "
            f"hollow {100.0 * moved:.2g} %",
            quality=max(row.quality for row in made.inputs),
        )
    ]


def _self_feeding(results: Results, iron: _Iron, context: Context) -> list[Verdict]:
    """Return whether ductile iron of this section needs no riser for freezing itself; nothing for other irons."""
    made = expansion_of(results)
    if not context.chvorinov or made is None or iron.shape != "nodular":
        return []
    time = np.asarray(results["solidification_time"], dtype=np.float64)
    modulus = float(np.sqrt(np.nanmax(np.where(context.metal.part, time, np.nan)) / context.chvorinov))
    rigid = made.rigidity.low >= 0.8
    feeds = feeds_itself(modulus, iron.ce, rigid=rigid)
    limit = rule("self_feeding_modulus")
    why = f"of CE {iron.ce:.2f} in a {'rigid mould' if rigid else 'mould that yields'}: {made}"
    return [
        Verdict(
            "self-feeding",
            value=modulus,
            unit="m",
            display=Display("cm", 1e2),
            threshold=limit.value - 0.025 * (iron.ce - 4.3),
            threshold_source=str(limit),
            cause=f"thermal modulus of the part {why}; " + (_FEEDS if feeds else _FEEDS_NOT),
            quality="D",
        )
    ]


def _matrix_rows(results: Results, iron: _Iron, context: Context) -> list[Verdict]:
    """Return pearlite, hardness and strength over the part, against what the class stands for."""
    try:
        found = iron_matrix(results, chvorinov=context.chvorinov, inoculation=iron.inoculation)
    except ResultsError as error:
        return [Verdict("matrix and hardness", severity="note", cause=f"not judged: {error}")]
    metal = context.metal
    part = metal.part & np.isfinite(found.hardness)
    if not part.any():
        return [Verdict("matrix and hardness", severity="note", cause="not judged: no voxel of the part has frozen")]

    def share(values: NDArray[np.float64], q: float) -> float:
        return quantile(values[part], q, weights=metal.volume[part])

    ductile = iron.shape == "nodular"
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
    matrix, least, largest = CLASS_MATRIX.get(iron.name, ("", math.nan, math.nan))
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
