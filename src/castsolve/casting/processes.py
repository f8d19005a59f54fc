"""The casting processes by the word that a case file has for them."""

from __future__ import annotations

from .die import GravityDieCasting
from .investment import InvestmentCasting, ShellMouldCasting
from .process import Casting
from .sand import SandCasting

__all__ = ["OWN_KEYS", "PREHEATED", "PROCESSES"]

PROCESSES: dict[str, type[Casting]] = {
    kind.process: kind for kind in (SandCasting, ShellMouldCasting, InvestmentCasting, GravityDieCasting)
}

# Keys that only some processes have.
OWN_KEYS: dict[str, tuple[str, ...]] = {
    "deep_sides": ("sand",),
    "shell": ("shell mould", "investment"),
    "backing": ("shell mould", "investment"),
    "wall": ("gravity die",),
    "coating": ("gravity die",),
}

# Processes whose mould is preheated: its temperature must be told.
PREHEATED = ("investment", "gravity die")
