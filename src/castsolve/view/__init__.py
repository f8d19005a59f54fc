"""Looking: sections, isosurfaces, coloured castings and cooling curves; no display is needed."""

from .curves import cooling_curves
from .parts import faults, inspection
from .picture import Picture
from .renderer import RendererState, probe
from .section import section
from .solid import casting, isosurface

__all__ = ["Picture", "RendererState", "casting", "cooling_curves", "faults", "inspection", "isosurface", "probe", "section"]
