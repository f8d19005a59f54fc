"""A casting made ready to be filled: its cavity on the voxels of the heat grid, its liquid, its inlets as ports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..casting import METAL, GravityDieCasting, Inlet
from ..errors import GeometryError, InputError
from ..geometry import Grid, openings
from ..materials import Alloy
from ..threads import allowed_threads
from ..units import Number, quantity
from .accuracy import flow_steps_for
from .entries import Entry, entries_of, entry_voxels
from .fill_air import air_of
from .fill_basin import Lying, lying_metal, turning_of
from .fill_inlets import brims_of, inlets_of, kind_of, neighbours, ports_of
from .flow_arrays import CAVITY, RESERVOIR, SOLID, Cavity
from .flow_drag import Porous
from .flow_heat import FlowHeat
from .flow_problem import FlowProblem, Liquid
from .release import HeatRelease
from .solidify import faces_of, grid_of

if TYPE_CHECKING:
    from ..casting import Casting, Layout

__all__ = ["FillPlan", "plan_fill", "plan_fill_on"]

Array = NDArray[Any]

# Smagorinsky's constant: 0.1 in channels to 0.2 in free turbulence (Pope, Turbulent Flows, 2000, section 13.4).
_SMAGORINSKY = 0.15
# Voxels of an inlet's channel beyond its opening.
_CHANNEL = 3.0
# Cavity that no way leads to from the inlets: told from the first, refused from the second share of the whole on.
_UNREACHED = (1e-9, 0.002)
# Bodies that take room from the metal where they overlap it.
_HOLES = ("core", "chill")


@dataclass(frozen=True, slots=True, eq=False)
class FillPlan:
    """A casting made ready to be filled.

    Attributes
    ----------
    casting : Casting
    layout : Layout
    grid : Grid
        The grid of the whole mould, as `solidify` builds it.
    window : three slices
        The voxels of the grid that the flow's box covers.
    inner : three slices
        The same voxels in the flow's box.
    problem : FlowProblem
    entries : tuple of Entry
        One for each port.
    unreached : float
        Volume of cavity (m3) that no way leads to and that was closed.
    lying : Lying or None
        Metal that lies in a basin at the start.
    warnings : tuple of str
    """

    casting: Casting
    layout: Layout
    grid: Grid
    window: tuple[slice, slice, slice]
    inner: tuple[slice, slice, slice]
    problem: FlowProblem
    entries: tuple[Entry, ...]
    unreached: float
    lying: Lying | None
    warnings: tuple[str, ...]

    def initial(self) -> Array:
        """Return the filled share at the start: empty but for a basin that metal lies in, and the voxels beside inlets under a
        pressure, where it stands."""
        cavity = self.problem.cavity
        out = np.zeros(cavity.shape) if self.lying is None else self.lying.share.copy()
        for port in self.problem.ports:
            if port.holds:
                for d, (low, high) in enumerate(neighbours(port.where)):
                    open_ = cavity.aperture[d] > 0.0
                    for side, beside in ((low, np.delete(open_, -1, axis=d)), (high, np.delete(open_, 0, axis=d))):
                        out[side & beside & (cavity.kind == CAVITY)] = 1.0
        return out

    def identity(self) -> list[Any]:
        """Return all that makes this filling another one than a filling of the same grid."""
        cavity, liquid = self.problem.cavity, self.problem.liquid
        inlets = [str(e.inlet.facts()) for e in self.entries]
        return [
            cavity.share, cavity.kind, *cavity.aperture, liquid, self.problem.gravity, self.problem.no_slip,
            self.problem.aspirates, self.problem.divergence, self.problem.steps, inlets, *self._turn_identity(),
            *self._heat_identity(), *self._air_identity(),
        ]  # fmt: skip

    def _turn_identity(self) -> list[Any]:
        """What the turn of two fillings on one grid may differ in."""
        turning = self.problem.turning
        if turning is None:
            return ["still"]
        end = self.turned_by
        return [turning.axis, turning.through, turning.total, [turning.turned(end * n / 64.0) for n in range(65)]]

    @property
    def turned_by(self) -> float:
        """When the mould has turned (s); 0 for one that stands still."""
        casting = self.casting
        if not isinstance(casting, GravityDieCasting) or casting.tilt is None:
            return 0.0
        return casting.tilt.duration(casting.pour_time)

    def _heat_identity(self) -> list[Any]:
        """What the heat of two fillings on one grid may differ in: materials, contacts, temperatures, what burns."""
        heat = self.problem.heat
        if heat is None:
            return ["isothermal"]
        curves = [array for c in heat.materials for array in (c.enthalpy, c.temperature, c.conductivity)]
        contacts = [f"{pair} {interface}" for pair, interface in self.layout.contacts.items()]
        burning = heat.source.memory() if isinstance(heat.source, HeatRelease) else []
        return [*curves, *contacts, heat.initial, self.layout.pour_temperature, heat.coherency, *burning]

    def _air_identity(self) -> list[Any]:
        """What the air of two fillings on one grid may differ in."""
        air = self.problem.air
        if air is None:
            return ["no air"]
        vents = [part for v in air.vents for part in (v.where, str(v.conductance))]
        return [f"{air.wall!r} {air.spreading!r} {air.temperature!r}", *vents]

    def on_grid(self, values: Array, outside: Any = np.nan) -> Array:
        """Return a field of the flow's box on the whole grid, `outside` elsewhere."""
        out = np.full(self.grid.shape, outside, values.dtype)
        out[self.window] = values[self.inner]
        return out

    def in_metal(self, values: Array) -> Array:
        """Return a field of the flow's box as it is kept: on the whole grid, NaN outside of the metal."""
        whole = self.on_grid(values.astype(np.float32))
        return np.where(self.grid.region == 0, whole, np.float32(np.nan))


def plan_fill(
    casting: Casting, *, voxel: Number, inlet: Inlet | Sequence[Inlet] | None = None, heat: bool = True, air: bool = False,
    friction: bool = True, aspiration: bool = False, accuracy: str = "usual", threads: int | None = None,
) -> FillPlan:  # fmt: skip
    """Make a casting ready to be filled, without filling it. Parameters are those of `fill`."""
    edge = quantity(voxel, "length", "voxel")
    allowed_threads(threads)
    flow_steps_for(accuracy)
    inlets = inlets_of(casting, inlet)
    if aspiration:
        _check_aspiration(casting, air)
    layout = casting.layout(edge)
    grid = grid_of(layout, edge, threads)
    carried = _heat_of(layout, grid, threads) if heat else None
    return plan_fill_on(
        casting, layout, grid, inlets=inlets, heat=carried, air=air, friction=friction, aspiration=aspiration, accuracy=accuracy,
        threads=threads,
    )  # fmt: skip


def plan_fill_on(
    casting: Casting, layout: Layout, grid: Grid, *, inlets: Sequence[Inlet], heat: FlowHeat | None, air: bool = False,
    friction: bool = True, aspiration: bool = False, accuracy: str = "usual", threads: int | None = None,
) -> FillPlan:  # fmt: skip
    """Make a casting ready to be filled on a grid of its own layout, with what it is to know of the heat."""
    turning, entries = turning_of(casting), entries_of(casting, inlets)
    nodes, inner = _nodes_of(grid, entries)
    cavity, places, unreached = _cavity_of(layout, entries, nodes, grid)
    around = air_of(casting, layout, cavity, brims_of(entries, places, cavity, layout)) if air else None
    problem = FlowProblem(
        cavity, _liquid_of(layout.alloy, layout.pour_temperature), gravity=tuple(layout.gravity),
        ports=ports_of(entries, places, cavity, layout, casting, turning), no_slip=friction, threads=threads,
        slip_axes=tuple({plane.axis for plane in casting.planes}), air=around,
        heat=heat, filters=_filters_of(layout, grid, cavity, inner), past=True, turning=turning,
        aspirates=aspiration,
        steps=flow_steps_for(accuracy),
    )  # fmt: skip
    lying = lying_metal(entries, casting, grid, cavity, inner, turning)
    warnings = [*layout.warnings, *(lying.warnings if lying is not None else ())]
    if unreached > _UNREACHED[0] * cavity.volume:
        warnings.append(f"{unreached * 1e9:.3g} mm3 of the cavity lie beyond passages thinner than a voxel and were closed")
    if air and around is None:
        warnings.append(
            "no vent, open riser or permeable mould lets the air out; the filling is computed as if it left everywhere unhindered"
        )
    return FillPlan(casting, layout, grid, grid.fine, inner, problem, tuple(entries), unreached, lying, tuple(warnings))


def _check_aspiration(casting: Casting, air: bool) -> None:
    if air:
        raise InputError("aspiration lets air in unhindered, but with air=True it has its own ways; give one of the two")
    if casting.mould.permeability is None:
        raise InputError(
            f"aspiration needs a mould that lets air through, but {casting.mould.name} has no permeability; leave it out, or take "
            "a mould such as furan-sand"
        )


def _liquid_of(alloy: Alloy, pour_temperature: float) -> Liquid:
    """The melt: density at the pour temperature, viscosity of the alloy at its liquidus."""
    if alloy.viscosity is None:
        raise InputError(f"{alloy.name} has no viscosity; give its material file one")
    density = float(alloy.density_at(pour_temperature))
    return Liquid(density, viscosity=alloy.viscosity.value, smagorinsky=_SMAGORINSKY)


def _heat_of(layout: Layout, grid: Grid, threads: int | None) -> FlowHeat:
    """Heat carried by the metal and conducted to what is around it, with the contacts of the solidification.

    What burns where it gets hot does so from when metal reaches it; what burns by the clock waits for the end of the pour.
    """
    release = HeatRelease.of(grid, [r.material for r in layout.regions])
    return FlowHeat(
        grid, [r.material.heat for r in layout.regions], faces_of(layout, grid),
        initial=[r.initial_temperature for r in layout.regions], inlet_temperature=layout.pour_temperature,
        coherency=layout.alloy.coherency.value, source=None if release is None else release.where_hot(), mould_correction=True,
        threads=threads,
    )  # fmt: skip


def _filters_of(layout: Layout, grid: Grid, cavity: Cavity, inner: tuple[slice, slice, slice]) -> list[Porous]:
    """The filters of a casting in the cavity."""
    found = []
    for name, pores in layout.pores.items():
        where = np.zeros(cavity.shape, bool)
        where[inner] = (grid.body == grid.body_names.index(name))[grid.fine]
        found.append(Porous(where & (cavity.kind == CAVITY), pores.permeability, pores.inertial))
    return found


def _nodes_of(grid: Grid, entries: Sequence[Entry]) -> tuple[list[Array], tuple[slice, slice, slice]]:
    """Nodes of the uniform window, carried on where an inlet's channel leaves it; and where the window lies in them."""
    h = grid.voxel
    nodes, inner = [], []
    for a in range(3):
        own = grid.nodes[a][grid.fine[a].start : grid.fine[a].stop + 1]
        widths = np.diff(own)
        if np.abs(widths - h).max() > 1e-6 * h:
            raise GeometryError(
                f"a filling needs cubic voxels, but along {'xyz'[a]} the mould box is so near to the casting that they are "
                f"{widths.max() * 1e3:.4g} mm long, not {h * 1e3:.4g} mm; make the box larger there or take a voxel that divides it"
            )
        ends = [e.at.point[a] + (1.0 + np.abs(e.at.normal).sum()) * h * e.at.normal[a] for e in entries]
        below = max(0, int(np.ceil((own[0] - min(ends, default=own[0])) / h - 1e-6)))
        above = max(0, int(np.ceil((max(ends, default=own[-1]) - own[-1]) / h - 1e-6)))
        low = own[0] - h * np.arange(below, 0, -1)
        high = own[-1] + h * np.arange(1, above + 1)
        nodes.append(np.concatenate([low, own, high]))
        inner.append(slice(below, below + len(widths)))
    return nodes, (inner[0], inner[1], inner[2])


def _cavity_of(
    layout: Layout, entries: Sequence[Entry], nodes: list[Array], grid: Grid
) -> tuple[Cavity, list[Array], float]:
    """The cavity with the channels of its inlets, the voxels of every inlet, and the volume that no way leads to."""
    h, threads = grid.voxel, 1
    metal = [b.surface for b in layout.bodies if b.role in METAL]
    holes = [b.surface for b in layout.bodies if b.role in _HOLES]
    channels = [e.channel(_CHANNEL * h * float(np.abs(e.at.normal).sum())) for e in entries]
    inside = openings([*metal, *channels], holes, nodes, threads=threads)
    kind = np.where(inside.share > 0.0, CAVITY, SOLID).astype(np.uint8)
    places, faces = [], list(inside.aperture)
    for entry, channel in zip(entries, channels, strict=True):
        own = openings([channel], [], nodes, threads=threads)
        where = entry_voxels(entry, own.share, nodes)
        # A face of the metal on a voxel's face is open only where the channel is.
        faces = [np.where(_faces_of(where, d), np.minimum(a, own.aperture[d]), a) for d, a in enumerate(faces)]
        kind[where] = kind_of(entry.inlet)
        places.append(where)
    for entry, where in zip(entries, places, strict=True):
        beside = _beside_cavity(where, kind)
        if not beside.any():
            raise InputError(
                f"the {entry.inlet.kind} at {entry.name}, {entry.at}, meets no cavity: it is outside of the metal or smaller than "
                f"a voxel of {h * 1e3:.4g} mm"
            )
        kind[where & ~beside] = SOLID
        where &= beside
    kept = [where & (kind >= RESERVOIR) for where in places]
    cavity = Cavity.cut(inside.share, faces, kind, h, wall=inside.wall, origin=[n[0] for n in nodes])
    cavity, unreached = _reached(cavity, kept, layout)
    return cavity, kept, unreached


def _faces_of(where: Array, axis: int) -> Array:
    """The faces across an axis of the voxels of a mask."""
    padded = np.pad(where, [(1, 1) if a == axis else (0, 0) for a in range(3)])
    return np.delete(padded, -1, axis=axis) | np.delete(padded, 0, axis=axis)


def _beside_cavity(where: Array, kind: Array) -> Array:
    """Those voxels that touch the cavity over a face."""
    return where & np.logical_or.reduce([side for pair in neighbours(kind == CAVITY) for side in pair])


def _reached(cavity: Cavity, places: Sequence[Array], layout: Layout) -> tuple[Cavity, float]:
    """Close the cavity that no open face leads to from an inlet; refuse if it is more than slivers."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    kind = cavity.kind
    number = np.arange(kind.size).reshape(kind.shape)
    pairs = []
    for d in range(3):
        low, high = number.take(range(kind.shape[d] - 1), axis=d), number.take(range(1, kind.shape[d]), axis=d)
        inner = cavity.aperture[d].take(range(1, kind.shape[d]), axis=d) > 0.0
        pairs.append(np.stack([low[inner], high[inner]]))
    a, b = np.concatenate(pairs, axis=1)
    graph = coo_array((np.ones(len(a), bool), (a, b)), shape=(kind.size, kind.size))
    _, label = connected_components(graph, directed=False)
    label = label.reshape(kind.shape)
    fed = np.unique(np.concatenate([label[where] for where in places]))
    off = (kind == CAVITY) & ~np.isin(label, fed)
    lost = float(cavity.share[off].sum()) * cavity.voxel**3
    if lost > _UNREACHED[1] * cavity.volume:
        sizes = np.bincount(label[off], weights=cavity.share[off])
        worst = np.argwhere(label == int(sizes.argmax()))[0]
        x, y, z = (cavity.centres(e)[worst[e]] * 1e3 for e in range(3))
        raise GeometryError(
            f"{100 * lost / cavity.volume:.2g} % of the cavity cannot be reached by the metal (for example at x, y, z = {x:.4g}, "
            f"{y:.4g}, {z:.4g} mm): no gate leads there, or a passage is thinner than a voxel of {cavity.voxel * 1e3:.4g} mm"
        )
    if not off.any():
        return cavity, 0.0
    closed = np.where(off, SOLID, kind).astype(np.uint8)
    share = np.where(off, 0.0, cavity.share)
    faces = []
    for d in range(3):
        faces.append(np.where(_faces_of(off, d), 0.0, cavity.aperture[d]))
    return Cavity(cavity.voxel, share, (faces[0], faces[1], faces[2]), closed, cavity.origin, cavity.wall, cavity.slanted), lost
