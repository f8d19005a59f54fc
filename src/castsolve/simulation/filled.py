"""A filled casting: the result of a filling that remembers what was filled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..results import Results

if TYPE_CHECKING:
    from ..casting import Casting

__all__ = ["Filled"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Filled(Results):
    """The result of a filling, with the casting that was filled: what `solidify` goes on from.

    Attributes
    ----------
    casting : Casting or None
        None in a result that was loaded from a file: give `solidify` the casting then.
    """

    casting: Casting | None = field(default=None, kw_only=True)
