"""CAD files through gmsh, the optional extra "cad": solids become triangles, their exact volume is kept for comparison."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import GeometryError
from .mending import agreed_facings
from .surface import Surface

__all__ = ["CAD_SUFFIXES", "Solid", "cad_solids"]

# True where the file states its own unit.
CAD_SUFFIXES = {".step": True, ".stp": True, ".iges": True, ".igs": True, ".brep": False}

# Triangles on a full circle, and the longest edge as a part of the longest of the box.
_ROUND = 32
_LONGEST = 1 / 20
# The triangles are made finer until they hold the volume of the CAD solid to this share, once at most.
_VOLUME = 2e-3
# What Open CASCADE writes into a STEP file where a solid was given no name.
_NO_NAME = "Open CASCADE STEP translator"


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """One solid of a CAD file.

    Attributes
    ----------
    name : str
    points : ndarray, shape (n, 3)
        In mm, or in the unit of a file that has none.
    triangles : ndarray of int, shape (m, 3)
    volume : float
        Exact volume of the CAD solid in the cube of that unit.
    """

    name: str
    points: NDArray[np.float64]
    triangles: NDArray[np.int64]
    volume: float


def cad_solids(path: Path) -> list[Solid]:
    """Return the solids of a STEP, IGES or BREP file as triangles.

    Raises
    ------
    GeometryError
        If gmsh or a library that it needs is not installed, the file cannot be read, or it holds no solid.
    """
    gmsh = _gmsh()
    with _session(gmsh):
        try:
            gmsh.model.occ.importShapes(str(path))
            gmsh.model.occ.synchronize()
        except Exception as error:  # noqa: BLE001 - gmsh raises plain Exception
            raise GeometryError(f"{path.name} cannot be read as CAD: {_first(error)}; export it as STEP again") from None
        tags = [tag for _, tag in gmsh.model.getEntities(3)]
        if not tags:
            raise GeometryError(f"{path.name} holds no solid, only faces or lines; sew them to a solid in the CAD program")
        try:
            return _meshed(gmsh, tags)
        except GeometryError:
            raise
        except Exception as error:  # noqa: BLE001 - gmsh raises plain Exception
            raise GeometryError(f"{path.name} cannot be cut into triangles: {_first(error)}; export it as STL") from None


def _gmsh() -> Any:
    try:
        import gmsh
    except ImportError:
        raise GeometryError(
            'CAD files are read through gmsh, which is not installed; run pip install "castsolve[cad]" or export the part as STL'
        ) from None
    except OSError as error:
        raise GeometryError(
            f"gmsh is installed, but a library of the system is missing ({error}); install it, for example with apt-get install "
            "libglu1-mesa libgl1 libxrender1 libxcursor1 libxfixes3 libxext6 libxft2 libfontconfig1 libxinerama1"
        ) from None
    return gmsh


def _first(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__


@contextlib.contextmanager
def _session(gmsh: Any) -> Iterator[None]:
    """Open gmsh, or a model beside the user's own where he has it open."""
    mine = not gmsh.isInitialized()
    if mine:
        # Ctrl-C stays with Python, settings of the user's home out of it.
        gmsh.initialize(readConfigFiles=False, interruptible=False)
    before = {name: gmsh.option.getNumber(name) for name in ("General.Terminal", "General.NumThreads")}
    unit = gmsh.option.getString("Geometry.OCCTargetUnit")
    gmsh.option.setNumber("General.Terminal", 0)
    gmsh.option.setNumber("General.NumThreads", 1)
    gmsh.option.setString("Geometry.OCCTargetUnit", "MM")
    gmsh.model.add("castsolve")
    try:
        yield
    finally:
        if mine:
            gmsh.finalize()
        else:
            gmsh.model.remove()
            for name, value in before.items():
                gmsh.option.setNumber(name, value)
            gmsh.option.setString("Geometry.OCCTargetUnit", unit)


def _meshed(gmsh: Any, tags: list[int]) -> list[Solid]:
    box = np.array(gmsh.model.getBoundingBox(-1, -1))
    size = float((box[3:] - box[:3]).max())
    exact = [float(gmsh.model.occ.getMass(3, tag)) for tag in tags]
    solids: list[Solid] = []
    for finer in (1.0, 2.0):
        gmsh.option.setNumber("Mesh.MeshSizeFromCurvature", _ROUND * finer)
        gmsh.option.setNumber("Mesh.MeshSizeMax", size * _LONGEST / finer)
        gmsh.option.setNumber("Mesh.MeshSizeMin", size / (400.0 * finer))
        gmsh.model.mesh.clear()
        gmsh.model.mesh.generate(2)
        solids = [_solid(gmsh, tag, number, volume) for number, (tag, volume) in enumerate(zip(tags, exact, strict=True), 1)]
        off = [abs(abs(_volume(s)) / s.volume - 1.0) for s in solids if s.volume > 0.0]
        if max(off, default=0.0) <= _VOLUME:
            break
    return solids


def _volume(solid: Solid) -> float:
    return Surface(solid.points, solid.triangles.astype(np.int32)).volume


def _solid(gmsh: Any, tag: int, number: int, volume: float) -> Solid:
    nodes, places = [], []
    triangles = []
    for _, face in gmsh.model.getBoundary([(3, tag)], oriented=False, combined=False):
        _, corner = gmsh.model.mesh.getElementsByType(2, abs(face))
        rows = np.asarray(corner, dtype=np.int64).reshape(-1, 3)
        triangles.append(rows)
        tags, place, _ = gmsh.model.mesh.getNodes(2, abs(face), includeBoundary=True)
        nodes.append(np.asarray(tags, dtype=np.int64))
        places.append(np.asarray(place).reshape(-1, 3))
    every, first = np.unique(np.concatenate(nodes), return_index=True)
    points = np.concatenate(places)[first]
    given = gmsh.model.getEntityName(3, tag).rpartition("/")[2].strip()
    if given.startswith(_NO_NAME):
        given = ""
    rows = np.searchsorted(every, np.concatenate(triangles))
    # The sense of a meshed face is that of its parametrisation, not always that of the solid.
    surface, _, _ = agreed_facings(Surface(points, rows.astype(np.int32)))
    out = surface.triangles if surface.volume >= 0.0 else surface.triangles[:, ::-1]
    return Solid(given or f"solid {number}", points, out.astype(np.int64), volume)
