"""From a composition to a freezing path by correlation: aluminium with silicon, graphitic iron, low-alloy steel.

Compositions are mass per cent, temperatures degC as in the sources. Each correlation knows where it holds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["CARRIED", "LIMITS", "Freezing", "aluminium", "graphite_shape", "iron", "steel"]

Composition = Mapping[str, float]
Rows = list[tuple[float, float, float]]

LIMITS: dict[str, dict[str, tuple[float, float]]] = {
    "aluminium": {"Si": (3.0, 12.0), "Cu": (0.0, 5.0), "Mg": (0.0, 0.8), "Zn": (0.0, 2.0)},
    "iron": {"C": (2.6, 3.9), "Si": (0.5, 3.0), "Mn": (0.0, 1.0), "Cu": (0.0, 1.0), "Cr": (0.0, 0.4), "Ni": (0.0, 1.0),
             "Mo": (0.0, 0.4)},
    "steel": {"C": (0.05, 0.6), "Si": (0.0, 1.0), "Mn": (0.1, 1.8), "Cr": (0.0, 3.0), "Ni": (0.0, 3.0), "Mo": (0.0, 1.0),
              "P": (0.0, 0.05), "S": (0.0, 0.05)},
}  # fmt: skip
"""Mass per cent between which the correlations of a family hold."""

CARRIED: dict[str, dict[str, float]] = {
    "aluminium": {"Fe": 1.3, "Mn": 0.6, "Ti": 0.25, "Sr": 0.05, "Cr": 0.3, "Ni": 0.5, "Pb": 0.2, "Sn": 0.2, "Sb": 0.3, "B": 0.05,
                  "Zr": 0.2, "V": 0.2},
    "iron": {"P": 0.1, "S": 0.12, "Mg": 0.08, "Ti": 0.1, "Sn": 0.1, "V": 0.1, "Sb": 0.1, "Al": 0.1, "Nb": 0.1, "B": 0.05,
             "N": 0.02},
    "steel": {"Cu": 0.3, "Al": 0.1, "V": 0.15, "Nb": 0.1, "Ti": 0.1, "N": 0.03, "B": 0.01, "W": 0.1, "Co": 0.1, "Sn": 0.05},
}  # fmt: skip
"""Mass per cent up to which an element may be present without being counted."""


@dataclass(frozen=True, slots=True)
class Freezing:
    """What a composition says of freezing; temperatures in degC, heat in kJ/kg, graphite and shrinkage in per cent.

    Attributes
    ----------
    rows : list of (temperature, fraction solid, share of the latent heat released)
    doubt : tuple of float
        How far liquidus, eutectic and solidus may be off (K).
    """

    liquidus: float
    eutectic: float | None
    solidus: float
    latent_heat: float
    rows: Rows
    doubt: tuple[float, float, float]
    shrinkage: float | None = None
    graphite: float | None = None
    latent_doubt: float = 0.05


# Aluminium ---------------------------------------------------------------------------------------------------------------

_AL_SI_EUTECTIC = 576.9
# Latent heat (kJ/kg) of primary alpha-Al and of the Al-Si eutectic, read off the Scheil computations of the shipped alloys.
_L_ALPHA, _L_EUTECTIC = 390.0, 504.0
# Partition coefficients in primary alpha-Al.
_K_ALPHA = {"Si": 0.12, "Cu": 0.17, "Mg": 0.45, "Zn": 0.6}
# The Al-Si eutectic falls by this much (K) for a per cent of copper or magnesium in the liquid that is left; and along its valley
# as that liquid dwindles: 576.9 - D (f_E / f)^n. Read off Scheil computations of A319, A356 and A380.
_FALL = {"Cu": 2.1, "Mg": 5.0}
_VALLEY = 0.93
_MG2SI_END, _CU_START, _CU_END = 558.5, 523.0, 517.0


def aluminium_liquidus(c: Composition) -> float:
    """Return the liquidus of alpha-Al in degC, fitted to 140 equilibria within 0.9 K (3-12 Si, 0-5 Cu, 0-0.8 Mg, 0-2 Zn)."""
    si, cu, mg, zn = (c.get(e, 0.0) for e in ("Si", "Cu", "Mg", "Zn"))
    return 659.67 - 5.544 * si - 0.0856 * si**2 - 2.496 * cu - 3.497 * mg - 2.312 * zn - 0.0776 * si * cu


def aluminium(c: Composition) -> Freezing:
    """Return the freezing of an Al-Si-Cu-Mg-Zn alloy: primary alpha by Scheil, then along the eutectic valley."""
    liquidus = aluminium_liquidus(c)

    def liquid(f: float) -> dict[str, float]:
        return {e: c.get(e, 0.0) * f ** (k - 1.0) for e, k in _K_ALPHA.items()}

    def fall(f: float) -> float:
        return sum(slope * liquid(f)[e] for e, slope in _FALL.items())

    low, high = 0.05, 1.0  # liquid left where the path meets the eutectic
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if aluminium_liquidus(liquid(middle)) < _AL_SI_EUTECTIC - fall(middle) else (low, middle)
    left = 0.5 * (low + high)
    depression = fall(left)
    eutectic = min(_AL_SI_EUTECTIC - depression, liquidus - 0.1)
    rows: Rows = [(liquidus, 0.0, 0.0)]
    total = _L_ALPHA * (1.0 - left) + _L_EUTECTIC * left
    for f in np.linspace(1.0, left, 12)[1:]:
        T = aluminium_liquidus(liquid(float(f))) if f > left + 1e-9 else eutectic
        if T < rows[-1][0] and T >= eutectic and 1.0 - f > rows[-1][1] + 1e-6:
            rows.append((T, 1.0 - float(f), _L_ALPHA * (1.0 - float(f)) / total))
    primary = _L_ALPHA * (1.0 - left)

    def add(T: float, f: float) -> None:
        rows.append((T, 1.0 - f, min((primary + _L_EUTECTIC * (left - f)) / total, 1.0)))

    if depression < 0.3:
        # Nothing but silicon: the eutectic freezes within a kelvin.
        solidus = eutectic - 0.7
        add(solidus, 0.0)
        return Freezing(liquidus, eutectic, solidus, total, rows, (1.5, 2.0, 3.0), shrinkage=6.6 - 0.19 * c["Si"])
    end = _CU_END if c.get("Cu", 0.0) > 0.2 else _MG2SI_END
    start = _CU_START if c.get("Cu", 0.0) > 0.2 else _MG2SI_END + 0.05
    for share in np.linspace(0.0, 1.0, 13)[1:] ** 1.5:
        T = eutectic + float(share) * (start - eutectic)
        add(T, left * (depression / (depression + eutectic - T)) ** (1.0 / _VALLEY))
    add(end, 0.0)
    return Freezing(liquidus, eutectic, end, total, rows, (1.5, 3.0, 25.0 if c.get("Cu", 0.0) > 0.2 else 5.0),
                    shrinkage=6.6 - 0.19 * c["Si"])  # fmt: skip


# Iron --------------------------------------------------------------------------------------------------------------------

_SI_TABLE = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5)
_WHITE_END = (1148.0, 1139.0, 1134.0, 1126.0, 1118.0, 1109.0, 1099.0, 1090.0)
# How far below the stable eutectic it grows in practice (K): an estimate by the shape of the graphite.
_UNDERCOOLING = {"lamellar": 13.5, "compacted": 18.0, "nodular": 22.5}
# Shape of the eutectic's freezing: fraction of it, and degrees against its growth temperature.
_EUTECTIC_SHAPE = ((0.1, 7.0), (0.2, 5.0), (0.3, 3.5), (0.5, 0.5), (0.7, -2.5), (0.85, -8.0), (0.95, -18.0))
_NODULAR_MG, _COMPACTED_MG = 0.03, 0.01


def graphite_shape(c: Composition) -> str:
    """Return "nodular", "compacted" or "lamellar" by the magnesium of an iron."""
    mg = c.get("Mg", 0.0)
    return "nodular" if mg >= _NODULAR_MG else ("compacted" if mg >= _COMPACTED_MG else "lamellar")


def iron_liquidus(c: Composition) -> float:
    """Return the austenite liquidus in degC, fitted to equilibria (rms 0.7 K; 2.6-3.9 C, 0.5-3 Si, 0-1 Mn)."""
    return 1595.2 - 101.5 * c["C"] - 25.7 * c.get("Si", 0.0) - 2.4 * c.get("Mn", 0.0)


def stable_eutectic(c: Composition) -> float:
    """Return the austenite-graphite eutectic in degC; the parts of Mn, Cu, Cr, Ni and Mo were computed at 2 % Si."""
    parts = {"Si": 5.0, "Mn": -3.6, "Cu": 1.25, "Cr": -5.0, "Ni": 2.5, "Mo": -18.75}
    return 1153.4 + sum(slope * c.get(e, 0.0) for e, slope in parts.items())


def iron(c: Composition) -> Freezing:
    """Return the practical freezing of a graphitic iron: equilibrium amounts, the eutectic shifted down by its growth."""
    si = c.get("Si", 0.0)
    stable = stable_eutectic(c)
    growth = stable - _UNDERCOOLING[graphite_shape(c)]
    solidus = float(np.interp(si, _SI_TABLE, _WHITE_END))
    dissolved = 2.10 - 0.19 * si
    graphite = (c["C"] - dissolved) / (1.0 - dissolved / 100.0)
    eutectic_carbon = (1595.2 - 25.7 * si - 2.4 * c.get("Mn", 0.0) - stable) / 101.5
    # Austenite at the eutectic holds a little less carbon than at the solidus of the iron.
    primary = max((eutectic_carbon - c["C"]) / (eutectic_carbon - (dissolved - 0.12)), 0.0)
    liquidus = iron_liquidus(c)
    top = growth + 12.0
    rows: list[tuple[float, float]] = []
    if primary > 0.05 and liquidus > top + 1.0:
        rows += [(liquidus, 0.0), (top, primary)]
    else:
        liquidus, primary = growth + 15.0, 0.0
        rows.append((liquidus, 0.0))
    rows += [(growth + dT, primary + (1.0 - primary) * e) for e, dT in _EUTECTIC_SHAPE if growth + dT > solidus + 2.0]
    rows.append((solidus, 1.0))
    latent = 229.0 + 38.0 * (graphite - 1.6)
    return Freezing(liquidus, growth, solidus, latent, [(T, f, f) for T, f in rows], (15.0, 12.0, 15.0), graphite=graphite,
                    latent_doubt=0.1)  # fmt: skip


# Steel -------------------------------------------------------------------------------------------------------------------

# Partition between liquid and delta or gamma, slope of the liquidus (K/%) and of the delta-gamma start, and diffusion in the
# solid (cm2/s, cal/mol): Won and Thomas.
_MICRO = {
    "C": (0.19, 0.34, 78.0, -1122.0, 0.0127, 19450.0, 0.0761, 32160.0),
    "Si": (0.77, 0.52, 7.6, 60.0, 8.0, 59500.0, 0.3, 60100.0),
    "Mn": (0.76, 0.78, 4.9, -12.0, 0.76, 53640.0, 0.055, 59600.0),
    "P": (0.23, 0.13, 34.4, 140.0, 2.9, 55000.0, 0.01, 43700.0),
    "S": (0.05, 0.035, 38.0, 160.0, 4.56, 51300.0, 2.4, 53400.0),
    "Cr": (0.95, 0.86, 1.6, 0.0, 2.4, 57310.0, 0.0012, 52340.0),
    "Ni": (0.83, 0.95, 4.0, 0.0, 1.6, 57360.0, 0.34, 67490.0),
    "Mo": (0.80, 0.585, 2.6, 0.0, 3.47, 57690.0, 0.068, 59000.0),
}
_PERITECTIC_LIQUID = 0.53
_GAS = 1.987
_ENDS = 0.99


def steel_liquidus(c: Composition) -> float:
    """Return the liquidus in degC, fitted to equilibria of low-alloy steels (rms 0.9 K)."""
    parts = {"C": 79.4, "Si": 12.1, "Mn": 5.1, "Cr": 1.6, "Ni": 3.2, "Mo": 3.1}
    return 1537.2 - sum(slope * c.get(e, 0.0) for e, slope in parts.items())


def steel_arm_spacing(carbon: float, rate: float) -> float:
    """Return the secondary arm spacing (um) of steel at a cooling rate (K/s): Won and Thomas."""
    if carbon <= 0.15:
        return (169.1 - 720.9 * carbon) * rate**-0.4935
    return 143.9 * rate**-0.3616 * carbon ** (0.5501 - 1.996 * carbon)


def steel(c: Composition, *, rate: float = 0.1) -> Freezing:
    """Return the freezing of a low-alloy steel by the Clyne-Kurz form of Won and Thomas at a cooling rate (K/s).

    Phosphorus and sulphur count for the end of freezing; where they are not given, 0.02 and 0.015 % are taken.
    """
    full = {"P": 0.02, "S": 0.015, **c}
    elements = [e for e in _MICRO if full.get(e, 0.0) > 0.0]
    start = np.array([full[e] for e in elements])
    shift = steel_liquidus(c) - (1536.0 - float(sum(_MICRO[e][2] * full[e] for e in elements)))
    solidus = steel_liquidus(c) - 60.0
    f = np.concatenate([np.linspace(0.0, 0.9, 19), [0.93, 0.95, 0.97, 0.98, _ENDS]])
    for _ in range(12):  # the freezing time, and with it back-diffusion, depends on the range itself
        T = _clyne_kurz(f, start, elements, full, steel_liquidus(c) - solidus, rate) + shift
        if abs(T[-1] - solidus) < 0.01:
            break
        solidus = 0.5 * (solidus + float(T[-1]))
    T = np.minimum.accumulate(T)
    T -= (T[0] - steel_liquidus(c)) * (1.0 - f / _ENDS)
    rows = [(float(t), float(x)) for t, x in zip(T, f, strict=True)]
    rows[-1] = (rows[-1][0], 1.0)
    kept = [rows[0]]
    for row in rows[1:]:
        if row[0] < kept[-1][0] - 0.05:
            kept.append(row)
    if kept[-1][1] != 1.0:
        kept[-1] = (kept[-1][0], 1.0)
    return Freezing(kept[0][0], None, kept[-1][0], 265.0 if c["C"] < 0.3 else 260.0, [(t, x, x) for t, x in kept], (4.0, 0.0, 20.0),
                    shrinkage=3.5 if c["C"] < 0.4 else 3.6, latent_doubt=0.07)  # fmt: skip


def _clyne_kurz(
    f: NDArray[np.float64], start: NDArray[np.float64], elements: list[str], c: Composition, span: float, rate: float
) -> NDArray[np.float64]:
    """Return temperatures (degC) at fractions solid; delta and gamma mixed as the peritectic goes on."""
    data = np.array([_MICRO[e] for e in elements])
    spacing = steel_arm_spacing(c["C"], rate) * 1e-4  # cm
    time = max(span, 5.0) / rate
    kelvin = 1536.0 - float(data[:, 2] @ start) - 0.5 * span + 273.15

    def enriched(k: NDArray[np.float64], D0: NDArray[np.float64], Q: NDArray[np.float64], x: float) -> NDArray[np.float64]:
        fourier = D0 * np.exp(-Q / (_GAS * kelvin)) * time / (0.5 * spacing) ** 2
        alpha = 2.0 * (fourier + 0.1)
        beta = 2.0 * alpha * (1.0 - np.exp(-1.0 / alpha)) - np.exp(-0.5 / alpha)
        out: NDArray[np.float64] = start * (1.0 + x * (beta * k - 1.0)) ** ((1.0 - k) / (beta * k - 1.0))
        return out

    carbon = elements.index("C")
    T = np.empty(f.size)
    for i, x in enumerate(f):
        delta, gamma = enriched(data[:, 0], data[:, 4], data[:, 5], x), enriched(data[:, 1], data[:, 6], data[:, 7], x)
        share = 1.0  # of delta in the solid
        for _ in range(50):
            liquid = share * delta + (1.0 - share) * gamma
            T[i] = 1536.0 - float(data[:, 2] @ liquid)
            begins = 1392.0 - float(data[:, 3] @ (data[:, 0] * liquid))
            ends = 1536.0 - 78.0 * _PERITECTIC_LIQUID - float(np.delete(data[:, 2] * liquid, carbon).sum())
            if T[i] >= begins or begins <= ends:
                wanted = 1.0 if T[i] >= max(begins, ends) else 0.0
            else:
                wanted = float(np.clip((T[i] - ends) / (begins - ends), 0.0, 1.0)) ** 2
            if math.isclose(wanted, share, abs_tol=1e-6):
                break
            share += 0.5 * (wanted - share)
    return T
