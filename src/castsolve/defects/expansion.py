"""What graphite makes up for in a run of an iron: the same balance as the run's own feedback had, and its white share."""

from __future__ import annotations

import math

import numpy as np

from ..materials import Alloy, GraphiteBalance, IronExpansion, MouldMaterial, NetShrinkage
from ..results import Results
from .pools import shrinkage_of
from .reading import fact, metal_of
from .thresholds import alloy_family, library_alloy

__all__ = ["balance_of", "design_shrinkage", "expansion_of", "run_shrinkage", "white_share"]


def balance_of(results: Results) -> GraphiteBalance | None:
    """Return what the expansion of a run's iron follows from; None where its shrinkage was calibrated, or it is no iron.

    As the run noted it; of a result file without that note by the names of alloy and mould.
    """
    if alloy_family(results) != "iron":
        return None
    noted = fact(results, "alloy", "graphite_balance")
    if noted is not None:
        return GraphiteBalance.from_facts(noted) if noted else None
    known, mould = library_alloy(results), fact(results, "casting", "mould")
    if known is None or not mould:
        return None
    told = shrinkage_of(results)
    calibrated = told is not None and not math.isclose(told, known.shrinkage.value, abs_tol=1e-6)
    return None if calibrated else GraphiteBalance.of(known, str(mould))


def white_share(results: Results) -> tuple[float, float, float]:
    """Return the share of the part that freezes white, by cooling rate, and its range; 0 where that is not known.

    The falling level of a run with ``feeding=True`` asks the same of the rates that it has so far.
    """
    balance = balance_of(results)
    if balance is None or "cooling_rate" not in results:
        return 0.0, 0.0, 0.0
    metal = metal_of(results)
    return balance.white_of(np.asarray(results["cooling_rate"])[metal.part], metal.volume[metal.part])


def design_shrinkage(alloy: Alloy, mould: MouldMaterial | str | None = None) -> float:
    """Return the shrinkage on freezing that risers are designed for.

    Of iron the high end of its range in the mould: what graphite makes up for depends on treatment and mould and is not known
    better. Of an iron whose shrinkage was calibrated (its own low and high given), and without a mould, the high end given.
    """
    known = alloy.shrinkage
    if alloy.family != "iron":
        return known.value
    balance = None if mould is None else GraphiteBalance.of(alloy, mould)
    if balance is not None:
        return balance.expansion().net.high
    return known.high if known.high is not None else known.value


def expansion_of(results: Results) -> IronExpansion | None:
    """Return what graphite makes up for in a run of an iron; None where its shrinkage was calibrated, or it is no iron."""
    balance = balance_of(results)
    if balance is None:
        return None
    white, low, high = white_share(results)
    return balance.expansion(white, between=(low, high))


def run_shrinkage(results: Results) -> NetShrinkage | None:
    """Return the shrinkage on freezing of a run with its range; None where neither run nor material data tell.

    Of an iron that of `expansion_of`; one that the run was given is kept.
    """
    noted, known = shrinkage_of(results), library_alloy(results)
    made = expansion_of(results)
    if made is not None:
        return made.net
    if known is None or (noted is not None and not math.isclose(noted, known.shrinkage.value, abs_tol=1e-6)):
        return None if noted is None else NetShrinkage(noted, low=noted, high=noted)
    own = known.shrinkage
    return NetShrinkage(own.value, low=own.value if own.low is None else own.low, high=own.value if own.high is None else own.high)
