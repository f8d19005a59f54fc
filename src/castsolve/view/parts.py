"""Pictures of parts before a run: the walls and hot spots of an inspection, and where a refused surface leaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ViewError
from ..feeding import Inspection
from ..geometry import Faults, Surface
from .canvas import Sheet, add_bar, add_heading, add_text, set_letters
from .picture import Picture
from .renderer import require_renderer
from .style import INK, Scale, round_step

__all__ = ["faults", "inspection"]

_VIEW = (1.0, -1.4, 0.9)
_HOT, _LEAK = "#c8371b", "#d7191c"
# Share of the picture's width left for the part; histogram and names stand beside it.
_PART = 0.66


def inspection(inspected: Inspection, *, title: str | None = None, size: tuple[int, int] = (1500, 950)) -> Picture:
    """Return a picture of an inspected part: wall thickness in colour, hot spots inside, the walls by volume.

    Parameters
    ----------
    inspected : Inspection
    title : str, optional
    size : tuple of int
        Pixels.
    """
    require_renderer()
    told = title or f"{inspected.part.name}\nwall thickness and hot spots   ·   {inspected.alloy} in {inspected.mould}, no riser"

    def draw(plotter: Any) -> None:
        _draw_inspection(plotter, inspected, told, size)

    return Picture(told.partition("\n")[0], draw=draw, size=size)


def _draw_inspection(plotter: Any, inspected: Inspection, title: str, size: tuple[int, int]) -> None:
    walls = inspected.walls
    low, high = (walls.share(q) * 1e3 for q in (0.01, 0.99))
    step = round_step(max(high - low, 0.02 * high), 6)
    scale = Scale(np.floor(low / step) * step, high=np.ceil(high / step) * step, step=step)
    mesh = _mesh(walls.skin)
    mesh.point_data["thickness"] = np.clip(walls.skin_thickness * 1e3, scale.low, scale.high).astype(np.float32)
    room = (int(_PART * size[0]), size[1])
    actor = plotter.add_mesh(
        mesh, scalars="thickness", cmap="viridis", clim=(scale.low, scale.high), smooth_shading=False, show_scalar_bar=False,
        ambient=0.35, diffuse=0.7,
    )  # fmt: skip
    # The hot spots lie inside: their numbers show through.
    spots = inspected.hot_spots.rows[:5]
    if spots:
        plotter.add_point_labels(
            np.array([spot.place for spot in spots]) * 1e3, [str(n) for n in range(1, len(spots) + 1)], font_size=22, bold=True,
            text_color="white", shape="rounded_rect", shape_color=_HOT, shape_opacity=0.9, margin=4, show_points=False,
            always_visible=True, render=False,
        )  # fmt: skip
    _aim(plotter, walls.skin.points * 1e3, room, size)
    # No supersampling here: it would misplace the chart.
    plotter.add_axes(xlabel="x", ylabel="y", zlabel="z", color=INK, line_width=3, viewport=(0.0, 0.0, 0.12, 0.18))
    add_heading(plotter, title, size)
    add_bar(plotter, actor.mapper, scale, "mm", room, window=size)
    _histogram(plotter, inspected, size)
    _words(plotter, inspected, size)


def _histogram(plotter: Any, inspected: Inspection, size: tuple[int, int]) -> None:
    import pyvista

    share, ends = inspected.walls.histogram()
    chart = pyvista.Chart2D(size=(1.0 - _PART - 0.02, 0.44), loc=(_PART + 0.01, 0.02))
    chart.background_color = (1.0, 1.0, 1.0, 0.0)
    chart.border_style = ""
    chart.bar(0.5e3 * (ends[1:] + ends[:-1]), 100.0 * share, color="#3b528b")
    for axis, words in ((chart.x_axis, "wall thickness (mm)"), (chart.y_axis, "share of the metal (%)")):
        axis.label = words
        axis.label_size = 19
        axis.tick_label_size = 16
        axis.pen.color = INK
        for letter in (axis.GetTitleProperties(), axis.GetLabelProperties()):
            set_letters(letter)
            letter.SetColor(0.11, 0.11, 0.11)
    chart.x_axis.range = (0.0, float(ends[-1]) * 1e3)
    chart.legend_visible = False
    plotter.add_chart(chart)


def _words(plotter: Any, inspected: Inspection, size: tuple[int, int]) -> None:
    left, top = _PART * size[0] + 30, size[1] - 130
    rows = [
        f"{inspected.volume * 1e6:.4g} cm³, {inspected.weight:.3g} kg, {inspected.area * 1e4:.4g} cm²",
        f"modulus {inspected.casting_modulus * 1e2:.3g} cm, last place {inspected.thermal_modulus * 1e2:.3g} cm",
        f"walls {inspected.walls.share(0.02) * 1e3:.3g} to {inspected.walls.share(0.98) * 1e3:.3g} mm",
        f"pour with {inspected.up} up",
        f"voxel {inspected.voxel * 1e3:.3g} mm: {inspected.voxels / 1e6:.2g} M voxels",
        "",
        *(f"{n}  solid after {spot.time:.4g} s" for n, spot in enumerate(inspected.hot_spots.rows[:5], 1)),
    ]
    for n, row in enumerate(rows):
        if row:
            add_text(plotter, row, (left, top - 34 * n), points=18, colour=_HOT if n > 5 else INK)


def faults(broken: Faults, *, title: str = "Where the surface leaks", size: tuple[int, int] = (1200, 900)) -> Picture:
    """Return a picture of a refused surface with its leaking edges in red: `view.faults(error.faults)`.

    Parameters
    ----------
    broken : Faults
        What a `GeometryError` carries as `faults`.
    """
    if not isinstance(broken, Faults):
        raise ViewError("there is nothing to show: the error carries no surface (its faults are None)")
    require_renderer()

    def draw(plotter: Any) -> None:
        import pyvista

        points = broken.surface.points * 1e3
        plotter.add_mesh(_mesh(broken.surface), color="#cfd4d9", opacity=0.55, show_edges=False)
        if len(broken.leaks):
            ends = broken.leaks.reshape(-1, 3) * 1e3
            lines = np.column_stack([np.full(len(ends) // 2, 2), np.arange(len(ends)).reshape(-1, 2)])
            plotter.add_mesh(pyvista.PolyData(ends, lines=lines.ravel()), color=_LEAK, line_width=4, lighting=False)
        _aim(plotter, points[np.unique(broken.surface.triangles)], size, size)
        plotter.add_axes(xlabel="x", ylabel="y", zlabel="z", color=INK, line_width=3, viewport=(0.0, 0.0, 0.14, 0.18))
        add_heading(plotter, f"{title}\n{len(broken.leaks)} leaking edges in red", size)

    return Picture(title, draw=draw, size=size)


def _mesh(surface: Surface) -> Any:
    import pyvista

    faces = np.column_stack([np.full(len(surface.triangles), 3), surface.triangles])
    return pyvista.PolyData(surface.points * 1e3, faces=faces.ravel())


def _aim(plotter: Any, points: NDArray[np.float64], room: Sequence[int], size: Sequence[int]) -> None:
    """Point the camera so that all points lie in a room at the left of the picture."""
    toward = np.array(_VIEW) / np.linalg.norm(_VIEW)
    across = np.cross((0.0, 0.0, 1.0), toward)
    across /= np.linalg.norm(across)
    upward = np.cross(toward, across)
    u, v, w = points @ across, points @ upward, points @ toward
    sheet = Sheet((float(u.min()), float(v.min())), high=(float(u.max()), float(v.max())), size=(room[0], room[1]))
    # The middle of the room lies left of the middle of the picture.
    shift = 0.5 * (size[0] - room[0]) / sheet.scale
    middle = across * (sheet.middle[0] + shift) + upward * sheet.middle[1] + toward * 0.5 * (w.min() + w.max())
    reach = float(w.max() - w.min()) + float(np.ptp(u)) + float(np.ptp(v))
    plotter.camera_position = [tuple(middle + 2.0 * reach * toward), tuple(middle), (0.0, 0.0, 1.0)]
    plotter.enable_parallel_projection()
    plotter.camera.parallel_scale = sheet.half_height
    plotter.camera.clipping_range = (0.5 * reach, 4.0 * reach)
