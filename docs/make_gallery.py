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
# Scripts that fill a mould, by name: the name of the filling in it, and a recorded time to look at (s).
FILLS = {"ev_housing_pour": ("filled", 1.0), "wheel_fill": ("gentle", None)}
# Scripts that fill a die, drawn in section, by name: axis and place of the section.
SECTIONS = {"tilt_pour": ("y", 2 * mm), "cold_chamber": ("z", 0.75 * mm)}


def draw_die(name: str) -> None:
    """Draw a die at its steady state: before the pour and when it opens, cut through the casting."""
    axis, at = CYCLES[name]
    result = runpy.run_path(str(EXAMPLES / f"{name}.py"))["cycle"].result
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("before_pour", "at_ejection"):
            picture = cs.view.section(result, f"temperature_{kind}", axis, at)
            shrink(picture.save(Path(folder) / f"{kind}.png"), TARGET / f"{name.replace('_', '-')}-{kind.replace('_', '-')}.png")


def draw_filling(name: str) -> None:
    """Draw a filling: the fronts on its surface, and the metal at a recorded time coloured by its speed."""
    called, moment = FILLS[name]
    filled = runpy.run_path(str(EXAMPLES / f"{name}.py"))[called]
    pictures = {"fronts": cs.view.casting(filled, "fill_time", lines=True)}
    if moment is not None:
        pictures["speed"] = cs.view.filling(filled, "speed", moment)
    with tempfile.TemporaryDirectory() as folder:
        for kind, picture in pictures.items():
            shrink(picture.save(Path(folder) / f"{kind}.png"), TARGET / f"{name.replace('_', '-')}-{kind}.png")


def draw_section(name: str) -> None:
    """Draw when the metal came, cut through the casting."""
    axis, at = SECTIONS[name]
    result = runpy.run_path(str(EXAMPLES / f"{name}.py"))["filled"]
    with tempfile.TemporaryDirectory() as folder:
        picture = cs.view.section(result, "fill_time", axis, at)
        shrink(picture.save(Path(folder) / "fill.png"), TARGET / f"{name.replace('_', '-')}-fill.png")


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
    for wanted in sys.argv[1:] or [*JOBS, *CYCLES, *FILLS, *SECTIONS]:
        makers = {**dict.fromkeys(CYCLES, draw_die), **dict.fromkeys(FILLS, draw_filling), **dict.fromkeys(SECTIONS, draw_section)}
        makers.get(wanted, draw)(wanted)
