"""From a grid, its materials and contacts to the arrays that the sweep walks over."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _kernels
from ..errors import InputError
from ..geometry import Grid
from ..materials import HeatCurve
from .boundary import Faces, Side
from .edge_links import edge_links, missing_share, overlaps
from .tables import MaterialTables
from .wall_depth import depths_of_means

Array = NDArray[Any]

# Rows are padded to this many voxels, so that every vector is whole.
_ROW = 8

# Samples of a contact whose htc depends on temperature.
_CONTACT_SAMPLES = 257


@dataclass(frozen=True, slots=True, eq=False)
class ContactTables:
    """Resistance of every contact over the temperature of its first region.

    Attributes
    ----------
    pairs : tuple of (int, int)
        Regions of each contact, the first one below the second.
    arrays : dict
        contact_T0, contact_inv, contact_row, contact_resistance (at time factor 1).
    least : ndarray
        Smallest resistance of each contact (m2 K/W).
    """

    pairs: tuple[tuple[int, int], ...]
    arrays: dict[str, Array]
    least: Array
    interfaces: tuple[Any, ...]
    of_second: Array

    @classmethod
    def of(
        cls, pairs: Sequence[tuple[int, int]], faces: Faces, curves: Sequence[HeatCurve], names: Sequence[str], dtype: Any
    ) -> ContactTables:
        """Tabulate the contacts of region pairs; a pair without a contact is refused."""
        starts, inverses, rows, values, least = [], [], [0], [], []
        interfaces: list[Any] = []
        for a, b in pairs:
            contact = faces.contact(a, b)
            if contact is None:
                raise InputError(
                    f"{names[a]} and {names[b]} touch, but no heat-transfer coefficient is given between them; "
                    "state one, or math.inf for perfect contact"
                )
            if isinstance(contact.htc, (int, float)):
                start, inverse, resistance = 0.0, 0.0, np.array([1.0 / contact.htc if math.isfinite(contact.htc) else 0.0])
                interfaces.append(None)
            else:
                curve = curves[b if contact.of_second else a]
                low, high = _table_range(contact.htc, curve)
                T = np.linspace(low, high, getattr(contact.htc, "table_samples", _CONTACT_SAMPLES))
                solid = None
                if curve.fraction_solid is not None:
                    solid = curve.fraction_solid_at(curve.at_temperature(T))
                h = np.asarray(contact.htc.htc_at(T, fraction_solid=solid), float)
                resistance = np.where(np.isfinite(h), 1.0 / np.maximum(h, 1e-12), 0.0)
                if np.ptp(resistance) == 0.0:
                    resistance = resistance[:1]
                start, inverse = T[0], 1.0 / (T[1] - T[0])
                interfaces.append(contact.htc)
            starts.append(start)
            inverses.append(inverse)
            rows.append(rows[-1] + len(resistance))
            values.append(resistance)
            least.append(resistance.min())
        arrays = {
            "contact_T0": np.array(starts), "contact_inv": np.array(inverses), "contact_row": np.array(rows, np.int32),
            "contact_resistance": np.concatenate(values or [np.zeros(1)]).astype(dtype),
        }  # fmt: skip
        second = np.array([bool(getattr(faces.contact(a, b), "of_second", False)) for a, b in pairs], dtype=bool)
        return cls(tuple(pairs), arrays, np.array(least), tuple(interfaces), second)

    def factors(self, time: float) -> Array:
        """Return the factor on every contact's htc at a time (s)."""
        found = np.ones(len(self.pairs))
        for c, interface in enumerate(self.interfaces):
            if interface is None:
                continue
            found[c] = float(interface.time_factor(time))
            if getattr(interface, "over", "") == "time":
                found[c] *= float(interface.htc_at(300.0, time=time)) / float(interface.htc_at(300.0, time=0.0))
        return found


def _table_range(interface: Any, curve: HeatCurve) -> tuple[float, float]:
    """Temperatures (K) between which an interface's htc changes: its own rows where it has them."""
    if hasattr(interface, "table_range"):
        low, high = interface.table_range
        return float(low), float(high)
    if getattr(interface, "over", "") == "temperature":
        rows = interface.htc
        if len(rows) > 1:
            return float(rows[0][0]), float(rows[-1][0])
    return curve.temperature_low, curve.temperature_high


@dataclass(frozen=True, slots=True, eq=False)
class CutFaces:
    """Interface faces that conduct, and the voxels they belong to.

    Attributes
    ----------
    arrays : dict
        cut_row, cut_k, cut_inv_volume, face_row, face_a, face_b, face_area, face_low, face_high, face_kind, link_row, link_a,
        link_b, link_c.
    voxel : ndarray
        Index of every cut voxel in the grid.
    low, high : ndarray
        Cut voxel (position) on either side of every face.
    region_low, region_high, contact : ndarray
        Regions of the two sides, and the contact of every face.
    """

    arrays: dict[str, Array]
    voxel: Array
    low: Array
    high: Array
    region_low: Array
    region_high: Array
    contact: Array
    pairs: tuple[tuple[int, int], ...]

    @classmethod
    def of(
        cls, grid: Grid, dtype: Any, half_resistivity: Array | None = None, mirrors: Sequence[bool] | None = None,
        least_resistance: Array | None = None,
    ) -> CutFaces:  # fmt: skip
        """Order a grid's walls by rows of voxels.

        With 1/(2k) of the regions, and the smallest resistance of every contact where it is not zero, links count only as far as
        the faces of a wall do not carry heat along it themselves (see `missing_share`).
        With the outer sides that no heat crosses, distances in region 0 are those of the voxels' means (see `wall_depth`).
        """
        walls = grid.walls
        keep = np.flatnonzero(walls.area > 0.0)
        # By low voxel, its x, y and z face in this order: the sums of a voxel's walls do not depend on how they were listed.
        keep = keep[np.lexsort((walls.axis[keep], walls.voxel[keep]))]
        voxel, axis = walls.voxel[keep], walls.axis[keep].astype(np.int64)
        step = np.array([grid.shape[1] * grid.shape[2], grid.shape[2], 1])[axis]
        flat = grid.region.reshape(-1)
        region_low, region_high = flat[voxel].astype(np.int64), flat[voxel + step].astype(np.int64)
        pairs, contact = _pairs(region_low, region_high)
        kind = (2 * contact + (region_low > region_high)).astype(np.uint8)
        # Two voxel centres on one wall would conduct without limit: keep a thousandth of their distance.
        spacing = np.concatenate(
            [0.5 * (grid.widths(a)[:-1] + grid.widths(a)[1:]) if grid.shape[a] > 1 else grid.widths(a) for a in range(3)]
        )
        least = 1e-3 * float(spacing.min())
        low, high = walls.low[keep].copy(), walls.high[keep].copy()
        if mirrors is not None:
            low, high = depths_of_means(grid, voxel, voxel + step, low, high, mirrors)
        share = np.ones(len(keep))
        if half_resistivity is not None:
            k_low, k_high = 0.5 / half_resistivity[region_low], 0.5 / half_resistivity[region_high]
            parted = np.zeros(len(keep)) if least_resistance is None else least_resistance[contact]
            share = missing_share(walls.low[keep], walls.high[keep], k_low, k_high, parted)
        first, second, link = edge_links(grid, voxel, axis, share * walls.area[keep], walls.low[keep], walls.high[keep])
        for way, twice in zip((low, high), overlaps(grid, voxel, axis, share, walls.low[keep], walls.high[keep]), strict=True):
            way += twice
        short = low + high < least
        high[short] = least - low[short]
        cut = np.unique(np.concatenate([grid.cut_index, voxel, voxel + step, first, second]))
        i, j, k = np.unravel_index(cut, grid.shape)
        plain = grid.widths(0)[i] * grid.widths(1)[j] * grid.widths(2)[k]
        volume = plain.copy()
        volume[np.searchsorted(cut, grid.cut_index)] = grid.cut_volume
        rows = np.arange(grid.shape[0] * grid.shape[1] + 1) * grid.shape[2]
        at_low, at_high = np.searchsorted(cut, voxel), np.searchsorted(cut, voxel + step)
        arrays = {
            "cut_row": np.searchsorted(cut, rows).astype(np.int64), "cut_k": k.astype(np.int32),
            "cut_inv_volume": (plain / volume).astype(dtype),
            "face_row": np.searchsorted(voxel, rows).astype(np.int64),
            "face_a": at_low.astype(np.int32), "face_b": at_high.astype(np.int32),
            "face_area": walls.area[keep].astype(dtype), "face_low": low.astype(dtype), "face_high": high.astype(dtype),
            "face_kind": kind, "link_row": np.searchsorted(first, rows).astype(np.int64),
            "link_a": np.searchsorted(cut, first).astype(np.int32), "link_b": np.searchsorted(cut, second).astype(np.int32),
            "link_c": link.astype(dtype),
        }  # fmt: skip
        return cls(arrays, cut, at_low, at_high, region_low, region_high, contact, pairs)


def _pairs(low: Array, high: Array) -> tuple[tuple[tuple[int, int], ...], Array]:
    """Return the pairs of regions, the first one below the second, and the pair of every face."""
    both = np.stack([np.minimum(low, high), np.maximum(low, high)], axis=1)
    pairs, contact = np.unique(both, axis=0, return_inverse=True)
    if len(pairs) > 127:
        raise InputError(f"{len(pairs)} pairs of regions touch; at most 127 are possible")
    return tuple((int(a), int(b)) for a, b in pairs), contact.reshape(-1)


def touching_pairs(grid: Grid) -> tuple[tuple[int, int], ...]:
    """Return the pairs of regions between which walls conduct, the first one below the second."""
    low, high = (r[grid.walls.area > 0.0].astype(np.int64) for r in grid.wall_regions())
    return _pairs(low, high)[0]


def padded(field: Array, dtype: Any) -> Array:
    """Return a dense field with its rows padded to whole vectors, the last voxel repeated."""
    nz = field.shape[2]
    nzp = -(-nz // _ROW) * _ROW
    out = np.empty((*field.shape[:2], nzp), dtype)
    out[:, :, :nz] = field
    out[:, :, nz:] = field[:, :, -1:]
    return out


def from_reference(region: Array, count: int, enthalpy: Array, dtype: Any) -> tuple[Array, Array]:
    """Return the mean enthalpy of each of so many regions, and the padded field relative to it, plane by plane to save memory."""
    counts, sums, first = np.zeros(count, np.int64), np.zeros(count), np.zeros(count)
    for owner, h in zip(region, enthalpy, strict=True):
        here = np.bincount(owner.reshape(-1), minlength=count)
        for r in np.flatnonzero((here > 0) & (counts == 0)):
            first[r] = h[owner == r][0]
        counts += here
        sums += np.bincount(owner.reshape(-1), h.reshape(-1), minlength=count)
    reference = np.divide(sums, counts, out=np.zeros(count), where=counts > 0)
    # A region that starts at one temperature starts at exactly zero.
    reference = np.where(np.abs(first - reference) <= 1e-9 * np.abs(reference), first, reference)
    H = padded(enthalpy, dtype)
    for owner, h, out in zip(region, enthalpy, H, strict=True):
        out[:, : region.shape[2]] = h - reference[owner]
        out[:, region.shape[2] :] = out[:, region.shape[2] - 1 : region.shape[2]]
    return reference, H


def roomy(open_: Array) -> Array:
    """Return a copy with room before its first voxel, where the sweep looks without use of what it sees."""
    room = 64
    out = np.zeros(room + open_.size, np.uint8)[room:].reshape(open_.shape)
    out[:] = open_
    return out


def whole_spans(open_: Array, nz: int) -> dict[str, Array]:
    """Return one span a row, all of it; see `_heat.h`."""
    nx, ny, nzp = open_.shape
    rows = nx * ny
    return {
        "span_row": np.arange(rows + 1, dtype=np.int64), "span_start": np.zeros(rows, np.int32),
        "span_end": np.full(rows, nzp, np.int32), "span_open": open_rows(open_, nz),
    }  # fmt: skip


def open_rows(open_: Array, nz: int) -> Array:
    """Return the bits that all voxels of a row have, shape (nx * ny,); the +z face of its last voxel does not count."""
    across = np.bitwise_and.reduce(open_[:, :, :nz], axis=2) & (0xFF ^ 4)
    along = np.bitwise_and.reduce(open_[:, :, : nz - 1], axis=2) & 4
    return np.ascontiguousarray(across | along).reshape(-1)


def row_runs(region: Array, nz: int, watched: int | None) -> dict[str, Array]:
    """Return the runs of one region along the padded rows, and where each watched run starts in the watch arrays."""
    nx, ny, nzp = region.shape
    change = np.empty(region.shape, bool)
    change[:, :, 0] = True
    np.not_equal(region[:, :, 1:], region[:, :, :-1], out=change[:, :, 1:])
    at = np.flatnonzero(change)
    start = (at % nzp).astype(np.int32)
    rows = np.searchsorted(at, np.arange(nx * ny + 1) * nzp).astype(np.int64)
    kind = region.reshape(-1)[at].astype(np.uint8)
    end = np.append(start[1:], 0).astype(np.int32)
    end[rows[1:] - 1] = nz
    watch = np.full(len(at), -1, np.int64)
    if watched is not None:
        mine = kind == watched
        length = np.where(mine, end - start, 0)
        watch[mine] = (np.cumsum(length) - length)[mine]
    return {"run_row": rows, "run_start": start, "run_end": end, "run_region": kind, "run_watch": watch}


@dataclass(frozen=True, slots=True)
class Narrowed:
    """How much slower than at its fastest a region is while its enthalpies keep to a range.

    Attributes
    ----------
    region : int
    conduction : float
        Factor on the rates of conduction within the region.
    capacity : float
        Factor on all other rates: its smallest heat capacity over that in the range.
    """

    region: int
    conduction: float
    capacity: float


class StableStep:
    """The largest explicit step, exact for every voxel; cheap to ask again when wall distances or htc change.

    Gershgorin: a voxel's temperature decays at most at the rate sum(G) / (V C), and a step of one over that rate never overshoots.
    C is the smallest dh/dT of the material and k its largest, so no state of the run can break the limit.
    """

    def __init__(self, grid: Grid, sides: Sequence[Side], tables: MaterialTables, cut: CutFaces, open_: Array) -> None:
        rate = np.empty(grid.shape)
        conductance = np.array([s.largest_conductance for s in sides])
        _kernels.stable_rates(
            *(np.ascontiguousarray(grid.widths(a)) for a in range(3)), np.ascontiguousarray(grid.region), open_,
            tables.half_resistivity, tables.heat_capacity, conductance, rate,
        )  # fmt: skip
        flat = rate.reshape(-1)
        self.half_resistivity, self.heat_capacity = tables.half_resistivity, tables.heat_capacity
        self._tables = tables
        self._base = flat[cut.voxel].copy()
        flat[cut.voxel] = 0.0
        # Largest rate (1/s) of every region away from walls.
        self.by_region = np.array(
            [rate.max(where=grid.region == r, initial=0.0) for r in range(len(tables.heat_capacity))]
        )  # fmt: skip
        # Regions that an outer side heats or cools, which is no conduction within them.
        ends = [np.unique(np.take(grid.region, -(s % 2), s // 2)) for s in range(6) if conductance[s] > 0.0]
        self._outside = np.unique(np.concatenate(ends)) if ends else np.zeros(0, np.uint8)
        i, j, k = np.unravel_index(cut.voxel, grid.shape)
        region = self._region = grid.region.reshape(-1)[cut.voxel]
        plain = grid.widths(0)[i] * grid.widths(1)[j] * grid.widths(2)[k]
        self._per_conductance = 1.0 / (plain * tables.heat_capacity[region])
        self._inverse = cut.arrays["cut_inv_volume"].astype(float)
        self._cut = cut
        # Links across the edges of stair steps, with the largest conductivity.
        through = cut.arrays["link_c"].astype(float)
        total = sum(np.bincount(cut.arrays[end], through, len(cut.voxel)) for end in ("link_a", "link_b"))
        self._base += total * 0.5 / tables.half_resistivity[region] * self._per_conductance
        self._r_low, self._r_high = tables.half_resistivity[cut.region_low], tables.half_resistivity[cut.region_high]

    def narrowed(self, region: int, low: float, high: float) -> Narrowed:
        """Return how much slower a region is while its enthalpies lie between two of them (J/m3)."""
        capacity, resistivity = self._tables.extremes(region, low, high)
        by_capacity = min(1.0, float(self.heat_capacity[region]) / capacity)
        by_conduction = by_capacity * min(1.0, float(self.half_resistivity[region]) / resistivity)
        return Narrowed(region, by_capacity if region in self._outside else by_conduction, by_capacity)

    def rates(self, narrowed: Narrowed | None = None) -> Array:
        """Return the largest rate (1/s) of every region away from walls."""
        found = self.by_region.copy()
        if narrowed is not None:
            found[narrowed.region] *= narrowed.conduction
        return found

    def at_walls(self, least_resistance: Array, narrowed: Narrowed | None = None) -> Array:
        """Return the rate (1/s) of every cut voxel for the smallest resistance of every contact (m2 K/W)."""
        cut, through = self._cut, self._through(least_resistance)
        total = np.bincount(cut.low, through, len(cut.voxel)) + np.bincount(cut.high, through, len(cut.voxel))
        base, walls = self._base, total * self._per_conductance
        if narrowed is not None:
            here = self._region == narrowed.region
            base = np.where(here, narrowed.conduction * base, base)
            walls[here] *= narrowed.capacity
        return np.asarray((base + walls) * self._inverse)

    def walls_to(self, least_resistance: Array, other: Array) -> Array:
        """Return the rate (1/s) of every cut voxel by the walls behind which the ``other`` ones (a mask of the cut voxels) lie."""
        cut, through = self._cut, self._through(least_resistance)
        total = np.bincount(cut.low, through * other[cut.high], len(cut.voxel))
        total += np.bincount(cut.high, through * other[cut.low], len(cut.voxel))
        return np.asarray(total * self._per_conductance * self._inverse)

    def _through(self, least_resistance: Array) -> Array:
        """Return the largest conductance (W/K) of every wall."""
        a = self._cut.arrays
        way = 2.0 * (a["face_low"] * self._r_low + a["face_high"] * self._r_high)
        return np.asarray(a["face_area"].astype(float) / (way + least_resistance[self._cut.contact]))

    def explicit(self, least_resistance: Array, narrowed: Narrowed | None = None) -> float:
        """Return the largest stable explicit step (s) for the smallest resistance of every contact (m2 K/W)."""
        fastest = float(self.at_walls(least_resistance, narrowed).max(initial=self.rates(narrowed).max(initial=0.0)))
        return 1.0 / fastest if fastest > 0.0 else 1e300
