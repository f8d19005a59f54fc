"""Animations, X-rays and what is not yet solid."""

from __future__ import annotations

import importlib
import itertools
import sys
from pathlib import Path

import numpy as np
import pytest

from castsolve import Part, SandCasting, solidify
from castsolve.defects import shrinkage
from castsolve.errors import InputError, ViewError
from castsolve.results import Results
from castsolve.units import degC, mm
from castsolve.view import animation, suspects, unfrozen, xray

pytestmark = pytest.mark.usefixtures("renderer")

SMALL = (480, 360)


def with_snapshots(result: Results) -> Results:
    """Return the made-up casting with three recorded temperatures."""
    hot = result["temperature"]
    shots = {float(t): (hot - 60.0 * n).astype(np.float32) for n, t in enumerate((10.0, 60.0, 240.0))}
    return Results(result.frame, fields=dict(result.fields), snapshots=shots, facts=dict(result.facts))


def frames(path: Path) -> list[np.ndarray]:
    from PIL import Image, ImageSequence

    with Image.open(path) as movie:
        return [np.asarray(f.convert("RGB")).astype(int) for f in ImageSequence.Iterator(movie)]


def test_recorded_temperatures_move(result: Results, tmp_path: Path) -> None:
    seen = frames(animation(with_snapshots(result), tmp_path / "deep" / "cooling.gif", size=SMALL))
    assert len(seen) == 3
    assert all(f.shape == (SMALL[1], SMALL[0], 3) for f in seen)
    # Only the drawing and the time in its heading change; the bar of colours stands still.
    bar = (slice(90, 300), slice(440, 480))
    for one, other in itertools.pairwise(seen):
        assert (np.abs(one - other).max(axis=2) > 20).mean() > 0.02
        assert np.abs(one[bar] - other[bar]).max() < 30
    # Colder is darker.
    drawing = (slice(90, 300), slice(40, 380))
    assert seen[0][drawing].mean() > seen[-1][drawing].mean()


def test_a_front_passes_through_the_casting(result: Results, tmp_path: Path) -> None:
    seen = frames(animation(result, tmp_path / "front.gif", "solidification_time", times=4, size=SMALL))
    assert len(seen) == 4
    changed = [(np.abs(f - seen[-1]).max(axis=2) > 30).sum() for f in seen[:-1]]
    assert changed == sorted(changed, reverse=True), "each frame is nearer to the last one"
    assert changed[0] > 500


def test_mp4_needs_its_extra(result: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(ViewError, match=r'only .gif can be written; get it with: pip install "castsolve\[movie\]"'):
        animation(result, tmp_path / "front.mp4", "solidification_time", times=2, size=SMALL)
    assert list(tmp_path.iterdir()) == []


def test_animations_are_refused_in_words(result: Results, tmp_path: Path) -> None:
    with pytest.raises(ViewError, match=r'cannot be saved as "front.avi"; end the name with .gif or .mp4'):
        animation(result, tmp_path / "front.avi")
    with pytest.raises(ViewError, match=r"at least two moments; this one has 0: run with record="):
        animation(result, tmp_path / "cooling.gif")
    with pytest.raises(ViewError, match='"niyama" cannot be animated: only "temperature" and fields of times can'):
        animation(result, tmp_path / "niyama.gif", "niyama")
    with pytest.raises(ViewError, match=r"pace = 0 frames a second must lie in \(0, 60\]"):
        animation(result, tmp_path / "front.gif", "solidification_time", pace=0.0)


def red(pixels: np.ndarray) -> float:
    return float(((pixels[..., 0].astype(int) - pixels[..., 2]) > 70).mean())


def test_less_is_unfrozen_later(result: Results) -> None:
    early, late = (red(unfrozen(result, t, size=SMALL).image()) for t in ("3 min", "6 min"))
    assert early > 2 * late > 0.0
    assert unfrozen(result).title == "Solidification time"
    with pytest.raises(ViewError, match=r'"niyama" is no time .*; use for example "solidification_time"'):
        unfrozen(result, 10.0, field="niyama")
    with pytest.raises(InputError, match="time"):
        unfrozen(result, "4 mm")


def test_the_users_own_fraction_solid_is_shown_first(result: Results) -> None:
    sooner = result.with_field("critical_time", 0.5 * result["solidification_time"])
    assert unfrozen(sooner, "3 min").title == "Critical time"
    assert red(unfrozen(sooner, "3 min", size=SMALL).image()) < red(unfrozen(result, "3 min", size=SMALL).image())


def test_a_fraction_solid_of_the_user_is_run_and_shown() -> None:
    """The picture says which fraction; nothing has passed at first, and a moment at which all has is refused."""
    bar = Part.box((60 * mm, 30 * mm, 30 * mm), name="bar")
    casting = SandCasting(bar, alloy="A356", mould="furan-sand", pour_temperature=degC(720))
    times = {}
    for share in (0.2, 0.7):
        run = solidify(casting, voxel=6 * mm, critical_fraction_solid=share)
        assert run.facts["critical_fraction_solid"] == pytest.approx(share)
        times[share] = run["critical_time"][run.metal]
        last = float(times[share].max())
        pictures = [red(unfrozen(run, t, size=SMALL).image()) for t in (0.1, 0.8 * last)]
        assert pictures[0] > 1.5 * pictures[1] > 0.0
        with pytest.raises(ViewError, match=rf"all metal has reached fraction solid {share} by .*; ask for an earlier time"):
            unfrozen(run, 1.01 * last)
    assert (times[0.2] < times[0.7]).all()
    # The same run tells by its balance of mass where metal is missing.
    pores = suspects(run)["cavities above 1 %"]
    balance = np.nan_to_num(shrinkage(run).cavity)
    np.testing.assert_array_equal(pores, np.where(balance > 0.01, balance, 0.0))
    assert pores.any() and not pores[~run.metal].any()
    assert "critical_fraction_solid" not in solidify(casting, voxel=6 * mm, until=5.0).facts


def test_suspect_volumes_are_those_of_the_criteria(result: Results) -> None:
    found = suspects(result)
    assert "hot spots" in found
    part = result.where(role="part")
    for mask in found.values():
        assert mask.any()
        assert not mask[~part].any()
    holes = np.where(result.metal, 0.0, np.nan).astype(np.float32)
    holes[tuple(np.argwhere(part)[100])] = 0.5
    assert float(suspects(result.with_field("porosity", holes))["cavities above 1 %"].sum()) == 0.5


def test_the_legend_tells_the_volume_of_the_cavities(result: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not that of the voxels they lie in: three voxels of which a half, a tenth and less than a hundredth is missing."""
    texts: list[str] = []
    write = importlib.import_module("castsolve.view.canvas").add_text

    def noted(plotter, text: str, *given, **options) -> None:
        texts.append(text)
        write(plotter, text, *given, **options)

    monkeypatch.setattr(importlib.import_module("castsolve.view.xray"), "add_text", noted)
    holes = np.where(result.metal, 0.0, np.nan).astype(np.float32)
    inside = [tuple(place) for place in np.argwhere(result.where(role="part"))[[100, 500, 900]]]
    for place, share in zip(inside, (0.5, 0.1, 0.005), strict=True):
        holes[place] = share
    xray(result.with_field("porosity", holes), size=SMALL).image()
    volume = 0.5 * result.volumes()[inside[0]] + 0.1 * result.volumes()[inside[1]]
    (told,) = (text for text in texts if text.startswith("cavities"))
    assert told == f"cavities above 1 %: {volume * 1e6:.3g} cm³"


def test_an_x_ray_shows_one_voxel(result: Results) -> None:
    alone = np.zeros(result.frame.shape, dtype=bool)
    clear = xray(result, {}, size=SMALL).image().astype(int)
    alone[tuple(np.argwhere(result.where(role="part"))[2000])] = True
    shown = xray(result, {"a pore": alone}, size=SMALL).image().astype(int)
    assert red(clear[:280]) == 0.0
    assert red(shown[:280]) > 0.0
    # Seen through what lies around it.
    part, nothing = result.where(role="part"), np.zeros(result.frame.shape, dtype=bool)
    within, around = (xray(result, {"a pore": pore, "hot": part}, size=SMALL).image()[:240] for pore in (alone, nothing))
    assert np.abs(within.astype(int) - around).max() > 30
    with pytest.raises(ViewError, match=r'the volume "a pore" has the shape \(2, 2, 2\)'):
        xray(result, {"a pore": np.ones((2, 2, 2), dtype=bool)})
