"""From a casting to its layout: priorities, regions, contacts, and bodies that a voxel cannot hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import GeometryError
from ..materials import MouldMaterial, mould
from ..units import mm
from .body import Body
from .flask import Box, bounds_of
from .layout import Layout, Region
from .rigging import METAL, PRIORITY

if TYPE_CHECKING:
    from ..geometry import Part
    from .process import Casting

__all__ = ["lay_out", "part_bodies", "regions_of", "too_small"]

# Fewer voxels than this across a body are told, fewer than one are refused.
_FEW = 3.0


# What is finer than a voxel and no body of the grid.
_NO_BODIES = ("vent",)


def part_bodies(part: Part) -> list[Body]:
    """Return the body of a part, and one for each of its faces with machining stock."""
    thinnest = float(part.size.min())
    found = [
        Body(name=part.name, role="part", surface=part.surface, thinnest=thinnest, thinnest_is="smallest extent")
    ]
    for number, piece in enumerate(part.stock, start=1):
        found.append(
            Body(
                name=f"{part.name} stock {number}",
                role="stock",
                surface=piece.surface,
                # A thin skin on a thick part is no small body: it shares the voxels of the part.
                thinnest=thinnest,
                thinnest_is="smallest extent",
            )
        )
    return found


def by_priority(casting: Casting) -> list[Body]:
    """Return the bodies from the highest priority to the lowest."""
    found = [body for body in casting.bodies if body.role not in _NO_BODIES]
    return sorted(found, key=lambda body: PRIORITY.index(body.role))


def regions_of(casting: Casting) -> tuple[Region, ...]:
    """Return the regions: the metal, one for each sleeve, chill, core and their like, the mould, and what is around it."""
    bodies = by_priority(casting)
    metal = tuple(body.name for body in bodies if body.role in METAL)
    start = casting.pour_temperature
    regions = [Region("metal", role="metal", material=casting.alloy, initial_temperature=start, body_names=metal)]
    for body in bodies:
        if body.role in METAL or body.region is not None:
            continue
        if body.role in ("die", "riser tube"):
            regions.append(casting.piece_region(body.name))
            continue
        held = (body.name, *(other.name for other in bodies if other.region == body.name))
        regions.append(
            Region(
                body.name,
                role=body.role,
                material=casting.mould if body.material is None else _material(body.material),
                initial_temperature=casting.mould_temperature if body.temperature is None else body.temperature,
                body_names=held,
            )
        )
    return (*regions, casting.rest())


def _material(given: str | MouldMaterial) -> MouldMaterial:
    return given if isinstance(given, MouldMaterial) else mould(given)


def too_small(body: Body, voxel: float) -> str:
    """Return the refusal of a body that a voxel cannot hold, or an empty text."""
    if body.thinnest >= voxel:
        return ""
    edge = f"its {body.thinnest_is} is {body.thinnest / mm:.4g} mm"
    enough = _rounded_down(body.thinnest / mm / _FEW)
    return f"{body.name} is smaller than voxel = {voxel / mm:g} mm ({edge}); use voxel <= {enough:g} mm"


def _rounded_down(value: float) -> float:
    unit = 10.0 ** (np.floor(np.log10(value)) - 1)
    return float(f"{np.floor(value / unit + 1e-9) * unit:.2g}")


def lay_out(casting: Casting, voxel: float) -> Layout:
    """Return the layout of a casting for voxels of an edge in m."""
    from ..geometry.grid import GridBody

    problems = [text for body in by_priority(casting) if (text := too_small(body, voxel))]
    if problems:
        raise GeometryError("\n".join(problems))
    regions = regions_of(casting)
    number = {name: index for index, region in enumerate(regions) for name in region.body_names}
    bodies = tuple(
        GridBody(name=body.name, role=body.role, surface=body.surface, region=number[body.name])
        for body in by_priority(casting)
    )
    lo, hi = casting.flask
    # A die is large: its voxels grow away from the casting, as those of a mould do.
    low, high = bounds_of([body for body in by_priority(casting) if body.role != "die"])
    up = -casting.gravity / np.linalg.norm(casting.gravity)
    return Layout(
        bodies,
        regions=regions,
        box=(lo, hi),
        fine_box=_fine_box(low, high, (lo, hi), voxel),
        contacts=casting.contacts(regions),
        ambient=casting.ambient,
        symmetry_sides=frozenset(plane.side for plane in casting.planes),
        open_sides=_open_sides(casting, up),
        deep_sides=casting.deep_sides,
        clamped_sides=casting.side_conditions(),
        events=casting.events(),
        openings=casting.openings,
        pores={body.name: body.pores for body in casting.bodies if body.pores is not None},
        alloy=casting.alloy,
        pour_temperature=casting.pour_temperature,
        gravity=casting.gravity,
        warnings=(*casting.warnings, *_few_voxels(casting, voxel)),
    )


def _fine_box(low: np.ndarray, high: np.ndarray, box: Box, voxel: float) -> Box:
    """The stretch of uniform voxels around all bodies: two voxels beyond them, less where that leaves a gap to the mould's side
    that no voxel of its own fills, for the voxels would then be stretched to fit the box, and a filling needs cubes."""
    from ..geometry.grid import graded_nodes

    lo, hi = np.maximum(low - 2 * voxel, box[0]), np.minimum(high + 2 * voxel, box[1])
    for a in range(3):
        widths = np.diff(graded_nodes((lo[a], hi[a]), (box[0][a], box[1][a]), voxel))
        if np.abs(widths - voxel).min() > 1e-6 * voxel:
            # Widened to whole voxels, by up to half a voxel on either side, or a whole one where the other side is the mould's, the
            # stretch leaves at least 3/4 of a voxel.
            flush = low[a] <= box[0][a] or high[a] >= box[1][a]
            gap = (1.75 if flush else 1.25) * voxel
            lo[a], hi[a] = max(lo[a], min(low[a], box[0][a] + gap)), min(hi[a], max(high[a], box[1][a] - gap))
    return lo, hi


def _open_sides(casting: Casting, up: np.ndarray) -> frozenset[str]:
    if not any(body.open_top for body in casting.bodies):
        return frozenset()
    axis = int(np.argmax(np.abs(up)))
    return frozenset({f"{'xyz'[axis]}_{'high' if up[axis] > 0 else 'low'}"})


def _few_voxels(casting: Casting, voxel: float) -> list[str]:
    return [
        f"{body.name} is {body.thinnest / voxel:.2g} voxels across ({body.thinnest_is} {body.thinnest / mm:.4g} mm);"
        f" {_FEW:g} are wanted"
        for body in by_priority(casting)
        if body.role not in ("part", "stock", "die") and body.thinnest < (_FEW - 1e-9) * voxel
    ]
