"""What graphite makes up for while an iron freezes: by composition, mould, section and treatment, with its range."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from .. import materials
from ..errors import MaterialError
from ..materials import Alloy
from ..results import Results
from .iron import NetShrinkage, carbide_tendency, carbon_equivalent
from .pools import shrinkage_of
from .reading import fact, metal_of
from .rules import Rule, rule
from .thresholds import alloy_family, library_alloy

__all__ = [
    "IronExpansion",
    "design_shrinkage",
    "expansion_of",
    "graphite_formed",
    "iron_expansion",
    "mould_rigidity",
    "run_shrinkage",
    "white_share",
]


@dataclass(frozen=True, slots=True)
class IronExpansion:
    """Volume change on freezing of an iron in a mould, and what it comes from.

    Attributes
    ----------
    net : NetShrinkage
        Density of the solid over that of the liquid, less one, with its range; below zero the iron expands.
    graphite : float
        Graphite that forms while it freezes, in mass per cent.
    rigidity : Rule
        Share of the expansion that the mould gives back.
    white : float
        Share of the part that freezes white and makes no graphite.
    """

    net: NetShrinkage
    graphite: float = field(kw_only=True)
    rigidity: Rule = field(kw_only=True)
    white: float = field(default=0.0, kw_only=True)

    def __str__(self) -> str:
        white = f", {self.white * 100:.0f} % of it white" if self.white >= 0.005 else ""
        return f"{self.graphite:.2f} % of graphite, {self.rigidity.value:.2g} of its expansion kept by the mould{white}"


def graphite_formed(carbon: float, silicon: float) -> float:
    """Return the graphite that forms while an iron of a composition (mass per cent) freezes, in mass per cent.

    By the lever: what carbon exceeds in the austenite at the stable eutectic, ``2.045 - 0.178 Si``.

    References
    ----------
    Heine R.W. (1986), The Fe-C-Si solidification diagram for cast irons, AFS Trans. 94, 391; from memory. CALPHAD gives 1.60 %
    where this gives 1.64 % (3.3 C, 2.0 Si) and 2.02 % where it gives 2.05 % (3.6 C, 2.6 Si).
    """
    soluble = 2.045 - 0.178 * silicon
    return max(carbon - soluble, 0.0) / (1.0 - soluble / 100.0)


def mould_rigidity(alloy: Alloy | str, mould: str) -> Rule:
    """Return the share of the expansion that a mould gives back: clay-bonded sand least, dies and bonded sands most.

    Grey iron freezes with a skin that carries some of the pressure; ductile iron is mushy to its surface.
    """
    name = alloy if isinstance(alloy, str) else alloy.name
    try:
        material = materials.mould(mould)
    except MaterialError:
        return rule("rigidity_clay_grey" if name.startswith("EN-GJL") else "rigidity_clay")
    if material.family not in ("sand", "shell"):
        return rule("rigidity_die")
    if material.name != "green-sand":
        return rule("rigidity_bonded")
    return rule("rigidity_clay_grey" if name.startswith("EN-GJL") else "rigidity_clay")


def iron_expansion(
    alloy: Alloy, *, mould: str, white: float = 0.0, metallurgy: float = 1.0, wall_movement: float = 0.0
) -> IronExpansion:
    """Return the net shrinkage of an iron in a mould, with the range that its inputs leave.

    ``austenite - gain graphite (1 - white) metallurgy rigidity + wall_movement``: what austenite shrinks by, less what graphite
    grows by and the mould gives back. The range adds the effects of the ranges of all inputs in quadrature.

    Parameters
    ----------
    alloy : Alloy
        Its graphite, or that of its carbon and silicon.
    mould : str
        Name of its material.
    white : float, optional
        Share that freezes white: see `white_share`.
    metallurgy : float, optional
        Share of the graphite that forms in time: 1 well inoculated.
    wall_movement : float, optional
        As in `net_shrinkage`: measured growth of the hollow. Give it with a rigid mould in mind, or leave it to the rigidity.
    """
    share = {name: 100.0 * p.value for name, p in alloy.composition.items()}
    known = alloy.graphite
    made = 100.0 * known.value if known is not None else graphite_formed(share.get("C", 0.0), share.get("Si", 0.0))
    low = 100.0 * known.low if known is not None and known.low is not None else 0.85 * made
    high = 100.0 * known.high if known is not None and known.high is not None else 1.1 * made
    austenite, gain, rigid = rule("austenite_shrinkage"), rule("graphite_expansion"), mould_rigidity(alloy, mould)
    kept = (1.0 - white) * metallurgy

    def net(a: float, g: float, graphite: float, r: float) -> float:
        return a - g * graphite * kept * r / 100.0 + wall_movement

    middle = net(austenite.value, gain.value, made, rigid.value)
    worst = (
        net(austenite.high, gain.value, made, rigid.value), net(austenite.value, gain.low, made, rigid.value),
        net(austenite.value, gain.value, low, rigid.value), net(austenite.value, gain.value, made, rigid.low),
    )  # fmt: skip
    best = (
        net(austenite.low, gain.value, made, rigid.value), net(austenite.value, gain.high, made, rigid.value),
        net(austenite.value, gain.value, high, rigid.value), net(austenite.value, gain.value, made, rigid.high),
    )  # fmt: skip
    return IronExpansion(
        NetShrinkage(
            middle, low=middle - math.hypot(*(middle - b for b in best)), high=middle + math.hypot(*(w - middle for w in worst))
        ),
        graphite=made,
        rigidity=rigid,
        white=white,
    )


def white_share(results: Results) -> float:
    """Return the share of the part that freezes white, by cooling rate: all of it at twice the rate of the first carbides."""
    alloy = library_alloy(results)
    if alloy is None or "cooling_rate" not in results:
        return 0.0
    share = {name: 100.0 * p.value for name, p in alloy.composition.items()}
    ce = carbon_equivalent(share.get("C", 0.0), share.get("Si", 0.0), share.get("P", 0.0)).ce
    metal, rate = metal_of(results), np.asarray(results["cooling_rate"], dtype=np.float64)
    part = metal.part & np.isfinite(rate)
    if not part.any():
        return 0.0
    white = np.clip(carbide_tendency(rate[part], ce=ce) - 1.0, 0.0, 1.0)
    return float(np.average(white, weights=metal.volume[part]))


def design_shrinkage(alloy: Alloy, mould: str | None = None) -> float:
    """Return the shrinkage on freezing that risers are designed for.

    Of iron the high end of its range in the mould: what graphite makes up for depends on treatment and mould and is not known
    better. Of an iron whose shrinkage was calibrated (its own low and high given), and without a mould, the high end given.
    """
    known = alloy.shrinkage
    if alloy.family != "iron":
        return known.value
    if mould is not None and _as_shipped(alloy):
        return iron_expansion(alloy, mould=mould).net.high
    return known.high if known.high is not None else known.value


def expansion_of(results: Results) -> IronExpansion | None:
    """Return what graphite makes up for in a run of a shipped iron; None where its shrinkage was given, or it is no iron."""
    noted, known, mould = shrinkage_of(results), library_alloy(results), fact(results, "casting", "mould")
    if known is None or not mould or alloy_family(results) != "iron":
        return None
    if noted is not None and not math.isclose(noted, known.shrinkage.value, abs_tol=1e-6):
        return None
    return iron_expansion(known, mould=str(mould), white=white_share(results))


def run_shrinkage(results: Results) -> NetShrinkage | None:
    """Return the shrinkage on freezing of a run with its range; None where neither run nor material data tell.

    Of a shipped iron that of `expansion_of`; one that the run was given is kept.
    """
    noted, known = shrinkage_of(results), library_alloy(results)
    made = expansion_of(results)
    if made is not None:
        return made.net
    if known is None or (noted is not None and not math.isclose(noted, known.shrinkage.value, abs_tol=1e-6)):
        return None if noted is None else NetShrinkage(noted, low=noted, high=noted)
    own = known.shrinkage
    return NetShrinkage(own.value, low=own.value if own.low is None else own.low, high=own.value if own.high is None else own.high)


def _as_shipped(alloy: Alloy) -> bool:
    """Return whether the shrinkage of an alloy is that of the material data: nobody calibrated it."""
    try:
        return materials.alloy(alloy.name).shrinkage == alloy.shrinkage
    except MaterialError:
        return False
