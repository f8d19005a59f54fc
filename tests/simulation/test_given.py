"""What a run is given, as a user writes it: virtual thermocouples and the place of its checkpoint."""

from __future__ import annotations

import pytest

import castsolve as cs
from castsolve.errors import CastsolveError
from castsolve.simulation.thermocouples import named_probes
from castsolve.units import degC, mm


@pytest.fixture
def casting():
    """Return a small aluminium block in sand."""
    return cs.SandCasting(cs.Part.box(40 * mm), alloy="A356", mould="green-sand", pour_temperature=degC(700))


def test_thermocouples_are_named_or_numbered(casting):
    assert named_probes(None) == {}
    assert named_probes({"riser": ("1 cm", 0, 0.2)}) == {"riser": (0.01, 0.0, 0.2)}
    result = cs.solidify(casting, voxel=10 * mm, until=1.0, probes=[(0.0, 0.0, 0.0), ("15 mm", 0.0, 0.0)])
    assert list(result.probes) == ["probe 1", "probe 2"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"probes": {"a": 3}}, r'a = 3 is no point; write for example probes={"riser": \(0, 0, 120\*mm\)}'),
        ({"probes": [(0.0, 0.0)]}, r"probe 1 = \(0.0, 0.0\) is no point"),
        ({"probes": [(0.0, 0.0, "3 kg")]}, 'probe 1 = "3 kg" has the wrong unit'),
        ({"probes": [(9.0, 0.0, 0.0)]}, "lies outside the grid"),
        ({"accuracy": "quik"}, 'no accuracy named "quik"; nearest is "quick"'),
        ({"accuracy": "quick", "scheme": "rkl2", "theta": 0.1}, 'accuracy = "quick" sets scheme and theta itself'),
        ({"theta": 0.0}, r"theta = 0.0 must lie in \(0, 1\]"),
        ({"checkpoint": "not/here/run"}, "the folder does not exist; make the folder first"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(casting, given, told):
    with pytest.raises(CastsolveError, match=told):
        cs.solidify(casting, voxel=10 * mm, until=1.0, **given)
