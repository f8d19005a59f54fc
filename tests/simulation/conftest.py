"""Materials, grids and problems that the tests of runs share."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from castsolve.geometry import Grid, GridBody, Part
from castsolve.materials import HeatCurve
from castsolve.simulation import Contact, Faces, HeatProblem, Level, Side, Watch

ROOM, POUR = 298.15, 963.15

CURVES = {
    "alloy": HeatCurve.linear_alloy(
        density=2500.0,
        specific_heat=1100.0,
        k_solid=160.0,
        k_mush=120.0,
        k_liquid=80.0,
        latent_heat=395e3,
        liquidus=887.0,
        solidus=833.0,
    ),
    "pure": HeatCurve.linear_alloy(
        density=2500.0,
        specific_heat=1100.0,
        k_solid=200.0,
        k_mush=150.0,
        k_liquid=95.0,
        latent_heat=397e3,
        liquidus=933.0,
        solidus=933.0,
    ),
    "copper": HeatCurve.constant(density=8960.0, specific_heat=385.0, conductivity=390.0),
    "steel": HeatCurve.constant(density=7700.0, specific_heat=560.0, conductivity=29.0),
    "sand": HeatCurve.constant(density=1500.0, specific_heat=1130.0, conductivity=0.607),
    # Moisture: a plateau at 373.15 K, and a conductivity that falls with it.
    "green sand": HeatCurve(
        [0.0, 1.3e8, 2.3e8, 1.7e9, 2.6e9],
        [298.15, 373.15, 373.15, 1200.0, 1700.0],
        [1.3, 1.1, 0.7, 0.6, 0.8],
        density=1500.0,
    ),
}
WATCH = Watch(0, (Level("liquidus", fraction_solid=0.0), Level("solidus", fraction_solid=1.0, gradient=True)))
CONTACTS = {(0, 1): Contact(math.inf), (0, 2): Contact(800.0), (1, 2): Contact(1000.0)}


@pytest.fixture(scope="session")
def curves() -> dict[str, HeatCurve]:
    """Return heat curves by name."""
    return CURVES


def _turned(part: Part, turn: np.ndarray | None) -> Part:
    if turn is None:
        return part
    matrix = np.eye(4)
    matrix[:3, :3] = turn
    return part.transformed(matrix)


@pytest.fixture(scope="session")
def casting_grid() -> Callable[..., Grid]:
    """Return a function that builds a ball with a block beside it and a chill, off the middle of a box of sand."""

    def build(turn: np.ndarray | None = None, voxel: float = 2e-3, threads: int | None = None) -> Grid:
        ball = Part.sphere(0.018, centre=(0.0043, -0.0027, 0.0011), segments=48)
        arm = Part.box((0.020, 0.0093, 0.0077), centre=(-0.0071, -0.0013, 0.0023))
        # Its face lies inside the arm, where no plane of the grid is.
        chill = Part.box((0.0067, 0.0131, 0.0113), centre=(-0.0194, -0.0013, 0.0023))
        bodies = [
            GridBody("chill", "chill", _turned(chill, turn).surface, 1),
            GridBody("ball", "part", _turned(ball, turn).surface, 0),
            GridBody("arm", "part", _turned(arm, turn).surface, 0),
        ]
        return Grid.build(
            bodies, voxel=voxel, box=((-0.04,) * 3, (0.04,) * 3), fine_box=((-0.026,) * 3, (0.026,) * 3), threads=threads
        )

    return build


@pytest.fixture(scope="session")
def casting(casting_grid) -> Callable[..., HeatProblem]:
    """Return a function that makes the heat problem of that casting."""

    def make(grid: Grid | None = None, *, metal: str = "alloy", mould: str = "sand", **options) -> HeatProblem:
        air = Side.convective(10.0, ROOM, emissivity=0.9)
        faces = Faces(air, air, air, air, air, air, contacts=CONTACTS)
        options.setdefault("watch", WATCH)
        return HeatProblem(grid or casting_grid(), [CURVES[metal], CURVES["copper"], CURVES[mould]], faces, **options)

    return make


@pytest.fixture(scope="session")
def rod() -> Callable[..., Grid]:
    """Return a function that makes a row of voxels of given regions along an axis."""

    def make(regions: list[int], width: float = 1e-3, axis: int = 0) -> Grid:
        nodes = [np.array([0.0, width])] * 3
        nodes[axis] = np.arange(len(regions) + 1) * width
        shape = [1, 1, 1]
        shape[axis] = len(regions)
        return Grid.regular(*nodes, region=np.reshape(regions, shape), names=tuple("abcd"))

    return make


@pytest.fixture(scope="module")
def askew() -> Grid:
    """Return a turned block of metal with a turned chill, off the middle of its sand, in uneven voxels."""
    block = Part.box((0.012, 0.010, 0.014)).turned(0.4, axis=(1, 2, 3)).moved((0.002, -0.003, 0.001))
    chill = Part.box((0.01, 0.01, 0.006), centre=(0.002, -0.003, -0.01)).turned(0.3, axis="y")
    bodies = [GridBody("chill", "chill", chill.surface, 1), GridBody("block", "part", block.surface, 0)]
    box = ((-0.022, -0.022, -0.02), (0.026, 0.02, 0.024))
    return Grid.build(bodies, voxel=1e-3, box=box, fine_box=((-0.018,) * 3, (0.018,) * 3), region_names=["metal", "chill", "mould"])
