"""The heat curve of one material: all that the heat equation needs to know of it, as nodes over enthalpy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import MaterialError

__all__ = ["REFERENCE_TEMPERATURE", "HeatCurve", "reservoir"]

REFERENCE_TEMPERATURE = 298.15
"""Temperature (K) at which enthalpy is zero: 25 degC."""

Beyond = Literal["hold", "refuse"]


@dataclass(frozen=True, slots=True, eq=False)
class HeatCurve:
    """Enthalpy, temperature and conductivity of one material as a piecewise linear table.

    Nodes run from cold to hot. Between two nodes temperature and conductivity are linear in enthalpy.
    A plateau (two nodes of equal temperature and rising enthalpy) is an isothermal change of phase; two nodes
    of equal enthalpy and temperature carry a jump of conductivity.

    ::

        T |                    ____/  liquid
          |              __ __/
          |        _____/            eutectic plateau
          |       /
          |   ___/  solid
          +------|-----|---|--------- h
               solidus    liquidus          kinks

    Parameters
    ----------
    enthalpy : array_like, shape (n,)
        Enthalpy of a unit volume in J/m3, zero at 25 degC, never falling.
    temperature : array_like, shape (n,)
        Temperature in K, never falling; the first and the last stretch rise.
    conductivity : array_like, shape (n,)
        Thermal conductivity in W/m/K, above zero.
    density : float
        Density in the heat equation in kg/m3.
    kinks : array_like of int, optional
        Indices of the nodes that a solver keeps exact (ends, phase boundaries, jumps). Default: all nodes.
    fraction_solid : array_like, shape (n,), optional
        Fraction solid, from 1 at the cold end to 0 at the hot end, never rising. None: not an alloy.
    beyond_low, beyond_high : {"hold", "refuse"}
        What lies beyond the two ends: specific heat and conductivity of the end held, or no answer.

    Raises
    ------
    MaterialError
        If the table contradicts itself; the message names the node.
    """

    enthalpy: NDArray[np.float64]
    temperature: NDArray[np.float64]
    conductivity: NDArray[np.float64]
    density: float
    kinks: NDArray[np.intp] = None  # type: ignore[assignment]
    fraction_solid: NDArray[np.float64] | None = None
    beyond_low: Beyond = "hold"
    beyond_high: Beyond = "hold"

    def __post_init__(self) -> None:
        for name in ("enthalpy", "temperature", "conductivity"):
            object.__setattr__(self, name, _row(getattr(self, name), name))
        if self.fraction_solid is not None:
            object.__setattr__(self, "fraction_solid", _row(self.fraction_solid, "fraction_solid"))
        n = self.enthalpy.size
        kinks = np.arange(n, dtype=np.intp) if self.kinks is None else np.array(self.kinks, dtype=np.intp)
        kinks.flags.writeable = False
        object.__setattr__(self, "kinks", kinks)
        object.__setattr__(self, "density", float(self.density))
        self._check_shape(n)
        self._check_values()
        self._check_fraction_solid()

    def _check_shape(self, n: int) -> None:
        if n < 2:
            raise MaterialError(f"a heat curve of {n} node must have at least 2 nodes; add the other end of the range")
        for name in ("temperature", "conductivity", "fraction_solid"):
            values = getattr(self, name)
            if values is not None and values.size != n:
                raise MaterialError(f"{name} has {values.size} nodes, enthalpy has {n}; give one value a node")
        kinks = self.kinks
        if kinks.ndim != 1 or kinks.size < 2 or kinks[0] != 0 or kinks[-1] != n - 1 or (np.diff(kinks) <= 0).any():
            raise MaterialError(f"kinks must rise from 0 to {n - 1} (the last node); got {kinks.tolist()}")
        for end in ("beyond_low", "beyond_high"):
            if getattr(self, end) not in ("hold", "refuse"):
                raise MaterialError(f'{end} = {getattr(self, end)!r} must be "hold" or "refuse"')
        if not (np.isfinite(self.density) and self.density > 0.0):
            raise MaterialError(f"density = {self.density} kg/m3 must be above 0")

    def _check_values(self) -> None:
        h, T, k = self.enthalpy, self.temperature, self.conductivity
        if (bad := np.flatnonzero(k <= 0.0)).size:
            i = bad[0]
            raise MaterialError(f"conductivity = {k[i]:g} W/m/K at {T[i]:.2f} K (node {i}) must be above 0")
        dh, dT = np.diff(h), np.diff(T)
        if (bad := np.flatnonzero(dh < 0.0)).size:
            i = bad[0]
            raise MaterialError(
                f"enthalpy falls from {h[i]:.6g} to {h[i + 1]:.6g} J/m3 between {T[i]:.2f} and {T[i + 1]:.2f} K "
                f"(nodes {i} and {i + 1}); it must rise with temperature"
            )
        if (bad := np.flatnonzero(dT < 0.0)).size:
            i = bad[0]
            raise MaterialError(
                f"temperature falls from {T[i]:.2f} to {T[i + 1]:.2f} K between nodes {i} and {i + 1}; it must not fall"
            )
        if (bad := np.flatnonzero((dh == 0.0) & (dT > 0.0))).size:
            i = bad[0]
            raise MaterialError(f"enthalpy does not rise between {T[i]:.2f} and {T[i + 1]:.2f} K (node {i}); it must")
        if dT[0] <= 0.0 or dT[-1] <= 0.0:
            raise MaterialError("the first and the last stretch of a heat curve must rise in temperature")
        flat = np.flatnonzero((dT == 0.0) | (dh == 0.0))
        missing = np.setdiff1d(flat[dh[flat] == 0.0], self.kinks)
        if missing.size:
            raise MaterialError(f"node {missing[0]} carries a jump of conductivity and must be one of the kinks")

    def _check_fraction_solid(self) -> None:
        f = self.fraction_solid
        if f is None:
            return
        T = self.temperature
        if f[0] != 1.0 or f[-1] != 0.0:
            raise MaterialError(f"fraction_solid must go from 1 (cold) to 0 (hot); it goes from {f[0]:g} to {f[-1]:g}")
        if (bad := np.flatnonzero(np.diff(f) > 0.0)).size:
            i = bad[0]
            raise MaterialError(
                f"fraction_solid rises from {f[i]:g} to {f[i + 1]:g} between {T[i]:.2f} and {T[i + 1]:.2f} K; "
                "it must not rise with temperature"
            )

    def facts(self) -> dict[str, Any]:
        """Return the table as plain lists in SI, as a result file keeps it; `from_facts` reads it back equal."""
        rows = ("enthalpy", "temperature", "conductivity", "fraction_solid", "kinks")
        kept = {name: getattr(self, name).tolist() for name in rows if getattr(self, name) is not None}
        return {**kept, "density": self.density, "beyond_low": self.beyond_low, "beyond_high": self.beyond_high}

    @classmethod
    def from_facts(cls, kept: Mapping[str, Any]) -> Self:
        """Return the curve that `facts` told of."""
        return cls(**kept)

    @property
    def temperature_low(self) -> float:
        """Lowest temperature of the table in K."""
        return float(self.temperature[0])

    @property
    def temperature_high(self) -> float:
        """Highest temperature of the table in K."""
        return float(self.temperature[-1])

    def at_temperature(self, temperature: ArrayLike) -> Any:
        """Return the enthalpy (J/m3) at a temperature (K); on a plateau that of its hot end.

        Raises
        ------
        MaterialError
            If a temperature lies beyond an end that says "refuse", or is not a number.
        """
        T = np.asarray(temperature, dtype=np.float64)
        if np.isnan(T).any():
            raise MaterialError("temperature is not a number; enthalpy needs a finite temperature in K")
        self._refuse_beyond(T)
        return _linear(T, self.temperature, self.enthalpy)

    def temperature_at(self, enthalpy: ArrayLike) -> Any:
        """Return the temperature (K) at an enthalpy (J/m3); beyond an end its specific heat is held."""
        return _linear(np.asarray(enthalpy, dtype=np.float64), self.enthalpy, self.temperature)

    def conductivity_at(self, enthalpy: ArrayLike) -> Any:
        """Return the conductivity (W/m/K) at an enthalpy (J/m3); on a jump that of the hot side; ends are held."""
        return _linear(self._inside(enthalpy), self.enthalpy, self.conductivity)

    def fraction_solid_at(self, enthalpy: ArrayLike) -> Any:
        """Return the fraction solid at an enthalpy (J/m3).

        Raises
        ------
        MaterialError
            If the material is not an alloy.
        """
        return _linear(self._inside(enthalpy), self.enthalpy, self._solid())

    def enthalpy_at_fraction_solid(self, fraction_solid: ArrayLike) -> Any:
        """Return the enthalpy (J/m3) at which a cooling alloy first reaches a fraction solid.

        Zero gives the liquidus (the last enthalpy without solid), one the solidus.

        Raises
        ------
        MaterialError
            If the material is not an alloy or a fraction lies outside [0, 1].
        """
        wanted = np.asarray(fraction_solid, dtype=np.float64)
        if not ((wanted >= 0.0) & (wanted <= 1.0)).all():
            raise MaterialError(f"fraction solid = {fraction_solid!r} must lie in [0, 1]")
        rising, h = self._solid()[::-1], self.enthalpy[::-1]
        liquidus = int(np.searchsorted(rising, 0.0, side="right")) - 1
        high = np.maximum(np.searchsorted(rising, wanted, side="left"), liquidus + 1)
        low = high - 1
        share = (wanted - rising[low]) / (rising[high] - rising[low])
        out = h[low] + share * (h[high] - h[low])
        return float(out) if wanted.ndim == 0 else out

    def is_beyond(self, temperature: ArrayLike) -> Any:
        """Return where a temperature (K) lies outside the table, so that held values answer for it."""
        T = np.asarray(temperature, dtype=np.float64)
        return (T < self.temperature_low) | (T > self.temperature_high)

    def _inside(self, enthalpy: ArrayLike) -> NDArray[np.float64]:
        return np.clip(np.asarray(enthalpy, dtype=np.float64), self.enthalpy[0], self.enthalpy[-1])

    def _solid(self) -> NDArray[np.float64]:
        if self.fraction_solid is None:
            raise MaterialError("this material is not an alloy and has no fraction solid")
        return self.fraction_solid

    def _refuse_beyond(self, T: NDArray[np.float64]) -> None:
        if T.size == 0:
            return
        coldest, hottest = float(T.min()), float(T.max())
        if self.beyond_low == "refuse" and coldest < self.temperature_low:
            raise MaterialError(
                f"temperature = {coldest:.2f} K is below the table, which starts at {self.temperature_low:.2f} K "
                "and refuses what lies beyond; stay inside or extend the material's table"
            )
        if self.beyond_high == "refuse" and hottest > self.temperature_high:
            raise MaterialError(
                f"temperature = {hottest:.2f} K is above the table, which ends at {self.temperature_high:.2f} K "
                "and refuses what lies beyond; stay inside or extend the material's table"
            )

    @classmethod
    def constant(
        cls,
        *,
        density: float,
        specific_heat: float,
        conductivity: float,
        T_low: float = 200.0,
        T_high: float = 3000.0,
    ) -> HeatCurve:
        """Return the curve of a material with constant density (kg/m3), specific heat (J/kg/K) and k (W/m/K)."""
        T = np.array([T_low, T_high], dtype=np.float64)
        _positive("specific_heat", specific_heat, "J/kg/K")
        return cls(
            density * specific_heat * (T - REFERENCE_TEMPERATURE),
            T,
            np.full(2, conductivity, dtype=np.float64),
            density=density,
        )

    @classmethod
    def linear_alloy(
        cls,
        *,
        density: float,
        specific_heat: float,
        k_solid: float,
        k_mush: float,
        k_liquid: float,
        latent_heat: float,
        liquidus: float,
        solidus: float,
        specific_heat_liquid: float | None = None,
        T_low: float = 200.0,
        T_high: float = 3000.0,
    ) -> HeatCurve:
        """Return the curve of an alloy whose fraction solid is linear in temperature between two kinks.

        The three conductivities are constant, with exact jumps at solidus and liquidus. Equal solidus and liquidus
        make an isothermal plateau. Between the two the specific heat is the mean of solid and liquid.

        Parameters
        ----------
        density : float
            Density in kg/m3.
        specific_heat, specific_heat_liquid : float
            Specific heats in J/kg/K; that of the liquid defaults to that of the solid.
        k_solid, k_mush, k_liquid : float
            Conductivities in W/m/K.
        latent_heat : float
            Latent heat in J/kg.
        liquidus, solidus, T_low, T_high : float
            Temperatures in K, T_low < solidus <= liquidus < T_high.
        """
        cp_liquid = specific_heat if specific_heat_liquid is None else specific_heat_liquid
        _positive("specific_heat", specific_heat, "J/kg/K")
        _positive("specific_heat_liquid", cp_liquid, "J/kg/K")
        _positive("latent_heat", latent_heat, "J/kg")
        if not T_low < solidus <= liquidus < T_high:
            raise MaterialError(
                f"T_low < solidus <= liquidus < T_high must hold; got {T_low}, {solidus}, {liquidus}, {T_high} K"
            )
        mush = 0.5 * (specific_heat + cp_liquid) * (liquidus - solidus) + latent_heat
        at_solidus = specific_heat * (solidus - REFERENCE_TEMPERATURE)
        at_liquidus = at_solidus + mush
        h = np.array(
            [
                specific_heat * (T_low - REFERENCE_TEMPERATURE),
                at_solidus,
                at_solidus,
                at_liquidus,
                at_liquidus,
                at_liquidus + cp_liquid * (T_high - liquidus),
            ]
        )
        return cls(
            density * h,
            np.array([T_low, solidus, solidus, liquidus, liquidus, T_high], dtype=np.float64),
            np.array([k_solid, k_solid, k_mush, k_mush, k_liquid, k_liquid], dtype=np.float64),
            density=density,
            fraction_solid=np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0]),
        )


def _positive(name: str, value: float, unit: str) -> None:
    if not (np.isfinite(value) and value > 0.0):
        raise MaterialError(f"{name} = {value} {unit} must be above 0")


def _row(values: ArrayLike, name: str) -> NDArray[np.float64]:
    out = np.array(values, dtype=np.float64)
    if out.ndim != 1:
        raise MaterialError(f"{name} must be one row of numbers; got shape {out.shape}")
    if (bad := np.flatnonzero(~np.isfinite(out))).size:
        raise MaterialError(f"{name} of node {bad[0]} is {out[bad[0]]}; every node must be finite")
    out.flags.writeable = False
    return out


def _linear(x: NDArray[np.float64], nodes: NDArray[np.float64], values: NDArray[np.float64]) -> Any:
    """Interpolate; where nodes coincide the right one holds; end stretches are carried on beyond the ends."""
    i = np.clip(np.searchsorted(nodes, x, side="right") - 1, 0, nodes.size - 2)
    low = nodes[i]
    share = (x - low) / (nodes[i + 1] - low)
    out = values[i] + share * (values[i + 1] - values[i])
    return float(out) if x.ndim == 0 else out


# Heat capacity (J/m3/K) and conductivity (W/m/K) of what keeps its temperature: a channel of 1 cm3 that takes 10 MJ warms by a
# tenth of a kelvin, and half a voxel of it resists less than a thousandth of any film.
_HEAVY, _CONDUCTIVE = 1e14, 1e6


def reservoir(low: float = 100.0, high: float = 4000.0) -> HeatCurve:
    """Return the heat curve of what keeps its temperature, whatever heat it takes: flowing coolant, air, spray.

    Its enthalpy is then the book of the heat that it took.

    Parameters
    ----------
    low, high : float
        Ends of the curve in K.
    """
    T = np.array([low, high])
    return HeatCurve(_HEAVY * (T - REFERENCE_TEMPERATURE), T, np.full(2, _CONDUCTIVE), density=1.0)
