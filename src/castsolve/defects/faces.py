"""Faces that will be machined or must be tight, and the pores that reach them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..results import Results
from ..simulation.air import surface_voxels
from .reading import Metal, fact

__all__ = ["LeakPath", "OpenedPore", "WorkedFace", "leak_path", "opened_pores", "stock_faces"]

Place = tuple[float, float, float]

# A voxel is a pore when at least this share of it is empty: the blank between sound metal and a radiograph's first class.
PORE = 0.005


@dataclass(frozen=True, slots=True)
class WorkedFace:
    """A face of the casting that is machined, or that must be tight: a plane or a bore.

    Make one with `WorkedFace.plane` or `WorkedFace.bore`.

    Attributes
    ----------
    name : str
    point, direction : tuple of float
        Of a plane a point on the raw surface (m) and the outward normal; of a bore a point on the axis and the axis.
    stock : float
        Metal that is taken off (m).
    radius : float
        Of a bore as cast (m); of a plane how far the face reaches from the point (m).
    length : float
        Of a bore along its axis, half to either side of the point (m).
    kind : {"plane", "bore"}
    sealing : bool
        Whether pores that open here make it leak; such faces come first.
    """

    name: str
    point: Place = field(kw_only=True)
    direction: Place = field(kw_only=True)
    stock: float = field(kw_only=True)
    radius: float = field(default=np.inf, kw_only=True)
    length: float = field(default=np.inf, kw_only=True)
    kind: str = field(default="plane", kw_only=True)
    sealing: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        if self.kind not in ("plane", "bore"):
            raise InputError(f'kind = "{self.kind}" of face {self.name} must be "plane" or "bore"')
        if not self.stock >= 0.0 or not self.radius > 0.0 or not self.length > 0.0:
            raise InputError(f"face {self.name}: stock must not be below 0 m, radius and length must be above 0 m")
        size = float(np.linalg.norm(self.direction))
        if not size > 0.0:
            raise InputError(f"face {self.name}: its direction must not be zero")
        object.__setattr__(self, "direction", tuple(float(c) / size for c in self.direction))

    @classmethod
    def plane(
        cls, name: str, *, point: Place, normal: Place, stock: float, radius: float = np.inf, sealing: bool = False
    ) -> WorkedFace:
        """Return a flat face; see the class."""
        return cls(name, point=point, direction=normal, stock=stock, radius=radius, sealing=sealing)

    @classmethod
    def bore(
        cls, name: str, *, point: Place, axis: Place, radius: float, stock: float, length: float = np.inf, sealing: bool = True
    ) -> WorkedFace:
        """Return the wall of a round hole; see the class."""
        return cls(name, point=point, direction=axis, stock=stock, radius=radius, length=length, kind="bore", sealing=sealing)

    def depth(self, metal: Metal) -> NDArray[np.float64]:
        """Return how deep every voxel centre lies below the raw face (m); NaN where the face does not reach."""
        x, y, z = (c - p for c, p in zip(metal.centres, self.point, strict=True))
        a, b, c = self.direction
        along = a * x[:, None, None] + b * y[None, :, None] + c * z[None, None, :]
        square = x[:, None, None] ** 2 + y[None, :, None] ** 2 + z[None, None, :] ** 2
        across = np.sqrt(np.maximum(square - along**2, 0.0))
        if self.kind == "plane":
            return np.where(across <= self.radius, -along, np.nan)
        return np.where(np.abs(along) <= 0.5 * self.length, across - self.radius, np.nan)

    def raw_surface(self, metal: Metal) -> NDArray[np.bool_]:
        """Return the surface voxels of the part that carry this face."""
        deep = self.depth(metal)
        edge = max(float(np.diff(c).min()) if c.size > 1 else 1e-3 for c in metal.centres)
        with np.errstate(invalid="ignore"):
            near = np.abs(deep) <= 1.01 * edge
        return np.asarray(metal.part & surface_voxels(metal.part) & near)

    def finished_surface(self, metal: Metal) -> NDArray[np.bool_]:
        """Return the voxels of the part that carry this face when its stock is off."""
        deep = self.depth(metal) - self.stock
        half = 0.5 * max(float(np.diff(c).min()) if c.size > 1 else 1e-3 for c in metal.centres)
        with np.errstate(invalid="ignore"):
            return np.asarray(metal.part & (deep > -0.01 * half) & (deep <= 2.01 * half))


def stock_faces(results: Results, metal: Metal) -> tuple[WorkedFace, ...]:
    """Return the faces that the stock of a run's parts is taken off, none of them known to seal.

    Each reaches as far as the stock that lies on it; where no voxel is stock (a thin one on coarse voxels) it has no end.
    """
    voxels = np.argwhere(metal.of_role("stock"))
    places = np.stack([c[voxels[:, a]] for a, c in enumerate(metal.centres)], axis=1)
    found = []
    for number, row in enumerate(fact(results, "casting", "stock") or (), start=1):
        normal, thickness = np.asarray(row["normal"], dtype=np.float64), float(row["thickness"])
        raw = np.asarray(row["place"], dtype=np.float64) + thickness * normal
        along = (places - raw) @ normal
        mine = np.abs(along) <= 2.0 * thickness
        across = np.linalg.norm(places[mine] - raw - along[mine, None] * normal, axis=1)
        found.append(
            WorkedFace.plane(
                f"stock {number} of {row['part']}", point=tuple(raw.tolist()), normal=tuple(normal.tolist()), stock=thickness,
                radius=float(across.max()) if across.size and across.max() > 0.0 else np.inf,
            )
        )  # fmt: skip
    return tuple(found)


@dataclass(frozen=True, slots=True)
class OpenedPore:
    """A pore that machining will open.

    Attributes
    ----------
    face : WorkedFace
    place : tuple of float
        Of its largest voxel pore near the new surface (m).
    depth : float
        How far its highest point lies below the raw face (m); up to the stock it is cut open, or cut away with the chips.
    reach : float
        How far it goes on below the finished face (m): what stays in the part.
    volume : float
        Empty volume of the whole pore (m3).
    """

    face: WorkedFace
    place: Place = field(kw_only=True)
    depth: float = field(kw_only=True)
    reach: float = field(kw_only=True)
    volume: float = field(kw_only=True)


def opened_pores(
    porosity: ArrayLike, faces: Sequence[WorkedFace], *, metal: Metal, least: float = PORE
) -> tuple[OpenedPore, ...]:
    """Return the pores that machining will open: sealing faces and bores first, then by volume.

    A pore is opened when it goes on below the finished face and reaches up to it within half a voxel; what the chips take
    away whole is not listed.

    Parameters
    ----------
    porosity : array_like, shape (nx, ny, nz)
        Empty share of every voxel: the cavity field of `shrinkage`, microporosity, or their sum.
    faces : sequence of WorkedFace
    metal : Metal
    least : float, optional
        Empty share from which on a voxel is a pore.
    """
    from scipy import ndimage

    empty = np.nan_to_num(np.asarray(porosity, dtype=np.float64), nan=0.0)
    mask = (empty >= least) & metal.part
    label, count = ndimage.label(mask, structure=np.ones((3, 3, 3)))
    if not count:
        return ()
    volume = np.bincount(label.ravel(), weights=(empty * metal.volume).ravel(), minlength=count + 1)
    half = 0.5 * max(float(np.diff(c).min()) if c.size > 1 else 0.0 for c in metal.centres)
    found = []
    for face in faces:
        deep = face.depth(metal)
        here = mask & np.isfinite(deep) & (deep > -2.0 * half)
        rows, number = np.argwhere(here), label[here]
        below = deep[here]
        for pore in np.unique(number).tolist():
            mine = number == pore
            top, bottom = float(below[mine].min()) - half, float(below[mine].max()) + half
            if top > face.stock or bottom <= face.stock + half:
                continue
            near = rows[mine][np.abs(below[mine] - face.stock) <= 2.0 * half]
            at = near if len(near) else rows[mine]
            worst = at[int(np.argmax(empty[tuple(at.T)]))]
            found.append(
                OpenedPore(
                    face, place=metal.place(worst), depth=max(top, 0.0), reach=bottom - face.stock, volume=float(volume[pore])
                )
            )
    return tuple(sorted(found, key=lambda p: (not p.face.sealing, -p.volume)))


@dataclass(frozen=True, slots=True)
class LeakPath:
    """Porosity that connects two surfaces.

    Attributes
    ----------
    porosity : float
        The tightest voxel on the most porous path: the path leaks if a seal needs less.
    place : tuple of float
        Where that voxel is (m).
    voxels : int
        Voxels that hang together with the path at that porosity.
    """

    porosity: float
    place: Place = field(kw_only=True)
    voxels: int = field(kw_only=True)


def leak_path(
    porosity: ArrayLike, first: NDArray[np.bool_], second: NDArray[np.bool_], *, metal: Metal, least: float = PORE
) -> LeakPath | None:
    """Return the most porous path of connected voxels (faces, edges, corners) between two surfaces, or None.

    Parameters
    ----------
    porosity : array_like, shape (nx, ny, nz)
        Empty share of every voxel.
    first, second : ndarray of bool
        The metal voxels of the two surfaces, for example ``WorkedFace.raw_surface(metal)``.
    metal : Metal
    least : float, optional
        Paths tighter than this are none.

    Notes
    -----
    Voxels tell which pores may touch, not that they do: a path is a suspicion to be pressure tested.
    """
    from scipy import ndimage

    if not first.any() or not second.any():
        raise InputError("a leak path needs metal voxels on both surfaces; one of the two is empty")
    empty = np.where(metal.mask, np.nan_to_num(np.asarray(porosity, dtype=np.float64), nan=0.0), 0.0)

    def linked(level: float) -> NDArray[np.bool_] | None:
        label, _ = ndimage.label((empty >= level) & metal.mask, structure=np.ones((3, 3, 3)))
        both = np.intersect1d(label[first], label[second])
        both = both[both > 0]
        return np.isin(label, both) if both.size else None

    levels = np.unique(empty[empty >= least])
    low, high = 0, levels.size - 1
    if not levels.size or linked(float(levels[0])) is None:
        return None
    while low < high:
        middle = (low + high + 1) // 2
        if linked(float(levels[middle])) is not None:
            low = middle
        else:
            high = middle - 1
    path = linked(float(levels[low]))
    assert path is not None
    rows = np.argwhere(path)
    tightest = rows[int(np.argmin(empty[tuple(rows.T)]))]
    return LeakPath(float(levels[low]), place=metal.place(tightest), voxels=len(rows))
