"""Half and quarter castings: which planes cut, which side is kept, and whether all bodies allow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import GeometryError, InputError, unknown_name
from ..geometry import Surface
from ..units import Number, mm, quantity
from .body import Body

__all__ = ["Plane", "kept_bodies", "planes_of"]

# Two halves are alike when box and centroid agree to this part of the size.
_ALIKE = 2e-3


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane of symmetry: its axis (0, 1, 2), its coordinate in m, and which side is simulated (+1 or -1)."""

    axis: int
    coordinate: float
    keep: int

    def __str__(self) -> str:
        return f"symmetry {self.letter} = {self.coordinate / mm:.4g} mm"

    @property
    def letter(self) -> str:
        """The axis as a letter."""
        return "xyz"[self.axis]

    @property
    def side(self) -> str:
        """Side of the simulated box that the plane is: "x_low"."""
        return f"{self.letter}_{'low' if self.keep > 0 else 'high'}"


def planes_of(given: str | Mapping[str, Number] | None, bodies: Sequence[Body], up: np.ndarray) -> tuple[Plane, ...]:
    """Return the planes of symmetry that a user asked for.

    Parameters
    ----------
    given : None, "half", "quarter" or mapping of axis to coordinate
        "half" takes the first upright plane through the middle of the part about which all bodies are alike.
    bodies : sequence of Body
        The first is the part.
    up : ndarray
        Unit vector against gravity.
    """
    if given is None:
        return ()
    part = bodies[0].surface
    level = [axis for axis in range(3) if abs(up[axis]) < 0.5]
    if isinstance(given, str):
        if given not in ("half", "quarter"):
            raise InputError(unknown_name("symmetry", given, ("half", "quarter")))
        middle = 0.5 * (part.bounds[0] + part.bounds[1])
        alike = [axis for axis in level if all(_alike(body.surface, axis, middle[axis]) for body in bodies)]
        needed = 1 if given == "half" else 2
        if len(alike) < needed:
            tried = " and ".join(f"{'xyz'[axis]} = {middle[axis] / mm:.4g} mm" for axis in level)
            raise GeometryError(
                f'symmetry = "{given}" needs part and rigging alike on both sides of {needed} of the planes {tried};'
                f' {len(alike) or "none"} will do; centre the rigging, or name a plane as {{"x": "0 mm"}}'
            )
        return tuple(Plane(axis, float(middle[axis]), 1) for axis in alike[:needed])
    if not isinstance(given, Mapping) or not given:
        raise InputError(f'symmetry = {given!r} is none; write "half", "quarter" or {{"x": 0.0}}')
    return tuple(_plane(letter, value, part) for letter, value in given.items())


def _plane(letter: str, value: Number, part: Surface) -> Plane:
    if letter not in ("x", "y", "z"):
        raise InputError(unknown_name("axis of symmetry", str(letter), ("x", "y", "z")))
    axis, c = "xyz".index(letter), quantity(value, "length", f"symmetry {letter}")
    lo, hi = (float(end[axis]) for end in part.bounds)
    slack = _ALIKE * (hi - lo)
    span = f"{lo / mm:.4g} to {hi / mm:.4g} mm"
    if c < lo - slack or c > hi + slack:
        raise GeometryError(
            f"symmetry {letter} = {c / mm:.4g} mm does not meet the part, which spans {span};"
            " put the plane through its middle, or at the cut face of a half part"
        )
    if c <= lo + slack or c >= hi - slack:
        return Plane(axis, c, 1 if c <= lo + slack else -1)
    if not _alike(part, axis, c):
        raise GeometryError(
            f"part is not alike on both sides of symmetry {letter} = {c / mm:.4g} mm"
            f" (it spans {span}); leave symmetry out or move the plane"
        )
    return Plane(axis, c, 1)


def kept_bodies(bodies: Sequence[Body], planes: Sequence[Plane]) -> tuple[list[Body], list[str]]:
    """Return the bodies on the simulated side, and warnings; a body that no mirror image replaces is refused."""
    kept, warnings = list(bodies), []
    for plane in planes:
        still = []
        for body in kept:
            lo, hi = (float(end[plane.axis]) - plane.coordinate for end in body.surface.bounds)
            slack = _ALIKE * (hi - lo)
            inner, outer = (lo, hi) if plane.keep > 0 else (-hi, -lo)
            if outer <= slack:
                if not any(_mirrored(body, other, plane) for other in kept):
                    raise GeometryError(
                        f"{body.name} lies on the side that {plane} cuts away and has no mirror image on the other;"
                        " move it, or leave symmetry out"
                    )
                continue
            if inner < -slack and not _alike(body.surface, plane.axis, plane.coordinate):
                raise GeometryError(
                    f"{body.name} is not alike on both sides of {plane}; centre it on the plane, or leave symmetry out"
                )
            if inner >= -slack and body is not bodies[0] and not any(_mirrored(body, other, plane) for other in kept):
                warnings.append(f"{body.name} stands for two: symmetry implies its mirror image in {plane.letter}")
            still.append(body)
        kept = still
    return kept, warnings


def _mirrored(body: Body, other: Body, plane: Plane) -> bool:
    if other is body or other.role != body.role:
        return False
    lo, hi = (end.copy() for end in body.surface.bounds)
    a = plane.axis
    lo[a], hi[a] = 2 * plane.coordinate - hi[a], 2 * plane.coordinate - lo[a]
    slack = _ALIKE * float(np.max(hi - lo))
    return bool(
        np.allclose(other.surface.bounds[0], lo, atol=slack) and np.allclose(other.surface.bounds[1], hi, atol=slack)
    )


def _alike(surface: Surface, axis: int, coordinate: float) -> bool:
    lo, hi = surface.bounds
    slack = _ALIKE * float(np.max(hi - lo))
    if abs(lo[axis] + hi[axis] - 2.0 * coordinate) > 2.0 * slack:
        return False
    return abs(_centroid(surface)[axis] - coordinate) <= slack


def _centroid(surface: Surface) -> Any:
    about = surface.points[0]
    a, b, c = ((surface.points[surface.triangles[:, i]] - about) for i in range(3))
    weight = np.einsum("ij,ij->i", a, np.cross(b, c))
    return about + (weight[:, None] * (a + b + c)).sum(axis=0) / (4.0 * weight.sum())
