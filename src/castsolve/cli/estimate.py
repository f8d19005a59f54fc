"""What a run will take, told before it starts."""

from __future__ import annotations

import math

from ..casting import Layout
from ..simulation import available_memory, check_memory
from ..simulation.memory import BYTES_PER_VOXEL
from ..units import mm

__all__ = ["estimate"]


def estimate(layout: Layout, voxel: float) -> str:
    """Return one line on the voxels and the memory of a run, or refuse what does not fit.

    Parameters
    ----------
    layout : Layout
        Of the casting that will be run.
    voxel : float
        Edge in m.
    """
    lo, hi = layout.box
    count = check_memory((lo.tolist(), hi.tolist()), layout.fine_box, voxel)
    need, free = BYTES_PER_VOXEL * count / 1e9, available_memory() / 1e9
    room = f" of {free:.3g} GB free" if math.isfinite(free) else ""
    return f"{count / 1e6:.3g} M voxels of {voxel / mm:g} mm, about {need:.2g} GB of memory{room}"
