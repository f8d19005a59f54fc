"""What a filling is judged by: pure functions of its records, each with a limit that says where it comes from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from castings import plate, strip

import castsolve as cs
from castsolve.defects import GATE_SPEED, cold_arrivals, fill_rows
from castsolve.units import mm


@pytest.fixture(scope="module")
def filled():
    return cs.fill(plate(), voxel=5 * mm)


def row(result, defect):
    return next(r for r in fill_rows(result) if r.defect == defect)


def told(result, **changes):
    """The result with other facts of its filling."""
    return replace(result, facts={**result.facts, "filling": {**result.facts["filling"], **changes}})


def test_a_sound_filling_is_told_to_be_one(filled):
    for defect in ("misrun", "entrainment", "cold shut", "last to fill", "erosion", "oxide"):
        assert row(filled, defect).severity == "ok", defect
    assert row(filled, "trapped air").severity == "note"
    assert row(filled, "last to fill").place == filled.peak("fill_time").point
    assert all(r.threshold_source for r in fill_rows(filled) if r.defect != "trapped air")
    assert {r.defect for r in fill_rows(filled)} <= {r.defect for r in cs.verdicts(filled).rows}


def test_what_freezing_would_tell_is_one_row(filled):
    left = [r for r in cs.verdicts(filled).rows if r.defect not in {f.defect for f in fill_rows(filled)}]
    assert sorted(r.defect for r in left) == ["casting yield", "freezing"]
    assert any("solidify(filled)" in r.advice for r in left)


def test_a_fast_gate_folds_oxide_in(filled):
    gates = {"gate 1": {**filled.facts["filling"]["gates"]["gate 1"], "speed": 1.3, "largest_speed": 2.0}}
    fast = row(told(filled, gates=gates), "entrainment")
    assert (fast.severity, fast.value, fast.threshold) == ("warning", 1.3, GATE_SPEED)
    assert "2.6 times" in fast.advice and "Campbell" in fast.threshold_source
    steel = replace(told(filled, gates=gates), facts={
        **told(filled, gates=gates).facts, "alloy": {**filled.facts["alloy"], "family": "steel"}
    })  # fmt: skip
    assert row(steel, "entrainment").severity == "note"
    shot = replace(told(filled, gates=gates), facts={
        **told(filled, gates=gates).facts, "casting": {**filled.facts["casting"], "process": "pressure die"}
    })  # fmt: skip
    sprayed = row(shot, "entrainment")
    assert (sprayed.severity, sprayed.threshold, sprayed.advice) == ("ok", None, "") and "sprays by intent" in sprayed.cause


def test_oxide_is_a_ranking_of_places_in_the_part(filled):
    part = filled.where(role="part")
    exposure = np.array(filled["surface_exposure"])
    gate = filled.where(role="gate")
    exposure[gate] = 1e6
    exposed = row(filled.with_field("surface_exposure", exposure), "oxide")
    assert exposed.value == pytest.approx(np.nanmax(exposure[part]))
    assert exposed.place == filled.peak("surface_exposure", where=part).point
    volume = filled.volumes()[part]
    mean = (exposure[part] * volume).sum() / volume.sum()
    assert f"{mean / 100:.3g} cm2 s/cm3" in exposed.cause and "no limit" in exposed.threshold_source


def test_metal_below_its_liquidus_does_not_weld(filled):
    liquidus = filled.facts["alloy"]["liquidus"]
    part = filled.where(role="part")
    front = np.array(filled["front_temperature"])
    low = part & (np.arange(front.shape[2]) < 8)
    front[low] = liquidus - 2.0
    cold = filled.with_field("front_temperature", front)
    share, where = cold_arrivals(cold)
    assert np.array_equal(where, low)
    assert share == pytest.approx(filled.volumes()[low].sum() / filled.volumes()[part].sum(), rel=1e-6)
    assert row(cold, "cold shut").severity == "warning" and row(cold, "cold shut").value == pytest.approx(liquidus - 2.0)
    assert cold_arrivals(filled)[0] == 0.0


def test_what_the_metal_did_not_reach_is_a_misrun():
    froze = row(cs.fill(strip(), voxel=1.5 * mm), "misrun")
    assert froze.severity == "severe" and "froze on its way" in froze.cause and froze.value < 0.9
    assert froze.size > 0 and froze.place is not None
    stopped = row(cs.fill(plate(), voxel=5 * mm, until="0.5 s"), "misrun")
    assert stopped.severity == "note" and "time was up" in stopped.cause


def test_a_casting_poured_at_once_has_no_filling_to_judge():
    assert fill_rows(cs.solidify(plate(), voxel=5 * mm, until="0.1 s")) == []
