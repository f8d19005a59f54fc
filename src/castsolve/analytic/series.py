"""Slabs, cylinders, spheres and blocks cooled by a heat-transfer coefficient: exact series.

Source: Carslaw and Jaeger, Conduction of Heat in Solids, 2nd ed., 1959, sections 3.11, 7.7 and 9.4; a block is the
product of three slabs (section 5.6).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, unknown_name
from .phases import Phase

__all__ = ["RobinBlock", "RobinBody", "hot_sphere_in_equal_medium"]

Floats = NDArray[np.float64]
_SHAPES = ("slab", "cylinder", "sphere")


def _roots(shape: str, biot: float, terms: int) -> Floats:
    """Return the first eigenvalues mu of a shape."""
    from scipy.optimize import brentq
    from scipy.special import j0, j1, jn_zeros

    f: Callable[[float], float]
    if shape == "slab":
        starts = np.arange(terms) * math.pi
        ends = starts + math.pi / 2.0
        f = lambda mu: mu * math.sin(mu) - biot * math.cos(mu)  # noqa: E731
    elif shape == "sphere":
        starts = np.arange(terms) * math.pi
        ends = starts + math.pi
        starts[0] = 1e-9
        f = lambda mu: (1.0 - biot) * math.sin(mu) - mu * math.cos(mu)  # noqa: E731
    else:
        ends = jn_zeros(0, terms)
        starts = np.concatenate([[0.0], jn_zeros(1, terms - 1)])
        f = lambda mu: mu * float(j1(mu)) - biot * float(j0(mu))  # noqa: E731
    return np.array([brentq(f, a, b, xtol=1e-14, rtol=8.9e-16) for a, b in zip(starts, ends, strict=True)])


@dataclass(frozen=True, slots=True, kw_only=True)
class RobinBody:
    """A slab, long cylinder or sphere of uniform temperature, cooled by a heat-transfer coefficient from time 0 on.

    Results are the excess temperature over the environment, relative to its start: 1 at first, 0 in the end.

    Parameters
    ----------
    shape : str
        "slab", "cylinder" or "sphere".
    size : float
        Half thickness or radius in m.
    phase : Phase
        The material.
    htc : float
        Heat-transfer coefficient in W/m2/K.
    terms : int, optional
        Terms of the series; the default is exact to 1e-6 for Fourier numbers above 1e-4.
    """

    shape: str
    size: float
    phase: Phase
    htc: float
    terms: int = 200

    def __post_init__(self) -> None:
        if self.shape not in _SHAPES:
            raise InputError(unknown_name("shape", self.shape, _SHAPES))
        for name in ("size", "htc"):
            value = getattr(self, name)
            if not (value > 0.0 and math.isfinite(value)):
                raise InputError(f"{name} = {value:g} must be a finite number above 0")

    @property
    def biot(self) -> float:
        """Biot number on `size`."""
        return self.htc * self.size / self.phase.conductivity

    def _terms(self) -> tuple[Floats, Floats, Floats]:
        """Return eigenvalues, weights at the centre and weights of the mean."""
        from scipy.special import j0, j1

        mu = _roots(self.shape, self.biot, self.terms)
        if self.shape == "slab":
            weight = 4.0 * np.sin(mu) / (2.0 * mu + np.sin(2.0 * mu))
            return mu, weight, weight * np.sin(mu) / mu
        if self.shape == "cylinder":
            weight = 2.0 * j1(mu) / (mu * (j0(mu) ** 2 + j1(mu) ** 2))
            return mu, weight, weight * 2.0 * j1(mu) / mu
        weight = 4.0 * (np.sin(mu) - mu * np.cos(mu)) / (2.0 * mu - np.sin(2.0 * mu))
        return mu, weight, weight * 3.0 * (np.sin(mu) - mu * np.cos(mu)) / mu**3

    def excess(self, r: ArrayLike, time: ArrayLike) -> Floats:
        """Return the relative excess temperature at distance r from the centre (plane) at times above 0."""
        from scipy.special import j0

        mu, weight, _ = self._terms()
        r, time = np.broadcast_arrays(np.asarray(r, dtype=float), np.asarray(time, dtype=float))
        fourier = self.phase.diffusivity * time[..., None] / self.size**2
        angle = mu * r[..., None] / self.size
        shape = {"slab": np.cos, "cylinder": j0, "sphere": lambda a: np.sinc(a / math.pi)}[self.shape](angle)
        return np.asarray((weight * shape * np.exp(-mu * mu * fourier)).sum(axis=-1))

    def mean_excess(self, time: ArrayLike) -> Floats:
        """Return the relative excess temperature averaged over the body."""
        mu, _, weight = self._terms()
        fourier = self.phase.diffusivity * np.asarray(time, dtype=float)[..., None] / self.size**2
        return np.asarray((weight * np.exp(-mu * mu * fourier)).sum(axis=-1))

    def time_to_mean(self, excess: float) -> float:
        """Return the time at which the mean excess has fallen to a given value in (0, 1)."""
        lumped = self.phase.density * self.phase.specific_heat * self.size
        lumped /= self.htc * {"slab": 1.0, "cylinder": 2.0, "sphere": 3.0}[self.shape]
        return _fall(self.mean_excess, excess, lumped)


@dataclass(frozen=True, slots=True, kw_only=True)
class RobinBlock:
    """A block of uniform temperature, cooled on all six sides by one heat-transfer coefficient: product of three slabs.

    Parameters
    ----------
    lengths : sequence of 3 floats
        Edge lengths in m; the block is centred on the origin.
    phase : Phase
        The material.
    htc : float
        Heat-transfer coefficient in W/m2/K.
    """

    lengths: Sequence[float]
    phase: Phase
    htc: float

    def __post_init__(self) -> None:
        if len(self.lengths) != 3:
            raise InputError(f"lengths = {tuple(self.lengths)} must be three numbers in m")

    @property
    def slabs(self) -> tuple[RobinBody, ...]:
        """The three slabs whose product is the block."""
        return tuple(RobinBody(shape="slab", size=e / 2.0, phase=self.phase, htc=self.htc) for e in self.lengths)

    def excess(self, x: ArrayLike, y: ArrayLike, z: ArrayLike, time: ArrayLike) -> Floats:
        """Return the relative excess temperature at places counted from the centre of the block."""
        a, b, c = (slab.excess(place, time) for slab, place in zip(self.slabs, (x, y, z), strict=True))
        return np.asarray(a * b * c)

    def mean_excess(self, time: ArrayLike) -> Floats:
        """Return the relative excess temperature averaged over the block."""
        a, b, c = (slab.mean_excess(time) for slab in self.slabs)
        return np.asarray(a * b * c)

    def time_to_mean(self, excess: float) -> float:
        """Return the time at which the mean excess has fallen to a given value in (0, 1)."""
        modulus = 0.5 / sum(1.0 / e for e in self.lengths)
        return _fall(self.mean_excess, excess, self.phase.density * self.phase.specific_heat * modulus / self.htc)


def _fall(mean: Callable[[float], Floats], excess: float, scale: float) -> float:
    from scipy.optimize import brentq

    if not 0.0 < excess < 1.0:
        raise InputError(f"excess = {excess:g} must lie in (0, 1)")
    last = scale
    while mean(last) > excess:
        last *= 2.0
    return float(brentq(lambda t: float(mean(t)) - excess, 1e-9 * scale, last, xtol=1e-12 * scale, rtol=1e-13))


def hot_sphere_in_equal_medium(
    r: ArrayLike, time: ArrayLike, *, radius: float, phase: Phase, inside: float, outside: float
) -> Floats:
    """Return the temperature of a hot sphere that was put into an endless cold medium of the same material.

    Parameters
    ----------
    r, time : array_like
        Distance from the centre in m and time above 0 in s.
    radius : float
        Radius of the sphere in m.
    phase : Phase
        The one material.
    inside, outside : float
        Temperatures at time 0 in K.

    References
    ----------
    Carslaw and Jaeger, Conduction of Heat in Solids, 2nd ed., 1959, section 10.3.
    """
    from scipy.special import erf

    r, time = np.broadcast_arrays(np.asarray(r, dtype=float), np.asarray(time, dtype=float))
    width = 2.0 * np.sqrt(phase.diffusivity * time)
    place = np.maximum(r, 1e-9 * radius)
    plus, minus = (radius + place) / width, (radius - place) / width
    share = 0.5 * (erf(plus) + erf(minus)) - width / (2.0 * place * math.sqrt(math.pi)) * (
        np.exp(-minus * minus) - np.exp(-plus * plus)
    )
    return np.asarray(outside + (inside - outside) * share)
