"""Advice: the rigging that feeds a casting, from a run of the naked casting and foundry rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..casting import Casting, Chill, LowPressureCasting, Neck, PressureDieCasting, Riser, Sleeve
from ..defects import chvorinov_of, design_shrinkage
from ..defects.rules import rule
from ..defects.thresholds import niyama_thresholds
from ..errors import CastsolveError, InputError
from ..results import Results
from ..simulation import solidify
from ..simulation.march import Densities
from .reach import Unreached, feeds_by_distance
from .sizing import GAP, RiserSize, riser_size
from .spread import spread_zones
from .zones import FeedZone, FeedZones, feed_zones, moved_foot

__all__ = ["Advice", "Advised", "advise", "contraction_of", "default_voxel", "fitting_chill", "rerigged"]

# Voxels in the box of the part in an advisory run: coarse, as it is run several times, but three across a usual wall.
_VOXELS = 150_000
# Share of the time of the hot spot that the top under a riser must stay open in the naked run, where no riser heats it yet: an
# estimate.
_STAYS_OPEN = 0.4
# Of a chill (m).
_THINNEST = 0.01
# Share of a riser's radius within which the ground is taken to be fed: the rim of the foot freezes first.
_UNDER_FOOT = 0.8


@dataclass(frozen=True, slots=True)
class Advised:
    """What is advised for one zone.

    Attributes
    ----------
    zone : FeedZone
    action : {"riser", "chill", "none"}
    size : RiserSize or None
    why : str
        Rule and source, or why nothing is needed.
    piece : Riser, Chill or None
        What can be put into the casting.
    beyond : Unreached or None
        What of the zone lies beyond the feeding distance of its risers; None where the rule does not hold, or all is reached.
    """

    zone: FeedZone
    action: str = field(kw_only=True)
    size: RiserSize | None = field(default=None, kw_only=True)
    why: str = field(kw_only=True)
    piece: Any = field(default=None, kw_only=True)
    beyond: Unreached | None = field(default=None, kw_only=True)

    def __str__(self) -> str:
        head = f"{self.zone}: {self.action}"
        if self.size is not None:
            sleeve = " with sleeve" if self.size.sleeve else ""
            head += f" {self.size.diameter * 1e3:.0f} x {self.size.height * 1e3:.0f} mm{sleeve} (ruled by {self.size.ruled_by})"
        return f"{head}\n    {self.why}"


@dataclass(frozen=True, slots=True, eq=False)
class Advice:
    """Rigging that can be put into a casting and simulated.

    Attributes
    ----------
    casting : Casting
        The casting without risers that was looked at.
    rows : tuple of Advised
    zones : FeedZones
    naked : Results
        The run behind it.
    voxel : float
        Its voxel (m).
    """

    casting: Casting
    rows: tuple[Advised, ...] = field(kw_only=True)
    zones: FeedZones = field(kw_only=True)
    naked: Results = field(kw_only=True)
    voxel: float = field(kw_only=True)

    @property
    def rigging(self) -> tuple[Any, ...]:
        """The advised risers and chills."""
        return tuple(row.piece for row in self.rows if row.piece is not None)

    @property
    def risers(self) -> tuple[Riser, ...]:
        """The advised risers."""
        return tuple(piece for piece in self.rigging if isinstance(piece, Riser))

    def rigged(self, *, scale: float | Sequence[float] = 1.0, more: Sequence[Chill] = ()) -> Casting:
        """Return the casting with the advised rigging and more chills, the edges of all risers, or of each, times a factor.

        A factor of 0 leaves a riser out.
        """
        factors = [float(scale)] * len(self.risers) if isinstance(scale, (int, float)) else list(scale)
        risers = [_scaled(riser, factor) for riser, factor in zip(self.risers, factors, strict=True) if factor > 0.0]
        others = [piece for piece in self.rigging if not isinstance(piece, Riser)]
        return rerigged(self.casting, [*self.casting.rigging, *risers, *others, *more])

    def zone_at(self, place: Sequence[float], reach: float) -> int:
        """Return the number of the zone at a place (m), or of the nearest metal within a reach (m) of it; 0 for none."""
        frame = self.naked.frame
        near = np.ix_(*(np.abs(frame.centres(a) - place[a]) <= reach + frame.voxel for a in range(3)))
        numbers = self.zones.field[near]
        away = sum((frame.centres(a)[near[a]] - place[a]) ** 2 for a in range(3)) + np.where(numbers > 0, 0.0, np.inf)
        return int(numbers.flat[int(np.argmin(away))]) if numbers.size else 0

    def __str__(self) -> str:
        return "\n".join(map(str, self.rows)) or "no zone needs feeding"


def rerigged(casting: Casting, rigging: Sequence[Any]) -> Casting:
    """Return a casting with another rigging; the mould grows with it.

    Raises
    ------
    InputError
        If the casting is cut by planes of symmetry: rigging is placed on whole castings.
    """
    if isinstance(casting, LowPressureCasting | PressureDieCasting):
        what = "furnace" if isinstance(casting, LowPressureCasting) else "plunger"
        raise InputError(
            f"advice sizes risers, and a {casting.process} casting has none: its {what} feeds it; cycle it (run_cycles) and read "
            "what its verdicts say of the cavities"
        )
    if casting.planes:
        raise InputError("advice needs the whole casting; give it without symmetry")
    more: dict[str, Any] = {"pour_time": casting.pour_time, "gravity": casting.gravity.tolist(), "ambient": casting.ambient}
    if casting.coating is not None:
        more["coating"] = casting.coating
    interfaces = {(i.a, i.b): i for i in casting.interfaces.values()}
    kind: Any = type(casting)
    return kind(
        casting.part, alloy=casting.alloy, mould=casting.mould, rigging=list(rigging), pour_temperature=casting.pour_temperature,
        mould_temperature=casting.mould_temperature, interfaces=interfaces, name=casting.name, **more,
    )  # fmt: skip


def default_voxel(casting: Casting) -> float:
    """Return a voxel edge (m) for advisory runs: about 40 000 over the box of the part, a fifth of its least extent at most."""
    size = casting.part.surface.bounds[1] - casting.part.surface.bounds[0]
    return float(min((np.prod(size) / _VOXELS) ** (1.0 / 3.0), 0.2 * size.min()))


def contraction_of(casting: Casting) -> float:
    """Return the share of the poured volume that is missing at the end: superheat and freezing."""
    alloy = casting.alloy
    return Densities.of(
        shrinkage=design_shrinkage(alloy, casting.mould), liquid_contraction=alloy.liquid_contraction.value,
        superheat=casting.pour_temperature - alloy.liquidus.value,
    ).cavity  # fmt: skip


def advise(
    casting: Casting, *, voxel: float | None = None, sleeve: bool = True, prominence: float = 0.1, smallest: float = 0.02,
    slenderness: float = 1.5, naked: Results | None = None,
) -> Advice:  # fmt: skip
    """Return the risers and chills that a casting needs, from its own freezing and foundry rules.

    The casting is frozen without risers. Every hot spot is a feed zone; a zone that can be fed over its bridge to a later one needs
    nothing of its own. Riser by modulus and by volume, the larger rules; it stands where the top of its zone stays open longest, on
    a neck where the ground is narrow. Of steel, a zone whose walls reach beyond the feeding distance of one riser is divided, with
    a riser each, where they find ground; what stays beyond is told. Risers that stand highest are sized for the metal of all zones
    that hang together with theirs, and of the risers there: in vessels that communicate they give first, until their bridges
    freeze. A zone with no ground for a riser gets a chill.

    Parameters
    ----------
    casting : Casting
        Whole, gravity along -z. Risers in its rigging are left out; gates, cores and chills stay.
    voxel : float, optional
        Of the naked run (m). Default: `default_voxel`.
    sleeve : bool, optional
        Whether risers get insulating sleeves: a third of the metal.
    prominence : float, optional
        Hot spots shallower than this are fed over their bridge.
    smallest : float, optional
        Zones below this share of the part get nothing.
    slenderness : float, optional
        Height of a riser over its diameter.
    naked : Results, optional
        A run of the casting without risers, to spare the run.

    Returns
    -------
    Advice
        Print it; ``advice.rigging`` goes into a casting, ``advice.rigged()`` is that casting.
    """
    if not np.allclose(casting.gravity[:2], 0.0) or not casting.gravity[2] < 0.0:
        raise InputError("advice needs gravity along -z: turn the part so that it stands as it is poured")
    bare = rerigged(casting, [p for p in casting.rigging if not isinstance(p, Riser)])
    edge = default_voxel(bare) if voxel is None else voxel
    run = solidify(bare, voxel=edge) if naked is None else naked
    constant = chvorinov_of(run).value

    def own(zone: FeedZone) -> RiserSize | None:
        return _size(bare, zone, zone.volume, sleeve, slenderness)

    zones = feed_zones(run, chvorinov=constant, prominence=prominence, smallest=smallest)
    beyond: dict[int, Unreached] = {}
    limits = niyama_thresholds(run)
    if feeds_by_distance(bare.alloy.family) and limits:
        zones, beyond = spread_zones(zones, run, own, chvorinov=constant, threshold=limits[0].value)
    sizes = {zone.number: own(zone) for zone in zones.rows}
    rows = _placed(bare, zones, run, sizes, edge)
    first = _highest(rows)
    others = [row for row in rows if row not in first]
    for row in first:
        linked = sum(_drawing(other) for other in others if _linked(row.zone, other.zone)) / len(first)
        sizes[row.zone.number] = _size(bare, row.zone, row.zone.volume + linked, sleeve, slenderness)
    if others:
        rows = _placed(bare, zones, run, sizes, edge)
    return Advice(bare, rows=tuple(_with_distance(row, beyond) for row in rows), zones=zones, naked=run, voxel=edge)


def _with_distance(row: Advised, beyond: Mapping[int, Unreached]) -> Advised:
    """Return a row that also says what of its zone lies beyond the feeding distance."""
    left = beyond.get(row.zone.number)
    if left is None or left.place is None or row.action != "riser":
        return row
    return replace(row, why=f"{row.why}; {left}", beyond=left)


def _size(casting: Casting, zone: FeedZone, volume: float, sleeve: bool, slenderness: float) -> RiserSize | None:
    contraction = contraction_of(casting)
    if contraction <= 0.0:
        return None
    return riser_size(
        zone.modulus, volume, family=casting.alloy.family, contraction=contraction, sleeve=sleeve, slenderness=slenderness
    )


def _highest(rows: Sequence[Advised]) -> list[Advised]:
    """Return the rows whose risers stand highest: alike within a tenth of their height."""
    risers = [row for row in rows if isinstance(row.piece, Riser)]
    tops = [float(row.piece.at.point[2]) + row.piece.height for row in risers]
    return [row for row, top in zip(risers, tops, strict=True) if top >= max(tops) - 0.1 * row.piece.height]


def _drawing(row: Advised) -> float:
    """Return the metal (m3) of a zone with its riser: both shrink, and both draw on whatever stands higher."""
    return row.zone.volume + (row.size.volume if isinstance(row.piece, Riser) and row.size is not None else 0.0)


def _linked(one: FeedZone, other: FeedZone) -> bool:
    """Return whether two zones hang together while they freeze: the earlier hot spot has a bridge to later metal."""
    return min((one, other), key=lambda zone: zone.time).bridge_time > 0.0


def _placed(
    casting: Casting, zones: FeedZones, run: Results, sizes: Mapping[int, RiserSize | None], voxel: float
) -> list[Advised]:
    """Place a riser or a chill for every zone, each off those that stand already."""
    rows: list[Advised] = []
    standing: list[tuple[Riser, float]] = []
    for zone in zones.rows:
        size = sizes[zone.number]
        if size is not None:
            own = size.reach
            taken = [(*r.at.point[:2].tolist(), reach + own + GAP) for r, reach in standing if r.at is not None]
            zone = moved_foot(zone, zones, run, taken, reach=own, footprint=_UNDER_FOOT * 0.5 * size.diameter)
        rows.append(_advised(casting, zone, standing, size, voxel))
        piece = rows[-1].piece
        if isinstance(piece, Riser):
            standing.append((piece, _reach(piece)))
    return rows


def _advised(
    casting: Casting, zone: FeedZone, standing: list[tuple[Riser, float]], size: RiserSize | None, voxel: float
) -> Advised:
    if size is None:
        return Advised(zone, action="none", why="the metal does not shrink from pour to solid: graphite makes up for it")
    if zone.foot is None:
        return _chilled(casting, zone, "no part of its top is free, so no riser can stand on it")
    if zone.foot_time < _STAYS_OPEN * zone.time and standing:
        return _chilled(casting, zone, "its top freezes long before its hot spot, so a riser there would not reach it")
    riser = _riser(casting, zone, size, voxel)
    try:
        rerigged(casting, [*casting.rigging, *(r for r, _ in standing), riser])
    except CastsolveError as error:
        return _chilled(casting, zone, f"a riser does not fit there: {error}")
    why = size.why + _neck_text(zone, riser, size, voxel)
    if not zone.foot_clear:
        why += "; its body runs into the part beside it: pad that wall up to a place with room, or reckon with the fettling"
    return Advised(zone, action="riser", size=size, why=why, piece=riser)


def _riser(casting: Casting, zone: FeedZone, size: RiserSize, voxel: float) -> Riser:
    assert zone.foot is not None
    at = casting.part.above(zone.foot[0], zone.foot[1])
    ground = max(zone.foot_width, 2.0 * voxel)
    # The neck of an iron shall shut early: as narrow as its ground. Any other has to outlive the section, on wider feet if need be.
    asked = 0.5 * size.diameter if casting.alloy.family == "iron" else size.neck_diameter
    width, neck = max(ground, asked), None
    if ground < size.diameter and width < size.diameter:
        neck = Neck(diameter=width, height=max(0.1 * size.diameter, 0.006))
    return Riser.cylinder(
        diameter=size.diameter, height=size.height, at=at, neck=neck, sleeve=Sleeve() if size.sleeve else None,
        name=f"riser of zone {zone.number}",
    )  # fmt: skip


def _neck_text(zone: FeedZone, riser: Riser, size: RiserSize, voxel: float) -> str:
    """Return what is to be said of a riser whose ground is narrower than the riser, "" where it stands on its full foot."""
    ground = max(zone.foot_width, 2.0 * voxel)
    if ground >= size.diameter:
        return ""
    foot = size.diameter if riser.neck is None else riser.neck.diameter
    said = "" if riser.neck is None else f"; on a neck of {foot * 1e3:.0f} mm"
    asked = f"{size.neck_diameter * 1e3:.0f} mm by rule ({rule('neck_ratio')})"
    if foot < size.neck_diameter:
        return (
            f"{said}, as wide as its ground and narrower than the {asked}: it is short, and its row \"neck of\" in the verdicts "
            "tells whether it holds; that of an iron shall shut once its graphite expands"
        )
    if riser.neck is not None:
        said += f", at least the {asked}"
    if foot > ground:
        said += f"; its foot is wider than its ground of {ground * 1e3:.0f} mm: pad the wall under it, or fettle what hangs over"
    return said


def _chilled(casting: Casting, zone: FeedZone, why: str) -> Advised:
    """Advise a chill on the surface nearest to the hot spot: as thick as the section, and as wide as it fits up to the rule."""
    found = fitting_chill(casting, zone.place, zone.modulus, name=f"chill of zone {zone.number}")
    if found is None:
        return Advised(zone, action="none", why=f"{why}, and no chill lies on its surface; thin or pad the section")
    chill, share = found
    thickness = max(2.0 * zone.modulus, _THINNEST)
    size = f"{share * thickness * 1e3:.0f} x {share * thickness * 1e3:.0f} x {thickness * 1e3:.0f} mm"
    gain, width = rule("chill_factor"), rule("chill_width")
    told = f"{why}; a chill of {size}, as thick as the section: {gain}; {share:g} times as wide: {width}"
    return Advised(zone, action="chill", why=told, piece=chill)


def fitting_chill(casting: Casting, place: Sequence[float], modulus: float, *, name: str) -> tuple[Chill, float] | None:
    """Return the widest chill that fits beside a hot spot, and its width over its thickness; None where none does.

    Parameters
    ----------
    casting : Casting
        With the rigging that stands.
    place : three floats
        Of the hot spot (m).
    modulus : float
        Thermal modulus there (m): the chill is as thick as the section, up to `chill_width` times as wide.
    name : str
    """
    width, thickness = rule("chill_width").value, max(2.0 * modulus, _THINNEST)
    for share in (width, 0.5 * (width + 1.0), 1.0):
        for point in (place, (place[0], place[1], place[2] - modulus)):
            edge, at = share * thickness, casting.part.nearest(point)
            chill = Chill.contour((edge, edge, thickness), at=at, name=name)
            try:
                rerigged(casting, [*casting.rigging, chill])
            except CastsolveError:
                continue
            return chill, share
    return None


def _reach(riser: Riser) -> float:
    """Return the radius (m) that a riser with its sleeve takes up."""
    assert riser.diameter is not None
    if riser.sleeve is None:
        return 0.5 * riser.diameter
    return 0.5 * riser.diameter + (riser.sleeve.thickness or max(0.12 * riser.diameter, 0.008))


def _scaled(riser: Riser, scale: float) -> Riser:
    """Return a riser with its edges, neck and all, times a factor."""
    assert riser.diameter is not None and riser.height is not None and riser.at is not None
    neck = riser.neck
    if neck is not None:
        neck = Neck(diameter=neck.diameter * min(scale, 1.0) if scale < 1.0 else neck.diameter, height=neck.height)
    return Riser.cylinder(
        diameter=riser.diameter * scale, height=riser.height * scale, at=riser.at, neck=neck, sleeve=riser.sleeve, top=riser.top,
        name=riser.name,
    )  # fmt: skip
