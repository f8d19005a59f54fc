"""Naked casting, advice, simulation, verdict: by one call."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, field

from ..casting import Casting, Chill, GatingWeight, Riser, gating_weight
from ..defects import Pool, Shrinkage, casting_yield, chvorinov_of, design_shrinkage, isolated_pools, metal_of, shrinkage
from ..errors import CastsolveError
from ..results import Results
from ..simulation import solidify
from .advice import Advice, advise, fitting_chill

__all__ = ["FeedingLoop", "Trial", "feed"]

# Step by which the edges of risers grow and shrink.
_STEP = 0.1
# Below this scale a riser is no riser any more.
_LEAST = 0.35
# A pool is chilled when its last metal freezes this share of its time after it was cut off.
_LATE = 0.05

Scales = tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One rigging that was simulated.

    Attributes
    ----------
    scales : tuple of float
        Edges of every riser over those advised by rule; 0 is one that is left out.
    cavity : float
        Largest cavity in the part (m3).
    part_cavity : float
        All empty volume in the part (m3).
    stated : float
        Volume from which on a cavity is a fault (m3).
    casting_yield : float
        Part over all metal poured, gating included: its own, or one by rule where the casting has none.
    gating : GatingWeight or None
        The gating by rule that is counted; None where the casting has its own.
    faults : tuple of str
        Why the part is not sound: cavities of the stated size, pipes that end within a tenth of a riser's height of its foot.
    chills : tuple of Chill
        Those that were added to the advice, where no riser reaches.
    casting, result, found
        What was simulated.
    """

    scales: Scales
    cavity: float = field(kw_only=True)
    part_cavity: float = field(kw_only=True)
    stated: float = field(kw_only=True)
    casting_yield: float = field(kw_only=True)
    gating: GatingWeight | None = field(default=None, kw_only=True)
    faults: tuple[str, ...] = field(kw_only=True)
    chills: tuple[Chill, ...] = field(default=(), kw_only=True)
    casting: Casting = field(kw_only=True)
    result: Results = field(kw_only=True)
    found: Shrinkage = field(kw_only=True)

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    @property
    def has_cavity(self) -> bool:
        """Whether the mass balance leaves a cavity of the stated size in the part."""
        return self.cavity >= self.stated

    def __str__(self) -> str:
        sizes = " / ".join(f"{s * 100:.0f}" for s in self.scales) or "no"  # 0 is a riser left out
        counted = f" (with {self.gating.volume * 1e6:.3g} cm3 of gating by rule)" if self.gating is not None else ""
        more = f" and {len(self.chills)} chills more" if self.chills else ""
        head = (
            f"risers at {sizes} %{more}: casting yield {self.casting_yield * 100:.1f} %{counted}, largest cavity in the part "
            f"{self.cavity * 1e6:.3g} cm3, {self.part_cavity * 1e6:.3g} cm3 in all: {'sound' if self.sound else 'not sound'}"
        )
        return "\n    ".join([head, *self.faults])


@dataclass(frozen=True, slots=True, eq=False)
class FeedingLoop:
    """What the loop found.

    Attributes
    ----------
    advice : Advice
    trials : tuple of Trial
        In the order in which they were run.
    best : Trial or None
        The sound one with the least metal; None where none was sound.
    smaller : Trial or None
        The best one with every riser 10 % smaller, which is not sound; None where `trials` ran out before.
    first_cavity : Trial or None
        The largest of the smaller ones in which the mass balance leaves a cavity of the stated size. None where `trials` ran out
        before.
    refused : str
        Why larger risers could not be placed; "" where they could.
    """

    advice: Advice
    trials: tuple[Trial, ...] = field(kw_only=True)
    best: Trial | None = field(default=None, kw_only=True)
    smaller: Trial | None = field(default=None, kw_only=True)
    first_cavity: Trial | None = field(default=None, kw_only=True)
    refused: str = field(default="", kw_only=True)

    @property
    def reserve(self) -> float:
        """By what share the edges of the best risers lie above those that leave a cavity; NaN where these were not found.

        With steps of 10 % the edge lies between this and the step before it.
        """
        if self.best is None or self.first_cavity is None or not any(self.best.scales):
            return math.nan
        return 1.0 - max(self.first_cavity.scales) / max(self.best.scales)

    def __str__(self) -> str:
        lines = [str(self.advice), *map(str, self.trials)]
        if self.best is None:
            least = min(self.trials, key=lambda trial: trial.part_cavity, default=None)
            said = f"; least is empty in: {str(least).splitlines()[0]}" if least is not None else ""
            lines.append("no trial was sound" + said + (f"; larger risers: {self.refused}" if self.refused else ""))
            return "\n".join(lines)
        risers = [body for body in self.best.casting.rigging if isinstance(body, Riser)]
        sizes = [f"{r.diameter * 1e3:.0f} x {r.height * 1e3:.0f} mm" for r in risers if r.diameter and r.height]
        lines.append(f"best: {', '.join(sizes) or 'no riser'}, casting yield {self.best.casting_yield * 100:.1f} %")
        if math.isfinite(self.reserve):
            lines.append(f"a cavity in the part begins {self.reserve * 100:.0f} % below these edges at the latest")
        return "\n".join(lines)


def feed(
    casting: Casting, *, voxel: float | None = None, smallest: float = 0.5e-6, trials: int = 20, sleeve: bool = True,
    castings: int = 1, advice: Advice | None = None, progress: Callable[[Trial], None] | None = None,
) -> FeedingLoop:  # fmt: skip
    """Freeze a casting naked, take advice, simulate it, and look for the smallest risers that leave the part sound.

    Parameters
    ----------
    casting : Casting
        Whole, gravity along -z.
    voxel : float, optional
        Of all runs (m). Default: that of the advice.
    smallest : float, optional
        A part is sound when none of its cavities reaches this volume (m3), and every riser keeps a tenth of its height full of
        metal. Default: 0.5 cm3; not below two voxels.
    trials : int, optional
        Most runs with rigging: see Notes.
    sleeve : bool, optional
    castings : int, optional
        How many such castings share one gating where the casting has none of its own: it counts in the yield.
    advice : Advice, optional
        Given to spare the naked run.
    progress : callable, optional
        Called with every trial.

    Returns
    -------
    FeedingLoop
        `best` is the smallest sound trial; `smaller` are its risers 10 % smaller, which fail, unless `trials` ran out.

    Notes
    -----
    The sizes by rule are where the search begins. Metal that is cut off from every riser inside the part, where no larger riser
    would help, gets a chill, which stays if it leaves less empty, or the part sound. Risers at fault grow by 10 % until the
    part is sound. Then risers that give the rest of the casting less than `smallest` are left out, and all others become 10 %
    smaller, until one fails; it keeps the last size that held, and the others go on. At the end all are made 10 % smaller,
    until the mass balance leaves a cavity: that tells the reserve. Shares that hand rules count on a riser to give
    ("efficiency_sand", "efficiency_sleeve") are no limit here: they are measured on risers little slower than what they feed,
    and a riser on thin walls gives its metal while it is liquid.

    Iron is judged at the high end of its net shrinkage: what graphite makes up for is not known better.
    """
    found = advise(casting, voxel=voxel, sleeve=sleeve) if advice is None else advice
    edge = found.voxel if voxel is None else voxel
    search = _Search(found, edge, smallest, castings, trials, progress)
    best = search.grow()
    smaller = cavity = None
    while best is not None and smaller is None and search.goes_on:
        best = search.tighten(search.without_idle(best))
        smaller = search.run(_times(best.scales, 1.0 - _STEP))
        if smaller is not None and smaller.sound:
            best, smaller = smaller, None
    if best is not None and smaller is not None:
        cavity = search.first_cavity(smaller)
    return FeedingLoop(
        found, trials=tuple(search.done.values()), best=best, smaller=smaller, first_cavity=cavity, refused=search.refused
    )  # fmt: skip


class _Search:
    """The trials of one casting, each run once."""

    def __init__(
        self, advice: Advice, voxel: float, smallest: float, castings: int, most: int, progress: Callable[[Trial], None] | None
    ) -> None:
        self.advice = advice
        self.voxel = voxel
        self.smallest = smallest
        self.castings = castings
        self.most = most
        self.progress = progress
        self.done: dict[tuple[Scales, tuple[str, ...]], Trial] = {}
        self.chills: tuple[Chill, ...] = ()
        self.chilled: list[tuple[float, float, float]] = []
        self.refused = ""

    @property
    def goes_on(self) -> bool:
        """Whether another trial may be run."""
        return len(self.done) < self.most

    def run(self, scales: Scales) -> Trial | None:
        """Return a trial; None where no more may be run, a riser became too small, or one could not be placed."""
        key = (scales, tuple(str(chill.name) for chill in self.chills))
        if key in self.done:
            return self.done[key]
        if not self.goes_on or any(0.0 < s < _LEAST for s in scales):
            return None
        try:
            trial = _tried(self.advice, scales, self.voxel, self.smallest, self.castings, self.chills)
        except CastsolveError as error:
            self.refused = str(error)
            return None
        self.done[key] = trial
        if self.progress is not None:
            self.progress(trial)
        return trial

    def grow(self) -> Trial | None:
        """Return the first sound trial on the way up from the sizes by rule."""
        trial = self.run((1.0,) * len(self.advice.risers))
        while trial is not None and not trial.sound:
            trial = self.with_chills(trial)
            if trial.sound:
                break
            grown = tuple(round(s + _STEP * m, 4) for s, m in zip(trial.scales, _guilty(self.advice, trial), strict=True))
            trial = self.run(grown) if grown != trial.scales else None
        return trial

    def with_chills(self, trial: Trial) -> Trial:
        """Return a trial with a chill on every pool that was cut off inside the part, where it leaves less empty or all sound."""
        looked = True
        while looked and not trial.sound and _cut_inside(trial):
            looked = False
            for pool in isolated_pools(trial.result).in_part:
                new = all(math.dist(pool.place, place) > 2.0 * self.voxel for place in self.chilled)
                late = pool.cause == "neck" and pool.last_liquid - pool.cut_off >= _LATE * pool.last_liquid
                if not (new and late and _empties(pool, trial)):
                    continue
                self.chilled.append(pool.place)
                modulus = math.sqrt(pool.last_liquid / self.chvorinov)
                fit = fitting_chill(trial.casting, pool.place, modulus, name=f"chill {len(self.chilled)}")
                if fit is None:
                    continue
                kept, self.chills = self.chills, (*self.chills, fit[0])
                better = self.run(trial.scales)
                if better is not None and (better.sound or better.part_cavity < trial.part_cavity):
                    trial, looked = better, True
                    break
                self.chills = kept
        return trial

    @functools.cached_property
    def chvorinov(self) -> float:
        """Chvorinov's constant (s/m2) of the naked run."""
        return chvorinov_of(self.advice.naked).value

    def without_idle(self, best: Trial) -> Trial:
        """Return the trial without risers that gave others too little to matter: without all of them, else one by one, if sound."""
        given = {riser.name: riser.given for riser in best.found.risers}
        names = [str(riser.name) for riser in self.advice.risers]
        idle = [n for n, name in enumerate(names) if best.scales[n] > 0.0 and given.get(name, 0.0) < best.stated]
        for out in [idle, *([n] for n in sorted(idle, key=lambda n: given.get(names[n], 0.0)) if len(idle) > 1)]:
            scales = tuple(0.0 if n in out else s for n, s in enumerate(best.scales))
            trial = self.run(scales)
            if trial is not None and trial.sound:
                best = trial
                if out is idle:
                    break
        return best

    def tighten(self, best: Trial) -> Trial:
        """Return the smallest sound trial: a riser that fails keeps its last size, the others go on."""
        going = [s > 0.0 for s in best.scales]
        while any(going):
            scales = tuple(round(s * (1.0 - _STEP), 4) if go else s for s, go in zip(best.scales, going, strict=True))
            trial = self.run(scales)
            if trial is None:
                break
            if trial.sound:
                best = trial
                continue
            guilty = [go and bad for go, bad in zip(going, _guilty(self.advice, trial), strict=True)]
            going = [go and not bad for go, bad in zip(going, guilty, strict=True)] if any(guilty) else [False] * len(going)
        return best

    def first_cavity(self, smaller: Trial) -> Trial | None:
        """Return the first trial below one in which the mass balance leaves a cavity of the stated size."""
        trial: Trial | None = smaller
        while trial is not None and not trial.has_cavity:
            trial = self.run(_times(trial.scales, 1.0 - _STEP))
        return trial


def _cut_inside(trial: Trial) -> bool:
    """Return whether a cavity of the stated size lacks a way that froze inside the part."""
    metal = metal_of(trial.result)
    parts = {name for name, role in zip(metal.body_names, metal.body_roles, strict=True) if role == "part"}
    return any(c.part_volume >= trial.stated and c.cause == "neck" and c.cause_body in parts for c in trial.found.in_part)


def _empties(pool: Pool, trial: Trial) -> bool:
    """Return whether a pool still shrinks by the stated size."""
    shrinks = design_shrinkage(trial.casting.alloy, trial.casting.mould)
    return shrinks * pool.part_volume >= trial.stated


def _times(scales: Scales, factor: float) -> Scales:
    return tuple(round(s * factor, 4) for s in scales)


def _guilty(advice: Advice, trial: Trial) -> list[bool]:
    """Return which risers are at fault; all where the fault lies with none of them."""
    names = {r.name for r in trial.found.risers if r.nearly_empty}
    for cavity in trial.found.in_part:
        if cavity.part_volume >= trial.stated and cavity.role == "riser":
            names.add(cavity.body)  # its pipe goes on into the part
        elif cavity.part_volume >= trial.stated:
            zone = advice.zone_at(cavity.place, trial.result.frame.voxel)
            names |= {row.piece.name for row in advice.rows if row.action == "riser" and row.zone.number == zone}
    mine = [riser.name in names and scale > 0.0 for riser, scale in zip(advice.risers, trial.scales, strict=True)]
    return mine if any(mine) else [scale > 0.0 for scale in trial.scales]


def _tried(
    advice: Advice, scales: Scales, voxel: float, smallest: float, castings: int, chills: tuple[Chill, ...] = ()
) -> Trial:
    casting = advice.rigged(scale=scales, more=chills)
    result = solidify(casting, voxel=voxel)
    found = shrinkage(result, solidification=design_shrinkage(casting.alloy, casting.mould))
    stated = max(smallest, 2.0 * voxel**3)
    largest = max((c.part_volume for c in found.in_part), default=0.0)
    gating = gating_weight(casting, castings=castings)
    return Trial(
        scales,
        cavity=largest,
        part_cavity=found.volumes.get("part", 0.0),
        stated=stated,
        casting_yield=casting_yield(result, gating=gating.volume if gating is not None else 0.0),
        gating=gating,
        faults=_faults(found, stated),
        chills=chills,
        casting=casting,
        result=result,
        found=found,
    )


def _faults(found: Shrinkage, stated: float) -> tuple[str, ...]:
    """Return what is wrong with a trial, in words."""
    said = [f"{c}; the stated size is {stated * 1e6:.3g} cm3" for c in found.in_part if c.part_volume >= stated]
    for riser in found.risers:
        if riser.nearly_empty:
            said.append(f"{riser.name}: its pipe ends {riser.margin * 1e3:.0f} mm above its foot, less than a tenth of its height")
    return tuple(said)
