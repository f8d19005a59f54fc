"""Hundreds of case files spoilt at random: each is a sane case, or is refused with key and reason.

Thousands: pytest -m slow tests/casting/test_case_fuzz.py
"""

from __future__ import annotations

from collections import Counter

import pytest
from mutating import GOOD, judged, parse_case


@pytest.mark.parametrize("name", sorted(GOOD))
def test_what_is_spoilt_was_sound(name: str) -> None:
    case = parse_case(GOOD[name])
    assert case.casting.layout(case.run.voxel).bodies


@pytest.mark.parametrize("block", range(6))
def test_spoilt_case_files_are_sane_or_refused(block: int) -> None:
    ends = Counter(judged(seed) for seed in range(50 * block, 50 * block + 50))
    assert ends["refused"] >= 20 and ends["laid out"] >= 1


@pytest.mark.slow
@pytest.mark.parametrize("block", range(40))
def test_thousands_of_spoilt_case_files(block: int) -> None:
    ends = Counter(judged(seed) for seed in range(10_000 + 100 * block, 10_100 + 100 * block))
    assert ends["refused"] >= 40
