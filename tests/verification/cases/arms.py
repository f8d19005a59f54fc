"""Thin arms that lie askew on the grid: heat along them, where a stair of voxels has dead ends."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from castsolve.analytic import Phase
from castsolve.geometry import Part

from .bench import run, sides, touching
from .cut_faces import MM, bath_grid, random_turn, turned
from .report import Check, Outcome
from .stock import AL_SOLID, SAND, curve

MEAN, SWING = 500.0, 100.0


def oblique_arm(
    *, across: float = 6.0, seed: int = 0, gate: float = 0.03, around: Phase = SAND, tell: str = "", **options: Any
) -> Outcome:
    """An insulated square bar, turned and placed at random, warm at one end: how fast a half wave along it dies away.

    The wave cos(pi s / L) keeps its shape and decays with a (pi / L)^2: the diffusivity that the grid gives the bar.
    What is around it must not matter, be it sand or its own material.
    """
    rng = np.random.default_rng(seed)
    voxel = 1 * MM
    width = across * voxel
    length = 4.0 * width
    turn, centre = random_turn(rng), rng.uniform(0.0, voxel, 3)
    grid = bath_grid(turned(Part.box((length, width, width)), turn, centre), voxel)
    x, y, z = (grid.centres(a) - centre[a] for a in range(3))
    along = turn[0, 0] * x[:, None, None] + turn[1, 0] * y[None, :, None] + turn[2, 0] * z[None, None, :]
    wave = np.sin(math.pi * np.clip(along / length, -0.5, 0.5))
    metal = grid.region == 0
    start = np.where(metal, MEAN + SWING * wave, MEAN)
    rate = AL_SOLID.diffusivity * (math.pi / length) ** 2
    until = 0.7 / rate
    options.setdefault("theta", 0.05)
    done = run(grid, [curve(AL_SOLID), curve(around)], sides(contacts=touching(1e-9)), start, until=until, **options)
    weight = (grid.volumes() * wave)[metal]
    before, after = (float((weight * (T[metal] - MEAN)).sum()) for T in (start, done.temperature))
    found = math.log(before / after) / until
    check = Check("decay of a half wave along the arm (1/s)", rate, found, gate, aim=0.01)
    return Outcome(f"arm {across:g} voxels across{tell}, orientation {seed}", oblique_arm.__doc__ or "", (check,))
