"""Cut faces: turned cubes and plates, spheres, cylinders and tilted slabs, against what they are unturned."""

from __future__ import annotations

import pytest
from cases import cut_faces
from cases.report import assert_passes

# A turned cube of 8 voxels meets 1 % and a turned plate of 3 voxels 3 % up to Biot 1.
GATE = {"cube": 0.01, "plate": 0.03}


@pytest.mark.parametrize("biot", [0.1, 0.2, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_turned_cube(biot, seed):
    assert_passes(cut_faces.turned_block("cube", biot=biot, seed=seed))


@pytest.mark.parametrize("biot", [0.1, 0.2, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_turned_plate(biot, seed):
    assert_passes(cut_faces.turned_block("plate", biot=biot, seed=seed))


@pytest.mark.parametrize("shape", ["cube", "plate"])
def test_turning_costs_nothing_at_biot_one(shape):
    unturned = cut_faces.aligned_block(shape, 1.0)
    for seed in range(3):
        error = cut_faces.turned_block(shape, biot=1.0, seed=seed).checks[0].error
        assert abs(error) <= abs(unturned) + GATE[shape], f"turned {error:+.4f}, unturned {unturned:+.4f}"


@pytest.mark.slow
@pytest.mark.parametrize("biot", [0.1, 0.3, 1.0])
@pytest.mark.parametrize("shape", ["cube", "plate"])
@pytest.mark.parametrize("seed", range(4, 28))
def test_many_turned_blocks(shape, biot, seed):
    assert_passes(cut_faces.turned_block(shape, biot=biot, seed=seed))


@pytest.mark.parametrize("ratio", [5.0, 8.0, 15.0])
@pytest.mark.parametrize("shape", ["sphere", "cylinder"])
def test_round_body_in_a_bath(shape, ratio):
    assert_passes(cut_faces.round_in_bath(shape, ratio=ratio, seed=int(ratio)))


@pytest.mark.slow
@pytest.mark.parametrize("ratio", [5.0, 8.0, 12.0, 15.0, 20.0, 30.0])
@pytest.mark.parametrize("shape", ["sphere", "cylinder"])
@pytest.mark.parametrize("seed", range(8))
def test_many_round_bodies_in_a_bath(shape, ratio, seed):
    assert_passes(cut_faces.round_in_bath(shape, ratio=ratio, seed=100 + seed))


@pytest.mark.parametrize("correction", [False, True])
@pytest.mark.parametrize("shape", ["sphere", "cylinder"])
def test_round_casting_in_sand(shape, correction):
    assert_passes(cut_faces.round_in_sand(shape, ratio=15.0, seed=1, correction=correction))


@pytest.mark.slow
@pytest.mark.parametrize("correction", [False, True])
@pytest.mark.parametrize("ratio", [15.0, 20.0, 30.0])
@pytest.mark.parametrize("shape", ["sphere", "cylinder"])
@pytest.mark.parametrize("seed", range(8))
def test_many_round_castings_in_sand(shape, ratio, seed, correction):
    """At 30 voxels a radius in half the usual steps, which are by themselves 0.7 % late in the last voxel."""
    steps = {"theta": 0.05} if ratio == 30.0 else {}
    assert_passes(cut_faces.round_in_sand(shape, ratio=ratio, seed=200 + seed, correction=correction, **steps))


@pytest.mark.parametrize("correction", [False, True])
def test_askew_cylinder_in_sand(correction):
    assert_passes(cut_faces.askew_cylinder_in_sand(ratio=10.0, seed=400, correction=correction))


@pytest.mark.slow
@pytest.mark.parametrize("correction", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_many_askew_cylinders_in_sand(seed, correction):
    assert_passes(cut_faces.askew_cylinder_in_sand(seed=400 + seed, correction=correction))


@pytest.mark.slow
def test_the_twin_finds_the_time_of_a_cylinder_as_long_as_wide():
    assert cut_faces.short_cylinder((2e-3, 1.5e-3)) == pytest.approx(cut_faces.AS_LONG_AS_WIDE, rel=2e-3)


@pytest.mark.parametrize("correction", [False, True])
def test_long_askew_cylinder_in_sand(correction):
    assert_passes(cut_faces.long_askew_cylinder_in_sand(ratio=8.0, correction=correction))


@pytest.mark.slow
@pytest.mark.parametrize("ratio", [8.0, 12.0])
@pytest.mark.parametrize("tilt", [0.0, 5.0, 10.0, 17.0, 30.0, 45.0])
def test_many_long_askew_cylinders_in_sand(tilt, ratio):
    assert_passes(cut_faces.long_askew_cylinder_in_sand(tilt=tilt, ratio=ratio, seed=int(tilt)))


@pytest.mark.parametrize("seed", range(3))
def test_sphere_in_its_own_material(seed):
    assert_passes(cut_faces.sphere_in_equal_medium(seed=seed))


@pytest.mark.parametrize("seed", range(2))
def test_heat_by_direction(seed):
    assert_passes(cut_faces.heat_by_direction(ratio=8.0, seed=seed))


@pytest.mark.slow
@pytest.mark.parametrize("ratio", [5.0, 8.0, 15.0])
@pytest.mark.parametrize("seed", range(8))
def test_heat_by_direction_at_many_places(ratio, seed):
    assert_passes(cut_faces.heat_by_direction(ratio=ratio, seed=300 + seed))


@pytest.mark.parametrize("tilt", ["0", "17", "45"])
def test_tilted_slab(tilt):
    assert_passes(cut_faces.tilted_slab(tilt))


def test_slab_along_the_space_diagonal():
    assert_passes(cut_faces.tilted_slab("111", voxel=4e-3, problem={"dtype": "float32"}))


@pytest.mark.slow
def test_slab_along_the_space_diagonal_on_finer_voxels():
    assert_passes(cut_faces.tilted_slab("111", voxel=2.5e-3, half_length=0.28, problem={"dtype": "float32"}))
