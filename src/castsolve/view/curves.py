"""Cooling curves: what the virtual thermocouples read."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..errors import ResultsError, ViewError, unknown_name
from ..results import Probe, Results, series_info
from .canvas import add_heading, add_text, set_letters
from .picture import Picture
from .renderer import require_renderer
from .style import INK, LINES, printed_unit
from .words import SEPARATOR, told_run

__all__ = ["cooling_curves"]

_LEVEL = "#7d7d7d"
_STYLES = ("-", "-.", "--")
# Share of the picture's width that the plot takes; the names of the lines stand beside it.
_WIDTH = 0.80
_NAMED = 15


def cooling_curves(
    result: Results,
    probes: Iterable[str] | None = None,
    *,
    title: str | None = None,
    size: tuple[int, int] = (1200, 900),
) -> Picture:
    """Return a plot of the probes' temperatures over time, with the alloy's liquidus and solidus.

    Parameters
    ----------
    result : Results
    probes : iterable of str, optional
        Names of probes. Default: all.
    title : str, optional
    size : tuple of int
        Pixels.

    Returns
    -------
    Picture

    Raises
    ------
    ResultsError
        If a probe is unknown.
    ViewError
        If nothing renders here or the result has no probe.
    """
    require_renderer()
    if not result.probes:
        raise ViewError("there are no cooling curves: the result has no probes; give the run probes=[...]")
    chosen = []
    for name in result.probes if probes is None else probes:
        if name not in result.probes:
            raise ResultsError(unknown_name("probe", name, result.probes))
        chosen.append(result.probes[name])
    levels = {}
    alloy = result.facts.get("alloy")
    if isinstance(alloy, Mapping):
        levels = {n: float(alloy[n]) for n in ("liquidus", "solidus") if isinstance(alloy.get(n), (int, float))}
    told = title or "Cooling curves\n" + SEPARATOR.join(told_run(result))

    def draw(plotter: Any) -> None:
        _draw(plotter, chosen, levels, told, size)

    return Picture(told.partition("\n")[0], draw=draw, size=size)


def _draw(plotter: Any, probes: list[Probe], levels: dict[str, float], title: str, size: tuple[int, int]) -> None:
    import pyvista

    unit_t = series_info("time").display_for(np.concatenate([p.times for p in probes]))
    unit_T = series_info("temperature").display
    chart = pyvista.Chart2D(size=(_WIDTH, 0.86), loc=(0.01, 0.01))
    chart.background_color = (1.0, 1.0, 1.0, 0.0)
    chart.border_style = ""
    last = max(float(unit_t.of(p.times[-1])) for p in probes if p.times.size)
    named: list[tuple[str, str, str]] = []
    for name, level in levels.items():
        shown = float(unit_T.of(level))
        chart.line([0.0, last], [shown, shown], color=_LEVEL, width=2.0, style="--")
        named.append((f"{name} {shown:.0f} {printed_unit(unit_T.unit)}", _LEVEL, "--"))
    for number, probe in enumerate(probes):
        colour, style = LINES[number % len(LINES)], _STYLES[number // len(LINES) % len(_STYLES)]
        chart.line(unit_t.of(probe.times), unit_T.of(probe.temperatures), color=colour, width=3.0, style=style)
        named.append((probe.name, colour, style))
    for axis, words in (
        (chart.x_axis, f"time since the pour ({unit_t.unit})"),
        (chart.y_axis, f"temperature ({printed_unit(unit_T.unit)})"),
    ):
        axis.label = words
        axis.label_size = 21
        axis.tick_label_size = 18
        axis.pen.color = INK
        for letter in (axis.GetTitleProperties(), axis.GetLabelProperties()):
            set_letters(letter)
            letter.SetColor(0.11, 0.11, 0.11)
    chart.x_axis.range = (0.0, last)
    chart.legend_visible = False
    plotter.add_chart(chart)
    add_heading(plotter, title, size)
    _legend(plotter, named, size)


def _legend(plotter: Any, named: list[tuple[str, str, str]], size: tuple[int, int]) -> None:
    """Name the lines beside the plot, where they hide nothing."""
    width, height = size
    rows = named[:_NAMED]
    for number, (name, colour, style) in enumerate(rows):
        # Long names go on a second line rather than off the picture.
        words = textwrap.fill(name, 16, max_lines=2, placeholder=" ...")
        at = (_WIDTH * width + 18, 0.80 * height - 46 * number)
        add_text(plotter, {"-": "\u2501\u2501", "--": "\u2013 \u2013", "-.": "\u2501 \u2501"}[style], at, colour=colour)
        add_text(plotter, words, (at[0] + 42, at[1] + 14), points=16, upward="top")
    if len(named) > _NAMED:
        add_text(plotter, f"and {len(named) - _NAMED} more", (_WIDTH * width + 18, 0.80 * height - 46 * _NAMED))
