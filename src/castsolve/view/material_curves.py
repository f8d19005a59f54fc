"""The curves of one material: what it conducts, holds and frees over temperature, four to a picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ViewError
from ..materials import Alloy, Coating, MouldMaterial
from .canvas import add_heading, add_text, set_letters
from .picture import Picture
from .renderer import require_renderer
from .style import INK, LINES

__all__ = ["material_curves"]

Array = NDArray[np.float64]

_ZERO = 273.15
_LEVEL = "#7d7d7d"
_ROOM = 298.15
# Lower left corner of each chart, as a share of the picture.
_PANELS = ((0.0, 0.455), (0.5, 0.455), (0.0, 0.0), (0.5, 0.0))


@dataclass(frozen=True, slots=True)
class _Panel:
    """One chart: lines over temperature (degC) or time, with a name each."""

    title: str
    across: str
    upward: str
    lines: list[tuple[str, Array, Array]] = field(default_factory=list)
    levels: list[tuple[str, float]] = field(default_factory=list)


def material_curves(
    material: Alloy | MouldMaterial, *, title: str | None = None, size: tuple[int, int] = (1200, 1000)
) -> Picture:
    """Return a picture with the curves of an alloy or a mould material.

    An alloy: fraction solid with the share of latent heat released, conductivity, enthalpy and density. A mould material:
    conductivity, enthalpy, specific heat and, for an exothermic sleeve, the heat that it sets free over time.

    Parameters
    ----------
    material : Alloy or MouldMaterial
    title : str, optional
    size : tuple of int
        Pixels.

    Raises
    ------
    ViewError
        If nothing renders here, or the material has no curves.
    """
    require_renderer()
    if isinstance(material, Coating) or not isinstance(material, (Alloy, MouldMaterial)):
        raise ViewError(f"{getattr(material, 'name', material)!r} has no curves; give an alloy or a mould material")
    told = title or f"{material.name}: {material.title}\nworst quality of the data {material.worst_quality}"
    panels = _alloy_panels(material) if isinstance(material, Alloy) else _mould_panels(material)

    def draw(plotter: Any) -> None:
        for panel, place in zip(panels, _PANELS, strict=False):
            _chart(plotter, panel, place, size)
        add_heading(plotter, told, size)

    return Picture(told.partition("\n")[0], draw=draw, size=size)


def _alloy_panels(alloy: Alloy) -> list[_Panel]:
    heat = alloy.heat
    levels = [("solidus", alloy.solidus.value - _ZERO), ("liquidus", alloy.liquidus.value - _ZERO)]
    rows = np.array(alloy.fraction_solid.rows)
    margin = max(0.15 * alloy.freezing_range, 5.0)
    T = np.concatenate([[rows[-1, 0] - margin], rows[::-1, 0], [rows[0, 0] + margin]]) - _ZERO
    lines = [("fraction solid", T, np.concatenate([[1.0], rows[::-1, 1], [0.0]]))]
    if rows.shape[1] == 3:
        lines.append(("latent heat released", T, np.concatenate([[1.0], rows[::-1, 2], [0.0]])))
    marks = [("", alloy.eutectic.value - _ZERO)] if alloy.eutectic is not None else []
    hot = min(alloy.liquidus.value + 200.0, heat.temperature_high)
    inside = (heat.temperature >= _ROOM - 1.0) & (heat.temperature <= hot)
    node_T = heat.temperature[inside] - _ZERO
    grid = np.linspace(_ROOM, hot, 400)
    return [
        _Panel("freezing", "temperature (°C)", "share", lines, marks),
        _Panel("conductivity", "temperature (°C)", "W/m/K", [("", node_T, heat.conductivity[inside])], levels),
        _Panel("enthalpy", "temperature (°C)", "kJ/kg", [("", node_T, heat.enthalpy[inside] / heat.density / 1e3)], levels),
        _Panel("density", "temperature (°C)", "kg/m³", [("", grid - _ZERO, np.asarray(alloy.density_at(grid)))], levels),
    ]


def _mould_panels(mould: MouldMaterial) -> list[_Panel]:
    heat = mould.heat
    hot = min(heat.temperature_high, 1773.15)
    inside = (heat.temperature >= _ROOM - 1.0) & (heat.temperature <= hot)
    T = heat.temperature[inside] - _ZERO
    table = np.array(mould.specific_heat.rows)
    panels = [
        _Panel("conductivity", "temperature (°C)", "W/m/K", [("", T, heat.conductivity[inside])]),
        _Panel("enthalpy", "temperature (°C)", "kJ/kg", [("", T, heat.enthalpy[inside] / heat.density / 1e3)]),
        _Panel("specific heat", "temperature (°C)", "J/kg/K", [("", table[:, 0] - _ZERO, table[:, 1])]),
    ]
    if mould.heat_release is not None and mould.exothermic_heat is not None:
        release = np.array(mould.heat_release.rows)
        t = np.concatenate([[0.0], release[:, 0], [1.2 * release[-1, 0]]])
        freed = mould.exothermic_heat.value / 1e3 * np.concatenate([[0.0], release[:, 1], [1.0]])
        ignition = mould.ignition_temperature
        since = "the pour" if ignition is None else f"ignition at {ignition.value - _ZERO:.0f} °C"
        panels.append(_Panel("heat set free", f"time since {since} (s)", "kJ/kg", [("", t, freed)]))
    return panels


def _chart(plotter: Any, panel: _Panel, place: tuple[float, float], size: tuple[int, int]) -> None:
    import pyvista

    chart = pyvista.Chart2D(size=(0.485, 0.415), loc=place)
    chart.background_color = (1.0, 1.0, 1.0, 0.0)
    chart.border_style = ""
    low, high = _range([y for _, _, y in panel.lines])
    left, right = min(x[0] for _, x, _ in panel.lines), max(x[-1] for _, x, _ in panel.lines)
    for _, at in panel.levels:
        chart.line([at, at], [low, high], color=_LEVEL, width=1.5, style="--")
    for number, (_, x, y) in enumerate(panel.lines):
        chart.line(x, y, color=LINES[number % len(LINES)], width=3.0)
    for axis, words in ((chart.x_axis, panel.across), (chart.y_axis, panel.upward)):
        axis.label = words
        axis.label_size = 17
        axis.tick_label_size = 15
        axis.pen.color = INK
        for letter in (axis.GetTitleProperties(), axis.GetLabelProperties()):
            set_letters(letter)
            letter.SetColor(0.11, 0.11, 0.11)
    chart.x_axis.range = (left, right)
    chart.y_axis.range = (low, high)
    chart.legend_visible = False
    plotter.add_chart(chart)
    _name(plotter, panel, place, size)


def _name(plotter: Any, panel: _Panel, place: tuple[float, float], size: tuple[int, int]) -> None:
    """Write the panel's title above it, and the names of its lines behind the title in their colours."""
    width, height = size
    x, y = (place[0] + 0.075) * width, (place[1] + 0.418) * height
    add_text(plotter, panel.title, (x, y), points=17, bold=True)
    x += 12.0 * len(panel.title) + 20.0
    for number, (name, _, _) in enumerate(panel.lines):
        if name:
            add_text(plotter, f"━ {name}", (x, y), points=14, colour=LINES[number % len(LINES)])
            x += 9.0 * len(name) + 45.0


def _range(values: list[Array]) -> tuple[float, float]:
    low, high = min(float(v.min()) for v in values), max(float(v.max()) for v in values)
    # Curves that are no share start at zero where that costs little of the picture.
    low = 0.0 if 0.0 <= low < 0.5 * high else low - 0.05 * max(high - low, 1e-3 * abs(high))
    return low, high + 0.05 * (high - low)
