"""A filled casting: the result of a filling that remembers what was filled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import InputError
from ..results import Results

if TYPE_CHECKING:
    from ..casting import Casting

__all__ = ["AIR_RECORD", "RECORDS", "Filled", "require_filling_of"]

# What is noted once per voxel while the metal comes.
RECORDS = ("fill_time", "first_speed", "largest_speed", "wall_shear")
# And of the air that it encloses, where that presses back.
AIR_RECORD = "largest_air_pressure"
# Facts of a casting in which the one that was filled and the one that freezes must agree.
_SAME = ("name", "part", "process", "alloy", "mould", "pour_temperature", "mould_temperature", "flask", "symmetry", "gravity")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Filled(Results):
    """The result of a filling, with the casting that was filled: what `solidify` goes on from.

    Attributes
    ----------
    casting : Casting or None
        None in one that was made by hand from the fields of another.
    """

    casting: Casting | None = field(default=None, kw_only=True)

    def known_casting(self) -> Casting:
        """Return the casting that was filled, or refuse where it is not known."""
        if self.casting is None:
            raise InputError("this filling does not know its casting; write solidify(casting, filled=...)")
        return self.casting


def require_filling_of(casting: Casting, filled: Results) -> Results:
    """Return a filling of a casting; refuse a result that is none, or one of another casting."""
    if "filling" not in filled.facts or "fill_time" not in filled:
        raise InputError("filled = a result that holds no filling; give what fill returned, or load it from its folder")
    told, given = filled.facts["casting"], casting.facts()
    for name in _SAME:
        if told.get(name) != given[name]:
            raise InputError(
                f"the filling is of another casting: its {name.replace('_', ' ')} is {told.get(name)}, not {given[name]}; "
                "fill this one"
            )
    return filled
