"""Files made on the spot."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from castsolve.geometry import Surface


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
