"""What lies on a plane through a casting: values, shares of bodies, labels and marks, ready to be drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..errors import ViewError
from ..results import FieldInfo, Place, Results
from ..units import quantity
from .layers import carried_on, crop_to, flooded, fraction_of, levels_of, padded, seen, valid
from .marks import Mark
from .style import LINES, Scale, printed_unit, role_colour, scale_of
from .words import marked_places

__all__ = ["AXES", "PLANES", "Slice", "plane_of", "slice_of"]

AXES = "xyz"
"""Names of the axes."""
PLANES = ((1, 2), (0, 2), (0, 1))
"""In-plane axes (across, upward) of a section normal to x, y, z: z stays upward where it can."""
_FILLED = {"chill", "sleeve", "core", "breaker", "topping"}
# Layers on each side of the plane in which a missing metal value may be found.
_REACH = 2


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """Everything on the plane, in mm and display units, `[across, upward]`."""

    axis: int
    at: float = field(kw_only=True)
    across: NDArray[np.float64] = field(kw_only=True)
    upward: NDArray[np.float64] = field(kw_only=True)
    fraction: NDArray[np.float32] = field(kw_only=True)
    metal: NDArray[np.float32] = field(kw_only=True)
    outside: NDArray[np.float32] | None = field(kw_only=True)
    bodies: tuple[tuple[str, str, NDArray[np.float32]], ...] = field(kw_only=True)
    rims: tuple[tuple[str, str, NDArray[np.float32]], ...] = field(kw_only=True)
    scale: Scale = field(kw_only=True)
    info: FieldInfo = field(kw_only=True)
    unit: str = field(kw_only=True)
    marks: tuple[tuple[str, Place], ...] = field(kw_only=True)
    labels: tuple[tuple[str, str, NDArray[np.float32]], ...] = field(default=(), kw_only=True)
    findings: tuple[Mark, ...] = field(default=(), kw_only=True)
    # While the cavity fills: the share of metal in it, and the share of enclosed air.
    held: NDArray[np.float32] | None = field(default=None, kw_only=True)
    air: NDArray[np.float32] | None = field(default=None, kw_only=True)


def plane_of(result: Results, name: str, axis: str | int | None, at: float | str | None) -> tuple[int, float]:
    """Return the axis (0 to 2) and the place in m of the plane."""
    result[name]
    spots = marked_places(result)
    if spots:
        index = spots[-1][1].index
    else:
        metal = np.argwhere(result.metal)
        if not len(metal):
            raise ViewError("there is nothing to show: the result holds no metal voxel")
        index = tuple(int(i) for i in metal[len(metal) // 2])  # type: ignore[assignment]
    if axis is None:
        areas = []
        for normal, (u, v) in enumerate(PLANES):
            layer = np.take(result.metal, index[normal], axis=normal)
            areas.append(float(result.frame.spacing(u) @ layer @ result.frame.spacing(v)))
        chosen = int(np.argmax(areas))
    elif axis in (0, 1, 2):
        chosen = int(axis)
    elif axis in ("x", "y", "z"):
        chosen = AXES.index(str(axis))
    else:
        raise ViewError(f'axis = {axis!r} is no axis; it is "x", "y" or "z"')
    place = result.frame.place(index)[chosen] if at is None else quantity(at, "length", "at")
    block = seen(result)[chosen]
    nodes = result.frame.nodes[chosen]
    low, high = nodes[block.start], nodes[block.stop]
    if not low <= place <= high:
        raise ViewError(
            f"at = {place * 1e3:.4g} mm misses the casting; along {AXES[chosen]} it reaches from "
            f"{low * 1e3:.4g} to {high * 1e3:.4g} mm"
        )
    return chosen, place


def slice_of(
    result: Results, name: str, axis: int, at: float, limits: tuple[float, float] | None, *, filling: bool = False
) -> Slice:
    """Return what lies on the plane at a place (m) of an axis; `filling` adds the shares of metal and air in the cavity."""
    frame, info = result.frame, result.info(name)
    centres = frame.centres(axis)
    upper = int(np.clip(np.searchsorted(centres, at), 1, max(centres.size - 1, 1)))
    lower = upper - 1 if centres.size > 1 else 0
    upper = min(upper, centres.size - 1)
    share = 0.0 if upper == lower else float(np.clip((at - centres[lower]) / (centres[upper] - centres[lower]), 0, 1))
    if info.is_label:
        share = round(share)
    first = max(0, lower - _REACH)
    block = list(seen(result))
    block[axis] = slice(first, min(centres.size, upper + _REACH + 1))

    def flat(array: NDArray, outside: float | None = None) -> NDArray[np.float32]:
        a, b = (np.take(array, i - first, axis=axis).astype(np.float32) for i in (lower, upper))
        return padded(a if share == 0.0 else b if share == 1.0 else (1.0 - share) * a + share * b, outside)

    spacing = [float(frame.spacing(a)[block[a]].mean()) for a in range(3)]
    display = result.display(name)
    values = np.asarray(display.of(crop_to(result[name], block)))
    known = valid(result, name, block)
    fraction = flat(fraction_of(result, block), 0.0)
    if not known.any() or fraction.max() < 0.5:
        raise ViewError(f'the field "{name}" has no value in the metal near {AXES[axis]} = {at * 1e3:.4g} mm')
    outside = None
    if info.where == "everywhere" and not info.is_label:
        elsewhere = ~crop_to(result.metal, block) & np.isfinite(values)
        outside = flat(carried_on(values, elsewhere, spacing)) if elsewhere.any() else None
    metal = flat(carried_on(values, known, spacing))
    coloured = metal[fraction >= 0.5]
    if outside is not None:
        coloured = np.concatenate((coloured, outside[fraction < 0.5]))
    held, air = (flat(share) for share in flooded(result, block, spacing)) if filling else (None, None)
    bodies, rims = _outlines(result, block, spacing, flat)
    u, v = PLANES[axis]
    labels = _labels(result, info, values, known, flat, spacing) if info.is_label else ()
    marks = tuple(m for m in marked_places(result) if abs(m[1].point[axis] - at) <= 1.01 * spacing[axis])
    return Slice(
        axis,
        at=at,
        across=levels_of(frame.nodes[u][block[u].start : block[u].stop + 1]),
        upward=levels_of(frame.nodes[v][block[v].start : block[v].stop + 1]),
        fraction=fraction,
        metal=metal,
        outside=outside,
        bodies=bodies,
        rims=rims,
        scale=scale_of(info, coloured, limits=limits),
        info=info,
        unit=printed_unit(display.unit),
        marks=tuple((f"{words}: {_time_of(result, spot)}", spot) for words, spot in marks),
        labels=labels,
        held=held,
        air=air,
    )


def _time_of(result: Results, place: Place) -> str:
    display = result.display("solidification_time")
    return f"{display.of(place.value):.3g} {display.unit}"


_Shares = tuple[tuple[str, str, NDArray[np.float32]], ...]


def _outlines(
    result: Results, block: Sequence[slice], spacing: Sequence[float], flat: Callable[..., NDArray[np.float32]]
) -> tuple[_Shares, _Shares]:
    """Return the smooth shares of filled bodies (chills, sleeves, cores) and of outlined ones (risers, gates)."""
    from scipy import ndimage

    if "body" not in result:
        return (), ()
    numbers = crop_to(result["body"], block)
    metal, empty = crop_to(result.metal, block), crop_to(_emptied(result), block)
    # What touches the metal is carried on beneath it, so that no sand shows between a chill and the metal's outline.
    beside = carried_on(numbers, ~metal, spacing) if not metal.all() else numbers
    within = carried_on(numbers, metal, spacing)
    filled: list[tuple[str, str, NDArray[np.float32]]] = []
    outlined: list[tuple[str, str, NDArray[np.float32]]] = []
    for number, (name, role) in enumerate(zip(result.frame.body_names, result.frame.body_roles, strict=True)):
        here = numbers == number
        if not here.any() or role in {"part", "mould", "die", "flask"}:
            continue
        metallic = bool((here & metal).any())
        if not metallic and (here & empty).any():
            name, role = f"{name}, empty", "empty"
        share = flat(ndimage.gaussian_filter(((within if metallic else beside) == number).astype(np.float32), 0.6))
        if share.max() > 0.5:
            (outlined if metallic else filled).append((name, role, share))
    return tuple(filled), tuple(outlined)


def _emptied(result: Results) -> NDArray[np.bool_]:
    """Return the cavity that holds air in place of metal."""
    names = result.frame.region_names
    known = "region" in result and "empty" in names
    return result["region"] == names.index("empty") if known else np.zeros(result.frame.shape, dtype=bool)


def _labels(
    result: Results,
    info: FieldInfo,
    values: NDArray,
    known: NDArray[np.bool_],
    flat: Callable[..., NDArray[np.float32]],
    spacing: Sequence[float],
) -> _Shares:
    """Return name, colour and smooth share of every number that a field of whole numbers has on the plane."""
    from scipy import ndimage

    frame = result.frame
    names = {"region": frame.region_names, "body": frame.body_names}.get(info.name)
    roles = dict(zip(frame.body_names, frame.body_roles, strict=True))
    spread = values if info.where == "everywhere" else carried_on(values, known, spacing)
    rows: list[tuple[str, str, NDArray[np.float32]]] = []
    for number in np.unique(values[known] if info.where == "metal" else values).astype(int):
        if names is None and number == 0:
            continue
        share = flat(ndimage.gaussian_filter((spread == number).astype(np.float32), 0.6))
        if share.max() > 0.5:
            name = names[number] if names is not None and number < len(names) else f"{info.title} {number}"
            last = [region for region in frame.region_names if region != "empty"][-1]
            role = roles.get(name, "mould" if name in ("mould", last) else "empty" if name == "empty" else "")
            colour = role_colour(role) if role in (*_FILLED, "mould", "die", "empty") else LINES[len(rows) % len(LINES)]
            rows.append((name, colour, share))
    return tuple(rows)
