"""One run of a heat problem: the sweep's arrays, the steps, and the books."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _kernels
from ..errors import InputError, SolveError
from .absent import Absent
from .clock import Clock
from .easing import Easing
from .fire import Burnt, Fire
from .half_space import DeepSides
from .heat_run import HeatRun, Progress
from .ledger import EnergyLedger
from .level_drop import LevelDrop
from .mould_layer import MouldLayer, Touched
from .paces import Paces
from .release import HeatRelease
from .sweep_arrays import from_reference, open_rows, padded, roomy, row_runs, whole_spans
from .watch import Level

if TYPE_CHECKING:
    from .heat_problem import HeatProblem

__all__ = ["Stepper"]

Array = NDArray[Any]

@dataclass(slots=True)
class _Watched:
    """The watch arrays of a run and what they mean."""

    levels: tuple[Level, ...]
    enthalpies: Array
    slots: Array
    index: Array


class Stepper:
    """One run of a problem: the sweep's arrays, its clock and its books."""

    def __init__(
        self, problem: HeatProblem, clock: Clock, initial: ArrayLike | None, resume: Mapping[str, Any] | None,
        probes: Mapping[str, Sequence[float]], estimate: bool, level_drop: LevelDrop | None = None, enthalpy: Array | None = None,
        touched: Touched | None = None, paced: bool = False, absent: Absent | None = None, eased: bool = False,
        burnt: Burnt | None = None,
    ) -> None:  # fmt: skip
        self.problem, self.clock = problem, clock
        grid, real = problem.rows, problem.real
        nx, ny, nz = grid.shape
        if resume is not None:
            self.reference = np.array(resume["reference"])
            self.H = padded(resume["H"], real)
        else:
            start = problem.enthalpy_of(initial) if enthalpy is None and initial is not None else enthalpy
            assert start is not None
            self.reference, self.H = from_reference(grid.region, len(problem.materials), problem.in_rows(start), real)
            del start  # in double precision it is as large as two fields
        self._absent = None if absent is None else np.ascontiguousarray(problem.in_rows(absent.where))
        if absent is not None and resume is None:
            air = float(problem.materials[0].at_temperature(absent.temperature))
            self.H[:, :, :nz][self._absent] = air - self.reference[0]
        nzp = self.H.shape[2]
        self._watched = self._watch_levels()
        # With a falling level the part would be found anew whenever a voxel runs empty; it does not know of absent metal either.
        whole = problem.source is None and level_drop is None and absent is None
        self._paces = Paces.of(problem) if paced and whole else None
        region = padded(grid.region, np.uint8)
        dz = np.append(grid.widths(2), np.full(nzp - nz, grid.widths(2)[-1]))
        # No heat flows along a row beyond its last voxel.
        idz, idz_face = (1.0 / dz).astype(real), (2.0 / (dz + np.append(dz[1:], dz[-1]))).astype(real)
        idz[nz:], idz_face[nz - 1 :] = 0.0, 0.0
        idz_behind = np.append(np.zeros(1, real), idz_face[:-1])
        euler = clock.scheme.name == "euler"
        arrays: dict[str, Any] = {
            "dx": np.ascontiguousarray(grid.widths(0)), "dy": np.ascontiguousarray(grid.widths(1)), "dz": dz,
            "idz_row": idz, "idz_face": idz_face, "idz_behind": idz_behind, "open": problem.open, **whole_spans(problem.open, nz),
            **row_runs(region, nz, problem.watch.region if problem.watch else None),
            **problem.tables.counted_from(self.reference),
            **problem.cut.arrays, **problem.contacts.arrays,
            "H": self.H, "D1": np.zeros_like(self.H), "D2": None if euler else np.zeros_like(self.H),
            "F0": np.zeros_like(self.H) if clock.scheme.name == "rkl2" else None,
            "inflow": np.zeros(nx), "done": np.zeros(nx, np.int64), "share": problem.share,
        }  # fmt: skip
        # The wall distances change during a run with the mould correction: the problem's own stay as they are.
        self._faces = (problem.cut.arrays["face_low"].copy(), problem.cut.arrays["face_high"].copy())
        self.level_drop = level_drop
        if level_drop is not None or absent is not None:  # voxels will be closed: the problem's own arrays stay as they are
            arrays.update({name: arrays[name].copy() for name in ("face_area", "link_c")}, open=roomy(problem.open))
        levels = self._watched.enthalpies
        self._easing = Easing.of(problem, clock, self.reference, levels, arrays, narrows=whole) if eased else None
        self._arrays = arrays
        self._source = np.zeros_like(self.H) if problem.source is not None else None
        self._loaded: Array | None = None
        self.fire = self._fire_of(resume, burnt)
        arrays.update(self._watch_arrays(resume))
        self.sweep = _kernels.HeatSweep(arrays, (nx, ny, nz, nzp), [s.row() for s in problem.sides], problem.threads)
        self._deep = DeepSides(grid, problem.sides, problem.materials)
        self._deep.attach(self.sweep)
        if resume is not None and self._deep:
            self._deep.recall(resume["deep"])
        self._estimate = estimate and not euler and clock.fixed is None
        # The increment of a stage in the middle of the step, to see how bent the step is.
        self.middle = np.zeros_like(self.H) if self._estimate else None
        if resume is not None:
            self.layer = MouldLayer.recalled(problem, resume)
        elif touched is not None:
            self.layer = MouldLayer.after(problem, touched)
        else:
            self.layer = MouldLayer.of(problem, self.H, self.reference)
        self._volumes = np.array([grid.region_volume(r) for r in range(len(problem.materials))])
        held = self._held(advance=False)
        self.ledger = EnergyLedger.open(held, self._heat_scale(held), problem.dtype)
        if resume is not None:
            clock.recall(resume["clock"])
            self.ledger.recall(resume["ledger"])
            self.left = int(resume["left"])
        else:
            self.left = len(self._watched.index)
        self.run = HeatRun(problem=problem, clock=clock, ledger=self.ledger, stepper=self, levels=self._watched.levels)
        self.run.place_probes(probes)
        if self._absent is not None:
            self.shut(self._absent)
            self.left = int((arrays["watch_next"] < len(self._watched.levels)).sum()) if self._watched.levels else 0
        if resume is not None:
            self.run.recall(resume)
            if level_drop is not None:
                level_drop.recall(resume)
                self.shut(level_drop.void)
        else:
            self.run.note(self, 0.0, 0, "start")

    def _fire_of(self, resume: Mapping[str, Any] | None, burnt: Burnt | None) -> Fire | None:
        """Return the state of what burns where it gets hot."""
        p = self.problem
        if not isinstance(p.source, HeatRelease) or not p.source.fuels:
            return None
        fire = Fire(p.source.fuels, p, self.reference, self.H, self._arrays, burnt)
        if resume is not None:
            fire.recall(resume)
        return fire

    def _held(self, *, advance: bool) -> Array:
        """Enthalpy of every region relative to its reference (J), after adding the last increment or as it is."""
        held, hottest = np.zeros(len(self.problem.materials)), np.zeros(len(self.problem.materials))
        if not advance:
            self.sweep.enthalpy(held, hottest)
        elif not self.sweep.advance(held, hottest):
            raise self._not_finite()
        self._largest = hottest
        self.hottest = [
            float(c.temperature_at(zero + h)) if h > -1e299 else math.nan
            for c, zero, h in zip(self.problem.materials, self.reference, hottest, strict=True)
        ]
        return held

    @property
    def _above_last(self) -> float:
        """Enthalpy of the hottest watched voxel above the coldest level (J/m3)."""
        w, watch = self._watched, self.problem.watch
        if not w.levels or watch is None:
            return math.nan
        return self._largest[watch.region] + self.reference[watch.region] - float(w.enthalpies[-1])

    def _remaining(self, before: float, length: float) -> float:
        """Time (s) in which the hottest watched voxel comes down to the coldest level at the rate of the last step."""
        now = self._above_last
        if not self._estimate or not before > now or (now <= 0.0 and self.all_passed):
            return math.inf
        # Rounding may put the last voxel under the level before the watch counts it.
        return max(now, 0.0) * length / (before - now)

    def enthalpy(self) -> Array:
        """Return the enthalpy of every voxel (J/m3), dense, in double precision."""
        region = self.problem.rows.region
        return self.problem.on_grid(self.reference[region] + self.H[:, :, : region.shape[2]].astype(float))

    @property
    def all_passed(self) -> bool:
        """Whether every watched voxel has passed the coldest level."""
        return self.left == 0

    def _watch_levels(self) -> _Watched:
        watch = self.problem.watch
        if watch is None or not watch.levels:
            return _Watched((), np.zeros(0), np.zeros(0, np.int32), np.zeros(0, np.int64))
        levels, h = watch.ordered(self.problem.materials[watch.region])
        flags = np.array([level.gradient for level in levels])
        slots = np.where(flags, np.cumsum(flags) - 1, -1).astype(np.int32)
        return _Watched(levels, h, slots, np.flatnonzero(self.problem.rows.region == watch.region))

    def _watch_arrays(self, resume: Mapping[str, Any] | None) -> dict[str, Any]:
        w = self._watched
        if not w.levels:
            return {}
        n, real = len(w.index), self.problem.real
        span = float(w.enthalpies[0] - w.enthalpies[-1])
        level = w.enthalpies - self.reference[self.problem.watch.region]  # type: ignore[union-attr]
        arrays: dict[str, Any] = {
            "level": level, "level_gradient": w.slots, "hysteresis": 1e-3 * max(span, abs(float(w.enthalpies[0])) * 1e-3),
        }  # fmt: skip
        if resume is not None:
            for key in ("watch_low", "watch_high", "watch_next", "watch_time", "watch_gradient"):
                arrays[key] = np.ascontiguousarray(resume[key])
            return arrays
        arrays["watch_low"], arrays["watch_high"] = np.full(n, level[0], real), np.full(n, np.inf, real)
        arrays["watch_next"] = np.zeros(n, np.uint8)
        arrays["watch_time"] = np.full((len(w.levels), n), np.nan, np.float32)
        arrays["watch_gradient"] = np.full((max(1, int((w.slots >= 0).sum())), n), np.nan, np.float32)
        return arrays

    def _heat_scale(self, held: Array) -> float:
        """A thousandth of the watched region's superheat and latent heat (J), or of everything above 25 degC."""
        w = self._watched
        if not w.levels:
            return 1e-6 * float(np.abs(self._volumes * self.reference + held).max(initial=0.0))
        region = self.problem.watch.region  # type: ignore[union-attr]
        return 1e-3 * abs(float(held[region]) + self._volumes[region] * (self.reference[region] - float(w.enthalpies[-1])))

    def advance(self) -> None:
        """Take one step and book it."""
        problem, clock = self.problem, self.clock
        if self.layer is not None:
            guess = max(problem.explicit_step(), clock.step, clock.theta * (clock.time - clock.event_time))
            self.layer.update(clock.time + 0.5 * guess)
        self._set_contacts()
        if self.fire is not None:
            self.fire.set_ways(self.H, anew=self.layer is not None)
        longest = math.inf if self.fire is None else self.fire.longest_step
        # The clock starts with what the fastest voxel of any state asks for: it is the start that must be resolved.
        explicit = problem.stable.explicit(self._least)
        eased = explicit if self._easing is None else self._easing.explicit(self.sweep, self._least)
        step = clock.next(explicit, eased=eased, burning=longest)
        if self.fire is not None:
            self._load_source(self.sweep, clock.time, step.end)
        start, before = clock.time, self._above_last
        heat, bend = self.march(step.length, step.stages)
        if self._easing is not None:
            step, heat, bend = self._easing.settle(self, step, self._least, heat, bend)
        self._ending = step.end
        held = self._held(advance=True)
        if self._deep:
            self._deep.note(self.H, self.reference, step.length)
        if self.fire is not None:
            self.fire.look(start, step.end, self.H)
        clock.done(step, bend, self._remaining(before, step.length))
        self.ledger.book(held, heat, clock.time, clock.steps)
        self.run.note(self, step.length, step.stages, step.ruling)
        if self.level_drop is not None:
            self.level_drop.follow(self)

    def empty(self, void: Array, enthalpy: float, volume: Array) -> None:
        """Take the metal out of watched voxels, and its heat out of the books.

        Parameters
        ----------
        void : ndarray of bool, shape (nx, ny, nz)
        enthalpy : float
            Of what is left in them (J/m3).
        volume : ndarray, shape (n,)
            That each of them owns (m3).
        """
        H = self.H[:, :, : void.shape[2]]
        before = H[void].astype(float)
        H[void] = enthalpy - self.reference[0]
        self.ledger.drain(float((before - H[void]) @ volume))
        self.shut(void)
        self.left = int((self._arrays["watch_next"] < len(self._watched.levels)).sum())

    def shut(self, void: Array) -> None:
        """Close the faces, walls and links of voxels, and watch them no more."""
        a, nz = self._arrays, void.shape[2]
        open_ = a["open"][:, :, :nz]
        open_[void] = 0
        for axis, bit in enumerate((1, 2, 4)):
            behind, ahead = [slice(None)] * 3, [slice(None)] * 3
            behind[axis], ahead[axis] = slice(None, -1), slice(1, None)
            open_[tuple(behind)][void[tuple(ahead)]] &= 0xFF ^ bit
        a["span_open"][:] = open_rows(a["open"], nz)
        cut = void.reshape(-1)[self.problem.cut.voxel]
        a["face_area"][cut[a["face_a"]] | cut[a["face_b"]]] = 0.0
        a["link_c"][cut[a["link_a"]] | cut[a["link_b"]]] = 0.0
        if not self._watched.levels:
            return
        gone = void.reshape(-1)[self._watched.index]
        a["watch_next"][gone] = len(self._watched.levels)
        a["watch_low"][gone], a["watch_high"][gone] = -np.inf, np.inf

    def _set_contacts(self) -> None:
        """Contacts whose htc changes with time: their resistance as it is now."""
        contacts = self.problem.contacts
        self._least = contacts.least
        factors = np.maximum(contacts.factors(self.clock.time), 1e-9)
        if (factors == 1.0).all() and not hasattr(self, "_plain_resistance"):
            return
        self._least = contacts.least / factors
        rows = contacts.arrays["contact_row"]
        if not hasattr(self, "_plain_resistance"):
            self._plain_resistance = contacts.arrays["contact_resistance"].copy()
        for c, factor in enumerate(factors):
            part = slice(rows[c], rows[c + 1])
            contacts.arrays["contact_resistance"][part] = self._plain_resistance[part] / factor

    def march(self, length: float, stages: int) -> tuple[float, float]:
        """Run the stages of one step; return the heat that came in (J) and how bent the step was."""
        scheme = self.clock.scheme
        apart = None if self._paces is None else self._paces.part(self._arrays, scheme, length, stages, self._least)
        heat = self.sweep_through(self.sweep, length, stages) if apart is None else apart[0].take(self, length, stages, apart[1])
        middle, share = self.middle_of(stages)
        return heat, self.sweep.curvature(self.middle, share) if middle and self.middle is not None else 0.0

    def middle_of(self, stages: int) -> tuple[int, float]:
        """Stage in the middle of a step, 0 where there is none, and the part of the step that has passed then."""
        if stages < 3:
            return 0, 0.0
        middle = round(stages / math.sqrt(2.0))
        return middle, float(self.clock.scheme.coefficients(stages).c[middle])

    def sweep_through(
        self, sweep: Any, length: float, stages: int, *, watch: bool = True, halfway: Callable[[], None] | None = None
    ) -> float:
        """Run the stages of a step with a sweep and keep its middle one; return the heat that came in (J)."""
        a = self.clock.scheme.coefficients(stages)
        t, second, middle = self.clock.time, self.clock.scheme.name == "rkl2", self.middle_of(stages)[0]
        ahead = self._easing.ahead if watch and self._easing is not None else {}
        self._load_source(sweep, t)
        flow0, done = sweep.stage(
            mt=a.mt[1] * length, t0=t, t1=t + a.c[1] * length, first=True, last=stages == 1, use_F0=second, watch=watch, **ahead
        )
        self.left -= done
        before, heat = 0.0, a.mt[1] * length * flow0
        for j in range(2, stages + 1):
            self._load_source(sweep, t + a.c[j - 1] * length)
            flow, done = sweep.stage(
                mu=a.mu[j], nu=a.nu[j], mt=a.mt[j] * length, g=a.g[j] * length, t0=t + a.c[j - 1] * length,
                t1=t + a.c[j] * length, last=j == stages, use_F0=second, swap=j > 2, watch=watch, part=a.c[j - 1], **ahead,
            )  # fmt: skip
            self.left -= done
            before, heat = heat, a.mu[j] * heat + a.nu[j] * before + length * (a.mt[j] * flow + a.g[j] * flow0)
            if j == middle and self.middle is not None:
                sweep.copy_increment(self.middle)
            if j == middle and halfway is not None:
                halfway()
        return float(heat)

    def _load_source(self, sweep: Any, time: float, end: float | None = None) -> None:
        """Tell a sweep the source at a time; with the `end` of a step that begins then, also what burns during it."""
        if self._deep:
            self._deep.tell(sweep, time - self.clock.time)
        if self._source is not None and self.problem.source is not None:
            field, shape = np.asarray(self.problem.source(time)), self.problem.grid.shape
            if field is self._loaded and end is None:
                return  # a source that hands out the same array again has not changed
            if field.shape not in ((), shape):
                raise InputError(f"the source has shape {field.shape} at t = {time:.6g} s; give W/m3 for each voxel, shape {shape}")
            self._source[:, :, : self.problem.rows.shape[2]] = self.problem.in_rows(field) if field.ndim else field
            if self.fire is not None and end is not None:
                self.fire.stoke(time, end, self._source)
            sweep.set_source(self._source)
            self._loaded = field if getattr(self.problem.source, "keeps", False) else None

    def temperature(self) -> Array:
        """Return the temperature of every voxel (K), dense."""
        T = np.empty_like(self.H)
        self.sweep.temperature(T)
        return np.ascontiguousarray(self.problem.on_grid(T[:, :, : self.problem.rows.shape[2]]))

    def progress(self, end: float | None) -> Progress:
        """Return how far the run is."""
        total = len(self._watched.index)
        share = self.clock.time / end if end is not None else (1.0 - self.left / total if total else 0.0)
        return Progress(self.clock.time, self.clock.steps, self.clock.stages, share, self.run.history_rows[-1][3])

    def watch_array(self, kind: str, name: str) -> Array:
        """Return a watched level's record as a dense float32 field, NaN elsewhere; kind is "time" or "gradient"."""
        w = self._watched
        names = [level.name for level in w.levels]
        if name not in names:
            raise InputError(f'no level named "{name}" was watched; watched are {", ".join(names) or "none"}')
        slot = names.index(name)
        if kind == "gradient":
            slot = int(w.slots[slot])
            if slot < 0:
                raise InputError(f'no gradient was recorded at the level "{name}"')
        out = np.full(self.problem.rows.shape, np.nan, np.float32)
        out.reshape(-1)[w.index] = self._arrays[f"watch_{kind}"][slot]
        return self.problem.on_grid(out)

    def state(self) -> dict[str, Any]:
        """Return all that a checkpoint must hold."""
        arrays = {k: v for k, v in self._arrays.items() if k.startswith("watch_")}
        return {
            "H": np.ascontiguousarray(self.H[:, :, : self.problem.rows.shape[2]]), **arrays,
            "reference": self.reference.tolist(), "clock": self.clock.memory(),
            "ledger": self.ledger.memory(), "left": self.left, **({"layer": {}} if self.layer is None else self.layer.state()),
            "deep": self._deep.memory(), **({} if self.level_drop is None else self.level_drop.memory()),
            **({} if self.fire is None else self.fire.state()),
        }  # fmt: skip

    @property
    def heat_freed(self) -> float:
        """Heat (J) that materials have set free so far; the ledger books it with what comes in through the sides."""
        source = self.problem.source
        freed = source.heat_until(self.clock.time) if isinstance(source, HeatRelease) else 0.0
        return float(freed + (0.0 if self.fire is None else self.fire.heat))

    def close(self) -> None:
        """Give the problem its own wall distances back."""
        self.problem.cut.arrays["face_low"][:], self.problem.cut.arrays["face_high"][:] = self._faces
        if hasattr(self, "_plain_resistance"):
            self.problem.contacts.arrays["contact_resistance"][:] = self._plain_resistance

    def _not_finite(self) -> SolveError:
        """The increment of a step is not finite: forget the step and what was recorded in it."""
        bad = np.argwhere(~np.isfinite(self.problem.on_grid(self.sweep.increment[:, :, : self.problem.rows.shape[2]])))
        at = [float(self.problem.grid.centres(a)[i]) * 1e3 for a, i in enumerate(bad[0])] if len(bad) else [math.nan] * 3
        if self._watched.levels:
            self.forget_after(self.clock.time)
        return SolveError(
            f"enthalpy is not finite in {len(bad)} voxels (first at x, y, z = {at[0]:.4g}, {at[1]:.4g}, {at[2]:.4g} mm) at "
            f"t = {self._ending:.6g} s, step {self.clock.steps + 1}; error.state holds the run up to the step before",
            state=self.run,
        )  # fmt: skip

    def forget_after(self, time: float) -> None:
        """Take away what was recorded after a time."""
        w, a = self._watched, self._arrays
        late = a["watch_time"] > np.float32(time)
        a["watch_time"][late] = np.nan
        gradients = np.flatnonzero(w.slots >= 0)
        a["watch_gradient"][: len(gradients)][late[gradients]] = np.nan
        passed = np.isfinite(a["watch_time"]).sum(axis=0)
        level = np.concatenate([[np.inf], a["level"] + a["hysteresis"]]), np.append(a["level"], -np.inf)
        a["watch_next"][:] = passed
        a["watch_high"][:], a["watch_low"][:] = level[0][passed], level[1][passed]
        if self._absent is not None:
            self.shut(self._absent)
        if self.level_drop is not None:
            self.shut(self.level_drop.void)
        self.left = int((a["watch_next"] < len(w.levels)).sum())
