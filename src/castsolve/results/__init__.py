"""Results: named fields with units, history and probes; saved, loaded, compared and written for other programs."""

from .checkpoint import read_checkpoint, write_checkpoint
from .compare import Comparison, compare
from .fields import FIELDS, SERIES, Display, FieldInfo, field_info, series_info
from .frame import Frame
from .labelled import to_xarray
from .results import Place, Probe, Results
from .storage import load, save, to_csv
from .vtk import to_vtk
from .vtkhdf import to_vtkhdf

__all__ = [
    "FIELDS",
    "SERIES",
    "Comparison",
    "Display",
    "FieldInfo",
    "Frame",
    "Place",
    "Probe",
    "Results",
    "compare",
    "field_info",
    "load",
    "read_checkpoint",
    "save",
    "series_info",
    "to_csv",
    "to_vtk",
    "to_vtkhdf",
    "to_xarray",
    "write_checkpoint",
]
