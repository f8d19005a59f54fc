"""Which enthalpy levels a run watches: the first time that a cooling voxel passes each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..materials import HeatCurve

__all__ = ["Level", "Watch"]


@dataclass(frozen=True, slots=True)
class Level:
    """A level to watch.

    Parameters
    ----------
    name : str
    temperature, enthalpy, fraction_solid : float, optional
        Exactly one of them: K, J/m3, or a share. A temperature on a plateau means the plateau's hot end.
    gradient : bool
        Whether the temperature gradient is recorded at the crossing.
    """

    name: str
    temperature: float | None = None
    enthalpy: float | None = None
    fraction_solid: float | None = None
    gradient: bool = False

    def enthalpy_of(self, curve: HeatCurve) -> float:
        """Return the level as an enthalpy (J/m3)."""
        given = [v is not None for v in (self.temperature, self.enthalpy, self.fraction_solid)]
        if sum(given) != 1:
            raise InputError(f'level "{self.name}" needs exactly one of temperature, enthalpy and fraction_solid')
        if self.enthalpy is not None:
            return float(self.enthalpy)
        if self.temperature is not None:
            return float(curve.at_temperature(self.temperature))
        return float(curve.enthalpy_at_fraction_solid(self.fraction_solid))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Watch:
    """Levels of one region, in any order; the coldest one tells when the run is over.

    Parameters
    ----------
    region : int
    levels : tuple of Level
    """

    region: int = 0
    levels: tuple[Level, ...] = ()

    def __post_init__(self) -> None:
        names = [level.name for level in self.levels]
        if len(set(names)) != len(names):
            raise InputError(f"watched levels have equal names: {', '.join(names)}")

    def ordered(self, curve: HeatCurve) -> tuple[tuple[Level, ...], NDArray[Any]]:
        """Return the levels from hot to cold, and their enthalpies."""
        h = np.array([level.enthalpy_of(curve) for level in self.levels])
        order = np.argsort(-h, kind="stable")
        return tuple(self.levels[i] for i in order), h[order]
