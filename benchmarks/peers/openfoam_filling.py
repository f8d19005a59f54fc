"""Peer: dam break, plate fill and pressure solve with OpenFOAM's interFoam and GAMG, on the same voxels.

    apt-get install openfoam              # Debian 12: OpenFOAM v1912
    python benchmarks/peers/openfoam_filling.py dam [voxels] [folder]
    python benchmarks/peers/openfoam_filling.py plate [voxels] [folder]
    python benchmarks/peers/openfoam_filling.py pressure [voxels] [folder]

`dam`: the column of Martin and Moyce (2.25 in wide, `voxels` across) in a slice, against their tables. `plate`: a plate of 0.2 m
that fills through a gate of 20 mm below (`voxels` across) from a head of 0.3 m, roof out of reach, against Bernoulli's formula,
which takes the jet's energy for lost. interFoam carries the air too; its settings are those of its tutorial (MULES, van Leer,
linear upwind, three pressure corrections) with GAMG and a Courant number of 0.5, without viscosity. `pressure`: one Laplace system,
a full box of `voxels` an edge with given pressures below and above, from zero to a residual of 1e-6: GAMG's is the sum over voxels,
castsolve's the largest of all; laplacianFoam's time is that with the solve less that without. One process each, processor time.
"""

from __future__ import annotations

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

import flow_cases as cases

from castsolve.simulation.flow_arrays import RESERVOIR, Cavity
from castsolve.simulation.flow_problem import FlowProblem, Liquid, Port

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


def pressure(voxels: int, folder: Path) -> None:
    """One Laplace system with both."""
    n = voxels
    put(
        folder,
        "system/blockMeshDict",
        f"""scale 1;
vertices ((0 0 0) (1 0 0) (1 1 0) (0 1 0) (0 0 1) (1 0 1) (1 1 1) (0 1 1));
blocks (hex (0 1 2 3 4 5 6 7) ({n} {n} {n}) simpleGrading (1 1 1));
edges ();
boundary
(
    low {{ type patch; faces ((0 3 2 1)); }}
    high {{ type patch; faces ((4 5 6 7)); }}
    sides {{ type patch; faces ((0 4 7 3) (2 6 5 1) (1 5 4 0) (3 7 6 2)); }}
);
""",
    )
    put(folder, "system/controlDict", "application laplacianFoam;\nstartFrom startTime; startTime 0; stopAt endTime; endTime 1;\n"
        "deltaT 1; writeControl timeStep; writeInterval 1000; writeFormat binary;\n")  # fmt: skip
    put(folder, "system/fvSchemes", "ddtSchemes { default steadyState; }\ngradSchemes { default Gauss linear; }\n"
        "divSchemes { default none; }\nlaplacianSchemes { default Gauss linear orthogonal; }\n"
        "interpolationSchemes { default linear; }\nsnGradSchemes { default orthogonal; }\n")  # fmt: skip
    put(folder, "constant/transportProperties", "DT DT [0 2 -1 0 0 0 0] 1;\n")
    put(folder, "0/T", "dimensions [0 0 0 1 0 0 0];\ninternalField uniform 0;\nboundaryField\n{\n"
        "    low { type fixedValue; value uniform 1; }\n    high { type fixedValue; value uniform 0; }\n"
        "    sides { type zeroGradient; }\n}\n", "volScalarField")  # fmt: skip
    command(folder, "blockMesh")
    took = []
    for share in (1e-6, 1e6):  # the second one is content at once: what is not the solve
        put(folder, "system/fvSolution", f"solvers {{ T {{ solver GAMG; smoother DIC; tolerance 0; relTol {share:g}; }} }}\n"
            "SIMPLE { nNonOrthogonalCorrectors 0; }\n")  # fmt: skip
        log = command(folder, "laplacianFoam")
        took.append(spent(log))
        told = re.findall(r"No Iterations (\d+)", log)
        if share < 1:
            iterations = int(told[0])
    kind = np.ones((n, n, n + 2))
    kind[:, :, [0, -1]] = RESERVOIR
    low = np.zeros(kind.shape, bool)
    low[:, :, 0] = True
    ports = [Port(low, pressure=1.0), Port((kind == RESERVOIR) & ~low, pressure=0.0)]
    problem = FlowProblem(Cavity.blocks(kind, 1.0 / n), Liquid(1.0), gravity=(0.0, 0.0, 0.0), ports=ports, threads=1)
    run = problem.run((kind == 1).astype(float), until=1e-6, step=1e-6)
    sweep, arrays = run.stepper.sweep, run.stepper.arrays
    for u in arrays["u"]:
        u[...] = 0.0
    sweep.classify()
    sweep.assemble()
    arrays["P"][...] = 0.0

    def own() -> tuple[int, float]:
        sweep.set_up()
        return sweep.solve(1e-6 * float(np.abs(arrays["rhs"]).max()), 200)

    (steps, _), seconds = timed(own)  # type: ignore[misc]
    print(f"pressure, {n}^3 = {n**3} voxels; load {os.getloadavg()[0]:.1f}")
    print(f"castsolve: {seconds:.3f} processor s, {steps} iterations, set-up included")
    print(f"GAMG: {took[0] - took[1]:.3f} processor s, {iterations} iterations ({took[0]:.2f} with reading, matrix and set-up)")
    print(f"GAMG over castsolve: {(took[0] - took[1]) / seconds:.1f}")


CASES = {"dam": (dam, 10), "plate": (plate, 4), "pressure": (pressure, 64)}


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
