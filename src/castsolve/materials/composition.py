"""Alloys from their chemistry: freezing by correlation or from a database, everything else from the nearest shipped alloy."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..errors import MaterialError, unknown_name
from . import correlations
from .correlations import CARRIED, LIMITS, Freezing
from .elements import ATOMIC_MASSES

if TYPE_CHECKING:
    from .calphad import FreezingPath

__all__ = ["alloy_data", "checked_composition"]

Beyond = Literal["refuse", "flag"]

_BASE = {"aluminium": "Al", "iron": "Fe", "steel": "Fe"}
_SOURCES = {"aluminium": "cost507, mc_al", "iron": "iron4cd, practice", "steel": "iron4cd, won_thomas2001"}
# Shipped alloys whose other properties a composition may take.
_TEMPLATES: dict[str, tuple[str, ...]] = {
    "aluminium": ("A356", "A319", "A380", "ADC12", "AlSi9Cu3(Fe)", "AlSi10Mg(Fe)", "AlSi12"),
    "iron": ("EN-GJL-200", "EN-GJL-250", "EN-GJS-400-15", "EN-GJS-500-7", "EN-GJS-600-3", "EN-GJV-450"),
    "steel": ("WCB", "1045", "42CrMo4"),
}
_DATABASE_TEMPLATES: dict[str, tuple[str, ...]] = {
    "aluminium": (*_TEMPLATES["aluminium"], "A413", "A206", "Al99.7"),
    "iron": _TEMPLATES["iron"],
    "steel": (*_TEMPLATES["steel"], "CA15", "CA6NM", "CF8", "CF8M", "Mn13"),
}
_SHAPES = {"lamellar": "EN-GJL", "nodular": "EN-GJS", "compacted": "EN-GJV"}
# How much a per cent of an element makes two alloys differ.
_WEIGHT = {"C": 5.0, "Cu": 2.0, "Mg": 3.0, "Si": 1.0, "Mn": 0.5, "Cr": 1.0, "Ni": 0.5, "Mo": 1.0, "Zn": 0.5}
_NEEDED = {"aluminium": "Si", "iron": "C", "steel": "C"}
_SHRINKAGE_NOTE = "6.6 % less 0.19 for every per cent of silicon."
_NAME_OF_PHASES = {"scheil": "without diffusion in the solid (Scheil)", "lever": "at equilibrium (lever)"}


def alloy_data(
    family: str, composition: Mapping[str, float], *, name: str | None, beyond: Beyond, database: str | Path | None,
    model: str | None,
) -> dict[str, Any]:  # fmt: skip
    """Return the content of a material file for a composition (mass per cent); see `Alloy.from_composition`."""
    if family not in LIMITS:
        raise MaterialError(unknown_name("family of alloys", family, LIMITS))
    if beyond not in ("refuse", "flag"):
        raise MaterialError(f'beyond = {beyond!r} must be "refuse" or "flag"')
    if database is None and model is not None:
        raise MaterialError(f'model = "{model}" needs a database; name one, or leave out model')
    given, outside = checked_composition(family, composition, beyond=beyond, correlated=database is None)
    title = " ".join([_BASE[family], *(f"{value:g}{element}" for element, value in given.items())])
    template = _nearest(family, given, _TEMPLATES if database is None else _DATABASE_TEMPLATES)
    data = _template_data(template)
    label = name or "-".join(title.split())
    data.update(id=f"composition.{label.lower()}", name=label, title=title, aliases=[])
    remarks = [f"Made from its composition; what its chemistry does not give is that of {template}."]
    if outside:
        remarks.append("Outside the range of the correlations: " + "; ".join(outside) + ".")
    data["composition"] = {e: _value(v, "%", "user", "seen", "A") for e, v in given.items()}
    references = data.setdefault("references", {})
    references["user"] = "given by the user"
    if database is None:
        freezing = getattr(correlations, family)(given)
        _write_correlated(data, family, freezing, worst="D" if outside else None)
        if family == "iron":
            remarks.append(f"Carbon equivalent {_carbon_equivalent(given):.2f} %; graphite {correlations.graphite_shape(given)}.")
    else:
        path, kind = _computed(family, given, database, model)
        references["database"] = f"{Path(database).name}, a thermodynamic database of the user, computed with pycalphad"
        _write_computed(data, family, path, given)
        remarks.append(f"Freezing computed {_NAME_OF_PHASES[kind]} from {Path(database).name}.")
    data["note"] = " ".join(remarks)
    _fit_tables(data)
    return data


def checked_composition(
    family: str, composition: Mapping[str, float], *, beyond: Beyond = "refuse", correlated: bool = True
) -> tuple[dict[str, float], list[str]]:
    """Return a composition (mass per cent) with its elements in order, and what of it lies outside the correlations.

    Raises
    ------
    MaterialError
        If it holds no numbers, an unknown element, or, with beyond = "refuse", leaves the range: one line an element.
    """
    base = _BASE[family]
    out: dict[str, float] = {}
    problems, outside = [], []
    for element, amount in composition.items():
        if element not in ATOMIC_MASSES:
            problems.append(unknown_name("element", str(element), ATOMIC_MASSES))
        elif isinstance(amount, bool) or not isinstance(amount, (int, float)) or not math.isfinite(amount) or amount < 0.0:
            problems.append(f"{element} = {amount!r} must be a mass per cent, 0 or more")
        elif element != base and amount > 0.0:
            out[element] = float(amount)
    total = sum(out.values())
    if not problems and not 0.0 < total < 50.0:
        problems.append(f"the elements besides {base} sum up to {total:g} %; give mass per cent, together above 0 and below 50")
    if not problems and correlated and _NEEDED[family] not in out:
        problems.append(f"{_NEEDED[family]} is missing; the correlations for {family} cannot do without it")
    if not problems and correlated:
        for element, (low, high) in LIMITS[family].items():
            amount = out.get(element, 0.0)
            if not low <= amount <= high:
                outside.append(f"{element} = {amount:g} % is outside {low:g} to {high:g} %")
        for element, amount in out.items():
            most = CARRIED[family].get(element, 0.0)
            if element not in LIMITS[family] and amount > most:
                known = f"at most {most:g} % may be present uncounted" if most else "it is not known to the correlations"
                outside.append(f"{element} = {amount:g} %: {known}")
    if outside and beyond == "refuse":
        problems += [f"{text} of the correlations for {family}" if "outside" in text else text for text in outside]
        problems[-1] += '; use beyond="flag" to go on with a flagged estimate, or name a database'
    if problems:
        raise MaterialError("\n".join(problems))
    return out, outside


def _carbon_equivalent(c: Mapping[str, float]) -> float:
    return c["C"] + c.get("Si", 0.0) / 3.0 + c.get("P", 0.0) / 3.0


def _nearest(family: str, given: Mapping[str, float], templates: Mapping[str, tuple[str, ...]]) -> str:
    """Return the shipped alloy whose composition is the nearest; of irons one with graphite of the same shape."""
    from .library import alloy

    names = templates[family]
    if family == "iron":
        names = tuple(n for n in names if n.startswith(_SHAPES[correlations.graphite_shape(given)]))

    def distance(name: str) -> float:
        shipped = {e: 100.0 * p.value for e, p in alloy(name).composition.items()}
        elements = set(shipped) | set(given)
        return sum((_WEIGHT.get(e, 0.2) * (shipped.get(e, 0.0) - given.get(e, 0.0))) ** 2 for e in elements)

    return min(names, key=distance)


def _template_data(name: str) -> dict[str, Any]:
    from .library import data_of

    data = copy.deepcopy(data_of(name, "alloy"))
    # Values of the template keep their evidence, but say that they are those of a neighbour.
    for key in ("latent_heat", "eutectic", "graphite"):
        data.pop(key, None)
    for key, entry in data.items():
        if isinstance(entry, dict) and "source" in entry:
            entry["quality"] = max(entry["quality"], "C")
            note = entry.get("note", "")
            entry["note"] = f"That of {name}." + (f" {note}" if note else "")
            if entry["evidence"] in ("seen", "computed"):
                entry["evidence"] = "derived"
        elif key != "composition" and isinstance(entry, dict):
            for part in entry.values():
                if isinstance(part, dict) and "source" in part:
                    part["quality"] = max(part["quality"], "C")
    return data


def _value(
    value: float, unit: str, source: str, evidence: str, quality: str, low: float | None = None, high: float | None = None,
    note: str = "",
) -> dict[str, Any]:  # fmt: skip
    entry: dict[str, Any] = {"value": value, "unit": unit, "source": source, "evidence": evidence, "quality": quality}
    if low is not None and high is not None:
        entry.update(low=min(low, value), high=max(high, value))
    if note:
        entry["note"] = note
    return entry


def _write_correlated(data: dict[str, Any], family: str, freezing: Freezing, *, worst: str | None) -> None:
    """Write what the correlations give into the content of a material file."""
    source = _SOURCES[family]
    evidence = "estimate" if family == "iron" or worst else "computed"
    fine = worst or ("D" if family == "iron" else "B")
    coarse = worst or ("D" if family == "iron" else "C")
    up, middle, down = freezing.doubt

    def temperature(value: float, doubt: float, quality: str, note: str) -> dict[str, Any]:
        return _value(value, "degC", source, evidence, quality, value - doubt, value + doubt, note)

    data["liquidus"] = temperature(freezing.liquidus, up, fine, "Correlation of composition.")
    data["solidus"] = temperature(freezing.solidus, down, coarse, "Correlation of composition.")
    if freezing.eutectic is not None:
        data["eutectic"] = temperature(freezing.eutectic, middle, fine, "Correlation of composition.")
    L, spread = freezing.latent_heat, freezing.latent_doubt
    trusted = worst or ("B" if family == "aluminium" else "C")
    remark = "From what freezes as primary phase and as eutectic." if family == "aluminium" else ""
    data["latent_heat"] = _value(L, "kJ/kg", source, "estimate" if worst else "derived", trusted, (1.0 - spread) * L,
                                 (1.0 + spread) * L, remark)  # fmt: skip
    _write_rows(data, freezing.rows, freezing.eutectic, source, evidence, coarse)
    if freezing.graphite is not None:
        g = freezing.graphite
        data["graphite"] = _value(g, "%", "iron4cd", "estimate" if worst else "derived", worst or "B", g - 0.3, g + 0.2,
                                  "Carbon less what austenite holds, in stable equilibrium.")  # fmt: skip
    if freezing.shrinkage is not None and family == "aluminium":
        s = freezing.shrinkage
        data["shrinkage"] = _value(s, "%", "magnusson2001", "estimate" if worst else "derived", worst or "B", s - 0.6, s + 0.7,
                                   _SHRINKAGE_NOTE)  # fmt: skip


def _write_rows(data: dict[str, Any], rows: list[tuple[float, float, float]], eutectic: float | None, source: str, evidence: str,
                quality: str) -> None:  # fmt: skip
    plain = all(abs(f - q) < 1e-12 for _, f, q in rows)
    entry: dict[str, Any] = {
        "units": ["degC", "1"] if plain else ["degC", "1", "1"],
        "table": [[T, f] if plain else [T, f, q] for T, f, q in rows],
        "source": source, "evidence": evidence, "quality": quality,
        "note": "Temperature, fraction solid (mass)" + ("." if plain else ", share of the latent heat released."),
    }  # fmt: skip
    inner = {T for T, _, _ in rows[1:-1]}
    kinks = [T for T in inner if eutectic is not None and abs(T - eutectic) < 1e-9]
    # A last step that is steep keeps its corner.
    if len(rows) > 2 and (rows[-1][1] - rows[-2][1]) > 0.02:
        kinks.append(rows[-2][0])
    if kinks:
        entry["kinks"] = sorted(set(kinks), reverse=True)
    data["fraction_solid"] = entry


def _computed(family: str, given: Mapping[str, float], database: str | Path, model: str | None) -> tuple[FreezingPath, str]:
    from .calphad import ThermodynamicSystem

    kind = model or ("scheil" if family == "aluminium" else "lever")
    if kind not in _NAME_OF_PHASES:
        raise MaterialError(f'model = "{kind}" must be "scheil" or "lever"')
    system = ThermodynamicSystem(database, given, base=_BASE[family])
    return (system.scheil(given) if kind == "scheil" else system.lever(given)), kind


def _write_computed(data: dict[str, Any], family: str, path: FreezingPath, given: Mapping[str, float]) -> None:
    """Write a path of a thermodynamic database into the content of a material file."""
    from .calphad import thinned

    zero = 273.15
    alpha = dict(path.onsets).get("FCC_A1", path.temperature[0]) if family == "aluminium" else float(path.temperature[0])
    second = [T for name, T in path.onsets if name in ("SI_DIAMOND_A4", "DIAMOND_A4") or name.startswith("GRAPHITE")]
    eutectic = second[0] if second and path.temperature[-1] < second[0] < alpha - 0.5 else None
    kept = [row for row in thinned(path, [alpha, *(second[:1] if eutectic else [])]) if row[0] < alpha - 0.1]
    rows = [(alpha - zero, 0.0, 0.0), *((T - zero, f, q) for T, f, q in kept)]
    if len(rows) < 2 or rows[-1][1] < 1.0:
        rows.append((min(float(path.temperature[-1]) - zero, alpha - zero - 0.5), 1.0, 1.0))
    on_row = min((T for T, _, _ in rows), key=lambda T: abs(T - (eutectic - zero))) if eutectic else None

    def value(v: float, unit: str, doubt: float) -> dict[str, Any]:
        return _value(v, unit, "database", "computed", "B", v - doubt, v + doubt)

    data["liquidus"], data["solidus"] = value(rows[0][0], "degC", 5.0), value(rows[-1][0], "degC", 30.0)
    if on_row is not None and rows[-1][0] < on_row < rows[0][0]:
        data["eutectic"] = value(on_row, "degC", 10.0)
    data["latent_heat"] = value(path.latent_heat / 1e3, "kJ/kg", 0.1 * path.latent_heat / 1e3)
    _write_rows(data, rows, on_row, "database", "computed", "B")
    if family == "iron":
        graphite = sum(float(share[-1]) for name, share in path.masses.items() if name.startswith("GRAPHITE"))
        if graphite > 0.0:
            data["graphite"] = value(100.0 * graphite, "%", 0.2)
    if family == "aluminium" and given.get("Si", 0.0) <= 12.0 and given.get("Cu", 0.0) <= 5.0:
        s = 6.6 - 0.19 * given.get("Si", 0.0)
        data["shrinkage"] = _value(s, "%", "magnusson2001", "derived", "B", s - 0.6, s + 0.7, _SHRINKAGE_NOTE)


def _fit_tables(data: dict[str, Any]) -> None:
    """Let the template's tables end where the new solidus and liquidus are."""
    liquidus, solidus = data["liquidus"]["value"], data["solidus"]["value"]
    for key, edge, keep_below in (("conductivity_solid", solidus, True), ("specific_heat_solid", solidus, True),
                                  ("conductivity_liquid", liquidus, False), ("specific_heat_liquid", liquidus, False)):  # fmt: skip
        if key not in data:
            continue
        rows = data[key]["table"]
        T, v = np.array(rows, dtype=float).T
        inner = [[a, b] for a, b in rows if (a < edge - 1.0 if keep_below else a > edge + 1.0)]
        at = [edge, float(np.interp(edge, T, v))]
        data[key]["table"] = [*inner, at] if keep_below else [at, *inner]
    if data["macro_feeding_limit"]["value"] < data["coherency"]["value"]:
        data["macro_feeding_limit"]["value"] = data["coherency"]["value"]
