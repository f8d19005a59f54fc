"""Long sand pours of the demo's valve body at 1.55 times its size: some 100 kg of steel in 80 s and more."""

from __future__ import annotations

import numpy as np

import castsolve as cs
from castsolve.demo import valve_body_path
from castsolve.units import degC, mm

__all__ = ["POUR", "high_gated", "low_gated"]

# Scale of the demo's part, and the time (s) in which it is poured.
SCALE, POUR = 1.55, 80.0


def _cast(part: cs.Part, rigging: list[cs.Body]) -> cs.SandCasting:
    return cs.SandCasting(
        part, alloy="WCB", mould="furan-sand", rigging=rigging, pour_temperature=degC(1590), pour_time=POUR
    )


def _part() -> cs.Part:
    return cs.Part.read(valve_body_path(), unit="mm").scaled(SCALE)


def high_gated() -> cs.SandCasting:
    """Gated at the parting line, half way up, through a sprue of 10 mm: the metal falls from the gate until its level is there."""
    part = _part()
    place = part.nearest((0.0, -160 * mm, 0.0))
    out = np.array([*place.normal[:2], 0.0]) / np.linalg.norm(place.normal[:2])
    end, z = place.point + place.normal * 40 * mm, float(place.point[2])
    sprue, floor, brim = end + out * 60 * mm, z - 8 * mm, z + 300 * mm
    diameter = 2.0 * float(np.sqrt(part.surface.volume / POUR / 2.0 / np.pi))
    return _cast(part, [
        cs.Basin.cup(diameter=80 * mm, depth=40 * mm, at=(*sprue[:2], brim - 40 * mm)),
        cs.Sprue.round(diameter=diameter, height=brim - 40 * mm - floor - 12 * mm, at=(*sprue[:2], floor + 12 * mm), head=40 * mm),
        cs.Runner.bar(
            width=16 * mm, height=16 * mm, path=[(*sprue[:2], floor), (*(end - 5 * mm * out)[:2], floor)], top_width=16 * mm
        ),
        cs.Gate.slot(width=20 * mm, height=10 * mm, at=place, length=40 * mm),
    ])  # fmt: skip


def low_gated() -> cs.SandCasting:
    """Gated from below at both flanges, as steel of this weight is poured: the sprue of 12 mm is the choke of an open system
    (1 : 3.5 : 3.5), and metal spills from the flanges into the body at first. Pour it from a basin that is kept full."""
    part = _part()
    places = [part.nearest((side * 222 * mm, -110 * mm, -110 * mm)) for side in (-1, 1)]
    left, right = (p.point + p.normal * 40 * mm for p in places)
    floor, y = float(left[2]) - 8 * mm, float(left[1])
    sprue, brim = (300 * mm, y), float(part.surface.bounds[1][2]) + 60 * mm
    assert abs(left[2] - right[2]) < 1 * mm
    return _cast(part, [
        cs.Basin.cup(diameter=80 * mm, depth=40 * mm, at=(*sprue, brim - 40 * mm)),
        cs.Sprue.round(diameter=12 * mm, height=brim - 40 * mm - floor - 16 * mm, at=(*sprue, floor + 16 * mm), head=40 * mm),
        cs.Runner.bar(
            width=25 * mm, height=16 * mm, path=[(*sprue, floor), (float(left[0]) - 12 * mm, y, floor)], top_width=25 * mm
        ),
        *(cs.Gate.slot(width=20 * mm, height=10 * mm, at=p, length=40 * mm) for p in places),
    ])  # fmt: skip
