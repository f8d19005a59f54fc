"""The casting processes by the word that a case file has for them."""

from __future__ import annotations

from .die import GravityDieCasting
from .investment import InvestmentCasting, ShellMouldCasting
from .low_pressure import LowPressureCasting
from .pressure_die import PressureDieCasting
from .process import Casting
from .sand import SandCasting

__all__ = ["NEEDED", "OWN_KEYS", "PREHEATED", "PROCESSES"]

PROCESSES: dict[str, type[Casting]] = {
    kind.process: kind
    for kind in (SandCasting, ShellMouldCasting, InvestmentCasting, GravityDieCasting, LowPressureCasting, PressureDieCasting)
}
# What a process cannot do without.
NEEDED: dict[str, tuple[str, ...]] = {"low pressure": ("die", "pressure", "melt_level"), "pressure die": ("die", "shot")}

# Keys that only some processes have.
OWN_KEYS: dict[str, tuple[str, ...]] = {
    "deep_sides": ("sand",),
    "shell": ("shell mould", "investment"),
    "backing": ("shell mould", "investment"),
    "wall": ("gravity die",),
    "coating": ("gravity die",),
    "flask": ("sand", "shell mould", "investment", "gravity die"),
    "pour_time": ("sand", "shell mould", "investment", "gravity die"),
    "die": ("gravity die", "low pressure", "pressure die"),
    "tilt": ("gravity die",),
    "shot": ("pressure die",),
    "pressure": ("low pressure",),
    "melt_level": ("low pressure",),
    "furnace_temperature": ("low pressure",),
}

# Processes whose mould is preheated: its temperature must be told.
PREHEATED = ("investment", "gravity die")
