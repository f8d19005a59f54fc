"""The solver against an independent one of plain NumPy: same physics, two ways."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from cases.stock import A356, COPPER, H13, SAND, curve
from cases.twin import brick, march

from castsolve.geometry import Grid
from castsolve.simulation import Contact, Faces, HeatProblem, Level, Watch
from castsolve.simulation.wall_depth import depths_of_means
from castsolve.units import degC


@pytest.mark.parametrize("seed", [0, 1])
def test_explicit_steps_agree_with_the_twin(seed):
    """Metal, die, chill and sand scattered at random on uneven voxels, every pair with its own contact."""
    rng = np.random.default_rng(seed)
    shape = (5, 6, 7)
    nodes = [np.concatenate([[0.0], np.cumsum(rng.uniform(0.8e-3, 2e-3, n))]) for n in shape]
    region = rng.integers(0, 4, shape).astype(np.uint8)
    materials = [A356.heat(), curve(H13), curve(COPPER), curve(SAND)]
    htc = {(0, 1): 5000.0, (0, 2): math.inf, (0, 3): 800.0, (1, 2): 3000.0, (1, 3): 500.0, (2, 3): math.inf}
    initial = [degC(680.0), degC(200.0), degC(25.0), degC(25.0)]
    level = float(materials[0].at_temperature(A356.solidus))
    grid = Grid.regular(*nodes, region=region, names=("metal", "die", "chill", "sand"))
    faces = Faces(contacts={pair: Contact(value) for pair, value in htc.items()})
    problem = HeatProblem(grid, materials, faces, watch=Watch(levels=(Level("solidus", enthalpy=level),)))
    until = 3.0
    found = problem.run(initial, until=until, scheme="rkl2", theta=0.02)
    network = brick(nodes, region)
    # Where the mean of a metal voxel stands is proved elsewhere; here both march with the same distances.
    low, high = depths_of_means(grid, network.a, network.b, network.low, network.high, [True] * 6)
    network = replace(network, low=low, high=high)
    T, crossing = march(network, materials, htc, initial, until=until, safety=0.2, levels=[(0, level)])
    assert np.abs(found.temperature - T).max() < 0.25
    metal = region == 0
    mine, other = found.crossing("solidus")[metal], crossing[0][metal]
    assert (np.isfinite(mine) == np.isfinite(other)).mean() > 0.98
    both = np.isfinite(mine) & np.isfinite(other)
    assert both.any()
    assert np.abs(mine - other)[both] == pytest.approx(0.0, abs=0.02 * until)
