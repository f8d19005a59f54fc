"""How the demonstration casting is rigged, and the foundry rules that sized it.

Every riser must freeze after the section that it feeds (modulus 1.2 times that of the section) and must hold the metal
that its share of the casting asks for while it freezes (volume). Rules and figures: steel shrinks by 5 % from pouring
to the end of freezing; a riser in sand gives away 14 % of its volume, a sleeved one 30 % (C. Wlodawer's rules as they
stand in foundry handbooks). All lengths are in m, in the coordinates of the STL file.
"""

from __future__ import annotations

import math
from typing import Any

from ..casting import Chill, Gate, Neck, Riser, SandCasting, Sleeve
from ..geometry import Part
from ..units import degC, mm
from . import make_valve_body as body
from . import valve_body_path

__all__ = [
    "ALLOY",
    "BONNET_RISER",
    "CHILL",
    "FLANGE_RISER",
    "GATE",
    "MOULD",
    "POUR_TEMPERATURE",
    "POUR_TIME",
    "bonnet_flange_modulus",
    "chill_profile",
    "demo_casting",
    "demo_probes",
    "flange_end_volume",
    "pipe_flange_modulus",
    "riser_demand",
    "riser_modulus",
]

ALLOY = "WCB"
MOULD = "green-sand"
POUR_TEMPERATURE = degC(1580.0)
# By the rule for steel, 1.6 (mass in kg)^0.4 s (`GatingDesign`), for the 41.8 kg of metal.
POUR_TIME = 7.1

MODULUS_RATIO = 1.2
SHRINKAGE = 0.05
EFFICIENCY_SAND = 0.14
EFFICIENCY_SLEEVE = 0.30

# On the bonnet flange (part.top): plain sand riser, feeds bonnet, barrel and the chilled right end.
BONNET_RISER: dict[str, Any] = {"diameter": 120.0 * mm, "height": 180.0 * mm}
# On the rim of the left pipe flange and its feed pad; 13 mm of sand stay between its sleeve and the bonnet flange.
FLANGE_RISER: dict[str, Any] = {
    "diameter": 64.0 * mm,
    "height": 96.0 * mm,
    "at": (-137.0 * mm, 0.0),
    "neck_diameter": 54.0 * mm,
    "neck_height": 10.0 * mm,
    "sleeve_thickness": 12.0 * mm,
}
# A stepped ring of cast iron on the face of the right pipe flange, with a spigot in the mouth of the bore: the face
# alone leaves the root of the flange liquid for a while after the barrel has cut it off.
CHILL: dict[str, Any] = {
    "inner_radius": 20.0 * mm,
    "outer_radius": 97.0 * mm,
    "thickness": 32.0 * mm,
    "spigot": 19.0 * mm,
    "material": "cast-iron",
}
# Into the left pipe flange at the parting plane, so that the last and hottest metal stands under the flange riser.
GATE: dict[str, Any] = {"width": 24.0 * mm, "height": 20.0 * mm, "near": (-136.0 * mm, -110.0 * mm, 0.0)}


def pipe_flange_modulus() -> float:
    """Return volume over cooling surface of a pipe flange in m: both faces, rim and bore, without the neck's root."""
    r, bore, t = body.FLANGE_RADIUS, body.BORE_RADIUS, body.FLANGE_THICKNESS
    root = body.outer_radius(body.HALF_LENGTH - t) + 0.5 * body.FILLET
    ring = math.pi * (r * r - bore * bore)
    cooling = ring + 2.0 * math.pi * (r + bore) * t + math.pi * (r * r - root * root)
    return ring * t / cooling * mm


def bonnet_flange_modulus() -> float:
    """Return volume over cooling surface of bonnet flange and lid in m, the foot of the riser not cooling."""
    r, bore, lid = body.BONNET_FLANGE_RADIUS, body.BONNET_BORE[1], body.LID
    t = body.BONNET_FLANGE[1] - body.BONNET_FLANGE[0]
    root = body.BONNET_NECK[1] + 0.5 * body.FILLET
    foot = 0.5 * float(BONNET_RISER["diameter"]) / mm
    volume = math.pi * (r * r * t - bore * bore * (t - lid))
    face = math.pi * (r * r - foot * foot)
    inside = math.pi * bore * bore + 2.0 * math.pi * bore * (t - lid)
    cooling = 2.0 * math.pi * r * t + face + inside + math.pi * (r * r - root * root)
    return volume / cooling * mm


def flange_end_volume() -> float:
    """Return the volume in m3 that the flange riser feeds: a pipe flange and 40 mm of the neck behind it."""
    r, bore = body.FLANGE_RADIUS, body.BORE_RADIUS
    flange = math.pi * (r * r - bore * bore) * body.FLANGE_THICKNESS
    height, raised = body.RAISED_FACE
    face = math.pi * (raised * raised - bore * bore) * height
    return (flange + face + math.pi * ((body.NECK_RADIUS + 0.5 * body.TAPER[0]) ** 2 - bore * bore) * 40.0) * mm**3


def riser_modulus(*, diameter: float, height: float) -> float:
    """Return volume over cooling surface of a cylinder that stands on metal, in m."""
    return diameter * height / (4.0 * height + diameter)


def riser_demand(fed_volume: float, *, efficiency: float) -> float:
    """Return the volume in m3 that a riser needs to feed a part of the casting and itself."""
    return SHRINKAGE * fed_volume / (efficiency - SHRINKAGE)


def chill_profile() -> list[tuple[float, float]]:
    """Return the (radius, height over the flange face) corners of the ring chill, which follows flange and bore."""
    face = body.HALF_LENGTH
    height, raised = body.RAISED_FACE
    low, high, deep, thick = (CHILL[k] / mm for k in ("inner_radius", "outer_radius", "spigot", "thickness"))
    # Pressed in by a hair, so that the facets of the two leave no film of sand.
    press = 0.02
    corners = [
        (low, -deep),
        (body.inner_radius(face - deep) + press, -deep),
        (body.inner_radius(face + height) + press, height - press),
        (raised, height - press),
        (raised + 1.5, -press),
        (high, -press),
        (high, thick),
        (low, thick),
    ]
    return [(r * mm, h * mm) for r, h in corners]


def demo_casting() -> SandCasting:
    """Return the demonstration casting with its rigging."""
    part = Part.read(valve_body_path(), unit="mm", name="valve body")
    x, y = FLANGE_RISER["at"]
    neck = Neck(diameter=FLANGE_RISER["neck_diameter"], height=FLANGE_RISER["neck_height"])
    sleeve = Sleeve(thickness=FLANGE_RISER["sleeve_thickness"])
    size = {"diameter": FLANGE_RISER["diameter"], "height": FLANGE_RISER["height"]}
    face = (body.HALF_LENGTH * mm, 0.0, 0.0)
    ring = Part.revolved(chill_profile(), axis="x", base=face, segments=body.SEGMENTS, name="ring")
    return SandCasting(
        part,
        alloy=ALLOY,
        mould=MOULD,
        rigging=[
            Riser.cylinder(**BONNET_RISER, at=part.top, name="bonnet riser"),
            Riser.cylinder(**size, at=part.above(x, y), neck=neck, sleeve=sleeve, name="flange riser"),
            Chill(ring, material=CHILL["material"], name="ring chill"),
            Gate.slot(width=GATE["width"], height=GATE["height"], at=part.nearest(GATE["near"])),
        ],
        pour_temperature=POUR_TEMPERATURE,
        pour_time=POUR_TIME,
    )


def demo_probes() -> dict[str, tuple[float, float, float]]:
    """Return virtual thermocouples (m): in both risers, in both flanges, in the barrel, and in the sand beside it."""
    part, (x, y) = body.FLANGE_THICKNESS * mm, FLANGE_RISER["at"]
    middle = (body.HALF_LENGTH + body.RAISED_FACE[0]) * mm - 0.5 * part
    wall = 0.5 * (body.BORE_RADIUS + body.FLANGE_RADIUS) * mm
    top = body.BONNET_FLANGE[1] * mm
    return {
        "bonnet riser": (0.0, 0.0, top + 0.5 * BONNET_RISER["height"]),
        "flange riser": (x, y, body.FLANGE_RADIUS * mm + FLANGE_RISER["neck_height"] + 0.4 * FLANGE_RISER["height"]),
        "left flange": (-middle, 0.0, wall),
        "chilled flange": (middle, 0.0, -wall),
        "sand beside the barrel": (0.0, -(body.CHAMBER_WALL + body.BORE_RADIUS + 35.0) * mm, 0.0),
    }
