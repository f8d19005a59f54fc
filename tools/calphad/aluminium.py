"""Compute the freezing tables of the shipped aluminium alloys again, from the database mc_al.

The database is not part of castsolve. Get mc_al v2.032 (E. Povoden-Karadeniz, TU Wien; Open Database License 1.0, contents
under the Database Contents License) and name the file::

    python tools/calphad/aluminium.py mc_al_v2.032.tdb                  # all, as blocks of TOML
    python tools/calphad/aluminium.py mc_al_v2.032.tdb A319 --check     # compare with the shipped table

What is printed contains information from mc_al, made available under the Open Database License; keep this notice with it.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from castsolve import materials
from castsolve.materials.calphad import FreezingPath, ThermodynamicSystem, thinned

ZERO = 273.15

# Mass per cent of the compositions that the shipped tables are for.
COMPOSITIONS: dict[str, dict[str, float]] = {
    "A356": {"Si": 7.0, "Mg": 0.35, "Fe": 0.12},
    "A319": {"Si": 6.0, "Cu": 3.5, "Fe": 0.6, "Mg": 0.1, "Mn": 0.3},
    "AlSi6Cu4": {"Si": 6.0, "Cu": 3.5, "Fe": 0.8, "Mg": 0.3, "Mn": 0.4},
    "A380": {"Si": 8.5, "Cu": 3.5, "Fe": 0.9, "Mg": 0.1, "Mn": 0.3, "Zn": 1.0},
    "AlSi9Cu3(Fe)": {"Si": 9.3, "Cu": 2.8, "Fe": 0.8, "Mg": 0.3, "Mn": 0.3, "Zn": 0.8},
    "ADC12": {"Si": 10.7, "Cu": 2.4, "Fe": 0.8, "Mg": 0.2, "Zn": 0.5},
    "AlSi10Mg(Fe)": {"Si": 9.8, "Mg": 0.35, "Fe": 0.7, "Mn": 0.3},
    "AlSi12": {"Si": 11.6, "Fe": 0.3},
    "A413": {"Si": 12.0, "Fe": 0.7},
    "A206": {"Cu": 4.6, "Mg": 0.25, "Mn": 0.3},
}

# The last 1 % of liquid of the alloys with copper would freeze over tens of kelvin in theory; it freezes in the 2 K below.
_END, _LAST = 0.99, 2.0
# Steps in which the shipped tables were computed (K).
_STEP = 1.0


@dataclass(frozen=True)
class Table:
    """What a material file holds of a freezing path; temperatures in degC, heat in kJ/kg."""

    liquidus: float
    eutectic: float | None
    solidus: float
    latent_heat: float
    first_solid: float
    rows: list[tuple[float, float, float]]


def table_of(path: FreezingPath) -> Table:
    """Return the table of a path: from the liquidus of alpha-Al on, with what froze before counted in the first kelvin."""
    alpha = path.onset("FCC_A1")
    names = dict(path.onsets)
    eutectic = names.get("SI_DIAMOND_A4")
    marks = [alpha, alpha - 1.0, *(t for t in (eutectic,) if t is not None), path.temperature_at(_END)]
    rows = [row for row in thinned(path, marks) if row[0] < alpha - 0.2]
    long_tail = path.temperature_at(_END) - path.temperature[-1] > 2.5
    if long_tail:
        end = path.temperature_at(_END) - _LAST
        rows = [row for row in rows if row[1] <= _END + 1e-3] + [(end, 1.0, 1.0)]
    rows = [(alpha, 0.0, 0.0), *rows]
    shown = [(round(T - ZERO, 2), round(f, 4), round(q, 4)) for T, f, q in rows]
    return Table(shown[0][0], None if eutectic is None else round(eutectic - ZERO, 2), shown[-1][0],
                 round(path.latent_heat / 1e3, 1), round(path.onsets[0][1] - ZERO, 2), shown)  # fmt: skip


def compute(database: Path, name: str, step: float = _STEP) -> FreezingPath:
    """Return the Scheil path of a shipped alloy's composition."""
    composition = COMPOSITIONS[name]
    return ThermodynamicSystem(database, composition, base="Al").scheil(composition, step=step)


def block(name: str, table: Table, path: FreezingPath) -> str:
    """Return a table as TOML, with the phases in a remark."""
    lines = [f"# {name}: " + ", ".join(f"{phase} from {T - ZERO:.1f}" for phase, T in path.onsets) + " degC"]
    ends = f"liquidus of alpha {table.liquidus}, eutectic {table.eutectic}, solidus {table.solidus} degC"
    lines += [f"# {ends}, latent heat {table.latent_heat} kJ/kg"]
    lines += ["[fraction_solid]", 'units = ["degC", "1", "1"]', "table = ["]
    lines += [f"    [{T:.2f}, {f:.4f}, {q:.4f}]," for T, f, q in table.rows]
    return "\n".join([*lines, "]"])


def difference(name: str, table: Table) -> tuple[float, float, float]:
    """Return the largest differences to the shipped alloy: liquidus (K), fraction solid, latent heat (kJ/kg)."""
    alloy = materials.alloy(name)
    T = np.linspace(alloy.solidus.value - ZERO + 3.0, alloy.liquidus.value - ZERO - 2.0, 400)
    shipped = alloy.heat.fraction_solid_at(alloy.heat.at_temperature(T + ZERO))
    rows = np.array(table.rows)[::-1]
    now = np.interp(T, rows[:, 0], rows[:, 1])
    # The shipped tables were computed in steps of a kelvin, on which a phase appears up to one step late: beside a plateau so
    # small a shift in temperature is a large one in fraction.
    near = np.array([np.interp(T + s, rows[:, 0], rows[:, 1]) for s in (-_STEP, 0.0, _STEP)])
    gap = np.where((shipped >= near.min(axis=0)) & (shipped <= near.max(axis=0)), 0.0, np.abs(shipped - now))
    return table.liquidus - (alloy.liquidus.value - ZERO), float(gap.max()), table.latent_heat - alloy.latent_heat.value / 1e3


def main(arguments: list[str]) -> int:
    """Print the blocks, or compare with the shipped tables; return 1 where one differs."""
    parser = argparse.ArgumentParser(description="Freezing tables of the shipped aluminium alloys from mc_al.")
    parser.add_argument("database", type=Path)
    parser.add_argument("names", nargs="*", metavar="ALLOY", help="default: all")
    parser.add_argument("--check", action="store_true", help="compare with the shipped tables")
    given = parser.parse_args(arguments)
    wrong = 0
    for name in given.names or COMPOSITIONS:
        path = compute(given.database, name)
        table = table_of(path)
        if given.check:
            dT, df, dL = difference(name, table)
            bad = abs(dT) > _STEP or df > 0.03 or abs(dL) > 3.0
            wrong += bad
            print(f"{name}: liquidus {dT:+.2f} K, fraction solid {df:.3f}, latent heat {dL:+.1f} kJ/kg{' <--' if bad else ''}")
        else:
            print(block(name, table, path) + "\n", flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
