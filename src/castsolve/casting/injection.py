"""What feeds a die: biscuit and shot sleeve of a pressure die, riser tube of a low-pressure die."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from ..errors import InputError
from ..geometry import Anchor, direction_of, place_of
from ..geometry.shapes import cylinder
from ..materials import HeatCurve, Interface, Property, PropertyTable, reservoir
from ..units import Number, quantity
from .body import Body, Opening, keep, length_of
from .inlets import PlungerCurve
from .site import Site

__all__ = ["Bath", "Biscuit", "RiserTube", "ShotSleeve"]

_GRAVITY = 9.81
# Metal against metal, and a tube's bush against the die (W/m2/K): the first resists nothing beside half a voxel of metal, the
# second is an estimate for a ceramic bush of 10 mm.
_JOINED, _BUSH = 1e5, 100.0
# How far the tube reaches into the metal (m): nothing to a foundry, much to rounding.
_PRESSED = 1e-5


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Biscuit:
    """The disc of metal that is left in the shot sleeve before the plunger.

    Parameters
    ----------
    diameter : length
        Of the plunger.
    thickness : length
    at : three lengths
        Middle of the plunger's face when it has stopped.
    direction : direction
        In which the plunger pushed.
    name : str, optional
        Default: "biscuit 1", counted.
    """

    role: ClassVar[str] = "biscuit"
    part: ClassVar[None] = None
    diameter: float
    thickness: float
    at: np.ndarray
    direction: np.ndarray
    name: str | None

    def __init__(
        self, *, diameter: Number, thickness: Number, at: Sequence[Number], direction: Any, name: str | None = None
    ) -> None:
        keep(self, diameter=length_of(diameter, "biscuit diameter"), thickness=length_of(thickness, "biscuit thickness"), name=name)
        keep(self, at=place_of(at, "biscuit at"), direction=direction_of(direction, "biscuit direction"))

    def bodies(self, site: Site, name: str) -> list[Body]:
        """Return the biscuit in its place."""
        opening = Opening(name=name, role="inlet", at=Anchor(self.at, -self.direction), area=0.25 * math.pi * self.diameter**2)
        surface = cylinder(self.diameter, self.thickness, axis=self.direction, base=self.at)
        edge = min(self.diameter, self.thickness)
        return [
            Body(name=name, role=self.role, surface=surface, thinnest=edge, opening=opening,
                 thinnest_is="thickness" if edge == self.thickness else "diameter")
        ]  # fmt: skip


@dataclass(frozen=True, slots=True, init=False)
class ShotSleeve:
    """The injection end of a cold-chamber machine.

    Parameters
    ----------
    diameter, length : length
        Of the plunger, and of the sleeve before it when it stands back.
    fast_speed : velocity
        Of the plunger while the cavity fills, in m/s.
    slow_speed : velocity, optional
        While it brings the metal to the gate. Default: the critical speed, see `critical_speed`.
    intensification : pressure, optional
        On the metal when the cavity is full. Default: none.
    gate_area : area, optional
        Where the gates came from files. Default: of the gates that were made from numbers.
    switch : length, optional
        Position of the plunger, from where it stands back, at which the fast shot begins. Default: where the metal has come
        through the gate.
    pressure_limit : pressure, optional
        What the machine can put on the metal while it fills the cavity. Default: as in `PlungerCurve`.
    """

    diameter: float
    length: float
    fast_speed: float
    slow_speed: float | None
    intensification: float
    gate_area: float | None
    switch: float | None
    pressure_limit: float | None

    def __init__(
        self, *, diameter: Number, length: Number, fast_speed: Number, slow_speed: Number | None = None,
        intensification: Number = 0.0, gate_area: Number | None = None, switch: Number | None = None,
        pressure_limit: Number | None = None,
    ) -> None:  # fmt: skip
        fast = quantity(fast_speed, "velocity", "fast_speed")
        slow = None if slow_speed is None else quantity(slow_speed, "velocity", "slow_speed")
        pressure = quantity(intensification, "pressure", "intensification")
        if not fast > 0.0 or (slow is not None and not 0.0 < slow <= fast) or pressure < 0.0:
            raise InputError(
                f"fast_speed = {fast:g} m/s must be above 0, slow_speed above 0 and not faster, and intensification = "
                f"{pressure / 1e6:g} MPa not below 0"
            )
        gates = None if gate_area is None else quantity(gate_area, "area", "gate_area")
        if gates is not None and not gates > 0.0:
            raise InputError(f"gate_area = {gates:g} m2 must be above 0")
        keep(self, diameter=length_of(diameter, "plunger diameter"), length=length_of(length, "sleeve length"), fast_speed=fast)
        keep(self, slow_speed=slow, intensification=pressure, gate_area=gates)
        turn = None if switch is None else quantity(switch, "length", "switch")
        if turn is not None and not 0.0 <= turn < self.length:
            raise InputError(f"switch = {turn * 1e3:g} mm must lie in the sleeve, from 0 to below {self.length * 1e3:g} mm")
        most = None if pressure_limit is None else quantity(pressure_limit, "pressure", "pressure_limit")
        if most is not None and not most > 0.0:
            raise InputError(f"pressure_limit = {most / 1e6:g} MPa must be above 0")
        keep(self, switch=turn, pressure_limit=most)

    @property
    def area(self) -> float:
        """Cross-section of the plunger (m2)."""
        return 0.25 * math.pi * self.diameter**2

    def filled(self, dose: float) -> float:
        """Return the share of the sleeve that a dose (m3) fills.

        Raises
        ------
        InputError
            If the sleeve does not hold it.
        """
        share = dose / (self.area * self.length)
        if share > 1.0:
            raise InputError(
                f"the dose of {dose * 1e6:.4g} cm3 does not fit into the shot sleeve, which holds "
                f"{self.area * self.length * 1e6:.4g} cm3; take a larger plunger or a longer sleeve"
            )
        return share

    def depth(self, share: float) -> float:
        """Return how deep (m) metal stands in the level sleeve that it fills to a share."""
        from scipy.optimize import brentq

        def segment(angle: float) -> float:
            return (angle - math.sin(angle)) / (2.0 * math.pi) - share

        angle = float(brentq(segment, 0.0, 2.0 * math.pi))
        return 0.5 * self.diameter * (1.0 - math.cos(0.5 * angle))

    def critical_speed(self, dose: float) -> float:
        """Return the plunger speed (m/s) at which the wave before it just fills the sleeve, so that no air is rolled in.

        Notes
        -----
        A piston pushed into still water of depth h at a speed v raises it to D at its face, where
        v = 2 (sqrt(g D) - sqrt(g h)): the invariant of shallow water. It is taken for the round sleeve with D its diameter.

        References
        ----------
        Stoker (1957), Water waves, chapter 10; Garber (1982), Die Casting Engineer 26(3), 14-22 (from memory).
        """
        deep = self.depth(self.filled(dose))
        return 2.0 * (math.sqrt(_GRAVITY * self.diameter) - math.sqrt(_GRAVITY * deep))

    def stages(self, dose: float, beyond_gate: float) -> dict[str, float]:
        """Return strokes (m), times (s) and speeds (m/s) of a shot.

        Parameters
        ----------
        dose : float
            Metal poured into the sleeve (m3).
        beyond_gate : float
            Of it, what goes through the gate (m3).
        """
        share = self.filled(dose)
        slow = self._slow(dose)
        fast_stroke = beyond_gate / self.area
        # Slow until the metal stands at the gate: the empty part of the sleeve is closed by then.
        slow_stroke = self.length * (1.0 - share)
        return {
            "filled": share, "slow_stroke": slow_stroke, "slow_time": slow_stroke / slow, "slow_speed": slow,
            "fast_stroke": fast_stroke, "fill_time": fast_stroke / self.fast_speed,
        }  # fmt: skip

    def _slow(self, dose: float) -> float:
        return self.slow_speed if self.slow_speed is not None else min(max(self.critical_speed(dose), 1e-2), self.fast_speed)

    def plunger(self, dose: float, beyond_gate: float) -> PlungerCurve:
        """Return the shot as an inlet: from where the sleeve is just full of metal, slow to the switch point, then fast.

        Parameters
        ----------
        dose, beyond_gate : float
            As in `stages`.
        """
        start = self.length * (1.0 - self.filled(dose))
        switch = self.length - beyond_gate / self.area if self.switch is None else self.switch
        return PlungerCurve(
            diameter=self.diameter, slow_speed=self._slow(dose), fast_speed=self.fast_speed, start=start,
            switch=max(switch, start), pressure_limit=self.pressure_limit, intensification=self.intensification,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False, init=False)
class RiserTube:
    """The tube through which the furnace presses metal up into a low-pressure die.

    Its metal keeps the temperature of the furnace while the pressure is on; it sinks back when the pressure goes.

    Parameters
    ----------
    diameter : length
        Inside.
    at : three lengths
        Middle of its upper end, where the metal of the casting begins.
    length : length, optional
        That the die holds. Default: its diameter.
    name : str, optional
        Default: "riser tube 1", counted.
    """

    role: ClassVar[str] = "riser tube"
    part: ClassVar[None] = None
    diameter: float
    at: np.ndarray
    length: float
    name: str | None

    def __init__(
        self, *, diameter: Number, at: Sequence[Number], length: Number | None = None, name: str | None = None
    ) -> None:
        wide = length_of(diameter, "riser tube diameter")
        keep(self, diameter=wide, at=place_of(at, "riser tube at"), name=name)
        keep(self, length=wide if length is None else length_of(length, "riser tube length"))

    def bodies(self, site: Site, name: str) -> list[Body]:
        """Return the metal in the tube in its place."""
        top = self.at + _PRESSED * site.up
        surface = cylinder(self.diameter, self.length + _PRESSED, axis=-site.up, base=top)
        opening = Opening(name=name, role="inlet", at=Anchor(self.at, -site.up), area=0.25 * math.pi * self.diameter**2)
        edge = min(self.diameter, self.length)
        return [Body(name=name, role=self.role, surface=surface, thinnest=edge, thinnest_is="diameter", opening=opening)]


@dataclass(frozen=True, slots=True, eq=False)
class Bath:
    """Molten metal that keeps its temperature, and lets go of the casting at a time.

    Parameters
    ----------
    temperature : float
        In K.
    release : float
        Time from the full cavity until it sinks back (s).
    """

    temperature: float
    release: float
    family: ClassVar[str] = "bath"
    name: ClassVar[str] = "metal of the furnace"

    @property
    def references(self) -> Mapping[str, str]:
        """No citation: the furnace is given by the user."""
        return MappingProxyType({})

    def properties(self) -> dict[str, Property | PropertyTable]:
        """No sourced value."""
        return {}

    @property
    def heat(self) -> HeatCurve:
        """The heat curve of what keeps its temperature."""
        return reservoir()

    def interface(self, a: str, b: str) -> Interface:
        """Return the contact of two regions of which one is the bath: metal with metal until it sinks back, or through a bush."""
        if "metal" not in (a, b):
            return Interface(a, b, htc=_BUSH, note="Through a ceramic bush.")
        end = self.release
        return Interface(a, b, htc=_JOINED, time_factors=((0.0, 1.0), (end * (1.0 - 1e-9), 1.0), (end, 0.0)))
