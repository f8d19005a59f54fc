"""A8: plates in sand and in a die, and the error in time alone."""

from __future__ import annotations

import pytest
from cases import plates
from cases.report import assert_passes


@pytest.mark.parametrize("name", ["R1", "R2", "R4"])
def test_plate(name):
    assert_passes(plates.plate(name))


def test_plate_along_x():
    assert_passes(plates.plate("R2", axis=0))


@pytest.mark.parametrize("name", ["R2", "R4"])
def test_error_in_time(name):
    assert_passes(plates.time_error(name))


def test_error_in_time_of_r1_on_coarser_voxels():
    assert_passes(plates.time_error("R1", coarser=2.0))


@pytest.mark.slow
def test_error_in_time_of_r1():
    assert_passes(plates.time_error("R1"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["R1", "R2", "R4"])
def test_error_in_time_of_the_lean_scheme(name):
    assert_passes(plates.time_error(name, scheme="rkl1", theta=0.025))


def test_error_in_time_beside_die_chill_and_sand():
    assert_passes(plates.time_error_3d())
