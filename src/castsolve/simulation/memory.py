"""How many voxels and how much memory a run will take, before any work is done."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from ..errors import InputError
from ..geometry import graded_nodes

__all__ = ["available_memory", "check_memory", "voxel_count"]

# Peak bytes a voxel of a float32 run from the grid to its fields, measured; see benchmarks/README.md.
BYTES_PER_VOXEL = 110


def voxel_count(box: tuple[Any, Any], fine_box: tuple[Any, Any], voxel: float) -> int:
    """Return the number of voxels of a grid over a box that is uniform over the fine box."""
    total = 1
    for a in range(3):
        total *= len(graded_nodes((fine_box[0][a], fine_box[1][a]), (box[0][a], box[1][a]), voxel)) - 1
    return total


def available_memory() -> float:
    """Return the memory that this process may still take (bytes); inf where the system does not tell."""
    found: list[float] = []
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            rows = dict(line.split(":", 1) for line in file)
        found.append(float(rows["MemAvailable"].split()[0]) * 1024.0)
    except (OSError, KeyError, ValueError):
        try:
            found.append(float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_AVPHYS_PAGES"))
        except (AttributeError, ValueError, OSError):
            return float("inf")
    return min(found)


def check_memory(box: tuple[Any, Any], fine_box: tuple[Any, Any], voxel: float) -> int:
    """Return the number of voxels, or refuse a run that does not fit into memory.

    Raises
    ------
    InputError
        With the voxel size that would fit.
    """
    rough = float(np.prod((np.asarray(fine_box[1]) - np.asarray(fine_box[0])) / voxel))
    if rough > 5e9:
        raise InputError(f"voxel = {voxel * 1e3:.3g} mm makes {rough:.2g} voxels of the casting alone; use a larger voxel")
    count = voxel_count(box, fine_box, voxel)
    need, free = BYTES_PER_VOXEL * count, available_memory()
    if need > free:
        larger = voxel * (need / free) ** (1.0 / 3.0) * 1.05
        raise InputError(
            f"{count / 1e6:.3g} M voxels of {voxel * 1e3:.3g} mm take about {need / 2**30:.2g} GiB, but {free / 2**30:.2g} GiB are "
            f"free; use voxel >= {larger * 1e3:.2g} mm"
        )
    return count
