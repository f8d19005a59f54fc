"""A long sand pour from the first drop to the full cavity, with heat and all records: wall and processor time, set-up included.

Run it on an idle machine, with as many threads as it shall be told for; OMP_NUM_THREADS sets them::

    OMP_NUM_THREADS=2 python benchmarks/whole_pour.py low 5.3 quick    # it spills from the flanges into the body
    OMP_NUM_THREADS=2 python benchmarks/whole_pour.py high 5.3 quick   # it falls from the gate for half a minute
"""

from __future__ import annotations

import argparse
import time

import castsolve as cs
from castsolve.simulation.accuracy import FILL_ACCURACIES
from castsolve.simulation.fill_watch import FillProgress
from castsolve.units import mm
from pours import high_gated, low_gated

POURS = {"low": low_gated, "high": high_gated}
# Wall seconds between two lines of progress.
_TELL = 30.0


def main() -> None:
    """Read the command line, pour, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pour", choices=[*POURS], help="see pours.py")
    parser.add_argument("voxel", type=float, help="edge of a voxel (mm)")
    parser.add_argument("accuracy", nargs="?", default="usual", choices=[*FILL_ACCURACIES])
    given = parser.parse_args()
    start, begun, told = time.perf_counter(), time.process_time(), [0.0]

    def tell(now: FillProgress) -> None:
        wall = time.perf_counter() - start
        if wall - told[0] > _TELL:
            told[0] = wall
            print(f"{wall:.0f} s of wall time: {now}", flush=True)

    inlet = None if given.pour == "high" else cs.PouringHead(0.0)
    filled = cs.fill(POURS[given.pour](), voxel=given.voxel * mm, inlet=inlet, accuracy=given.accuracy, progress=tell)
    wall, processor = time.perf_counter() - start, time.process_time() - begun
    facts, liquid = filled.facts, int((filled["fill_fraction"] >= 0.5).sum())
    print(
        f"{facts['filling']['stopped']} at {facts['filling']['fill_time']:.1f} s with {liquid} of "
        f"{facts['filling']['cavity_voxels']} voxels half full or more, {facts['clock']['threads']} threads: {wall:.0f} s wall, "
        f"{processor:.0f} s processor, {facts['clock']['steps']} steps, {facts['filling']['retries']} retries, "
        f"ledgers {facts['filling']['defect']:.1e} (metal), {facts['energy']['defect']:.1e} (heat)"
    )


if __name__ == "__main__":
    main()
