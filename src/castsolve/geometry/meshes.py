"""Meshes of finite-element programs: the skin of every body of cells, by physical group or set."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .polygons import cut_polygons

__all__ = ["MESH_SUFFIXES", "RawBody", "mesh_bodies"]

MESH_SUFFIXES = {
    ".msh": "gmsh", ".vtu": "vtu", ".vtk": "vtk", ".inp": "abaqus", ".bdf": "nastran", ".nas": "nastran",
}  # fmt: skip

# Corners of a cell (mid-side points follow them and are left out) and its faces.
_SOLIDS: dict[str, tuple[int, tuple[tuple[int, ...], ...]]] = {
    "tetra": (4, ((0, 1, 2), (0, 1, 3), (1, 2, 3), (0, 2, 3))),
    "pyramid": (5, ((0, 1, 2, 3), (0, 1, 4), (1, 2, 4), (2, 3, 4), (3, 0, 4))),
    "wedge": (6, ((0, 1, 2), (3, 4, 5), (0, 1, 4, 3), (1, 2, 5, 4), (2, 0, 3, 5))),
    "hexahedron": (8, ((0, 1, 2, 3), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7))),
}
_FLATS = {"triangle": 3, "quad": 4}

# Where formats keep the number of the body of a cell.
_TAGS = ("gmsh:physical", "nastran:ref", "CellEntityIds")

# A body as it is in a file: its name, its triangles as numbers of points.
RawBody = tuple[str, NDArray[np.int64]]


def mesh_bodies(data: bytes, suffix: str) -> tuple[NDArray[np.float64], list[RawBody], list[str]]:
    """Return points, the skins of all bodies and notes of a mesh file.

    Parameters
    ----------
    data : bytes
        The whole file.
    suffix : str
        Its ending: ".msh", ".vtu", ".vtk", ".inp", ".bdf" or ".nas".

    Raises
    ------
    Exception
        Whatever meshio raises, SystemExit included; the caller turns it into one refusal.
    """
    import meshio

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / f"mesh{suffix}"
        place.write_bytes(_readable(data, suffix))
        mesh = meshio.read(place, file_format=MESH_SUFFIXES[suffix])
    points = np.asarray(mesh.points, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] < 3:
        raise ValueError("its points have no x, y, z")
    points = np.ascontiguousarray(points[:, :3])
    solids = [(n, *_plain(block.type, _SOLIDS)) for n, block in enumerate(mesh.cells) if _plain(block.type, _SOLIDS)[0]]
    notes: list[str] = []
    if solids:
        return points, *_skins(mesh, points, solids, notes)
    found = []
    for block in mesh.cells:
        kind, count = _plain(block.type, _FLATS)
        if kind:
            found.append(cut_polygons(points, _rows(block.data, count, len(points))))
    if not found:
        kinds = ", ".join(sorted({block.type for block in mesh.cells})) or "none"
        raise ValueError(f"it holds no volume cells and no faces (cells: {kinds})")
    notes.append("the file holds no volume cells; its faces were taken")
    return points, [("part", np.concatenate(found))], notes


def _readable(data: bytes, suffix: str) -> bytes:
    """Return a file with what meshio is known to stumble over put right."""
    if suffix == ".msh":
        if data.lstrip().startswith(b"$NOD"):
            raise ValueError("it is of the Gmsh format 1 of before 2004; save it from Gmsh as version 4")
        # meshio under numpy 2 writes such numbers and cannot read them back.
        data = re.sub(rb"np\.(?:float|int)\d+\(([^)]*)\)", rb"\1", data)
    if suffix in (".bdf", ".nas") and not re.search(rb"^\s*BEGIN\s+BULK", data, re.MULTILINE | re.IGNORECASE):
        data = b"BEGIN BULK\n" + data
    return data


def _plain(kind: str, known: dict[str, Any]) -> tuple[str, int]:
    """Return the cell of first order that a meshio type is built on, and its number of corners; "" where it is another."""
    name = re.sub(r"\d+$", "", kind)
    entry = known.get(name)
    if entry is None:
        return "", 0
    return name, entry[0] if isinstance(entry, tuple) else entry


def _rows(data: Any, count: int, points: int) -> NDArray[np.int64]:
    rows = np.asarray(data)[:, :count].astype(np.int64)
    if len(rows) and (rows.min() < 0 or rows.max() >= points):
        raise ValueError("its cells refer to points that are not there")
    return rows


def _skins(
    mesh: Any, points: NDArray[np.float64], solids: list[tuple[int, str, int]], notes: list[str]
) -> tuple[list[RawBody], list[str]]:
    names = _names(mesh, solids)
    bodies: list[RawBody] = []
    second = 0
    for name in dict.fromkeys(entry for column in names.values() for entry in column):
        faces: dict[int, list[NDArray[np.int64]]] = {3: [], 4: []}
        middles: dict[int, list[NDArray[np.float64]]] = {3: [], 4: []}
        for number, kind, count in solids:
            rows = _rows(mesh.cells[number].data, count, len(points))
            second += len(rows) if np.asarray(mesh.cells[number].data).shape[1] > count else 0
            rows = rows[names[number] == name]
            centre = points[rows].mean(axis=1)
            for face in _SOLIDS[kind][1]:
                faces[len(face)].append(rows[:, face])
                middles[len(face)].append(centre)
        skin = [_outer(points, np.concatenate(faces[n]), np.concatenate(middles[n])) for n in (3, 4) if faces[n]]
        skin = [part for part in skin if len(part)]
        if skin:
            bodies.append((str(name), np.concatenate(skin)))
    if second:
        notes.append("points between corners (cells of second order) were left out")
    notes.append(f"the skin of {sum(len(mesh.cells[n].data) for n, _, _ in solids)} volume cells was taken")
    return bodies, notes


def _outer(points: NDArray[np.float64], faces: NDArray[np.int64], middles: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return triangles of the faces that one cell has alone, turned away from the middle of their cell."""
    rank = np.sort(faces, axis=1)
    order = np.lexsort(tuple(rank[:, k] for k in range(rank.shape[1])))
    ranked = rank[order]
    same = np.concatenate([[False], (ranked[1:] == ranked[:-1]).all(axis=1), [False]])
    alone = order[~(same[:-1] | same[1:])]
    face, middle = faces[alone], middles[alone]
    if not len(face):
        return np.zeros((0, 3), dtype=np.int64)
    c = points[face]
    # The diagonals of a quad span its mean plane; of a triangle two edges do.
    normal = np.cross(c[:, 2] - c[:, 0], c[:, -1] - c[:, 1]) if c.shape[1] == 4 else np.cross(c[:, 1] - c[:, 0], c[:, 2] - c[:, 0])
    inward = (normal * (c.mean(axis=1) - middle)).sum(axis=1) < 0.0
    face = np.where(inward[:, None], face[:, ::-1], face)
    # Begun at their lowest point, two faces that lie back to back are cut along the same diagonal, and cancel as one body.
    turn = face.argmin(axis=1)[:, None] + np.arange(face.shape[1])
    return cut_polygons(points, np.take_along_axis(face, turn % face.shape[1], axis=1))


def _names(mesh: Any, solids: list[tuple[int, str, int]]) -> dict[int, NDArray[Any]]:
    """Return the name of the body of every volume cell: its physical group, else its set, else "part"."""
    names = {number: np.full(len(mesh.cells[number].data), "part", dtype=object) for number, _, _ in solids}
    sets = {key: value for key, value in (mesh.cell_sets or {}).items() if not key.startswith("gmsh:")}
    for key, members in sets.items():
        for number in names:
            if number < len(members) and members[number] is not None and len(members[number]):
                names[number][np.asarray(members[number], dtype=np.int64)] = key
    data = mesh.cell_data or {}
    tags = next((data[key] for key in _TAGS if key in data), None)
    if tags is not None and not sets:
        called = {int(value[0]): key for key, value in (mesh.field_data or {}).items() if len(value) > 1 and int(value[1]) == 3}
        for number, name in names.items():
            for tag in np.unique(tags[number]):
                name[np.asarray(tags[number]) == tag] = called.get(int(tag), f"group {int(tag)}")
    return names
