"""What the gating of a casting weighs that was drawn without one: sizes by rule, lengths from the box of its metal."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..units import mm
from .gating_design import GatingDesign
from .rigging import METAL, Rigging
from .site import Site

if TYPE_CHECKING:
    from .process import Casting

__all__ = ["GATING_ROLES", "GatingWeight", "gating_weight"]

GATING_ROLES = ("basin", "sprue", "runner", "biscuit")
"""Roles of the bodies that bring metal to the gates; a casting with none of them was drawn without its gating."""

# Depth of metal in the basin, sand between part and runner, and length of a gate (m): usual in small boxes, estimates.
_BASIN, _SAND, _GATE = 50 * mm, 50 * mm, 30 * mm
# The gating is poured too: its weight settles in a few rounds.
_ROUNDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class GatingWeight:
    """Gating by rule for a casting.

    Attributes
    ----------
    design : GatingDesign
        Its areas, for all metal that is poured, gating included.
    volumes : mapping of str to float
        Of basin, sprue with its well, runner and gates, in m3: the share of one casting.
    castings : int
        How many share the gating.
    """

    design: GatingDesign
    volumes: Mapping[str, float]
    castings: int = 1

    @property
    def volume(self) -> float:
        """Of all pieces together, in m3: the share of one casting."""
        return sum(self.volumes.values())

    def __str__(self) -> str:
        each = ", ".join(f"{name} {volume * 1e6:.3g}" for name, volume in self.volumes.items())
        shared = f" for each of {self.castings} castings" if self.castings > 1 else ""
        return f"gating by rule: {self.volume * 1e6:.4g} cm3{shared} ({each}); {self.design}"


def gating_weight(casting: Casting, *, castings: int = 1) -> GatingWeight | None:
    """Return the gating that a casting poured by gravity would need, None where it has a gating of its own.

    A gate at half the height of the part, a runner along half its longer edge and 50 mm of sand (a set for every casting), a sprue
    with a well, and a basin 50 mm deep that ends at the top of the mould; areas by `GatingDesign.of`, for the metal of the casting
    and of this gating.

    Parameters
    ----------
    casting : Casting
        With all its risers. Planes of symmetry do not matter: the pieces are whole.
    castings : int, optional
        How many of these stand in one mould and share basin and sprue.

    Notes
    -----
    For the weight alone: nothing is placed. More gates and longer runners weigh more.
    """
    if castings < 1:
        raise InputError(f"castings = {castings} must be at least 1")
    metal = [body for body in casting.bodies if body.role in METAL]
    if any(body.role in GATING_ROLES for body in metal):
        return None
    up = casting._up
    part = casting.part.surface
    low, high = float((part.points @ up).min()), float((part.points @ up).max())
    middle = 0.5 * (low + high)
    head = max(float(np.array(corner) @ up) for corner in itertools.product(*zip(*casting.flask, strict=True))) - middle
    edges = np.sort(np.ptp(part.points - np.outer(part.points @ up, up), axis=0))
    length = 0.5 * float(edges[-1]) + _SAND
    solid = sum(body.surface.volume for body in metal if body.role != "gate")
    density = float(casting.alloy.density_at(casting.alloy.liquidus.value))
    share: dict[str, float] = {}
    for _ in range(_ROUNDS):
        design = GatingDesign.of(
            casting.alloy, mass=castings * (solid + sum(share.values())) * density, head=head, above_gates=high - middle,
            casting_height=high - low, wall=2.0 * part.volume / part.area, pour_time=casting.pour_time or None, runners=castings,
            gates=castings,
        )  # fmt: skip
        whole = _volumes(design, up, height=head - _BASIN, length=length)
        share = {name: volume / castings for name, volume in whole.items()}
    return GatingWeight(design=design, volumes=share, castings=castings)


def _volumes(design: GatingDesign, up: np.ndarray, *, height: float, length: float) -> dict[str, float]:
    """Return the volumes of the pieces of a design, from the bodies that they would be."""
    site, foot = Site((), up), (0.0, 0.0, 0.0)
    across = site.frame(up)[:, 0]
    pieces: dict[str, Rigging] = {
        "basin": design.basin(at=foot, depth=_BASIN),
        "sprue": design.sprue(at=foot, height=height, head=_BASIN),
        "runner": design.runner([foot, tuple((length * across).tolist())]),
    }
    volumes = {name: float(sum(body.surface.volume for body in piece.bodies(site, name))) for name, piece in pieces.items()}
    volumes["runner"] *= design.runners
    width, thick = design.gate_size()
    return {**volumes, "gate": width * thick * _GATE * design.gates}
