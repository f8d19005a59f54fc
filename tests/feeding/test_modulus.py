"""Moduli of bodies and of risers by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from castsolve.errors import InputError, ResultsError
from castsolve.feeding import body_moduli, cylinder_of_modulus, geometric_modulus
from castsolve.results import Results


class Row:
    x = np.array([0.0, 1.0, 2.0, 3.0]) * 1e-2
    y = z = np.array([0.0, 1e-2])
    region_names = ("metal", "mould")
    body_names = ("plate", "riser 1", "mould")
    body_roles = ("part", "riser", "mould")


def bar(**more) -> Results:
    fields = {
        "solidification_time": np.array([100.0, 400.0, np.nan]).reshape(3, 1, 1),
        "region": np.array([0, 0, 1], dtype=np.uint8).reshape(3, 1, 1),
        "body": np.array([0, 1, 2], dtype=np.uint8).reshape(3, 1, 1),
    }
    fields.update(more.pop("fields", {}))
    return Results(Row, fields=fields, **more)


def test_a_sphere():
    r = 0.03
    assert geometric_modulus(4.0 / 3.0 * math.pi * r**3, 4.0 * math.pi * r**2) == pytest.approx(r / 3.0)
    with pytest.raises(InputError, match="cooling_area"):
        geometric_modulus(1.0, 0.0)


@pytest.mark.parametrize("slenderness", [1.0, 1.5, 2.0])
def test_a_cylinder_has_the_modulus_asked_for(slenderness):
    d, h = cylinder_of_modulus(0.02, slenderness=slenderness)
    assert h == pytest.approx(slenderness * d)
    assert geometric_modulus(math.pi / 4.0 * d * d * h, math.pi * d * h + math.pi / 4.0 * d * d) == pytest.approx(0.02)
    with pytest.raises(InputError, match="slenderness"):
        cylinder_of_modulus(0.02, slenderness=0.0)
    with pytest.raises(InputError, match="modulus"):
        cylinder_of_modulus(float("nan"))


def test_moduli_of_bodies():
    facts = {"bodies": [{"name": "plate", "volume": 2e-6, "area": 4e-4}], "alloy": {"chvorinov": 1e6}}
    plate, riser = body_moduli(bar(facts=facts))
    assert (plate.name, plate.role) == ("plate", "part")
    assert plate.thermal == pytest.approx(1e-2)
    assert plate.geometric == pytest.approx(5e-3)
    assert riser.thermal == pytest.approx(2e-2)
    assert math.isnan(riser.geometric)


def test_bodies_must_be_known():
    result = bar()
    fields = {n: a for n, a in result.fields.items() if n != "body"}
    with pytest.raises(ResultsError, match="body"):
        body_moduli(Results(result.frame, fields=fields), chvorinov=1e6)
