"""Reading a surface, voxelizing it with areas and cut faces, and importing the package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from castsolve.demo import valve_body_path
from castsolve.geometry import Grid, GridBody, Part


def _part() -> Part:
    shared = Path(os.environ.get("CASTSOLVE_GEOMETRY", Path(__file__).parents[2] / "shared" / "geometry"))
    real = shared / "ww_valve_body.STL"
    return Part.read(real if real.exists() else valve_body_path(), unit="mm")


@pytest.mark.parametrize("million", [1, 10])
def test_voxelization(benchmark, thin, million):
    part = _part()
    lo, hi = part.surface.bounds
    count = 3e4 if thin else million * 1e6
    voxel = float((np.prod(hi - lo) / count) ** (1.0 / 3.0))
    body = GridBody("part", "part", part.surface, 0)
    box = (lo - voxel, hi + voxel)
    grid = benchmark.pedantic(lambda: Grid.build([body], voxel=voxel, box=box, fine_box=box), rounds=1 if thin else 3)
    benchmark.extra_info.update({"voxels": grid.size, "triangles": len(part.surface.triangles)})
    assert grid.region_volume(0) == pytest.approx(part.surface.volume, rel=1e-6)


def test_voxelization_with_rigging(benchmark, thin):
    """Five bodies, some of them flush with the part or through it: what voxels that several surfaces cut cost."""
    part = _part()
    lo, hi = part.surface.bounds
    voxel = float((np.prod(hi - lo) / (3e4 if thin else 1e6)) ** (1.0 / 3.0))
    middle, across = 0.5 * (lo + hi), 0.4 * (hi - lo)
    top = (*middle[:2], hi[2] - 2 * voxel)
    rows = [
        (Part.box((across[0], across[1], 0.02), centre=(middle[0], middle[1], lo[2] - 0.01)), 1),
        (Part.cylinder(0.1 * across[0], hi[2] - lo[2] + 0.2, base=(middle[0], middle[1], lo[2] - 0.1)), 2),
        (part, 0),
        (Part.cylinder(across[0], 0.1, base=top), 0),
        (Part.tube(across[0] + 0.03, 0.1, bore=across[0], base=top), 3),
    ]
    bodies = [GridBody(f"body {n}", "body", p.surface, r) for n, (p, r) in enumerate(rows)]
    box = (lo - 0.12, hi + 0.12)
    grid = benchmark.pedantic(lambda: Grid.build(bodies, voxel=voxel, box=box), rounds=1 if thin else 3)
    benchmark.extra_info.update({"voxels": grid.size, "bodies": len(bodies)})
    assert grid.region_volume(2) == pytest.approx(grid.body_volume[1], rel=1e-6)


def test_reading(benchmark):
    path = valve_body_path()
    part = benchmark.pedantic(lambda: Part.read(path, unit="mm"), rounds=3)
    assert part.surface.volume > 0


def test_import(benchmark):
    def seconds(code: str) -> float:
        text = f"import time; t=time.perf_counter(); {code}; print(time.perf_counter()-t)"
        return float(subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout)

    over = [seconds("import numpy, castsolve, castsolve.units") - seconds("import numpy") for _ in range(5)]
    benchmark.pedantic(lambda: None)
    benchmark.extra_info["ms over numpy"] = 1e3 * float(np.median(over))
    assert np.isfinite(over).all()
