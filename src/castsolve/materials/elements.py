"""Standard atomic masses of the elements that casting alloys hold."""

from __future__ import annotations

__all__ = ["ATOMIC_MASSES"]

ATOMIC_MASSES = {
    "Al": 26.982, "B": 10.81, "C": 12.011, "Co": 58.933, "Cr": 51.996, "Cu": 63.546, "Fe": 55.845, "Mg": 24.305, "Mn": 54.938,
    "Mo": 95.95, "N": 14.007, "Nb": 92.906, "Ni": 58.693, "P": 30.974, "Pb": 207.2, "S": 32.06, "Sb": 121.76, "Si": 28.085,
    "Sn": 118.71, "Sr": 87.62, "Ti": 47.867, "V": 50.942, "W": 183.84, "Zn": 65.38, "Zr": 91.224,
}  # fmt: skip
"""Abridged standard atomic masses in g/mol (IUPAC)."""
