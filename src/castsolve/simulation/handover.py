"""From the filling to the freezing: the heat of the filled mould on the grid of the solidification.

On the same nodes every voxel keeps its enthalpy. Between two voxel sizes, a voxel of a region takes the mean enthalpy of that
region where the two grids overlap, weighted with the volumes that the first one's voxels hold; what the sum over a region then
differs by from the heat that was there is spread evenly over its volume. So no voxel is hotter or colder than those it was mixed
from but for that shift, and each region's heat over its volume is kept to rounding. So is what a sleeve has burnt by then; when its
parts ignited is taken from the nearest voxel of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..geometry import Grid
from ..results import Frame, Results
from .filled import AIR_RECORD, RECORDS
from .fire import Burnt
from .mould_layer import Touched

__all__ = ["FILL_FIELDS", "Start", "carried_by", "carried_fields", "start_of"]

Array = NDArray[Any]

# What a solidification keeps of its filling.
FILL_FIELDS = (*RECORDS, "front_temperature", "metal_age", "surface_exposure", "trapped_air", "air_pressure", AIR_RECORD)
# Under these names a result carries how far what burns has come.
_BURNT, _BURNT_ARRAYS = "burnt_", tuple(f.name for f in fields(Burnt))
# Of a casting with less metal than this it is told that a part is missing.
_FULL = 0.99


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """What a solidification starts from.

    Attributes
    ----------
    enthalpy : ndarray
        Of every voxel (J/m3).
    touched : Touched
    warnings : tuple of str
    burnt : Burnt or None
        Its times count from the end of the pour.
    """

    enthalpy: Array
    touched: Touched
    warnings: tuple[str, ...]
    burnt: Burnt | None = None

    def identity(self) -> list[Any]:
        """Return all that tells this start from another."""
        burnt = [] if self.burnt is None else [self.burnt.ignited, self.burnt.share, self.burnt.hot]
        return [self.enthalpy, *burnt]


def start_of(filled: Results, grid: Grid) -> Start | None:
    """Return what the solidification on a grid starts from; None after an isothermal filling, which hands over no heat."""
    if "enthalpy" not in filled:
        return None
    frame = Frame.of(grid)
    told = filled.facts["filling"]
    age = np.asarray(told["fill_time"] - filled["fill_time"], float)
    warnings = []
    if told["filled"] < _FULL:
        warnings.append(f"only {100 * told['filled']:.1f} % of the cavity was full; what stayed empty freezes no metal")
    layer = {int(r): float(a) for r, a in told["layer_diffusivity"].items()}
    touched = Touched(filled.frame.sampled(age, frame), float(told["fill_time"]), layer)
    enthalpy = np.asarray(filled["enthalpy"], float) if frame.same_as(filled.frame) else _enthalpy(filled, grid)
    return Start(enthalpy, touched, tuple(warnings), _burnt(filled, grid))


def carried_by(burnt: Burnt) -> dict[str, Array]:
    """Return the arrays by which a result keeps how far what burns has come."""
    return {f"{_BURNT}{name}": getattr(burnt, name) for name in _BURNT_ARRAYS}


def _burnt(filled: Results, grid: Grid) -> Burnt | None:
    """Return how far what burns had come by the end of a filling, on a grid; None where nothing does."""
    if not all(f"{_BURNT}{name}" in filled.carried for name in _BURNT_ARRAYS):
        return None
    own = Burnt(*(np.array(filled.carried[f"{_BURNT}{name}"]) for name in _BURNT_ARRAYS))
    own = replace(own, ignited=own.ignited - float(filled.facts["filling"]["fill_time"]))
    frame = Frame.of(grid)
    if frame.same_as(filled.frame):
        return own
    from scipy.spatial import cKDTree

    region, number, burnt = filled["region"].reshape(-1), grid.region.reshape(-1), np.zeros(filled.frame.shape)
    burnt.reshape(-1)[own.voxels] = own.share
    burns = np.unique(region[own.voxels]).tolist()
    share = _mapped(filled, grid, burnt, burns).reshape(-1)
    voxels = np.flatnonzero(np.isin(number, burns))
    nearest = np.empty(len(voxels), np.int64)
    for r in burns:
        old, mine = np.flatnonzero(region[own.voxels] == r), number[voxels] == r
        _, found = cKDTree(_centres(filled.frame, own.voxels[old])).query(_centres(frame, voxels[mine]))
        nearest[mine] = old[found]
    return Burnt(voxels, own.ignited[nearest], share[voxels], own.hot[nearest])


def _centres(frame: Frame, voxels: Array) -> Array:
    """Return the centres (m) of voxels of a frame, shape (n, 3)."""
    return np.stack([frame.centres(a)[i] for a, i in enumerate(np.unravel_index(voxels, frame.shape))], axis=1)


def carried_fields(filled: Results, grid: Grid) -> dict[str, Array]:
    """Return the records of a filling for its solidification: between two voxel sizes, those of the voxel at each centre."""
    frame, metal = Frame.of(grid), grid.region == 0
    return {name: _in(metal, filled.frame.sampled(filled[name], frame)) for name in FILL_FIELDS if name in filled}


def carried_moments(filled: Results, result: Results) -> dict[float, dict[str, Array]]:
    """Return the moments of a filling for its solidification: between two voxel sizes, those of the voxel at each centre.

    What has run empty in the end held metal on its way.
    """
    names = result.frame.region_names
    cavity = np.isin(result["region"], [0, *(n for n, name in enumerate(names) if name == "empty")])
    return {
        time: {name: _in(cavity, filled.frame.sampled(values, result.frame)) for name, values in held.items()}
        for time, held in filled.moments.items()
    }


def _in(mask: Array, values: Array) -> Array:
    return np.where(mask, values, np.float32(np.nan))


def _enthalpy(filled: Results, grid: Grid) -> Array:
    """Enthalpy of every voxel of a grid from that of a result on other nodes, region by region."""
    return _mapped(filled, grid, np.asarray(filled["enthalpy"], float), range(len(grid.region_names)))


def _mapped(filled: Results, grid: Grid, given: Array, regions: Sequence[int]) -> Array:
    """A density on a grid, 0 outside of some regions, from one on the nodes of a result; each region keeps its sum."""
    if grid.region_names != filled.frame.region_names:
        raise InputError(
            f"the filling has the regions {', '.join(filled.frame.region_names)}, the casting {', '.join(grid.region_names)}; give "
            "the casting that was filled"
        )
    overlap = [_overlap(old, new) for old, new in zip(filled.frame.nodes, grid.nodes, strict=True)]
    whole, own, new = filled.frame.voxel_volumes(), filled.volumes(), grid.volumes()
    out = np.zeros(grid.shape)
    for region in regions:
        old, there = filled["region"] == region, grid.region == region
        if not there.any():
            continue
        if not old.any():
            raise InputError(f"no voxel of the filling holds {grid.region_names[region]}; fill with smaller voxels")
        held = np.where(old, own / whole, 0.0)
        volume, heat = _spread(held, overlap), _spread(held * given, overlap)
        mean = np.divide(heat, volume, out=np.full(grid.shape, np.nan), where=volume > 1e-9 * grid.voxel**3)[there]
        mean = _completed(mean, there)
        density = float((own[old] * given[old]).sum() / own[old].sum())
        mean += density - float((new[there] * mean).sum() / new[there].sum())
        out[there] = mean
    return out


def _overlap(old: Array, new: Array) -> Array:
    """Length that every new interval shares with every old one, shape (new, old)."""
    low, high = np.maximum(new[:-1, None], old[None, :-1]), np.minimum(new[1:, None], old[None, 1:])
    return np.maximum(high - low, 0.0)


def _spread(density: Array, overlap: Sequence[Array]) -> Array:
    """Integral of a density over every new voxel."""
    return np.einsum("ia,jb,kc,abc->ijk", *overlap, density, optimize=True)


def _completed(mean: Array, there: Array) -> Array:
    """Give voxels that no voxel of the first grid reached the value of the nearest that one did."""
    missing = np.isnan(mean)
    if not missing.any():
        return mean
    from scipy.spatial import cKDTree

    places = np.argwhere(there)
    _, nearest = cKDTree(places[~missing]).query(places[missing])
    mean[missing] = mean[~missing][nearest]
    return mean
