"""A flat sheet in a pyvista window: world millimetres inside, pixels for what stands around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .style import INK, Scale, letters

__all__ = ["Sheet", "add_bar", "add_heading", "add_text", "set_letters"]

# Room around the drawing in pixels at 1200 x 900: left, right (colour bar), bottom (scale, legend), top (heading).
_LEFT, _RIGHT, _BOTTOM, _TOP = 50, 210, 90, 105
# VTK would set text with these as a formula or in columns.
_PLAIN = str.maketrans({"$": "", "|": "/"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where millimetres lie on the picture.

    Attributes
    ----------
    low, high : tuple of float
        The drawn rectangle in mm.
    size : tuple of int
        Pixels of the whole picture.
    """

    low: tuple[float, float]
    high: tuple[float, float] = field(kw_only=True)
    size: tuple[int, int] = field(kw_only=True)

    @property
    def scale(self) -> float:
        """Pixels a millimetre."""
        width, height = self.size
        return min(
            (width - _LEFT - _RIGHT) / (self.high[0] - self.low[0]),
            (height - _BOTTOM - _TOP) / (self.high[1] - self.low[1]),
        )

    @property
    def middle(self) -> tuple[float, float]:
        """The millimetres at the middle of the whole picture."""
        width, height = self.size
        across = 0.5 * (_LEFT + width - _RIGHT) - 0.5 * width
        upward = 0.5 * (_BOTTOM + height - _TOP) - 0.5 * height
        return (
            0.5 * (self.low[0] + self.high[0]) - across / self.scale,
            0.5 * (self.low[1] + self.high[1]) - upward / self.scale,
        )

    def pixel(self, point: Sequence[float]) -> tuple[float, float]:
        """Return the pixel (from the lower left) of a point in mm."""
        return (
            0.5 * self.size[0] + (point[0] - self.middle[0]) * self.scale,
            0.5 * self.size[1] + (point[1] - self.middle[1]) * self.scale,
        )

    def world(self, pixel: Sequence[float], depth: float = 0.0) -> tuple[float, float, float]:
        """Return the point in mm that lies on a pixel."""
        return (
            self.middle[0] + (pixel[0] - 0.5 * self.size[0]) / self.scale,
            self.middle[1] + (pixel[1] - 0.5 * self.size[1]) / self.scale,
            depth,
        )

    @property
    def half_height(self) -> float:
        """Half the height of the whole picture in mm."""
        return 0.5 * self.size[1] / self.scale

    def aim(self, plotter: Any, depth: float) -> None:
        """Point the camera at the sheet."""
        x, y = self.middle
        plotter.camera_position = [(x, y, 10.0 * depth), (x, y, 0.0), (0.0, 1.0, 0.0)]
        plotter.enable_parallel_projection()
        plotter.camera.parallel_scale = self.half_height
        plotter.camera.clipping_range = (depth, 20.0 * depth)

    def line(self, plotter: Any, pixels: Sequence[Sequence[float]], depth: float, **style: Any) -> None:
        """Draw a line through pixels."""
        import pyvista

        points = np.array([self.world(p, depth) for p in pixels])
        plotter.add_mesh(pyvista.MultipleLines(points), lighting=False, **style)

    def box(self, plotter: Any, low: Sequence[float], high: Sequence[float], depth: float, **style: Any) -> None:
        """Draw a filled rectangle between two pixels."""
        import pyvista

        a, b = self.world(low, depth), self.world(high, depth)
        corners = [(a[0], a[1], depth), (b[0], a[1], depth), (b[0], b[1], depth), (a[0], b[1], depth)]
        plotter.add_mesh(pyvista.PolyData(np.array(corners), faces=[4, 0, 1, 2, 3]), lighting=False, **style)


def add_text(
    plotter: Any,
    text: str,
    pixel: Sequence[float],
    *,
    points: int = 18,
    across: str = "left",
    upward: str = "bottom",
    bold: bool = False,
    colour: str = INK,
    paper: bool = False,
) -> None:
    """Write text at a pixel of the picture (from the lower left)."""
    import pyvista

    actor = pyvista.Text(text.translate(_PLAIN))
    actor.prop.color = colour
    actor.prop.font_size = points
    set_letters(actor.prop, bold=bold)
    actor.prop.justification_horizontal = across
    actor.prop.justification_vertical = upward
    if paper:
        actor.prop.background_color = "white"
        actor.prop.background_opacity = 0.82
    actor.GetPositionCoordinate().SetCoordinateSystemToDisplay()
    actor.GetPositionCoordinate().SetValue(float(pixel[0]), float(pixel[1]))
    plotter.add_actor(actor, reset_camera=False, pickable=False, render=False)


def set_letters(properties: Any, *, bold: bool = False) -> None:
    """Set a vtkTextProperty to the letters of all pictures."""
    file = letters(bold)
    if file:
        properties.SetFontFamily(4)  # VTK_FONT_FILE
        properties.SetFontFile(file)
        properties.SetBold(False)
    else:
        properties.SetFontFamilyToArial()
        properties.SetBold(bold)


def add_heading(plotter: Any, title: str, size: tuple[int, int]) -> None:
    """Write a title and, from its second line, what was computed."""
    first, _, second = title.partition("\n")
    add_text(plotter, first, (50, size[1] - 50), points=28, bold=True)
    add_text(plotter, second, (50, size[1] - 84), points=19, colour="#555555")


def add_bar(
    plotter: Any, mapper: Any, scale: Scale, unit: str, size: tuple[int, int], *, window: tuple[int, int] | None = None
) -> None:
    """Draw the colour bar at the right edge with its tick marks, its unit above and its cut ends told.

    `size` is that of the room whose right edge is meant, `window` that of the whole picture where the room is a part of it.
    """
    width, height = size
    across, upward = size if window is None else window
    left, bottom, top = width - 165, 0.16 * height, 0.80 * height
    plotter.add_scalar_bar(
        title="",
        mapper=mapper,
        vertical=True,
        n_labels=0,
        position_x=left / across,
        position_y=bottom / upward,
        width=28 / across,
        height=(top - bottom) / upward,
        render=False,
    )
    for actor in plotter.scalar_bars.values():
        actor.SetBarRatio(1.0)
        actor.SetTitleRatio(0.0)
        actor.SetTextPad(0)
        actor.SetVerticalTitleSeparation(0)
    ticks = scale.ticks
    for value in ticks:
        at = bottom + (top - bottom) * (value - scale.low) / (scale.high - scale.low)
        mark = "- " + scale.label(float(value))
        if value == ticks[-1] and scale.cut_high:
            mark += " and up"
        elif value == ticks[0] and scale.cut_low:
            mark += " and less"
        add_text(plotter, mark, (left + 30, at), points=19, upward="center")
    if unit:
        add_text(plotter, unit, (left, top + 18), points=20, bold=True)
