"""Meshes of finite-element programs and CAD: skins of volume cells, bodies by group, units, volumes against voxels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from castsolve.casting.case import parse_case
from castsolve.errors import GeometryError
from castsolve.geometry import Grid, GridBody, Part

meshio = pytest.importorskip("meshio")

# A casting of 40 x 20 x 20 mm on a chill of 40 x 20 x 10 mm, in cells of 10 mm.
CELLS = (4, 2, 3)
CASTING, CHILL = 16e-6, 8e-6
NAMES = {1: "casting", 2: "cooling block"}
# Six tetrahedra of a hexahedron around its diagonal, and its two wedges.
TETRAHEDRA = [(0, 1, 2, 6), (0, 2, 3, 6), (0, 3, 7, 6), (0, 7, 4, 6), (0, 4, 5, 6), (0, 5, 1, 6)]
WEDGES = [(0, 1, 2, 4, 5, 6), (0, 2, 3, 4, 6, 7)]


def points_and_cells(kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return points (mm), cells of a kind, and the number of the body of each cell."""
    nx, ny, nz = CELLS
    x, y, z = np.meshgrid(*(10.0 * np.arange(n + 1) for n in CELLS), indexing="ij")
    points = np.stack([x.ravel(), y.ravel(), z.ravel()], axis=1)
    number = np.arange(len(points)).reshape(nx + 1, ny + 1, nz + 1)
    corners = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)]
    whole = np.stack([number[i : i + nx, j : j + ny, k : k + nz].ravel() for i, j, k in corners], axis=1)
    body = np.where(points[whole].mean(axis=1)[:, 2] < 10.0, 2, 1)
    split = {"hexahedron": [tuple(range(8))], "tetra": TETRAHEDRA, "tetra10": TETRAHEDRA, "wedge": WEDGES}[kind]
    cells = np.concatenate([whole[:, part] for part in split])
    body = np.tile(body, len(split))
    if kind == "tetra10":
        edges = np.array([(0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3)])
        ends = np.sort(cells[:, edges].reshape(-1, 2), axis=1)
        unique, place = np.unique(ends, axis=0, return_inverse=True)
        cells = np.hstack([cells, len(points) + place.reshape(-1, 6)])
        points = np.concatenate([points, points[unique].mean(axis=1)])
    return points, cells, body


def write(path: Path, kind: str, file_format: str, **options: object) -> Path:
    """Write the two bodies, grouped as the format can."""
    points, cells, body = points_and_cells(kind)
    mesh = meshio.Mesh(points, [(kind, cells)])
    if file_format.startswith("gmsh"):
        mesh.cell_data = {"gmsh:physical": [body.astype(np.int32)], "gmsh:geometrical": [body.astype(np.int32)]}
        mesh.field_data = {name: np.array([tag, 3]) for tag, name in NAMES.items()}
    elif file_format == "abaqus":
        mesh.cell_sets = {name.replace(" ", "_"): [np.flatnonzero(body == tag)] for tag, name in NAMES.items()}
    elif file_format == "nastran":
        mesh.cell_data = {"nastran:ref": [body]}
    elif file_format == "vtu":
        mesh.cell_data = {"CellEntityIds": [body]}
    meshio.write(path, mesh, file_format=file_format, **options)
    return path


FORMATS = [
    ("msh 4.1, binary", "a.msh", "gmsh", {"binary": True}), ("msh 4.1, text", "a.msh", "gmsh", {"binary": False}),
    ("msh 2.2, binary", "a.msh", "gmsh22", {"binary": True}), ("msh 2.2, text", "a.msh", "gmsh22", {"binary": False}),
    ("vtu", "a.vtu", "vtu", {}), ("inp", "a.inp", "abaqus", {}), ("bdf", "a.bdf", "nastran", {}), ("vtk", "a.vtk", "vtk", {}),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["tetra", "hexahedron", "wedge", "tetra10"])
@pytest.mark.parametrize(("name", "file", "file_format", "options"), FORMATS, ids=[row[0] for row in FORMATS])
def test_the_skin_of_volume_cells_is_taken(
    tmp_path: Path, kind: str, name: str, file: str, file_format: str, options: dict[str, object]
) -> None:
    """All bodies as one: the faces between them lie back to back and go."""
    path = write(tmp_path / file, kind, file_format, **options)
    part = Part.read(path, unit="mm")
    assert part.volume == pytest.approx(CASTING + CHILL, rel=1e-6)
    assert part.area == pytest.approx(2 * (40 * 20 + 40 * 30 + 20 * 30) * 1e-6, rel=1e-6)
    assert any("volume cells was taken" in note for note in part.notes)
    assert any("second order" in note for note in part.notes) == (kind == "tetra10")


@pytest.mark.parametrize(
    ("file", "file_format", "casting", "chill"),
    [
        ("a.msh", "gmsh22", "casting", "cooling block"),
        ("a.inp", "abaqus", "casting", "cooling_block"),
        ("a.bdf", "nastran", "group 1", "group 2"),
        ("a.vtu", "vtu", "group 1", "group 2"),
    ],
)
def test_bodies_come_by_group(tmp_path: Path, file: str, file_format: str, casting: str, chill: str) -> None:
    path = write(tmp_path / file, "tetra", file_format)
    for body, volume, low in ((casting, CASTING, 0.01), (chill, CHILL, 0.0)):
        part = Part.read(path, unit="mm", body=body)
        assert part.volume == pytest.approx(volume, rel=1e-6)
        assert part.surface.bounds[0][2] == pytest.approx(low, abs=1e-9)
    with pytest.raises(GeometryError, match=r'no body named "caste"'):
        Part.read(path, unit="mm", body="caste")


@pytest.mark.parametrize("version", [2.2, 4.1])
@pytest.mark.parametrize("binary", [0, 1])
def test_physical_groups_of_gmsh_are_bodies(tmp_path: Path, version: float, binary: int) -> None:
    """Written by Gmsh itself: meshio loses the groups of its format 4."""
    gmsh = pytest.importorskip("gmsh")
    gmsh.initialize(readConfigFiles=False, interruptible=False)
    try:
        options = {"General.Terminal": 0, "Mesh.MshFileVersion": version, "Mesh.Binary": binary, "Mesh.MeshSizeMax": 10}
        for name, value in options.items():
            gmsh.option.setNumber(name, value)
        occ = gmsh.model.occ
        occ.fragment([(3, occ.addBox(0, 0, 10, 40, 20, 20))], [(3, occ.addBox(0, 0, 0, 40, 20, 10))])
        occ.synchronize()
        for tag, name in NAMES.items():
            gmsh.model.addPhysicalGroup(3, [tag], tag, name=name)
        gmsh.model.mesh.generate(3)
        gmsh.write(str(tmp_path / "a.msh"))
    finally:
        gmsh.finalize()
    assert Part.read(tmp_path / "a.msh", unit="mm").area == pytest.approx(5200e-6, rel=1e-6)
    bodies = Part.read_bodies(tmp_path / "a.msh", unit="mm")
    assert {name: part.volume for name, part in bodies.items()} == pytest.approx(
        {"casting": CASTING, "cooling block": CHILL}, rel=1e-6
    )


def test_an_assembly_becomes_a_case_by_groups(tmp_path: Path) -> None:
    write(tmp_path / "both.msh", "tetra", "gmsh22")
    text = """
    part = { file = "both.msh", unit = "mm", body = "casting" }
    casting = { alloy = "A356", mould = "furan-sand", pour_temperature = "720 degC" }
    rigging = [{ kind = "chill", file = "both.msh", unit = "mm", body = "cooling block", material = "copper" }]
    run = { voxel = "2 mm" }
    """
    bodies = {body.role: body for body in parse_case(text, folder=tmp_path).casting.bodies}
    assert bodies["part"].surface.volume == pytest.approx(CASTING, rel=1e-6)
    assert bodies["chill"].surface.volume == pytest.approx(CHILL, rel=1e-6)
    assert bodies["chill"].material == "copper"


def test_a_deck_without_its_first_line_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.bdf", "tetra", "nastran")
    cards = [line for line in path.read_text().splitlines() if line.startswith(("GRID", "CTETRA", "*", "+", " ", "ENDDATA"))]
    path.write_text("\n".join(cards) + "\n")
    assert Part.read(path, unit="mm").volume == pytest.approx(CASTING + CHILL, rel=1e-6)


def test_a_mesh_of_faces_only_is_read_as_they_are(tmp_path: Path) -> None:
    box = Part.box(0.01).surface
    meshio.write(tmp_path / "a.vtu", meshio.Mesh(box.points * 1e3, [("triangle", box.triangles)]))
    part = Part.read(tmp_path / "a.vtu", unit="mm")
    assert part.volume == pytest.approx(1e-6, rel=1e-6)
    assert "the file holds no volume cells; its faces were taken" in part.notes


@pytest.mark.parametrize("wrong", ["cells", "lines"])
def test_meshes_that_are_no_body_are_refused(tmp_path: Path, wrong: str) -> None:
    points, cells, _ = points_and_cells("tetra")
    if wrong == "lines":
        meshio.write(tmp_path / "a.vtu", meshio.Mesh(points, [("line", cells[:, :2])]))
        words = "holds no volume cells and no faces"
    else:
        cells = cells.copy()
        cells[0, 0] = 10_000
        meshio.write(tmp_path / "a.vtu", meshio.Mesh(points, [("tetra", cells)]))
        words = "refer to points that are not there"
    with pytest.raises(GeometryError, match=words) as caught:
        Part.read(tmp_path / "a.vtu", unit="mm")
    assert "\n" not in str(caught.value)


@pytest.fixture
def step(tmp_path: Path) -> Callable[[str], Path]:
    """Return a writer of a STEP file of a plate with a hole and a pin beside it, in a unit."""
    gmsh = pytest.importorskip("gmsh")

    def make(unit: str) -> Path:
        size = {"MM": 1.0, "INCH": 1.0 / 25.4}[unit]
        path = tmp_path / f"{unit}.step"
        gmsh.initialize(readConfigFiles=False, interruptible=False)
        try:
            gmsh.option.setNumber("General.Terminal", 0)
            gmsh.option.setString("Geometry.OCCTargetUnit", unit)
            occ = gmsh.model.occ
            plate = occ.addBox(0, 0, 0, 60 * size, 40 * size, 10 * size)
            hole = occ.addCylinder(30 * size, 20 * size, -1 * size, 0, 0, 12 * size, 8 * size)
            occ.cut([(3, plate)], [(3, hole)])
            occ.addCylinder(80 * size, 20 * size, 0, 0, 0, 20 * size, 5 * size)
            occ.synchronize()
            gmsh.write(str(path))
        finally:
            gmsh.finalize()
        return path

    return make


PLATE, PIN = 60 * 40 * 10 - np.pi * 8**2 * 10, np.pi * 5**2 * 20


@pytest.mark.parametrize("unit", ["MM", "INCH"])
def test_cad_has_its_own_unit_and_the_voxels_its_volume(step: Callable[[str], Path], unit: str) -> None:
    """CAD volume, triangles and voxels: the same to the gates of each."""
    part = Part.read(step(unit))
    assert part.size[0] == pytest.approx(0.085, rel=1e-3)
    told = [note for note in part.notes if "CAD volume" in note]
    assert len(told) == 2
    exact = sum(float(note.split("CAD volume ")[1].split()[0]) for note in told)
    assert exact == pytest.approx((PLATE + PIN) * 1e-3, rel=1e-4)
    assert part.volume * 1e9 == pytest.approx(PLATE + PIN, rel=2e-3)
    box = (part.surface.bounds[0] - 4e-3, part.surface.bounds[1] + 4e-3)
    grid = Grid.build([GridBody("part", "part", part.surface, 0)], voxel=2e-3, box=box, fine_box=box)
    assert grid.region_volume(0) == pytest.approx(part.volume, rel=1e-6)
    assert grid.region_volume(0) * 1e9 == pytest.approx(PLATE + PIN, rel=2e-3)


def test_bodies_of_cad_come_by_solid(step: Callable[[str], Path]) -> None:
    path = step("MM")
    volumes = [Part.read(path, body=f"solid {n}").volume * 1e9 for n in (1, 2)]
    assert sorted(volumes) == pytest.approx(sorted([PLATE, PIN]), rel=3e-3)
