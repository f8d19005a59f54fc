"""Cast iron as a melt in its mould: carbon equivalent, white iron, and what graphite makes up for while it freezes.

Reference data are thin. Every number is a `Rule` with a range and its trust; the foundry may give its own: `IronPractice`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, MaterialError
from . import library
from .correlations import graphite_shape
from .mould import MouldMaterial
from .rule import Rule

if TYPE_CHECKING:
    from .alloy import Alloy

__all__ = [
    "IRON_RULES",
    "CarbonEquivalent",
    "GraphiteBalance",
    "IronExpansion",
    "NetShrinkage",
    "carbide_tendency",
    "carbon_equivalent",
    "graphite_formed",
    "iron_expansion",
    "mould_rigidity",
    "shape_of_graphite",
]

_ESTIMATE: dict[str, Any] = {"source": "foundry practice", "evidence": "estimate", "quality": "D"}

IRON_RULES: Mapping[str, Rule] = MappingProxyType({
    row.name: row
    for row in (
        Rule("carbide_rate", value=5.0, low=2.0, high=10.0, unit="K/s",
             meaning="cooling rate at the end of freezing from which inoculated iron of CE 4.3 forms carbides", **_ESTIMATE),
        Rule("graphite_expansion", value=3.4, low=3.0, high=3.6, unit="% a %",
             meaning="volume per cent gained by a mass per cent of graphite",
             source="Karsay; Stefanescu", evidence="memory", quality="D"),
        Rule("austenite_shrinkage", value=0.035, low=0.035, high=0.04, meaning="contraction of austenite on freezing",
             source="Karsay; Stefanescu", evidence="memory", quality="D"),
        Rule("graphite_in_time", value=1.0, low=0.9, high=1.0,
             meaning="share of the graphite of equilibrium that forms while metal can still use it, in well inoculated iron",
             **_ESTIMATE),
        Rule("rigidity_clay", value=0.5, low=0.4, high=0.75,
             meaning="share of the expansion of ductile iron that a mould of clay-bonded sand gives back",
             source="foundry practice; that green sand is not rigid: Rio Tinto, Ductile Iron, Gating and Risering (2000), "
             "section 2.3", evidence="estimate", quality="D"),
        Rule("rigidity_clay_grey", value=0.75, low=0.6, high=0.95,
             meaning="share of the expansion of grey iron, which freezes with a skin, that a mould of clay-bonded sand gives back",
             **_ESTIMATE),
        Rule("rigidity_bonded", value=0.9, low=0.8, high=1.0,
             meaning="share of the expansion that a mould of resin-bonded sand or a shell gives back", **_ESTIMATE),
        Rule("rigidity_die", value=1.0, low=0.95, high=1.0, meaning="share of the expansion that a metal die gives back",
             **_ESTIMATE),
    )
})  # fmt: skip
"""Rules of the expansion of irons by name."""


@dataclass(frozen=True, slots=True)
class CarbonEquivalent:
    """Carbon equivalent, liquidus carbon equivalent (mass per cent) and degree of saturation."""

    ce: float
    cel: float
    saturation: float


def carbon_equivalent(carbon: float, silicon: float, phosphorus: float = 0.0) -> CarbonEquivalent:
    """Return what an iron's composition (mass per cent) stands for in carbon.

    ``CE = C + Si/3 + P/3``, ``CEL = C + Si/4 + P/2``, ``Sc = C / (4.26 - Si/3.2 - P/3.6)``; foundry standards, from memory.
    """
    for name, value, high in (("carbon", carbon, 5.0), ("silicon", silicon, 7.0), ("phosphorus", phosphorus, 2.0)):
        if not 0.0 <= value <= high:
            raise InputError(f"{name} = {value:g} % must belong to [0, {high:g}]; give mass per cent")
    return CarbonEquivalent(
        carbon + silicon / 3.0 + phosphorus / 3.0,
        carbon + silicon / 4.0 + phosphorus / 2.0,
        carbon / (4.26 - silicon / 3.2 - phosphorus / 3.6),
    )


def carbide_tendency(cooling_rate: ArrayLike, *, ce: float = 4.3, inoculation: float = 1.0) -> NDArray[np.float64]:
    """Return the cooling rate over the one at which carbides form; above 1 the iron is expected to chill.

    The limit doubles with 0.3 of carbon equivalent and goes with inoculation: an estimate.
    """
    limit = IRON_RULES["carbide_rate"].value * inoculation * 2.0 ** ((ce - 4.3) / 0.3)
    return np.asarray(cooling_rate, dtype=np.float64) / limit


@dataclass(frozen=True, slots=True)
class NetShrinkage:
    """Volume change on freezing: density of the solid over that of the liquid, less one; below zero the iron expands."""

    value: float
    low: float = field(kw_only=True)
    high: float = field(kw_only=True)


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
    inputs : tuple of Rule
        All that it follows from, with their ranges and trust.
    """

    net: NetShrinkage
    graphite: float = field(kw_only=True)
    rigidity: Rule = field(kw_only=True)
    white: float = field(default=0.0, kw_only=True)
    inputs: tuple[Rule, ...] = field(default=(), kw_only=True)

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


_PREFIXES = {"EN-GJL": "lamellar", "EN-GJS": "nodular", "EN-GJV": "compacted"}


def shape_of_graphite(name: str, composition: Mapping[str, float]) -> str:
    """Return "lamellar", "nodular" or "compacted": by the class in an iron's name, else by its magnesium (mass per cent)."""
    return next((shape for prefix, shape in _PREFIXES.items() if name.startswith(prefix)), None) or graphite_shape(composition)


def mould_rigidity(alloy: Alloy | str, mould: MouldMaterial | str) -> Rule:
    """Return the share of the expansion that a mould gives back: clay-bonded sand least, dies and bonded sands most.

    Grey iron freezes with a skin that carries some of the pressure; ductile iron is mushy to its surface.
    """
    shape = shape_of_graphite(alloy, {}) if isinstance(alloy, str) else _shape(alloy)
    clay = IRON_RULES["rigidity_clay_grey" if shape == "lamellar" else "rigidity_clay"]
    try:
        material = library.mould(mould) if isinstance(mould, str) else mould
    except MaterialError:
        return clay
    if material.family not in ("sand", "shell"):
        return IRON_RULES["rigidity_die"]
    return clay if material.name == "green-sand" else IRON_RULES["rigidity_bonded"]


def _shape(alloy: Alloy) -> str:
    return shape_of_graphite(alloy.name, _percent(alloy))


def _percent(alloy: Alloy) -> dict[str, float]:
    return {name: 100.0 * p.value for name, p in alloy.composition.items()}


def _given(name: str, value: float, meaning: str) -> Rule:
    return Rule(name, value=value, low=value, high=value, meaning=meaning, source="the foundry's own", evidence="seen", quality="B")


@dataclass(frozen=True, slots=True)
class GraphiteBalance:
    """All that the expansion of an iron in its mould follows from, but for what of it freezes white.

    A run, the feedback of its falling level and the verdicts have the same one.

    Attributes
    ----------
    carbon_equivalent : float
        In mass per cent.
    graphite : Rule
        That forms while the iron freezes, in mass per cent.
    metallurgy : Rule
        Share of it that forms in time.
    rigidity : Rule
        Share of its expansion that the mould gives back.
    inoculation, wall_movement : float
        As in `IronPractice`.
    """

    carbon_equivalent: float
    graphite: Rule
    metallurgy: Rule
    rigidity: Rule
    inoculation: float = 1.0
    wall_movement: float = 0.0

    @classmethod
    def of(cls, alloy: Alloy, mould: MouldMaterial | str) -> Self | None:
        """Return that of an iron in a mould; None of other metals, and of an iron whose shrinkage was calibrated."""
        if alloy.family != "iron" or not _as_shipped(alloy):
            return None
        return cls.always(alloy, mould)

    @classmethod
    def always(cls, alloy: Alloy, mould: MouldMaterial | str) -> Self:
        """Return that of an iron in a mould, whether its shrinkage was calibrated or not."""
        share, known, practice = _percent(alloy), alloy.graphite, alloy.practice
        made = 100.0 * known.value if known is not None else graphite_formed(share.get("C", 0.0), share.get("Si", 0.0))
        low = 100.0 * known.low if known is not None and known.low is not None else 0.85 * made
        high = 100.0 * known.high if known is not None and known.high is not None else 1.1 * made
        graphite = Rule(
            "graphite", value=made, low=low, high=high, unit="%", meaning="graphite that forms while the iron freezes",
            source="composition by the lever of Heine (1986)" if known is None else "material data, by composition",
            evidence="derived" if known is None else known.evidence, quality="C" if known is None else known.quality,
        )  # fmt: skip
        metallurgy, rigidity = IRON_RULES["graphite_in_time"], mould_rigidity(alloy, mould)
        if practice.metallurgy is not None:
            metallurgy = _given("graphite_in_time", practice.metallurgy, metallurgy.meaning)
        if practice.rigidity is not None:
            rigidity = _given("rigidity", practice.rigidity, "share of the expansion that the mould gives back")
        ce = carbon_equivalent(share.get("C", 0.0), share.get("Si", 0.0), share.get("P", 0.0)).ce
        return cls(ce, graphite, metallurgy, rigidity, practice.inoculation, practice.wall_movement)

    def white(self, cooling_rate: ArrayLike) -> NDArray[np.float64]:
        """Return the share that freezes white at a cooling rate near the end of freezing (K/s): all of it at twice the first rate.

        Thin sections cool fast and freeze white: so the section rules the expansion.
        """
        tendency = carbide_tendency(cooling_rate, ce=self.carbon_equivalent, inoculation=self.inoculation)
        return np.clip(tendency - 1.0, 0.0, 1.0)

    def white_of(self, cooling_rate: ArrayLike, volume: ArrayLike) -> tuple[float, float, float]:
        """Return the share of a metal that freezes white, and its range over that of the rate that makes carbides.

        Parameters
        ----------
        cooling_rate : array_like
            Near the end of freezing (K/s); NaN where it is not known, which counts as grey.
        volume : array_like
            Of the same shape (m3).
        """
        rate, weight = np.asarray(cooling_rate, dtype=np.float64), np.asarray(volume, dtype=np.float64)
        if not weight.size:
            return 0.0, 0.0, 0.0
        limit, known = IRON_RULES["carbide_rate"], np.where(np.isfinite(rate), rate, 0.0)
        middle, low, high = (
            float(np.average(self.white(known * limit.value / each), weights=weight))
            for each in (limit.value, limit.high, limit.low)
        )
        return middle, low, high

    def expansion(self, white: float = 0.0, *, between: tuple[float, float] | None = None) -> IronExpansion:
        """Return the net shrinkage with the range that its inputs leave.

        ``austenite - gain graphite (1 - white) metallurgy rigidity + wall_movement``: what austenite shrinks by, less what graphite
        grows by and the mould gives back. The range adds the effects of the ranges of all inputs in quadrature.

        Parameters
        ----------
        white : float, optional
            Share that freezes white.
        between : pair of float, optional
            Its range. Default: none.
        """
        low, high = (white, white) if between is None else between
        share = Rule(
            "white", value=white, low=min(low, white), high=max(high, white), meaning="share that freezes white",
            source="cooling rate over the one that makes carbides", evidence="estimate", quality="D",
        )  # fmt: skip
        inputs = (
            IRON_RULES["austenite_shrinkage"], IRON_RULES["graphite_expansion"],
            self.graphite, self.metallurgy, self.rigidity, share,
        )  # fmt: skip
        middle = [row.value for row in inputs]

        def net(values: list[float]) -> float:
            austenite, gain, graphite, metallurgy, rigidity, white = values
            return austenite - gain * graphite * (1.0 - white) * metallurgy * rigidity / 100.0 + self.wall_movement

        found = net(middle)
        moved = [
            [net([*middle[:n], end, *middle[n + 1 :]]) - found for end in (row.low, row.high)] for n, row in enumerate(inputs)
        ]
        return IronExpansion(
            NetShrinkage(
                found,
                low=found - math.hypot(*(min(*ends, 0.0) for ends in moved)),
                high=found + math.hypot(*(max(*ends, 0.0) for ends in moved)),
            ),
            graphite=self.graphite.value, rigidity=self.rigidity, white=white, inputs=inputs,
        )  # fmt: skip

    def facts(self) -> dict[str, Any]:
        """Return plain values that a result file can hold."""
        rows = {name: getattr(self, name) for name in ("graphite", "metallurgy", "rigidity")}
        return {
            "carbon_equivalent": self.carbon_equivalent, "inoculation": self.inoculation, "wall_movement": self.wall_movement,
            **{name: {f.name: getattr(row, f.name) for f in fields(Rule)} for name, row in rows.items()},
        }  # fmt: skip

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """Return what `facts` told."""
        rows = {name: Rule(**facts[name]) for name in ("graphite", "metallurgy", "rigidity")}
        return cls(
            facts["carbon_equivalent"], inoculation=facts["inoculation"], wall_movement=facts["wall_movement"], **rows
        )


def iron_expansion(alloy: Alloy, *, mould: MouldMaterial | str, white: float = 0.0) -> IronExpansion:
    """Return the net shrinkage of an iron in a mould, with the range that its inputs leave; see `GraphiteBalance.expansion`.

    Parameters
    ----------
    alloy : Alloy
        Its graphite, or that of its carbon and silicon; as the foundry treats it (`Alloy.treated`).
    mould : str or MouldMaterial
    white : float, optional
        Share that freezes white.
    """
    return GraphiteBalance.always(alloy, mould).expansion(white)


def _as_shipped(alloy: Alloy) -> bool:
    """Return whether the shrinkage of an iron is the estimate of the material data: nobody calibrated it."""
    told = alloy.shrinkage
    shipped = [library.alloy(name).shrinkage for name in library.names("alloy") if name.startswith(tuple(_PREFIXES))]
    same = any((known.value, known.low, known.high) == (told.value, told.low, told.high) for known in shipped)
    return told.evidence == "estimate" and same
