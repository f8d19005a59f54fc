"""The surface of a die between its voxel and the metal: against the exact contact of two half spaces, on either side of a face."""

from __future__ import annotations

import math

import numpy as np
import pytest

from castsolve.analytic import ContactingHalfSpaces, Phase
from castsolve.geometry import Grid
from castsolve.materials import HeatCurve, Interface
from castsolve.simulation import Contact, Faces, HeatProblem, Side
from castsolve.simulation.die_surface import DieSurface, SurfaceRecord

HOT, COLD, H = 900.0, 450.0, 5000.0
METAL = {"conductivity": 100.0, "density": 2500.0, "specific_heat": 1100.0}
STEEL = {"conductivity": 27.0, "density": 7700.0, "specific_heat": 520.0}
MM = 1e-3
CELLS = 60


def curve(values) -> HeatCurve:
    return HeatCurve.constant(
        conductivity=values["conductivity"], density=values["density"], specific_heat=values["specific_heat"]
    )


def bar(*, axis: int = 2, die_high: bool = True, contact=H, turn: bool = False) -> HeatProblem:
    """Return a bar along an axis: metal in one half, steel in the other, insulated around."""
    shape = [3, 3, 3]
    shape[axis] = 2 * CELLS
    region = np.zeros(shape, np.uint8)
    half = [slice(None)] * 3
    half[axis] = slice(CELLS, None) if die_high else slice(0, CELLS)
    region[tuple(half)] = 1
    grid = Grid.regular(*(np.arange(n + 1) * MM for n in shape), region=region, names=("metal", "mould"))
    return HeatProblem(grid, [curve(METAL), curve(STEEL)], Faces(contacts={(0, 1): contact}), turn=turn)


def exact_surface(time):
    exact = ContactingHalfSpaces(a=Phase(**METAL), b=Phase(**STEEL), a_initial=HOT, b_initial=COLD, htc=H)
    return float(exact.temperature(0.0, time, side="b"))


@pytest.mark.parametrize(("axis", "die_high", "turn"), [(2, True, False), (2, False, False), (0, True, True), (1, False, True)])
def test_the_surface_is_that_of_two_half_spaces_in_contact(axis, die_high, turn):
    problem = bar(axis=axis, die_high=die_high, turn=turn)
    surface = DieSurface.of(problem, [1])
    assert len(surface.voxel) == 9
    where = np.zeros(problem.grid.shape, bool)
    where.reshape(-1)[surface.voxel] = True
    beside = [slice(None)] * 3
    beside[axis] = CELLS if die_high else CELLS - 1
    assert where[tuple(beside)].all() and where.sum() == 9
    for time in (0.5, 4.0):
        run = problem.run([HOT, COLD], until=time, theta=0.05)
        found = surface.temperature(run)
        assert found == pytest.approx(exact_surface(time), abs=0.004 * (HOT - COLD))
        # The voxel behind it is farther from the metal: half a voxel matters here.
        voxel = float(run.temperature.reshape(-1)[surface.voxel[0]])
        assert exact_surface(time) - voxel > 4.0


def test_a_contact_known_by_the_temperature_of_the_die_is_read_at_the_die():
    """A coefficient that falls with the die's temperature: the flux at the face must be that of the sweep's own table."""
    law = Interface("spray", "die", htc=((400.0, 8000.0), (900.0, 500.0)), over="temperature")
    problem = bar(contact=Contact(law, of_second=True))
    run = problem.run([HOT, COLD], until=2.0)
    (surface,) = set(np.round(DieSurface.of(problem, [1]).temperature(run), 9))
    T = run.temperature[1, 1]
    metal, die = float(T[CELLS - 1]), float(T[CELLS])
    h = float(np.interp(die, [400.0, 900.0], [8000.0, 500.0]))
    flux = (metal - die) / (0.5 * MM / 100.0 + 1.0 / h + 0.5 * MM / 27.0)
    # The table of the sweep is linear in the resistance between 257 samples.
    assert surface == pytest.approx(die + flux * 0.5 * MM / 27.0, abs=2e-3)


def test_a_record_keeps_the_extremes_and_the_ends():
    closed = bar()
    record = SurfaceRecord([1], 2)
    run = closed.run([HOT, COLD], until=2.0, checkpoint=lambda r: record.note("dwell", r))
    end = float(record.ends["dwell"][4])
    assert end == pytest.approx(exact_surface(2.0), rel=0.01)
    still = HeatProblem(closed.grid, closed.materials, Faces(z_low=Side.convective(10.0, 300.0), contacts={(0, 1): math.inf}))
    cooled = np.where(closed.grid.region == 0, 300.0, run.temperature)
    still.run(cooled, until=3.0, checkpoint=lambda r: record.note("eject", r))
    assert record.highest[4] == pytest.approx(end, abs=1e-9)
    assert record.lowest[4] < COLD - 50.0
    fields = record.fields(closed.grid.shape)
    assert set(fields) == {f"die_surface_{n}" for n in ("before_pour", "after_eject", "peak", "range")}
    seen = np.isfinite(fields["die_surface_range"])
    assert seen.sum() == 9 and seen[:, :, CELLS].all()
    swing = fields["die_surface_peak"] - fields["die_surface_range"]
    assert float(np.nanmin(swing)) == pytest.approx(float(record.lowest.min()), abs=1e-3)
