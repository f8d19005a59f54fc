"""The frame of a result: where its voxels are and what the numbers of bodies and regions mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ResultsError

__all__ = ["Frame"]

# Spacings that differ by less than this (relative) belong to one uniform window: node coordinates carry rounding.
_SAME_SPACING = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Node coordinates of a rectilinear grid and the names of its bodies and regions.

    Attributes
    ----------
    x, y, z : ndarray
        Node coordinates in m, strictly rising, one more than voxels along the axis.
    region_names, body_names, body_roles : tuple of str
        What the whole numbers in the fields ``region`` and ``body`` stand for.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    z: NDArray[np.float64]
    region_names: tuple[str, ...] = ("metal",)
    body_names: tuple[str, ...] = ()
    body_roles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for axis in "xyz":
            nodes = np.array(getattr(self, axis), dtype=np.float64)
            if nodes.ndim != 1 or nodes.size < 2 or not np.all(np.isfinite(nodes)) or np.any(np.diff(nodes) <= 0):
                raise ResultsError(f"the {axis} nodes of a result must be at least two finite, strictly rising numbers")
            nodes.flags.writeable = False
            object.__setattr__(self, axis, nodes)
        for name in ("region_names", "body_names", "body_roles"):
            object.__setattr__(self, name, tuple(str(n) for n in getattr(self, name)))
        if len(self.body_roles) != len(self.body_names):
            raise ResultsError(
                f"a frame has {len(self.body_names)} body names but {len(self.body_roles)} roles; give one role a body"
            )

    @classmethod
    def of(cls, grid: Any) -> Frame:
        """Return the frame of a grid: anything with nodes x, y, z and, where it has them, names."""
        if isinstance(grid, cls):
            return grid
        try:
            nodes = (grid.x, grid.y, grid.z)
        except AttributeError:
            raise ResultsError(f"a {type(grid).__name__} is no grid; it needs node coordinates x, y and z") from None
        names: Sequence[str] = getattr(grid, "body_names", ())
        return cls(
            *nodes,
            region_names=tuple(getattr(grid, "region_names", ("metal",))),
            body_names=tuple(names),
            body_roles=tuple(getattr(grid, "body_roles", names)),
        )

    @property
    def nodes(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """The node coordinates of the three axes."""
        return self.x, self.y, self.z

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels along x, y and z."""
        return self.x.size - 1, self.y.size - 1, self.z.size - 1

    @property
    def voxels(self) -> int:
        """Number of voxels."""
        nx, ny, nz = self.shape
        return nx * ny * nz

    @property
    def voxel(self) -> float:
        """Spacing of the uniform block in m; outside of it a gap that is filled from there may take a smaller one."""
        return float(min(np.diff(n[s.start : s.stop + 1]).min() for n, s in zip(self.nodes, self.window(), strict=True)))

    @property
    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Low and high corner in m."""
        return np.array([n[0] for n in self.nodes]), np.array([n[-1] for n in self.nodes])

    def centres(self, axis: int) -> NDArray[np.float64]:
        """Return the voxel centres along one axis (0, 1 or 2) in m."""
        nodes = self.nodes[axis]
        return 0.5 * (nodes[:-1] + nodes[1:])

    def spacing(self, axis: int) -> NDArray[np.float64]:
        """Return the voxel edges along one axis (0, 1 or 2) in m."""
        return np.diff(self.nodes[axis])

    def place(self, index: Sequence[int]) -> tuple[float, float, float]:
        """Return the centre of one voxel in m."""
        x, y, z = (0.5 * float(n[i] + n[i + 1]) for n, i in zip(self.nodes, index, strict=True))
        return x, y, z

    def locate(self, points: Any) -> NDArray[np.int64]:
        """Return the voxel index (n, 3) of points (n, 3) in m; a point outside gets the nearest voxel."""
        places = np.atleast_2d(np.asarray(points, dtype=np.float64))
        columns = [
            np.clip(np.searchsorted(nodes, places[:, axis], side="right") - 1, 0, nodes.size - 2)
            for axis, nodes in enumerate(self.nodes)
        ]
        return np.stack(columns, axis=1)

    def sampled(self, values: NDArray[Any], other: Frame) -> NDArray[Any]:
        """Return a field of this frame on the voxels of another: that of the voxel at each centre, of the nearest outside."""
        if other.same_as(self):
            return values
        at = []
        for axis, nodes in enumerate(self.nodes):
            found = np.searchsorted(nodes, other.centres(axis), side="right") - 1
            at.append(np.clip(found, 0, nodes.size - 2))
        return np.ascontiguousarray(values[np.ix_(*at)])

    def voxel_volumes(self) -> NDArray[np.float64]:
        """Return the volume of every whole voxel in m3, shape (nx, ny, nz)."""
        dx, dy, dz = (self.spacing(axis) for axis in range(3))
        return dx[:, None, None] * dy[None, :, None] * dz[None, None, :]

    def window(self) -> tuple[slice, slice, slice]:
        """Return the block of voxels that is uniform, as one slice an axis: the finest spacing that is met more than once in a row.

        A single voxel before the box is squeezed into what is left there; it is none of the block's, though it is smaller.
        """
        slices = []
        for axis in range(3):
            spacing = self.spacing(axis)
            ends = np.flatnonzero(np.abs(np.diff(spacing)) > _SAME_SPACING * spacing[1:]) + 1
            starts, stops = np.append(0, ends), np.append(ends, spacing.size)
            length, size = stops - starts, spacing[starts]
            several = length > 1 if (length > 1).any() else length > 0
            finest = several & (size <= size[several].min() * (1.0 + _SAME_SPACING))
            best = int(np.argmax(np.where(finest, length, 0)))
            slices.append(slice(int(starts[best]), int(stops[best])))
        return slices[0], slices[1], slices[2]

    def crop(self, slices: tuple[slice, slice, slice]) -> Frame:
        """Return the frame of a block of voxels."""
        x, y, z = (n[s.start : s.stop + 1] for n, s in zip(self.nodes, slices, strict=True))
        return Frame(x, y, z, region_names=self.region_names, body_names=self.body_names, body_roles=self.body_roles)

    def same_as(self, other: Frame) -> bool:
        """Return whether another frame has the very same nodes."""
        return all(np.array_equal(a, b) for a, b in zip(self.nodes, other.nodes, strict=True))
