"""Metal that would have to pull on a wall that lets air through leaves it; where it pushes nothing changes."""

from __future__ import annotations

import numpy as np
import pytest
from castings import plate, strip
from flow_cases import DOWN, WATER, G

import castsolve as cs
from castsolve.errors import InputError
from castsolve.simulation.flow_air import Air
from castsolve.simulation.flow_arrays import CAVITY, FEED, RESERVOIR, Cavity
from castsolve.simulation.flow_problem import FlowProblem, Port

# A gate opens into a flange that is 2 mm higher than it on either side, as that of the pump housing does (m; m/s).
GATE, FLANGE, SPEED = (0.00208, 0.01592), (0.0, 0.018), 1.5
HEIGHT = (GATE[1] - GATE[0]) / (FLANGE[1] - FLANGE[0])


def ledges(voxel, off, head, aspirates=True):
    """A stream fed through a gate into a flange that ends in metal under a `head` above its floor; the grid's first node lies `off`
    voxels below the flange. Returns the run, the pressure at the gate's roof in velocity heads, and how full the flange is."""
    edge = voxel * (np.arange(np.ceil(FLANGE[1] / voxel + off - 1e-9) + 1.0) - off)
    room = [np.clip((np.minimum(edge[1:], t) - np.maximum(edge[:-1], b)) / voxel, 0.0, 1.0) for b, t in (GATE, FLANGE)]
    inside = [((edge > b + 1e-9) & (edge < t - 1e-9)).astype(float) for b, t in (GATE, FLANGE)]
    along = np.r_[np.zeros(7, int), np.ones(16, int)]
    share = np.stack(room)[along][:, None, :]
    # The gate's mouth is as wide as the gate.
    faces = [np.stack(room)[np.r_[0, along]][:, None, :], np.zeros((23, 2, len(edge) - 1)), np.stack(inside)[along][:, None, :]]
    kind = np.where(share > 0.0, CAVITY, 0)
    kind[0], kind[-1] = np.where(kind[0], FEED, 0), np.where(kind[-1], RESERVOIR, 0)
    ports = [Port(kind == FEED, flow=SPEED * (GATE[1] - GATE[0]) * voxel), Port(kind == RESERVOIR, head=head)]
    cavity = Cavity.cut(share, faces, kind, voxel, origin=(0.0, 0.0, -off * voxel))
    problem = FlowProblem(cavity, WATER, gravity=DOWN, ports=ports, aspirates=aspirates)
    pressures, above = [], 1000.0 * G * (cavity.centres(2) - GATE[1])
    run = problem.run(
        np.where(kind == CAVITY, 1.0, 0.0), until=0.6,
        progress=lambda r: pressures.append((r.time, float(((r.pressure[2, 0] + above) * room[0]).sum() / room[0].sum()))),
    )  # fmt: skip
    late = np.array([p for t, p in pressures if t > 0.4]).mean() / (500.0 * SPEED**2)
    return run, late, run.volume[10:-1, 0].sum(axis=1) / room[1].sum()


@pytest.mark.parametrize(("voxel", "off"), [(0.006, 0.0), (0.006, 0.5), (0.007, 0.7), (0.01, 0.6), (0.0045, 0.0)])
def test_a_stream_that_leaves_its_gate_below_the_roof_stays_free(voxel, off):
    """Nothing behind holds it against the roof: it runs on as high as the gate, whose metal is at the pressure of the air."""
    run, pressure, full = ledges(voxel, off, 0.0)
    assert pressure == pytest.approx(0.0, abs=0.08)
    assert full.mean() == pytest.approx(HEIGHT, abs=0.06) and run.ledger.worst < 1e-12


@pytest.mark.parametrize(("voxel", "off"), [(0.006, 0.0), (0.007, 0.7)])
def test_without_it_the_stream_hangs_on_to_the_roof(voxel, off):
    """And gets back what Borda's law leaves it, by a pressure below that of the air."""
    _, pressure, full = ledges(voxel, off, 0.0, aspirates=False)
    assert pressure < -0.35 and full.min() > 0.999


@pytest.mark.parametrize(("voxel", "off"), [(0.006, 0.0), (0.007, 0.7)])
def test_metal_that_pushes_on_its_walls_knows_nothing_of_it(voxel, off):
    free, held = (ledges(voxel, off, 0.1, aspirates)[1] for aspirates in (True, False))
    assert free == pytest.approx(held, abs=1e-3) and free > 0.2


def test_liquid_at_rest_under_a_roof_stays_at_rest():
    fill = np.ones((12, 1, 8))
    kind = fill.astype(int)
    kind[0] = RESERVOIR
    fill[0] = 0.0
    problem = FlowProblem(
        Cavity.blocks(kind, 0.01), WATER, gravity=DOWN, ports=[Port(kind == RESERVOIR, head=0.1)], aspirates=True, divergence=1e-12
    )
    run = problem.run(fill, until=0.3)
    assert run.history["speed"][-1] < 1e-6 and run.fill[1:].min() > 1.0 - 1e-6


def test_it_takes_one_account_of_the_air():
    with pytest.raises(InputError, match="give one of the two"):
        FlowProblem(Cavity.blocks(np.ones((4, 1, 4)), 0.01), WATER, air=Air(), aspirates=True)


def test_a_mould_that_lets_no_air_through_has_none_to_let_in():
    with pytest.raises(InputError, match="no permeability"):
        cs.fill(strip(), voxel=0.003, aspiration=True)
    with pytest.raises(InputError, match="give one of the two"):
        cs.fill(plate(), voxel=0.005, aspiration=True, air=True)
