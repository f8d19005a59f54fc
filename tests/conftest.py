"""Shared by all tests: real parts where they are present, pictures without a screen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("PYVISTA_OFF_SCREEN", "true")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def geometry() -> Path:
    """Return the folder of real parts, or skip: they are not part of the repository."""
    given = os.environ.get("CASTSOLVE_GEOMETRY")
    folder = Path(given) if given else ROOT.parent / "shared" / "geometry"
    if not folder.is_dir():
        pytest.skip(f"no real parts in {folder}; set CASTSOLVE_GEOMETRY to a folder that holds them")
    return folder
