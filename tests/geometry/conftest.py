"""Files made on the spot."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from castsolve.geometry import Surface

sys.path.insert(0, str(Path(__file__).parent))


def ascii_stl(surface: Surface, *, digits: int = 9) -> str:
    """Return a surface as the text of an STL file."""
    lines = ["solid part with spaces"]
    for corners in np.asarray(surface.corners, dtype=np.float32):
        lines += ["  facet normal 0 0 0", "    outer loop"]
        lines += ["      vertex " + " ".join(f"{v:.{digits}g}" for v in corner) for corner in corners]
        lines += ["    endloop", "  endfacet"]
    return "\n".join([*lines, "endsolid part", ""])


@pytest.fixture
def as_ascii_stl() -> Callable[..., str]:
    """Return the writer of text STL files."""
    return ascii_stl


@pytest.fixture
def coarse_repairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw new surfaces on a coarser lattice: hundreds of them in a plain run."""
    monkeypatch.setattr("castsolve.geometry.repair._DRAWING", (64, 3e5))
    monkeypatch.setattr("castsolve.geometry.repair._PROOF", (64, 3e5))
