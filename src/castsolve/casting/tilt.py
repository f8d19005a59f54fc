"""A gravity die that turns while it fills."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from ..geometry import direction_of, place_of
from ..units import Number, quantity
from .body import keep
from .curves import TimeCurve, curve_of

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
    turning : time, or rows of (time, angle), optional
        How long the turn takes at one rate, or how far it has come at which time: from 0 to `angle`. Default: the pour time of the
        casting.
    through : three lengths
        A place that the axis goes through; far from it a quick turn throws the metal outward.

    Notes
    -----
    A filling (`fill`) turns gravity and has the accelerations of the turn. Where no flow is solved (`run_cycles`) the metal is
    taken to lie level at every moment: a tilt as slow as a quiet one has to be.
    """

    axis: np.ndarray
    angle: float
    turning: TimeCurve | None
    through: np.ndarray

    def __init__(
        self, *, axis: Any, angle: Number, turning: Number | Sequence[Sequence[Number]] | None = None,
        through: Sequence[Number] = (0.0, 0.0, 0.0),
    ) -> None:  # fmt: skip
        turn = quantity(angle, "angle", "tilt angle")
        if not 0.0 < abs(turn) <= math.pi:
            raise InputError(f'tilt angle = {math.degrees(turn):g} degrees must not be 0, and at most 180; write "90 deg"')
        keep(self, axis=direction_of(axis, "tilt axis"), angle=turn, through=place_of(through, "tilt through"))
        keep(self, turning=None if turning is None else _turning_of(turning, turn))

    def turned(self, time: float, usual: float | None = None) -> float:
        """Return the angle (rad) by which the die has turned at a time (s).

        Parameters
        ----------
        time : float
        usual : float, optional
            How long the turn takes (s) where the tilt itself does not say.
        """
        if self.turning is not None:
            return self.turning(time)
        return self.angle * min(max(time / self.duration(usual), 0.0), 1.0)

    def duration(self, usual: float | None = None) -> float:
        """Return when the turn is over (s); `usual` where the tilt itself does not say."""
        if self.turning is not None:
            return self.turning.times[-1]
        if usual is None:
            raise InputError('nothing says how long the die turns; give the Tilt a time, turning="6 s", or the casting a pour_time')
        return usual

    def up(self, upright: np.ndarray, share: float) -> np.ndarray:
        """Return which way is up in the die when a share of the time of the turn is over.

        Parameters
        ----------
        upright : ndarray
            Up at the end of the turn.
        share : float
            0 to 1.
        """
        # The die still has to turn by the rest: seen from the die, up has to turn back by as much.
        done = share * self.angle if self.turning is None else self.turning(share * self.turning.times[-1])
        a = self.angle - done
        k, v = self.axis, upright
        return np.asarray(v * math.cos(a) + np.cross(k, v) * math.sin(a) + k * (k @ v) * (1.0 - math.cos(a)))


def _turning_of(given: Number | Sequence[Sequence[Number]], angle: float) -> TimeCurve:
    """The angle over time; from a time alone, at one rate."""
    if not isinstance(given, (list, tuple)):
        time = quantity(given, "time", "tilt turning")
        if not (math.isfinite(time) and time > 0.0):
            raise InputError(f'tilt turning = {time:g} s must be above 0 s; write how long the turn takes, "6 s"')
        return TimeCurve((0.0, time), (0.0, angle))
    curve = curve_of(given, "angle", "tilt turning", least=-math.pi)
    if len(curve.times) < 2 or curve.values[0] != 0.0 or not math.isclose(curve.values[-1], angle, rel_tol=1e-9):
        raise InputError(
            f"tilt turning must be rows of time and angle from 0 to the angle of {math.degrees(angle):g} degrees; it goes from "
            f"{math.degrees(curve.values[0]):g} to {math.degrees(curve.values[-1]):g}"
        )
    return curve
