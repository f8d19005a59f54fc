"""A cavity as it fills: the metal up to its free surface, coloured by its temperature or speed, and the air that it encloses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ViewError
from ..results import Results
from .canvas import add_bar, add_text
from .layers import flooded, padded, seen
from .picture import Picture
from .renderer import require_renderer
from .section import flooded_section
from .solid import VIEW, add_companions, finish, solid_of
from .style import role_colour, scale_of
from .words import heading

__all__ = ["filling", "filling_limits", "widest_axis"]


def filling(
    result: Results,
    field: str = "temperature",
    time: float | None = None,
    *,
    axis: str | int | None = None,
    at: float | str | None = None,
    limits: tuple[float, float] | None = None,
    title: str | None = None,
    size: tuple[int, int] = (1200, 900),
    seen_from: Sequence[float] = VIEW,
) -> Picture:
    """Return a picture of the metal in the cavity at a recorded time of the pour, coloured by a field of that time.

    Without `axis` and `at` the metal is a body in the translucent casting, its free surface where voxels are half full; with one of
    them it is a section. Air that metal and mould enclose is blue (after ``fill(..., air=True)``).

    Parameters
    ----------
    result : Results
        Of ``fill(..., record=[...])``.
    field : str
        "temperature" or "speed".
    time : float, optional
        One of ``result.moments`` (s). Default: the last one.
    axis, at
        The plane of a section, as in `view.section`; without `at` where it meets most metal.
    limits : tuple of float, optional
        Ends of the colours in display units. Default: those of all moments together, long tails cut.
    title : str, optional
    size : tuple of int
        Pixels.
    seen_from : three numbers
        Direction from the casting to the eye.

    Returns
    -------
    Picture

    Raises
    ------
    ViewError
        If nothing renders here, nothing was recorded, or the field was not.
    ResultsError
        If that time was not recorded.
    """
    require_renderer()
    _require(result, field)
    moment = max(result.moments) if time is None else time
    shown = result.moment(moment)
    clim = limits or filling_limits(result, field)
    told = title or heading(result, result.info(field), _told(shown, moment))
    if axis is not None or at is not None:
        if at is None:
            at = _thickest(result, "xyz".find(str(axis)) if axis not in (0, 1, 2) else int(str(axis)))
        return flooded_section(shown, field, axis, at, limits=clim, title=told, size=size)
    return _body(shown, field, clim, told, size, seen_from)


def _require(result: Results, field: str) -> None:
    if not result.moments:
        raise ViewError("this filling was not recorded on its way: fill with record=[...] times")
    known = sorted(set.intersection(*(set(held) for held in result.moments.values())) - {"fill_fraction", "air_pressure"})
    if field not in known:
        raise ViewError(f'"{field}" was not recorded during the filling; it has ' + ", ".join(known))


def filling_limits(result: Results, field: str) -> tuple[float, float]:
    """Return the ends of the colours in display units that suit a field at all recorded times of a filling."""
    info = result.info(field)
    values = np.concatenate([
        held[field][np.isfinite(held[field]) & (np.nan_to_num(held["fill_fraction"]) >= 0.5)] for held in result.moments.values()
    ])  # fmt: skip
    scale = scale_of(info, np.asarray(info.display.of(values)), limits=None)
    return scale.low, scale.high


def widest_axis(result: Results) -> int:
    """Return the axis across which a plane meets most metal."""
    return int(np.argmax([_areas(result, axis).max() for axis in range(3)]))


def _thickest(result: Results, axis: int) -> float | None:
    """Where a plane across an axis meets most metal (m); None for what is no axis, which `section` refuses."""
    if axis < 0:
        return None
    return float(result.frame.centres(axis)[int(np.argmax(_areas(result, axis)))])


def _areas(result: Results, axis: int) -> NDArray[np.float64]:
    """Area of metal (m2) in every layer across an axis."""
    volume = np.where(result.metal, result.frame.voxel_volumes(), 0.0).sum(axis=tuple(a for a in range(3) if a != axis))
    return np.asarray(volume / result.frame.spacing(axis))


def _told(moment: Results, time: float) -> str:
    volume = moment.volumes()[moment.metal]
    share = float((np.nan_to_num(moment["fill_fraction"][moment.metal]) * volume).sum() / volume.sum())
    return f"{time:.3g} s after the pour began, {100 * share:.0f} % filled"


def _body(
    result: Results, field: str, limits: tuple[float, float], title: str, size: tuple[int, int], seen_from: Sequence[float]
) -> Picture:
    """The metal as a body: the wall that it wets, and its free surface, each cut off where the other begins."""
    solid = solid_of(result, field, limits, surface=True)
    block = seen(result)
    spacing = [float(result.frame.spacing(a)[block[a]].mean()) for a in range(3)]
    for name, share in zip(("held", "air"), flooded(result, block, spacing), strict=True):
        solid.grid.point_data[name] = padded(share, None).ravel(order="F")
    style: dict[str, Any] = {
        "scalars": "field", "cmap": solid.colours, "clim": (solid.scale.low, solid.scale.high), "smooth_shading": True,
        "ambient": 0.5, "diffuse": 0.6, "specular": 0.15, "interpolate_before_map": True, "show_scalar_bar": False,
    }  # fmt: skip

    def draw(plotter: Any) -> None:
        wall = solid.grid.contour([0.5], scalars="fraction").compute_normals(auto_orient_normals=True)
        dry = wall.clip_scalar(scalars="held", value=0.5)
        wetted = wall.clip_scalar(scalars="held", value=0.5, invert=False)
        surface = solid.grid.contour([0.5], scalars="held")
        if surface.n_points:
            surface = surface.compute_normals(auto_orient_normals=True).clip_scalar(scalars="fraction", value=0.5, invert=False)
        actor = None
        for mesh in (wetted, surface):
            if mesh.n_points:
                actor = plotter.add_mesh(mesh, **style)
        pocket = dry.clip_scalar(scalars="air", value=0.5, invert=False) if dry.n_points else dry
        for mesh, colour, opacity in (
            (dry.clip_scalar(scalars="air", value=0.5) if dry.n_points else dry, "#b9c2ca", 0.22),
            (pocket, role_colour("air"), 0.4),
        ):
            if mesh.n_points:
                plotter.add_mesh(mesh, color=colour, opacity=opacity, smooth_shading=True, show_scalar_bar=False)
        if pocket.n_points:
            add_text(plotter, "■", (170.0, 60.0), colour=role_colour("air"), points=22)
            add_text(plotter, "enclosed air", (200.0, 62.0), points=18)
        add_companions(plotter, solid)
        finish(plotter, solid, title, size, seen_from)
        if actor is not None:
            add_bar(plotter, actor.mapper, solid.scale, solid.unit, size)

    return Picture(title.partition("\n")[0], draw=draw, size=size)
