"""Make the parts of the examples again: ``python examples/parts/make_parts.py``.

It needs ``manifold3d`` (pip install manifold3d) for exact unions and hulls; the STL files beside it were written by it. All
lengths are millimetres. The parts are raw castings: what is drilled later is solid, and faces that are machined are plain.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import manifold3d
import numpy as np

from castsolve.geometry import Part, Surface

HERE = Path(__file__).resolve().parent
Solid = Any
Point = tuple[float, float, float]


def cylinder(
    diameter: float, height: float, *, base: Point = (0.0, 0.0, 0.0), axis: str = "z", top: float | None = None, n: int = 64
) -> Solid:
    """Return a cylinder or cone along an axis, its foot on a point."""
    made = manifold3d.Manifold.cylinder(height, diameter / 2, (diameter if top is None else top) / 2, n)
    turned = {"z": (0, 0, 0), "x": (0, 90, 0), "y": (-90, 0, 0)}[axis]
    return made.rotate(turned).translate(base)


def ball(diameter: float, middle: Point, n: int = 28) -> Solid:
    """Return a sphere."""
    return manifold3d.Manifold.sphere(diameter / 2, n).translate(middle)


def box(size: Point, middle: Point) -> Solid:
    """Return a box about its middle."""
    return manifold3d.Manifold.cube(size, True).translate(middle)


def hull(*pieces: Solid) -> Solid:
    """Return the convex hull of some solids: an arm between two ends."""
    return manifold3d.Manifold.batch_hull(list(pieces))


def union(pieces: Iterable[Solid]) -> Solid:
    """Return the union of some solids."""
    return manifold3d.Manifold.batch_boolean(list(pieces), manifold3d.OpType.Add)


def around(solid: Solid, count: int, *, first: float = 0.0) -> list[Solid]:
    """Return a solid repeated evenly about the z axis, the first turned by an angle in degrees."""
    return [solid.rotate((0, 0, first + 360.0 * k / count)) for k in range(count)]


def revolved(profile: list[tuple[float, float]], n: int = 96) -> Solid:
    """Return the body of revolution of (radius, height) corners about z."""
    return manifold3d.CrossSection([np.array(profile)]).revolve(n)


def motor_housing() -> Solid:
    """Return the housing of an electric traction motor: barrel with fins, closed bearing end up, flange down."""
    barrel = revolved([
        (94, 0), (128, 0), (128, 13), (112, 20), (107, 40), (105, 175), (102, 186), (84, 196), (46, 200), (44, 212), (26, 212),
        (26, 176), (36, 174), (40, 184), (80, 180), (93, 172), (95, 120),
    ])  # fmt: skip
    fin = hull(box((1.0, 4.4, 118), (104, 0, 101)), box((1.0, 3.2, 112), (116, 0, 101)))
    angles = [a for a in range(0, 360, 10) if a not in (0, 90, 180, 270) and not 60 < a < 120]
    fins = [fin.rotate((0, 0, a)) for a in angles]
    boss = hull(cylinder(20, 22, base=(122, 0, 0), n=24), cylinder(14, 34, base=(108, 0, 0), n=24))
    bosses = around(boss, 8, first=22.5)
    box_foot = hull(box((80, 8, 92), (0, 104, 92)), box((72, 2, 84), (0, 122, 92)))
    box_hollow = hull(box((64, 2, 76), (0, 123, 92)), box((58, 2, 70), (0, 113, 92)))
    feet = []
    for x in (-78, 78):
        for z in (46, 150):
            pad = cylinder(34, 12, base=(x, -124, z), axis="y", n=32)
            feet.append(hull(pad, box((22, 6, 40), (0.86 * x, -74, z))))
    ribs = around(hull(box((2, 8, 18), (38, 0, 190)), box((2, 7, 3), (88, 0, 183))), 6, first=30.0)
    inside = revolved([(0, -1), (94, -1), (95, 120), (93, 172), (80, 180), (40, 184), (36, 174), (26, 176), (26, 214), (0, 214)])
    return (union([barrel, *fins, *bosses, box_foot, *feet, *ribs]) - box_hollow) - inside


def motor_housing_core() -> Solid:
    """Return the core of the housing, a round print under it."""
    inside = [(94, 0), (95, 120), (93, 172), (80, 180), (40, 184), (36, 174), (26, 176), (26, 212), (0, 212)]
    return revolved([(0, -28), (94, -28), *inside])


def steering_knuckle() -> Solid:
    """Return a steering knuckle: hub, strut clamp up, ball joint down, steering arm, two lugs for the caliper."""
    hub = hull(cylinder(118, 26, base=(0, 0, -13), axis="z")) + cylinder(104, 44, base=(0, 0, -20), axis="z")
    strut_foot = hull(box((70, 30, 26), (0, 44, -2)), ball(34, (-18, 62, -2)), ball(34, (18, 62, -2)))
    strut = hull(ball(34, (-14, 60, -2)), ball(34, (14, 60, -2)), ball(26, (-8, 132, 16)), ball(26, (12, 132, 16)))
    clamp = hull(ball(30, (-12, 128, 16)), ball(30, (14, 128, 16)), ball(28, (-10, 168, 22)), ball(28, (14, 168, 22)))
    ears = [box((12, 44, 44), (x, 150, 24)) for x in (-16, 20)]
    lower = hull(ball(36, (0, -46, 0)), ball(30, (16, -52, -2)), ball(27, (8, -102, -18)))
    joint = cylinder(46, 34, base=(8, -112, -38), axis="z", n=40)
    arm = hull(ball(32, (-46, -14, 0)), ball(30, (-44, 12, 0)), ball(23, (-112, -30, -8))) + hull(
        ball(23, (-112, -30, -8)), ball(22, (-146, -42, -12))
    )
    eye = cylinder(38, 28, base=(-150, -44, -26), axis="z", n=36)
    lugs = []
    for y in (-30, 34):
        lugs.append(hull(ball(26, (46, 0.7 * y, 2)), ball(22, (84, y, 8))) + cylinder(32, 26, base=(88, y, -4), axis="z", n=32))
    web = hull(ball(14, (60, -14, 2)), ball(14, (60, 16, 2)), ball(12, (86, -26, 8)), ball(12, (86, 30, 8)))
    bore = cylinder(72, 80, base=(0, 0, -40), axis="z")
    return union([hub, strut_foot, strut, clamp, *ears, lower, joint, arm, eye, *lugs, web]) - bore


def valve_body() -> Solid:
    """Return the body of a globe valve: two pipe flanges, a round chamber, a bonnet flange."""

    def flange(x: float) -> Solid:
        side = math.copysign(1.0, x)
        disc = cylinder(165, 24, base=(x if side < 0 else x - 24, 0, 0), axis="x", n=72)
        neck = cylinder(76, abs(x) - 10, base=(x if side < 0 else 10, 0, 0), axis="x", n=48)
        cone = cylinder(112 if side < 0 else 78, 26, base=(x + 22 if side < 0 else x - 48, 0, 0), axis="x", n=48,
                        top=78 if side < 0 else 112)  # fmt: skip
        return union([disc, neck, cone])

    chamber = hull(ball(136, (0, 0, 6), 48), ball(96, (-34, 0, -6), 40), ball(96, (34, 0, -6), 40))
    neck = cylinder(112, 96, base=(0, 0, 20), n=64, top=118)
    collar = cylinder(118, 16, base=(0, 0, 92), n=64, top=150)
    bonnet = cylinder(186, 26, base=(0, 0, 106), n=72) + cylinder(120, 29, base=(0, 0, 106), n=64)
    hollow = union([
        cylinder(50, 400, base=(-200, 0, 0), axis="x", n=48),
        hull(ball(100, (0, 0, 6), 48), ball(66, (-28, 0, -4), 32), ball(66, (28, 0, -4), 32)),
        cylinder(82, 140, base=(0, 0, 10), n=64),
    ])  # fmt: skip
    seat = hull(box((10, 110, 60), (-30, 0, -24)), box((10, 110, 20), (-18, 0, 4))) ^ ball(112, (0, 0, 4), 40)
    opening = cylinder(46, 60, base=(0, 0, -20), n=40)
    table = (box((60, 110, 12), (4, 0, 4)) ^ ball(112, (0, 0, 4), 40)) - opening
    shell = union([flange(-150.0), flange(150.0), chamber, neck, collar, bonnet]) - hollow
    return shell + table + seat


def brake_disc() -> Solid:
    """Return a ventilated brake disc, hat up: two friction rings, straight vanes between, the hat with its hub face."""
    lower = revolved([(86, 0), (150, 0), (150, 10), (86, 10)])
    upper = revolved([
        (82, 20), (150, 20), (150, 30), (88, 30), (86, 36), (84, 66), (80, 71), (36, 71), (36, 60), (74, 60), (76, 56), (77, 24),
    ])  # fmt: skip
    vane = hull(box((2, 6.5, 14), (90, 0, 15)), box((2, 5.0, 14), (147, 0, 15)))
    return union([lower, upper, *around(vane, 36, first=5.0)])


def tilt_bracket() -> Solid:
    """A bracket for a tilting die: a foot with a boss, and the leg that the metal comes in by."""
    foot, leg = box((72, 24, 16), (36, 0, 8)), box((20, 24, 48), (62, 0, 24))
    return union([foot, leg, cylinder(24, 24, base=(12, 0, 8))])


def tilt_cup() -> Solid:
    """The cup of a tilting die over the bracket's leg: before the turn its open face, beyond the leg, looks up."""
    return union([box((72, 24, 52), (36, 0, 86)), box((8, 24, 24), (76, 0, 100))])


PARTS = {
    "motor-housing": motor_housing,
    "motor-housing-core": motor_housing_core,
    "knuckle-right": lambda: steering_knuckle().mirror((1, 0, 0)).translate((150, 0, 0)),
    "knuckle-left": lambda: steering_knuckle().translate((-150, 0, 0)),
    "valve-body": valve_body,
    "brake-disc": brake_disc,
    "tilt-bracket": tilt_bracket,
    "tilt-cup": tilt_cup,
}


def part_of(solid: Solid, name: str) -> Part:
    """Return a solid as a part."""
    mesh = solid.to_mesh()
    points = np.asarray(mesh.vert_properties, dtype=np.float64)[:, :3]
    return Part(Surface(points * 1e-3, np.asarray(mesh.tri_verts, dtype=np.int32)), name=name)


if __name__ == "__main__":
    for name, make in PARTS.items():
        solid = make().simplify(0.02)
        part = part_of(solid, name)
        part.write(HERE / f"{name}.stl")
        print(f"{part!r}, {(HERE / f'{name}.stl').stat().st_size / 1e3:.0f} kB, {len(solid.decompose())} piece")
