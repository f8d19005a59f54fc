"""The inlets of a filling as ports of its flow."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..casting import (
    METAL,
    GravityDieCasting,
    Inlet,
    LowPressureCasting,
    PlungerCurve,
    PouringHead,
    PourRate,
    PressureCurve,
    PressureDieCasting,
    TiltPour,
)
from ..errors import InputError
from .entries import Entry
from .flow_arrays import CAVITY, FEED, OUTLET, RESERVOIR, Cavity
from .flow_problem import Port
from .flow_turning import Turning

if TYPE_CHECKING:
    from ..casting import Casting, Layout

__all__ = ["brims_of", "inlets_of", "kind_of", "neighbours", "ports_of"]

Array = NDArray[Any]


def inlets_of(casting: Casting, given: Inlet | Sequence[Inlet] | None) -> list[Inlet]:
    """Return the inlets of a filling: those that are given, else what the casting says of its pour, or refuse."""
    if given is None:
        if isinstance(casting, PressureDieCasting):
            return [casting.plunger]
        if isinstance(casting, LowPressureCasting):
            return [casting.lift]
        if _tilts(casting) and any(b.role == "basin" for b in casting.bodies):
            return [TiltPour()]
        if casting.pour_time is None:
            raise InputError(
                "nothing says how the metal is poured; give the casting a pour_time, or the filling an inlet such as "
                'PourRate("0.4 litre/s") or PouringHead("50 mm")'
            )
        # Bodies are whole where a plane of symmetry cuts them.
        volume = sum(b.surface.volume for b in casting.bodies if b.role in METAL)
        return [PourRate(volume / casting.pour_time)]
    inlets: list[Any] = list(given) if isinstance(given, (list, tuple)) else [given]
    for one in inlets:
        if not isinstance(one, Inlet):
            kinds = "PourRate(...), PouringHead(...), PressureCurve(...), PlungerCurve(...) or TiltPour()"
            raise InputError(f"{one!r} is no inlet; write {kinds}")
        if isinstance(one, TiltPour) and (not _tilts(casting) or len(inlets) > 1):
            raise InputError(
                'a tilt pour needs a die that turns, and is its only inlet; write GravityDieCasting(..., tilt=Tilt(axis="y", '
                'angle="90 deg", turning="6 s"))'
            )
        _require_one_pressure(casting, one)
    if not inlets:
        raise InputError("a filling needs at least one inlet")
    return inlets


def _tilts(casting: Casting) -> bool:
    return isinstance(casting, GravityDieCasting) and casting.tilt is not None


def kind_of(inlet: Inlet) -> int:
    """Return what the voxels of an inlet are to the flow."""
    return FEED if isinstance(inlet, PourRate | PlungerCurve) else OUTLET if isinstance(inlet, TiltPour) else RESERVOIR


def _require_one_pressure(casting: Casting, inlet: Inlet) -> None:
    """Refuse a plunger whose intensification is not that of the casting's own shot, which rules the contact with the die."""
    if not (isinstance(casting, PressureDieCasting) and isinstance(inlet, PlungerCurve)):
        return
    own = casting.shot.intensification
    if not math.isclose(own, inlet.intensification, rel_tol=1e-9):
        raise InputError(
            f"the plunger's intensification is {inlet.intensification / 1e6:g} MPa, that of the casting's shot {own / 1e6:g} MPa; "
            "write the same in both, for the shot's rules the contact with the die"
        )


def neighbours(mask: Array) -> list[tuple[Array, Array]]:
    """Return for each axis which voxels have a voxel of a mask before them, and which behind."""
    out = []
    padded = np.pad(mask, 1)
    for a in range(3):
        low, high = (np.roll(padded, shift, axis=a)[1:-1, 1:-1, 1:-1] for shift in (1, -1))
        out.append((low, high))
    return out


def ports_of(
    entries: Sequence[Entry], places: Sequence[Array], cavity: Cavity, layout: Layout, casting: Casting, turning: Turning | None
) -> list[Port]:  # fmt: skip
    """One port for each entry; the openings of one inlet share its rate by their areas, on this side of planes of symmetry."""
    areas = [_open_area(e, where, cavity) for e, where in zip(entries, places, strict=True)]
    ports = []
    for entry, where, area in zip(entries, places, areas, strict=True):
        together = sum(a for e, a in zip(entries, areas, strict=True) if e.inlet is entry.inlet)
        ports.append(_port_of(entry, where, area / together / casting.symmetry_factor, layout, turning))
    return ports


def _open_area(entry: Entry, where: Array, cavity: Cavity) -> float:
    """Area (m2) of the faces between an entry's voxels and the cavity, across its own direction."""
    area = 0.0
    for d, (low, high) in enumerate(neighbours(where)):
        for side, face in ((low, np.delete(cavity.aperture[d], -1, axis=d)), (high, np.delete(cavity.aperture[d], 0, axis=d))):
            area += float(face[side & (cavity.kind == CAVITY)].sum()) * abs(float(entry.at.normal[d]))
    return area * cavity.voxel**2


def _port_of(entry: Entry, where: Array, part: float, layout: Layout, turning: Turning | None) -> Port:
    """The port of an entry that takes a part of its inlet's rate."""
    inlet = entry.inlet
    if isinstance(inlet, TiltPour):
        return Port(where)
    x, y, z = (float(c) for c in entry.at.normal)
    if isinstance(inlet, PlungerCurve):
        push, limit = inlet.flow_after, inlet.pressure_limit
        return Port(where, stroke=lambda volume: part * push(volume / part), most_pressure=limit, direction=(x, y, z))
    opening, density = _height_of(entry, layout, turning), float(layout.alloy.density_at(layout.pour_temperature))
    if isinstance(inlet, PouringHead):
        head = inlet.head
        return Port(where, head=lambda t: opening(t) + head(t))
    if isinstance(inlet, PressureCurve):
        pressure, weight = inlet.pressure, float(np.linalg.norm(layout.gravity)) * density
        return Port(where, head=lambda t: opening(t) + pressure(t) / weight)
    room = _room_above(entry, layout, -layout.gravity / np.linalg.norm(layout.gravity))
    curve, over = (inlet.flow, 1.0) if inlet.flow is not None else (inlet.mass_flow, density)
    assert curve is not None
    return Port(where, flow=lambda t: part * curve(t) / over, most_head=lambda t: opening(t) + room, direction=(x, y, z))


def _height_of(entry: Entry, layout: Layout, turning: Turning | None) -> Callable[[float], float]:
    """Height (m) of an opening along the coordinate against gravity, over time where the mould turns."""
    upright, size = layout.gravity.tolist(), float(np.linalg.norm(layout.gravity))
    if turning is None:
        fixed = -float(entry.at.point @ layout.gravity) / size
        return lambda time: fixed
    return lambda time: -float(entry.at.point @ turning.gravity(upright, time)) / size


def brims_of(entries: Sequence[Entry], places: Sequence[Array], cavity: Cavity, layout: Layout) -> list[Array]:
    """Return the cavity voxels under each opening that looks up and is poured into: the stream does not shut it."""
    up = -layout.gravity / np.linalg.norm(layout.gravity)
    poured = [w for e, w in zip(entries, places, strict=True) if isinstance(e.inlet, PourRate) and _looks_up(e, up)]
    beside = [np.logical_or.reduce([side for pair in neighbours(where) for side in pair]) for where in poured]
    return [np.asarray(near & (cavity.kind == CAVITY)) for near in beside]


def _looks_up(entry: Entry, up: Array) -> bool:
    return float(entry.at.normal @ up) > 0.5


def _room_above(entry: Entry, layout: Layout, up: Array) -> float:
    """Head (m) over an opening beyond which the pourer holds back: none where it looks up, for the metal stands to its brim then;
    that of a sprue to the top of the mould where a gate or another side of the metal stands for its gating."""
    if _looks_up(entry, up):
        return 0.0
    corners = np.array(list(itertools.product(*zip(*layout.box, strict=True))))
    return max(float((corners @ up).max()) - float(entry.at.point @ up), 0.0)
