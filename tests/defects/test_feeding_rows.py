"""The rows on shrinkage, risers, pores, tears, strength, iron and machining."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from castsolve import materials
from castsolve.defects import (
    Metal,
    Verdict,
    WorkedFace,
    feeding_pressure,
    find_shrinkage,
    hydrogen_pores,
    metal_of,
    shrinkage,
    verdicts,
)
from castsolve.defects.shrinkage_rows import weighed
from castsolve.results import Results
from castsolve.simulation.march import Densities

FACTS = {
    "casting": {"name": "blocks", "mould": "green-sand", "pour_temperature": 1853.15, "mould_temperature": 298.15},
    "worst_quality": "C",
}
STEEL = {"name": "WCB", "family": "steel", "liquidus": 1781.15, "solidus": 1715.15, "shrinkage": 0.035, "macro_feeding_limit": 0.5}
ALUMINIUM = {"name": "A356", "family": "aluminium", "liquidus": 888.05, "solidus": 832.05, "shrinkage": 0.053}


def full(joined_blocks, alloy, gravity=(0.0, 0.0, -9.81), noted=None, **more) -> Results:
    pour = {"pour_temperature": alloy["liquidus"] + 72.0, "gravity": list(gravity), **(noted or {})}
    base = joined_blocks(facts={**FACTS, "casting": {**FACTS["casting"], **pour}, "alloy": alloy}, **more)
    time = base["solidification_time"]
    return base.with_field("liquidus_time", 0.2 * time).with_field("local_solidification_time", 0.8 * time)


def row(table, defect):
    rows = table.of(defect)
    assert rows, f"no row on {defect}"
    return rows[0]


def test_a_block_cut_off_from_its_riser_says_what_froze_when_and_where(joined_blocks):
    result = full(joined_blocks, STEEL, roles=("part", "riser"))
    found = shrinkage(result)
    first = row(verdicts(result), "shrinkage cavity")
    assert first.severity == "severe"
    assert first.value == first.size == pytest.approx(found.in_part[0].part_volume)
    assert "the path to the riser froze" in first.cause
    assert "in left" in first.cause
    assert "mm from right" in first.cause
    assert "open longer" in first.advice
    assert first.occurs == 1
    riser = row(verdicts(result), "riser right")
    assert riser.value == pytest.approx(found.risers[0].used)
    assert "froze at 24 s" in riser.cause


def test_a_sprue_that_runs_empty_is_no_riser_at_fault(joined_blocks):
    table = verdicts(full(joined_blocks, STEEL, roles=("part", "sprue")))
    gating = row(table, "sprue right")
    assert gating.severity == "ok"
    assert not gating.advice
    assert "the path to the sprue froze" in row(table, "shrinkage cavity").cause
    found = shrinkage(full(joined_blocks, STEEL, roles=("part", "sprue"))).risers[0]
    assert found.role == "sprue"
    empty = replace(found, margin=0.0, pipe=found.volume)
    assert not empty.nearly_empty
    assert not empty.overdrawn
    assert replace(empty, role="riser").nearly_empty
    assert replace(empty, role="riser").overdrawn


def test_a_sound_part_says_so_with_its_books(joined_blocks):
    # stood on end, the riser on top
    result = full(joined_blocks, STEEL, (9.81, 0.0, 0.0), roles=("riser", "part"), times=(300.0, 31.0))
    time = np.array(result["macro_feeding_time"])
    # the part freezes towards the neck: later along its length, and later on its axis than beside it
    x, y, z = np.argwhere(result["body"] == 1).T
    time[x, y, z] = 8.0 - 0.05 * x - 0.1 * (abs(y - 8) + abs(z - 8))
    result = result.with_field("macro_feeding_time", time).with_field("liquidus_time", 0.2 * time)
    only = row(verdicts(result), "shrinkage cavity")
    assert only.severity == "ok"
    assert "no cavity" in only.cause
    assert "mass closed" in only.cause


def test_every_family_has_its_rows(joined_blocks):
    steel = verdicts(full(joined_blocks, STEEL))
    assert row(steel, "microporosity").threshold == 0.01
    assert row(steel, "hot tearing").severity == "ok"
    assert not steel.of("arm spacing")
    light = verdicts(full(joined_blocks, ALUMINIUM))
    spacing = row(light, "arm spacing")
    assert 10e-6 < spacing.value < 60e-6
    assert "+-" in row(light, "strength T6").cause
    assert row(light, "strength as cast").quality == "D"
    iron = {"name": "EN-GJS-400-15", "family": "iron", "liquidus": 1431.15, "solidus": 1381.15, "shrinkage": 0.0}
    grey = verdicts(full(joined_blocks, iron))
    assert "graphite" in row(grey, "microporosity").cause
    assert row(grey, "carbides").value == pytest.approx(4.0 / 5.0 * 2.0 ** (-(3.6 + 2.6 / 3 - 4.3) / 0.3), rel=1e-6)
    lone = full(joined_blocks, iron)
    rate = np.array(lone["cooling_rate"])
    assert metal_of(lone).part.sum() > 1100
    rate[tuple(np.argwhere(metal_of(lone).part)[0])] = 1e3  # one voxel is no chilled region, a row of them is
    assert row(verdicts(lone.with_field("cooling_rate", rate)), "carbides").severity == "ok"
    rate[tuple(np.argwhere(metal_of(lone).part)[:20].T)] = 1e3
    assert row(verdicts(lone.with_field("cooling_rate", rate)), "carbides").severity == "note"
    assert row(grey, "nodule count").value == pytest.approx(150.0 * np.sqrt(4.0 / 0.5))
    assert "ferrite" in row(grey, "matrix and hardness").cause
    assert any("over a net shrinkage of" in r.cause for r in grey.of("shrinkage cavity"))
    for table in (steel, light, grey):
        assert json.loads(table.to_json())["worst_quality"] in "ABCD"


def test_machining_lists_what_it_opens_sealing_faces_first(joined_blocks):
    result = full(joined_blocks, STEEL)
    found = shrinkage(result)
    top = max(found.cavities, key=lambda c: c.high)
    face = {"normal": (0.0, 0.0, 1.0), "point": (*top.place[:2], top.high + 1e-3), "stock": 4e-3, "radius": 20e-3}
    tight = WorkedFace.plane("seat", sealing=True, **face)
    plain = WorkedFace.plane("foot", **{**face, "normal": (0.0, 0.0, -1.0), "point": (0.0, 0.0, 2e-3)})
    table = verdicts(result, faces=[plain, tight])
    first = row(table, "machining")
    assert first.severity == "severe"
    assert "seat" in first.cause
    assert first.value > 0.0
    none = verdicts(result, faces=[WorkedFace.plane("far", point=(0, 0, -1.0), normal=(0, 0, -1), stock=1e-3)])
    assert row(none, "machining").severity == "ok"


def test_pores_between_two_sealing_faces_are_a_leak_path(joined_blocks):
    """A cavity that reaches from the seat above to the face below it; other faces are not asked."""
    result = full(joined_blocks, STEEL)
    top = max(shrinkage(result).cavities, key=lambda c: c.high)
    given = {"radius": 20e-3, "sealing": True}
    seat = WorkedFace.plane("seat", point=(*top.place[:2], top.high + 1e-3), normal=(0, 0, 1), stock=4e-3, **given)
    under = WorkedFace.plane("under", point=(*top.place[:2], top.low), normal=(0, 0, -1), stock=0.0, **given)
    table = verdicts(result, faces=[seat, under])
    leak = row(table, "leak path")
    assert leak.severity == "warning"
    assert "between seat and under" in leak.cause
    assert 0.0 < leak.value <= 1.0
    foot = WorkedFace.plane("foot", point=(0.0, 0.0, 0.0), normal=(0, 0, -1), stock=1e-3, sealing=True)
    assert row(verdicts(result, faces=[seat, foot]), "leak path").severity == "ok"
    assert not verdicts(result, faces=[seat, replace(under, sealing=False)]).of("leak path")
    away = WorkedFace.plane("away", point=(0, 0, 1.0), normal=(0, 0, 1), stock=1e-3, sealing=True)
    assert "no voxel of the part carries away" in row(verdicts(result, faces=[seat, away]), "leak path").cause


def test_gas_pores_go_with_the_hydrogen_told_and_the_pressure_of_the_metal_above(joined_blocks):
    result = full(joined_blocks, ALUMINIUM)
    assert "not judged: the hydrogen content" in row(verdicts(result), "gas pores").cause
    rows = [row(verdicts(result, hydrogen=content), "gas pores") for content in (0.05, 0.12, 0.25)]
    assert [r.severity for r in rows] == ["ok", "note", "warning"]
    assert rows[0].value < rows[1].value < rows[2].value
    # most gas at the top, under the air alone: Sieverts' law by hand
    alloy = materials.alloy("A356")
    part = np.argwhere(metal_of(result).part)
    z = result.frame.centres(2)
    assert rows[2].place[2] == pytest.approx(z[part[:, 2].max()])
    top = z[np.argwhere(result.metal)[:, 2].max()]
    head = alloy.density_at_liquidus * 9.81 * (top - rows[2].place[2])
    assert rows[2].value == pytest.approx(float(hydrogen_pores(0.25, alloy, pressure=feeding_pressure(result) + head)), rel=1e-6)
    assert not verdicts(full(joined_blocks, STEEL)).of("gas pores")


def test_the_stock_of_the_parts_is_what_is_machined(joined_blocks):
    """Without faces given: the planes that the run's facts put stock on, to the raw face above it."""
    result = full(joined_blocks, STEEL)
    top = max(shrinkage(result).cavities, key=lambda c: c.high)
    place = (*top.place[:2], top.high - 3e-3)
    noted = {"stock": [{"part": "left", "thickness": 4e-3, "place": place, "normal": (0.0, 0.0, 1.0)}]}
    first = row(verdicts(full(joined_blocks, STEEL, noted=noted)), "machining")
    assert first.severity == "warning"
    assert "stock 1 of left" in first.cause
    given = WorkedFace.plane("seat", point=(*top.place[:2], top.high + 1e-3), normal=(0.0, 0.0, 1.0), stock=4e-3)
    assert row(verdicts(result, faces=[given]), "machining").value == pytest.approx(first.value)
    assert not verdicts(result).of("machining")


def test_a_cavity_under_a_plunger_is_a_note(joined_blocks):
    result = full(joined_blocks, STEEL)
    assert row(verdicts(result), "shrinkage cavity").severity == "severe"
    note = row(verdicts(full(joined_blocks, STEEL, noted={"metal_pressure": 6e7})), "shrinkage cavity")
    assert note.severity == "note"
    assert "pressed in" in note.cause


def test_without_liquidus_times_the_mass_balance_is_not_judged(joined_blocks):
    table = verdicts(joined_blocks(facts={**FACTS, "alloy": STEEL}))
    assert "not judged" in row(table, "shrinkage cavity").cause


def test_a_hot_spot_where_the_mass_balance_finds_nothing_is_a_note():
    """Three of one kind: at a cavity, far from it, and one without a place."""
    time, metal = np.full((20, 5, 5), 10.0), Metal.plain(np.ones((20, 5, 5), dtype=bool), voxel=5e-3)
    found = find_shrinkage(0.3 * time, time, metal=metal, densities=Densities.of(shrinkage=0.05), voxel=5e-3, skin=0.0)
    cavity = found.in_part[0]
    near = Verdict("hot spot", severity="warning", place=cavity.place, size=1e-7, cause="late")
    far = Verdict("hot spot", severity="warning", place=(1.0, 1.0, 1.0), size=1e-7, cause="late")
    counted = Verdict("hot spot", severity="note", size=1e-7, cause="2 more")
    rows = weighed([near, far, counted], found, 5e-3)
    assert [row.severity for row in rows] == ["warning", "note", "note"]
    assert rows[0].cause == "late"
    assert "the mass balance finds no cavity" in rows[1].cause
    assert weighed([far], None, 5e-3) == [far]
