"""Files of every kind, units, sizes; whatever the bytes are, the only error is ours."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from castsolve.errors import GeometryError
from castsolve.geometry import Part
from castsolve.geometry.ply import read_ply

CUBE = """
v 0 0 0
v 10 0 0
v 10 10 0
v 0 10 0
v 0 0 10
v 10 0 10
v 10 10 10
v 0 10 10
"""
QUADS = "f 1 4 3 2\nf 5 6 7 8\ng sides\nf 1/1 2/1 6/1 5/1\nf 2//1 3//1 7//1 6//1\nf 3 4 8 \\\n7\nf 4 1 5 8\n"
PLY_HEAD = "ply\nformat ascii 1.0\nelement vertex 8\nproperty float x\nproperty float y\nproperty float z\n"
PLY_FACES = "element face 6\nproperty list uchar int vertex_indices\nend_header\n"
FACES = [(0, 3, 2, 1), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)]
ROWS = CUBE.strip().replace("v ", "")


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def test_an_obj_of_quads_groups_and_carried_lines_is_read(put: Callable[..., Path]) -> None:
    part = Part.read(put("cube.obj", CUBE + QUADS), unit="mm")
    assert part.volume == pytest.approx(1e-6, rel=1e-12)
    assert part.notes == ("6 faces of more than three corners were cut into triangles",)


@pytest.mark.parametrize("first", range(6))
@pytest.mark.parametrize("turn", [(0, 1, 2), (1, 2, 0), (2, 0, 1)])
def test_a_face_with_a_notch_is_cut_without_overlap(put: Callable[..., Path], first: int, turn: tuple) -> None:
    outline = np.array([(0, 0), (20, 0), (20, 10), (10, 10), (10, 20), (0, 20)])
    outline = np.roll(outline, -first, axis=0)
    points = np.array([(x, y, z) for z in (0, 10) for x, y in outline])[:, turn]
    caps = ["f 6 5 4 3 2 1", "f 7 8 9 10 11 12"]
    walls = [f"f {i + 1} {j + 1} {j + 7} {i + 7}" for i in range(6) for j in [(i + 1) % 6]]
    lines = [f"v {x} {y} {z}" for x, y, z in points]
    part = Part.read(put("angle.obj", "\n".join([*lines, *caps, *walls])), unit="mm")
    assert part.volume == pytest.approx(3e-6, rel=1e-12)
    assert part.area == pytest.approx((2 * 300 + 80 * 10) * 1e-6, rel=1e-12)


def test_an_obj_with_colours_and_doubled_points_is_merged(put: Callable[..., Path]) -> None:
    rows = ROWS.splitlines()
    lines = [f"v {rows[i]} 0.1 0.2 0.3" for face in FACES for i in face]
    faces = [f"f {4 * k + 1} {4 * k + 2} {4 * k + 3} {4 * k + 4}" for k in range(6)]
    part = Part.read(put("cube.obj", "\n".join([*lines, *faces])), unit="mm")
    assert len(part.surface.points) == 8
    assert part.volume == pytest.approx(1e-6, rel=1e-12)


def test_a_ply_of_quads_is_read(put: Callable[..., Path]) -> None:
    body = "\n".join("4 " + " ".join(map(str, f)) for f in FACES)
    part = Part.read(put("cube.ply", PLY_HEAD + PLY_FACES + ROWS + "\n" + body + "\n"), unit="cm")
    assert part.volume == pytest.approx(1e-3, rel=1e-12)


def test_an_off_of_triangles_is_read(put: Callable[..., Path]) -> None:
    tris = [f"3 {f[0]} {f[i]} {f[i + 1]}" for f in FACES for i in (1, 2)]
    part = Part.read(put("cube.off", "OFF\n8 12 0\n" + ROWS + "\n" + "\n".join(tris) + "\n"), unit="m")
    assert part.volume == pytest.approx(1e3, rel=1e-12)


def test_an_off_of_quads_with_comments_is_read(put: Callable[..., Path]) -> None:
    quads = ["4 " + " ".join(map(str, f)) for f in FACES]
    text = "OFF # cube\n# counts\n8 6 12\n" + ROWS + "\n" + "\n".join(quads)
    assert Part.read(put("cube.off", text), unit="mm").volume == pytest.approx(1e-6, rel=1e-12)


def test_a_ply_whose_list_is_called_vertex_index_is_read(put: Callable[..., Path]) -> None:
    body = "".join(f"4 {a} {b} {c} {d}\n" for a, b, c, d in FACES)
    head = PLY_HEAD + PLY_FACES.replace("vertex_indices", "vertex_index")
    assert Part.read(put("cube.ply", head + ROWS + "\n" + body), unit="mm").volume == pytest.approx(1e-6, rel=1e-12)


def binary_ply(order: str, ends: str, faces: list[tuple[int, ...]], *, extra: bool = True) -> bytes:
    """Return a cube as a scanner's program writes it: colours at points and behind each face's list, one list more."""
    head = ["ply", f"format binary_{'little' if order == '<' else 'big'}_endian 1.0", "comment made by hand", "element vertex 8"]
    head += [f"property {kind} {name}" for kind, name in (("float", "x"), ("float", "y"), ("float", "z"), ("uchar", "red"))]
    head += [f"element face {len(faces)}", "property list uchar int vertex_indices"]
    head += ["property uchar red", "property list uchar float texcoord"] if extra else []
    body = b"".join(struct.pack(f"{order}3fB", *map(float, row.split()), 13) for row in ROWS.splitlines())
    for face in faces:
        body += struct.pack(f"{order}B{len(face)}i", len(face), *face)
        body += struct.pack(f"{order}BB2f", 10, 2, 0.5, 0.25) if extra else b""
    return ends.join([*head, "end_header", ""]).encode() + body


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("extra", [True, False])
@pytest.mark.parametrize("mixed", [True, False])
def test_a_binary_ply_is_read_whatever_else_it_says(
    put: Callable[..., Path], order: str, ends: str, extra: bool, mixed: bool
) -> None:
    triangles = [(f[0], f[i], f[i + 1]) for f in FACES for i in (1, 2)]
    faces = [*FACES[:3], *triangles[6:]] if mixed else triangles
    content = binary_ply(order, ends, faces, extra=extra)
    part = Part.read(put("cube.ply", content), unit="mm")
    assert part.volume == pytest.approx(1e-6, rel=1e-12)
    assert part.notes == (("3 faces of more than three corners were cut into triangles",) if mixed else ())
    with pytest.raises(GeometryError, match="cannot be read as PLY: the file is cut short"):
        Part.read(put("cut.ply", content[:-3]), unit="mm")


def test_a_ply_of_a_real_scan_is_read(geometry: Path) -> None:
    file = geometry / "broken" / "trimesh_cycloidal.ply"
    if not file.is_file():
        pytest.skip("it is not there")
    points, (faces,) = read_ply(file.read_bytes())
    assert points.shape == (21384, 3) and faces.shape == (43368, 3)
    with pytest.raises(GeometryError, match=r"made of bodies that overlap; .* near x, y, z = "):
        Part.read(file, unit="mm")


@pytest.mark.parametrize(("unit", "edge"), [("mm", 1e-2), ("cm", 0.1), ("m", 10.0), ("inch", 0.254)])
def test_every_unit_has_its_size(put: Callable[..., Path], unit: str, edge: float) -> None:
    np.testing.assert_allclose(Part.read(put("cube.obj", CUBE + QUADS), unit=unit).size, edge, rtol=1e-12)


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        (None, r'cube\.obj: a length unit must be stated: unit="mm"'),
        ("milimeter", r'no length unit named "milimeter"'),
        ("MM", r'no length unit named "MM"; nearest are "mm"'),
        (1e-3, "no length unit named"),
        ("um", r'10 um long \(allowed are 0.1 mm to 50 m\); did you mean unit="mm" or unit="cm"'),
    ],
)
def test_a_unit_is_stated_known_and_believable(put: Callable[..., Path], unit: object, words: str) -> None:
    with pytest.raises(GeometryError, match=words):
        Part.read(put("cube.obj", CUBE + QUADS), unit=unit)  # type: ignore[arg-type]


def test_a_valve_of_350_m_is_refused(tmp_path: Path) -> None:
    Part.box((0.35, 0.2, 0.2)).write(tmp_path / "valve.stl", unit="mm")
    with pytest.raises(GeometryError, match=r'valve\.stl: the part is 350 m long .* did you mean unit="mm"'):
        Part.read(tmp_path / "valve.stl", unit="m")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("part.step", "ISO-10303", r"part\.step: unit = 'mm' is not needed; STEP files state their own"),
        ("part.dwg", "AC1027", r"'\.dwg' are not read; allowed are \.stl"),
        ("part.msh", "$MeshFormat\n2.2 0 8\n", "part.msh cannot be read as gmsh"),
        ("part.msh", "$NOD\n1\n", "of the Gmsh format 1 of before 2004"),
        ("part.inp", "*NODE\n1, 0, 0\n", "part.inp cannot be read as abaqus"),
        ("part.vtu", "<VTKFile>", "part.vtu cannot be read as vtu"),
        ("part.bdf", "GRID    1\n", "part.bdf cannot be read as nastran"),
        ("part", "solid", "type 'none' are not read"),
        ("part.obj", "", "is empty"),
        ("part.obj", "v 0 0 0\n", "holds no faces"),
        ("part.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n", "refer to points that are not there"),
        ("part.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\nf -3 -2 -1\n", "count them backwards"),
        ("part.obj", "v 0 0 0\nv 1 x 0\nf 1 2 2\n", "cannot be read as OBJ: could not convert"),
        ("part.obj", "v 0 0 0\nv nan 0 0\nv 0 1 0\nf 1 2 3\n", "1 of 3 points are not finite"),
        ("part.obj", "v 0 0\nv 1 0\nv 0 1\nf 1 2 3\n", "no x, y, z"),
        ("part.obj", "v 0 0 0\nv 1e12 0 0\nv 0 1 0\nf 1 2 3\n", "beyond belief"),
        ("part.off", "COFF\n1 1 1\n", "cannot be read as OFF: the first word"),
        ("part.off", "OFF\n3 1 0\n0 0 0\n1e200 0 0\n0 1e200 0\n3 0 1 2\n", "beyond belief"),
        ("part.off", "OFF\n", "cannot be read as OFF"),
        ("part.off", "OFF\n900000000 2 0\n0 0 0\n", "cut short"),
        ("part.ply", "ply\nformat ascii 1.0\n", "cannot be read as PLY: the header has no end"),
        ("part.ply", PLY_HEAD.replace("8", "99999999") + PLY_FACES, "announces more than the file holds"),
        ("part.ply", "ply\nformat odd\nend_header\n", 'read as PLY: the line "format odd" of its header is not understood'),
        ("part.ply", "plz\nformat ascii 1.0\nend_header\n", "the first word is not ply"),
        ("part.ply", PLY_HEAD + PLY_FACES + ROWS + "\n-1 0 1 2\n", "a list announces less than nothing"),
        ("part.ply", PLY_HEAD + PLY_FACES + ROWS + "\n3 0 1\n", "the file is cut short"),
        ("part.ply", PLY_HEAD + PLY_FACES.replace("face", "edge") + ROWS + "\n" + "0\n" * 6, "it holds no faces"),
        ("part.ply", PLY_HEAD + PLY_FACES.replace("int", "float") + ROWS + 6 * "\n3 0 1 2", "no lists of whole numbers"),
        ("part.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "is not closed: 3 edges at holes, in 1 place; the worst"),
    ],
)
def test_bad_files_are_refused_in_one_sentence(
    put: Callable[..., Path], capfd: pytest.CaptureFixture[str], name: str, content: str, words: str
) -> None:
    with pytest.raises(GeometryError, match=words) as caught:
        Part.read(put(name, content), unit="mm")
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(GeometryError, match="there is no file"):
        Part.read(tmp_path / "none.stl", unit="mm")
    (tmp_path / "folder.stl").mkdir()
    with pytest.raises(GeometryError, match="is a folder"):
        Part.read(tmp_path / "folder.stl", unit="mm")


@pytest.mark.usefixtures("coarse_repairs")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=600), st.sampled_from(["a.stl", "a.obj", "a.ply", "a.off"]))
def test_random_bytes_are_refused_as_ours(tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(GeometryError):
        Part.read(tmp_path / name, unit="mm")


@pytest.mark.usefixtures("coarse_repairs")
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_are_read_or_refused_as_ours(tmp_path: Path, as_ascii_stl: Callable, data: st.DataObject) -> None:
    body = "\n".join("4 " + " ".join(map(str, f)) for f in FACES)
    Part.box(10e-3).write(tmp_path / "good.stl")
    good = {
        "a.stl": (tmp_path / "good.stl").read_bytes(),
        "b.stl": as_ascii_stl(Part.box(10.0).surface).encode(),
        "a.obj": (CUBE + QUADS).encode(),
        "a.ply": (PLY_HEAD + PLY_FACES + ROWS + "\n" + body + "\n").encode(),
    }
    name = data.draw(st.sampled_from(sorted(good)))
    content = bytearray(good[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(1, len(content)))]
    (tmp_path / name).write_bytes(content)
    refusal = ""
    try:
        assert Part.read(tmp_path / name, unit="mm").volume > 0.0
    except GeometryError as error:
        refusal = str(error)
    assert "\n" not in refusal
