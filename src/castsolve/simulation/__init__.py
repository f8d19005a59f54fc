"""Solving: the heat problem, its clock and ledgers, and the solidification of a casting."""

from __future__ import annotations

from .boundary import Contact, Faces, Side
from .heat_problem import HeatProblem
from .heat_run import HeatRun, Progress
from .ledger import EnergyLedger
from .watch import Level, Watch

__all__ = ["Contact", "EnergyLedger", "Faces", "HeatProblem", "HeatRun", "Level", "Progress", "Side", "Watch"]
