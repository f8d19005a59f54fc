"""The grid's own check: what it holds against what the exact surfaces say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _kernels
from .cutface import BodyCut, Skin
from .surface import Surface

__all__ = ["NO_WALL", "BodyFigures", "GridCheck", "straight_through", "thinnest_wall"]

Array = NDArray[Any]

# Lengths from here on say that a ray met no wall.
NO_WALL = 1e29

# A wall with fewer voxels across cannot carry a temperature gradient worth the name.
_FEWEST_VOXELS = 3.0
# Rays that measure walls end here (voxels), and wall areas below this many voxel faces are stray.
_LONGEST = 64.0
_STRAY = 4.0


@dataclass(frozen=True, slots=True)
class BodyFigures:
    """Exact volume and area of one body, and how well its surface closed on the grid."""

    name: str
    volume: float  # m3, of the surface
    area: float  # m2, of the surface
    leak: float  # share of a voxel
    smallest: float
    largest: float

    @classmethod
    def of(cls, name: str, surface: Surface, cut: BodyCut | None) -> BodyFigures:
        """Return the figures of a surface and its cut."""
        if cut is None:
            return cls(name, float(surface.volume), float(surface.area), 0.0, 0.0, 0.0)
        return cls(name, float(surface.volume), float(surface.area), cut.leak, cut.smallest, cut.largest)


@dataclass(frozen=True, slots=True)
class GridCheck:
    """What `Grid.check` found; print it.

    Attributes
    ----------
    bodies : tuple of BodyFigures
        The exact surfaces.
    body_volumes : tuple of float
        Volume of every body on the grid after overlaps were resolved, the background last (m3).
    region_volumes, region_areas : tuple of float
        Volume after slivers were handed on (m3), and wall area towards other regions (m2), of every region.
    lost_area, lost_volume : float
        Wall area (m2) and metal (m3) that found no face or voxel of their own: walls thinner than about a voxel.
    thinnest_metal, thinnest_mould : float
        Thickness of the thinnest wall in voxels inside the uniform window; inf where there is none.
    """

    shape: tuple[int, int, int]
    voxel: float
    bodies: tuple[BodyFigures, ...]
    body_volumes: tuple[float, ...]
    region_names: tuple[str, ...]
    region_volumes: tuple[float, ...]
    region_areas: tuple[float, ...]
    lost_area: float
    lost_volume: float
    thinnest_metal: float
    thinnest_mould: float

    @property
    def modulus(self) -> float:
        """Geometric modulus of the metal: volume over wall area (m)."""
        return self.region_volumes[0] / self.region_areas[0] if self.region_areas[0] > 0 else float("inf")

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know before trusting the grid."""
        found = []
        for what, width in (("metal", self.thinnest_metal), ("mould", self.thinnest_mould)):
            if width < _FEWEST_VOXELS:
                text = f"{width:.2g}"
                found.append(
                    f"the thinnest {what} is about {text} voxel{'s' if text != '1' else ''} wide at voxel = "
                    f"{self.voxel * 1e3:.3g} mm; 3 or more are needed: use voxel <= {self.voxel * 1e3 * width / 3:.2g} mm "
                    "where that place matters"
                )
        total_area, total_volume = sum(self.region_areas) / 2, self.region_volumes[0]
        if total_area <= 0.0 or total_volume <= 0.0:
            found.append("all metal is lost: no voxel holds any, the body is thinner than a voxel; use a smaller voxel")
        elif self.lost_area > 1e-3 * total_area or self.lost_volume > 1e-3 * total_volume:
            found.append(
                f"walls thinner than a voxel lost {100 * self.lost_area / total_area:.2g} % of the wall area and "
                f"{100 * self.lost_volume / total_volume:.2g} % of the metal; use a smaller voxel"
            )
        for b in self.bodies:
            if b.smallest < -1e-6 or b.largest > 1 + 1e-6:
                found.append(f"shells of {b.name} overlap or are turned inside out; overlapping volume counts once")
        return tuple(found)

    def __str__(self) -> str:
        n = self.shape
        lines = [f"grid {n[0]} x {n[1]} x {n[2]}, voxel {self.voxel * 1e3:.4g} mm"]
        lines.append(f"{'body':<20}{'surface cm3':>14}{'on grid cm3':>14}{'area cm2':>12}")
        for b, v in zip(self.bodies, self.body_volumes, strict=False):
            lines.append(f"{b.name:<20}{b.volume * 1e6:>14.3f}{v * 1e6:>14.3f}{b.area * 1e4:>12.2f}")
        lines.append(f"{'region':<20}{'volume cm3':>14}{'wall cm2':>14}{'V/A mm':>12}")
        for name, v, a in zip(self.region_names, self.region_volumes, self.region_areas, strict=True):
            lines.append(f"{name:<20}{v * 1e6:>14.3f}{a * 1e4:>14.2f}{(v / a * 1e3 if a > 0 else np.inf):>12.2f}")
        lines.append(f"thinnest metal {self.thinnest_metal:.3g} voxels, thinnest mould {self.thinnest_mould:.3g} voxels")
        lines.extend(f"warning: {w}" for w in self.warnings)
        return "\n".join(lines)


def straight_through(
    skin: Skin, region: Array, fine: tuple[slice, slice, slice], nodes: Sequence[Array], wanted: int, *,
    mirrors: Sequence[bool] = (False,) * 6, threads: int = 1,
) -> tuple[Array, Array]:  # fmt: skip
    """Measure a region from each of its walls straight through to the wall on its other side.

    From every plane of its walls a ray runs along the normal through the region to the first wall that faces it within 37 degrees.
    Edges and corners of a thick body are no thin walls: there the ray meets none, or one far away.

    Parameters
    ----------
    skin : Skin
        Planes of the walls.
    region : ndarray of uint8
        Owner regions of the whole grid.
    fine : tuple of slice
        The window in which rays run.
    nodes : three ndarrays
        Node coordinates of the whole grid (m).
    wanted : int
        The region.
    mirrors : sequence of bool
        Which of the grid's low and high x, y and z sides a ray comes back from, where the window reaches them.
    threads : int
        Number of threads.

    Returns
    -------
    length : ndarray of float32
        In m for every plane; 1e30 where it bounds another region, or its ray meets nothing within 64 voxels.
    beyond : ndarray of uint8
        The region behind the wall that is met.
    """
    length, beyond = np.empty(len(skin.voxel), np.float32), np.empty(len(skin.voxel), np.uint8)
    window = tuple(int(end) for s in fine for end in (s.start, s.stop))
    at_border = [end in (0, size) for s, size in zip(fine, region.shape, strict=True) for end in (s.start, s.stop)]
    back = tuple(bool(m and b) for m, b in zip(mirrors, at_border, strict=True))
    voxel = min(float(np.diff(n[s.start : s.stop + 1]).min()) for n, s in zip(nodes, fine, strict=True))
    pair, plane = np.ascontiguousarray(skin.pair), np.ascontiguousarray(skin.plane)
    _kernels.wall_thickness(
        region, window, *nodes, skin.voxel, pair, plane, wanted, voxel, _LONGEST * voxel, back, length, beyond, threads
    )
    return length, beyond


def thinnest_wall(
    skin: Skin, region: Array, fine: tuple[slice, slice, slice], nodes: Sequence[Array], wanted: int, threads: int = 1
) -> float:
    """Return the thickness (m) of a region's thinnest wall inside the uniform window, inf where none is found.

    The smallest length of `straight_through` that at least four voxel faces of wall are as near to is the answer, so that a single
    stray plane is none. What reaches the border of the window goes on beyond it.
    """
    length, _ = straight_through(skin, region, fine, nodes, wanted, threads=threads)
    order = np.argsort(length)
    order = order[length[order] < NO_WALL]
    if not len(order):
        return float("inf")
    voxel = min(float(np.diff(n[s.start : s.stop + 1]).min()) for n, s in zip(nodes, fine, strict=True))
    enough = np.cumsum(skin.plane[order, 4].astype(float)) >= _STRAY * voxel**2
    return float(length[order[np.argmax(enough)]]) if enough.any() else float("inf")
