"""A small job that the tests of castings change one number of."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from castsolve.casting import SandCasting
from castsolve.geometry import Part
from castsolve.units import degC

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def block() -> Part:
    return Part.box((0.1, 0.1, 0.05), name="block")


@pytest.fixture
def sand(block) -> Callable[..., SandCasting]:
    """Return a maker of castings of the block; keywords replace what is usual."""

    def make(part: Part = block, **changed) -> SandCasting:
        usual = {"alloy": "WCB", "mould": "green-sand", "pour_temperature": degC(1580.0)}
        return SandCasting(part, **{**usual, **changed})

    return make
