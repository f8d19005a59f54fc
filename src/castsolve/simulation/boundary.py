"""What a heat problem touches: its six outer sides and the contacts between its regions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError

__all__ = ["Contact", "Faces", "Resistance", "Side"]

_INSULATED, _FIXED, _CONVECTIVE, _FLUX = range(4)
# Not a word of the kernel: it is told a convective side whose coefficient changes with time (see `half_space`).
_DEEP = 4

_STEFAN_BOLTZMANN = 5.670374419e-8

Array = NDArray[Any]

SIDES = ("x_low", "x_high", "y_low", "y_high", "z_low", "z_high")


@dataclass(frozen=True, slots=True)
class Side:
    """Condition on one outer side; use the named constructors.

    Parameters
    ----------
    kind : int
        The kernel's word for it.
    htc, ambient, emissivity, inflow : float
        W/m2/K, K, 0 to 1, W/m2 into the domain.
    """

    kind: int = _INSULATED
    htc: float = 0.0
    ambient: float = 300.0
    emissivity: float = 0.0
    inflow: float = 0.0

    def __post_init__(self) -> None:
        values = (self.htc, self.ambient, self.emissivity, self.inflow)
        if not all(math.isfinite(v) for v in values) or self.htc < 0 or self.ambient <= 0 or not 0 <= self.emissivity <= 1:
            raise InputError(
                f"htc = {self.htc} W/m2/K, ambient = {self.ambient} K, emissivity = {self.emissivity}, inflow = {self.inflow} W/m2 "
                "cannot be; an htc is 0 or more, a temperature above 0 K, an emissivity in [0, 1]"
            )

    @classmethod
    def insulated(cls) -> Side:
        """Return a side that no heat crosses, such as a plane of symmetry."""
        return cls()

    @classmethod
    def fixed(cls, temperature: float) -> Side:
        """Return a side held at a temperature (K)."""
        return cls(_FIXED, ambient=temperature)

    @classmethod
    def convective(cls, htc: float, ambient: float, *, emissivity: float = 0.0) -> Side:
        """Return a side that gives heat to surroundings at a temperature (K) by htc (W/m2/K) and, with an emissivity, radiation."""
        return cls(_CONVECTIVE, htc=htc, ambient=ambient, emissivity=emissivity)

    @classmethod
    def flux(cls, inflow: float) -> Side:
        """Return a side through which a heat flow density (W/m2, positive into the domain) enters."""
        return cls(_FLUX, inflow=inflow)

    @classmethod
    def deep(cls, temperature: float) -> Side:
        """Return a side beyond which its material goes on without end, at first at a temperature (K); see `half_space`."""
        return cls(_DEEP, ambient=temperature)

    @property
    def is_insulated(self) -> bool:
        """Whether no heat crosses the side."""
        return self.kind == _INSULATED

    @property
    def is_deep(self) -> bool:
        """Whether the side is a half space."""
        return self.kind == _DEEP

    @property
    def largest_conductance(self) -> float:
        """Upper bound of the conductance to the surroundings (W/m2/K), for the stable step."""
        if self.kind in (_FIXED, _DEEP):
            return math.inf
        if self.kind == _CONVECTIVE:
            # The hottest surface that a foundry meets radiates at 2200 K.
            hot = max(2200.0, self.ambient)
            return self.htc + self.emissivity * _STEFAN_BOLTZMANN * (hot**2 + self.ambient**2) * (hot + self.ambient)
        return 0.0

    def loss_at(self, temperature: Array) -> Array:
        """Return the heat that a convective side takes from surfaces at a temperature (K), in W/m2."""
        T, air = temperature, self.ambient
        return np.asarray(self.htc * (T - air) + self.emissivity * _STEFAN_BOLTZMANN * (T**4 - air**4))

    def slope_at(self, temperature: Array) -> Array:
        """Return by how much the heat that leaves rises with the temperature of the surface (K) in W/m2/K."""
        held = math.inf if self.kind == _FIXED else self.htc if self.kind == _CONVECTIVE else 0.0
        return np.asarray(held + 4.0 * self.emissivity * _STEFAN_BOLTZMANN * temperature**3)

    def row(self) -> tuple[int, float, float, float, float]:
        """Return the side as the kernel reads it."""
        if self.kind == _DEEP:
            return _CONVECTIVE, self.htc, self.ambient, 0.0, 0.0
        return self.kind, self.htc, self.ambient, self.emissivity, self.inflow


class Resistance(Protocol):
    """What a contact needs to know of an interface (`materials.Interface` does)."""

    def htc_at(self, temperature: ArrayLike, *, fraction_solid: ArrayLike | None = None) -> NDArray[np.float64]: ...

    def time_factor(self, time: float) -> float: ...


@dataclass(frozen=True, slots=True)
class Contact:
    """Contact between two regions.

    Parameters
    ----------
    htc : float or Resistance
        Heat-transfer coefficient in W/m2/K, inf for perfect contact, or an interface that knows it by the temperature of the pair's
        first region (the metal has number 0).
    of_second : bool
        The coefficient is known by the temperature of the pair's second region instead: a die beside a coolant.
    """

    htc: float | Resistance
    of_second: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.htc, (int, float)) and not self.htc > 0:
            raise InputError(f"htc = {self.htc} W/m2/K must be above 0; use math.inf for perfect contact")


@dataclass(frozen=True, slots=True)
class Faces:
    """The outer sides and the contacts of a heat problem.

    Parameters
    ----------
    x_low, x_high, y_low, y_high, z_low, z_high : Side
        Default: insulated.
    contacts : mapping of (region, region) to Contact or float
        Every pair of regions that touch needs one.
    """

    x_low: Side = field(default_factory=Side)
    x_high: Side = field(default_factory=Side)
    y_low: Side = field(default_factory=Side)
    y_high: Side = field(default_factory=Side)
    z_low: Side = field(default_factory=Side)
    z_high: Side = field(default_factory=Side)
    contacts: Mapping[tuple[int, int], Contact | float] = field(default_factory=dict)

    @property
    def sides(self) -> tuple[Side, ...]:
        """The six sides in the kernel's order."""
        return tuple(getattr(self, s) for s in SIDES)

    def turned(self, order: tuple[int, int, int]) -> Faces:
        """Return the sides of a grid whose axes were put in another order (`geometry.turned_grid`)."""
        sides = {f"{new}_{end}": getattr(self, f"{'xyz'[old]}_{end}") for new, old in zip("xyz", order, strict=True)
                 for end in ("low", "high")}  # fmt: skip
        return Faces(**sides, contacts=self.contacts)

    def contact(self, a: int, b: int) -> Contact | None:
        """Return the contact of two regions, or None."""
        found = self.contacts.get((a, b), self.contacts.get((b, a)))
        if found is None or isinstance(found, Contact):
            return found
        return Contact(found)
