"""Interfaces: every pair of the library, tables over their coordinates, and bad ones refused."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from castsolve import materials
from castsolve.errors import MaterialError
from castsolve.materials import Interface, library
from castsolve.materials.alloy import ALLOY_FAMILIES
from castsolve.materials.library import read_interfaces
from castsolve.materials.mould import MOULD_FAMILIES


@pytest.mark.parametrize("pair", [*itertools.product(ALLOY_FAMILIES, MOULD_FAMILIES)])
def test_every_alloy_meets_every_mould(pair: tuple[str, str]) -> None:
    found = materials.interface(*pair)
    assert found is materials.interface(*reversed(pair))
    h = found.htc_at(np.array([900.0, 1000.0]), fraction_solid=np.array([1.0, 0.0]))
    assert 0.0 < h[0] <= h[1]
    assert found.low is not None and found.high is not None
    assert found.low <= h[0] and h[1] <= found.high


@pytest.mark.parametrize("pair", [*itertools.combinations_with_replacement(MOULD_FAMILIES, 2)])
def test_every_mould_meets_every_mould(pair: tuple[str, str]) -> None:
    assert materials.interface(*pair).htc_at(500.0) > 0.0


def test_a_coating_insulates() -> None:
    bare, dressed = (
        materials.interface("aluminium", "tool-steel"),
        materials.interface("aluminium", "tool-steel", "insulating"),
    )
    assert dressed.htc_at(800.0, fraction_solid=0.5) < bare.htc_at(800.0, fraction_solid=0.5)
    assert dressed.name == "aluminium|tool-steel (insulating)"


def test_materials_may_stand_for_their_families() -> None:
    found = materials.interface(materials.alloy("WCB"), materials.mould("green-sand"))
    assert found is materials.interface("steel", "sand")


def test_a_coating_without_an_entry_of_its_own_is_a_layer_in_series() -> None:
    bare, washed = materials.interface("steel", "sand"), materials.interface("steel", "sand", "wash")
    layer = materials.coating("refractory-wash")
    for f in (0.0, 0.3, 1.0):
        h = bare.htc_at(1700.0, fraction_solid=f)
        assert washed.htc_at(1700.0, fraction_solid=f) == pytest.approx(1.0 / (1.0 / h + layer.resistance), rel=2e-3)
    assert (washed.quality, washed.evidence, washed.coating) == ("D", "estimate", "refractory-wash")
    assert "practice" in {citation.key for citation in washed.sources()}
    perfect = Interface("casting", "chill", htc=math.inf).coated(layer)
    assert perfect.htc == pytest.approx(0.7 / 300e-6)
    with pytest.raises(MaterialError, match="has a coating already"):
        washed.coated(layer)


@pytest.mark.parametrize("each", list(library._interfaces().values()), ids=lambda each: each.name)
def test_every_coefficient_lies_inside_its_own_range(each: Interface) -> None:
    values = [each.htc] if each.over == "constant" else [h for _, h in each.htc]
    assert each.low is not None and each.high is not None
    assert each.low <= min(values) and max(values) <= each.high
    if each.over == "fraction_solid":
        assert (np.diff(values) <= 0.0).all()  # contact gets worse as the metal freezes
    if each.over == "pressure":
        assert (np.diff(values) >= 0.0).all()


def test_pressure_chooses_the_interface() -> None:
    squeezed = materials.interface("tool-steel", "aluminium", pressure="80 MPa")
    assert squeezed.over == "constant"
    assert squeezed.htc == pytest.approx(3000.0 + 50.0 * 80.0, rel=2e-3)
    shot = materials.interface("aluminium", "tool-steel", "lubricant", pressure=80e6)
    assert shot.htc_at(900.0, fraction_solid=0.0) == 30000.0
    low = materials.interface("aluminium", "tool-steel", "insulating", pressure="0.5 bar")
    assert low.htc_at(900.0, fraction_solid=0.0) > materials.interface("aluminium", "tool-steel", "insulating").htc[0][1]
    assert "20 to 150 MPa" in shot.name
    with pytest.raises(MaterialError, match=r"no interface is known between .* at pressure = 500 MPa \(known: .*140 MPa"):
        materials.interface("aluminium", "tool-steel", pressure=500e6)
    with pytest.raises(MaterialError, match="between steel and sand at pressure = 1 MPa"):
        materials.interface("steel", "sand", pressure=1e6)
    with pytest.raises(MaterialError, match="runs over pressure"):
        Interface("a", "b", htc=[(0.0, 5.0), (1e6, 6.0)], over="pressure").htc_at(300.0)


def test_air_gap_opens_with_the_fraction_solid_and_follows_the_freezing_of_the_alloy() -> None:
    alloy = materials.alloy("A356")
    gap = Interface.air_gap("casting", "mould", contact=2000.0, gap=0.2e-3, opens=alloy.coherency.value, temperature=800.0)
    assert gap.htc_at(900.0, fraction_solid=0.2) == 2000.0
    solid = gap.htc_at(900.0, fraction_solid=1.0)
    k_air = 0.056 + (0.076 - 0.056) * (800.0 - 773.15) / 500.0
    radiation = 4.0 * 0.6 * 5.670374419e-8 * 800.0**3
    assert solid == pytest.approx(1.0 / (1.0 / 2000.0 + 0.2e-3 / k_air) + radiation, rel=1e-9)
    values = [gap.htc_at(900.0, fraction_solid=f) for f in np.linspace(0.0, 1.0, 101)]
    assert (np.diff(values) <= 0.0).all()
    over_T = gap.over_temperature(alloy)
    assert over_T.htc_at(alloy.liquidus.value + 1.0) == 2000.0
    assert over_T.htc_at(alloy.solidus.value - 1.0) == pytest.approx(solid)
    # Between the rows of the alloy's own table the gap's table is followed, not only at them.
    T = np.linspace(alloy.solidus.value, alloy.liquidus.value, 60)[1:-1]
    f = alloy.heat.fraction_solid_at(alloy.heat.at_temperature(T))
    exact = np.array([gap.htc_at(900.0, fraction_solid=x) for x in f])
    np.testing.assert_allclose(over_T.htc_at(T), exact, rtol=0.03)
    for bad in ({"contact": -1.0}, {"gap": 0.0}, {"opens": 1.0}, {"temperature": math.nan}):
        given = {"contact": 2000.0, "gap": 1e-4, "opens": 0.3, "temperature": 800.0, **bad}
        with pytest.raises(MaterialError):
            Interface.air_gap("casting", "mould", **given)  # type: ignore[arg-type]


def test_unknown_pairs_are_refused() -> None:
    with pytest.raises(MaterialError, match=r'no family of materials named "sandd"; nearest is "sand"'):
        materials.interface("steel", "sandd")
    with pytest.raises(
        MaterialError, match=r"no coating between aluminium and tool-steel named \"insolating\"; nearest are \"insulating\""
    ):
        materials.interface("aluminium", "tool-steel", "insolating")
    with pytest.raises(MaterialError, match="no interface is known between steel and iron"):
        materials.interface("steel", "iron")


def test_table_over_temperature_holds_its_ends() -> None:
    table = Interface("a", "b", htc=[(500.0, 100.0), (600.0, 300.0)], over="temperature")
    assert table.htc_at(np.array([400.0, 550.0, 700.0])).tolist() == [100.0, 200.0, 300.0]


def test_table_over_time_and_time_factor() -> None:
    table = Interface("a", "b", htc=[(0.0, 100.0), (10.0, 300.0)], over="time", time_factors=((0.0, 1.0), (4.0, 0.5)))
    assert table.htc_at(np.array([400.0, 500.0]), time=5.0).tolist() == [200.0, 200.0]
    assert (table.time_factor(0.0), table.time_factor(2.0), table.time_factor(9.0)) == (1.0, 0.75, 0.5)


@pytest.mark.parametrize("name", materials.names("alloy"))
def test_table_over_fraction_solid_follows_the_alloy(name: str) -> None:
    alloy = materials.alloy(name)
    over_f = materials.interface(alloy, materials.mould("H13"))
    over_T = over_f.over_temperature(alloy)
    assert over_T.over == "temperature"
    lowest, highest = over_f.htc[-1][1], over_f.htc[0][1]
    assert over_T.htc_at(alloy.solidus.value - 5.0) == lowest
    assert over_T.htc_at(alloy.liquidus.value + 5.0) == highest
    if alloy.freezing_range > 0.0:
        T = np.linspace(alloy.solidus.value, alloy.liquidus.value, 50)[1:-1]
        f = alloy.heat.fraction_solid_at(alloy.heat.at_temperature(T))
        np.testing.assert_allclose(over_T.htc_at(T), over_f.htc_at(T, fraction_solid=f), rtol=0.02)


def test_table_over_fraction_solid_needs_it() -> None:
    with pytest.raises(MaterialError, match="runs over fraction solid"):
        materials.interface("aluminium", "sand").htc_at(800.0)


def test_perfect_contact() -> None:
    contact = Interface("casting", "chill", htc=math.inf)
    assert contact.perfect and contact.htc_at(500.0) == math.inf
    assert contact.sources() == ()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"htc": 0.0}, r"htc = 0\.0 W/m2/K between a and b must be above 0"),
        ({"htc": -3}, "must be above 0"),
        ({"htc": math.nan}, "must be above 0"),
        ({"htc": [(1.0, 2.0)]}, "say over"),
        ({"htc": 5.0, "over": "time"}, "must be rows"),
        ({"htc": [(2.0, 5.0), (1.0, 5.0)], "over": "time"}, "must rise from row to row"),
        ({"htc": [(1.0, -5.0)], "over": "time"}, "must be above 0"),
        ({"htc": "much", "over": "time"}, "must be a number or rows"),
        ({"htc": 5.0, "evidence": "hearsay"}, 'evidence = "hearsay" must be one of "seen"'),
        ({"htc": 5.0, "quality": "E"}, 'quality = "E" must be one of "A"'),
        ({"htc": 5.0, "low": -1.0}, "low = -1.0 W/m2/K"),
    ],
)
def test_bad_interfaces_are_refused(arguments: dict[str, object], reason: str) -> None:
    with pytest.raises(MaterialError, match=reason):
        Interface("a", "b", **arguments)  # type: ignore[arg-type]


def test_a_bad_interface_file_is_refused_with_all_its_problems() -> None:
    good = {"a": ["steel"], "b": ["sand"], "htc": 5.0, "unit": "W/m2/K", "source": "practice"}
    trust = {"evidence": "estimate", "quality": "D"}
    entries = [
        {**good, **trust, "colour": "red"},
        {**good},
        {**good, **trust, "unit": "W/m2/C"},
        {**good, **trust, "source": "hearsay"},
        {**good, **trust, "htc": -5.0},
    ]
    with pytest.raises(MaterialError) as caught:
        read_interfaces({"schema": "castsolve-interfaces/1", "interface": entries}, where="mine.toml")
    lines = str(caught.value).splitlines()
    for line, reason in zip(
        lines,
        (
            'no key named "colour"',
            "evidence: is missing",
            "quality: is missing",
            'write "W/m2/K"',
            "hearsay",
            "above 0",
        ),
        strict=True,
    ):
        assert line.startswith("mine.toml: interface")
        assert reason in line
