"""Air in the moulds of castings: what leaves by vents and sand, and what the metal encloses."""

from __future__ import annotations

import math

import numpy as np
import pytest
from castings import gated, plate, strip

import castsolve as cs
from castsolve.simulation import plan_fill
from castsolve.simulation.fill_air import air_of
from castsolve.units import degC, mm

VOXEL = 5 * mm


def shaft(vent_diameter, vent_length=40 * mm):
    """A shaft of 20 x 20 x 100 mm in a die, fed at its foot, with a vent in its roof."""
    body = cs.Part.box((20 * mm, 20 * mm, 100 * mm), corner=(0, -10 * mm, 0)).renamed("shaft")
    gate = cs.Gate.slot(width=20 * mm, height=10 * mm, length=15 * mm, at=body.nearest((-10 * mm, 0, 5 * mm)))
    vent = cs.Vent(diameter=vent_diameter, length=vent_length, at=body.top)
    return cs.GravityDieCasting(
        body, alloy="A356", mould="H13", rigging=[gate, vent], pour_temperature=degC(720), mould_temperature=degC(300),
        flask=60 * mm,
    )  # fmt: skip


HEAD = 1.0
AIR_FIELDS = ("trapped_air", "air_pressure", "largest_air_pressure")


@pytest.fixture(scope="module")
def shut():
    """A shaft whose vent is as thin as a hair and lets next to nothing out, at rest: a bubble at its foot has risen by 1.5 s."""
    return cs.fill(shaft(0.05 * mm), voxel=VOXEL, inlet=cs.PouringHead(HEAD), heat=False, air=True, until="2 s")


def test_a_shut_shaft_fills_as_far_as_boyle_lets_it(shut):
    """The air is pressed until it holds the head of the metal."""
    head, filled = HEAD, shut
    told = filled.facts["filling"]
    (pocket,) = told["air"]["pockets"]
    # Head of the metal over its level against the air: p V = p0 V0 with the volume of the shaft and its gate.
    density, g, whole = told["melt"]["density"], told["melt"]["gravity"], told["cavity_volume"]
    empty = whole * (1.0 - told["filled"])
    level = (0.1 * 4e-4 - empty) / 4e-4
    assert pocket["pressure"] == pytest.approx(101325.0 + density * g * (head + 5 * mm - level), rel=0.03)
    assert pocket["pressure"] * empty == pytest.approx(101325.0 * whole, rel=0.03)
    assert pocket["place"][2] > 50 * mm
    rows = [r for r in cs.verdicts(filled) if r.defect == "trapped air"]
    assert [r.severity for r in rows] == ["warning"] and rows[0].size == pytest.approx(pocket["volume"])


def test_trapped_air_and_its_pressure_are_fields(shut):
    (pocket,) = shut.facts["filling"]["air"]["pockets"]
    share, pressure, largest = (shut[name] for name in AIR_FIELDS)
    assert float(np.nansum(share * shut.volumes())) == pytest.approx(pocket["volume"], rel=1e-5)
    assert np.isnan(share[~shut.metal]).all() and np.isfinite(share[shut.metal]).all()
    held = np.nan_to_num(share) > 0.0
    np.testing.assert_allclose(pressure[held], pocket["pressure"], rtol=1e-6)
    assert np.isnan(pressure[~held & (np.nan_to_num(shut["fill_fraction"]) > 0.99)]).all()
    # The air was pressed harder by the metal that came in than by the metal at rest; all but the gate's foot has seen it.
    open_half = np.nan_to_num(share) > 0.5
    assert (largest[open_half] >= pressure[open_half]).all() and float(np.nanmax(largest)) > 1.05 * pocket["pressure"]
    assert np.isfinite(largest).sum() > 0.9 * shut.metal.sum()


def test_records_of_the_air_have_the_same_bits(tmp_path):
    """Whatever the number of threads, and after a stop."""
    threads = 4
    options = {"voxel": VOXEL, "inlet": cs.PouringHead(HEAD), "heat": False, "air": True, "until": 0.12}
    place, seen = tmp_path / "checkpoint.bin", []

    def stop(told):
        seen.append(told.time)
        if told.time > 0.06:
            raise KeyboardInterrupt

    whole = cs.fill(shaft(0.05 * mm), threads=1, **options)
    with pytest.raises(KeyboardInterrupt):
        cs.fill(shaft(0.05 * mm), threads=threads, checkpoint=place, progress=stop, **options)
    again = cs.fill(shaft(0.05 * mm), threads=threads, checkpoint=place, resume=True, **options)
    assert again.facts["clock"]["threads"] == threads and 0.0 < seen[-1] < 0.12
    for name in (*AIR_FIELDS, "metal_age", "surface_exposure"):
        assert np.array_equal(whole[name], again[name], equal_nan=True), name
    assert np.isfinite(whole["largest_air_pressure"]).any()


@pytest.mark.parametrize("head", [0.95, 1.0, 1.1])
def test_a_vent_lets_the_air_out(head):
    """Whether a bubble is caught at the foot is chance, one head in seven or two; by 2.5 s it has risen to the vent."""
    filled = cs.fill(shaft(4 * mm), voxel=VOXEL, inlet=cs.PouringHead(head), heat=False, air=True, until="2.5 s")
    told = filled.facts["filling"]
    assert told["filled"] > 0.999 and told["air"]["vented"] > 0.0
    assert all(p["volume"] < 2e-7 for p in told["air"]["pockets"])


def test_ways_out_conduct_as_their_formulas_say():
    casting = plate()
    ready = plan_fill(casting, voxel=VOXEL, air=True)
    air = ready.problem.air
    assert air is not None and not air.vents
    # Sand of AFS 100, 30 mm of it, and air of half the way from the sand's to the metal's temperature.
    T = 0.5 * (casting.mould_temperature + degC(720))
    viscosity = 1.716e-5 * (T / 273.15) ** 1.5 * 383.75 / (T + 110.6)
    assert air.wall == pytest.approx(100 * 3.076e-13 / (viscosity * 30e-3), rel=1e-6)
    assert air.spreading == pytest.approx(30e-3 * air.wall, rel=1e-12)
    vented = plan_fill(shaft(2 * mm), voxel=VOXEL, inlet=cs.PouringHead(1.0), air=True)
    assert vented.problem.air is not None
    (vent,) = vented.problem.air.vents
    hot = 0.5 * (degC(300) + degC(720))
    viscosity = 1.716e-5 * (hot / 273.15) ** 1.5 * 383.75 / (hot + 110.6)
    assert vent.conductance == pytest.approx(math.pi * (2e-3) ** 4 / (128 * viscosity * 40e-3), rel=1e-6)
    assert np.argwhere(vent.where)[:, 2].min() == np.argwhere(vented.problem.cavity.share > 0)[:, 2].max()


def test_an_open_riser_is_open():
    body = cs.Part.box((40 * mm, 40 * mm, 20 * mm)).renamed("slab")
    gate = cs.Gate.slot(width=20 * mm, height=10 * mm, length=15 * mm, at=body.nearest((-40 * mm, 0, 5 * mm)))
    riser = cs.Riser.cylinder(diameter=30 * mm, height=40 * mm, at=body.top, top="open")
    casting = cs.SandCasting(
        body, alloy="A356", mould="chromite-sand", rigging=[gate, riser], pour_temperature=degC(720), pour_time=1.0, flask=30 * mm
    )
    ready = plan_fill(casting, voxel=VOXEL, air=True)
    assert ready.problem.air is not None
    (vent,) = ready.problem.air.vents
    assert math.isinf(vent.conductance) and ready.problem.air.wall == 0.0
    assert vent.where.sum() >= 12


def test_where_no_way_out_is_known_the_filling_says_so():
    ready = plan_fill(strip(), voxel=3 * mm, air=True)
    assert ready.problem.air is None and any("lets the air out" in w for w in ready.warnings)
    assert air_of(strip(), ready.layout, ready.problem.cavity) is None
    asked = plan_fill(plate(), voxel=VOXEL)
    assert asked.problem.air is None and not any("lets the air out" in w for w in asked.warnings)


def test_the_stream_does_not_shut_the_basin():
    """Air rises beside the stream: a basin that is poured into is open, and the block behind its sprue fills as without air."""
    ready = plan_fill(gated(), voxel=4 * mm, air=True)
    assert ready.problem.air is not None
    (brim,) = ready.problem.air.vents
    z = ready.problem.cavity.centres(2)[np.nonzero(brim.where)[2]]
    assert math.isinf(brim.conductance) and brim.where.sum() > 60 and (z > 91 * mm).all()
    # Poured in 1.5 s; with the basin shut it took 3.9 s.
    filled = cs.fill(gated(), voxel=VOXEL, heat=False, air=True)
    assert filled.facts["filling"]["stopped"] == "full" and filled.facts["filling"]["fill_time"] < 1.15 * 1.5
    # A gate that a channel of metal feeds is shut.
    assert plan_fill(plate(), voxel=VOXEL, air=True).problem.air.vents == []
