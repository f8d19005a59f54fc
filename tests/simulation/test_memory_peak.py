"""Peak memory of a run, from the problem to its last step."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from castsolve import materials
from castsolve.geometry import Grid
from castsolve.simulation import Faces, HeatProblem, Level, Side, Watch

POUR, ROOM = 973.15, 298.15


@pytest.mark.parametrize(("scheme", "most"), [("rkl1", 45.0), ("rkl2", 49.0)])
def test_a_run_with_a_part_and_a_chill_foreseen_keeps_to_its_bytes_a_voxel(scheme, most):
    """What an interpreter adds to the 60 bytes of ten million voxels is 5; fields alone are 16 or 20, regions and bits 5."""
    cells, metal, chill = 80, 40, 10
    nodes = np.arange(cells + 1) * 1e-3
    region = np.full((cells,) * 3, 2, np.uint8)
    low, high = (cells - metal) // 2, (cells + metal) // 2
    region[low:high, low:high, low:high] = 0
    region[low:high, low:high, high : high + chill] = 1
    curves = [materials.alloy("A356").heat, materials.mould("copper").heat, materials.mould("green-sand").heat]
    contacts = {(0, 1): 500.0, (0, 2): 500.0, (1, 2): 500.0}
    air = Side.convective(10.0, ROOM)
    levels = (Level("liquidus", fraction_solid=0.0), Level("solidus", fraction_solid=1.0, gradient=True))
    tracemalloc.start()
    try:
        grid = Grid.regular(nodes, nodes, nodes, region=region, names=("metal", "chill", "mould"))
        faces = Faces(air, air, air, air, air, air, contacts=contacts)
        problem = HeatProblem(grid, curves, faces, dtype="float32", threads=1, watch=Watch(0, levels))
        run = problem.run([POUR, ROOM, ROOM], until=3.0, scheme=scheme, two_paces=True, eased=True)
        peak = tracemalloc.get_traced_memory()[1] / grid.size
    finally:
        tracemalloc.stop()
    assert run.stepper._paces._built[1] is not None
    assert len(run.stepper._easing.foresight.moment.steps) > 0
    assert peak < most
