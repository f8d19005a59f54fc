"""Names, aliases, sheets and sources."""

from __future__ import annotations

import subprocess
import sys

import pytest

from castsolve import materials
from castsolve.errors import MaterialError
from castsolve.materials import Interface


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("A356", "A356"),
        ("a356", "A356"),
        ("EN AC-42100", "A356"),
        ("en_ac_42100", "A356"),
        ("al.a356", "A356"),
        ("gp240gh", "WCB"),
        ("ASTM A216 WCB", "WCB"),
        ("GGG40", "EN-GJS-400-15"),
        ("alsi9cu3", "AlSi9Cu3(Fe)"),
        ("Pure AL", "Al99.7"),
        ("319.0", "A319"),
        ("EN AC-45000", "AlSi6Cu4"),
        ("EN AC-46500", "A380"),
        ("A383", "ADC12"),
        ("A360", "AlSi10Mg(Fe)"),
        ("AlSi12(Fe)", "A413"),
        ("AlSi12", "AlSi12"),
        ("EN AC-21000", "A206"),
        ("GG25", "EN-GJL-250"),
        ("ASTM A48 class 30", "EN-GJL-200"),
        ("65-45-12", "EN-GJS-500-7"),
        ("80-55-06", "EN-GJS-600-3"),
        ("ISO 16112 JV/450", "EN-GJV-450"),
        ("C45", "1045"),
        ("4140", "42CrMo4"),
        ("ASTM A217 CA15", "CA15"),
        ("1.4317", "CA6NM"),
        ("1.4308", "CF8"),
        ("1.4408", "CF8M"),
        ("Hadfield steel", "Mn13"),
    ],
)
def test_alloys_are_found_by_every_name(given: str, name: str) -> None:
    assert materials.alloy(given).name == name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("green sand", "green-sand"),
        ("1.2344", "H13"),
        ("Insulating", "insulating-sleeve"),
        ("steel chill", "carbon-steel"),
        ("chromite", "chromite-sand"),
        ("zircon", "zircon-sand"),
        ("olivine", "olivine-sand"),
        ("ceramic shell", "ceramic-shell"),
        ("exothermic", "exothermic-sleeve"),
        ("graphite", "graphite"),
    ],
)
def test_moulds_are_found_by_every_name(given: str, name: str) -> None:
    assert materials.mould(given).name == name


def test_unknown_names_get_the_nearest_ones() -> None:
    with pytest.raises(
        MaterialError, match=r'no alloy named "A365"; nearest are .*"A356".*castsolve materials lists all'
    ):
        materials.alloy("A365")
    with pytest.raises(MaterialError, match=r'no mould material named "grean sand"; nearest are .*"green'):
        materials.mould("grean sand")
    with pytest.raises(MaterialError, match=r'"H13" is a mould material, not an alloy'):
        materials.alloy("H13")
    with pytest.raises(MaterialError, match=r'"WCB" is an alloy, not a mould material'):
        materials.mould("WCB")
    with pytest.raises(MaterialError, match="must be a text"):
        materials.alloy(356)  # type: ignore[arg-type]


def test_the_same_alloy_is_read_once() -> None:
    assert materials.alloy("A356") is materials.alloy("LM25")


def test_names_lists_all_by_kind() -> None:
    kinds = [set(materials.names(kind)) for kind in ("alloy", "mould", "coating")]
    assert set(materials.names()) == set().union(*kinds)
    assert "A356" in materials.names("alloy") and "H13" not in materials.names("alloy")


def test_sheet_holds_values_ranges_sources_and_interfaces() -> None:
    text = materials.sheet("a356")
    for piece in ("614.9", "611 to 617", "mc_al", "Magnusson", "aluminium|sand", "Worst quality: D", "EN AC-42100"):
        assert piece in text
    assert "No Niyama threshold is known" in materials.sheet("GGG40")
    assert "boils at 100 degC" in materials.sheet("green sand")
    with pytest.raises(MaterialError, match=r'no material named "A365"'):
        materials.sheet("A365")


def test_every_material_has_a_sheet_that_fits_a_wide_terminal() -> None:
    for row in materials.overview():
        text = materials.sheet(row.name)
        assert text.startswith(f"{row.name}: {row.title}")
        assert max(len(line) for line in text.splitlines()) <= 130


def test_sources_are_listed_once_in_order_of_use() -> None:
    alloy, sand = materials.alloy("A356"), materials.mould("green-sand")
    cited = materials.sources([alloy, sand, alloy, materials.interface(alloy, sand)])
    keys = [citation.key for citation in cited]
    assert len(keys) == len(set(keys))
    assert keys[0] == alloy.sources()[0].key
    practice = next(citation for citation in cited if citation.key == "practice")
    assert practice.quality == "D"
    assert "green-sand: density" in practice.used_for
    assert "aluminium|sand: htc" in practice.used_for
    assert materials.worst_quality([alloy, sand]) == "D"
    assert all(citation.text != citation.key for citation in cited)


def test_own_interface_is_cited_as_the_users() -> None:
    (citation,) = Interface("casting", "chill", htc=2500.0).sources()
    assert (citation.key, citation.text) == ("user", "given by the user")


def test_import_is_cheap() -> None:
    heavy = "scipy pydantic pint pyvista meshio h5py tomllib importlib.resources"
    code = f"import sys, castsolve.materials; print([m for m in '{heavy}'.split() if m in sys.modules])"
    bare = "import sys, numpy; print('importlib.resources' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    known = subprocess.run([sys.executable, "-c", bare], capture_output=True, text=True, check=True)
    allowed = "['importlib.resources']" if "True" in known.stdout else "[]"
    assert run.stdout.strip() in ("[]", allowed)
