"""Peaks, passes and islands of small fields, by hand and against sinking a water level through random ones."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from castsolve.defects import merge_tree
from castsolve.errors import InputError


def line(*values: float) -> np.ndarray:
    return np.array(values, dtype=float).reshape(-1, 1, 1)


def test_two_peaks_on_a_line():
    tree = merge_tree(line(1, 5, 3, 2, 7, 4))
    assert tree.height[tree.peak].tolist() == [7, 5]
    assert tree.index[tree.peak, 0].tolist() == [4, 1]
    height, row = tree.passes()
    assert height.tolist() == [-np.inf, 2]
    assert tree.index[tree.join_voxel[row[1]], 0].tolist() == [2, 3]


def test_what_is_not_connected_never_joins():
    height, _ = merge_tree(line(1, 5, np.nan, 2, 7, 4)).passes()
    assert height.tolist() == [-np.inf, -np.inf]


def test_a_corner_joins_only_with_26_neighbours():
    field = np.full((2, 2, 2), np.nan)
    field[0, 0, 0], field[1, 1, 1] = 1.0, 2.0
    assert merge_tree(field).peak.size == 1
    assert merge_tree(field, neighbours=6).peak.size == 2


def test_a_plateau_has_no_prominence():
    tree = merge_tree(np.full((4, 5, 6), 3.0))
    height, _ = tree.passes()
    assert set((tree.height[tree.peak] - height).tolist()) <= {np.inf, 0.0}


def test_a_pass_is_the_level_at_which_islands_join():
    """The merge tree of noise must tell the number of islands above every level, as labelling does."""
    field = np.random.default_rng(3).random((9, 8, 7))
    field[field < 0.1] = np.nan
    for neighbours, structure in ((6, None), (26, np.ones((3, 3, 3)))):
        tree = merge_tree(field, neighbours=neighbours)
        height, _ = tree.passes()
        top = tree.height[tree.peak]
        for level in np.linspace(0.1, 0.999, 37):
            _, islands = ndimage.label(field >= level, structure=structure)
            assert int(((top >= level) & (height < level)).sum()) == islands


def test_an_island_is_what_hangs_together():
    field = np.random.default_rng(4).random((9, 8, 7))
    tree = merge_tree(field)
    for basin in (0, 3, tree.peak.size - 1):
        level = 0.8 * float(tree.height[tree.peak[basin]])
        label, _ = ndimage.label(field >= level, structure=np.ones((3, 3, 3)))
        wanted = np.argwhere(label == label[tuple(tree.index[tree.peak[basin]])])
        assert np.array_equal(tree.index[tree.island(basin, level)], wanted)


def test_nothing_has_no_peak():
    tree = merge_tree(np.full((3, 3, 3), np.nan))
    assert tree.peak.size == 0
    assert len(tree.joins) == 0


@pytest.mark.parametrize(
    ("field", "options", "word"),
    [
        (np.zeros((3, 3)), {}, "2 axes"),
        (np.zeros((3, 3, 3)), {"neighbours": 18}, "neighbours = 18"),
        (np.full((3, 3, 3), np.inf), {}, "finite"),
    ],
)
def test_what_cannot_be_read_is_refused(field, options, word):
    with pytest.raises(InputError, match=word):
        merge_tree(field, **options)
