"""A section through the casting, coloured by a field."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from typing import Any

import numpy as np

from ..defects import Verdicts
from ..results import Results
from .canvas import Sheet, add_bar, add_heading, add_text
from .marks import draw_marks, list_marks, marks_of
from .picture import Picture
from .renderer import require_renderer
from .slicing import AXES, PLANES, Slice, plane_of, slice_of
from .style import EMPTY, INK, PLAIN, SAND, colour_map, role_colour, round_step, wants_lines
from .words import heading

__all__ = ["flooded_section", "section"]

# More labels than this are counted, not named.
_LABELS = 14


def section(
    result: Results,
    field: str = "solidification_time",
    axis: str | int | None = None,
    at: float | str | None = None,
    *,
    limits: tuple[float, float] | None = None,
    lines: bool | None = None,
    verdicts: Verdicts | None = None,
    title: str | None = None,
    size: tuple[int, int] = (1200, 900),
) -> Picture:
    """Return a picture of a section through the casting, coloured by a field.

    Parameters
    ----------
    result : Results
    field : str
        The field that colours the metal (fields valid everywhere also colour the mould).
    axis : "x", "y" or "z", optional
        The normal of the plane. Default: the axis that shows the most metal.
    at : float or str, optional
        Where the plane cuts that axis, in m or as text. Default: through the place of the part that freezes last.
    limits : tuple of float, optional
        Ends of the colours in display units. Default: those of the values, long tails cut.
    lines : bool, optional
        Draw a thin line at each tick mark of the colours. Default: for times, temperatures and lengths.
    verdicts : Verdicts, optional
        Findings to mark by their number in the table, as far as they lie within a voxel and a half of the plane, in place of what
        froze last.
    title : str, optional
    size : tuple of int
        Pixels.

    Returns
    -------
    Picture
        Has ``.show()`` and ``.save(path)``.

    Raises
    ------
    ViewError
        If nothing renders here, the plane misses the casting, or the field has no value on it.
    """
    require_renderer()
    normal, place = plane_of(result, field, axis, at)
    findings = marks_of(verdicts, axis=normal, at=place, reach=1.5 * result.frame.voxel)
    cut = slice_of(result, field, normal, place, limits)
    if verdicts is not None:
        cut = replace(cut, findings=findings, marks=())
    return _picture_of(result, cut, lines, title, size)


def flooded_section(
    result: Results, field: str, axis: str | int | None, at: float | str | None, *, limits: tuple[float, float],
    title: str, size: tuple[int, int],
) -> Picture:  # fmt: skip
    """Return a section through a cavity that fills: the metal up to its free surface coloured by a field, air in it marked.

    Parameters are those of `section`; the result holds fill_fraction, and air_pressure where air presses back.
    """
    require_renderer()
    normal, place = plane_of(result, field, axis, at)
    # What freezes last is another story.
    cut = replace(slice_of(result, field, normal, place, limits, filling=True), marks=())
    return _picture_of(result, cut, False, title, size)


def _picture_of(result: Results, cut: Slice, lines: bool | None, title: str | None, size: tuple[int, int]) -> Picture:
    told = title or heading(result, cut.info, f"section at {AXES[cut.axis]} = {cut.at * 1e3:.1f} mm")

    def draw(plotter: Any) -> None:
        _draw(plotter, cut, told, lines=wants_lines(cut.info) if lines is None else lines, size=size)

    return Picture(told.partition("\n")[0], draw=draw, size=size)


def _draw(plotter: Any, cut: Slice, title: str, *, lines: bool, size: tuple[int, int]) -> None:
    low, high = (cut.across[1], cut.upward[1]), (cut.across[-2], cut.upward[-2])
    sheet = Sheet((float(low[0]), float(low[1])), high=(float(high[0]), float(high[1])), size=size)
    depth = 0.02 * max(high[0] - low[0], high[1] - low[1])
    grid = _grid(cut)
    seen_part = grid.clip_box([low[0], high[0], low[1], high[1], -1.0, 1.0], invert=False)
    cavity = metal = grid.clip_scalar(scalars="fraction", value=0.5, invert=False)
    if cut.held is not None:
        metal = cavity.clip_scalar(scalars="held", value=0.5, invert=False)
    colours = {
        "cmap": colour_map(cut.info),
        "clim": (cut.scale.low, cut.scale.high),
        "lighting": False,
        "show_scalar_bar": False,
        "interpolate_before_map": True,
    }
    sheet.box(plotter, sheet.pixel(low), sheet.pixel(high), 0.0, color=SAND)
    if cut.outside is not None:
        _add(plotter, seen_part, 0.5 * depth, scalars="outside", **colours)
    for name, role, _ in cut.bodies:
        if cut.outside is None:
            _add(plotter, grid.clip_scalar(scalars=name, value=0.5, invert=False), depth, color=role_colour(role))
        _add(plotter, grid.contour([0.5], scalars=name), 1.5 * depth, color=INK, line_width=2.0)
    if cut.held is not None:
        _add(plotter, cavity, 1.8 * depth, color=EMPTY)
        _add(plotter, cavity.clip_scalar(scalars="air", value=0.5, invert=False), 1.9 * depth, color=role_colour("air"))
        _add(plotter, cavity.contour([0.5], scalars="held"), 2.6 * depth, color=INK, line_width=2.0)
    if cut.info.is_label:
        _add(plotter, metal, 2 * depth, color=PLAIN)
        for name, colour, _ in cut.labels:
            shape = metal if cut.info.where == "metal" else seen_part
            shape = shape.clip_scalar(scalars=f"label {name}", value=0.5, invert=False)
            _add(plotter, shape, 2.2 * depth, color=colour)
    else:
        # Its two ends are the bar's where there is no metal on the plane yet.
        actor = _add(plotter, metal if metal.n_points else grid.extract_points([0]), 2 * depth, scalars="metal", **colours)
        add_bar(plotter, actor.mapper, cut.scale, cut.unit, size)
        if lines:
            iso = metal.contour(cut.scale.ticks[1:-1].tolist(), scalars="metal")
            _add(plotter, iso, 2.5 * depth, color=INK, line_width=1.6, opacity=0.55)
    for name, role, _ in cut.rims:
        rim = metal.contour([0.5], scalars=name)
        _add(plotter, rim, 2.7 * depth, color="white", line_width=7.0)
        _add(plotter, rim, 2.8 * depth, color=role_colour(role), line_width=4.0)
    _add(plotter, grid.contour([0.5], scalars="fraction"), 3 * depth, color=INK, line_width=4.0)
    add_heading(plotter, title, size)
    _marks(plotter, cut, sheet, depth)
    u, v = PLANES[cut.axis]
    draw_marks(plotter, cut.findings, [sheet.pixel((m.place[u] * 1e3, m.place[v] * 1e3)) for m in cut.findings])
    list_marks(plotter, cut.findings, (62.0, size[1] - 122.0))
    _legend(plotter, cut, sheet, depth)
    sheet.aim(plotter, 10 * depth)
    plotter.enable_anti_aliasing("ssaa")


def _grid(cut: Slice) -> Any:
    """Return the plane as a grid of points that carries all that is drawn."""
    import pyvista

    grid = pyvista.RectilinearGrid(cut.across, cut.upward, np.zeros(1))
    carried = {"fraction": cut.fraction, "metal": cut.metal}
    if cut.outside is not None:
        carried["outside"] = cut.outside
    if cut.held is not None and cut.air is not None:
        carried |= {"held": cut.held, "air": cut.air}
    carried.update({name: share for name, _, share in (*cut.bodies, *cut.rims)})
    carried.update({f"label {name}": share for name, _, share in cut.labels})
    for name, array in carried.items():
        grid.point_data[name] = array.ravel(order="F")
    return grid


def _add(plotter: Any, mesh: Any, height: float, **style: Any) -> Any:
    if not mesh.n_points:
        return None
    return plotter.add_mesh(mesh.translate((0.0, 0.0, height)), **{"lighting": False, **style})


def _legend(plotter: Any, cut: Slice, sheet: Sheet, depth: float) -> None:
    """Draw the directions, the length scale and the names of the bodies below, the names of labels at the right."""
    width, height = sheet.size
    u, v = PLANES[cut.axis]
    style = {"color": INK, "line_width": 4.0}
    corner = (62.0, 28.0)
    for letter, tip in ((AXES[u], (102.0, 28.0)), (AXES[v], (62.0, 68.0))):
        sheet.line(plotter, (corner, tip), 4 * depth, **style)
        away = (tip[0] + 7, tip[1] - 6) if tip[0] > corner[0] else (tip[0] - 5, tip[1] + 5)
        add_text(plotter, letter, away)
    span = round_step((sheet.high[0] - sheet.low[0]) / 5.0, 1)
    start, end = 150.0, 150.0 + span * sheet.scale
    sheet.line(plotter, ((start, 36.0), (start, 28.0), (end, 28.0), (end, 36.0)), 4 * depth, **style)
    add_text(plotter, f"{span:g} mm", (0.5 * (start + end), 42), across="center")
    at = end + 50.0
    for role, words in _companions(cut):
        if at + 40 + 11 * len(words) > width - 30:
            break
        sheet.box(plotter, (at, 28), (at + 18, 46), 4 * depth, color=role_colour(role))
        add_text(plotter, words, (at + 26, 29))
        at += 52 + 11 * len(words)
    if cut.info.is_label:
        for number, (name, colour, _) in enumerate(cut.labels[:_LABELS]):
            top = 0.80 * height - 34 * number
            sheet.box(plotter, (width - 190, top), (width - 172, top + 18), 4 * depth, color=colour)
            add_text(plotter, textwrap.shorten(name, 17, placeholder="..."), (width - 162, top + 1), points=16)
        if len(cut.labels) > _LABELS:
            rest = f"and {len(cut.labels) - _LABELS} more"
            add_text(plotter, rest, (width - 190, 0.80 * height - 34 * _LABELS))
        if not cut.labels:
            add_text(plotter, f"no {cut.info.title}\nin this section", (width - 190, 0.80 * height), upward="top")


def _companions(cut: Slice) -> list[tuple[str, str]]:
    """Return each role on the plane with the body's name, or how many bodies of that role there are."""
    names: dict[str, list[str]] = {}
    for name, role, _ in (*cut.bodies, *cut.rims):
        names.setdefault(role, []).append(name)
    if cut.air is not None and ((cut.air > 0.5) & (cut.fraction > 0.5)).any():
        names["air"] = ["enclosed air"]
    return [
        (role, f"{len(found)} {role}s" if len(found) > 1 else found[0] if role in found[0] else f"{found[0]} ({role})")
        for role, found in names.items()
    ]


def _marks(plotter: Any, cut: Slice, sheet: Sheet, depth: float) -> None:
    u, v = PLANES[cut.axis]
    turn = np.linspace(0.0, 2.0 * np.pi, 41)
    for number, (words, place) in enumerate(cut.marks):
        x, y = sheet.pixel((place.point[u] * 1e3, place.point[v] * 1e3))
        ring = [(x + 9.0 * np.cos(t), y + 9.0 * np.sin(t)) for t in turn]
        sheet.line(plotter, ring, 4 * depth, color="white", line_width=11.0)
        sheet.line(plotter, ring, 4.2 * depth, color=INK, line_width=5.0)
        left = x > 0.5 * sheet.size[0]
        add_text(
            plotter,
            f" {words} ",
            (x - 18 if left else x + 18, y + 14 if number == 0 else y - 14),
            across="right" if left else "left",
            upward="bottom" if number == 0 else "top",
            paper=True,
        )
