"""What a result recorded on its way: the fields that change with time, for files of time series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .results import Results

__all__ = ["recorded"]


def recorded(result: Results) -> dict[float, Mapping[str, NDArray[Any]]]:
    """Return the recorded times (s) and the fields held at each: those of a filling, and the temperature of a solidification.

    Times count from the start of the pour where a filling alone was recorded. Where a solidification was, zero is the end of the
    pour, which is the last moment that a filling keeps: its moments then have times up to zero. Every time holds the same names; a
    field that was not solved for at some of them is NaN there.
    """
    end = max(result.moments, default=0.0) if result.snapshots else 0.0
    held: dict[float, Mapping[str, NDArray[Any]]] = {time - end: fields for time, fields in result.moments.items()}
    held |= {time: {"temperature": field} for time, field in result.snapshots.items()}
    names = list(dict.fromkeys(name for fields in held.values() for name in fields))
    nothing = np.full(result.frame.shape, np.nan, np.float32)
    return {time: {name: fields.get(name, nothing) for name in names} for time, fields in held.items()}
