"""Files of parts: STL and OFF by own readers, meshes through meshio, CAD through gmsh; a unit is stated or refused."""

from __future__ import annotations

import contextlib
import io
import os
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import GeometryError, unknown_name
from .cad import CAD_SUFFIXES, cad_solids
from .edges import compacted
from .meshes import MESH_SUFFIXES, mesh_bodies
from .ply import read_ply
from .polygons import cut_polygons
from .repair import made_whole
from .shells import parted
from .sizes import FILE_UNITS, require_allowed_size
from .stl import merge_points, read_stl
from .surface import Surface

__all__ = ["FILE_UNITS", "Body", "read_bodies", "read_surface", "states_unit"]

_SUFFIXES = (".stl", ".obj", ".ply", ".off")


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """One body of a file: its name there, its closed outward surface in m, and notes of what was done."""

    name: str
    surface: Surface
    notes: tuple[str, ...]


def read_surface(
    path: str | os.PathLike[str], unit: Any, *, body: str | None = None, repair: bool = True
) -> tuple[Surface, tuple[str, ...]]:
    """Return the closed, outward surface of a file in metres, and notes of what was mended.

    Parameters
    ----------
    path : path-like
        A surface (STL, OBJ, PLY, OFF), a mesh of volume cells (msh, vtu, vtk, inp, bdf, nas), or CAD (STEP, IGES, BREP).
    unit : str or None
        Unit of the numbers in the file: "mm", "cm", "m", "um" or "inch". STEP and IGES state their own: None.
    body : str, optional
        The body that is wanted, by its name in the file. Default: all of them, as one.
    repair : bool
        False refuses what leaks instead of repairing it.

    Raises
    ------
    GeometryError
        If the unit is not stated, the file cannot be read, the surface is not closed, or its size is beyond belief.
    """
    file = Path(path)
    raw, notes = _raw_bodies(file, unit)
    if body is not None:
        found = {one.name: one for one in _whole_bodies(raw, file.name, repair)}
        if body not in found:
            raise GeometryError(f"{file.name}: {unknown_name('body', str(body), found)}")
        return found[body].surface, (*notes, *found[body].notes)
    surface = Surface.joined([one.surface for one in raw]) if len(raw) > 1 else raw[0].surface
    if len(raw) > 1:
        # Bodies of one mesh share points; where they touch, the faces between them lie back to back and go.
        merged, index = merge_points(surface.points)
        surface = Surface(merged.astype(np.float64), index[surface.triangles].astype(np.int32))
        names = ", ".join(f'"{one.name}"' for one in raw[:6]) + (" ..." if len(raw) > 6 else "")
        notes = [*notes, f"{len(raw)} bodies were taken as one: {names}"]
    own = [note for one in raw for note in one.notes]
    whole, mends = made_whole(surface, file.name, repair=repair)
    return whole, (*notes, *own, *mends)


def read_bodies(path: str | os.PathLike[str], unit: Any, *, repair: bool = True) -> list[Body]:
    """Return every body of a file: by solid, by physical group or set, by shell; parameters as in `read_surface`."""
    file = Path(path)
    raw, notes = _raw_bodies(file, unit)
    return [Body(one.name, one.surface, (*notes, *one.notes)) for one in _whole_bodies(raw, file.name, repair)]


def states_unit(file: str | os.PathLike[str]) -> bool:
    """Return whether files of this type state their own unit (STEP, IGES)."""
    return CAD_SUFFIXES.get(Path(file).suffix.lower(), False)


def _whole_bodies(raw: list[Body], name: str, repair: bool) -> list[Body]:
    if len(raw) == 1:
        whole, mends = made_whole(raw[0].surface, name, repair=repair)
        parts = parted(whole)
        if len(parts) == 1:
            return [Body(raw[0].name, whole, (*raw[0].notes, *mends))]
        return [Body(f"body {n}", part, (*raw[0].notes, *mends)) for n, part in enumerate(parts, 1)]
    whole_ones = [(one, *made_whole(one.surface, f'{name}, body "{one.name}"', repair=repair)) for one in raw]
    return [Body(one.name, surface, (*one.notes, *mends)) for one, surface, mends in whole_ones]


def _raw_bodies(file: Path, unit: Any) -> tuple[list[Body], list[str]]:
    """Return the bodies as they are in a file, in metres, and notes about the file."""
    suffix = file.suffix.lower()
    known = (*_SUFFIXES, *MESH_SUFFIXES, *CAD_SUFFIXES)
    own_unit = states_unit(file)
    if own_unit and unit is not None:
        raise GeometryError(
            f"{file.name}: unit = {unit!r} is not needed; {suffix[1:].upper()} files state their own, leave unit out"
        )
    factor = 1e-3 if own_unit else _unit_factor(unit, file)
    if suffix not in known:
        raise GeometryError(
            f"{file.name}: files of type {suffix or 'none'!r} are not read; allowed are {', '.join(known)}; export the part as STL"
        )
    data = _bytes_of(file)
    notes: list[str] = []
    if suffix in CAD_SUFFIXES:
        solids = _single_names([(s.name, s) for s in cad_solids(file)])
        bodies = [
            Body(name, _sized(s.points, s.triangles, factor, file.name, unit or "mm"), (_compared(s, factor),))
            for name, s in solids
        ]
        return bodies, notes
    if suffix in MESH_SUFFIXES:
        points, found, notes = _foreign(lambda: mesh_bodies(data, suffix), f"{file.name} cannot be read as {MESH_SUFFIXES[suffix]}")
        points = _foreign(lambda: _require_points(points), f"{file.name} cannot be read as {MESH_SUFFIXES[suffix]}")
        if not any(len(triangles) for _, triangles in found):
            raise GeometryError(f"{file.name}: the file holds no triangles; export the part again")
        return [Body(n, _sized(points, t, factor, file.name, unit), ()) for n, t in _single_names(found) if len(t)], notes
    if suffix == ".stl":
        points, triangles, notes = read_stl(data, file.name)
    elif suffix == ".off":
        points, triangles, notes = _read_off(data, file.name)
    elif suffix == ".ply":
        points, triangles, notes = _read_ply(data, file.name)
    else:
        points, triangles, notes = _read_obj(data, file.name)
    return [Body("part", _sized(points, triangles, factor, file.name, unit), ())], notes


def _single_names(pairs: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return bodies whose names differ: a repeated one is numbered."""
    seen: dict[str, int] = {}
    named = []
    for name, body in pairs:
        seen[name] = seen.get(name, 0) + 1
        named.append((name if seen[name] == 1 else f"{name} {seen[name]}", body))
    return named


def _compared(solid: Any, factor: float) -> str:
    c = solid.points[solid.triangles] - solid.points.mean(axis=0)
    held = abs(float(np.einsum("ij,ij->i", c[:, 0], np.cross(c[:, 1], c[:, 2])).sum() / 6.0))
    share = held / solid.volume - 1.0 if solid.volume > 0.0 else np.inf
    return f"{solid.name}: CAD volume {solid.volume * factor**3 * 1e6:.5g} cm3, the triangles hold {100.0 * share:+.2g} %"


def _sized(points: NDArray[np.float64], triangles: NDArray[Any], factor: float, name: str, unit: Any) -> Surface:
    largest = float(np.abs(points).max()) if len(points) else 0.0
    if largest > 1e9:
        raise GeometryError(
            f"{name}: a coordinate of {largest:.3g} {unit} is beyond belief; the file is damaged, export it again"
        )
    surface = compacted(points * factor, triangles) if len(triangles) else Surface(points * factor, triangles)
    _require_usual_size(surface, name, str(unit))
    return surface


def _unit_factor(unit: Any, path: Any) -> float:
    name = Path(path).name if isinstance(path, (str, os.PathLike)) else repr(path)
    if unit is None:
        choices = ", ".join(f'"{u}"' for u in FILE_UNITS)
        raise GeometryError(f'{name}: a length unit must be stated: unit="mm" for example; allowed are {choices}')
    if not isinstance(unit, str) or unit not in FILE_UNITS:
        raise GeometryError(f"{name}: {unknown_name('length unit', str(unit), FILE_UNITS)}")
    return FILE_UNITS[unit]


def _bytes_of(file: Path) -> bytes:
    if file.is_dir():
        raise GeometryError(f"{file} is a folder; name a file of type {', '.join(_SUFFIXES)} or CAD")
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise GeometryError(f"there is no file {file}; check the path (it is taken from the folder {Path.cwd()})") from None
    except (OSError, ValueError) as error:
        raise GeometryError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}; check its rights") from None
    if not data:
        raise GeometryError(f"{file.name}: the file is empty; export the part again")
    return data


def _require_usual_size(surface: Surface, name: str, unit: str) -> None:
    if not len(surface.triangles):
        raise GeometryError(f"{name}: the file holds no triangles; export the part again")
    require_allowed_size(float(surface.size.max()), name, unit)


def _joined_lines(data: bytes) -> io.StringIO:
    """Return the text of an OBJ file with lines that end in a backslash carried on."""
    return io.StringIO(data.replace(b"\r\n", b"\n").replace(b"\\\n", b" ").decode("utf-8", "replace"))


def _read_off(data: bytes, name: str) -> tuple[NDArray[np.float64], NDArray[np.int32], list[str]]:
    """Return points, triangles and notes of an OFF file, which is text: counts, points, faces."""
    text = re.sub(rb"#[^\n]*", b"", data).split()
    refusal = f"{name} cannot be read as OFF"
    try:
        if not text or text[0] != b"OFF":
            raise ValueError("the first word is not OFF")
        n, m = int(text[1]), int(text[2])
        if n < 0 or m < 0 or 3 * n + 4 * m > len(text):
            raise ValueError("the file is cut short")
        points = _require_points(np.array(text[4 : 4 + 3 * n], dtype=np.bytes_).astype(np.float64).reshape(n, 3))
        at = 4 + 3 * n
        faces = []
        for _ in range(m):
            count = int(text[at])
            faces.append([int(word) for word in text[at + 1 : at + 1 + count]])
            if len(faces[-1]) != count or count < 3:
                raise ValueError("a face has fewer corners than it announces, or fewer than three")
            # Colours may follow the corners; the line ends are gone, so they cannot be told from the next face.
            at += 1 + count
        if at != len(text):
            raise ValueError("more follows after the last face (colours are not read)")
        if any(not 0 <= corner < n for f in faces for corner in f):
            raise ValueError("its faces refer to points that are not there")
        by_count = {len(f): np.array([g for g in faces if len(g) == len(f)], dtype=np.int64) for f in faces}
        triangles = np.concatenate([np.zeros((0, 3), int), *(cut_polygons(points, f) for f in by_count.values())])
    except (ValueError, IndexError, OverflowError) as error:
        raise GeometryError(f"{refusal}: {error}; export the part as STL") from None
    many = sum(len(f) > 3 for f in faces)
    notes = [f"{many} faces of more than three corners were cut into triangles"] if many else []
    return *_merged(points, triangles.reshape(-1, 3), refusal), notes


def _read_ply(data: bytes, name: str) -> tuple[NDArray[np.float64], NDArray[np.int32], list[str]]:
    refusal = f"{name} cannot be read as PLY"

    def read() -> tuple[NDArray[np.float64], NDArray[np.int64], list[str]]:
        points, faces = read_ply(data)
        points = _require_points(points)
        return points, *_cut_faces(faces, points)

    points, triangles, notes = _foreign(read, refusal)
    return *_merged(points, triangles, refusal), notes


def _read_obj(data: bytes, name: str) -> tuple[NDArray[np.float64], NDArray[np.int32], list[str]]:
    import meshio

    refusal = f"{name} cannot be read as OBJ"

    def read() -> tuple[NDArray[np.float64], NDArray[np.int64], list[str]]:
        mesh = meshio.read(_joined_lines(data), file_format="obj")
        points = _require_points(np.asarray(mesh.points, dtype=np.float64)) if mesh.cells else np.zeros((0, 3))
        return points, *_triangles_of(mesh.cells, points)

    points, triangles, notes = _foreign(read, refusal)
    return *_merged(points, triangles, refusal), notes


def _foreign(read: Callable[[], Any], refusal: str) -> Any:
    """Return what a reader of foreign files returns; whatever it raises or prints becomes one refusal."""
    printed = io.StringIO()
    try:
        # meshio prints and leaves the process on some bad files; neither may reach the user.
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return read()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a reader of foreign files may raise anything
        lines = printed.getvalue().strip().splitlines() or str(error).strip().splitlines() or [type(error).__name__]
        raise GeometryError(f"{refusal}: {lines[0][:200]}; export the part as STL") from None


def _require_points(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the x, y, z of foreign points; refuse what are none."""
    if points.ndim != 2 or points.shape[1] < 3:
        raise ValueError("its points have no x, y, z")
    bad = int((~np.isfinite(points[:, :3]).all(axis=1)).sum())
    if bad:
        raise ValueError(f"{bad} of {len(points)} points are not finite")
    # Such numbers overflow in the area of a face; the size of a part is checked later, in its unit.
    if len(points) and np.abs(points[:, :3]).max() > 1e30:
        raise ValueError("a coordinate is beyond belief")
    return np.ascontiguousarray(points[:, :3])


def _merged(
    points: NDArray[np.float64], triangles: NDArray[np.int64], refusal: str
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Return the points of foreign faces, equal ones merged."""
    if not len(triangles):
        raise GeometryError(f"{refusal}: it holds no faces; export the part as STL")
    merged, index = merge_points(points)
    return merged.astype(np.float64), index[triangles].astype(np.int32)


def _triangles_of(blocks: Any, points: NDArray[np.float64]) -> tuple[NDArray[np.int64], list[str]]:
    """Return the triangles of all blocks of faces, and notes of what was left out or cut."""
    faces: list[NDArray[np.int64]] = []
    notes: list[str] = []
    for block in blocks:
        data = np.asarray(block.data)
        flat = block.type in ("triangle", "quad") or block.type.startswith("polygon")
        if not flat or data.ndim != 2 or data.dtype.kind not in "iu":
            if block.type in ("vertex", "line"):
                notes.append(f"{len(data)} cells of type {block.type} were left out")
                continue
            raise ValueError(f"cells of type {block.type} are no faces")
        # Unsigned indices would turn -1 into a large number and overflow on the way to int32.
        if data.shape[1] >= 3:
            faces.append(data.astype(np.int64))
    triangles, cut = _cut_faces(faces, points)
    return triangles, [*notes, *cut]


def _cut_faces(faces: Sequence[NDArray[np.int64]], points: NDArray[np.float64]) -> tuple[NDArray[np.int64], list[str]]:
    """Return the triangles of faces; one of more corners is cut, and a note says how many were."""
    if any(found.min() < 0 or found.max() >= len(points) for found in faces):
        raise ValueError("its faces refer to points that are not there (or count them backwards)")
    cut = sum(len(found) for found in faces if found.shape[1] > 3)
    notes = [f"{cut} faces of more than three corners were cut into triangles"] if cut else []
    return np.concatenate([np.zeros((0, 3), dtype=np.int64), *(cut_polygons(points, found) for found in faces)]), notes
