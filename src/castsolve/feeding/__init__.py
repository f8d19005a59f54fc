"""Feeding: moduli of bodies, feed zones, what a riser must have, and advice that can be simulated."""

from .advice import Advice, Advised, advise
from .inspection import Inspection, Section, inspect
from .loop import FeedingLoop, Trial, feed
from .modulus import BodyModulus, body_moduli, cylinder_of_modulus, geometric_modulus
from .sizing import RiserSize, riser_size
from .zones import FeedZone, FeedZones, feed_zones

__all__ = [
    "advise",
    "Advice",
    "Advised",
    "feed",
    "FeedingLoop",
    "Trial",
    "feed_zones",
    "FeedZone",
    "FeedZones",
    "riser_size",
    "RiserSize",
    "BodyModulus",
    "body_moduli",
    "cylinder_of_modulus",
    "geometric_modulus",
    "inspect",
    "Inspection",
    "Section",
]
