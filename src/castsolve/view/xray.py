"""An X-ray of the casting: the volumes that are in danger, inside the translucent part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..defects import Verdicts, hot_spots, niyama, niyama_thresholds, shrinkage
from ..defects.expansion import run_shrinkage
from ..errors import ViewError
from ..results import Results
from .canvas import add_text
from .layers import crop_to, padded, seen
from .marks import draw_marks, list_marks, marks_of
from .picture import Picture
from .renderer import require_renderer
from .solid import add_companions, finish, solid_of
from .style import LINES
from .words import SEPARATOR, told_run

__all__ = ["suspects", "xray"]

_COLOURS = ("#c8371b", "#e69f00", LINES[3], LINES[0], LINES[2], LINES[5])
# Cavities lie inside hot spots and low Niyama values: what is told first is seen through the rest.
_OPACITY = (0.9, 0.45)
# Share of the metal that must be missing in a voxel to be shown.
_POROUS = 0.01
# A hot spot is shown as the metal that freezes after this share of its time.
_CORE = 0.95


def suspects(result: Results) -> dict[str, NDArray[Any]]:
    """Return the volumes of the part that the records of a run make suspect, by what is wrong with them.

    Cavities: the share of each voxel's metal that is missing where that is more than 1 %, else 0; in risers too, by the field
    "porosity" where the result holds it, else by the balance of mass (`defects.shrinkage`) where its alloy tells by how much it
    shrinks. The others are masks: isolated pools where the result holds them, metal below the largest Niyama threshold of the alloy
    that has a source, and the last twentieth of the time of each hot spot.
    """
    part = result.where(role="part") if "part" in result.frame.body_roles and "body" in result else result.metal
    found: dict[str, NDArray[Any]] = {}
    missing = _missing(result)
    if missing is not None:
        share = np.nan_to_num(missing)
        found["cavities above 1 %"] = np.where(result.metal & (share > _POROUS), share, 0.0)
    if "isolated_pool" in result:
        found["isolated pools"] = part & (result["isolated_pool"] > 0)
    thresholds = niyama_thresholds(result) if {"thermal_gradient", "cooling_rate"} <= set(result) else ()
    if thresholds:
        limit = thresholds[0].value
        with np.errstate(invalid="ignore"):
            found[f"Niyama below {limit * 1e-3:.3g} √(K·s)/mm"] = part & (niyama(result) < limit)
    if "solidification_time" in result:
        cores = np.zeros(result.frame.shape, dtype=bool)
        from scipy import ndimage

        times = np.nan_to_num(result["solidification_time"], nan=-1.0)
        for spot in hot_spots(result).in_part:
            # of its own: below its bridge it hangs together with later metal
            islands, _ = ndimage.label((times >= _CORE * spot.time) & (times > spot.bridge_time))
            at = tuple(int(i) for i in result.frame.locate(spot.place)[0])
            if islands[at]:
                cores |= islands == islands[at]
        found["hot spots"] = cores & part
    return {name: mask for name, mask in found.items() if mask.any()}


def _missing(result: Results) -> NDArray[Any] | None:
    """Return the share of every voxel's metal that is missing, or None where the result does not tell."""
    if "porosity" in result:
        return result["porosity"]
    known = {"macro_feeding_time", "liquidus_time"} <= set(result) and run_shrinkage(result) is not None
    return shrinkage(result).cavity if known else None


def xray(
    result: Results,
    volumes: Mapping[str, NDArray[Any]] | None = None,
    *,
    verdicts: Verdicts | None = None,
    title: str | None = None,
    size: tuple[int, int] = (1200, 900),
) -> Picture:
    """Return a picture of suspect volumes inside the translucent casting.

    Parameters
    ----------
    result : Results
    volumes : mapping of str to ndarray, optional
        What to show, by the name that the legend gives it: a mask, or the share of each voxel that is meant; each has the shape of
        the frame. The legend tells the volume of those shares. Default: `suspects`.
    verdicts : Verdicts, optional
        Findings to mark by their number in the table.
    title : str, optional
    size : tuple of int
        Pixels.

    Raises
    ------
    ViewError
        If nothing renders here, or a volume has another shape.
    """
    require_renderer()
    shown = dict(suspects(result) if volumes is None else volumes)
    for name, share in shown.items():
        if np.shape(share) != result.frame.shape:
            raise ViewError(f'the volume "{name}" has the shape {np.shape(share)}; the result has {result.frame.shape} voxels')
    solid = solid_of(result, "region" if "region" in result else next(iter(result)), None, surface=False)
    block = seen(result)
    sizes = {name: float((result.volumes() * share).sum()) for name, share in shown.items()}
    for name, share in shown.items():
        solid.grid.point_data[f"suspect {name}"] = _smooth(crop_to(np.asarray(share) > 0.0, block)).ravel(order="F")
    marks = marks_of(verdicts)
    what = "suspect volumes in the casting" if shown else "no suspect volume" if marks else "nothing suspect"
    told = title or "X-ray\n" + SEPARATOR.join([what, *told_run(result)])

    def draw(plotter: Any) -> None:
        metal = solid.grid.contour([0.5], scalars="fraction").compute_normals(auto_orient_normals=True)
        plotter.add_mesh(metal, color="#b9c2ca", opacity=0.22, smooth_shading=True, show_scalar_bar=False)
        for number, name in enumerate(shown):
            body = solid.grid.contour([0.5], scalars=f"suspect {name}")
            if body.n_points:
                plotter.add_mesh(
                    body, color=_COLOURS[number % len(_COLOURS)], smooth_shading=True, ambient=0.3, opacity=_OPACITY[min(number, 1)]
                )
        add_companions(plotter, solid)
        pixel = finish(plotter, solid, told, size)
        draw_marks(plotter, marks, [pixel([1e3 * c for c in mark.place]) for mark in marks])
        list_marks(plotter, marks, (62.0, size[1] - 122.0))
        _legend(plotter, sizes)

    return Picture(told.partition("\n")[0], draw=draw, size=size)


def _smooth(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return a smooth share of a mask whose half level keeps single voxels, a layer wider all round."""
    from scipy import ndimage

    wide = padded(mask.astype(np.float32), 0.0)
    # A voxel alone would vanish when smoothed: it keeps at least its own octahedron.
    return np.maximum(ndimage.gaussian_filter(wide, 0.6), 0.75 * wide)


def _legend(plotter: Any, sizes: Mapping[str, float]) -> None:
    for number, (name, volume) in enumerate(sizes.items()):
        top = 60.0 + 30.0 * (len(sizes) - 1 - number)
        add_text(plotter, "■", (170.0, top), colour=_COLOURS[number % len(_COLOURS)], points=22)
        add_text(plotter, f"{name}: {volume * 1e6:.3g} cm³", (200.0, top + 2), points=18)
