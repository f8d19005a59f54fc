"""Twins of the flow kernels in plain NumPy and Python loops, written from the equations."""

from __future__ import annotations

import itertools
import math

import numpy as np

CAVITY = 1
# Sum of squares by which a plane may miss its neighbours before others are tried, and share within which two misses are equal.
FITS, EQUAL = 0.1, 1e-6
# Shares closer to empty or full than this are taken as `normal_of` says.
SHAPED = 1e-3
# What rounding leaves of liquid; it does not move.
DUST = 1e-12


def volume_below(m, c):
    """Volume of the unit cube below m . x = c, by inclusion and exclusion over the corners; m >= 0 and not all of it zero."""
    m = [x for x in m if x > 1e-9]
    total = 0.0
    for corner in itertools.product((0, 1), repeat=len(m)):
        total += (-1) ** sum(corner) * max(0.0, c - float(np.dot(m, corner))) ** len(m)
    return total / (math.factorial(len(m)) * math.prod(m))


def plane_of(m, v):
    """Constant of the plane by bisection."""
    lo, hi = 0.0, float(np.sum(m))
    for _ in range(60):
        mid = 0.5 * (lo + hi)
        lo, hi = (mid, hi) if volume_below(m, mid) < v else (lo, mid)
    return 0.5 * (lo + hi)


def normal_of(f):
    """Normal out of the liquid from a 3 x 3 x 3 neighbourhood: best centred columns, or Youngs' where that is flatter."""
    w = np.array([1.0, 2.0, 1.0])
    young = []
    for d in range(3):
        g = np.moveaxis(f, d, 0)
        young.append(-float(np.einsum("ij,i,j->", g[2] - g[0], w, w)))
    young = np.array(young)
    if np.abs(young).sum() <= 1e-14:
        return None
    young_unit = young / np.abs(young).sum()
    best = None
    for d in range(3):
        column = f.sum(axis=d)
        m = np.zeros(3)
        m[d] = -1.0 if young[d] < 0 else 1.0
        a, b = [e for e in range(3) if e != d]
        m[a] = -0.5 * (column[2, 1] - column[0, 1])
        m[b] = -0.5 * (column[1, 2] - column[1, 0])
        m /= np.abs(m).sum()
        if best is None or abs(m[d]) > best[0] + 1e-15:
            best = (abs(m[d]), m)
    return young_unit if best[0] > np.abs(young_unit).max() else best[1]


def misfit_of(f, m):
    """Sum of squares by which the plane of normal m through the middle voxel misses the 27 shares."""
    t = np.abs(m)
    c = plane_of(t, min(1.0, max(0.0, f[1, 1, 1])))
    offsets = list(itertools.product((-1, 0, 1), repeat=3))
    return sum((volume_below(t, c - float(np.dot(o, m))) - f[tuple(np.add(o, 1))]) ** 2 for o in offsets)


def fitted_normal(f):
    """The normal whose plane misses the neighbourhood least where `normal_of` misses it: ELVIRA along the steepest axes."""
    m = normal_of(f)
    if m is None or not SHAPED <= f[1, 1, 1] <= 1.0 - SHAPED or misfit_of(f, m) < FITS:
        return m
    least, equals, first = misfit_of(f, m), [m], np.abs(m)
    for d in range(3):
        a, b = (d + 1) % 3, (d + 2) % 3
        columns = np.moveaxis(f, (d, a, b), (0, 1, 2)).sum(axis=0)
        ends = np.moveaxis(f, (d, a, b), (0, 1, 2))[:, 1, 1]
        if abs(ends[2] - ends[0]) < EQUAL or first[d] < first.max() * (1.0 - EQUAL):
            continue
        slopes = []
        for low, middle, high in (columns[:, 1], columns[1, :]):
            centred = 0.5 * (low - high)
            slopes.append([centred, *(v for v in (middle - high, low - middle) if v != centred)])
        for one, other in itertools.product(*slopes):
            c = np.zeros(3)
            c[d], c[a], c[b] = -1.0 if ends[0] < ends[2] else 1.0, one, other
            c /= np.abs(c).sum()
            miss = misfit_of(f, c)
            if miss < least * (1.0 - EQUAL):
                least, equals = miss, [c]
            elif miss <= least * (1.0 + EQUAL):
                least = miss
                equals.append(c)
    total = np.sum(equals, axis=0)
    size = np.abs(total).sum()
    return total / size if size > EQUAL else m


def slab(f, share, d, side, w):
    """Liquid share of the slab of width w at a face, by the volume of the rescaled slab."""
    if share >= 1.0:
        return 1.0
    m = fitted_normal(f)
    if m is None:
        return share
    t = np.abs(m)
    c = plane_of(t, share)
    far = (m[d] >= 0) == (side == 1)
    if far:
        c -= t[d] * (1 - w)
    t = t.copy()
    t[d] *= w
    return min(1.0, max(0.0, volume_below(t, c)))


def advect(F0, V, a, u, dt_over_h, order, open_neighbours):
    """Three sweeps in a box; returns the new volumes and the fluxes. Arrays carry a border of one solid voxel."""
    F1, G = F0.copy(), [np.zeros_like(F0) for _ in range(3)]
    inner = [range(1, n - 1) for n in F0.shape]
    for d in order:
        alpha = np.where((V > 0) & (F1 > DUST), np.clip(F1 / np.where(V > 0, V, 1), 0, 1), 0.0)
        for ghost, near in open_neighbours.items():
            alpha[ghost] = np.mean([alpha[n] for n in near])
        shift = np.eye(3, dtype=int)[d]
        for at in itertools.product(*inner):
            if V[at] == 0:
                continue
            block = alpha[tuple(slice(c - 1, c + 2) for c in at)]
            for side in (0, 1):
                face = tuple(np.array(at) + side * shift)
                out = (1 if side else -1) * a[d][face] * u[d][face] * dt_over_h
                if out > 0 and F1[at] > DUST:
                    w = min(1.0, out / V[at])
                    G[d][face] = (1 if side else -1) * V[at] * w * slab(block, F1[at] / V[at], d, side, w)
        new = F1.copy()
        for at in itertools.product(*inner):
            high = tuple(np.array(at) + shift)
            new[at] -= G[d][high] - G[d][at]
            if F0[at] > 0.5 * V[at]:
                new[at] += dt_over_h * (a[d][high] * u[d][high] - a[d][at] * u[d][at])
        F1 = np.clip(new, 0.0, V)
    F = F0.copy()
    for d in range(3):
        shift = np.eye(3, dtype=int)[d]
        for at in itertools.product(*inner):
            F[at] -= G[d][tuple(np.array(at) + shift)] - G[d][at]
    return F, G


def mouth_loss(opening, before, behind):
    """Loss of a face over u^2 / 2: what Bernoulli's law with a sharp edge asks for beyond the momentum of the voxels' means."""
    if opening >= before:
        return 0.0
    x, y = opening / before, min(1.0, opening / behind)
    bernoulli = 1 - x**2 + 0.5 * (1 - x) * y  # gained where it is drawn together, lost at the edge
    momentum = 4 * x * y * (1 - x) / (x + y)
    return (bernoulli - momentum) * min(1.0, max(0.0, 1 - 4 * (opening / behind - 1)))


def narrowed(opening, way, low, high, u, kick, h, push):
    """Velocity before the pressure acts and conductance of a face open in part, by Bernoulli's law over the way of the pressure."""
    length = max(way, 0.5 * (1 - opening))
    u = u - (1 - way / length) * kick * push
    loss = mouth_loss(opening, *((low, high) if u > 0 else (high, low)))
    kept = 1 / (1 + 0.5 * loss * abs(u) * kick / (length * h))
    return u * kept, opening * kept / length


def van_leer(a, b):
    return 2 * a * b / (a + b) if a * b > 0 else 0.0


def carried(own, far, down, share, gain=np.nan):
    """Velocity that leaves with a share of the donor's mass; deep in the liquid the donor gains `gain` in the step."""
    rise = van_leer(own - far, down - own)
    if np.isnan(gain):
        return own + 0.5 * (1 - share) * rise
    # The middle of the step: half of the gain, as far as it is what transport alone takes away.
    lost = min(max(0.0, -gain * np.sign(rise)), share * abs(rise))
    step = 0.5 * (abs(rise) - lost)
    if share * step > (1 - share) * abs(own - far):
        step = (1 - share) / share * abs(own - far)
    return own + np.sign(rise) * step


def ended(what, opening, section, leads, beyond):
    """Share of a voxel's section that ends at a wall in a face of it: the section that leads there from the face opposite, and the
    one beyond the face."""
    if what == 1 and opening < section:
        plane = 4 * max((opening - beyond) / (section - beyond), opening / beyond - 1) if opening > beyond else 0.0
        return (1 - opening / section) * max(0.0, 1 - plane)
    if what == 3 and leads > 0:
        return min(1.0, max(0.0, 4 * section / leads - 3))
    return 1.0 if what == 2 else 0.0


def past_an_edge(g, w, halves, shut, receiver):
    """Momentum of a volume g at velocity w, whose halves before and behind a wall are shut off in part: what comes from before
    the wall, as the receiver goes, has the mean of the wall's and the receiver's velocity, what comes from behind it none."""
    low, high = (share * half for share, half in zip(shut, halves, strict=True))
    return (g - low - high) * w + 0.5 * receiver * (low if receiver > 0 else high)


def momentum(u, G, F0, F, d, n, gravity_step, *, face=None, drift=None, walls=None):
    """New velocity of one face of a box of open voxels: far from its walls, or with what each face is, beside walls that hold the
    liquid; deep in the liquid, where `drift` is a number, with what the faces gained in the last step; past edges with `walls`:
    openings, cavities, liquid."""
    one = np.eye(3, dtype=int)
    at = lambda array, p: array[tuple(p)]  # noqa: E731
    mass = lambda f, p: 0.5 * (at(f, p) + at(f, p - one[d]))  # noqa: E731
    n = np.array(n)
    out = came = leaves = 0.0
    for e in range(3):
        for side in (0, 1):
            nxt = n + (1 if side else -1) * one[e]
            shift = one[e] if side else 0 * one[e]
            halves = (0.5 * at(G[e], n - one[d] + shift), 0.5 * at(G[e], n + shift))
            g = 0.5 * (at(G[e], n) + at(G[e], nxt)) if e == d else sum(halves)
            donor, down = (n, nxt) if (g > 0) == (side == 1) else (nxt, n)
            far = 2 * donor - down
            kinds = (1, 3, 2) if e == d else (1, 3)
            known = [face is None or at(face[d], p) in kinds for p in (donor, far, down)]
            if not known[0]:
                w = at(u[d], donor) if e == d else 0.0
            elif not known[2] or not (known[1] or at(face[d], donor) == 2 or (e != d and at(face[d], far) == 0)):
                w = at(u[d], donor)
            else:
                own, after = at(u[d], donor), at(u[d], down)
                if known[1]:
                    before = at(u[d], far)
                else:  # mirrored in the wall that it flows from, or a wall half a voxel away
                    before = 2 * own - after if e == d else 2 * at(u[d], far) - own
                gain, whole = np.nan if drift is None else at(drift[d], donor), 1 if known[1] or e != d else 2
                w = carried(own, before, after, min(1.0, abs(g) / (whole * mass(F0, donor))), gain)
            carries = g * w
            pushed = walls is not None and at(walls[2], down) and at(walls[2], down - one[d])
            if pushed and e != d and down is n and abs(g) <= mass(F0, down):
                opening, V, _ = walls
                shut = [
                    ended(at(face[d], donor), at(opening[d], donor), at(V, own), at(opening[d], opposite), at(V, other))
                    for own, other, opposite in ((donor - one[d], donor, donor - one[d]), (donor, donor - one[d], donor + one[d]))
                ]
                carries = past_an_edge(g, w, halves, shut, at(u[d], down))
            out += (1 if side else -1) * carries
            if donor is n:
                leaves += abs(g)
            else:
                came -= (1 if side else -1) * carries
    held = mass(F0, n)
    if leaves > held + mass(F, n):  # at the velocity that is found
        return (held * at(u[d], n) + came) / (mass(F, n) + leaves) + gravity_step
    return (held * at(u[d], n) - out) / mass(F, n) + gravity_step
