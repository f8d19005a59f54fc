"""Feeding: moduli of bodies, and what a riser must have."""

from .inspection import Inspection, Section, inspect
from .modulus import BodyModulus, body_moduli, cylinder_of_modulus, geometric_modulus

__all__ = [
    "BodyModulus",
    "Inspection",
    "Section",
    "body_moduli",
    "cylinder_of_modulus",
    "geometric_modulus",
    "inspect",
]
