"""The shrinkage march, and all verdicts of a result of a million voxels."""

from __future__ import annotations

import time

import numpy as np
import pytest

import castsolve as cs
from castsolve.defects import verdicts
from castsolve.results import Results
from castsolve.simulation.march import Densities, march_shrinkage
from castsolve.units import degC, mm


def frozen_cube(cells: int) -> Results:
    """Return a result of cells^3 voxels of 1 mm: a cube of 3/4 of the edge, its top a riser, its times noisy."""
    low, high = cells // 8, cells - cells // 8
    place = np.arange(cells) + 0.5 - 0.5 * cells
    metal = np.zeros((cells,) * 3, bool)
    metal[low:high, low:high, low:high] = True
    away = np.maximum(np.maximum(abs(place)[:, None, None], abs(place)[:, None]), abs(place - cells / 8))
    time = np.where(metal, 600.0 * (1.0 - (away / (0.6 * cells)) ** 2), np.nan).astype(np.float32)
    time *= 1.0 + 0.005 * np.random.default_rng(0).random(time.shape, dtype=np.float32)
    body = np.where(metal, np.where(place > 0.2 * cells, 1, 0), 2).astype(np.uint8)

    class Nodes:
        x = y = z = np.arange(cells + 1) * 1e-3
        region_names, body_names, body_roles = ("metal", "mould"), ("block", "riser", "mould"), ("part", "riser", "mould")

    fields = {
        "solidification_time": time, "macro_feeding_time": 0.8 * time, "liquidus_time": 0.2 * time,
        "local_solidification_time": 0.8 * time, "thermal_gradient": np.where(metal, np.float32(2000.0), np.nan),
        "cooling_rate": np.where(metal, np.float32(0.5), np.nan), "temperature": np.where(metal, 1500.0, 500.0).astype(np.float32),
        "region": np.where(metal, 0, 1).astype(np.uint8), "body": body,
    }  # fmt: skip
    facts = {
        "casting": {"name": "cube", "pour_temperature": 1853.15, "mould": "green-sand", "mould_temperature": 298.15},
        "alloy": {"name": "WCB", "family": "steel", "liquidus": 1781.15, "shrinkage": 0.035, "chvorinov": {"value": 1.9e6}},
    }
    return Results(Nodes, fields=fields, facts=facts)


@pytest.mark.benchmark(group="feeding")
def test_march(benchmark, thin):
    result = frozen_cube(32 if thin else 100)
    metal = result.metal
    height = np.broadcast_to(result.frame.centres(2), metal.shape)
    late = np.asarray(result["macro_feeding_time"], float)
    benchmark(
        march_shrinkage, metal=metal, time_liquidus=0.25 * late, time_limit=late, volume=result.volumes(), height=height,
        densities=Densities.of(shrinkage=0.035, limit=0.5),
    )  # fmt: skip
    benchmark.extra_info["metal voxels"] = int(metal.sum())


@pytest.mark.benchmark(group="feeding")
def test_all_verdicts(benchmark, thin):
    result = frozen_cube(32 if thin else 100)
    table = benchmark.pedantic(verdicts, (result,), rounds=1 if thin else 3)
    benchmark.extra_info["voxels"] = result.frame.voxels
    benchmark.extra_info["rows"] = len(table)


@pytest.mark.benchmark(group="feeding")
def test_what_the_falling_level_costs(benchmark, thin):
    """A steel cube under a riser with and without feedback of the level on heat, then its verdicts; processor time, in turns."""
    part = cs.Part.box(80 * mm)
    riser = cs.Riser.cylinder(diameter=90 * mm, height=110 * mm, at=part.top, name="riser")
    casting = cs.SandCasting(part, alloy="WCB", mould="green-sand", pour_temperature=degC(1560), rigging=[riser])
    voxel = (8 if thin else 2.5) * mm

    def spent(feeding: bool) -> tuple[float, Results]:
        began = time.process_time()
        result = cs.solidify(casting, voxel=voxel, feeding=feeding)
        return time.process_time() - began, result

    def compared() -> tuple[float, float, Results]:
        (plain, _), (fed, result) = spent(False), spent(True)
        return plain, fed, result

    plain, fed, result = benchmark.pedantic(compared, rounds=1)
    began = time.process_time()
    verdicts(result)
    judging = time.process_time() - began
    benchmark.extra_info.update({
        "voxels": result.frame.voxels, "metal voxels": int(result.metal.sum()), "plain run (CPU s)": round(plain, 2),
        "feedback (share of the run)": round(fed / plain - 1.0, 3), "verdicts (CPU s)": round(judging, 2),
    })  # fmt: skip
