"""The records of a filling in plain NumPy: over whole padded arrays, without the kernels' stretches and planes."""

from __future__ import annotations

import itertools
import math

import numpy as np
from flow_twin import normal_of

CAVITY, OPEN, ALIGNED, SLANTED, MIRROR = 1, 1, 2, 3, 4


def above(array, d):
    """What the voxel above along d holds."""
    return np.roll(array, -1, axis=d)


def middle_velocity(arrays):
    """Velocity in the middle of every voxel: the mean of two usable faces, half of one, nothing without."""
    parts = []
    for d in range(3):
        face, u = arrays["face"][d], arrays["u"][d]
        usable = (face == OPEN) | (face == SLANTED)
        parts.append(0.5 * (np.where(usable, u, 0.0) + above(np.where(usable, u, 0.0), d)))
    return np.stack(parts)


def speed_of(arrays):
    return np.sqrt((middle_velocity(arrays) ** 2).sum(axis=0))


def wall_law(speed, y, nu):
    """Friction speed squared over speed: viscous layer, beyond it the logarithm (kappa 0.41, E 9.8), by bisection."""
    kappa, e = 0.41, 9.8
    meet = 11.53
    if speed * y / nu <= meet**2:
        return nu / y
    low, high = 1e-12, speed
    for _ in range(200):
        star = 0.5 * (low + high)
        low, high = (star, high) if star * math.log(e * star * y / nu) < kappa * speed else (low, star)
    return star**2 / speed


def shear_of(arrays, h, nu):
    """Shear over density on the walls of every voxel; NaN without walls."""
    v, kind = middle_velocity(arrays), arrays["kind"]
    out = np.full(kind.shape, np.nan)
    for at in np.argwhere(kind == CAVITY):
        n, found = tuple(at), []
        slanted = arrays["V"][n] < 1.0 - 1e-9
        for d, side in itertools.product(range(3), (0, 1)):
            face = tuple(at + side * np.eye(3, dtype=int)[d])
            beyond = tuple(at + (2 * side - 1) * np.eye(3, dtype=int)[d])
            slanted |= arrays["face"][d][face] == SLANTED
            mirrored = arrays["face"][1 if d == 0 else 0][beyond] == MIRROR
            if arrays["face"][d][face] == ALIGNED and not mirrored:
                found.append(np.linalg.norm(np.delete(v[(slice(None), *n)], d)))
        if slanted:
            found.append(np.linalg.norm(v[(slice(None), *n)]))
        if found:
            out[n] = max(wall_law(s, 0.5 * h, nu[n]) * s for s in found)
    return out


def noted(before, arrays, begin, end, density, nu, h):
    """The records after a step, from those before."""
    out = {name: array.copy() for name, array in before.items()}
    F, Fn, V = arrays["F"], arrays["Fn"], arrays["V"]
    there = (arrays["kind"] == CAVITY) & (F >= 0.5 * V)
    first = there & np.isnan(out["fill_time"])
    came = F - Fn
    part = np.where(came > 0, (0.5 * V - Fn) / np.where(came > 0, came, 1.0), 1.0)
    speed = speed_of(arrays)
    out["fill_time"][first] = (begin + (end - begin) * np.clip(part, 0.0, 1.0))[first]
    out["first_speed"][first] = speed[first]
    out["largest_speed"] = np.where(there, np.fmax(out["largest_speed"], speed), out["largest_speed"])
    shear = density * shear_of(arrays, h, nu)
    out["wall_shear"] = np.where(there, np.fmax(out["wall_shear"], shear), out["wall_shear"])
    return out


def exposed(arrays, alpha, length, h):
    """What the exposure of every voxel gains: shares that fall over its open faces, times the cosine of the surface there."""
    gain = np.zeros(alpha.shape)
    for at in np.argwhere((arrays["kind"] == CAVITY) & (arrays["F"] > 1e-9)):
        for d, side in itertools.product(range(3), (0, 1)):
            one = np.eye(3, dtype=int)[d]
            nb = tuple(at + (2 * side - 1) * one)
            a = arrays["a"][d][tuple(at + side * one)]
            fall = alpha[tuple(at)] - alpha[nb]
            if a > 0 and fall > 0:
                normal = np.zeros(3)
                for place in (tuple(at), nb):
                    block = alpha[tuple(slice(c - 1, c + 2) for c in place)]
                    m = normal_of(block)
                    normal += 0.0 if m is None else m
                size = np.linalg.norm(normal)
                gain[tuple(at)] += a * fall * (abs(normal[d]) / size if size > 0 else 1.0) * length / h
    return gain
