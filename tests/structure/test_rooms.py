"""The rooms of the house are entered in one direction; this walks every import and says where one climbs."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "castsolve"

# A room imports only rooms before it.
ROOMS = (
    "errors",
    "units",
    "_kernels",
    "threads",
    "analytic",
    "materials",
    "geometry",
    "casting",
    "results",
    "simulation",
    "defects",
    "feeding",
    "study",
    "view",
    "demo",
    "cli",
)
NOT_BUILT_YET = {"feeding"}
# The doctor of the command line asks the kernels how they were built.
KERNEL_ROOMS = {"threads", "geometry", "simulation", "cli"}
FACADE = {"__init__", "__main__"}
FACADE_NAMES = {"__version__"}
BAD_NAMES = {"utils", "util", "common", "core", "heat", "model", "helpers", "misc"}

EVERYWHERE = {"numpy", "scipy"}
THIRD_PARTIES = {
    "meshio": {"geometry", "results"},
    "pyvista": {"view"},
    "PIL": {"view"},  # comes with pyvista, which needs it to save a picture
    "vtk": {"geometry", "view"},
    "vtkmodules": {"geometry", "view"},
    "gmsh": {"geometry"},
    "h5py": {"results", "study"},
    "xarray": {"results"},
    "imageio_ffmpeg": {"view"},
    "pint": {"units"},
    "pydantic": {"casting", "study", "cli"},
    "typer": {"cli"},
    "rich": {"cli"},
    "pycalphad": {"materials"},
    "scheil": {"materials"},
    "dask": {"study"},
    "distributed": {"study"},
    "optuna": {"study"},
    "SALib": {"study"},
    "manifold3d": {"demo"},
    "jinja2": {"view"},
    "trame": {"view"},
}
# These cost tenths of seconds to load: inside functions only.
LAZY = set(THIRD_PARTIES) - {"typer", "rich", "pydantic"}


@dataclass(frozen=True, order=True)
class Fault:
    file: str
    line: int
    kind: str
    what: str


def room_of(path: Path, root: Path) -> str:
    return path.relative_to(root).with_suffix("").parts[0]


def own_package(path: Path, root: Path) -> list[str]:
    """Return the dotted package of a file below the root, as parts: what one leading dot means there."""
    return list(path.relative_to(root).parent.parts)


def lazy_lines(tree: ast.Module) -> set[int]:
    """Return the lines whose imports do not run when the module is imported."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        typing = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        if inside or typing:
            body = node.body if isinstance(node.body, list) else [node.body]
            for statement in body:
                lines.update(range(statement.lineno, (statement.end_lineno or statement.lineno) + 1))
    return lines


class Walker:
    """Collects the faults of one package tree."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.package = root.name
        self.faults: list[Fault] = []

    def walk(self) -> list[Fault]:
        for path in sorted(self.root.rglob("*.py")):
            self.read(path)
        return sorted(self.faults)

    def fault(self, path: Path, line: int, kind: str, what: str) -> None:
        self.faults.append(Fault(path.relative_to(self.root).as_posix(), line, kind, what))

    def read(self, path: Path) -> None:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        room = room_of(path, self.root)
        if room not in ROOMS and room not in FACADE:
            self.fault(path, 1, "unknown room", room)
            return
        for part in path.relative_to(self.root).with_suffix("").parts:
            if part in BAD_NAMES:
                self.fault(path, 1, "bad name", part)
        lazy = lazy_lines(tree)
        modules: dict[str, str] = {}  # local name -> the other room's module it stands for
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.absolute(path, room, node.lineno, alias.name, lazy)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                self.absolute(path, room, node.lineno, node.module or "", lazy)
            elif isinstance(node, ast.ImportFrom):
                self.relative(path, room, node, modules)
            elif isinstance(node, ast.Call):
                self.dynamic(path, room, node, lazy)
        self.private_attributes(path, tree, modules)

    def absolute(self, path: Path, room: str, line: int, name: str, lazy: set[int]) -> None:
        top = name.split(".")[0]
        if top == self.package:
            self.fault(path, line, "self-import", name)
        elif top in sys.stdlib_module_names or top in EVERYWHERE:
            return
        elif top not in THIRD_PARTIES:
            self.fault(path, line, "unknown third party", top)
        elif room not in THIRD_PARTIES[top]:
            self.fault(path, line, "third party in the wrong room", top)
        elif top in LAZY and line not in lazy:
            self.fault(path, line, "third party at import time", top)

    def relative(self, path: Path, room: str, node: ast.ImportFrom, modules: dict[str, str]) -> None:
        here = own_package(path, self.root)
        up = node.level - 1
        if up > len(here):
            self.fault(path, node.lineno, "beyond the package", "." * node.level + (node.module or ""))
            return
        base = here[: len(here) - up] + (node.module.split(".") if node.module else [])
        for alias in node.names:
            if not base and alias.name in FACADE_NAMES:
                continue
            target = [*base, alias.name]
            self.enter(path, room, node.lineno, target)
            if target[0] != room and self.is_module(target):
                modules[alias.asname or alias.name] = ".".join(target)

    def is_module(self, target: list[str]) -> bool:
        place = self.root.joinpath(*target)
        return target == ["_kernels"] or place.is_dir() or place.with_suffix(".py").is_file()

    def enter(self, path: Path, room: str, line: int, target: list[str]) -> None:
        """Judge one imported thing, given as its dotted parts below the package."""
        name = ".".join(target)
        goal = target[0]
        if room in FACADE or goal == room:
            return
        if goal not in ROOMS:
            self.fault(path, line, "not a room", name)
        elif ROOMS.index(goal) > ROOMS.index(room):
            self.fault(path, line, "climb", name)
        elif goal == "_kernels" and room not in KERNEL_ROOMS:
            self.fault(path, line, "kernels outside their rooms", name)
        elif any(part.startswith("_") for part in target[1:]):
            self.fault(path, line, "private name", name)

    def dynamic(self, path: Path, room: str, call: ast.Call, lazy: set[int]) -> None:
        """Judge import_module("...") and __import__("...") where the name is written out."""
        called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if called not in {"import_module", "__import__"} or not call.args:
            return
        name = call.args[0].value if isinstance(call.args[0], ast.Constant) else None
        if not isinstance(name, str):
            if room not in FACADE:
                self.fault(path, call.lineno, "import of a computed name", called)
        elif name.startswith("."):
            level = len(name) - len(name.lstrip("."))
            here = own_package(path, self.root)
            if level - 1 > len(here):
                self.fault(path, call.lineno, "beyond the package", name)
            else:
                self.enter(path, room, call.lineno, here[: len(here) - level + 1] + name.lstrip(".").split("."))
        else:
            self.absolute(path, room, call.lineno, name, lazy)

    def private_attributes(self, path: Path, tree: ast.Module, modules: dict[str, str]) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
                dunder = node.attr.startswith("__") and node.attr.endswith("__")
                if node.attr.startswith("_") and not dunder:
                    self.fault(path, node.lineno, "private name", f"{modules[node.value.id]}.{node.attr}")


def test_no_room_is_entered_against_the_direction():
    faults = Walker(SOURCE).walk()
    assert not faults, "\n".join(f"{f.file}:{f.line}: {f.kind}: {f.what}" for f in faults)


def test_the_walk_sees_the_whole_house():
    seen = {room_of(path, SOURCE) for path in SOURCE.rglob("*.py")} | {"_kernels"}
    assert [room for room in ROOMS if room not in seen and room not in NOT_BUILT_YET] == []


# One line a fault: what stands in the file, and what the walk must say about that line ("" where it is right).
PLANTED: dict[str, list[tuple[str, str]]] = {
    "__init__.py": [("from .geometry.part import Part", ""), ("from . import units", "")],
    "__main__.py": [("from .cli import main", "")],
    "errors.py": [("import math", ""), ("from .units import mm", "climb")],
    "units.py": [("from .errors import InputError", ""), ("import pint", "third party at import time")],
    "utils.py": [("x = 1", "unknown room")],
    "analytic.py": [("from . import _kernels", "kernels outside their rooms"), ("from . import materials", "climb")],
    "materials/__init__.py": [("from .alloy import Alloy", ""), ("from ..geometry import Part", "climb")],
    "materials/alloy.py": [
        ("from __future__ import annotations", ""),
        ("import numpy as np", ""),
        ("from .. import units", ""),
        ("from ..errors import InputError", ""),
        ("import castsolve", "self-import"),
        ("from castsolve.errors import InputError", "self-import"),
        ("zero = units._ZERO_CELSIUS", "private name"),
        ("def heat():", ""),
        ("    from ..simulation.clock import Clock", "climb"),
        ("    import meshio", "third party in the wrong room"),
        ("    import tomllib", ""),
    ],
    "materials/deep/__init__.py": [],
    "materials/deep/table.py": [
        ("from ..alloy import Alloy", ""),
        ("from ...errors import InputError", ""),
        ("from ...casting.sand import SandCasting", "climb"),
        ("from ....castsolve import errors", "beyond the package"),
    ],
    "geometry/__init__.py": [("from .part import Part", "")],
    "geometry/core.py": [("y = 2", "bad name")],
    "geometry/_stl.py": [("def read() -> None:", ""), ("    import vtk", "")],
    "geometry/part.py": [
        ("from typing import TYPE_CHECKING", ""),
        ("from . import _stl", ""),
        ("from ._stl import read", ""),
        ("from .. import _kernels", ""),
        ("from .._kernels import cut_faces", ""),
        ("import meshio", "third party at import time"),
        ("if TYPE_CHECKING:", ""),
        ("    import vtk", ""),
        ("    from ..results import Results", "climb"),
        ("class Part:", ""),
        ("    async def read(self):", ""),
        ("        import meshio, pyvista", "third party in the wrong room"),
        ("        from vtkmodules.vtkFiltersCore import vtkCleanPolyData", ""),
        ("        import pandas", "unknown third party"),
    ],
    "casting/__init__.py": [
        ("from ..geometry._stl import read", "private name"),
        ("from ..geometry.part import Part, _hidden", "private name"),
        ("from .. import __version__", ""),
        ("from .. import Part", "not a room"),
    ],
    "results/__init__.py": [
        ("import importlib", ""),
        ("def view(name):", ""),
        ('    importlib.import_module("..view.section", __package__)', "climb"),
        ('    importlib.import_module("castsolve.view")', "self-import"),
        ('    importlib.import_module("json")', ""),
        ("    importlib.import_module(name)", "import of a computed name"),
    ],
    "simulation/__init__.py": [("from .. import _kernels", ""), ("rows = _kernels._row_sum", "private name")],
    "view/__init__.py": [
        ("def show():", ""),
        ("    import pyvista as pv", ""),
        ("    from ..cli import main", "climb"),
    ],
    "demo/__init__.py": [("from ..geometry import Part", "")],
    "cli.py": [("import typer", ""), ("from .view import show", ""), ("from .demo import run", "")],
}


def plant(root: Path) -> set[tuple[str, int, str]]:
    """Write the bad tree and return what must be found in it: file, line, kind."""
    expected = set()
    for name, lines in PLANTED.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(line + "\n" for line, _ in lines), encoding="utf-8")
        expected |= {(name, number, kind) for number, (_, kind) in enumerate(lines, start=1) if kind}
    return expected


def test_the_walk_finds_exactly_the_planted_faults(tmp_path):
    root = tmp_path / "castsolve"
    expected = plant(root)
    found = {(f.file, f.line, f.kind) for f in Walker(root).walk()}
    assert found - expected == set(), "said without reason"
    assert expected - found == set(), "not found"


def test_every_kind_of_fault_is_planted():
    kinds = {kind for lines in PLANTED.values() for _, kind in lines if kind}
    assert kinds == {
        "beyond the package",
        "bad name",
        "climb",
        "import of a computed name",
        "kernels outside their rooms",
        "not a room",
        "private name",
        "self-import",
        "third party at import time",
        "third party in the wrong room",
        "unknown room",
        "unknown third party",
    }


@pytest.mark.parametrize("clean", ["errors.py", "materials/deep/table.py"])
def test_a_tree_without_its_planted_faults_is_clean(tmp_path, clean):
    root = tmp_path / "castsolve"
    file = root / clean
    file.parent.mkdir(parents=True)
    file.write_text("".join(line + "\n" for line, kind in PLANTED[clean] if not kind), encoding="utf-8")
    assert Walker(root).walk() == []
