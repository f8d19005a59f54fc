"""Until when pressure reaches the part: the moment at which the last liquid way from the gating into the part has frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..errors import ResultsError
from ..results import Results
from .reading import Metal, metal_of, times_without_gaps

__all__ = ["PRESSURE_ROLES", "GateFreeze", "gate_freeze", "pressed_metal"]

PRESSURE_ROLES = ("biscuit", "basin", "sprue", "runner", "gate")
"""Bodies through which a plunger, or the pressure of the furnace, reaches the part; the first one that there is holds it. Without
any the metal on a riser tube does."""

RISER_TUBE = "riser tube"


def pressed_metal(metal: Metal, roles: Sequence[str] = PRESSURE_ROLES) -> tuple[str, NDArray[np.bool_]] | None:
    """Return where pressure comes in: a role and its metal; None where nothing leads to a plunger or a furnace.

    The first of the roles that has metal; without any, the metal that lies on a riser tube, whose own metal is that of the furnace.
    """
    from scipy.ndimage import binary_dilation

    role = next((r for r in roles if metal.of_role(r).any()), None)
    if role is not None:
        return role, metal.of_role(role)
    tubes = [n for n, each in enumerate(metal.body_roles) if each == RISER_TUBE]
    beside = metal.mask & np.asarray(binary_dilation(np.isin(metal.body, tubes) & ~metal.mask)) if tubes else metal.mask & False
    return (RISER_TUBE, beside) if beside.any() else None


@dataclass(frozen=True, slots=True)
class GateFreeze:
    """The intensification window.

    Attributes
    ----------
    time : float
        From the full cavity until the way is shut (s).
    place : (float, float, float)
        The bottleneck: what freezes last of the section that shuts it (m).
    body : str
        Whose metal that is.
    source : str
        Role of the bodies from which the pressure comes.
    """

    time: float
    place: tuple[float, float, float] = field(kw_only=True)
    body: str = field(kw_only=True)
    source: str = field(kw_only=True)


def gate_freeze(results: Results, *, at: str = "feeding_time", sources: Sequence[str] = PRESSURE_ROLES) -> GateFreeze:
    """Return until when liquid leads from the gating into the part.

    A way is as good as its worst place: what counts is the largest, over all ways, of the smallest time along a way. Metal hangs
    together over faces.

    Parameters
    ----------
    results : Results
        A solidification, or the last shot of a cycle.
    at : str
        Field of the time at which a place no longer lets metal through. Default: the alloy's feeding limit.
    sources : sequence of str
        Roles from which pressure comes, the first that there is.

    Raises
    ------
    ResultsError
        If the result has no such field, no gating, or no part.
    """
    if at not in results:
        raise ResultsError(f'the result has no field "{at}", so the gate\'s freezing cannot be told')
    metal = metal_of(results)
    found_at = pressed_metal(metal, sources)
    if found_at is None or "part" not in metal.body_roles:
        raise ResultsError(f"no {', '.join(sources)} or no part is in the result, so no way leads from one to the other")
    time, _ = times_without_gaps(results, at)
    (role, source), part = found_at, metal.part
    levels = np.unique(time[metal.mask])
    joined = _joined(time >= levels[0], source, part)
    if joined is None:
        raise ResultsError(f"no metal leads from the {role} to the part")
    # The last level at which they still hang together: below it more hangs together, above it less.
    low, high = 0, len(levels)
    while high - low > 1:
        middle = (low + high) // 2
        found = _joined(time >= levels[middle], source, part)
        low, high, joined = (middle, high, found) if found is not None else (low, middle, joined)
    at_level = joined & (time == levels[low])
    index = np.argwhere(at_level)[0]
    body, _ = metal.owner(index)
    return GateFreeze(float(levels[low]), place=metal.place(index), body=body, source=role)


def _joined(open_: NDArray[np.bool_], source: NDArray[np.bool_], part: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """Return the open metal that hangs together with both, or None."""
    from scipy.ndimage import label

    numbers, _ = label(open_)
    both = np.intersect1d(numbers[source & open_], numbers[part & open_])
    return np.isin(numbers, both) if both.size else None
