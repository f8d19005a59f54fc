"""A thin cover cast again and again in its cooled die: the time to the steady state, and what the way of the rows is worth."""

from __future__ import annotations

import time

import numpy as np
import pytest

import castsolve as cs
from castsolve.geometry import Part, Surface
from castsolve.units import degC, mm

WALL, HEIGHT = 2.5 * mm, 12 * mm


def cover(length: float, width: float) -> Part:
    """Return a lid with a rim all round, every wall 2.5 mm, open below."""

    def ring(half_length: float, half_width: float, z: float) -> list[tuple[float, float, float]]:
        corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        return [(x * half_length, y * half_width, z) for x, y in corners]

    outer, inner = (length / 2, width / 2), (length / 2 - WALL, width / 2 - WALL)
    points = [*ring(*outer, 0.0), *ring(*outer, HEIGHT), *ring(*inner, 0.0), *ring(*inner, HEIGHT - WALL)]
    quads = [(4, 5, 6, 7), (15, 14, 13, 12)]
    for a in range(4):
        b = (a + 1) % 4
        quads += [(a, b, b + 4, a + 4), (b, a, a + 8, b + 8), (b + 8, a + 8, a + 12, b + 12)]
    triangles = [t for p, q, r, s in quads for t in ((p, q, r), (p, r, s))]
    return Part(Surface(np.array(points), np.array(triangles)), name="cover")


def study(thin: bool) -> tuple[cs.GravityDieCasting, cs.MachineCycle, list[cs.CoolingChannel], float]:
    """Return the casting, its machine and channels, and the voxel: three in a wall of the cover."""
    size, voxel = ((40 * mm, 30 * mm), 2.5 * mm) if thin else ((140 * mm, 90 * mm), WALL / 3)
    casting = cs.GravityDieCasting(
        cover(*size), alloy="AlSi9Cu3", mould="H13", pour_temperature=degC(640), mould_temperature=degC(200), wall=40 * mm,
        interfaces={("casting", "mould"): 12000.0},
    )  # fmt: skip
    machine = cs.MachineCycle(eject=4.0, spray=cs.Spray(1.5, flux=0.3), blow=1.5, close=8.0)
    channels = [
        cs.CoolingChannel([(-0.3, y * size[1], 28 * mm), (0.3, y * size[1], 28 * mm)], diameter=10 * mm, flow="8 litre/minute",
                          inlet_temperature=degC(25))
        for y in (-0.25, 0.25)
    ]  # fmt: skip
    return casting, machine, channels, voxel


@pytest.mark.parametrize("shots", [20, "until steady"])
def test_cycling(benchmark, thin, shots):
    """Twenty shots one after another, and the search for the steady state."""
    casting, machine, channels, voxel = study(thin)
    begun = time.process_time()
    found = benchmark.pedantic(
        lambda: cs.run_cycles(casting, machine, voxel=voxel, channels=channels, shots=2 if thin else shots), rounds=1
    )
    frame = found.result.frame
    benchmark.extra_info.update(
        {"voxels": frame.voxels, "metal voxels": int(found.result.metal.sum()), "voxel mm": frame.voxel / mm,
         "shots": len(found.shots), "processor s": time.process_time() - begun, "cycle s": found.cycle_time}
    )  # fmt: skip
    assert found.cycle_time > machine.eject + machine.close


def test_rows_along_the_cover(benchmark, thin, monkeypatch):
    """One shot swept along z, across the cover, and along the axis that walls break least; in turn."""
    from castsolve.simulation import heat_problem

    casting, machine, channels, voxel = study(thin)
    chosen, spent = heat_problem.row_order, {}

    def shot(name: str) -> None:
        monkeypatch.setattr(heat_problem, "row_order", chosen if name == "along" else lambda grid: (0, 1, 2))
        begun = time.process_time()
        cs.run_cycles(casting, machine, voxel=voxel, channels=channels, shots=1, threads=1)
        spent[name] = min(spent.get(name, np.inf), time.process_time() - begun)

    for _ in range(1 if thin else 2):
        shot("across")
        shot("along")
    benchmark.pedantic(lambda: shot("along"), rounds=1)
    benchmark.extra_info.update({f"processor s, rows {name}": seconds for name, seconds in spent.items()})
    benchmark.extra_info["across/along"] = spent["across"] / spent["along"]
