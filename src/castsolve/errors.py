"""The errors castsolve raises, and the one wording for names that are not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

__all__ = [
    "BalanceError",
    "CastsolveError",
    "GeometryError",
    "InputError",
    "MaterialError",
    "ResultsError",
    "SolveError",
    "ViewError",
    "unknown_name",
]


class CastsolveError(Exception):
    """Base of every error that castsolve raises on purpose."""


class InputError(CastsolveError, ValueError):
    """A number, name or combination that a user gave is refused before any work starts."""


class GeometryError(InputError):
    """A surface or a place cannot be used as given.

    Attributes
    ----------
    faults : object
        The surface and its leaking edges, where a picture can show them (`castsolve.view.faults`); else None.
    """

    def __init__(self, message: str, *, faults: Any = None) -> None:
        super().__init__(message)
        self.faults = faults


class MaterialError(InputError):
    """A material, a property or an interface is unknown, incomplete or inconsistent."""


class ResultsError(CastsolveError):
    """A result file or a field cannot be read, written or found."""


class ViewError(CastsolveError):
    """A picture cannot be made: nothing to show, or no renderer to show it with."""


class SolveError(CastsolveError):
    """A simulation could not be carried on.

    Attributes
    ----------
    state : object
        The last good state, where there is one.
    """

    def __init__(self, message: str, *, state: Any = None) -> None:
        super().__init__(message)
        self.state = state


class BalanceError(SolveError):
    """Heat or metal appeared or vanished beyond the limit of the ledger."""


def unknown_name(kind: str, name: str, known: Iterable[str], *, listing: str = "") -> str:
    """Return the refusal of a name that is not known, with the nearest known names.

    Parameters
    ----------
    kind : str
        What the name should have named, for example "alloy".
    name : str
        The name as the user typed it.
    known : iterable of str
        All names that would have been accepted.
    listing : str, optional
        Where a full list is found, for example "castsolve materials lists all".
    """
    names = sorted(set(known))
    folded = {n.casefold(): n for n in names}
    close = [folded[m] for m in difflib.get_close_matches(name.casefold(), list(folded), n=3, cutoff=0.5)]
    if close:
        word = "nearest is" if len(close) == 1 else "nearest are"
        hint = f"{word} " + ", ".join(f'"{n}"' for n in close)
    else:
        hint = "known are " + ", ".join(f'"{n}"' for n in names[:12]) + (" ..." if len(names) > 12 else "")
    return f'no {kind} named "{name}"; {hint}' + (f"; {listing}" if listing else "")
