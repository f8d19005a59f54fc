"""Pictures show something, in the right place and colour; each is refused in one sentence where it cannot be made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from castsolve.errors import InputError, ResultsError, ViewError
from castsolve.results import Frame, Results
from castsolve.view import Picture, casting, cooling_curves, isosurface, section
from castsolve.view.slicing import slice_of

pytestmark = pytest.mark.usefixtures("renderer")

SMALL = (600, 450)


def ink(pixels: np.ndarray) -> float:
    """Return the share of pixels that are not white."""
    return float((pixels.min(axis=2) < 250).mean())


def colours(pixels: np.ndarray) -> int:
    """Return how many clearly different colours there are."""
    return len(np.unique((pixels // 16).reshape(-1, 3), axis=0))


@pytest.mark.parametrize("field", ["solidification_time", "temperature", "niyama", "hot_spot", "region", "body"])
def test_section_is_not_blank(result: Results, field: str) -> None:
    pixels = section(result, field).image()
    assert pixels.shape == (900, 1200, 3)
    assert 0.2 < ink(pixels) < 0.9
    assert colours(pixels) > (40 if field in ("solidification_time", "temperature") else 10)
    assert (pixels[0] == 255).all() and (pixels[:, -1] == 255).all(), "the margin is white"


def test_default_plane_goes_through_the_last_of_the_part(result: Results) -> None:
    picture = section(result)
    assert picture.title == "Solidification time"
    last = result.peak(where=result.where(role="part"))
    same = section(result, axis="y", at=last.point[1])
    np.testing.assert_array_equal(picture.image(), same.image())


def test_plane_is_placed_in_space(result: Results) -> None:
    """A plane through the chill shows its colour, one beside it does not."""
    grey = np.array([0x8F, 0xA3, 0xB5])

    def shown(at: str) -> int:
        # The legend below the drawing is left out.
        drawing = section(result, axis="x", at=at).image()[:780].astype(int)
        return int((np.abs(drawing - grey).max(axis=2) < 4).sum())

    assert shown("-20 mm") > 1000
    assert shown("50 mm") < 50


def test_metal_shows_no_moire(result: Results) -> None:
    """A field that is 1 in the metal and 0 in the mould shows one colour right up to the wall."""
    flat = np.where(result.metal, 100.0, 0.0).astype(np.float32)
    pixels = section(result.with_field("solidification_time", flat), axis="y", at=0.0, limits=(0.0, 200.0)).image()
    inside = pixels[120:800, 60:990]
    plain = ((inside >= 60).any(axis=2)) & (inside.max(axis=2).astype(int) - inside.min(axis=2) > 90)
    shades = np.unique(inside[plain].reshape(-1, 3), axis=0)
    # The one colour of the metal, and its blends with the dark outline and the light sand.
    middle = np.median(inside[plain], axis=0)
    near = np.abs(inside[plain].astype(int) - middle).max(axis=1) < 8
    assert near.mean() > 0.97, f"{len(shades)} shades"


@pytest.mark.parametrize("make", [casting, isosurface])
def test_solid_pictures_are_not_blank(result: Results, make: object) -> None:
    pixels = make(result, size=SMALL).image()  # type: ignore[operator]
    assert 0.08 < ink(pixels) < 0.8 and colours(pixels) > 30
    assert (pixels[:4] == 255).all(), "nothing reaches into the heading's margin"


def test_isosurface_sides(result: Results) -> None:
    def red(side: str) -> float:
        pixels = isosurface(result, value="4 min", side=side, size=SMALL).image().astype(int)
        return float(((pixels[..., 0] - pixels[..., 2]) > 70).mean())

    assert red("above") > 0.005
    assert red("below") > red("above"), "most of the casting freezes earlier"
    assert 0.0 < red("surface")


def test_cooling_curves(result: Results) -> None:
    every, one = cooling_curves(result).image(), cooling_curves(result, ["riser"]).image()
    assert 0.01 < ink(one) < ink(every) < 0.2
    blue = np.array([0x00, 0x72, 0xB2])
    assert (np.abs(every.astype(int) - blue).max(axis=2) < 30).sum() > 500


def test_saved_whole_or_not(result: Results, tmp_path: Path) -> None:
    from PIL import Image

    file = section(result, size=SMALL).save(tmp_path / "deep" / "section.png")
    with Image.open(file) as read:
        assert read.size == SMALL
    section(result, size=SMALL).save(tmp_path / "section.jpg")
    assert {p.name for p in tmp_path.rglob("*.*")} == {"section.png", "section.jpg"}
    with pytest.raises(ViewError, match=r'cannot be saved as "a\.bmp"'):
        section(result).save(tmp_path / "a.bmp")
    (tmp_path / "file").write_text("")
    with pytest.raises(ResultsError, match="is a file; choose another name"):
        section(result, size=SMALL).save(tmp_path / "file" / "a.png")


def test_show_needs_a_screen(result: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("castsolve.view.picture.has_screen", lambda: False)
    with pytest.raises(ViewError, match="there is no screen"):
        section(result, size=SMALL).show()


def test_notebook_gets_png(result: Results) -> None:
    assert section(result, size=SMALL)._repr_png_().startswith(b"\x89PNG")


def test_refusals(result: Results) -> None:
    with pytest.raises(ResultsError, match='no field named "nyama"; nearest is "niyama"'):
        section(result, "nyama")
    with pytest.raises(ViewError, match="axis = 'w' is no axis"):
        section(result, axis="w")
    with pytest.raises(ViewError, match="at = 900 mm misses the casting; along y it reaches from"):
        section(result, axis="y", at="900 mm")
    with pytest.raises(InputError, match="at"):
        section(result, axis="y", at="3 bananas")
    with pytest.raises(ViewError, match="is nowhere in the metal; its values go from"):
        isosurface(result, value="3 hour")
    with pytest.raises(ViewError, match="side = 'left' is no side"):
        isosurface(result, side="left")
    with pytest.raises(ResultsError, match="give a number in K/m"):
        isosurface(result, "thermal_gradient", "3 K/mm")
    with pytest.raises(ResultsError, match='no probe named "rizer"; nearest is "riser"'):
        cooling_curves(result, ["rizer"])
    with pytest.raises(ViewError, match="the result has no probes"):
        cooling_curves(Results(result.grid))
    empty = Results(result.grid, fields={"region": np.ones(result.frame.shape, np.uint8)})
    with pytest.raises(ViewError, match="no metal voxel"):
        section(empty, "region")


def test_nothing_but_nan(result: Results) -> None:
    nothing = result.with_field("cooling_rate", np.full(result.frame.shape, np.nan))
    for make in (section, casting, isosurface):
        with pytest.raises((ViewError, ResultsError), match=r"no value|nothing"):
            make(nothing, "cooling_rate")


def test_bare_result_with_one_field(result: Results) -> None:
    """No bodies, no fractions, metal up to every edge: the picture is still made."""
    small = result.frame.crop((slice(30, 40), slice(20, 29), slice(15, 23)))
    x = np.arange(10 * 9 * 8, dtype=float).reshape(10, 9, 8)
    bare = Results(small, fields={"temperature": 300.0 + x})
    for make in (section, casting, isosurface):
        assert isinstance(make(bare, "temperature", size=SMALL), Picture)
        assert ink(make(bare, "temperature", size=SMALL).image()) > 0.05


def test_names_that_vtk_would_set_as_formulas(result: Results) -> None:
    """Dollar signs and bars in a casting's name would be set as formulas and columns."""
    odd = Results(result.grid, fields=dict(result), facts={"casting": {"name": "a$b$ | c"}, "alloy": {"name": "50% $x_1$"}})
    assert ink(section(odd, size=SMALL).image()) > 0.1


def test_what_ran_empty_is_told_as_empty(result: Results) -> None:
    """A riser without metal is no piece of green steel in a picture, and its region has a colour of its own."""
    region = np.where(result["body"] == 2, 4, result["region"]).astype(np.uint8)
    names = (*result.frame.region_names, "empty")
    frame = Frame(*result.frame.nodes, region_names=names, body_names=result.frame.body_names, body_roles=result.frame.body_roles)
    bare = Results(frame, fields={**result.fields, "region": region, "metal_fraction": (region == 0).astype(np.float32)})
    whole, cut = (slice_of(r, "region", 1, 0.0, None) for r in (result, bare))
    assert ("riser 1", "riser") in [(name, role) for name, role, _ in (*whole.bodies, *whole.rims)]
    told = {name: role for name, role, _ in (*cut.bodies, *cut.rims)}
    assert told["riser 1, empty"] == "empty" and "riser 1" not in told
    colours = {name: colour for name, colour, _ in cut.labels}
    assert colours["empty"] not in {colours["green-sand"], colours["A356"]}
