"""Make the demonstration casting again: a flanged gate-valve body of cast steel.

Run ``python -m castsolve.demo.make_valve_body [FILE]``; it needs ``manifold3d`` (pip install manifold3d) for the exact
union of its pieces. The file that is shipped was written by this script; all lengths here are millimetres.

The valve axis is x and the bonnet looks up (z), as the body lies in its mould with the parting plane through the pipe
axis. Bolt holes are drilled later, so all three flanges are cast blank. Three things are there for the feeding: walls
grow toward the bonnet, a pad behind the left flange leads from its riser down to the root, and the bonnet bore ends
under a lid on which the riser stands; pad and lid are machined away.
"""

from __future__ import annotations

import importlib
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import CastsolveError
from ..geometry import Part, Surface

# Pipe flanges of nominal diameter 80.
HALF_LENGTH = 148.0
RAISED_FACE = (2.0, 63.0)  # height, radius
FLANGE_RADIUS = 100.0
FLANGE_THICKNESS = 22.0
BORE_RADIUS = 40.0
# Barrel: a neck that thickens from the flanges toward the middle and bulges around the gate chamber.
NECK_RADIUS = 55.5  # at the flanges
TAPER = (3.5, 70.0, 116.0)  # added radius, where it is reached, where it begins
BULGE = (17.5, 80.0)  # added radius in the middle (with the taper), half length
CHAMBER_WALL = 17.0
LIFT = 2.0  # of the bulge's outside: the wall grows from 15 mm below to 19 mm under the bonnet
# Bonnet: a neck whose wall widens toward the riser, and its flange.
BONNET_FLANGE_RADIUS = 80.0
BONNET_FLANGE = (128.0, 158.0)  # under side, face
BONNET_NECK = (61.0, 66.0)  # outer radius at the barrel, under the flange
BONNET_BORE = (43.0, 41.0)  # inner radius at the barrel, under the lid
LID = 14.0
SADDLE = (98.0, 50.0, 22.0)  # begins at z, ends at z, widening along the axis
FILLET = 10.0
RIB_THICKNESS = 12.0
PAD = (15.0, 24.0, 97.0)  # thickness of the feed pad at the root, at the rim, its height

SEGMENTS = 52

Profile = list[tuple[float, float]]


def arc(centre: tuple[float, float], radius: float, start: float, end: float, count: int) -> Profile:
    """Return points of an arc in the plane of a profile, angles in degrees."""
    angles = np.radians(np.linspace(start, end, count))
    return [(centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in angles]


def outer_radius(x: float) -> float:
    """Return the radius of the barrel's outside at a place along the pipe axis."""
    height, half = BULGE
    inside = max(0.0, 1.0 - abs(x) / half)
    more, thick, thin = TAPER
    taper = more * min(1.0, max(0.0, (thin - abs(x)) / (thin - thick)))
    return NECK_RADIUS + taper + (height - more) * math.sin(0.5 * math.pi * inside) ** 2


def inner_radius(x: float) -> float:
    """Return the radius of the barrel's inside: a chamber in the bulge, then the drafted bores."""
    draft = BORE_RADIUS + 0.012 * max(0.0, abs(x) - 54.0)
    return max(draft, outer_radius(x) - CHAMBER_WALL)


def lifted(surface: Surface) -> Surface:
    """Return the barrel's outside with its bulge lifted, so that its wall grows from below toward the bonnet."""
    points = surface.points.copy()
    share = np.sin(0.5 * np.pi * np.maximum(0.0, 1.0 - np.abs(points[:, 0]) / BULGE[1])) ** 2
    points[:, 2] += LIFT * share
    return Surface(points, surface.triangles)


def feed_pad() -> NDArray[np.float64]:
    """Return the corners of the pad behind the left flange that leads from its riser down to its root."""
    back = FLANGE_THICKNESS - HALF_LENGTH
    root, rim, z = PAD
    side = [
        (back - 6.0, 22.0, NECK_RADIUS),
        (back + root, 22.0, NECK_RADIUS),
        (back - 6.0, 24.0, z),
        (back + rim, 24.0, z),
    ]
    return np.array([(x, sign * y, h) for x, y, h in side for sign in (-1.0, 1.0)])


def barrel_profile() -> Profile:
    """Return (radius, place along the axis) of barrel and both pipe flanges, from the right face to the left."""
    face = HALF_LENGTH
    back = face - FLANGE_THICKNESS
    height, raised = RAISED_FACE
    right: Profile = [(0.0, face + height), (raised, face + height), (raised + 1.5, face)]
    right += arc((FLANGE_RADIUS - 3.0, face - 3.0), 3.0, 90.0, 0.0, 3)
    right += [(FLANGE_RADIUS, back + 5.0), (FLANGE_RADIUS - 3.0, back + 1.5)]
    foot = outer_radius(back - FILLET)
    right += [(foot + FILLET - r, back - FILLET + s) for r, s in arc((0.0, 0.0), FILLET, 90.0, 0.0, 4)]
    ordered = right + [(outer_radius(x), x) for x in np.linspace(back - FILLET - 10.0, 0.0, 11)]
    left = [(r, -x) for r, x in reversed(ordered[:-1])]
    return ordered + left


def bore_profile() -> Profile:
    """Return (radius, place along the axis) of the through bore with chamber and seat lands."""
    end = HALF_LENGTH + 20.0
    places = [end, 100.0, *np.linspace(54.0, 0.0, 9)]
    right = [(inner_radius(x), x) for x in places]
    return [(0.0, end), *right, *[(r, -x) for r, x in reversed(right[:-1])], (0.0, -end)]


def saddle(z: float) -> float:
    """Return how much wider along the axis the bonnet neck is at a height: the fillet toward the barrel."""
    begins, ends, most = SADDLE
    part = min(1.0, max(0.0, (begins - z) / (begins - ends)))
    return most * part * part


def lofted(levels: list[tuple[float, float, float]]) -> Surface:
    """Return the body between ellipses (height, half axis along x, half axis along y) stacked along z."""
    angles = 2.0 * np.pi * np.arange(SEGMENTS) / SEGMENTS
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    rings = [np.column_stack([ring * (a, b), np.full(SEGMENTS, z)]) for z, a, b in levels]
    ends = [[(0.0, 0.0, levels[0][0])], [(0.0, 0.0, levels[-1][0])]]
    points = np.concatenate([*rings, *ends])
    j = np.arange(SEGMENTS)
    k = (j + 1) % SEGMENTS
    faces: list[NDArray[Any]] = []
    for i in range(len(levels) - 1):
        low, high = i * SEGMENTS, (i + 1) * SEGMENTS
        faces += [np.stack([low + j, low + k, high + k], axis=1), np.stack([low + j, high + k, high + j], axis=1)]
    last, foot = (len(levels) - 1) * SEGMENTS, len(levels) * SEGMENTS
    faces += [np.stack([k, j, np.full(SEGMENTS, foot)], axis=1)]
    faces += [np.stack([last + j, last + k, np.full(SEGMENTS, foot + 1)], axis=1)]
    return Surface(points, np.concatenate(faces))


def bonnet_levels() -> list[tuple[float, float, float]]:
    """Return the ellipses of the bonnet's outside: neck with its saddle, fillet, flange."""
    under, face = BONNET_FLANGE
    low, high = BONNET_NECK
    levels = []
    for z in [0.0, *np.linspace(40.0, under - FILLET, 8)]:
        r = low + (high - low) * max(0.0, (z - 40.0) / (under - 40.0))
        levels.append((float(z), r + saddle(z), r))
    for r, z in arc((high + FILLET, under - FILLET), FILLET, 162.0, 90.0, 4):
        levels.append((z, r, r))
    rim = BONNET_FLANGE_RADIUS
    levels += [(under + 1.5, rim - 3.0, rim - 3.0), (under + 4.5, rim, rim), (face - 3.0, rim, rim)]
    return [*levels, (face, rim - 3.0, rim - 3.0)]


def bonnet_bore_levels() -> list[tuple[float, float, float]]:
    """Return the ellipses of the bonnet's inside, rounded under the lid."""
    top = BONNET_FLANGE[1] - LID
    low, high = BONNET_BORE
    corner = 10.0
    levels = []
    for z in [0.0, *np.linspace(40.0, top - corner, 6)]:
        r = low + (high - low) * max(0.0, (z - 40.0) / (top - 40.0))
        levels.append((float(z), r + 0.9 * saddle(z), r))
    levels += [(z, r, r) for r, z in arc((high - corner, top - corner), corner, 18.0, 90.0, 4)]
    return levels


def rib(sign: float) -> NDArray[np.float64]:
    """Return the corners of a gusset between bonnet flange and neck."""
    under = BONNET_FLANGE[0]
    side = [
        (BONNET_NECK[0] - 6.0, 84.0),
        (BONNET_NECK[1] + 2.0, 84.0),
        (76.0, under + 2.0),
        (BONNET_NECK[1] - 8.0, under + 2.0),
    ]
    half = 0.5 * RIB_THICKNESS
    return np.array([(sign * x, y, z) for x, z in side for y in (-half, half)])


def valve_body() -> Surface:
    """Return the surface of the valve body in millimetres."""
    try:
        manifold3d = importlib.import_module("manifold3d")
    except ImportError:
        raise CastsolveError(
            "making the valve body again needs manifold3d, which castsolve itself does not; run pip install manifold3d"
        ) from None

    def solid(surface: Surface) -> Any:
        mesh = manifold3d.Mesh(surface.points.astype(np.float32), surface.triangles.astype(np.uint32))
        made = manifold3d.Manifold(mesh)
        if made.status() != manifold3d.Error.NoError:
            raise CastsolveError(f"a piece of the valve body is not closed: {made.status()}; this is a castsolve bug")
        return made

    def turned(profile: Profile, axis: str) -> Any:
        return solid(Part.revolved(profile, axis=axis, segments=SEGMENTS).surface)

    barrel = solid(lifted(Part.revolved(barrel_profile(), axis="x", segments=SEGMENTS).surface))
    outside = barrel + solid(lofted(bonnet_levels())) + manifold3d.Manifold.hull_points(feed_pad())
    for sign in (-1.0, 1.0):
        outside += manifold3d.Manifold.hull_points(rib(sign))
    inside = turned(bore_profile(), "x") + solid(lofted(bonnet_bore_levels()))
    mesh = (outside - inside).simplify(0.04).to_mesh()
    points = np.asarray(mesh.vert_properties, dtype=np.float64)[:, :3]
    return Surface(points, np.asarray(mesh.tri_verts, dtype=np.int32))


def main(arguments: list[str] | None = None) -> int:
    """Write the file, by default the one that is shipped beside this script."""
    given = sys.argv[1:] if arguments is None else arguments
    target = Path(given[0]) if given else Path(__file__).with_name("valve-body.stl")
    part = Part(valve_body().transformed(np.diag([1e-3, 1e-3, 1e-3, 1.0])), name="valve-body")
    part.write(target, unit="mm")
    print(f"{target}: {target.stat().st_size / 1e3:.0f} kB")
    print(Part.read(target, unit="mm").report())
    return 0


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except CastsolveError as error:
        raise SystemExit(f"error: {error}") from None
