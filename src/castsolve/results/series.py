"""What a result recorded on its way: the fields that change with time, for files of time series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from ..errors import ResultsError
from .results import Results

__all__ = ["recorded"]


def recorded(result: Results) -> Mapping[float, Mapping[str, NDArray[Any]]]:
    """Return the recorded times (s) and the fields held at each: those of a filling, or the temperature of a solidification.

    Every time holds the same fields: what a filling did not hold at all of them is left out.

    Raises
    ------
    ResultsError
        If the result holds both: a filling counts from the start of the pour, a solidification from its end.
    """
    if not result.moments:
        return {time: {"temperature": field} for time, field in result.snapshots.items()}
    if result.snapshots:
        raise ResultsError(
            "this result holds moments of a filling and snapshots of a solidification, whose times begin at the start and at the "
            "end of the pour; write two series: dataclasses.replace(result, snapshots={}) and replace(result, moments={})"
        )
    names = set.intersection(*(set(held) for held in result.moments.values()))
    return {time: {name: held[name] for name in held if name in names} for time, held in result.moments.items()}
