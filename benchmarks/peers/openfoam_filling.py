"""Peer: dam break, plate fill and pressure solve with OpenFOAM's interFoam and GAMG, on the same voxels.

    apt-get install openfoam              # Debian 12: OpenFOAM v1912
    python benchmarks/peers/openfoam_filling.py dam [voxels] [folder]
    python benchmarks/peers/openfoam_filling.py plate [voxels] [folder]
    python benchmarks/peers/openfoam_filling.py pressure [voxels] [folder]
    python benchmarks/peers/openfoam_filling.py casting [voxels] [folder]
    python benchmarks/peers/openfoam_filling.py ribs [voxels] [folder]
    python benchmarks/peers/openfoam_filling.py whole [voxels]
    python benchmarks/peers/openfoam_filling.py jet [voxels]

`dam`: the column of Martin and Moyce (2.25 in wide, `voxels` across) in a slice, against their tables. `plate`: a plate of 0.2 m
that fills through a gate of 20 mm below (`voxels` across) from a head of 0.3 m, roof out of reach, against Bernoulli's formula,
which takes the jet's energy for lost. interFoam carries the air too; its settings are those of its tutorial (MULES, van Leer,
linear upwind, three pressure corrections) with GAMG and a Courant number of 0.5, without viscosity. `pressure`: one Laplace
system, a full box of `voxels` an edge with given pressures below and above, from zero until the sum of the residuals has fallen to
1e-6 of that of the right-hand side, for all alike; laplacianFoam's time is that with the solve less that without, and what every
further step takes to set up again. `casting`: the same in a grate of walls of 8 voxels (1.01 million liquid voxels at 120).
`ribs`: that grate in voxels of 5 mm, open above, as a
casting that a gate below its floor feeds at 1 m/s: a quarter of a second from empty and as much from half full. `whole`: the same
casting filled in 3 s by castsolve alone (0.35 million voxels at 80), with quick steps and its progress, through a gate between any
four walls: the metal comes in at aluminium's 0.5 m/s; `jet`: through one gate, at 4.5 m/s. One process each, processor time.
"""

from __future__ import annotations

import itertools
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "flow"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import flow_cases as cases

from bench_flow import system
from castsolve.simulation.accuracy import FILL_ACCURACIES, FlowSteps
from castsolve.simulation.flow_arrays import FEED, RESERVOIR, Cavity
from castsolve.simulation.flow_problem import FlowProblem, Liquid, Port
from castsolve.simulation.flow_run import FlowRun

HEADER = "FoamFile {{ version 2.0; format ascii; class {kind}; object {name}; }}\n"
SCHEMES = """ddtSchemes { default Euler; }
gradSchemes { default Gauss linear; }
divSchemes
{
    div(rhoPhi,U) Gauss linearUpwind grad(U);
    div(phi,alpha) Gauss vanLeer;
    div(phirb,alpha) Gauss linear;
    div(((rho*nuEff)*dev2(T(grad(U))))) Gauss linear;
}
laplacianSchemes { default Gauss linear orthogonal; }
interpolationSchemes { default linear; }
snGradSchemes { default orthogonal; }
"""
SOLVERS = """solvers
{
    "alpha.water.*"
    {
        nAlphaCorr 2; nAlphaSubCycles 1; cAlpha 1; MULESCorr yes; nLimiterIter 5;
        solver smoothSolver; smoother symGaussSeidel; tolerance 1e-8; relTol 0;
    }
    "(pcorr|p_rgh).*" { solver GAMG; smoother DIC; tolerance 1e-7; relTol 0.05; }
    p_rghFinal { solver GAMG; smoother DIC; tolerance 1e-7; relTol 0; }
    U { solver smoothSolver; smoother symGaussSeidel; tolerance 1e-6; relTol 0; }
}
PIMPLE { momentumPredictor no; nOuterCorrectors 1; nCorrectors 3; nNonOrthogonalCorrectors 0; }
"""
ATMOSPHERE = {
    "U": "type pressureInletOutletVelocity; value uniform (0 0 0);", "p_rgh": "type totalPressure; p0 uniform 0;",
    "alpha.water": "type inletOutlet; inletValue uniform 0; value uniform 0;",
}  # fmt: skip
WALL = {"U": "type slip;", "p_rgh": "type fixedFluxPressure; value uniform 0;", "alpha.water": "type zeroGradient;"}
SLICE = dict.fromkeys(WALL, "type empty;")


def put(folder: Path, name: str, text: str, kind: str = "dictionary") -> None:
    """Write one file of a case."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(HEADER.format(kind=kind, name=file.name) + text)


def command(folder: Path, *words: str) -> str:
    """Run a program of OpenFOAM; returns what it said."""
    if shutil.which(words[0]) is None:
        raise SystemExit(f"{words[0]} of OpenFOAM not found: apt-get install openfoam")
    # Debian's package sets no environment; the programs ask for one name of it.
    environment = {"WM_PROJECT_DIR": "/usr/share/openfoam", **os.environ}
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        raise SystemExit(f"{words[0]} failed:\n" + "\n".join((done.stdout + done.stderr).splitlines()[-25:]))
    return done.stdout


def spent(log: str) -> float:
    """Processor time (s) at the end of a log."""
    return float(re.findall(r"^ExecutionTime = (\S+) s", log, re.MULTILINE)[-1])


def write_mesh(folder: Path, x: list[float], cells: list[int], depth: float, height: float, rows: int, boundary: str) -> None:
    """Blocks side by side along x, one voxel deep or as deep as they are told."""
    corners = " ".join(f"({a:.9g} {b:.9g} {c:.9g})" for a in x for b in (0.0, depth) for c in (0.0, height))
    blocks = []
    for i, n in enumerate(cells):
        a, b = 4 * i, 4 * i + 4  # corners at low and high x: (y, z) = 00, 0h, d0, dh
        blocks.append(f"hex ({a} {b} {b + 2} {a + 2} {a + 1} {b + 1} {b + 3} {a + 3}) ({n} 1 {rows}) simpleGrading (1 1 1)")
    put(folder, "system/blockMeshDict",
        f"scale 1;\nvertices ({corners});\nblocks ({' '.join(blocks)});\nedges ();\nboundary\n(\n{boundary}\n);\n")  # fmt: skip


def faces(blocks: range, which: str) -> str:
    """Faces of blocks on their low or high side along y or z."""
    out = []
    for i in blocks:
        a, b = 4 * i, 4 * i + 4
        out.append({"bottom": f"({a} {a + 2} {b + 2} {b})", "top": f"({a + 1} {b + 1} {b + 3} {a + 3})",
                    "front": f"({a} {b} {b + 1} {a + 1})", "back": f"({a + 2} {a + 3} {b + 3} {b + 2})"}[which])  # fmt: skip
    return " ".join(out)


def write_case(folder: Path, patches: dict[str, dict[str, str]], water: np.ndarray, until: float, every: float) -> None:
    """Write all of an interFoam case but its mesh; `water` in the order of the blocks' cells."""
    put(
        folder,
        "system/controlDict",
        f"""application interFoam;
startFrom startTime; startTime 0; stopAt endTime; endTime {until:.9g}; deltaT 1e-4; adjustTimeStep yes; maxCo 0.5; maxAlphaCo 0.5;
maxDeltaT 1; writeControl adjustableRunTime; writeInterval {every:.9g}; writeFormat ascii; writePrecision 9; timePrecision 9;
""",
    )
    put(folder, "system/fvSchemes", SCHEMES)
    put(folder, "system/fvSolution", SOLVERS)
    put(folder, "constant/g", "dimensions [0 1 -2 0 0 0 0];\nvalue (0 0 -9.81);\n", "uniformDimensionedVectorField")
    put(folder, "constant/turbulenceProperties", "simulationType laminar;\n")
    put(
        folder,
        "constant/transportProperties",
        """phases (water air);
water { transportModel Newtonian; nu 1e-9; rho 1000; }
air { transportModel Newtonian; nu 1e-9; rho 1.2; }
sigma 0;
""",
    )
    share = f"nonuniform List<scalar> {len(water)} ({' '.join(f'{w:.9g}' for w in water)})"
    for name, kind, dimensions, value in (
        ("U", "volVectorField", "[0 1 -1 0 0 0 0]", "uniform (0 0 0)"),
        ("p_rgh", "volScalarField", "[1 -1 -2 0 0 0 0]", "uniform 0"),
        ("alpha.water", "volScalarField", "[0 0 0 0 0 0 0]", share),
    ):  # fmt: skip
        walls = "".join(f"    {patch} {{ {told[name]} }}\n" for patch, told in patches.items())
        put(folder, f"0/{name}", f"dimensions {dimensions};\ninternalField {value};\nboundaryField\n{{\n{walls}}}\n", kind)


def shares(folder: Path) -> dict[float, np.ndarray]:
    """What interFoam wrote of the water, by time (s)."""
    out = {}
    for file in folder.glob("*/alpha.water"):
        found = re.search(r"internalField\s+nonuniform List<scalar>\s*\d+\s*\(([^)]*)\)", file.read_text())
        if found:
            out[float(file.parent.name)] = np.array(found.group(1).split(), float)
    return out


def timed(call: Callable[[], object]) -> tuple[object, float]:
    """What a call returns, and its processor time (s)."""
    start = time.process_time()
    out = call()
    return out, time.process_time() - start


def dam(voxels: int, folder: Path) -> None:
    """The dam break with both."""
    a = 0.05715
    nx, nz, h = 6 * voxels, 3 * voxels, a / voxels
    write_mesh(
        folder,
        [0.0, 6 * a],
        [nx],
        h,
        3 * a,
        nz,
        f"""
    atmosphere {{ type patch; faces ({faces(range(1), "top")}); }}
    slice {{ type empty; faces ({faces(range(1), "front")} {faces(range(1), "back")}); }}
    walls {{ type wall; faces ({faces(range(1), "bottom")} (0 1 3 2) (4 6 7 5)); }}""",
    )
    x, z = np.meshgrid(np.arange(nx), np.arange(nz))
    water = ((x < voxels) & (z < 2 * voxels)).astype(float).reshape(-1)
    write_case(folder, {"atmosphere": ATMOSPHERE, "slice": SLICE, "walls": WALL}, water, 0.33, 0.01)
    command(folder, "blockMesh")
    log = command(folder, "interFoam")
    told = {0.0: water, **shares(folder)}
    theirs = SimpleNamespace(snapshots={t: w.reshape(nz, nx).T[:, None, :] for t, w in told.items()})
    run, seconds = timed(lambda: cases.dam_break(voxels, threads=1))
    print(f"dam break, {nx} x {nz} voxels, 0.33 s; load {os.getloadavg()[0]:.1f}")
    for name, got, cost in (("castsolve", run, seconds), ("interFoam", theirs, spent(log))):
        front, height, shift = cases.martin_moyce(got, voxels)
        print(f"{name}: {cost:7.2f} processor s; front {front:.1%}, height {height:.1%} off, shifted by {1e3 * shift:.1f} ms")
    print(f"interFoam over castsolve: {spent(log) / seconds:.1f}")


def plate(voxels: int, folder: Path) -> None:
    """The plate from below with both."""
    head, tall, levels = 0.3, 0.4, (0.05, 0.1, 0.15)
    h = 0.02 / voxels
    side, nz, wide = 9 * voxels // 2, round(tall / h), 10 * voxels
    x = [0.0, side * h, (side + voxels) * h, wide * h]
    write_mesh(
        folder,
        x,
        [side, voxels, wide - side - voxels],
        h,
        tall,
        nz,
        f"""
    atmosphere {{ type patch; faces ({faces(range(3), "top")}); }}
    gate {{ type patch; faces ({faces(range(1, 2), "bottom")}); }}
    slice {{ type empty; faces ({faces(range(3), "front")} {faces(range(3), "back")}); }}
    walls {{ type wall; faces ({faces(range(1), "bottom")} {faces(range(2, 3), "bottom")} (0 1 3 2) (12 14 15 13)); }}""",
    )
    gate = {
        "U": "type pressureInletOutletVelocity; value uniform (0 0 0);", "alpha.water": "type fixedValue; value uniform 1;",
        "p_rgh": f"type totalPressure; p0 uniform {1000 * 9.81 * head:.9g};",
    }  # fmt: skip
    cells = [side, voxels, wide - side - voxels]
    water = np.concatenate([np.repeat(np.arange(nz) < (2 if i == 1 else 0), n) for i, n in enumerate(cells)]).astype(float)
    exact = [20 / math.sqrt(2 * 9.81) * (math.sqrt(head) - math.sqrt(head - level)) for level in levels]
    patches = {"atmosphere": ATMOSPHERE, "gate": gate, "slice": SLICE, "walls": WALL}
    write_case(folder, patches, water, 1.5 * exact[-1], 0.01)
    command(folder, "blockMesh")
    log = command(folder, "interFoam")
    told = sorted((t, float(w.sum())) for t, w in {0.0: water, **shares(folder)}.items())
    theirs = [float(np.interp(level * wide / h, [v - 2 * voxels for _, v in told], [t for t, _ in told])) for level in levels]
    (run, mine, _), seconds = timed(lambda: cases.plate("bottom", voxels, levels=levels, tall=tall))  # type: ignore[misc]
    print(f"plate from below, {wide} x {nz} voxels, {1.5 * exact[-1]:.2f} s; load {os.getloadavg()[0]:.1f}")
    for name, times, cost in (("castsolve", mine, seconds), ("interFoam", theirs, spent(log))):
        share = np.round(np.divide(times, exact), 2)
        print(f"{name}: {cost:7.2f} processor s; levels {levels} m at {share} of the formula's times")
    print(f"interFoam over castsolve: {spent(log) / seconds:.1f}; castsolve's books close to {run.ledger.worst:.0e}")


def grate(voxels: int) -> np.ndarray:
    """True in walls of 8 voxels, 24 from one to the next both ways, that stand on a floor of 8 in a box of `voxels` an edge."""
    walls = np.arange(voxels) % 24 < 8
    out = np.zeros((voxels,) * 3, bool)
    out[walls], out[:, walls], out[:, :, :8] = True, True, True
    return out


def write_voxels(folder: Path, there: np.ndarray, h: float) -> None:
    """Write the mesh of some voxels of a box: patches `low` and `high` at both ends along z, `sides` elsewhere."""
    number = np.where(there, np.cumsum(there).reshape(there.shape) - 1, -1)
    corner = [n + 1 for n in there.shape]
    pairs, quads, patch = [], [], {"low": [], "high": [], "sides": []}  # type: ignore[var-annotated]
    for d in range(3):
        padded = np.pad(number, [(1, 1) if e == d else (0, 0) for e in range(3)], constant_values=-1)
        below, above = np.delete(padded, -1, axis=d), np.delete(padded, 0, axis=d)
        at = np.argwhere((below >= 0) | (above >= 0))
        one, other = below[tuple(at.T)], above[tuple(at.T)]
        e, f = (d + 1) % 3, (d + 2) % 3
        round_ = [at + [a * (c == e) + b * (c == f) for c in range(3)] for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))]
        quad = np.stack([np.ravel_multi_index(q.T, corner) for q in round_], axis=1)
        both = (one >= 0) & (other >= 0)
        pairs.append(np.stack([one[both], other[both]], axis=1))
        quads.append(quad[both])
        for side, (alone, turned) in enumerate(((other, True), (one, False))):
            mine = ~both & (alone >= 0)
            ends = mine & (d == 2) & (at[:, 2] == (0 if side == 0 else there.shape[2]))
            faces_ = quad[:, ::-1] if turned else quad
            patch["low" if side == 0 else "high"].append((alone[ends], faces_[ends]))
            patch["sides"].append((alone[mine & ~ends], faces_[mine & ~ends]))
    pair, quad = np.concatenate(pairs), np.concatenate(quads)
    order = np.lexsort((pair[:, 1], pair[:, 0]))
    owner, quad, neighbour = [pair[order, 0]], [quad[order]], pair[order, 1]
    boundary, start = [], len(neighbour)
    for name, parts in patch.items():
        cells, faces_ = (np.concatenate([p[n] for p in parts]) for n in range(2))
        owner.append(cells)
        quad.append(faces_)
        boundary.append(f"{name} {{ type patch; nFaces {len(cells)}; startFace {start}; }}")
        start += len(cells)
    used, renumbered = np.unique(np.concatenate(quad), return_inverse=True)
    places = np.stack(np.unravel_index(used, corner), axis=1) * h
    for name, kind, rows in (
        ("points", "vectorField", [f"({x:.9g} {y:.9g} {z:.9g})" for x, y, z in places.tolist()]),
        ("faces", "faceList", [f"4({a} {b} {c} {d})" for a, b, c, d in renumbered.reshape(-1, 4).tolist()]),
        ("owner", "labelList", list(map(str, np.concatenate(owner).tolist()))),
        ("neighbour", "labelList", list(map(str, neighbour.tolist()))),
        ("boundary", "polyBoundaryMesh", boundary),
    ):
        put(folder, f"constant/polyMesh/{name}", f"{len(rows)}\n(\n" + "\n".join(rows) + "\n)\n", kind)


def write_laplace(folder: Path, steps: int = 1) -> None:
    """Write all of a laplacianFoam case but its mesh and its solver."""
    put(folder, "system/controlDict",
        f"application laplacianFoam;\nstartFrom startTime; startTime 0; stopAt endTime; endTime {steps};\n"
        "deltaT 1; writeControl timeStep; writeInterval 1000; writeFormat binary;\n")  # fmt: skip
    put(folder, "system/fvSchemes", "ddtSchemes { default steadyState; }\ngradSchemes { default Gauss linear; }\n"
        "divSchemes { default none; }\nlaplacianSchemes { default Gauss linear orthogonal; }\n"
        "interpolationSchemes { default linear; }\nsnGradSchemes { default orthogonal; }\n")  # fmt: skip
    put(folder, "constant/transportProperties", "DT DT [0 2 -1 0 0 0 0] 1;\n")
    put(folder, "0/T", "dimensions [0 0 0 1 0 0 0];\ninternalField uniform 0;\nboundaryField\n{\n"
        "    low { type fixedValue; value uniform 1; }\n    high { type fixedValue; value uniform 0; }\n"
        "    sides { type zeroGradient; }\n}\n", "volScalarField")  # fmt: skip


def own_system(there: np.ndarray) -> tuple[object, dict[str, object]]:
    """Castsolve's sweep with that system assembled, and its arrays."""
    kind = np.pad(there, [(0, 0), (0, 0), (1, 1)]).astype(float)
    kind[:, :, 0], kind[:, :, -1] = RESERVOIR * there[:, :, 0], RESERVOIR * there[:, :, -1]
    low = np.zeros(kind.shape, bool)
    low[:, :, 0] = there[:, :, 0]
    ports = [Port(low, pressure=1.0), Port((kind == RESERVOIR) & ~low, pressure=0.0)]
    problem = FlowProblem(Cavity.blocks(kind, 1.0 / len(there)), Liquid(1.0), gravity=(0.0, 0.0, 0.0), ports=ports, threads=1)
    run = problem.run((kind == 1).astype(float), until=1e-6, step=1e-6)
    sweep, arrays = run.stepper.sweep, run.stepper.arrays
    for u in arrays["u"]:
        u[...] = 0.0
    sweep.classify()
    sweep.assemble()
    return sweep, arrays


# Runs of which the least is told: what laplacianFoam's solve takes is the difference of two.
TIMES = 3


def pressure(voxels: int, folder: Path, there: np.ndarray | None = None) -> None:
    """One Laplace system with both, and with pyamg where it is there: until the sum of residuals has fallen to a millionth."""
    there = np.ones((voxels,) * 3, bool) if there is None else there
    write_voxels(folder, there, 1.0 / len(there))
    write_laplace(folder)
    took = []
    for share in (1e-6, 1e6):  # the second one is content at once: what is not the solve
        put(folder, "system/fvSolution", f"solvers {{ T {{ solver GAMG; smoother DIC; tolerance 0; relTol {share:g}; }} }}\n"
            "SIMPLE { nNonOrthogonalCorrectors 0; }\n")  # fmt: skip
        logs = [command(folder, "laplacianFoam") for _ in range(TIMES)]
        log = logs[-1]
        took.append(min(map(spent, logs)))
        told = re.findall(r"No Iterations (\d+)", log)
        if share < 1:
            iterations = int(told[0])
    write_laplace(folder, 11)  # ten more steps that set up matrix and levels and have nothing to solve
    anew = (min(spent(command(folder, "laplacianFoam")) for _ in range(TIMES)) - took[1]) / 10.0
    sweep, arrays = own_system(there)
    wet, rhs = arrays["wet"] > 0, arrays["rhs"]
    matrix, b = system(SimpleNamespace(arrays=arrays))
    allowed = 1e-6 * float(np.abs(b).sum())

    def own(tolerance: float) -> tuple[int, float]:
        arrays["P"][...] = 0.0
        sweep.set_up()
        return sweep.solve(tolerance, 200)

    # castsolve stops by the largest residual: the loosest such bound that also meets the sum
    tolerance = allowed / int(wet.sum())
    for factor in (100.0, 30.0, 10.0, 3.0, 1.0):
        own(factor * tolerance)
        left = float(np.abs(b - matrix @ arrays["P"][wet]).sum())
        if left <= allowed:
            tolerance *= factor
            break
    solves = [timed(lambda: own(tolerance)) for _ in range(TIMES)]
    steps, seconds = solves[-1][0][0], min(cost for _, cost in solves)  # type: ignore[index]
    assert float(np.abs(b - matrix @ arrays["P"][wet]).sum()) <= allowed and np.isfinite(rhs).all()
    print(f"pressure, {len(b)} liquid voxels in a box of {len(there)}^3; load {os.getloadavg()[0]:.1f}")
    print(f"castsolve: {seconds:.3f} processor s, {steps} iterations, set-up included")
    print(f"GAMG: {took[0] - took[1]:.3f} processor s, {iterations} iterations ({took[0]:.2f} with reading, matrix and set-up)")
    print(f"GAMG over castsolve: {(took[0] - took[1]) / seconds:.1f}; with the {anew:.3f} s in which every step sets up its matrix "
          f"and levels anew: {(took[0] - took[1] + anew) / seconds:.1f}")  # fmt: skip
    try:
        import pyamg
    except ImportError:
        return

    def peer() -> object:
        hierarchy = pyamg.ruge_stuben_solver(matrix, max_coarse=500)
        x = np.zeros(len(b))
        for share in (1e-6, 1e-7, 1e-8):  # pyamg stops by the norm of squares
            x = hierarchy.solve(b, x0=x, tol=share, accel="cg", maxiter=200)
            if float(np.abs(b - matrix @ x).sum()) <= allowed:
                return x
        raise SystemExit("pyamg did not reach the residual")

    _, theirs = timed(peer)
    print(f"pyamg (Ruge-Stuben, conjugate gradients): {theirs:.3f} processor s, set-up included")
    print(f"pyamg over castsolve: {theirs / seconds:.1f}")


def casting_pressure(voxels: int, folder: Path) -> None:
    """The same in a casting of thin walls."""
    pressure(voxels, folder, grate(voxels))


GATE, STUB = 8, 4  # voxels: edge and height of the gate below the floor


def ribbed(voxels: int, *, everywhere: bool = False) -> np.ndarray:
    """True in that grate, on a gate below the floor between its first walls, or on one between any."""
    out = np.pad(grate(voxels), [(0, 0), (0, 0), (STUB, 0)])
    places = range(12, voxels - GATE + 1, 24) if everywhere else (12,)
    for i, j in itertools.product(places, repeat=2):
        out[i : i + GATE, j : j + GATE, :STUB] = True
    return out


def jet(voxels: int, folder: Path) -> None:
    """The same through one gate."""
    whole(voxels, folder, everywhere=False)


def fed(there: np.ndarray, h: float, speed: float, threads: int = 1, steps: FlowSteps | None = None) -> FlowProblem:
    """That casting with a feed below its gates."""
    kind = np.pad(there, [(0, 0), (0, 0), (1, 0)]).astype(float)
    kind[:, :, 0] = FEED * there[:, :, 0]
    port = Port(kind == FEED, flow=int(there[:, :, 0].sum()) * h * h * speed)
    cavity = Cavity.blocks(kind, h, origin=(0.0, 0.0, -h))
    return FlowProblem(cavity, Liquid(1000.0), gravity=(0.0, 0.0, -9.81), ports=[port], threads=threads, steps=steps)


def ribs(voxels: int, folder: Path) -> None:
    """A casting of ribs with both, from empty and from half full."""
    h, until, there = 5e-3, 0.25, ribbed(voxels)
    gate = {
        "U": "type fixedValue; value uniform (0 0 1);", "alpha.water": "type fixedValue; value uniform 1;",
        "p_rgh": "type fixedFluxPressure; value uniform 0;",
    }  # fmt: skip
    height = (np.arange(there.shape[2]) + 0.5) * h
    for name, full in (("empty", STUB), ("half full", there.shape[2] // 2)):
        case = folder / name.replace(" ", "-")
        fill = there & (np.arange(there.shape[2]) < full)
        write_voxels(case, there, h)
        write_case(case, {"low": gate, "high": ATMOSPHERE, "sides": WALL}, fill[there].astype(float), until, until / 5)
        log = command(case, "interFoam")
        water = np.zeros(there.shape)
        water[there] = max(shares(case).items())[1]
        start = np.pad(fill, [(0, 0), (0, 0), (1, 0)]).astype(float)
        run, seconds = timed(lambda: fed(there, h, 1.0).run(start, until=until))  # noqa: B023
        print(f"ribs from {name}, {int(there.sum())} voxels, {until} s; load {os.getloadavg()[0]:.1f}")
        own = run.volume[:, :, 1:]
        told = (("castsolve", own, seconds, run.steps), ("interFoam", water, spent(log), log.count("ExecutionTime")))
        for who, got, cost, steps in told:
            centre, reached = float((got * height).sum() / got.sum()), float((got.max(axis=2) > 0.5).mean())
            print(f"{who}: {cost:7.1f} processor s, {steps} steps; volume {got.sum():.0f} voxels, its centre at "
                  f"{1e3 * centre:.1f} mm, over {reached:.1%} of the plan")  # fmt: skip
        ratio = spent(log) / seconds
        print(f"interFoam over castsolve: {ratio:.1f}; castsolve's books close to {run.ledger.worst:.0e}", flush=True)


def whole(voxels: int, folder: Path, *, everywhere: bool = True) -> None:
    """The casting of ribs filled in 3 s, by castsolve alone on all threads and with quick steps."""
    h, pour, there = 2.5e-3, 3.0, ribbed(voxels, everywhere=everywhere)
    gates = int(there[:, :, 0].sum())
    speed = float(there.sum() - gates * STUB) * h / (gates * pour)
    start, clock, told = time.process_time(), time.perf_counter(), [0.0]

    def note(run: FlowRun) -> bool:
        if run.time >= told[0]:
            told[0] += 0.1
            took = f"{time.process_time() - start:.0f} processor s, {time.perf_counter() - clock:.0f} s"
            print(f"{run.time:.2f} s, {run.steps} steps, {int(run.wet.sum())} voxels liquid: {took}", flush=True)
        return False

    stub = np.pad(there & (np.arange(there.shape[2]) < STUB), [(0, 0), (0, 0), (1, 0)]).astype(float)
    threads = os.cpu_count() or 1
    print(f"ribs of {int(there.sum())} voxels, gates at {speed:.2f} m/s, {threads} threads; load {os.getloadavg()[0]:.1f}")
    run = fed(there, h, speed, threads, FILL_ACCURACIES["quick"]).run(stub, until=0.98 * pour, progress=note)
    print(f"{time.process_time() - start:.0f} processor s, {time.perf_counter() - clock:.0f} s for {run.time:.2f} s, "
          f"{run.steps} steps; books close to {run.ledger.worst:.0e}; load {os.getloadavg()[0]:.1f}")  # fmt: skip


CASES = {"dam": (dam, 10), "plate": (plate, 4), "pressure": (pressure, 64), "casting": (casting_pressure, 72), "ribs": (ribs, 40),
         "whole": (whole, 80), "jet": (jet, 80)}  # fmt: skip


def main(case: str, voxels: int | None = None, folder: str | None = None) -> None:
    """Run a case with both and print the comparison."""
    if case not in CASES:
        raise SystemExit(f'no case named "{case}"; there are {", ".join(CASES)}')
    run, default = CASES[case]
    with tempfile.TemporaryDirectory() as temporary:
        run(voxels or default, Path(folder or temporary))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(f"which case? {', '.join(CASES)}")
    main(*(kind(word) for kind, word in zip((str, int, str), sys.argv[1:], strict=False)))
