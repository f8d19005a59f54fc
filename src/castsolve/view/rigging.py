"""The job before it is run: part, gating, risers, chills and cores, each in the colour of its role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ViewError
from ..units import to_degC
from .canvas import Sheet, add_heading, add_text
from .picture import Picture
from .renderer import require_renderer
from .style import INK, role_colour

if TYPE_CHECKING:
    from ..casting import Casting

__all__ = ["rigging"]

_METAL = "#b9bfc6"
# What is looked through, to see the metal in it.
_GLASS = {"mould": 0.18, "core": 0.35, "sleeve": 0.28, "topping": 0.6}
_VIEW = (-1.0, -1.6, 0.9)


def rigging(
    casting: Casting, *, title: str | None = None, view: tuple[float, float, float] = _VIEW, size: tuple[int, int] = (1200, 900)
) -> Picture:
    """Return a picture of a casting with its rigging, before any work.

    Parameters
    ----------
    casting : Casting
    title : str, optional
    view : three floats
        Direction from the casting to the eye.
    size : tuple of int
        Pixels.

    Returns
    -------
    Picture

    Raises
    ------
    ViewError
        If it is no casting, or nothing renders here.
    """
    # A casting needs geometry and materials; looking at results does not.
    from ..casting import Casting

    if not isinstance(casting, Casting):
        raise ViewError(f"a picture of the rigging needs a casting, not {type(casting).__name__}; see view.casting for a result")
    require_renderer()
    pour = f"{casting.alloy.name} at {to_degC(casting.pour_temperature):.0f} °C in {casting.mould.name}"
    told = title or f"{casting.name}: {casting.process}\n{pour}"
    roles = list(dict.fromkeys(body.role for body in casting.bodies))

    def draw(plotter: Any) -> None:
        import pyvista

        for body in casting.bodies:
            faces: Any = body.surface.triangles
            mesh = pyvista.PolyData.from_regular_faces(body.surface.points * 1e3, faces)
            plotter.add_mesh(
                mesh,
                color=_colour(body.role),
                opacity=_GLASS.get(body.role, 1.0),
                smooth_shading=True,
                split_sharp_edges=True,
                feature_angle=35.0,
                ambient=0.35,
                diffuse=0.7,
                specular=0.15,
                show_scalar_bar=False,
            )
        _aim(plotter, np.concatenate([body.surface.points for body in casting.bodies]) * 1e3, view, size)
        plotter.enable_depth_peeling(8)
        plotter.enable_anti_aliasing("ssaa")
        plotter.add_axes(xlabel="x", ylabel="y", zlabel="z", color=INK, line_width=3, viewport=(0.0, 0.0, 0.14, 0.18))
        add_heading(plotter, told, size)
        for row, role in enumerate(roles):
            add_text(plotter, role, (size[0] - 150, size[1] - 150 - 34 * row), points=19, colour=_dark(_colour(role)))

    return Picture(told.partition("\n")[0], draw=draw, size=size)


def _colour(role: str) -> str:
    return _METAL if role == "part" else role_colour(role)


def _dark(colour: str) -> str:
    """Return a colour in which letters can be read on white."""
    shares = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{int(0.62 * share):02x}" for share in shares)


def _aim(plotter: Any, points: Any, view: tuple[float, float, float], size: tuple[int, int]) -> None:
    toward = np.array(view, dtype=float) / np.linalg.norm(view)
    across = np.cross((0.0, 0.0, 1.0), toward)
    across = across / np.linalg.norm(across) if np.linalg.norm(across) > 1e-9 else np.array([1.0, 0.0, 0.0])
    upward = np.cross(toward, across)
    u, v, w = points @ across, points @ upward, points @ toward
    sheet = Sheet((float(u.min()), float(v.min())), high=(float(u.max()), float(v.max())), size=size)
    middle = across * sheet.middle[0] + upward * sheet.middle[1] + toward * 0.5 * (w.min() + w.max())
    reach = float(np.ptp(w)) + float(np.ptp(u)) + float(np.ptp(v))
    plotter.camera_position = [tuple(middle + 2.0 * reach * toward), tuple(middle), tuple(upward)]
    plotter.enable_parallel_projection()
    plotter.camera.parallel_scale = sheet.half_height
    plotter.camera.clipping_range = (0.5 * reach, 4.0 * reach)
