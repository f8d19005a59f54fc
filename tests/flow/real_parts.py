"""Real parts with basin, sprue, runner and gate, poured under a head; the time that Bernoulli's law gives them.

The estimate is quasi-steady. The flow Q at a level z of the metal follows from

    g (brim - max(z, gate)) = Q^2 / 2 sum(K / A^2)

with the losses of the handbooks (Idelchik, Handbook of Hydraulic Resistance, 3rd ed. 1994), each at the speed of its own
section A: entrance of the sprue 0.5, sharp turn at its foot 1.2, contraction from the runner to the gate
0.5 (1 - A_gate / A_runner), exit of the gate 1, friction of smooth walls (Blasius) along sprue, runner and gate. Before that
the empty gating fills with what falls down the sprue, for nothing holds it back yet but the entrance.

These losses are those of a gate whose whole mouth opens into the runner and of a sprue that ends in the runner's roof: the
runners are a quarter wider than the gates and as high as their area asks for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import castsolve as cs
from castsolve.units import degC, mm

G = 9.81
ENTRANCE, TURN, EXIT = 0.5, 1.2, 1.0
_BASIN, _GATE = 40 * mm, 40 * mm
# Width of a runner's floor over that of its gate: where the gate's roof meets it, the runner is a few percent wider still.
_WIDER = 1.25


@dataclass(frozen=True)
class RealPart:
    """How a part is gated: a pressurized system (sprue : runner : gate = 2 : 2 : 1) whose gate leaves the part near a place."""

    file: str
    alloy: str
    temperature: float
    gate_at: tuple[float, float, float]
    flat: float
    brim: float
    rise: float
    mass: float


PARTS = {
    "valve": RealPart("ww_valve_body.STL", "WCB", degC(1590), (0.0, -160 * mm, 0.0), 2.0, 300 * mm, 170 * mm, 52.0),
    "pump": RealPart("pump_housing_918.mm.stl", "A356", degC(720), (0.0, -160 * mm, -9 * mm), 4.0, 180 * mm, 65 * mm, 6.5),
    "knuckle": RealPart("knuckle_917_fusee.mm.stl", "A356", degC(720), (-80 * mm, 0.0, -15 * mm), 2.0, 130 * mm, 18 * mm, 1.5),
}


def gated(name: str, folder: Path) -> tuple[cs.SandCasting, cs.GatingDesign, float]:
    """The casting, the sizes of its gating and the height (m) of its gate."""
    what = PARTS[name]
    part = cs.Part.read(folder / what.file, unit="mm", name=name)
    place = part.nearest(what.gate_at)
    z, out = float(place.point[2]), np.array([*place.normal[:2], 0.0])
    out /= np.linalg.norm(out)
    design = cs.GatingDesign.of(
        what.alloy, mass=what.mass, head=what.brim - z, above_gates=what.rise, casting_height=part.size[2], ratio=(2, 2, 1)
    )
    wide = _WIDER * design.gate_size(flat=what.flat)[0]
    high = design.runner_width**2 / wide
    end = place.point + place.normal * _GATE
    sprue = end + out * (0.5 * design.runner_width + 60 * mm)
    floor, foot = z - 0.5 * high, z + 0.5 * high
    rigging = [
        design.basin(at=(*sprue[:2], what.brim - _BASIN), depth=_BASIN),
        design.sprue(at=(*sprue[:2], foot), height=what.brim - _BASIN - foot, head=_BASIN),
        design.runner([(*sprue[:2], floor), (*(end - 5 * mm * out)[:2], floor)], width=wide),
        design.gate(place, length=_GATE, flat=what.flat),
    ]
    casting = cs.SandCasting(
        part, alloy=what.alloy, mould="furan-sand", rigging=rigging, pour_temperature=what.temperature, pour_time=design.pour_time
    )
    return casting, design, z


def friction(flow: float, area: float, length: float, viscosity: float) -> float:
    """Loss of a smooth channel over its own velocity head, by Blasius' law, as of a square one."""
    edge = math.sqrt(area)
    return 0.316 * (flow / area * edge / viscosity) ** -0.25 * length / edge


def bernoulli(casting: cs.SandCasting, design: cs.GatingDesign, gate: float, brim: float) -> float:
    """Time (s) in which the estimate fills the casting."""
    bodies = {b.role: b for b in casting.bodies}
    alloy = casting.alloy
    nu = alloy.viscosity.value / float(alloy.density_at(casting.pour_temperature))
    sprue, runner, narrow = design.sprue_area, design.runner_area, design.gate_area
    sprue_top = bodies["sprue"].opening.area
    length = {"sprue": brim - gate, "runner": 60 * mm + design.runner_width, "gate": _GATE}

    def flow_of(head: float) -> float:
        flow = 0.7 * narrow * math.sqrt(2.0 * G * head)
        for _ in range(20):
            losses = ENTRANCE / sprue_top**2 + friction(flow, sprue, length["sprue"], nu) / sprue**2
            losses += (TURN + friction(flow, runner, length["runner"], nu)) / runner**2
            losses += (0.5 * (1.0 - narrow / runner) + EXIT + friction(flow, narrow, length["gate"], nu)) / narrow**2
            flow = math.sqrt(2.0 * G * head / losses)
        return flow

    gating = sum(bodies[r].surface.volume for r in ("basin", "sprue", "runner", "gate"))
    time = gating / math.sqrt(2.0 * G * (brim - gate) / (1.0 / sprue**2 + ENTRANCE / sprue_top**2))
    for low, high, volume in _layers(bodies["part"].surface):
        level = max(0.5 * (low + high), gate)
        time += volume / flow_of(brim - level)
    return time


def _layers(surface: Any, number: int = 200) -> list[tuple[float, float, float]]:
    """Layers of a body from below: their lower and upper heights and volumes (m, m3)."""
    low, high = surface.bounds[0][2], surface.bounds[1][2]
    heights = np.linspace(low, high, number + 1)
    nodes = [np.linspace(surface.bounds[0][d], surface.bounds[1][d], 41) for d in range(2)]
    share = cs.geometry.openings([surface], [], [*nodes, heights], threads=1).share
    cell = float(np.diff(nodes[0])[0] * np.diff(nodes[1])[0] * np.diff(heights)[0])
    return [(heights[k], heights[k + 1], float(share[:, :, k].sum()) * cell) for k in range(number)]


def poured(name: str, folder: Path, voxel: float, *, aspiration: bool = False) -> tuple[cs.Filled, float]:
    """The part filled from its basin, kept full to the brim, without heat; and the time of the estimate (s)."""
    casting, design, gate = gated(name, folder)
    result = cs.fill(casting, voxel=voxel, inlet=cs.PouringHead(0.0), heat=False, aspiration=aspiration)
    return result, bernoulli(casting, design, gate, PARTS[name].brim)
