"""Compute again what the shipped irons and steels take from equilibria: liquidus, eutectic, latent heat, graphite.

The database is not part of castsolve. Get iron4cd v4c (B. Hallstedt, RWTH Aachen, CC BY 4.0; cite "A thermodynamic database
for cast iron", CALPHAD XLVI, 2017) and name the file::

    python tools/calphad/iron_and_steel.py iron4cd.tdb                     # all, as a table
    python tools/calphad/iron_and_steel.py iron4cd.tdb EN-GJS-400-15 --check

Compositions are those of the shipped files, without P and S, which the database does not hold. The practical freezing paths of
irons (eutectic shifted down) and the solidus of steels (microsegregation) are not equilibria and are not compared.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from castsolve import materials
from castsolve.materials.calphad import FreezingPath, ThermodynamicSystem

ZERO = 273.15
ALLOYS = ("EN-GJL-200", "EN-GJL-250", "EN-GJS-400-15", "EN-GJS-500-7", "EN-GJS-600-3", "EN-GJV-450", "WCB", "1045", "42CrMo4",
          "CA15", "CA6NM", "CF8", "CF8M", "Mn13")  # fmt: skip
HELD = {"C", "Cr", "Cu", "Mg", "Mn", "Mo", "Nb", "Ni", "Si", "Ti", "V"}


@dataclass(frozen=True)
class Equilibria:
    """First solid and end of freezing (degC), latent heat (kJ/kg) and graphite (per cent), at equilibrium."""

    first: float
    end: float
    latent_heat: float
    graphite: float


def compute(database: Path, name: str, step: float = 2.0) -> FreezingPath:
    """Return the equilibrium path of a shipped alloy."""
    alloy = materials.alloy(name)
    composition = {e: 100.0 * p.value for e, p in alloy.composition.items() if e in HELD}
    return ThermodynamicSystem(database, composition, base="Fe").lever(composition, step=step)


def equilibria_of(path: FreezingPath) -> Equilibria:
    """Return the figures of a path."""
    graphite = sum(float(share[-1]) for phase, share in path.masses.items() if phase.startswith("GRAPHITE"))
    return Equilibria(float(path.temperature[0]) - ZERO, float(path.temperature[-1]) - ZERO, path.latent_heat / 1e3,
                      100.0 * graphite)  # fmt: skip


def faults(name: str, found: Equilibria) -> list[str]:
    """Return where a shipped alloy does not agree with the equilibria."""
    alloy = materials.alloy(name)
    out = []
    if alloy.latent_heat.evidence == "computed" and abs(found.latent_heat / alloy.latent_heat.value * 1e3 - 1.0) > 0.02:
        out.append(f"latent heat {found.latent_heat:.0f} kJ/kg against {alloy.latent_heat.value / 1e3:.0f}")
    if alloy.liquidus.evidence == "computed" and abs(found.first - (alloy.liquidus.value - ZERO)) > 8.0:
        out.append(f"liquidus {found.first:.0f} degC against {alloy.liquidus.value - ZERO:.0f}")
    if alloy.graphite is not None and abs(found.graphite - 100.0 * alloy.graphite.value) > 0.06:
        out.append(f"graphite {found.graphite:.2f} % against {100.0 * alloy.graphite.value:.2f}")
    return out


def main(arguments: list[str]) -> int:
    """Print the figures, or compare them with the shipped ones; return 1 where one differs."""
    parser = argparse.ArgumentParser(description="Equilibria of the shipped irons and steels from iron4cd.")
    parser.add_argument("database", type=Path)
    parser.add_argument("names", nargs="*", metavar="ALLOY", help="default: all")
    parser.add_argument("--check", action="store_true", help="compare with the shipped values")
    given = parser.parse_args(arguments)
    wrong = 0
    for name in given.names or ALLOYS:
        path = compute(given.database, name)
        found = equilibria_of(path)
        told = ", ".join(f"{phase} from {T - ZERO:.1f}" for phase, T in path.onsets)
        print(f"{name}: freezes {found.first:.1f} to {found.end:.1f} degC, {found.latent_heat:.0f} kJ/kg, "
              f"graphite {found.graphite:.2f} % ({told} degC)", flush=True)  # fmt: skip
        if given.check:
            for fault in faults(name, found):
                wrong += 1
                print(f"  <-- {fault}", flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
