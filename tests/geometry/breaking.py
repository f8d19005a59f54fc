"""Ways to break a surface, and the judgement of what came out of a repair."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from castsolve.geometry import Surface
from castsolve.geometry.rays import Lattice, axis_hits, lattice_around
from castsolve.geometry.winding import summed_winding

Breaker = Callable[[Surface, np.random.Generator], Surface]


def picked(surface: Surface, triangles: np.ndarray) -> Surface:
    return Surface(surface.points, triangles)


def spot(surface: Surface, rng: np.random.Generator, radius: float) -> np.ndarray:
    """Return which triangles lie within a part of the size of the surface around one of them."""
    middles = surface.corners.mean(axis=1)
    away = np.linalg.norm(middles - middles[rng.integers(len(middles))], axis=1)
    return np.asarray(away < radius * float(surface.size.max()))


def turned(surface: Surface, which: np.ndarray) -> Surface:
    triangles = surface.triangles.copy()
    triangles[which] = triangles[which, ::-1]
    return picked(surface, triangles)


def soup(surface: Surface, rng: np.random.Generator, crack: float) -> Surface:
    """Return every triangle with corners of its own, moved by up to half a crack (a part of the size)."""
    width = 0.5 * crack * float(surface.size.max())
    corners = surface.corners.reshape(-1, 3)
    return Surface(corners + rng.uniform(-width, width, corners.shape), np.arange(len(corners)).reshape(-1, 3))


def sheet(surface: Surface, rng: np.random.Generator) -> Surface:
    """Return the surface with a loose sheet somewhere in its box."""
    lo, hi = surface.bounds
    corners = lo + (hi - lo) * rng.uniform(0.1, 0.9, (4, 3))
    corners[3] = corners[0] + corners[2] - corners[1]
    return Surface.joined([surface, Surface(corners, np.array([[0, 1, 2], [0, 2, 3]]))])


def dealt(surface: Surface, rng: np.random.Generator) -> Surface:
    """Return the triangles in another order and each begun at another corner: nothing is broken."""
    t = surface.triangles[rng.permutation(len(surface.triangles))]
    turn = rng.integers(0, 3, len(t))
    return picked(surface, np.take_along_axis(t, (np.arange(3) + turn[:, None]) % 3, axis=1))


BREAKERS: dict[str, Breaker] = {
    "missing": lambda s, rng: picked(s, s.triangles[rng.random(len(s.triangles)) > rng.choice([0.002, 0.01, 0.05])]),
    "hole": lambda s, rng: picked(s, s.triangles[~spot(s, rng, rng.choice([0.03, 0.08, 0.2]))]),
    "inward": lambda s, rng: s.flipped(),
    "turned": lambda s, rng: turned(s, rng.random(len(s.triangles)) < rng.choice([0.01, 0.05, 0.3])),
    "patch turned": lambda s, rng: turned(s, spot(s, rng, rng.choice([0.05, 0.2]))),
    "doubled": lambda s, rng: picked(s, np.concatenate([s.triangles, s.triangles[rng.random(len(s.triangles)) < 0.3]])),
    "back to back": lambda s, rng: picked(s, np.concatenate([s.triangles, s.triangles[:20], s.triangles[:20, ::-1]])),
    "soup": lambda s, rng: soup(s, rng, rng.choice([1e-7, 1e-5, 1e-4, 1e-3])),
    "sheet": sheet,
    "dealt": dealt,
}


class Judge:
    """Knows which nodes lie deep inside and outside of a good surface."""

    def __init__(self, good: Surface, across: int = 40) -> None:
        self.lattice: Lattice = lattice_around(good.points, across, margin=4)
        self.truth = inside(good, self.lattice) > 0
        block = np.ones((3, 3, 3))
        self.deep = ndimage.binary_erosion(self.truth, block) | ~ndimage.binary_dilation(self.truth, block)

    def deep_wrong(self, surface: Surface) -> int:
        """Return how many deep nodes another surface has on the wrong side, or winds around twice."""
        winding = inside(surface, self.lattice)
        return int((((winding > 0) != self.truth) & self.deep).sum() + ((winding > 1) & self.deep).sum())


def inside(surface: Surface, lattice: Lattice) -> np.ndarray:
    """Return the winding number of every node; a surface that leaves the lattice is cut off there."""
    lo, hi = lattice.origin, lattice.origin + lattice.step * (np.array(lattice.shape) - 1)
    corners = np.clip(surface.corners, lo + 0.5 * lattice.step, hi - 0.5 * lattice.step)
    return summed_winding(axis_hits(corners, lattice, 2), lattice)
