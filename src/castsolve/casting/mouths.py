"""Where gates leave their runners: how much of a gate's section opens to the metal there, and what the mould shuts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..geometry import Surface
from ..units import mm
from .body import Body
from .shapes import frame

__all__ = ["mouth_warnings"]

# Share of a gate's section below which it is told that the mould shuts the rest.
_WHOLE_SECTION = 0.97
# Bodies beside a runner that bring metal into a gate too.
_FEEDING = ("runner", "sprue")


def mouth_warnings(bodies: Sequence[Body], up: np.ndarray) -> list[str]:
    """Return a warning for each slot gate that leaves a runner through less than its section.

    Counted is the surface of the runners, and of a sprue beside them, that lies in the gate or against it and does not look away
    from the part: a gate may meet the side or the end of a runner, lie across its top, or reach into it. A gate from a mesh file
    has no section that is known, and is not judged; nor is one that leaves no runner.
    """
    found = []
    for gate in (body for body in bodies if body.role == "gate"):
        if gate.on is None or gate.opening is None:
            continue
        axes = frame(gate.on.normal, up)
        local = (gate.surface.points - gate.on.point) @ axes
        box = local.min(axis=0), local.max(axis=0)
        open_ = {body.name: _open_area(body.surface, gate, axes, box) for body in bodies if body.role in _FEEDING}
        runners = [body.name for body in bodies if body.role == "runner" and open_[body.name] > 0.0]
        share = sum(open_.values()) / gate.opening.area
        if runners and share < _WHOLE_SECTION:
            wide, tall = (box[1] - box[0])[:2] / mm
            found.append(
                f"{gate.name}, {wide:.3g} x {tall:.3g} mm, opens to {' and '.join(runners)} over {100 * share:.0f} % of its "
                "section only; metal jets round the edge of the mould that shuts the rest: make the gate no wider and no higher "
                "than the side of the runner it leaves, or the runner larger there"
            )
    return found


def _open_area(surface: Surface, gate: Body, axes: np.ndarray, box: tuple[np.ndarray, np.ndarray]) -> float:
    """Return the area (m2) of a surface in the box of a gate, without faces that look away from the part."""
    assert gate.on is not None
    slack = 1e-7 + 1e-4 * gate.thinnest
    low, high = box[0] - slack, box[1] + slack
    corners = (surface.corners - gate.on.point) @ axes
    near = np.all(corners.min(axis=1) <= high, axis=1) & np.all(corners.max(axis=1) >= low, axis=1)
    outward = surface.area_vectors @ axes[:, 2]
    near &= outward <= 1e-3 * np.linalg.norm(surface.area_vectors, axis=1)
    return sum(_area_within(triangle, low, high) for triangle in corners[near])


def _area_within(polygon: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """Return the area of a flat convex polygon (n, 3) within a box."""
    for axis in range(3):
        for sign, limit in ((1.0, high[axis]), (-1.0, -low[axis])):
            polygon = _cut(polygon, limit - sign * polygon[:, axis])
            if len(polygon) < 3:
                return 0.0
    spokes = polygon[1:] - polygon[0]
    return 0.5 * float(np.linalg.norm(np.cross(spokes[:-1], spokes[1:]).sum(axis=0)))


def _cut(polygon: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Return the part of a convex polygon where a linear function of its corners is not below zero."""
    if (inside >= 0.0).all():
        return polygon
    kept = []
    for i in range(len(polygon)):
        j = (i + 1) % len(polygon)
        if inside[i] >= 0.0:
            kept.append(polygon[i])
        if (inside[i] >= 0.0) != (inside[j] >= 0.0):
            share = inside[i] / (inside[i] - inside[j])
            kept.append(polygon[i] + share * (polygon[j] - polygon[i]))
    return np.array(kept).reshape(-1, 3)
