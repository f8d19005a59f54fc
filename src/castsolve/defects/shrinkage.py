"""Shrinkage by mass balance: where the metal that was poured is missing at the end."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..results import Results
from ..simulation.air import ATMOSPHERE, SKIN, open_voxels
from ..simulation.march import Densities, March, march_shrinkage
from .cavities import Cavity, RiserFeed, cavities_of, risers_of
from .expansion import run_shrinkage
from .gate_freeze import pressed_metal
from .reading import Metal, fact, metal_of, times_without_gaps
from .thresholds import library_alloy

__all__ = ["Shrinkage", "find_shrinkage", "shrinkage"]

_GRAVITY = (0.0, 0.0, -9.81)


@dataclass(frozen=True, slots=True, eq=False)
class Shrinkage:
    """Where a casting lacks metal.

    Attributes
    ----------
    cavity : ndarray, shape (nx, ny, nz)
        Share of every metal voxel that is empty, from 0 to 1; NaN where there is no metal.
    cavities : tuple of Cavity
        Largest in the part first.
    risers : tuple of RiserFeed
        What every feeding body gave, in the order of the bodies.
    volumes : dict of str to float
        Empty volume by role of the body ("part", "riser", "gate" ...) in the whole casting (m3).
    total : float
        All empty volume (m3).
    expected : float
        What all contraction from the pour to the solidus makes (m3): `total`, less what expansion pushed out, more what was
        pressed in.
    densities : Densities
        Of the metal as poured and at the liquidus, relative to the solid.
    pushed_out : float
        Metal that expansion pushed out of full pools (m3 of solid).
    pressed_in : float
        Metal that a plunger or a furnace under pressure brought while it froze (m3 of solid).
    pressed_by : str
        Role of the bodies through which it came; empty where nothing pressed.
    pressable : float
        What there was to press in (m3 of solid): the metal of the biscuit; inf behind other metal.
    defect : float
        Mass missing in the books over the mass poured.
    unfrozen : int
        Metal voxels that had not passed the limit when the run ended.
    smallest : float
        Cavities below this volume (m3) are not listed; they are in the sums.
    march : March
        Pools and moments behind it.
    """

    cavity: NDArray[np.float64]
    cavities: tuple[Cavity, ...] = field(kw_only=True)
    risers: tuple[RiserFeed, ...] = field(kw_only=True)
    volumes: dict[str, float] = field(kw_only=True)
    total: float = field(kw_only=True)
    expected: float = field(kw_only=True)
    densities: Densities = field(kw_only=True)
    pushed_out: float = field(kw_only=True)
    defect: float = field(kw_only=True)
    unfrozen: int = field(default=0, kw_only=True)
    smallest: float = field(default=0.0, kw_only=True)
    pressed_in: float = field(default=0.0, kw_only=True)
    pressed_by: str = field(default="", kw_only=True)
    pressable: float = field(default=math.inf, kw_only=True)
    march: March = field(kw_only=True)

    @property
    def in_part(self) -> tuple[Cavity, ...]:
        """The cavities that reach into the part."""
        return tuple(c for c in self.cavities if c.part_volume > 0.0)

    @property
    def plunger_ended(self) -> bool:
        """Whether all metal of the biscuit was pressed in, so that pressure ended there."""
        return self.pressed_in >= self.pressable * (1.0 - 1e-12)

    def __str__(self) -> str:
        by_role = ", ".join(f"{volume * 1e6:.4g} cm3 in {role}" for role, volume in self.volumes.items())
        lines = [f"shrinkage of {self.total * 1e6:.4g} cm3: {by_role or 'no metal'}"]
        lines += [f"  {c}" for c in self.cavities[:10]]
        lines += [f"  {r}" for r in self.risers]
        if self.pressed_by:
            share = self.pressed_in / self.pressable
            of = f", {100 * share:.0f} % of the {self.pressed_by}" if math.isfinite(self.pressable) else ""
            ended = "; the plunger is at its end" if self.plunger_ended else ""
            lines.append(f"  pressed in through the {self.pressed_by}: {self.pressed_in * 1e6:.3g} cm3{of}{ended}")
        return "\n".join(lines)


def shrinkage(
    results: Results, *, solidification: float | None = None, liquid_contraction: float | None = None,
    pour_temperature: float | None = None, skin: float = SKIN, pressure: float = ATMOSPHERE, smallest: float | None = None,
    metal_pressure: float | None = None,
) -> Shrinkage:  # fmt: skip
    """Return where the metal shrinks away, by mass balance over the freezing records of a run.

    Each connected pool of feedable metal ("macro_feeding_time") draws what it contracts by from its highest open voxel: the pipe of
    the riser. A pool that is cut off empties its own highest place. Expansion (graphitic iron) fills cavities of its pool again.

    Parameters
    ----------
    results : Results
        A run with the fields "macro_feeding_time" and "liquidus_time".
    solidification : float, optional
        Density of the solid over that of the liquid, less one (0.05 is 5 %). Default: that of the run's alloy, of iron what its
        graphite makes of it in its mould (`run_shrinkage`).
    liquid_contraction : float, optional
        Share of its density that the liquid loses a kelvin. Default: that of the run's alloy, else 0.
    pour_temperature : float, optional
        In K. Default: that of the run.
    skin : float, optional
        Metal this close to the surface (m) is open to the air while it is feedable: thin skins are punctured. Default: 2 mm.
    pressure : float, optional
        On open surfaces, in Pa. Default: the air. It tells how much lower an open surface may stand than a closed one and still
        feed it.
    smallest : float, optional
        Volume (m3) from which on a cavity is listed. Default: that of one voxel.
    metal_pressure : float, optional
        Of a plunger or a furnace on the metal, over that of the air (Pa); 0 for none. Default: that of the run (`pressing_of`).

    Returns
    -------
    Shrinkage

    Notes
    -----
    Valid for metal that freezes with a connected liquid until the limit. What a voxel still draws between the dendrites beyond the
    macro-feeding limit is drawn at the limit, from the pool that it leaves; how much of it the mush really draws is what the
    dimensionless Niyama value tells, and is not in here. The heat does not follow the falling level.

    Under pressure a pool is fed from the biscuit (or what else of the gating the result holds, or the riser tube) for as long as
    liquid metal leads there, and no cavity opens in it; from then on it draws on its own highest metal as any other. That is the
    feeding through the gate that Otarawanna et al. saw in their castings. The plunger is taken to follow as far as it has to; that
    molten metal shut in under pressure is itself denser (some 0.2 % at 100 MPa) is not counted.

    References
    ----------
    Otarawanna, Laukli, Gourlay, Dahle (2010), Feeding mechanisms in high-pressure die castings, Metall. Mater. Trans. A 41,
    1836-1846; from memory.
    """
    known = library_alloy(results)
    beta = solidification
    if beta is None:
        told = run_shrinkage(results)
        if told is None:
            raise InputError("the run does not tell by how much its alloy shrinks; give solidification=0.05 for 5 %")
        beta = told.value
    if not -0.1 < beta < 0.2:
        raise InputError(f"solidification = {beta:g} must belong to (-0.1, 0.2); 0.05 is a shrinkage of 5 %")
    if liquid_contraction is None:
        noted = fact(results, "alloy", "liquid_contraction")
        liquid_contraction = float(noted) if noted is not None else known.liquid_contraction.value if known is not None else 0.0
    pour = pour_temperature if pour_temperature is not None else fact(results, "pour_temperature")
    liquidus = fact(results, "alloy", "liquidus") or (known.liquidus.value if known is not None else None)
    superheat = float(pour) - float(liquidus) if pour is not None and liquidus is not None else 0.0
    fraction = fact(results, "alloy", "macro_feeding_limit") or (known.macro_feeding_limit.value if known is not None else 1.0)
    densities = Densities.of(
        shrinkage=beta, liquid_contraction=liquid_contraction, superheat=superheat, limit=float(fraction)
    )
    limit, unfrozen = times_without_gaps(results, "macro_feeding_time")
    liquid, _ = times_without_gaps(results, "liquidus_time")
    density = fact(results, "alloy", "density_at_liquidus") or (known.density_at_liquidus if known is not None else 7000.0)
    metal = metal_of(results)
    return find_shrinkage(
        liquid, limit, metal=metal, densities=densities, voxel=results.frame.voxel, smallest=smallest, skin=skin,
        gravity=tuple(fact(results, "gravity") or _GRAVITY), density=density, pressure=pressure, unfrozen=unfrozen,
        pressing=pressing_of(results, metal, metal_pressure),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pressing:
    """What presses metal into a casting while it freezes.

    Attributes
    ----------
    pressure : float
        Over that of the air (Pa).
    role : str
        Of the bodies through which it comes.
    until : float
        When it goes (s).
    metal : ndarray of bool, optional
        Where it comes in. Default: the metal of the role.
    """

    pressure: float
    role: str = field(kw_only=True)
    until: float = field(default=math.inf, kw_only=True)
    metal: NDArray[np.bool_] | None = field(default=None, kw_only=True, compare=False)


def pressing_of(results: Results, metal: Metal, pressure: float | None = None) -> Pressing | None:
    """Return what presses the metal of a run: a plunger through the biscuit, a furnace through its tube; None where nothing does.

    The pressure is that of the run, if none is given: what its filling told of the plunger, else that of its casting.
    """
    told = fact(results, "filling", "metal_pressure")
    known = fact(results, "casting", "metal_pressure") if told is None else told
    given = known if pressure is None else pressure
    found = pressed_metal(metal) if given else None
    if not given or found is None:
        return None
    until = fact(results, "casting", "pressure", "release")
    return Pressing(float(given), role=found[0], until=math.inf if until is None else float(until), metal=found[1])


def _pressable(metal: Metal, densities: Densities) -> float:
    """Return what a plunger can press in (m3 of solid): the biscuit before it, liquid, down to its last slice."""
    return densities.liquid * float(metal.volume[metal.mask & metal.of_role("biscuit")].sum())


def find_shrinkage(
    time_liquidus: NDArray[np.float64], time_limit: NDArray[np.float64], *, metal: Metal, densities: Densities, voxel: float,
    smallest: float | None = None, skin: float = SKIN, gravity: tuple[float, ...] = _GRAVITY, density: float = 7000.0,
    pressure: float = ATMOSPHERE, unfrozen: int = 0, pressing: Pressing | None = None,
) -> Shrinkage:  # fmt: skip
    """Return the shrinkage of plain arrays of times (s); see `shrinkage`. `density` (kg/m3) turns pressure into height."""
    for name, value in (("skin", skin), ("pressure", pressure)):
        if not (math.isfinite(value) and value >= 0.0):
            raise InputError(f"{name} = {value:g} must not be below 0")
    strength = float(np.linalg.norm(gravity))
    if not strength > 0.0:
        raise InputError("gravity = 0 m/s2 leaves no highest place; give the direction in which the casting stands")
    x, y, z = metal.centres
    up = -np.asarray(gravity, dtype=np.float64) / strength
    height = up[0] * x[:, None, None] + up[1] * y[None, :, None] + up[2] * z[None, None, :]
    most = _pressable(metal, densities) if pressing is not None and pressing.role == "biscuit" else math.inf
    opened = open_voxels(metal.mask, metal.centres, voxel=voxel, skin=skin, mirrors=metal.mirrors)
    pressed = None if pressing is None else metal.of_role(pressing.role) if pressing.metal is None else pressing.metal
    march = march_shrinkage(
        metal=metal.mask, time_liquidus=time_liquidus, time_limit=time_limit, volume=metal.volume, height=height,
        densities=densities, opened=opened, head=pressure / (density * strength),
        pressed=pressed, pressed_until=math.inf if pressing is None else pressing.until, pressed_most=most,
    )  # fmt: skip
    inside = tuple(march.pools.index.T)
    cavity = np.full(metal.mask.shape, np.nan)
    cavity[inside] = 1.0 - march.filled
    lost = (1.0 - march.filled) * metal.volume[inside] * metal.copies
    roles = np.array([*metal.body_roles, ""])[np.minimum(metal.body[inside], len(metal.body_roles))]
    least = voxel**3 if smallest is None else smallest
    return Shrinkage(
        cavity,
        cavities=tuple(cavities_of(march, metal, height[inside], least, pressed)),
        risers=tuple(risers_of(march, metal, height[inside], voxel)),
        volumes={role: float(lost[roles == role].sum()) for role in dict.fromkeys(metal.body_roles) if (roles == role).any()},
        total=float(lost.sum()),
        expected=densities.cavity * float(metal.volume[inside].sum()) * metal.copies,
        densities=densities,
        pushed_out=march.pushed_out * metal.copies,
        defect=march.defect,
        unfrozen=unfrozen,
        smallest=least,
        pressed_in=march.pressed_in * metal.copies,
        pressed_by="" if pressing is None else pressing.role,
        pressable=most * metal.copies,
        march=march,
    )
