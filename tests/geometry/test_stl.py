"""The STL reader and writer: two forms, one part; damaged files named as such."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from castsolve.errors import GeometryError
from castsolve.geometry import Part
from castsolve.geometry.stl import merge_points, read_stl

BALL = Part.sphere(0.1, centre=(0.3, 0.2, 0.1), segments=48)


@pytest.fixture
def binary(tmp_path: Path) -> bytes:
    BALL.write(tmp_path / "ball.stl", unit="mm")
    return (tmp_path / "ball.stl").read_bytes()


def test_what_was_written_is_read(tmp_path: Path) -> None:
    BALL.write(tmp_path / "ball.stl", unit="mm")
    again = Part.read(tmp_path / "ball.stl", unit="mm")
    assert (again.name, again.unit, again.notes) == ("ball", "mm", ())
    assert again.volume == pytest.approx(BALL.volume, rel=1e-6)
    assert len(again.surface.points) == len(BALL.surface.points)
    np.testing.assert_allclose(again.bounds, BALL.bounds, rtol=1e-6)


def test_text_and_binary_give_the_same_bits(binary: bytes, as_ascii_stl: Callable[..., str]) -> None:
    points, triangles, _ = read_stl(binary, "ball.stl")
    text = as_ascii_stl(BALL.scaled(1000.0).surface)
    for form in (text, text.replace("\n", "\r\n"), "\ufeff" + text, text.upper().replace("E+", "e+")):
        same_points, same_triangles, _ = read_stl(form.encode(), "ball.stl")
        np.testing.assert_array_equal(same_points.astype(np.float32), points.astype(np.float32))
        np.testing.assert_array_equal(same_triangles, triangles)


def test_a_binary_file_may_begin_with_solid(binary: bytes) -> None:
    odd = b"solid by some exporter".ljust(80) + binary[80:]
    assert len(read_stl(odd, "odd.stl")[1]) == len(BALL.surface.triangles)


def test_bytes_after_the_last_triangle_are_told(binary: bytes) -> None:
    _, triangles, notes = read_stl(binary + b"xyz", "ball.stl")
    assert len(triangles) == len(BALL.surface.triangles)
    assert notes == ["3 bytes after the last triangle were left out"]


def test_several_solids_of_a_text_file_are_kept(tmp_path: Path, as_ascii_stl: Callable[..., str]) -> None:
    two = as_ascii_stl(Part.box(10.0).surface) + as_ascii_stl(Part.box(10.0, centre=(30, 0, 0)).surface)
    (tmp_path / "two.stl").write_text(two)
    part = Part.read(tmp_path / "two.stl", unit="mm")
    assert part.volume == pytest.approx(2e-6)
    assert part.notes == ("2 shells were kept",)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda b: b"", "is empty"),
        (lambda b: b[:60], "60 bytes are too few"),
        (lambda b: b[:-70], "announces 1280 triangles but holds 1278; it is cut short"),
        (lambda b: b[:80] + b"\0\0\0\0", "holds no triangles"),
        (lambda b: b[:84] + b"\xff" * 50 + b[134:], "1 of 1280 triangles have a corner that is not finite"),
        (lambda b: bytes(range(256)) * 8, "cut short or is no STL file"),
    ],
)
def test_damaged_binary_files_are_named(binary: bytes, damage: Callable[[bytes], bytes], words: str) -> None:
    with pytest.raises(GeometryError, match=rf"ball\.stl: .*{words}"):
        read_stl(damage(binary), "ball.stl")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda t: t[: len(t) // 2], "facets are begun and .* are ended; the file is cut short"),
        (lambda t: "solid nothing\nendsolid nothing\n", "holds no triangles"),
        (lambda t: t.replace("vertex", "vertex 1.0", 1), "instead of 36"),
        (lambda t: t.replace("vertex 5", "vertex five", 1), "not made of three numbers"),
        (lambda t: t.replace("vertex 5", "vertex nan", 1).replace("vertex 5", "vertex inf", 1), "not finite"),
    ],
)
def test_damaged_text_files_are_named(as_ascii_stl: Callable[..., str], damage: Callable[[str], str], words: str) -> None:
    with pytest.raises(GeometryError, match=rf"part\.stl: .*{words}"):
        read_stl(damage(as_ascii_stl(Part.box(10.0).surface)).encode(), "part.stl")


def test_a_folder_that_cannot_be_written_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(GeometryError, match="cannot be written"):
        BALL.write(tmp_path / "no" / "ball.stl")
    (tmp_path / "ball.stl").mkdir()
    with pytest.raises(GeometryError, match="cannot be written"):
        BALL.write(tmp_path / "ball.stl")
    assert [p.name for p in tmp_path.iterdir()] == ["ball.stl"]


@given(
    st.lists(st.tuples(*[st.sampled_from([0.0, -0.0, 1.0, 1.0 + 2**-23, -3.5, 1e-30])] * 3), min_size=1, max_size=60),
    st.sampled_from([np.float32, np.float64]),
)
def test_merging_is_exact_and_in_order_of_appearance(rows: list, kind: type) -> None:
    points = np.array(rows, dtype=kind)
    merged, index = merge_points(points)
    np.testing.assert_array_equal(merged[index], points)
    assert len(merged) == len(np.unique(points + kind(0), axis=0))
    firsts = [int(np.flatnonzero(index == i)[0]) for i in range(len(merged))]
    assert firsts == sorted(firsts)


def test_merging_survives_rows_that_meet_in_one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    from castsolve.geometry import stl

    true_groups = stl._groups
    calls: list[int] = []

    def clashing(key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        calls.append(1)
        return true_groups(np.zeros_like(key) if len(calls) == 1 else key)

    monkeypatch.setattr(stl, "_groups", clashing)
    points = np.array([[0.0, 0, 0], [1, 0, 0], [0.0, 0, 0]])
    merged, index = merge_points(points)
    np.testing.assert_array_equal(merged[index], points)
    assert (len(calls), len(merged)) == (2, 2)
