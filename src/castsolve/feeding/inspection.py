"""A part looked at before anything is designed around it: size, weight, walls, hot spots, how to pour it, how to compute it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..casting import SandCasting
from ..defects import HotSpots, hot_spots, thermal_modulus
from ..errors import InputError, MaterialError
from ..geometry import Part, WallThickness, wall_thickness
from ..materials import Alloy, MouldMaterial
from ..results import Results
from ..simulation import available_memory, solidify, threads_for, voxel_count
from ..simulation.memory import BYTES_PER_VOXEL
from ..threads import allowed_threads
from .quick_voxel import quick_voxel

__all__ = ["Inspection", "Section", "inspect"]

# Voxels across the thin walls that a run should have, and the voxels of a run that is still daily work.
_ACROSS, _DAILY = 4.0, 1e7
# Shares of the volume that thinner and thicker walls are named by.
_THIN, _THICK = 0.02, 0.98
# By so much must late freezing go better with height in another direction before the part is turned, and a correlation below the
# second number tells nothing.
_BETTER, _TELLS = 0.05, 0.2
# A hot spot of one voxel must stand out by more than this share of its time.
_SCATTER = 0.05
# What n threads gain is n to this power: 1.7 to 2.0 times for two (benchmarks/README.md).
_SHARED = 0.8
_DIRECTIONS = {"+x": (0, 1), "-x": (0, -1), "+y": (1, 1), "-y": (1, -1), "+z": (2, 1), "-z": (2, -1)}


@dataclass(frozen=True, slots=True)
class Section:
    """A thin or a thick place of a part.

    Attributes
    ----------
    place : tuple of float
        In m.
    thickness : float
        In m.
    """

    place: tuple[float, float, float]
    thickness: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Inspection:
    """What is known of a part before rigging: print it.

    Attributes
    ----------
    part : Part
    alloy : str
    mould : str
    volume, area, weight : float
        In m3, m2 and kg (at room temperature).
    casting_modulus : float
        Volume over area in m.
    thermal_modulus : float
        Of the place that freezes last, in m; NaN where no Chvorinov constant exists.
    walls : WallThickness
    thin, thick : tuple of Section
        Thinnest and thickest places, apart from each other.
    hot_spots : HotSpots
        Of the naked part in the mould, without risers.
    directions : dict of str to float
        For every axis direction that could be up: how well late freezing goes with height, -1 to 1.
    voxel : float
        Suggested edge of a voxel in m.
    voxels : int
        All voxels of a run at that size, without rigging.
    memory, free_memory : float
        In bytes.
    seconds : float
        Time of such a run to solid on this machine with the threads of now, nothing else running: scaled from the processor time
        of the quick solve, which other work hardly changes.
    result : Results
        The quick heat solve.

    Notes
    -----
    A size that castings do not have is a row of the table, and in `part.warnings`.
    """

    part: Part
    alloy: str
    mould: str
    volume: float
    area: float
    weight: float
    casting_modulus: float
    thermal_modulus: float
    walls: WallThickness
    thin: tuple[Section, ...]
    thick: tuple[Section, ...]
    hot_spots: HotSpots
    directions: dict[str, float]
    voxel: float
    voxels: int
    memory: float
    free_memory: float
    seconds: float
    result: Results = field(repr=False)

    @property
    def up(self) -> str:
        """The direction that should be up: late metal lies high, where a riser feeds it; as drawn where none is better."""
        best = max(self.directions, key=lambda name: self.directions[name])
        return best if self.directions[best] > max(_TELLS, self.directions["+z"] + _BETTER) else "+z"

    def rows(self) -> list[tuple[str, str]]:
        """Return the table as pairs of name and value, in display units."""
        size = " x ".join(f"{v * 1e3:.4g}" for v in self.part.size)
        quantiles = [self.walls.share(q) * 1e3 for q in (_THIN, 0.5, _THICK)]
        rows = [
            ("part", f"{self.part.name}, {size} mm, {len(self.part.surface.triangles)} triangles"),
            *(("warning", text) for text in self.part.warnings),
            *(("repaired", note) for note in self.part.notes),
            ("alloy, mould", f"{self.alloy} in {self.mould}"),
            ("volume", f"{self.volume * 1e6:.5g} cm3"),
            ("weight", f"{self.weight:.4g} kg"),
            ("area", f"{self.area * 1e4:.5g} cm2"),
            ("modulus, geometric", f"{self.casting_modulus * 1e2:.3g} cm (volume over area)"),
            ("modulus, thermal", f"{self.thermal_modulus * 1e2:.3g} cm (of the place that freezes last)"),
            ("walls", f"{quantiles[0]:.3g} to {quantiles[2]:.3g} mm, half of the metal below {quantiles[1]:.3g} mm"),
            *((f"thin {n}", _place(s)) for n, s in enumerate(self.thin, 1)),
            *((f"thick {n}", _place(s)) for n, s in enumerate(self.thick, 1)),
        ]
        for n, spot in enumerate(self.hot_spots.rows[:5], 1):
            x, y, z = (c * 1e3 for c in spot.place)
            rows.append((f"hot spot {n}", f"x, y, z = {x:.4g}, {y:.4g}, {z:.4g} mm, solid after {spot.time:.4g} s"))
        if len(self.hot_spots) > 5:
            rows.append(("hot spots", f"{len(self.hot_spots)} in all"))
        goes = self.directions[self.up]
        drawn = ", as drawn, for no direction is clearly better" if self.up == "+z" and goes <= _TELLS else ""
        rows.append(("pour with up", f"{self.up}{drawn} (late freezing goes with height: {goes:+.2f} of -1 to 1; no proof)"))
        room = f" of {self.free_memory / 1e9:.3g} GB free" if math.isfinite(self.free_memory) else ""
        rows.append(("voxel", f"{self.voxel * 1e3:.3g} mm: {self.voxels / 1e6:.3g} M voxels"))
        rows.append(("a run takes", f"about {self.memory / 1e9:.2g} GB of memory{room}, about {_duration(self.seconds)} to solid"))
        return rows

    def __str__(self) -> str:
        rows = self.rows()
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def _place(section: Section) -> str:
    x, y, z = (c * 1e3 for c in section.place)
    return f"{section.thickness * 1e3:.3g} mm at x, y, z = {x:.4g}, {y:.4g}, {z:.4g} mm"


def _duration(seconds: float) -> str:
    if seconds < 90.0:
        return f"{max(seconds, 1.0):.0f} s"
    return f"{seconds / 60.0:.0f} min" if seconds < 5400.0 else f"{seconds / 3600.0:.1f} h"


def inspect(
    part: Part, alloy: str | Alloy, *, mould: str | MouldMaterial = "green-sand", threads: int | None = None
) -> Inspection:
    """Look at a part before anything is designed around it.

    The part is frozen once on a coarse grid, naked in a sand mould; its walls are measured with balls that fit into them.

    Parameters
    ----------
    part : Part
    alloy : str or Alloy
    mould : str or MouldMaterial
        A sand.
    threads : int, optional
        Default: all allowed.
    """
    if not isinstance(part, Part):
        raise InputError(f"a Part is inspected, not {type(part).__name__}; read one with Part.read")
    allowed_threads(threads)
    walls = wall_thickness(part.surface)
    casting = _naked(part, alloy, mould)
    metal = casting.alloy
    began = time.process_time()
    # A size that castings do not have is a wrong unit more often than a part: a first look is enough.
    accuracy = "quick" if part.warnings else "usual"
    result = solidify(casting, voxel=quick_voxel(casting, walls), until="solid", accuracy=accuracy, threads=threads)
    spent = time.process_time() - began
    voxel, count = _suggested(casting, walls)
    solved = int(np.prod(result.frame.shape))
    return Inspection(
        part=part,
        alloy=metal.name,
        mould=casting.mould.name,
        volume=part.volume,
        area=part.area,
        weight=part.volume * float(metal.density_at(293.15)),
        casting_modulus=part.casting_modulus,
        thermal_modulus=_latest_modulus(result),
        walls=walls,
        thin=_sections(walls, thick=False),
        thick=_sections(walls, thick=True),
        hot_spots=_distinct(hot_spots(result)),
        directions=_directions(result),
        voxel=voxel,
        voxels=count,
        memory=float(BYTES_PER_VOXEL * count),
        free_memory=available_memory(),
        # Steps of the sweeps shrink with the edge: work grows with the number of voxels to the power 4/3.
        seconds=spent * (count / solved) ** (4.0 / 3.0) / threads_for(count, threads) ** _SHARED,
        result=result,
    )


def _naked(part: Part, alloy: str | Alloy, mould: str | MouldMaterial) -> SandCasting:
    """Return the part in sand, poured as hot as is usual, else 80 K above the liquidus."""
    from .. import materials

    metal = alloy if isinstance(alloy, Alloy) else materials.alloy(alloy)
    window = next(iter(metal.pouring.values()), None)
    hottest = float(metal.heat.temperature[-1])
    pour = window.value if window is not None else metal.liquidus.value + 80.0
    return SandCasting(part, alloy=metal, mould=mould, pour_temperature=min(pour, hottest))


def _latest_modulus(result: Results) -> float:
    try:
        values = thermal_modulus(result)
    except (MaterialError, InputError):
        return math.nan
    values = values[np.isfinite(values)]
    return float(values.max()) if values.size else math.nan


def _distinct(spots: HotSpots) -> HotSpots:
    """Leave out single voxels that stand out little: in alloys that end on a plateau, times scatter by 2 % from voxel to voxel."""
    return replace(spots, rows=tuple(s for s in spots.rows if s.voxels > 1 or s.prominence > _SCATTER))


def _sections(walls: WallThickness, *, thick: bool) -> tuple[Section, ...]:
    """Return up to three thin or thick places, each at least its own thickness and a tenth of the part away from the others."""
    limit = walls.share(_THICK if thick else _THIN)
    mine = np.flatnonzero(walls.thickness >= limit if thick else walls.thickness <= limit)
    order = mine[np.argsort(-walls.thickness[mine] if thick else walls.thickness[mine], kind="stable")]
    if not thick:
        # The few thinnest nodes lie in fillets and acute edges: the thinnest wall is that of the limit.
        order = mine[np.argsort(-walls.thickness[mine], kind="stable")]
    away = 0.1 * float(np.ptp(walls.places, axis=0).max())
    found: list[Section] = []
    left = order
    while len(left) and len(found) < 3:
        first = left[0]
        # The middle of the nodes around that are as thin or as thick.
        near = left[np.linalg.norm(walls.places[left] - walls.places[first], axis=1) <= max(away, float(walls.thickness[first]))]
        alike = near[np.abs(walls.thickness[near] / walls.thickness[first] - 1.0) < 0.02]
        centre = walls.places[alike].mean(axis=0)
        place = walls.places[alike[int(np.linalg.norm(walls.places[alike] - centre, axis=1).argmin())]]
        found.append(Section((float(place[0]), float(place[1]), float(place[2])), float(walls.thickness[first])))
        left = np.setdiff1d(left, near, assume_unique=True) if len(near) else left[1:]
    return tuple(found)


def _directions(result: Results) -> dict[str, float]:
    """Return for every axis direction the correlation of solidification time with height."""
    time_ = np.asarray(result["solidification_time"], dtype=np.float64)
    mask = np.asarray(result.metal) & np.isfinite(time_)
    index = np.argwhere(mask)
    values = time_[mask]
    found = {}
    for name, (axis, sign) in _DIRECTIONS.items():
        height = sign * _centres(result, axis)[index[:, axis]]
        spread = float(values.std() * height.std())
        found[name] = float(((values - values.mean()) * (height - height.mean())).mean() / spread) if spread > 0.0 else 0.0
    return found


def _centres(result: Results, axis: int) -> NDArray[np.float64]:
    nodes: Any = (result.frame.x, result.frame.y, result.frame.z)[axis]
    return np.asarray(0.5 * (nodes[1:] + nodes[:-1]), dtype=np.float64)


def _suggested(casting: SandCasting, walls: WallThickness) -> tuple[float, int]:
    """Return an edge with some voxels across the thin walls, larger where a run would not be daily work, and its voxels."""
    edge = walls.share(0.1) / _ACROSS
    for _ in range(8):
        layout = casting.layout(edge)
        count = voxel_count(layout.box, layout.fine_box, edge)
        if count <= _DAILY:
            break
        edge *= max((count / _DAILY) ** (1.0 / 3.0), 1.02)
    power = 10.0 ** math.floor(math.log10(edge))
    edge = math.ceil(edge / power * 20.0 - 1e-9) / 20.0 * power
    layout = casting.layout(edge)
    return edge, voxel_count(layout.box, layout.fine_box, edge)
