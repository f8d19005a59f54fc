"""The tool of a die casting: halves, slides and inserts, each of its own steel, coating and preheat.

::

         moving half          ^ opening
      ___________________     |
     |     _________     |    |
     |____|xxxxxxxxx|____|   parting plane
     |    |xxxxxxx[======|=> slide, along its own opening
     |____|_______|______|
          fixed half
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .. import materials
from ..errors import InputError, unknown_name
from ..geometry import Part, direction_of
from ..materials import Interface, MouldMaterial
from ..units import Number, quantity
from .body import Body, keep, length_of, mesh_body, part_of, temperature_of
from .channel import CoolingChannel

__all__ = ["HALVES", "KINDS", "Die", "DiePiece", "Platens"]

KINDS = ("fixed half", "moving half", "slide", "insert")
HALVES = KINDS[:2]


@dataclass(frozen=True, slots=True, eq=False, init=False)
class DiePiece:
    """One piece of a die.

    Parameters
    ----------
    part : Part, optional
        Its shape. Default: a half that is grown around the casting; slides and inserts need a shape.
    kind : str
        "fixed half", "moving half", "slide" or "insert". A slide or an insert takes the place of the half that it lies in.
    opening : direction, optional
        Along which a slide leaves the casting: "x", "-y", or a vector. An insert goes with its half.
    steel : str or MouldMaterial, optional
        Default: that of the die.
    temperature : temperature, optional
        To which it is preheated. Default: that of the die.
    coating : str, optional
        Dressing of its face. Default: that of the die; "none" is bare.
    contact : float, str or pint.Quantity, optional
        Coefficient between it and the other pieces of the closed die (W/m2/K). Default: that of the die.
    name : str, optional
        Default: its kind; of several, counted.
    """

    part: Part | None
    kind: str
    opening: np.ndarray | None
    steel: MouldMaterial | None
    temperature: float | None
    coating: str | None
    contact: float | None
    name: str | None

    def __init__(
        self, part: Part | None = None, *, kind: str, opening: Any = None, steel: str | MouldMaterial | None = None,
        temperature: Number | None = None, coating: str | None = None, contact: Number | None = None, name: str | None = None,
    ) -> None:  # fmt: skip
        if kind not in KINDS:
            raise InputError(unknown_name("kind of die piece", str(kind), KINDS))
        if part is None and kind not in HALVES:
            raise InputError(f"a {kind} needs a shape; write DiePiece(Part.read(...), kind={kind!r})")
        if (opening is None) != (kind != "slide"):
            raise InputError(
                f"a {kind} {'takes no opening' if kind != 'slide' else 'needs an opening'}: only a slide leaves along its own "
                'direction, such as opening="x"'
            )
        keep(self, part=None if part is None else part_of(part, f"a {kind}"), kind=kind, coating=coating, name=name)
        keep(self, opening=None if opening is None else direction_of(opening, f"{kind} opening"))
        keep(self, steel=_steel(steel), temperature=temperature_of(temperature, f"{kind} temperature"))
        keep(self, contact=None if contact is None else _contact(contact, f"contact of a {kind}"))

    @classmethod
    def read(cls, path: str | Path, *, unit: str, kind: str, **more: Any) -> DiePiece:
        """Return a piece whose shape is a mesh file in the coordinates of the part; others as in the class."""
        return cls(Part.read(path, unit=unit), kind=kind, **more)


@dataclass(frozen=True, slots=True, init=False)
class Platens:
    """The plates of the machine that the halves are clamped to, at the two sides of the die along its opening.

    Parameters
    ----------
    temperature : temperature
        That they keep.
    htc : float, str or pint.Quantity
        Between die and plate. Default: 500 W/m2/K (an estimate; clamped steel without paste has 300 to 3000).
    """

    temperature: float
    htc: float

    def __init__(self, *, temperature: Number, htc: Number = 500.0) -> None:
        keep(self, temperature=quantity(temperature, "temperature", "platen temperature"), htc=_contact(htc, "platen htc"))


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Die:
    """A permanent mould of two halves, with slides and inserts.

    Parameters
    ----------
    steel : str or MouldMaterial
        Of all pieces that do not name their own.
    temperature : temperature
        To which the die is preheated before the first shot.
    parting : length, optional
        Coordinate of the plane where the halves meet, on the axis of the opening. Needed for halves that are grown.
    opening : direction
        Along which the moving half leaves; grown halves need an axis. Default: "z".
    wall : length, optional
        Thickness of grown halves around the casting. Default: 6 moduli, at least 30 mm (an estimate).
    box : three lengths or two corners, optional
        Outer box of grown halves instead of a wall.
    coating : str, optional
        Dressing of the cavity, as the interface data name it.
    contact : float, str or pint.Quantity, optional
        Coefficient between pieces of the closed die. Default: from the interface data of their families.
    pieces : sequence of DiePiece
        Halves with their own data or shapes, slides, inserts. Halves from files need both of them.
    channels : sequence of CoolingChannel
        Bores of the die.
    platens : Platens, optional
        Default: the sides along the opening stand in the air, as the others do.
    """

    steel: MouldMaterial
    temperature: float
    parting: float | None
    opening: np.ndarray
    wall: float | None
    box: Any
    coating: str | None
    contact: float | None
    pieces: tuple[DiePiece, ...]
    channels: tuple[CoolingChannel, ...]
    platens: Platens | None

    def __init__(
        self, *, steel: str | MouldMaterial, temperature: Number, parting: Number | None = None, opening: Any = "z",
        wall: Number | None = None, box: Any = None, coating: str | None = None, contact: Number | None = None,
        pieces: Sequence[DiePiece] = (), channels: Sequence[CoolingChannel] = (), platens: Platens | None = None,
    ) -> None:  # fmt: skip
        if wall is not None and box is not None:
            raise InputError("wall and box were both given; a die is sized by one of them")
        kelvin, found = temperature_of(temperature, "die temperature"), _steel(steel)
        given, bores = tuple(pieces), tuple(channels)
        keep(self, steel=found, temperature=kelvin, opening=direction_of(opening, "die opening"), box=box, coating=coating)
        keep(self, parting=None if parting is None else quantity(parting, "length", "die parting"))
        keep(self, wall=None if wall is None else length_of(wall, "die wall"), platens=platens)
        keep(self, contact=None if contact is None else _contact(contact, "die contact"))
        for piece in given:
            if not isinstance(piece, DiePiece):
                raise InputError(f'pieces holds {piece!r}; write DiePiece(part, kind="slide", opening="x")')
        for bore in bores:
            if not isinstance(bore, CoolingChannel):
                raise InputError(f"channels holds {bore!r}; write CoolingChannel(path, diameter=8*mm, ...)")
        if platens is not None and not isinstance(platens, Platens):
            raise InputError(f"platens = {platens!r} are none; write Platens(temperature=degC(60))")
        keep(self, pieces=given, channels=bores)
        self._check_halves()
        keep(self, pieces=_named(given))

    def _check_halves(self) -> None:
        halves = {kind: [p for p in self.pieces if p.kind == kind] for kind in HALVES}
        for kind, found in halves.items():
            if len(found) > 1:
                raise InputError(f"a die has one {kind}, not {len(found)}; make the others slides or inserts")
        shaped = [kind for kind, found in halves.items() if found and found[0].part is not None]
        if len(shaped) == 1:
            raise InputError(f"the {shaped[0]} has a shape and the other half has none; give both halves shapes, or neither")
        if shaped and (self.wall is not None or self.box is not None):
            raise InputError("halves from shapes take no wall and no box; they are as large as they are")
        if not shaped and self.parting is None:
            raise InputError("parting is missing: halves that are grown around the casting need the place where they meet")
        if np.abs(self.opening).max() < 1.0 - 1e-9:
            raise InputError(f'die opening = {self.opening.tolist()} must lie along x, y or z; turn the part, or write "z"')

    @property
    def shaped(self) -> bool:
        """Whether the halves came with shapes of their own."""
        return any(p.kind in HALVES and p.part is not None for p in self.pieces)

    @property
    def axis(self) -> int:
        """Number of the axis that the die opens along."""
        return int(np.argmax(np.abs(self.opening)))

    @property
    def parting_along(self) -> float | None:
        """Place of the parting plane counted along the opening (m)."""
        return None if self.parting is None else self.parting * float(self.opening[self.axis])

    def half(self, kind: str) -> DiePiece:
        """Return a half; one that was not given has all from the die."""
        return next((p for p in self.pieces if p.kind == kind), DiePiece(kind=kind, name=kind))

    def body(self, piece: DiePiece, shape: Part | None = None) -> Body:
        """Return the body of a piece; a grown half is given its shape."""
        part = piece.part if shape is None else shape
        assert part is not None and piece.name is not None
        return mesh_body(part, piece.name, "die", temperature=self.temperature if piece.temperature is None else piece.temperature)

    def piece(self, name: str) -> DiePiece | None:
        """Return the piece of a name, or None."""
        return next((p for p in (*self.pieces, *(self.half(kind) for kind in HALVES)) if p.name == name), None)

    def interfaces(self) -> Mapping[frozenset[str], Interface]:
        """Return the contacts between pieces that were given, by pairs of names or roles."""
        found = {}
        if self.contact is not None:
            found[frozenset({"mould"})] = Interface("die", "die", htc=self.contact)
        for piece in self.pieces:
            if piece.contact is not None:
                found[frozenset({str(piece.name), "mould"})] = Interface(str(piece.name), "die", htc=piece.contact)
        return found


def _steel(given: str | MouldMaterial | None) -> MouldMaterial | None:
    return given if given is None or isinstance(given, MouldMaterial) else materials.mould(given)


def _contact(value: Number, name: str) -> float:
    number = quantity(value, "htc", name)
    if not number > 0.0:
        raise InputError(f"{name} = {number:g} W/m2/K must be above 0")
    return number


def _named(pieces: Sequence[DiePiece]) -> tuple[DiePiece, ...]:
    """Return the pieces, each with a name: its kind, counted where a kind may come more than once."""
    counts: dict[str, int] = {}
    named = []
    for piece in pieces:
        counts[piece.kind] = counts.get(piece.kind, 0) + 1
        default = piece.kind if piece.kind in HALVES else f"{piece.kind} {counts[piece.kind]}"
        named.append(_renamed(piece, piece.name or default))
    names = [p.name for p in named]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f'two pieces of the die are named "{name}"; give each its own name')
    return tuple(named)


def _renamed(piece: DiePiece, name: str) -> DiePiece:
    more = {key: getattr(piece, key) for key in ("kind", "opening", "steel", "temperature", "coating", "contact")}
    return DiePiece(piece.part, name=name, **more)
