"""Castings of a cold-chamber pressure die."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..errors import InputError
from ..geometry import Part
from ..materials import Alloy, Interface
from ..units import Number
from .body import Body, keep
from .die import DieCasting
from .injection import ShotSleeve
from .inlets import PlungerCurve
from .layout import Ambient, Region, contacts_of
from .rigging import METAL, Rigging
from .tooling import Die

__all__ = ["PressureDieCasting"]

# What the plunger brings to the gate before the cavity fills.
_BEFORE_GATE = ("biscuit", "runner", "sprue", "basin")
# Nearer than this a body ends at a plane of symmetry (m).
_ON_PLANE = 1e-9


@dataclass(frozen=True, slots=True, eq=False, init=False, repr=False)
class PressureDieCasting(DieCasting):
    """A casting of a cold-chamber machine: metal is shot through a thin gate and frozen under pressure.

    Parameters
    ----------
    die : Die
        Its coating is a "lubricant" where it names none; `coating="none"` leaves the steel bare.
    shot : ShotSleeve
        Its intensification rules the heat transfer to the die (from the interface data for metal under pressure) and what pressure
        feeds the mush (`defects.microporosity`) until the gate has frozen.
    rigging : sequence
        `Biscuit`, `Runner`, `Gate`, `Overflow`.
    others
        As in `GravityDieCasting`.

    Notes
    -----
    The metal enters by a front that moves on from the biscuit in the time of the fast shot, unless the machine's cycle says
    otherwise. What it loses in the sleeve is not computed: the pour temperature is that at the gate.
    """

    process: ClassVar[str] = "pressure die"
    front: ClassVar[str] = "gate"
    usual_coating: ClassVar[str | None] = "lubricant"

    shot: ShotSleeve

    def __init__(
        self, part: Part, *, alloy: str | Alloy, die: Die, shot: ShotSleeve, pour_temperature: Number,
        rigging: Sequence[Rigging] = (), symmetry: str | Mapping[str, Number] | None = None,
        gravity: Sequence[float] = (0.0, 0.0, -9.81), interfaces: Mapping[tuple[str, str], Interface | Number] | None = None,
        ambient: Ambient | None = None, more_parts: Sequence[Part] = (), name: str | None = None,
    ) -> None:  # fmt: skip
        if not isinstance(die, Die):
            raise InputError(f'die = {die!r} is none; write Die(steel="H13", temperature=degC(220), parting=0.0)')
        if not isinstance(shot, ShotSleeve):
            raise InputError(f"shot = {shot!r} is none; write ShotSleeve(diameter=80*mm, length=0.4, fast_speed=3.0)")
        keep(self, shot=shot)
        self._prepare_die(
            part, die=die, mould=None, mould_temperature=None, coating=None, wall=None, flask=None, ambient=ambient, alloy=alloy,
            rigging=rigging, pour_temperature=pour_temperature, pour_time=None, symmetry=symmetry, gravity=gravity,
            interfaces=interfaces, name=name, more_parts=more_parts,
        )  # fmt: skip
        shot.filled(self.dose)

    @property
    def metal_pressure(self) -> float | None:
        """Pressure on the metal over that of the air, until the gate has frozen (Pa); None without intensification."""
        return self.shot.intensification or None

    @property
    def dose(self) -> float:
        """Metal of a shot (m3), of the whole casting."""
        return self._volume(METAL)

    @property
    def beyond_gate(self) -> float:
        """Metal that goes through the gate (m3)."""
        return self.dose - self._volume(_BEFORE_GATE) - self._volume(("gate",))

    def _volume(self, roles: Sequence[str]) -> float:
        return sum(float(body.surface.volume) * self._copies(body) for body in self.bodies if body.role in roles)

    def _copies(self, body: Body) -> int:
        """How many there are of a body: one that a plane of symmetry cuts is kept whole, another stands for two."""
        lo, hi = body.surface.bounds
        beside = [p for p in self.planes if not lo[p.axis] < p.coordinate - _ON_PLANE < p.coordinate + _ON_PLANE < hi[p.axis]]
        return int(2 ** len(beside))

    @property
    def gate_area(self) -> float:
        """Area of all gates (m2)."""
        if self.shot.gate_area is not None:
            return self.shot.gate_area
        gates = [(body.opening, self._copies(body)) for body in self.bodies if body.role == "gate"]
        areas = [opening.area * copies for opening, copies in gates if opening is not None]
        if not areas:
            raise InputError("the area of the gate is not known; give a Gate made from numbers, or gate_area to the ShotSleeve")
        return sum(areas)

    @property
    def own_fill_time(self) -> float:
        """Time of the fast shot (s)."""
        return self.shot.stages(self.dose, self.beyond_gate)["fill_time"]

    @property
    def plunger(self) -> PlungerCurve:
        """The shot as an inlet of a filling."""
        return self.shot.plunger(self.dose, self.beyond_gate)

    @property
    def gate_speed(self) -> float:
        """Speed of the metal in the gate (m/s)."""
        return self.shot.fast_speed * self.shot.area / self.gate_area

    def contacts(self, regions: Sequence[Region]) -> dict[tuple[int, int], Interface]:
        """Return the interface of every pair of regions; that of the metal and the die under the intensification."""
        return contacts_of(regions, self._given_interfaces(), pressure=self.metal_pressure)

    def facts(self) -> dict[str, Any]:
        """Return what a result file keeps of the casting, its shot with it."""
        shot = self.shot.stages(self.dose, self.beyond_gate)
        return {**DieCasting.facts(self), "metal_pressure": self.metal_pressure, "shot": shot}

    def summary(self) -> str:
        """Return the job card, with the shot."""
        s, dose = self.shot.stages(self.dose, self.beyond_gate), self.dose
        rows = [
            f"dose          {dose * 1e6:.4g} cm3, fills {100 * s['filled']:.0f} % of the sleeve",
            f"slow shot     {s['slow_speed']:.3g} m/s (critical {self.shot.critical_speed(dose):.3g} m/s), {s['slow_time']:.2g} s",
            f"fast shot     {self.shot.fast_speed:.3g} m/s, fill time {s['fill_time'] * 1e3:.3g} ms",
        ]
        return "\n".join([DieCasting.summary(self), *rows])
