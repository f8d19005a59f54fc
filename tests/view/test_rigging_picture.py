"""The picture of a job before it is run."""

from __future__ import annotations

import numpy as np
import pytest

from castsolve import view
from castsolve.casting import Gate, Riser, SandCasting
from castsolve.errors import ViewError
from castsolve.geometry import Part
from castsolve.units import degC, mm

pytestmark = pytest.mark.usefixtures("renderer")


@pytest.fixture(scope="module")
def casting() -> SandCasting:
    block = Part.box((0.1, 0.08, 0.04), name="block")
    rigging = [
        Riser.cylinder(diameter=40 * mm, height=60 * mm, at=block.top),
        Gate.slot(width=30 * mm, height=10 * mm, at=block.side("+x")),
    ]
    return SandCasting(block, alloy="A356", mould="green-sand", pour_temperature=degC(720), rigging=rigging)


def test_the_rigging_is_drawn_in_the_colours_of_its_roles(casting, tmp_path):
    picture = view.rigging(casting, size=(600, 450))
    assert picture.title == "block: sand"
    pixels = picture.image().astype(int)
    assert pixels.shape == (450, 600, 3)
    drawn = (pixels < 240).any(axis=-1)
    assert 0.05 < drawn.mean() < 0.6
    blue = (pixels[..., 2] > pixels[..., 0] + 40) & (pixels[..., 2] > pixels[..., 1] + 20)  # the riser
    green = (pixels[..., 1] > pixels[..., 0] + 25) & (pixels[..., 1] > pixels[..., 2] + 25)  # the gate
    assert blue.sum() > 500
    assert green.sum() > 200
    assert np.argwhere(blue)[:, 0].mean() < np.argwhere(green)[:, 0].mean()  # the riser stands above the gate
    assert picture.save(tmp_path / "rigging.png").stat().st_size > 5000


def test_a_picture_of_the_rigging_needs_a_casting():
    with pytest.raises(ViewError, match="a picture of the rigging needs a casting, not str"):
        view.rigging("block")
