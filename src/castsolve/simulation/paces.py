"""Two paces: the metal in many short stages, the mould beyond it in few long ones.

Sand conducts a hundredth of what metal does, so it could take stages some ten times longer; but the stages of a super-step are as
many as the most conducting voxel of the sweep asks for. Here a step goes over the grid twice::

    1. the mould, in its few stages, with the metal held        s s s s s s s s s     s  swept     m  held
       at its state; the heat through the faces around           s s s|s s s|s s s     |  faces where the heat is booked
       the part is booked                                        s s s|s m s|s s s
    2. the part (metal and what lies near it), in its many       . . .|p p p|. . .     p  swept again, from the start
       stages, fed with the booked heat                          . . .|p p p|. . .     .  done

The two share whole layers of mould. What the first sweep got wrong, that the metal's temperature does not change meanwhile, fades
over them within a few lengths sqrt(a dt) that heat runs in a step: of its result only what lies beyond them is kept. Heat is
conserved to rounding: what the mould beyond lost through a face is what the part takes, in a flux that is linear in time, scaled by
what the stages make of its integral. Each of the two sweeps has the stages that its own voxels need to be stable.

References
----------
Berger, Colella (1989), Local adaptive mesh refinement for shock hydrodynamics, J. Comput. Phys. 82, 64-84: one booked flux for both
sides of a face between two time steps.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import _kernels
from .clock import SAFETY
from .foresight import places_ahead
from .rkl import Scheme
from .sweep_arrays import padded, roomy, row_runs

if TYPE_CHECKING:
    from .heat_problem import HeatProblem
    from .stepper import Stepper

__all__ = ["Paces", "Part"]

Array = NDArray[Any]

# Regions part into slow and fast ones where their largest rates lie at least this far apart.
_APART = 9.0
# A slow region's voxel at a wall may change so many times faster than its others; beyond this it goes with the fast ones.
_AT_WALLS = 3.0
# Layers of mould in the part, in lengths that heat runs in it during a step.
_REACH = 2.5
_LAYERS = (3, 6, 12, 24, 48, 96)
# Two paces are worth their trouble from this ratio of stages on, and below this share of the cost of one pace.
_WORTH, _CHEAPER = 3, 0.8
# What a sweep spends on a fast voxel, over one of the mould (measured): walls, watch, enthalpies all over their table.
_METAL = 8.0
# Bit of `open`: the voxel moves while others are held; see `_heat.h`.
_MOVES = 8


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The part of a grid that goes at the metal's pace.

    Attributes
    ----------
    sweep : HeatSweep
        Over the part, on the fields of the whole grid.
    share : float
        Of the cost of a sweep over the whole grid.
    held : dict
        What the sweep over the mould needs to know: faces around the part, and the breadths of the outer sides that count.
    """

    sweep: Any
    share: float
    held: dict[str, Array]
    _arrays: dict[str, Array]
    _walls: Array
    _face: Array
    _weight: Array

    def take(self, stepper: Stepper, length: float, stages: int, slow: int) -> float:
        """Take a step (s) of the mould in its few stages, then that of the part in its many; return the heat that came in (J)."""
        early: list[Array] = []
        whole, middle = stepper.sweep, stepper.middle
        whole.hold(self.held)
        heat = stepper.sweep_through(whole, length, slow, watch=False, halfway=lambda: early.append(whole.booked.copy()))
        there, share = stepper.middle_of(stages)[1], stepper.middle_of(slow)[1]
        self._feed(early[0], share, whole.booked, length, _integrals(stepper.clock.scheme, stages, length, stepper.problem.real))
        whole.hold({})
        if middle is not None:
            # As bent at the part's middle stage as it was at the mould's own.
            bend = (1.0 - there) / (1.0 - share)
            middle *= there * bend / share
            middle += (there * (1.0 - bend)) * whole.increment
        for name in ("face_low", "face_high"):  # the distances of walls change with time
            np.take(stepper.problem.cut.arrays[name], self._walls, out=self._arrays[name])
        self.sweep.share_fields(whole)
        heat += stepper.sweep_through(self.sweep, length, stages)
        self.sweep.copy_increment(whole.increment)
        return heat

    def _feed(self, early: Array, share: float, booked: Array, length: float, integrals: tuple[float, float]) -> None:
        """Feed the part with the heat (J/m2) that was booked at its faces during a step (s), `early` of it in a first share of it.

        The flux is linear in time, with the means of both shares. To let it start at its first value is not stable: a voxel that
        stands out at the face drives a flux that is gone at once; drawn out over the step it would leave more than there was.
        """
        first = early / (share * length)
        rise = 2.0 * ((booked - early) / ((1.0 - share) * length) - first)
        self._arrays["bound_rate"][:] = self._weight * ((booked - integrals[1] * rise) / integrals[0])[self._face]
        self._arrays["bound_rise"][:] = self._weight * rise[self._face]


class Paces:
    """What of a problem goes at which pace.

    Parameters
    ----------
    problem : HeatProblem
    held : ndarray of bool, shape (nx, ny, nz)
        Voxels that are too fast for the mould's stages.
    rate : float
        Largest rate (1/s) of a slow region's voxels away from walls.
    """

    def __init__(self, problem: HeatProblem, held: Array, rate: float) -> None:
        self._problem, self._held, self._rate = problem, held, rate
        self._moving = ~held.reshape(-1)[problem.cut.voxel]
        self._built: tuple[int, Part | None] = (0, None)

    @classmethod
    def of(cls, problem: HeatProblem) -> Paces | None:
        """Return the paces of a problem, or None where all of it is of one kind; marks in `problem.open` what moves by itself."""
        stable, watch, region = problem.stable, problem.watch, problem.rows.region
        if watch is None:
            return None
        rates = stable.by_region
        falling = sorted((r for r in range(len(rates)) if rates[r] > 0.0), key=lambda r: -rates[r])
        gaps = {n: rates[falling[n - 1]] / rates[falling[n]] for n in range(1, len(falling)) if watch.region in falling[:n]}
        if not gaps or max(gaps.values()) < _APART:
            return None
        n = max(gaps, key=lambda count: gaps[count])
        slow = float(rates[falling[n]])
        held = np.isin(region, falling[:n])
        held.reshape(-1)[problem.cut.voxel[stable.at_walls(problem.contacts.least) > _AT_WALLS * slow]] = True
        problem.open[:, :, : region.shape[2]] |= np.where(held, np.uint8(0), np.uint8(_MOVES))
        return cls(problem, held, slow)

    def part(
        self, arrays: Mapping[str, Array], scheme: Scheme, length: float, stages: int, least: Array
    ) -> tuple[Part, int] | None:
        """Return the part for a step (s) and the stages that the mould needs for it; None where one pace is as cheap.

        ``arrays`` are those of the whole grid's sweep, ``least`` the smallest resistance of every contact (m2 K/W).
        """
        at_walls = self._problem.stable.at_walls(least)[self._moving].max(initial=self._rate)
        slow = scheme.stages(length * max(float(at_walls), self._rate) / SAFETY)
        if scheme.name == "euler" or stages < _WORTH * slow:
            return None
        # Six neighbours: rate = 6 a / dx^2.
        wanted = _REACH * math.sqrt(length * self._rate / 6.0)
        layers = next((n for n in _LAYERS if n >= wanted), 0)
        if layers != self._built[0]:
            self._built = layers, self._part_of(layers, arrays) if layers else None
        part = self._built[1]
        if part is None or slow + part.share * stages > _CHEAPER * stages:
            return None
        return part, slow

    def _near(self, layers: int) -> Array | None:
        """Return what lies within some layers of what is held; no wall and no link leads out of it."""
        near = self._held.astype(np.uint8)
        for axis in range(3):
            near = _spread(near, layers, axis)
        cut = self._problem.cut
        flat, a = near.reshape(-1), cut.arrays
        ends = cut.voxel[np.concatenate([a["face_a"], a["link_a"]])], cut.voxel[np.concatenate([a["face_b"], a["link_b"]])]
        while (leading := flat[ends[0]] != flat[ends[1]]).any():
            for end in ends:
                flat[end[leading]] = 1
            if np.count_nonzero(near) > 0.8 * near.size:
                return None
        return near

    def _part_of(self, layers: int, arrays: Mapping[str, Array]) -> Part | None:
        near = self._near(layers)
        if near is None:
            return None
        problem, grid = self._problem, self._problem.rows
        nx, ny, nz = grid.shape
        within = padded(near, np.uint8)
        open_, work = arrays["open"] & (within * np.uint8(0xFF)), near.sum(axis=(1, 2), dtype=float)
        for axis, bit in enumerate((1, 2, 4)):
            low, high = [slice(None)] * 3, [slice(None)] * 3
            low[axis], high[axis] = slice(None, -1), slice(1, None)
            open_[tuple(low)] &= np.where(within[tuple(high)], np.uint8(0xFF), np.uint8(0xFF ^ bit))
        watched = None if problem.watch is None else problem.watch.region
        crossing = _crossings(arrays["open"], within, [grid.widths(axis) for axis in range(3)])
        lists, walls = _lists_within(arrays, near.reshape(-1)[problem.cut.voxel] > 0)
        work += 8.0 * np.diff(lists["cut_row"][::ny])
        own: dict[str, Any] = {
            **arrays, **lists, **_spans(within, open_, nz),
            **_runs_within(padded(grid.region, np.uint8), within, nz, watched), "open": roomy(open_), "plane_work": work,
            **{name: crossing[name] for name in ("bound_row", "bound_k")},
            **{name: np.zeros(len(crossing["bound_k"]), problem.real) for name in ("bound_rate", "bound_rise")},
        }  # fmt: skip
        if "ahead_at" in arrays:
            own["run_ahead"] = places_ahead(own, arrays, within.shape[2])
        held = {name: values for name, values in crossing.items() if name.startswith("cross")}
        dy, dz = grid.widths(1), grid.widths(2)
        for end in (0, -1):
            held[f"side_along_{-end}"] = (near[end] == 0) * dz
            held[f"side_along_{2 - end}"] = (near[:, end] == 0) * dz
            held[f"side_along_{4 - end}"] = (near[:, :, end] == 0) * dy
            own[f"side_along_{4 - end}"] = (near[:, :, end] > 0) * dy
        sweep = _kernels.HeatSweep(own, (nx, ny, nz, within.shape[2]), [s.row() for s in problem.sides], problem.threads)
        extra = (_METAL - 1.0) * np.count_nonzero(self._held)
        share = (np.count_nonzero(near) + extra) / (near.size + extra)
        return Part(sweep, share, held, own, walls, crossing["face"], crossing["weight"])


def _spread(marks: Array, layers: int, axis: int) -> Array:
    """Return marks (0 or 1) carried on to so many voxels on either side along one axis."""
    found, along = marks.copy(), [slice(None)] * 3
    done = 0
    while done < layers:
        # Twice as far each time; what is carried on is carried on again.
        step = min(done + 1, layers - done)
        before = found.copy()
        for to, source in ((slice(step, None), slice(None, -step)), (slice(None, -step), slice(step, None))):
            ahead, behind = list(along), list(along)
            ahead[axis], behind[axis] = to, source
            found[tuple(ahead)] |= before[tuple(behind)]
        done += step
    return found


def _integrals(scheme: Scheme, stages: int, length: float, real: np.dtype[Any]) -> tuple[float, float]:
    """Return what the stages of a step (s) make of the integrals of 1 and of the part of the step that has passed.

    Those are `length` and half of it, but for the rounding of the coefficients, which would be lost heat at each step.
    """
    a = scheme.coefficients(stages)
    mu, nu, mt, g, part = (np.asarray(v, real).astype(float) for v in (a.mu, a.nu, a.mt * length, a.g * length, a.c))
    one, passed, before = float(mt[1]), 0.0, (0.0, 0.0)
    for j in range(2, stages + 1):
        older, before = before, (one, passed)
        one = mu[j] * one + nu[j] * older[0] + mt[j] + g[j]
        passed = mu[j] * passed + nu[j] * older[1] + mt[j] * part[j - 1]
    return one, passed


def _spans(within: Array, open_: Array, nz: int) -> dict[str, Array]:
    """Return the spans of the rows within a part, and the bits that all voxels of a span have."""
    nx, ny, nzp = within.shape
    edges = np.zeros((nx, ny, nzp + 1), np.int8)
    edges[:, :, :nzp] = within
    edges[:, :, 1:] -= within.astype(np.int8)
    start, end = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    row, first, last = start // (nzp + 1), start % (nzp + 1), end % (nzp + 1)
    flat = np.append(open_.reshape(-1), np.uint8(0))
    begin, end = row * nzp + first, row * nzp + np.minimum(last, nz)
    across = np.bitwise_and.reduceat(flat, np.stack([begin, end], axis=1).reshape(-1))[::2] if len(row) else flat[:0]
    along = np.bitwise_and.reduceat(flat, np.stack([begin, end - 1], axis=1).reshape(-1))[::2] if len(row) else flat[:0]
    bits = (across & (0xFF ^ 4)) | np.where(end - begin > 1, along & 4, np.uint8(4))
    return {
        "span_row": np.searchsorted(row, np.arange(nx * ny + 1)).astype(np.int64), "span_start": first.astype(np.int32),
        "span_end": last.astype(np.int32), "span_open": bits,
    }  # fmt: skip


def _runs_within(region: Array, within: Array, nz: int, watched: int | None) -> dict[str, Array]:
    """Return the runs of one region along the rows of a part; all that is watched lies in it."""
    runs = row_runs(np.where(within, region, np.uint8(0xFF)), nz, watched)
    keep = runs["run_region"] != 0xFF
    kept = np.concatenate([[0], np.cumsum(keep)])
    return {"run_row": kept[runs["run_row"]], **{name: runs[name][keep] for name in runs if name != "run_row"}}


def _crossings(open_: Array, within: Array, widths: list[Array]) -> dict[str, Array]:
    """Return the faces around a part by the row of their low voxel, and the voxels inside it that they lead to, by their row.

    "face" is the face of every such voxel, "weight" what a flux towards -x, -y, -z through it heats the voxel by (1/m).
    """
    nx, ny, nzp = open_.shape
    voxels, axes = [], []
    for axis, bit in enumerate((1, 2, 4)):
        low, high = [slice(None)] * 3, [slice(None)] * 3
        low[axis], high[axis] = slice(None, -1), slice(1, None)
        leads = np.zeros(open_.shape, bool)
        leads[tuple(low)] = (open_[tuple(low)] & bit > 0) & (within[tuple(low)] != within[tuple(high)])
        voxels.append(np.flatnonzero(leads))
        axes.append(np.full(len(voxels[-1]), axis, np.uint8))
    voxel, axis_of = np.concatenate(voxels), np.concatenate(axes)
    order = np.argsort(voxel // nzp, kind="stable")
    voxel, axis_of = voxel[order], axis_of[order]
    step = np.array([ny * nzp, nzp, 1])[axis_of]
    inside_low = within.reshape(-1)[voxel] > 0
    inside = np.where(inside_low, voxel, voxel + step)
    at = np.unravel_index(inside, open_.shape)
    width = np.choose(axis_of, [w[i] for w, i in zip(widths, at, strict=True)])
    face = np.argsort(inside // nzp, kind="stable")
    return {
        "cross_row": _row_starts(voxel // nzp, nx * ny),
        "cross_k": (voxel % nzp).astype(np.int32), "cross_axis": axis_of,
        "cross_q0": np.zeros(len(voxel)), "cross_E1": np.zeros(len(voxel)), "cross_E2": np.zeros(len(voxel)),
        "bound_row": _row_starts(inside[face] // nzp, nx * ny), "bound_k": (inside[face] % nzp).astype(np.int32),
        "face": face, "weight": (np.where(inside_low, 1.0, -1.0) / width)[face],
    }  # fmt: skip


def _row_starts(row: Array, rows: int) -> Array:
    """Return where each row starts in a list that is ordered by rows, and its end."""
    return np.searchsorted(row, np.arange(rows + 1)).astype(np.int64)


def _lists_within(cut: Mapping[str, Array], keep: Array) -> tuple[dict[str, Array], Array]:
    """Return the cut voxels of a part, its walls and links, and which of all walls these are."""
    place = np.concatenate([[0], np.cumsum(keep)])
    walls, links = np.flatnonzero(keep[cut["face_a"]]), np.flatnonzero(keep[cut["link_a"]])

    def starts(rows: Array, kept: Array) -> Array:
        return np.searchsorted(kept, rows).astype(np.int64)

    found = {
        "cut_row": place[cut["cut_row"]].astype(np.int64), "cut_k": cut["cut_k"][keep],
        "cut_inv_volume": cut["cut_inv_volume"][keep],
        "face_row": starts(cut["face_row"], walls), "link_row": starts(cut["link_row"], links),
    }  # fmt: skip
    for name in ("face_area", "face_low", "face_high", "face_kind"):
        found[name] = cut[name][walls]
    found["link_c"] = cut["link_c"][links]
    for name, kept in (("face_a", walls), ("face_b", walls), ("link_a", links), ("link_b", links)):
        found[name] = place[cut[name][kept]].astype(np.int32)
    return found, walls
