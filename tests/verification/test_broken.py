"""The checks can fail: each wrong version of the method, made by altered input arrays, misses its gate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from cases import bench, cut_faces, half_space, plates
from cases.report import assert_fails, assert_passes

from castsolve.geometry import Grid
from castsolve.simulation import Contact, rkl
from castsolve.units import degC

CUBE = {"shape": "cube", "biot": 0.3, "seed": 1}


def test_the_unbroken_versions_pass():
    assert_passes(cut_faces.turned_block(**CUBE))
    assert_passes(cut_faces.heat_by_direction(ratio=8.0, seed=0))


def test_wall_area_of_the_plain_voxel_skin():
    assert_fails(cut_faces.turned_block(**CUBE, tamper=bench.plain_area))
    assert_fails(cut_faces.turned_block(**CUBE, tamper=bench.plain_skin))


def test_one_area_factor_for_the_whole_body():
    """The total heat would be right; where it leaves is not."""
    assert_fails(cut_faces.heat_by_direction(ratio=8.0, seed=0, tamper=bench.scaled_skin))


def test_volume_factor_of_one():
    """The plain voxels of a turned cube hold more or less metal than it has, and cool accordingly."""
    assert_passes(cut_faces.turned_block("cube", biot=0.1, seed=2))
    assert_fails(cut_faces.turned_block("cube", biot=0.1, seed=2, tamper=bench.plain_volumes))


def test_half_voxel_distances():
    """In perfect contact the distances of the centres carry the whole resistance."""
    assert_passes(cut_faces.sphere_in_equal_medium(seed=1))
    assert_fails(cut_faces.sphere_in_equal_medium(seed=1, tamper=bench.half_voxels))


def test_conductance_of_one_side_only():
    grid = bench.one_sided(plates.plate_grid(plates.R1, coarser=4.0))
    assert_fails(_plate_times(grid))


def test_conductivity_averaged_instead_of_in_series():
    alter = bench.mean_conductivity(plates.R1.alloy.k_solid, plates.R1.mould.conductivity)
    assert_fails(_plate_times(alter(plates.plate_grid(plates.R1, coarser=4.0))))


def test_latent_heat_two_percent_low():
    assert_fails(_plate_times(plates.plate_grid(plates.R1), latent_factor=0.98))


def _plate_times(grid: Grid, *, latent_factor: float = 1.0):
    from cases.report import Check, Outcome

    case = plates.R1
    done = plates.solve_plate(case, grid=grid, latent_factor=latent_factor)[1]
    found = float(bench.row(done.crossing("solidus"))[0])
    check = Check("solidification time of the centre (s)", case.solid, found, 0.01)
    return Outcome("R1", "", (check,))


def test_unbroken_plate_passes():
    assert_passes(_plate_times(plates.plate_grid(plates.R1)))


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_htc_doubled_on_a_tenth_of_the_faces(factor):
    """R2 ten voxels wide; behind one column the die is a region of its own with twice the coefficient."""
    case = plates.R2
    plain = plates.plate_grid(case, wide=10)
    region = plain.region.copy()
    doubled = np.zeros(region.shape, bool)
    doubled[0] = True
    region[doubled & (region == 1)] = 2
    grid = Grid.regular(plain.x, plain.y, plain.z, region=region, names=("metal", "die", "doubled"))
    faces = replace(
        plates.plate_faces(case),
        contacts={(0, 1): Contact(case.htc), (0, 2): Contact(factor * case.htc), (1, 2): Contact(np.inf)},
    )
    done = bench.run(
        grid,
        [case.alloy.heat(), plates.curve(case.mould), plates.curve(case.mould)],
        faces,
        [degC(case.poured), degC(case.cold), degC(case.cold)],
        until=0.6,
        watch=bench.levels(liquidus=case.alloy.liquidus, solidus=case.alloy.solidus),
    )
    times = np.asarray(done.crossing("solidus"))[..., 0]
    wrong = abs(float(times.mean()) / case.solid - 1.0) > 0.01
    assert wrong == (factor > 1.0), f"mean solidification time {times.mean():.4f} s, reference {case.solid} s"


def test_stage_coefficients_of_two_more_stages(monkeypatch):
    """A step of s stages marched with the coefficients of s + 2 ends too early: heat leaves too slowly."""
    right = rkl.Scheme.coefficients

    def wrong(self, stages):
        return right(self, stages + 2) if self.name == "rkl2" else right(self, stages)

    assert_passes(plates.plate("R2", coarser=1.0))
    monkeypatch.setattr(rkl.Scheme, "coefficients", wrong)
    assert_fails(plates.plate("R2", coarser=1.0))


def test_gradient_across_the_interface():
    """Beside a die the gradient of metal voxels is exact within a tenth; a difference into the die is several times too large."""
    from castsolve.analytic import linear_alloy

    case = half_space.A356
    half = linear_alloy(**case.similar(), initial=degC(680.0), mould=half_space.H13, mould_initial=degC(150.0))
    voxel = 0.5e-3
    metal = np.linspace(0.0, 0.15, round(0.15 / voxel) + 1)
    grid, x = half_space.mould_line(metal, bench.spaced(0.1, 0.25e-3, 1.03, 2e-3))
    done = bench.run(
        grid,
        [case.heat(), half_space.curve(half_space.H13)],
        bench.sides(contacts=bench.touching(np.inf)),
        [degC(680.0), degC(150.0)],
        until=4.0,
        watch=half_space.niyama_levels(case.solidus, case.liquidus),
        record=(0.5,),
        theta=0.05,
    )
    wall = int(np.flatnonzero(np.diff(bench.row(grid.region)))[0])
    T = bench.row(done.snapshots[0.5])
    z = grid.centres(2)
    exact = abs(float(np.gradient(half.temperature(x, 0.5), z)[wall - 3]))
    inside = (T[wall - 1] - T[wall]) / (z[wall] - z[wall - 1])
    across = (T[wall - 1] - T[wall + 1]) / (z[wall + 1] - z[wall - 1])
    recorded = bench.row(done.gradient("niyama"))[wall]
    slope = float(half.gradient(case.solidus + 5.4, float(bench.row(done.crossing("niyama"))[wall])))
    assert recorded == pytest.approx(slope, rel=0.35)
    assert inside == pytest.approx(exact, rel=0.35)
    assert across > 1.35 * exact
