"""The casting as a solid: its surface coloured by a field, and surfaces of equal value inside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import ResultsError, ViewError
from ..results import Results
from ..units import quantity
from .canvas import Sheet, add_bar, add_heading
from .layers import carried_on, crop_to, fraction_of, levels_of, padded, seen, smoothed, valid
from .picture import Picture
from .renderer import require_renderer
from .style import INK, Scale, colour_map, printed_unit, role_colour, scale_of
from .words import heading

__all__ = ["VIEW", "add_companions", "casting", "finish", "isosurface", "solid_of"]

_KINDS = {"s": "time", "K": "temperature", "m": "length", "": "fraction"}
_WORDS = {"above": "metal above", "below": "metal below", "surface": "surface at"}
_LOW_MATTERS = {"niyama", "thermal_gradient", "coherency_gradient"}
# Radius of a line on a surface, over the diagonal of the picture's block.
_LINE = 8e-4
# From above and in front, as a drawing shows a part.
VIEW = (-1.0, -1.6, 0.9)


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """The block that is seen as a grid of points (mm), with the field in display units."""

    grid: Any
    scale: Scale = field(kw_only=True)
    unit: str = field(kw_only=True)
    colours: str = field(kw_only=True)
    label: bool = field(kw_only=True)
    companions: tuple[tuple[str, str], ...] = field(kw_only=True)


def casting(
    result: Results,
    field: str = "solidification_time",
    *,
    limits: tuple[float, float] | None = None,
    title: str | None = None,
    size: tuple[int, int] = (1200, 900),
    smooth: bool = True,
    lines: bool = False,
    seen_from: Sequence[float] = VIEW,
) -> Picture:
    """Return a picture of the casting's surface, coloured by a field.

    Parameters
    ----------
    result : Results
    field : str
    limits : tuple of float, optional
        Ends of the colours in display units.
    title : str, optional
    size : tuple of int
        Pixels.
    smooth : bool
        Average the field over about a voxel, against stripes; not for what differs on two sides of a thin wall.
    lines : bool
        Draw a line at each tick mark of the colours: the front of a field of times at these moments.
    seen_from : three numbers
        Direction from the casting to the eye. Default: from above and in front.

    Returns
    -------
    Picture
    """
    require_renderer()
    solid = solid_of(result, field, limits, surface=True, smooth=smooth)
    told = title or heading(result, result.info(field), "surface of the casting")

    def draw(plotter: Any) -> None:
        surface = solid.grid.contour([0.5], scalars="fraction").compute_normals(auto_orient_normals=True)
        actor = plotter.add_mesh(
            surface,
            scalars="field",
            cmap=solid.colours,
            clim=(solid.scale.low, solid.scale.high),
            smooth_shading=True,
            ambient=0.5,
            diffuse=0.6,
            specular=0.15,
            interpolate_before_map=not solid.label,
            show_scalar_bar=False,
        )
        if lines and not solid.label:
            fronts = surface.contour(solid.scale.ticks[1:-1].tolist(), scalars="field")
            if fronts.n_points:
                # Tubes stand clear of the surface; lines in it would flicker.
                plotter.add_mesh(fronts.tube(radius=_LINE * solid.grid.length), color=INK, lighting=False)
        add_companions(plotter, solid)
        finish(plotter, solid, told, size, seen_from)
        add_bar(plotter, actor.mapper, solid.scale, solid.unit, size)

    return Picture(told.partition("\n")[0], draw=draw, size=size)


def isosurface(
    result: Results,
    field: str = "solidification_time",
    value: float | str | None = None,
    *,
    side: str | None = None,
    title: str | None = None,
    size: tuple[int, int] = (1200, 900),
) -> Picture:
    """Return a picture of where a field passes a value, inside the translucent casting.

    Parameters
    ----------
    result : Results
    field : str
    value : float or str, optional
        In SI or as text with a unit. Default: 90 % of the way from the field's lowest to its highest value (10 % where
        low values matter).
    side : "above", "below" or "surface", optional
        Show all metal above or below the value as a body, or only the surface of that value. Default: the side that
        matters: above, for instance what is still liquid after a time; below for the Niyama value.
    title : str, optional
    size : tuple of int
        Pixels.

    Returns
    -------
    Picture

    Raises
    ------
    ViewError
        If nothing renders here or the field never has that value in the metal.
    """
    require_renderer()
    info = result.info(field)
    solid = solid_of(result, field, None, surface=False)
    known = result[field][result.metal & np.isfinite(result[field])]
    low, high = float(known.min()), float(known.max())
    shown_side = side or ("below" if info.name in _LOW_MATTERS else "above")
    if shown_side not in _WORDS:
        raise ViewError(f'side = {side!r} is no side; it is "above", "below" or "surface"')
    if value is None:
        sought = low + (0.1 if shown_side == "below" else 0.9) * (high - low)
    elif isinstance(value, str):
        if info.unit not in _KINDS:
            raise ResultsError(f'value = "{value}" cannot be read for {field}; give a number in {info.unit}')
        sought = quantity(value, _KINDS[info.unit], "value")
    else:
        sought = float(value)
    display = result.display(field)
    shown, unit = float(display.of(sought)), printed_unit(display.unit)
    if not low < sought < high:
        ends = f"{float(display.of(low)):.4g} to {float(display.of(high)):.4g} {display.unit}"
        raise ViewError(f"{field} = {shown:.4g} {display.unit} is nowhere in the metal; its values go from {ends}")
    told = title or heading(result, info, f"{_WORDS[shown_side]} {shown:.3g} {unit}".rstrip())

    def draw(plotter: Any) -> None:
        metal = solid.grid.contour([0.5], scalars="fraction").compute_normals(auto_orient_normals=True)
        plotter.add_mesh(metal, color="#b9c2ca", opacity=0.28, smooth_shading=True, show_scalar_bar=False)
        inside = _inside(solid, shown, shown_side)
        if inside.n_points:
            plotter.add_mesh(inside, color="#c8371b", smooth_shading=True, ambient=0.3)
        add_companions(plotter, solid)
        finish(plotter, solid, told, size)

    return Picture(told.partition("\n")[0], draw=draw, size=size)


def _inside(solid: Solid, value: float, side: str) -> Any:
    """Return the body of the metal on one side of a value, or the surface of that value in the metal."""
    grid = solid.grid.copy(deep=False)
    if side == "surface":
        surface = grid.contour([value], scalars="field")
        return surface.clip_scalar(scalars="fraction", value=0.5, invert=False) if surface.n_points else surface
    field = grid.point_data["field"].reshape(grid.dimensions, order="F")
    over = (field - value) if side == "above" else (value - field)
    steps = np.concatenate([np.abs(np.diff(field, axis=a)).ravel() for a in range(3)])
    typical = float(np.median(steps[steps > 0.0])) if (steps > 0.0).any() else 1.0
    # The body ends where the metal ends or the value is passed, whichever comes first, both measured in voxels.
    # It keeps just inside the casting's surface, or the two would flicker through each other.
    inside = np.minimum(grid.point_data["fraction"] - 0.58, over.ravel(order="F") / typical)
    grid.point_data["inside"] = np.clip(inside, -1.0, 1.0).astype(np.float32)
    return grid.contour([0.0], scalars="inside")


def solid_of(result: Results, name: str, limits: tuple[float, float] | None, *, surface: bool, smooth: bool = True) -> Solid:
    import pyvista
    from scipy import ndimage

    info, display = result.info(name), result.display(name)
    block = seen(result)
    known = valid(result, name, block)
    spacing = [float(result.frame.spacing(a)[block[a]].mean()) for a in range(3)]
    values = np.asarray(display.of(crop_to(result[name], block)))
    x, y, z = (levels_of(n[s.start : s.stop + 1]) for n, s in zip(result.frame.nodes, block, strict=True))
    grid = pyvista.RectilinearGrid(x, y, z)
    fraction = fraction_of(result, block)
    if fraction.max() < 0.5:
        raise ViewError("there is nothing to show: no voxel is at least half full of metal")
    grid.point_data["fraction"] = padded(fraction, 0.0).ravel(order="F")
    if surface and not info.is_label:
        values = smoothed(values, known) if smooth else np.where(known, values, np.nan)
        spread = carried_on(values, np.isfinite(values), spacing)
        # Only what is seen from outside sets the colours.
        rim = known & ~ndimage.binary_erosion(known, iterations=1, border_value=0)
    else:
        spread, rim = carried_on(values, known, spacing), known
    grid.point_data["field"] = padded(spread, None).ravel(order="F")
    companions = []
    if "body" in result:
        numbers, metal = crop_to(result["body"], block), crop_to(result.metal, block)
        for number, (body, role) in enumerate(zip(result.frame.body_names, result.frame.body_roles, strict=True)):
            here = (numbers == number) & ~metal
            if role in {"chill", "sleeve", "core", "breaker", "topping", "channel"} and here.any():
                share = ndimage.gaussian_filter(here.astype(np.float32), 0.7)
                grid.point_data[f"body {body}"] = padded(share, 0.0).ravel(order="F")
                companions.append((f"body {body}", role))
    return Solid(
        grid,
        scale=scale_of(info, np.asarray(values)[rim], limits=limits),
        unit=printed_unit(display.unit),
        colours=colour_map(info),
        label=info.is_label,
        companions=tuple(companions),
    )


def add_companions(plotter: Any, solid: Solid) -> None:
    for name, role in solid.companions:
        shape = solid.grid.contour([0.5], scalars=name)
        if shape.n_points:
            opacity = 0.85 if role == "chill" else 0.22
            plotter.add_mesh(shape, color=role_colour(role), opacity=opacity, smooth_shading=True, show_scalar_bar=False)


def finish(
    plotter: Any, solid: Solid, title: str, size: tuple[int, int], seen_from: Sequence[float] = VIEW
) -> Callable[[Sequence[float]], tuple[float, float]]:
    """Aim the camera and write the heading; return what tells the pixel of a point (mm)."""
    pixel = _aim(plotter, solid, size, seen_from)
    plotter.enable_depth_peeling(8)
    plotter.enable_anti_aliasing("ssaa")
    plotter.add_axes(xlabel="x", ylabel="y", zlabel="z", color=INK, line_width=3, viewport=(0.0, 0.0, 0.14, 0.18))
    add_heading(plotter, title, size)
    return pixel


def _aim(
    plotter: Any, solid: Solid, size: tuple[int, int], seen_from: Sequence[float]
) -> Callable[[Sequence[float]], tuple[float, float]]:
    """Point the camera so that all bodies fill the room beside the heading and the colour bar."""
    toward = np.array(seen_from) / np.linalg.norm(seen_from)
    across = np.cross((0.0, 0.0, 1.0), toward)
    across /= np.linalg.norm(across)
    upward = np.cross(toward, across)
    points = np.concatenate([solid.grid.contour([0.5], scalars=n).points for n in ("fraction", *(n for n, _ in solid.companions))])
    u, v, w = points @ across, points @ upward, points @ toward
    sheet = Sheet((float(u.min()), float(v.min())), high=(float(u.max()), float(v.max())), size=size)
    middle = across * sheet.middle[0] + upward * sheet.middle[1] + toward * 0.5 * (w.min() + w.max())
    reach = float(w.max() - w.min()) + float(np.ptp(u)) + float(np.ptp(v))
    plotter.camera_position = [tuple(middle + 2.0 * reach * toward), tuple(middle), (0.0, 0.0, 1.0)]
    plotter.enable_parallel_projection()
    plotter.camera.parallel_scale = sheet.half_height
    plotter.camera.clipping_range = (0.5 * reach, 4.0 * reach)

    def pixel(point: Sequence[float]) -> tuple[float, float]:
        return sheet.pixel((float(np.dot(point, across)), float(np.dot(point, upward))))

    return pixel
