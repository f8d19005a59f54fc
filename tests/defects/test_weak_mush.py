"""The ranking map of Clyne and Davies, from the records of a run."""

from __future__ import annotations

import numpy as np
import pytest

import castsolve as cs
from castsolve.defects import clyne_davies_map, time_at, verdicts
from castsolve.errors import InputError
from castsolve.results import Results
from castsolve.units import degC, mm


def test_the_map_of_clyne_and_davies_is_what_cooling_curves_say():
    """A plate whose middle and corner are watched: times at 0.4, 0.9 and 0.99 solid from the curves and from the records."""
    part = cs.Part.box((80 * mm, 80 * mm, 20 * mm))
    casting = cs.SandCasting(part, alloy="WCB", mould="green-sand", pour_temperature=degC(1580))
    places = {"middle": (2 * mm, 2 * mm, 2 * mm), "corner": (38 * mm, 38 * mm, 2 * mm)}
    result = cs.solidify(casting, voxel=4 * mm, probes=places)
    rows = np.array(casting.alloy.fraction_solid.rows)
    ranked = clyne_davies_map(result)
    found = {}
    for name, place in places.items():
        curve = result.probes[name]
        at = tuple(int(np.argmin(np.abs(result.frame.centres(a) - place[a]))) for a in range(3))
        told = []
        for fraction in (0.4, 0.9, 0.99):
            crossing = float(np.interp(fraction, rows[:, 1], rows[:, 0]))
            told.append(float(np.interp(-crossing, -curve.temperatures, curve.times)))
            assert float(time_at(result, fraction)[at]) == pytest.approx(told[-1], rel=0.04)  # the corner cools as the root of time
        found[name] = float(ranked[at])
        assert found[name] == pytest.approx((told[2] - told[1]) / (told[1] - told[0]), rel=0.15)
    assert found["middle"] != pytest.approx(found["corner"], rel=0.05)
    part_only = ranked[result.where(role="part")]
    assert np.isfinite(part_only).all()
    weak, strain = verdicts(result).of("weak mush")[0], verdicts(result).of("hot tearing")[0]
    assert weak.value == pytest.approx(np.quantile(part_only, 0.99), rel=0.1)
    assert weak.severity == strain.severity == "ok"
    with pytest.raises(InputError, match="fraction_solid"):
        time_at(result, 1.0)
    # heat that leaves steadily: the share of the time is that of the heat, whatever the records between
    heat = casting.alloy.heat
    path, held = np.asarray(heat.fraction_solid)[::-1], np.asarray(heat.enthalpy)[::-1]
    solid = int(np.argmax(path >= 1.0)) + 1
    lost = lambda f: float(np.interp(f, path[:solid], -held[:solid]))  # noqa: E731
    metal = np.where(result.metal, 1.0, np.nan)
    steady = result.with_field("liquidus_time", 10.0 * metal).with_field("solidification_time", 110.0 * metal)
    bare = Results(steady.frame, fields={k: steady[k] for k in ("liquidus_time", "solidification_time", "region", "body")},
                   facts=dict(steady.facts))  # fmt: skip
    share = (lost(0.9) - lost(0.0)) / (lost(1.0) - lost(0.0))
    assert np.nanmax(time_at(bare, 0.9)) == pytest.approx(10.0 + 100.0 * share, rel=1e-9)
