"""Two and three dimensions on aligned grids: a cooled block, a freezing corner, steady contacts, a manufactured solution."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from castsolve.analytic import CORNER_FRONT, Manufactured, RobinBlock, corner_front
from castsolve.geometry import Grid
from castsolve.materials import HeatCurve
from castsolve.simulation import Contact, Faces, HeatProblem, Level, Side
from castsolve.units import degC, to_degC

from .bench import run, threads_for
from .report import Check, Curve, Outcome, Plot, largest, root_mean_square
from .stock import AL_SOLID, curve

MM = 1e-3


def read_block(T: np.ndarray, place: str, htc: float, voxel: float) -> float:
    """Return the temperature (degC) of an eighth of a block at its centre or corner, from the two nearest voxels an axis.

    Along each axis runs the parabola through both that has no slope at the centre, and at the wall the slope that the
    coefficient asks for.
    """
    biot = htc * 0.5 * voxel / AL_SOLID.conductivity
    near, weights = (slice(0, 2), (9.0, -1.0)) if place == "centre" else (slice(-2, None), (-1.0, 9.0))
    w = np.array(weights) / (8.0 if place == "centre" else 8.0 + 6.0 * biot)
    excess = to_degC(T[near, near, near]) - 25.0
    return 25.0 + float(np.einsum("ijk,i,j,k", excess, w, w, w))


def robin_block(htc: float = 500.0, *, voxel: float = 2 * MM, **options: Any) -> Outcome:
    """A7: an aluminium block of 100 x 60 x 40 mm and 500 degC, cooled on all sides to 25 degC."""
    lengths = np.array([100.0, 60.0, 40.0]) * MM
    exact = RobinBlock(lengths=tuple(lengths), phase=AL_SOLID, htc=htc)
    # one eighth: three planes of symmetry
    grid = Grid.regular(*(np.linspace(0.0, e / 2.0, round(e / 2.0 / voxel) + 1) for e in lengths))
    cooled = Side.convective(htc, degC(25.0))
    times = (1.0, 5.0, 20.0, 60.0)
    faces = Faces(x_high=cooled, y_high=cooled, z_high=cooled)
    done = run(grid, [curve(AL_SOLID)], faces, [degC(500.0)], until=60.0, record=times, **options)
    x, y, z = (grid.centres(a) for a in range(3))
    checks, worst = [], []
    places = {"centre": np.zeros(3), "corner": 0.5 * lengths}
    found = {name: np.array([read_block(done.snapshots[t], name, htc, voxel) for t in times]) for name in places}
    for i, time in enumerate(times):
        T = to_degC(done.snapshots[time])
        for name, place in places.items():
            value = 25.0 + 475.0 * float(exact.excess(*place, time))
            checks.append(Check(f"{name} at {time:g} s (degC)", value, float(found[name][i]), 0.3, False, aim=0.05))
        field = 25.0 + 475.0 * exact.excess(x[:, None, None], y[None, :, None], z[None, None, :], time)
        worst.append(root_mean_square(f"whole field, rms, at {time:g} s (K)", field, T, 0.3, relative=False, aim=0.05))
    curves = []
    t = np.linspace(0.3, 60.0, 150)
    for name, place in places.items():
        curves.append(Curve(f"{name}, exact", t, 25.0 + 475.0 * exact.excess(*place, t)))
        curves.append(Curve(f"{name}, computed", np.array(times), found[name], marks=True))
    plot = Plot(f"a7-{htc:g}", "time (s)", "temperature (degC)", tuple(curves))
    text = f"A7 block, {htc:g} W/m2/K, voxel {voxel / MM:g} mm"
    return Outcome(text, robin_block.__doc__ or "", tuple(checks + worst), (plot,))


def corner(cells: int = 50, *, gate: float = 0.01, **options: Any) -> Outcome:
    """A11: a quarter plane freezing from two cold walls, latent heat 0.25 c dT, started 0.3 dT above its melting point."""
    c, rho, k = 1000.0, 1000.0, 10.0
    diffusivity = k / (rho * c)
    melting, span = 1000.0, 100.0
    time = 0.25 / diffusivity * 1e-4  # so that sqrt(4 a t) = 0.01 m
    unit = math.sqrt(4.0 * diffusivity * time)
    latent = 0.25 * c * span
    heat = HeatCurve.linear_alloy(
        density=rho,
        specific_heat=c,
        k_solid=k,
        k_mush=k,
        k_liquid=k,
        latent_heat=latent,
        liquidus=melting,
        solidus=melting,
    )
    nodes = np.linspace(0.0, 3.2, round(3.2 * cells) + 1) * unit
    grid = Grid.regular(np.array([0.0, unit]), nodes, nodes)
    cold = Side.fixed(melting - span)
    faces = Faces(y_low=cold, z_low=cold)
    middle = float(heat.at_temperature(melting)) - 0.5 * rho * latent
    done = run(grid, [heat], faces, [melting + 0.3 * span], until=time, watch=[Level("half", enthalpy=middle)], **options)
    passed = done.crossing("half")[0]
    y = grid.centres(1) / unit
    # z of the front over y: passed-time grows with z along a column; the front is where it equals the end time
    T = (done.temperature[0] - melting) / span
    h = done.enthalpy[0]
    solid = np.clip((float(heat.at_temperature(melting)) - h) / (rho * latent), 0.0, 1.0)
    front = solid.sum(axis=1) * (y[1] - y[0])
    # The front is similar in time: each voxel tells where it was as it passed. A single moment would tell the place of the front
    # inside its voxel, which an isothermal change of phase smears over one.
    late = np.isfinite(passed) & (passed > 0.3 * time)
    scale = np.sqrt(np.where(late, passed, time) / time)
    Y, Z = y[:, None] / scale, y[None, :] / scale
    edges = np.linspace(CORNER_FRONT["far"] + 0.25, 2.4, 9)
    beside = late & (Z < Y)
    found, exact = [], []
    for low, high in itertools.pairwise(edges):
        mine = beside & (Y >= low) & (Y < high)
        found.append(float(Z[mine].mean()))
        exact.append(float(corner_front(Y[mine]).mean()))
    checks = [
        largest("front over the wall coordinate", np.array(exact), np.array(found), gate, relative=False),
        Check("far front", CORNER_FRONT["far"], float(front[(y > 2.3) & (y < 2.5)].mean()), gate, False, aim=0.003),
        Check("front on the diagonal", 0.8956, float(np.diagonal(Y)[np.diagonal(late)].mean()), gate, False, aim=0.003),
    ]
    for place, value in ((0.4025, -0.71212), (0.6025, -0.42899), (0.8025, -0.13192), (1.4025, 0.21527)):
        found = float(np.interp(place, y, np.diagonal(T)))
        checks.append(Check(f"temperature on the diagonal at {place:g}", value, found, 0.015, False, aim=0.005))
    place = np.linspace(0.76, 2.4, 200)
    curves = (
        Curve("superhyperbola of Rathjen and Jiji", place, corner_front(place)),
        Curve("computed", Y[beside][::7], Z[beside][::7], marks=True),
    )
    plot = Plot("a11-front", "y / sqrt(4 a t)", "front x / sqrt(4 a t)", curves)
    return Outcome(f"A11 corner, {cells} voxels per sqrt(4 a t)", corner.__doc__ or "", tuple(checks), (plot,))


def steady_contacts(*, cells: int = 8, **options: Any) -> Outcome:
    """A6, steady: four quadrants with contact coefficients 5 and 1.25 and a heat flux on the outer sides."""
    offset = 1000.0
    unit = HeatCurve.constant(density=1.0, specific_heat=1.0, conductivity=1.0)
    nodes = np.linspace(-0.5, 0.5, cells + 1)
    half = cells // 2
    region = np.zeros((cells, cells, 1), np.uint8)  # 0 SW, 1 SE, 2 NW, 3 NE
    region[half:] += 1
    region[:, half:] += 2
    grid = Grid.regular(nodes, nodes, np.array([0.0, 0.125]), region=region, names=("SW", "SE", "NW", "NE"))
    into, out = Side.flux(1.0), Side.flux(-1.0)
    across_x, across_y = Contact(1.25), Contact(5.0)
    contacts = {(0, 1): across_x, (2, 3): across_x, (0, 2): across_y, (1, 3): across_y}
    faces = Faces(x_low=out, x_high=into, y_low=out, y_high=into, contacts=contacts)
    options.setdefault("theta", 0.2)
    done = run(grid, [unit] * 4, faces, [3.0 + offset] * 4, until=60.0, **options)
    x, y = grid.centres(0), grid.centres(1)
    shift = np.array([2.5, 3.3, 2.7, 3.5])[region[:, :, 0]]
    exact = x[:, None] + y[None, :] + shift
    found = done.temperature[:, :, 0] - offset
    check = largest("temperature", exact, found, 1e-6, relative=False)
    return Outcome("A6 steady contacts", steady_contacts.__doc__ or "", (check,))


def manufactured_curve(made: Manufactured) -> HeatCurve:
    """Tabulate the manufactured material between 470 and 690 K.

    Its many kinks keep the solver's own tables, which are good to 0.01 K between kinks, below the errors to be seen.
    """
    T = np.linspace(470.0, 690.0, 4401)
    h = made.enthalpy(T) - made.enthalpy(298.15)
    bent = np.abs(T - made.middle) < 2.2 * made.width
    index = np.arange(T.size)
    kinks = index[(index % 55 == 0) | (bent & (index % 12 == 0))]
    return HeatCurve(h, T, made.conductivity(T), density=made.density, kinks=kinks)


def manufactured(cells: int, *, until: float = 5.0, **options: Any):
    """A13: return the error field's largest and rms value on one grid, and the run; half of the cube is enough."""
    made = Manufactured()
    grid = Grid.regular(*(np.linspace(0.0, share * made.length, cells + 1) for share in (1.0, 0.5, 1.0)))
    x, y, z = (grid.centres(a) for a in range(3))
    x, y, z = x[:, None, None], y[None, :, None], z[None, None, :]
    problem = HeatProblem(
        grid, [manufactured_curve(made)], Faces(), source=lambda time: made.source(x, y, z, time), **threads_for(grid)
    )
    start = made.temperature(x, y, z, 0.0)
    done = problem.run(start, until=until, **options)
    error = done.temperature - made.temperature(x, y, z, until)
    return float(np.abs(error).max()), float(np.sqrt(np.mean(error**2))), done


def order_in_space(sizes: tuple[int, ...] = (8, 16, 32), *, gate: float = 1.9, **options: Any) -> Outcome:
    """A13: the error against a manufactured solution falls with the square of the voxel."""
    options.setdefault("theta", 0.02)
    errors = [manufactured(n, **options) for n in sizes]
    checks = []
    for i in range(1, len(sizes)):
        for j, name in enumerate(("largest", "rms")):
            order = math.log(errors[i - 1][j] / errors[i][j]) / math.log(sizes[i] / sizes[i - 1])
            text = f"order of the {name} error from {sizes[i - 1]} to {sizes[i]} voxels"
            checks.append(Check(text, 2.0, order, 2.0 - gate, False, aim=0.05, error_of=min(0.0, order - 2.0)))
    h = 0.1 / np.array(sizes, dtype=float) / MM
    curves = [Curve(f"{name} error", h, np.array([e[j] for e in errors]), marks=True) for j, name in enumerate(("largest", "rms"))]
    curves.append(Curve("second order", h, errors[0][1] * (h / h[0]) ** 2))
    plot = Plot("a13-space", "voxel (mm)", "error (K), logarithmic", tuple(curves))
    return Outcome("A13 order in space", order_in_space.__doc__ or "", tuple(checks), (plot,))


DESIGN_ORDER = {"euler": 1.0, "rkl1": 1.0, "rkl2": 2.0}


def order_in_time(scheme: str, *, cells: int = 6, until: float = 4.8, **options: Any) -> Outcome:
    """A13: against a run of very small steps on the same grid the error in time falls with the order of the scheme."""
    reference = manufactured(cells, until=until, scheme="rkl2", step=until / 4096, **options)[2].temperature
    counts = {"euler": (96, 192, 384), "rkl1": (12, 24, 48), "rkl2": (24, 96, 384)}[scheme]
    errors = []
    for n in counts:
        found = manufactured(cells, until=until, scheme=scheme, step=until / n, **options)[2].temperature
        errors.append(float(np.sqrt(np.mean((found - reference) ** 2))))
    design = DESIGN_ORDER[scheme]
    checks = []
    for i in range(1, len(counts)):
        order = math.log(errors[i - 1] / errors[i]) / math.log(counts[i] / counts[i - 1])
        text = f"order of {scheme} from {counts[i - 1]} to {counts[i]} steps"
        checks.append(Check(text, design, order, 0.1 * design, False, error_of=min(0.0, order - design)))
    steps = until / np.array(counts, dtype=float)
    curves = (
        Curve(f"{scheme}", steps, np.array(errors), marks=True),
        Curve(f"order {design:g}", steps, errors[0] * (steps / steps[0]) ** design),
    )
    plot = Plot(f"a13-time-{scheme}", "step (s)", "error (K), logarithmic", curves)
    return Outcome(f"A13 order in time, {scheme}", order_in_time.__doc__ or "", tuple(checks), (plot,))
