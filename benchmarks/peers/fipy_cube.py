"""Peer: the cube in sand with FiPy, implicit steps, 64^3 voxels by default.

    pip install fipy
    python benchmarks/peers/fipy_cube.py [cells]

FiPy (NIST, https://www.ctcms.nist.gov/fipy) is a general finite-volume package in Python. The case is the one of
`shared_cases.cube_in_sand` with what FiPy cannot say left out: perfect contact in place of a heat-transfer coefficient between
bodies, constant conductivities, insulated outer sides, and latent heat as an apparent heat capacity between solidus and
liquidus. It is a peer for the cost of a step and of memory, not for accuracy. Prints seconds a sweep, and what 60 s of
solidification would take at that rate.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

STEP = 0.5  # s
SWEEPS = 3


def main(cells: int) -> None:
    """Time implicit steps on a cube of that many voxels an edge."""
    try:
        from fipy import CellVariable, DiffusionTerm, FaceVariable, Grid3D, TransientTerm
        from fipy.solvers.scipy import LinearCGSolver
    except ImportError:
        raise SystemExit("FiPy is not installed: pip install fipy") from None
    from castsolve import _kernels
    from shared_cases import POUR, ROOM, cube_in_sand

    problem = cube_in_sand(cells)
    region = problem.grid.region
    mesh = Grid3D(nx=cells, ny=cells, nz=cells, dx=1e-3, dy=1e-3, dz=1e-3)
    # FiPy counts x fastest.
    owner = np.ascontiguousarray(region.transpose(2, 1, 0)).reshape(-1)
    T = CellVariable(mesh=mesh, value=np.where(owner == 0, POUR, ROOM), hasOld=True)
    conductivity = np.array([float(c.conductivity_at(c.at_temperature(500.0))) for c in problem.materials])
    k = CellVariable(mesh=mesh, value=conductivity[owner])
    faces = FaceVariable(mesh=mesh, value=k.harmonicFaceValue)
    capacity = CellVariable(mesh=mesh, value=1.0)

    def apparent() -> np.ndarray:
        values = np.empty(owner.shape)
        for r, curve in enumerate(problem.materials):
            mine = owner == r
            Tr = np.asarray(T.value)[mine]
            values[mine] = np.maximum((curve.at_temperature(Tr + 1.0) - curve.at_temperature(Tr - 1.0)) / 2.0, 1e5)
        return values

    # FiPy's default here is a sparse LU, which takes minutes; the matrix is symmetric.
    solver = LinearCGSolver(tolerance=1e-8, iterations=1000)
    equation = TransientTerm(coeff=capacity) == DiffusionTerm(coeff=faces)
    best = np.inf
    for _ in range(SWEEPS):
        T.updateOld()
        capacity.setValue(apparent())
        start = time.perf_counter()
        equation.sweep(var=T, dt=STEP, solver=solver)
        best = min(best, time.perf_counter() - start)
    print(f"FiPy, {cells}^3 = {cells**3 / 1e6:.2f} M voxels: {best:.2f} s for one sweep of a step of {STEP} s")
    print(f"60 s of solidification with two sweeps a step: about {best * 2 * 60 / STEP:.0f} s")
    start = time.perf_counter()
    run = problem.run([POUR, ROOM, ROOM], until=60.0)
    seconds = time.perf_counter() - start
    print(f"castsolve, 60 s of the full case: {seconds:.2f} s, {run.stages} sweeps, {_kernels.build_info()['lanes']}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 64)
