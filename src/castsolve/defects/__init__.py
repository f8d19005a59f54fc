"""Verdicts: what the records of a run say of the casting. Every function here is a pure function of results."""

from .aluminium import StrengthLaw, arm_spacing, eutectic_fraction, strength
from .cavities import Cavity, RiserFeed
from .criteria import CRITERIA, Criterion, cooling_rate, criterion, front_speed, niyama, niyama_of, thermal_gradient
from .die_rows import die_rows, thermal_stress
from .faces import LeakPath, OpenedPore, WorkedFace, leak_path, opened_pores
from .gate_freeze import PRESSURE_ROLES, GateFreeze, gate_freeze
from .hot_tearing import clyne_davies, hot_tearing, kou_index, rdg_integrals, rdg_pressure_drop
from .hotspots import HotSpot, HotSpots, find_hot_spots, hot_spots
from .hydrogen import hydrogen_onset, hydrogen_pores, hydrogen_solubility
from .iron import (
    carbide_tendency,
    carbon_equivalent,
    class_strength,
    feeds_itself,
    net_shrinkage,
    nodule_count,
)
from .judgement import verdicts
from .merge_tree import MergeTree, merge_tree
from .microporosity import critical_fraction_liquid, critical_niyama, dimensionless_niyama, pore_share
from .modulus import (
    Chvorinov,
    chvorinov_from_curves,
    chvorinov_of,
    chvorinov_run,
    effusivity,
    thermal_modulus,
)
from .pools import Pool, Pools, find_pools, isolated_pools
from .pore_curve import PoreCurve, critical_pressure_drop, microporosity, pore_curve
from .process_rows import MouldFace, casting_yield, shakeout_time, warmest_mould_face
from .reading import FEEDING_ROLES, Metal, metal_of
from .rules import RULES, Rule, rule
from .shrinkage import Shrinkage, design_shrinkage, find_shrinkage, shrinkage
from .steel import feeding_distance, neck_order, sfsa_riser_volume, shape_factor
from .table import SEVERITIES, Verdict, Verdicts
from .thresholds import NIYAMA_UNITS, Threshold, alloy_family, niyama_thresholds

__all__ = [
    "verdicts",
    "Verdict",
    "Verdicts",
    "SEVERITIES",
    "hot_spots",
    "find_hot_spots",
    "HotSpot",
    "HotSpots",
    "isolated_pools",
    "find_pools",
    "Pool",
    "Pools",
    "shrinkage",
    "find_shrinkage",
    "design_shrinkage",
    "Shrinkage",
    "Cavity",
    "RiserFeed",
    "WorkedFace",
    "OpenedPore",
    "opened_pores",
    "LeakPath",
    "leak_path",
    "microporosity",
    "pore_curve",
    "PoreCurve",
    "critical_pressure_drop",
    "hydrogen_solubility",
    "hydrogen_onset",
    "hydrogen_pores",
    "hot_tearing",
    "clyne_davies",
    "kou_index",
    "rdg_integrals",
    "rdg_pressure_drop",
    "arm_spacing",
    "eutectic_fraction",
    "strength",
    "StrengthLaw",
    "carbon_equivalent",
    "net_shrinkage",
    "feeds_itself",
    "nodule_count",
    "carbide_tendency",
    "class_strength",
    "feeding_distance",
    "shape_factor",
    "sfsa_riser_volume",
    "neck_order",
    "RULES",
    "Rule",
    "rule",
    "criterion",
    "CRITERIA",
    "Criterion",
    "niyama",
    "niyama_of",
    "thermal_gradient",
    "cooling_rate",
    "front_speed",
    "thermal_modulus",
    "Chvorinov",
    "chvorinov_from_curves",
    "chvorinov_of",
    "chvorinov_run",
    "effusivity",
    "niyama_thresholds",
    "NIYAMA_UNITS",
    "Threshold",
    "alloy_family",
    "die_rows",
    "gate_freeze",
    "GateFreeze",
    "PRESSURE_ROLES",
    "thermal_stress",
    "casting_yield",
    "shakeout_time",
    "warmest_mould_face",
    "MouldFace",
    "critical_niyama",
    "critical_fraction_liquid",
    "dimensionless_niyama",
    "pore_share",
    "merge_tree",
    "MergeTree",
    "Metal",
    "metal_of",
    "FEEDING_ROLES",
]
