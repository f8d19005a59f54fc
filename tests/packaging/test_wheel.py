"""An sdist, the wheel built from it, and the demo run from that wheel where no compiler is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEFT_BEHIND = shutil.ignore_patterns(
    ".git", "build", "dist", "*.egg-info", "*.so", "*.pyd", "__pycache__", ".venv*", ".*_cache", "runs"
)

pytestmark = pytest.mark.slow


def run(command: list[str | Path], *, cwd: Path, env: dict[str, str] | None = None, minutes: float = 10) -> str:
    """Run a command and return what it printed; a failure shows the whole of it."""
    done = subprocess.run(
        [str(c) for c in command], cwd=cwd, env=env, text=True, capture_output=True, timeout=60 * minutes, check=False
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def make_venv(folder: Path) -> Path:
    run([sys.executable, "-m", "venv", folder], cwd=folder.parent)
    return folder / ("Scripts" if os.name == "nt" else "bin")


@pytest.fixture(scope="module")
def archives(tmp_path_factory) -> tuple[Path, Path]:
    """Build the sdist from a copy of the tree, and the wheel from the sdist alone."""
    work = tmp_path_factory.mktemp("archives")
    tree = work / "tree"
    shutil.copytree(ROOT, tree, ignore=LEFT_BEHIND)
    tools = make_venv(work / "tools")
    run([tools / "python", "-m", "pip", "install", "--quiet", "build"], cwd=work)
    run([tools / "python", "-m", "build", "--sdist", "--outdir", work / "sdist", tree], cwd=work)
    sdist = next((work / "sdist").glob("castsolve-*.tar.gz"))
    run([tools / "python", "-m", "pip", "wheel", "--no-deps", "--wheel-dir", work / "wheel", sdist], cwd=work)
    return sdist, next((work / "wheel").glob("castsolve-*.whl"))


@pytest.fixture(scope="module")
def installed(archives, tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """Install the wheel where no compiler can be found; return the scripts' folder and the environment."""
    work = tmp_path_factory.mktemp("installed")
    scripts = make_venv(work / "venv")
    env = {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}}
    env |= {"CC": "false", "CXX": "false", "PATH": str(scripts), "PIP_ONLY_BINARY": ":all:"}
    assert shutil.which("gcc", path=env["PATH"]) is None
    assert shutil.which("cc", path=env["PATH"]) is None
    run([scripts / "python", "-m", "pip", "install", "--quiet", archives[1]], cwd=work, env=env)
    return scripts, env


def test_the_sdist_holds_all_that_a_build_needs(archives):
    with tarfile.open(archives[0]) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    for path in (ROOT / "src" / "castsolve").rglob("*"):
        if path.suffix in {".py", ".pyx", ".pxi", ".pxd", ".h", ".toml", ".bib", ".stl"} or path.name == "py.typed":
            assert path.relative_to(ROOT).as_posix() in inside
    assert {"LICENSE", "README.md", "CHANGELOG.md", "CITATION.cff", "setup.py", "pyproject.toml"} <= inside
    assert not [name for name in inside if name.endswith((".so", ".pyd", "/_kernels.c", ".pyc"))]


def test_the_wheel_holds_what_runs_and_no_sources(archives):
    with zipfile.ZipFile(archives[1]) as archive:
        inside = archive.namelist()
        size = sum(info.compress_size for info in archive.infolist())
    assert [name for name in inside if name.endswith((".pyx", ".pxi", ".h", ".c"))] == []
    assert len([name for name in inside if name.startswith("castsolve/_kernels.") and not name.endswith(".pyi")]) == 1
    for path in (ROOT / "src" / "castsolve").rglob("*"):
        if path.suffix in {".py", ".toml", ".bib", ".stl"} or path.name == "py.typed":
            assert path.relative_to(ROOT / "src").as_posix() in inside
    assert size < 10e6


def test_the_wheel_says_what_was_built(installed, tmp_path):
    scripts, env = installed
    said = run([scripts / "castsolve", "doctor"], cwd=tmp_path, env=env)
    assert "castsolve" in said
    assert "OpenMP" in said


def test_the_demo_runs_from_the_wheel_in_an_empty_folder(installed, tmp_path):
    scripts, env = installed
    folder = tmp_path / "empty"
    folder.mkdir()
    said = run([scripts / "castsolve", "demo", "--voxel", "10 mm"], cwd=folder, env=env)
    assert "WCB" in said
    written = [p for p in folder.rglob("*") if p.is_file()]
    assert any(p.suffix in {".vti", ".vtr"} for p in written), "the fields were not written"
    assert all(p.stat().st_size > 0 for p in written)
