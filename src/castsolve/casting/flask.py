"""The mould around a casting: how thick it must be, and whether all bodies lie inside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import GeometryError, InputError
from ..geometry import place_of
from ..materials import Alloy, MouldMaterial
from ..units import mm, quantity
from .body import Body

__all__ = ["bounds_of", "die_wall", "flask_box", "freezing_time", "outside", "sand_thickness"]

# The heated layer at the end of freezing, times this, for hot spots that freeze later than the mean.
_SPARE = 1.5
_THINNEST_SAND = 40 * mm
# So many largest edges of a small casting are sand enough: more than a hundred times its volume, which its heat hardly warms.
_ENOUGH = 2.0
_THINNEST_DIE = 30 * mm
_SMALLEST, _LARGEST = 0.1 * mm, 100.0

Box = tuple[np.ndarray, np.ndarray]


def freezing_time(
    alloy: Alloy, mould: MouldMaterial, *, modulus: float, pour_temperature: float, mould_temperature: float,
    htc: float = math.inf,
) -> float:  # fmt: skip
    """Estimate the time from pour to solid by Chvorinov's rule with a constant from the two heat curves.

    Parameters
    ----------
    modulus : float
        Volume over cooling area, in m.
    pour_temperature, mould_temperature : float
        In K.
    htc : float
        Of the contact in W/m2/K, which holds the heat of small castings more than the mould does. Default: perfect contact.

    Returns
    -------
    float
        In s: (pi / 4) (heat to remove from 1 m3 * modulus / (b dT))^2, b the heat diffusivity of the mould, and the same heat
        over htc dT.
    """
    solidus = alloy.solidus.value
    heat = float(alloy.heat.at_temperature(pour_temperature) - alloy.heat.at_temperature(solidus - 0.01))
    capacity, conductivity = _mean_properties(mould, mould_temperature, solidus)
    drop = 0.5 * (solidus + alloy.liquidus.value) - mould_temperature
    return 0.25 * math.pi * (heat * modulus / drop) ** 2 / (capacity * conductivity) + heat * modulus / (htc * drop)


def sand_thickness(
    alloy: Alloy, mould: MouldMaterial, *, modulus: float, pour_temperature: float, mould_temperature: float,
    extent: float = math.inf,
) -> float:  # fmt: skip
    """Return how thick the sand must be for the casting not to feel the flask.

    It is 1.5 times the heated layer sqrt(12 a t) at the end of freezing (`freezing_time`), at least 40 mm, or twice the
    `extent` of the casting (its largest edge in m) where that is less. For A356 this is about 6 moduli, for steel about 5.
    """
    time = freezing_time(
        alloy, mould, modulus=modulus, pour_temperature=pour_temperature, mould_temperature=mould_temperature
    )
    capacity, conductivity = _mean_properties(mould, mould_temperature, alloy.solidus.value)
    return max(_SPARE * math.sqrt(12.0 * conductivity / capacity * time), min(_THINNEST_SAND, _ENOUGH * extent))


def die_wall(modulus: float) -> float:
    """Return a die wall of 6 moduli (three wall thicknesses of the casting), at least 30 mm: an estimate."""
    return max(6.0 * modulus, _THINNEST_DIE)


def _mean_properties(mould: MouldMaterial, cold: float, hot: float) -> tuple[float, float]:
    T = np.linspace(cold, hot, 33)
    h = mould.heat.at_temperature(T)
    return float((h[-1] - h[0]) / (hot - cold)), float(np.mean(mould.heat.conductivity_at(h)))


def bounds_of(bodies: Sequence[Body]) -> Box:
    """Return the box around all bodies."""
    boxes = [body.surface.bounds for body in bodies]
    return np.min([lo for lo, _ in boxes], axis=0), np.max([hi for _, hi in boxes], axis=0)


def flask_box(flask: Any, bodies: Sequence[Body], *, thickness: float, up: np.ndarray) -> Box:
    """Return the box of the mould; parameters are those of `_box`.

    Raises
    ------
    GeometryError
        If bodies or mould have a size that no casting has: a unit will be wrong.
    """
    lo, hi = bounds_of(bodies)
    box = _box(flask, bodies, thickness=thickness, up=up)
    for what, size in (("bodies", float((hi - lo).max())), ("mould", float((box[1] - box[0]).max()))):
        if not _SMALLEST <= size <= _LARGEST:
            raise GeometryError(
                f"the {what} would be {size:.4g} m long (allowed are 0.1 mm to 100 m); check the units of part, rigging and flask"
            )
    return box


def _box(flask: Any, bodies: Sequence[Body], *, thickness: float, up: np.ndarray) -> Box:
    """Return the box of the mould.

    Parameters
    ----------
    flask : None, length, three lengths, or two corners
        None: grown by `thickness` on every side. One length: grown by that. Three lengths: a box of this size, its
        middle on the middle of the casting. Two corners: as given.
    bodies : sequence of Body
        All bodies.
    thickness : float
        Thickness of a grown mould in m.
    up : ndarray
        Unit vector; a grown mould ends at the top of the highest open riser.
    """
    lo, hi = bounds_of(bodies)
    if flask is None or isinstance(flask, str) or np.ndim(flask) == 0:
        wall = thickness if flask is None else quantity(flask, "length", "flask wall")
        if wall <= 0.0:
            raise InputError(f"flask wall = {wall / mm:g} mm must be above 0 mm")
        box = lo - wall, hi + wall
    elif len(flask) == 2:
        box = place_of(flask[0], "flask[0]"), place_of(flask[1], "flask[1]")
        if not np.all(box[1] > box[0]):
            raise InputError(f"flask = {flask!r} has no volume; write (low corner, high corner)")
        return box
    elif len(flask) == 3:
        size = place_of(flask, "flask")
        if not np.all(size > 0.0):
            raise InputError(f"flask = {flask!r} has no volume; all three sizes must be above 0")
        box = 0.5 * (lo + hi - size), 0.5 * (lo + hi + size)
    else:
        raise InputError(f"flask = {flask!r} is no mould box; give a wall, a size (x, y, z) or two corners (low, high)")
    return _cut_at_open_tops(box, bodies, up)


def _cut_at_open_tops(box: Box, bodies: Sequence[Body], up: np.ndarray) -> Box:
    tops = [(body.surface.points @ up).max() for body in bodies if body.open_top]
    if not tops:
        return box
    axis = int(np.argmax(np.abs(up)))
    if abs(abs(up[axis]) - 1.0) > 1e-9:
        raise GeometryError("an open riser needs gravity along x, y or z; turn the casting or close the riser's top")
    lo, hi = box[0].copy(), box[1].copy()
    (hi if up[axis] > 0 else lo)[axis] = max(tops) * up[axis]
    return lo, hi


def outside(bodies: Sequence[Body], box: Box, *, free: frozenset[str], up: np.ndarray) -> list[str]:
    """Return one sentence for each body that leaves the mould.

    Parameters
    ----------
    free : frozenset of str
        Sides, such as "x_low", that cut bodies on purpose.
    """
    lo, hi = box
    slack = 1e-9 + 1e-6 * float(np.max(hi - lo))
    problems = []
    for body in bodies:
        low, high = body.surface.bounds
        over = []
        for axis, letter in enumerate("xyz"):
            if low[axis] < lo[axis] - slack and f"{letter}_low" not in free:
                over.append(_beyond(letter, low[axis], lo[axis]))
            if high[axis] > hi[axis] + slack and f"{letter}_high" not in free:
                over.append(_beyond(letter, high[axis], hi[axis]))
        if over:
            problems.append(f"{body.name} leaves the flask: {', '.join(over)}; enlarge the flask or move it")
        elif body.open_top:
            top = float((body.surface.points @ up).max())
            end = float(np.maximum(lo * up, hi * up).sum())
            if end - top > slack:
                problems.append(
                    f"{body.name} is open but ends {(end - top) / mm:.4g} mm below the top of the mould;"
                    f' make it that much higher, or write top="blind"'
                )
    return problems


def _beyond(letter: str, reach: float, end: float) -> str:
    return f"it reaches {letter} = {reach / mm:.4g} mm, the flask ends at {end / mm:.4g} mm"
