"""Heat transfer between two materials that touch: coefficients by pair of families, with sources."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ..errors import MaterialError
from .alloy import Alloy
from .coating import Coating
from .property import Property, PropertyTable, check_trust, split_keys
from .references import Citation, sources

__all__ = ["Interface"]

Over = Literal["constant", "temperature", "time", "fraction_solid", "pressure"]
_UNITS_OVER: dict[str, str] = {"temperature": "K", "time": "s", "fraction_solid": "1", "pressure": "Pa"}
_TITLE_OVER = {
    "temperature": "temperature of the hotter side",
    "time": "time",
    "fraction_solid": "fraction solid",
    "pressure": "pressure",
}

# Conductivity of air (W/m/K) over temperature (K): what a gap holds.
_AIR = ((293.15, 773.15, 1273.15), (0.026, 0.056, 0.076))
_STEFAN_BOLTZMANN = 5.670374419e-8


@dataclass(frozen=True, slots=True, eq=False)
class Interface:
    """The heat transfer coefficient between two materials that touch.

    Parameters
    ----------
    a, b : str
        The two sides: families of materials, or names of bodies.
    htc : float or rows
        W/m2/K; `math.inf` is perfect contact. A table is a sequence of rows (coordinate, coefficient).
    over : {"constant", "temperature", "time", "fraction_solid", "pressure"}
        Coordinate of the table: temperature (K) of the hotter side, time (s) since contact, fraction solid of the
        metal, or pressure (Pa) on it. Between rows linear; the ends are held, but not those of pressure.
    coating : str, optional
        Dressing of the mould, where there is one.
    pressure : (float, float), optional
        Lowest and highest pressure (Pa) on the metal that the coefficient is for. Default: none but that of the air.
    time_factors : sequence of rows (time, factor), optional
        A factor on the coefficient against time (s) since the pour.
    source, evidence, quality, low, high, note
        As in `Property`; low and high bound the coefficient.

    Raises
    ------
    MaterialError
        If a coefficient is not above zero, or a table's coordinate does not rise.
    """

    a: str
    b: str
    htc: Any = field(kw_only=True)
    over: Over = field(default="constant", kw_only=True)
    coating: str | None = field(default=None, kw_only=True)
    pressure: tuple[float, float] | None = field(default=None, kw_only=True)
    time_factors: tuple[tuple[float, float], ...] = field(default=(), kw_only=True)
    source: str = field(default="user", kw_only=True)
    evidence: str = field(default="estimate", kw_only=True)
    quality: str = field(default="D", kw_only=True)
    low: float | None = field(default=None, kw_only=True)
    high: float | None = field(default=None, kw_only=True)
    note: str = field(default="", kw_only=True)
    references: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({"user": "given by the user"}), kw_only=True
    )

    def __post_init__(self) -> None:
        check_trust(self.source, self.evidence, self.quality)
        for side in ("low", "high"):
            bound = getattr(self, side)
            if bound is not None and not (isinstance(bound, (int, float)) and bound > 0.0):
                raise MaterialError(f"{side} = {bound!r} W/m2/K between {self.a} and {self.b} must be above 0")
        if isinstance(self.htc, (int, float)) and not isinstance(self.htc, bool):
            if self.over != "constant":
                raise MaterialError(f"htc over {self.over} must be rows ({self.over}, htc); or leave out over")
            object.__setattr__(self, "htc", float(self.htc))
            if not self.htc > 0.0:
                raise MaterialError(f"htc = {self.htc} W/m2/K between {self.a} and {self.b} must be above 0")
        else:
            if self.over not in _UNITS_OVER:
                raise MaterialError('htc is a table; say over = "temperature", "time", "fraction_solid" or "pressure"')
            object.__setattr__(self, "htc", _rows(self.htc, f"htc between {self.a} and {self.b}"))
            if not all(h > 0.0 for _, h in self.htc):
                raise MaterialError(f"every htc between {self.a} and {self.b} must be above 0 W/m2/K")
        object.__setattr__(self, "time_factors", _rows(self.time_factors, "time_factors") if self.time_factors else ())
        if not all(factor >= 0.0 for _, factor in self.time_factors):
            raise MaterialError("every time factor must be at least 0")
        if self.pressure is not None:
            object.__setattr__(self, "pressure", tuple(float(p) for p in self.pressure))
            if len(self.pressure) != 2 or not 0.0 <= self.pressure[0] < self.pressure[1]:
                raise MaterialError(f"pressure = {self.pressure} Pa must be a lower and a higher one, not below 0")

    @property
    def name(self) -> str:
        """The two sides and the coating, as a report prints them."""
        under = "" if self.pressure is None else f" at {self.pressure[0] / 1e6:g} to {self.pressure[1] / 1e6:g} MPa"
        return f"{self.a}|{self.b}" + (f" ({self.coating})" if self.coating else "") + under

    @property
    def perfect(self) -> bool:
        """Whether the two sides are in perfect contact."""
        return bool(self.over == "constant" and math.isinf(self.htc))

    def htc_at(self, temperature: ArrayLike, *, fraction_solid: ArrayLike | None = None, time: float = 0.0) -> Any:
        """Return the coefficient (W/m2/K) at a temperature (K) of the hotter side, without the time factor.

        Parameters
        ----------
        temperature : array_like
            Temperature of the hotter side in K; gives the shape of the answer.
        fraction_solid : array_like, optional
            Fraction solid of the metal; needed where the table runs over it.
        time : float
            Seconds since contact; used where the table runs over time.

        Raises
        ------
        MaterialError
            If the table runs over fraction solid and none is given.
        """
        T = np.asarray(temperature, dtype=np.float64)
        if self.over == "constant":
            out = np.full(T.shape, self.htc)
        elif self.over == "pressure":
            raise MaterialError(f"htc of {self.name} runs over pressure; use .at_pressure(pressure)")
        elif self.over == "fraction_solid" and fraction_solid is None:
            raise MaterialError(
                f"htc of {self.name} runs over fraction solid; give fraction_solid, or use .over_temperature(alloy)"
            )
        else:
            coordinate = {"temperature": T, "time": time, "fraction_solid": fraction_solid}[self.over]
            x = np.broadcast_to(np.asarray(coordinate, dtype=np.float64), T.shape)
            out = np.interp(x, *np.array(self.htc).T)
        return float(out) if T.ndim == 0 else out

    def time_factor(self, time: float) -> float:
        """Return the factor on the coefficient at a time (s) since the pour; 1 without a table."""
        if not self.time_factors:
            return 1.0
        return float(np.interp(time, *np.array(self.time_factors).T))

    def over_temperature(self, alloy: Alloy) -> Interface:
        """Return the same interface with a table over the temperature of one alloy, not its fraction solid.

        A table over fraction solid follows the freezing of the alloy. An isothermal alloy gets a ramp of 1 K.
        """
        if self.over != "fraction_solid":
            return self
        table = np.array(alloy.fraction_solid.rows)
        T, f = table[::-1, 0], table[::-1, 1]
        last = np.append(np.diff(T) > 0.0, True)  # of equal temperatures the hotter row holds
        T, f = T[last], f[last]
        if T.size == 1 or T[-1] - T[0] < 1.0:
            T, f = np.array([T[0] - 0.5, T[-1] + 0.5]), np.array([1.0, 0.0])
        elif f[0] < 1.0:
            T, f = np.insert(T, 0, T[0] - 0.5), np.insert(f, 0, 1.0)
        # Rows where the coefficient's own table bends, so that a gap that opens in the middle of freezing keeps its corner.
        bends = np.array([x for x, _ in self.htc])
        bends = bends[(bends > f.min()) & (bends < f.max())]
        T_rows = np.unique(np.concatenate([T, np.interp(bends, f[::-1], T[::-1])]))
        h = np.asarray(self.htc_at(T_rows, fraction_solid=np.interp(T_rows, T, f)))
        rows = tuple(zip(T_rows.tolist(), h.tolist(), strict=True))
        return dataclasses.replace(self, htc=rows, over="temperature")

    def at_pressure(self, pressure: float) -> Interface:
        """Return the same interface at one pressure (Pa) on the metal.

        Raises
        ------
        MaterialError
            If the pressure lies outside what the coefficient is for.
        """
        low, high = self.pressure if self.pressure is not None else (0.0, math.inf)
        if self.over == "pressure":
            low, high = max(low, self.htc[0][0]), min(high, self.htc[-1][0])
        if not low <= pressure <= high:
            raise MaterialError(
                f"pressure = {pressure / 1e6:g} MPa lies outside what is known of {self.a}|{self.b}, "
                f"{low / 1e6:g} to {high / 1e6:g} MPa; give an Interface with a coefficient of your own"
            )
        if self.over != "pressure":
            return self
        h = float(np.interp(pressure, *np.array(self.htc).T))
        return dataclasses.replace(self, htc=h, over="constant")

    def coated(self, coating: Coating) -> Interface:
        """Return the interface with a layer of a coating in series: 1/htc and the layer's resistance add up.

        A table gets rows between its own, because the sum is not linear. The result is an estimate, quality D.
        """
        if self.coating is not None:
            raise MaterialError(f"{self.name} has a coating already; start from the bare interface")
        layer = coating.resistance

        def dressed(h: float) -> float:
            return 1.0 / ((0.0 if math.isinf(h) else 1.0 / h) + layer)

        if self.over == "constant":
            htc: Any = dressed(self.htc)
        else:
            x, h = np.array(self.htc).T
            fine = np.unique(np.concatenate([np.linspace(a, b, 9) for a, b in itertools.pairwise(x)])) if len(x) > 1 else x
            htc = tuple((float(at), dressed(float(np.interp(at, x, h)))) for at in fine)
        source = ", ".join(dict.fromkeys([*split_keys(self.source), *split_keys(coating.conductivity.source)]))
        texts = MappingProxyType({**self.references, **coating.references})
        low, high = (None if bound is None else dressed(bound) for bound in (self.low, self.high))
        return dataclasses.replace(
            self, htc=htc, coating=coating.name, low=low, high=high, source=source, references=texts, evidence="estimate",
            quality="D", note=f"Bare contact in series with {1e6 * coating.thickness.value:.0f} um of {coating.name}.",
        )  # fmt: skip

    @classmethod
    def air_gap(
        cls, a: str, b: str, *, contact: float, gap: float, opens: float, temperature: float, emissivity: float = 0.6
    ) -> Interface:
        """Return the interface of a metal that shrinks away from its mould: a table over fraction solid.

        Parameters
        ----------
        a, b : str
            The two sides, the metal first.
        contact : float
            Coefficient (W/m2/K) while the metal still touches.
        gap : float
            Width (m) of the gap when the metal is solid.
        opens : float
            Fraction solid at which the gap begins to open, in [0, 1): the coherency of the alloy is usual.
        temperature : float
            Mean temperature (K) in the gap, which gives the conductivity of its air and the radiation across it.
        emissivity : float
            Of the two sides together.

        Notes
        -----
        h = 1 / (1 / contact + d / k_air) + 4 emissivity sigma T^3 with the gap d growing in step with the fraction solid from
        `opens` on; before that h = contact. Where contraction presses the metal on the mould (cores) there is no gap: give
        those contacts a coefficient of their own.
        """
        for name, value, unit in (("contact", contact, "W/m2/K"), ("gap", gap, "m"), ("temperature", temperature, "K")):
            if not (math.isfinite(value) and value > 0.0):
                raise MaterialError(f"{name} = {value} {unit} of an air gap must be above 0")
        if not 0.0 <= opens < 1.0 or not 0.0 <= emissivity <= 1.0:
            raise MaterialError(f"opens = {opens} must lie in [0, 1) and emissivity = {emissivity} in [0, 1]")
        k = float(np.interp(temperature, *_AIR))
        radiation = 4.0 * emissivity * _STEFAN_BOLTZMANN * temperature**3
        # Radiation counts where there is a gap to cross; the sum never exceeds the contact.
        rows = [(0.0, contact)] if opens > 0.0 else []
        for share in np.linspace(0.0, 1.0, 13) ** 2:
            h = 1.0 / (1.0 / contact + share * gap / k) + (radiation if share > 0.0 else 0.0)
            rows.append((opens + share * (1.0 - opens), min(h, contact)))
        return cls(a, b, htc=rows, over="fraction_solid", note=f"Air gap that opens to {1e3 * gap:g} mm.")

    def properties(self) -> dict[str, Property | PropertyTable]:
        """Return the coefficient as a sourced value; perfect contact has none."""
        trust = (self.source, self.evidence, self.quality)
        if self.perfect:
            return {}
        if self.over == "constant":
            return {"htc": Property(self.htc, "W/m2/K", *trust, low=self.low, high=self.high, note=self.note)}
        return {"htc": PropertyTable(self.htc, (_UNITS_OVER[self.over], "W/m2/K"), *trust, note=self.note)}

    def sources(self) -> tuple[Citation, ...]:
        """Return the references behind this interface."""
        return sources([self])

    @property
    def worst_quality(self) -> str:
        """Quality letter of the coefficient."""
        return self.quality

    def __str__(self) -> str:
        if self.over == "constant":
            what = "perfect contact" if self.perfect else f"{self.htc:g} W/m2/K"
        else:
            what = f"{self.htc[0][1]:g} to {self.htc[-1][1]:g} W/m2/K over {_TITLE_OVER[self.over]}"
        return f"{self.name}: {what}"


def _rows(table: Any, name: str) -> tuple[tuple[float, float], ...]:
    try:
        rows = tuple((float(x), float(y)) for x, y in table)
    except (TypeError, ValueError):
        raise MaterialError(f"{name} must be a number or rows of two numbers; got {table!r}") from None
    if not rows:
        raise MaterialError(f"{name} has no rows; give at least one")
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in rows):
        raise MaterialError(f"{name} must hold finite numbers")
    if any(b[0] <= a[0] for a, b in itertools.pairwise(rows)):
        raise MaterialError(f"{name}: the first column must rise from row to row")
    return rows
