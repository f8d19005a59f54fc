"""A number of a foundry rule, with where it comes from and how far it is to be trusted."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import InputError
from .property import EVIDENCE, QUALITIES

__all__ = ["Rule"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One number of a rule.

    Attributes
    ----------
    name : str
    value, low, high : float
        SI, with the range that practice gives it.
    unit, meaning, source : str
    evidence : str
        How the number was read: "seen", "secondhand", "computed", "derived", "memory" or "estimate".
    quality : str
        "A" to "D".
    """

    name: str
    value: float = field(kw_only=True)
    low: float = field(kw_only=True)
    high: float = field(kw_only=True)
    unit: str = field(default="1", kw_only=True)
    meaning: str = field(default="", kw_only=True)
    source: str = field(kw_only=True)
    evidence: str = field(kw_only=True)
    quality: str = field(kw_only=True)

    def __post_init__(self) -> None:
        if self.evidence not in EVIDENCE or self.quality not in QUALITIES or not self.source:
            raise InputError(f"rule {self.name} needs a source, an evidence and a quality")
        if not self.low <= self.value <= self.high:
            raise InputError(f"rule {self.name}: {self.low:g} <= {self.value:g} <= {self.high:g} must hold")

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        return f"{self.meaning}: {self.range} ({self.source}; {self.evidence}, quality {self.quality})"

    @property
    def range(self) -> str:
        """The value with its ends and unit, in words."""
        unit = "" if self.unit == "1" else f" {self.unit}"
        ends = f" ({self.low:.3g} to {self.high:.3g})" if self.low < self.high else ""
        return f"{self.value:.3g}{ends}{unit}"
