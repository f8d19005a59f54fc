"""Flow problems with known answers; slices are one voxel thick and slip along their two sides."""

from __future__ import annotations

import math

import numpy as np

from castsolve import _kernels
from castsolve.geometry import Part
from castsolve.simulation.accuracy import FlowSteps
from castsolve.simulation.flow_air import Air, Vent
from castsolve.simulation.flow_arrays import CAVITY, FEED, HALO, OUTLET, RESERVOIR, Cavity, flow_arrays, multigrid_levels
from castsolve.simulation.flow_problem import FlowProblem, Liquid, Port

G = 9.81
WATER = Liquid(1000.0)
DOWN = (0.0, 0.0, -G)


def half_space(shape, h, origin, normal, offset):
    """Share of every voxel below normal . x = offset."""
    n = np.asarray(normal, float)
    unit = np.ascontiguousarray(np.abs(n) / np.abs(n).sum())
    out = np.empty(shape)
    for at in np.ndindex(*shape):
        c = (offset - n @ (np.asarray(origin) + h * np.array(at))) / h - n[n < 0].sum()
        out[at] = _kernels.plane_volume(unit, float(c / np.abs(n).sum()))
    return out


def rest(angle, n=24, until=0.5, steps=None):
    """Liquid at rest in a box whose gravity is tilted."""
    up = np.array([math.sin(angle), 0.0, math.cos(angle)])
    fill = half_space((n, 1, n), 1 / n, (0, 0, 0), up, 0.0137 + 0.5 * (up[0] + up[2]))
    problem = FlowProblem(Cavity.blocks(np.ones((n, 1, n)), 1 / n), WATER, gravity=tuple(-G * up), divergence=1e-12, steps=steps)
    return problem.run(fill, until=until)


def rotated_rest(angle, n=24, until=1.0, level=0.4137, steps=None):
    """Liquid at rest in a box that lies askew in the grid: gravity is along the box."""
    a = math.radians(angle)
    h = 1.0 / n
    m = math.ceil((math.cos(a) + math.sin(a)) / h) + 4
    origin = (-math.sin(a) - 2.3 * h, 0.0, -2.6 * h)
    # Box: 0 <= x . along <= 1 and 0 <= x . up <= 1.
    along, up = np.array([math.cos(a), 0.0, math.sin(a)]), np.array([-math.sin(a), 0.0, math.cos(a)])
    corners = np.array([0 * along, along, along + up, up])
    box = Part.box((1.0, 3 * h, 1.0), corner=(0.0, -h, 0.0)).turned(-a, axis="y")
    nodes = [origin[0] + h * np.arange(m + 1), np.array([0.0, h]), origin[2] + h * np.arange(m + 1)]
    cavity = Cavity.of_surfaces([box.surface], nodes)
    assert abs(cavity.volume - h) < 1e-9 and corners.shape == (4, 3)
    fill = half_space(cavity.shape, h, origin, up, level)
    problem = FlowProblem(cavity, WATER, gravity=tuple(-G * up), divergence=1e-10, steps=steps)
    return problem.run(np.where(cavity.kind == CAVITY, fill, 0.0), until=until)


def pipe_from_head(n=40, progress=None, slug=0.01):
    """Front (m) at 0.1 and 0.2 s of a pipe fed from a head of 0.3 m, a slug (m) at rest at the start."""
    h = 0.5 / n
    kind = np.ones((n + 1, 1, 4))
    kind[0] = RESERVOIR
    cavity = Cavity.blocks(kind, h, origin=(-h, 0.0, 0.0))
    fill = np.zeros(kind.shape)
    fill[1:] = np.clip((slug - np.arange(n) * h) / h, 0, 1)[:, None, None]
    # Gravity across the slice: it gives the head its pressure and moves nothing.
    port = Port(kind == RESERVOIR, head=0.3 + 0.5 * h)
    run = FlowProblem(cavity, WATER, gravity=(0.0, -G, 0.0), ports=[port]).run(
        fill, until=0.2, record=[0.1, 0.2], progress=progress
    )
    return run, [float(run.snapshots[t][1:].sum(0).mean()) * h for t in (0.1, 0.2)]


def plug(until=0.4):
    """A feed pushes metal through a channel at 1 m/s into the open."""
    n, h = 10, 0.01
    kind = np.ones((60, 1, n))
    kind[0], kind[-1] = FEED, OUTLET
    ports = [Port(kind == FEED, flow=n * h * h), Port(kind == OUTLET)]
    problem = FlowProblem(Cavity.blocks(kind, h), WATER, gravity=(0.0, 0.0, 0.0), ports=ports)
    run = problem.run(np.zeros(kind.shape), until=until, record=[0.2])
    return run, float(run.snapshots[0.2][1:-1].sum()) * h / n


def period_of(times, values):
    """Period from the crossings of zero."""
    t, a = np.array(times), np.array(values)
    at = np.flatnonzero(a[:-1] * a[1:] < 0)
    crossings = t[at] - a[at] * (t[at + 1] - t[at]) / (a[at + 1] - a[at])
    return 2.0 * float(np.polyfit(np.arange(len(crossings)), crossings, 1)[0])


def u_tube(until=3.0):
    """Period of a column in a U-tube with two square corners, and the exact one."""
    width, n = 0.06, 6
    h = width / n
    gap, nz, level, amplitude = round(0.2 / h), round(0.5 / h), 0.3, 0.02
    kind = np.zeros((2 * n + gap, 1, nz))
    kind[:n] = kind[-n:] = kind[:, :, :n] = 1
    z = np.arange(nz) * h
    fill = np.where(np.arange(nz)[None, None, :] < n, kind, 0.0)
    fill[:n, 0, :] = np.clip((level + amplitude - z) / h, 0, 1)
    fill[-n:, 0, :] = np.clip((level - amplitude - z) / h, 0, 1)
    times, heights = [], []

    def note(run):
        fill = run.fill
        times.append(run.time)
        heights.append((fill[:n].sum() - fill[-n:].sum()) * h / n / 2)

    run = FlowProblem(Cavity.blocks(kind, h), WATER, gravity=DOWN).run(fill, until=until, progress=note)
    # A square corner of a channel holds as much potential flow as 0.559 of its width of straight channel.
    length = 2 * (level - width) + 0.2 + 2 * 0.559 * width
    return run, period_of(times, heights), 2 * math.pi * math.sqrt(length / (2 * G))


def ripples(level, share=None, n=10):
    """Speeds (m/s) after every step of a pool whose columns stand up and down by turns; `share` of sqrt(h/g) is the step."""
    h = 1.0 / n
    i, j = np.indices((n, n))
    fill = np.clip(level - np.arange(n), 0.0, 1.0) * np.ones((n, n, 1))
    fill[..., int(level)] += 1e-6 * (-1.0) ** (i + j)
    problem = FlowProblem(Cavity.blocks(np.ones((n, n, n)), h), WATER, gravity=DOWN, divergence=1e-12, threads=1)
    unit = math.sqrt(h / G)
    return problem.run(fill, until=36 * unit, step=share and share * unit).history["speed"][1:]


def falling(steps, n=24, until=0.3):
    """How far (m) a slab that fills a slice from side to side has fallen in an empty box of 1 m, and how far it should have."""
    kind, fill = np.ones((4, 1, n)), np.zeros((4, 1, n))
    fill[:, :, 3 * n // 4 : 3 * n // 4 + 4] = 1.0
    centre = (np.arange(n) + 0.5) / n
    run = FlowProblem(Cavity.blocks(kind, 1.0 / n), WATER, gravity=DOWN, steps=steps).run(fill, until=until)
    place = [float((f * centre).sum() / f.sum()) for f in (fill, run.fill)]
    return place[0] - place[1], 0.5 * G * until**2


def sloshing(n=32, periods=3.0, amplitude=0.01, progress=None, steps=None):
    """Period and amplitude factor a period of the first mode in a 1 m x 0.5 m tank."""
    h = 1.0 / n
    nz = round(0.75 / h)
    edge = np.arange(n + 1) * h
    surface = 0.5 + amplitude * np.diff(np.sin(np.pi * edge)) / np.pi / h
    fill = np.clip((surface[:, None] - np.arange(nz) * h) / h, 0, 1)[:, None, :]
    shape = np.cos(np.pi * (edge[:-1] + 0.5 * h))
    times, mode = [], []

    def note(run):
        times.append(run.time)
        mode.append(2.0 * float((run.fill[:, 0, :].sum(1) * h * shape).mean()))
        if progress is not None:
            progress(run)

    exact = 1.181816
    problem = FlowProblem(Cavity.blocks(np.ones(fill.shape), h), WATER, gravity=DOWN, steps=steps)
    run = problem.run(fill, until=periods * exact, progress=note)
    a = np.array(mode)
    peaks = []
    for i in range(1, len(a) - 1):
        if abs(a[i]) >= abs(a[i - 1]) and abs(a[i]) > abs(a[i + 1]) and abs(a[i]) > 0.3 * amplitude:
            d = 0.5 * (a[i - 1] - a[i + 1]) / (a[i - 1] - 2 * a[i] + a[i + 1])
            peaks.append(abs(a[i] - 0.25 * (a[i - 1] - a[i + 1]) * d))
    factor = math.exp(2 * np.polyfit(np.arange(len(peaks)), np.log(peaks), 1)[0])
    return run, period_of(times, mode) / exact, factor


# Martin and Moyce (1952), column twice as high as wide: tables 2 (T = t sqrt(2 g / a), Z = x / a)
# and 6 (tau = t sqrt(g / a), H = eta / 2a).
TABLE_2 = [(0.41, 1.11), (0.84, 1.22), (1.19, 1.44), (1.43, 1.67), (1.63, 1.89), (1.83, 2.11), (1.98, 2.33), (2.20, 2.56),
           (2.32, 2.78), (2.51, 3.00), (2.65, 3.22), (2.83, 3.44), (2.97, 3.67), (3.11, 3.89), (3.33, 4.11),
           (4.01, 5.00)]  # fmt: skip
TABLE_6 = [(0.56, 0.94), (0.77, 0.89), (0.93, 0.83), (1.08, 0.78), (1.28, 0.72), (1.46, 0.67), (1.66, 0.61), (1.84, 0.56),
           (2.00, 0.50), (2.21, 0.44), (2.45, 0.39), (2.70, 0.33), (3.06, 0.28), (3.44, 0.22), (4.20, 0.17)]  # fmt: skip


def dam_break(n=16, thick=1, until=0.33, threads=None, resume=None, progress=None, steps=None):
    """Column of 2.25 in x 4.5 in that collapses in a tank of 6 a x 3 a."""
    a = 0.05715
    h = a / n
    fill = np.zeros((6 * n, thick, 3 * n))
    fill[:n, :, : 2 * n] = 1
    problem = FlowProblem(Cavity.blocks(np.ones(fill.shape), h), WATER, gravity=DOWN, threads=threads, steps=steps)
    record = [t for t in np.arange(0.0, 0.401, 0.01).round(3) if t <= until]
    return problem.run(fill, until=until, record=record, resume=resume, progress=progress)


def martin_moyce(run, n):
    """Root mean square of front and height against the tables with one time shift of at most 0.03 s, and the shift (s)."""
    a = 0.05715
    h = a / n
    times = np.array(sorted(run.snapshots))
    front, height = [], []
    for t in times:
        fill = run.snapshots[t].mean(axis=1)
        column = fill.sum(axis=1)
        k = int(np.flatnonzero(column >= 0.5)[-1])
        x = k + 0.5 + ((column[k] - 0.5) / (column[k] - column[k + 1]) if k + 1 < len(column) else 0.5)
        front.append(x * h / a)
        height.append(fill[0].sum() * h / (2 * a))
    best = (math.inf, math.inf, math.inf)
    for shift in np.arange(0.0, 0.0301, 0.0005):
        t2 = np.array([t / math.sqrt(2 * G / a) - shift for t, _ in TABLE_2])
        t6 = np.array([t / math.sqrt(G / a) - shift for t, _ in TABLE_6])
        z2, h6 = np.array([z for _, z in TABLE_2]), np.array([z for _, z in TABLE_6])
        ok = t2 > 0
        e2 = float(np.sqrt(np.mean(((np.interp(t2, times, front) - z2) / z2)[ok] ** 2)))
        e6 = float(np.sqrt(np.mean(((np.interp(t6, times, height) - h6) / h6) ** 2)))
        if max(e2 / 0.08, e6 / 0.05) < max(best[0] / 0.08, best[1] / 0.05):
            best = (e2, e6, float(shift))
    return best


def drop(n=32, until=0.5, **options):
    """A drop that falls into a pool and splashes."""
    x, z = np.meshgrid((np.arange(n) + 0.5) / n, (np.arange(n) + 0.5) / n, indexing="ij")
    fill = np.clip((0.15 - np.hypot(x - 0.5, z - 0.7)) * n + 0.5, 0, 1) + (z < 0.3)
    problem = FlowProblem(Cavity.blocks(np.ones((n, 1, n)), 1 / n), WATER, gravity=DOWN, **options)
    return problem, fill[:, None, :].clip(0, 1), until


def pipe(angle, voxels, *, turned=0.0, stairs=False, length=0.08, distance=0.06):
    """Slug that slides down a round pipe of 10 mm without friction: distance and speed over the exact ones."""
    bore = 0.01
    h = bore / voxels
    part = Part.cylinder(diameter=bore, height=0.28)
    part = part.moved((0, 0, -part.bounds[1][2])).turned(math.radians(90 - angle), axis="y").turned(math.radians(turned), axis="z")
    off = np.array([0.37, 0.21, 0.11]) * h
    part = part.moved(off)
    lo, hi = part.bounds
    nodes = [(math.floor(lo[d] / h) - 1) * h + h * np.arange(math.ceil((hi[d] - lo[d]) / h) + 4) for d in range(3)]
    cavity = Cavity.of_surfaces([part.surface], nodes)
    assert abs(cavity.volume / part.volume - 1) < 1e-9
    if stairs:
        cavity = Cavity.blocks(cavity.share >= 0.5, h, origin=cavity.origin)
    b, c = math.radians(90 - angle), math.radians(turned)
    along = np.array([-math.sin(b) * math.cos(c), -math.sin(b) * math.sin(c), -math.cos(b)])
    centres = np.stack(np.meshgrid(*(cavity.centres(d) for d in range(3)), indexing="ij"), axis=-1)
    s = (centres - off) @ along
    fill = np.where(cavity.kind == CAVITY, np.clip((s - 0.015) / h + 0.5, 0, 1) * np.clip((0.015 + length - s) / h + 0.5, 0, 1), 0)
    return slid(cavity, fill, s, DOWN, G * math.sin(math.radians(angle)), distance)


def lid(n=32, reynolds=100.0, until=15.0, courant=0.5, deep=3.0):
    """Horizontal velocity on the vertical centre line of a cavity of an even number of voxels under a sliding lid."""
    problem = FlowProblem(
        Cavity.blocks(np.ones((n, 1, n)), 1 / n), Liquid(1.0, 1 / reynolds), gravity=(0.0, 0.0, 0.0), no_slip=True, slip_axes=(1,),
        wall_velocity={(0, "z_high"): 1.0}, divergence=1e-6,
        steps=FlowSteps(near=courant, deep=deep),
    )  # fmt: skip
    run = problem.run(np.ones((n, 1, n)), until=until)
    z = np.concatenate([[0.0], (np.arange(n) + 0.5) / n, [1.0]])
    return run, z, np.concatenate([[0.0], run.velocity[0][n // 2, 0, :], [1.0]])


# Ghia, Ghia and Shin (1982), Re = 100: height and horizontal velocity on the vertical centre line.
GHIA = [(0.9766, 0.84123), (0.9688, 0.78871), (0.9609, 0.73722), (0.9531, 0.68717), (0.8516, 0.23151), (0.7344, 0.00332),
        (0.6172, -0.13641), (0.5000, -0.20581), (0.4531, -0.21090), (0.2813, -0.15662), (0.1719, -0.10150), (0.1016, -0.06434),
        (0.0703, -0.04775), (0.0625, -0.04192), (0.0547, -0.03717)]  # fmt: skip
# The same for Re = 1000.
GHIA_1000 = [(0.9766, 0.65928), (0.9688, 0.57492), (0.9609, 0.51117), (0.9531, 0.46604), (0.8516, 0.33304), (0.7344, 0.18719),
             (0.6172, 0.05702), (0.5000, -0.06080), (0.4531, -0.10648), (0.2813, -0.27805), (0.1719, -0.38289), (0.1016, -0.29730),
             (0.0703, -0.22220), (0.0625, -0.20196), (0.0547, -0.18109)]  # fmt: skip


def carried(n, shape, inside, velocity, until, fastest, samples=6, courant=0.5):
    """Advect a body in a given flow; returns the shares before and after and the overfill handed on."""
    h = 1.0 / n
    cavity = Cavity.blocks(np.ones(shape), h)
    arrays = flow_arrays(cavity)
    sweep = _kernels.FlowSweep(arrays, arrays["kind"].shape, h, multigrid_levels(shape), 1)
    inner = arrays["F"][HALO:-HALO, HALO:-HALO, HALO:-HALO]
    offset = (np.arange(samples) + 0.5) / samples
    start = np.zeros(shape)
    for a in offset:
        for b in offset if shape[1] > 1 else [0.5]:
            for c in offset:
                start += inside(*((np.arange(m) + o).reshape([-1 if e == d else 1 for e in range(3)]) * h
                                  for d, (m, o) in enumerate(zip(shape, (a, b, c), strict=True))))  # fmt: skip
    start /= samples ** (3 if shape[1] > 1 else 2)
    inner[...] = start
    steps = math.ceil(until / (courant * h / fastest))
    dt, handed = until / steps, 0.0
    for i in range(steps):
        for d, v in enumerate(velocity((i + 0.5) * dt)):
            if v is not None:
                at = tuple(slice(HALO, (-HALO + 1) if e == d else -HALO) for e in range(3))
                arrays["u"][d][at] = np.where(cavity.aperture[d] > 0, v, 0)
        sweep.begin(dt)
        handed += sweep.advect(i % 6)[3]
    return start, inner.copy(), handed


def vortex(n, period=8.0, courant=0.5):
    """Circle in a vortex that turns back."""
    edge = np.arange(n + 1) / n
    psi = np.sin(np.pi * edge)[:, None] ** 2 * np.sin(np.pi * edge)[None, :] ** 2 / np.pi

    def velocity(t):
        c = math.cos(math.pi * t / period) * n
        return -np.diff(psi, axis=1)[:, None, :] * c, None, np.diff(psi, axis=0)[:, None, :] * c

    return carried(n, (n, 1, n), lambda x, y, z: (x - 0.5) ** 2 + (z - 0.75) ** 2 < 0.15**2, velocity, period, 1.0, courant=courant)


def slotted_disc(n=200):
    """Zalesak's disc in Rudman's form, one revolution."""
    centre, edge = (np.arange(n) + 0.5) / n, np.ones((n + 1, 1, 1))
    turn = 2 * np.pi * (centre - 0.5)

    def inside(x, y, z):
        return ((x - 0.5) ** 2 + (z - 0.75) ** 2 < 0.15**2) & ~((np.abs(x - 0.5) < 0.025) & (z < 0.85))

    fixed = (-turn[None, None, :] * edge, None, turn[:, None, None] * edge.reshape(1, 1, -1))
    return carried(n, (n, 1, n), inside, lambda t: fixed, 1.0, np.pi)


def deformation(n, period=3.0):
    """Sphere in the deformation field of LeVeque that turns back."""
    edge, centre = np.arange(n + 1) / n, (np.arange(n) + 0.5) / n

    def field(d):
        x, y, z = np.meshgrid(*(edge if e == d else centre for e in range(3)), indexing="ij")
        s, t = [np.sin(np.pi * q) ** 2 for q in (x, y, z)], [np.sin(2 * np.pi * q) for q in (x, y, z)]
        others = [t[e] for e in range(3) if e != d]
        return (2.0 if d == 0 else -1.0) * s[d] * others[0] * others[1]

    fields = [field(d) for d in range(3)]
    return carried(
        n, (n, n, n), lambda x, y, z: (x - 0.35) ** 2 + (y - 0.35) ** 2 + (z - 0.35) ** 2 < 0.15**2,
        lambda t: tuple(f * math.cos(math.pi * t / period) for f in fields), period, 2.0, samples=4,
    )  # fmt: skip


def gas_spring(stiffness, implicitness=1.0, *, exponent=1.0, n=32):
    """Slug between two pockets, pushed gently; trace and determinant of the matrix of one step of stiffness omega dt."""
    h, pressure, low, high = 1.0 / n, 1e5, 0.3 + 3 * n / 8, 0.3 + 5 * n / 8
    x = np.arange(n)
    fill = (np.clip(high - x, 0, 1) - np.clip(low - x, 0, 1))[:, None, None]
    omega = math.sqrt(exponent * pressure / (1000 * (high - low) * h) * (1 / (low * h) + 1 / (1 - high * h)))
    dt = stiffness / omega
    cavity = Cavity.blocks(np.ones((n, 1, 1)), h)
    velocity = [np.zeros(a.shape) for a in cavity.aperture]
    velocity[0][1:-1] = 1e-3 * h / dt * min(1.0, stiffness)
    air = Air(exponent=exponent, atmosphere=pressure, implicitness=implicitness)
    problem = FlowProblem(cavity, WATER, gravity=(0.0, 0.0, 0.0), air=air, divergence=1e-13)
    place = []
    steps = 40 if stiffness < 2 else 8
    problem.run(
        fill, until=steps * dt, velocity=velocity, step=dt,
        progress=lambda r: place.append(float((r.volume[:, 0, 0] * (x + 0.5)).sum()) / (high - low) - 0.5 * (low + high)),
    )  # fmt: skip
    y = np.array(place)
    trace, minus = np.linalg.lstsq(np.stack([y[1:-1], y[:-2]], axis=1), y[2:], rcond=None)[0]
    return trace, -minus


def pressed(air, n=30):
    """Column in a closed pipe of 0.3 m, 0.1 m of it full, pressed from below with 3 m of water: rise at rest, and the exact one."""
    h = 0.3 / n
    kind = np.ones((1, 1, n + 1))
    kind[..., 0] = RESERVOIR
    fill = np.zeros(kind.shape)
    fill[..., 1 : n // 3 + 1] = 1
    port = Port(kind == RESERVOIR, pressure=3e4)
    problem = FlowProblem(Cavity.blocks(kind, h, origin=(0.0, 0.0, -h)), WATER, gravity=DOWN, ports=[port], air=air)
    run = problem.run(fill, until=2.0 if air else 0.063)
    level = float(run.fill[..., 1:].sum()) * h - 0.1
    if air is None:
        return run, level, 0.2
    low, high = 0.0, 0.1999
    for _ in range(60):
        mid = 0.5 * (low + high)
        push = 3e4 - 1000 * G * (0.1 + mid) - air.atmosphere * ((0.2 / (0.2 - mid)) ** air.exponent - 1)
        low, high = (mid, high) if push > 0 else (low, mid)
    return run, level, low


def pushed_out(through, n=40, pressure=2e4, atmosphere=5e4):
    """Metal behind a steady pressure pushes a pocket out: volume rate (m3/s) measured and of Darcy's law."""
    h, conductance, total = 0.4 / n, 5e-10, pressure + atmosphere
    kind = np.ones((n + 1, 1, 1))
    kind[0] = RESERVOIR
    cavity = Cavity.blocks(kind, h)
    fill = np.zeros(kind.shape)
    fill[1 : n // 4 + 1] = 1
    end = np.zeros(kind.shape, bool)
    end[-1] = True
    if through == "vent":
        air = Air(vents=[Vent(end, conductance)], atmosphere=atmosphere, start=total)
    else:  # only the end of the channel is a wall
        air = Air(wall=conductance / h**2, atmosphere=atmosphere, start=total, slip_axes=(1, 2))
    problem = FlowProblem(cavity, WATER, gravity=(0.0, 0.0, 0.0), ports=[Port(kind == RESERVOIR, pressure=pressure)], air=air)
    exact = conductance * (total**2 - atmosphere**2) / (2 * total)
    volumes = []
    run = problem.run(fill, until=0.8 * 0.3 * h * h / exact, progress=lambda r: volumes.append((r.time, r.ledger.held)))
    t, v = np.array(volumes).T
    late = t > 0.5 * t[-1]
    return float(np.polyfit(t[late], v[late], 1)[0]), exact, run


def dead_end(threads=None, until=1.5, **options):
    """Metal rises from a gate into two chimneys over one runner, the near one open above, the far one closed; in 3-D.

    Returns the run, the volume of air under the closed roof, and what Boyle's law and the height of the metal say.
    """
    h, head, air = 0.01, 0.16, Air(atmosphere=2e3, vents=())
    kind = np.zeros((13, 3, 19))
    kind[1:12, :, 1:4] = 1
    kind[2:5, :, 4:18], kind[9:12, :, 4:14] = 1, 1
    kind[0, :, 1:4] = RESERVOIR
    kind[2:5, :, 18] = OUTLET
    cavity = Cavity.blocks(kind, h)
    fill = np.zeros(kind.shape)
    fill[1:3, :, 1:4] = 1.0
    ports = [Port(kind == RESERVOIR, head=head), Port(kind == OUTLET)]
    problem = FlowProblem(cavity, Liquid(1000.0, 0.2), gravity=DOWN, ports=ports, air=air, no_slip=True, threads=threads)
    run = problem.run(fill, until=until, **options)
    closed = [p for p in run.pockets if not p.open]
    volume = max((p.volume for p in closed), default=0.0)
    # Held at the head: the air that was caught is known by its mass, the surface lies as high as its volume leaves.
    work = max((p.mass for p in closed), default=0.0) * 287.05 * 293.15
    low, high = 1e-7, 9e-4
    for _ in range(60):
        mid = 0.5 * (low + high)
        surface = 0.14 - mid / (9 * h * h)
        low, high = (mid, high) if work / mid > air.atmosphere + 1000 * G * (head - surface) else (low, mid)
    return run, volume, low


def channel(angle, voxels, length=0.08, distance=0.06):
    """Slug that slides down a straight channel of 10 mm with a slope of 45 degrees, `angle` to the grid, in a slice."""
    width, a = 0.01, math.radians(angle)
    h = width / voxels
    along, across = np.array([math.cos(a), 0.0, math.sin(a)]), np.array([-math.sin(a), 0.0, math.cos(a)])
    off = np.array([0.37, 0.0, 0.21]) * h
    part = Part.box((0.25, 3 * h, width), corner=(0.0, -h, 0.0)).turned(-a, axis="y").moved(off)
    lo, hi = part.bounds
    x, z = (np.arange(math.floor(lo[d] / h) - 1, math.ceil(hi[d] / h) + 2) * h for d in (0, 2))
    cavity = Cavity.of_surfaces([part.surface], [x, np.array([0.0, h]), z])
    assert abs(cavity.volume / (0.25 * width * h) - 1) < 1e-9
    centres = np.stack(np.meshgrid(*(cavity.centres(d) for d in range(3)), indexing="ij"), axis=-1)
    s = (centres - off) @ along
    fill = np.where(cavity.kind == CAVITY, np.clip((s - 0.015) / h + 0.5, 0, 1) * np.clip((0.015 + length - s) / h + 0.5, 0, 1), 0)
    return slid(cavity, fill, s, tuple((along - across) * G * math.sqrt(0.5)), G * math.sqrt(0.5), distance)


def slid(cavity, fill, s, gravity, acceleration, distance):
    """Run a slug along its channel (coordinate s of every voxel): distance and late speed of its centre over the exact ones."""
    place = []
    run = FlowProblem(cavity, WATER, gravity=gravity).run(
        fill, until=math.sqrt(2 * distance / acceleration),
        progress=lambda r: place.append((r.time, float((r.volume * (cavity.kind == CAVITY) * s).sum()))),
    )  # fmt: skip
    held = float((fill * cavity.share).sum())
    start = float((fill * cavity.share * s).sum()) / held
    (t0, s0), (t1, s1) = place[-6], place[-1]
    speed = (s1 - s0) / held / (t1 - t0) / (acceleration * 0.5 * (t0 + t1))
    return run, (s1 / held - start) / distance, speed


def torricelli(n=4, top=0.3):
    """A tank drains through a bell mouth and a short pipe of n voxels: times at which 3/4 and 1/2 of the level are left, and those
    of a stream in one dimension (Bernoulli's equation with the inertia of what moves)."""
    pipe, mouth, tank = 2 * n, 4 * n, 5 * n
    h = 0.02 / n

    def half(z):  # half the width, in voxels, at a height in voxels
        s = np.clip((z - pipe) / mouth, 0.0, 1.0)
        return 0.5 * (n + (tank - n) * s * s * (3.0 - 2.0 * s))

    nz = round(top / h) + 4
    fine = (np.arange(nz)[:, None] + (np.arange(40) + 0.5) / 40).reshape(-1)
    inner = np.maximum(np.abs(np.arange(tank + 1) - tank / 2), 0.0)
    low = np.minimum(inner[:-1], inner[1:])[:, None]
    share = np.clip(half(fine)[None, :] - low, 0, 1).reshape(tank, nz, 40).mean(-1)
    across = (half(fine)[None, :] > inner[:, None]).reshape(tank + 1, nz, 40).mean(-1)
    up = np.clip(half(np.arange(nz + 1))[None, :] - low, 0, 1)
    # One layer of outlet below.
    kind = np.concatenate([np.where(low < n / 2, OUTLET, 0), (share > 0) * CAVITY], axis=1)[:, None, :]
    share = np.pad(share, [(0, 0), (1, 0)])[:, None, :]
    aperture = [np.pad(across, [(0, 0), (1, 0)])[:, None, :], np.ones((tank, 2, nz + 1)), np.pad(up, [(0, 0), (1, 0)])[:, None, :]]
    cavity = Cavity.cut(share, aperture, kind, h, origin=(0.0, 0.0, -h))
    fill = np.where(kind == CAVITY, np.clip((top - cavity.centres(2)) / h + 0.5, 0, 1), 0.0)
    below = float(share[:, :, : 1 + pipe + mouth].sum())
    levels = []

    def note(run):
        levels.append((run.time, ((run.volume * (kind == CAVITY)).sum() - below) / tank * h + (pipe + mouth) * h))

    problem = FlowProblem(cavity, WATER, gravity=DOWN, ports=[Port(kind == OUTLET)])
    run = problem.run(fill, until=0.45, progress=note)
    t, level = np.array(levels).T
    ratio, dz = n / tank, 0.01
    inert = float((n / (2 * half(np.arange(0.5 * dz, pipe + mouth, dz)))).sum()) * dz * h
    y, u, dt, exact, now = top, 0.0, 1e-5, [], 0.0
    while len(exact) < 2:
        u += dt * (G * y - 0.5 * u * u * (1 - ratio**2)) / (inert + ratio * (y - (pipe + mouth) * h))
        y -= dt * ratio * u
        now += dt
        if y <= top * (0.75, 0.5)[len(exact)]:
            exact.append(now)
    return run, [float(np.interp(-top * f, -level, t)) for f in (0.75, 0.5)], exact


def pinholes(share, level=0.0, n=10, until=0.3):
    """A tank of n voxels (and a `level` of one more) behind a wall whose every voxel has a hole of a share of its face: speeds in
    the holes and those of free fall from the surface."""
    h = 0.01
    kind = np.ones((13, 1, n + 2))
    aperture = [np.ones((14, 1, n + 2)), np.zeros((13, 2, n + 2)), np.ones((13, 1, n + 3))]
    for d, at in ((0, 0), (0, -1), (2, 0), (2, -1)):
        aperture[d][(slice(None),) * d + (at,)] = 0.0
    aperture[0][6] = share
    fill = np.zeros(kind.shape)
    fill[:6, :, :n], fill[:6, :, n] = 1.0, level
    run = FlowProblem(Cavity.cut(np.ones(kind.shape), aperture, kind, h), WATER, gravity=DOWN).run(fill, until=until)
    depth = h * (n + level - 0.5 - np.arange(n))
    return run, run.stepper.faces("u")[0][6, 0, :n], np.sqrt(2 * G * depth)


# Contraction of a plane stream over its opening, at a sharp edge, for openings of these shares of the channel (von Mises, 1917).
MISES = {0.2: 0.616, 0.5: 0.644}


def crevices(share, n=10, until=0.3):
    """A tank of n voxels behind a wall from whose every voxel a crevice of a share of its face leads out into the open: speeds in
    the mouths, and those of Bernoulli's law with the loss of a sharp edge at the mouth and of all speed at the end."""
    h = 0.01
    kind, room = np.ones((12, 1, n + 2)), np.ones((12, 1, n + 2))
    aperture = [np.ones((13, 1, n + 2)), np.zeros((12, 2, n + 2)), np.ones((12, 1, n + 3))]
    kind[11], room[6:], aperture[0][6:], aperture[2][6:] = OUTLET, share, share, 0.0
    for d, at in ((0, 0), (0, -1), (2, 0), (2, -1)):
        aperture[d][(slice(None),) * d + (at,)] = 0.0
    fill = np.zeros(kind.shape)
    fill[:6, :, :n] = 1.0
    problem = FlowProblem(Cavity.cut(room, aperture, kind, h), WATER, gravity=DOWN, ports=[Port(kind == OUTLET)])
    run = problem.run(fill, until=until)
    level = float(run.volume[:6].sum()) / 6
    depth = h * (level - 0.5 - np.arange(n))
    return run, run.stepper.faces("u")[0][6, 0, : n // 2], np.sqrt(2 * G * depth[: n // 2] / (1.0 - share**2 + 0.5 * (1.0 - share)))


def mouth(across, share, off=0.0, head=0.25, gate=0.02):
    """Ideal liquid under a head runs out of a channel through a long slot with sharp edges.

    The slot is `across` voxels wide and a `share` of the channel, in its middle for 0.2, at its floor for 0.5; the grid's first
    node lies `off` voxels below the channel. Returns the run, and its flow over that of Bernoulli's law with the loss of a stream
    that contracts as von Mises found and widens again as Borda and Carnot say.
    """
    h, wide = gate / across, across / share
    edge = np.arange(math.ceil(off + wide - 1e-9) + 1.0)
    low = off + (0.0 if share == 0.5 else 0.5 * (wide - across))

    def within(bottom, top):
        return np.clip(np.minimum(edge[1:], top) - np.maximum(edge[:-1], bottom), 0.0, 1.0)

    before, slot = max(4, round(3 * wide)), max(3, round(3 * across))
    along = np.r_[np.zeros(before + 1, int), np.ones(slot + 1, int)]
    bounds = [(off, off + wide), (low, low + across)]
    room = np.stack([within(*b) for b in bounds])
    share_of = room[along][:, None, :]
    across_faces = np.stack([(edge > b + 1e-9) & (edge < t - 1e-9) for b, t in bounds]).astype(float)[along][:, None, :]
    # The slot's mouth is as wide as the slot.
    along_faces = room[np.append(along, 1)][:, None, :]
    kind = np.where(share_of > 0.0, CAVITY, 0)
    kind[0], kind[-1] = np.where(kind[0], RESERVOIR, 0), np.where(kind[-1], OUTLET, 0)
    sides = np.zeros((len(along), 2, len(edge) - 1))
    cavity = Cavity.cut(share_of, [along_faces, sides, across_faces], kind, h)
    ports = [Port(kind == RESERVOIR, pressure=1000.0 * G * head), Port(kind == OUTLET)]
    fall, flows = math.sqrt(2 * G * head), []
    until = 12 * (before * share + slot) * h / fall + 4 * wide * h / (share * fall)
    # Gravity across the slice moves nothing.
    run = FlowProblem(cavity, WATER, gravity=(0.0, -G, 0.0), ports=ports).run(
        np.where(kind == CAVITY, 1.0, 0.0), until=until, progress=lambda r: flows.append((r.time, r.port_flow[-1, 0]))
    )
    time, flow = np.array(flows).T
    late = np.interp(np.linspace(0.6, 1.0, 200) * until, time, flow).mean()
    exact = gate * h * fall / math.sqrt(1.0 - share**2 + (1.0 / MISES[share] - 1.0) ** 2)
    return run, float(late) / exact


def plate(side, n=4, head=0.3, levels=(0.05, 0.1, 0.15, 0.19), tall=0.2, air=False):
    """A plate of 0.2 m, or `tall`, fills from a head through a gate of 20 mm (n voxels): times of levels and of the formula.

    With `air` it leaves at the roof and is caught below the fountain, and the water has its eddies and the friction of the walls.
    """
    h, wide = 0.02 / n, 10 * n
    kind = np.ones((wide, 1, round(tall / h) + 1))
    at = 0 if side == "bottom" else -1
    kind[:, :, at] = 0
    kind[wide // 2 - n // 2 : wide // 2 + n // 2, :, at] = RESERVOIR
    cavity = Cavity.blocks(kind, h, origin=(0.0, 0.0, -h if side == "bottom" else 0.0))
    gate = 0.0 if side == "bottom" else tall
    fill = np.zeros(kind.shape)
    fill[wide // 2 - n // 2 : wide // 2 + n // 2, :, (slice(1, 3) if side == "bottom" else slice(-3, -1))] = 1.0
    start = 2 * n
    roof = np.zeros(kind.shape, bool)
    roof[:, :, -1] = True
    problem = FlowProblem(
        cavity, Liquid(1000.0, 1e-3, 0.15) if air else WATER, gravity=DOWN, ports=[Port(kind == RESERVOIR, head=gate + head)],
        air=Air(vents=[Vent(roof)]) if air else None, no_slip=air, slip_axes=(1,),
    )  # fmt: skip
    levels = np.array(levels)
    if side == "bottom":
        exact = 2 * 10 / math.sqrt(2 * G) * (math.sqrt(head) - np.sqrt(head - levels))
    else:
        exact = 10 * levels / math.sqrt(2 * G * head)
    volumes = []
    until = (1.1 if air else 1.5) * float(exact[-1])
    run = problem.run(fill, until=until, progress=lambda r: volumes.append((r.time, r.ledger.held / h**3 - start)))
    t, v = np.array(volumes).T
    return run, np.interp(levels * wide / h, v, t), exact


def blob(n, radius, squeeze=0.0, samples=16):
    """Share of every voxel of a unit square that a round or slightly oval body covers."""
    x = ((np.arange(n)[:, None] + (np.arange(samples) + 0.5) / samples) / n).reshape(-1) - 0.5003
    r, angle = np.hypot(x[:, None], x[None, :]), np.arctan2(x[None, :], x[:, None])
    inside = r < radius * (1 + squeeze * np.cos(2 * angle))
    return inside.reshape(n, samples, n, samples).mean(axis=(1, 3))[:, None, :]


def static_drop(n, until=1.0, viscosity=0.05):
    """A round column of liquid at rest (density and tension 1): pressure inside over tension / radius, and the speed left over."""
    fill = blob(n, 0.2)
    problem = FlowProblem(
        Cavity.blocks(np.ones((n, 1, n)), 1 / n),
        Liquid(1.0, viscosity, surface_tension=1.0),
        gravity=(0.0, 0.0, 0.0),
        divergence=1e-10,
    )
    run = problem.run(fill, until=until)
    radius = math.sqrt(float(fill.sum()) / n**2 / math.pi)
    return run, float(run.pressure[n // 2, 0, n // 2]) * radius, viscosity * float(run.history["speed"][-1])


def swinging_drop(n, periods=2.2):
    """An oval column of ideal liquid swings round: period over that of Rayleigh, sqrt(6 tension / (density radius^3))."""
    fill = blob(n, 0.2, 0.03)
    radius = math.sqrt(float(fill.sum()) / n**2 / math.pi)
    period = 2 * math.pi / math.sqrt(6 / radius**3)
    problem = FlowProblem(
        Cavity.blocks(np.ones((n, 1, n)), 1 / n), Liquid(1.0, surface_tension=1.0), gravity=(0.0, 0.0, 0.0), divergence=1e-9
    )
    x, times, oval = (np.arange(n) + 0.5) / n, [], []

    def note(run):
        held = run.fill[:, 0, :] / run.fill.sum()
        a, b = held.sum(1), held.sum(0)
        times.append(run.time)
        oval.append(float((a * x * x).sum() - (a * x).sum() ** 2 - (b * x * x).sum() + (b * x).sum() ** 2))

    run = problem.run(fill, until=periods * period, progress=note)
    return run, period_of(times, oval) / period


def capillary(angle, n=8, until=0.6):
    """Liquid between two plates 4 mm apart on a pressure: its rise (m), and that of Jurin's law, 2 tension cos / (rho g width)."""
    width, density, tension, wetting = 0.004, 1000.0, 0.07, math.radians(angle)
    h, level = width / n, 2.5 * width
    kind = np.ones((n, 1, 5 * n + 1))
    kind[:, :, 0] = RESERVOIR
    fill = np.zeros(kind.shape)
    fill[:, :, 1:] = np.clip(level / h - np.arange(5 * n), 0, 1)
    problem = FlowProblem(
        Cavity.blocks(kind, h), Liquid(density, 0.05, surface_tension=tension, wetting_angle=wetting), gravity=DOWN, no_slip=True,
        slip_axes=(1,), ports=[Port(kind == RESERVOIR, pressure=density * G * level)],
    )  # fmt: skip
    run = problem.run(fill, until=until)
    return run, float(run.fill[:, 0, 1:].sum()) * h / n - level, 2 * tension * math.cos(wetting) / (density * G * width)


# Kleefsman et al. (2005), SPHERIC test 2: time (s) and water heights (m) 1.000 m and 2.638 m from the wall behind the box; time and
# height of the peaks of pressure (Pa) at P1 and P2 on the box's face.
KLEEFSMAN = [(0.36, 0.0125, 0.4719), (0.37, 0.0240, 0.4671), (0.38, 0.0353, 0.4654), (0.40, 0.0464, 0.4595), (0.42, 0.0577, 0.4541),
             (0.44, 0.0746, 0.4469), (0.46, 0.0803, 0.4403), (0.48, 0.0875, 0.4339), (0.50, 0.0988, 0.4261), (0.52, 0.1060, 0.4210),
             (0.54, 0.1145, 0.4144), (0.56, 0.1178, 0.4073)]  # fmt: skip
KLEEFSMAN_PEAKS = [(0.415, 11239.0), (0.426, 8127.0)]
# Where P1 and P2 are: distance (m) from the middle of the tank, height (m).
KLEEFSMAN_SENSORS = [(0.029, 0.021), (0.029, 0.061)]


def between(field, y, z, h):
    """Values of a plane of voxels of edge h at a point between their centres, beside a plane of symmetry and above a floor."""
    j, k = max(y / h - 0.5, 0.0), max(z / h - 0.5, 0.0)
    a, b, (j, k) = j % 1, k % 1, (int(j), int(k))
    low, high = ((1 - b) * field[j + side, k] + b * field[j + side, k + 1] for side in (0, 1))
    return (1 - a) * low + a * high


def kleefsman(fine=1, until=0.56):
    """Dam break on a box in three dimensions, half of it, with 4 * fine voxels in the height of the box: times, water heights at
    1.000 and 2.638 m, pressures at P1 and P2. These are those of the voxels before the face: across a wall that water does not pass
    pressure has no slope."""
    h = 0.161 / (4 * fine)
    low = math.ceil(0.6635 / h) * h - 0.6635  # of the first voxel, before the wall
    shape = [math.ceil((length + cut) / h) for length, cut in ((3.22, low), (0.5, 0.0), (1.0, 0.0))]
    parts = []
    for n, first, last in zip(shape, (low, 0.0, 0.0), (3.22, 0.5, 1.0), strict=True):
        edge = np.arange(n + 1) * h - first
        parts.append(np.diff(np.clip(edge, 0.0, last)) / h)
    x, y, z = (p.reshape([-1 if e == d else 1 for e in range(3)]) for d, p in enumerate(parts))
    kind = np.ones(shape)
    behind = math.ceil(0.6635 / h)
    kind[behind : behind + 4 * fine, : round(0.2015 / h), : 4 * fine] = 0
    open_ = [np.ones(n + 1).reshape([-1 if e == d else 1 for e in range(3)]) for d, n in enumerate(shape)]
    aperture = [np.broadcast_to(a, np.array(shape) + (np.arange(3) == d)) for d, a in enumerate(
        (open_[0] * y * z, x * open_[1] * z, x * y * open_[2]))]  # fmt: skip
    cavity = Cavity.cut(np.where(kind, x * y * z, 0.0), aperture, kind, h, origin=(-low, 0.0, 0.0))
    edges = [np.arange(n + 1) * h - (low if d == 0 else 0.0) for d, n in enumerate(shape)]
    water = np.diff(np.clip(edges[0], 1.992, 3.22))[:, None, None] * np.diff(np.clip(edges[2], 0.0, 0.55))[None, None, :] / h**2
    fill = np.where(cavity.kind == CAVITY, np.clip(water / np.maximum(x * z, 1e-9), 0, 1), 0.0) * np.ones(shape)
    rows = []

    def note(run):
        height = (run.volume[:, 0, :] * h).sum(axis=1) / parts[0] / parts[1][0]
        face = run.pressure[behind + 4 * fine]
        pressures = (between(face, *at, h) for at in KLEEFSMAN_SENSORS)
        rows.append((run.time, *np.interp((1.0, 2.638), cavity.centres(0), height), *pressures))

    run = FlowProblem(cavity, Liquid(1000.0, 1e-3, 0.1), gravity=DOWN, slip_axes=(1,)).run(fill, until=until, progress=note)
    return run, np.array(rows).T
