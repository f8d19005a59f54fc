"""What must touch and what must not: contact of rigging, castings apart, sand thick enough between bodies."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from ..errors import CastsolveError, GeometryError
from ..units import mm
from .body import Body
from .rigging import METAL
from .rules import rule
from .site import distance, reaches_outside

__all__ = ["Gaps", "apart", "close_warnings", "opening_warnings", "parts_apart"]

# Roles that lie on a riser: their own clearance is not that of the sand.
_ON_RISER = ("sleeve", "breaker", "topping")
# Roles that do their work at the metal only.
_ON_METAL = ("chill", "core", "vent", "riser tube")


class Gaps:
    """Distances of bodies, each measured once; boxes that lie apart are not measured to tell that bodies do not touch."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], float] = {}

    def of(self, a: Body, b: Body) -> float:
        """Return the distance of two bodies in m."""
        key = min(id(a.surface), id(b.surface)), max(id(a.surface), id(b.surface))
        if key not in self._known:
            self._known[key] = distance(a.surface, b.surface)
        return self._known[key]

    def within(self, a: Body, b: Body, reach: float) -> bool:
        """Return whether two bodies are no farther apart than a distance in m."""
        return _near(a, b, reach) and self.of(a, b) <= reach


def apart(bodies: Sequence[Body], gaps: Gaps) -> list[CastsolveError]:
    """Return a refusal for each piece of rigging that does not touch the metal it serves.

    Metal may touch the part through other rigging of metal: a sprue through runner and gate.
    """
    wet = [body for body in bodies if body.role == "part"]
    dry = [body for body in bodies if body.role in METAL and body.role != "part"]
    frontier = wet
    while frontier:
        joined = [body for body in dry if any(gaps.within(body, other, _slack(body)) for other in frontier)]
        dry = [body for body in dry if body not in joined]
        wet, frontier = wet + joined, joined
    problems = [_apart(body, min(gaps.of(body, other) for other in wet), "the part") for body in dry]
    by_name = {body.name: body for body in bodies}
    for body in bodies:
        if body.serves in by_name:
            if not gaps.within(body, by_name[body.serves], _slack(body)):
                problems.append(_apart(body, gaps.of(body, by_name[body.serves]), body.serves))
        elif body.role in _ON_METAL and not any(gaps.within(body, other, _slack(body)) for other in wet):
            problems.append(_apart(body, min(gaps.of(body, other) for other in wet), "the casting"))
    return problems


def _slack(body: Body) -> float:
    return 1e-7 + 1e-4 * body.thinnest


def _apart(body: Body, gap: float, what: str) -> CastsolveError:
    remedy = "move it there"
    if body.on is not None and body.on.over_opening:
        remedy = f"its place {body.on} is over an opening: choose one on the metal, such as part.above(x, y)"
    return GeometryError(f"{body.name} does not touch {what}: {gap / mm:.4g} mm lie between them; {remedy}")


def parts_apart(bodies: Sequence[Body], gaps: Gaps) -> list[CastsolveError]:
    """Return a refusal for each pair of castings in one mould that touch."""
    parts = [body for body in bodies if body.role == "part"]
    least = float(rule("clearance"))
    return [
        GeometryError(
            f"{b.name} touches {a.name}; castings in one mould need sand between them, {least / mm:g} mm or more: move one away"
        )
        for a, b in combinations(parts, 2)
        if gaps.within(a, b, _slack(a))
    ]


def close_warnings(bodies: Sequence[Body], gaps: Gaps) -> list[str]:
    """Return warnings of bodies with hardly any sand between them, of risers that touch, of parts that no metal reaches, of cores
    without prints.
    """
    least = float(rule("clearance"))
    solid = [body for body in bodies if body.role not in ("vent", "mould", "stock")]
    groups = {body.name: {body.name} for body in solid}
    thin: list[tuple[Body, Body, float]] = []
    found: list[str] = []
    for a, b in combinations(solid, 2):
        if not _near(a, b, least):
            continue
        gap = gaps.of(a, b)
        if gap <= max(_slack(a), _slack(b)):
            if {a.role, b.role} <= {*METAL, "riser tube"}:
                joined = groups[a.name] | groups[b.name]
                for name in joined:
                    groups[name] = joined
            if a.role == b.role == "riser":
                found.append(f"{a.name} and {b.name} touch; what they share is weighed twice: move one away, or make one of both")
        elif gap < least:
            thin.append((a, b, gap))
    found += [
        f"only {gap / mm:.2g} mm of mould lie between {a.name} and {b.name} ({least / mm:g} mm are wanted)"
        for a, b, gap in thin
        if not ({a.role, b.role} & set(_ON_RISER) and {a.role, b.role} & {"riser", "part"})
    ]
    # The neck of a side riser serves its riser, and brings no metal.
    gating = ("gate", "runner", "sprue", "basin", "biscuit", "riser tube")
    gated = [body.name for body in solid if body.role in gating and not body.serves]
    if gated:
        found += [
            f"{body.name} is not joined to the gating; no metal reaches it"
            for body in solid
            if body.role == "part" and not any(name in groups[body.name] for name in gated)
        ]
    return found + _without_prints(solid)


def _without_prints(bodies: Sequence[Body]) -> list[str]:
    metal = [body.surface for body in bodies if body.role in METAL]
    found = []
    for core in (body for body in bodies if body.role == "core" and body.region is None):
        if any(other.region == core.name for other in bodies):
            continue
        if not reaches_outside(core.surface, metal):
            found.append(f"{core.name} has no print: it lies in the metal on all sides, and nothing holds it")
    return found


def _near(a: Body, b: Body, reach: float) -> bool:
    (alo, ahi), (blo, bhi) = a.surface.bounds, b.surface.bounds
    return bool(np.all(alo <= bhi + reach + 1e-9) and np.all(blo <= ahi + reach + 1e-9))


def opening_warnings(bodies: Sequence[Body]) -> list[str]:
    """Return a warning for each body whose anchor hangs over an opening of the part."""
    return [
        f"{body.name} stands over an opening of the part, at {body.on}; its foot closes the opening"
        for body in bodies
        if body.on is not None and body.on.over_opening and body.role not in _ON_RISER
    ]
