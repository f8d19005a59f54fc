"""The surface at a distance around several bodies: the outside of a shell."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..errors import GeometryError
from .cutface import cut_body
from .surface import Surface

__all__ = ["offset_surface"]

# Most sampling points, and steps across the distance.
_MOST, _STEPS = 3_000_000, 3.0


def offset_surface(
    surfaces: Sequence[Surface], distance: float, *, up: NDArray[np.float64] | None = None, top: float = math.inf
) -> Surface:
    """Return the closed surface at a distance (m) outside the union of some closed surfaces.

    Parameters
    ----------
    surfaces : sequence of Surface
    distance : float
        In m.
    up, top : ndarray, float
        The surface is cut flat at the height `top` (m) along the axis `up`.

    Notes
    -----
    The distance to the bodies is sampled on a regular grid (a third of the distance, or as fine as three million points
    allow) and contoured; facets lie within a hundredth of the distance of the true surface away from creases.
    """
    lo = np.min([s.bounds[0] for s in surfaces], axis=0) - 1.7 * distance
    hi = np.max([s.bounds[1] for s in surfaces], axis=0) + 1.7 * distance
    step = max(distance / _STEPS, float((np.prod(hi - lo) / _MOST) ** (1.0 / 3.0)))
    if step > 0.6 * distance:
        raise GeometryError(
            f"a shell of {distance * 1e3:.3g} mm around a casting of {1e3 * float((hi - lo).max()):.4g} mm is too fine to be drawn;"
            " make it thicker, or use symmetry"
        )
    axes = [np.arange(math.ceil((hi[a] - lo[a]) / step) + 1) * step + lo[a] for a in range(3)]
    field = _distance_near(surfaces, axes, step, distance) - distance
    if up is not None and math.isfinite(top):
        axis = int(np.argmax(np.abs(up)))
        shape = [1, 1, 1]
        shape[axis] = -1
        field = np.maximum(field, (np.sign(up[axis]) * axes[axis] - top).reshape(shape))
    return _contoured(field, axes, step)


def _distance_near(
    surfaces: Sequence[Surface], axes: list[NDArray[np.float64]], step: float, level: float
) -> NDArray[np.float64]:
    """Distance to the nearest surface, exact within two steps of a level; nearer and inside it is less, farther it is more."""
    from scipy.ndimage import distance_transform_edt
    from scipy.spatial import cKDTree

    shape = tuple(len(a) for a in axes)
    nodes = [np.append(a - 0.5 * step, a[-1] + 0.5 * step) for a in axes]
    inside = np.zeros(shape, dtype=bool)
    for surface in surfaces:
        cut = cut_body(surface.corners.reshape(-1, 9), nodes, 1)
        if cut is not None:
            i0, i1, j0, j1, k0, k1 = cut.window
            inside[i0:i1, j0:j1, k0:k1] |= cut.state == 1
    samples = np.concatenate([_samples(surface, 0.4 * step) for surface in surfaces])
    nearest = [np.rint((samples[:, a] - axes[a][0]) / step).astype(np.intp) for a in range(3)]
    empty = np.ones(shape, dtype=bool)
    empty[tuple(nearest)] = False
    # Good to the half diagonals of the two little cubes, 1.8 steps: enough to know whom to ask.
    far = distance_transform_edt(empty) * step
    far[inside] = 0.0
    asked = ~inside & (np.abs(far - level) < 4.0 * step)
    i, j, k = np.nonzero(asked)
    far[asked], _ = cKDTree(samples).query(np.stack([axes[0][i], axes[1][j], axes[2][k]], axis=1), workers=1)
    return far


def _samples(surface: Surface, step: float) -> NDArray[np.float64]:
    """Points on a surface, no farther apart than about a step."""
    found = [surface.points[np.unique(surface.triangles)]]
    corners = surface.corners
    # Halving the longest edge, long thin facets are not sampled more often across than along.
    while True:
        edges = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)
        longest = edges.argmax(axis=1)
        rows = np.flatnonzero(edges.max(axis=1) > step)
        if not len(rows):
            break
        start = longest[rows]
        a, b, c = (corners[rows, (start + n) % 3] for n in range(3))
        middle = 0.5 * (a + b)
        found.append(middle)
        corners = np.concatenate([np.stack([a, middle, c], axis=1), np.stack([middle, b, c], axis=1)])
    points = np.concatenate(found)
    # Facets that meet share points: one of each little cube will do.
    cubes = np.floor((points - points.min(axis=0)) / (0.5 * step)).astype(np.int64)
    size = cubes.max(axis=0) + 1
    _, first = np.unique((cubes[:, 0] * size[1] + cubes[:, 1]) * size[2] + cubes[:, 2], return_index=True)
    return points[first]


def _contoured(field: NDArray[np.float64], axes: list[NDArray[np.float64]], step: float) -> Surface:
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkFiltersCore import vtkFlyingEdges3D

    image = vtkImageData()
    image.SetDimensions(*field.shape)
    image.SetSpacing(step, step, step)
    image.SetOrigin(*(float(a[0]) for a in axes))
    values = np.ascontiguousarray(field.transpose(2, 1, 0)).reshape(-1)
    image.GetPointData().SetScalars(numpy_to_vtk(values, deep=True))
    contour = vtkFlyingEdges3D()
    contour.SetInputData(image)
    contour.SetValue(0, 0.0)
    contour.ComputeNormalsOff()
    contour.Update()
    made = contour.GetOutput()
    triangles = vtk_to_numpy(made.GetPolys().GetConnectivityArray()).reshape(-1, 3)
    surface = Surface(vtk_to_numpy(made.GetPoints().GetData()).astype(np.float64), triangles.astype(np.int32))
    return surface if surface.volume > 0.0 else surface.flipped()
