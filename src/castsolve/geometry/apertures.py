"""What of a voxel and of its faces lies inside bodies: the cavity that a flow sees.

The openings come from the clipping that gives the volumes: inside one voxel the areas that a body covers on two opposite faces
differ by the wall's projected area there, so one sweep along each axis, from where the body has not begun, gives every face
exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import GeometryError
from .cutface import BodyCut, cut_body

__all__ = ["Openings", "openings"]

Array = NDArray[Any]

# Closer to nothing or to the whole than this is rounding of the clipping.
_TINY = 1e-9
# A voxel is cut where its share differs from none and from all by more than this.
_CUT = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Openings:
    """Shares of voxels and faces inside bodies.

    Attributes
    ----------
    share : ndarray, shape (nx, ny, nz)
        Share of every voxel.
    aperture : three ndarrays, shapes (nx + 1, ny, nz), (nx, ny + 1, nz), (nx, ny, nz + 1)
        Share of every face.
    wall : ndarray, shape (3, nx, ny, nz)
        Area of the walls that cut a voxel (m2), as each component of a velocity slides along it: weighted with 1 - n_d^2.
    """

    share: Array
    aperture: tuple[Array, Array, Array]
    wall: Array


def openings(surfaces: Sequence[Any], holes: Sequence[Any], nodes: Sequence[Array], *, threads: int = 1) -> Openings:
    """Return what lies inside surfaces and outside of others.

    Parameters
    ----------
    surfaces, holes : sequences of Surface
        Closed and outward oriented; what lies in a hole is not inside. Where surfaces overlap within one voxel, shares are added
        and cut off at the whole; where a hole's wall is in a voxel that another wall cuts too, the hole takes first what the bodies
        leave. Exact where they meet flush and where a hole lies inside; too open by the overlap else.
    nodes : three ndarrays
        Node coordinates (m).
    threads : int
        Number of threads.
    """
    shape = tuple(len(n) - 1 for n in nodes)
    inside, taken = _sum(surfaces, nodes, threads), _sum(holes, nodes, threads)
    if inside is None:
        raise GeometryError("the bodies lie outside the grid")
    if taken is None:
        return inside
    faces = [np.minimum(a, 1.0 - b) for a, b in zip(inside.aperture, taken.aperture, strict=True)]
    share = np.minimum(inside.share, 1.0 - taken.share)
    # A hole beside the bodies lies flush against them: its wall is theirs, and counts once.
    reached = share < inside.share - _CUT
    wall = np.where((share > _CUT) & (share < 1.0 - _CUT), inside.wall + np.where(reached, taken.wall, 0.0), 0.0)
    if share.shape != shape:
        raise GeometryError("the nodes and the shares do not belong together")
    return Openings(share, (faces[0], faces[1], faces[2]), wall)


def _sum(surfaces: Sequence[Any], nodes: Sequence[Array], threads: int) -> Openings | None:
    shape = tuple(len(n) - 1 for n in nodes)
    share, wall = np.zeros(shape), np.zeros((3, *shape))
    faces = [np.zeros(tuple(n + (e == d) for e, n in enumerate(shape))) for d in range(3)]
    found = False
    for surface in surfaces:
        cut = cut_body(surface.points[surface.triangles].reshape(-1, 9), nodes, threads)
        if cut is None:
            continue
        found = True
        share[cut.slices] += cut.state == 1
        share.reshape(-1)[cut.index] += cut.share
        area = cut.wall[:, 0:6:2] + cut.wall[:, 1:6:2]
        for d in range(3):
            at = tuple(slice(s.start, s.stop + (e == d)) for e, s in enumerate(cut.slices))
            faces[d][at] += _swept(cut, nodes, d)
            wall[d].reshape(-1)[cut.index] += area.sum(axis=1) - area[:, d]
    if not found:
        return None
    for a in faces:
        np.clip(a, 0.0, 1.0, out=a)
    share = np.clip(share, 0.0, 1.0)
    share[share < _TINY], share[share > 1.0 - _TINY] = 0.0, 1.0
    # Walls along the grid lie between two voxels: closed faces tell of them, and no voxel is cut.
    wall = np.where((share > _CUT) & (share < 1.0 - _CUT), wall, 0.0)
    return Openings(share, (faces[0], faces[1], faces[2]), wall)


def _swept(cut: BodyCut, nodes: Sequence[Array], d: int) -> Array:
    """Share of every face across axis d of the window that one body covers."""
    shape = tuple(len(n) - 1 for n in nodes)
    widths = [np.diff(n) for n in nodes]
    grid = np.stack(np.unravel_index(cut.index, shape), axis=1)
    others = [a for a in range(3) if a != d]
    face = widths[others[0]][grid[:, others[0]]] * widths[others[1]][grid[:, others[1]]]
    step = np.zeros(cut.state.shape)
    local = grid - np.array([s.start for s in cut.slices])
    step[tuple(local.T)] = cut.wall[:, 30 + d] / face
    longer = [int(n) for n in cut.state.shape]
    longer[d] += 1
    padded: Array = np.zeros(longer)
    high: list[Any] = [slice(None)] * 3
    high[d] = slice(1, None)
    if cut.slices[d].start == 0 and bool((np.take(cut.state, 0, axis=d) > 0).any()):
        # The body reaches over the low border of the grid: it is swept from its other end.
        padded[tuple(slice(None, -1) if e == d else slice(None) for e in range(3))] = np.flip(
            np.cumsum(np.flip(step, axis=d), axis=d), axis=d
        )
    else:
        padded[tuple(high)] = -np.cumsum(step, axis=d)
    padded[np.abs(padded) < _TINY] = 0.0
    padded[np.abs(padded - 1.0) < _TINY] = 1.0
    return padded
