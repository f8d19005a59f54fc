"""Numbers of foundry rules, each with where it comes from and how far it is to be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..errors import InputError, unknown_name
from ..materials import IRON_RULES, Rule

__all__ = ["RULES", "Rule", "rule"]

_WLODAWER = "Wlodawer, Directional Solidification of Steel Castings (1966)"
_PELLINI = "Pellini, Trans. AFS 61 (1953), as Bishop and Pellini's plates and bars"
_OU = "Ou, Carlson, Hardin, Beckermann, Metall. Mater. Trans. B 33 (2002) 741-755"
_HANDBOOK = "foundry handbook, by way of published riser calculators"


def _table(rows: list[Rule]) -> Mapping[str, Rule]:
    return MappingProxyType({row.name: row for row in rows})


RULES: Mapping[str, Rule] = _table([
    *IRON_RULES.values(),
    Rule("modulus_ratio_steel", value=1.2, low=1.15, high=1.25, meaning="modulus of the riser over that of the section it feeds",
         source=_HANDBOOK, evidence="secondhand", quality="C"),
    Rule("modulus_ratio_aluminium", value=1.2, low=1.1, high=1.3, meaning="modulus of the riser over that of the section it feeds",
         source="foundry practice", evidence="estimate", quality="D"),
    Rule("modulus_ratio_iron", value=0.9, low=0.8, high=1.0,
         meaning="modulus of the riser over that of the section, ductile iron in a rigid mould",
         source=_HANDBOOK, evidence="secondhand", quality="C"),
    Rule("neck_ratio", value=1.1, low=1.05, high=1.15, meaning="modulus of the neck over that of the section", source=_WLODAWER,
         evidence="memory", quality="C"),
    Rule("efficiency_sand", value=0.14, low=0.12, high=0.2, meaning="share of its volume that a riser in sand gives away",
         source=_HANDBOOK, evidence="secondhand", quality="C"),
    Rule("efficiency_sleeve", value=0.30, low=0.25, high=0.35, meaning="share of its volume that an insulated riser gives away",
         source=_HANDBOOK, evidence="secondhand", quality="C"),
    Rule("modulus_gain_sleeve", value=1.3, low=1.15, high=1.45,
         meaning="modulus of an insulated riser over that of the same riser in sand", source="foundry practice",
         evidence="estimate", quality="D"),
    Rule("feeding_distance_plate", value=4.5, low=4.0, high=5.0,
         meaning="feeding distance in a plate over its thickness, end included",
         source=_PELLINI, evidence="secondhand", quality="C"),
    Rule("end_zone_plate", value=2.5, low=2.0, high=3.0,
         meaning="share of the cold end in the feeding distance, over the thickness",
         source=_PELLINI, evidence="memory", quality="C"),
    Rule("riser_spacing_plate", value=4.0, low=3.5, high=4.5, meaning="distance between two risers on a plate over its thickness",
         source=_HANDBOOK, evidence="secondhand", quality="C"),
    Rule("chill_factor", value=1.19, low=1.15, high=1.25,
         meaning="feeding distance of a section with a chill at its end, as thick as the section, over that without",
         source=f"{_OU}; castsolve: 1.20 to 1.23 on plates of 12.5 to 50 mm", evidence="memory", quality="C"),
    Rule("chill_gain", value=0.05, low=0.03, high=0.05, unit="m",
         meaning="most that a chill at the end adds to the feeding distance",
         source=_PELLINI, evidence="memory", quality="C"),
    Rule("chill_width", value=3.0, low=1.0, high=3.0, meaning="width of a chill over the thickness of the section that it lies on",
         source="castsolve: of 1, 2 and 3 on the bridge inside a valve the widest left the least cavity", evidence="computed",
         quality="D"),
    Rule("bar_root", value=6.0, low=5.5, high=6.5, unit="in^0.5",
         meaning="feeding distance of a bar over the root of its thickness",
         source=_PELLINI, evidence="memory", quality="C"),
    Rule("sfsa_volume", value=2.51, low=2.3, high=2.7, meaning="riser over casting volume at a shape factor of 1",
         source="SFSA, Risering Steel Castings, by way of a public calculator", evidence="secondhand", quality="C"),
    Rule("shakeout_plain", value=973.15, low=773.15, high=1073.15, unit="K",
         meaning="hottest metal at shakeout of weldable carbon steel", source="foundry practice", evidence="memory", quality="D"),
    Rule("shakeout_hardenable", value=573.15, low=473.15, high=673.15, unit="K",
         meaning="hottest metal at shakeout of steel that hardens in air or cracks", source="foundry practice", evidence="memory",
         quality="D"),
    Rule("shakeout_martensitic", value=473.15, low=373.15, high=573.15, unit="K",
         meaning="hottest metal at shakeout of martensitic stainless steel", source="foundry practice", evidence="memory",
         quality="D"),
    Rule("weldable_equivalent", value=0.45, low=0.40, high=0.45, unit="%",
         meaning="carbon equivalent of the IIW below which steel is welded without preheat", source="IIW document IX-535-67",
         evidence="memory", quality="C"),
    Rule("tear_pressure", value=2e3, low=1e3, high=5e3, unit="Pa", meaning="pressure drop in the mush at which a tear opens",
         source="Rappaz, Drezet, Gremaud (1999)", evidence="memory", quality="C"),
    Rule("nodules_25mm", value=150.0, low=100.0, high=200.0, unit="1/mm2", meaning="nodule count in a section of 25 mm",
         source="foundry practice", evidence="memory", quality="D"),
    Rule("self_feeding_modulus", value=0.025, low=0.02, high=0.03, unit="m",
         meaning="modulus from which ductile iron of CE 4.3 feeds itself in a rigid mould", source="foundry practice",
         evidence="memory", quality="D"),
    Rule("eutectoid_rate", value=0.11, low=0.085, high=0.12, unit="K/s",
         meaning="cooling rate at 740 degC of a section of 25 mm in sand, where the pearlite of the classes is taken to hold",
         source="castsolve: a plate of 25 mm in green and in furan sand", evidence="computed", quality="C"),
    Rule("pearlite_slope", value=0.62, low=0.5, high=0.75,
         meaning="gain of the logit of the pearlite by a unit of Thielemann's factor",
         source="castsolve: set so that EN-GJS-400-15, 500-7 and 600-3 have 10, 50 and 80 % in a section of 25 mm",
         evidence="computed", quality="D"),
    Rule("pearlite_half", value=2.44, low=1.5, high=3.4, meaning="Thielemann's factor at half pearlite in a section of 25 mm",
         source="castsolve: as the slope", evidence="computed", quality="D"),
    Rule("die_steel_modulus", value=190e9, low=170e9, high=215e9, unit="Pa",
         meaning="modulus of elasticity of hot work tool steel between 200 and 500 degC",
         source="H13: 215 GPa at 20 degC on a vendor's page (shahnazbrightsteel.com); its fall with temperature after Uddeholm's "
         "data sheet of Orvar Supreme", evidence="memory", quality="C"),
    Rule("die_steel_expansion", value=12.4e-6, low=11.5e-6, high=13.2e-6, unit="1/K",
         meaning="linear expansion of hot work tool steel between 25 and 540 degC",
         source="H13 technical data, steelprogroup.com: 11.5 to 205 degC, 12.4 to 540 degC", evidence="secondhand", quality="B"),
    Rule("die_steel_poisson", value=0.285, low=0.27, high=0.30, meaning="Poisson's ratio of hot work tool steel",
         source="H13, vendors' pages (shahnazbrightsteel.com, dhanlaxmimetals.com)", evidence="secondhand", quality="B"),
    Rule("die_steel_yield", value=1000e6, low=1000e6, high=1380e6, unit="Pa",
         meaning="yield strength of tempered hot work tool steel at 20 degC; hot, it yields earlier",
         source="H13, vendors' pages (shahnazbrightsteel.com, dhanlaxmimetals.com): 1000 to 1380 MPa", evidence="secondhand",
         quality="C"),
    Rule("die_steel_hot_limit", value=811.0, low=811.0, high=866.0, unit="K",
         meaning="temperature up to which H13 tools may be used (1000 degF), and for short times (1100 degF)",
         source="Eastern Tool Steel, H-13 data sheet", evidence="seen", quality="B"),
    Rule("wet_die", value=373.15, low=363.15, high=373.15, unit="K",
         meaning="temperature of the die below which the water of a spray does not boil away before the next shot",
         source="boiling point of water at the pressure of the air", evidence="derived", quality="A"),
])  # fmt: skip
"""All rules by name."""


def rule(name: str) -> Rule:
    """Return a rule by name, or refuse the name with the nearest ones."""
    try:
        return RULES[name]
    except KeyError:
        raise InputError(unknown_name("rule", name, RULES)) from None
