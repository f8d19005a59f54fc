"""Naked casting, advice, simulation, verdict: by one call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ..casting import Casting, GatingWeight, gating_weight
from ..defects import Shrinkage, casting_yield, design_shrinkage, shrinkage
from ..errors import CastsolveError
from ..results import Results
from ..simulation import solidify
from .advice import Advice, advise

__all__ = ["FeedingLoop", "Trial", "feed"]

# Step by which the edges of risers grow and shrink.
_STEP = 0.1
# Below this scale a riser is no riser any more.
_LEAST = 0.35

Scales = tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One rigging that was simulated.

    Attributes
    ----------
    scales : tuple of float
        Edges of every riser over those advised by rule.
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
        Why the part is not sound: cavities of the stated size, risers from which more is drawn than they are counted on to give,
        pipes that end within a tenth of a riser's height of its foot.
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
    casting: Casting = field(kw_only=True)
    result: Results = field(kw_only=True)
    found: Shrinkage = field(kw_only=True)

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    @property
    def has_cavity(self) -> bool:
        """Whether the mass balance leaves a cavity of the stated size in the part, whatever the rules say."""
        return self.cavity >= self.stated

    def __str__(self) -> str:
        sizes = " / ".join(f"{s * 100:.0f}" for s in self.scales) or "no"
        counted = f" (with {self.gating.volume * 1e6:.3g} cm3 of gating by rule)" if self.gating is not None else ""
        head = (
            f"risers at {sizes} %: casting yield {self.casting_yield * 100:.1f} %{counted}, largest cavity in the part "
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
        The largest of the smaller ones in which the mass balance itself leaves a cavity of the stated size: above it only the rules
        speak (what a riser is counted on to give, the metal left in it). None where `trials` ran out before.
    refused : str
        Why larger risers could not be placed; "" where they could.
    """

    advice: Advice
    trials: tuple[Trial, ...] = field(kw_only=True)
    best: Trial | None = field(default=None, kw_only=True)
    smaller: Trial | None = field(default=None, kw_only=True)
    first_cavity: Trial | None = field(default=None, kw_only=True)
    refused: str = field(default="", kw_only=True)

    def __str__(self) -> str:
        lines = [str(self.advice), *map(str, self.trials)]
        if self.best is None:
            lines.append("no trial was sound" + (f"; larger risers: {self.refused}" if self.refused else ""))
        elif self.first_cavity is not None:
            share = self.first_cavity.scales[0] / self.best.scales[0] * 100
            lines.append(f"the rules stop at the best ones; the mass balance itself leaves a cavity at {share:.0f} % of these")
        return "\n".join(lines)


def feed(
    casting: Casting, *, voxel: float | None = None, smallest: float = 0.5e-6, trials: int = 8, sleeve: bool = True,
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
        A part is sound when none of its cavities reaches this volume (m3), no riser gives more than it is counted on to give, and
        every riser keeps a tenth of its height full of metal. Default: 0.5 cm3; not below two voxels.
    trials : int, optional
        Most runs with rigging. A riser that is at fault grows by 10 %; when none is, all become 10 % smaller, until that fails, and
        on until the mass balance itself leaves a cavity.
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
    Iron is judged at the high end of its net shrinkage: what graphite makes up for is not known better.
    """
    found = advise(casting, voxel=voxel, sleeve=sleeve) if advice is None else advice
    edge = found.voxel if voxel is None else voxel
    done: dict[Scales, Trial] = {}
    best: Trial | None = None
    smaller: Trial | None = None
    cavity: Trial | None = None
    refused = ""
    scales: Scales = (1.0,) * len(found.risers)
    while cavity is None and len(done) < trials and scales not in done and min(scales, default=1.0) > _LEAST:
        try:
            trial = _tried(found, scales, edge, smallest, castings)
        except CastsolveError as error:
            refused = str(error)
            break
        done[scales] = trial
        if progress is not None:
            progress(trial)
        if smaller is None and trial.sound:
            best = trial
        elif best is None:
            scales = _grown(found, trial)
            continue
        smaller = smaller or (None if trial.sound else trial)
        cavity = trial if trial.has_cavity and smaller is not None else None
        scales = _times(scales, 1.0 - _STEP)
    return FeedingLoop(
        found, trials=tuple(done.values()), best=best, smaller=smaller, first_cavity=cavity, refused=refused
    )  # fmt: skip


def _times(scales: Scales, factor: float) -> Scales:
    return tuple(round(s * factor, 4) for s in scales)


def _grown(advice: Advice, trial: Trial) -> Scales:
    """Return the scales of the next trial: larger for the risers at fault, for all where no riser is."""
    guilty = {r.name for r in trial.found.risers if r.overdrawn or r.nearly_empty}
    frame = trial.result.frame
    for cavity in trial.found.in_part:
        if cavity.part_volume >= trial.cavity:
            zone = advice.zone_at(cavity.place, frame.voxel)
            guilty |= {row.piece.name for row in advice.rows if row.action == "riser" and row.zone.number == zone}
    mine = np.array([riser.name in guilty for riser in advice.risers])
    if not mine.any():
        mine[:] = True
    return tuple(round(s + _STEP * m, 4) for s, m in zip(trial.scales, mine.tolist(), strict=True))


def _tried(advice: Advice, scales: Scales, voxel: float, smallest: float, castings: int) -> Trial:
    casting = advice.rigged(scale=scales)
    result = solidify(casting, voxel=voxel)
    found = shrinkage(result, solidification=design_shrinkage(casting.alloy))
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
        casting=casting,
        result=result,
        found=found,
    )


def _faults(found: Shrinkage, stated: float) -> tuple[str, ...]:
    """Return what is wrong with a trial, in words."""
    said = [f"{c}; the stated size is {stated * 1e6:.3g} cm3" for c in found.in_part if c.part_volume >= stated]
    for riser in found.risers:
        if riser.overdrawn:
            drawn, counted = riser.used * 100, riser.limit * 100
            said.append(f"{riser.name}: {drawn:.0f} % of its volume is drawn; it is counted on to give {counted:.0f} %")
        if riser.nearly_empty:
            said.append(f"{riser.name}: its pipe ends {riser.margin * 1e3:.0f} mm above its foot, less than a tenth of its height")
    return tuple(said)
