"""Verdicts on a cycled die: each threshold flips its row, and what is not known is not judged."""

from __future__ import annotations

import numpy as np
import pytest

import castsolve as cs
from castsolve.casting import nadca_fill_time
from castsolve.defects import die_rows, thermal_stress
from castsolve.errors import InputError
from castsolve.materials import alloy
from castsolve.results import Frame, Results
from castsolve.units import degC

CHANNEL = {
    "name": "channel 1", "power": 2500.0, "inlet_temperature": degC(20), "outlet_temperature": degC(32), "htc": 9000.0,
    "reynolds": 2e4, "medium": "water", "pressure": 3e5, "flow": 1e-4, "diameter": 8e-3, "open_time": 30.0,
}  # fmt: skip


def cycled(*, before=180.0, lowest=None, peak=400.0, swing=200.0, steel="H13", alloy="aluminium", channel=None) -> Results:
    """Return a result of 4 x 1 x 1 voxels whose surface has these values (degC, K) in its third voxel and milder ones beside."""
    nodes = np.arange(5) * 1e-2
    names = ("part", "mould")
    frame = Frame(nodes, nodes[:2], nodes[:2], region_names=("metal", "mould"), body_names=names, body_roles=names)

    def field(worst, other):
        return np.array([np.nan, other, worst, other], np.float32).reshape(4, 1, 1)

    cold = before - 20.0 if lowest is None else lowest
    fields = {
        "die_surface_before_pour": field(degC(cold), degC(before)), "die_surface_peak": field(degC(peak), degC(peak - 50.0)),
        "die_surface_range": field(swing, swing - 40.0), "region": np.array([0, 1, 1, 1], np.uint8).reshape(4, 1, 1),
    }  # fmt: skip
    books = [["dwell", 20.0, [-1.0, 1.0], 0.0, None], ["eject", 5.0, [0.0, 0.0], 0.0, None]]
    cycle = {
        "steady": True, "last_place": [0.005, 0.005, 0.005], "shots": [{"books": books}], "sections": [{"name": "biscuit"}],
        "channels": [{**CHANNEL, **(channel or {})}], "heat": {}, "spray": None,
    }  # fmt: skip
    facts = {
        "cycle": cycle, "alloy": {"name": "A356", "family": alloy, "solidus": degC(555)},
        "regions": [{"name": "metal", "role": "metal", "material": "A356"}, {"name": "mould", "role": "mould", "material": steel}],
    }  # fmt: skip
    return Results(frame, fields=fields, facts=facts)


def row(result: Results, name: str):
    (found,) = (r for r in die_rows(result) if r.defect == name)
    return found


def test_stress_is_that_of_a_surface_that_may_not_expand():
    # 200 K on 200 GPa and 12e-6/K with nu 0.3, by hand.
    assert thermal_stress(200.0, modulus=200e9, expansion=12e-6, poisson=0.3) == pytest.approx(685.714e6, rel=1e-5)
    assert thermal_stress(0.0, modulus=200e9, expansion=12e-6, poisson=0.3) == 0.0
    with pytest.raises(InputError, match="must not be below 0"):
        thermal_stress(-1.0, modulus=200e9, expansion=12e-6, poisson=0.3)


@pytest.mark.parametrize(
    ("name", "mild", "bad", "severity", "place"),
    [
        ("cold spot", {"lowest": 105.0}, {"lowest": 95.0}, "warning", 0.025),
        ("soldering", {"peak": 550.0}, {"peak": 560.0}, "warning", 0.025),
        ("die softening", {"peak": 535.0}, {"peak": 545.0}, "note", 0.025),
        ("die softening", {"peak": 535.0}, {"peak": 600.0}, "warning", 0.025),
        # 1000 MPa is 303 K of swing, 2000 MPa is 607 K.
        ("heat checking", {"swing": 295.0}, {"swing": 310.0}, "note", 0.025),
        ("heat checking", {"swing": 295.0}, {"swing": 615.0}, "warning", 0.025),
    ],
)
def test_every_threshold_flips_its_row(name, mild, bad, severity, place):
    calm, struck = row(cycled(**mild), name), row(cycled(**bad), name)
    assert calm.severity == "ok" and calm.advice == ""
    assert struck.severity == severity and struck.advice
    assert struck.place[0] == pytest.approx(place)
    assert struck.threshold is not None and struck.threshold_source


def test_what_is_not_known_is_not_judged():
    copper = cycled(steel="copper", swing=900.0, peak=900.0)
    for name in ("heat checking", "soldering"):
        assert row(copper, name).severity == "note"
        assert row(copper, name).cause.startswith("not judged")
    assert not [r for r in die_rows(cycled(alloy="iron", peak=900.0)) if r.defect == "soldering"]
    plain = cycled()
    assert die_rows(Results(plain.frame, fields=dict(plain.fields), facts={})) == []


def test_a_channel_tells_kilowatts_and_when_its_medium_boils():
    calm = row(cycled(), "channel 1")
    assert calm.shown == "2.5 kW" and "20 to 32.0 degC" in calm.cause
    boiling = row(cycled(channel={"outlet_temperature": degC(140)}), "channel 1")
    assert boiling.severity == "warning" and "water boils at 3 bar" in boiling.cause


def test_the_cycle_time_leads_and_the_table_holds_all_rows():
    lead = die_rows(cycled())[0]
    assert lead.defect == "cycle time" and lead.value == 25.0
    assert "dwell 20 s, eject 5 s" in lead.cause and "biscuit" in lead.cause
    stepped = cycled()
    front = [[f"fill {n}", 0.5, [0.0, 0.0], 0.0, None] for n in (1, 2)]
    cycle = {**stepped.facts["cycle"], "shots": [{"books": [*front, *stepped.facts["cycle"]["shots"][0]["books"]]}]}
    lead = die_rows(Results(stepped.frame, fields=dict(stepped.fields), facts={**stepped.facts, "cycle": cycle}))[0]
    assert lead.value == 26.0 and lead.cause.startswith("fill 1 s, dwell 20 s")
    table = cs.verdicts(cycled(peak=600.0))
    assert table.of("soldering")[0].severity == "warning"
    assert table.of("cycle time")


@pytest.mark.parametrize(("milliseconds", "severity"), [(20.0, "ok"), (45.0, "note"), (90.0, "warning")])
def test_a_slow_shot_is_told(milliseconds, severity):
    mild = cycled(before=220.0, lowest=210.0)
    fill = {"time": milliseconds * 1e-3, "wall": 2.5e-3}
    casting = {"process": "pressure die", "pour_temperature": degC(660)}
    facts = {**mild.facts, "casting": casting, "cycle": {**mild.facts["cycle"], "fill": fill}}
    facts["alloy"] = {"name": "A380", "family": "aluminium", "solidus": degC(538)}
    shot = row(Results(mild.frame, fields=dict(mild.fields), facts=facts), "fill time")
    assert shot.severity == severity and shot.shown == f"{milliseconds:g} ms"
    mean = float(np.nanmean(mild["die_surface_before_pour"]))
    limit = nadca_fill_time(2.5e-3, alloy=alloy("A380"), metal_temperature=degC(660), die_temperature=mean)
    assert shot.threshold == pytest.approx(limit.value) and limit.value < 0.045 < limit.high < 0.09
    # A die that is filled by gravity is not held to it.
    gentle = {**facts, "casting": {**casting, "process": "gravity die"}}
    assert not [r for r in die_rows(Results(mild.frame, fields=dict(mild.fields), facts=gentle)) if r.defect == "fill time"]
