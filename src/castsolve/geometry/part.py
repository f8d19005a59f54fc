"""The wanted shape: a named surface in metres, with places for rigging."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import GeometryError, unknown_name
from ..units import quantity
from . import shapes, sweeps
from .anchor import Anchor, extreme_anchor, nearest_anchor, ray_anchor
from .reading import read_bodies, read_surface, states_unit
from .sizes import FILE_UNITS, size_doubt
from .stl import write_stl
from .stock import Stock, stock_on
from .surface import Surface, direction_of, place_of
from .surface_check import SurfaceReport, surface_report

__all__ = ["Part"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Part:
    """A closed shape with a name.

    Parameters
    ----------
    surface : Surface
        Closed and outward oriented, in m.
    name : str
        How the part is called in reports.
    unit : str
        Unit of the file it was read from.
    path : Path, optional
        File it was read from.
    notes : tuple of str
        What reading had to mend.
    stock : tuple of Stock
        Metal on faces that are machined later; `surface` is the finished shape. See `with_stock`.
    body : str, optional
        Which body of that file it is, where it is one of several.

    Examples
    --------
    >>> from castsolve.units import mm
    >>> Part.box((40*mm, 40*mm, 80*mm)).volume
    0.000128
    """

    surface: Surface
    _: KW_ONLY
    name: str = "part"
    unit: str = "m"
    path: Path | None = None
    notes: tuple[str, ...] = ()
    stock: tuple[Stock, ...] = ()
    body: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.surface, Surface):
            raise GeometryError(
                f"a part is made of a Surface, not of {type(self.surface).__name__}; see Part.read and Part.box"
            )
        if not isinstance(self.name, str) or not self.name.strip():
            raise GeometryError(f"name = {self.name!r} must be a text that is not empty")

    def __repr__(self) -> str:
        edges = " x ".join(f"{v * 1e3:.4g}" for v in self.surface.size)
        return f"Part({self.name!r}, {edges} mm, {self.volume * 1e6:.4g} cm3, {len(self.surface.triangles)} triangles)"

    @classmethod
    def read(
        cls,
        path: str | os.PathLike[str],
        *,
        unit: str | None = None,
        name: str | None = None,
        body: str | None = None,
        repair: bool = True,
    ) -> Part:
        """Read a part from a file.

        Parameters
        ----------
        path : path-like
            A surface (STL, OBJ, PLY, OFF), a mesh of volume cells whose skin is taken (Gmsh msh, vtu, vtk, Abaqus inp, Nastran
            bdf), or CAD (STEP, IGES, BREP; needs the extra "cad").
        unit : str, optional
            Unit of the numbers in the file: "mm", "cm", "m", "um" or "inch". It must be stated, but for STEP and IGES, which
            state their own.
        name : str, optional
            Default: the name of the body, or of the file without its ending.
        body : str, optional
            Of an assembly the body that is wanted: a solid, a physical group, a set or a shell; see `read_bodies`.
            Default: all, as one.
        repair : bool
            False refuses a surface that leaks instead of repairing what can be proved repaired.

        Returns
        -------
        Part
            Closed and outward oriented; `notes` says what had to be mended and how much volume that moved.

        Raises
        ------
        GeometryError
            If no unit is stated, the file cannot be read, the surface has holes, or its size is beyond belief.
        """
        surface, notes = read_surface(path, unit, body=body, repair=repair)
        file = Path(path)
        default = file.stem if body is None else body
        return cls(surface, name=default if name is None else name, unit=unit or "mm", path=file, notes=notes, body=body)

    @classmethod
    def read_bodies(cls, path: str | os.PathLike[str], *, unit: str | None = None, repair: bool = True) -> dict[str, Part]:
        """Read every body of an assembly, by its name in the file; parameters as in `read`.

        Returns
        -------
        dict of str to Part
            Solids of a CAD file by their names or as "solid 1", ...; cells of a mesh by physical group or set; separate shells
            of a surface as "body 1", ..., the largest first. Give each its role: `Riser(bodies["riser"])`.
        """
        found, file, kept = read_bodies(path, unit, repair=repair), Path(path), unit or "mm"
        if len(found) == 1:
            return {file.stem: cls(found[0].surface, name=file.stem, unit=kept, path=file, notes=found[0].notes)}
        return {b.name: cls(b.surface, name=b.name, unit=kept, path=file, notes=b.notes, body=b.name) for b in found}

    def write(self, path: str | os.PathLike[str], *, unit: str = "mm") -> None:
        """Write the part as a binary STL file, whole or not at all."""
        if unit not in FILE_UNITS:
            raise GeometryError(unknown_name("length unit", str(unit), FILE_UNITS))
        write_stl(self.surface, path, factor=1.0 / FILE_UNITS[unit], title=f"{self.name} in {unit}")

    def report(self) -> SurfaceReport:
        """Return what the surface is like: shells, area, volume, closedness."""
        return surface_report(self.surface)

    @classmethod
    def box(cls, size: Any, *, centre: Any = None, corner: Any = None, name: str = "box") -> Part:
        """Return a box given by its edges and its middle (default: the origin) or its lowest corner."""
        return cls(shapes.box(size, centre=centre, corner=corner), name=name)

    @classmethod
    def cylinder(
        cls,
        diameter: Any,
        height: Any,
        *,
        axis: Any = "z",
        base: Any = (0.0, 0.0, 0.0),
        segments: int = 96,
        name: str = "cylinder",
    ) -> Part:
        """Return a cylinder with the middle of its foot on `base`; its facets have the exact volume."""
        return cls(shapes.cylinder(diameter, height, axis=axis, base=base, segments=segments), name=name)

    @classmethod
    def sphere(cls, diameter: Any, *, centre: Any = (0.0, 0.0, 0.0), segments: int = 96, name: str = "sphere") -> Part:
        """Return a sphere; its facets have the exact volume."""
        return cls(shapes.sphere(diameter, centre=centre, segments=segments), name=name)

    @classmethod
    def cone(
        cls,
        diameter: Any,
        height: Any,
        *,
        top_diameter: Any = 0.0,
        axis: Any = "z",
        base: Any = (0.0, 0.0, 0.0),
        segments: int = 96,
        name: str = "cone",
    ) -> Part:
        """Return a pointed cone, or a frustum where `top_diameter` is above 0."""
        made = shapes.cone(diameter, top_diameter, height, axis=axis, base=base, segments=segments)
        return cls(made, name=name)

    @classmethod
    def tube(
        cls,
        diameter: Any,
        height: Any,
        *,
        bore: Any,
        axis: Any = "z",
        base: Any = (0.0, 0.0, 0.0),
        segments: int = 96,
        name: str = "tube",
    ) -> Part:
        """Return a tube of outer `diameter` with a through `bore`."""
        return cls(shapes.tube(diameter, bore, height, axis=axis, base=base, segments=segments), name=name)

    @classmethod
    def revolved(
        cls, profile: Any, *, axis: Any = "z", base: Any = (0.0, 0.0, 0.0), segments: int = 96, name: str = "revolved"
    ) -> Part:
        """Return the body swept by a closed profile of (radius, height) corners turned around an axis."""
        return cls(shapes.revolved(profile, axis=axis, base=base, segments=segments), name=name)

    @classmethod
    def extruded(
        cls,
        outline: Any,
        height: Any,
        *,
        axis: Any = "z",
        base: Any = (0.0, 0.0, 0.0),
        hole: Any = None,
        name: str = "extruded",
    ) -> Part:
        """Return the prism over an outline of (length, length) corners; see `geometry.sweeps.extruded`."""
        return cls(sweeps.extruded(outline, height, axis=axis, base=base, hole=hole), name=name)

    @classmethod
    def swept(
        cls, section: Any, path: Any, *, up: Any = "z", scale: Any = None, name: str = "swept"
    ) -> Part:
        """Return the body that a section makes along a path of straight legs; see `geometry.sweeps.swept`."""
        return cls(sweeps.swept(section, path, up=up, scale=scale), name=name)

    @property
    def volume(self) -> float:
        """Volume in m3, without stock."""
        return self.surface.volume

    @property
    def area(self) -> float:
        """Area of the whole surface in m2."""
        return self.surface.area

    @property
    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lowest and highest coordinates, each of shape (3,), in m."""
        return self.surface.bounds

    @property
    def size(self) -> NDArray[np.float64]:
        """Edges of the box around the part, shape (3,), in m."""
        return self.surface.size

    @property
    def warnings(self) -> tuple[str, ...]:
        """What looks wrong with it: a size that castings do not have, with the units that would give one."""
        unit, stated = (None, False) if self.path is None else (self.unit, states_unit(self.path))
        doubt = size_doubt(self.name, float(self.size.max()), unit=unit, stated=stated)
        return (doubt,) if doubt else ()

    @property
    def casting_modulus(self) -> float:
        """Volume over area in m, all of the surface taken as cooling."""
        return self.volume / self.area

    @property
    def top(self) -> Anchor:
        """Middle of the highest level patch (z is up)."""
        return extreme_anchor(self.surface, "z")

    @property
    def bottom(self) -> Anchor:
        """Middle of the lowest level patch (z is up)."""
        return extreme_anchor(self.surface, "-z")

    def side(self, direction: Any) -> Anchor:
        """Return the middle of the level patch farthest along a direction such as "+x"."""
        return extreme_anchor(self.surface, direction)

    def above(self, x: Any, y: Any) -> Anchor:
        """Return the highest place of the part over (x, y)."""
        return ray_anchor(self.surface, (x, y, 0.0), "z", "above")

    def below(self, x: Any, y: Any) -> Anchor:
        """Return the lowest place of the part under (x, y)."""
        return ray_anchor(self.surface, (x, y, 0.0), "-z", "below")

    def nearest(self, point: Any) -> Anchor:
        """Return the place of the surface nearest to a point."""
        return nearest_anchor(self.surface, point)

    def renamed(self, name: str) -> Part:
        """Return the part under another name."""
        return replace(self, name=name)

    def transformed(self, matrix: ArrayLike) -> Part:
        """Return the part mapped by a 4 x 4 matrix (lengths in m), its stock with it."""
        stock = tuple(piece.transformed(matrix) for piece in self.stock)
        return replace(self, surface=self.surface.transformed(matrix), stock=stock)

    def with_stock(self, thickness: Any, *, at: Anchor | Sequence[Anchor]) -> Part:
        """Return the part with machining stock on chosen faces.

        Parameters
        ----------
        thickness : length
        at : Anchor or sequence of Anchor
            One place on each face that is machined: ``part.top``, ``part.side("+x")``. A face reaches until its surface
            turns by more than 25 degrees; a bore or a cone is taken all round.

        Returns
        -------
        Part
            The same finished shape. The stock is cast with it, as bodies of the role "stock".
        """
        return replace(self, stock=(*self.stock, *stock_on(self.surface, thickness, at)))

    def moved(self, distance: Any) -> Part:
        """Return the part moved by three lengths."""
        matrix = np.eye(4)
        matrix[:3, 3] = place_of(distance, "distance")
        return self.transformed(matrix)

    def turned(self, angle: Any, *, axis: Any = "z", about: Any = (0.0, 0.0, 0.0)) -> Part:
        """Return the part turned right-handed around an axis.

        Parameters
        ----------
        angle : float or str
            In radians, or a text such as "30 deg".
        axis : str or three numbers
            Direction of the axis.
        about : three lengths
            A point on the axis.
        """
        phi = quantity(angle, "angle", "angle")
        u, centre = direction_of(axis, "axis"), place_of(about, "about")
        # Quarter turns are exact: a turned box stays a box to the last bit.
        quarter = round(phi / (0.5 * math.pi))
        exact = math.isclose(phi, quarter * 0.5 * math.pi, rel_tol=1e-15, abs_tol=1e-15)
        c, s = ((1, 0, -1, 0)[quarter % 4], (0, 1, 0, -1)[quarter % 4]) if exact else (math.cos(phi), math.sin(phi))
        cross = np.array([[0.0, -u[2], u[1]], [u[2], 0.0, -u[0]], [-u[1], u[0], 0.0]])
        matrix = np.eye(4)
        matrix[:3, :3] = c * np.eye(3) + s * cross + (1 - c) * np.outer(u, u)
        matrix[:3, 3] = centre - matrix[:3, :3] @ centre
        return self.transformed(matrix)

    def scaled(self, factor: Any, *, about: Any = (0.0, 0.0, 0.0)) -> Part:
        """Return the part made larger or smaller by one factor, or by three factors along x, y, z."""
        values = np.asarray(factor, dtype=np.float64) if not isinstance(factor, str) else np.zeros(1)
        if values.shape not in ((), (3,)) or not np.isfinite(values).all() or not (values > 0.0).all():
            raise GeometryError(
                f"factor = {factor!r} must be one number above 0 or three; for a mirror image use mirrored"
            )
        centre = place_of(about, "about")
        matrix = np.diag(np.append(np.broadcast_to(values, 3), 1.0))
        matrix[:3, 3] = centre - matrix[:3, :3] @ centre
        return self.transformed(matrix)

    def mirrored(self, normal: Any, *, about: Any = (0.0, 0.0, 0.0)) -> Part:
        """Return the mirror image in the plane through `about` with the given normal."""
        n, centre = direction_of(normal, "normal"), place_of(about, "about")
        matrix = np.eye(4)
        matrix[:3, :3] -= 2.0 * np.outer(n, n)
        matrix[:3, 3] = centre - matrix[:3, :3] @ centre
        return self.transformed(matrix)
