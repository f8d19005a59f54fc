"""Looking: sections, isosurfaces, coloured castings and cooling curves; no display is needed."""

from .curves import cooling_curves
from .picture import Picture
from .renderer import RendererState, probe
from .rigging import rigging
from .section import section
from .solid import casting, isosurface

__all__ = ["Picture", "RendererState", "casting", "cooling_curves", "isosurface", "probe", "rigging", "section"]
