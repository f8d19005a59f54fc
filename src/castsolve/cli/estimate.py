"""What a run will take, told before it starts; what does not fit is refused."""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass
from pathlib import Path

from ..casting import Layout
from ..errors import ResultsError
from ..simulation import available_memory, check_memory
from ..simulation.memory import BYTES_PER_VOXEL
from ..units import mm

__all__ = ["Estimate", "estimate"]

# Fields, VTK files and checkpoint of a run, and each recorded temperature field twice; measured on the demonstration.
_DISK_PER_VOXEL = 40.0
_DISK_PER_RECORD = 8.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """Voxels, memory (bytes) and disk (bytes) of a run.

    Parameters
    ----------
    voxels : int
        All voxels.
    edge : float
        Edge of a voxel over the casting, in m.
    memory, free_memory, disk : float
        What is needed, what is free, what is needed on the disk.
    """

    voxels: int
    edge: float
    memory: float
    free_memory: float
    disk: float

    def __str__(self) -> str:
        room = f" of {self.free_memory / 1e9:.3g} GB free" if math.isfinite(self.free_memory) else ""
        grid = f"{self.voxels / 1e6:.3g} M voxels of {self.edge / mm:g} mm"
        return f"{grid}, about {self.memory / 1e9:.2g} GB of memory{room}"

    def require_disk(self, folder: Path) -> None:
        """Refuse a run whose files would not fit on the disk of a folder."""
        free = shutil.disk_usage(folder).free
        if self.disk > free:
            raise ResultsError(
                f"the results need about {self.disk / 1e6:.3g} MB, the disk of {folder} has {free / 1e6:.3g} MB free;"
                " free some space or write elsewhere"
            )


def estimate(layout: Layout, voxel: float, *, records: int = 0) -> Estimate:
    """Return what a run of a layout will take, or refuse what does not fit into memory.

    Parameters
    ----------
    layout : Layout
        Of the casting that will be run.
    voxel : float
        Edge in m.
    records : int
        How many temperature fields are kept.
    """
    lo, hi = layout.box
    count = check_memory((lo.tolist(), hi.tolist()), layout.fine_box, voxel)
    disk = count * (_DISK_PER_VOXEL + _DISK_PER_RECORD * records)
    return Estimate(count, voxel, float(BYTES_PER_VOXEL * count), available_memory(), disk)
