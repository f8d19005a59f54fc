"""A6 steady, A7, A11 and A13: aligned grids in two and three dimensions."""

from __future__ import annotations

import pytest
from cases import blocks
from cases.report import assert_passes


@pytest.mark.parametrize("htc", [500.0, 5000.0])
def test_robin_block(htc):
    assert_passes(blocks.robin_block(htc))


def test_corner():
    assert_passes(blocks.corner(50))


@pytest.mark.slow
def test_corner_at_full_resolution():
    assert_passes(blocks.corner(100))


def test_steady_contacts():
    assert_passes(blocks.steady_contacts())


def test_order_in_space():
    assert_passes(blocks.order_in_space((8, 16, 32)))


@pytest.mark.parametrize("scheme", ["euler", "rkl1", "rkl2"])
def test_order_in_time(scheme):
    assert_passes(blocks.order_in_time(scheme))
