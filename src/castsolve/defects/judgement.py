"""All verdicts of a run in one table."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ..errors import InputError, ResultsError
from ..results import Results
from ..simulation import CycleResults
from .die_rows import die_rows
from .expansion import run_shrinkage
from .faces import WorkedFace, stock_faces
from .feeding_rows import (
    machining_rows,
    pore_rows,
    shrinkage_rows,
    strength_rows,
    tearing_rows,
)
from .fill_rows import fill_rows
from .gas_rows import gas_rows
from .hotspots import hot_spots
from .iron_rows import iron_range_row, iron_rows
from .modulus import Chvorinov, chvorinov_of, thermal_modulus
from .pools import isolated_pools
from .process_rows import mould_row, shakeout_row, solidification_row, yield_row
from .reading import fact, metal_of, remedies_of
from .riser_rows import riser_rows
from .shrinkage import Shrinkage, shrinkage
from .shrinkage_rows import Context, hot_spot_rows, pool_rows, weighed
from .table import Verdict, Verdicts
from .thermal_rows import modulus_row, niyama_rows, spread_row
from .thresholds import alloy_family

__all__ = ["verdicts"]


def verdicts(
    results: Results | CycleResults, *, prominence: float = 0.02, smallest: int = 8, top: int = 5, chvorinov: float | None = None,
    faces: Sequence[WorkedFace] = (), hydrogen: float | None = None,
) -> Verdicts:  # fmt: skip
    """Return what a run says of the casting: every defect with place, size, cause, threshold and what to change.

    Judged are: shrinkage by mass balance and what every riser gave, solidification time, hot spots, isolated pools, Niyama
    value and microporosity, hot tearing, thermal gradient, cooling rate, thermal modulus, casting yield, shakeout time and the
    thickness of the mould; arm spacing, strength and gas pores of aluminium; carbides, nodules, expansion and matrix of iron;
    pores that machining opens, and leak paths between sealing faces; of a filling misrun, cold shut, speed at the gates, last
    place to fill and wall shear; of a cycled die its surface, soldering, heat checking, cold spots and channels. What the
    result has no records for is said to be not judged.

    Parameters
    ----------
    results : Results or CycleResults
        A finished run, or a cycled die.
    prominence : float, optional
        Least prominence of hot spots and pools, as a share of their time.
    smallest : int, optional
        Pools of fewer voxels are left out (and counted).
    top : int, optional
        Rows of one kind; the rest is counted in one row.
    chvorinov : float, optional
        Chvorinov's constant in s/m2 for thermal moduli. Default: that of `chvorinov_of`.
    faces : sequence of WorkedFace, optional
        Faces that will be machined: pores that open there are listed, sealing faces and bores first. Default: those that carry the
        stock of the run's parts.
    hydrogen : float, optional
        Of an aluminium melt, in cm3/100 g: what gas pores it makes.

    Returns
    -------
    Verdicts
        Worst first; printable, with `rows`, `to_json` and `to_csv`.

    Notes
    -----
    Severities: ok (nothing to do, or plain information), note (worth reading, or not judged), warning (likely defect),
    severe (cavity of 0.1 cm3 or more in the part, or metal below a macro-shrinkage threshold).
    """
    if top < 1:
        raise InputError(f"top = {top} must be at least 1")
    if isinstance(results, CycleResults):
        results = results.result
    constant, no_constant = _constant(results, chvorinov)
    shrinks = run_shrinkage(results)
    context = Context(
        metal_of(results),
        top=top,
        shrinkage=None if shrinks is None else shrinks.value,
        family=alloy_family(results),
        chvorinov=constant.value if constant else None,
        quality=str(results.facts.get("worst_quality") or ""),
        remedies=remedies_of(results),
    )

    worked = tuple(faces) or stock_faces(results, context.metal)
    rows: list[Verdict] = die_rows(results)
    rows_of_die = bool(rows)
    rows += fill_rows(results)
    only_filled = "fill_time" in results and "solidification_time" not in results
    if only_filled:
        cause = "not judged: the casting was filled, not frozen"
        rows.append(Verdict("freezing", severity="note", cause=cause, advice="go on with solidify(filled), or use simulate"))
    for defect, needed, judge in _judges(
        results, context, constant, no_constant, prominence, smallest, worked, hydrogen
    ):  # fmt: skip
        if (rows_of_die and defect in _OF_SAND) or (only_filled and defect != "casting yield"):
            continue
        missing = [name for name in needed if name not in results]
        if missing:
            cause = f"not judged: the result has no field {' and no '.join(missing)}"
            rows.append(Verdict(defect, severity="note", cause=cause))
        else:
            rows.extend(judge())
    quality = max([context.quality, *(row.quality for row in rows)])
    return Verdicts(tuple(rows), title=_title(results), quality=quality)


# What is not asked of a cycled die.
_OF_SAND = ("shakeout time", "mould thickness")
# What is judged, the fields it needs, and what makes its rows.
_Judge = tuple[str, tuple[str, ...], Callable[[], Iterable[Verdict]]]


def _judges(
    results: Results, context: Context, constant: Chvorinov | None, no_constant: str, prominence: float, smallest: int,
    faces: Sequence[WorkedFace], hydrogen: float | None,
) -> list[_Judge]:  # fmt: skip
    def moduli() -> Iterable[Verdict]:
        if constant is None:
            return [Verdict("thermal modulus", severity="note", cause=f"not judged: {no_constant}")]
        return [modulus_row(thermal_modulus(results, chvorinov=constant.value), constant, context)]

    @functools.cache
    def balance() -> Shrinkage | None:
        known = context.shrinkage is not None and {"macro_feeding_time", "liquidus_time"} <= set(results)
        return shrinkage(results, solidification=context.shrinkage) if known else None

    def pools() -> Iterable[Verdict]:
        found = isolated_pools(results, demand=_demand(context), smallest=smallest, prominence=prominence)
        books = balance()
        if books is not None and books.pressed_by:
            # Pressure fed the whole of it, which needs no riser; the balance says what was cut off from that.
            found = replace(found, rows=tuple(pool for pool in found if pool.cause != "never"))
        return weighed(pool_rows(found, context), books, results.frame.voxel)

    def spots() -> Iterable[Verdict]:
        rows = hot_spot_rows(hot_spots(results, prominence=prominence), context)
        return weighed(rows, balance(), results.frame.voxel)

    def mass_balance() -> Iterable[Verdict]:
        found = balance()
        if found is None:
            return [Verdict("shrinkage cavity", severity="note", cause="not judged: the alloy's shrinkage is not known")]
        rows = shrinkage_rows(found, context)
        worst = found
        shrinks = run_shrinkage(results)
        if context.family == "iron" and shrinks is not None and shrinks.low < shrinks.high:
            # risers must do at the high end of what iron shrinks by: what graphite makes up for is not known
            worst = shrinkage(results, solidification=shrinks.high)
            rows.append(iron_range_row(results, worst, shrinks, context))
        rows = [_under_pressure(row, results, found) for row in rows]
        return [*rows, *riser_rows(worst, context), *machining_rows(results, found, faces, context)]

    family_rows: list[_Judge] = []
    if context.family == "aluminium":
        family_rows.append(("arm spacing", ("local_solidification_time",), lambda: strength_rows(results, context)))
        family_rows.append(("gas pores", ("solidification_time",), lambda: gas_rows(results, context, hydrogen)))
    if context.family == "iron":
        family_rows.append(("carbides", ("cooling_rate", "solidification_time"), lambda: iron_rows(results, context)))
    mush = ("thermal_gradient", "cooling_rate", "local_solidification_time")

    return [
        ("shrinkage cavity", ("macro_feeding_time", "liquidus_time"), mass_balance),
        ("isolated pool", ("macro_feeding_time",), pools),
        ("hot spot", ("solidification_time",), spots),
        ("niyama", ("thermal_gradient", "cooling_rate"), lambda: niyama_rows(results, context)),
        ("microporosity", mush, lambda: pore_rows(results, context)),
        ("hot tearing", mush, lambda: tearing_rows(results, context)),
        *family_rows,
        ("solidification time", ("solidification_time",), lambda: [solidification_row(results, context)]),
        ("thermal gradient", ("thermal_gradient",), lambda: [spread_row(results, "thermal_gradient", context)]),
        ("cooling rate", ("cooling_rate",), lambda: [spread_row(results, "cooling_rate", context)]),
        ("thermal modulus", ("solidification_time",), moduli),
        ("casting yield", ("region",), lambda: [yield_row(context)]),
        ("shakeout time", (), lambda: [shakeout_row(results, context)]),
        ("mould thickness", ("temperature",), lambda: [mould_row(results, context)]),
    ]


def _constant(results: Results, given: float | None) -> tuple[Chvorinov | None, str]:
    if given is not None:
        return Chvorinov(given), ""
    try:
        return chvorinov_of(results), ""
    except ResultsError as error:
        return None, str(error)


def _under_pressure(row: Verdict, results: Results, found: Shrinkage) -> Verdict:
    """Return a row on a cavity as a note where a plunger or a furnace presses metal in through a gating that was left out."""
    pressed = bool(fact(results, "casting", "metal_pressure"))
    if row.severity not in ("warning", "severe") or not pressed:
        return row
    if found.pressed_by:
        ended = "; the plunger is at its end: the biscuit is too small" if found.plunger_ended else ""
        return replace(row, cause=f"{row.cause}; what the {found.pressed_by} pressed in until then is counted{ended}")
    told = "; metal is pressed in through a gate, and the result has none of it, so this is the most that is missing"
    return replace(row, severity="note", cause=row.cause + told)


def _demand(context: Context) -> float:
    return max(0.0, min(0.5, context.shrinkage or 0.0))


def _title(results: Results) -> str:
    name = fact(results, "name") or fact(results, "part")
    alloy = fact(results, "alloy")
    alloy = alloy.get("name") if hasattr(alloy, "get") else alloy
    words = [str(name)] if name else []
    if alloy:
        words.append(str(alloy))
    return ", ".join(words)
