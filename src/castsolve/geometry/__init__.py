"""Shapes: surfaces, parts, places for rigging, and the voxel grid."""

from __future__ import annotations

from .anchor import Anchor
from .apertures import Openings, openings
from .grid import Grid, GridBody, graded_nodes
from .grid_check import NO_WALL, BodyFigures, GridCheck
from .part import Part
from .reading import states_unit
from .stock import Stock
from .surface import Surface, direction_of, place_of
from .surface_check import Faults, SurfaceReport, require_closed, surface_report
from .thickness import WallThickness, wall_thickness
from .turned_grid import row_order, turned_grid

__all__ = [
    "NO_WALL",
    "Anchor",
    "BodyFigures",
    "Faults",
    "Grid",
    "GridBody",
    "GridCheck",
    "Openings",
    "Part",
    "Stock",
    "Surface",
    "SurfaceReport",
    "WallThickness",
    "direction_of",
    "graded_nodes",
    "openings",
    "place_of",
    "require_closed",
    "row_order",
    "states_unit",
    "surface_report",
    "turned_grid",
    "wall_thickness",
]
