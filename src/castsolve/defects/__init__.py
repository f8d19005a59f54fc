"""Verdicts: what the records of a run say of the casting. Every function here is a pure function of results."""

from .cavities import Cavity, RiserFeed
from .criteria import CRITERIA, Criterion, cooling_rate, criterion, front_speed, niyama, niyama_of, thermal_gradient
from .hotspots import HotSpot, HotSpots, find_hot_spots, hot_spots
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
from .process_rows import MouldFace, casting_yield, shakeout_time, warmest_mould_face
from .reading import FEEDING_ROLES, Metal, metal_of
from .shrinkage import Shrinkage, find_shrinkage, shrinkage
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
    "Shrinkage",
    "Cavity",
    "RiserFeed",
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
