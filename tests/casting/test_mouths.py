"""Gates and the runners they leave: what sand shuts is told, whatever way the two meet."""

from __future__ import annotations

import re

import pytest

from castsolve.casting import Gate, Runner
from castsolve.geometry import Anchor, Part
from castsolve.units import mm

# 40 x 12 mm, 30 mm long, level out of a block whose side is at x = 50 mm; its middle is at z = 0.
WIDTH, HEIGHT, LENGTH, SIDE = 40 * mm, 12 * mm, 30 * mm, 50 * mm


def told(sand, *runners: Runner, width: float = WIDTH) -> float | None:
    """Return the share of its section (%) that a gate is told to open to, or None where nothing is told."""
    block = Part.box((100 * mm, 80 * mm, 40 * mm), name="block")
    gate = Gate.slot(width=width, height=HEIGHT, length=LENGTH, at=Anchor((SIDE, 0.0, 0.0), (1.0, 0.0, 0.0)))
    found = [text for text in sand(part=block, rigging=[gate, *runners]).warnings if "opens to" in text]
    assert len(found) < 2
    return float(re.search(r"over (\d+) %", found[0])[1]) if found else None


def head_on(width: float, height: float = 24 * mm, *, reach: float = 0.0, floor: float = -12 * mm) -> Runner:
    """Return a runner whose end meets the gate's, or reaches into it."""
    start = SIDE + LENGTH
    path = [(start + 80 * mm, 0.0, floor), (start - reach, 0.0, floor)]
    return Runner.bar(width=width, height=height, top_width=width, path=path)


def across(y: tuple[float, float], height: float = 24 * mm, *, floor: float = -12 * mm, width: float = 20 * mm) -> Runner:
    """Return a runner along the part, whose side the gate leaves: the gate ends on its axis."""
    x = SIDE + LENGTH
    return Runner.bar(width=width, height=height, top_width=width, path=[(x, y[0], floor), (x, y[1], floor)])


def test_a_gate_within_the_runner_is_not_told(sand):
    assert told(sand, head_on(WIDTH)) is None
    assert told(sand, head_on(60 * mm, reach=5 * mm)) is None
    assert told(sand, across((-100 * mm, 100 * mm))) is None


def test_a_gate_wider_than_the_end_of_its_runner_is_told(sand):
    assert told(sand, head_on(24 * mm, 8 * mm, floor=-4 * mm)) == pytest.approx(100.0 * 24 * 8 / (40 * 12))
    # Where the runner reaches into the gate, metal leaves it at its sides too.
    assert told(sand, head_on(24 * mm, reach=5 * mm)) == pytest.approx(100.0 * (24 + 2 * 5) / 40, abs=0.6)
    assert told(sand, head_on(24 * mm, reach=8 * mm)) is None
    assert told(sand, head_on(24 * mm, reach=5 * mm), width=24 * mm) is None


def test_a_gate_higher_or_longer_than_the_side_of_its_runner_is_told(sand):
    # The runner's top is at z = -2 mm: 4 of 12 mm of the gate meet its side, and 10 mm lie over its top.
    assert told(sand, across((-100 * mm, 100 * mm), 10 * mm, floor=-12 * mm)) is None
    assert told(sand, across((-100 * mm, 100 * mm), 10 * mm, floor=-12 * mm, width=2 * mm)) == pytest.approx(100 * 5 / 12, abs=0.6)
    # The runner ends in the middle of the gate, and its end opens too: 20 x 12 mm of side and 10 x 12 mm of end.
    assert told(sand, across((-100 * mm, 0.0))) == pytest.approx(75.0, abs=0.6)


def test_a_gate_over_the_top_of_its_runner_is_not_told(sand):
    """The gate lies with its floor on the runner's top: 40 x 10 mm of it open, of 40 x 12 mm; or enough where it is longer."""
    assert told(sand, across((-100 * mm, 100 * mm), 20 * mm, floor=-26 * mm)) == pytest.approx(83.0)
    assert told(sand, across((-100 * mm, 100 * mm), 20 * mm, floor=-26 * mm, width=30 * mm)) is None


def test_two_runners_feed_a_gate_together(sand):
    left, right = across((-100 * mm, 0.0)), across((0.0, 100 * mm))
    assert told(sand, left, right) is None


def test_the_sentence(sand):
    block = Part.box((100 * mm, 80 * mm, 40 * mm), name="block")
    gate = Gate.slot(width=WIDTH, height=HEIGHT, length=LENGTH, at=Anchor((SIDE, 0.0, 0.0), (1.0, 0.0, 0.0)))
    assert (
        "gate 1, 40 x 12 mm, opens to runner 1 over 65 % of its section only; metal jets round the edge of the mould that shuts "
        "the rest: make the gate no wider and no higher than the side of the runner it leaves, or the runner larger there"
    ) in sand(part=block, rigging=[gate, head_on(24 * mm, reach=1 * mm)]).warnings
    # A gate that leaves no runner, or whose section is not known, is not judged.
    assert sand(part=block, rigging=[gate]).warnings == ()
    ready = Gate(Part.box((31 * mm, 40 * mm, 12 * mm), corner=(49 * mm, -20 * mm, -6 * mm)))
    assert not any("opens to" in text for text in sand(part=block, rigging=[ready, head_on(24 * mm, reach=1 * mm)]).warnings)
