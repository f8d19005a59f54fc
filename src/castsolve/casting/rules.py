"""Foundry rules with their sources: pattern shrinkage, gating ratios, pour times, filters, sand between bodies."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from .. import materials
from ..errors import InputError, unknown_name
from ..geometry import Part
from ..materials import Alloy, Property

__all__ = ["pattern_of", "pattern_shrinkage", "rules"]

_TRUST = ("source", "evidence", "quality", "note")


@cache
def rules() -> dict[str, Any]:
    """Return all rules as the data file holds them."""
    text = files(__package__).joinpath("data", "rules.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def rule(*path: str) -> Property:
    """Return one rule of a single number, in SI, with its source."""
    entry = rules()
    for key in path:
        if key not in entry:
            raise InputError(unknown_name("rule", key, entry))
        entry = entry[key]
    percent = 0.01 if entry["unit"] == "%" else 1.0
    numbers = {key: percent * entry[key] for key in ("value", "low", "high") if key in entry}
    unit = "1" if entry["unit"] == "%" else entry["unit"]
    return Property(unit=unit, **numbers, **{key: entry[key] for key in _TRUST if key in entry})


def pattern_shrinkage(alloy: str | Alloy) -> Property:
    """Return the linear contraction from the solid casting's first size to room temperature, as patternmakers take it.

    Parameters
    ----------
    alloy : str or Alloy

    Returns
    -------
    Property
        A pure number such as 0.0125, with range, source and evidence.
    """
    metal = alloy if isinstance(alloy, Alloy) else materials.alloy(alloy)
    return rule("pattern_shrinkage", metal.family)


def pattern_of(part: Part, alloy: str | Alloy, *, shrinkage: float | None = None) -> Part:
    """Return the pattern of a part: scaled up by the contraction of its alloy, stock included.

    Parameters
    ----------
    part : Part
    alloy : str or Alloy
    shrinkage : float, optional
        Your own contraction, a pure number. Default: `pattern_shrinkage` of the alloy.
    """
    given = float(pattern_shrinkage(alloy)) if shrinkage is None else float(shrinkage)
    if not 0.0 <= given < 0.1:
        raise InputError(f"shrinkage = {given:g} must lie from 0 to 0.1; write 0.0125 for 1.25 %")
    return part.scaled(1.0 + given).renamed(f"{part.name} pattern")
