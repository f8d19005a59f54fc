"""Naked casting, advice, simulation, verdict: by one call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..casting import Casting
from ..defects import Shrinkage, casting_yield, shrinkage
from ..errors import CastsolveError
from ..results import Results
from ..simulation import solidify
from .advice import Advice, advise

__all__ = ["FeedingLoop", "Trial", "feed"]

# Scales of the advised risers, from what the rules say down to too small and up to generous.
_STEP = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One rigging that was simulated.

    Attributes
    ----------
    scale : float
        Edges of the risers over those advised by rule.
    cavity : float
        Largest cavity in the part (m3).
    part_cavity : float
        All empty volume in the part (m3).
    casting_yield : float
    sound : bool
        Whether no cavity in the part reaches the stated size and no riser's pipe ends within a tenth of its height of its foot.
    casting, result, found
        What was simulated.
    """

    scale: float
    cavity: float = field(kw_only=True)
    part_cavity: float = field(kw_only=True)
    casting_yield: float = field(kw_only=True)
    sound: bool = field(kw_only=True)
    casting: Casting = field(kw_only=True)
    result: Results = field(kw_only=True)
    found: Shrinkage = field(kw_only=True)

    def __str__(self) -> str:
        return (
            f"risers at {self.scale * 100:.0f} %: casting yield {self.casting_yield * 100:.1f} %, largest cavity in the part "
            f"{self.cavity * 1e6:.3g} cm3, {self.part_cavity * 1e6:.3g} cm3 in all: {'sound' if self.sound else 'not sound'}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class FeedingLoop:
    """What the loop found: the advice, every trial in order of scale, and the smallest sound one (None where none was)."""

    advice: Advice
    trials: tuple[Trial, ...] = field(kw_only=True)
    best: Trial | None = field(default=None, kw_only=True)
    refused: str = field(default="", kw_only=True)

    def __str__(self) -> str:
        lines = [str(self.advice), *map(str, self.trials)]
        if self.best is None:
            lines.append("no trial was sound" + (f"; larger risers: {self.refused}" if self.refused else ""))
        return "\n".join(lines)


def feed(
    casting: Casting, *, voxel: float | None = None, smallest: float = 0.5e-6, trials: int = 6, sleeve: bool = True,
    advice: Advice | None = None, progress: Callable[[Trial], None] | None = None,
) -> FeedingLoop:  # fmt: skip
    """Freeze a casting naked, take advice, simulate it, and look for the smallest risers that leave the part sound.

    Parameters
    ----------
    casting : Casting
        Whole, gravity along -z.
    voxel : float, optional
        Of all runs (m). Default: that of the advice.
    smallest : float, optional
        A part is sound when none of its cavities reaches this volume (m3). Default: 0.5 cm3; not below one voxel. Every riser must
        also keep a tenth of its height full of metal.
    trials : int, optional
        Most runs with rigging. Scales go in steps of 10 %: down while the part is sound, up while it is not.
    sleeve : bool, optional
    advice : Advice, optional
        Given to spare the naked run.
    progress : callable, optional
        Called with every trial.

    Returns
    -------
    FeedingLoop
        `best` is the smallest sound trial; risers 10 % smaller were then tried and failed, unless `trials` ran out.
    """
    found = advise(casting, voxel=voxel, sleeve=sleeve) if advice is None else advice
    edge = found.voxel if voxel is None else voxel
    done: dict[int, Trial] = {}
    step, refused = 0, ""
    while len(done) < trials and step not in done:
        scale = 1.0 + _STEP * step
        if scale <= 0.3:
            break
        try:
            trial = _tried(found, scale, edge, smallest)
        except CastsolveError as error:
            refused = str(error)
            break
        done[step] = trial
        if progress is not None:
            progress(trial)
        step += -1 if trial.sound else 1
    rows = tuple(done[n] for n in sorted(done))
    sound = [t for t in rows if t.sound]
    return FeedingLoop(found, trials=rows, best=sound[0] if sound else None, refused=refused)


def _tried(advice: Advice, scale: float, voxel: float, smallest: float) -> Trial:
    casting = advice.rigged(scale=scale)
    result = solidify(casting, voxel=voxel)
    found = shrinkage(result)
    largest = max((c.part_volume for c in found.in_part), default=0.0)
    return Trial(
        scale,
        cavity=largest,
        part_cavity=found.volumes.get("part", 0.0),
        casting_yield=casting_yield(result),
        sound=largest < max(smallest, voxel**3) and not any(r.nearly_empty for r in found.risers),
        casting=casting,
        result=result,
        found=found,
    )
