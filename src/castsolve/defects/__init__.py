"""Verdicts: what the records of a run say of the casting. Every function here is a pure function of results."""

from ..materials import (
    GraphiteBalance,
    IronExpansion,
    carbide_tendency,
    carbon_equivalent,
    graphite_formed,
    iron_expansion,
    mould_rigidity,
)
from .aluminium import StrengthLaw, arm_spacing, eutectic_fraction, strength
from .cavities import Cavity, RiserFeed
from .criteria import CRITERIA, Criterion, cooling_rate, criterion, front_speed, niyama, niyama_of, thermal_gradient
from .die_rows import die_rows, thermal_stress
from .expansion import balance_of, design_shrinkage, expansion_of, run_shrinkage, white_share
from .faces import LeakPath, OpenedPore, WorkedFace, leak_path, opened_pores, stock_faces
from .fill_rows import GATE_SPEED, cold_arrivals, fill_rows
from .gate_freeze import PRESSURE_ROLES, GateFreeze, gate_freeze
from .hot_tearing import clyne_davies, clyne_davies_map, hot_tearing, kou_index, rdg_integrals, rdg_pressure_drop, time_at
from .hotspots import HotSpot, HotSpots, find_hot_spots, hot_spots
from .hydrogen import hydrogen_onset, hydrogen_pores, hydrogen_solubility
from .iron import (
    class_hardness,
    class_strength,
    feeds_itself,
    nodule_count,
)
from .iron_matrix import IronMatrix, eutectoid_rate, iron_matrix, pearlite_factor, pearlite_share
from .judgement import verdicts
from .merge_tree import MergeTree, merge_tree
from .microporosity import critical_fraction_liquid, critical_niyama, dimensionless_niyama, pore_share
from .modulus import (
    Chvorinov,
    FreezingCurve,
    chvorinov_from_curves,
    chvorinov_of,
    chvorinov_run,
    effusivity,
    thermal_modulus,
)
from .pools import Pool, Pools, find_pools, isolated_pools
from .pore_curve import PoreCurve, critical_pressure_drop, feeding_pressure, microporosity, pore_curve
from .process_rows import MouldFace, casting_yield, shakeout_time, warmest_mould_face
from .reading import FEEDING_ROLES, Metal, metal_of
from .rules import RULES, Rule, rule
from .shrinkage import Shrinkage, find_shrinkage, shrinkage
from .steel import (
    ShakeoutClass,
    feeding_distance,
    neck_order,
    sfsa_riser_volume,
    shakeout_class,
    shape_factor,
    steel_carbon_equivalent,
)
from .table import SEVERITIES, Verdict, Verdicts
from .thresholds import NIYAMA_UNITS, Threshold, alloy_family, niyama_thresholds

__all__ = [
    "GraphiteBalance",
    "balance_of",
    "CRITERIA",
    "FEEDING_ROLES",
    "GATE_SPEED",
    "NIYAMA_UNITS",
    "PRESSURE_ROLES",
    "RULES",
    "SEVERITIES",
    "Cavity",
    "Chvorinov",
    "Criterion",
    "FreezingCurve",
    "GateFreeze",
    "HotSpot",
    "HotSpots",
    "IronExpansion",
    "IronMatrix",
    "LeakPath",
    "MergeTree",
    "Metal",
    "MouldFace",
    "OpenedPore",
    "Pool",
    "Pools",
    "PoreCurve",
    "RiserFeed",
    "Rule",
    "Shrinkage",
    "StrengthLaw",
    "Threshold",
    "Verdict",
    "Verdicts",
    "WorkedFace",
    "alloy_family",
    "arm_spacing",
    "carbide_tendency",
    "carbon_equivalent",
    "casting_yield",
    "chvorinov_from_curves",
    "chvorinov_of",
    "chvorinov_run",
    "class_hardness",
    "class_strength",
    "clyne_davies",
    "clyne_davies_map",
    "cold_arrivals",
    "cooling_rate",
    "criterion",
    "critical_fraction_liquid",
    "critical_niyama",
    "critical_pressure_drop",
    "design_shrinkage",
    "die_rows",
    "dimensionless_niyama",
    "effusivity",
    "eutectic_fraction",
    "eutectoid_rate",
    "expansion_of",
    "feeding_distance",
    "feeding_pressure",
    "feeds_itself",
    "fill_rows",
    "find_hot_spots",
    "find_pools",
    "find_shrinkage",
    "front_speed",
    "gate_freeze",
    "graphite_formed",
    "hot_spots",
    "hot_tearing",
    "hydrogen_onset",
    "hydrogen_pores",
    "hydrogen_solubility",
    "iron_expansion",
    "iron_matrix",
    "isolated_pools",
    "kou_index",
    "leak_path",
    "merge_tree",
    "metal_of",
    "microporosity",
    "mould_rigidity",
    "neck_order",
    "shakeout_class",
    "ShakeoutClass",
    "steel_carbon_equivalent",
    "niyama",
    "niyama_of",
    "niyama_thresholds",
    "nodule_count",
    "opened_pores",
    "pearlite_factor",
    "pearlite_share",
    "pore_curve",
    "pore_share",
    "rdg_integrals",
    "rdg_pressure_drop",
    "rule",
    "run_shrinkage",
    "sfsa_riser_volume",
    "shakeout_time",
    "shape_factor",
    "shrinkage",
    "stock_faces",
    "strength",
    "thermal_gradient",
    "thermal_modulus",
    "thermal_stress",
    "time_at",
    "verdicts",
    "warmest_mould_face",
    "white_share",
]
