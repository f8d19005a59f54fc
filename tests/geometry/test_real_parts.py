"""Real files, where they are present: volumes as measured elsewhere, broken ones refused or mended, never a crash."""

from __future__ import annotations

from pathlib import Path

import pytest

from castsolve.errors import GeometryError
from castsolve.geometry import Part

# Volume in mm3, number of triangles, box in mm.
GOOD = {
    "ww_valve_body.STL": ("mm", 7.022e6, 56710, (350, 276, 295)),
    "ww_bearing_block.stl": ("mm", 4.739e6, 1604, (450, 150, 140)),
    "ww_ring.stl": ("mm", 7.987e4, 7074, (100, 100, 20)),
    "knuckle_917_fusee.mm.stl": ("mm", 4.409e5, 17388, (293, 280, 146)),
    "pump_housing_918.mm.stl": ("mm", 2.272e6, 20772, (356, 250, 74)),
    "broken/trimesh_featuretype.STL": ("inch", 1.907e5, 3476, (127, 63.5, 34.9)),
    "idler_riser_inch.stl": ("inch", 1.488 * 25.4**3, 1572, (67.6, 74.9, 16)),
}
LEAKING = ["igl_truck.obj", "trimesh_soup.stl", "trimesh_teapot.stl"]
@pytest.mark.parametrize("name", GOOD)
def test_volumes_and_boxes_are_those_measured_elsewhere(geometry: Path, name: str) -> None:
    unit, volume, triangles, box = GOOD[name]
    part = Part.read(geometry / name, unit=unit)
    assert part.volume * 1e9 == pytest.approx(volume, rel=1e-3)
    assert len(part.surface.triangles) == triangles
    assert tuple(part.size * 1e3) == pytest.approx(box, rel=0.005, abs=0.6)


def test_files_with_rounding_cracks_are_joined_and_told(geometry: Path) -> None:
    part = Part.read(geometry / "idler_riser_inch.stl", unit="inch")
    assert part.notes == ("21 points closer than 0.075 um to another were joined",)


@pytest.mark.parametrize("name", LEAKING)
def test_leaking_files_are_refused_with_the_place(geometry: Path, name: str) -> None:
    with pytest.raises(GeometryError, match=r"is not closed: \d+ .* in \d+ places; the worst is .* near x, y, z ="):
        Part.read(geometry / "broken" / name, unit="mm")


def test_a_deck_of_bulk_cards_is_read(geometry: Path) -> None:
    part = Part.read(geometry / "broken" / "g.bdf", unit="mm")
    assert part.volume * 1e9 == pytest.approx(6404, rel=1e-3)
    assert "the skin of 4282 volume cells was taken" in part.notes


def test_a_mesh_of_another_century_is_refused(geometry: Path) -> None:
    with pytest.raises(GeometryError, match="format 1 of before 2004"):
        Part.read(geometry / "broken" / "gmsh_takeit_sur.msh", unit="mm")


def test_two_bodies_with_mixed_facings_are_agreed(geometry: Path) -> None:
    part = Part.read(geometry / "broken" / "trimesh_multibody.stl", unit="m")
    assert part.volume == pytest.approx(7.423e-3, rel=1e-3)
    assert "6 triangles that faced the other way than their neighbours were turned" in part.notes


@pytest.mark.parametrize(("name", "volume"), [("featuretype_inch.step", 190.53), ("pump_housing_918.stp", 2271.8)])
def test_cad_is_read_in_its_own_unit_and_holds_its_volume(geometry: Path, name: str, volume: float) -> None:
    pytest.importorskip("gmsh")
    part = Part.read(geometry / name)
    assert part.volume * 1e6 == pytest.approx(volume, rel=2e-3)
    assert f"CAD volume {volume:.5g} cm3, the triangles hold " in part.notes[0]


def test_every_file_is_read_or_refused_in_one_sentence(geometry: Path) -> None:
    refusals = []
    for file in sorted(geometry.rglob("*")):
        if file.is_file():
            try:
                assert Part.read(file, unit="mm").volume > 0.0
            except GeometryError as error:
                refusals.append(str(error))
    assert [text for text in refusals if "\n" in text] == []


def test_the_wrong_unit_of_a_real_valve_is_noticed(geometry: Path) -> None:
    with pytest.raises(GeometryError, match=r'the part is 350 m long .* did you mean unit="mm"'):
        Part.read(geometry / "ww_valve_body.STL", unit="m")


def test_the_top_of_the_valve_is_the_middle_of_its_bonnet_flange(geometry: Path) -> None:
    top = Part.read(geometry / "ww_valve_body.STL", unit="mm").top
    assert tuple(top.point) == pytest.approx((0, 0, 0.17), abs=1e-6)
    assert tuple(top.normal) == pytest.approx((0, 0, 1))
