"""Wall thickness: at every place the diameter of the largest ball that fits into the metal and holds the place."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .contouring import surface_around
from .rays import Hits, axis_hits, lattice_around
from .surface import Surface
from .winding import summed_winding

__all__ = ["WallThickness", "wall_thickness"]

# Cosine between the outward normals of two faces that are the sides of one wall: they may taper by up to 60 degrees. The faces of
# an edge of 90 degrees stand at 0, and a ball between them would measure how near the edge is.
_OPPOSITE = -0.5
# Radii are painted in so many classes; the value painted is that of the nearest ball of the class.
_CLASSES = 20


@dataclass(frozen=True, slots=True, eq=False)
class WallThickness:
    """Wall thickness of a part at the nodes of a lattice inside it.

    Attributes
    ----------
    places : ndarray, shape (n, 3)
        In m; each stands for the same volume.
    thickness : ndarray, shape (n,)
        In m.
    step : float
        Step of the lattice in m: thinner walls are seen only by chance.
    skin : Surface
        The surface of the part, drawn in steps of the lattice.
    skin_thickness : ndarray
        Thickness of the wall behind every point of the skin, in m.
    """

    places: NDArray[np.float64]
    thickness: NDArray[np.float64]
    step: float
    skin: Surface
    skin_thickness: NDArray[np.float64]

    def share(self, share: float) -> float:
        """Return the thickness (m) that a share of the volume stays below."""
        return float(np.quantile(self.thickness, share))

    def histogram(self, bins: int = 24) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the share of the volume in equal classes of thickness, and the ends of the classes (m)."""
        count, ends = np.histogram(self.thickness, bins=bins, range=(0.0, float(self.thickness.max()) * (1.0 + 1e-9)))
        return count / max(len(self.thickness), 1), ends


def wall_thickness(surface: Surface, *, nodes: float = 4e5, across: int = 120) -> WallThickness:
    """Return the wall thickness of a closed surface.

    Parameters
    ----------
    surface : Surface
        Closed and outward oriented.
    nodes : float
        Most nodes of the lattice, outside ones included.
    across : int
        Most steps across the largest extent.
    """
    from scipy import ndimage
    from scipy.spatial import cKDTree

    lattice = lattice_around(surface.points, across, margin=3, nodes=nodes)
    hits = [axis_hits(surface.corners, lattice, axis) for axis in range(3)]
    winding = summed_winding(hits[2], lattice)
    inside = winding > 0
    index = np.argwhere(inside)
    kept = [_of_the_border(h, winding) for h in hits]
    met = np.concatenate([_places(h.link[keep], h.at[keep], h.axis, lattice.shape) for h, keep in zip(hits, kept, strict=True)])
    vectors = surface.area_vectors
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    normals = vectors / np.where(length > 0.0, length, 1.0)
    tree = cKDTree(met, balanced_tree=False)
    # Lengths in steps from here on.
    distance, near = tree.query(index)
    outward = normals[np.concatenate([h.triangle[keep] for h, keep in zip(hits, kept, strict=True)])[near]]
    middle = index[_in_the_middle(distance, outward, inside)]
    centre, radius = _climbed(tree, middle.astype(np.float64))
    thickness = _painted(lattice.shape, np.clip(np.rint(centre).astype(int), 0, np.array(lattice.shape) - 1), radius, inside)
    skin = surface_around(inside, hits, normals, winding.astype(np.float32), lattice)
    _, nearest = ndimage.distance_transform_edt(~inside, return_indices=True)
    at = np.clip(np.rint((skin.points - lattice.origin) / lattice.step).astype(int), 0, np.array(lattice.shape) - 1)
    behind = thickness[tuple(nearest[(slice(None), *at.T)])]
    return WallThickness(
        lattice.origin + lattice.step * index, thickness[inside] * lattice.step, lattice.step, skin, behind * lattice.step
    )


def _of_the_border(hits: Hits, winding: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the hits at which a ray enters or leaves the metal: a face of one shell inside another is no end of a wall."""
    order = np.lexsort((hits.at, hits.link))
    link, jump = hits.link[order], hits.jump[order].astype(np.int64)
    first = np.concatenate([[True], link[1:] != link[:-1]])
    summed = np.cumsum(jump)
    of_link = np.maximum.accumulate(np.where(first, np.arange(len(link)), 0))
    before = winding.reshape(-1)[link] + (summed - jump) - (summed - jump)[of_link]
    return np.asarray(order[(before > 0) != (before + jump > 0)])


def _places(
    link: NDArray[np.int64], at: NDArray[np.float64], axis: int, shape: tuple[int, int, int]
) -> NDArray[np.float64]:
    place = np.stack(np.unravel_index(link, shape), axis=1).astype(np.float64)
    place[:, axis] += at
    return place


def _in_the_middle(distance: NDArray[np.float64], outward: NDArray[np.float64], inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which inner nodes lie in the middle of a wall: a node beside them is nearest to the other side of it.

    Parameters
    ----------
    distance : ndarray, shape (n,)
        From each inner node to the surface, in steps.
    outward : ndarray, shape (n, 3)
        Normal of the surface there.
    inside : ndarray of bool, shape (nx, ny, nz)
        False on the border of the lattice.
    """
    number = np.full(inside.shape, -1, dtype=np.int64)
    number[inside] = np.arange(len(distance))
    flat = np.flatnonzero(inside)
    middle = np.zeros(len(distance), dtype=bool)
    deepest = np.ones(len(distance), dtype=bool)
    for corner in np.ndindex(3, 3, 3):
        offset = np.array(corner) - 1
        stride = int(np.ravel_multi_index(np.array(corner), inside.shape) - np.ravel_multi_index((1, 1, 1), inside.shape))
        if stride == 0:
            continue
        other = number.reshape(-1)[flat + stride]
        both = np.flatnonzero(other >= 0)
        ours, theirs = outward[both], outward[other[both]]
        # The faces of a narrow slot look at each other too, but from the metal on either side of it.
        apart = (theirs - ours) @ offset >= 0.0
        middle[both] |= apart & (np.einsum("ij,ij->i", ours, theirs) <= _OPPOSITE)
        deepest[both] &= distance[other[both]] <= distance[both]
    # A wall that only one node fits into has no node beside it to be nearest to its other side.
    return middle | (deepest & (distance < 1.0))


def _climbed(tree: object, centre: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return balls moved away from the surface while they grow: the middle of a wall lies between nodes."""
    radius, near = tree.query(centre)  # type: ignore[attr-defined]
    points = np.asarray(tree.data)  # type: ignore[attr-defined]
    for step in (0.5, 0.25, 0.125, 0.0625):
        away = centre - points[near]
        moved = centre + step * away / np.maximum(radius, 1e-9)[:, None]
        grown, other = tree.query(moved)  # type: ignore[attr-defined]
        better = grown > radius
        centre = np.where(better[:, None], moved, centre)
        radius, near = np.where(better, grown, radius), np.where(better, other, near)
    return centre, radius


def _painted(
    shape: tuple[int, int, int], centre: NDArray[np.int64], radius: NDArray[np.float64], inside: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return at every node the diameter of the largest ball that holds it, in steps."""
    from scipy import ndimage

    thickness = np.zeros(shape)
    ends = np.geomspace(max(radius.min(), 0.05), radius.max() * (1.0 + 1e-9), _CLASSES + 1)
    for low, high in itertools.pairwise(ends):
        mine = (radius >= low) & (radius <= high) if low == ends[0] else (radius > low) & (radius <= high)
        if not mine.any():
            continue
        balls = np.zeros(shape)
        np.maximum.at(balls, tuple(centre[mine].T), radius[mine])
        away, nearest = ndimage.distance_transform_edt(balls == 0.0, return_indices=True)
        own = balls[tuple(nearest)]
        thickness = np.where(away <= own, np.maximum(thickness, 2.0 * own), thickness)
    # Nodes in corners that no ball reaches take the wall beside them.
    left = inside & (thickness == 0.0)
    if left.any():
        _, nearest = ndimage.distance_transform_edt(thickness == 0.0, return_indices=True)
        thickness[left] = thickness[tuple(nearest)][left]
    return thickness
