"""Results as an xarray Dataset: arrays that know their axes and units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ResultsError
from .fields import FIELDS, SERIES
from .results import Results

if TYPE_CHECKING:
    import xarray

__all__ = ["to_xarray"]


def to_xarray(result: Results) -> xarray.Dataset:
    """Return a result as an xarray Dataset.

    Fields lie on x, y, z (voxel centres, m); snapshots are ``temperature_history`` over ``snapshot_time``; the columns of the
    history lie on ``step`` and are named ``history_...``; each probe is ``probe_...`` over its own times. Every array carries
    ``units`` and ``long_name``; nothing is copied that need not be.

    Raises
    ------
    ResultsError
        If xarray is not installed.
    """
    try:
        import xarray
    except ImportError:
        raise ResultsError('xarray is not installed; get it with: pip install "castsolve[xarray]"') from None
    frame = result.frame
    coordinates: dict[str, Any] = {
        axis: (axis, frame.centres(number), {"units": "m", "long_name": f"voxel centres along {axis}"})
        for number, axis in enumerate("xyz")
    }
    arrays: dict[str, Any] = {}
    for name, values in result.items():
        info = result.info(name)
        arrays[name] = (("x", "y", "z"), values, {"units": info.unit or "1", "long_name": info.meaning})
    if result.snapshots:
        coordinates["snapshot_time"] = ("snapshot_time", np.array(list(result.snapshots)), {"units": "s"})
        stack = np.stack(list(result.snapshots.values()))
        about = {"units": "K", "long_name": "temperature at the recorded times"}
        arrays["temperature_history"] = (("snapshot_time", "x", "y", "z"), stack, about)
    for name, column in result.history.items():
        known = SERIES.get(name) or FIELDS.get(name)
        about = {"units": known.unit or "1", "long_name": known.meaning} if known else {"units": "1", "long_name": name}
        arrays[f"history_{name}"] = ("step", column, about)
    for name, probe in result.probes.items():
        along = f"time at {name}"
        coordinates[along] = (along, probe.times, {"units": "s"})
        arrays[f"probe_{name}"] = (along, probe.temperatures, {"units": "K", "place": list(probe.place), "body": probe.body})
    names = {
        "region_names": list(frame.region_names), "body_names": list(frame.body_names), "body_roles": list(frame.body_roles),
    }  # fmt: skip
    return xarray.Dataset(arrays, coords=coordinates, attrs=names)
