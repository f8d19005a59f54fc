"""Wall time, processor time and memory of the defined case from pour to solid, set-up included, each run in a process of its own.

Run it on an idle machine, with as many threads as it shall be told for; OMP_NUM_THREADS sets them::

    OMP_NUM_THREADS=2 python benchmarks/time_to_solid.py 104 usual quick      # one million voxels
    OMP_NUM_THREADS=2 python benchmarks/time_to_solid.py 216 usual quick      # ten million

``--reference`` also solves with steps eight times finer, and tells the errors of local solidification times against that.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

from castsolve.simulation.accuracy import ACCURACIES
from shared_cases import POUR, ROOM, cube_in_sand, local_time_error


def solve(cells: int, options: dict[str, object], kept: str | None) -> None:
    """Solve once and print what it took; keep the local solidification times in a file where one is named."""
    import resource

    start, begun = time.perf_counter(), time.process_time()
    problem = cube_in_sand(cells)
    run = problem.run([POUR, ROOM, ROOM], until="solid", **options)  # type: ignore[arg-type]
    wall, processor = time.perf_counter() - start, time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1024 if sys.platform.startswith("linux") else 1)
    print(
        f"{cells**3:>9} voxels  {options}  {problem.threads} threads: {wall:.2f} s wall, {processor:.2f} s processor, "
        f"{run.steps} steps, {run.stages} stages, solid at {run.time:.1f} s, {peak / cells**3:.1f} bytes a voxel, "
        f"ledger {run.ledger.worst:.1e}",
        flush=True,
    )
    if kept is not None:
        np.save(kept, run.crossing("solidus") - run.crossing("liquidus"))


def main() -> None:
    """Read the command line and solve in processes of their own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cells", type=int, help="voxels along an edge: 104 for a million, 216 for ten")
    parser.add_argument("accuracy", nargs="+", choices=[*ACCURACIES, "reference"])
    parser.add_argument("--reference", action="store_true", help="tell errors against steps eight times finer")
    parser.add_argument("--keep", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if len(given.accuracy) == 1 and given.keep is not None:
        name = given.accuracy[0]
        options = {"theta": 0.0125, "eased": False} if name == "reference" else asdict(ACCURACIES[name])
        solve(given.cells, options, given.keep or None)
        return
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for name in [*given.accuracy, *(["reference"] if given.reference else [])]:
            files[name] = str(Path(folder) / f"{name}.npy") if given.reference else ""
            subprocess.run([sys.executable, __file__, str(given.cells), name, "--keep", files[name]], check=True)
        if given.reference:
            fine = np.load(files["reference"])
            for name in given.accuracy:
                rms, high = local_time_error(np.load(files[name]), fine)
                print(f"{name}: local solidification times {100 * rms:.2f} % (rms), {100 * high:.2f} % (99th percentile)")


if __name__ == "__main__":
    main()
