"""Freezing paths from a thermodynamic database that the user names; needs the extra `calphad` (pycalphad)."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import MaterialError
from .elements import ATOMIC_MASSES

__all__ = ["FreezingPath", "ThermodynamicSystem"]

Array = NDArray[np.float64]
Model = Literal["scheil", "lever"]

# Names by which databases call what is no phase of a melt that freezes: clusters, zones and precipitates that form in the
# solid, and ordered forms of the plain lattices.
_NO_CASTING_PHASES = ("GP_", "CL_", "FCCAL", "FCCMG", "FCCSI", "PRE_B", "U1_", "U2_", "B_PRIME", "BETA_DP", "TH_DP", "AL_B_DP",
                      "MG5SI6", "MGSI_B_P", "FCC_4SL", "B2_BCC", "A1_FCC", "A2_BCC",
                      "L12_FCC", "GAS")  # fmt: skip
_PLAIN_LATTICES = ("LIQUID", "FCC_A1", "BCC_A2", "HCP_A3")
_HOTTEST = {"AL": 1100.0, "FE": 1900.0}
_COLDEST = 600.0
_SHARP = 0.002
_TRACE = 1e-6
_SMALLEST_STEP = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class FreezingPath:
    """How an alloy freezes, from hot to cold.

    Attributes
    ----------
    temperature : ndarray, shape (n,)
        K, falling.
    fraction_solid : ndarray, shape (n,)
        Mass solid over mass, rising from 0 to 1.
    heat_released : ndarray, shape (n,)
        Latent heat released so far in J/kg: each bit is the enthalpy of the liquid that froze less that of what it became,
        at one temperature.
    onsets : tuple of (str, float)
        Phases in the order in which they appear, with the temperature (K).
    masses : mapping of str to ndarray
        Mass fraction of every solid phase at each temperature.
    model : str
        "scheil" (no diffusion in the solid) or "lever" (equilibrium).
    """

    temperature: Array
    fraction_solid: Array
    heat_released: Array
    onsets: tuple[tuple[str, float], ...]
    masses: Mapping[str, Array]
    model: str

    @property
    def latent_heat(self) -> float:
        """Heat released in all, in J/kg."""
        return float(self.heat_released[-1])

    def onset(self, phase: str) -> float:
        """Return the temperature (K) at which a phase appears; an unknown one is refused."""
        found = dict(self.onsets)
        if phase not in found:
            raise MaterialError(f'no phase named "{phase}" forms on this path; those that form are {", ".join(found)}')
        return found[phase]

    def temperature_at(self, fraction_solid: float) -> float:
        """Return the temperature (K) at which a fraction solid is reached."""
        return float(np.interp(fraction_solid, self.fraction_solid, self.temperature))


class ThermodynamicSystem:
    """An alloy system of a thermodynamic database.

    Parameters
    ----------
    database : path
        A TDB file of your own. None comes with castsolve.
    elements : iterable of str
        Elements besides the base, such as ("Si", "Mg").
    base : str
        "Al" or "Fe".
    phases : iterable of str, optional
        Phases that may form. Default: all of the database but clusters, zones and ordered lattices.
    without : iterable of str
        Phases left out, for example ("GRAPHITE_A9",) for the metastable system of white iron.

    Raises
    ------
    MaterialError
        If pycalphad is not installed, the file cannot be read, or it lacks an element.
    """

    def __init__(
        self, database: str | Path, elements: Iterable[str], *, base: str = "Al", phases: Iterable[str] | None = None,
        without: Iterable[str] = (),
    ) -> None:  # fmt: skip
        pycalphad = _pycalphad()
        self.path = Path(database)
        self.base = base.upper()
        self.elements = tuple(sorted({e.upper() for e in elements} - {self.base}))
        unknown = [e for e in (self.base, *self.elements) if e.capitalize() not in ATOMIC_MASSES]
        if unknown:
            raise MaterialError(f'"{unknown[0].capitalize()}" is no element that castsolve knows')
        self._database = _read(pycalphad, self.path)
        missing = [e for e in (self.base, *self.elements) if e not in self._database.elements]
        if missing:
            known = ", ".join(sorted(e.capitalize() for e in self._database.elements if e.isalpha() and e != "VA"))
            raise MaterialError(f"{self.path.name} does not hold {missing[0].capitalize()}; it holds {known}")
        self._components = [self.base, *self.elements, "VA"]
        self.phases = self._allowed(pycalphad, phases, {name.upper() for name in without})
        self._v = pycalphad.variables
        self._calculate = pycalphad.calculate
        self._columns = sorted((self.base, *self.elements))
        self._mass = np.array([ATOMIC_MASSES[e.capitalize()] for e in self._columns])
        self._workspace = pycalphad.Workspace(database=self._database, components=self._components, phases=list(self.phases),
                                              conditions=self._conditions(_HOTTEST.get(self.base, 1900.0), None))  # fmt: skip

    def scheil(self, composition: Mapping[str, float], *, step: float = 1.0) -> FreezingPath:
        """Return the path without diffusion in the solid.

        Parameters
        ----------
        composition : mapping of str to float
            Mass per cent of every element besides the base.
        step : float
            Temperature step in K.
        """
        return _Scheil(self, self._mole_fractions(composition), step).run()

    def lever(self, composition: Mapping[str, float], *, step: float = 1.0) -> FreezingPath:
        """Return the path of equilibrium at every temperature; parameters as in `scheil`."""
        return _lever(self, self._mole_fractions(composition), step)

    def _allowed(self, pycalphad: Any, wanted: Iterable[str] | None, without: set[str]) -> tuple[str, ...]:
        from pycalphad.core.utils import filter_phases, unpack_species

        possible = set(filter_phases(self._database, unpack_species(self._database, self._components)))
        possible |= {name for name in _PLAIN_LATTICES if name in self._database.phases}
        if wanted is not None:
            names = {name.upper() for name in wanted}
            if absent := sorted(names - set(self._database.phases)):
                raise MaterialError(f'{self.path.name} holds no phase named "{absent[0]}"')
            possible = names
        else:
            possible = {name for name in possible if not name.startswith(_NO_CASTING_PHASES)}
        return tuple(sorted(possible - without))

    def _mole_fractions(self, composition: Mapping[str, float]) -> Array:
        given = {e.upper(): float(x) for e, x in composition.items() if e.upper() != self.base}
        if extra := sorted(set(given) - set(self.elements)):
            raise MaterialError(f"{extra[0].capitalize()} was not named when the system was made")
        total = sum(given.values())
        if not all(x >= 0.0 and math.isfinite(x) for x in given.values()) or not total < 100.0:
            raise MaterialError(f"a composition is mass per cent of each element, together below 100; got {dict(composition)}")
        share = np.array([given.get(e, 0.0) if e != self.base else 100.0 - total for e in self._columns])
        moles = share / self._mass
        return moles / moles.sum()

    def molar_mass(self, x: Array) -> float:
        """Return kg/mol of mole fractions in the order of the system's elements."""
        return float(x @ self._mass) * 1e-3

    def _conditions(self, T: float, x: Array | None) -> dict[Any, float]:
        v = self._v
        if x is None:
            x = np.full(len(self._columns), 1e-3)
        dependent = self._columns.index(self.base)
        parts = {v.X(e): max(float(x[i]), _TRACE * 1e-2) for i, e in enumerate(self._columns) if i != dependent}
        return {v.T: float(T), v.P: 101325.0, v.N: 1.0, **parts}

    def equilibrium(self, T: float, x: Array) -> Equilibrium | None:
        """Return the equilibrium at a temperature (K) and mole fractions, or None where the solver does not converge."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._workspace.conditions = self._conditions(T, x)
            H = float(np.squeeze(self._workspace.get("HM")))
            eq = self._workspace.eq
            names = [str(name) for name in np.atleast_1d(np.squeeze(eq.Phase))]
            amounts = np.atleast_1d(np.squeeze(np.asarray(eq.NP)))
            contents = np.atleast_2d(np.squeeze(np.asarray(eq.X)))
        keep = [i for i, name in enumerate(names) if name and np.isfinite(amounts[i]) and amounts[i] > 0.0]
        if not keep or not math.isfinite(H) or abs(sum(amounts[i] for i in keep) - 1.0) > 1e-4:
            return None
        return Equilibrium(H, tuple((names[i], float(amounts[i]), contents[i]) for i in keep))

    def liquid_enthalpy(self, T: float, x: Array) -> float:
        """Return the molar enthalpy (J/mol) of undercooled liquid at a temperature (K) and mole fractions."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            points = np.maximum(x, _TRACE * 1e-2)[None, :]
            found = self._calculate(self._database, self._components, "LIQUID", T=T, P=101325.0, N=1.0, output="HM",
                                    points=points / points.sum())  # fmt: skip
        return float(np.squeeze(found.HM.values))

    def liquidus(self, x: Array) -> float:
        """Return the temperature (K) below which the first solid forms."""
        hot = _HOTTEST.get(self.base, 1900.0)
        cold = hot
        while not self._solid_forms(cold, x):
            hot, cold = cold, cold - 20.0
            if cold < _COLDEST:
                raise MaterialError(f"no solid forms above {_COLDEST:.0f} K; the database does not fit this composition")
        if cold == hot:
            raise MaterialError(f"at {hot:.0f} K this composition is not liquid; castsolve does not look hotter")
        return self.bisect(hot, cold, lambda T: self._solid_forms(T, x))

    def _solid_forms(self, T: float, x: Array) -> bool:
        found = self.equilibrium(T, x)
        return found is not None and found.liquid_share < 1.0 - 1e-9

    @staticmethod
    def bisect(hot: float, cold: float, happened: Any) -> float:
        """Return the highest temperature (K), to 0.002 K, at which something has happened that has not when hotter."""
        while hot - cold > _SHARP:
            middle = 0.5 * (hot + cold)
            if happened(middle):
                cold = middle
            else:
                hot = middle
        return cold


@dataclass(frozen=True, slots=True, eq=False)
class Equilibrium:
    """One equilibrium: molar enthalpy (J/mol) and phases with molar amount and mole fractions."""

    enthalpy: float
    phases: tuple[tuple[str, float, Array], ...]

    @property
    def liquid_share(self) -> float:
        """Moles of liquid over moles."""
        return sum(amount for name, amount, _ in self.phases if name == "LIQUID")

    @property
    def liquid(self) -> Array:
        """Mole fractions of the liquid."""
        share = self.liquid_share
        total: Array = np.sum([amount / share * x for name, amount, x in self.phases if name == "LIQUID"], axis=0)
        return total

    @property
    def solids(self) -> frozenset[str]:
        """Names of the solid phases."""
        return frozenset(name for name, _, _ in self.phases if name != "LIQUID")


class _Scheil:
    """One Scheil path: at every step what is solid in equilibrium with the liquid left freezes and takes no further part."""

    def __init__(self, system: ThermodynamicSystem, x: Array, step: float) -> None:
        self.system, self.x, self.step = system, x, step
        self.liquid, self.heat = 1.0, 0.0
        self.rows: list[tuple[float, float, float]] = []
        self.onsets: dict[str, float] = {}
        self.masses: dict[str, float] = {}
        self.history: list[dict[str, float]] = []

    def run(self) -> FreezingPath:
        T = self.system.liquidus(self.x)
        self._note(T)
        while self.liquid > 1e-4:
            cold = T - self.step
            if cold < _COLDEST:
                raise MaterialError(f"{100 * self.liquid:.2g} % liquid is left at {_COLDEST:.0f} K; the database does not fit")
            found = self.system.equilibrium(cold, self.x)
            new = frozenset() if found is None else found.solids - set(self.onsets)
            if new and found is not None:
                # The path gets a row where a phase appears, so that a eutectic keeps its corner.
                onset = self.system.bisect(T, cold, lambda t, new=new: bool(new & self._solids(t)))
                self.onsets.update((name, onset) for name in sorted(new))
                if T - onset > _SMALLEST_STEP and self.rows[0][0] - onset > _SMALLEST_STEP:
                    before = self.system.equilibrium(onset + _SHARP, self.x)
                    if before is not None and before.liquid_share > 0.0:
                        self._freeze(before, onset + _SHARP)
                    self._note(onset)
                    T = onset
                    continue
            if found is None or (found.liquid_share <= 0.0 and not self._confirmed(cold)):
                T = cold  # a lonely point that did not converge is left out
                continue
            if found.liquid_share <= 0.0:
                # Constant liquid composition freezes at one temperature: look for it.
                cold = self.system.bisect(T, cold, lambda t: self._gone(t))
                found = self.system.equilibrium(cold, self.x) or found
            self._freeze(found, cold)
            self._note(cold)
            T = cold
        T_all, f, heat = (np.array(column) for column in zip(*self.rows, strict=True))
        f[-1] = 1.0
        names = sorted({name for row in self.history for name in row})
        masses = {name: np.array([row.get(name, 0.0) for row in self.history]) for name in names}
        return FreezingPath(T_all, f, heat, tuple(self.onsets.items()), masses, "scheil")

    def _solids(self, T: float) -> frozenset[str]:
        found = self.system.equilibrium(T, self.x)
        return frozenset() if found is None else found.solids

    def _gone(self, T: float) -> bool:
        found = self.system.equilibrium(T, self.x)
        return found is not None and found.liquid_share <= 0.0

    def _confirmed(self, T: float) -> bool:
        return self._gone(T - 0.25 * self.step) and self._gone(T - 0.5 * self.step)

    def _freeze(self, found: Equilibrium, T: float) -> None:
        moles = self.liquid / self.system.molar_mass(self.x)
        self.heat += moles * (self.system.liquid_enthalpy(T, self.x) - found.enthalpy)
        for name, amount, x in found.phases:
            if name != "LIQUID":
                self.masses[name] = self.masses.get(name, 0.0) + moles * amount * self.system.molar_mass(x)
        share = found.liquid_share
        if share <= 0.0:
            self.liquid = 0.0
            return
        self.x = found.liquid
        self.liquid = moles * share * self.system.molar_mass(self.x)

    def _note(self, T: float) -> None:
        self.rows.append((T, 1.0 - self.liquid, self.heat))
        self.history.append(dict(self.masses))


def _lever(system: ThermodynamicSystem, x: Array, step: float) -> FreezingPath:
    """Equilibrium of the whole at every temperature; the heat is that against liquid at the same temperature."""
    mass = system.molar_mass(x)
    T = system.liquidus(x)
    rows: list[tuple[float, float, float]] = [(T, 0.0, 0.0)]
    history: list[dict[str, float]] = [{}]
    onsets: dict[str, float] = {}

    def note(at: float, found: Equilibrium | None) -> None:
        if found is None:
            return
        share = found.liquid_share
        liquid = share * system.molar_mass(found.liquid) / mass if share > 0.0 else 0.0
        if 1.0 - liquid < rows[-1][1]:
            return
        rows.append((at, 1.0 - liquid, (system.liquid_enthalpy(at, x) - found.enthalpy) / mass))
        shares: dict[str, float] = {}
        for name, amount, content in found.phases:
            if name != "LIQUID":
                shares[name] = shares.get(name, 0.0) + amount * system.molar_mass(content) / mass
        history.append(shares)

    while rows[-1][1] < 1.0:
        hot, T = T, T - step
        if T < _COLDEST:
            raise MaterialError(f"liquid is left at {_COLDEST:.0f} K; the database does not fit this composition")
        found = system.equilibrium(T, x)
        if found is None:
            continue
        if found.liquid_share <= 0.0:
            below = system.equilibrium(T - 0.5 * step, x)
            if below is not None and below.liquid_share > 0.0:
                continue  # a lonely point that did not converge
            T = system.bisect(hot, T, lambda t: (e := system.equilibrium(t, x)) is not None and e.liquid_share <= 0.0)
            found = system.equilibrium(T, x) or found
        for name in sorted(found.solids - set(onsets)):
            onsets[name] = system.bisect(
                hot, T, lambda t, name=name: (e := system.equilibrium(t, x)) is not None and name in e.solids
            )
            if hot - onsets[name] > 2.0 * _SHARP and T < onsets[name] + _SHARP < rows[-1][0]:
                # A row where a phase appears, so that a eutectic keeps its corner.
                note(onsets[name] + _SHARP, system.equilibrium(onsets[name] + _SHARP, x))
        note(T, found)
    T_all, f, heat_all = (np.array(column) for column in zip(*rows, strict=True))
    names = sorted({name for row in history for name in row})
    masses = {name: np.array([row.get(name, 0.0) for row in history]) for name in names}
    return FreezingPath(T_all, f, heat_all, tuple(onsets.items()), masses, "lever")


def thinned(path: FreezingPath, keep: Sequence[float] = (), *, tolerance: float = 2e-3) -> list[tuple[float, float, float]]:
    """Return rows (K, fraction solid, share of the heat) of a path: few, none off the path by more than the tolerance.

    Parameters
    ----------
    keep : sequence of float
        Temperatures (K) of rows that stay, such as the onset of a eutectic.
    tolerance : float
        Largest error of fraction solid between rows.
    """
    T, f = path.temperature, path.fraction_solid
    share = path.heat_released / path.latent_heat
    rising = np.concatenate([[True], (np.diff(f) > 1e-9) & (np.diff(share) > 1e-9)])
    T, f, share = T[rising], f[rising], share[rising]
    marks = {0, len(T) - 1} | {int(np.argmin(np.abs(T - t))) for t in keep}
    kept = sorted(marks)
    position = 0
    while position < len(kept) - 1:
        a, b = kept[position], kept[position + 1]
        inner = np.arange(a + 1, b)
        if inner.size and T[a] > T[b]:
            along = (T[a] - T[inner]) / (T[a] - T[b])
            error = np.maximum(np.abs(f[a] + along * (f[b] - f[a]) - f[inner]),
                               np.abs(share[a] + along * (share[b] - share[a]) - share[inner]))  # fmt: skip
            if error.max() > tolerance:
                kept.insert(position + 1, int(inner[np.argmax(error)]))
                continue
        position += 1
    return [(float(T[i]), float(f[i]), float(share[i])) for i in kept]


def _pycalphad() -> Any:
    try:
        import pycalphad
    except ImportError as error:
        raise MaterialError(
            'a freezing path from a thermodynamic database needs pycalphad, which is not installed; run '
            'pip install "castsolve[calphad]"'
        ) from error
    return pycalphad


def _read(pycalphad: Any, path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise MaterialError(f"{path} cannot be read: {error.strerror}") from error
    # OpenCalphad calls the magnetic moment BMAG; read as it stands, its term of the free energy would be lost silently.
    text = text.replace(" BMAG(", " BMAGN(")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pycalphad.Database.from_string(text, fmt="tdb")
    except Exception as error:  # a parser of others: whatever it raises means that the file is no database
        raise MaterialError(f"{path} is no thermodynamic database (TDB): {error}") from error
