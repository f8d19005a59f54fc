"""A gravity die that turns while it fills."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from ..geometry import direction_of
from ..units import Number, quantity
from .body import keep

__all__ = ["Tilt"]


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Tilt:
    """How a die turns from where it is poured to where gravity is that of the casting.

    Parameters
    ----------
    axis : direction
        Of the turn, by the right hand.
    angle : float, str or pint.Quantity
        By which the die turns while it fills, in rad, or "90 deg"; negative turns the other way.

    Notes
    -----
    The metal is taken to lie level at every moment: a tilt as slow as a quiet one has to be.
    """

    axis: np.ndarray
    angle: float

    def __init__(self, *, axis: Any, angle: Number) -> None:
        turn = quantity(angle, "angle", "tilt angle")
        if not 0.0 < abs(turn) <= math.pi:
            raise InputError(f'tilt angle = {math.degrees(turn):g} degrees must not be 0, and at most 180; write "90 deg"')
        keep(self, axis=direction_of(axis, "tilt axis"), angle=turn)

    def up(self, upright: np.ndarray, share: float) -> np.ndarray:
        """Return which way is up in the die when a share of the turn is done.

        Parameters
        ----------
        upright : ndarray
            Up at the end of the turn.
        share : float
            0 to 1.
        """
        # The die still has to turn by the rest: seen from the die, up has to turn back by as much.
        a = (1.0 - share) * self.angle
        k, v = self.axis, upright
        return np.asarray(v * math.cos(a) + np.cross(k, v) * math.sin(a) + k * (k @ v) * (1.0 - math.cos(a)))
