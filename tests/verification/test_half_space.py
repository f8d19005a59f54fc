"""A1 to A6: half spaces against similarity solutions."""

from __future__ import annotations

import pytest
from cases import half_space
from cases.report import assert_passes


@pytest.mark.parametrize(("initial", "cells"), [(700.0, 100), (660.3, 100), (700.0, 200)])
def test_neumann_wall(initial, cells):
    assert_passes(half_space.neumann_wall(initial_C=initial, cells=cells))


@pytest.mark.parametrize("axis", [0, 1])
def test_neumann_wall_along_the_other_axes(axis):
    assert_passes(half_space.neumann_wall(axis=axis))


@pytest.mark.parametrize("axis", [0, 2])
def test_neumann_wall_while_the_front_crosses_a_voxel(axis):
    assert_passes(half_space.neumann_transit(axis=axis))


@pytest.mark.parametrize("mould", ["sand", "H13"])
def test_schwarz_mould(mould):
    assert_passes(half_space.schwarz_mould(mould))


def test_alloy_wall():
    assert_passes(half_space.alloy_wall())


def test_alloy_wall_is_of_second_order():
    assert_passes(half_space.alloy_wall_order())


@pytest.mark.parametrize("case", ["A3b", "A3c", "A3d"])
def test_alloy_mould(case):
    assert_passes(half_space.alloy_mould(case))


@pytest.mark.parametrize("case", ["A3c", "A3d"])
def test_alloy_solidus_near_the_mould(case):
    assert_passes(half_space.alloy_solidus(case))


def test_scheil_wall():
    assert_passes(half_space.scheil_wall())


@pytest.mark.parametrize(("case", "scheme"), [("A3a", "euler"), ("A3a", "rkl2"), ("A3c", "rkl2")])
def test_niyama_is_uniform(case, scheme):
    assert_passes(half_space.niyama_uniform(case, scheme=scheme))


def test_niyama_is_uniform_with_the_usual_steps():
    assert_passes(half_space.niyama_uniform("A3a", theta=0.1))


@pytest.mark.parametrize("axis", [0, 2])
def test_contact_pair(axis):
    assert_passes(half_space.contact_pair(axis=axis))
