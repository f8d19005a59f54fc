"""Machining stock: metal on chosen faces that is cut away later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any

import numpy as np

from ..errors import GeometryError
from ..units import quantity
from .anchor import Anchor
from .patches import face_at, slab_on
from .surface import Surface

__all__ = ["Stock", "stock_on"]

# How deep a slab of stock reaches into the part (m), so that no film of mould parts the two.
_PRESSED = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """Metal over one face of a part.

    Parameters
    ----------
    surface : Surface
        The closed slab, a hair sunk into the part.
    thickness : float
        In m.
    at : Anchor
        Place on the finished face.
    """

    surface: Surface
    _: KW_ONLY
    thickness: float
    at: Anchor

    def transformed(self, matrix: Any) -> Stock:
        """Return the stock mapped by a 4 x 4 matrix, as its part is."""
        a = np.asarray(matrix, dtype=np.float64)
        normal = np.linalg.inv(a[:3, :3]).T @ self.at.normal
        grown = self.thickness * abs(float(np.linalg.det(a[:3, :3]))) ** (1.0 / 3.0)
        at = Anchor(a[:3, :3] @ self.at.point + a[:3, 3], normal, self.at.over_opening)
        return replace(self, surface=self.surface.transformed(a), thickness=grown, at=at)


def stock_on(surface: Surface, thickness: Any, at: Anchor | Sequence[Anchor]) -> tuple[Stock, ...]:
    """Return the stock on the faces that some anchors lie on.

    Raises
    ------
    GeometryError
        If the thickness is not above 0, or two anchors lie on one face.
    """
    thick = quantity(thickness, "length", "stock")
    if thick <= 0.0:
        raise GeometryError(f"stock = {thick * 1e3:g} mm must be above 0 mm")
    places = [at] if isinstance(at, Anchor) else list(at)
    if not places or not all(isinstance(place, Anchor) for place in places):
        raise GeometryError(f"stock needs at = one or more anchors such as part.top, not {at!r}")
    found: list[Stock] = []
    taken: set[int] = set()
    for place in places:
        rows = face_at(surface, place)
        if taken & set(rows.tolist()):
            raise GeometryError(f"the face at {place} was given stock twice; name every face once")
        taken |= set(rows.tolist())
        found.append(Stock(slab_on(surface, rows, low=-_PRESSED, high=thick), thickness=thick, at=place))
    return tuple(found)
