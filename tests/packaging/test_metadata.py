"""What the package says of itself: few run-time needs, one version, no file left out of the sdist or the wheel."""

from __future__ import annotations

import fnmatch
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "castsolve"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUN_TIME = {"numpy", "scipy", "meshio", "pyvista", "pint", "pydantic", "typer", "rich", "h5py"}
# What belongs to the sdist only, or to no archive at all.
SOURCES_OF_THE_EXTENSION = {".pyx", ".pxd", ".pxi", ".h"}
NEVER_SHIPPED = {".c", ".so", ".pyd", ".pyc"}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~; ]", text, maxsplit=1)[0] for text in requirements}


def test_run_time_needs_are_these_and_no_more():
    assert names(PROJECT["project"]["dependencies"]) == RUN_TIME


def test_extras_are_not_run_time_needs():
    extras = PROJECT["project"]["optional-dependencies"]
    assert set(extras) == {"test", "bench", "study", "report", "xarray", "movie", "cad", "calphad", "dev"}
    assert names([text for group in extras.values() for text in group]).isdisjoint(RUN_TIME)


def test_every_change_of_needs_has_its_reason():
    reasons = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    extras = PROJECT["project"]["optional-dependencies"]
    wanted = RUN_TIME | names([text for group in extras.values() for text in group])
    assert [name for name in sorted(wanted) if f"`{name}`" not in reasons] == []


def test_one_version_everywhere():
    import castsolve

    version = PROJECT["project"]["version"]
    assert castsolve.__version__ == version
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def shipped_files() -> list[Path]:
    files = [p for p in SOURCE.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    return [p for p in files if p.suffix not in NEVER_SHIPPED]


@pytest.mark.parametrize("path", shipped_files(), ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_every_file_has_a_place_in_the_archives(path):
    line = next(
        text
        for text in (ROOT / "MANIFEST.in").read_text(encoding="utf-8").splitlines()
        if text.startswith("recursive-include src/castsolve ")
    )
    assert any(fnmatch.fnmatch(path.name, pattern) for pattern in line.split()[2:]), "not in the sdist"
    if path.suffix == ".py" or path.suffix in SOURCES_OF_THE_EXTENSION:
        return
    wheel = PROJECT["tool"]["setuptools"]["package-data"]
    places = []
    for package, patterns in wheel.items():
        base = ROOT / "src" / Path(*package.split("."))
        places += [p for pattern in patterns for p in base.glob(pattern)]
    assert path in places, "not in the wheel"


def test_every_folder_of_the_package_is_a_package():
    folders = {path.parent for path in SOURCE.rglob("*.py")}
    assert sorted(p.relative_to(SOURCE).as_posix() for p in folders if not (p / "__init__.py").is_file()) == []
