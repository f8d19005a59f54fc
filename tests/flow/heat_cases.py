"""Fillings that carry heat, with known answers."""

from __future__ import annotations

import math

import numpy as np

from castsolve.geometry import Grid, GridBody, Part
from castsolve.materials import HeatCurve, reservoir
from castsolve.simulation import Contact, Faces, HeatProblem, Side
from castsolve.simulation.flow_arrays import CAVITY, FEED, OUTLET, RESERVOIR, Cavity
from castsolve.simulation.flow_drag import Porous
from castsolve.simulation.flow_heat import FlowHeat
from castsolve.simulation.flow_problem import FlowProblem, Liquid, Port
from castsolve.units import degC

G = 9.81
A356 = HeatCurve.linear_alloy(
    density=2500.0, specific_heat=1100.0, k_solid=120.0, k_mush=120.0, k_liquid=120.0, latent_heat=3.95e5, liquidus=degC(614),
    solidus=degC(560),
)  # fmt: skip
SAND = HeatCurve.constant(density=1500.0, specific_heat=1130.0, conductivity=0.607)
MELT = Liquid(2400.0, 1.3e-3)


def block_grid(kind, h, *, x_low=0.0):
    """Heat grid around a cavity of whole voxels: its voxels are metal, what is solid is mould."""
    shape = kind.shape
    nodes = [x_low + h * np.arange(shape[0] + 1), *(h * np.arange(n + 1) for n in shape[1:])]
    return Grid.regular(*nodes, region=np.where(kind > 0, 0, 1), names=("metal", "mould"))


def series_htc(htc, h, k, voxels):
    """Coefficient of a contact that leaves `htc` in series with the metal between a wall and the mean of its voxel.

    In a gap of n voxels the mean stands h/2 - h/(3 n) behind the wall.
    """
    return 1.0 / (1.0 / htc - (0.5 - 1.0 / (3.0 * voxels)) * h / k)


def channel(length, gap, voxels, kinds):
    """Cavity kinds of a channel along x between two walls at constant temperature, one voxel thick."""
    h = gap / voxels
    kind = np.zeros((round(length / h), 1, voxels + 2), np.uint8)
    kind[:, :, 1:-1] = CAVITY
    kind[0, :, 1:-1], kind[-1, :, 1:-1] = kinds
    return kind, h


# Temperatures (degC) of metal of 700 degC that flows at 0.5 m/s between walls of 200 degC, 5 mm apart, htc 2000: exact.
PLUG = {0.05: 685.07575, 0.1: 670.59697, 0.2: 642.92302, 0.4: 592.36160}


def plug_flow(voxels, *, broken=None):
    """Temperature (degC) along the channel at the places of `PLUG`, and the run."""
    kind, h = channel(0.45, 5e-3, voxels, (FEED, OUTLET))
    k = 100.0
    metal = HeatCurve.constant(density=2400.0, specific_heat=1100.0, conductivity=k)
    faces = Faces(contacts={(0, 1): Contact(series_htc(2000.0, h, k, voxels))})
    heat = FlowHeat(
        block_grid(kind, h), [metal, reservoir()], faces, initial=[degC(700), degC(200)], inlet_temperature=degC(700)
    )
    ports = [Port(kind == FEED, flow=0.5 * voxels * h * h), Port(kind == OUTLET)]
    problem = FlowProblem(Cavity.blocks(kind, h), Liquid(2400.0), gravity=(0.0, 0.0, 0.0), ports=ports, heat=heat)
    run = problem.run(np.zeros(kind.shape), until=1.0, progress=broken)
    T = run.heat.melt_temperature[1:-1, 0, 1:-1].mean(axis=1) - 273.15
    x = (np.arange(len(T)) + 0.5) * h
    return [float(np.interp(place, x, T)) for place in PLUG], run


# Flemings' fluidity: a gap of 3 mm, 0.5 m/s, 60 K of superheat, htc 400.
FLUIDITY = {"gap": 3e-3, "speed": 0.5, "superheat": 60.0, "htc": 400.0, "density": 2500.0, "heat": 1100.0, "latent": 3.95e5,
            "melts": degC(590), "cold": degC(25)}  # fmt: skip


def fluidity_formula(coherency):
    """Length (m) of the formula, and time (s) in which a slice of metal comes to `coherency`: exact."""
    c = FLUIDITY
    rate = 2.0 * c["htc"] / (c["density"] * c["gap"])
    gap = c["melts"] - c["cold"]
    length = c["speed"] * (coherency * c["latent"] + c["heat"] * c["superheat"]) / (rate * gap)
    time = (c["heat"] * math.log1p(c["superheat"] / gap) + coherency * c["latent"] / gap) / rate
    return length, time


def fluidity(coherency, voxels=1, *, longer=1.1, broken=None):
    """Metal from a head in a cold channel until it has stopped: rows of time, length, inlet speed and fraction solid at the tip."""
    c = FLUIDITY
    length, time = fluidity_formula(coherency)
    kind, h = channel(1.15 * length, c["gap"], voxels, (RESERVOIR, CAVITY))
    k = 5.0
    metal = HeatCurve.linear_alloy(
        density=c["density"], specific_heat=c["heat"], k_solid=k, k_mush=k, k_liquid=k, latent_heat=c["latent"],
        liquidus=c["melts"], solidus=c["melts"],
    )  # fmt: skip
    faces = Faces(contacts={(0, 1): Contact(series_htc(c["htc"], h, k, voxels))})
    poured = c["melts"] + c["superheat"]
    heat = FlowHeat(
        block_grid(kind, h), [metal, reservoir()], faces, initial=[poured, c["cold"]], inlet_temperature=poured, coherency=coherency
    )
    # Gravity across the slice: it gives the head its pressure and moves nothing.
    head = c["speed"] ** 2 / (2 * G) + 0.5 * h
    problem = FlowProblem(
        Cavity.blocks(kind, h), Liquid(c["density"], 1.3e-3), gravity=(0.0, -G, 0.0), ports=[Port(kind == RESERVOIR, head=head)],
        heat=heat,
    )  # fmt: skip
    fill = np.where(kind == CAVITY, 1.0, 0.0)
    fill[3:] = 0.0
    rows = []

    def note(run):
        if broken is not None:
            broken(run)
        full = run.fill[:, 0, 1:-1].mean(axis=1)
        tip = int(np.flatnonzero(full[:-1] > 0.01)[-1])
        solid = float(np.nanmax(run.heat.fraction_solid[tip]))
        rows.append((run.time, float(full[1:].sum()) * h, run.port_rows[-1][0] / (voxels * h * h), solid))

    start = [np.full(a.shape, c["speed"] if d == 0 else 0.0) for d, a in enumerate(problem.cavity.aperture)]
    run = problem.run(fill, until=longer * time, velocity=start, progress=note)
    return np.array(rows), run


def seep(pressure, permeability, inertial, until):
    """Speed (m/s) through a filter between a pressure and the open: run, and exact; the pressures along it, and exact."""
    h, n = 2e-3, 3
    kind = np.full((40, 1, n), CAVITY, np.uint8)
    kind[0], kind[-1] = RESERVOIR, OUTLET
    where = np.zeros(kind.shape, bool)
    where[15:26] = True
    problem = FlowProblem(
        Cavity.blocks(kind, h), MELT, gravity=(0.0, 0.0, 0.0), divergence=1e-11,
        ports=[Port(kind == RESERVOIR, pressure=pressure), Port(kind == OUTLET)], filters=[Porous(where, permeability, inertial)],
    )  # fmt: skip
    run = problem.run((kind == CAVITY).astype(float), until=until, step=until / 100)
    a, b = MELT.density / inertial * 11 * h, MELT.viscosity / permeability * 11 * h
    exact = pressure / b if a == 0.0 else (math.sqrt(b * b + 4 * a * pressure) - b) / (2 * a)
    along = pressure * np.clip(1.0 - (np.arange(40) - 15 + 0.5) / 11, 0.0, 1.0)
    return run.port_flow[-1, 0] / (n * h * h), exact, run.pressure[1:-1, 0, 1], along[1:-1]


def seep_into_void(permeability, deep, steps):
    """A pressure pushes metal into a void `deep` voxels in a filter with a closed end: how fast it closes, over Darcy's law."""
    h, pressure = 2e-3, 1e4
    kind = np.full((24, 1, 1), CAVITY, np.uint8)
    kind[0] = RESERVOIR
    where = np.zeros(kind.shape, bool)
    where[8:20] = True
    problem = FlowProblem(
        Cavity.blocks(kind, h), MELT, gravity=(0.0, 0.0, 0.0), divergence=1e-11, ports=[Port(kind == RESERVOIR, pressure=pressure)],
        filters=[Porous(where, permeability, math.inf)],
    )  # fmt: skip
    fill, void = (kind == CAVITY).astype(float), 8 + deep
    fill[void] = 0.6
    exact = pressure * permeability / (MELT.viscosity * (deep + 0.5) * h)
    until, lacks = 0.2 * h / exact, []  # half of the void
    run = problem.run(
        fill, until=until, step=until / steps, progress=lambda r: lacks.append((r.time, float(1.0 - r.volume[void, 0, 0])))
    )
    (t0, first), (t1, last) = lacks[len(lacks) // 4], lacks[-1]
    return run, (first - last) * h / (t1 - t0) / exact


def plate_at_rest(until, step, *, voxels=20, corrected=False):
    """A plate of 20 mm of A356 in sand, poured at once: the filling's conduction, and the heat problem's, on one grid."""
    h = 10e-3 / voxels
    sizes = [h]
    while sum(sizes) < 0.15:
        sizes.append(min(1.08 * sizes[-1], 6e-3))
    along = np.concatenate([h * np.arange(voxels + 1), 10e-3 + np.cumsum(sizes)])
    region = np.where(np.arange(len(along) - 1) < voxels, 0, 1).reshape(-1, 1, 1)
    grid = Grid.regular(along, np.array([0.0, h]), np.array([0.0, h]), region, names=("metal", "sand"))
    faces = Faces(contacts={(0, 1): Contact(1000.0)})
    initial = [degC(680), degC(25)]
    heat = FlowHeat(
        grid, [A356, SAND], faces, initial=initial, inlet_temperature=initial[0], mould_correction=corrected
    )
    cavity = Cavity.blocks(np.ones((voxels, 1, 1)), h)
    run = FlowProblem(cavity, MELT, gravity=(0.0, 0.0, 0.0), heat=heat).run(np.ones((voxels, 1, 1)), until=until, step=step)
    other = HeatProblem(grid, [A356, SAND], faces, mould_correction=corrected)
    return run, other, other.run(initial, until=until)


def block_at_rest(until, step):
    """The block of case A7, 100 x 60 x 40 mm, an eighth of it: temperatures (degC) of centre and corner."""
    h = 2e-3
    nodes = [np.arange(0.0, size + 0.5 * h, h) for size in (0.050, 0.030, 0.020)]
    out = Side.convective(5000.0, degC(25))
    grid = Grid.regular(*nodes)
    metal = HeatCurve.constant(density=2500.0, specific_heat=1100.0, conductivity=160.0)
    heat = FlowHeat(
        grid, [metal], Faces(x_high=out, y_high=out, z_high=out), initial=[degC(500)], inlet_temperature=degC(500)
    )
    run = FlowProblem(Cavity.blocks(np.ones(grid.shape), h), MELT, gravity=(0.0, 0.0, 0.0), heat=heat).run(
        np.ones(grid.shape), until=until, step=step
    )
    return run, HeatProblem(grid, [metal], heat.faces).run(degC(500), until=until)


def askew(voxel=2e-3):
    """A block that lies askew in sand, its cavity and its heat grid."""
    body = Part.box((20e-3, 14e-3, 26e-3)).turned(0.4, axis=(1, 2, 3))
    grid = Grid.build([GridBody("block", "part", body.surface, 0)], voxel=voxel, box=((-0.03,) * 3, (0.03,) * 3))
    nodes = [n[s.start : s.stop + 1] for n, s in zip(grid.nodes, grid.fine, strict=True)]
    return body, grid, Cavity.of_surfaces([body.surface], nodes)


def pool(share, *, broken=None, until=5000.0):
    """A pool between two cold walls, its upper voxel filled to a share, at rest: temperatures (K) of its voxels from below."""
    n, h = 5, 4e-3
    kind = np.zeros((3, 1, n), np.uint8)
    kind[1] = CAVITY
    metal = HeatCurve.constant(density=2500.0, specific_heat=1100.0, conductivity=1e-3)
    htc = series_htc(0.4, h, 1e-3, 1)
    heat = FlowHeat(
        block_grid(kind, h), [metal, reservoir()], Faces(contacts={(0, 1): Contact(htc)}), initial=[900.0, 300.0],
        inlet_temperature=900.0,
    )  # fmt: skip
    fill = np.zeros(kind.shape)
    fill[1, 0] = [1.0, 1.0, 1.0, share, 0.0]
    problem = FlowProblem(Cavity.blocks(kind, h), MELT, gravity=(0.0, 0.0, 0.0), heat=heat)
    run = problem.run(fill, until=until, step=0.005 * until, progress=broken)
    return run, run.heat.melt_temperature[1, 0], 300.0 + 600.0 * math.exp(-2 * 0.4 * until / (2500.0 * 1100.0 * h))


def splash(n=24, until=0.35, **options):
    """A drop of hot metal that falls into a cooler pool and splashes, in a box of sand."""
    h = 0.2 / n
    x, z = np.meshgrid((np.arange(n) + 0.5) / n, (np.arange(n) + 0.5) / n, indexing="ij")
    fill = np.clip((0.15 - np.hypot(x - 0.5, z - 0.7)) * n + 0.5, 0, 1) + (z < 0.3)
    kind = np.full((n + 2, 1, n + 2), 0, np.uint8)
    kind[1:-1, :, 1:-1] = CAVITY
    whole = np.zeros(kind.shape)
    whole[1:-1, 0, 1:-1] = fill.clip(0, 1)
    start = np.full(kind.shape, degC(25))
    start[kind == CAVITY] = degC(640)
    start[:, :, n // 2 :][kind[:, :, n // 2 :] == CAVITY] = degC(700)
    heat = FlowHeat(
        block_grid(kind, h), [A356, SAND], Faces(contacts={(0, 1): Contact(1000.0)}, z_high=Side.convective(50.0, degC(25))),
        initial=start, inlet_temperature=degC(700), coherency=0.3,
    )  # fmt: skip
    problem = FlowProblem(Cavity.blocks(kind, h), Liquid(2400.0, 1.3e-3), gravity=(0.0, 0.0, -G), heat=heat, **options)
    return problem, whole, until


def thin_plate(poured, htc, *, voxel=3e-3, until=1.5):
    """A plate of 6 mm that lies askew in a steel mould, poured from a head through a round sprue: the run, stopped when full."""
    plate = Part.box((80e-3, 6e-3, 60e-3)).turned(0.3, axis="z").turned(0.15, axis="y")
    sprue = Part.cylinder(diameter=12e-3, height=65e-3).moved((0.0, 0.0, 20e-3))
    low, high = np.minimum(plate.bounds[0], sprue.bounds[0]), np.maximum(plate.bounds[1], sprue.bounds[1])
    box = tuple(low - 0.02), (*(high[:2] + 0.02), high[2])
    bodies = [GridBody("plate", "part", plate.surface, 0), GridBody("sprue", "sprue", sprue.surface, 0)]
    grid = Grid.build(bodies, voxel=voxel, box=box)
    nodes = [n[s.start : s.stop + 1] for n, s in zip(grid.nodes, grid.fine, strict=True)]
    open_ = Cavity.of_surfaces([plate.surface, sprue.surface], nodes)
    kind = open_.kind.copy()
    top = int(np.argwhere(kind == CAVITY)[:, 2].max())
    kind[:, :, top][kind[:, :, top] == CAVITY] = RESERVOIR
    share = np.where(kind == RESERVOIR, 1.0, open_.share)
    cavity = Cavity.cut(share, open_.aperture, kind, voxel, wall=open_.wall, origin=open_.origin)
    head = cavity.origin[2] + voxel * (top + 0.5) + 0.02
    steel = HeatCurve.constant(density=7700.0, specific_heat=560.0, conductivity=29.0)
    heat = FlowHeat(
        grid, [A356, steel], Faces(contacts={(0, 1): Contact(htc)}, z_high=Side.convective(20.0, 300.0, emissivity=0.3)),
        initial=[poured, degC(25)], inlet_temperature=poured, coherency=0.3,
    )  # fmt: skip
    problem = FlowProblem(cavity, MELT, ports=[Port(cavity.kind == RESERVOIR, head=head)], no_slip=True, heat=heat)
    full = 0.99 * cavity.volume
    return problem.run(np.zeros(kind.shape), until=until, progress=lambda run: run.ledger.held > full)
