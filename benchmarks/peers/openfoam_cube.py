"""Peer: the cube in sand with OpenFOAM's chtMultiRegionFoam, 40^3 voxels by default.

    apt-get install openfoam              # Debian 12: OpenFOAM v1912
    python benchmarks/peers/openfoam_cube.py [cells] [step] [folder]

The case is the one of `shared_cases.cube_in_sand`: metal, copper chill and sand on the same voxels, 500 W/m2/K between bodies,
10 W/m2/K to the air. What chtMultiRegionFoam cannot say is left out on both sides: constant properties (means of the tables),
the flow frozen, and **isothermal melting**: `solidificationMeltingSource` knows one melting temperature and no freezing range, so
the alloy freezes half-way between its liquidus and solidus. castsolve solves that simplified case for the comparison of times, and
the full case (tables, freezing range, moisture) to show what the simplification costs. OpenFOAM couples the regions by the
temperatures of the step before and moves the liquid fraction once a step; `step` is its length (s), and a shorter one tells
whether it was short enough.

Prints when the metal is solid and the processor time until then, in all and for a voxel and a second of freezing, one process each.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from castsolve import materials
from castsolve.geometry import Grid
from castsolve.materials import HeatCurve
from castsolve.simulation import HeatProblem, Level, Watch
from shared_cases import POUR, ROOM, cube_in_sand

HTC, HTC_AIR = 500.0, 10.0
# Between these temperatures (K) the tables of chill and sand become one number each.
MEANS = {"chill": (300.0, 500.0), "mould": (300.0, 800.0)}
HEADER = "FoamFile {{ version 2.0; format ascii; class {kind}; object {name}; }}\n"
INTERFACE = "compressible::turbulentTemperatureCoupledBaffleMixed"
PROGRAMS = ("blockMesh", "topoSet", "splitMeshRegions", "chtMultiRegionFoam")


@dataclass(frozen=True)
class Plain:
    """A material in constants (SI); `melting` and `latent_heat` (J/kg) of the metal only."""

    density: float
    specific_heat: float
    conductivity: float
    melting: float | None = None
    latent_heat: float = 0.0

    def curve(self) -> HeatCurve:
        """Return what castsolve makes of the same constants."""
        if self.melting is None:
            return HeatCurve.constant(density=self.density, specific_heat=self.specific_heat, conductivity=self.conductivity)
        k = self.conductivity
        return HeatCurve.linear_alloy(
            density=self.density, specific_heat=self.specific_heat, k_solid=k, k_mush=k, k_liquid=k,
            latent_heat=self.latent_heat, liquidus=self.melting, solidus=self.melting,
        )  # fmt: skip


def constants(problem: HeatProblem) -> dict[str, Plain]:
    """Return the constants that stand for the materials of the defined case."""
    alloy = materials.alloy("A356")
    melting = 0.5 * (alloy.liquidus.value + alloy.solidus.value)
    liquid, solid = (alloy.heat.at_temperature(t) for t in (POUR, alloy.solidus.value - 100.0))
    latent = alloy.heat.density * alloy.latent_heat.value
    capacity = (liquid - solid - latent) / (POUR - alloy.solidus.value + 100.0)
    k = float(alloy.heat.conductivity_at(alloy.heat.at_temperature(melting)))
    found = {"metal": Plain(alloy.heat.density, capacity / alloy.heat.density, k, melting, alloy.latent_heat.value)}
    for curve, (name, (low, high)) in zip(problem.materials[1:], MEANS.items(), strict=True):
        h = curve.at_temperature(np.linspace(low, high, 65))
        capacity = float(h[-1] - h[0]) / (high - low)
        found[name] = Plain(curve.density, capacity / curve.density, float(np.mean(curve.conductivity_at(h))))
    return found


def put(folder: Path, name: str, text: str, kind: str = "dictionary") -> None:
    """Write one file of a case."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(HEADER.format(kind=kind, name=file.name) + text)


def first(folder: Path, region: str, name: str, dimensions: str, value: float | str, patches: dict[str, str]) -> None:
    """Write a field that is uniform at the start."""
    walls = "".join(f'    "{patch}" {{ {text} }}\n' for patch, text in patches.items())
    text = f"dimensions {dimensions};\ninternalField uniform {value};\nboundaryField\n{{\n{walls}}}\n"
    put(folder, f"0/{region}/{name}", text, "volVectorField" if isinstance(value, str) else "volScalarField")


def write_mesh(folder: Path, grid: Grid) -> None:
    """Write the mesh of the whole box and the zones of metal and chill: boxes of whole voxels."""
    n, edge = grid.shape[0], float(grid.x[-1])
    corners = " ".join(f"({x:.9g} {y:.9g} {z:.9g})" for z in (0, edge) for x, y in ((0, 0), (edge, 0), (edge, edge), (0, edge)))
    sides = "(0 4 7 3) (2 6 5 1) (1 5 4 0) (3 7 6 2) (0 3 2 1) (4 5 6 7)"
    put(folder, "system/blockMeshDict", f"""scale 1;
vertices ({corners});
blocks (hex (0 1 2 3 4 5 6 7) ({n} {n} {n}) simpleGrading (1 1 1));
edges ();
boundary (outside {{ type patch; faces ({sides}); }});
""")
    actions = []
    for region, name in enumerate(("metal", "chill")):
        at = np.argwhere(grid.region == region)
        low = [float(nodes[i]) for nodes, i in zip(grid.nodes, at.min(axis=0), strict=True)]
        high = [float(nodes[i + 1]) for nodes, i in zip(grid.nodes, at.max(axis=0), strict=True)]
        box = " ".join(f"({' '.join(f'{x:.9g}' for x in corner)})" for corner in (low, high))
        actions += [
            f"{{ name {name}Cells; type cellSet; action new; source boxToCell; box {box}; }}",
            f"{{ name {name}; type cellZoneSet; action new; source setToCellZone; set {name}Cells; }}",
        ]
    actions += [
        "{ name mouldCells; type cellSet; action new; source boxToCell; box (-1 -1 -1) (1 1 1); }",
        "{ name mouldCells; type cellSet; action subtract; source cellToCell; set metalCells; }",
        "{ name mouldCells; type cellSet; action subtract; source cellToCell; set chillCells; }",
        "{ name mould; type cellZoneSet; action new; source setToCellZone; set mouldCells; }",
    ]
    put(folder, "system/topoSetDict", "actions\n(\n" + "\n".join(actions) + "\n);\n")


def write_case(folder: Path, grid: Grid, plain: dict[str, Plain], step: float, end: float) -> None:
    """Write everything but the mesh."""
    put(folder, "system/controlDict", f"""application chtMultiRegionFoam;
startFrom startTime; startTime 0; stopAt endTime; endTime {end:.6g}; deltaT {step:g}; adjustTimeStep no;
writeControl timeStep; writeInterval 1000000; writeFormat binary; timeFormat general; runTimeModifiable no;
functions
{{
    liquid
    {{
        type volFieldValue; libs (fieldFunctionObjects); region metal; regionType all; writeFields no; log no;
        operation max; fields (melting:alpha1); writeControl timeStep; writeInterval 1;
    }}
}}
""")
    schemes = ("ddt", "grad", "div", "laplacian", "interpolation", "snGrad")
    put(folder, "system/fvSchemes", "".join(f"{scheme}Schemes {{}}\n" for scheme in schemes))
    put(folder, "system/fvSolution", "PIMPLE { nOuterCorrectors 1; }\n")
    put(folder, "constant/regionProperties", "regions ( fluid (metal) solid (chill mould) );\n")
    put(folder, "constant/g", "dimensions [0 1 -2 0 0 0 0];\nvalue (0 0 0);\n", "uniformDimensionedVectorField")
    for name, material in plain.items():
        write_region(folder, name, material, [other for other in plain if other != name])


def write_region(folder: Path, name: str, material: Plain, others: list[str]) -> None:
    """Write the properties, schemes and first fields of one region."""
    fluid = name == "metal"
    thermo, transport = ("heRhoThermo", "const") if fluid else ("heSolidThermo", "constIso")
    mu, k = 1e-3, material.conductivity
    carried = f"mu {mu:g}; Pr {mu * material.specific_heat / k:.9g};" if fluid else f"kappa {k:.9g};"
    put(folder, f"constant/{name}/thermophysicalProperties", f"""thermoType
{{
    type {thermo}; mixture pureMixture; transport {transport}; thermo hConst; equationOfState rhoConst; specie specie;
    energy sensibleEnthalpy;
}}
mixture
{{
    specie {{ molWeight 27; }}
    equationOfState {{ rho {material.density:.9g}; }}
    thermodynamics {{ Cp {material.specific_heat:.9g}; Hf 0; }}
    transport {{ {carried} }}
}}
""")
    put(folder, f"constant/{name}/radiationProperties", "radiation off;\nradiationModel none;\n")
    put(folder, f"system/{name}/fvSchemes", """ddtSchemes { default Euler; }
gradSchemes { default Gauss linear; }
divSchemes { default Gauss upwind; div(((rho*nuEff)*dev2(T(grad(U))))) Gauss linear; }
laplacianSchemes { default Gauss linear orthogonal; }
interpolationSchemes { default linear; }
snGradSchemes { default orthogonal; }
""")
    solver = "PBiCGStab; preconditioner DILU" if fluid else "PCG; preconditioner DIC"
    put(folder, f"system/{name}/fvSolution", f"""solvers
{{
    "(h|U).*" {{ solver {solver}; tolerance 1e-08; relTol 0; }}
    "(p_rgh|rho).*" {{ solver PCG; preconditioner DIC; tolerance 1e-08; relTol 0; }}
}}
PIMPLE {{ frozenFlow yes; momentumPredictor no; nCorrectors 1; nNonOrthogonalCorrectors 0; pRefCell 0; pRefValue 1e5; }}
""")
    start = POUR if fluid else ROOM
    common = f"kappaMethod {'fluidThermo' if fluid else 'solidThermo'}; value uniform {start};"
    # A layer of no mass with the resistance of the heat-transfer coefficient.
    touching = f"type {INTERFACE}; Tnbr T; thicknessLayers (1e-3); kappaLayers ({1e-3 * HTC:g}); {common}"
    air = f"type externalWallHeatFluxTemperature; mode coefficient; h uniform {HTC_AIR:g}; Ta constant {ROOM}; {common}"
    walls = {f"{name}_to_({'|'.join(others)})": touching, "outside": air}
    first(folder, name, "T", "[0 0 0 1 0 0 0]", start, walls)
    first(folder, name, "p", "[1 -1 -2 0 0 0 0]", 1e5, {".*": "type calculated; value uniform 1e5;"})
    if not fluid:
        return
    put(folder, f"constant/{name}/turbulenceProperties", "simulationType laminar;\n")
    first(folder, name, "p_rgh", "[1 -1 -2 0 0 0 0]", 1e5, {".*": "type fixedFluxPressure; value uniform 1e5;"})
    first(folder, name, "U", "[0 1 -1 0 0 0 0]", "(0 0 0)", {".*": "type noSlip;"})
    # The liquid fraction starts at one: by default it is zero, and a hot melt would first take its latent heat up.
    first(folder, name, "melting:alpha1", "[0 0 0 0 0 0 0]", 1, {".*": "type zeroGradient;"})
    put(folder, f"system/{name}/fvOptions", f"""melting
{{
    type solidificationMeltingSource; active yes;
    solidificationMeltingSourceCoeffs
    {{
        selectionMode all; Tmelt {material.melting:.9g}; L {material.latent_heat:.9g}; thermoMode thermo; beta 0;
        rhoRef {material.density:.9g};
    }}
}}
""")


def run_openfoam(folder: Path) -> None:
    """Mesh and run the case."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        raise SystemExit(f"{', '.join(missing)} of OpenFOAM not found: apt-get install openfoam")
    for command in (["blockMesh"], ["topoSet"], ["splitMeshRegions", "-cellZones", "-overwrite"], ["chtMultiRegionFoam"]):
        _command(folder, command)


def _command(folder: Path, command: list[str]) -> None:
    # Debian's package sets no environment; the programs ask for one name of it.
    environment = {"WM_PROJECT_DIR": "/usr/share/openfoam", **os.environ}
    log = folder / f"log.{command[0]}"
    with log.open("w") as out:
        done = subprocess.run(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT, check=False, env=environment)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed:\n" + "\n".join(log.read_text().splitlines()[-25:]))


def freezing_time(folder: Path) -> tuple[float, float]:
    """Return when all of the metal was solid (s), and the processor time until then (s)."""
    (file,) = (folder / "postProcessing" / "metal" / "liquid").glob("*/volFieldValue.dat")
    t, liquid = np.loadtxt(file, unpack=True)
    below = np.flatnonzero(liquid < 1e-3)
    if not len(below):
        raise SystemExit(f"the metal is not solid at {t[-1]:g} s; give a longer time")
    solid = float(t[below[0]])
    log = (folder / "log.chtMultiRegionFoam").read_text()
    seconds = [float(found) for found in re.findall(r"^ExecutionTime = (\S+) s", log, re.MULTILINE)]
    return solid, seconds[below[0]]


def run_castsolve(problem: HeatProblem) -> tuple[float, float]:
    """Return when all of the metal was solid (s), and the processor time (s)."""
    start = time.process_time()
    run = problem.run([POUR, ROOM, ROOM], until="solid")
    return float(np.nanmax(run.crossing("solidus"))), time.process_time() - start


def main(cells: int = 40, step: float = 0.1, folder: str | None = None) -> None:
    """Solve the case with both and print the comparison."""
    full = cube_in_sand(cells, threads=1)
    plain = constants(full)
    levels = (Level("liquidus", fraction_solid=0.0), Level("solidus", fraction_solid=1.0))
    curves = [material.curve() for material in plain.values()]
    same = HeatProblem(full.grid, curves, full.faces, dtype="float32", threads=1, watch=Watch(0, levels))
    rows = {"castsolve, the full case": run_castsolve(full), "castsolve, as OpenFOAM has it": run_castsolve(same)}
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(folder or temporary)
        write_mesh(place, full.grid)
        write_case(place, full.grid, plain, step, 1.2 * rows["castsolve, as OpenFOAM has it"][0])
        run_openfoam(place)
        rows[f"chtMultiRegionFoam, steps of {step:g} s"] = freezing_time(place)
    size = full.grid.size
    print(f"{cells}^3 = {size} voxels, {int((full.grid.region == 0).sum())} of metal; load {os.getloadavg()[0]:.1f}")
    for name, (solid, seconds) in rows.items():
        cost = 1e9 * seconds / size / solid
        print(f"{name:36s} solid at {solid:7.2f} s; {seconds:8.2f} processor s, {cost:7.1f} ns a voxel and second of freezing")


if __name__ == "__main__":
    main(*(kind(word) for kind, word in zip((int, float, str), sys.argv[1:], strict=False)))
