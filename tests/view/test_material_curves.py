"""Curves of materials: a picture for every alloy and mould, with something drawn in each of its charts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from castsolve import materials, view
from castsolve.errors import ViewError
from castsolve.view.material_curves import _alloy_panels, _mould_panels

pytestmark = pytest.mark.skipif(not view.probe().ok, reason="nothing renders here")


@pytest.mark.parametrize("name", ["A356", "exothermic-sleeve"])
def test_every_chart_has_a_curve(name: str, tmp_path: Path) -> None:
    picture = view.material_curves(materials.find(name))  # type: ignore[arg-type]
    assert picture.title.startswith(f"{name}: ")
    pixels = picture.image().astype(int)
    height, width = pixels.shape[:2]
    for rows in (slice(int(0.14 * height), int(0.51 * height)), slice(int(0.58 * height), int(0.95 * height))):
        for columns in (slice(int(0.06 * width), width // 2), slice(int(0.56 * width), width)):
            chart = pixels[rows, columns]
            coloured = (chart[..., 2] - chart[..., 0]) > 60  # the first line of every chart is blue
            assert coloured.sum() > 300
    assert picture.save(tmp_path / "one.png").stat().st_size > 10_000


def test_what_is_drawn_is_what_the_material_says() -> None:
    alloy = materials.alloy("A356")
    freezing, conductivity, enthalpy, density = _alloy_panels(alloy)
    (_, T, f), (_, _, q) = freezing.lines
    assert (np.diff(T) >= 0.0).all() and (np.diff(f) <= 0.0).all() and (np.diff(q) <= 0.0).all()
    assert np.interp(600.0, T, f) == pytest.approx(alloy.heat.fraction_solid_at(alloy.heat.at_temperature(873.15)), abs=0.01)
    assert np.interp(300.0, *conductivity.lines[0][1:]) == pytest.approx(162.0)
    assert np.interp(720.0, *enthalpy.lines[0][1:]) == pytest.approx(alloy.heat.at_temperature(993.15) / alloy.heat.density / 1e3)
    assert density.lines[0][2][0] == pytest.approx(2685.0)
    assert len(_mould_panels(materials.mould("furan-sand"))) == 3
    assert _mould_panels(materials.mould("exothermic"))[3].lines[0][2][-1] == pytest.approx(1750.0)


def test_a_coating_has_no_curves() -> None:
    with pytest.raises(ViewError, match="'refractory-wash' has no curves; give an alloy or a mould material"):
        view.material_curves(materials.coating("wash"))  # type: ignore[arg-type]
