"""Thresholds of a criterion for an alloy, each with its source; an alloy without one has none, never another's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import materials
from ..errors import MaterialError
from ..materials import Alloy
from ..results import Results
from .reading import fact

__all__ = ["NIYAMA_UNITS", "Threshold", "alloy_family", "composition_of", "library_alloy", "niyama_thresholds"]

NIYAMA_UNITS: Mapping[str, float] = {
    "K^0.5 s^0.5/m": 1.0,
    "(K s)^0.5/m": 1.0,
    "(K s)^0.5/mm": 1e3,
    "K^0.5 s^0.5/mm": 1e3,
    "(K min)^0.5/cm": 1e2 * math.sqrt(60.0),
    "(C min)^0.5/cm": 1e2 * math.sqrt(60.0),
}
"""Units in which Niyama thresholds are published, in K^0.5 s^0.5 m^-1; 1 (K min)^0.5/cm is 0.775 (K s)^0.5/mm."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit of a criterion: its name, value in SI, source and trust."""

    name: str
    value: float = field(kw_only=True)
    source: str = field(kw_only=True)
    quality: str = field(default="", kw_only=True)
    evidence: str = field(default="", kw_only=True)

    @property
    def is_macro(self) -> bool:
        """Whether it marks shrinkage that shows on radiographs, and not microporosity."""
        return any(word in self.name.lower() for word in ("macro", "radiograph"))

    @property
    def severity(self) -> str:
        """How bad it is to lie below: a note for an estimate, at most a warning for a value quoted from memory."""
        if self.evidence == "estimate":
            return "note"
        return "severe" if self.is_macro and self.evidence != "memory" else "warning"


def niyama_thresholds(results: Results) -> tuple[Threshold, ...]:
    """Return the Niyama thresholds of the alloy of a run, largest first; empty where no source gives one.

    Read from the facts of the run (alloy: niyama or niyama_thresholds), else from castsolve's file of that alloy. A
    value without unit or source is no threshold and is left out.
    """
    noted = fact(results, "alloy", "niyama_thresholds")
    if noted is None:
        noted = fact(results, "alloy", "niyama")
    rows = _read(noted)
    known = library_alloy(results)
    if noted is None and known is not None:
        rows = [
            Threshold(
                name,
                value=p.value,
                source=_cite("; ".join(known.references.get(key, key) for key in p.source_keys), p.evidence),
                quality=p.quality,
                evidence=p.evidence,
            )
            for name, p in known.niyama_thresholds.items()
        ]
    return tuple(sorted(rows, key=lambda t: -t.value))


def _read(noted: Any) -> list[Threshold]:
    if isinstance(noted, (list, tuple)):
        return [row for each in noted for row in _read(each)]
    if not isinstance(noted, Mapping):
        return []
    if "value" not in noted:
        return [
            row for name, each in noted.items() if isinstance(each, Mapping) for row in _read({"name": name, **each})
        ]
    factor = NIYAMA_UNITS.get(str(noted.get("unit", "")))
    value, source = noted["value"], str(noted.get("source") or "")
    if factor is None or not source or not isinstance(value, (int, float)):
        return []
    return [
        Threshold(
            str(noted.get("name", "niyama")),
            value=float(value) * factor,
            source=_cite(source, str(noted.get("evidence") or "")),
            quality=str(noted.get("quality") or ""),
            evidence=str(noted.get("evidence") or ""),
        )
    ]


def _cite(source: str, evidence: str) -> str:
    return f"{source} ({evidence})" if evidence and evidence not in source else source


def library_alloy(results: Results) -> Alloy | None:
    """Return castsolve's own data of the alloy that a run names, or None where it has none."""
    noted = fact(results, "alloy")
    name = (noted.get("name") or noted.get("id")) if isinstance(noted, Mapping) else noted
    if not name:
        return None
    try:
        return materials.alloy(str(name))
    except MaterialError:
        return None


def composition_of(results: Results) -> dict[str, float]:
    """Return the composition of a run's alloy in mass per cent: as the run noted it, else of the material data; {} if unknown."""
    noted = fact(results, "alloy", "composition")
    if isinstance(noted, Mapping):
        return {str(name): 100.0 * float(share) for name, share in noted.items()}
    known = library_alloy(results)
    return {} if known is None else {name: 100.0 * p.value for name, p in known.composition.items()}


def alloy_family(results: Results) -> str:
    """Return the family of a run's alloy ("aluminium", "iron", "steel"), "" where it is not known."""
    family = fact(results, "alloy", "family")
    if family:
        return str(family)
    known = library_alloy(results)
    return known.family if known is not None else ""
