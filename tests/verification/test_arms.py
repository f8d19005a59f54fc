"""Heat along thin oblique arms."""

from __future__ import annotations

import numpy as np
import pytest
from cases import arms
from cases.report import assert_fails, assert_passes
from cases.stock import AL_SOLID

from castsolve.simulation import sweep_arrays


@pytest.mark.parametrize("seed", range(8))
def test_arm_of_six_voxels(seed):
    assert_passes(arms.oblique_arm(across=6.0, seed=seed))


@pytest.mark.parametrize("seed", range(2))
def test_arm_of_four_voxels(seed):
    assert_passes(arms.oblique_arm(across=4.0, seed=seed, gate=0.05))


@pytest.mark.slow
@pytest.mark.parametrize("across", [4.0, 6.0, 8.0])
@pytest.mark.parametrize("seed", range(8, 24))
def test_many_arms(across, seed):
    assert_passes(arms.oblique_arm(across=across, seed=seed, gate=0.05 if across < 6.0 else 0.03))


@pytest.mark.parametrize("seed", range(2))
def test_oblique_arm_in_its_own_material(seed):
    assert_passes(arms.oblique_arm(seed=seed, around=AL_SOLID, tell=" in its own material, parted by a contact"))


def test_faces_alone_conduct_too_little(monkeypatch):
    """Without the links over the edges of the stair."""
    none = np.zeros(0, np.int64)
    monkeypatch.setattr(sweep_arrays, "edge_links", lambda *a: (none, none, np.zeros(0)))
    for seed in range(2):
        outcome = arms.oblique_arm(across=6.0, seed=seed)
        assert_fails(outcome)
        assert outcome.checks[0].error < -0.08
