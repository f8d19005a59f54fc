"""Hundreds of surfaces and files broken at random: each comes back right, or is refused in one sentence.

Thousands: pytest -m slow tests/geometry/test_fuzz.py
"""

from __future__ import annotations

import numpy as np
import pytest
from breaking import BREAKERS, Judge

from castsolve.errors import GeometryError
from castsolve.geometry import Part, Surface, surface_report
from castsolve.geometry.repair import made_whole


def stepped() -> Surface:
    """A block with a boss, in one shell."""
    from castsolve.geometry.shapes import cylinder

    return cylinder(0.06, 0.1, axis="z", base=(0.0, 0.0, 0.0), segments=64)


GOOD = {
    "ball": Part.sphere(0.1, segments=32).surface,
    "tube": Part.tube(0.1, 0.06, bore=0.06, segments=48).surface,
    "cylinder": stepped(),
    "hollow ball": Surface.joined([Part.sphere(0.1, segments=32).surface, Part.sphere(0.06, segments=24).surface.flipped()]),
    "two bodies": Surface.joined([Part.box(0.05).surface, Part.sphere(0.05, centre=(0.1, 0, 0), segments=24).surface]),
}
JUDGES: dict[str, Judge] = {}


def judged(seed: int) -> str:
    """Break one surface once or twice, repair it and return how that ended."""
    rng = np.random.default_rng(seed)
    name = str(rng.choice(sorted(GOOD)))
    good = GOOD[name]
    surface, done = good, []
    for _ in range(rng.integers(1, 3)):
        breaker = str(rng.choice(sorted(BREAKERS)))
        surface = BREAKERS[breaker](surface, rng)
        done.append(breaker)
        if not len(surface.triangles):
            return "refused"
    try:
        whole, notes = made_whole(surface, "part")
    except GeometryError as error:
        return "refused" if "\n" not in str(error) else "refused in many lines"
    judge = JUDGES.setdefault(name, Judge(good))
    what = f"seed {seed}: {name}, {done}: {notes}"
    assert surface_report(whole).closed, what
    assert judge.deep_wrong(whole) == 0, what
    assert whole.volume == pytest.approx(good.volume, rel=0.02), what
    return "whole"


@pytest.mark.usefixtures("coarse_repairs")
@pytest.mark.parametrize("block", range(8))
def test_broken_surfaces_come_back_right_or_are_refused(block: int) -> None:
    ends = [judged(seed) for seed in range(25 * block, 25 * block + 25)]
    assert set(ends) <= {"whole", "refused"}
    assert ends.count("whole") >= 8


@pytest.mark.slow
@pytest.mark.parametrize("block", range(40))
def test_thousands_of_broken_surfaces(block: int) -> None:
    ends = [judged(seed) for seed in range(10_000 + 75 * block, 10_000 + 75 * block + 75)]
    assert set(ends) <= {"whole", "refused"}
    assert ends.count("whole") >= 20
