"""Sizes that parts may have, sizes that castings have, and the units that would give them."""

from __future__ import annotations

from ..errors import GeometryError

__all__ = ["FILE_UNITS", "require_allowed_size", "size_doubt"]

FILE_UNITS = {"mm": 1e-3, "cm": 1e-2, "m": 1.0, "um": 1e-6, "inch": 0.0254}
_SMALLEST, _LARGEST = 1e-4, 50.0
# Largest edges of castings (m): from jewellery to the propeller of a ship (11 m) or the bed of a machine tool.
_USUAL = (0.01, 20.0)


def require_allowed_size(size: float, name: str, unit: str) -> None:
    """Refuse a largest edge (m) that no part has, with the units that were perhaps meant."""
    if _SMALLEST <= size <= _LARGEST:
        return
    hint = " or ".join(f'unit="{u}"' for u in _fitting(size, unit)[:2])
    text = f"{size:.4g} m" if size > 1.0 else f"{size * 1e6:.4g} um"
    raise GeometryError(
        f"{name}: the part is {text} long (allowed are 0.1 mm to 50 m); "
        + (f"did you mean {hint}?" if hint else "check the unit and the file")
    )


def size_doubt(name: str, size: float, *, unit: str | None, stated: bool) -> str:
    """Return a warning of a size that castings do not have, or an empty text.

    Parameters
    ----------
    name : str
        Of the part.
    size : float
        Its largest edge in m.
    unit : str or None
        In which its file was read; None for a part that is from no file.
    stated : bool
        Whether the file states the unit itself.
    """
    if _USUAL[0] * (1.0 - 1e-6) <= size <= _USUAL[1] * (1.0 + 1e-6):
        return ""
    told = f"{name} is {_length(size)} long, where castings are {_length(_USUAL[0])} to {_length(_USUAL[1])}"
    if unit is None:
        return f"{told}; check its lengths: a plain number is in m, write 60*mm for 60 mm"
    scale = size / FILE_UNITS[unit]
    others = ", ".join(f"{_length(scale * FILE_UNITS[u])} in {u}" for u in _fitting(size, unit))
    hint = f" (it would be {others})" if others else ""
    return f"{told}; check the unit that its file states{hint}" if stated else f"{told}; check unit = {unit}{hint}"


def _fitting(size: float, unit: str) -> list[str]:
    """Return the other units, the smallest first, in which a part of a size (m), read in a unit, is as large as castings are."""
    scale = size / FILE_UNITS[unit]
    rising = sorted(FILE_UNITS, key=lambda u: FILE_UNITS[u])
    return [u for u in rising if u != unit and _USUAL[0] <= scale * FILE_UNITS[u] <= _USUAL[1]]


def _length(size: float) -> str:
    return f"{size:.3g} m" if size >= 1.0 else f"{size * 1e3:.3g} mm"
