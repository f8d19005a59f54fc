"""The machine that makes one casting after another: its cycle, stage by stage."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError
from ..units import Number, degC, quantity

__all__ = ["MachineCycle", "Spray"]

# Heat of water from 20 degC to steam of 100 degC (J/kg): 80 K of 4.19 kJ/kg/K and 2257 kJ/kg.
_STEAM = 80.0 * 4190.0 + 2.257e6
# A free jet wets steel below about this temperature (Leidenfrost); above, the film of steam takes a fraction only. An estimate.
_WETS_BELOW = degC(300.0)
_DRY_SHARE = 0.2
# Density of the spray's water (kg/m3), at 20 degC.
_WATER = 998.0


@dataclass(frozen=True, slots=True)
class Spray:
    """Spraying of the open die, from what a nozzle's data sheet says.

    Parameters
    ----------
    duration : float, str or pint.Quantity
        In s.
    flux : float
        Water that reaches a square metre of the cavity in a second (kg/m2/s): flow of all nozzles over the area they cover. Flow,
        distance and cone of a nozzle give it (`from_nozzle`).
    efficiency : float
        Share of it that evaporates on the surface, 0 to 1; 0.1 to 0.4 are usual (an estimate).
    temperature : float, str or pint.Quantity
        Of the spray. Default: 20 degC.
    wetting_limit : float, str or pint.Quantity
        Surface temperature above which the jet no longer wets. Default: 300 degC (an estimate).

    Notes
    -----
    Energy balance: the heat flow density is efficiency times flux times the heat from the spray to steam; above the wetting limit a
    fifth of it. It falls to zero as the surface comes down to the spray's own temperature.
    """

    duration: Number
    flux: float = field(kw_only=True)
    efficiency: float = field(default=0.2, kw_only=True)
    temperature: Number = field(default=degC(20.0), kw_only=True)
    wetting_limit: Number = field(default=_WETS_BELOW, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "duration", _seconds(self.duration, "spray duration", above=True))
        for name in ("temperature", "wetting_limit"):
            object.__setattr__(self, name, quantity(getattr(self, name), "temperature", f"spray {name}"))
        if not self.flux > 0.0 or not 0.0 < self.efficiency <= 1.0:
            raise InputError(
                f"spray flux = {self.flux:g} kg/m2/s must be above 0, and efficiency = {self.efficiency:g} must lie in (0, 1]"
            )

    @classmethod
    def from_nozzle(
        cls, duration: Number, *, flow: Number, distance: Number, angle: Number, nozzles: int = 1, **others: Any
    ) -> Spray:  # fmt: skip
        """Return the spray of full-cone nozzles, whose water is taken to be spread evenly over the circle that a cone meets.

        Parameters
        ----------
        duration : float, str or pint.Quantity
            In s.
        flow : float, str or pint.Quantity
            Water of one nozzle: m3/s, or "0.5 litre/minute".
        distance : float, str or pint.Quantity
            From the nozzle to the cavity.
        angle : float, str or pint.Quantity
            Of the whole cone: "60 deg".
        nozzles : int
            How many wet the same place; beside each other they do not add up.
        others
            As for the class.
        """
        rate, away = quantity(flow, "flow", "spray flow"), quantity(distance, "length", "spray distance")
        cone = quantity(angle, "angle", "spray angle")
        if not rate > 0.0 or not away > 0.0 or nozzles < 1:
            raise InputError(
                f"spray flow = {rate:g} m3/s and distance = {away:g} m must be above 0, and nozzles = {nozzles} 1 or more; write "
                'for example flow="0.5 litre/minute", distance="150 mm"'
            )
        if not 0.0 < cone < math.pi:
            raise InputError(f"spray angle = {math.degrees(cone):g} degrees must lie between 0 and 180 degrees: the whole cone's")
        flux = nozzles * rate * _WATER / (math.pi * (away * math.tan(0.5 * cone)) ** 2)
        return cls(duration, flux=flux, **others)

    @property
    def heat_flux(self) -> float:
        """Heat flow density that a wetted surface gives (W/m2)."""
        return self.efficiency * self.flux * _STEAM

    def coefficient_rows(self) -> tuple[tuple[float, float], ...]:
        """Return rows of surface temperature (K) and coefficient towards the spray's temperature (W/m2/K)."""
        spray, wets = float(self.temperature), float(self.wetting_limit)  # type: ignore[arg-type]
        boils = degC(100.0)
        rows = [(spray + 1.0, self.heat_flux / (boils - spray)), (boils, self.heat_flux / (boils - spray))]
        rows += [(T, self.heat_flux / (T - spray)) for T in _steps(boils + 10.0, wets)]
        dry = _DRY_SHARE * self.heat_flux
        rows += [(T, dry / (T - spray)) for T in _steps(wets + 20.0, 1500.0)]
        return tuple(rows)


def _steps(low: float, high: float, count: int = 12) -> list[float]:
    return [low + (high - low) * n / (count - 1) for n in range(count)]


@dataclass(frozen=True, slots=True)
class MachineCycle:
    """What the machine does for one casting.

    Parameters
    ----------
    dwell : "ejectable" or time
        How long the metal stays in the full, closed die: until its last section is below the ejection temperature, or a time.
    fill : time, optional
        How long the cavity fills, by a front: level with gravity, or onward from the gate of a pressure die. Default: as the
        casting says (the shot of a pressure die, the curve of a low-pressure casting, the `pour_time`), else at once.
    fill_steps : int
        In how many steps the front moves.
    open : time
        From the opening of the die until the casting leaves it: it still lies in the moving half.
    eject : time
        Taking the casting out: the cavity is open to air.
    spray : Spray, optional
    blow : time
        Blowing dry, after a spray.
    close : time
        Closing of the die; the cavity still sees air.
    dose, wait : time
        Dosing of the metal, and idle time of the machine, before the next fill; the die is closed and empty.
    ejection_temperature : temperature, optional
        Of the hottest metal. Default: by the alloy's family.
    blow_htc, air_htc : float
        Between the cavity's surface and air while it is blown dry, and while it is open (convection and radiation), in W/m2/K.
        Default: 200 and 30 (estimates).

    Notes
    -----
    Order: fill, dwell, open, eject, spray, blow, close, dose, wait; a stage of 0 s is left out. While the die is open its pieces
    do not touch each other. An empty closed cavity is given the same coefficient as an open one (an estimate, on the high side).
    """

    dwell: Number = "ejectable"
    fill: Number | None = field(default=None, kw_only=True)
    fill_steps: int = field(default=4, kw_only=True)
    open: Number = field(default=0.0, kw_only=True)
    eject: Number = field(default=6.0, kw_only=True)
    spray: Spray | None = field(default=None, kw_only=True)
    blow: Number = field(default=0.0, kw_only=True)
    close: Number = field(default=8.0, kw_only=True)
    dose: Number = field(default=0.0, kw_only=True)
    wait: Number = field(default=0.0, kw_only=True)
    ejection_temperature: Number | None = field(default=None, kw_only=True)
    blow_htc: float = field(default=200.0, kw_only=True)
    air_htc: float = field(default=30.0, kw_only=True)

    def __post_init__(self) -> None:
        if self.dwell != "ejectable":
            object.__setattr__(self, "dwell", _seconds(self.dwell, "dwell", above=True))
        for name in ("eject", "close"):
            object.__setattr__(self, name, _seconds(getattr(self, name), name, above=True))
        for name in ("open", "blow", "dose", "wait"):
            object.__setattr__(self, name, _seconds(getattr(self, name), name, above=False))
        if self.fill is not None:
            object.__setattr__(self, "fill", _seconds(self.fill, "fill", above=False))
        if not isinstance(self.fill_steps, int) or not 1 <= self.fill_steps <= 40:
            raise InputError(f"fill_steps = {self.fill_steps!r} must be a whole number from 1 to 40")
        if self.ejection_temperature is not None:
            kelvin = quantity(self.ejection_temperature, "temperature", "ejection_temperature")
            object.__setattr__(self, "ejection_temperature", kelvin)
        for name in ("blow_htc", "air_htc"):
            if not getattr(self, name) > 0.0:
                raise InputError(f"{name} = {getattr(self, name):g} W/m2/K must be above 0")


def _seconds(value: Number, name: str, *, above: bool) -> float:
    number = quantity(value, "time", name)
    if number < 0.0 or (above and number == 0.0):
        raise InputError(f"{name} = {number:g} s must {'be above' if above else 'not be below'} 0 s")
    return number
