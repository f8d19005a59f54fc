"""Mould, die, chill and sleeve materials, with sources, and the heat curve built from each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from ..errors import MaterialError
from .heat_curve import REFERENCE_TEMPERATURE, HeatCurve
from .property import Property, PropertyTable
from .references import Citation, sources, worst_quality
from .schema import SCHEMA, FileReader, load_toml
from .sensible import COLDEST, SensibleHeat, stretch

__all__ = ["MOULD_FAMILIES", "MouldMaterial"]

MOULD_FAMILIES = ("sand", "shell", "sleeve", "tool-steel", "cast-iron", "copper", "carbon-steel", "graphite")

_STEP = 20.0
_INSULATING_BELOW = 3.0
_BURNING = ("exothermic_heat", "heat_release")
_WET = ("moisture", "moisture_temperature", "moisture_heat", "conductivity_wet")


@dataclass(frozen=True, slots=True, eq=False)
class MouldMaterial:
    """A material of moulds, dies, cores, chills or sleeves. Every value is sourced and in SI.

    Read one with `castsolve.materials.mould("green-sand")`, or from a file of your own with
    `MouldMaterial.read(path)`.

    Attributes
    ----------
    name, id, title, family : str
        Short name, identifier in files, full designation, one of `MOULD_FAMILIES`.
    aliases : tuple of str
        Other names of the same material.
    density : Property
        kg/m3, dry and as compacted.
    conductivity, specific_heat : PropertyTable
        W/m/K and J/kg/K against temperature (K).
    conductivity_wet : Property or None
        W/m/K of moist sand, below the boiling of its water; `conductivity` is then that of dry sand.
    moisture : Property or None
        Mass of water a mass of sand.
    moisture_temperature, moisture_heat : Property or None
        Where the water boils (K) and what it takes (J/kg of water): a plateau of the heat curve.
    emissivity, htc_to_air : Property
        Of the outer face; W/m2/K without radiation.
    permeability : Property or None
        To air, in m2 (files may say "AFS", the permeability number of foundry sands). None: air does not pass, or nobody knows.
    exothermic_heat : Property or None
        Heat (J/kg) that an exothermic sleeve sets free.
    ignition_temperature : Property or None
        Temperature (K) at which each place of the sleeve begins to burn. Without it, a sleeve burns by the clock.
    heat_release : PropertyTable or None
        Share of that heat set free, from 0 to 1, against time (s) since a place ignited, or since the pour by the clock.
    heat : HeatCurve
        Enthalpy, temperature and conductivity as one table.
    """

    name: str
    id: str
    title: str
    family: str
    aliases: tuple[str, ...]
    density: Property
    conductivity: PropertyTable
    specific_heat: PropertyTable
    conductivity_wet: Property | None
    moisture: Property | None
    moisture_temperature: Property | None
    moisture_heat: Property | None
    emissivity: Property
    htc_to_air: Property
    permeability: Property | None
    exothermic_heat: Property | None
    ignition_temperature: Property | None
    heat_release: PropertyTable | None
    references: Mapping[str, str]
    note: str
    heat: HeatCurve

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Return the mould material of a file of your own.

        Raises
        ------
        MaterialError
            If anything in the file is missing, unknown or contradicts itself: one line a problem, with its key.
        """
        file = Path(path)
        return cls.from_data(load_toml(file), where=str(file))

    @classmethod
    def from_data(cls, data: dict[str, Any], *, where: str) -> Self:
        """Return the mould material of a file's content; `where` names the file in refusals."""
        reader = FileReader(where, data)
        values = _read_values(reader)
        wet = [values[key] is None for key in _WET]
        if any(wet) and not all(wet):
            reader.refuse("moisture", "give " + ", ".join(_WET) + " together, or none of them")
        if (values["exothermic_heat"] is None) != (values["heat_release"] is None):
            reader.refuse("heat_release", "give " + " and ".join(_BURNING) + " together, or none of them")
        if values["ignition_temperature"] is not None and values["heat_release"] is None:
            reader.refuse("ignition_temperature", "belongs to a sleeve that burns; give " + " and ".join(_BURNING) + " too")
        if values["heat_release"] is not None:
            _check_release(reader, values["heat_release"])
        reader.done()
        try:
            heat = _heat_curve(values)
        except MaterialError as error:
            raise MaterialError(f"{where}: heat curve: {error}") from error
        return cls(**values, references=MappingProxyType(reader.references), heat=heat)

    @property
    def insulating(self) -> bool:
        """Whether the material itself, not the interface, rules the heat flow (below 3 W/m/K at 25 degC)."""
        return float(self.conductivity.at(REFERENCE_TEMPERATURE)) < _INSULATING_BELOW

    def by_clock(self, start: float = 0.0) -> Self:
        """Return the material burning by the clock: all of it alike from `start` (s) after the pour on, however hot it is."""
        if self.heat_release is None:
            raise MaterialError(f"{self.name} burns nothing; burning by the clock belongs to exothermic materials")
        if not start >= 0.0:
            raise MaterialError(f"start = {start:g} s lies before the pour; it must be 0 or more")
        rows = tuple((t + start, share) for t, share in self.heat_release.rows)
        return replace(self, ignition_temperature=None, heat_release=replace(self.heat_release, rows=rows))

    def release_rates(self) -> tuple[tuple[float, float], ...]:
        """Return when the material begins to set free how much heat (W/m3); empty where it burns nothing.

        Times are s since ignition where it has an ignition temperature, else since the pour. Each rate holds until the next time;
        the last one is zero. Summed over time they are density times exothermic heat.
        """
        if self.heat_release is None or self.exothermic_heat is None:
            return ()
        t, share = self.heat_release.column(0), self.heat_release.column(1)
        power = self.density.value * self.exothermic_heat.value * np.diff(share) / np.diff(t)
        return tuple(zip(t.tolist(), [*power.tolist(), 0.0], strict=True))

    @property
    def heat_diffusivity(self) -> float:
        """Root of conductivity, density and specific heat, averaged from 25 to 600 degC, in W s^0.5/m2/K."""
        T = np.linspace(REFERENCE_TEMPERATURE, 873.15, 24)
        k = float(np.mean(self.conductivity.at(T)))
        c = float(np.mean(self.specific_heat.at(T)))
        return float(np.sqrt(k * self.density.value * c))

    def properties(self) -> dict[str, Property | PropertyTable]:
        """Return every sourced value by name."""
        return {
            entry.name: getattr(self, entry.name)
            for entry in fields(self)
            if isinstance(getattr(self, entry.name), (Property, PropertyTable))
        }

    def sources(self) -> tuple[Citation, ...]:
        """Return the references behind this material."""
        return sources([self])

    @property
    def worst_quality(self) -> str:
        """Worst quality letter among the values, "A" to "D"."""
        return worst_quality([self])

    def __repr__(self) -> str:
        return f"MouldMaterial({self.name}: {self.title}, {self.family})"


def _read_values(reader: FileReader) -> dict[str, Any]:
    """Take every value of a mould material file; refused ones are None and noted in the reader."""
    reader.text("schema", allowed=(SCHEMA,))
    reader.text("kind", allowed=("mould",))
    return {
        "name": reader.text("name"),
        "id": reader.text("id"),
        "title": reader.text("title"),
        "family": reader.text("family", allowed=MOULD_FAMILIES),
        "aliases": reader.texts("aliases"),
        "note": reader.text("note", default=""),
        "density": reader.scalar("density", "kg/m3", above=0.0),
        "conductivity": reader.table("conductivity", ("K", "W/m/K")),
        "specific_heat": reader.table("specific_heat", ("K", "J/kg/K")),
        "conductivity_wet": reader.scalar("conductivity_wet", "W/m/K", above=0.0, required=False),
        "moisture": reader.scalar("moisture", "1", above=0.0, below=0.5, required=False),
        "moisture_temperature": reader.scalar("moisture_temperature", "K", above=0.0, required=False),
        "moisture_heat": reader.scalar("moisture_heat", "J/kg", above=0.0, required=False),
        "emissivity": reader.scalar("emissivity", "1", above=0.0, below=1.0),
        "htc_to_air": reader.scalar("htc_to_air", "W/m2/K", above=0.0),
        "permeability": reader.scalar("permeability", "m2", above=0.0, required=False),
        "exothermic_heat": reader.scalar("exothermic_heat", "J/kg", above=0.0, required=False),
        "ignition_temperature": reader.scalar("ignition_temperature", "K", above=323.15, required=False),
        "heat_release": reader.table("heat_release", ("s", "1"), required=False, above=-1e-12, ends=False),
    }


def _check_release(reader: FileReader, release: PropertyTable) -> None:
    """Refuse a release that starts before the pour, falls, or does not end with all of the heat."""
    t, share = release.column(0), release.column(1)
    if len(t) < 2 or share[0] != 0.0 or share[-1] != 1.0 or (np.diff(share) < 0.0).any():
        reader.refuse("heat_release", "the share of the heat must rise from 0 in the first row to 1 in the last, and never fall")
    if t[0] < 0.0:
        reader.refuse("heat_release", f"the first time, {t[0]:g} s, lies before the pour; it must be 0 or more")


def _heat_curve(values: Mapping[str, Any]) -> HeatCurve:
    """Build the heat curve: the integral of the specific heat, with the boiling of water as a plateau."""
    sensible = SensibleHeat(values["specific_heat"], None, REFERENCE_TEMPERATURE)
    conductivity = values["conductivity"]
    marks = np.concatenate([sensible.nodes, conductivity.column(0)])
    low, high = min(COLDEST, float(marks.min())), float(marks.max())
    water = values["moisture"]
    if water is None:
        T = stretch(low, high, _STEP, marks)
        h, k, kinks = sensible(T), conductivity.at(T), [0, T.size - 1]
    else:
        boiling = values["moisture_temperature"].value
        wet, dry = stretch(low, boiling, _STEP, marks), stretch(boiling, high, _STEP, marks)
        T = np.concatenate([wet, dry])
        latent = water.value * values["moisture_heat"].value
        h = np.concatenate([sensible(wet), sensible(dry) + latent])
        k = np.concatenate([np.full(wet.size, values["conductivity_wet"].value), conductivity.at(dry)])
        kinks = [0, wet.size - 1, wet.size, T.size - 1]
    density = values["density"].value
    return HeatCurve(
        density * h,
        T,
        k,
        density=density,
        kinks=np.array(kinks, dtype=np.intp),
        beyond_low=conductivity.beyond_low,
        beyond_high=conductivity.beyond_high,
    )
