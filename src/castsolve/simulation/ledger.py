"""The energy ledger: what is in the grid against what came in through its sides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import BalanceError

__all__ = ["EnergyLedger"]

# Defect at which a run warns; it stops at a hundred times that.
_LIMITS = {"float64": 1e-11, "float32": 1e-6}


@dataclass(slots=True)
class EnergyLedger:
    """Heat held, heat taken in, and the difference that must be rounding.

    Attributes
    ----------
    start : ndarray
        Enthalpy of every region at the start (J).
    scale : float
        Smallest heat that the defect is measured against: a thousandth of the superheat and latent heat (J).
    limit : float
        Relative defect at which `warned` is set.
    heat_in : float
        Heat through the outer sides and from the source since the start (J).
    defect : float
        (held - start - heat_in) over the heat moved so far.
    worst : float
        Largest defect of the run.
    drained : float
        Heat of voxels that ran empty (J), booked in `heat_in` as gone.
    """

    start: NDArray[Any]
    scale: float
    limit: float
    heat_in: float = 0.0
    held: NDArray[Any] = field(default_factory=lambda: np.zeros(0))
    defect: float = 0.0
    worst: float = 0.0
    drained: float = 0.0
    _moved: float = 0.0

    @classmethod
    def open(cls, start: NDArray[Any], scale: float, dtype: str) -> EnergyLedger:
        """Return a ledger that starts with the enthalpy of every region."""
        return cls(start.copy(), scale, _LIMITS[dtype], held=start.copy())

    @property
    def warned(self) -> bool:
        """Whether the defect went beyond its limit."""
        return self.worst > self.limit

    def book(self, held: NDArray[Any], heat_in: float, time: float, step: int) -> None:
        """Book one step: the enthalpy of every region now, and the heat that came in during it (J).

        Raises
        ------
        BalanceError
            If the defect is a hundred times its limit.
        """
        self.heat_in += heat_in
        self.held = held.copy()
        change = held - self.start
        self._moved = max(self._moved, abs(self.heat_in), float(np.abs(change).max(initial=0.0)))
        self.defect = abs(float(change.sum()) - self.heat_in) / max(self._moved, self.scale, 1e-300)
        self.worst = max(self.worst, self.defect)
        if self.defect > 100.0 * self.limit:
            raise BalanceError(
                f"{100 * self.defect:.2g} % of the heat moved so far is missing after step {step} at t = {time:.6g} s "
                f"(limit {100 * self.limit:.0e} %); this is a castsolve bug: please report it with the case"
            )

    def drain(self, heat: float) -> None:
        """Book the heat (J) that leaves with voxels that ran empty."""
        self.heat_in -= heat
        self.drained += heat

    def memory(self) -> dict[str, Any]:
        """Return what a checkpoint must hold."""
        books = {"heat_in": self.heat_in, "worst": self.worst, "moved": self._moved, "drained": self.drained}
        return {"start": self.start.tolist(), **books}

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a checkpoint's memory."""
        self.start = np.array(memory["start"])
        self.heat_in, self.worst, self._moved = float(memory["heat_in"]), float(memory["worst"]), float(memory["moved"])
        self.drained = float(memory["drained"])
