"""Pictures that move: a section at every recorded time, or the front of a time as it passes through the casting."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ViewError
from ..results import Results
from ..results.files import make_folder, replacing
from .filling import filling, filling_limits, widest_axis
from .renderer import require_renderer
from .section import section
from .style import printed_unit
from .words import heading

__all__ = ["animation"]

_ENDINGS = (".gif", ".mp4")
_FRONT = "front"


def animation(
    result: Results,
    path: str | os.PathLike[str],
    field: str = "temperature",
    *,
    surface: bool = False,
    axis: str | int | None = None,
    at: float | str | None = None,
    times: Sequence[float] | int = 40,
    limits: tuple[float, float] | None = None,
    pace: float = 8.0,
    size: tuple[int, int] = (1200, 900),
) -> Path:
    """Write an animation of a section, or of a filling as a body.

    A filling that was recorded (``record=`` of `fill`) moves up to its free surface, coloured by "temperature" or "speed" (see
    `view.filling`). Else "temperature" shows the recorded times (``record=`` of `solidify`), the colours held from frame to frame.
    A field of times ("solidification_time", "fill_time", ...) shows how its front moves: each frame colours only the metal that has
    passed.

    Parameters
    ----------
    result : Results
    path : path
        Ends in ``.gif``, or in ``.mp4`` where ``imageio-ffmpeg`` is installed (``pip install "castsolve[movie]"``).
    field : str
    surface : bool
        Show a filling as a body with its free surface, not in section.
    axis, at
        The plane, as in `view.section`.
    times : sequence of float or int
        For a field of times: the moments of the frames (s), or their number, evenly spaced from the first to the last.
    limits : tuple of float, optional
        Ends of the colours in display units. Default: those of all frames together.
    pace : float
        Frames a second.
    size : tuple of int
        Pixels.

    Returns
    -------
    Path

    Raises
    ------
    ViewError
        If nothing renders here, the ending is another one, or there is nothing to move.
    """
    require_renderer()
    target = Path(path)
    if target.suffix.lower() not in _ENDINGS:
        raise ViewError(f'an animation cannot be saved as "{target.name}"; end the name with ' + " or ".join(_ENDINGS))
    if not 0.0 < pace <= 60.0:
        raise ViewError(f"pace = {pace:g} frames a second must lie in (0, 60]")
    options = {"axis": axis, "at": at, "size": size}
    if result.moments and field in next(iter(result.moments.values())):
        frames, count = _of_moments(result, field, surface, limits, options), len(result.moments)
    elif surface:
        raise ViewError("surface=True shows a filling that was recorded on its way: fill with record=[...] times")
    elif field == "temperature":
        frames, count = _of_snapshots(result, limits, options), len(result.snapshots)
    else:
        moments = _moments(result, field, times)
        frames, count = _of_front(result, field, moments, limits, options), len(moments)
    if count < 2:
        raise ViewError(f"an animation needs at least two moments; this one has {count}: run with record=[...] times")
    make_folder(target.parent, "an animation")
    with replacing(target, f"the animation {target}") as partial:
        (_write_gif if target.suffix.lower() == ".gif" else _write_mp4)(partial, frames, pace, size)
    return target


def _of_moments(
    result: Results, field: str, surface: bool, limits: tuple[float, float] | None, options: dict[str, Any]
) -> Iterator[NDArray[np.uint8]]:
    limits = limits or filling_limits(result, field)
    axis = widest_axis(result) if options["axis"] is None else options["axis"]
    plane = {} if surface else {"axis": axis, "at": options["at"]}
    for time in result.moments:
        yield filling(result, field, time, limits=limits, size=options["size"], **plane).image()


def _of_snapshots(result: Results, limits: tuple[float, float] | None, options: dict[str, Any]) -> Iterator[NDArray[np.uint8]]:
    display = result.info("temperature").display
    if limits is None and result.snapshots:
        metal = result.metal
        ends = [(float(np.nanmin(s[metal])), float(np.nanmax(s[metal]))) for s in result.snapshots.values()]
        limits = (float(display.of(min(e[0] for e in ends))), float(display.of(max(e[1] for e in ends))))
    for time, snapshot in result.snapshots.items():
        shown = replace(result, fields={**result.fields, "temperature": snapshot})
        told = heading(result, result.info("temperature"), f"{_told(result, time)} after the pour")
        yield section(shown, "temperature", limits=limits, title=told, **options).image()


def _moments(result: Results, field: str, times: Sequence[float] | int) -> NDArray[np.float64]:
    if result.info(field).unit != "s":
        raise ViewError(f'"{field}" cannot be animated: only "temperature" and fields of times can')
    known = result[field][result.metal & np.isfinite(result[field])]
    if not known.size:
        raise ViewError(f'no metal has reached "{field}" in this run; let it run longer')
    if isinstance(times, int):
        return np.linspace(float(known.min()), float(known.max()), times + 1)[1:] if times > 0 else np.zeros(0)
    return np.asarray(times, dtype=np.float64)


def _of_front(
    result: Results, field: str, moments: NDArray[np.float64], limits: tuple[float, float] | None, options: dict[str, Any]
) -> Iterator[NDArray[np.uint8]]:
    values, info = result[field], result.info(field)
    display = result.display(field)
    if limits is None:
        known = values[result.metal & np.isfinite(values)]
        # What has not passed yet takes the colour of the upper end.
        limits = (float(display.of(known.min())), float(display.of(known.max())))
    ceiling = np.float32(display.back(limits[1]))
    for moment in moments:
        passed = np.where(values <= moment, values, np.where(result.metal, ceiling, np.nan)).astype(np.float32)
        told = heading(result, info, f"{_told(result, float(moment))} after the pour")
        # Under a name of its own: plane and marks are found from the times themselves.
        shown = result.with_field(_FRONT, passed, info)
        yield section(shown, _FRONT, limits=limits, lines=False, title=told, **options).image()


def _told(result: Results, time: float) -> str:
    display = result.info("solidification_time").display_for(np.array([max(result.snapshots, default=time), time]))
    return f"{float(display.of(time)):.3g} {printed_unit(display.unit)}"


def _write_gif(path: Path, frames: Iterator[NDArray[np.uint8]], pace: float, size: tuple[int, int]) -> None:
    from PIL import Image

    pictures = [Image.fromarray(f).quantize(256, dither=Image.Dither.NONE) for f in frames]
    pictures[0].save(path, format="GIF", save_all=True, append_images=pictures[1:], duration=round(1000.0 / pace), loop=0)


def _write_mp4(path: Path, frames: Iterator[NDArray[np.uint8]], pace: float, size: tuple[int, int]) -> None:
    try:
        import imageio_ffmpeg
    except ImportError:
        raise ViewError(
            'imageio-ffmpeg is not installed, so only .gif can be written; get it with: pip install "castsolve[movie]"'
        ) from None
    # The format cannot be told from the name of an unfinished file.
    writer = imageio_ffmpeg.write_frames(
        str(path), size, fps=pace, codec="libx264", macro_block_size=2, output_params=["-f", "mp4"]
    )
    writer.send(None)
    try:
        for frame in frames:
            writer.send(np.ascontiguousarray(frame))
    finally:
        writer.close()
