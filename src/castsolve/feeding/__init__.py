"""Feeding: moduli of bodies, and what a riser must have."""

from .modulus import BodyModulus, body_moduli, cylinder_of_modulus, geometric_modulus

__all__ = ["BodyModulus", "body_moduli", "cylinder_of_modulus", "geometric_modulus"]
