"""Alloys: what is known of a casting alloy, with sources, and the heat curve built from it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import MaterialError
from .heat_curve import REFERENCE_TEMPERATURE, HeatCurve
from .practice import IronPractice
from .property import Property, PropertyTable
from .references import Citation, sources, worst_quality
from .schema import SCHEMA, FileReader, load_toml
from .sensible import COLDEST, SensibleHeat, stretch

__all__ = ["ALLOY_FAMILIES", "Alloy"]

ALLOY_FAMILIES = ("aluminium", "iron", "steel")

_SOLID_STEP, _MUSH_STEP, _LIQUID_STEP = 20.0, 4.0, 25.0


@dataclass(frozen=True, slots=True, eq=False)
class Alloy:
    """A casting alloy. Every value is a `Property` or a `PropertyTable` in SI.

    Read one with `castsolve.materials.alloy("A356")`, or from a file of your own with `Alloy.read(path)`.

    Attributes
    ----------
    name, id, title, family : str
        Short name, identifier in files, full designation, one of "aluminium", "iron", "steel".
    aliases : tuple of str
        Other names of the same alloy, in other standards.
    composition : mapping of str to Property
        Nominal mass fraction of each element.
    liquidus, solidus, eutectic : Property
        Temperatures in K; `eutectic` is None where there is none. Equal liquidus and solidus: isothermal.
    latent_heat : Property
        J/kg, released over `fraction_solid`.
    fraction_solid : PropertyTable
        Rows of temperature (K, falling), fraction solid and, where known, share of the latent heat released.
    conductivity_solid, conductivity_liquid, specific_heat_liquid : PropertyTable
        Against temperature; the mush mixes solid and liquid by fraction solid.
    specific_heat_solid, enthalpy_solid : PropertyTable or None
        J/kg/K, or J/kg from 25 degC; one of the two is given.
    density : Property
        Solid at 25 degC in kg/m3.
    expansion : PropertyTable
        Mean linear expansion from 25 degC in 1/K against temperature.
    shrinkage : Property
        Density of the solid at the solidus over that of the liquid at the liquidus, less one.
    liquid_contraction : Property
        Relative density loss of the liquid a kelvin.
    graphite : Property or None
        Graphite that forms while an iron freezes, mass in mass.
    coherency, macro_feeding_limit, feeding_limit : Property
        Fractions solid where mass feeding ends, where visible cavities can no longer be fed, where interdendritic
        feeding ends.
    niyama_point : Property
        Where gradient and cooling rate are read: share of the freezing range above the solidus.
    niyama_thresholds : mapping of str to Property
        Thresholds by name in K^0.5 s^0.5/m; empty where none is known for this alloy.
    pouring : mapping of str to Property
        Usual pouring temperatures (K) with their window, by process.
    arm_spacing_coefficient, arm_spacing_exponent : Property or None
        Secondary arm spacing = coefficient (m) * (local solidification time in s) ** exponent.
    viscosity, surface_tension : Property or None
        Of the liquid at the liquidus, Pa s and N/m.
    heat : HeatCurve
        Enthalpy, temperature, conductivity and fraction solid as one table.
    practice : IronPractice
        How the foundry treats an iron, and how its moulds hold; see `treated`.
    """

    name: str
    id: str
    title: str
    family: str
    aliases: tuple[str, ...]
    composition: Mapping[str, Property]
    liquidus: Property
    solidus: Property
    eutectic: Property | None
    latent_heat: Property
    fraction_solid: PropertyTable
    conductivity_solid: PropertyTable
    conductivity_liquid: PropertyTable
    specific_heat_solid: PropertyTable | None
    enthalpy_solid: PropertyTable | None
    specific_heat_liquid: PropertyTable
    density: Property
    expansion: PropertyTable
    shrinkage: Property
    liquid_contraction: Property
    graphite: Property | None
    coherency: Property
    macro_feeding_limit: Property
    feeding_limit: Property
    niyama_point: Property
    niyama_thresholds: Mapping[str, Property]
    pouring: Mapping[str, Property]
    arm_spacing_coefficient: Property | None
    arm_spacing_exponent: Property | None
    viscosity: Property | None
    surface_tension: Property | None
    references: Mapping[str, str]
    note: str
    heat: HeatCurve
    practice: IronPractice = field(default=IronPractice(), kw_only=True)

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Return the alloy of a material file of your own.

        Raises
        ------
        MaterialError
            If anything in the file is missing, unknown or contradicts itself: one line a problem, with its key.
        """
        file = Path(path)
        return cls.from_data(load_toml(file), where=str(file))

    @classmethod
    def from_data(cls, data: dict[str, Any], *, where: str) -> Self:
        """Return the alloy of a material file's content; `where` names the file in refusals."""
        reader = FileReader(where, data)
        values = _read_values(reader)
        if not reader.problems:
            _check_order(reader, values)
        reader.done()
        try:
            heat = _heat_curve(values)
        except MaterialError as error:
            raise MaterialError(f"{where}: heat curve: {error}") from error
        return cls(**values, references=MappingProxyType(reader.references), heat=heat)

    @classmethod
    def from_composition(
        cls, family: str, composition: Mapping[str, float], *, name: str | None = None,
        beyond: Literal["refuse", "flag"] = "refuse",
        database: str | Path | None = None, model: Literal["scheil", "lever"] | None = None,
    ) -> Self:  # fmt: skip
        """Return an alloy from its chemistry.

        Liquidus, solidus, eutectic, the fraction-solid curve with its release of heat, latent heat, shrinkage (aluminium) and
        graphite (iron) follow the composition. All else is that of the nearest shipped alloy, and says so.

        Parameters
        ----------
        family : {"aluminium", "iron", "steel"}
            Aluminium: Al-Si-Cu-Mg-Zn. Iron: grey, compacted or ductile by its magnesium. Steel: low-alloy.
        composition : mapping of str to float
            Mass per cent of each element as on a melt certificate: ``{"Si": 7.0, "Mg": 0.35}``.
        name : str, optional
            Default: made of the composition.
        beyond : {"refuse", "flag"}
            What becomes of a composition outside the correlations: refused, or an alloy whose chemistry is quality D with
            a note.
        database : path, optional
            A thermodynamic database (TDB) of your own to compute from in place of the correlations; needs the extra `calphad`.
        model : {"scheil", "lever"}, optional
            With a database: no diffusion in the solid, or equilibrium. Default: Scheil for aluminium, lever for iron and steel.

        Raises
        ------
        MaterialError
            If an element is unknown, the composition lies outside the correlations, or the database does not hold it.
        """
        from .composition import alloy_data

        data = alloy_data(family, composition, name=name, beyond=beyond, database=database, model=model)
        return cls.from_data(data, where=f"composition {data['name']}")

    def treated(
        self, *, metallurgy: float | None = None, inoculation: float = 1.0, rigidity: float | None = None,
        wall_movement: float = 0.0,
    ) -> Self:  # fmt: skip
        """Return this iron as a foundry treats it, in moulds as it makes them: what graphite makes up for follows from it.

        Parameters
        ----------
        metallurgy, inoculation, rigidity, wall_movement : float, optional
            See `IronPractice`.

        Raises
        ------
        MaterialError
            If it is no iron.
        """
        if self.family != "iron":
            raise MaterialError(f"{self.name} is no iron: metallurgy, inoculation, rigidity and wall movement are of irons")
        given = IronPractice(metallurgy=metallurgy, inoculation=inoculation, rigidity=rigidity, wall_movement=wall_movement)
        return replace(self, practice=given)

    @property
    def freezing_range(self) -> float:
        """Liquidus less solidus in K."""
        return self.liquidus.value - self.solidus.value

    @property
    def niyama_temperature(self) -> float:
        """Temperature in K at which the Niyama value is taken."""
        return self.solidus.value + self.niyama_point.value * self.freezing_range

    @property
    def niyama_enthalpy(self) -> float:
        """Enthalpy in J/m3 at which the Niyama value is taken; for an isothermal alloy at that share of the heat."""
        if self.freezing_range > 0.0:
            return float(self.heat.at_temperature(self.niyama_temperature))
        return float(self.heat.enthalpy_at_fraction_solid(1.0 - self.niyama_point.value))

    @property
    def niyama_threshold(self) -> Property | None:
        """The first threshold in the alloy's file, or None where none is known."""
        return next(iter(self.niyama_thresholds.values()), None)

    @property
    def density_at_solidus(self) -> float:
        """Density of the solid at the solidus in kg/m3; the one density of the heat equation."""
        return float(_solid_density(self.density.value, self.expansion, self.solidus.value))

    @property
    def density_at_liquidus(self) -> float:
        """Density of the liquid at the liquidus in kg/m3, derived from the solid and the shrinkage."""
        return self.density_at_solidus / (1.0 + self.shrinkage.value)

    def density_at(self, temperature: ArrayLike) -> Any:
        """Return the true density (kg/m3) at a temperature (K), for weight and shrinkage."""
        T = np.asarray(temperature, dtype=np.float64)
        solid = _solid_density(self.density.value, self.expansion, np.minimum(T, self.solidus.value))
        above = np.maximum(T - self.liquidus.value, 0.0)
        liquid = self.density_at_liquidus * (1.0 - self.liquid_contraction.value * above)
        rows = np.array(self.fraction_solid.rows)[::-1]
        f = np.where(T >= self.liquidus.value, 0.0, np.interp(T, rows[:, 0], rows[:, 1]))
        out = f * solid + (1.0 - f) * liquid
        return float(out) if T.ndim == 0 else out

    def arm_spacing(self, local_solidification_time: ArrayLike) -> Any:
        """Return the secondary dendrite arm spacing (m) after a local solidification time (s).

        Raises
        ------
        MaterialError
            If no law is known for this alloy.
        """
        a, n = self.arm_spacing_coefficient, self.arm_spacing_exponent
        if a is None or n is None:
            raise MaterialError(f"no arm spacing law is known for {self.name}; give one in a material file")
        out = a.value * np.asarray(local_solidification_time, dtype=np.float64) ** n.value
        return float(out) if out.ndim == 0 else out

    def properties(self) -> dict[str, Property | PropertyTable]:
        """Return every sourced value by name."""
        out: dict[str, Property | PropertyTable] = {}
        for entry in fields(self):
            value = getattr(self, entry.name)
            if isinstance(value, (Property, PropertyTable)):
                out[entry.name] = value
            elif isinstance(value, Mapping) and entry.name != "references":
                out.update({f"{entry.name} {key}": each for key, each in value.items()})
        return out

    def sources(self) -> tuple[Citation, ...]:
        """Return the references behind this alloy."""
        return sources([self])

    @property
    def worst_quality(self) -> str:
        """Worst quality letter among the values, "A" to "D"."""
        return worst_quality([self])

    def __repr__(self) -> str:
        return (
            f"Alloy({self.name}: {self.title}, {self.family}, liquidus {self.liquidus.value - 273.15:.1f} degC, "
            f"solidus {self.solidus.value - 273.15:.1f} degC)"
        )


def _read_values(reader: FileReader) -> dict[str, Any]:
    """Take every value of an alloy file; refused ones are None and noted in the reader."""
    reader.text("schema", allowed=(SCHEMA,))
    reader.text("kind", allowed=("alloy",))
    temperature = {"unit": "K", "above": 0.0, "below": 4000.0}
    share = {"unit": "1", "above": 0.0, "below": 1.0}
    curve = ("K", "W/m/K")
    return {
        "name": reader.text("name"),
        "id": reader.text("id"),
        "title": reader.text("title"),
        "family": reader.text("family", allowed=ALLOY_FAMILIES),
        "aliases": reader.texts("aliases"),
        "note": reader.text("note", default=""),
        "composition": MappingProxyType(reader.group("composition", "1", above=0.0, below=1.0)),
        "liquidus": reader.scalar("liquidus", **temperature),  # type: ignore[arg-type]
        "solidus": reader.scalar("solidus", **temperature),  # type: ignore[arg-type]
        "eutectic": reader.scalar("eutectic", required=False, **temperature),  # type: ignore[arg-type]
        "latent_heat": reader.scalar("latent_heat", "J/kg", above=0.0),
        "fraction_solid": reader.table(
            "fraction_solid", ("K", "1", "1"), rising=0, above=-1e-12, optional_columns=1, ends=False
        ),
        "conductivity_solid": reader.table("conductivity_solid", curve),
        "conductivity_liquid": reader.table("conductivity_liquid", curve),
        "specific_heat_solid": reader.table("specific_heat_solid", ("K", "J/kg/K"), required=False),
        "enthalpy_solid": reader.table("enthalpy_solid", ("K", "J/kg"), required=False, above=-1e-9),
        "specific_heat_liquid": reader.table("specific_heat_liquid", ("K", "J/kg/K")),
        "density": reader.scalar("density", "kg/m3", above=0.0),
        "expansion": reader.table("expansion", ("K", "1/K")),
        "shrinkage": reader.scalar("shrinkage", "1", above=-0.1, below=0.2),
        "liquid_contraction": reader.scalar("liquid_contraction", "1/K", above=0.0),
        "graphite": reader.scalar("graphite", "1", above=0.0, below=0.05, required=False),
        "coherency": reader.scalar("coherency", **share),  # type: ignore[arg-type]
        "macro_feeding_limit": reader.scalar("macro_feeding_limit", **share),  # type: ignore[arg-type]
        "feeding_limit": reader.scalar("feeding_limit", **share),  # type: ignore[arg-type]
        "niyama_point": reader.scalar("niyama_point", **share),  # type: ignore[arg-type]
        "niyama_thresholds": MappingProxyType(reader.group("niyama_thresholds", "K^0.5 s^0.5/m", above=0.0)),
        "pouring": MappingProxyType(reader.group("pouring", "K", above=0.0)),
        "arm_spacing_coefficient": reader.scalar("arm_spacing_coefficient", "m", above=0.0, required=False),
        "arm_spacing_exponent": reader.scalar("arm_spacing_exponent", required=False, **share),  # type: ignore[arg-type]
        "viscosity": reader.scalar("viscosity", "Pa s", above=0.0, required=False),
        "surface_tension": reader.scalar("surface_tension", "N/m", above=0.0, required=False),
    }


def _check_order(reader: FileReader, values: Mapping[str, Any]) -> None:
    """Refuse values that contradict each other."""
    liquidus, solidus = values["liquidus"].value, values["solidus"].value
    if solidus > liquidus:
        reader.refuse("solidus", f"{solidus:.2f} K must not lie above the liquidus, {liquidus:.2f} K")
    if (values["specific_heat_solid"] is None) == (values["enthalpy_solid"] is None):
        reader.refuse("specific_heat_solid", "give specific_heat_solid or enthalpy_solid, and not both")
    solid = values["enthalpy_solid"]
    if solid is not None and (np.diff(solid.column(1)) <= 0.0).any():
        row = int(np.flatnonzero(np.diff(solid.column(1)) <= 0.0)[0]) + 2
        reader.refuse("enthalpy_solid", f"row {row}: enthalpy must rise with temperature")
    rows = np.array(values["fraction_solid"].rows)
    T, f = rows[:, 0], rows[:, 1]
    if f[0] != 0.0 or f[-1] != 1.0 or (np.diff(f) <= 0.0).any():
        row = int(np.flatnonzero(np.diff(f) <= 0.0)[0]) + 2 if (np.diff(f) <= 0.0).any() else 1
        reader.refuse("fraction_solid", f"row {row}: fraction solid must rise from 0 in the first row to 1 in the last")
    if (np.diff(T) > 0.0).any():
        row = int(np.flatnonzero(np.diff(T) > 0.0)[0]) + 2
        reader.refuse("fraction_solid", f"row {row}: temperature must not rise while the alloy freezes")
    if rows.shape[1] == 3 and (rows[0, 2] != 0.0 or rows[-1, 2] != 1.0 or (np.diff(rows[:, 2]) <= 0.0).any()):
        reader.refuse("fraction_solid", "the share of latent heat must rise from 0 in the first row to 1 in the last")
    for key, value, end in (("liquidus", liquidus, T[0]), ("solidus", solidus, T[-1])):
        if not math.isclose(value, end, abs_tol=1e-6):
            reader.refuse("fraction_solid", f"its {key} is {end:.2f} K, the alloy's is {value:.2f} K; they must agree")
    for kink in values["fraction_solid"].kinks:
        if not np.isclose(T, kink, rtol=0.0, atol=1e-6).any():
            reader.refuse("fraction_solid.kinks", f"{kink:.2f} K is no row of the table; add the row")
    limits = ("coherency", "macro_feeding_limit", "feeding_limit")
    if not values[limits[0]].value <= values[limits[1]].value <= values[limits[2]].value:
        reader.refuse("coherency", "coherency <= macro_feeding_limit <= feeding_limit must hold")
    for key in ("conductivity_liquid", "specific_heat_liquid"):
        if values[key].rows[-1][0] <= liquidus:
            reader.refuse(key, f"the table must reach above the liquidus, {liquidus:.2f} K")


def _solid_density(density: float, expansion: PropertyTable, temperature: ArrayLike) -> Any:
    T = np.asarray(temperature, dtype=np.float64)
    return density / (1.0 + expansion.at(T) * (T - REFERENCE_TEMPERATURE)) ** 3


def _refined(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rows of a fraction-solid table with wide stretches divided."""
    parts = []
    for a, b in itertools.pairwise(rows):
        n = max(math.ceil(abs(b[0] - a[0]) / _MUSH_STEP - 1e-9), 1)
        parts.append(a + (b - a) * (np.arange(n) / n)[:, None])
    return np.vstack([*parts, rows[-1:]])


def _heat_curve(values: Mapping[str, Any]) -> HeatCurve:
    """Build the heat curve: sensible heat mixed by fraction solid, plus the latent heat over its release."""
    solidus, liquidus = values["solidus"].value, values["liquidus"].value
    solid_heat = SensibleHeat(values["specific_heat_solid"], values["enthalpy_solid"], REFERENCE_TEMPERATURE)
    liquid_heat = SensibleHeat(values["specific_heat_liquid"], None, liquidus)
    k_solid, k_liquid = values["conductivity_solid"], values["conductivity_liquid"]
    hottest = float(max(k_liquid.rows[-1][0], values["specific_heat_liquid"].rows[-1][0]))

    T_solid = stretch(min(COLDEST, solidus - 1.0), solidus, _SOLID_STEP,
                       np.concatenate([solid_heat.nodes, k_solid.column(0)]))  # fmt: skip
    rows = np.array(values["fraction_solid"].rows)
    mush = _refined((rows if rows.shape[1] == 3 else np.column_stack([rows, rows[:, 1]]))[::-1])
    T_liquid = stretch(liquidus, hottest, _LIQUID_STEP, np.concatenate([liquid_heat.nodes, k_liquid.column(0)]))

    # Cold to hot. The mush starts at the last solid node and ends at the first liquid node.
    h_solid = solid_heat(T_solid)
    Tm, fm, released = mush[:, 0], mush[:, 1], mush[:, 2]
    mean = 0.5 * (fm[1:] + fm[:-1])
    rise = mean * np.diff(solid_heat(Tm)) + (1.0 - mean) * np.diff(liquid_heat(Tm))
    h_mush = h_solid[-1] + np.concatenate([[0.0], np.cumsum(rise - values["latent_heat"].value * np.diff(released))])
    h_liquid = h_mush[-1] + liquid_heat(T_liquid)

    T = np.concatenate([T_solid, Tm[1:], T_liquid[1:]])
    h = np.concatenate([h_solid, h_mush[1:], h_liquid[1:]])
    f = np.concatenate([np.ones(T_solid.size), fm[1:], np.zeros(T_liquid.size - 1)])
    k = np.concatenate([
        k_solid.at(T_solid),
        fm[1:] * k_solid.at(np.minimum(Tm[1:], solidus)) + (1.0 - fm[1:]) * k_liquid.at(np.maximum(Tm[1:], liquidus)),
        k_liquid.at(T_liquid[1:]),
    ])  # fmt: skip
    first, last = T_solid.size - 1, T_solid.size + Tm.size - 2
    kinks = {0, first, last, T.size - 1}
    for kink in values["fraction_solid"].kinks:
        kinks.update(np.flatnonzero(np.isclose(T, kink, rtol=0.0, atol=1e-6)).tolist())
    flat = np.flatnonzero(np.diff(T) == 0.0)
    kinks.update(flat.tolist(), (flat + 1).tolist())
    density = float(_solid_density(values["density"].value, values["expansion"], solidus))
    return HeatCurve(
        density * h,
        T,
        k,
        density=density,
        kinks=np.array(sorted(kinks), dtype=np.intp),
        fraction_solid=f,
        beyond_low=k_solid.beyond_low,
        beyond_high=k_liquid.beyond_high,
    )
