"""`castsolve inspect` on every real part that is present: weights, moduli, walls, hot spots, what a run takes, and the picture.

Minutes: pytest -m slow -s tests/feeding/test_inspection_of_real_parts.py prints the processor time of each.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from castsolve.casting import SandCasting
from castsolve.feeding import inspect
from castsolve.geometry import Part
from castsolve.simulation import solidify

# Unit, alloy, weight (kg) from the volume measured elsewhere and the density at room temperature.
PARTS = {
    "ww_ring.stl": ("mm", "A356", 0.215),
    "idler_riser_inch.stl": ("inch", "A356", 0.0656),
    "featuretype_inch.step": (None, "A356", 0.512),
    "pump_housing_918.mm.stl": ("mm", "A356", 6.10),
    "pump_housing_918.stp": (None, "A356", 6.10),
    "knuckle_917_fusee.mm.stl": ("mm", "EN-GJS-500-7", 3.13),
    "knuckle_917_fusee.stp": (None, "EN-GJS-500-7", 3.13),
    "ww_bearing_block.stl": ("mm", "WCB", 37.2),
    "ww_valve_body.STL": ("mm", "WCB", 55.1),
}
# Runs of fewer voxels are made, to see whether they take what was told.
_QUICK = 250_000


@pytest.mark.slow
@pytest.mark.parametrize("name", PARTS)
def test_a_real_part_is_inspected(geometry: Path, tmp_path: Path, name: str) -> None:
    unit, alloy, weight = PARTS[name]
    file = geometry / name
    if not file.is_file():
        pytest.skip(f"{name} is not there")
    if unit is None:
        pytest.importorskip("gmsh")
    began = time.process_time()
    part = Part.read(file, unit=unit)
    found = inspect(part, alloy, threads=1)
    spent = time.process_time() - began
    print(f"\n{name}: {spent:.1f} s of processor time\n{found}")  # noqa: T201 - the table is what the run is for
    assert found.weight == pytest.approx(weight, rel=0.02)
    # What freezes last is thicker than the mean; a plate of the thickest wall has half of it as its modulus.
    assert found.casting_modulus < found.thermal_modulus < 0.6 * found.walls.share(1.0)
    assert 0.0 < found.walls.share(0.02) <= found.walls.share(0.5) <= found.walls.share(0.98) <= part.size.min() * 1.01
    assert len(found.hot_spots) >= 1
    lo, hi = part.surface.bounds
    for spot in found.hot_spots.rows:
        assert np.all(np.asarray(spot.place) > lo - 1e-3) and np.all(np.asarray(spot.place) < hi + 1e-3)
    assert found.voxels <= 1.05e7 and found.memory < 1e9
    assert 0.0 < found.seconds < 3600.0
    assert spent < 180.0
    if found.voxels < _QUICK:
        # What was told of a run, scaled from a quick solve on another grid, holds within a factor of three.
        pour = found.result.facts["casting"]["pour_temperature"]
        casting = SandCasting(part, alloy=alloy, mould="green-sand", pour_temperature=pour)
        began = time.process_time()
        solidify(casting, voxel=found.voxel, threads=1)
        assert found.seconds / 3.0 < time.process_time() - began < 3.0 * found.seconds
    picture = _picture(found, tmp_path / f"{name}.png")
    if picture is not None:
        assert picture.stat().st_size > 20_000


def _picture(found: object, path: Path) -> Path | None:
    from castsolve import view
    from castsolve.errors import ViewError

    try:
        return Path(view.inspection(found).save(path))  # type: ignore[arg-type]
    except ViewError:
        return None
