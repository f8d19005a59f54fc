"""Which integrator serves a cycled die: super-time-stepping against implicit steps, in processor time for equal error.

A block of die steel with a cavity, a bore and cooled sides goes through the four stages of the verification case (metal, air,
spray, air), with constant properties, so that each scheme solves the same linear system on the same voxels. All take the same
steps: theta times the time since the stage began, from one explicit step on. Run it alone on a core:

    OMP_NUM_THREADS=1 python benchmarks/die_integrators.py
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import cg

from castsolve.geometry import Grid
from castsolve.materials import HeatCurve, reservoir
from castsolve.simulation import Faces, HeatProblem, Side

Array = NDArray[Any]

K, RHO, CP = 29.0, 7700.0, 560.0
# Duration (s), coefficient (W/m2/K) and temperature (K) of what is in the cavity.
STAGES = ((10.0, 5000.0, 850.0), (4.0, 20.0, 300.0), (2.0, 3000.0, 300.0), (9.0, 20.0, 300.0))
WATER, WATER_HTC, AIR, AIR_HTC, START = 300.0, 6000.0, 300.0, 15.0, 480.0
SIZE, BLOCK = np.array([96e-3, 96e-3, 64e-3]), 32e-3


def regions(n: int) -> tuple[Array, float]:
    """Return the voxels of a die with n of them on 32 mm: 0 cavity, 1 water, 2 steel; and their edge (m)."""
    shape = np.rint(SIZE / BLOCK * n).astype(int)
    region, edge = np.full(shape, 2, np.uint8), BLOCK / n
    region[n : 2 * n, n // 2 : 5 * n // 2, n - n // 4 : n + n // 4] = 0
    region[:, shape[1] // 2 - n // 8 : shape[1] // 2 + n // 8, n + n // 2 : n + n // 2 + n // 4] = 1
    return region, edge


class Explicit:
    """The library's own schemes."""

    def __init__(self, n: int, scheme: str) -> None:
        self.region, edge = regions(n)
        self.scheme, self.sweeps = scheme, 0
        nodes = [np.arange(k + 1) * edge for k in self.region.shape]
        grid = Grid.regular(*nodes, region=self.region, names=("cavity", "water", "die"))
        T = np.array([100.0, 3000.0])
        steel = HeatCurve(RHO * CP * (T - 298.15), T, np.full(2, K), density=RHO)
        sides = {s: Side.convective(AIR_HTC, AIR) for s in ("x_low", "x_high", "y_low", "y_high", "z_low", "z_high")}
        self.problems = [
            HeatProblem(grid, [reservoir(), reservoir(), steel], Faces(**sides, contacts={(0, 2): h, (1, 2): WATER_HTC}),
                        dtype="float64", threads=1, turn=True)
            for _, h, _ in STAGES
        ]  # fmt: skip

    def shot(self, theta: float) -> list[Array]:
        """Return the steel at the end of every stage."""
        T, ends = np.full(self.region.shape, START), []
        self.sweeps = 0
        T[self.region == 1] = WATER
        for (duration, _, medium), problem in zip(STAGES, self.problems, strict=True):
            T[self.region == 0] = medium
            run = problem.run(T, until=duration, scheme=self.scheme, theta=theta)
            T = run.temperature
            self.sweeps += run.stages
            ends.append(T[self.region == 2])
        return ends


class Implicit:
    """Backward Euler (weight 1) or Crank and Nicolson (0.5) with conjugate gradients and the diagonal as preconditioner."""

    def __init__(self, n: int, weight: float) -> None:
        self.region, self.edge = regions(n)
        self.weight, self.sweeps = weight, 0
        self.steel = self.region == 2
        self.systems = [self._system(h, medium) for _, h, medium in STAGES]

    def _system(self, htc: float, medium: float) -> tuple[Any, Array]:
        """Return the conductances A (W/K) and the inflow b (W) of C dT/dt = b - A T."""
        region, edge, steel = self.region, self.edge, self.steel
        number = np.full(region.shape, -1)
        number[steel] = np.arange(steel.sum())
        area, count = edge**2, int(steel.sum())
        diagonal, b = np.zeros(count), np.zeros(count)
        rows, columns, values = [], [], []
        for axis in range(3):
            low, high = (np.moveaxis(number, axis, 0)[part].reshape(-1) for part in (slice(None, -1), slice(1, None)))
            r_low, r_high = (np.moveaxis(region, axis, 0)[part].reshape(-1) for part in (slice(None, -1), slice(1, None)))
            both = (r_low == 2) & (r_high == 2)
            g = K * area / edge
            for a, c in ((low[both], high[both]), (high[both], low[both])):
                rows.append(a)
                columns.append(c)
                values.append(np.full(len(a), -g))
                np.add.at(diagonal, a, g)
            for other, film, T in ((0, htc, medium), (1, WATER_HTC, WATER)):
                g = area / (0.5 * edge / K + 1.0 / film)
                for a in (low[(r_low == 2) & (r_high == other)], high[(r_high == 2) & (r_low == other)]):
                    np.add.at(diagonal, a, g)
                    np.add.at(b, a, g * T)
            g = area / (0.5 * edge / K + 1.0 / AIR_HTC)
            for end in (0, -1):
                a = np.moveaxis(number, axis, 0)[end].reshape(-1)
                a = a[a >= 0]
                np.add.at(diagonal, a, g)
                np.add.at(b, a, g * AIR)
        rows.append(np.arange(count))
        columns.append(np.arange(count))
        values.append(diagonal)
        A = sparse.csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(count, count))
        return A, b

    def shot(self, theta: float) -> list[Array]:
        """Return the steel at the end of every stage."""
        heat = RHO * CP * self.edge**3
        first = 0.95 * heat / float(self.systems[0][0].diagonal().max())
        T, ends = np.full(int(self.steel.sum()), START), []
        self.sweeps = 0
        for (duration, *_), (A, b) in zip(STAGES, self.systems, strict=True):
            t = 0.0
            while t < duration * (1.0 - 1e-12):
                dt = min(theta * t + first, duration - t)
                # The first steps damp: Crank and Nicolson rings after a jump.
                w = 1.0 if t < 4.0 * first else self.weight
                M = sparse.eye(len(T), format="csr") * (heat / dt) + w * A
                right = heat / dt * T + b - (1.0 - w) * (A @ T)
                scale = 1.0 / M.diagonal()
                P = sparse.linalg.LinearOperator(M.shape, matvec=lambda v, s=scale: s * v)
                T, failed = cg(M, right, x0=T, rtol=1e-7, M=P, callback=self._count)
                assert failed == 0
                t += dt
            ends.append(T)
        return ends

    def _count(self, found: Array) -> None:
        self.sweeps += 1


def main(n: int = 16, thetas: tuple[float, ...] = (0.4, 0.2, 0.1, 0.05)) -> None:
    """Print the largest error after each shot and the processor time of every scheme."""
    reference = Explicit(n, "rkl2").shot(0.0125)
    region, _ = regions(n)
    print(f"{region.size} voxels of {BLOCK / n * 1e3:g} mm; error: largest of the steel at the end of any stage; one shot")
    schemes = {
        "rkl2": Explicit(n, "rkl2"), "rkl1": Explicit(n, "rkl1"), "implicit Euler": Implicit(n, 1.0),
        "Crank-Nicolson": Implicit(n, 0.5),
    }  # fmt: skip
    for name, scheme in schemes.items():
        for theta in thetas:
            begun = time.process_time()
            ends = scheme.shot(theta)
            spent = time.process_time() - begun
            error = max(float(np.abs(a - r).max()) for a, r in zip(ends, reference, strict=True))
            print(f"{name:<15} theta {theta:<5g} error {error:8.3g} K  {scheme.sweeps:5d} sweeps {spent:7.2f} s", flush=True)


if __name__ == "__main__":
    main(16)
    main(32, (0.2, 0.1))
