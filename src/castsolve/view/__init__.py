"""Looking: sections, isosurfaces, X-rays, coloured castings, animations and cooling curves; no display is needed."""

from .animation import animation
from .curves import cooling_curves
from .die import cavity
from .filling import filling
from .material_curves import material_curves
from .parts import faults, inspection
from .picture import Picture
from .renderer import RendererState, probe
from .rigging import rigging
from .section import section
from .solid import casting, isosurface
from .unfrozen import unfrozen
from .xray import suspects, xray

__all__ = [
    "Picture",
    "RendererState",
    "animation",
    "casting",
    "cavity",
    "cooling_curves",
    "faults",
    "filling",
    "inspection",
    "isosurface",
    "material_curves",
    "probe",
    "rigging",
    "section",
    "suspects",
    "unfrozen",
    "xray",
]
