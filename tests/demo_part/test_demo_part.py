"""The demonstration casting: closed, small, as described, rigged by its own rules, and made again to the last byte."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from castsolve.casting import METAL, GatingDesign
from castsolve.demo import study, valve_body_path
from castsolve.errors import CastsolveError
from castsolve.geometry import Part


@pytest.fixture(scope="module")
def body() -> Part:
    return Part.read(valve_body_path(), unit="mm")


def test_the_file_is_small_and_closed(body: Part) -> None:
    assert valve_body_path().stat().st_size < 500_000
    assert body.notes == ()
    report = body.report()
    assert report.closed
    assert (report.shells, report.duplicates) == (1, 0)
    assert report.triangles < 9000


def test_it_is_what_its_description_says(body: Part) -> None:
    assert body.volume * 1e6 == pytest.approx(3537, abs=1)
    assert body.volume * 7850 == pytest.approx(27.8, abs=0.1)
    assert tuple(body.size * 1e3) == pytest.approx((300, 200, 258), abs=0.5)


def test_the_bonnet_is_up_and_the_gate_is_at_the_parting_plane(body: Part) -> None:
    assert tuple(body.top.point) == pytest.approx((0, 0, 0.158), abs=1e-6)
    assert not body.top.over_opening
    gate = body.nearest(study.GATE["near"])
    assert tuple(gate.normal) == pytest.approx((0, -1, 0), abs=1e-6)
    seat = body.above(*study.FLANGE_RISER["at"])
    assert seat.point[2] == pytest.approx(0.1, abs=2e-4)


def test_both_risers_freeze_after_what_they_feed() -> None:
    for riser, section in (
        (study.BONNET_RISER, study.bonnet_flange_modulus()),
        (study.FLANGE_RISER, study.pipe_flange_modulus()),
    ):
        modulus = study.riser_modulus(diameter=riser["diameter"], height=riser["height"])
        assert modulus >= study.MODULUS_RATIO * section


def test_both_risers_hold_enough_metal(body: Part) -> None:
    end = study.flange_end_volume()
    for riser, fed, efficiency in (
        (study.BONNET_RISER, body.volume - end, study.EFFICIENCY_SAND),
        (study.FLANGE_RISER, end, study.EFFICIENCY_SLEEVE),
    ):
        volume = math.pi / 4 * riser["diameter"] ** 2 * riser["height"]
        assert volume >= 1.1 * study.riser_demand(fed, efficiency=efficiency)


def test_the_chill_follows_flange_and_bore(body: Part) -> None:
    ring = Part.revolved(study.chill_profile(), axis="x", base=(0.148, 0, 0))
    low, high = ring.bounds
    assert low[0] == pytest.approx(0.148 - 0.019)
    assert high[0] == pytest.approx(0.148 + 0.032)
    # Half a millimetre outside the raised face, the flange face and the bore the chill is already there.
    for place in ((0.1505, 0.0, 0.055), (0.1485, 0.0, 0.08), (0.135, 0.0, 0.0405)):
        assert abs(ring.nearest(place).point - place).max() < 1e-3
        assert abs(body.nearest(place).point - place).max() < 1e-3


def test_the_script_makes_the_shipped_file_again(tmp_path: Path) -> None:
    pytest.importorskip("manifold3d", reason="manifold3d is only needed to make the part again")
    from castsolve.demo import make_valve_body

    assert make_valve_body.main([str(tmp_path / "again.stl")]) == 0
    again, shipped = Part.read(tmp_path / "again.stl", unit="mm"), Part.read(valve_body_path(), unit="mm")
    assert again.volume == pytest.approx(shipped.volume, rel=1e-6)
    assert again.area == pytest.approx(shipped.area, rel=1e-6)


def test_without_manifold_the_script_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from castsolve.demo import make_valve_body

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(make_valve_body.importlib, "import_module", missing)
    with pytest.raises(CastsolveError, match="pip install manifold3d"):
        make_valve_body.valve_body()


def test_the_pour_time_is_that_of_the_rule() -> None:
    casting = study.demo_casting()
    volume = sum(b.surface.volume for b in casting.bodies if b.role in METAL)
    density = float(casting.alloy.density_at(casting.alloy.liquidus.value))
    design = GatingDesign.of(study.ALLOY, mass=volume * density, head=0.3, ratio=(1, 1, 1))
    assert design.pour_time == pytest.approx(study.POUR_TIME, rel=0.01)
