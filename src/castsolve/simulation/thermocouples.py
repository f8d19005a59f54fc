"""Virtual thermocouples as they were asked for: points with names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import InputError
from ..units import quantity

__all__ = ["Probes", "named_probes"]

Probes = Mapping[str, Sequence[Any]] | Sequence[Sequence[Any]]


def named_probes(given: Probes | None) -> dict[str, tuple[float, float, float]]:
    """Return the points (m) by name; a plain sequence of points is named "probe 1", "probe 2" ...

    Raises
    ------
    InputError
        If something is no point.
    """
    if given is None:
        return {}
    named = given if isinstance(given, Mapping) else {f"probe {n}": point for n, point in enumerate(given, 1)}
    found = {}
    for name, point in named.items():
        if not isinstance(point, Iterable) or isinstance(point, str) or len(values := tuple(point)) != 3:
            example = 'write for example probes={"riser": (0, 0, 120*mm)}, or a list of points'
            raise InputError(f"{name} = {point!r} is no point; {example}")
        x, y, z = (quantity(value, "length", name) for value in values)
        found[str(name)] = (x, y, z)
    return found
