"""The table of verdicts: what is found, how bad it is, and what is honestly not judged."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from castsolve.defects import (
    Verdict,
    Verdicts,
    casting_yield,
    hot_spots,
    isolated_pools,
    shakeout_time,
    verdicts,
    warmest_mould_face,
)
from castsolve.errors import InputError, ResultsError
from castsolve.results import Results

STEEL = {
    "casting": {"name": "two blocks", "mould": "green-sand", "pour_temperature": 1853.15, "mould_temperature": 298.15},
    "alloy": {"name": "WCB", "family": "steel", "solidus": 1715.0, "shrinkage": 0.035},
    "worst_quality": "C",
}


def one(table: Verdicts, defect: str) -> Verdict:
    rows = table.of(defect)
    assert rows, f"no row on {defect}"
    return rows[0]


def test_a_cut_off_block_is_severe_and_says_what_froze_before_what(joined_blocks):
    result = joined_blocks(roles=("part", "riser"), facts=STEEL)
    table = verdicts(result)
    row = one(table, "isolated pool")
    (pool,) = isolated_pools(result).in_part
    assert row.severity == "severe"
    assert row.place == pool.place
    assert row.value == pool.cut_off
    assert row.size == pool.part_volume
    assert "neck" in row.cause
    assert "in left" in row.cause
    assert "3.5 % shrinkage" in row.cause
    assert "riser" in row.advice
    assert table.severity == "severe"
    assert table[0] is row


def test_hot_spot_row(joined_blocks):
    result = joined_blocks(roles=("part", "riser"), facts=STEEL)
    row = one(verdicts(result), "hot spot")
    worst = hot_spots(result).worst
    assert (row.severity, row.place, row.value, row.size) == ("warning", worst.place, worst.time, worst.volume)
    assert "froze" in row.cause
    assert "thermal modulus" in row.advice


def test_a_sound_casting_is_said_to_be_sound(joined_blocks):
    result = joined_blocks(roles=("riser", "part"), times=(90.0, 31.0), facts=STEEL)
    time = np.array(result["solidification_time"])
    time[result["body"] == 1] = np.linspace(29.0, 5.0, int((result["body"] == 1).sum()))
    fields = {**result.fields, "solidification_time": time, "macro_feeding_time": 0.8 * time}
    table = verdicts(Results(result.frame, fields=fields, facts=STEEL))
    assert one(table, "hot spot").severity == "ok"
    assert one(table, "isolated pool").severity == "ok"
    assert "no hot spot in the part" in one(table, "hot spot").cause


def test_rows_beyond_the_first_few_are_counted(joined_blocks):
    result = joined_blocks(facts=STEEL)
    assert len(hot_spots(result).in_part) == 2
    rows = verdicts(result, top=1).of("hot spot")
    assert len(rows) == 2
    assert "1 more" in rows[1].cause
    with pytest.raises(InputError, match="top"):
        verdicts(result, top=0)


def test_a_casting_without_a_riser_is_never_fed(joined_blocks):
    row = one(verdicts(joined_blocks(facts=STEEL)), "isolated pool")
    assert "no riser" in row.cause
    assert row.value is None
    assert row.shown == ""


def test_niyama_below_a_cited_threshold(joined_blocks):
    noted = {"macro": {"value": 1.2, "unit": "(K s)^0.5/mm", "source": "a paper", "quality": "D"}}
    facts = {**STEEL, "alloy": {**STEEL["alloy"], "niyama": noted}}
    row = one(verdicts(joined_blocks(facts=facts)), "niyama")
    assert row.severity == "severe"
    assert row.value == pytest.approx(1000.0)
    assert row.threshold == pytest.approx(1200.0)
    assert row.shown == "1 (K s)^0.5/mm"
    assert "a paper" in row.threshold_source
    assert row.quality == "D"


def test_niyama_above_its_threshold_is_ok(joined_blocks):
    noted = {"macro": {"value": 0.5, "unit": "(K s)^0.5/mm", "source": "a paper"}}
    facts = {**STEEL, "alloy": {**STEEL["alloy"], "niyama": noted}}
    assert one(verdicts(joined_blocks(facts=facts)), "niyama").severity == "ok"


def test_an_estimated_threshold_is_worth_a_note(joined_blocks):
    noted = {"macro": {"value": 1.2, "unit": "(K s)^0.5/mm", "source": "practice", "evidence": "estimate"}}
    facts = {**STEEL, "alloy": {**STEEL["alloy"], "niyama": noted}}
    row = one(verdicts(joined_blocks(facts=facts)), "niyama")
    assert row.severity == "note"
    assert "estimate" in row.cause


def test_no_threshold_with_a_source_is_said(joined_blocks):
    row = one(verdicts(joined_blocks(facts={"alloy": {"name": "unobtainium"}})), "niyama")
    assert row.threshold is None
    assert row.threshold_source == "no threshold with a source for this alloy"
    assert row.severity == "note"
    assert row.value == pytest.approx(1000.0)


def test_niyama_is_not_judged_for_graphitic_iron(joined_blocks):
    row = one(verdicts(joined_blocks(facts={"alloy": {"name": "X", "family": "iron"}})), "niyama")
    assert "graphitic" in row.threshold_source


def test_what_was_not_recorded_is_not_judged(joined_blocks):
    whole = joined_blocks(facts=STEEL)
    fields = {n: whole[n] for n in ("solidification_time", "region", "body")}
    table = verdicts(Results(whole.frame, fields=fields))
    for defect, field in (
        ("isolated pool", "macro_feeding_time"),
        ("niyama", "thermal_gradient"),
        ("cooling rate", "cooling_rate"),
        ("mould thickness", "temperature"),
    ):
        row = one(table, defect)
        assert row.severity == "note"
        assert row.cause.startswith("not judged")
        assert field in row.cause
    assert "not judged" in one(table, "thermal modulus").cause
    assert "not judged" in one(table, "shakeout time").cause
    assert one(table, "hot spot").value == pytest.approx(90.0)


def test_casting_yield(joined_blocks):
    result = joined_blocks(roles=("part", "riser"))
    body = result["body"]
    left, right = int((body == 0).sum()), int((body == 1).sum())
    assert casting_yield(result) == pytest.approx(left / (left + right))
    assert one(verdicts(result), "casting yield").shown == f"{100 * left / (left + right):.3g} %"
    with pytest.raises(ResultsError, match="no metal"):
        casting_yield(Results(result.frame, fields={"region": np.ones(result.frame.shape, dtype=np.uint8)}))


def test_moduli_of_part_and_riser_are_compared(joined_blocks):
    row = one(verdicts(joined_blocks(roles=("part", "riser"), facts=STEEL)), "thermal modulus")
    assert row.severity == "ok"
    assert "1.22 times the part" in row.cause
    behind = one(verdicts(joined_blocks(roles=("riser", "part"), facts=STEEL)), "thermal modulus")
    assert behind.severity == "note"
    assert behind.advice
    metal_mould = {"alloy": {"name": "A356"}, "casting": {"mould": "H13"}}
    assert "conducts too well" in one(verdicts(joined_blocks(facts=metal_mould)), "thermal modulus").cause


# -- process ----


def cooling(joined_blocks, **facts):
    time = np.array([0.0, 100.0, 200.0, 300.0])
    hottest = np.array([1800.0, 1200.0, 800.0, 700.0])
    return joined_blocks(history={"time": time, "hottest_metal": hottest}, facts=facts)


def test_shakeout_is_when_the_hottest_metal_has_cooled(joined_blocks):
    result = cooling(joined_blocks, casting={"shakeout_temperature": 900.0})
    assert shakeout_time(result) == pytest.approx(175.0)
    assert shakeout_time(result, 1200.0) == pytest.approx(100.0)
    assert one(verdicts(result), "shakeout time").value == pytest.approx(175.0)


def test_shakeout_that_was_not_reached_is_said_to_be_so(joined_blocks):
    result = cooling(joined_blocks, casting={"shakeout_temperature": 600.0})
    assert shakeout_time(result) is None
    row = one(verdicts(result), "shakeout time")
    assert row.value is None
    assert row.cause.startswith("not reached")
    assert "427 degC" in row.cause
    with pytest.raises(ResultsError, match="no shakeout temperature"):
        shakeout_time(cooling(joined_blocks))
    with pytest.raises(ResultsError, match="hottest_metal"):
        shakeout_time(joined_blocks(), 600.0)


def with_warm_side(joined_blocks, temperature: float, **facts) -> Results:
    result = joined_blocks()
    field = np.full(result.frame.shape, 300.0)
    field[5, 16, 7] = temperature
    field[0, 3, 3] = 2000.0 if "symmetry_sides" in facts else 300.0
    fields = {**result.fields, "temperature": np.full(field.shape, 300.0), "peak_temperature": field}
    return Results(result.frame, fields=fields, facts={**STEEL, **facts})


def test_the_warmest_face_is_found_over_the_whole_run(joined_blocks):
    result = with_warm_side(joined_blocks, 400.0)
    face = warmest_mould_face(result)
    assert (face.side, face.temperature, face.whole_run) == ("y_high", 400.0, True)
    assert face.place == pytest.approx(result.frame.place((5, 16, 7)))


def test_a_plane_of_symmetry_is_no_face(joined_blocks):
    result = with_warm_side(joined_blocks, 400.0, symmetry_sides=["x_low"], symmetry_factor=2)
    assert warmest_mould_face(result).side == "y_high"


@pytest.mark.parametrize(("share", "severity"), [(0.1, "ok"), (0.3, "note"), (0.6, "warning")])
def test_a_mould_is_thick_enough_while_its_outside_stays_cool(joined_blocks, share, severity):
    row = one(verdicts(with_warm_side(joined_blocks, 298.15 + share * (1715.0 - 298.15))), "mould thickness")
    assert row.severity == severity
    assert f"{share * 100:.0f} % of the rise" in row.cause
    assert ("more sand on y_high" in row.advice) == (severity != "ok")


def test_what_the_mould_rule_rests_on():
    """Exact slab with an insulated back: rise of the back against the loss of heat at the hot wall."""
    from scipy.optimize import brentq
    from scipy.special import erfc

    def rise(eta):
        return sum((-1) ** n * 2.0 * erfc((2 * n + 1) * eta) for n in range(20))

    def flux(eta):
        return 1.0 + 2.0 * sum((-1) ** n * np.exp(-4.0 * (n * eta) ** 2) for n in range(1, 20))

    loss = [1.0 - flux(brentq(lambda eta, s=s: rise(eta) - s, 0.2, 3.0)) for s in (0.20, 0.50)]
    assert loss == pytest.approx([0.009, 0.14], abs=0.006)


def test_a_warm_die_is_no_defect(joined_blocks):
    facts = {"casting": {**STEEL["casting"], "mould": "H13"}}
    row = one(verdicts(with_warm_side(joined_blocks, 1500.0, **facts)), "mould thickness")
    assert row.severity == "ok"


# -- the table ----


def test_the_table_prints_in_plain_text(joined_blocks):
    text = str(verdicts(joined_blocks(roles=("part", "riser"), facts=STEEL)))
    assert text.startswith("verdicts for two blocks, WCB:")
    assert "cm3" in text
    assert "(21.0, 13.0, 13.0) mm" in text
    assert text.endswith("worst quality of the data used: C")
    assert max(map(len, text.splitlines())) <= 120
    assert text.isascii()


def test_json_and_csv_hold_the_same_rows(joined_blocks):
    table = verdicts(joined_blocks(roles=("part", "riser"), facts=STEEL))
    content = json.loads(table.to_json())
    lines = list(csv.DictReader(io.StringIO(table.to_csv())))
    assert content["severity"] == table.severity
    assert len(content["verdicts"]) == len(lines) == len(table)
    for row, line in zip(content["verdicts"], lines, strict=True):
        assert row["defect"] == line["defect"]
        assert row["severity"] == line["severity"]
        if row["place_m"]:
            assert [float(line[f"{a}_m"]) for a in "xyz"] == row["place_m"]


def test_rows_are_sorted_worst_first():
    rows = tuple(Verdict(str(n), severity=s) for n, s in enumerate(("ok", "severe", "note", "warning", "severe")))
    table = Verdicts(rows)
    assert [r.defect for r in table] == ["1", "4", "3", "2", "0"]
    assert table.counts() == {"severe": 2, "warning": 1, "note": 1, "ok": 1}
    assert Verdicts().severity == "ok"
    assert "nothing was judged" in str(Verdicts())


def test_a_verdict_is_fixed_and_checked():
    with pytest.raises(InputError, match="severity"):
        Verdict("niyama", severity="bad")
    with pytest.raises(FrozenInstanceError):
        Verdict("niyama").severity = "ok"
    assert Verdict("niyama", value=float("nan")).value is None
