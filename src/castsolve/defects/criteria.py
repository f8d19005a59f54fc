"""Criteria fields: functions of the records of a run, by name, with one unit each."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, ResultsError, unknown_name
from ..results import FieldInfo, Results, field_info
from .modulus import thermal_modulus

__all__ = [
    "CRITERIA",
    "Criterion",
    "cooling_rate",
    "criterion",
    "front_speed",
    "niyama",
    "niyama_of",
    "thermal_gradient",
]


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion: a function of results that gives one value a voxel, with its units and meaning.

    Call it as the function it is. `info` is its row of the field table.
    """

    function: Callable[..., NDArray[np.float64]]
    info: FieldInfo = field(kw_only=True)

    def __call__(self, results: Results, **options: Any) -> NDArray[np.float64]:
        return self.function(results, **options)

    @property
    def name(self) -> str:
        """The name under which it is found."""
        return self.info.name


def _metal_field(results: Results, name: str) -> NDArray[np.float64]:
    return np.where(results.metal, np.asarray(results[name], dtype=np.float64), np.nan)


def thermal_gradient(results: Results) -> NDArray[np.float64]:
    """Return the temperature gradient in the metal at the Niyama point in K/m; NaN where not metal or not reached."""
    return _metal_field(results, "thermal_gradient")


def cooling_rate(results: Results) -> NDArray[np.float64]:
    """Return the cooling rate at the Niyama point in K/s, positive; NaN where not metal or not reached."""
    return _metal_field(results, "cooling_rate")


def niyama(results: Results) -> NDArray[np.float64]:
    """Return the Niyama value of every metal voxel in K^0.5 s^0.5 m^-1.

    ``Ny = G / sqrt(cooling rate)``, both taken at the Niyama point: the solidus plus 10 % of the freezing range.
    1000 SI units are 1 (K s)^0.5/mm, the unit shown; 1 (K min)^0.5/cm is 0.775 (K s)^0.5/mm.

    Parameters
    ----------
    results : Results
        A run with the fields "thermal_gradient" and "cooling_rate".

    Returns
    -------
    ndarray, shape (nx, ny, nz)
        NaN where the voxel is not metal, did not reach the point, or was not cooling there.

    Notes
    -----
    Low values mean that liquid flows to the last metal through a long mush: shrinkage porosity near centre lines. A
    threshold holds for one alloy only and was found with gradient and rate taken at one temperature; for most alloys
    none is known. Not valid for graphitic iron, where graphite makes up for shrinkage, nor under pressure.

    References
    ----------
    Niyama E., Uchida T., Morikawa M., Saito S. (1982), AFS Int. Cast Metals J. 7(3), 52-63.
    Carlson K.D., Beckermann C. (2009), Metall. Mater. Trans. A 40, 163-175.
    """
    return niyama_of(thermal_gradient(results), cooling_rate(results))


def niyama_of(gradient: ArrayLike, rate: ArrayLike) -> NDArray[np.float64]:
    """Return gradient (K/m) over the root of the cooling rate (K/s) of plain arrays; NaN where nothing cools."""
    G, R = np.broadcast_arrays(np.asarray(gradient, dtype=np.float64), np.asarray(rate, dtype=np.float64))
    out = np.full(G.shape, np.nan)
    cooling = np.isfinite(G) & np.isfinite(R) & (R > 0.0)
    np.divide(G, np.sqrt(R, out=np.ones_like(out), where=cooling), out=out, where=cooling)
    return out


def front_speed(results: Results) -> NDArray[np.float64]:
    """Return the speed of the freezing front in m/s: ``cooling rate / G`` at the Niyama point.

    The speed at which the surface of that temperature moves along its own normal. NaN where the voxel is not metal,
    did not reach the point, or has no gradient (the last voxel to freeze, where a front has no direction).
    """
    G, R = thermal_gradient(results), cooling_rate(results)
    out = np.full(G.shape, np.nan)
    moving = np.isfinite(G) & np.isfinite(R) & (G > 0.0)
    np.divide(R, G, out=out, where=moving)
    return out


CRITERIA: Mapping[str, Criterion] = MappingProxyType(
    {
        each.__name__: Criterion(each, info=field_info(each.__name__))
        for each in (niyama, thermal_modulus, front_speed, thermal_gradient, cooling_rate)
    }
)
"""All criteria by name, for example ``CRITERIA["niyama"](results)``."""


def criterion(results: Results, what: str | Callable[..., ArrayLike]) -> NDArray[np.float64]:
    """Return a criterion of a run: one of castsolve's by name, a recorded field by name, or a function of your own.

    Parameters
    ----------
    results : Results
    what : str or callable
        A name from `CRITERIA` or a field of the results; or a function whose parameters are named as the fields and
        criteria it wants (arrays ``[x, y, z]``, SI, NaN outside the metal), or whose one parameter is ``results``.

    Returns
    -------
    ndarray, shape (nx, ny, nz)

    Raises
    ------
    ResultsError
        If a name is neither a criterion nor a field of the results.
    InputError
        If the function's value has not one number a voxel.

    Examples
    --------
    >>> criterion(result, "niyama")
    >>> criterion(result, lambda thermal_gradient, solidification_time: thermal_gradient * solidification_time**0.5)
    """
    if isinstance(what, str):
        return np.asarray(_named(results, what), dtype=np.float64)
    if not callable(what):
        raise InputError(f"a criterion is a name or a function; this is a {type(what).__name__}")
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(what).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise InputError(f"a criterion names the fields it wants; {parameter} names none")
        if name in ("result", "results"):
            given[name] = results
        elif name in results or name in CRITERIA or parameter.default is parameter.empty:
            given[name] = _named(results, name)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        value = np.asarray(what(**given), dtype=np.float64)
    if value.shape != results.frame.shape:
        raise InputError(
            f"the criterion gave the shape {value.shape}; it must give one number a voxel, {results.frame.shape}"
        )
    return value


def _named(results: Results, name: str) -> NDArray[Any]:
    if name in results:
        return results[name]
    if name in CRITERIA:
        return CRITERIA[name](results)
    raise ResultsError(unknown_name("criterion or field", name, [*CRITERIA, *results]))
