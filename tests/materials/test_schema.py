"""Material files of a user: read like the package's own, and refused with file, key and reason."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from castsolve import materials
from castsolve.errors import MaterialError
from castsolve.materials import Alloy, MouldMaterial, Property, PropertyTable
from castsolve.materials.references import cite, read_bibtex

DATA = files("castsolve.materials").joinpath("data")
A356 = DATA.joinpath("a356.toml").read_text(encoding="utf-8")
SAND = DATA.joinpath("green_sand.toml").read_text(encoding="utf-8")


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def replaced(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def test_an_own_file_is_read_like_the_packages_own(tmp_path: Path) -> None:
    own = Alloy.read(written(tmp_path, A356))
    assert own.liquidus == materials.alloy("A356").liquidus
    assert own.heat.enthalpy.tolist() == materials.alloy("A356").heat.enthalpy.tolist()
    assert MouldMaterial.read(written(tmp_path, SAND)).heat.density == 1600.0


def test_an_own_reference_is_cited(tmp_path: Path) -> None:
    text = (
        replaced(A356, 'source = "magnusson2001"', 'source = "lab"') + '\n[references]\nlab = "Our laboratory, 2024"\n'
    )
    own = Alloy.read(written(tmp_path, text))
    assert {c.key: c.text for c in own.sources()}["lab"] == "Our laboratory, 2024"


CP = "table = [[25, 892], [50, 905]"

BAD_ALLOYS = [
    ("unknown key", 'family = "aluminium"', 'family = "aluminium"\ncolour = "grey"', 'colour: no key named "colour"'),
    ("unknown key in a group", "low = 611.0", "lowest = 611.0", 'liquidus.lowest: no key named "lowest"; nearest'),
    ("no source", 'source = "mc_al"\n', "", "liquidus: source is missing"),
    ("no unit", 'value = 448.0\nunit = "kJ/kg"', "value = 448.0", "latent_heat: unit is missing"),
    ("no evidence", 'evidence = "computed"\n', "", "liquidus: evidence is missing"),
    ("bare number", "[latent_heat]\nvalue = 448.0", "latent_heat2 = 1\n[latent_heat]\nvalue = 448.0", "latent_heat2"),
    (
        "unknown evidence",
        'evidence = "computed"',
        'evidence = "rumour"',
        'liquidus: evidence = "rumour" must be one of',
    ),
    ("unknown quality", 'quality = "A"', 'quality = "F"', 'liquidus: quality = "F" must be one of'),
    ("unknown source", 'source = "mc_al"', 'source = "someone"', 'liquidus: source "someone" is not known'),
    (
        "wrong unit",
        'value = 614.9\nunit = "degC"',
        'value = 614.9\nunit = "kJ/kg"',
        'liquidus: unit = "kJ/kg" does not fit',
    ),
    ("unknown family", 'family = "aluminium"', 'family = "cheese"', 'family: "cheese" must be one of'),
    ("wrong kind", 'kind = "alloy"', 'kind = "mould"', 'kind: "mould" must be one of "alloy"'),
    ("not finite", "value = 614.9", "value = nan", "liquidus: value = nan must be a finite number"),
    ("range", "low = 611.0", "low = 620.0", "liquidus: value = 888.05 K must lie between low"),
    ("negative conductivity", "[500, 157]", "[500, -157]", "conductivity_solid: row 6: -157 W/m/K must be above 0"),
    (
        "negative specific heat",
        CP,
        CP.replace("905", "-905"),
        "specific_heat_solid: row 2: -905 J/kg/K must be above 0",
    ),
    ("table order", "[200, 161]", "[90, 161]", "conductivity_solid: row 3: K of the first column must rise"),
    ("short row", "[200, 161]", "[200]", "conductivity_solid: row 3 must be 2 finite numbers"),
    ("no ends", 'beyond = ["hold", "hold"]\n', "", "conductivity_solid: beyond is missing"),
    (
        "wrong ends",
        'beyond = ["hold", "hold"]',
        'beyond = ["hold", "clamp"]',
        'beyond must be two of "hold" and "refuse"',
    ),
    ("fraction solid falls", "[603.85, 0.2207,", "[603.85, 0.1207,", "fraction_solid: row 4: fraction solid must rise"),
    ("temperature rises", "[603.85, 0.2207,", "[610.85, 0.2207,", "fraction_solid: row 4: temperature must not rise"),
    ("latent share falls", "0.2207, 0.1926]", "0.2207, 0.1126]", "fraction_solid: the share of latent heat must rise"),
    (
        "ends disagree",
        "[558.90, 1.0000, 1.0000]",
        "[550.90, 1.0000, 1.0000]",
        "solidus is 824.05 K, the alloy's is 832.05 K",
    ),
    (
        "solidus above",
        'value = 558.9\nunit = "degC"\nlow = 550.0\nhigh = 560.0',
        'value = 700\nunit = "degC"',
        "solidus: 973.15 K must not lie above the liquidus, 888.05 K",
    ),
    ("kink", "kinks = [573.90, 573.85, 559.30]", "kinks = [560.0]", "fraction_solid.kinks: 833.15 K is no row"),
    (
        "feeding order",
        'value = 0.68\nunit = "1"\nlow = 0.65',
        'value = 0.28\nunit = "1"',
        "coherency <= macro_feeding_limit <= feeding_limit must hold",
    ),
    ("uncertainty", "uncertainty = 0.12", 'uncertainty = "some"', "uncertainty = 'some' must be a number"),
    ("missing", "[latent_heat]", "[latent_heat_old]", "latent_heat: is missing"),
]


@pytest.mark.parametrize(
    ("old", "new", "reason"), [case[1:] for case in BAD_ALLOYS], ids=[case[0] for case in BAD_ALLOYS]
)
def test_a_bad_alloy_file_is_refused_with_file_key_and_reason(tmp_path: Path, old: str, new: str, reason: str) -> None:
    path = written(tmp_path, replaced(A356, old, new))
    with pytest.raises(MaterialError, match=re.escape(reason)) as caught:
        Alloy.read(path)
    assert all(line.startswith(str(path)) for line in str(caught.value).splitlines())


def test_falling_enthalpy_is_refused(tmp_path: Path) -> None:
    text = DATA.joinpath("wcb.toml").read_text(encoding="utf-8")
    with pytest.raises(MaterialError, match="enthalpy_solid: row 5: enthalpy must rise with temperature"):
        Alloy.read(written(tmp_path, replaced(text, "[400, 201.9]", "[400, 101.9]")))


def test_all_problems_of_a_file_are_named_at_once(tmp_path: Path) -> None:
    text = replaced(A356, "value = 614.9", "value = -614.9")
    text = replaced(text, "[500, 157]", "[500, -157]")
    text = replaced(text, 'title = "AlSi7Mg0.3, as cast"', 'titel = "AlSi7Mg0.3"')
    with pytest.raises(MaterialError) as caught:
        Alloy.read(written(tmp_path, text))
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[1] for line in lines] == ["title", "liquidus", "conductivity_solid", "titel"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("[500, 0.65]", "[500, -0.65]", "conductivity: row 2: -0.65 W/m/K must be above 0"),
        ("[moisture]", "[wetness]", "moisture: give moisture, moisture_temperature, moisture_heat"),
        ('family = "sand"', 'family = "water"', 'family: "water" must be one of "sand"'),
        ("[density]", "[weight]", "density: is missing"),
    ],
)
def test_a_bad_mould_file_is_refused(tmp_path: Path, old: str, new: str, reason: str) -> None:
    with pytest.raises(MaterialError, match=re.escape(reason)):
        MouldMaterial.read(written(tmp_path, replaced(SAND, old, new)))


def test_files_that_are_no_material_files(tmp_path: Path) -> None:
    with pytest.raises(MaterialError, match="cannot be read: No such file"):
        Alloy.read(tmp_path / "absent.toml")
    with pytest.raises(MaterialError, match="is not a TOML file"):
        Alloy.read(written(tmp_path, "liquidus = = 3"))
    binary = tmp_path / "binary.toml"
    binary.write_bytes(bytes(range(256)))
    with pytest.raises(MaterialError, match="is not a TOML file"):
        Alloy.read(binary)
    with pytest.raises(MaterialError, match="liquidus: is missing"):
        Alloy.read(written(tmp_path, ""))


def test_a_property_without_trust_is_refused() -> None:
    with pytest.raises(MaterialError, match="source is empty"):
        Property(1.0, "K", "")
    with pytest.raises(MaterialError, match="must be finite"):
        Property(float("nan"), "K", "practice")
    table = PropertyTable(((0.0, 1.0), (10.0, 3.0)), ("K", "W/m/K"), "practice", beyond_high="refuse")
    assert table.at([-5.0, 5.0]).tolist() == [1.0, 2.0]
    with pytest.raises(MaterialError, match="refuses what lies beyond"):
        table.at(11.0)


def test_bibtex_is_read() -> None:
    text = """% remark
    @article{one, author = {Ohm, G. and Volt, A.}, title = {On {B}ridges}, journal = {J. Res.}, volume = {3},
      pages = {1--9}, year = {1827}, note = {Read}}
    @misc{two,
      title = {A standard},
    }"""
    entries = read_bibtex(text)
    assert list(entries) == ["one", "two"]
    assert cite(entries["one"]) == "Ohm, G., Volt, A. (1827): On Bridges, J. Res., 3, 1-9. Read"
    assert cite(entries["two"]) == "A standard"
    with pytest.raises(MaterialError, match='"one" is given twice'):
        read_bibtex("@misc{one, title = {a}} @misc{one, title = {b}}")
    with pytest.raises(MaterialError, match="not closed"):
        read_bibtex("@misc{one, title = {a}")
