"""A part looked at before anything is designed."""

from __future__ import annotations

import numpy as np
import pytest

import castsolve as cs
from castsolve.casting import SandCasting
from castsolve.errors import InputError
from castsolve.feeding import inspect
from castsolve.feeding.quick_voxel import quick_voxel
from castsolve.simulation import voxel_count
from castsolve.units import mm


@pytest.fixture(scope="module")
def step():
    """Return an inspected bracket: a plate of 10 mm with a block of 30 mm at its end."""
    plate = cs.Part.box((120 * mm, 60 * mm, 10 * mm), corner=(0.0, 0.0, 0.0))
    block = cs.Part.box((30 * mm, 60 * mm, 30 * mm), corner=(110 * mm, 0.0, 0.0))
    joined = cs.geometry.Surface.joined([plate.surface, block.surface])
    return inspect(cs.Part(joined, name="bracket"), "A356")


def test_a_plate_is_as_thick_as_it_is():
    plate = cs.Part.box((80 * mm, 60 * mm, 8 * mm))
    found = inspect(plate, "A356")
    assert found.volume == pytest.approx(80 * 60 * 8e-9)
    assert found.weight == pytest.approx(found.volume * 2650.0, rel=0.03)
    assert found.casting_modulus == pytest.approx(plate.volume / plate.area)
    # Balls that fit into it: its edges hold smaller ones, its middle one of 8 mm.
    assert found.walls.share(0.5) == pytest.approx(8 * mm, rel=0.05)
    assert found.walls.share(0.98) <= 8.5 * mm
    # It freezes in the middle, and no direction is better than another.
    assert np.abs(np.array(found.hot_spots.latest.place[:2])).max() < 20 * mm
    assert found.up == "+z"


def test_the_thick_end_is_found(step):
    assert step.walls.share(0.98) > 20 * mm
    assert step.hot_spots.latest.place[0] > 100 * mm
    assert any(section.place[0] > 100 * mm for section in step.thick)
    assert step.thermal_modulus > 5 * mm
    # The thick end freezes last: it should lie on top.
    assert step.up == "+x"


def test_a_cube_has_one_hot_spot():
    """In A356, whose last eutectic freezes at one temperature, times scatter from voxel to voxel; that makes no hot spots."""
    found = inspect(cs.Part.box(50 * mm), "A356", threads=1)
    assert len(found.hot_spots) == 1
    assert np.abs(found.hot_spots.latest.place).max() < 5 * mm
    assert "+z, as drawn, for no direction is clearly better" in str(found)


def test_it_says_what_a_run_takes(step):
    text = str(step)
    for word in ("bracket", "A356 in green-sand", "cm3", "kg", "modulus, geometric", "walls", "hot spot 1", "voxel", "memory"):
        assert word in text, text
    assert 1 * mm < step.voxel < 6 * mm
    share, ends = step.walls.histogram()
    assert share.sum() == pytest.approx(1.0)
    assert len(ends) == len(share) + 1


def test_a_tiny_part_takes_no_more_sweeps_and_voxels_than_others():
    """An edge of 0.2 mm, as of a part in metres that is read in mm; 40 mm of sand around it were thousands of voxels."""
    found = inspect(cs.Part.box((0.2 * mm, 0.2 * mm, 0.05 * mm), name="chip"), "A356", threads=1)
    clock = found.result.facts["clock"]
    # Twice those of a cube of 10 mm: sweeps go by the root of the explicit steps, which are a million in place of a quarter.
    assert clock["stages"] < 12_000
    assert clock["end_time"] / clock["explicit_step"] < 1.5e6
    assert np.prod(found.result.frame.shape) < 1e6
    assert "chip is 0.2 mm long, where castings are 10 mm to 20 m; check its lengths" in str(found)
    assert not any("heat reaches" in text for text in found.result.warnings)


@pytest.mark.parametrize("edge", [50.0, 10.0, 3.0, 1.0, 0.1])
def test_the_quick_grid_keeps_its_number_of_voxels_at_any_size(edge):
    part = cs.Part.box(edge * mm)
    casting = SandCasting(part, alloy="A356", mould="green-sand", pour_temperature="720 degC")
    voxel = quick_voxel(casting, cs.geometry.wall_thickness(part.surface))
    layout = casting.layout(voxel)
    assert 2e4 < voxel_count(layout.box, layout.fine_box, voxel) < 6e5
    if edge >= 10.0:
        # Parts of the sizes that castings have get what their boxes ask for.
        assert voxel == pytest.approx(edge * mm / 6e4 ** (1.0 / 3.0))


def test_refusals():
    with pytest.raises(InputError, match=r"a Part is inspected, not str; read one with Part\.read"):
        inspect("valve.stl", "A356")
    with pytest.raises(cs.CastsolveError, match="no alloy named"):
        inspect(cs.Part.box(20 * mm), "A365")
