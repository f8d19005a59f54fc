"""Make the table and the pictures of the riser study again: ``python docs/make_riser_study.py``."""

from __future__ import annotations

import runpy
import tempfile
from pathlib import Path

from make_pictures import TARGET, shrink

import castsolve as cs

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "riser_study.py"

if __name__ == "__main__":
    example = runpy.run_path(str(EXAMPLE))
    rows = example["rows"]
    with tempfile.TemporaryDirectory() as folder:
        for diameter in (60, 120):
            result = rows[diameter].result
            told = f"Bonnet riser of {diameter} mm\nsolidification time, findings as numbered in the verdict table"
            picture = cs.view.section(result, axis="y", at=2.5e-3, verdicts=cs.verdicts(result), title=told)
            shrink(picture.save(Path(folder) / "picture.png"), TARGET / f"riser-study-{diameter}.png")
