"""Solving: the heat problem, its clock and ledgers, and the solidification of a casting."""

from __future__ import annotations

from .boundary import Contact, Faces, Side
from .cycle_facts import SectionTime, cycle_fact
from .cycle_results import ChannelHeat, CycleResults
from .cycles import run_cycles
from .cycling import CycleStage, DieCycle, Shot, StageBook
from .fill import fill
from .fill_plan import FillPlan, plan_fill
from .fill_watch import FillProgress
from .filled import Filled
from .heat_problem import HeatProblem, threads_for
from .heat_run import HeatRun, Progress
from .ledger import EnergyLedger
from .memory import available_memory, check_memory, voxel_count
from .simulate import simulate
from .solidify import Plan, plan, solidify
from .watch import Level, Watch

__all__ = [
    "ChannelHeat",
    "Contact",
    "CycleResults",
    "CycleStage",
    "DieCycle",
    "EnergyLedger",
    "Faces",
    "FillPlan",
    "FillProgress",
    "Filled",
    "HeatProblem",
    "HeatRun",
    "Level",
    "Plan",
    "Progress",
    "SectionTime",
    "Shot",
    "Side",
    "StageBook",
    "Watch",
    "available_memory",
    "check_memory",
    "cycle_fact",
    "fill",
    "plan",
    "plan_fill",
    "run_cycles",
    "simulate",
    "solidify",
    "threads_for",
    "voxel_count",
]
