"""How pictures look: colour maps, round tick marks, units as a reader writes them, colours of roles."""

from __future__ import annotations

import functools
import importlib.util
import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..results import FieldInfo

__all__ = [
    "EMPTY",
    "INK",
    "LINES",
    "PLAIN",
    "SAND",
    "Scale",
    "colour_map",
    "letters",
    "printed_unit",
    "role_colour",
    "round_step",
    "scale_of",
    "wants_lines",
]

INK = "#1c1c1c"
SAND = "#efe9dd"
PLAIN = "#cfd4d9"
EMPTY = "#fbfbfb"

# Okabe and Ito's colours: told apart by colour-blind readers too.
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5b5b5b", "#8c6d1f")

_ROLES = {
    "chill": "#8fa3b5",
    "sleeve": "#d9b98a",
    "core": "#d8c9a3",
    "die": "#c3c8cd",
    "mould": SAND,
    "riser": "#0b5fa5",
    "gate": "#2e7d32",
    "runner": "#2e7d32",
    "sprue": "#2e7d32",
    "basin": "#2e7d32",
    "overflow": "#7cb342",
    "filter": "#c77700",
    "stock": "#8a6d3b",
    "breaker": "#a14d3a",
    "topping": "#d9b98a",
    "backing": SAND,
    "empty": "#f4f7fa",
    "surroundings": "#ffffff",
    "air": "#56B4E9",
}

_MAPS = {
    "temperature": "inferno",
    "peak_temperature": "inferno",
    # Low is suspect: it stands out, and sound metal is pale.
    "niyama": "YlOrRd_r",
    "thermal_gradient": "viridis",
    "cooling_rate": "viridis",
    "coherency_gradient": "viridis",
    "coherency_cooling_rate": "viridis",
    "front_speed": "viridis",
    "fraction_solid": "cividis",
    "porosity": "YlOrRd",
}

# Ends of the colours, in display units, where what matters lies in a known range: the thresholds of the Niyama value in
# the literature lie between 0.1 and 2 (K s)^0.5/mm, while most of a casting is far above.
_ENDS = {"niyama": (0.0, 2.0)}

# Noise of differences of voxel values would make scribble of equal-value lines of these.
_NO_LINES = {"K/m", "K/s", "(K s)^0.5/m", "m/s"}

# A field whose largest value exceeds this multiple of its 98th percentile would show in one colour otherwise.
_TAIL = 1.6


def colour_map(info: FieldInfo) -> str:
    """Return the colour map of a field: perceptually even, readable in grey."""
    if info.name in _MAPS:
        return _MAPS[info.name]
    return "plasma" if info.unit == "s" or info.name == "thermal_modulus" else "viridis"


def wants_lines(info: FieldInfo) -> bool:
    """Return whether lines of equal value of a field are smooth enough to help."""
    return not info.is_label and info.unit not in _NO_LINES


def role_colour(role: str) -> str:
    """Return the colour of a body's fill or outline."""
    return _ROLES.get(role, "#7a7a7a")


def printed_unit(unit: str) -> str:
    """Return a unit as it is printed in a picture."""
    return {"degC": "°C", "(K s)^0.5/mm": "√(K·s)/mm", "um": "µm", "kW/m2": "kW/m²", "MJ/m3": "MJ/m³"}.get(unit, unit)


@functools.cache
def letters(bold: bool = False) -> str:
    """Return the font file that matplotlib (which pyvista needs) brings along, "" where it is not found.

    VTK's own fonts lack the root sign.
    """
    found = importlib.util.find_spec("matplotlib")
    if found is None or not found.submodule_search_locations:
        return ""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    file = Path(found.submodule_search_locations[0]) / "mpl-data" / "fonts" / "ttf" / name
    return str(file) if file.is_file() else ""


def round_step(span: float, parts: int) -> float:
    """Return a step of 1, 2, 2.5 or 5 times a power of ten that cuts a span into about so many parts."""
    if not span > 0.0:
        return 1.0
    rough = span / max(parts, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return power * min((1.0, 2.0, 2.5, 5.0, 10.0), key=lambda f: abs(math.log(f * power / rough)))


@dataclass(frozen=True, slots=True)
class Scale:
    """A colour scale with round ends and tick marks, in display units."""

    low: float
    high: float = field(kw_only=True)
    step: float = field(kw_only=True)
    cut_low: bool = field(default=False, kw_only=True)
    cut_high: bool = field(default=False, kw_only=True)

    @property
    def ticks(self) -> NDArray[np.float64]:
        """The tick values from low to high."""
        return self.low + self.step * np.arange(round((self.high - self.low) / self.step) + 1, dtype=np.float64)

    def label(self, value: float) -> str:
        """Return a tick as text, with as many digits as the step needs."""
        digits = max(0, -math.floor(math.log10(self.step) + 1e-9))
        if round(self.step * 10.0**digits, 6) % 1.0:
            digits += 1
        # Adding zero turns -0.0 into 0.0.
        return f"{round(value, digits) + 0.0:.{digits}f}"


def scale_of(info: FieldInfo, values: NDArray[np.floating], *, limits: tuple[float, float] | None = None) -> Scale:
    """Return a scale for values in display units; long tails (gradients, rates) are cut and the cut is told."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    bottom, top = low, high
    usual = _ENDS.get(info.name)
    if limits is None and usual is not None and low < usual[1] < high:
        limits = usual
    if limits is not None:
        low, high = limits
    elif finite.size > 100:
        p2, p98 = (float(p) for p in np.percentile(finite, (2.0, 98.0)))
        if high - p2 > _TAIL * (p98 - p2) and p98 > p2:
            high = p98
        if p98 - low > _TAIL * (p98 - p2) and p98 > p2:
            low = p2
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        pad = 0.5 * abs(high) or 0.5
        low, high = low - pad, high + pad
    step = round_step(high - low, 6)
    low, high = math.floor(low / step + 1e-6) * step, math.ceil(high / step - 1e-6) * step
    return Scale(low, high=high, step=step, cut_low=bottom < low - 1e-9 * step, cut_high=top > high + 1e-9 * step)
