"""The falling level of the metal, felt by the heat: what the pipe has emptied holds and conducts none.

The shrinkage march is taken up while the run goes on. What a voxel will do after the moment at hand is not known yet; it goes on as
it did so far, so that its density now is that of its heat content::

     poured ____                    metal that stands above the liquidus draws with the superheat that it has lost,
     liquid     \\____               metal in the mush with the heat that it has lost since the liquidus
     limit       .   \\___ ...       and then on along the same line
                now

Voxels that ran empty by now leave the run: their faces close, their walls and links carry nothing, and the heat in them goes out of
the books. The heat equation has the density of the solid throughout, so as much metal as ran into the pool is there already.

An iron shrinks by what its graphite leaves (`GraphiteBalance`), as in the verdicts after the run. What freezes white counts as soon
as its cooling rate is known; what has not frozen yet counts as grey, so that what was emptied stays empty.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..geometry import Grid
from ..materials import Alloy, GraphiteBalance, HeatCurve
from .air import ATMOSPHERE, as_their_walls, open_voxels
from .freezing import rate_at_end
from .march import Densities, march_shrinkage

if TYPE_CHECKING:
    from .stepper import Stepper

__all__ = ["LevelDrop"]

Array = NDArray[Any]

# The march is taken up each time the metal has lost this share of its superheat and latent heat.
_SHARE = 1.0 / 12.0
# Least share of a stretch that counts as begun: what a voxel does later is put off by a thousand times the time so far at most.
_BEGUN = 1e-3


class LevelDrop:
    """Empties voxels of a run as the metal shrinks.

    Parameters
    ----------
    grid : Grid
        Its region 0 is the metal.
    alloy : Alloy
    balance : GraphiteBalance, optional
        Of an iron in its mould. Default: the alloy shrinks by its own shrinkage.
    pour_temperature : float
        In K.
    gravity : ndarray, shape (3,)
        In m/s2, not zero.
    mirrors : sequence of str
        Sides of the grid that are planes of symmetry.
    air : float
        Temperature (K) that an empty voxel gets.
    """

    def __init__(
        self, grid: Grid, alloy: Alloy, *, pour_temperature: float, gravity: Array, mirrors: tuple[str, ...], air: float,
        balance: GraphiteBalance | None = None,
    ) -> None:  # fmt: skip
        self.metal = grid.region == 0
        self.balance = balance
        self._grid, self._alloy, self._pour = grid, alloy, pour_temperature
        parts = [number for number, role in enumerate(grid.body_roles) if role == "part"]
        self._part = (self.metal & np.isin(grid.body, parts)) if parts else self.metal
        self.air = air
        self._mirrors = [f"{axis}_{end}" in mirrors for axis in "xyz" for end in ("low", "high")]
        self.emptied = np.full(int(self.metal.sum()), np.nan)
        self._next = _SHARE
        strength = float(np.linalg.norm(gravity))
        x, y, z = (grid.centres(axis) for axis in range(3))
        up = -np.asarray(gravity, dtype=np.float64) / strength
        self._height = up[0] * x[:, None, None] + up[1] * y[None, :, None] + up[2] * z[None, None, :]
        self._open = open_voxels(self.metal, (x, y, z), voxel=grid.voxel, mirrors=mirrors)
        self._head = ATMOSPHERE / (alloy.density_at_liquidus * strength)
        self._volume = np.einsum("i,j,k->ijk", *(grid.widths(axis) for axis in range(3)))
        self._volume.reshape(-1)[grid.cut_index] = grid.cut_volume
        self._curve: HeatCurve = alloy.heat
        levels = (0.0, alloy.macro_feeding_limit.value, 1.0)
        self._poured = float(self._curve.at_temperature(pour_temperature))
        self._liquid, self._limit, self._solid = (float(self._curve.enthalpy_at_fraction_solid(f)) for f in levels)

    @property
    def identity(self) -> list[Any]:
        """What makes two runs on one grid different: densities, heights, open metal."""
        return [self.densities(0.0), self.balance, self._head, self.air, self._height, self._open]

    def densities(self, white: float) -> Densities:
        """Return the densities of the metal with a share of the part that freezes white."""
        shrinkage = None if self.balance is None else self.balance.expansion(white).net.value
        return Densities.of_alloy(self._alloy, self._pour, shrinkage)

    def white(self, stepper: Stepper) -> float:
        """Return the share of the part that is known to freeze white by now."""
        if self.balance is None:
            return 0.0
        crossing, gradient = (functools.partial(stepper.watch_array, kind) for kind in ("time", "gradient"))
        _, rate = rate_at_end(self._grid, self._alloy, crossing, gradient, self._mirrors)
        return self.balance.white_of(rate[self._part], self._volume[self._part])[0]

    @property
    def void(self) -> NDArray[np.bool_]:
        """The voxels that ran empty so far, shape (nx, ny, nz)."""
        out = np.zeros(self.metal.shape, dtype=bool)
        out[self.metal] = np.isfinite(self.emptied)
        return out

    @property
    def time(self) -> Array:
        """When each voxel ran empty (s), shape (nx, ny, nz); NaN where it did not."""
        out = np.full(self.metal.shape, np.nan, np.float32)
        out[self.metal] = self.emptied
        return out

    def follow(self, stepper: Stepper) -> None:
        """Take the march up if it is time, and empty what ran empty since."""
        if self._given(stepper) < self._next:
            return
        while self._next <= self._given(stepper):
            self._next += _SHARE
        now = stepper.clock.time
        enthalpy = stepper.enthalpy()[self.metal]
        liquidus, limit = (stepper.watch_array("time", n).astype(np.float64) for n in ("liquidus", "macro_feeding_limit"))
        void = self.void
        early, late = self._expected(now, enthalpy, liquidus[self.metal], limit[self.metal])
        if not (late > now).any():
            return
        liquidus[self.metal], limit[self.metal] = early, late
        march = march_shrinkage(
            metal=self.metal, time_liquidus=as_their_walls(liquidus, void, self.metal),
            time_limit=as_their_walls(limit, void, self.metal), volume=self._volume, height=self._height,
            densities=self.densities(self.white(stepper)), opened=self._open, head=self._head,
        )  # fmt: skip
        fresh = (march.emptied <= now) & np.isnan(self.emptied)
        self.emptied[fresh] = march.emptied[fresh]
        mine = np.zeros(self.metal.shape, dtype=bool)
        mine[self.metal] = fresh
        stepper.empty(mine, float(self._curve.at_temperature(self.air)), self._volume[mine])

    def _given(self, stepper: Stepper) -> float:
        """Share of its superheat and latent heat that the metal has lost."""
        ledger = stepper.ledger
        lost = float(ledger.start[0] - ledger.held[0]) - ledger.drained
        return lost / (float(self._volume[self.metal].sum()) * (self._poured - self._solid))

    def _expected(self, now: float, enthalpy: Array, liquidus: Array, limit: Array) -> tuple[Array, Array]:
        """Return when each voxel passes the liquidus and the limit (s): as recorded, else as it goes on so far."""
        superheat = max(self._poured - self._liquid, 1e-9 * abs(self._poured))
        lost = np.clip((self._poured - enthalpy) / superheat, _BEGUN, 1.0 - 1e-9)
        early = np.where(np.isfinite(liquidus), liquidus, now / lost)
        frozen = np.clip((self._liquid - enthalpy) / (self._liquid - self._limit), _BEGUN, 1.0 - 1e-9)
        later = np.where(np.isfinite(liquidus), early + (now - early) / frozen, 2.0 * early)
        return early, np.where(np.isfinite(limit), limit, np.maximum(later, math.nextafter(now, math.inf)))

    def memory(self) -> dict[str, Any]:
        """Return what a checkpoint must hold."""
        return {"emptied": self.emptied, "emptied_next": self._next}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Take up a checkpoint's memory."""
        self.emptied, self._next = np.array(memory["emptied"]), float(memory["emptied_next"])
