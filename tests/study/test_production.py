"""Sheets of a planner: metal and energy by hand, ranges carried, sources known; the moulding line by hand."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
import pytest

import castsolve as cs
from castsolve.errors import InputError, ResultsError
from castsolve.materials import Property, alloy
from castsolve.materials.references import read_bibtex
from castsolve.results import Frame, Results
from castsolve.simulation import CycleResults
from castsolve.study import LineSchedule, Plant, line_schedule, production_sheet
from castsolve.study.figures import carried, heat_to, melting, of_user, references, usual_furnace
from castsolve.units import degC, mm

POURED, YIELD = 4.0, 0.75


def result(**more) -> Results:
    nodes = np.arange(3) * 1e-2
    frame = Frame(nodes, nodes, nodes, region_names=("metal", "mould"), body_names=("part",), body_roles=("part",))
    time = np.array([0.0, 100.0, 200.0, 400.0])
    facts = {
        "casting": {"name": "cover", "pour_temperature": degC(700), "pour_time": 6.0, "more_parts": ["second"]},
        "alloy": {"name": "A356", "family": "aluminium"}, "masses": {"part": 3.0, "poured": POURED, "casting_yield": YIELD},
        "shakeout_temperature": degC(300), **more,
    }  # fmt: skip
    fields = {"solidification_time": np.full(frame.shape, 150.0, np.float32)}
    hot = np.array([degC(700), degC(500), degC(400), degC(200)])
    return Results(frame, fields=fields, facts=facts, history={"time": time, "hottest_metal": hot})


def cycled() -> CycleResults:
    """Return a cycle of 20 s of dwell and 20 s open: one water channel, one oil channel that heats, a spray."""
    books = [["dwell", 20.0, [-5e5, 5e5], 0.0, None, {}, 0.0], ["close", 20.0, [0.0, 0.0], 0.0, None, {}, 0.0]]
    common = {"htc": 1e4, "reynolds": 1e4, "pressure": 3e5, "diameter": 8e-3}
    channels = [
        {"name": "channel 1", "power": 3000.0, "outlet_temperature": degC(30), "inlet_temperature": degC(20), "flow": 1e-4,
         "medium": "water", "open_time": 30.0, **common},
        {"name": "channel 2", "power": -500.0, "outlet_temperature": degC(190), "inlet_temperature": degC(200), "flow": 2e-4,
         "medium": "oil", "open_time": 40.0, **common},
    ]  # fmt: skip
    cycle = {
        "steady": True, "last_place": None,
        "heat": {"metal": 5e5, "channels": 1e5, "open cavity": 3e5, "outer sides": 1e5, "die": 0.0},
        "shots": [{"books": books, "change": 0.1, "distance": 0.1, "stored": 0.0}], "sections": [], "channels": channels,
        "spray": {"duration": 2.0, "flux": 0.3, "efficiency": 0.2, "area": 0.05},
    }  # fmt: skip
    return CycleResults.of(result(cycle=cycle))


def test_the_metal_of_a_shot_closes_its_books():
    sheet = production_sheet(result(), Plant(scrap=0.1))
    loss = melting("gas-reverberatory", "aluminium")[1].value
    assert sheet["good castings"].value == pytest.approx(3.0 * 0.9)
    assert sheet["remelted"].value == pytest.approx(4.0 - 2.7)
    assert sheet["melted"].value == pytest.approx(4.0 / (1.0 - loss))
    # What is melted is new or comes back; what is not lost is poured.
    assert sheet["new metal"].value + sheet["remelted"].value == pytest.approx(sheet["melted"].value)
    assert sheet["melted"].value - sheet["lost as dross"].value == pytest.approx(POURED)


def test_the_melting_energy_is_the_heat_of_the_alloy_over_the_efficiency():
    sheet = production_sheet(result(), Plant("electric-reverberatory"))
    efficiency, loss = melting("electric-reverberatory", "aluminium")
    metal = alloy("A356")
    heat = (metal.heat.at_temperature(degC(700)) - metal.heat.at_temperature(degC(25))) / metal.heat.density
    assert sheet["heat of the alloy from 25 degC"].value == pytest.approx(heat, rel=1e-9)
    # Pure aluminium takes 1.15 MJ/kg to 700 degC; an alloy with 7 % silicon the same within a tenth.
    assert 1.0e6 < heat < 1.3e6
    melted = POURED / (1.0 - loss.value)
    assert sheet["melting"].value == pytest.approx(melted * heat / efficiency.value, rel=1e-9)
    # Its range is that of loss, efficiency and latent heat at their ends.
    ends = [heat + end - metal.latent_heat.value for end in (metal.latent_heat.low, metal.latent_heat.high)]
    assert sheet["melting"].low == pytest.approx(POURED / (1.0 - loss.low) * ends[0] / efficiency.high, rel=1e-9)
    assert sheet["melting"].high == pytest.approx(POURED / (1.0 - loss.high) * ends[1] / efficiency.low, rel=1e-9)
    assert sheet["energy"].value == pytest.approx(sheet["melting"].value / 3.0, rel=1e-9)
    # The worst of what goes in: read factors and a computed heat; the efficiency of a stack furnace is from memory, and rough.
    assert sheet["melting"].evidence == "derived"
    stack = production_sheet(result(), Plant("stack"))
    assert (stack["energy"].evidence, stack["energy"].quality) == ("memory", "D")


def test_the_sheet_says_what_it_knows_worst():
    """Each factor is a line with its source; the weakest are named, and what was read of them."""
    sheet = production_sheet(result(), Plant("stack"))
    factors = [line for line in sheet if line.factor]
    assert [line.name for line in factors] == ["melt loss, stack", "heat of the alloy from 25 degC", "efficiency, stack"]
    text, content = str(sheet), json.loads(sheet.to_json())
    for line in factors:
        for key in line.figure.source_keys:
            assert f"\n[{key}] " in text and key in content["references"]
    assert sheet.worst == {"evidence": ("memory", ("efficiency, stack",)), "quality": ("D", ("efficiency, stack",))}
    assert "worst evidence: memory (remembered from the named source, not checked on paper): efficiency, stack" in text
    assert "worst quality: D (rough): efficiency, stack" in text
    assert "efficiency, stack: 40 to 45 % in its table, from memory" in text
    assert content["worst"]["quality"] == {"is": "D", "in": ["efficiency, stack"]}
    assert production_sheet(result()).worst["evidence"] == ("derived", ("efficiency, gas-reverberatory",))


def test_energy_of_a_shot_is_its_duty():
    plant = Plant(holding_power="8 kW", machine_power=15e3, availability=0.8)
    sheet = production_sheet(cycled(), plant)
    # Held while the machine stands, too; drives and oil only while it runs.
    assert sheet["holding"].value == pytest.approx(8e3 * 40.0 / 0.8)
    assert sheet["drives"].value == pytest.approx(15e3 * 40.0)
    assert sheet["heating of the die"].value == pytest.approx(500.0 * 40.0)
    parts = sum(sheet[n].value for n in ("melting", "holding", "drives", "heating of the die"))
    assert sheet["all that is counted"].value == pytest.approx(parts)
    assert sheet["shots an hour"].value == pytest.approx(0.8 / 40.0)
    assert sheet["shots a shift"].value == pytest.approx(0.8 * 28800.0 / 40.0)
    assert sheet["melt needed"].value == pytest.approx(sheet["melted"].value * 0.8 / 40.0)


def test_water_is_what_flows_and_what_is_sprayed():
    sheet = production_sheet(cycled())
    assert sheet["through channel 1 (water)"].value == pytest.approx(3e-3)
    assert sheet["through channel 2 (oil)"].value == pytest.approx(8e-3)
    assert sheet["sprayed on the cavity"].value == pytest.approx(0.3 * 0.05 * 2.0)
    assert sheet["open cavity"].value == 3e5


def test_what_is_not_given_is_not_counted_and_said():
    sheet = production_sheet(cycled())
    assert set(sheet.notes) == {"holding: give holding_power", "drives: give machine_power"}
    with pytest.raises(InputError, match='no line of the sheet named "holding"'):
        sheet["holding"]
    assert "output, holding and drives: give cycle_time" in production_sheet(result()).notes


def test_the_sheet_is_written_down():
    sheet = production_sheet(cycled(), Plant(holding_power=8e3))
    content = json.loads(sheet.to_json())
    line = next(row for row in content["lines"] if row["name"] == "melting")
    assert line["low"] < line["value"] < line["high"] and line["unit"] == "J" and line["shown_unit"] == "MJ"
    assert line["shown"] == pytest.approx(line["value"] * 1e-6)
    assert "bcs2005" in content["references"]
    assert len(sheet.to_csv().splitlines()) == 1 + len(sheet.lines)
    for word in ("energy of a shot", "kWh/kg", "(", "not counted: drives", "[bcs2005]"):
        assert word in str(sheet)


def test_ranges_are_carried_to_their_corners():
    a = Property(2.0, "1", "x", low=1.0, high=3.0, evidence="seen", quality="A")
    b = Property(5.0, "1", "y", low=4.0, high=10.0, evidence="estimate", quality="D")
    found = carried(lambda p, q: p / q, "1", a, b)
    assert (found.value, found.low, found.high) == (0.4, 0.1, 0.75)
    assert (found.source, found.evidence, found.quality) == ("x, y", "estimate", "D")
    assert carried(lambda p: 2.0 * p, "1", of_user(3.0, "1")).low == 6.0


def test_every_factor_has_a_source():
    known = read_bibtex(files("castsolve.study").joinpath("data", "references.bib").read_text(encoding="utf-8"))
    furnaces = {
        "aluminium": ("gas-reverberatory", "stack", "gas-crucible", "electric-reverberatory"),
        "iron": ("induction", "cupola"), "steel": ("induction", "arc"),
    }  # fmt: skip
    for family, names in furnaces.items():
        assert usual_furnace(family) in names
        for name in names:
            efficiency, loss = melting(name, family)
            assert 0.0 < efficiency.low < efficiency.value < efficiency.high < 1.0
            assert 0.0 < loss.low < loss.value < loss.high < 0.2
            for factor in (efficiency, loss):
                assert factor.note and {*factor.source_keys} <= set(known)
            # All but one were read, or calculated from what was read.
            assert (efficiency.evidence == "memory") == (name == "stack") and loss.evidence in ("seen", "secondhand")
    assert set(references()) == set(known)
    with pytest.raises(InputError, match='no furnace that melts aluminium named "cupola"'):
        melting("cupola", "aluminium")


def test_the_efficiencies_follow_from_what_was_read():
    """Figures of the notes against the heat that the alloys' own data ask for."""
    btu_per_lb = 2326.0
    heat = heat_to(alloy("A356"), degC(720)).value
    reverb = melting("gas-reverberatory", "aluminium")[0]
    # 42 705 dollars at 6.50 for 1000 cubic feet of 1025 Btu each melt 4.08 million pounds; 60 996 at 0.065 a kWh do the same.
    gas, current = 42705.0 / 6.5 * 1025e3 / 4.08e6, 60996.0 / 0.065 / 4.08e6
    for needed in (gas, 1500.0, 1700.0, 1899.0):
        assert reverb.low - 0.002 <= heat / (needed * btu_per_lb) <= reverb.high
    assert reverb.value == pytest.approx(heat / (gas * btu_per_lb), rel=0.1)
    electric = melting("electric-reverberatory", "aluminium")[0]
    assert electric.value == pytest.approx(heat / (current * 3.6e6 / 0.45359237), rel=0.01)
    crucible = melting("gas-crucible", "aluminium")[0]
    assert crucible.high == pytest.approx(heat / 4.6e6, rel=0.02) and heat / 7e6 > crucible.value
    iron = heat_to(alloy("GJL-250"), degC(1550)).value / 3600.0
    assert [iron / kwh for kwh in (640.0, 585.0)] == pytest.approx([0.61, 0.67], rel=0.04)


# -- the moulding line ---------------------------------------------------------------------------------------------


def test_a_line_by_hand():
    line = line_schedule(result(), places=10, moulding_interval=30.0, handle=40.0, availability=0.9)
    # 300 degC lies half way between 400 degC at 200 s and 200 degC at 400 s.
    assert line.cool == pytest.approx(300.0)
    assert line.solid == 150.0 and line.pour == 6.0
    assert line.occupied == pytest.approx(346.0)
    assert line.intervals == {"moulding": 30.0, "pouring": 6.0, "cooling line": pytest.approx(34.6)}
    assert line.limit == "cooling line" and line.interval == pytest.approx(34.6)
    assert line.moulds_per_hour == pytest.approx(3600.0 / 34.6 * 0.9)
    assert line.castings_per_hour == pytest.approx(2 * line.moulds_per_hour)
    assert line.melt_per_hour == pytest.approx(4.0 * line.moulds_per_hour)
    assert line.per_shift() == pytest.approx(8 * line.castings_per_hour)
    # 12 places: 346 s / 12 = 28.8 s, below the moulding machine's 30 s.
    assert line.places_needed() == 12
    assert "ruled by cooling line" in str(line) and "with 12 cooling no longer rules" in str(line)
    assert json.loads(json.dumps(line.as_dict()))["limit"] == "cooling line"


def test_a_longer_line_is_ruled_by_moulding_or_pouring():
    assert line_schedule(result(), places=12, moulding_interval=30.0, handle=40.0).limit == "moulding"
    slow = line_schedule(result(), places=12, moulding_interval=30.0, handle=40.0, pour_time="45 s")
    assert slow.limit == "pouring" and slow.interval == 45.0


def test_a_solved_casting_gives_its_line():
    block = cs.Part.box((30 * mm, 30 * mm, 30 * mm))
    casting = cs.SandCasting(block, alloy="A356", mould="green-sand", pour_temperature=degC(720), pour_time=3.0)
    solved = cs.solidify(casting, voxel=6 * mm, until="shakeout")
    line = line_schedule(solved, places=20, moulding_interval=25.0)
    assert isinstance(line, LineSchedule)
    assert line.solid < line.cool == pytest.approx(float(solved.history["time"][-1]), rel=0.05)
    sheet = production_sheet(solved, cycle_time=line.interval)
    assert sheet["poured"].value == pytest.approx(line.melt)
    assert sheet["cycle time"].value == line.interval
    hot = line_schedule(solved, places=20, moulding_interval=25.0, shakeout_temperature=degC(450))
    assert hot.cool < line.cool
    with pytest.raises(ResultsError, match='had cooled to 100 degC; solve it with until="shakeout"'):
        line_schedule(solved, places=20, moulding_interval=25.0, shakeout_temperature=degC(100))


def test_refusals():
    for bad, words in (
        (lambda: Plant(availability=0.0), r"availability = 0 must lie in \(0, 1\]"),
        (lambda: Plant(scrap=1.0), r"scrap = 1 in \[0, 1\); write 0.05 for 5 %"),
        (lambda: Plant(holding_power=-1.0), "holding_power = -1 W must not be below 0 W"),
        (lambda: Plant(shift=0.0), "shift = 0 s must be above 0 s"),
        (lambda: line_schedule(result(), places=0, moulding_interval=30.0), "places = 0 must be 1 or more"),
        (lambda: line_schedule(result(), places=4, moulding_interval=0.0), "must be above 0 s"),
    ):
        with pytest.raises(InputError, match=words):
            bad()
    with pytest.raises(ResultsError, match="kept no masses"):
        production_sheet(result(masses={}))
