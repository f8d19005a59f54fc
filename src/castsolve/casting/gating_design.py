"""Sizes of a gating system from its ratio: how much metal must pass in which time, under which head.

The choke, the smallest of the three areas, passes the pour in the pour time (Osann's form of Bernoulli's law)

    A = m / (rho t mu sqrt(2 g H)),      H = H0 - p^2 / (2 c)

with H0 the head from the metal in the basin to the gates, c the height of the casting and p its height above the gates.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .. import materials
from ..errors import InputError
from ..geometry import Anchor
from ..materials import Alloy
from ..units import Number, mm, quantity
from .body import length_of
from .gating import Basin, Runner, Sprue, Well
from .inserts import Gate
from .rules import rule, rules

__all__ = ["GatingDesign"]

_GRAVITY = 9.81


@dataclass(frozen=True, slots=True, kw_only=True)
class GatingDesign:
    """Areas of sprue, runners and gates, and pieces of these sizes. Make one with `GatingDesign.of`.

    Attributes
    ----------
    mass : float
        Poured, in kg.
    pour_time, mean_head, head : float
        In s and m; `head` is H0, from the metal in the basin to the gates.
    ratio : tuple of three floats
        Sprue : runners : gates.
    sprue_area, runner_area, gate_area : float
        Each of all together, in m2.
    runners, gates : int
        How many share the area.
    sources : tuple of str
        Of the rules that were used.
    """

    mass: float
    pour_time: float
    head: float
    mean_head: float
    ratio: tuple[float, float, float]
    sprue_area: float
    runner_area: float
    gate_area: float
    runners: int
    gates: int
    sources: tuple[str, ...]

    @classmethod
    def of(
        cls, alloy: str | Alloy, *, mass: float, head: Number, above_gates: Number = 0.0, casting_height: Number | None = None,
        pour_time: Number | None = None, wall: Number | None = None, ratio: Sequence[float] | None = None, runners: int = 1,
        gates: int = 1, discharge: float | None = None,
    ) -> GatingDesign:  # fmt: skip
        """Return the sizes for a pour.

        Parameters
        ----------
        alloy : str or Alloy
        mass : float
            Of all metal that is poured, in kg.
        head : length
            From the metal in the basin down to the gates.
        above_gates, casting_height : length
            Height of the casting above the gates, and its whole height (default: the same): the back pressure.
        pour_time : time, optional
            Default: by mass, family and, for iron, wall thickness.
        wall : length, optional
            Ruling wall thickness; needed for the pour time of iron.
        ratio : three numbers, optional
            Sprue : runner : gates. Default: by family.
        runners, gates : int
            How many share the areas.
        discharge : float, optional
            Speed at the choke over that of free fall. Default: 0.42.
        """
        metal = alloy if isinstance(alloy, Alloy) else materials.alloy(alloy)
        used = [] if ratio is not None else [f"ratio: {rules()['gating_ratio'][metal.family]['source']}"]
        areas = [float(v) for v in (rules()["gating_ratio"][metal.family]["ratio"] if ratio is None else ratio)]
        if len(areas) != 3 or min(areas) <= 0.0:
            raise InputError(f"ratio = {ratio!r} is no gating ratio; write three numbers such as (1, 2, 4)")
        if not mass > 0.0:
            raise InputError(f"mass = {mass:g} kg must be above 0 kg")
        if min(runners, gates) < 1:
            raise InputError(f"runners = {runners} and gates = {gates} must be at least 1")
        drop, rise = length_of(head, "head"), quantity(above_gates, "length", "above_gates")
        whole = max(rise, 1e-9) if casting_height is None else length_of(casting_height, "casting_height")
        mean = drop - rise * rise / (2.0 * whole)
        if not 0.0 <= rise <= whole or mean <= 0.0:
            raise InputError(
                f"a head of {drop / mm:g} mm does not fill a casting that rises {rise / mm:g} mm above its gates; pour from higher"
            )
        if pour_time is None:
            seconds, source = _pour_time(metal, mass, wall)
            used.append(f"pour time: {source}")
        else:
            seconds = quantity(pour_time, "time", "pour_time")
        if not seconds > 0.0:
            raise InputError(f"pour_time = {seconds:g} s must be above 0 s")
        loss = float(rule("discharge")) if discharge is None else float(discharge)
        if discharge is None:
            used.append(f"discharge: {rule('discharge').source}")
        density = float(metal.density_at(metal.liquidus.value))
        choke = mass / (density * seconds * loss * math.sqrt(2.0 * _GRAVITY * mean))
        sprue, runner, gate = (choke * area / min(areas) for area in areas)
        return cls(
            mass=mass, pour_time=seconds, head=drop, mean_head=mean, ratio=(areas[0], areas[1], areas[2]), sprue_area=sprue,
            runner_area=runner, gate_area=gate, runners=runners, gates=gates, sources=tuple(used),
        )  # fmt: skip

    @property
    def sprue_diameter(self) -> float:
        """Diameter of the sprue's foot in m."""
        return math.sqrt(4.0 * self.sprue_area / math.pi)

    @property
    def runner_width(self) -> float:
        """Width in m of one runner, as high as wide, whose top is 0.8 of its width."""
        return math.sqrt(self.runner_area / self.runners / 0.9)

    def gate_size(self, *, flat: float = 3.0) -> tuple[float, float]:
        """Return width and height of one gate in m, `flat` times wider than high."""
        height = math.sqrt(self.gate_area / self.gates / flat)
        return flat * height, height

    def sprue(self, *, at: Sequence[Number], height: Number, head: Number, well: bool = True, name: str | None = None) -> Sprue:
        """Return the sprue, with a well of twice its foot's diameter and a runner's depth below the foot."""
        d = self.sprue_diameter
        under = Well(diameter=max(2.0 * d, 1.2 * self.runner_width), depth=1.4 * self.runner_width) if well else None
        return Sprue.round(diameter=d, height=height, at=at, head=head, well=under, name=name)

    def basin(self, *, at: Sequence[Number], depth: Number, name: str | None = None) -> Basin:
        """Return a pouring cup whose floor is 1.3 and whose top 3 times the sprue's foot."""
        d = self.sprue_diameter
        return Basin.cup(diameter=3.0 * d, bottom_diameter=1.3 * d, depth=depth, at=at, name=name)

    def runner(
        self, path: Sequence[Sequence[Number]], *, width: Number | None = None, end_scale: float = 1.0, name: str | None = None
    ) -> Runner:
        """Return one runner along a path, as high as wide, or of a width and as high as its area asks for.

        A gate that leaves the end of a runner must lie within the runner's section: what stands out at the sides is shut by sand.
        """
        w = self.runner_width if width is None else length_of(width, "width")
        return Runner.bar(width=w, height=self.runner_width**2 / w, path=path, end_scale=end_scale, name=name)

    def gate(self, at: Anchor, *, length: Number, flat: float = 3.0, name: str | None = None) -> Gate:
        """Return one gate that leaves the part at an anchor."""
        width, height = self.gate_size(flat=flat)
        return Gate.slot(width=width, height=height, length=length, at=at, name=name)

    def __str__(self) -> str:
        cm2 = 1e4
        areas = " : ".join(f"{a * cm2:.3g}" for a in (self.sprue_area, self.runner_area, self.gate_area))
        return (
            f"{self.mass:.3g} kg in {self.pour_time:.3g} s under {self.mean_head / mm:.3g} mm;"
            f" sprue : runners : gates = {areas} cm2 ({' : '.join(f'{r:g}' for r in self.ratio)})"
        )


def _pour_time(alloy: Alloy, mass: float, wall: Number | None) -> tuple[float, str]:
    entry: dict[str, Any] = rules()["pour_time"][alloy.family]
    factor = entry.get("factor")
    if factor is None:
        if wall is None:
            raise InputError("the pour time of iron goes by its wall thickness; give wall, or pour_time itself")
        thick = length_of(wall, "wall") / mm
        factor = next(f for limit, f in entry["walls"] if thick <= limit)
    return float(factor) * mass ** float(entry["exponent"]), str(entry["source"])
