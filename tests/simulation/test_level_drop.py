"""The heat follows the falling level: what runs empty leaves the run, with its books, and the march after the run agrees."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import castsolve as cs
from castsolve import materials
from castsolve.defects import shrinkage
from castsolve.errors import BalanceError, InputError
from castsolve.simulation import EnergyLedger, Faces, HeatProblem, Side, plan
from castsolve.simulation.air import as_their_walls
from castsolve.simulation.level_drop import LevelDrop
from castsolve.simulation.solidify import level_drop_of, results_of
from castsolve.units import degC, mm

POUR = degC(1580)


def block(**more) -> cs.SandCasting:
    """Return a slab under a slim sleeved riser, whose pipe goes deep."""
    part = cs.Part.box((100 * mm, 100 * mm, 60 * mm))
    riser = cs.Riser.cylinder(diameter=60 * mm, height=90 * mm, at=part.top, name="riser", sleeve="insulating")
    return cs.SandCasting(part, alloy="WCB", mould="green-sand", pour_temperature=POUR, rigging=[riser], **more)


@pytest.fixture(scope="module")
def runs():
    return {feeding: cs.solidify(block(), voxel=7.5 * mm, feeding=feeding, dtype="float64") for feeding in (False, True)}


def test_the_pipe_of_the_run_is_that_of_the_march_afterwards(runs):
    found = shrinkage(runs[True])
    void = np.isfinite(runs[True]["emptied_time"])
    empty = np.nan_to_num(found.cavity) > 0.999
    assert void.sum() > 40
    assert (void & ~empty).sum() == 0
    # what the march empties after the last time that the run took it up
    assert (empty & ~void).sum() <= 0.05 * empty.sum()
    assert found.total == pytest.approx(found.expected, rel=1e-9)
    assert found.defect < 1e-12
    # each voxel was closed when the metal around it was still feedable
    assert (runs[True]["emptied_time"][void] <= runs[True]["macro_feeding_time"][void]).all()


def test_the_books_close_and_the_times_hardly_move(runs):
    plain, fed = runs[False], runs[True]
    assert fed.facts["energy"]["defect"] < 1e-11
    # the drained heat is that of poured metal, of the voxels' true volume
    volume = fed.volumes()[np.isfinite(fed["emptied_time"])].sum()
    curve = materials.alloy("WCB").heat
    solid, poured = (float(curve.at_temperature(T) - curve.at_temperature(298.15)) for T in (degC(1450), POUR))
    assert solid * volume < fed.facts["energy"]["heat_drained"] < poured * volume
    assert "heat_drained" not in plain.facts["energy"]
    # less metal gives its heat up sooner, but a void keeps the cold roof off: here both nearly cancel
    for role, gate in (("riser", 0.02), ("part", 0.01)):
        last = [run.peak("solidification_time", where=run.where(role=role)).value for run in (plain, fed)]
        assert last[1] != last[0]
        assert last[1] == pytest.approx(last[0], rel=gate)
    assert np.isnan(fed["fraction_solid"][np.isfinite(fed["emptied_time"])]).all()
    assert fed["temperature"][np.isfinite(fed["emptied_time"])] == pytest.approx(298.15, abs=1e-2)


def test_half_a_casting_has_half_the_pipe(runs):
    half = cs.solidify(block(symmetry={"y": 0.0}), voxel=7.5 * mm, feeding=True, dtype="float64")
    whole = shrinkage(runs[True])
    found = shrinkage(half)
    assert found.total == pytest.approx(whole.total, rel=1e-6)
    assert found.risers[0].pipe == pytest.approx(whole.risers[0].pipe, rel=1e-3)
    assert half.facts["energy"]["heat_drained"] == pytest.approx(runs[True].facts["energy"]["heat_drained"], rel=0.03)


def test_a_resumed_run_has_the_same_bits():
    ready = plan(block(), voxel=7.5 * mm)
    kept: list[dict] = []

    def keep(run):
        if len(kept) < 1 and np.isfinite(run.stepper.level_drop.emptied).sum() > 10:
            kept.append(copy.deepcopy(run.state()))

    whole = ready.problem.run(ready.initial, until="solid", level_drop=level_drop_of(ready), checkpoint=keep)
    again = ready.problem.run(ready.initial, until="solid", level_drop=level_drop_of(ready), resume=kept[0])
    assert whole.steps == again.steps > 0
    np.testing.assert_array_equal(again.enthalpy, whole.enthalpy)
    assert again.ledger.heat_in == whole.ledger.heat_in
    one, other = results_of(ready, whole), results_of(ready, again)
    for name in ("emptied_time", "solidification_time", "macro_feeding_time", "temperature"):
        np.testing.assert_array_equal(other[name], one[name])
    # the problem has its own faces and walls back
    plain = ready.problem.run(ready.initial, until="solid")
    np.testing.assert_array_equal(plain.enthalpy, cs.simulation.plan(block(), voxel=7.5 * mm).problem.run(
        ready.initial, until="solid").enthalpy)  # fmt: skip


class AtOnce(LevelDrop):
    """Empties given voxels after the first step."""

    def __init__(self, grid, rows):
        super().__init__(
            grid, materials.alloy("A356"), pour_temperature=degC(700), gravity=np.array([-9.81, 0.0, 0.0]), mirrors=(), air=298.15
        )
        self.rows = rows

    def follow(self, stepper):
        if not np.isfinite(self.emptied).any():
            self.emptied[self.rows] = stepper.clock.time
            stepper.empty(self.void, float(self._curve.at_temperature(self.air)), self._volume[self.void])


def test_a_rod_that_loses_its_end_goes_on_as_a_shorter_rod(rod):
    """What is empty is gone: no heat comes from it, none goes to it, at any later time."""
    curve = materials.alloy("A356").heat
    levels = cs.simulation.Watch(0, (cs.simulation.Level("liquidus", fraction_solid=0.0),
                                     cs.simulation.Level("macro_feeding_limit", fraction_solid=0.5)))  # fmt: skip
    cold = Faces(x_low=Side.fixed(500.0))

    def solved(count, drop=None):
        grid = rod([0] * count, width=4e-3)
        return HeatProblem(grid, [curve], cold, watch=levels).run(
            degC(700), until=40.0, step=0.05, level_drop=None if drop is None else AtOnce(grid, drop)
        )

    long, short = solved(20, np.arange(14, 20)), solved(14)
    np.testing.assert_allclose(long.temperature[:14], short.temperature, rtol=0.0, atol=1e-9)
    assert long.temperature[14:] == pytest.approx(298.15, abs=1e-2)  # the table of T(h) is sampled
    assert short.temperature[0, 0, 0] < degC(500)
    assert long.ledger.worst < 1e-11
    gone = float(curve.at_temperature(degC(700)) - curve.at_temperature(298.15)) * 6 * 4e-3**3
    assert long.ledger.drained == pytest.approx(gone, rel=1e-9)
    # and it does matter: without the drop the end stays warm
    assert solved(20).temperature[13, 0, 0] > short.temperature[13, 0, 0] + 1.0


def test_a_void_ends_with_the_last_metal_on_its_wall():
    times = np.full((5, 3, 3), np.nan)
    metal = np.ones((5, 3, 3), dtype=bool)
    times[:] = np.arange(5.0)[:, None, None]
    void = np.zeros_like(metal)
    void[1:3, 1, 1] = True
    out = as_their_walls(times, void, metal)
    assert (out[1:3, 1, 1] == 3.0).all()
    np.testing.assert_array_equal(out[~void], times[~void])


def test_iron_that_expands_keeps_its_books():
    part = cs.Part.box(60 * mm)
    riser = cs.Riser.cylinder(diameter=40 * mm, height=60 * mm, at=part.top)
    iron = cs.SandCasting(part, alloy="EN-GJS-400-15", mould="green-sand", pour_temperature=degC(1380), rigging=[riser])
    result = cs.solidify(iron, voxel=7.5 * mm, feeding=True)
    assert result.facts["energy"]["defect"] < 1e-6
    assert shrinkage(result).defect < 1e-12


def test_no_gravity_no_level():
    with pytest.raises(InputError, match="gravity"):
        cs.solidify(block(gravity=(0.0, 0.0, 0.0)), voxel=20 * mm, feeding=True)


def test_heat_that_drains_unbooked_is_missed(monkeypatch):
    """The broken version: the books are not told of the metal that left."""
    monkeypatch.setattr(EnergyLedger, "drain", lambda self, heat: None)
    with pytest.raises(BalanceError, match="of the heat moved so far is missing"):
        cs.solidify(block(), voxel=7.5 * mm, feeding=True)
