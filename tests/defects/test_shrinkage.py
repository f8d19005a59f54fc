"""Shrinkage by mass balance on freezing times written by hand: where the metal is missing, and why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from castsolve.defects import Metal, find_shrinkage, shrinkage
from castsolve.defects.shrinkage import Pressing
from castsolve.errors import InputError
from castsolve.simulation.march import Densities

VOXEL = 2e-3
STEEL = Densities.of(shrinkage=0.05)


def ball(n: int = 31, radius: float = 14.0) -> tuple[np.ndarray, Metal]:
    """Return a ball that freezes from outside to its centre."""
    place = np.arange(n) - (n - 1) / 2
    r = np.sqrt(place[:, None, None] ** 2 + place[:, None] ** 2 + place**2)
    mask = r <= radius
    return np.where(mask, radius**2 - r**2 + 1.0, np.nan), Metal.plain(mask, voxel=VOXEL)


def of(time: np.ndarray, metal: Metal, **options):
    options = {"densities": STEEL, "voxel": VOXEL, "skin": 0.0, **options}
    return find_shrinkage(0.3 * time, time, metal=metal, **options)


def test_a_ball_shrinks_on_its_axis_above_its_centre_and_below_when_gravity_turns():
    time, metal = ball()
    found = of(time, metal)
    whole = float(metal.volume[metal.mask].sum())
    assert found.total == pytest.approx(whole * (1.0 - 1.0 / 1.05), rel=1e-12)
    assert found.defect < 1e-12
    cavity = found.cavities[0]
    middle = VOXEL * 31 / 2
    assert cavity.place[:2] == pytest.approx((middle, middle), abs=2 * VOXEL)
    assert cavity.place[2] > middle + 2 * VOXEL
    turned = of(time, metal, gravity=(0.0, 0.0, 9.81)).cavities[0]
    assert turned.place[2] < middle - 2 * VOXEL
    # the broken version, a gravity of the wrong sign, is found by the same test
    assert abs(turned.place[2] - cavity.place[2]) > 4 * VOXEL


def test_half_the_contraction_makes_half_the_cavity():
    time, metal = ball()
    whole, half = of(time, metal), of(time, metal, densities=Densities.of(shrinkage=0.025))
    assert half.total / whole.total == pytest.approx(0.025 / 1.025 * 1.05 / 0.05, rel=1e-12)


def test_superheat_adds_the_contraction_of_the_liquid():
    time, metal = ball()
    hot = Densities.of(shrinkage=0.05, liquid_contraction=1.3e-4, superheat=100.0)
    assert of(time, metal, densities=hot).total == pytest.approx(
        float(metal.volume[metal.mask].sum()) * (1.0 - (1.0 - 0.013) / 1.05)
    )


def joined(
    *, neck: float = 30.0, riser_last: float = 200.0, part_last: float = 100.0, riser_on_top: bool = True, riser_size: int = 10
):
    """Return a part block and a riser block of voxels on one vertical axis, joined by a neck that freezes at `neck`."""
    shape = (13, 13, 26 + riser_size)
    x, y, z = np.ogrid[tuple(slice(n) for n in shape)]
    across = (abs(x - 6) <= 5) & (abs(y - 6) <= 5)
    part, riser = across & (z >= 1) & (z < 13), across & (z >= 18) & (z < 18 + riser_size)
    link = (abs(x - 6) <= 1) & (abs(y - 6) <= 1) & (z >= 13) & (z < 18)
    time = np.full(shape, np.nan)
    for block, middle, last in ((part, 12.5, part_last), (riser, 18 + riser_size / 2, riser_last)):
        away = ((x - 6) ** 2 + (y - 6) ** 2 + (z - middle) ** 2) / 200.0
        time[block] = (last * (1.0 - 0.6 * away))[block]
    time[link] = neck
    mask = np.isfinite(time)
    body = np.where(riser | link, 1, 0).astype(np.uint8)
    metal = Metal.plain(mask, voxel=VOXEL, body=body, body_names=("block", "riser"), body_roles=("part", "riser"))
    if not riser_on_top:
        time, body = time[:, :, ::-1], body[:, :, ::-1]
        metal = replace(metal, mask=mask[:, :, ::-1].copy(), body=body.copy(), volume=metal.volume)
    return np.ascontiguousarray(time), metal


def test_a_riser_above_with_an_open_neck_takes_all():
    time, metal = joined(neck=150.0)
    found = of(time, metal)
    assert found.in_part == ()
    assert found.volumes["part"] == 0.0
    (riser,) = found.risers
    assert riser.pipe == pytest.approx(found.total)
    part_shrinks = float(metal.volume[metal.part].sum()) * (1.0 - 1.0 / 1.05)
    assert riser.given == pytest.approx(part_shrinks, rel=1e-9)
    assert riser.efficiency == pytest.approx(part_shrinks / riser.volume)
    assert riser.linked_until == pytest.approx(100.0, rel=0.02)
    assert 0.0 < riser.pipe_depth < 20 * VOXEL


def test_a_neck_that_freezes_first_leaves_a_cavity_in_the_part_and_says_when_and_where():
    time, metal = joined(neck=30.0)
    found = of(time, metal)
    cavity = found.in_part[0]
    assert cavity.cause == "neck"
    assert cavity.since == 30.0
    assert cavity.cause_body == "riser"
    assert VOXEL * 13 < cavity.cause_place[2] < VOXEL * 18
    assert found.risers[0].linked_until == 30.0
    # at 30 s the part has drawn what froze by then: what it still draws is what its later voxels draw after 30 s
    late = metal.part & (time > 30.0)
    left = (time[late] - np.maximum(0.3 * time[late], 30.0)) / (0.7 * time[late])
    draws = float((metal.volume[late] * np.minimum(left, 1.0)).sum()) * (1.0 - 1.0 / 1.05)
    assert found.volumes["part"] == pytest.approx(draws, rel=0.01)
    # a neck that is not looked at: the cavity is missed
    assert of(np.where(time == 30.0, 150.0, time), metal).volumes["part"] == 0.0


def test_a_riser_below_gives_nothing():
    time, metal = joined(neck=150.0, riser_on_top=False)
    found = of(time, metal)
    own = float(metal.volume[metal.part].sum()) * (1.0 - 1.0 / 1.05)
    assert found.volumes["part"] > 1.1 * own
    assert found.risers[0].given < 0.0


def test_a_riser_that_runs_empty_hands_on_to_the_part():
    time, metal = joined(neck=150.0, riser_size=1, riser_last=300.0)
    big = Densities.of(shrinkage=0.15)
    found = of(time, metal, densities=big)
    assert found.in_part[0].cause == "empty"
    assert found.risers[0].margin <= VOXEL


def test_a_mirrored_casting_has_mirrored_cavities_to_the_last_bit():
    time, metal = ball(21, 9.0)
    time = time + np.random.default_rng(3).random(time.shape)
    found = of(time, metal).cavity
    for axis in (0, 1):
        mirrored = of(np.ascontiguousarray(np.flip(time, axis)), metal).cavity
        np.testing.assert_array_equal(np.flip(mirrored, axis), found)


def test_expansion_fills_cavities_again_and_pushes_out_the_rest():
    time, metal = ball()
    iron = Densities.of(shrinkage=-0.02, liquid_contraction=1e-4, superheat=100.0)
    found = of(time, metal, densities=iron)
    whole = float(metal.volume[metal.mask].sum())
    assert found.defect < 1e-12
    assert found.pushed_out > 0.0
    assert found.total < 0.3 * 0.01 * whole
    assert of(time, metal, densities=Densities.of(shrinkage=0.0, liquid_contraction=1e-4, superheat=100.0)).total > found.total


def test_a_closed_part_above_an_open_riser_is_fed_as_high_as_the_air_carries():
    """Two arms of one vessel: the left stands higher and is closed, the right is open."""
    mask = np.zeros((9, 3, 22), dtype=bool)
    mask[0:3, :, :20] = mask[6:9, :, :12] = mask[:, :, :3] = True
    time = np.where(mask, 100.0, np.nan)
    time[1, 1, :19] = time[7, 1, :12] = 200.0
    time[:, 1, 1] = np.where(np.isnan(time[:, 1, 1]), np.nan, 200.0)
    metal = Metal.plain(mask, voxel=VOXEL)
    opened = np.zeros_like(mask)
    opened[7, 1, 11] = True
    from castsolve.simulation.march import march_shrinkage

    height = np.broadcast_to(VOXEL * np.arange(22.0), mask.shape)
    parts = []
    for head in (1.0, 2 * VOXEL):
        march = march_shrinkage(
            metal=mask, time_liquidus=time * 0.3, time_limit=time, volume=metal.volume, height=height, densities=STEEL,
            opened=opened, head=head,
        )  # fmt: skip
        left = march.pools.index[:, 0] < 3
        parts.append(((1.0 - march.filled) * left).sum() / (1.0 - march.filled).sum())
    assert parts == [0.0, 1.0]


@pytest.mark.parametrize(("layers", "skin", "left"), [(1, 2.5e-3, 0.0), (4, 2.5e-3, 1.0), (1, 0.0, 1.0)])
def test_air_breaks_through_a_skin_that_is_thin_enough(layers, skin, left):
    """Two arms of one vessel of 1 mm voxels, their skins frozen at once; the right, lower one is thinner there.

    Air that breaks in lets the right arm give, though the left stands higher; through a thick skin, or with none that it breaks
    (the broken version: skin = 0 and a frozen surface), the highest place gives.
    """
    mask = np.zeros((18, 8, 40), dtype=bool)
    mask[0:8, :, :38] = mask[10:18, :, :24] = mask[:, :, :6] = True
    inside = np.zeros_like(mask)
    inside[3:5, 3:5, 3:34] = inside[13:15, 3:5, 3 : 24 - layers] = inside[3:15, 3:5, 3] = True
    time = np.where(mask, np.where(inside, 200.0, 1.0), np.nan)
    metal = Metal.plain(mask, voxel=1e-3)
    # the surface and its skin freeze before they draw anything to speak of
    found = find_shrinkage(np.where(inside, 1.0, 0.0), time, metal=metal, densities=STEEL, voxel=1e-3, skin=skin)
    late = inside[tuple(found.march.pools.index.T)]
    void = (1.0 - found.march.filled) * late
    mine = found.march.pools.index[:, 0] < 9
    assert void.sum() > 3.0
    assert void[mine].sum() / void.sum() == pytest.approx(left, abs=0.02)


def test_results_tell_alloy_pour_and_gravity(joined_blocks):
    facts = {
        "casting": {"pour_temperature": 1853.15, "gravity": [0.0, 0.0, -9.81]},
        "alloy": {"name": "WCB", "family": "steel", "liquidus": 1781.15, "shrinkage": 0.035},
    }
    base = joined_blocks(facts=facts)
    result = base.with_field("liquidus_time", 0.2 * base["solidification_time"])
    found = shrinkage(result)
    assert found.densities.cavity == pytest.approx(1.0 - (1.0 - 1.3e-4 * 72.0) / 1.035, rel=1e-6)
    assert found.total == pytest.approx(found.expected, rel=1e-12)
    assert str(found).startswith("shrinkage of")
    assert len(found.in_part) >= 2


@pytest.mark.parametrize(("name", "value"), [("skin", -1e-3), ("pressure", float("nan"))])
def test_what_makes_no_sense_is_refused(name, value):
    time, metal = ball(9, 3.0)
    with pytest.raises(InputError, match=name):
        of(time, metal, **{name: value})
    with pytest.raises(InputError, match="gravity"):
        of(time, metal, gravity=(0.0, 0.0, 0.0))


# -- under pressure ----------------------------------------------------------------------------------------------


def biscuit(neck: float):
    """Return a part over a biscuit that are joined by a gate which freezes at `neck`."""
    time, metal = joined(neck=neck, riser_on_top=False)
    return time, replace(metal, body_names=("block", "biscuit"), body_roles=("part", "biscuit"))


def mass_at(moment: float, time: np.ndarray, metal: Metal) -> float:
    """Mass in the part at a moment, over the density of the solid (m3), while no metal has left it."""
    early, d = 0.3 * time, STEEL
    first = d.poured + (d.liquid - d.poured) * np.minimum(moment / early, 1.0)
    then = d.liquid + (d.limit - d.liquid) * np.clip((moment - early) / (time - early), 0.0, 1.0)
    density = np.where(time <= moment, d.solid, np.where(early >= moment, first, then))
    return float((density * metal.volume)[metal.part].sum())


def test_metal_under_pressure_is_fed_until_its_gate_has_frozen():
    time, metal = biscuit(neck=30.0)
    pressed = of(time, metal, pressing=Pressing(60e6, role="biscuit"))
    # Full of metal as the gate freezes, the part keeps that mass: what it still contracts by is its cavity.
    volume = float(metal.volume[metal.part].sum())
    assert pressed.volumes["part"] == pytest.approx(volume - mass_at(30.0, time, metal), rel=1e-9)
    assert pressed.volumes["biscuit"] == 0.0
    assert pressed.defect < 1e-12
    assert pressed.total + pressed.pressed_in == pytest.approx(pressed.expected, rel=1e-9)
    cavity = pressed.in_part[0]
    assert (cavity.cause, cavity.since, cavity.cause_body) == ("neck", 30.0, "biscuit")
    # The broken version, without pressure, empties the part from its top from the first moment on.
    loose = of(time, metal)
    assert loose.pressed_in == 0.0
    assert loose.volumes["part"] > 1.15 * pressed.volumes["part"]


def test_a_gate_that_outlives_the_part_leaves_no_cavity():
    time, metal = biscuit(neck=150.0)
    pressed = of(time, metal, pressing=Pressing(60e6, role="biscuit"))
    assert pressed.total == pytest.approx(0.0, abs=1e-15)
    assert pressed.pressed_in == pytest.approx(pressed.expected, rel=1e-9)
    assert not pressed.cavities
    assert of(time, metal).volumes["part"] > 0.0


def test_pressure_that_goes_leaves_the_rest_to_gravity():
    time, metal = biscuit(neck=150.0)
    held = of(time, metal, pressing=Pressing(40e3, role="biscuit", until=30.0))
    whole = of(time, metal, pressing=Pressing(40e3, role="biscuit"))
    loose = of(time, metal, pressing=Pressing(40e3, role="biscuit", until=0.0))
    assert 0.0 < held.pressed_in < whole.pressed_in
    assert held.total + held.pressed_in == pytest.approx(held.expected, rel=1e-9)
    assert np.array_equal(loose.cavity, of(time, metal).cavity, equal_nan=True)


def test_a_thin_biscuit_ends_the_plungers_way():
    """What is pressed in is the biscuit's own metal at most; then the rest opens as cavities, to the same sum."""
    time, metal = biscuit(neck=150.0)
    whole = of(time, metal, pressing=Pressing(60e6, role="biscuit"))
    assert not whole.plunger_ended and whole.pressed_in < whole.pressable
    assert "% of the biscuit" in str(whole)
    # A biscuit that holds a third of what is asked for.
    factor = 0.3 * whole.pressed_in / whole.pressable
    thin = replace(metal, volume=np.where(metal.of_role("biscuit"), factor * metal.volume, metal.volume))
    ended = of(time, thin, pressing=Pressing(60e6, role="biscuit"))
    room = float(thin.volume[metal.mask & metal.of_role("biscuit")].sum())
    assert ended.plunger_ended and "the plunger is at its end" in str(ended)
    assert ended.pressed_in == ended.pressable == pytest.approx(STEEL.liquid * room, rel=1e-12)
    assert ended.total > 0.0 and ended.total + ended.pressed_in == pytest.approx(ended.expected, rel=1e-9)
    # A furnace has no such end.
    tube = replace(thin, body_names=("block", "sprue"), body_roles=("part", "sprue"))
    assert of(time, tube, pressing=Pressing(60e3, role="sprue")).total == pytest.approx(0.0, abs=1e-15)


def test_the_run_tells_what_presses():
    time, metal = biscuit(neck=30.0)
    plain = of(time, metal)
    assert plain.pressed_by == ""
    assert "pressed in through the biscuit" in str(of(time, metal, pressing=Pressing(60e6, role="biscuit")))
