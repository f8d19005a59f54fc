"""One file a material: written and read back equal; and the errors of a user's file that count most."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from castsolve import materials
from castsolve.errors import MaterialError
from castsolve.materials import Alloy, MouldMaterial, PropertyTable
from castsolve.materials.exchange import text_of

DATA = files("castsolve.materials").joinpath("data")


@pytest.mark.parametrize("name", materials.names())
def test_every_material_is_written_and_read_back_equal(name: str, tmp_path: Path) -> None:
    material = materials.find(name)
    again = materials.read(materials.write(material, tmp_path / "one.toml"))
    assert type(again) is type(material)
    for label, value in material.properties().items():
        other = again.properties()[label]
        if isinstance(value, PropertyTable):
            assert isinstance(other, PropertyTable)
            assert (value.rows, value.units, value.kinks) == (other.rows, other.units, other.kinks), label
            assert (value.beyond_low, value.beyond_high, value.uncertainty) == (
                other.beyond_low, other.beyond_high, other.uncertainty,
            )  # fmt: skip
            assert (value.source, value.evidence, value.quality, value.note) == (
                other.source, other.evidence, other.quality, other.note,
            )  # fmt: skip
        else:
            assert value == other, label
    assert again.properties().keys() == material.properties().keys()
    assert (again.name, again.id, again.title, again.family, again.aliases, again.note) == (
        material.name, material.id, material.title, material.family, material.aliases, material.note,
    )  # fmt: skip
    assert {c.key: c.text for c in again.sources()} == {c.key: c.text for c in material.sources()}
    if isinstance(material, (Alloy, MouldMaterial)):
        assert isinstance(again, (Alloy, MouldMaterial))
        np.testing.assert_array_equal(again.heat.enthalpy, material.heat.enthalpy)
        np.testing.assert_array_equal(again.heat.conductivity, material.heat.conductivity)


def test_an_alloy_from_chemistry_is_written_and_read_back(tmp_path: Path) -> None:
    made = Alloy.from_composition("aluminium", {"Si": 7.2, "Mg": 0.3, "Fe": 0.15}, name='our "7"')
    again = materials.read(materials.write(made, tmp_path / "ours.toml"))
    assert again.name == 'our "7"'
    assert isinstance(again, Alloy)
    np.testing.assert_array_equal(again.heat.enthalpy, made.heat.enthalpy)
    assert {c.key for c in again.sources()} == {c.key for c in made.sources()}


def test_a_written_file_stands_alone_and_shows_degrees(tmp_path: Path) -> None:
    text = text_of(materials.alloy("A356"))
    data = tomllib.loads(text)
    assert data["liquidus"]["value"] == 614.9 and data["liquidus"]["unit"] == "degC"
    assert data["references"]["magnusson2001"].startswith("Magnusson, T.")
    assert data["fraction_solid"]["table"][0] == [614.9, 0.0, 0.0]


def test_files_are_complete_or_not_there(tmp_path: Path) -> None:
    alloy = materials.alloy("A356")
    with pytest.raises(MaterialError, match=r'cannot be written as "a356.txt"; end the name with .toml'):
        materials.write(alloy, tmp_path / "a356.txt")
    with pytest.raises(MaterialError, match="cannot be written: No such file"):
        materials.write(alloy, tmp_path / "absent" / "a356.toml")
    materials.write(alloy, tmp_path / "a356.toml")
    materials.write(alloy, tmp_path / "a356.toml")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a356.toml"]


def test_kind_of_a_file_decides(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('kind = "aloy"', encoding="utf-8")
    with pytest.raises(MaterialError, match=r'mine.toml: kind: no kind named "aloy"; nearest is "alloy"'):
        materials.read(path)
    path.write_text("", encoding="utf-8")
    with pytest.raises(MaterialError, match=r"mine.toml: kind: is missing"):
        materials.read(path)


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("a319.toml", "[25, 110]", "[25, -110]", "conductivity_solid: row 1: -110 W/m/K must be above 0"),
        ("gjl250.toml", "[500, 245.2]", "[500, 145.2]", "enthalpy_solid: row 6: enthalpy must rise with temperature"),
        ("steel_cf8.toml", "[1441.0, 0.25]", "[1441.0, 0.05]", "fraction solid must rise from 0 in the first row to 1"),
        ("steel_cf8.toml", 'source = "mills2002"\n', "", "latent_heat: source is missing"),
        ("gjl250.toml", 'value = 1.6\nunit = "%"', "value = 1.6", "graphite: unit is missing"),
        ("gjl250.toml", "value = 1.6\n", "value = 16.0\n", "graphite: value = 0.16 must lie in (0, 0.05)"),
        ("exothermic_sleeve.toml", "[120, 1.0]", "[120, 0.9]", "heat_release: the share of the heat must rise from 0"),
        ("exothermic_sleeve.toml", "[0, 0.0]", "[-10, 0.0]", "heat_release: the first time, -10 s, lies before the pour"),
        ("exothermic_sleeve.toml", "[exothermic_heat]", "[exothermic]", "heat_release: give exothermic_heat and heat_release"),
        ("chromite_sand.toml", "[25, 0.95]", "[25, 0.0]", "conductivity: row 1: 0 W/m/K must be above 0"),
        ("refractory_wash.toml", "value = 300.0", "value = -300.0", "thickness: value = -0.0003 m must lie in (0, 0.02)"),
        ("refractory_wash.toml", 'unit = "um"', 'unit = "mile"', 'thickness: unit = "mile" does not fit; write "m"'),
    ],
)
def test_a_bad_file_is_refused_with_file_key_and_reason(tmp_path: Path, file: str, old: str, new: str, reason: str) -> None:
    text = DATA.joinpath(file).read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / file
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(MaterialError, match=re.escape(reason)) as caught:
        materials.read(path)
    assert all(line.startswith(str(path)) for line in str(caught.value).splitlines())
