"""Castings in permanent metal moulds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..errors import CastsolveError, GeometryError, InputError
from ..geometry import Part, shapes
from ..materials import Alloy, Interface, MouldMaterial
from ..units import Number, mm
from . import flask as moulds
from .body import Body, keep, length_of
from .checks import check_mould_family, collected
from .layout import Ambient, Region
from .process import Casting
from .rigging import Rigging
from .surroundings import Surroundings
from .tilt import Tilt
from .tooling import HALVES, Die, DiePiece
from .undercuts import overlapping, undercuts

__all__ = ["DieCasting", "GravityDieCasting"]

# Air around halves that came with shapes of their own.
_AROUND = 10 * mm


@dataclass(frozen=True, slots=True, eq=False, init=False, repr=False)
class DieCasting(Casting):
    """What castings in metal dies share. Make one of a process: `GravityDieCasting`, `LowPressureCasting`, `PressureDieCasting`.

    Attributes
    ----------
    die : Die or None
        None: one block of steel around the casting.
    """

    mould_families: ClassVar[tuple[str, ...]] = ("tool-steel", "carbon-steel", "cast-iron", "copper", "graphite")
    other_process: ClassVar[str] = "SandCasting"
    # How a front moves through the cavity where no flow is solved: "level" with gravity, or on from the "gate".
    front: ClassVar[str] = "level"
    # Dressing of a die that names none.
    usual_coating: ClassVar[str | None] = None

    die: Die | None
    die_box: tuple[np.ndarray, np.ndarray] | None

    def _prepare_die(
        self, part: Part, *, die: Die | None, mould: str | MouldMaterial | None, mould_temperature: Number | None,
        coating: str | None, wall: Number | None, flask: Any, ambient: Ambient | None, **others: Any,
    ) -> None:  # fmt: skip
        """Take the tool from a `Die`, or from steel, preheat, coating and wall of one block."""
        block = {"mould": mould, "mould_temperature": mould_temperature, "coating": coating, "wall": wall, "flask": flask}
        if die is not None:
            if not isinstance(die, Die):
                raise InputError(f'die = {die!r} is none; write Die(steel="H13", temperature=degC(220), parting=0.0)')
            given = [name for name, value in block.items() if value is not None]
            if given:
                raise InputError(f"{', '.join(given)} and die were both given; the die knows its steel, preheat, coating and size")
            block = {
                "mould": die.steel, "mould_temperature": die.temperature, "coating": die.coating, "wall": die.wall,
                "flask": die.box,
            }  # fmt: skip
        else:
            missing = [name for name in ("mould", "mould_temperature") if block[name] is None]
            if missing:
                raise InputError(f"{' and '.join(missing)} missing; give them, or die=Die(steel=..., temperature=..., parting=...)")
            if wall is not None and flask is not None:
                raise InputError("wall and flask were both given; a die is sized by one of them")
        keep(self, die=die, die_box=None)
        size = None if block["wall"] is None else length_of(block["wall"], "wall")
        air = Ambient(emissivity=0.7) if ambient is None else ambient
        self._prepare(part, ambient=air, **{**block, **others, "wall": size})

    def _wall(self, bodies: Sequence[Body]) -> float:
        return moulds.die_wall(
            max(body.surface.volume / body.surface.area for body in bodies if body.role in ("part", "riser"))
        )

    # -- the pieces of the die ------------------------------------------------------------------------------------

    def _given_interfaces(self) -> dict[frozenset[str], Interface]:
        """Return the contacts that the user gave; those between the pieces of the die come after."""
        return {**({} if self.die is None else self.die.interfaces()), **self.interfaces}

    def _mould_bodies(self, bodies: Sequence[Body], up: np.ndarray) -> list[Body]:
        """Return the slides, inserts and halves of the die, the first to take its place first."""
        die = self.die
        if die is None:
            return []
        inner = [p for kind in ("slide", "insert") for p in die.pieces if p.kind == kind]
        made = [die.body(p) for p in inner]
        halves = [die.half(kind) for kind in HALVES]
        if die.shaped:
            made += [die.body(p) for p in halves]
            lo, hi = moulds.bounds_of([*made, *bodies])
            box = lo - _AROUND, hi + _AROUND
        else:
            box = moulds.flask_box(die.box, bodies, thickness=self.wall, up=up)
            if die.box is None and made:
                lo, hi = moulds.bounds_of(made)
                box = np.minimum(box[0], lo), np.maximum(box[1], hi)
            made.append(self._grown_half(halves[1], box))
        keep(self, die_box=box)
        return made

    def _grown_half(self, piece: DiePiece, box: tuple[np.ndarray, np.ndarray]) -> Body:
        """Return the moving half: what of the box lies beyond the parting plane. The rest is the fixed half."""
        die, (lo, hi) = self.die, (box[0].copy(), box[1].copy())
        assert die is not None and die.parting is not None
        axis = die.axis
        if not lo[axis] < die.parting < hi[axis]:
            raise GeometryError(
                f"the parting plane {'xyz'[axis]} = {die.parting / mm:.4g} mm does not cut the die, which reaches from "
                f"{lo[axis] / mm:.4g} to {hi[axis] / mm:.4g} mm; move it, or make the die larger"
            )
        (lo if die.opening[axis] > 0.0 else hi)[axis] = die.parting
        return die.body(piece, Part(shapes.box(hi - lo, corner=lo), name=str(piece.name)))

    def _box(self, flask: Any, bodies: Sequence[Body]) -> tuple[np.ndarray, np.ndarray]:
        if self.die_box is not None:
            return self.die_box[0].copy(), self.die_box[1].copy()
        return moulds.flask_box(flask, bodies, thickness=self.wall, up=self._up)

    def _more_checks(self, bodies: Sequence[Body], box: tuple[np.ndarray, np.ndarray]) -> list[CastsolveError]:
        """Refuse steels that are none, pieces that overlap, and a casting that cannot leave."""
        if self.die is None:
            return []
        problems: list[CastsolveError] = []
        for piece in self.die.pieces:
            if piece.steel is not None:
                with collected(problems):
                    check_mould_family(piece.steel, self.mould_families, f"the {piece.name}", self.other_process)
        problems += overlapping(self.die.pieces)
        return [*problems, *undercuts(bodies, self.die, box)]

    def piece_region(self, name: str) -> Region:
        """Return the region of a piece of the die."""
        assert self.die is not None
        piece = self.die.piece(name)
        assert piece is not None
        coating = piece.coating or self.die.coating or self.usual_coating
        return Region(
            name, role="mould", material=self.mould if piece.steel is None else piece.steel, body_names=(name,),
            initial_temperature=self.mould_temperature if piece.temperature is None else piece.temperature,
            coating=None if coating == "none" else coating,
        )  # fmt: skip

    def rest(self) -> Region:
        """Return the region of all that no body fills: the die, its fixed half, or the air around shaped halves."""
        if self.die is None:
            return Region(
                "mould", role="mould", material=self.mould, initial_temperature=self.mould_temperature, body_names=("mould",),
                coating=self.coating,
            )  # fmt: skip
        if not self.die.shaped:
            return self.piece_region("fixed half")
        air = self.ambient
        around = Surroundings(air.temperature, air.htc, air.emissivity)
        return Region(
            "surroundings", role="surroundings", material=around, initial_temperature=air.temperature,
            body_names=("surroundings",),
        )  # fmt: skip

    def side_conditions(self) -> dict[str, tuple[float, float]]:
        """Return coefficient (W/m2/K) and temperature (K) of the sides of the die that are clamped to the machine's plates."""
        if self.die is None or self.die.platens is None or self.die.shaped:
            return {}
        plates, letter = self.die.platens, "xyz"[self.die.axis]
        return {f"{letter}_{end}": (plates.htc, plates.temperature) for end in ("low", "high")}

    def stays_with_casting(self, name: str) -> bool:
        """Return whether a piece of the die keeps its contact when the die opens: the moving half and its inserts."""
        if self.die is None:
            return False
        piece = self.die.piece(name)
        if piece is None or piece.kind == "slide":
            return False
        if piece.kind != "insert" or piece.part is None:
            return piece.kind == "moving half"
        lo, hi = piece.part.bounds
        parting = self.die.parting_along
        return parting is not None and float(0.5 * (lo + hi) @ self.die.opening) > parting

    def is_slide(self, name: str) -> bool:
        """Return whether a piece of the die is a slide, which moves away from both halves."""
        piece = None if self.die is None else self.die.piece(name)
        return piece is not None and piece.kind == "slide"

    def fill_times(self, heights: Sequence[float], fill: float | None) -> list[float]:
        """Return when (s) the front has done each of its steps; empty for a cavity that is full at once.

        Parameters
        ----------
        heights : sequence of float
            Of the highest metal after every step, against gravity (m).
        fill : float or None
            Fill time that the machine prescribes (s); None: the casting's own.
        """
        total = self.own_fill_time if fill is None else fill
        return [total * n / len(heights) for n in range(1, len(heights) + 1)] if total > 0.0 else []

    @property
    def own_fill_time(self) -> float:
        """Time to fill the cavity that the casting itself says (s); 0: at once."""
        return self.pour_time or 0.0

    def _thin_mould(self, lo: np.ndarray, hi: np.ndarray, bodies: Sequence[Body]) -> list[str]:
        return [] if self.die is not None else Casting._thin_mould(self, lo, hi, bodies)


@dataclass(frozen=True, slots=True, eq=False, init=False, repr=False)
class GravityDieCasting(DieCasting):
    """A casting in a preheated metal mould that is filled by gravity.

    Parameters
    ----------
    die : Die, optional
        Halves, slides and inserts. Default: one block, from `mould`, `mould_temperature`, `coating` and `wall` or `flask`.
    tilt : Tilt, optional
        The die is filled while it turns upright.
    mould : str or MouldMaterial, optional
        Of a die of one block.
    coating : str, optional
        Dressing of the die, as the interface data name it.
    mould_temperature : float, str or pint.Quantity
        To which the die is preheated.
    wall : float, str or pint.Quantity, optional
        Thickness of the die around the casting. Default: 6 moduli of the heavier of part and risers, at least 30 mm
        (an estimate).
    flask : three lengths or two corners, optional
        Outer box of the die instead of a wall.
    others
        As in `SandCasting`.
    """

    process: ClassVar[str] = "gravity die"

    tilt: Tilt | None

    def __init__(
        self,
        part: Part,
        *,
        alloy: str | Alloy,
        pour_temperature: Number,
        die: Die | None = None,
        mould: str | MouldMaterial | None = None,
        mould_temperature: Number | None = None,
        tilt: Tilt | None = None,
        coating: str | None = None,
        wall: Number | None = None,
        rigging: Sequence[Rigging] = (),
        pour_time: Number | None = None,
        flask: Any = None,
        symmetry: str | Mapping[str, Number] | None = None,
        gravity: Sequence[float] = (0.0, 0.0, -9.81),
        interfaces: Mapping[tuple[str, str], Interface | Number] | None = None,
        ambient: Ambient | None = None,
        more_parts: Sequence[Part] = (),
        name: str | None = None,
    ) -> None:
        if tilt is not None and not isinstance(tilt, Tilt):
            raise InputError(f'tilt = {tilt!r} is none; write Tilt(axis="y", angle="90 deg")')
        keep(self, tilt=tilt)
        self._prepare_die(
            part, die=die, mould=mould, mould_temperature=mould_temperature, coating=coating, wall=wall, flask=flask,
            ambient=ambient, alloy=alloy, rigging=rigging, pour_temperature=pour_temperature, pour_time=pour_time,
            symmetry=symmetry, gravity=gravity, interfaces=interfaces, name=name, more_parts=more_parts,
        )  # fmt: skip

    @property
    def own_fill_time(self) -> float:
        """Time to fill the cavity that the casting itself says (s): that of the turn of a die that tilts; 0: at once."""
        return self.pour_time or 0.0 if self.tilt is None else self.tilt.duration(self.pour_time or 0.0)
