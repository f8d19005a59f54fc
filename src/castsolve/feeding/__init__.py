"""Feeding: moduli of bodies, feed zones and distances, what a riser must have, and advice that can be simulated."""

from .advice import Advice, Advised, advise
from .inspection import Inspection, Section, inspect
from .loop import FeedingLoop, Trial, feed
from .modulus import BodyModulus, body_moduli, cylinder_of_modulus, geometric_modulus
from .reach import RiserRow, Unreached, risers_along, unreached
from .sizing import RiserSize, riser_size
from .zones import FeedZone, FeedZones, feed_zones

__all__ = [
    "Advice",
    "Advised",
    "BodyModulus",
    "FeedZone",
    "FeedZones",
    "FeedingLoop",
    "Inspection",
    "RiserRow",
    "RiserSize",
    "Section",
    "Trial",
    "Unreached",
    "advise",
    "body_moduli",
    "cylinder_of_modulus",
    "feed",
    "feed_zones",
    "geometric_modulus",
    "inspect",
    "riser_size",
    "risers_along",
    "unreached",
]
