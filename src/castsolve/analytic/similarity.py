"""Freezing of a half space: exact similarity solutions with any number of phases.

Everything depends on ``z = x / (2 sqrt(t))`` alone, with x counted from the wall into the metal. In a phase of constant
properties the temperature is an error function of z; in a mushy zone whose fraction liquid is a curve of temperature it
follows one ordinary differential equation. The heat flow number ``F = k dT/dz`` is continuous except at an isothermal
front, where it falls by ``2 z rho L``. One unknown, F at the wall, is found by shooting.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, SolveError
from .phases import Phase

__all__ = ["HalfSpace", "Stretch", "freeze"]

Floats = NDArray[np.float64]
_ROOT_PI = math.sqrt(math.pi)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The metal between two temperatures, and the front at its hot end.

    Parameters
    ----------
    phase : Phase
        Properties of the stretch; with a `heat_rate` its specific heat is not used.
    upper : float
        Temperature of the hot end in K; inf for the liquid.
    latent_heat : float
        Heat in J/kg that is released at `upper` at once (an isothermal front); 0 if none.
    name : str
        Name of the level at `upper`, such as "liquidus".
    heat_rate : callable, optional
        dH/dT in J/m3/K as a function of T, for a stretch whose heat is not linear in temperature.
    """

    phase: Phase
    upper: float
    latent_heat: float = 0.0
    name: str = ""
    heat_rate: Callable[[float], float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """One solved stretch: T and F at its cold end and the way on from there."""

    z_low: float
    z_high: float
    T_low: float
    F_low: float
    phase: Phase
    dense: Any = None

    def flow(self, z: Floats) -> Floats:
        if self.dense is not None:
            return np.asarray(self.dense(z)[1], dtype=float)
        a = self.phase.diffusivity
        return np.asarray(self.F_low * np.exp(-(z * z - self.z_low**2) / a), dtype=float)

    def temperature(self, z: Floats) -> Floats:
        if self.dense is not None:
            return np.asarray(self.dense(z)[0], dtype=float)
        from scipy.special import erfcx

        root = math.sqrt(self.phase.diffusivity)
        low = self.z_low / root
        x = z / root
        # erfc(low) - erfc(x) scaled by exp(low**2) so that thin far pieces keep their digits
        gap = erfcx(low) - np.exp(low * low - x * x) * erfcx(x)
        return np.asarray(self.T_low + self.F_low / self.phase.conductivity * root * _ROOT_PI / 2.0 * gap, dtype=float)


@dataclass(frozen=True, slots=True, eq=False)
class HalfSpace:
    """The exact freezing of a half space; made by `neumann`, `schwarz`, `linear_alloy` or `scheil_alloy`.

    All temperatures are in K (or in any scale with the same step, as only differences count), lengths in m, times in s.

    Attributes
    ----------
    pieces : tuple
        The solved stretches, from the wall inwards.
    fronts : dict of str to float
        ``x / (2 sqrt(t))`` of each named front, in m s^-0.5.
    surface_temperature : float
        Temperature of the wall, constant in time.
    initial : float
        Temperature of the metal far from the wall.
    mould : Phase or None
        The mould, where there is one, at `mould_initial` far from the wall.
    """

    pieces: tuple[_Piece, ...]
    fronts: dict[str, float]
    surface_temperature: float
    initial: float
    mould: Phase | None = None
    mould_initial: float = math.nan

    def front(self, name: str, time: ArrayLike) -> Floats:
        """Return the distance of a front from the wall."""
        if name not in self.fronts:
            from ..errors import unknown_name

            raise InputError(unknown_name("front", name, self.fronts))
        return np.asarray(2.0 * self.fronts[name] * np.sqrt(np.asarray(time, dtype=float)))

    def arrival(self, name: str, x: ArrayLike) -> Floats:
        """Return the time at which a front reaches the distance x from the wall."""
        z = self.front(name, 1.0) / 2.0
        return np.asarray(np.asarray(x, dtype=float) ** 2 / (4.0 * z * z))

    def temperature(self, x: ArrayLike, time: ArrayLike) -> Floats:
        """Return the temperature at distances x from the wall (negative: in the mould) and times above 0."""
        x, time = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(time, dtype=float))
        z = x / (2.0 * np.sqrt(time))
        out = np.where(z > 0.0, self.initial, self.surface_temperature)
        for piece in self.pieces:
            here = (z >= piece.z_low) & (z <= piece.z_high) & (z > 0.0)
            if here.any():
                out[here] = piece.temperature(z[here])
        cold = z < 0.0
        if cold.any():
            out[cold] = self._mould_temperature(z[cold])
        return out

    def _mould_temperature(self, z: Floats) -> Floats:
        if self.mould is None:
            raise InputError("x < 0 lies in the mould, and this solution has a fixed wall; ask for x >= 0")
        from scipy.special import erfc

        rise = self.surface_temperature - self.mould_initial
        return np.asarray(self.mould_initial + rise * erfc(-z / math.sqrt(self.mould.diffusivity)))

    def level(self, temperature: float) -> float:
        """Return ``x / (2 sqrt(t))`` of the place that has a given temperature."""
        from scipy.optimize import brentq

        for piece in self.pieces:
            high = piece.z_high
            if not math.isfinite(high):
                high = piece.z_low + 12.0 * math.sqrt(piece.phase.diffusivity)
            ends = piece.temperature(np.array([piece.z_low, high]))
            if ends[0] <= temperature <= ends[1]:
                found = brentq(
                    lambda z, p=piece: float(p.temperature(np.asarray(z))) - temperature, piece.z_low, high, xtol=1e-16
                )
                return float(found)
        raise InputError(
            f"temperature = {temperature:g} K is nowhere in this half space; "
            f"it must lie between {self.surface_temperature:g} K and {self.initial:g} K"
        )

    def gradient(self, temperature: float, time: ArrayLike) -> Floats:
        """Return the temperature gradient in K/m at the place that has a given temperature."""
        _, slope = self._slope(temperature)
        return np.asarray(slope / (2.0 * np.sqrt(np.asarray(time, dtype=float))))

    def cooling_rate(self, temperature: float, time: ArrayLike) -> Floats:
        """Return the cooling rate in K/s (positive) at the place that has a given temperature."""
        z, slope = self._slope(temperature)
        return np.asarray(z * slope / (2.0 * np.asarray(time, dtype=float)))

    def niyama(self, temperature: float) -> float:
        """Return gradient / sqrt(cooling rate) at a given temperature in K^0.5 s^0.5 m^-1: the same everywhere."""
        z, slope = self._slope(temperature)
        return math.sqrt(slope / (2.0 * z))

    def _slope(self, temperature: float) -> tuple[float, float]:
        z = self.level(temperature)
        piece = next(p for p in self.pieces if p.z_low <= z <= p.z_high)
        return z, float(piece.flow(np.asarray(z))) / piece.phase.conductivity

    def wall_heat(self, time: ArrayLike) -> Floats:
        """Return the heat in J/m2 that has left the metal through the wall."""
        return np.asarray(self.pieces[0].F_low * np.sqrt(np.asarray(time, dtype=float)))


def _march(stretches: Sequence[Stretch], T_wall: float, F_wall: float) -> tuple[list[_Piece], dict[str, float], float]:
    """Go from the wall inwards; return the pieces, the fronts and the temperature reached at infinity."""
    from scipy.special import erfcinv, erfcx

    pieces: list[_Piece] = []
    fronts: dict[str, float] = {}
    z, T, F = 0.0, T_wall, F_wall
    for stretch in stretches:
        if stretch.upper <= T:
            continue
        phase = stretch.phase
        if stretch.heat_rate is not None:
            z_high, F_high, dense = _integrate(stretch, z, T, F)
            pieces.append(_Piece(z, z_high, T, F, phase, dense))
            if not math.isfinite(z_high):
                return pieces, fronts, float(dense(_far(z, phase))[0])
        else:
            root = math.sqrt(phase.diffusivity)
            low = z / root
            reach = T + F / phase.conductivity * root * _ROOT_PI / 2.0 * float(erfcx(low))
            if reach <= stretch.upper:
                pieces.append(_Piece(z, math.inf, T, F, phase))
                return pieces, fronts, reach
            left = math.exp(-low * low) * (reach - stretch.upper) / (reach - T) * float(erfcx(low))
            z_high = max(z, root * float(erfcinv(left)))
            pieces.append(_Piece(z, z_high, T, F, phase))
            F_high = F * math.exp(-(z_high**2 - z**2) / phase.diffusivity)
        F = F_high - 2.0 * z_high * phase.density * stretch.latent_heat
        z, T = z_high, stretch.upper
        if stretch.name:
            fronts[stretch.name] = z
        if F <= 0.0:
            # the front asks for more heat than arrives: it would stand at its own temperature for ever
            return pieces, fronts, T + F / phase.conductivity * math.sqrt(phase.diffusivity)
    raise InputError("the last stretch must be the liquid with upper = inf")


def _far(z: float, phase: Phase) -> float:
    return z + 40.0 * math.sqrt(phase.diffusivity)


def _integrate(stretch: Stretch, z: float, T: float, F: float) -> tuple[float, float, Any]:
    """Integrate a stretch whose heat is a curve of temperature up to its hot end."""
    from scipy.integrate import solve_ivp

    k, rate = stretch.phase.conductivity, stretch.heat_rate
    assert rate is not None

    def slope(position: float, state: Floats) -> list[float]:
        dT = state[1] / k
        return [dT, -2.0 * position * rate(min(state[0], stretch.upper)) * dT]

    def arrived(_position: float, state: Floats) -> float:
        return float(state[0] - stretch.upper)

    arrived.terminal = True  # type: ignore[attr-defined]
    run = solve_ivp(
        slope,
        (z, _far(z, stretch.phase)),
        [T, F],
        method="DOP853",
        rtol=1e-12,
        atol=1e-9,
        events=arrived,
        dense_output=True,
        first_step=1e-4 * math.sqrt(stretch.phase.diffusivity),
    )
    if not run.success:
        raise SolveError(f"the similarity equation could not be integrated: {run.message}")
    if run.t_events[0].size:
        return float(run.t_events[0][0]), float(run.y_events[0][0][1]), run.sol
    return math.inf, 0.0, run.sol


def freeze(
    stretches: Sequence[Stretch],
    *,
    initial: float,
    wall: float | None = None,
    mould: Phase | None = None,
    mould_initial: float | None = None,
) -> HalfSpace:
    """Return the exact freezing of a half space made of given stretches, from the coldest to the liquid.

    Parameters
    ----------
    stretches : sequence of Stretch
        Ordered by temperature; the last one has ``upper = inf``.
    initial : float
        Temperature of the metal before contact, in K.
    wall : float, optional
        Fixed temperature of the wall, in K.
    mould, mould_initial : Phase and float, optional
        Instead of a fixed wall: a half space of mould in perfect contact, and its temperature before contact.
    """
    from scipy.optimize import brentq

    if (wall is None) == (mould is None or mould_initial is None):
        raise InputError("give either wall or both mould and mould_initial")
    cold = wall if wall is not None else mould_initial
    assert cold is not None
    if not initial > cold:
        raise InputError(f"initial = {initial:g} K must be above the wall or mould at {cold:g} K")

    def surface(F: float) -> float:
        # heat flow F / (2 sqrt t) into the mould against e (T_s - T_0) / sqrt(pi t)
        return cold + (0.0 if mould is None else 0.5 * _ROOT_PI * F / mould.effusivity)

    def miss(log_F: float) -> float:
        F = math.exp(log_F)
        if surface(F) >= initial:
            return surface(F) - initial + 1.0
        return _march(stretches, surface(F), F)[2] - initial

    scale = (initial - cold) * max(s.phase.effusivity for s in stretches)
    low, high = math.log(scale) - 12.0, math.log(scale) + 12.0
    F = math.exp(float(brentq(miss, low, high, xtol=1e-15, rtol=8.9e-16, maxiter=300)))
    pieces, fronts, _ = _march(stretches, surface(F), F)
    return HalfSpace(
        pieces=tuple(pieces),
        fronts=fronts,
        surface_temperature=surface(F),
        initial=initial,
        mould=mould,
        mould_initial=math.nan if mould_initial is None else mould_initial,
    )
