"""The field table: the name, units, place and meaning of everything a run can record.

Files, plots, summaries and the help text read this one table. Values are kept in SI; a display unit is only
how a number is shown to a reader.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import ResultsError, unknown_name

__all__ = ["FIELDS", "SERIES", "Display", "FieldInfo", "field_info", "series_info"]


@dataclass(frozen=True, slots=True)
class Display:
    """A unit for readers: shown value = SI value * scale + offset."""

    unit: str
    scale: float = 1.0
    offset: float = 0.0

    def of(self, value: Any) -> Any:
        """Return SI values (number or array) in this unit."""
        if self.scale == 1.0 and self.offset == 0.0:
            return value
        return value * self.scale + self.offset

    def difference(self, value: Any) -> Any:
        """Return a difference of two SI values in this unit (the offset of a temperature scale cancels)."""
        return value if self.scale == 1.0 else value * self.scale

    def back(self, value: Any) -> Any:
        """Return values given in this unit in SI."""
        return (value - self.offset) / self.scale

    @property
    def difference_unit(self) -> str:
        """The unit of a difference: K where the scale itself is degC."""
        return "K" if self.unit == "degC" else self.unit


_PLAIN = Display("")
_DEGC = Display("degC", 1.0, -273.15)
_KELVIN = Display("K")
_SECOND = Display("s")
_MINUTE = Display("min", 1.0 / 60.0)
_MM = Display("mm", 1e3)
_CM = Display("cm", 1e2)

# From this longest time on a whole field is shown in minutes: 10 min read better than 600 s, 90 s better than 1.5 min.
_MINUTES_FROM = 600.0


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """What one named field is.

    Attributes
    ----------
    name : str
        The name under which a `Results` holds the field.
    unit : str
        The SI unit of the stored values ("" for a pure number).
    meaning : str
        One sentence for a reader.
    display : Display
        The unit in which it is shown.
    long_display : Display or None
        The unit from the largest absolute value `long_from` on (times turn to minutes).
    long_from : float
        See `long_display`.
    where : str
        Where the field has a value: "everywhere", "metal" or "mould". It is NaN elsewhere (0 for whole numbers).
    place : str
        What carries one value: "voxel".
    dtype : str
        How it is stored.
    """

    name: str
    unit: str = ""
    meaning: str = ""
    display: Display = _PLAIN
    long_display: Display | None = None
    long_from: float = _MINUTES_FROM
    where: str = "metal"
    place: str = "voxel"
    dtype: str = "float32"

    def display_for(self, values: Any) -> Display:
        """Return the display unit that suits these SI values."""
        if self.long_display is None:
            return self.display
        array = np.asarray(values)
        finite = array[np.isfinite(array)] if array.dtype.kind == "f" else array
        if finite.size and float(np.abs(finite).max()) >= self.long_from:
            return self.long_display
        return self.display

    @property
    def title(self) -> str:
        """The name as words, for plots and tables."""
        return self.name.replace("_", " ")

    @property
    def is_label(self) -> bool:
        """Whether the values are numbers of things (regions, bodies, pools) and not amounts."""
        return np.dtype(self.dtype).kind in "iub"


def _time(name: str, meaning: str) -> FieldInfo:
    return FieldInfo(name, "s", meaning, _SECOND, long_display=_MINUTE)


_MMPS = Display("mm/s", 1e3)
_KPMM = Display("K/mm", 1e-3)
_KPS = Display("K/s")
_NIYAMA = Display("(K s)^0.5/mm", 1e-3)


def _table(rows: Iterable[FieldInfo]) -> dict[str, FieldInfo]:
    return {row.name: row for row in rows}


_PERCENT = Display("%", 1e2)
_MPS = Display("m/s")
_KPA = Display("kPa", 1e-3)


FIELDS: dict[str, FieldInfo] = _table(
    (
        FieldInfo("temperature", "K", "temperature at the end of the run", _DEGC, where="everywhere"),
        FieldInfo("temperature_before_pour", "K", "temperature of the die before the metal enters", _DEGC, where="everywhere"),
        FieldInfo("temperature_at_ejection", "K", "temperature as the die opens", _DEGC, where="everywhere"),
        FieldInfo("temperature_after_spray", "K", "temperature of the die after spraying", _DEGC, where="everywhere"),
        *(
            FieldInfo(f"die_surface_{when}", "K", f"temperature of the die's surface in the cavity {meaning}", _DEGC, where="mould")
            for when, meaning in (
                ("before_pour", "before the metal enters"), ("after_eject", "after the casting is out"),
                ("after_spray", "after spraying"), ("peak", "at its hottest in the cycle"),
            )
        ),
        FieldInfo(
            "die_surface_range", "K", "hottest less coldest temperature of the die's surface in a cycle", _KELVIN, where="mould"
        ),
        FieldInfo("peak_temperature", "K", "highest temperature the voxel has seen", _DEGC, where="everywhere"),
        FieldInfo("enthalpy", "J/m3", "heat content over 25 degC", Display("MJ/m3", 1e-6), where="everywhere"),
        _time("solidification_time", "time from the pour until the solidus is reached"),
        _time("local_solidification_time", "time from the liquidus to the solidus"),
        _time("liquidus_time", "time from the pour until the liquidus is reached"),
        _time("coherency_time", "time from the pour until dendrites touch and mass feeding ends"),
        _time("macro_feeding_time", "time from the pour until visible cavities can no longer be fed"),
        _time("emptied_time", "time from the pour at which the metal here had run into the pool below"),
        _time("feeding_time", "time from the pour until interdendritic feeding ends"),
        _time("critical_time", "time from the pour until the critical fraction solid of the user is reached"),
        _time("niyama_time", "time from the pour until the Niyama point (solidus + 10 % of the freezing range)"),
        _time("cut_off_time", "time from the pour at which the liquid here lost its link to a riser"),
        FieldInfo(
            "ignition_time", "s", "time from the pour until a burning sleeve ignites here, below 0 where during it", _SECOND,
            where="mould",
        ),
        FieldInfo("thermal_gradient", "K/m", "temperature gradient in the metal at the Niyama point", _KPMM),
        FieldInfo("cooling_rate", "K/s", "cooling rate at the Niyama point, positive when cooling", _KPS),
        FieldInfo("coherency_gradient", "K/m", "temperature gradient in the metal at coherency", _KPMM),
        FieldInfo("coherency_cooling_rate", "K/s", "cooling rate at coherency, positive when cooling", _KPS),
        FieldInfo("niyama", "(K s)^0.5/m", "gradient over the root of the cooling rate at the Niyama point", _NIYAMA),
        FieldInfo("thermal_modulus", "m", "root of solidification time over Chvorinov's constant", _CM),
        FieldInfo("front_speed", "m/s", "speed of the freezing front: cooling rate over gradient", _MMPS),
        FieldInfo("pearlite", "", "share of pearlite in the matrix of an iron", Display("%", 1e2)),
        FieldInfo("hardness", "HB", "Brinell hardness", Display("HB")),
        FieldInfo("tensile_strength", "Pa", "tensile strength", Display("MPa", 1e-6)),
        FieldInfo("arm_spacing", "m", "secondary dendrite arm spacing", Display("um", 1e6)),
        _time("fill_time", "time from the start of the pour until the voxel was half full"),
        FieldInfo("speed", "m/s", "speed of the metal at a recorded time of the pour", _MPS),
        FieldInfo("first_speed", "m/s", "speed of the metal as it reached the voxel", _MPS),
        FieldInfo("largest_speed", "m/s", "largest speed of the metal in the voxel during the pour", _MPS),
        FieldInfo("wall_shear", "Pa", "largest shear stress of the flowing metal on the wall here", Display("Pa")),
        FieldInfo("front_temperature", "K", "temperature of the metal as it reached the voxel", _DEGC),
        _time("metal_age", "time since the metal that is here at the end of the pour came into the cavity"),
        FieldInfo(
            "surface_exposure", "s/m", "free surface times the time for which it lay open, for each volume of the metal here",
            Display("cm2 s/cm3", 1e-2),
        ),
        FieldInfo("trapped_air", "", "share of the voxel's cavity that holds enclosed air at the end of the pour", _PERCENT),
        FieldInfo("air_pressure", "Pa", "pressure of the enclosed air at the end of the pour, absolute", _KPA),
        FieldInfo("largest_air_pressure", "Pa", "largest pressure of enclosed air here during the pour, absolute", _KPA),
        FieldInfo("fill_fraction", "", "share of the voxel's cavity that holds metal at the end of the pour", _PERCENT),
        FieldInfo("fraction_solid", "", "solid share of the metal at the end of the run"),
        FieldInfo("fraction_liquid", "", "liquid share of the metal at the end of the run"),
        FieldInfo("porosity", "", "share of the metal that is missing", Display("%", 1e2)),
        FieldInfo("heat_flow", "W/m2", "heat leaving the metal through its wall", Display("kW/m2", 1e-3)),
        FieldInfo("hot_spot", "", "number of the hot spot the voxel belongs to; 0 is none", dtype="int32"),
        FieldInfo("isolated_pool", "", "number of the last isolated pool of liquid here; 0 is none", dtype="int32"),
        FieldInfo("feed_zone", "", "number of the riser that feeds the voxel; 0 is none", dtype="int32"),
        FieldInfo("region", "", "number of the material region; 0 is the metal", where="everywhere", dtype="uint8"),
        FieldInfo("body", "", "number of the body that owns the voxel", where="everywhere", dtype="uint8"),
        FieldInfo("metal_fraction", "", "exact share of the voxel inside the metal's surface", where="everywhere"),
        FieldInfo("volume_factor", "", "owned volume over the volume of a whole voxel", where="everywhere"),
    )
)

# Series over time (history columns, probes). A name that is not here is shown as it was recorded.
SERIES: dict[str, FieldInfo] = _table(
    (
        _time("time", "time since the pour"),
        _time("step", "length of the step"),
        FieldInfo("stages", "", "sweeps of the step", dtype="int64"),
        FieldInfo("temperature", "K", "temperature", _DEGC),
        FieldInfo("hottest_metal", "K", "highest temperature in the metal", _DEGC),
        FieldInfo("mean_metal", "K", "mean temperature of the metal", _DEGC),
        FieldInfo("hottest_mould", "K", "highest temperature in the mould", _DEGC),
        FieldInfo("outer_temperature", "K", "mean temperature of the outer voxels of the mould", _DEGC),
        FieldInfo("voxels_left", "", "metal voxels that have not frozen", dtype="int64"),
        FieldInfo("metal_heat", "J", "heat content of the metal", Display("MJ", 1e-6)),
        FieldInfo("fraction_solid", "", "solid share of the metal"),
        FieldInfo("fraction_liquid", "", "liquid share of the metal"),
        FieldInfo("heat", "J", "heat content", Display("MJ", 1e-6)),
        FieldInfo("heat_out", "J", "heat that has left through the outside", Display("MJ", 1e-6)),
        FieldInfo("heat_moved", "J", "heat moved so far", Display("MJ", 1e-6)),
        FieldInfo("defect", "", "missing heat over heat moved"),
        FieldInfo("iterations", "", "iterations of the pressure solve", dtype="int64"),
        FieldInfo("flow", "m3/s", "volume rate of metal", Display("litre/s", 1e3)),
        FieldInfo("speed", "m/s", "speed of the metal", _MPS),
        FieldInfo("kinetic_energy", "J", "kinetic energy of the metal", Display("J")),
        FieldInfo("overfill", "", "largest overfill of a voxel before it was handed on", _PERCENT),
        FieldInfo("handed_on", "m3", "overfill that was handed on in the step", Display("cm3", 1e6)),
        FieldInfo("retries", "", "how often the step was taken again, smaller", dtype="int64"),
        FieldInfo("x", "m", "place along x", _MM),
        FieldInfo("y", "m", "place along y", _MM),
        FieldInfo("z", "m", "place along z", _MM),
        FieldInfo("length", "m", "length", _MM),
        FieldInfo("volume", "m3", "volume", Display("cm3", 1e6)),
        FieldInfo("area", "m2", "area", Display("cm2", 1e4)),
        FieldInfo("mass", "kg", "mass", Display("kg")),
    )
)


def field_info(name: str) -> FieldInfo:
    """Return the table's entry of a field, or refuse the name with the nearest ones.

    Raises
    ------
    ResultsError
        If the table has no such field.
    """
    try:
        return FIELDS[name]
    except KeyError:
        raise ResultsError(unknown_name("field", name, FIELDS)) from None


def series_info(name: str) -> FieldInfo:
    """Return what a history column is: by its name, or by its last word ("gate 1 speed"); else it is a pure number."""
    known = SERIES.get(name) or FIELDS.get(name)
    if known is not None:
        return known
    last = name.rpartition(" ")[2]
    told = SERIES.get(last) or FIELDS.get(last)
    return FieldInfo(name) if told is None else replace(told, name=name)
