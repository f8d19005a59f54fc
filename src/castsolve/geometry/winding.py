"""How often a surface winds around each node of a lattice: exact where it is closed, the best fit where it leaks.

Each ray between two neighbouring nodes counts the triangles it passes: the winding number must rise by 1 where it goes in and
fall by 1 where it comes out. On a closed surface all these steps agree. On a leaking one they contradict each other around the
leaks only; the winding numbers with the least squares of contradiction solve a Poisson equation, which sine transforms solve
directly. They are whole numbers away from the leaks and pass smoothly through one half across a hole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .rays import Hits, Lattice

__all__ = ["fitted_winding", "link_steps", "summed_winding"]


def link_steps(hits: Hits, lattice: Lattice) -> NDArray[np.float32]:
    """Return by how much the winding number rises from each node to the next along the axis of the hits."""
    count = int(np.prod(lattice.shape))
    return np.bincount(hits.link, weights=hits.jump, minlength=count).astype(np.float32).reshape(lattice.shape)


def summed_winding(hits: Hits, lattice: Lattice) -> NDArray[np.int32]:
    """Return the winding number of every node, summed along the axis of the hits from outside; exact for a closed surface."""
    steps = np.rint(link_steps(hits, lattice)).astype(np.int32)
    total = np.cumsum(steps, axis=hits.axis)
    return np.asarray(total - steps)


def fitted_winding(hits: Sequence[Hits], lattice: Lattice) -> NDArray[np.float32]:
    """Return the winding numbers that contradict the hits along all three axes least.

    Parameters
    ----------
    hits : three Hits
        One of each axis.
    lattice : Lattice
        Its border lies outside of the surface.

    Returns
    -------
    ndarray of float32, shape of the lattice
    """
    from scipy import fft

    source = np.zeros(lattice.shape, dtype=np.float32)
    for of_axis in hits:
        steps = link_steps(of_axis, lattice)
        source -= steps
        lower: list[Any] = [slice(None)] * 3
        upper: list[Any] = [slice(None)] * 3
        lower[of_axis.axis], upper[of_axis.axis] = slice(None, -1), slice(1, None)
        source[tuple(upper)] += steps[tuple(lower)]
    spectrum = fft.dstn(source, type=1, overwrite_x=True)
    curves = [2.0 - 2.0 * np.cos(np.pi * np.arange(1, n + 1) / (n + 1)) for n in lattice.shape]
    spectrum /= (curves[0][:, None, None] + curves[1][None, :, None] + curves[2][None, None, :]).astype(np.float32)
    return np.asarray(fft.idstn(spectrum, type=1, overwrite_x=True))
