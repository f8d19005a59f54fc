"""What a casting hands to the grid and the solver: bodies by priority, regions of material, contacts, box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import MaterialError, unknown_name
from ..materials import Alloy, Interface, MouldMaterial, interface
from ..units import Number, degC, quantity
from .body import Opening, Pores, keep
from .channel import ChannelLeg
from .injection import Bath
from .surroundings import Surroundings

if TYPE_CHECKING:
    from ..geometry.grid import GridBody

__all__ = ["Ambient", "Layout", "Region", "contacts_of", "given_interfaces"]

Box = tuple[np.ndarray, np.ndarray]

_ROOM = degC(25.0)


@dataclass(frozen=True, slots=True, init=False)
class Ambient:
    """The air around a mould.

    Parameters
    ----------
    temperature : float, str or pint.Quantity
        Of the air and of what the mould sees. Default: 25 degC.
    htc : float, str or pint.Quantity
        Of free convection. Default: 10 W/m2/K (an estimate; 8 to 12 are usual).
    emissivity : float
        Of the mould, 0 to 1. Default: 0.9 (sand; an estimate).
    """

    temperature: float
    htc: float
    emissivity: float

    def __init__(self, *, temperature: Number = _ROOM, htc: Number = 10.0, emissivity: float = 0.9) -> None:
        kelvin, h = quantity(temperature, "temperature", "ambient temperature"), quantity(htc, "htc", "ambient htc")
        share = quantity(emissivity, "fraction", "ambient emissivity")
        if kelvin < 150.0:
            raise MaterialError(
                f"ambient temperature = {kelvin:g} K must be at least 150 K; did you mean degC({kelvin:g})?"
            )
        if h < 0.0 or not 0.0 <= share <= 1.0:
            raise MaterialError(
                f"ambient htc = {h:g} W/m2/K must not be below 0, and emissivity = {share:g} must be from 0 to 1"
            )
        keep(self, temperature=kelvin, htc=h, emissivity=share)


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A stretch of one material with one initial temperature.

    Parameters
    ----------
    name : str
        "metal", "mould", or the name of the body: "chill 1".
    role : str
        "metal", "mould", "chill", "core", "sleeve", "breaker", "topping", "backing" or "surroundings".
    material : Alloy, MouldMaterial, Surroundings or Bath
        What it is made of.
    initial_temperature : float
        In K.
    body_names : tuple of str
        Bodies that it holds.
    coating : str or None
        Dressing of its face towards the metal.
    """

    name: str
    role: str = field(kw_only=True)
    material: Alloy | MouldMaterial | Surroundings | ChannelLeg | Bath = field(kw_only=True)
    initial_temperature: float = field(kw_only=True)
    body_names: tuple[str, ...] = field(kw_only=True)
    coating: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """All that the grid and the solver need of a casting.

    Parameters
    ----------
    bodies : tuple of GridBody
        From the highest priority to the lowest (`rigging.PRIORITY`). The last region is the rest. Vents are no bodies.
    regions : tuple of Region
        Region 0 is the metal, the last one all that no body fills: the mould, or what is around a shell.
    box, fine_box : pair of ndarray
        Low and high corner of the mould; and of the casting with its rigging, where voxels stay uniform.
    contacts : dict of (int, int) to Interface
        For every pair of regions, the lower number first.
    ambient : Ambient
        The air around.
    symmetry_sides : frozenset of str
        Sides of the box that are planes of symmetry, such as "x_low".
    open_sides : frozenset of str
        Sides of the box where metal reaches the air.
    deep_sides : frozenset of str
        Sides of the box beyond which the mould goes on without end.
    clamped_sides : dict of str to (float, float)
        Coefficient (W/m2/K) and temperature (K) of sides of the box that touch more than air: the plates of a machine.
    events : tuple of float
        Times from the full cavity at which contacts change (s): the metal of a riser tube sinks back.
    openings : tuple of Opening
        Where metal enters and air leaves.
    pores : dict of str to Pores
        Of the filters, by the name of their body.
    alloy : Alloy
        The metal.
    pour_temperature : float
        In K.
    gravity : ndarray
        In m/s2.
    warnings : tuple of str
        What a methods engineer should look at.
    """

    bodies: tuple[GridBody, ...]
    regions: tuple[Region, ...] = field(kw_only=True)
    box: Box = field(kw_only=True)
    fine_box: Box = field(kw_only=True)
    contacts: dict[tuple[int, int], Interface] = field(kw_only=True)
    ambient: Ambient = field(kw_only=True)
    symmetry_sides: frozenset[str] = field(kw_only=True)
    open_sides: frozenset[str] = field(kw_only=True)
    deep_sides: frozenset[str] = field(default=frozenset(), kw_only=True)
    clamped_sides: Mapping[str, tuple[float, float]] = field(default_factory=dict, kw_only=True)
    events: tuple[float, ...] = field(default=(), kw_only=True)
    openings: tuple[Opening, ...] = field(default=(), kw_only=True)
    pores: dict[str, Pores] = field(default_factory=dict, kw_only=True)
    alloy: Alloy = field(kw_only=True)
    pour_temperature: float = field(kw_only=True)
    gravity: np.ndarray = field(kw_only=True)
    warnings: tuple[str, ...] = field(kw_only=True)


def given_interfaces(given: Mapping[tuple[str, str], Interface | Number] | None) -> dict[frozenset[str], Interface]:
    """Return the interfaces that a user gave, by the pair of names, numbers and texts made into interfaces."""
    result = {}
    for pair, value in (given or {}).items():
        if not (isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(side, str) for side in pair)):
            raise MaterialError(
                f'interface {pair!r} names no pair; write ("casting", "mould") or ("casting", "chill 1")'
            )
        sides = tuple("metal" if side == "casting" else side for side in pair)
        if not isinstance(value, Interface):
            number = (
                value if isinstance(value, float) else quantity(value, "htc", f"htc between {pair[0]} and {pair[1]}")
            )
            value = Interface(pair[0], pair[1], htc=number)
        result[frozenset(sides)] = replace(value, a=pair[0], b=pair[1])
    return result


def contacts_of(
    regions: Sequence[Region], given: Mapping[frozenset[str], Interface], *, pressure: float | None = None
) -> dict[tuple[int, int], Interface]:
    """Return the interface of every pair of regions.

    A given interface holds where its two names are names or roles of the pair; a pair of names comes before a pair
    with a role. All others come from the material data, by the families of the two materials, the coating of the mould's side and
    the pressure (Pa) on the metal.
    """
    known = {"casting"} | {region.name for region in regions} | {region.role for region in regions}
    for pair in given:
        for side in pair - known:
            raise MaterialError(unknown_name("side of an interface", side, known))
    result = {}
    for i, a in enumerate(regions):
        for j, b in enumerate(regions[i + 1 :], start=i + 1):
            names = [(a.name, b.name), (a.name, b.role), (a.role, b.name), (a.role, b.role)]
            chosen = next((given[frozenset(pair)] for pair in names if frozenset(pair) in given), None)
            own = next((m for m in (b.material, a.material) if isinstance(m, Surroundings | Bath)), None)
            if chosen is None and own is not None:
                chosen = own.interface(a.name, b.name)
            elif chosen is None:
                found = interface(
                    a.material.family, b.material.family, coating=b.coating if i == 0 else None,
                    pressure=pressure if i == 0 and b.role == "mould" else None,
                )  # fmt: skip
                chosen = replace(found, a=a.name, b=b.name)
            metal = next((region.material for region in (a, b) if isinstance(region.material, Alloy)), None)
            result[i, j] = chosen if metal is None else chosen.over_temperature(metal)
    return result
