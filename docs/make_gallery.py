"""Make the pictures of the gallery again: ``python docs/make_gallery.py [NAME ...]``, from the case files of the examples."""

from __future__ import annotations

import runpy
import sys
import tempfile
from pathlib import Path

from make_pictures import shrink

import castsolve as cs
from castsolve.units import mm

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parent / "examples"
TARGET = HERE / "gallery"
# Case, voxel (m), direction to the eye.
JOBS = {
    "motor_housing": (7 * mm, (0.9, -1.6, 0.9)),
    "steering_knuckle": (5 * mm, (0.5, -1.6, 1.2)),
    "globe_valve": (7 * mm, (-1.0, -1.6, 0.9)),
    "brake_disc": (4 * mm, (0.9, -1.6, 0.9)),
}
# Scripts that cycle a die, by name: axis and place of the section.
CYCLES = {"wheel": ("y", 1 * mm), "ev_housing": ("y", 1 * mm)}


def draw_die(name: str) -> None:
    """Draw a die at its steady state: before the pour and when it opens, cut through the casting."""
    axis, at = CYCLES[name]
    result = runpy.run_path(str(EXAMPLES / f"{name}.py"))["cycle"].result
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("before_pour", "at_ejection"):
            picture = cs.view.section(result, f"temperature_{kind}", axis, at)
            shrink(picture.save(Path(folder) / f"{kind}.png"), TARGET / f"{name.replace('_', '-')}-{kind.replace('_', '-')}.png")


def draw(name: str) -> None:
    """Draw one job: the rigging, and the solidification time of its metal."""
    voxel, view = JOBS[name]
    case = cs.read_case(EXAMPLES / f"{name}.toml")
    result = cs.solidify(case.casting, voxel=voxel)
    with tempfile.TemporaryDirectory() as folder:
        pictures = {
            "rigging": cs.view.rigging(case.casting, view=view),
            "time": cs.view.section(result, "solidification_time"),
        }
        for kind, picture in pictures.items():
            shrink(picture.save(Path(folder) / f"{kind}.png"), TARGET / f"{name.replace('_', '-')}-{kind}.png")


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    for wanted in sys.argv[1:] or [*JOBS, *CYCLES]:
        (draw_die if wanted in CYCLES else draw)(wanted)
